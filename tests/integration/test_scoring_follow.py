"""Follow-up, moderation, sessions and replies through the service, as the screens use it: what each person sees, and is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from sampling.scoring.errors import AccessRefused, EventsRefused, NotFound, OutOfDate
from sampling.scoring.parts.follow_pages import actions_html, follow_up_html, gather
from tests.chromium import ARGUMENTS, chromium_path
from tests.scoring_service import (
    LEAD,
    MODERATOR,
    OTHER_SUPERVISOR,
    SECOND_RATER,
    SUPERVISEE,
    SUPERVISOR,
    Scene,
    event,
    make_service,
    new_id,
    rated,
)


@pytest.fixture
def scene(tmp_path: Path, private_store: Path) -> Iterator[Scene]:
    scene = make_service(tmp_path, private_store)
    yield scene
    scene.service.close()


def follow_up(scene: Scene, name: str = SUPERVISOR) -> dict[str, Any]:
    return scene.service.follow_up(scene.key(name), today=scene.today)


def raise_pair(scene: Scene, review: str, ref: str, owner: str = "Sam Okafor") -> tuple[str, str]:
    """Raises the two linked actions of a gap, as the form does, and returns their ids."""
    note, plan = new_id(), new_id()
    due = (scene.today + timedelta(days=7)).isoformat()
    common = {"owner": owner, "due": due, "review_date": due, "criterion": ref}
    events = [
        event("action_raised", review, f"action:{action}", {**common, "action": action, "action_kind": kind, "text": text, "linked": other})
        for action, kind, text, other in (
            (note, "rewrite_escalation_note", "Rewrite the note of 14 October.", plan),
            (plan, "update_crisis_plan", "Update the crisis plan.", note),
        )
    ]  # fmt: skip
    scene.append(SUPERVISOR, *events)
    return note, plan


def scored(scene: Scene, level: int = 1) -> tuple[str, str]:
    """Scores, acts on and signs a single review of the supervisor. Returns it with the first criterion's ref."""
    review = scene.single(SUPERVISOR)
    scene.rate_all(SUPERVISOR, review, level)
    return review, next(iter(scene.review(SUPERVISOR, review)["state"]["criteria"]))


def refused(scene: Scene, name: str, *events: dict[str, Any]) -> list[str]:
    """Returns the sentences with which events are refused."""
    with pytest.raises(EventsRefused) as caught:
        scene.append(name, *events)
    return [finding.message for finding in caught.value.findings]


def write(row: dict[str, Any], kind: str, **data: Any) -> dict[str, Any]:
    """Returns an event on an action as the follow-up screen posts it."""
    return event(kind, row["review"], f"action:{row['action']}", {"action": row["action"], **data}, row["revision"])


# Follow-up.


def test_the_week_after_what_is_due_is_listed_done_and_scored_again_blind(scene: Scene) -> None:
    review, ref = scored(scene)
    raise_pair(scene, review, ref)
    scene.sign(SUPERVISOR, review)
    page = follow_up(scene)
    assert page["headline"] == "2 actions are due this week."
    assert page["due"][0]["linked_words"] == "Pair with: Update the crisis plan"
    assert page["rescore"][0]["state"] == "not_due"
    assert scene.queue(SUPERVISOR)["follow_up"] == {"due": 2, "overdue": 0}

    week = scene.later(days=8)
    page = follow_up(week)
    assert page["headline"] == "2 actions are overdue. 1 case is ready to be scored again."
    note, plan = page["overdue"]
    seen = week.today.isoformat()
    week.append(
        SUPERVISOR,
        write(note, "action_seen_in_record", seen_on=seen, reference="Progress note of 10 November"),
        event(
            "action_closed",
            review,
            f"action:{note['action']}",
            {"action": note["action"], "outcome": "done", "text": ""},
            note["revision"] + 1,
        ),
        write(plan, "action_moved", due="2026-11-18", review_date="2026-11-18", reason="The person was in hospital."),
    )
    page = follow_up(week)
    assert [row["action"] for row in page["closed"]] == [note["action"]]
    (plan,) = page["due"]
    assert plan["missed"] == [
        {
            "due": "2026-11-10",
            "due_label": "10 November 2026",
            "review_date": "2026-11-10",
            "reason": "The person was in hospital.",
            "moved_on": "2026-11-11",
            "late": True,
        }
    ]

    again = page["rescore"][0]
    assert (again["state"], again["due"]) == ("not_due", "2026-11-18")  # the plan's new date moved it
    last = week.later(days=7)
    with pytest.raises(AccessRefused, match="opens when the follow-up review is signed"):
        last.service.compare(last.key(SUPERVISOR), again["review"], today=last.today)
    blind = last.review(SUPERVISOR, again["review"])
    assert all(one["level"] is None and not one["comment"] for one in blind["state"]["criteria"].values())
    assert blind["state"]["actions"] == []
    assert "Seen in the notes of October." not in json.dumps(blind)
    shown_first = [one["id"] for one in blind["rubrics"]]
    last.rate_all(SUPERVISOR, again["review"], 2)
    last.append(SUPERVISOR, rated(last.review(SUPERVISOR, again["review"]), ref, 3))
    last.sign(SUPERVISOR, again["review"])
    compared = last.service.compare(last.key(SUPERVISOR), again["review"], today=last.today)
    total = len(compared["criteria"])
    assert compared["headline"] == f"Of {total} criteria, {total} improved."
    assert {row["change_label"] for row in compared["criteria"]} == {"Improved by 1 level", "Improved by 2 levels"}
    assert [row["produced_label"] for row in compared["actions"]] == [
        "Seen in the record on 11 November 2026: Progress note of 10 November",
        "Not seen in the record",
    ]
    assert compared["note"] == "The same case re-scored shows repair; improvement is shown by new draws."
    assert compared["record_changes_note"].startswith("No newer copy of the record was taken")
    assert shown_first == [one["id"] for one in last.review(SUPERVISOR, review)["rubrics"]]
    assert follow_up(last)["rescore"][0]["compare"] is True
    assert len(follow_up(last)["rescore"]) == 1  # no gap is left, so there is no second follow-up


def test_a_first_review_without_gaps_is_not_followed_up(scene: Scene) -> None:
    review, _ = scored(scene, level=2)
    scene.sign(SUPERVISOR, review)
    assert follow_up(scene)["rescore"] == []
    assert follow_up(scene)["headline"] == "Nothing needs you."


def test_a_case_is_not_scored_again_before_there_is_something_to_follow_up(scene: Scene) -> None:
    review, ref = scored(scene)
    world = scene.service.world()
    stages = world.stages(world.reviews[review])
    shown = scene.review(SUPERVISOR, review)
    sentence = "There is nothing to score again on this case: a follow-up comes after a signed review that found a gap"
    for stage in ("follow_up-1", "follow_up-2"):
        assert refused(scene, SUPERVISOR, {**rated(shown, ref, 3, base=0), "review": stages[stage].id}) == [sentence]
    scene.sign(SUPERVISOR, review)
    assert refused(scene, SUPERVISOR, {**rated(shown, ref, 3, base=0), "review": stages["follow_up-2"].id}) == [
        sentence
    ]
    scene.append(SUPERVISOR, {**rated(shown, ref, 3, base=0), "review": stages["follow_up-1"].id})
    assert follow_up(scene)["rescore"][0]["state"] == "in_progress"


def test_what_is_wrong_with_an_action_is_said_and_nothing_of_the_batch_is_stored(scene: Scene) -> None:
    review, ref = scored(scene)
    action = new_id()
    data = {"action": action, "action_kind": "gp_liaison", "text": "Ring the GP", "criterion": ref}
    assert refused(scene, SUPERVISOR, event("action_raised", review, f"action:{action}", data)) == [
        "An action needs an owner: who will do it?",
        "An action needs a due date: by when?",
        "An action needs a review date: when will you check that it was done?",
    ]
    whole = {**data, "owner": "Sam", "due": "2026-11-10", "review_date": "2026-11-10"}
    good = event("action_raised", review, f"action:{action}", whole)
    done = event("action_closed", review, f"action:{action}", {"action": action, "outcome": "done", "text": ""}, 1)
    assert refused(scene, SUPERVISOR, good, done) == [
        '"Liaise with the GP" is done when it is seen in the case record. Enter where you saw it first'
    ]
    assert follow_up(scene)["due"] == []
    seen = {"action": action, "seen_on": "2026-11-03", "reference": "Letter"}
    done["base"] = 2
    scene.append(SUPERVISOR, good, event("action_seen_in_record", review, f"action:{action}", seen, 1), done)
    assert follow_up(scene)["closed"][0]["state"] == "closed"
    assert scene.append(SUPERVISOR, good)["receipts"][0]["status"] == "known"  # sent twice, judged and stored once


def test_nobody_else_writes_to_an_action_and_the_lead_sees_it_once_signed(scene: Scene) -> None:
    review, ref = scored(scene)
    raise_pair(scene, review, ref)
    assert follow_up(scene, LEAD)["due"] == []
    scene.sign(SUPERVISOR, review)
    rows = follow_up(scene, LEAD)["due"]
    assert len(rows) == 2
    assert not rows[0]["may_write"]
    assert rows[0]["case_label"].startswith("Case ")  # no local id for a lead
    refused(scene, LEAD, write(rows[0], "action_closed", outcome="not_needed", text="No."))
    assert follow_up(scene, OTHER_SUPERVISOR)["due"] == []
    assert follow_up(scene, SECOND_RATER)["due"] == []


def test_the_owner_of_an_action_is_an_alias_or_a_role_in_every_copy_that_is_not_for_supervision(scene: Scene) -> None:
    review, ref = scored(scene)
    world = scene.service.world()
    whole, alias = (world.labels(world.reviews[review], identified=known)[1] for known in (True, False))
    # the practitioner keeps the alias that the page shows elsewhere, the rater the role, and anybody else is not told
    expected = {whole: alias, SUPERVISOR: "the rater", "Anna of the crisis team": "as named in the service's own copy"}
    for owner in expected:
        raise_pair(scene, review, ref, owner)
    scene.sign(SUPERVISOR, review)
    own = [row["owner"] for row in scene.review(SUPERVISOR, review)["state"]["actions"]]
    assert own == [owner for owner in expected for _ in range(2)]
    for shown in (follow_up(scene, LEAD)["due"], scene.review(LEAD, review, "audit")["state"]["actions"]):
        assert sorted(row["owner"] for row in shown) == sorted(expected[owner] for owner in own)


def test_compare_of_what_is_no_follow_up_or_not_mine_is_refused(scene: Scene) -> None:
    review, _ = scored(scene)
    with pytest.raises(AccessRefused):
        scene.service.compare(scene.key(SUPERVISOR), review, today=scene.today)
    with pytest.raises(NotFound):
        scene.service.compare(scene.key(SUPERVISOR), new_id(), today=scene.today)


# Moderation.


def both_signed(scene: Scene, first_level: int = 1, second_level: int = 2) -> tuple[tuple[str, str], tuple[str, str]]:
    first, second = scene.double()
    for (name, review), level in ((first, first_level), (second, second_level)):
        scene.rate_all(name, review, level)
        scene.sign(name, review)
    return first, second


def moderation_list(scene: Scene, name: str = MODERATOR) -> dict[str, Any]:
    return scene.service.moderation_list(scene.key(name), today=scene.today)


def the_case(scene: Scene, name: str = MODERATOR) -> dict[str, Any]:
    """Returns the list row of the only case that does not wait."""
    (row,) = [row for row in moderation_list(scene, name)["cases"] if row["state"] != "waiting"]
    return row


def test_moderation_waits_for_both_signatures_and_says_for_whose(scene: Scene) -> None:
    (first, review), (second, other) = scene.double()
    scene.rate_all(first, review, 0)
    rows = moderation_list(scene)["cases"]
    assert {row["state"] for row in rows} == {"waiting"}
    assert "A" not in [row["counts"] for row in rows]
    scene.sign(first, review)
    waiting = [row["waiting_words"] for row in moderation_list(scene)["cases"]]
    assert "Waiting for the signature of the second rater." in waiting
    (row,) = [row for row in moderation_list(scene)["cases"] if row["waiting_for"] == ["the second rater"]]
    with pytest.raises(AccessRefused, match="Moderation begins when both raters have signed"):
        scene.service.moderation(scene.key(MODERATOR), row["case"], now=scene.now)
    with pytest.raises(AccessRefused, match="Moderation begins when both raters have signed"):
        scene.service.moderation(scene.key(second), row["case"], now=scene.now)
    assert other


def decide(scene: Scene, page: dict[str, Any], criterion: dict[str, Any], choice: str, **more: Any) -> dict[str, Any]:
    ref = criterion["ref"]
    data = {"criterion": ref, "choice": choice, "reason": "evidence_missed", "note": "See 14 October.", **more}
    return event("moderated", page["review"], f"moderation:{ref}", data, criterion["revision"])


def test_the_moderator_decides_and_each_rater_learns_while_both_rows_stay(scene: Scene) -> None:
    (first, review), (second, other) = both_signed(scene)
    before = {
        name: scene.review(name, one, "audit")["state"]["criteria"] for name, one in ((first, review), (second, other))
    }
    row = the_case(scene)
    assert (row["state"], row["may_moderate"], row["view"]) == ("differs", True, "moderate")
    key = scene.key(MODERATOR)
    page = scene.service.moderation(key, row["case"], now=scene.now)
    text = json.dumps(page)
    for secret in (first, second, scene.key(first), scene.key(second), review, other):
        assert secret not in text
    with pytest.raises(AccessRefused, match="shown when the moderator has decided"):
        scene.service.moderation(scene.key(first), row["case"], now=scene.now)
    assert "reason" in str(refused(scene, MODERATOR, decide(scene, page, page["criteria"][0], "a", reason=None)))
    events = [decide(scene, page, one, "a" if number % 2 else "b") for number, one in enumerate(page["criteria"])]
    flag = {
        "criterion": page["criteria"][0]["ref"],
        "rubric_version": page["criteria"][0]["rubric_version"],
        "note": "Two readings.",
    }
    events.append(event("anchor_flagged", page["review"], f"anchor:{flag['criterion']}", flag))
    scene.append(MODERATOR, *events)
    page = scene.service.moderation(key, row["case"], now=scene.now)
    assert page["complete"]
    assert {rater["name"] for rater in page["raters"]} == {first, second}
    for number, one in enumerate(page["criteria"]):
        assert one["decision"]["choice"] == ("a" if number % 2 else "b")
        assert one["decision"]["level"] == one[one["decision"]["choice"]]["level"]
    assert page["criteria"][0]["flag"]["note"] == "Two readings."
    after = {
        name: scene.review(name, one, "audit")["state"]["criteria"] for name, one in ((first, review), (second, other))
    }
    assert after == before
    learned = scene.service.moderation(scene.key(second), row["case"], now=scene.now)
    assert learned["view"] == "learning"
    assert learned["rows"][0]["mine"]["level"] == 2
    assert learned["rows"][0]["other"]["level"] == 1
    assert "evidence was missed. See 14 October." in learned["rows"][0]["words"]
    assert first not in json.dumps(learned)


def test_the_receipt_of_two_decisions_at_once_does_not_say_who_was_first(scene: Scene) -> None:
    both_signed(scene, 0, 3)
    row = the_case(scene)
    page = scene.service.moderation(scene.key(MODERATOR), row["case"], now=scene.now)
    for number, choice in enumerate(("a", "b")):
        criterion = page["criteria"][number]
        taken, meanwhile = (decide(scene, page, criterion, choice) for _ in range(2))
        receipts = scene.append(MODERATOR, taken, meanwhile)["receipts"]
        assert [one["status"] for one in receipts] == ["stored", "conflict"]
        assert receipts[1]["other"]["data"]["choice"] == choice
        assert not {"first", "second"} & set(json.dumps(receipts).split('"'))
    shown = scene.service.moderation(scene.key(MODERATOR), row["case"], now=scene.now)["conflicts"]
    assert [one["standing"]["data"]["choice"] for one in shown] == ["a", "b"]


def test_a_rater_never_moderates_their_own_case_and_strangers_see_nothing(scene: Scene) -> None:
    (first, _), _ = both_signed(scene)
    row = the_case(scene)
    page = scene.service.moderation(scene.key(MODERATOR), row["case"], now=scene.now)
    assert refused(scene, first, decide(scene, page, page["criteria"][0], "a"))
    stranger = next(name for name in (LEAD, SUPERVISEE) if name != first)
    with pytest.raises(AccessRefused, match="Only a moderator decides"):
        scene.service.moderation(scene.key(stranger), row["case"], now=scene.now)
    assert moderation_list(scene, SUPERVISEE)["cases"] == []
    with pytest.raises(NotFound):
        scene.service.moderation(scene.key(MODERATOR), "0" * 64, now=scene.now)


def test_a_referred_case_reaches_the_moderator_with_its_reason(scene: Scene) -> None:
    review = scene.single(SUPERVISOR)
    scene.append(SUPERVISOR, event("referred", review, "referred", {"reason": "Two plans contradict each other."}))
    (row,) = moderation_list(scene)["referred"]
    assert (row["reason"], row["open"]) == ("Two plans contradict each other.", True)
    page = scene.service.moderation(scene.key(MODERATOR), row["case"], now=scene.now)
    assert [rater["alias"] for rater in page["raters"]] == ["A"]
    scene.append(MODERATOR, decide(scene, page, page["criteria"][0], "other", level=1, reason="judgement"))
    page = scene.service.moderation(scene.key(MODERATOR), row["case"], now=scene.now)
    assert page["criteria"][0]["decision"]["level"] == 1


def test_a_lead_sees_times_of_ten_reviews_at_least_and_nobody_else_sees_any(scene: Scene) -> None:
    review, _ = scored(scene)
    scene.append(SUPERVISOR, event("time_spent", review, "time", {"seconds": 600}))
    scene.sign(SUPERVISOR, review)
    assert moderation_list(scene, LEAD)["speed"] == {
        "n": 1,
        "words": "1 review so far: times are shown from 10 on.",
        "very_fast": [],
    }
    assert moderation_list(scene, MODERATOR)["speed"] is None


# Sessions.


def open_session(scene: Scene, kind: str = "formal_one_to_one", name: str = SUPERVISOR) -> tuple[str, dict[str, Any]]:
    listed = scene.service.sessions(scene.key(name), today=scene.today)
    supervisee = next(
        pair["supervisee"]["key"] for pair in listed["pairs"] if pair["supervisee"]["key"] == scene.key(SUPERVISEE)
    )
    session = new_id()
    data = {
        "session_kind": kind,
        "held_on": scene.today.isoformat(),
        "supervisor": scene.key(name),
        "supervisees": [supervisee],
        "anonymised": False,
    }
    scene.append(name, event("session_opened", session, "session", data))
    return session, data


def of_supervisee(scene: Scene) -> str | None:
    """Returns whose supervisor rates the supervisee's cases."""
    world = scene.service.world()
    for review in world.reviews.values():
        if review.stage == "first" and review.practitioner_key == scene.key(SUPERVISEE):
            return world.names[review.rater]
    return None


def page_of(scene: Scene, name: str, session: str) -> dict[str, Any]:
    return scene.service.session(scene.key(name), session, now=scene.now)


def session_event(session: str, kind: str, subject: str, base: int, **data: Any) -> dict[str, Any]:
    return event(kind, session, subject, data, base)


def test_a_session_from_opening_to_both_signatures(scene: Scene) -> None:
    supervisor = of_supervisee(scene)
    assert supervisor is not None
    world = scene.service.world()
    review = next(
        one.id
        for one in world.reviews.values()
        if one.stage == "first" and one.practitioner_key == scene.key(SUPERVISEE) and not world.is_closed(one)
    )
    action = new_id()
    data = {
        "action": action, "action_kind": "gp_liaison", "text": "Ring the GP", "owner": SUPERVISEE, "due": "2026-11-10",
        "review_date": "2026-11-10",
    }  # fmt: skip
    scene.append(supervisor, event("action_raised", review, f"action:{action}", data))
    session, _ = open_session(scene, name=supervisor)
    page = page_of(scene, supervisor, session)
    assert page["prior_words"] == "1 of 1 earlier action is still to be reviewed."
    assert refused(scene, supervisor, session_event(session, "session_closed", "session", 1, minutes=60, note="")) == [
        "1 of 1 earlier action is still to be reviewed. Look at each before you close the session"
    ]
    case = next(one for one in page["available"] if one["came_by"] == "drawn")
    scene.append(
        supervisor,
        session_event(
            session, "prior_action_reviewed", f"prior:{action}", 0, action=action, finding="in_hand", note=""
        ),
        session_event(
            session, "agenda_covered", "agenda:escalation_use", 0, item="escalation_use", covered=True, note="Twice."
        ),
        session_event(
            session, "case_discussed", f"discussed:{case['case']}", 0, case=case["case"], came_by="drawn", note=""
        ),
    )
    scene.append(
        SUPERVISEE,
        session_event(session, "prompt_answered", "prompt:analysis", 0, prompt="analysis", skipped=True, note=""),
    )
    assert refused(scene, OTHER_SUPERVISOR if supervisor != OTHER_SUPERVISOR else SUPERVISOR,
                   session_event(session, "agenda_covered", "agenda:contact_frequency", 0, item="contact_frequency", covered=True, note="")) == [
        "A session's record is written by the people whose session it is"
    ]  # fmt: skip
    scene.append(supervisor, session_event(session, "session_closed", "session", 1, minutes=75, note=""))
    page = page_of(scene, SUPERVISEE, session)
    assert (page["record_state"], page["sign_as"], page["counts"]) == ("draft", "supervisee", True)
    assert page["ratio"]["words"] == "1 drawn, 0 put forward: drawn cases only."
    assert "- Use of escalation (covered): Twice." in page["copy"]
    for name in (supervisor, SUPERVISEE):
        shown = page_of(scene, name, session)
        request = {"id": new_id(), "review": session, "role": shown["sign_as"], "statement": shown["statement"]}
        with pytest.raises(OutOfDate, match="Read it again, then sign"):
            scene.service.sign(scene.key(name), {**request, "content": "0" * 64}, now=scene.now)
        scene.service.sign(scene.key(name), {**request, "content": shown["content"]}, now=scene.now)
    assert page_of(scene, supervisor, session)["record_label"] == "Agreed by both"
    listed = scene.service.sessions(scene.key(SUPERVISEE), today=scene.today)
    assert [(one["session"], one["state_label"], one["counts"]) for one in listed["sessions"]] == [
        (session, "Agreed by both", True)
    ]
    (pair,) = [one for one in listed["pairs"] if one["supervisor"]["key"] == scene.key(supervisor)]
    assert pair["words"] == "Last formal one-to-one: Tuesday 3 November 2026."
    with pytest.raises(NotFound):
        page_of(scene, SECOND_RATER, session)


def test_amending_a_signed_session_voids_both_signatures_in_the_same_transaction(scene: Scene) -> None:
    supervisor = of_supervisee(scene)
    assert supervisor is not None
    session, data = open_session(scene, "ad_hoc", supervisor)
    closing = session_event(session, "session_closed", "session", 1, minutes=20, note="")
    scene.append(supervisor, closing)
    for name in (supervisor, SUPERVISEE):
        shown = page_of(scene, name, session)
        request = {"id": new_id(), "review": session, "role": shown["sign_as"], "statement": shown["statement"]}
        scene.service.sign(scene.key(name), {**request, "content": shown["content"]}, now=scene.now)
    assert refused(scene, supervisor, event("session_opened", session, "session", data, 2)) == [
        "This session is closed. Take the closing back to change its record; signatures then no longer stand"
    ]
    page = page_of(scene, supervisor, session)
    assert page["close"]["closed"]["id"] == closing["id"]
    scene.append(supervisor, event("session_opened", session, "session", data, page["revision"], undoes=closing["id"]))
    entries = scene.service.journal.entries(review=session)
    assert [entry.kind for entry in entries][-2:] == ["signature_voided", "signature_voided"]
    assert page_of(scene, supervisor, session)["record_state"] == "draft"


def test_two_notes_written_at_once_are_both_shown_and_one_is_chosen(scene: Scene) -> None:
    supervisor = of_supervisee(scene)
    assert supervisor is not None
    session, _ = open_session(scene, "ad_hoc", supervisor)
    about = {"item": "contact_frequency", "covered": True}
    subject = "agenda:contact_frequency"
    mine = session_event(session, "agenda_covered", subject, 0, **about, note="Weekly.")
    theirs = session_event(session, "agenda_covered", subject, 0, **about, note="Every two weeks.")
    scene.append(supervisor, mine)
    (receipt,) = scene.append(SUPERVISEE, theirs)["receipts"]
    assert receipt["status"] == "conflict"
    page = page_of(scene, supervisor, session)
    (conflict,) = page["conflicts"]
    assert (conflict["standing"]["data"]["note"], conflict["other"]["data"]["note"]) == ("Weekly.", "Every two weeks.")
    choice = {"chosen": theirs["id"], "instead_of": mine["id"]}
    wrong = event("conflict_resolved", session, subject, {**choice, "chosen": new_id()}, 2)
    assert refused(scene, supervisor, wrong) == ["There are no two such values to choose between. Reload the page"]
    scene.append(supervisor, event("conflict_resolved", session, subject, choice, 2))
    page = page_of(scene, SUPERVISEE, session)
    assert page["conflicts"] == []
    assert next(row["note"] for row in page["agenda"] if row["item"] == "contact_frequency") == "Every two weeks."


def test_notes_of_a_reflective_session_do_not_reach_a_lead(scene: Scene) -> None:
    supervisor = of_supervisee(scene)
    assert supervisor is not None
    session, _ = open_session(scene, "reflective", supervisor)
    note = "It frightened me."
    scene.append(
        SUPERVISEE,
        session_event(
            session, "prompt_answered", "prompt:experience", 0, prompt="experience", skipped=False, note=note
        ),
    )
    assert note in json.dumps(page_of(scene, supervisor, session))
    page = page_of(scene, LEAD, session)
    assert note not in json.dumps(page)
    (access,) = scene.service.journal.entries(review=session, kinds=["accessed"])
    assert (access.actor, access.payload.purpose, access.payload.what) == (scene.key(LEAD), "audit", "session")
    assert page["notes_hidden"] and page["private_words"].startswith("The notes of this reflective session are for")


# Reply and deviation.


def test_a_supervisee_replies_and_the_supervisor_answers(tmp_path: Path, private_store: Path) -> None:
    # without a second rating: the seed may choose every case of the supervisee for one
    scene = make_service(tmp_path, private_store, policy="[second_rating]\nshare = 0\n")
    supervisor = of_supervisee(scene)
    assert supervisor is not None
    world = scene.service.world()
    review = next(
        one.id
        for one in world.reviews.values()
        if one.stage == "first" and one.practitioner_key == scene.key(SUPERVISEE) and not world.is_closed(one)
    )
    said = {"reason": "evidence_missed", "text": "See the note of 14 October.", "criterion": None}
    assert refused(scene, SUPERVISEE, event("replied", review, "reply", said))
    scene.rate_all(supervisor, review, 2)
    scene.sign(supervisor, review)
    refused(scene, supervisor, event("replied", review, "reply", said))
    scene.append(SUPERVISEE, event("replied", review, "reply", said))
    mine = scene.review(SUPERVISEE, review)["reply"]
    assert (mine["state"], mine["may_reply"], mine["may_answer"]) == ("waiting", True, False)
    answer = {"outcome": "rating_stands", "text": "It was written later."}
    refused(scene, SUPERVISEE, event("reply_answered", review, "reply_answer", answer))
    scene.append(supervisor, event("reply_answered", review, "reply_answer", answer))
    assert scene.review(SUPERVISEE, review)["reply"]["state"] == "answered"
    scene.service.close()


def test_each_side_of_a_deviation_is_written_by_its_own_person(scene: Scene) -> None:
    review = scene.single(SUPERVISOR)
    said = {"by": "practitioner", "guideline": "Escalation policy", "text": "Not rung."}
    assert refused(scene, SUPERVISOR, event("deviation_recorded", review, "deviation:practitioner", said)) == [
        "The practitioner's entry is the practitioner's own to write"
    ]
    scene.append(SUPERVISOR, event("deviation_recorded", review, "deviation:manager", {**said, "by": "manager"}))
    part = scene.review(SUPERVISOR, review)["deviations_part"]
    assert part["words"] == "One entry is missing: the practitioner's."


# The two pages.


def followed_service(scene: Scene) -> Scene:
    """Returns the service eight days on: a case scored again, its note seen in the record, its plan moved, a review waiting."""
    review, ref = scored(scene)
    raise_pair(scene, review, ref)
    scene.sign(SUPERVISOR, review)
    week = scene.later(days=8)
    note, plan = follow_up(week)["overdue"]
    seen = week.today.isoformat()
    week.append(
        SUPERVISOR,
        write(note, "action_seen_in_record", seen_on=seen, reference="Note <b>of</b> 10 November"),
        write(plan, "action_moved", due="2026-11-18", review_date="2026-11-18", reason="Sick."),
    )
    again = follow_up(week)["rescore"][0]["review"]
    week.rate_all(SUPERVISOR, again, 2)
    week.append(SUPERVISOR, rated(week.review(SUPERVISOR, again), ref, None, code="not_accessible", reason="missing"))
    week.sign(SUPERVISOR, again)
    return week


def test_the_follow_up_page_says_then_and_now_and_the_page_of_actions_each_date(scene: Scene, tmp_path: Path) -> None:
    week = followed_service(scene)
    followed = gather(week.service, [week.key(SUPERVISOR), week.key(LEAD)], today=week.today)
    assert len(followed.comparisons) == 1
    html = follow_up_html(followed, software="sampling 0.1.0")
    total = len(followed.comparisons[0]["criteria"])
    for text in (
        f"1 case was scored again. Of {total} criteria, {total - 1} improved and 1 cannot be compared.",
        "The same case re-scored shows repair; improvement is shown by new draws.",
        "Record not accessible this time",
        "Improved by 1 level",
        "Note &lt;b&gt;of&lt;/b&gt; 10 November",
        "1 of 2",
    ):
        assert text in html
    page = actions_html(followed, software="sampling 0.1.0")
    for text in (
        "Of 2 actions, 1 overdue and 1 running.",
        "Was due 10 November 2026: Sick.",
        "Pair with: Update the crisis plan",
    ):
        assert text in page
    for whole in (html, page):
        assert "<script" not in whole
        assert "http://" not in whole and "https://" not in whole


def test_pages_without_anything_say_so(scene: Scene) -> None:
    followed = gather(scene.service, [scene.key(SUPERVISOR)], today=scene.today)
    assert "No case has been scored again yet." in follow_up_html(followed, software="sampling")
    assert "No action has been raised." in actions_html(followed, software="sampling")


@pytest.mark.parametrize("width", [1280, 320])
def test_both_pages_are_accessible_and_reflow(scene: Scene, tmp_path: Path, width: int) -> None:
    week = followed_service(scene)
    followed = gather(week.service, [week.key(SUPERVISOR)], today=week.today)
    pages = {"follow_up": follow_up_html(followed, software="s"), "actions": actions_html(followed, software="s")}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(ARGUMENTS))
        for name, html in pages.items():
            file = tmp_path / f"{name}.html"
            file.write_text(html, encoding="utf-8")
            tab = browser.new_page(viewport={"width": width, "height": 900})
            tab.goto(file.as_uri())
            found = Axe().run(tab, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
            assert found.response["violations"] == []
            assert tab.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        browser.close()
