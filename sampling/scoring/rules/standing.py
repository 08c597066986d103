"""Which entries of the journal count: not those taken back, and of two written from the same starting point the one that a person chose.

Nothing is ever removed from the journal. What no longer counts stays readable as history; this is where "counts" is defined, once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

from sampling.chain import utc_moment
from sampling.journal.events import ConflictResolved, Payload
from sampling.journal.views_coverage import AgreementState

NO_CONFLICT = "There are no two such values to choose between. Reload the page."
_LOCAL = ZoneInfo("Europe/London")  # a date that a person reads is a day in England


class Fact(Protocol):
    """What is needed of a journal entry. `payload` is None where it is sealed for whoever asks, or purged."""

    @property
    def id(self) -> str:
        """Returns the entry's own id, 32 hex digits."""

    @property
    def actor(self) -> str:
        """Returns the key of the person who wrote it."""

    @property
    def review(self) -> str:
        """Returns the review or session that it belongs to, or nothing."""

    @property
    def subject(self) -> str:
        """Returns what is being revised within the review."""

    @property
    def undoes(self) -> str:
        """Returns the id of the entry that it takes back, or nothing."""

    @property
    def payload(self) -> Payload | None:
        """Returns what it says, when whoever asks may know."""

    @property
    def sequence(self) -> int:
        """Returns its place in the journal."""

    @property
    def revision(self) -> int:
        """Returns its number among the entries of its subject, from 1."""

    @property
    def at(self) -> str:
        """Returns when it was stored, as UTC text."""

    @property
    def conflict(self) -> bool:
        """Returns whether it was written from a starting point that was no longer the current one."""


Facts = TypeVar("Facts", bound=Fact)


def standing(entries: Iterable[Facts]) -> list[Facts]:
    """Returns the entries that count, in the order of the journal; those that say how a conflict ended are left out.

    An undo that was itself undone takes nothing back. A conflicting entry counts once a person chose it, from the choice on, and the
    one that it was chosen instead of no longer does (the same rule as sampling.journal.fold, which knows no undo).
    """
    ordered = sorted(entries, key=lambda entry: entry.sequence)
    undone = _undone(ordered)
    place: dict[str, int] = {  # id -> where it counts: a chosen conflict counts from the choice on
        entry.id: entry.sequence
        for entry in ordered
        if not entry.conflict and entry.id not in undone and not isinstance(entry.payload, ConflictResolved)
    }
    for entry in ordered:
        if isinstance(entry.payload, ConflictResolved) and not entry.conflict and entry.id not in undone:
            place.pop(entry.payload.instead_of, None)
            if entry.payload.chosen not in undone:
                place[entry.payload.chosen] = entry.sequence
    counting = [entry for entry in ordered if entry.id in place and entry.payload is not None]
    return sorted(counting, key=lambda entry: place[entry.id])


def _undone(ordered: Sequence[Fact]) -> set[str]:
    undone: set[str] = set()
    for entry in reversed(ordered):  # a later undo decides about an earlier one
        if entry.undoes and entry.id not in undone:
            undone.add(entry.undoes)
    return undone


def current(entries: Iterable[Facts]) -> dict[tuple[str, str], Facts]:
    """Returns (review, subject) -> the last entry of that subject that counts."""
    return {(entry.review, entry.subject): entry for entry in standing(entries)}


def unsettled(entries: Iterable[Facts], subject: str) -> frozenset[str]:
    """Returns the ids of the entries on a subject that were written from an old starting point and that nobody has decided about."""
    own = [entry for entry in entries if entry.subject == subject]
    settled = {entry.undoes for entry in own if entry.undoes}
    for entry in own:
        if isinstance(entry.payload, ConflictResolved):
            settled |= {entry.payload.chosen, entry.payload.instead_of}
    return frozenset(entry.id for entry in own if entry.conflict and entry.id not in settled)


def standing_choices(entries: Iterable[Facts]) -> list[Facts]:
    """Returns the entries that say which of two values stands, and that nobody has taken back."""
    ordered = sorted(entries, key=lambda entry: entry.sequence)
    undone = _undone(ordered)
    return [
        entry
        for entry in ordered
        if isinstance(entry.payload, ConflictResolved) and not entry.conflict and entry.id not in undone
    ]


def choice_faults(entries: Iterable[Facts], said: ConflictResolved, subject: str, undoes: str) -> list[str]:
    """Returns why a choice between two values may not be stored: there are two such entries, one of them still to be decided about,
    and the choice takes nothing else back.
    """
    entries = list(entries)
    pair = {said.chosen, said.instead_of}
    there = pair <= {entry.id for entry in entries if entry.subject == subject}
    return [] if there and not undoes and pair & unsettled(entries, subject) else [NO_CONFLICT]


def revisions(entries: Iterable[Fact]) -> Counter[tuple[str, str]]:
    """Returns (review, subject) -> how many entries there are: what the next one is based on; 0 for a subject without any."""
    return Counter((entry.review, entry.subject) for entry in entries)


def day_in_england(at: str) -> date:
    """Returns the day on which it was in England when an entry was stored.

    >>> day_in_england("2026-06-30T23:30:00Z")
    datetime.date(2026, 7, 1)
    """
    return moment_in_england(at).date()


def moment_in_england(at: str) -> datetime:
    """Returns the moment of an entry as clocks in England showed it. Raises ValueError when the text is no UTC time."""
    return utc_moment(at).astimezone(_LOCAL)


def agreement_days(agreement: AgreementState) -> dict[str, date]:
    """Returns role -> the day on which each who signed an agreement agreed: the one that they said, else that of their entry."""
    return {role: agreement.agreed.get(role) or day_in_england(at) for role, at in agreement.signed.items()}
