"""Agreement on total scores: intraclass correlations with F intervals. Never for one item of four levels: those have alpha and AC2.

Shrout and Fleiss 1979; names and intervals of McGraw and Wong 1996 (with their erratum), as in `psych::ICC` of R.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from sampling.errors import ProgramError
from sampling.evidence.agreement.data import COLUMNS
from sampling.evidence.results import CONFIDENCE, Interval, counted
from sampling.evidence.strata import need_columns

Kind = Literal["ICC(1,1)", "ICC(A,1)", "ICC(C,1)", "ICC(1,k)", "ICC(A,k)", "ICC(C,k)"]
IN_WORDS: dict[Kind, str] = {
    "ICC(1,1)": "one rater, each case by raters of its own (one-way random)",
    "ICC(A,1)": "one rater, absolute agreement (two-way random)",
    "ICC(C,1)": "one rater, the same order of cases, however strict the rater (two-way, consistency)",
    "ICC(1,k)": "mean of the raters, each case by raters of its own",
    "ICC(A,k)": "mean of the raters, absolute agreement",
    "ICC(C,k)": "mean of the raters, the same order of cases",
}
_QUANTILE = 1 - (1 - CONFIDENCE) / 2
_NOTHING = 1e-12

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class IntraclassCorrelation:
    """One intraclass correlation, or the reason why there is none. `k` is the number of raters, `n` of cases that all of them scored."""

    kind: Kind
    value: float | None
    interval: Interval | None
    n: int
    k: int
    method: str
    reason: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Squares:
    """Mean squares of the two-way table: between cases, between raters, the rest; within cases."""

    cases: float
    raters: float
    rest: float
    within: float
    n: int
    k: int


def total_scores(frame: pd.DataFrame) -> Floats:
    """Returns the totals of a tidy frame of ratings (data.COLUMNS), cases by raters in order of their names.

    NaN where a rater lacks a level on any criterion of the frame: totals of fewer criteria are no totals of these.
    """
    need_columns(frame, COLUMNS, "ratings")
    if frame.duplicated(["case", "criterion", "rater"]).any():
        raise ProgramError("A rater has two ratings of one criterion of one case: hand in one round at a time.")
    criteria = frame["criterion"].nunique()
    by_pair = frame.assign(level=frame["level"].astype("Float64")).groupby(["case", "rater"])["level"]
    totals = by_pair.sum().where(by_pair.count() == criteria)
    return np.asarray(totals.unstack("rater").sort_index().to_numpy(dtype=np.float64, na_value=np.nan))


def intraclass_correlations(totals: Floats) -> tuple[IntraclassCorrelation, ...]:
    """Returns the six correlations of a table of total scores, cases by raters; cases without a total of each rater are left out and counted."""
    table = np.asarray(totals, dtype=np.float64)
    complete = table[~np.isnan(table).any(axis=1)]
    n, k = complete.shape
    left = len(table) - n
    notes = (f"{counted(left, 'case')} without a total of every rater left out.",) if left else ()
    reason = _why_none(complete)
    if reason:
        return tuple(
            IntraclassCorrelation(kind, None, None, n, k, words, reason, notes) for kind, words in IN_WORDS.items()
        )
    squares = _mean_squares(complete)
    return tuple(_one(kind, squares, notes) for kind in IN_WORDS)


def _why_none(table: Floats) -> str:
    n, k = table.shape
    if k < 2 or n < 2:
        return f"{counted(n, 'case')} with a total of all of {counted(k, 'rater')}: at least two of each are needed."
    if np.ptp(table) == 0:
        return "No variation: every total is the same."
    return ""


def _mean_squares(table: Floats) -> _Squares:
    n, k = table.shape
    grand = table.mean()
    cases = k * float(np.sum((table.mean(axis=1) - grand) ** 2))
    raters = n * float(np.sum((table.mean(axis=0) - grand) ** 2))
    total = float(np.sum((table - grand) ** 2))
    rest = max(0.0, total - cases - raters)
    return _Squares(
        cases / (n - 1), raters / (k - 1), rest / ((n - 1) * (k - 1)), (total - cases) / (n * (k - 1)), n, k
    )


def _one(kind: Kind, squares: _Squares, notes: tuple[str, ...]) -> IntraclassCorrelation:
    """Returns one correlation with its interval; those of means follow from those of one rater by Spearman and Brown's formula."""
    blank = IntraclassCorrelation(kind, None, None, squares.n, squares.k, IN_WORDS[kind], notes=notes)
    single, ends = _single(kind, squares)
    value = single if single is None or not kind.endswith("k)") else _stepped_up(single, squares.k)
    if value is None:
        return replace(blank, reason="The cases differ no more than the raters do within a case, so this has no value.")
    if ends is None or not np.isfinite(ends).all():
        return replace(
            blank,
            value=value,
            notes=(*notes, "The raters leave too little unexplained for an interval to be estimated."),
        )
    shown = [_stepped_up(end, squares.k) if kind.endswith("k)") else end for end in ends]
    low, high = (min(value, -1.0) if end is None else max(min(value, -1.0), min(1.0, end)) for end in shown)
    return replace(blank, value=value, interval=Interval(low, high, "F interval"))


def _stepped_up(single: float, k: int) -> float | None:
    """Returns the reliability of the mean of k raters (Spearman and Brown); None where one rater's is so far below 0 that it has none."""
    below = 1 + (k - 1) * single
    return k * single / below if below > _NOTHING else None


def _single(kind: Kind, s: _Squares) -> tuple[float | None, tuple[float, float] | None]:
    """Returns the correlation of one rater and the ends of its interval; None where there is none."""
    if kind.startswith("ICC(A"):
        whole = s.cases + (s.k - 1) * s.rest + s.k * (s.raters - s.rest) / s.n
        if whole < _NOTHING:
            return None, None
        value = (s.cases - s.rest) / whole
        return value, _absolute_ends(s, value)
    error, degrees = (s.within, s.n * (s.k - 1)) if kind.startswith("ICC(1") else (s.rest, (s.n - 1) * (s.k - 1))
    whole = s.cases + (s.k - 1) * error
    if whole < _NOTHING:
        return None, None
    value = (s.cases - error) / whole
    if error < _NOTHING * s.cases:
        return value, None
    ratio = s.cases / error
    low = ratio / stats.f.ppf(_QUANTILE, s.n - 1, degrees)
    high = ratio * stats.f.ppf(_QUANTILE, degrees, s.n - 1)
    return value, (float((low - 1) / (low + s.k - 1)), float((high - 1) / (high + s.k - 1)))


def _absolute_ends(s: _Squares, value: float) -> tuple[float, float] | None:
    """Returns McGraw and Wong's ends for absolute agreement (1996, table 7): Satterthwaite's degrees of freedom."""
    if value > 1 - _NOTHING:
        return None
    a = s.k * value / (s.n * (1 - value))
    b = 1 + s.k * value * (s.n - 1) / (s.n * (1 - value))
    top = (a * s.raters + b * s.rest) ** 2
    below = (a * s.raters) ** 2 / (s.k - 1) + (b * s.rest) ** 2 / ((s.n - 1) * (s.k - 1))
    if below < _NOTHING**2:
        return None
    degrees = top / below
    lower, upper = stats.f.ppf(_QUANTILE, s.n - 1, degrees), stats.f.ppf(_QUANTILE, degrees, s.n - 1)
    rest = s.k * s.raters + (s.k * s.n - s.k - s.n) * s.rest
    low_whole, high_whole = lower * rest + s.n * s.cases, rest + s.n * upper * s.cases
    if not np.isfinite([lower, upper]).all() or min(low_whole, high_whole) < _NOTHING:
        return None
    return float(s.n * (s.cases - lower * s.rest) / low_whole), float(s.n * (upper * s.cases - s.rest) / high_whole)
