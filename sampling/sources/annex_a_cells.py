"""The cells of an Annex A list, typed: child ids, dates, counts, yes/no, codes and folded names of
workers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import numpy as np
import pandas as pd

from sampling.errors import Finding, Severity
from sampling.sources.annex_a_codes import UNTOLD, plain_header, short_code, without_prefix, yes_or_no
from sampling.sources.annex_a_columns import ListColumn
from sampling.sources.annex_a_lists import LISTS
from sampling.sources.annex_a_sheets import RawSheet
from sampling.sources.annex_a_workers import fold_name
from sampling.sources.files import Faults, parse_date, to_dates

_UNLINKED_LISTS = (1, 2)  # contacts and early help often stand in a system without the child's id
_PLAN_LISTS = (6, 7, 8)
_CODED = ("ethnicity", "legal_status", "reason", "placement")
_DAYS_A_YEAR = 365.2425
_AT_SOURCE = "Fill the cell at its source."


def typed_rows(sheet: RawSheet, faults: Faults) -> pd.DataFrame:
    """Returns the list's rows: every column of ours (empty where the workbook has none) and the spreadsheet
    row.

    Dates are datetime64[s]; `child` is the child's own id and never empty; `worker` is a folded name; `born`
    stays text. Adds a finding for each cell that cannot be read: an error where a draw would be wrong for it.
    """
    length = len(sheet.table.frame)
    typed = {
        column.name: _typed(sheet, column, faults) if sheet.has(column.name) else _empty(column, length)
        for column in LISTS[sheet.number].columns
    }
    rows = pd.DataFrame(typed)
    rows["row"] = np.array([sheet.table.row_of(position) for position in range(length)], dtype="int64")
    _check_children(sheet, rows, faults)
    _check_spans(sheet, rows, faults)
    return rows[rows["child"].notna()].reset_index(drop=True)


def add_rows(faults: Faults, finding: Finding, sheet: RawSheet, name: str, rows: Sequence[int]) -> None:
    """Adds the finding once for all the spreadsheet rows given: the first row, their number, no value
    shown.
    """
    if not len(rows):
        return
    header = sheet.headers.get(name) or LISTS[sheet.number].header_of(name)
    code, message, step, severity = finding.code, finding.message, finding.next_step, finding.severity
    table, first = sheet.table, int(min(rows))
    faults.findings.append(
        Finding(code, message, step, severity, table.file, table.sheet, header, first, "", len(rows))
    )


def _empty(column: ListColumn, length: int) -> pd.Series:
    if column.kind == "date":
        return pd.Series(np.full(length, np.datetime64("NaT", "s")))
    return pd.Series([None] * length, dtype=object)


def _typed(sheet: RawSheet, column: ListColumn, faults: Faults) -> pd.Series:
    values = sheet.table.frame[sheet.headers[column.name]]
    if column.kind == "date":
        days = to_dates(sheet.table, sheet.headers[column.name], faults, code="ANNEX_A_DATE")
        return pd.Series(np.array(days.tolist(), dtype="datetime64[s]"))
    if column.kind == "count":
        return _told(sheet, column, faults, _count, ("ANNEX_A_NUMBER", "expected a whole number"))
    if column.kind == "yes/no":
        return _told(sheet, column, faults, yes_or_no, ("ANNEX_A_CODE", "expected a) Yes or b) No"))
    if column.kind == "worker":
        return _each(values, lambda text: fold_name(text) or None)
    if column.kind == "id":
        return _each(values, lambda text: text.removesuffix(".0") if text != "*" else None)
    if column.name in _CODED:
        return _each(values, lambda text: short_code(text) or None)
    return _each(values, lambda text: " ".join(without_prefix(text).split()) or None)


def _each(values: pd.Series, change: Callable[[str], object | None]) -> pd.Series:
    """Returns each text changed (each distinct one once) and None where the cell is empty."""
    changed = {text: change(text) for text in values.dropna().unique()}
    return pd.Series([changed.get(text) if isinstance(text, str) else None for text in values], dtype=object)


def _count(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else None


def _told(
    sheet: RawSheet,
    column: ListColumn,
    faults: Faults,
    change: Callable[[str], object | None],
    expected: tuple[str, str],
) -> pd.Series:
    """Returns the column changed.

    "Unknown" is not recorded; a cell that says neither is noted and not recorded.
    """
    header = sheet.headers[column.name]
    values = sheet.table.frame[header]
    changed = _each(values, change)
    suppressed = [position for position, text in enumerate(values) if text == "*"]
    step = "Ask for the extract without suppression: it is read here, not published."
    hidden = Finding("ANNEX_A_SUPPRESSED", "a suppressed value (*) is not recorded, never 0", step, "note")
    add_rows(faults, hidden, sheet, column.name, sheet.at(suppressed))
    unread = [isinstance(text, str) and value is None for text, value in zip(values, changed, strict=True)]
    strange = [
        position
        for position, text in enumerate(values)
        if unread[position] and text != "*" and plain_header(without_prefix(text)) not in UNTOLD
    ]
    if strange:
        code, message = expected
        step = "Correct the cell at its source; until then it counts as not recorded."
        table = sheet.table
        faults.add(code, message, table=table, column=header, positions=strange, next_step=step, severity="note")
    return changed


def _check_children(sheet: RawSheet, rows: pd.DataFrame, faults: Faults) -> None:
    """Adds a finding for the rows that name no child."""
    if sheet.has("child"):
        severity: Severity = "note" if sheet.number in _UNLINKED_LISTS else "error"
        message = "the row has no child's id, so that it belongs to no case"
        nameless = rows.loc[rows["child"].isna(), "row"].tolist()
        add_rows(faults, Finding("ANNEX_A_NO_CHILD", message, _AT_SOURCE, severity), sheet, "child", nameless)


def _check_spans(sheet: RawSheet, rows: pd.DataFrame, faults: Faults) -> None:
    """Adds a finding for plans without a start (an unreadable one has its own finding) or that end before
    it.
    """
    if not {"started", "ended"} <= set(rows):
        return
    if sheet.number in _PLAN_LISTS and sheet.has("started"):
        blank = sheet.table.frame[sheet.headers["started"]].isna().to_numpy()
        startless = rows.loc[blank, "row"].tolist()
        message = "the plan or period of care has no start"
        add_rows(faults, Finding("ANNEX_A_NO_START", message, _AT_SOURCE), sheet, "started", startless)
    backwards = rows.loc[rows["ended"] < rows["started"], "row"].tolist()
    message = "the end lies before the start; both are taken as written"
    step = "Correct the dates at their source."
    add_rows(faults, Finding("ANNEX_A_END_BEFORE_START", message, step, "note"), sheet, "ended", backwards)


def age_from_birth(text: object, on: date) -> float | None:
    """Returns the age in years on a day from a date of birth as text, or None.

    The date itself goes no further.
    """
    born = parse_date(text) if isinstance(text, str) else None
    return None if born is None else max((on - born).days / _DAYS_A_YEAR, -1.0)
