"""Suppression of a breakdown of people by what the record says of them (sex, age band, ethnic group).

The rule is that of NHS England's Mental Health Services Monthly Statistics for counts below England: under 5 is hidden, the rest is
rounded to the nearest 5, and a percentage is a whole number, hidden where a part of it is under 5. Zero counts as under 5. That rule
alone can be undone where totals are known, as they are here: they stand in the commitment. So more is hidden (secondary
suppression, ONS and GSS guidance on tables) until nothing hidden follows from the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SMALLEST_SHOWN = 5
ROUNDED_TO = 5
HIDDEN = "*"
MEANING = "* stands for fewer than five, or for a number that would give such a one away"


@dataclass(frozen=True)
class SuppressedRow:
    """One group as it may be shown: its cases, those of them with the property, and their share."""

    name: str
    cases: str
    having: str
    share: str


def rounded(count: int) -> int:
    """Returns the count to the nearest 5.

    >>> [rounded(n) for n in (0, 5, 7, 8)]
    [0, 5, 5, 10]
    """
    return (count + ROUNDED_TO // 2) // ROUNDED_TO * ROUNDED_TO


def shown_percent(part: int, whole: int) -> str:
    """Returns part of whole in whole per cent, for totals that may be known.

    >>> shown_percent(30, 90), shown_percent(0, 90)
    ('33%', '0%')
    """
    return f"{(200 * part + whole) // (2 * whole)}%" if whole else "0%"


def suppressed_breakdown(rows: Sequence[tuple[str, int, int]]) -> list[SuppressedRow] | None:
    """Returns the rows (group, cases, of these with a property) as they may be shown, or None where no table is safe.

    Nobody can work out a hidden number who knows both exact totals, every shown number exactly (rounding apart), and why each hidden
    number is hidden. Every group has a case.

    >>> [(row.cases, row.having, row.share) for row in suppressed_breakdown([("a", 229, 49), ("b", 161, 33), ("c", 6, 1)])]
    [('230', '50', '21%'), ('160', '*', '*'), ('5', '*', '*')]
    """
    cells = [_Cell(cases, having) for _, cases, having in rows]
    while True:
        exposed = _exposed(cells)
        if not exposed:
            break
        if not _hide_one_more(cells, cases="cases" in exposed):
            return None
    return [
        SuppressedRow(
            name,
            HIDDEN if cell.cases_hidden else str(rounded(cell.cases)),
            HIDDEN if cell.having_hidden else str(rounded(cell.having)),
            HIDDEN if cell.having_hidden else shown_percent(cell.having, cell.cases),
        )
        for (name, _, _), cell in zip(rows, cells, strict=True)
    ]


class _Cell:
    """A row while it is decided what to hide of it."""

    def __init__(self, cases: int, having: int) -> None:
        self.cases, self.having = cases, having
        self.cases_hidden = cases < SMALLEST_SHOWN
        self.having_hidden = having < SMALLEST_SHOWN or cases - having < SMALLEST_SHOWN

    def bounds(self) -> _Bounds:
        """Returns what someone knows of the row who knows the shown numbers exactly, and which of the hidden ones are small."""
        most, least = SMALLEST_SHOWN - 1, SMALLEST_SHOWN
        cases = (self.cases, self.cases)
        if self.cases_hidden:
            cases = (1, most) if self.cases <= most else (least, _ANY)
        having, rest = (self.having, self.having), (0, _ANY)
        if self.having_hidden:
            having = (0, most) if self.having <= most else (least, _ANY)
            rest = (0, most) if self.cases - self.having <= most else (least, _ANY)
        return _Bounds(having, rest, cases).tightened()


_ANY = 10**12  # more than any service has
_Span = tuple[int, int]


@dataclass(frozen=True)
class _Bounds:
    """The least and the most of three numbers, of which the last is the sum of the others."""

    having: _Span
    rest: _Span
    cases: _Span

    def tightened(self) -> _Bounds:
        """Returns the same, each number with the bounds that the other two give it."""
        (a, b), (c, d), (e, f) = self.having, self.rest, self.cases
        return _Bounds((max(a, e - d), min(b, f - c)), (max(c, e - b), min(d, f - a)), (max(e, a + c), min(f, b + d)))

    def given(self, others: Sequence[_Bounds], having: int, cases: int) -> _Bounds:
        """Returns the same for someone who knows both totals.

        Exact: rows of this shape add up to any sum within their added bounds (they are generalised polymatroids, whose sums are exact
        and whole: Frank and Tardos 1988).
        """
        spans = [
            _within(own, total, [getattr(other, name) for other in others])
            for name, own, total in (
                ("having", self.having, having),
                ("rest", self.rest, cases - having),
                ("cases", self.cases, cases),
            )
        ]
        return _Bounds(*spans).tightened()


def _within(own: _Span, total: int, others: Sequence[_Span]) -> _Span:
    return max(own[0], total - sum(most for _, most in others)), min(own[1], total - sum(least for least, _ in others))


def _exposed(cells: Sequence[_Cell]) -> set[str]:
    """Returns which kinds of hidden numbers, `having` and `cases`, someone could work out."""
    known = [cell.bounds() for cell in cells]
    having, cases = sum(cell.having for cell in cells), sum(cell.cases for cell in cells)
    found = set()
    for place, cell in enumerate(cells):
        worked_out = known[place].given(known[:place] + known[place + 1 :], having, cases)
        if cell.having_hidden and len({*worked_out.having}) == 1:
            found.add("having")
        if cell.cases_hidden and len({*worked_out.cases}) == 1:
            found.add("cases")
        if cell.having_hidden and len({*worked_out.rest}) == 1:
            found.add("having")
    return found


def _hide_one_more(cells: Sequence[_Cell], *, cases: bool) -> bool:
    """Hides the smallest number shown in that column; with a group's cases goes what would tell of them. False when none is left."""
    shown = [cell for cell in cells if not (cell.cases_hidden if cases else cell.having_hidden)]
    if not shown:
        return False if cases else _hide_one_more(cells, cases=True)
    least = min(shown, key=lambda cell: cell.cases if cases else cell.having)
    least.having_hidden = True
    least.cases_hidden = least.cases_hidden or cases
    return True
