"""What the journal of calibration holds for a report, opened without any key: revealed rounds alone.

An answer counts where its round was revealed, its rater had locked it, and the rater was not taken out. All else stays out of every
table: a round that was never revealed is sealed in the journal itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from sampling.calibration.held import KINDS
from sampling.calibration.opening import JOURNAL
from sampling.calibration.state import Session, sessions_of
from sampling.journal.events import CalibrationStepped
from sampling.journal.records import Entry
from sampling.journal.store import Journal

RATINGS = ("session", "at", "vignette", "rubric", "version", "ref", "round", "rater", "level", "code")


@dataclass(frozen=True)
class Revisited:
    """What a session found of an action of an earlier one: done, in_hand, slipped or not_needed."""

    session: str
    at: str
    finding: str
    note: str


@dataclass(frozen=True)
class Action:
    """An action of a session's group record, with what later sessions found of it, the earliest first. `due` is a day, as 2026-12-01."""

    session: str
    at: str
    action: str
    text: str
    owner: str
    due: str
    revisited: tuple[Revisited, ...] = ()


@dataclass(frozen=True, eq=False)
class Gathered:
    """What a journal holds, sessions in the order of their opening. `rounds` is session -> the rounds that were revealed.

    `ratings` has one row an answer with RATINGS: `rater` is an alias, which is one person within its session alone; `level` is a whole
    number or missing, `code` says why. `head` is the journal's (number of entries, hash), "" where there is no journal.
    """

    ratings: pd.DataFrame
    sessions: Mapping[str, Session]
    rounds: Mapping[str, tuple[int, ...]]
    actions: tuple[Action, ...]
    head: str

    @property
    def told(self) -> list[Session]:
        """Returns the sessions of which at least one round was revealed."""
        return [one for one in self.sessions.values() if self.rounds[one.id]]


def gather(folder: Path) -> Gathered:
    """Returns what the journal of a folder holds; nothing where there is none yet. Raises StateError for a file that is no journal."""
    path = folder / JOURNAL
    if not path.is_file():
        return gathered_from((), "")
    with closing(Journal.open(path, None)) as journal:
        entries = journal.entries(kinds=KINDS)
        count, head = journal.head()
    return gathered_from(entries, f"{count} {head}")


def gathered_from(entries: Sequence[Entry], head: str) -> Gathered:
    """Returns the same from entries in the order of their sequence, as a view without a key gives them."""
    sessions = sessions_of(entries)
    revealed: dict[str, set[int]] = defaultdict(set)
    for entry in entries:
        if isinstance(entry.payload, CalibrationStepped) and entry.payload.step == "revealed":
            revealed[entry.review].add(entry.payload.round)
    rounds = {id: tuple(sorted(revealed[id])) for id in sessions}
    rows = [row for one in sessions.values() for row in _ratings(one, rounds[one.id])]
    ratings = pd.DataFrame(rows, columns=list(RATINGS)).astype({"round": "int64", "level": "Int64"})
    return Gathered(ratings, sessions, rounds, tuple(_actions(sessions)), head)


def _ratings(session: Session, rounds: Sequence[int]) -> Iterator[tuple[object, ...]]:
    used = session.opened.rubric
    for number in rounds:
        for rater in session.locked(number):
            given = session.answers[number, rater.key].given
            for ref in session.opened.criteria:
                if ref in given:
                    yield (
                        session.id, session.opened_at, session.opened.vignette, used.rubric, used.version, ref, number, rater.alias,
                        given[ref].level, given[ref].code or "",
                    )  # fmt: skip


def _actions(sessions: Mapping[str, Session]) -> Iterator[Action]:
    reviews: dict[str, list[Revisited]] = defaultdict(list)
    for one in sessions.values():
        for review in one.record.reviewed if one.record else ():
            reviews[review.action].append(Revisited(one.id, one.opened_at, review.finding, review.note))
    for one in sessions.values():
        for action in one.record.actions if one.record else ():
            later = tuple(review for review in reviews[action.action] if review.session != one.id)
            yield Action(one.id, one.opened_at, action.action, action.text, action.owner, str(action.due), later)
