"""Checks of an MHSDS extract across its tables and columns: errors where a draw would come out wrong, notes for the rest."""

from __future__ import annotations

import pandas as pd

from sampling.errors import Severity
from sampling.sources import mhsds_codes as codes
from sampling.sources.files import Faults
from sampling.sources.mhsds_codes import TABLE_SPECS
from sampling.sources.mhsds_contacts import NO_TIME, working_days
from sampling.sources.mhsds_files import Loaded

# (child table, its column, parent table, its column, what is lost)
_LINKS = (
    (
        "101",
        "LocalPatientID",
        "001",
        "LocalPatientID",
        "so sex, age band, ethnicity and death are not recorded",
    ),
    ("006", "LocalPatientID", "101", "LocalPatientID", "so the assignment counts for no case"),
    ("008", "LocalPatientID", "101", "LocalPatientID", "so the plan counts for no case"),
    ("201", "ServiceRequestID", "101", "ServiceRequestID", "so the contact counts for no case"),
    ("202", "CareContactID", "201", "CareContactID", "so the activity counts for no contact"),
    ("206", "CareActID", "202", "CareActID", "so nobody is known to have seen the person then"),
    ("501", "ServiceRequestID", "101", "ServiceRequestID", "so the admission counts for no case"),
    ("502", "HospProvSpellID", "501", "HospProvSpellID", "so incidents on the ward count for no case"),
    ("006", "CareProfLocalID", "901", "CareProfLocalID", "so the practitioner's role is not recorded"),
    ("101", "CareProfTeamLocalID", "902", "CareProfTeamLocalID", "so the type of team is not known"),
)


def add_checks(loaded: Loaded, cases: pd.DataFrame, covers_to: pd.Timestamp | None, faults: Faults) -> None:
    """Adds the findings that need more than one column or table."""
    _missing_tables(loaded, covers_to, faults)
    _orders(loaded, cases, faults)
    _links(loaded, faults)
    _contacts(loaded, covers_to, faults)
    _stale(loaded, cases, covers_to, faults)
    _persons(loaded, cases, covers_to, faults)


def _add(
    loaded: Loaded,
    faults: Faults,
    rows: pd.DataFrame,
    code: str,
    message: str,
    column: str,
    next_step: str = "",
    severity: Severity = "note",
) -> None:
    if not rows.empty:
        faults.findings.append(
            loaded.finding(code, message, rows, column=column, next_step=next_step, severity=severity)
        )


def _missing_tables(loaded: Loaded, covers_to: pd.Timestamp | None, faults: Faults) -> None:
    for number, spec in TABLE_SPECS.items():
        named = any(f"mhs{number}" in file.lower() for file in loaded.files)
        if spec.required and not loaded.has(number) and not named:
            message = f"the table {spec.name} is not in the folder"
            faults.add("TABLE_MISSING", message, next_step="Export it into the same folder.")
    if loaded.has("101") and loaded.table("101").empty:
        message = "MHS101 has no usable row, so there is no case to draw from"
        faults.add(
            "REFERRALS_MISSING", message, next_step="Look at the other findings of MHS101Referral, and export it again."
        )
    if covers_to is None:
        message = "no reporting period is recorded, so it is not known to which day the extract reaches"
        faults.add("PERIOD_MISSING", message, next_step="Export MHS000Header with ReportingPeriodEndDate.")


def _orders(loaded: Loaded, cases: pd.DataFrame, faults: Faults) -> None:
    closed = cases[cases["closed"] < cases["opened"]]
    message = "the referral was closed before it was received"
    _add(
        loaded,
        faults,
        closed,
        "CLOSED_BEFORE_OPENED",
        message,
        "ServDischDate",
        "Correct one of the two dates at the source.",
        "error",
    )
    assigned = loaded.table("006")
    ended = assigned[assigned["EndDateAssCareCoord"] < assigned["StartDateAssCareCoord"]]
    message = "the assignment ended before it started"
    _add(
        loaded,
        faults,
        ended,
        "ENDED_BEFORE_STARTED",
        message,
        "EndDateAssCareCoord",
        "Correct one of the two dates at the source.",
        "error",
    )
    table = loaded.table("008")
    early = table[table["CarePlanLastUpdateDate"] < table["CarePlanCreatDate"]]
    message = "the plan was updated before it was made; the update was left out"
    _add(loaded, faults, early, "UPDATED_BEFORE_CREATED", message, "CarePlanLastUpdateDate")
    undated = table[table["CarePlanCreatDate"].isna() & table["CarePlanLastUpdateDate"].isna()]
    _add(
        loaded,
        faults,
        undated,
        "PLAN_UNDATED",
        "the plan has no date, so its age is not known",
        "CarePlanCreatDate",
    )


def _links(loaded: Loaded, faults: Faults) -> None:
    for child, column, parent, parent_column, lost in _LINKS:
        if not (loaded.has(child) and loaded.has(parent)):
            continue
        rows = loaded.table(child)
        orphans = rows[rows[column].notna() & ~rows[column].isin(loaded.table(parent)[parent_column])]
        message = f"{column} stands in no row of {TABLE_SPECS[parent].name}, {lost}"
        _add(loaded, faults, orphans, "ORPHAN", message, column)


def _contacts(loaded: Loaded, covers_to: pd.Timestamp | None, faults: Faults) -> None:
    table = loaded.table("201")
    status = table["AttendStatus"]
    blank = table[status.isna()]
    _add(
        loaded,
        faults,
        blank,
        "ATTENDANCE_MISSING",
        "whether the person attended is not recorded; the contact is not counted",
        "AttendStatus",
    )
    future = status == codes.FUTURE
    if covers_to is not None:
        past = table[future & (table["CareContDate"] <= covers_to)]
        message = "the contact is still marked as in the future (0) though its day has passed; it is not counted"
        _add(
            loaded,
            faults,
            past,
            "ATTENDANCE_NOT_UPDATED",
            message,
            "AttendStatus",
            "Record at the source whether the person attended.",
        )
        ahead = table[~future & status.notna() & (table["CareContDate"] > covers_to)]
        message = "the contact has an outcome though its day is after the end of the extract"
        _add(
            loaded,
            faults,
            ahead,
            "CONTACT_AFTER_PERIOD",
            message,
            "CareContDate",
            "Correct the date at the source.",
            "error",
        )
    unknown = table["CareContTime"].isna() | (table["CareContTime"] == NO_TIME)
    held = table[status.isin(codes.ATTENDED) & unknown & working_days(table["CareContDate"])]
    message = "the time of a contact on a working day is not recorded, so it is not known whether it was out of hours"
    _add(loaded, faults, held, "TIME_MISSING", message, "CareContTime")


def _stale(loaded: Loaded, cases: pd.DataFrame, covers_to: pd.Timestamp | None, faults: Faults) -> None:
    """A referral that is neither closed nor resubmitted: NHS England counts it as inactive, we keep it as open and say so."""
    stale = cases[cases["closed"].isna() & (cases["_period"] < covers_to)] if covers_to is not None else cases.iloc[:0]
    message = "the referral is neither closed nor in the latest month's submission; it was kept as open"
    _add(
        loaded,
        faults,
        stale,
        "REFERRAL_NOT_RESUBMITTED",
        message,
        "ServiceRequestID",
        "Close it at the source if it has ended.",
    )
    after = cases[cases["opened"] > covers_to] if covers_to is not None else cases.iloc[:0]
    message = "the referral was received after the end of the extract"
    _add(
        loaded,
        faults,
        after,
        "OPENED_AFTER_PERIOD",
        message,
        "ReferralRequestReceivedDate",
        "Correct the date at the source.",
        "error",
    )


def _persons(loaded: Loaded, cases: pd.DataFrame, covers_to: pd.Timestamp | None, faults: Faults) -> None:
    """A person with two open referrals stands in the frame twice, and one practitioner can be drawn for both."""
    running = cases[cases["closed"].isna() | (cases["closed"] > covers_to)] if covers_to is not None else cases.iloc[:0]
    twice = running[running["person"].duplicated(keep=False)].drop_duplicates("person")
    message = "the person has more than one open referral, each of which is a case"
    _add(loaded, faults, twice, "PERSON_TWICE", message, "LocalPatientID")
