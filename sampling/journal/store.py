"""The journal: the one append-only store of what people decided. The only room that writes it, and the only door to it.

with closing(Journal.open(path, Opener(secret, actor), create_at=now)) as journal:
    journal.append([Draft(id=..., actor=actor, payload=Parked(parked=True), review=review, subject="parked")], now=now)
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, insert, select, text

from sampling.chain import FIRST_PREVIOUS
from sampling.errors import SamplingError, StateError
from sampling.journal import sealing
from sampling.journal.appending import Appending
from sampling.journal.chaining import Row
from sampling.journal.database import Database, open_database
from sampling.journal.events import JournalOpened, Purged, Unsealed
from sampling.journal.faults import DAMAGED, BusyError, DraftError
from sampling.journal.finding import Published, Question, find
from sampling.journal.migrating import NEWEST, migrate, version_of
from sampling.journal.purging import PurgeResult, Purging, purge, purge_all, sweep, to_purge
from sampling.journal.reading import Remembered, all_rows, choose, kept_head, opened, rows_of
from sampling.journal.records import CURRENT, SYSTEM, Draft, Entry, Receipt, Verification, check_draft
from sampling.journal.rows_file import write_rows
from sampling.journal.sealing import Opener
from sampling.journal.tables import entry as table
from sampling.journal.tables import head as head_table
from sampling.journal.verifying import read_head, verify_rows
from sampling.tickets import digest

__all__ = [
    "CURRENT",
    "SYSTEM",
    "BusyError",
    "Decide",
    "DecidePurge",
    "Draft",
    "DraftError",
    "Entry",
    "Expect",
    "Journal",
    "Opener",
    "Receipt",
    "Verification",
]

_OURS_ALONE = (JournalOpened, Unsealed, Purged)  # written by the journal itself


class _Core:
    """What every view of one store shares."""

    def __init__(self, database: Database, opening: JournalOpened) -> None:
        self.database = database
        self.opening = opening
        self.remembered = Remembered()
        self.published = Published(self.remembered)

    def keys(self, connection: Connection) -> dict[str, bytes]:
        """Returns every content key that was published so far."""
        return self.published.keys(connection)


class Journal:
    """One store as one person sees it. Safe to use from many threads; many processes may open the same store."""

    def __init__(self, core: _Core, opener: Opener | None, within: Connection | None = None) -> None:
        self._core = core
        self._opener = opener
        self._within = within  # the writer's connection, where this view looks on from inside a writing transaction

    @classmethod
    def open(cls, where: str | Path, opener: Opener | None = None, *, create_at: datetime | None = None) -> Journal:
        """Returns the journal at a path (SQLite) or a connection string (postgresql://…), brought to the newest form.

        With `create_at` one is made where there is none, and its private lead key laid into the private store. Raises StateError
        when there is none, or it is another program's, a newer program's, or on a network drive; StorageError when the disk refuses.
        """
        database = open_database(where, create=create_at is not None)
        try:
            return cls(_Core(database, _opening(database, create_at)), opener)
        except BaseException:
            database.close()
            raise

    @property
    def id(self) -> str:
        """Returns the journal's own id, 32 hexadecimal digits."""
        return self._core.opening.journal

    def as_(self, opener: Opener | None) -> Journal:
        """Returns the same store as someone else sees it."""
        return Journal(self._core, opener, self._within)

    def close(self) -> None:
        """Closes the store for every view of it."""
        self._core.database.close()

    def append(self, drafts: Sequence[Draft], *, now: datetime, expect: Expect | None = None) -> list[Receipt]:
        """Returns a receipt a draft, once all are on the disk; on any error none is stored.

        `expect` is asked once no other process can write any more, and sees through the journal that it is handed what stands then;
        whatever it raises goes to the caller, and nothing is stored. Raises DraftError for a draft that cannot be stored as it is,
        BusyError when another writer holds the journal for too long (the same call may be made again), StorageError when the disk
        is full or refuses.
        """
        if not drafts:
            return []
        _check(drafts)

        def decide(journal: Journal) -> Sequence[Draft]:
            if expect is not None:
                expect(journal)
            return drafts

        return self.append_decided(decide, now=now)

    def append_decided(self, decide: Decide, *, now: datetime) -> list[Receipt]:
        """Stores the drafts that `decide` returns, and returns a receipt a draft: what is stored follows from what stands at that moment.

        `decide` is asked once no other process can write any more, and reads through the journal that it is handed; whatever it raises
        goes to the caller, and nothing is stored. Raises what `append` raises.
        """
        with self._core.database.writing() as connection:
            drafts = decide(Journal(self._core, self._opener, connection))
            _check(drafts)
            return self._appending(connection).append(drafts, now) if drafts else []

    def _reading(self) -> AbstractContextManager[Connection]:
        return self._core.database.reading() if self._within is None else nullcontext(self._within)

    def _appending(self, connection: Connection) -> Appending:
        keys = self._core.keys(connection)
        return Appending(connection, opener=self._opener, seal_key=self._core.opening.seal_key, keys=keys)

    def entries(
        self,
        *,
        review: str | None = None,
        reviews: Sequence[str] | None = None,
        kinds: Sequence[str] = (),
        actor: str | None = None,
        after: int = 0,
    ) -> list[Entry]:
        """Returns the entries that match, in the order of their sequence, opened as far as this view may.

        An entry that may not be opened has the kind "sealed" and no payload, whatever it says.
        """
        wanted = (
            None
            if review is None and reviews is None
            else {*(reviews or ()), *([review] if review is not None else [])}
        )
        question = Question(None if wanted is None else frozenset(wanted), tuple(kinds), actor, after)
        with self._reading() as connection:
            rows = find(connection, question, self._opener, self._core.published)
            keys, gone = self._core.keys(connection), self._core.published.purged(connection)
        read, opener = self._core.remembered.opened, self._opener
        found = [read(row, opener, keys) for row in rows if wanted is None or row.review in wanted]
        dated = (replace(one, purged_at=gone.get(one.id, "")) if one.state == "purged" else one for one in found)
        return [entry for entry in dated if not kinds or entry.kind in kinds]

    def head(self) -> tuple[int, str]:
        """Returns (number of entries, hash of the last): what to note elsewhere, so that a cut end is found."""
        newest = select(table.c.sequence, table.c.hash).order_by(table.c.sequence.desc()).limit(1)
        with self._core.database.reading() as connection:
            last = connection.execute(newest).one()
        return int(last.sequence), str(last.hash)

    def verify(self, head: str | None = None) -> Verification:
        """Returns whether the journal is whole, naming the first entry that is not. `head` is one that was noted elsewhere, "N HASH"."""
        if head is not None:
            read_head(head)
        try:
            with self._core.database.reading() as connection:
                if damage := _damage(connection):
                    return damage
                stored = kept_head(connection)
                keys = self._core.keys(connection)
                with closing(all_rows(connection)) as rows:
                    return verify_rows(rows, keys=keys, opener=self._opener, stored=stored, head=head)
        except SamplingError as error:
            if isinstance(error, BusyError):
                raise
            return Verification(False, 0, FIRST_PREVIOUS, None, error.message)

    def unseal(self, reviews: Sequence[str], *, now: datetime, id: str, expect: Expect | None = None) -> Receipt:
        """Publishes the content keys of all that is sealed in these reviews, so that everyone can read it. Returns the entry's receipt.

        `expect` as for `append`. The same id again publishes what was sealed since, if anything was; else the receipt is that of the earlier entry.
        Raises StateError when this view has no lead key, or the lead key of another journal.
        """
        if self._opener is None or self._opener.lead_key is None:
            raise StateError("Only the journal's lead can unseal ratings: the private lead key is not here.")
        with self._core.database.writing() as connection:
            if expect is not None:
                expect(Journal(self._core, self._opener, connection))
            known = self._core.keys(connection)
            earlier = next(iter(rows_of(connection, choose().where(table.c.id == id))), None)
            sealed = choose(reviews=sorted(set(reviews))).where(table.c.sealed == 1, table.c.body.is_not(None))
            keys = {row.id: self._content_key(row) for row in rows_of(connection, sealed) if row.id not in known}
            if earlier is not None and not keys:
                return Receipt(earlier.id, earlier.sequence, earlier.revision, earlier.at, "known")
            # what was sealed after an earlier unsealing under this id is published under an id that follows from both
            name = id if earlier is None else digest(f"csj1/unsealed|{id}|{'|'.join(sorted(keys))}")[:32]
            review = reviews[0] if len(set(reviews)) == 1 else ""
            draft = Draft(id=name, actor=self._opener.actor, payload=Unsealed(keys=keys), review=review)
            check_draft(draft, "The unsealing")
            return self._appending(connection).append([draft], now)[0]

    def unseal_with(self, entries: Sequence[str], drafts: Sequence[Draft], *, now: datetime) -> list[Receipt]:
        """Publishes the content keys of these sealed entries and stores the drafts, all or nothing; returns the drafts' receipts.

        Raises StateError as `unseal` does, DraftError for an entry that is not sealed here or a draft that cannot be stored.
        """
        if self._opener is None or self._opener.lead_key is None:
            raise StateError("Only the journal's lead can unseal ratings: the private lead key is not here.")
        _check(drafts)
        wanted = set(entries)
        with self._core.database.writing() as connection:
            sealed = choose(reviews=[drafts[0].review]).where(table.c.sealed == 1, table.c.body.is_not(None))
            keys = {row.id: self._content_key(row) for row in rows_of(connection, sealed) if row.id in wanted}
            if len(keys) != len(wanted):
                raise DraftError("An entry that was to be unsealed is not among the sealed ones of this review.")
            published = Draft(secrets.token_hex(16), self._opener.actor, Unsealed(keys=keys), drafts[0].review)
            return self._appending(connection).append([published, *drafts], now)[1:]

    def purge(
        self, entries: Sequence[str], rule: str, actor: str, now: datetime, *, dry_run: bool = False
    ) -> PurgeResult:
        """Returns which entries' content was taken away, by their ids; with `dry_run` which would be, and nothing is changed.

        `rule` names the retention rule. The entries stay in the chain without their content, and the purge is an entry of its own.
        Raises DraftError for an entry that is not there, or that is never purged; then nothing is.
        """
        if dry_run:
            with self._core.database.reading() as connection:
                return to_purge(connection, entries, self._kind_of(connection))
        with self._core.database.writing() as connection:
            plan = to_purge(connection, entries, self._kind_of(connection))
            purge(self._appending(connection), connection, plan, rule=rule, actor=actor, now=now)
        self._core.remembered.forget(plan.entries)
        return replace(plan, dry_run=False, left=sweep(self._core.database) if plan.entries else "")

    def purge_decided(self, decide: DecidePurge, *, now: datetime) -> str:
        """Purges what `decide` returns and stores its deletion log in one transaction; returns where traces may still lie, or nothing.

        `decide` is asked once no other process can write any more; whatever it raises goes to the caller, and nothing is changed.
        Raises what `purge` raises. A process that is killed leaves all of it done, or nothing; `sweep` then cleans the files.
        """
        with self._core.database.writing() as connection:
            wanted = decide(Journal(self._core, self._opener, connection))
            kind_of = self._kind_of(connection)
            gone = purge_all(self._appending(connection), connection, wanted, kind_of=kind_of, now=now)
        self._core.remembered.forget(gone)
        return self.sweep()

    def sweep(self) -> str:
        """Takes purged content out of the database's own files; returns a sentence on where it may still lie, or nothing."""
        return sweep(self._core.database)

    def _kind_of(self, connection: Connection) -> Callable[[Row], str]:
        keys = self._core.keys(connection)
        return lambda row: opened(row, self._opener, keys).kind

    def copy_to(self, path: Path) -> None:
        """Writes a consistent copy into an empty file, while others go on writing: SQLite as SQLite, PostgreSQL as JSON lines."""
        if self._core.database.file is None:
            self.write_rows(path)
            return
        with self._core.database.alone() as connection:
            connection.execute(text("VACUUM INTO :target"), {"target": str(path)})

    def write_rows(self, path: Path) -> None:
        """Writes every entry as it is stored, sealed ones sealed, as JSON lines (docs/journal.md)."""
        with self._core.database.reading() as connection:
            write_rows(path, all_rows(connection))

    def _content_key(self, row: Row) -> str:
        assert row.body is not None
        key = sealing.content_key(row.body, entry=row.id, author=row.actor, opener=self._opener)
        if key is None:
            raise StateError(
                "The lead key that is here does not open this journal's sealed entries. Bring the right one."
            )
        return key.hex()


Expect = Callable[[Journal], None]  # what must still be so when a draft is stored; raises where it is not
Decide = Callable[[Journal], Sequence[Draft]]  # what is to be stored, of what stands when nobody else can write
DecidePurge = Callable[[Journal], Purging]  # what is to be purged, likewise


def _check(drafts: Sequence[Draft]) -> None:
    """Raises DraftError for a draft that is not written as an entry is, or that only the journal itself writes."""
    for number, draft in enumerate(drafts, 1):
        place = f"Event {number} of {len(drafts)}"
        check_draft(draft, place)
        if isinstance(draft.payload, _OURS_ALONE):
            raise DraftError(f"{place} cannot be stored: only the journal itself writes such an entry.")


def _damage(connection: Connection) -> Verification | None:
    """Returns the outcome for a file whose pages are damaged; PostgreSQL looks after its own."""
    if connection.dialect.name != "sqlite":
        return None
    sound = connection.execute(text("PRAGMA integrity_check(1)")).scalar() == "ok"
    return None if sound else Verification(False, 0, FIRST_PREVIOUS, None, DAMAGED)


def _opening(database: Database, create_at: datetime | None) -> JournalOpened:
    """Returns the first entry's payload; brings the tables up to date, or makes them and the first entry."""
    with database.reading() as connection:
        version = version_of(connection)
        if version == NEWEST:
            return _first(connection)
    if version is None and create_at is None:
        raise StateError("There is no journal at this place yet.")
    with database.writing() as connection:
        version = version_of(connection)  # another process may have been quicker
        migrate(connection, version)
        if version is None and create_at is not None:
            _create(connection, create_at)
        return _first(connection)


def _first(connection: Connection) -> JournalOpened:
    row = next(iter(rows_of(connection, choose().where(table.c.sequence == 1))), None)
    payload = opened(row, None, {}).payload if row and row.kind == JournalOpened.kind else None
    if not isinstance(payload, JournalOpened):
        raise StateError(DAMAGED)
    return payload


def _create(connection: Connection, at: datetime) -> None:
    """Writes the head and the first entry; the private lead key is laid down before, so that none is ever missing."""
    journal = secrets.token_hex(16)
    private, public = sealing.new_lead_key()
    sealing.store_lead_key(journal, private)
    connection.execute(insert(head_table).values(one=1, sequence=0, hash=FIRST_PREVIOUS))
    opening = Draft(id=secrets.token_hex(16), actor=SYSTEM, payload=JournalOpened(journal=journal, seal_key=public))
    Appending(connection, opener=None, seal_key=public, keys={}).append([opening], at)
