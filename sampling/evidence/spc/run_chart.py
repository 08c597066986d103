"""Run charts with Anhøj's two rules, as qicharts2 0.8.1: the longest run and the number of crossings of the median.

Anhøj and Olesen (2014), Run charts revisited, PLOS ONE 9(11) e113825; limits after Schilling (2012) and Chen (2010).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from scipy.stats import binom

from sampling.evidence.spc.limits import rounding_of
from sampling.evidence.spc.rules import signs_of
from sampling.evidence.spc.series import (
    BoolArray,
    FloatArray,
    IntArray,
    Rebase,
    Series,
    check_baseline,
    gap_note,
    in_baseline,
    plural,
    read_values,
    rebase_marks,
    segment_reasons,
    segment_starts,
)

CROSSINGS_LEVEL = 0.05  # the lower 5% point of the crossings of a random series
MINIMUM_USEFUL = 10  # the tables of Anhøj and Olesen start at ten useful points
METHOD = "Run chart, Anhøj rules as qicharts2 0.8.1 (longest run and crossings of the median)"


@dataclass(frozen=True)
class RunFigures:
    """Useful points (not on the centre line), longest run on one side, and crossings, of many series. Shapes (series,)."""

    useful: IntArray
    longest: IntArray
    crossings: IntArray


@dataclass(frozen=True)
class RunSegment:
    """One stretch between rebases. `signal` is None where it cannot be said; `words` says the result or why there is none."""

    start: str
    reason: str
    centre: float
    n: int
    useful: int
    longest_run: int
    longest_run_limit: int | None
    crossings: int
    crossings_limit: int | None
    signal: bool | None
    words: str


@dataclass(frozen=True)
class RunPoint:
    """One period of a run chart; `side` is 1 above the centre line, -1 below, 0 on it or without a value."""

    period: str
    value: float | None
    segment: int
    centre: float | None
    side: int


@dataclass(frozen=True)
class RunChart:
    """A run chart's numbers. `signal`: in any segment; None when it cannot be said of any."""

    points: tuple[RunPoint, ...]
    segments: tuple[RunSegment, ...]
    signal: bool | None
    n: int
    method: str
    notes: tuple[str, ...]

    def table(self) -> pd.DataFrame:
        """Returns the points as a table, one row a period, in order."""
        return pd.DataFrame([vars(point) for point in self.points], columns=list(RunPoint.__dataclass_fields__))


def longest_run_limit(useful: int) -> int:
    """Returns the longest run that is still no signal: log2 of the useful points, rounded, plus 3.

    R rounds a half to the even number and so does Python; log2 of a whole number is never a half, so neither matters here.

    >>> [longest_run_limit(n) for n in (10, 12, 22, 23, 45, 46)]
    [6, 7, 7, 8, 8, 9]
    """
    return round(math.log2(useful)) + 3


@lru_cache(maxsize=512)
def crossings_limit(useful: int) -> int:
    """Returns the fewest crossings that are still no signal: the 5% point of Binomial(useful - 1, 1/2).

    >>> [crossings_limit(n) for n in (10, 12, 20, 24, 36)]
    [2, 3, 6, 8, 13]
    """
    return int(binom.ppf(CROSSINGS_LEVEL, useful - 1, 0.5))


def count_runs(sides: IntArray) -> RunFigures:
    """Returns the figures of many series of sides (1, -1, and 0 for a point that neither breaks nor extends a run)."""
    series = sides.shape[0]
    last, run, longest, crossings, useful = (np.zeros(series, dtype=np.int64) for _ in range(5))
    for column in sides.T:
        counts = column != 0
        useful += counts
        crossings += counts & (last != 0) & (column != last)
        run = np.where(counts, np.where(column == last, run + 1, 1), run)
        longest = np.maximum(longest, run)
        last = np.where(counts, column, last)
    return RunFigures(useful, longest, crossings)


def run_signals(values: FloatArray, *, baseline: int | None = None) -> BoolArray:
    """Returns which of many series, shape (series, points), have a run chart signal about their median. Shape (series,).

    A series with fewer than ten useful points has none. Raises PolicyError for a baseline below 12 points.
    """
    check_baseline(baseline)
    measured = np.isfinite(values)
    values = np.where(measured.any(axis=1, keepdims=True), values, 0.0)  # no value at all: no useful point, no signal
    base = np.where(in_baseline(np.isfinite(values), baseline), values, np.nan)
    figures = count_runs(signs_of(values - np.nanmedian(base, axis=1, keepdims=True), rounding_of(values)))
    sizes = np.maximum(np.arange(values.shape[1] + 1), 1)
    runs = np.array([longest_run_limit(int(n)) for n in sizes])[figures.useful]
    crosses = np.array([crossings_limit(int(n)) for n in sizes])[figures.useful]
    signal: BoolArray = (figures.longest > runs) | (figures.crossings < crosses)
    return signal & (figures.useful >= MINIMUM_USEFUL)


def describe_runs(segment: tuple[str, str], values: FloatArray, centre: float) -> RunSegment:
    """Returns the runs of one segment (its first period, the reason of its rebase) about a centre line that is given."""
    sides = signs_of(values[None, :] - centre, rounding_of(values[None, :]))
    figures = count_runs(sides)
    useful, longest, crossings = (int(a[0]) for a in (figures.useful, figures.longest, figures.crossings))
    n = int(np.isfinite(values).sum())
    if useful < MINIMUM_USEFUL:
        words = (
            f"Too few points to say: {useful} of {plural(n, 'point')} lie off the centre line, "
            f"and the run rules need {MINIMUM_USEFUL}."
        )
        return RunSegment(*segment, centre, n, useful, longest, None, crossings, None, None, words)
    most, fewest = longest_run_limit(useful), crossings_limit(useful)
    found = []
    if longest > most:
        found.append(f"a run of {longest} points on one side of the centre line (more than {most})")
    if crossings < fewest:
        found.append(f"{plural(crossings, 'crossing')} of the centre line (fewer than {fewest})")
    words = (
        f"Not random: {' and '.join(found)}."
        if found
        else (
            f"Random variation: longest run {longest} (at most {most}), {plural(crossings, 'crossing')} (at least {fewest})."
        )
    )
    return RunSegment(*segment, centre, n, useful, longest, most, crossings, fewest, bool(found), words)


def describe_segments(
    series: Series, centres: Sequence[float], starts: Sequence[int], rebases: Sequence[Rebase]
) -> tuple[RunSegment, ...]:
    """Returns the runs of each segment about its own centre line; a segment without a value has none."""
    reasons = segment_reasons(rebases)
    ends = [*starts[1:], len(series.periods)]
    return tuple(
        describe_runs((series.periods[start], reason), series.values[start:end], centre)
        for start, end, reason, centre in zip(starts, ends, reasons, centres, strict=True)
        if np.isfinite(centre)
    )


def any_signal(segments: Sequence[RunSegment]) -> bool | None:
    """Returns whether any segment has a signal, None when it cannot be said of any."""
    known = [segment.signal for segment in segments if segment.signal is not None]
    return any(known) if known else None


def _median(values: FloatArray, baseline: int | None) -> float:
    """Returns the median of the points that the centre line comes from, NaN when there are none."""
    base = values[in_baseline(np.isfinite(values), baseline)]
    return float(np.median(base)) if len(base) else float("nan")


def run_chart(frame: pd.DataFrame, *, baseline: int | None = None, rebases: Sequence[Rebase] = ()) -> RunChart:
    """Returns the run chart of a series: columns `period` and `value`, one row a period, in any order.

    `baseline`: the median comes from the first so many points of each segment (12 or more). Single points are never marked:
    the rules speak of a whole segment. Raises SourceError and PolicyError as `xmr_chart`.
    """
    check_baseline(baseline)
    series = read_values(frame)
    starts = segment_starts(series.periods, rebases)
    ends = (*starts[1:], len(series.periods)) if starts else ()
    centres = [_median(series.values[start:end], baseline) for start, end in zip(starts, ends, strict=True)]
    segments = describe_segments(series, centres, starts, rebases) if starts else ()
    points = []
    for number, (start, end, centre) in enumerate(zip(starts, ends, centres, strict=True), start=1):
        values = series.values[None, start:end]
        sides = signs_of(values - centre, rounding_of(values))[0]
        for k, side in enumerate(sides, start=start):
            value = series.values[k]
            known = None if np.isnan(centre) else centre
            points.append(
                RunPoint(series.periods[k], None if np.isnan(value) else float(value), number, known, int(side))
            )
    notes = gap_note(series.missing, "each is left out; it neither breaks nor extends a run")
    n = int(series.measured.sum())
    if not n:
        notes = (*notes, "There is no value to chart.")
    where = f"; median of the first {baseline} points" if baseline is not None else "; median of all points"
    return RunChart(tuple(points), segments, any_signal(segments), n, f"{METHOD}{where}{rebase_marks(rebases)}.", notes)
