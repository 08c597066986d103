"""G and T charts: Montgomery's valve failures, hand-computed figures, refusals."""

from __future__ import annotations

import pytest

from sampling.errors import SourceError
from sampling.evidence.spc.rare_events import cases_between, days_between, g_chart, t_chart

# Montgomery, Introduction to Statistical Quality Control, chapter 7, low fault levels: hours between valve failures. Taken to
# the power .2777 (1 / 3.6) their mean is 5.386; moving ranges average 2.359.
HOURS = [286, 948, 536, 124, 816, 729, 4, 143, 431, 8, 2837, 596, 81, 227, 603, 492, 1199, 1214, 2831, 96]


def test_montgomery_valve_failures_t_chart() -> None:
    chart = t_chart([float(hours) for hours in HOURS])
    first = chart.points[0]
    assert first.centre is not None and first.upper is not None
    assert first.centre ** (1 / 3.6) == pytest.approx(5.386, abs=0.004)  # 1 / 3.6 is .27778, the book takes .2777
    assert first.upper ** (1 / 3.6) == pytest.approx(5.386 + 3 * 2.359 / 1.128, abs=0.01)
    assert first.lower == 0
    assert chart.outside == ()
    assert first.value == 286


def test_t_chart_by_hand() -> None:
    # 1 and 2**3.6 in turn have roots 1 and 2: mean 1.5, each moving range 1, limits 1.5 -/+ 3 / 1.128; lower below 0
    chart = t_chart([1.0, 2**3.6] * 6)
    assert chart.points[0].centre == pytest.approx(1.5**3.6)
    assert chart.points[0].upper == pytest.approx((1.5 + 3 / 1.128) ** 3.6)
    assert chart.points[0].lower == 0


def test_t_charts_are_screened_once_unless_not() -> None:
    gaps = [float(gap) for gap in [10, 12, 10, 12, 10, 12, 10, 9000, 10, 12, 10, 12, 10]]
    screened, plain = (t_chart(gaps, screened=s).points[0].upper for s in (True, False))
    assert screened is not None and plain is not None
    assert screened < plain


def test_g_chart_by_hand() -> None:
    # gaps 0 to 4: mean 2, limits 2 -/+ 3 root(2 x 3) = below 0, and 9.348; centre line the median, 2
    chart = g_chart([4, 0, 3, 1, 2])
    point = chart.points[0]
    assert (point.lower, point.centre) == (0, 2)
    assert point.upper == pytest.approx(2 + 3 * 6**0.5)
    assert chart.notes == ("The lower limit is 0, so events that come closer together show in runs alone.",)


def test_the_centre_line_of_a_g_chart_is_the_median_and_its_limits_come_from_the_mean() -> None:
    # gaps 1 (eleven of them) and 61: mean 72 / 12 = 6, upper limit 6 + 3 root(42) = 25.44
    chart = g_chart([1] * 11 + [61])
    assert chart.points[0].centre == 1
    assert chart.points[0].upper == pytest.approx(6 + 3 * 42**0.5)
    assert chart.outside == ("12",)


def test_a_frozen_baseline_gives_centre_and_limits() -> None:
    chart = g_chart([2, 4] * 6 + [60], baseline=12)
    assert (chart.points[0].centre, chart.points[0].upper) == (3, pytest.approx(3 + 3 * 12**0.5))
    assert chart.outside == ("13",)


def test_gaps_are_counted_between_events() -> None:
    assert cases_between([True, True, False, False, False, True]) == [0, 3]
    assert cases_between([False, True, False]) == cases_between([]) == []
    assert days_between(["2026-02-28", "2026-03-01", "2026-03-01"]) == [1, 0]


def test_two_events_at_one_time_are_refused_in_words() -> None:
    chart = t_chart([3.0, 0.0, 5.0])
    assert chart.points == ()
    assert chart.cannot == (
        "Two events have the same time, and time between events must be greater than zero. Use the number of cases between "
        "them (G chart), or times of day."
    )


def test_no_gap_is_a_result_and_a_negative_one_is_refused() -> None:
    assert g_chart([]).cannot == t_chart([]).cannot == "There is no value to chart."
    with pytest.raises(SourceError, match="The gaps between events hold a negative or missing number"):
        g_chart([1, -1])
    with pytest.raises(SourceError, match="There are 2 gaps between events but 1 labels for them"):
        t_chart([1.0, 2.0], labels=["2026-03-01"])
    assert g_chart([1, 2], labels=["second", "third"]).points[1].period == "third"
