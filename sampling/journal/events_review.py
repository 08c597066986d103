"""Events of one review: what a rater says of a case, what is to be done, who signed, and what others answer."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from sampling.journal.payload import (
    MOST_ITEMS,
    Code,
    CriterionRef,
    Day,
    Identity,
    Key,
    Level,
    NeededShortText,
    NeededText,
    Payload,
    ShortText,
    Text,
)

ActionKind = Literal[
    "rewrite_escalation_note", "update_crisis_plan", "safeguarding_referral", "gp_liaison", "staff_safety_assessment",
    "caseload_adjustment", "training", "other",
]  # fmt: skip


class RubricUsed(BaseModel):
    """One rubric version, with the digest of its content."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    rubric: Code
    version: ShortText
    digest: Key


class RubricsFrozen(Payload):
    """The rubric versions of a case, from its first rating on: a version published later does not change them."""

    kind: ClassVar[str] = "rubrics_frozen"
    subject: ClassVar[str] = "rubrics"
    rubrics: Annotated[tuple[RubricUsed, ...], Field(strict=False, max_length=MOST_ITEMS)]


class Rated(Payload):
    """One criterion: a level, or one of two codes with its reason, or neither (cleared, which is "not scored")."""

    kind: ClassVar[str] = "rated"
    subject: ClassVar[str] = "rating:{criterion}"
    criterion: CriterionRef
    rubric_version: ShortText
    rubric_digest: Key
    level: Level | None = None
    code: Literal["not_applicable", "not_accessible"] | None = None
    reason: Code | None = None

    @model_validator(mode="after")
    def _one_answer(self) -> Rated:
        if self.level is not None and self.code is not None:
            raise ValueError("a rating is a level or a code, not both")
        if (self.code is None) != (self.reason is None):
            raise ValueError("a code needs its reason, and a reason its code")
        return self


class Commented(Payload):
    """The comment on one criterion, whole; the empty text takes it away."""

    kind: ClassVar[str] = "commented"
    subject: ClassVar[str] = "comment:{criterion}"
    criterion: CriterionRef
    text: Text


class EvidencePointed(Payload):
    """Where in the record the evidence stands: a date and a kind of note, with offsets and up to 200 characters when quoted."""

    kind: ClassVar[str] = "evidence_pointed"
    subject: ClassVar[str] = "evidence:{pointer}"
    pointer: Identity
    criterion: CriterionRef
    note_date: Day
    note_kind: ShortText
    note: ShortText = ""  # the note's own key in the case panel, where there is one
    start: Annotated[int, Field(ge=0)] | None = None
    end: Annotated[int, Field(ge=0)] | None = None
    quote: ShortText = ""


class EvidenceWithdrawn(Payload):
    """A pointer that no longer counts; it stays readable."""

    kind: ClassVar[str] = "evidence_withdrawn"
    subject: ClassVar[str] = "evidence:{pointer}"
    pointer: Identity


class SafetyAnswered(Payload):
    """The answer to "Does anyone need to act today?", asked when a critical criterion is at level 0."""

    kind: ClassVar[str] = "safety_answered"
    subject: ClassVar[str] = "safety:{criterion}"
    criterion: CriterionRef
    answer: Literal["nobody", "acting_now", "handed_over"]
    note: Text = ""


class Deviation(Payload):
    """A deviation from guidelines, recorded by practitioner and by manager, each in an entry of their own (Community Care)."""

    kind: ClassVar[str] = "deviation_recorded"
    subject: ClassVar[str] = "deviation:{by}"
    by: Literal["practitioner", "manager"]
    guideline: ShortText
    text: Text


class ActionRaised(Payload):
    """An action. Without an owner and a due date there is none; `linked` names the other action of the pair."""

    kind: ClassVar[str] = "action_raised"
    subject: ClassVar[str] = "action:{action}"
    action: Identity
    action_kind: ActionKind
    text: NeededText
    owner: NeededShortText
    due: Day
    review_date: Day
    criterion: CriterionRef | None = None
    linked: Identity | None = None
    practitioner: Key | None = None  # for an action of a session, which belongs to no case

    @model_validator(mode="after")
    def _in_order(self) -> ActionRaised:
        if self.review_date < self.due:
            raise ValueError("an action is reviewed on or after the day on which it is due")
        return self


class ActionMoved(Payload):
    """A new date for an action, with its reason; the date that was missed stays."""

    kind: ClassVar[str] = "action_moved"
    subject: ClassVar[str] = "action:{action}"
    action: Identity
    due: Day
    review_date: Day
    reason: NeededText


class ActionSeen(Payload):
    """The action was seen in the case record: on which day, and where."""

    kind: ClassVar[str] = "action_seen_in_record"
    subject: ClassVar[str] = "action:{action}"
    action: Identity
    seen_on: Day
    reference: NeededShortText


class ActionClosed(Payload):
    """The action is over: done, or given up for a reason."""

    kind: ClassVar[str] = "action_closed"
    subject: ClassVar[str] = "action:{action}"
    action: Identity
    outcome: Literal["done", "not_needed", "replaced"]
    text: Text = ""


class Parked(Payload):
    """The case waits, or goes on (`parked` false). Nothing is lost by it."""

    kind: ClassVar[str] = "parked"
    subject: ClassVar[str] = "parked"
    parked: bool
    reason: Text = ""


class Referred(Payload):
    """The rater asks the moderator to look."""

    kind: ClassVar[str] = "referred"
    subject: ClassVar[str] = "referred"
    reason: Text


class Signed(Payload):
    """A statement, and the hash of exactly what was signed. The time and the signer stand in the envelope."""

    kind: ClassVar[str] = "signed"
    subject: ClassVar[str] = "signature:{role}"
    role: Literal["rater", "supervisor", "supervisee"]
    statement: Annotated[str, StringConstraints(min_length=1, max_length=1_000)]
    content: Key


class SeedShown(Payload):
    """This review was of a seeded vignette, and its rater was told so. What was rated stays sealed: it counts nowhere."""

    kind: ClassVar[str] = "seed_shown"
    subject: ClassVar[str] = "seed"
    vignette: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,79})-[0-9]{1,4}\.[0-9]{1,4}$")]
    vignette_digest: Key
    because: Literal["signed", "someone_would_act", "referred"]


class SignatureVoided(Payload):
    """What was signed has changed since, so the signature no longer stands."""

    kind: ClassVar[str] = "signature_voided"
    subject: ClassVar[str] = "signature:{role}"
    role: Literal["rater", "supervisor", "supervisee"]
    content: Key
    reason: Code


class Replied(Payload):
    """The supervisee's right of reply: what they say to the ratings."""

    kind: ClassVar[str] = "replied"
    subject: ClassVar[str] = "reply*"
    reason: Literal["agree", "evidence_missed", "anchor_unclear", "context_missing", "disagree"]
    text: Text
    criterion: CriterionRef | None = None


class ReplyAnswered(Payload):
    """What came of a reply."""

    kind: ClassVar[str] = "reply_answered"
    subject: ClassVar[str] = "reply_answer*"
    outcome: Literal["rating_changed", "rating_stands", "rubric_flagged"]
    text: Text


class Moderated(Payload):
    """The moderator's row: a third one, which changes neither rater's."""

    kind: ClassVar[str] = "moderated"
    subject: ClassVar[str] = "moderation:{criterion}"
    criterion: CriterionRef
    choice: Literal["first", "second", "other"]
    level: Level | None = None
    code: Literal["not_applicable", "not_accessible"] | None = None
    reason: Literal["anchor_unclear", "evidence_missed", "scoring_slip", "judgement"]
    note: Text = ""


class AnchorFlagged(Payload):
    """An anchor that raters read in two ways, for the rubric's author."""

    kind: ClassVar[str] = "anchor_flagged"
    subject: ClassVar[str] = "anchor:{criterion}"
    criterion: CriterionRef
    rubric_version: ShortText
    note: Text


class PhraseKept(Payload):
    """A comment worth using again, for one rater or for all."""

    kind: ClassVar[str] = "phrase_kept"
    subject: ClassVar[str] = "phrase:*"
    criterion: CriterionRef
    text: ShortText
    shared: bool


class PastedIntoRecord(Payload):
    """The text that may not be kept here was put into the case system: when, and where to find it (City of York standard 6)."""

    kind: ClassVar[str] = "pasted_into_record"
    subject: ClassVar[str] = "paste"
    pasted_on: Day
    reference: ShortText
