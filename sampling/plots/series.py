"""A measure over time: the points, the centre line and limits of each part, what was changed when, and the signals by shape."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sampling.plots.drawing import BLUE, INK, LINE, ORANGE, SOFT, Drawing, Scale, ticks
from sampling.plots.figure import Figure
from sampling.plots.marks import MEANINGS, Mark, draw_mark, key_of_marks

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 860, 380, 64, 150, 44, 74
MOST_LABELS = 13


@dataclass(frozen=True)
class Point:
    """One period. `value` None is a period without a number; centre and limits None where none are drawn; `n` cases behind it."""

    label: str
    value: float | None
    n: int
    centre: float | None = None
    lower: float | None = None
    upper: float | None = None
    mark: Mark = "common"
    rule: str = ""


@dataclass(frozen=True)
class Event:
    """Something dated: `place` is the index of the first period from which it holds. A `rebase` starts new limits."""

    place: int
    words: str
    rebase: bool = False


@dataclass(frozen=True)
class Series:
    """What a chart over time shows. `shown` turns a value into words; `centre_name` is mean or median."""

    points: tuple[Point, ...]
    measure: str
    shown: Callable[[float], str]
    centre_name: str = "mean"
    target: float | None = None
    events: tuple[Event, ...] = ()
    floor: float | None = None  # where the axis begins at the latest


def time_chart(
    series: Series, *, name: str, finding: str, basis: str, method: str, notes: Sequence[str] = ()
) -> Figure:
    """Returns the figure of a series. A period without a number breaks the line, and the table says so."""
    return Figure(
        name=name,
        finding=finding,
        basis=basis,
        method=method,
        words=_words(series, finding),
        columns=(
            "Period",
            series.measure,
            "Cases",
            capital(series.centre_name),
            "Lower limit",
            "Upper limit",
            "Signal",
        ),
        rows=tuple(_row(point, series.shown) for point in series.points),
        svg=_svg(series) if any(point.value is not None for point in series.points) else "",
        notes=tuple(notes),
        refusal="" if any(point.value is not None for point in series.points) else "No period has a number yet.",
        exact=tuple(_row(point, exact_words) for point in series.points),
    )


def capital(words: str) -> str:
    """Returns the words with a capital first letter."""
    return words[:1].upper() + words[1:]


def exact_words(value: float) -> str:
    """Returns a number with ten significant digits, for who computes with it.

    >>> exact_words(2 / 3), exact_words(0.5)
    ('0.6666666667', '0.5')
    """
    return f"{value:.10g}"


def _row(point: Point, shown: Callable[[float], str]) -> tuple[str, ...]:
    def cell(value: float | None) -> str:
        return "none" if value is None else shown(value)

    signal = MEANINGS[point.mark] + (f": {point.rule}" if point.rule else "")
    numbers = (cell(point.value), str(point.n), cell(point.centre), cell(point.lower), cell(point.upper))
    return (point.label, *numbers, signal if point.mark != "common" else "")


def _words(series: Series, finding: str) -> str:
    """Returns the chart in words: the finding, the span, first and last value, and each signal."""
    seen = [point for point in series.points if point.value is not None]
    if not seen:
        return finding
    first, last = seen[0], seen[-1]
    parts = [
        f"Line chart. {finding}.",
        f"{series.measure}, {len(seen)} periods from {first.label}, {series.shown(first.value or 0)}, to {last.label}, "
        f"{series.shown(last.value or 0)}.",
    ]
    flagged = [point for point in seen if point.mark != "common"]
    parts += [
        f"{event.words}, from {series.points[event.place].label}."
        for event in series.events
        if event.place < len(series.points)
    ]
    parts.append(f"{len(flagged)} points are signals." if flagged else "No point is a signal.")
    return " ".join(parts)


def _svg(series: Series) -> str:
    drawing = Drawing(WIDTH, HEIGHT)
    across = Scale(0, max(1, len(series.points) - 1), LEFT + 12, WIDTH - RIGHT - 12)
    values = [
        value
        for point in series.points
        for value in (point.value, point.centre, point.lower, point.upper, series.target)
        if value is not None
    ]
    values += [] if series.floor is None else [series.floor]
    marks = ticks(min(values), max(values))
    up = Scale(min(*values, marks[0]), max(*values, marks[-1]), HEIGHT - BOTTOM, TOP)
    _axes(drawing, series, across, up, marks)
    _lines(drawing, series, across, up)
    run: list[tuple[float, float]] = []
    for place, point in enumerate(series.points):
        if point.value is None or any(event.rebase and event.place == place for event in series.events):
            drawing.polyline(run, colour=SOFT)
            run = []
        if point.value is not None:
            run.append((across(place), up(point.value)))
    drawing.polyline(run, colour=SOFT)
    for place, point in enumerate(series.points):
        if point.value is not None:
            draw_mark(drawing, across(place), up(point.value), point.mark)
    met: tuple[Mark, ...] = tuple(mark for mark in MEANINGS if any(point.mark == mark for point in series.points))
    key_of_marks(drawing, LEFT + 12, HEIGHT - 12, met)
    return drawing.svg()


def _axes(drawing: Drawing, series: Series, across: Scale, up: Scale, marks: Sequence[float]) -> None:
    for mark in marks:
        drawing.line(LEFT, up(mark), WIDTH - RIGHT, up(mark), colour=LINE)
        drawing.text(LEFT - 8, up(mark) + 5, series.shown(mark), anchor="end", colour=SOFT)
    every = -(-len(series.points) // MOST_LABELS)
    for place, point in enumerate(series.points):
        if place % every == 0:
            drawing.line(across(place), HEIGHT - BOTTOM, across(place), HEIGHT - BOTTOM + 5, colour=SOFT)
            drawing.text(across(place), HEIGHT - BOTTOM + 20, point.label, anchor="middle", colour=SOFT, size=12)
    for number, event in enumerate(event for event in series.events if event.place < len(series.points)):
        x = across(event.place) - (across(1) - across(0)) / 2 if len(series.points) > 1 else across(event.place)
        drawing.line(x, TOP - 6, x, HEIGHT - BOTTOM, colour=INK, width=1.5, dash="2 3" if not event.rebase else "")
        drawing.text(x + 4, TOP - 10 - 15 * (number % 2), event.words, size=12, bold=True)


def _lines(drawing: Drawing, series: Series, across: Scale, up: Scale) -> None:
    """Draws centre line and limits, part by part, and names each once at its right end."""
    named: list[tuple[float, str, str]] = []
    for field, label, colour, dash in (
        ("centre", series.centre_name, INK, ""),
        ("upper", "upper limit", SOFT, "6 4"),
        ("lower", "lower limit", SOFT, "6 4"),
    ):
        part: list[tuple[float, float]] = []
        for place, point in enumerate(series.points):
            value = getattr(point, field)
            starts = any(event.rebase and event.place == place for event in series.events)
            if value is None or starts:
                drawing.polyline(part, colour=colour, dash=dash)
                part = []
            if value is not None:
                half = (across(1) - across(0)) / 2 if len(series.points) > 1 else 10
                part += [(across(place) - half, up(value)), (across(place) + half, up(value))]
        drawing.polyline(part, colour=colour, dash=dash)
        last = next(
            (getattr(point, field) for point in reversed(series.points) if getattr(point, field) is not None), None
        )
        if last is not None:
            named.append((up(last), f"{label} {series.shown(last)}", colour))
    if series.target is not None:
        drawing.line(LEFT, up(series.target), WIDTH - RIGHT, up(series.target), colour=ORANGE, width=2, dash="10 4 2 4")
        named.append((up(series.target), f"target {series.shown(series.target)}", BLUE))
    y = 0.0
    for height, words, _ in sorted(named):
        y = max(height + 5, y + 17)
        drawing.text(WIDTH - RIGHT + 8, y, words, size=12.5)
