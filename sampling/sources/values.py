"""One cell of text as a day, a time, a number or yes/no, as English services and spreadsheets write them."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

# Day 0 of the 1900 date system as Excel counts it (ECMA-376 part 1, 18.17.4.1).
_EXCEL_EPOCH = date(1899, 12, 30)
# 1950-01-01 to 2100-01-01: other five-digit numbers are no date of a live record.
_EXCEL_SERIALS = range(18_264, 73_051)
EARLIEST, LATEST = date(1900, 1, 1), date(2100, 12, 31)  # a day outside these is a slip of the keyboard
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ISO_DATE = re.compile(r"^([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ].*)?$")
_ENGLISH_DATE = re.compile(r"^([0-9]{1,2})[/.\-]([0-9]{1,2})[/.\-]([0-9]{4})(?: .*)?$")
_NAMED_DATE = re.compile(r"^([0-9]{1,2})[ \-]([A-Za-z]{3,9})[ \-]([0-9]{4})(?: .*)?$")
_TIME = re.compile(
    r"^(?:[0-9]{4}-[0-9]{2}-[0-9]{2}[T ])?([0-9]{1,2}):([0-9]{2})"
    r"(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?$"
)
_ZONED = re.compile(
    r"^([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(?:\.[0-9]+)? ?(Z|[+-][0-9]{2}:?[0-9]{2})$"
)
_ZONE = re.compile(r"[0-9]:[0-9]{2}(?:\.[0-9]+)? ?(?:Z|[+-][0-9]{2}:?[0-9]{2})$")
_SHORT_YEAR = re.compile(r"^[0-9]{1,2}([/.\- ])(?:[0-9]{1,2}|[A-Za-z]{3,9})\1[0-9]{2}(?: .*)?$")
_LOCAL = ZoneInfo("Europe/London")
# Databases and spreadsheets write a time without a day under one of these; they say nothing of summer time.
_NO_DAYS = ("1970-01-01", "1900-01-01", "1899-12-30", "0001-01-01")
_FRACTION_OF_DAY = re.compile(r"^0(\.[0-9]+)?$|^[0-9](\.[0-9]+)?[eE]-[0-9]+$")
_NUMBER = re.compile(r"^-?[0-9]{1,15}(\.[0-9]+)?$|^-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?$")
_YES, _NO = ("yes", "y", "true", "1"), ("no", "n", "false", "0")


def parse_date(text: str) -> date | None:
    """Returns the day that a cell names, or None.

    ISO, day/month/year, 31-Mar-2026 and Excel's serial number are read; a time after it is dropped, but one
    of another time zone first makes it the day in England. A year of two digits is refused, because it does
    not say which century.

    >>> parse_date("2026-03-31"), parse_date("31/03/2026"), parse_date("46112"), parse_date("31/3/26")
    (datetime.date(2026, 3, 31), datetime.date(2026, 3, 31), datetime.date(2026, 3, 31), None)
    """
    text = text.strip()
    if text.isascii() and text.isdigit():
        if len(text) == 5 and int(text) in _EXCEL_SERIALS:
            return _EXCEL_EPOCH + timedelta(days=int(text))
        return _day(text[:4], text[4:6], text[6:]) if len(text) == 8 else None
    if match := _ISO_DATE.match(text):
        if local := _in_england(text):
            return local.date()
        return _day(match[1], match[2], match[3])
    if match := _ENGLISH_DATE.match(text):
        return _day(match[3], match[2], match[1])
    if match := _NAMED_DATE.match(text):
        name = match[2].lower()[:3]
        return _day(match[3], str(_MONTHS.index(name) + 1), match[1]) if name in _MONTHS else None
    return None


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def has_short_year(text: str) -> bool:
    """Returns whether a cell is a date with a year of two digits.

    >>> has_short_year("01-Jan-26"), has_short_year("01/01/26"), has_short_year("01-Jan-2026")
    (True, True, False)
    """
    return bool(_SHORT_YEAR.match(text.strip()))


def has_zone_without_day(text: str) -> bool:
    """Returns whether a cell is a time of another time zone, with no day to tell whether it was summer time.

    >>> has_zone_without_day("16:30:00Z"), has_zone_without_day("2026-07-15T16:30:00Z"), has_zone_without_day("16:30")
    (True, False, False)
    """
    text = text.strip()
    return bool(_ZONE.search(text)) and _in_england(text) is None


def _in_england(text: str) -> datetime | None:
    """Returns a day and time with a time zone as the clock in England showed it, or None for any other text."""
    match = _ZONED.match(text)
    if not match or match[1] in _NO_DAYS:
        return None
    try:
        return datetime.fromisoformat(f"{match[1]}T{match[2]}{match[3].replace('Z', '+00:00')}").astimezone(_LOCAL)
    except (ValueError, OverflowError):
        return None


def parse_time(text: str) -> str | None:
    """Returns the time of day in England as HH:MM, or None: plain, with seconds, after a date, or as a
    fraction of a day. A time zone counts only where the day is known, since the clock goes by summer time.

    >>> parse_time("21:40:00"), parse_time("1970-01-01T08:05"), parse_time("0.5"), parse_time("25:00")
    ('21:40', '08:05', '12:00', None)
    >>> parse_time("2026-07-15T16:30:00Z"), parse_time("2026-12-15T16:30:00Z"), parse_time("16:30:00Z")
    ('17:30', '16:30', '16:30')
    """
    text = text.strip()
    if local := _in_england(text):
        return f"{local:%H:%M}"
    if match := _TIME.match(text):
        hours, minutes = int(match[1]), int(match[2])
        return f"{hours:02}:{minutes:02}" if hours < 24 and minutes < 60 else None
    if not _FRACTION_OF_DAY.match(text):
        return None
    minutes = int(float(text) * 24 * 60 + 0.5) % (24 * 60)
    return f"{minutes // 60:02}:{minutes % 60:02}"


def parse_number(text: str) -> float | None:
    """Returns the number that a cell holds, or None. A suppressed `*` is no number.

    >>> parse_number("1,234"), parse_number("0.8"), parse_number("*")
    (1234.0, 0.8, None)
    """
    text = text.strip()
    return float(text.replace(",", "")) if _NUMBER.match(text) else None


def parse_yes_no(text: str) -> bool | None:
    """Returns the answer that a cell holds, or None.

    >>> parse_yes_no("Yes"), parse_yes_no("0"), parse_yes_no("perhaps")
    (True, False, None)
    """
    answer = text.strip().lower()
    return True if answer in _YES else False if answer in _NO else None
