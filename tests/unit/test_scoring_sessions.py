"""Supervision sessions: kinds, agenda, earlier actions before closing, prompts, ratio, private notes, draft, agreed, disputed."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import date, timedelta
from typing import Any, get_args

import pytest

from sampling.chain import canonical_json
from sampling.journal.events import (
    ActionClosed,
    ActionRaised,
    AgendaCovered,
    AgendaItem,
    CaseDiscussed,
    JudgementEndorsed,
    PriorActionReviewed,
    PromptAnswered,
    ReflectivePrompt,
    Replied,
    SessionClosed,
    SessionDescribed,
    SessionKind,
    SessionOpened,
    Signed,
)
from sampling.scoring.parts.session_pages import Around, CaseLabel, kinds_part, list_row, session_page, statement_of
from sampling.scoring.rules.action_rows import Labels
from sampling.scoring.rules.actions import actions
from sampling.scoring.rules.session_rules import (
    AGENDA,
    CAME_BY,
    FINDINGS,
    KIND_LABELS,
    PROMPTS,
    Change,
    Known,
    left_words,
    ratio_words,
)
from sampling.scoring.rules.session_rules import refusals as judged
from sampling.scoring.rules.sessions import (
    Session,
    prior_actions,
    prior_left,
    record_state,
    session_content,
    sessions,
    signers,
)
from sampling.tickets import digest
from tests.book import Book, identity, key

MONDAY = date(2025, 11, 10)
SESSION, EARLIER, REVIEW = identity("session"), identity("earlier"), identity("review")
LEAD, WORKER, OTHER = key("supervisor"), key("worker"), key("other worker")
NAMES = {LEAD: "S. Lead", WORKER: "A. Worker", OTHER: "B. Worker"}
NAMED = {LEAD: "supervisor", WORKER: "worker", OTHER: "other worker"}
CASES = (
    CaseLabel(key("case 1"), "C-0417", "A. Worker", "drawn"),
    CaseLabel(key("case 2"), "C-0500", "A. Worker", "tabled_by_supervisee"),
)
KNOWN = Known(
    pairs=frozenset({(LEAD, WORKER), (LEAD, OTHER)}),
    cases={case.key: case.came_by for case in CASES},
    prior=frozenset({identity("note")}),
    left=0,
    today=MONDAY,
)


def opened(kind: Any = "formal_one_to_one", supervisees: tuple[str, ...] = (WORKER,), **other: Any) -> SessionOpened:
    return SessionOpened(
        **{"session_kind": kind, "held_on": MONDAY, "supervisor": LEAD, "supervisees": supervisees, **other}
    )


def begun(kind: Any = "formal_one_to_one", **other: Any) -> Book:
    book = Book(MONDAY)
    book.say(opened(kind, **other), review=SESSION, by="supervisor")
    return book


def the_session(book: Book) -> Session:
    return next(session for session in sessions(book.entries) if session.id == SESSION)


def raised(name: str, practitioner: str | None = WORKER) -> ActionRaised:
    return ActionRaised(
        action=identity(name), action_kind="other", text=f"Do {name}.", owner="A. Worker", due=MONDAY, review_date=MONDAY,
        practitioner=practitioner,
    )  # fmt: skip


def close(book: Book, minutes: int = 90) -> None:
    book.say(SessionClosed(minutes=minutes, note="Next on 8 December."), review=SESSION, by="supervisor")


def sign(book: Book, role: Any, by: str) -> None:
    session = the_session(book)
    content = session_content(session, raised_in(book))
    book.say(Signed(role=role, statement=statement_of(session), content=content), review=SESSION, by=by)


def refusals(said: Any, book: Book | None, *, actor: str, known: Known, undoes: str = "") -> list[str]:
    """Returns why an event is refused, with the session as the book has it before and after."""
    then = deepcopy(book) if book else Book(MONDAY)
    before = next((one for one in sessions(then.entries) if one.id == SESSION), None)
    then.say(said, review=SESSION, by=NAMED.get(actor, "stranger"), undoes=undoes)
    after = next((one for one in sessions(then.entries) if one.id == SESSION), None)
    return judged(said, Change(before, after, undoes), actor=actor, known=known)


def raised_in(book: Book) -> tuple[Any, ...]:
    return actions(entry for entry in book.entries if entry.review == SESSION)


def around(book: Book, actor: str = LEAD, **other: Any) -> Around:
    return Around(
        **{
            "labels": Labels(people=NAMES),
            "actor": actor,
            "today": MONDAY,
            "cases": CASES,
            "raised": raised_in(book),
            **other,
        }
    )


# What a session was (B1, D3, C12), and judgements at key points (C5).


def endorsed(case: str = "case 1", **other: Any) -> JudgementEndorsed:
    said = {"endorsement": identity("e"), "case": key(case), "point": "escalation", "outcome": "endorsed", **other}
    return JudgementEndorsed.model_validate(said)


def test_b1_a_session_says_which_functions_it_served() -> None:
    book = begun()
    before = session_content(the_session(book), ())
    said = SessionDescribed(functions=("support", "management"), personal=True, uninterrupted=False)
    assert refusals(said, book, actor=WORKER, known=KNOWN) == []
    book.say(said, review=SESSION, by="supervisor")
    page = session_page(the_session(book), around(book))["described"]
    assert [one["code"] for one in page["functions"] if one["served"]] == ["management", "support"]
    assert {one["code"]: one["answer"] for one in page["asked"]} == {
        "development": None,
        "personal": True,
        "uninterrupted": False,
    }
    assert page["words"] == "2 of 4 functions served: management, support." and page["revision"] == 1
    assert session_content(the_session(book), ()) != before
    copy = session_page(the_session(book), around(book))["copy"]
    assert "- Personal issues were covered: yes" in copy and "- Professional development was covered: not said" in copy


def test_c5_the_supervisor_endorses_a_judgement_on_a_case_of_the_session() -> None:
    book = begun()
    assert refusals(endorsed(), book, actor=LEAD, known=KNOWN) == []
    assert refusals(endorsed(), book, actor=WORKER, known=KNOWN) == [
        "A judgement is endorsed by the session's supervisor."
    ]
    assert refusals(endorsed("another case"), book, actor=LEAD, known=KNOWN) == [
        "This case was neither drawn nor put forward for this session's people."
    ]
    book.say(endorsed(reference="note of 10 November"), review=SESSION, by="supervisor")
    (row,) = session_page(the_session(book), around(book))["endorsed"]
    assert (row["case_label"], row["point_label"], row["outcome_label"], row["reference"]) == (
        "C-0417",
        "Escalating",
        "Endorsed",
        "note of 10 November",
    )
    assert session_page(the_session(book), around(book, OTHER))["endorsed"][0]["reference"] is None
    assert (
        "C-0417, escalating: endorsed (recorded at: note of 10 November)"
        in session_page(the_session(book), around(book))["copy"]
    )


def test_b11_professional_development_is_kept_apart_from_cases() -> None:
    book = begun("cpd")
    sentence = "Professional development is kept apart from cases. Discuss this case in another session."
    discussed = CaseDiscussed(case=key("case 1"), came_by="drawn")
    for said in (discussed, endorsed()):
        assert refusals(said, book, actor=LEAD, known=KNOWN) == [sentence]
    assert refusals(SessionDescribed(functions=("development",)), book, actor=LEAD, known=KNOWN) == []
    formal = begun()
    formal.say(discussed, review=SESSION, by="supervisor")
    assert refusals(opened("cpd"), formal, actor=LEAD, known=KNOWN) == [sentence]


def test_a_closed_session_takes_neither() -> None:
    book = begun()
    close(book)
    for said in (endorsed(), SessionDescribed(personal=True)):
        (sentence,) = refusals(said, book, actor=LEAD, known=KNOWN)
        assert sentence.startswith("This session is closed.")


def test_a_session_of_which_nothing_was_said_has_the_hash_that_it_always_had() -> None:
    """A signature that was given before there were these events must still stand."""
    session = the_session(begun())
    old = digest(
        "csr1/session|"
        + canonical_json(
            {
                "session": SESSION, "kind": "formal_one_to_one", "held_on": "2025-11-10", "supervisor": LEAD, "supervisees": [WORKER],
                "anonymised": False, "closed": None, "agenda": [], "prompts": [], "prior": [], "discussed": [], "actions": [],
            }
        )
    )  # fmt: skip
    assert session_content(session, ()) == old


# Kinds.


def test_only_a_formal_one_to_one_that_was_held_counts_to_coverage() -> None:
    for kind in get_args(SessionKind):
        book = begun(kind, anonymised=kind == "group")
        assert not the_session(book).counts  # not closed yet
        close(book)
        assert the_session(book).counts == (kind == "formal_one_to_one")
    assert [one["code"] for one in kinds_part() if one["counts"]] == ["formal_one_to_one"]


@pytest.mark.parametrize(
    ("said", "actor", "sentence"),
    [
        (opened(), WORKER, "A session of this kind is opened by its supervisor."),
        (opened(supervisees=()), LEAD, "Say with whom the session is."),
        (opened(supervisees=(WORKER, OTHER)), LEAD, "A session with more than one supervisee is a group session."),
        (opened("group", (WORKER, OTHER)), LEAD, "A group discusses anonymised cases: say that they are."),
        (opened("group", (WORKER, WORKER), anonymised=True), LEAD, "Name each person of the session once, the supervisor not among the supervisees."),
        (
            opened(supervisees=(key("stranger"),)), LEAD,
            "That person is not supervised by this supervisor. The people file says who is.",
        ),
    ],
)  # fmt: skip
def test_opening_a_session_refuses_in_words(said: SessionOpened, actor: str, sentence: str) -> None:
    assert refusals(said, None, actor=actor, known=KNOWN) == [sentence]


def test_a_duty_consultation_may_be_recorded_by_the_supervisee() -> None:
    assert refusals(opened("duty_consultation"), None, actor=WORKER, known=KNOWN) == []
    assert refusals(opened("group", (WORKER, OTHER), anonymised=True), None, actor=LEAD, known=KNOWN) == []


# Earlier actions.


def with_prior() -> Book:
    """Two actions of the worker's review and one of another's, then a session; one of the worker's was closed before it."""
    book = Book(MONDAY - timedelta(days=30))
    for name in ("note", "plan", "over"):
        book.say(raised(name, None), review=REVIEW, by="supervisor")
    book.say(ActionClosed(action=identity("over"), outcome="done"), review=REVIEW, by="supervisor")
    book.say(raised("not theirs", None), review=identity("another review"), by="supervisor")
    book.say(opened(), review=SESSION, by="supervisor", on=MONDAY)
    book.say(raised("new"), review=SESSION, by="supervisor")
    return book


WHOSE = {REVIEW: WORKER, identity("another review"): OTHER}


def prior_of(book: Book) -> tuple[Any, ...]:
    return prior_actions(
        the_session(book), actions(book.entries), practitioner_of=WHOSE, sessions=sessions(book.entries)
    )


def test_the_earlier_actions_are_those_of_the_supervisee_that_were_open() -> None:
    assert [action.action for action in prior_of(with_prior())] == [identity("note"), identity("plan")]


def test_a_session_cannot_close_while_an_earlier_action_is_unreviewed() -> None:
    book = with_prior()

    def refused(left: int) -> list[str]:
        known = Known(KNOWN.pairs, KNOWN.cases, frozenset(a.action for a in prior_of(book)), left, MONDAY)
        return refusals(SessionClosed(minutes=60), book, actor=LEAD, known=known)

    assert len(prior_left(the_session(book), prior_of(book))) == 2
    assert refused(2) == ["2 of 2 earlier actions are still to be reviewed. Look at each before you close the session."]
    book.say(PriorActionReviewed(action=identity("note"), finding="slipped"), review=SESSION, by="supervisor")
    assert refused(1) == ["1 of 2 earlier actions is still to be reviewed. Look at each before you close the session."]
    book.say(ActionClosed(action=identity("plan"), outcome="done"), review=REVIEW, by="supervisor")
    assert len(prior_of(book)) == 2  # closed in the meantime: still listed, no longer left
    assert prior_left(the_session(book), prior_of(book)) == ()
    assert refused(0) == []


def test_only_a_formal_session_waits_for_the_earlier_actions() -> None:
    book = begun("ad_hoc")
    known = Known(KNOWN.pairs, KNOWN.cases, KNOWN.prior, 1, MONDAY)
    assert refusals(SessionClosed(minutes=10), book, actor=WORKER, known=known) == []


def test_a_group_looks_at_its_own_earlier_actions_and_at_nobodys_own() -> None:
    book = Book(MONDAY - timedelta(days=30))
    book.say(raised("note", None), review=REVIEW, by="supervisor")
    book.say(
        opened("group", (WORKER, OTHER), anonymised=True, held_on=MONDAY - timedelta(days=28)),
        review=EARLIER,
        by="supervisor",
    )
    book.say(raised("shared", None), review=EARLIER, by="supervisor")
    book.say(opened("group", (WORKER, OTHER), anonymised=True), review=SESSION, by="supervisor", on=MONDAY)
    assert [action.action for action in prior_of(book)] == [identity("shared")]


@pytest.mark.parametrize(
    ("left", "of", "words"),
    [
        (0, 0, "There are no earlier actions."),
        (0, 1, "The earlier action has been reviewed."),
        (0, 3, "All 3 earlier actions have been reviewed."),
        (1, 1, "1 of 1 earlier action is still to be reviewed."),
    ],
)
def test_how_many_are_left_in_words(left: int, of: int, words: str) -> None:
    assert left_words(left, of) == words


# The rest of the rules.


@pytest.mark.parametrize(
    ("said", "actor", "sentences"),
    [
        (AgendaCovered(item="escalation_use", covered=True), key("stranger"), ["A session's record is written by the people whose session it is."]),
        (PromptAnswered(prompt="analysis", skipped=True, note="But…"), WORKER, ["A skipped prompt has no note. Answer it, or leave the note empty."]),
        (PriorActionReviewed(action=identity("unknown"), finding="done"), LEAD, ["That is not one of the earlier actions of this session."]),
        (CaseDiscussed(case=key("case 9"), came_by="drawn"), LEAD, ["This case was neither drawn nor put forward for this session's people."]),
        (CaseDiscussed(case=key("case 2"), came_by="drawn"), LEAD, ["This case was put forward, not drawn."]),
        (CaseDiscussed(case=key("case 1"), came_by="tabled_by_supervisor"), LEAD, ["This case was drawn."]),
        (CaseDiscussed(case=key("case 1"), came_by="drawn"), WORKER, []),
        (SessionClosed(minutes=60), WORKER, ["The supervisor closes the session."]),
        (SessionClosed(minutes=0), LEAD, ["Say how many minutes the session took."]),
    ],
)  # fmt: skip
def test_each_refusal_says_what_to_do(said: Any, actor: str, sentences: list[str]) -> None:
    assert refusals(said, begun(), actor=actor, known=KNOWN) == sentences


def test_a_session_that_is_still_to_come_does_not_close() -> None:
    book = begun(held_on=MONDAY + timedelta(days=1))
    assert refusals(SessionClosed(minutes=60), book, actor=LEAD, known=KNOWN) == [
        "The session's day is still to come. Close it when it has been held."
    ]


def test_a_closed_session_is_changed_only_after_its_closing_is_taken_back() -> None:
    book = begun()
    close(book)
    sentence = "This session is closed. Take the closing back to change its record; signatures then no longer stand."
    said = AgendaCovered(item="escalation_use", covered=True)
    assert refusals(said, book, actor=LEAD, known=KNOWN) == [sentence]
    assert refusals(opened(), book, actor=LEAD, known=KNOWN) == [sentence]
    assert refusals(opened(), book, actor=LEAD, known=KNOWN, undoes=book.entries[-1].id) == []
    book.say(opened(), review=SESSION, by="supervisor", undoes=book.entries[-1].id)
    assert the_session(book).closed is None
    assert refusals(said, book, actor=LEAD, known=KNOWN) == []
    assert refusals(said, None, actor=LEAD, known=KNOWN) == ["There is no such session. Open it first."]


@pytest.mark.parametrize(
    ("drawn", "tabled", "words"),
    [
        (0, 0, "No case has been discussed yet."),
        (2, 0, "2 drawn, 0 put forward: drawn cases only."),
        (0, 2, "0 drawn, 2 put forward: none of the drawn cases."),
        (2, 2, "2 drawn, 2 put forward: as many of one as of the other."),
        (5, 2, "5 drawn, 2 put forward: more were drawn than put forward."),
        (12, 2, "12 drawn, 2 put forward: 6 drawn cases for each one put forward."),
    ],
)
def test_the_ratio_of_drawn_to_tabled_in_words(drawn: int, tabled: int, words: str) -> None:
    assert ratio_words(drawn, tabled) == words


# The page.


def test_the_page_has_the_five_items_the_four_prompts_and_the_order_of_the_form() -> None:
    book = begun()
    book.say(AgendaCovered(item="escalation_use", covered=True, note="Twice."), review=SESSION, by="supervisor")
    book.say(AgendaCovered(item="contact_frequency", covered=False), review=SESSION, by="supervisor")
    book.say(PromptAnswered(prompt="reflection", skipped=True), review=SESSION, by="worker")
    book.say(CaseDiscussed(case=key("case 1"), came_by="drawn", note="Route."), review=SESSION, by="supervisor")
    page = session_page(the_session(book), around(book))
    assert [stage["code"] for stage in page["stages"]] == ["recap", "seeking", "solving", "summary"]
    assert [row["item"] for row in page["agenda"]] == list(get_args(AgendaItem))
    assert [row["state_label"] for row in page["agenda"]] == [
        "Not yet covered", "Not yet covered", "Covered", "Left out", "Not yet covered",
    ]  # fmt: skip
    assert page["agenda_words"] == "1 of 5 agenda items covered. Left out: contact frequency."
    assert [row["state"] for row in page["prompts"]] == ["open", "skipped", "open", "open"]
    assert page["skipped_words"] == (
        "Skipped: reflection. A step that is skipped tends to come back. Still open: experience, analysis, action planning."
    )
    assert [row["case_label"] for row in page["discussed"]] == ["C-0417"]
    assert [row["case_label"] for row in page["available"]] == ["C-0500"]
    assert page["ratio"] == {"drawn": 1, "tabled": 0, "words": "1 drawn, 0 put forward: drawn cases only."}
    assert page["agenda"][2]["revision"] == 1
    assert (page["close"]["may"], page["close"]["left"], page["close"]["message"]) == (True, 0, "")
    assert page["close"]["hint"].startswith("Before you close: was this session useful to both of you")


def test_earlier_actions_on_the_page_are_counted_and_block_closing() -> None:
    book = with_prior()
    book.say(
        PriorActionReviewed(action=identity("note"), finding="slipped", note="Ill."), review=SESSION, by="supervisor"
    )
    page = session_page(the_session(book), around(book, prior=prior_of(book)))
    assert page["prior_words"] == "1 of 2 earlier actions is still to be reviewed."
    assert [row["reviewed"] and row["reviewed"]["finding_label"] for row in page["prior"]] == ["Slipped", None]
    assert [row["prior_revision"] for row in page["prior"]] == [1, 0]
    assert page["close"]["may"] is False
    assert page["close"]["message"].startswith("1 of 2 earlier actions is still to be reviewed.")


def test_notes_of_a_reflective_session_are_for_its_people_alone() -> None:
    book = begun("reflective")
    book.say(PromptAnswered(prompt="reflection", skipped=False, note="It frightened me."), review=SESSION, by="worker")
    close(book)
    for actor, seen in ((LEAD, True), (WORKER, True), (key("a lead"), False)):
        page = session_page(the_session(book), around(book, actor))
        assert ("It frightened me." in json.dumps(page)) == seen
        assert ("Next on 8 December." in json.dumps(page)) == seen
        assert page["notes_hidden"] == (not seen)
    assert (
        "whoever may open that file itself could read them there"
        in session_page(the_session(book), around(book))["private_words"]
    )
    assert session_page(the_session(book), around(book, key("a lead")))["copy"] == ""


# Draft, agreed, disputed.


def state(book: Book) -> str:
    return record_state(the_session(book), session_content(the_session(book), raised_in(book)))


def test_a_record_is_a_draft_until_both_have_signed_what_stands() -> None:
    book = begun()
    assert state(book) == "draft"
    close(book)
    sign(book, "supervisor", "supervisor")
    assert state(book) == "draft"
    page = session_page(the_session(book), around(book))
    assert (page["record_words"], page["sign_as"]) == ("Closed. Still to sign: A. Worker.", "")
    assert session_page(the_session(book), around(book, WORKER))["sign_as"] == "supervisee"
    sign(book, "supervisee", "worker")
    assert state(book) == "agreed"
    assert session_page(the_session(book), around(book))["record_label"] == "Agreed by both"


def test_a_signature_no_longer_stands_when_the_record_changes() -> None:
    book = begun()
    close(book)
    sign(book, "supervisor", "supervisor")
    sign(book, "supervisee", "worker")
    closing = next(entry for entry in book.entries if isinstance(entry.payload, SessionClosed))
    book.say(opened(), review=SESSION, by="supervisor", undoes=closing.id)
    book.say(raised("forgotten"), review=SESSION, by="supervisor")
    close(book)
    assert state(book) == "draft"
    signatures = session_page(the_session(book), around(book))["signatures"]
    assert [one["void_reason"] for one in signatures] == ["The record was changed after it was signed."] * 2
    assert (
        "No longer stands: the record was changed after it was signed."
        in session_page(the_session(book), around(book, WORKER))["copy"]
    )


def test_what_becomes_of_an_action_later_changes_no_signature() -> None:
    book = begun()
    book.say(raised("new"), review=SESSION, by="supervisor")
    close(book)
    sign(book, "supervisor", "supervisor")
    sign(book, "supervisee", "worker")
    book.say(ActionClosed(action=identity("new"), outcome="done"), review=SESSION, by="supervisor")
    assert state(book) == "agreed"


def test_a_disputed_record_is_agreed_once_the_supervisee_signs_after_the_reply() -> None:
    book = begun()
    close(book)
    sign(book, "supervisor", "supervisor")
    sign(book, "supervisee", "worker")
    book.say(
        Replied(reason="context_missing", text="The visit was not recorded."),
        review=SESSION,
        subject="reply",
        by="worker",
    )
    assert state(book) == "disputed"
    sign(book, "supervisee", "worker")
    assert state(book) == "agreed"
    book.say(Replied(reason="agree", text=""), review=SESSION, subject="reply", by="worker")
    assert state(book) == "agreed"


def test_a_group_is_signed_by_its_supervisor_alone() -> None:
    book = begun("group", supervisees=(WORKER, OTHER), anonymised=True)
    close(book)
    assert signers(the_session(book)) == ("supervisor",)
    sign(book, "supervisor", "supervisor")
    assert state(book) == "agreed"
    assert session_page(the_session(book), around(book, WORKER))["sign_as"] == ""


def test_the_content_hash_follows_everything_that_is_signed() -> None:
    contents = set()
    book = begun()
    for said in (
        AgendaCovered(item="escalation_use", covered=True),
        AgendaCovered(item="escalation_use", covered=False),
        PromptAnswered(prompt="analysis", skipped=True),
        CaseDiscussed(case=key("case 1"), came_by="drawn"),
        raised("new"),
        PriorActionReviewed(action=identity("note"), finding="done"),
        SessionClosed(minutes=60),
    ):
        contents.add(session_content(the_session(book), raised_in(book)))
        book.say(said, review=SESSION, by="supervisor")
    contents.add(session_content(the_session(book), raised_in(book)))
    assert len(contents) == 8


def test_the_supervisees_copy_says_what_was_agreed() -> None:
    book = begun()
    book.say(AgendaCovered(item="escalation_use", covered=True, note="<b>=1+1</b>"), review=SESSION, by="supervisor")
    book.say(CaseDiscussed(case=key("case 1"), came_by="drawn"), review=SESSION, by="supervisor")
    book.say(raised("ring the GP"), review=SESSION, by="supervisor")
    close(book)
    sign(book, "supervisor", "supervisor")
    copy = session_page(the_session(book), around(book, WORKER))["copy"]
    for line in (
        "Record of supervision: formal one-to-one, Monday 10 November 2025",
        "Supervisor: S. Lead",
        "State: Draft",
        "- Use of escalation (covered): <b>=1+1</b>",
        "- C-0417 (drawn)",
        "- Do ring the GP. (owner: A. Worker; due 10 November 2025, reviewed on 10 November 2025)",
        "Held for 90 minutes. Next on 8 December.",
    ):
        assert line in copy.splitlines()


def test_the_list_names_the_others_and_the_newest_comes_first() -> None:
    book = begun()
    book.say(opened(held_on=MONDAY - timedelta(days=28)), review=EARLIER, by="supervisor")
    assert [session.id for session in sessions(book.entries)] == [SESSION, EARLIER]
    row = list_row(the_session(book), raised=(), labels=Labels(people=NAMES), actor=WORKER)
    assert (row["with"], row["state_label"], row["minutes"]) == (["S. Lead"], "Open", None)


def test_each_code_has_words() -> None:
    assert set(KIND_LABELS) == set(get_args(SessionKind))
    assert set(AGENDA) == set(get_args(AgendaItem))
    assert set(PROMPTS) == set(get_args(ReflectivePrompt))
    assert set(FINDINGS) == set(get_args(PriorActionReviewed.model_fields["finding"].annotation))
    assert set(CAME_BY) == set(get_args(CaseDiscussed.model_fields["came_by"].annotation))
