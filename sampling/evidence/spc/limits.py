"""Centre line and process limits of XmR charts on many series at once, as NHSRplotthedots 0.2.2 computes them.

Three degenerate cases are mended, and said on the chart: a series without any variation (there NaN, here limits at the
mean), screening that would leave no moving range but zeros (there every point lies outside, here it is not applied), and
periods without a value (there an error or a false signal, here they break the pattern).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sampling.evidence.spc.rules import Band, RuleSet, Signals, find_signals
from sampling.evidence.spc.series import (
    ROUNDING,
    BoolArray,
    FloatArray,
    IntArray,
    check_baseline,
    in_baseline,
)

LIMIT_FACTOR = 2.66  # 3 / d2 with d2 = 1.128, rounded to two decimals as in Making Data Count and NHSRplotthedots
CLOSE_FACTOR = 2 * (LIMIT_FACTOR / 3)
SCREEN_FACTOR = 3.267  # D4 for two points: a moving range of that many average ones is extreme (Nelson 1982)


@dataclass(frozen=True)
class SegmentFigures:
    """Per series, what the limits of one segment rest on. Shapes (series,); NaN where too few points to say.

    `points`: measured points; `used`: those that the limits come from; `screened_out`: moving ranges left out;
    `held_back`: screening was not applied, since nothing but zeros would have been left.
    """

    start: int
    points: IntArray
    used: IntArray
    centre: FloatArray
    lower: FloatArray
    upper: FloatArray
    average_range: FloatArray
    screened_out: IntArray
    held_back: BoolArray


@dataclass(frozen=True)
class XmrArrays:
    """Limits and signals of many series. `centre`, `lower`, `upper`, `rule`, `side`: shape (series, points); segments in order."""

    centre: FloatArray
    lower: FloatArray
    upper: FloatArray
    rule: IntArray
    side: IntArray
    segments: tuple[SegmentFigures, ...]


def masked_mean(values: FloatArray, mask: BoolArray) -> FloatArray:
    """Returns the mean of each row over its marked columns, NaN for a row without any. Shape (series,)."""
    count = mask.sum(axis=1)
    total = np.where(mask, values, 0.0).sum(axis=1)
    mean: FloatArray = np.divide(total, count, out=np.full(len(count), np.nan), where=count > 0)
    return mean


def rounding_of(values: FloatArray) -> FloatArray:
    """Returns, per series, the difference below which two of its values are the same. Shape (series, 1)."""
    largest = np.where(np.isfinite(values), np.abs(values), 0.0).max(axis=1, initial=0.0)
    rounding: FloatArray = (ROUNDING * largest)[:, np.newaxis]
    return rounding


def average_moving_range(
    values: FloatArray, base: BoolArray, rules: RuleSet, rounding: FloatArray
) -> tuple[FloatArray, IntArray, BoolArray]:
    """Returns the average moving range, the number screened out, and where screening was held back. Shapes (series,)."""
    ranges = np.abs(np.diff(values, axis=1))
    ranges = np.where(ranges <= rounding, 0.0, ranges)
    counted = base[:, 1:] & base[:, :-1]
    average = masked_mean(ranges, counted)
    if not rules.screened:
        none = np.zeros(len(values), dtype=np.int64)
        return average, none, none.astype(bool)
    kept = counted & (ranges < SCREEN_FACTOR * average[:, np.newaxis] - rounding)
    screened = masked_mean(ranges, kept)
    varies = average > 0
    held_back = varies & ~(screened > 0)
    applied = varies & ~held_back
    out = np.where(applied, (counted & ~kept).sum(axis=1), 0)
    return np.where(applied, screened, average), out, held_back


def figure_segment(values: FloatArray, rules: RuleSet, baseline: int | None, start: int) -> tuple[SegmentFigures, Band]:
    """Returns the figures and the band of one segment; `values` has shape (series, points of the segment)."""
    measured = np.isfinite(values)
    base = in_baseline(measured, baseline)
    rounding = rounding_of(values)
    centre = masked_mean(values, base)
    average, out, held_back = average_moving_range(values, base, rules, rounding)
    lower, upper = centre - LIMIT_FACTOR * average, centre + LIMIT_FACTOR * average
    figures = SegmentFigures(
        start, measured.sum(axis=1), base.sum(axis=1), centre, lower, upper, average, out, held_back
    )
    close = CLOSE_FACTOR * average
    column = (slice(None), np.newaxis)
    band = Band(
        centre=centre[column],
        lower=lower[column],
        upper=upper[column],
        close_lower=(centre - close)[column],
        close_upper=(centre + close)[column],
        rounding=rounding,
    )
    return figures, band


def analyse_many(
    values: FloatArray, rules: RuleSet, *, starts: Sequence[int] = (0,), baseline: int | None = None
) -> XmrArrays:
    """Returns limits and signals of many series of the same length. `values`: shape (series, points), NaN for no value.

    `starts`: the columns at which segments start, the first being 0; limits, runs and trends stay inside a segment.
    `baseline`: limits come from the first so many measured points of each segment. Raises PolicyError when it is below 12.
    """
    check_baseline(baseline)
    figures: list[SegmentFigures] = []
    signals: list[Signals] = []
    for start, end in zip(starts, [*starts[1:], values.shape[1]], strict=True):
        part = values[:, start:end]
        segment, band = figure_segment(part, rules, baseline, start)
        figures.append(segment)
        signals.append(find_signals(part, band, rules))
    lengths = np.diff([*starts, values.shape[1]])
    centre, lower, upper = (
        np.repeat(np.stack(edges, axis=1), lengths, axis=1)
        for edges in zip(*((f.centre, f.lower, f.upper) for f in figures), strict=True)
    )
    rule = np.concatenate([signal.rule for signal in signals], axis=1)
    side = np.concatenate([signal.side for signal in signals], axis=1)
    return XmrArrays(centre, lower, upper, rule, side, tuple(figures))
