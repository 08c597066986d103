"""From sessions in the journal, the people of the service and what the extract knows to the facts of coverage. Pure: no file, no clock.

A session that both the journal and the extract have counts once. What neither can tell stays unknown, and `untold` names it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from sampling.assurance.facts import (
    FORMAL,
    Absence,
    Agreed,
    Agreement,
    Case,
    Delay,
    Discussion,
    Exemption,
    Held,
    Holder,
    Pair,
    Person,
    Record,
)
from sampling.scoring.rules.sessions import Session
from sampling.scoring.rules.standing import day_in_england
from sampling.scoring.settings.people import People
from sampling.sources.tables import ACCOUNTABLE_ROLES

DAY = timedelta(days=1)
NO_START = (
    "{n} of {of} supervisees have no start date here: their clock runs from the day on which records here begin, and no rule for new "
    "starters is applied to them."
)
NO_EXTRACT_SESSIONS = "The extract has no table of supervisions: sessions that the journal lacks are not known here."
NO_HOLDERS = "The extract does not say who held a case when: cases are not shown by supervisee."
NO_PAIRS = "Who supervises whom is not recorded for {n} of {of} supervisees: of their agreements nothing can be said."
NO_RECORDING = "{n} formal one-to-ones are in the extract alone: when their records were written is not known here."
NO_CHILD_FILE = (
    "When a decision was written into a child's own file is not recorded here, so nothing can be said of it."
)
PROFESSIONAL = "Each formal one-to-one is taken to have held professional supervision: nothing here tells them apart."


@dataclass(frozen=True)
class Staff:
    """A practitioner as the extract has them: key, job role, team, first and last day."""

    person: str
    role: str = ""
    team: str = ""
    started: date | None = None
    left: date | None = None


@dataclass(frozen=True)
class Opened:
    """A case as the extract has it: key, day of opening and of closing."""

    case: str
    opened: date
    closed: date | None = None


@dataclass(frozen=True)
class Allocation:
    """Who held a case, from the first day to the last; `role` is that of the extract, and only accountable ones count."""

    case: str
    person: str
    first: date
    last: date | None = None
    role: str = ACCOUNTABLE_ROLES[0]


@dataclass(frozen=True)
class Supervision:
    """A row of the extract's supervisions: one session has a row for each case that was discussed, or one without a case."""

    person: str
    supervisor: str
    on: date
    kind: str
    case: str | None = None
    minutes: int | None = None


@dataclass(frozen=True)
class Seen:
    """That a person had a supervisor on a day, as a snapshot of a draw or the people file shows it."""

    person: str
    supervisor: str
    on: date


@dataclass(frozen=True)
class Noted:
    """What people wrote down that no extract knows, by the key of the person or case. Nothing here says why anybody was away."""

    newly_qualified: frozenset[str] = frozenset()
    absences: Mapping[str, tuple[Absence, ...]] = field(default_factory=dict)
    agreements: Mapping[str, tuple[Agreement, ...]] = field(default_factory=dict)
    exemptions: Mapping[str, tuple[Exemption, ...]] = field(default_factory=dict)
    delays: Mapping[str, tuple[Delay, ...]] = field(default_factory=dict)
    agreed: Mapping[str, tuple[Agreed, ...]] = field(default_factory=dict)
    appraisals: Mapping[str, tuple[date, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Sources:
    """Everything that coverage is made from. Keys throughout; None is a table that the extract lacks. `known_from`: records begin."""

    sessions: Sequence[Session]
    people: People
    known_from: date
    staff: Sequence[Staff] = ()
    cases: Sequence[Opened] = ()
    allocations: Sequence[Allocation] | None = None
    supervisions: Sequence[Supervision] | None = None
    seen: Sequence[Seen] = ()
    noted: Noted = Noted()


@dataclass(frozen=True)
class Facts:
    """The facts that the rules look at, by key; `teams` is person -> team. `untold` are sentences of what nothing here can tell."""

    persons: tuple[Person, ...]
    cases: tuple[Case, ...]
    records: tuple[Record, ...]
    teams: Mapping[str, str]
    sessions: tuple[Session, ...]
    known_from: date
    untold: tuple[str, ...]


def facts_of(sources: Sources, today: date) -> Facts:
    """Returns the facts up to today, in the order of keys: the order of rows in any source changes nothing."""
    journal = tuple(
        sorted(
            (one for one in sources.sessions if one.closed is not None and one.held_on <= today),
            key=lambda one: (one.held_on, one.id),
        )
    )
    rows = sorted(
        {one for one in sources.supervisions or () if one.on <= today},
        key=lambda one: (one.person, one.on, one.kind, one.supervisor, one.case or "", one.minutes or 0),
    )
    held = _held(journal, rows)
    staff = {one.person: one for one in sorted(sources.staff, key=lambda one: (one.person, str(one.started)))}
    keys = sorted({*staff, *held})
    persons = tuple(_person(key, staff.get(key, Staff(key)), held.get(key, ()), sources) for key in keys)
    records = _records(sources.sessions, rows, today)
    return Facts(
        persons,
        _cases(sources, journal, rows),
        records,
        {key: one.team for key, one in staff.items()},
        journal,
        sources.known_from,
        _untold(sources, persons, journal, rows),
    )


def seen_in_people(people: People, staff: Iterable[Staff], on: date) -> tuple[Seen, ...]:
    """Returns whom people.toml names as supervised by whom, on the day on which it was read. One who supervises a team has all in it."""
    named = [one for one in people.everyone if one.has("supervisor") and one.supervises_named]
    return tuple(
        Seen(member.person, one.key, on)
        for member in staff
        for one in named
        if member.person != one.key
        and (member.person in one.practitioners or (member.team and member.team in one.teams))
    )


def _held(journal: Sequence[Session], rows: Sequence[Supervision]) -> dict[str, tuple[Held, ...]]:
    """Two sessions of one kind with one supervisee on one day are the same session; what the journal says of it comes first."""
    found: dict[tuple[str, date, str], Held] = {}
    for one in journal:
        for person in one.supervisees:
            minutes = one.closed.minutes if one.closed else None
            said = one.described
            held = Held(
                one.held_on,
                one.kind,
                personal=said.personal if said else None,
                minutes=minutes or None,
                uninterrupted=said.uninterrupted if said else None,
            )
            found.setdefault((person, one.held_on, one.kind), held)
    for row in rows:
        key = (row.person, row.on, row.kind)
        there = found.setdefault(key, Held(row.on, row.kind, minutes=row.minutes))
        if there.minutes is None:
            found[key] = replace(there, minutes=row.minutes)
    by_person: dict[str, list[Held]] = {}
    for (person, _, _), held in sorted(found.items(), key=lambda item: item[0]):
        by_person.setdefault(person, []).append(held)
    return {person: tuple(some) for person, some in by_person.items()}


def _person(key: str, staff: Staff, held: Sequence[Held], sources: Sources) -> Person:
    seat = sources.people.by_key(key)
    started = [day for day in (staff.started, seat.started if seat else None) if day]
    noted = sources.noted
    return Person(
        key,
        min(started, default=date.min),  # not known: nobody is new for want of a date
        staff.left,
        key in noted.newly_qualified,
        staff.role,
        tuple(held),
        noted.absences.get(key, ()),
        noted.delays.get(key, ()),
        _pairs(key, sources.seen, staff.left),
        noted.agreements.get(key, ()),
        noted.appraisals.get(key),
        noted.agreed.get(key, ()),
    )


def _pairs(key: str, seen: Iterable[Seen], left: date | None) -> tuple[Pair, ...]:
    """A pair begins on the first day on which it is seen, and ends on the day before another is; between them nothing is known."""
    by_day: dict[date, set[str]] = {}
    for one in seen:
        if one.person == key and (left is None or one.on <= left):
            by_day.setdefault(one.on, set()).add(one.supervisor)
    found: list[Pair] = []
    for day, there in sorted(by_day.items()):
        if found and found[-1].supervisor in there:
            continue  # of two on one day the one before goes on: a second supervisor is no change
        if found:
            found[-1] = replace(found[-1], last=day - DAY)
        found.append(Pair(min(there), day))
    if found and left is not None:
        found[-1] = replace(found[-1], last=left)
    return tuple(found)


def _cases(sources: Sources, journal: Sequence[Session], rows: Sequence[Supervision]) -> tuple[Case, ...]:
    discussed: dict[str, set[tuple[date, str]]] = {}
    for one in journal:
        for case in one.discussed:
            discussed.setdefault(case, set()).add((one.held_on, one.kind))
    for row in rows:
        if row.case:
            discussed.setdefault(row.case, set()).add((row.on, row.kind))
    holders: dict[str, set[Holder]] = {}
    for held in sources.allocations or ():
        if held.role in ACCOUNTABLE_ROLES:
            holders.setdefault(held.case, set()).add(Holder(held.person, held.first, held.last))
    noted = sources.noted
    newest = {one.case: one for one in sorted(sources.cases, key=lambda one: (one.case, one.opened, str(one.closed)))}
    return tuple(
        Case(
            one.case,
            one.opened,
            one.closed,
            tuple(Discussion(*when) for when in sorted(discussed.get(one.case, ()))),
            tuple(sorted(holders.get(one.case, ()), key=lambda holder: (holder.first, holder.person))),
            noted.exemptions.get(one.case, ()),
            noted.delays.get(one.case, ()),
            noted.agreed.get(one.case, ()),
        )
        for one in newest.values()
    )


def _records(sessions: Iterable[Session], rows: Iterable[Supervision], today: date) -> tuple[Record, ...]:
    """The record of a formal one-to-one is written when it is closed. One still open counts once the extract says it was held."""
    held = {(row.person, row.on) for row in rows if row.kind == FORMAL}
    found = [
        Record(one.id, "record_session", one.held_on, day_in_england(one.closed_at) if one.closed else None)
        for one in sessions
        if one.kind == FORMAL
        and one.held_on <= today
        and (one.closed is not None or any((person, one.held_on) in held for person in one.supervisees))
    ]
    return tuple(sorted(found, key=lambda one: (one.happened, one.key)))


def _untold(
    sources: Sources, persons: Sequence[Person], journal: Sequence[Session], rows: Sequence[Supervision]
) -> tuple[str, ...]:
    known = {one.person for one in sources.staff if one.started}
    known |= {one.key for one in sources.people.everyone if one.started}
    unknown = sum(one.key not in known for one in persons)
    unpaired = sum(not one.pairs for one in persons)
    ours = {(person, one.held_on) for one in journal if one.kind == FORMAL for person in one.supervisees}
    alone = len({(row.person, row.on) for row in rows if row.kind == FORMAL} - ours)
    said = (
        (unknown > 0, NO_START.format(n=unknown, of=len(persons))),
        (sources.supervisions is None, NO_EXTRACT_SESSIONS),
        (sources.allocations is None, NO_HOLDERS),
        (unpaired > 0, NO_PAIRS.format(n=unpaired, of=len(persons))),
        (alone > 0, NO_RECORDING.format(n=alone)),
        (True, NO_CHILD_FILE),
        (True, PROFESSIONAL),
    )
    return tuple(sentence for holds, sentence in said if holds)
