"""Writes a synthetic service as canonical tables: CSV, Parquet or workbooks, block by block, so that
any size fits in memory.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, Protocol, get_args

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from openpyxl.cell import WriteOnlyCell

from sampling.errors import UsageError
from sampling.sources.synthetic import Simulated
from sampling.sources.tables import TABLES, arrow_schema, to_arrow

Kind = Literal["csv", "parquet", "xlsx"]

EXTENSION_FOLDER = "extension"
_SHEET_ROWS = 1_048_576  # Microsoft, Excel specifications and limits: rows of a sheet, the header among them
_UNREPEATED = (
    "event_id",
    "plan_id",
    "document_id",
    "ref",
)  # a Parquet dictionary of values that never repeat costs and gains nothing


class _Sink(Protocol):
    """One table's file, open for writing."""

    def write(self, table: pa.Table) -> None: ...

    def close(self) -> None: ...


class _ParquetSink:
    def __init__(self, path: Path, name: str) -> None:
        schema = arrow_schema(name)
        repeated = [column for column in schema.names if column not in _UNREPEATED]
        self._writer = pq.ParquetWriter(path, schema, compression="zstd", compression_level=1, use_dictionary=repeated)

    def write(self, table: pa.Table) -> None:
        self._writer.write_table(table)

    def close(self) -> None:
        self._writer.close()


class _CsvSink:
    def __init__(self, path: Path, name: str) -> None:
        schema = pa.schema([(field.name, _csv_type(field.type)) for field in arrow_schema(name)])
        self._writer = pa_csv.CSVWriter(path, schema)

    def write(self, table: pa.Table) -> None:
        self._writer.write_table(pa.table([_csv_column(column) for column in table.columns], names=table.column_names))

    def close(self) -> None:
        self._writer.close()


class _WorkbookSink:
    def __init__(self, path: Path, name: str) -> None:
        self._path, self._rows = path, 1
        self._book = openpyxl.Workbook(write_only=True)
        self._sheet = self._book.create_sheet(name)
        self._sheet.append([column.name for column in TABLES[name].columns])

    def write(self, table: pa.Table) -> None:
        self._rows += table.num_rows
        if self._rows > _SHEET_ROWS:
            raise UsageError(
                f"{self._path.name}: a sheet holds at most {_SHEET_ROWS:,} rows and this table has more. "
                "Write csv or parquet instead."
            )
        for row in zip(*(column.to_pylist() for column in table.columns), strict=True):
            self._sheet.append([self._cell(value) for value in row])

    def _cell(self, value: Any) -> Any:
        if isinstance(value, bool):
            return "yes" if value else "no"
        if not isinstance(value, str):
            return value
        cell = WriteOnlyCell(self._sheet, value)
        cell.data_type = "s"  # text that begins with = stays text, and is never a formula
        return cell

    def close(self) -> None:
        self._book.save(self._path)


_SINKS: Mapping[str, Any] = {"csv": _CsvSink, "parquet": _ParquetSink, "xlsx": _WorkbookSink}


def _csv_type(kind: pa.DataType) -> pa.DataType:
    return pa.string() if pa.types.is_boolean(kind) else kind


def _csv_column(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.if_else(column, "yes", "no") if pa.types.is_boolean(column.type) else column


def write(
    simulated_blocks: Iterable[Simulated],
    folder: Path,
    *,
    kind: Kind,
    tables: Collection[str] | None = None,
) -> list[Path]:
    """Returns the files written: one a table, the extension tables in a folder of their own. A file appears
    whole or not at all.

    `tables` names the tables to write; without it all are written. Older files of the same tables, in any
    of the three kinds,
    are replaced, so that a reader never meets two versions of one table. Other files in the folder are left
    alone.
    """
    if kind not in get_args(Kind):
        raise UsageError(f'The kind of file must be one of {", ".join(get_args(Kind))}, got "{kind}".')
    unknown = sorted(set(tables or ()) - set(TABLES))
    if unknown:
        raise UsageError(f'There is no canonical table "{unknown[0]}". The tables are: {", ".join(TABLES)}.')
    folder.mkdir(parents=True, exist_ok=True)
    waiting = Path(tempfile.mkdtemp(prefix=".writing-", dir=folder))
    try:
        names = _write_blocks(simulated_blocks, waiting, kind, set(tables or TABLES))
        return [_put_in_place(waiting, folder, name, kind) for name in names]
    finally:
        shutil.rmtree(waiting, ignore_errors=True)


def _write_blocks(blocks: Iterable[Simulated], folder: Path, kind: Kind, wanted: set[str]) -> list[str]:
    sinks: dict[str, _Sink] = {}
    totals: list[Mapping[str, pd.DataFrame]] = []
    try:
        for block in blocks:
            for name in (name for name in TABLES if name in wanted and name in block.frames):
                if name == "control_totals":  # counted over all blocks, and so written once, at the end
                    totals.append({"control_totals": block.frames[name]})
                    continue
                if name not in sinks:
                    sinks[name] = _SINKS[kind](folder / f"{name}.{kind}", name)
                sinks[name].write(to_arrow(name, block.frames[name]))
        if totals:
            sinks["control_totals"] = _SINKS[kind](folder / f"control_totals.{kind}", "control_totals")
            sinks["control_totals"].write(to_arrow("control_totals", _added(totals)))
    finally:
        for sink in sinks.values():
            sink.close()
    return [name for name in TABLES if name in sinks]


def _added(totals: list[Mapping[str, pd.DataFrame]]) -> pd.DataFrame:
    together = pd.concat([frames["control_totals"] for frames in totals])
    return together.groupby("name", sort=False)[["expected"]].sum().reset_index()


def _put_in_place(waiting: Path, folder: Path, name: str, kind: Kind) -> Path:
    home = folder / EXTENSION_FOLDER if TABLES[name].extension else folder
    home.mkdir(exist_ok=True)
    final = home / f"{name}.{kind}"
    os.replace(waiting / final.name, final)
    for other in get_args(Kind):
        if other != kind:
            (home / f"{name}.{other}").unlink(missing_ok=True)
    return final
