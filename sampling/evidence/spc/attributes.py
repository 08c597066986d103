"""P, U, C, I and I' charts as qicharts2 0.8.1 computes them (formulas: docs/evidence-charts.md)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd

from sampling.errors import SourceError
from sampling.evidence.spc.control import SIGMAS, ControlChart, Limits, constant, control_chart, mean_or_nan
from sampling.evidence.spc.limits import SCREEN_FACTOR
from sampling.evidence.spc.series import ROUNDING, BoolArray, FloatArray, Rebase, Series, read_counts, read_values

D2 = 1.128  # expected range of two standard normal values, as rounded in Montgomery and qicharts2
PRIME_SCREEN_FACTOR = 3.2665  # qicharts2's screen for the standardised moving ranges of I' charts


def pooled(series: Series, base: BoolArray) -> float:
    """Returns the share or rate of the baseline points together: all counts over all cases; NaN of none."""
    n = float(series.n[base].sum())
    return float(series.counts[base].sum()) / n if n else float("nan")


def share_sigma(series: Series, base: BoolArray) -> tuple[float, FloatArray]:
    """Returns the pooled share and each point's binomial standard deviation (NaN without a value)."""
    centre = pooled(series, base)
    variance = max(centre * (1 - centre), 0.0) if np.isfinite(centre) else centre
    return centre, _per_point(variance, series.n)


def rate_sigma(series: Series, base: BoolArray) -> tuple[float, FloatArray]:
    """Returns the pooled rate and each point's Poisson standard deviation (NaN without a value)."""
    centre = pooled(series, base)
    return centre, _per_point(centre, series.n)


def _per_point(variance: float, n: FloatArray) -> FloatArray:
    """Returns the square root of variance / n, NaN where n is 0."""
    sigma: FloatArray = np.sqrt(np.divide(variance, n, out=np.full(len(n), np.nan), where=n > 0))
    return sigma


def clipped(centre: float, sigma: FloatArray, top: float) -> Limits:
    """Returns three-sigma limits, cut off at 0 and at `top`."""
    lower, upper = np.maximum(centre - SIGMAS * sigma, 0.0), np.minimum(centre + SIGMAS * sigma, top)
    return Limits(constant(centre, sigma), lower, upper)


def p_limits(series: Series, base: BoolArray) -> Limits:
    """Returns the limits of a P chart: pooled share plus and minus three binomial standard deviations, inside 0 to 1."""
    centre, sigma = share_sigma(series, base)
    limits = clipped(centre, sigma, 1.0)
    return Limits(limits.centre, limits.lower, limits.upper, unreachable(series, limits, 1.0))


def u_limits(series: Series, base: BoolArray) -> Limits:
    """Returns the limits of a U chart: pooled rate plus and minus three Poisson standard deviations, not below 0."""
    centre, sigma = rate_sigma(series, base)
    limits = clipped(centre, sigma, np.inf)
    return Limits(limits.centre, limits.lower, limits.upper, unreachable(series, limits, np.inf))


def c_limits(series: Series, base: BoolArray) -> Limits:
    """Returns the limits of a C chart: mean count plus and minus three times its root, not below 0."""
    centre = mean_or_nan(series.values[base])
    limits = clipped(centre, constant(float(np.sqrt(centre)), series.values), np.inf)
    return Limits(limits.centre, limits.lower, limits.upper, unreachable(series, limits, np.inf))


def unreachable(series: Series, limits: Limits, top: float) -> tuple[str, ...]:
    """Returns sentences on limits that no period can pass, where that is so of every period with a value."""
    there = series.measured
    if there.any() and (limits.upper[there] <= limits.lower[there]).all():
        return ("The values behind the limits are all 0% or all 100%, so the limits equal the centre line.",)
    notes = []
    if there.any() and (limits.upper[there] >= top).all():
        notes.append("The upper limit is 100%, so no single period can signal a rise: only a run can.")
    if there.any() and (limits.lower[there] <= 0).all():
        notes.append("The lower limit is 0, so no single period can signal a fall: only a run can.")
    return tuple(notes)


def screened_mean(ranges: FloatArray, factor: float, screened: bool) -> float:
    """Returns the mean, after leaving out once what is `factor` times the mean or more; zeros alone are never all that is left."""
    average = mean_or_nan(ranges)
    if not screened or not average > 0:
        return average
    kept = ranges[ranges < factor * average * (1 - ROUNDING)]
    return mean_or_nan(kept) if len(kept) and kept.any() else average


def neighbours(base: BoolArray) -> BoolArray:
    """Returns which points, from the second, are in the baseline together with the one before. Shape (points - 1,)."""
    both: BoolArray = base[1:] & base[:-1]
    return both


def individual_sigma(values: FloatArray, base: BoolArray, screened: bool) -> float:
    """Returns the standard deviation of an I chart: average moving range over 1.128, NaN when no two points are neighbours."""
    ranges = np.abs(np.diff(values))[neighbours(base)]
    return screened_mean(ranges, SCREEN_FACTOR, screened) / D2


def i_limits(series: Series, base: BoolArray, *, screened: bool = True) -> Limits:
    """Returns the limits of an I chart: mean plus and minus 3 / 1.128 average moving ranges (2.6596, not MDC's 2.66)."""
    centre = mean_or_nan(series.values[base])
    sigma = individual_sigma(series.values, base, screened)
    lower, upper = (constant(centre + side * SIGMAS * sigma, series.values) for side in (-1, 1))
    return Limits(constant(centre, series.values), lower, upper, too_few(sigma))


def i_prime_limits(series: Series, base: BoolArray, *, screened: bool = True) -> Limits:
    """Returns the limits of an I' chart: the mean weighted by n, and a sigma standardised to one case, over the root of n."""
    n = series.n
    centre = float(np.average(series.values[base], weights=n[base])) if base.any() else float("nan")
    both = neighbours(base)
    steps, before, after = np.abs(np.diff(series.values))[both], n[:-1][both], n[1:][both]
    ranges = np.sqrt(np.pi / 2) * steps / np.sqrt(1 / before + 1 / after)
    sigma = screened_mean(ranges, PRIME_SCREEN_FACTOR, screened)
    each = _per_point(sigma**2, n)
    return Limits(constant(centre, n), centre - SIGMAS * each, centre + SIGMAS * each, too_few(sigma))


def too_few(sigma: float) -> tuple[str, ...]:
    """Returns the sentence for limits that need two neighbouring points, or for points that do not vary."""
    if np.isnan(sigma):
        return ("Too few points next to each other for limits; the points are shown without.",)
    if sigma == 0:
        return ("The values behind the limits are all the same, so the limits equal the centre line.",)
    return ()


def p_chart(frame: pd.DataFrame, *, baseline: int | None = None, rebases: Sequence[Rebase] = ()) -> ControlChart:
    """Returns the P chart of the share count / n: columns `period`, `count`, `n`, one row a period.

    Raises SourceError for a series that is none, or a count above its n; PolicyError as `control_chart`.
    """
    return control_chart("P", read_shares(frame), p_limits, baseline=baseline, rebases=rebases)


def read_shares(frame: pd.DataFrame) -> Series:
    """Returns the series of shares of a frame with `period`, `count`, `n`. Raises SourceError when a count is above its n."""
    series = read_counts(frame)
    if (series.values > 1).any():
        raise SourceError("A period counts more cases than it has. A share needs a count of at most n.")
    return series


def u_chart(frame: pd.DataFrame, *, baseline: int | None = None, rebases: Sequence[Rebase] = ()) -> ControlChart:
    """Returns the U chart of the rate count / n, events per case: columns `period`, `count`, `n`. Raises as `p_chart`."""
    return control_chart("U", read_counts(frame), u_limits, baseline=baseline, rebases=rebases)


def c_chart(frame: pd.DataFrame, *, baseline: int | None = None, rebases: Sequence[Rebase] = ()) -> ControlChart:
    """Returns the C chart of counts in equal opportunity: columns `period` and `value`. Raises as `p_chart`."""
    series = read_values(frame)
    if (series.values < 0).any():
        raise SourceError("The series holds a negative count. Counts are 0 or more.")
    return control_chart("C", series, c_limits, baseline=baseline, rebases=rebases)


def i_chart(
    frame: pd.DataFrame, *, baseline: int | None = None, rebases: Sequence[Rebase] = (), screened: bool = True
) -> ControlChart:
    """Returns the I chart: columns `period` and `value`. Raises SourceError and PolicyError as `p_chart`."""
    limit_rule = partial(i_limits, screened=screened)
    return control_chart("I", read_values(frame), limit_rule, baseline=baseline, rebases=rebases)


def i_prime_chart(
    frame: pd.DataFrame, *, baseline: int | None = None, rebases: Sequence[Rebase] = (), screened: bool = True
) -> ControlChart:
    """Returns the I' chart of means of n cases each: columns `period`, `value`, `n`. Raises as `p_chart`, and without `n`.

    Unlike qicharts2, a frozen baseline fixes the spread too, not the centre line alone.
    """
    if "n" not in frame.columns:
        raise SourceError("The series has no column n. An I' chart needs period, value, n.")
    limit_rule = partial(i_prime_limits, screened=screened)
    return control_chart("I'", read_values(frame), limit_rule, baseline=baseline, rebases=rebases)
