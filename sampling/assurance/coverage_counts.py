"""The days that coverage is about, and the counts of what fell due in them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sampling.assurance.intervals import Due
from sampling.assurance.rules import Threshold
from sampling.errors import UsageError
from sampling.model import Period

THRESHOLD_WORDS: Mapping[Threshold, str] = {"norm": "norm (what is asked for)", "floor": "floor (never less)"}
_QUARTER = re.compile(r"([12][0-9]{3})-Q([1-4])")
_YEAR = re.compile(r"[12][0-9]{3}")


@dataclass(frozen=True)
class Window:
    """The days that a result is about, the first and the last."""

    text: str
    first: date
    last: date

    def has(self, day: date) -> bool:
        """Tells whether a day lies in the window."""
        return self.first <= day <= self.last


def window_of(text: str) -> Window:
    """Returns the days of a month, a quarter or a year of the calendar. Raises UsageError for any other text.

    >>> window_of("2027-Q1").last
    datetime.date(2027, 3, 31)
    """
    if _YEAR.fullmatch(text):
        return Window(text, date(int(text), 1, 1), date(int(text), 12, 31))
    if match := _QUARTER.fullmatch(text):
        last = 3 * int(match[2])
        ends = Period(f"{match[1]}-{last:02}").last_day
        return Window(text, date(ends.year, last - 2, 1), ends)
    if "Q" in text or len(text) == len("2026"):
        raise UsageError("Name a month like 2026-10, a quarter like 2026-Q4 or a year like 2026.")
    month = Period(text)
    return Window(text, month.first_day, month.last_day)


@dataclass(frozen=True)
class Tally:
    """What fell due: `due` is the sum of the four after it. Exempt, excused and still to come are not due."""

    due: int
    in_time: int
    late_with_reason: int
    late_without_reason: int
    not_done: int
    exempt: int
    excused: int
    to_come: int

    @property
    def words(self) -> str:
        """Returns it as one sentence, without its full stop."""
        if not self.due:
            beside = [f"{n} {what}" for n, what in ((self.exempt, "exempt"), (self.excused, "excused")) if n]
            return "none fell due" + (f" ({', '.join(beside)})" if beside else "")
        late = self.late_with_reason + self.late_without_reason
        parts = [f"{self.due} due", f"{self.in_time} in time"]
        if late:
            parts.append(f"{late} late ({self.late_with_reason} with a reason, {self.late_without_reason} without)")
        parts += [f"{self.not_done} not done"] if self.not_done else []
        parts += [f"{n} {what}" for n, what in ((self.exempt, "exempt"), (self.excused, "excused")) if n]
        return ", ".join(parts)


def tally(dues: Iterable[Due]) -> Tally:
    """Returns the counts of these dues."""
    found = list(dues)
    states = Counter(due.state for due in found)
    late = [bool(due.reason) for due in found if due.state == "late"]
    return Tally(
        sum(due.counts for due in found),
        states["in time"],
        sum(late),
        len(late) - sum(late),
        states["missed"] + states["overdue"],
        states["exempt"],
        states["excused"],
        states["not yet due"],
    )


def week_of(day: date) -> date:
    """Returns the Monday of a day's week."""
    return day - timedelta(days=day.weekday())
