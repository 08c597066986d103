"""The hard cases that real extracts hold, put into a synthetic service on purpose.

Only what lives in the service itself is here; a byte-order mark, a header on row 2 or a formula without its
value belong to the
writers of each format. Where a service is too small for all of them, the later ones are left out.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice

import pandas as pd

from sampling.sources.tables import ACCOUNTABLE_ROLES

# Pairs that a careless key makes one: leading zeros, letter case, the two ways to write an accent, spacing
# and slashes.
HOSTILE_CASE_IDS = (
    "0012",
    "12",
    "Sr-7a",
    "SR-7A",
    "SR 77/3",
    "SR-77-3",
    unicodedata.normalize("NFC", "Zoë-1"),
    unicodedata.normalize("NFD", "Zoë-1"),
    "Ärende №5",
    "O'Hara-9",
)
HOSTILE_PRACTITIONER_IDS = ("007", "7", "p-14", "P-14", "Siân/2")
HOSTILE_TEXTS = (
    '=HYPERLINK("http://example.invalid","open")',
    "=cmd|' /C calc'!A0",
    "+44 not a number",
    "-1-1",
    "@SUM(A1:A9)",
    "<script>alert('note')</script>",
    '<b>left</b> & went; "quoted", it\'s said',
    "two\nlines",
    "NULL",
    "plain \u00a0 space \u200f\u202eturned",
    "long " * 6_400,  # 32,000 characters: just under what a cell of a workbook holds
)
# The first two are one person's name in two spellings, on two staff records: what a system shows after a
# second starter form.
HOSTILE_WORKER_NAMES = (
    "Rhian O'Dwyer",
    "Rhian\u00a0O\u2019Dwyer ",
    unicodedata.normalize("NFD", "Siân Ó Briain"),
    "=Oakes, Nia",
    "<i>Kit</i> Marlowe",
)
HOSTILE_FAMILY_NAMES = (
    "O'Neill",
    "Null",
    "D\u2019Arcy-Smith",
    "=Oakes",
    "<b>Vance</b>",
    unicodedata.normalize("NFD", "Müller"),
)


@dataclass
class _Service:
    """The tables being made hostile, and the open cases that no edit has used yet."""

    frames: dict[str, pd.DataFrame]
    people: pd.DataFrame
    workers: pd.DataFrame
    end: date
    spare: Iterator[str]

    def some(self, count: int) -> list[str]:
        return list(islice(self.spare, count))

    def day(self, after: int) -> pd.Timestamp:
        return pd.Timestamp(self.end + timedelta(days=after))

    def held(self, case: str) -> pd.Series[bool]:
        """Returns which allocations are the case's open accountable ones."""
        table = self.frames["allocations"]
        return (table["case_id"] == case) & table["ended"].isna() & table["role"].isin(ACCOUNTABLE_ROLES)


def made_hostile(
    frames: dict[str, pd.DataFrame], people: pd.DataFrame, workers: pd.DataFrame, first_day: date, end: date
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame, pd.DataFrame]:
    """Returns (frames, people, workers) with the hard cases in them; what was handed in is left as it was."""
    copies = {name: table.copy() for name, table in frames.items()}
    open_cases = copies["cases"].loc[copies["cases"]["closed"].isna(), "case_id"].tolist()
    # Cases with one open allocation are spare for edits; those with none or two are hard cases already.
    table = copies["allocations"]
    accountable = table[table["ended"].isna() & table["role"].isin(ACCOUNTABLE_ROLES)]
    holders = accountable.groupby("case_id").size()
    single = set(holders[holders == 1].index)
    service = _Service(copies, people.copy(), workers.copy(), end, iter([c for c in open_cases if c in single]))
    _allocations(service)
    _days(service)
    _contacts(service, first_day)
    _plans(service)
    _texts(service)
    _names(service)
    _ids(service)
    return service.frames, service.people, service.workers


def _allocations(service: _Service) -> None:
    """Makes a case without a holder, one with two, one held by somebody who left, one handed over on
    the draw date.
    """
    table, staff = service.frames["allocations"], service.frames["practitioners"]
    departed = staff.loc[staff["left_on"].notna(), "practitioner_id"].tolist()
    present = staff.loc[staff["left_on"].isna(), "practitioner_id"].tolist()
    for case in service.some(1):
        table = table[~service.held(case)]
    service.frames["allocations"] = table = table.reset_index(drop=True)
    for case in service.some(1):
        row = table[service.held(case)].assign(practitioner_id=present[0], started=service.day(-9))
        table = pd.concat([table, row], ignore_index=True)
    service.frames["allocations"] = table
    for case in service.some(1):
        table.loc[service.held(case), "practitioner_id"] = departed[0]
    # The old holder's last day is the draw date; the new one starts the day after.
    for case in service.some(1):
        row = table[service.held(case)].assign(practitioner_id=present[-1], started=service.day(1))
        table.loc[service.held(case), "ended"] = service.day(0)
        service.frames["allocations"] = table = pd.concat([table, row], ignore_index=True)
    # Both hold it on the draw date, by one day's overlap.
    for case in service.some(1):
        row = table[service.held(case)].assign(practitioner_id=present[-1], started=service.day(0))
        table.loc[service.held(case), "ended"] = service.day(0)
        service.frames["allocations"] = table = pd.concat([table, row], ignore_index=True)


def _days(service: _Service) -> None:
    """Makes cases that close, open, or whose person dies, on, just before or just after the draw date."""
    cases = service.frames["cases"].set_index("case_id", drop=False)
    changes: tuple[dict[str, pd.Timestamp], ...] = (
        {"died_on": service.day(5)},
        {"died_on": service.day(-3)},
        {"closed": service.day(0)},
        {"closed": service.day(4)},
        {"opened": service.day(0)},
        {"opened": service.day(2)},
    )
    for case, change in zip(service.some(len(changes)), changes, strict=False):
        for column, day in change.items():
            cases.loc[case, column] = day
    service.frames["cases"] = cases.reset_index(drop=True)


def _last_sunday(year: int, month: int) -> date:
    end = date(year, month, 31)
    return end - timedelta(days=(end.weekday() + 1) % 7)


def _contacts(service: _Service, first_day: date) -> None:
    """Makes contacts without a time, contacts in the future, and contacts in the hour that the clocks
    skip or repeat.
    """
    events = service.frames["events"]
    timed = events.index[events["happened_at"].notna()]
    events.loc[timed[: max(1, len(timed) // 50)], "happened_at"] = None
    known = events["source_table"].dropna()
    source = known.iloc[-1] if len(known) else None  # the smallest service may have no event at all
    extra = []
    # AttendStatus 0 is a contact still to come (MHSDS v6); it is never counted.
    for case in service.some(2):
        extra.append((case, service.day(6), "10:00", "contact_attended", "0"))
    years = range(first_day.year, service.end.year + 1)
    clocks = [_last_sunday(year, month) for year in years for month in (3, 10)]
    within = [day for day in clocks if first_day <= day <= service.end]
    for case, day in zip(service.some(len(within)), within, strict=False):
        extra.append((case, pd.Timestamp(day), "01:30", "out_of_hours_contact", "5"))
    rows = pd.DataFrame(extra, columns=["case_id", "happened_on", "happened_at", "kind", "source_code"])
    contact = events.loc[events["kind"].str.startswith("contact_"), "source_table"].dropna()
    rows["source_table"] = contact.iloc[0] if len(contact) else source
    rows["event_id"] = [f"E-hard-{index}" for index in range(len(rows))]
    rows["happened_on"] = rows["happened_on"].astype(events["happened_on"].dtype)
    rows["practitioner_id"] = service.frames["practitioners"]["practitioner_id"].iloc[0]
    service.frames["events"] = pd.concat([events, rows[events.columns].astype(events.dtypes)], ignore_index=True)


def _plans(service: _Service) -> None:
    """Makes plans that were updated before they were made, and plans without any day."""
    plans = service.frames["plans"]
    both = plans.index[plans["created"].notna() & plans["updated"].notna()]
    early = both[: max(1, len(both) // 100)]
    plans.loc[early, "updated"] = plans.loc[early, "created"] - pd.Timedelta(days=3)
    bare = both[len(early) : 2 * len(early)]
    plans.loc[bare, ["created", "updated", "agreed", "review_due"]] = pd.NaT


def _texts(service: _Service) -> None:
    """Puts formulas, markup, line breaks and very long text into columns of free text."""
    for table, columns in (
        ("allocations", ("reason",)),
        ("documents", ("kind", "ref")),
        ("note_index", ("kind", "ref")),
        ("safeguarding", ("outcome",)),
        ("practitioners", ("role",)),
    ):
        frame = service.frames[table]
        for column in columns:
            count = min(len(frame), len(HOSTILE_TEXTS))
            frame.loc[frame.index[:count], column] = list(HOSTILE_TEXTS[:count])


def _names(service: _Service) -> None:
    """Gives people and workers names that break careless software, and leaves some days of birth and
    NHS numbers empty.
    """
    people, workers = service.people, service.workers
    count = min(len(people), len(HOSTILE_FAMILY_NAMES))
    people.loc[people.index[:count], "family_name"] = list(HOSTILE_FAMILY_NAMES[:count])
    people.loc[people.index[3::50], "born"] = pd.NaT
    people.loc[people.index[5::60], "nhs_number"] = None
    # From the end, where no leaver or new starter stands on purpose.
    workers.loc[workers.index[-len(HOSTILE_WORKER_NAMES) :], "name"] = list(HOSTILE_WORKER_NAMES)


def _ids(service: _Service) -> None:
    """Renames some open cases, and some practitioners, everywhere they stand."""
    cases, allocations = service.frames["cases"], service.frames["allocations"]
    usual = cases["closed"].isna() & cases["case_id"].isin(allocations["case_id"])
    chosen = cases.loc[usual, "case_id"].tolist()[-len(HOSTILE_CASE_IDS) :]
    case_names = dict(zip(chosen, HOSTILE_CASE_IDS, strict=False))
    staff = service.frames["practitioners"]["practitioner_id"].tolist()[2 : 2 + len(HOSTILE_PRACTITIONER_IDS)]
    staff_names = dict(zip(staff, HOSTILE_PRACTITIONER_IDS, strict=False))
    for name, table in service.frames.items():
        for column in table.columns:
            if column in ("case_id", "person_id"):
                service.frames[name][column] = _renamed(table[column], case_names)
            elif column in ("practitioner_id", "supervisor_id", "author_id", "approved_by"):
                service.frames[name][column] = _renamed(table[column], staff_names)
    # In children's services the child's id is the case's, so that people are renamed with their cases.
    service.people["person_id"] = _renamed(service.people["person_id"], case_names)
    service.workers["practitioner_id"] = _renamed(service.workers["practitioner_id"], staff_names)


def _renamed(column: pd.Series[str], names: dict[str, str]) -> pd.Series[str]:
    found = column.isin(list(names))
    return column.where(~found, column.map(names).astype(column.dtype))
