"""The faults of real Annex A workbooks, put into a synthetic one on purpose, always in the same rows.

No-break spaces, "Surname, Forename", twin spellings and `#N/A` in workers; headers in row 1 and misspelt;
formulas that were never calculated; dates as text and as Excel serials; blank dates of birth; fractional
ages; `*`.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from sampling.sources.annex_a_lists import LISTS

_HEADERS = {
    "Age of Child (Years)": "Age",
    "Date of referral": "Date of Referral ",
    "Case status": "Case Status",
    "Allocated Worker": "Allocated\u00a0Worker",
    "Child's Legal Status": "Child’s Legal Status",
    "LA In Touch ": "LA in Touch",
}
_SERIAL_ZERO = date(1899, 12, 30)  # day 0 of Excel's 1900 date system as it counts (ECMA-376 part 1, 18.17.4.1)


class Formula(str):
    """A text that is meant as a formula; any other text is written as text, even if it begins with "="."""


def spoilt_headers(number: int) -> list[str]:
    """Returns the list's headers as other services spell them."""
    doubled = {header: header + ")" for header in LISTS[number].headers if header.endswith("(Y/N)")}
    return [_HEADERS.get(header, doubled.get(header, header)) for header in LISTS[number].headers]


def spoil(number: int, rows: pd.DataFrame) -> list[list[Any]]:
    """Returns the rows as cells with the faults in; list 10 gets a row of uncalculated formulas."""
    headers = list(rows.columns)
    if number == 10:
        return [[None] * 8 + [Formula("=H3+5"), Formula("=I3+5")]]
    cells: list[list[Any]] = rows.astype(object).to_numpy().tolist()
    for position, line in enumerate(cells):
        for place, header in enumerate(headers):
            line[place] = _spoilt(header, line[place], position)
    return cells


def _spoilt(header: str, value: Any, row: int) -> Any:
    if value is None or value is pd.NaT or value != value:
        return value
    if header == "Allocated Worker":
        return _worker(str(value), row)
    if header == "Date of Birth":
        return None if row % 7 == 3 else value
    if header == "Age of Child (Years)":
        return value + 0.138261464750171
    if header.startswith("Number of") and row % 9 == 5:
        return "*"
    if isinstance(value, pd.Timestamp):
        return _day(value, row)
    if value in ("a) Yes", "b) No"):
        return {0: value, 1: value[3:], 2: value[3]}[row % 3]
    return value


def _worker(name: str, row: int) -> str:
    given, _, family = name.rpartition(" ")
    ways = {
        1: name.replace(" ", "\u00a0"),
        2: f"{family}, {given}" if given else name,
        3: name.upper(),
        4: name.replace(" ", "  "),
        6: f"{given}-{family}" if given else name,
    }
    return "#N/A" if row % 23 == 11 else ways.get(row % 50, name)


def _day(value: pd.Timestamp, row: int) -> Any:
    if row % 5 == 1:
        return f"{value.day:02}/{value.month:02}/{value.year}"
    return (value.date() - _SERIAL_ZERO).days if row % 5 == 2 else value
