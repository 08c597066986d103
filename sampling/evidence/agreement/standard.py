"""Agreement on the one question that decides what happens next: is it at the standard, level 2 or above, or not?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sampling.evidence.agreement.coefficients import (
    ONE_LEVEL,
    PLAIN,
    Agreement,
    cohen_kappa,
    conger_kappa,
    exact_agreement,
    gwet_ac,
    krippendorff_alpha,
)
from sampling.evidence.agreement.data import AT_THE_STANDARD, Ratings, at_or_above
from sampling.evidence.agreement.intervals import Uncertainty


@dataclass(frozen=True)
class AtTheStandard:
    """Agreement on meeting the standard: exact share, AC1, kappa (Cohen's for two raters, Conger's for more), alpha, and the share that met it.

    The coefficients can lie far apart when nearly all or nearly none meet it; `warning` then says which to read.
    """

    cut: int
    exact: Agreement
    ac1: Agreement
    kappa: Agreement
    alpha: Agreement
    prevalence: float | None
    warning: str = ""


def at_the_standard(ratings: Ratings, uncertainty: Uncertainty = PLAIN, *, cut: int = AT_THE_STANDARD) -> AtTheStandard:
    """Returns the agreement of the raters on whether the level is at or above `cut`. `prevalence` is the share of levels that are."""
    yes = at_or_above(ratings, cut)
    prevalence = float(np.nanmean(yes.levels)) if yes.levels.size else None
    kappa = cohen_kappa if len(yes.raters) == 2 else conger_kappa
    return AtTheStandard(
        cut,
        exact_agreement(yes, uncertainty),
        gwet_ac(yes, "identity", uncertainty),
        kappa(yes, "identity", uncertainty),
        krippendorff_alpha(yes, "nominal", uncertainty),
        prevalence,
        _warning(prevalence),
    )


def met(ratings: Ratings, cuts: Sequence[int]) -> Ratings:
    """Returns the ratings as yes (1, at or above the row's own standard) or no (0), where rows belong to several rubrics: `cuts` has one for each row."""
    yes = np.where(np.isnan(ratings.levels), np.nan, ratings.levels >= np.asarray(cuts).reshape(-1, 1))
    return replace(ratings, levels=yes, scale=(0, 1))


def at_each_standard(ratings: Ratings, cuts: Sequence[int], uncertainty: Uncertainty = PLAIN) -> AtTheStandard:
    """Returns agreement on meeting the standard, each row by its own. The result's `cut` is 1, of yes and no."""
    return at_the_standard(met(ratings, cuts), uncertainty, cut=1)


def _warning(prevalence: float | None) -> str:
    if prevalence is None or 1 - ONE_LEVEL <= prevalence <= ONE_LEVEL:
        return ""
    side = "at the standard" if prevalence > ONE_LEVEL else "below the standard"
    share = max(prevalence, 1 - prevalence)
    return (
        f"{100 * share:.0f}% of the levels are {side}: kappa and alpha are then low even where raters nearly always agree, and AC1 is high. "
        "Read the exact agreement first."
    )
