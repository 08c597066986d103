"""Cells of MHSDS files: columns that are left unread, separators that the file itself tells, time zones and short years."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from sampling.sources.files import read_table
from sampling.sources.values import has_short_year, parse_date, parse_time


def test_only_the_columns_asked_for_are_kept_and_the_rows_stay_the_same(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("note,a,b,c\n,1,2,3\n\n,,,9\nx,4,5,6,7\n", encoding="utf-8")
    whole, part = read_table(path), read_table(path, columns=lambda name: name == "b")
    assert list(part.frame.columns) == ["note", "b"]  # the first stays: totals and footers stand in it
    assert part.frame["b"].tolist() == whole.frame["b"].tolist() == ["2", None, "5"]
    assert (part.rows, part.overlong) == (whole.rows, whole.overlong) == ((2, 4, 5), (2,))


def test_the_first_line_that_tells_excel_the_separator_is_obeyed(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("sep=;\na;b\n1,5;2\n", encoding="utf-16")
    table = read_table(path)
    assert table.frame.to_dict("list") == {"a": ["1,5"], "b": ["2"]}
    assert table.row_of(0) == 2  # Excel does not show the line, and counts from the next


ZONES = [
    ("2026-07-15T16:30:00Z", "17:30", date(2026, 7, 15)),
    ("2026-07-15T23:30:00.123Z", "00:30", date(2026, 7, 16)),
    ("2026-07-15 17:30:00+01:00", "17:30", date(2026, 7, 15)),
    ("2026-10-25T00:30:00Z", "01:30", date(2026, 10, 25)),  # the last hour of summer time
    ("2026-10-25T01:30:00Z", "01:30", date(2026, 10, 25)),
    ("2026-03-29T00:59:00Z", "00:59", date(2026, 3, 29)),
    ("2026-03-29T01:00:00Z", "02:00", date(2026, 3, 29)),
    ("2026-12-15T16:30:00+0000", "16:30", date(2026, 12, 15)),
    ("1970-01-01T20:00:00Z", "20:00", date(1970, 1, 1)),  # a database's day for a time without one
    ("9999-12-31T23:30:00-05:00", "23:30", date(9999, 12, 31)),
]


@pytest.mark.parametrize(("text", "time", "day"), ZONES)
def test_times_of_other_zones_are_read_as_the_clock_in_england(text: str, time: str, day: date) -> None:
    assert (parse_time(text), parse_date(text)) == (time, day)


def test_a_year_of_two_digits_is_told_apart() -> None:
    assert [has_short_year(text) for text in ("01-Jan-26", "1/1/26", "01-Jan-2026", "26-01-2026")] == [
        True,
        True,
        False,
        False,
    ]
    assert parse_date("01-Jan-26") is None
    assert parse_date("01-Jan-2026") == parse_date("1 January 2026") == date(2026, 1, 1)
