"""From stored rows to entries, opened as far as the reader may."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, Select, select

from sampling.chain import FIRST_PREVIOUS
from sampling.errors import StateError
from sampling.journal import sealing
from sampling.journal.chaining import Row, body_digest, read_body
from sampling.journal.events import Payload, Purged, Unsealed, payload_kinds
from sampling.journal.records import Entry, State
from sampling.journal.sealing import Opener
from sampling.journal.tables import entry as table
from sampling.journal.tables import head as head_table

_AT_ONCE = 1_000
MOST_REMEMBERED = 50_000  # entries of one store, some 2 KB each
_MOST_NAMED = 5_000  # reviews named in one statement; more are sorted out here
Keys = Mapping[str, bytes]  # the content keys that were published, by entry id


def rows_of(connection: Connection, chosen: Select[Any]) -> list[Row]:
    """Returns the stored rows of a SELECT over the whole table."""
    return [Row(*values) for values in connection.execute(chosen)]


def choose(*, reviews: Sequence[str] | None = None, actor: str | None = None, after: int = 0) -> Select[Any]:
    """Returns the SELECT of the rows that may match, in order; more reviews than can be named are left to the reader."""
    columns = {column.name: column for column in table.columns}
    chosen = select(*(columns[name] for name in Row.__dataclass_fields__)).order_by(table.c.sequence)
    if reviews is not None and len(reviews) <= _MOST_NAMED:
        chosen = chosen.where(table.c.review.in_(list(reviews)))
    if actor is not None:
        chosen = chosen.where(table.c.actor == actor)
    return chosen.where(table.c.sequence > after) if after else chosen


def all_rows(connection: Connection) -> Generator[Row, None, None]:
    """Yields every stored row in order, some at a time. Close it before the connection where it is not read to the end."""
    with connection.execution_options(yield_per=_AT_ONCE).execute(choose()) as found:
        for values in found:
            yield Row(*values)


def kept_head(connection: Connection) -> tuple[int, str]:
    """Returns the head that the store keeps beside the entries: (sequence, hash) as of the last one written."""
    last = connection.execute(select(head_table.c.sequence, head_table.c.hash)).first()
    return (last.sequence, last.hash) if last else (0, FIRST_PREVIOUS)


def opened(row: Row, opener: Opener | None, keys: Keys) -> Entry:
    """Returns the entry of a row. Raises StateError when it was damaged, or is of a kind that only a newer program knows."""
    if row.body is None:
        return _entry(row, row.kind, row.subject, None, "purged")
    if not row.sealed:
        return _entry(row, row.kind, row.subject, _payload(row, row.kind, row.body), "open")
    plain = plain_of(row, opener, keys)
    if plain is None:
        return _entry(row, row.kind, row.subject, None, "sealed")
    said = read_body(plain)
    return _entry(row, str(said["kind"]), str(said["subject"]), _payload(row, str(said["kind"]), plain), "open")


def plain_of(row: Row, opener: Opener | None, keys: Keys) -> str | None:
    """Returns the text of a sealed row's plain body, or None where no key opens it to what the chain holds the digest of."""
    if row.body is None:
        return None
    key = keys.get(row.id) or sealing.content_key(row.body, entry=row.id, author=row.actor, opener=opener)
    plain = sealing.unseal(row.body, key, entry=row.id) if key else None
    return plain if plain is not None and body_digest(plain) == row.content else None


class Remembered:
    """What was opened in one store already: an entry never changes, and each save reads those of its case again.

    What is sealed, and was not published, is remembered for the one who could open it alone. A row that is not the one that was
    opened then, to the last letter, is opened anew. What a purge took is forgotten, and never remembered again.
    """

    def __init__(self, most: int = MOST_REMEMBERED) -> None:
        self._most = most
        self._entries: dict[tuple[str, Opener | None], tuple[Row, Entry]] = {}
        self._purged: set[str] = set()
        self._lock = threading.Lock()

    def opened(self, row: Row, opener: Opener | None, keys: Keys) -> Entry:
        """Returns what the function `opened` returns, and raises what it raises."""
        if row.body is None:
            return opened(row, None, {})
        place = (row.id, opener if row.sealed and row.id not in keys else None)
        known = self._entries.get(place)
        if known is not None and known[0] == row:
            return known[1]
        entry = opened(row, opener, keys)
        if entry.state == "open":
            self._keep(place, row, entry)
        return entry

    def _keep(self, place: tuple[str, Opener | None], row: Row, entry: Entry) -> None:
        with self._lock:
            if row.id in self._purged:
                return  # read before the purge, by another thread
            self._entries[place] = (row, entry)
            if len(self._entries) > self._most:
                del self._entries[next(iter(self._entries))]  # the one that was opened first

    def forget(self, purged: Iterable[str]) -> None:
        """Takes the content of purged entries out of memory, whoever had opened them."""
        gone = set(purged)
        with self._lock:
            self._purged |= gone
            for place in [place for place in self._entries if place[0] in gone]:
                del self._entries[place]


def published(row: Row) -> dict[str, bytes]:
    """Returns the content keys that a row of the kind `unsealed` publishes."""
    payload = opened(row, None, {}).payload
    return {name: bytes.fromhex(key) for name, key in payload.keys.items()} if isinstance(payload, Unsealed) else {}


def purged_by(row: Row) -> tuple[str, ...]:
    """Returns the entries that a row of the kind `purged` names; a damaged one names none, and is found when the chain is verified."""
    try:
        payload = opened(row, None, {}).payload
    except StateError:
        return ()
    return payload.entries if isinstance(payload, Purged) else ()


@lru_cache(maxsize=1)
def _kinds() -> dict[str, type[Payload]]:
    return payload_kinds()


def _payload(row: Row, kind: str, text: str) -> Payload:
    if kind not in _kinds():
        raise StateError(
            f"Entry {row.sequence} of the journal is of a kind that this program does not know. Install the newer version."
        )
    try:
        return _kinds()[kind].model_validate(read_body(text)["data"])
    except (ValidationError, ValueError, KeyError):
        raise StateError(
            f"Entry {row.sequence} of the journal is damaged. Run: sampling journal verify WHERE"
        ) from None


def _entry(row: Row, kind: str, subject: str, payload: Payload | None, state: State) -> Entry:
    return Entry(
        id=row.id,
        actor=row.actor,
        payload=payload,
        review=row.review,
        subject=subject,
        base=row.base,
        undoes=row.undoes,
        sealed=bool(row.sealed),
        sequence=row.sequence,
        revision=row.revision,
        at=row.at,
        kind=kind,
        previous=row.previous,
        hash=row.hash,
        conflict=bool(row.conflict),
        state=state,
    )
