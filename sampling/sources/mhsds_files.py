"""From a folder of MHSDS files to one frame a table: names understood, dates and codes read, the latest submission kept.

NHS number, postcode and every other column that is not used never leave this module. The date of birth becomes an age band
here, and goes no further.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pandas as pd

from sampling.errors import Finding, Severity, SourceError
from sampling.sources import mhsds_codes as codes
from sampling.sources.files import (
    Faults,
    TextTable,
    parse_date,
    read_table,
    sheet_names,
    shown_name,
    to_dates,
    to_times,
)
from sampling.sources.mhsds_codes import TABLE_SPECS, TableSpec

SUFFIXES = (".csv", ".txt", ".tsv", ".xlsx", ".xlsm", ".parquet")
SUPPRESSED = "*"  # NHS England's mark of a suppressed number, found in cells of derived extracts
AGE_BANDS = ((0, 17), (18, 24), (25, 34), (35, 44), (45, 54), (55, 64), (65, 74), (75, 84))
OLDEST_BAND = "85+"
# Databases write an empty date as one of these; no referral, plan or allocation of this century has such a day.
PLACEHOLDER_DATES = (pd.Timestamp("1901-12-31"), pd.Timestamp("2100-01-01"))
_TABLE_NAME = re.compile(r"mhs(\d{3})([a-z0-9]*?)((?:19|20)\d{2}(?:0[1-9]|1[0-2]))?(?:\d{2})?$")
_MONTH = re.compile(r"((?:19|20)\d{2})[-_ ]?(0[1-9]|1[0-2])(?:\D|$)")


@dataclass(frozen=True)
class FoundTable:
    """A file, or a sheet of a workbook, that holds an MHSDS table; `month` is the period end that its name tells, if it does."""

    path: Path
    sheet: str | None
    number: str
    label: str
    month: pd.Timestamp | None


@dataclass
class Loaded:
    """All tables of a folder by number, prepared: `_file`, `_row`, `_period` and `_provider` say where each row came from."""

    frames: dict[str, pd.DataFrame] = field(default_factory=dict)
    teams_by_month: pd.DataFrame = field(default_factory=pd.DataFrame)
    rows: dict[str, int] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    providers: tuple[str, ...] = ()

    def table(self, number: str) -> pd.DataFrame:
        """Returns the table of that number, with all elements that are read from it; without rows when it is absent."""
        spec = TABLE_SPECS[number]
        frame = self.frames.get(number, pd.DataFrame())
        frame = frame.reindex(columns=[*frame.columns, *[e for e in spec.elements if e not in frame]])
        for column in spec.dates:
            frame[column] = frame[column].astype("datetime64[s]")
        for column in ("_period", "_first"):
            frame[column] = frame[column].astype("datetime64[s]") if column in frame else pd.NaT
        return frame

    def has(self, number: str) -> bool:
        """Returns whether the folder holds the table in a readable form."""
        return number in self.frames

    def finding(
        self, code: str, message: str, rows: pd.DataFrame, *, column: str, next_step: str, severity: Severity
    ) -> Finding:
        """Returns a finding on these rows: the first one's file and row, and how many there are. Never a value."""
        first = rows.iloc[0]
        file, row = self.files[int(first["_file"])], int(first["_row"])
        return Finding(code, message, next_step, severity, file, "", column, row, "", len(rows))


def plain(name: str) -> str:
    """Returns a name without case, spaces, underscores or other marks.

    >>> plain("Care_Prof_Local_Id") == plain("CareProfLocalID")
    True
    """
    return re.sub(r"[^a-z0-9]", "", name.lower())


def table_number(name: str) -> tuple[str, str] | None:
    """Returns the table's number and the name without its number, or None when the name is not that of an MHSDS table.

    >>> table_number("dbo_MHS101_Referral"), table_number("MHS101Referral_202610"), table_number("cases")
    (('101', 'referral'), ('101', 'referral'), None)
    """
    match = re.search(_TABLE_NAME, plain(name))
    return (match[1], match[2]) if match else None


def find_tables(folder: Path) -> list[FoundTable]:
    """Returns the MHSDS tables in a folder and the folders directly in it, ordered by name. Raises SourceError for a bad workbook."""
    paths = [
        path
        for path in [*folder.glob("*"), *folder.glob("*/*")]
        if path.suffix.lower() in SUFFIXES and path.is_file()
    ]
    found: list[FoundTable] = []
    for path in sorted(paths):
        if path.name.startswith((".", "~$")):
            continue
        sheets = (
            sheet_names(path)
            if path.suffix.lower() in (".xlsx", ".xlsm") and not table_number(path.stem)
            else []
        )
        for sheet, name in [(sheet, sheet) for sheet in sheets] or [(None, path.stem)]:
            known = table_number(name)
            if known:
                found.append(
                    FoundTable(path, sheet, known[0], known[1], _month_in(f"{path.parent.name}/{path.stem}"))
                )
    return found


def _month_in(name: str) -> pd.Timestamp | None:
    months = re.findall(_MONTH, name)
    return _month_end(int(months[-1][0]), int(months[-1][1])) if months else None


def _month_end(year: int, month: int) -> pd.Timestamp:
    return pd.Timestamp(year=year, month=month, day=1) + pd.offsets.MonthEnd(0)


def load(folder: Path, faults: Faults) -> Loaded:
    """Returns the folder's tables. Adds a finding for each fault; raises SourceError when there is not one MHSDS table."""
    found = [table for table in find_tables(folder)]
    if not found:
        raise SourceError(
            f"{shown_name(folder)}: no MHSDS table was found. Put the extracts (MHS000Header, MHS001MPI, MHS101Referral and "
            "so on, as CSV, .xlsx or Parquet) into one folder and name that folder."
        )
    loaded = Loaded()
    parts: dict[str, list[pd.DataFrame]] = {}
    for item in sorted(found, key=lambda table: table.number):
        _note_old_name(item, faults)
        if item.number in TABLE_SPECS:
            part = _load_part(item, len(loaded.files), faults)
            loaded.files.append(
                shown_name(item.path) if item.sheet is None else f"{shown_name(item.path)} [{item.sheet}]"
            )
            if part is not None:
                parts.setdefault(item.number, []).append(part)
    frames = {number: pd.concat(frames, ignore_index=True) for number, frames in parts.items()}
    loaded.rows = {number: len(frame) for number, frame in frames.items()}
    _fill_period_and_provider(frames, loaded, faults)
    for number, frame in frames.items():
        spec = TABLE_SPECS[number]
        if number == "101":
            loaded.teams_by_month = frame
        loaded.frames[number] = _latest(_with_prefix(frame, spec), spec, loaded, faults)
    loaded.teams_by_month = _with_prefix(loaded.teams_by_month, TABLE_SPECS["101"])
    return loaded


def _note_old_name(item: FoundTable, faults: Faults) -> None:
    old = {plain(name)[6:]: (name, new) for name, new in codes.V5_TABLES.items()}
    renamed = codes.V5_RENUMBERED.get(item.number)
    file = shown_name(item.path)
    if item.label in old:
        name, new = old[item.label]
        faults.findings.append(
            Finding("V5_NAME", f"{name} is the v5 name of {new}; it was read as such", "", "note", file)
        )
    elif renamed:
        faults.findings.append(
            Finding(
                "V5_NAME",
                f"MHS{item.number} is the v5 number of {renamed}; the draw needs neither",
                "",
                "note",
                file,
            )
        )


def _load_part(item: FoundTable, file_index: int, faults: Faults) -> pd.DataFrame | None:
    """Returns one file's rows with v6 names, dates, times and codes read; None when elements that must be there are not."""
    spec = TABLE_SPECS[item.number]
    table = read_table(item.path, sheet=item.sheet)
    table = _renamed(table, spec, faults)
    missing = [name for name in spec.needed if name not in table.frame]
    for name in missing:
        faults.add(
            "COLUMN_MISSING",
            f"the table {spec.name} has no column {name}",
            table=table,
            column=name,
            next_step="Export the table again with this column.",
        )
    if missing:
        return None
    frame = _parsed(table, spec, faults)
    frame["_file"] = file_index
    frame["_row"] = range(table.first_row, table.first_row + len(frame))
    frame["_period"] = _periods(table, item)
    frame["_record"] = (
        pd.to_numeric(table.frame[codes.RECORD_COLUMN], errors="coerce")
        if codes.RECORD_COLUMN in table.frame
        else float("nan")
    )
    own = [name for name in codes.PROVIDER_COLUMNS if name in table.frame]
    frame["_provider"] = table.frame[own[0]] if own else None
    filled = (
        frame[[name for name in spec.needed if name in spec.ids or name in spec.dates]].notna().all(axis=1)
    )
    return frame[filled]


def _renamed(table: TextTable, spec: TableSpec, faults: Faults) -> TextTable:
    """Returns the table with the names of v6, and with no column but those that are read."""
    old = {plain(name): new for name, new in codes.V5_ELEMENTS.get(spec.number, {}).items()}
    extra = (codes.MONTH_COLUMN, codes.RECORD_COLUMN, codes.PERIOD_END_COLUMN, *codes.PROVIDER_COLUMNS)
    wanted = {plain(name): name for name in (*spec.elements, *extra)}
    if spec.number == "001":
        wanted[plain(codes.BIRTH_ELEMENT)] = codes.BIRTH_ELEMENT
    if spec.number == "202":
        wanted[plain(codes.V5_STAFF_ELEMENT)] = codes.V5_STAFF_ELEMENT
    taken: dict[str, int] = {}
    for position, name in enumerate(table.frame.columns):
        if plain(str(name)) in wanted:
            taken.setdefault(wanted[plain(str(name))], position)
    for position, name in enumerate(table.frame.columns):
        new = old.get(plain(str(name)))
        if new and new not in taken:
            taken[new] = position
            faults.add(
                "V5_NAME",
                f"{name} is the v5 name of {new}; it was read as such",
                table=table,
                column=new,
                severity="note",
            )
    if spec.number == "202" and codes.V5_STAFF_ELEMENT in taken:
        message = (
            "the practitioner stands in MHS202 as in v5; where MHS206StaffActivity names one, that one counts"
        )
        faults.add("V5_NAME", message, table=table, column=codes.V5_STAFF_ELEMENT, severity="note")
    frame = table.frame.iloc[:, list(taken.values())].copy()
    frame.columns = pd.Index(list(taken))
    return TextTable(table.file, table.sheet, frame, table.first_row)


def _parsed(table: TextTable, spec: TableSpec, faults: Faults) -> pd.DataFrame:
    _drop_suppressed(table, spec, faults)
    frame = pd.DataFrame(index=table.frame.index)
    for name in spec.ids:
        if name in table.frame:
            frame[name] = table.frame[name]
            if name in spec.needed:
                _missing(table, name, faults)
    if spec.number == "202" and codes.V5_STAFF_ELEMENT in table.frame:
        frame[codes.V5_STAFF_ELEMENT] = table.frame[codes.V5_STAFF_ELEMENT]
    for name in spec.dates:
        if name in table.frame:
            frame[name] = _dates(table, name, spec, faults)
    for name in spec.times:
        if name in table.frame:
            frame[name] = to_times(table, name, faults)
    for name in spec.codes:
        if name in table.frame:
            frame[name] = _coded(table, name, faults)
    if spec.number == "001":
        frame["_born"] = _birth_dates(table, faults)
    return frame


def _drop_suppressed(table: TextTable, spec: TableSpec, faults: Faults) -> None:
    for name in table.frame.columns:
        marked = table.frame[name] == SUPPRESSED
        if marked.any():
            positions = [int(position) for position in marked.to_numpy().nonzero()[0]]
            message = "the value is suppressed (*), which is read as not recorded, never as a number"
            next_step = "Ask for an extract without suppression if this column matters."
            faults.add(
                "SUPPRESSED_VALUE",
                message,
                table=table,
                column=str(name),
                positions=positions,
                next_step=next_step,
                severity="note",
            )
            table.frame[name] = table.frame[name].mask(marked, None)


def _missing(table: TextTable, name: str, faults: Faults) -> None:
    empty = table.frame[name].isna()
    if empty.any():
        positions = [int(position) for position in empty.to_numpy().nonzero()[0]]
        faults.add(
            "VALUE_MISSING",
            "a value is required",
            table=table,
            column=name,
            positions=positions,
            next_step="Fill the cell at its source.",
        )


def _dates(table: TextTable, name: str, spec: TableSpec, faults: Faults) -> pd.Series:
    if name in spec.needed:
        _missing(table, name, faults)
    days = to_dates(table, name, faults).astype("datetime64[s]")
    early, late = PLACEHOLDER_DATES
    placeholder = (days <= early) | (days >= late)
    if placeholder.any():
        positions = [int(position) for position in placeholder.to_numpy().nonzero()[0]]
        message = "a day before 1902 or after 2099 is a database's mark for no date, and was read as empty"
        faults.add(
            "PLACEHOLDER_DATE", message, table=table, column=name, positions=positions, severity="note"
        )
    return days.mask(placeholder)


def _coded(table: TextTable, name: str, faults: Faults) -> pd.Series:
    values = table.frame[name].astype(object)
    if name in codes.TWO_DIGITS:
        values = values.map(lambda text: text.zfill(2) if isinstance(text, str) and text.isdigit() else text)
    known = codes.NATIONAL_CODES.get(name)
    if known is None:
        return values
    unknown = values.notna() & ~values.isin(known)
    if unknown.any():
        positions = [int(position) for position in unknown.to_numpy().nonzero()[0]]
        severity: Severity = "error" if name in codes.DECISIVE else "note"
        next_step = (
            "Correct the code at its source." if severity == "error" else "It was read as not recorded."
        )
        message = "this is no code of the national list"
        faults.add(
            "CODE_UNKNOWN",
            message,
            table=table,
            column=name,
            positions=positions,
            next_step=next_step,
            severity=severity,
        )
    return values.mask(unknown, None)


def _birth_dates(table: TextTable, faults: Faults) -> pd.Series:
    """Returns the dates of birth, for `age_band` alone. A finding here never shows the value."""
    if codes.BIRTH_ELEMENT not in table.frame:
        return pd.Series(pd.NaT, index=table.frame.index)
    texts = table.frame[codes.BIRTH_ELEMENT]
    parsed = texts.map({text: parse_date(text) for text in texts.dropna().unique()})
    bad = (texts.notna() & parsed.isna()).to_numpy().nonzero()[0]
    if len(bad):
        row = table.row_of(int(bad[0]))
        message = "the date of birth cannot be read, so there is no age band"
        faults.findings.append(
            Finding(
                "BIRTH_UNREADABLE",
                message,
                "",
                "note",
                table.file,
                table.sheet,
                codes.BIRTH_ELEMENT,
                row,
                "",
                len(bad),
            )
        )
    return parsed.astype("datetime64[s]")


def _periods(table: TextTable, item: FoundTable) -> pd.Series:
    """Returns the end of the reporting period of each row, from the row itself or the file's name; NaT when neither tells."""
    frame = table.frame
    if codes.MONTH_COLUMN in frame:
        numbers = pd.to_numeric(frame[codes.MONTH_COLUMN], errors="coerce")
        return numbers.map({n: _numbered_month(int(n)) for n in numbers.dropna().unique()}).astype(
            "datetime64[s]"
        )
    if codes.PERIOD_END_COLUMN in frame:
        ends = frame[codes.PERIOD_END_COLUMN]
        return ends.map({text: parse_date(text) for text in ends.dropna().unique()}).astype("datetime64[s]")
    return pd.Series(item.month if item.month is not None else pd.NaT, index=frame.index).astype(
        "datetime64[s]"
    )


def _numbered_month(number: int) -> pd.Timestamp:
    months = codes.FIRST_MONTH - 1 + number - 1
    return _month_end(codes.FIRST_MONTH_YEAR + months // 12, months % 12 + 1)


def _fill_period_and_provider(frames: Mapping[str, pd.DataFrame], loaded: Loaded, faults: Faults) -> None:
    """Completes `_period` and `_provider` from the header where the rows do not tell them."""
    header = frames.get("000", pd.DataFrame(columns=["OrgIDProvider", "ReportingPeriodEndDate"]))
    ends = header["ReportingPeriodEndDate"].dropna().drop_duplicates()
    named = sorted(str(code) for code in header["OrgIDProvider"].dropna().unique())
    for frame in frames.values():
        if len(ends) == 1:
            frame["_period"] = frame["_period"].fillna(ends.iloc[0])
        if len(named) == 1:
            frame["_provider"] = frame["_provider"].astype(object).where(frame["_provider"].notna(), named[0])
    seen = {str(code) for frame in frames.values() for code in frame["_provider"].dropna().unique()}
    loaded.providers = tuple(sorted(seen))
    unknown = [number for number, frame in frames.items() if frame["_provider"].isna().any()]
    if unknown:
        message = (
            "the provider is not known"
            if not named
            else "the header names several providers and the rows do not say which is theirs"
        )
        next_step = "Export MHS000Header, or each table with its column OrgIDProv."
        faults.findings.append(Finding("PROVIDER_UNKNOWN", f"MHS{unknown[0]}: {message}", next_step))


def _with_prefix(frame: pd.DataFrame, spec: TableSpec) -> pd.DataFrame:
    """Returns the frame with provider code + ":" before each local id, since local ids of two providers may be the same."""
    if frame.empty:
        return frame
    prefix = frame["_provider"].fillna("").astype(str) + ":"
    own = [name for name in (*spec.ids, codes.V5_STAFF_ELEMENT) if name in frame]
    return frame.assign(
        **{
            name: (prefix + frame[name].astype("string")).astype(object).where(frame[name].notna(), None)
            for name in dict.fromkeys(own)
        }
    )


def _latest(frame: pd.DataFrame, spec: TableSpec, loaded: Loaded, faults: Faults) -> pd.DataFrame:
    """Returns one row a natural key: the latest by reporting period, then record number, then order of files and rows."""
    key = [name for name in spec.key if name in frame]
    by = ["_period", "_record", "_file", "_row"]
    frame = frame.sort_values(by, na_position="first", kind="stable")
    if spec.number in ("101", "102"):
        frame["_first"] = frame.groupby(key, dropna=False)["_period"].transform("min")
    if spec.number == "001":
        # A death is submitted in its own month alone (rule MHS00158 rejects it later): keep it from whichever month has it.
        frame["PersDeathDate"] = (
            frame.groupby(key)["PersDeathDate"].transform("max") if "PersDeathDate" in frame else pd.NaT
        )
    _note_conflicts(frame, spec, key, loaded, faults)
    return frame.drop_duplicates(key, keep="last").reset_index(drop=True)


def _note_conflicts(
    frame: pd.DataFrame, spec: TableSpec, key: Sequence[str], loaded: Loaded, faults: Faults
) -> None:
    """Adds a finding where one month holds a key twice: an error for a referral that says two things, else a note."""
    dated = frame[frame["_period"].notna()]
    twice = (
        dated[dated.duplicated([*key, "_period", "_record"], keep=False)]
        if spec.number != "000"
        else dated.iloc[:0]
    )
    if twice.empty:
        return
    values = [name for name in spec.elements if name in frame]
    same = twice.duplicated([*values, "_period", "_record"], keep=False)
    conflicting = twice[~same]
    serious = spec.number == "101" and not conflicting.empty
    message = f"the same {key[0]} stands more than once in one month" + (
        " and says different things" if serious else "; the last row counts"
    )
    finding = loaded.finding(
        "ROW_CONFLICT" if serious else "ROW_REPEATED",
        message,
        conflicting if serious else twice,
        column=key[0],
        next_step="Keep one row of each referral in each month." if serious else "",
        severity="error" if serious else "note",
    )
    faults.findings.append(finding)


def age_bands(born: pd.Series, on: pd.Series) -> pd.Series:
    """Returns the age band on the given days, or None where no date of birth is recorded. Nothing of the birth date remains."""
    passed = (on.dt.month * 100 + on.dt.day) >= (born.dt.month * 100 + born.dt.day)
    years = on.dt.year - born.dt.year - (~passed).astype(int)
    edges = [first for first, _ in AGE_BANDS] + [AGE_BANDS[-1][1] + 1, 200]
    labels = [f"{first}-{last}" for first, last in AGE_BANDS] + [OLDEST_BAND]
    return pd.cut(years, bins=edges, labels=labels, right=False).astype(object).where(born.notna(), None)


def to_day(value: object) -> date | None:
    """Returns a timestamp as a day, or None for a missing one."""
    return None if value is None or value is pd.NaT or pd.isna(value) else pd.Timestamp(value).date()  # type: ignore[arg-type, call-overload]
