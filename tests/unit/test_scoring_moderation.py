"""Moderation: how two answers stand to each other, when it opens, who decides, what never changes, what each rater then learns."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any, Literal, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.journal.events import AnchorFlagged, Moderated, read_payload
from sampling.rubric import Rubric, rubrics_in
from sampling.scoring.parts.moderation_pages import (
    Shown,
    filters_part,
    learning_page,
    list_headline,
    list_row,
    moderating_page,
    pass_levels,
)
from sampling.scoring.rules.moderation import (
    DIFFERENCE_LABELS,
    REASONS,
    SHAPES,
    Double,
    Side,
    alias_of,
    aliased,
    decisions_of,
    difference,
    flags_of,
    refusals,
    state_label,
    to_journal,
    waiting_words,
    why_not,
)
from sampling.scoring.rules.rated import Answer, answers_of
from tests.book import Book, identity, key

MONDAY = date(2025, 11, 3)
CASE = key("case")
MODERATION = identity("moderation")
RUBRIC: Rubric = next(rubric for rubric in rubrics_in() if rubric.id == "escalation_rationale")
REFS = [RUBRIC.ref(one) for one in RUBRIC.criteria]
NAMES = {key("first"): "Faith First", key("second"): "Sam Second", key("moderator"): "Mo Moderator"}


def side(stage: Literal["first", "second"], levels: Any, signed: bool = True) -> Side:
    answers = {
        ref: Answer(level=level) if isinstance(level, int) else Answer(code=level or "")
        for ref, level in zip(REFS, levels, strict=True)
    }
    return Side(identity(stage), key(stage), stage, signed, answers)


def double(first: Any, second: Any, book: Book | None = None, *, signed: tuple[bool, bool] = (True, True)) -> Double:
    a, b = aliased(CASE, side("first", first, signed[0]), side("second", second, signed[1]))
    entries = book.entries if book else []
    return Double(CASE, a, b, pass_levels([RUBRIC]), decisions_of(entries), flags_of(entries))


def shown() -> Shown:
    return Shown([RUBRIC], "Case 4F2A", "Practitioner 9C1B", {}, NAMES)


def decide(book: Book, found: Double, ref: str, choice: str, **other: Any) -> None:
    data = {"criterion": ref, "choice": choice, "reason": "judgement", "note": "", **other}
    book.say(read_payload("moderated", to_journal(data, found)), review=MODERATION, by="moderator")


# The words for the first rater's place among A and B, whichever way this case falls.
A_IS_FIRST = double([0] * 6, [0] * 6).a.stage == "first"


def ab(first: Any, second: Any) -> tuple[Any, Any]:
    """Returns two values in the order of A and B."""
    return (first, second) if A_IS_FIRST else (second, first)


# Three states, by word and shape.


@pytest.mark.parametrize(
    ("a", "b", "state", "across", "needed", "words"),
    [
        (Answer(level=2), Answer(level=2), "agree", False, False, "Both chose 2."),
        (Answer(level=2), Answer(level=3), "differ_1", False, False, "A chose 2 and B chose 3: on the same side of the pass line."),
        (Answer(level=0), Answer(level=1), "differ_1", False, False, "A chose 0 and B chose 1: on the same side of the pass line."),
        (
            Answer(level=1), Answer(level=2), "differ_1", True, True,
            "A chose 1 and B chose 2: on either side of the pass line, which is level 2.",
        ),
        (
            Answer(level=3), Answer(level=1), "differ_2", True, True,
            "A chose 3 and B chose 1: on either side of the pass line, which is level 2.",
        ),
        (
            Answer(level=0), Answer(level=3), "differ_2", True, True,
            "A chose 0 and B chose 3: on either side of the pass line, which is level 2.",
        ),
        (Answer(code="not_applicable"), Answer(code="not_applicable"), "agree", False, False, 'Both chose "not applicable".'),
        (Answer(code="not_applicable"), Answer(level=2), "differ_kind", False, True, 'A chose "not applicable" and B chose 2.'),
        (
            Answer(code="not_applicable"), Answer(code="not_accessible"), "differ_kind", False, True,
            'A chose "not applicable" and B chose "record not accessible".',
        ),
        (Answer(), Answer(level=2), "incomplete", False, True, "A has not scored it and B chose 2: there is nothing to compare yet."),
    ],
)  # fmt: skip
def test_two_answers_agree_differ_or_are_incomplete(
    a: Answer, b: Answer, state: str, across: bool, needed: bool, words: str
) -> None:
    found = difference(a, b, 2)
    assert (found.state, found.across, found.needs_decision, found.words) == (state, across, needed, words)


def test_a_different_comment_alone_is_no_difference() -> None:
    assert difference(Answer(level=2, comment="Good."), Answer(level=2, comment="Poor."), 2).state == "agree"


def test_each_state_has_a_word_and_a_shape_of_its_own() -> None:
    states = list(DIFFERENCE_LABELS)
    assert len({SHAPES[state] for state in states}) == len(states)
    assert len(set(DIFFERENCE_LABELS.values())) == len(states)


LEVELS = st.lists(
    st.one_of(st.integers(0, 3), st.sampled_from(["not_applicable", "not_accessible", None])), min_size=6, max_size=6
)


@given(first=LEVELS, second=LEVELS)
def test_differences_are_the_same_seen_from_either_side(first: Any, second: Any) -> None:
    here, there = double(first, second), double(second, first)
    assert here.counts() == there.counts()
    assert here.to_decide() == there.to_decide()
    assert sum(here.counts()[state] for state in DIFFERENCE_LABELS) == len(REFS)


def test_all_pairs_of_levels_need_a_decision_exactly_when_two_apart_or_across_the_line() -> None:
    for a, b in product(range(4), range(4)):
        found = difference(Answer(level=a), Answer(level=b), 2)
        assert found.needs_decision == (abs(a - b) >= 2 or (a >= 2) != (b >= 2))


# When it opens.


@pytest.mark.parametrize(
    ("signed", "words"),
    [
        ((False, False), "Waiting for the signature of the first rater and the second rater."),
        ((True, False), "Waiting for the signature of the second rater."),
        ((False, True), "Waiting for the signature of the first rater."),
        ((True, True), ""),
    ],
)
def test_it_opens_only_when_both_have_signed(signed: tuple[bool, bool], words: str) -> None:
    found = double([0] * 6, [3] * 6, signed=signed)
    assert waiting_words(found) == words
    assert found.open == (not words)
    said = Moderated(criterion=REFS[0], choice="other", level=1, reason="judgement")
    sentences = refusals(said, found, actor=key("moderator"), moderates=True)
    assert sentences == ([f"Moderation begins when both raters have signed. {words}"] if words else [])
    if words:
        row = list_row(found, shown(), actor=key("moderator"), moderates=True)
        assert (row["state"], row["counts"], row["to_decide"], row["view"]) == ("waiting", {}, 0, "none")


def test_nobody_moderates_their_own_rating_nor_without_the_role() -> None:
    found = double([0] * 6, [3] * 6)
    said = AnchorFlagged(criterion=REFS[0], rubric_version="1.0", note="Two readings of 'at the time'.")
    for rater in ("first", "second"):
        assert refusals(said, found, actor=key(rater), moderates=True) == [
            "You rated this case, so that somebody else has to moderate it."
        ]
    assert refusals(said, found, actor=key("other"), moderates=False) == [
        "Only a moderator decides where two raters differ."
    ]
    assert why_not(found, actor=key("moderator"), moderates=True) == ""
    own = replace(found, practitioner=key("moderator"))
    assert why_not(own, actor=key("moderator"), moderates=True) == (
        "This is a case of your own, so that somebody else has to moderate it."
    )


# Deciding.


def test_a_decision_is_a_third_row_and_changes_neither_rater() -> None:
    found = double([0, 2, 2, 2, 2, 2], [3, 2, 2, 2, 2, 3])
    before = (found.a, found.b)
    book = Book(MONDAY)
    assert found.to_decide() == (REFS[0],)
    decide(book, found, REFS[0], "a", reason="evidence_missed", note="The note of 30 October.")
    after = double([0, 2, 2, 2, 2, 2], [3, 2, 2, 2, 2, 3], book)
    assert (after.a, after.b) == before
    assert (after.state(), after.complete, after.to_decide()) == ("decided", True, ())
    decision = after.decisions[REFS[0]].said
    assert (decision.choice, decision.level) == (ab("first", "second")[0], ab(0, 3)[0])
    assert alias_of(decision.choice, after) == "a"


def test_what_both_agree_on_needs_no_decision() -> None:
    assert double([2] * 6, [2] * 6).state() == "agrees"
    assert double([2] * 6, [3] * 6).state() == "agrees"  # apart by one, on the same side
    assert double([2] * 6, [None] * 6).state() == "incomplete"
    assert double([0] * 6, [None, 3, 3, 3, 3, 3]).state() == "differs"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"choice": "other"}, "Another level needs the level, or one of the two codes."),
        (
            {"choice": "other", "level": 1, "code": "not_applicable"},
            "Another level needs the level, or one of the two codes.",
        ),
        ({"choice": "first", "level": 2}, "A rater's level is taken as it stands."),
        (
            {"criterion": "crisis_plan_currency/made_with_the_person", "choice": "other", "level": 1},
            "This case was not scored on that criterion.",
        ),
    ],
)
def test_each_refusal_says_what_is_wrong(data: dict[str, Any], sentence: str) -> None:
    said = Moderated(**{"criterion": REFS[0], "reason": "judgement", **data})
    assert refusals(said, double([0] * 6, [3] * 6), actor=key("moderator"), moderates=True) == [sentence]


def test_what_a_rater_did_not_score_cannot_be_chosen() -> None:
    found = double([None] + [2] * 5, [3] + [2] * 5)
    said = Moderated(criterion=REFS[0], choice="first", reason="judgement")
    assert refusals(said, found, actor=key("moderator"), moderates=True) == [
        "That rater did not score this criterion. Choose another level, or a code."
    ]


def test_a_flag_needs_words_and_stands_beside_the_decision() -> None:
    found = double([0] * 6, [3] * 6)
    empty = AnchorFlagged(criterion=REFS[0], rubric_version="1.0", note=" ")
    assert refusals(empty, found, actor=key("moderator"), moderates=True) == [
        "Say in which two ways the anchor can be read."
    ]
    book = Book(MONDAY)
    said = AnchorFlagged(criterion=REFS[0], rubric_version="1.0", note="'At the time' may mean the day or the shift.")
    book.say(said, review=MODERATION, by="moderator")
    page = moderating_page(double([0] * 6, [3] * 6, book), shown(), book.entries, review=MODERATION)
    assert page["criteria"][0]["flag"]["note"] == "'At the time' may mean the day or the shift."
    assert page["criteria"][0]["flag_revision"] == 1
    assert page["criteria"][0]["decision"] is None


def test_a_case_that_its_rater_referred_has_a_alone_and_is_decided_like_any_other() -> None:
    referred = replace(double([0] * 6, [0] * 6), a=side("first", [None, 2, 2, 2, 2, 2], signed=False), b=None)
    assert referred.open
    assert referred.to_decide() == (REFS[0],)
    said = Moderated(criterion=REFS[0], choice="other", level=1, reason="judgement")
    assert refusals(said, referred, actor=key("moderator"), moderates=True) == []
    page = moderating_page(referred, shown(), [], review=MODERATION)
    assert [rater["alias"] for rater in page["raters"]] == ["A"]
    assert page["criteria"][0]["b"] is None


# What the pages say, and what they do not.


def test_the_moderators_page_names_no_one_until_all_that_matters_is_decided() -> None:
    levels = ([0, 2, 2, 2, 2, 2], [3, 2, 2, 2, 2, 3])
    page = moderating_page(double(*levels), shown(), [], review=MODERATION)
    text = json.dumps(page)
    for secret in (
        "Faith",
        "Second",
        key("first"),
        key("second"),
        identity("first"),
        identity("second"),
        '"first"',
        '"second"',
    ):
        assert secret not in text
    assert [rater["name"] for rater in page["raters"]] == [None, None]
    book = Book(MONDAY)
    decide(book, double(*levels), REFS[0], "other", level=2)
    page = moderating_page(double(*levels, book), shown(), book.entries, review=MODERATION)
    assert [rater["name"] for rater in page["raters"]] == list(ab("Faith First", "Sam Second"))
    assert page["criteria"][0]["decision"]["choice"] == "other"
    assert page["criteria"][0]["revision"] == 1
    assert page["complete"]


def test_the_order_of_a_and_b_says_nothing_of_who_was_first() -> None:
    turned = [
        aliased(key(f"case {number}"), side("first", [0] * 6), side("second", [0] * 6))[0].stage
        for number in range(200)
    ]
    assert 70 < turned.count("first") < 130


def test_a_rater_sees_their_own_differences_first_and_both_rows_unchanged() -> None:
    levels = ([0, 2, 2, 2, 2, 2], [3, 2, 2, 2, 2, 3])
    book = Book(MONDAY)
    decide(book, double(*levels), REFS[0], "other", level=2, reason="evidence_missed", note="See 30 October.")
    page = learning_page(double(*levels, book), shown(), actor=key("second"))
    assert page["summary"] == "You and the other rater agreed on 4 of 6 criteria. The moderator decided 1 criterion."
    assert [row["state"] for row in page["rows"]] == ["differ_2", "differ_1", "agree", "agree", "agree", "agree"]
    first = page["rows"][0]
    assert (first["mine"]["level"], first["other"]["level"], first["settled"]["level"]) == (3, 0, 2)
    assert first["words"] == (
        "You chose 3, the other rater 0. The moderator settled on 2: evidence was missed. See 30 October."
    )
    assert page["rows"][1]["words"] == "You chose 3, the other rater 2."
    assert page["rows"][2]["words"] == "You both chose 2."
    assert "Faith" not in json.dumps(page)


def test_a_raters_list_row_says_nothing_before_the_decision() -> None:
    row = list_row(double([0] * 6, [3] * 6), shown(), actor=key("first"), moderates=False)
    assert (row["counts"], row["view"], row["may_moderate"]) == ({}, "none", False)
    agreed = list_row(double([2] * 6, [2] * 6), shown(), actor=key("first"), moderates=False)
    assert (agreed["counts"]["agree"], agreed["view"]) == (6, "learning")


def test_the_headline_counts_what_needs_this_person() -> None:
    rows = [
        list_row(double([0] * 6, [3] * 6), shown(), actor=key("moderator"), moderates=True),
        list_row(double([0] * 6, [3] * 6, signed=(True, False)), shown(), actor=key("moderator"), moderates=True),
    ]
    assert list_headline(rows, 1) == (
        "1 case needs a decision from you. 1 case was referred by the rater. 1 case waits for signatures."
    )
    assert list_headline([], 0) == "Nothing needs you."


def test_reasons_are_closed_and_each_has_a_key_and_words() -> None:
    assert set(REASONS) == set(get_args(Moderated.model_fields["reason"].annotation))
    assert [one["key"] for one in filters_part()["reasons"]] == ["1", "2", "3", "4"]
    assert filters_part()["filter"] == "wide"
    with pytest.raises(ValueError, match="reason"):
        Moderated(criterion=REFS[0], choice="first")  # type: ignore[call-arg]


def test_answers_come_from_the_journal_and_the_decision_from_its_own_review() -> None:
    """The moderation's entries have a review of their own, so that folding a rater's entries never meets them."""
    book = Book(MONDAY)
    found = double([0] * 6, [3] * 6)
    decide(book, found, REFS[0], "other", level=2)
    assert answers_of(book.entries) == {}
    assert {entry.review for entry in book.entries} == {MODERATION}


def test_both_signed_and_still_sealed_waits_and_is_decided_by_nobody() -> None:
    found = replace(double([1] * len(REFS), [3] * len(REFS)), sealed=True)
    words = "Both raters have signed, but their ratings are still sealed: they open with the lead's private key."
    assert (found.open, found.state(), found.complete) == (False, "waiting", False)
    assert (waiting_words(found), state_label(found)) == (words, "Waiting to be unsealed")
    assert why_not(found, actor=key("moderator"), moderates=True) == words
    unsigned = replace(found, a=replace(found.a, signed=False))
    assert state_label(unsigned) == "Waiting for signatures"
    assert why_not(unsigned, actor=key("moderator"), moderates=True).startswith(
        "Moderation begins when both raters have signed."
    )
