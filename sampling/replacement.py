"""Replacing a drawn case: the next rank, for a closed list of reasons, asked for by one person and approved by another."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from sampling.errors import ReplacementError

INELIGIBLE, UNAVAILABLE = "INELIGIBLE", "UNAVAILABLE"
# reason -> kind (draw protocol, rules: replacement). "Untidy file" and "worker on leave" are not reasons.
REASONS = {
    "CLOSED_BEFORE_T0": INELIGIBLE,
    "DUPLICATE": INELIGIBLE,
    "WRONG_PRACTITIONER": INELIGIBLE,
    "LEGAL_HOLD": UNAVAILABLE,
    "SEALED": UNAVAILABLE,
    "CONFLICT_OF_INTEREST": UNAVAILABLE,
}
# Closed reasons: free text could name a person, and a withdrawn commitment stays visible for ever.
WITHDRAWALS = ("WRONG_EXTRACT", "WRONG_PERIOD", "WRONG_PLAN", "RANDOMNESS_NOT_REVEALED", "RANDOMNESS_LOST")


def checked_reason(reason: str) -> tuple[str, str]:
    """Returns (kind, reason): INELIGIBLE or UNAVAILABLE, alone or with one of REASONS. Raises ReplacementError for any other.

    >>> checked_reason("duplicate"), checked_reason("UNAVAILABLE")
    (('INELIGIBLE', 'DUPLICATE'), ('UNAVAILABLE', 'UNAVAILABLE'))
    """
    name = reason.strip().upper().replace("-", "_").replace(" ", "_")
    if name in (INELIGIBLE, UNAVAILABLE):
        return name, name
    if name not in REASONS:
        raise ReplacementError(
            f"That is not a reason for a replacement. Give one of: {', '.join(REASONS)}. An untidy file or a worker on leave is not a reason."
        )
    return REASONS[name], name


def checked_people(requested_by: str, approved_by: str) -> None:
    """Raises ReplacementError unless both are named and differ, however they are spelt."""
    folded = [folded_name(name) for name in (requested_by, approved_by)]
    if not all(folded):
        raise ReplacementError("A replacement needs the name or role of who requests it and of who approves it.")
    if folded[0] == folded[1]:
        raise ReplacementError(
            "The person who requests a replacement may not approve it. Ask another person to approve."
        )


def folded_name(name: str) -> str:
    """Returns the letters and digits of a name: spaces, dots and characters that cannot be seen make no other person."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", name).casefold() if letter.isalnum())


def next_rank(
    manifest: Sequence[Mapping[str, str]], log: Sequence[Mapping[str, Any]], case: str
) -> tuple[Mapping[str, str], str]:
    """Returns the replaced case's manifest row, and the digest of the case that comes next in its group or pool, or "".

    Raises ReplacementError when the case is not under review.
    """
    rows = {row["case"]: row for row in manifest}
    current = {row["case"] for row in manifest if row["status"] == "selected"}
    used = set(current)
    for entry in log:
        if entry["event"] == "replaced":
            current.discard(entry["data"]["case"])
            if entry["data"]["replacement"]:
                current.add(entry["data"]["replacement"])
                used.add(entry["data"]["replacement"])
    if case not in rows:
        raise ReplacementError("That case is not in this draw's frame. Copy its key from `sampling worklist DIR`.")
    if case not in current:
        raise ReplacementError("That case is not under review: it was not drawn, or it was replaced already.")
    unit = _unit(rows[case])
    following = sorted(
        (int(row["rank"]), row["case"]) for row in manifest if _unit(row) == unit and row["case"] not in used
    )
    return rows[case], following[0][1] if following else ""


def _unit(row: Mapping[str, str]) -> tuple[str, ...]:
    return (row["stream"],) if row["stream"] else (row["practitioner"], row["stratum"])
