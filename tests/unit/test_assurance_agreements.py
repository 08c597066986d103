"""The supervision agreement of a pair and the worker's folder, as tables. Days are of 2027 unless they have a year."""

from __future__ import annotations

from datetime import date
from functools import cache

import pytest

from sampling.assurance.agreements import agreement_dues
from sampling.assurance.facts import Absence, Agreement, Pair, Person
from sampling.assurance.folder import folder_lines, recorded
from sampling.assurance.profile import Profile
from sampling.assurance.reading import profile_named


def day(text: str) -> date:
    return date.fromisoformat(text if len(text) > 5 else f"2027-{text}")


@cache
def profile(name: str) -> Profile:
    return profile_named(name)


def span(text: str) -> tuple[date, date | None]:
    first, _, last = text.partition("..")
    return day(first), day(last) if last else None


def person_of(facts: str) -> tuple[Person, date]:
    """pair S 01-04..; away 02-01..03-15; signed S 01-10; half S 01-10; reviewed 07-01; left 09-01; today 12-01"""
    pairs, absences, agreements, left, today = [], [], [], None, date.min
    for part in facts.split(";"):
        word, *values = part.split()
        if word == "pair":
            pairs.append(Pair(values[0], *span(values[1])))
        elif word == "away":
            absences.append(Absence(*span(values[0])))
        elif word in ("signed", "half"):
            reviewed = tuple(day(one) for one in values[2:])
            agreements.append(Agreement(values[0], day(values[1]), word == "signed", reviewed))
        elif word == "left":
            left = day(values[0])
        else:
            today = day(values[0])
    start = min(pair.first for pair in pairs)
    return Person("P", start, left, pairs=tuple(pairs), absences=tuple(absences), agreements=tuple(agreements)), today


NEW = """
D7 within a month of the new pair       | pair S 01-04..; signed S 01-20; today 03-01                          -> S 02-04 in time
D7 signed before the pair began         | pair S 01-04..; signed S 2026-12-20; today 03-01                     -> S 02-04 in time
D7 not signed                           | pair S 01-04..; today 02-05                                          -> S 02-04 overdue 1
D7 signed by one is not signed          | pair S 01-04..; half S 01-20; today 02-05                            -> S 02-04 overdue 1
D7 both at last                         | pair S 01-04..; half S 01-20; signed S 02-10; today 03-01            -> S 02-04 late 6
D7 another pair, another agreement      | pair S 01-04..03-31; pair T 04-01..; signed S 01-20; today 05-10     -> S 02-04 in time, T 05-01 overdue 9
D7 the same two again, a new agreement  | pair S 01-04..03-31; pair T 04-01..05-31; pair S 06-01..; signed S 01-20; signed T 04-02; today 07-03 -> S 02-04 in time, T 05-01 in time, S 07-01 overdue 2
D7 back from a long absence             | pair S 01-04..; signed S 01-20; away 03-01..05-31; today 07-03       -> S 02-04 in time, S 07-01 overdue 2
D7 signed in the absence, for the return| pair S 01-04..; signed S 01-20; signed S 05-30; away 03-01..05-31; today 07-03 -> S 02-04 in time, S 07-01 in time
D7 four weeks away ask for nothing      | pair S 01-04..; signed S 01-20; away 03-01..03-28; today 07-03       -> S 02-04 in time
D7 still away: nothing due yet          | pair S 01-04..; signed S 01-20; away 03-01..; today 07-03            -> S 02-04 in time
D7 the pair ended before it was due     | pair S 01-04..01-20; pair T 01-21..; signed T 01-22; today 07-03     -> T 02-21 in time
D7 left before it was due               | pair S 01-04..; left 01-31; today 07-03                              ->
D7 a pair to come                       | pair S 01-04..; signed S 01-05; pair T 09-01..; today 07-03          -> S 02-04 in time
D7 a pair that begins in an absence     | pair S 01-04..02-28; pair T 03-01..; signed S 01-05; away 02-01..03-31; today 05-02 -> T 05-01 overdue 1
"""

REVIEWS = """
C7 norm half a year from the signing    | pair S 01-04..; signed S 01-10; today 07-11                          -> norm 07-10 overdue 1
C7 norm reviewed, and due again         | pair S 01-04..; signed S 01-10 06-30; today 07-11                    -> norm 07-10 in time, norm 12-30 not yet due
C7 norm signed anew is a review         | pair S 01-04..; signed S 01-10; signed S 07-12; today 07-12          -> norm 07-10 late 2, norm 2028-01-12 not yet due
C7 floor a year from the signing        | pair S 01-04..; signed S 01-10; today 2028-01-11                     -> floor 2028-01-10 overdue 1
C7 floor kept where the norm is not     | pair S 01-04..; signed S 01-10 12-30; today 2027-12-31               -> floor 2028-01-10 in time, floor 2028-12-30 not yet due
C7 norm the pair ended before           | pair S 01-04..06-30; signed S 01-10; today 2028-01-11                ->
C7 norm a long absence ends it          | pair S 01-04..; signed S 01-10; away 07-01..09-30; today 10-15       ->
C7 norm the new one after the return    | pair S 01-04..; signed S 01-10; away 03-01..05-31; signed S 06-10; today 12-11 -> norm 12-10 overdue 1
C7 norm nothing without an agreement    | pair S 01-04..; half S 01-10; today 07-11                            ->
C7 norm cut at the end of the month     | pair S 01-04..; signed S 2027-08-31; today 2028-03-01                -> norm 2028-02-29 overdue 1
"""


def rows(table: str) -> list[tuple[str, str, str]]:
    found = []
    for line in table.strip().splitlines():
        left, expected = line.split("->")
        about, facts = left.split("|")
        found.append((about.strip(), facts.strip(), " ".join(expected.split())))
    return found


def told(when: date, state: str, late: int) -> str:
    shown = f"{when:%m-%d}" if when.year == 2027 else str(when)
    return f"{shown} {state}" + (f" {late}" if state in ("late", "missed", "overdue") else "")


@pytest.mark.parametrize("row", rows(NEW), ids=lambda row: row[0])
def test_a_new_agreement(row: tuple[str, str, str]) -> None:
    person, today = person_of(row[1])
    found = agreement_dues(person, profile("york"), today)
    assert ", ".join(f"{due.answers} {told(due.due, due.state, due.days_late)}" for due in found) == row[2]


@pytest.mark.parametrize("row", rows(REVIEWS), ids=lambda row: row[0])
def test_its_review(row: tuple[str, str, str]) -> None:
    person, today = person_of(row[1])
    threshold = row[0].split()[1]
    found = [due for due in agreement_dues(person, profile("bournemouth"), today) if due.threshold == threshold]
    assert ", ".join(f"{due.threshold} {told(due.due, due.state, due.days_late)}" for due in found) == row[2]


def test_d7_the_note_says_why_and_the_day_is_the_real_one() -> None:
    person, today = person_of("pair S 01-04..; signed S 2026-12-20; away 03-01..05-31; half S 06-05; today 07-03")
    new, returned = agreement_dues(person, profile("york"), today)
    assert (new.done, new.note) == (day("2026-12-20"), "The pair is new.")
    assert (
        returned.note == "The person returned from a long absence. An agreement stands there that only one has signed."
    )


def test_nothing_is_told_of_who_is_left_out_or_before_the_records_begin() -> None:
    person, today = person_of("pair S 01-04..; today 02-05")
    assert agreement_dues(person, profile("york"), today, known_from=day("02-05")) == ()
    clerk = Person("P", person.started, role="administrative", pairs=person.pairs)
    assert agreement_dues(clerk, profile("york"), today) == ()


def test_c12_the_folder() -> None:
    updated = {
        "agreement": day("01-10"), "caseload": day("07-01"), "case_sheets": day("06-30"), "personal": day("06-11"),
        "appraisal": day("2026-12-31"), "mot": day("2026-07-11"), "registration": day("2026-07-10"), "training": day("07-12"),
    }  # fmt: skip
    lines = folder_lines(profile("bournemouth"), updated, [day("06-01"), day("07-01"), day("08-01")], day("07-11"))
    assert {line.item.item: (line.standing, line.due) for line in lines} == {
        "agreement": ("out of date", day("07-10")),
        "caseload": ("up to date", None),
        "case_sheets": ("out of date", None),
        "plans": ("missing", None),
        "personal": ("up to date", day("07-11")),
        "training": ("missing", None),
        "appraisal": ("out of date", day("06-30")),
        "qualification": ("missing", None),
        "registration": ("out of date", day("07-10")),
        "driving_licence": ("missing", None),
        "car_insurance": ("missing", None),
        "mot": ("up to date", day("07-11")),
    }
    assert folder_lines(profile("york"), updated, [], day("07-11")) == ()


def test_c12_an_agreement_that_both_signed_need_not_be_noted_again() -> None:
    agreements = (
        Agreement("S", day("01-04"), reviewed=(day("02-04"),)), Agreement("S", day("01-06")), Agreement("S", day("03-01"), by_both=False),
    )  # fmt: skip
    person = Person("P", day("01-01"), agreements=agreements, appraisals=(day("01-20"), day("01-30")))
    assert recorded(person) == {"agreement": day("02-04"), "appraisal": day("01-30")}
    assert recorded(Person("P", day("01-01"))) == {}
    lines = folder_lines(profile("bournemouth"), {**recorded(person), "appraisal": None}, [], day("07-11"))
    told = {line.item.item: line.standing for line in lines}
    assert (told["agreement"], told["appraisal"]) == (
        "up to date",
        "missing",
    )  # who looked, and found none, is believed
