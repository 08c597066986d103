"""The measures of a report: counts and codes, the three headlines, and the spread between practitioners."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sampling.errors import ProgramError
from sampling.evidence.measures import RATIONALE, REVIEW, REVIEW_NOTE, criterion_measures, headline_measures
from sampling.evidence.spread import between_practitioners

Level = int | str


def service(
    levels: dict[str, dict[str, list[Level]]], *, size: int = 20, digest: str = "aa"
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Returns (scores, design) of one draw: practitioner -> ref -> level (or code) of each drawn case."""
    scores, design = [], []
    for practitioner, refs in levels.items():
        place = {
            "draw_id": "d1",
            "period": "2026-10",
            "team": "t1",
            "practitioner": practitioner,
            "stratum": "volatile",
        }
        drawn = max(len(values) for values in refs.values())
        design.append({**place, "kind": "volatile", "population": size, "drawn": drawn})
        for ref, values in refs.items():
            rubric, criterion = ref.split("/")
            for number, value in enumerate(values):
                coded = isinstance(value, str)
                scores.append(
                    {**place, "case": f"{practitioner}{number}", "stage": "first", "rubric": rubric, "criterion": criterion, "ref": ref,
                     "level": None if coded else value, "code": value if coded else "", "rubric_digest": digest}
                )  # fmt: skip
    table = pd.DataFrame(scores)
    return table.astype({"level": "Int64"}), pd.DataFrame(design)


TWO = {
    "a": {RATIONALE: [3, 1], REVIEW: [2, "not_applicable"]},
    "b": {RATIONALE: [2, 0], REVIEW: [0, "not_accessible"]},
}


def test_counts_stand_with_both_codes_beside_the_denominator() -> None:
    first, second = criterion_measures(*service(TWO))
    assert (first.ref, second.ref) == (RATIONALE, REVIEW)
    assert first.counts.by_level == (1, 1, 1, 1) and first.counts.at_standard == 2 and first.counts.scored == 4
    counts = second.counts
    assert (counts.scored, counts.not_applicable, counts.not_accessible, counts.not_scored) == (2, 1, 1, 0)
    assert first.meets.value == 0.5 and first.mean.value == 1.5
    assert first.profile == pytest.approx((0.25,) * 4)


def test_the_profile_of_levels_is_that_of_the_frame() -> None:
    """Two of 4 cases of "a", two of 20 of "b": level 3 stands for 2 cases, level 1 for 2 + 10, level 0 for 10."""
    scores, design = service({"a": {RATIONALE: [3, 1]}, "b": {RATIONALE: [1, 0]}})
    found = criterion_measures(scores, design.assign(population=[4, 20]))[0]
    assert found.profile == pytest.approx((10 / 24, 12 / 24, 0, 2 / 24))


def test_a_drawn_case_without_a_rating_is_not_scored_yet() -> None:
    scores, design = service(TWO)
    first, second = criterion_measures(scores[scores["case"] != "a1"].replace({"code": {"not_accessible": ""}}), design)
    assert first.counts.not_scored == 1
    assert (second.counts.scored, second.counts.not_scored) == (2, 2)


def test_the_pass_level_is_the_rubric_s() -> None:
    measures = criterion_measures(*service(TWO), pass_levels={"escalation_rationale": 3})
    assert measures[0].pass_level == 3 and measures[0].counts.at_standard == 1 and measures[0].meets.value == 0.25


def test_only_the_stage_asked_for_is_counted() -> None:
    scores, design = service(TWO)
    later = scores.assign(stage="follow_up-1", level=3)
    both = pd.concat([scores, later.astype({"level": "Int64"})])
    assert criterion_measures(both, design)[0].mean.value == 1.5
    assert criterion_measures(both, design, stage="follow_up-1")[0].mean.value == 3
    assert criterion_measures(scores, design, stage="second") == ()


def test_one_practitioner_s_month_is_refused() -> None:
    scores, design = service({"a": TWO["a"]})
    measure = criterion_measures(scores, design, level="team")[0]
    assert measure.meets.value is None and measure.profile is None
    assert measure.meets.reason.startswith("No figure is given for one practitioner")


def test_one_practitioner_who_alone_was_scored_is_refused_like_one_who_stands_alone() -> None:
    other = {ref: ["not_applicable"] * len(levels) for ref, levels in TWO["b"].items()}
    measure = criterion_measures(*service({"a": TWO["a"], "b": other}))[0]
    assert measure.counts.scored > 0 and measure.meets.value is None and measure.mean.value is None
    assert measure.meets.reason.startswith("No figure is given for one practitioner")


def test_scores_by_two_versions_of_a_rubric_are_not_put_together() -> None:
    (one, design), (other, _) = service({"a": TWO["a"]}), service({"b": TWO["b"]}, digest="bb")
    scores = pd.concat([one, other])
    design = pd.concat([design, service({"b": TWO["b"]})[1]])
    measure = criterion_measures(scores, design)[0]
    words = "The scores were made with 2 versions of the rubric, so they are not put together. Look at each version by itself, or re-score."
    assert measure.meets.reason == measure.mean.reason == words and measure.profile is None
    headlines = headline_measures(scores, design)
    assert headlines.variation.reason == headlines.review_missing.reason == words


def test_the_three_headlines() -> None:
    levels: dict[str, dict[str, list[Level]]] = {
        name: {RATIONALE: [level, level], REVIEW: [level, level - 1]}
        for name, level in zip("abcdef", (1, 2, 3, 1, 2, 3), strict=True)
    }
    found = headline_measures(*service(levels))
    assert found.rationale.mean.value == 2 and found.rationale.meets.value == pytest.approx(8 / 12)
    assert found.review_missing.value == pytest.approx(1 - 6 / 12) and found.review_counts.scored == 12
    assert found.review_missing.notes[0] == REVIEW_NOTE
    interval = found.review_missing.interval
    assert interval is not None and interval.low == pytest.approx(
        1 - interval.high
    )  # half: the interval is its own mirror
    assert found.variation.value is not None and found.variation.practitioners == 6


def test_the_headlines_are_held_against_the_rubric_s_own_pass_level() -> None:
    levels: dict[str, dict[str, list[Level]]] = {name: {RATIONALE: [2, 3], REVIEW: [2, 3]} for name in "ab"}
    found = headline_measures(*service(levels), pass_levels={"escalation_rationale": 3})
    assert found.rationale.pass_level == 3 and found.rationale.meets.value == 0.5
    assert found.review_missing.value == 0.5 and found.review_counts.at_standard == 2


def test_headlines_without_their_criterion_say_so() -> None:
    found = headline_measures(*service({"a": {"x/y": [1, 2]}, "b": {"x/y": [1, 2]}}))
    assert found.rationale.mean.reason == "No drawn case has a level here, so there is nothing to estimate from."
    assert found.review_missing.value is None and found.rationale.counts.not_scored == 4
    assert (
        found.variation.reason
        == "0 practitioners with scored cases: there is no spread between practitioners to speak of."
    )


def test_the_complement_turns_bounds_intervals_and_plain_share_round() -> None:
    """Levels 2, 1, 1 of "a" (20 cases, 4 drawn) and 3, 0 of "b" with one not accessible: two of five met the standard."""
    levels: dict[str, dict[str, list[Level]]] = {
        "a": {RATIONALE: [2] * 4, REVIEW: [2, 1, 1, "not_applicable"]},
        "b": {RATIONALE: [2] * 3, REVIEW: [3, 0, "not_accessible"]},
    }
    meets = criterion_measures(*service(levels))[1].meets
    found = headline_measures(*service(levels)).review_missing
    # a stands for 5 cases each, b for 10 each: met 5 + 10 of 15 + 20; with the missing one (20/3 each) failing, then passing
    assert meets.value == pytest.approx(15 / 35) and found.value == pytest.approx(20 / 35)
    assert (meets.unweighted, found.unweighted) == (pytest.approx(2 / 5), pytest.approx(3 / 5))
    low, high = (5 + 20 / 3) / 35, (5 + 40 / 3) / 35
    assert meets.bounds == (pytest.approx(low), pytest.approx(high))
    assert found.bounds == (pytest.approx(1 - high), pytest.approx(1 - low))
    for mine, other in ((found.interval, meets.interval), (found.second, meets.second)):
        assert mine is not None and other is not None and mine.low < 20 / 35 < mine.high
        assert (mine.low, mine.high) == (pytest.approx(1 - other.high), pytest.approx(1 - other.low))
    assert found.standard_error == meets.standard_error


def test_a_tabled_case_is_no_drawn_case_in_any_count() -> None:
    scores, design = service(TWO)
    tabled = scores.iloc[[0, 2]].assign(stratum="tabled", case="x", level=0).astype({"level": "Int64"})
    for one, other in zip(
        criterion_measures(pd.concat([scores, tabled]), design), criterion_measures(scores, design), strict=True
    ):
        assert one.counts == other.counts and one.counts.scored == one.mean.n
        assert any(note.startswith("1 scored case of no stratum of the draw (tabled") for note in one.mean.notes)
    both = headline_measures(pd.concat([scores, tabled]), design), headline_measures(scores, design)
    assert both[0].variation == both[1].variation and both[0].review_counts == both[1].review_counts


def test_a_table_without_its_columns_is_a_fault_of_the_program() -> None:
    scores, design = service(TWO)
    with pytest.raises(ProgramError, match="The table of scores has no column ref, rubric_digest"):
        criterion_measures(scores.drop(columns=["ref", "rubric_digest"]), design)


def test_ten_thousand_practitioners_and_a_criterion() -> None:
    """No time is measured here: a loop over the practitioners would overrun the limit of a test many times over."""
    random = np.random.default_rng(2)
    n = 10_000
    place = {"draw_id": "d1", "period": "2026-10", "stratum": "volatile"}
    design = pd.DataFrame(
        {
            "practitioner": [f"p{i}" for i in range(n)],
            "team": "t1",
            **place,
            "kind": "volatile",
            "population": 20,
            "drawn": 2,
        }
    )
    scores = design.loc[design.index.repeat(2)].reset_index(drop=True)
    rubric, criterion = RATIONALE.split("/")
    scores = scores.assign(
        case=[f"c{i}" for i in range(2 * n)], stage="first", ref=RATIONALE, rubric=rubric, criterion=criterion,
        level=random.integers(0, 4, 2 * n), code="", rubric_digest="aa",
    )  # fmt: skip
    found = headline_measures(scores, design)
    assert found.rationale.counts.scored == 20_000 and found.variation.practitioners == n
    assert found.variation.share == pytest.approx(0, abs=0.03)


# Spread


def spread_table(groups: dict[str, list[float]]) -> pd.DataFrame:
    """Returns one row a case."""
    return pd.DataFrame(
        [(name, value) for name, values in groups.items() for value in values], columns=["practitioner", "value"]
    )


DYESTUFF = {
    "A": [1545, 1440, 1440, 1520, 1580],
    "B": [1540, 1555, 1490, 1560, 1495],
    "C": [1595, 1550, 1605, 1510, 1560],
    "D": [1445, 1440, 1595, 1465, 1545],
    "E": [1595, 1630, 1515, 1635, 1625],
    "F": [1520, 1455, 1450, 1480, 1445],
}


def test_davies_dyestuff_between_batches() -> None:
    """Davies, Statistical Methods in Research and Production: variance between batches 1764, within 2451.25 (Searle et al., Bates)."""
    found = between_practitioners(
        spread_table({name: [float(v) for v in values] for name, values in DYESTUFF.items()}), scale=(0, 9999)
    )
    assert found.value == pytest.approx(math.sqrt(1764.05), abs=0.01) and found.within == pytest.approx(
        math.sqrt(2451.25)
    )
    # balanced: Wald's interval is the textbook F interval of the ratio, (F/F_quantile - 1)/n
    f = 11271.5 / 2451.25
    low = (f / stats.f.ppf(0.975, 5, 24) - 1) / 5
    high = (f / stats.f.ppf(0.025, 5, 24) - 1) / 5
    assert found.interval is not None and found.interval.low == pytest.approx(math.sqrt(low * 2451.25))
    assert found.interval.high == pytest.approx(math.sqrt(high * 2451.25))
    assert found.plain == pytest.approx(math.sqrt(11271.5 / 5))  # of the means of five, without their chance
    assert found.share == pytest.approx(1764.05 / (1764.05 + 2451.25))
    assert found.share_interval is not None
    assert found.share_interval.low == pytest.approx(low / (1 + low)) and found.share_interval.high == pytest.approx(
        high / (1 + high)
    )


def test_shrinking_draws_means_of_few_cases_further_in() -> None:
    groups = {"a": [0.0, 1.0], "b": [2.0, 3.0], "c": [0.0, 1.0, 0.0, 1.0, 0.0, 1.0], "d": [2.0, 3.0] * 3}
    found = between_practitioners(spread_table(groups))
    low, lower, higher, high = sorted(found.shrunken)
    assert 0.5 < low < lower < 1.5 < higher < high < 2.5
    assert found.four_in_five is not None and found.four_in_five[0] < 0.5 < 2.5 < found.four_in_five[1]


def test_the_plain_spread_is_wide_where_all_practitioners_are_alike() -> None:
    """What the largest less the smallest would report as variation: 200 services of 10 alike practitioners with two cases each."""
    random = np.random.default_rng(3)
    inside = 0
    for _ in range(200):
        found = between_practitioners(spread_table({str(i): list(random.normal(2, 0.8, 2)) for i in range(10)}))
        assert found.plain is not None and found.interval is not None and found.value is not None
        assert found.plain > 0.2
        inside += found.interval.low == 0
    assert inside / 200 > 0.94


def test_the_interval_of_the_share_covers_with_unequal_numbers() -> None:
    """400 services, share between .36 / (.36 + .64); two standard errors of 95% are 2.2 points."""
    random = np.random.default_rng(4)
    covered = 0
    for _ in range(400):
        own = random.normal(0, 0.6, 12)
        groups = {str(i): list(2 + own[i] + random.normal(0, 0.8, 1 + i % 5)) for i in range(12)}
        interval = between_practitioners(spread_table(groups)).share_interval
        assert interval is not None
        covered += interval.low <= 0.36 <= interval.high
    assert 0.925 <= covered / 400 <= 0.975


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abcdefg"), st.integers(0, 3)), min_size=0, max_size=30), st.integers(0, 99))
def test_spread_is_never_nan_and_ignores_order_and_shifts(rows: list[tuple[str, int]], seed: int) -> None:
    table = pd.DataFrame(rows, columns=["practitioner", "value"]).astype({"value": "Float64"})
    found = between_practitioners(table)
    again = between_practitioners(
        table.sample(frac=1, random_state=seed).assign(value=lambda t: t["value"] + 5), scale=(5, 8)
    )
    assert (found.value is None) == bool(found.reason) and found.reason == again.reason
    if found.value is not None and found.interval is not None and again.value is not None:
        assert 0 <= found.interval.low <= found.interval.high and math.isfinite(found.interval.high)
        assert found.value == pytest.approx(again.value, abs=1e-6)


@pytest.mark.parametrize(
    ("groups", "reason"),
    [
        ({"a": [1, 2, 3]}, "1 practitioner with scored cases: there is no spread between practitioners to speak of."),
        ({"a": [1], "b": [2], "c": [3]}, "Each practitioner has one scored case, so differences between practitioners cannot be told from differences between cases."),
        ({"a": [2, 2], "b": [2]}, "The 3 scored cases show no variation at all."),
        ({"a": [2, 2], "b": [1, 1]}, "The 4 scored cases show no variation within any practitioner, so chance cannot be told from difference."),
    ],
)  # fmt: skip
def test_what_spread_cannot_say(groups: dict[str, list[float]], reason: str) -> None:
    found = between_practitioners(spread_table(groups))
    assert found.value is None and found.interval is None and found.reason == reason
