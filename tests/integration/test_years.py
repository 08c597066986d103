"""Two years of an invented service: what is true of it is known, the journal is one that the service reads, and the same seed repeats it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sampling.model import Period
from sampling.sources.synthetic import simulate
from sampling.sources.synthetic_core import Settled


@pytest.mark.parametrize("seed", [1, 2])
def test_a_settled_service_is_as_large_in_its_first_month_as_in_its_last(seed: int) -> None:
    service = simulate(
        profile="adult",
        cases=280,
        months=27,
        seed=seed,
        last_month=Period("2026-10"),
        settled=Settled(teams=3, staff=18),
    )
    cases, held = service.frames["cases"], service.frames["allocations"]
    assert len(service.frames["practitioners"]) == 18 and cases["team_id"].nunique() == 3
    counts, holders = [], []
    for day in pd.date_range("2024-11-30", "2026-10-31", freq="ME"):
        there = (cases["opened"] <= day) & ~(cases["closed"] <= day)
        counts.append(int(there.sum()))
        now = held[(held["started"] <= day) & ~(held["ended"] <= day) & held["case_id"].isin(cases["case_id"][there])]
        holders.append(now["practitioner_id"].nunique())
    assert np.ptp(counts) < 0.25 * np.mean(counts)
    assert min(holders) >= 9
