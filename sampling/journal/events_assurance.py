"""Events of assurance: that leaders saw a pattern, what they decided, and what came of it. Appended and superseded, never changed.

A pattern is known by its id, a digest of rule and scope, and the month: no case and no person (supervision models article, inspectors:
"leaders respond when variation or risk emerges").
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import StringConstraints

from sampling.journal.payload import Code, Day, Identity, NeededShortText, NeededText, Payload, Text

Month = Annotated[str, StringConstraints(pattern=r"^[12][0-9]{3}-(0[1-9]|1[0-2])$")]


class PatternSeen(Payload):
    """Leaders saw a pattern, as it stood at the end of a month, on a day."""

    kind: ClassVar[str] = "pattern_seen"
    subject: ClassVar[str] = "pattern_seen:{pattern}/{month}"
    pattern: Identity
    rule: Code
    month: Month
    seen_on: Day


class PatternResponse(Payload):
    """What leaders do about a pattern: what, who, by when. A later one with the same `response` takes its place; another is a further one."""

    kind: ClassVar[str] = "pattern_response"
    subject: ClassVar[str] = "pattern_response:{pattern}/{response}"
    pattern: Identity
    response: Identity
    decided_on: Day
    what: NeededText
    owner: NeededShortText
    due: Day


class PatternOutcome(Payload):
    """What came of a response, on a date."""

    kind: ClassVar[str] = "pattern_outcome"
    subject: ClassVar[str] = "pattern_outcome:{pattern}/{response}"
    pattern: Identity
    response: Identity
    outcome: Literal["done", "partly", "not_done", "not_needed"]
    on: Day
    text: Text = ""
