"""Quarters of the calendar, as "2026-Q3"."""

from __future__ import annotations

from datetime import date

from sampling.assurance.coverage_counts import Window, window_of

MONTHS = 3


def quarter_of(day: date) -> str:
    """Returns the quarter that a day lies in.

    >>> quarter_of(date(2026, 9, 30))
    '2026-Q3'
    """
    return f"{day.year}-Q{(day.month + MONTHS - 1) // MONTHS}"


def quarters_of(first: date, last: date) -> tuple[str, ...]:
    """Returns the quarters that hold a day from the first to the last, in order.

    >>> quarters_of(date(2026, 11, 1), date(2027, 4, 1))
    ('2026-Q4', '2027-Q1', '2027-Q2')
    """
    found = [quarter_of(first)]
    while found[-1] < quarter_of(last):
        year, number = int(found[-1][:4]), int(found[-1][-1])
        found.append(f"{year + number // 4}-Q{number % 4 + 1}")
    return tuple(found)


def before(window: Window) -> Window:
    """Returns the window of as many months just before.

    >>> before(window_of("2027-Q1")).text, before(window_of("2027")).text, before(window_of("2027-01")).text
    ('2026-Q4', '2026', '2026-12')
    """
    year, last = window.first.year, window.first.month - 1
    if "Q" in window.text:
        return window_of(f"{year}-Q{last // MONTHS}" if last else f"{year - 1}-Q4")
    if len(window.text) == len("2026"):
        return window_of(str(year - 1))
    return window_of(f"{year}-{last:02}" if last else f"{year - 1}-12")
