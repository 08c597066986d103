"""A live calibration session for tests: a journal in a folder, the shipped vignettes, and raters by number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from sampling.calibration.held import Held
from sampling.calibration.live import Live
from sampling.calibration.policy import CalibrationPolicy, load_calibration_policy
from sampling.journal.store import Journal, Opener
from sampling.keys import load_secret
from sampling.policy import shared_folder
from sampling.rubric import Rubric, rubrics_published
from sampling.rubric.vignettes import Vignette, load_all

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
TRAINER = "a" * 64
VIGNETTE = "ms-a-and-the-allotment-1.0"
RUBRIC = "crisis_plan_currency"


@cache
def shipped() -> tuple[tuple[Rubric, ...], tuple[Vignette, ...]]:
    """Returns the published rubrics and vignettes."""
    return tuple(rubrics_published(shared_folder("rubrics"))), load_all(retired=True)


@dataclass
class Room:
    """One open session with its raters' tokens, in the order of joining."""

    live: Live
    journal: Journal
    session: str
    refs: tuple[str, ...]
    tokens: list[str] = field(default_factory=list)
    now: datetime = NOW

    def join(self, count: int = 1) -> list[str]:
        """Lets so many raters in and returns their tokens."""
        new = [
            self.live.join(self.session, self.live.aliases(self.session)[0], "", agreed=True, now=self.now)
            for _ in range(count)
        ]
        self.tokens += new
        return new

    def step(self, step: str, number: int) -> None:
        """Goes on."""
        self.live.step(self.session, step, number, self.now)

    def answer(self, token: str, number: int, level: int | Mapping[str, int], *, locked: bool = True) -> None:
        """Answers every criterion at one level, or each at its own."""
        levels = level if isinstance(level, Mapping) else dict.fromkeys(self.refs, level)
        given: list[dict[str, Any]] = [{"criterion": ref, "level": one} for ref, one in levels.items()]
        self.live.answer(self.session, token, number, given, locked=locked, now=self.now)

    def reopened(self) -> Live:
        """Returns the sessions as a process that is started now would see them."""
        return open_live(self.journal, self.live.policy)


def open_live(journal: Journal, policy: CalibrationPolicy) -> Live:
    """Returns the sessions of a journal."""
    rubrics, vignettes = shipped()
    return Live(Held(journal, load_secret(), TRAINER, list(rubrics), list(vignettes)), policy)


@contextmanager
def room(folder: Path, *, criteria: int = 6, auto_reveal: bool = False) -> Iterator[Room]:
    """Gives a session on Ms A.'s crisis plan."""
    with closing(Journal.open(folder / "calibration.sqlite", Opener(load_secret(), TRAINER), create_at=NOW)) as journal:
        live = open_live(journal, load_calibration_policy())
        rubric = next(one for one in shipped()[0] if one.id == RUBRIC)
        refs = tuple(rubric.ref(one) for one in rubric.criteria)[:criteria]
        session = live.open(VIGNETTE, refs, auto_reveal=auto_reveal, now=NOW)
        yield Room(live, journal, session, refs)
