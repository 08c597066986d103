"""Which actions a gap raises: proposals for the form. A person gives each its owner and dates, or strikes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sampling.scoring.rules.actions import KIND_LABELS
from sampling.scoring.rules.reviewing import CriterionState, Numbered, ReviewState
from sampling.scoring.settings.policy import ScoringPolicy


def kinds_of(ref: str, policy: ScoringPolicy) -> tuple[str, ...]:
    """Returns the action kinds that a gap at a criterion raises: those of the criterion, else those of its rubric, else none."""
    return policy.gap_actions.get(ref) or policy.gap_actions.get(ref.partition("/")[0]) or ()


def is_gap(state: CriterionState, policy: ScoringPolicy) -> bool:
    """Returns whether a criterion has a gap. A code is none."""
    return state.level is not None and state.level <= policy.gap_to_level


def proposals(
    state: ReviewState, criteria: Sequence[Numbered], policy: ScoringPolicy, today: date
) -> dict[str, list[dict[str, Any]]]:
    """Returns criterion ref -> the actions proposed for its gap, linked to one another; kinds already raised there are left out.

    The owner stays empty: an action without one is refused. Due today where a critical criterion is at level 0, else a week on, and
    reviewed a week on (supervision models article, example 1).
    """
    raised = {(action["criterion"], action["action_kind"]) for action in state.actions if action["state"] != "closed"}
    found = {}
    for one in criteria:
        of_criterion = state.criteria[one.ref]
        kinds = kinds_of(one.ref, policy)
        if not is_gap(of_criterion, policy) or not kinds:
            continue
        urgent = one.criterion.critical and of_criterion.level == 0
        found[one.ref] = [
            proposal(kind, kinds, policy, today, urgent=urgent) for kind in kinds if (one.ref, kind) not in raised
        ]
    return {ref: rows for ref, rows in found.items() if rows}


def proposal(kind: str, kinds: Sequence[str], policy: ScoringPolicy, today: date, *, urgent: bool) -> dict[str, Any]:
    """Returns one proposed action; `kinds` are all that the gap raises, of which the other is its pair."""
    review_date = today + timedelta(days=policy.review_after_days)
    others = [other for other in kinds if other != kind]
    return {
        "action_kind": kind,
        "text": KIND_LABELS.get(kind, kind),
        "owner": "",
        "due": (today + timedelta(days=policy.safety_due_days) if urgent else review_date).isoformat(),
        "review_date": max(review_date, today + timedelta(days=policy.safety_due_days)).isoformat(),
        "linked_kind": others[0] if others else "",
    }


def choices(policy: ScoringPolicy) -> Mapping[str, list[dict[str, str]]]:
    """Returns the closed lists of the form: the reasons with their number keys, and the kinds of action."""
    return {
        "not_applicable": _numbered(policy.not_applicable),
        "not_accessible": _numbered(policy.not_accessible),
        "action_kinds": [{"code": code, "label": label} for code, label in KIND_LABELS.items()],
    }


def _numbered(reasons: Mapping[str, str]) -> list[dict[str, str]]:
    return [
        {"key": str(number), "code": code, "label": label} for number, (code, label) in enumerate(reasons.items(), 1)
    ]
