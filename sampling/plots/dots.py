"""Levels that a group gave to one case: a dot for each rater, stacked over its level, the line from which the standard is met, rounds side by side."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from sampling.plots.drawing import BLUE, GREY, INK, LINE, PAPER, SOFT, Drawing
from sampling.plots.figure import Figure

LEVELS = 4
PANEL, GAP, TOP, FOOT = 372, 40, 40, 66
LOWEST, DOTS = 64, 130  # px of height for the dots
CELL = (PANEL - 20) / LEVELS  # px across for the dots of one level
WIDEST = 15.0  # px across for one dot
_LINE = 44  # letters of a line of words in a panel


@dataclass(frozen=True)
class Round:
    """One panel. `counts` is by level, or None with too few raters for dots: then `finding` says how many, and `low` and `high` are their range, None
    where not even that may be shown. `codes` is the number of answers that are no level, by code in words; None where that may not be shown either.
    """

    name: str
    raters: int
    counts: Sequence[int] | None
    finding: str
    low: int | None = None
    high: int | None = None
    codes: Sequence[tuple[str, int]] | None = None


def dot_chart(
    rounds: Sequence[Round], pass_level: int, *, name: str, finding: str, method: str, reference: str = "",
    reference_level: int | None = None, notes: Sequence[str] = (),
) -> Figure:  # fmt: skip
    """Returns the figure. `reference` says in words what the reference is, "" where it is not shown; `reference_level` marks it."""
    told = [one for one in rounds if one.counts is not None]
    words = " ".join(f"{one.name}: {_said(one)}" for one in rounds)
    said = f" {reference}" if reference else ""
    return Figure(
        name=name,
        finding=finding,
        basis="; ".join(f"{one.name}: n = {one.raters}" for one in rounds) + f". The standard is met from level {pass_level}.{said}",
        method=method,
        words=f"Dot plot, one dot a rater. {words}{said}",
        columns=("Round", "Raters with a level", *(f"Level {level}" for level in range(LEVELS)), "Lowest", "Highest", "No level, by code"),
        rows=tuple(_row(one) for one in rounds),
        svg=_svg(rounds, pass_level, reference_level) if told else "",
        notes=tuple(notes),
        refusal="" if told else " ".join(one.finding for one in rounds) or "Nobody gave a level.",
    )  # fmt: skip


def _said(one: Round) -> str:
    if one.counts is None:
        return one.finding
    return f"{', '.join(f'{count} at level {level}' for level, count in enumerate(one.counts))}. {one.finding}"


def _row(one: Round) -> tuple[str, ...]:
    counts = ("too few",) * LEVELS if one.counts is None else tuple(str(count) for count in one.counts)
    ends = ("not shown" if end is None else str(end) for end in (one.low, one.high))
    codes = "too few" if one.codes is None else ", ".join(f"{count} {code}" for code, count in one.codes) or "none"
    return (one.name, str(one.raters), *counts, *ends, codes)


@dataclass(frozen=True)
class _Piles:
    """How the dots lie: so many side by side, `step` px from one to the next, and the height of the room for them."""

    columns: int
    step: float
    height: float


def _piles(most: int) -> _Piles:
    """Returns how the dots lie so that the highest pile of one level has room.

    >>> [_piles(most).columns for most in (8, 9, 40, 200)]
    [1, 2, 5, 12]
    """
    columns = 1
    while math.ceil(most / columns) * min(WIDEST, CELL * 0.86 / columns) > DOTS:
        columns += 1
    step = min(WIDEST, CELL * 0.86 / columns)
    return _Piles(columns, step, max(LOWEST, math.ceil(most / columns) * step + 8))


def _svg(rounds: Sequence[Round], pass_level: int, reference: int | None) -> str:
    piles = _piles(max(max(one.counts, default=0) for one in rounds if one.counts is not None))
    drawing = Drawing(len(rounds) * PANEL + (len(rounds) - 1) * GAP, TOP + piles.height + FOOT)
    for place, one in enumerate(rounds):
        left = place * (PANEL + GAP) + 10
        drawing.text(left, 16, f"{one.name}, n = {one.raters}", bold=True)
        if one.counts is None:
            _words(drawing, left, one.finding, piles.height)
            continue
        _panel(drawing, left, one.counts, piles)
        x = left + CELL * pass_level
        drawing.line(x, TOP - 14, x, TOP + piles.height + 4, colour=INK, width=1.5, dash="6 4")
        drawing.text(x + 6, TOP - 6, "standard met", size=12, colour=SOFT)
        if reference is not None:
            _reference(drawing, left + CELL * (reference + 0.5), TOP + piles.height + 54)
    return drawing.svg()


def _words(drawing: Drawing, left: float, finding: str, height: float) -> None:
    drawing.rect(left, TOP, CELL * LEVELS, height, fill=PAPER, stroke=LINE)
    for line, words in enumerate(textwrap.wrap(finding, _LINE)):
        drawing.text(left + CELL * LEVELS / 2, TOP + height / 2 + 20 * line, words, anchor="middle", colour=SOFT)


def _panel(drawing: Drawing, left: float, counts: Sequence[int], piles: _Piles) -> None:
    foot, step, columns = TOP + piles.height, piles.step, piles.columns
    drawing.line(left, foot + 2, left + CELL * LEVELS, foot + 2, colour=SOFT)
    for level, count in enumerate(counts):
        middle = left + CELL * (level + 0.5)
        for dot in range(count):
            row, column = divmod(dot, columns)
            inside = min(columns, count - row * columns)  # the last row of a pile lies in its middle
            x = middle + (column - (inside - 1) / 2) * step
            drawing.circle(x, foot - step * (row + 0.5), step / 2 - 0.75, fill=BLUE, stroke=PAPER, width=0.75)
        drawing.text(middle, foot + 20, f"level {level}", anchor="middle")
        drawing.text(middle, foot + 37, str(count), anchor="middle", colour=SOFT, size=13)


def _reference(drawing: Drawing, middle: float, y: float) -> None:
    x = middle - 38
    drawing.polygon([(x, y - 6), (x + 6, y), (x, y + 6), (x - 6, y)], fill=PAPER, stroke=GREY, width=2)
    drawing.text(x + 10, y + 4.5, "reference", size=12, colour=SOFT)
