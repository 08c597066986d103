"""What one rater said to each criterion of one case, as it stands: the level or code, the comment, the evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sampling.journal.events import (
    LEVELS,
    Commented,
    EvidencePointed,
    Moderated,
    Rated,
    Signed,
)
from sampling.scoring.rules.standing import Fact, current, standing

CODE_LABELS = {"not_applicable": "Not applicable", "not_accessible": "Record not accessible"}
NOT_SCORED = "Not scored"


@dataclass(frozen=True)
class Pointer:
    """Where in the record the evidence stands."""

    note_date: str
    note_kind: str
    quote: str

    def row(self) -> dict[str, str]:
        """Returns the pointer as the screens show it."""
        return {"note_date": self.note_date, "note_kind": self.note_kind, "quote": self.quote}


@dataclass(frozen=True)
class Answer:
    """One rating: a level, or a code with its reason, or neither, which is "not scored"."""

    level: int | None = None
    code: str = ""
    reason: str = ""
    comment: str = ""
    evidence: tuple[Pointer, ...] = ()
    rubric_version: str = ""
    rubric_digest: str = ""

    @property
    def given(self) -> bool:
        """Tells whether there is an answer at all."""
        return self.level is not None or bool(self.code)


NOTHING = Answer()


@dataclass(frozen=True)
class Signature:
    """A signature that stands: who, when, and the hash of what was signed."""

    actor: str
    at: str
    content: str
    sequence: int


def answers_of(entries: Iterable[Fact]) -> dict[str, Answer]:
    """Returns criterion ref -> answer, of the entries of one review."""
    found: dict[str, Answer] = {}
    for entry in current(entries).values():
        said = entry.payload
        if isinstance(said, Rated):
            found[said.criterion] = replace(
                found.get(said.criterion, NOTHING),
                level=said.level,
                code=said.code or "",
                reason=said.reason or "",
                rubric_version=said.rubric_version,
                rubric_digest=said.rubric_digest,
            )
        elif isinstance(said, Commented):
            found[said.criterion] = replace(found.get(said.criterion, NOTHING), comment=said.text)
        elif isinstance(said, EvidencePointed):
            answer = found.get(said.criterion, NOTHING)
            pointer = Pointer(str(said.note_date), said.note_kind, said.quote)
            found[said.criterion] = replace(answer, evidence=(*answer.evidence, pointer))
    return found


def signature_of(entries: Iterable[Fact], *roles: str) -> Signature | None:
    """Returns the latest signature in one of these roles that stands: one that a later change voided does not."""
    latest = {entry.subject: entry for entry in standing(entries)}
    found = [latest[subject] for role in roles if (subject := f"signature:{role}") in latest]
    for entry in sorted(found, key=lambda entry: entry.sequence, reverse=True):
        if isinstance(entry.payload, Signed):
            return Signature(entry.actor, entry.at, entry.payload.content, entry.sequence)
    return None


def settled_levels(answers: Mapping[str, Answer], moderated: Mapping[str, Moderated]) -> dict[str, Answer]:
    """Returns what stands for each criterion: the moderator's level where there is one, else the rater's own. Changes neither."""
    return {
        ref: replace(answer, level=moderated[ref].level, code=moderated[ref].code or "", reason="")
        if ref in moderated
        else answer
        for ref, answer in answers.items()
    }


def gaps_of(answers: Mapping[str, Answer], gap_to_level: int) -> tuple[str, ...]:
    """Returns the criteria with a gap: those at a level up to `gap_to_level`. A code is no gap."""
    return tuple(ref for ref, answer in answers.items() if answer.level is not None and answer.level <= gap_to_level)


def answer_words(answer: Answer, anchors: tuple[str, ...], reasons: Mapping[str, str]) -> str:
    """Returns an answer in words: the level with its anchor, or the code with its reason. `reasons` is reason code -> words.

    >>> answer_words(Answer(level=2), ("none", "one option", "two with reasons", "plus why"), {})
    '2 – two with reasons'
    >>> answer_words(Answer(code="not_applicable", reason="no_such_event"), (), {"no_such_event": "Nothing of this kind"})
    'Not applicable: Nothing of this kind'
    """
    if answer.level is not None:
        anchor = anchors[answer.level] if len(anchors) == len(LEVELS) else ""
        return f"{answer.level} – {anchor}" if anchor else str(answer.level)
    if answer.code:
        reason = reasons.get(answer.reason, "")
        return f"{CODE_LABELS[answer.code]}: {reason}" if reason else CODE_LABELS[answer.code]
    return NOT_SCORED


def answer_row(answer: Answer, anchors: tuple[str, ...], reasons: Mapping[str, str]) -> dict[str, Any]:
    """Returns an answer as the screens show it."""
    return {
        "level": answer.level,
        "code": answer.code,
        "reason": answer.reason,
        "label": answer_words(answer, anchors, reasons),
        "comment": answer.comment,
        "evidence": [pointer.row() for pointer in answer.evidence],
    }
