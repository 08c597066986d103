"""The synthetic service: the same every time, lifelike, and true to the canonical schema."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tomllib
import unicodedata
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.errors import UsageError
from sampling.model import Period, Profile
from sampling.sources.synthetic import Simulated, simulate, simulate_blocks, union
from sampling.sources.synthetic_hostile import HOSTILE_CASE_IDS, HOSTILE_PRACTITIONER_IDS, HOSTILE_TEXTS
from sampling.sources.tables import ACCOUNTABLE_ROLES, TABLES, to_arrow

ROOT = Path(__file__).resolve().parents[2]
OCTOBER = Period("2026-10")
PROFILES: tuple[Profile, ...] = ("adult", "children")
FINGERPRINT = """
from tests.unit.test_synthetic import fingerprint, service
print(fingerprint(service({profile!r}, 120)))
"""


@cache
def service(profile: Profile, cases: int, seed: int = 11, hostile: bool = False) -> Simulated:
    return simulate(profile=profile, cases=cases, months=12, seed=seed, last_month=OCTOBER, hostile=hostile)


def fingerprint(simulated: Simulated) -> str:
    digest = hashlib.sha256()
    tables = {**simulated.frames, "people": simulated.people, "workers": simulated.workers}
    for name in sorted(tables):
        digest.update(name.encode() + tables[name].to_csv(index=False).encode())
    return digest.hexdigest()


def open_cases(simulated: Simulated) -> pd.DataFrame:
    cases = simulated.frames["cases"]
    return cases[cases["closed"].isna()]


def open_allocations(simulated: Simulated) -> pd.DataFrame:
    """Accountable allocations of open cases on the last day."""
    table = simulated.frames["allocations"]
    live = table["ended"].isna() & table["role"].isin(ACCOUNTABLE_ROLES)
    return table[live & table["case_id"].isin(open_cases(simulated)["case_id"])]


def all_events(simulated: Simulated) -> pd.DataFrame:
    """The events together with what the extension tables add to them."""
    frames = simulated.frames
    parts = [
        frames["events"],
        frames["local_events"],
        frames["safeguarding"].assign(kind="safeguarding_concern").rename(columns={"raised_on": "happened_on"}),
        frames["out_of_hours"].assign(kind="out_of_hours_contact"),
    ]
    return pd.concat([part[["case_id", "kind", "happened_on"]] for part in parts], ignore_index=True)


def cases_with(signal: dict[str, Any], simulated: Simulated) -> set[str]:
    end = pd.Timestamp(simulated.last_day)
    since = end - pd.Timedelta(days=signal["window_days"])
    frames = simulated.frames
    if signal["basis"] == "event":
        events = all_events(simulated)
        found = events[events["kind"].isin(signal["kinds"]) & (events["happened_on"] > since)]
        counts = found.groupby("case_id").size()
        return set(counts[counts >= signal.get("minimum", 1)].index)
    if signal["basis"] == "practitioner_change":
        table = frames["allocations"][frames["allocations"]["role"].isin(ACCOUNTABLE_ROLES)]
        had = set(table.loc[table["ended"].notna(), "case_id"])
        return set(table.loc[(table["started"] > since) & table["case_id"].isin(had), "case_id"])
    plans = frames["plans"][frames["plans"]["kind"].isin(signal["kinds"])]
    if signal["basis"] == "plan_stale":
        return set(open_cases(simulated)["case_id"]) - set(plans.loc[plans["updated"] > since, "case_id"])
    return set(plans.loc[(plans["review_due"] < end) & plans["ended"].isna(), "case_id"])


def volatile_share(simulated: Simulated) -> float:
    """The share of open cases with one major or two distinct signals, by the policy file."""
    policy = tomllib.loads((ROOT / "policies" / f"signals_{simulated.profile}.toml").read_text("utf-8"))
    still = set(open_cases(simulated)["case_id"])
    counts: Counter[str] = Counter()
    major: set[str] = set()
    for signal in policy["signal"]:
        found = cases_with(signal, simulated) & still
        counts.update(found)
        major |= found if signal["major"] else set()
    return sum(case in major or counts[case] >= 2 for case in still) / len(still)


def assert_canonical(simulated: Simulated) -> None:
    for name, frame in simulated.frames.items():
        schema = TABLES[name]
        assert list(frame.columns) == [column.name for column in schema.columns], name
        to_arrow(name, frame)
        for column in schema.columns:
            values = frame[column.name]
            assert not (column.required and values.isna().any()), (name, column.name)
            if column.values:
                assert set(values.dropna()) <= set(column.values), (name, column.name)
        if schema.unique:
            assert not frame.duplicated(list(schema.unique)).any(), name
    assert set(simulated.frames) == set(TABLES) - {
        "notes"
    }  # notes go with the files alone: sampling/sources/synthesis.py


def assert_days_agree(simulated: Simulated) -> None:
    frames = simulated.frames
    cases = frames["cases"].set_index("case_id")
    assert (cases["closed"].isna() | (cases["closed"] >= cases["opened"])).all()
    assert (cases["died_on"].isna() | (cases["died_on"] >= cases["opened"])).all()
    allocations = frames["allocations"]
    assert (allocations["ended"].isna() | (allocations["ended"] >= allocations["started"])).all()
    assert (allocations["started"] >= allocations["case_id"].map(cases["opened"])).all()
    practitioners = frames["practitioners"]
    employed = practitioners.set_index("practitioner_id")
    left = allocations["practitioner_id"].map(employed["left_on"])
    assert (allocations["started"] <= left.fillna(allocations["started"])).all()
    joined = allocations["practitioner_id"].map(employed["started"])
    assert (allocations["started"] >= joined).all()
    assert (practitioners["left_on"].isna() | (practitioners["left_on"] >= practitioners["started"])).all()
    plans = frames["plans"]
    assert (plans["updated"] >= plans["created"]).all()
    events = frames["events"]
    assert events["happened_on"].between(str(simulated.first_day), str(simulated.last_day)).all()
    assert events["happened_on"].is_monotonic_increasing
    assert (events["happened_on"] >= events["case_id"].map(cases["opened"])).all()


def assert_ids_known(simulated: Simulated) -> None:
    cases = set(simulated.frames["cases"]["case_id"])
    staff = set(simulated.frames["practitioners"]["practitioner_id"])
    for frame in simulated.frames.values():
        for column in frame.columns:
            values = set(frame[column].dropna())
            if column == "case_id":
                assert values <= cases
            if column in ("practitioner_id", "supervisor_id", "author_id", "approved_by"):
                assert values <= staff
    assert set(simulated.frames["cases"]["person_id"]) == set(simulated.people["person_id"])
    assert set(simulated.workers["practitioner_id"]) == staff


@pytest.mark.parametrize("profile", PROFILES)
def test_same_inputs_give_the_same_service_in_another_process(profile: Profile) -> None:
    here = fingerprint(service(profile, 120))
    assert here == fingerprint(service.__wrapped__(profile, 120))
    result = subprocess.run(
        [sys.executable, "-c", FINGERPRINT.format(profile=profile)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "77", "PYTHONPATH": str(ROOT)},
    )
    assert result.stdout.strip() == here


def test_another_seed_gives_another_service() -> None:
    assert fingerprint(service("adult", 120)) != fingerprint(service("adult", 120, seed=12))


@pytest.mark.parametrize("profile", PROFILES)
@settings(max_examples=25, deadline=None)
@given(cases=st.integers(1, 60), months=st.integers(1, 15), seed=st.integers(0, 2**63), month=st.integers(1, 12))
def test_every_small_service_is_canonical(profile: Profile, cases: int, months: int, seed: int, month: int) -> None:
    period = Period(f"2026-{month:02d}")
    simulated = simulate(profile=profile, cases=cases, months=months, seed=seed, last_month=period)
    assert len(open_cases(simulated)) == cases
    assert simulated.last_day == period.last_day
    assert_canonical(simulated)
    assert_days_agree(simulated)
    assert_ids_known(simulated)


@pytest.mark.parametrize("profile", PROFILES)
@settings(max_examples=15, deadline=None)
@given(cases=st.integers(1, 60), months=st.integers(1, 15), seed=st.integers(0, 2**63))
def test_every_small_hostile_service_has_its_required_cells(
    profile: Profile, cases: int, months: int, seed: int
) -> None:
    simulated = simulate(profile=profile, cases=cases, months=months, seed=seed, last_month=OCTOBER, hostile=True)
    assert_canonical(simulated)
    assert_ids_known(simulated)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("seed", [1, 2])
def test_about_three_cases_in_ten_are_volatile(profile: Profile, seed: int) -> None:
    assert 0.25 <= volatile_share(service(profile, 3000, seed=seed)) <= 0.35


@pytest.mark.parametrize("profile", PROFILES)
def test_caseloads_are_lifelike(profile: Profile) -> None:
    simulated = service(profile, 300)
    held = open_allocations(simulated)["practitioner_id"].value_counts()
    staff = simulated.frames["practitioners"].set_index("practitioner_id")
    sizes = held.reindex(staff.index, fill_value=0)
    assert {0, 1, 2} <= set(sizes)
    present = sizes[staff["left_on"].isna() & (sizes > 2)]
    low, high = (15, 38) if profile == "adult" else (10, 26)
    assert low <= present.median() <= high
    assert present.max() > 1.3 * present.median()
    by_case = open_allocations(simulated)["case_id"].value_counts()
    assert (by_case == 2).any()
    assert len(by_case) < len(open_cases(simulated))
    teams = staff.groupby("team_id").size()
    assert teams.between(6, 14).all()


@pytest.mark.parametrize("profile", PROFILES)
def test_people_come_and_go(profile: Profile) -> None:
    simulated = service(profile, 300)
    staff = simulated.frames["practitioners"].set_index("practitioner_id")
    month = simulated.last_day.replace(day=1)
    left = staff[staff["left_on"].notna()]
    assert (left["agency"] & left["left_on"].between(str(month), str(simulated.last_day))).any()
    assert (staff["started"] > str(simulated.last_day - pd.Timedelta(days=200))).any()
    assert set(open_allocations(simulated)["practitioner_id"]) & set(left.index)
    table = simulated.frames["allocations"]
    assert (table["reason"] == "left the team").any()
    assert table["ended"].between(str(month), str(simulated.last_day)).any()
    assert staff["supervisor_id"].notna().mean() > 0.9
    assert simulated.frames["cases"]["died_on"].notna().any() or profile == "children"


def test_adult_events_carry_what_the_national_tables_carry() -> None:
    simulated = service("adult", 3000, seed=1)
    events = simulated.frames["events"]
    contacts = events[events["kind"].str.startswith("contact_")]
    assert contacts["practitioner_id"].notna().all()
    assert set(contacts["source_code"]) == {"5", "6", "3", "7", "2", "4"}
    assert 0.06 <= (contacts["kind"] == "contact_not_attended").mean() <= 0.12
    assert 0.97 <= contacts["happened_at"].notna().mean() < 1.0
    crises = events[events["kind"] == "crisis_referral"]
    assert set(crises["source_code"]) == {"1", "4", "2"}
    assert (events["kind"] == "discharge_not_followed_up").any()
    assert {"MHS201CareContact", "MHS101Referral", "MHS501HospProvSpell"} <= set(events["source_table"])


def test_discharge_without_follow_up_means_just_that() -> None:
    events = service("adult", 3000, seed=1).frames["events"]
    seen = events[events["kind"].isin(["contact_attended", "crisis_contact", "out_of_hours_contact"])]
    days = set(zip(seen["case_id"], seen["happened_on"], strict=True))
    late = events[events["kind"] == "discharge_not_followed_up"]
    discharged = late["happened_on"] - pd.Timedelta(days=3)
    for case, day in zip(late["case_id"], discharged, strict=True):
        assert not any((case, day + pd.Timedelta(days=n)) in days for n in (1, 2, 3))


def test_routine_contacts_keep_to_working_days() -> None:
    events = service("adult", 3000, seed=1).frames["events"]
    routine = events[events["kind"] == "contact_attended"]
    assert (routine["happened_on"].dt.day_of_week < 5).mean() > 0.98


def test_plans_go_stale_and_some_are_missing() -> None:
    simulated = service("adult", 3000, seed=1)
    plans = simulated.frames["plans"]
    crisis = plans[(plans["kind"] == "crisis") & plans["ended"].isna()]
    old = crisis["updated"] < pd.Timestamp(simulated.last_day) - pd.Timedelta(days=365)
    assert 0.03 < old.mean() < 0.2
    assert len(crisis) < len(open_cases(simulated))
    assert 0.1 < plans["review_due"].isna().mean() < 0.2


def test_siblings_share_a_family_a_name_and_an_address() -> None:
    people = service("children", 300).people
    sizes = people.groupby("family_id").size()
    assert (sizes >= 2).sum() > 20
    assert (people.groupby("family_id")[["family_name", "postcode"]].nunique() == 1).all().all()


@pytest.mark.parametrize("profile", PROFILES)
def test_nobody_can_be_real(profile: Profile) -> None:
    people = service(profile, 3000, seed=1).people
    numbers = people["nhs_number"]
    assert numbers.is_unique
    assert numbers.str.fullmatch(r"999\d{7}").all()
    digits = numbers.map(lambda text: [int(digit) for digit in text])
    total = digits.map(lambda d: sum(weight * x for weight, x in zip(range(10, 1, -1), d, strict=False)))
    check = (11 - total % 11) % 11
    assert (check == digits.map(lambda d: d[9])).all()
    assert people["postcode"].str.fullmatch(r"ZZ\d{1,2} \d[A-Z]{2}").all()
    assert not people["postcode"].str.startswith("ZZ99").any()


@pytest.mark.parametrize("profile", PROFILES)
def test_the_bias_table_has_its_columns(profile: Profile) -> None:
    cases = service(profile, 3000, seed=1).frames["cases"]
    assert set(cases["sex"]) == {"female", "male", "not recorded"}
    assert cases["age_band"].nunique() >= 4
    assert cases["ethnicity"].nunique() > 12
    assert {"Z", "99"} <= set(cases["ethnicity"]) or {"REFU", "NOBT"} <= set(cases["ethnicity"])


def test_worker_names_do_not_repeat() -> None:
    assert service("children", 3000, seed=1).workers["name"].is_unique


def test_one_block_is_the_same_as_the_whole() -> None:
    whole = service("adult", 90)
    [block] = simulate_blocks(profile="adult", cases=90, months=12, seed=11, last_month=OCTOBER, block_cases=90)
    assert fingerprint(block) == fingerprint(whole)


@settings(max_examples=10, deadline=None)
@given(cases=st.integers(1, 120), size=st.integers(15, 50), hostile=st.booleans())
def test_blocks_never_share_an_id(cases: int, size: int, hostile: bool) -> None:
    blocks = list(
        simulate_blocks(
            profile="adult",
            cases=cases,
            months=4,
            seed=3,
            last_month=OCTOBER,
            block_cases=size,
            hostile=hostile,
        )
    )
    assert len(blocks) == -(-cases // size)
    together = union(blocks)
    for name, frame in together.frames.items():
        assert name == "control_totals" or len(frame) == sum(len(block.frames[name]) for block in blocks)
    assert together.frames["cases"]["case_id"].is_unique
    assert together.frames["practitioners"]["practitioner_id"].is_unique
    assert together.frames["events"]["event_id"].is_unique
    assert together.people["person_id"].is_unique
    assert together.people["nhs_number"].dropna().is_unique
    if not hostile:
        totals = together.frames["control_totals"].set_index("name")["expected"]
        assert totals["open_cases"] == cases
        assert totals["events"] == len(together.frames["events"])


@pytest.mark.parametrize("profile", PROFILES)
def test_as_many_events_and_practitioners_as_asked_for(profile: Profile) -> None:
    simulated = simulate(
        profile=profile,
        cases=1000,
        months=12,
        seed=1,
        last_month=OCTOBER,
        events_per_case=50,
        cases_per_practitioner=40 / 3,
    )
    assert len(simulated.frames["events"]) == 50_000
    assert len(simulated.frames["practitioners"]) == 75
    few = simulate(profile=profile, cases=1000, months=12, seed=1, last_month=OCTOBER, events_per_case=10)
    assert len(few.frames["events"]) < 12_000


@pytest.mark.parametrize("profile", PROFILES)
def test_hostile_services_hold_the_hard_cases(profile: Profile) -> None:
    simulated = service(profile, 300, hostile=True)
    frames, end = simulated.frames, pd.Timestamp(simulated.last_day)
    assert simulated.hostile
    assert set(HOSTILE_CASE_IDS) <= set(frames["cases"]["case_id"])
    assert set(HOSTILE_CASE_IDS) <= set(frames["allocations"]["case_id"])
    assert set(HOSTILE_PRACTITIONER_IDS) <= set(frames["practitioners"]["practitioner_id"])
    assert set(HOSTILE_TEXTS) <= set(frames["documents"]["ref"])
    assert (frames["cases"]["died_on"] > end).any()
    assert (frames["cases"]["closed"] == end).any() and (frames["cases"]["closed"] > end).any()
    assert (frames["cases"]["opened"] == end).any() and (frames["cases"]["opened"] > end).any()
    assert (frames["plans"]["updated"] < frames["plans"]["created"]).any()
    assert (frames["events"]["happened_on"] > end).any()
    clocks = frames["events"][frames["events"]["happened_at"] == "01:30"]["happened_on"]
    assert {pd.Timestamp("2026-03-29"), pd.Timestamp("2026-10-25")} <= set(clocks)
    folded = simulated.workers["name"].str.replace("\u00a0", " ").str.replace("\u2019", "'").str.strip()
    assert folded.duplicated().any() and simulated.workers["name"].is_unique
    assert simulated.people["born"].isna().any()
    accountable = frames["allocations"][frames["allocations"]["role"].isin(ACCOUNTABLE_ROLES)]
    assert (accountable["ended"] == end).any() and (accountable["started"] > end).any()


def test_hostile_ids_hold_both_spellings_of_an_accent() -> None:
    forms = {unicodedata.is_normalized("NFC", text) for text in HOSTILE_CASE_IDS if not text.isascii()}
    assert forms == {True, False}
    assert len(set(HOSTILE_CASE_IDS)) == len(HOSTILE_CASE_IDS)


@pytest.mark.parametrize(
    ("cases", "months", "seed", "match"),
    [
        (0, 12, 1, "at least 1 case"),
        (10, 0, 1, "1 month"),
        (10, 12, -1, "seed of 0"),
        (10, 241, 1, "240 months"),
    ],
)
def test_impossible_sizes_are_refused(cases: int, months: int, seed: int, match: str) -> None:
    with pytest.raises(UsageError, match=match):
        simulate(profile="adult", cases=cases, months=months, seed=seed, last_month=OCTOBER)
