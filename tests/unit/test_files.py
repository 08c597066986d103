"""Files as text: what hostile spreadsheets do, and the row that a person finds again."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.errors import SourceError
from sampling.sources import files
from sampling.sources.files import Faults, read_table, sheet_names, shown_name, uncomputed_formulas
from sampling.sources.text import add_shape_faults, parsed, to_dates, to_times, without_total_row
from sampling.sources.values import parse_date, parse_number, parse_time, parse_yes_no


def write(folder: Path, content: bytes | str, name: str = "cases.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"],
)
def test_every_encoding_that_systems_export_is_read(tmp_path: Path, encoding: str) -> None:
    path = write(tmp_path, "case_id,service\r\n0012,Caf\u00e9 team\r\n".encode(encoding))
    table = read_table(path)
    assert table.frame.to_dict("list") == {"case_id": ["0012"], "service": ["Caf\u00e9 team"]}


def test_bytes_that_windows_1252_leaves_undefined_are_read_all_the_same(tmp_path: Path) -> None:
    assert read_table(write(tmp_path, b"a\n\x81\xe9\n")).frame["a"].tolist() == ["\x81\u00e9"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_separator_is_told_from_the_header(tmp_path: Path, delimiter: str) -> None:
    table = read_table(write(tmp_path, f"a{delimiter}b\n1{delimiter}2\n"))
    assert table.frame.to_dict("list") == {"a": ["1"], "b": ["2"]}


def test_a_line_break_in_quotation_marks_is_one_spreadsheet_row(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, 'a,b\n1,"two\nlines"\n2,x\n'))
    assert [table.row_of(position) for position in range(2)] == [2, 3]
    assert table.frame["b"].tolist() == ["two\nlines", "x"]


def test_empty_rows_are_left_out_and_the_row_numbers_stay_right(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "a,b\n1,2\n\n,\n3,4\n,\n"))
    assert table.frame["a"].tolist() == ["1", "3"]
    assert [table.row_of(position) for position in range(2)] == [2, 5]


def test_rows_that_are_too_short_are_filled_and_too_long_are_told(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "a,b\n1\n1,2,3\n1,2,\n"))
    faults = Faults()
    add_shape_faults(table, faults)
    assert table.frame["b"].tolist() == [None, "2", "2"]
    assert [finding.line() for finding in faults.findings] == [
        "cases.csv, row 3: the row has more cells than the header. "
        "Put text that holds the separator in quotation marks. [ROW_TOO_LONG]"
    ]


def test_headers_that_stand_twice_are_told_without_their_name(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "a,a,b\n1,2,3\n"))
    faults = Faults()
    add_shape_faults(table, faults)
    assert list(table.frame.columns) == ["a", "a (2)", "b"]
    assert [finding.line() for finding in faults.findings] == [
        "cases.csv: 1 column header(s) stand more than once. Give each column a name of its own. [HEADER_TWICE]"
    ]


def test_a_total_row_at_the_end_is_left_out_with_a_note(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "a,b\n1,2\nGrand total,2\n"))
    faults = Faults()
    assert without_total_row(table, faults).frame["a"].tolist() == ["1"]
    assert [(finding.code, finding.row, finding.severity) for finding in faults.findings] == [("TOTAL_ROW", 3, "note")]


def test_a_last_row_that_is_a_case_stays(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "a,b\nTotality,2\n"))
    assert len(without_total_row(table, Faults()).frame) == 1


def test_an_empty_file_has_no_columns_and_no_rows(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, ""))
    assert table.frame.shape == (0, 0)
    assert without_total_row(table, Faults()) is table


def test_a_file_of_noughts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        SourceError, match=r"^cases\.csv: this is not a text file\. Export it as CSV, Parquet or \.xlsx\.$"
    ):
        read_table(write(tmp_path, b"\x00" * 100))


def test_a_stray_nought_in_a_cell_is_removed(tmp_path: Path) -> None:
    rows = "a\n" + "1\n" * 3000 + "x\x00y\n"
    assert read_table(write(tmp_path, rows)).frame["a"].iloc[-1] == "xy"


def test_a_quotation_mark_that_is_never_closed_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, 'a,b\n1,"' + "x" * 200_000)
    with pytest.raises(
        SourceError, match=r"^cases\.csv: the file breaks the rules of CSV .* mark that is not closed\.$"
    ):
        read_table(path)


def test_a_missing_file_and_one_too_large_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SourceError, match=r"^none\.csv: there is no such file\. Check the path\.$"):
        read_table(tmp_path / "none.csv")
    monkeypatch.setattr(files, "MAXIMUM_FILE_BYTES", 1)
    with pytest.raises(SourceError, match=r"is larger than 0 GiB\. Hand it over as Parquet instead\.$"):
        read_table(write(tmp_path, "a\n1\n"))


def test_text_that_looks_like_a_formula_stays_text(tmp_path: Path) -> None:
    assert read_table(write(tmp_path, "a\n=cmd|' /C calc'!A0\n")).frame["a"].tolist() == ["=cmd|' /C calc'!A0"]


@pytest.mark.parametrize("blank", ["", " ", "\u00a0", "#N/A", "NULL", "-", "N/A"])
def test_marks_of_nothing_are_empty_cells(tmp_path: Path, blank: str) -> None:
    assert read_table(write(tmp_path, f"a,b\n{blank},x\n")).frame["a"].tolist() == [None]


def test_a_workbook_is_read_with_its_own_types(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "List_3"
    sheet.append(["A title"])
    sheet.append(["id", "day", "at", "share", "seen", None])
    sheet.append([7.0, datetime(2026, 3, 31), time(21, 40), 0.5, True])
    sheet.append(["0012", datetime(2026, 3, 31, 8, 5), None, 3, False])
    book.save(tmp_path / "book.xlsx")
    table = read_table(tmp_path / "book.xlsx", sheet="List_3", header_row=2)
    assert table.frame.to_dict("list") == {
        "id": ["7", "0012"],
        "day": ["2026-03-31", "2026-03-31 08:05:00"],
        "at": ["21:40:00", None],
        "share": ["0.5", "3"],
        "seen": ["yes", "no"],
    }
    assert table.row_of(0) == 3
    assert sheet_names(tmp_path / "book.xlsx") == ["List_3"]
    with pytest.raises(SourceError, match=r'^book\.xlsx: there is no sheet "List 9" among its 1\. Check its name\.$'):
        read_table(tmp_path / "book.xlsx", sheet="List 9")


def test_formulas_without_a_result_are_found(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["a", "b"])
    book.active.append([1, "=A2+1"])
    book.save(tmp_path / "book.xlsx")
    assert uncomputed_formulas(tmp_path / "book.xlsx", "Sheet") == [(2, 2)]


@pytest.mark.parametrize("name", ["book.xlsx", "cases.parquet"])
def test_damaged_files_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SourceError, match=r"this is not a (workbook|Parquet file) that can be read"):
        read_table(write(tmp_path, "rubbish", name))


def test_parquet_becomes_text(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": ["0012", None], "d": [date(2026, 1, 2), None]}), tmp_path / "a.parquet")
    assert read_table(tmp_path / "a.parquet").frame.to_dict("list") == {"a": ["0012"], "d": ["2026-01-02"]}


def test_a_file_name_that_holds_a_number_is_masked() -> None:
    assert shown_name(Path("x/NHS 9434765919 v2.csv")) == "NHS … v2.csv"


def test_only_five_rows_of_a_fault_are_shown_and_the_rest_is_counted(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "d\n" + "31/3/26\n" * 8))
    faults = Faults()
    to_dates(table, "d", faults, required=True)
    assert [(finding.row, finding.count) for finding in faults.findings] == [
        (2, 1),
        (3, 1),
        (4, 1),
        (5, 1),
        (6, 4),
    ]
    assert faults.findings[-1].line() == (
        'cases.csv, row 6, column d: expected a date like 2026-03-31 or 31/03/2026, got "31/3/26". (4 rows in all) '
        "Correct the cell at its source. [DATE_UNREADABLE]"
    )


def test_times_and_required_dates_are_told(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "d,t\n,25:00\n2026-01-01,21:40\n"))
    faults = Faults()
    assert to_times(table, "t", faults).tolist() == [None, "21:40"]
    assert to_dates(table, "d", faults, required=True).tolist() == [None, date(2026, 1, 1)]
    assert [(finding.code, finding.row) for finding in faults.findings] == [
        ("TIME_UNREADABLE", 2),
        ("VALUE_MISSING", 2),
    ]


@given(st.dates(date(1950, 1, 1), date(2099, 12, 31)))
def test_a_day_survives_every_way_of_writing_it(day: date) -> None:
    serial = str((day - date(1899, 12, 30)).days)
    for text in (f"{day}", f"{day}T00:00:00", f"{day:%d/%m/%Y}", f"{day.day}.{day.month}.{day.year}", f"{day:%d-%b-%Y}",
                 f"{day:%d %B %Y}", f"{day:%Y%m%d}", serial):  # fmt: skip
        assert parse_date(text) == day, text


@given(st.text(max_size=12))
def test_no_text_breaks_a_parser(text: str) -> None:
    day = parse_date(text)
    assert day is None or isinstance(day, date)
    clock = parse_time(text)
    assert clock is None or (len(clock) == 5 and clock < "24:00")
    assert parse_number(text) is None or parse_yes_no(text) is None or text.strip() in ("0", "1")


@pytest.mark.parametrize(
    "text",
    ["31/3/26", "2026-02-30", "13/13/2026", "today", "\u00b2", "1", "99999", "20261301", "31 Foo 2026"],
)
def test_what_is_no_day_is_none(text: str) -> None:
    assert parse_date(text) is None


@given(st.times())
def test_a_time_survives_as_clock_and_as_fraction(at: time) -> None:
    minute = f"{at:%H:%M}"
    assert parse_time(f"{at:%H:%M:%S}") == minute
    exact = timedelta(hours=at.hour, minutes=at.minute) / timedelta(days=1)
    assert parse_time(repr(exact)) == minute


cells = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=8)


@given(st.lists(st.lists(cells, min_size=3, max_size=3), max_size=8))
def test_any_table_written_as_csv_is_read_back(tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]) -> None:
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows([["alpha", "beta", "gamma"], *rows])
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    path.write_bytes(buffer.getvalue().encode("utf-8-sig"))
    table = read_table(path)
    expected = [
        (number, [files._clean(cell) for cell in row])
        for number, row in enumerate(rows, 2)
        if any(files._clean(cell) for cell in row)
    ]
    assert [table.row_of(position) for position in range(len(table.frame))] == [number for number, _ in expected]
    assert table.frame.to_numpy().tolist() == [row for _, row in expected]


def test_each_distinct_text_is_parsed_once() -> None:
    import pandas as pd

    seen: list[str] = []
    parsed(pd.Series(["1", "1", None], dtype=object), lambda text: seen.append(text))
    assert seen == ["1"]
