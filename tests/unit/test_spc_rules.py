"""The edge of each Making Data Count rule, each row computed by hand from limits that are fixed by twelve known points."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sampling.errors import PolicyError
from sampling.evidence.spc.limits import analyse_many
from sampling.evidence.spc.rules import RULE_NAMES, RuleSet, trend_directions
from sampling.evidence.spc.xmr import xmr_chart

# Twelve points 11, 9, 11, 9 ...: mean 10; each moving range 2, so their average is 2; limits 10 -/+ 2.66 x 2 = 4.68 and 15.32;
# close band beyond 10 -/+ 2 x (2.66 / 3) x 2 = 6.4533 and 13.5467. The last of them lies below the mean.
BASELINE = [11.0, 9.0] * 6
UPPER, LOWER = 15.32, 4.68
CLOSE = 10 + 2 * (2.66 / 3) * 2
SEVEN, SIX, EXCEL = RuleSet(), RuleSet(run_length=6), RuleSet(count_beyond_limits=True)


def labels(after: list[float | None], rules: RuleSet = SEVEN, before: list[float] = BASELINE) -> str:
    """Returns the labels of the points after the baseline, a letter each: o outside, t trend, 2 two in three, s shift, . none."""
    values = np.array([[np.nan if v is None else v for v in [*before, *after]]])
    signals = analyse_many(values, rules, baseline=12)
    return "".join(".ot2s"[rule] for rule in signals.rule[0, len(before) :])


def test_the_baseline_gives_the_limits_that_the_table_is_computed_from() -> None:
    arrays = analyse_many(np.array([[*BASELINE, 99.0]]), SEVEN, baseline=12)
    assert arrays.centre[0, 0] == 10
    assert arrays.upper[0, 0] == pytest.approx(UPPER)
    assert arrays.lower[0, 0] == pytest.approx(LOWER)


@pytest.mark.parametrize(
    ("what", "after", "expected"),
    [
        # outside the limits: strict
        ("a point on the upper limit", [UPPER], "."),
        ("a hair above it", [UPPER + 1e-6], "o"),
        ("a point on the lower limit", [LOWER], "."),
        ("a hair below it", [LOWER - 1e-6], "o"),
        # shift
        ("six on one side", [10.5] * 6, "......"),
        ("seven on one side, all flagged", [10.5] * 7, "sssssss"),
        ("eight on one side", [10.5] * 8, "ssssssss"),
        ("a point on the mean breaks it", [10.5] * 6 + [10.0] + [10.5] * 6, "............."),
        ("a point on the mean by rounding alone breaks it", [10.5] * 6 + [10 + 1e-12] + [10.5], "........"),
        ("a month without a value breaks it", [10.5] * 4 + [None] + [10.5] * 4, "........."),
        # trend: the last baseline point, 9, is its first point
        ("six points rising", [9.2, 9.9, 10.4, 11.0, 12.0], "....."),
        ("seven points rising", [9.2, 9.9, 10.4, 11.0, 12.0, 13.0], "tttttt"),
        ("a tie breaks the rise", [9.2, 9.9, 10.4, 10.4, 11.0, 12.0, 13.0], "......."),
        ("a tie by rounding alone breaks it", [9.2, 9.9, 10.3, 10.1 + 0.2, 11.0, 12.0, 13.0], "......."),
        ("a month without a value breaks the rise", [9.2, 9.9, 10.4, None, 11.0, 12.0, 13.0], "......."),
        # two in three: close is strict, the third point only has to be on the same side, only the close ones are flagged
        ("two of three close", [13.6, 10.5, 13.6], "2.2"),
        ("a point on the edge of the band is not close", [CLOSE, 10.5, 13.6], "..."),
        ("the third on the other side", [13.6, 9.5, 13.6], "..."),
        ("the third on the mean", [13.6, 10.0, 13.6], "..."),
        ("the third without a value", [13.6, None, 13.6], "..."),
        ("three of three", [13.6, 14.0, 13.6], "222"),
        ("below", [6.4, 6.4, 9.5], "22."),
        ("a point on the limit is close", [UPPER, 13.6, 10.5], "22."),
        ("beyond the limits is not close", [13.6, 16.0, 10.5], ".o."),
        # which label wins: outside, trend, two in three, shift
        ("outside before shift", [10.5] * 6 + [16.0], "sssssso"),
        ("two in three before shift", [10.5] * 5 + [13.6, 13.6], "sssss22"),
        ("trend before two in three", [9.2, 9.9, 10.4, 11.0, 13.6, 13.7], "tttttt"),
        ("outside before trend", [9.2, 9.9, 10.4, 11.0, 12.0, 16.0], "ttttto"),
    ],
)
def test_each_rule_at_its_edge(what: str, after: list[float | None], expected: str) -> None:
    assert labels(after) == expected


@pytest.mark.parametrize(
    ("what", "after", "expected"),
    [
        ("five on one side", [10.5] * 5, "....."),
        ("six on one side", [10.5] * 6, "ssssss"),
        ("five points rising", [9.2, 9.9, 10.4, 11.0], "...."),
        ("six points rising", [9.2, 9.9, 10.4, 11.0, 12.0], "ttttt"),
    ],
)
def test_runs_of_six_are_a_choice(what: str, after: list[float | None], expected: str) -> None:
    assert labels(after, SIX) == expected


def test_counting_beyond_the_limits_is_a_choice() -> None:
    assert labels([13.6, 16.0, 10.5], EXCEL) == "2o."
    assert labels([16.0, 10.5, 13.6], EXCEL) == "o.2"
    assert labels([16.0, 9.5, 13.6], EXCEL) == "o.."


def test_the_whole_pattern_is_flagged_also_before_the_baseline_ended() -> None:
    arrays = analyse_many(np.array([[*BASELINE, 9.2, 9.9, 10.4, 11.0, 12.0, 13.0]]), SEVEN, baseline=12)
    assert [RULE_NAMES[rule] for rule in arrays.rule[0, 10:]] == ["", *["trend"] * 7]
    assert arrays.side[0, 10:].tolist() == [0, *[1] * 7]


def directions(values: list[float], length: int = 7) -> list[int]:
    """Returns 1 for each point of a rise, -1 for each of a fall, 0 for the others."""
    steps = np.sign(np.diff(np.array([values]), axis=1)).astype(np.int64)
    return list(trend_directions(steps, length)[0].tolist())


def test_a_turning_point_belongs_to_the_later_direction() -> None:
    assert directions([1, 2, 3, 4, 5, 6, 7, 6, 5, 4, 3, 2, 1]) == [1] * 6 + [-1] * 7
    assert directions([7, 6, 5, 4, 3, 2, 1, 2, 3, 4, 5, 6, 7]) == [-1] * 6 + [1] * 7
    assert directions([1, 2, 3, 4, 5, 6, 7, 6, 5, 4, 3, 2]) == [1] * 7 + [0] * 5


def test_the_last_point_of_a_rise_stays_in_it_when_another_trend_follows_without_sharing_it() -> None:
    # NHSRplotthedots 0.2.2 takes the step after it, and calls the highest point of the first rise "Decreasing".
    assert directions([1, 2, 3, 4, 5, 6, 7, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5]) == [1] * 14
    assert directions([1, 2, 3, 4, 5, 6, 7, 7, 6, 5, 4, 3, 2, 1]) == [1] * 7 + [-1] * 7


def test_patterns_stay_inside_their_segment() -> None:
    values = np.array([[1.0, 2, 3, 4, 5, 6, 7, 8]])
    assert (analyse_many(values, SEVEN).rule > 0).all()
    assert (analyse_many(values, SEVEN, starts=(0, 4)).rule == 0).all()


@pytest.mark.parametrize(
    ("rules", "name"),
    [
        (SEVEN, "NHSRplotthedots 0.2.2 rules, 7-point shift, screened"),
        (RuleSet(run_length=6, screened=False), "NHSRplotthedots 0.2.2 rules, 6-point shift, not screened"),
        (
            EXCEL,
            "NHSRplotthedots 0.2.2 rules, 7-point shift, screened, two in three counts points beyond the limits "
            "(Making Data Count Excel since November 2023)",
        ),
    ],
)
def test_the_rule_set_is_named_in_words(rules: RuleSet, name: str) -> None:
    frame = pd.DataFrame({"period": ["2026-01", "2026-02"], "value": [1, 2]})
    chart = xmr_chart(frame, direction="increase", rules=rules)
    assert rules.name == name
    assert chart.rule_set == name
    assert name in chart.method


def test_a_run_of_five_is_refused() -> None:
    with pytest.raises(PolicyError, match="A run of 5 points is no Making Data Count rule: choose 6 or 7."):
        RuleSet(run_length=5)
    with pytest.raises(PolicyError, match="Icons from 0 points: choose 1 or more."):
        RuleSet(icons_from=0)


def test_fewer_than_twelve_points_as_a_baseline_are_refused() -> None:
    with pytest.raises(
        PolicyError, match="A baseline of 11 points is too short: limits are fixed on 12 points or more."
    ):
        analyse_many(np.ones((1, 24)), SEVEN, baseline=11)
