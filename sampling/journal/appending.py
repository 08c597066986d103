"""What happens to the drafts of one call, inside the one writer's transaction: all are stored, or none."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, insert, select, update

from sampling.chain import FIRST_PREVIOUS, utc_moment, utc_text
from sampling.errors import StateError
from sampling.journal.chaining import MAXIMUM_BODY, Row, body_digest, body_text, chained
from sampling.journal.events import ConflictResolved
from sampling.journal.faults import DraftError
from sampling.journal.fold import ADDING, standing
from sampling.journal.reading import Keys, choose, opened, rows_of
from sampling.journal.records import CURRENT, SEALED, Draft, Entry, Receipt
from sampling.journal.sealing import Opener, seal, subject_token
from sampling.journal.tables import entry as table
from sampling.journal.tables import head as head_table

# A clock that lags by less is another thread's or another computer's, and its time is evened out. A larger step back is stored
# as it came: a clock that was once wrong must not date everything after it (docs/decisions/0009-journal.md).
EVENED = timedelta(minutes=10)


class Appending:
    """One call's drafts on their way into the store."""

    def __init__(self, connection: Connection, *, opener: Opener | None, seal_key: str, keys: Keys) -> None:
        self._connection = connection
        self._opener = opener
        self._seal_key = seal_key
        self._keys = keys
        self._rows: list[Row] = []
        self._revisions: dict[str, dict[str, int]] = {}

    def append(self, drafts: Sequence[Draft], now: datetime) -> list[Receipt]:
        """Returns a receipt a draft, in their order, once every new one is written."""
        self._rows = []
        known = {row.id: row for row in self._stored([draft.id for draft in drafts])}
        sequence, previous, at = self._end(now)
        made: list[Row | None] = []
        for number, draft in enumerate(drafts, 1):
            place = f"Event {number} of {len(drafts)}"
            if draft.id in known:
                self._must_be_same(draft, known[draft.id], place)
                made.append(None)
                continue
            sequence += 1
            row = self._row(draft, place, sequence=sequence, previous=previous, at=at)
            previous, known[row.id] = row.hash, row
            self._rows.append(row)
            made.append(row)
        self._write()
        return [
            self._receipt(draft, known[draft.id], new=row is not None) for draft, row in zip(drafts, made, strict=True)
        ]

    def _stored(self, ids: Sequence[str]) -> list[Row]:
        return rows_of(self._connection, choose().where(table.c.id.in_(ids)))

    def _end(self, now: datetime) -> tuple[int, str, str]:
        """Returns sequence and hash of the last entry, and the time that the new ones bear."""
        newest = select(table.c.sequence, table.c.hash, table.c.at).order_by(table.c.sequence.desc()).limit(1)
        last = self._connection.execute(newest).first()
        if last is None:
            return 0, FIRST_PREVIOUS, utc_text(now)
        late = utc_moment(last.at) - utc_moment(utc_text(now))
        return last.sequence, last.hash, last.at if timedelta(0) < late <= EVENED else utc_text(now)

    def _subjects(self, draft: Draft) -> list[str]:
        """Returns the names under which a draft's subject may be stored: its own, and what stands for it in sealed entries."""
        if self._opener is not None:
            return [draft.subject, subject_token(self._opener.secret, draft.review, draft.subject)]
        if draft.sealed:
            raise StateError("To seal an entry, open the journal with the service's secret.")
        if not draft.review or draft.payload.kind in ADDING:
            return [draft.subject]
        hidden = select(table.c.sequence).where(table.c.review == draft.review, table.c.kind == SEALED).limit(1)
        if self._connection.execute(hidden).first():
            raise StateError(
                "This review has sealed entries. Open the journal with the service's secret to write to it."
            )
        return [draft.subject]

    def _revision(self, draft: Draft, subjects: Sequence[str]) -> int:
        """Returns how many entries the draft's subject has so far. Of each review all subjects are asked for at once."""
        if draft.review not in self._revisions:
            newest = select(table.c.subject, func.max(table.c.revision)).where(table.c.review == draft.review)
            found = self._connection.execute(newest.group_by(table.c.subject))
            self._revisions[draft.review] = {subject: revision for subject, revision in found}
        known = self._revisions[draft.review]
        return max((known.get(subject, 0) for subject in subjects), default=0)

    def _row(self, draft: Draft, place: str, *, sequence: int, previous: str, at: str) -> Row:
        subjects = self._subjects(draft)
        current = self._revision(draft, subjects)
        self._check_references(draft, subjects, place)
        kind = draft.payload.kind
        base = current if draft.base == CURRENT else draft.base
        self._revisions[draft.review].update(dict.fromkeys(subjects, current + 1))
        plain, body = self._bodies(draft, place)
        return chained(
            {
                "sequence": sequence,
                "id": draft.id,
                "at": at,
                "actor": draft.actor,
                "kind": SEALED if draft.sealed else kind,
                "review": draft.review,
                "subject": subjects[-1] if draft.sealed else draft.subject,
                "base": base,
                "revision": current + 1,
                "conflict": int(base != current and bool(draft.subject) and kind not in ADDING),
                "undoes": draft.undoes,
                "sealed": int(draft.sealed),
                "content": body_digest(plain),
                "digest": body_digest(body),
                "previous": previous,
                "body": body,
            }
        )

    def _bodies(self, draft: Draft, place: str) -> tuple[str, str]:
        """Returns the text of what is said, and the text that is stored."""
        said = {"data": draft.payload.model_dump(mode="json"), "salt": secrets.token_hex(16)}
        if not draft.sealed:
            plain = body_text(said)
        else:
            plain = body_text({**said, "kind": draft.payload.kind, "subject": draft.subject})
        if len(plain) > MAXIMUM_BODY and draft.payload.kind not in ADDING:
            raise DraftError(f"{place} cannot be stored: it is too long.")
        if not draft.sealed or self._opener is None:
            return plain, plain
        if draft.actor != self._opener.actor:
            raise DraftError(f"{place} cannot be stored: only its own author can seal it.")
        return plain, seal(plain, entry=draft.id, opener=self._opener, lead_public=self._seal_key)

    def _check_references(self, draft: Draft, subjects: Sequence[str], place: str) -> None:
        """Raises DraftError when a draft points to entries of another subject, or to none where one is needed."""
        needed: list[str] = []
        if isinstance(draft.payload, ConflictResolved):
            needed = [draft.payload.chosen, draft.payload.instead_of]
            if needed[0] == needed[1]:
                raise DraftError(f"{place} cannot be stored: it chooses an entry instead of itself.")
        named = [*needed, *([draft.undoes] if draft.undoes else [])]
        if not named:
            return
        found = {row.id: row for row in [*self._stored(named), *self._rows] if row.id in named}
        if any(identity not in found for identity in needed):
            raise DraftError(f"{place} cannot be stored: it chooses between entries that are not there.")
        if any(row.review != draft.review or row.subject not in subjects for row in found.values()):
            raise DraftError(f"{place} cannot be stored: it points to an entry on something else.")

    def _must_be_same(self, draft: Draft, row: Row, place: str) -> None:
        """Raises DraftError when another content was stored under the same id before, or one that was purged since.

        The salt went with the purge, so that no content can be told to be the one that the envelope's digest stands for.
        """
        if row.body is None:
            raise DraftError(
                f"{place} cannot be stored: an event with the same id was stored before, and a retention rule has taken its "
                "content away. Give it a new id."
            )
        there = opened(row, self._opener, self._keys)
        same = (there.actor, there.review, there.undoes) == (draft.actor, draft.review, draft.undoes)
        if there.payload is not None:
            same = same and (there.kind, there.subject) == (draft.payload.kind, draft.subject)
            same = same and there.payload == draft.payload
        if not same:
            raise DraftError(
                f"{place} cannot be stored: another event was stored with the same id before. Give it a new id."
            )

    def _write(self) -> None:
        if not self._rows:
            return
        last = self._rows[-1]
        self._connection.execute(insert(table), [vars(row) for row in self._rows])
        self._connection.execute(update(head_table).values(sequence=last.sequence, hash=last.hash))

    def _receipt(self, draft: Draft, row: Row, *, new: bool) -> Receipt:
        """Returns the receipt of a stored row; a conflict that was reported before is reported again, until someone settles it."""
        other = self._standing(draft) if row.conflict else None
        if other is not None and other.id != row.id:
            return Receipt(row.id, row.sequence, row.revision, row.at, "conflict", other)
        return Receipt(row.id, row.sequence, row.revision, row.at, "stored" if new else "known")

    def _standing(self, draft: Draft) -> Entry | None:
        chosen = choose(reviews=[draft.review]).where(table.c.subject.in_(self._subjects(draft)))
        return standing(opened(row, self._opener, self._keys) for row in rows_of(self._connection, chosen))
