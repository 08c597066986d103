"""What people decide, as typed events: one payload a kind. An unknown kind, an unknown field or a wrong type is an error.

A payload never says who or when: the envelope does (sampling.journal.records). Undo and revision are new events that supersede.
"""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from sampling.journal.events_assurance import PatternOutcome, PatternResponse, PatternSeen
from sampling.journal.events_calibration import (
    AnchorProposed,
    CalibrationAnswer,
    CalibrationAnswered,
    CalibrationJoined,
    CalibrationOpened,
    CalibrationRemoved,
    CalibrationStaged,
    CalibrationStepped,
    GroupAction,
    GroupRecorded,
    GroupReview,
)
from sampling.journal.events_coverage import (
    AbsenceNoted,
    AgreementDrafted,
    AgreementReviewed,
    AgreementSigned,
    AppraisalHeld,
    CaseDelayNoted,
    CaseExempted,
    CaseIntervalAgreed,
    DelayNoted,
    FolderChecked,
    IntervalAgreed,
    JudgementEndorsed,
    NeedsAnswered,
    NeedsFlagged,
    NewlyQualifiedNoted,
    ObjectionDecided,
    ObjectionRaised,
    SessionDescribed,
    SupervisorTrained,
)
from sampling.journal.events_retention import (
    HoldLifted,
    HoldSet,
    PurgeApproved,
    PurgeFinished,
    PurgePlanned,
    PurgeRun,
    Taken,
)
from sampling.journal.events_review import (
    ActionClosed,
    ActionKind,
    ActionMoved,
    ActionRaised,
    ActionSeen,
    AnchorFlagged,
    Commented,
    Deviation,
    EvidencePointed,
    EvidenceWithdrawn,
    Moderated,
    Parked,
    PastedIntoRecord,
    PhraseKept,
    Rated,
    Referred,
    Replied,
    ReplyAnswered,
    RubricsFrozen,
    RubricUsed,
    SafetyAnswered,
    SeedShown,
    SignatureVoided,
    Signed,
)
from sampling.journal.events_session import (
    AgendaCovered,
    AgendaItem,
    CaseDiscussed,
    PriorActionReviewed,
    PromptAnswered,
    ReflectivePrompt,
    SessionClosed,
    SessionKind,
    SessionOpened,
    TimeSpent,
)
from sampling.journal.payload import (
    LEVELS,
    QUOTE_CHARACTERS,
    TEXT_CHARACTERS,
    Code,
    CriterionRef,
    Identity,
    Key,
    Payload,
    ShortText,
    plain_faults,
)

__all__ = [
    "LEVELS", "QUOTE_CHARACTERS", "TEXT_CHARACTERS", "AbsenceNoted", "Accessed", "ActionClosed", "ActionKind",
    "ActionMoved", "ActionRaised", "ActionSeen", "AgendaCovered", "AgendaItem", "AgreementDrafted",
    "AgreementReviewed", "AgreementSigned", "AnchorFlagged", "AnchorProposed", "AppraisalHeld", "CalibrationAnswer",
    "CalibrationAnswered", "CalibrationJoined", "CalibrationOpened", "CalibrationRemoved", "CalibrationStaged",
    "CalibrationStepped", "CaseDelayNoted", "CaseDiscussed", "CaseExempted", "CaseIntervalAgreed", "Code",
    "Commented", "ConflictResolved", "CriterionRef", "DelayNoted", "Deviation", "EvidencePointed",
    "EvidenceWithdrawn", "FolderChecked", "GroupAction", "GroupRecorded", "GroupReview", "HoldLifted", "HoldSet",
    "Identity", "IntervalAgreed", "JournalOpened", "JudgementEndorsed", "Key", "Moderated", "NeedsAnswered",
    "NeedsFlagged", "NewlyQualifiedNoted", "ObjectionDecided", "ObjectionRaised", "Parked", "PastedIntoRecord",
    "PatternOutcome", "PatternResponse", "PatternSeen", "Payload", "PhraseKept", "PriorActionReviewed",
    "PromptAnswered", "PurgeApproved", "PurgeFinished", "PurgePlanned", "PurgeRun", "Purged", "Rated", "Referred",
    "ReflectivePrompt", "Replied", "ReplyAnswered", "RubricUsed", "RubricsFrozen", "SafetyAnswered", "SeedShown",
    "SessionClosed", "SessionDescribed", "SessionKind", "SessionOpened", "ShortText", "SignatureVoided", "Signed",
    "SupervisorTrained", "Taken", "TimeSpent", "Unsealed", "payload_kinds", "plain_faults", "read_payload",
    "subject_fits", "subject_of",
]  # fmt: skip


class JournalOpened(Payload):
    """The first entry: which journal this is, and the public key that blind second ratings are sealed to."""

    kind: ClassVar[str] = "journal_opened"
    subject: ClassVar[str] = ""
    journal: Identity
    seal_key: Key  # an X25519 public key in hex


class Accessed(Payload):
    """Someone opened a case, a list or a record, for a stated purpose (City of York standard 7)."""

    kind: ClassVar[str] = "accessed"
    subject: ClassVar[str] = "?access"
    purpose: Code
    what: Code


class Unsealed(Payload):
    """Both raters have signed: the content keys of their sealed entries, by entry id."""

    kind: ClassVar[str] = "unsealed"
    subject: ClassVar[str] = ""
    keys: dict[Identity, Key]


class ConflictResolved(Payload):
    """Two values were written from the same starting point: a person says which one stands. Both stay."""

    kind: ClassVar[str] = "conflict_resolved"
    subject: ClassVar[str] = "*"
    chosen: Identity
    instead_of: Identity


class Purged(Payload):
    """A retention rule took the content of these entries away; their places in the chain stay."""

    kind: ClassVar[str] = "purged"
    subject: ClassVar[str] = ""
    rule: ShortText
    entries: tuple[Identity, ...] = Field(strict=False)


def payload_kinds() -> dict[str, type[Payload]]:
    """Returns kind -> payload class, for every kind of event that there is."""
    found = list(Payload.__subclasses__())
    for payload in found:  # grows while it is read: what events share stands in classes between
        found += payload.__subclasses__()
    return {payload.kind: payload for payload in found if "kind" in vars(payload)}


def read_payload(kind: str, data: Any) -> Payload:
    """Returns the payload of an event. Raises ValueError for an unknown kind, and pydantic's ValidationError for wrong fields."""
    kinds = payload_kinds()
    if kind not in kinds:
        raise ValueError("there is no such kind of event")
    return kinds[kind].model_validate(data)


def subject_of(payload: Payload) -> str | None:
    """Returns the subject that a payload revises, or None where it may be one of several.

    >>> subject_of(TimeSpent(seconds=60)), subject_of(Parked(parked=True))
    ('time', 'parked')
    """
    pattern = payload.subject.lstrip("?")
    return None if pattern.endswith("*") else pattern.format_map(vars(payload))


def subject_fits(payload: Payload, subject: str) -> bool:
    """Tells whether a subject is one that such a payload may revise."""
    if not subject:
        return payload.subject == "" or payload.subject.startswith("?")
    exact = subject_of(payload)
    return subject.startswith(payload.subject.rstrip("*")) if exact is None else subject == exact
