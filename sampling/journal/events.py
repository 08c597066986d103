"""What people decide, as typed events: one payload a kind. An unknown kind, an unknown field or a wrong type is an error.

A payload never says who or when: the envelope does (sampling.journal.store). Undo and revision are new events that supersede.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

QUOTE_CHARACTERS = 200  # a pointer into the record, not a copy of it (docs/decisions/0011-no-word-is-lost.md)
TEXT_CHARACTERS = 20_000  # more than ten pages: a note, not a document
LEVELS = (0, 1, 2, 3)

Identity = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
Key = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
CriterionRef = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}/[a-z][a-z0-9_]{0,63}$")]
Text = Annotated[str, StringConstraints(max_length=TEXT_CHARACTERS)]
ShortText = Annotated[str, StringConstraints(max_length=QUOTE_CHARACTERS)]

ActionKind = Literal[
    "rewrite_escalation_note", "update_crisis_plan", "safeguarding_referral", "gp_liaison", "staff_safety_assessment",
    "caseload_adjustment", "training", "other",
]  # fmt: skip
SessionKind = Literal["formal_one_to_one", "reflective", "group", "duty_consultation", "ad_hoc", "specialist"]
AgendaItem = Literal[
    "formulation_updates", "safeguarding_indicators", "escalation_use", "contact_frequency", "documentation_sampling",
]  # fmt: skip
ReflectivePrompt = Literal["experience", "reflection", "analysis", "action_planning"]


class Payload(BaseModel):
    """What one event says. `kind` names it; a payload is frozen, strict, and knows no other field."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    kind: ClassVar[str]


class JournalOpened(Payload):
    """The first entry: which journal this is, and the public key that blind second ratings are sealed to."""

    kind: ClassVar[str] = "journal_opened"
    journal: Identity
    seal_key: Key  # an X25519 public key in hex


class Accessed(Payload):
    """Someone opened a case, a list or a record, for a stated purpose (City of York standard 7)."""

    kind: ClassVar[str] = "accessed"
    purpose: Code
    what: Code


class RubricUsed(BaseModel):
    """One rubric version, with the digest of its content."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    rubric: Code
    version: ShortText
    digest: Key


class RubricsFrozen(Payload):
    """The rubric versions of a case, from its first rating on: a version published later does not change them."""

    kind: ClassVar[str] = "rubrics_frozen"
    rubrics: tuple[RubricUsed, ...] = Field(strict=False)


class Rated(Payload):
    """One criterion: a level, or one of two codes with its reason, or neither (cleared, which is "not scored")."""

    kind: ClassVar[str] = "rated"
    criterion: CriterionRef
    rubric_version: ShortText
    rubric_digest: Key
    level: Annotated[int, Field(ge=LEVELS[0], le=LEVELS[-1])] | None = None
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
    criterion: CriterionRef
    text: Text


class EvidencePointed(Payload):
    """Where in the record the evidence stands: a date and a kind of note, with offsets and up to 200 characters when quoted."""

    kind: ClassVar[str] = "evidence_pointed"
    pointer: Identity
    criterion: CriterionRef
    note_date: date = Field(strict=False)
    note_kind: ShortText
    note: ShortText = ""  # the note's own key in the case panel, where there is one
    start: Annotated[int, Field(ge=0)] | None = None
    end: Annotated[int, Field(ge=0)] | None = None
    quote: ShortText = ""


class EvidenceWithdrawn(Payload):
    """A pointer that no longer counts; it stays readable."""

    kind: ClassVar[str] = "evidence_withdrawn"
    pointer: Identity


class SafetyAnswered(Payload):
    """The answer to "Does anyone need to act today?", asked when a critical criterion is at level 0."""

    kind: ClassVar[str] = "safety_answered"
    criterion: CriterionRef
    answer: Literal["nobody", "acting_now", "handed_over"]
    note: Text = ""


class Deviation(Payload):
    """A deviation from guidelines, recorded by practitioner and by manager, each in an entry of their own (Community Care)."""

    kind: ClassVar[str] = "deviation_recorded"
    by: Literal["practitioner", "manager"]
    guideline: ShortText
    text: Text


class ActionRaised(Payload):
    """An action. Without an owner and a due date there is none; `linked` names the other action of the pair."""

    kind: ClassVar[str] = "action_raised"
    action: Identity
    action_kind: ActionKind
    text: Annotated[str, StringConstraints(min_length=1, max_length=TEXT_CHARACTERS)]
    owner: Annotated[str, StringConstraints(min_length=1, max_length=QUOTE_CHARACTERS)]
    due: date = Field(strict=False)
    review_date: date = Field(strict=False)
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
    action: Identity
    due: date = Field(strict=False)
    review_date: date = Field(strict=False)
    reason: Annotated[str, StringConstraints(min_length=1, max_length=TEXT_CHARACTERS)]


class ActionSeen(Payload):
    """The action was seen in the case record: on which day, and where."""

    kind: ClassVar[str] = "action_seen_in_record"
    action: Identity
    seen_on: date = Field(strict=False)
    reference: Annotated[str, StringConstraints(min_length=1, max_length=QUOTE_CHARACTERS)]


class ActionClosed(Payload):
    """The action is over: done, or given up for a reason."""

    kind: ClassVar[str] = "action_closed"
    action: Identity
    outcome: Literal["done", "not_needed", "replaced"]
    text: Text = ""


class Parked(Payload):
    """The case waits, or goes on (`parked` false). Nothing is lost by it."""

    kind: ClassVar[str] = "parked"
    parked: bool
    reason: Text = ""


class Referred(Payload):
    """The rater asks the moderator to look."""

    kind: ClassVar[str] = "referred"
    reason: Text


class Signed(Payload):
    """A statement, and the hash of exactly what was signed. The time and the signer stand in the envelope."""

    kind: ClassVar[str] = "signed"
    role: Literal["rater", "supervisor", "supervisee"]
    statement: Annotated[str, StringConstraints(min_length=1, max_length=1_000)]
    content: Key


class SignatureVoided(Payload):
    """What was signed has changed since, so the signature no longer stands."""

    kind: ClassVar[str] = "signature_voided"
    role: Literal["rater", "supervisor", "supervisee"]
    content: Key
    reason: Code


class Replied(Payload):
    """The supervisee's right of reply: what they say to the ratings."""

    kind: ClassVar[str] = "replied"
    reason: Literal["agree", "evidence_missed", "anchor_unclear", "context_missing", "disagree"]
    text: Text
    criterion: CriterionRef | None = None


class ReplyAnswered(Payload):
    """What came of a reply."""

    kind: ClassVar[str] = "reply_answered"
    outcome: Literal["rating_changed", "rating_stands", "rubric_flagged"]
    text: Text


class Unsealed(Payload):
    """Both raters have signed: the content keys of their sealed entries, by entry id."""

    kind: ClassVar[str] = "unsealed"
    keys: dict[Identity, Key]


class Moderated(Payload):
    """The moderator's row: a third one, which changes neither rater's."""

    kind: ClassVar[str] = "moderated"
    criterion: CriterionRef
    choice: Literal["first", "second", "other"]
    level: Annotated[int, Field(ge=LEVELS[0], le=LEVELS[-1])] | None = None
    code: Literal["not_applicable", "not_accessible"] | None = None
    reason: Literal["anchor_unclear", "evidence_missed", "scoring_slip", "judgement"]
    note: Text = ""


class AnchorFlagged(Payload):
    """An anchor that raters read in two ways, for the rubric's author."""

    kind: ClassVar[str] = "anchor_flagged"
    criterion: CriterionRef
    rubric_version: ShortText
    note: Text


class ConflictResolved(Payload):
    """Two values were written from the same starting point: a person says which one stands. Both stay."""

    kind: ClassVar[str] = "conflict_resolved"
    chosen: Identity
    instead_of: Identity


class PhraseKept(Payload):
    """A comment worth using again, for one rater or for all."""

    kind: ClassVar[str] = "phrase_kept"
    criterion: CriterionRef
    text: ShortText
    shared: bool


class PastedIntoRecord(Payload):
    """The text that may not be kept here was put into the case system: when, and where to find it (City of York standard 6)."""

    kind: ClassVar[str] = "pasted_into_record"
    pasted_on: date = Field(strict=False)
    reference: ShortText


class SessionOpened(Payload):
    """A supervision session. Only a formal one-to-one counts to coverage (City of York, "regular one-to-one planned meeting")."""

    kind: ClassVar[str] = "session_opened"
    session_kind: SessionKind
    held_on: date = Field(strict=False)
    supervisor: Key
    supervisees: tuple[Key, ...] = Field(strict=False)
    anonymised: bool = False


class AgendaCovered(Payload):
    """An agenda item: covered or not, with what was said."""

    kind: ClassVar[str] = "agenda_covered"
    item: AgendaItem
    covered: bool
    note: Text = ""


class PromptAnswered(Payload):
    """One of the four reflective prompts; a skipped one stays visible as skipped."""

    kind: ClassVar[str] = "prompt_answered"
    prompt: ReflectivePrompt
    skipped: bool
    note: Text = ""


class PriorActionReviewed(Payload):
    """An earlier action of this pair was looked at in the session."""

    kind: ClassVar[str] = "prior_action_reviewed"
    action: Identity
    finding: Literal["done", "in_hand", "slipped", "not_needed"]
    note: Text = ""


class CaseDiscussed(Payload):
    """A case was discussed: drawn, or put forward by a person."""

    kind: ClassVar[str] = "case_discussed"
    case: Key
    came_by: Literal["drawn", "tabled_by_supervisee", "tabled_by_supervisor"]
    note: Text = ""


class SessionClosed(Payload):
    """The session is over. Refused while an earlier action is unreviewed."""

    kind: ClassVar[str] = "session_closed"
    minutes: Annotated[int, Field(ge=0, le=24 * 60)]
    note: Text = ""


class TimeSpent(Payload):
    """Active seconds on a review since the last such entry: shown to the rater alone."""

    kind: ClassVar[str] = "time_spent"
    seconds: Annotated[int, Field(ge=0, le=24 * 3600)]


class Purged(Payload):
    """A retention rule took the content of these entries away; their places in the chain stay."""

    kind: ClassVar[str] = "purged"
    rule: ShortText
    entries: tuple[Identity, ...] = Field(strict=False)


def payload_kinds() -> dict[str, type[Payload]]:
    """Returns kind -> payload class, for every kind of event that there is."""
    return {payload.kind: payload for payload in Payload.__subclasses__()}


def read_payload(kind: str, data: Any) -> Payload:
    """Returns the payload of an event. Raises ValueError for an unknown kind, and pydantic's ValidationError for wrong fields."""
    kinds = payload_kinds()
    if kind not in kinds:
        raise ValueError("there is no such kind of event")
    return kinds[kind].model_validate(data)
