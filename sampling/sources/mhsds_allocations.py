"""Who holds a case by MHSDS: care co-ordinators of MHS006, of whom the latest submission counts, and responsible clinicians."""

from __future__ import annotations

import pandas as pd

from sampling.sources import mhsds_codes as codes
from sampling.sources.files import Faults
from sampling.sources.mhsds_files import Loaded

NEXT_STEP = "Record at the source when the assignment ended."


def allocations(loaded: Loaded, cases: pd.DataFrame, faults: Faults) -> pd.DataFrame:
    """Returns care co-ordinators, and responsible clinicians of detained persons, as allocations of the person's referrals."""
    assigned = _current(loaded, cases, faults).rename(
        columns={
            "LocalPatientID": "person",
            "CareProfLocalID": "practitioner_id",
            "StartDateAssCareCoord": "started",
            "EndDateAssCareCoord": "ended",
            "CareProfServOrTeamTypeAssoc": "wanted",
        }
    )
    held = _while_open(assigned.assign(row=range(len(assigned))), cases)
    matches = held["wanted"].notna() & (held["wanted"] == held["team_type"])
    matched_rows = held.loc[matches, "row"].unique()
    caseload = held["team_type"].isna() | held["team_type"].isin(codes.CASELOAD_TEAMS)
    coordinators = held[matches | (caseload & ~held["row"].isin(matched_rows))].assign(role="care_coordinator")
    clinicians = _while_open(_clinicians(loaded), cases).assign(role="responsible_clinician")
    columns = ["case_id", "practitioner_id", "role", "started", "ended"]
    both = [part[columns] for part in (coordinators, clinicians) if not part.empty]
    return pd.concat(both, ignore_index=True).drop_duplicates() if both else coordinators[columns]


def _current(loaded: Loaded, cases: pd.DataFrame, faults: Faults) -> pd.DataFrame:
    """Returns the assignments without those that a later month's submission replaced, with a note of how many there were.

    An assignment without an end that is not in the latest month, of a person who has another one there, was replaced. It is left
    out where the other one has the same start and came later (a correction), and otherwise ended with the last month that had
    it. Where the person has no other one, it is kept, with a note.
    """
    table = loaded.table("006")
    newest = table["_provider"].map(loaded.latest_months()).astype("datetime64[s]")
    left = table["EndDateAssCareCoord"].isna() & (table["_period"] < newest)
    present = table[table["_period"] >= newest]
    replaced = left & table["LocalPatientID"].isin(present["LocalPatientID"])
    starts = ["LocalPatientID", "StartDateAssCareCoord"]
    came = present.groupby(starts)["_first"].max().rename("_came")
    later = table[starts].merge(came, how="left", left_on=starts, right_index=True)["_came"]
    corrected = replaced & (later.astype("datetime64[s]") > table["_period"])
    last_day = table["_period"].where(table["_period"] > table["StartDateAssCareCoord"], table["StartDateAssCareCoord"])
    running = cases.loc[cases["closed"].isna(), "person"]
    messages = (
        ("ASSIGNMENT_SUPERSEDED", replaced, "an assignment without an end was replaced in a later month's submission"),
        (
            "ASSIGNMENT_NOT_RESUBMITTED",
            left & ~replaced & table["LocalPatientID"].isin(running),
            "the assignment has no end and is not in the latest month's submission; it was kept",
        ),
    )
    for code, rows, message in messages:
        if rows.any():
            column = "StartDateAssCareCoord"
            found = loaded.finding(code, message, table[rows], column=column, next_step=NEXT_STEP, severity="note")
            faults.findings.append(found)
    table["EndDateAssCareCoord"] = table["EndDateAssCareCoord"].mask(replaced & ~corrected, last_day)
    return table[~corrected]


def _clinicians(loaded: Loaded) -> pd.DataFrame:
    persons = loaded.table("401").set_index("MHActLegalStatusClassPeriodID")["LocalPatientID"]
    table = loaded.table("402")
    table["person"] = table["MHActLegalStatusClassPeriodID"].map(persons)
    names = {
        "CareProfLocalID": "practitioner_id",
        "StartDateRespClinAssign": "started",
        "EndDateRespClinAssign": "ended",
    }
    return table.dropna(subset=["person"]).rename(columns=names)


def _while_open(spans: pd.DataFrame, cases: pd.DataFrame) -> pd.DataFrame:
    """Returns each span of a person joined to those of their referrals that were open at some time of it."""
    wide = spans.astype({"person": object}).merge(
        cases[["case_id", "person", "opened", "closed", "team_type"]], on="person"
    )
    together = (wide["ended"].isna() | (wide["opened"] <= wide["ended"])) & (
        wide["closed"].isna() | (wide["closed"] >= wide["started"])
    )
    return wide[together]
