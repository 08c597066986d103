"""A year of supervision by two roads: the program's, and a reference that was written from the documents alone, day by day.

What fell due is compared one by one (its rule, threshold, day, state, days late and whether it has a reason), then as counts of each month,
quarter and year. A seed is a year: tests/supervision_year.py invents it, tests/supervision_reference.py reckons it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from sampling.assurance.coverage import Coverage, Line, all_dues, coverage
from sampling.assurance.coverage_counts import Tally, window_of
from sampling.assurance.coverage_facts import Facts, facts_of
from sampling.assurance.facts import FORMAL
from sampling.assurance.profile import STRICTEST
from sampling.assurance.reading import profile_named
from sampling.tickets import digest
from tests.supervision_clock import Fell, Span
from tests.supervision_reference import everything, pair_facts
from tests.supervision_year import Year, invented

POLICIES = Path(__file__).parents[2] / "policies" / "assurance"
PROFILES = (*sorted(path.stem for path in POLICIES.glob("*.toml") if path.stem != "blank"), STRICTEST)
SEEDS = range(8)
year_of = cache(invented)
Counts = dict[tuple[str, str, str], tuple[int, ...]]


@cache
def facts_from(seed: int) -> Facts:
    """Returns the program's facts of a year, with what no journal tells yet: decisions, ad hoc discussions, personal issues."""
    year = year_of(seed)
    found = facts_of(year.sources, year.today)
    persons = tuple(
        replace(
            one,
            sessions=tuple(
                replace(held, personal=year.personal.get((one.key, held.on)) if held.kind == FORMAL else None)
                for held in one.sessions
            ),
        )
        for one in found.persons
    )
    return replace(found, persons=persons, records=(*found.records, *year.records))


@cache
def reckoned(seed: int, profile: str) -> tuple[Fell, ...]:
    return tuple(everything(year_of(seed), POLICIES, profile))


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("seed", SEEDS)
def test_everything_that_fell_due_in_a_year(seed: int, profile: str) -> None:
    dues = all_dues(facts_from(seed), profile_named(profile), year_of(seed).today)
    found = Counter(
        Fell(one.subject, one.rule, one.threshold, one.due, one.state, one.days_late, one.state == "late" and bool(one.reason))
        for one in dues
    )  # fmt: skip
    expected = Counter(reckoned(seed, profile))
    assert (sorted((found - expected).elements()), sorted((expected - found).elements())) == ([], [])
    assert len(dues) > 100


def windows(year: Year) -> list[str]:
    """Returns the months, the quarters and the year that an invented year is looked at by."""
    number = year.today.year - (year.today.month == 1)
    months = [f"{number}-{month:02}" for month in range(1, 13)]
    return [*months, *(f"{number}-Q{quarter}" for quarter in range(1, 5)), str(number)]


def days_of(text: str) -> Span:
    """Returns the first and the last day of a window, by the calendar."""
    year = int(text[:4])
    first, months = (1, 12) if len(text) == 4 else (3 * int(text[6]) - 2, 3) if "Q" in text else (int(text[5:]), 1)
    after = date(year + (first + months > 12), (first + months - 1) % 12 + 1, 1)
    return date(year, first, 1), date.fromordinal(after.toordinal() - 1)


def counted(fell: Iterable[Fell], *, by_subject: bool) -> Counts:
    """Returns the eight counts of each rule and threshold: due, in time, late with and without a reason, not done, exempt, excused, to come."""
    found: dict[tuple[str, str, str], list[int]] = {}
    for one in fell:
        row = found.setdefault((digest(one.subject) if by_subject else "", one.rule, one.threshold), [0] * 8)
        places = {"in time": 1, "late": 2 if one.reason else 3, "missed": 4, "overdue": 4, "exempt": 5, "excused": 6}
        place = places.get(one.state, 7)
        row[place] += 1
        row[0] += place < 5
    return {key: tuple(row) for key, row in found.items()}


def told(lines: Iterable[Line]) -> Counts:
    return {(one.subject, one.rule, one.threshold): numbers(one.tally) for one in lines}


def numbers(tally: Tally) -> tuple[int, ...]:
    return (
        tally.due, tally.in_time, tally.late_with_reason, tally.late_without_reason, tally.not_done,
        tally.exempt, tally.excused, tally.to_come,
    )  # fmt: skip


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("seed", SEEDS[:2])
def test_the_counts_of_each_month_quarter_and_year(seed: int, profile: str) -> None:
    year, facts = year_of(seed), facts_from(seed)
    people, cases = {one.key for one in facts.persons}, {one.key for one in facts.cases}
    for text in windows(year):
        first, last = days_of(text)
        inside = [one for one in reckoned(seed, profile) if first <= one.due <= last]
        result = coverage(facts, profile_named(profile), window_of(text), year.today)
        assert told(result.lines) == counted(inside, by_subject=False)
        assert told(result.case_lines) == counted((one for one in inside if one.subject in cases), by_subject=True)
        lines = [line for pair in result.pairs for line in pair.lines]
        assert told(lines) == counted((one for one in inside if one.subject in people), by_subject=True)


@pytest.mark.parametrize("seed", SEEDS[:3])
def test_what_stands_beside_the_counts(seed: int) -> None:
    year = year_of(seed)
    for text in windows(year):
        result = coverage(facts_from(seed), profile_named("york"), window_of(text), year.today)
        expected = pair_facts(year, days_of(text))
        assert {one.person: beside(one.person, result) for one in result.pairs} == {
            digest(person): found.hidden(digest) for person, found in expected.items()
        }


def beside(person: str, result: Coverage) -> tuple[object, ...]:
    """Returns what a pair's coverage says beside its counts."""
    pair = next(one for one in result.pairs if one.person == person)
    return pair.supervisors, pair.changes, pair.drawn, pair.tabled, pair.undiscussed, pair.never_discussed


def test_the_years_hold_what_a_year_brings() -> None:
    fell = [one for seed in SEEDS for one in reckoned(seed, STRICTEST)]
    for state in ("in time", "late", "missed", "overdue", "exempt", "excused", "not yet due"):
        assert sum(one.state == state for one in fell) > 10, state
    assert {one.rule for one in fell} == {
        "newly_qualified", "new_starter", "everyone", "agreed_session", "professional", "personal", "appraisal", "agreement_new",
        "agreement_review", "case", "agreed_case", "record_session", "record_decision", "record_ad_hoc",
    }  # fmt: skip
    assert sum(one.reason for one in fell) > 50
