"""Files as tables of text: CSV in any of the encodings that systems export, Parquet, and Excel workbooks.

Every cell is text from the first read, so that `0012` stays `0012`; an empty cell is None. Each table remembers the row that a
spreadsheet would show, and `Faults` gathers all faults of a file, so that a person mends them in one go.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow.parquet as pq

from sampling.errors import Finding, Severity, SourceError, describe_value

MAXIMUM_FILE_BYTES = 8 * 1024**3  # a text file is read into memory; larger data belongs in Parquet or a database
MAXIMUM_TEXT_CELL = 32_767  # Excel's own limit of characters in a cell (Microsoft, Excel specifications and limits)
_ENCODINGS = ("utf-8-sig", "cp1252")  # UTF-16 is told by its byte-order mark; Windows-1252 is what Access and Excel write
_DELIMITERS = ",;\t|"
_EXCEL_EPOCH = date(1899, 12, 30)  # day 0 of the 1900 date system as Excel counts it (ECMA-376 part 1, 18.17.4.1)
_EXCEL_SERIALS = range(18_264, 73_051)  # 1950-01-01 to 2100-01-01: a smaller or larger number is not a date of this century's records
_BLANK = ("", "#N/A", "N/A", "NULL", "null", "None", "-")


@dataclass(frozen=True)
class TextTable:
    """One sheet or file: `frame` has text or None in every cell; `first_row` is the spreadsheet row of the frame's first row."""

    file: str
    sheet: str
    frame: pd.DataFrame
    first_row: int = 2

    def row_of(self, position: int) -> int:
        """Returns the spreadsheet row of the frame's row at that position, counted from 0."""
        return self.first_row + int(position)


def shown_name(path: Path) -> str:
    """Returns the file's name with long runs of digits masked, since a name can hold an NHS number or a date of birth.

    >>> shown_name(Path("/data/extract_9434765919.csv"))
    'extract_….csv'
    """
    return re.sub(r"\d{5,}", "…", path.name)


def sheet_names(path: Path) -> list[str]:
    """Returns the names of a workbook's sheets, in order. Raises SourceError when it is not a readable workbook."""
    book = _open_workbook(path, data_only=True)
    try:
        return list(book.sheetnames)
    finally:
        book.close()


def read_table(path: Path, *, sheet: str | None = None, header_row: int = 1) -> TextTable:
    """Returns one file, or one sheet of a workbook, as text. `header_row` counts from 1 and holds for workbooks and CSV.

    Raises SourceError when the file cannot be read at all (missing, not a workbook, not text, too large).
    """
    suffix = path.suffix.lower()
    if not path.is_file():
        raise SourceError(f"{shown_name(path)}: there is no such file. Check the path.")
    if path.stat().st_size > MAXIMUM_FILE_BYTES:
        raise SourceError(f"{shown_name(path)}: the file is larger than {MAXIMUM_FILE_BYTES // 1024**3} GiB. Hand it over as Parquet instead.")
    if suffix in (".xlsx", ".xlsm"):
        return _read_sheet(path, sheet, header_row)
    if suffix == ".parquet":
        return _read_parquet(path)
    return _read_csv(path, header_row)


def _clean(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, datetime):
        text = value.date().isoformat() if value.time() == time(0) else value.isoformat(sep=" ")
    elif isinstance(value, bool):
        text = "yes" if value else "no"
    elif isinstance(value, float) and value.is_integer():
        text = str(int(value))
    else:
        text = str(value)
    text = text.replace("\u00a0", " ").replace("\x00", "").strip()
    return None if text in _BLANK else text


def _text_frame(columns: Sequence[object], rows: Iterable[Sequence[object]]) -> pd.DataFrame:
    names = [str(_clean(column) or f"column {position + 1}") for position, column in enumerate(columns)]
    data = [[_clean(value) for value in row] for row in rows]
    width = len(names)
    while data and all(value is None for value in data[-1]):
        data.pop()
    return pd.DataFrame([(row + [None] * width)[:width] for row in data], columns=names, dtype=object)


def _open_workbook(path: Path, *, data_only: bool) -> openpyxl.Workbook:
    try:
        return openpyxl.load_workbook(path, read_only=True, data_only=data_only)
    except Exception as error:  # openpyxl raises zip, XML, key and value errors of many kinds for a damaged workbook
        raise SourceError(
            f"{shown_name(path)}: this is not a workbook that can be read ({type(error).__name__}). Open it in Excel and save it again as .xlsx, without a password."
        ) from None


def _read_sheet(path: Path, sheet: str | None, header_row: int) -> TextTable:
    book = _open_workbook(path, data_only=True)
    try:
        name = sheet or book.sheetnames[0]
        if name not in book.sheetnames:
            raise SourceError(f'{shown_name(path)}: there is no sheet "{name}". Its sheets are: {", ".join(book.sheetnames)}.')
        values = book[name]
        values.reset_dimensions()  # some exporters declare a wrong size; the rows themselves are the truth
        rows = [list(row) for row in values.iter_rows(min_row=header_row, values_only=True)]
    finally:
        book.close()
    header = rows[0] if rows else []
    while header and header[-1] is None:
        header = header[:-1]
    return TextTable(shown_name(path), name, _text_frame(header, rows[1:]), header_row + 1)


def uncomputed_formulas(path: Path, sheet: str) -> list[tuple[int, int]]:
    """Returns (spreadsheet row, column number from 1) of each formula cell that holds no computed value."""
    formulas, values = _open_workbook(path, data_only=False), _open_workbook(path, data_only=True)
    try:
        found = []
        for row, (left, right) in enumerate(zip(formulas[sheet].iter_rows(values_only=True), values[sheet].iter_rows(values_only=True), strict=False), 1):
            for column, (formula, value) in enumerate(zip(left, right, strict=False), 1):
                if isinstance(formula, str) and formula.startswith("=") and value is None:
                    found.append((row, column))
        return found
    finally:
        formulas.close()
        values.close()


def _read_parquet(path: Path) -> TextTable:
    try:
        table = pq.read_table(path)
    except Exception as error:  # pyarrow raises ArrowInvalid, OSError and others for a damaged file
        raise SourceError(f"{shown_name(path)}: this is not a Parquet file that can be read ({type(error).__name__}). Export it again.") from None
    rows = zip(*(column.to_pylist() for column in table.columns), strict=True) if table.num_columns else iter(())
    return TextTable(shown_name(path), "", _text_frame(table.column_names, rows), 2)


def _decode(path: Path) -> str:
    raw = path.read_bytes()
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw.decode("utf-16", errors="replace")
    for encoding in _ENCODINGS:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")


def _read_csv(path: Path, header_row: int) -> TextTable:
    text = _decode(path)
    if "\x00" in text[:4096]:
        raise SourceError(f"{shown_name(path)}: this is not a text file. Export it as CSV (UTF-8), Parquet or .xlsx.")
    head = text[:65_536].splitlines()[header_row - 1 : header_row]
    delimiter = max(_DELIMITERS, key=head[0].count) if head else ","
    csv.field_size_limit(MAXIMUM_TEXT_CELL * 4)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False))
    except csv.Error as error:
        raise SourceError(f"{shown_name(path)}: the file breaks the rules of CSV ({error}). Look for a quotation mark that is not closed.") from None
    header = rows[header_row - 1] if len(rows) >= header_row else []
    return TextTable(shown_name(path), "", _text_frame(header, rows[header_row:]), header_row + 1)


class Faults:
    """Gathers the findings of a source: one finding a (file, sheet, column, code), with the first row and the number of rows."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def add(
        self,
        code: str,
        message: str,
        *,
        table: TextTable | None = None,
        column: str = "",
        positions: Sequence[int] | None = None,
        next_step: str = "",
        severity: Severity = "error",
    ) -> None:
        """Adds a finding. `positions` are the faulty rows of `table.frame`, counted from 0; the first one's value is described.

        Findings of the first five rows are kept apart, so that a person sees more than one example; the rest is counted.
        """
        file, sheet = (table.file, table.sheet) if table else ("", "")
        if table is None or positions is None:
            self.findings.append(Finding(code, message, next_step, severity, file, sheet, column))
            return
        shown = list(positions[:5])
        for index, position in enumerate(shown):
            value = table.frame[column].iloc[position] if column in table.frame else None
            rest = len(positions) - len(shown) + 1 if index == len(shown) - 1 else 1
            seen = describe_value(value) if column else ""
            self.findings.append(Finding(code, message, next_step, severity, file, sheet, column, table.row_of(position), seen, rest))


def _mapped(values: pd.Series, parse: Callable[[str], object | None]) -> tuple[pd.Series, list[int]]:
    """Returns each value parsed (each distinct text once) and the positions of those that could not be."""
    distinct: Mapping[str, object | None] = {text: parse(text) for text in values.dropna().unique()}
    parsed = values.map(lambda text: None if text is None or text != text else distinct[text])
    bad = [position for position, (text, value) in enumerate(zip(values, parsed, strict=True)) if text is not None and text == text and value is None]
    return parsed.astype(object).where(parsed.notna(), None), bad


def parse_date(text: str) -> date | None:
    """Returns the day that a cell names, or None: ISO, day/month/year as written in England, Excel's serial number; a time is dropped.

    >>> parse_date("2026-03-31"), parse_date("31/03/2026"), parse_date("46112"), parse_date("31/3/26")
    (datetime.date(2026, 3, 31), datetime.date(2026, 3, 31), datetime.date(2026, 3, 31), None)
    """
    text = text.strip()
    if text.isdigit():
        return _EXCEL_EPOCH + timedelta(days=int(text)) if len(text) == 5 and int(text) in _EXCEL_SERIALS else _compact_date(text)
    match = re.match(r"^(\d{4})-(\d{2})-(\d{2})(?:[T ].*)?$", text)
    if match:
        year, month, day = map(int, match.groups())
    else:
        match = re.match(r"^(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})(?: .*)?$", text)
        if not match:
            return None
        day, month, year = map(int, match.groups())
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _compact_date(text: str) -> date | None:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:])) if len(text) == 8 else None
    except ValueError:
        return None


def parse_time(text: str) -> str | None:
    """Returns the time of day as HH:MM, or None: plain, with seconds, after a date, or as a fraction of a day.

    >>> parse_time("21:40:00"), parse_time("1970-01-01T08:05"), parse_time("0.5"), parse_time("25:00")
    ('21:40', '08:05', '12:00', None)
    """
    match = re.match(r"^(?:\d{4}-\d{2}-\d{2}[T ])?(\d{1,2}):(\d{2})(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?$", text.strip())
    if match:
        hours, minutes = int(match[1]), int(match[2])
        return f"{hours:02}:{minutes:02}" if hours < 24 and minutes < 60 else None
    try:
        fraction = float(text)
    except ValueError:
        return None
    if not 0 <= fraction < 1:
        return None
    minutes = round(fraction * 24 * 60) % (24 * 60)
    return f"{minutes // 60:02}:{minutes % 60:02}"


def to_dates(table: TextTable, column: str, faults: Faults, *, required: bool = False, code: str = "DATE_UNREADABLE") -> pd.Series:
    """Returns the column as datetime.date or None, and adds a finding for each cell that is not a date (or is empty but required)."""
    parsed, bad = _mapped(table.frame[column], parse_date)
    if bad:
        faults.add(code, "expected a date like 2026-03-31 or 31/03/2026", table=table, column=column, positions=bad, next_step="Correct the cell at its source.")
    if required:
        add_missing(table, column, faults)
    return parsed


def to_times(table: TextTable, column: str, faults: Faults) -> pd.Series:
    """Returns the column as HH:MM or None, and adds a finding for each cell that is not a time of day."""
    parsed, bad = _mapped(table.frame[column], parse_time)
    if bad:
        faults.add("TIME_UNREADABLE", "expected a time like 21:40", table=table, column=column, positions=bad, next_step="Correct the cell at its source.")
    return parsed


def add_missing(table: TextTable, column: str, faults: Faults, *, code: str = "VALUE_MISSING") -> None:
    """Adds a finding for each empty cell of a column that must be filled."""
    positions = [position for position, missing in enumerate(table.frame[column].isna()) if missing]
    if positions:
        faults.add(code, "a value is required", table=table, column=column, positions=positions, next_step="Fill the cell at its source.")
