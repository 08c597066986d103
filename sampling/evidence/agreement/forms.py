"""Each coefficient as a function of how much each row of ratings counts.

With all rows counting 1 it is the coefficient. With how often each row was drawn, it is a bootstrap sample's. Its derivative at 1 is the row's
linear component, from which the linearised standard error comes. So a formula stands here once and nowhere else.

Formulas: Gwet, Handbook of Inter-Rater Reliability (4th edition 2014), as in his irrCAC for R; Krippendorff 2011 for alpha. `n` rows,
`r_ik` raters giving row i level k, `r_i` their sum, W the weights; rows with r_i >= 2 alone tell of agreement, all rows tell of chance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sampling.evidence.agreement.data import Ratings, counts_by_level
from sampling.evidence.agreement.weights import Floats, Metric, Weights, agreement_weights

# Real or complex: the derivative is taken by a complex step (Squire and Trapp 1998), which is exact to rounding for these ratios.
Counting = NDArray[np.float64] | NDArray[np.complex128]


@dataclass(frozen=True)
class Parts:
    """Observed agreement, and that expected by chance (0 for a plain share), one for each set of weights of rows."""

    observed: Counting
    expected: Counting

    @property
    def value(self) -> Counting:
        """Returns (observed - expected)/(1 - expected); NaN where chance leaves no room."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return (self.observed - self.expected) / (1 - self.expected)


Form = Callable[[Counting], Parts]  # from (samples, rows) to Parts of (samples,)


def _of_pairs(ratings: Ratings, weights: Floats) -> tuple[Floats, Floats]:
    """Returns the weighted number of agreeing ordered pairs of raters of each row, and of all its ordered pairs."""
    counts = counts_by_level(ratings)
    given = counts.sum(axis=1)
    return np.sum(counts * (counts @ weights - 1), axis=1), given * (given - 1)


def share_of_pairs(ratings: Ratings, weights: Floats) -> Form:
    """Returns the share of pairs of ratings of the same row that agree, each pair counting once."""
    agreeing, pairs = _of_pairs(ratings, weights)

    def form(count: Counting) -> Parts:
        with np.errstate(invalid="ignore", divide="ignore"):
            observed = (count @ agreeing) / (count @ pairs)
        return Parts(observed, np.zeros_like(observed))

    return form


def _mean_agreement(ratings: Ratings, weights: Floats) -> Callable[[Counting], Counting]:
    """Returns the observed agreement of the kappas and AC: the mean over rows with two or more levels of the row's share of pairs."""
    agreeing, pairs = _of_pairs(ratings, weights)
    shared = (pairs > 0).astype(np.float64)
    share = agreeing / np.maximum(pairs, 1)

    def observed(count: Counting) -> Counting:
        with np.errstate(invalid="ignore", divide="ignore"):
            return (count @ share) / (count @ shared)

    return observed


def _prevalence(ratings: Ratings) -> Callable[[Counting], Counting]:
    """Returns the mean over rows of the share of raters giving each level."""
    counts = counts_by_level(ratings)
    shares = counts / counts.sum(axis=1, keepdims=True)
    return lambda count: (count @ shares) / count.sum(axis=-1, keepdims=True)


def gwet(ratings: Ratings, name: Weights) -> Form:
    """Returns Gwet's AC1 (identity weights) or AC2: chance = sum(W) * sum p_k(1 - p_k)/(q(q - 1)), q the levels of the scale."""
    weights = agreement_weights(name, ratings.scale)
    observed, prevalence = _mean_agreement(ratings, weights), _prevalence(ratings)
    levels = len(ratings.scale)
    size = float(weights.sum()) / (levels * (levels - 1))

    def form(count: Counting) -> Parts:
        p = prevalence(count)
        return Parts(observed(count), size * np.sum(p * (1 - p), axis=-1))

    return form


def fleiss(ratings: Ratings, name: Weights) -> Form:
    """Returns Fleiss' kappa: chance = sum of w_kl p_k p_l."""
    weights = agreement_weights(name, ratings.scale)
    observed, prevalence = _mean_agreement(ratings, weights), _prevalence(ratings)

    def form(count: Counting) -> Parts:
        p = prevalence(count)
        return Parts(observed(count), np.sum((p @ weights) * p, axis=-1))

    return form


def brennan_prediger(ratings: Ratings, name: Weights) -> Form:
    """Returns Brennan and Prediger's coefficient: chance = sum(W)/q², whatever was given."""
    weights = agreement_weights(name, ratings.scale)
    observed = _mean_agreement(ratings, weights)
    chance = float(weights.mean())

    def form(count: Counting) -> Parts:
        share = observed(count)
        return Parts(share, np.full_like(share, chance))

    return form


def conger(ratings: Ratings, name: Weights) -> Form:
    """Returns Conger's kappa (1980): chance is the mean over pairs of raters of Cohen's chance agreement; with two raters, Cohen's kappa."""
    weights = agreement_weights(name, ratings.scale)
    observed = _mean_agreement(ratings, weights)
    chosen = np.stack([ratings.levels == level for level in ratings.scale], axis=2).astype(np.float64)
    rows, raters, levels = chosen.shape
    flat = chosen.reshape(rows, raters * levels)

    def form(count: Counting) -> Parts:
        tally = (count @ flat).reshape(-1, raters, levels)
        with np.errstate(invalid="ignore", divide="ignore"):
            p = tally / tally.sum(axis=-1, keepdims=True)
        total = p.sum(axis=1)
        among_all = np.sum((total @ weights) * total, axis=-1)
        with_self = np.sum((p @ weights) * p, axis=(1, 2))
        return Parts(observed(count), (among_all - with_self) / (raters * (raters - 1)))

    return form


def alpha(ratings: Ratings, metric: Metric, *, small_sample: bool = True) -> Form:
    """Returns Krippendorff's alpha, 1 - observed over expected disagreement of the ratings that can be paired.

    Observed is the sum of o_kl d_kl over N, expected the sum of n_k n_l d_kl over N(N - 1), with o the coincidences, n their margins
    and d the metric (Krippendorff 2011). `small_sample` False has N² in place of N(N - 1): irrCAC takes its standard error from that.
    Both are given as agreement, 1 - disagreement/(the metric between the lowest and the highest level).
    """
    counts = counts_by_level(ratings)
    others = np.maximum(counts.sum(axis=1) - 1, 1)
    shared = counts.sum(axis=1) >= 2
    coincidences = counts[:, :, None] * counts[:, None, :]
    levels = len(ratings.scale)
    coincidences[:, range(levels), range(levels)] -= counts
    flat = (coincidences / others[:, None, None] * shared[:, None, None]).reshape(len(counts), -1)
    fixed = (
        None if metric == "krippendorff_ordinal" else _difference(metric, np.asarray(ratings.scale, dtype=np.float64))
    )

    def form(count: Counting) -> Parts:
        coincident = (count @ flat).reshape(-1, levels, levels)
        margin = coincident.sum(axis=-1)
        apart = _ranks_apart(margin) if fixed is None else fixed
        total = margin.sum(axis=-1)
        with np.errstate(invalid="ignore", divide="ignore"):
            widest = np.broadcast_to(apart, coincident.shape)[:, 0, -1]
            observed = np.sum(coincident * apart, axis=(1, 2)) / total / widest
            if small_sample:
                observed = observed * (1 - 1 / total.real)
            expected = np.sum(margin[:, :, None] * margin[:, None, :] * apart, axis=(1, 2)) / total**2 / widest
        return Parts(1 - observed, 1 - expected)

    return form


def _difference(metric: Metric, levels: Floats) -> Floats:
    """Returns the squared differences that need no ratings."""
    apart = levels[:, None] - levels[None, :]
    return (apart != 0).astype(np.float64) if metric == "nominal" else np.asarray(apart**2)


def _ranks_apart(margin: Counting) -> Counting:
    """Returns Krippendorff's ordinal metric: the squared number of ratings from the middle of one level to the middle of the other."""
    middle = np.cumsum(margin, axis=-1) - margin / 2
    return np.asarray((middle[:, :, None] - middle[:, None, :]) ** 2)
