"""PostgreSQL proves the seam: a real server, a Danish database, shuffled rows, and the same digests to the last byte."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pytest

from sampling import tickets
from sampling.engine import CORE_TABLES, open_adapter
from sampling.errors import SourceError
from sampling.model import Extract
from sampling.policy import load_signals
from sampling.signals import cases_sql, signal_table
from sampling.sources.tables import arrow_schema
from tests.postgres import DanishServer, danish_server, load_tables
from tests.vectors.test_cst1 import ALL_TICKETS, EMPTY, FRAME, GROUPS, LEAF_1, ROWS

SECRET = bytes(range(32)).hex()
# What the service below gives on DuckDB from Parquet and on PostgreSQL from shuffled rows. Frozen: a new engine must give them too.
GOLDEN = {
    "frame": "a615d69e363ad5b7064f1ef2b4dac05b4b5479ee193c42eeb810eed114b7a764",
    "exclusions": "a7209fd49af86a56dc3d36456954003ff00b6dcc5b99af7b1c7043aad75de8b4",
}
H = "encode(sha256(convert_to({}, 'UTF8')), 'hex')"


@pytest.fixture(scope="module")
def server() -> Iterator[DanishServer]:
    with danish_server() as running:
        yield running


@pytest.fixture(scope="module")
def service() -> dict[str, pa.Table]:
    """Three hundred cases with all that a signal can rest on. Made here, so that the golden digests rest on nothing else."""
    pick = random.Random(11).randrange
    last = date(2026, 10, 31)
    rows: dict[str, list[dict[str, object]]] = {name: [] for name in CORE_TABLES}
    for number in range(24):
        left = last - timedelta(days=pick(60)) if number % 8 == 0 else None
        rows["practitioners"].append({"practitioner_id": f"P{number:02}", "team_id": f"T{number % 5}", "left_on": left})
    for number in range(300):
        case = f"{'aA' if number % 2 else 'ff'}-{number}é"
        closed = last - timedelta(days=pick(40) - 4) if number % 9 == 0 else None
        died = last if number % 50 == 1 else None
        about = {"case_id": case, "opened": date(2026, 1, 1), "closed": closed, "died_on": died, "team_id": "T1"}
        rows["cases"].append(about)
        for turn in range(pick(4)):
            held = {"case_id": case, "practitioner_id": f"P{pick(24):02}", "role": "key_worker"}
            rows["allocations"].append({**held, "started": last - timedelta(days=100 * turn + pick(2))})
        for _ in range(pick(6)):
            event = {"case_id": case, "happened_on": last - timedelta(days=pick(120))}
            kinds = ("contact_attended", "contact_not_attended", "crisis_contact", "admission", "team_change")
            rows["events"].append({**event, "kind": kinds[pick(5)]})
        if pick(3):
            made = last - timedelta(days=pick(500))
            plan = {"case_id": case, "kind": "crisis", "created": made, "review_due": made + timedelta(days=300)}
            rows["plans"].append(plan)
    return {name: pa.Table.from_pylist(found, arrow_schema(name)) for name, found in rows.items()}


def shuffled(table: pa.Table, seed: int) -> pa.Table:
    order = list(range(len(table)))
    random.Random(seed).shuffle(order)
    return table.take(order)


@pytest.fixture(scope="module")
def database(server: DanishServer, service: dict[str, pa.Table]) -> str:
    uri = server.new_database()
    load_tables(uri, {name: shuffled(table, 5) for name, table in service.items()})
    return uri


def database_extract(uri: str) -> Extract:
    return Extract("database", "adult", "database", None, {}, ids="local", connection=uri)


def signal_rows(extract: Extract) -> list[dict[str, Any]]:
    day = date(2026, 10, 31)
    with open_adapter(extract) as adapter:
        table = signal_table(load_signals("adult"), day, adapter.tables())
        adapter.create_signal_table(table.rows)
        rows = adapter.select(cases_sql(table, day)).to_pylist()
    return sorted(rows, key=lambda row: row["case_id"])


def test_the_database_truly_sorts_as_danish_does(database: str) -> None:
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT 'aa' > 'ff', ('aa' COLLATE \"C\") > 'ff'").fetchone() == (True, False)


def test_the_same_rows_as_the_embedded_engine(database: str, service: dict[str, pa.Table]) -> None:
    embedded = Extract("canonical", "adult", "database", None, {k: (v,) for k, v in service.items()}, ids="local")
    expected = signal_rows(embedded)
    assert len(expected) > 250
    assert {row["signals"] for row in expected} >= {0, 1, 2}
    assert signal_rows(database_extract(database)) == expected


def draw_from(
    source: str, folder: Path, run: Callable[..., tuple[int, dict[str, Any], str]], monkeypatch: pytest.MonkeyPatch
) -> tuple[dict[str, Any], dict[str, Any]]:
    monkeypatch.setenv("SAMPLING_SECRET", SECRET)
    status, frozen, _ = run("freeze", source, "--period", "2026-10", "--out", folder)
    assert status == 0, frozen
    status, drawn, _ = run("draw", folder, "--operator", "golden")
    assert status == 0, drawn
    status, verified, _ = run("verify", folder)
    assert (status, verified["ok"]) == (0, True)
    return frozen, drawn


def test_freeze_draw_and_verify_give_the_golden_digests(
    database: str,
    service: dict[str, pa.Table],
    tmp_path: Path,
    run_sampling: Callable[..., tuple[int, dict[str, Any], str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The system is part of each key, so the embedded engine is given the same tables under the same system."""
    frozen, drawn = draw_from(database, tmp_path / "postgres" / "d", run_sampling, monkeypatch)
    from sampling.sources import opening

    embedded = Extract("database", "adult", "database", None, {k: (v,) for k, v in service.items()}, ids="local")
    monkeypatch.setattr(opening, "_database", lambda _: embedded)
    same, same_drawn = draw_from(database, tmp_path / "duckdb" / "d", run_sampling, monkeypatch)
    assert frozen == same
    assert drawn == same_drawn
    assert {name: frozen[name] for name in GOLDEN} == GOLDEN


def test_nothing_is_left_in_the_service_s_database(database: str) -> None:
    everything = "SELECT oid, relname FROM pg_class ORDER BY oid"
    with psycopg.connect(database) as connection:
        before = connection.execute(everything).fetchall()
        signal_rows(database_extract(database))
        assert connection.execute(everything).fetchall() == before


def test_all_that_is_wrong_is_said_at_once(server: DanishServer) -> None:
    uri = server.new_database()
    with psycopg.connect(uri) as connection:
        connection.execute("CREATE TABLE cases (case_id numeric, opened timestamp, sex text)")
        connection.execute("CREATE TABLE events (case_id text, kind text)")
        connection.execute("CREATE TABLE practitioners (practitioner_id text, agency text)")
        connection.execute("INSERT INTO practitioners VALUES ('P1', 'no'), ('P1', 'no'), (NULL, 'no'), (' ', 'no')")
        connection.execute("INSERT INTO events VALUES ('C1', 'canary value'), ('C1', 'admission'), (NULL, NULL)")
    with pytest.raises(SourceError) as caught, open_adapter(database_extract(uri)):
        pass
    found = {(fault.code, fault.file, fault.column, fault.count) for fault in caught.value.findings}
    assert found == {
        ("ID_DECIMAL", "table cases", "case_id", 1),
        ("DATE_UNREADABLE", "table cases", "opened", 1),
        ("TABLE_MISSING", "", "", 1),
        ("COLUMN_MISSING", "table events", "happened_on", 1),
        ("VALUE_MISSING", "table events", "case_id", 1),
        ("VALUE_MISSING", "table events", "kind", 1),
        ("CODE_UNKNOWN", "table events", "kind", 1),
        ("ANSWER_UNREADABLE", "table practitioners", "agency", 1),
        ("VALUE_MISSING", "table practitioners", "practitioner_id", 1),
        ("ID_MALFORMED", "table practitioners", "practitioner_id", 1),
        ("ID_TWICE", "table practitioners", "practitioner_id", 1),
    }
    assert "canary" not in str(caught.value) + " ".join(fault.line() for fault in caught.value.findings)


def test_absent_tables_and_optional_columns_are_not_recorded(server: DanishServer) -> None:
    uri = server.new_database()
    with psycopg.connect(uri) as connection:
        connection.execute("CREATE TABLE cases (case_id bigint, opened date)")
        connection.execute("INSERT INTO cases VALUES (12, '2026-01-01'), (7, '2026-01-01')")
    schema = arrow_schema("allocations")
    held = {"case_id": "12", "practitioner_id": "P1", "role": "key_worker", "started": date(2026, 1, 1)}
    load_tables(uri, {"allocations": pa.Table.from_pylist([held], schema).select(list(held))})
    rows = signal_rows(database_extract(uri))
    assert [(row["case_id"], row["practitioner_id"], row["signals"], row["sex"]) for row in rows] == [
        ("12", "P1", 0, None),
        ("7", None, 0, None),
    ]
    with open_adapter(database_extract(uri)) as adapter:
        assert adapter.tables() == {"cases", "allocations"}
        assert signal_table(load_signals("adult"), date(2026, 10, 31), adapter.tables()).cannot_tell


def test_a_refused_connection_never_shows_the_password(server: DanishServer) -> None:
    for uri in ("postgresql://u:hunter2@127.0.0.1:1/none", server.uri("absent"), "postgresql://u:hunter2@%%%"):
        with pytest.raises(SourceError) as caught, open_adapter(database_extract(uri)):
            pass
        assert "hunter2" not in str(caught.value)
        assert "did not accept the connection" in str(caught.value)
        assert caught.value.__suppress_context__


def test_a_user_without_rights_is_told_which_are_needed(server: DanishServer) -> None:
    uri = server.new_database()
    with psycopg.connect(uri) as connection:
        connection.execute("CREATE ROLE reader LOGIN")
        connection.execute("CREATE TABLE cases (case_id text, opened date)")
    with pytest.raises(SourceError, match="SELECT and TEMPORARY"):
        with open_adapter(database_extract(uri.replace("postgres:@", "reader:@"))):
            pass


def test_cst1_vectors_in_postgresql_s_spelling(database: str) -> None:
    """The SQL that an auditor with a PostgreSQL would run."""
    leaf = H.format(f"'cst1/leaf|' || {H.format('p')} || {H.format('s')} || {H.format('c')} || {H.format('w::text')}")
    values = ", ".join(f"('{p}', '{s}', '{c}', {w})" for p, s, c, w in ROWS)
    group = H.format(
        f"'cst1/group|' || {H.format('p')} || {H.format('s')} || COUNT(*)::text || '|' ||"
        " string_agg(leaf, '' ORDER BY leaf COLLATE \"C\")"
    )
    text = (
        f"WITH rows(p, s, c, w) AS (VALUES {values}), leaves AS (SELECT p, s, c, {leaf} AS leaf FROM rows),"
        f" grouped AS (SELECT p, s, {group} AS digest FROM leaves GROUP BY p, s)"
    )
    frame = H.format(
        "'cst1/frame|' || (SELECT COUNT(*) FROM {0})::text || '|' ||"
        " coalesce(string_agg(digest, '' ORDER BY digest COLLATE \"C\"), '')"
    )
    with psycopg.connect(database) as connection:
        found = connection.execute(text + " SELECT leaf FROM leaves WHERE c = 'C-0001'").fetchone()
        assert found == (LEAF_1,)
        groups = connection.execute(text + " SELECT p, s, digest FROM grouped").fetchall()
        assert {(p, s): digest for p, s, digest in groups} == GROUPS
        assert connection.execute(f"{text} SELECT {frame.format('leaves')} FROM grouped").fetchone() == (FRAME,)
        empty = frame.format("(SELECT 1 WHERE false) AS none")
        nothing = "(SELECT NULL::text AS digest WHERE false) AS grouped"
        assert connection.execute(f"SELECT {empty} FROM {nothing}").fetchone() == (EMPTY,)
        for seed, case, ticket in ALL_TICKETS:
            message = f"'cst1/ticket|' || '{seed}' || {H.format('%s::text')}"
            assert connection.execute(f"SELECT {H.format(message)}", [case]).fetchone() == (ticket,)


def test_hostile_ids_hash_to_the_same_bytes(database: str) -> None:
    hostile = ["e\u0301", "\u00e9", "😀", "漢字", "a'b", "a\\b", "a|b", " padded ", "", "\u200b", "0012", "AA", "aa"]
    with psycopg.connect(database) as connection:
        for text in hostile:
            assert connection.execute(f"SELECT {H.format('%s::text')}", [text]).fetchone() == (tickets.digest(text),)
