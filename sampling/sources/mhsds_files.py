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
from sampling.sources.files import CleanText, Faults, sheet_names, shown_name
from sampling.sources.mhsds_cells import FoundTable, load_part, month_end
from sampling.sources.mhsds_codes import TABLE_SPECS, TableSpec
from sampling.sources.mhsds_names import plain

SUFFIXES = (".csv", ".txt", ".tsv", ".xlsx", ".xlsm", ".parquet")
_TABLE_NAME = re.compile(r"mhs(\d{3})([a-z0-9]*?)((?:19|20)\d{2}(?:0[1-9]|1[0-2]))?(?:\d{2})?$")
LATER = ["_period", "_record", "_file", "_row"]  # the order in which a later row replaces an earlier one
BY_MONTH = (
    "005",
    "006",
    "101",
)  # tables of which every month's rows are kept, since what changed between months counts
FIRST_SEEN = ("006", "101", "102")
_MONTH = re.compile(r"((?:19|20)\d{2})[-_ ]?(0[1-9]|1[0-2])(?:\D|$)")


@dataclass
class Loaded:
    """All tables of a folder by number, prepared: `_file`, `_row`, `_period` and `_provider` say where each row came from."""

    frames: dict[str, pd.DataFrame] = field(default_factory=dict)
    by_month: dict[str, pd.DataFrame] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    paths: list[Path] = field(default_factory=list)
    providers: tuple[str, ...] = ()

    def table(self, number: str) -> pd.DataFrame:
        """Returns the table of that number, with all elements that are read from it; without rows when it is absent."""
        return self._complete(number, self.frames.get(number, pd.DataFrame()))

    def months_of(self, number: str) -> pd.DataFrame:
        """Returns one row a natural key and month, where `table` has the latest month's alone; for tables of BY_MONTH."""
        return self._complete(number, self.by_month.get(number, pd.DataFrame()))

    def latest_months(self) -> dict[str, pd.Timestamp]:
        """Returns the end of the latest month in which each provider submitted referrals or co-ordinators."""
        rows = pd.concat([self.table(number)[["_provider", "_period"]] for number in ("006", "101")])
        return dict(rows.dropna().groupby("_provider")["_period"].max())

    def _complete(self, number: str, frame: pd.DataFrame) -> pd.DataFrame:
        spec = TABLE_SPECS[number]
        frame = frame.reindex(columns=[*frame.columns, *[e for e in spec.elements if e not in frame]])
        for column in (*spec.ids, *spec.times, *spec.codes):
            frame[column] = frame[column].astype(object)
        for column in spec.dates:
            frame[column] = frame[column].astype("datetime64[s]")
        for column in ("_period", "_first"):
            days = frame[column] if column in frame else pd.Series(pd.NaT, index=frame.index)
            frame[column] = days.astype("datetime64[s]")
        frame["_provider"] = frame["_provider"].astype(object) if "_provider" in frame else None
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
        path for path in [*folder.glob("*"), *folder.glob("*/*")] if path.suffix.lower() in SUFFIXES and path.is_file()
    ]
    found: list[FoundTable] = []
    for path in sorted(paths):
        if path.name.startswith((".", "~$")):
            continue
        sheets = sheet_names(path) if path.suffix.lower() in (".xlsx", ".xlsm") and not table_number(path.stem) else []
        named: list[tuple[str | None, str]] = [(sheet, sheet) for sheet in sheets] or [(None, path.stem)]
        for sheet, name in named:
            known = table_number(name)
            if known:
                found.append(FoundTable(path, sheet, known[0], known[1], _month_in(f"{path.parent.name}/{path.stem}")))
    return found


def _month_in(name: str) -> pd.Timestamp | None:
    months = re.findall(_MONTH, name)
    return month_end(int(months[-1][0]), int(months[-1][1])) if months else None


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
    cleaned = CleanText()
    for item in sorted(found, key=lambda table: table.number):
        _note_old_name(item, faults)
        if item.number in TABLE_SPECS:
            part = load_part(item, len(loaded.files), faults, cleaned)
            loaded.paths.append(item.path)
            loaded.files.append(
                shown_name(item.path) if item.sheet is None else f"{shown_name(item.path)} [{item.sheet}]"
            )
            if part is not None:
                parts.setdefault(item.number, []).append(part)
    frames = {number: pd.concat(frames, ignore_index=True) for number, frames in parts.items()}
    loaded.rows = {number: len(frame) for number, frame in frames.items()}
    _fill_period_and_provider(frames, loaded, faults)
    _undated(frames, loaded, faults)
    for number, frame in frames.items():
        spec = TABLE_SPECS[number]
        frame = _with_prefix(frame, spec)
        if number in BY_MONTH:
            months = frame.sort_values(LATER, na_position="first", kind="stable")
            key = [name for name in (*spec.key, "_period") if name in frame]
            loaded.by_month[number] = months.drop_duplicates(key, keep="last")
        loaded.frames[number] = _latest(frame, spec, loaded, faults)
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


def _fill_period_and_provider(frames: Mapping[str, pd.DataFrame], loaded: Loaded, faults: Faults) -> None:
    """Completes `_period` and `_provider` where the rows do not tell them: from the header of the same workbook, else of the
    same folder, else from the only one there is."""
    header = frames.get("000", pd.DataFrame(columns=["OrgIDProvider", "ReportingPeriodEndDate", "_file"]))
    named = sorted(str(code) for code in header["OrgIDProvider"].dropna().unique())
    for frame in frames.values():
        files = frame["_file"][frame["_period"].isna() | frame["_provider"].isna()].unique()
        ends = {file: _from_header(header, int(file), "ReportingPeriodEndDate", loaded) for file in files}
        owners = {file: _from_header(header, int(file), "OrgIDProvider", loaded) for file in files}
        frame["_period"] = frame["_period"].fillna(frame["_file"].map(ends).astype("datetime64[s]"))
        provider = frame["_provider"].astype(object)
        frame["_provider"] = provider.where(provider.notna(), frame["_file"].map(owners))
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


def _from_header(header: pd.DataFrame, file: int, column: str, loaded: Loaded) -> object:
    """Returns what the header nearest to a file says in that column, or None when it says nothing or several things."""
    paths = [loaded.paths[int(other)] for other in header["_file"]]
    own = loaded.paths[file]
    same_book = [path == own for path in paths]
    same_folder = [path.parent == own.parent for path in paths]
    nearest = next((near for near in (same_book, same_folder) if any(near)), [True] * len(paths))
    values = header[column][nearest].dropna().unique()
    return values[0] if len(values) == 1 else None


def _undated(frames: Mapping[str, pd.DataFrame], loaded: Loaded, faults: Faults) -> None:
    """Adds an error for each table with rows of which nobody can tell the month, where there is more than one month."""
    if "000" not in frames or frames["000"]["ReportingPeriodEndDate"].nunique() < 2:
        return
    for number, frame in sorted(frames.items()):
        rows = frame[frame["_period"].isna()]
        if number not in {*BY_MONTH, *FIRST_SEEN}:  # elsewhere the month only says which of two rows is the later one
            key = [name for name in TABLE_SPECS[number].key if name in frame]
            rows = rows[frame.duplicated(key, keep=False)[rows.index]]
        if rows.empty or number == "000":
            continue
        message = "the folder has headers of several months, and nothing tells to which of them the row belongs"
        next_step = "Put each month, with its own MHS000Header, into a folder of its own, or write the month (2026-10) into the file's name."
        faults.findings.append(
            loaded.finding("PERIOD_UNKNOWN", message, rows, column="", next_step=next_step, severity="error")
        )


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
    frame = frame.sort_values(LATER, na_position="first", kind="stable")
    if spec.number in FIRST_SEEN:
        frame["_first"] = frame.groupby(key, dropna=False)["_period"].transform("min")
    if spec.number == "001":
        # A death is submitted in its own month alone (rule MHS00158 rejects it later): keep it from whichever month has it.
        frame["PersDeathDate"] = (
            frame.groupby(key)["PersDeathDate"].transform("max") if "PersDeathDate" in frame else pd.NaT
        )
    _note_conflicts(frame, spec, key, loaded, faults)
    return frame.drop_duplicates(key, keep="last").reset_index(drop=True)


def _note_conflicts(frame: pd.DataFrame, spec: TableSpec, key: Sequence[str], loaded: Loaded, faults: Faults) -> None:
    """Adds a finding where one month holds a key twice: an error for a referral that says two things, else a note."""
    dated = frame[frame["_period"].notna()]
    twice = (
        dated[dated.duplicated([*key, "_period", "_record"], keep=False)] if spec.number != "000" else dated.iloc[:0]
    )
    if twice.empty:
        return
    values = [name for name in spec.elements if name in frame]
    same = twice.duplicated([*values, "_period", "_record"], keep=False)
    conflicting = twice[~same]
    serious = spec.number == "101" and not conflicting.empty
    message = f"the same {' + '.join(key)} stands more than once in one month" + (
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


def to_day(value: object) -> date | None:
    """Returns a timestamp as a day, or None for a missing one."""
    return None if value is None or value is pd.NaT or pd.isna(value) else pd.Timestamp(value).date()  # type: ignore[arg-type, call-overload]
