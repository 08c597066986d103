"""Estimates with their intervals, one a row: shares at the standard by criterion, or coefficients as a forest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sampling.plots.drawing import BLUE, INK, LINE, PAPER, SOFT, Drawing, Scale, ticks
from sampling.plots.figure import Figure

ROW, TOP, BOTTOM, VALUE = 30, 14, 34, 190
_LETTER = 8.4  # px a letter, generous: a month in full has wide ones


@dataclass(frozen=True)
class Interval:
    """One row. `estimate` None is "cannot say", and `why` says why; `before` is an earlier estimate, drawn hollow."""

    name: str
    estimate: float | None
    low: float | None
    high: float | None
    n: str
    before: float | None = None
    why: str = ""


@dataclass(frozen=True)
class Rows:
    """What the chart shows. `shown` turns a value into words; `reference` draws one line across."""

    rows: tuple[Interval, ...]
    measure: str
    shown: Callable[[float], str]
    low: float = 0.0
    high: float = 1.0
    reference: float | None = None
    reference_name: str = ""


def interval_chart(
    rows: Rows, *, name: str, finding: str, basis: str, method: str, notes: Sequence[str] = ()
) -> Figure:
    """Returns the figure: a dot and a line a row, in the order given, the numbers in words at the right."""
    told = [row for row in rows.rows if row.estimate is not None]
    words = " ".join(f"{row.name}: {_said(row, rows.shown)}." for row in rows.rows)
    with_before = any(row.before is not None for row in rows.rows)
    columns = ("Name", rows.measure, "95% interval", "Cases") + (("Before",) if with_before else ())
    return Figure(
        name=name,
        finding=finding,
        basis=basis,
        method=method,
        words=f"Dots with intervals. {finding}. {words}",
        columns=columns,
        rows=tuple(_row(row, rows.shown, with_before) for row in rows.rows),
        svg=_svg(rows) if told else "",
        notes=tuple(notes),
        refusal="" if told else "No row has an estimate yet.",
    )


def _span(row: Interval, shown: Callable[[float], str]) -> str:
    return f"{shown(row.low)} to {shown(row.high)}" if row.low is not None and row.high is not None else "none"


def _said(row: Interval, shown: Callable[[float], str]) -> str:
    if row.estimate is None:
        return row.why or "cannot be said"
    ends = f"interval {_span(row, shown)}" if row.low is not None and row.high is not None else "no interval"
    return f"{shown(row.estimate)}, {ends}, {row.n}"


def _row(row: Interval, shown: Callable[[float], str], with_before: bool) -> tuple[str, ...]:
    found = (
        row.name,
        shown(row.estimate) if row.estimate is not None else row.why or "cannot be said",
        _span(row, shown),
        row.n,
    )
    return (*found, shown(row.before) if row.before is not None else "none") if with_before else found


def _svg(rows: Rows) -> str:
    left = 24 + _LETTER * max(len(row.name) for row in rows.rows)
    width = left + 380 + VALUE
    drawing = Drawing(width, TOP + ROW * len(rows.rows) + BOTTOM)
    across = Scale(rows.low, rows.high, left, left + 380)
    foot = TOP + ROW * len(rows.rows)
    for tick in ticks(rows.low, rows.high):
        if rows.low - 1e-9 <= tick <= rows.high + 1e-9:
            drawing.line(across(tick), TOP, across(tick), foot, colour=LINE)
            drawing.text(across(tick), foot + 18, rows.shown(tick), anchor="middle", colour=SOFT, size=12)
    if rows.reference is not None:
        drawing.line(across(rows.reference), TOP - 6, across(rows.reference), foot, colour=INK, width=1.5, dash="6 4")
        drawing.text(across(rows.reference), foot + 32, rows.reference_name, anchor="middle", size=12, bold=True)
    for place, row in enumerate(rows.rows):
        y = TOP + ROW * (place + 0.5)
        drawing.text(left - 12, y + 5, row.name, anchor="end")
        drawing.text(
            left + 392, y + 5, _short(row, rows.shown), colour=INK if row.estimate is not None else SOFT, size=13
        )
        if row.estimate is None:
            continue
        if row.low is not None and row.high is not None:
            drawing.line(across(max(row.low, rows.low)), y, across(min(row.high, rows.high)), y, colour=BLUE, width=4)
        if row.before is not None:
            drawing.circle(across(row.before), y, 6, fill=PAPER, stroke=SOFT, width=2)
        drawing.circle(across(row.estimate), y, 6, fill=INK, stroke=PAPER, width=1)
    return drawing.svg()


def _short(row: Interval, shown: Callable[[float], str]) -> str:
    if row.estimate is None:
        return "cannot be said"
    ends = f" ({_span(row, shown)})" if row.low is not None and row.high is not None else ", no interval"
    return f"{shown(row.estimate)}{ends}"


def percent(value: float) -> str:
    """Returns a fraction as a whole per cent.

    >>> percent(0.485), percent(1.0)
    ('48%', '100%')
    """
    return f"{value:.0%}"


def level(value: float) -> str:
    """Returns a score between 0 and 3 to two places.

    >>> level(1.5), level(2), level(-1e-17)
    ('1.50', '2.00', '0.00')
    """
    return f"{value:z.2f}"
