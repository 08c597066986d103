"""Events of a live calibration session: what was put to the group, what each rater answered, and what the group agreed.

A rater is a random key, known here by an alias alone. Answers are sealed (sampling.journal.sealing) until their round is revealed.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from sampling.journal.events_review import RubricUsed
from sampling.journal.payload import (
    MOST_ITEMS,
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

Round = Annotated[int, Field(ge=1, le=2)]
JoinCode = Annotated[str, StringConstraints(pattern=r"^[2-9A-HJKMNP-TV-Z]{6}$")]
Alias = Annotated[str, StringConstraints(pattern=r"^[A-Z][a-z]+( [A-Z][a-z]+)?( [0-9]{1,3})?$", max_length=40)]
VignetteId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,79})-[0-9]{1,3}\.[0-9]{1,3}$")]


class CalibrationOpened(Payload):
    """A session: one vignette, the criteria that are scored, and what the raters were told of what is kept and for how long."""

    kind: ClassVar[str] = "calibration_opened"
    subject: ClassVar[str] = "calibration"
    vignette: VignetteId
    vignette_digest: Key
    rubric: RubricUsed
    criteria: Annotated[tuple[CriterionRef, ...], Field(strict=False, min_length=1, max_length=MOST_ITEMS)]
    code: JoinCode
    until: ShortText  # the moment, UTC, after which nobody joins or answers any more
    auto_reveal: bool
    least: Annotated[int, Field(ge=2, le=100)]  # fewer answers are shown as their number and range alone
    consent: NeededText


class CalibrationJoined(Payload):
    """Someone joined under an alias and agreed to what is kept. `from_round` is the first round that they can answer."""

    kind: ClassVar[str] = "calibration_joined"
    subject: ClassVar[str] = "?joined"
    alias: Alias
    from_round: Round
    agreed: Literal[True]


class CalibrationRemoved(Payload):
    """A rater whom the trainer took out, as one who joined twice: their answers count nowhere."""

    kind: ClassVar[str] = "calibration_removed"
    subject: ClassVar[str] = "?removed"
    rater: Key


class CalibrationAnswer(BaseModel):
    """One criterion: a level or a code, and where the rater offered one a quote of the vignette."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    criterion: CriterionRef
    level: Level | None = None
    code: Literal["not_applicable", "not_accessible"] | None = None
    quote: ShortText = ""

    @model_validator(mode="after")
    def _one_answer(self) -> CalibrationAnswer:
        if (self.level is None) == (self.code is None):
            raise ValueError("an answer is a level or a code")
        return self


class CalibrationAnswered(Payload):
    """All answers of one rater in one round, whole, in place of the earlier ones. Only locked ones are shown at the reveal.

    `turn` grows with each change on the rater's page, so that an older request that comes late takes nobody's place.
    """

    kind: ClassVar[str] = "calibration_answered"
    subject: ClassVar[str] = "answers:*"  # the round and the rater
    round: Round
    locked: bool
    answers: Annotated[tuple[CalibrationAnswer, ...], Field(strict=False, max_length=MOST_ITEMS)]
    turn: Annotated[int, Field(ge=0, lt=2**31)] = 0


class CalibrationStaged(Payload):
    """What the trainer set beside the steps, whole: the criterion that the wall shows, until when the group talks, and whether anybody else may join."""

    kind: ClassVar[str] = "calibration_staged"
    subject: ClassVar[str] = "stage"
    focus: CriterionRef
    talk_until: ShortText = ""  # a moment, UTC, or "" without a timer
    may_join: bool


class CalibrationStepped(Payload):
    """The trainer went on: a round was opened or revealed, the reference levels were shown, or the session was ended."""

    kind: ClassVar[str] = "calibration_stepped"
    subject: ClassVar[str] = "step"
    step: Literal["scoring", "revealed", "reference", "finished"]
    round: Round


class AnchorProposed(Payload):
    """Another wording that the group proposes for an anchor, or for the question where `level` is None. Rubrics change by a new version alone."""

    kind: ClassVar[str] = "anchor_proposed"
    subject: ClassVar[str] = "anchor:{proposal}"
    proposal: Identity
    criterion: CriterionRef
    level: Level | None = None
    text: NeededText


class GroupAction(BaseModel):
    """Something that the group will do. `owner` is a role or an alias."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    action: Identity
    text: NeededShortText
    owner: ShortText = ""
    due: Day


class GroupReview(BaseModel):
    """What became of an action of an earlier session."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    action: Identity
    finding: Literal["done", "in_hand", "slipped", "not_needed"]
    note: ShortText = ""


class GroupRecorded(Payload):
    """The record of group supervision, whole: decisions reviewed, agreed documentation language under five headings, actions revisited next
    month (supervision models article, group safeguarding supervision).
    """

    kind: ClassVar[str] = "group_recorded"
    subject: ClassVar[str] = "group"
    decisions: Text = ""
    concern: Text = ""
    evidence: Text = ""
    immediate_actions: Text = ""
    rationale: Text = ""
    follow_up: Text = ""
    actions: Annotated[tuple[GroupAction, ...], Field(strict=False, max_length=MOST_ITEMS)] = ()
    reviewed: Annotated[tuple[GroupReview, ...], Field(strict=False, max_length=MOST_ITEMS)] = ()
