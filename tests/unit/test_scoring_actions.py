"""The action ledger: states by day, the landing list, moved and missed dates, pairs, undo, refusals, repeated slips."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.journal.events import ActionClosed, ActionMoved, ActionRaised, ActionSeen, ConflictResolved
from sampling.scoring.rules.action_rows import (
    Labels,
    action_lists,
    action_row,
    due_headline,
    long_day,
    slip_rows,
    slipped_words,
)
from sampling.scoring.rules.action_rules import SMART, missing_parts, refusals
from sampling.scoring.rules.actions import KIND_LABELS, Action, actions, due_list, pair_of, repeated_slips
from sampling.scoring.rules.standing import current, day_in_england, revisions, standing
from tests.book import Book, identity, key

MONDAY = date(2025, 11, 3)
REVIEW = identity("review")
REF = "escalation_rationale/trigger_recognised"
WEEK = timedelta(days=7)


def raised(name: str = "one", **other: Any) -> ActionRaised:
    """Returns an action that is due in a week and reviewed on the same day."""
    fields: dict[str, Any] = {
        "action": identity(name),
        "action_kind": "rewrite_escalation_note",
        "text": "Rewrite the note of 30 October as situation, options, decision.",
        "owner": "A. Worker",
        "due": MONDAY + WEEK,
        "review_date": MONDAY + WEEK,
        "criterion": REF,
    }
    return ActionRaised(**{**fields, **other})


def moved(due: date, review_date: date | None = None, name: str = "one", reason: str = "Off sick.") -> ActionMoved:
    return ActionMoved(action=identity(name), due=due, review_date=review_date or due, reason=reason)


def seen(on: date, name: str = "one") -> ActionSeen:
    return ActionSeen(action=identity(name), seen_on=on, reference="Progress note of that day")


def closed(outcome: Any = "done", text: str = "", name: str = "one") -> ActionClosed:
    return ActionClosed(action=identity(name), outcome=outcome, text=text)


def the_action(book: Book) -> Action:
    (action,) = actions(book.entries)
    return action


@pytest.mark.parametrize(
    ("today", "state", "days_late"),
    [
        (MONDAY, "open", 0),
        (MONDAY + timedelta(days=6), "open", 0),
        (MONDAY + timedelta(days=7), "open", 0),  # the due day itself is not late
        (MONDAY + timedelta(days=8), "overdue", 1),
        (MONDAY + timedelta(days=35), "overdue", 28),
    ],
)
def test_an_action_is_overdue_from_the_day_after_its_due_date(today: date, state: str, days_late: int) -> None:
    book = Book(MONDAY)
    book.say(raised(), review=REVIEW)
    action = the_action(book)
    assert (action.state(today), action.days_late(today)) == (state, days_late)


@pytest.mark.parametrize(
    ("today", "state", "days_late"),
    [(MONDAY + timedelta(days=7), "seen", 0), (MONDAY + timedelta(days=8), "review_overdue", 1)],
)
def test_once_seen_in_the_record_an_action_waits_for_its_review_date(today: date, state: str, days_late: int) -> None:
    book = Book(MONDAY)
    book.say(raised(), review=REVIEW)
    book.say(seen(MONDAY + timedelta(days=3)), review=REVIEW)
    action = the_action(book)
    assert (action.state(today), action.days_late(today)) == (state, days_late)
    assert action.seen is not None and action.seen.reference == "Progress note of that day"


def test_a_closed_action_is_never_late() -> None:
    book = Book(MONDAY)
    book.say(raised(), review=REVIEW)
    book.say(closed("not_needed", "The person moved away."), review=REVIEW)
    action = the_action(book)
    assert action.state(MONDAY + timedelta(days=400)) == "closed"
    assert action.days_late(MONDAY + timedelta(days=400)) == 0


def test_the_landing_list_sorts_by_what_each_action_waits_for() -> None:
    """Today is Monday 10 November; "due" reaches to Monday 17 November, that day included."""
    today = date(2025, 11, 10)
    dues = {"late": -1, "very late": -20, "today": 0, "sunday": 6, "next monday": 7, "tuesday after": 8}
    book = Book(MONDAY)
    for name, days in dues.items():
        day = today + timedelta(days=days)
        book.say(raised(name, due=day, review_date=day), review=REVIEW)
    book.say(raised("seen", due=MONDAY, review_date=today + timedelta(days=9)), review=REVIEW)
    book.say(seen(MONDAY, "seen"), review=REVIEW)
    book.say(raised("over"), review=REVIEW)
    book.say(closed("replaced", "See the new one.", "over"), review=REVIEW)
    names = {identity(name): name for name in (*dues, "seen", "over")}
    found = due_list(actions(book.entries), today, 7)
    listed = {part: [names[a.action] for a in getattr(found, part)] for part in ("overdue", "due", "later", "closed")}
    assert listed == {
        "overdue": ["very late", "late"],
        "due": ["today", "sunday", "next monday"],
        "later": ["tuesday after", "seen"],
        "closed": ["over"],
    }
    assert due_headline(found, 0) == "2 actions are overdue and 3 are due this week."
    assert due_headline(found, 1).endswith("1 case is ready to be scored again.")
    assert due_headline(due_list([], today, 7), 0) == "Nothing needs you."


def test_a_week_runs_over_the_end_of_a_five_week_month_and_of_summer_time() -> None:
    """December 2025 has five Mondays, Tuesdays and Wednesdays; clocks change on 26 October 2025. A week is seven days in both."""
    for day, later in ((date(2025, 12, 29), date(2026, 1, 5)), (date(2025, 10, 22), date(2025, 10, 29))):
        book = Book(day)
        book.say(raised(due=day + WEEK, review_date=day + WEEK), review=REVIEW)
        assert the_action(book).due == later
        assert the_action(book).state(later) == "open"
        assert the_action(book).state(later + timedelta(days=1)) == "overdue"


def test_a_missed_date_and_its_reason_stay_beside_the_new_one() -> None:
    book = Book(MONDAY)
    book.say(raised(), review=REVIEW)
    book.say(moved(MONDAY + timedelta(days=14)), review=REVIEW, on=MONDAY + timedelta(days=9))
    book.say(
        moved(MONDAY + timedelta(days=21), reason="Second attempt failed."),
        review=REVIEW,
        on=MONDAY + timedelta(days=15),
    )
    action = the_action(book)
    assert action.due == MONDAY + timedelta(days=21)
    assert action.first_due == MONDAY + WEEK
    assert [(m.due, m.reason, m.late) for m in action.missed] == [
        (MONDAY + WEEK, "Off sick.", True),
        (MONDAY + timedelta(days=14), "Second attempt failed.", True),
    ]
    assert slipped_words(action, MONDAY + timedelta(days=16)) == "Slipped twice. First due 10 November 2025."
    assert action.slips(MONDAY + timedelta(days=22)) == 3  # and it is late again
    assert slipped_words(action, MONDAY + timedelta(days=22)) == "Slipped 3 times. First due 10 November 2025."


def test_a_date_moved_before_it_was_missed_is_no_slip() -> None:
    book = Book(MONDAY)
    book.say(raised(), review=REVIEW)
    book.say(moved(MONDAY + timedelta(days=14)), review=REVIEW, on=MONDAY + timedelta(days=7))  # on the due day itself
    assert the_action(book).slips(MONDAY + timedelta(days=8)) == 0
    assert slipped_words(the_action(book), MONDAY) == "Moved 1 time before the date. First due 10 November 2025."


def test_the_day_of_a_move_is_the_day_in_england() -> None:
    """23:30 UTC on 30 June is half past midnight on 1 July in England, so that a date of 30 June had been missed."""
    assert day_in_england("2025-06-30T23:30:00Z") == date(2025, 7, 1)
    book = Book(date(2025, 6, 23))
    book.say(raised(due=date(2025, 6, 30), review_date=date(2025, 6, 30)), review=REVIEW)
    book.say(moved(date(2025, 7, 7)), review=REVIEW, on=datetime(2025, 6, 30, 23, 30, tzinfo=UTC))
    assert the_action(book).missed[0].late
    assert the_action(book).missed[0].moved_on == date(2025, 7, 1)


def test_one_gap_raises_two_linked_actions_and_each_names_the_other() -> None:
    book = Book(MONDAY)
    book.say(raised("note", linked=identity("plan")), review=REVIEW)
    book.say(raised("plan", action_kind="update_crisis_plan"), review=REVIEW)
    note, plan = actions(book.entries)
    assert pair_of(note, [note, plan]) == plan
    assert pair_of(plan, [note, plan]) == note
    row = action_row(plan, [note, plan], labels=Labels(), today=MONDAY)
    assert row["linked_words"] == "Pair with: Rewrite the escalation note in the agreed structure"


def test_undo_of_raising_leaves_no_action_and_redo_brings_it_back() -> None:
    book = Book(MONDAY)
    first = book.say(raised(), review=REVIEW)
    undo = book.say(closed("not_needed", "Undone."), review=REVIEW, undoes=first.id)
    assert actions(book.entries) == ()
    book.say(raised(), review=REVIEW, undoes=undo.id)
    assert the_action(book).state(MONDAY) == "open"
    assert the_action(book).revision == 3


def test_undo_of_closing_of_seeing_and_of_moving() -> None:
    book = Book(MONDAY)
    book.say(raised(), review=REVIEW)
    move = book.say(moved(MONDAY + timedelta(days=20)), review=REVIEW)
    book.say(raised(), review=REVIEW, undoes=move.id)
    assert the_action(book).due == MONDAY + WEEK
    assert the_action(book).missed == ()
    sight = book.say(seen(MONDAY), review=REVIEW)
    end = book.say(closed(), review=REVIEW)
    assert the_action(book).state(MONDAY) == "closed"
    book.say(raised(), review=REVIEW, undoes=end.id)
    assert the_action(book).state(MONDAY) == "seen"
    book.say(raised(), review=REVIEW, undoes=sight.id)
    assert the_action(book).state(MONDAY) == "open"


def test_of_two_moves_from_the_same_starting_point_a_person_chooses() -> None:
    book = Book(MONDAY)
    book.say(raised(), review=REVIEW)
    here = book.say(moved(MONDAY + timedelta(days=10)), review=REVIEW, base=1)
    there = book.say(moved(MONDAY + timedelta(days=12)), review=REVIEW, base=1, by="another")
    assert there.conflict
    assert the_action(book).due == MONDAY + timedelta(days=10)
    subject = here.subject
    choice = ConflictResolved(chosen=there.id, instead_of=here.id)
    book.say(choice, review=REVIEW, subject=subject)
    assert the_action(book).due == MONDAY + timedelta(days=12)
    assert [m.due for m in the_action(book).missed] == [MONDAY + WEEK]
    assert revisions(book.entries)[REVIEW, subject] == 4
    assert current(book.entries)[REVIEW, subject].id == there.id


def test_sealed_and_purged_entries_say_nothing() -> None:
    book = Book(MONDAY)
    entry = book.say(raised(), review=REVIEW)
    assert actions([replace(entry, payload=None, state="sealed")]) == ()
    assert standing([replace(entry, payload=None, state="purged")]) == []


# What is refused, and in which words.


@pytest.mark.parametrize(
    ("kind", "data", "sentences"),
    [
        (
            "action_raised",
            {"text": "Ring the GP", "owner": "  ", "review_date": "2025-11-10"},
            ["An action needs an owner: who will do it?", "An action needs a due date: by when?"],
        ),
        (
            "action_raised",
            {"owner": "A. Worker", "due": "2025-11-10"},
            [
                "An action needs its text: what will be done?",
                "An action needs a review date: when will you check that it was done?",
            ],
        ),
        (
            "action_moved",
            {"due": "2025-11-10", "review_date": "2025-11-10", "reason": ""},
            ["Say why the date is moved. The old date and the reason both stay."],
        ),
        (
            "action_seen_in_record",
            {"seen_on": "2025-11-10", "reference": None},
            ["Say where in the record it was seen: the date and the kind of note are enough."],
        ),
        ("action_closed", {}, ["Say how the action ended: done, no longer needed, or replaced."]),
        ("rated", {}, []),
    ],
)
def test_what_an_action_lacks_is_said_in_words(kind: str, data: dict[str, Any], sentences: list[str]) -> None:
    assert missing_parts(kind, data) == sentences


def test_an_action_whose_owner_is_only_spaces_is_refused() -> None:
    assert refusals(raised(owner="  "), None, today=MONDAY) == ["An action needs an owner: who will do it?"]


def action_after(*, due: date = MONDAY + WEEK, **other: Any) -> Action:
    book = Book(MONDAY)
    book.say(raised(due=due, review_date=due, **other), review=REVIEW)
    return the_action(book)


def test_an_action_is_not_due_in_the_past() -> None:
    late = raised(due=MONDAY - timedelta(days=1))
    assert refusals(late, None, today=MONDAY) == ["The due date 2025-11-02 is past. An action is due today or later."]
    assert refusals(raised(due=MONDAY), None, today=MONDAY) == []


@pytest.mark.parametrize("signed", [True, False])
def test_a_missed_or_signed_date_is_moved_with_a_reason_and_never_rewritten(signed: bool) -> None:
    today = MONDAY if signed else MONDAY + timedelta(days=8)
    new = raised(due=MONDAY + timedelta(days=20), review_date=MONDAY + timedelta(days=20))
    assert refusals(new, action_after(), today=today, signed=signed) == [
        "Move this date with a reason: the first date stays beside the new one."
    ]


def test_before_signing_a_date_that_is_still_to_come_may_be_corrected() -> None:
    new = raised(due=MONDAY + timedelta(days=9), review_date=MONDAY + timedelta(days=9))
    assert refusals(new, action_after(), today=MONDAY) == []


@pytest.mark.parametrize(
    ("event", "today", "sentence"),
    [
        (
            moved(MONDAY + WEEK),
            MONDAY + timedelta(days=8),
            "The old date 2025-11-10 was missed. Give a new date after it.",
        ),
        (moved(MONDAY + WEEK), MONDAY, "The new dates are the old ones. Give another date."),
        (
            moved(MONDAY + timedelta(days=12), reason=" "),
            MONDAY,
            "Say why the date is moved. The old date and the reason both stay.",
        ),
        (
            moved(MONDAY + timedelta(days=12)),
            MONDAY + timedelta(days=15),
            "The new date 2025-11-15 is past. Give today or a later day.",
        ),
        (
            moved(MONDAY + timedelta(days=12), MONDAY + timedelta(days=11)),
            MONDAY,
            "The review date comes before the due date. An action is reviewed on or after the day on which it is due.",
        ),
        (
            seen(MONDAY + timedelta(days=1)),
            MONDAY,
            "The day 2025-11-04 is still to come. Enter the day on which you saw it.",
        ),
        (
            closed(),
            MONDAY,
            '"Rewrite the escalation note in the agreed structure" is done when it is seen in the case record. '
            "Enter where you saw it first.",
        ),
        (closed("not_needed"), MONDAY, "Say why the action ends without being done."),
        (closed("replaced", " "), MONDAY, "Say why the action ends without being done."),
    ],
)
def test_each_refusal_says_what_to_do(event: Any, today: date, sentence: str) -> None:
    assert refusals(event, action_after(), today=today) == [sentence]


def test_a_risk_action_is_done_once_it_was_seen_and_training_at_once() -> None:
    book = Book(MONDAY)
    book.say(raised(), review=REVIEW)
    book.say(seen(MONDAY), review=REVIEW)
    assert refusals(closed(), the_action(book), today=MONDAY) == []
    assert refusals(closed(), action_after(action_kind="training"), today=MONDAY) == []


def test_the_review_date_alone_may_move_once_the_action_was_seen() -> None:
    book = Book(MONDAY)
    book.say(raised(), review=REVIEW)
    book.say(seen(MONDAY), review=REVIEW)
    action, later = the_action(book), MONDAY + timedelta(days=30)
    assert refusals(moved(action.due, later), action, today=later) == []
    assert refusals(moved(action.due, action.review_date), action, today=later) == [
        "The new review date must be later than the old one."
    ]


def test_nothing_is_written_to_a_closed_or_unknown_action() -> None:
    over = action_after(action_kind="other")
    book = Book(MONDAY)
    book.say(raised(action_kind="other"), review=REVIEW)
    book.say(closed(), review=REVIEW)
    sentence = "This action is closed. Raise a new one, or take the closing back."
    for event in (moved(MONDAY + timedelta(days=30)), seen(MONDAY), closed(), raised(action_kind="other")):
        assert refusals(event, the_action(book), today=MONDAY) == [sentence]
    assert refusals(seen(MONDAY), None, today=MONDAY) == ["There is no such action here. Raise it first."]
    assert refusals(seen(MONDAY), over, today=MONDAY) == []


# Rows and patterns.


def test_a_row_names_finding_owner_dates_evidence_and_never_a_level() -> None:
    book = Book(MONDAY)
    book.say(raised(), review=REVIEW)
    book.say(seen(MONDAY), review=REVIEW, by="supervisor")
    labels = Labels(
        cases={REVIEW: "C-0417"},
        practitioners={REVIEW: "A. Worker"},
        criteria={REF: "Trigger recognised"},
        people={key("supervisor"): "S. Lead"},
        writable=frozenset({REVIEW}),
    )
    row = action_row(the_action(book), [], labels=labels, today=MONDAY + timedelta(days=8))
    assert row["finding"] == "Trigger recognised"
    assert row["state_label"] == "Seen in the record, review overdue: 1 day late"
    assert row["due_label"] == "Monday 10 November 2025"
    assert row["evidence"] == {
        "seen_on": "2025-11-03",
        "seen_on_label": "Monday 3 November 2025",
        "reference": "Progress note of that day",
        "at": "2025-11-03T12:00:02Z",
        "by_label": "S. Lead",
    }
    assert (row["needs"], row["next"], row["revision"], row["may_write"]) == ("review", "2025-11-10", 2, True)
    assert "level" not in str(row)


def test_an_action_of_a_session_names_its_person_and_no_case() -> None:
    book = Book(MONDAY)
    book.say(raised(criterion=None, practitioner=key("worker")), review=identity("session"))
    row = action_row(the_action(book), [], labels=Labels(people={key("worker"): "A. Worker"}), today=MONDAY)
    assert (row["from"], row["finding"], row["practitioner_label"]) == ("session", "Raised in a session", "A. Worker")


def test_what_slips_again_on_the_same_criterion_is_counted_for_each_practitioner() -> None:
    today = MONDAY + timedelta(days=30)
    book = Book(MONDAY)
    reviews = [identity(f"review {n}") for n in range(3)]
    for review in reviews:
        book.say(raised(review), review=review)
    whose = dict(zip(reviews, ("A. Worker", "A. Worker", "B. Other"), strict=True))
    rows = slip_rows(
        actions(book.entries), labels=Labels(practitioners=whose, criteria={REF: "Trigger recognised"}), today=today
    )
    assert [(row["practitioner_label"], row["times"], row["words"]) for row in rows] == [
        ("A. Worker", 2, "Trigger recognised: slipped twice.")
    ]
    assert repeated_slips(actions(book.entries), MONDAY, {}) == ()


def test_each_kind_has_words_and_the_hints_spell_smart() -> None:
    from typing import get_args

    from sampling.journal.events import ActionKind

    assert set(KIND_LABELS) == set(get_args(ActionKind))
    assert "".join(letter for letter, _, _ in SMART) == "SMART"
    assert long_day(date(2025, 11, 10)) == "Monday 10 November 2025"


# Whatever happens to actions: each is in one part of the landing list, and no date is lost.

DAYS = st.integers(min_value=-30, max_value=30).map(lambda days: MONDAY + timedelta(days=days))


@given(
    events=st.lists(
        st.tuples(st.integers(0, 3), st.sampled_from(["raise", "move", "see", "close"]), DAYS), max_size=25
    ),
    today=DAYS,
)
def test_each_action_is_listed_once_and_each_moved_date_is_kept(
    events: list[tuple[int, str, date]], today: date
) -> None:
    book = Book(MONDAY)
    moves: dict[str, list[date]] = {}
    for number, what, day in events:
        name = f"action {number}"
        known = {action.action: action for action in actions(book.entries)}
        action = known.get(identity(name))
        said = {
            "raise": raised(name, due=day, review_date=day),
            "move": moved(day, day, name),
            "see": seen(day, name),
            "close": closed(name=name),
        }[what]
        if what == "raise" and action is not None:
            continue
        book.say(said, review=REVIEW)
        if what == "move" and action is not None:
            moves.setdefault(name, []).append(action.due)
    found = actions(book.entries)
    lists = action_lists(found, labels=Labels(), today=today, within_days=7)
    assert sorted(row["action"] for part in lists.values() for row in part) == sorted(action.action for action in found)
    for action in found:
        name = next(name for name in (f"action {n}" for n in range(4)) if identity(name) == action.action)
        assert [missed.due for missed in action.missed] == moves.get(name, [])
