"""From real homes to the facts of assurance: keys meet, nothing is counted twice, nothing named comes along."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sampling import workflow
from sampling.assurance.action_log import action_log
from sampling.assurance.action_matching import load_matches
from sampling.assurance.action_record import reconcile
from sampling.assurance.coverage import all_dues, coverage
from sampling.assurance.coverage_counts import window_of
from sampling.assurance.coverage_facts import Allocation
from sampling.assurance.facts import Person
from sampling.assurance.gathering import GatheredAssurance, gather_assurance
from sampling.assurance.gathering.assurance import NO_EXTRACT
from sampling.assurance.gathering.history import holders_by_draw
from sampling.assurance.gathering.source import OLDER, STRANGER
from sampling.assurance.gathering.staff import GONE, LATER, SEAT_ALONE
from sampling.assurance.patterns import find_patterns
from sampling.assurance.patterns_policy import load_patterns
from sampling.assurance.profile import strictest
from sampling.assurance.reading import load_profiles
from sampling.errors import SourceError
from sampling.keys import SECRET_VARIABLE, Keyring, load_secret
from sampling.model import Period
from sampling.randomness import from_operator, parse_ref
from sampling.scoring.settings.draws import load_draws
from sampling.scoring.settings.snapshot import take_snapshot
from sampling.tickets import digest
from tests.scoring_service import SUPERVISOR, Scene, make_service

PROFILE = replace(strictest(load_profiles()), scope=None)
TODAY = date(2026, 11, 3)


@pytest.fixture
def scene(tmp_path: Path, private_store: Path) -> Scene:
    return make_service(tmp_path, private_store)


def found(scene: Scene, source: str | Path = "", **more: Any) -> GatheredAssurance:
    return gather_assurance(scene.home, "", str(source), **{"today": TODAY, "profile": PROFILE, **more})


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


# Two months, with what happens to people in between.


@pytest.fixture
def two_months(scene: Scene) -> Scene:
    """November after October: one person hands a case over and leaves in mid-month, another comes, a third has another supervisor."""
    tables = {path.stem: pd.read_csv(path, dtype=str, keep_default_na=False) for path in scene.source.glob("*.csv")}
    staff, held = tables["practitioners"], tables["allocations"]
    staff.loc[staff["practitioner_id"] == LEAVER, ["left_on", "agency"]] = ["2026-11-13", "yes"]
    staff.loc[staff["practitioner_id"] == MOVED, "supervisor_id"] = "P000-0005"
    theirs = (held["practitioner_id"] == LEAVER) & (held["ended"] == "") & (held["role"] == "care_coordinator")
    over = held[theirs].assign(practitioner_id=NEW, started="2026-11-14")
    held.loc[theirs, "ended"] = "2026-11-13"
    tables["allocations"] = pd.concat([held, over])
    new = {
        "practitioner_id": NEW,
        "role": "Administrative assistant, locum",
        "team_id": staff["team_id"].iloc[0],
        "started": "2026-11-09",
    }
    tables["practitioners"] = pd.concat([staff, pd.DataFrame([{**dict.fromkeys(staff.columns, ""), **new}])])
    later = scene.home.parent / "november"
    shutil.copytree(scene.source, later)
    for name, table in tables.items():
        table.to_csv(later / f"{name}.csv", index=False)
    keyring = Keyring(load_secret())
    extract = workflow.open_source(str(later), keyring, as_of=date(2026, 11, 30))
    now = datetime(2026, 12, 1, 9, tzinfo=UTC)
    folder = scene.home / "2026-11"
    workflow.freeze(extract, workflow.FreezeOrder(Period("2026-11")), folder, keyring=keyring, now=now)
    take_snapshot(
        workflow.draw(folder, from_operator(parse_ref("operator"), "rehearsal"), now=now), extract, keyring, now
    )
    return replace(scene, source=later, now=datetime(2026, 12, 8, 9, tzinfo=UTC))


LEAVER, MOVED, NEW = "P000-0004", "P000-0003", "P000-0099"
NOVEMBER: dict[str, Any] = {"today": date(2026, 12, 8), "extract_day": date(2026, 11, 30)}


def key_of(local: str, kind: str = "practitioner") -> str:
    return Keyring(load_secret()).key(kind, "canonical", local)


def person(given: GatheredAssurance, local: str) -> Person:
    return next(one for one in given.facts.persons if one.key == key_of(local))


def test_a_leaver_a_newcomer_and_a_transfer_in_mid_month(two_months: Scene) -> None:
    given = found(two_months, two_months.source, **NOVEMBER)
    assert person(given, LEAVER).left == date(2026, 11, 13)
    assert person(given, NEW).started == date(2026, 11, 9)
    moved = [case for case in given.facts.cases if any(one.person == key_of(NEW) for one in case.holders)]
    assert moved
    for case in moved:
        before, after = case.holder_on(date(2026, 11, 13)), case.holder_on(date(2026, 11, 14))
        assert before is not None and after is not None
        assert (before.person, after.person) == (key_of(LEAVER), key_of(NEW))
    dues = all_dues(given.facts, PROFILE, NOVEMBER["today"])
    assert not [one for one in dues if one.subject == key_of(LEAVER) and one.due > date(2026, 11, 13)]
    assert [one for one in dues if one.subject == key_of(NEW) and one.rule == "new_starter"]


def test_without_the_extract_the_draws_tell_who_came_and_who_went(two_months: Scene) -> None:
    given = found(two_months, today=NOVEMBER["today"])
    assert person(given, LEAVER).left == date(2026, 10, 31)
    assert person(given, NEW).started == date(2026, 11, 30)
    assert GONE.format(n=1) in given.untold and LATER.format(n=1) in given.untold


def test_b8_e3_a_change_of_supervisor_is_seen_and_supervisors_are_supervised_too(two_months: Scene) -> None:
    given = found(two_months, two_months.source, **NOVEMBER)
    pairs = person(given, MOVED).pairs
    assert [one.supervisor for one in pairs][-1] in (key_of("P000-0005"), key_of("S-2"))
    assert pairs[0].first <= date(2026, 10, 31)
    assert key_of("P000-0000") in {one.key for one in given.facts.persons}
    assert key_of("S-2") in {one.key for one in given.facts.persons}  # has a seat as supervisor, and is in no extract
    assert SEAT_ALONE.format(n=1) in given.untold


def test_d18_a_role_that_is_left_out_and_how_many_it_were(two_months: Scene) -> None:
    given = found(
        two_months, two_months.source, **NOVEMBER, profile=next(one for one in load_profiles() if one.id == "york")
    )
    assert given.left_out == 1 and key_of(NEW) not in {one.key for one in given.facts.persons}


def test_an_extract_that_is_older_than_the_newest_draw_says_so(two_months: Scene, scene: Scene) -> None:
    given = found(two_months, scene.source, today=NOVEMBER["today"], extract_day=date(2026, 10, 31))
    assert OLDER.format(ends="31 October 2026", drawn="30 November 2026") in given.untold


def test_who_held_a_case_before_is_told_by_the_draws_where_the_extract_names_the_present_holder_alone(
    two_months: Scene,
) -> None:
    draws = load_draws(two_months.home)
    given = found(two_months, two_months.source, **NOVEMBER)
    moved = [case for case in given.facts.cases if any(one.person == key_of(NEW) for one in case.holders)]
    present = [Allocation(case.key, key_of(NEW), case.opened) for case in moved]
    for case in moved:
        steps = [one for one in holders_by_draw(draws, present, date(2026, 12, 5)) if one.case == case.key]
        seen = {key_of(LEAVER): case.opened, key_of(NEW): max(date(2026, 11, 30), case.opened)}
        assert {one.person: one.first for one in steps} == seen
    alone = Allocation("9" * 64, key_of(NEW), date(2026, 1, 5))
    assert holders_by_draw(draws, [alone], date(2026, 12, 5)) == (alone,)
    taken = holders_by_draw(draws, [replace(present[0], person=key_of(MOVED))], date(2026, 12, 5))
    assert taken[-1].person == key_of(MOVED) and taken[-1].first == date(2026, 12, 5)
