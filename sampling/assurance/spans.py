"""A span of time as a policy says it: "2 weeks", "1 month", "2 working days"."""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from sampling.assurance.calendar import NONE, add_months, working_days_after

UNITS = ("working day", "day", "week", "month", "year")
_SPAN = re.compile(r"(\d{1,3}) (working day|day|week|month|year)s?")
_CYCLE = 1461  # days of four years, with one leap day
_CYCLE_BEGINS = date(2027, 1, 1)
MONTHS_A_YEAR = 12


@dataclass(frozen=True)
class Span:
    """A number of one unit. A month is a calendar month, counted from the day on: 31 January and a month is the last of February."""

    number: int
    unit: str

    def after(self, day: date, added: Set[date] = NONE) -> date:
        """Returns the last day of the span that runs from a day, which is day 0; `added` are bank holidays beyond the library's."""
        if self.unit == "working day":
            return working_days_after(day, self.number, added)
        if self.unit in ("month", "year"):
            return add_months(day, self.number * (MONTHS_A_YEAR if self.unit == "year" else 1))
        return day + timedelta(days=self.number * (7 if self.unit == "week" else 1))

    @property
    def lengths(self) -> tuple[int, int]:
        """Returns the fewest and the most days that the span can have: (28, 31) for one month."""
        return _lengths(self)

    @property
    def words(self) -> str:
        """Returns the span as a policy file has it."""
        return f"{self.number} {self.unit}{'' if self.number == 1 else 's'}"

    @property
    def working(self) -> bool:
        """Tells whether the span is counted in working days."""
        return self.unit == "working day"


@cache
def _lengths(span: Span) -> tuple[int, int]:
    starts = (_CYCLE_BEGINS + timedelta(days=number) for number in range(_CYCLE))
    lengths = [(span.after(start) - start).days for start in starts]
    return min(lengths), max(lengths)


def parse_span(text: str) -> Span:
    """Returns the span that a text spells. Raises ValueError where it spells none.

    >>> parse_span("2 weeks")
    Span(number=2, unit='week')
    """
    match = _SPAN.fullmatch(text)
    if match is None or not int(match[1]):
        raise ValueError('must be a span such as "2 weeks", "1 month", "28 days", "2 working days" or "1 year"')
    return Span(int(match[1]), match[2])
