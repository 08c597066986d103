"""The effectiveness review against numbers worked out by hand: survey, incidents, indicators, partners, needs of groups, balancing, wellbeing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import pytest

from sampling.assurance.coverage_counts import Window, window_of
from sampling.assurance.effect import Effectiveness, effectiveness
from sampling.assurance.effect.brought import Against, Asked, Baseline, Brought, Feedback, Incident, Kpi, Response
from sampling.assurance.effect.policy import load_effect_policy
from sampling.assurance.effect.quarters import before, heading, quarter_of, quarters_of
from sampling.assurance.effect.results import Agreeing, Group
from sampling.assurance.effect.survey import group_responses
from sampling.assurance.patterns_signs import Observed
from sampling.journal.frames import frame
from sampling.reporting.gathering import ACTIONS, CASES, DESIGN, DRAWS, SCORES, Gathered

POLICY = load_effect_policy()
NOW, THEN = date(2026, 9, 30), date(2025, 9, 30)
TODAY = date(2026, 10, 5)
REF = "escalation_rationale/decision_and_reason"


def responses(wave: date, agree: int, others: int, team: str = "North", item: str = "access") -> tuple[Response, ...]:
    """So many who agree with an item (half with 4, half with 5) and so many who do not."""
    answers = [4 + place % 2 for place in range(agree)] + [1 + place % 3 for place in range(others)]
    return tuple(Response(wave, team, {item: answer}) for answer in answers)


def gathered(scores: Sequence[dict[str, Any]] = (), actions: Sequence[dict[str, Any]] = ()) -> Gathered:
    tables = {
        "scores": frame(SCORES, scores),
        "design": frame(DESIGN, []),
        "cases": frame(CASES, []),
        "actions": frame(ACTIONS, actions),
    }
    periods = [
        {"draw_id": month, "period": month, "replaced": 0, "drawn": 0} for month in ("2026-07", "2026-08", "2026-09")
    ]
    return Gathered(**tables, draws=frame(DRAWS, periods), rubrics=(), journal_head=(0, ""))


NOTHING = Brought()


def review(brought: Brought = NOTHING, window: str = "2026-Q3", today: date = TODAY, **more: Any) -> Effectiveness:
    return effectiveness(brought, more.pop("gathered", gathered()), window_of(window), today, **more)


def item_of(found: Effectiveness, group: str = "Service", item: str = "access") -> Agreeing:
    (mine,) = [one for one in found.survey.groups if one.name == group]
    return next(one for one in mine.items if one.item == item)


# Staff survey


def test_the_share_agreeing_has_wilsons_interval_and_bounds_for_the_silent() -> None:
    """24 of 30: Wilson 1927 gives 62.7 to 90.5 per cent. Of 40 asked 24 to 34 agree, whatever the ten silent ones think."""
    found = item_of(review(Brought(responses(NOW, 24, 6), (Asked(NOW, "", 40),), files=("staff_survey",))))
    assert (found.agree, found.answered, found.share) == (24, 30, 0.8)
    assert (found.interval.low, found.interval.high) == pytest.approx((0.6269, 0.9049), abs=5e-5)
    assert found.bounds == (0.6, 0.85)
    assert (
        "80% agree, 24 of 30 (95% interval 63% to 90%). Among all who were asked it lies between 60% and 85%"
        in found.sentence
    )


def test_change_is_told_where_both_waves_can_carry_it() -> None:
    """18 of 30, then 24 of 30: Newcombe's square and add of the two Wilson intervals gives -3.2 to 40.6 points."""
    both = Brought((*responses(THEN, 18, 12), *responses(NOW, 24, 6)), (Asked(THEN, "", 50), Asked(NOW, "", 40)))
    change = item_of(review(both)).change
    assert change.interval is not None and change.value == pytest.approx(0.2)
    assert (change.interval.low, change.interval.high) == pytest.approx((-0.0317, 0.4056), abs=2e-4)
    assert "+20 percentage points (-3 to +41); chance alone could do that." in item_of(review(both)).sentence


CANNOT: dict[str, tuple[Brought, str]] = {
    "no wave before": (Brought(responses(NOW, 24, 6), (Asked(NOW, "", 40),)), "there is no wave before of the same group"),
    "29 answers before": (
        Brought((*responses(THEN, 18, 11), *responses(NOW, 24, 6)), (Asked(THEN, "", 40), Asked(NOW, "", 40))),
        "one of the two waves has fewer than 30 answers",
    ),
    "nobody knows how many were asked": (
        Brought((*responses(THEN, 18, 12), *responses(NOW, 24, 6)), (Asked(NOW, "", 40),)),
        "how many were asked is not known for both waves",
    ),
    "under half answered": (
        Brought((*responses(THEN, 18, 12), *responses(NOW, 24, 6)), (Asked(THEN, "", 61), Asked(NOW, "", 40))),
        "fewer than 50% of those asked answered one of the two waves",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CANNOT)
def test_where_a_change_cannot_be_said_the_reason_stands(case: str) -> None:
    brought, reason = CANNOT[case]
    found = item_of(review(brought))
    assert found.change.value is None and found.change.reason == f"Whether it changed cannot be said: {reason}."
    assert found.change.reason in found.sentence


def test_half_of_those_asked_is_enough() -> None:
    both = Brought((*responses(THEN, 18, 12), *responses(NOW, 24, 6)), (Asked(THEN, "", 60), Asked(NOW, "", 60)))
    assert item_of(review(both)).change.value is not None


def test_the_response_rate_says_what_speaks_against_it() -> None:
    said = review(Brought(responses(NOW, 24, 6), (Asked(NOW, "", 40),))).survey.sentences[0]
    assert said.startswith(
        "30 of 40 who were asked answered the survey of 30 September 2026 (75%). The 10 who did not may think otherwise"
    )
    assert "there is no response rate" in review(Brought(responses(NOW, 24, 6))).survey.sentences[0]


def test_nothing_is_shown_of_nine_and_something_of_ten() -> None:
    nine, ten = review(Brought(responses(NOW, 4, 5))).survey, review(Brought(responses(NOW, 5, 5))).survey
    assert nine.groups == () and nine.cannot.startswith(
        "The survey of 30 September 2026 has 9 responses, fewer than the 10"
    )
    assert [one.name for one in ten.groups] == ["Service"]


def teams(**sizes: int) -> list[Response]:
    return [Response(NOW, team.replace("none", ""), {"access": 4}) for team, size in sizes.items() for _ in range(size)]


GROUPS: dict[str, tuple[dict[str, int], dict[str, int]]] = {
    "two large teams": ({"A": 12, "B": 10}, {"Service": 22, "A": 12, "B": 10}),
    "a small one takes the smallest other along": ({"A": 12, "B": 11, "C": 9}, {"Service": 32, "A": 12, "Other teams": 20}),
    "small ones that are enough together": ({"A": 12, "B": 6, "C": 5}, {"Service": 23, "A": 12, "Other teams": 11}),
    "one team": ({"A": 30}, {"Service": 30}),
    "one large and one small": ({"A": 30, "B": 2}, {"Service": 32}),
    "responses without a team count as a small team": ({"A": 30, "B": 12, "none": 1}, {"Service": 43, "A": 30, "Other teams": 13}),
    "all small": ({"A": 4, "B": 4, "C": 4}, {"Service": 12}),
    "too few": ({"A": 4, "B": 4}, {}),
    "a team that is called Service": ({"Service": 10, "B": 10}, {"Service": 20, "B": 10, "Service (team)": 10}),
}  # fmt: skip


@pytest.mark.parametrize("case", GROUPS)
def test_teams_are_shown_apart_only_where_the_rest_is_large_too(case: str) -> None:
    sizes, expected = GROUPS[case]
    assert {name: len(some) for name, some in group_responses(teams(**sizes), 10).items()} == expected


def test_an_item_that_one_team_left_out_stands_with_the_service_alone() -> None:
    left_out = tuple(
        Response(NOW, "South", {"quality": 4, **({"access": 5} if place < 9 else {})}) for place in range(12)
    )
    filled = tuple(Response(NOW, "North", {"quality": 4, "access": 5}) for _ in range(12))
    groups = {
        one.name: {item.item for item in one.items} for one in review(Brought((*filled, *left_out))).survey.groups
    }
    assert groups == {"Service": {"access", "quality"}, "North": {"quality"}, "South": {"quality"}}


def test_asked_by_team_adds_up_where_all_teams_are_known() -> None:
    two = (*responses(NOW, 6, 6, "North"), *responses(NOW, 6, 6, "South"))
    by_team = {
        one.name: one.asked
        for one in review(Brought(two, (Asked(NOW, "North", 15), Asked(NOW, "South", 20)))).survey.groups
    }
    assert by_team == {"Service": 35, "North": 15, "South": 20}
    half = {one.name: one.asked for one in review(Brought(two, (Asked(NOW, "North", 15),))).survey.groups}
    assert half == {"Service": None, "North": 15, "South": None}


def test_the_newest_wave_up_to_the_window_counts_and_an_old_one_is_due() -> None:
    old = Brought((*responses(date(2025, 6, 1), 24, 6), *responses(date(2026, 12, 1), 24, 6)))
    found = review(old).survey
    assert found.wave == date(2025, 6, 1)
    assert (
        "The newest survey is 486 days old at the end of this window; the yearly questionnaire is due (seed row D17)."
        in found.sentences
    )


def test_an_item_of_which_fewer_is_better_says_so() -> None:
    found = item_of(review(Brought(responses(NOW, 3, 27, item="does_not_meet_needs"))), item="does_not_meet_needs")
    assert "10% agree (here fewer is better), 3 of 30" in found.sentence


def test_what_is_dated_after_today_is_left_out_and_said() -> None:
    late = Brought(responses(NOW, 24, 6), feedback=(Feedback(date(2026, 10, 6), "Housing", "positive", "", ""),))
    found = review(late, window="2026")
    assert (
        found.partners.said == () and "1 row that was brought is dated after today and is left out." in found.sentences
    )


def test_a_team_that_no_draw_knows_is_told_by_number_alone() -> None:
    found = review(Brought(responses(NOW, 24, 6, "Jane's team")))
    assert found.sentences == (
        "1 team in the files that were brought has a name that no draw knows: compare the spelling.",
    )


def test_without_files_every_part_says_what_is_missing() -> None:
    found = review()
    assert len(found.absent) == 6 and all(part.sentences for part in found.parts.values())
    assert found.survey.cannot.startswith("No staff survey was brought")


# Incidents


def happened(*days: str, theme: str = "escalation", **more: Any) -> tuple[Incident, ...]:
    return tuple(
        Incident(date.fromisoformat(day), theme, more.get("team", ""), more.get("level"), more.get("supervision"))
        for day in days
    )


def test_incidents_by_theme_and_quarter() -> None:
    brought = Brought(incidents=(
        *happened("2025-07-01", "2026-01-31", "2026-07-01", "2026-09-30", level="severe", supervision=True),
        *happened("2026-08-15", theme="contact", level="none", supervision=False),
        *happened("2025-06-30", "2026-10-01", theme="record"),
    ))  # fmt: skip
    found = review(brought).incidents
    assert found.quarters == ("2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3")
    assert list(found.counts["escalation"].values()) == [1, 0, 1, 0, 2]
    assert list(found.counts["contact"].values()) == [0, 0, 0, 0, 1]
    assert list(found.counts["All incidents"].values()) == [1, 0, 1, 0, 3]
    assert (
        found.sentences[0]
        == "3 incidents in this window; most often “Escalation late, missing or not recorded” (2 of 3)."
    )
    assert "a part in 2 of the 3 that were judged for it; 0 were not" in found.sentences[1]
    assert found.sentences[2].startswith("2 incidents with severe harm or death")
    assert found.shows_not[0].startswith("More reports can mean better reporting")


def test_incidents_by_team_for_inside_the_service() -> None:
    some = (
        *happened("2026-07-01", "2026-08-01", team="North"),
        *happened("2026-07-02"),
        *happened("2026-06-01", team="East"),
    )
    table = review(Brought(incidents=some)).incidents.tables[1]
    assert (table.columns, table.rows) == (
        ("Theme", "North", "No team"),
        (("Escalation late, missing or not recorded", "2", "1"),),
    )


def test_no_quarter_before_the_first_incident_is_shown_as_none() -> None:
    found = review(Brought(incidents=happened("2026-05-03", "2026-08-01"))).incidents
    assert found.quarters == ("2026-Q2", "2026-Q3")
    assert "The first incident that was brought is of 3 May 2026" in " ".join(found.sentences)


def test_a_rate_only_where_something_to_count_against_was_brought() -> None:
    three = happened("2026-07-01", "2026-08-01", "2026-09-01")
    bare, with_rate = (
        review(Brought(incidents=three)),
        review(Brought(incidents=three, against=(Against("2026-Q3", "contacts", 1500),))),
    )
    assert bare.incidents.rates == {} and any("no rate" in one for one in bare.incidents.sentences)
    assert with_rate.incidents.rates == {"contacts": {"2026-Q3": 2.0}}
    assert with_rate.incidents.tables[1].rows == (("per 1,000 contacts", "2.0"),)


def test_a_quarter_that_is_not_over_says_so() -> None:
    some = Brought(incidents=happened("2026-07-01"))
    growing = "2026-Q3 is not over at the end of this window: its counts are still growing."
    assert growing in review(some, "2026-08").incidents.sentences
    assert growing in review(some, today=date(2026, 9, 29)).incidents.sentences
    assert growing not in review(some).incidents.sentences


def test_rare_events_are_charted_from_eleven_on() -> None:
    days = [date(2026, 1, 1).fromordinal(date(2026, 1, 1).toordinal() + 9 * place).isoformat() for place in range(12)]
    assert review(Brought(incidents=happened(*days[:10]))).incidents.charts == {}
    chart = review(Brought(incidents=happened(*days[:11]))).incidents.charts["escalation"]
    assert (chart.kind, len(chart.points), chart.points[0].period) == ("T", 10, "2026-01-10")
    same_day = review(Brought(incidents=happened(*days[:11], days[3]))).incidents.charts["escalation"]
    assert same_day.kind == "G"


# Indicators


def kpi(part: int | None, whole: int | None, value: float | None = None, **more: Any) -> Kpi:
    given = {
        "name": "Plans",
        "period": "2026-Q3",
        "unit": "",
        "target": 85.0,
        "better": "higher",
        "source": "S",
        "may_leave": False,
        **more,
    }
    return Kpi(numerator=part, denominator=whole, value=value, **given)


@pytest.mark.parametrize(
    ("one", "meets", "words"),
    [
        (kpi(184, 230), False, "80.0% (184 of 230); the target is at least 85.0%: not there."),
        (kpi(200, 230), True, "87.0% (200 of 230); the target is at least 85.0%: on the side that is asked for. The target lies inside"),
        (kpi(17, 20), True, "85.0% (17 of 20); the target is at least 85.0%: on the side that is asked for. The target lies inside"),
        (kpi(30, 230, better="lower", target=10.0), False, "13.0% (30 of 230); the target is at most 10.0%: not there. The target lies"),
        (kpi(None, None, 3.5, unit="posts", target=4.0, better="lower"), True, "3.5 posts; the target is at most 4 posts: on the side"),
        (kpi(1, 2, target=None), None, "50.0% (1 of 2); no target was brought, higher is better."),
    ],
)  # fmt: skip
def test_an_indicator_stands_beside_its_target_without_a_verdict(one: Kpi, meets: bool | None, words: str) -> None:
    (found,) = review(Brought(kpis=(one,))).kpis.values
    assert found.meets is meets and f"Plans, 2026-Q3: {words}" in found.sentence


def test_nine_periods_are_no_trend_and_ten_are_read_by_a_run_chart() -> None:
    months = [kpi(80 + place % 3, 100, period=f"2026-{place:02}") for place in range(1, 11)]
    nine = review(Brought(kpis=tuple(months[:9])), "2026-09").kpis.sentences[-1]
    assert (
        nine
        == "Plans: 9 periods so far; from 10 on a run chart can tell a change from chance. The target was met in 0 of 9."
    )
    ten = review(Brought(kpis=tuple(months)), "2026-10", date(2026, 11, 1)).kpis.sentences[-1]
    assert ten.startswith("Plans: ") and "periods so far" not in ten


def test_an_indicator_counts_in_the_window_in_which_its_period_ends() -> None:
    year = kpi(1, 2, period="2026")
    assert review(Brought(kpis=(year,))).kpis.values == ()
    assert len(review(Brought(kpis=(year,)), "2026-Q4", date(2027, 1, 5)).kpis.values) == 1
    assert review(Brought(kpis=(year,)), "2026", TODAY).kpis.values == ()  # the year is not over


# Partner feedback and counts from before


def test_feedback_is_dated_and_what_is_not_minuted_is_said() -> None:
    said = (
        Feedback(date(2026, 9, 2), "Housing", "positive", "CGG 7", "Clear referrals"),
        Feedback(date(2026, 7, 1), "School", "critical", "", "No reply"),
        Feedback(date(2026, 6, 30), "School", "mixed", "", ""),
    )
    found = review(Brought(feedback=said)).partners
    assert [one.on for one in found.said] == [date(2026, 7, 1), date(2026, 9, 2)]
    assert found.counts == {"2026-Q3": {"positive": 1, "mixed": 0, "critical": 1}} and found.unminuted == 1
    assert found.sentences[0] == "2 entries of feedback from 2 partners: 1 positive, 0 mixed, 1 critical."
    assert "1 of them has no reference to governance minutes yet" in found.sentences[1]


def test_a_count_from_before_that_reaches_into_the_draws_is_none() -> None:
    early = Baseline("Dates missing", date(2026, 1, 1), date(2026, 6, 30), 31, 60, "Audit")
    found = review(Brought(baselines=(early, replace(early, last=date(2026, 7, 1), of=None)))).before
    assert (
        found.sentences[0] == "Dates missing, 1 January 2026 to 30 June 2026: 31 of 60 (52%, 95% interval 39% to 64%)."
    )
    assert found.sentences[1].endswith("31. It reaches into the months of the draws, so it is not from before.")


# Training needs of groups


def scored(levels: str, team: str = "North", people: int = 2, **more: Any) -> list[dict[str, Any]]:
    return [
        {"draw_id": "2026-07", "period": "2026-07", "case": f"{team}{place}", "practitioner": f"{team}-{place % people}", "team": team,
         "stage": "first", "rubric": "escalation_rationale", "criterion": "decision_and_reason", "ref": REF, "level": int(level), **more}
        for place, level in enumerate(levels)
    ]  # fmt: skip


NEEDS: dict[str, tuple[list[dict[str, Any]], list[tuple[str, int, int]]]] = {
    "three of ten": (scored("1112222222"), [("Service", 3, 10)]),
    "two of ten": (scored("1122222222"), []),
    "nine cases": (scored("111222222"), []),
    "one person's": (scored("1212122222"), []),
    "repairs do not count": (scored("1112222222", stage="follow_up-1"), []),
    "two teams": (scored("1111111111") + scored("2222222222", "South"), [("North", 10, 10), ("Service", 10, 20)]),
    "a team of one person goes in with another": (
        scored("1111111111") + scored("1111111111", "South", 3) + scored("1111111111", "East", 1),
        [("Service", 30, 30), ("Other teams", 20, 20), ("South", 10, 10)],
    ),
    "another window": (scored("1112222222", period="2026-06"), []),
}  # fmt: skip


@pytest.mark.parametrize("case", NEEDS)
def test_needs_are_of_groups_never_of_a_person(case: str) -> None:
    rows, expected = NEEDS[case]
    found = review(gathered=gathered(rows)).needs
    assert [(one.group, one.below, one.scored) for one in found.needs] == expected
    assert not any("-0" in sentence or "-1" in sentence for sentence in found.sentences)


def test_training_that_was_raised_and_done() -> None:
    acted = [{"period": "2026-07", "action_kind": kind, "outcome": outcome} for kind, outcome in
             (("training", "done"), ("training", "not_needed"), ("training", None), ("other", "done"))]  # fmt: skip
    found = review(gathered=gathered(actions=acted)).needs
    assert (found.raised, found.done) == (3, 1)
    assert found.sentences[-1] == "3 actions of the kind training were raised from these cases, 1 of them done."


# Balancing measures, wellbeing


def test_balancing_measures_stand_beside_as_many_months_before() -> None:
    found = review().balancing
    assert found.tables[0].columns == ("Measure", "2026-Q2", "2026-Q3")
    assert "Sessions were not handed in" in found.sentences[-1]


def test_the_workload_item_is_a_balancing_measure() -> None:
    found = review(Brought(responses(NOW, 24, 6, item="workload"))).balancing
    assert found.sentences[0].startswith("“My workload leaves time to do the work and to record it”: 80% agree")


def test_wellbeing_and_contacts_stand_side_by_side() -> None:
    contacts = pd.DataFrame({
        "case": ["a", "b", "c", "d"], "practitioner": ["p"] * 4, "team": ["North"] * 4,
        "on": [date(2026, 5, 1), date(2026, 8, 1), date(2026, 8, 2), date(2026, 8, 3)], "at": [None] * 4, "in_pathway": [False, False, True, None],
    })  # fmt: skip
    observed = Observed(frame(SCORES, []), frame(ACTIONS, []), {}, frozenset(), contacts=contacts)
    found = review(Brought(responses(NOW, 24, 6, item="wellbeing")), observed=observed).wellbeing
    assert found.shares == {NOW: 0.8} and found.outside == {"2026-Q2": (1, 1), "2026-Q3": (1, 2)}
    assert found.shows_not == ("They stand side by side. Nothing here says that one follows from the other.",)
    assert ("2026-Q3", "80% (30 September 2026)", "1 of 2") in found.tables[0].rows


def test_quarters() -> None:
    assert [quarter_of(date(2026, month, 1)) for month in (1, 3, 4, 12)] == ["2026-Q1", "2026-Q1", "2026-Q2", "2026-Q4"]
    assert quarters_of(date(2026, 12, 31), date(2027, 1, 1)) == ("2026-Q4", "2027-Q1")
    assert [before(window_of(text)).text for text in ("2026-Q3", "2026-03", "2026-01")] == [
        "2026-Q2",
        "2026-02",
        "2025-12",
    ]


def test_a_window_of_other_months_has_as_many_before() -> None:
    months = Window("2026-08:2026-10", date(2026, 8, 1), date(2026, 10, 31))
    assert (before(months).first, before(months).last) == (date(2026, 5, 1), date(2026, 7, 31))
    year = Window("2026-04:2027-03", date(2026, 4, 1), date(2027, 3, 31))
    assert heading(before(year)) == "2025-04 to 2026-03"


def test_no_result_is_about_a_person() -> None:
    found = review(Brought(responses(NOW, 24, 6)), gathered=gathered(scored("1111111111")))
    text = " ".join(
        cell for part in found.parts.values() for table in part.tables for row in table.rows for cell in row
    )
    assert "North-" not in text and all(isinstance(one, Group) for one in found.survey.groups)
