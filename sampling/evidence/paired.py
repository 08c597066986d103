"""Before and after of the same cases, or of the same practitioners: what changed, how sure that is, and what speaks against it.

Order of analysis: the table and the counts, the sign-flip over practitioners, the mean with its interval, the share at the standard,
ranks only where they are right. What a gain may be called depends on what was paired (`claim`): a record rewritten is repair,
the next fresh case of the same practitioner is transfer; improvement is for new draws over time (estimates.difference, the charts).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from statsmodels.stats.multitest import multipletests

from sampling.errors import ProgramError
from sampling.evidence.clustered import ClusteredMean, clustered_mean
from sampling.evidence.mcnemar import PairedShares, paired_shares
from sampling.evidence.regression_to_mean import Chosen, Regression, Retest, assumed_retest, regression_to_mean
from sampling.evidence.results import SIGNIFICANCE, PValue, counted
from sampling.evidence.sign_flip import sign_flip
from sampling.evidence.strata import need_columns
from sampling.evidence.wilcoxon import SignedRanks, Zeros, signed_ranks

Pairing = Literal["repair", "transfer"]  # new draws are not pairs, so improvement is none of them
PAIR_COLUMNS = ("case", "practitioner", "before", "after")
STANDARD = 2  # the pass level of the rubrics
LEVELS = 4
_INTERVAL_HOLDS_IT = "The interval of the mean change holds what was to be expected without any change: read it beside the line on how the cases were chosen."
MEANING: dict[Pairing, str] = {
    "repair": "The same records were scored again after rewriting: this shows that a record can be put right, not that practice changed.",
    "transfer": "A practitioner's next fresh case is held against their earlier one: this shows what carried over, in one further case each.",
}
_CHOSEN_LOW = "These cases were chosen on their own first score, so part of any gain was to be expected: a p value would count that as change, and none is given."


@dataclass(frozen=True)
class PairedChange:
    """Everything that is said of one item, or of a total, before and after.

    `table[b][a]` counts the cases at level b before and a after (empty for totals). `flip` is the main test; `standard` the shares at the
    standard, of which `standard_flip` is the test over practitioners; `adjusted_p` is Holm's, among several items.
    """

    claim: Pairing
    table: tuple[tuple[int, ...], ...]
    improved: int
    unchanged: int
    worsened: int
    practitioners: int
    left_out: int
    mean: ClusteredMean
    flip: PValue
    standard: PairedShares | None
    standard_flip: PValue | None
    ranks: SignedRanks
    regression: Regression
    adjusted_p: float | None = None
    notes: tuple[str, ...] = ()

    @property
    def n(self) -> int:
        """Returns how many cases have a level both times."""
        return self.improved + self.unchanged + self.worsened


@dataclass(frozen=True)
class Reference:
    """What a gain of chosen cases is held against: how they were chosen, the mean of all cases before, and r."""

    chosen: Chosen = "random"
    mean_of_all: float | None = None
    retest: Retest = assumed_retest()


def paired_change(
    pairs: pd.DataFrame,
    claim: Pairing,
    reference: Reference,
    *,
    pass_level: int | None = STANDARD,
    zeros: Zeros = "drop",
) -> PairedChange:
    """Returns the change of one item. `pairs` has PAIR_COLUMNS, one row a case, with levels 0 to 3 or missing.

    For totals pass `pass_level=None`: then there is no table of levels and no standard. Cases without a level at either time are left
    out and counted. Where cases were chosen on their own first score no p value is given.
    """
    need_columns(pairs, PAIR_COLUMNS, "pairs")
    whole = pairs.dropna(subset=["practitioner", "before", "after"])
    before, after = _whole_numbers(whole["before"]), _whole_numbers(whole["after"])
    change = after - before
    codes, names = pd.factorize(whole["practitioner"])
    cases = np.bincount(codes, minlength=len(names))
    tested = reference.chosen != "level"
    totals = _totals(codes, change) if tested else [0] * len(names)  # no test is made that would not be shown
    flip = sign_flip(totals, [int(n) for n in cases])
    standard, standard_flip = _at_standard(before, after, codes, pass_level)
    result = PairedChange(
        claim=claim,
        table=() if pass_level is None else _table(before, after),
        improved=int(np.sum(change > 0)),
        unchanged=int(np.sum(change == 0)),
        worsened=int(np.sum(change < 0)),
        practitioners=len(names),
        left_out=len(pairs) - len(whole),
        mean=clustered_mean(pd.Series(change, dtype=float), whole["practitioner"], scale=_scale(pass_level)),
        flip=flip,
        standard=standard,
        standard_flip=standard_flip,
        ranks=signed_ranks(change.tolist(), zeros=zeros, one_each=len(names) == len(change)),
        regression=regression_to_mean(
            reference.chosen,
            before.tolist(),
            after.tolist(),
            mean_of_all=reference.mean_of_all,
            retest=reference.retest,
        ),
        notes=_notes(claim, len(pairs) - len(whole), cases),
    )
    return result if tested else _without_tests(result)


def paired_items(
    items: Mapping[str, pd.DataFrame],
    claim: Pairing,
    reference: Mapping[str, Reference] | Reference,
    *,
    pass_level: int = STANDARD,
) -> dict[str, PairedChange]:
    """Returns item -> change, with Holm's adjusted p value over the items whose sign-flip could be made, in the order given.

    Use it for many items of which none is the primary one; a primary item, or the total, needs no adjustment. `reference` may differ by item.
    """
    changes = {
        name: paired_change(
            pairs, claim, reference if isinstance(reference, Reference) else reference[name], pass_level=pass_level
        )
        for name, pairs in items.items()
    }
    tested = {name: change.flip.p for name, change in changes.items() if change.flip.p is not None}
    if not tested:
        return changes
    adjusted = dict(zip(tested, multipletests(list(tested.values()), method="holm")[1], strict=True))
    note = f"p values are adjusted by Holm's method over the {counted(len(tested), 'item')} that could be tested, of {len(changes)}."
    return {
        name: replace(
            change,
            adjusted_p=float(adjusted[name]) if name in adjusted else None,
            notes=(*change.notes, note),
        )
        for name, change in changes.items()
    }


def _at_standard(
    before: np.ndarray, after: np.ndarray, codes: np.ndarray, pass_level: int | None
) -> tuple[PairedShares | None, PValue | None]:
    """Returns the shares at the standard before and after, and the test over practitioners; nothing for totals."""
    if pass_level is None:
        return None, None
    met, meets = before >= pass_level, after >= pass_level
    cells = (met & meets, met & ~meets, ~met & meets, ~met & ~meets)
    steps = meets.astype(np.int64) - met.astype(np.int64)
    return paired_shares(*(int(np.sum(cell)) for cell in cells)), sign_flip(_totals(codes, steps))


def _whole_numbers(levels: pd.Series[float]) -> np.ndarray:
    """Returns levels or totals as whole numbers. Raises ProgramError when they are none: exact enumeration needs them."""
    numbers = levels.to_numpy(np.float64)
    if np.any(numbers != np.rint(numbers)):
        raise ProgramError(
            "Levels and totals before and after are whole numbers; pass the total of the items, not their mean."
        )
    return numbers.astype(np.int64)


def _totals(codes: np.ndarray, change: np.ndarray) -> list[int]:
    """Returns the sum of changes of each practitioner."""
    return [int(total) for total in np.rint(np.bincount(codes, change))]


def _table(before: np.ndarray, after: np.ndarray) -> tuple[tuple[int, ...], ...]:
    """Returns the levels before by the levels after. Raises ProgramError when they are no levels."""
    if len(before) and (min(before.min(), after.min()) < 0 or max(before.max(), after.max()) >= LEVELS):
        raise ProgramError("Levels before and after lie between 0 and 3; totals are compared with pass_level=None.")
    counts = np.bincount(before * LEVELS + after, minlength=LEVELS * LEVELS).reshape(LEVELS, LEVELS)
    return tuple(tuple(int(n) for n in row) for row in counts)


def _scale(pass_level: int | None) -> tuple[float, float]:
    """Returns what a change can lie between: unknown for totals, which may have any number of items."""
    return (-np.inf, np.inf) if pass_level is None else (1.0 - LEVELS, LEVELS - 1.0)


def _notes(claim: Pairing, left_out: int, cases: np.ndarray) -> tuple[str, ...]:
    notes = [MEANING[claim]]
    if left_out:
        notes.append(
            f"{counted(left_out, 'case')} without a level at one of the two times (not applicable, not accessible, or not scored) left out."
        )
    if len(cases) and int(cases.max()) > 1:
        notes.append(
            "McNemar's p takes cases to be independent, which cases of one practitioner need not be: read the sign-flip first."
        )
    return tuple(notes)


def _without_tests(change: PairedChange) -> PairedChange:
    """Returns the same without any p value, for cases chosen on their own first score."""

    def untested(value: PValue) -> PValue:
        return PValue(None, value.n, value.method, reason=_CHOSEN_LOW)

    standard = change.standard
    if standard is not None:
        standard = replace(standard, exact=untested(standard.exact), mid_p=untested(standard.mid_p))
    return replace(
        change,
        flip=untested(change.flip),
        standard=standard,
        standard_flip=None if change.standard_flip is None else untested(change.standard_flip),
        ranks=replace(change.ranks, test=untested(change.ranks.test)),
        notes=(*change.notes, _INTERVAL_HOLDS_IT),
    )


def significant(p: float | None) -> bool:
    """Returns whether a p value is below .05; a test that was not made is not."""
    return p is not None and p < SIGNIFICANCE
