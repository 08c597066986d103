"""What of the effectiveness review may leave: an attacker who subtracts teams from the service, and waves, quarters and windows from each other."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sampling.assurance.coverage_counts import window_of
from sampling.assurance.effect import Effectiveness, Released, effectiveness, released
from sampling.assurance.effect.brought import Against, Asked, Brought, Feedback, Incident, Kpi, Response
from sampling.assurance.effect.indicators import families, kpi_sums, kpi_tables
from sampling.assurance.effect.release import quarter_tables, wave_tables
from sampling.assurance.effect.survey import SERVICE
from sampling.journal.frames import frame
from sampling.reporting.gathering import ACTIONS, CASES, DESIGN, DRAWS, SCORES, Gathered
from sampling.suppression import load_profile, suppress

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from suppression_attacker import given_away  # noqa: E402

TODAY = date(2027, 1, 10)
WAVES = (date(2026, 3, 31), date(2026, 9, 30))
PROFILES = ("mhsds", "hes", "dfe")
EMPTY = {"scores": SCORES, "design": DESIGN, "cases": CASES, "actions": ACTIONS, "draws": DRAWS}
quick = settings(deadline=None, max_examples=25, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
SIZES = st.integers(min_value=0, max_value=24)


def review(brought: Brought, window: str = "2026", today: date = TODAY) -> Effectiveness:
    tables = {name: frame(columns, []) for name, columns in EMPTY.items()}
    return effectiveness(brought, Gathered(**tables, rubrics=(), journal_head=(0, "")), window_of(window), today)


@st.composite
def surveys(draw: Any) -> Brought:
    """Two waves of up to four teams; each response to one or two items, or to one alone."""
    found = []
    for wave in WAVES:
        for team in ("North", "South", "East", "West"):
            agree, others, skipped = draw(SIZES), draw(SIZES), draw(st.integers(min_value=0, max_value=6))
            found += [Response(wave, team, {"access": 5, "quality": 4 if place % 3 else 2}) for place in range(agree)]
            found += [Response(wave, team, {"access": 1, "quality": 2 if place % 4 else 5}) for place in range(others)]
            found += [Response(wave, team, {"quality": 3}) for _ in range(skipped)]
    return Brought(tuple(found), (Asked(WAVES[1], "", 10_000),))


@quick
@given(surveys(), st.sampled_from(PROFILES))
def test_no_small_number_of_a_wave_follows_from_teams_and_service(brought: Brought, profile: str) -> None:
    found = review(brought)
    for wave in WAVES:
        for table in wave_tables(found, wave).values():
            release = suppress([table], load_profile(profile))
            if not release.refusal:
                assert given_away([(release, [table])], profile) == []


@quick
@given(surveys(), st.sampled_from(PROFILES))
def test_a_wave_and_its_quarter_look_the_same_in_every_window(brought: Brought, profile: str) -> None:
    """So the release of a year less that of its quarters and months is nothing."""
    year = _survey(released(review(brought), load_profile(profile)))
    for window in ("2026-Q1", "2026-03", "2026-Q3", "2026-09"):
        part = _survey(released(review(brought, window), load_profile(profile)))
        assert part == {name: table for name, table in year.items() if name in part}


def _survey(found: Released) -> dict[str, Any]:
    return {name: (table.columns, table.rows, table.sentences) for name, table in found.tables.items()}


@quick
@given(surveys())
def test_every_group_and_every_rest_has_ten_answers_or_none(brought: Brought) -> None:
    found = review(brought)
    for wave in WAVES:
        for table in wave_tables(found, wave).values():
            answers = table.counts["Answers"]
            assert (answers >= 10).all()
            parts = answers.drop(SERVICE)
            assert not len(parts) or answers[SERVICE] == parts.sum()


INCIDENTS = st.lists(
    st.tuples(st.sampled_from(["escalation", "contact", "record", "other"]), st.integers(min_value=0, max_value=14)),
    max_size=4,
)


@quick
@given(INCIDENTS, st.integers(min_value=1, max_value=4000), st.sampled_from(PROFILES))
def test_no_small_number_of_incidents_follows_from_total_and_rate(
    counts: list[tuple[str, int]], against: int, profile: str
) -> None:
    incidents = tuple(
        Incident(date(2026, 8, 1), theme, "", None, None) for theme, number in counts for _ in range(number)
    )
    said = tuple(Feedback(date(2026, 8, 2), "Housing", "positive", "", "") for _ in range(len(incidents) % 9))
    found = review(Brought(incidents=incidents, against=(Against("2026-Q3", "contacts", against),), feedback=said))
    for _, _, table, sums in quarter_tables(found, "2026-Q3"):
        release = suppress([table], load_profile(profile), relations=sums)
        if not release.refusal:
            assert given_away([(release, [replace(table, counts=table.counts.fillna(0))])], profile) == []


COUNTS = st.tuples(st.integers(min_value=0, max_value=9), st.integers(min_value=0, max_value=30))


def indicator(name: str, part: int, rest: int) -> Kpi:
    return Kpi(name, "2026-Q3", part, part + rest, None, "", None, "higher", "Contract", False)


def service_of(teams: dict[str, tuple[int, int]], others: tuple[int, int]) -> list[Kpi]:
    """Returns the indicators of teams and of their service, in which there may be others."""
    parts = [indicator(f"Plans, {name}", part, rest) for name, (part, rest) in teams.items() if part + rest]
    part, rest = (sum(one[side] for one in (*teams.values(), others)) for side in (0, 1))
    return [indicator("Plans", part, rest), *parts] if part + rest else parts


@quick
@given(
    st.dictionaries(st.sampled_from(["North", "South", "East"]), COUNTS, min_size=1),
    COUNTS | st.just((0, 0)),
    st.sampled_from(PROFILES),
)
def test_no_small_number_of_a_team_follows_from_its_service(
    teams: dict[str, tuple[int, int]], others: tuple[int, int], profile: str
) -> None:
    for family in families(service_of(teams, others)):
        tables, sums = list(kpi_tables(family).values()), list(kpi_sums(family))
        assert len(sums) == 2 * (len(tables) > 1)
        release = suppress(tables, load_profile(profile), relations=sums)
        if not release.refusal:
            assert given_away([(release, tables)], profile) == []


def test_alone_a_team_s_small_number_would_follow_from_the_others() -> None:
    kpis = tuple(service_of({"North": (3, 40), "South": (30, 12)}, (0, 0)))
    found = released(review(Brought(kpis=kpis)), load_profile("dfe")).tables
    assert found["Plans, North, 2026-Q3"].rows[0][2] == "c"
    assert "c" in (found["Plans, 2026-Q3"].rows[0][2], found["Plans, South, 2026-Q3"].rows[0][2])
    alone = [released(review(Brought(kpis=(one,))), load_profile("dfe")).tables[f"{one.name}, 2026-Q3"] for one in kpis]
    assert [one.rows[0][2] for one in alone] == ["33", "c", "30"]


def test_parts_that_are_more_than_their_whole_are_each_taken_for_one() -> None:
    """Wards that overlap: each by itself may be a part of the service, both together are not."""
    family = [indicator("Plans", 20, 30), indicator("Plans, North", 15, 20), indicator("Plans, North and East", 14, 12)]
    three = [*family[:2], replace(family[2], name="Plans, East")]
    assert len(list(kpi_sums(three))) == 4 and all(one.rest for one in kpi_sums(three))
    assert [len(one.parts) for one in kpi_sums(family)] == [1, 1, 1, 1]  # a part of a part, and that of the whole


# Worked examples


def agreeing(team: str, agree: int, others: int) -> tuple[Response, ...]:
    return tuple(Response(WAVES[1], team, {"access": 5 if place < agree else 1}) for place in range(agree + others))


def shown(found: Released, group: str) -> tuple[str, ...]:
    return found.tables[f"Staff survey of 30 September 2026: {group}"].rows[0][1:]


def test_a_team_s_small_number_takes_another_team_s_along() -> None:
    brought = Brought((*agreeing("North", 18, 2), *agreeing("South", 10, 10), *agreeing("East", 12, 9)))
    found = released(review(brought), load_profile("dfe"))
    assert shown(found, "North") == ("20", "c", "c", "c")
    assert shown(found, "Service") == ("61", "40", "21", "66")
    assert sum("c" in shown(found, team) for team in ("South", "East")) >= 1


def test_the_profile_for_inside_shows_everything() -> None:
    found = released(review(Brought(agreeing("North", 18, 2))), load_profile("none"))
    assert shown(found, "Service") == ("20", "18", "2", "90.0")
    assert any(
        "for use inside the service only" in one
        for one in found.tables["Staff survey of 30 September 2026: Service"].sentences
    )


def test_too_few_responses_leave_a_sentence_and_no_table() -> None:
    found = released(review(Brought(agreeing("North", 4, 5))), load_profile("mhsds"))
    assert found.tables == {}
    assert found.refused == {
        "Staff survey of 30 September 2026": "Staff survey of 30 September 2026: too few responses to show any of them."
    }


def test_a_quarter_leaves_once_it_is_over() -> None:
    brought = Brought(incidents=tuple(Incident(date(2026, 8, 1), "other", "", None, None) for _ in range(20)))
    assert "Incidents by theme, 2026-Q3" in released(review(brought, "2026-Q3"), load_profile("mhsds")).tables
    assert "Incidents by theme, 2026-Q3" in released(review(brought, "2026-09"), load_profile("mhsds")).tables
    assert released(review(brought, "2026-08"), load_profile("mhsds")).tables == {}
    early = review(brought, "2026-Q3", date(2026, 9, 29))
    assert released(early, load_profile("mhsds")).refused == {
        "2026-Q3": "A quarter leaves once it is over: 2026-Q3 is not."
    }


@pytest.mark.parametrize(
    ("part", "expected"),
    [(184, ("230", "185", "45", "80")), (227, ("230", "*", "*", "*")), (3, ("230", "*", "*", "*"))],
)
def test_an_indicator_is_hidden_where_its_part_or_its_rest_is_small(part: int, expected: tuple[str, ...]) -> None:
    one = Kpi("Plans", "2026-Q3", part, 230, None, "", 85.0, "higher", "Contract", False)
    table = released(review(Brought(kpis=(one,))), load_profile("mhsds")).tables["Plans, 2026-Q3"]
    assert table.rows == (("Plans", *expected),) and table.sentences[0] == "Target: at least 85%."


def test_a_value_that_cannot_be_protected_leaves_only_where_the_file_says_so() -> None:
    one = Kpi("Vacancies", "2026-Q3", None, None, 3.5, "posts", 2.0, "lower", "Board", False)
    kept = released(review(Brought(kpis=(one,))), load_profile("mhsds"))
    assert kept.tables == {} and "cannot be protected here" in kept.refused["Vacancies, 2026-Q3"]
    free = Kpi("Vacancies", "2026-Q3", None, None, 3.5, "posts", 2.0, "lower", "Board", True)
    assert released(review(Brought(kpis=(free,))), load_profile("mhsds")).tables["Vacancies, 2026-Q3"].rows == (
        ("Vacancies", "3.5 posts"),
    )


def test_words_needs_and_side_effects_stay_inside() -> None:
    said = Feedback(date(2026, 9, 2), "Housing", "critical", "CGG 7", "A summary")
    found = released(review(Brought(agreeing("North", 10, 10), feedback=(said,) * 12)), load_profile("mhsds"))
    text = " ".join(cell for table in found.tables.values() for row in table.rows for cell in row)
    assert "A summary" not in text and "Housing" not in text and "CGG" not in text
    assert not any("Balancing" in name or "Training" in name for name in found.tables)
    assert found.sentences[0].startswith("Training needs, balancing measures")


def test_two_indicators_of_one_period_have_ids_of_their_own() -> None:
    two = tuple(Kpi(name, "2026-Q3", 100, 200, None, "", None, "higher", "S", False) for name in ("Plans", "Visits"))
    found = released(review(Brought(agreeing("North", 10, 10), kpis=two)), load_profile("mhsds"))
    ids = [table.id for table in found.tables.values()]
    assert len(ids) == len(set(ids)) == 3
