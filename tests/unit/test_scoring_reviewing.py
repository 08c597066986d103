"""A review folded from its entries: four distinct answers, revision and undo, pointers, conflicts, signatures, and the hash of it all."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.journal.events import (
    ActionClosed,
    ActionMoved,
    ActionRaised,
    ActionSeen,
    Commented,
    ConflictResolved,
    Deviation,
    EvidencePointed,
    EvidenceWithdrawn,
    Parked,
    Payload,
    Rated,
    Referred,
    Replied,
    SafetyAnswered,
    SignatureVoided,
    Signed,
    TimeSpent,
)
from sampling.rubric import Criterion, Rubric
from sampling.scoring.parts.writing import Pending
from sampling.scoring.rules.gaps import kinds_of, proposals, reminders
from sampling.scoring.rules.reviewing import ReviewState, fold, levels_words, numbered
from sampling.scoring.rules.signing import content_hash, signed_by, void_id
from sampling.scoring.settings.policy import load_scoring_policy

REVIEW, RATER = "a" * 32, "b" * 64
FIRST, SECOND = "crisis_plan/signs", "crisis_plan/coping"
_CRITERIA = tuple(
    Criterion(name, name.title(), "?", name == "signs", ("0", "1", "2", "3"), ()) for name in ("signs", "coping")
)
RUBRIC = Rubric(
    "crisis_plan", "1.0", "Crisis plan", "", "", ("adult",), (), 2, (), _CRITERIA, (), "published", "0" * 64, ""
)


class Book:
    """The entries of one review, written one by one as the journal numbers them."""

    def __init__(self) -> None:
        self.entries: list[Pending] = []
        self._ids = count(1)

    def add(self, payload: Payload, subject: str, *, base: int | None = None, undoes: str = "", id: str = "") -> str:
        before = sum(entry.subject == subject for entry in self.entries)
        identity = id or f"{next(self._ids):032x}"
        conflict = base is not None and base != before
        at = f"2026-11-03T09:00:{len(self.entries):02}Z"
        number = len(self.entries) + 1
        self.entries.append(
            Pending(identity, RATER, payload, REVIEW, subject, undoes, number, before + 1, at, conflict)
        )
        return identity

    def rate(self, ref: str = FIRST, level: int | None = None, **more: Any) -> str:
        how = {name: more.pop(name) for name in ("base", "undoes") if name in more}
        said = Rated(criterion=ref, rubric_version="1.0", rubric_digest="0" * 64, level=level, **more)
        return self.add(said, f"rating:{ref}", **how)

    def comment(self, text: str, ref: str = FIRST, **how: Any) -> str:
        return self.add(Commented(criterion=ref, text=text), f"comment:{ref}", **how)

    def point(self, pointer: str = "c" * 32, **more: Any) -> str:
        said = EvidencePointed(
            pointer=pointer, criterion=FIRST, note_date=date(2026, 10, 3), note_kind="progress note", **more
        )
        return self.add(said, f"evidence:{pointer}")

    def act(self, action: str = "d" * 32, kind: str = "update_crisis_plan", **more: Any) -> str:
        days = {"due": date(2026, 11, 10), "review_date": date(2026, 11, 17), **more}
        said = ActionRaised(action=action, action_kind=kind, text="Update it", owner="Ada", criterion=FIRST, **days)
        return self.add(said, f"action:{action}")

    @property
    def state(self) -> ReviewState:
        return fold(self.entries, REVIEW, [FIRST, SECOND], {RATER: "Ruth"})

    @property
    def content(self) -> str:
        return content_hash(REVIEW, [RUBRIC], self.state)


def answer(state: ReviewState, ref: str = FIRST) -> tuple[int | None, str | None, str | None]:
    one = state.criteria[ref]
    return one.level, one.code, one.reason


def test_not_applicable_not_accessible_blank_and_0_are_four_distinct_things() -> None:
    books = {name: Book() for name in ("not applicable", "not accessible", "blank", "0")}
    books["not applicable"].rate(code="not_applicable", reason="no_such_event")
    books["not accessible"].rate(code="not_accessible", reason="restricted")
    books["0"].rate(level=0)
    states = {name: answer(book.state) for name, book in books.items()}
    assert states == {
        "not applicable": (None, "not_applicable", "no_such_event"),
        "not accessible": (None, "not_accessible", "restricted"),
        "blank": (None, None, None),
        "0": (0, None, None),
    }
    assert len({book.content for book in books.values()}) == 4
    assert [book.state.criteria[FIRST].scored for book in books.values()] == [True, True, False, True]


def test_a_cleared_rating_is_not_scored_and_not_0() -> None:
    book = Book()
    before = book.content
    book.rate(level=0)
    book.rate(level=None)
    assert answer(book.state) == (None, None, None)
    assert (book.content, book.state.criteria[FIRST].revision) == (before, 2)


def test_the_last_revision_stands_and_undo_restores_the_one_before() -> None:
    book = Book()
    book.rate(level=1)
    second = book.rate(level=3)
    assert answer(book.state) == (3, None, None)
    undo = book.rate(level=1, undoes=second)
    assert answer(book.state) == (1, None, None)
    book.rate(level=3, undoes=undo)  # redo
    assert answer(book.state) == (3, None, None)
    assert len(book.entries) == 4, "nothing is taken out of the journal"


def test_pointers_come_and_go_and_stand_in_the_order_of_the_record() -> None:
    book = Book()
    book.point("c" * 32, quote="call me on Tuesdays", start=4, end=23)
    book.point("1" * 32)
    assert [row["pointer"] for row in book.state.criteria[FIRST].evidence] == ["1" * 32, "c" * 32]
    assert book.state.criteria[FIRST].evidence[1] == {
        "pointer": "c" * 32,
        "note_date": "2026-10-03",
        "note_kind": "progress note",
        "note": "",
        "start": 4,
        "end": 23,
        "quote": "call me on Tuesdays",
        "revision": 1,
    }
    book.add(EvidenceWithdrawn(pointer="c" * 32), "evidence:" + "c" * 32)
    assert [row["pointer"] for row in book.state.criteria[FIRST].evidence] == ["1" * 32]


def test_two_raters_on_one_criterion_both_stay_and_a_person_decides() -> None:
    book = Book()
    standing = book.rate(level=2, base=0)
    other = book.rate(level=0, base=0)  # written from the same starting point
    assert answer(book.state) == (2, None, None)
    (conflict,) = book.state.conflicts
    assert (conflict["subject"], conflict["revision"]) == (f"rating:{FIRST}", 2)
    assert (conflict["standing"]["id"], conflict["other"]["id"]) == (standing, other)
    assert (conflict["standing"]["data"]["level"], conflict["other"]["data"]["level"]) == (2, 0)
    assert conflict["other"]["actor_label"] == "Ruth"
    book.add(ConflictResolved(chosen=other, instead_of=standing), f"rating:{FIRST}", base=2)
    assert answer(book.state) == (0, None, None) and book.state.conflicts == ()


def test_a_conflict_that_is_settled_for_what_stands_leaves_it() -> None:
    book = Book()
    standing = book.comment("mine", base=0)
    other = book.comment("yours", base=0)
    book.add(ConflictResolved(chosen=standing, instead_of=other), f"comment:{FIRST}", base=2)
    assert book.state.criteria[FIRST].comment == "mine" and book.state.conflicts == ()


def test_time_never_stands_against_time() -> None:
    book = Book()
    book.add(TimeSpent(seconds=30), "time", base=0)
    book.add(TimeSpent(seconds=40), "time", base=0)
    assert book.state.conflicts == () and not book.state.begun


def test_parking_and_referring_come_and_go_and_are_not_signed() -> None:
    book = Book()
    book.rate(level=2)
    before = book.content
    book.add(Parked(parked=True, reason="Waits for the notes"), "parked")
    book.add(Referred(reason="The plan is in two systems"), "referred")
    assert book.state.is_parked and book.state.is_referred and book.content == before
    assert book.state.parked is not None and book.state.parked["reason"] == "Waits for the notes"
    book.add(Parked(parked=False), "parked")
    book.add(Referred(reason=""), "referred")
    assert not book.state.is_parked and not book.state.is_referred


def test_a_signature_stands_until_what_was_signed_changes() -> None:
    book = Book()
    book.rate(level=2)
    book.add(Signed(role="rater", statement="Mine.", content=book.content), "signature:rater")
    signature = signed_by(book.state, "rater")
    assert signature is not None and (signature["name"], signature["content"]) == ("Ruth", book.content)
    book.comment("One thing more")
    assert signature["content"] != book.content
    book.add(SignatureVoided(role="rater", content=signature["content"], reason="changed"), "signature:rater")
    assert signed_by(book.state, "rater") is None
    (gone,) = book.state.signatures
    assert (gone["void"], gone["void_reason"]) == (True, "What was signed was changed afterwards")
    book.add(Signed(role="rater", statement="Mine.", content=book.content), "signature:rater")
    assert [one["void"] for one in book.state.signatures] == [True, False]
    assert void_id("1", "rater") != void_id("1", "supervisee") and len(void_id("1", "rater")) == 32


CHANGES = {
    "a level": lambda book: book.rate(level=1),
    "a comment": lambda book: book.comment("more"),
    "a pointer": lambda book: book.point("e" * 32),
    "a pointer taken away": lambda book: book.add(EvidenceWithdrawn(pointer="c" * 32), "evidence:" + "c" * 32),
    "a safety answer": lambda book: book.add(SafetyAnswered(criterion=FIRST, answer="nobody"), f"safety:{FIRST}"),
    "an action": lambda book: book.act("e" * 32),
    "an action reworded": lambda book: book.act(due=date(2026, 11, 11)),
    "the manager's deviation": lambda book: book.add(
        Deviation(by="manager", guideline="NG225", text="Why"), "deviation:manager"
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_was_rated_changes_the_hash(change: str) -> None:
    book = Book()
    book.rate(level=2)
    book.point()
    book.act()
    before = book.content
    CHANGES[change](book)
    assert book.content != before, f"{change} is part of what is signed"


def test_what_lives_on_after_the_signature_does_not_change_the_hash() -> None:
    book = Book()
    book.rate(level=1)
    book.act()
    before = book.content
    action = "d" * 32
    days = {"due": date(2026, 11, 20), "review_date": date(2026, 11, 27)}
    book.add(ActionMoved(action=action, reason="Ill", **days), f"action:{action}")
    book.add(ActionSeen(action=action, seen_on=date(2026, 11, 12), reference="Note of 12 Nov"), f"action:{action}")
    book.add(ActionClosed(action=action, outcome="done"), f"action:{action}")
    book.add(Replied(reason="agree", text=""), "reply")
    book.add(Deviation(by="practitioner", guideline="NG225", text="Why"), "deviation:practitioner")
    book.add(TimeSpent(seconds=4), "time")
    assert book.content == before
    assert [row["state"] for row in book.state.actions] == ["closed"]


@given(st.permutations(range(6)))
@settings(max_examples=40, deadline=None)
def test_the_same_content_written_in_any_order_has_the_same_hash(order: list[int]) -> None:
    plain, mixed = Book(), Book()
    steps = [
        lambda book: book.rate(level=2),
        lambda book: book.rate(SECOND, code="not_applicable", reason="no_such_event"),
        lambda book: book.comment("As it stands"),
        lambda book: book.point("1" * 32),
        lambda book: book.point("2" * 32),
        lambda book: book.act(),
    ]
    for step in steps:
        step(plain)
    for place in order:
        steps[place](mixed)
    assert plain.content == mixed.content


def test_an_entry_of_another_review_or_criterion_changes_nothing() -> None:
    book = Book()
    book.rate(level=2)
    before = book.content
    book.add(Commented(criterion="other/one", text="x"), "comment:other/one")
    assert book.content == before
    assert fold(book.entries, "f" * 32, [FIRST]).begun is False


def test_levels_in_words_at_each_end() -> None:
    assert (levels_words(3, 3), levels_words(0, 1), levels_words(0, 3)) == ("3", "0 or 1", "0, 1, 2 or 3")


# Gaps


def test_a_gap_proposes_the_linked_pair_due_a_week_on_and_no_owner() -> None:
    policy = load_scoring_policy()
    assert kinds_of("escalation_rationale/trigger", policy) == ("rewrite_escalation_note", "update_crisis_plan")
    assert kinds_of("crisis_plan/signs", policy) == ()
    policy = _with_gaps({"crisis_plan": ("rewrite_escalation_note", "update_crisis_plan"), FIRST: ("gp_liaison",)})
    assert kinds_of(FIRST, policy) == ("gp_liaison",) and len(kinds_of(SECOND, policy)) == 2
    book = Book()
    book.rate(SECOND, level=1)
    (rewrite, update) = proposals(book.state, numbered([RUBRIC]), policy, date(2026, 11, 3))[SECOND]
    assert (rewrite["linked_kind"], update["linked_kind"]) == ("update_crisis_plan", "rewrite_escalation_note")
    assert (rewrite["owner"], rewrite["due"], rewrite["review_date"]) == ("", "2026-11-10", "2026-11-10")


def test_level_0_on_a_critical_criterion_is_due_today_and_a_raised_action_is_not_proposed_again() -> None:
    policy = _with_gaps({"crisis_plan": ("update_crisis_plan",)})
    book = Book()
    book.rate(FIRST, level=0)
    (row,) = proposals(book.state, numbered([RUBRIC]), policy, date(2026, 11, 3))[FIRST]
    assert (row["due"], row["review_date"]) == ("2026-11-03", "2026-11-10")
    book.act()
    assert proposals(book.state, numbered([RUBRIC]), policy, date(2026, 11, 3)) == {}
    other = Book()
    other.rate(FIRST, code="not_applicable", reason="no_such_event")
    assert proposals(other.state, numbered([RUBRIC]), policy, date(2026, 11, 3)) == {}


def test_gaps_that_raise_the_same_actions_raise_them_once_and_name_all_their_criteria() -> None:
    policy = _with_gaps({"crisis_plan": ("rewrite_escalation_note", "update_crisis_plan")})
    criteria, day = numbered([RUBRIC]), date(2026, 11, 3)
    book = Book()
    book.rate(FIRST, level=0)
    book.rate(SECOND, level=1)
    found = proposals(book.state, criteria, policy, day)
    assert list(found) == [FIRST]
    assert [row["criteria"] for row in found[FIRST]] == [[FIRST, SECOND]] * 2
    assert {row["due"] for row in found[FIRST]} == {"2026-11-03"}  # a critical criterion of them is at level 0
    assert (
        len([row for row in reminders(book.state, criteria, policy) if "a gap without an action" in row["sentence"]])
        == 2
    )
    book.act()  # "update_crisis_plan" at the first criterion mends the second, too
    (left,) = proposals(book.state, criteria, policy, day)[FIRST]
    assert left["action_kind"] == "rewrite_escalation_note"
    assert not [row for row in reminders(book.state, criteria, policy) if "a gap without an action" in row["sentence"]]
    apart = _with_gaps({FIRST: ("update_crisis_plan",), SECOND: ("gp_liaison",)})
    assert {
        ref: [row["criteria"] for row in rows] for ref, rows in proposals(book.state, criteria, apart, day).items()
    } == {SECOND: [[SECOND]]}


def _with_gaps(gaps: dict[str, tuple[str, ...]]) -> Any:
    return replace(load_scoring_policy(), gap_actions=gaps)
