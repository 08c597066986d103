"""Differences from 0 under aliases, in the order of their names: never a rank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sampling.plots.drawing import BLUE, INK, LINE, PAPER, SOFT, Drawing, Scale, ticks
from sampling.plots.figure import Figure

ROW, TOP, BOTTOM, SPAN, VALUE = 26, 30, 30, 380, 150
_LETTER = 7.6  # px a letter, generous


@dataclass(frozen=True)
class Difference:
    """One row: an alias, its difference, and on how many ratings it rests."""

    name: str
    value: float
    n: int


def lollipop_chart(
    rows: Sequence[Difference], sides: tuple[str, str], *, name: str, finding: str, basis: str, method: str, notes: Sequence[str] = ()
) -> Figure:  # fmt: skip
    """Returns the figure, rows by name. `sides` says what lies left and right of 0. Without a row it is refused in words."""
    ordered = sorted(rows, key=lambda row: row.name)
    words = "; ".join(f"{row.name} {_signed(row.value)} ({row.n})" for row in ordered)
    return Figure(
        name=name,
        finding=finding,
        basis=basis,
        method=method,
        words=f"Differences from 0 by alias, in the order of names. {finding}. {words}.",
        columns=("Alias", "Mean difference", "Ratings"),
        rows=tuple((row.name, _signed(row.value), str(row.n)) for row in ordered),
        svg=_svg(ordered, sides) if ordered else "",
        notes=tuple(notes),
        refusal="" if ordered else "No rater can be compared.",
    )


def _signed(value: float) -> str:
    """Returns a difference with its sign, 0 without one.

    >>> _signed(0.345), _signed(-0.001)
    ('+0.34', '0.00')
    """
    return f"{value:+.2f}" if round(value, 2) else "0.00"


def _svg(rows: Sequence[Difference], sides: tuple[str, str]) -> str:
    left = 24 + _LETTER * max(len(row.name) for row in rows)
    foot = TOP + ROW * len(rows)
    drawing = Drawing(left + SPAN + VALUE, foot + BOTTOM)
    most = max(1.0, *(abs(row.value) for row in rows))
    marks = ticks(-most, most, 4)
    across = Scale(marks[0], marks[-1], left, left + SPAN)
    for tick in marks:
        drawing.line(across(tick), TOP, across(tick), foot, colour=LINE)
        drawing.text(across(tick), foot + 18, f"{tick:+.1f}" if tick else "0", anchor="middle", colour=SOFT, size=12)
    drawing.line(across(0), TOP - 4, across(0), foot, colour=INK, width=1.5)
    drawing.text(across(0) - 10, 16, sides[0], anchor="end", colour=SOFT, size=12)
    drawing.text(across(0) + 10, 16, sides[1], colour=SOFT, size=12)
    for place, row in enumerate(rows):
        y = TOP + ROW * (place + 0.5)
        drawing.text(left - 12, y + 5, row.name, anchor="end")
        drawing.line(across(0), y, across(row.value), y, colour=BLUE, width=3)
        drawing.circle(across(row.value), y, 6, fill=BLUE, stroke=PAPER, width=1)
        drawing.text(left + SPAN + 12, y + 5, f"{_signed(row.value)}  (n = {row.n})", size=13)
    return drawing.svg()
