"""The published schema (sampling/sources/tables.py, docs/schema.md) as checks: pandera schemas over tables
of text.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pandera.pandas as pandera
import pyarrow as pa

from sampling.errors import Finding
from sampling.sources.ids import SUPPRESSED, SUPPRESSED_ID, UNSUPPRESSED, badly_shaped, column_faults
from sampling.sources.orders import ORDERS
from sampling.sources.tables import TABLES, Column, TableSchema
from sampling.sources.text import Faults, TextTable, add_shape_faults, parsed
from sampling.sources.values import EARLIEST, LATEST, parse_date, parse_number, parse_time, parse_yes_no

Check = Callable[[pd.Series], pd.Series]

_AT_SOURCE = "Correct the cell at its source."
_MESSAGES = {
    "VALUE_MISSING": ("a value is required", "Fill the cell at its source."),
    "DATE_UNREADABLE": ("expected a date like 2026-03-31 or 31/03/2026", _AT_SOURCE),
    "DATE_IMPLAUSIBLE": ("the date is before 1900 or after 2100", _AT_SOURCE),
    "TIME_UNREADABLE": ("expected a time like 21:40", _AT_SOURCE),
    "NUMBER_UNREADABLE": (
        "expected a number",
        "A suppressed count (*) cannot be used; leave the cell empty instead.",
    ),
    "ANSWER_UNREADABLE": ("expected yes or no", _AT_SOURCE),
    "ID_MALFORMED": ("the id holds a control character or is longer than 64 bytes", _AT_SOURCE),
    "ID_TWICE": (
        "the id stands in more than one row",
        "Keep one row; a case or practitioner has one row each.",
    ),
    "CODE_UNKNOWN": ("the code is not in the list", ""),
    **{code: (message, "Correct one of the two dates at its source.") for _, _, _, code, message, _ in ORDERS},
}
_NOTES = {code for *_, code, _, severity in ORDERS if severity == "note"}


def _readable(parse: Callable[[str], object | None]) -> Check:
    def check(values: pd.Series) -> pd.Series:
        distinct = {text: parse(text) is not None for text in values.dropna().unique()}
        return pd.Series([distinct.get(text, True) for text in values], index=values.index, dtype=bool)

    return check


def _plausible(text: str) -> object | None:
    day = parse_date(text)
    return None if day is not None and not EARLIEST <= day <= LATEST else True


def _well_shaped_column(values: pd.Series) -> pd.Series:
    distinct = pa.array(values.dropna().unique().tolist(), pa.string())
    bad = set(distinct.filter(badly_shaped(distinct)).to_pylist())
    return ~values.isin(bad)


def _checks(column: Column) -> list[tuple[str, Check]]:
    if column.type == "id":
        return [("ID_MALFORMED", _well_shaped_column)]
    if column.type == "date":
        return [("DATE_UNREADABLE", _readable(parse_date)), ("DATE_IMPLAUSIBLE", _readable(_plausible))]
    if column.type == "time":
        return [("TIME_UNREADABLE", _readable(parse_time))]
    if column.type == "number":
        return [("NUMBER_UNREADABLE", _readable(parse_number))]
    if column.type == "yes/no":
        return [("ANSWER_UNREADABLE", _readable(parse_yes_no))]
    if column.values:
        return [("CODE_UNKNOWN", lambda values: values.isna() | values.isin(column.values))]
    return []


def _once(values: pd.Series) -> pd.Series:
    return ~(values.duplicated() & values.notna() & (values != SUPPRESSED))


def _in_order(earlier: str, later: str) -> Callable[[pd.DataFrame], pd.Series]:
    def check(frame: pd.DataFrame) -> pd.Series:
        if earlier not in frame or later not in frame:
            return pd.Series(True, index=frame.index)
        first, _ = parsed(frame[earlier], parse_date)
        last, _ = parsed(frame[later], parse_date)
        right = [left is None or after is None or left <= after for left, after in zip(first, last, strict=True)]
        return pd.Series(right, index=frame.index, dtype=bool)

    return check


def pandera_schema(name: str) -> pandera.DataFrameSchema:
    """Returns the pandera schema of a canonical table as text: each check is named by its finding code."""
    schema = TABLES[name]
    columns = {}
    for column in schema.columns:
        checks = _checks(column)
        if schema.unique == (column.name,):
            checks = [*checks, ("ID_TWICE", _once)]
        columns[column.name] = pandera.Column(
            checks=[pandera.Check(check, name=code, error=code) for code, check in checks],
            nullable=not column.required,
            required=column.required,
        )
    orders = [
        pandera.Check(_in_order(earlier, later), name=code, error=code)
        for table, earlier, later, code, _, _ in ORDERS
        if table == name
    ]
    return pandera.DataFrameSchema(columns, checks=orders, strict=False)


def with_canonical_headers(table: TextTable) -> TextTable:
    """Returns the table with its headers as canonical names are written: `Case ID` becomes `case_id`."""
    names = [str(name).strip().casefold().replace(" ", "_").replace("-", "_") for name in table.frame.columns]
    first = {name: position for position, name in reversed(list(enumerate(names)))}
    twice = tuple(name for name in first if names.count(name) > 1)
    frame = table.frame.iloc[:, sorted(first.values())]
    frame = frame.set_axis([names[position] for position in sorted(first.values())], axis=1)
    return replace(table, frame=frame, repeated=(*table.repeated, *twice))


def check_text(name: str, table: TextTable, faults: Faults) -> bool:
    """Adds every fault of one table of text, whose headers are canonical already; returns whether it can be
    typed.
    """
    schema = TABLES[name]
    add_shape_faults(table, faults)
    missing = [column.name for column in schema.columns if column.required and column.name not in table.frame]
    for absent in missing:
        faults.add(
            "COLUMN_MISSING",
            "the column is missing",
            table=table,
            column=absent,
            next_step="See docs/schema.md.",
        )
    if missing:
        return False
    _note_unknown(schema, table, faults)
    _add_failures(schema, table, faults)
    for column in schema.columns:
        if column.type == "id" and column.name in table.frame:
            _add_suppressed(column, table, faults)
            distinct = pa.array(table.frame[column.name].dropna().unique().tolist(), pa.string())
            for fault in column_faults(column.name, distinct):
                faults.findings.append(
                    Finding(
                        fault.code,
                        fault.message,
                        fault.next_step,
                        fault.severity,
                        table.file,
                        table.sheet,
                        column.name,
                        count=fault.count,
                    )
                )
    return True


def _add_suppressed(column: Column, table: TextTable, faults: Faults) -> None:
    """Adds a finding for the cells that hold a suppressed id, which `typed` takes as not recorded."""
    positions = [place for place, hidden in enumerate(table.frame[column.name] == SUPPRESSED) if hidden]
    if positions:
        faults.add(
            "ID_SUPPRESSED",
            SUPPRESSED_ID if column.required else f"{SUPPRESSED_ID}; it is not recorded",
            table=table,
            column=column.name,
            positions=positions,
            next_step=UNSUPPRESSED,
            severity="error" if column.required else "note",
            show=False,
        )


def _note_unknown(schema: TableSchema, table: TextTable, faults: Faults) -> None:
    """Notes which columns are dropped, by their letters: a header may be anything, so its name stays
    unsaid.
    """
    known = {column.name for column in schema.columns}
    unknown = [_letters(place) for place, name in enumerate(table.frame.columns) if name not in known]
    if unknown:
        faults.add(
            "COLUMN_DROPPED",
            f"{len(unknown)} column(s) not in the schema were dropped unread: {', '.join(unknown[:12])}",
            table=table,
            next_step=f"The columns of {schema.name} are in docs/schema.md.",
            severity="note",
        )


def _letters(place: int) -> str:
    """Returns the letters that a spreadsheet gives the column at that place, counted from 0.

    >>> _letters(0), _letters(25), _letters(26)
    ('A', 'Z', 'AA')
    """
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _add_failures(schema: TableSchema, table: TextTable, faults: Faults) -> None:
    frame = table.frame.reset_index(drop=True)
    try:
        pandera_schema(schema.name).validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as error:
        cases = error.failure_cases
    else:
        return
    positions: dict[tuple[str, str], set[int]] = {}
    for column, check, position in zip(cases["column"], cases["check"], cases["index"], strict=True):
        code = "VALUE_MISSING" if check == "not_nullable" else str(check)
        name = next((later for _, _, later, order, _, _ in ORDERS if order == code), str(column))
        positions.setdefault((name, code), set()).add(int(position))
    places = {column.name: place for place, column in enumerate(schema.columns)}
    for (name, code), rows in sorted(positions.items(), key=lambda item: (places[item[0][0]], item[0][1])):
        _add_failure(schema.column(name), code, sorted(rows), table, faults)


def _add_failure(column: Column, code: str, rows: list[int], table: TextTable, faults: Faults) -> None:
    message, next_step = _MESSAGES[code]
    if code == "CODE_UNKNOWN":
        next_step = _code_advice(column, str(table.frame[column.name].iloc[rows[0]]))
    faults.add(
        code,
        message,
        table=table,
        column=column.name,
        positions=rows,
        next_step=next_step,
        severity="note" if code in _NOTES else "error",
        show=column.type != "id",
    )


def _code_advice(column: Column, seen: str) -> str:
    """Returns the code that was probably meant, or the list. Only permitted codes are ever said, never the
    cell.
    """
    near = difflib.get_close_matches(seen.strip().casefold().replace(" ", "_"), column.values, n=1, cutoff=0.75)
    if near:
        return f'Did you mean "{near[0]}"?'
    if len(column.values) <= 9:
        return f"Use one of: {', '.join(column.values)}."
    return "The list of codes is in docs/schema.md."


def typed(name: str, table: TextTable) -> pd.DataFrame:
    """Returns the table's canonical columns with their types; a cell that cannot be read is None (and is a
    finding).
    """
    parsers: dict[str, Callable[[str], object | None]] = {
        "date": parse_date,
        "time": parse_time,
        "number": parse_number,
        "yes/no": parse_yes_no,
    }
    columns = {}
    for column in TABLES[name].columns:
        if column.name not in table.frame:
            continue
        values = table.frame[column.name]
        if column.type == "id":
            values = values.mask(values == SUPPRESSED, None)
        parse = parsers.get(column.type)
        columns[column.name] = parsed(values, parse)[0] if parse else values
    return pd.DataFrame(columns, index=table.frame.index)
