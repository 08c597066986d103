"""Results in words: the patterns, good news and bad news alike, and each "cannot be said" with its reason."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.evidence import sentences as words
from sampling.evidence.clustered import ClusteredMean
from sampling.evidence.comparability import BreakPoint, Comparability
from sampling.evidence.estimates import difference
from sampling.evidence.mcnemar import paired_shares
from sampling.evidence.measures import Counts
from sampling.evidence.paired import PairedChange, Reference, paired_change
from sampling.evidence.regression_to_mean import Retest, assumed_retest, regression_to_mean
from sampling.evidence.results import Estimate, Interval, PValue
from sampling.evidence.spread import Spread
from sampling.evidence.waiting_group import WaitingComparison
from sampling.evidence.wilcoxon import signed_ranks


def share(value: float, low: float, high: float, n: int = 35, population: int = 300) -> Estimate:
    """Returns a weighted share."""
    return Estimate(value, Interval(low, high, "beta"), n, population, "share", unweighted=0.486)


NOTHING = Estimate(
    None, None, 0, 0, "share", reason="No drawn case has a level here, so there is nothing to estimate from."
)


def paired(
    improved: int, unchanged: int, worsened: int, *, p: float | None, mean: float, reason: str = ""
) -> PairedChange:
    """Returns a change of re-scored cases."""
    return PairedChange(
        claim="repair", table=(), improved=improved, unchanged=unchanged, worsened=worsened, practitioners=10, left_out=0,
        mean=ClusteredMean(mean, Interval(mean - 0.5, mean + 0.5, "t"), 0.2, 8.0, improved + unchanged + worsened, 10),
        flip=PValue(p, 10, "sign-flip", reason=reason, side=0 if p is None else (mean > 0) - (mean < 0)), standard=None, standard_flip=None, ranks=signed_ranks([]),
        regression=regression_to_mean("random", [1], [1], mean_of_all=None, retest=assumed_retest()),
    )  # fmt: skip


REPAIR = "The same records were scored again after rewriting: this shows that a record can be put right, not that practice changed."


def test_a_share() -> None:
    assert words.share_sentence(share(0.653, 0.45, 0.81), "met the standard", "in months 1 to 12") == (
        "65% (weighted; 95% CI 45% to 81%; 35 of 300 cases; unweighted 49%) met the standard in months 1 to 12."
    )
    assert words.share_sentence(NOTHING, "met the standard", "in months 1 to 12") == (
        "What share met the standard in months 1 to 12 cannot be said. No drawn case has a level here, so there is nothing to estimate from."
    )
    bare = replace(share(0.5, 0, 1), interval=None, reason="There are too few.")
    assert words.share_sentence(bare, "met the standard", "in May") == (
        "50% (weighted; no interval; 35 of 300 cases; unweighted 49%) met the standard in May. There are too few."
    )


BOTH = (
    "40% (weighted; 95% CI 30% to 50%; 35 of 300 cases; unweighted 49%) met the standard in months 1 to 12. "
    "{} met the standard in months 13 to 24. "
)
WHEN = ("in months 1 to 12", "in months 13 to 24")


@pytest.mark.parametrize(
    ("after", "printed", "verdict"),
    [
        (share(0.7, 0.6, 0.8), "70% (weighted; 95% CI 60% to 80%; 35 of 300 cases; unweighted 49%)", "30 percentage points (95% CI 16 to 44): a rise that chance alone would rarely give."),
        (share(0.1, 0.05, 0.2), "10% (weighted; 95% CI 5% to 20%; 35 of 300 cases; unweighted 49%)", "-30 percentage points (95% CI -41 to -16): a fall that chance alone would rarely give."),
        (share(0.41, 0.3, 0.5), "41% (weighted; 95% CI 30% to 50%; 35 of 300 cases; unweighted 49%)", "1 percentage point (95% CI -14 to 14): chance alone could give this: no change is shown."),
    ],
)  # fmt: skip
def test_two_periods_good_bad_and_none(after: Estimate, printed: str, verdict: str) -> None:
    before = share(0.4, 0.3, 0.5)
    found = words.shares_sentence(before, after, difference(before, after), what="met the standard", when=WHEN)
    assert found == BOTH.format(printed) + "The difference is " + verdict


def test_the_worst_case_of_levels_and_of_their_change() -> None:
    one = replace(share(1.5, 1, 2), bounds=(1.2, 1.804))
    assert words.level_bounds_sentence(one, "the mean level") == (
        "Whatever the cases that could not be scored would have come to, the mean level lies between 1.20 and 1.80."
    )
    change = replace(one, bounds=(-0.1, 0.3), claim="improvement")
    assert words.level_bounds_sentence(change, "the change").endswith("the change lies between -0.10 and +0.30.")
    assert words.level_bounds_sentence(share(1.5, 1, 2), "the mean level") == ""


def test_two_periods_that_may_not_be_compared() -> None:
    before, after = share(0.4, 0.3, 0.5), share(0.7, 0.6, 0.8)
    change = difference(before, after, Comparability(("The sampling rule changed: a in x, b in y.",)))
    found = words.shares_sentence(before, after, change, what="met the standard", when=WHEN)
    assert found.endswith(
        "met the standard in months 13 to 24. The two are not compared. The sampling rule changed: a in x, b in y."
    )
    bare = replace(after, interval=None, reason="There are too few.")
    found = words.shares_sentence(before, bare, difference(before, bare), what="met the standard", when=WHEN)
    assert found.endswith("The difference is 30 percentage points; how sure that is cannot be said. There are too few.")


def test_a_mean_with_the_unweighted_one_beside() -> None:
    mean = Estimate(1.81, Interval(1.48, 2.14, "t"), 35, 300, "mean", unweighted=1.49)
    assert words.mean_sentence(mean, "Decision and reason", "in May") == (
        "The mean level of Decision and reason in May was 1.8 (weighted; 95% CI 1.48 to 2.14; 35 of 300 cases; unweighted 1.5)."
    )
    assert words.mean_sentence(NOTHING, "x", "in May").startswith(
        "The mean level of x in May cannot be said. No drawn case"
    )


def test_bounds_and_counts() -> None:
    assert words.bounds_sentence(NOTHING) == ""
    assert words.bounds_sentence(replace(share(0.5, 0, 1), bounds=(0.4, 0.62))) == (
        "Whatever the cases that could not be scored would have come to, the share that met the standard lies between 40% and 62%."
    )
    assert words.bounds_sentence(replace(share(0.5, 0, 1), bounds=(0.4, 0.62)), "the share without a date").endswith(
        " the share without a date lies between 40% and 62%."
    )
    assert words.counts_sentence(Counts(30, (5, 5, 10, 10), 20, 3, 2, 1)) == (
        "Of 36 drawn cases, 30 were scored, 3 not applicable, 2 record not accessible, 1 not scored."
    )


def test_re_scored_cases() -> None:
    assert words.paired_sentence(paired(18, 12, 6, p=0.0923, mean=0.4)) == (
        f"Of 36 re-scored cases 18 improved, 12 were unchanged and 6 worsened; allowing for 10 practitioners p = .09: not conclusive. {REPAIR}"
    )
    better, worse = paired(30, 5, 1, p=0.004, mean=1.0), paired(1, 5, 30, p=0.004, mean=-1.0)
    assert (
        "30 improved, 5 were unchanged and 1 worsened; allowing for 10 practitioners p = .004: more than chance would give, and on the whole improved."
        in words.paired_sentence(better)
    )
    assert (
        "1 improved, 5 were unchanged and 30 worsened; allowing for 10 practitioners p = .004: more than chance would give, and on the whole worsened."
        in words.paired_sentence(worse)
    )
    assert "p = .06 (adjusted for several items): not conclusive." in words.paired_sentence(
        replace(better, adjusted_p=0.06)
    )
    few = paired(4, 1, 0, p=None, mean=1.0, reason="There are only 4 practitioners.")
    assert (
        words.paired_sentence(few)
        == f"Of 5 re-scored cases 4 improved, 1 was unchanged and 0 worsened. There are only 4 practitioners. {REPAIR}"
    )
    assert (
        words.paired_sentence(paired(0, 0, 0, p=None, mean=0))
        == f"There are no re-scored cases with a level both times. {REPAIR}"
    )


def test_the_way_is_that_of_the_test_which_counts_each_practitioner_once() -> None:
    """Ten practitioners whose one case rose by a level, and one whose thirty fell: the test says improved, the mean of the cases -0.5."""
    rows = [(name, 1, 2) for name in "abcdefghij"] + [("z", 2, 1)] * 30
    pairs = pd.DataFrame(rows, columns=["practitioner", "before", "after"]).assign(case=range(len(rows)))
    change = paired_change(pairs, "repair", Reference("random"))
    back = paired_change(pairs.rename(columns={"before": "after", "after": "before"}), "repair", Reference("random"))
    assert change.mean.value == -0.5 and change.flip.p == pytest.approx(2 * (1 + 11) / 2**11)
    assert (change.flip.side, back.flip.side) == (1, -1)
    other = "(each practitioner counting once; the mean of all cases goes the other way)"
    assert f"more than chance would give, and on the whole improved {other}." in words.paired_sentence(change)
    assert f"more than chance would give, and on the whole worsened {other}." in words.paired_sentence(back)


def test_an_interval_that_leaves_none_out_is_not_printed_as_if_none_were_its_end() -> None:
    before, after = share(0.4, 0.3, 0.5), share(0.52, 0.46, 0.6)
    change = Estimate(0.12, Interval(0.004, 0.23, "MOVER"), 35, 300, "difference")
    found = words.shares_sentence(before, after, change, what="met the standard", when=WHEN)
    assert found.endswith(
        "The difference is 12 percentage points (95% CI 0.4 to 23): a rise that chance alone would rarely give."
    )
    mean = ClusteredMean(0.3, Interval(0.003, 0.597, "t"), 0.1, 8.0, 3, 10)
    assert "(95% CI +0.003 to +0.60, " in words.paired_mean_sentence(
        replace(paired(1, 1, 1, p=None, mean=0), mean=mean)
    )
    waiting = WaitingComparison(0.3, Interval(-0.6, -0.0001, "t"), 0.2, 6.0, 12, 11, 8)
    assert "95% CI -0.60 to -0.0001;" in words.waiting_sentence(waiting)


def test_the_mean_change() -> None:
    assert words.paired_mean_sentence(paired(1, 1, 1, p=None, mean=-0.25)) == (
        "The mean change is -0.2 levels (95% CI -0.75 to +0.25, allowing for 10 practitioners)."
    )
    one = replace(paired(1, 0, 0, p=None, mean=1), mean=ClusteredMean(1.0, None, None, None, 1, 1, reason="One only."))
    assert words.paired_mean_sentence(one) == "The mean change is +1.0 levels. One only."
    none = replace(one, mean=ClusteredMean(None, None, None, None, 0, 0, reason="There are no cases."))
    assert words.paired_mean_sentence(none) == "The mean change cannot be said. There are no cases."


def test_the_standard_before_and_after() -> None:
    shares = paired_shares(59, 6, 16, 80)
    assert words.standard_sentence(shares, PValue(0.07, 10, "sign-flip")) == (
        "65 of 161 met the standard before and 75 after, a difference of 6 percentage points (95% CI 0.5 to 12). Allowing for practitioners p = .07."
    )
    assert words.standard_sentence(shares, PValue(None, 2, "x", reason="Too few.")).endswith(
        "(95% CI 0.5 to 12). Too few."
    )
    assert words.standard_sentence(paired_shares(0, 0, 0, 0), PValue(None, 0, "x")) == (
        "How many met the standard before and after cannot be said. There are no cases."
    )


def test_regression_to_the_mean_on_the_line_of_the_gain() -> None:
    known = Retest(0.6, 0.5, 0.7, "from 30 double-scored cases", 30)
    low = regression_to_mean("level", [0.0, 0.0], [1.0, 1.0], mean_of_all=2.0, retest=known)
    assert words.regression_sentence(low) == (
        "These cases were chosen because they scored low; about 0.8 (0.6 to 1.0; r 0.50 to 0.70, from 30 double-scored cases) of the 1.0 level gain "
        "is expected anyway, which leaves +0.2 (+0.0 to +0.4)."
    )
    hardly = regression_to_mean("level", [1.9], [2.9], mean_of_all=2.0, retest=known)
    assert "scored low; less than 0.05 (0.0 to 0.1; r 0.50" in words.regression_sentence(hardly)
    lost = regression_to_mean("volatility", [1.0], [0.5], mean_of_all=2.0, retest=known)
    assert words.regression_sentence(lost) == (
        "These cases were drawn from those with recent recorded change; a gain of about 0.4 levels (0.3 to 0.5; r 0.50 to 0.70, from 30 double-scored "
        "cases) was expected anyway, and they changed by -0.5."
    )
    high = regression_to_mean("volatility", [2.5], [2.5], mean_of_all=2.0, retest=known)
    assert words.regression_sentence(high).endswith(
        "They did not score below the mean of all cases, so no part of a gain is expected from how they were chosen."
    )
    assert words.regression_sentence(regression_to_mean("random", [1], [2], mean_of_all=None, retest=known)) == (
        "These cases were drawn at random. No part of the change of +1.0 levels is expected from how they were chosen."
    )
    unknown = regression_to_mean("level", [1], [2], mean_of_all=None, retest=known)
    assert words.regression_sentence(unknown).startswith(
        "These cases were chosen because they scored low. How much of the gain was to be expected"
    )
    assert words.regression_sentence(regression_to_mean("level", [], [], mean_of_all=1, retest=known)) == (
        "These cases were chosen because they scored low. There are no cases."
    )


def test_coached_against_waiting() -> None:
    found = WaitingComparison(0.62, Interval(0.1, 1.14, "t"), 0.2, 6.0, 12, 11, 8)
    assert words.waiting_sentence(found) == (
        "Held against waiting cases with the same first score, coached cases scored +0.6 levels (95% CI +0.10 to +1.14; 12 coached cases, 11 waiting, "
        "8 practitioners): more than chance would give."
    )
    assert words.waiting_sentence(replace(found, value=-1.0, interval=Interval(-2, 0.1, "t"))).startswith(
        "Held against waiting cases with the same first score, coached cases scored -1.0 level (95% CI -2.00 to +0.10; "
    )
    assert words.waiting_sentence(replace(found, interval=Interval(-0.1, 1, "t"))).endswith(
        "): chance alone could give this."
    )
    assert words.waiting_sentence(replace(found, interval=None, reason="Too alike.")).endswith(
        "8 practitioners). Too alike."
    )
    none = replace(found, value=None, interval=None, reason="Too few.")
    assert words.waiting_sentence(none) == "Coached and waiting cases cannot be compared. Too few."


def test_spread_never_names_anyone() -> None:
    spread = Spread(0.42, Interval(0.2, 0.7, "F"), 0.6, 0.2, None, 0.8, (1.2, 2.3), (), 60, 10)
    assert words.spread_sentence(spread, "in months 1 to 12") == (
        "Beyond chance, practitioners' mean levels in months 1 to 12 differ with a standard deviation of 0.42 (95% CI 0.20 to 0.70; 60 cases of 10 "
        "practitioners): four in five are estimated to lie between 1.2 and 2.3."
    )
    assert words.spread_sentence(replace(spread, value=0.0), "in May").endswith(
        "practitioners): what difference there is between their means, chance alone could give."
    )
    none = replace(spread, value=None, reason="Each practitioner has one scored case.")
    assert words.spread_sentence(none, "in May") == (
        "How far practitioners differ in May cannot be said. Each practitioner has one scored case."
    )


def test_comparability_in_words() -> None:
    assert words.comparability_sentence(Comparability(())) == "The two periods were measured in the same way."
    assert words.comparability_sentence(Comparability((), ("Levels differ.",))).endswith(
        "in the same way. Levels differ."
    )
    assert words.comparability_sentence(Comparability(("The sampling rule changed.",))) == (
        "The two periods may not be compared. The sampling rule changed."
    )
    assert words.break_sentence(BreakPoint("2026-04", ("The sampling rule changed.",))) == (
        "The chart is broken before 2026-04. The sampling rule changed."
    )


@given(st.floats(0, 1))
def test_rounding_never_moves_a_p_value_over_05_nor_a_share_to_none_or_all(value: float) -> None:
    printed = words.p_words(value)
    if printed.startswith("p = ") and printed != "p = 1":
        assert (float(printed[4:]) < 0.05) == (value < 0.05)
    assert (words.percent(value) == "0%") == (value == 0) and (words.percent(value) == "100%") == (value == 1)
