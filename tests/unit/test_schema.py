"""The published schema as pandera schemas."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pandera
import pytest

from sampling.sources.orders import ORDERS
from sampling.sources.schema import _letters, pandera_schema, typed, with_canonical_headers
from sampling.sources.tables import TABLES, Column, to_arrow
from sampling.sources.text import TextTable

FILLS = {"id": "X1", "text": "word", "date": "2026-03-31", "time": "21:40", "number": "0.8", "yes/no": "no"}


def fill(column: Column) -> str:
    return column.values[0] if column.values else column.example or FILLS.get(column.type, "02")


@pytest.mark.parametrize("name", TABLES)
def test_the_examples_of_the_schema_keep_its_own_rules(name: str) -> None:
    row = {column.name: [fill(column)] for column in TABLES[name].columns}
    frame = pd.DataFrame(row, dtype=object)
    if name == "practitioners":
        frame["left_on"] = None
    pandera_schema(name).validate(frame, lazy=True)
    table = to_arrow(name, typed(name, TextTable("t.csv", "", frame)))
    assert all(table[column.name].null_count == 0 for column in TABLES[name].columns if column.required)


@pytest.mark.parametrize("name", TABLES)
def test_each_required_column_is_required_and_may_not_be_empty(name: str) -> None:
    row = {column.name: [fill(column)] for column in TABLES[name].columns}
    for column in TABLES[name].columns:
        for frame, check in (
            (pd.DataFrame({**row, column.name: [None]}, dtype=object), "not_nullable"),
            (pd.DataFrame(row, dtype=object).drop(columns=column.name), "column_in_dataframe"),
        ):
            if not column.required:
                pandera_schema(name).validate(frame, lazy=True)
                continue
            with pytest.raises(pandera.errors.SchemaErrors) as error:
                pandera_schema(name).validate(frame, lazy=True)
            assert check in error.value.failure_cases["check"].tolist()


def test_every_order_of_days_names_columns_of_its_table() -> None:
    for table, earlier, later, *_ in ORDERS:
        assert {TABLES[table].column(earlier).type, TABLES[table].column(later).type} == {"date"}


def test_headers_are_read_as_people_write_them() -> None:
    frame = pd.DataFrame([["1", "2", "3"]], columns=["Case ID", " OPENED ", "case-id"], dtype=object)
    table = with_canonical_headers(TextTable("t.csv", "", frame))
    assert list(table.frame.columns) == ["case_id", "opened"]
    assert table.repeated == ("case_id",)


def test_columns_have_the_letters_of_a_spreadsheet() -> None:
    assert [_letters(place) for place in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
