"""The MHSDS reader on small folders made by hand: spellings, codes, resubmission, faults, and nothing that identifies a person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from sampling.errors import SourceError
from sampling.keys import Keyring
from sampling.model import Extract
from sampling.sources import mhsds
from sampling.sources.mhsds_cells import age_bands
from sampling.sources.mhsds_contacts import out_of_hours
from sampling.sources.mhsds_files import table_number

Folder = Callable[..., Path]
Reader = Callable[..., Extract]

BASE: Mapping[str, str] = {
    "MHS000Header.csv": """
        DatSetVer,OrgIDProvider,ReportingPeriodStartDate,ReportingPeriodEndDate
        6.0,ZZ1,2026-10-01,2026-10-31""",
    "MHS001MPI.csv": """
        LocalPatientID,NHSNumber,PersonBirthDate,Postcode,GenderIDCode,EthnicCategory,PersDeathDate
        P1,9990000018,1980-11-05,ZZ99 3WZ,2,A,
        P2,9990000026,1961-01-01,ZZ99 3VZ,X,99,2026-10-30""",
    "MHS006MHCareCoord.csv": """
        LocalPatientID,StartDateAssCareCoord,CareProfLocalID,EndDateAssCareCoord,CareProfServOrTeamTypeAssoc
        P1,2026-03-05,S1,,A06
        P2,2026-05-01,S2,,""",
    "MHS101Referral.csv": """
        ServiceRequestID,LocalPatientID,CareProfTeamLocalID,ReferralRequestReceivedDate,SourceOfReferralMH,ClinRespPriorityType,ServDischDate
        R1,P1,T1,2026-03-01,A1,3,
        R2,P2,T1,2026-04-01,A1,3,2026-10-30
        R3,P1,T2,2026-10-10,A1,2,2026-10-14""",
    "MHS902ServiceTeamDetails.csv": """
        CareProfTeamLocalID,ServTeamTypeMH
        T1,A06
        T2,A02""",
}
CONTACTS = "CareContactID,ServiceRequestID,CareContDate,CareContTime,AttendStatus,ConsMechanismMH\n"
SPELLS = "HospProvSpellID,ServiceRequestID,StartDateHospProvSpell,DischDateHospProvSpell,MethOfDischMHHospProvSpell,DestOfDischHospProvSpell\n"


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Makes a folder of the basic tables, with some replaced, added, or (None) left out."""

    def make(files: Mapping[str, str | bytes | None] | None = None) -> Path:
        place = tmp_path / "extract"
        place.mkdir(exist_ok=True)
        for name, content in {**BASE, **(files or {})}.items():
            if isinstance(content, bytes):
                (place / name).write_bytes(content)
            elif content is not None:
                text = "\n".join(line.strip() for line in content.strip().splitlines()) + "\n"
                (place / name).write_text(text, encoding="utf-8")
        return place

    return make


@pytest.fixture
def reader(folder: Folder, keyring: Keyring) -> Reader:
    """Reads such a folder."""
    return lambda files=None: mhsds.read(folder(files), keyring)


def key(keyring: Keyring, kind: str, local: str) -> str:
    return keyring.key(kind, "mhsds", f"ZZ1:{local}")


def rows(extract: Extract, table: str) -> list[dict[str, object]]:
    return [dict(row) for part in extract.tables[table] for row in part.to_pylist()]  # type: ignore[union-attr]


def kinds(extract: Extract, case: str) -> list[tuple[str, str]]:
    """Returns (day, kind) of one case's events, in order."""
    return sorted(
        (str(row["happened_on"]), str(row["kind"])) for row in rows(extract, "events") if row["case_id"] == case
    )


def lines(extract: Extract, code: str) -> str:
    return "\n".join(finding.line() for finding in extract.findings if finding.code == code)


def test_a_referral_is_a_case_with_person_team_and_dates(reader: Reader, keyring: Keyring) -> None:
    extract = reader()
    first, second, third = rows(extract, "cases")
    assert first["case_id"] == key(keyring, "case", "R1")
    assert first["person_id"] == third["person_id"] == key(keyring, "person", "P1")
    assert (first["team_id"], first["service"]) == ("T1", "Community mental health, functional")
    assert (first["opened"], first["closed"], first["died_on"]) == (date(2026, 3, 1), None, None)
    assert (second["closed"], second["died_on"]) == (date(2026, 10, 30), date(2026, 10, 30))
    assert (first["sex"], first["age_band"], first["ethnicity"]) == ("female", "45-54", "A")
    assert (second["sex"], second["age_band"], second["ethnicity"]) == (None, "65-74", None)
    assert (extract.format, extract.profile, extract.system, extract.ids) == ("mhsds", "adult", "mhsds", "key")
    assert (extract.covers_to, extract.local_prefix) == (date(2026, 10, 31), "ZZ1:")
    assert extract.findings == ()


def test_a_coordinator_goes_to_the_referral_of_the_team_type_else_to_all(reader: Reader, keyring: Keyring) -> None:
    found = {(row["case_id"], row["practitioner_id"], row["started"]) for row in rows(reader(), "allocations")}
    assert found == {
        (key(keyring, "case", "R1"), key(keyring, "practitioner", "S1"), date(2026, 3, 5)),
        (key(keyring, "case", "R2"), key(keyring, "practitioner", "S2"), date(2026, 5, 1)),
    }
    unmatched = BASE["MHS006MHCareCoord.csv"].replace("A06", "A14")
    fallback = rows(reader({"MHS006MHCareCoord.csv": unmatched}), "allocations")
    assert {row["case_id"] for row in fallback} == {
        row[0] for row in found
    }  # never the referral to the crisis team, R3


def test_a_missing_table_is_not_recorded_rather_than_none(reader: Reader) -> None:
    extract = reader()
    assert "plans" not in extract.tables and "practitioners" not in extract.tables
    assert any("MHS008CarePlanType is not in the extract" in line for line in extract.cannot_tell)
    empty = reader({"MHS008CarePlanType.csv": "CarePlanID,LocalPatientID,CarePlanTypeMH,CarePlanCreatDate"})
    assert rows(empty, "plans") == []


ATTENDANCE = [
    ("5", "contact_attended"),
    ("6", "contact_attended"),
    ("3", "contact_not_attended"),
    ("7", "contact_not_attended"),
    ("2", "contact_cancelled_by_patient"),
    ("4", "contact_cancelled_by_provider"),
]


@pytest.mark.parametrize(("code", "kind"), ATTENDANCE)
def test_attendance_codes(code: str, kind: str, reader: Reader, keyring: Keyring) -> None:
    extract = reader({"MHS201CareContact.csv": f"{CONTACTS}C1,R1,2026-10-06,10:00:00,{code},01"})
    assert kinds(extract, key(keyring, "case", "R1"))[0] == ("2026-10-06", kind)


def test_a_contact_in_the_future_is_never_counted(reader: Reader) -> None:
    extract = reader(
        {"MHS201CareContact.csv": f"{CONTACTS}C1,R1,2026-11-05,10:00:00,0,01\nC2,R1,2026-10-05,10:00:00,0,01"}
    )
    assert {row["kind"] for row in rows(extract, "events")} == {"crisis_referral"}
    assert "row 3, column AttendStatus" in lines(extract, "ATTENDANCE_NOT_UPDATED")
    assert extract.errors == ()


def test_working_hours_weekends_bank_holidays_and_missing_times() -> None:
    days = pd.to_datetime(
        pd.Series(["2026-10-06", "2026-10-06", "2026-10-06", "2026-10-10", "2026-12-25", "2026-10-06", "2026-10-06"])
    )
    times = pd.Series(["09:00", "17:00", "08:59", "12:00", "12:00", None, "00:00"], dtype=object)
    assert list(out_of_hours(days, times)) == [False, True, True, True, True, False, False]


def test_times_of_1970_and_the_practitioner_of_a_contact(reader: Reader, keyring: Keyring) -> None:
    extract = reader(
        {
            "MHS201CareContact.csv": f"{CONTACTS}C1,R1,2026-10-06,1970-01-01T21:40:00,5,1",
            "MHS202CareActivity.csv": "CareActID,CareContactID\nA1,C1\nA2,C1",
            "MHS206StaffActivity.csv": "CareActID,CareProfLocalID\nA1,S9\nA2,S3",
        }
    )
    contact = next(row for row in rows(extract, "events") if row["kind"] == "out_of_hours_contact")
    assert (contact["happened_at"], contact["practitioner_id"]) == ("21:40", key(keyring, "practitioner", "S3"))


def test_a_crisis_referral_counts_for_the_persons_other_open_case(reader: Reader, keyring: Keyring) -> None:
    assert kinds(reader(), key(keyring, "case", "R1")) == [("2026-10-10", "crisis_referral")]


PRIORITIES = [("1", True), ("4", True), ("2", False), ("3", False)]


@pytest.mark.parametrize(("priority", "counts"), PRIORITIES)
def test_very_urgent_is_code_4_and_stands_above_2(
    priority: str, counts: bool, reader: Reader, keyring: Keyring
) -> None:
    referral = BASE["MHS101Referral.csv"].replace("R1,P1,T1,2026-03-01,A1,3", f"R1,P1,T1,2026-03-01,A1,{priority}")
    found = kinds(reader({"MHS101Referral.csv": referral}), key(keyring, "case", "R1"))
    assert (("2026-03-01", "crisis_referral") in found) is counts


FOLLOW_UP = [  # what happened after a discharge on 14 October, whether it counts as followed up
    ("the contact on the day itself does not count", "C1,R1,2026-10-14,10:00:00,5,01", False),
    ("the third day counts", "C1,R1,2026-10-17,10:00:00,5,01", True),
    ("the fourth does not", "C1,R1,2026-10-18,10:00:00,5,01", False),
    ("by telephone counts", "C1,R1,2026-10-15,10:00:00,6,02", True),
    ("a text message does not", "C1,R1,2026-10-15,10:00:00,5,09", False),
    ("not attended does not", "C1,R1,2026-10-15,10:00:00,3,01", False),
]


@pytest.mark.parametrize(("why", "contact", "followed"), FOLLOW_UP, ids=[row[0] for row in FOLLOW_UP])
def test_follow_up_within_three_days(why: str, contact: str, followed: bool, reader: Reader, keyring: Keyring) -> None:
    files = {
        "MHS201CareContact.csv": CONTACTS + contact,
        "MHS501HospProvSpell.csv": SPELLS + "H1,R1,2026-10-01,2026-10-14,1,19",
    }
    missed = ("2026-10-17", "discharge_not_followed_up") in kinds(reader(files), key(keyring, "case", "R1"))
    assert missed is not followed


NOT_JUDGED = [
    ("death", "H1,R1,2026-10-01,2026-10-14,4,79"),
    ("transfer", "H1,R1,2026-10-01,2026-10-14,1,49"),
    ("the days run past the extract", "H1,R1,2026-10-01,2026-10-29,1,19"),
    ("readmitted", "H1,R1,2026-10-01,2026-10-14,1,19\nH2,R1,2026-10-16,,,"),
]


@pytest.mark.parametrize(("why", "spell"), NOT_JUDGED, ids=[row[0] for row in NOT_JUDGED])
def test_follow_up_is_not_judged(why: str, spell: str, reader: Reader) -> None:
    files = {
        "MHS201CareContact.csv": f"{CONTACTS}C1,R1,2026-10-02,10:00:00,5,01",
        "MHS501HospProvSpell.csv": SPELLS + spell,
    }
    assert "discharge_not_followed_up" not in {row["kind"] for row in rows(reader(files), "events")}


def test_ward_incidents_and_act_changes_reach_the_case(reader: Reader, keyring: Keyring) -> None:
    period = "MHActLegalStatusClassPeriodID"
    extract = reader(
        {
            "MHS501HospProvSpell.csv": SPELLS + "H1,R1,2026-10-01,,,",
            "MHS502WardStay.csv": "WardStayID,HospProvSpellID\nW1,H1",
            "MHS505RestrictiveInterventInc.csv": "RestrictiveIntIncID,HospProvSpellID,StartDateRestrictiveIntInc\nI1,H1,2026-10-03",
            "MHS507SelfHarm.csv": "WardStayID,DateSelfHarm\nW1,2026-10-02",
            "MHS401MHActPeriod.csv": f"{period},LocalPatientID,StartDateMHActLegalStatusClass,LegalStatusCode\nM1,P1,2026-10-04,2\nM2,P1,2026-10-01,1",
            "MHS404CommTreatOrder.csv": f"{period},StartDateCommTreatOrd,EndDateCommTreatOrd\nM1,2026-10-20,",
            "MHS005PatInd.csv": "LocalPatientID,ParentalResp,CPP\nP1,Y,3\nP2,N,3",
        }
    )
    found = [pair for pair in kinds(extract, key(keyring, "case", "R1")) if pair[1] != "crisis_referral"]
    assert found == [
        ("2026-10-01", "admission"),
        ("2026-10-02", "self_harm"),
        ("2026-10-03", "restrictive_intervention"),
        ("2026-10-04", "mha_change"),
        ("2026-10-20", "mha_change"),
        ("2026-10-31", "child_protection_parent"),
    ]
    assert rows(extract, "cases")[0]["legal_status"] == "02"


def test_the_latest_month_of_a_resubmitted_row_counts_and_a_new_team_is_seen(reader: Reader, keyring: Keyring) -> None:
    header = "DatSetVer,OrgIDProvider,ReportingPeriodStartDate,ReportingPeriodEndDate\n6.0,ZZ1,2026-09-01,2026-09-30"
    september = (
        BASE["MHS101Referral.csv"]
        .replace("R1,P1,T1", "R1,P1,T2")
        .replace(",2026-10-30", ",")
        .replace("2026-10-", "2026-09-")
    )
    plan = "CarePlanID,LocalPatientID,CarePlanTypeMH,CarePlanCreatDate,CarePlanLastUpdateDate\nL1,P1,12,2026-01-01,"
    extract = reader(
        {
            "MHS000Header.csv": None,
            "MHS000Header_2026-10.csv": BASE["MHS000Header.csv"],
            "MHS000Header_2026-09.csv": header,
            "MHS101Referral.csv": None,
            "MHS101Referral_202610.csv": BASE["MHS101Referral.csv"],
            "MHS101Referral_202609.csv": september,
            "MHS008CarePlanType_202610.csv": plan + "2026-10-05",
            "MHS008CarePlanType_202609.csv": plan + "2026-02-05",
        }
    )
    first, second, _ = rows(extract, "cases")
    assert (first["team_id"], second["closed"]) == ("T1", date(2026, 10, 30))
    assert ("2026-10-31", "team_change") in kinds(extract, key(keyring, "case", "R1"))
    assert {row["updated"] for row in rows(extract, "plans")} == {date(2026, 10, 5)}
    assert extract.details["months"] == "2"


def test_the_month_may_stand_in_the_row(reader: Reader) -> None:
    header = "UniqMonthID,RecordNumber,ServiceRequestID,LocalPatientID,CareProfTeamLocalID,ReferralRequestReceivedDate,ServDischDate\n"
    text = header + "1519,1,R1,P1,T1,2026-03-01,2026-10-02\n1518,1,R1,P1,T1,2026-03-01,"
    assert rows(reader({"MHS101Referral.csv": text}), "cases")[0]["closed"] == date(2026, 10, 2)


def test_plans_of_v5_and_an_update_before_the_plan(reader: Reader) -> None:
    extract = reader(
        {
            "MHS008CarePlanType.csv": "CarePlanID,LocalPatientID,CarePlanTypeMH,CarePlanCreatDate,CarePlanLastUpdateDate\nL1,P1,12,2026-05-01,2026-04-01",
            "MHS009CarePlanAgreement.csv": "CarePlanID,CarePlanAgreedBy,CarePlanAgreedDate\nL1,11,2026-05-03\nL1,10,2026-05-03\nL1,10,2026-05-02",
        }
    )
    plan = rows(extract, "plans")[0]
    assert (plan["kind"], plan["created"], plan["updated"]) == ("crisis", date(2026, 5, 1), None)
    assert (plan["agreed"], plan["agreed_by"]) == (date(2026, 5, 3), "10 11")
    assert "updated before it was made" in lines(extract, "UPDATED_BEFORE_CREATED")
    assert "CarePlanAgreedDate is the v5 name of CarePlanContentAgreedDate" in lines(extract, "V5_NAME")
    assert extract.errors == ()


NAMES = [
    ("MHS101Referral", ("101", "referral")),
    ("mhs101_referral", ("101", "referral")),
    ("dbo_MHS101Referral", ("101", "referral")),
    ("MHS101Referral_202610", ("101", "referral")),
    ("MHS101Referral_2026-10", ("101", "referral")),
    ("MHS101Referral_20261031", ("101", "referral")),
    ("cases", None),
]


@pytest.mark.parametrize(("name", "expected"), NAMES)
def test_file_names(name: str, expected: tuple[str, str] | None) -> None:
    assert table_number(name) == expected


def test_spellings_separators_and_encodings_read_alike(reader: Reader, folder: Folder, keyring: Keyring) -> None:
    plain = rows(reader(), "cases")
    text = "\n".join(line.strip() for line in BASE["MHS101Referral.csv"].strip().splitlines())
    spelled = (
        text.replace("ServiceRequestID", "service_request_id")
        .replace("LocalPatientID", "LocalPatientId")
        .replace(",", ";")
    )
    for name, content in [
        ("mhs101_referral.txt", spelled.replace(";", "\t").encode("utf-16")),
        ("dbo_MHS101Referral.csv", spelled.encode("utf-8-sig")),
        (
            "MHS101REFERRAL_202610.csv",
            '"'.join(["", text.replace(",", '","').replace("\n", '"\n"'), ""]).encode("cp1252"),
        ),
    ]:
        place = folder({name: content})
        (place / "MHS101Referral.csv").unlink()
        assert rows(mhsds.read(place, keyring), "cases") == plain
        (place / name).unlink()


def test_xlsx_and_parquet_read_alike(reader: Reader, folder: Folder, keyring: Keyring) -> None:
    plain = rows(reader(), "cases")
    place = folder()
    frame = pd.read_csv(place / "MHS101Referral.csv", dtype=str)
    (place / "MHS101Referral.csv").unlink()
    frame.to_parquet(place / "MHS101Referral.parquet")
    assert rows(mhsds.read(place, keyring), "cases") == plain
    (place / "MHS101Referral.parquet").unlink()
    frame.to_excel(place / "export.xlsx", sheet_name="MHS101Referral", index=False)
    assert rows(mhsds.read(place, keyring), "cases") == plain


def test_a_folder_is_recognised_by_its_files(folder: Folder, tmp_path: Path) -> None:
    assert mhsds.recognises(folder())
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "cases.csv").write_text("case_id\n1\n")
    assert not mhsds.recognises(tmp_path / "other")
    assert not mhsds.recognises(tmp_path / "absent")
    with pytest.raises(SourceError, match="no MHSDS table was found"):
        mhsds.read(tmp_path / "other", Keyring(bytes(32)))
    with pytest.raises(SourceError, match="There is no such folder"):
        mhsds.read(tmp_path / "absent", Keyring(bytes(32)))


def test_all_errors_come_at_once_with_file_column_and_row(reader: Reader) -> None:
    extract = reader(
        {
            "MHS006MHCareCoord.csv": "LocalPatientID,StartDateAssCareCoord\nP1,2026-03-05",
            "MHS902ServiceTeamDetails.csv": None,
            "MHS101Referral.csv": """
                ServiceRequestID,LocalPatientID,CareProfTeamLocalID,ReferralRequestReceivedDate,ClinRespPriorityType,ServDischDate
                R1,P1,T1,31/02/2026,3,
                R2,P2,T1,2026-04-01,9,2026-03-01
                R3,,T1,2026-04-01,3,""",
            "MHS201CareContact.csv": f"{CONTACTS}C1,R1,2026-10-06,10:00:00,8,01\nC2,R2,2026-11-06,10:00:00,5,01",
        }
    )
    errors = [finding.line() for finding in extract.errors]
    for text in [
        "MHS006MHCareCoord.csv, column CareProfLocalID: the table MHS006MHCareCoord has no column CareProfLocalID.",
        "the table MHS902ServiceTeamDetails is not in the folder.",
        'MHS101Referral.csv, row 2, column ReferralRequestReceivedDate: expected a date like 2026-03-31 or 31/03/2026, got "31/02/2026".',
        'MHS101Referral.csv, row 3, column ClinRespPriorityType: this is no code of the national list, got "9".',
        "MHS101Referral.csv, row 3, column ServDischDate: the referral was closed before it was received.",
        "MHS101Referral.csv, row 4, column LocalPatientID: a value is required, got an empty cell.",
        'MHS201CareContact.csv, row 2, column AttendStatus: this is no code of the national list, got "8".',
        "MHS201CareContact.csv, row 3, column CareContDate: the contact has an outcome though its day is after the end of the extract.",
    ]:
        assert any(line.startswith(text) for line in errors), (text, errors)
    assert len(errors) == 8


def test_the_same_referral_twice_in_a_month_is_an_error_when_it_says_two_things(reader: Reader) -> None:
    twice = BASE["MHS101Referral.csv"] + "\nR1,P1,T2,2026-03-01,A1,3,"
    assert "stands more than once in one month and says different things" in lines(
        reader({"MHS101Referral.csv": twice}), "ROW_CONFLICT"
    )
    same = BASE["MHS101Referral.csv"] + "\nR1,P1,T1,2026-03-01,A1,3,"
    assert reader({"MHS101Referral.csv": same}).errors == ()


def test_notes_on_orphans_placeholders_suppression_and_stale_referrals(reader: Reader) -> None:
    header = "DatSetVer,OrgIDProvider,ReportingPeriodStartDate,ReportingPeriodEndDate\n6.0,ZZ1,2026-11-01,2026-11-30\n6.0,ZZ1,2026-10-01,2026-10-31"
    extract = reader(
        {
            "MHS000Header.csv": header,
            "MHS101Referral.csv": None,
            "MHS101Referral_202610.csv": BASE["MHS101Referral.csv"],
            "MHS201CareContact_202610.csv": f"{CONTACTS}C1,NOBODY,2026-10-06,10:00:00,5,01",
            "MHS006MHCareCoord.csv": None,
            "MHS006MHCareCoord_202610.csv": BASE["MHS006MHCareCoord.csv"].replace("S1,,", "S1,9999-12-31,"),
            "MHS001MPI.csv": None,
            "MHS001MPI_202610.csv": BASE["MHS001MPI.csv"].replace(",2,A,", ",2,*,"),
        }
    )
    assert "the contact counts for no case" in lines(extract, "ORPHAN")
    assert "read as empty" in lines(extract, "PLACEHOLDER_DATE")
    assert "read as not recorded, never as a number" in lines(extract, "SUPPRESSED_VALUE")
    assert "kept as open" in lines(extract, "REFERRAL_NOT_RESUBMITTED")
    assert extract.errors == ()


def test_without_a_header_the_provider_is_an_error_unless_the_rows_tell(reader: Reader) -> None:
    extract = reader({"MHS000Header.csv": None})
    assert "the table MHS000Header is not in the folder" in lines(extract, "TABLE_MISSING")
    assert "the provider is not known" in lines(extract, "PROVIDER_UNKNOWN")
    assert "no reporting period is recorded" in lines(extract, "PERIOD_MISSING")


def test_local_ids_of_two_providers_stay_apart(reader: Reader, keyring: Keyring) -> None:
    text = "OrgIDProv,ServiceRequestID,LocalPatientID,CareProfTeamLocalID,ReferralRequestReceivedDate\nZZ1,R1,P1,T1,2026-03-01\nZZ2,R1,P1,T1,2026-03-01"
    extract = reader({"MHS101Referral.csv": text})
    assert len({row["case_id"] for row in rows(extract, "cases")}) == 2
    assert (extract.local_prefix, extract.details["providers"]) == ("", "2")


def test_age_bands_at_their_edges() -> None:
    born = pd.to_datetime(pd.Series(["2008-11-01", "2008-10-31", "1941-10-31", None]))
    on = pd.to_datetime(pd.Series(["2026-10-31"] * 4))
    assert list(age_bands(born, on)) == ["0-17", "18-24", "85+", None]


def test_nothing_that_identifies_a_canary_patient_passes_the_reader(reader: Reader) -> None:
    canary = {"nhs": "9991234560", "dob": "1933-03-03", "postcode": "ZZ98 7CY", "name": "Canaria"}
    people = BASE["MHS001MPI.csv"].replace("PersDeathDate", "PersDeathDate,FamilyName") + (
        f"\nCANARY-1,{canary['nhs']},{canary['dob']},{canary['postcode']},2,A,,{canary['name']}"
        f"\nCANARY-2,{canary['nhs']},03/03/1933 {canary['name']},{canary['postcode']},{canary['nhs']},{canary['name']},,"
        f"\nCANARY-2,{canary['nhs']},{canary['dob']},{canary['postcode']},2,A,{canary['name']},"
    )
    referrals = (
        BASE["MHS101Referral.csv"] + f"\nCANARY-3,CANARY-1,{canary['postcode']},{canary['nhs']},A1,{canary['name']},"
    )
    contacts = f"{CONTACTS}{canary['nhs']},CANARY-9,2026-10-06,{canary['name']},{canary['nhs']},01"
    extract = reader({"MHS001MPI.csv": people, "MHS101Referral.csv": referrals, "MHS201CareContact.csv": contacts})
    shown = repr(extract.findings) + repr(extract.counts) + repr(extract.cannot_tell) + repr(extract.details)
    shown += "".join(str(rows(extract, name)) for name in extract.tables) + "".join(
        finding.line() for finding in extract.findings
    )
    assert len(extract.findings) >= 5
    for secret in (*canary.values(), "CANARY", "03/03/1933", "ZZ98", "ZZ99", "9990000018"):
        assert secret not in shown


# Months

HEADERS = {
    f"MHS000Header_2026-{month:02}.csv": BASE["MHS000Header.csv"]
    .replace("2026-10-01", f"2026-{month:02}-01")
    .replace("2026-10-31", str(pd.Period(f"2026-{month:02}").end_time.date()))
    for month in (9, 10, 11)
}
ASSIGNED = "LocalPatientID,StartDateAssCareCoord,CareProfLocalID,EndDateAssCareCoord,CareProfServOrTeamTypeAssoc\n"


def monthly(months: tuple[int, ...], **tables: Mapping[int, str]) -> dict[str, str | bytes | None]:
    """Returns the files of several months: the referrals in each, and others as given by month."""
    files: dict[str, str | bytes | None] = {"MHS000Header.csv": None, "MHS101Referral.csv": None}
    files |= {"MHS006MHCareCoord.csv": None} if "MHS006MHCareCoord" in tables else {}
    for month in months:
        files[f"MHS000Header_2026-{month:02}.csv"] = HEADERS[f"MHS000Header_2026-{month:02}.csv"]
        for name in ("MHS101Referral", *([] if "MHS006MHCareCoord" in tables else ["MHS006MHCareCoord"])):
            files[f"{name}_2026-{month:02}.csv"] = BASE[f"{name}.csv"]
    files |= {} if "MHS006MHCareCoord" in tables else {"MHS006MHCareCoord.csv": None}
    for name, texts in tables.items():
        files |= {f"{name}_2026-{month:02}.csv": text for month, text in texts.items()}
    return files


NO_ROW = [
    ("header only", BASE["MHS101Referral.csv"].strip().splitlines()[0]),
    ("years of two digits", BASE["MHS101Referral.csv"].replace("2026-03-01", "01-Mar-26").replace("2026-04-01", "01-Apr-26").replace("2026-10-10", "10-Oct-26")),
]  # fmt: skip


@pytest.mark.parametrize(("why", "referrals"), NO_ROW, ids=[row[0] for row in NO_ROW])
def test_referrals_without_a_usable_row_are_an_error_beside_all_other_findings(
    why: str, referrals: str, reader: Reader
) -> None:
    extract = reader(
        {"MHS101Referral.csv": referrals, "MHS201CareContact.csv": f"{CONTACTS}C1,R1,2026-10-06,10:00,8,01"}
    )
    assert "MHS101 has no usable row" in lines(extract, "REFERRALS_MISSING")
    assert lines(extract, "CODE_UNKNOWN") != ""
    assert ("which does not say the century" in lines(extract, "DATE_UNREADABLE")) is (why != "header only")


def test_days_as_access_writes_them_with_four_digits_are_read(reader: Reader) -> None:
    text = BASE["MHS101Referral.csv"].replace("2026-03-01", "01-Mar-2026").replace("2026-04-01", "1 April 2026")
    assert [row["opened"] for row in rows(reader({"MHS101Referral.csv": text}), "cases")][:2] == [
        date(2026, 3, 1),
        date(2026, 4, 1),
    ]


def test_each_folder_has_the_month_of_its_own_header(tmp_path: Path, keyring: Keyring) -> None:
    for name, month, closed in (("October", "10", "2026-10-15"), ("September", "09", "")):
        place = tmp_path / "extract" / name
        place.mkdir(parents=True)
        for file, text in BASE.items():
            lines_of = "\n".join(line.strip() for line in text.strip().splitlines()) + "\n"
            if file == "MHS000Header.csv":
                lines_of = HEADERS[f"MHS000Header_2026-{month}.csv"].replace("    ", "").strip() + "\n"
            if file == "MHS101Referral.csv":
                lines_of = "\n".join(lines_of.splitlines()[:2]) + closed + "\n"
            (place / file).write_text(lines_of, encoding="utf-8")
    extract = mhsds.read(tmp_path / "extract", keyring)
    assert rows(extract, "cases")[0]["closed"] == date(2026, 10, 15)
    assert extract.errors == () and extract.details["months"] == "2"


def test_rows_of_no_known_month_are_an_error_where_there_are_several(reader: Reader) -> None:
    headers = {name: HEADERS[name] for name in ("MHS000Header_2026-09.csv", "MHS000Header_2026-10.csv")}
    extract = reader({"MHS000Header.csv": None, **headers})
    assert "MHS101Referral.csv" in lines(extract, "PERIOD_UNKNOWN") and "MHS006" in lines(extract, "PERIOD_UNKNOWN")
    assert "MHS902" not in lines(extract, "PERIOD_UNKNOWN")  # each team stands once: nothing hangs on the month
    assert len(extract.errors) == 2


def test_a_protection_plan_counts_in_each_month_that_says_so(reader: Reader, keyring: Keyring) -> None:
    said = "LocalPatientID,ParentalResp,CPP\nP1,Y,"
    extract = reader(monthly((9, 10, 11), MHS005PatInd={9: said + "3", 10: said + "3\nP1,Y,3", 11: said + "2"}))
    found = [pair for pair in kinds(extract, key(keyring, "case", "R1")) if pair[1] == "child_protection_parent"]
    assert [day for day, _ in found] == ["2026-09-30", "2026-10-31"]


REPLACED = [  # the rows of September and October, and who then holds R1: practitioner, last day
    ("a correction", "P1,2026-09-01,S1,,A06", "P1,2026-09-01,S2,,A06", [("S2", None)], "ASSIGNMENT_SUPERSEDED"),
    ("a handover without an end", "P1,2026-08-01,S1,,A06", "P1,2026-10-05,S2,,A06", [("S1", date(2026, 9, 30)), ("S2", None)], "ASSIGNMENT_SUPERSEDED"),
    ("two at once, one gone", "P1,2026-09-01,S1,,A06\nP1,2026-09-01,S2,,A06", "P1,2026-09-01,S2,,A06", [("S1", date(2026, 9, 30)), ("S2", None)], "ASSIGNMENT_SUPERSEDED"),
    ("none in October", "P1,2026-09-01,S1,,A06", "P2,2026-05-01,S2,,", [("S1", None)], "ASSIGNMENT_NOT_RESUBMITTED"),
    ("the same again", "P1,2026-09-01,S1,,A06", "P1,2026-09-01,S1,,A06", [("S1", None)], ""),
]  # fmt: skip


@pytest.mark.parametrize(("why", "before", "after", "held", "code"), REPLACED, ids=[row[0] for row in REPLACED])
def test_an_assignment_that_a_later_month_replaced(
    why: str,
    before: str,
    after: str,
    held: list[tuple[str, date | None]],
    code: str,
    reader: Reader,
    keyring: Keyring,
) -> None:
    extract = reader(monthly((9, 10), MHS006MHCareCoord={9: ASSIGNED + before, 10: ASSIGNED + after}))
    found = {
        (row["practitioner_id"], row["ended"])
        for row in rows(extract, "allocations")
        if row["case_id"] == key(keyring, "case", "R1")
    }
    assert found == {(key(keyring, "practitioner", who), until) for who, until in held}
    noted = {finding.code for finding in extract.findings if finding.code.startswith("ASSIGNMENT_")}
    assert noted == ({code} if code else set())


# What counts for which case


def test_a_crisis_or_liaison_referral_is_no_case_of_the_co_ordinator_unless_its_team_type_says_so(
    reader: Reader, keyring: Keyring
) -> None:
    files = {
        "MHS101Referral.csv": BASE["MHS101Referral.csv"].replace("2026-10-14", ""),
        "MHS006MHCareCoord.csv": BASE["MHS006MHCareCoord.csv"].replace("A06", ""),
    }
    extract = reader(files)
    held = {row["case_id"] for row in rows(extract, "allocations")}
    assert key(keyring, "case", "R3") not in held and key(keyring, "case", "R1") in held
    twice = [finding for finding in extract.findings if finding.code == "PERSON_TWICE"]
    assert [(finding.severity, finding.count) for finding in twice] == [("note", 1)]
    own = reader({**files, "MHS006MHCareCoord.csv": BASE["MHS006MHCareCoord.csv"].replace("A06", "A02")})
    assert {row["case_id"] for row in rows(own, "allocations")} >= {key(keyring, "case", "R3")}


STEPPED_DOWN = [("2026-10-15", True), ("2027-01-08", True), ("2027-01-09", False)]


@pytest.mark.parametrize(("opened", "counts"), STEPPED_DOWN)
def test_a_crisis_counts_for_the_case_that_was_opened_up_to_90_days_later(
    opened: str, counts: bool, reader: Reader, keyring: Keyring
) -> None:
    later = BASE["MHS101Referral.csv"] + f"\nR4,P1,T1,{opened},A1,3,"
    header = BASE["MHS000Header.csv"].replace("2026-10-31", "2027-01-31")
    found = kinds(reader({"MHS101Referral.csv": later, "MHS000Header.csv": header}), key(keyring, "case", "R4"))
    assert (("2026-10-10", "crisis_referral") in found) is counts


# Cells


def test_telemedicine_of_v5_is_video_of_v6(reader: Reader, keyring: Keyring) -> None:
    files = {"MHS501HospProvSpell.csv": SPELLS + "H1,R1,2026-10-01,2026-10-14,1,19"}
    contact = "C1,R1,2026-10-15,10:00:00,5,3"
    old = reader({**files, "MHS201CareContact.csv": CONTACTS.replace("ConsMechanismMH", "ConsMediumUsed") + contact})
    assert "03 as 11" in lines(old, "V5_CODE")
    missed = ("2026-10-17", "discharge_not_followed_up")
    assert missed not in kinds(old, key(keyring, "case", "R1"))
    new = reader({**files, "MHS201CareContact.csv": CONTACTS + contact})
    assert lines(new, "V5_CODE") == "" and missed in kinds(new, key(keyring, "case", "R1"))


def test_times_in_utc_are_read_as_the_clock_in_england(reader: Reader) -> None:
    text = f"{CONTACTS}C1,R1,2026-07-15,2026-07-15T16:30:00Z,5,01\nC2,R1,2026-10-28,2026-10-28T16:30:00Z,5,01\nC3,R1,2026-07-15,16:30:00Z,5,01"
    extract = reader({"MHS201CareContact.csv": text})
    late = [row["happened_at"] for row in rows(extract, "events") if row["kind"] == "out_of_hours_contact"]
    assert late == ["17:30"]
    assert "1 time(s) have a time zone but no day" in lines(extract, "TIME_ZONE_UNSURE")


def test_a_weekend_or_bank_holiday_needs_no_time(reader: Reader) -> None:
    days = pd.to_datetime(pd.Series(["2026-10-10", "2026-10-10", "2026-08-31", "2026-10-06", None]))
    times = pd.Series([None, "00:00", None, "00:00", None], dtype=object)
    assert list(out_of_hours(days, times)) == [True, True, True, False, False]
    text = f"{CONTACTS}C1,R1,2026-10-10,,5,01\nC2,R1,2026-10-06,,5,01"
    assert "row 3" in lines(reader({"MHS201CareContact.csv": text}), "TIME_MISSING")


def test_rows_keep_their_number_after_blank_lines_and_query_lines(reader: Reader) -> None:
    head, *body = (line.strip() for line in BASE["MHS101Referral.csv"].strip().splitlines())
    dashes = ",".join("-" * 8 for _ in head.split(","))
    text = "\n".join(
        [head, dashes, body[0], "", "", body[1].replace("2026-04-01", "2026-13-01"), body[2], "", "(3 rows affected)"]
    )
    extract = reader({"MHS101Referral.csv": text.encode()})
    assert "MHS101Referral.csv, row 6, column ReferralRequestReceivedDate" in lines(extract, "DATE_UNREADABLE")
    noted = lines(extract, "QUERY_LINE")
    assert "row 2:" in noted and "row 9:" in noted
    assert len(rows(extract, "cases")) == 2 and len(extract.errors) == 1


def test_headers_that_stand_twice_and_rows_that_are_too_long_are_errors(reader: Reader) -> None:
    text = f"{CONTACTS.strip()},CareContDate,other,other\nC1,R1,2026-10-06,10:00,5,01,2026-10-07,a,b,c"
    extract = reader({"MHS201CareContact.csv": text})
    assert "1 column header(s) stand more than once" in lines(extract, "HEADER_TWICE")  # `other` is not read
    assert "row 2" in lines(extract, "ROW_TOO_LONG")
    total = reader({"MHS901StaffDetails.csv": "CareProfLocalID\nS1\nS2\nTotal: 2"})
    assert len(rows(total, "practitioners")) == 2 and "left out" in lines(total, "TOTAL_ROW")


def test_what_the_extract_could_never_show_is_said(reader: Reader) -> None:
    bare = reader().cannot
    assert {"safeguarding_concern", "medication_change", "visit_overdue", "admission", "contact_attended"} <= bare
    assert {"review_overdue:crisis", "plan_stale:crisis", "plan_stale:cp", "team_change", "self_harm"} <= bare
    assert not {"crisis_referral", "practitioner_change"} & bare
    spell, ward = SPELLS + "H1,R1,2026-10-01,,,", "WardStayID,HospProvSpellID\nW1,H1"
    more = reader(
        {
            **monthly((9, 10)),
            "MHS008CarePlanType.csv": "CarePlanID,LocalPatientID,CarePlanTypeMH,CarePlanCreatDate",
            "MHS201CareContact.csv": CONTACTS,
            "MHS501HospProvSpell_2026-10.csv": spell,
            "MHS502WardStay.csv": ward,
            "MHS507SelfHarm.csv": "WardStayID,DateSelfHarm",
        }
    ).cannot
    assert not {"admission", "discharge_not_followed_up", "self_harm", "plan_stale:crisis", "team_change"} & more
    assert {"assault", "plan_stale:cp", "review_overdue:crisis", "child_protection_parent"} <= more
