"""Intervals of 95 per cent for a mean and for a share from a designed sample."""

from __future__ import annotations

import math

import numpy as np
from scipy import special, stats

from sampling.evidence.results import CONFIDENCE, Estimate, Interval

_TAIL = (1 - CONFIDENCE) / 2


def t_quantile(degrees: float) -> float:
    """Returns the upper 97.5 per cent point of Student's t.

    >>> round(t_quantile(10), 3)
    2.228
    """
    return float(stats.t.ppf(1 - _TAIL, degrees))


def t_interval(
    value: float, standard_error: float, degrees: float, *, low: float = -math.inf, high: float = math.inf
) -> Interval:
    """Returns value -/+ t * standard error, cut at what the scale allows (`low`, `high`)."""
    half = t_quantile(degrees) * standard_error
    name = f"Student's t, {degrees:.3g} degrees of freedom"
    return Interval(max(low, value - half), min(high, value + half), name)


def effective_size(share: float, variance: float, n: int, degrees: float) -> float:
    """Returns how many cases of a simple random sample would tell as much: p(1-p)/variance, times the squared ratio of t quantiles
    (Korn and Graubard 1998, as in `svyciprop(method = "beta")` of R's survey).
    """
    return share * (1 - share) / variance * (t_quantile(n - 1) / t_quantile(degrees)) ** 2


def beta_interval(share: float, size: float) -> Interval:
    """Returns the interval of Korn and Graubard (1998): Clopper and Pearson's on the effective size. It also holds at 0 and at 1.

    >>> [round(end, 4) for end in (beta_interval(0, 10).low, beta_interval(0, 10).high)]
    [0.0, 0.3085]
    """
    low = float(special.betaincinv(size * share, size * (1 - share) + 1, _TAIL)) if share > 0 else 0.0
    high = float(special.betaincinv(size * share + 1, size * (1 - share), 1 - _TAIL)) if share < 1 else 1.0
    return Interval(low, high, f"Korn and Graubard's beta interval, effective size {size:.3g}")


def wilson_interval(part: int, whole: int) -> Interval:
    """Returns Wilson's score interval (1927) of a share of independent answers; it also holds at 0 and at 1. `whole` is at least 1.

    >>> [round(end, 4) for end in (wilson_interval(8, 10).low, wilson_interval(8, 10).high)]
    [0.4902, 0.9433]
    """
    found = stats.binomtest(part, whole).proportion_ci(CONFIDENCE, method="wilson")
    return Interval(float(found.low), float(found.high), f"Wilson's score interval, n = {whole}")


def logit_interval(share: float, variance: float, degrees: float) -> Interval | None:
    """Returns the t interval on the scale of log odds, turned back into shares; None at 0 and at 1, where log odds do not exist.

    As `svyciprop(method = "logit")` of R's survey: the delta method gives the log odds the standard error sqrt(variance)/(p(1-p)).
    """
    if not 0 < share < 1:
        return None
    half = t_quantile(degrees) * math.sqrt(variance) / (share * (1 - share))
    centre = math.log(share / (1 - share))
    low, high = special.expit(np.array([centre - half, centre + half]))
    return Interval(float(low), float(high), f"logit interval, {degrees:.3g} degrees of freedom")


def difference_interval(before: Estimate, after: Estimate) -> Interval | None:
    """Returns the interval of after less before from the two intervals of independent samples, or None where one has none.

    MOVER, the square-and-add method (Zou and Donner 2008; Newcombe 1998): it keeps the lopsidedness that shares near 0 and 1 have.
    """
    if before.interval is None or after.interval is None or before.value is None or after.value is None:
        return None
    change = after.value - before.value
    below = math.hypot(after.value - after.interval.low, before.interval.high - before.value)
    above = math.hypot(after.interval.high - after.value, before.value - before.interval.low)
    return Interval(change - below, change + above, "square and add (MOVER) of the two intervals")
