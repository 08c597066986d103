"""Seeded vignettes in a real queue: like any second rating until it is signed, known to its rater from then on, and in no estimate."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from scoring_service import LEAD, MODERATOR, PEOPLE, SECOND_RATER, SUPERVISOR, Scene, event, make_service, rated
from seeded_vignettes import own_vignette

from sampling.policy import shared_folder
from sampling.reporting.gathering import gather
from sampling.rubric.vignettes import check_vignette, load_all, load_vignette, publish, vignettes_home
from sampling.scoring.errors import AccessRefused, EventsRefused
from sampling.scoring.settings.snapshot import snapshots

OWN = ("ms-t-and-the-teapot", "mr-u-and-the-umbrella", "ms-v-and-the-violin")
EVERY = "[second_rating]\nshare = 1.0\nseeded_one_in = {one_in}\n"


def stage(tmp_path: Path, private: Path, *, level: int = 1, policy: str = EVERY.format(one_in=5)) -> Scene:
    """Returns a service in which every case is rated twice, and of whose second ratings one in five is a seeded vignette."""
    home = tmp_path / "draws"
    home.mkdir(exist_ok=True)
    for slug in OWN:
        own_vignette(home, slug, level=level)
    return make_service(tmp_path, private, policy=policy)


def planted(scene: Scene) -> Iterator[tuple[str, str]]:
    """Yields (name of the rater, review) of each case that is one of the test's own vignettes; the program's own are in the pool, too."""
    world = scene.service.world()
    for one in world.planted:
        second = one.reviews[1]
        if one.vignette.slug in OWN:
            yield world.names[second.rater], second.id


@pytest.fixture
def scene(tmp_path: Path, private_store: Path) -> Scene:
    return stage(tmp_path, private_store)


def one_of(scene: Scene) -> tuple[str, str]:
    """Returns (name, review) of the first seeded case."""
    return next(planted(scene))


def shape(value: Any) -> Any:
    """Returns of an answer which fields it has, and of what kind."""
    if isinstance(value, dict):
        return {name: shape(each) for name, each in value.items()}
    return (
        [shape(value[0])]
        if isinstance(value, list) and value
        else type(value).__name__
        if value is not None
        else "none"
    )


def test_about_one_in_so_many_second_ratings_is_seeded_and_nobody_meets_one_twice(scene: Scene) -> None:
    world = scene.service.world()
    real = [one for one in world.reviews.values() if one.stage == "second" and not one.planted and one.rater]
    found = [(world.names[one.reviews[1].rater], one.reviews[1].id) for one in world.planted]
    raters = {one.rater for one in real}
    assert len(real) // 5 - len(raters) <= len(found) <= len(real) // 5 + len(raters) and found
    assert len({(name, world.vignette(world.reviews[review]).id) for name, review in found}) == len(found)
    again = make_service_again(scene)
    assert [one.reviews for one in again.service.world().planted] == [one.reviews for one in world.planted]


def make_service_again(scene: Scene) -> Scene:
    """Returns the same service, opened once more by another process's way."""
    from sampling.keys import Keyring, load_secret
    from sampling.scoring.service import open_service

    service = open_service(scene.home, keyring=Keyring(load_secret()), now=scene.now)
    return Scene(service, scene.home, scene.pack, scene.people, scene.source, scene.now)


def test_until_it_is_signed_it_is_like_any_other_second_rating(scene: Scene) -> None:
    name, review = one_of(scene)
    rows = {row["review"]: row for row in scene.queue(name)["reviews"]}
    real = next(row for row in rows.values() if row["stage"] == "second" and row["review"] != review and row["reasons"])
    assert shape(rows[review]) == shape(real)
    assert (
        re.fullmatch("Case [0-9A-F]{4,}", rows[review]["case_label"])
        and rows[review]["reasons"] == "1 unattended contact"
    )
    shown, other = scene.review(name, review, "audit"), scene.review(name, real["review"], "audit")
    assert shown.keys() == other.keys() and shown["seeded"] is other["seeded"] is None
    assert {key for key in shown if shape(shown[key]) != shape(other[key])} <= {"panel", "state", "next"}
    assert shape(shown["state"]) == shape(other["state"])
    notes = shown["panel"]["notes"]
    assert len(notes) == 1 and notes[0].keys() == other["panel"]["notes"][0].keys()
    assert shown["panel"]["covers_to"] == other["panel"]["covers_to"]
    assert shape(shown["panel"]["timeline"]) == shape(other["panel"]["timeline"])
    said = json.dumps(shown)
    for word in (
        "teapot-1.0",
        "umbrella-1.0",
        "violin-1.0",
        "vignette",
        "planted",
        "invented",
        "seeded vignette",
        "[[",
    ):
        assert word not in said, word
    waiting = {row["case_label"] for row in scene.service.moderation_list(scene.key(name), today=scene.today)["cases"]}
    assert {rows[review]["case_label"], real["case_label"]} <= waiting


def test_its_days_are_those_of_the_draw_and_its_weekdays_are_right(scene: Scene) -> None:
    name, review = one_of(scene)
    panel = scene.review(name, review, "audit")["panel"]
    (note,) = panel["notes"]
    day, covers = date.fromisoformat(note["day"]), date.fromisoformat(panel["covers_to"])
    assert 0 <= (covers - day).days < 10 and day.strftime("%A") == "Tuesday"
    assert f"Home visit on Tuesday {day.day} {day:%B}." in note["text"]
    assert [row["day"] for row in panel["timeline"]] == [str(day.fromordinal(day.toordinal() - 7))]


def test_raters_are_told_beforehand_and_nobody_is_told_which(scene: Scene) -> None:
    name, review = one_of(scene)
    sentence = (
        "Of second ratings about one in 5 is of a seeded vignette: an invented case among the real ones, to see whether thresholds "
        "drift. You are told as soon as you have signed it."
    )
    assert sentence in scene.queue(name)["notes"]
    assert scene.queue(name)["seeded"] is None
    for other in (SUPERVISOR, LEAD, MODERATOR, SECOND_RATER):
        if other == name:
            continue
        assert review not in json.dumps(scene.queue(other))
        listed = scene.service.moderation_list(scene.key(other), today=scene.today)
        assert scene.service.world().case(scene.service.world().reviews[review]).case[:4].upper() not in json.dumps(
            listed
        )
        with pytest.raises(AccessRefused):
            scene.review(other, review, "audit")


def test_at_the_signature_its_rater_is_told_and_the_lead_sees_what_it_showed(scene: Scene) -> None:
    name, review = one_of(scene)
    scene.rate_all(name, review, 3)
    scene.append(
        name,
        *(
            rated(scene.review(name, review), ref, 2)
            for ref in list(scene.review(name, review)["state"]["criteria"])[:4]
        ),
    )
    signed = scene.sign(name, review)
    assert signed["seeded"] == [review]
    shown = scene.review(name, review, "audit")
    count = len(shown["state"]["criteria"])
    assert (
        shown["seeded"]["words"]
        == f"4 of {count} levels are within one of the reference; further off, {count - 4} higher."
    )
    assert (
        shown["seeded"]["criteria"][0]["own"] == "Level\N{NO-BREAK SPACE}2"
        and shown["seeded"]["criteria"][0]["reference"] == "Level\N{NO-BREAK SPACE}1"
    )
    assert shown["seeded"]["criteria"][-1]["verdict"] == "2 levels higher"
    assert "this person does not exist" in shown["seeded"]["because"] and "[[" not in json.dumps(shown["seeded"])
    assert shown["read_only"] and not shown["sign_as"]
    (row,) = scene.queue(name)["seeded"]["rows"]
    assert row["open"] == review and row["words"] == shown["seeded"]["words"] and len(row["off"]) == count - 4
    assert scene.queue(name)["seeded"]["months"] == []
    lead = scene.queue(LEAD)["seeded"]
    assert [(one["rater_label"], one["open"]) for one in lead["rows"]] == [(name, "")]
    assert lead["months"] == [
        {"period": "2026-11", "vignettes": 1, "levels": count, "within": 4, "above": count - 4, "below": 0}
    ]
    others = {MODERATOR, SUPERVISOR} - {name}
    assert all(scene.queue(other)["seeded"] is None for other in others)
    state = next(row for row in scene.queue(name)["reviews"] if row["review"] == review)
    assert state["state"] == "seeded" and state["state_label"] == "Seeded vignette: see how you scored it"


def test_what_was_scored_stays_as_it_was_and_leads_nowhere(scene: Scene) -> None:
    name, review = one_of(scene)
    scene.rate_all(name, review, 1)
    shown = scene.review(name, review)
    action = {
        "action": "b" * 32,
        "action_kind": "update_crisis_plan",
        "criterion": next(iter(shown["state"]["criteria"])),
        "text": "Rewrite it.",
        "owner": shown["choices"]["owners"][0]["label"],
        "due": "2026-11-10",
        "review_date": "2026-11-17",
    }
    scene.append(name, event("action_raised", review, f"action:{'b' * 32}", action))
    assert '"Rewrite it."' in json.dumps(scene.service.follow_up(scene.key(name), today=scene.today))
    drawn = scene.queue(name)["ratio"]["drawn"]
    scene.sign(name, review)
    assert scene.queue(name)["ratio"]["drawn"] == drawn - 1
    again = scene.review(name, review)
    with pytest.raises(EventsRefused) as caught:
        scene.append(name, rated(again, next(iter(again["state"]["criteria"])), 3))
    assert [finding.message for finding in caught.value.findings] == [
        "This was a seeded vignette, an invented case, and you have been told its levels. What you scored stays as it was"
    ]
    with pytest.raises(AccessRefused, match="This was a seeded vignette, an invented case"):
        scene.service.record(scene.key(name), review, purpose="audit", now=scene.now)
    for other in (name, LEAD, SUPERVISOR):
        assert "Rewrite it." not in json.dumps(scene.service.follow_up(scene.key(other), today=scene.today))
    waiting = {row["case_label"] for row in scene.service.moderation_list(scene.key(name), today=scene.today)["cases"]}
    assert again["case_label"] not in waiting


def test_nobody_acts_for_a_person_who_does_not_exist(scene: Scene) -> None:
    name, review = one_of(scene)
    shown = scene.review(name, review)
    critical = next(one["ref"] for rubric in shown["rubrics"] for one in rubric["criteria"] if one["critical"])
    scene.append(name, rated(shown, critical, 0))
    nobody = {"criterion": critical, "answer": "nobody", "note": ""}
    assert scene.append(name, event("safety_answered", review, f"safety:{critical}", nobody))["seeded"] == []
    acting = {"criterion": critical, "answer": "acting_now", "note": ""}
    answer = scene.append(name, event("safety_answered", review, f"safety:{critical}", acting, 1))
    assert answer["seeded"] == [review]
    told = scene.review(name, review)["seeded"]
    assert "If anyone was told, tell them now." in told["because"]
    assert sum(one["own"] == "Not scored" for one in told["criteria"]) == len(told["criteria"]) - 1
    assert {one["verdict"] for one in told["criteria"] if one["own"] == "Not scored"} == {"a level against none"}
    assert told["words"].startswith("1 of 1 level is within one of the reference. On ")


def test_no_moderator_is_asked_about_a_person_who_does_not_exist(scene: Scene) -> None:
    name, review = one_of(scene)
    answer = scene.append(name, event("referred", review, "referred", {"reason": "Two criteria pull apart."}))
    assert answer["seeded"] == [review]
    assert scene.review(name, review)["seeded"]["because"].startswith(
        "You asked the moderator to look at it, so that you are told now"
    )
    assert scene.service.moderation_list(scene.key(MODERATOR), today=scene.today)["referred"] == []


def test_lists_say_of_its_first_rater_what_they_say_of_a_real_case_beside_it(scene: Scene) -> None:
    world = scene.service.world()
    one = next(one for one in world.planted if one.vignette.slug in OWN)
    name, beside = world.names[one.reviews[1].rater], world.reviews[one.beside]
    label = scene.review(name, one.reviews[1].id, "audit")["case_label"]

    def waits() -> str:
        listed = scene.service.moderation_list(scene.key(name), today=scene.today)["cases"]
        return str(next(row["waiting_words"] for row in listed if row["case_label"] == label))

    assert waits() == "Waiting for the signature of the first rater and the second rater."
    scene.rate_all(world.names[beside.rater], beside.id, 2)
    scene.sign(world.names[beside.rater], beside.id)
    assert waits() == "Waiting for the signature of the second rater."


def test_it_is_in_no_estimate(scene: Scene) -> None:
    name, review = one_of(scene)
    scene.rate_all(name, review, 0)
    scene.sign(name, review)
    (first, one), (second, two) = scene.double()
    for rater, each in ((first, one), (second, two)):
        scene.rate_all(rater, each, 2)
        scene.sign(rater, each)
    found = gather(scene.home, scene.service.journal, scene.service.policy, shared_folder("rubrics"), today=scene.today)
    case = scene.service.world().reviews[review].case
    for frame in (found.scores, found.cases, found.actions):
        assert case not in set(frame["case"])
    assert set(found.scores["level"].dropna()) == {2}
    plain = scene.service.journal.as_(None).entries(reviews=[review])
    assert {entry.kind for entry in plain if entry.payload} == {"accessed", "seed_shown", "signed"}


@pytest.mark.parametrize(
    "policy",
    [
        EVERY.format(one_in=0),
        EVERY.format(one_in=5) + "sees_case_id = true\n",
        'copies = "references_only"\n' + EVERY.format(one_in=5),
    ],
    ids=["none", "ids", "no words"],
)
def test_none_is_planted_where_it_would_be_looked_up_in_vain(tmp_path: Path, private_store: Path, policy: str) -> None:
    scene = stage(tmp_path, private_store, policy=policy)
    assert not list(planted(scene))
    assert not any("seeded" in note for note in scene.queue(SUPERVISOR)["notes"])


def test_what_was_begun_stays_when_planting_is_switched_off(scene: Scene) -> None:
    name, review = one_of(scene)
    shown = scene.review(name, review)
    scene.append(name, rated(shown, next(iter(shown["state"]["criteria"])), 2))
    scene.service.close()
    (scene.home / "scoring.toml").write_text(EVERY.format(one_in=0), encoding="utf-8")
    again = make_service_again(scene)
    assert list(planted(again)) == [(name, review)]
    again.service.close()


def test_a_vignette_whose_days_cannot_move_is_refused_with_its_lines(tmp_path: Path) -> None:
    folder = own_vignette(tmp_path)
    (folder / "01-note.txt").write_text(
        "Seen on [[Monday 24 February]].\nPlan of March; back by Easter.\nOn [[31 February]] and [[soon]] she was well.\n",
        encoding="utf-8",
    )
    found = [(one.code, one.text_line, one.message) for one in check_vignette(folder) if one.code == "VIGNETTE_DAY"]
    cannot = "what stands in double square brackets cannot move: "
    assert found == [
        ("VIGNETTE_DAY", 1, cannot + "this day is another day of the week"),
        (
            "VIGNETTE_DAY",
            2,
            "a day, month, year or time of year stands without double square brackets, so that it cannot move",
        ),
        ("VIGNETTE_DAY", 3, cannot + "there is no such day"),
        ("VIGNETTE_DAY", 3, cannot + "it is no day"),
    ]


def test_the_shipped_ones_cover_each_criterion_low_and_high() -> None:
    shipped = load_all(planted=True)
    for setting in ("adult", "children"):
        levels: dict[str, set[bool]] = {}
        for one in shipped:
            assert one.setting != setting or len(one.references) == len({each.ref for each in one.references})
            for each in one.references:
                if one.setting == setting and each.level is not None:
                    levels.setdefault(each.ref, set()).add(each.level >= 2)
        assert levels and sum(low_and_high == {True, False} for low_and_high in levels.values()) >= len(levels) // 2
    for one in shipped:
        for week in (0, 37, 113):
            placed = one.as_of(date.fromordinal(one.record_to.toordinal() + 7 * week + 3))
            assert "[[" not in json.dumps(placed.for_raters()) and placed.record_to.weekday() == one.record_to.weekday()


def test_a_planted_vignette_has_no_rules_of_its_own(tmp_path: Path) -> None:
    folder = own_vignette(tmp_path)
    file = folder / "vignette.toml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("planted = true", 'planted = true\nlocal_rules = ["Ours."]'),
        encoding="utf-8",
    )
    assert "VIGNETTE_PLANTED" in {one.code for one in check_vignette(folder)}


def test_its_panel_reads_as_a_real_case_does(scene: Scene) -> None:
    world = scene.service.world()
    for one in world.planted:
        name, review = world.names[one.reviews[1].rater], one.reviews[1].id
        shown = scene.review(name, review, "audit")
        authors = [note["author"] for note in shown["panel"]["notes"]]
        assert Counter(authors).most_common(1)[0][0] == shown["practitioner_label"]
    (_, _), (name, review) = scene.double()
    real = scene.review(name, review, "audit")["panel"]
    assert real["notes"] and not any(note["ref"] for note in real["notes"])
    assert not any(row["source"] for row in real["timeline"])


def test_a_later_record_moves_none_of_its_days(scene: Scene) -> None:
    name, review = one_of(scene)
    before = scene.review(name, review, "audit")["panel"]
    (first,) = snapshots(scene.pack)
    later = shutil.copytree(first.folder, first.folder.parent / "2026-12-08")
    about = json.loads((later / "about.json").read_text(encoding="ascii"))
    (later / "about.json").write_text(json.dumps({**about, "covers_to": "2026-12-06"}), encoding="ascii")
    after = scene.review(name, review, "audit")["panel"]
    assert after["covers_to"] == "2026-12-06" and after["taken_on"] == "2026-12-08"
    assert (after["notes"], after["timeline"]) == (before["notes"], before["timeline"])


def test_what_a_rater_who_has_left_scored_stays_on_the_leads_list(scene: Scene) -> None:
    name, gone = SECOND_RATER, scene.key(SECOND_RATER)
    review = next(each.id for one in scene.service.world().planted for each in one.reviews if each.rater == gone)
    scene.rate_all(name, review, 3)
    scene.sign(name, review)
    before = scene.queue(LEAD)["seeded"]
    people = [one for one in PEOPLE.split("[[person]]") if one.strip() and name not in one]
    (scene.home / "people.toml").write_text("".join(f"[[person]]{one}" for one in people), encoding="utf-8")
    after = scene.queue(LEAD)["seeded"]
    assert scene.service.trouble == "" and after["months"] == before["months"]
    assert [row["words"] for row in after["rows"]] == [row["words"] for row in before["rows"]]


def test_an_editors_lock_that_leads_nowhere_stops_nobody(scene: Scene) -> None:
    (scene.home / "vignettes" / f"{OWN[0]}-1.0" / ".#01-note.txt").symlink_to("nobody@nowhere")
    assert list(planted(make_service_again(scene))) == list(planted(scene))


def test_a_copy_of_a_shipped_vignette_is_met_once(scene: Scene) -> None:
    shipped = next(one for one in load_all(planted=True) if one.setting == "adult")
    own = scene.home / "vignettes"
    shutil.copytree(vignettes_home() / shipped.id, own / shipped.id)
    publish(load_vignette(own / shipped.id), own, date(2026, 10, 1))
    found = [(one.reviews[1].rater, one.vignette.id) for one in make_service_again(scene).service.world().planted]
    assert len(set(found)) == len(found)
    assert sum(one.id == shipped.id for one in scene.service._pool().vignettes) == 1


def test_a_faulty_vignette_of_the_service_s_own_stops_nobody_from_scoring(scene: Scene) -> None:
    note = next((scene.home / "vignettes").glob("*/01-note.txt"))
    sound = note.read_text(encoding="utf-8")
    note.write_text("Changed after publication.", encoding="utf-8")
    before = list(planted(scene))
    assert before, "while people score, what was read before holds"
    assert "What was read before still holds; mend the file." in scene.service.trouble
    scene.service.close()
    again = make_service_again(scene)
    assert not list(planted(again)) and again.queue(SUPERVISOR)["reviews"]
    sentence = "The service's own seeded vignettes are left out: The vignettes have "
    assert any(one.startswith(sentence) for one in again.queue(LEAD)["notes"])
    note.write_text(sound, encoding="utf-8")
    assert list(planted(again)) == before and not again.service.left_out
    again.service.close()
