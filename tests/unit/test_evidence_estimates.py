"""Estimates for the frame: published and fully enumerated answers, properties, coverage, and each refusal in its words."""

from __future__ import annotations

import math
from collections import Counter
from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from sampling.errors import ProgramError
from sampling.evidence.comparability import Comparability
from sampling.evidence.estimates import difference, weighted_mean, weighted_share
from sampling.evidence.results import Estimate, Interval
from tests.evidence_tables import Stratum, drawn_cases, joined


def mean_of(strata: dict[str, Stratum], **more: object) -> Estimate:
    """Returns the weighted mean of one draw."""
    return weighted_mean(*drawn_cases(strata), **more)  # type: ignore[arg-type]


def share_of(strata: dict[str, Stratum]) -> Estimate:
    """Returns the weighted share of one draw."""
    return weighted_share(*drawn_cases(strata))


def spread_out(n: int, mean: float, variance: float) -> list[float]:
    """Returns n numbers with exactly that mean and variance."""
    step = math.sqrt(variance * (n - 1) / (2 * (n // 2)))
    return [mean + step] * (n // 2) + [mean - step] * (n // 2) + [mean] * (n % 2)


# Known answers


def test_every_sample_of_two_small_strata_gives_the_mean_2_and_the_variance_65_294ths_on_average() -> None:
    samples = list(product(combinations([0, 1, 1, 3], 2), combinations([2, 2, 5], 2)))
    estimates = [mean_of({"a": (4, one), "b": (3, other)}, scale=(0, 5)) for one, other in samples]
    assert len(estimates) == 18
    assert np.mean([estimate.value for estimate in estimates]) == pytest.approx(2, abs=1e-14)
    variances = [(estimate.standard_error or 0.0) ** 2 for estimate in estimates]
    assert np.mean(variances) == pytest.approx(65 / 294, abs=1e-14)
    assert np.var([estimate.value for estimate in estimates]) == pytest.approx(65 / 294, abs=1e-14)


def test_lohr_farm_acres_by_region() -> None:
    """Lohr, Sampling: Design and Analysis, the stratified sample of counties (agstrat): mean 295,560.8, standard error 16,379.87."""
    regions = {
        "NC": (1054, spread_out(103, 300504.1553, 29_618_183_543)),
        "NE": (220, spread_out(21, 97629.8095, 7_647_472_708)),
        "S": (1382, spread_out(135, 211315.0444, 53_587_487_856)),
        "W": (422, spread_out(41, 662295.5122, 396_185_950_266)),
    }
    found = mean_of(regions, scale=(0, 1e9))
    assert found.value == pytest.approx(295560.7652, abs=0.001)
    assert found.standard_error == pytest.approx(16379.87, abs=0.01)
    assert (found.degrees, found.n, found.population) == (296, 300, 3078)
    assert found.interval is not None  # SAS prints 263325 and 327797 with 296 degrees of freedom
    assert (found.interval.low, found.interval.high) == (pytest.approx(263325, abs=1), pytest.approx(327797, abs=1))


def test_a_sample_from_unequal_strata_can_say_the_opposite_of_its_plain_mean() -> None:
    found = share_of({"volatile": (40, [1, 0, 0, 0] * 5), "random": (260, [1, 1, 1, 0] * 4)})
    assert found.unweighted == pytest.approx(17 / 36)
    assert found.value == pytest.approx(40 / 300 * 0.25 + 260 / 300 * 0.75)


def test_clopper_and_pearson_where_all_meet_the_standard() -> None:
    """Fagerland, Lydersen and Laake, Statistical Analysis of Contingency Tables: 10 of 10 is 0.6915 to 1."""
    found = share_of({"a": (100, [1] * 5), "b": (100, [1] * 5)})
    assert found.value == 1 and found.interval is not None and found.second is None
    assert (round(found.interval.low, 4), found.interval.high) == (0.6915, 1.0)


def test_the_two_intervals_of_a_share_by_hand() -> None:
    """R's svyciprop: beta on p(1-p)/v * (t_(n-1)/t_df)^2, logit on sqrt(v)/(p(1-p)); here v = .5^2 * .9 * (.24 + .21)/9 ..."""
    found = share_of({"a": (100, [1] * 6 + [0] * 4), "b": (100, [1] * 3 + [0] * 7)})
    variance = 0.25 * 0.9 * (0.6 * 0.4 + 0.3 * 0.7) / 9
    assert found.value == pytest.approx(0.45)
    assert found.standard_error == pytest.approx(math.sqrt(variance))
    assert found.interval is not None and found.second is not None
    # t(19) = 2.093024, t(18) = 2.100922; the simple random sample's variance .45*.55*.9/20 = .0111375 is the smaller one
    size = 0.45 * 0.55 / variance * (2.0930240544 / 2.1009220402) ** 2
    assert found.interval.method == f"Korn and Graubard's beta interval, effective size {size:.3g}"
    half = 2.1009220402 * math.sqrt(variance) / (0.45 * 0.55)
    centre = math.log(0.45 / 0.55)
    assert found.second.low == pytest.approx(1 / (1 + math.exp(half - centre)), abs=1e-9)
    assert found.second.high == pytest.approx(1 / (1 + math.exp(-half - centre)), abs=1e-9)


# Denominators


def test_a_case_that_the_criterion_does_not_apply_to_is_no_part_of_the_denominator() -> None:
    found = mean_of({"a": (10, [3, "not_applicable"]), "b": (20, [1, 2])})
    assert found.n == 3
    assert found.value == pytest.approx((5 * 3 + 10 * 1 + 10 * 2) / (5 + 10 + 10))
    assert found.bounds is None


def test_an_inaccessible_case_leaves_the_denominator_and_opens_bounds() -> None:
    found = mean_of({"a": (10, [3, "not_accessible"]), "b": (20, [1, 2])})
    assert found.value == pytest.approx((10 * 3 + 10 * 1 + 10 * 2) / 30)
    assert found.bounds == (pytest.approx((5 * 3 + 10 + 20) / 30), pytest.approx((5 * 3 + 5 * 3 + 10 + 20) / 30))
    assert "1 drawn case could not be scored, or not yet." in found.notes[-1]


def test_a_drawn_case_without_a_row_counts_as_not_scored_yet() -> None:
    cases, design = drawn_cases({"a": (10, [3, 2]), "b": (20, [1, 2])})
    found = weighted_mean(cases[cases["case"] != "d1-b-1"], design)
    assert found.bounds == (pytest.approx((25 + 10) / 30), pytest.approx((25 + 10 + 30) / 30))


def test_a_case_of_no_stratum_is_left_out_and_said() -> None:
    cases, design = drawn_cases({"a": (10, [3, 2]), "b": (20, [1, 2])})
    tabled = cases.iloc[[0]].assign(stratum="tabled", value=0.0, case="x")
    found = weighted_mean(pd.concat([cases, tabled]), design)
    assert found.n == 4
    assert found.notes == (
        "1 scored case of no stratum of the draw (tabled, or read for learning) left out: only drawn cases speak for the frame.",
    )


def test_what_no_draw_could_reach_is_said() -> None:
    found = mean_of({"a": (10, [3, 2]), "b": (20, [1, 2]), "c": (70, []), "d": (5, ["not_accessible"])})
    assert found.population == 30
    assert found.notes[0] == (
        "The estimate does not speak for 70 of 105 cases of the frame: none of their strata was drawn from."
    )
    assert found.notes[1] == (
        "In 1 stratum none of the drawn cases could be scored: the estimate does not speak for the 5 cases there."
    )


# One case in a stratum, and censuses


def test_strata_with_one_case_lend_each_other_their_spread() -> None:
    found = mean_of({"a": (10, [3]), "b": (10, [1]), "c": (10, [2, 2])})
    residuals = np.array([10 * (3 - 2), 10 * (1 - 2)]) / 30
    assert found.value == 2
    assert found.standard_error == pytest.approx(math.sqrt(2 * float(np.sum(residuals**2))))
    assert found.degrees == 2
    assert found.notes == (
        "2 strata with one scored case each had no spread of their own and were collapsed with others of the same kind for the standard "
        "error; the estimate keeps their own weights.",
    )


@pytest.mark.parametrize(
    ("strata", "right"),
    [
        ([[0, 1, 2, 3]] * 3, 1.0),
        ([[0, 1, 2, 3], [0, 1, 2, 3] * 3, [0, 1, 2, 3] * 2], 1.0),
        ([[0, 1, 2, 3], [1, 1, 2, 3], [0, 2, 2, 3]], 1.02),
        ([[0, 1], [2, 3]], 9.0),
    ],
)
def test_every_sample_of_one_case_each_gives_the_variance_or_a_larger_one(
    strata: list[list[int]], right: float
) -> None:
    """Strata that are alike, also of unequal sizes: exact on average. Strata whose means differ: too large, never too small."""
    each = [
        Counter(stratum) for stratum in strata
    ]  # a level that several cases of a stratum share is drawn so many times as often
    samples = list(product(*each))
    times = [math.prod(counts[value] for counts, value in zip(each, row, strict=True)) for row in samples]
    found = [
        mean_of({str(h): (len(stratum), [value]) for h, (stratum, value) in enumerate(zip(strata, row, strict=True))})
        for row in samples
    ]
    values = np.array([estimate.value for estimate in found], dtype=float)
    truth = np.average((values - np.average(values, weights=times)) ** 2, weights=times)
    variances = [(estimate.standard_error or 0.0) ** 2 for estimate in found]
    assert np.average(variances, weights=times) == pytest.approx(right * truth)


def test_a_team_s_stream_is_a_stratum_of_the_team_and_is_collapsed_with_other_teams() -> None:
    first = drawn_cases({"a": (10, [3, 2]), "b": (10, [1, 0])})
    second = drawn_cases({"c": (10, [3, 2]), "d": (10, [1, 0])}, team="t2")
    cases, design = joined(first, second)
    streams, pools = joined(
        drawn_cases({"a": (60, [3])}, kind="stream"), drawn_cases({"c": (60, [1])}, kind="stream", team="t2")
    )
    found = weighted_mean(*joined((cases, design), (streams, pools.assign(practitioner=""))))
    assert found.n == 10 and found.population == 160
    assert found.value == pytest.approx((20 * 2.5 + 20 * 0.5 + 60 * 3 + 60 * 1) / 160)
    assert "2 strata with one scored case" in found.notes[0]


def test_strata_of_one_case_are_collapsed_within_their_team_first_then_within_their_draw() -> None:
    """Teams that differ and are alike inside: their lone strata show no spread, however far the teams are apart. So with two draws."""
    base = drawn_cases({"x": (10, [0, 3]), "y": (10, [0, 3])}, team="t9", kind="volatile")
    first, second = (
        drawn_cases({"a": (10, [3]), "b": (10, [3])}),
        drawn_cases({"c": (10, [0]), "d": (10, [0])}, team="t2"),
    )
    found = weighted_mean(*joined(base, first, second))
    alone = 2 * (10 / 60) ** 2 * (1 - 2 / 10) * 4.5 / 2  # what the two strata of two cases give
    assert found.value == 1.5 and found.standard_error == pytest.approx(math.sqrt(alone))
    later = [
        drawn_cases({name: (10, [value])}, team=f"t{name}", draw=draw)
        for name, draw, value in (("a", "d1", 3), ("b", "d1", 3), ("c", "d2", 0), ("d", "d2", 0))
    ]
    assert weighted_mean(*joined(base, *later)).standard_error == pytest.approx(math.sqrt(alone))
    mixed = drawn_cases({"c": (10, [0])}), drawn_cases({"d": (10, [0])}, team="t2")
    across = weighted_mean(
        *joined(base, drawn_cases({"a": (10, [3])}), *mixed[:1], drawn_cases({"b": (10, [3])}, team="t2"), mixed[1])
    )
    assert across.value == 1.5 and (across.standard_error or 0) > 2 * math.sqrt(alone)


def test_volatile_cases_alone_are_no_figure_for_the_service() -> None:
    found = weighted_mean(*drawn_cases({"a": (10, [3, 2]), "b": (20, [1, 2])}, kind="volatile"))
    assert found.notes == (
        "Only cases with recent recorded change are counted here: this is no figure for the service as a whole, and no baseline for it.",
    )


def test_months_that_are_pooled_are_said() -> None:
    months = [drawn_cases({"a": (10, [3, 2]), "b": (20, [1, 2])}, draw=f"d{n}", period=f"2026-0{n}") for n in (1, 2)]
    found = weighted_mean(*joined(*months))
    assert found.n == 8 and found.notes == (
        "2 months are pooled: a case counts once in the frame of each month in which it was open.",
    )


def test_a_lone_stratum_is_held_against_the_overall_estimate() -> None:
    found = mean_of({"a": (10, [3]), "b": (10, [1, 2])})
    value = (30 + 15) / 20
    lone = (0.5 * (3 - value)) ** 2 / (1 - 2 * 0.5 + (0.5**2 + 0.25**2 + 0.25**2))
    other = 0.25 * (1 - 2 / 10) * 0.5 / 2
    assert found.standard_error == pytest.approx(math.sqrt(lone + other))
    assert found.notes[0].startswith("1 stratum with one scored case had no other to be collapsed with")


def test_a_stratum_scored_whole_adds_nothing_to_the_error() -> None:
    whole = mean_of({"a": (2, [0, 3]), "b": (10, [1, 2])})
    assert whole.standard_error == pytest.approx(10 / 12 * math.sqrt(0.8 * 0.5 / 2))
    assert whole.degrees == 1


def test_when_every_case_was_scored_the_estimate_is_exact() -> None:
    found = mean_of({"a": (2, [0, 3]), "b": (1, [1])})
    assert found.interval is not None and found.interval.method == "every case was scored"
    assert found.interval.low == found.interval.high == found.value == pytest.approx(4 / 3)
    share = share_of({"a": (2, [0, 1]), "b": (1, [1])})
    assert share.interval is not None and share.interval.low == share.interval.high == pytest.approx(2 / 3)


# What cannot be said


@pytest.mark.parametrize("level", ["practitioner", "team"])
def test_a_figure_for_one_practitioner_is_refused(level: str) -> None:
    strata: dict[str, Stratum] = (
        {"a": (10, [3, 2]), "b": (20, [1, 2])} if level == "practitioner" else {"a": (10, [3, 2])}
    )
    for estimate in (weighted_mean, weighted_share):
        found = estimate(*drawn_cases(strata), level=level)  # type: ignore[operator]
        assert found.value is None and found.interval is None and found.unweighted is None
        assert found.reason == (
            "No figure is given for one practitioner: a month draws about two cases of each, and two of two that meet the standard, out "
            "of a caseload of 20, are compatible with as few as 5 of the 20 (one-sided 95 per cent). A funnel over 6 to 12 months is the "
            "place to look."
        )


def test_a_team_of_one_is_refused_with_its_stream_too() -> None:
    own, stream = drawn_cases({"a": (10, [3, 2])}), drawn_cases({"a": (30, [1])}, kind="stream")
    found = weighted_mean(*joined(own, (stream[0], stream[1].assign(practitioner=""))))
    assert found.value is None and found.reason.startswith("No figure is given for one practitioner")


def test_the_five_of_twenty_in_the_refusal_is_right() -> None:
    two_of_two = [math.comb(k, 2) / math.comb(20, 2) for k in range(21)]
    assert min(k for k, chance in enumerate(two_of_two) if chance > 0.05) == 5


def test_nothing_scored_is_said() -> None:
    for strata in (
        {"a": (10, ["not_applicable", "not_accessible"]), "b": (3, ["not_scored"])},
        {"a": (10, []), "b": (5, [])},
    ):
        found = mean_of(strata)  # type: ignore[arg-type]
        assert found.value is None and found.bounds is None
        assert found.reason == "No drawn case has a level here, so there is nothing to estimate from."


def test_empty_tables_are_said() -> None:
    cases, design = drawn_cases({"a": (10, [3, 2]), "b": (20, [1, 2])})
    assert weighted_mean(cases.iloc[:0], design).reason.startswith("No drawn case has a level")
    assert weighted_share(cases.iloc[:0], design.iloc[:0]).reason.startswith("No drawn case has a level")


def test_no_spread_within_strata_gives_no_interval_of_a_mean() -> None:
    found = mean_of({"a": (10, [3, 3]), "b": (20, [1, 1])})
    assert found.value == pytest.approx(50 / 30) and found.standard_error == 0 and found.interval is None
    assert found.reason == (
        "The scored cases of each stratum do not differ, so their spread, and with it an interval, cannot be estimated."
    )


def test_a_share_never_gets_an_interval_without_width_by_luck() -> None:
    found = share_of({"a": (100, [1, 1]), "b": (100, [0, 0])})
    assert found.value == 0.5 and found.interval is not None
    assert found.interval.low < 0.15 and found.interval.high > 0.85


def test_too_few_cases_for_an_interval_are_said() -> None:
    found = mean_of({"a": (10, [3]), "b": (10, ["not_applicable", "not_applicable"])})
    assert found.value == 3 and found.interval is None
    assert found.reason == (
        "There are too few scored cases for an interval: each stratum needs one to set its own mean, and at least one more is needed."
    )


def test_tables_that_contradict_each_other_are_a_fault_of_the_program() -> None:
    cases, design = drawn_cases({"a": (10, [3, 2]), "b": (20, [1, 2])})
    with pytest.raises(ProgramError, match="more scored cases than were drawn"):
        weighted_mean(cases, design.assign(drawn=1))
    with pytest.raises(ProgramError, match="more drawn than it holds"):
        weighted_mean(cases, design.assign(population=1))
    with pytest.raises(ProgramError, match="names a stratum twice"):
        weighted_mean(cases, pd.concat([design, design]))
    with pytest.raises(ProgramError, match="The table of strata has no column kind, population"):
        weighted_mean(cases, design.drop(columns=["kind", "population"]))
    with pytest.raises(ProgramError, match="The table of cases has no column value"):
        weighted_mean(cases.drop(columns="value"), design)


# Two periods


def test_a_difference_of_two_periods() -> None:
    before = share_of({"a": (100, [1] * 6 + [0] * 14), "b": (100, [1] * 8 + [0] * 12)})
    after = share_of({"a": (100, [1] * 13 + [0] * 7), "b": (100, [1] * 15 + [0] * 5)})
    found = difference(before, after)
    assert found.value == pytest.approx(0.35) and found.unweighted == pytest.approx(0.35)
    assert found.claim == "improvement" and before.claim is None
    assert found.interval is not None and before.interval is not None and after.interval is not None
    assert before.standard_error is not None and after.standard_error is not None
    assert found.standard_error == pytest.approx(math.sqrt(before.standard_error**2 + after.standard_error**2))
    below = math.hypot(0.7 - after.interval.low, before.interval.high - 0.35)
    assert found.interval.low == pytest.approx(0.35 - below)
    back = difference(after, before)
    assert back.interval is not None
    assert (back.interval.low, back.interval.high) == (
        pytest.approx(-found.interval.high),
        pytest.approx(-found.interval.low),
    )


def test_a_difference_has_bounds_where_a_case_of_either_period_could_not_be_scored() -> None:
    whole = mean_of({"a": (10, [1, 2]), "b": (10, [1, 2])})
    some = mean_of({"a": (10, [3, "not_accessible"]), "b": (10, [3, 2])})  # 1.5 to 3 of "a", 2.5 of "b"
    assert difference(whole, whole).bounds is None and some.value == 2.75
    assert difference(whole, some).bounds == (pytest.approx(0.5), pytest.approx(1.25))
    assert difference(some, whole).bounds == (pytest.approx(-1.25), pytest.approx(-0.5))
    assert difference(some, some).bounds == (pytest.approx(-0.75), pytest.approx(0.75))


def test_changes_of_score_have_the_same_formula_on_a_scale_of_their_own() -> None:
    found = mean_of({"a": (30, [-1, -1, 0, -2]), "b": (10, [1, 0, -1])}, scale=(-3, 3))
    assert found.value == pytest.approx(-0.75) and found.unweighted == pytest.approx(-4 / 7)
    assert found.interval is not None and found.interval.low < found.value < found.interval.high < 0.3


def test_an_interval_ends_where_the_scale_ends() -> None:
    top, bottom = (
        mean_of({"a": (30, [3, 3, 2]), "b": (30, [3, 2, 3])}),
        mean_of({"a": (30, [0, 0, 1]), "b": (30, [0, 1, 0])}),
    )
    assert top.interval is not None and bottom.interval is not None
    assert top.interval.high == 3 and bottom.interval.low == 0
    assert 3 - top.interval.low == pytest.approx(bottom.interval.high) and top.interval.low > 2


def test_newcombe_two_independent_shares() -> None:
    """Newcombe 1998 (Statistics in Medicine 17: 873), method 10: 56 of 70 against 48 of 80 is 0.0524 to 0.3339 with Wilson's intervals."""

    def wilson(k: int, n: int) -> Estimate:
        return Estimate(k / n, Interval(*proportion_confint(k, n, method="wilson"), "Wilson"), n, n, "share")

    found = difference(wilson(48, 80), wilson(56, 70)).interval
    assert found is not None and (round(found.low, 4), round(found.high, 4)) == (0.0524, 0.3339)


def test_a_practitioner_s_stratum_that_only_the_stream_drew_from_is_the_stream_s() -> None:
    cases, design = drawn_cases({"a": (10, [3, 2]), "b": (10, [1, 0])})
    streamed, pool = drawn_cases({"a": (60, [3])}, kind="stream")
    own = pool.assign(population=0, drawn=0)
    found = weighted_mean(*joined((cases, design), (streamed, pd.concat([pool.assign(practitioner=""), own]))))
    assert found.n == 5 and found.population == 80


def test_a_difference_that_may_not_be_taken_says_why() -> None:
    good, none = share_of({"a": (9, [1, 0]), "b": (9, [1, 0])}), share_of({"a": (9, []), "b": (9, [])})
    refused = difference(good, good, Comparability(("The sampling rule changed.", "The rubric x changed.")))
    assert refused.value is None and refused.reason == "The sampling rule changed. The rubric x changed."
    assert difference(none, good).reason == "No drawn case has a level here, so there is nothing to estimate from."
    flat = mean_of({"a": (10, [3, 3]), "b": (20, [1, 1])})
    some = difference(flat, mean_of({"a": (10, [3, 2]), "b": (20, [1, 2])}))
    assert (
        some.interval is None
        and some.value is not None
        and some.reason.startswith("The scored cases of each stratum do not differ")
    )


# Properties

VALUES = st.lists(st.sampled_from([0, 1, 2, 3, "not_applicable", "not_accessible"]), min_size=0, max_size=5)
STRATA = st.dictionaries(
    st.sampled_from("abcdef"), st.tuples(st.integers(0, 30), VALUES).map(lambda pair: (pair[0] + len(pair[1]), pair[1])),
    min_size=2,
)  # fmt: skip


def figures(estimate: Estimate) -> tuple[object, ...]:
    """Returns the numbers of an estimate, rounded so that the order of adding does not show."""
    ends = () if estimate.interval is None else (estimate.interval.low, estimate.interval.high)
    numbers = (estimate.value, estimate.standard_error, estimate.degrees, *ends, *(estimate.bounds or ()))
    return (
        *(None if number is None else round(number, 9) for number in numbers),
        estimate.n,
        estimate.reason,
        estimate.notes,
    )


@settings(max_examples=40, deadline=None)
@given(STRATA, st.randoms())
def test_neither_the_order_of_rows_nor_the_names_of_strata_matter(strata: dict[str, Stratum], shuffle: object) -> None:
    cases, design = drawn_cases(strata)
    seed = shuffle.randint(0, 2**31)  # type: ignore[attr-defined]
    mixed = weighted_mean(cases.sample(frac=1, random_state=seed), design.sample(frac=1, random_state=seed))
    renamed = {chr(ord("z") - place): stratum for place, stratum in enumerate(strata.values())}
    assert figures(weighted_mean(cases, design)) == figures(mixed) == figures(mean_of(renamed))


@settings(max_examples=40, deadline=None)
@given(STRATA)
def test_estimates_stay_on_the_scale_and_inside_their_intervals_and_bounds(strata: dict[str, Stratum]) -> None:
    found = mean_of(strata)
    assert (found.value is None) == bool(found.reason.startswith("No drawn case"))
    if found.value is not None:
        assert -1e-9 <= found.value <= 3 + 1e-9
        assert found.interval is not None or found.reason
        if found.interval is not None:
            assert found.interval.low - 1e-9 <= found.value <= found.interval.high + 1e-9
        if found.bounds is not None:
            assert -1e-9 <= found.bounds[0] <= found.value + 1e-9
            assert found.value - 1e-9 <= found.bounds[1] <= 3 + 1e-9
    assert not any(isinstance(number, float) and math.isnan(number) for number in figures(found))


@settings(max_examples=40, deadline=None)
@given(STRATA)
def test_turning_the_scale_round_turns_the_estimate_round(strata: dict[str, Stratum]) -> None:
    turned = {
        name: (size, [3 - value if isinstance(value, int) else value for value in values])
        for name, (size, values) in strata.items()
    }
    one, other = mean_of(strata), mean_of(turned)  # type: ignore[arg-type]
    assert one.n == other.n and one.reason == other.reason
    if one.value is not None and other.value is not None:
        assert one.value == pytest.approx(3 - other.value)
        assert one.standard_error == pytest.approx(other.standard_error, abs=1e-9)


# Coverage and size


Caseload = tuple[str, str, np.ndarray, np.ndarray]


def service(random: np.random.Generator) -> list[Caseload]:
    """Returns team, practitioner, and the levels of the volatile and of the other cases, of two teams of five."""
    caseloads: list[Caseload] = []
    for place in range(10):
        own = random.normal(0, 0.5)
        volatile, other = (
            np.clip(np.rint(random.normal(middle + own, 0.85, int(n))), 0, 3)
            for middle, n in ((1.4, random.integers(3, 10)), (2.0, random.integers(6, 20)))
        )
        caseloads.append((f"t{place // 5}", f"p{place}", volatile, other))
    return caseloads


def one_draw(random: np.random.Generator, caseloads: list[Caseload]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Returns what the default plan draws: two volatile cases of each practitioner, and one of the rest of each team."""
    parts = []
    for team in ("t0", "t1"):
        mine = [caseload for caseload in caseloads if caseload[0] == team]
        quota = {
            name: (len(volatile), random.choice(volatile, 2, replace=False).tolist()) for _, name, volatile, _ in mine
        }
        parts.append(drawn_cases(quota, team=team, kind="volatile"))
        pool = np.concatenate([other for *_, other in mine])
        cases, strata = drawn_cases({mine[0][1]: (len(pool), [float(random.choice(pool))])}, team=team)
        parts.append((cases, strata.assign(practitioner="")))
    return joined(*parts)


def test_the_intervals_cover_the_truth_at_least_as_often_as_they_say() -> None:
    """120 months of two teams of five. A stream's one case stands for some 60 others: from its strata alone, the design's variance is so
    uncertain that an interval on n - H degrees of freedom would cover some 70 to 90 per cent. Two standard errors of 95% are 4 points.
    """
    random = np.random.default_rng(20261122)
    caseloads = service(random)
    everyone = np.concatenate([levels for *_, volatile, other in caseloads for levels in (volatile, other)])
    targets = (everyone.mean(), (everyone >= 2).mean(), (everyone >= 2).mean())
    covered, bare = np.zeros(3), 0
    for _ in range(120):
        cases, design = one_draw(random, caseloads)
        mean = weighted_mean(cases, design)
        meets = weighted_share(cases.assign(value=(cases["value"] >= 2).astype("Float64")), design)
        for place, (interval, target) in enumerate(
            zip((mean.interval, meets.interval, meets.second), targets, strict=True)
        ):
            covered[place] += interval is None or interval.low <= target <= interval.high
        half = stats.t.ppf(0.975, mean.degrees) * (mean.standard_error or 0.0)
        bare += abs((mean.value or 0.0) - targets[0]) <= half
    assert (covered / 120 >= 0.92).all()
    assert bare / 120 < 0.9


def test_all_meeting_the_standard_says_less_where_few_cases_carry_the_weight() -> None:
    light = share_of({"a": (100, [1] * 5), "b": (100, [1] * 5)})
    heavy = share_of({"a": (10, [1] * 5), "b": (190, [1] * 5)})
    assert light.interval is not None and heavy.interval is not None
    assert heavy.interval.low < light.interval.low


def test_ten_thousand_practitioners_take_no_loop() -> None:
    """No time is measured here: a loop over the practitioners would overrun the limit of a test many times over."""
    random = np.random.default_rng(1)
    n = 10_000
    names = np.array([f"p{place}" for place in range(n)])
    design = pd.DataFrame(
        {
            "draw_id": "d1", "period": "2026-10", "team": np.array([f"t{place // 10}" for place in range(n)]),
            "practitioner": names, "stratum": "volatile", "kind": "volatile",
            "population": random.integers(5, 30, n), "drawn": 2,
        }
    )  # fmt: skip
    cases = design.loc[design.index.repeat(2), ["draw_id", "team", "practitioner", "stratum"]].reset_index(drop=True)
    cases = cases.assign(case=[f"c{place}" for place in range(2 * n)], value=random.integers(0, 4, 2 * n), code="")
    found = weighted_mean(cases, design)
    assert found.n == 20_000 and found.degrees == 10_000
    assert found.value == pytest.approx(1.5, abs=0.05)
