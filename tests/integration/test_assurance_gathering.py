"""From real homes to the facts of assurance: keys meet, nothing is counted twice, nothing named comes along."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from sampling.assurance.gathering import gather_assurance
from sampling.assurance.gathering.assurance import NO_EXTRACT
from sampling.assurance.reading import load_profiles
from tests.scoring_service import SUPERVISOR, Scene, make_service

PROFILE = load_profiles()[0]
TODAY = date(2026, 11, 3)


@pytest.fixture
def scene(tmp_path: Path, private_store: Path) -> Scene:
    return make_service(tmp_path, private_store)


def test_a_home_without_an_extract_tells_what_it_can_and_names_the_rest(scene: Scene) -> None:
    found = gather_assurance(scene.home, "", "", today=TODAY, profile=PROFILE)
    assert found.untold[0] == NO_EXTRACT
    assert found.facts.cases == ()
    assert {case.practitioner_key for draw in scene.service.world().draws for case in draw.cases} <= {
        one.key for one in found.facts.persons
    }
    assert found.records is not None and {one.taken for one in found.records} == {date(2026, 11, 1)}
    assert scene.key(SUPERVISOR) in {pair.supervisor for one in found.facts.persons for pair in one.pairs}
