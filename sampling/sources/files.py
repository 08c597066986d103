"""Files as tables of text: CSV in any of the encodings that systems export, Parquet, and Excel workbooks.

Every cell is text from the first read, so that `0012` stays `0012`; an empty cell is None. Each table
remembers the row that a spreadsheet would show (sampling/sources/text.py).
"""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, time
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow.parquet as pq
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula

from sampling.errors import SourceError
from sampling.sources.text import EXAMPLES as EXAMPLES
from sampling.sources.text import Faults as Faults
from sampling.sources.text import TextTable as TextTable
from sampling.sources.text import add_missing as add_missing
from sampling.sources.text import add_shape_faults as add_shape_faults
from sampling.sources.text import parsed as parsed
from sampling.sources.text import to_dates as to_dates
from sampling.sources.text import to_times as to_times
from sampling.sources.text import without_total_row as without_total_row
from sampling.sources.values import parse_date as parse_date
from sampling.sources.values import parse_time as parse_time

# A text file is read into memory; larger data belongs in Parquet or a database.
MAXIMUM_FILE_BYTES = 2 * 1024**3
# Excel's own limit of characters in a cell (Microsoft, Excel specifications and limits).
MAXIMUM_TEXT_CELL = 32_767
_BLOCK = 256  # rows that are held as they were written: so few that they are gone before the collector looks at them
# Windows-1252 is what Access and Excel write; UTF-16 is told by its bytes.
_ENCODINGS = ("utf-8-sig", "cp1252")
_DELIMITERS = ",;\t|"
_SEPARATOR_LINE = re.compile(r'^"?sep=([,;|\t])"?[ \t]*(?:\r\n|\n|\r)', re.IGNORECASE)
_BLANK = ("", "#N/A", "N/A", "NULL", "null", "None", "-")


def shown_name(path: Path) -> str:
    """Returns the file's name with long runs of digits masked: a name can hold an NHS number or a birth date.

    >>> shown_name(Path("/data/extract_9434765919.csv"))
    'extract_….csv'
    """
    return re.sub(r"\d{5,}", "…", path.name)


def sheet_names(path: Path) -> list[str]:
    """Returns the names of a workbook's sheets, in order.

    Raises SourceError when it is not a readable workbook.
    """
    book = _open_workbook(path, data_only=True)
    try:
        return list(book.sheetnames)
    finally:
        book.close()


def read_table(
    path: Path,
    *,
    sheet: str | None = None,
    header_row: int = 1,
    columns: Callable[[str], bool] | None = None,
    cleaned: CleanText | None = None,
    longest_cell: int = MAXIMUM_TEXT_CELL * 4,
) -> TextTable:
    """Returns one file, or one sheet of a workbook, as text. `header_row` (from 1) holds for workbooks and
    CSV. Of a CSV file only the columns that `columns` asks for by header are kept, and the first, where totals
    and footers stand; `cleaned` may be shared by files that repeat the same texts. A cell longer than
    `longest_cell` characters is a quotation mark that was never closed.

    Raises SourceError when the file cannot be read at all (missing, not a workbook, not text, too large).
    """
    suffix = path.suffix.lower()
    if not path.is_file():
        raise SourceError(f"{shown_name(path)}: there is no such file. Check the path.")
    if path.stat().st_size > MAXIMUM_FILE_BYTES:
        limit = f"{MAXIMUM_FILE_BYTES // 1024**3} GiB"
        raise SourceError(f"{shown_name(path)}: the file is larger than {limit}. Hand it over as Parquet instead.")
    if suffix in (".xlsx", ".xlsm"):
        return _read_sheet(path, sheet, header_row)
    if suffix == ".parquet":
        return _read_parquet(path)
    csv.field_size_limit(longest_cell)
    return _read_csv(path, header_row, columns, CleanText() if cleaned is None else cleaned)


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
        text = "" if value != value else str(value)  # only a number that is no number differs from itself
    text = text.replace("\u00a0", " ").replace("\x00", "").strip()
    return None if text in _BLANK else text


class CleanText(dict[str, str | None]):
    """Each distinct text cleaned once: an extract repeats its codes, days and ids a million times over."""

    def __missing__(self, text: str) -> str | None:
        cleaned = self[text] = _clean(text)
        return cleaned


def _headers(cells: Sequence[object]) -> tuple[list[str], tuple[str, ...]]:
    """Returns one name a column, each of its own, and the names that stood more than once."""
    names = [str(_clean(cell) or f"column {position + 1}") for position, cell in enumerate(cells)]
    repeated = tuple(name for name, count in Counter(names).items() if count > 1)
    seen: Counter[str] = Counter()
    for position, name in enumerate(names):
        seen[name] += 1
        if seen[name] > 1:
            names[position] = f"{name} ({seen[name]})"
    return names, repeated


def _text_table(
    path: Path, sheet: str, header: Sequence[object], body: Iterable[list[str | None]], first_row: int
) -> TextTable:
    """Returns rows of clean cells as a table, without those that are empty."""
    names, repeated = _headers(header)
    width = len(names)
    data: list[list[str | None]] = []
    rows: list[int] = []
    overlong: list[int] = []
    for row_number, row in enumerate(body, first_row):
        if not any(row):  # a clean cell is None or has text
            continue
        if len(row) != width:
            if any(row[width:]):
                overlong.append(len(data))
            row = (row + [None] * width)[:width]
        data.append(row)
        rows.append(row_number)
    frame = pd.DataFrame(data, columns=pd.Index(names, dtype=object), dtype=object)
    numbers = _left_out(rows, first_row)
    return TextTable(shown_name(path), sheet, frame, first_row, numbers, repeated, tuple(overlong))


def _left_out(rows: Sequence[int], first_row: int) -> tuple[int, ...]:
    """Returns the spreadsheet rows, or nothing where they follow each other without a gap."""
    gapless = not rows or (rows[0] == first_row and rows[-1] == first_row + len(rows) - 1)
    return () if gapless else tuple(rows)


def _picked_table(
    path: Path,
    header: Sequence[str],
    body: Iterable[list[str]],
    first_row: int,
    columns: Callable[[str], bool] | None,
    clean: CleanText,
) -> TextTable:
    """As `_text_table` of raw rows, of which only the cells of the columns asked for are cleaned and kept."""
    names, repeated = _headers(header)
    picked = [place for place, name in enumerate(names) if columns is None or place == 0 or columns(name)]
    cells: list[list[str | None]] = [[] for _ in picked]
    rows: list[int] = []
    overlong: list[int] = []
    numbered = enumerate(body, first_row)
    while block := list(itertools.islice(numbered, _BLOCK)):  # by columns, which is twice as fast as by cells
        raw = _padded(block, len(names), len(rows), overlong, clean)
        for place, column in zip(picked, cells, strict=True):
            column.extend(map(clean.__getitem__, [row[place] for _, row in raw]))
        rows.extend([number for number, _ in raw])
    frame = pd.DataFrame(dict(enumerate(cells)), index=range(len(rows)), dtype=object)
    frame.columns = pd.Index([names[place] for place in picked], dtype=object)
    return TextTable(shown_name(path), "", frame, first_row, _left_out(rows, first_row), repeated, tuple(overlong))


def _padded(
    block: list[tuple[int, list[str]]], width: int, before: int, overlong: list[int], clean: CleanText
) -> list[tuple[int, list[str]]]:
    """Returns the rows that are not empty, none shorter than the header, and adds the places of those that are longer."""
    raw: list[tuple[int, list[str]]] = []
    for number, row in block:
        if row and (clean[row[0]] or any(clean[cell] for cell in row)):
            if len(row) != width:
                if any(clean[cell] for cell in row[width:]):
                    overlong.append(before + len(raw))
                row = row + [""] * (width - len(row))
            raw.append((number, row))
    return raw


def _open_workbook(path: Path, *, data_only: bool) -> openpyxl.Workbook:
    try:
        return openpyxl.load_workbook(path, read_only=True, data_only=data_only)
    except Exception as error:  # a damaged workbook raises zip, XML, key and value errors
        raise SourceError(
            f"{shown_name(path)}: this is not a workbook that can be read ({type(error).__name__}). "
            "Open it in Excel and save it again as .xlsx, without a password."
        ) from None


def _read_sheet(path: Path, sheet: str | None, header_row: int) -> TextTable:
    book = _open_workbook(path, data_only=True)
    try:
        name = sheet or book.sheetnames[0]
        if name not in book.sheetnames:
            count = len(book.sheetnames)
            raise SourceError(f'{shown_name(path)}: there is no sheet "{name}" among its {count}. Check its name.')
        values = book[name]
        values.reset_dimensions()  # some exporters declare a wrong size; the rows themselves are the truth
        rows = [list(row) for row in values.iter_rows(min_row=header_row, values_only=True)]
    finally:
        book.close()
    header = rows[0] if rows else []
    while header and header[-1] is None:
        header = header[:-1]
    return _text_table(path, name, header, ([_clean(cell) for cell in row] for row in rows[1:]), header_row + 1)


def formula_cells(path: Path, sheet: str) -> list[tuple[int, int]]:
    """Returns (spreadsheet row, column number from 1) of each cell that holds a formula, computed or not.

    Raises SourceError when it is not a readable workbook.
    """
    book = _open_workbook(path, data_only=False)
    try:
        cells = book[sheet]
        cells.reset_dimensions()
        return [
            (row, column)
            for row, values in enumerate(cells.iter_rows(values_only=True), 1)
            for column, value in enumerate(values, 1)
            if isinstance(value, ArrayFormula | DataTableFormula) or (isinstance(value, str) and value.startswith("="))
        ]
    finally:
        book.close()


def uncomputed_formulas(path: Path, sheet: str) -> list[tuple[int, int]]:
    """Returns (spreadsheet row, column number from 1) of each formula cell that holds no computed value."""
    formulas, values = _open_workbook(path, data_only=False), _open_workbook(path, data_only=True)
    try:
        left, right = formulas[sheet], values[sheet]
        left.reset_dimensions()
        right.reset_dimensions()
        return [
            (row, column)
            for row, (texts, results) in enumerate(
                zip(left.iter_rows(values_only=True), right.iter_rows(values_only=True), strict=False), 1
            )
            for column, (text, result) in enumerate(zip(texts, results, strict=False), 1)
            if isinstance(text, str) and text.startswith("=") and result is None
        ]
    finally:
        formulas.close()
        values.close()


def _read_parquet(path: Path) -> TextTable:
    try:
        table = pq.read_table(path)
    except Exception as error:  # pyarrow raises ArrowInvalid, OSError and others for a damaged file
        raise SourceError(
            f"{shown_name(path)}: this is not a Parquet file that can be read ({type(error).__name__}). "
            "Export it again."
        ) from None
    rows = zip(*(column.to_pylist() for column in table.columns), strict=True) if table.num_columns else iter(())
    return _text_table(path, "", table.column_names, ([_clean(cell) for cell in row] for row in rows), 2)


def _decode(path: Path) -> str:
    raw = path.read_bytes()
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw.decode("utf-16", errors="replace")
    head = raw[:1024]
    if len(head) > 3 and head[1::2].count(0) * 2 > len(head[1::2]) and not head[0::2].count(0):
        return raw.decode("utf-16-le", errors="replace")  # SQL Server's "Unicode" without a byte-order mark
    for encoding in _ENCODINGS:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")  # bytes that Windows-1252 leaves undefined


def _read_csv(path: Path, header_row: int, columns: Callable[[str], bool] | None, clean: CleanText) -> TextTable:
    text = _decode(path)
    if "\x00" in text[:4096]:
        raise SourceError(f"{shown_name(path)}: this is not a text file. Export it as CSV, Parquet or .xlsx.")
    told = _SEPARATOR_LINE.match(text)  # Excel obeys such a first line and does not count it as a row
    text = text[told.end() :] if told else text
    head = text[:65_536].splitlines()[header_row - 1 : header_row]
    delimiter = told[1] if told else max(_DELIMITERS, key=head[0].count) if head else ","
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False)
        header = next(itertools.islice(rows, header_row - 1, None), [])
        return _picked_table(path, header, rows, header_row + 1, columns, clean)
    except csv.Error as error:
        raise SourceError(
            f"{shown_name(path)}: the file breaks the rules of CSV ({error}). "
            "Look for a quotation mark that is not closed."
        ) from None
