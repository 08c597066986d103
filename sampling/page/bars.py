"""Bar charts that reflow on a small screen: text stays text, each bar is a small SVG, and the numbers stand
behind it as a table.
"""

from __future__ import annotations

from dataclasses import dataclass

from sampling.disclosure import HIDDEN


@dataclass(frozen=True)
class Bar:
    """One bar: `width` in whole per cent of the track, `shown` the number beside it. A hidden number has no
    bar.
    """

    name: str
    width: int
    shown: str

    @property
    def hidden(self) -> bool:
        """Returns whether the number must not be shown: then there is no bar, which could be read as none."""
        return self.shown == HIDDEN

    @property
    def words(self) -> str:
        """Returns the bar in words, for who cannot see it."""
        return f"{self.name}: {'not shown' if self.hidden else self.shown}"


@dataclass(frozen=True)
class Chart:
    """A chart with its finding as the title. `reference` draws one line across all bars, in per cent of the
    track.
    """

    finding: str
    basis: str
    groups: tuple[tuple[str, tuple[Bar, ...]], ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    reference: int | None = None

    @property
    def label(self) -> str:
        """Returns the whole chart in words."""
        parts = [
            f"{title + ': ' if title else ''}{'; '.join(bar.words for bar in bars)}." for title, bars in self.groups
        ]
        return " ".join(["Bar chart.", self.finding, *parts])


def width_of(part: int, whole: int) -> int:
    """Returns part of whole in whole per cent, at least 1 where there is any: the length of a bar, no finer
    than the number beside it.

    >>> width_of(1, 3), width_of(0, 3), width_of(1, 1000)
    (33, 0, 1)
    """
    return max(1, (200 * part + whole) // (2 * whole)) if part and whole else 0
