"""The data-quality report of an extract, as text and as a page.

What is wrong, what is recorded, what the extract cannot tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from sampling.errors import Finding
from sampling.model import Count, Extract, ParquetFiles, Table
from sampling.policy import load_signals
from sampling.signals import signal_table
from sampling.sources.parquet import columns_of, count_nulls, row_count
from sampling.sources.tables import TABLES, TableSchema

NOT_A_RISK_ASSESSMENT = (
    "This is not a risk assessment. It says what the record holds, in order to draw a sample of cases for supervision."
)
_FORMAT_NAMES = {
    "canonical": "Our own plain tables",
    "mhsds": "Mental Health Services Data Set",
    "annex-a": "Ofsted Annex A workbook",
    "database": "Database",
}
_PROFILE_NAMES = {"adult": "Adult mental health", "children": "Children's social care"}


@dataclass(frozen=True)
class FilledColumn:
    """How much of one column is filled; `empty` is None where the column was known not to be supplied."""

    name: str
    meaning: str
    rows: int
    empty: int | None

    @property
    def unfilled(self) -> str:
        """Returns why nothing is in the column, or nothing when something is."""
        if self.empty is None:
            return "not supplied"
        return "nothing recorded" if self.empty >= self.rows else ""

    @property
    def share(self) -> str:
        """Returns the share of filled rows in whole per cent; 100% is said only where it is exact."""
        if self.unfilled:
            return self.unfilled
        empty = self.empty or 0
        percent = round(100 * (self.rows - empty) / self.rows)
        return "100%" if not empty else "under 1%" if percent < 1 else "over 99%" if percent > 99 else f"{percent}%"


@dataclass(frozen=True)
class FilledTable:
    """How much of one canonical table is filled; `rows` is None where the table was not supplied."""

    name: str
    meaning: str
    rows: int | None
    columns: tuple[FilledColumn, ...] = ()

    @property
    def words(self) -> str:
        """Returns the table's state in words, with "not supplied" apart from "none"."""
        if self.rows is None:
            return "Not supplied: what it would hold is not known."
        if not self.rows:
            return "None: the table was supplied and has no rows."
        return f"{self.rows:,} row{'' if self.rows == 1 else 's'}."


def filled(extract: Extract) -> tuple[FilledTable, ...]:
    """Returns, for each canonical table, how much of each column is filled.

    A column counts as not supplied where the reader says so (`details["not_supplied"]`, as table.column
    with commas), and while no extension table fills it. Of Parquet only the metadata is read, where it
    tells. Extension tables are listed only when supplied; those that joined the events, plans or documents
    are counted there.
    """
    absent = set(extract.details.get("not_supplied", "").split(","))
    return tuple(
        _filled_table(schema, extract.tables.get(name), absent)
        for name, schema in TABLES.items()
        if name in extract.tables or not schema.extension
    )


def _filled_table(schema: TableSchema, parts: tuple[Table, ...] | None, absent: set[str]) -> FilledTable:
    if parts is None:
        return FilledTable(schema.name, schema.meaning, None)
    rows = 0
    empty = {column.name: 0 for column in schema.columns}
    for part in parts:
        part_rows, nulls = _part(part, set(empty))
        rows += part_rows
        for name in empty:
            empty[name] += nulls.get(name, part_rows)
    columns = tuple(
        FilledColumn(
            column.name,
            column.meaning,
            rows,
            None if empty[column.name] == rows and f"{schema.name}.{column.name}" in absent else empty[column.name],
        )
        for column in schema.columns
    )
    return FilledTable(schema.name, schema.meaning, rows, columns if rows else ())


def _part(part: Table, names: set[str]) -> tuple[int, dict[str, int]]:
    if isinstance(part, ParquetFiles):
        rows = row_count(part.paths)
        return rows, count_nulls(part.paths, columns_of(part.paths) & names)
    return part.num_rows, {name: part[name].null_count for name in names if name in part.column_names}


def verdict(extract: Extract) -> str:
    """Returns the verdict in one sentence.

    >>> verdict(Extract("canonical", "adult", "canonical", None, {}, findings=(Finding("X", "x"),)))
    '1 error stops a draw; 0 notes.'
    """
    errors = len(extract.errors)
    notes = len(extract.findings) - errors
    end = f"{notes} note{'' if notes == 1 else 's'}."
    if not errors:
        return f"Nothing stops a draw; {end}"
    return f"{errors} error{' stops' if errors == 1 else 's stop'} a draw; {end}"


def _advice(extract: Extract) -> str:
    if extract.errors:
        return "Mend the errors where the data comes from, make the extract again, and check it again."
    return "Read the notes and the counts, then freeze the month."


def describe_count(count: Count) -> str:
    """Returns a count against its control total in words.

    Without a total the words are empty: the report says once, above the counts, that none was given.

    >>> describe_count(Count("open_cases", 1200, 1234))
    '34 fewer than your own total'
    """
    if count.expected is None:
        return ""
    difference = count.found - count.expected
    if not difference:
        return "the same as your own total"
    return f"{abs(difference):,} {'more' if difference > 0 else 'fewer'} than your own total"


def _about_totals(extract: Extract) -> str:
    """Returns the sentence above the counts: whether the service gave totals of its own."""
    given = sum(count.expected is not None for count in extract.counts)
    if not given:
        return "You gave no totals of your own to compare with (the extension table control_totals)."
    return "Your own totals are compared where you gave one."


def untold_signals(extract: Extract) -> tuple[str, ...]:
    """Returns the signals that the extract cannot tell, in words: they are neither found nor ruled out.

    A database is asked for its tables only when a draw is made, so that nothing is said of it here.
    """
    if extract.format == "database":
        return ()
    policy = load_signals(extract.profile)
    day = extract.covers_to or date(2000, 1, 1)  # the windows do not matter here
    untold = signal_table(policy, day, frozenset(extract.tables), extract.cannot).cannot_tell
    return tuple(signal.many for signal in policy.signals if signal.id in untold)


def _facts(extract: Extract) -> list[tuple[str, str]]:
    covers = f"{extract.covers_to.day} {extract.covers_to:%B %Y}" if extract.covers_to else "not known"
    how = extract.details.get("covers_to")
    return [
        ("Format", _FORMAT_NAMES.get(extract.format, extract.format)),
        ("Service", _PROFILE_NAMES[extract.profile]),
        ("Covers up to", f"{covers} ({how})" if how else covers),
    ]


def report(extract: Extract) -> str:
    """Returns the report as plain text, the verdict first."""
    lines = [verdict(extract), _advice(extract), ""]
    lines += [f"{name}: {value}" for name, value in _facts(extract)]
    for title, findings in (("Errors", extract.errors), ("Notes", _notes(extract))):
        lines += ["", f"{title}:"] + ([f"  {finding.line()}" for finding in findings] or ["  none"])
    lines += ["", f"Counts: {_about_totals(extract)}" if extract.counts else "Counts:"]
    lines += [f"  {_count_line(count)}" for count in _ordered(extract.counts)] or ["  none"]
    lines += ["", "Recorded and not recorded:", *_filled_lines(extract)]
    lines += ["", "What the extract cannot tell:"]
    lines += [f"  {text}" for text in extract.cannot_tell] or ["  nothing is missing that this tool looks for"]
    lines += ["", "Signals that the extract cannot tell (neither found nor ruled out in any case):"]
    lines += [f"  {words}" for words in untold_signals(extract)] or ["  none"]
    return "\n".join([*lines, "", NOT_A_RISK_ASSESSMENT]) + "\n"


def _count_line(count: Count) -> str:
    words = describe_count(count)
    return f"{_name(count)}: {count.found:,}" + (f" ({words})" if words else "")


def _filled_lines(extract: Extract) -> Iterator[str]:
    for table in filled(extract):
        yield f"  {table.name}: {table.words}"
        for column in table.columns:
            yield f"    {column.name:<16}{column.share}"


def _notes(extract: Extract) -> Sequence[Finding]:
    return [finding for finding in extract.findings if finding.severity == "note"]


def _name(count: Count) -> str:
    name = count.name.replace("_", " ")
    return name[:1].upper() + name[1:]


def _ordered(counts: Sequence[Count]) -> list[Count]:
    """Returns the counts that the service gave a total for first."""
    return sorted(counts, key=lambda count: count.expected is None)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


@cache
def page_environment() -> Environment:
    """Returns the template environment of all pages, one in a process: everything escaped, an unknown name an error."""
    environment = Environment(
        loader=PackageLoader("sampling", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["sentence"] = _sentence
    return environment


def page(extract: Extract, *, made_at: str) -> str:
    """Returns the report as one HTML file without script or network; `made_at` is shown as it is given."""
    return (
        page_environment()
        .get_template("check.html.j2")
        .render(
            verdict=verdict(extract),
            advice=_advice(extract),
            facts=_facts(extract),
            errors=extract.errors,
            notes=_notes(extract),
            counts=[_count_row(count) for count in _ordered(extract.counts)],
            tables=[_table_rows(table) for table in filled(extract)],
            about_totals=_about_totals(extract),
            cannot_tell=extract.cannot_tell,
            untold=untold_signals(extract),
            made_at=made_at,
        )
    )


def _count_row(count: Count) -> dict[str, str]:
    expected = "" if count.expected is None else f"{count.expected:,}"
    return {
        "name": _name(count),
        "found": f"{count.found:,}",
        "expected": expected,
        "words": _sentence(describe_count(count)) if count.expected is not None else "",
    }


def _table_rows(table: FilledTable) -> dict[str, object]:
    columns = [
        {
            "name": column.name,
            "meaning": column.meaning,
            "unfilled": column.unfilled,
            "percent": column.share,
            "width": 0 if not column.rows else 100 * (column.rows - (column.empty or 0)) // column.rows,
            "empty": "" if column.empty is None else f"{column.empty:,}",
        }
        for column in table.columns
    ]
    return {
        "name": table.name,
        "title": table.name.replace("_", " ").capitalize(),
        "words": table.words,
        "columns": columns,
    }
