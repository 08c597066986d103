"""Levels that a group gave to one case: a dot for each rater, stacked over its level, the line from which the standard is met, rounds side by side."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from sampling.plots.drawing import BLUE, GREY, INK, LINE, PAPER, SOFT, Drawing
from sampling.plots.figure import Figure

LEVELS = 4
PANEL, GAP, TOP, DOTS, FOOT = 372, 40, 40, 130, 66
CELL = (PANEL - 20) / LEVELS  # px across for the dots of one level
WIDEST = 15.0  # px across for one dot
_LINE = 44  # letters of a line of words in a panel


@dataclass(frozen=True)
class Round:
    """One panel. `counts` is by level, or None with too few raters for dots: then `finding` says how many and their range. `codes` is the number
    of answers that are no level, by code in words; None where that may not be shown either.
    """

    name: str
    raters: int
    counts: Sequence[int] | None
    finding: str
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
        columns=("Round", "Raters with a level", *(f"Level {level}" for level in range(LEVELS)), "No level, by code", "In words"),
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
    codes = "too few" if one.codes is None else ", ".join(f"{count} {code}" for code, count in one.codes) or "none"
    return (one.name, str(one.raters), *counts, codes, one.finding)


def _svg(rounds: Sequence[Round], pass_level: int, reference: int | None) -> str:
    drawing = Drawing(len(rounds) * PANEL + (len(rounds) - 1) * GAP, TOP + DOTS + FOOT)
    wide = _columns(max(max(one.counts, default=0) for one in rounds if one.counts is not None))
    for place, one in enumerate(rounds):
        left = place * (PANEL + GAP)
        drawing.text(left + 10, 16, f"{one.name}, n = {one.raters}", bold=True)
        _panel(drawing, left + 10, one, wide)
        if one.counts is not None:
            x = left + 10 + CELL * pass_level
            drawing.line(x, TOP - 14, x, TOP + DOTS + 4, colour=INK, width=1.5, dash="6 4")
            drawing.text(x + 6, TOP - 6, "standard met", size=12, colour=SOFT)
            _reference(drawing, left + 10, reference)
    return drawing.svg()


def _columns(most: int) -> int:
    """Returns how many dots of one level lie side by side, so that the highest pile has room.

    >>> _columns(8), _columns(9), _columns(40), _columns(200)
    (1, 2, 5, 12)
    """
    columns = 1
    while math.ceil(most / columns) * min(WIDEST, CELL * 0.86 / columns) > DOTS:
        columns += 1
    return columns


def _panel(drawing: Drawing, left: float, one: Round, columns: int) -> None:
    foot = TOP + DOTS
    if one.counts is None:
        drawing.rect(left, TOP, CELL * LEVELS, DOTS, fill=PAPER, stroke=LINE)
        for line, words in enumerate(textwrap.wrap(one.finding, _LINE)):
            drawing.text(left + CELL * LEVELS / 2, TOP + DOTS / 2 + 20 * line, words, anchor="middle", colour=SOFT)
        return
    drawing.line(left, foot + 2, left + CELL * LEVELS, foot + 2, colour=SOFT)
    step = min(WIDEST, CELL * 0.86 / columns)
    for level, count in enumerate(one.counts):
        middle = left + CELL * (level + 0.5)
        for dot in range(count):
            row, column = divmod(dot, columns)
            inside = min(columns, count - row * columns)  # the last row of a pile lies in its middle
            x = middle + (column - (inside - 1) / 2) * step
            drawing.circle(x, foot - step * (row + 0.5), step / 2 - 0.75, fill=BLUE, stroke=PAPER, width=0.75)
        drawing.text(middle, foot + 20, f"level {level}", anchor="middle")
        drawing.text(middle, foot + 37, str(count), anchor="middle", colour=SOFT, size=13)


def _reference(drawing: Drawing, left: float, level: int | None) -> None:
    if level is None:
        return
    x, y = left + CELL * (level + 0.5), TOP + DOTS + 54
    drawing.polygon([(x - 38, y - 6), (x - 32, y), (x - 38, y + 6), (x - 44, y)], fill=PAPER, stroke=GREY, width=2)
    drawing.text(x - 28, y + 4.5, "reference", size=12, colour=SOFT)
