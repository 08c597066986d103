"""The sign-flip test over practitioners: if nothing changed, each practitioner's change could as well have had the other sign.

Exact, never simulated. Scores are used as numbers. The one thing it takes for granted is that under "no change" a practitioner's
change is as likely to be up as down; cases of one practitioner may hang together as they like (docs/evidence.md, "Sign-flip").
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sampling.evidence.results import SIGNIFICANCE, PValue, counted

ENUMERATED = (
    40  # up to so many practitioners, all 2^G signs are counted: each half's are written out, a million at most
)
MOST_STEPS = 500_000_000  # practitioners times the range of sums: some seconds, and a tenth of a gigabyte
FEWEST = math.ceil(math.log2(2 / SIGNIFICANCE))  # 6: with G practitioners the smallest two-sided p is 2/2^G
_TOTALS = "sign-flip over practitioners' total changes"
_NO_COMMON_MEASURE = "The practitioners' numbers of cases differ so much that their means cannot be enumerated exactly: the test counts their total changes."
_OUT_OF_REACH = "There are too many cases for an exact test in reasonable time, so none is made: read the mean change with its interval."

Whole = NDArray[np.int64]


def sign_flip(totals: Sequence[int], cases: Sequence[int] | None = None) -> PValue:
    """Returns the exact two-sided p value of sum(change) over practitioners.

    `totals` is the sum of changes of each practitioner, in whole numbers. With `cases`, the number of cases of each, a practitioner
    counts with the mean of their changes, so that a large share of the cases is no larger vote; without, with the total.
    Practitioners without change add nothing whatever their sign. Where fewer than 6 changed, no p of .05 can be reached: that is
    said, and no test is made.
    """
    changes = [int(total) for total in totals]
    method = _TOTALS if cases is None else "sign-flip over practitioners' mean changes"
    moved = sum(change != 0 for change in changes)
    if moved < FEWEST:
        return PValue(None, len(changes), method, reason=_too_few(len(changes), moved))
    notes: tuple[str, ...] = ()
    if cases is not None:
        shared = math.lcm(*(int(n) for n in cases))
        means = [change * (shared // int(n)) for change, n in zip(changes, cases, strict=True)]
        if within_reach(means):
            changes = means
        else:
            method, notes = _TOTALS, (_NO_COMMON_MEASURE,)
    if not within_reach(changes):
        return PValue(None, len(changes), method, reason=_OUT_OF_REACH, notes=notes)
    sizes = np.array([abs(change) for change in changes if change], dtype=np.int64)
    how = f"all {2 ** len(sizes):,} signs enumerated" if len(sizes) <= ENUMERATED else "exact distribution of the sum"
    whole = sum(changes)
    p, side = exact_two_sided(sizes, abs(whole)), (whole > 0) - (whole < 0)
    return PValue(p, len(changes), f"{method}, {how}", notes=notes, side=side)


def within_reach(changes: Sequence[int]) -> bool:
    """Returns whether the exact distribution can be had: few numbers that fit into 64 bits, or a short enough range of sums."""
    moved = [abs(change) for change in changes if change]
    whole = sum(moved)
    if len(moved) <= ENUMERATED:
        return whole < 2**62
    return len(moved) * (whole // math.gcd(*moved)) <= MOST_STEPS


def exact_two_sided(sizes: Whole, observed: int) -> float:
    """Returns P(|sum| >= observed) for the sum of these sizes, whole numbers above 0, under random signs.

    >>> exact_two_sided(np.array([1, 2, 3]), 6)
    0.25
    """
    measure = int(np.gcd.reduce(sizes))
    sizes, observed = sizes // measure, observed // measure
    shorter = len(sizes) * int(sizes.sum()) < 2 ** (len(sizes) // 2)  # the range of sums than the list of signs
    return _enumerated(sizes, observed) if len(sizes) <= ENUMERATED and not shorter else _summed(sizes, observed)


def _enumerated(sizes: Whole, observed: int) -> float:
    """Returns P(|sum| >= observed) over all signs: each half's sums are written out, and those that reach it together are counted."""
    if observed == 0:
        return 1.0
    one, other = (np.sort(_signed_sums(half)) for half in (sizes[::2], sizes[1::2]))
    reached = len(one) * len(other) - int(np.searchsorted(other, observed - one).sum())
    return float(2 * reached / 2 ** len(sizes))  # by symmetry, as many reach it downwards


def _signed_sums(sizes: Whole) -> Whole:
    """Returns the sum of these sizes under every choice of signs. Shape (2^sizes,)."""
    sums = np.zeros(1, dtype=np.int64)
    for size in sizes:
        sums = np.concatenate([sums + size, sums - size])
    return sums


def _summed(sizes: Whole, observed: int) -> float:
    """Returns the same from the distribution of how much of the whole is counted upwards: sum = 2 * upwards - whole."""
    whole = int(sizes.sum())
    chance = np.zeros(whole + 1)
    chance[0] = 1.0
    reached = 0
    for size in np.sort(sizes):
        size = int(size)
        longer = chance[: reached + size + 1] * 0.5
        longer[size:] += chance[: reached + 1] * 0.5
        reached += size
        chance[: reached + 1] = longer
    sums = np.abs(2 * np.arange(whole + 1, dtype=np.int64) - whole)
    return min(1.0, float(chance[sums >= observed].sum()))


def _too_few(practitioners: int, moved: int) -> str:
    """Returns why there is no test, with the smallest p that these practitioners could give."""
    if moved == 0:
        return "Nothing changed for any practitioner, so there is nothing to test."
    smallest = min(1.0, 2 / 2**moved)
    who = f"Only {moved} of {counted(practitioners, 'practitioner')} changed" if moved < practitioners else (
        "There is only one practitioner" if practitioners == 1 else f"There are only {practitioners} practitioners"
    )  # fmt: skip
    return f"{who}: even if all changed the same way, p would be {smallest:.3g}. At least {FEWEST} are needed for a p below .05, so no test is made."
