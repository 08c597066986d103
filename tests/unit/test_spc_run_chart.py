"""Anhøj's run chart: the published table of limits, hand-counted series, false-signal rates."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.errors import PolicyError
from sampling.evidence.spc.run_chart import (
    RunChart,
    count_runs,
    crossings_limit,
    longest_run_limit,
    run_chart,
    run_signals,
)
from sampling.evidence.spc.series import Rebase, months_between

MONTHS = months_between("2024-01", "2027-12")

# qicharts2, vignette, appendix 2: useful observations, upper limit for longest run, lower limit for number of crossings.
TABLE = """
10 6 2 | 11 6 2 | 12 7 3 | 13 7 3 | 14 7 4 | 15 7 4 | 16 7 4 | 17 7 5 | 18 7 5
19 7 6 | 20 7 6 | 21 7 6 | 22 7 7 | 23 8 7 | 24 8 8 | 25 8 8 | 26 8 8 | 27 8 9
28 8 9 | 29 8 10 | 30 8 10 | 31 8 11 | 32 8 11 | 33 8 11 | 34 8 12 | 35 8 12 | 36 8 13
45 8 17 | 46 9 17 | 60 9 23
"""


@pytest.mark.parametrize("row", TABLE.strip().replace("\n", " | ").split(" | "))
def test_the_published_limits(row: str) -> None:
    useful, longest, crossings = (int(number) for number in row.split())
    assert (longest_run_limit(useful), crossings_limit(useful)) == (longest, crossings)


def chart(sides: str, **options: int) -> RunChart:
    """Returns the run chart of a series drawn as + above, - below, 0 on the median, ? missing; its median is 0 by construction."""
    height = {"+": 1.0, "-": -1.0, "0": 0.0, "?": None}
    values = [height[side] for side in sides]
    return run_chart(pd.DataFrame({"period": MONTHS[: len(values)], "value": values}), **options)


@pytest.mark.parametrize(
    ("sides", "useful", "longest", "crossings", "signal"),
    [
        ("+-+-+-+-+-+-", 12, 1, 11, False),
        ("+++++++--+--+-----", 18, 7, 5, False),  # 7 and 5 are both still allowed for 18
        ("++++++++--+--+----+---", 22, 8, 7, True),  # 8 is more than 7; 7 crossings are enough
        ("+++++-----++++-----+", 20, 5, 4, True),  # 4 crossings are fewer than 6
        ("+++0+++0+--+--+-----", 18, 7, 5, False),  # points on the median neither break nor extend the run of 7
        ("++++?+++?--+--+-----", 18, 7, 5, False),  # nor do missing ones
    ],
)
def test_runs_and_crossings_counted_by_hand(
    sides: str, useful: int, longest: int, crossings: int, signal: bool
) -> None:
    (segment,) = chart(sides).segments
    assert segment.centre == 0
    assert (segment.useful, segment.longest_run, segment.crossings, segment.signal) == (
        useful,
        longest,
        crossings,
        signal,
    )


def test_the_words_say_which_rule_was_hit() -> None:
    found = chart("++++++++--+--+----+---").segments[0].words
    assert found == "Not random: a run of 8 points on one side of the centre line (more than 7)."
    both = chart("++++++++++----------").segments[0].words
    assert both == (
        "Not random: a run of 10 points on one side of the centre line (more than 7) and "
        "1 crossing of the centre line (fewer than 6)."
    )
    assert (
        chart("+-" * 6).segments[0].words == "Random variation: longest run 1 (at most 7), 11 crossings (at least 3)."
    )


def test_with_nine_useful_points_it_cannot_be_said() -> None:
    short = chart("+++++00----")
    assert short.signal is None
    assert short.segments[0].words == (
        "Too few points to say: 9 of 11 points lie off the centre line, and the run rules need 10."
    )


def test_a_constant_series_and_an_empty_one_are_results() -> None:
    constant = run_chart(pd.DataFrame({"period": MONTHS[:24], "value": [0.1] * 24}))
    assert constant.signal is None
    assert constant.segments[0].useful == 0
    empty = run_chart(pd.DataFrame({"period": [], "value": []}))
    assert (empty.points, empty.segments, empty.signal) == ((), (), None)
    assert empty.notes == ("There is no value to chart.",)


def test_segments_have_their_own_median_and_signal() -> None:
    values = [1.0, 2] * 6 + [11.0, 12] * 6
    frame = pd.DataFrame({"period": MONTHS[:24], "value": values})
    whole = run_chart(frame)
    split = run_chart(frame, rebases=[Rebase("2025-01", "New duty system")])
    assert whole.signal is True
    assert split.signal is False
    assert [segment.centre for segment in split.segments] == [1.5, 11.5]
    assert split.segments[1].reason == "New duty system"
    assert split.method.endswith("median of all points; rebased at 2025-01: New duty system.")
    assert [point.centre for point in split.points][11:13] == [1.5, 11.5]


def test_a_frozen_median_comes_from_the_first_points() -> None:
    frame = pd.DataFrame({"period": MONTHS[:20], "value": [1.0, 2] * 6 + [3.0] * 8})
    frozen = run_chart(frame, baseline=12)
    assert frozen.segments[0].centre == 1.5
    assert frozen.segments[0].longest_run == 9  # the last 2 of the baseline, then eight 3s
    assert frozen.method.endswith("median of the first 12 points.")
    with pytest.raises(PolicyError, match="A baseline of 6 points is too short"):
        run_chart(frame, baseline=6)


def test_a_missing_month_is_put_in_and_said() -> None:
    frame = pd.DataFrame({"period": ["2026-01", "2026-03"], "value": [1, 2]})
    assert [point.period for point in run_chart(frame).points] == ["2026-01", "2026-02", "2026-03"]
    assert run_chart(frame).notes == (
        "1 period without a value (2026-02): each is left out; it neither breaks nor extends a run.",
    )
    assert run_chart(frame).table()["side"].tolist() == [-1, 0, 1]


@pytest.mark.parametrize(("months", "published"), [(12, 0.01), (24, 0.03), (36, 0.04)])
def test_stable_services_signal_at_the_published_rates(months: int, published: float) -> None:
    series = 3000
    scores = np.random.default_rng(5).choice(4, size=(series, months, 20), p=[0.03, 0.17, 0.5, 0.3])
    rate = run_signals(scores.mean(axis=-1)).mean()
    assert abs(rate - published) < 4 * (published * (1 - published) * 2 / series) ** 0.5 + 0.005


@pytest.mark.parametrize(
    ("shift", "within_6", "within_12"), [(0.0, 0.02, 0.03), (0.15, 0.06, 0.14), (0.30, 0.18, 0.52), (0.45, 0.30, 0.89)]
)
def test_a_shift_after_twelve_months_is_found_at_the_published_rates(
    shift: float, within_6: float, within_12: float
) -> None:
    """The strict second opinion: the median of all months, so a shift in the last of 24 must be large to be seen."""
    series = 3000
    values = np.random.default_rng(7).choice(4, size=(series, 24, 20), p=[0.03, 0.17, 0.5, 0.3]).mean(axis=-1)
    values[:, 12:] += shift
    for months, published in ((6, within_6), (12, within_12)):
        chance = 4 * (published * (1 - published) * 2 / series) ** 0.5 + 0.005
        # as with XmR: the share found depends on the shape of the scores, which the source leaves open
        assert abs(run_signals(values[:, : 12 + months]).mean() - published) < chance + (0.03 if shift else 0)


def test_a_median_fixed_on_twelve_months_signals_in_one_stable_service_of_ten() -> None:
    """Why the second opinion takes the median of all months: Anhøj's limits are for that one."""
    values = np.random.default_rng(9).choice(4, size=(3000, 24, 20), p=[0.03, 0.17, 0.5, 0.3]).mean(axis=-1)
    assert run_signals(values, baseline=12).mean() == pytest.approx(0.10, abs=0.022)
    assert run_signals(values).mean() < 0.045


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 20), min_size=12, max_size=40))
def test_many_at_once_say_what_one_at_a_time_says(values: list[int]) -> None:
    frame = pd.DataFrame({"period": MONTHS[: len(values)], "value": values})
    array = np.array([values, values[::-1], [np.nan] * len(values)], dtype=float)
    one = bool(run_chart(frame).signal)
    assert run_signals(array).tolist() == [one, one, False]  # backwards in time a series has the same runs


def test_many_at_once_have_no_signal_below_ten_useful_points() -> None:
    assert run_signals(np.array([[1.0] * 4 + [2.0] * 4])).tolist() == [False]  # one crossing, where ten points need two
    assert run_signals(np.array([[1.0] * 5 + [2.0] * 5])).tolist() == [True]


def test_counting_many_series_at_once() -> None:
    figures = count_runs(np.array([[1, 1, 0, 1, -1], [0, 0, 0, 0, 0], [-1, 1, -1, 0, -1]]))
    assert figures.useful.tolist() == [4, 0, 4]
    assert figures.longest.tolist() == [3, 0, 2]
    assert figures.crossings.tolist() == [1, 0, 2]
