"""A copy of a journal that can be trusted: consistent while others write, verified once it is written, restored only where nothing is."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import insert, text

from sampling.errors import StateError, StorageError, VerificationError
from sampling.journal.appending import Appending
from sampling.journal.chaining import Row
from sampling.journal.database import Database, is_address, open_database, open_unchanging
from sampling.journal.events import Purged
from sampling.journal.faults import DAMAGED
from sampling.journal.migrating import NEWEST, migrate, version_of
from sampling.journal.purging import purge_again
from sampling.journal.reading import all_rows, kept_head, opened
from sampling.journal.records import Verification
from sampling.journal.rows_file import published_keys, read_rows
from sampling.journal.store import Journal
from sampling.journal.tables import entry as table
from sampling.journal.tables import head as head_table
from sampling.journal.verifying import verify_rows
from sampling.storage import make_durable

_SQLITE = b"SQLite format 3\0"
_AT_ONCE = 500
OTHER_JOURNAL = (
    "The newer file does not go on from this backup: it is of another journal, or older. Nothing was restored. Name a backup or an export "
    "of the same journal that was made later."
)
Source = Callable[[], Iterator[Row]]


def backup(journal: Journal, target: Path) -> Verification:
    """Writes a copy to a file that is not there yet, and returns that copy's verification.

    A SQLite journal gives a SQLite file, a PostgreSQL journal the JSON lines of its export; either can be restored to both.
    Raises StateError when the file is there, VerificationError when the copy does not verify (and then leaves none).
    """
    if target.exists():
        raise StateError(f"{target} is there already. A backup never overwrites a file: name another.")
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(6)}.partial")
    os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        journal.copy_to(temporary)
        outcome = check_file(temporary)
        if not outcome.ok:
            raise VerificationError(
                f"The journal or its copy does not verify, so that no backup was kept. {outcome.why}"
            )
        make_durable(temporary)
        os.link(temporary, target)  # fails where the name has appeared meanwhile; a rename would overwrite it
        make_durable(target.parent)
        return outcome
    except FileExistsError:
        raise StateError(f"{target} is there already. A backup never overwrites a file: name another.") from None
    finally:
        _remove(temporary)


def check_file(path: Path, head: str | None = None) -> Verification:
    """Returns whether the journal in a backup's file is whole."""
    with _source(path) as (rows, stored):
        return verify_rows(rows(), keys=published_keys(rows()), stored=stored, head=head)


def restore(
    file: Path, where: str | Path, *, purged_by: Path | None = None, now: datetime | None = None
) -> Verification:
    """Writes the entries of a backup to a place where there is nothing, and returns the new journal's verification.

    With `purged_by`, a newer backup or export of the same journal, what was purged in that since is not written again: its place is, and
    a purge under the same rule, of the time `now`, all in one transaction.
    Raises VerificationError when either file does not verify, StateError when there is something at the place already, or when the two
    are of different journals.
    """
    before = _whole(file, "The backup")
    gone = purged_since(file, purged_by) if purged_by is not None else {}
    if not is_address(where) and Path(where).exists():
        raise StateError(f"{where} is there already. A backup is restored to a new place.")
    database = open_database(where, create=True)
    try:
        with closing(database), _source(file) as (rows, _):
            _fill(database, rows, gone, now)
    finally:
        if database.file is not None and database.file.stat().st_size == 0:
            _remove(database.file)  # nothing was written to it
    with closing(Journal.open(where)) as journal:
        after = journal.verify(before.head_text)
    if not after.ok:
        raise VerificationError(f"The restored journal does not verify: do not use it. {after.why}")
    return after


def _whole(file: Path, what: str) -> Verification:
    """Returns the verification of a file. Raises StateError where there is none, VerificationError where it does not verify."""
    if not file.is_file():
        raise StateError(f"There is no backup at {file}. Check the path.")
    outcome = check_file(file)
    if not outcome.ok:
        raise VerificationError(f"{what} does not verify, so that nothing was restored. {outcome.why}")
    return outcome


def purged_since(older: Path, newer: Path) -> dict[str, list[str]]:
    """Returns rule -> ids of the entries whose content is in the older file, and was purged by the newer one.

    Raises what `restore` raises of the newer file.
    """
    _whole(newer, "The newer journal")
    hashes: list[str] = []
    told: list[Purged] = []
    with _source(newer) as (rows, _):
        for row in rows():
            hashes.append(row.hash)
            payload = opened(row, None, {}).payload if row.kind == Purged.kind else None
            told += [payload] if isinstance(payload, Purged) else []
    there: set[str] = set()
    with _source(older) as (rows, _):
        for number, row in enumerate(rows()):
            if number >= len(hashes) or hashes[number] != row.hash:
                raise StateError(OTHER_JOURNAL)
            there |= {row.id} if row.body is not None else set()
    by_rule: dict[str, list[str]] = {}
    for payload in told:
        by_rule.setdefault(payload.rule, []).extend(name for name in payload.entries if name in there)
    return {rule: names for rule, names in by_rule.items() if names}


def _fill(database: Database, rows: Source, gone: Mapping[str, Sequence[str]], now: datetime | None) -> None:
    emptied = {name for names in gone.values() for name in names}
    with database.writing() as connection:
        if version_of(connection) is not None:
            raise StateError("There is a journal at this place already. A backup is restored to a new place.")
        migrate(connection, None)
        waiting: list[Row] = []
        last: Row | None = None
        for row in rows():
            waiting.append(replace(row, body=None) if row.id in emptied else row)
            last = row
            if len(waiting) == _AT_ONCE:
                connection.execute(insert(table), [asdict(each) for each in waiting])
                waiting = []
        if waiting:
            connection.execute(insert(table), [asdict(each) for each in waiting])
        if last is not None:
            connection.execute(insert(head_table).values(one=1, sequence=last.sequence, hash=last.hash))
        if gone and now is not None:
            purge_again(Appending(connection, opener=None, seal_key="", keys={}), gone, now)


def _remove(file: Path) -> None:
    """Takes a SQLite file away, with what lies beside it."""
    for name in (file.name, f"{file.name}-wal", f"{file.name}-shm", f"{file.name}-journal"):
        file.with_name(name).unlink(missing_ok=True)


@contextmanager
def _source(path: Path) -> Iterator[tuple[Source, tuple[int, str] | None]]:
    """Gives what reads the rows of a backup, each time from the first, and the head that it keeps, if it does."""
    try:
        with path.open("rb") as file:
            is_sqlite = file.read(len(_SQLITE)) == _SQLITE
    except OSError as error:
        raise StorageError(f"{path} cannot be read: {error.strerror}.") from None
    if not is_sqlite:
        yield lambda: read_rows(path), None
        return
    with closing(open_unchanging(path)) as database, database.reading() as connection:
        if connection.execute(text("PRAGMA integrity_check(1)")).scalar() != "ok":
            raise VerificationError(DAMAGED)
        if version_of(connection) != NEWEST:
            raise StateError(f"{path.name} holds no journal of this version of the program.")
        yield lambda: all_rows(connection), kept_head(connection)
