"""What one run of a notebook may use, and the words for a run that used more."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Literal

from sampling.errors import UsageError

# A team's report takes seconds; whatever takes minutes is stuck, and must not hold up the month. Chosen by us.
CELL_SECONDS, RUN_SECONDS = 300.0, 900.0
MEMORY_MB = 2_048  # a run holds some 60 MB of its own; this leaves room for a large service
JOB_MB = (
    512  # of the machine's memory for each pack that is made at a time: one took 125 MB where it was measured (README)
)
OUTPUT_MB = 100  # text and charts that a run may hand on; a pack has under one
GRACE_SECONDS = 5.0  # from the interrupt, which leaves a traceback, to the kill

End = Literal["killed", "cell_time", "run_time", "output", "exit", "orphan"]


@dataclass(frozen=True)
class Limits:
    """The limits of one run: seconds for a cell and for all cells, bytes of data in memory, bytes of output. None is no limit.

    Memory is limited on Linux and by processes that can be forked alone; elsewhere the system decides.
    """

    cell_seconds: float | None = CELL_SECONDS
    run_seconds: float | None = RUN_SECONDS
    memory: int | None = MEMORY_MB * 2**20
    output: int = OUTPUT_MB * 2**20

    def words(self, end: End) -> str:
        """Returns what happened to a cell, as the end of a sentence that begins with the cell."""
        return {
            "killed": "was killed with its process, perhaps for want of memory",
            "cell_time": f"ran longer than the {_seconds(self.cell_seconds)} that a cell may take, and was stopped",
            "run_time": f"was stopped: the whole run took longer than the {_seconds(self.run_seconds)} that it may",
            "output": f"was stopped: the run wrote more than the {self.output / 2**20:,.0f} MB of output that it may",
            "exit": "ended the run by itself (exit or sys.exit), so that half of it is missing",
            "orphan": "was stopped, because the command that had started it ended",
        }[end]


def _seconds(seconds: float | None) -> str:
    return f"{seconds or 0:,.0f} seconds" if (seconds or 0) >= 1 else f"{seconds or 0:.1f} seconds"


def most_jobs() -> int:
    """Returns how many packs may be made at a time: one for each JOB_MB of memory that the machine has, and at least one.

    Where the system does not tell its memory (Windows) it is the number of processors.
    """
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return os.cpu_count() or 1
    return max(1, memory // (JOB_MB * 2**20))


def usual_jobs() -> int:
    """Returns how many packs are made at a time where nobody says: one for each processor, as far as the memory goes."""
    return min(os.cpu_count() or 1, most_jobs())


def check_jobs(jobs: int) -> None:
    """Raises UsageError for a number of packs at a time that cannot be."""
    most = most_jobs()
    if not 1 <= jobs <= most:
        raise UsageError(
            f"--jobs must be from 1 to {most:,}: the number of packs that are made at a time, for each of which this machine must have "
            f"{JOB_MB} MB of memory."
        )
