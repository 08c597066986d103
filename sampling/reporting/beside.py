"""What joins the actions of an evidence report to those of the assurance reports that left the service: the one may not be subtracted from the other.

Both count the same actions, an evidence report those of all draws up to a month, an assurance report those of a span of months. So each count of
an evidence report is the sum of the spans inside it and a rest; where a span begins inside it and ends after it, neither is part of the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sampling.reporting.counting import CLOSED, OPEN, OVERDUE, RAISED
from sampling.reporting.kept import FOLDER, load_kept
from sampling.suppression import Cell, Relation, Suppressed, Table

ASSURANCE, ACTIONS = (
    "assurance",
    "assurance_actions",
)  # below FOLDER: what was shown of each span, and the counts behind its actions
_KIND = "actions"
_COLUMNS = {
    RAISED: ("Raised",),
    OPEN: ("Open",),
    OVERDUE: ("Overdue",),
    CLOSED: ("Done", "Dropped"),
}  # ours -> an assurance report's

NOT_KEPT = (
    "No table of actions is shown: an assurance report left the service, and what its tables of actions were is not in releases/assurance_actions. "
    "Put the folder back from your backup."
)


@dataclass(frozen=True)
class SpanActions:
    """The actions of a span of months, both "YYYY-MM", in an assurance report. `rows`: (scope, kind) of an evidence report -> (table, row) here;
    `tables`: name -> table, none where none was shown.
    """

    first: str
    last: str
    rows: Mapping[tuple[str, str], tuple[str, str]]
    tables: Mapping[str, Table]

    @property
    def about(self) -> dict[str, Any]:
        """Returns what is kept of it beside its release."""
        return {"first": self.first, "last": self.last, "rows": [[*key, *place] for key, place in self.rows.items()]}

    def cell(self, key: tuple[str, str], column: str) -> Cell:
        """Returns the cell of a row and column."""
        return Cell(*self.rows[key], column)

    def value(self, cell: Cell) -> int:
        """Returns the count of a cell."""
        return self.tables[cell.table].value(cell.row, cell.column) or 0


def kept_actions(home: Path) -> list[tuple[SpanActions, Suppressed]] | None:
    """Returns the actions of each assurance release with what was shown, in order of its file; None where one that left is without them, so
    that nobody knows what readers have seen. Raises StateError for a file that this version did not write.
    """
    kept = load_kept(home / FOLDER / ACTIONS)
    left = {path.stem for path in (home / FOLDER / ASSURANCE).glob("*.json")}
    if not left <= set(kept):
        return None
    return [
        (span_of(about, release), release) for name, (about, release) in kept.items() if name in left and release.tables
    ]


def only_known(releases: Sequence[Suppressed]) -> list[Suppressed]:
    """Returns the releases without sums over tables that none of them has."""
    names = {table.name for one in releases for table in one.tables}
    return [replace(one, relations=tuple(sum_ for sum_ in one.relations if _tables(sum_) <= names)) for one in releases]


def _tables(relation: Relation) -> set[str]:
    return {relation.total.table, *(part.table for part in relation.parts)}


def action_tables(release: Suppressed) -> dict[str, Table]:
    """Returns scope -> the table of actions of an evidence release."""
    named = ((one.name.split(), one.source.table) for one in release.tables)
    return {scope: table for (*_, scope, kind), table in named if kind == _KIND}


def span_of(about: Mapping[str, Any], release: Suppressed) -> SpanActions:
    """Returns the actions of a release of which `about` was kept."""
    rows = {(scope, kind): (table, row) for scope, kind, table, row in about["rows"]}
    return SpanActions(about["first"], about["last"], rows, {one.name: one.source.table for one in release.tables})


def joined(
    evidence: Mapping[str, Table], months: tuple[str, str], spans: Sequence[SpanActions]
) -> list[Relation] | None:
    """Returns what joins the actions of an evidence report to those of spans that do not overlap; None where no sum says it, so that the two
    may not both be shown. `evidence`: scope -> its table of actions; `months`: the first month of all draws, and the last of the report.
    """
    begun, last = months
    inside = [one for one in spans if one.last <= last]
    around = [one for one in spans if one.last > last and one.first <= begun]
    if any(one.first <= last < one.last and one not in around for one in spans):
        return None
    found: list[Relation] = []
    for key in dict.fromkeys(key for one in spans for key in one.rows):
        scope, kind = key
        if scope in evidence and kind in evidence[scope].counts.index:
            sums = [
                *_sums(evidence[scope], key, inside, _covered(inside, months)),
                *_wholes(evidence[scope], key, around),
            ]
            if None in sums:
                return None
            found += filter(None, sums)
    return found


def _covered(inside: Sequence[SpanActions], months: tuple[str, str]) -> bool:
    """Tells whether every month of a report lies in one of the spans, which do not overlap."""
    begun, last = months
    if not inside:
        return False
    return sum(_length(max(one.first, begun), one.last) for one in inside if one.last >= begun) == _length(begun, last)


def _length(first: str, last: str) -> int:
    one, other = ((int(month[:4]), int(month[5:])) for month in (first, last))
    return 12 * (other[0] - one[0]) + other[1] - one[1] + 1


def _sums(
    table: Table, key: tuple[str, str], inside: Sequence[SpanActions], covered: bool
) -> Iterator[Relation | None]:
    """Yields that each count of a row is that of the spans inside and a rest; None where more were raised in the spans than in the whole."""
    mine = [one for one in inside if key in one.rows]
    for column, names in _COLUMNS.items() if mine else ():
        total, whole = Cell(table.name, key[1], column), table.value(key[1], column) or 0
        parts = tuple(one.cell(key, name) for one in mine for name in names)
        more = whole - sum(one.value(one.cell(key, name)) for one in mine for name in names)
        if more >= 0:
            yield Relation(total, parts, rest=more > 0 or not covered or len(mine) < len(inside))
        elif len(parts) == 1:  # some were raised, or opened, since the report was made
            yield Relation(parts[0], (total,), rest=True)
        elif column == RAISED:
            yield None


def _wholes(table: Table, key: tuple[str, str], around: Sequence[SpanActions]) -> Iterator[Relation]:
    """Yields that each count of a span around a report is that of the report and a rest, or the other way round."""
    for one in (one for one in around if key in one.rows):
        for column in (RAISED, OPEN, OVERDUE):
            ours, theirs = Cell(table.name, key[1], column), one.cell(key, _COLUMNS[column][0])
            more = one.value(theirs) >= (table.value(key[1], column) or 0)
            yield Relation(*((theirs, (ours,)) if more else (ours, (theirs,))), rest=True)
