"""A retention rule takes the content of entries away; their places in the chain stay, and the purge itself is an entry.

The rules are data of another room. This is how a purge happens: the chain holds salted digests only, so that it still verifies, and
no digest gives a short content away, since its salt goes with it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, text, update

from sampling.errors import SamplingError
from sampling.journal.appending import Appending
from sampling.journal.chaining import Row
from sampling.journal.database import Database
from sampling.journal.events import ConflictResolved, JournalOpened, Purged, Unsealed
from sampling.journal.events_retention import RETENTION
from sampling.journal.faults import DraftError, plainly
from sampling.journal.reading import choose, rows_of
from sampling.journal.records import SEALED, SYSTEM, Draft, check_draft
from sampling.journal.tables import entry as table

# These hold ids and keys alone. Without them the rest could not be read any more, or a purge would hide itself.
KEPT = (
    JournalOpened.kind, Purged.kind, Unsealed.kind, ConflictResolved.kind, *(payload.kind for payload in RETENTION),
)  # fmt: skip
_AT_ONCE = 500  # ids of one entry
_LOCK_SECONDS = 5  # how long PostgreSQL's rewriting waits for those who read
IN_LOG = "The old content may still lie in the -wal file until the other programs close the journal."
IN_FILES = "The old content may still lie in the database's files until it is next cleaned up."
IN_COPIES = "The server's write-ahead log and its backups may still hold the old content, until they are rotated."
IN_SPACE = (
    "Others were reading, so that the table was not written anew: the old content may lie in its free space until it is used again. "
    + IN_COPIES
)


@dataclass(frozen=True)
class Purging:
    """What one purge takes: rule -> ids of entries, and the entries of the deletion log that are stored with it, all or nothing."""

    by_rule: Mapping[str, Sequence[str]]
    log: Sequence[Draft]


@dataclass(frozen=True)
class PurgeResult:
    """What a purge took away, or in a dry run would: the entries whose content it is. `left` says where traces may still lie."""

    entries: tuple[str, ...]
    already: tuple[str, ...]
    dry_run: bool
    left: str = ""


def to_purge(connection: Connection, wanted: Sequence[str], kind_of: Callable[[Row], str]) -> PurgeResult:
    """Returns which of the entries still have content. Raises DraftError for one that is not there or is never purged.

    `kind_of` gives the kind of a row as far as it may be opened.
    """
    rows: dict[str, Row] = {}
    names = list(dict.fromkeys(wanted))
    for start in range(0, len(names), _AT_ONCE):
        found = rows_of(connection, choose().where(table.c.id.in_(names[start : start + _AT_ONCE])))
        rows |= {row.id: row for row in found}
    missing = [name for name in names if name not in rows]
    if missing:
        raise DraftError(f"{len(missing)} of the entries to purge are not in this journal. Nothing was purged.")
    kept = sorted({kind_of(row) for row in rows.values()} & set(KEPT))
    if kept:
        raise DraftError(
            f"Entries of the kind {', '.join(kept)} are never purged: they hold no content. Nothing was purged."
        )
    _whole_subjects(connection, rows, kind_of)
    gone = tuple(name for name in names if rows[name].body is None)
    return PurgeResult(tuple(name for name in names if rows[name].body is not None), gone, dry_run=True)


def _whole_subjects(connection: Connection, rows: dict[str, Row], kind_of: Callable[[Row], str]) -> None:
    """Raises DraftError when others would be left on the subject of a sealed entry.

    Its subject goes with it, so that an older value would seem to stand.
    """
    tokens = {row.subject for row in rows.values() if row.sealed and row.body is not None}
    if not tokens:
        return
    sealed = choose().where(table.c.kind == SEALED, table.c.subject.in_(tokens), table.c.body.is_not(None))
    left = [row for row in rows_of(connection, sealed) if row.id not in rows and kind_of(row) not in KEPT]
    if left:
        raise DraftError(
            f"Sealed entries on one subject are purged together, and {len(left)} more belong to these. Nothing was purged."
        )


def purge(
    appending: Appending, connection: Connection, plan: PurgeResult, *, rule: str, actor: str, now: datetime
) -> None:
    """Writes the purge into the chain and empties the entries, all in the transaction of the connection."""
    for start in range(0, len(plan.entries), _AT_ONCE):
        names = plan.entries[start : start + _AT_ONCE]
        appending.append([_purged(rule, names, actor)], now)
        connection.execute(update(table).where(table.c.id.in_(names)).values(body=None))


def purge_again(appending: Appending, by_rule: Mapping[str, Sequence[str]], now: datetime) -> None:
    """Writes into a journal that is being restored that these entries, which have no content in it, were purged under their rules."""
    for rule, names in by_rule.items():
        for start in range(0, len(names), _AT_ONCE):
            appending.append([_purged(rule, names[start : start + _AT_ONCE], SYSTEM)], now)


def _purged(rule: str, names: Sequence[str], actor: str) -> Draft:
    draft = Draft(id=secrets.token_hex(16), actor=actor, payload=Purged(rule=rule, entries=tuple(names)))
    check_draft(draft, "The purge")
    return draft


def purge_all(
    appending: Appending, connection: Connection, wanted: Purging, *, kind_of: Callable[[Row], str], now: datetime
) -> tuple[str, ...]:
    """Purges under each rule and stores the deletion log, all in the transaction of the connection. Returns the ids of what went.

    What is gone already is left alone. Raises DraftError as `to_purge` does; the caller's transaction then stores nothing.
    """
    together = to_purge(connection, [name for names in wanted.by_rule.values() for name in names], kind_of)
    there = set(together.entries)
    for rule, names in wanted.by_rule.items():
        of_rule = replace(together, entries=tuple(name for name in names if name in there))
        purge(appending, connection, of_rule, rule=rule, actor=SYSTEM, now=now)
    for draft in wanted.log:
        check_draft(draft, "The deletion log")
    appending.append(wanted.log, now)
    return together.entries


def sweep(database: Database) -> str:
    """Takes the purged content out of the database's own files, too. Returns a sentence on where it may still lie, else nothing.

    SQLite overwrites what it deletes (secure_delete); VACUUM then writes every page anew from what is left, and the log is cut to
    nothing. PostgreSQL's plain VACUUM frees the place and leaves the bytes in it, so the table is written anew where nobody reads it.
    """
    try:
        with database.alone() as connection:
            return _sweep_sqlite(connection) if connection.dialect.name == "sqlite" else _sweep_postgres(connection)
    except SamplingError:
        return IN_FILES


def _sweep_sqlite(connection: Connection) -> str:
    busy = connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).scalar_one()
    if busy:
        return IN_LOG
    connection.execute(text("VACUUM"))
    busy = connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).scalar_one()
    return IN_LOG if busy else ""


def _sweep_postgres(connection: Connection) -> str:
    connection.execute(text(f"SET lock_timeout = '{_LOCK_SECONDS}s'"))
    try:
        with plainly():
            connection.execute(text(f"VACUUM (FULL) {table.name}"))
        return IN_COPIES
    except SamplingError:
        connection.execute(text(f"VACUUM {table.name}"))
        return IN_SPACE
    finally:
        connection.execute(text("RESET lock_timeout"))
