"""Interrupted time series: a line before a dated change, a step and a new slope after it, and the effect at the last month.

Segmented least squares (Wagner and others 2002; Bernal and others 2017), Newey-West standard errors of lag 1 with the small-sample
factor n / (n - 4) and Student's t. At 24 unrelated months such an interval covers the truth in 88 of 100 simulations, not 95, so
the interval here takes the larger of the Newey-West and the plain standard error. The fit is statsmodels'.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import t as student
from statsmodels.regression.linear_model import OLS

from sampling.evidence.results import not_zero
from sampling.evidence.spc.series import ROUNDING, Series, gap_note, plural, read_values

FloatArray = npt.NDArray[np.float64]

POINTS_EACH_SIDE = 12  # the usual floor; below it the chart is shown, not the model
LAG = 1
CONFIDENCE = 0.95
DURBIN_WATSON_FINE = (1.5, 2.5)  # 2 when neighbouring months are unrelated; a rule of thumb
METHOD = (
    "Segmented regression (level and slope before and after); 95% intervals by Student's t from the larger of the Newey-West "
    "(lag 1) and the plain standard error"
)


@dataclass(frozen=True)
class Estimate:
    """An estimate, its 95% interval, and both standard errors: all None where the points lie on the lines exactly."""

    value: float
    lower: float | None = None
    upper: float | None = None
    newey_west_error: float | None = None
    plain_error: float | None = None


@dataclass(frozen=True)
class Fit:
    """Coefficients, shape (4,), with both covariance matrices, shape (4, 4); `df`: points less coefficients."""

    coefficients: FloatArray
    newey_west: FloatArray
    plain: FloatArray
    df: int
    durbin_watson: float | None


@dataclass(frozen=True)
class InterruptedPoint:
    """One period: its value (None when missing), the fitted line, and from the change on what the line before would have given."""

    period: str
    value: float | None
    fitted: float
    counterfactual: float | None


@dataclass(frozen=True)
class InterruptedSeries:
    """The model's results. `step`: at the change; slopes are per period; `effect`: at the last period. `cannot`: why no model."""

    change: str
    n_before: int
    n_after: int
    slope_before: Estimate | None
    step: Estimate | None
    slope_change: Estimate | None
    effect: Estimate | None
    counterfactual: float | None
    durbin_watson: float | None
    points: tuple[InterruptedPoint, ...]
    method: str
    words: str
    notes: tuple[str, ...] = ()
    cannot: str = ""

    def table(self) -> pd.DataFrame:
        """Returns the points as a table, one row a period, in order."""
        return pd.DataFrame([vars(point) for point in self.points], columns=list(InterruptedPoint.__dataclass_fields__))


def design(periods: int, change: int) -> FloatArray:
    """Returns the columns 1, time (1 for the first period), after (1 from the change on), and periods since the change (0 at it).

    >>> design(4, 2).tolist()
    [[1.0, 1.0, 0.0, 0.0], [1.0, 2.0, 0.0, 0.0], [1.0, 3.0, 1.0, 0.0], [1.0, 4.0, 1.0, 1.0]]
    """
    time = np.arange(1, periods + 1, dtype=np.float64)
    after = (np.arange(periods) >= change).astype(np.float64)
    since = np.maximum(np.arange(periods) - change, 0).astype(np.float64)
    return np.column_stack([np.ones(periods), time, after, since])


def fit_segments(x: FloatArray, values: FloatArray) -> Fit:
    """Returns the least squares fit; `durbin_watson` is None where the points lie on the lines exactly."""
    plain = OLS(values, x).fit()
    robust = plain.get_robustcov_results(cov_type="HAC", maxlags=LAG, use_correction=True, use_t=True)
    residuals = np.asarray(plain.resid, dtype=np.float64)
    exact = bool(np.abs(residuals).max() <= ROUNDING * np.abs(values).max())
    watson = None if exact else float((np.diff(residuals) ** 2).sum() / (residuals**2).sum())
    newey_west, ordinary = (np.asarray(each.cov_params(), dtype=np.float64) for each in (robust, plain))
    coefficients = np.asarray(plain.params, dtype=np.float64)
    return Fit(coefficients, newey_west, ordinary, len(values) - x.shape[1], watson)


def _estimate(contrast: FloatArray, fit: Fit) -> Estimate:
    """Returns a combination of the coefficients with its interval."""
    value = float(contrast @ fit.coefficients)
    if fit.durbin_watson is None:
        return Estimate(value)
    robust, plain = (max(float(contrast @ each @ contrast), 0.0) ** 0.5 for each in (fit.newey_west, fit.plain))
    half = float(student.ppf((1 + CONFIDENCE) / 2, fit.df)) * max(robust, plain)
    return Estimate(value, value - half, value + half, robust, plain)


def _refused(change: str, before: int, after: int) -> InterruptedSeries:
    """Returns the result that says why there is no model."""
    reason = (
        f"No interrupted time series: {plural(before, 'point')} before {change} and {after} from then on, and the model needs "
        f"{POINTS_EACH_SIDE} on each side. See the chart."
    )
    return InterruptedSeries(
        change, before, after, None, None, None, None, None, None, (), f"{METHOD}: not fitted.", reason, cannot=reason
    )


def _notes(series: Series, watson: float | None) -> tuple[str, ...]:
    """Returns what a reader must know of the fit."""
    notes = list(
        gap_note(series.missing, "left out; the months around it are taken as neighbours by the standard errors")
    )
    if watson is None:
        notes.append("The points lie on the lines exactly, so there is no interval: real audit scores do not do that.")
    elif not DURBIN_WATSON_FINE[0] <= watson <= DURBIN_WATSON_FINE[1]:
        how = "resemble" if watson < DURBIN_WATSON_FINE[0] else "alternate with"
        notes.append(
            f"Durbin-Watson {watson:.2f} is far from 2: neighbouring months {how} each other, so the interval may be too narrow."
        )
    notes.append(
        "The effect assumes that the line before would have gone on. Another team without the change tells more than any model."
    )
    return tuple(notes)


def _points(series: Series, x: FloatArray, coefficients: FloatArray, change: int) -> tuple[InterruptedPoint, ...]:
    """Returns each period with its value, fitted line and counterfactual."""
    fitted, before = x @ coefficients, x[:, :2] @ coefficients[:2]
    return tuple(
        InterruptedPoint(
            period,
            float(series.values[k]) if series.measured[k] else None,
            float(fitted[k]),
            float(before[k]) if k >= change else None,
        )
        for k, period in enumerate(series.periods)
    )


def _words(effect: Estimate, series: Series, change: str) -> str:
    """Returns the finding as a sentence."""
    last = series.periods[-1]
    interval = ""
    if effect.lower is not None and effect.upper is not None:
        interval = f" (95% CI {not_zero(effect.lower, 2, '+')} to {not_zero(effect.upper, 2, '+')})"
    start = (
        f"In {last} the level is {effect.value:+.2f}{interval} against where the line before {change} would have led"
    )
    if effect.lower is None or effect.upper is None:
        return f"{start}."
    if effect.lower <= 0 <= effect.upper:
        return f"{start}: not conclusive, the interval includes no effect."
    return f"{start}."


def interrupted_series(frame: pd.DataFrame, change: str) -> InterruptedSeries:
    """Returns the interrupted time series of columns `period` and `value`, or why there is none.

    `change`: the first period under the change. Time runs over the periods, months without a value included. Raises
    SourceError as `read_values`.
    """
    series = read_values(frame)
    position = sum(period < change for period in series.periods)
    there = series.measured
    before, after = int(there[:position].sum()), int(there[position:].sum())
    if min(before, after) < POINTS_EACH_SIDE:
        return _refused(change, before, after)
    x, values = design(len(series.periods), position), series.values[there]
    fit = fit_segments(x[there], values)
    contrasts = np.array([[0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [0, 0, 1, x[-1, 3]]], dtype=np.float64)
    slope, step, change_of_slope, effect = (_estimate(contrast, fit) for contrast in contrasts)
    return InterruptedSeries(
        change=change,
        n_before=before,
        n_after=after,
        slope_before=slope,
        step=step,
        slope_change=change_of_slope,
        effect=effect,
        counterfactual=float(x[-1, :2] @ fit.coefficients[:2]),
        durbin_watson=fit.durbin_watson,
        points=_points(series, x, fit.coefficients, position),
        method=f"{METHOD}; {before} points before {change}, {after} from then on.",
        words=_words(effect, series, change),
        notes=_notes(series, fit.durbin_watson),
    )
