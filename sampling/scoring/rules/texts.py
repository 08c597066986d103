"""Which texts may be stored where no words of a case are kept (policy: copies = "references_only"; City of York, supervision standard 6).

Every field of every event that takes free text is classed here, once; docs/decisions/0013-references-only.md says why each is what it is.
A new one fails a test until somebody classes it. The words themselves go into the case system, by the paste-ready text of the form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sampling.journal.events import ActionRaised, Payload
from sampling.scoring.rules.actions import KIND_LABELS

LINE_CHARACTERS = 80  # a reference or a name: one line, too short to tell what happened
ELSEWHERE = "Written in the case system"
REFUSED = "No words of a case are kept here."

Kind = Literal["choice", "line", "ours"]


@dataclass(frozen=True)
class TextRule:
    """What a text may be: one of the `choices` (or empty, where the event allows that), one short line, or written by the service.

    `instead` tells the person what to do with the words.
    """

    kind: Kind
    choices: tuple[str, ...] = ()
    instead: str = "Write them into the case system."


_EMPTY = TextRule("choice")
_ELSEWHERE = TextRule("choice", (ELSEWHERE,))
_OURS = TextRule("ours")
_REFERENCE = TextRule("line", instead=f"Give a reference of one line, at most {LINE_CHARACTERS} characters.")
_NAME = TextRule("line", instead=f"Give a name or a role in one line, at most {LINE_CHARACTERS} characters.")

# (kind of event, field) -> what it may be. A nested field has its path.
TEXTS: Mapping[tuple[str, str], TextRule] = {
    ("rubrics_frozen", "rubrics.version"): _OURS,
    ("rated", "rubric_version"): _OURS,
    ("anchor_flagged", "rubric_version"): _OURS,
    ("signed", "statement"): _OURS,
    ("purged", "rule"): _OURS,
    ("hold_set", "statement"): _OURS,
    ("hold_lifted", "statement"): _OURS,
    ("purge_planned", "taken.rule"): _OURS,
    ("purge_run", "taken.rule"): _OURS,
    ("commented", "text"): TextRule(
        "choice", instead="Write the comment into the case system, and say here where it is"
    ),
    ("evidence_pointed", "quote"): TextRule(
        "choice", instead="Point to the note by its day and kind, without a quote"
    ),
    ("evidence_pointed", "note_kind"): _REFERENCE,
    ("evidence_pointed", "note"): _REFERENCE,
    ("safety_answered", "note"): TextRule(
        "line", instead=f"Say to whom and when in one line, at most {LINE_CHARACTERS} characters."
    ),
    ("deviation_recorded", "guideline"): _REFERENCE,
    ("deviation_recorded", "text"): _ELSEWHERE,
    ("action_raised", "text"): TextRule("choice", tuple(KIND_LABELS.values())),
    ("action_raised", "owner"): _NAME,
    ("action_moved", "reason"): TextRule(
        "choice",
        (
            ELSEWHERE,
            "The person was not available",
            "The owner was away",
            "It waits for another service",
            "The date was too early",
        ),
    ),
    ("action_seen_in_record", "reference"): _REFERENCE,
    ("action_closed", "text"): TextRule(
        "choice", (ELSEWHERE, "It no longer applies", "Another action takes its place", "Taken back by the rater.")
    ),
    ("parked", "reason"): TextRule(
        "choice", (ELSEWHERE, "The record is not complete yet", "I need to ask somebody first")
    ),
    ("referred", "reason"): TextRule(
        "choice", (ELSEWHERE, "An anchor is unclear", "The record contradicts itself", "I know this case too well")
    ),
    ("replied", "text"): _ELSEWHERE,
    ("reply_answered", "text"): _ELSEWHERE,
    ("moderated", "note"): _ELSEWHERE,
    ("anchor_flagged", "note"): TextRule(
        "choice", (ELSEWHERE, "Two levels overlap", "A word can be read in two ways", "The anchor does not fit such a case")
    ),
    ("phrase_kept", "text"): _EMPTY,
    ("pasted_into_record", "reference"): _REFERENCE,
    ("agenda_covered", "note"): _ELSEWHERE,
    ("prompt_answered", "note"): _ELSEWHERE,
    ("prior_action_reviewed", "note"): _ELSEWHERE,
    ("case_discussed", "note"): _ELSEWHERE,
    ("session_closed", "note"): _ELSEWHERE,
    ("case_exempted", "case_reference"): _REFERENCE,
    ("case_exempted", "session_reference"): _REFERENCE,
    ("agreement_drafted", "reference"): _REFERENCE,
    ("needs_flagged", "note"): _ELSEWHERE,
    ("needs_answered", "note"): _ELSEWHERE,
    ("objection_raised", "note"): _ELSEWHERE,
    ("objection_decided", "decided_by"): _NAME,
    ("judgement_endorsed", "reference"): _REFERENCE,
    ("pattern_response", "what"): TextRule(
        "line", instead=f"Say what is to be done in one line, at most {LINE_CHARACTERS} characters, and nothing of a case."
    ),
    ("pattern_response", "owner"): _NAME,
    ("pattern_outcome", "text"): _ELSEWHERE,
}  # fmt: skip


def text_refusals(said: Payload) -> list[str]:
    """Returns why the texts of an event may not be stored where no words of a case are kept: one sentence a field.

    Raises nothing; what was written is not repeated. Of an action the text is the words of its own kind.
    """
    found = []
    for (kind, field), rule in TEXTS.items():
        if kind == said.kind and rule.kind != "ours" and not _may_stand(getattr(said, field), rule, said):
            found.append(_sentence(rule, said))
    return found


def _may_stand(text: str, rule: TextRule, said: Payload) -> bool:
    if rule.kind == "line":
        return len(text) <= LINE_CHARACTERS and text.isprintable()
    return not text.strip() or text in _choices(rule, said)


def _choices(rule: TextRule, said: Payload) -> tuple[str, ...]:
    return (KIND_LABELS[said.action_kind],) if isinstance(said, ActionRaised) else rule.choices


def _sentence(rule: TextRule, said: Payload) -> str:
    choices = _choices(rule, said) if rule.kind == "choice" else ()
    listed = f" Here may stand: {'; '.join(choices)}." if choices else ""
    return f"{REFUSED} {rule.instead}{listed}"


def text_choices() -> dict[str, dict[str, Any]]:
    """Returns event kind -> field -> what may be written there, for the screens: `kind` choice or line, its choices, the longest line."""
    found: dict[str, dict[str, Any]] = {}
    for (event, field), rule in TEXTS.items():
        if rule.kind != "ours":
            longest = LINE_CHARACTERS if rule.kind == "line" else 0
            found.setdefault(event, {})[field] = {"kind": rule.kind, "choices": list(rule.choices), "longest": longest}
    return found
