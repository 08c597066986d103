"""Interrupted time series: known lines recovered, standard errors against the formula written out, refusals, coverage."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student

from sampling.evidence.interrupted import Estimate, InterruptedSeries, design, fit_segments, interrupted_series
from sampling.evidence.spc.series import months_between

MONTHS = months_between("2024-01", "2027-12")
CHANGE = MONTHS[12]


def series(values: list[float] | np.ndarray) -> pd.DataFrame:
    return pd.DataFrame({"period": MONTHS[: len(values)], "value": values})


def noisy(seed: int, step: float = 0.0, slope: float = 0.0) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0, 0.17, 24)
    return 2 + noise + design(24, 12) @ np.array([0, 0, step, slope])


def estimates(result: InterruptedSeries) -> list[Estimate]:
    found = [result.slope_before, result.step, result.slope_change, result.effect]
    return [estimate for estimate in found if estimate is not None]


def test_lines_without_noise_are_recovered_by_hand() -> None:
    # Before: 1.0 + .02 t for t = 1 to 12. After: .3 higher at once, and .05 more a month. Last month t = 24, 11 after the change:
    # effect .3 + 11 x .05 = .85; without the change 1.0 + .02 x 24 = 1.48.
    t = np.arange(1, 25)
    values = 1.0 + 0.02 * t + np.where(t > 12, 0.3 + 0.05 * (t - 13), 0)
    result = interrupted_series(series(values), CHANGE)
    assert [e.value for e in estimates(result)] == pytest.approx([0.02, 0.3, 0.05, 0.85])
    assert result.counterfactual == pytest.approx(1.48)
    assert result.points[-1].counterfactual == pytest.approx(1.48)
    assert result.points[11].counterfactual is None
    assert result.points[12].fitted - (result.points[12].counterfactual or 0) == pytest.approx(0.3)
    assert (result.effect and result.effect.lower) is None
    assert result.durbin_watson is None
    assert result.notes[0].startswith("The points lie on the lines exactly, so there is no interval")
    assert result.words == "In 2025-12 the level is +0.85 against where the line before 2025-01 would have led."


def test_newey_west_is_the_formula_written_out() -> None:
    # n / (n - 4) (X'X)^-1 [ sum e_t^2 x_t x_t' + 1/2 sum e_t e_(t-1) (x_t x_(t-1)' + x_(t-1) x_t') ] (X'X)^-1 : Bartlett weight 1/2
    x, y = design(24, 12), noisy(1, step=0.3)
    bread = np.linalg.inv(x.T @ x)
    residuals = y - x @ (bread @ x.T @ y)
    meat = sum(e**2 * np.outer(row, row) for e, row in zip(residuals, x, strict=True))
    for k in range(1, 24):
        cross = residuals[k] * residuals[k - 1] * np.outer(x[k], x[k - 1])
        meat = meat + 0.5 * (cross + cross.T)
    fit = fit_segments(x, y)
    np.testing.assert_allclose(fit.newey_west, 24 / 20 * bread @ meat @ bread, rtol=1e-9)
    np.testing.assert_allclose(fit.plain, residuals @ residuals / 20 * bread, rtol=1e-9)
    assert fit.durbin_watson == pytest.approx(np.sum(np.diff(residuals) ** 2) / np.sum(residuals**2))


def test_the_interval_takes_the_larger_error_and_students_t() -> None:
    result = interrupted_series(series(noisy(1, step=0.3)), CHANGE)
    for estimate in estimates(result):
        assert estimate.lower is not None and estimate.upper is not None
        assert estimate.newey_west_error is not None and estimate.plain_error is not None
        larger = max(estimate.newey_west_error, estimate.plain_error)
        assert estimate.upper - estimate.value == pytest.approx(student.ppf(0.975, 20) * larger)
        assert estimate.value - estimate.lower == pytest.approx(student.ppf(0.975, 20) * larger)


@pytest.mark.parametrize(
    ("points", "change", "before", "after"),
    [
        (23, CHANGE, "12 points", 11),
        (24, MONTHS[11], "11 points", 13),
        (24, "2030-01", "24 points", 0),
        (0, CHANGE, "0 points", 0),
    ],
)
def test_fewer_than_twelve_points_on_a_side_have_no_model(points: int, change: str, before: str, after: int) -> None:
    result = interrupted_series(series(noisy(1)[:points]), change)
    assert result.cannot == (
        f"No interrupted time series: {before} before {change} and {after} from then on, and the model needs 12 on each side. "
        "See the chart."
    )
    assert result.effect is None
    assert result.points == ()
    assert result.words == result.cannot


def test_missing_months_do_not_count_and_keep_their_place_in_time() -> None:
    t = np.arange(1, 26)
    values: list[float | None] = list(1.0 + 0.02 * t)
    values[5] = None
    result = interrupted_series(pd.DataFrame({"period": MONTHS[:25], "value": values}), MONTHS[13])
    assert (result.n_before, result.n_after) == (12, 12)
    assert result.slope_before is not None and result.slope_before.value == pytest.approx(0.02)
    assert result.notes[0].startswith("1 period without a value (2024-06): left out")
    values[6] = None
    assert (
        "11 points before"
        in interrupted_series(pd.DataFrame({"period": MONTHS[:25], "value": values}), MONTHS[13]).cannot
    )


def test_a_constant_series_has_no_effect_and_no_interval() -> None:
    result = interrupted_series(series([2.0] * 24), CHANGE)
    assert [e.value for e in estimates(result)] == pytest.approx([0, 0, 0, 0], abs=1e-12)
    assert all(e.lower is None for e in estimates(result))


def test_the_words_say_when_it_is_not_conclusive() -> None:
    nothing = interrupted_series(series(noisy(2)), CHANGE)
    assert nothing.words.endswith("not conclusive, the interval includes no effect.")
    clear = interrupted_series(series(noisy(2, step=1.5)), CHANGE)
    assert "not conclusive" not in clear.words
    assert clear.words.startswith("In 2025-12 the level is +1.")


def test_neighbouring_months_that_resemble_each_other_are_said() -> None:
    waves = 2 + 0.3 * np.sin(np.arange(24) / 2)
    result = interrupted_series(series(waves), CHANGE)
    assert result.durbin_watson is not None and result.durbin_watson < 1.5
    assert "neighbouring months resemble each other" in result.notes[0]
    alternating = interrupted_series(series(2 + 0.3 * (-1.0) ** np.arange(24)), CHANGE)
    assert "neighbouring months alternate with each other" in alternating.notes[0]


@pytest.mark.parametrize(
    ("low", "high", "said"), [(1.2, 1.45, "resemble"), (1.55, 2.45, ""), (2.55, 2.8, "alternate with")]
)
def test_durbin_watson_is_said_below_1_5_and_above_2_5(low: float, high: float, said: str) -> None:
    results = (interrupted_series(series(noisy(seed)), CHANGE) for seed in range(200))
    found = next(one for one in results if low < (one.durbin_watson or 0) < high)
    assert (f"neighbouring months {said} each other" in found.notes[0]) if said else len(found.notes) == 1


def test_the_interval_covers_no_effect_in_95_of_100_stable_series() -> None:
    runs = 400
    covered = 0
    x, contrast = design(24, 12), np.array([0, 0, 1, 11.0])
    for values in np.random.default_rng(3).normal(2, 0.17, size=(runs, 24)):
        fit = fit_segments(x, values)
        error = max(contrast @ fit.newey_west @ contrast, contrast @ fit.plain @ contrast) ** 0.5
        covered += abs(contrast @ fit.coefficients) <= student.ppf(0.975, fit.df) * error
    assert covered / runs > 0.95 - 4 * (0.95 * 0.05 / runs) ** 0.5


def test_the_method_names_the_points_on_each_side() -> None:
    result = interrupted_series(series(noisy(1)), CHANGE)
    assert result.method.endswith("12 points before 2025-01, 12 from then on.")
    assert result.table().shape == (24, 4)


hundredths = st.lists(st.integers(0, 300).map(lambda k: k / 100), min_size=24, max_size=30)


@settings(max_examples=30, deadline=None)
@given(hundredths, st.integers(-5, 5), st.sampled_from([2.0, 10.0]))
def test_shift_scale_and_order_of_rows(values: list[float], by: int, scale: float) -> None:
    plain = interrupted_series(series(values), CHANGE)
    moved = interrupted_series(series([value * scale + by for value in values]), CHANGE)
    assert [e.value * scale for e in estimates(plain)] == pytest.approx([e.value for e in estimates(moved)], abs=1e-6)
    assert interrupted_series(series(values).iloc[::-1], CHANGE) == plain
