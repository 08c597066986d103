"""The record of the drawn cases, taken along: from every format, whole or not at all, for its owner alone, and never more than that."""

from __future__ import annotations

import json
import shutil
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest
from postgres import DanishServer, danish_server, load_tables

from sampling import page, workflow
from sampling.errors import SourceError, StateError
from sampling.keys import Keyring, load_secret
from sampling.model import Period
from sampling.pack import Pack
from sampling.randomness import from_operator, parse_ref
from sampling.scoring.settings.panel import changes_between, load_panel
from sampling.scoring.settings.policy import load_scoring_policy
from sampling.scoring.settings.preparing import prepare
from sampling.scoring.settings.snapshot import cases_of, snapshots
from sampling.sources.synthesis import synthesise
from sampling.sources.tables import EVENT_KINDS, arrow_schema
from sampling.verify import verify_draw

NOW = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
TABLES = ("cases", "allocations", "practitioners", "events", "plans", "documents")


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One small service in each format that is read from files."""
    folder = tmp_path_factory.mktemp("services")
    found = {}
    for name, format, files in (
        ("canonical", "canonical", "csv"),
        ("parquet", "canonical", "parquet"),
        ("mhsds", "mhsds", "csv"),
        ("annex-a", "annex-a", "csv"),
    ):
        out = folder / name
        synthesise(format=format, cases=120, months=4, seed=5, out=out, until="2026-10", files=files)
        found[name] = out / "annex_a.xlsx" if format == "annex-a" else out
    return found


@pytest.fixture(scope="module")
def server() -> Iterator[DanishServer]:
    with danish_server() as running:
        yield running


def drawn(source: str, out: Path) -> Pack:
    """Returns a drawn pack of a source."""
    keyring = Keyring(load_secret())
    extract = workflow.open_source(source, keyring, draw_date=date(2026, 10, 31))
    workflow.freeze(extract, workflow.FreezeOrder(Period("2026-10")), out, keyring=keyring, now=NOW)
    return workflow.draw(out, from_operator(parse_ref("operator"), "x"), now=NOW)


def taken(pack: Pack, source: str, now: datetime = NOW) -> dict[str, Any]:
    """Returns what the newest snapshot holds, table by table, after taking it."""
    prepared = prepare(pack.folder, source, Keyring(load_secret()), now)
    return {name: prepared.snapshot.rows(name) for name in ("cases", "events", "plans", "documents", "notes")}


@pytest.mark.parametrize("format", ["canonical", "parquet", "mhsds", "annex-a"])
def test_the_record_of_the_drawn_cases_and_of_no_other(format: str, sources: dict[str, Path], tmp_path: Path) -> None:
    source = str(sources[format])
    pack = drawn(source, tmp_path / "draws" / "october")
    found = taken(pack, source)
    wanted = cases_of(pack)
    assert {row["case_key"] for row in found["cases"]} == wanted
    assert found["events"] and {row["case_key"] for rows in found.values() for row in rows} <= wanted
    assert all(len(row["case_key"]) == 64 for rows in found.values() for row in rows)
    panel = load_panel(pack, max(wanted, key=lambda key: _count(found, key)), load_scoring_policy())
    days = [row["day"] for row in panel["timeline"]]
    assert days == sorted(days) and all(date.fromisoformat(day) for day in days)
    assert all(row["label"][0].isupper() and "_" not in row["label"] for row in panel["timeline"])
    assert panel["note"] == "" and panel["taken_on"] == "2026-11-01"


def _count(found: dict[str, Any], key: str) -> int:
    return sum(row["case_key"] == key for row in found["events"])


def test_a_database_gives_what_its_files_give(server: DanishServer, sources: dict[str, Path], tmp_path: Path) -> None:
    folder = sources["canonical"]
    notes = folder / "extension" / "notes.csv"
    tables = {name: _typed(folder / f"{name}.csv", name) for name in TABLES}
    tables["notes"] = _typed(notes, "notes")
    uri = server.new_database()
    load_tables(uri, tables)
    pack = drawn(uri, tmp_path / "draws" / "october")
    found = taken(pack, uri)
    assert {row["case_key"] for row in found["cases"]} == cases_of(pack)
    assert all(found[name] for name in ("events", "plans", "documents", "notes"))
    days = {row["day"] for row in found["events"]}
    assert {str(day) for day in tables["events"]["happened_on"].to_pylist()} >= days
    keys = {Keyring(load_secret()).key("case", "database", one) for one in tables["cases"]["case_id"].to_pylist()}
    assert {row["case_key"] for row in found["notes"]} <= keys


def _typed(path: Path, name: str) -> pa.Table:
    schema = arrow_schema(name)
    kinds = {field.name: field.type if pa.types.is_date32(field.type) else pa.string() for field in schema}
    convert = pa_csv.ConvertOptions(column_types=kinds, strings_can_be_null=True, quoted_strings_can_be_null=False)
    table = pa_csv.read_csv(path, convert_options=convert)
    columns = [
        table[field.name].cast(field.type) if not pa.types.is_boolean(field.type) else _yes(table[field.name])
        for field in schema
        if field.name in table.column_names
    ]
    return pa.table(columns, names=[field.name for field in schema if field.name in table.column_names])


def _yes(column: pa.ChunkedArray) -> pa.Array:
    return pa.array([None if value is None else value == "yes" for value in column.to_pylist()], pa.bool_())


def test_only_the_owner_reads_it_and_no_id_of_the_source_is_in_it(sources: dict[str, Path], tmp_path: Path) -> None:
    source = str(sources["canonical"])
    pack = drawn(source, tmp_path / "draws" / "october")
    taken(pack, source)
    home = pack.private / "record"
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    for path in home.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path.name
    text = "".join(pq.read_table(path).to_pandas().to_csv() for path in home.rglob("*.parquet"))
    for table in ("cases", "events", "plans", "documents", "practitioners"):
        ids = pa_csv.read_csv(sources["canonical"] / f"{table}.csv")[0].to_pylist()
        assert not [one for one in ids if one in text], table


def test_the_same_record_again_changes_nothing_and_another_stands_beside_it(
    sources: dict[str, Path], tmp_path: Path
) -> None:
    service = tmp_path / "service"
    shutil.copytree(sources["canonical"], service)
    pack = drawn(str(service), tmp_path / "draws" / "october")
    taken(pack, str(service))
    first = snapshots(pack)
    taken(pack, str(service), NOW + timedelta(days=8))
    assert snapshots(pack) == first, "the same record is not taken twice, whatever the day"
    case = _one_case(pack, service)
    with (service / "events.csv").open("a", encoding="utf-8") as file:
        file.write(f'"E-new","{case}","P000-0003",2026-11-05,"10:00","crisis_contact","MHS201CareContact","1"\n')
    taken(pack, str(service), NOW + timedelta(days=8))
    taken(pack, str(service), NOW + timedelta(days=9))
    with (service / "documents.csv").open("a", encoding="utf-8") as file:
        file.write(f'"D-new","{case}","P000-0003",2026-11-06,"progress note","DOC/new"\n')
    taken(pack, str(service), NOW + timedelta(days=8))
    assert [one.folder.name for one in snapshots(pack)] == ["2026-11-01", "2026-11-09", "2026-11-09-2"]
    key = Keyring(load_secret()).key("case", "canonical", case)
    changes = changes_between(pack, key, date(2026, 11, 1), date(2026, 11, 10))
    assert changes == [
        {"day": "2026-11-05", "label": "Contact with a crisis team", "source": "MHS201CareContact"},
        {"day": "2026-11-06", "label": "Progress note", "source": "DOC/new"},
    ]
    assert changes_between(pack, key, date(2026, 11, 1), date(2026, 11, 2)) is None, (
        "nobody looked: not the same as none"
    )
    other = next(one for one in sorted(cases_of(pack)) if one != key)
    assert changes_between(pack, other, date(2026, 11, 1), date(2026, 11, 10)) == []
    then = load_panel(pack, key, load_scoring_policy(), date(2026, 11, 3))
    now = load_panel(pack, key, load_scoring_policy())
    assert len(now["timeline"]) - len(then["timeline"]) == 2


def _one_case(pack: Pack, service: Path) -> str:
    keyring, wanted = Keyring(load_secret()), cases_of(pack)
    ids = pa_csv.read_csv(service / "cases.csv")["case_id"].to_pylist()
    return next(one for one in ids if keyring.key("case", "canonical", one) in wanted)


def test_a_plan_that_changed_is_a_change_of_the_record(sources: dict[str, Path], tmp_path: Path) -> None:
    service = tmp_path / "service"
    shutil.copytree(sources["canonical"], service)
    pack = drawn(str(service), tmp_path / "draws" / "october")
    taken(pack, str(service))
    case = _one_case(pack, service)
    with (service / "plans.csv").open("a", encoding="utf-8") as file:
        file.write(f'"CP-new","{case}","crisis",2026-11-04,2026-11-05,,,2027-05-01,\n')
    taken(pack, str(service), NOW + timedelta(days=8))
    key = Keyring(load_secret()).key("case", "canonical", case)
    assert changes_between(pack, key, date(2026, 11, 1), date(2026, 11, 10)) == [
        {"day": "2026-11-05", "label": "Crisis or contingency plan: changed", "source": "plans"}
    ]


def test_a_process_that_dies_in_the_middle_leaves_no_half_record(
    sources: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = str(sources["canonical"])
    pack = drawn(source, tmp_path / "draws" / "october")
    real = pq.write_table
    written: list[str] = []

    def full(table: pa.Table, file: Any, **more: Any) -> None:
        written.append("x")
        if len(written) > 2:
            raise OSError(28, "No space left on device")
        real(table, file, **more)

    with monkeypatch.context() as patch:
        patch.setattr(pq, "write_table", full)
        with pytest.raises(OSError, match="No space left"):
            taken(pack, source)
    assert snapshots(pack) == [] and list((pack.private / "record").iterdir()) == []
    assert taken(pack, source)["cases"]


def test_what_the_extract_cannot_tell_is_not_read_as_none(sources: dict[str, Path], tmp_path: Path) -> None:
    pack = drawn(str(sources["mhsds"]), tmp_path / "draws" / "october")
    taken(pack, str(sources["mhsds"]))
    case = sorted(cases_of(pack))[0]
    panel = load_panel(pack, case, load_scoring_policy())
    assert "Which documents there are" in panel["cannot_tell"]
    assert "Risk or safety plan entry rewritten" in panel["cannot_tell"]
    assert "Care contact that took place" not in panel["cannot_tell"]
    assert EVENT_KINDS["strategy_discussion"] in panel["cannot_tell"]
    adult = load_panel(pack, case, load_scoring_policy(), profile="adult")["cannot_tell"]
    assert EVENT_KINDS["strategy_discussion"] not in adult and "Risk or safety plan entry rewritten" in adult
    told_dates = {row["review_due_words"] for row in panel["plans"]}
    assert told_dates <= {"none recorded", "not told by this extract", *(row["review_due"] for row in panel["plans"])}


def test_a_file_of_the_draw_that_is_nested_without_end_is_refused_in_words(
    sources: dict[str, Path], tmp_path: Path
) -> None:
    source = str(sources["canonical"])
    pack = drawn(source, tmp_path / "draws" / "october")
    taken(pack, source)
    (snapshots(pack)[0].folder / "about.json").write_text("[" * 200_000, encoding="ascii")
    with pytest.raises(StateError, match=r"about\.json of this draw is not as it was written"):
        snapshots(pack)
    (pack.private / "notes.json").write_text("[" * 200_000, encoding="ascii")
    with pytest.raises(StateError, match=r"private/notes\.json of this draw is not as it was written"):
        page.gather(pack, verify_draw(pack.share))


def test_without_a_snapshot_the_panel_says_what_to_run(sources: dict[str, Path], tmp_path: Path) -> None:
    pack = drawn(str(sources["canonical"]), tmp_path / "draws" / "october")
    panel = load_panel(pack, sorted(cases_of(pack))[0], load_scoring_policy())
    assert panel["note"] == "The record of this draw's cases was not taken along. Run: sampling prepare DIR SOURCE"
    assert (panel["timeline"], panel["plans"], panel["notes"]) == ([], [], [])


def test_where_no_words_may_be_kept_no_note_is_stored(sources: dict[str, Path], tmp_path: Path) -> None:
    source = str(sources["canonical"])
    pack = drawn(source, tmp_path / "draws" / "october")
    (tmp_path / "draws" / "scoring.toml").write_text('copies = "references_only"\n', encoding="utf-8")
    prepare(pack.folder, source, Keyring(load_secret()), NOW)
    (snapshot,) = snapshots(pack)
    assert not (snapshot.folder / "notes.parquet").exists() and snapshot.about["text_kept"] is False
    assert snapshot.rows("events")


def test_an_extract_of_another_service_is_refused(sources: dict[str, Path], tmp_path: Path) -> None:
    pack = drawn(str(sources["canonical"]), tmp_path / "draws" / "october")
    with pytest.raises(SourceError, match="None of the draw's cases is in that extract"):
        prepare(pack.folder, str(sources["mhsds"]), Keyring(load_secret()), NOW)
    assert snapshots(pack) == []


# The command, and the month


def test_the_command_says_what_was_taken(
    sources: dict[str, Path], tmp_path: Path, run_sampling: Callable[..., tuple[int, dict[str, Any], str]]
) -> None:
    source = str(sources["canonical"])
    out = tmp_path / "draws" / "october"
    status, about, _ = run_sampling("freeze", source, "--period", "2026-10", "--out", out)
    assert status == 0
    status, about, _ = run_sampling("prepare", out, source)
    assert (status, about["error"]) == (12, "state")
    assert run_sampling("draw", out, "--operator", "x")[0] == 0
    status, about, _ = run_sampling("prepare", out, source)
    assert status == 0
    assert (about["absent"], about["day"], about["text_kept"]) == (0, "2026-11-01", True)
    assert about["tables"] == ["cases", "documents", "events", "notes", "plans", "practitioners"]
    assert json.loads(json.dumps(about)) == about and about["cases"] > 10


def test_a_month_takes_the_record_once_and_leaves_the_draw_as_it_was(
    sources: dict[str, Path], tmp_path: Path, run_sampling: Callable[..., tuple[int, dict[str, Any], str]]
) -> None:
    out = tmp_path / "draws" / "october"
    words = ("month", str(sources["canonical"]), "--period", "2026-10", "--out", out)
    assert run_sampling(*words)[0] == 0
    assert not (out / "private" / "record").exists(), "nothing is drawn yet"
    assert run_sampling(*words, "--operator", "x")[0] == 0
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    assert any("notes.parquet" in path.name for path in before)
    assert run_sampling(*words, "--operator", "x")[0] == 0
    after = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    assert {path for path in after if "record" in path.parts} == {path for path in before if "record" in path.parts}
    assert all(after[path] == before[path] for path in before if "record" in path.parts or "share" in path.parts)
    assert run_sampling("verify", out)[0] == 0


def test_only_a_drawn_pack_is_prepared(sources: dict[str, Path], tmp_path: Path) -> None:
    with pytest.raises(StateError, match="There is no frozen draw in that folder"):
        prepare(tmp_path, str(sources["canonical"]), Keyring(load_secret()), NOW)
