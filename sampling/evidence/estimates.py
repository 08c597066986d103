"""From the drawn cases to the frame: means and shares weighted by the design (docs/evidence.md, "Estimates for the frame").

Each practitioner's stratum, and each team's stream, is a stratum of the estimate. Cases that a criterion does not apply to are no part
of its denominator: the estimate is for the domain of the others, and equals sum W_h * mean_h where every case counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from sampling.evidence.comparability import Comparability
from sampling.evidence.intervals import (
    beta_interval,
    difference_interval,
    effective_size,
    logit_interval,
    t_interval,
)
from sampling.evidence.results import Estimate, Interval, counted
from sampling.evidence.strata import Flags, Floats, Sampled, match

_ROUNDING = 1e-24  # a variance below this share of the scale is what adding fractions leaves of 0
Level = Literal["service", "team", "practitioner"]
LEVELS = (0.0, 3.0)  # the lowest and the highest level of a criterion
MEAN = "mean weighted by the design (N/n in each stratum, finite population correction)"
SHARE = "share weighted by the design (N/n in each stratum, finite population correction)"
ONE_PRACTITIONER = (
    "No figure is given for one practitioner: a month draws about two cases of each, and two of two that meet the standard, out of a "
    "caseload of 20, are compatible with as few as 5 of the 20 (one-sided 95 per cent). A funnel over 6 to 12 months is the place to look."
)
NO_SPREAD = (
    "The scored cases of each stratum do not differ, so their spread, and with it an interval, cannot be estimated."
)
FEW_DEGREES = "There are too few scored cases for an interval: each stratum needs one to set its own mean, and at least one more is needed."


def weighted_mean(
    cases: pd.DataFrame, design: pd.DataFrame, *, level: Level = "service", scale: tuple[float, float] = LEVELS
) -> Estimate:
    """Returns the mean of `value` over the frame, with a t interval on n - H degrees of freedom. `scale` is what `value` can lie between.

    n - H, since each of the H strata spends one case on its own mean; strata that were scored whole count in neither. The interval takes the
    larger of two variances: that of the design (`standard_error` is its root), and that which all strata would have with the spread that they
    show together. Where one stream's case stands for sixty others, the first alone is too uncertain for n - H degrees (docs/evidence.md).
    `cases` and `design` as in strata.match. Change between two scores of a case has the same formula: put the differences in `value`, scale (-3, 3).
    """
    return refused(design, level, MEAN) or mean_of(match(cases, design), scale)


def weighted_share(cases: pd.DataFrame, design: pd.DataFrame, *, level: Level = "service") -> Estimate:
    """Returns the share of the frame whose `value` is 1 (the others are 0), with a beta and, in `second`, a logit interval.

    Both take the larger of two variances: that of the design, and that of as many independent cases with the same weights. With two
    cases a stratum the first is at times 0 by luck; so the interval never credits the strata with more than chance gives. R's `svyciprop` has
    no such floor; where it does not bind the figures are R's.
    """
    return refused(design, level, SHARE) or share_of(match(cases, design))


def mean_of(sampled: Sampled, scale: tuple[float, float] = LEVELS) -> Estimate:
    """Returns weighted_mean of cases that are matched with their strata already."""
    moments = _moments(sampled)
    if moments is None:
        return _nothing(sampled, MEAN)
    interval, reason = _mean_interval(moments, scale)
    return _estimate(sampled, moments, MEAN, scale, interval, reason)


def share_of(sampled: Sampled) -> Estimate:
    """Returns weighted_share of cases that are matched with their strata already."""
    moments = _moments(sampled)
    if moments is None:
        return _nothing(sampled, SHARE)
    beta, logit, reason = _share_intervals(moments)
    return replace(_estimate(sampled, moments, SHARE, (0.0, 1.0), beta, reason), second=logit)


def profile_of(sampled: Sampled, levels: Sequence[int]) -> tuple[float, ...] | None:
    """Returns the weighted share of each level among the cases that count, or None where none does."""
    if not sampled.counts.any():
        return None
    weight = _weights(sampled) * sampled.counts
    return tuple(float(weight[sampled.value == level].sum() / weight.sum()) for level in levels)


def refused(design: pd.DataFrame, level: Level, method: str) -> Estimate | None:
    """Returns the refusal where the figure would be one practitioner's (asked for as such, or the only one there is), else None."""
    holders = set(design["practitioner"].dropna().unique()) - {""} if "practitioner" in design.columns else set()
    if level != "practitioner" and len(holders) != 1:
        return None
    return Estimate(None, None, 0, 0, method, reason=ONE_PRACTITIONER)


def difference(before: Estimate, after: Estimate, comparability: Comparability | None = None) -> Estimate:
    """Returns after less before, of two periods with draws of their own (claim: improvement), or the reasons why the two may not be compared.

    `n` and `population` are the later period's. The standard errors add in squares, since the draws are independent. `bounds` takes the
    cases that could not be scored in either period at the ends that make the difference least, then most.
    """
    method = "difference of two estimates from separate draws"
    reasons = [] if comparability is None else list(comparability.reasons)
    reasons += [estimate.reason for estimate in (before, after) if estimate.value is None]
    if reasons or before.value is None or after.value is None:
        return Estimate(
            None, None, after.n, after.population, method, reason=" ".join(dict.fromkeys(reasons)), claim="improvement"
        )
    interval = difference_interval(before, after)
    missing = "" if interval is not None else (before.reason or after.reason)
    known = before.standard_error is not None and after.standard_error is not None
    error = float(np.hypot(before.standard_error or 0.0, after.standard_error or 0.0)) if known else None
    plain = None
    if before.unweighted is not None and after.unweighted is not None:
        plain = after.unweighted - before.unweighted
    notes = tuple(dict.fromkeys(before.notes + after.notes + (() if comparability is None else comparability.cautions)))
    return Estimate(
        after.value - before.value, interval, after.n, after.population, method,
        standard_error=error, unweighted=plain, bounds=_bounds_between(before, after), reason=missing, notes=notes, claim="improvement",
    )  # fmt: skip


def _bounds_between(before: Estimate, after: Estimate) -> tuple[float, float] | None:
    """Returns the difference had the cases that could not be scored been at the ends that make it least, then most; None where all were scored."""
    if before.value is None or after.value is None or (before.bounds is None and after.bounds is None):
        return None
    low, high = before.bounds or (before.value, before.value)
    later_low, later_high = after.bounds or (after.value, after.value)
    return later_low - high, later_high - low


@dataclass(frozen=True)
class _Moments:
    """Estimate, variance and what its interval needs: `pooled` is the variance if all groups had the spread that they have together,
    `independent` the sum of squared weights (times 1 - n/N), to which the variance of a share of independent cases is p(1-p) times.
    """

    value: float
    variance: float
    n: int
    population: int
    degrees: int
    pooled: float
    independent: float
    census: bool


def _moments(sampled: Sampled) -> _Moments | None:
    """Returns the estimate and the variance of its linearised residuals within groups, or None where no case counts."""
    if not sampled.counts.any():
        return None
    weight = _weights(sampled)
    size = float(weight @ sampled.counts)
    values = sampled.value[sampled.counts]
    constant = bool(np.all(values == values[0]))
    value = float(values[0]) if constant else float(weight @ sampled.value) / size
    rest = _unsampled(sampled)
    variance = _variance(sampled, weight / size, value, rest)
    variance = 0.0 if variance < _ROUNDING * (1 + value * value) else variance
    # Degrees of freedom: groups that hold a case of the domain and were not scored whole.
    spends = (np.bincount(sampled.group[sampled.home[sampled.counts]], minlength=len(rest)) > 0) & (rest > 0)
    group_n = np.bincount(sampled.group, sampled.known_here, len(rest))
    population = int(sampled.population[sampled.known_here > 0].sum())
    degrees = int(group_n[spends].sum() - spends.sum())
    independent = float(np.sum(rest[sampled.group[sampled.home]] * sampled.counts * (weight / size) ** 2))
    return _Moments(
        value, variance, int(sampled.counts.sum()), population, degrees, independent * _spread_within(sampled), independent,
        not bool(spends.any()),
    )  # fmt: skip


def _spread_within(sampled: Sampled) -> float:
    """Returns the variance within groups that all groups give together, each case counting once; 0 where no group has two cases."""
    group = sampled.group[sampled.home[sampled.counts]]
    values = sampled.value[sampled.counts]
    n = np.bincount(group)
    centre = np.bincount(group, values) / np.maximum(n, 1)
    degrees = len(values) - int(np.count_nonzero(n))
    return float(np.sum((values - centre[group]) ** 2)) / degrees if degrees else 0.0


def _unsampled(sampled: Sampled) -> Floats:
    """Returns 1 - n/N of each group; 1 of strata with one case, whose distance from other strata already holds what n/N takes away."""
    groups = int(sampled.group.max()) + 1
    covered = np.where(sampled.known_here > 0, sampled.population, 0.0)
    size = np.bincount(sampled.group, covered, groups)
    part = np.divide(np.bincount(sampled.group, sampled.known_here, groups), size, out=np.ones(groups), where=size > 0)
    several = np.bincount(sampled.group, minlength=groups) > 1
    return np.where(several | _lone(sampled), 1.0, 1 - part)


def _lone(sampled: Sampled) -> Flags:
    """Returns which groups are one stratum with one case."""
    return np.bincount(sampled.group, sampled.alone) > 0


def _variance(sampled: Sampled, weight: Floats, value: float, rest: Floats) -> float:
    """Returns the sum over groups of (1 - n/N) * sum(d^2/c): d is a case's weighted distance from its group's mean residual, and
    c = 1 - 2p + sum p^2, with p its share of the group's weight, is what part of its variance that distance keeps.

    With equal weights, as in any stratum, this is (1 - n/N) * n/(n-1) * sum d^2. In collapsed strata it allows for unequal sizes. A lone
    stratum's case is held against the estimate itself.
    """
    known = sampled.known
    of_case, share = sampled.group[sampled.home[known]], weight[known]
    residual = np.where(sampled.counts, sampled.value - value, 0.0)[known]
    groups = len(rest)
    whole = np.bincount(of_case, share, groups)
    whole = np.where(whole > 0, whole, 1.0)
    centre = np.bincount(of_case, share * residual, groups) / whole
    squares = np.bincount(of_case, share**2, groups) / whole**2
    lone = _lone(sampled)
    centre[lone], whole[lone] = 0.0, 1.0
    squares[lone] = np.sum(weight[sampled.counts] ** 2)
    part = share / whole[of_case]
    kept = 1 - 2 * part + squares[of_case]
    distance = (share * (residual - centre[of_case])) ** 2
    terms = np.divide(distance, kept, out=np.zeros(len(kept)), where=kept > _ROUNDING)
    return float(np.sum(rest[of_case] * terms))


def _weights(sampled: Sampled) -> Floats:
    """Returns the design weight of each case: N_h over the cases of its stratum about which something is known."""
    known = sampled.known_here[sampled.home]
    return np.divide(sampled.population[sampled.home], known, out=np.zeros(len(known)), where=sampled.known)


def _mean_interval(moments: _Moments, scale: tuple[float, float]) -> tuple[Interval | None, str]:
    if moments.census:
        return Interval(moments.value, moments.value, "every case was scored"), ""
    if moments.degrees < 1:
        return None, FEW_DEGREES
    if moments.variance <= 0:
        return None, NO_SPREAD
    error = max(moments.variance, moments.pooled) ** 0.5
    return t_interval(moments.value, error, moments.degrees, low=scale[0], high=scale[1]), ""


def _share_intervals(moments: _Moments) -> tuple[Interval | None, Interval | None, str]:
    if moments.census:
        return Interval(moments.value, moments.value, "every case was scored"), None, ""
    if moments.degrees < 1:
        return None, None, FEW_DEGREES
    share = moments.value
    if share in (0.0, 1.0):
        return beta_interval(share, min(moments.n, 1 / moments.independent)), None, ""
    variance = max(moments.variance, share * (1 - share) * moments.independent)
    size = effective_size(share, variance, moments.n, moments.degrees)
    return beta_interval(share, size), logit_interval(share, variance, moments.degrees), ""


def _estimate(
    sampled: Sampled, moments: _Moments, method: str, scale: tuple[float, float], interval: Interval | None, reason: str
) -> Estimate:
    """Returns the whole result from its parts."""
    return Estimate(
        moments.value, interval, moments.n, moments.population, method,
        standard_error=moments.variance**0.5, degrees=float(moments.degrees),
        unweighted=float(sampled.value[sampled.counts].mean()), bounds=_bounds(sampled, scale), reason=reason,
        notes=sampled.notes + _coverage(sampled),
    )  # fmt: skip


def _bounds(sampled: Sampled, scale: tuple[float, float]) -> tuple[float, float] | None:
    """Returns the estimate with every drawn case that was not scored at the bottom of the scale, then at the top: None where all were scored."""
    unknown = sampled.drawn - sampled.known_here
    if not unknown.any():
        return None
    weight = np.divide(sampled.population, sampled.drawn, out=np.zeros(len(unknown)), where=sampled.drawn > 0)
    size = float(weight[sampled.home] @ sampled.counts + weight @ unknown)
    scored = float(weight[sampled.home] @ sampled.value)
    missing = float(weight @ unknown)
    return (scored + scale[0] * missing) / size, (scored + scale[1] * missing) / size


def _coverage(sampled: Sampled) -> tuple[str, ...]:
    """Returns what the estimate does not speak for, and what could not be scored."""
    undrawn = int(sampled.population[sampled.drawn == 0].sum())
    empty = (sampled.drawn > 0) & (sampled.known_here == 0)
    unknown = int((sampled.drawn - sampled.known_here).sum())
    whole = int(sampled.population.sum())
    notes = []
    if undrawn:
        notes.append(
            f"The estimate does not speak for {undrawn:,} of {whole:,} cases of the frame: none of their strata was drawn from."
        )
    if empty.any():
        lost = int(sampled.population[empty].sum())
        notes.append(
            f"In {counted(int(empty.sum()), 'stratum', 'strata')} none of the drawn cases could be scored: the estimate does not speak for "
            f"the {counted(lost, 'case')} there."
        )
    if unknown:
        notes.append(
            f"{counted(unknown, 'drawn case')} could not be scored, or not yet. The estimate takes them to be like the others of their stratum; "
            "the bounds take them all at the bottom, then all at the top."
        )
    return tuple(notes)


def _nothing(sampled: Sampled, method: str) -> Estimate:
    reason = "No drawn case has a level here, so there is nothing to estimate from."
    return Estimate(None, None, 0, 0, method, bounds=None, reason=reason, notes=sampled.notes + _coverage(sampled))
