"""What a person hands in (Draft), what is stored (Entry), and what is answered (Receipt)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from sampling.journal.events import Payload, subject_fits
from sampling.journal.events_coverage import NOTED_KINDS
from sampling.journal.faults import DraftError

SYSTEM = "system"
CURRENT = (
    -1
)  # as `base`: whatever stands now. For what the program itself writes, never for what a person saw and changed
SEALED = "sealed"  # the kind of an entry that may not be opened
# What others must see before both raters have signed, and what belongs to no rating. Such an entry is never sealed.
NEVER_SEALED = frozenset(
    "journal_opened unsealed purged accessed rubrics_frozen signed signature_voided time_spent session_opened session_closed"
    " agenda_covered prompt_answered prior_action_reviewed case_discussed calibration_opened calibration_joined calibration_removed"
    " calibration_staged calibration_stepped anchor_proposed group_recorded"
    " hold_set hold_lifted purge_planned purge_approved purge_run purge_finished"
    " pattern_seen pattern_response pattern_outcome session_described judgement_endorsed".split()
) | frozenset(NOTED_KINDS)
State = Literal["open", "sealed", "purged"]

_ID = re.compile(r"[0-9a-f]{32}")
_ACTOR = re.compile(r"[0-9a-f]{64}|system")
_SUBJECT = re.compile(r"[a-z][a-z_]{0,63}(:[a-z0-9_/-]{1,160})?")


@dataclass(frozen=True)
class Draft:
    """What one person hands in. `id` is made by the writer: the same id twice is the same event."""

    id: str
    actor: str  # the key of a person, or "system"
    payload: Payload
    review: str = ""  # a review's or session's id, or nothing
    subject: str = ""  # what is being revised within the review
    base: int = 0  # the subject's revision that the writer saw; 0 is none
    undoes: str = ""  # the entry that this one takes back, if it is an undo
    sealed: bool = False


@dataclass(frozen=True)
class Entry:
    """What is stored. `payload` is None when it is sealed and may not be opened, or was purged."""

    id: str
    actor: str
    payload: Payload | None
    review: str
    subject: str
    base: int
    undoes: str
    sealed: bool
    sequence: int
    revision: int
    at: str
    kind: str
    previous: str
    hash: str
    conflict: bool
    state: State
    purged_at: str = ""  # when a retention rule took its content


@dataclass(frozen=True)
class Receipt:
    """What became of a draft. `other` is the value that stands, where the draft did not supersede it."""

    id: str
    sequence: int
    revision: int
    at: str
    status: Literal["stored", "known", "conflict"]
    other: Entry | None = None


@dataclass(frozen=True)
class Verification:
    """Whether a journal is whole. `bad` is the sequence of the first entry that is not, and `why` says so in a sentence."""

    ok: bool
    entries: int
    head: str  # the hash of the last entry; "N HASH" is what to publish
    bad: int | None = None
    why: str = ""
    notes: tuple[str, ...] = ()
    purged: tuple[tuple[str, int], ...] = ()  # (rule, how many contents it took), in order of the rules' names

    @property
    def head_text(self) -> str:
        """Returns the head as it is noted or published: the number of entries and the hash of the last."""
        return f"{self.entries} {self.head}"


def check_draft(draft: Draft, place: str) -> None:
    """Raises DraftError when a draft's envelope is malformed; `place` names it, as "Event 2 of 3"."""
    faults = (
        (not _matches(_ID, draft.id), "its id must be 32 hexadecimal digits"),
        (not _matches(_ACTOR, draft.actor), "its actor must be a person's key"),
        (bool(draft.review) and not _matches(_ID, draft.review), "its review must be 32 hexadecimal digits"),
        (bool(draft.subject) and not _matches(_SUBJECT, draft.subject), "its subject is malformed"),
        (not _whole(draft.base), "its base must be a revision, a whole number from 0"),
        (bool(draft.undoes) and not _matches(_ID, draft.undoes), "what it undoes must be 32 hexadecimal digits"),
        (not isinstance(draft.payload, Payload), "it has no payload"),
        (not isinstance(draft.sealed, bool), "whether it is sealed must be true or false"),
    )
    for wrong, sentence in faults:
        if wrong:
            raise DraftError(f"{place} cannot be stored: {sentence}.")
    if draft.sealed and draft.payload.kind in NEVER_SEALED:
        raise DraftError(f"{place} cannot be stored: an entry of the kind {draft.payload.kind} is never sealed.")
    if not subject_fits(draft.payload, draft.subject):
        raise DraftError(
            f"{place} cannot be stored: its subject does not belong to what it says ({draft.payload.kind})."
        )


def _matches(pattern: re.Pattern[str], text: object) -> bool:
    return isinstance(text, str) and bool(pattern.fullmatch(text))


def _whole(number: object) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and CURRENT <= number < 2**31
