"""Events of retention: legal holds, and the log of what was deleted: planned, approved, carried out, finished. None is ever purged itself.

They hold keys, counts, digests and closed codes alone, so that they can stay for ever (City of York, supervision standard 8: a deletion log).
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from sampling.journal.payload import Code, Day, Identity, Key, Payload

MOST_CLASSES = 100  # of one retention policy
MOST_FILES = 5_000  # folders and files that one purge takes; more are taken by the next one
Scope = Literal["person", "case", "everything"]
HoldReason = Literal[
    "complaint", "claim", "inquest", "safeguarding_review", "public_inquiry", "police", "employment_tribunal",
    "subject_access_request", "legal_advice",
]  # fmt: skip
LiftReason = Literal["matter_closed", "legal_advice", "set_by_mistake"]
Count = Annotated[int, Field(ge=0)]
Statement = Annotated[str, StringConstraints(min_length=1, max_length=1_000)]


class HoldSet(Payload):
    """A legal hold: nothing that it covers is purged until it is lifted. `target` is the key of the person or case, none for everything.

    It is signed as a rating is: `statement` is the sentence that the person agreed to, `content` the hash of what it is about.
    """

    kind: ClassVar[str] = "hold_set"
    subject: ClassVar[str] = ""
    hold: Identity
    reason: HoldReason
    scope: Scope
    target: Key | None = None
    statement: Statement
    content: Key

    @model_validator(mode="after")
    def _one_target(self) -> Self:
        if (self.scope == "everything") != (self.target is None):
            raise ValueError("a hold names its person or case, and a hold on everything names none")
        return self


class HoldLifted(Payload):
    """A legal hold is over; signed like its beginning."""

    kind: ClassVar[str] = "hold_lifted"
    subject: ClassVar[str] = ""
    hold: Identity
    reason: LiftReason
    statement: Statement
    content: Key


class Taken(BaseModel):
    """What a purge takes of one class: how many entries and how many files or folders, under which rule (its words)."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    part: Code
    rule: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    entries: Count
    files: Count


_Taken = Annotated[tuple[Taken, ...], Field(strict=False, max_length=MOST_CLASSES)]


class PurgePlanned(Payload):
    """Somebody planned a purge: the plan's digest, which covers the exact entries and files, the day on which it counts, and how many."""

    kind: ClassVar[str] = "purge_planned"
    subject: ClassVar[str] = ""
    plan: Key
    as_of: Day
    policy: Key
    taken: _Taken
    held: Count


class PurgeApproved(Payload):
    """A second person approved a plan."""

    kind: ClassVar[str] = "purge_approved"
    subject: ClassVar[str] = ""
    plan: Key


class PurgeRun(Payload):
    """The deletion log: what was taken, who planned and who approved it. Written with the purge itself, in one transaction.

    `files` are digests of the paths that go with it: what is left of them after a kill is taken when the purge is run again.
    """

    kind: ClassVar[str] = "purge_run"
    subject: ClassVar[str] = ""
    plan: Key
    planned_by: Key
    approved_by: Key
    taken: _Taken
    files: Annotated[tuple[Key, ...], Field(strict=False, max_length=MOST_FILES)]


class PurgeFinished(Payload):
    """The files are gone and the database's own files are cleaned. `swept` is false where traces may still lie in them."""

    kind: ClassVar[str] = "purge_finished"
    subject: ClassVar[str] = ""
    plan: Key
    files: Count
    swept: bool


RETENTION = (HoldSet, HoldLifted, PurgePlanned, PurgeApproved, PurgeRun, PurgeFinished)
