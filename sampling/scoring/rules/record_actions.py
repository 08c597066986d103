"""The actions of a record, in the words in which it prints them: what, for which criterion, whose, until when, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sampling.page.words import capital
from sampling.scoring.rules.actions import KIND_LABELS, OUTCOME_LABELS, Action


@dataclass(frozen=True)
class ActionPart:
    """One action of the record."""

    what: str
    why: str
    owner: str
    due: str
    review: str
    came_of_it: str


def action_parts(
    found: Iterable[Action], numbers: Mapping[str, int], owner: Callable[[str], str], *, words_kept: bool
) -> tuple[ActionPart, ...]:
    """Returns the actions in the order in which they were raised. `numbers` is criterion ref -> its number; `owner` names the owner."""
    return tuple(
        ActionPart(
            what=_what(action, words_kept),
            why=f"criterion {numbers[action.criterion]}" if action.criterion in numbers else "",
            owner=owner(action.owner),
            due=short_day(action.due),
            review=short_day(action.review_date),
            came_of_it=_came_of_it(action, words_kept),
        )
        for action in found
    )


def _what(action: Action, words_kept: bool) -> str:
    kind = KIND_LABELS[action.kind]
    if not words_kept or not action.text.strip() or action.text.strip() == kind:
        return kind
    return action.text.strip() if action.kind == "other" else f"{kind}: {action.text.strip()}"


def _came_of_it(action: Action, words_kept: bool) -> str:
    moved = [
        f"was due {short_day(missed.due)}" + (f" ({missed.reason})" if words_kept else "") for missed in action.missed
    ]
    seen = ""
    if action.seen:
        reference = f", {action.seen.reference}" if words_kept else ""
        seen = f"seen in the record on {short_day(action.seen.seen_on)}{reference}"
    if action.closed:
        end = "; ".join(filter(None, (OUTCOME_LABELS[action.closed.outcome], seen)))
    else:
        end = capital(seen) or "Open"
    return "; ".join([end, *moved])


def short_day(day: date) -> str:
    """Returns a day as it stands in a narrow column.

    >>> short_day(date(2026, 11, 3))
    '3 Nov 2026'
    """
    return f"{day.day} {day:%b %Y}"
