"""The months that an assurance report is about: one, a quarter or a year."""

from __future__ import annotations

import re

from sampling.assurance.coverage_counts import Window
from sampling.assurance.patterns_signs import month_plus, months_between
from sampling.errors import UsageError
from sampling.model import Period

LENGTHS = {1: "month", 3: "quarter", 12: "year"}  # "run by papermill for a month, a quarter or a year"
_MONTH = r"\d{4}-(?:0[1-9]|1[0-2])"
_SPAN = re.compile(rf"({_MONTH})(?::({_MONTH}))?")


def span_of(text: str) -> Window:
    """Returns the days of a month ("2026-10"), three months or twelve ("2026-04:2027-03"). Raises UsageError for any other text.

    >>> span_of("2026-07:2026-09").last
    datetime.date(2026, 9, 30)
    """
    found = _SPAN.fullmatch(text)
    first, last = (found[1], found[2] or found[1]) if found else ("", "")
    if not found or months_between(first, last) + 1 not in LENGTHS:
        raise UsageError(
            'The period must be a month, a quarter or a year, as "2026-10", "2026-07:2026-09" or "2026-04:2027-03".'
        )
    return Window(text, Period(first).first_day, Period(last).last_day)


def length_of(window: Window) -> str:
    """Returns "month", "quarter" or "year"."""
    return LENGTHS[months_between(f"{window.first:%Y-%m}", f"{window.last:%Y-%m}") + 1]


def months_of(window: Window) -> tuple[str, ...]:
    """Returns the months of a span, "YYYY-MM", in order."""
    first, last = f"{window.first:%Y-%m}", f"{window.last:%Y-%m}"
    return tuple(month_plus(first, ahead) for ahead in range(months_between(first, last) + 1))


def folder_of(window: Window) -> str:
    """Returns the span as part of a path: no file system minds it.

    >>> folder_of(span_of("2026-07:2026-09"))
    '2026-07_2026-09'
    """
    return window.text.replace(":", "_")


def words_of(window: Window) -> str:
    """Returns the span in words.

    >>> words_of(span_of("2026-07:2026-09")), words_of(span_of("2026-10"))
    ('July to September 2026', 'October 2026')
    """
    first, last = f"{window.first:%B %Y}", f"{window.last:%B %Y}"
    if first == last:
        return last
    return f"{window.first:%B}{'' if window.first.year == window.last.year else f' {window.first.year}'} to {last}"
