"""What scripted raters of the invented years do about a gap: linked actions when they score, and a week later what became of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sampling.journal.events import ActionRaised
from sampling.scoring.rules.actions import KIND_LABELS
from sampling.scoring.settings.policy import ScoringPolicy

_DONE, _MOVED = (
    0.75,
    0.15,
)  # shares of actions seen in the record a week later, and given a new date; the others are left overdue
_MOVED_BY = timedelta(days=14)
_REASON = "On leave for most of the week; agreed in supervision."

Said = tuple[str, str, dict[str, Any], int]  # kind, subject, data, and the revision that it is based on


def raised(
    gaps: Sequence[str], policy: ScoringPolicy, new_id: Callable[[str], str], *, owner: str, today: date
) -> Iterator[Said]:
    """Yields the actions of the first gap of each rubric for which the policy names any, linked where there are two."""
    for rubric in dict.fromkeys(ref.partition("/")[0] for ref in gaps):
        ref = next(gap for gap in gaps if gap.startswith(rubric + "/"))
        kinds = policy.gap_actions.get(ref) or policy.gap_actions.get(rubric) or ()
        ids = {kind: new_id(f"{ref} {kind}") for kind in kinds}
        due = (today + timedelta(days=policy.review_after_days)).isoformat()
        for kind, name in ids.items():
            others = [one for other, one in ids.items() if other != kind]
            said = {
                "action": name, "action_kind": kind, "text": KIND_LABELS[kind], "owner": owner, "due": due, "review_date": due,
                "criterion": ref, **({"linked": others[0]} if others else {}),
            }  # fmt: skip
            yield "action_raised", f"action:{name}", said, 0


def looked_after(actions: Sequence[ActionRaised], chance: Callable[[str], float], today: date) -> Iterator[Said]:
    """Yields what became of the actions of a review: most are seen in the record and closed, some given a new date with its reason.

    Linked actions go the same way: both are done by the same rewritten entry.
    """
    for one in actions:
        subject = f"action:{one.action}"
        share = chance(min(one.action, one.linked or one.action))
        if share < _DONE:
            on = min(one.due, today)
            seen: Mapping[str, Any] = {
                "seen_on": on.isoformat(),
                "reference": f"Note of {on:%d/%m/%Y}, rewritten entry",
            }
            yield "action_seen_in_record", subject, {"action": one.action, **seen}, 1
            yield "action_closed", subject, {"action": one.action, "outcome": "done"}, 2
        elif share < _DONE + _MOVED:
            due = (today + _MOVED_BY).isoformat()
            yield "action_moved", subject, {"action": one.action, "due": due, "review_date": due, "reason": _REASON}, 1
