"""The action ledger: finding -> action -> owner -> due date -> evidence in the record -> review date.

An action is never edited away. A date that was missed needs a reason and a new date, and both stay (design: follow-up and re-score;
supervision models article: actions with deadlines, risk actions seen in the notes, completion checked the following week).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from sampling.journal.events import ActionClosed, ActionMoved, ActionRaised, ActionSeen
from sampling.scoring.rules.standing import Fact, day_in_england, revisions, standing

State = Literal["open", "overdue", "seen", "review_overdue", "closed"]
KIND_LABELS: dict[str, str] = {
    "rewrite_escalation_note": "Rewrite the escalation note in the agreed structure",
    "update_crisis_plan": "Update the crisis plan",
    "safeguarding_referral": "Make the safeguarding referral",
    "gp_liaison": "Liaise with the GP",
    "staff_safety_assessment": "Assess the safety of staff",
    "caseload_adjustment": "Adjust the caseload for a time",
    "training": "Training",
    "other": "Another action",
}
# Risk actions reach the case notes (supervision models article), so that "done" means "seen in the record".
SEEN_IN_RECORD = ("rewrite_escalation_note", "update_crisis_plan", "safeguarding_referral", "gp_liaison")
OUTCOME_LABELS: dict[str, str] = {
    "done": "Done",
    "not_needed": "No longer needed",
    "replaced": "Replaced by another action",
}
STATE_LABELS: dict[State, str] = {
    "open": "Open",
    "overdue": "Overdue",
    "seen": "Seen in the record, to be reviewed",
    "review_overdue": "Seen in the record, review overdue",
    "closed": "Closed",
}
REPEATED = 2  # a slip that happens again is a pattern, which is for governance (supervision models article)


@dataclass(frozen=True)
class Missed:
    """A date that no longer holds. `late`: it had passed when it was moved."""

    due: date
    review_date: date
    reason: str
    moved_on: date
    late: bool


@dataclass(frozen=True)
class Seen:
    """Where the action stands in the case record."""

    seen_on: date
    reference: str
    at: str
    actor: str


@dataclass(frozen=True)
class Closed:
    """How an action ended."""

    outcome: Literal["done", "not_needed", "replaced"]
    text: str
    at: str
    sequence: int = 0


@dataclass(frozen=True)
class Action:
    """One action as it stands. `revision` is the base of the next event; `raised` the journal's number of the first one."""

    action: str
    review: str
    kind: str
    text: str
    owner: str
    due: date
    review_date: date
    raised_at: str
    raised: int
    criterion: str = ""
    linked: str = ""
    practitioner: str = ""
    missed: tuple[Missed, ...] = ()
    seen: Seen | None = None
    closed: Closed | None = None
    revision: int = 1

    def state(self, today: date) -> State:
        """Returns where the action stands on that day. A due date is missed from the day after it."""
        if self.closed:
            return "closed"
        if self.seen:
            return "review_overdue" if self.review_date < today else "seen"
        return "overdue" if self.due < today else "open"

    @property
    def first_due(self) -> date:
        """Returns the first date on which the action was due; later ones stand beside it."""
        return self.missed[0].due if self.missed else self.due

    @property
    def next_day(self) -> date:
        """Returns the day that the action waits for: its due date, or its review date once it was seen in the record."""
        return self.review_date if self.seen else self.due

    def days_late(self, today: date) -> int:
        """Returns how many days ago the day that it waits for was; 0 when it is closed or not late."""
        return 0 if self.closed else max((today - self.next_day).days, 0)

    def slips(self, today: date) -> int:
        """Returns how often the action missed its due date, the present one included."""
        return sum(missed.late for missed in self.missed) + (self.state(today) == "overdue")


def actions(entries: Iterable[Fact]) -> tuple[Action, ...]:
    """Returns the actions as they stand, in the order in which they were raised. One whose raising was taken back is none."""
    entries = list(entries)
    counted = revisions(entries)
    found: dict[tuple[str, str], Action] = {}
    for entry in standing(entries):
        place = (entry.review, entry.subject)
        after = _after(found.get(place), entry)
        if after is not None:
            found[place] = replace(after, revision=counted[place])
    return tuple(sorted(found.values(), key=lambda action: action.raised))


def _after(action: Action | None, entry: Fact) -> Action | None:
    """Returns the action after one entry more, or nothing when the entry is about none that we know."""
    said = entry.payload
    if isinstance(said, ActionRaised):
        return _raised(action, said, entry)
    if action is None:
        return None
    if isinstance(said, ActionMoved):
        moved_on = day_in_england(entry.at)
        missed = Missed(action.due, action.review_date, said.reason, moved_on, late=action.due < moved_on)
        return replace(action, due=said.due, review_date=said.review_date, missed=(*action.missed, missed))
    if isinstance(said, ActionSeen):
        return replace(action, seen=Seen(said.seen_on, said.reference, entry.at, entry.actor))
    if isinstance(said, ActionClosed):
        return replace(action, closed=Closed(said.outcome, said.text, entry.at, entry.sequence))
    return action


def _raised(before: Action | None, said: ActionRaised, entry: Fact) -> Action:
    return Action(
        action=said.action,
        review=entry.review,
        kind=said.action_kind,
        text=said.text,
        owner=said.owner,
        due=said.due,
        review_date=said.review_date,
        raised_at=before.raised_at if before else entry.at,
        raised=before.raised if before else entry.sequence,
        criterion=said.criterion or "",
        linked=said.linked or "",
        practitioner=said.practitioner or "",
        missed=before.missed if before else (),
        seen=before.seen if before else None,
        closed=None,
    )


def pair_of(action: Action, others: Iterable[Action]) -> Action | None:
    """Returns the other action of a linked pair, whichever of the two names the other, or nothing."""
    for other in others:
        if other.action != action.action and (other.action == action.linked or other.linked == action.action):
            return other
    return None


@dataclass(frozen=True)
class Due:
    """The landing list: what is overdue (most days late first), due within the week, later, and closed."""

    overdue: tuple[Action, ...]
    due: tuple[Action, ...]
    later: tuple[Action, ...]
    closed: tuple[Action, ...]


def due_list(found: Iterable[Action], today: date, within_days: int) -> Due:
    """Returns the actions sorted for the landing list. "Due" reaches from today to `within_days` from today, that day included."""
    found = sorted(found, key=lambda action: (action.next_day, action.raised))
    running = [action for action in found if not action.closed]
    limit = today + timedelta(days=within_days)
    return Due(
        overdue=tuple(action for action in running if action.next_day < today),
        due=tuple(action for action in running if today <= action.next_day <= limit),
        later=tuple(action for action in running if action.next_day > limit),
        closed=tuple(action for action in found if action.closed),
    )


@dataclass(frozen=True)
class Slip:
    """Something that slipped more than once: for one practitioner, the same criterion (or the same kind of action)."""

    practitioner: str
    what: str
    times: int


def repeated_slips(found: Iterable[Action], today: date, practitioner_of: Mapping[str, str]) -> tuple[Slip, ...]:
    """Returns what missed its date twice or more, most often first. `practitioner_of` is action id -> practitioner.

    An action of a review counts under its criterion, any other under its kind.
    """
    counts: Counter[tuple[str, str]] = Counter()
    for action in found:
        practitioner = practitioner_of.get(action.action, "")
        counts[practitioner, action.criterion or action.kind] += action.slips(today)
    slips = [Slip(practitioner, what, times) for (practitioner, what), times in counts.items() if times >= REPEATED]
    return tuple(sorted(slips, key=lambda slip: (-slip.times, slip.practitioner, slip.what)))
