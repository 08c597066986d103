"""What a point of a series says, as a shape and a word: the same marks on every chart."""

from __future__ import annotations

from typing import Literal

from sampling.plots.drawing import BLUE, GREY, INK, ORANGE, PAPER, PURPLE, Drawing

Mark = Literal["common", "improvement", "concern", "high", "low"]
MEANINGS: dict[Mark, str] = {
    "common": "no signal",
    "improvement": "signal of improvement",
    "concern": "signal of concern",
    "high": "signal, higher",
    "low": "signal, lower",
}


def draw_mark(drawing: Drawing, x: float, y: float, mark: Mark, size: float = 5) -> None:
    """Draws one point: a dot without a signal, a diamond for improvement, a square for concern, triangles where neither is better."""
    if mark == "common":
        drawing.circle(x, y, size - 0.5, fill=GREY, stroke=PAPER, width=1)
    elif mark == "improvement":
        wide = size + 2.5
        drawing.polygon([(x, y - wide), (x + wide, y), (x, y + wide), (x - wide, y)], fill=BLUE, stroke=INK)
    elif mark == "concern":
        drawing.rect(x - size, y - size, 2 * size, 2 * size, fill=ORANGE, stroke=INK)
    else:
        up = 1 if mark == "high" else -1
        drawing.polygon(
            [(x, y - up * size * 1.3), (x + size * 1.2, y + up * size), (x - size * 1.2, y + up * size)],
            fill=PURPLE,
            stroke=INK,
        )


def key_of_marks(drawing: Drawing, x: float, y: float, marks: tuple[Mark, ...]) -> None:
    """Draws the key: each mark with its meaning, from left to right on one line."""
    for mark in marks:
        draw_mark(drawing, x, y - 5, mark)
        drawing.text(x + 12, y, MEANINGS[mark])
        x += 26 + 7.4 * len(MEANINGS[mark])
