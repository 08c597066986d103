"""Writes an invented service as a true MHSDS v6 submission: one set of tables a month, every open row resubmitted each month.

Two things look different from the simulated tables, as they would in a trust. A referral to the crisis or liaison team is a
referral of its own (MHS101), closed a few days later. A contact of such a team, out of hours or at a place of safety is an
ordinary attended contact (MHS201) that shows what it is by its team, its time or its code.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from sampling.sources import mhsds_codes as codes
from sampling.sources.mhsds_hospital import hospital_tables
from sampling.sources.mhsds_hostile import make_hostile
from sampling.sources.mhsds_submission import Submitted, SubmittedPeople
from sampling.sources.synthetic import Simulated

# Codes that the Organisation Data Service has not issued, so that nothing can be taken for a real trust.
PROVIDER = "ZZ1"
COMMISSIONER = "ZZC"
RECEIVER = "ZZ2"
PRACTICE = "V81999"  # ODS default: general practice code not known
CRISIS_TEAM = "CRHT"
LIAISON_TEAM = "LIAISON"
CRISIS_DAYS = 3  # days until an invented crisis referral is closed
ADULTS = "01"  # SERVICE OR TEAM INTENDED AGE GROUP; 02 is for children and young people
_TEAM_TYPES = (
    ("EIP", "A14"),
    ("REHAB", "A09"),
    ("AOT", "A08"),
    ("CRHT", "A02"),
    ("LIAISON", "A11"),
    ("PERINATAL", "C02"),
)
_SEX = {name: code for code, name in codes.SEX.items()}


def write(simulated: Simulated, folder: Path) -> list[Path]:
    """Returns the files written: every table of every month, such as MHS101Referral_2026-10.csv; with hard cases if `hostile`."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = _tables(simulated)
    months: dict[str, dict[str, pd.DataFrame]] = {}
    for period in pd.period_range(simulated.first_day, simulated.last_day, freq="M"):
        first, last = period.start_time.normalize(), period.end_time.normalize()
        months[period.strftime("%Y-%m")] = _month_tables(tables, first, last)
    if simulated.hostile:
        return make_hostile(months, folder, pd.Timestamp(simulated.last_day))
    paths = []
    for month, written in months.items():
        for name, frame in written.items():
            path = folder / f"{name}_{month}.csv"
            frame.to_csv(path, index=False)
            paths.append(path)
    return paths


def _tables(simulated: Simulated) -> list[Submitted]:
    events = simulated.frames["events"]
    cases = simulated.frames["cases"].assign(team_type=lambda frame: team_types(frame["team_id"]))
    events = events.merge(cases[["case_id", "person_id", "team_id"]], on="case_id")
    referrals = _referrals(cases, events, pd.Timestamp(simulated.last_day))
    return [
        _people(simulated, cases),
        Submitted("MHS002GP", _people_ids(cases).assign(GMPReg=PRACTICE)),
        *_person_tables(simulated, cases, events),
        referrals,
        *_referral_tables(events),
        *_contact_tables(events),
        *hospital_tables(simulated, cases, events),
        *_staff_tables(simulated, cases, events),
    ]


def _month_tables(tables: list[Submitted], first: pd.Timestamp, last: pd.Timestamp) -> dict[str, pd.DataFrame]:
    """Returns one month's tables: first the referrals, then what hangs from persons and referrals that are submitted."""
    header = pd.DataFrame(
        {
            "DatSetVer": ["6.0"],
            "OrgIDProvider": [PROVIDER],
            "OrgIDSubmit": [PROVIDER],
            "PrimSystemInUse": ["Synthetic"],
            "ReportingPeriodStartDate": [first],
            "ReportingPeriodEndDate": [last],
            "DateTimeDatSetCreate": [(last + pd.Timedelta(days=5)).strftime("%Y-%m-%dT09:00:00")],
        }
    )
    made = {table.name: table.month(first, last) for table in tables}
    referrals = made["MHS101Referral"]
    cases, people = referrals["ServiceRequestID"].unique(), referrals["LocalPatientID"].unique()
    held = {"ServiceRequestID": cases, "_case": cases, "LocalPatientID": people, "_person": people}
    for name, frame in made.items():
        for column in held.keys() & set(frame.columns):
            frame = frame[frame[column].isin(held[column])]
        made[name] = _text(frame.drop(columns=[column for column in frame if str(column).startswith("_")]))
    return {"MHS000Header": _text(header), **{name: made[name] for name in sorted(made)}}


def _text(frame: pd.DataFrame) -> pd.DataFrame:
    """Returns the frame as text: days as 2026-10-31, times as 09:30:00, nothing where nothing is recorded."""
    made = {}
    for name in frame:
        values = frame[name]
        if pd.api.types.is_datetime64_any_dtype(values):
            values = values.dt.strftime("%Y-%m-%d")
        elif "Time" in str(name) and not str(name).startswith(("AssTool", "DateTime")):
            values = values.map(lambda text: f"{text}:00" if isinstance(text, str) and len(text) == 5 else text)
        made[name] = values.astype(object).where(values.notna(), None)
    return pd.DataFrame(made, columns=frame.columns)


def team_types(teams: pd.Series) -> pd.Series:
    """Returns the national type of each team by its name, community mental health team (A06) when the name tells nothing."""
    types = {
        team: next((code for word, code in _TEAM_TYPES if word in str(team).upper()), "A06")
        for team in teams.dropna().unique()
    }
    return teams.map(types)


def _people_ids(cases: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"LocalPatientID": cases["person_id"].drop_duplicates()})


def _people(simulated: Simulated, cases: pd.DataFrame) -> Submitted:
    people = simulated.people[simulated.people["person_id"].isin(cases["person_id"])]
    died = cases.groupby("person_id")["died_on"].max()
    frame = pd.DataFrame(
        {
            "LocalPatientID": people["person_id"],
            "OrgIDLocalPatientID": PROVIDER,
            "NHSNumber": people["nhs_number"].astype(str),
            "NHSNumberStatus": "01",
            "PersonBirthDate": pd.to_datetime(people["born"]),
            "Postcode": people["postcode"],
            "GenderIDCode": people["sex"].map(_SEX).fillna("X"),
            "EthnicCategory": people["ethnicity"].fillna("Z"),
            "PersDeathDate": people["person_id"].map(died),
        }
    )
    return SubmittedPeople("MHS001MPI", frame, later=("PersDeathDate",))


def _person_tables(simulated: Simulated, cases: pd.DataFrame, events: pd.DataFrame) -> list[Submitted]:
    parents = events[events["kind"] == "child_protection_parent"].groupby("person_id")["happened_on"].min()
    indicators = _people_ids(cases).assign(
        _since=lambda frame: pd.to_datetime(frame["LocalPatientID"].map(parents.to_dict()))
    )
    yes = indicators["_since"].notna()
    indicators = indicators.assign(ParentalResp="N", CPP="X")
    indicators.loc[yes, ["ParentalResp", "CPP"]] = [codes.YES, codes.PROTECTION_PLAN_CURRENT]
    held = simulated.frames["allocations"].merge(cases[["case_id", "person_id", "team_type"]], on="case_id")
    held = held[held["role"].isin(("care_coordinator", "key_worker", "lead_professional"))]
    coordinators = pd.DataFrame(
        {
            "LocalPatientID": held["person_id"],
            "StartDateAssCareCoord": held["started"],
            "CareProfLocalID": held["practitioner_id"],
            "EndDateAssCareCoord": held["ended"],
            "CareProfServOrTeamTypeAssoc": held["team_type"],
        }
    ).drop_duplicates()
    assigned = Submitted("MHS006MHCareCoord", coordinators, "StartDateAssCareCoord", "EndDateAssCareCoord")
    return [Submitted("MHS005PatInd", indicators, "_since"), assigned, *_plan_tables(simulated, cases)]


def _plan_tables(simulated: Simulated, cases: pd.DataFrame) -> list[Submitted]:
    plans = simulated.frames["plans"].merge(cases[["case_id", "person_id"]], on="case_id")
    kinds = {kind: code for code, kind in codes.PLAN_TYPES.items()}
    plans = plans[plans["kind"].isin(kinds)]
    types = pd.DataFrame(
        {
            "CarePlanID": plans["plan_id"],
            "LocalPatientID": plans["person_id"],
            "CarePlanTypeMH": plans["kind"].map(kinds),
            "CarePlanCreatDate": plans["created"],
            "CarePlanLastUpdateDate": plans["updated"],
            "_ended": plans["ended"],
        }
    )
    agreed = plans[plans["agreed"].notna() & (plans["agreed"] >= plans["created"])]
    agreements = pd.DataFrame(
        {
            "CarePlanID": agreed["plan_id"],
            "CarePlanContentAgreedBy": agreed["agreed_by"].fillna("10"),
            "CarePlanContentAgreedDate": agreed["agreed"],
            "_person": agreed["person_id"],
            "_ended": agreed["ended"],
        }
    )
    return [
        Submitted("MHS008CarePlanType", types, "CarePlanCreatDate", "_ended", later=("CarePlanLastUpdateDate",)),
        Submitted("MHS009CarePlanAgreement", agreements, "CarePlanContentAgreedDate", "_ended"),
    ]


def _referrals(cases: pd.DataFrame, events: pd.DataFrame, last_day: pd.Timestamp) -> Submitted:
    own = pd.DataFrame(
        {
            "ServiceRequestID": cases["case_id"],
            "LocalPatientID": cases["person_id"],
            "CareProfTeamLocalID": cases["team_id"],
            "ReferralRequestReceivedDate": cases["opened"],
            "SourceOfReferralMH": "A1",
            "ClinRespPriorityType": "3",
            "ServDischDate": cases["closed"],
        }
    )
    extra = [
        _extra_referrals(events[events["kind"] == "crisis_referral"], CRISIS_TEAM, "C", CRISIS_DAYS, last_day),
        _extra_referrals(events[events["kind"] == "ed_liaison"], LIAISON_TEAM, "L", 0, last_day),
    ]
    frame = pd.concat([own, *[part for part in extra if not part.empty]], ignore_index=True)
    frame.insert(2, "OrgIDComm", COMMISSIONER)
    return Submitted("MHS101Referral", frame, "ReferralRequestReceivedDate", "ServDischDate")


def _extra_referrals(events: pd.DataFrame, team: str, letter: str, days: int, last_day: pd.Timestamp) -> pd.DataFrame:
    crisis = letter == "C"
    closed = events["happened_on"] + pd.Timedelta(days=days)
    return pd.DataFrame(
        {
            "ServiceRequestID": letter + events["event_id"],
            "LocalPatientID": events["person_id"],
            "CareProfTeamLocalID": team,
            "ReferralRequestReceivedDate": events["happened_on"],
            "SourceOfReferralMH": "A1" if crisis else codes.EMERGENCY_DEPARTMENT,
            "ClinRespPriorityType": events["source_code"] if crisis else "2",
            "ServDischDate": closed.where(closed <= last_day, last_day),
        }
    )


def _referral_tables(events: pd.DataFrame) -> list[Submitted]:
    joined = events[events["kind"] == "team_change"].drop_duplicates("case_id")
    onward = events[events["kind"] == "onward_referral"]
    work = events[events["kind"] == "indirect_activity"]
    scored = events[events["kind"] == "measure_recorded"]
    other = {
        "ServiceRequestID": joined["case_id"],
        "OtherCareProfTeamLocalID": CRISIS_TEAM,
        "_from": joined["happened_on"],
    }
    on = {
        "ServiceRequestID": onward["case_id"],
        "OnwardReferDate": onward["happened_on"],
        "OnwardReferReason": onward["source_code"].str.zfill(2),
        "OrgIDReceiving": RECEIVER,
    }
    indirect = {
        "ServiceRequestID": work["case_id"],
        "IndirectActDate": work["happened_on"],
        "CareProfLocalID": work["practitioner_id"],
    }
    measure = {
        "ServiceRequestID": scored["case_id"],
        "CodedAssToolType": scored["source_code"],
        "PersScore": "20",
        "AssToolCompTimestamp": scored["happened_on"].dt.strftime("%Y-%m-%dT10:00:00"),
        "CareProfLocalID": scored["practitioner_id"],
        "_on": scored["happened_on"],
    }
    return [
        Submitted("MHS102OtherServiceType", pd.DataFrame(other), "_from"),
        Submitted("MHS105OnwardReferral", pd.DataFrame(on), point="OnwardReferDate"),
        Submitted("MHS204IndirectActivity", pd.DataFrame(indirect), point="IndirectActDate"),
        Submitted("MHS606CodedScoreAssessmentRefer", pd.DataFrame(measure), point="_on"),
    ]


def _contact_tables(events: pd.DataFrame) -> list[Submitted]:
    attended = ("crisis_contact", "out_of_hours_contact", "place_of_safety")
    contacts = events[events["kind"].str.startswith("contact_") | events["kind"].isin(attended)]
    special = contacts["kind"].isin(attended)
    safety = contacts["kind"] == "place_of_safety"
    frame = pd.DataFrame(
        {
            "CareContactID": contacts["event_id"],
            "ServiceRequestID": contacts["case_id"],
            "CareContDate": contacts["happened_on"],
            "CareContTime": contacts["happened_at"],
            "OtherCareProfTeamLocalID": pd.Series(CRISIS_TEAM, index=contacts.index).where(
                contacts["kind"] == "crisis_contact"
            ),
            "ConsMechanismMH": "01",
            "PlaceOfSafetyInd": pd.Series(codes.YES, index=contacts.index).where(safety, "N"),
            "AttendStatus": contacts["source_code"].mask(special, codes.ATTENDED[0]),
        }
    )
    activity = pd.DataFrame(
        {
            "CareActID": "A" + frame["CareContactID"],
            "CareContactID": frame["CareContactID"],
            "_on": frame["CareContDate"],
        }
    )
    staff = pd.DataFrame(
        {
            "CareActID": activity["CareActID"],
            "CareProfLocalID": contacts["practitioner_id"],
            "_on": activity["_on"],
        }
    )
    return [
        Submitted("MHS201CareContact", frame, point="CareContDate"),
        Submitted("MHS202CareActivity", activity, point="_on"),
        Submitted("MHS206StaffActivity", staff.dropna(subset=["CareProfLocalID"]), point="_on"),
    ]


def _staff_tables(simulated: Simulated, cases: pd.DataFrame, events: pd.DataFrame) -> list[Submitted]:
    people = simulated.frames["practitioners"]
    staff = {"CareProfLocalID": people["practitioner_id"], "OrgIDCareProfLocalID": PROVIDER}
    ids = pd.Series([*cases["team_id"].dropna().unique(), CRISIS_TEAM, LIAISON_TEAM]).drop_duplicates()
    teams = {
        "CareProfTeamLocalID": ids,
        "OrgIDCareProfTeamLocalID": PROVIDER,
        "ServTeamTypeMH": team_types(ids),
        "ServTeamIntAgeGroup": ADULTS,
    }
    return [
        Submitted("MHS901StaffDetails", pd.DataFrame(staff)),
        Submitted("MHS902ServiceTeamDetails", pd.DataFrame(teams)),
    ]
