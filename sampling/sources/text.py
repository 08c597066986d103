"""A sheet as text, and the faults found in it.

`Faults` gathers all faults of a source, so that a person mends them in one go.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from sampling.errors import Finding, Severity, describe_value
from sampling.sources.values import parse_date, parse_time

EXAMPLES = 5  # findings of one fault that are shown one by one; the rest is counted
_TOTAL = re.compile(r"^(grand |sub ?)?totals?\b", re.IGNORECASE)


@dataclass(frozen=True)
class TextTable:
    """One sheet or file: `frame` has text or None in every cell, and a row for each row that is not empty.

    `first_row` is the spreadsheet row of the frame's first row. `rows` has the spreadsheet row of each, and
    is given only where empty rows were left out between them. `repeated` has the headers that stood more
    than once (the later ones are numbered in the frame), `overlong` the positions of rows with more cells
    than headers.
    """

    file: str
    sheet: str
    frame: pd.DataFrame
    first_row: int = 2
    rows: tuple[int, ...] = ()
    repeated: tuple[str, ...] = ()
    overlong: tuple[int, ...] = ()

    def row_of(self, position: int) -> int:
        """Returns the spreadsheet row of the frame's row at that position, counted from 0."""
        return self.rows[int(position)] if self.rows else self.first_row + int(position)


class Faults:
    """Gathers the findings of a source: one a row for the first five faulty rows, then a count."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def add(
        self,
        code: str,
        message: str,
        *,
        table: TextTable | None = None,
        column: str = "",
        positions: Sequence[int] | None = None,
        next_step: str = "",
        severity: Severity = "error",
        show: bool = True,
    ) -> None:
        """Adds a finding. `positions` are the faulty rows of `table.frame`, counted from 0.

        Findings of the first five rows are kept apart, so that a person sees more than one example; the
        rest is counted. `show` False leaves the value out: an id may be a short number, which
        `describe_value` would show.
        """
        file, sheet = (table.file, table.sheet) if table else ("", "")
        if table is None or positions is None:
            self.findings.append(Finding(code, message, next_step, severity, file, sheet, column))
            return
        shown = list(positions[:EXAMPLES])
        for index, position in enumerate(shown):
            rest = len(positions) - len(shown) + 1 if index == len(shown) - 1 else 1
            seen = ""
            if show and column:
                seen = describe_value(table.frame[column].iloc[position] if column in table.frame else None)
            row = table.row_of(position)
            self.findings.append(Finding(code, message, next_step, severity, file, sheet, column, row, seen, rest))


def add_shape_faults(table: TextTable, faults: Faults) -> None:
    """Adds a finding for headers that stand twice and for rows with more cells than the header."""
    if table.repeated:
        faults.add(
            "HEADER_TWICE",
            f"{len(table.repeated)} column header(s) stand more than once",
            table=table,
            next_step="Give each column a name of its own.",
        )
    if table.overlong:
        faults.add(
            "ROW_TOO_LONG",
            "the row has more cells than the header",
            table=table,
            positions=table.overlong,
            next_step="Put text that holds the separator in quotation marks.",
        )


def without_total_row(table: TextTable, faults: Faults) -> TextTable:
    """Returns the table without a last row that only says a total, and notes that it was left out."""
    if table.frame.empty:
        return table
    filled = [cell for cell in table.frame.iloc[-1] if isinstance(cell, str)]
    if not filled or not _TOTAL.match(filled[0]):
        return table
    faults.add(
        "TOTAL_ROW",
        "the last row is a total and was left out",
        table=table,
        positions=[len(table.frame) - 1],
        severity="note",
    )
    kept = tuple(position for position in table.overlong if position < len(table.frame) - 1)
    return replace(table, frame=table.frame.iloc[:-1], rows=table.rows[:-1], overlong=kept)


def parsed(values: pd.Series, parse: Callable[[str], object | None]) -> tuple[pd.Series, list[int]]:
    """Returns each value parsed (each distinct text once) and the positions of those that could not be."""
    distinct: Mapping[str, object | None] = {text: parse(text) for text in values.dropna().unique()}
    results = [distinct[text] if isinstance(text, str) else None for text in values]
    bad = [
        position
        for position, (text, value) in enumerate(zip(values, results, strict=True))
        if value is None and isinstance(text, str)
    ]
    return pd.Series(results, index=values.index, dtype=object), bad


def to_dates(
    table: TextTable, column: str, faults: Faults, *, required: bool = False, code: str = "DATE_UNREADABLE"
) -> pd.Series:
    """Returns the column as datetime.date or None.

    Adds a finding for each cell that is not a date, or is empty but required.
    """
    dates, bad = parsed(table.frame[column], parse_date)
    if bad:
        faults.add(
            code,
            "expected a date like 2026-03-31 or 31/03/2026",
            table=table,
            column=column,
            positions=bad,
            next_step="Correct the cell at its source.",
        )
    if required:
        add_missing(table, column, faults)
    return dates


def to_times(table: TextTable, column: str, faults: Faults) -> pd.Series:
    """Returns the column as HH:MM or None, and adds a finding for each cell that is not a time of day."""
    times, bad = parsed(table.frame[column], parse_time)
    if bad:
        faults.add(
            "TIME_UNREADABLE",
            "expected a time like 21:40",
            table=table,
            column=column,
            positions=bad,
            next_step="Correct the cell at its source.",
        )
    return times


def add_missing(table: TextTable, column: str, faults: Faults, *, code: str = "VALUE_MISSING") -> None:
    """Adds a finding for each empty cell of a column that must be filled."""
    positions = [position for position, missing in enumerate(table.frame[column].isna()) if missing]
    if positions:
        faults.add(
            code,
            "a value is required",
            table=table,
            column=column,
            positions=positions,
            next_step="Fill the cell at its source.",
        )
