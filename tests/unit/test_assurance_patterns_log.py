"""The leaders' response log, from a real journal: appended, superseded, folded into rows, and who has not answered in time."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sampling.assurance.patterns import Pattern, find_patterns
from sampling.assurance.patterns_log import Answered, answered, response_log
from sampling.assurance.patterns_policy import load_patterns
from sampling.assurance.patterns_words import response_sentences
from sampling.journal.events_assurance import PatternOutcome, PatternResponse, PatternSeen
from sampling.journal.payload import Payload
from sampling.journal.records import CURRENT, Draft
from sampling.journal.store import Journal
from tests.journals import ANN, NOW
from tests.unit.test_assurance_patterns import BAD, GOOD, drawn, months

POLICY = load_patterns()  # a response within 28 days
RESPONSE, OTHER = "1" * 32, "2" * 32


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal.open(tmp_path / "journal.db", create_at=NOW)
    yield journal
    journal.close()


def add(journal: Journal, *payloads: Payload, base: int = CURRENT) -> list[str]:
    """Appends what leaders said, each on its own subject, and returns what became of them."""
    made = []
    for said in payloads:
        subject = said.subject.format_map(vars(said))
        made += journal.append([Draft(secrets.token_hex(16), ANN, said, subject=subject, base=base)], now=NOW)
    return [one.status for one in made]


def pattern(month: str = "2026-03", *levels: str) -> Pattern:
    """A pattern that was first met in March 2026."""
    return find_patterns(drawn(months(*(levels or (BAD, BAD, BAD)))), POLICY, month).found[0]


def saw(day: str, month: str = "2026-03") -> PatternSeen:
    return PatternSeen(pattern=pattern().id, rule="same_criterion", month=month, seen_on=date.fromisoformat(day))


def decided(day: str = "2026-04-20", **more: Any) -> PatternResponse:
    said = {
        "pattern": pattern().id, "response": RESPONSE, "decided_on": date.fromisoformat(day), "what": "Group supervision on it",
        "owner": "Team manager", "due": date(2026, 5, 31), **more,
    }  # fmt: skip
    return PatternResponse(**said)


def ended(outcome: str = "partly", **more: Any) -> PatternOutcome:
    said = {"pattern": pattern().id, "response": RESPONSE, "outcome": outcome, "on": date(2026, 6, 2), **more}
    return PatternOutcome(**said)


def state(journal: Journal, today: str, found: Pattern | None = None) -> Answered:
    (row,) = answered([found or pattern()], journal.entries(), POLICY, date.fromisoformat(today))
    return row


def test_a_pattern_that_nobody_saw_is_late_after_the_days_from_its_month(kept: Journal) -> None:
    on_the_day, after = state(kept, "2026-04-28"), state(kept, "2026-04-29")  # 31 March and 28 days
    assert (on_the_day.due, on_the_day.late, after.late) == (date(2026, 4, 28), False, True)
    assert response_sentences(after) == (
        "Nobody has noted that leaders saw it.",
        "No response is recorded, and one was due by 28 April 2026.",
    )


def test_the_days_count_from_when_it_was_first_seen(kept: Journal) -> None:
    add(kept, saw("2026-04-10"), saw("2026-05-12", "2026-04"))
    row = state(kept, "2026-05-08")
    assert (row.first_seen, row.due, row.late) == (date(2026, 4, 10), date(2026, 5, 8), False)
    assert response_sentences(row)[-1] == "No response is recorded yet; one is due by 8 May 2026."


def test_what_was_seen_before_this_run_began_does_not_count(kept: Journal) -> None:
    add(kept, saw("2026-03-02", "2026-02"))
    assert state(kept, "2026-04-01").first_seen is None


def test_a_response_answers_and_its_outcome_has_a_date(kept: Journal) -> None:
    add(kept, saw("2026-04-10"), decided(), ended(text="Two of three teams"))
    row = state(kept, "2026-12-01")
    assert (row.late, row.due) == (False, None)
    assert response_sentences(row) == (
        "Leaders first saw it on 10 April 2026.",
        "20 April 2026: Group supervision on it (Team manager, by 31 May 2026). Partly done on 2 June 2026: Two of three teams.",
    )


@pytest.mark.parametrize(("today", "overdue", "words"), [
    ("2026-05-31", False, "No outcome is recorded yet."), ("2026-06-01", True, "Overdue: no outcome is recorded."),
])  # fmt: skip
def test_a_response_is_overdue_the_day_after_its_day(kept: Journal, today: str, overdue: bool, words: str) -> None:
    add(kept, decided())
    (row,) = response_log(kept.entries(), date.fromisoformat(today))
    assert row.overdue == overdue
    assert response_sentences(state(kept, today))[-1].endswith(words)


def test_a_later_entry_takes_the_place_of_the_earlier_and_another_response_stands_beside(kept: Journal) -> None:
    add(
        kept,
        decided(),
        decided(owner="Head of service"),
        decided("2026-04-22", response=OTHER),
        ended("not_done"),
        ended("done"),
    )
    first, second = response_log(kept.entries(), date(2026, 7, 1))
    assert (first.response, first.owner, first.revised, first.outcome) == (RESPONSE, "Head of service", 1, "done")
    assert (second.response, second.revised, second.outcome, second.overdue) == (OTHER, 0, "", True)


def test_two_changes_from_the_same_start_conflict_and_the_first_stands(kept: Journal) -> None:
    assert add(kept, decided(), base=0) == ["stored"]
    assert add(kept, decided(owner="Other"), base=0) == ["conflict"]
    (row,) = response_log(kept.entries(), date(2026, 5, 1))
    assert row.owner == "Team manager" and row.revised == 0


def test_a_response_to_an_earlier_run_does_not_answer_the_new_one(kept: Journal) -> None:
    add(kept, decided("2026-04-20"))
    back = pattern("2026-10", BAD, BAD, BAD, GOOD, GOOD, GOOD, GOOD, BAD, BAD, BAD)
    assert (back.state, back.since) == ("new", "2026-10")
    row = state(kept, "2026-12-01", back)
    assert row.late and len(row.responses) == 1


def test_an_ended_pattern_asks_for_no_response(kept: Journal) -> None:
    gone = pattern("2026-07", BAD, BAD, BAD, GOOD, GOOD, GOOD, GOOD)
    row = state(kept, "2027-01-01", gone)
    assert (gone.state, row.due, row.late) == ("ended", None, False)


def test_an_outcome_without_its_response_is_no_row(kept: Journal) -> None:
    add(kept, ended())
    assert response_log(kept.entries(), date(2026, 7, 1)) == ()


def test_nothing_said_is_nothing(kept: Journal) -> None:
    assert response_log(kept.entries(), date(2026, 7, 1)) == ()
