"""Ratings as tables, raters beside others and beside a reference, drift of a group, criteria, rounds and the sentences."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sampling.errors import ProgramError
from sampling.evidence.agreement.coefficients import exact_agreement, gwet_ac, krippendorff_alpha
from sampling.evidence.agreement.data import Ratings, from_levels, overlap, rating_table
from sampling.evidence.agreement.drift import drift, group_levels
from sampling.evidence.agreement.intervals import Uncertainty
from sampling.evidence.agreement.raters import rater_facts
from sampling.evidence.agreement.reference import against_reference
from sampling.evidence.agreement.sentences import (
    STANDING_SENTENCE,
    agreement_sentence,
    criterion_sentence,
    rounds_sentence,
    split_sentence,
)
from sampling.evidence.agreement.standard import at_each_standard, at_the_standard, met
from sampling.evidence.agreement.summaries import (
    CONFORMITY,
    between_rounds,
    criteria_by_spread,
    difference_table,
)
from sampling.evidence.agreement.totals import intraclass_correlations, total_scores

X = math.nan


def frame(rows: Sequence[tuple[str, str, str, int | None, str]]) -> pd.DataFrame:
    """Returns a tidy frame of (case, rater, criterion, level, code)."""
    table = pd.DataFrame(rows, columns=["case", "rater", "criterion", "level", "code"])
    return table.astype({"level": "Int64"})


def one_criterion(levels: dict[str, Sequence[int | None]], criterion: str = "plan") -> pd.DataFrame:
    """Returns a frame of one criterion from the levels of each rater, case by case."""
    return frame(
        [
            (f"v{case}", rater, criterion, level, "" if level is not None else "not_scored")
            for rater, given in levels.items()
            for case, level in enumerate(given, start=1)
        ]
    )


def given(ratings: Ratings) -> list[list[float | None]]:
    return [[None if math.isnan(level) else float(level) for level in row] for row in ratings.levels]


# Tables


def test_a_tidy_frame_becomes_cases_by_raters() -> None:
    tidy = one_criterion({"ann": [0, None, 2, None], "bob": [1, 3, None, None], "cy": [None] * 4})
    ratings = rating_table(tidy, "plan")
    assert (ratings.cases, ratings.raters, ratings.silent) == (("v1", "v2", "v3"), ("ann", "bob"), ("cy",))
    assert given(ratings) == [[0, 1], [None, 3], [2, None]]
    assert (ratings.unrated, ratings.coded, ratings.scale) == (1, 8, (0, 1, 2, 3))
    found = overlap(ratings)
    assert (found.cases, found.rows, found.raters, found.ratings, found.shared) == (3, 3, 2, 4, 1)
    assert found.notes == (
        "2 rows with one rating: no other rater rated the same, so agreement does not rest on them.",
        "1 row without any level left out.",
        "8 ratings by a code in place of a level: no agreement is counted on these.",
        "1 rater without any level left out.",
    )


def test_raters_without_a_shared_case_are_found() -> None:
    found = overlap(from_levels([[1, 2, X, X], [1, 1, X, X], [X, X, 2, 3]]))
    assert found.groups == (("rater 1", "rater 2"), ("rater 3", "rater 4"))
    assert found.notes[0].startswith("The raters fall into 2 groups that share no case")
    chained = overlap(from_levels([[1, 2, X], [X, 2, 3]]))
    assert len(chained.groups) == 1
    assert chained.notes == ("2 pairs of 3 share a case; the others are linked through further raters.",)


def test_all_criteria_together_keep_a_case_together() -> None:
    both = pd.concat([one_criterion({"a": [1, 2], "b": [1, 3]}), one_criterion({"a": [0, 2], "b": [1, 2]}, "risk")])
    ratings = rating_table(both)
    assert (ratings.cases, ratings.criteria) == (("v1", "v1", "v2", "v2"), ("plan", "risk", "plan", "risk"))
    assert ratings.clusters == 2 and ratings.cluster.tolist() == [0, 0, 1, 1]
    assert exact_agreement(ratings).basis == "4 shared ratings of criteria in 2 cases"


@pytest.mark.parametrize(
    ("tidy", "message"),
    [
        (one_criterion({"a": [1]}).drop(columns="rater"), "The table of ratings has no column rater."),
        (frame([("v", "a", "c", 4, "")]), "A level is none of 0, 1, 2, 3."),
        (
            frame([("v", "a", "c", 1, ""), ("v", "a", "c", 2, "")]),
            "A rater has two ratings of one criterion of one case",
        ),
    ],
)
def test_frames_that_are_not_ratings_are_refused(tidy: pd.DataFrame, message: str) -> None:
    with pytest.raises(ProgramError, match=message):
        rating_table(tidy)


def test_a_practitioner_column_is_needed_to_go_by_practitioner() -> None:
    with pytest.raises(ProgramError, match="The table of ratings has no column practitioner."):
        rating_table(one_criterion({"a": [1]}), by_practitioner=True)


def test_no_ratings_at_all() -> None:
    ratings = rating_table(frame([]))
    assert overlap(ratings).rows == 0 and rater_facts(ratings) == ()
    assert (
        krippendorff_alpha(ratings, "nominal").reason
        == "No case was rated by two raters, so there is nothing to compare."
    )


def test_totals_are_of_all_criteria_or_none() -> None:
    plan = one_criterion({"a": [1, 2, 3], "b": [1, 3, 3]})
    risk = one_criterion({"a": [0, 2, None], "b": [1, 2, 3]}, "risk")
    totals = total_scores(pd.concat([plan, risk]))
    assert np.array_equal(totals, [[1, 2], [4, 5], [X, 6]], equal_nan=True)
    assert intraclass_correlations(totals)[0].notes == ("1 case without a total of every rater left out.",)
    assert intraclass_correlations(total_scores(frame([])))[0].value is None
    with pytest.raises(ProgramError, match="A rater has two ratings of one criterion of one case"):
        total_scores(pd.concat([plan, plan]))


# Raters beside the others


def test_what_a_rater_did_by_hand() -> None:
    """Rater 1 gives 3, 1, 2 where the others' means are 2, 1 and 2.5: on average 1/6 higher."""
    facts = rater_facts(from_levels([[3, 2, 2], [1, 1, X], [2, 3, 2], [0, X, X]]))[0]
    assert facts.difference.value == pytest.approx((1 + 0 - 0.5) / 3)
    assert (facts.ratings, facts.shared, facts.levels) == (4, 3, (1, 1, 1, 1))
    assert (
        facts.within_one == 1 and facts.middle == pytest.approx(2 / 3) and facts.others_middle == pytest.approx(4 / 5)
    )
    assert (facts.at_standard, facts.consensus_at_standard, facts.with_consensus) == (2 / 3, 2 / 3, 1)
    assert facts.difference.method == "mean difference of levels, CR2 standard error over cases"


def test_central_tendency_is_said_where_others_use_the_ends() -> None:
    ends = [[1, 0, 0], [2, 3, 3], [1, 0, 1], [2, 3, 2], [1, 0, 0], [2, 3, 3], [1, 1, 0], [2, 3, 3]]
    facts = rater_facts(from_levels(ends))
    assert facts[0].notes == (
        "Never gave 0 or 3 in 8 ratings; the others gave them in 81% of theirs of the same cases.",
    )
    assert facts[1].notes == ()
    assert rater_facts(from_levels(ends[:7]))[0].notes == ()  # too few ratings for a habit


def test_a_rater_alone_is_said_to_be() -> None:
    alone = rater_facts(from_levels([[1, 2, X], [2, 2, X], [X, X, 3]]))[2]
    assert alone.ratings == 1 and alone.shared == 0 and alone.within_one is None
    assert alone.difference.reason == "No other rater rated the same cases."


def test_each_row_is_held_against_the_standard_of_its_own_rubric() -> None:
    ratings = from_levels([[1, 2, 1], [1, 2, 1], [3, 2, X]])
    found = at_each_standard(ratings, [2, 1, 3])
    assert met(ratings, [2, 1, 3]).levels[:, :2].tolist() == [[0, 1], [1, 1], [1, 0]]
    assert found.exact.value == pytest.approx((1 + 3 + 0) / 7) and found.prevalence == pytest.approx(5 / 8)
    alike, usual = at_each_standard(ratings, [2] * 3), at_the_standard(ratings)
    assert (alike.ac1.value, alike.kappa.value) == (usual.ac1.value, usual.kappa.value)


# Raters beside a reference


def test_drift_against_agreed_levels() -> None:
    agreed = {(f"case {place}", ""): level for place, level in enumerate([0, 1, 2, 3, 2, 1, 2, 3], start=1)}
    own = [[1, 0], [2, 1], [3, 2], [3, 3], [3, 2], [1, 1], [3, 2], [3, 0]]
    lenient, slip = against_reference(from_levels(own), agreed)
    assert lenient.bias.value == pytest.approx(5 / 8) and lenient.exact == 3 / 8 and lenient.within == 1
    assert lenient.bias.interval is not None and lenient.bias.interval.low > 0
    assert lenient.sentence == (
        "100% of 8 ratings within 1 level of the agreed level; on average 0.6 of a level above (95% CI +0.2 to +1.1)."
    )
    assert (slip.exact, slip.within, slip.outside) == (7 / 8, 7 / 8, 1)
    assert (
        slip.sentence
        == "88% of 8 ratings within 1 level of the agreed level; no lean to higher or lower levels is shown."
    )
    assert lenient.kappa.value is not None and lenient.kappa.raters == 2
    assert lenient.within_interval is not None and lenient.within_interval.low == pytest.approx(0.025 ** (1 / 8))


def test_a_wider_tolerance_and_too_few_or_no_references() -> None:
    ratings = from_levels([[0, X], [3, X], [1, 2]])
    agreed = {("case 1", ""): 2, ("case 2", ""): 3}
    first, second = against_reference(ratings, agreed, tolerance=2)
    assert (first.n, first.within, first.outside) == (2, 1, 0)
    assert first.sentence == (
        "100% of 2 ratings within 2 levels of the agreed level. With fewer than 5 nothing is said about a lean either way."
    )
    assert (second.n, second.within, second.sentence) == (0, None, "No rating of a case with an agreed level.")
    assert second.bias.reason == "There is no rating to compare."


# A group then and a group now, on the same case


def group(levels: Sequence[Sequence[int | None]]) -> pd.DataFrame:
    """Returns a tidy frame of one case from levels by criterion and rater."""
    rows = [("v1", f"r{rater}", f"c{row}", level, "") for row, given in enumerate(levels) for rater, level in enumerate(given)]  # fmt: skip
    return frame(rows)


def test_drift_of_a_group_is_welchs_test_of_raters_means() -> None:
    then = [[3, 2, 3, 2, 3, 3], [2, 2, 3, 1, 2, 3]]
    now = [[1, 2, 2, 1, 2, 2, 1], [1, 1, 2, 0, 1, 2, 2]]
    found = drift(group(then), group(now), least=5, since="20 August 2026")
    means = [np.mean(given, axis=0) for given in (now, then)]
    ends = stats.ttest_ind(*means, equal_var=False).confidence_interval()
    assert found.interval is not None and found.change == pytest.approx(means[0].mean() - means[1].mean())
    assert (found.interval.low, found.interval.high) == pytest.approx((ends.low, ends.high))
    assert found.sentence == (
        "Since 20 August 2026 the thresholds have become stricter: levels are 0.99 lower on average, 95% CI -1.68 to -0.29 (6 raters then, 7 now, 2 criteria). "
        "At the standard were 92% of levels then and 50% now (change 95% CI -81 to -2 percentage points)."
    )
    assert drift(group(now), group(then), least=5).verdict == "more lenient"


def test_drift_is_open_with_few_raters_and_thresholds_hold_with_many() -> None:
    few, many = [[1, 3, 2, 0, 2]], [[1, 2, 2, 2, 1, 2, 3, 2, 2, 2, 1, 2] * 6] * 3
    found = drift(group(few), group(few), least=5)
    assert (found.verdict, found.change) == ("open", 0)
    assert "levels are the same on average" in found.sentence and "one of half a level or more is not ruled out" in found.sentence  # fmt: skip
    assert drift(group(many), group(many), least=5).verdict == "hold"
    lower = [[max(level - (place % 4 == 0), 0) for place, level in enumerate(many[0])]] * 3
    told = drift(group(many), group(lower), least=5)
    assert told.verdict == "stricter" and "That is less than half a level." in told.sentence


def test_drift_without_variation_or_levels_is_said_in_words() -> None:
    same = drift(group([[2] * 5]), group([[2] * 6]), least=5)
    assert (same.verdict, same.interval) == ("open", None) and "so there is no interval" in same.sentence
    assert drift(group([[2] * 4]), group([[2] * 6]), least=5).sentence == (
        "No criterion had 5 levels both times, so nothing can be compared."
    )
    apart = drift(group([[2] * 6, [None] * 6]), group([[1] * 4 + [None] * 2, [3] * 6]), least=5)
    assert apart.verdict == "none" and group_levels(group([[None] * 3])) is None
    given = group_levels(group([[0, 2, 3, 3, None]]))
    assert given is not None and (given.raters, given.levels, given.at_standard) == (4, (1, 0, 1, 2), 0.75)
    assert 0 < given.interval.low < 0.75 < given.interval.high < 1


def test_drift_finds_a_known_change_and_seldom_one_that_is_none() -> None:
    draw = np.random.default_rng(11)

    def levels(raters: int, strict: float) -> pd.DataFrame:
        felt = (
            np.array([0.7, 1.2, 1.8, 2.2])[:, None]
            - strict
            - draw.normal(0, 0.4, raters)
            + draw.normal(0, 0.5, (4, raters))
        )
        return group(np.clip(np.rint(felt), 0, 3).astype(int).tolist())  # fmt: skip

    verdicts = [drift(levels(10, 0), levels(10, strict), least=5).verdict for strict in (0, 0.8) for _ in range(25)]
    moved = sum(one in ("stricter", "more lenient") for one in verdicts[:25])
    assert moved <= 4  # one is expected; more than four once in 140
    assert verdicts[25:].count("stricter") >= 18 and verdicts[25:].count("more lenient") == 0


# Criteria, rounds, two raters


def test_criteria_that_split_the_group_come_first() -> None:
    calm = one_criterion({name: [2] for name in "abcdef"}, "calm")
    torn = one_criterion(dict(zip("abcdef", [[0], [1], [1], [2], [3], [3]], strict=True)), "torn")
    lone = one_criterion({"a": [1]}, "alone")
    first, second, third = criteria_by_spread(pd.concat([calm, torn, lone]))
    assert [row.criterion for row in (first, second, third)] == ["torn", "calm", "alone"]
    assert (first.levels, first.at_standard, first.below, first.split_cases) == ((1, 2, 1, 2), 3, 3, 1)
    assert first.apart == pytest.approx(np.mean([1, 1, 2, 3, 3, 0, 1, 2, 2, 1, 2, 2, 1, 1, 0]))
    assert (second.apart, second.exact, second.within_one, second.split_cases) == (0, 1, 1, 0)
    assert third.apart is None
    assert criterion_sentence(first) == (
        "torn: 3 of 6 levels at 2 or above; 13% of pairs of raters gave the same level. The group splits at the threshold."
    )
    assert criterion_sentence(third) == "alone: 1 rater, level 1."


def test_two_rounds_by_those_who_were_in_both() -> None:
    before = one_criterion({"a": [1], "b": [3], "c": [2], "d": [0], "e": [2], "left": [0]})
    after = one_criterion({"a": [2], "b": [2], "c": [2], "d": [1], "e": [None], "came": [3]})
    (change,) = between_rounds(before, after)
    assert (change.both, change.up, change.down, change.same, change.crossed) == (4, 2, 1, 1, 1)
    assert change.first.exact == 0 and change.second.exact == 0.5
    assert change.apart_change == pytest.approx(3 / 6 - 10 / 6)
    assert change.label == CONFORMITY
    assert rounds_sentence(change) == f"plan: 4 ratings in both rounds, too few to show. {CONFORMITY}"
    assert between_rounds(before, one_criterion({"z": [1]})) == ()


def test_five_in_both_rounds_are_shown_with_the_label() -> None:
    before, after = one_criterion(dict.fromkeys("abcde", [1])), one_criterion(dict.fromkeys("abcde", [2]))
    (change,) = between_rounds(before, after)
    assert change.crossed == 5
    assert rounds_sentence(change) == (
        "plan: of 5 ratings 5 went up, 0 down, 0 stayed; pairs with the same level went from 100% to 100%. "
        "Convergence after talking is partly conformity: the second round was scored knowing the first."
    )


def test_two_raters_level_by_level() -> None:
    ratings = rating_table(one_criterion({"a": [0, 1, 2, 3, 3, None], "b": [0, 2, 2, 1, None, 1], "c": [None] * 6}))
    table = difference_table(ratings, "a", "b")
    assert table.counts == ((1, 0, 0, 0), (0, 0, 1, 0), (0, 0, 1, 0), (0, 1, 0, 0))
    assert (table.n, table.exact, table.within_one, table.higher, table.lower) == (4, 0.5, 0.75, 1, 1)
    assert difference_table(ratings, "a", "c").exact is None
    with pytest.raises(ProgramError, match="There is no rater nobody in this table."):
        difference_table(ratings, "a", "nobody")


# GRRAS and sentences


def test_the_standing_sentence_is_that_of_the_design() -> None:
    assert STANDING_SENTENCE == (
        "Shows how this group applied the thresholds today; it does not measure any one person, and training may not change it."
    )


@pytest.mark.parametrize(
    ("levels", "said"),
    [
        ([3] * 4 + [2] * 5 + [1] * 5, "14 raters: 9 at 2 or above, 5 below. The group splits at the threshold."),
        ([2] * 13 + [1], "14 raters: 13 at 2 or above, 1 below. All but 1 are on one side of the threshold."),
        ([2, 2, 3, 3, 2], "5 raters: 5 at 2 or above, 0 below. All are on one side of the threshold."),
        ([1] * 6, "6 raters: 0 at 2 or above, 6 below. All gave the same level."),
        ([0, 1, 1, 3], "4 raters: levels 0 to 3."),
        ([2], "1 rater: level 2."),
        ([], "No rater has given a level."),
    ],
)
def test_the_finding_in_words(levels: list[int], said: str) -> None:
    assert split_sentence(levels) == said


def test_a_coefficient_in_words() -> None:
    ratings = from_levels([[1, 1, 2], [2, 2, 2], [3, 3, 2], [0, 0, 0], [2, 3, 3], [1, 1, 1]])
    said = agreement_sentence(gwet_ac(ratings, "quadratic", Uncertainty(other_raters=True)))
    assert said.startswith(
        "Gwet's AC2, quadratic weights: 0.87 (95% CI 0.73 to 1.00 for these raters, 0.50 to 1.00 for others"
    )
    assert "like them; 6 shared cases, 3 raters). The lower end of the interval, 0.50, is below 0.667:" in said
    assert agreement_sentence(exact_agreement(ratings)).startswith("Exact agreement: 67% of pairs of ratings (95% CI ")
    assert agreement_sentence(gwet_ac(from_levels([[2, 2]] * 3))).startswith(
        "Gwet's AC1 cannot be given. No variation: every level is 2"
    )
