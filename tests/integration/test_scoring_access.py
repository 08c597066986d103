"""Who sees and writes what: the role matrix, and blindness held to the text of every payload and to the file of the journal."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import scoring_service as stage
from scoring_service import (
    LEAD,
    MODERATOR,
    OTHER_SUPERVISOR,
    SECOND_RATER,
    SUPERVISEE,
    SUPERVISOR,
    Scene,
    event,
    make_service,
    rated,
)

from sampling.errors import SamplingError
from sampling.keys import load_secret
from sampling.scoring.errors import AccessRefused, EventsRefused
from sampling.tickets import digest

EVERYONE = (SUPERVISOR, OTHER_SUPERVISOR, SECOND_RATER, MODERATOR, LEAD, SUPERVISEE)
SAID_BY_FIRST, SAID_BY_SECOND = "Marzipan said by the first rater", "Quicksilver said by the second rater"


@pytest.fixture
def scene(tmp_path: Path, private_store: Path) -> Iterator[Scene]:
    made = make_service(tmp_path, private_store)
    yield made
    made.service.close()


def answers(scene: Scene, name: str) -> str:
    """Returns everything that the service answers to a person, as JSON text: every question there is, refusals with their words."""
    key, service, today = scene.key(name), scene.service, scene.today
    asked: list[Any] = [service.me(key), service.queue(key, today=today), service.follow_up(key, today=today)]
    asked += [service.moderation_list(key, today=today), service.sessions(key, today=today)]
    reviews = service.world().reviews
    calls = [lambda one=one: service.review(key, one, purpose="audit", now=scene.now) for one in reviews]
    calls += [lambda one=one: service.record(key, one, purpose="audit", now=scene.now) for one in reviews]
    calls += [lambda one=one: service.compare(key, one, today=today) for one in reviews]
    calls += [
        lambda one=one: service.moderation(key, one, now=scene.now) for one in {one.case for one in reviews.values()}
    ]
    for call in calls:
        try:
            asked.append(call())
        except SamplingError as error:
            asked.append([error.message, [finding.line() for finding in error.findings]])
    return json.dumps(asked, default=repr)


def score(scene: Scene, name: str, review: str, level: int, words: str) -> None:
    """Scores a whole review at one level, with the same words on every criterion."""
    shown = scene.review(name, review)
    events = stage.full_rating(shown, level)
    events = [one for one in events if one["kind"] != "commented"]
    events += [stage.commented(shown, ref, words) for ref in shown["state"]["criteria"]]
    events.append(event("safety_answered", review, f"safety:{next(iter(shown['state']['criteria']))}", _safety(shown)))
    scene.append(name, *events)


def _safety(shown: dict[str, Any]) -> dict[str, Any]:
    return {"criterion": next(iter(shown["state"]["criteria"])), "answer": "nobody", "note": ""}


# Blindness


def test_neither_rater_learns_anything_of_the_other_before_both_have_signed(scene: Scene) -> None:
    (first, one), (second, other) = scene.double()
    score(scene, first, one, 0, SAID_BY_FIRST)
    score(scene, second, other, 3, SAID_BY_SECOND)
    scene.sign(first, one)
    for name in EVERYONE:
        text = answers(scene, name)
        assert (SAID_BY_FIRST in text) == (name == first), f"{name} is answered the first rater's words"
        assert (SAID_BY_SECOND in text) == (name == second), f"{name} is answered the second rater's words"
    shown = scene.review(second, other, purpose="audit")
    assert {one["level"] for one in shown["state"]["criteria"].values()} == {3}
    assert '"level": 0' not in json.dumps(shown)
    assert next(row["state"] for row in scene.queue(first)["reviews"] if row["review"] == one) == "waiting_second"
    scene.sign(second, other)
    learned = answers(scene, MODERATOR)
    assert SAID_BY_FIRST in learned and SAID_BY_SECOND in learned, "both have signed, so that moderation can begin"
    assert next(row["state"] for row in scene.queue(first)["reviews"] if row["review"] == one) == "differs"


def test_a_supervisee_reads_a_double_rating_only_when_both_have_signed(scene: Scene) -> None:
    world = scene.service.world()
    first, second = next(
        (world.stages(one)["first"], one)
        for one in world.reviews.values()
        if one.stage == "second" and not world.is_closed(one)
    )
    names = world.names
    person = stage.SUPERVISEE
    supervised = first.practitioner_key == scene.key(person)
    scene.rate_all(names[first.rater], first.id, 2)
    scene.sign(names[first.rater], first.id)
    with pytest.raises(AccessRefused):
        scene.review(person, first.id)
    scene.rate_all(names[second.rater], second.id, 2)
    scene.sign(names[second.rater], second.id)
    if supervised:
        assert scene.review(person, first.id)["state"]["criteria"]
    else:
        with pytest.raises(AccessRefused, match="another rater's"):
            scene.review(person, first.id)


def test_the_file_of_the_journal_holds_no_word_and_no_kind_of_a_sealed_rating(scene: Scene) -> None:
    (first, one), _ = scene.double()
    score(scene, first, one, 0, SAID_BY_FIRST)
    scene.service.close()
    path = scene.home / "journal" / "journal.sqlite"
    everything = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert b"Marzipan" not in everything and b"safety_answered" not in everything
    with closing(sqlite3.connect(path)) as store:
        table = next(
            name for (name,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'") if "entr" in name
        )
        kinds = {row[0] for row in store.execute(f"SELECT kind FROM {table} WHERE review = ?", (one,))}
    assert kinds <= {"sealed", "accessed", "rubrics_frozen"}


def test_what_was_rated_blind_stays_once_both_ratings_are_open(scene: Scene) -> None:
    (first, one), (second, other) = scene.double()
    for name, review in ((first, one), (second, other)):
        scene.rate_all(name, review, 2)
        scene.sign(name, review)
    shown = scene.review(first, one)
    assert shown["read_only"] and not shown["sealed"]
    ref = next(iter(shown["state"]["criteria"]))
    with pytest.raises(EventsRefused) as caught:
        scene.append(first, rated(shown, ref, 3))
    assert "what was rated blind stays" in caught.value.findings[0].message
    scene.append(first, event("time_spent", one, "time", {"seconds": 9}))


def test_without_the_leads_key_nothing_is_unsealed_and_the_lead_is_told(scene: Scene, private_store: Path) -> None:
    for key in (private_store / "seals").iterdir():
        key.unlink()
    (first, one), (second, other) = scene.double()
    for name, review, level in ((first, one, 1), (second, other, 3)):
        score(scene, name, review, level, SAID_BY_FIRST)
        scene.sign(name, review)
    assert next(row["state"] for row in scene.queue(first)["reviews"] if row["review"] == one) == "waiting_second"
    assert any("The lead's private key is not on this machine" in note for note in scene.queue(LEAD)["notes"])
    assert SAID_BY_FIRST not in answers(scene, MODERATOR)


def test_who_scores_a_case_again_sees_nothing_of_the_first_time_until_it_is_signed(scene: Scene) -> None:
    review = scene.single(SUPERVISOR)
    score(scene, SUPERVISOR, review, 1, SAID_BY_FIRST)
    scene.sign(SUPERVISOR, review)
    later = scene.later(days=8)
    (again,) = [row for row in later.service.follow_up(later.key(SUPERVISOR), today=later.today)["rescore"]]
    shown = later.review(SUPERVISOR, again["review"])
    text = json.dumps(shown)
    assert SAID_BY_FIRST not in text and '"level": 1' not in text
    assert shown["stage_label"] == "Follow-up 1" and shown["state"]["actions"] == []
    later.append(SUPERVISOR, rated(shown, next(iter(shown["state"]["criteria"])), 2))
    with pytest.raises(AccessRefused, match="You are scoring this case again"):
        later.review(SUPERVISOR, review)
    with pytest.raises(AccessRefused, match="You are scoring this case again"):
        later.service.record(later.key(SUPERVISOR), review, purpose="supervision", now=later.now)
    later.rate_all(SUPERVISOR, again["review"], 3)
    later.sign(SUPERVISOR, again["review"])
    assert SAID_BY_FIRST in json.dumps(later.review(SUPERVISOR, review))


def test_a_follow_up_that_nothing_led_to_cannot_be_opened_or_written(scene: Scene) -> None:
    world = scene.service.world()
    review = scene.single(SUPERVISOR)
    follow_up = world.stages(world.reviews[review])["follow_up-1"].id
    with pytest.raises(AccessRefused, match="There is nothing to score again on this case"):
        scene.review(SUPERVISOR, follow_up)
    shown = scene.review(SUPERVISOR, review)
    forged = {**rated(shown, next(iter(shown["state"]["criteria"])), 2), "review": follow_up}
    with pytest.raises(EventsRefused) as caught:
        scene.append(SUPERVISOR, forged)
    assert "There is nothing to score again" in caught.value.findings[0].message


# The role matrix: who may read a review at each stage of its life. r: may read, -: refused

MATRIX = """
                    own supervisor  other supervisor  second rater  moderator  lead  supervisee
begun                     r                -                -            -       r        -
signed                    r                -                -            -       r        r
referred                  r                -                -            r       r        -
"""


@pytest.mark.parametrize("life", ["begun", "signed", "referred"])
def test_who_may_read_a_single_rating(scene: Scene, life: str) -> None:
    row = next(line for line in MATRIX.splitlines() if line.startswith(life)).split()[1:]
    names = (SUPERVISOR, OTHER_SUPERVISOR, SECOND_RATER, MODERATOR, LEAD, SUPERVISEE)
    review = _of_supervisee(scene)
    scene.rate_all(SUPERVISOR, review)
    if life == "signed":
        scene.sign(SUPERVISOR, review)
    if life == "referred":
        scene.append(SUPERVISOR, event("referred", review, "referred", {"reason": "Two plans"}))
    found = []
    for name in names:
        try:
            scene.review(name, review)
            found.append("r")
        except AccessRefused as refusal:
            assert refusal.message.endswith(".") and refusal.status == 403
            found.append("-")
    assert found == row


def _of_supervisee(scene: Scene) -> str:
    world, key = scene.service.world(), scene.key(SUPERVISEE)
    return next(
        review.id
        for review in world.reviews.values()
        if review.practitioner_key == key and review.stage == "first" and not review.sealed
    )


@pytest.mark.parametrize("name", [OTHER_SUPERVISOR, SECOND_RATER, MODERATOR, LEAD, SUPERVISEE])
def test_nobody_writes_to_anothers_review(scene: Scene, name: str) -> None:
    review = _of_supervisee(scene)
    shown = scene.review(SUPERVISOR, review)
    ref = next(iter(shown["state"]["criteria"]))
    action = stage.new_id()
    raised = {"action": action, "action_kind": "other", "text": "x", "owner": "x", "due": "2026-11-10"}
    pointer = stage.pointed(shown, ref)
    events = [
        rated(shown, ref, 2),
        stage.commented(shown, ref, "x"),
        pointer,
        event("evidence_withdrawn", review, pointer["subject"], {"pointer": pointer["data"]["pointer"]}),
        event("safety_answered", review, f"safety:{ref}", {"criterion": ref, "answer": "nobody"}),
        event("action_raised", review, f"action:{action}", {**raised, "review_date": "2026-11-17"}),
        event("parked", review, "parked", {"parked": True}),
        event("referred", review, "referred", {"reason": "x"}),
        event("deviation_recorded", review, "deviation:manager", {"by": "manager", "guideline": "g", "text": "x"}),
        event("pasted_into_record", review, "paste", {"pasted_on": "2026-11-03", "reference": "x"}),
        event("moderated", review, f"moderation:{ref}", {"criterion": ref, "choice": "other", "level": 1, "reason": "judgement"}),
    ]  # fmt: skip
    for one in events:
        with pytest.raises(EventsRefused):
            scene.append(name, one)
    with pytest.raises(AccessRefused):
        scene.service.sign(
            scene.key(name),
            {"id": stage.new_id(), "review": review, "role": "rater", "content": shown["content"]},
            now=scene.now,
        )
    assert scene.service.journal.entries(review=review, kinds=["rated", "signed", "commented"]) == []


def test_nobody_can_sign_in_anothers_role_or_before_it_is_theirs(scene: Scene) -> None:
    review = _of_supervisee(scene)
    scene.rate_all(SUPERVISOR, review)
    shown = scene.review(SUPERVISOR, review)
    request = {"review": review, "content": shown["content"], "statement": "x"}
    for name, role in ((SUPERVISOR, "supervisee"), (SUPERVISEE, "supervisee"), (LEAD, "rater"), (SUPERVISOR, "boss")):
        with pytest.raises(AccessRefused):
            scene.service.sign(scene.key(name), {**request, "id": stage.new_id(), "role": role}, now=scene.now)


# Labels and purposes


def test_identifiers_are_shown_for_supervision_alone(scene: Scene) -> None:
    review = _of_supervisee(scene)
    scene.rate_all(SUPERVISOR, review)
    scene.sign(SUPERVISOR, review)
    for name, purpose, logged in (
        (SUPERVISOR, "supervision", "supervision"),
        (SUPERVISEE, "supervision", "supervision"),
        (SUPERVISOR, "audit", "audit"),
        (SUPERVISOR, "training", "training"),
        (LEAD, "supervision", "audit"),
    ):
        shown = scene.review(name, review, purpose=purpose)
        assert shown["purpose"] == logged
        identified = logged == "supervision"
        assert shown["case_label"].startswith("SR000-" if identified else "Case "), (name, purpose)
        assert (shown["practitioner_label"] == SUPERVISEE) == identified
        assert ("P000-" in json.dumps(shown)) is False or identified
        assert ("SR000-" in json.dumps(shown["panel"]["timeline"])) is False


def test_a_second_rater_and_a_lead_see_aliases_that_tell_cases_apart(scene: Scene) -> None:
    (_, one), (second, other) = scene.double()
    shown = scene.review(second, other)
    assert shown["purpose"] == "audit" and shown["case_label"].startswith("Case ")
    assert shown["practitioner_label"].startswith("Practitioner ")
    progress = scene.queue(LEAD)["progress"]
    by_review = {row["review"]: row for row in progress}
    assert by_review[one]["case_label"] == by_review[other]["case_label"] == shown["case_label"]
    labels = {row["case_label"] for row in progress}
    assert len(labels) == len({scene.service.world().reviews[row["review"]].case for row in progress})
    assert "SR000-" not in json.dumps(progress)


def test_the_lead_sees_every_state_and_no_sealed_content(scene: Scene) -> None:
    (first, one), (second, other) = scene.double()
    score(scene, first, one, 0, SAID_BY_FIRST)
    scene.sign(first, one)
    score(scene, second, other, 3, SAID_BY_SECOND)
    states = {row["review"]: row["state"] for row in scene.queue(LEAD)["progress"]}
    assert (states[one], states[other]) == ("waiting_second", "in_progress")
    with pytest.raises(AccessRefused, match="rated twice"):
        scene.review(LEAD, one)


def test_who_has_no_seat_is_refused_everything(scene: Scene) -> None:
    stranger = digest("stranger")
    review = scene.single(SUPERVISOR)
    service = scene.service
    for call in (
        lambda: service.me(stranger),
        lambda: service.queue(stranger, today=scene.today),
        lambda: service.review(stranger, review, purpose="audit", now=scene.now),
        lambda: service.append(stranger, [], now=scene.now),
        lambda: service.sign(stranger, {"review": review}, now=scene.now),
        lambda: service.follow_up(stranger, today=scene.today),
        lambda: service.record(stranger, review, purpose="audit", now=scene.now),
    ):
        with pytest.raises(AccessRefused, match="You have no seat here"):
            call()
    assert load_secret().hex() not in answers(scene, LEAD)


def test_at_the_start_a_warning_tells_which_lines_of_the_people_file_lead_nowhere(
    tmp_path: Path, private_store: Path
) -> None:
    text = stage.PEOPLE.replace('"P000-0004"]', '"P000-9999", "team:Atlantis"]')
    scene = make_service(tmp_path, private_store, people=text)
    found = scene.service.warnings()
    line = text.splitlines().index('supervises = ["P000-0003", "P000-9999", "team:Atlantis"]') + 1
    assert (
        f"people.toml, line {line}: of 2 practitioner ids in supervises, 1 match nobody in any draw or record here."
        in found
    )
    assert (
        f"people.toml, line {line}: of 1 team names in supervises, 1 match no team in any draw here. Check the spelling."
        in found
    )
    assert len(found) == 2 and not any(secret in " ".join(found) for secret in ("P000", "Atlantis", "Tom Brook"))
    scene.service.close()
