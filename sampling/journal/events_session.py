"""Events of a supervision session, and the time that people spend."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from sampling.journal.payload import MOST_ITEMS, Day, Identity, Key, Payload, Text

SessionKind = Literal["formal_one_to_one", "reflective", "group", "duty_consultation", "ad_hoc", "specialist", "cpd"]
AgendaItem = Literal[
    "formulation_updates", "safeguarding_indicators", "escalation_use", "contact_frequency", "documentation_sampling",
]  # fmt: skip
ReflectivePrompt = Literal["experience", "reflection", "analysis", "action_planning"]


class SessionOpened(Payload):
    """A supervision session. Only a formal one-to-one counts to coverage (City of York, "regular one-to-one planned meeting")."""

    kind: ClassVar[str] = "session_opened"
    subject: ClassVar[str] = "session"
    session_kind: SessionKind
    held_on: Day
    supervisor: Key
    supervisees: Annotated[tuple[Key, ...], Field(strict=False, max_length=MOST_ITEMS)]
    anonymised: bool = False


class AgendaCovered(Payload):
    """An agenda item: covered or not, with what was said."""

    kind: ClassVar[str] = "agenda_covered"
    subject: ClassVar[str] = "agenda:{item}"
    item: AgendaItem
    covered: bool
    note: Text = ""


class PromptAnswered(Payload):
    """One of the four reflective prompts; a skipped one stays visible as skipped."""

    kind: ClassVar[str] = "prompt_answered"
    subject: ClassVar[str] = "prompt:{prompt}"
    prompt: ReflectivePrompt
    skipped: bool
    note: Text = ""


class PriorActionReviewed(Payload):
    """An earlier action of this pair was looked at in the session."""

    kind: ClassVar[str] = "prior_action_reviewed"
    subject: ClassVar[str] = "prior:{action}"
    action: Identity
    finding: Literal["done", "in_hand", "slipped", "not_needed"]
    note: Text = ""


class CaseDiscussed(Payload):
    """A case was discussed: drawn, or put forward by a person."""

    kind: ClassVar[str] = "case_discussed"
    subject: ClassVar[str] = "discussed:{case}"
    case: Key
    came_by: Literal["drawn", "tabled_by_supervisee", "tabled_by_supervisor"]
    note: Text = ""


class SessionClosed(Payload):
    """The session is over. Refused while an earlier action is unreviewed."""

    kind: ClassVar[str] = "session_closed"
    subject: ClassVar[str] = "session"
    minutes: Annotated[int, Field(ge=0, le=24 * 60)]
    note: Text = ""


class TimeSpent(Payload):
    """Active seconds on a review since the last such entry: shown to the rater alone."""

    kind: ClassVar[str] = "time_spent"
    subject: ClassVar[str] = "?time"
    seconds: Annotated[int, Field(ge=0, le=24 * 3600)]
