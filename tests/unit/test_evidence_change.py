"""Before and after of the same cases, regression to the mean, and which periods may be compared: figures, labels, refusals in words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sampling.errors import ProgramError
from sampling.evidence.comparability import Description, break_points, compare
from sampling.evidence.paired import PairedChange, Reference, paired_change, paired_items
from sampling.evidence.regression_to_mean import (
    Retest,
    assumed_retest,
    regression_to_mean,
    retest_correlation,
    spurious_gain,
)
from sampling.evidence.waiting_group import against_waiting

RANDOM = Reference("random")
Row = tuple[str, int | None, int | None]


def pairs(rows: list[Row]) -> pd.DataFrame:
    """Returns a table of pairs from (practitioner, before, after)."""
    table = pd.DataFrame(rows, columns=["practitioner", "before", "after"])
    return table.astype({"before": "Int64", "after": "Int64"}).assign(case=[f"c{place}" for place in range(len(rows))])


def change_of(rows: list[Row], reference: Reference = RANDOM, **more: object) -> PairedChange:
    """Returns the change of these rows, as repair."""
    return paired_change(pairs(rows), "repair", reference, **more)  # type: ignore[arg-type]


# Pairs

THREE_EACH: list[Row] = [(name, 1, after) for name in "abcdefgh" for after in (2, 3, 1)]


def test_the_table_and_the_counts() -> None:
    found = change_of([("a", 0, 2), ("a", 1, 1), ("b", 2, 1), ("b", 1, 3), ("c", None, 2), ("c", 2, None)])
    assert found.table == ((0, 0, 1, 0), (0, 1, 0, 1), (0, 1, 0, 0), (0, 0, 0, 0))
    assert (found.improved, found.unchanged, found.worsened, found.n, found.left_out) == (2, 1, 1, 4, 2)
    assert found.practitioners == 2
    assert found.notes == (
        "The same records were scored again after rewriting: this shows that a record can be put right, not that practice changed.",
        "2 cases without a level at one of the two times (not applicable, not accessible, or not scored) left out.",
        "McNemar's p takes cases to be independent, which cases of one practitioner need not be: read the sign-flip first.",
    )


def test_the_main_test_counts_practitioners_not_cases() -> None:
    """Eight practitioners whose three cases moved alike: 2/2^8 however many cases there are."""
    found = change_of(THREE_EACH)
    assert found.flip.p == 2 / 2**8
    assert found.mean.value == 1 and found.mean.reason.startswith("The 8 practitioners all changed by the same amount")
    assert found.standard is not None and found.standard.exact.p is not None and found.standard.exact.p < 0.001
    assert found.standard_flip is not None and found.standard_flip.p == 2 / 2**8
    assert found.ranks.test.p is None and found.ranks.test.reason == (
        "A practitioner has more than one case here, and ranks take the cases to be independent: the sign-flip over practitioners is the "
        "test."
    )


def test_a_practitioner_with_many_cases_has_no_larger_vote() -> None:
    rows: list[Row] = [("a", 0, 3)] * 30 + [(name, 1, 0) for name in "bcdefg"]
    found = change_of(rows)
    assert found.flip.p == pytest.approx(flips_by_hand([3] + [-1] * 6))


def flips_by_hand(changes: list[int]) -> float:
    """Returns the two-sided p value of small whole numbers by writing out every sign."""
    signs = np.array(np.meshgrid(*[[1, -1]] * len(changes))).reshape(len(changes), -1)
    sums = np.abs(np.array(changes) @ signs)
    return float(np.mean(sums >= abs(sum(changes))))


def test_one_case_each_has_the_ranks_too() -> None:
    found = change_of([(name, 1, 2) for name in "abcdefgh"])
    assert found.ranks.test.p == 2 / 2**8 and found.ranks.rank_biserial == 1
    assert found.notes == found.notes[:1]


def test_totals_have_no_table_and_no_standard() -> None:
    found = change_of([(name, 7, 11) for name in "abcdefg"], pass_level=None)
    assert found.table == () and found.standard is None and found.standard_flip is None
    assert found.flip.p == 2 / 2**7
    with pytest.raises(ProgramError, match="pass the total of the items, not their mean"):
        paired_change(pairs([("a", 1, 2)]).assign(after=1.5), "repair", RANDOM)
    with pytest.raises(ProgramError, match="totals are compared with pass_level=None"):
        change_of([("a", 1, 7)])
    with pytest.raises(ProgramError, match="The table of pairs has no column before"):
        paired_change(pairs([("a", 1, 2)]).drop(columns="before"), "repair", RANDOM)


def test_transfer_is_labelled_as_what_it_is() -> None:
    found = paired_change(pairs([("a", 1, 2)]), "transfer", RANDOM)
    assert found.claim == "transfer"
    assert found.notes[0] == (
        "A practitioner's next fresh case is held against their earlier one: this shows what carried over, in one further case each."
    )


def test_cases_chosen_on_their_own_first_score_get_no_p_value() -> None:
    found = change_of(THREE_EACH, Reference("level", 1.8, assumed_retest()))
    assert found.standard is not None and found.standard_flip is not None
    tests = (found.flip, found.standard.exact, found.standard.mid_p, found.standard_flip, found.ranks.test)
    assert {test.p for test in tests} == {None}
    assert {test.reason for test in tests} == {
        "These cases were chosen on their own first score, so part of any gain was to be expected: a p value would count that as change, "
        "and none is given."
    }
    assert found.regression.expected is not None and found.regression.gain == 1
    assert found.notes[-1] == (
        "The interval of the mean change holds what was to be expected without any change: read it beside the line on how the cases were "
        "chosen."
    )


def test_cases_drawn_on_volatility_are_tested_with_the_expected_gain_beside() -> None:
    found = change_of(THREE_EACH, Reference("volatility", 1.8, assumed_retest()))
    assert found.flip.p == 2 / 2**8 and found.regression.expected == pytest.approx(0.4 * 0.8)


def test_a_change_of_levels_ends_at_three() -> None:
    found = change_of([("a", 0, 3), ("b", 0, 3), ("c", 1, 3)])
    assert found.mean.interval is not None and found.mean.interval.high == 3 and found.mean.interval.low < 2.5
    totals = change_of([("a", 0, 3), ("b", 0, 3), ("c", 1, 3)], pass_level=None)
    assert totals.mean.interval is not None and totals.mean.interval.high > 3


@pytest.mark.parametrize("rows", [[], [("a", None, 1)], [("a", 1, 1)], [("a", 1, 1), ("b", 2, 2)], [("a", 0, 3)]])
def test_what_is_too_little_gives_reasons_not_errors(rows: list[Row]) -> None:
    found = change_of(rows)
    assert found.flip.p is None and found.flip.reason
    assert found.mean.interval is None and found.mean.reason
    assert found.ranks.test.p is None and found.ranks.test.reason
    if not found.n:
        assert found.mean.reason == "There are no cases." and found.regression.reason == "There are no cases."


ROWS = st.lists(st.tuples(st.sampled_from("abcdefghij"), st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=30)


@settings(max_examples=40, deadline=None)
@given(ROWS, st.integers(0, 1000))
def test_swapping_before_and_after_negates_and_order_does_not_matter(
    rows: list[tuple[str, int, int]], seed: int
) -> None:
    one, other = change_of(list(rows)), change_of([(name, after, before) for name, before, after in rows])
    mixed = paired_change(pairs(list(rows)).sample(frac=1, random_state=seed), "repair", RANDOM)
    assert (one.improved, one.unchanged, one.worsened) == (other.worsened, other.unchanged, other.improved)
    assert one.table == tuple(zip(*other.table, strict=True))
    assert one.flip.p == pytest.approx(other.flip.p) == pytest.approx(mixed.flip.p)
    assert one.mean.value == pytest.approx(-other.mean.value) and one.mean.value == pytest.approx(mixed.mean.value)  # type: ignore[operator]
    if one.mean.interval is not None and other.mean.interval is not None and mixed.mean.interval is not None:
        assert (
            one.mean.interval.low == pytest.approx(-other.mean.interval.high) == pytest.approx(mixed.mean.interval.low)
        )


def test_holm_over_the_items_that_could_be_tested() -> None:
    items = {
        "sure": pairs([(name, 1, 2) for name in "abcdefgh"]),
        "less": pairs([(name, 1, 2) for name in "abcdef"]),
        "none": pairs([("a", 1, 2)]),
    }
    found = paired_items(items, "repair", RANDOM)
    assert found["sure"].adjusted_p == pytest.approx(2 * 2 / 2**8)
    assert found["less"].adjusted_p == pytest.approx(2 / 2**6)
    assert found["none"].adjusted_p is None
    assert found["none"].notes[-1] == (
        "p values are adjusted by Holm's method over the 2 items that could be tested, of 3."
    )
    assert paired_items({"none": items["none"]}, "repair", {"none": RANDOM})["none"].adjusted_p is None


# Regression to the mean


def test_the_worst_quarter_gains_half_a_standard_deviation_for_nothing() -> None:
    worst_quarter = -stats.norm.pdf(stats.norm.ppf(0.25)) / 0.25
    assert spurious_gain(0.6, 0.0, worst_quarter) == pytest.approx(0.51, abs=0.005)


def test_a_simulated_service_without_change_shows_the_predicted_gain() -> None:
    """400 services in which nothing changes: the 15 lowest of 60 cases, r = .5, gain what the formula says; nothing is left over."""
    random = np.random.default_rng(15)
    left = []
    for _ in range(400):
        true = random.normal(2, 1, 60)
        first, second = true + random.normal(0, 1, 60), true + random.normal(0, 1, 60)
        lowest = np.argsort(first)[:15]
        found = regression_to_mean(
            "level", first[lowest].tolist(), second[lowest].tolist(), mean_of_all=float(first.mean()),
            retest=Retest(0.5, 0.5, 0.5, "known"),
        )  # fmt: skip
        assert found.gain is not None and found.adjusted is not None and found.expected is not None
        assert found.expected > 0.4
        left.append(found.adjusted)
    assert abs(np.mean(left)) < 3 * np.std(left) / 20


def test_the_expected_gain_stands_beside_the_gain() -> None:
    found = regression_to_mean("level", [0, 1], [1, 2], mean_of_all=1.5, retest=assumed_retest())
    assert found.expected == pytest.approx(0.4) and found.adjusted == pytest.approx(0.6)
    assert found.expected_range is not None and found.adjusted_range is not None
    assert (found.expected_range.low, found.expected_range.high) == (pytest.approx(0.2), pytest.approx(0.6))
    assert (found.adjusted_range.low, found.adjusted_range.high) == (pytest.approx(0.4), pytest.approx(0.8))
    assert found.expected_range.method == "r 0.40 to 0.80, assumed, between 0.4 and 0.8"


def test_pairs_with_a_missing_score_are_left_out() -> None:
    found = regression_to_mean("random", [0, 1, None], [1, 2, 3], mean_of_all=None, retest=assumed_retest())
    assert found.gain == 1


def test_volatile_cases_settle_by_themselves() -> None:
    found = regression_to_mean(
        "volatility", [0, 1], [1, 2], mean_of_all=1.5, retest=Retest(0.7, 0.5, 0.8, "from 30 double-scored cases", 30)
    )
    assert found.notes == (
        "r is of two raters on the same record: what comes and goes in the cases themselves is not in it, and would make the expected gain "
        "larger.",
        "Crises settle by themselves, and the record after them reads better: the expected gain is a floor.",
    )


def test_cases_drawn_at_random_are_expected_to_gain_nothing() -> None:
    found = regression_to_mean("random", [0, 1], [1, 2], mean_of_all=None, retest=assumed_retest())
    assert (found.expected, found.adjusted, found.reason) == (0.0, 1.0, "")


def test_without_the_mean_of_all_cases_nothing_is_predicted() -> None:
    found = regression_to_mean("level", [0, 1], [1, 2], mean_of_all=None, retest=assumed_retest())
    assert found.expected is None and found.adjusted is None and found.gain == 1
    assert found.reason == (
        "How much of the gain was to be expected without any change cannot be said: the mean of all cases at the first scoring is not "
        "known. A random stratum would give it."
    )


def test_r_of_double_scored_cases() -> None:
    first, second = [0, 1, 2, 3, 0, 1, 2, 3, 1, 2], [0, 1, 2, 3, 1, 1, 1, 3, 2, 2]
    found = retest_correlation(first, second)
    expected = stats.pearsonr(first, second)
    assert found.value == pytest.approx(expected.statistic) and found.source == "from 10 double-scored cases"
    interval = expected.confidence_interval()
    assert (found.low, found.high) == (pytest.approx(interval.low), pytest.approx(interval.high))
    assert retest_correlation(first, [3 - level for level in second]).value == 0
    assert retest_correlation(first[:9], second[:9]).source.startswith(
        "assumed, between 0.4 and 0.8, since only 9 cases"
    )
    assert retest_correlation([*first, None, 3], [*second, 2, None]) == found


def test_r_that_cannot_be_had_is_assumed_and_said() -> None:
    few, flat = retest_correlation([1, 2], [2, 2]), retest_correlation([2] * 12, [1] * 12)
    assert (few.low, few.high) == (flat.low, flat.high) == (0.4, 0.8)
    assert few.source == (
        "assumed, between 0.4 and 0.8, since only 2 cases of the at least 10 needed were scored twice"
    )
    assert flat.source == "assumed, between 0.4 and 0.8, since all of the 12 double-scored cases have the same level"
    assert retest_correlation(list(range(12)), list(range(12))).value == 1


# Which periods may be compared


def described(period: str, **more: object) -> Description:
    """Returns a period, with what differs from the usual."""
    usual = {"rubrics": {"x": ("1.0", "aa")}, "eligibility": "e1", "sampling": "s1", "levels": ("L2", "L3")}
    return Description(period, **{**usual, **more})  # type: ignore[arg-type]


def test_periods_measured_in_the_same_way_are_comparable() -> None:
    found = compare(described("2026-01"), described("2026-02"))
    assert found.comparable and found.reasons == () and found.cautions == ()


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"eligibility": "e2"}, "The rule of eligibility changed: e1 in 2026-01, e2 in 2026-02."),
        ({"sampling": ""}, "The sampling rule changed: s1 in 2026-01, none named in 2026-02."),
        ({"rubrics": {"x": ("2.0", "bb")}}, "The rubric x changed: version 1.0 in 2026-01, version 2.0 in 2026-02."),
        ({"rubrics": {"x": ("1.0", "bb")}}, "The rubric x changed: both call themselves version 1.0, and their texts differ."),
        ({"rubrics": {"x": ("1.0", "aa"), "y": ("1.0", "cc")}}, "The rubric y was used in 2026-02 only."),
        ({"levels": ("L0", "L2")}, "A draw of 2026-02 was at level L0: whoever ran it could have steered which cases came up. Those of 2026-01 could not be steered so."),
    ],
)  # fmt: skip
def test_each_difference_is_a_reason(changed: dict[str, object], reason: str) -> None:
    found = compare(described("2026-01"), described("2026-02", **changed))
    assert not found.comparable and found.reasons == (reason,)


def test_a_first_period_that_could_be_steered_is_refused_like_a_second() -> None:
    found = compare(described("2026-01", levels=("L0",)), described("2026-02"))
    assert found.reasons == (
        "A draw of 2026-01 was at level L0: whoever ran it could have steered which cases came up. Those of 2026-02 could not be steered so.",
    )


def test_all_reasons_are_given_at_once_and_a_dropped_rubric_is_one() -> None:
    found = compare(described("2026-01"), described("2026-02", eligibility="e2", sampling="s2", rubrics={}))
    assert len(found.reasons) == 3 and found.reasons[0] == "The rubric x was used in 2026-01 only."


def test_a_version_whose_ratings_are_all_carried_over_is_the_same_rubric() -> None:
    after = described("2026-02", rubrics={"x": ("1.1", "bb")})
    assert compare(described("2026-01"), after, carried=[("x", "aa", "bb")]).comparable
    assert not compare(described("2026-01"), after, carried=[("y", "aa", "bb")]).comparable


def test_other_levels_are_a_caution() -> None:
    found = compare(described("2026-01"), described("2026-02", levels=("L1",)))
    assert found.comparable and found.cautions == (
        "The draws were at levels L2, L3 in 2026-01 and L1 in 2026-02: what they are worth as evidence differs.",
    )
    training = compare(described("2026-01", levels=("L0",)), described("2026-02", levels=("L0",)))
    assert training.comparable and training.cautions[0].startswith("Every draw was at level L0")


def test_a_chart_breaks_where_the_measuring_changed() -> None:
    months = [described(f"2026-{month:02}", sampling="s1" if month < 4 else "s2") for month in range(1, 7)]
    found = break_points(months)
    assert [point.period for point in found] == ["2026-04"]
    assert found[0].reasons == ("The sampling rule changed: s1 in 2026-03, s2 in 2026-04.",)
    assert break_points([]) == () == break_points(months[:1])


# Coached against waiting


def group(rows: list[tuple[str, float | None, float | None, bool]]) -> pd.DataFrame:
    """Returns one row a case."""
    return pd.DataFrame(rows, columns=["practitioner", "before", "after", "coached"])


def test_the_comparison_with_the_waiting_group_is_the_definition_of_cr2() -> None:
    random = np.random.default_rng(8)
    table = pd.DataFrame(
        {
            "practitioner": random.choice(list("abcdef"), 40),
            "before": random.integers(0, 4, 40),
            "coached": random.random(40) < 0.5,
        }
    ).assign(after=lambda t: t["before"] * 0.5 + t["coached"] * 0.7 + random.normal(0, 0.5, 40))
    model = np.column_stack([np.ones(40), table["coached"], table["before"]]).astype(float)
    bread = np.linalg.inv(model.T @ model)
    rest = np.eye(40) - model @ bread @ model.T
    after = table["after"].to_numpy()
    variance, vectors = 0.0, []
    for name in sorted(set(table["practitioner"])):
        inside = (table["practitioner"] == name).to_numpy()
        values, axes = np.linalg.eigh(rest[np.ix_(inside, inside)])
        adjusted = (axes / np.sqrt(values)) @ axes.T @ model[inside] @ bread[:, 1]
        variance += float(adjusted @ (rest @ after)[inside]) ** 2
        vectors.append(rest[:, inside] @ adjusted)
    products = np.array([[one @ other for other in vectors] for one in vectors])
    found = against_waiting(table)
    assert found.value == pytest.approx(float((bread @ model.T @ after)[1]))
    assert found.standard_error == pytest.approx(variance**0.5)
    assert found.degrees == pytest.approx(np.trace(products) ** 2 / np.sum(products**2))


def test_a_waiting_group_takes_regression_to_the_mean_out_of_a_gain() -> None:
    """300 services without any change: the lowest third of 60 cases, half of them coached. The gain is large, the effect nothing."""
    random = np.random.default_rng(9)
    gains, effects, covered = [], [], 0
    for _ in range(300):
        names, true = np.repeat(list("abcdefghij"), 6), random.normal(2, 1, 60)
        first, second = true + random.normal(0, 1, 60), true + random.normal(0, 1, 60)
        low = random.permutation(np.argsort(first)[:20])
        table = pd.DataFrame(
            {"practitioner": names[low], "before": first[low], "after": second[low], "coached": np.arange(20) < 10}
        )
        found = against_waiting(table)
        assert found.value is not None and found.interval is not None
        gains.append(float((second - first)[low[:10]].mean()))
        effects.append(found.value)
        covered += found.interval.low <= 0 <= found.interval.high
    assert np.mean(gains) > 0.6 and abs(np.mean(effects)) < 0.1
    assert 0.92 <= covered / 300 <= 0.99


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([("a", 1, 2, True), ("b", 1, 2, True), ("b", 1, None, False), ("c", 2, 2, False)], "There are fewer than two coached or fewer than two waiting cases, so there is nothing to compare."),
        ([("a", 1, 2, True), ("a", 1, 2, True), ("a", 1, 1, False), ("a", 2, 2, False)], "All cases are of one practitioner, so nothing shows how practitioners differ."),
        ([("a", 1, 2, True), ("b", 1, 2, True), ("a", 2, 1, False), ("b", 2, 2, False)], "The first scores alone say who was coached, so coaching and first score cannot be told apart."),
        ([("a", 1, 2, True), ("b", 1, 2, True), ("a", 1, 1, False), ("b", 1, 1, False)], "The cases vary too little for an interval."),
    ],
)  # fmt: skip
def test_what_a_waiting_group_cannot_say(rows: list[tuple[str, float | None, float | None, bool]], reason: str) -> None:
    found = against_waiting(group(rows))
    assert found.interval is None and found.reason == reason
