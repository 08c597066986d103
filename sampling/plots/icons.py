"""The two icons of a chart over time, drawn by us in the manner of NHS England's Making Data Count, each with its words.

Variation speaks of the latest point, assurance of the limits against the target. The letter carries the meaning; colour repeats it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sampling.plots.drawing import BLUE, GREY, INK, ORANGE, PAPER, PURPLE, Drawing

Variation = Literal[
    "common_cause", "improvement_high", "improvement_low", "concern_high", "concern_low", "neutral_high", "neutral_low"
]  # fmt: skip
Assurance = Literal["pass", "fail", "inconsistent"]
SIZE = 64


@dataclass(frozen=True)
class Icon:
    """A picture of 64 x 64 px and what it says."""

    svg: str
    words: str


def variation_icon(kind: Variation, words: str) -> Icon:
    """Returns the icon of variation; `words` is what it says of the latest point."""
    colour = {"improvement": BLUE, "concern": ORANGE, "common": GREY}.get(kind.partition("_")[0], PURPLE)
    letter = {"high": "H", "low": "L"}.get(kind.rpartition("_")[2], "")
    rising = letter == "H"
    drawing = _round(colour)
    heights = (
        (38, 44, 36, 42, 37, 41) if not letter else (44, 42, 43, 36, 32, 29) if rising else (29, 32, 31, 38, 42, 45)
    )
    points = [(12 + 8 * place, height) for place, height in enumerate(heights)]
    drawing.polyline(points, colour=colour, width=2)
    for place, (x, y) in enumerate(points):
        drawing.circle(x, y, 3, fill=colour if letter and place > 2 else PAPER, stroke=colour)
    if letter:
        drawing.text(32, 24, letter, anchor="middle", size=16, bold=True)
    return Icon(drawing.svg(), words)


def assurance_icon(kind: Assurance, words: str) -> Icon:
    """Returns the icon of assurance; `words` is what it says of the limits and the target."""
    colour = {"pass": BLUE, "fail": ORANGE, "inconsistent": GREY}[kind]
    drawing = _round(colour)
    drawing.line(10, 40, 54, 40, colour=INK, dash="4 3")
    middle = {"pass": 33, "fail": 48, "inconsistent": 40}[kind]
    drawing.polyline(
        [(11 + 6 * place, middle + (-4 if place % 2 else 4)) for place in range(8)], colour=colour, width=2
    )
    drawing.text(32, 25, {"pass": "P", "fail": "F", "inconsistent": "?"}[kind], anchor="middle", size=16, bold=True)
    return Icon(drawing.svg(), words)


def _round(colour: str) -> Drawing:
    drawing = Drawing(SIZE, SIZE)
    drawing.circle(32, 32, 29, fill=PAPER, stroke=colour, width=4)
    return drawing
