"""Follow-up: when a case is scored again, then and now, what cannot be compared; time, phrases and deviations beside it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.journal.events import (
    ActionClosed,
    ActionMoved,
    ActionRaised,
    Commented,
    Deviation,
    EvidencePointed,
    EvidenceWithdrawn,
    Moderated,
    PhraseKept,
    Rated,
    SignatureVoided,
    Signed,
    TimeSpent,
)
from sampling.scoring.rules.actions import actions
from sampling.scoring.rules.deviations import deviations_part
from sampling.scoring.rules.deviations import refusals as deviation_refusals
from sampling.scoring.rules.follow_up import CHANGES, compared, comparison, counts_of, due_of, headline, rescore_state
from sampling.scoring.rules.phrases import phrases
from sampling.scoring.rules.phrases import refusals as phrase_refusals
from sampling.scoring.rules.rated import Answer, answer_words, answers_of, gaps_of, settled_levels, signature_of
from sampling.scoring.rules.timing import duration, own_words, seconds_spent, speed
from tests.book import Book, identity, key

MONDAY = date(2025, 11, 3)
WEEK = timedelta(days=7)
REVIEW = identity("review")
REF, OTHER = "escalation_rationale/trigger_recognised", "escalation_rationale/options_weighed"
DIGEST = key("rubric")


def rated(level: int | None = None, ref: str = REF, code: Any = None, reason: str | None = None) -> Rated:
    return Rated(criterion=ref, rubric_version="1.0", rubric_digest=DIGEST, level=level, code=code, reason=reason)


def raised(name: str, due: date, review_date: date, ref: str | None = REF, kind: Any = "other") -> ActionRaised:
    return ActionRaised(
        action=identity(name),
        action_kind=kind,
        text="Do it.",
        owner="A",
        due=due,
        review_date=review_date,
        criterion=ref,
    )


def signed(content: str = "all", role: Any = "rater") -> Signed:
    return Signed(role=role, statement="I sign.", content=key(content))


# When it is due.


def test_without_an_action_a_case_is_scored_again_a_week_after_it_was_signed() -> None:
    assert due_of([], [REF], signed_on=MONDAY, after_days=7) == MONDAY + WEEK


def test_the_later_of_two_linked_actions_decides_and_a_moved_date_moves_it() -> None:
    book = Book(MONDAY)
    book.say(raised("note", MONDAY + WEEK, MONDAY + WEEK), review=REVIEW)
    book.say(raised("plan", MONDAY + WEEK, MONDAY + timedelta(days=9)), review=REVIEW)
    book.say(raised("course", MONDAY + WEEK, MONDAY + timedelta(days=90), ref=None), review=REVIEW)  # answers no gap
    days = [due_of(actions(book.entries), [REF], signed_on=MONDAY, after_days=7)]
    later = MONDAY + timedelta(days=20)
    book.say(ActionMoved(action=identity("note"), due=later, review_date=later, reason="Ill."), review=REVIEW)
    days.append(due_of(actions(book.entries), [REF], signed_on=MONDAY, after_days=7))
    book.say(ActionClosed(action=identity("note"), outcome="not_needed", text="Moved away."), review=REVIEW)
    days.append(due_of(actions(book.entries), [REF], signed_on=MONDAY, after_days=7))
    assert [(day - MONDAY).days for day in days] == [9, 20, 9]


@pytest.mark.parametrize(
    ("offset", "begun", "done", "state"),
    [
        (-1, False, False, "not_due"),
        (0, False, False, "due"),
        (0, True, False, "in_progress"),
        (1, False, False, "overdue"),
        (1, True, False, "overdue"),
        (-3, True, False, "in_progress"),
        (40, True, True, "signed"),
    ],
)
def test_a_case_is_ready_on_its_day_and_overdue_from_the_day_after(
    offset: int, begun: bool, done: bool, state: str
) -> None:
    assert rescore_state(MONDAY, MONDAY + timedelta(days=offset), begun=begun, signed=done) == state


def test_gaps_are_levels_up_to_the_policys_and_codes_are_none() -> None:
    answers = {
        "a/a": Answer(level=0),
        "a/b": Answer(level=1),
        "a/c": Answer(level=2),
        "a/d": Answer(code="not_accessible"),
    }
    assert gaps_of(answers, 1) == ("a/a", "a/b")
    assert gaps_of(answers, 0) == ("a/a",)


def test_a_moderated_level_stands_for_gaps_and_the_raters_own_stays() -> None:
    answers = {REF: Answer(level=2, comment="mine"), OTHER: Answer(level=0)}
    decision = Moderated(criterion=REF, choice="other", level=1, reason="judgement")
    settled = settled_levels(answers, {REF: decision})
    assert (settled[REF].level, settled[REF].comment, settled[OTHER].level) == (1, "mine", 0)
    assert answers[REF].level == 2


# What one rater said, and whether it is signed.


def test_an_answer_is_what_stands_level_comment_and_evidence() -> None:
    book = Book(MONDAY)
    book.say(rated(0), review=REVIEW)
    book.say(rated(2), review=REVIEW)
    book.say(Commented(criterion=REF, text="Clear."), review=REVIEW)
    for name in ("kept", "taken back"):
        pointer = EvidencePointed(
            pointer=identity(name), criterion=REF, note_date=MONDAY, note_kind="phone", quote="call me"
        )
        book.say(pointer, review=REVIEW)
    book.say(EvidenceWithdrawn(pointer=identity("taken back")), review=REVIEW)
    answer = answers_of(book.entries)[REF]
    assert (answer.level, answer.comment, len(answer.evidence)) == (2, "Clear.", 1)
    assert answer.evidence[0].row() == {"note_date": "2025-11-03", "note_kind": "phone", "quote": "call me"}


def test_cleared_is_not_scored_and_undo_brings_the_level_back() -> None:
    book = Book(MONDAY)
    book.say(rated(3), review=REVIEW)
    cleared = book.say(rated(), review=REVIEW)
    assert not answers_of(book.entries)[REF].given
    book.say(rated(3), review=REVIEW, undoes=cleared.id)
    assert answers_of(book.entries)[REF].level == 3


def test_a_voided_signature_does_not_stand_and_a_new_one_does() -> None:
    book = Book(MONDAY)
    book.say(signed(), review=REVIEW)
    assert signature_of(book.entries, "rater") is not None
    book.say(SignatureVoided(role="rater", content=key("all"), reason="changed"), review=REVIEW)
    assert signature_of(book.entries, "rater", "supervisor") is None
    book.say(signed("more", "supervisor"), review=REVIEW)
    found = signature_of(book.entries, "rater", "supervisor")
    assert found is not None and found.content == key("more")


# Then and now.


@pytest.mark.parametrize(
    ("then", "now", "change", "words", "why"),
    [
        (Answer(level=1), Answer(level=3), "improved", "Improved by 2 levels", ""),
        (Answer(level=1), Answer(level=2), "improved", "Improved by 1 level", ""),
        (Answer(level=2), Answer(level=2), "unchanged", "Unchanged", ""),
        (Answer(level=2), Answer(level=0), "worsened", "Worsened by 2 levels", ""),
        (Answer(code="not_accessible"), Answer(level=2), "not_comparable", "Cannot be compared", "Record not accessible the first time"),
        (Answer(level=2), Answer(code="not_applicable"), "not_comparable", "Cannot be compared", "Not applicable this time"),
        (Answer(code="not_applicable"), Answer(code="not_applicable"), "not_comparable", "Cannot be compared", "Not applicable both times"),
        (
            Answer(code="not_applicable"), Answer(code="not_accessible"), "not_comparable", "Cannot be compared",
            "Not applicable, then record not accessible",
        ),
        (Answer(), Answer(level=2), "not_comparable", "Cannot be compared", "Not scored the first time"),
        (Answer(level=2), Answer(), "not_comparable", "Cannot be compared", "Not scored this time"),
        (Answer(), Answer(), "not_comparable", "Cannot be compared", "Not scored either time"),
        (
            Answer(level=1, rubric_digest="a"), Answer(level=2, rubric_digest="b"), "not_comparable", "Cannot be compared",
            "The rubric changed in between",
        ),
    ],
)  # fmt: skip
def test_each_change_and_each_reason_why_there_is_none(
    then: Answer, now: Answer, change: str, words: str, why: str
) -> None:
    row = compared(REF, then, now)
    assert (row.change, row.words, row.why) == (change, words, why)


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ((0, 0, 0, 0), "There is nothing to compare."),
        ((1, 0, 0, 0), "Of 1 criterion, 1 improved."),
        ((0, 1, 1, 0), "Of 2 criteria, 1 is unchanged and 1 worsened."),
        ((3, 2, 1, 4), "Of 10 criteria, 3 improved, 2 are unchanged, 1 worsened and 4 cannot be compared."),
    ],
)
def test_the_headline_says_the_finding_with_its_denominator(counts: tuple[int, ...], sentence: str) -> None:
    assert headline(dict(zip(CHANGES, counts, strict=True))) == sentence


ANSWERS = st.one_of(
    st.integers(0, 3).map(lambda level: Answer(level=level)),
    st.sampled_from(["not_applicable", "not_accessible"]).map(lambda code: Answer(code=code, reason="x")),
    st.just(Answer()),
)


@given(pairs=st.lists(st.tuples(ANSWERS, ANSWERS), max_size=18))
def test_every_criterion_is_in_exactly_one_way_and_nothing_is_averaged(pairs: list[tuple[Answer, Answer]]) -> None:
    refs = [f"r/c{number}" for number in range(len(pairs))]
    rows = comparison(
        refs, dict(zip(refs, (p[0] for p in pairs), strict=True)), dict(zip(refs, (p[1] for p in pairs), strict=True))
    )
    counts = counts_of(rows)
    assert sum(counts.values()) == len(pairs)
    for (then, now), row in zip(pairs, rows, strict=True):
        both = then.level is not None and now.level is not None
        assert (row.change == "not_comparable") == (not both)
        assert bool(row.why) == (not both)
        assert row.steps == ((now.level or 0) - (then.level or 0) if both else 0)


def test_an_answer_in_words() -> None:
    anchors = ("none", "generic", "personal", "and tested")
    assert answer_words(Answer(level=0), anchors, {}) == "0 – none"
    assert answer_words(Answer(level=2), (), {}) == "2"
    assert answer_words(Answer(code="not_accessible", reason="missing"), anchors, {"missing": "Not there"}) == (
        "Record not accessible: Not there"
    )
    assert answer_words(Answer(), anchors, {}) == "Not scored"


# Time: one's own, or medians of ten.


def test_time_adds_up_whatever_each_entry_was_based_on() -> None:
    book = Book(MONDAY)
    book.say(TimeSpent(seconds=60), review=REVIEW, subject="time", base=0)
    book.say(TimeSpent(seconds=90), review=REVIEW, subject="time", base=0)
    book.say(TimeSpent(seconds=5), review=REVIEW, subject="time", by="another", base=0)
    spent = seconds_spent(book.entries)
    assert spent[REVIEW, key("rater")] == 150
    assert own_words(150) == "You spent 3 minutes on it."
    assert own_words(0) == ""


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (59, "less than a minute"),
        (60, "1 minute"),
        (3600, "1 hour"),
        (3660, "1 hour 1 minute"),
        (7230, "2 hours 1 minute"),
    ],
)
def test_durations_in_words(seconds: int, words: str) -> None:
    assert duration(seconds) == words


def test_a_lead_sees_no_time_before_ten_reviews() -> None:
    nine = {identity(str(n)): 600 for n in range(9)}
    assert speed(nine).median_seconds is None
    assert speed(nine).words == "9 reviews so far: times are shown from 10 on."
    assert (
        speed({**nine, identity("untimed"): 0}).median_seconds is None
    )  # a review without any stored time is not counted


def test_a_very_fast_review_is_flagged_by_its_case_alone() -> None:
    ten = {**{identity(str(n)): 600 for n in range(9)}, identity("fast"): 200}
    found = speed(ten)
    assert found.very_fast == (identity("fast"),)
    assert found.words == (
        "Half of 10 reviews took 10 minutes or less. 1 review was very fast and may deserve a second look."
    )
    assert speed({**ten, identity("fast"): 201}).very_fast == ()


# Phrases.


def test_own_phrases_come_first_and_others_only_when_shared() -> None:
    book = Book(MONDAY)

    def keep(name: str, text: str, by: str, shared: bool = False) -> None:
        said = PhraseKept(criterion=REF, text=text, shared=shared)
        book.say(said, review="", by=by, subject=f"phrase:{identity(name)}")

    keep("1", "No source named.", "rater")
    keep("2", "Ask  for the date.", "rater")
    keep("3", "Theirs alone.", "another")
    keep("4", "Good example of options.", "another", shared=True)
    keep("5", "No source named.", "another", shared=True)
    assert phrases(book.entries, key("rater"))[REF] == [
        {"text": "Ask for the date.", "shared": False},
        {"text": "No source named.", "shared": True},
        {"text": "Good example of options.", "shared": True},
    ]
    keep("1", "", "rater")  # taken back; the other's shared one stays
    assert [row["text"] for row in phrases(book.entries, key("rater"))[REF]] == [
        "Ask for the date.",
        "Good example of options.",
        "No source named.",
    ]
    assert phrase_refusals(PhraseKept(criterion=REF, text="x", shared=False), subject="") == [
        "A phrase is kept under a subject of its own."
    ]


# Deviations: two entries.


def deviation(
    by: Any, text: str = "The crisis team was not rung.", guideline: str = "Local escalation policy"
) -> Deviation:
    return Deviation(by=by, guideline=guideline, text=text)


def test_one_entry_is_missing_until_both_are_there() -> None:
    book = Book(MONDAY)
    assert deviations_part(book.entries, {})["words"] == "No deviation from guidelines is recorded."
    book.say(deviation("manager"), review=REVIEW)
    part = deviations_part(book.entries, {key("rater"): "S. Lead"})
    assert (part["state"], part["words"]) == ("one_missing", "One entry is missing: the practitioner's.")
    assert part["manager"]["by_label"] == "S. Lead"
    book.say(deviation("practitioner"), review=REVIEW, by="worker")
    assert deviations_part(book.entries, {})["state"] == "both"
    book.say(deviation("manager", text=""), review=REVIEW)
    part = deviations_part(book.entries, {})
    assert part["words"] == "One entry is missing: the manager's."
    assert part["revisions"] == {"practitioner": 1, "manager": 2}


def test_nobody_writes_the_others_entry() -> None:
    practitioners, managers = deviation("practitioner"), deviation("manager")
    assert deviation_refusals(practitioners, is_practitioner=False, is_manager=True) == [
        "The practitioner's entry is the practitioner's own to write."
    ]
    assert deviation_refusals(managers, is_practitioner=True, is_manager=False) == [
        "The manager's entry is the supervisor's to write."
    ]
    assert deviation_refusals(deviation("manager", guideline=" "), is_practitioner=False, is_manager=True) == [
        "Say which guideline was departed from."
    ]
    assert deviation_refusals(replace_text(managers), is_practitioner=False, is_manager=True) == []


def replace_text(said: Deviation) -> Deviation:
    """Returns the same entry, emptied: taken back."""
    return said.model_copy(update={"text": "", "guideline": ""})
