"""A figure: the chart with all that must stand beside it, and the same in words for who cannot see it."""

from __future__ import annotations

from dataclasses import dataclass, replace

Row = tuple[str, ...]


@dataclass(frozen=True)
class Figure:
    """A chart that states its finding.

    `name` is the figure's short name: its anchor on the page and the name of its CSV. `basis` says n and denominators, `method` how it was
    made and by which rules. `words` is the text alternative. `columns` and `rows` are the numbers behind it. `notes` are sentences
    below it. `exact` are the rows with all digits that others need to compute with them, where `rows` are rounded. Without `svg` the figure is refused, and `refusal` says why: the table still stands.
    """

    name: str
    finding: str
    basis: str
    method: str
    words: str
    columns: Row
    rows: tuple[Row, ...]
    svg: str = ""
    notes: tuple[str, ...] = ()
    refusal: str = ""
    exact: tuple[Row, ...] = ()


def refused(figure: Figure, reason: str) -> Figure:
    """Returns the figure without its picture, and why: its table still stands."""
    return replace(figure, words="", svg="", refusal=reason)
