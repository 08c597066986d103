"""What stands of a live session, folded from its journal entries alone: a server that was killed goes on where it was.

lobby -> scoring 1 -> revealed 1 [-> scoring 2 -> revealed 2] -> reference -> finished. An answer belongs to a rater and a round;
those that are locked when the round is revealed are its result, and nothing is taken for a round that is not open.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sampling.chain import utc_moment
from sampling.journal.events import (
    AnchorProposed,
    CalibrationAnswer,
    CalibrationAnswered,
    CalibrationJoined,
    CalibrationOpened,
    CalibrationRemoved,
    CalibrationStaged,
    CalibrationStepped,
    GroupRecorded,
)
from sampling.journal.records import Entry

Step = Literal["lobby", "scoring", "revealed", "reference", "finished"]


@dataclass(frozen=True)
class Rater:
    """Someone in the session: a random key, an alias, and the first round that they can answer."""

    key: str
    alias: str
    from_round: int
    removed: bool = False

    @property
    def handle(self) -> str:
        """Returns what the trainer's page names the rater by: no secret, and of no use elsewhere."""
        return self.key[:12]


@dataclass(frozen=True)
class Answers:
    """One rater's answers in one round, by criterion. `entry` holds them in the journal, `turn` is the page's count of its changes, and
    `times` how often this rater's answers of the round were stored.
    """

    locked: bool
    given: Mapping[str, CalibrationAnswer]
    entry: str
    turn: int
    times: int


@dataclass
class Session:
    """One session as it stands. `answers` is keyed by (round, rater's key); `told` keeps what many pages are told alike until something changes."""

    id: str
    opened: CalibrationOpened
    opened_at: str
    trainer: str
    focus: str  # the criterion that the wall shows
    talk_until: str = ""  # a moment, UTC, or ""
    may_join: bool = True
    step: Step = "lobby"
    round: int = 0
    revealed: list[int] = field(
        default_factory=list
    )  # the rounds that everyone may see: a session can end without a reveal
    raters: dict[str, Rater] = field(default_factory=dict)
    answers: dict[tuple[int, str], Answers] = field(default_factory=dict)
    proposals: dict[str, AnchorProposed] = field(default_factory=dict)
    record: GroupRecorded | None = None
    record_revision: int = 0
    told: dict[tuple[int, ...], Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def present(self) -> list[Rater]:
        """Returns the raters who were not taken out, in the order of their aliases."""
        return sorted((one for one in self.raters.values() if not one.removed), key=lambda one: one.alias)

    def active(self, number: int) -> list[Rater]:
        """Returns who can answer in a round."""
        return [one for one in self.present if one.from_round <= number]

    def locked(self, number: int) -> list[Rater]:
        """Returns who has locked their answers in a round."""
        return [one for one in self.active(number) if self.is_locked(number, one.key)]

    def is_locked(self, number: int, rater: str) -> bool:
        """Tells whether a rater's answers of a round are locked."""
        found = self.answers.get((number, rater))
        return found is not None and found.locked

    def is_over(self, now: datetime) -> bool:
        """Tells whether nobody joins or answers any more."""
        return self.step == "finished" or now >= utc_moment(self.opened.until)

    def apply(self, entry: Entry) -> None:
        """Takes one entry of this session in; an entry that may not be opened changes nothing."""
        said = entry.payload
        self.told.clear()
        if isinstance(said, CalibrationJoined):
            self.raters[entry.actor] = Rater(entry.actor, said.alias, said.from_round)
        elif isinstance(said, CalibrationRemoved) and said.rater in self.raters:
            gone = self.raters[said.rater]
            self.raters[said.rater] = Rater(gone.key, gone.alias, gone.from_round, removed=True)
        elif isinstance(said, CalibrationAnswered):
            given = {one.criterion: one for one in said.answers}
            self.answers[said.round, entry.actor] = Answers(said.locked, given, entry.id, said.turn, entry.revision)
        elif isinstance(said, CalibrationStaged):
            self.focus, self.talk_until, self.may_join = said.focus, said.talk_until, said.may_join
        elif isinstance(said, CalibrationStepped):
            self.step, self.round, self.talk_until = said.step, said.round, ""
            if said.step == "revealed":
                self.revealed.append(said.round)
        elif isinstance(said, AnchorProposed):
            self.proposals[said.proposal] = said
        elif isinstance(said, GroupRecorded):
            self.record, self.record_revision = said, entry.revision


def sessions_of(entries: Iterable[Entry]) -> dict[str, Session]:
    """Returns session id -> session, in the order of their opening, from entries in the order of their sequence."""
    found: dict[str, Session] = {}
    for entry in entries:
        if isinstance(entry.payload, CalibrationOpened):
            first = entry.payload.criteria[0]
            found[entry.review] = Session(entry.review, entry.payload, entry.at, entry.actor, first)
        elif entry.review in found:
            found[entry.review].apply(entry)
    return found


def may_step(session: Session, step: str, number: int, rounds: int) -> str:
    """Returns why a session cannot go on to that step and round, "" where it can."""
    now = (session.step, session.round)
    allowed: dict[tuple[str, int], bool] = {
        ("scoring", 1): now == ("lobby", 0),
        ("revealed", 1): now == ("scoring", 1),
        ("scoring", 2): now == ("revealed", 1) and rounds > 1,
        ("revealed", 2): now == ("scoring", 2),
        ("reference", session.round): session.step == "revealed",
        ("finished", max(session.round, 1)): session.step != "finished",
    }
    if not allowed.get((step, number)):
        return "The session has gone on meanwhile. Look at where it stands now."
    if step == "revealed" and not session.locked(number):
        return "Nobody has locked an answer yet, so there is nothing to reveal."
    return ""
