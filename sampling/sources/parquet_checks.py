"""Parquet tables checked where they lie, with memory that does not grow with them.

Types, empty cells and the range of days come from the files' own metadata where it has them. Codes and ids
are read a few row groups at a time with Arrow's kernels, which is what makes a hundred million events a
matter of seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sampling.errors import Finding
from sampling.sources.ids import SUPPRESSED, SUPPRESSED_ID, UNSUPPRESSED, badly_shaped, column_faults
from sampling.sources.orders import ORDERS
from sampling.sources.parquet import chunks, columns_of, count_nulls, read_column, row_count
from sampling.sources.tables import TABLES, Column, TableSchema
from sampling.sources.text import Faults
from sampling.sources.values import EARLIEST, LATEST

EVENT_IDENTITY = ("event_id", "case_id", "happened_on", "kind")
REPEAT_ROWS = 5_000_000  # rows in which repeated events are looked for


@dataclass(frozen=True)
class Summary:
    """What the check learnt: rows, empty cells a column, the codes seen, the first and last day a column."""

    rows: int
    nulls: dict[str, int] = field(default_factory=dict)
    codes: dict[str, set[str]] = field(default_factory=dict)
    days: dict[str, tuple[date, date]] = field(default_factory=dict)


def check_parquet(name: str, shown: str, paths: tuple[Path, ...], faults: Faults) -> Summary | None:
    """Adds every fault of one Parquet table; returns what was learnt, or None when the table cannot be used
    at all.

    `shown` names the file or files in the findings. Rows are counted, not named: a Parquet file has no row
    numbers.
    """
    schema = TABLES[name]
    try:
        usable = all([_check_types(schema, shown, path, faults) for path in paths])
        rows = row_count(paths)
    except (pa.ArrowException, OSError) as error:
        _add(
            faults,
            "FILE_UNREADABLE",
            f"this is not a Parquet file that can be read ({type(error).__name__})",
            shown,
            next_step="Export it again.",
        )
        return None
    if not usable:
        return None
    present = columns_of(paths)
    summary = Summary(rows, nulls=count_nulls(paths, present & {column.name for column in schema.columns}))
    for column in schema.columns:
        if column.name in present:
            _check_column(schema, column, paths, shown, summary, faults)
    _check_orders(name, paths, present, shown, faults)
    if name == "events" and "event_id" in present:
        _check_repeats(paths, rows, shown, faults)
    return summary


def _add(
    faults: Faults,
    code: str,
    message: str,
    file: str,
    *,
    column: str = "",
    count: int = 1,
    next_step: str = "",
) -> None:
    faults.findings.append(Finding(code, message, next_step, "error", file, column=column, count=count))


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _is_right(column: Column, kind: pa.DataType) -> bool:
    if pa.types.is_null(kind):
        return not column.required
    if column.type == "date":
        return bool(pa.types.is_date32(kind))
    if column.type == "number":
        return bool(pa.types.is_floating(kind) or pa.types.is_integer(kind))
    if column.type == "yes/no":
        return bool(pa.types.is_boolean(kind))
    return _is_text(kind)


def _check_types(schema: TableSchema, shown: str, path: Path, faults: Faults) -> bool:
    """Adds what is wrong with the columns' presence and types: an id of 7.0 is not 7, so nothing is cast
    here.
    """
    arrow = pq.read_schema(path)
    wrong = [_type_fault(column, arrow, shown) for column in schema.columns]
    faults.findings += [fault for fault in wrong if fault is not None]
    known = {column.name for column in schema.columns}
    unknown = sum(name not in known for name in arrow.names)
    if unknown:
        message = f"{unknown} column(s) are not in the schema and are not read"
        advice = f"The columns of {schema.name} are in docs/schema.md."
        faults.findings.append(Finding("COLUMN_DROPPED", message, advice, "note", shown))
    return not any(wrong)


def _type_fault(column: Column, arrow: pa.Schema, shown: str) -> Finding | None:
    """Returns what is wrong with one column's presence or type, if anything is."""
    if arrow.names.count(column.name) > 1:
        advice = "Give each column a name of its own."
        return Finding("HEADER_TWICE", "the column stands more than once", advice, "error", shown, column=column.name)
    if column.name not in arrow.names:
        missing = Finding(
            "COLUMN_MISSING",
            "the column is missing",
            "See docs/schema.md.",
            "error",
            shown,
            column=column.name,
        )
        return missing if column.required else None
    kind = arrow.field(column.name).type
    if _is_right(column, kind):
        return None
    wanted = {"date": "date32", "number": "a number", "yes/no": "boolean"}.get(column.type, "text")
    message = f"the type is {kind}, not {wanted}"
    return Finding("PARQUET_TYPE", message, _cast_advice(column), "error", shown, column=column.name)


def _cast_advice(column: Column) -> str:
    if column.type == "id":
        return "Cast it to text where it is exported, so that 0012 stays 0012 and 7 does not become 7.0."
    if column.type == "date":
        return "Cast it to a plain date (date32) where it is exported; local midnight decides the day."
    return "Cast it where it is exported."


def _check_column(
    schema: TableSchema, column: Column, paths: tuple[Path, ...], shown: str, summary: Summary, faults: Faults
) -> None:
    if column.required and summary.nulls[column.name]:
        _add(
            faults,
            "VALUE_MISSING",
            "a value is required",
            shown,
            column=column.name,
            count=summary.nulls[column.name],
            next_step="Fill the cells at their source.",
        )
    if column.values:
        _check_codes(column, paths, shown, summary, faults)
    if column.type == "date":
        _check_days(column, paths, shown, summary, faults)
    if column.type == "id" and schema.name in ("cases", "practitioners", "allocations"):
        _check_ids(schema, column, paths, shown, faults)


def _check_codes(column: Column, paths: tuple[Path, ...], shown: str, summary: Summary, faults: Faults) -> None:
    permitted = pa.array(column.values)
    seen: set[str] = set()
    bad = 0
    for part in chunks(paths, [column.name], (column.name,)):
        for chunk in part[column.name].chunks:
            codes = chunk if pa.types.is_dictionary(chunk.type) else chunk.dictionary_encode()
            known = pc.is_in(codes.dictionary.cast(pa.string()), value_set=permitted)
            counts = pc.value_counts(codes.indices.drop_null())
            for index, count in zip(
                counts.field("values").to_pylist(), counts.field("counts").to_pylist(), strict=True
            ):
                if known[index].as_py():
                    seen.add(str(codes.dictionary[index].as_py()))
                else:
                    bad += count
    summary.codes[column.name] = seen
    if bad:
        _add(
            faults,
            "CODE_UNKNOWN",
            "the code is not in the list",
            shown,
            column=column.name,
            count=bad,
            next_step="The list of codes is in docs/schema.md.",
        )


def _check_days(column: Column, paths: tuple[Path, ...], shown: str, summary: Summary, faults: Faults) -> None:
    ends: list[date] = []
    for path in paths:
        metadata = pq.read_metadata(path)
        place = metadata.schema.names.index(column.name)
        for group in range(metadata.num_row_groups):
            chunk = metadata.row_group(group).column(place)
            if chunk.is_stats_set and chunk.statistics.has_min_max:
                ends += [chunk.statistics.min, chunk.statistics.max]
            elif not (chunk.is_stats_set and chunk.statistics.null_count == metadata.row_group(group).num_rows):
                with pq.ParquetFile(path) as file:
                    values = file.read_row_group(group, columns=[column.name])[column.name]
                ends += [day for day in pc.min_max(values).as_py().values() if day is not None]
    if not ends:
        return
    summary.days[column.name] = (min(ends), max(ends))
    if min(ends) < EARLIEST or max(ends) > LATEST:
        _add(
            faults,
            "DATE_IMPLAUSIBLE",
            "a date is before 1900 or after 2100",
            shown,
            column=column.name,
            next_step="Correct it at its source.",
        )


def _check_ids(schema: TableSchema, column: Column, paths: tuple[Path, ...], shown: str, faults: Faults) -> None:
    values = read_column(paths, column.name)
    distinct = pc.unique(values).drop_null()
    bad = int(pc.sum(badly_shaped(distinct)).as_py() or 0)
    if bad:
        _add(
            faults,
            "ID_MALFORMED",
            "the id is blank, holds a control character or is longer than 64 bytes",
            shown,
            column=column.name,
            count=bad,
            next_step="Correct it at its source.",
        )
    hidden = int(pc.sum(pc.equal(values, SUPPRESSED)).as_py() or 0)
    if hidden:
        _add(faults, "ID_SUPPRESSED", SUPPRESSED_ID, shown, column=column.name, count=hidden, next_step=UNSUPPRESSED)
    if schema.unique == (column.name,):
        twice = len(values) - values.null_count - len(distinct)
        if twice:
            _add(
                faults,
                "ID_TWICE",
                "the id stands in more than one row",
                shown,
                column=column.name,
                count=twice,
                next_step="Keep one row; a case or practitioner has one row each.",
            )
    for fault in column_faults(column.name, distinct):
        faults.findings.append(
            Finding(
                fault.code,
                fault.message,
                fault.next_step,
                fault.severity,
                shown,
                column=column.name,
                count=fault.count,
            )
        )


def _check_repeats(paths: tuple[Path, ...], rows: int, shown: str, faults: Faults) -> None:
    """Adds an error for events that stand twice, since a count of them would make a signal; a note if too many."""
    if rows > REPEAT_ROWS:
        message = f"events that stand twice were not looked for: the table has more than {REPEAT_ROWS:,} rows"
        step = "Make sure that no event was exported twice."
        faults.findings.append(Finding("EVENT_TWICE_UNKNOWN", message, step, "note", shown, column="event_id"))
        return
    ids = read_column(paths, "event_id").drop_null()
    if len(pc.unique(ids)) == len(ids):
        return
    columns = list(EVENT_IDENTITY)
    parts = [part.filter(pc.is_valid(part["event_id"])) for part in chunks(paths, columns)]
    texts = [
        pa.table({name: part[name].cast(pa.string()) if name != "happened_on" else part[name] for name in columns})
        for part in parts
    ]
    events = pa.concat_tables(texts)
    twice = events.num_rows - events.group_by(columns).aggregate([]).num_rows
    if twice:
        _add(
            faults,
            "EVENT_TWICE",
            "the event stands in the table already (same event_id, case, day and kind)",
            shown,
            column="event_id",
            count=twice,
            next_step="Remove the repeated rows where the table is exported.",
        )


def _check_orders(name: str, paths: tuple[Path, ...], present: set[str], shown: str, faults: Faults) -> None:
    for table, earlier, later, code, message, severity in ORDERS:
        if table != name or not {earlier, later} <= present:
            continue
        wrong = 0
        for part in chunks(paths, [earlier, later]):
            if pa.types.is_null(part[later].type) or pa.types.is_null(part[earlier].type):
                continue
            wrong += int(pc.sum(pc.less(part[later], part[earlier])).as_py() or 0)
        if wrong:
            faults.findings.append(
                Finding(
                    code,
                    message,
                    "Correct one of the two dates at its source.",
                    severity,
                    shown,
                    column=later,
                    count=wrong,
                )
            )
