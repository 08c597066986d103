"""The action log of a period: what was agreed, where each action stands, what shows that it is done, and what keeps slipping.

"Supervision outcomes should be recorded as actions with deadlines" (supervision models article; A8, A15). The actions come from the
gathered frames: keys, never names; no words and no owner of an action.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

import pandas as pd

from sampling.assurance.action_matching import RISK_KINDS
from sampling.errors import ProgramError
from sampling.page.words import counted
from sampling.scoring.rules.actions import KIND_LABELS, OUTCOME_LABELS, REPEATED
from sampling.scoring.rules.record_actions import short_day

State = Literal["open", "overdue", "done", "dropped"]
STATES: tuple[State, ...] = ("open", "overdue", "done", "dropped")
KINDS = (*RISK_KINDS, *(kind for kind in KIND_LABELS if kind not in RISK_KINDS))
RISK_WORDS = {
    "update_crisis_plan": "crisis plan update",
    "safeguarding_referral": "safeguarding referral",
    "gp_liaison": "GP liaison",
}
DELETED = "purged"  # the view's word for an action whose content went under a retention rule
COLUMNS = (
    "draw_id", "period", "case", "practitioner", "team", "criterion", "action_kind", "state", "raised_at", "due", "review_date",
    "seen_on", "outcome", "changed_at", "moved", "moved_late", "first_review",
)  # fmt: skip


@dataclass(frozen=True)
class LoggedAction:
    """One action as it stood on the day of the log. `case` and `practitioner` are keys; `team` is "" for one of no team, `case` for one of
    a session. `moved_late` of its moves came after the day had passed; `first_review` is the review date that was first set.
    """

    draw_id: str
    period: str
    team: str
    practitioner: str
    case: str
    kind: str
    criterion: str
    state: State
    raised: date
    due: date
    review_date: date
    seen_on: date | None
    outcome: str
    closed_on: date | None
    moved: int
    moved_late: int = 0
    first_review: date | None = None

    @property
    def evidence(self) -> str:
        """Returns what shows that the action is done, in words; "" where it runs and nothing was seen."""
        seen = f"seen in the record on {short_day(self.seen_on)}" if self.seen_on else ""
        if self.state == "dropped":
            return "; ".join(filter(None, (OUTCOME_LABELS[self.outcome].lower(), seen)))
        return seen or ("closed; no day on which the record showed it" if self.state == "done" else "")

    @property
    def days_to_close(self) -> int | None:
        """Returns the days from raising to closing, done or dropped; None while it runs."""
        return (self.closed_on - self.raised).days if self.closed_on else None

    @property
    def slips(self) -> int:
        """Returns how often its dates were moved after they had passed, and once more where the present one is missed."""
        return self.moved_late + (self.state == "overdue")


@dataclass(frozen=True)
class KindCount:
    """How many actions of a kind there are: `raised` is the sum of the four states. `seen` of those done have a day in the record."""

    kind: str
    raised: int
    open: int
    overdue: int
    done: int
    dropped: int
    seen: int
    moved: int

    @property
    def label(self) -> str:
        """Returns the kind in words."""
        return KIND_LABELS.get(self.kind, "All actions")


@dataclass(frozen=True)
class RepeatedSlip:
    """What slipped twice or more with one practitioner: a criterion, or a kind where the action belongs to none. For that pair's page."""

    practitioner: str
    what: str
    times: int
    actions: int


@dataclass(frozen=True)
class ActionLog:
    """The actions of a period as they stood on `today`, in an order that the rows' order does not change.

    `deleted` counts the actions of which a retention rule has left nothing to tell.
    """

    today: date
    actions: tuple[LoggedAction, ...]
    deleted: int = 0

    @property
    def by_kind(self) -> tuple[KindCount, ...]:
        """Returns the counts of each kind, the three risk kinds first, zero or not; then of the other kinds that were raised."""
        found = [_count(kind, [one for one in self.actions if one.kind == kind]) for kind in KINDS]
        return tuple(one for one in found if one.raised or one.kind in RISK_KINDS)

    @property
    def all(self) -> KindCount:
        """Returns the counts over all kinds."""
        return _count("", self.actions)

    @property
    def repeated_slips(self) -> tuple[RepeatedSlip, ...]:
        """Returns what slipped at least twice with the same practitioner, most often first (as the ledger's own list counts)."""
        times: Counter[tuple[str, str]] = Counter()
        several: Counter[tuple[str, str]] = Counter()
        for one in self.actions:
            if not one.practitioner:
                continue  # of a group: nobody's own
            place = (one.practitioner, one.criterion or one.kind)
            times[place] += one.slips
            several[place] += bool(one.slips)
        found = [RepeatedSlip(*place, number, several[place]) for place, number in times.items() if number >= REPEATED]
        return tuple(sorted(found, key=lambda slip: (-slip.times, slip.practitioner, slip.what)))

    def of_practitioner(self, key: str) -> ActionLog:
        """Returns the log of one practitioner, for the page of that practitioner and the supervisor alone."""
        return self._where(lambda one: one.practitioner == key)

    def of_team(self, team: str) -> ActionLog:
        """Returns the log of one team."""
        return self._where(lambda one: one.team == team)

    def _where(self, keep: Callable[[LoggedAction], bool]) -> ActionLog:
        # whose a deleted action was is no longer told
        return replace(self, actions=tuple(filter(keep, self.actions)), deleted=0)

    @property
    def sentences(self) -> tuple[str, ...]:
        """Returns the log in words, for use inside the service: numbers as they are, no key and no team."""
        every = self.all
        if not every.raised:
            return ("No action was raised.", *_deleted_words(self.deleted))
        found = [_states_words(every)]
        risk = sum(one.raised for one in self.by_kind if one.kind in RISK_KINDS)
        each = ", ".join(f"{RISK_WORDS[one.kind]} {one.raised}" for one in self.by_kind if one.kind in RISK_KINDS)
        found.append(f"{risk} of these {_are(risk)} about risk: {each}.")
        if every.done:
            found.append(
                f"Of the {every.done} done, {every.seen} {'has' if every.seen == 1 else 'have'} a day on which somebody saw it in the record."
            )
        if every.moved:
            late = sum(one.moved_late > 0 for one in self.actions)
            found.append(
                f"The dates of {counted(every.moved, 'action')} were moved at least once, of {late} after they had passed."
            )
        slips = self.repeated_slips
        if slips:
            found.append(f"{counted(len(slips), 'pattern')} of repeated slips: the same thing late twice or more.")
        return (*found, *_deleted_words(self.deleted))


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def _states_words(count: KindCount) -> str:
    parts = [
        f"{count.open} {_are(count.open)} open",
        f"{count.overdue} overdue",
        f"{count.done} done",
        f"{count.dropped} dropped",
    ]
    return f"Of {counted(count.raised, 'action')} raised, {', '.join(parts[:-1])} and {parts[-1]}."


def _deleted_words(number: int) -> tuple[str, ...]:
    if not number:
        return ()
    return (f"{counted(number, 'further action')} can no longer be told: deleted under a retention rule.",)


def _count(kind: str, actions: Iterable[LoggedAction]) -> KindCount:
    actions = list(actions)
    states = Counter(one.state for one in actions)
    return KindCount(
        kind,
        len(actions),
        open=states["open"],
        overdue=states["overdue"],
        done=states["done"],
        dropped=states["dropped"],
        seen=sum(one.state == "done" and one.seen_on is not None for one in actions),
        moved=sum(one.moved > 0 for one in actions),
    )


def action_log(actions: pd.DataFrame, today: date) -> ActionLog:
    """Returns the log of the actions of a gathered frame (`Gathered.actions`, of the periods that are wanted) as of `today`.

    An action waits for its due day, or, once it was seen in the record, for its review date; it is overdue from the day after. Closed as
    done is "done"; no longer needed, or replaced by another, is "dropped". Raises ProgramError where a column is missing.
    """
    missing = sorted(set(COLUMNS) - set(actions.columns))
    if missing:
        raise ProgramError(f"The frame of actions lacks {', '.join(missing)}.")
    rows = actions[list(COLUMNS)].to_dict("records")
    told = [_logged(row, today) for row in rows if row["state"] != DELETED]
    return ActionLog(today, tuple(sorted(told, key=_place)), len(rows) - len(told))


def _logged(row: dict[Any, Any], today: date) -> LoggedAction:
    due, review, seen = (_day(row[name]) for name in ("due", "review_date", "seen_on"))
    raised = _day_in_england(row["raised_at"])
    if due is None or review is None or raised is None:
        raise ProgramError("An action lacks the day on which it was raised, its due day or its review date.")
    outcome = _text(row["outcome"])
    waits_for = review if seen else due
    running: State = "overdue" if waits_for < today else "open"
    return LoggedAction(
        draw_id=_text(row["draw_id"]),
        period=_text(row["period"]),
        team=_text(row["team"]),
        practitioner=_text(row["practitioner"]),
        case=_text(row["case"]),
        kind=_text(row["action_kind"]),
        criterion=_text(row["criterion"]),
        state=running if not outcome else "done" if outcome == "done" else "dropped",
        raised=raised,
        due=due,
        review_date=review,
        seen_on=seen,
        outcome=outcome,
        closed_on=_day_in_england(row["changed_at"]) if outcome else None,  # closing is the last thing that can happen
        moved=_number(row["moved"]),
        moved_late=_number(row["moved_late"]),
        first_review=_day(row["first_review"]) or review,
    )


def _place(one: LoggedAction) -> tuple[Any, ...]:
    kind = KINDS.index(one.kind) if one.kind in KINDS else len(KINDS)
    rest = (one.draw_id, one.case, one.criterion, one.raised, one.due, one.review_date, one.outcome, one.moved)
    return one.period, kind, one.team, one.practitioner, *rest, str(one.seen_on), str(one.closed_on)


def _text(value: Any) -> str:
    return "" if pd.isna(value) else str(value)


def _number(value: Any) -> int:
    return 0 if pd.isna(value) else int(value)


def _day(value: Any) -> date | None:
    return None if pd.isna(value) else pd.Timestamp(value).date()


def _day_in_england(value: Any) -> date | None:
    return None if pd.isna(value) else pd.Timestamp(value).tz_convert("Europe/London").date()
