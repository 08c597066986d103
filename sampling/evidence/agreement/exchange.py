"""Do raters differ in strictness at all? An exact test that needs no model: if they do not, a case's levels could as well be each other's.

The likelihood-ratio test of `severity` takes its p from a limit that 20 raters by 12 cases are far from (it then rejects in 8 to 12 of 100
exercises of equal raters instead of 5), and takes a rater's levels on several criteria of one case to err independently. This one does neither; in
simulation it finds true differences nearly as often (52 times of 100 against 58: six raters, standard deviation 0.7 logits, twelve cases).
"""

from __future__ import annotations

import numpy as np

from sampling.evidence.agreement.data import Floats, Ratings, select
from sampling.evidence.results import PValue

TIMES = 1999  # with the levels as they are, 2,000: the smallest p is .0005
_TIE = 1e-9


def exchange_test(ratings: Ratings, seed: int, *, times: int = TIMES) -> PValue:
    """Returns the permutation test of no difference between raters: within each case, raters who rated the same criteria swap all their levels.

    The statistic is the sum over raters of the squared sum of own level less the case's mean, over the number of ratings (as in a one-way
    analysis of variance within cases). A case's criteria move together, so a rater's leaning in one case is no evidence of strictness.
    """
    method = f"permutation of raters within cases, {times:,} samples, seed {seed}"
    shared = select(ratings, rows=ratings.given >= 2)
    raters = len(shared.raters)
    if not len(shared.cases):
        return PValue(None, raters, method, reason="No two raters rated the same case, so there is nothing to compare.")
    if len(set(shared.cases)) == 1:
        return PValue(
            None, raters, method, reason="One case: strictness cannot be told from what each rater saw in it."
        )
    known = ~np.isnan(shared.levels)
    centred = np.where(known, shared.levels - np.nanmean(shared.levels, axis=1, keepdims=True), 0.0)
    if not np.abs(centred).max() > 0:
        return PValue(None, raters, method, reason="The raters agree in every case, so they show no difference.")
    generator = np.random.default_rng(seed)
    totals = np.zeros((times, raters))
    movable = False
    cases = np.array(shared.cases)
    for case in dict.fromkeys(shared.cases):
        rows = cases == case
        of_rater: Floats = centred[rows].sum(axis=0)
        patterns = np.unique(known[rows], axis=1, return_inverse=True)[1].ravel()
        for pattern in np.unique(patterns):
            places = np.flatnonzero(patterns == pattern)
            movable |= bool(np.ptp(of_rater[places]) > _TIE)
            totals[:, places] += generator.permuted(np.tile(of_rater[places], (times, 1)), axis=1)
    if not movable:
        return PValue(
            None,
            raters,
            method,
            reason="No two raters rated the same criteria of a case differently overall, so nothing can be swapped.",
        )
    given = known.sum(axis=0)
    observed = float(np.sum(centred.sum(axis=0) ** 2 / given))
    as_far = int(np.sum(np.sum(totals**2 / given, axis=1) >= observed - _TIE))
    return PValue((1 + as_far) / (1 + times), raters, method)
