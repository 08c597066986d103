"""The reader of our own plain tables: CSV, Excel or Parquet, checked against docs/schema.md and keyed at
load.

CSV and Excel are read into memory and every id becomes a key. As soon as one table is Parquet nothing large
is read: the tables stay where they lie with the service's own ids, and the frame keys them as they leave
the engine.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sampling.errors import Finding, SourceError
from sampling.keys import Keyring
from sampling.model import Extract, ParquetFiles, Profile, Table
from sampling.sources.files import MAXIMUM_TEXT_CELL, read_table, sheet_names, shown_name, without_total_row
from sampling.sources.orders import AHEAD_DAYS, last_believed
from sampling.sources.parquet import columns_of, count_orphans, day_counts, days_of, read_column
from sampling.sources.parquet_checks import EVENT_IDENTITY, Summary, check_parquet
from sampling.sources.tables import TABLES, Column, to_arrow
from sampling.sources.text import Faults, TextTable

SYSTEM = "canonical"
CORE = tuple(name for name, table in TABLES.items() if not table.extension)
KEY_KINDS = {
    "case_id": "case",
    "person_id": "person",
    "practitioner_id": "practitioner",
    "supervisor_id": "practitioner",
    "author_id": "practitioner",
    "approved_by": "practitioner",
}
CHILDREN_PLAN_KINDS = frozenset(("cin", "cp", "looked_after", "pathway"))
# Kinds that only a children's social care record has (Annex A lists 1 to 9); one of them is enough to tell
# the profile.
CHILDREN_EVENT_KINDS = frozenset(
    """
    contact_received early_help_assessment referral_received re_referral assessment_started
    assessment_authorised assessment_late strategy_discussion repeat_section_47 conference_held
    conference_late repeat_protection_plan emergency_protection statutory_visit visit_overdue
    child_not_seen_alone return_interview_not_done placement_move many_placements
    legal_status_change step_down_reversed
    """.split()
)
_TEXT_SUFFIXES = (".csv", ".txt", ".tsv")
_BOOK_SUFFIXES = (".xlsx", ".xlsm")
# The days that tell how far an extract reaches.
_REACHING = (("events", "happened_on"), ("allocations", "started"))
_MAJORITY = 2  # more than one row in two without its case: the ids of the two tables are not the same ids
# What each missing table keeps from being told.
_TELLS = {
    "practitioners": "Who left or supervises whom: no table of practitioners was supplied.",
    "events": "Recorded change: no table of events was supplied, so no case can be eligible by its events.",
    "plans": "Plans: no table of plans was supplied, so a plan not recorded cannot be told from none.",
    "documents": "Documents on the record: no table of documents was supplied.",
}


@dataclass(frozen=True)
class Found:
    """Where one table stands: a text file, a sheet of a workbook (`sheet`), or Parquet parts."""

    paths: tuple[Path, ...]
    sheet: str | None = None

    @property
    def is_parquet(self) -> bool:
        """Returns whether the table is Parquet, and so stays where it lies."""
        return self.paths[0].suffix.lower() == ".parquet"

    @property
    def shown(self) -> str:
        """Returns the name for findings: the file's, or the parts' number."""
        first = shown_name(self.paths[0])
        return first if len(self.paths) == 1 else f"{first} and {len(self.paths) - 1} more part(s)"


def recognises(path: Path) -> bool:
    """Returns whether the path is a folder or workbook with a table `cases` and a table `allocations`."""
    try:
        names = set(find_tables(path, CORE))
    except SourceError:
        return False
    return {"cases", "allocations"} <= names


def find_tables(path: Path, names: Iterable[str]) -> dict[str, Found]:
    """Returns where each of the named tables stands in a folder or workbook.

    Raises SourceError when the path does not exist, or a table stands there in more than one form.
    """
    wanted = tuple(names)
    if path.is_file() and path.suffix.lower() in _BOOK_SUFFIXES:
        sheets = {sheet.strip().casefold().replace(" ", "_"): sheet for sheet in sheet_names(path)}
        return {name: Found((path,), sheets[name]) for name in wanted if name in sheets}
    if path.is_file() and path.stem.casefold() in wanted:
        return {path.stem.casefold(): Found((path,))}
    if not path.is_dir():
        raise SourceError(f"{shown_name(path)}: there is no such folder or workbook. Check the path.")
    found = {}
    for name in wanted:
        forms = _forms(path, name)
        if len(forms) > 1:
            raise SourceError(
                f"The table {name} stands in the folder in {len(forms)} forms. Keep one of: "
                + ", ".join(form.shown for form in forms)
                + "."
            )
        if forms:
            found[name] = forms[0]
    return found


def _forms(folder: Path, name: str) -> list[Found]:
    files = [item for item in sorted(folder.iterdir()) if item.is_file() and not item.name.startswith((".", "~$"))]
    forms = [
        Found((item,))
        for item in files
        if item.stem.casefold() == name and item.suffix.lower() in (*_TEXT_SUFFIXES, *_BOOK_SUFFIXES)
    ]
    parts = [
        item
        for item in files
        if item.suffix.lower() == ".parquet"
        and (item.stem.casefold() == name or item.stem.casefold().startswith(f"{name}-"))
    ]
    inside = sorted((folder / name).glob("*.parquet")) if (folder / name).is_dir() else []
    if parts:
        forms.append(Found(tuple(parts)))
    if inside:
        forms.append(Found(tuple(inside)))
    return forms


def load_text(
    name: str, found: Found, faults: Faults, *, longest_cell: int = MAXIMUM_TEXT_CELL * 4
) -> tuple[pa.Table, TextTable] | None:
    """Returns one CSV file or sheet as that canonical table, with local ids, and the same rows as text.

    None when it cannot be typed. Every fault is added to `faults`. An event that stands twice is left out once.
    """
    from sampling.sources.schema import check_text, typed, with_canonical_headers  # pandera is slow to import

    try:
        text: TextTable = read_table(found.paths[0], sheet=found.sheet, longest_cell=longest_cell)
    except SourceError as error:
        message = error.message.removeprefix(f"{found.shown}: ").rstrip(".")
        faults.findings.append(Finding("FILE_UNREADABLE", message, file=found.shown))
        return None
    text = with_canonical_headers(without_total_row(text, faults))
    if not check_text(name, text, faults):
        return None
    frame = typed(name, text)
    if name == "events" and "event_id" in frame:
        text, frame = _without_repeats(text, frame, faults)
    return to_arrow(name, frame), text


def _without_repeats(text: TextTable, frame: pd.DataFrame, faults: Faults) -> tuple[TextTable, pd.DataFrame]:
    """Returns the events without those of an event_id, case, day and kind that stand further up, and notes them."""
    again = (frame.duplicated(list(EVENT_IDENTITY)) & frame["event_id"].notna()).to_numpy()
    if not again.any():
        return text, frame
    faults.add(
        "EVENT_TWICE",
        "the event stands in the table already (same event_id, case, day and kind)",
        table=text,
        column="event_id",
        positions=[place for place, repeated in enumerate(again) if repeated],
        next_step="It is counted once.",
        severity="note",
        show=False,
    )
    kept = tuple(text.row_of(place) for place, repeated in enumerate(again) if not repeated)
    return replace(text, frame=text.frame[~again], rows=kept), frame[~again]


def keyed(table: pa.Table, keyring: Keyring, system: str, prefix: str = "") -> pa.Table:
    """Returns the table with a key in place of each id of a case, person or practitioner; `prefix` goes
    before each.
    """
    for place, name in enumerate(table.column_names):
        kind = KEY_KINDS.get(name)
        if kind is None:
            continue
        ids = table.column(place).cast(pa.string()).combine_chunks()
        encoded = (ids.combine_chunks() if isinstance(ids, pa.ChunkedArray) else ids).dictionary_encode()
        keys = [keyring.key(kind, system, prefix + local) for local in encoded.dictionary.to_pylist()]
        table = table.set_column(place, name, pa.array(keys, pa.string()).take(encoded.indices))
    return table


def read(path: Path, keyring: Keyring, *, profile: Profile = "adult", as_of: date | None = None) -> Extract:
    """Returns the canonical folder or workbook as an extract, with every fault as a finding.

    The profile becomes "children" when a plan or event is of a kind that only children's social care
    records. `covers_to` is `as_of` when given, else the last day on which an event happened or an
    allocation started that is no slip of the year (sampling.sources.orders.last_believed). Parquet tables may lack optional columns. `details` says how `covers_to` came about,
    and which columns (table.column, with commas) were not supplied. Raises SourceError when there is
    nothing to read at all: no such path, no table of cases, or a table in two forms.
    """
    faults = Faults()
    found = find_tables(path, CORE)
    if "cases" not in found:
        raise SourceError(f"{shown_name(path)}: there is no table of cases. Add cases.csv, .xlsx or .parquet.")
    if "allocations" not in found:
        faults.add(
            "TABLE_MISSING",
            "there is no table of allocations",
            next_step="Add allocations.csv: who held which case, from when to when.",
        )
    local = any(place.is_parquet for place in found.values())
    loaded = _load_all(found, faults)
    tables = {name: one.table for name, one in loaded.items()}
    _check_links(found, tables, faults)
    if not local:
        tables = {name: keyed(table, keyring, SYSTEM) for name, table in tables.items() if _is_loaded(table)}
    covers_to, how = _covers_to(found, loaded, as_of, faults)
    absent = [f"{name}.{column.name}" for name, one in loaded.items() for column in one.absent(name)]
    return Extract(
        format="canonical",
        profile="children" if _is_childrens(loaded) else profile,
        system=SYSTEM,
        covers_to=covers_to,
        tables={name: (table,) for name, table in tables.items()},
        ids="local" if local else "key",
        findings=tuple(faults.findings),
        cannot_tell=tuple(text for name, text in _TELLS.items() if name not in tables),
        details={"covers_to": how, "not_supplied": ",".join(absent)},
    )


@dataclass(frozen=True)
class _Loaded:
    """One table, what its check learnt, the columns that its file has, and its text where it is no Parquet."""

    table: Table
    summary: Summary
    given: set[str]
    text: TextTable | None = None

    def absent(self, name: str) -> list[Column]:
        return [column for column in TABLES[name].columns if column.name not in self.given]


def _load_all(found: Mapping[str, Found], faults: Faults) -> dict[str, _Loaded]:
    loaded = {}
    for name, place in found.items():
        if place.is_parquet:
            summary = check_parquet(name, place.shown, place.paths, faults)
            if summary is not None:
                loaded[name] = _Loaded(ParquetFiles(place.paths), summary, columns_of(place.paths))
        else:
            text = load_text(name, place, faults)
            if text is not None:
                loaded[name] = _Loaded(text[0], _summary(name, text[0]), set(text[1].frame.columns), text[1])
    return loaded


def _is_loaded(table: Table) -> bool:
    return not isinstance(table, ParquetFiles)


def _summary(name: str, table: pa.Table) -> Summary:
    codes, days = {}, {}
    for column in TABLES[name].columns:
        if column.values:
            codes[column.name] = set(pc.unique(table[column.name]).drop_null().to_pylist())
        elif column.type == "date":
            ends = pc.min_max(table[column.name]).as_py()
            if ends["min"] is not None:
                days[column.name] = (ends["min"], ends["max"])
    return Summary(table.num_rows, codes=codes, days=days)


def _covers_to(
    found: Mapping[str, Found], loaded: Mapping[str, _Loaded], as_of: date | None, faults: Faults
) -> tuple[date | None, str]:
    """Returns the last day that the extract reaches and how it is known, and notes the days that lie beyond it."""
    rows: Counter[date] = Counter()
    for name, column in _REACHING:
        if name in loaded and column in loaded[name].summary.days:
            rows.update(_days(loaded[name].table, column))
    last = as_of + timedelta(days=AHEAD_DAYS) if as_of else last_believed(rows)
    if last is None:
        return None, "no event or allocation is dated"
    for name, column in _REACHING:
        ends = loaded[name].summary.days.get(column) if name in loaded else None
        if ends and ends[1] > last:
            _note_future(loaded[name], found[name].shown, column, last, faults)
    if as_of:
        return as_of, "the day of the extract, as given"
    return last, "the last day of an event or a new allocation"


def _days(table: Table, column: str) -> Counter[date]:
    return day_counts(table.paths, column) if isinstance(table, ParquetFiles) else days_of(table[column])


def _note_future(loaded: _Loaded, shown: str, column: str, last: date, faults: Faults) -> None:
    message = "the day lies long after every other day of the extract, so that it does not say how far that reaches"
    step = "Correct the year at its source; or name the day of the extract."
    table = loaded.table
    if loaded.text is None or isinstance(table, ParquetFiles):
        count = sum(number for day, number in _days(table, column).items() if day > last)
        faults.findings.append(Finding("FUTURE_EVENT", message, step, "note", shown, column=column, count=count))
        return
    late = pc.fill_null(pc.greater(table[column], pa.scalar(last, pa.date32())), False).to_pylist()
    rows = [place for place, ahead in enumerate(late) if ahead]
    faults.add(
        "FUTURE_EVENT", message, table=loaded.text, column=column, positions=rows, next_step=step, severity="note"
    )


def _is_childrens(loaded: Mapping[str, _Loaded]) -> bool:
    plans, events = (
        loaded[name].summary.codes.get("kind", set()) if name in loaded else set() for name in ("plans", "events")
    )
    return bool(plans & CHILDREN_PLAN_KINDS or events & CHILDREN_EVENT_KINDS)


def _ids(table: Table, column: str) -> pa.Array:
    values = read_column(table.paths, column) if isinstance(table, ParquetFiles) else table[column]
    return pc.unique(values).drop_null()


def _check_links(found: Mapping[str, Found], tables: Mapping[str, Table], faults: Faults) -> None:
    """Adds a finding where rows name a case, or an allocation a practitioner, that the extract does not have.

    A few are a note: an extract of open cases meets the history of closed ones. A majority is an error,
    because then the two tables do not use the same ids (leading zeros lost in one of them, say).
    """
    links = [
        (name, "case_id", "cases") for name in tables if name != "cases" and name in CORE and name != "practitioners"
    ]
    links.append(("allocations", "practitioner_id", "practitioners"))
    for name, column, other in links:
        if name not in tables or other not in tables:
            continue
        table = tables[name]
        known = _ids(tables[other], column)
        orphans, rows = _orphans(table, column, known)
        if not orphans:
            continue
        most = orphans * _MAJORITY > rows
        faults.findings.append(
            Finding(
                "IDS_DO_NOT_MATCH" if most else "ID_UNKNOWN",
                f"most rows name a {column} that is not in {other}" if most else f"a {column} that is not in {other}",
                "Check that both tables were exported with the same ids." if most else "These rows are not used.",
                "error" if most else "note",
                found[name].shown,
                column=column,
                count=orphans,
            )
        )


def _orphans(table: Table, column: str, known: pa.Array) -> tuple[int, int]:
    """Returns how many rows name an id that is not known, and how many rows were looked at."""
    if isinstance(table, ParquetFiles):
        return count_orphans(table.paths, column, known)
    found = pc.sum(pc.is_in(table[column], value_set=known.cast(table[column].type))).as_py() or 0
    return table.num_rows - table[column].null_count - found, table.num_rows
