"""How a journal's database is reached: SQLite in a file, or PostgreSQL by a connection string. The rest of the room knows no difference."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import NullPool, QueuePool

from sampling.errors import SamplingError, StateError, StorageError
from sampling.journal.faults import BUSY, MOVED, BusyError, plainly
from sampling.journal.network_drives import refuse_network_drive

BUSY_SECONDS = 5  # how long one writer waits for another (docs/decisions/0011-no-word-is-lost.md)
_LOCK = 0x63736A31  # the advisory lock of all writers of a database: "csj1"
_WRITING = "journal_writing"
_POOL = 8


def _identity(file: Path) -> tuple[int, int] | None:
    """Returns what tells a file from another of the same name, or None where there is none."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def is_address(where: str | Path) -> bool:
    """Tells whether a place is a connection string, not a path."""
    return str(where).startswith(("postgresql:", "postgresql+", "postgres:"))


class Database:
    """One journal's database: reading and writing transactions, safe from many threads and many processes."""

    def __init__(self, engine: Engine, *, file: Path | None) -> None:
        self.engine = engine
        self.file = file
        self._identity = _identity(file) if file is not None else None
        self._log = file.with_name(f"{file.name}-wal") if file is not None else None
        self._log_identity: tuple[int, int] | None = None  # known from the first write on; our connections hold it open
        self._lock = threading.Lock()
        event.listen(engine, "engine_disposed", self._forget_log)

    def _forget_log(self, _: Engine) -> None:
        """Without a connection of ours, SQLite may take the log away and make another."""
        self._log_identity = None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Gives a connection that sees one state. Raises errors of ours alone."""
        self._still_there()
        with plainly(), self.engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection

    def _still_there(self) -> None:
        """Raises StateError when the file or its write-ahead log was moved, deleted or replaced: what is written to it then would be
        in no place at all. SQLite itself keeps the log as long as one connection is open, and goes on writing to a deleted one.
        """
        if self.file is None or self._log is None:
            return
        if _identity(self.file) != self._identity:
            raise StateError(MOVED)
        if self._log_identity is not None and _identity(self._log) != self._log_identity:
            raise StateError(MOVED)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Gives the only writer's connection; what it wrote is on the disk when the block has ended, or nothing is.

        Raises BusyError when another writer has held the journal for BUSY_SECONDS, StorageError when the disk refuses.
        """
        if not self._lock.acquire(timeout=BUSY_SECONDS):
            raise BusyError(BUSY)
        try:
            self._still_there()
            with (
                plainly(),
                self.engine.connect().execution_options(**{_WRITING: True}) as connection,
                connection.begin(),
            ):
                if connection.dialect.name == "postgresql":
                    connection.execute(text(f"SET LOCAL lock_timeout = '{BUSY_SECONDS}s'"))
                    connection.execute(text("SET LOCAL synchronous_commit = on"))
                    connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
                elif self._log is not None and self._log_identity is None:
                    self._log_identity = _identity(self._log)
                yield connection
                self._still_there()
        finally:
            self._lock.release()

    @contextmanager
    def alone(self) -> Iterator[Connection]:
        """Gives a connection outside any transaction, for the database's own housekeeping."""
        with plainly(), self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            yield connection

    def close(self) -> None:
        """Closes every connection."""
        self.engine.dispose()


def open_database(where: str | Path, *, create: bool) -> Database:
    """Returns the database at a place. Raises StateError when there is none and it may not be made, or it lies on a network drive."""
    return _open_postgres(str(where)) if is_address(where) else _open_sqlite(Path(where), create=create)


def open_unchanging(path: Path) -> Database:
    """Returns the database of a SQLite file that nobody writes to, such as a backup; not a byte of it is changed, wherever it lies."""
    address = f"file:{quote(path.absolute().as_posix())}?mode=ro&immutable=1"
    connect = partial(sqlite3.connect, address, uri=True, check_same_thread=False)
    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)
    event.listen(engine, "connect", _read_sqlite)
    return Database(engine, file=path)


def _open_sqlite(path: Path, *, create: bool) -> Database:
    path = path.expanduser().absolute()
    if path.is_dir():
        raise StateError("A journal is a file, but a folder was named. Name a file in it, such as journal.sqlite.")
    if not create and not path.is_file():
        raise StateError(f"There is no journal at {path}. Check the path.")
    refuse_network_drive(path)
    try:
        _private_file(path)
    except OSError as error:
        raise StorageError(f"The journal {path} cannot be made or read: {error.strerror}. Check the path.") from None
    address = f"file:{quote(path.as_posix())}?mode=rw"  # never makes a file: _private_file has
    connect = partial(sqlite3.connect, address, uri=True, timeout=BUSY_SECONDS, check_same_thread=False)
    engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool, pool_size=_POOL, max_overflow=-1)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return Database(engine, file=path)


def _private_file(path: Path) -> None:
    """Makes the file for its owner's eyes alone, in a folder likewise; refuses one that everybody can open."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o007:
            raise StateError(
                f"Everybody on this machine can open the journal {path}. Run: chmod 600 '{path}'"
            ) from None


def _read_sqlite(connection: sqlite3.Connection, _: Any) -> None:
    connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")  # a damaged text is read, and found


def _prepare_sqlite(connection: sqlite3.Connection, _: Any) -> None:
    _read_sqlite(connection, _)
    connection.isolation_level = None  # transactions are begun by _begin_sqlite, never by the driver
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "trusted_schema=OFF"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("isolation_level") != "AUTOCOMMIT":
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get(_WRITING) else "BEGIN")


def _open_postgres(address: str) -> Database:
    try:
        url = make_url("postgresql:" + address.partition(":")[2]).set(drivername="postgresql+psycopg")
        engine = create_engine(
            url,
            pool_size=_POOL,
            max_overflow=-1,
            pool_pre_ping=True,
            connect_args={"client_encoding": "utf8", "connect_timeout": 10},
        )
    except ModuleNotFoundError:
        words = "A journal in PostgreSQL needs the optional part `postgres`. Run: pip install 'sampling[postgres]'"
        raise StateError(words) from None
    except (ArgumentError, ValueError):
        raise _refused() from None
    try:
        with engine.connect():
            pass
    except (DBAPIError, UnicodeError):
        engine.dispose()
        raise _refused() from None  # the driver's own message may hold the password
    return Database(engine, file=None)


def _refused() -> SamplingError:
    return StateError(
        "The database did not accept the connection. Check host, port, name, user and password of the connection string."
    )
