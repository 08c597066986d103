"""What of coverage may leave the service: small numbers hidden, no row of one person."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import combinations_with_replacement
from typing import get_args

import pandas as pd
import pytest

from sampling.assurance.coverage_counts import window_of
from sampling.assurance.coverage_facts import Facts, Sources, Staff, Supervision, facts_of
from sampling.assurance.coverage_release import (
    FOCUS,
    NO_SESSION,
    NOTHING,
    ONE_PERSON,
    ONE_PERSONS_SESSIONS,
    SERVICE,
    Released,
    release,
    release_focus,
)
from sampling.assurance.facts import Case
from sampling.assurance.profile import Interval, Origin, Profile
from sampling.assurance.spans import parse_span
from sampling.journal.events import AgendaCovered, AgendaItem, SessionClosed
from sampling.scoring.rules.sessions import Session
from sampling.scoring.settings.people import People
from sampling.suppression import load_profile
from sampling.suppression.profiles import Rule

ITEMS: tuple[AgendaItem, ...] = get_args(AgendaItem)
BEGIN, TODAY = date(2027, 1, 1), date(2027, 3, 31)
SMALL = Profile(
    "small",
    "Small",
    "none",
    "",
    (Interval("everyone", parse_span("4 weeks"), "floor", Origin("small", "Section 1", "C4", "stated")),),
)
NAME = "Formal one-to-ones, floor (never less)"


def service(**teams: int) -> Facts:
    """Returns a service of so many people a team, of whom each had a session on the due day, 29 January, and none after."""
    staff = [Staff(f"{team}-{number}", "", team, BEGIN) for team, size in teams.items() for number in range(size)]
    held = [Supervision(one.person, "s", date(2027, 1, 29), "formal_one_to_one") for one in staff]
    return facts_of(Sources((), People(()), BEGIN, staff, supervisions=held), TODAY)


def released(facts: Facts, window: str = "2027-01", profile: str = "none") -> Released:
    return release(facts, SMALL, window_of(window), TODAY, suppression=load_profile(profile))


def test_counts_by_team_add_up_to_the_service() -> None:
    table = released(service(North=6, South=7), "2027-Q1").tables[NAME]
    assert list(table.index) == ["North", "South", SERVICE]
    # 29 January in time; 26 February missed: 26 March fell due before anything was held; that one is overdue.
    assert list(table.loc[SERVICE])[:5] == ["39", "13", "0", "0", "26"]


def test_a_team_of_one_goes_in_with_others() -> None:
    table = released(service(North=6, South=1, East=3)).tables[NAME]
    assert list(table.index) == ["North", "Other teams", SERVICE]
    assert list(table["Due"]) == ["6", "4", "10"]


def test_small_numbers_are_hidden_with_what_would_give_them_away() -> None:
    table = released(service(North=20, South=30, East=3), profile="mhsds").tables[NAME]
    assert table.loc["East", "Due"] == "*"
    assert "3" not in set(table.to_numpy().ravel())


def test_one_person_and_nothing_due_are_refused_in_words() -> None:
    assert released(service(North=1)).refusal == ONE_PERSON
    assert released(service(North=5), "2026-12").refusal == NOTHING


def test_a_case_that_nobody_holds_makes_no_second_person() -> None:
    one = replace(service(North=1), cases=(Case("c", BEGIN),))
    by_case = replace(SMALL, intervals=(*SMALL.intervals, replace(SMALL.intervals[0], rule="case")))
    shown = release(one, by_case, window_of("2027-01"), TODAY, suppression=load_profile("none"))
    assert (shown.tables, shown.refusal) == ({}, ONE_PERSON)


def sat(number: int, person: str, *, covered: bool, kind: str = "formal_one_to_one") -> Session:
    """A closed session of January with one person, in which the use of escalation was covered or not."""
    agenda = {"escalation_use": AgendaCovered(item="escalation_use", covered=covered)}
    closed = SessionClosed(minutes=60)
    return Session(
        f"{number:032x}", kind, date(2027, 1, 29), "s", (person,), False, 1,
        closed=closed, closed_at="2027-01-29T15:00:00Z", agenda=agenda,
    )  # fmt: skip


def agendas(whole: int, parts: tuple[int, ...]) -> list[Session]:
    """Returns so many sessions of two people, in which the first items of the agenda were covered as often as `parts` says."""
    return [
        replace(
            sat(number, f"p{number % 2}", covered=False),
            agenda={
                item: AgendaCovered(item=item, covered=number < part) for item, part in zip(ITEMS, parts, strict=False)
            },
        )
        for number in range(whole)
    ]


def focus(sessions: list[Session], window: str = "2027-01", profile: str = "none") -> Released:
    facts = facts_of(Sources(sessions, People(()), BEGIN), TODAY)
    return release_focus(facts, window_of(window), suppression=load_profile(profile))


def test_a23_what_formal_one_to_ones_covered_leaves_with_small_numbers_hidden() -> None:
    sessions = [sat(number, f"p{number % 4}", covered=number < 12) for number in range(15)]
    sessions += [sat(100, "p0", covered=True, kind="reflective")]
    table = focus(sessions).tables[FOCUS]
    assert list(table.loc["Use of escalation"]) == ["15", "12", "3"]
    assert list(table.loc["Safeguarding indicators"]) == ["15", "0", "15"]
    hidden = focus(sessions, profile="mhsds").tables[FOCUS]
    assert hidden.loc["Use of escalation", "Not covered"] == "*" and "3" not in set(hidden.to_numpy().ravel())


def test_a23_sessions_of_one_supervisee_and_of_nobody_are_refused_in_words() -> None:
    assert focus([sat(number, "p1", covered=True) for number in range(9)]).refusal == ONE_PERSONS_SESSIONS
    assert focus([sat(1, "p1", covered=True)], "2026-12").refusal == NO_SESSION


def possible(shown: pd.DataFrame, counts: list[tuple[int, int]], rule: Rule, most: int) -> list[list[set[int]]]:
    """Returns row by row which counts of covered and not covered a reader must still think possible, who knows that every row is of the same
    sessions, at most `most` of them, and which hidden counts are small. `counts` are the true ones.
    """
    found: list[list[set[int]]] = [[set(), set()] for _ in counts]

    def fits(cell: str, value: int, true: int) -> bool:
        if not cell.isdigit():
            return not rule.is_small(true) or rule.is_small(value)
        least, greatest = (0, 0) if true == 0 and rule.shows_zero() else rule.around(int(cell))
        return least <= value <= greatest and not rule.is_small(value)

    for whole in range(most + 1):
        rows = [
            [
                (part, whole - part)
                for part in range(whole + 1)
                if fits(row[1], part, true[0]) and fits(row[2], whole - part, true[1])
            ]
            for row, true in zip(shown.to_numpy().tolist(), counts, strict=True)
            if fits(row[0], whole, sum(true))
        ]
        if all(rows) and len(rows) == len(counts):
            for place, row in enumerate(rows):
                for side in (0, 1):
                    found[place][side] |= {pair[side] for pair in row}
    return found


@pytest.mark.parametrize("profile", ["mhsds", "dfe", "hes"])
def test_a23_no_small_number_is_given_away_by_the_whole_that_stands_in_every_row(profile: str) -> None:
    suppression = load_profile(profile)
    rule, seen = suppression.rules["local"], 0
    for whole in range(2, 17):
        for part in range(whole // 2 + 1):
            sessions = [sat(number, f"p{number % 2}", covered=number < part) for number in range(whole)]
            facts = facts_of(Sources(sessions, People(()), BEGIN), TODAY)
            found = release_focus(facts, window_of("2027-01"), suppression=suppression)
            if found.refusal:
                continue
            table = found.tables[FOCUS]
            counts = [(part, whole - part) if name == "Use of escalation" else (0, whole) for name in table.index]
            for true, sides in zip(counts, possible(table, counts, rule, 40), strict=True):
                for count, values in zip(true, sides, strict=True):
                    assert count in values
                    if rule.is_small(count):
                        assert len(values) >= rule.safe_values, (whole, part, table.to_string())
                        seen += 1
    assert seen > 50


@pytest.mark.parametrize("profile", ["mhsds", "dfe", "hes"])
@pytest.mark.parametrize(("wholes", "items"), [(range(2, 13), 2), (range(6, 9), 3)])
def test_a23_items_that_are_small_together_are_not_given_away_by_one_another(
    profile: str, wholes: range, items: int
) -> None:
    suppression = load_profile(profile)
    rule = suppression.rules["local"]
    for whole in wholes:
        for parts in combinations_with_replacement(range(whole + 1), items):
            table = focus(agendas(whole, parts), profile=profile).tables[FOCUS]
            counts = [
                (parts[at] if at < items else 0, whole - (parts[at] if at < items else 0)) for at in range(len(table))
            ]
            for true, sides in zip(counts, possible(table, counts, rule, 25), strict=True):
                for count, values in zip(true, sides, strict=True):
                    assert count in values and (len(values) >= rule.safe_values or not rule.is_small(count)), (
                        whole,
                        parts,
                    )
