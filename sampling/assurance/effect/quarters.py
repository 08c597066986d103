"""Quarters of the calendar, as "2026-Q3"."""

from __future__ import annotations

from datetime import date, timedelta

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
    months = 12 * (window.last.year - window.first.year) + window.last.month - window.first.month + 1
    begins = 12 * window.first.year + window.first.month - 1 - months
    return _named(date(begins // 12, begins % 12 + 1, 1), window.first - timedelta(days=1))


def heading(window: Window) -> str:
    """Returns how the window heads a column: a month, a quarter of the calendar, a year of it, or from one month to another.

    >>> heading(Window("2026-07:2026-09", date(2026, 7, 1), date(2026, 9, 30)))
    '2026-Q3'
    """
    return _named(window.first, window.last).text


def _named(first: date, last: date) -> Window:
    span = f"{first:%Y-%m}" if f"{first:%Y-%m}" == f"{last:%Y-%m}" else f"{first:%Y-%m} to {last:%Y-%m}"
    for text in (quarter_of(first), str(first.year)):
        whole = window_of(text)
        span = text if (whole.first, whole.last) == (first, last) else span
    return Window(span, first, last)
