"""What the journal gives to assurance: a session that the extract has, too; the actions of sessions; and no word, name or id in a result."""

from __future__ import annotations

import dataclasses
import json
import logging
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sampling.assurance.action_log import action_log
from sampling.assurance.gathering import GatheredAssurance, gather_assurance
from sampling.assurance.gathering.source import STRANGER
from sampling.assurance.reading import load_profiles
from sampling.errors import SamplingError, SourceError
from sampling.keys import Keyring, load_secret
from sampling.tickets import digest
from tests.scoring_service import SUPERVISOR, Scene, event, make_service, new_id

PROFILE = next(one for one in load_profiles() if one.id == "bournemouth")
SESSION = "5e55" * 8
CANARY = ("Zebulon Quackenbush", "943 476 5919")


@pytest.fixture
def scene(tmp_path: Path, private_store: Path) -> Scene:
    return make_service(tmp_path, private_store)


def found(scene: Scene, source: Path | str = "", **more: Any) -> GatheredAssurance:
    return gather_assurance(scene.home, "", str(source), **{"today": scene.today, "profile": PROFILE, **more})


@pytest.fixture
def supervised(scene: Scene) -> Scene:
    """A formal one-to-one of 3 November, with an action, moved once in time and once too late; every note of it names somebody."""
    supervisee = next(
        pair["supervisee"]["key"]
        for pair in scene.service.sessions(scene.key(SUPERVISOR), today=scene.today)["pairs"]
        if pair["supervisor"]["key"] == scene.key(SUPERVISOR)
    )
    opened = {
        "session_kind": "formal_one_to_one", "held_on": "2026-11-03", "supervisor": scene.key(SUPERVISOR), "supervisees": [supervisee],
        "anonymised": False,
    }  # fmt: skip
    action = new_id()
    raised = {
        "action": action, "action_kind": "gp_liaison", "text": f"Ring the GP of {CANARY[0]}", "owner": CANARY[0], "due": "2026-11-10",
        "review_date": "2026-11-10", "practitioner": supervisee,
    }  # fmt: skip
    covered = {"item": "escalation_use", "covered": True, "note": " ".join(CANARY)}
    scene.append(
        SUPERVISOR,
        event("session_opened", SESSION, "session", opened),
        event("agenda_covered", SESSION, "agenda:escalation_use", covered),
        event("action_raised", SESSION, f"action:{action}", raised),
        event("session_closed", SESSION, "session", {"minutes": 60, "note": " ".join(CANARY)}, 1),
    )
    for base, (days, due) in enumerate(((3, "2026-11-12"), (14, "2026-11-24")), 1):
        moved = {"action": action, "reason": CANARY[0], "due": due, "review_date": due}
        scene.later(days=days).append(SUPERVISOR, event("action_moved", SESSION, f"action:{action}", moved, base))
    return scene.later(days=40)


def key_in_extract(scene: Scene, key: str) -> str:
    """Returns the service's own id of a person, as only the private store knows it."""
    keyring = Keyring(load_secret())
    ids = pd.read_csv(scene.source / "practitioners.csv", dtype=str)["practitioner_id"]
    return next(str(one) for one in ids if keyring.key("practitioner", "canonical", one) == key)


def with_rows(scene: Scene, table: str, *rows: dict[str, str]) -> Path:
    """Returns a copy of the source with rows added to one of its extension tables."""
    source = scene.home.parent / f"with-{table}"
    shutil.copytree(scene.source, source)
    path = source / "extension" / f"{table}.csv"
    there = pd.read_csv(path, dtype=str, keep_default_na=False)
    pd.concat([there, pd.DataFrame([{**dict.fromkeys(there.columns, ""), **row} for row in rows])]).to_csv(
        path, index=False
    )
    return source


def test_a_session_that_both_have_counts_once(supervised: Scene) -> None:
    [session] = found(supervised).facts.sessions
    [supervisee] = session.supervisees
    row = {
        "practitioner_id": key_in_extract(supervised, supervisee), "supervisor_id": key_in_extract(supervised, session.supervisor),
        "held_on": "2026-11-03", "kind": "formal_one_to_one", "minutes": "45",
    }  # fmt: skip
    given = found(supervised, with_rows(supervised, "supervisions", row, row))
    person = next(one for one in given.facts.persons if one.key == supervisee)
    that_day = [one for one in person.sessions if one.on == date(2026, 11, 3)]
    assert [(one.kind, one.minutes) for one in that_day] == [("formal_one_to_one", 60)]
    assert [one.recorded for one in given.facts.records if one.key == SESSION] == [date(2026, 11, 3)]


def test_one_person_under_two_spellings_is_two_and_nothing_mends_it(supervised: Scene) -> None:
    row = {
        "practitioner_id": "p000-0004",
        "supervisor_id": "P000-0000",
        "held_on": "2026-11-02",
        "kind": "formal_one_to_one",
    }
    keyring = Keyring(load_secret())
    keys = {keyring.key("practitioner", "canonical", one) for one in ("p000-0004", "P000-0004")}
    given = found(supervised, with_rows(supervised, "supervisions", row))
    assert keys <= {one.key for one in given.facts.persons}


def test_the_action_of_a_session_is_in_the_log_with_its_first_date_and_its_late_move(supervised: Scene) -> None:
    given = found(supervised)
    assert len(given.gathered.actions) == 0
    [one] = action_log(given.actions, supervised.today).actions
    [session] = given.facts.sessions
    assert (one.case, one.draw_id, one.practitioner) == ("", "", digest(session.supervisees[0]))
    assert (one.period, one.due, one.first_review) == ("2026-11", date(2026, 11, 24), date(2026, 11, 10))
    assert (one.moved, one.moved_late, one.state, one.slips) == (2, 1, "overdue", 2)
    assert one.team == given.facts.teams[session.supervisees[0]] != ""


def text_of(value: Any) -> str:
    """Returns everything that a result holds as text: whatever a repr, an asdict or a table would show."""
    if isinstance(value, pd.DataFrame):
        return value.to_csv()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return repr(value) + "".join(text_of(getattr(value, one.name)) for one in dataclasses.fields(value))
    if isinstance(value, dict):
        return repr(value) + "".join(text_of(one) for one in value.values())
    if isinstance(value, tuple | list | set | frozenset):
        return repr(value) + "".join(map(text_of, value))
    return repr(value)


def test_no_name_and_no_id_of_the_record_or_the_people_file_comes_along(
    supervised: Scene, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    given = found(supervised, supervised.source)
    shown = "".join(text_of(getattr(given, one.name)) for one in dataclasses.fields(given) if one.name != "entries")
    shown += repr(given) + json.dumps(given.untold)
    ids = {
        one
        for name, columns in (("cases", ("case_id", "person_id")), ("practitioners", ("practitioner_id",)))
        for column in columns
        for one in pd.read_csv(supervised.source / f"{name}.csv", dtype=str)[column]
    }
    names = {person.name for person in supervised.service.people.everyone}
    out = capsys.readouterr()
    for text in (shown, caplog.text, out.out + out.err):
        assert not [one for one in (*ids, *names, *CANARY) if one in text]


def test_an_error_names_no_cell_of_the_extract(supervised: Scene, tmp_path: Path) -> None:
    source = tmp_path / "faulty"
    shutil.copytree(supervised.source, source)
    for name, column in (("practitioners", "started"), ("allocations", "role")):
        table = pd.read_csv(source / f"{name}.csv", dtype=str, keep_default_na=False)
        table.loc[0, column] = " ".join(CANARY)
        table.to_csv(source / f"{name}.csv", index=False)
    with pytest.raises(SourceError) as refused:
        found(supervised, source)
    assert refused.value.message.startswith(
        "The extract has 2 errors that would make these figures wrong (CODE_UNKNOWN, DATE_UNREADABLE)."
    )
    assert_clean(refused.value)


def test_an_extract_of_another_service_is_refused_and_nobody_of_it_is_named(supervised: Scene, tmp_path: Path) -> None:
    source = tmp_path / "stranger"
    source.mkdir()
    (source / "cases.csv").write_text(f"case_id,opened\n{CANARY[0]},2026-01-01\n", encoding="utf-8")
    (source / "allocations.csv").write_text(
        f"case_id,practitioner_id,role,started\n{CANARY[0]},{CANARY[0]} senior,care_coordinator,2026-01-01\n",
        encoding="utf-8",
    )
    with pytest.raises(SourceError) as refused:
        found(supervised, source)
    assert refused.value.message == STRANGER
    assert_clean(refused.value)


def assert_clean(error: SamplingError) -> None:
    text = f"{error} {error!r} {error.message} {error.findings} {error.__cause__} {error.__context__}"
    assert not [one for one in CANARY if one in text]
