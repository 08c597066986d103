"""Wilcoxon's signed-rank test where it is right: one case a practitioner, enumerated exactly with ties and zeros.

`scipy.stats.wilcoxon(method="exact")` takes the ranks to be 1 to n although ties and zeros make them others, and so gives a wrong p (a test
shows it). Twice the mid-ranks are whole numbers; the distribution of their sum under random signs is had exactly.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

from sampling.evidence.results import SIGNIFICANCE, PValue, counted
from sampling.evidence.sign_flip import exact_two_sided, within_reach

Zeros = Literal["drop", "pratt"]
FEWEST = math.ceil(math.log2(2 / SIGNIFICANCE))  # 6 changed cases: with 5 the smallest p is .0625
_SEVERAL_EACH = "A practitioner has more than one case here, and ranks take the cases to be independent: the sign-flip over practitioners is the test."
_ZEROS = {
    "drop": "unchanged cases dropped before ranking (Wilcoxon 1945)",
    "pratt": "unchanged cases ranked, then dropped (Pratt 1959)",
}


@dataclass(frozen=True)
class SignedRanks:
    """The test, the rank-biserial correlation (+1 all up, -1 all down) and (improved - worsened)/n."""

    test: PValue
    rank_biserial: float | None
    net_improved: float | None


def signed_ranks(changes: Sequence[int], *, zeros: Zeros = "drop", one_each: bool = True) -> SignedRanks:
    """Returns the exact signed-rank test of changes. `zeros` names what becomes of unchanged cases.

    `one_each` says that no practitioner has two of the cases; where one has, the effects are given and the test is refused.
    """
    change = np.asarray(changes, dtype=np.int64)
    method = f"Wilcoxon's signed-rank test, exact, {_ZEROS[zeros]}"
    net = float(np.sign(change).mean()) if len(change) else None
    moved = change[change != 0]
    if not len(moved):
        return SignedRanks(PValue(None, 0, method, reason="No case changed, so there is nothing to test."), None, net)
    ranked = moved if zeros == "drop" else change
    ranks = np.rint(2 * stats.rankdata(np.abs(ranked))).astype(np.int64)[ranked != 0]
    balance = int(np.sum(np.sign(moved) * ranks))
    biserial = balance / int(ranks.sum())
    reason = _reason(len(moved), one_each, within_reach(ranks.tolist()))
    if reason:
        return SignedRanks(PValue(None, len(moved), method, reason=reason), biserial, net)
    return SignedRanks(PValue(exact_two_sided(ranks, abs(balance)), len(moved), method), biserial, net)


def _reason(moved: int, one_each: bool, possible: bool) -> str:
    """Returns why the test is not made, or "" where it is."""
    if not one_each:
        return _SEVERAL_EACH
    if moved < FEWEST:
        return (
            f"{counted(moved, 'case')} changed: even if all had changed the same way, p would be {2 / 2**moved:.3g}. At least {FEWEST} are needed for a p "
            "below .05, so no test is made."
        )
    return (
        ""
        if possible
        else "There are too many cases for exact ranks in reasonable time: the sign-flip over practitioners is the test."
    )
