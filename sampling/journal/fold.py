"""Which of several entries on one subject stands: the last that no conflict set aside, unless a person chose another."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from sampling.journal.events import ConflictResolved
from sampling.journal.records import SEALED, Entry

# Kinds that add to what was said before. They never conflict, since none of them takes the place of another.
ADDING = frozenset({"journal_opened", "accessed", "time_spent", "unsealed", "purged"})


def effective(entries: Iterable[Entry]) -> list[Entry]:
    """Returns the entries on one subject that count, in order; the last of them stands.

    A conflicting entry does not count until a `conflict_resolved` chooses it; the one that it was chosen instead of then does not.
    """
    known: dict[str, Entry] = {}
    counting: list[Entry] = []
    for entry in entries:
        known[entry.id] = entry
        if isinstance(entry.payload, ConflictResolved):
            if not entry.conflict:
                counting = _resolved(counting, known, entry.payload)
        elif not entry.conflict:
            counting.append(entry)
    return counting


def _resolved(counting: list[Entry], known: dict[str, Entry], choice: ConflictResolved) -> list[Entry]:
    kept = [entry for entry in counting if entry.id not in (choice.chosen, choice.instead_of)]
    return [*kept, known[choice.chosen]] if choice.chosen in known else kept


def standing(entries: Iterable[Entry]) -> Entry | None:
    """Returns the entry on one subject that stands, or None where there is none."""
    counting = effective(entries)
    return counting[-1] if counting else None


class Grouped(list[Entry]):
    """Entries that are grouped by their subjects once, for the many views of them."""

    @cached_property
    def groups(self) -> dict[tuple[str, str], list[Entry]]:
        """Returns what by_subject returns."""
        return _groups(self)


def by_subject(entries: Iterable[Entry]) -> dict[tuple[str, str], list[Entry]]:
    """Returns the entries of each (review, subject), in order; not those whose subject is sealed, or went with a purge."""
    return entries.groups if isinstance(entries, Grouped) else _groups(entries)


def _groups(entries: Iterable[Entry]) -> dict[tuple[str, str], list[Entry]]:
    found: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        if entry.kind != SEALED:
            found.setdefault((entry.review, entry.subject), []).append(entry)
    return found
