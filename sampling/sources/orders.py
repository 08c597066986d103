"""Days that must follow one another in a record, and those that real records get wrong without harm to the
draw.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sampling.errors import Severity

AHEAD_DAYS = 31  # what is planned or handed over next month may stand in an extract
# (rows from which on, days of silence that are too many): in a small extract nothing may have happened for most of a year
_SILENCES = ((1000, AHEAD_DAYS), (20, 300), (0, 1000))
_SHARE = 100  # at most one row in a hundred is a slip

# (table, earlier column, later column, finding code, message, severity)
ORDERS: tuple[tuple[str, str, str, str, str, Severity], ...] = (
    ("cases", "opened", "closed", "CLOSED_BEFORE_OPENED", "the case is closed before it is opened", "error"),
    (
        "allocations",
        "started",
        "ended",
        "ENDED_BEFORE_STARTED",
        "the allocation ends before it starts",
        "error",
    ),
    (
        "practitioners",
        "started",
        "left_on",
        "LEFT_BEFORE_STARTED",
        "the leaving day is before the first day",
        "error",
    ),
    (
        "plans",
        "created",
        "updated",
        "UPDATED_BEFORE_CREATED",
        "the plan is updated before it is created",
        "note",
    ),
    ("plans", "created", "ended", "PLAN_ENDED_BEFORE_CREATED", "the plan ends before it is created", "note"),
)


def last_believed(rows: Mapping[date, int]) -> date | None:
    """Returns the last day that is no slip of the year, given the number of rows of each day; None without any.

    The days after a gap of more than 31 days (300 in an extract of fewer than 1,000 rows, 1,000 in one of fewer
    than 20) are slips when they are at most one row in a hundred, or one row alone of three or more: a service
    does not fall silent and wake again.

    >>> last_believed({date(2026, 10, 30): 7, date(2026, 10, 31): 5, date(2062, 10, 5): 1})
    datetime.date(2026, 10, 31)
    """
    if not rows:
        return None
    total = sum(rows.values())
    spare = max(1, total // _SHARE) if total > 2 else 0
    gap = next(days for least, days in _SILENCES if total >= least)
    days = sorted(rows, reverse=True)
    last, after = days[0], 0
    for later, earlier in zip(days, days[1:], strict=False):
        after += rows[later]
        if after > spare:
            break
        if (later - earlier).days > gap:
            last = earlier
    return last
