"""Events of coverage: what people write down that no extract knows. Appended and superseded, never changed; a mistake is withdrawn.

Closed codes wherever a code is enough: that somebody was away, never why; that a case is exempt, with where its reason stands in full.
What an entry is about stands in `person` or `case`, so that a legal hold and a retention rule find it (docs/retention.md). A subject stays
in the chain after a purge: so it is an id of its own wherever there can be several, and never a day of somebody's.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from sampling.journal.payload import Code, Day, Identity, Key, NeededShortText, Payload, ShortText, Text

DelayReason = Literal[
    "supervisee_away", "supervisor_away", "urgent_work", "asked_by_supervisee", "no_supervisor", "changed_hands", "other",
]  # fmt: skip
ExemptionReason = Literal["plan_on_course", "about_to_close", "supervised_elsewhere", "cared_for_elsewhere", "other"]
AgreedReason = Literal[
    "returned", "newly_qualified", "capability", "risk", "complexity", "progression", "asked_for", "other"
]
NeedsReason = Literal["model", "frequency", "content", "relationship", "protected_time", "other"]
NeedsOutcome = Literal["changed", "talked_over", "passed_on", "other_supervision"]
ObjectionAbout = Literal["third_party_access", "redaction"]
ObjectionDecision = Literal["upheld", "partly_upheld", "not_upheld"]
ObjectionReason = Literal[
    "accurate", "inaccurate", "about_somebody_else", "purpose_stated", "purpose_not_stated", "legal_duty", "other",
]  # fmt: skip
SessionFunction = Literal["management", "mediation", "development", "support"]  # PG41 (seed B1)
JudgementPoint = Literal[
    "escalation", "no_escalation", "safeguarding_referral", "risk_decision", "plan_change", "transfer", "closing", "other",
]  # fmt: skip
MOST_UNITS = 99
MOST_FUNCTIONS = 4
ENDS_FIRST = "the last day cannot be before the first"


class _Withdrawable(Payload):
    """What may be taken back: the same again with `withdrawn`."""

    withdrawn: bool = False


class _Spanning(_Withdrawable):
    """What holds from a first day to a last one; no last day while the end is not known."""

    first: Day
    last: Day | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last is not None and self.last < self.first:
            raise ValueError(ENDS_FIRST)
        return self


class AbsenceNoted(_Spanning):
    """Somebody is away from the first day to the last; no last day while the end is not known. Why is not asked (seeds C4, D7)."""

    kind: ClassVar[str] = "absence_noted"
    subject: ClassVar[str] = "absence:{absence}"
    absence: Identity
    person: Key


class NewlyQualifiedNoted(Payload):
    """Whether somebody is newly qualified, which asks for more frequent supervision (seed C3; national standard 5)."""

    kind: ClassVar[str] = "newly_qualified_noted"
    subject: ClassVar[str] = "newly_qualified:{person}"
    person: Key
    newly_qualified: bool


class DelayNoted(_Spanning):
    """Why a session with somebody is late ("the reason for any delay will be noted", seed C4), for a day or up to the last."""

    kind: ClassVar[str] = "delay_noted"
    subject: ClassVar[str] = "delay:{delay}"
    delay: Identity
    person: Key
    reason: DelayReason


class CaseDelayNoted(_Spanning):
    """Why a case was discussed late (seed C4), for a day or up to the last."""

    kind: ClassVar[str] = "case_delay_noted"
    subject: ClassVar[str] = "case_delay:{delay}"
    delay: Identity
    case: Key
    reason: DelayReason


class CaseExempted(_Spanning):
    """A case need not be discussed monthly: with its reason, and where that stands in the case record and in the supervision record (seed C1)."""

    kind: ClassVar[str] = "case_exempted"
    subject: ClassVar[str] = "exemption:{exemption}"
    exemption: Identity
    case: Key
    reason: ExemptionReason
    case_reference: NeededShortText
    session_reference: NeededShortText


class IntervalAgreed(_Spanning):
    """A supervisor decides to see somebody more often, from when to when, and why (seeds D5, D8). It never lifts the policy's interval."""

    kind: ClassVar[str] = "interval_agreed"
    subject: ClassVar[str] = "interval:{agreed}"
    agreed: Identity
    person: Key
    every: Annotated[int, Field(ge=1, le=MOST_UNITS)]
    unit: Literal["day", "week", "month"]
    reason: AgreedReason


class CaseIntervalAgreed(_Spanning):
    """A supervisor decides to discuss a case more often, from when to when, and why (seeds D5, C11)."""

    kind: ClassVar[str] = "case_interval_agreed"
    subject: ClassVar[str] = "case_interval:{agreed}"
    agreed: Identity
    case: Key
    every: Annotated[int, Field(ge=1, le=MOST_UNITS)]
    unit: Literal["day", "week", "month"]
    reason: AgreedReason


class AgreementDrafted(_Withdrawable):
    """A supervision agreement of a pair lies ready to be signed; its text is kept where `reference` says (seeds C7, D7, E2)."""

    kind: ClassVar[str] = "agreement_drafted"
    subject: ClassVar[str] = "agreement:{agreement}"
    agreement: Identity
    person: Key
    supervisor: Key
    drafted_on: Day
    reference: NeededShortText


class AgreementSigned(Payload):
    """One of the two signs an agreement: `content` is the hash of exactly what was drafted.

    `agreed_on` is the day on which they agreed, as they say; nothing where that is the day of the entry.
    """

    kind: ClassVar[str] = "agreement_signed"
    subject: ClassVar[str] = "agreement_signed:{agreement}/{role}"
    agreement: Identity
    person: Key
    role: Literal["supervisor", "supervisee"]
    content: Key
    agreed_on: Day | None = None


class AgreementReviewed(_Withdrawable):
    """The pair reviewed its agreement on a day, and keeps it (seed C7). What they change is a new agreement."""

    kind: ClassVar[str] = "agreement_reviewed"
    subject: ClassVar[str] = "agreement_review:{agreement}/{review}"
    agreement: Identity
    review: Identity
    person: Key
    on: Day


class AppraisalHeld(_Withdrawable):
    """An appraisal was held on a day (seeds C12, D3). What was said in it is kept elsewhere."""

    kind: ClassVar[str] = "appraisal_held"
    subject: ClassVar[str] = "appraisal:{appraisal}"
    appraisal: Identity
    person: Key
    on: Day


class FolderChecked(Payload):
    """An item of the worker's folder was brought up to date on a day (seed C12); no day, where it is missing."""

    kind: ClassVar[str] = "folder_checked"
    subject: ClassVar[str] = "folder:{person}/{item}"
    person: Key
    item: Code
    on: Day | None = None


class SupervisorTrained(_Withdrawable):
    """A supervisor was trained in supervision on a day (seeds B4, E3)."""

    kind: ClassVar[str] = "supervisor_trained"
    subject: ClassVar[str] = "trained:{training}"
    training: Identity
    person: Key
    on: Day


class NeedsFlagged(_Withdrawable):
    """A supervisee says that supervision does not meet their needs (seed B14): to their supervisor, or past them to a lead."""

    kind: ClassVar[str] = "needs_flagged"
    subject: ClassVar[str] = "needs:{flag}"
    flag: Identity
    person: Key
    supervisor: Key
    to: Literal["supervisor", "lead"]
    reason: NeedsReason
    note: Text = ""


class NeedsAnswered(Payload):
    """What came of such a flag."""

    kind: ClassVar[str] = "needs_answered"
    subject: ClassVar[str] = "needs_answer:{flag}"
    flag: Identity
    person: Key
    outcome: NeedsOutcome
    note: Text = ""


class ObjectionRaised(_Withdrawable):
    """Somebody objects to a third person's access to their supervision record, or asks for a redaction (seed D13).

    `of` is the session or review that it is about; nothing for the whole record.
    """

    kind: ClassVar[str] = "objection_raised"
    subject: ClassVar[str] = "objection:{objection}"
    objection: Identity
    person: Key
    about: ObjectionAbout
    of: Identity | None = None
    note: Text = ""


class ObjectionDecided(Payload):
    """What was decided on an objection, by whom, when, and why in a code (City of York, standard 7: a senior manager, then a director)."""

    kind: ClassVar[str] = "objection_decided"
    subject: ClassVar[str] = "objection_decision:{objection}"
    objection: Identity
    person: Key
    decision: ObjectionDecision
    reason: ObjectionReason
    decided_by: NeededShortText
    decided_on: Day


class SessionDescribed(Payload):
    """What a session was: which of the four functions it served (seed B1), and whether it held what policies ask for. None: not said.

    `development` is professional development (D3), `personal` personal issues (C12), `uninterrupted` the national standard 5.
    """

    kind: ClassVar[str] = "session_described"
    subject: ClassVar[str] = "described"
    functions: Annotated[tuple[SessionFunction, ...], Field(strict=False, max_length=MOST_FUNCTIONS)] = ()
    development: bool | None = None
    personal: bool | None = None
    uninterrupted: bool | None = None

    @model_validator(mode="after")
    def _once_each(self) -> Self:
        if len(set(self.functions)) != len(self.functions):
            raise ValueError("each function is named once")
        return self


class JudgementEndorsed(Payload):
    """A judgement at a key point of a case was looked at in a session, and endorsed or not (seed C5); `reference` is where the record says so."""

    kind: ClassVar[str] = "judgement_endorsed"
    subject: ClassVar[str] = "endorsed:{endorsement}"
    endorsement: Identity
    case: Key
    point: JudgementPoint
    outcome: Literal["endorsed", "endorsed_with_change", "not_endorsed"]
    reference: ShortText = ""


NOTED = (
    AbsenceNoted, NewlyQualifiedNoted, DelayNoted, CaseDelayNoted, CaseExempted, IntervalAgreed, CaseIntervalAgreed, AgreementDrafted,
    AgreementSigned, AgreementReviewed, AppraisalHeld, FolderChecked, SupervisorTrained, NeedsFlagged, NeedsAnswered, ObjectionRaised,
    ObjectionDecided,
)  # fmt: skip
NOTED_KINDS = tuple(one.kind for one in NOTED)


def person_of(said: object) -> tuple[str, ...]:
    """Returns the keys of the people whom an entry of NOTED is about, the supervisee first; none for one on a case, or any other."""
    if not isinstance(said, NOTED):
        return ()
    found = (getattr(said, "person", ""), getattr(said, "supervisor", ""))
    return tuple(key for key in found if key)


def case_of(said: object) -> str:
    """Returns the key of the case that an entry of coverage is about, or ""."""
    return str(getattr(said, "case", "")) if isinstance(said, (*NOTED, JudgementEndorsed)) else ""
