"""The right of reply: none, waiting, answered; rounds kept; who may say what, and when."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, get_args

import pytest

from sampling.journal.events import Replied, ReplyAnswered
from sampling.scoring.rules.reply import OUTCOMES, REASONS, refusals, reply_part
from tests.book import Book, identity, key

MONDAY = date(2025, 11, 3)
REVIEW = identity("review")
NAMES = {key("worker"): "A. Worker", key("supervisor"): "S. Lead"}


def replied(reason: Any = "evidence_missed", text: str = "See the note of 30 October.") -> Replied:
    return Replied(reason=reason, text=text)


def answered(outcome: Any = "rating_stands", text: str = "The note was written later.") -> ReplyAnswered:
    return ReplyAnswered(outcome=outcome, text=text)


def part(book: Book, **may: bool) -> dict[str, Any]:
    return reply_part(book.entries, NAMES, **{"may_reply": True, "may_answer": True, **may})


def test_without_a_reply_the_state_says_so() -> None:
    found = part(Book(MONDAY))
    assert (found["state"], found["state_label"], found["rounds"]) == ("none", "No reply", [])
    assert found["words"] == "The supervisee may reply to what was scored. There is no reply yet."
    assert not found["may_answer"]


def test_a_reply_waits_visibly_until_it_is_answered() -> None:
    book = Book(MONDAY)
    book.say(replied(), review=REVIEW, subject="reply", by="worker")
    found = part(book)
    assert (found["state"], found["may_answer"]) == ("waiting", True)
    assert found["words"] == "Replied on 3 November 2025: There is evidence that was missed. It waits for an answer."
    book.say(answered(), review=REVIEW, subject="reply_answer", by="supervisor", on=MONDAY + timedelta(days=2))
    found = part(book)
    assert (found["state"], found["may_answer"]) == ("answered", False)
    assert found["words"] == (
        "Replied on 3 November 2025: There is evidence that was missed. Answered on 5 November 2025: The rating stands."
    )
    (only,) = found["rounds"]
    assert (only["by_label"], only["answer"]["by_label"], only["answer"]["outcome"]) == (
        "A. Worker",
        "S. Lead",
        "rating_stands",
    )


def test_every_round_is_kept_and_a_rewritten_reply_replaces_only_an_unanswered_one() -> None:
    book = Book(MONDAY)
    book.say(replied(text="First words."), review=REVIEW, subject="reply", by="worker")
    book.say(replied(text="Better words."), review=REVIEW, subject="reply", by="worker")
    book.say(answered(), review=REVIEW, subject="reply_answer", by="supervisor")
    book.say(replied("disagree", "I still think so."), review=REVIEW, subject="reply", by="worker")
    found = part(book)
    assert [one["text"] for one in found["rounds"]] == ["Better words.", "I still think so."]
    assert (found["state"], found["revision"], found["answer_revision"]) == ("waiting", 3, 1)


def test_agreement_needs_no_answer() -> None:
    book = Book(MONDAY)
    book.say(replied("agree", ""), review=REVIEW, subject="reply", by="worker")
    found = part(book)
    assert (found["state"], found["state_label"]) == ("answered", "Agreed")
    assert found["words"] == "Replied on 3 November 2025: I agree."


def test_an_undone_reply_is_none() -> None:
    book = Book(MONDAY)
    first = book.say(replied(), review=REVIEW, subject="reply", by="worker")
    book.say(replied("agree", ""), review=REVIEW, subject="reply", by="worker", undoes=first.id)
    assert [one["reason"] for one in part(book)["rounds"]] == ["agree"]


@pytest.mark.parametrize(
    ("said", "state", "who", "sentences"),
    [
        (replied(), "none", {"is_supervisee": False}, ["The right of reply is the supervisee's own."]),
        (replied(), "none", {"signed": False}, ["A reply is possible once what it replies to is signed."]),
        (replied(text=" "), "none", {}, ["Say what you want to be looked at again."]),
        (replied("agree", ""), "none", {}, []),
        (replied(), "answered", {}, []),
        (
            answered(),
            "waiting",
            {"may_answer": False},
            ["A reply is answered by the supervisor or a moderator, not by the person who replied."],
        ),
        (answered(), "none", {}, ["There is no reply to answer."]),
        (answered(text=""), "waiting", {}, ["Say what came of the reply, and why."]),
        (answered(), "waiting", {}, []),
    ],
)
def test_each_refusal_says_what_to_do(said: Any, state: Any, who: dict[str, bool], sentences: list[str]) -> None:
    rights = {"is_supervisee": True, "may_answer": True, "signed": True, **who}
    assert refusals(said, state, **rights) == sentences


def test_each_reason_and_outcome_has_words() -> None:
    assert set(REASONS) == set(get_args(Replied.model_fields["reason"].annotation))
    assert set(OUTCOMES) == set(get_args(ReplyAnswered.model_fields["outcome"].annotation))
