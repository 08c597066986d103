"""people.toml is edited while people score: what was begun stays with whoever began it, and stays single or double."""

from __future__ import annotations

from pathlib import Path

import pytest

from sampling.errors import PolicyError
from sampling.scoring.errors import AccessRefused, EventsRefused
from tests.scoring_service import (
    OTHER_SUPERVISOR,
    PEOPLE,
    SECOND_RATER,
    SUPERVISOR,
    Scene,
    event,
    full_rating,
    make_service,
    new_id,
    rated,
)

NEW = "Ada Sharp"
ALONE = PEOPLE.replace('"second_rater"', '"supervisee"').replace(
    '["supervisor"]\nsupervises = ["P000-0003", "P000-0004"]', '"supervisee"'
)
IDS = {SUPERVISOR: "P000-0000", OTHER_SUPERVISOR: "S-2", SECOND_RATER: "S-3"}
EVERYONE_RATES = '\n[[person]]\nid = "S-%d"\nname = "%s"\nrole = "second_rater"\n'


def edit(scene: Scene, text: str) -> None:
    """Writes people.toml anew, and sees to it that the change is noticed, and that the scene knows everyone."""
    (scene.home / "people.toml").write_text(text, encoding="utf-8")
    scene.people = {person.name: person for person in scene.service.people.everyone}


def rater_of(scene: Scene, review: str) -> str:
    return scene.service.world().found(review).rater


def test_a_second_supervisor_does_not_take_a_signed_review_over(tmp_path: Path, private_store: Path) -> None:
    scene = make_service(tmp_path, private_store)
    review = scene.single(OTHER_SUPERVISOR)
    scene.rate_all(OTHER_SUPERVISOR, review)
    scene.sign(OTHER_SUPERVISOR, review)
    tom = scene.key(OTHER_SUPERVISOR)
    # the new supervisor alone names Tom's practitioners: without what the journal says, all would be theirs
    edit(scene, PEOPLE.replace('supervises = ["P000-0003", "P000-0004"]', "supervises = []")
         + f'\n[[person]]\nid = "S-9"\nname = "{NEW}"\nrole = "supervisor"\nsupervises = ["P000-0003", "P000-0004"]\n')  # fmt: skip
    assert rater_of(scene, review) == tom
    assert review in {row["review"] for row in scene.queue(OTHER_SUPERVISOR)["reviews"]}
    assert review not in {row["review"] for row in scene.queue(NEW)["reviews"]}
    with pytest.raises(AccessRefused):
        scene.review(NEW, review)
    world = scene.service.world()
    assert {
        stage.rater for name, stage in world.stages(world.found(review)).items() if name.startswith("follow_up")
    } == {tom}
    untouched = [one for one in world.reviews.values() if one.stage == "first" and one.rater == scene.key(NEW)]
    assert untouched, "what nobody began goes to the new supervisor"


def test_a_half_done_second_rating_stays_with_its_rater(tmp_path: Path, private_store: Path) -> None:
    scene = make_service(tmp_path, private_store)
    _, (name, second) = scene.double()
    shown = scene.review(name, second)
    ref = next(iter(shown["state"]["criteria"]))
    scene.append(name, rated(shown, ref, 3))
    key = scene.key(name)
    for number in range(20, 26):
        edit(
            scene,
            (scene.home / "people.toml").read_text(encoding="utf-8") + EVERYONE_RATES % (number, f"Rater {number}"),
        )
    assert rater_of(scene, second) == key
    assert scene.review(name, second)["state"]["criteria"][ref]["level"] == 3
    scene.rate_all(name, second)
    scene.sign(name, second)


def test_a_signed_single_rating_is_not_sealed_in_retrospect(tmp_path: Path, private_store: Path) -> None:
    scene = make_service(tmp_path, private_store, people=ALONE)
    begun = {row["review"] for row in scene.queue(SUPERVISOR)["reviews"]}
    assert begun and not any(scene.service.world().found(review).sealed for review in begun)
    for review in begun:
        scene.rate_all(SUPERVISOR, review)
        scene.sign(SUPERVISOR, review)
    edit(scene, PEOPLE)
    rows = {row["review"]: row for row in scene.queue(SUPERVISOR)["reviews"]}
    assert {(rows[review]["sealed"], rows[review]["state"]) for review in begun} == {(False, "signed")}
    world = scene.service.world()
    assert not any("second" in world.stages(world.found(review)) for review in begun)


def test_a_double_rating_stays_double_when_its_second_rater_leaves(tmp_path: Path, private_store: Path) -> None:
    scene = make_service(tmp_path, private_store)
    (name, first), (_, second) = scene.double()
    scene.rate_all(name, first)
    scene.sign(name, first)
    edit(
        scene,
        "".join(part for part in PEOPLE.split("\n\n") if SECOND_RATER not in part).replace(
            "[[person]]", "\n\n[[person]]"
        ),
    )
    world = scene.service.world()
    assert world.found(first).sealed and second in world.reviews


def test_an_open_unsigned_review_goes_over_when_its_rater_has_left(tmp_path: Path, private_store: Path) -> None:
    scene = make_service(tmp_path, private_store)
    review = scene.single(OTHER_SUPERVISOR)
    shown = scene.review(OTHER_SUPERVISOR, review)
    ref = next(iter(shown["state"]["criteria"]))
    scene.append(OTHER_SUPERVISOR, rated(shown, ref, 2))
    edit(scene, PEOPLE.replace('id = "S-2"', 'id = "S-9"').replace(OTHER_SUPERVISOR, NEW))
    assert rater_of(scene, review) == scene.key(NEW)
    assert scene.review(NEW, review)["state"]["criteria"][ref]["level"] == 2
    scene.rate_all(NEW, review)
    scene.sign(NEW, review)


def test_a_sealed_review_of_someone_who_has_left_is_told_to_the_lead(tmp_path: Path, private_store: Path) -> None:
    scene = make_service(tmp_path, private_store)
    _, (name, second) = scene.double()
    shown = scene.review(name, second)
    scene.append(name, rated(shown, next(iter(shown["state"]["criteria"])), 3))
    edit(scene, PEOPLE.replace(name, NEW).replace(f'id = "{IDS[name]}"', 'id = "S-33"'))
    notes = " ".join(note for each in scene.service.world().notes.values() for note in each)
    assert (
        "1 sealed review was begun by someone who has no seat any more, and nobody else can read what they wrote."
        in notes
    )


def taken_over(scene: Scene) -> str:
    """Returns a review that Tom began, and Ada took over and signed when Tom had no seat any more."""
    review = scene.single(OTHER_SUPERVISOR)
    shown = scene.review(OTHER_SUPERVISOR, review)
    scene.append(OTHER_SUPERVISOR, rated(shown, next(iter(shown["state"]["criteria"])), 2))
    edit(scene, PEOPLE.replace('id = "S-2"', 'id = "S-9"').replace(OTHER_SUPERVISOR, NEW))
    scene.rate_all(NEW, review)
    scene.sign(NEW, review)
    return review


AND_ADA = f'\n[[person]]\nid = "S-9"\nname = "{NEW}"\nrole = "supervisor"\nsupervises = []\n'


def test_what_was_taken_over_stays_with_whoever_signed_it(tmp_path: Path, private_store: Path) -> None:
    scene = make_service(tmp_path, private_store)
    review = taken_over(scene)
    third = AND_ADA.replace("S-9", "S-10").replace(NEW, "Lee Moss").replace("[]", '["P000-0003", "P000-0004"]')
    edit(scene, PEOPLE.replace('["P000-0003", "P000-0004"]', "[]") + AND_ADA + third)
    assert rater_of(scene, review) == scene.key(NEW)
    assert scene.review(NEW, review)["state"]["signatures"][-1]["name"] == NEW
    edit(scene, PEOPLE + AND_ADA)  # Tom is back
    assert rater_of(scene, review) == scene.key(NEW)
    with pytest.raises(AccessRefused, match="This review is another rater's"):
        scene.review(OTHER_SUPERVISOR, review)


def test_actions_and_follow_ups_of_someone_who_has_left_go_on(tmp_path: Path, private_store: Path) -> None:
    scene = make_service(tmp_path, private_store)
    review, action = scene.single(OTHER_SUPERVISOR), new_id()
    days = {"due": "2026-11-10", "review_date": "2026-11-10"}
    said = {"action": action, "action_kind": "update_crisis_plan", "text": "Update it.", "owner": "The practitioner"}
    scene.rate_all(OTHER_SUPERVISOR, review, 1)
    scene.append(OTHER_SUPERVISOR, event("action_raised", review, f"action:{action}", {**said, **days}))
    scene.sign(OTHER_SUPERVISOR, review)
    edit(scene, PEOPLE.replace('id = "S-2"', 'id = "S-9"').replace(OTHER_SUPERVISOR, NEW))
    later = scene.later(days=8)
    page = later.service.follow_up(later.key(NEW), today=later.today)
    (row,), (again,) = page["overdue"], page["rescore"]
    assert (row["action"], row["may_write"], again["first"]) == (action, True, review)
    seen = {"action": action, "seen_on": "2026-11-10", "reference": "Crisis plan of 10 Nov"}
    later.append(NEW, event("action_seen_in_record", review, f"action:{action}", seen, row["revision"]))
    assert later.review(NEW, review)["read_only"] is True
    with pytest.raises(EventsRefused):
        later.append(NEW, *full_rating(later.review(NEW, review), 3))
    shown = later.review(NEW, again["review"])
    later.append(NEW, rated(shown, next(iter(shown["state"]["criteria"])), 2))
    with pytest.raises(AccessRefused, match="You are scoring this case again"):
        later.review(NEW, review)
    later.rate_all(NEW, again["review"], 2)
    later.sign(NEW, again["review"])
    assert later.service.compare(later.key(NEW), again["review"], today=later.today)["counts"]["improved"] > 0
    for stranger in (SUPERVISOR, SECOND_RATER):
        with pytest.raises(AccessRefused):
            later.review(stranger, review)


def test_who_has_left_has_no_seat_and_keeps_their_name_under_what_they_signed(
    tmp_path: Path, private_store: Path
) -> None:
    scene = make_service(tmp_path, private_store)
    review = scene.single(OTHER_SUPERVISOR)
    scene.rate_all(OTHER_SUPERVISOR, review)
    scene.sign(OTHER_SUPERVISOR, review)
    gone = PEOPLE.replace(f'name = "{OTHER_SUPERVISOR}"', f'name = "{OTHER_SUPERVISOR}"\nleft = 2026-11-30')
    tom = scene.key(OTHER_SUPERVISOR)
    successor = AND_ADA.replace("[]", '["P000-0003", "P000-0004"]')
    edit(scene, gone + successor)
    with pytest.raises(AccessRefused, match="You have no seat here"):
        scene.service.queue(tom, today=scene.today)
    assert OTHER_SUPERVISOR not in scene.people
    assert scene.review(NEW, review)["state"]["signatures"][-1]["name"] == OTHER_SUPERVISOR
    record = scene.service.record(scene.key(NEW), review, purpose="supervision", now=scene.now)
    assert OTHER_SUPERVISOR in dict(record.facts)["Scored by"]


def test_the_day_on_which_someone_left_is_checked_with_the_rest_of_the_file(
    tmp_path: Path, private_store: Path
) -> None:
    alone = PEOPLE.replace('role = "supervisor"', 'role = "supervisor"\nleft = 2026-11-30').replace(
        'role = ["supervisor"]', 'role = ["supervisor"]\nleft = "soon"'
    )
    with pytest.raises(PolicyError, match=r"The people file people.toml has 2 faults\.") as caught:
        make_service(tmp_path, private_store, people=alone)
    assert [finding.message for finding in caught.value.findings] == [
        "nobody has the role supervisor, so that no case could be scored",
        "person 2: left must be a day without quotes, as 2026-05-01",
    ]
