"""Which actions a gap raises: proposals for the form, whose owner and dates a person gives, and what is worth a second look."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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


def same_gaps(ref: str, state: ReviewState, criteria: Iterable[Numbered], policy: ScoringPolicy) -> tuple[str, ...]:
    """Returns the gaps for which the actions of the gap at a criterion are raised: itself, and the gaps that raise the same kinds.

    Rewriting one note mends all of a rubric's gaps (static/model.js has the same rule for what is not saved yet).
    """
    kinds = kinds_of(ref, policy)
    return tuple(
        one.ref
        for one in criteria
        if one.ref == ref
        or (
            kinds
            and kinds_of(one.ref, policy) == kinds
            and is_gap(state.criteria.get(one.ref, CriterionState()), policy)
        )
    )


def criteria_of(
    action: Mapping[str, Any], state: ReviewState, criteria: Iterable[Numbered], policy: ScoringPolicy
) -> tuple[str, ...]:
    """Returns the criteria that an action is for: the one that it names, and the gaps that it mends at the same time."""
    ref = action["criterion"]
    if not ref:
        return ()
    return same_gaps(ref, state, criteria, policy) if action["action_kind"] in kinds_of(ref, policy) else (ref,)


def proposals(
    state: ReviewState, criteria: Sequence[Numbered], policy: ScoringPolicy, today: date
) -> dict[str, list[dict[str, Any]]]:
    """Returns criterion ref -> the actions proposed for its gap, linked to one another; kinds already raised for it are left out.

    Gaps that raise the same actions raise them once: they stand at the first, and `criteria` names all of them. The owner stays empty:
    an action without one is refused. Due today where a critical criterion of them is at level 0, else a week on, and reviewed a week
    on (supervision models article, example 1).
    """
    running = [action for action in state.actions if action["state"] != "closed"]
    raised = {(ref, one["action_kind"]) for one in running for ref in criteria_of(one, state, criteria, policy)}
    critical = {one.ref for one in criteria if one.criterion.critical}
    proposed: set[str] = set()
    found = {}
    for one in criteria:
        kinds = kinds_of(one.ref, policy)
        if one.ref in proposed or not kinds or not is_gap(state.criteria[one.ref], policy):
            continue
        shared = same_gaps(one.ref, state, criteria, policy)
        proposed.update(shared)
        urgent = any(ref in critical and state.criteria[ref].level == 0 for ref in shared)
        found[one.ref] = [
            {**proposal(kind, kinds, policy, today, urgent=urgent), "criteria": list(shared)}
            for kind in kinds
            if (one.ref, kind) not in raised
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


def reminders(state: ReviewState, criteria: Sequence[Numbered], policy: ScoringPolicy) -> list[dict[str, str]]:
    """Returns what is worth a second look at sign-off and never blocks it: rows of `ref` and `sentence`."""
    found = []
    acted = {ref for action in state.actions for ref in criteria_of(action, state, criteria, policy)}
    for one in criteria:
        of_criterion = state.criteria.get(one.ref, CriterionState())
        if one.criterion.critical and of_criterion.level == 0 and of_criterion.safety is None:
            sentence = f"{one.name}: level 0 on a critical criterion. Does anyone need to act today?"
            found.append({"ref": one.ref, "sentence": sentence})
        if is_gap(of_criterion, policy) and one.ref not in acted:
            found.append({"ref": one.ref, "sentence": f"{one.name}: a gap without an action."})
    if state.deviations["state"] == "one_missing":
        found.append({"ref": "", "sentence": f"Deviation from guidelines: {state.deviations['words']}"})
    return found
