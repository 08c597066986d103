"""What every part of the synthetic service shares: its settings, random streams of their own, ids and
columns built whole.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import holidays
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from sampling.model import Profile
from sampling.sources.tables import TABLES, arrow_schema

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

EPOCH = date(1970, 1, 1)
NEVER = 1_000_000  # a day that does not come (year 4707): still open, has not left, never changed hands
_SATURDAY = 5


def day_number(day: date) -> int:
    """Returns the days since 1970-01-01, as Arrow and numpy count them.

    >>> day_number(date(1970, 1, 3))
    2
    """
    return (day - EPOCH).days


@dataclass(frozen=True)
class Settled:
    """A service that is as large in its first month as in its last: so many teams, with so many people in post, managers among them.

    Without it a service grows towards its last month, which is the month that a single draw is made in.
    """

    teams: int
    staff: int


@dataclass(frozen=True)
class Setting:
    """One block of a service to invent. `start` and `end` are the first and last day, counted from
    1970-01-01.
    """

    profile: Profile
    cases: int
    months: int
    seed: int
    block: int
    first_day: date
    last_day: date
    people_before: int = 0
    events_per_case: float | None = None
    cases_per_practitioner: float | None = None
    settled: Settled | None = None
    start: int = field(init=False)
    end: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "start", day_number(self.first_day))
        object.__setattr__(self, "end", day_number(self.last_day))

    @property
    def adult(self) -> bool:
        """Returns whether this is an adult mental health service; else it is a children's service."""
        return self.profile == "adult"

    def rng(self, part: str) -> np.random.Generator:
        """Returns the random stream of one part, so that a change to one part leaves the others as they
        were.
        """
        key = (self.block, zlib.crc32(part.encode()))
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence([self.seed, int(self.adult)], spawn_key=key)))

    def ids(self, prefix: str, count: int, width: int = 6) -> pa.Array:
        """Returns ids such as SR000-000123: the block's number keeps the blocks of one service apart."""
        return numbered(f"{prefix}{self.block:03d}-", count, width)


def numbered(prefix: str, count: int, width: int) -> pa.Array:
    """Returns `count` texts: the prefix and a number from 0, with leading zeros. Built as bytes, for a
    million at a time.

    >>> numbered("P-", 2, 3).to_pylist()
    ['P-000', 'P-001']
    """
    width = max(width, len(str(max(count - 1, 0))))
    head = np.frombuffer(prefix.encode(), dtype=np.uint8)
    grid = np.empty((count, len(head) + width), dtype=np.uint8)
    grid[:, : len(head)] = head
    rest = np.arange(count, dtype=np.int64)
    for position in range(width):
        grid[:, -1 - position] = 48 + rest % 10
        rest //= 10
    offsets = np.arange(count + 1, dtype=np.int32) * np.int32(grid.shape[1])
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(grid))


def chosen(values: Sequence[str | None] | pa.Array, codes: npt.NDArray[Any]) -> pa.Array:
    """Returns the value of each code as text; a negative code gives null."""
    table = values if isinstance(values, pa.Array) else pa.array(values, type=pa.string())
    if len(table) == 0:
        return pa.nulls(len(codes), pa.string())
    missing = codes < 0
    return table.take(pa.array(np.where(missing, 0, codes).astype(np.int32), mask=missing if missing.any() else None))


def dates(days: npt.NDArray[Any]) -> pa.Array:
    """Returns the days as dates; NEVER gives null."""
    missing = days >= NEVER
    return pa.array(days.astype(np.int32), mask=missing if missing.any() else None).cast(pa.date32())


def frame(name: str, /, **columns: Any) -> pd.DataFrame:
    """Returns the canonical table of that name with these columns (Arrow or numpy); the others are all
    null.
    """
    schema = arrow_schema(name)
    rows = len(next(iter(columns.values())))
    unknown = set(columns) - set(schema.names)
    if unknown:
        raise KeyError(f"{name} has no column {', '.join(sorted(unknown))}")
    arrays = [
        pa.nulls(rows, kind.type) if kind.name not in columns else _as(columns[kind.name], kind.type) for kind in schema
    ]
    result: pd.DataFrame = pa.Table.from_arrays(arrays, schema=schema).to_pandas(date_as_object=False)
    return result


def _as(values: Any, kind: pa.DataType) -> pa.Array:
    return values.cast(kind) if isinstance(values, pa.Array) else pa.array(values, type=kind)


def empty(name: str) -> pd.DataFrame:
    """Returns that canonical table without rows."""
    return frame(name, **{TABLES[name].columns[0].name: pa.array([], type=arrow_schema(name)[0].type)})


def weighted(rng: np.random.Generator, shares: Sequence[float], size: int) -> Ints:
    """Returns indices drawn with these shares, which need not sum to 1."""
    edges = np.cumsum(np.asarray(shares, dtype=np.float64))
    return np.searchsorted(edges / edges[-1], rng.random(size), side="right").clip(max=len(shares) - 1).astype(np.int64)


def spread(rng: np.random.Generator, low: Ints, high: Ints, counts: Ints) -> tuple[Ints, Ints]:
    """Returns (position, day): `counts` days between low and high for each position, evenly spaced with
    some jitter.
    """
    position = np.repeat(np.arange(len(counts)), counts)
    before = np.repeat(np.cumsum(counts) - counts, counts)
    turn = np.arange(len(position)) - before + rng.random(len(position))
    span = (high - low + 1)[position]
    return position, low[position] + (turn * span / counts[position]).astype(np.int64)


def working_days(first: int, last: int) -> Ints:
    """Returns, for each day from first to last, the working day on or before it (England's bank
    holidays kept out).
    """
    years = range((EPOCH + timedelta(days=first - 30)).year, (EPOCH + timedelta(days=last)).year + 1)
    closed = {day_number(day) for day in holidays.country_holidays("GB", subdiv="ENG", years=years)}
    result = np.arange(first, last + 1)
    for index in range(len(result)):
        day = int(result[index])
        while (day + 3) % 7 >= _SATURDAY or day in closed:
            day -= 1
        result[index] = day
    return result
