"""The values that one stage hands to the next: frozen, with the digest of what they came from where that matters."""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal, TypeAlias

import pyarrow as pa

from sampling.errors import Finding, UsageError

Profile = Literal["adult", "children"]
_PERIOD = re.compile(r"([12][0-9]{3})-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Period:
    """One calendar month of sampling, as in `2026-10`."""

    text: str

    def __post_init__(self) -> None:
        if not _PERIOD.fullmatch(self.text):
            raise UsageError(
                f'The period must be a month like 2026-10, got "{self.text[:20]}". Write the year, a hyphen and the month.'
            )

    @property
    def first_day(self) -> date:
        """Returns the first day of the month."""
        return date(int(self.text[:4]), int(self.text[5:]), 1)

    @property
    def last_day(self) -> date:
        """Returns the last day of the month: the draw date, on which caseloads are counted.

        >>> Period("2024-02").last_day
        datetime.date(2024, 2, 29)
        """
        first = self.first_day
        return first.replace(day=calendar.monthrange(first.year, first.month)[1])


@dataclass(frozen=True)
class ParquetFiles:
    """A table that stays in its Parquet files and is read by the engine, because it may not fit in memory."""

    paths: tuple[Path, ...]


Table: TypeAlias = pa.Table | ParquetFiles


@dataclass(frozen=True)
class Count:
    """One line of the data-quality report: how many rows or cases, and the control total if the service gave one."""

    name: str
    found: int
    expected: int | None = None


@dataclass(frozen=True)
class Extract:
    """A service's data as canonical tables (docs/schema.md), whatever format it came in.

    `tables` has only the tables that the source can tell; each is one or more parts with the canonical columns. A table that
    is missing is *not recorded*, which is never read as *none*. With `ids` "key" every case_id, practitioner_id, person_id and
    supervisor_id is already a key; with "local" they are the service's own ids (Parquet and databases, which are not read into
    memory) and the frame keys them as they leave the engine.

    `cannot` names what this source could never show, so that its absence is not read as none: event kinds, "practitioner_change",
    and "plan_stale:KIND" and "review_overdue:KIND" of plans. A signal that needs only such things is said to be untold.
    """

    format: str
    profile: Profile
    system: str
    covers_to: date | None
    tables: Mapping[str, tuple[Table, ...]]
    ids: Literal["key", "local"] = "key"
    local_prefix: str = ""
    connection: str = ""
    findings: tuple[Finding, ...] = ()
    counts: tuple[Count, ...] = ()
    cannot_tell: tuple[str, ...] = ()
    cannot: frozenset[str] = frozenset()
    details: Mapping[str, str] = field(default_factory=dict)

    @property
    def errors(self) -> tuple[Finding, ...]:
        """Returns the findings that stop a freeze."""
        return tuple(finding for finding in self.findings if finding.severity == "error")
