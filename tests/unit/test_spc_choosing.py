"""Which chart the data allow, at each edge, with the caption's words."""

from __future__ import annotations

import pandas as pd
import pytest

from sampling.evidence.spc.choosing import (
    choose_for_means,
    choose_for_practitioners,
    choose_for_rare_events,
    choose_for_rates,
    choose_for_shares,
    reach_notes,
)
from sampling.evidence.spc.series import months_between

MONTHS = months_between("2024-01", "2026-12")


def means(points: int, n: list[int] | None = None) -> pd.DataFrame:
    frame = pd.DataFrame({"period": MONTHS[:points], "value": [2.0] * points})
    return frame if n is None else frame.assign(n=n)


def shares(points: int, count: int, n: int | list[int]) -> pd.DataFrame:
    return pd.DataFrame({"period": MONTHS[:points], "count": [count] * points, "n": n})


@pytest.mark.parametrize(
    ("points", "kind", "caption"),
    [
        (0, "none", "No chart: 0 points; see the table."),
        (1, "none", "No chart: 1 point; see the table."),
        (9, "run", "Run chart without limits or rules: 9 points, and the run rules need 10."),
        (10, "run", "Run chart without limits: 10 points, and limits need 12."),
        (11, "run", "Run chart without limits: 11 points, and limits need 12."),
        (12, "xmr", "XmR chart of mean scores: 12 points."),
    ],
)
def test_the_length_of_the_series_decides_first(points: int, kind: str, caption: str) -> None:
    choice = choose_for_means(means(points))
    assert (choice.kind, choice.caption) == (kind, caption)


def test_months_without_a_value_do_not_count() -> None:
    assert choose_for_means(means(12).replace(2.0, None)).kind == "none"
    assert choose_for_shares(shares(12, 10, [20] * 11 + [0])).kind == "run"


def test_means_of_very_different_numbers_of_cases_go_to_an_i_prime_chart() -> None:
    # mean 20; a quarter of it is 5: 15 and 25 still count as equal, 14 and 26 do not
    equal = choose_for_means(means(12, [15, 25] * 6))
    assert (equal.kind, equal.caption) == ("xmr", "XmR chart of mean scores: 12 points of 15 to 25 cases each.")
    unequal = choose_for_means(means(12, [14, 26] * 6))
    assert unequal.kind == "i_prime"
    assert unequal.caption == "I' chart of mean scores: 12 points of 14 to 26 cases, which differ widely."


def test_a_share_has_a_p_chart_while_five_cases_are_expected_on_either_side() -> None:
    on_the_edge = choose_for_shares(shares(12, 15, 20))  # 20 x .25 = 5
    assert (on_the_edge.kind, on_the_edge.caption) == ("p", "P chart: 12 points of 20 cases, 75% meeting the standard.")
    assert choose_for_shares(shares(12, 5, 20)).kind == "p"
    assert choose_for_shares(shares(12, 20, 25)).kind == "p"  # 25 x (1 - .8) is 4.999 in binary, and 5
    rare = choose_for_shares(shares(12, 16, 20))
    assert (rare.kind, rare.notes) == ("run", ("Misses this rare show better as cases between them (G chart).",))
    assert rare.caption == (
        "Run chart: with 20 cases in the smallest period, 4.0 are expected on the side missing the standard, "
        "and a P chart needs 5 on either."
    )
    assert "on the side meeting the standard" in choose_for_shares(shares(12, 4, 20)).caption


def test_the_smallest_month_decides() -> None:
    assert choose_for_shares(shares(12, 9, [20] * 11 + [18])).kind == "p"
    assert choose_for_shares(shares(12, 9, [20] * 11 + [9])).kind == "run"


def test_hundreds_of_cases_go_to_laneys_charts() -> None:
    assert choose_for_shares(shares(12, 50, 99)).kind == "p"
    assert choose_for_shares(shares(12, 50, 100)).kind == "p_prime"
    assert choose_for_rates(shares(12, 50, 99)).kind == "u"
    assert choose_for_rates(shares(12, 50, 100)).kind == "u_prime"


@pytest.mark.parametrize(
    ("share", "n", "words"),
    [
        (20 / 29, 20, "the upper limit is 100%: no single period can signal a rise"),  # n / (n + 9), .69
        (24 / 33, 24, "the upper limit is 100%: no single period can signal a rise"),  # .73
        (9 / 29, 20, "the lower limit is 0: no single period can signal a fall"),
    ],
)
def test_limits_out_of_reach_are_said(share: float, n: int, words: str) -> None:
    (note,) = reach_notes(share, n, n)
    assert words in note
    inside = share - 1e-6 if share > 0.5 else share + 1e-6
    assert reach_notes(inside, n, n) == ()


def test_a_limit_is_out_of_reach_only_where_it_is_so_in_the_largest_month() -> None:
    # n / (n + 9) is .69 of 20 cases and .82 of 40: at 75% a month of 40 can signal a rise, and at 85% none can
    assert reach_notes(0.75, 20, 40) == ()
    assert reach_notes(0.85, 20, 40)[0].startswith(
        "With 20 to 40 cases a period and 85% meeting the standard the upper limit"
    )
    assert reach_notes(0.25, 20, 40) == () != reach_notes(0.15, 20, 40)


def test_the_caption_of_a_p_chart_carries_what_is_out_of_reach() -> None:
    assert choose_for_shares(shares(12, 14, 20)).notes == (
        "With 20 cases a period and 70% meeting the standard the upper limit is 100%: no single period can signal a rise.",
    )


def test_omissions_per_case_go_to_a_u_chart() -> None:
    choice = choose_for_rates(shares(12, 30, 20))
    assert (choice.kind, choice.notes) == ("u", ())
    assert choice.caption == "U chart of events per case: 12 points of 20 cases, 1.50 events a case."
    assert choose_for_rates(shares(12, 9, 20)).notes == ("The lower limit is 0: no single period can signal a fall.",)
    assert choose_for_rates(shares(11, 30, 20)).kind == "run"


def test_rare_events_need_more_than_ten() -> None:
    assert choose_for_rare_events([], "cases").kind == "none"
    few = choose_for_rare_events([3] * 9, "cases")
    assert (few.kind, few.caption) == (
        "run",
        "No limits: 10 events, and cases or days between events need more than 10.",
    )
    assert choose_for_rare_events([3] * 10, "cases").caption == "G chart of cases between events: 11 events."
    assert choose_for_rare_events([3] * 10, "days").caption == "T chart of days between events: 11 events."
    same_day = choose_for_rare_events([3] * 9 + [0], "days")
    assert (same_day.kind, same_day.caption) == (
        "g",
        "G chart: 11 events, some on the same day, so that no time lies between them.",
    )


def test_practitioners_are_never_charted_over_time() -> None:
    choice = choose_for_practitioners()
    assert choice.kind == "funnel"
    assert choice.caption.startswith("Funnel plot of 6 to 12 months")
