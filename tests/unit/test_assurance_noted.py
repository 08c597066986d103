"""What people noted in the journal, as coverage counts with it: what stands, what was withdrawn, replaced or purged, and who signed what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sampling.assurance.agreements import agreement_dues
from sampling.assurance.coverage import coverage
from sampling.assurance.coverage_counts import window_of
from sampling.assurance.coverage_facts import Noted, facts_of
from sampling.assurance.facts import Absence, Agreed, Agreement, Delay, Exemption, Pair, Person
from sampling.assurance.noted import Requests, folder_of, noted_of, requests_of, trained_of
from sampling.assurance.profile import Profile
from sampling.assurance.spans import Span
from sampling.journal.events import AgreementDrafted, SessionDescribed, read_payload, subject_of
from sampling.journal.events_coverage import case_of, person_of
from sampling.journal.store import Journal
from sampling.journal.views_coverage import agreement_content, agreements_of, noted_entries
from tests.journals import ANN, BOB, LEAD, new_id, opened, rated
from tests.journals import draft as drafted
from tests.unit.test_assurance_coverage import SMALL, SOURCES, interval, session
from tests.unit.test_journal_events import EXAMPLES

NOW = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
WORKER, CASE, ONE = "d" * 64, "1" * 64, "7" * 32
DAY = date(2026, 11, 2)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """A journal in SQLite."""
    with opened(tmp_path / "journal.sqlite") as fresh:
        yield fresh


def say(journal: Journal, kind: str, *, base: int = 0, actor: str = ANN, now: datetime = NOW, **change: Any) -> Any:
    """Writes the example of a kind on the worker or the case, with changes, and returns its payload."""
    about = {**EXAMPLES[kind][1]}
    about |= {name: value for name, value in (("person", WORKER), ("case", CASE)) if name in about} | change
    payload = read_payload(kind, about)
    journal.append([drafted(payload, subject_of(payload) or "", review="", base=base, actor=actor)], now=now)
    return payload


def test_each_kind_becomes_its_fact(journal: Journal) -> None:
    journal.append([rated(2)], now=NOW)  # what is none of ours is passed over
    for kind in (
        "absence_noted", "newly_qualified_noted", "delay_noted", "case_delay_noted", "case_exempted", "interval_agreed",
        "case_interval_agreed", "appraisal_held",
    ):  # fmt: skip
        say(journal, kind)
    assert noted_of(journal.entries()) == Noted(
        newly_qualified=frozenset({WORKER}),
        absences={WORKER: (Absence(DAY, date(2026, 11, 6)),)},
        exemptions={
            CASE: (Exemption(DAY, "The case is about to be closed or handed over", "note 4", "3 November"),),
        },
        delays={
            WORKER: (Delay(DAY, "The supervisee was away"),),
            CASE: (Delay(DAY, "The case or the person had just changed hands"),),
        },
        agreed={
            WORKER: (Agreed(Span(2, "week"), DAY, "return after a long absence"),),
            CASE: (Agreed(Span(2, "week"), DAY, "risk"),),
        },
        appraisals={WORKER: (DAY,)},
    )
    assert noted_of(()) == Noted()


def test_a_later_entry_takes_the_place_of_an_earlier_one_and_a_mistake_is_withdrawn(journal: Journal) -> None:
    say(journal, "absence_noted", absence=ONE, last=None)
    assert noted_of(journal.entries()).absences == {WORKER: (Absence(DAY),)}
    say(journal, "absence_noted", absence=ONE, last="2026-12-01", base=1)
    say(journal, "absence_noted", absence=new_id(), first="2026-10-01", last="2026-10-02")
    both = (Absence(date(2026, 10, 1), date(2026, 10, 2)), Absence(DAY, date(2026, 12, 1)))
    assert noted_of(journal.entries()).absences == {WORKER: both}
    say(journal, "absence_noted", absence=ONE, withdrawn=True, base=2)
    assert noted_of(journal.entries()).absences == {WORKER: both[:1]}
    say(journal, "newly_qualified_noted")
    say(journal, "newly_qualified_noted", newly_qualified=False, base=1)
    assert noted_of(journal.entries()).newly_qualified == frozenset()


def test_what_was_written_at_the_same_time_does_not_count_until_somebody_chose(journal: Journal) -> None:
    say(journal, "absence_noted", absence=ONE)
    first = say(journal, "absence_noted", absence=ONE, last="2026-11-10", base=1)
    other = say(journal, "absence_noted", absence=ONE, last="2026-11-20", base=1)
    assert noted_of(journal.entries()).absences == {WORKER: (Absence(DAY, first.last),)}
    *_, kept, conflicting = journal.entries()
    choice = read_payload("conflict_resolved", {"chosen": conflicting.id, "instead_of": kept.id})
    journal.append([drafted(choice, f"absence:{ONE}", review="", base=3)], now=NOW)
    assert noted_of(journal.entries()).absences == {WORKER: (Absence(DAY, other.last),)}


def test_what_was_purged_is_not_there(journal: Journal) -> None:
    say(journal, "absence_noted")
    (entry,) = noted_entries(journal.entries())
    emptied = replace(entry, payload=None, state="purged")
    assert noted_of([emptied]) == Noted() and requests_of([emptied]).flags == 0


def sign(journal: Journal, said: AgreementDrafted, role: str, actor: str, now: datetime = NOW, **more: Any) -> None:
    """Signs an agreement as it is drafted."""
    content = more.pop("content", agreement_content(said))
    about = {"agreement": said.agreement, "person": said.person, "role": role, "content": content}
    about |= {name: more.pop(name) for name in ("agreed_on",) if name in more}
    payload = read_payload("agreement_signed", about)
    journal.append([drafted(payload, subject_of(payload) or "", review="", actor=actor, **more)], now=now)


def test_d7_an_agreement_counts_once_both_have_signed_exactly_what_is_drafted(journal: Journal) -> None:
    said = say(journal, "agreement_drafted", supervisor=BOB)
    assert noted_of(journal.entries()).agreements == {}
    sign(journal, said, "supervisor", BOB)
    assert noted_of(journal.entries()).agreements == {WORKER: (Agreement(BOB, date(2026, 11, 3), by_both=False),)}
    sign(journal, said, "supervisee", WORKER, NOW + timedelta(days=2))
    say(journal, "agreement_reviewed", agreement=said.agreement, on="2026-11-05")
    both = Agreement(BOB, date(2026, 11, 5), by_both=True, reviewed=(date(2026, 11, 5),))
    assert noted_of(journal.entries()).agreements == {WORKER: (both,)}
    say(journal, "agreement_drafted", supervisor=BOB, reference="section 2", base=1)
    assert noted_of(journal.entries()).agreements == {}  # another draft: nobody has signed that


def test_d7_an_agreement_is_of_the_day_on_which_it_was_agreed_where_the_two_say_one(journal: Journal) -> None:
    said = say(journal, "agreement_drafted", supervisor=BOB)
    sign(journal, said, "supervisor", BOB, agreed_on="2026-11-02")
    assert noted_of(journal.entries()).agreements == {WORKER: (Agreement(BOB, date(2026, 11, 2), by_both=False),)}
    sign(journal, said, "supervisee", WORKER, NOW + timedelta(days=20), agreed_on="2026-11-03")
    assert noted_of(journal.entries()).agreements == {WORKER: (Agreement(BOB, date(2026, 11, 3), by_both=True),)}


def test_a_signature_that_was_kept_before_days_were_said_reads_as_it_did() -> None:
    kept = {"agreement": ONE, "person": WORKER, "role": "supervisor", "content": "9" * 64}
    assert read_payload("agreement_signed", kept) == read_payload("agreement_signed", {**kept, "agreed_on": None})


def test_a_signature_of_anybody_else_or_under_other_words_is_none(journal: Journal) -> None:
    said = say(journal, "agreement_drafted", supervisor=BOB)
    sign(journal, said, "supervisor", LEAD)
    sign(journal, said, "supervisee", WORKER, content="9" * 64)
    (state,) = agreements_of(noted_entries(journal.entries()))
    assert state.signed == {} and not state.by_both
    say(journal, "agreement_drafted", supervisor=BOB, withdrawn=True, base=1)
    assert agreements_of(noted_entries(journal.entries())) == ()


def test_d7_an_agreement_ends_with_the_pair_and_with_a_long_absence(journal: Journal) -> None:
    """The rules do that: here they are asked with what the journal says."""
    said = say(journal, "agreement_drafted", supervisor=BOB)
    sign(journal, said, "supervisor", BOB)
    sign(journal, said, "supervisee", WORKER)
    profile = Profile("small", "Small", "none", "", (interval("agreement_new", "1 month", "norm"),))
    agreements = noted_of(journal.entries()).agreements[WORKER]
    pairs = (Pair(BOB, DAY, date(2027, 1, 31)), Pair(ANN, date(2027, 2, 1)))
    person = Person(WORKER, DAY, pairs=pairs, agreements=agreements)
    states = [(due.due, due.state) for due in agreement_dues(person, profile, date(2027, 3, 31))]
    assert states == [(date(2026, 12, 2), "in time"), (date(2027, 3, 1), "overdue")]


def test_c12_b4_folder_items_and_training(journal: Journal) -> None:
    say(journal, "folder_checked")
    say(journal, "folder_checked", item="licence", on="2026-10-01")
    say(journal, "folder_checked", item="training", on=None, base=1)
    assert folder_of(journal.entries()) == {WORKER: {"licence": date(2026, 10, 1), "training": None}}
    say(journal, "supervisor_trained", person=BOB, on="2026-09-01")
    say(journal, "supervisor_trained", person=BOB, on="2025-09-01", training=new_id())
    assert trained_of(journal.entries()) == {BOB: date(2026, 9, 1)}


def test_b14_d13_flags_and_objections_are_counted_with_their_answers(journal: Journal) -> None:
    flag, objection = new_id(), new_id()
    say(journal, "needs_flagged", flag=flag)
    say(journal, "needs_flagged", flag=new_id())
    say(journal, "needs_answered", flag=flag)
    say(journal, "objection_raised", objection=objection)
    say(journal, "objection_raised", objection=new_id(), about="third_party_access")
    say(journal, "objection_raised", objection=new_id(), about="third_party_access", withdrawn=True)
    say(journal, "objection_decided", objection=objection)
    assert requests_of(journal.entries()) == Requests(2, 1, 1, 0, 1, 1)
    day = NOW.date()
    assert requests_of(journal.entries(), day, day) == Requests(2, 1, 1, 0, 1, 1)
    assert requests_of(journal.entries(), day + timedelta(days=1)) == Requests(0, 0, 0, 0, 0, 0)
    assert requests_of(journal.entries(), last=day - timedelta(days=1)) == Requests(0, 0, 0, 0, 0, 0)


def test_whom_and_what_an_entry_is_about() -> None:
    said = {kind: read_payload(kind, EXAMPLES[kind][1]) for kind in EXAMPLES}
    assert person_of(said["agreement_drafted"]) == ("a" * 64, "b" * 64)
    assert (person_of(said["case_exempted"]), case_of(said["case_exempted"])) == ((), "a" * 64)
    assert (person_of(said["rated"]), case_of(said["case_discussed"])) == ((), "")


def test_what_a_session_says_of_itself_reaches_coverage() -> None:
    """B1 and E4: the four functions; D3; C12: personal issues; LGA: uninterrupted. What nobody said stays unknown."""
    told = SessionDescribed(functions=("management", "support"), development=True, personal=True, uninterrupted=False)
    plain, described = session("01-01"), replace(session("02-05"), described=told)
    developed = replace(session("02-20"), described=SessionDescribed(development=False))
    facts = facts_of(replace(SOURCES, sessions=(plain, described, developed), supervisions=None), date(2027, 3, 31))
    held = next(person for person in facts.persons if person.sessions).sessions
    assert [(one.personal, one.uninterrupted) for one in held] == [(None, None), (True, False), (None, None)]
    balance = coverage(facts, SMALL, window_of("2027-Q1"), date(2027, 3, 31)).balance
    assert balance.functions == {"management": 1, "mediation": 0, "development": 0, "support": 1}
    assert (balance.described, balance.development, balance.development_said) == (1, 1, 2)
    assert "Functions served, of 1 of 3 closed sessions that say which: management 1, mediation 0" in balance.sentence
    assert "Professional development was covered in 1 of 2 formal one-to-ones that say." in balance.sentence
