"""Writes a synthetic children's service as an Annex A workbook, as a service would hand it to Ofsted.

The same service gives the same bytes: the times that openpyxl and the archive would put in are fixed.
"""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from pathlib import Path

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from sampling.sources.annex_a_lists import LISTS
from sampling.sources.annex_a_rows import Record, list_rows
from sampling.sources.annex_a_spoil import Formula, spoil, spoilt_headers
from sampling.sources.synthetic import Simulated

_DATE_FORMAT = "dd/mm/yyyy"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip archive can hold
_SPACED_SHEET = 3  # Ofsted's own template names one sheet "List 3" and the others "List_1"


def write(simulated: Simulated, path: Path) -> Path:
    """Returns the path of the workbook written: lists 1 to 11 under Ofsted's headers, the title in row 1.

    A hostile service gets the faults of real workbooks on purpose (annex_a_spoil.py).
    """
    record = Record(simulated)
    rows = list_rows(record)
    # not write-only: that leaves out the size of each sheet, and a reader then scans every sheet to open one
    book = Workbook()
    for sheet in book.worksheets:
        book.remove(sheet)
    for number, entry in LISTS.items():
        sheet = book.create_sheet(f"List {number}" if number == _SPACED_SHEET else f"List_{number}")
        cells = spoil(number, rows[number]) if simulated.hostile else rows[number].astype(object).to_numpy().tolist()
        headers = spoilt_headers(number) if simulated.hostile else entry.headers
        if not (simulated.hostile and number in (1, 6)):
            _append(sheet, [f"List {number}: {entry.title}"], bold=True)
        _append(sheet, list(headers), bold=True)
        for line in cells:
            _append(sheet, line)
    made = datetime(simulated.last_day.year, simulated.last_day.month, simulated.last_day.day)
    book.properties.created = book.properties.modified = made
    book.properties.creator = "Synthetic service: nobody in it is real"
    buffer = io.BytesIO()
    book.save(buffer)
    path.write_bytes(_fixed(buffer.getvalue(), made))
    return path


def _plain(rows: pd.DataFrame) -> list[list[object]]:
    cells: list[list[object]] = rows.astype(object).to_numpy().tolist()
    return cells


def _append(sheet: Worksheet, line: list[object], bold: bool = False) -> None:
    sheet.append([_cell(sheet, value, bold) for value in line])


def _cell(sheet: Worksheet, value: object, bold: bool) -> object:
    """Returns a value as a cell: a day as a true date, an id of digits as a number, nothing as nothing."""
    if value is None or value is pd.NaT or value != value:
        return None
    if isinstance(value, pd.Timestamp | datetime | date):
        cell = WriteOnlyCell(sheet, datetime(value.year, value.month, value.day))
        cell.number_format = _DATE_FORMAT
        return cell
    if isinstance(value, str) and value.isascii() and value.isdigit() and value == str(int(value)):
        return int(value)
    if not isinstance(value, str):
        return value if isinstance(value, int | float) else str(value)
    cell = WriteOnlyCell(sheet, value)
    if not isinstance(value, Formula):
        cell.data_type = "s"  # a name that begins with "=" is a name
    if bold:
        cell.font = Font(bold=True)
    return cell


def _fixed(workbook: bytes, made: datetime) -> bytes:
    """Returns the workbook with the archive's times fixed, and the time of saving that openpyxl puts in."""
    stamp = made.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            data = old.read(name)
            if name == "docProps/core.xml":
                data = _with_saving_time(data, stamp)
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0  # the same on every operating system
            new.writestr(entry, data)
    return target.getvalue()


def _with_saving_time(core: bytes, stamp: bytes) -> bytes:
    """Returns the properties with both times set: saving overwrites the time of change with the clock."""
    for tag in (b"dcterms:created", b"dcterms:modified"):
        start = core.find(b"<" + tag)
        if start < 0:
            continue
        begin = core.index(b">", start) + 1
        end = core.index(b"</" + tag, begin)
        core = core[:begin] + stamp + core[end:]
    return core
