"""Assurance gathered from each format, as the commands make the homes: CSV, Parquet, PostgreSQL, MHSDS with an extension folder, Annex A."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from sampling import workflow
from sampling.assurance.action_log import action_log
from sampling.assurance.action_matching import load_matches
from sampling.assurance.action_record import reconcile
from sampling.assurance.coverage import coverage
from sampling.assurance.coverage_counts import window_of
from sampling.assurance.gathering import GatheredAssurance, gather_assurance
from sampling.assurance.gathering.extract import NO_ESCALATIONS, NO_STAFF
from sampling.assurance.gathering.history import FROM_DRAWS
from sampling.assurance.gathering.people import NOT_MATCHED
from sampling.assurance.gathering.records import NOT_FOUND
from sampling.assurance.gathering.source import NO_EXTENSION
from sampling.assurance.reading import load_profiles
from sampling.cli import main
from sampling.keys import HOME_VARIABLE, SECRET_VARIABLE, Keyring, load_secret
from sampling.model import Period
from sampling.pack import open_pack
from sampling.randomness import from_operator, parse_ref
from sampling.scoring.service import open_service
from sampling.sources.synthesis import synthesise
from sampling.sources.tables import TABLES
from tests.postgres import DanishServer, danish_server, load_tables

PROFILE = next(one for one in load_profiles() if one.id == "bournemouth")
SECRET = "5e" * 32
TODAY, NOW = date(2026, 12, 20), datetime(2026, 11, 12, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def server() -> Iterator[DanishServer]:
    with danish_server() as running:
        yield running


@pytest.fixture(scope="module")
def private(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("formats-private")


@pytest.fixture(autouse=True)
def the_same_private_store(private_store: Path, private: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The module's homes are made once, so that their private store is that of every test here."""
    monkeypatch.setenv(HOME_VARIABLE, str(private))
    monkeypatch.setenv(SECRET_VARIABLE, SECRET)


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folder of each practised service that was made, by format."""
    return {format: tmp_path_factory.mktemp(format) for format in ("canonical", "mhsds", "annex-a")}


def practised(homes: dict[str, Path], format: str) -> tuple[Path, Path]:
    """Returns (home, source) of an invented service of that format, made once: our own tables practised, the others drawn alone."""
    folder = homes[format]
    if not (folder / "draws").exists():
        synthesise(format=format, cases=150, months=6, seed=5, out=folder / "service", until="2026-10")
        words = ["month", str(folder / "service"), "--period", "2026-10", "--out", str(folder / "draws" / "2026-10")]
        words += ["--operator", "practice", "--json", "--now", "2026-11-12T09:00:00Z"]
        assert main([*words, *(["--practice"] if format == "canonical" else [])]) == 0
        if format != "canonical":
            open_service(folder / "draws", keyring=Keyring(load_secret()), now=NOW, name="Ruth Adeyemi").close()
    source = folder / "service"
    return folder / "draws", source / "annex_a.xlsx" if format == "annex-a" else source


def found(home: Path, source: str | Path, extension: str | Path = "", today: date = TODAY) -> GatheredAssurance:
    return gather_assurance(home, "", str(source), extension=str(extension), today=today, profile=PROFILE)


def drawn_are_held(given: GatheredAssurance, home: Path) -> None:
    """The cases of the draw are among the facts, each held by whoever was drawn for."""
    cases = {one.key: one for one in given.facts.cases}
    rows = open_pack(home / "2026-10").keyed_cases()
    held = 0
    for key, person in zip(rows["case_key"], rows["practitioner_key"], strict=True):
        holder = cases[key].holder_on(date(2026, 10, 31))
        held += holder is not None and holder.person == person
    assert held == len(rows) > 0


def test_canonical_a_practised_home_from_end_to_end(homes: dict[str, Path]) -> None:
    home, source = practised(homes, "canonical")
    given = found(home, source)
    drawn_are_held(given, home)
    assert len(given.actions) > len(given.gathered.actions) > 0
    record = reconcile(action_log(given.actions, TODAY), given.records or (), load_matches())
    assert record.all.told > 0
    contacts = given.observed.contacts
    table = pd.read_csv(source / "extension" / "out_of_hours.csv")
    assert contacts is not None and given.observed.escalations is not None and given.observed.plans is not None
    assert (contacts["in_pathway"] == True).sum() == (table["in_pathway"] == "yes").sum()  # noqa: E712
    assert (contacts["in_pathway"] == False).sum() == (table["in_pathway"] == "no").sum()  # noqa: E712
    assert coverage(given.facts, PROFILE, window_of("2026-10"), TODAY).case_lines


def test_parquet_the_same_service_gives_the_same_facts(homes: dict[str, Path]) -> None:
    home, source = practised(homes, "canonical")
    parquet = homes["canonical"] / "parquet"
    if not parquet.exists():
        synthesise(format="canonical", cases=150, months=6, seed=5, out=parquet, until="2026-10", files="parquet")
    one, other = found(home, source), found(home, parquet)
    assert other.facts == one.facts
    for name in ("plans", "contacts", "escalations"):
        pd.testing.assert_frame_equal(getattr(one.observed, name), getattr(other.observed, name))
    assert [record.cases for record in other.records or ()] == [record.cases for record in one.records or ()]


def test_without_the_private_store_of_the_draws_the_rest_is_still_told(
    homes: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, source = practised(homes, "canonical")
    parquet = homes["canonical"] / "parquet"
    if not parquet.exists():
        synthesise(format="canonical", cases=150, months=6, seed=5, out=parquet, until="2026-10", files="parquet")
    whole = found(home, source)
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "elsewhere"))
    given = found(home, parquet)
    assert {NOT_FOUND, NOT_MATCHED} <= set(given.untold)
    assert given.facts.cases == whole.facts.cases and len(given.records or ()) == len(whole.records or ()) - 1


def test_an_extract_without_staff_or_events_says_what_that_leaves_open(homes: dict[str, Path], tmp_path: Path) -> None:
    home, source = practised(homes, "canonical")
    for name in ("cases", "allocations"):
        shutil.copy(source / f"{name}.csv", tmp_path / f"{name}.csv")
    given = found(home, tmp_path)
    assert NO_STAFF in given.untold and given.observed.contacts is None and given.observed.escalations is None
    drawn_are_held(given, home)
    assert {one.key for one in given.facts.persons} >= set(
        open_pack(home / "2026-10").keyed_cases()["practitioner_key"]
    )


def test_postgresql_reads_the_same(homes: dict[str, Path], server: DanishServer, tmp_path: Path) -> None:
    _, source = practised(homes, "canonical")
    parquet = tmp_path / "parquet"
    synthesise(format="canonical", cases=150, months=6, seed=5, out=parquet, until="2026-10", files="parquet")
    tables = {path.stem: pq.read_table(path) for path in parquet.rglob("*.parquet") if path.stem in TABLES}
    uri = server.new_database()
    load_tables(uri, {name: table for name, table in tables.items() if name != "control_totals"})
    home, keyring = tmp_path / "draws", Keyring(load_secret())
    now = datetime(2026, 11, 2, 9, tzinfo=UTC)
    extract = workflow.open_source(uri, keyring)
    workflow.freeze(extract, workflow.FreezeOrder(Period("2026-10")), home / "2026-10", keyring=keyring, now=now)
    workflow.draw(home / "2026-10", from_operator(parse_ref("operator"), "rehearsal"), now=now)
    open_service(home, keyring=keyring, now=now, name="Ruth Adeyemi").close()
    given = found(home, uri, source / "extension", today=date(2026, 11, 2))
    assert NO_EXTENSION in given.untold
    drawn_are_held(given, home)
    assert given.records is not None and given.records[-1].reaches == date(2026, 11, 2)
    assert given.observed.contacts is not None and (given.observed.contacts["in_pathway"] == False).any()  # noqa: E712
    held = pd.read_csv(source / "extension" / "supervisions.csv")
    assert sum(len(person.sessions) for person in given.facts.persons) == len(
        held.drop_duplicates(["practitioner_id", "held_on", "kind"])
    )
    assert not [one for one in tables["practitioners"]["practitioner_id"].to_pylist() if one in repr(given.facts)]


def test_mhsds_with_an_extension_folder_of_its_own(homes: dict[str, Path], tmp_path: Path) -> None:
    home, source = practised(homes, "mhsds")
    bare = found(home, source)
    drawn_are_held(bare, home)
    assert NO_ESCALATIONS.format(kinds="duty consultation") in bare.untold
    assert any("The extract has no table of supervisions" in said for said in bare.untold)
    assert bare.observed.contacts is not None and bare.observed.contacts["in_pathway"].isna().all()
    people = sorted(
        pd.concat(pd.read_csv(path, dtype=str) for path in source.glob("MHS901*.csv"))["CareProfLocalID"].unique()
    )
    extension = tmp_path / "beside"
    shutil.copytree(source / "extension", extension)
    rows = [f"{who},{people[0]},2026-{month:02}-12,formal_one_to_one" for who in people[1:] for month in range(7, 11)]
    (extension / "supervisions.csv").write_text(
        "\n".join(["practitioner_id,supervisor_id,held_on,kind", *rows]) + "\n", encoding="utf-8"
    )
    given = found(home, source, extension)
    assert given.facts.known_from == date(2026, 7, 12)
    assert {one.key for one in given.facts.persons} == {one.key for one in bare.facts.persons}
    formal = [one for person in given.facts.persons for one in person.formal()]
    assert len(formal) >= len(rows)


def test_annex_a_names_the_present_holder_alone(homes: dict[str, Path]) -> None:
    home, source = practised(homes, "annex-a")
    given = found(home, source)
    drawn_are_held(given, home)
    assert FROM_DRAWS in given.untold and given.observed.plans is None and given.observed.contacts is None
