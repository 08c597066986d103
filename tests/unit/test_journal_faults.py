"""Whatever the disk or the database does, a person reads words and nothing is half-stored."""

from __future__ import annotations

import sqlite3
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import event, text

from sampling.errors import SecretError, StateError, StorageError
from sampling.journal import database as database_module
from sampling.journal.faults import BusyError
from sampling.journal.store import Journal
from tests.journals import NOW, commented, journal, opened, place, rated, server  # noqa: F401


def hold(where: str, held: threading.Event, release: threading.Event) -> None:
    """Holds the write lock of a journal as another program would, until it is told to let go."""
    if where.startswith("postgresql"):
        import psycopg

        with psycopg.connect(where) as connection:
            connection.execute("SELECT pg_advisory_xact_lock(%s)", [database_module._LOCK])
            held.set()
            release.wait(60)
        return
    with closing(sqlite3.connect(where, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        held.set()
        release.wait(60)
        connection.execute("ROLLBACK")


def test_a_lock_held_for_eight_seconds_is_busy_and_then_not(place: str) -> None:  # noqa: F811
    """The first call gives up in words after five seconds; made again, it waits for the rest of the eight and is stored."""
    with opened(place) as fresh:
        held, release = threading.Event(), threading.Event()
        holder = threading.Thread(target=hold, args=(place, held, release))
        holder.start()
        assert held.wait(10)
        made = rated(2)
        with pytest.raises(
            BusyError, match="The journal is busy: another writer has held it .* Nothing was stored. Try again"
        ):
            fresh.append([made], now=NOW)
        assert fresh.head()[0] == 1, "reading goes on meanwhile"
        letting_go = threading.Timer(3, release.set)
        letting_go.start()
        [receipt] = fresh.append([made], now=NOW)
        holder.join()
        assert receipt.status == "stored" and fresh.verify().ok


def test_a_thread_of_our_own_that_hangs_is_busy_too(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr(database_module, "BUSY_SECONDS", 0.2)
    held, release = threading.Event(), threading.Event()

    def write() -> None:
        with journal._core.database.writing():
            held.set()
            release.wait(60)

    writer = threading.Thread(target=write)
    writer.start()
    assert held.wait(10)
    with pytest.raises(BusyError, match="The journal is busy"):
        journal.append([rated(1)], now=NOW)
    release.set()
    writer.join()
    assert journal.append([rated(1)], now=NOW)[0].status == "stored"


def test_a_full_disk_is_told_in_words_and_nothing_is_half_stored(tmp_path: Path) -> None:
    with opened(tmp_path / "journal.sqlite") as fresh:
        fresh.append([rated(1)], now=NOW)

        def full(connection: sqlite3.Connection, *_: object) -> None:
            connection.execute(f"PRAGMA max_page_count={connection.execute('PRAGMA page_count').fetchone()[0] + 2}")

        fresh._core.database.engine.dispose()
        event.listen(fresh._core.database.engine, "connect", full)
        before = fresh.head()
        words = "There is no room left to write the journal. Nothing of this change was stored. Free some space"
        with pytest.raises(StorageError, match=words):
            fresh.append([commented("x" * 9_000, number) for number in range(9)], now=NOW)
        assert fresh.head() == before and fresh.verify().ok
        fresh.append([commented("small")], now=NOW)
        event.remove(fresh._core.database.engine, "connect", full)
        fresh._core.database.engine.dispose()
        fresh.append([commented("x" * 9_000, number + 1) for number in range(9)], now=NOW)
        assert fresh.verify().entries == 12


def test_a_read_only_file_is_told_in_words(tmp_path: Path) -> None:
    with opened(tmp_path / "journal.sqlite") as fresh:

        def closed_to_us(connection: sqlite3.Connection, *_: object) -> None:
            connection.execute("PRAGMA query_only=ON")

        fresh._core.database.engine.dispose()
        event.listen(fresh._core.database.engine, "connect", closed_to_us)
        with pytest.raises(StorageError, match="The computer refused to write the journal"):
            fresh.append([rated(1)], now=NOW)


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://ann:hunter2@127.0.0.1:1/none",
        "postgresql://ann:hunter2@%%%",
        "postgres://ann:hunter2@127.0.0.1:1/none",
        "postgresql+asyncpg://ann:hunter2@127.0.0.1:1/none",
        "postgresql://ann:hunter2@127.0.0.1:notaport/none",
        "postgresql:",
    ],
)
def test_a_refused_connection_never_shows_the_password(address: str) -> None:
    with pytest.raises(StateError, match="The database did not accept the connection. Check host, port") as refused:
        Journal.open(address, create_at=NOW)
    assert (
        "hunter2" not in str(refused.value) and refused.value.__cause__ is None and refused.value.__suppress_context__
    )


def test_without_the_driver_the_optional_part_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(
        StateError, match=r"needs the optional part `postgres`. Run: pip install 'sampling\[postgres\]'"
    ):
        Journal.open("postgresql://127.0.0.1:1/none", create_at=NOW)


def test_a_user_without_rights_is_told_so(request: pytest.FixtureRequest) -> None:
    import psycopg

    where = request.getfixturevalue("server").new()
    with psycopg.connect(where, autocommit=True) as connection:
        connection.execute("CREATE ROLE reader LOGIN")
    with pytest.raises(StateError, match="may not make or write the journal's tables. Ask its administrator"):
        Journal.open(where.replace("postgres:@", "reader:@"), create_at=NOW)


def test_a_server_that_goes_away_is_busy_and_comes_back(request: pytest.FixtureRequest) -> None:
    where = request.getfixturevalue("server").new()
    with opened(where) as fresh:
        with pytest.raises(
            BusyError, match="The journal's database cannot be reached just now. Nothing was stored. Try again"
        ):
            with fresh._core.database.writing() as connection:
                connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        made = rated(1)
        assert fresh.append([made], now=NOW)[0].status == "stored"
        assert fresh.verify().entries == 2


def test_a_file_that_was_deleted_or_replaced_takes_no_more_words(tmp_path: Path) -> None:
    """A save into a file that no folder names any more would be acknowledged and lost."""
    where = tmp_path / "journal.sqlite"
    with opened(where) as fresh:
        fresh.append([rated(1)], now=NOW)
        where.rename(tmp_path / "moved.sqlite")
        for _ in range(2):
            with pytest.raises(
                StateError, match="was moved, deleted or replaced while it was open. Nothing was stored"
            ):
                fresh.append([rated(2, 1)], now=NOW)
            with pytest.raises(StateError, match="was moved, deleted or replaced"):
                fresh.entries()
            assert not where.exists()
        where.write_bytes(b"")
        with pytest.raises(StateError, match="was moved, deleted or replaced"):
            fresh.append([rated(2, 1)], now=NOW)
        where.unlink()
        (tmp_path / "moved.sqlite").rename(where)
        assert fresh.append([rated(2, 1)], now=NOW)[0].status == "stored"


def test_a_write_ahead_log_that_was_deleted_takes_no_more_words(tmp_path: Path) -> None:
    """SQLite goes on writing to a deleted log: what was acknowledged would end with the program."""
    where = tmp_path / "journal.sqlite"
    log = where.with_name("journal.sqlite-wal")
    with opened(where) as fresh:
        fresh.append([rated(1)], now=NOW)
        log.rename(tmp_path / "away")
        with pytest.raises(StateError, match="was moved, deleted or replaced while it was open. Nothing was stored"):
            fresh.append([rated(2, 1)], now=NOW)
        (tmp_path / "away").rename(log)
        assert fresh.append([rated(2, 1)], now=NOW)[0].status == "stored"
        assert fresh.verify().entries == 3


def test_a_journal_verifies_while_others_write(place: str) -> None:  # noqa: F811
    with opened(place) as fresh:
        stop = threading.Event()

        def write() -> None:
            while not stop.is_set():
                fresh.append([rated(1, -1)], now=NOW)

        writer = threading.Thread(target=write)
        writer.start()
        try:
            outcomes = [fresh.verify() for _ in range(40)]
        finally:
            stop.set()
            writer.join()
    assert [outcome.why for outcome in outcomes if not outcome.ok] == []


def test_a_private_store_that_cannot_be_written_makes_no_journal(place: str, private_store: Path) -> None:  # noqa: F811
    (private_store / "seals").write_text("in the way")
    with pytest.raises(SecretError, match="The lead key .* cannot be written .* No journal was made."):
        Journal.open(place, create_at=NOW)
    (private_store / "seals").unlink()
    with opened(place) as fresh:
        assert fresh.verify().entries == 1
