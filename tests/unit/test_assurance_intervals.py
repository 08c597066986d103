"""When supervision of a person and a discussion of a case fall due: each reading of docs/policies.md as a line of a table.

A line: row of the requirements, what it shows | the facts -> due date, state, days late, for each thing that fell due. Days are of 2027
unless they have a year. The profile is that which the row is from.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.assurance.dues import (
    case_dues,
    held_by_leavers,
    person_dues,
    record_dues,
    service_dues,
    short_sessions,
    untold,
)
from sampling.assurance.facts import (
    Absence,
    Agreed,
    Case,
    Delay,
    Discussion,
    Exemption,
    Held,
    Holder,
    Pair,
    Person,
    Record,
)
from sampling.assurance.intervals import Due
from sampling.assurance.profile import BankHoliday, Origin, Profile
from sampling.assurance.reading import load_profiles, profile_named
from sampling.assurance.spans import parse_span

Row = tuple[str, str, str, str]


def day(text: str) -> date:
    return date.fromisoformat(text if len(text) > 5 else f"2027-{text}")


def rows(table: str) -> list[Row]:
    """Returns (row, what it shows, facts, outcome) of each line of a table."""
    found = []
    for line in table.strip().splitlines():
        left, expected = line.split("->")
        about, facts = left.split("|")
        row, _, shows = about.strip().partition(" ")
        found.append((row, shows.strip(), facts.strip(), " ".join(expected.split())))
    return found


def spec(table: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("row", rows(table), ids=lambda row: f"{row[0]} {row[1]}")


def facts_of(text: str) -> dict[str, list[str]]:
    """Returns "from 01-04; held 01-18 02-01" as {"from": ["01-04"], "held": [...]}."""
    return {words[0]: words[1:] for part in text.split(";") if (words := part.split())}


def outcome(dues: Iterable[Due]) -> str:
    shown = []
    for due in dues:
        when = f"{due.due:%m-%d}" if due.due.year == 2027 else str(due.due)
        shown.append(f"{when} {due.state}" + (f" {due.days_late}" if due.is_late else ""))
    return ", ".join(shown)


def spans(words: list[str]) -> list[tuple[date, date | None]]:
    pairs = [word.split("..") for word in words]
    return [(day(first), day(last) if last else None) for first, last in pairs]


@cache
def profile(name: str) -> Profile:
    return profile_named(name)


def person_of(facts: dict[str, list[str]]) -> Person:
    left = facts.get("left")
    return Person(
        "P",
        day(facts["from"][0]),
        day(left[0]) if left else None,
        newly_qualified="nqsw" in facts,
        sessions=tuple(Held(day(word)) for word in facts.get("held", [])),
        absences=tuple(Absence(*span) for span in spans(facts.get("away", []))),
    )


def dues_of(facts: dict[str, list[str]], name: str, rules: Callable[[Due], bool]) -> tuple[Due, ...]:
    known = facts.get("known")
    dues = person_dues(
        person_of(facts), profile(name), day(facts["today"][0]), known_from=day(known[0]) if known else None
    )
    return tuple(due for due in dues if rules(due))


def sessions_only(due: Due) -> bool:
    return due.rule in ("newly_qualified", "new_starter", "everyone")


# Bournemouth: everyone every 4 weeks, new starters every 2 weeks for the first 3 months. Who started in 2020 is no starter.
BOURNEMOUTH = """
C4 four weeks from the last one               | from 2020-01-06; known 01-04; held 01-20; today 02-01             -> 02-01 in time, 02-17 not yet due
C4 the due day itself is in time              | from 2020-01-06; known 01-04; held 02-01; today 02-01             -> 02-01 in time, 03-01 not yet due
C4 the day after is late                      | from 2020-01-06; known 01-04; held 02-02; today 02-02             -> 02-01 late 1, 03-02 not yet due
C4 not late on the due day                    | from 2020-01-06; known 01-04; today 02-01                         -> 02-01 not yet due
C4 overdue on the next day                    | from 2020-01-06; known 01-04; today 02-02                         -> 02-01 overdue 1
C4 an early one sets the clock anew           | from 2020-01-06; known 01-04; held 01-08 02-05; today 02-05       -> 02-01 in time, 02-05 in time, 03-05 not yet due
C4 once in each five-week month is late       | from 2020-01-06; known 03-01; held 03-01 04-05; today 04-05       -> 03-29 in time, 03-29 late 7, 05-03 not yet due
C4 monthly on the same day is late, too       | from 2020-01-06; known 03-01; held 03-01 04-01; today 04-01       -> 03-29 in time, 03-29 late 3, 04-29 not yet due
C4 February has four weeks: the same day      | from 2020-01-06; known 02-01; held 02-01 03-01; today 03-01       -> 03-01 in time, 03-01 in time, 03-29 not yet due
C4 in a leap year it is a day late            | from 2020-01-06; known 2028-02-01; held 2028-02-01 2028-03-01; today 2028-03-01 -> 2028-02-29 in time, 2028-02-29 late 1, 2028-03-29 not yet due
C4 nine weeks: one is missed, one late        | from 2020-01-06; known 01-04; held 03-08; today 03-08             -> 02-01 missed 35, 03-01 late 7, 04-05 not yet due
C4 held as the second is due settles that     | from 2020-01-06; known 01-04; held 03-01; today 03-01             -> 02-01 missed 28, 03-01 in time, 03-29 not yet due
C4 nothing for a quarter                      | from 2020-01-06; known 01-04; today 04-04                         -> 02-01 missed 62, 03-01 missed 34, 03-29 overdue 6
C4 a plan for tomorrow is no session          | from 2020-01-06; known 01-04; held 02-03; today 02-02             -> 02-01 overdue 1
C4 before the records begin nothing is held   | from 2020-01-06; known 01-04; held 2026-12-30; today 01-10        -> 02-01 not yet due
C4 two on one day are one                     | from 2020-01-06; known 01-04; held 01-20 01-20; today 01-20       -> 02-01 in time, 02-17 not yet due
C3 counted from the start, not from a session | from 01-04; today 01-19                                           -> 01-18 overdue 1
C3 two weeks from each session                | from 01-04; held 01-15 01-29; today 01-30                         -> 01-18 in time, 01-29 in time, 02-12 not yet due
C3 a session on the first day counts          | from 01-04; held 01-04; today 01-04                               -> 01-18 in time, 01-18 not yet due
C3 begun in the three months: still two weeks | from 01-04; known 04-01; held 04-03; today 04-10                  -> 04-15 in time, 04-17 not yet due
C3 begun on the day they end: four weeks      | from 01-04; known 04-01; held 04-04; today 04-10                  -> 04-15 in time, 05-02 not yet due
C3 three months from the end of November      | from 2026-11-30; known 02-20; held 02-27; today 03-01             -> 03-06 in time, 03-13 not yet due
C3 and on its last day                        | from 2026-11-30; known 02-20; held 02-28; today 03-01             -> 03-06 in time, 03-28 not yet due
C4 a short leave over the due date            | from 2020-01-06; known 01-04; away 01-25..02-05; held 02-08; today 02-08 -> 02-01 late 7, 03-08 not yet due
C4 four weeks away are a short leave          | from 2020-01-06; known 01-04; away 01-05..02-01; held 02-08; today 02-08 -> 02-01 late 7, 03-08 not yet due
D7 more than four weeks stop the clock        | from 2020-01-06; known 01-04; away 01-05..02-02; today 02-10      -> 02-01 excused, 03-03 not yet due
D7 a year away is one excuse, not thirteen    | from 2020-01-06; known 01-04; away 01-20..2028-01-19; today 2028-02-01 -> 02-01 excused, 2028-02-17 not yet due
D7 still away                                 | from 2020-01-06; known 01-04; away 01-20..; today 05-01           -> 02-01 excused
D7 still away, not yet for long               | from 2020-01-06; known 01-04; away 01-25..; today 02-05           -> 02-01 overdue 4
D7 two leaves that touch are one              | from 2020-01-06; known 01-04; away 01-20..02-05 02-06..02-28; today 03-01 -> 02-01 excused, 03-29 not yet due
D7 a planned leave excuses nothing yet        | from 2020-01-06; known 01-04; away 01-20..05-01; today 01-10      -> 02-01 not yet due
D7 a session in the leave is held             | from 2020-01-06; known 01-04; away 01-20..03-31; held 01-27; today 04-05 -> 02-01 in time, 02-24 excused, 04-29 not yet due
D8 leave does not lengthen the three months   | from 01-04; away 01-11..04-11; held 04-20; today 04-20            -> 01-18 excused, 05-10 in time, 05-18 not yet due
C4 a leaver owes nothing more                 | from 2020-01-06; known 01-04; left 01-29; today 06-01             ->
C4 left on the due day: not late              | from 2020-01-06; known 01-04; left 02-01; today 06-01             ->
C4 left the day after: late by that day       | from 2020-01-06; known 01-04; left 02-02; today 06-01             -> 02-01 missed 1
C4 held on the last day                       | from 2020-01-06; known 01-04; held 02-04; left 02-04; today 06-01 -> 02-01 late 3
C4 leaving soon, not yet due                  | from 2020-01-06; known 01-04; left 02-20; today 01-10             -> 02-01 not yet due
"""


@spec(BOURNEMOUTH)
def test_formal_one_to_ones(row: Row) -> None:
    assert outcome(dues_of(facts_of(row[2]), "bournemouth", sessions_only)) == row[3]


# National standards: newly qualified weekly for 6 weeks, every 2 weeks for 6 months, then monthly.
NEWLY_QUALIFIED = """
outside weekly for six weeks                  | nqsw; from 01-04; held 01-11; today 01-12                         -> 01-11 in time, 01-18 not yet due
outside begun in the sixth week               | nqsw; from 01-04; known 02-07; held 02-14; today 02-14            -> 02-14 in time, 02-21 not yet due
outside begun when six weeks are over         | nqsw; from 01-04; known 02-08; held 02-15; today 02-15            -> 02-15 in time, 03-01 not yet due
outside begun after six months: monthly       | nqsw; from 01-04; known 06-30; held 07-04; today 07-05            -> 07-14 in time, 08-04 not yet due
outside an experienced starter: monthly       | from 01-04; today 01-12                                           -> 02-04 not yet due
"""


@spec(NEWLY_QUALIFIED)
def test_newly_qualified_workers(row: Row) -> None:
    assert outcome(dues_of(facts_of(row[2]), "lga", sessions_only)) == row[3]


# York: professional supervision at least once a month, a calendar month from the last one.
MONTHLY = """
D8 a month is a calendar month                | from 2020-01-06; known 03-01; held 03-01 04-01; today 04-01       -> 04-01 in time, 04-01 in time, 05-01 not yet due
D8 from the 31st to the last of February      | from 2020-01-06; known 01-31; today 02-28                         -> 02-28 not yet due
D8 and to the 29th in a leap year             | from 2020-01-06; known 2028-01-31; today 2028-03-01               -> 2028-02-29 overdue 1
D8 from the 28th of February to the 28th      | from 2020-01-06; known 01-31; held 02-28; today 03-01             -> 02-28 in time, 03-28 not yet due
D8 one in each month is not enough            | from 2020-01-06; known 01-04; held 01-04 02-28; today 02-28       -> 02-04 in time, 02-04 late 24, 03-28 not yet due
"""


@spec(MONTHLY)
def test_professional_supervision(row: Row) -> None:
    assert outcome(dues_of(facts_of(row[2]), "york", lambda due: due.rule == "professional")) == row[3]


CASES = """
C1  opened in mid-month: a month from that day | norm; from 01-15; today 02-15                                   -> 02-15 not yet due
C1  the day after                              | norm; from 01-15; today 02-16                                   -> 02-15 overdue 1
C1  a five-week gap is late for the norm       | norm; from 03-01; held 03-01 04-05; today 04-05                 -> 04-01 in time, 04-01 late 4, 05-05 not yet due
C1  closed in time                             | norm; from 01-15; closed 02-10; today 06-01                     ->
C1  closed on the due day                      | norm; from 01-15; closed 02-15; today 06-01                     ->
C1  closed late and never discussed            | norm; from 01-15; closed 03-01; today 06-01                     -> 02-15 missed 14
C1  exempt, each month anew                    | norm; from 01-15; exempt 02-01..04-30; today 04-01              -> 02-15 exempt, 03-15 exempt, 04-15 not yet due
C1  exempt until it ends                       | norm; from 01-15; exempt 02-01..03-01; today 04-01              -> 02-15 exempt, 03-15 overdue 17
C11 the floor knows no exemption               | floor; from 01-15; exempt 02-01..; today 04-20                  -> 04-15 overdue 5
C11 three months from the last discussion      | floor; from 01-15; held 02-28; today 04-20                      -> 04-15 in time, 05-28 not yet due
C11 the norm missed, the floor kept            | floor; from 01-15; held 04-10; today 04-10                      -> 04-15 in time, 07-10 not yet due
C1  the norm missed, the floor kept            | norm; from 01-15; held 04-10; today 04-10                       -> 02-15 missed 54, 03-15 late 26, 05-10 not yet due
C1  a group or duty talk does not count        | norm; from 01-15; talked 02-10; today 02-16                     -> 02-15 overdue 1
C1  opened on the 31st                         | norm; from 01-31; held 02-28; today 03-01                       -> 02-28 in time, 03-28 not yet due
"""


@spec(CASES)
def test_cases(row: Row) -> None:
    facts = facts_of(row[2])
    threshold = "norm" if "norm" in facts else "floor"
    closed = facts.get("closed")
    case = Case(
        "K",
        day(facts["from"][0]),
        day(closed[0]) if closed else None,
        discussed=tuple(Discussion(day(word)) for word in facts.get("held", []))
        + tuple(Discussion(day(word), "duty_consultation") for word in facts.get("talked", [])),
        exemptions=tuple(
            Exemption(first, "Stable", "F1", "S1", last) for first, last in spans(facts.get("exempt", []))
        ),
    )
    dues = case_dues(case, profile("bournemouth"), day(facts["today"][0]))
    assert outcome(due for due in dues if due.threshold == threshold) == row[3]


RECORDS = """
C8  the second working day is in time          | record_session; held 11-16; wrote 11-18; today 11-30            -> 11-18 in time
C8  over a weekend                             | record_session; held 11-18; wrote 11-23; today 11-30            -> 11-22 late 1
C8  Christmas does not count as late           | record_session; held 12-23; wrote 12-30; today 2028-01-05       -> 12-29 late 1
C9  not yet due                                | record_decision; held 11-16; today 11-18                        -> 11-18 not yet due
C9  overdue                                    | record_decision; held 11-16; today 11-22                        -> 11-18 overdue 2
C10 Easter                                     | record_ad_hoc; held 03-25; wrote 03-31; today 04-30             -> 03-31 in time
C10 due on a Friday, written on the Saturday   | record_ad_hoc; held 11-17; wrote 11-20; today 11-30             -> 11-19 in time
C10 nor is it overdue on the Saturday          | record_ad_hoc; held 11-17; today 11-20                          -> 11-19 not yet due
C10 a date of tomorrow is not written          | record_ad_hoc; held 11-16; wrote 11-20; today 11-19             -> 11-18 overdue 1
"""


@spec(RECORDS)
def test_records(row: Row) -> None:
    facts = facts_of(row[2])
    rule = next(name for name in facts if name.startswith("record_"))
    wrote = facts.get("wrote")
    record = Record("R", rule, day(facts["held"][0]), day(wrote[0]) if wrote else None)
    assert outcome(record_dues([record], profile("bournemouth"), day(facts["today"][0]))) == row[3]


def test_c8_c9_c10_each_record_has_its_owner_and_destination() -> None:
    records = [Record("R", rule, day("11-16")) for rule in ("record_session", "record_decision", "record_ad_hoc")]
    found = {due.row: (due.answers, due.note) for due in record_dues(records, profile("bournemouth"), day("11-17"))}
    assert found == {
        "C8": ("supervisor", "It goes to the supervision record, agreed by both, with a copy on the personal file."),
        "C9": ("supervisor", "It goes to the child's file."),
        "C10": ("supervisee", "It goes to the child's file, as a management decision."),
    }


def test_an_added_bank_holiday_gives_a_day_more() -> None:
    added = BankHoliday(day("11-17"), "A day off", Origin("own", "Proclaimed", "C8", "stated"))
    own = replace(profile("bournemouth"), bank_holidays=(added,))
    assert record_dues([Record("R", "record_session", day("11-16"))], own, day("11-16"))[0].due == day("11-19")


def test_a_rule_that_is_none_on_records_is_refused() -> None:
    with pytest.raises(ValueError, match="expected one of the rules on records"):
        record_dues([Record("R", "everyone", day("11-16"))], profile("bournemouth"), day("11-16"))


# Reasons, words, and who answers


def with_delays(*delays: Delay, sessions: tuple[str, ...], absences: tuple[Absence, ...] = ()) -> list[Due]:
    person = Person(
        "P", day("2020-01-06"), sessions=tuple(Held(day(word)) for word in sessions), delays=delays, absences=absences
    )
    found = person_dues(person, profile("bournemouth"), day("04-04"), known_from=day("01-04"))
    return [due for due in found if sessions_only(due)]


def test_c4_a_reason_belongs_to_the_delay_that_it_explains() -> None:
    first, second, *_ = with_delays(Delay(day("02-02"), "supervisor's post is vacant"), sessions=("02-04", "03-10"))
    assert (first.reason, second.reason) == ("supervisor's post is vacant", "")
    assert "3 days late. Reason: supervisor's post is vacant." in first.sentence()
    assert "6 days late. No reason is noted." in second.sentence()


def test_c4_a_reason_may_be_noted_ahead_and_may_cover_several() -> None:
    ahead, *_ = with_delays(Delay(day("01-20"), "inspection"), sessions=("02-04",))
    assert ahead.reason == "inspection"
    both = with_delays(Delay(day("02-02"), "vacancy", day("03-20")), sessions=("03-08",))
    assert [due.reason for due in both if due.is_late] == ["vacancy", "vacancy"]


def test_c4_a_reason_explains_nothing_that_was_in_time() -> None:
    assert [due.reason for due in with_delays(Delay(day("01-20"), "inspection"), sessions=("01-25",))][0] == ""


def test_a_short_absence_is_a_reason_and_its_days_are_told_apart() -> None:
    late, *_ = with_delays(sessions=("02-20",), absences=(Absence(day("01-25"), day("02-05")),))
    assert (late.days_late, late.days_away) == (19, 4)
    assert late.reason == "away from 25 January 2027 to 5 February 2027"
    given, *_ = with_delays(
        Delay(day("02-05"), "room flooded"), sessions=("02-20",), absences=(Absence(day("01-25"), day("02-05")),)
    )
    assert given.reason == "room flooded"


def test_the_sentence_has_everything_that_a_reader_needs() -> None:
    late, *_ = with_delays(sessions=("02-02",))
    assert late.sentence() == (
        "Formal one-to-one: due 1 February 2027, done 2 February 2027, 1 day late. No reason is noted. The clock runs from the day on "
        'which records here begin. (every 4 weeks, floor; C4; bournemouth: Section 2, Frequency of Supervision: "at least every four weeks")'
    )


def test_d7_an_excuse_says_why() -> None:
    excused = with_delays(sessions=(), absences=(Absence(day("01-20"), day("03-10")),))[0]
    assert (excused.state, excused.counts, excused.is_late) == ("excused", False, False)
    assert excused.reason == "away from 20 January 2027 to 10 March 2027"


def test_c1_an_exemption_without_both_references_does_not_count() -> None:
    exempt = Exemption(day("02-01"), "Stable", "F1", " ")
    norm, floor = case_dues(Case("K", day("01-15"), exemptions=(exempt,)), profile("bournemouth"), day("02-20"))
    assert (norm.state, norm.note) == (
        "overdue",
        "An exemption without its reason or one of its two references does not count (C1).",
    )
    assert (floor.threshold, floor.state, floor.note) == ("floor", "not yet due", "")
    registered = replace(exempt, session_reference="S1")
    norm = case_dues(Case("K", day("01-15"), exemptions=(registered,)), profile("bournemouth"), day("02-20"))[0]
    assert (norm.state, norm.reason) == ("exempt", "Stable")


def test_c13_a_case_that_changes_hands_keeps_its_clock() -> None:
    case = Case("K", day("01-04"), holders=(Holder("A", day("01-04")), Holder("B", day("01-25"))))
    overdue = case_dues(case, profile("bournemouth"), day("02-06"))[0]
    assert (overdue.due, overdue.state, overdue.answers) == (day("02-04"), "overdue", "B")
    assert overdue.note == "It came to its holder 10 days before it was due."
    discussed = replace(case, discussed=(Discussion(day("01-20")),))
    assert outcome(case_dues(discussed, profile("bournemouth"), day("02-06"))[:2]) == "02-04 in time, 02-20 not yet due"


def test_c13_cases_of_a_leaver_stay_due_and_are_named() -> None:
    held = Case("K", day("01-04"), holders=(Holder("A", day("01-04"), day("01-31")),))
    assert case_dues(held, profile("bournemouth"), day("02-06"))[0].note == (
        "Nobody is named as holding the case on that day."
    )
    open_still = Case("L", day("01-04"), holders=(Holder("A", day("01-04")),))
    closed = replace(open_still, key="M", closed=day("02-01"))
    left = {"A": day("01-31")}
    assert held_by_leavers([held, open_still, closed], left, day("02-06")) == (("L", "A", day("01-31")),)
    assert held_by_leavers([open_still], left, day("01-31")) == ()


def test_d8_c11_what_was_agreed_stands_beside_the_policy_and_never_lifts_it() -> None:
    weekly = Agreed(parse_span("1 week"), day("02-01"), "back after sickness", day("02-20"))
    person = Person("P", day("2020-01-06"), sessions=(Held(day("01-20")), Held(day("02-09"))), agreed=(weekly,))
    found = person_dues(person, profile("bournemouth"), day("03-01"), known_from=day("01-04"))
    assert outcome(due for due in found if due.rule == "agreed_session") == "02-08 late 1, 02-16 missed 4"
    assert outcome(due for due in found if sessions_only(due)) == "02-01 in time, 02-17 in time, 03-09 not yet due"
    assert (
        found[1].sentence().endswith("(every week, norm; D8; agreed: agreed from 2027-02-01 on: back after sickness)")
    )
    seldom = Agreed(parse_span("2 months"), day("01-15"), "stable")
    case = Case("K", day("01-15"), agreed=(seldom,))
    assert [(due.rule, due.threshold, due.due) for due in case_dues(case, profile("bournemouth"), day("01-20"))] == [
        ("case", "norm", day("02-15")),
        ("agreed_case", "norm", day("03-15")),
        ("case", "floor", day("04-15")),
    ]


def test_the_supervisor_of_the_due_day_answers() -> None:
    person = Person("P", day("2020-01-06"), pairs=(Pair("S", day("2020-01-06"), day("01-20")), Pair("T", day("02-01"))))
    found = [due for due in person_dues(person, profile("york"), day("03-05"), known_from=day("01-04"))]
    assert [(due.due, due.answers) for due in found if due.rule == "professional"][0] == (day("02-04"), "T")
    alone = replace(person, pairs=person.pairs[:1])
    assert person_dues(alone, profile("york"), day("02-06"), known_from=day("01-04"))[0].note.endswith(
        "Nobody is named as supervisor on that day."
    )


def test_d2_only_formal_one_to_ones_count() -> None:
    kinds = ("reflective", "group", "duty_consultation", "ad_hoc", "specialist")
    person = Person("P", day("2020-01-06"), sessions=tuple(Held(day("01-20"), kind) for kind in kinds))
    found = person_dues(person, profile("bournemouth"), day("02-05"), known_from=day("01-04"))
    assert outcome(due for due in found if sessions_only(due)) == "02-01 overdue 4"


def test_d18_only_a_role_that_is_left_out_owes_nothing() -> None:
    clerk = Person("P", day("2020-01-06"), role="administrative")
    assert person_dues(clerk, profile("york"), day("02-05")) == ()
    for role in ("student", "agency", ""):
        assert person_dues(replace(clerk, role=role), profile("york"), day("02-05"), known_from=day("01-04")) != ()


def test_c12_what_is_not_recorded_is_neither_done_nor_late() -> None:
    person = Person("P", day("2020-01-06"), sessions=(Held(day("01-20")),))
    found = person_dues(person, profile("bournemouth"), day("02-05"), known_from=day("01-04"))
    assert {due.rule for due in found} == {"everyone"}
    assert untold(person, profile("bournemouth")) == (
        "Personal issues in a formal one-to-one: not recorded here, so nothing can be said.",
        "Appraisal: not recorded here, so nothing can be said.",
        "Review of the supervision agreement: not recorded here, so nothing can be said.",
    )
    told = replace(person, sessions=(Held(day("01-20"), personal=False),), appraisals=(day("01-10"),))
    found = person_dues(told, profile("bournemouth"), day("02-05"), known_from=day("01-04"))
    assert outcome(due for due in found if due.rule == "personal") == "02-04 overdue 1"
    assert outcome(due for due in found if due.rule == "appraisal") == "07-04 in time, 07-10 not yet due"


def test_a_service_is_told_of_what_it_records() -> None:
    held = {"audit": [day("2026-06-01")], "survey": []}
    found = service_dues(held, profile("york"), day("06-10"), begins=day("2026-01-01"))
    assert [(due.rule, due.row) for due in found] == [("audit", "D17"), ("survey", "D17"), ("audit", "D17")]
    assert outcome(found) == "01-01 in time, 01-01 overdue 160, 06-01 overdue 9"


def test_ninety_minutes_uninterrupted() -> None:
    sessions = (
        Held(day("01-10"), minutes=90, uninterrupted=True),
        Held(day("01-20"), minutes=89),
        Held(day("02-10"), minutes=95, uninterrupted=False),
        Held(day("02-20")),
        Held(day("03-01"), "group", minutes=30),
    )
    person = Person("P", day("2020-01-06"), sessions=sessions)
    assert [(one.on, one.asked, one.row) for one in short_sessions(person, profile("lga"))] == [
        (day("01-20"), 90, "outside"),
        (day("02-10"), 90, "outside"),
    ]
    assert short_sessions(person, profile("york")) == ()


# Over many histories

START = date(2026, 9, 1)
DAYS = st.integers(0, 400).map(lambda number: START + timedelta(days=number))
HISTORIES = st.builds(
    lambda started, held, away, newly: Person(
        "P",
        started,
        newly_qualified=newly,
        sessions=tuple(Held(one) for one in held),
        absences=tuple(Absence(first, first + timedelta(days=length)) for first, length in away),
    ),
    DAYS,
    st.lists(DAYS, max_size=12),
    st.lists(st.tuples(DAYS, st.integers(0, 60)), max_size=3),
    st.booleans(),
)


@settings(deadline=None)
@given(person=HISTORIES, today=DAYS)
def test_each_session_settles_one_due_date_and_order_does_not_matter(person: Person, today: date) -> None:
    found = person_dues(person, profile("bournemouth"), today)
    sessions = [due for due in found if sessions_only(due)]
    done = [due.done for due in sessions if due.done]
    assert len(set(done)) == len(done) and set(done) <= {one.on for one in person.sessions}
    assert all(due.done is None or due.done > due.runs_from or due.runs_from == person.started for due in sessions)
    assert all((due.days_late > 0) == due.is_late and 0 <= due.days_away <= due.days_late for due in sessions)
    assert sum(due.state in ("not yet due", "overdue") for due in sessions) <= 1
    shuffled = replace(person, sessions=person.sessions[::-1], absences=person.absences[::-1])
    assert person_dues(shuffled, profile("bournemouth"), today) == found


def day_by_day(person: Person, today: date) -> list[tuple[date, str, date | None]]:
    """Returns (due, state, done) of Bournemouth's formal one-to-ones, found by living through each day: slow, and plain to see."""
    three_months = date(person.started.year + (person.started.month + 2) // 12, (person.started.month + 2) % 12 + 1, 1)
    last = (three_months.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    three_months = last.replace(day=min(person.started.day, last.day))
    away = {
        one.first + timedelta(days=n) for one in person.absences if one.first <= today for n in range(one.days(today))
    }

    def due_after(runs_from: date) -> date:
        return runs_from + timedelta(days=14 if runs_from < three_months else 28)

    def return_from(one: date) -> date | None:
        first = back = one
        while first - timedelta(days=1) in away:
            first -= timedelta(days=1)
        while back in away:
            back += timedelta(days=1)
        return back if one in away and (back - first).days > 28 else None

    lived: list[tuple[date, str, date | None]] = []
    held, now, due = {one.on for one in person.sessions}, person.started, due_after(person.started)
    while now <= today:
        if now == due_after(due):
            lived.append((due, "missed", None))
            due = due_after(due)
        if now in held:
            lived.append((due, "late" if now > due else "in time", now))
            due = due_after(now)
        elif now == due and (back := return_from(now)):
            lived.append((due, "excused", None))
            now, due = back - timedelta(days=1), due_after(back)
        now += timedelta(days=1)
    return [*lived, (due, "overdue" if today > due else "not yet due", None)]


@settings(deadline=None)
@given(person=HISTORIES, days=st.integers(0, 300))
def test_living_through_each_day_gives_the_same(person: Person, days: int) -> None:
    today = person.started + timedelta(days=days)
    person = replace(
        person, newly_qualified=False, absences=tuple(one for one in person.absences if one.first <= today)
    )
    found = [due for due in person_dues(person, profile("bournemouth"), today) if sessions_only(due)]
    lived = [one for one in day_by_day(person, today) if one[0] <= today or one[2]]
    computed = [(due.due, due.state, due.done) for due in found if due.due <= today or due.done]
    assert sorted(computed, key=str) == sorted(lived, key=str)


@settings(deadline=None)
@given(runs_from=DAYS, started=DAYS)
def test_the_strictest_profile_is_never_longer_than_any_other(runs_from: date, started: date) -> None:
    strict = profile("strictest")
    for other in load_once():
        for interval in other.intervals:
            if interval.until is not None and runs_from >= interval.until.after(started):
                continue
            kept = [
                one.every.after(runs_from)
                for one in strict.of(interval.rule, threshold=interval.threshold)
                if one.until is None or runs_from < one.until.after(started)
            ]
            assert min(kept) <= interval.every.after(runs_from), (other.id, interval.rule)


@cache
def load_once() -> tuple[Profile, ...]:
    return load_profiles()


def test_every_table_names_its_row() -> None:
    tables = (BOURNEMOUTH, NEWLY_QUALIFIED, MONTHLY, CASES, RECORDS)
    assert all(re.fullmatch(r"[A-E]\d{1,2}|outside", row) for table in tables for row, *_ in rows(table))
