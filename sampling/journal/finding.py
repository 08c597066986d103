"""Which stored rows may match a question, without reading every sealed one: a sealed row tells its kind to nobody but its opener."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from sampling.journal.chaining import Row
from sampling.journal.events import Purged, Unsealed
from sampling.journal.reading import Remembered, choose, opened, published, purged_by, rows_of
from sampling.journal.records import NEVER_SEALED, SEALED
from sampling.journal.sealing import Opener
from sampling.journal.tables import entry as table

_AT_ONCE = 5_000  # ids named in one statement


@dataclass(frozen=True)
class Question:
    """What Journal.entries is asked for."""

    reviews: frozenset[str] | None
    kinds: tuple[str, ...]
    actor: str | None
    after: int


class Published:
    """What was unsealed so far in one store: the content keys, and the kinds that they opened. It only ever grows.

    What was purged, by whichever program, is noticed on the way, and forgotten.
    """

    def __init__(self, remembered: Remembered) -> None:
        self._remembered = remembered
        self._keys: dict[str, bytes] = {}
        self._kinds: dict[str, str] = {}
        self._purged: dict[str, str] = {}
        self._read_to = 0
        self._lock = threading.Lock()

    def keys(self, connection: Connection) -> dict[str, bytes]:
        """Returns every content key that was published, by entry id; what was read before is not read again."""
        with self._lock:
            return self._refreshed(connection)

    def purged(self, connection: Connection) -> dict[str, str]:
        """Returns id -> when its content was purged, of every entry of which that is so."""
        with self._lock:
            self._refreshed(connection)
            return self._purged

    def named(self, connection: Connection, kinds: Sequence[str]) -> list[str]:
        """Returns the ids of the published entries of these kinds."""
        with self._lock:
            new = [name for name in self._refreshed(connection) if name not in self._kinds]
            for start in range(0, len(new), _AT_ONCE):
                for row in rows_of(connection, choose().where(table.c.id.in_(new[start : start + _AT_ONCE]))):
                    self._kinds[row.id] = opened(row, None, self._keys).kind
            return [name for name, kind in self._kinds.items() if kind in kinds]

    def _refreshed(self, connection: Connection) -> dict[str, bytes]:
        told = table.c.kind.in_([Unsealed.kind, Purged.kind])
        for row in rows_of(connection, choose(after=self._read_to).where(told)):
            if row.kind == Purged.kind:
                names = purged_by(row)
                self._remembered.forget(names)
                self._purged |= dict.fromkeys(names, row.at)
            else:
                self._keys |= published(row)
            self._read_to = row.sequence
        return self._keys


def find(connection: Connection, question: Question, opener: Opener | None, known: Published) -> list[Row]:
    """Returns the rows that may match, in order; whoever opens them has still to look at the kinds of the sealed ones."""
    reviews = None if question.reviews is None else sorted(question.reviews)
    kinds = question.kinds
    chosen = choose(reviews=reviews, actor=question.actor, after=question.after)
    if not kinds:
        return rows_of(connection, chosen)
    if reviews is not None or SEALED in kinds or (opener is not None and opener.lead_key is not None):
        hidden = () if NEVER_SEALED.issuperset(kinds) else (SEALED,)
        return rows_of(connection, chosen.where(table.c.kind.in_([*kinds, *hidden])))
    rows = rows_of(connection, chosen.where(table.c.kind.in_(kinds)))
    if NEVER_SEALED.issuperset(kinds):
        return rows
    sealed = chosen.where(table.c.kind == SEALED)
    if opener is not None:
        rows += rows_of(connection, sealed.where(table.c.actor == opener.actor))
    names = known.named(connection, kinds)
    for start in range(0, len(names), _AT_ONCE):
        rows += rows_of(connection, sealed.where(table.c.id.in_(names[start : start + _AT_ONCE])))
    return list({row.sequence: row for row in sorted(rows, key=lambda row: row.sequence)}.values())
