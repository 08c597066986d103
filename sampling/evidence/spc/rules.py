"""The Making Data Count rules on many series at once, as NHSRplotthedots 0.2.2 reads them (docs/evidence-charts.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from sampling.errors import PolicyError
from sampling.evidence.spc.series import BoolArray, FloatArray, IntArray

Direction = Literal["increase", "decrease", "neutral"]
Missing = Literal["breaks", "closed up"]

NO_RULE, OUTSIDE, TREND, TWO_IN_THREE, SHIFT = 0, 1, 2, 3, 4  # also the order in which a point takes its label
RULE_NAMES = ("", "outside limits", "trend", "two in three", "shift")
RUN_LENGTHS = (6, 7)  # the Making Data Count Excel tool offers both; NHSRplotthedots has 7
ICONS_FROM = 13  # Making Data Count Excel: limits and icons from 13 points (NHSRplotthedots issue 194)
SIGNS: dict[Direction, int] = {"increase": 1, "decrease": -1, "neutral": 0}
_OF_THREE, _AT_LEAST = 3, 2


@dataclass(frozen=True)
class RuleSet:
    """Which of the published variants is followed. The default is NHSRplotthedots 0.2.2, with icons held back below 13 points.

    `run_length`: points in a shift and in a trend. `screened`: extreme moving ranges are left out of the limits, once.
    `count_beyond_limits`: in two in three, points outside the limits count too (MDC Excel since November 2023).
    `icons_from`: points the latest segment needs before icons are shown; 1 shows them always. `missing`: a period without a
    value breaks runs and moving ranges, or is closed up as if it had not been.
    """

    run_length: int = 7
    screened: bool = True
    count_beyond_limits: bool = False
    icons_from: int = ICONS_FROM
    missing: Missing = "breaks"

    def __post_init__(self) -> None:
        if self.run_length not in RUN_LENGTHS:
            raise PolicyError(f"A run of {self.run_length} points is no Making Data Count rule: choose 6 or 7.")
        if self.icons_from < 1:
            raise PolicyError(f"Icons from {self.icons_from} points: choose 1 or more.")

    @property
    def name(self) -> str:
        """Returns the rule set in words, for the chart's method line."""
        parts = [
            "NHSRplotthedots 0.2.2 rules",
            f"{self.run_length}-point shift",
            "screened" if self.screened else "not screened",
        ]
        if self.count_beyond_limits:
            parts.append("two in three counts points beyond the limits (Making Data Count Excel since November 2023)")
        return ", ".join(parts)


@dataclass(frozen=True)
class Signals:
    """The rule that labels each point (0 when none) and its side: 1 above or rising, -1 below or falling. Shapes (series, points)."""

    rule: IntArray
    side: IntArray


@dataclass(frozen=True)
class Band:
    """Centre, limits and close band of each series in one segment, and the difference that counts as none. Shapes (series, 1)."""

    centre: FloatArray
    lower: FloatArray
    upper: FloatArray
    close_lower: FloatArray
    close_upper: FloatArray
    rounding: FloatArray


def spread(complete: BoolArray, length: int, points: int) -> BoolArray:
    """Returns the members of complete patterns: `complete` (series, windows) says at which window of `length` points one stands."""
    members = np.zeros((complete.shape[0], points), dtype=bool)
    for offset in range(length if complete.shape[1] else 0):
        members[:, offset : offset + complete.shape[1]] |= complete
    return members


def window_sums(signs: IntArray, length: int) -> IntArray:
    """Returns the sum over each window of `length` columns; no columns when there are fewer points. Shape (series, windows)."""
    if signs.shape[1] < length:
        return np.zeros((signs.shape[0], 0), dtype=np.int64)
    running = np.cumsum(signs, axis=1)
    sums: IntArray = running[:, length - 1 :].copy()
    sums[:, 1:] -= running[:, :-length]
    return sums


def signs_of(differences: FloatArray, rounding: FloatArray) -> IntArray:
    """Returns 1, 0 or -1 for each difference: 0 where it is rounding alone, or missing."""
    return (differences > rounding).astype(np.int64) - (differences < -rounding).astype(np.int64)


def shift_members(sides: IntArray, length: int) -> BoolArray:
    """Returns the points of each run of `length` or more on one side of the centre line; a point on it (0) breaks the run."""
    return spread(np.abs(window_sums(sides, length)) == length, length, sides.shape[1])


def trend_directions(steps: IntArray, length: int) -> IntArray:
    """Returns 1 for the points of a rise of `length` or more, -1 for those of a fall, else 0. `steps` has one column fewer.

    A tie (0) breaks the trend. A turning point that ends a rise and starts a fall belongs to the fall, and the other way round.
    """
    points = steps.shape[1] + 1
    sums = window_sums(steps, length - 1)
    rising = spread(sums == length - 1, length, points)
    falling = spread(sums == 1 - length, length, points)
    next_step = np.concatenate([steps, np.zeros((steps.shape[0], 1), dtype=np.int64)], axis=1)
    return np.where(rising & falling, next_step, rising.astype(np.int64) - falling.astype(np.int64))


def two_in_three_members(sides: IntArray, counted: BoolArray) -> BoolArray:
    """Returns the counted points in any three consecutive points on one side of which two or more are counted."""
    on_one_side = np.abs(window_sums(sides, _OF_THREE)) == _OF_THREE
    enough = window_sums(counted.astype(np.int64), _OF_THREE) >= _AT_LEAST
    return spread(on_one_side & enough, _OF_THREE, sides.shape[1]) & counted


def find_signals(values: FloatArray, band: Band, rules: RuleSet) -> Signals:
    """Returns the label of each point of one segment: outside, then trend, then two in three, then shift. Shape (series, points)."""
    above = values > band.upper + band.rounding
    below = values < band.lower - band.rounding
    sides = signs_of(values - band.centre, band.rounding)
    beyond = (values > band.close_upper + band.rounding) | (values < band.close_lower - band.rounding)
    counted = beyond if rules.count_beyond_limits else beyond & ~(above | below)
    trend = trend_directions(signs_of(np.diff(values, axis=1), band.rounding), rules.run_length)
    conditions = [
        above | below,
        trend != 0,
        two_in_three_members(sides, counted),
        shift_members(sides, rules.run_length),
    ]
    rule = np.select(conditions, [OUTSIDE, TREND, TWO_IN_THREE, SHIFT], NO_RULE).astype(np.int64)
    side = np.select(
        [rule == OUTSIDE, rule == TREND, rule != NO_RULE], [above.astype(np.int64) - below, trend, sides], 0
    )
    return Signals(rule, side.astype(np.int64))
