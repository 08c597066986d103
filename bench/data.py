"""The invented services that the bench runs on: made once, kept outside the repository."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

TABLES = ("cases", "allocations", "practitioners", "events", "plans")


@dataclass(frozen=True)
class Size:
    """One size of service: open cases, events and practitioners, and how often each job is measured."""

    name: str
    cases: int
    events: int
    practitioners: int
    repeats: int

    @property
    def title(self) -> str:
        """Returns the size in words."""
        return f"{self.cases:,} cases, {self.events:,} events, {self.practitioners:,} practitioners"


SIZES = {
    size.name: size
    for size in (
        Size("small", 20_000, 1_000_000, 400, 5),
        Size("big", 200_000, 10_000_000, 4_000, 3),
        Size("national", 2_000_000, 100_000_000, 150_000, 1),
    )
}


def root() -> Path:
    """Returns the folder of the services: $SAMPLING_BENCH_DATA, else one in the folder for temporary files."""
    named = os.environ.get("SAMPLING_BENCH_DATA")
    return Path(named) if named else Path(tempfile.gettempdir()) / "sampling-bench"


def folder_of(size: Size) -> Path:
    """Returns where the service of that size lies."""
    return root() / size.name


def make(size: Size) -> Path:
    """Makes the service as Parquet unless it is there, and returns its folder. National size takes minutes."""
    folder = folder_of(size)
    if not all((folder / f"{name}.parquet").is_file() for name in TABLES):
        from sampling.model import Period
        from sampling.sources.canonical_writer import write
        from sampling.sources.synthetic import simulate_blocks

        blocks = simulate_blocks(
            profile="adult",
            cases=size.cases,
            months=18,
            seed=7,
            last_month=Period("2026-10"),
            events_per_case=size.events / size.cases,
            cases_per_practitioner=size.cases / size.practitioners,
        )
        write(blocks, folder, kind="parquet", tables=TABLES)
    return folder
