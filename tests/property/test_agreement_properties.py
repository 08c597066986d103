"""What must hold of agreement for any ratings: order and names of raters and cases change nothing, and nothing is ever NaN or an error."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from sampling.evidence.agreement.coefficients import (
    Agreement,
    cohen_kappa,
    exact_agreement,
    gwet_ac,
    krippendorff_alpha,
    usual_coefficients,
)
from sampling.evidence.agreement.data import from_levels, overlap
from sampling.evidence.agreement.deciding import decide, membership
from sampling.evidence.agreement.drift import drift, group_levels
from sampling.evidence.agreement.exchange import exchange_test
from sampling.evidence.agreement.intervals import Uncertainty
from sampling.evidence.agreement.raters import rater_facts
from sampling.evidence.agreement.reference import against_reference
from sampling.evidence.agreement.severity import rater_severity, severity_at
from sampling.evidence.agreement.standard import at_the_standard
from sampling.evidence.agreement.totals import intraclass_correlations

LEVELS = st.sampled_from([0.0, 1.0, 2.0, 3.0, math.nan])
TABLES = hnp.arrays(np.float64, st.tuples(st.integers(0, 9), st.integers(0, 5)), elements=LEVELS)
SURE = Uncertainty(seed=1, times=20, other_raters=True)


def every(levels: NDArray[np.float64]) -> tuple[Agreement, ...]:
    ratings = from_levels(levels)
    return (
        *usual_coefficients(ratings, SURE),
        krippendorff_alpha(ratings, "nominal", SURE),
        krippendorff_alpha(ratings, "interval", SURE),
        gwet_ac(ratings, "linear", SURE),
        cohen_kappa(ratings, "linear", SURE),
    )


def numbers(found: Agreement) -> list[float]:
    """Returns value, standard error and the ends of the interval that do not depend on the order in which cases are drawn."""
    ends = [
        end for interval in (found.interval, found.other_raters) if interval for end in (interval.low, interval.high)
    ]
    return [
        number
        for number in (found.value, found.standard_error, found.observed, found.expected, *ends)
        if number is not None
    ]


@settings(max_examples=80, deadline=None)
@given(TABLES)
def test_no_ratings_give_nan_or_an_error(levels: NDArray[np.float64]) -> None:
    for found in every(levels):
        assert all(map(math.isfinite, numbers(found)))
        assert (found.value is None) == bool(found.reason)
        if found.value is not None and found.interval is not None:
            assert found.interval.low <= found.value + 1e-9 and found.value <= found.interval.high + 1e-9 <= 1 + 2e-9
        assert decide(found).sentence or found.value is not None
        membership(found)
    ratings = from_levels(levels)
    overlap(ratings), rater_facts(ratings), at_the_standard(ratings, SURE)
    swapped = exchange_test(ratings, 1, times=19)
    assert (swapped.p is None) == bool(swapped.reason)
    against_reference(ratings, {("case 1", ""): 2, ("case 3", ""): 0})
    for correlation in intraclass_correlations(levels):
        assert correlation.value is None or math.isfinite(correlation.value)


@settings(max_examples=40, deadline=None)
@given(TABLES, TABLES, st.integers(1, 3))
def test_drift_of_any_two_groups_is_finite_or_has_its_reason(
    then: NDArray[np.float64], now: NDArray[np.float64], least: int
) -> None:
    found = drift(tidy(then), tidy(now), least=least)
    assert (found.verdict == "none") == (found.change is None)
    ends = [
        end for interval in (found.interval, found.share_interval) if interval for end in (interval.low, interval.high)
    ]
    assert all(map(math.isfinite, ends)) and "nan" not in found.sentence
    if found.interval is not None and found.change is not None:
        assert -3 <= found.interval.low <= found.change + 1e-9 and found.change - 1e-9 <= found.interval.high <= 3
    back = drift(tidy(now), tidy(then), least=least)
    opposite = {"stricter": "more lenient", "more lenient": "stricter"}
    assert back.verdict == opposite.get(found.verdict, found.verdict)
    given_levels = group_levels(tidy(then))
    assert (
        given_levels is None
        or 0 <= given_levels.interval.low <= given_levels.at_standard <= given_levels.interval.high <= 1
    )


def tidy(levels: NDArray[np.float64]) -> pd.DataFrame:
    """Returns a tidy frame of one case, a row of levels a criterion."""
    criterion, rater = np.indices(levels.shape)
    columns = {"rater": rater.ravel().astype(str), "criterion": criterion.ravel().astype(str), "level": levels.ravel()}
    return pd.DataFrame(columns).astype({"level": "Float64"})


@settings(max_examples=60, deadline=None)
@given(TABLES, st.randoms(use_true_random=False))
def test_the_order_of_raters_and_of_cases_changes_nothing(levels: NDArray[np.float64], random: object) -> None:
    generator = np.random.default_rng(random.randrange(2**32))  # type: ignore[attr-defined]
    turned = levels[generator.permutation(levels.shape[0])][:, generator.permutation(levels.shape[1])]
    for found, other in zip(every(levels), every(turned), strict=True):
        assert found.reason == other.reason
        assert numbers(found) == pytest.approx(numbers(other), abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(TABLES)
def test_an_unused_level_changes_ac2_and_not_alpha(levels: NDArray[np.float64]) -> None:
    narrow, wide = from_levels(levels), from_levels(levels, scale=(0, 1, 2, 3, 4))
    for metric in ("nominal", "krippendorff_ordinal", "interval"):
        first, second = (krippendorff_alpha(ratings, metric).value for ratings in (narrow, wide))  # type: ignore[arg-type]
        assert first == pytest.approx(second, abs=1e-9)
    first, second = (gwet_ac(ratings, "quadratic").value for ratings in (narrow, wide))
    assert (first is None) == (second is None)
    if first is not None and second is not None and exact_agreement(narrow).value != 1:
        assert first != pytest.approx(second, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=2, max_size=8), st.integers(2, 5))
def test_raters_who_all_agree(cases: list[int], raters: int) -> None:
    found = usual_coefficients(from_levels(np.repeat(np.array(cases, dtype=float)[:, None], raters, axis=1)))
    assert found[0].value == found[1].value == 1
    for coefficient in found[2:]:
        if len(set(cases)) == 1:
            assert coefficient.value is None and coefficient.reason.startswith("No variation")
        else:
            assert coefficient.value == pytest.approx(1, abs=1e-12) and coefficient.interval is None


@settings(max_examples=25, deadline=None)
@given(hnp.arrays(np.float64, st.tuples(st.integers(4, 8), st.integers(2, 4)), elements=LEVELS))
def test_severity_of_any_ratings_is_finite_or_has_its_reason(levels: NDArray[np.float64]) -> None:
    for found in (rater_severity(from_levels(levels)), severity_at(from_levels(levels))):
        assert bool(found.raters) != bool(found.reason)
        assert sum(rater.logits for rater in found.raters) == pytest.approx(0, abs=1e-9)
        for rater in found.raters:
            assert math.isfinite(rater.logits) and math.isfinite(rater.standard_error)
            assert 0 <= rater.expected_interval.low <= rater.expected <= rater.expected_interval.high <= 3


@settings(max_examples=8, deadline=None)
@given(st.permutations(range(4)), st.integers(0, 1000))
def test_severity_follows_the_rater_and_not_the_column(order: list[int], seed: int) -> None:
    generator = np.random.default_rng(seed)
    place = generator.normal(0, 1.5, size=(15, 1)) - np.array([0.6, 0.0, -0.2, -0.4]) + generator.logistic(size=(15, 4))
    levels = np.digitize(place, [-2.0, 0.0, 2.0]).astype(float)
    first, second = rater_severity(from_levels(levels)), rater_severity(from_levels(levels[:, order]))
    assert first.reason == second.reason
    by_rater = [first.raters[column].logits for column in order] if first.raters else []
    assert [rater.logits for rater in second.raters] == pytest.approx(by_rater, abs=2e-3)
