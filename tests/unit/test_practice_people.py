"""The people file of a practice: whoever holds cases of two teams has one seat, and a file of a person's own is left alone."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

from sampling.batch.practice_people import write_people
from sampling.keys import Keyring, load_secret
from sampling.scoring.settings.draws import load_draw, staff_keys
from sampling.scoring.settings.people import load_people
from tests.scoring_service import make_service


def test_everyone_has_one_seat_whatever_the_teams(tmp_path: Path, private_store: Path) -> None:
    scene = make_service(tmp_path, private_store)
    draw = load_draw(scene.home / "2026-10")
    assert draw is not None
    two = [replace(case, team=f'Team "{number % 2}" \\ é\x01') for number, case in enumerate(draw.cases)]
    both = replace(draw, cases=tuple(two))
    write_people(tmp_path / "people.toml", both)
    people = load_people(tmp_path / "people.toml", staff_keys((both,), Keyring(load_secret())))
    roles = [role for person in people.everyone for role in person.roles]
    assert (roles.count("supervisor"), roles.count("second_rater"), roles.count("moderator"), roles.count("lead")) == (
        2,
        1,
        1,
        1,
    )
    assert roles.count("supervisee") == len({person.key for person in people.everyone if person.has("supervisee")}) >= 2
    assert {team for person in people.everyone for team in person.teams} == {case.team for case in two}
    assert {person.key for person in people.having("supervisee")} <= {case.practitioner_key for case in draw.cases}


def test_a_file_that_is_there_is_left_alone(tmp_path: Path, private_store: Path) -> None:
    scene = make_service(tmp_path, private_store)
    draw = load_draw(scene.home / "2026-10")
    assert draw is not None
    before = (scene.home / "people.toml").read_bytes()
    write_people(scene.home / "people.toml", draw)
    assert (scene.home / "people.toml").read_bytes() == before
    assert tomllib.loads(before.decode())
