"""The invented supervision of a settled service: in time everywhere but in one team, for its last year."""

from __future__ import annotations

from datetime import timedelta
from functools import cache

import pandas as pd
import pytest

from sampling.model import Period
from sampling.sources.synthetic import simulate
from sampling.sources.synthetic_core import Settled
from sampling.sources.synthetic_supervision import FORMAL, LATE_FOR, LATE_TEAM

LAST_DAY = pd.Timestamp("2026-10-31")


@cache
def frames(settled: bool = True) -> dict[str, pd.DataFrame]:
    service = simulate(
        profile="adult", cases=240, months=27, seed=20261031, last_month=Period("2026-10"),
        settled=Settled(teams=3, staff=15) if settled else None,
    )  # fmt: skip
    return dict(service.frames)


def gaps(formal: pd.DataFrame) -> pd.DataFrame:
    """Returns practitioner, team, the day of each formal one-to-one but the first, and the days since the one before."""
    days = formal.drop_duplicates(["practitioner_id", "held_on"]).sort_values(["practitioner_id", "held_on"])
    days = days.merge(frames()["practitioners"][["practitioner_id", "team_id"]], on="practitioner_id")
    ordinals = pd.Series([day.toordinal() for day in pd.to_datetime(days["held_on"])], index=days.index)
    days["gap"] = ordinals.groupby(days["practitioner_id"]).diff()
    return days.dropna(subset=["gap"])


@cache
def formal_ones() -> pd.DataFrame:
    table = frames()["supervisions"]
    return table[table["kind"] == FORMAL]


def test_one_team_alone_is_seen_too_seldom_in_the_last_year() -> None:
    found = gaps(formal_ones())
    late = f"-{LATE_TEAM:02}"
    since = (LAST_DAY - timedelta(days=LATE_FOR - 60)).date()
    recent = found[pd.to_datetime(found["held_on"]).dt.date > since]
    planted = recent["team_id"].str.endswith(late)
    assert planted.any() and recent.loc[planted, "gap"].min() > 31
    others = recent.loc[~planted, "gap"]
    assert others.median() <= 28 and (others <= 28).mean() > 0.9 and others.max() <= 37


def test_everyone_is_supervised_by_somebody_else_on_a_working_day() -> None:
    table = formal_ones()
    assert (table["practitioner_id"] != table["supervisor_id"]).all()
    assert set(table["practitioner_id"]) == set(frames()["practitioners"]["practitioner_id"])
    days = pd.to_datetime(table["held_on"])
    assert sum(day.weekday() < 5 for day in days) > 0.99 * len(days)


def test_nearly_every_open_case_is_discussed_with_whoever_holds_it() -> None:
    share = formal_ones()["case_id"].notna().mean()
    assert share > 0.95


@pytest.mark.parametrize("kind", ["group", "reflective", "duty_consultation"])
def test_the_other_kinds_stand_as_they_did(kind: str) -> None:
    assert (frames()["supervisions"]["kind"] == kind).any()


def test_a_service_that_grows_keeps_its_table() -> None:
    table = frames(settled=False)["supervisions"]
    assert 0.6 < (table["kind"] == FORMAL).mean() < 0.85


def test_supervisors_are_those_of_the_table_of_practitioners() -> None:
    staff = frames()["practitioners"].set_index("practitioner_id")["supervisor_id"]
    table = formal_ones()
    assert (table["practitioner_id"].map(staff) == table["supervisor_id"]).all()


def test_whoever_is_new_is_seen_about_every_two_weeks_at_first() -> None:
    staff = frames()["practitioners"]
    new = staff[(staff["started"] > pd.Timestamp("2024-09-01")) & ~staff["team_id"].str.endswith(f"-{LATE_TEAM:02}")]
    found = gaps(formal_ones()).merge(new[["practitioner_id", "started"]], on="practitioner_id")
    soon = found[pd.to_datetime(found["held_on"]) < found["started"] + timedelta(days=80)]
    assert len(soon) > 2 and soon["gap"].max() <= 17
