"""What tests of the journal share: drafts, people, and a place for a journal in each of the two engines."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from sampling.journal.events import (
    ActionClosed,
    ActionMoved,
    ActionRaised,
    Commented,
    ConflictResolved,
    EvidencePointed,
    EvidenceWithdrawn,
    Payload,
    Rated,
    Signed,
)
from sampling.journal.store import Draft, Journal, Opener
from sampling.journal.tables import entry
from tests.postgres import DanishServer, danish_server

SECRET = bytes(range(32))
ANN, BOB, LEAD = ("a" * 64, "b" * 64, "c" * 64)
NOW = datetime(2026, 11, 3, 9, tzinfo=UTC)
REVIEW, OTHER = "1" * 32, "2" * 32
REF = "crisis_plan/signs"
ENGINES = ("sqlite", "postgresql")
COLUMNS = [column.name for column in entry.columns]


def later(seconds: int) -> datetime:
    """Returns a moment so many seconds after NOW."""
    return NOW + timedelta(seconds=seconds)


class Ids:
    """Ids that are the same in every run: 32 hexadecimal digits."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def __call__(self) -> str:
        return f"{next(self._numbers):032x}"


_ids = itertools.count(10**9)


def new_id() -> str:
    """Returns an id that no other draft of this run has."""
    return f"{next(_ids):032x}"


def draft(payload: Payload, subject: str, **more: Any) -> Draft:
    """Returns a draft of Ann's on the first review, unless told otherwise."""
    return Draft(**{"id": new_id(), "actor": ANN, "payload": payload, "review": REVIEW, "subject": subject, **more})


def rated(level: int | None, base: int = 0, *, criterion: str = REF, **more: Any) -> Draft:
    """Returns a rating; no level is a cleared one."""
    payload = Rated(criterion=criterion, rubric_version="1.0", rubric_digest="d" * 64, level=level)
    return draft(payload, f"rating:{criterion}", base=base, **more)


def commented(text: str, base: int = 0, **more: Any) -> Draft:
    """Returns a comment on the criterion."""
    return draft(Commented(criterion=REF, text=text), f"comment:{REF}", base=base, **more)


def pointed(pointer: str, base: int = 0, **more: Any) -> Draft:
    """Returns an evidence pointer."""
    payload = EvidencePointed.model_validate(
        {"pointer": pointer, "criterion": REF, "note_date": "2026-10-01", "note_kind": "phone", "quote": "call me"}
    )
    return draft(payload, f"evidence:{pointer}", base=base, **more)


def withdrawn(pointer: str, base: int, **more: Any) -> Draft:
    """Returns the withdrawal of a pointer."""
    return draft(EvidenceWithdrawn(pointer=pointer), f"evidence:{pointer}", base=base, **more)


def raised(action: str, base: int = 0, *, due: str = "2026-11-10", **more: Any) -> Draft:
    """Returns an action."""
    payload = ActionRaised.model_validate(
        {"action": action, "action_kind": "gp_liaison", "text": "Ring", "owner": "Dr A", "due": due, "review_date": due}
    )
    return draft(payload, f"action:{action}", base=base, **more)


def moved(action: str, base: int, *, due: str = "2026-12-01", **more: Any) -> Draft:
    """Returns a new date for an action."""
    payload = ActionMoved.model_validate({"action": action, "due": due, "review_date": due, "reason": "ill"})
    return draft(payload, f"action:{action}", base=base, **more)


def closed(action: str, base: int, **more: Any) -> Draft:
    """Returns the end of an action."""
    return draft(ActionClosed(action=action, outcome="done"), f"action:{action}", base=base, **more)


def signed(base: int = 0, **more: Any) -> Draft:
    """Returns a rater's signature."""
    payload = Signed(role="rater", statement="I have scored this.", content="e" * 64)
    return draft(payload, "signature:rater", base=base, **more)


def resolved(chosen: Draft, instead_of: Draft, base: int, **more: Any) -> Draft:
    """Returns the settlement of a conflict."""
    payload = ConflictResolved(chosen=chosen.id, instead_of=instead_of.id)
    return draft(payload, chosen.subject, base=base, **more)


def opener(actor: str = ANN, lead_key: bytes | None = None) -> Opener:
    """Returns who looks at a journal, with the test's secret."""
    return Opener(SECRET, actor, lead_key)


@contextmanager
def opened(where: str | Path, actor: str = ANN) -> Iterator[Journal]:
    """Gives the journal at a place, made where there is none."""
    with closing(Journal.open(where, opener(actor), create_at=NOW)) as journal:
        yield journal


class Schemas:
    """Places for journals in one Danish database: a schema each, which is made much sooner than a database."""

    def __init__(self, server: DanishServer) -> None:
        self.database = server.new_database()
        self._count = itertools.count(1)

    def new(self) -> str:
        """Returns the connection string of a new place."""
        name = f"place_{next(self._count)}"
        with psycopg.connect(self.database, autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {name}")
        return f"{self.database}&options=-csearch_path%3D{name}"


@pytest.fixture(scope="module")
def server() -> Iterator[Schemas]:
    """A PostgreSQL server for the tests of one file."""
    with danish_server() as running:
        yield Schemas(running)


@pytest.fixture(params=ENGINES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a journal may be made: in SQLite, then in PostgreSQL."""
    if request.param == "sqlite":
        return str(tmp_path / "journal" / "journal.sqlite")
    return str(request.getfixturevalue("server").new())


@pytest.fixture
def journal(place: str) -> Iterator[Journal]:
    """A new journal, as Ann sees it, in each engine."""
    with opened(place) as fresh:
        yield fresh


def by_hand(where: str, *statements: str, triggers: bool = False) -> list[tuple[Any, ...]]:
    """Runs statements as someone with the database's own tools would, and returns the rows of the last. Without `triggers` they are off."""
    run = _in_postgres if where.startswith("postgresql") else _in_sqlite
    return run(where, statements, triggers)


def _in_sqlite(where: str, statements: tuple[str, ...], triggers: bool) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(where, isolation_level=None)) as connection:
        names = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        for name in [] if triggers else [row[0] for row in connection.execute(names)]:
            connection.execute(f"DROP TRIGGER {name}")
        rows: list[tuple[Any, ...]] = []
        for statement in statements:
            rows = connection.execute(statement).fetchall()
        return rows


def _in_postgres(where: str, statements: tuple[str, ...], triggers: bool) -> list[tuple[Any, ...]]:
    with psycopg.connect(where, autocommit=True) as connection:
        if not triggers:
            for table in ("journal_entry", "journal_head"):
                connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        rows: list[tuple[Any, ...]] = []
        for statement in statements:
            cursor = connection.execute(statement)  # type: ignore[call-overload]
            rows = cursor.fetchall() if cursor.description else []
        return rows


def stored_bytes(where: str) -> bytes:
    """Returns every byte that a SQLite journal has on the disk: the file, its write-ahead log and its index."""
    path = Path(where)
    return b"".join(each.read_bytes() for each in sorted(path.parent.glob(f"{path.name}*")))


Maker = Callable[..., Draft]
