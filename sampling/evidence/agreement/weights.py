"""How much agreement two levels count for. Two things in the literature are called "ordinal"; here no name is shared between them."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Agreement weights of Gwet's AC2, of the kappas and of Brennan and Prediger's coefficient: fixed before any rating is seen.
Weights = Literal["identity", "linear", "quadratic", "gwet_ordinal"]
# Difference metrics of Krippendorff's alpha. The ordinal one is made of how often each level was used, so it is no table of weights.
Metric = Literal["nominal", "krippendorff_ordinal", "interval"]

WEIGHTS_IN_WORDS: dict[Weights, str] = {
    "identity": "unweighted: only the same level agrees",
    "linear": "linear weights",
    "quadratic": "quadratic weights",
    "gwet_ordinal": "Gwet's ordinal weights (1 less pairs of levels between over all pairs; not Krippendorff's ordinal metric)",
}
METRIC_IN_WORDS: dict[Metric, str] = {
    "nominal": "nominal: levels are the same or not",
    "krippendorff_ordinal": "Krippendorff's ordinal metric (ranks of the levels given; not Gwet's ordinal weights)",
    "interval": "interval: the squared difference of levels",
}


def agreement_weights(name: Weights, scale: Sequence[int]) -> Floats:
    """Returns the table of weights, levels by levels: 1 for the same level, less the further two levels lie apart (Gwet 2014, chapter 3).

    Gwet's ordinal weights are 1 - C(|k-l|+1, 2)/C(q, 2), with k and l the places of the levels among the q of the scale.

    >>> agreement_weights("gwet_ordinal", (0, 1, 2, 3))[0].round(3).tolist()
    [1.0, 0.833, 0.5, 0.0]
    >>> agreement_weights("quadratic", (0, 1, 2, 3))[0].round(3).tolist()
    [1.0, 0.889, 0.556, 0.0]
    """
    levels = np.asarray(scale, dtype=np.float64)
    apart = np.abs(levels[:, None] - levels[None, :])
    if name == "identity":
        return np.eye(len(levels))
    if name == "linear":
        return np.asarray(1 - apart / apart.max())
    if name == "quadratic":
        return np.asarray(1 - (apart / apart.max()) ** 2)
    places = range(len(levels))
    pairs = comb(len(levels), 2)
    return np.array([[1 - comb(abs(k - one) + 1, 2) / pairs for one in places] for k in places])
