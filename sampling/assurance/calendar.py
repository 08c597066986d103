"""Days, working days and calendar months. England's bank holidays come from the library `holidays`, moved and one-off days too.

Asked without the subdivision ENG that library leaves out Easter Monday and the summer bank holiday, since Scotland has neither.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Set
from datetime import date, timedelta
from functools import cache

import holidays

SATURDAY = 5
NONE: frozenset[date] = frozenset()


@cache
def bank_holidays(year: int) -> frozenset[date]:
    """Returns England's bank holidays of a year, with substitute days and one-off ones such as 19 September 2022.

    A day that is proclaimed after the installed release of `holidays` is not among them: a profile can add it (docs/policies.md).
    """
    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))


def is_working_day(day: date, added: Set[date] = NONE) -> bool:
    """Tells whether a day is neither Saturday nor Sunday, nor one of England's bank holidays, nor one of those `added`."""
    return day.weekday() < SATURDAY and day not in bank_holidays(day.year) and day not in added


def working_days_after(day: date, number: int, added: Set[date] = NONE) -> date:
    """Returns the `number`th working day after a day, which is itself day 0 whatever day of the week it is.

    >>> str(working_days_after(date(2026, 12, 23), 2))  # 24 December, then Christmas, Boxing Day, a Sunday and a substitute day
    '2026-12-29'
    """
    while number > 0:
        day += timedelta(days=1)
        number -= is_working_day(day, added)
    return day


def working_days_between(first: date, last: date, added: Set[date] = NONE) -> int:
    """Returns how many working days lie after `first`, up to `last` and with it; 0 where `last` is no later.

    >>> working_days_between(date(2026, 12, 23), date(2026, 12, 29))
    2
    """
    span = max((last - first).days, 0)
    return sum(is_working_day(first + timedelta(days=number), added) for number in range(1, span + 1))


def add_months(day: date, number: int) -> date:
    """Returns the same day some months later, or the last day of that month where it has no such day.

    >>> str(add_months(date(2027, 1, 31), 1)), str(add_months(date(2028, 1, 31), 1))
    ('2027-02-28', '2028-02-29')
    """
    months = day.year * 12 + day.month - 1 + number
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
