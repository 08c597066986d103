"""Before and after of a yes or no, case by case: McNemar's test, exact and mid-p, and the difference with an interval.

Fagerland, Lydersen and Laake 2013: mid-p for one case a practitioner; never the chi-square with continuity correction. statsmodels has
the exact test (used here) and neither mid-p nor an interval of a paired difference; ours are checked against the authors' figures.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar as statsmodels_mcnemar
from statsmodels.stats.proportion import proportion_confint

from sampling.evidence.results import CONFIDENCE, SIGNIFICANCE, Interval, PValue, counted

FEWEST = math.ceil(math.log2(2 / SIGNIFICANCE))  # 6 discordant cases: the smallest exact p of b + c = 5 is .0625
_Z = float(stats.norm.ppf(1 - (1 - CONFIDENCE) / 2))


@dataclass(frozen=True)
class PairedShares:
    """Cases that met the standard both times, before only, after only, neither time; the two shares; their difference and its intervals.

    `exact` and `mid_p` take the cases to be independent. `difference` is after less before.
    """

    both: int
    before_only: int
    after_only: int
    neither: int
    before: float | None
    after: float | None
    difference: float | None
    newcombe: Interval | None
    bonett_price: Interval | None
    exact: PValue
    mid_p: PValue
    reason: str = ""


def paired_shares(both: int, before_only: int, after_only: int, neither: int) -> PairedShares:
    """Returns the comparison of the share that met the standard before with the share that met it after, of the same cases."""
    n = both + before_only + after_only + neither
    exact, mid_p = _tests(before_only, after_only)
    if n == 0:
        return PairedShares(0, 0, 0, 0, None, None, None, None, None, exact, mid_p, reason="There are no cases.")
    counts = (both, before_only, after_only, neither)
    before, after = (both + before_only) / n, (both + after_only) / n
    return PairedShares(
        *counts, before, after, (after_only - before_only) / n, _newcombe(*counts), _bonett_price(*counts), exact, mid_p
    )


def _tests(before_only: int, after_only: int) -> tuple[PValue, PValue]:
    """Returns the exact and the mid-p test on the cases that changed sides."""
    changed = before_only + after_only
    names = ("McNemar's test, exact", "McNemar's test, mid-p")
    if changed < FEWEST:
        smallest = 2 / 2**changed if changed else 1.0
        reason = (
            f"{counted(changed, 'case')} crossed the standard: even if all had crossed it the same way, the exact p would be {smallest:.3g}. At least "
            f"{FEWEST} are needed for a p below .05, so no test is made."
        )
        return PValue(None, changed, names[0], reason=reason), PValue(None, changed, names[1], reason=reason)
    exact = float(statsmodels_mcnemar([[0, before_only], [after_only, 0]], exact=True).pvalue)
    observed = float(stats.binom.pmf(before_only, changed, 0.5))
    mid = 1 - observed / 2 if before_only == after_only else exact - observed
    return PValue(min(1.0, exact), changed, names[0]), PValue(mid, changed, names[1])


def _newcombe(both: int, before_only: int, after_only: int, neither: int) -> Interval:
    """Returns Newcombe's square-and-add interval for paired shares (1998, method 10), after less before."""
    n = both + before_only + after_only + neither
    yes, later = both + before_only, both + after_only
    low1, high1 = proportion_confint(yes, n, 1 - CONFIDENCE, method="wilson")
    low2, high2 = proportion_confint(later, n, 1 - CONFIDENCE, method="wilson")
    product = yes * (n - yes) * later * (n - later)
    cross = both * neither - before_only * after_only
    top = max(cross - n / 2, 0.0) if cross > 0 else float(cross)
    phi = top / math.sqrt(product) if product else 0.0
    before, after = yes / n, later / n
    down, up = after - low2, high1 - before
    below = math.sqrt(max(0.0, down**2 - 2 * phi * down * up + up**2))
    down, up = before - low1, high2 - after
    above = math.sqrt(max(0.0, down**2 - 2 * phi * down * up + up**2))
    return Interval(
        max(-1.0, after - before - below), min(1.0, after - before + above), "Newcombe's interval for paired shares"
    )


def _bonett_price(both: int, before_only: int, after_only: int, neither: int) -> Interval:
    """Returns Bonett and Price's adjusted Wald interval (2012), after less before: one case is added to each discordant cell."""
    n = both + before_only + after_only + neither + 2
    up, down = (after_only + 1) / n, (before_only + 1) / n
    half = _Z * math.sqrt((up + down - (up - down) ** 2) / n)
    return Interval(max(-1.0, up - down - half), min(1.0, up - down + half), "Bonett and Price's interval")
