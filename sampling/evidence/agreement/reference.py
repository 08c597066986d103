"""Raters beside levels that were agreed before: anchor cases, seeded vignettes, a moderated level. Repeated over time, it is drift."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from sampling.evidence.agreement.coefficients import PLAIN, Agreement, cohen_kappa
from sampling.evidence.agreement.data import Flags, Floats, Ratings, select
from sampling.evidence.agreement.intervals import Uncertainty
from sampling.evidence.agreement.means import mean_over
from sampling.evidence.agreement.words import TOLERANCE
from sampling.evidence.clustered import ClusteredMean
from sampling.evidence.intervals import beta_interval
from sampling.evidence.results import Interval, counted
from sampling.evidence.sentences import percent

FEWEST_FOR_DRIFT = 5  # ours: below so many reference ratings a rater's bias is not put into words

Reference = Mapping[tuple[str, str], int]  # (case, criterion) -> agreed level


@dataclass(frozen=True)
class AgainstReference:
    """One rater on the cases with an agreed level, or the reason why nothing is said.

    `bias` is the mean of own level less the agreed one (above 0: more lenient) with its interval over cases; `exact` and `within` are shares,
    `within` the tolerance, with `within_interval`; `outside` counts the ratings beyond it. `kappa` is Cohen's with quadratic weights.
    """

    rater: str
    n: int
    bias: ClusteredMean
    exact: float | None
    within: float | None
    within_interval: Interval | None
    outside: int
    kappa: Agreement
    sentence: str


def against_reference(
    ratings: Ratings, reference: Reference, uncertainty: Uncertainty = PLAIN, *, tolerance: int = TOLERANCE
) -> tuple[AgainstReference, ...]:
    """Returns each rater beside the agreed levels; `reference` goes by case and criterion, rows without an agreed level do not count."""
    agreed = np.array(
        [reference.get(key, np.nan) for key in zip(ratings.cases, ratings.criteria, strict=True)], dtype=np.float64
    )
    return tuple(_one(ratings, agreed, place, uncertainty, tolerance=tolerance) for place in range(len(ratings.raters)))


def _one(ratings: Ratings, agreed: Floats, place: int, uncertainty: Uncertainty, *, tolerance: int) -> AgainstReference:
    own = ratings.levels[:, place]
    rows: Flags = ~np.isnan(own) & ~np.isnan(agreed)
    apart = own[rows] - agreed[rows]
    n = len(apart)
    bias = mean_over(apart, ratings, rows)
    near = np.abs(apart) <= tolerance
    kappa = cohen_kappa(_beside(ratings, own, agreed, rows), "quadratic", uncertainty)
    within = float(near.mean()) if n else None
    # cases, not ratings, are what is independent: the interval is that of as many yes-or-no answers as there are cases
    interval = beta_interval(within, float(len(np.unique(ratings.cluster[rows])))) if within is not None else None
    return AgainstReference(
        ratings.raters[place],
        n,
        bias,
        float((apart == 0).mean()) if n else None,
        within,
        interval,
        int((~near).sum()),
        kappa,
        _sentence(n, bias, within, tolerance),
    )


def _beside(ratings: Ratings, own: Floats, agreed: Floats, rows: Flags) -> Ratings:
    """Returns the rater and the reference as a table of two raters."""
    table = replace(ratings, levels=np.column_stack([own, agreed]), raters=("rater", "reference"))
    return select(table, rows=rows)


def _sentence(n: int, bias: ClusteredMean, within: float | None, tolerance: int) -> str:
    """Returns the bias and the share within the tolerance in words."""
    if within is None or bias.value is None:
        return "No rating of a case with an agreed level."
    shares = f"{percent(within)} of {counted(n, 'rating')} within {counted(tolerance, 'level')} of the agreed level"
    if n < FEWEST_FOR_DRIFT:
        return f"{shares}. With fewer than {FEWEST_FOR_DRIFT} nothing is said about a lean either way."
    if bias.interval is None or bias.interval.low <= 0 <= bias.interval.high:
        return f"{shares}; no lean to higher or lower levels is shown."
    side = "above" if bias.value > 0 else "below"
    ends = f"95% CI {bias.interval.low:+.1f} to {bias.interval.high:+.1f}"
    return f"{shares}; on average {abs(bias.value):.1f} of a level {side} ({ends})."
