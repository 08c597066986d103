"""What fell due in a year of supervision, recomputed from the policy alone, on the clock of tests/supervision_clock.py.

Written from docs/policies.md, docs/coverage.md and the profiles' files, not from the program: it imports no rule of it. Numbers in brackets
are the readings of docs/policies.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sampling.assurance.coverage_facts import Sources, Staff
from sampling.assurance.facts import Absence, Agreed, Delay, Exemption, Record
from tests.supervision_clock import (
    DAY,
    IN_TIME,
    LATE,
    MISSED,
    ONE_CLOCK,
    OVERDUE,
    TO_COME,
    Away,
    Clock,
    Fell,
    Reason,
    Span,
    Term,
    inside,
    long_absences,
    plus,
    shortest,
    terms,
    working,
)
from tests.supervision_year import FORMAL, Year


def everything(year: Year, folder: Path, profile: str) -> list[Fell]:
    """Returns all that fell due in an invented year under a profile of a folder, in order."""
    found, longest, left_out = terms(folder, profile)
    told = [
        *(
            fell
            for one in year.sources.staff
            if one.role not in left_out
            for fell in _person(one, year, (found, longest))
        ),
        *(fell for one in year.sources.cases for fell in _case(one.case, year, found)),
        *(fell for one in _records(year) for fell in _record(one, year, found)),
    ]
    return sorted(told)


def _formal(sources: Sources, person: str, today: date) -> dict[date, bool]:
    """Returns the days of a person's formal one-to-ones [20], each once: closed in the journal, or in the extract."""
    days = {
        one.held_on: True
        for one in sources.sessions
        if one.kind == FORMAL and one.closed and person in one.supervisees and one.held_on <= today
    }
    rows = sources.supervisions or ()
    return days | {one.on: True for one in rows if one.kind == FORMAL and one.person == person and one.on <= today}


def _noted(delays: Iterable[Delay], away: Iterable[Absence] = ()) -> Reason:
    """Returns whether a delay has a reason [13, 18]: noted after the last time and up to the late one, or away on the due day."""
    noted, absences = list(delays), list(away)

    def known(due: date, done: date, explained: date) -> bool:
        for one in noted:
            if one.first <= done and (one.last or one.first) > explained:
                return True
        return any(one.covers(due) for one in absences)

    return known


def _person(staff: Staff, year: Year, policy: tuple[list[Term], int | None]) -> Iterator[Fell]:
    found, longest = policy
    sources, today, key = year.sources, year.today, staff.person
    noted = sources.noted
    started = staff.started or sources.known_from
    away = noted.absences.get(key, ())
    stopped = tuple(long_absences(away, longest, today))
    formal = set(_formal(sources, key, today))
    personal = {day for (who, day), spoken in year.personal.items() if who == key and spoken and day in formal}
    asked = any(who == key and day in formal for who, day in year.personal)
    days: Mapping[str, set[date] | None] = {
        "professional": formal,  # docs/coverage.md: each formal one-to-one is taken to have held it
        "personal": personal if asked else None,
        "appraisal": set(noted.appraisals[key]) if key in noted.appraisals else None,
    }
    clocks = [(ONE_CLOCK, formal), *(((rule,), done) for rule, done in days.items() if done is not None)]
    reason = _noted(noted.delays.get(key, ()), away)
    for rules, done in clocks:
        for threshold in ("norm", "floor"):
            mine = [
                one
                for one in found
                if one.rule in rules
                and one.threshold == threshold
                and (one.rule != "newly_qualified" or key in noted.newly_qualified)
            ]
            begin = max(started, sources.known_from)
            clock = Clock(begin, today, done, shortest(mine, started), staff.left, stopped, reason=reason)
            yield from _named(clock, key, threshold)
    for agreed in noted.agreed.get(key, ()):
        yield from _named(_agreed(agreed, formal, year, (staff.left, stopped, reason)), key, "norm")
    yield from _agreements(staff, year, (found, stopped, reason))


def _named(clock: Clock, subject: str, threshold: str) -> Iterator[Fell]:
    for rule, due, state, days_late, reason in clock.fell():
        yield Fell(subject, rule, threshold, due, state, days_late, reason)


def _agreed(agreed: Agreed, done: set[date], year: Year, rest: tuple[date | None, tuple[Away, ...], Reason], rule: str = "agreed_session") -> Clock:  # fmt: skip  # noqa: E501
    """What a supervisor decided beside the policy [24]: from the day on which it was agreed to the day to which it holds."""
    end, stopped, reason = rest
    number, unit = agreed.every.number, agreed.every.unit
    end = min((day for day in (end, agreed.last) if day), default=None)

    def falls(day: date) -> tuple[date, str] | None:
        return plus(day, f"{number} {unit}"), rule

    begin = max(agreed.first, year.sources.known_from)
    return Clock(begin, year.today, done, falls, end, stopped, reason=reason)


def _case(key: str, year: Year, found: list[Term]) -> Iterator[Fell]:
    sources, today = year.sources, year.today
    row = next(one for one in sources.cases if one.case == key)
    discussed = _discussed(year, key)
    reason = _noted(sources.noted.delays.get(key, ()))
    exemptions = [one for one in sources.noted.exemptions.get(key, ()) if _counts(one)]
    begin = max(row.opened, sources.known_from)
    for threshold in ("norm", "floor"):
        mine = [one for one in found if one.rule == "case" and one.threshold == threshold]
        clock = Clock(begin, today, discussed, shortest(mine, row.opened), row.closed, reason=reason)
        if threshold == "norm":  # an exemption never lifts the floor
            clock.exempt = lambda day: any(
                one.first <= day and (one.last is None or day <= one.last) for one in exemptions
            )
        yield from _named(clock, key, threshold)
    for agreed in sources.noted.agreed.get(key, ()):
        yield from _named(_agreed(agreed, discussed, year, (row.closed, (), reason), "agreed_case"), key, "norm")


def _discussed(year: Year, key: str) -> set[date]:
    """Returns the days on which a formal one-to-one discussed a case [20]."""
    sources, today = year.sources, year.today
    told = {one.held_on for one in sources.sessions if one.kind == FORMAL and one.closed and key in one.discussed}
    told |= {one.on for one in sources.supervisions or () if one.kind == FORMAL and one.case == key}
    return {day for day in told if day <= today}


def _counts(one: Exemption) -> bool:
    """An exemption counts with its reason and both references [27]."""
    return bool(one.reason.strip() and one.case_reference.strip() and one.session_reference.strip())


def _records(year: Year) -> Iterator[Record]:
    """Records of formal one-to-ones: written on the day of closing; one still open counts once the extract says that it was held."""
    yield from year.records
    sources = year.sources
    for one in sources.sessions:
        rows = sources.supervisions or ()
        told = any(row.person in one.supervisees and row.on == one.held_on and row.kind == FORMAL for row in rows)
        if one.kind == FORMAL and one.held_on <= year.today and (one.closed or told):
            yield Record(one.id, "record_session", one.held_on, _closed(one.closed_at) if one.closed else None)


def _closed(moment: str) -> date:
    return datetime.fromisoformat(moment).astimezone(ZoneInfo("Europe/London")).date()


def _record(record: Record, year: Year, found: list[Term]) -> Iterator[Fell]:
    """Two working days, the day itself being day 0; late from the next working day [32]."""
    if record.happened < year.sources.known_from:
        return
    for term in found:
        if term.rule != record.rule:
            continue
        left = int(term.every.split()[0])
        due = record.happened
        while left:
            due += DAY
            left -= working(due)
        until = record.recorded or year.today
        late, day = 0, due
        while day < until:
            day += DAY
            late += working(day)
        state = (LATE if late else IN_TIME) if record.recorded else (OVERDUE if late else TO_COME)
        yield Fell(record.key, record.rule, term.threshold, due, state, late, bool(record.delay) and state == LATE)


def _pairs(staff: Staff, year: Year) -> list[tuple[str, date, date | None]]:
    """Returns (supervisor, first, last): a pair begins on the first day on which it is seen and ends on the day before another is."""
    found: list[tuple[str, date, date | None]] = []
    for one in sorted(year.sources.seen, key=lambda one: one.on):
        if one.person != staff.person or (found and found[-1][0] == one.supervisor):
            continue
        if found:
            found[-1] = (found[-1][0], found[-1][1], one.on - DAY)
        found.append((one.supervisor, one.on, None))
    if found and staff.left:
        found[-1] = (found[-1][0], found[-1][1], staff.left)
    return found


def _agreements(staff: Staff, year: Year, rest: tuple[list[Term], tuple[Away, ...], Reason]) -> Iterator[Fell]:
    """A new pair and the return from a long absence ask for an agreement signed by both; its review runs from the signing [28 to 31]."""
    found, stopped, reason = rest
    today, key = year.today, staff.person
    signed = [one for one in year.sources.noted.agreements.get(key, ()) if one.by_both and one.signed <= today]
    for supervisor, begin, last, since in _asked(_pairs(staff, year), stopped, today):
        mine = [one for one in signed if one.supervisor == supervisor and one.signed >= since]
        mine = [one for one in mine if last is None or one.signed <= last]
        days = sorted(one.signed for one in mine)
        for term in found:
            if term.rule == "agreement_new":
                yield from _new(key, (begin, last), days, (term, reason, today))
        if not days:
            continue
        runs_from = max(days[0], begin)
        reviews = {day for one in mine for day in (one.signed, *one.reviewed) if runs_from < day <= today}
        for threshold in ("norm", "floor"):
            terms_ = [one for one in found if one.rule == "agreement_review" and one.threshold == threshold]
            clock = Clock(runs_from, today, reviews, shortest(terms_, runs_from), last, reason=reason)
            yield from _named(clock, key, threshold)


def _asked(
    pairs: list[tuple[str, date, date | None]], stopped: tuple[Away, ...], today: date
) -> Iterator[tuple[str, date, date | None, date]]:
    """Yields (supervisor, first, last, signed from when on) of each time in which one agreement holds: walks the days of each pair."""
    ended: dict[str, date] = {}
    for supervisor, first, last in pairs:
        since, begin, before = ended.get(supervisor, date.min), None, None
        day = first
        while day <= min(today, last or today):
            away = inside(day, stopped)
            if away and begin:
                yield supervisor, begin, day - DAY, since
            if away:
                begin, since = None, away[0]
            elif begin is None:
                begin = day
            before, day = day, day + DAY
        if begin:
            coming = last if last is not None and last <= today else None
            yield supervisor, begin, coming or last, since
        if before and last:
            ended[supervisor] = last + DAY


def _new(key: str, span: Away, days: list[date], rest: tuple[Term, Reason, date]) -> Iterator[Fell]:
    (begin, last), (term, reason, today) = span, rest
    due = plus(begin, term.every)
    if last is not None and due >= last:
        return
    done = days[0] if days else None
    until = min(today, last or today)
    state, late, known = TO_COME, 0, False
    if done is not None:
        state, late = (IN_TIME, 0) if done <= due else (LATE, (done - due).days)
        known = state == LATE and reason(due, done, begin - DAY)
    elif due < today:
        state, late = (MISSED if last and last < today else OVERDUE), (until - due).days
    yield Fell(key, term.rule, term.threshold, due, state, late, known)


@dataclass(frozen=True)
class Beside:
    """What stands beside the counts of one supervisee in a window: whom they had, how cases came, which were not discussed."""

    supervisors: tuple[str, ...]
    changes: int
    drawn: int
    tabled: int
    undiscussed: tuple[str, ...]
    never: tuple[str, ...]

    def hidden(self, digest: Callable[[str], str]) -> tuple[object, ...]:
        """Returns it with digests for keys, the cases in their order."""
        cases = (tuple(sorted(digest(case) for case in some)) for some in (self.undiscussed, self.never))
        return tuple(map(digest, self.supervisors)), self.changes, self.drawn, self.tabled, *cases


def pair_facts(year: Year, window: Span) -> dict[str, Beside]:
    """Returns what stands beside the counts of each supervisee in the days of a window, up to today."""
    first, last = window
    ends = min(last, year.today)
    found = {}
    for staff in year.sources.staff:
        pairs = _pairs(staff, year)
        there = [who for who, begun, over in pairs if begun <= last and (over or last) >= first]
        came = [
            said.came_by
            for one in year.sources.sessions
            if one.kind == FORMAL and one.closed and staff.person in one.supervisees
            if first <= one.held_on <= last and one.held_on <= year.today
            for said in one.discussed.values()
        ]
        held = [one.case for one in year.sources.cases if _holder(year, one.case, ends) == staff.person]
        days = {case: _discussed(year, case) for case in held}
        undiscussed = tuple(case for case in held if not any(first <= day <= last for day in days[case]))
        found[staff.person] = Beside(
            tuple(there),
            sum(first <= begun <= last for _, begun, _ in pairs[1:]),
            came.count("drawn"),
            len(came) - came.count("drawn"),
            undiscussed,
            tuple(case for case in undiscussed if not any(day <= ends for day in days[case])),
        )
    return found


def _holder(year: Year, key: str, day: date) -> str:
    """Returns who answers for an open case on a day: of several the latest to begin; "" where nobody does."""
    row = next(one for one in year.sources.cases if one.case == key)
    if row.opened > day or (row.closed is not None and row.closed <= day):
        return ""
    there = [
        (one.first, one.person)
        for one in year.sources.allocations or ()
        if one.case == key and one.role != "co_worker" and one.first <= day and day <= (one.last or day)
    ]
    return max(there)[1] if there else ""
