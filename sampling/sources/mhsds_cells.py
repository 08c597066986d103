"""From one MHSDS file to a frame: names of v6, only the columns that are read, dates, times and codes understood.

NHS number, postcode and every other column that is not used never leave this module. The date of birth is kept only until
`age_bands` has been computed from it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from sampling.errors import Finding, Severity
from sampling.sources import mhsds_codes as codes
from sampling.sources.files import (
    CleanText,
    Faults,
    TextTable,
    add_shape_faults,
    parse_date,
    read_table,
    to_dates,
    to_times,
    without_total_row,
)
from sampling.sources.mhsds_codes import TABLE_SPECS, TableSpec
from sampling.sources.mhsds_lists import DECISIVE, NATIONAL_CODES, TWO_DIGITS
from sampling.sources.mhsds_names import names_read, plain, renamed, without_query_lines
from sampling.sources.values import has_short_year, has_zone_without_day

SUPPRESSED = "*"  # NHS England's mark of a suppressed number, found in cells of derived extracts
AGE_BANDS = ((0, 17), (18, 24), (25, 34), (35, 44), (45, 54), (55, 64), (65, 74), (75, 84))
OLDEST_BAND = "85+"
# Databases write an empty date as one of these; no referral, plan or allocation of this century has such a day.
PLACEHOLDER_DATES = (pd.Timestamp("1901-12-31"), pd.Timestamp("2100-01-01"))


@dataclass(frozen=True)
class FoundTable:
    """A file, or a sheet of a workbook, that holds an MHSDS table; `month` is the period end that its name tells, if it does."""

    path: Path
    sheet: str | None
    number: str
    label: str
    month: pd.Timestamp | None


def month_end(year: int, month: int) -> pd.Timestamp:
    """Returns the last day of a month."""
    return pd.Timestamp(year=year, month=month, day=1) + pd.offsets.MonthEnd(0)


def load_part(item: FoundTable, file_index: int, faults: Faults, cleaned: CleanText) -> pd.DataFrame | None:
    """Returns one file's rows with v6 names, dates, times and codes read; None when elements that must be there are not."""
    spec = TABLE_SPECS[item.number]
    wanted, old = names_read(spec)
    table = read_table(
        item.path,
        sheet=item.sheet,
        columns=lambda name: plain(name) in wanted or plain(name) in old,
        cleaned=cleaned,
    )
    table = without_total_row(without_query_lines(table, faults), faults)
    table = renamed(table, spec, faults)
    add_shape_faults(table, faults)
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
    frame["_row"] = table.rows or range(table.first_row, table.first_row + len(frame))
    frame["_period"] = _periods(table, item)
    frame["_record"] = (
        pd.to_numeric(table.frame[codes.RECORD_COLUMN], errors="coerce")
        if codes.RECORD_COLUMN in table.frame
        else float("nan")
    )
    own = [name for name in codes.PROVIDER_COLUMNS if name in table.frame]
    frame["_provider"] = table.frame[own[0]] if own else None
    filled = frame[[name for name in spec.needed if name in spec.ids or name in spec.dates]].notna().all(axis=1)
    return frame[filled]


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
            frame[name] = _times(table, name, faults)
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
    days = to_dates(_without_short_years(table, name, faults), name, faults).astype("datetime64[s]")
    early, late = PLACEHOLDER_DATES
    placeholder = (days <= early) | (days >= late)
    if placeholder.any():
        positions = [int(position) for position in placeholder.to_numpy().nonzero()[0]]
        message = "a day before 1902 or after 2099 is a database's mark for no date, and was read as empty"
        faults.add("PLACEHOLDER_DATE", message, table=table, column=name, positions=positions, severity="note")
    return days.mask(placeholder)


def _without_short_years(table: TextTable, name: str, faults: Faults) -> TextTable:
    """Returns the table without the days of that column whose year has two digits, as Access writes them, and a finding for each."""
    texts = table.frame[name]
    short = texts.isin([text for text in texts.dropna().unique() if has_short_year(text)])
    if not short.any():
        return table
    faults.add(
        "DATE_UNREADABLE",
        "the year has two digits, which does not say the century",
        table=table,
        column=name,
        positions=[int(position) for position in short.to_numpy().nonzero()[0]],
        next_step="Export the day as 2026-03-31 or 31-Mar-2026. In Access, give the column the format yyyy-mm-dd.",
    )
    return replace(table, frame=table.frame.assign(**{name: texts.mask(short, None)}))


def _times(table: TextTable, name: str, faults: Faults) -> pd.Series:
    texts = table.frame[name]
    zoned = texts.isin([text for text in texts.dropna().unique() if has_zone_without_day(text)])
    if zoned.any():
        message = f"{int(zoned.sum())} time(s) have a time zone but no day of their own; they were read as the clock in England"
        faults.add("TIME_ZONE_UNSURE", message, table=table, column=name, severity="note")
    return to_times(table, name, faults)


def _coded(table: TextTable, name: str, faults: Faults) -> pd.Series:
    values = table.frame[name].astype(object)
    if name in TWO_DIGITS:
        values = values.map(lambda text: text.zfill(2) if isinstance(text, str) and text.isdigit() else text)
    known = NATIONAL_CODES.get(name)
    if known is None:
        return values
    unknown = values.notna() & ~values.isin(known)
    if unknown.any():
        positions = [int(position) for position in unknown.to_numpy().nonzero()[0]]
        severity: Severity = "error" if name in DECISIVE else "note"
        next_step = "Correct the code at its source." if severity == "error" else "It was read as not recorded."
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
        return numbers.map({n: _numbered_month(int(n)) for n in numbers.dropna().unique()}).astype("datetime64[s]")
    if codes.PERIOD_END_COLUMN in frame:
        ends = frame[codes.PERIOD_END_COLUMN]
        return ends.map({text: parse_date(text) for text in ends.dropna().unique()}).astype("datetime64[s]")
    return pd.Series(item.month if item.month is not None else pd.NaT, index=frame.index).astype("datetime64[s]")


def _numbered_month(number: int) -> pd.Timestamp:
    months = codes.FIRST_MONTH - 1 + number - 1
    return month_end(codes.FIRST_MONTH_YEAR + months // 12, months % 12 + 1)


def age_bands(born: pd.Series, on: pd.Series) -> pd.Series:
    """Returns the age band on the given days, or None where no date of birth is recorded. Nothing of the birth date remains."""
    passed = (on.dt.month * 100 + on.dt.day) >= (born.dt.month * 100 + born.dt.day)
    years = on.dt.year - born.dt.year - (~passed).astype(int)
    edges = [first for first, _ in AGE_BANDS] + [AGE_BANDS[-1][1] + 1, 200]
    labels = [f"{first}-{last}" for first, last in AGE_BANDS] + [OLDEST_BAND]
    bands: pd.Series = pd.cut(years, bins=edges, labels=labels, right=False).astype(object)
    return bands.where(born.notna(), None)
