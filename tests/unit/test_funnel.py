"""Funnel plots: limits and over-dispersion by hand, what is refused, no ranks, the rate of false alarms."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from math import comb

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.errors import SourceError
from sampling.evidence.funnel import (
    Edges,
    Funnel,
    FunnelUnit,
    exact_limits,
    funnel,
    limits_along,
    lower_limit,
    over_dispersion,
    position_of,
    widened,
)
from sampling.evidence.spc.series import months_between

HALF_YEAR = months_between("2026-01", "2026-06")


def frame(counts: dict[str, list[int]], n: int, months: list[str] | None = None) -> pd.DataFrame:
    """Returns a row a unit and month: counts by unit, each out of n."""
    rows = [
        (unit, month, count, n)
        for unit, each in counts.items()
        for month, count in zip(months or HALF_YEAR, each, strict=True)
    ]
    return pd.DataFrame(rows, columns=["unit", "period", "count", "n"])


def ten(totals: list[int], n: int = 4) -> pd.DataFrame:
    """Returns ten units of 24 cases over six months, with these numbers that meet the standard."""
    split = {f"k{k}": [min(n, max(0, total - n * month)) for month in range(6)] for k, total in enumerate(totals)}
    return frame(split, n)


def tail(share: Fraction, n: int, r: int) -> Fraction:
    """Returns the chance of r or fewer, exactly."""
    return sum((comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(r + 1)), Fraction(0))


def test_the_lower_limit_by_hand() -> None:
    # n 10, share 1/2: P(R <= 1) = 11/1024, P(R <= 2) = 56/1024, so r = 2 at .025; alpha = (56/1024 - .025) / (45/1024) = .67556
    assert lower_limit(0.5, np.array([10.0]), 0.025)[0] == pytest.approx((2 - (56 / 1024 - 0.025) / (45 / 1024)) / 10)


def test_the_upper_limit_mirrors_the_lower_one() -> None:
    low, high = exact_limits(0.3, np.array([24.0])), exact_limits(0.7, np.array([24.0]))
    assert high["upper_95"][0] == pytest.approx(1 - low["lower_95"][0])
    assert high["upper_998"][0] == pytest.approx(1 - low["lower_998"][0])


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 60), st.integers(1, 19))
def test_a_unit_is_outside_exactly_when_its_tail_is_below_the_level(n: int, twentieths: int) -> None:
    share = Fraction(twentieths, 20)
    limits = {name: float(edge[0]) for name, edge in exact_limits(float(share), np.array([float(n)])).items()}
    for r in range(n + 1):
        position, side = position_of(r / n, Edges(**limits))
        chance = min(tail(share, n, r), tail(1 - share, n, n - r))
        expected = (
            "outside 99.8%"
            if chance < Fraction(1, 1000)
            else "outside 95%"
            if chance < Fraction(25, 1000)
            else "inside"
        )
        assert position == expected
        assert side == (0 if expected == "inside" else 1 if r > share * n else -1)


def test_over_dispersion_by_hand() -> None:
    # Share .5, n 25 each, so s = .1: z = -3, -1, 0, 1, 3. Ten per cent points of five values: -3 + .4 x 2 = -2.2, and 2.2.
    # Winsorised: -2.2, -1, 0, 1, 2.2; phi = (2 x 4.84 + 2) / 5 = 2.336; weights 100: tau2 = (5 x 2.336 - 4) / (500 - 100) = .0192
    shares = np.array([0.2, 0.4, 0.5, 0.6, 0.8])
    phi, tau2 = over_dispersion(shares, np.full(5, 25.0), 0.5)
    assert (phi, tau2) == (pytest.approx(2.336), pytest.approx(0.0192))


def test_units_that_vary_no_more_than_chance_keep_the_exact_limits() -> None:
    result = funnel(ten([11, 12, 12, 12, 12, 12, 12, 12, 12, 13]))
    assert result.tau2 == 0
    assert all(unit.limits == unit.exact for unit in result.units)
    assert (
        result.method
        == "Funnel plot, exact binomial limits (Spiegelhalter 2005), 95% and 99.8%; 2026-01 to 2026-06 pooled."
    )
    assert result.notes[0] == "They vary no more than chance alone makes them vary."


def test_limits_are_widened_for_over_dispersion_and_outliers_come_inside() -> None:
    result = funnel(ten([3, 5, 8, 10, 12, 12, 14, 16, 19, 21]))
    assert result.tau2 is not None and result.tau2 > 0
    exactly = [position_of(unit.share, unit.exact)[0] for unit in result.units]
    assert exactly.count("inside") == 6
    assert all(unit.position == "inside" for unit in result.units)
    assert "widened for over-dispersion" in result.method
    assert result.notes[0].startswith(
        "They vary more than chance alone makes them vary (standard deviation between them"
    )


def test_widened_limits_are_those_of_both_variances_together() -> None:
    exact = exact_limits(0.5, np.array([100.0]))
    limits = widened(exact, 0.5, np.array([100.0]), 0.01)
    assert limits["upper_95"][0] == pytest.approx(0.5 + 1.959964 * (0.0025 + 0.01) ** 0.5)
    assert limits["lower_998"][0] == pytest.approx(0.5 - 3.090232 * (0.0025 + 0.01) ** 0.5)
    assert widened(exact, 0.5, np.array([100.0]), 1e-9)["upper_95"][0] >= exact["upper_95"][0]


def test_the_curves_are_drawn_from_the_limits_that_the_positions_come_from() -> None:
    for totals in ([3, 5, 8, 10, 12, 12, 14, 16, 19, 21], [11, 12, 12, 12, 12, 12, 12, 12, 12, 13]):
        result = funnel(ten(totals))
        curves = limits_along(result, np.array([24.0]))
        assert Edges(**{name: float(curve[0]) for name, curve in curves.items()}) == result.units[0].limits
    none = funnel(ten([12] * 10).iloc[:0])
    assert all(len(curve) == 0 for curve in limits_along(none, np.array([24.0])).values())


def test_one_of_ten_at_38_per_cent_against_60_is_outside_95_but_not_99_8() -> None:
    # 24 cases each: 9 of 24 against 144 of 240 together; z = (.375 - .6) / .1 = -2.25
    result = funnel(ten([9, *[15] * 9]))
    assert result.share == 0.6
    (low,) = [unit for unit in result.units if unit.count == 9]
    assert (low.position, low.side) == ("outside 95%", -1)


def test_units_come_in_the_order_of_their_keys_and_carry_no_rank() -> None:
    data = ten([9, 15, 3, 14, 15, 21, 15, 14, 15, 14])
    result = funnel(data.sample(frac=1, random_state=1))
    assert result == funnel(data)
    assert [unit.unit for unit in result.units] == [f"k{k}" for k in range(10)]
    fields = {field.name for kind in (Funnel, FunnelUnit) for field in dataclasses.fields(kind)}
    assert not any("rank" in field or "order" in field for field in fields)
    assert result.table()["unit"].tolist() == [f"k{k}" for k in range(10)]
    assert "rank" in result.notes[-1]  # it says that it does not


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 24), min_size=5, max_size=15))
def test_the_share_that_fails_mirrors_the_share_that_meets_the_standard(totals: list[int]) -> None:
    met, missed = funnel(ten(totals)), funnel(ten([24 - total for total in totals]))
    for one, other in zip(met.units, missed.units, strict=True):
        assert (one.position, one.side) == (other.position, -other.side)
        assert one.limits.upper_95 == pytest.approx(1 - other.limits.lower_95, abs=1e-9)
        assert one.limits.lower_998 == pytest.approx(1 - other.limits.upper_998, abs=1e-9)
    assert met.tau2 == pytest.approx(missed.tau2, abs=1e-9)


@pytest.mark.parametrize(
    ("months", "units", "words"),
    [
        (
            ("2026-01", "2026-05"),
            6,
            "No funnel: 5 of the months have cases, and a funnel pools 6 to 12. At two cases a month",
        ),
        (("2025-01", "2026-01"), 6, "No funnel: the months span 13, and a funnel pools 6 to 12. Over a longer time"),
        (("2026-01", "2026-06"), 4, "No funnel: 4 with cases, and a comparison needs 5 or more."),
    ],
)
def test_what_cannot_be_compared_is_refused_in_words(months: tuple[str, str], units: int, words: str) -> None:
    periods = months_between(*months)
    result = funnel(frame({f"k{k}": [2] * len(periods) for k in range(units)}, 4, periods))
    assert result.cannot.startswith(words)
    assert (result.units, result.share, result.n) == ((), None, 4 * len(periods) * units)


def test_six_and_twelve_months_are_enough() -> None:
    for months in (("2026-01", "2026-06"), ("2025-07", "2026-06")):
        periods = months_between(*months)
        assert funnel(frame({f"k{k}": [2] * len(periods) for k in range(5)}, 4, periods)).cannot == ""


def test_all_or_none_meeting_the_standard_is_a_result() -> None:
    for count, share in ((0, "0%"), (4, "100%")):
        result = funnel(frame({f"k{k}": [count] * 6 for k in range(5)}, 4))
        assert {unit.position for unit in result.units} == {"inside"}
        assert result.notes[0] == f"All are at {share}: there is no difference to look at."


def test_units_without_cases_are_left_out_and_no_data_is_a_result() -> None:
    data = pd.concat([ten([12] * 10), frame({"none": [0] * 6}, 0)])
    assert "none" not in {unit.unit for unit in funnel(data).units}
    assert funnel(data.iloc[:0]).cannot.startswith("No funnel: 0 of the months have cases")


def test_what_is_no_count_is_refused() -> None:
    good = ten([12] * 10)
    with pytest.raises(
        SourceError, match="The funnel's data have no column period, n. It needs unit, period, count, n."
    ):
        funnel(good.drop(columns=["period", "n"]))
    with pytest.raises(SourceError, match="A row of the funnel's data has a count below 0 or above its n"):
        funnel(good.assign(count=5))
    with pytest.raises(SourceError, match="The funnel's data hold a count that is no whole number"):
        funnel(good.assign(count="two"))
    with pytest.raises(SourceError, match="A period of the funnel's data is no month. Write months as YYYY-MM."):
        funnel(good.assign(period="spring"))


def test_alike_units_lie_outside_no_more_often_than_the_level() -> None:
    # Exact limits are conservative at small n: at most 5% outside in all, 2.5% a side.
    chance = np.random.default_rng(4)
    limits = {name: float(edge[0]) for name, edge in exact_limits(0.7, np.array([24.0])).items()}
    counts = chance.binomial(24, 0.7, size=4000)
    places = [position_of(count / 24, Edges(**limits)) for count in counts]
    for side in (-1, 1):
        assert np.mean([place[1] == side for place in places]) < 0.025 + 4 * (0.025 * 0.975 / 4000) ** 0.5
