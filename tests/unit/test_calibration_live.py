"""Live calibration without a server: who may do what when, what each page is told, and that nothing is told before the reveal."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import segno

from sampling.calibration.aliases import BIRDS, is_alias, offered
from sampling.calibration.errors import LiveRefused, NotInSession
from sampling.calibration.live import ALPHABET
from sampling.calibration.opening import JOURNAL, open_live
from sampling.calibration.policy import load_calibration_policy
from sampling.calibration.server.limiting import MOST_WAITING, Rate, WrongCodes
from sampling.calibration.server.squares import squares_of
from sampling.errors import PolicyError, StateError
from sampling.evidence.agreement.sentences import STANDING_SENTENCE
from sampling.journal.events import CalibrationAnswered, GroupRecorded
from sampling.journal.records import SEALED, Draft
from sampling.journal.sealing import load_lead_key
from sampling.journal.store import DraftError, Journal, Opener
from sampling.keys import load_secret
from tests.calibration_room import NOW, TRAINER, VIGNETTE, Room, room

OPEN = "This round is not open any more: what you chose last was not stored."


@pytest.fixture
def live(tmp_path: Path, private_store: Path) -> Iterator[Room]:
    with room(tmp_path) as opened:
        yield opened


def refusal(call: Any) -> str:
    with pytest.raises((LiveRefused, NotInSession)) as refused:
        call()
    return refused.value.message


# The way through a session


def test_two_rounds_to_the_finish(live: Room) -> None:
    live.join(6)
    live.step("scoring", 1)
    for place, token in enumerate(live.tokens):
        live.answer(token, 1, (0, 1, 1, 2, 2, 3)[place])
    assert (live.live.wall(live.session)["locked"], live.live.wall(live.session)["active"]) == (6, 6)
    live.step("revealed", 1)
    wall = live.live.wall(live.session)
    first = wall["results"][0]
    assert (first["counts"], first["finding"]) == (
        (1, 2, 2, 1),
        "6 raters: 3 at 2 or above, 3 below. The group splits at the threshold.",
    )
    assert wall["reference"] == [] and wall["changes"] == [] and wall["sentence"] == STANDING_SENTENCE
    live.step("scoring", 2)
    for token in live.tokens:
        live.answer(token, 2, 2)
    live.step("revealed", 2)
    change = live.live.wall(live.session)["changes"][0]
    assert change["table"] == ((0, 0, 1, 0), (0, 0, 2, 0), (0, 0, 2, 0), (0, 0, 1, 0)) and change["raters"] == 6
    assert "partly conformity" in live.live.wall(live.session)["change_note"]
    live.step("reference", 2)
    assert [one["ref"] for one in live.live.wall(live.session)["reference"]] == list(live.refs)
    assert all(one["why"] for one in live.live.wall(live.session)["reference"])
    live.step("finished", 2)
    assert live.journal.verify().ok
    assert live.live.lobby(NOW)["sessions"][0]["step"] == "finished"
    assert live.live.lobby(NOW)["anchors"]["due"] == []
    later = live.live.lobby(NOW + timedelta(days=60))
    assert later["anchors"] == {"until": "2027-03-31", "needed": 2, "due": ["Ms A. and the allotment"], "back": []}
    assert {one["id"]: one["due"] for one in later["vignettes"] if one["due"]} == {VIGNETTE: "2026-11-22"}


STEPS = (
    ((), ("scoring", 1), ""),
    ((), ("revealed", 1), "gone on"),
    ((), ("scoring", 2), "gone on"),
    ((), ("reference", 0), "gone on"),
    ((), ("finished", 1), ""),
    ((("scoring", 1),), ("scoring", 1), "gone on"),
    ((("scoring", 1),), ("revealed", 1), "Nobody has locked an answer yet, so there is nothing to reveal."),
    ((("scoring", 1), "answers", ("revealed", 1)), ("scoring", 1), "gone on"),
    ((("scoring", 1), "answers", ("revealed", 1)), ("revealed", 2), "gone on"),
    ((("scoring", 1), "answers", ("revealed", 1)), ("scoring", 2), ""),
    ((("scoring", 1), "answers", ("revealed", 1)), ("reference", 1), ""),
    ((("scoring", 1), "answers", ("revealed", 1), ("scoring", 2)), ("reference", 2), "gone on"),
    ((("scoring", 1), "answers", ("revealed", 1), ("reference", 1)), ("scoring", 2), "gone on"),
    ((("finished", 1),), ("scoring", 1), "gone on"),
    ((("finished", 1),), ("finished", 1), "gone on"),
    ((), ("nonsense", 1), "gone on"),
)


@pytest.mark.parametrize(("before", "asked", "refused"), STEPS)
def test_each_step_has_its_place(live: Room, before: tuple[Any, ...], asked: tuple[str, int], refused: str) -> None:
    live.join(2)
    for one in before:
        if one == "answers":
            for token in live.tokens:
                live.answer(token, 1, 1)
        else:
            live.step(*one)
    if refused:
        assert refused in refusal(lambda: live.step(*asked))
    else:
        live.step(*asked)


def test_it_reveals_by_itself_once_all_have_locked(tmp_path: Path, private_store: Path) -> None:
    with room(tmp_path, auto_reveal=True) as live:
        one, two = live.join(2)
        live.step("scoring", 1)
        live.answer(one, 1, 1)
        assert live.live.wall(live.session)["step"] == "scoring"
        live.answer(two, 1, 2, locked=False)
        assert live.live.wall(live.session)["step"] == "scoring"
        live.answer(two, 1, 2)
        assert live.live.wall(live.session)["step"] == "revealed"


def test_who_is_taken_out_holds_up_no_reveal_and_counts_nowhere(tmp_path: Path, private_store: Path) -> None:
    with room(tmp_path, auto_reveal=True) as live:
        one, two = live.join(2)
        live.step("scoring", 1)
        live.answer(one, 1, 1)
        gone = next(each for each in live.live.trainer(live.session)["raters"] if not each["locked"])
        live.live.remove(live.session, gone["handle"], NOW)
        assert live.live.wall(live.session)["step"] == "scoring", "nothing is revealed because somebody was taken out"
        assert live.live.wall(live.session)["joined"] == live.live.wall(live.session)["locked"] == 1
        gone_now = live.live.rater(live.session, two)
        assert gone_now["me"]["removed"] is True and gone_now["case"] is None
        assert refusal(lambda: live.live.remove(live.session, gone["handle"], NOW)).startswith("That rater is not in")
        assert refusal(lambda: live.answer(two, 1, 1)) == "The trainer has taken this page out of the session."
        back = live.live.join(live.session, live.live.aliases(live.session)[0], two, agreed=True, now=NOW)
        assert back != two, "whoever was taken out may come back, as somebody else"
        live.answer(back, 1, 2)
        assert live.live.wall(live.session)["step"] == "revealed"
        other = live.live.trainer(live.session)["raters"][0]
        said = refusal(lambda: live.live.remove(live.session, other["handle"], NOW))
        assert (
            said == "Levels were shown already, so nobody can be taken out any more. End this session and open another."
        )


def test_one_rater_alone_reveals_nothing_by_locking(tmp_path: Path, private_store: Path) -> None:
    with room(tmp_path, auto_reveal=True) as live:
        (one,) = live.join()
        live.step("scoring", 1)
        live.answer(one, 1, 1)
        assert live.live.wall(live.session)["step"] == "scoring"


def test_a_folder_has_one_program_and_old_sessions_are_deleted(tmp_path: Path, private_store: Path) -> None:
    first = open_live(tmp_path, now=NOW)
    refs = [one["ref"] for one in first.lobby(NOW)["vignettes"][0]["rubrics"][0]["criteria"]]
    session = first.open(first.lobby(NOW)["vignettes"][0]["id"], refs, auto_reveal=False, now=NOW)
    token = first.join(session, "Wren", "", agreed=True, now=NOW)
    first.step(session, "scoring", 1, NOW)
    first.answer(session, token, 1, [{"criterion": ref, "level": 3} for ref in refs], locked=True, now=NOW)
    with pytest.raises(StateError, match="Another program holds the sessions of this folder"):
        open_live(tmp_path, now=NOW)
    first.close()
    days = load_calibration_policy().keep_days
    for after, left in ((days, 1), (days + 1, 0), (days + 2, 0)):
        again = open_live(tmp_path, now=NOW + timedelta(days=after))
        assert len(again.lobby(NOW)["sessions"]) == left
        again.close()
    with closing(Journal.open(tmp_path / JOURNAL)) as journal:
        assert journal.verify().ok
        assert {one.state for one in journal.entries(review=session)} == {"purged"}


def test_without_the_key_that_reveals_nothing_is_opened(live: Room, private_store: Path) -> None:
    (private_store / "seals" / f"{live.journal.id}.key").unlink()
    elsewhere = live.reopened()
    said = refusal(lambda: elsewhere.open(VIGNETTE, live.refs, auto_reveal=False, now=NOW))
    assert said.startswith("The key that opens sealed answers is not in this computer's private store")


# Sealed until the reveal


def seen_by_others(live: Room) -> str:
    """Returns everything that anybody but the last rater is told."""
    pages = [live.live.wall(live.session), live.live.trainer(live.session), live.live.lobby(NOW)]
    pages += [live.live.rater(live.session, token) for token in live.tokens[:-1]]
    return json.dumps(pages, sort_keys=True)


@pytest.mark.parametrize("number", [1, 2])
def test_no_page_of_others_changes_with_a_level_before_the_reveal(live: Room, number: int) -> None:
    live.join(6)
    live.step("scoring", 1)
    if number == 2:
        for token in live.tokens:
            live.answer(token, 1, 1)
        live.step("revealed", 1)
        live.step("scoring", 2)
    live.answer(live.tokens[-1], number, 0)
    told = seen_by_others(live)
    for level in (1, 2, 3):
        live.answer(live.tokens[-1], number, level)
        assert seen_by_others(live) == told
    words = "Crisis and safety plan: 0"
    given = [{"criterion": ref, "level": 1, "quote": words} for ref in live.refs]
    live.live.answer(live.session, live.tokens[-1], number, given, locked=True, now=NOW)
    assert seen_by_others(live) == told
    live.answer(live.tokens[-1], number, 1, locked=False)
    assert seen_by_others(live) != told, "that somebody unlocked is told"


@pytest.mark.parametrize("number", [1, 2])
def test_a_session_that_ends_without_a_reveal_shows_nobody_s_levels(live: Room, number: int) -> None:
    live.join(6)
    live.step("scoring", 1)
    for token in live.tokens:
        live.answer(token, 1, 1)
    if number == 2:
        live.step("revealed", 1)
        live.step("scoring", 2)
        for token in live.tokens:
            live.answer(token, 2, 3)
    live.step("finished", number)
    for page in (
        live.live.wall(live.session),
        live.live.rater(live.session, live.tokens[0]),
        live.reopened().wall(live.session),
    ):
        assert {one["round"] for one in page["results"]} == set(range(1, number)) and page["changes"] == []
        assert bool(page["reference"]) is (number == 2)
    answers = [one for one in live.journal.as_(None).entries() if one.kind == "calibration_answered"]
    assert len(answers) == 6 * (number - 1), "the keys of the round stay where they are"


def test_in_the_journal_answers_are_sealed_and_the_reveal_opens_them(live: Room, tmp_path: Path) -> None:
    live.join(5)
    live.step("scoring", 1)
    for token in live.tokens:
        live.answer(token, 1, 3)
    path = tmp_path / "calibration.sqlite"
    with sqlite3.connect(path) as connection:
        sealed = connection.execute("SELECT kind, subject, body FROM journal_entry WHERE sealed = 1").fetchall()
    assert len(sealed) == 5
    assert all(kind == SEALED and ":" not in subject and "level" not in body for kind, subject, body in sealed)
    assert "calibration_answered" not in {one.kind for one in live.journal.as_(None).entries()}
    live.step("revealed", 1)
    opened = [one for one in live.journal.as_(None).entries() if one.kind == "calibration_answered"]
    assert len(opened) == 5 and live.journal.verify().ok
    step = next(
        one for one in live.journal.entries() if one.kind == "calibration_stepped" and one.sequence > opened[0].sequence
    )
    assert max(one.sequence for one in opened) < step.sequence


def test_a_reveal_opens_what_was_locked_then_and_nothing_else_and_is_whole_or_not_at_all(
    live: Room, tmp_path: Path
) -> None:
    live.join(7)
    live.step("scoring", 1)
    for token in live.tokens[:6]:
        live.answer(token, 1, 0)
        live.answer(token, 1, 2)
    live.answer(live.tokens[5], 1, 2, locked=False)  # thought better of it
    live.answer(live.tokens[6], 1, 3, locked=False)
    with sqlite3.connect(tmp_path / "calibration.sqlite") as disk:  # one that is full between the keys and the step
        disk.execute(
            "CREATE TRIGGER full BEFORE INSERT ON journal_entry WHEN NEW.kind = 'calibration_stepped' BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
    with pytest.raises(StateError, match="Nothing was stored"):
        live.step("revealed", 1)
    stored = {one.kind for one in live.journal.as_(None).entries()}
    assert stored & {"unsealed", "calibration_answered"} == set() and live.live.wall(live.session)["step"] == "scoring"
    with sqlite3.connect(tmp_path / "calibration.sqlite") as disk:
        disk.execute("DROP TRIGGER full")
    live.step("revealed", 1)
    opened = [one.payload for one in live.journal.as_(None).entries() if isinstance(one.payload, CalibrationAnswered)]
    assert [(one.locked, {each.level for each in one.answers}) for one in opened] == [(True, {2})] * 5
    assert live.live.wall(live.session)["results"][0]["counts"] == (0, 0, 5, 0) and live.journal.verify().ok
    with pytest.raises(DraftError, match="is not among the sealed ones of this review"):
        lead = live.journal.as_(Opener(load_secret(), TRAINER, load_lead_key(live.journal.id)))
        lead.unseal_with(["0" * 32], [Draft("1" * 32, TRAINER, GroupRecorded(), live.session, "group")], now=NOW)
    with pytest.raises(StateError, match="the private lead key is not here"):
        live.journal.unseal_with([], [], now=NOW)


def test_a_process_that_starts_anew_knows_everything(live: Room) -> None:
    live.join(6)
    live.step("scoring", 1)
    for place, token in enumerate(live.tokens[:5]):
        live.answer(token, 1, place % 4)
    live.answer(live.tokens[5], 1, {live.refs[0]: 2}, locked=False)
    live.live.focus(live.session, live.refs[2], NOW)
    live.live.timer(live.session, 90, NOW)
    live.live.joining(live.session, False, NOW)
    entries = live.journal.head()[0]
    live.live.joining(live.session, False, NOW)
    assert live.journal.head()[0] == entries, "what is so already is not stored again"
    again = live.reopened()
    wall = again.wall(live.session)
    assert (wall["focus"], wall["timer_until"], wall["code"]) == (live.refs[2], "2026-11-22T09:31:30Z", "")
    for token in live.tokens:
        assert again.rater(live.session, token) == live.live.rater(live.session, token)
    assert again.trainer(live.session) == live.live.trainer(live.session)
    live.step("revealed", 1)
    assert live.reopened().wall(live.session) == live.live.wall(live.session)
    assert live.reopened().wall(live.session)["timer_until"] == ""


# Joining


def test_who_joins_late_begins_with_round_two_and_sees_nothing_of_round_one(live: Room) -> None:
    live.join(5)
    live.step("scoring", 1)
    for token in live.tokens:
        live.answer(token, 1, 1)
    (in_time,) = live.join()
    assert live.live.rater(live.session, in_time)["me"]["from_round"] == 1
    live.step("revealed", 1)
    (late,) = live.join()
    shown = live.live.rater(live.session, late)
    assert shown["me"]["from_round"] == 2 and shown["results"] == [] and shown["reference"] == []
    assert refusal(lambda: live.answer(late, 1, 1)) == OPEN
    live.step("scoring", 2)
    wall = live.live.wall(live.session)
    assert wall["results"] == [] and live.live.trainer(live.session)["results"], "nor on the wall, while they score"
    key = live.live.trainer(live.session)["wall"]
    assert live.live.by_wall(key) == live.reopened().by_wall(key) == live.session
    assert key not in json.dumps(live.live.rater(live.session, late))
    assert refusal(lambda: live.live.by_wall(live.session)) == "There is no such wall. Open it from the trainer's page."
    for token in (*live.tokens[:5], late):
        live.answer(token, 2, 2)
    live.step("revealed", 2)
    assert {one["round"] for one in live.live.rater(live.session, late)["results"]} == {2}
    assert live.live.rater(live.session, late)["changes"] == []
    assert {one["round"] for one in live.live.rater(live.session, live.tokens[0])["results"]} == {1, 2}


def test_joining_needs_the_code_a_free_alias_and_consent(live: Room) -> None:
    code = live.live.wall(live.session)["code"]
    assert len(code) == 6 and set(code) <= set(ALPHABET)
    assert live.live.by_code(f" {code[:3].lower()} {code[3:]} ", NOW) == live.session
    assert refusal(lambda: live.live.by_code("222222" if code != "222222" else "333333", NOW)).startswith(
        "No session is open under that code."
    )
    assert refusal(lambda: live.live.by_code("é" * 6, NOW)).startswith("No session is open under that code.")
    alias = live.live.aliases(live.session)[0]

    def join(alias: str, *, agreed: bool = True) -> str:
        return live.live.join(live.session, alias, "", agreed=agreed, now=live.now)

    assert (
        refusal(lambda: join(alias, agreed=False))
        == "To take part, agree to what is kept. Without that nothing is stored."
    )
    token = join(alias)
    taken = "That alias is taken. Choose another one."
    for wrong in (alias, "Wren ", "Wren 1", "Wren 007", "Jane Smith", "<b>Wren</b>", "", "Wren x", "Wren 1234"):
        assert refusal(lambda wrong=wrong: join(wrong)) == taken  # type: ignore[misc]
    assert live.live.join(live.session, "Wren", token, agreed=True, now=NOW) == token, (
        "the same browser is the same rater"
    )
    made = "5" * 64
    names = live.live.aliases(live.session)
    for name in names[:2]:  # the answer was lost, and the page joins again
        assert live.live.join(live.session, name, "", agreed=True, now=NOW, made=made) == made
    assert sorted(one["alias"] for one in live.live.trainer(live.session)["raters"]) == sorted([alias, names[0]])
    live.live.joining(live.session, False, NOW)
    assert refusal(lambda: join("Wren")) == "Nobody else may join this session. Ask the trainer."
    assert live.live.wall(live.session)["code"] == ""


def test_a_session_that_is_over_takes_nobody_and_nothing(live: Room) -> None:
    (token,) = live.join()
    live.step("scoring", 1)
    live.answer(token, 1, 2)
    code = live.live.wall(live.session)["code"]
    live.now = NOW + timedelta(hours=live.live.policy.open_hours)
    assert refusal(lambda: live.answer(token, 1, 1)) == OPEN
    assert refusal(lambda: live.live.by_code(code, live.now)).startswith("No session is open")
    assert (
        refusal(lambda: live.live.join(live.session, "Wren", "", agreed=True, now=live.now)) == "This session is over."
    )
    assert live.live.lobby(live.now)["sessions"][0]["open"] is False
    assert (live.live.is_over(live.session, NOW), live.live.is_busy(NOW)) == (False, True)
    assert (live.live.is_over(live.session, live.now), live.live.is_busy(live.now)) == (True, False)
    live.step("revealed", 1)
    assert refusal(lambda: live.step("scoring", 2)).startswith(
        "The time of this session is over, so no round can begin."
    )


def test_a_session_takes_no_more_raters_than_the_policy_says(tmp_path: Path, private_store: Path) -> None:
    with room(tmp_path) as live:
        live.live.policy = type(live.live.policy)(**{**vars(live.live.policy), "most_raters": 2})
        live.join(2)
        assert refusal(live.join) == "This session has as many raters as it can take. Ask the trainer."
        live.live.remove(live.session, live.live.trainer(live.session)["raters"][0]["handle"], NOW)
        live.join()


# Answers


def test_what_a_hostile_page_hands_in_is_refused_in_words(live: Room) -> None:
    (token,) = live.join()
    assert refusal(lambda: live.answer(token, 1, 1)) == OPEN
    live.step("scoring", 1)
    ref = live.refs[0]

    def hand_in(*given: Any, locked: bool = False, token: str = token, number: int = 1) -> str:
        return refusal(lambda: live.live.answer(live.session, token, number, list(given), locked=locked, now=NOW))

    assert hand_in({"criterion": ref, "level": 4}) == "An answer could not be read: level: this number is too large."
    assert hand_in({"criterion": ref}).endswith("an answer is a level or a code.")
    assert hand_in({"criterion": ref, "level": 1, "code": "not_applicable"}).endswith("an answer is a level or a code.")
    assert hand_in({"criterion": ref, "level": True}).startswith("An answer could not be read: level: ")
    assert hand_in({"criterion": ref, "level": 1, "rater": "x"}).endswith("rater: this field is not known.")
    assert hand_in("x").startswith("An answer could not be read")
    twice = "An answer belongs to no criterion of this session, or to one that has an answer already."
    assert hand_in({"criterion": ref, "level": 1}, {"criterion": ref, "level": 2}) == twice
    assert hand_in({"criterion": "escalation_rationale/trigger_recognised", "level": 1}) == twice
    assert hand_in({"criterion": ref, "level": 1}, locked=True) == "Score every criterion before you lock your answers."
    quote = "A quote must stand in the case as it is: mark it there."
    assert hand_in({"criterion": ref, "level": 1, "quote": "My colleague is lazy"}) == quote
    assert hand_in({"criterion": ref, "level": 1}, number=2) == OPEN
    stranger = "This page is not in the session. Join with the code on the wall."
    assert hand_in({"criterion": ref, "level": 1}, token="stolen") == stranger
    assert hand_in({"criterion": ref, "level": 1}, token="") == stranger
    assert live.live.wall(live.session)["locked"] == 0 and live.journal.verify().ok


def test_one_rater_counts_once_however_often_they_lock(live: Room) -> None:
    live.join(5)
    live.step("scoring", 1)
    for token in live.tokens:
        for level in (0, 1, 3):
            live.answer(token, 1, level)
    live.step("revealed", 1)
    assert live.live.wall(live.session)["results"][0]["counts"] == (0, 0, 0, 5)
    assert refusal(lambda: live.answer(live.tokens[0], 1, 0)) == OPEN


def test_an_answer_that_was_overtaken_on_its_way_is_not_stored(live: Room) -> None:
    (token,) = live.join()
    live.step("scoring", 1)

    def send(level: int, turn: int) -> tuple[bool, int]:
        given = [{"criterion": ref, "level": level} for ref in live.refs]
        return live.live.answer(live.session, token, 1, given, locked=True, now=NOW, turn=turn)

    assert [send(1, 2), send(0, 1), send(3, 2), send(1, 2)] == [(True, 2), (False, 2), (False, 2), (True, 2)]
    own = live.reopened().rater(live.session, token)["me"]["rounds"]["1"]
    assert (own["turn"], own["answers"][live.refs[0]]["level"]) == (2, 1)
    assert [send(3, 3), send(2, 0), send(0, 3)] == [(True, 3), (True, 4), (False, 4)]
    live.live.policy = type(live.live.policy)(**{**vars(live.live.policy), "answers_a_round": 4})
    assert send(1, 5) == (True, 5)
    said = "This page has stored as many answers as one takes in a round. What it stored before stands."
    assert refusal(lambda: send(2, 6)) == said


def test_what_was_not_locked_does_not_count(live: Room) -> None:
    live.join(6)
    live.step("scoring", 1)
    for token in live.tokens[:5]:
        live.answer(token, 1, 2)
    live.answer(live.tokens[5], 1, 0, locked=False)
    live.step("revealed", 1)
    assert live.live.wall(live.session)["results"][0]["counts"] == (0, 0, 5, 0)


@pytest.mark.parametrize(
    ("levels", "said", "range_"),
    [
        ((2,), "1 rater gave a level: too few to show more.", (None, None)),
        ((0, 3), "2 raters gave a level: too few to show more.", (None, None)),
        ((0, 1, 3), "3 raters gave a level, from level 0 to 3: too few to show more.", (0, 3)),
        ((2, 2, 2, 2), "4 raters gave a level, all at level 2: too few to show more.", (2, 2)),
    ],
)
def test_fewer_than_five_are_a_count_and_a_range(
    live: Room, levels: tuple[int, ...], said: str, range_: tuple[int | None, int | None]
) -> None:
    live.join(len(levels))
    live.step("scoring", 1)
    given = [{"criterion": ref, "level": 0, "quote": "Crisis and safety plan: 0"} for ref in live.refs]
    for token, level in zip(live.tokens, levels, strict=True):
        given = [{**one, "level": level} for one in given]
        live.live.answer(live.session, token, 1, given, locked=True, now=NOW)
    live.step("revealed", 1)
    shown = live.live.wall(live.session)["results"][0]
    assert (shown["counts"], shown["codes"], shown["quotes"]) == (None, None, ())
    assert (shown["finding"], (shown["low"], shown["high"])) == (said, range_)


# What the group writes down


def test_the_record_is_kept_whole_and_two_pages_do_not_overwrite_each_other(live: Room) -> None:
    action = {
        "action": "1" * 32,
        "text": "Put the plan's review date in the template",
        "owner": "Team lead",
        "due": "2026-12-22",
    }
    first = live.live.write(live.session, "group_recorded", {"concern": "Name the harm.", "actions": [action]}, 0, NOW)
    shown = live.live.trainer(live.session)
    assert first == shown["record_revision"] == 1 and shown["record"]["actions"][0]["due"] == "2026-12-22"
    stale = refusal(lambda: live.live.write(live.session, "group_recorded", {"concern": "Other"}, 0, NOW))
    assert stale == "Another page has changed the record meanwhile. Reload this one; what you wrote is still in it."
    assert live.live.write(live.session, "group_recorded", {"concern": "Both."}, 1, NOW) == 2
    proposal = {"proposal": "2" * 32, "criterion": live.refs[0], "level": 1, "text": "Says who is called first."}
    live.live.write(live.session, "anchor_proposed", proposal, 0, NOW)
    assert live.live.trainer(live.session)["proposals"] == [proposal]
    elsewhere = {**proposal, "criterion": "escalation_rationale/trigger_recognised"}
    assert refusal(lambda: live.live.write(live.session, "anchor_proposed", elsewhere, 0, NOW)).startswith(
        "That criterion"
    )
    assert refusal(lambda: live.live.write(live.session, "purged", {}, 0, NOW)) == "That cannot be written down here."
    assert live.reopened().trainer(live.session) == live.live.trainer(live.session)


def test_what_cannot_be_opened_is_refused(live: Room) -> None:
    other = "escalation_rationale/trigger_recognised"
    choose = "Choose one or more criteria of one rubric that this vignette is for."
    for refs in ((), (other,), (live.refs[0], other), ("crisis_plan_currency/none",)):
        assert refusal(lambda refs=refs: live.live.open(VIGNETTE, refs, auto_reveal=False, now=NOW)) == choose
    assert refusal(lambda: live.live.open("none-1.0", live.refs, auto_reveal=False, now=NOW)).startswith(
        "There is no such"
    )
    assert refusal(lambda: live.live.wall("0" * 32)) == "There is no such session."
    assert refusal(lambda: live.live.focus(live.session, other, NOW)) == "That criterion is not part of this session."


# What one may ask for in a time


def test_wrong_codes_wait_their_turn_and_a_right_one_gets_through() -> None:
    seconds = [0.0]

    gate = asyncio.Event()
    gate.set()

    async def pause(wait: float) -> None:
        await gate.wait()
        seconds[0] += wait

    codes = WrongCodes(20, lambda: seconds[0], pause)

    async def scene() -> None:
        for _ in range(100):  # a script, one after the other
            assert await codes.turn("router")
        assert seconds[0] == 4.0
        assert await codes.turn("router")  # and somebody of the room
        codes.right("router")
        assert seconds[0] == 5.0
        for _ in range(500):  # right codes hold nobody up
            assert await codes.turn("router")
            codes.right("router")
        assert seconds[0] == 5.0
        seconds[0] = 60.0
        gate.clear()
        asked = [asyncio.create_task(codes.turn("router")) for _ in range(20 + MOST_WAITING + 10)]
        await asyncio.sleep(0)
        assert [one.result() for one in asked if one.done()] == [True] * 20 + [False] * 10, (
            "counted before they are looked up"
        )
        gate.set()
        assert all(await asyncio.gather(*asked[20:-10])) and seconds[0] >= 62.0
        for number in range(60):
            assert await codes.turn(f"address {number}")
        assert seconds[0] >= 63.0, "many addresses together wait too"

    asyncio.run(scene())


def test_a_room_that_types_the_right_code_at_once_waits_for_nobody() -> None:
    codes = WrongCodes(20, time.monotonic)

    async def one() -> None:
        assert await codes.turn("router")
        await asyncio.sleep(0)  # as it is looked up
        codes.right("router")

    async def room() -> None:
        await asyncio.gather(*(one() for _ in range(200)))

    began = time.monotonic()
    asyncio.run(room())
    assert time.monotonic() - began < 0.9, "each that was right makes room at once, and not a second later"


def test_a_rate_forgets_whoever_is_quiet() -> None:
    seconds = [0.0]
    rate = Rate(2, 60.0, lambda: seconds[0])
    assert [rate.take("one") for _ in range(3)] == [True, True, False]
    assert rate.take("other") and rate.wait("one") == 60.0
    rate.give_back("one")
    assert rate.take("one")
    seconds[0] = 60.0
    assert rate.take("one")
    for number in range(6_000):
        seconds[0] += 1.0
        assert rate.take(str(number))
    assert len(rate._at) < 5_100


# The wall's QR code


def test_the_squares_of_the_wall_are_those_of_the_address() -> None:
    address = "http://192.168.1.20:8870/#ABC234"
    found = squares_of(address)
    dark = {
        (x, int(y))
        for left, y, wide in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", found.path)
        for x in range(int(left), int(left) + int(wide))
    }
    matrix = list(segno.make_qr(address, error="m").matrix_iter(border=4))
    assert dark == {(x, y) for y, row in enumerate(matrix) for x, one in enumerate(row) if one}
    assert found.size == len(matrix) and found.path.count("M") == found.path.count("z")


# Constants


def test_aliases_are_birds_that_nobody_has() -> None:
    assert len(set(BIRDS)) == len(BIRDS) > 90 and all(is_alias(bird) for bird in BIRDS)
    assert offered(BIRDS, 0)[0] == "Avocet 2" and is_alias("Avocet 2")
    everything = [name for number in ("", " 2") for name in (bird + number for bird in BIRDS)]
    assert offered(everything, 7)[0].endswith(" 3")
    assert len(set(offered(BIRDS[:-1], 3))) == 3


def test_a_faulty_policy_is_told_with_every_fault(tmp_path: Path) -> None:
    assert load_calibration_policy().least == 5
    path = tmp_path / "calibration.toml"
    path.write_text("least = 1\nrounds = true\nsurprise = 1\n", encoding="utf-8")
    with pytest.raises(PolicyError) as refused:
        load_calibration_policy(path)
    assert refused.value.message == "The calibration policy calibration.toml has 3 faults."
    assert [one.message.partition(";")[0] for one in refused.value.findings] == [
        'unknown key "surprise"',
        "least must be a whole number from 2 to 100",
        "rounds must be a whole number from 1 to 2",
    ]
    path.write_text("least = ", encoding="utf-8")
    with pytest.raises(PolicyError, match="is not valid TOML"):
        load_calibration_policy(path)
    with pytest.raises(PolicyError, match="cannot be read"):
        load_calibration_policy(tmp_path / "none.toml")
