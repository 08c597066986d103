"""What a purge took is said on every page that showed it, with the day; no page fails, and nothing can be written over it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from sampling.errors import StateError
from sampling.journal.purging import KEPT
from sampling.policy import shared_folder
from sampling.reporting.gathering import gather
from sampling.scoring.errors import AccessRefused, EventsRefused, NotFound
from sampling.scoring.record.text import plain_text
from sampling.scoring.settings.policy import load_scoring_policy
from tests.scoring_service import (
    LEAD,
    MODERATOR,
    SUPERVISEE,
    SUPERVISOR,
    Scene,
    commented,
    event,
    full_rating,
    make_service,
    rated,
)

GONE = datetime(2032, 6, 1, 9, tzinfo=UTC)
SENTENCE = "Deleted under the retention rule on 1 June 2032."
SESSION = "5" * 32


def purged(scene: Scene, *reviews: str, kinds: tuple[str, ...] = ()) -> Scene:
    """Takes the content of these reviews away, or of these kinds of their entries, and returns the stage a day later."""
    entries = [one for one in scene.service.journal.entries(reviews=list(reviews)) if one.kind not in KEPT]
    taken = [one.id for one in entries if not kinds or one.kind in kinds]
    scene.service.journal.purge(taken, "rule", scene.key(LEAD), GONE)
    return Scene(scene.service, scene.home, scene.pack, scene.people, scene.source, datetime(2032, 6, 2, 9, tzinfo=UTC))


def all_pages(scene: Scene) -> None:
    """Asks for every list of everyone: none may fail."""
    for name in scene.people:
        scene.queue(name)
        for page in (scene.service.follow_up, scene.service.moderation_list, scene.service.sessions):
            page(scene.key(name), today=scene.today)


@pytest.fixture
def scene(tmp_path: Path, private_store: Path) -> Scene:
    """A service that is open to be scored."""
    return make_service(tmp_path, private_store)


def test_a_signed_review_whose_words_are_gone(scene: Scene) -> None:
    review = scene.single(SUPERVISOR)
    scene.rate_all(SUPERVISOR, review)
    scene.sign(SUPERVISOR, review)
    later = purged(scene, review)
    all_pages(later)
    shown = later.review(SUPERVISOR, review)
    assert shown["read_only"] and shown["read_only_why"] == SENTENCE and shown["sign_as"] == ""
    assert all(one["level"] is None and one["comment"] == "" for one in shown["state"]["criteria"].values())
    [row] = [row for row in later.queue(SUPERVISOR)["reviews"] if row["review"] == review]
    assert (row["state"], row["state_label"]) == ("deleted", SENTENCE)
    with pytest.raises(EventsRefused) as caught:
        later.append(SUPERVISOR, *full_rating(shown)[:1])
    assert SENTENCE.removesuffix(".") in caught.value.findings[0].message
    assert later.review(LEAD, review, "audit")["read_only_why"] == SENTENCE
    record = later.service.record(later.key(SUPERVISOR), review, purpose="supervision", now=later.now)
    assert SENTENCE in plain_text(record)


def test_a_supervisee_is_told_why_their_review_is_not_shown_any_more(scene: Scene) -> None:
    world = scene.service.world()
    key = scene.key(SUPERVISEE)
    of_them = [
        one for one in world.reviews.values() if one.practitioner_key == key and one.stage == "first" and not one.sealed
    ]
    review, rater = of_them[0].id, world.names[of_them[0].rater]
    scene.rate_all(rater, review)
    scene.sign(rater, review)
    assert scene.review(SUPERVISEE, review)["as"] == "supervisee"
    with pytest.raises(AccessRefused, match=SENTENCE):
        purged(scene, review).review(SUPERVISEE, review)


def test_comments_alone_may_go_and_the_levels_and_the_signature_stay(scene: Scene) -> None:
    review = scene.single(SUPERVISOR)
    shown = scene.review(SUPERVISOR, review)
    first = next(iter(shown["state"]["criteria"]))
    scene.rate_all(SUPERVISOR, review)
    scene.append(SUPERVISOR, commented(scene.review(SUPERVISOR, review), first, "x"))
    scene.sign(SUPERVISOR, review)
    later = purged(scene, review, kinds=("commented",))
    all_pages(later)
    shown = later.review(SUPERVISOR, review)
    assert shown["read_only_why"] == SENTENCE and shown["state"]["criteria"][first]["level"] == 2
    assert [one["void"] for one in shown["state"]["signatures"]] == [False]


def test_a_double_rating_that_was_unsealed(scene: Scene) -> None:
    (one, first), (two, second) = scene.double()
    for name, review in ((one, first), (two, second)):
        scene.rate_all(name, review, 2 if review == first else 1)
        scene.sign(name, review)
    later = purged(scene, first, second)
    all_pages(later)
    assert later.review(one, first)["read_only_why"] == SENTENCE
    assert later.review(two, second, "audit")["read_only_why"] == SENTENCE


def test_a_session_that_is_gone_says_so_to_those_who_were_there(scene: Scene) -> None:
    about = {"session_kind": "formal_one_to_one", "held_on": "2026-11-02", "supervisor": scene.key(SUPERVISOR)}
    scene.append(
        SUPERVISOR, event("session_opened", SESSION, "session", {**about, "supervisees": [scene.key(SUPERVISEE)]})
    )
    later = purged(scene, SESSION)
    all_pages(later)
    for name in (SUPERVISOR, LEAD):
        with pytest.raises(NotFound, match=SENTENCE):
            later.service.session(later.key(name), SESSION, now=later.now)
    with pytest.raises(NotFound, match="There is no such session here."):
        later.service.session(later.key(MODERATOR), SESSION, now=later.now)


def test_an_entry_of_access_that_is_gone_closes_nothing(scene: Scene) -> None:
    review = scene.single(SUPERVISOR)
    scene.review(SUPERVISOR, review)
    later = purged(scene, review, kinds=("accessed",))
    shown = later.review(SUPERVISOR, review)
    assert not shown["read_only"]
    later.append(SUPERVISOR, rated(shown, next(iter(shown["state"]["criteria"])), 1))


def test_a_report_does_not_take_what_was_deleted_for_never_scored(scene: Scene) -> None:
    review = scene.single(SUPERVISOR)
    scene.rate_all(SUPERVISOR, review)
    scene.sign(SUPERVISOR, review)
    asked = (scene.home, scene.service.journal, load_scoring_policy(), shared_folder("rubrics"))
    assert (gather(*asked, today=scene.today).cases["state"] == "signed").sum() == 1
    purged(scene, review)
    with pytest.raises(StateError, match="What was scored in every draw here was deleted under the retention rule"):
        gather(*asked, today=scene.today)
