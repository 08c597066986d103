"""The reference's own calendar, intervals and clock: day by day, in plain dates and loops.

Written from docs/policies.md, docs/coverage.md and the profiles' files, not from the program: it imports no rule of it and no library of
holidays. Numbers in brackets are the readings of docs/policies.md.
"""

from __future__ import annotations

import calendar
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from sampling.assurance.facts import Absence

DAY = timedelta(days=1)
Span = tuple[date, date]
Away = tuple[date, date | None]
Reason = Callable[[date, date, date], bool]  # (due, done, explained up to) -> whether a reason is known
# England and Wales, as www.gov.uk/bank-holidays had or has them.
BANK_HOLIDAYS = frozenset(
    date.fromisoformat(text)
    for text in """
    2021-01-01 2021-04-02 2021-04-05 2021-05-03 2021-05-31 2021-08-30 2021-12-27 2021-12-28
    2022-01-03 2022-04-15 2022-04-18 2022-05-02 2022-06-02 2022-06-03 2022-08-29 2022-09-19 2022-12-26 2022-12-27
    2023-01-02 2023-04-07 2023-04-10 2023-05-01 2023-05-08 2023-05-29 2023-08-28 2023-12-25 2023-12-26
    2025-01-01 2025-04-18 2025-04-21 2025-05-05 2025-05-26 2025-08-25 2025-12-25 2025-12-26
    2026-01-01 2026-04-03 2026-04-06 2026-05-04 2026-05-25 2026-08-31 2026-12-25 2026-12-28
    2027-01-01 2027-03-26 2027-03-29 2027-05-03 2027-05-31 2027-08-30 2027-12-27 2027-12-28
    2028-01-03 2028-04-14 2028-04-17 2028-05-01 2028-05-29 2028-08-28 2028-12-25 2028-12-26
    """.split()
)
ONE_CLOCK = ("newly_qualified", "new_starter", "everyone")  # [11]
RECORDS = ("record_session", "record_decision", "record_ad_hoc")
IN_TIME, LATE, MISSED, OVERDUE, EXEMPT, EXCUSED, TO_COME = (
    "in time", "late", "missed", "overdue", "exempt", "excused", "not yet due",
)  # fmt: skip


@dataclass(frozen=True, order=True)
class Fell:
    """One thing that fell due, and what became of it by today. `reason`: whether one is known, for what is late."""

    subject: str
    rule: str
    threshold: str
    due: date
    state: str
    days_late: int
    reason: bool = False


@dataclass(frozen=True)
class Term:
    """An interval as the file has it: a number and a unit, and how long after the start it holds."""

    rule: str
    threshold: str
    every: str
    until: str = ""


def terms(folder: Path, profile: str) -> tuple[list[Term], int | None, frozenset[str]]:
    """Returns a profile's intervals, after how many days an absence is long, and the roles that it leaves out. "strictest": all of them.

    Of all intervals of a rule what falls due first counts, so the strictest needs no comparison of lengths: it is all intervals at once.
    """
    names = [path.stem for path in folder.glob("*.toml") if path.stem != "blank"]
    read = [tomllib.loads((folder / f"{name}.toml").read_text()) for name in names if profile in (name, "strictest")]
    found = {
        Term(one["rule"], one["threshold"], one["every"], one.get("until", ""))
        for file in read
        for one in file.get("interval", ())
    }
    longest = min((file["long_absence_days"]["value"] for file in read if "long_absence_days" in file), default=None)
    left_out = [frozenset(file.get("scope", {}).get("left_out", ())) for file in read]
    return sorted(found, key=str), longest, frozenset.intersection(*left_out)


def plus(day: date, span: str) -> date:
    """Returns the last day of a span from a day: a month is a calendar month [5]."""
    number, unit = re.fullmatch(r"(\d+) (day|week|month|year)s?", span).groups()  # type: ignore[union-attr]
    if unit in ("day", "week"):
        return day + timedelta(days=int(number) * (7 if unit == "week" else 1))
    months = day.year * 12 + day.month - 1 + int(number) * (12 if unit == "year" else 1)
    year, month = months // 12, months % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def working(day: date) -> bool:
    """Tells whether a day is a working day in England [34]."""
    return day.weekday() < 5 and day not in BANK_HOLIDAYS


def long_absences(absences: Iterable[Absence], longest: int | None, today: date) -> list[Away]:
    """Returns (first, last) of the long ones [14, 15]: walks the days; an absence that is open goes on to today."""
    days = set()
    still_open = [one.first for one in absences if one.last is None and one.first <= today]
    for one in absences:
        day = one.first
        while one.first <= today and day <= (one.last or today):
            days.add(day)
            day += DAY
    found = []
    for first in sorted(days):
        if first - DAY in days:
            continue
        last = first
        while last + DAY in days:
            last += DAY
        if longest is not None and (last - first).days + 1 > longest:
            found.append((first, None if any(begun <= last for begun in still_open if begun >= first) else last))
    return found


def inside(day: date, absences: Iterable[Away]) -> Away | None:
    """Returns the one of these absences in which a day lies."""
    return next((one for one in absences if one[0] <= day and (one[1] is None or day <= one[1])), None)


@dataclass
class Clock:
    """One clock: from when, until before which day, what was done when, and what excuses."""

    begin: date
    today: date
    done: set[date]
    next_due: Callable[[date], tuple[date, str] | None]
    end: date | None = None
    stopped: tuple[Away, ...] = ()
    exempt: Callable[[date], bool] = lambda day: False
    reason: Reason = lambda due, done, explained: False

    def fell(self) -> Iterator[tuple[str, date, str, int, bool]]:
        """Yields (rule, due, state, days late, reason known), walking day by day from the beginning to today or the end."""
        ended = self.today if self.end is None else min(self.today, self.end)
        due = self.next_due(self.begin)
        waiting: tuple[date, str] | None = None  # fell due, and nothing was held since
        missed: list[tuple[date, str]] = []
        explained = self.begin - DAY  # what was noted up to this day explains something earlier [18]
        back: date | None = None  # excused: from when the clock runs anew
        day = self.begin
        while day <= ended:
            if due is None and day == back:
                due = self.next_due(day)
            if day in self.done and not (due is None and back):  # after an excuse the return sets the clock [14, 16]
                if waiting and due and due[0] > day:
                    yield waiting[1], waiting[0], LATE, (day - waiting[0]).days, self.reason(waiting[0], day, explained)
                else:
                    missed += [waiting] if waiting else []
                    if due and self.owed(due[0]):
                        yield due[1], due[0], IN_TIME, 0, False
                for one in missed:
                    yield one[1], one[0], MISSED, (day - one[0]).days, False
                waiting, missed, explained = None, [], day
                due = self.next_due(day)
            elif due and due[0] == day and day < self.today and self.owed(day):
                missed += [waiting] if waiting else []
                explained = day if waiting else explained
                waiting, away = None, inside(day, self.stopped)
                if away:
                    yield due[1], day, EXCUSED, 0, False
                    explained, due = away[1] or self.today, None
                    back = away[1] + DAY if away[1] else date.max
                else:
                    if self.exempt(day):
                        yield due[1], day, EXEMPT, 0, False
                        explained = day
                    else:
                        waiting = due
                    due = self.next_due(day)
            elif back and day in self.done:
                for one in missed:
                    yield one[1], one[0], MISSED, (day - one[0]).days, False
                missed = []
            day += DAY
        yield from self.left_over(waiting, missed, due or (self.next_due(back) if back and back != date.max else None))

    def owed(self, due: date) -> bool:
        """Tells whether something is owed that falls due on a day: before the last day [21]."""
        return self.end is None or due < self.end

    def left_over(
        self, waiting: tuple[date, str] | None, missed: list[tuple[date, str]], due: tuple[date, str] | None
    ) -> Iterator[tuple[str, date, str, int, bool]]:
        """Yields what nothing settled: missed, overdue, or the next that is to come, where nothing is overdue."""
        over = self.end is not None and self.end < self.today  # nobody can do it any more
        ended = self.end if over and self.end else self.today
        if waiting and (over or (due and due[0] <= self.today)):
            missed, waiting = [*missed, waiting], None
        for one in missed:
            yield one[1], one[0], MISSED, (ended - one[0]).days, False
        if waiting:
            yield waiting[1], waiting[0], OVERDUE, (ended - waiting[0]).days, False
        elif due and due[0] >= self.today and self.owed(due[0]):
            away = inside(due[0], self.stopped)
            yield due[1], due[0], EXCUSED if away else TO_COME, 0, False
            if away and away[1] and (later := self.next_due(away[1] + DAY)):
                yield later[1], later[0], TO_COME, 0, False


def shortest(found: list[Term], started: date) -> Callable[[date], tuple[date, str] | None]:
    """Returns what falls due first after an interval that begins on a day, and by which rule [10, 11]; of two on one day the more special."""
    ranks = (*ONE_CLOCK, "")

    def falls(day: date) -> tuple[date, str] | None:
        there = [one for one in found if not one.until or day < plus(started, one.until)]
        dues = [(plus(day, one.every), one.rule) for one in there]
        return min(dues, key=lambda one: (one[0], ranks.index(one[1]) if one[1] in ranks else 9), default=None)

    return falls
