"""What the Shewhart charts share: points with limits of their own, one rule (beyond three sigma), and Anhøj's runs beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from sampling.evidence.spc.limits import rounding_of
from sampling.evidence.spc.run_chart import RunSegment, any_signal, describe_segments
from sampling.evidence.spc.series import (
    BoolArray,
    FloatArray,
    Rebase,
    Series,
    check_baseline,
    gap_note,
    in_baseline,
    none_if_nan,
    rebase_marks,
    segment_starts,
)

SIGMAS = 3.0
RULES = "one rule, a point beyond three sigma, as qicharts2 0.8.1"


@dataclass(frozen=True)
class Limits:
    """Centre and limits of one segment, a number a point (NaN where it cannot be said), with what a reader must know."""

    centre: FloatArray
    lower: FloatArray
    upper: FloatArray
    notes: tuple[str, ...] = ()
    sigma_z: float | None = None


# What makes a chart of its kind: from a segment and its baseline points to the limits.
LimitRule = Callable[[Series, BoolArray], Limits]


@dataclass(frozen=True)
class ControlPoint:
    """One period: its value with the count and n behind it (None without a value), its limits, and whether it lies beyond them."""

    period: str
    value: float | None
    count: float | None
    n: float | None
    segment: int
    centre: float | None
    lower: float | None
    upper: float | None
    outside: bool


@dataclass(frozen=True)
class ControlChart:
    """A Shewhart chart's numbers. `sigma_z`: Laney's factor of each segment, for prime charts. `cannot`: why there is no chart."""

    kind: str
    points: tuple[ControlPoint, ...]
    runs: tuple[RunSegment, ...]
    outside: tuple[str, ...]
    runs_signal: bool | None
    n: int
    method: str
    sigma_z: tuple[float | None, ...] = ()
    notes: tuple[str, ...] = ()
    cannot: str = field(default="")

    def table(self) -> pd.DataFrame:
        """Returns the points as a table, one row a period, in order."""
        return pd.DataFrame([vars(point) for point in self.points], columns=list(ControlPoint.__dataclass_fields__))


def cannot_chart(kind: str, reason: str) -> ControlChart:
    """Returns the result that says why there is no chart."""
    return ControlChart(kind, (), (), (), None, 0, f"{kind} chart: not drawn.", cannot=reason)


def cut(series: Series, start: int, end: int) -> Series:
    """Returns the part of a series from one position to another."""
    part = slice(start, end)
    return Series(series.periods[part], series.values[part], series.counts[part], series.n[part])


def beyond(values: FloatArray, limits: Limits) -> BoolArray:
    """Returns which points lie beyond their limits; equality is inside. NaN on either side is inside."""
    rounding = rounding_of(values[None, :])[0, 0]
    outside: BoolArray = (values > limits.upper + rounding) | (values < limits.lower - rounding)
    return outside


def _points(series: Series, limits: Limits, number: int) -> list[ControlPoint]:
    """Returns the points of one segment."""
    outside = beyond(series.values, limits)
    measured = series.measured
    return [
        ControlPoint(
            period=period,
            value=none_if_nan(series.values[k]),
            count=none_if_nan(series.counts[k]),
            n=float(series.n[k]) if measured[k] else None,
            segment=number,
            centre=none_if_nan(limits.centre[k]),
            lower=none_if_nan(limits.lower[k]),
            upper=none_if_nan(limits.upper[k]),
            outside=bool(outside[k]),
        )
        for k, period in enumerate(series.periods)
    ]


def _method(kind: str, baseline: int | None, rebases: Sequence[Rebase]) -> str:
    """Returns the method line: kind, rule, where the limits come from, each rebase with its reason."""
    fixed = f"limits fixed on the first {baseline} points" if baseline is not None else "limits from all points"
    return f"{kind} chart, {RULES}; {fixed}{rebase_marks(rebases)}."


def control_chart(
    kind: str, series: Series, limit_rule: LimitRule, *, baseline: int | None = None, rebases: Sequence[Rebase] = ()
) -> ControlChart:
    """Returns the chart of that kind, its limits computed in each segment from all its points or from its first `baseline`.

    Raises PolicyError for a baseline below 12 points or a rebase outside the series.
    """
    check_baseline(baseline)
    if not series.measured.any():
        return cannot_chart(kind, "There is no value to chart.")
    starts = segment_starts(series.periods, rebases)
    parts = [cut(series, start, end) for start, end in zip(starts, [*starts[1:], len(series.periods)], strict=True)]
    limits = [limit_rule(part, in_baseline(part.measured, baseline)) for part in parts]
    points = [p for k, (part, edge) in enumerate(zip(parts, limits, strict=True), 1) for p in _points(part, edge, k)]
    centres = [float(edge.centre[0]) for edge in limits]
    runs = describe_segments(series, centres, starts, rebases)
    notes = gap_note(series.missing, "each is left out")
    return ControlChart(
        kind=kind,
        points=tuple(points),
        runs=runs,
        outside=tuple(point.period for point in points if point.outside),
        runs_signal=any_signal(runs),
        n=int(series.measured.sum()),
        method=_method(kind, baseline, rebases),
        sigma_z=tuple(edge.sigma_z for edge in limits),
        notes=(*notes, *(note for edge in limits for note in edge.notes)),
    )


def constant(value: float, like: FloatArray) -> FloatArray:
    """Returns the value once for each point."""
    return np.full(like.shape, value)


def mean_or_nan(values: FloatArray) -> float:
    """Returns the mean, NaN of none."""
    return float(values.mean()) if len(values) else float("nan")
