"""Deviations from guidelines: the practitioner and the manager each record theirs (Community Care, on high-risk cases above all)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from sampling.journal.events import Deviation, Payload
from sampling.scoring.rules.standing import Fact, current, revisions

State = Literal["none", "one_missing", "both"]
_ROLES = {"practitioner": "the practitioner's", "manager": "the manager's"}


def deviations_part(entries: Iterable[Fact], names: Mapping[str, str]) -> dict[str, Any]:
    """Returns both entries as they stand, and in words whether one is missing. `names` is person key -> name."""
    entries = list(entries)
    counted = revisions(entries)
    review = next((entry.review for entry in entries), "")
    latest = current(entries)
    part: dict[str, Any] = {"practitioner": None, "manager": None, "revisions": {}}
    for by in _ROLES:
        place = (review, f"deviation:{by}")
        entry = latest.get(place)
        part["revisions"][by] = counted[place]
        if entry is not None and isinstance(entry.payload, Deviation) and entry.payload.text.strip():
            said = entry.payload
            part[by] = {
                "guideline": said.guideline,
                "text": said.text,
                "at": entry.at,
                "by_label": names.get(entry.actor, ""),
                "revision": counted[place],
            }
    state = _state(part)
    return {**part, "state": state, "words": _words(part, state)}


def _state(part: Mapping[str, Any]) -> State:
    there = [by for by in _ROLES if part[by]]
    return "both" if len(there) == len(_ROLES) else "one_missing" if there else "none"


def _words(part: Mapping[str, Any], state: State) -> str:
    if state == "none":
        return "No deviation from guidelines is recorded."
    if state == "both":
        return "The practitioner and the manager have both recorded the deviation."
    missing = next(words for by, words in _ROLES.items() if not part[by])
    return f"One entry is missing: {missing}."


def refusals(said: Payload, *, is_practitioner: bool, is_manager: bool) -> list[str]:
    """Returns why a deviation may not be stored: each person writes their own entry, and says which guideline and why."""
    if not isinstance(said, Deviation):
        return []
    found = []
    if said.by == "practitioner" and not is_practitioner:
        found.append("The practitioner's entry is the practitioner's own to write.")
    if said.by == "manager" and not is_manager:
        found.append("The manager's entry is the supervisor's to write.")
    if said.text.strip() and not said.guideline.strip():
        found.append("Say which guideline was departed from.")
    return found
