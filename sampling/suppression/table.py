"""What a caller hands in: tables of counts, the sums that a reader knows to hold in and between them, and the figures made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import pandas as pd

from sampling.errors import ProgramError
from sampling.suppression.profiles import Area

PER_CENT = 100


class Cell(NamedTuple):
    """The place of one count: table, row and column by name."""

    table: str
    row: str
    column: str


@dataclass(frozen=True)
class Ratio:
    """A figure made of counts of one row: `per` times the weighted `part` by `whole`.

    kind "percent": part belongs to whole, and what is left of whole is protected like a count. kind "rate": part need not belong to
    whole. kind "mean": part is a sum of levels. `large_only` asks for the profile's least denominator of a rate.
    """

    name: str
    part: Mapping[str, int]
    whole: str
    kind: Literal["percent", "rate", "mean"]
    per: int = 1
    large_only: bool = False


def percent(part: str, whole: str, name: str = "") -> Ratio:
    """Returns the share of `part` in `whole` in per cent: "met the standard" of "scored"."""
    return Ratio(name or f"{part}, %", {part: 1}, whole, "percent", PER_CENT)


def rate(name: str, part: str, whole: str, *, per: int = 1_000, large_only: bool = False) -> Ratio:
    """Returns the rate of `part` per so many of `whole`: incidents per 1,000 bed days."""
    return Ratio(name, {part: 1}, whole, "rate", per, large_only)


def mean(name: str, levels: Mapping[str, int], whole: str) -> Ratio:
    """Returns the mean level: `levels` names each column of a level with its value, `whole` the column of all scored."""
    return Ratio(name, levels, whole, "mean")


@dataclass(frozen=True)
class Table:
    """A table of counts. Rows are groups, columns are counts; a missing count is one that cannot exist (not applicable).

    rows_add: a row that is the sum of others -> these; columns_add: the same of columns. inside: columns that are used and not shown.
    known: (row, column) that a reader knows exactly from elsewhere, such as the number drawn in the published commitment.
    """

    name: str
    counts: pd.DataFrame = field(repr=False)
    rows_add: Mapping[str, Sequence[str]] = field(default_factory=dict)
    columns_add: Mapping[str, Sequence[str]] = field(default_factory=dict)
    ratios: Sequence[Ratio] = ()
    inside: frozenset[str] = frozenset()
    known: frozenset[tuple[str, str]] = frozenset()
    area: Area = "local"

    def value(self, row: str, column: str) -> int | None:
        """Returns the count, or None where it cannot exist."""
        count: Any = self.counts.at[row, column]
        return None if pd.isna(count) else int(count)

    def published(self) -> list[str]:
        """Returns the columns of counts that are shown."""
        return [str(column) for column in self.counts.columns if column not in self.inside]


@dataclass(frozen=True)
class Relation:
    """A sum that a reader knows to hold: `total` is the sum of `parts`, and of one more that is not published where `rest`."""

    total: Cell
    parts: tuple[Cell, ...]
    rest: bool = False


def same_cells(first: Table, first_row: str, second: Table, second_row: str) -> list[Relation]:
    """Returns the relations of a row that stands in two tables, one for each column of both."""
    return adds_up(first, first_row, [(second, second_row)])


def adds_up(total: Table, row: str, parts: Sequence[tuple[Table, str]], *, complete: bool = True) -> list[Relation]:
    """Returns the relations of a row that is the sum of rows of other tables: the service's of its teams' packs.

    Only columns that stand in all of them count. complete=False says that other parts exist which are not published (a team without a
    pack): together they are protected like a count.
    """
    columns = [str(c) for c in total.counts.columns if all(c in table.counts.columns for table, _ in parts)]
    return [
        Relation(
            Cell(total.name, row, column), tuple(Cell(table.name, own, column) for table, own in parts), not complete
        )
        for column in columns
    ]


def month_after(this: Table, *before: Table) -> list[Relation]:
    """Returns the relations of a table that has grown: each count of `this` is that of a month `before` and what is new since.

    What is new is not published, can be had by subtraction, and is protected like a count. Hand in every month that is public: the last
    one alone would leave what is new since the one before it.
    """
    return [
        relation
        for last in before
        for row in this.counts.index
        if row in last.counts.index
        for relation in adds_up(this, str(row), [(last, str(row))], complete=False)
    ]


def check_table(table: Table) -> None:
    """Raises ProgramError for a table whose names repeat, whose counts are none, or whose declared sums do not hold."""
    counts = table.counts
    if not (counts.index.is_unique and counts.columns.is_unique):
        raise ProgramError(f"Table {table.name}: a row or column name stands twice.")
    if not all(isinstance(name, str) for name in (*counts.index, *counts.columns)):
        raise ProgramError(f"Table {table.name}: rows and columns are named by text.")
    present: list[Any] = [number for column in counts for number in counts[column].dropna()]
    if any(number < 0 or number != int(number) for number in present):
        raise ProgramError(f"Table {table.name}: a count is negative or no whole number.")
    columns = {str(column) for column in counts.columns}
    if missing := sorted({row for row, _ in table.known} - set(counts.index)):
        raise ProgramError(f"Table {table.name}: known names {len(missing)} rows that are not there.")
    used = {name for ratio in table.ratios for name in (*ratio.part, ratio.whole)}
    unknown = sorted((used | set(table.inside) | {column for _, column in table.known}) - columns)
    if unknown:
        raise ProgramError(f"Table {table.name} has no column {', '.join(unknown)}.")
    if {ratio.name for ratio in table.ratios} & columns or len({r.name for r in table.ratios}) < len(table.ratios):
        raise ProgramError(f"Table {table.name}: a figure has the name of a column or of another figure.")


def inner_relations(table: Table) -> list[Relation]:
    """Returns the sums declared inside a table, cell by cell."""
    rows, columns = [str(row) for row in table.counts.index], [str(column) for column in table.counts.columns]
    down = [
        Relation(Cell(table.name, total, column), tuple(Cell(table.name, part, column) for part in parts))
        for total, parts in table.rows_add.items()
        for column in columns
    ]
    across = [
        Relation(Cell(table.name, row, total), tuple(Cell(table.name, row, part) for part in parts))
        for total, parts in table.columns_add.items()
        for row in rows
    ]
    return down + across
