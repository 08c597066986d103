"""A calendar: a row each supervisee or team, a column each week, in each cell a letter. The shade only repeats the letter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sampling.plots.drawing import INK, SOFT, Drawing
from sampling.plots.figure import Figure

CELL, ROW, TOP, CHARACTER, FOOT = 46, 30, 34, 8.4, 34
SHADES: Mapping[str, str] = {
    "L": "#e3a06a",
    "U": "#f3e3cf",
    "D": "#b9d4e8",
    "N": "#ffffff",
}  # told apart in grey, legible under black


def calendar_chart(
    rows: Sequence[str], weeks: Sequence[str], letters: Mapping[tuple[str, str], str], meaning: Mapping[str, str], *, name: str, finding: str,
    basis: str, method: str,
) -> Figure:  # fmt: skip
    """Returns the figure. `letters` is (row, week) -> one of the letters of `meaning`; rows and weeks keep their order."""
    key = "; ".join(f"{letter} {words}" for letter, words in meaning.items())
    return Figure(
        name=name,
        finding=finding,
        basis=basis,
        method=method,
        words=f"Calendar of letters. {finding}. {key}. The table below has every week.",
        columns=("Row", *weeks),
        rows=tuple((row, *(meaning[letters[row, week]] for week in weeks)) for row in rows),
        svg=_svg(rows, weeks, letters, key) if rows else "",
        refusal="" if rows else "There is no row to show.",
    )


def _svg(rows: Sequence[str], weeks: Sequence[str], letters: Mapping[tuple[str, str], str], key: str) -> str:
    left = 20 + CHARACTER * max(map(len, rows))
    wide = max(CELL, 12 + CHARACTER * max(map(len, weeks)))
    drawing = Drawing(max(left + wide * len(weeks) + 10, left + CHARACTER * len(key)), TOP + ROW * len(rows) + FOOT)
    for place, week in enumerate(weeks):
        drawing.text(left + wide * (place + 0.5), TOP - 12, week, anchor="middle", colour=SOFT)
    for line, row in enumerate(rows):
        y = TOP + ROW * line
        drawing.text(left - 12, y + ROW / 2 + 5, row, anchor="end")
        for place, week in enumerate(weeks):
            letter = letters[row, week]
            drawing.rect(
                left + wide * place + 1, y + 1, wide - 2, ROW - 2, fill=SHADES.get(letter, "#ffffff"), stroke=SOFT
            )
            drawing.text(
                left + wide * (place + 0.5), y + ROW / 2 + 5, letter, anchor="middle", colour=INK, bold=letter == "L"
            )
    drawing.text(left, TOP + ROW * len(rows) + 24, key, colour=SOFT, size=12)
    return drawing.svg()
