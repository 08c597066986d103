"""Canonical tables on disk: what is read back is what was invented, whole files or none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from sampling.errors import UsageError
from sampling.model import Period
from sampling.sources import canonical_writer
from sampling.sources.canonical_writer import Kind, write
from sampling.sources.synthetic import Simulated, simulate, simulate_blocks, union
from sampling.sources.synthetic_hostile import HOSTILE_CASE_IDS, HOSTILE_TEXTS
from sampling.sources.tables import TABLES, arrow_schema, to_arrow

OCTOBER = Period("2026-10")
KINDS: tuple[Kind, ...] = ("csv", "parquet", "xlsx")


def blocks(hostile: bool = False) -> list[Simulated]:
    return list(
        simulate_blocks(
            profile="adult", cases=130, months=3, seed=5, last_month=OCTOBER, block_cases=60, hostile=hostile
        )
    )


def read(path: Path, name: str) -> pa.Table:
    if path.suffix == ".parquet":
        return pq.read_table(path)
    options = pa_csv.ConvertOptions(
        column_types=arrow_schema(name),
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
        null_values=[""],
        true_values=["yes"],
        false_values=["no"],
    )
    parsing = pa_csv.ParseOptions(newlines_in_values=True)
    return pa_csv.read_csv(path, parse_options=parsing, convert_options=options)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize("hostile", [False, True])
def test_what_is_read_back_is_what_was_written(tmp_path: Path, kind: Kind, hostile: bool) -> None:
    parts = blocks(hostile)
    files = write(parts, tmp_path / "out", kind=kind)
    whole = union(parts)
    assert {file.stem for file in files} == set(TABLES) - {
        "notes"
    }  # a simulation has none: sampling/sources/synthesis.py
    for file in files:
        expected = to_arrow(file.stem, whole.frames[file.stem])
        found = read(file, file.stem).combine_chunks()
        assert found.equals(expected.combine_chunks()), file.stem


def test_parquet_has_the_published_types(tmp_path: Path) -> None:
    for file in write(blocks(), tmp_path, kind="parquet"):
        assert pq.read_schema(file).equals(arrow_schema(file.stem))
        assert pq.ParquetFile(file).metadata.row_group(0).column(0).compression == "ZSTD"


def test_workbooks_keep_text_as_text(tmp_path: Path) -> None:
    parts = blocks(hostile=True)
    write(parts, tmp_path, kind="xlsx")
    book = openpyxl.load_workbook(tmp_path / "cases.xlsx")
    header, *rows = list(book["cases"].iter_rows(values_only=True))
    assert list(header) == [column.name for column in TABLES["cases"].columns]
    assert len(rows) == len(union(parts).frames["cases"])
    assert set(HOSTILE_CASE_IDS) <= {row[0] for row in rows}
    sheet = openpyxl.load_workbook(tmp_path / "documents.xlsx")["documents"]
    cells = [cell for row in sheet.iter_rows(min_row=2) for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert set(HOSTILE_TEXTS) <= {cell.value for cell in cells}


def test_extension_tables_stand_apart(tmp_path: Path) -> None:
    files = write(blocks(), tmp_path, kind="csv")
    for file in files:
        assert file.parent == (tmp_path / "extension" if TABLES[file.stem].extension else tmp_path)
        assert file.is_file()


def test_control_totals_count_all_blocks(tmp_path: Path) -> None:
    write(blocks(), tmp_path, kind="csv")
    totals = pd.read_csv(tmp_path / "extension" / "control_totals.csv").set_index("name")["expected"]
    assert totals["open_cases"] == 130
    assert totals["events"] == len(pd.read_csv(tmp_path / "events.csv", dtype=str))


def test_only_the_tables_asked_for_are_written(tmp_path: Path) -> None:
    files = write(blocks(), tmp_path, kind="parquet", tables=["cases", "events"])
    assert [file.name for file in files] == ["cases.parquet", "events.parquet"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cases.parquet", "events.parquet"]


def test_a_newer_file_replaces_older_kinds_and_leaves_the_rest(tmp_path: Path) -> None:
    write(blocks(), tmp_path, kind="csv")
    (tmp_path / "notes.txt").write_text("ours")
    write(blocks(), tmp_path, kind="parquet")
    assert not list(tmp_path.rglob("*.csv"))
    assert (tmp_path / "notes.txt").read_text() == "ours"


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_that_fails_leaves_the_older_files_whole(tmp_path: Path, kind: Kind) -> None:
    write(blocks(), tmp_path, kind=kind, tables=["cases", "events"])
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def failing() -> Iterator[Simulated]:
        yield blocks()[0]
        raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError, match="disk is full"):
        write(failing(), tmp_path, kind=kind)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_the_same_service_gives_the_same_bytes(tmp_path: Path) -> None:
    for kind in ("csv", "parquet"):
        first, second = (write(blocks(), tmp_path / kind / str(turn), kind=kind) for turn in (1, 2))
        assert [file.read_bytes() for file in first] == [file.read_bytes() for file in second]


def test_a_sheet_that_would_overflow_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canonical_writer, "_SHEET_ROWS", 50)
    with pytest.raises(UsageError, match="Write csv or parquet instead"):
        write(blocks(), tmp_path, kind="xlsx", tables=["events"])
    assert list(tmp_path.iterdir()) == []


def test_unknown_tables_and_kinds_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match='no canonical table "patients"'):
        write(blocks(), tmp_path, kind="csv", tables=["patients"])
    with pytest.raises(UsageError, match='got "ods"'):
        write(blocks(), tmp_path, kind="ods")  # type: ignore[arg-type]


def test_children_are_written_too(tmp_path: Path) -> None:
    simulated = simulate(profile="children", cases=40, months=6, seed=2, last_month=OCTOBER)
    files = write([simulated], tmp_path, kind="parquet")
    assert pq.read_table(tmp_path / "cases.parquet").num_rows == len(simulated.frames["cases"])
    assert len(files) == len(simulated.frames) == len(TABLES) - 1
