"""P, U, C, I, I' and Laney's charts: examples from Montgomery, hand-computed figures, false-signal rates, refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.errors import PolicyError, SourceError
from sampling.evidence.spc.attributes import c_chart, i_chart, i_prime_chart, p_chart, p_limits, u_chart
from sampling.evidence.spc.control import ControlChart, beyond
from sampling.evidence.spc.primes import p_prime_chart, p_prime_limits, u_prime_chart
from sampling.evidence.spc.series import Rebase, Series, months_between

MONTHS = months_between("2024-01", "2027-12")


def shares(counts: list[int], n: int | list[int]) -> pd.DataFrame:
    return pd.DataFrame({"period": MONTHS[: len(counts)], "count": counts, "n": n})


def values(numbers: list[float], n: list[int] | None = None) -> pd.DataFrame:
    frame = pd.DataFrame({"period": MONTHS[: len(numbers)], "value": numbers})
    return frame if n is None else frame.assign(n=n)


def limits(chart: ControlChart, point: int = 0) -> tuple[float | None, float | None, float | None]:
    return chart.points[point].lower, chart.points[point].centre, chart.points[point].upper


# Montgomery, Introduction to Statistical Quality Control, chapter 7

# Example 7.1, orange juice cans: 30 samples of 50; 347 leaking, .2313, limits .0524 and .4102; samples 15 and 23 outside.
CANS = [12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12, 7, 13, 9, 6]
# Example 7.3, printed circuit boards: 26 samples of 100 boards; 516 faults, mean 19.85, limits 6.48 and 33.22; 6 and 20 outside.
BOARDS = [21, 24, 16, 12, 15, 5, 28, 20, 31, 25, 20, 24, 16, 19, 10, 17, 13, 22, 18, 39, 30, 24, 16, 19, 17, 15]
# Example 7.4, shipments: 20 weeks of 50; 74 errors, .0740 a shipment, upper limit .1894, none outside.
SHIPMENTS = [2, 3, 8, 1, 1, 4, 1, 4, 5, 1, 8, 2, 4, 3, 4, 1, 8, 3, 7, 4]
# Example 6.5, mortgage loans: mean 300.5, limits 279.78 and 321.22.
LOANS = [310, 288, 297, 298, 307, 303, 294, 297, 308, 306, 294, 299, 297, 299, 314, 295, 293, 306, 301, 304]


def test_montgomery_example_7_1_p_chart() -> None:
    chart = p_chart(shares(CANS, 50))
    assert limits(chart) == pytest.approx((0.0524, 0.2313, 0.4102), abs=5e-5)
    assert chart.outside == (MONTHS[14], MONTHS[22])
    assert chart.method == "P chart, one rule, a point beyond three sigma, as qicharts2 0.8.1; limits from all points."


def test_montgomery_example_7_3_c_chart() -> None:
    chart = c_chart(values([float(count) for count in BOARDS]))
    assert limits(chart) == pytest.approx((6.48, 19.85, 33.22), abs=0.01)
    assert chart.outside == (MONTHS[5], MONTHS[19])


def test_montgomery_example_7_4_u_chart() -> None:
    chart = u_chart(shares(SHIPMENTS, 50))
    assert limits(chart) == pytest.approx((0, 0.0740, 0.1894), abs=5e-5)
    assert chart.outside == ()
    assert chart.notes == ("The lower limit is 0, so no single period can signal a fall: only a run can.",)


def test_montgomery_example_6_5_i_chart_has_2_6596_not_2_66() -> None:
    chart = i_chart(values([float(loan) for loan in LOANS]))
    assert limits(chart) == pytest.approx((279.78, 300.5, 321.22), abs=0.005)
    assert chart.points[0].upper == pytest.approx(300.5 + 3 * (148 / 19) / 1.128, abs=1e-9)


# By hand


def test_limits_of_a_p_chart_follow_each_months_n() -> None:
    # 30 of 60 cases: share .5; n 10: .5 -/+ 3 root(.25 / 10) = .0257 to .9743; n 50: .5 -/+ 3 root(.25 / 50) = .2879 to .7121
    chart = p_chart(shares([5, 25], [10, 50]))
    assert limits(chart) == pytest.approx((0.5 - 3 * 0.025**0.5, 0.5, 0.5 + 3 * 0.025**0.5))
    assert limits(chart, 1) == pytest.approx((0.5 - 3 * 0.005**0.5, 0.5, 0.5 + 3 * 0.005**0.5))


def test_a_point_on_the_limit_is_inside() -> None:
    # Baseline 18 of 36 a month: .5 -/+ 3 x .5 / 6 = .25 to .75; then 27 of 36 = .75 exactly, and 28 of 36.
    chart = p_chart(shares([18] * 12 + [27, 28, 9, 8], 36), baseline=12)
    assert limits(chart) == (0.25, 0.5, 0.75)
    assert chart.outside == (MONTHS[13], MONTHS[15])


def test_i_prime_with_equal_n_is_an_i_chart_with_the_exact_constant() -> None:
    # root(pi / 2) x 1 / root(1/4 + 1/4) = root(pi); over root(4): .8862 = 1 / 1.128379
    chart = i_prime_chart(values([1.0, 2] * 7, [4] * 14))
    assert limits(chart) == pytest.approx((1.5 - 3 * np.pi**0.5 / 2, 1.5, 1.5 + 3 * np.pi**0.5 / 2))


def test_i_prime_weights_the_centre_and_scales_the_limits_by_n() -> None:
    # centre (0 x 1 + 3 x 4) / 5 = 2.4; s = root(pi / 2) x 3 / root(1 + 1/4) = 3.36297
    chart = i_prime_chart(values([0.0, 3.0], [1, 4]))
    s = (np.pi / 2) ** 0.5 * 3 / 1.25**0.5
    assert limits(chart) == pytest.approx((2.4 - 3 * s, 2.4, 2.4 + 3 * s))
    assert limits(chart, 1) == pytest.approx((2.4 - 1.5 * s, 2.4, 2.4 + 1.5 * s))


def test_a_frozen_baseline_fixes_centre_and_spread_of_an_i_prime_chart() -> None:
    numbers = [1.0, 2] * 6
    alone = i_prime_chart(values(numbers, [4] * 12))
    frozen = i_prime_chart(values([*numbers, 9.0, 1.0], [4] * 14), baseline=12)
    assert limits(frozen) == limits(alone)
    assert frozen.outside == (MONTHS[12],)


def test_screening_of_i_and_i_prime_is_a_choice() -> None:
    spike = [10.0, 11, 10, 11, 10, 11, 10, 30, 10, 11, 10, 11, 10]
    for draw in (
        lambda screened: i_chart(values(spike), screened=screened),
        lambda screened: i_prime_chart(values(spike, [4] * 13), screened=screened),
    ):
        wide, narrow = (draw(screened).points[0].upper - 155 / 13 for screened in (False, True))
        assert wide / narrow == pytest.approx(50 / 12)  # average moving range 50 / 12, and 1 after screening


@pytest.mark.parametrize(("last", "average"), [(4.3658, 1.33658), (4.3662, 1.0)])
def test_i_prime_screens_at_3_2665_times_the_average(last: float, average: float) -> None:
    # nine moving ranges of 1 and one of r: r = 3.2665 (9 + r) / 10 at r = 4.36597; with equal n only the factor of all ranges changes
    numbers = [10.0, 11] * 5 + [11 + last]
    chart = i_prime_chart(values(numbers, [4] * 11))
    assert limits(chart)[2] == pytest.approx(np.mean(numbers) + 3 * average * np.pi**0.5 / 2)


def test_screening_that_would_leave_zeros_alone_is_not_applied() -> None:
    # 23 moving ranges, two of them 5: average 10 / 23
    chart = i_chart(values([95.0] * 12 + [90.0] + [95.0] * 11))
    assert limits(chart)[2] == pytest.approx(2275 / 24 + 3 * 10 / 23 / 1.128)
    assert chart.outside == (MONTHS[12],)


def test_a_month_of_one_case_has_a_value() -> None:
    chart = p_chart(shares([10, 1, 12], [20, 1, 20]))
    assert (chart.points[1].value, chart.points[1].n, chart.n) == (1, 1, 3)


@pytest.mark.parametrize(("low", "high", "factor"), [(45, 55, 2 / 1.128), (40, 60, 4 / 1.128)])
def test_p_prime_by_hand(low: int, high: int, factor: float) -> None:
    # share .5, sigma root(.25 / 100) = .05; z alternates between -1 and 1 (or -2 and 2), so each moving range is 2 (or 4)
    chart = p_prime_chart(shares([low, high] * 6, 100))
    assert chart.sigma_z == pytest.approx((factor,))
    assert limits(chart) == pytest.approx((max(0, 0.5 - 0.15 * factor), 0.5, min(1, 0.5 + 0.15 * factor)))
    assert chart.notes[0] == (
        f"Sigma z is {factor:.2f}: the limits are that many times as wide as those of the plain chart."
    )


def test_u_prime_by_hand() -> None:
    # rate 1, sigma root(1 / 100) = .1; z alternates between -1 and 1
    chart = u_prime_chart(shares([90, 110] * 6, 100))
    assert limits(chart) == pytest.approx((1 - 0.3 * 2 / 1.128, 1, 1 + 0.3 * 2 / 1.128))


def test_a_factor_below_one_never_narrows_the_limits() -> None:
    frame = shares([49, 51] * 6, 100)
    prime, plain = p_prime_chart(frame), p_chart(frame)
    assert prime.sigma_z == pytest.approx((0.4 / 1.128,))
    assert limits(prime) == limits(plain)
    assert prime.notes == ("Sigma z is 0.35, below 1: the limits are those of the plain chart, never narrower.",)


def test_the_prime_factor_is_screened_once() -> None:
    counts = [45, 55] * 9 + [45, 99]
    screened, plain = (p_prime_chart(shares(counts, 100), screened=s).sigma_z[0] for s in (True, False))
    assert screened is not None and plain is not None
    assert screened < plain


# Degenerate series and refusals


def test_all_or_none_meeting_the_standard_is_a_result() -> None:
    for count in (0, 20):
        chart = p_chart(shares([count] * 14, 20))
        assert limits(chart) == (count / 20,) * 3
        assert chart.outside == ()
        assert chart.notes == (
            "The values behind the limits are all 0% or all 100%, so the limits equal the centre line.",
        )
        assert p_prime_chart(shares([count] * 14, 20)).sigma_z == (None,)


def test_an_upper_limit_that_cannot_be_reached_is_said() -> None:
    # 15 of 20 a month: .75 + 3 root(.75 x .25 / 20) = 1.04
    chart = p_chart(shares([14, 16] * 7, 20))
    assert chart.points[0].upper == 1
    assert chart.notes == ("The upper limit is 100%, so no single period can signal a rise: only a run can.",)


def test_two_cases_a_month_cannot_signal_at_all() -> None:
    chart = p_chart(shares([1] * 14, 2))
    assert limits(chart) == (0, 0.5, 1)
    assert len(chart.notes) == 2


def test_months_without_cases_are_left_out_and_said() -> None:
    chart = p_chart(shares([10, 0, 12, 11], [20, 0, 20, 20]))
    assert (chart.points[1].value, chart.points[1].n, chart.points[1].upper) == (None, None, None)
    assert chart.points[0].centre == pytest.approx(33 / 60)
    assert chart.notes[0] == "1 period without a value (2024-02): each is left out."


def test_constant_single_and_empty_series_are_results() -> None:
    constant = i_chart(values([2.0] * 12))
    assert limits(constant) == (2, 2, 2)
    assert constant.notes == ("The values behind the limits are all the same, so the limits equal the centre line.",)
    single = i_chart(values([2.0]))
    assert limits(single) == (None, 2, None)
    assert single.notes == ("Too few points next to each other for limits; the points are shown without.",)
    empty = p_chart(shares([0], 0))
    assert (empty.cannot, empty.points) == ("There is no value to chart.", ())


def test_a_segment_without_a_value_has_no_limits() -> None:
    rebases = [Rebase(MONTHS[12], "New audit form")]
    counted = shares([10, 11] * 6 + [0, 0], [20] * 12 + [0, 0])
    measured = values([1.0, 2] * 6 + [float("nan")] * 2, [20] * 12 + [0, 0])
    charts = [draw(counted, rebases=rebases) for draw in (p_chart, u_chart, p_prime_chart, u_prime_chart)]
    charts += [draw(measured, rebases=rebases) for draw in (c_chart, i_chart, i_prime_chart)]
    for chart in charts:
        assert chart.points[11].upper is not None
        assert (chart.points[12].centre, chart.points[12].lower, chart.points[12].upper) == (None, None, None)
        assert len(chart.runs) == 1


def test_segments_and_runs_stand_beside_the_limits() -> None:
    counts = [5, 6] * 6 + [14, 15] * 6
    whole = p_chart(shares(counts, 20))
    split = p_chart(shares(counts, 20), rebases=[Rebase("2025-01", "New audit form")])
    assert whole.runs_signal is True
    assert split.runs_signal is False
    assert [segment.reason for segment in split.runs] == ["", "New audit form"]
    assert split.method.endswith("limits from all points; rebased at 2025-01: New audit form.")
    assert split.table()["segment"].tolist() == [1] * 12 + [2] * 12


def test_what_cannot_be_counted_is_refused() -> None:
    with pytest.raises(SourceError, match="A period counts more cases than it has"):
        p_chart(shares([21], 20))
    with pytest.raises(SourceError, match="The series holds a negative count"):
        u_chart(shares([-1], 20))
    with pytest.raises(SourceError, match="The series holds a negative count"):
        c_chart(values([-1.0]))
    with pytest.raises(SourceError, match="The series has no column n. An I' chart needs period, value, n."):
        i_prime_chart(values([1.0]))
    with pytest.raises(SourceError, match="The series has no column count, n"):
        p_chart(values([1.0]))
    with pytest.raises(PolicyError, match="A baseline of 4 points is too short"):
        p_chart(shares([1, 2, 3], 20), baseline=4)


# Rates: 24 stable months of 20 cases, limits from the same months


@pytest.mark.parametrize(("share", "published"), [(0.5, 0.04), (0.8, 0.07), (0.9, 0.10)])
def test_false_signals_of_p_charts_come_at_the_published_rates(share: float, published: float) -> None:
    chance, series = np.random.default_rng(2), 1500
    everything = np.ones(24, dtype=bool)
    plain = prime = below_one = 0
    for counts in chance.binomial(20, share, size=(series, 24)).astype(float):
        months = Series(tuple(MONTHS[:24]), counts / 20, counts, np.full(24, 20.0))
        plain += bool(beyond(months.values, p_limits(months, everything)).any())
        widened = p_prime_limits(months, everything)
        prime += bool(beyond(months.values, widened).any())
        below_one += widened.sigma_z is not None and widened.sigma_z < 1
    assert abs(plain / series - published) < 4 * (published * (1 - published) * (1 / series + 1 / 3000)) ** 0.5 + 0.005
    assert prime <= plain  # a prime chart here never signals where the plain one does not
    if share == 0.5:
        assert abs(below_one / series - 0.57) < 0.06


@pytest.mark.parametrize(("share", "published"), [(0.65, 0.40), (0.75, 0.87)])
def test_a_rise_from_half_is_found_within_a_year_at_the_published_rates(share: float, published: float) -> None:
    """A P chart of 20 cases a month, its limits from twelve months at a half: 65% is found 40% of the time, 75% 87%."""
    chance, series, found = np.random.default_rng(6), 1500, 0
    base = np.arange(24) < 12
    for before, after in zip(
        chance.binomial(20, 0.5, (series, 12)), chance.binomial(20, share, (series, 12)), strict=True
    ):
        counts = np.concatenate([before, after]).astype(float)
        months = Series(tuple(MONTHS[:24]), counts / 20, counts, np.full(24, 20.0))
        limits = p_limits(months, base)
        found += bool((beyond(months.values, limits) & (months.values > limits.centre) & ~base).any())
    assert abs(found / series - published) < 4 * (published * (1 - published) * (1 / series + 1 / 3000)) ** 0.5 + 0.005


def test_narrowed_prime_limits_would_more_than_double_the_false_signals() -> None:
    """Why sigma z below 1 is not used: in stable two-year charts of 20 cases at a half, 10% against 4% (20,000 series; here 2,000)."""
    chance, series = np.random.default_rng(8), 2000
    everything, plain, narrowed = np.ones(24, dtype=bool), 0, 0
    for counts in chance.binomial(20, 0.5, size=(series, 24)).astype(float):
        months = Series(tuple(MONTHS[:24]), counts / 20, counts, np.full(24, 20.0))
        limits, factor = p_limits(months, everything), p_prime_limits(months, everything).sigma_z
        assert factor is not None
        sigma = np.sqrt(limits.centre * (1 - limits.centre) / 20)
        plain += bool(beyond(months.values, limits).any())
        narrowed += bool((np.abs(months.values - limits.centre) > 3 * factor * sigma + 1e-9).any())
    assert abs(narrowed / series - 0.10) < 4 * (0.1 * 0.9 / series) ** 0.5
    assert abs(plain / series - 0.04) < 4 * (0.04 * 0.96 / series) ** 0.5


@pytest.mark.parametrize(("share", "low", "high"), [(0.18, 0, 0.995), (0.19, 0, 1), (0.81, 0, 1), (0.82, 0.005, 1)])
def test_two_cases_a_month_have_limits_at_0_and_1_for_any_share_from_2_to_9_elevenths(
    share: float, low: float, high: float
) -> None:
    counts, n = np.array([1000 * share, 1.0]), np.array([1000.0, 2.0])
    months = Series(tuple(MONTHS[:2]), counts / n, counts, n)
    found = p_limits(months, np.array([True, False]))
    assert (found.lower[1], found.upper[1]) == pytest.approx((low, high), abs=0.0005)


# Properties


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 20), min_size=2, max_size=30))
def test_a_share_and_its_complement_mirror_each_other(counts: list[int]) -> None:
    met, missed = p_chart(shares(counts, 20)), p_chart(shares([20 - count for count in counts], 20))
    assert met.outside == missed.outside
    assert met.points[0].upper == pytest.approx(1 - (missed.points[0].lower or 0))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(20, 40)), min_size=2, max_size=30))
def test_rows_in_any_order_and_limits_never_narrower_than_the_plain_chart(rows: list[tuple[int, int]]) -> None:
    frame = shares([count for count, _ in rows], [n for _, n in rows])
    plain, prime = p_chart(frame), p_prime_chart(frame)
    assert p_chart(frame.iloc[::-1]) == plain
    for a, b in zip(plain.points, prime.points, strict=True):
        assert a.lower is not None and b.lower is not None and a.upper is not None and b.upper is not None
        assert b.lower <= a.lower + 1e-12
        assert b.upper >= a.upper - 1e-12


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 300), st.integers(1, 40)), min_size=2, max_size=30), st.integers(-5, 5))
def test_a_shift_of_the_data_shifts_the_limits_of_an_i_prime_chart(rows: list[tuple[int, int]], by: int) -> None:
    n = [size for _, size in rows]
    before = i_prime_chart(values([value / 100 for value, _ in rows], n))
    after = i_prime_chart(values([value / 100 + by for value, _ in rows], n))
    assert before.outside == after.outside
    assert after.points[0].upper == pytest.approx((before.points[0].upper or 0) + by, abs=1e-6)
