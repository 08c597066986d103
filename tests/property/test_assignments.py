"""Who rates what: the same whatever the order of rows and people, the share met, nobody rates twice or their own case, no case lost."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.frame import NOBODY
from sampling.scoring.settings.assignments import (
    FOLLOW_UPS,
    NO_PRACTITIONER,
    NO_SUPERVISOR,
    assign,
    chosen_for_second,
    first_rater,
    in_order,
    review_id,
)
from sampling.scoring.settings.draws import Draw, DrawnCase
from sampling.scoring.settings.people import People, Person
from sampling.scoring.settings.policy import load_scoring_policy
from sampling.tickets import digest

POLICY = load_scoring_policy()
PRACTITIONERS = [digest(f"practitioner {number}") for number in range(8)]
SUPERVISORS = [digest(f"supervisor {number}") for number in range(3)]


def case(number: int, practitioner: str, team: str = "North", state: str = "selected") -> DrawnCase:
    key = digest(f"case {number}")
    return DrawnCase(digest(key), key, digest(practitioner), practitioner, team, "volatile", "", (), state, digest(key))  # type: ignore[arg-type]


def draw_of(cases: list[DrawnCase], seed: str = "s") -> Draw:
    return Draw(
        folder=Path("."),
        commit=digest("commit"),
        draw_id="2026-10/adult",
        period="2026-10",
        as_of=date(2026, 10, 31),
        drawn_at="2026-11-01T09:00:00Z",
        seed=digest(seed),
        profile="adult",
        cases=tuple(cases),
        tabled=(),
    )


def person(key: str, *roles: str, **more: object) -> Person:
    return Person(key, key[:4], frozenset(roles), **more)  # type: ignore[arg-type]


@st.composite
def services(make: st.DrawFn) -> tuple[Draw, People, dict[str, str]]:
    """A draw with its people and the record's supervisors; some practitioners have nobody, some supervisors have own cases."""
    holders = [*PRACTITIONERS, SUPERVISORS[0], NOBODY]
    numbers = make(st.lists(st.integers(0, 500), min_size=1, max_size=40, unique=True))
    cases = [
        case(number, make(st.sampled_from(holders)), make(st.sampled_from(["North", "South"]))) for number in numbers
    ]
    people = [
        person(SUPERVISORS[0], "supervisor"),
        person(SUPERVISORS[1], "supervisor", practitioners=frozenset(PRACTITIONERS[:2])),
        person(SUPERVISORS[2], "supervisor", "second_rater", teams=frozenset(["South"])),
    ]
    people += [person(digest(f"second {number}"), "second_rater") for number in range(make(st.integers(0, 2)))]
    supervisors = {one: make(st.sampled_from([SUPERVISORS[0], digest("nobody here")])) for one in PRACTITIONERS}
    return draw_of(cases, make(st.text(max_size=3))), People(tuple(people)), supervisors


@given(services(), st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_the_order_of_rows_and_people_changes_nothing(service: tuple[Draw, People, dict[str, str]], mix: int) -> None:
    draw, people, supervisors = service
    shuffler = random.Random(mix)
    mixed = list(draw.cases), list(people.everyone), list(supervisors.items())
    for part in mixed:
        shuffler.shuffle(part)
    again = assign(replace(draw, cases=tuple(mixed[0])), People(tuple(mixed[1])), POLICY, dict(mixed[2]))
    assert again == assign(draw, people, POLICY, supervisors)


@given(services())
@settings(max_examples=60, deadline=None)
def test_no_case_is_lost_and_nobody_rates_their_own_or_the_same_case_twice(
    service: tuple[Draw, People, dict[str, str]],
) -> None:
    draw, people, supervisors = service
    found = assign(draw, people, POLICY, supervisors)
    first = {review.case: review for review in found.reviews if review.stage == "first"}
    second = {review.case: review for review in found.reviews if review.stage == "second"}
    unassigned = {one.case for one in found.unassigned}
    assert set(first) | unassigned == {one.case for one in draw.cases} and not set(first) & unassigned
    for review in found.reviews:
        assert review.rater != review.practitioner_key
    for case, review in second.items():
        assert review.rater != first[case].rater
        assert first[case].sealed and review.sealed
    assert all(not review.sealed for case, review in first.items() if case not in second)
    assert len({review.id for review in found.reviews}) == len(found.reviews)
    for one in found.unassigned:
        assert one.sentence == (NO_PRACTITIONER if one.practitioner_key == NOBODY else NO_SUPERVISOR)


@given(services())
@settings(max_examples=40, deadline=None)
def test_the_share_of_the_drawn_cases_is_met(service: tuple[Draw, People, dict[str, str]]) -> None:
    draw, people, supervisors = service
    chosen = chosen_for_second((one.case for one in draw.cases), draw.seed, POLICY.second_share)
    assert len(chosen) == math.ceil(Fraction(15, 100) * len(draw.cases))
    found = assign(draw, people, POLICY, supervisors)
    first = {review.case for review in found.reviews if review.stage == "first"}
    second = {review.case for review in found.reviews if review.stage == "second"}
    assert second == chosen & first, "the supervisors can all rate, so that nobody who was chosen goes without"


@given(st.lists(st.integers(), max_size=60, unique=True), st.integers(0, 100), st.text(max_size=3))
@settings(deadline=None)
def test_a_larger_share_keeps_the_smaller_one(numbers: list[int], percent: int, seed: str) -> None:
    cases = [digest(str(number)) for number in numbers]
    small = chosen_for_second(cases, seed, Fraction(percent, 200))
    assert small <= chosen_for_second(cases, seed, Fraction(percent, 100))


@given(services())
@settings(max_examples=30, deadline=None)
def test_a_replacement_takes_over_whether_a_case_is_rated_twice(service: tuple[Draw, People, dict[str, str]]) -> None:
    """Else a replacement would shift the share onto a case whose first rating was begun in the open."""
    draw, people, supervisors = service
    before = assign(draw, people, POLICY, supervisors)
    old, *others = draw.cases
    new = replace(case(9_999, old.practitioner_key, old.team), state="replacement", follows=old.case)
    after = assign(replace(draw, cases=(replace(old, state="replaced"), new, *others)), people, POLICY, supervisors)
    seconds = [{review.case for review in one.reviews if review.stage == "second"} for one in (before, after)]
    assert seconds[0] - {old.case} == seconds[1] - {old.case, new.case}
    assert (old.case in seconds[0]) == (new.case in seconds[1])


def test_everyone_in_their_first_month_is_rated_twice() -> None:
    cases = [case(number, PRACTITIONERS[0]) for number in range(20)]
    new = person(SUPERVISORS[0], "supervisor", started=date(2026, 10, 10))
    other = person(SUPERVISORS[1], "second_rater")
    found = assign(draw_of(cases), People((new, other)), POLICY, {PRACTITIONERS[0]: new.key})
    assert sum(review.stage == "second" for review in found.reviews) == 20
    settled = replace(new, started=date(2026, 11, 1) - timedelta(days=31))
    found = assign(draw_of(cases), People((settled, other)), POLICY, {PRACTITIONERS[0]: new.key})
    assert sum(review.stage == "second" for review in found.reviews) == 3


def test_without_a_second_rater_it_is_said_and_nothing_is_sealed() -> None:
    cases = [case(number, PRACTITIONERS[0]) for number in range(20)]
    alone = person(SUPERVISORS[0], "supervisor", "moderator", "lead", everyone=True)
    found = assign(draw_of(cases), People((alone,)), POLICY, {})
    assert not any(review.sealed for review in found.reviews)
    assert found.notes == (
        "3 cases should be rated a second time, and nobody else may rate. Give someone the role second_rater.",
    )


@pytest.mark.parametrize(
    ("people", "expected"),
    [  # whoever names the practitioner, then whoever names the team, then the record's supervisor
        ("PTR", "P"),
        ("TR", "T"),
        ("R", "R"),
        ("", None),
    ],
)
def test_the_first_rater_is_the_nearest_supervisor(people: str, expected: str | None) -> None:
    holder = PRACTITIONERS[0]
    known = {
        "P": person("P" * 64, "supervisor", practitioners=frozenset([holder])),
        "T": person("T" * 64, "supervisor", teams=frozenset(["North"])),
        "R": person("R" * 64, "supervisor"),
    }
    one = case(1, holder)
    found = first_rater(draw_of([one]), one, People(tuple(known[letter] for letter in people)), {holder: "R" * 64})
    assert (found.key[0] if found else None) == expected


def test_review_ids_and_orders_are_the_documented_hashes() -> None:
    assert review_id("c", "d", "first") == digest("csr1/review|c|d|first")[:32]
    draw = draw_of([case(number, PRACTITIONERS[0]) for number in range(12)])
    rater = person(SUPERVISORS[0], "supervisor")
    found = assign(draw, People((rater,)), POLICY, {PRACTITIONERS[0]: rater.key})
    firsts = [review for review in found.reviews if review.stage == "first"]
    ordered = [review.case for review in in_order(firsts, {draw.commit: draw.seed})]
    assert ordered == sorted(
        (review.case for review in firsts), key=lambda one: digest(f"csr1/order|{draw.seed}|{rater.key}|{one}")
    )
    assert ordered != sorted(ordered)
    stages = {review.stage for review in found.reviews}
    assert stages == {"first", "moderation", *FOLLOW_UPS}
