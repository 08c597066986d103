"""The vectors of the protocol `cst1`, frozen for ever: in plain Python and in DuckDB's SQL."""

from __future__ import annotations

import duckdb
import pytest

from sampling import tickets

ROWS = [
    ("P01", "volatile", "C-0001", 1),
    ("P01", "volatile", "C-0002", 3),
    ("P01", "other", "C-0003", 1),
    ("P02", "volatile", "C-0004", 1),
]
LEAF_1 = "0209fa891d0b54a94f4899d531a496e295200c2a12c4047b3ff79119a37ac044"
GROUPS = {
    ("P01", "volatile"): "fe4170663289bccedb33f21d0310d336e6120136cd1d7c5bf1e5a72effe9f2f5",
    ("P01", "other"): "60ca8a4a09823836012e9d691fa32eb268382fd2ddcd93b07e441d1f65a4006c",
    ("P02", "volatile"): "b5103ae12aff380456f32605e17ddb1327157a3c49da71a92caa5352e72b073d",
}
FRAME = "f4d7d76a1beab81345407291ceb4f3a1cda4d45f7677fe3e7ee89e82b75c1f4a"
EMPTY = "28a3b05a4ae44d55de87b978a001be25e83a9cef1fc068372589212043297696"
DRAW_ID = "2026-10/adult"
PLAN = '{"quota":{"volatile":2}}'
REF = "drand:8990e7a9aaed2ffed73dbd7092123d6f289930540d7651336225dc172e51b2ce:6040406"
COMMIT = "4cf335ebf8dd279d3a075d7b5b3e8c3b5bf65e47293b64dd7421bd3639f26a6f"
ZEROS = "0" * 64
SEED = "7dd3f91e9a980c78aabb1ee05506a49d8ff1f8f380b4d595d27093fdab122e72"
TICKETS_OF_ZEROS = {
    "C-0001": "0c4beb4da48cf533fe7f02eec1c01ed14a73bf073fb92efc7d2bef541e02cd3f",
    "1": "49cd30b2c209bb87104c508c3c944cef57ade3e23aaec23289b5e614b7ff0621",
    "01": "cfdf0facf46b94ca613150ff6621160c5b2831b82ede0141afa6ffa80b802af3",
}
TICKETS_OF_SEED = {
    "C-0001": "4aba8fd9ff08b830e02bd4c982e2b1766cd28c175b9a7aff3bfb4ef82202b98e",
    "C-0002": "a5dc687f3e51baf9166e57b6b660186c354aff171802ba50250107477fe84481",
    "C-0003": "a2472e1a299cc1736285a3f05bf5e083179a3987dd4c07b65cba2ac277d441bb",
    "C-0004": "6fd9071eb965ada006e9e98c2a5826dd97f908c336d4de955484326e723b4622",
}
ALL_TICKETS = [
    *((ZEROS, case, ticket) for case, ticket in TICKETS_OF_ZEROS.items()),
    *((SEED, case, ticket) for case, ticket in TICKETS_OF_SEED.items()),
]


def leaves_of(group: tuple[str, str]) -> list[str]:
    return [tickets.leaf(*row) for row in ROWS if row[:2] == group]


def test_python_leaf_of_the_first_row() -> None:
    assert tickets.leaf(*ROWS[0]) == LEAF_1


@pytest.mark.parametrize("group", GROUPS, ids="/".join)
def test_python_groups(group: tuple[str, str]) -> None:
    assert tickets.group_digest(*group, leaves_of(group)) == GROUPS[group]
    assert tickets.group_digest(*group, reversed(leaves_of(group))) == GROUPS[group]


def test_python_frame_and_empty_ledger() -> None:
    assert tickets.frame_digest(GROUPS.values(), 4) == FRAME
    assert tickets.frame_digest(reversed(GROUPS.values()), 4) == FRAME
    assert tickets.frame_digest([], 0) == EMPTY


def test_python_commit_and_seed() -> None:
    assert tickets.commit(DRAW_ID, FRAME, EMPTY, PLAN, REF) == COMMIT
    assert tickets.seed(COMMIT, ZEROS) == SEED


@pytest.mark.parametrize(("seed", "case", "ticket"), ALL_TICKETS)
def test_python_tickets(seed: str, case: str, ticket: str) -> None:
    assert tickets.ticket(seed, case) == ticket


@pytest.fixture(scope="module")
def duck() -> duckdb.DuckDBPyConnection:
    """A connection with the vectors' frame, and the protocol as five macros of plain SQL."""
    connection = duckdb.connect()
    connection.execute('CREATE TABLE rows (practitioner TEXT, stratum TEXT, "case" TEXT, weight BIGINT)')
    connection.executemany("INSERT INTO rows VALUES (?, ?, ?, ?)", ROWS)
    connection.execute(
        """
        CREATE VIEW leaves AS SELECT practitioner, stratum, "case",
            sha256('cst1/leaf|' || sha256(practitioner)
            || sha256(stratum) || sha256("case") || sha256(CAST(weight AS TEXT))) AS leaf FROM rows;
        CREATE VIEW groups AS SELECT practitioner, stratum, sha256('cst1/group|' || sha256(practitioner)
            || sha256(stratum) || count(*) || '|' || string_agg(leaf, '' ORDER BY leaf)) AS digest
            FROM leaves GROUP BY practitioner, stratum;
        """
    )
    return connection


def one(connection: duckdb.DuckDBPyConnection, sql: str, *values: str) -> str:
    row = connection.execute(sql, list(values)).fetchone()
    assert row is not None
    return str(row[0])


def test_duckdb_leaf_of_the_first_row(duck: duckdb.DuckDBPyConnection) -> None:
    assert one(duck, """SELECT leaf FROM leaves WHERE "case" = 'C-0001'""") == LEAF_1


def test_duckdb_groups(duck: duckdb.DuckDBPyConnection) -> None:
    found = duck.execute("SELECT practitioner, stratum, digest FROM groups").fetchall()
    assert {row[:2]: row[2] for row in found} == GROUPS


@pytest.mark.parametrize(("condition", "expected"), [("true", FRAME), ("false", EMPTY)])
def test_duckdb_frame_and_empty_ledger(duck: duckdb.DuckDBPyConnection, condition: str, expected: str) -> None:
    size = f"(SELECT count(*) FROM rows WHERE {condition})"
    joined = f"(SELECT coalesce(string_agg(digest, '' ORDER BY digest), '') FROM groups WHERE {condition})"
    assert one(duck, f"SELECT sha256('cst1/frame|' || {size} || '|' || {joined})") == expected


def test_duckdb_commit_and_seed(duck: duckdb.DuckDBPyConnection) -> None:
    sql = "SELECT sha256('cst1/commit|' || sha256(?) || ? || ? || sha256(?) || sha256(?))"
    assert one(duck, sql, DRAW_ID, FRAME, EMPTY, PLAN, REF) == COMMIT
    assert one(duck, "SELECT sha256('cst1/seed|' || ? || sha256(?))", COMMIT, ZEROS) == SEED


@pytest.mark.parametrize(("seed", "case", "ticket"), ALL_TICKETS)
def test_duckdb_tickets(duck: duckdb.DuckDBPyConnection, seed: str, case: str, ticket: str) -> None:
    assert one(duck, "SELECT sha256('cst1/ticket|' || ? || sha256(?))", seed, case) == ticket
