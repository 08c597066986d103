"""The extension tables: what a service knows and no national extract carries, put beside an extract of any
format.

Review dates, safeguarding concerns, out-of-hours contacts and notes join the plans, events and documents;
exclusions, tabled cases, supervisions and control totals stay tables of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sampling.errors import Finding
from sampling.keys import Keyring
from sampling.model import Count, Extract, ParquetFiles, Table
from sampling.sources.canonical import KEY_KINDS, find_tables, keyed, load_text
from sampling.sources.parquet import chunks, columns_of, read_column, row_count
from sampling.sources.parquet_checks import check_parquet
from sampling.sources.tables import EVENT_KINDS, PLAN_KINDS, TABLES, arrow_schema
from sampling.sources.text import Faults

NOTES = "notes"  # words of the record: read apart, and for the drawn cases alone (sampling/sources/notes.py)
EXTENSION = tuple(name for name, table in TABLES.items() if table.extension and name != NOTES)
FOLDER = "extension"
_EVENT_OF = {"safeguarding": "safeguarding_concern", "out_of_hours": "out_of_hours_contact"}
_SEPARATOR = "\x1f"
_KEPT = ("supervisions", "exclusions", "tabled")  # stay tables of their own
_MUST_BE_KNOWN = (
    "exclusions",
    "tabled",
)  # a case left out or put forward by hand must be the case that was meant
# What the report says is not told, unless the extension tells it, and the words by which a reader may have
# said it already.
_TELLS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "review_due": ("Review dates of plans.", ("review date", "review_due", "review due")),
    "safeguarding": ("Safeguarding concerns and referrals.", ("safeguarding",)),
    "supervisions": ("Supervision sessions held.", ("supervision",)),
    "out_of_hours": (
        "Out-of-hours contacts, such as messages.",
        ("out-of-hours", "out of hours", "out_of_hours"),
    ),
    "note_index": ("Which notes exist.", ("note", "document")),
}


def locate(source: Path, format: str) -> Path | None:
    """Returns where a source's own extension tables stand: its folder `extension`, else (canonical) beside
    the others.
    """
    if (source / FOLDER).is_dir():
        return source / FOLDER
    if format == "canonical" and find_tables(source, (*EXTENSION, NOTES)):
        return source
    return None


def apply(extract: Extract, path: Path | None, keyring: Keyring, *, draw_date: date | None = None) -> Extract:
    """Returns the extract with the extension tables of a folder or workbook merged, and its control totals
    compared.

    Ids are the service's own, as in the extract; where the extract has keys they are keyed alike. A row
    whose case the extract does not have is left out: an error for exclusions and tabled cases, a note for
    the rest. A review date goes to every running plan of that case and kind, and makes a plan row when
    there is none. Open cases are counted on the draw date, or else on the last day of the extract; a control
    total that differs from them is an error. Raises SourceError when the path does not exist.
    """
    faults = Faults()
    given = _read(extract, path, keyring, faults) if path else {}
    given = known_only(extract, given, faults)
    counts = _counts(extract, given.get("control_totals"), draw_date, faults)
    tables = dict(extract.tables)
    for name in _KEPT:
        if name in given:
            tables[name] = (given[name],)
    for name, (target, build) in _ROWS.items():
        if name in given:
            tables[target] = (*tables.get(target, ()), build(given[name]))
    if "review_due" in given:
        tables["plans"] = (
            _with_review_dates(_in_memory("plans", tables.get("plans", ())), given["review_due"], faults),
        )
    return replace(
        extract,
        tables=tables,
        counts=counts,
        findings=(*extract.findings, *faults.findings),
        cannot_tell=_still_untold(extract, given),
        cannot=_cannot(extract, given),
    )


def _cannot(extract: Extract, given: Mapping[str, pa.Table]) -> frozenset[str]:
    """Returns what still cannot be told: a table that the extension alone fills tells what it was given and no more."""
    told = {kind for name, kind in _EVENT_OF.items() if name in given}
    if "local_events" in given:
        told |= set(given["local_events"]["kind"].to_pylist())
    cannot = set(extract.cannot)
    if "events" not in extract.tables and any(name in given and _ROWS[name][0] == "events" for name in _ROWS):
        cannot |= set(EVENT_KINDS)
    if "review_due" in given:
        told |= {f"review_overdue:{kind}" for kind in given["review_due"]["kind"].to_pylist()}
        if "plans" not in extract.tables:
            cannot |= {f"{basis}:{kind}" for basis in ("plan_stale", "review_overdue") for kind in PLAN_KINDS}
    return frozenset(cannot - told)


def _read(extract: Extract, path: Path, keyring: Keyring, faults: Faults) -> dict[str, pa.Table]:
    given = {}
    for name, place in find_tables(path, EXTENSION).items():
        if place.is_parquet:
            if check_parquet(name, place.shown, place.paths, faults) is None:
                continue
            table: pa.Table | None = _in_memory(name, (ParquetFiles(place.paths),))
        else:
            loaded = load_text(name, place, faults)
            table = loaded[0] if loaded else None
        if table is None:
            continue
        if extract.ids == "key":
            table = keyed(as_the_reader_spells(extract, table), keyring, extract.system, extract.local_prefix)
        given[name] = table
    return given


def as_the_reader_spells(extract: Extract, table: pa.Table) -> pa.Table:
    """Returns the table with worker names spelt as the Annex A reader spells them before it keys them."""
    if extract.format != "annex-a":
        return table
    from sampling.sources.annex_a_workers import fold_name

    for place, name in enumerate(table.column_names):
        if KEY_KINDS.get(name) == "practitioner":
            names = [None if local is None else fold_name(local) for local in table[name].to_pylist()]
            table = table.set_column(place, name, pa.array(names, pa.string()))
    return table


def _in_memory(name: str, parts: tuple[Table, ...]) -> pa.Table:
    """Returns all parts of a small table as one, with the canonical columns in order."""
    schema = arrow_schema(name)
    tables = []
    for part in parts:
        if isinstance(part, ParquetFiles):
            columns = [column for column in schema.names if column in columns_of(part.paths)]
            tables += [conform(pq.read_table(path, columns=columns), schema) for path in part.paths]
        else:
            tables.append(conform(part, schema))
    return pa.concat_tables(tables) if tables else schema.empty_table()


def conform(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Returns the table with the schema's columns in order, those that it lacks all null."""
    columns = [
        table[field.name].cast(field.type) if field.name in table.column_names else pa.nulls(table.num_rows, field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def known_only(extract: Extract, given: Mapping[str, pa.Table], faults: Faults) -> dict[str, pa.Table]:
    """Returns the tables without the rows of cases that the extract does not have, and adds a finding for
    those.
    """
    parts = extract.tables.get("cases")
    if not parts:
        return dict(given)
    known = pa.chunked_array([chunk for part in parts for chunk in _text_column(part, "case_id").chunks], pa.string())
    kept = {}
    for name, table in given.items():
        kept[name] = table
        if "case_id" not in table.column_names:
            continue
        right = pc.or_(pc.is_in(table["case_id"], value_set=known), pc.is_null(table["case_id"]))
        kept[name] = table.filter(right)
        strange = table.num_rows - kept[name].num_rows
        if strange:
            must = name in _MUST_BE_KNOWN
            faults.findings.append(
                Finding(
                    "EXTENSION_CASE_UNKNOWN",
                    f"{strange} {'row of' if strange == 1 else 'rows of'} {name} "
                    f"{'names' if strange == 1 else 'name'} a case that the extract does not have",
                    "Correct the case id, or remove the row." if must else "These rows are not used.",
                    "error" if must else "note",
                    column="case_id",
                )
            )
    return kept


def _text_column(part: Table, column: str) -> pa.ChunkedArray:
    return read_column(part.paths, column) if isinstance(part, ParquetFiles) else part[column].cast(pa.string())


def _rows(name: str, table: pa.Table, columns: Mapping[str, object]) -> pa.Table:
    """Returns rows of a canonical table: each column an array, or one text for all rows; the others null."""
    arrays = []
    for field in arrow_schema(name):
        value = columns.get(field.name)
        if value is None or isinstance(value, str):
            arrays.append(pa.repeat(pa.scalar(value, field.type), table.num_rows))
        else:
            arrays.append(value)
    return pa.Table.from_arrays(arrays, schema=arrow_schema(name))


def _from_safeguarding(table: pa.Table) -> pa.Table:
    return _rows(
        "events",
        table,
        {
            "case_id": table["case_id"],
            "happened_on": table["raised_on"],
            "kind": "safeguarding_concern",
            "source_table": "safeguarding",
        },
    )


def _from_out_of_hours(table: pa.Table) -> pa.Table:
    pathway = pc.if_else(table["in_pathway"], "in pathway", "outside pathway")
    columns = {name: table[name] for name in ("case_id", "practitioner_id", "happened_on", "happened_at")}
    return _rows(
        "events",
        table,
        {**columns, "kind": "out_of_hours_contact", "source_table": "out_of_hours", "source_code": pathway},
    )


def _from_local_events(table: pa.Table) -> pa.Table:
    columns = {name: table[name] for name in ("case_id", "happened_on", "kind")}
    return _rows("events", table, {**columns, "source_table": "local_events"})


def _from_note_index(table: pa.Table) -> pa.Table:
    return _rows("documents", table, {name: table[name] for name in table.column_names})


_ROWS: Mapping[str, tuple[str, Callable[[pa.Table], pa.Table]]] = {
    "safeguarding": ("events", _from_safeguarding),
    "out_of_hours": ("events", _from_out_of_hours),
    "local_events": ("events", _from_local_events),
    "note_index": ("documents", _from_note_index),
}


def _with_review_dates(plans: pa.Table, review: pa.Table, faults: Faults) -> pa.Table:
    """Returns the plans with their review dates: the latest given for a case and kind, on each plan that
    has not ended.
    """
    latest = review.group_by(["case_id", "kind"]).aggregate([("review_due", "max")])
    if latest.num_rows < review.num_rows:
        faults.findings.append(
            Finding(
                "REVIEW_DATE_TWICE",
                "a case has more than one review date for one kind of plan",
                "The latest is used.",
                "note",
                column="review_due",
                count=review.num_rows - latest.num_rows,
            )
        )
    wanted = pc.binary_join_element_wise(latest["case_id"], latest["kind"], _SEPARATOR)
    running = pc.is_null(plans["ended"])
    key = pc.if_else(running, pc.binary_join_element_wise(plans["case_id"], plans["kind"], _SEPARATOR), None)
    dates = latest["review_due_max"].take(pc.index_in(key, value_set=wanted.combine_chunks()))
    place = plans.schema.get_field_index("review_due")
    plans = plans.set_column(place, plans.schema.field(place), pc.coalesce(dates, plans["review_due"]))
    new = latest.filter(pc.invert(pc.is_in(wanted, value_set=key.combine_chunks())))
    added = _rows("plans", new, {"case_id": new["case_id"], "kind": new["kind"], "review_due": new["review_due_max"]})
    return pa.concat_tables([plans, added])


def _row_count(parts: tuple[Table, ...]) -> int:
    return sum(row_count(part.paths) if isinstance(part, ParquetFiles) else part.num_rows for part in parts)


def _open_cases(parts: tuple[Table, ...], day: date | None) -> int:
    """Returns how many cases are open on the day, as the draw counts them; without a day, those not closed."""
    return sum(_open_in(piece, day) for part in parts for piece in _dated(part))


def _dated(part: Table) -> Iterator[pa.Table]:
    if isinstance(part, ParquetFiles):
        yield from chunks(part.paths, sorted({"opened", "closed"} & columns_of(part.paths)))
    else:
        yield part


def _open_in(table: pa.Table, day: date | None) -> int:
    closed = table["closed"] if "closed" in table.column_names else pa.nulls(table.num_rows, pa.date32())
    running = pc.is_null(closed)
    if day is not None:
        on = pa.scalar(day, pa.date32())
        running = pc.or_(running, pc.fill_null(pc.greater(closed.cast(pa.date32()), on), False))
        running = pc.and_(running, pc.fill_null(pc.less_equal(table["opened"], on), False))
    return int(pc.sum(running).as_py() or 0)


def _counts(extract: Extract, totals: pa.Table | None, draw_date: date | None, faults: Faults) -> tuple[Count, ...]:
    """Returns the extract's counts, each with the service's own total where it gave one.

    A difference in open cases is an error, since a freeze refuses it; another is a note. A total of open cases
    made on the last day of an extract that is newer than the draw date is right, too.
    """
    expected = dict(zip(totals["name"].to_pylist(), totals["expected"].to_pylist(), strict=True)) if totals else {}
    found = {count.name.casefold().replace(" ", "_"): count for count in extract.counts}
    for name in ("practitioners", "events", "plans"):
        if name in extract.tables and name not in found:
            found[name] = Count(name, _row_count(extract.tables[name]))
    right: set[int] = set()
    if "cases" in extract.tables:
        day = draw_date or extract.covers_to
        number = _open_cases(extract.tables["cases"], day)
        found["open_cases"] = Count("open_cases", number)
        right = {number}
        if day and extract.covers_to and day < extract.covers_to:
            right.add(_open_cases(extract.tables["cases"], extract.covers_to))
    for name, total in expected.items():
        if name is None or total is None:
            continue  # its own finding
        if name not in found:
            message = f"your own total of {name.replace('_', ' ')} was compared with nothing"
            step = (
                f"The extract has no table {'cases' if name == 'open_cases' else name}: export it, or remove the total."
            )
            faults.findings.append(Finding("CONTROL_TOTAL_UNUSED", message, step, "note"))
            continue
        found[name] = replace(found[name], expected=int(total))
        if int(total) not in (right if name == "open_cases" else {found[name].found}):
            faults.findings.append(_differing(found[name], int(total)))
    return tuple(found.values())


def _differing(count: Count, total: int) -> Finding:
    word = count.name.replace("_", " ")
    word = word.removesuffix("s") if count.found == 1 else word
    return Finding(
        "CONTROL_TOTAL_DIFFERS",
        f"the extract has {count.found:,} {word}, your own total is {total:,}",
        "Find out which cases are missing or too many before you draw.",
        "error" if count.name == "open_cases" else "note",
    )


def _still_untold(extract: Extract, given: Mapping[str, pa.Table]) -> tuple[str, ...]:
    untold = list(extract.cannot_tell)
    for name, (sentence, words) in _TELLS.items():
        said = [text for text in untold if any(word in text.casefold() for word in words)]
        if name in given:
            untold = [text for text in untold if text not in said]
        elif not said and extract.format != "database":
            untold.append(sentence)
    return tuple(untold)
