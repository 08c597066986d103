"""A small canvas for SVG: shapes in, one string out, the same bytes each time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

INK, SOFT, LINE, PAPER = "#17232e", "#44535f", "#c5ced6", "#ffffff"
BLUE, ORANGE, GREY, PURPLE = "#005ea5", "#c35a00", "#5b6b78", "#6f4b9b"
TEXT_SIZE = 14  # px at full size; a chart is never shrunk, it scrolls in its own region
_FONT = "'Segoe UI', system-ui, 'Helvetica Neue', 'Liberation Sans', Arial, sans-serif"


@dataclass
class Drawing:
    """A canvas of width x height px. Later shapes lie over earlier ones."""

    width: float
    height: float
    parts: list[str] = field(default_factory=list)

    def line(
        self, x1: float, y1: float, x2: float, y2: float, *, colour: str = INK, width: float = 1, dash: str = ""
    ) -> None:
        """Draws a straight line; `dash` as in SVG, "" is solid."""
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(
            f'<line x1="{number(x1)}" y1="{number(y1)}" x2="{number(x2)}" y2="{number(y2)}" stroke="{colour}" '
            f'stroke-width="{number(width)}"{dashed}/>'
        )

    def polyline(
        self, points: Sequence[tuple[float, float]], *, colour: str = INK, width: float = 1.5, dash: str = ""
    ) -> None:
        """Draws a line through the points; nothing through fewer than two."""
        if len(points) < 2:
            return
        path = " ".join(f"{number(x)},{number(y)}" for x, y in points)
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{number(width)}" stroke-linejoin="round"{dashed}/>'
        )

    def polygon(
        self, points: Sequence[tuple[float, float]], *, fill: str, stroke: str = "none", width: float = 1
    ) -> None:
        """Draws a filled shape."""
        path = " ".join(f"{number(x)},{number(y)}" for x, y in points)
        self.parts.append(f'<polygon points="{path}" fill="{fill}" stroke="{stroke}" stroke-width="{number(width)}"/>')

    def rect(self, x: float, y: float, width: float, height: float, *, fill: str, stroke: str = "none") -> None:
        """Draws a rectangle from its upper left corner."""
        self.parts.append(
            f'<rect x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}" fill="{fill}" stroke="{stroke}"/>'
        )

    def circle(self, x: float, y: float, radius: float, *, fill: str, stroke: str = "none", width: float = 1.5) -> None:
        """Draws a circle."""
        self.parts.append(
            f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(radius)}" fill="{fill}" stroke="{stroke}" stroke-width="{number(width)}"/>'
        )

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        anchor: str = "start",
        colour: str = INK,
        size: float = TEXT_SIZE,
        bold: bool = False,
    ) -> None:
        """Writes words on the base line y; `anchor` is start, middle or end."""
        weight = ' font-weight="600"' if bold else ""
        self.parts.append(
            f'<text x="{number(x)}" y="{number(y)}" text-anchor="{anchor}" fill="{colour}" font-size="{number(size)}"{weight}>'
            f"{escape(words)}</text>"
        )

    def svg(self) -> str:
        """Returns the drawing. It is hidden from assistive technology: the figure that holds it speaks for it."""
        size = f'width="{number(self.width)}" height="{number(self.height)}" viewBox="0 0 {number(self.width)} {number(self.height)}"'
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} aria-hidden="true" focusable="false" font-family="{_FONT}">'
            + "".join(self.parts)
            + "</svg>"
        )


@dataclass(frozen=True)
class Scale:
    """Leads from values to px: `first` and `last` of the values lie at `start` and `end`. Equal values lie in the middle."""

    first: float
    last: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Returns where a value lies."""
        if self.first == self.last:
            return (self.start + self.end) / 2
        return self.start + (value - self.first) / (self.last - self.first) * (self.end - self.start)


def number(value: float) -> str:
    """Returns a coordinate as text, to a hundredth of a px.

    >>> number(3.0), number(2.345678), number(-0.001)
    ('3', '2.35', '0')
    """
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def ticks(low: float, high: float, most: int = 6) -> tuple[float, ...]:
    """Returns round values from below `low` to above `high`, at most `most` + 2 of them, steps of 1, 2 or 5 times a power of ten.

    >>> ticks(0, 1), ticks(1.2, 2.7), ticks(5, 5)
    ((0.0, 0.2, 0.4, 0.6, 0.8, 1.0), (1.0, 1.5, 2.0, 2.5, 3.0), (4.0, 5.0, 6.0))
    """
    if low == high:
        low, high, most = low - 1, high + 1, 2
    power = math.floor(math.log10((high - low) / most))
    step = next(base * 10.0**power for base in (1, 2, 5, 10) if (high - low) / (base * 10.0**power) <= most + 1e-9)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return tuple(round(place * step, 9) for place in range(first, last + 1))
