"""Reads an Ofsted Annex A workbook (ILACS child-level lists, August 2019) into the canonical tables.

Names of workers and ids of children become keys here. Names, dates of birth and postcodes go no further than
this reader: not into a table, a finding or an exception. Decisions on what a case is stand in annex_a_cases.py.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from sampling.errors import Finding, SourceError
from sampling.keys import Keyring
from sampling.model import Count, Extract, Table
from sampling.sources.annex_a_cases import Caseload, build_cases, build_plans
from sampling.sources.annex_a_cells import add_rows, typed_rows
from sampling.sources.annex_a_columns import ASSESSMENTS, CASE_LISTS
from sampling.sources.annex_a_events import Days, build_events, untold
from sampling.sources.annex_a_lists import LISTS
from sampling.sources.annex_a_sheets import RawSheet, find_sheets, read_sheets
from sampling.sources.annex_a_workers import possible_twins
from sampling.sources.files import Faults, shown_name
from sampling.sources.tables import to_arrow

SYSTEM = "annex-a"
Lists = Mapping[int, pd.DataFrame]

# Columns that look back from the day of the extract. Starts of plans are left out: many are years old.
_LOOKING_BACK = {
    1: ("happened",),
    2: ("started",),
    3: ("happened",),
    4: ("ended",),
    5: ("started", "conference"),
    6: ("last_seen",),
    7: ("visited", "reviewed"),
    8: ("visited", "reviewed"),
}
_NEWER_DAYS = 31  # an extract made within a month of the draw date tells its states well enough
_WINDOW_DAYS = 184  # six months, the window of the lists; the longest half year has 184 days

_CASE_NOTES = {
    "ANNEX_A_WORKERS_DIFFER": (
        "the lists name different workers for one open case; the worker of list 8 counts, then 7, 6, 9",
        "Check who is accountable for the child.",
    ),
    "ANNEX_A_OPENED_UNKNOWN": (
        "no list tells when the case was opened",
        "For a care leaver nothing need be done: list 9 has no dates.",
    ),
    "ANNEX_A_CLOSED_UNDATED": (
        "the case is said to be over without the day; it is taken as closed on the day of the extract",
        "Fill the closing date at its source.",
    ),
}

CANNOT_TELL = (
    "Who held a case before: Annex A names only the current worker, so that a change of worker cannot be "
    "told. Each allocation is taken to run from the day the case was opened.",
    "When things counted over twelve months happened (referrals, enquiries, placements, missing episodes): "
    "they are dated on the day of the extract, or on the draw date where the extract was made up to 31 days "
    "after it. How often within a shorter time cannot be told.",
    "Visits, reviews and conferences other than the last one.",
    "When a care leaver's case was opened (list 9 has no dates): the end of care is taken if known, else six "
    "months before the day of the extract.",
    "Review dates of child in need and pathway plans, core groups, the day a missing child came back.",
    "Agency workers, supervisors, working hours, and workers who hold no case.",
    "Notes, risk or safety plans, supervision, out-of-hours contacts: give them in the extension tables.",
)


def recognises(path: Path) -> bool:
    """Returns whether the file is an .xlsx workbook with sheets named as Annex A's lists, `List 6` or
    `List_6`.
    """
    if path.suffix.lower() not in (".xlsx", ".xlsm") or not zipfile.is_zipfile(path):
        return False
    try:
        found = find_sheets(path)
    except SourceError:
        return False
    return len(found) >= 3 or bool(set(found) & set(CASE_LISTS))


def read(workbook: Path, keyring: Keyring, *, as_of: date | None = None, draw_date: date | None = None) -> Extract:
    """Returns the workbook's data as canonical tables, with every fault found among `findings`.

    `as_of` is the day of the extract, which Annex A does not hold; without it, it is told from the dates (see
    `told_as_of`). What the lists give only as a state is dated on that day, or on the draw date where that is
    earlier: else an extract made after the month's end would lose it. More than 31 days later is an error.
    Raises SourceError when the file is not a workbook that can be read.
    """
    faults = Faults()
    sheets = read_sheets(workbook, faults)
    lists: Lists = {number: typed_rows(sheet, faults) for number, sheet in sheets.items() if LISTS[number].columns}
    counts = [Count(f"List {number} ({LISTS[number].title}) rows", sheet.filled) for number, sheet in sheets.items()]
    day = as_of or told_as_of(lists)
    cases_told = any(len(lists.get(number, ())) for number in (*CASE_LISTS, ASSESSMENTS))
    if not cases_told or day is None:
        _add_nothing_to_read(workbook, cases_told, faults)
        return _extract(None, {}, faults, counts, {}, sheets)
    _check_not_too_new(workbook, day, draw_date, faults)
    stamp = pd.Timestamp(day).as_unit("s")
    lists = _without_future(lists, sheets, stamp, faults)
    caseload = build_cases(lists, stamp)
    _note_cases(sheets, lists, caseload, faults)
    _note_workers(sheets, lists, faults)
    events = build_events(lists, Days(stamp, pd.Timestamp(min(day, draw_date or day)).as_unit("s")))
    known = events["child"].isin(caseload.cases["child"])
    counts += _case_counts(caseload, lists, int((~known).sum()))
    tables = _keyed(caseload, build_plans(lists), events[known], lists, keyring)
    how = "given" if as_of else "the latest date of what the lists look back on"
    return _extract(day, tables, faults, counts, {"as_of": day.isoformat(), "as_of_from": how}, sheets)


def told_as_of(lists: Lists) -> date | None:
    """Returns the day of the extract as the dates tell it, or None when there is no date.

    It is the latest date of a visit, review, contact, referral, enquiry or authorisation that is not more
    than six
    months after the middle one of them. The lists reach back six months, so that a later date is a slip.
    """
    days = [rows[name] for number, rows in lists.items() for name in _LOOKING_BACK.get(number, ()) if name in rows]
    days = days or [pd.Series(dtype="datetime64[s]")]
    known = pd.concat(days, ignore_index=True).dropna().sort_values(ignore_index=True)
    if known.empty:
        starts = [rows["started"] for number, rows in lists.items() if number in (4, 6, 7, 8)]
        known = pd.concat(starts or days, ignore_index=True).dropna().sort_values(ignore_index=True)
        return None if known.empty else _day(known.iloc[-1])
    middle = known.iloc[len(known) // 2]
    return _day(known[known <= middle + pd.Timedelta(days=_WINDOW_DAYS)].iloc[-1])


def _day(stamp: pd.Timestamp) -> date:
    return date(stamp.year, stamp.month, stamp.day)


def _add_nothing_to_read(workbook: Path, cases_told: bool, faults: Faults) -> None:
    file = shown_name(workbook)
    if cases_told:
        message = "no date in the lists tells the day of the extract"
        faults.findings.append(Finding("ANNEX_A_NO_DATE", message, "Name the day of the extract.", file=file))
        return
    message = "the workbook has no rows: no child on lists 6 to 9, no open assessment on list 4"
    step = "Hand over the filled workbook; this one is the empty template."
    faults.findings.append(Finding("ANNEX_A_NO_ROWS", message, step, file=file))


def _check_not_too_new(workbook: Path, day: date, draw_date: date | None, faults: Faults) -> None:
    if draw_date is None or day <= draw_date + timedelta(days=_NEWER_DAYS):
        return
    message = (
        f"the extract was made on {day.isoformat()}, {(day - draw_date).days} days after the draw date "
        f"{draw_date.isoformat()}: it no longer tells who was overdue or missing then"
    )
    step = f"Use an extract made at most {_NEWER_DAYS} days after the draw date, or draw a later month."
    faults.findings.append(Finding("ANNEX_A_TOO_NEW", message, step, file=shown_name(workbook)))


def _without_future(lists: Lists, sheets: Mapping[int, RawSheet], day: pd.Timestamp, faults: Faults) -> Lists:
    """Returns the lists without dates after the extract in columns that look back, and notes each such
    column.
    """
    message = f"a date lies after the day of the extract ({day.date().isoformat()}) and was left out"
    step = "Correct the cell at its source, or name the day of the extract."
    changed = dict(lists)
    for number, rows in lists.items():
        for name in _LOOKING_BACK.get(number, ()):
            ahead = rows[name] > day
            finding = Finding("ANNEX_A_AFTER_EXTRACT", message, step, "note")
            add_rows(faults, finding, sheets[number], name, rows.loc[ahead, "row"].tolist())
            if ahead.any() and name != "ended":
                changed[number] = changed[number].assign(**{name: changed[number][name].mask(ahead)})
    return changed


def _note_cases(sheets: Mapping[int, RawSheet], lists: Lists, caseload: Caseload, faults: Faults) -> None:
    cases = caseload.cases
    unheld = cases.loc[cases["open"] & cases["worker"].isna(), "child"]
    for number in (*CASE_LISTS, ASSESSMENTS):
        if number not in lists:
            continue
        rows = lists[number]
        without = rows.loc[rows["child"].isin(unheld), "row"].tolist()
        message = "no list names a worker for the open case, so that it cannot be drawn for anybody"
        step = "Allocate the case, or export its worker."
        add_rows(faults, Finding("ANNEX_A_NO_WORKER", message, step, "note"), sheets[number], "worker", without)
        if number != ASSESSMENTS:
            message = "the child is on the list more than once; the case is open while one of the rows is"
            again = rows.loc[rows["child"].duplicated(), "row"].tolist()
            step = "Keep the latest plan or period of care: Annex A asks for one row a child."
            add_rows(faults, Finding("ANNEX_A_CHILD_TWICE", message, step, "note"), sheets[number], "child", again)
    file = next(sheet.table.file for sheet in sheets.values())
    for code, (message, step) in _CASE_NOTES.items():
        count = caseload.notes.get(code, 0)
        if count:
            faults.findings.append(Finding(code, message, step, "note", file, count=count))


def _note_workers(sheets: Mapping[int, RawSheet], lists: Lists, faults: Faults) -> None:
    """Notes where a worker may be named two ways, by sheet and row and never by name."""
    named = {number: rows for number, rows in lists.items() if "worker" in rows}
    groups = possible_twins(name for rows in named.values() for name in rows["worker"].dropna().unique())
    for group in groups:
        first = next(number for number in sorted(named) if named[number]["worker"].isin(group).any())
        rows = named[first]
        message = f"{len(group)} spellings in the workbook may be one worker; they are kept as {len(group)} workers"
        finding = Finding("ANNEX_A_WORKER_TWIN", message, "If it is one person, write the name one way.", "note")
        add_rows(faults, finding, sheets[first], "worker", rows.loc[rows["worker"].isin(group), "row"].tolist()[:1])


def _case_counts(caseload: Caseload, lists: Lists, unlinked: int) -> list[Count]:
    cases = caseload.cases
    counts = [
        Count("cases", len(cases)),
        Count("open_cases", int(cases["open"].sum())),
        Count("open cases with no worker recorded", int((cases["open"] & cases["worker"].isna()).sum())),
        Count("events of children who are no case", unlinked),
    ]
    for number, name, what in ((7, "visited", "visit"), (7, "reviewed", "review"), (8, "visited", "visit")):
        if number in lists:
            rows = lists[number]
            empty = int((rows[name].isna() & rows["ended"].isna()).sum())
            counts.append(Count(f"List {number} open, last {what} not recorded", empty))
    return counts


def _keyed(
    caseload: Caseload, plans: pd.DataFrame, events: pd.DataFrame, lists: Lists, keyring: Keyring
) -> dict[str, tuple[Table, ...]]:
    """Returns the canonical tables with keys in place of children's ids and workers' names."""
    cases = caseload.cases.assign(
        case_id=caseload.cases["child"].map(keyring.keys("case", SYSTEM, caseload.cases["child"])),
        person_id=caseload.cases["child"].map(keyring.keys("person", SYSTEM, caseload.cases["child"])),
    )
    case_keys = dict(zip(cases["child"], cases["case_id"], strict=True))
    named = pd.concat([rows["worker"] for rows in lists.values() if "worker" in rows], ignore_index=True).dropna()
    workers = keyring.keys("practitioner", SYSTEM, sorted(named.unique()))
    held = cases[cases["worker"].notna()]
    allocations = pd.DataFrame(
        {
            "case_id": held["case_id"],
            "practitioner_id": held["worker"].map(workers),
            "role": "allocated_worker",
            "started": held["opened"],
            "ended": held["closed"],
        }
    )
    frames = {
        "cases": cases,
        "allocations": allocations,
        "practitioners": _practitioners(caseload.spans, workers),
        "events": events.assign(case_id=events["child"].map(case_keys), practitioner_id=events["worker"].map(workers)),
        "plans": plans.assign(case_id=plans["child"].map(case_keys)),
    }
    return {name: (to_arrow(name, _arrow_ready(frame)),) for name, frame in frames.items()}


def _arrow_ready(frame: pd.DataFrame) -> pd.DataFrame:
    """Returns the frame with None for every missing text, which Arrow takes and a NaN among texts it does
    not.
    """
    texts = frame.select_dtypes(include=["object", "str"]).columns
    return frame.assign(**{name: frame[name].astype(object).where(frame[name].notna(), None) for name in texts})


def _practitioners(spans: pd.DataFrame, workers: Mapping[str, str]) -> pd.DataFrame:
    """Returns one row a worker, with the team that most of the worker's open plans are in."""
    held = spans[spans["worker"].notna() & spans["team"].notna()]
    sizes = held.groupby(["worker", "team"])["open"].sum().reset_index()
    sizes = sizes.sort_values(["worker", "open", "team"], ascending=[True, False, True])
    team = sizes.drop_duplicates("worker").set_index("worker")["team"]
    names = sorted(workers)
    teams = team.reindex(names).to_numpy(dtype=object)
    return pd.DataFrame({"practitioner_id": [workers[name] for name in names], "team_id": teams})


def _extract(
    day: date | None,
    tables: Mapping[str, tuple[Table, ...]],
    faults: Faults,
    counts: list[Count],
    details: Mapping[str, str],
    sheets: Mapping[int, RawSheet],
) -> Extract:
    return Extract(
        format="annex-a",
        profile="children",
        system=SYSTEM,
        covers_to=day,
        tables=tables,
        ids="key",
        local_prefix="",
        findings=tuple(faults.findings),
        counts=tuple(counts),
        cannot_tell=CANNOT_TELL,
        cannot=untold(lambda number, name: number in sheets and sheets[number].has(name)),
        details=details,
    )
