"""What the action ledger refuses, in sentences for the person who can put it right, and the hints that the form shows.

Each function returns sentences; none means allowed. An action without owner and due date is refused (supervision models article).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sampling.journal.events import ActionClosed, ActionMoved, ActionRaised, ActionSeen, Payload
from sampling.scoring.rules.actions import KIND_LABELS, SEEN_IN_RECORD, Action

# "Specific, measurable, achievable, timed; contingency considered" (City of York, supervision standards)
SMART: tuple[tuple[str, str, str], ...] = (
    ("S", "Specific", "Say what will be different in the record, not that someone will try."),
    ("M", "Measurable", "How will both of you see that it is done? Name the note or the plan."),
    ("A", "Achievable", "Can the owner do this in the time, with what they have?"),
    ("R", "Relevant", "Which finding does it answer?"),
    ("T", "Timed", "A due date, and a review date on which you look at it together."),
    ("", "If it goes wrong", "What will you do if it cannot be done in time, and who needs to know?"),
)
_MISSING: dict[str, tuple[tuple[str, str], ...]] = {
    "action_raised": (
        ("text", "An action needs its text: what will be done?"),
        ("owner", "An action needs an owner: who will do it?"),
        ("due", "An action needs a due date: by when?"),
        ("review_date", "An action needs a review date: when will you check that it was done?"),
    ),
    "action_moved": (
        ("due", "Give the new due date."),
        ("review_date", "Give the new review date."),
        ("reason", "Say why the date is moved. The old date and the reason both stay."),
    ),
    "action_seen_in_record": (
        ("seen_on", "Say on which day it was seen in the record."),
        ("reference", "Say where in the record it was seen: the date and the kind of note are enough."),
    ),
    "action_closed": (("outcome", "Say how the action ended: done, no longer needed, or replaced."),),
}


def missing_parts(kind: str, data: Mapping[str, Any]) -> list[str]:
    """Returns what an action's event lacks, as it was handed in: before its fields are read, so that the words are ours."""
    return [sentence for name, sentence in _MISSING.get(kind, ()) if not str(data.get(name) or "").strip()]


def refusals(said: Payload, before: Action | None, *, today: date, signed: bool = False) -> list[str]:
    """Returns why an action's event may not be stored. `before` is the action as it stands; `signed`: its review is signed."""
    if isinstance(said, ActionRaised):
        return _raising(said, before, today, signed)
    if not isinstance(said, ActionMoved | ActionSeen | ActionClosed):
        return []
    if before is None:
        return ["There is no such action here. Raise it first."]
    if before.closed:
        return ["This action is closed. Raise a new one, or take the closing back."]
    if isinstance(said, ActionMoved):
        return _moving(said, before, today)
    if isinstance(said, ActionSeen):
        return _seeing(said, before, today)
    return _closing(said, before)


def _raising(said: ActionRaised, before: Action | None, today: date, signed: bool) -> list[str]:
    found = [sentence for name, sentence in _MISSING["action_raised"][:2] if not getattr(said, name).strip()]
    if before is None:
        return (
            found
            if said.due >= today
            else [*found, f"The due date {said.due} is past. An action is due today or later."]
        )
    if before.closed:
        return [*found, "This action is closed. Raise a new one, or take the closing back."]
    if said.due != before.due and (signed or before.due < today):
        found.append("Move this date with a reason: the first date stays beside the new one.")
    if said.due != before.due and said.due < today:
        found.append(f"The due date {said.due} is past. An action is due today or later.")
    return found


def _moving(said: ActionMoved, before: Action, today: date) -> list[str]:
    found = [] if said.reason.strip() else ["Say why the date is moved. The old date and the reason both stay."]
    if before.seen and said.due == before.due:  # only the review is late: its date alone moves
        if said.review_date <= before.review_date:
            found.append("The new review date must be later than the old one.")
    elif said.due <= before.due and before.due < today:
        found.append(f"The old date {before.due} was missed. Give a new date after it.")
    elif said.due == before.due and said.review_date == before.review_date:
        found.append("The new dates are the old ones. Give another date.")
    elif said.due < today:
        found.append(f"The new date {said.due} is past. Give today or a later day.")
    if said.review_date < said.due:
        found.append(
            "The review date comes before the due date. An action is reviewed on or after the day on which it is due."
        )
    return found


def _seeing(said: ActionSeen, before: Action, today: date) -> list[str]:
    found = [] if said.reference.strip() else [_MISSING["action_seen_in_record"][1][1]]
    if said.seen_on > today:
        found.append(f"The day {said.seen_on} is still to come. Enter the day on which you saw it.")
    return found


def _closing(said: ActionClosed, before: Action) -> list[str]:
    if said.outcome == "done" and before.kind in SEEN_IN_RECORD and not before.seen:
        kind = KIND_LABELS[before.kind]
        return [f'"{kind}" is done when it is seen in the case record. Enter where you saw it first.']
    if said.outcome != "done" and not said.text.strip():
        return ["Say why the action ends without being done."]
    return []
