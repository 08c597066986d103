"""Laney's P' and U' charts (2002) as qicharts2 0.8.1, but that a factor below 1 never narrows the limits.

At 20 cases a month and truly binomial data the factor is below 1 in more than half of all series, and narrowed limits then
raise false signals; so the limits here are never inside those of the plain P or U chart (docs/evidence-charts.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd

from sampling.evidence.spc.attributes import (
    D2,
    clipped,
    neighbours,
    rate_sigma,
    read_shares,
    screened_mean,
    share_sigma,
    unreachable,
)
from sampling.evidence.spc.control import ControlChart, Limits, control_chart
from sampling.evidence.spc.limits import SCREEN_FACTOR
from sampling.evidence.spc.series import BoolArray, FloatArray, Rebase, Series, none_if_nan, read_counts


def sigma_z(values: FloatArray, base: BoolArray, scale: tuple[float, FloatArray], *, screened: bool) -> float:
    """Returns Laney's factor: average moving range of z = (value - centre) / sigma over 1.128; NaN where it cannot be said.

    `scale`: the centre and each point's sigma. `screened`: extreme moving ranges are left out once (qicharts2 when attached).
    """
    centre, sigma = scale
    z = np.divide(values - centre, sigma, out=np.full(len(values), np.nan), where=sigma > 0)
    ranges = np.abs(np.diff(z))[neighbours(base)]
    ranges = ranges[np.isfinite(ranges)]
    return screened_mean(ranges, SCREEN_FACTOR, screened) / D2


def _notes(factor: float) -> tuple[str, ...]:
    """Returns what a reader must know of the factor."""
    if np.isnan(factor):
        return ("Sigma z cannot be computed from these points; the limits are those of the plain chart.",)
    if factor < 1:
        return (f"Sigma z is {factor:.2f}, below 1: the limits are those of the plain chart, never narrower.",)
    return (f"Sigma z is {factor:.2f}: the limits are that many times as wide as those of the plain chart.",)


def _prime(series: Series, base: BoolArray, scale: tuple[float, FloatArray], *, top: float, screened: bool) -> Limits:
    """Returns the plain chart's limits, widened by Laney's factor."""
    centre, sigma = scale
    factor = sigma_z(series.values, base, scale, screened=screened)
    widened = clipped(centre, sigma * max(1.0, factor) if np.isfinite(factor) else sigma, top)
    notes = (*_notes(factor), *unreachable(series, widened, top))
    return Limits(widened.centre, widened.lower, widened.upper, notes, none_if_nan(factor))


def p_prime_limits(series: Series, base: BoolArray, *, screened: bool = True) -> Limits:
    """Returns the limits of a P' chart, inside 0 to 1."""
    return _prime(series, base, share_sigma(series, base), top=1.0, screened=screened)


def u_prime_limits(series: Series, base: BoolArray, *, screened: bool = True) -> Limits:
    """Returns the limits of a U' chart, not below 0."""
    return _prime(series, base, rate_sigma(series, base), top=np.inf, screened=screened)


def p_prime_chart(
    frame: pd.DataFrame, *, baseline: int | None = None, rebases: Sequence[Rebase] = (), screened: bool = True
) -> ControlChart:
    """Returns the P' chart of the share count / n: columns `period`, `count`, `n`. Raises as `p_chart`."""
    limit_rule = partial(p_prime_limits, screened=screened)
    return control_chart("P'", read_shares(frame), limit_rule, baseline=baseline, rebases=rebases)


def u_prime_chart(
    frame: pd.DataFrame, *, baseline: int | None = None, rebases: Sequence[Rebase] = (), screened: bool = True
) -> ControlChart:
    """Returns the U' chart of the rate count / n: columns `period`, `count`, `n`. Raises as `p_chart`."""
    limit_rule = partial(u_prime_limits, screened=screened)
    return control_chart("U'", read_counts(frame), limit_rule, baseline=baseline, rebases=rebases)
