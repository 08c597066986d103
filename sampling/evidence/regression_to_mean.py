"""Regression to the mean: what cases chosen for their low level, or for what was happening in them, gain although nothing changed.

Expected second mean of the chosen: mu + r (chosen mean - mu). So of the gain, (1 - r)(mu - chosen mean) is spurious. r is the
correlation of two scorings: of the same record by two raters it holds the rater's error alone; what really comes and goes in a case makes
it smaller, and the spurious gain larger. Linden 2013; Jones and Spiegelhalter 2009.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from sampling.evidence.results import CONFIDENCE, Interval, counted

Chosen = Literal["random", "volatility", "level"]
HOW_CHOSEN: dict[Chosen, str] = {
    "random": "These cases were drawn at random.",
    "volatility": "These cases were drawn from those with recent recorded change.",
    "level": "These cases were chosen because they scored low.",
}
ASSUMED = (
    0.4,
    0.8,
)  # the range of r that is stated where no case was scored twice: our judgement, from the simulations of the design
FEWEST_PAIRS = 10  # below that an interval of r says almost nothing

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Retest:
    """The correlation r of two scorings, as one value or a range, and where it comes from in words. `value` is None where it cannot be had."""

    value: float | None
    low: float
    high: float
    source: str
    n: int = 0


@dataclass(frozen=True)
class Regression:
    """The gain of chosen cases beside what was to be expected without any change.

    `expected` is (1 - r)(mu - chosen mean) at r; `expected_range` the same at the ends of r's range; `adjusted` is gain less expected,
    `adjusted_range` at the ends. All in levels. None with a `reason` where the mean of all cases is not known.
    """

    chosen: Chosen
    gain: float | None
    expected: float | None
    expected_range: Interval | None
    adjusted: float | None
    adjusted_range: Interval | None
    retest: Retest
    reason: str = ""
    notes: tuple[str, ...] = ()


def assumed_retest(low: float = ASSUMED[0], high: float = ASSUMED[1]) -> Retest:
    """Returns the range of r that is taken where no case was scored twice, with its middle as the value."""
    return Retest((low + high) / 2, low, high, f"assumed, between {low:.2g} and {high:.2g}")


def retest_correlation(first: Sequence[float | None], second: Sequence[float | None]) -> Retest:
    """Returns r of double-scored cases with Fisher's z interval, or the assumed range where they are too few or do not vary.

    A negative correlation counts as 0: (1 - r) above 1 would expect the chosen to pass the others.
    """
    one, other = _complete(first, second)
    n = len(one)
    assumption = assumed_retest()
    if n < FEWEST_PAIRS:
        why = f"{assumption.source}, since only {counted(n, 'case')} of the at least {FEWEST_PAIRS} needed were scored twice"
        return Retest(assumption.value, assumption.low, assumption.high, why, n)
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        why = f"{assumption.source}, since all of the {counted(n, 'double-scored case')} have the same level"
        return Retest(assumption.value, assumption.low, assumption.high, why, n)
    r = float(np.corrcoef(one, other)[0, 1])
    half = float(stats.norm.ppf(1 - (1 - CONFIDENCE) / 2)) / math.sqrt(n - 3)
    z = math.atanh(min(max(r, -0.999999), 0.999999))
    low, high = (min(max(math.tanh(end), 0.0), 1.0) for end in (z - half, z + half))
    return Retest(min(max(r, 0.0), 1.0), low, high, f"from {counted(n, 'double-scored case')}", n)


def _complete(first: Sequence[float | None], second: Sequence[float | None]) -> tuple[Floats, Floats]:
    """Returns the pairs of which both numbers are there."""
    one, other = np.array(first, dtype=np.float64), np.array(second, dtype=np.float64)
    known = np.isfinite(one) & np.isfinite(other)
    return one[known], other[known]


def spurious_gain(r: float, mean_of_all: float, mean_of_chosen: float) -> float:
    """Returns the gain to be expected of the chosen without any change, in the units of the means.

    >>> round(spurious_gain(0.6, 0.0, -1.271), 2)  # the worst quarter of a normal distribution, in standard deviations
    0.51
    """
    return (1 - r) * (mean_of_all - mean_of_chosen)


def regression_to_mean(
    chosen: Chosen,
    before: Sequence[float | None],
    after: Sequence[float | None],
    *,
    mean_of_all: float | None,
    retest: Retest,
) -> Regression:
    """Returns the gain of the chosen cases beside the spurious gain that r predicts.

    `mean_of_all` is the mean of all cases at the first scoring, best from the random stratum. Cases drawn at random are expected to gain
    nothing by it. For cases drawn on volatility the formula gives a floor: crises settle by themselves, and the record with them.
    """
    start, end = _complete(before, after)
    gain = float(end.mean() - start.mean()) if len(start) else None
    empty = Regression(chosen, gain, None, None, None, None, retest)
    if gain is None:
        return _with_reason(empty, "There are no cases.")
    if chosen == "random":
        zero = Interval(0.0, 0.0, "drawn at random")
        return Regression(chosen, gain, 0.0, zero, gain, Interval(gain, gain, "drawn at random"), retest)
    if mean_of_all is None or retest.value is None:
        return _with_reason(
            empty,
            "How much of the gain was to be expected without any change cannot be said: the mean of all cases at the first scoring is not known. "
            "A random stratum would give it.",
        )
    chosen_mean = float(start.mean())
    value, ends = (
        spurious_gain(retest.value, mean_of_all, chosen_mean),
        sorted(spurious_gain(r, mean_of_all, chosen_mean) for r in (retest.low, retest.high)),
    )
    span = Interval(ends[0], ends[1], f"r {retest.low:.2f} to {retest.high:.2f}, {retest.source}")
    adjusted = Interval(gain - ends[1], gain - ends[0], span.method)
    return Regression(chosen, gain, value, span, gain - value, adjusted, retest, notes=_notes(chosen, retest))


def _notes(chosen: Chosen, retest: Retest) -> tuple[str, ...]:
    notes = []
    if retest.source.startswith("from "):
        notes.append(
            "r is of two raters on the same record: what comes and goes in the cases themselves is not in it, and would make the expected gain larger."
        )
    if chosen == "volatility":
        notes.append(
            "Crises settle by themselves, and the record after them reads better: the expected gain is a floor."
        )
    return tuple(notes)


def _with_reason(regression: Regression, reason: str) -> Regression:
    return Regression(regression.chosen, regression.gain, None, None, None, None, regression.retest, reason=reason)
