"""The phrase bank: comments worth using again, per criterion; one's own, and those shared with all."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from sampling.journal.events import Payload, PhraseKept
from sampling.scoring.rules.standing import Fact, current


def phrases(entries: Iterable[Fact], actor: str) -> dict[str, list[dict[str, Any]]]:
    """Returns criterion ref -> phrases for that person: own ones first, then shared ones, each in alphabetical order, no doubles."""
    found: dict[str, dict[str, tuple[bool, bool]]] = {}  # ref -> text -> (is another's, is shared)
    for entry in current(entries).values():
        said = entry.payload
        text = " ".join(said.text.split()) if isinstance(said, PhraseKept) else ""
        if not isinstance(said, PhraseKept) or not text or (entry.actor != actor and not said.shared):
            continue
        bank = found.setdefault(said.criterion, {})
        other, shared = bank.get(text, (True, False))
        bank[text] = (other and entry.actor != actor, shared or said.shared)
    return {
        ref: [
            {"text": text, "shared": shared}
            for text, (_, shared) in sorted(bank.items(), key=lambda item: (item[1][0], item[0].casefold(), item[0]))
        ]
        for ref, bank in sorted(found.items())
    }


def refusals(said: Payload, *, subject: str, others: Collection[str] = ()) -> list[str]:
    """Returns why a phrase may not be kept: it has a subject of its own, so that two are never mistaken for each other. `others` has
    the keys of other people who kept a phrase under this subject.
    """
    if others:
        return ["This phrase is another person's. Keep your own beside it."]
    if isinstance(said, PhraseKept) and not subject.startswith("phrase:"):
        return ["A phrase is kept under a subject of its own."]
    return []
