"""How far practitioners differ, less what chance makes of a few cases each: a random effect, never the largest less the smallest.

One-way model with a random effect of the practitioner. The variance between is the analysis-of-variance estimate (Searle, Casella and
McCulloch 1992), cut at 0; its interval inverts Wald's exact F (1940), which holds for unequal numbers of cases. The spread between
practitioners' plain means is given beside it: with two cases each it is wide even where all practitioners are alike.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import optimize, stats

from sampling.evidence.results import CONFIDENCE, Interval, counted
from sampling.evidence.strata import need_columns

METHOD = "standard deviation between practitioners, one-way random effect"
_FOUR_IN_FIVE = float(stats.norm.ppf(0.9))
_LARGEST_RATIO = 1e6  # between over within variance: as good as no variance within

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Spread:
    """The spread of practitioners' true means, in the units of the values. `reason` says why there is none.

    `plain` is the standard deviation of the practitioners' plain means, for contrast. `share` is the part of all variance that lies between
    practitioners (the intraclass correlation) and `share_interval` its exact interval; that of `value` takes the variance within for known.
    `four_in_five` is where four in five practitioners' true means are estimated to lie. `shrunken` has the practitioners' means drawn
    towards the overall mean as far as their few cases ask for, in order of size and without keys: a picture, not a list of people.
    """

    value: float | None
    interval: Interval | None
    plain: float | None
    share: float | None
    share_interval: Interval | None
    within: float | None
    four_in_five: tuple[float, float] | None
    shrunken: tuple[float, ...]
    n: int
    practitioners: int
    method: str = METHOD
    reason: str = ""


@dataclass(frozen=True)
class _Groups:
    """Number of cases, mean and sum of squares within, of each practitioner."""

    size: Floats
    mean: Floats
    within: float  # pooled variance within practitioners
    degrees: int  # of that variance


def between_practitioners(cases: pd.DataFrame, *, scale: tuple[float, float] = (0.0, 3.0)) -> Spread:
    """Returns the spread between practitioners of `value`; `cases` has one row a case with `practitioner` and `value` (NA left out)."""
    need_columns(cases, ("practitioner", "value"), "cases")
    scored = cases.dropna(subset=["practitioner", "value"])
    values = scored["value"].to_numpy(np.float64)
    codes = pd.factorize(scored["practitioner"])[0]
    size = np.bincount(codes).astype(np.float64)
    n, practitioners = len(values), len(size)
    if practitioners < 2:
        return _nothing(
            n,
            practitioners,
            f"{counted(practitioners, 'practitioner')} with scored cases: there is no spread between practitioners to speak of.",
        )
    if n == practitioners:
        return _nothing(
            n,
            practitioners,
            "Each practitioner has one scored case, so differences between practitioners cannot be told from differences between cases.",
        )
    mean = np.bincount(codes, values) / size
    within = float(np.sum((values - mean[codes]) ** 2)) / (n - practitioners)
    if within < 1e-20:
        reason = (
            "no variation at all"
            if np.ptp(mean) < 1e-10
            else "no variation within any practitioner, so chance cannot be told from difference"
        )
        return _nothing(n, practitioners, f"The {counted(n, 'scored case')} show {reason}.")
    return _spread(_Groups(size, mean, within, n - practitioners), scale)


def _spread(groups: _Groups, scale: tuple[float, float]) -> Spread:
    """Returns the spread of groups that vary within."""
    size, mean, within = groups.size, groups.mean, groups.within
    n, practitioners = float(size.sum()), len(size)
    overall = float(size @ mean) / n
    between_square = float(size @ (mean - overall) ** 2) / (practitioners - 1)
    per_group = (n - float(size @ size) / n) / (practitioners - 1)
    variance = max(0.0, (between_square - within) / per_group)
    low, high = _ratio_interval(groups)
    weight = size / (1 + size * variance / within)
    centre = float(weight @ mean) / float(weight.sum())
    shrunken = centre + variance / (variance + within / size) * (mean - centre)
    half = _FOUR_IN_FIVE * variance**0.5
    return Spread(
        value=variance**0.5,
        interval=Interval((low * within) ** 0.5, (high * within) ** 0.5, "Wald's F interval of the variance ratio"),
        plain=float(mean.std(ddof=1)),
        share=variance / (variance + within),
        share_interval=Interval(low / (1 + low), high / (1 + high), "Wald's exact F interval"),
        within=within**0.5,
        four_in_five=(max(scale[0], centre - half), min(scale[1], centre + half)),
        shrunken=tuple(float(value) for value in np.sort(shrunken)),
        n=int(n),
        practitioners=practitioners,
    )


def _ratio_interval(groups: _Groups) -> tuple[float, float]:
    """Returns the ends of the interval of variance between over variance within."""
    degrees = len(groups.size) - 1
    tail = (1 - CONFIDENCE) / 2
    quantiles = (stats.f.ppf(1 - tail, degrees, groups.degrees), stats.f.ppf(tail, degrees, groups.degrees))
    low, high = (_crossing(_wald(groups), float(quantile)) for quantile in quantiles)
    return low, high


def _wald(groups: _Groups) -> Callable[[float], float]:
    """Returns Wald's statistic as a function of the ratio: F distributed at the true ratio, and falling."""

    def statistic(ratio: float) -> float:
        weight = groups.size / (1 + groups.size * ratio)
        centre = float(weight @ groups.mean) / float(weight.sum())
        return float(weight @ (groups.mean - centre) ** 2) / ((len(groups.size) - 1) * groups.within)

    return statistic


def _crossing(statistic: Callable[[float], float], quantile: float) -> float:
    """Returns the ratio at which the statistic falls to the quantile, 0 where it never was above it."""
    if statistic(0.0) <= quantile:
        return 0.0
    if statistic(_LARGEST_RATIO) >= quantile:
        return _LARGEST_RATIO
    return float(optimize.brentq(lambda ratio: statistic(ratio) - quantile, 0.0, _LARGEST_RATIO, xtol=1e-12))


def _nothing(n: int, practitioners: int, reason: str) -> Spread:
    return Spread(None, None, None, None, None, None, None, (), n, practitioners, reason=reason)
