"""An invented year of supervision, by a seed: twelve supervisees, three supervisors, eighty cases, and all that goes wrong in a year.

Rows alone, as people and an extract write them (`Sources`); what they amount to is for the program and for the reference to say.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256

from sampling.assurance.coverage_facts import Allocation, Noted, Opened, Seen, Sources, Staff, Supervision
from sampling.assurance.facts import Absence, Agreed, Agreement, Delay, Exemption, Record
from sampling.assurance.spans import Span
from sampling.journal.events import AgendaCovered, CaseDiscussed, SessionClosed
from sampling.scoring.rules.sessions import Session
from sampling.scoring.settings.people import People

FORMAL = "formal_one_to_one"
OTHER_KINDS = ("ad_hoc", "duty", "group", "reflective")
DAY = timedelta(days=1)
PEOPLE, CASES = 12, 80
GAPS = (
    14,
    14,
    15,
    21,
    26,
    27,
    28,
    28,
    28,
    28,
    29,
    30,
    31,
    35,
    42,
    56,
    61,
    75,
    100,
)  # days between two formal one-to-ones


def key(name: str) -> str:
    """Returns the key of an invented person or case, 64 hexadecimal digits."""
    return sha256(name.encode()).hexdigest()


@dataclass(frozen=True)
class Life:
    """A supervisee's year: first and last day, role, absences, and whom they had as supervisors from when."""

    name: str
    role: str
    started: date
    left: date | None
    newly_qualified: bool
    absences: tuple[Absence, ...]
    supervisors: tuple[tuple[date, str], ...]

    def there(self, day: date) -> bool:
        """Tells whether the person works in the service on a day, away or not."""
        return self.started <= day and (self.left is None or day <= self.left)

    def away(self, day: date) -> bool:
        """Tells whether the person is away on a day."""
        return any(one.covers(day) for one in self.absences)


@dataclass(frozen=True)
class Year:
    """The invented year. `records` are those that nothing in a journal tells; `personal`: (person, day) -> whether personal issues were spoken of."""

    sources: Sources
    today: date
    records: tuple[Record, ...]
    personal: Mapping[tuple[str, date], bool]


def invented(seed: int) -> Year:
    """Returns the year of a seed; the same seed gives the same year."""
    chance = random.Random(seed)
    year = (2022, 2026, 2027)[seed % 3]
    begins = chance.choice((date(year, 1, 1), date(year - 1, 12, 20), date(year, 1, 4)))
    today = chance.choice((date(year, 12, 31), date(year, 10, 16), date(year + 1, 1, 19), date(year, 11, 30)))
    lives = [_life(number, begins, today, chance) for number in range(PEOPLE)]
    cases = tuple(_case(number, begins, today, chance) for number in range(CASES))
    allocations = tuple(row for one in cases for row in _allocations(one, lives, chance))
    sessions: list[Session] = []
    rows: list[Supervision] = []
    for life in lives:
        for session in _sessions(life, cases, allocations, (today, chance)):
            rows += _in_extract(session, chance)
            if chance.random() < 0.92:  # the others are in the extract alone, or nowhere
                sessions.append(session)
    staff = tuple(Staff(key(one.name), one.role, "North", one.started, one.left) for one in lives)
    seen = tuple(row for one in lives for row in _seen(one, begins, today))
    noted = _noted(lives, cases, sessions, chance)
    sources = Sources(tuple(sessions), People(()), begins, staff, cases, allocations, tuple(rows), seen, noted)
    personal = {
        (key(life.name), day): chance.random() < 0.7
        for life in lives[::2]
        for day in sorted({one.held_on for one in sessions if one.supervisees == (key(life.name),)})
    }
    return Year(sources, today, _records(begins, today, chance), personal)


def _life(number: int, begins: date, today: date, chance: random.Random) -> Life:
    started, left = begins - timedelta(days=chance.randint(100, 900)), None
    away: list[Absence] = []
    if number in (0, 1):  # a newly qualified worker, a new starter
        started = begins + timedelta(days=chance.randint(5, 120))
    elif number == 2:  # a leaver
        left = begins + timedelta(days=chance.randint(150, 260))
    elif number == 3:  # from an agency, gone in the middle of a month
        started = begins + timedelta(days=chance.randint(30, 70))
        left = started.replace(day=17) + timedelta(days=92)
    elif number == 4:  # long leave and return
        away.append(_away(begins + timedelta(days=chance.randint(20, 160)), chance.randint(29, 120)))
    elif number == 5:  # still away
        away.append(Absence(today - timedelta(days=chance.choice((5, 27, 28, 29, 60)))))
    elif number == 6:  # two absences that touch, each of them short
        first = _away(begins + timedelta(days=chance.randint(40, 200)), chance.randint(10, 25))
        away += [first, _away((first.last or today) + DAY, chance.randint(10, 25))]
    elif number == 8:  # new shortly before records begin
        started = begins - timedelta(days=chance.randint(10, 60))
    away += [_away(begins + timedelta(days=chance.randint(10, 330)), chance.randint(2, 21)) for _ in range(number % 4)]
    first, second = chance.sample(("Supervisor 1", "Supervisor 2", "Supervisor 3"), 2)
    changes = [(started, first)]
    if number % 3 == 0:
        changes.append((begins + timedelta(days=chance.randint(60, 150)), second))
    if number % 6 == 0:  # and back again
        changes.append((begins + timedelta(days=chance.randint(200, 260)), first))
    role = ("Nurse", "Social worker", "Student", "administrative")[number % 4 if number != 3 else 0]
    return Life(f"Worker {number}", role, started, left, number in (0, 8), tuple(away), tuple(changes))


def _away(first: date, days: int) -> Absence:
    return Absence(first, first + timedelta(days=days - 1))


def _case(number: int, begins: date, today: date, chance: random.Random) -> Opened:
    opened = begins + timedelta(days=chance.randint(-200, 250))
    closed = opened + timedelta(days=chance.randint(10, 500)) if chance.random() < 0.5 else None
    gone = closed is not None and (closed > today or closed <= begins)
    return Opened(key(f"Case {number}"), opened, None if gone else closed)


def _allocations(case: Opened, lives: list[Life], chance: random.Random) -> Iterator[Allocation]:
    """One holder, or a transfer within the year; now and then some days between them, or a co-worker who does not answer for it."""
    first, second, other = chance.sample([one for one in lives if one.role != "administrative"], 3)
    moved = case.opened + timedelta(days=chance.randint(20, 200))
    if chance.random() < 0.35:
        yield Allocation(case.case, key(first.name), case.opened, moved - DAY)
        yield Allocation(case.case, key(second.name), moved + timedelta(days=chance.choice((0, 0, 0, 9))))
    else:
        yield Allocation(case.case, key(first.name), case.opened)
    if chance.random() < 0.1:
        yield Allocation(case.case, key(other.name), moved, role="co_worker")


def _holds(row: Allocation, person: str, day: date) -> bool:
    return row.person == person and row.first <= day and (row.last is None or day <= row.last)


def _sessions(
    life: Life, cases: tuple[Opened, ...], allocations: tuple[Allocation, ...], rest: tuple[date, random.Random]
) -> Iterator[Session]:
    """Formal one-to-ones with gaps of every length, and sessions of the other kinds, which count for nothing."""
    today, chance = rest
    opened = {one.case: one for one in cases}
    day = max(life.started, date(today.year, 1, 1)) + timedelta(days=chance.randint(0, 30))
    person = key(life.name)
    while day <= today:
        kind = FORMAL if chance.random() < 0.8 else chance.choice(OTHER_KINDS)
        if life.there(day) and (not life.away(day) or chance.random() < 0.15):
            mine = [
                row.case
                for row in allocations
                if _holds(row, person, day)
                and opened[row.case].opened <= day
                and (opened[row.case].closed or date.max) >= day
            ]
            talked = sorted({case for case in mine if chance.random() < 0.7})
            yield _session(life, kind, day, (talked, today, chance))
        day += timedelta(days=chance.choice(GAPS) if kind == FORMAL else chance.randint(1, 10))


def _session(life: Life, kind: str, day: date, rest: tuple[list[str], date, random.Random]) -> Session:
    talked, today, chance = rest
    supervisor = max((one for one in life.supervisors if one[0] <= day), default=life.supervisors[0])[1]
    written = day + timedelta(days=chance.choice((0, 0, 1, 1, 2, 2, 3, 4, 5, 6, 12)))
    closed = written <= today and chance.random() < 0.97
    came = {case: CaseDiscussed(case=case, came_by=_came(chance)) for case in talked}
    items = {"escalation_use": AgendaCovered(item="escalation_use", covered=chance.random() < 0.6)}
    return Session(
        key(f"{life.name} {day} {kind}")[:32], kind, day, key(supervisor), (key(life.name),), False, 1,
        closed=SessionClosed(minutes=chance.choice((60, 90))) if closed else None,
        closed_at=f"{written}T15:00:00Z" if closed else "", discussed=came, agenda=items,
    )  # fmt: skip


def _came(chance: random.Random) -> str:
    return chance.choice(("drawn", "drawn", "tabled_by_supervisor", "tabled_by_supervisee"))


def _in_extract(session: Session, chance: random.Random) -> Iterator[Supervision]:
    if chance.random() < 0.4:
        for case in sorted(session.discussed) or [None]:
            yield Supervision(session.supervisees[0], session.supervisor, session.held_on, session.kind, case, 60)


def _seen(life: Life, begins: date, today: date) -> Iterator[Seen]:
    """The snapshots of draws: one on the first of each month."""
    day = begins
    while day <= today:
        if life.there(day):
            supervisor = max((one for one in life.supervisors if one[0] <= day), default=life.supervisors[0])[1]
            yield Seen(key(life.name), key(supervisor), day)
        day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _noted(lives: list[Life], cases: tuple[Opened, ...], sessions: list[Session], chance: random.Random) -> Noted:
    delays: dict[str, tuple[Delay, ...]] = {}
    for one in chance.sample(sessions, len(sessions) // 4):
        first = one.held_on - timedelta(days=chance.randint(0, 12))
        last = first + timedelta(days=chance.randint(1, 20)) if chance.random() < 0.3 else None
        for subject in (one.supervisees[0], *sorted(one.discussed)[:1]):
            delays[subject] = (*delays.get(subject, ()), Delay(first, "an inspection", last))
    exempt = {one.case: (_exemption(one, chance),) for one in chance.sample(cases, 9)}
    agreed_cases = {one.case: (_agreed(one.opened + timedelta(days=40), chance),) for one in chance.sample(cases, 4)}
    agreed = {key(one.name): (_agreed(one.started + timedelta(days=100), chance),) for one in lives[3:6]}
    return Noted(
        frozenset(key(one.name) for one in lives if one.newly_qualified),
        {key(one.name): one.absences for one in lives},
        {key(one.name): tuple(_agreements(one, chance)) for one in lives},
        exempt,
        delays,
        agreed | agreed_cases,
        {
            key(one.name): tuple(
                sorted(one.started + timedelta(days=chance.randint(20, 700)) for _ in range(chance.randint(0, 3)))
            )
            for one in lives[1:]
        },
    )


def _exemption(case: Opened, chance: random.Random) -> Exemption:
    """With both references, or with one of them, or without a reason; for some months, or until further notice."""
    first = case.opened + timedelta(days=chance.randint(0, 200))
    reason, child, session = chance.choice((("court order", "note 1", "session 2"),) * 3 + (
        ("court order", "", "session 2"), ("court order", "note 1", " "), ("", "note 1", "session 2"),
    ))  # fmt: skip
    return Exemption(first, reason, child, session, chance.choice((None, first + timedelta(days=100))))


def _agreed(first: date, chance: random.Random) -> Agreed:
    every = Span(*chance.choice(((1, "week"), (3, "week"), (10, "day"), (2, "week"))))
    return Agreed(every, first, "a new role", chance.choice((None, first + timedelta(days=120))))


def _agreements(life: Life, chance: random.Random) -> Iterator[Agreement]:
    for began, supervisor in life.supervisors:
        signed = began + timedelta(days=chance.choice((-20, 0, 10, 25, 35, 70)))
        if chance.random() < 0.2:
            continue
        reviewed = tuple(sorted(signed + timedelta(days=chance.randint(90, 400)) for _ in range(chance.randint(0, 2))))
        yield Agreement(key(supervisor), signed, chance.random() < 0.8, reviewed)
    for away in life.absences:
        if away.last is not None and chance.random() < 0.6:
            supervisor = max(life.supervisors)[1]
            yield Agreement(key(supervisor), away.last + timedelta(days=chance.randint(-5, 50)), chance.random() < 0.8)


def _records(begins: date, today: date, chance: random.Random) -> tuple[Record, ...]:
    """Decisions and ad hoc discussions, many of them around bank holidays, for which no journal has a day of writing."""
    found = []
    for number in range(60):
        rule = chance.choice(("record_decision", "record_ad_hoc"))
        near = chance.choice((date(today.year, 12, 23), date(today.year, 4, 1), date(today.year, 5, 2), begins))
        happened = near + timedelta(days=chance.randint(0, 30))
        written = happened + timedelta(days=chance.choice((0, 1, 2, 3, 4, 5, 6, 7, 15)))
        if begins <= happened <= today:
            late = chance.choice(("", "", "the system was down"))
            found.append(Record(f"{number:032x}", rule, happened, written if written <= today else None, late))
    return tuple(found)
