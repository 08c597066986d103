"""Agreement on the one question that decides what happens next: is it at the standard, level 2 or above, or not?"""

from __future__ import annotations

from dataclasses import dataclass

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


def _warning(prevalence: float | None) -> str:
    if prevalence is None or 1 - ONE_LEVEL <= prevalence <= ONE_LEVEL:
        return ""
    side = "at the standard" if prevalence > ONE_LEVEL else "below the standard"
    share = max(prevalence, 1 - prevalence)
    return (
        f"{100 * share:.0f}% of the levels are {side}: kappa and alpha are then low even where raters nearly always agree, and AC1 is high. "
        "Read the exact agreement first."
    )
