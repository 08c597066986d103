"""All that is written about supervision in the invented years, around the ratings, and what is true of it: a part of truth.json."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

from sampling.batch.practice_raters import chances
from sampling.batch.years_diary import Span, diary_of
from sampling.batch.years_ledger import KINDS as ACTIONS
from sampling.batch.years_record import write_later_record
from sampling.batch.years_supervision import agreement_of, late_team, note_supervision, noted, seats_of
from sampling.journal.events import Signed
from sampling.journal.store import Draft
from sampling.keys import Keyring
from sampling.scoring.service import Service

OF_RATINGS = (*ACTIONS, Signed.kind)  # what raters write, too


class Supervised:
    """The supervision of one home of draws: the agreements stand at once, `diary` has what comes in its turn, `end` what is noted last.

    Sessions are held in `span`; the extract at `source` gets, at the end, what became of risk actions.
    """

    def __init__(self, service: Service, source: Path, keyring: Keyring, *, seed: int, span: Span) -> None:
        self._service, self._source, self._seed = service, source, seed
        world = service.world()
        self._newest = world.draws[-1]
        self._seats = seats_of(service, self._newest, source, keyring)
        late = late_team(self._seats, span.until)
        day = span.opened_at.date()
        there = [one for one in self._seats if one.post.on(day)]
        self._agreed: list[Draft] = [
            draft for one in there for draft in agreement_of(one, seed, drafted_on=day, both=one.team != late)
        ]
        service.journal.append(self._agreed, now=span.opened_at)
        self.diary, self._meetings = diary_of(service, world, self._seats, source, seed=seed, span=span)

    def end(self, now: datetime) -> dict[str, Any]:
        """Returns what is true of supervision, once everything else is written: who is late, what was noted, said and found."""
        self.diary.until(now)
        found = note_supervision(self._service, self._newest, self._seats, self._seed, now)
        written = noted([*self._agreed, *self.diary.written])
        own = {kind: count for kind, count in written.items() if kind not in OF_RATINGS}
        chance = chances("years", str(self._seed), "record")
        return {
            **found,
            "noted": {**found["noted"], **own},
            "record": write_later_record(self._service, self._source, chance),
            "sessions": _told(self._meetings.told),
        }


def _told(told: Counter[str]) -> dict[str, Any]:
    """Returns the counts as JSON: those of a month below its name."""
    found: dict[str, Any] = {}
    for name, count in sorted(told.items()):
        *path, last = name.split("/")
        place = found
        for one in path:
            place = place.setdefault(one, {})
        place[last] = count
    return found
