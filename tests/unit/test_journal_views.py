"""The views: what stands, who signed, what was said in a session; the same columns and types with rows and without."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from sampling.journal.events import (
    AgendaCovered,
    CaseDiscussed,
    Moderated,
    PriorActionReviewed,
    PromptAnswered,
    Rated,
    Replied,
    ReplyAnswered,
    SessionClosed,
    SessionOpened,
    SignatureVoided,
)
from sampling.journal.fold import by_subject, effective, standing
from sampling.journal.frames import DAY, MOMENT, NUMBER, TEXT, YES_NO, frame
from sampling.journal.payload import Payload
from sampling.journal.records import Draft, Entry
from sampling.journal.views import all_views
from tests.journals import (
    ANN,
    BOB,
    OTHER,
    REF,
    REVIEW,
    closed,
    commented,
    draft,
    moved,
    pointed,
    raised,
    rated,
    resolved,
    signed,
    withdrawn,
)

TODAY = date(2026, 11, 15)
ACTION = "7" * 32


def entries(*drafts: Draft) -> list[Entry]:
    """Returns entries as a store would give them for these drafts, without a store."""
    counts: dict[tuple[str, str], int] = {}
    found = []
    for number, each in enumerate(drafts, 2):
        at = (each.review, each.subject)
        counts[at] = counts.get(at, 0) + 1
        found.append(
            Entry(
                **vars(each),
                sequence=number,
                revision=counts[at],
                at=f"2026-11-03T09:00:{number:02d}Z",
                kind=each.payload.kind,
                previous="",
                hash="",
                conflict=each.base != counts[at] - 1,
                state="open",
            )
        )
    return found


def view(name: str, *drafts: Draft) -> list[dict[str, object]]:
    """Returns the rows of one view, missing values as None."""
    table = all_views(entries(*drafts), TODAY)[name]
    return table.astype(object).where(table.notna(), None).to_dict("records")


def test_columns_and_types_are_the_same_with_rows_and_without() -> None:
    full = all_views(
        entries(
            rated(2), commented("x"), pointed("8" * 32), raised(ACTION), signed(), rated(1, 0), *session(),
            draft(Moderated(criterion=REF, choice="first", reason="judgement"), f"moderation:{REF}"),
            draft(Replied(reason="agree", text="t"), "reply"),
        ),
        TODAY,
    )  # fmt: skip
    empty = all_views([], TODAY)
    assert list(full) == list(empty) and len(full) == 12
    for name, table in full.items():
        assert table.dtypes.to_dict() == empty[name].dtypes.to_dict() and len(empty[name]) == 0
        assert len(table) or name in ("sealed", "accesses", "deletions", "holds"), name


def test_types_are_what_they_say() -> None:
    table = frame(
        {"a": TEXT, "b": NUMBER, "c": YES_NO, "d": MOMENT, "e": DAY},
        [
            {"a": "", "b": None, "c": True, "d": "2026-11-03T09:00:00Z", "e": date(2026, 11, 3)},
            {"a": "x", "b": 1, "c": False, "d": None, "e": None},
        ],
    )
    assert table["a"].isna().tolist() == [True, False]
    assert table.loc[0, "d"] == pd.Timestamp("2026-11-03T09:00:00Z") and table.loc[0, "e"] == pd.Timestamp("2026-11-03")


def test_the_last_rating_stands_beside_its_comment_and_pointers() -> None:
    rows = view(
        "ratings",
        rated(1), rated(3, 1, actor=BOB), commented("one"), commented("two", 1),
        pointed("8" * 32), pointed("9" * 32), withdrawn("9" * 32, 1),
        rated(0, criterion="a/b"), rated(2, review=OTHER),
    )  # fmt: skip
    assert [(row["review"], row["criterion"], row["level"]) for row in rows] == [
        (REVIEW, "a/b", 0),
        (REVIEW, REF, 3),
        (OTHER, REF, 2),
    ]
    assert (rows[1]["comment"], rows[1]["pointers"], rows[1]["actor"], rows[1]["revision"]) == ("two", 1, BOB, 2)
    assert (rows[0]["comment"], rows[0]["pointers"]) == (None, 0)


def test_not_applicable_not_accessible_blank_and_zero_are_four_things() -> None:
    def coded(criterion: str, **answer: object) -> Draft:
        data = {"criterion": criterion, "rubric_version": "1", "rubric_digest": "d" * 64, **answer}
        return draft(Rated.model_validate(data), f"rating:{criterion}")

    rows = view(
        "ratings",
        coded("a/a", code="not_applicable", reason="no_such_event"),
        coded("a/b", code="not_accessible", reason="restricted"),
        coded("a/c"),
        coded("a/d", level=0),
    )
    assert [(row["level"], row["code"], row["reason"]) for row in rows] == [
        (None, "not_applicable", "no_such_event"),
        (None, "not_accessible", "restricted"),
        (None, None, None),
        (0, None, None),
    ]


def test_an_action_that_moves_is_seen_and_closes() -> None:
    [row] = view("actions", raised(ACTION, due="2026-11-10"))
    assert (row["state"], row["moved"], row["due"]) == ("overdue", 0, pd.Timestamp("2026-11-10"))
    [row] = view("actions", raised(ACTION, due="2026-11-15"))
    assert row["state"] == "open", "an action is not overdue on the day itself"
    [row] = view("actions", raised(ACTION), moved(ACTION, 1, due="2026-12-01"))
    assert (row["state"], row["moved"], row["due"]) == ("open", 1, pd.Timestamp("2026-12-01"))
    assert (row["moved_late"], row["first_due"], row["first_review"]) == (0, *[pd.Timestamp("2026-11-10")] * 2)
    [row] = view("actions", raised(ACTION, due="2026-10-10"), moved(ACTION, 1, due="2026-10-12"), moved(ACTION, 2))
    assert (row["moved"], row["moved_late"], row["first_due"]) == (2, 2, pd.Timestamp("2026-10-10"))
    [row] = view("actions", raised(ACTION), closed(ACTION, 1, actor=BOB))
    assert (row["state"], row["outcome"], row["changed_by"], row["revision"]) == ("closed", "done", BOB, 2)


def test_an_action_is_opened_again_by_an_undo_and_gone_when_its_raising_is_undone() -> None:
    first, end = raised(ACTION, due="2026-12-01"), closed(ACTION, 1)
    [row] = view("actions", first, end, raised(ACTION, 2, due="2026-12-01", undoes=end.id))
    assert (row["state"], row["outcome"]) == ("open", None)
    assert view("actions", first, closed(ACTION, 1, undoes=first.id)) == []


def test_a_conflicting_close_leaves_an_action_open_until_it_is_chosen() -> None:
    first, move, end = raised(ACTION), moved(ACTION, 1), closed(ACTION, 1)
    assert view("actions", first, move, end)[0]["state"] == "open"
    [row] = view("actions", first, move, end, resolved(end, move, 3))
    assert (row["state"], row["moved"]) == ("closed", 0)


def test_a_signature_stands_until_it_is_voided_and_given_again() -> None:
    void = draft(SignatureVoided(role="rater", content="e" * 64, reason="changed"), "signature:rater", base=1)
    rows = view("signatures", signed(), void, signed(2, actor=BOB))
    assert [(row["actor"], row["stands"], row["void"], row["void_reason"]) for row in rows] == [
        (ANN, False, True, "changed"),
        (BOB, True, False, None),
    ]


def session() -> list[Draft]:
    """Returns the drafts of one supervision session."""
    opened = SessionOpened.model_validate(
        {"session_kind": "formal_one_to_one", "held_on": "2026-11-02", "supervisor": ANN, "supervisees": [BOB]}
    )
    said: list[tuple[Payload, str]] = [
        (opened, "session"),
        (AgendaCovered(item="escalation_use", covered=True), "agenda:escalation_use"),
        (AgendaCovered(item="contact_frequency", covered=False), "agenda:contact_frequency"),
        (PromptAnswered(prompt="analysis", skipped=False, note="n"), "prompt:analysis"),
        (PromptAnswered(prompt="experience", skipped=True), "prompt:experience"),
        (PriorActionReviewed(action=ACTION, finding="slipped"), f"prior:{ACTION}"),
        (CaseDiscussed(case="1" * 64, came_by="drawn"), f"discussed:{'1' * 64}"),
        (CaseDiscussed(case="2" * 64, came_by="tabled_by_supervisee"), f"discussed:{'2' * 64}"),
    ]
    return [draft(payload, subject, review="5" * 32) for payload, subject in said]


@pytest.mark.parametrize("is_closed", [False, True])
def test_a_session_is_counted_up(is_closed: bool) -> None:
    end = [draft(SessionClosed(minutes=55), "session", review="5" * 32, base=1)] if is_closed else []
    [row] = view("sessions", *session(), *end)
    counts = {name: row[name] for name in row if name.startswith(("agenda", "prompts", "prior", "cases"))}
    assert counts == {
        "agenda_covered": 1, "prompts_answered": 1, "prompts_skipped": 1, "prior_reviewed": 1, "cases_drawn": 1, "cases_tabled": 1,
    }  # fmt: skip
    assert (row["closed"], row["minutes"]) == (is_closed, 55 if is_closed else None)
    assert (row["session"], row["supervisor"], row["supervisees"]) == ("5" * 32, ANN, BOB)


def test_a_moderated_criterion_is_a_third_row() -> None:
    drafts = [
        draft(Moderated(criterion=REF, choice="other", level=2, reason="judgement", note="n"), f"moderation:{REF}")
    ]
    [row] = view("moderations", rated(1), *drafts)
    assert (row["criterion"], row["choice"], row["level"], row["note"]) == (REF, "other", 2, "n")
    assert view("ratings", rated(1), *drafts)[0]["level"] == 1


def test_a_reply_stands_beside_its_answer() -> None:
    rows = view(
        "replies",
        draft(Replied(reason="evidence_missed", text="see note 4"), "reply", actor=BOB),
        draft(Replied(reason="agree", text="", criterion=REF), f"reply:{REF}", actor=BOB),
        draft(ReplyAnswered(outcome="rating_changed", text="quite so"), "reply_answer"),
    )
    assert [(row["reason"], row["outcome"], row["answer"]) for row in rows] == [
        ("evidence_missed", "rating_changed", "quite so"),
        ("agree", None, None),
    ]


def test_the_fold_knows_the_order_of_events() -> None:
    first, second, late = rated(1), rated(2, 1), rated(3, 1)
    found = entries(first, second, late, resolved(late, second, 3))
    assert [each.id for each in effective(found)] == [first.id, late.id]
    assert standing([]) is None and list(by_subject(found)) == [(REVIEW, f"rating:{REF}")]
