"""Criteria against units: the median level and the number of cases printed in each cell, so that the shade only repeats the number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sampling.plots.drawing import INK, PAPER, SOFT, Drawing
from sampling.plots.figure import Figure

CELL, ROW, TOP, LETTER, FOOT = 92, 38, 34, 7.6, 34
FEWEST = 5  # below it a median is not shown: scoring-ui.md, evidence and report pages
SHADES = (
    "#f3e3cf",
    "#e8eef2",
    "#b9d4e8",
    "#6aa7d0",
)  # level 0 to 3: light to dark, legible under black letters, told apart in grey


def heat_chart(
    rows: Sequence[str], units: Sequence[str], cells: Mapping[tuple[str, str], tuple[float | None, int]], *, name: str, finding: str, basis: str,
    method: str, notes: Sequence[str] = (),
) -> Figure:  # fmt: skip
    """Returns the figure. `cells` is (row, unit) -> (median level or None, cases); rows keep the rubric's order, units that of their names."""
    ordered = sorted(units)
    told = any(median is not None and count >= FEWEST for median, count in cells.values())
    return Figure(
        name=name,
        finding=finding,
        basis=basis,
        method=method,
        words=f"Table of shades. {finding}. The table below has every number.",
        columns=("Criterion", *ordered),
        rows=tuple((row, *(_said(cells.get((row, unit), (None, 0))) for unit in ordered)) for row in rows),
        svg=_svg(rows, ordered, cells) if told else "",
        notes=tuple(notes),
        refusal="" if told else f"No cell has {FEWEST} cases.",
    )


def _said(cell: tuple[float | None, int]) -> str:
    median, count = cell
    if median is None or count < FEWEST:
        return f"too few (n = {count})"
    return f"{median:g} (n = {count})"


def _svg(rows: Sequence[str], units: Sequence[str], cells: Mapping[tuple[str, str], tuple[float | None, int]]) -> str:
    left = 20 + LETTER * max(map(len, rows))
    wide = max(CELL, 16 + LETTER * max(map(len, units)))
    drawing = Drawing(left + wide * len(units) + 10, TOP + ROW * len(rows) + FOOT)
    for place, unit in enumerate(units):
        drawing.text(left + wide * (place + 0.5), TOP - 12, unit, anchor="middle", colour=SOFT)
    for line, row in enumerate(rows):
        y = TOP + ROW * line
        drawing.text(left - 12, y + ROW / 2 + 5, row, anchor="end")
        for place, unit in enumerate(units):
            x = left + wide * place
            median, count = cells.get((row, unit), (None, 0))
            if median is None or count < FEWEST:
                drawing.rect(x + 1, y + 1, wide - 2, ROW - 2, fill=PAPER, stroke=SOFT)
                for step in range(1, int(wide // 14)):
                    drawing.line(x + 14 * step, y + 2, x + 14 * step - 10, y + ROW - 2, colour="#d7dee4")
                drawing.text(x + wide / 2, y + ROW / 2 + 5, "too few", anchor="middle", size=12)
            else:
                drawing.rect(x + 1, y + 1, wide - 2, ROW - 2, fill=SHADES[min(3, int(median))])
                drawing.text(
                    x + wide / 2, y + ROW / 2 + 5, f"{median:g}  n={count}", anchor="middle", colour=INK, size=13
                )
    foot = TOP + ROW * len(rows) + 24
    drawing.text(left, foot, "each cell: median level, number of cases", colour=SOFT, size=12)
    return drawing.svg()
