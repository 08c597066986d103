"""The MHSDS writer: what is written and read again is the service that was simulated, hard cases included."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sampling.keys import Keyring
from sampling.model import Extract, Period
from sampling.sources import mhsds
from sampling.sources.mhsds_codes import SEX
from sampling.sources.mhsds_hostile import _snake
from sampling.sources.mhsds_submission import Submitted
from sampling.sources.mhsds_writer import PROVIDER, team_types, write
from sampling.sources.synthetic import Simulated, simulate

# A contact of the crisis team, out of hours or at a place of safety is written as the attended contact that it is.
ATTENDED = ("contact_attended", "crisis_contact", "out_of_hours_contact", "place_of_safety")


def invented(cases: int, seed: int, *, hostile: bool = False, months: int = 3) -> Simulated:
    return simulate(
        profile="adult", cases=cases, months=months, seed=seed, last_month=Period("2026-10"), hostile=hostile
    )


def table(extract: Extract, name: str) -> pd.DataFrame:
    return pd.concat([part.to_pandas() for part in extract.tables[name]])  # type: ignore[union-attr]


def keyed(keyring: Keyring, kind: str, values: pd.Series) -> pd.Series:
    return values.map(lambda local: keyring.key(kind, "mhsds", f"{PROVIDER}:{local}"))


def days(values: pd.Series) -> pd.Series:
    """Returns days as text, empty where there is none."""
    return pd.to_datetime(values).dt.strftime("%Y-%m-%d").astype(object).fillna("")


def assert_same(service: Simulated, extract: Extract, keyring: Keyring) -> None:
    """Cases, allocations and contacts of persons with one case are as simulated; with two, MHS006 cannot say which."""
    cases = service.frames["cases"]
    cases = cases.assign(case_id=keyed(keyring, "case", cases["case_id"]), local=cases["case_id"])
    read = table(extract, "cases")
    both = cases.merge(read, on="case_id", suffixes=("", "_read"))
    assert len(both) == len(cases)
    for column in ("opened", "closed"):
        assert list(days(both[column])) == list(days(both[f"{column}_read"]))
    known = both["sex"].isin(SEX.values())  # any other word is written as X, not known
    assert (both["sex"] == both["sex_read"])[known].all() and both["sex_read"][~known].isna().all()
    assert set(read["case_id"][read["closed"].isna()]) == set(cases["case_id"][cases["closed"].isna()])
    alone = cases[~cases["person_id"].duplicated(keep=False)]
    assert_same_allocations(service, extract, keyring, alone)
    assert_same_contacts(service, extract, keyring, alone)


def assert_same_allocations(service: Simulated, extract: Extract, keyring: Keyring, alone: pd.DataFrame) -> None:
    held = service.frames["allocations"]
    held = held[(held["role"] == "care_coordinator") & held["case_id"].isin(alone["local"])]
    first = pd.Timestamp(service.first_day)
    held = held[held["ended"].isna() | (held["ended"] >= first)]  # an assignment that ended earlier is not submitted
    expected = zip(
        keyed(keyring, "case", held["case_id"]),
        keyed(keyring, "practitioner", held["practitioner_id"]),
        days(held["started"]),
        days(held["ended"]),
        strict=True,
    )
    read = table(extract, "allocations")
    read = read[(read["role"] == "care_coordinator") & read["case_id"].isin(alone["case_id"])]
    spans = [days(read[name]) for name in ("started", "ended")]
    assert set(zip(read["case_id"], read["practitioner_id"], *spans, strict=True)) == set(expected)


def assert_same_contacts(service: Simulated, extract: Extract, keyring: Keyring, alone: pd.DataFrame) -> None:
    events = service.frames["events"]
    events = events[events["case_id"].isin(alone["local"])]
    read = table(extract, "events")
    read = read[read["case_id"].isin(alone["case_id"])]
    for kind in (
        "contact_attended",
        "contact_not_attended",
        "contact_cancelled_by_patient",
        "contact_cancelled_by_provider",
    ):
        made = events[events["kind"].isin(ATTENDED if kind == "contact_attended" else (kind,))]
        expected = pd.Series(keyed(keyring, "case", made["case_id"]) + days(made["happened_on"])).value_counts()
        got = read[read["kind"] == kind]
        found = pd.Series(got["case_id"] + days(got["happened_on"])).value_counts()
        assert found.to_dict() == expected.to_dict()


@settings(max_examples=4, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cases=st.integers(1, 60), seed=st.integers(0, 10_000), months=st.integers(1, 3))
def test_what_is_written_reads_back_as_simulated(
    cases: int, seed: int, months: int, tmp_path_factory: pytest.TempPathFactory, keyring: Keyring
) -> None:
    service = invented(cases, seed, months=months)
    folder = tmp_path_factory.mktemp("mhsds")
    write(service, folder)
    extract = mhsds.read(folder, keyring)
    assert extract.errors == ()
    assert extract.covers_to == service.last_day
    assert_same(service, extract, keyring)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Extract]:
    folder = tmp_path_factory.mktemp("hostile")
    write(invented(80, 3, hostile=True, months=4), folder)
    return folder, mhsds.read(folder, Keyring(bytes(range(32))))


def test_hard_cases_are_written(hostile: tuple[Path, Extract]) -> None:
    folder, _ = hostile
    names = {path.name for path in folder.iterdir()}
    assert {
        "mhs201_care_contact_2026-07.csv",
        "MHS102ServiceTypeReferredTo_2026-07.csv",
        "dbo_MHS005PatInd_2026-07.csv",
    } <= names
    assert (folder / "MHS101Referral_2026-08.csv").read_bytes()[:3] == b"\xef\xbb\xbf"
    assert (folder / "MHS902ServiceTeamDetails_2026-07.txt").read_bytes()[:2] == b"\xff\xfe"
    assert "attend_or_dnacode" in (folder / "mhs201_care_contact_2026-07.csv").read_text(encoding="cp1252")
    assert "1970-01-01T" in (folder / "MHS201CareContact_2026-10.csv").read_text(encoding="utf-8-sig")


def test_hard_cases_are_read_and_few_rows_are_wrong(hostile: tuple[Path, Extract]) -> None:
    codes = {finding.code for finding in hostile[1].findings}
    assert {
        "V5_NAME",
        "SUPPRESSED_VALUE",
        "BIRTH_UNREADABLE",
        "PLACEHOLDER_DATE",
        "UPDATED_BEFORE_CREATED",
        "ROW_REPEATED",
    } <= codes
    assert [finding.code for finding in hostile[1].errors] == ["DATE_UNREADABLE"]
    events = table(hostile[1], "events")
    assert pd.to_datetime(events["happened_on"]).max() <= pd.Timestamp("2026-10-31")
    with_staff = events[events["kind"].str.startswith("contact_")]["practitioner_id"].notna()
    assert with_staff.mean() > 0.95  # in the oldest month by MHS202 as in v5, then by MHS206


def test_nobody_invented_can_be_found_in_the_tables(tmp_path: Path, keyring: Keyring) -> None:
    service = invented(40, 5)
    write(service, tmp_path)
    extract = mhsds.read(tmp_path, keyring)
    shown = "".join(table(extract, name).to_csv() for name in extract.tables) + repr(extract.findings)
    people = service.people
    for secret in [
        *people["nhs_number"].astype(str),
        *people["postcode"],
        *people["person_id"],
        *service.frames["cases"]["case_id"],
    ]:
        assert secret not in shown


def test_a_row_is_submitted_while_it_is_open_and_its_end_only_when_it_has_come() -> None:
    frame = pd.DataFrame(
        {
            "id": ["a", "b"],
            "start": pd.to_datetime(["2026-08-03", "2026-10-01"]),
            "end": pd.to_datetime(["2026-09-20", None]),
        }
    )
    spans = Submitted("MHS006MHCareCoord", frame, "start", "end")
    months = [spans.month(pd.Timestamp(f"2026-{m:02}-01"), pd.Timestamp(f"2026-{m:02}-28")) for m in (7, 8, 9, 10)]
    assert [list(month["id"]) for month in months] == [[], ["a"], ["a"], ["b"]]
    assert months[1]["end"].isna().all() and months[2]["end"].notna().all()


def test_team_types_by_name() -> None:
    assert list(team_types(pd.Series(["EIP North", "CRHT", "Anything"]))) == ["A14", "A02", "A06"]


def test_names_as_warehouses_spell_them() -> None:
    assert _snake("CareContactID") == "care_contact_id"
