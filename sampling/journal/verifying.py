"""Whether a journal is whole: every entry follows the one before it, says what was written, and none is missing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from sampling.chain import FIRST_PREVIOUS
from sampling.errors import StateError, UsageError
from sampling.journal.chaining import Row, first_fault, read_body
from sampling.journal.events import Purged, PurgeFinished, PurgeRun
from sampling.journal.reading import Keys, opened, plain_of
from sampling.journal.records import Verification
from sampling.journal.sealing import Opener

UNFINISHED = "the purge of entry {} was not finished: run `sampling purge DIR run PLAN` again"
_TOLD = (Purged.kind, PurgeRun.kind, PurgeFinished.kind)
_HEAD = re.compile(r"(?:(\d{1,12}) )?([0-9a-f]{64})")


def read_head(text: str) -> tuple[int | None, str]:
    """Returns (number of entries, hash) of a head as it was noted, "N HASH" or the hash alone. Raises UsageError for another text."""
    match = _HEAD.fullmatch(text.strip())
    if match is None:
        raise UsageError('A head is written as "N HASH": the number of entries, a space, and 64 hexadecimal digits.')
    return (int(match[1]) if match[1] else None), match[2]


@dataclass
class _Pass:
    """What one pass over the rows has seen."""

    count: int = 0
    last: str = FIRST_PREVIOUS
    at: str = ""
    emptied: dict[str, int] = field(default_factory=dict)
    present: dict[str, int] = field(default_factory=dict)
    purged: set[str] = field(default_factory=set)
    rules: Counter[str] = field(default_factory=Counter)
    unfinished: dict[str, int] = field(default_factory=dict)
    hashes: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def verify_rows(
    rows: Iterable[Row],
    *,
    keys: Keys,
    opener: Opener | None = None,
    stored: tuple[int, str] | None = None,
    head: str | None = None,
) -> Verification:
    """Returns whether the rows are a whole journal. `stored` is the head that the store keeps, `head` one that was noted elsewhere."""
    noted = read_head(head) if head is not None else None
    seen = _Pass()
    for row, chain_fault in first_fault(rows):
        fault = chain_fault or _content_fault(row, keys, opener)
        if fault:
            return _bad(seen, seen.count + 1, fault)
        _note(seen, row, noted)
    return _ending(seen, stored, noted)


def _note(seen: _Pass, row: Row, noted: tuple[int | None, str] | None) -> None:
    if row.at < seen.at:
        seen.notes.append(f"the time steps back at entry {row.sequence}: a clock was set")
    seen.count, seen.last, seen.at = row.sequence, row.hash, row.at
    (seen.emptied if row.body is None else seen.present)[row.id] = row.sequence
    if row.kind in _TOLD:
        _retention(seen, row)
    if noted is not None and row.hash == noted[1]:
        seen.hashes[row.hash] = row.sequence


def _retention(seen: _Pass, row: Row) -> None:
    payload = opened(row, None, {}).payload
    if isinstance(payload, Purged):
        seen.purged.update(payload.entries)
        seen.rules[payload.rule] += len(payload.entries)
    elif isinstance(payload, PurgeRun):
        seen.unfinished[payload.plan] = row.sequence
    elif isinstance(payload, PurgeFinished) and payload.swept:
        seen.unfinished.pop(payload.plan, None)


def _content_fault(row: Row, keys: Keys, opener: Opener | None) -> str:
    """Returns what is wrong with what a row says, as far as it may be opened."""
    if row.body is None:
        return ""
    try:
        if not row.sealed:
            opened(row, None, {})
            return "" if row.content == row.digest else "its content is not what was written"
        read_body(row.body)
        may_open = row.id in keys or (opener is not None and (opener.actor == row.actor or opener.lead_key is not None))
        return "no key opens it to what was written" if may_open and plain_of(row, opener, keys) is None else ""
    except (StateError, ValueError):
        return "what it says is no event"


def _ending(seen: _Pass, stored: tuple[int, str] | None, noted: tuple[int | None, str] | None) -> Verification:
    """Returns the outcome of a chain that holds so far: was anything emptied in silence, or cut off its end?"""
    silent = [number for name, number in seen.emptied.items() if name not in seen.purged]
    if silent:
        return _bad(seen, min(silent), "its content is gone, and no purge says so")
    left = [seen.present[name] for name in seen.purged if name in seen.present]
    if left:
        return _bad(seen, min(left), "a purge names it, but its content is still there")
    if seen.count == 0:
        return _bad(seen, 1, "entry 1 is missing")
    if stored is not None and stored != (seen.count, seen.last):
        return _bad(
            seen,
            seen.count + 1,
            f"the journal ended with entry {stored[0]} when it was last written to; its end was cut off",
        )
    if noted is not None and (noted[1] not in seen.hashes or noted[0] not in (None, seen.hashes[noted[1]])):
        return _bad(
            seen,
            noted[0] or seen.count + 1,
            "the head that was noted is not in it: its end was cut off, or it was written anew",
        )
    notes = [*seen.notes, *(UNFINISHED.format(number) for number in seen.unfinished.values())]
    return Verification(True, seen.count, seen.last, notes=tuple(notes), purged=tuple(sorted(seen.rules.items())))


def _bad(seen: _Pass, number: int, why: str) -> Verification:
    return Verification(False, seen.count, seen.last, number, f"Entry {number}: {why}.", tuple(seen.notes))
