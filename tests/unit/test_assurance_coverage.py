"""Coverage of a small service, computed by hand: three supervisees, two supervisors, two cases, the first quarter of 2027.

Every four weeks (floor); a case every month (norm) and every three months (floor). Records begin on 4 December 2026, a Friday.
"""

from __future__ import annotations

import random
from dataclasses import asdict, replace
from datetime import date
from typing import Any

import pytest

from sampling.assurance.coverage import Coverage, Line, coverage
from sampling.assurance.coverage_calendar import calendar_frame
from sampling.assurance.coverage_counts import window_of
from sampling.assurance.coverage_facts import (
    Allocation,
    Facts,
    Noted,
    Opened,
    Seen,
    Sources,
    Staff,
    Supervision,
    facts_of,
    seen_in_people,
)
from sampling.assurance.facts import Agreement, Delay, Exemption, Held, Pair, Record
from sampling.assurance.profile import Interval, Origin, Profile
from sampling.assurance.spans import parse_span
from sampling.errors import UsageError
from sampling.journal.events import AgendaCovered, CaseDiscussed, SessionClosed
from sampling.scoring.rules.sessions import Session
from sampling.scoring.settings.people import People
from sampling.scoring.settings.people import Person as Seat
from sampling.tickets import digest

ANN, BEN, CY, FIRST, SECOND = (letter * 64 for letter in "abcde")
CASE, OTHER = "1" * 64, "2" * 64
BEGIN, TODAY = date(2026, 12, 4), date(2027, 3, 31)
QUARTER = window_of("2027-Q1")
SEATS = People((Seat(FIRST, "Gudrun Name", frozenset(("supervisor",)), teams=frozenset(("North",))),))


def day(text: str) -> date:
    return date.fromisoformat(f"2027-{text}")


def interval(rule: str, every: str, threshold: str) -> Interval:
    return Interval(rule, parse_span(every), threshold, Origin("small", "Section 1", "C4", "stated"))  # type: ignore[arg-type]


SMALL = Profile(
    "small",
    "Small",
    "none",
    "",
    (
        interval("everyone", "4 weeks", "floor"),
        interval("case", "1 month", "norm"),
        interval("case", "3 months", "floor"),
        interval("record_session", "2 working days", "norm"),
    ),
)


def session(on: str, who: str = ANN, kind: str = "formal_one_to_one", **came: str) -> Session:
    """Returns a closed session; `came` is c1 or c2 -> how the case came to it."""
    cases = {"c1": CASE, "c2": OTHER}
    discussed = {cases[name]: CaseDiscussed(case=cases[name], came_by=by) for name, by in came.items()}  # type: ignore[arg-type]
    agenda = {"escalation_use": AgendaCovered(item="escalation_use", covered=True)}
    return Session(
        digest(f"{on}{who}{kind}")[:32], kind, day(on), FIRST, (who,), False, 1,
        closed=SessionClosed(minutes=90), closed_at=f"2027-{on}T15:00:00Z", discussed=discussed, agenda=agenda,
    )  # fmt: skip


SOURCES = Sources(
    sessions=(
        session("01-01", c1="drawn", c2="drawn"),
        session("01-20", kind="group", c1="tabled_by_supervisor"),
        session("02-05", c2="tabled_by_supervisee"),
        session("02-05", who=BEN, c1="drawn"),
        session("01-01", who=CY),
    ),
    people=SEATS,
    known_from=BEGIN,
    staff=(
        Staff(ANN, "Nurse", "North", BEGIN),
        Staff(BEN, "Nurse", "North", date(2027, 1, 8)),
        Staff(CY, "Nurse", "South", BEGIN, day("01-20")),
    ),
    cases=(Opened(CASE, date(2026, 12, 10)), Opened(OTHER, date(2026, 12, 10), day("02-20"))),
    allocations=(
        Allocation(CASE, ANN, date(2026, 12, 10), day("01-31")),
        Allocation(CASE, BEN, day("02-01")),
        Allocation(OTHER, ANN, date(2026, 12, 10)),
    ),
    supervisions=(Supervision(ANN, FIRST, day("01-01"), "formal_one_to_one", CASE, 60),),
    seen=(
        Seen(ANN, FIRST, BEGIN),
        Seen(ANN, FIRST, day("01-31")),
        Seen(BEN, FIRST, day("01-08")),
        Seen(BEN, SECOND, day("02-15")),
    ),
    noted=Noted(delays={ANN: (Delay(day("02-01"), "inspection week"),)}),
)


def facts(sources: Sources = SOURCES) -> Facts:
    return facts_of(sources, TODAY)


def found(window: str = "2027-Q1", sources: Sources = SOURCES) -> Coverage:
    return coverage(facts(sources), SMALL, window_of(window), TODAY)


def line(lines: tuple[Line, ...], rule: str, threshold: str) -> str:
    return next((one.tally.words for one in lines if (one.rule, one.threshold) == (rule, threshold)), "none")


def of(result: Coverage, who: str) -> tuple[Line, ...]:
    return next(one.lines for one in result.pairs if one.person == digest(who))


def test_the_quarter_of_one_supervisee_by_hand() -> None:
    # Due 1 January (held that day: in time), 29 January (held 5 February, with a reason), 5 March (not held).
    expected = "3 due, 1 in time, 1 late (1 with a reason, 0 without), 1 not done"
    assert line(of(found(), ANN), "everyone", "floor") == expected
    assert found().pairs[0].sentences[0] == f"Formal one-to-one, floor (never less): {expected}."


def test_a_month_of_five_fridays_has_two_due_dates() -> None:
    expected = "2 due, 1 in time, 1 late (1 with a reason, 0 without)"
    assert line(of(found("2027-01"), ANN), "everyone", "floor") == expected
    assert line(of(found("2027-02"), ANN), "everyone", "floor") == "none"  # the clock ran anew from 5 February
    assert line(of(found("2027-03"), ANN), "everyone", "floor") == "1 due, 0 in time, 1 not done"


def test_who_left_owes_nothing_after() -> None:
    assert line(of(found(), CY), "everyone", "floor") == "1 due, 1 in time"


def test_a_case_has_both_thresholds_and_goes_on_when_it_changes_hands() -> None:
    # Norm: due 10 January (discussed on 1 January), 1 February (discussed on 5 February with the next holder; the group does not count),
    # 5 March (not, today is the 31st). Floor: due 10 March, set anew by each discussion: 1 April, 5 May, still to come and not in the quarter.
    mine = tuple(one for one in found().case_lines if one.subject == digest(CASE))
    assert line(mine, "case", "norm") == "3 due, 1 in time, 1 late (0 with a reason, 1 without), 1 not done"
    assert line(mine, "case", "floor") == "1 due, 1 in time"
    assert "norm (what is asked for)" in mine[0].sentence


def test_ratio_undiscussed_changes_and_span() -> None:
    ann, ben, cy = (next(one for one in found().pairs if one.person == digest(who)) for who in (ANN, BEN, CY))
    assert (ann.drawn, ann.tabled, ann.ratio) == (
        2,
        1,
        "2 drawn, 1 put forward: two drawn cases for each one put forward.",
    )
    assert (ann.changes, ben.changes, cy.changes) == (0, 1, 0)
    assert ben.supervisors == (digest(FIRST), digest(SECOND))
    assert found("2027-03").pairs[1].undiscussed == (digest(CASE),)
    assert found("2027-03").pairs[1].never_discussed == ()
    assert [(one.supervisor, one.supervisees) for one in found().spans] == sorted(
        [(digest(FIRST), 1), (digest(SECOND), 1)]
    )
    assert all("no verdict" in one.sentence for one in found().spans)
    assert {one.for_whom for one in found().pairs} == {"for that pair alone: a lead to talk about, no verdict"}


def test_the_same_session_in_journal_and_extract_counts_once() -> None:
    person = facts().persons[0]
    assert person.sessions[0] == Held(day("01-01"), minutes=90)
    assert [one.on for one in person.formal()] == [day("01-01"), day("02-05")]
    twice = replace(SOURCES, sessions=(*SOURCES.sessions, session("02-05", c2="drawn")))
    assert facts(twice).persons[0].sessions == person.sessions


def test_a_session_of_the_extract_alone_counts_and_what_is_not_told_is_named() -> None:
    more = replace(SOURCES, supervisions=(Supervision(ANN, FIRST, day("03-05"), "formal_one_to_one", OTHER, None),))
    assert facts(more).persons[0].sessions[-1] == Held(day("03-05"))
    assert any("1 formal one-to-ones are in the extract alone" in said for said in facts(more).untold)
    none = facts_of(Sources((), SEATS, BEGIN, staff=(Staff(ANN),)), TODAY)
    assert none.persons[0].started == date.min and none.known_from == BEGIN
    assert (
        "The extract has no table of supervisions: sessions that the journal lacks are not known here." in none.untold
    )
    assert "1 of 1 supervisees have no start date here" in none.untold[0]


def test_pairs_records_and_people() -> None:
    assert facts().persons[1].pairs == (Pair(FIRST, day("01-08"), day("02-14")), Pair(SECOND, day("02-15")))
    assert Record(session("02-05").id, "record_session", day("02-05"), day("02-05")) in facts().records
    assert seen_in_people(SEATS, SOURCES.staff, TODAY) == (Seen(ANN, FIRST, TODAY), Seen(BEN, FIRST, TODAY))


def test_a_second_supervisor_on_one_day_is_no_change() -> None:
    more = replace(
        SOURCES, seen=(Seen(ANN, SECOND, BEGIN), Seen(ANN, FIRST, day("01-31")), Seen(ANN, SECOND, day("01-31")))
    )
    assert facts(more).persons[0].pairs == (Pair(SECOND, BEGIN),)


def test_an_open_session_counts_nowhere_until_it_is_closed() -> None:
    still_open = replace(SOURCES, sessions=(replace(session("02-05"), closed=None),))
    assert [one.on for one in facts(still_open).persons[0].formal()] == [day("01-01")]
    assert facts(still_open).records == ()


def test_exemptions_with_and_without_both_references() -> None:
    good = Exemption(day("02-20"), "court order", "note 4", "session 9")
    noted = Noted(exemptions={CASE: (good,), OTHER: (replace(good, session_reference=""),)})
    result = found(sources=replace(SOURCES, noted=noted))
    assert sorted(one.registered for one in result.exemptions) == [False, True]
    assert result.sentences[-1] == "Exemptions: 1 with their reason and both references, 1 without."
    mine = tuple(one for one in result.case_lines if one.subject == digest(CASE))
    assert "1 exempt" in line(mine, "case", "norm")


@pytest.mark.parametrize(
    ("agreements", "words"),
    [
        ((), "Agreement: none is recorded."),
        ((Agreement(FIRST, BEGIN, by_both=False),), "Agreement: signed by one only."),
        ((Agreement(SECOND, BEGIN),), "Agreement: none is recorded."),
    ],
)
def test_agreements_in_words(agreements: tuple[Agreement, ...], words: str) -> None:
    assert found(sources=replace(SOURCES, noted=Noted(agreements={ANN: agreements}))).pairs[0].agreement == words


def test_the_balance_of_kinds_and_of_the_agenda() -> None:
    balance = found().balance
    assert (balance.kinds["formal_one_to_one"], balance.kinds["group"], balance.formal) == (4, 1, 4)
    assert (balance.agenda["escalation_use"], balance.agenda["contact_frequency"]) == (4, 0)


def test_the_order_of_rows_changes_nothing() -> None:
    shuffle = random.Random(1)
    expected = found()
    for _ in range(5):
        mixed: dict[str, Any] = {
            name: tuple(shuffle.sample(some, len(some)))
            for name in ("sessions", "staff", "cases", "allocations", "supervisions", "seen")
            if (some := getattr(SOURCES, name))
        }
        assert found(sources=replace(SOURCES, **mixed)) == expected


def test_no_key_and_no_name_is_in_a_result() -> None:
    shown = str(asdict(found())) + calendar_frame(facts(), SMALL, QUARTER, TODAY).to_csv()
    assert not [key for key in (ANN, BEN, CY, FIRST, SECOND, CASE, OTHER, "Gudrun") if key in shown]


def test_the_calendar_has_a_letter_in_each_week() -> None:
    table = calendar_frame(facts(), SMALL, window_of("2027-01"), TODAY)
    mine = table[table["row"] == digest(ANN)]
    assert list(mine["letter"]) == ["D", "N", "N", "N", "L"]
    assert list(mine["meaning"])[-1] == "late or not done"
    teams = calendar_frame(facts(), SMALL, QUARTER, TODAY, by="team")
    assert set(teams["row"]) == {"North"}  # South has one person, whose row would be that pair's
    assert teams[["done", "late", "due"]].isna().all(axis=None)
    assert list(teams["letter"]) == ["D", "N", "N", "N", "L", "D", "N", "N", "N", "L", "N", "N", "N", "N"]


def test_the_calendar_has_no_row_of_a_team_in_which_one_person_alone_had_anything_due() -> None:
    january = calendar_frame(facts(), SMALL, window_of("2027-01"), TODAY, by="team")
    assert january.empty  # Ben came to North that month, so its row would be Ann's
    left = tuple(replace(one, left=day("01-20")) if one.key == BEN else one for one in facts().persons)
    assert calendar_frame(replace(facts(), persons=left), SMALL, QUARTER, TODAY, by="team").empty


@pytest.mark.parametrize("text", ["2027-Q5", "27", "0027", "2027-13"])
def test_a_window_is_a_month_a_quarter_or_a_year(text: str) -> None:
    assert window_of("2027").last == date(2027, 12, 31)
    with pytest.raises(UsageError, match="month like 2026-10"):
        window_of(text)
