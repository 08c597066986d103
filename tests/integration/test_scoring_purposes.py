"""Audit and training switch identifiers off: no word of a case leaves the service then, whichever page is asked for."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sampling.scoring.record.page import html_page
from sampling.scoring.record.text import plain_text
from tests.scoring_service import (
    LEAD,
    MODERATOR,
    SUPERVISEE,
    SUPERVISOR,
    Scene,
    event,
    full_rating,
    make_service,
    new_id,
)

WORD = "zebracrossing"  # stands in every text that anybody writes here
HIDDEN = (WORD, "SR000-", "P000-")
ONCE = "[second_rating]\nshare = 0\n"


@pytest.fixture
def scene(tmp_path: Path, private_store: Path) -> Iterator[Scene]:
    scene = make_service(tmp_path, private_store, policy=ONCE)
    yield scene
    scene.service.close()


def written(scene: Scene) -> tuple[str, str, str]:
    """Returns (review, its signed follow-up, a session): a case of the supervisee with a text in each place that takes one."""
    world = scene.service.world()
    first = next(
        one
        for one in world.reviews.values()
        if one.stage == "first" and one.practitioner_key == scene.key(SUPERVISEE) and not world.is_closed(one)
    )
    rater = world.names[first.rater]
    score(scene, rater, first.id, 1)
    scene.sign(rater, first.id)
    said = {"reason": "disagree", "text": f"{WORD} reply", "criterion": None}
    scene.append(SUPERVISEE, event("replied", first.id, "reply", said), deviation(first.id, "practitioner"))
    answer = {"outcome": "rating_stands", "text": f"{WORD} answer"}
    scene.append(rater, event("reply_answered", first.id, "reply_answer", answer))
    session = discussed(scene, rater)
    last = scene.later(days=30)
    again = next(one["review"] for one in last.service.follow_up(first.rater, today=last.today)["rescore"])
    score(last, rater, again, 2)
    last.sign(rater, again)
    return first.id, again, session


def deviation(review: str, by: str) -> dict[str, Any]:
    said = {"by": by, "guideline": f"{WORD} policy", "text": f"{WORD} deviation"}
    return event("deviation_recorded", review, f"deviation:{by}", said)


def score(scene: Scene, name: str, review: str, level: int) -> None:
    """Scores a review with a comment, a quote, a safety note, three actions, a deviation, a parking and a referral."""
    shown = scene.review(name, review)
    ref = next(iter(shown["state"]["criteria"]))
    events = full_rating(shown, level)
    for one in events:
        if one["kind"] == "commented":
            one["data"]["text"] = f"{WORD} comment"
        if one["kind"] == "evidence_pointed":
            one["data"] |= {"quote": f"{WORD} quote", "note": f"{WORD} note", "start": 0, "end": 9}
    due = str(scene.today + timedelta(days=7))
    for state in ("open", "moved", "closed"):
        action = new_id()
        subject, about = f"action:{action}", {"action": action}
        raised = {**about, "action_kind": "gp_liaison", "text": f"{WORD} action", "owner": WORD, "criterion": ref}
        events.append(event("action_raised", review, subject, {**raised, "due": due, "review_date": due}))
        if state == "moved":
            later = str(scene.today + timedelta(days=9))
            moved = {**about, "due": later, "review_date": later, "reason": f"{WORD} reason"}
            events.append(event("action_moved", review, subject, moved, 1))
        if state == "closed":
            seen = {**about, "seen_on": str(scene.today), "reference": f"{WORD} reference"}
            events.append(event("action_seen_in_record", review, subject, seen, 1))
            done = {**about, "outcome": "done", "text": f"{WORD} outcome"}
            events.append(event("action_closed", review, subject, done, 2))
    safety = {"criterion": ref, "answer": "handed_over", "note": f"{WORD} safety"}
    events.append(event("safety_answered", review, f"safety:{ref}", safety))
    events.append(event("parked", review, "parked", {"parked": False, "reason": f"{WORD} parked"}))
    events.append(event("referred", review, "referred", {"reason": f"{WORD} referred"}))
    events.append(event("pasted_into_record", review, "paste", {"pasted_on": str(scene.today), "reference": WORD}))
    scene.append(name, *events, deviation(review, "manager"))


def discussed(scene: Scene, supervisor: str) -> str:
    """Returns a closed session with a note in each place that takes one."""
    session, day = new_id(), str(scene.today)
    pair = {"supervisor": scene.key(supervisor), "supervisees": [scene.key(SUPERVISEE)]}
    opened = {"session_kind": "formal_one_to_one", "held_on": day, **pair, "anonymised": False}
    scene.append(supervisor, event("session_opened", session, "session", opened))
    page = scene.service.session(scene.key(supervisor), session, now=scene.now)
    case = next(one["case"] for one in page["available"] if one["came_by"] == "drawn")
    note = {"note": f"{WORD} session"}
    action = new_id()
    raised = {
        "action": action,
        "action_kind": "training",
        "text": WORD,
        "owner": SUPERVISEE,
        "due": day,
        "review_date": day,
    }
    scene.append(
        supervisor,
        event("agenda_covered", session, "agenda:escalation_use", {"item": "escalation_use", "covered": True, **note}),
        event("prompt_answered", session, "prompt:analysis", {"prompt": "analysis", "skipped": False, **note}),
        event("case_discussed", session, f"discussed:{case}", {"case": case, "came_by": "drawn", **note}),
        *(
            event("prior_action_reviewed", session, f"prior:{one['action']}", {"action": one["action"], "finding": "in_hand", **note})
            for one in page["prior"]
        ),
        event("action_raised", session, f"action:{action}", {**raised, "practitioner": scene.key(SUPERVISEE)}),
        event("session_closed", session, "session", {"minutes": 60, **note}, 1),
    )  # fmt: skip
    return session


def answers(scene: Scene, name: str, purpose: str, made: tuple[str, str, str]) -> dict[str, str]:
    """Returns everything that the service answers a person about the case: request -> its text. What is refused is not there."""
    review, again, session = made
    service, key, now = scene.service, scene.key(name), scene.now + timedelta(days=30)
    record = [service.record(key, one, purpose=purpose, now=now) for one in (review, again)]
    calls: dict[str, Callable[[], Any]] = {
        "review": lambda: service.review(key, review, purpose=purpose, now=now),
        "follow-up": lambda: service.review(key, again, purpose=purpose, now=now),
        "record": lambda: [html_page(one) + plain_text(one) for one in record],
        "compare": lambda: service.compare(key, again, today=now.date()),
        "actions": lambda: service.follow_up(key, today=now.date()),
        "moderation": lambda: service.moderation_list(key, today=now.date()),
        "sessions": lambda: service.sessions(key, today=now.date()),
        "session": lambda: service.session(key, session, now=now),
        "queue": lambda: service.queue(key, today=now.date()),
    }
    return {request: json.dumps(call(), default=str) for request, call in calls.items()}


def test_audit_and_training_show_no_word_of_a_case_whatever_is_asked(scene: Scene) -> None:
    made = written(scene)
    rater = scene.service.world().names[scene.service.world().reviews[made[0]].rater]
    own = answers(scene, rater, "supervision", made)
    for request in ("review", "follow-up", "record", "compare", "actions", "session"):
        assert WORD in own[request], request  # the texts are there, or nothing would be shown by their absence
    for purpose in ("audit", "training", "supervision"):  # which is audit for a lead
        found = answers(scene, LEAD, purpose, made)
        shown = json.loads(found["review"])
        assert (shown["purpose"], shown["panel"]["notes"]) == ("training" if purpose == "training" else "audit", [])
        assert "left out of what is opened for audit or training" in shown["panel"]["note"]
        for request, text in found.items():
            assert not [secret for secret in HIDDEN if secret in text], (purpose, request)


def test_levels_codes_and_days_stay(scene: Scene) -> None:
    review, again, session = written(scene)
    shown = scene.review(LEAD, review, "audit")
    one = next(iter(shown["state"]["criteria"].values()))
    assert (one["level"], one["safety"]["answer"]) == (1, "handed_over")
    assert {row["text"] for row in shown["state"]["actions"]} == {"Liaise with the GP"}
    assert {row["owner"] for row in shown["state"]["actions"]} == {"as named in the service's own copy"}
    assert shown["panel"]["timeline"] and shown["reply"]["rounds"][0]["reason"] == "disagree"
    compared = scene.service.compare(scene.key(LEAD), again, today=scene.today)
    assert {row["change"] for row in compared["criteria"]} == {"improved"}
    assert compared["criteria"][0]["now"]["evidence"][0]["note_date"] == "2026-10-14"
    page = scene.service.session(scene.key(LEAD), session, now=scene.now)
    assert page["agenda_words"].startswith("1 of 5 agenda items covered") and page["notes_hidden"]
    assert page["private_words"].startswith("You look at this session for audit")


def test_a_rater_who_opens_a_case_for_training_reads_no_word_and_writes_and_signs_nothing(scene: Scene) -> None:
    review = scene.single(SUPERVISOR)
    score(scene, SUPERVISOR, review, 1)
    shown = scene.review(SUPERVISOR, review, "training")
    assert not [secret for secret in HIDDEN if secret in json.dumps(shown)]
    assert (shown["read_only"], shown["sign_as"]) == (True, "")
    assert shown["read_only_why"].startswith("You opened this case for training, without its words.")


def test_whoever_rates_or_moderates_works_from_the_records_own_words_under_aliases(
    tmp_path: Path, private_store: Path
) -> None:
    scene = make_service(tmp_path, private_store)
    (first, one), (second, other) = scene.double()
    shown = scene.review(second, other)
    assert (shown["purpose"], shown["read_only"]) == ("audit", False)
    assert shown["panel"]["note"] == "" and shown["case_label"].startswith("Case ")
    for name, review in ((first, one), (second, other)):
        score(scene, name, review, 1)
        scene.sign(name, review)
    assert f"{WORD} comment" in json.dumps(scene.review(MODERATOR, one, "audit"))
    found = json.dumps(scene.review(MODERATOR, one, "training"))
    assert not [secret for secret in HIDDEN if secret in found]
    scene.service.close()
