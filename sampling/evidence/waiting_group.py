"""Cases that were coached against cases that waited, at the same first score: what is left of a gain after regression to the mean.

Analysis of covariance, not change scores (Linden 2013; Vickers and Altman 2001): after = a + b * before + effect * coached, with CR2
standard error over practitioners and Satterthwaite's degrees of freedom (Bell and McCaffrey 2002; Pustejovsky and Tipton 2018).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sampling.evidence.intervals import t_interval
from sampling.evidence.results import Interval
from sampling.evidence.strata import need_columns

METHOD = "analysis of covariance against the waiting group, CR2 standard error over practitioners"
COLUMNS = ("practitioner", "before", "after", "coached")
_SMALL = 1e-10

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class WaitingComparison:
    """How much higher coached cases score after than waiting cases with the same score before, in levels. `reason` says why it cannot be said."""

    value: float | None
    interval: Interval | None
    standard_error: float | None
    degrees: float | None
    coached: int
    waiting: int
    practitioners: int
    method: str = METHOD
    reason: str = ""


def against_waiting(cases: pd.DataFrame) -> WaitingComparison:
    """Returns the effect; `cases` has one row a case with COLUMNS, `coached` true or false. Cases without a level at a time are left out."""
    need_columns(cases, COLUMNS, "cases")
    whole = cases.dropna(subset=list(COLUMNS))
    coached = whole["coached"].to_numpy(np.bool_)
    sizes = (int(coached.sum()), int((~coached).sum()))
    codes, names = pd.factorize(whole["practitioner"])
    empty = WaitingComparison(None, None, None, None, *sizes, len(names))
    if min(sizes) < 2:
        return _because(
            empty, "There are fewer than two coached or fewer than two waiting cases, so there is nothing to compare."
        )
    if len(names) < 2:
        return _because(empty, "All cases are of one practitioner, so nothing shows how practitioners differ.")
    before, after = whole["before"].to_numpy(np.float64), whole["after"].to_numpy(np.float64)
    columns = [np.ones(len(before)), coached.astype(np.float64)]
    if np.ptp(before) > 0:
        columns.append(before - before.mean())
    model = np.column_stack(columns)
    if np.linalg.matrix_rank(model) < model.shape[1]:
        return _because(
            empty, "The first scores alone say who was coached, so coaching and first score cannot be told apart."
        )
    value, variance, degrees = _effect(model, after, codes)
    if variance < _SMALL or degrees < _SMALL:
        return WaitingComparison(
            value, None, None, None, *sizes, len(names), reason="The cases vary too little for an interval."
        )
    error = variance**0.5
    return WaitingComparison(value, t_interval(value, error, degrees), error, degrees, *sizes, len(names))


def _effect(model: Floats, after: Floats, codes: NDArray[np.int64]) -> tuple[float, float, float]:
    """Returns the second coefficient, its CR2 variance and Satterthwaite's degrees of freedom.

    With a_g = A_g X_g M c, the products p_g' p_h of the definition are a_g' (I - H)_gh a_h: no matrix of cases by cases is needed.
    """
    bread = np.linalg.inv(model.T @ model)
    coefficients = bread @ model.T @ after
    residual = after - model @ coefficients
    lengths, loads, variance = [], [], 0.0
    for practitioner in range(int(codes.max()) + 1):
        rows = model[codes == practitioner]
        eigenvalues, vectors = np.linalg.eigh(np.eye(len(rows)) - rows @ bread @ rows.T)
        roots = np.where(eigenvalues > _SMALL, 1 / np.sqrt(np.maximum(eigenvalues, _SMALL)), 0.0)
        adjusted = (vectors * roots) @ (vectors.T @ (rows @ bread[:, 1]))
        variance += float(adjusted @ residual[codes == practitioner]) ** 2
        lengths.append(float(adjusted @ adjusted))
        loads.append(rows.T @ adjusted)
    load = np.array(loads)
    products = np.diag(lengths) - load @ bread @ load.T
    spread = float(np.sum(products**2))
    return float(coefficients[1]), variance, float(np.trace(products)) ** 2 / spread if spread > 0 else 0.0


def _because(empty: WaitingComparison, reason: str) -> WaitingComparison:
    return WaitingComparison(None, None, None, None, empty.coached, empty.waiting, empty.practitioners, reason=reason)
