"""A service whose practice changes in a known month, and its twin without the change: two years of both, and what the reports say.

Both are played from one seed and one secret, so that they are the same service with the same cases, the same draws and the same raters;
from the month of the change on, only the change differs. What is true is in truth.json of each, and the reports know nothing of it.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from sampling.batch import processes
from sampling.batch.packs import PacksOrder, batch_of
from sampling.batch.progress import Watcher
from sampling.batch.runner import BatchResult, run_batch
from sampling.batch.years import CASES, MONTHS, YearsOrder, play_years
from sampling.batch.years_model import EFFECTS, UNTOUCHED
from sampling.errors import SamplingError, StateError
from sampling.evidence.measures import RATIONALE
from sampling.evidence.results import Estimate
from sampling.keys import HOME_VARIABLE, SECRET_VARIABLE, Keyring
from sampling.model import Period
from sampling.reporting.figures import titles
from sampling.reporting.opening import open_evidence
from sampling.reporting.verdict import verdict
from sampling.storage import locked
from sampling.surroundings import environment

SEED = 20261031  # the seed of the demonstration's other service, too; nobody looked for one that flatters
CHANGED, TWIN = "with-change", "twin"  # the homes, below the folder of both
NAMES = {CHANGED: "With the change", TWIN: "Twin without a change"}
PRIVATE = "private"  # the private stores of both: what belongs to an invented service stays out of the user's own
# A secret that everybody knows: there is nobody whose key it could give away, and the same years come out on every machine.
SECRET = "00" * 32
PURPOSE = "audit"
KILLED = (
    "A process that played two years was ended, perhaps for want of memory. Run the command again: what is done stays."
)


@dataclass(frozen=True)
class TwinsOrder:
    """What the twins are asked for. The change comes when the first half of the months is over: month 13 of 24."""

    out: Path
    until: Period
    seed: int = SEED
    months: int = MONTHS
    cases: int = CASES
    jobs: int = field(default_factory=lambda: os.cpu_count() or 1)
    pdf: bool = True

    @property
    def changed_in(self) -> int:
        """Returns the month of the change, counted from 1."""
        return self.months // 2 + 1

    def years(self, name: str) -> YearsOrder:
        """Returns what is asked of one of the two, by the name of its home."""
        changed_in = self.changed_in if name == CHANGED else None
        return YearsOrder(self.out / name, self.seed, self.until, self.months, changed_in, self.cases)

    def packs(self, name: str) -> PacksOrder:
        """Returns the evidence packs of one of the two: the twin's as pages alone, since nobody files them."""
        baseline = "" if name == CHANGED else self.first_half
        pdf = self.pdf and name == CHANGED
        return PacksOrder(self.out / name, self.until, PURPOSE, baseline=baseline, jobs=self.jobs, resume=True, pdf=pdf)

    @property
    def first_half(self) -> str:
        """Returns the months before the change: those with which the twin's report compares, too, where nobody wrote of any change."""
        periods = self.years(CHANGED).periods
        return f"{periods[0].text}:{periods[self.changed_in - 2].text}"


@dataclass(frozen=True)
class Beside:
    """A figure of a report beside the true one. `found`, `low` and `high` are None where the report cannot say."""

    title: str
    found: float | None
    low: float | None
    high: float | None
    true: float

    @property
    def holds(self) -> bool:
        """Returns whether the interval holds what is true."""
        return self.low is not None and self.high is not None and self.low <= self.true <= self.high


@dataclass(frozen=True)
class Told:
    """What the report of one service says: its verdict, and its figures beside the truth. `headline` is in levels, `criteria` are changes
    of the share at the standard: those that the change is about, and last one that it leaves alone.
    """

    name: str
    kind: str
    answer: str
    headline: Beside
    criteria: tuple[Beside, ...]
    signed: int

    @property
    def is_right(self) -> bool:
        """Returns whether the verdict is the right one, and the truth within its interval."""
        return (self.kind == "improved") == (self.name == CHANGED) and self.headline.holds


@dataclass(frozen=True)
class Twins:
    """What came of both: what the reports say, and the packs. Both in the order of NAMES."""

    order: TwinsOrder
    told: tuple[Told, ...]
    packs: tuple[BatchResult, ...]


def play_twins(
    order: TwinsOrder,
    *,
    now: datetime,
    tell: Callable[[str], None],
    watch: Callable[[], AbstractContextManager[Watcher]],
) -> Twins:
    """Returns both services, played side by side where they are not there yet, with the evidence packs of their last month.

    `tell` is told in a line how far they are, `watch` gives who watches over a batch of packs. What an earlier run made stays as it is.
    Raises what years.play_years and packs.batch_of raise, and StateError when a process was killed.
    """
    processes.warm()
    with locked(order.out):
        (order.out / PRIVATE).mkdir(mode=0o700, exist_ok=True)
        told = _side_by_side(order, now, tell)
        packs = []
        for name, words in NAMES.items():
            tell(f"{words}: the evidence packs of {order.until.text}")
            batch = batch_of(order.packs(name))
            with watch() as watcher:
                packs.append(run_batch(batch, watcher))
    return Twins(order, tuple(told[name] for name in NAMES), tuple(packs))


def _side_by_side(order: TwinsOrder, now: datetime, tell: Callable[[str], None]) -> dict[str, Told]:
    """Returns name -> what its report says, each from a process of its own."""
    context: Any = multiprocessing.get_context("forkserver" if processes.can_fork() else "spawn")
    lines: dict[Connection, str] = {}
    going = []
    told: dict[str, Told] = {}
    try:
        for name in NAMES:
            ours, theirs = context.Pipe(duplex=False)
            going.append(context.Process(target=_play, args=(order, name, now, theirs)))
            going[-1].start()
            theirs.close()
            lines[ours] = name
        while len(told) < len(NAMES):
            for line in wait([one for one, name in lines.items() if name not in told]):
                assert isinstance(line, Connection)
                heard = _heard(line)
                if isinstance(heard, Told):
                    told[lines[line]] = heard
                else:
                    tell(f"{NAMES[lines[line]]}: {heard}")
    finally:
        for process in going:
            process.join() if len(told) == len(NAMES) else process.terminate()
        for line in lines:
            line.close()
    return told


def _heard(line: Connection) -> Told | str:
    """Returns what a process tells next. Raises the error that it ended with."""
    try:
        heard = line.recv()
    except (EOFError, OSError):
        raise StateError(KILLED) from None
    if isinstance(heard, Exception):
        raise heard
    assert isinstance(heard, Told | str)
    return heard


def _play(order: TwinsOrder, name: str, now: datetime, line: Connection) -> None:
    """Plays one of the two, and tells what its report says: the work of one process."""
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # an interrupt goes to the whole group, and the parent ends this process
    gc.disable()  # a fifth of the time; all that is made here ends with the process
    own = {HOME_VARIABLE: str((order.out / PRIVATE / name).absolute()), SECRET_VARIABLE: SECRET}
    try:
        with environment(own):
            years = play_years(order.years(name), Keyring(bytes.fromhex(SECRET)), now=now, say=line.send)
            line.send("Comparing the months before with those after")
            line.send(_told(order, name, years.truth, years.counts["signed"]))
    except (SamplingError, OSError) as error:
        line.send(error)


def _told(order: TwinsOrder, name: str, truth: Any, signed: int) -> Told:
    packs = order.packs(name)
    found = open_evidence(
        str(packs.home),
        period=packs.period.text,
        purpose=packs.purpose,
        today=packs.day.isoformat(),
        baseline=packs.baseline,
    )
    said, true, names = verdict(found), truth["volatile"]["difference"], titles(found.gathered.rubrics)
    return Told(
        name=name,
        kind=said.kind,
        answer=said.answer,
        headline=_beside(names[RATIONALE], found.rationale_change, true[RATIONALE]["mean_level"]),
        criteria=tuple(
            _beside(names[ref], found.changes[ref], true[ref]["at_standard"]) for ref in (*EFFECTS, UNTOUCHED)
        ),
        signed=signed,
    )


def _beside(title: str, estimate: Estimate, true: float) -> Beside:
    span = estimate.interval
    return Beside(title, estimate.value, span.low if span else None, span.high if span else None, true)
