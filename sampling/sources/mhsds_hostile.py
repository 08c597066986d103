"""The hard cases of real extracts, put into an invented submission: spellings, encodings, old names and a few rows that are wrong."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

Months = Mapping[str, dict[str, pd.DataFrame]]
V5_TABLE = "MHS102ServiceTypeReferredTo"
FUTURE_DAYS = 5
_UNDERSCORES = {"MHS201CareContact": "mhs201_care_contact", "MHS005PatInd": "dbo_MHS005PatInd"}


def make_hostile(months: Months, folder: Path, last_day: pd.Timestamp) -> list[Path]:
    """Returns the files written. The oldest month has v5 names, the latest the hard values, those between odd spellings."""
    names = list(months)
    latest = months[names[-1]]
    _hard_values(latest, last_day)
    _old_names(months[names[0]])
    paths = []
    for position, month in enumerate(names):
        odd = position % 2 == 0
        for name, frame in months[month].items():
            paths.append(_written(folder, name, month, frame, odd))
    return paths


def _written(folder: Path, name: str, month: str, frame: pd.DataFrame, odd: bool) -> Path:
    """Writes one table: in odd months as databases and warehouses export it, else as plain CSV with a byte-order mark."""
    if not odd:
        path = folder / f"{name}_{month}.csv"
        frame.to_csv(path, index=False, encoding="utf-8-sig")
        return path
    if name in _UNDERSCORES:
        snake = frame.rename(columns=_snake) if name == "MHS201CareContact" else frame
        path = folder / f"{_UNDERSCORES[name]}_{month}.csv"
        snake.to_csv(path, index=False, sep=";", encoding="cp1252", errors="replace")
    elif name == "MHS902ServiceTeamDetails":
        path = folder / f"{name}_{month}.txt"
        frame.to_csv(path, index=False, sep="\t", encoding="utf-16")
    elif name == "MHS006MHCareCoord":
        path = folder / f"{name}_{month}.csv"
        frame.rename(columns=lambda column: column.replace("ID", "Id")).to_csv(
            path, index=False, date_format="%d/%m/%Y", quoting=1
        )
    else:
        path = folder / f"{name}_{month}.csv"
        frame.rename(columns=lambda column: column.replace("ID", "Id")).to_csv(path, index=False)
    return path


def _snake(name: str) -> str:
    """Returns a name as warehouses spell it.

    >>> _snake("CareContactID")
    'care_contact_id'
    """
    out = ""
    for position, letter in enumerate(name):
        before = name[position - 1] if position else ""
        out += "_" + letter.lower() if letter.isupper() and before and not before.isupper() else letter.lower()
    return out


def _old_names(tables: dict[str, pd.DataFrame]) -> None:
    """Renames the oldest month's tables and elements to those of v5, where MHS202 names the practitioner."""
    tables[V5_TABLE] = tables.pop("MHS102OtherServiceType").rename(
        columns={"OtherCareProfTeamLocalID": "CareProfTeamLocalID"}
    )
    tables["MHS201CareContact"] = tables["MHS201CareContact"].rename(columns={"AttendStatus": "AttendOrDNACode"})
    old = {"CarePlanContentAgreedBy": "CarePlanAgreedBy", "CarePlanContentAgreedDate": "CarePlanAgreedDate"}
    tables["MHS009CarePlanAgreement"] = tables["MHS009CarePlanAgreement"].rename(columns=old)
    staff = tables.pop("MHS206StaffActivity")
    tables["MHS202CareActivity"] = tables["MHS202CareActivity"].merge(staff, on="CareActID", how="left")


def _hard_values(tables: dict[str, pd.DataFrame], last_day: pd.Timestamp) -> None:
    """Puts hard but harmless values into the latest month, and two rows that are wrong."""
    contacts = tables["MHS201CareContact"]
    contacts["CareContTime"] = contacts["CareContTime"].map(
        lambda text: f"1970-01-01T{text}" if isinstance(text, str) else text
    )
    _set(contacts, "CareContTime", 1, None)
    coming = contacts.iloc[:3].assign(
        CareContactID=["FUTURE-1", "FUTURE-2", "FUTURE-3"],
        CareContDate=(last_day + pd.Timedelta(days=FUTURE_DAYS)).strftime("%Y-%m-%d"),
        AttendStatus="0",
    )
    wrong = contacts.iloc[3:4].assign(CareContactID="WRONG-1", CareContDate="31/02/2026")
    tables["MHS201CareContact"] = pd.concat([contacts, coming, wrong], ignore_index=True)
    people = tables["MHS001MPI"]
    _set(people, "PersonBirthDate", 0, None)
    _set(people, "EthnicCategory", 1, "*")
    people.loc[people.index[2:3], "PersonBirthDate"] = "not known"
    _set(tables["MHS101Referral"], "ClinRespPriorityType", 0, "4")
    plans = tables["MHS008CarePlanType"]
    early = plans["CarePlanCreatDate"].iloc[:1].map(_day_before)
    _set(plans, "CarePlanLastUpdateDate", 0, early.iloc[0] if len(early) else None)
    tables["MHS006MHCareCoord"] = _with_placeholder_ends(tables["MHS006MHCareCoord"])
    tables["MHS901StaffDetails"] = pd.concat(
        [tables["MHS901StaffDetails"]] + [tables["MHS901StaffDetails"].iloc[:1]], ignore_index=True
    )


def _with_placeholder_ends(frame: pd.DataFrame) -> pd.DataFrame:
    open_rows = frame["EndDateAssCareCoord"].isna().to_numpy().nonzero()[0][:2]
    frame = frame.reset_index(drop=True)
    frame.loc[open_rows, "EndDateAssCareCoord"] = "9999-12-31"
    return frame


def _set(frame: pd.DataFrame, column: str, position: int, value: str | None) -> None:
    if len(frame) > position:
        frame.loc[frame.index[position], column] = value


def _day_before(day: str) -> str:
    return (pd.Timestamp(day) - pd.Timedelta(days=1)).strftime("%Y-%m-%d")
