"""A journal in memory for tests of pure functions: real entries, with the revisions and conflicts that the store would give them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256

from sampling.chain import utc_text
from sampling.journal.events import Payload, subject_of
from sampling.journal.fold import ADDING
from sampling.journal.records import Entry


def key(name: str) -> str:
    """Returns a person's, case's or content's key for a name: 64 hexadecimal digits."""
    return sha256(name.encode()).hexdigest()


def identity(name: str) -> str:
    """Returns an id for a name: 32 hexadecimal digits."""
    return key(name)[:32]


class Book:
    """Entries, one after the other. `say` returns the entry; `on` is a day (stored at noon) or a moment."""

    def __init__(self, on: date | datetime) -> None:
        self.entries: list[Entry] = []
        self.on = on
        self._counts: Counter[tuple[str, str]] = Counter()

    def say(
        self,
        payload: Payload,
        *,
        review: str,
        by: str = "rater",
        on: date | datetime | None = None,
        subject: str | None = None,
        base: int | None = None,
        undoes: str = "",
    ) -> Entry:
        """Returns the entry that the payload became. Without `base` it was written from what stands now, so that nothing conflicts."""
        self.on = on or self.on
        place = (review, subject if subject is not None else subject_of(payload) or "")
        before = self._counts[place]
        self._counts[place] += 1
        sequence = len(self.entries) + 1
        entry = Entry(
            id=identity(f"entry {sequence}"),
            actor=key(by),
            payload=payload,
            review=review,
            subject=place[1],
            base=before if base is None else base,
            undoes=undoes,
            sealed=False,
            sequence=sequence,
            revision=before + 1,
            at=utc_text(_moment(self.on) + timedelta(seconds=sequence)),
            kind=payload.kind,
            previous="",
            hash="",
            conflict=base is not None and base != before and payload.kind not in ADDING,
            state="open",
        )
        self.entries.append(entry)
        return entry


def _moment(on: date | datetime) -> datetime:
    return on if isinstance(on, datetime) else datetime.combine(on, time(12), UTC)
