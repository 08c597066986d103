"""Suppression, applied before a count leaves the service."""

from __future__ import annotations

# NHS England, Mental Health Services Monthly Statistics, disclosure control: sub-national counts under 5 are hidden, others are
# rounded to the nearest 5; a percentage is hidden where either part is under 5, else a whole number.
SMALLEST_SHOWN = 5
ROUNDED_TO = 5
HIDDEN = "*"


def shown_count(count: int) -> str:
    """Returns the count as MHSDS publishes it: 0 as 0, 1 to 4 as `*`, the rest to the nearest 5.

    >>> [shown_count(n) for n in (0, 4, 5, 7, 8)]
    ['0', '*', '5', '5', '10']
    """
    if 0 < count < SMALLEST_SHOWN:
        return HIDDEN
    return str((count + ROUNDED_TO // 2) // ROUNDED_TO * ROUNDED_TO)


def shown_percent(part: int, whole: int) -> str:
    """Returns part of whole in whole per cent, from the unrounded counts, or `*` where part or rest is 1 to 4, or whole is under 5.

    >>> shown_percent(30, 90), shown_percent(3, 90), shown_percent(0, 90)
    ('33%', '*', '0%')
    """
    if whole < SMALLEST_SHOWN or 0 < part < SMALLEST_SHOWN or 0 < whole - part < SMALLEST_SHOWN:
        return HIDDEN
    return f"{(200 * part + whole) // (2 * whole)}%"
