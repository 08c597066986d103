"""What a service's own PostgreSQL tables must look like, as SQL text and findings; the driver itself stays in the engine.

Everything that is wrong is found before anything is refused. Nothing is cast that could change an id: a decimal is not an id, and
a moment is not a day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sampling.errors import Finding
from sampling.sources.ids import MAXIMUM_ID_BYTES
from sampling.sources.tables import TABLES, Column

Rows = Callable[[str], list[tuple[Any, ...]]]

_TEXT = frozenset(("text", "varchar", "bpchar", "name", "uuid", "int2", "int4", "int8"))
_TYPES = {
    "date": frozenset(("date",)),
    "number": frozenset(("int2", "int4", "int8", "numeric", "float4", "float8")),
    "yes/no": frozenset(("bool",)),
    "time": _TEXT | {"time"},
}
_CASTS = {"date": "date", "number": "double precision", "yes/no": "boolean"}
_WRONG_TYPE = {
    "date": ("DATE_UNREADABLE", "the column is not of type date", "Give a view in which it is a date."),
    "number": ("NUMBER_UNREADABLE", "the column is not a number", "Give a view in which it is a number."),
    "yes/no": ("ANSWER_UNREADABLE", "the column is not a boolean", "Give a view in which it is a boolean."),
}
_NOT_TEXT = (
    "ID_DECIMAL",
    "the column is neither text nor whole numbers",
    "Give a view in which it is text, as the record system shows it.",
)

# A table is found as the connection's search path finds it. Domains count as the type that they stand on.
CATALOGUE_SQL = """
SELECT w.name, quote_ident(n.nspname) || '.' || quote_ident(c.relname), a.attname,
       CASE WHEN t.typtype = 'e' THEN 'text' ELSE coalesce(b.typname, t.typname) END
FROM unnest(ARRAY[{names}]) AS w(name)
JOIN pg_class AS c ON c.oid = to_regclass(quote_ident(w.name))
JOIN pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_type AS t ON t.oid = a.atttypid
LEFT JOIN pg_type AS b ON b.oid = t.typbasetype"""


@dataclass(frozen=True)
class Relation:
    """A table or view of the service: `source` is its quoted name, `types` leads from column to PostgreSQL type."""

    source: str
    types: Mapping[str, str]


def find_relations(names: Iterable[str], rows: Rows) -> dict[str, Relation]:
    """Returns the canonical tables that the database has, each with the columns that are there."""
    listed = ", ".join(f"'{name}'" for name in names)
    types: dict[str, dict[str, str]] = {}
    sources = {}
    for name, source, column, kind in rows(CATALOGUE_SQL.format(names=listed)):
        sources[name] = source
        types.setdefault(name, {})
        if column:
            types[name][column] = kind
    return {name: Relation(source, types[name]) for name, source in sources.items()}


def view_sql(name: str, relation: Relation | None) -> str:
    """Returns the temporary view that gives a canonical table: absent columns null, text compared by bytes in any database."""
    present = relation.types if relation else {}
    columns = ", ".join(_column_sql(column, column.name in present) for column in TABLES[name].columns)
    source = f"{relation.source} AS t" if relation else "(SELECT 1 WHERE false) AS t"
    return f"CREATE TEMPORARY VIEW {name} AS SELECT {columns} FROM {source}"


def _column_sql(column: Column, present: bool) -> str:
    value = f"t.{column.name}" if present else "NULL"
    kind = _CASTS.get(column.type)
    return (
        f"CAST({value} AS {kind}) AS {column.name}" if kind else f'CAST({value} AS text) COLLATE "C" AS {column.name}'
    )


def find_faults(names: Iterable[str], relations: Mapping[str, Relation], rows: Rows) -> list[Finding]:
    """Returns everything that is wrong with the database's tables: their presence, columns, types, and what they hold."""
    findings: list[Finding] = []
    for name in names:
        if name not in relations:
            if TABLES[name].required:
                message = f"there is no table {name} in the search path of the connection"
                findings.append(Finding("TABLE_MISSING", message, "Give a table or view of that name."))
            continue
        shape = _shape_faults(name, relations[name])
        findings += shape
        faulty = {finding.column for finding in shape}
        sound = [
            column
            for column in TABLES[name].columns
            if column.name in relations[name].types and column.name not in faulty
        ]
        findings += _content_faults(name, relations[name], sound, rows)
    return findings


def _shape_faults(name: str, relation: Relation) -> list[Finding]:
    faults = []
    for column in TABLES[name].columns:
        kind = relation.types.get(column.name)
        if kind is None:
            if column.required:
                next_step = "Give a view that has it (docs/schema.md)."
                faults.append(_finding("COLUMN_MISSING", "the column is not there", next_step, name, column.name))
        elif kind not in _TYPES.get(column.type, _TEXT):
            code, message, next_step = _WRONG_TYPE.get(column.type, _NOT_TEXT)
            faults.append(_finding(code, f"{message}, but of type {kind}", next_step, name, column.name))
    return faults


def _content_faults(name: str, relation: Relation, sound: list[Column], rows: Rows) -> list[Finding]:
    checks = [check for column in sound for check in _column_checks(name, column)]
    if not checks:
        return []
    counts = rows(f"SELECT {', '.join(sql for sql, _ in checks)} FROM {relation.source} AS t")[0]
    found = []
    for count, (_, finding) in zip(counts, checks, strict=True):
        if count:
            code, message, next_step, column = finding
            found.append(_finding(code, message, next_step, name, column, int(count)))
    return found


def _column_checks(name: str, column: Column) -> list[tuple[str, tuple[str, str, str, str]]]:
    """Returns the counts to take of one column, each with the finding that it makes when it is not 0."""
    value = f'CAST(t.{column.name} AS text) COLLATE "C"'
    checks = []
    if column.required:
        finding = ("VALUE_MISSING", "a value is required", "Fill it at its source.", column.name)
        checks.append((f"COUNT(*) FILTER (WHERE t.{column.name} IS NULL)", finding))
    if column.type == "id" and column.required:
        wrong = f"btrim({value}) = '' OR octet_length({value}) > {MAXIMUM_ID_BYTES} OR {value} ~ '[[:cntrl:]]'"
        message = f"the id is blank, holds a control character or is longer than {MAXIMUM_ID_BYTES} bytes"
        finding = ("ID_MALFORMED", message, "Correct it at its source.", column.name)
        checks.append((f"COUNT(*) FILTER (WHERE {wrong})", finding))
    if TABLES[name].unique == (column.name,):
        finding = ("ID_TWICE", "the id stands in more than one row", "Keep one row.", column.name)
        checks.append((f"COUNT({value}) - COUNT(DISTINCT {value})", finding))
    if column.values:
        listed = ", ".join(f"'{code}'" for code in column.values)
        finding = ("CODE_UNKNOWN", "the code is not in the list", "The list is in docs/schema.md.", column.name)
        checks.append((f"COUNT(*) FILTER (WHERE {value} NOT IN ({listed}))", finding))
    return checks


def _finding(code: str, message: str, next_step: str, table: str, column: str, count: int = 1) -> Finding:
    return Finding(code, message, next_step, "error", f"table {table}", column=column, count=count)
