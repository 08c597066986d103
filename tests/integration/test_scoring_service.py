"""The scoring service end to end, on a drawn month: queue, review, events, signatures, and what is refused in words."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import scoring_service as stage
from scoring_service import LEAD, SUPERVISEE, SUPERVISOR, Scene, event, make_service, new_id, rated

from sampling import workflow
from sampling.errors import PolicyError, StateError
from sampling.journal.events import Commented
from sampling.journal.store import CURRENT, Draft
from sampling.keys import Keyring, load_secret
from sampling.policy import shared_folder
from sampling.rubric.publish import publish
from sampling.scoring.errors import AccessRefused, EventsRefused, NotFound, OutOfDate
from sampling.scoring.service import open_service


@pytest.fixture
def scene(tmp_path: Path, private_store: Path) -> Iterator[Scene]:
    made = make_service(tmp_path, private_store)
    yield made
    made.service.close()


def refusals(scene: Scene, name: str, *events: dict[str, Any]) -> list[str]:
    with pytest.raises(EventsRefused) as caught:
        scene.append(name, *events)
    return [f"{finding.where}: {finding.message}" for finding in caught.value.findings]


def one_ref(shown: dict[str, Any], place: int = 0) -> str:
    return list(shown["state"]["criteria"])[place]


# The queue


def test_a_supervisor_finds_their_own_practitioners_cases_in_the_seeds_order(scene: Scene) -> None:
    queue = scene.queue(SUPERVISOR)
    assert (queue["period"], queue["draw_id"]) == ("2026-10", "2026-10/adult")
    assert [row["number"] for row in queue["reviews"]] == list(range(1, len(queue["reviews"]) + 1))
    assert queue["reviews"] == scene.queue(SUPERVISOR)["reviews"], "the same each time"
    labels = [row["case_label"] for row in queue["reviews"]]
    assert labels != sorted(labels) and all(label.startswith("SR000-") for label in labels if label[0] == "S")
    assert queue["counts"] == {"not_started": len(queue["reviews"])}
    world = scene.service.world()
    drawn = {case.case for draw in world.draws for case in draw.under_review}
    rated_first = {review.case for review in world.reviews.values() if review.stage == "first"}
    assert drawn == rated_first, "every drawn case has a rater"
    assert scene.queue(SUPERVISEE)["reviews"] == []


def test_a_case_goes_through_its_states(scene: Scene) -> None:
    review = scene.single(SUPERVISOR)

    def state() -> str:
        return next(str(row["state"]) for row in scene.queue(SUPERVISOR)["reviews"] if row["review"] == review)

    assert state() == "not_started"
    shown = scene.review(SUPERVISOR, review)
    assert state() == "not_started", "to look is not to begin"
    scene.append(SUPERVISOR, rated(shown, one_ref(shown), 2))
    assert state() == "in_progress"
    scene.append(SUPERVISOR, event("parked", review, "parked", {"parked": True, "reason": "Notes are missing"}))
    assert state() == "parked"
    scene.append(SUPERVISOR, event("parked", review, "parked", {"parked": False}, 1))
    scene.rate_all(SUPERVISOR, review)
    assert state() == "ready_to_sign"
    scene.append(SUPERVISOR, event("referred", review, "referred", {"reason": "Two plans"}))
    assert state() == "referred"
    scene.sign(SUPERVISOR, review)
    assert state() == "signed"


def test_me_names_the_roles_and_only_those_who_supervise_may_state_supervision(scene: Scene) -> None:
    me = scene.service.me(scene.key(SUPERVISOR))
    assert (me["person"]["name"], me["person"]["roles"]) == (SUPERVISOR, ["supervisor"])
    assert me["purposes"][0] == {"code": "supervision", "label": "Supervision of my own supervisee"}
    assert "supervision" not in [one["code"] for one in scene.service.me(scene.key(LEAD))["purposes"]]
    assert me["settings"] == {
        "copies": "kept",
        "outbox": True,
        "heartbeat_seconds": 5,
        "quick_seconds": 20,
        "texts": {},
    }
    with pytest.raises(AccessRefused, match="You have no seat here"):
        scene.service.me("0" * 64)


# A review


def test_a_review_shows_every_anchor_and_no_level(scene: Scene) -> None:
    shown = scene.review(SUPERVISOR, scene.single(SUPERVISOR))
    criteria = [one for rubric in shown["rubrics"] for one in rubric["criteria"]]
    assert [one["number"] for one in criteria] == list(range(1, 19))
    assert all(len(one["levels"]) == 4 and all(one["levels"]) for one in criteria)
    for one in shown["state"]["criteria"].values():
        assert (one["level"], one["code"], one["comment"], one["evidence"], one["revision"]) == (None, None, "", [], 0)
    assert shown["missing"][0]["sentence"] == "Criterion 1, Trigger recognised: not scored yet."
    assert len(shown["missing"]) == 18
    assert (shown["stage_label"], shown["sign_as"], shown["read_only"]) == ("First rating", "rater", False)
    assert [one["key"] for one in shown["choices"]["not_applicable"]] == ["1", "2", "3"]
    assert shown["panel"]["timeline"] and shown["panel"]["notes"] and shown["panel"]["text_kept"]
    assert shown["seed_tail"] == scene.service.world().draws[0].seed[-4:]


def test_opening_a_case_is_logged_once_a_person_purpose_and_day(scene: Scene) -> None:
    review = scene.single(SUPERVISOR)
    for _ in range(3):
        scene.review(SUPERVISOR, review)
    scene.review(SUPERVISOR, review, purpose="concern")
    scene.later(days=1).review(SUPERVISOR, review)
    entries = scene.service.journal.entries(review=review, kinds=["accessed"])
    said = [(entry.payload.purpose, entry.at[:10]) for entry in entries if entry.payload is not None]  # type: ignore[attr-defined]
    assert said == [("supervision", "2026-11-03"), ("concern", "2026-11-03"), ("supervision", "2026-11-04")]
    assert {entry.actor for entry in entries} == {scene.key(SUPERVISOR)}


def test_a_purpose_that_is_not_on_the_list_and_an_unknown_review_are_refused(scene: Scene) -> None:
    review = scene.single(SUPERVISOR)
    for purpose in ("", "curiosity"):
        with pytest.raises(AccessRefused, match="Say for which purpose you open this case"):
            scene.review(SUPERVISOR, review, purpose=purpose)
    with pytest.raises(NotFound, match="There is no such review here"):
        scene.review(SUPERVISOR, "0" * 32)
    assert scene.service.journal.entries(kinds=["accessed"]) == []


# Events


def test_four_distinct_answers_survive_the_journal(scene: Scene) -> None:
    review = scene.single(SUPERVISOR)
    shown = scene.review(SUPERVISOR, review)
    refs = [one_ref(shown, place) for place in range(4)]
    scene.append(
        SUPERVISOR,
        rated(shown, refs[0], code="not_applicable", reason="no_such_event"),
        rated(shown, refs[1], code="not_accessible", reason="restricted"),
        rated(shown, refs[2], 0),
        rated(shown, refs[3], 0),
        rated(shown, refs[3], None, base=1),
    )
    criteria = scene.review(SUPERVISOR, review)["state"]["criteria"]
    assert [(criteria[ref]["level"], criteria[ref]["code"], criteria[ref]["reason"]) for ref in refs] == [
        (None, "not_applicable", "no_such_event"),
        (None, "not_accessible", "restricted"),
        (0, None, None),
        (None, None, None),
    ]


def test_the_same_event_twice_is_one_event(scene: Scene) -> None:
    review = scene.single(SUPERVISOR)
    shown = scene.review(SUPERVISOR, review)
    first = rated(shown, one_ref(shown), 2)
    assert scene.append(SUPERVISOR, first)["receipts"][0]["status"] == "stored"
    again = scene.append(SUPERVISOR, first)
    assert (again["receipts"][0]["status"], again["receipts"][0]["revision"]) == ("known", 1)
    assert scene.review(SUPERVISOR, review)["state"]["conflicts"] == []


def test_two_writers_on_one_criterion_both_stay_and_one_is_chosen(scene: Scene) -> None:
    review = scene.single(SUPERVISOR)
    shown = scene.review(SUPERVISOR, review)
    ref = one_ref(shown)
    mine, other = rated(shown, ref, 2), rated(shown, ref, 0)  # two tabs, both filled from the same page
    scene.append(SUPERVISOR, mine)
    receipt = scene.append(SUPERVISOR, other)["receipts"][0]
    assert receipt["status"] == "conflict"
    assert (receipt["other"]["id"], receipt["other"]["data"]["level"]) == (mine["id"], 2)
    assert receipt["other"]["actor_label"] == SUPERVISOR
    shown = scene.review(SUPERVISOR, review)
    (conflict,) = shown["state"]["conflicts"]
    assert (conflict["standing"]["data"]["level"], conflict["other"]["data"]["level"]) == (2, 0)
    assert any("two values were written" in row["sentence"] for row in shown["missing"])
    settle = {"chosen": other["id"], "instead_of": mine["id"]}
    scene.append(SUPERVISOR, event("conflict_resolved", review, f"rating:{ref}", settle, conflict["revision"]))
    shown = scene.review(SUPERVISOR, review)
    assert shown["state"]["criteria"][ref]["level"] == 0 and shown["state"]["conflicts"] == []


def test_all_of_a_request_is_refused_when_one_event_is_and_every_fault_is_told(scene: Scene) -> None:
    review = scene.single(SUPERVISOR)
    shown = scene.review(SUPERVISOR, review)
    ref = one_ref(shown)
    good = rated(shown, ref, 2)
    foreign = {**rated(shown, ref, 2), "data": {**good["data"], "criterion": "crisis_plan_currency/invented"}}
    found = refusals(
        scene,
        SUPERVISOR,
        good,
        {**foreign, "subject": "rating:crisis_plan_currency/invented"},
        {**rated(shown, ref, 2), "data": {**good["data"], "rubric_version": "0.9"}},
        rated(shown, ref, code="not_applicable", reason="invented"),
        rated(shown, ref, 4),
        {**rated(shown, ref, 1), "subject": "rating:another/one"},
        event("shouted", review, "rating", {}),
        {**good, "colour": "red"},
        event("rated", "0" * 32, f"rating:{ref}", good["data"]),
    )
    assert found == [
        "event 5 (rated): level: this number is too large",
        "event 6 (rated): Its subject does not belong to what it says",
        "event 7 (shouted): There is no such kind of event",
        "event 8 (rated): the field colour is not known",
        "event 2 (rated): This case is not scored on that criterion",
        'event 3 (rated): This case is scored with version 1.0 of the rubric "Escalation rationale". '
        "Reload the page and rate against that",
        "event 4 (rated): The reason is not one of the listed reasons",
        "event 9 (rated): There is no such review or session here",
    ]
    assert scene.service.journal.entries(review=review, kinds=["rated"]) == []


@pytest.mark.parametrize(
    "kind", ["signed", "signature_voided", "unsealed", "accessed", "purged", "rubrics_frozen", "journal_opened"]
)
def test_what_the_service_alone_writes_cannot_be_handed_in(scene: Scene, kind: str) -> None:
    review = scene.single(SUPERVISOR)
    found = refusals(scene, SUPERVISOR, event(kind, review, "signature:rater", {"role": "rater"}))
    assert found == [f"event 1 ({kind}): This is written by the service alone"]


def test_the_actor_is_who_asks_and_never_what_was_handed_in(scene: Scene) -> None:
    review = scene.single(SUPERVISOR)
    shown = scene.review(SUPERVISOR, review)
    forged = {**rated(shown, one_ref(shown), 2), "actor": scene.key(LEAD)}
    assert refusals(scene, SUPERVISOR, forged) == ["event 1 (rated): the field actor is not known"]
    scene.append(SUPERVISOR, rated(shown, one_ref(shown), 2))
    (entry,) = scene.service.journal.entries(review=review, kinds=["rated"])
    assert entry.actor == scene.key(SUPERVISOR)


def test_an_action_without_owner_or_due_date_is_refused_in_words(scene: Scene) -> None:
    review = scene.single(SUPERVISOR)
    action = stage.new_id()
    data = {
        "action": action,
        "action_kind": "update_crisis_plan",
        "text": "Update the plan",
        "review_date": "2026-11-17",
    }
    found = refusals(scene, SUPERVISOR, event("action_raised", review, f"action:{action}", data))
    assert found == [
        "event 1 (action_raised): An action needs an owner: who will do it?",
        "event 1 (action_raised): An action needs a due date: by when?",
    ]
    whole = {**data, "owner": "Sam", "due": "2026-11-10"}
    scene.append(SUPERVISOR, event("action_raised", review, f"action:{action}", whole))
    (row,) = scene.review(SUPERVISOR, review)["state"]["actions"]
    assert (row["owner"], row["due"], row["review_date"], row["state"]) == ("Sam", "2026-11-10", "2026-11-17", "open")


def test_a_pointer_to_a_day_to_come_and_a_quote_turned_round_are_refused(scene: Scene) -> None:
    shown = scene.review(SUPERVISOR, scene.single(SUPERVISOR))
    future = stage.pointed(shown, one_ref(shown))
    future["data"] = {**future["data"], "note_date": "2026-12-01"}
    turned = stage.pointed(shown, one_ref(shown), "x")
    turned["data"] = {**turned["data"], "start": 9, "end": 3}
    assert refusals(scene, SUPERVISOR, future, turned) == [
        "event 1 (evidence_pointed): The day of a note cannot be still to come",
        "event 2 (evidence_pointed): A quote begins before it ends",
    ]


def test_an_undo_takes_back_ones_own_entry_alone(scene: Scene) -> None:
    review = scene.single(SUPERVISOR)
    shown = scene.review(SUPERVISOR, review)
    ref = one_ref(shown)
    done = rated(shown, ref, 2)
    scene.append(SUPERVISOR, done)
    scene.append(SUPERVISOR, {**rated(shown, ref, None, base=1), "undoes": done["id"]})
    assert scene.review(SUPERVISOR, review)["state"]["criteria"][ref]["level"] is None
    stranger = {**rated(shown, ref, 3, base=2), "undoes": "0" * 32}
    assert refusals(scene, SUPERVISOR, stranger) == [
        "event 1 (rated): An undo takes back an entry of one's own, on the same review"
    ]


# Signatures


def test_sign_change_void_and_sign_again(scene: Scene) -> None:
    review = scene.single(SUPERVISOR)
    scene.rate_all(SUPERVISOR, review)
    signed = scene.sign(SUPERVISOR, review)
    assert signed["receipt"]["status"] == "stored" and signed["next"]
    shown = scene.review(SUPERVISOR, review)
    (signature,) = shown["state"]["signatures"]
    assert (signature["name"], signature["role"], signature["void"]) == (SUPERVISOR, "rater", False)
    assert signature["content"] == shown["content"] and "actor" not in signature
    done = scene.append(SUPERVISOR, stage.commented(shown, one_ref(shown), "One thing more."))
    assert done["content"][review] != signature["content"]
    assert done["voided"] == {
        review: [
            {
                "role": "rater",
                "sentence": "The signature of Ruth Adeyemi no longer stands: What was signed was changed afterwards.",
            }
        ]
    }
    kinds = [entry.kind for entry in scene.service.journal.entries(review=review)][-2:]
    assert kinds == ["commented", "signature_voided"], "in the same transaction"
    shown = scene.review(SUPERVISOR, review)
    assert shown["state"]["signatures"][0]["void"] and shown["sign_as"] == "rater"
    scene.sign(SUPERVISOR, review)
    assert [one["void"] for one in scene.review(SUPERVISOR, review)["state"]["signatures"]] == [True, False]


def test_a_change_that_is_sent_twice_voids_once_and_one_that_changes_nothing_voids_nothing(scene: Scene) -> None:
    review = scene.single(SUPERVISOR)
    scene.rate_all(SUPERVISOR, review)
    scene.sign(SUPERVISOR, review)
    shown = scene.review(SUPERVISOR, review)
    ref = one_ref(shown)
    scene.append(SUPERVISOR, rated(shown, ref, 2), event("time_spent", review, "time", {"seconds": 4}))
    assert scene.review(SUPERVISOR, review)["state"]["signatures"][0]["void"] is False
    change = rated(scene.review(SUPERVISOR, review), ref, 3)
    for _ in range(2):
        scene.append(SUPERVISOR, change)
    assert len(scene.service.journal.entries(review=review, kinds=["signature_voided"])) == 1


def test_a_writer_that_was_quicker_in_another_process_voids_too(scene: Scene) -> None:
    """The change and the signature crossed: nobody saw the other, so the content alone tells that the signature is void."""
    review = scene.single(SUPERVISOR)
    scene.rate_all(SUPERVISOR, review)
    shown = scene.review(SUPERVISOR, review)
    scene.sign(SUPERVISOR, review)
    said = Commented(criterion=one_ref(shown), text="Written at the same moment.")
    draft = Draft(stage.new_id(), scene.key(SUPERVISOR), said, review, f"comment:{one_ref(shown)}", CURRENT)
    scene.service.journal.append([draft], now=scene.now)
    shown = scene.review(SUPERVISOR, review)
    assert shown["state"]["signatures"][0]["void"] and shown["sign_as"] == "rater"
    row = next(row for row in scene.queue(SUPERVISOR)["reviews"] if row["review"] == review)
    assert row["state"] == "ready_to_sign"
    scene.append(SUPERVISOR, rated(shown, one_ref(shown, 1), 3))
    assert len(scene.service.journal.entries(review=review, kinds=["signature_voided"])) == 1, "and it is written down"


def test_a_signature_over_something_else_is_refused(scene: Scene) -> None:
    review = scene.single(SUPERVISOR)
    scene.rate_all(SUPERVISOR, review)
    shown = scene.review(SUPERVISOR, review)
    scene.append(SUPERVISOR, stage.commented(shown, one_ref(shown), "Written in another tab."))
    request = {"id": stage.new_id(), "review": review, "role": "rater", "statement": "x", "content": shown["content"]}
    with pytest.raises(OutOfDate, match="Something was changed after this page was shown") as caught:
        scene.service.sign(scene.key(SUPERVISOR), request, now=scene.now)
    assert caught.value.status == 409


def test_a_signature_names_what_is_missing_and_the_same_request_twice_signs_once(scene: Scene) -> None:
    review = scene.single(SUPERVISOR)
    shown = scene.review(SUPERVISOR, review)
    scene.append(SUPERVISOR, *stage.full_rating(shown)[2:])
    with pytest.raises(EventsRefused) as caught:
        scene.sign(SUPERVISOR, review)
    assert [finding.message for finding in caught.value.findings] == ["Criterion 1, Trigger recognised: not scored yet"]
    scene.append(SUPERVISOR, *stage.full_rating(shown)[:2])
    shown = scene.review(SUPERVISOR, review)
    request = {"id": stage.new_id(), "review": review, "role": "supervisor", "statement": shown["statement"]}
    request["content"] = shown["content"]
    statuses = [
        scene.service.sign(scene.key(SUPERVISOR), request, now=scene.now)["receipt"]["status"] for _ in range(2)
    ]
    assert statuses == ["stored", "known"]


def test_both_sign_and_a_change_voids_both(scene: Scene) -> None:
    review = _of_supervisee(scene)
    scene.rate_all(SUPERVISOR, review)
    with pytest.raises(AccessRefused, match="shown to you once its rater has signed"):
        scene.review(SUPERVISEE, review)
    scene.sign(SUPERVISOR, review)
    shown = scene.review(SUPERVISEE, review)
    assert (shown["as"], shown["sign_as"], shown["read_only"]) == ("supervisee", "supervisee", True)
    assert "I have seen it, not that I agree" in shown["statement"]
    (mine,) = scene.queue(SUPERVISEE)["mine"]
    assert (mine["review"], mine["seen"], mine["reply_state"]) == (review, False, "none")
    scene.sign(SUPERVISEE, review, "supervisee")
    assert scene.queue(SUPERVISEE)["mine"][0]["seen"] is True
    scene.append(SUPERVISEE, event("replied", review, "reply", {"reason": "evidence_missed", "text": "See 9 October."}))
    assert not any(one["void"] for one in scene.review(SUPERVISOR, review)["state"]["signatures"]), (
        "a reply voids nothing"
    )
    changed = scene.review(SUPERVISOR, review)
    done = scene.append(SUPERVISOR, rated(changed, one_ref(changed), 3))
    assert sorted(one["role"] for one in done["voided"][review]) == ["rater", "supervisee"]


def _of_supervisee(scene: Scene) -> str:
    world, key = scene.service.world(), scene.key(SUPERVISEE)
    return next(
        review.id
        for review in world.reviews.values()
        if review.practitioner_key == key and review.stage == "first" and not review.sealed
    )


# Rubric versions


def test_a_version_published_later_does_not_change_a_review_that_was_begun(tmp_path: Path, private_store: Path) -> None:
    folder = tmp_path / "rubrics"
    shutil.copytree(shared_folder("rubrics"), folder)
    scene = make_service(tmp_path, private_store, rubrics=folder)
    begun = scene.single(SUPERVISOR)
    shown = scene.review(SUPERVISOR, begun)
    scene.append(SUPERVISOR, rated(shown, one_ref(shown), 2))
    _publish_next(folder)
    versions = {one["id"]: one["version"] for one in scene.review(SUPERVISOR, begun)["rubrics"]}
    assert set(versions.values()) == {"1.0"}
    rows = scene.queue(SUPERVISOR)["reviews"]
    other = next(row["review"] for row in rows if row["review"] != begun and not row["sealed"])
    versions = {one["id"]: one["version"] for one in scene.review(SUPERVISOR, other)["rubrics"]}
    assert versions["escalation_rationale"] == "1.1" and versions["crisis_plan_currency"] == "1.0"
    again = scene.review(SUPERVISOR, begun)
    newer = scene.review(SUPERVISOR, other)["rubrics"][0]
    wrong = rated(again, one_ref(again), 3)
    wrong["data"] = {**wrong["data"], "rubric_version": newer["version"], "rubric_digest": newer["digest"]}
    assert "This case is scored with version 1.0" in refusals(scene, SUPERVISOR, wrong)[0]
    scene.service.close()


def test_a_file_that_is_spoilt_while_people_score_does_not_stop_them(tmp_path: Path, private_store: Path) -> None:
    folder = tmp_path / "rubrics"
    shutil.copytree(shared_folder("rubrics"), folder)
    scene = make_service(tmp_path, private_store, rubrics=folder)
    review = scene.single(SUPERVISOR)
    shown = scene.review(SUPERVISOR, review)
    scene.append(SUPERVISOR, rated(shown, one_ref(shown), 2))
    kept = (folder / "escalation_rationale-1.0.toml").read_text(encoding="utf-8")
    (folder / "escalation_rationale-1.0.toml").write_text("[rubric", encoding="utf-8")
    people = scene.home / "people.toml"
    seats = people.read_text(encoding="utf-8")
    people.write_text("[[person]]\nid = 7\n", encoding="utf-8")
    assert scene.append(SUPERVISOR, rated(shown, one_ref(shown, 1), 2))["receipts"][0]["status"] == "stored"
    notes = scene.queue(LEAD)["notes"]
    assert any("has 4 faults. What was read before still holds; mend the file." in note for note in notes), notes
    with pytest.raises(PolicyError):
        open_service(scene.home, keyring=Keyring(load_secret()), now=scene.now, rubrics=folder)
    people.write_text(seats, encoding="utf-8")
    (folder / "escalation_rationale-1.0.toml").write_text(kept, encoding="utf-8")
    assert scene.queue(LEAD)["notes"] == []
    scene.service.close()


def test_a_rubric_version_that_is_no_longer_what_it_was_is_said(scene: Scene) -> None:
    review = scene.single(SUPERVISOR)
    world = scene.service.world()
    with pytest.raises(
        StateError, match='scored with the rubric "escalation_rationale" of version 1.0, and that version is not'
    ):
        world.rubrics.find("escalation_rationale", "1.0", "0" * 64)
    assert world.rubrics_of(world.reviews[review], []) == world.rubrics.in_use("adult")


def _publish_next(folder: Path) -> None:
    """Publishes version 1.1 of a rubric, its criteria the same."""
    old = (folder / "escalation_rationale-1.0.toml").read_text(encoding="utf-8")
    names = [line.split('"')[1] for line in old.splitlines() if line.startswith("id = ")][1:]
    lines = "\n".join(f'{name} = "same"' for name in names)
    text = old.replace('version = "1.0"', 'version = "1.1"').replace('status = "published"', 'status = "draft"')
    text = "\n".join(line for line in text.splitlines() if not line.startswith("published = "))
    path = folder / "escalation_rationale-1.1.toml"
    path.write_text(f'{text}\n\n[[map]]\nfrom = "1.0"\n[map.criteria]\n{lines}\n', encoding="utf-8")
    publish(path, folder, date(2026, 11, 3))


# No words of a case


def test_where_no_words_may_be_kept_none_are(tmp_path: Path, private_store: Path) -> None:
    scene = make_service(tmp_path, private_store, policy='copies = "references_only"\n')
    review = scene.single(SUPERVISOR)
    shown = scene.review(SUPERVISOR, review)
    ref = one_ref(shown)
    assert shown["panel"]["notes"] == [] and shown["panel"]["text_kept"] is False
    found = refusals(scene, SUPERVISOR, stage.commented(shown, ref, "Words"), stage.pointed(shown, ref, "Words"))
    assert found == [
        "event 1 (commented): No words of a case are kept here. Write the comment into the case system, and say here where it is",
        "event 2 (evidence_pointed): No words of a case are kept here. Point to the note by its day and kind, without a quote",
    ]
    events = [one for one in stage.full_rating(shown, 2) if one["kind"] != "commented"]
    scene.append(SUPERVISOR, *events)
    with pytest.raises(EventsRefused) as caught:
        scene.sign(SUPERVISOR, review)
    assert "Put the text into the case system" in caught.value.findings[0].message
    paste = {"pasted_on": "2026-11-03", "reference": "Supervision note of 3 November"}
    scene.append(SUPERVISOR, event("pasted_into_record", review, "paste", paste))
    scene.sign(SUPERVISOR, review)
    scene.service.close()


def wordless_events(scene: Scene, review: str, session: str, words: str) -> list[dict[str, Any]]:
    """Returns one event for each place in which a rater or supervisor writes, with these words in it."""
    action, due = new_id(), "2026-11-10"
    about, where = {"action": action}, f"action:{action}"
    raised = {**about, "owner": "Sam", "due": due, "review_date": due}
    kind = {"action_kind": "gp_liaison", "text": words or "Liaise with the GP"}
    elsewhere = words or "Written in the case system"
    covered = {"item": "escalation_use", "covered": True, "note": words}
    return [
        event("parked", review, "parked", {"parked": False, "reason": words}),
        event("referred", review, "referred", {"reason": words}),
        event("deviation_recorded", review, "deviation:manager", {"by": "manager", "guideline": "Policy 4", "text": elsewhere}),
        event("action_raised", review, where, {**raised, **kind}),
        event("action_moved", review, where, {**about, "due": "2026-11-12", "review_date": "2026-11-12", "reason": elsewhere}, 1),
        event("action_closed", review, where, {**about, "outcome": "not_needed", "text": elsewhere}, 2),
        event("agenda_covered", session, "agenda:escalation_use", covered),
        event("prompt_answered", session, "prompt:analysis", {"prompt": "analysis", "skipped": False, "note": words}),
        event("session_closed", session, "session", {"minutes": 30, "note": words}, 1),
    ]  # fmt: skip


def test_no_word_of_a_case_reaches_the_journal_and_work_goes_on_in_choices(tmp_path: Path, private_store: Path) -> None:
    scene = make_service(tmp_path, private_store, policy='copies = "references_only"\n')
    key, session = scene.key(SUPERVISOR), new_id()
    texts = scene.service.me(key)["settings"]["texts"]
    assert "Written in the case system" in texts["action_moved"]["reason"]["choices"]
    supervisee = next(
        one["supervisee"]["key"]
        for one in scene.service.sessions(key, today=scene.today)["pairs"]
        if one["supervisor"]["key"] == key
    )
    opened = {
        "session_kind": "formal_one_to_one",
        "held_on": "2026-11-03",
        "supervisor": key,
        "supervisees": [supervisee],
    }
    scene.append(SUPERVISOR, event("session_opened", session, "session", opened))
    review = scene.single(SUPERVISOR)
    events = wordless_events(scene, review, session, "The zebra crossing was shouting.")
    found = refusals(scene, SUPERVISOR, *events)
    for number in range(1, len(events) + 1):
        assert any(one.startswith(f"event {number} ") and "No words of a case are kept here" in one for one in found)
    scene.append(SUPERVISOR, *wordless_events(scene, review, session, ""))
    stored = b"".join(path.read_bytes() for path in (scene.home / "journal").iterdir())
    assert b"zebra" not in stored and b"Liaise with the GP" in stored
    (action,) = scene.review(SUPERVISOR, review)["state"]["actions"]
    assert (action["owner"], action["due"], action["action_kind"]) == ("Sam", "2026-11-12", "gp_liaison")
    scene.service.close()


# Closed cases, and opening a service


def test_a_replaced_case_takes_no_new_rating_and_can_be_read(scene: Scene) -> None:
    review = scene.single(SUPERVISOR)
    case = scene.service.world().reviews[review]
    scene.append(SUPERVISOR, event("parked", review, "parked", {"parked": True}))
    workflow.replace(
        scene.pack.folder,
        case.case_key,
        reason="SEALED",
        requested_by="Ruth",
        approved_by="Jo",
        keyring=Keyring(load_secret()),
        now=scene.now,
    )
    assert review not in [row["review"] for row in scene.queue(SUPERVISOR)["reviews"]]
    shown = scene.review(SUPERVISOR, review)
    assert shown["read_only"] and "This case was replaced" in shown["read_only_why"]
    (found,) = refusals(scene, SUPERVISOR, rated(shown, one_ref(shown), 2))
    assert found.startswith("event 1 (rated): This case was replaced by the next one of the draw")


def test_a_service_of_one_person_says_that_nobody_rates_a_second_time(tmp_path: Path, private_store: Path) -> None:
    scene = make_service(tmp_path, private_store, people=None, name="Ruth Adeyemi")
    queue = scene.queue(SUPERVISOR)
    assert len(queue["reviews"]) == len(scene.service.world().draws[0].under_review)
    assert not any(row["sealed"] for row in queue["reviews"])
    assert "should be rated a second time, and nobody else may rate" in queue["notes"][0]
    review = queue["reviews"][0]["review"]
    scene.rate_all(SUPERVISOR, review)
    assert scene.sign(SUPERVISOR, review)["receipt"]["status"] == "stored"
    scene.service.close()


def test_a_case_without_any_supervisor_is_said_and_not_lost(tmp_path: Path, private_store: Path) -> None:
    few = '[[person]]\nid = "S-1"\nname = "Ruth Adeyemi"\nrole = ["supervisor", "lead"]\nsupervises = ["P000-0003"]\n'
    scene = make_service(tmp_path, private_store, people=few)
    queue = scene.queue(SUPERVISOR)
    drawn = len(scene.service.world().draws[0].under_review)
    assert len(queue["reviews"]) + len(queue["unassigned"]) == drawn and queue["unassigned"]
    assert {row["sentence"] for row in queue["unassigned"]} == {
        "Nobody in the people file supervises this practitioner."
    }
    assert any("cannot be scored" in note for note in queue["notes"])
    assert all(row["case_label"].startswith("Case ") for row in queue["unassigned"])
    scene.service.close()


def test_opening_a_service_says_what_is_wrong(tmp_path: Path, private_store: Path, scene: Scene) -> None:
    keyring = Keyring(load_secret())
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(StateError, match="There is no draw in that folder"):
        open_service(empty, keyring=keyring, now=scene.now, name="Ruth")
    with pytest.raises(PolicyError, match="Say who scores"):
        open_service(scene.home, keyring=keyring, now=scene.now, people=None, name=" " * 3)
    shutil.rmtree(private_store / "local_ids")
    with pytest.raises(StateError, match="The people file needs the private store"):
        open_service(scene.home, keyring=keyring, now=scene.now)


def test_a_second_rater_sees_the_case_id_where_the_policy_says_so_and_never_a_name(
    tmp_path: Path, private_store: Path
) -> None:
    policy = "[second_rating]\nsees_case_id = true\n"
    scene = make_service(tmp_path, private_store, policy=policy)
    _, (second, review) = scene.double()
    shown = scene.review(second, review)
    assert shown["case_label"].startswith("SR000-") and shown["practitioner_label"].startswith("Practitioner ")
    assert [row["case_label"] for row in scene.queue(second)["reviews"] if row["review"] == review] == [
        shown["case_label"]
    ]
