"""What people of the invented years write between the ratings, each in its turn: sessions, agreements of newcomers, what leaders noted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pyarrow.parquet as pq

from sampling.batch.practice_raters import chances, identities
from sampling.batch.years_ledger import Ledger
from sampling.batch.years_meetings import Meeting, Meetings
from sampling.batch.years_supervision import TABLE, Seat, agreement_of, answers_of, late_team, reviews_of
from sampling.journal.store import Draft
from sampling.scoring.parts.world import World
from sampling.scoring.rules.sessions import FORMAL, GROUP, REFLECTIVE
from sampling.scoring.service import Service
from sampling.scoring.settings.draws import Draw

KINDS = (FORMAL, GROUP, REFLECTIVE)
ANSWERED_BACK = 2  # leaders met in the month that is followed by one other
_AGREED_AFTER, _LEADERS_ON = timedelta(days=7), timedelta(days=21)
_NOON, _LEADERS_AT = time(12, 0, tzinfo=UTC), time(13, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Due:
    """What is written at a moment: the drafts are made then, since they look at what stands by then. `by` is the key of whoever writes."""

    at: datetime
    name: str
    by: str
    make: Callable[[datetime], Sequence[Draft]]


@dataclass
class Diary:
    """What is still to be written, in order of time. `written` are the drafts that were."""

    service: Service
    dues: list[Due]
    written: list[Draft] = field(default_factory=list)

    def until(self, now: datetime) -> None:
        """Stores everything whose time has come before `now`."""
        while self.dues and self.dues[0].at < now:
            due = self.dues.pop(0)
            drafts = list(due.make(due.at))
            person = self.service.people.by_key(due.by)
            assert person is not None
            self.service.seen_by(person).append(drafts, now=due.at)
            self.written += drafts


@dataclass(frozen=True)
class Span:
    """From which moment anything can be written, up to which day sessions are held, and from which day practice is changed, if ever."""

    opened_at: datetime
    until: date
    changed_from: date | None
    held_from: date


def diary_of(
    service: Service, world: World, seats: Sequence[Seat], source: Path, *, seed: int, span: Span
) -> tuple[Diary, Meetings]:
    """Returns the diary of the years, and the meetings, which count what is said in them."""
    new_id, chance = identities("years", str(seed), "sessions"), chances("years", str(seed), "sessions")
    ledger = Ledger(service, {review.id: review.practitioner_key for review in world.reviews.values()})
    meetings = Meetings(ledger, world.draws, world.names, chance, new_id, span.changed_from)
    late = late_team(seats, span.until)
    dues = [
        Due(meetings.closed_at(one), one.name, one.supervisor, lambda at, one=one: meetings.write(one, at))  # type: ignore[misc]
        for one in _held(seats, source, late, span)
    ]
    dues += [due for seat in seats for due in _agreed(seat, seed, span, both=seat.team != late)]
    dues += _answers(service, world.draws, seed)
    return Diary(service, sorted(dues, key=lambda due: (due.at, due.name))), meetings


def _agreed(seat: Seat, seed: int, span: Span, *, both: bool) -> Iterator[Due]:
    """Yields the agreement of somebody who came later, a week after the first day, and the reviews of everybody's that both signed."""
    opened, came = span.opened_at.date(), seat.post.started + _AGREED_AFTER
    days: list[tuple[date, list[Draft]]] = []
    if opened < came <= span.until:
        days.append((came, agreement_of(seat, seed, drafted_on=came, both=both)))
    if both and seat.post.left is None:
        days += reviews_of(seat, seed, max(opened, came), span.until)
    for day, drafts in days:
        yield Due(datetime.combine(day, _NOON), f"agreement {seat.local}", seat.supervisor.key, lambda _, some=drafts: some)  # type: ignore[misc]  # fmt: skip


def _answers(service: Service, draws: Sequence[Draw], seed: int) -> Iterator[Due]:
    """Yields what leaders noted once, at their meeting of the last month but one, about the month before."""
    leads = service.people.having("lead")
    if len(draws) > ANSWERED_BACK and leads:
        draw, lead = draws[-1 - ANSWERED_BACK], leads[0].key
        day = draw.as_of + _LEADERS_ON
        drafts = answers_of(draw, seed, lead, day)
        yield Due(datetime.combine(day, _LEADERS_AT), "answers", lead, lambda at: drafts)


def _held(seats: Sequence[Seat], source: Path, late: str, span: Span) -> Iterator[Meeting]:
    """Yields the sessions that the extract has in the span. In a group everybody of the team in post was there but its manager."""
    columns = ["practitioner_id", "held_on", "kind"]
    rows = {tuple(row[name] for name in columns) for row in pq.read_table(source / TABLE, columns=columns).to_pylist()}
    by_local: Mapping[str, Seat] = {seat.local: seat for seat in seats}
    groups = set()
    for local, day, kind in sorted(rows):
        seat = by_local.get(local)
        if seat is None or kind not in KINDS or not span.held_from <= day <= span.until:
            continue
        there = _group(seats, seat, day) if kind == GROUP else (seat.key,)
        if kind == GROUP and (day, seat.supervisor.key) in groups:
            continue
        groups |= {(day, seat.supervisor.key)} if kind == GROUP else set()
        yield Meeting(kind, day, seat.supervisor.key, there, seat.team == late)


def _group(seats: Iterable[Seat], seat: Seat, day: date) -> tuple[str, ...]:
    same = (one for one in seats if (one.supervisor.key, one.team) == (seat.supervisor.key, seat.team))
    return tuple(one.key for one in same if one.post.on(day))
