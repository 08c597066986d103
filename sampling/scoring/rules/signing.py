"""What a signature signs: one hash of everything committed, the statement that is shown, and when a signature no longer stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sampling.chain import canonical_json
from sampling.rubric import Rubric
from sampling.scoring.rules.own_ids import own_id
from sampling.scoring.rules.reviewing import VOID_REASONS, ReviewState
from sampling.tickets import digest

# Fields that say where a value stands in the journal, not what it says.
_PLACES = {"revision", "at", "by_label", "state"}
STATEMENTS = {
    "rater": "I scored this case from its record alone. The levels, comments, pointers and actions shown here are mine, "
    "and I sign exactly these.",
    "supervisee": "I have read what was scored here. My signature says that I have seen it, not that I agree with all of it.",
}
ROLES_OF_RATER = ("rater", "supervisor")


def content_of(review: str, rubrics: Iterable[Rubric], state: ReviewState) -> dict[str, Any]:
    """Returns what is signed, as one JSON object: rubric versions, ratings, comments, pointers, safety answers, actions as raised,
    the manager's deviation and where the text was put.

    Left out is what lives on after sign-off: what became of an action, replies, the practitioner's own entry, parking, times.
    """
    return {
        "review": review,
        "rubrics": [[rubric.id, rubric.version, rubric.digest] for rubric in rubrics],
        "criteria": {
            ref: {
                "level": one.level,
                "code": one.code,
                "reason": one.reason,
                "comment": one.comment,
                "evidence": sorted((_said(pointer) for pointer in one.evidence), key=lambda row: str(row["pointer"])),
                "safety": _said(one.safety) if one.safety else None,
            }
            for ref, one in state.criteria.items()
        },
        "actions": list(state.raised),
        "deviation": _said(state.deviations["manager"]) if state.deviations["manager"] else None,
        "paste": _said(state.paste) if state.paste else None,
    }


def content_hash(review: str, rubrics: Iterable[Rubric], state: ReviewState) -> str:
    """Returns the hash of exactly what a signature signs, 64 hex digits; the same state has the same hash on every machine."""
    return digest("csr1/content|" + canonical_json(content_of(review, rubrics, state)))


def _said(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in _PLACES}


def signed_by(state: ReviewState, *roles: str) -> Mapping[str, Any] | None:
    """Returns the signature of one of these roles that still stands, or None."""
    return next((one for one in reversed(state.signatures) if one["role"] in roles and not one["void"]), None)


def with_changed_void(state: ReviewState, content: str) -> ReviewState:
    """Returns the state with every signature void that was given over another content than what stands.

    Whoever changes what was signed voids it in the same transaction; a writer that was quicker in another process is caught here.
    """
    signatures = tuple(
        {**one, "void": True, "void_reason": VOID_REASONS["changed"]}
        if not one["void"] and one["content"] != content
        else one
        for one in state.signatures
    )
    return replace(state, signatures=signatures)


def statement(role: str) -> str:
    """Returns the sentence that a signature of that role stands under."""
    return STATEMENTS["supervisee" if role == "supervisee" else "rater"]


def void_id(change: str, role: str) -> str:
    """Returns the id of the event that voids a signature: the same change, sent twice, voids it once."""
    return own_id(f"csr1/void|{change}|{role}")
