"""Days that move: a seeded vignette is read as a case of this month, so that each day in its texts stands in double square brackets.

Days move by whole weeks, so that weekdays stay right. What is tied to a time of year cannot move, and is a fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from sampling.rubric.page import MONTHS

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_ANY_MONTH = "|".join(MONTHS)
_MARKED = re.compile(r"\[\[([^\[\]]*)\]\]")
_WRITTEN = re.compile(rf"(?:({'|'.join(_WEEKDAYS)}) )?(\d{{1,2}}) ({_ANY_MONTH})(?: (\d{{4}}))?")
_NUMBERS = re.compile(r"(\d{2})/(\d{2})/(\d{4})")
# "may" and "march" in small letters are verbs; a year alone says when as well as a day does
_UNMARKED = re.compile(
    rf"\b(?:{_ANY_MONTH})\b|\b\d{{1,2}}/\d{{1,2}}(?:/\d{{2,4}})?\b|\b(?:19|20)\d\d\b"
    r"|\b(?i:spring|summer|autumn|winter|christmas|easter|ramadan|eid|diwali|halloween|new year|half.?term|bank holiday|snow)\b"
)
_MODAL = re.compile(r"(?:^|[.!?] )(?:May|March) (?!\d)")  # a sentence that begins with the verb


def moved(text: str, days: int, near: date) -> str:
    """Returns a text with each marked day later by so many days, and without its brackets. `near` is a day of the same time, which says
    the year of days that are written without one. Raises ValueError for what is marked and is no day.

    >>> moved("Seen on [[Tuesday 3 February]].", 7, date(2026, 2, 27))
    'Seen on Tuesday 10 February.'
    """
    return _MARKED.sub(lambda found: _moved(found[1], timedelta(days=days), near), text)


def _moved(written: str, by: timedelta, near: date) -> str:
    numbers = _NUMBERS.fullmatch(written)
    if numbers:
        day = _day(int(numbers[1]), int(numbers[2]), int(numbers[3]), near) + by
        return f"{day.day:02}/{day.month:02}/{day.year}"
    found = _WRITTEN.fullmatch(written)
    if not found:
        raise ValueError("it is no day")
    weekday, number, month, year = found.groups()
    day = _day(int(number), MONTHS.index(month) + 1, int(year) if year else None, near)
    if weekday and _WEEKDAYS[day.weekday()] != weekday:
        raise ValueError("this day is another day of the week")
    day += by
    words = f"{day.day} {MONTHS[day.month - 1]}"
    return f"{weekday + ' ' if weekday else ''}{words}{f' {day.year}' if year else ''}"


def _day(number: int, month: int, year: int | None, near: date) -> date:
    years = (year,) if year else (near.year - 1, near.year, near.year + 1)
    found = []
    for one in years:
        try:
            found.append(date(one, month, number))
        except ValueError:  # 29 February, in the other years
            continue
    if not found:
        raise ValueError("there is no such day")
    return min(found, key=lambda day: abs(day - near))


def faults_of_days(text: str, near: date) -> Iterator[str]:
    """Yields what is wrong with the days of a text that is to move, in words without the text."""
    for found in _MARKED.finditer(text):
        try:
            _moved(found[1], timedelta(0), near)
        except ValueError as error:
            yield f"what stands in double square brackets cannot move: {error}"
    rest = _MODAL.sub(" ", _MARKED.sub("", text))
    if "[[" in rest or "]]" in rest:
        yield "double square brackets are opened and not closed, or the other way round"
    if _UNMARKED.search(rest):
        yield "a day, month, year or time of year stands without double square brackets, so that it cannot move"


def is_marked(text: str) -> bool:
    """Returns whether a text has a marked day."""
    return bool(_MARKED.search(text))


def unmarked(text: str) -> str:
    """Returns a text without its brackets, each day as it was written."""
    return _MARKED.sub(r"\1", text)
