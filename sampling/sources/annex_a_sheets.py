"""The sheets of an Annex A workbook: which sheet is which list, in which row its header stands, which of
its columns are ours.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import openpyxl
from openpyxl.xml.constants import REL_NS, SHEET_MAIN_NS
from openpyxl.xml.functions import fromstring

from sampling.errors import Finding, Severity
from sampling.sources.annex_a_codes import list_number, plain_header
from sampling.sources.annex_a_columns import ASSESSMENTS, CASE_LISTS, ListColumn
from sampling.sources.annex_a_lists import LISTS
from sampling.sources.files import (
    Faults,
    TextTable,
    add_shape_faults,
    read_table,
    sheet_names,
    shown_name,
    uncomputed_formulas,
    without_total_row,
)

_HEADER_ROWS = 6  # Ofsted puts a title in row 1; some services add a line or two of their own
_WEIGHTY_KINDS = ("id", "date", "count", "yes/no", "worker")


@dataclass(frozen=True)
class RawSheet:
    """One list as text: `table` has only the columns that we read, under the headers of the workbook;
    `headers` is ours to theirs.
    """

    number: int
    table: TextTable
    headers: dict[str, str]
    filled: int

    def has(self, name: str) -> bool:
        """Returns whether the workbook has that column of ours."""
        return name in self.headers

    def at(self, positions: Sequence[int]) -> list[int]:
        """Returns the spreadsheet rows of the frame's rows at those positions."""
        return [self.table.row_of(position) for position in positions]


def find_sheets(path: Path) -> dict[int, list[str]]:
    """Returns the sheets of each list by number.

    Raises SourceError when the file is not a workbook that can be read.
    """
    found: dict[int, list[str]] = {}
    for name in sheet_names(path):
        number = list_number(name)
        if number is not None:
            found.setdefault(number, []).append(name)
    return dict(sorted(found.items()))


def read_sheets(path: Path, faults: Faults) -> dict[int, RawSheet]:
    """Returns the lists that could be read, and adds a finding for each sheet or header that is wrong."""
    found = find_sheets(path)
    header_rows = _header_rows(path, found)
    formulas = _sheets_with_formulas(path, found)
    _check_sheets(path, found, faults)
    sheets: dict[int, RawSheet] = {}
    for number, names in found.items():
        name = names[0]
        table = read_table(path, sheet=name, header_row=header_rows.get(name, 1))
        if name not in header_rows:
            _add_no_header(table, number, faults)
            continue
        table = without_total_row(table, faults)
        add_shape_faults(table, faults)
        columns = _match(table, number)
        if name in formulas:
            _check_formulas(path, table, columns, faults)
        sheets[number] = _select(table, number, columns, faults)
    return sheets


def _check_sheets(path: Path, found: dict[int, list[str]], faults: Faults) -> None:
    file = shown_name(path)
    for number, names in found.items():
        if len(names) > 1:
            message = f"{len(names)} sheets are named as list {number}; only the first is read"
            step = "Keep the right one and delete or rename the others."
            faults.findings.append(Finding("ANNEX_A_LIST_TWICE", message, step, file=file, sheet=names[1]))
    for number, entry in LISTS.items():
        if number in found or not entry.columns:
            continue
        severity: Severity = "error" if number in CASE_LISTS else "note"
        message = f"there is no sheet for list {number} ({entry.title}), so that what it holds is not recorded"
        step = f'Add a sheet "List_{number}"; leave it with its header alone if there is nobody to list.'
        faults.findings.append(Finding("ANNEX_A_LIST_MISSING", message, step, severity, file))


def _header_rows(path: Path, found: dict[int, list[str]]) -> dict[str, int]:
    """Returns the row of the header of each sheet that has one: the first row that holds three headers of
    that list.
    """
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    rows: dict[str, int] = {}
    try:
        for number, names in found.items():
            known = {plain_header(header) for header in LISTS[number].headers}
            known |= {plain_header(text) for column in LISTS[number].columns for text in column.variants}
            sheet = book[names[0]]
            sheet.reset_dimensions()
            for row, cells in enumerate(sheet.iter_rows(max_row=_HEADER_ROWS, values_only=True), 1):
                if len({plain_header(str(cell)) for cell in cells if cell is not None} & known) >= 3:
                    rows[names[0]] = row
                    break
    finally:
        book.close()
    return rows


def _add_no_header(table: TextTable, number: int, faults: Faults) -> None:
    severity: Severity = "error" if number in (*CASE_LISTS, ASSESSMENTS) else "note"
    message = f"no row among the first {_HEADER_ROWS} has the headers of list {number} ({LISTS[number].title})"
    step = "Copy the header row from Ofsted's template."
    faults.findings.append(Finding("ANNEX_A_NO_HEADER", message, step, severity, table.file, table.sheet))


def _match(table: TextTable, number: int) -> dict[int, ListColumn]:
    """Returns position -> column of ours; where two headers mean the same column, the first is taken."""
    wanted: dict[str, ListColumn] = {}
    for column in LISTS[number].columns:
        for text in (column.header, *column.variants):
            wanted.setdefault(plain_header(text), column)
    matched: dict[int, ListColumn] = {}
    for position, header in enumerate(table.frame.columns):
        named = wanted.get(plain_header(str(header)))
        if named is not None and named not in matched.values():
            matched[position] = named
    return matched


def _select(table: TextTable, number: int, columns: dict[int, ListColumn], faults: Faults) -> RawSheet:
    """Returns the sheet with only the columns that we read, and adds a finding for each that is not there."""
    missing = [column for column in LISTS[number].columns if column not in columns.values()]
    for column in missing:
        severity: Severity = "error" if column.needed else "note"
        message = f"list {number} has no such column" + (
            "" if column.needed else ", so that what it holds is not recorded"
        )
        step = "Check the spelling of the header against Ofsted's template."
        faults.findings.append(
            Finding("ANNEX_A_COLUMN_MISSING", message, step, severity, table.file, table.sheet, column.header)
        )
    headers = {column.name: str(table.frame.columns[position]) for position, column in columns.items()}
    filled = len(table.frame)
    frame = table.frame.iloc[:, list(columns)].copy()
    return RawSheet(number, replace(table, frame=frame), headers, filled)


def _sheets_with_formulas(path: Path, found: dict[int, list[str]]) -> set[str]:
    """Returns the sheets that hold a formula: a look at their bytes, so that no other sheet is read twice more."""
    with zipfile.ZipFile(path) as archive:
        parts = _parts(archive)
        names = {names[0] for names in found.values()}
        # a sheet that is not where the book says is looked at the slow way
        return {name for name in names if name not in parts or _holds_formula(archive, parts[name])}


def _parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Returns the part of the archive in which each sheet stands, by the sheet's name, as far as it is told."""
    there = set(archive.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= there:
        return {}
    relations = fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {relation.get("Id"): str(relation.get("Target")) for relation in relations}
    parts = {}
    for sheet in fromstring(archive.read("xl/workbook.xml")).iter(f"{{{SHEET_MAIN_NS}}}sheet"):
        target = targets.get(sheet.get(f"{{{REL_NS}}}id"), "")
        part = target[1:] if target.startswith("/") else f"xl/{target}"
        if part in there:
            parts[str(sheet.get("name"))] = part
    return parts


def _holds_formula(archive: zipfile.ZipFile, part: str) -> bool:
    tail = b""
    with archive.open(part) as stream:
        while block := stream.read(1 << 20):
            if b"<f>" in tail + block or b"<f " in tail + block:
                return True
            tail = block[-2:]
    return False


def _check_formulas(path: Path, table: TextTable, columns: dict[int, ListColumn], faults: Faults) -> None:
    """Adds one finding a column whose formulas hold no computed value: an error where we need the value,
    else a note.
    """
    cells: dict[int, list[int]] = {}
    for row, position in uncomputed_formulas(path, table.sheet):
        cells.setdefault(position - 1, []).append(row)
    for position, rows in sorted(cells.items()):
        if position >= len(table.frame.columns):
            continue
        used = columns.get(position)
        severity: Severity = "error" if used is not None and used.kind in _WEIGHTY_KINDS else "note"
        header = str(table.frame.columns[position])
        message = "a formula holds no computed value"
        step = "Open the workbook in Excel, let it calculate, and save it; or paste the values."
        finding = Finding(
            "ANNEX_A_FORMULA",
            message,
            step,
            severity,
            table.file,
            table.sheet,
            header,
            rows[0],
            count=len(rows),
        )
        faults.findings.append(finding)
