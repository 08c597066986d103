"""From real homes to the facts of assurance: keys meet, nothing is counted twice, nothing named comes along."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from sampling.assurance.action_log import action_log
from sampling.assurance.action_matching import load_matches
from sampling.assurance.action_record import reconcile
from sampling.assurance.coverage import coverage
from sampling.assurance.coverage_counts import window_of
from sampling.assurance.gathering import GatheredAssurance, gather_assurance
from sampling.assurance.gathering.assurance import NO_EXTRACT
from sampling.assurance.gathering.source import STRANGER
from sampling.assurance.patterns import find_patterns
from sampling.assurance.patterns_policy import load_patterns
from sampling.assurance.profile import strictest
from sampling.assurance.reading import load_profiles
from sampling.errors import SourceError
from sampling.keys import SECRET_VARIABLE, Keyring, load_secret
from sampling.tickets import digest
from tests.scoring_service import SUPERVISOR, Scene, make_service

PROFILE = strictest(load_profiles())
TODAY = date(2026, 11, 3)


@pytest.fixture
def scene(tmp_path: Path, private_store: Path) -> Scene:
    return make_service(tmp_path, private_store)


def found(scene: Scene, source: str | Path = "", **more: object) -> GatheredAssurance:
    return gather_assurance(scene.home, "", str(source), **{"today": TODAY, "profile": PROFILE, **more})  # type: ignore[arg-type]


def test_a_home_without_an_extract_tells_what_it_can_and_names_the_rest(scene: Scene) -> None:
    given = found(scene)
    assert given.untold[0] == NO_EXTRACT
    assert given.facts.cases == ()
    drawn = {case.practitioner_key for draw in scene.service.world().draws for case in draw.cases}
    assert drawn <= {one.key for one in given.facts.persons}
    assert given.records is not None and {one.taken for one in given.records} == {date(2026, 11, 1)}
    assert scene.key(SUPERVISOR) in {pair.supervisor for one in given.facts.persons for pair in one.pairs}


def test_the_extract_has_the_keys_that_the_draws_have(scene: Scene) -> None:
    given = found(scene, scene.source)
    keyring = Keyring(load_secret())
    tables = {name: pd.read_csv(scene.source / f"{name}.csv", dtype=str) for name in ("practitioners", "cases")}
    keys = {keyring.key("practitioner", "canonical", one) for one in tables["practitioners"]["practitioner_id"]}
    assert {one.key for one in given.facts.persons} <= keys | {scene.key("Tom Brook")}
    cases = {one.key: one for one in given.facts.cases}
    for draw in scene.service.world().draws:
        for case in draw.under_review:
            holder = cases[case.case_key].holder_on(draw.as_of)
            assert holder is not None and holder.person == case.practitioner_key
    assert {digest(key) for key in keys} >= set(given.gathered.cases["practitioner"])
    assert given.facts.teams


def test_the_whole_chain_runs_on_a_real_home(scene: Scene) -> None:
    given = found(scene, scene.source)
    shown = coverage(given.facts, PROFILE, window_of("2026-10"), TODAY)
    assert shown.lines and shown.case_lines and shown.pairs
    log = action_log(given.actions, TODAY)
    assert reconcile(log, given.records or (), load_matches()).all.raised == 0
    assert find_patterns(given.observed, load_patterns(), "2026-10").looked


def test_an_extract_read_with_another_secret_is_refused_in_words(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SECRET_VARIABLE, "7a" * 32)
    with pytest.raises(SourceError) as refused:
        found(scene, scene.source)
    assert refused.value.message == STRANGER


def test_an_extract_that_is_not_there_is_refused_in_words(scene: Scene, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="there is no such file or folder. Check the path."):
        found(scene, tmp_path / "nowhere")
    with pytest.raises(SourceError, match="there is no such folder or workbook. Check the path."):
        found(scene, scene.source, extension=str(tmp_path / "nowhere"))
