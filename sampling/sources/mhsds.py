"""Reads a folder of MHSDS v6 tables: a referral is a case, a care co-ordinator's assignment an allocation.

Keys are made of provider code + ":" + local id, as in the national copies, where local ids of two providers may be the same.
Care co-ordinators and plans are recorded for the person, not for a referral. The rule here: they hold for those of the
person's referrals that ran at the same time; a co-ordinator only for those whose team is of the type recorded with the
assignment, or, when none is or no type is recorded, for those to a team with a caseload or of an unknown type.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from sampling.errors import SourceError
from sampling.keys import Keyring
from sampling.model import Count, Extract, Table
from sampling.sources import mhsds_codes as codes
from sampling.sources.files import Faults
from sampling.sources.mhsds_allocations import allocations
from sampling.sources.mhsds_cannot import CANNOT_TELL, absent, cannot
from sampling.sources.mhsds_cells import age_bands
from sampling.sources.mhsds_checks import add_checks
from sampling.sources.mhsds_codes import TABLE_SPECS
from sampling.sources.mhsds_events import read_events
from sampling.sources.mhsds_files import Loaded, find_tables, load, to_day
from sampling.sources.mhsds_lists import TEAM_NAMES
from sampling.sources.tables import to_arrow

SYSTEM = "mhsds"
RECOGNISED_BY = ("000", "101")


def recognises(path: Path) -> bool:
    """Returns whether the path is a folder of MHSDS tables: one that holds a header or referrals, however they are spelled."""
    return path.is_dir() and any(found.number in RECOGNISED_BY for found in find_tables(path))


def read(folder: Path, keyring: Keyring) -> Extract:
    """Returns the folder as canonical tables with keys in place of ids, and all that is wrong with it as findings.

    Raises SourceError only when nothing can be read: no such folder, no MHSDS table in it, or a file that is damaged.
    """
    if not folder.is_dir():
        raise SourceError("There is no such folder. Name the folder that holds the MHSDS tables.")
    faults = Faults()
    loaded = load(folder, faults)
    covers_to = _covers_to(loaded)
    cases = referrals(loaded, covers_to)
    events = read_events(loaded, cases, covers_to)
    add_checks(loaded, cases, covers_to, faults)
    frames = {"cases": cases, "allocations": allocations(loaded, cases, faults), "events": _numbered(events)}
    if loaded.has("901"):
        frames["practitioners"] = practitioners(loaded)
    if loaded.has("008"):
        frames["plans"] = plans(loaded, cases)
    tables: dict[str, tuple[Table, ...]] = {
        name: (to_arrow(name, _keyed(frame, keyring)),) for name, frame in frames.items()
    }
    return Extract(
        format="mhsds",
        profile="adult",
        system=SYSTEM,
        covers_to=to_day(covers_to),
        tables=tables,
        local_prefix=f"{loaded.providers[0]}:" if len(loaded.providers) == 1 else "",
        findings=tuple(faults.findings),
        counts=_counts(loaded),
        cannot_tell=CANNOT_TELL + absent(loaded),
        cannot=cannot(loaded),
        details={
            "providers": str(len(loaded.providers)),
            "months": str(loaded.months_of("101")["_period"].nunique()),
            "files": str(len(loaded.files)),
        },
    )


def _covers_to(loaded: Loaded) -> pd.Timestamp | None:
    ends = loaded.table("000")["ReportingPeriodEndDate"].dropna()
    if ends.empty:
        ends = pd.concat([frame["_period"].dropna() for frame in loaded.frames.values()])
    return None if ends.empty else pd.Timestamp(ends.max())


def referrals(loaded: Loaded, covers_to: pd.Timestamp | None) -> pd.DataFrame:
    """Returns one row a referral with the columns of the canonical cases, and case, person, team_type and codes for the events."""
    frame = loaded.table("101")
    teams = loaded.table("902").set_index("CareProfTeamLocalID")["ServTeamTypeMH"]
    people = loaded.table("001").set_index("LocalPatientID")
    frame["case"] = frame["case_id"] = frame["ServiceRequestID"]
    frame["person"] = frame["person_id"] = frame["LocalPatientID"]
    frame["opened"] = frame["ReferralRequestReceivedDate"]
    frame["closed"] = frame[["ServDischDate", "ReferRejectionDate"]].min(axis=1).astype("datetime64[s]")
    frame["team_type"] = frame["CareProfTeamLocalID"].map(teams)
    frame["service"] = frame["team_type"].map(lambda code: TEAM_NAMES.get(code, code), na_action="ignore")
    frame["team_id"] = frame["CareProfTeamLocalID"].astype("string").str.split(":", n=1).str[-1]
    person = frame["person"]
    frame["died_on"] = person.map(people["PersDeathDate"])
    frame["sex"] = person.map(people["GenderIDCode"]).map(codes.SEX)
    ethnicity = person.map(people["EthnicCategory"])
    frame["ethnicity"] = ethnicity.where(ethnicity != codes.NOT_KNOWN_ETHNICITY, None)
    if "_born" in people and covers_to is not None:
        bands = age_bands(people["_born"].astype("datetime64[s]"), pd.Series(covers_to, index=people.index))
        frame["age_band"] = person.map(bands)
    frame["legal_status"] = person.map(_legal_status(loaded, covers_to))
    return frame


def _legal_status(loaded: Loaded, covers_to: pd.Timestamp | None) -> pd.Series:
    """Returns each person's latest legal status that had not ended by the end of the extract."""
    periods = loaded.table("401")
    ended = periods["EndDateMHActLegalStatusClass"]
    current = periods[ended.isna() | (ended > covers_to)] if covers_to is not None else periods[ended.isna()]
    current = current.sort_values(["StartDateMHActLegalStatusClass", "MHActLegalStatusClassPeriodID"], kind="stable")
    return current.drop_duplicates("LocalPatientID", keep="last").set_index("LocalPatientID")["LegalStatusCode"]


def plans(loaded: Loaded, cases: pd.DataFrame) -> pd.DataFrame:
    """Returns the latest version of each plan, for each of the person's referrals that had not closed before it was made."""
    table = loaded.table("008").rename(columns={"LocalPatientID": "person", "CarePlanCreatDate": "created"})
    table["kind"] = table["CarePlanTypeMH"].map(codes.PLAN_TYPES)
    updated = table["CarePlanLastUpdateDate"]
    table["updated"] = updated.mask(updated < table["created"])
    agreed = _agreements(loaded)
    table = table.merge(agreed, on="CarePlanID", how="left")
    wide = table[table["kind"].notna()].merge(cases[["case_id", "person", "closed"]], on="person")
    wide = wide[wide["closed"].isna() | wide["created"].isna() | (wide["closed"] >= wide["created"])].reset_index(
        drop=True
    )
    wide["plan_id"] = [f"MHS008-{number}" for number in range(1, len(wide) + 1)]
    return wide


def _agreements(loaded: Loaded) -> pd.DataFrame:
    """Returns the last day on which each plan was agreed, and the codes of those who agreed it that day."""
    rows = loaded.table("009").dropna(subset=["CarePlanContentAgreedDate"])
    last = rows[
        rows["CarePlanContentAgreedDate"] == rows.groupby("CarePlanID")["CarePlanContentAgreedDate"].transform("max")
    ]
    last = last.assign(CarePlanContentAgreedBy=last["CarePlanContentAgreedBy"].fillna("")).sort_values(
        "CarePlanContentAgreedBy", kind="stable"
    )
    grouped = last.groupby("CarePlanID").agg(
        agreed=("CarePlanContentAgreedDate", "max"), agreed_by=("CarePlanContentAgreedBy", " ".join)
    )
    return grouped.assign(agreed_by=grouped["agreed_by"].map(lambda text: text.strip() or None)).reset_index()


def practitioners(loaded: Loaded) -> pd.DataFrame:
    """Returns the staff of MHS901 with their job role, or occupation or staff group, as coded."""
    table = loaded.table("901")
    role = table["CareProfJobRoleCode"].fillna(table["OccCode"]).fillna(table["CareProfStaffGpMH"])
    return pd.DataFrame({"practitioner_id": table["CareProfLocalID"], "role": role})


def _numbered(events: pd.DataFrame) -> pd.DataFrame:
    events = events.drop_duplicates().sort_values(["happened_on", "source_table"], kind="stable").reset_index(drop=True)
    numbers = [f"{table[:6]}-{number}" for number, table in enumerate(events["source_table"], 1)]
    return events.assign(event_id=numbers, case_id=events["case"], practitioner_id=events["practitioner"])


def _keyed(frame: pd.DataFrame, keyring: Keyring) -> pd.DataFrame:
    """Returns the frame with a key for each local id."""
    kinds = {"case_id": "case", "person_id": "person", "practitioner_id": "practitioner"}
    made = {}
    for column, kind in kinds.items():
        if column in frame:
            values = frame[column]
            made[column] = (
                values.map(keyring.keys(kind, SYSTEM, values.dropna().unique()))
                .astype(object)
                .where(values.notna(), None)
            )
    return frame.assign(**made)


def _counts(loaded: Loaded) -> tuple[Count, ...]:
    return tuple(Count(f"{TABLE_SPECS[number].name}, rows read", rows) for number, rows in sorted(loaded.rows.items()))
