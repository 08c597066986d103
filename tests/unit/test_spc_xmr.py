"""XmR charts: published figures, frozen baselines, rebases, facets, icons, degenerate series, properties."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.errors import PolicyError, SourceError
from sampling.evidence.spc.icons import assurance_icon, point_kind, variation_icon
from sampling.evidence.spc.rules import Direction, RuleSet
from sampling.evidence.spc.series import Rebase, months_between
from sampling.evidence.spc.xmr import XmrChart, label_words, xmr_chart, xmr_charts

MONTHS = months_between("2024-01", "2027-12")
UNSCREENED = RuleSet(screened=False)
ALWAYS_ICONS = RuleSet(icons_from=1)


def series(values: list[float] | list[float | None]) -> pd.DataFrame:
    return pd.DataFrame({"period": MONTHS[: len(values)], "value": values})


def rules_of(chart: XmrChart) -> list[str]:
    return [point.rule for point in chart.points]


# Montgomery, Introduction to Statistical Quality Control, example 6.5: costs of processing mortgage loans, 20 weeks;
# mean 300.5, average moving range 7.79, limits 279.78 and 321.22.
MORTGAGES = [310, 288, 297, 298, 307, 303, 294, 297, 308, 306, 294, 299, 297, 299, 314, 295, 293, 306, 301, 304]


def test_montgomery_example_6_5_mortgage_loans() -> None:
    chart = xmr_chart(series([float(v) for v in MORTGAGES]), direction="decrease")
    (segment,) = chart.segments
    assert segment.centre == pytest.approx(300.5)
    assert segment.average_range == pytest.approx(148 / 19)
    assert segment.lower == pytest.approx(279.78, abs=0.005)
    assert segment.upper == pytest.approx(321.22, abs=0.005)
    assert not any(rules_of(chart))


def test_statprocon_worked_example_after_wheeler() -> None:
    # Documentation of statprocon 2.0.0, after Wheeler, Making Sense of Data: 32.5, limits -20.7 and 85.7.
    (segment,) = xmr_chart(series([10.0, 50, 40, 30]), direction="increase", rules=UNSCREENED).segments
    assert (segment.lower, segment.centre, segment.upper) == pytest.approx((-20.7, 32.5, 85.7))


SPIKE = [10.0, 11, 10, 11, 10, 11, 10, 30, 10, 11, 10, 11, 10]


def test_screening_leaves_out_extreme_moving_ranges_once_and_keeps_the_points_in_the_mean() -> None:
    # Moving ranges: ten of 1 and two of 20, average 50 / 12 = 4.1667; 3.267 x 4.1667 = 13.6, so both 20s go; average then 1.
    screened = xmr_chart(series(SPIKE), direction="increase").segments[0]
    assert screened.centre == pytest.approx(155 / 13)
    assert (screened.average_range, screened.screened_out) == (1, 2)
    assert screened.upper == pytest.approx(155 / 13 + 2.66)
    plain = xmr_chart(series(SPIKE), direction="increase", rules=UNSCREENED).segments[0]
    assert plain.average_range == pytest.approx(50 / 12)
    assert plain.upper == pytest.approx(155 / 13 + 2.66 * 50 / 12)
    notes = xmr_chart(series(SPIKE), direction="increase").notes
    assert (
        "From 2024-01: 2 extreme moving ranges left out of the limits by screening; the points stay in the mean."
        in notes
    )


@pytest.mark.parametrize(("last", "screened_out"), [(4.3668, 0), (4.3672, 1)])
def test_a_moving_range_of_3_267_times_the_average_is_screened_and_one_just_below_is_not(
    last: float, screened_out: int
) -> None:
    # Nine ranges of 1 and one of r: r = 3.267 x (9 + r) / 10 at r = 4.36699.
    values = [10.0, 11] * 5 + [11 + last]
    (segment,) = xmr_chart(series(values), direction="increase").segments
    assert segment.screened_out == screened_out
    assert segment.average_range == pytest.approx(1 if screened_out else (9 + last) / 10)


def test_a_frozen_baseline_and_rebases_combine() -> None:
    values = [11.0, 9] * 6 + [20.0] * 2 + [31.0, 29] * 6 + [40.0]
    chart = xmr_chart(
        series(values),
        direction="increase",
        baseline=12,
        rebases=[Rebase("2025-03", "New record template, agreed by the board")],
    )
    first, second = chart.segments
    assert (first.start, first.used, first.points, first.centre) == ("2024-01", 12, 14, 10)
    assert (second.start, second.used, second.points, second.centre) == ("2025-03", 12, 13, 30)
    assert second.reason == "New record template, agreed by the board"
    assert chart.method == (
        "XmR chart, NHSRplotthedots 0.2.2 rules, 7-point shift, screened; limits fixed on the first 12 points of each segment; "
        "rebased at 2025-03: New record template, agreed by the board."
    )
    assert rules_of(chart)[12:14] == ["outside limits"] * 2
    assert [point.segment for point in chart.points] == [1] * 14 + [2] * 13


def test_limits_are_not_cut_off_at_what_is_possible() -> None:
    chart = xmr_chart(series([0.95, 0.75] * 7), direction="increase")
    assert chart.segments[0].upper == pytest.approx(0.85 + 2.66 * 0.2)


# Meaning and icons


@pytest.mark.parametrize(
    ("rule", "side", "direction", "kind", "icon"),
    [
        (1, 1, "increase", "improvement", "improvement_high"),
        (1, -1, "increase", "concern", "concern_low"),
        (4, 1, "decrease", "concern", "concern_high"),
        (4, -1, "decrease", "improvement", "improvement_low"),
        (2, 1, "neutral", "neutral high", "neutral_high"),
        (3, -1, "neutral", "neutral low", "neutral_low"),
        (0, 0, "increase", "common cause", "common_cause"),
        (0, 0, "neutral", "common cause", "common_cause"),
    ],
)
def test_what_a_label_means(rule: int, side: int, direction: Direction, kind: str, icon: str) -> None:
    assert point_kind(rule, side, direction) == kind
    assert variation_icon(rule, side, direction).code == icon


def test_a_rise_below_the_centre_line_is_an_improvement() -> None:
    chart = xmr_chart(series([9, 10, 9, 10, 9, 10, 1, 2, 3, 4, 5, 6, 7]), direction="increase", rules=UNSCREENED)
    rise = chart.points[6:]
    assert {point.rule for point in rise} <= {"trend", "outside limits"}
    assert rise[3].value is not None and rise[3].centre is not None and rise[3].value < rise[3].centre
    assert (rise[3].rule, rise[3].kind, rise[3].words) == ("trend", "improvement", "7 or more points rising")


@pytest.mark.parametrize(
    ("target", "direction", "code"),
    [
        (15.33, "increase", "fail"),
        (15.32, "increase", "inconsistent"),
        (10.0, "increase", "inconsistent"),
        (4.68, "increase", "inconsistent"),
        (4.67, "increase", "pass"),
        (15.33, "decrease", "pass"),
        (15.32, "decrease", "inconsistent"),
        (4.67, "decrease", "fail"),
        (4.67, "neutral", "none"),
        (None, "increase", "none"),
    ],
)
def test_assurance_is_strict_at_the_limits(target: float | None, direction: Direction, code: str) -> None:
    assert assurance_icon(target, 4.68, 15.32, direction).code == code


def test_the_variation_icon_is_the_latest_point_alone() -> None:
    values = [11.0, 9] * 6 + [16.0, 10.0]
    flagged = xmr_chart(series(values[:-1]), direction="increase", baseline=12)
    after = xmr_chart(series(values), direction="increase", baseline=12)
    assert flagged.variation.code == "improvement_high"
    assert after.points[12].rule == "outside limits"
    assert after.variation.code == "common_cause"


def test_assurance_is_by_the_limits_of_the_latest_segment() -> None:
    rebases = [Rebase("2025-03", "new form")]
    for values, code in (([11.0, 9] * 7 + [31.0, 29] * 7, "pass"), ([31.0, 29] * 7 + [11.0, 9] * 7, "inconsistent")):
        assert xmr_chart(series(values), direction="increase", target=12, rebases=rebases).assurance.code == code


def test_icons_are_withheld_below_thirteen_points_unless_asked_for() -> None:
    twelve, thirteen = series([11.0, 9] * 6), series([11.0, 9] * 6 + [10])
    withheld = xmr_chart(twelve, direction="increase", target=3)
    assert withheld.variation.code == withheld.assurance.code == "none"
    assert withheld.variation.words == (
        "No icon: the latest segment has 12 points with a value, and icons are shown from 13."
    )
    assert xmr_chart(twelve, direction="increase", target=3, rules=ALWAYS_ICONS).assurance.code == "pass"
    assert xmr_chart(thirteen, direction="increase", target=3).assurance.code == "pass"
    assert xmr_chart(thirteen, direction="increase").assurance.words == "No target."


# Degenerate series


def test_a_constant_series_has_limits_at_its_mean_and_still_an_assurance() -> None:
    for direction, target, code in (
        ("increase", 95, "pass"),
        ("decrease", 95, "fail"),
        ("increase", 100, "inconsistent"),
    ):
        chart = xmr_chart(series([100.0] * 14), direction=direction, target=target)  # type: ignore[arg-type]
        (segment,) = chart.segments
        assert (segment.lower, segment.centre, segment.upper) == (100, 100, 100)
        assert chart.assurance.code == code
        assert chart.variation.code == "common_cause"
        assert "the 14 values behind the limits are all the same" in chart.notes[0]
    assert chart.assurance.words.startswith("Every value equals the target")


def test_a_constant_series_of_a_number_that_binary_cannot_hold_raises_no_flag() -> None:
    assert not any(rules_of(xmr_chart(series([0.1] * 24), direction="increase")))


def test_values_that_differ_by_rounding_alone_are_the_same() -> None:
    chart = xmr_chart(series([0.3, 0.1 + 0.2] * 7), direction="increase")
    assert chart.segments[0].average_range == 0
    assert "the 14 values behind the limits are all the same" in chart.notes[0]
    assert not any(rules_of(chart))


def test_one_different_month_does_not_put_all_the_others_outside() -> None:
    # NHSRplotthedots 0.2.2 screens both moving ranges of 5, keeps zeros alone, and calls all 24 points outside the limits.
    chart = xmr_chart(series([95.0] * 12 + [90.0] + [95.0] * 11), direction="increase")
    # 23 moving ranges, two of 5: average 10 / 23; limits 94.79 -/+ 1.157
    assert chart.segments[0].average_range == pytest.approx(10 / 23)
    assert [point.period for point in chart.points if point.rule == "outside limits"] == ["2025-01"]
    assert any(note.startswith("From 2024-01: screening is not applied") for note in chart.notes)


def test_a_missing_month_inside_a_rise_breaks_it_and_is_said() -> None:
    rise: list[float | None] = [1.0, 2, 3, 4, None, 6, 7, 8, 9, 10]
    for frame in (series(rise), series(rise).dropna()):
        chart = xmr_chart(frame, direction="increase")
        assert [point.period for point in chart.points] == MONTHS[:10]
        assert chart.points[4].value is None
        assert "trend" not in rules_of(chart)
        assert chart.n == 9
        assert chart.notes[0] == "1 period without a value (2024-05): each breaks runs and moving ranges."


def test_missing_months_can_be_closed_up() -> None:
    rise: list[float | None] = [1.0, 2, 3, 4, None, 6, 7, 8, 9, 10]
    chart = xmr_chart(series(rise), direction="increase", rules=RuleSet(missing="closed up"))
    assert set(rules_of(chart)) <= {"trend", "outside limits"}
    assert len(chart.points) == 9
    assert chart.notes[0] == "1 period without a value (2024-05): closed up, as if they had not been."


def test_a_segment_without_a_value_has_no_limits_and_no_icon() -> None:
    values: list[float | None] = [*([11.0, 9.0] * 7), None, None]
    rebases = [Rebase(MONTHS[14], "new form")]
    chart = xmr_chart(series(values), direction="increase", rules=ALWAYS_ICONS, target=1, rebases=rebases)
    assert (chart.segments[1].points, chart.segments[1].centre, chart.segments[1].upper) == (0, None, None)
    assert chart.variation.code == chart.assurance.code == "none"


def test_a_single_point_and_none_at_all_are_results_in_words() -> None:
    one = xmr_chart(series([2.0]), direction="increase", target=1, rules=ALWAYS_ICONS)
    assert (one.points[0].centre, one.points[0].lower) == (2, None)
    assert one.notes == ("From 2024-01: too few points next to each other for limits; the points are shown without.",)
    assert one.assurance.words == "No icon: there are too few points for limits."
    for frame in (series([]), series([None, None])):
        none = xmr_chart(frame, direction="increase")
        assert (none.n, none.points) == (0, ())
        assert none.notes == ("There is no value to chart.",)


def test_trial_limits_and_an_incomplete_baseline_are_said() -> None:
    chart = xmr_chart(series([11.0, 9] * 5), direction="increase", baseline=12)
    assert chart.notes == (
        "From 2024-01: 10 points, so the limits are trial limits until there are 13.",
        "From 2024-01: the baseline of 12 points is not complete (10 so far).",
    )


def test_the_icon_of_a_chart_whose_last_month_is_missing_is_that_of_the_latest_value() -> None:
    chart = xmr_chart(series([11.0, 9] * 7 + [16.0, None]), direction="increase", baseline=12)
    assert chart.variation.code == "improvement_high"


# Refusals


def test_what_is_no_series_is_refused() -> None:
    def read(frame: pd.DataFrame) -> XmrChart:
        return xmr_chart(frame, direction="increase")

    with pytest.raises(SourceError, match="The series has no column value. A chart needs period, value."):
        read(pd.DataFrame({"period": ["2026-01"]}))
    with pytest.raises(SourceError, match="Period 2026-01 has more than one value"):
        read(pd.DataFrame({"period": ["2026-01", "2026-01"], "value": [1, 2]}))
    with pytest.raises(SourceError, match="Column value of the series holds an infinite number"):
        read(pd.DataFrame({"period": ["2026-01"], "value": [float("inf")]}))
    with pytest.raises(SourceError, match="Column value of the series holds something that is no number"):
        read(pd.DataFrame({"period": ["2026-01"], "value": ["two"]}))


@pytest.mark.parametrize(
    ("period", "words"),
    [
        ("2024-01", "The rebase at 2024-01 has no point before it. Rebase inside the series."),
        ("2030-01", "The rebase at 2030-01 has no point after it. Rebase inside the series."),
    ],
)
def test_a_rebase_outside_the_series_is_refused(period: str, words: str) -> None:
    with pytest.raises(PolicyError, match=words):
        xmr_chart(series([1.0, 2, 3]), direction="increase", rebases=[Rebase(period, "new form")])


def test_a_rebase_without_a_reason_or_twice_at_one_point_is_refused() -> None:
    with pytest.raises(PolicyError, match="The rebase at 2024-02 has no reason. Write what changed in the work"):
        Rebase("2024-02", " ")
    with pytest.raises(PolicyError, match="Two rebases start the same segment at 2024-03"):
        twice = [Rebase("2024-03", "new form"), Rebase("2024-03", "new team")]
        xmr_chart(series([1.0, 2, 3, 4]), direction="increase", rebases=twice)


def test_facets_have_their_own_limits_rebases_and_targets() -> None:
    north, south = series([11.0, 9] * 7).assign(team="north"), series([2.0, 4] * 7).assign(team="south")
    frame = pd.concat([south, north])
    charts = xmr_charts(
        frame,
        "team",
        direction="increase",
        targets={"south": 1},
        rebases={"north": [Rebase("2024-08", "two teams merged")]},
    )
    assert list(charts) == ["north", "south"]
    assert [len(chart.segments) for chart in charts.values()] == [2, 1]
    assert charts["south"].segments[0].centre == 3
    assert charts["south"].target == 1
    assert charts["north"].target is None
    with pytest.raises(SourceError, match="Rebases or targets are given for 1 of what column team does not have"):
        xmr_charts(frame, "team", direction="increase", targets={"east": 1})
    with pytest.raises(SourceError, match="The series has no column ward"):
        xmr_charts(frame, "ward", direction="increase")


def test_the_table_has_a_row_for_each_period() -> None:
    table = xmr_chart(series([1.0, None, 3]), direction="increase").table()
    assert table["period"].tolist() == MONTHS[:3]
    assert {"value", "centre", "lower", "upper", "rule", "words"} <= set(table.columns)
    assert label_words(3, -1, 7) == "two of three points close to the lower limit"


# Properties: whole numbers of hundredths, so that equal values stay equal when they are moved or scaled.

hundredths = st.lists(st.integers(0, 300).map(lambda k: k / 100), min_size=2, max_size=36)


@settings(max_examples=60, deadline=None)
@given(hundredths, st.integers(-50, 50))
def test_a_shift_of_the_data_shifts_the_limits_and_nothing_else(values: list[float], by: int) -> None:
    before = xmr_chart(series(values), direction="increase")
    after = xmr_chart(series([value + by for value in values]), direction="increase")
    assert rules_of(before) == rules_of(after)
    for a, b in zip(before.segments, after.segments, strict=True):
        assert a.upper is not None and b.upper is not None and a.lower is not None and b.lower is not None
        assert b.upper == pytest.approx(a.upper + by, abs=1e-6)
        assert b.lower == pytest.approx(a.lower + by, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(hundredths, st.sampled_from([2, 10, 100, 1024]))
def test_a_scale_scales_the_limits_and_nothing_else(values: list[float], by: int) -> None:
    before = xmr_chart(series(values), direction="increase")
    after = xmr_chart(series([value * by for value in values]), direction="increase")
    assert rules_of(before) == rules_of(after)
    assert before.segments[0].upper is not None
    assert after.segments[0].upper == pytest.approx(before.segments[0].upper * by)


@settings(max_examples=60, deadline=None)
@given(hundredths)
def test_turned_upside_down_improvement_is_the_other_direction(values: list[float]) -> None:
    up = xmr_chart(series(values), direction="increase", rules=ALWAYS_ICONS, target=1.5)
    down = xmr_chart(series([-value for value in values]), direction="decrease", rules=ALWAYS_ICONS, target=-1.5)
    assert [(p.rule, p.side, p.kind) for p in up.points] == [(p.rule, -p.side, p.kind) for p in down.points]
    assert up.assurance.code == down.assurance.code
    assert up.variation.code.split("_")[0] == down.variation.code.split("_")[0]


@settings(max_examples=60, deadline=None)
@given(hundredths)
def test_the_order_of_the_rows_is_of_no_consequence(values: list[float]) -> None:
    frame = series(values)
    order = np.random.default_rng(len(values)).permutation(len(values))
    assert xmr_chart(frame.iloc[order], direction="increase") == xmr_chart(frame, direction="increase")


@settings(max_examples=60, deadline=None)
@given(hundredths)
def test_the_other_direction_turns_improvement_into_concern_alone(values: list[float]) -> None:
    up, down = (xmr_chart(series(values), direction=d) for d in ("increase", "decrease"))  # type: ignore[arg-type]
    swap = {"improvement": "concern", "concern": "improvement", "common cause": "common cause"}
    assert [swap[point.kind] for point in up.points] == [point.kind for point in down.points]
