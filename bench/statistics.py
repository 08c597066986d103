"""Statistics of many at once: 10,000 series through SPC, 10,000 practitioners through estimates, each beside the same written plainly.

The plain ways are what one would write in pandas and loops from the same rules; they must find the same, or the measurement stops.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np
import pandas as pd

from sampling.evidence.estimates import weighted_mean
from sampling.evidence.spc.limits import analyse_many
from sampling.evidence.spc.xmr import MAKING_DATA_COUNT, xmr_charts

MANY, MONTHS, PLAIN = 10_000, 24, 1_000
_REPEATS = 3


def series(many: int) -> pd.DataFrame:
    """Returns so many series of months, a few of them with a change half-way."""
    chance = np.random.default_rng(20261031)
    values = chance.normal(50, 6, (many, MONTHS)).round(1)
    values[::10, MONTHS // 2 :] += 8
    periods = [f"{2024 + month // 12}-{month % 12 + 1:02d}" for month in range(MONTHS)]
    frame = pd.DataFrame({"series": np.repeat([f"S{n:05d}" for n in range(many)], MONTHS), "period": periods * many})
    return frame.assign(value=values.ravel())


def plain_rules(frame: pd.DataFrame) -> list[list[bool]]:
    """Returns for each series which months have special cause: the rules of Making Data Count as loops over each series."""
    found = []
    for _, rows in frame.groupby("series"):
        values = rows.sort_values("period")["value"]
        ranges = values.diff().abs()
        average = ranges[ranges < 3.267 * ranges.mean()].mean()
        centre, near, limit = values.mean(), 2 * average / 1.128, 2.66 * average
        found.append(_special(list(values - centre), near, limit))
    return found


def _special(from_centre: list[float], near: float, limit: float) -> list[bool]:
    special = [abs(one) > limit for one in from_centre]
    steps = [0.0, *(after - before for before, after in zip(from_centre, from_centre[1:], strict=False))]
    for end in range(len(from_centre)):
        seven = range(end - 6, end + 1)
        for sign in (1, -1):
            if end >= 6 and all(sign * from_centre[k] > 0 for k in seven):
                special[end - 6 : end + 1] = [True] * 7
            if end >= 6 and all(sign * steps[k] > 0 for k in seven[1:]):
                special[end - 6 : end + 1] = [True] * 7
            three = range(end - 2, end + 1)
            inside = [near < sign * from_centre[k] <= limit for k in three] if end >= 2 else []
            if sum(inside) >= 2 and all(sign * from_centre[k] > 0 for k in three):
                for k, one in zip(three, inside, strict=True):
                    special[k] = special[k] or one
    return special


def practitioners(many: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Returns cases and design of a month: two cases each of 5 to 40."""
    chance = np.random.default_rng(20261031)
    names = [f"{n:05d}" for n in range(many)]
    about = {"draw_id": "d", "period": "2026-10", "stratum": "volatile"}
    teams = [f"T{n // 8:04d}" for n in range(many)]
    design = pd.DataFrame({"team": teams, "practitioner": names, "population": chance.integers(5, 41, many)})
    design = design.assign(**about, kind="volatile", drawn=2)
    cases = pd.DataFrame({"team": np.repeat(teams, 2), "practitioner": np.repeat(names, 2)})
    keys = [f"c{n:05d}" for n in range(2 * many)]
    return cases.assign(**about, case=keys, value=chance.integers(0, 4, 2 * many), code=""), design


def plain_mean(cases: pd.DataFrame, design: pd.DataFrame) -> tuple[float, float]:
    """Returns the stratified mean and its standard error, as a loop over the strata (Cochran 1977, 5.6)."""
    total = design["population"].sum()
    mean = variance = 0.0
    for (_, row), (_, own) in zip(
        design.sort_values("practitioner").iterrows(), cases.groupby("practitioner"), strict=True
    ):
        share, n = row["population"] / total, len(own)
        mean += share * own["value"].mean()
        variance += share**2 * own["value"].var() / n * (1 - n / row["population"])
    return float(mean), float(variance**0.5)


def measure() -> dict[str, float]:
    """Returns what -> median seconds. Raises SystemExit when the plain way finds anything else."""
    frame = series(MANY)
    values = frame["value"].to_numpy().reshape(MANY, MONTHS)
    few = frame[frame["series"] < f"S{PLAIN:05d}"]
    found, plain = {}, {}
    found["signals"], arrays = _timed(lambda: analyse_many(values, MAKING_DATA_COUNT, starts=(0,), baseline=None))
    found["charts"], _ = _timed(lambda: xmr_charts(frame, "series", direction="increase"), repeats=1)
    plain["signals"], special = _timed(lambda: plain_rules(few), repeats=1)
    if special != (arrays.rule[:PLAIN] > 0).tolist():
        raise SystemExit("the plain rules find other signals")
    cases, design = practitioners(MANY)
    found["estimates"], estimate = _timed(lambda: weighted_mean(cases, design))
    found["plain estimates"], (mean, error) = _timed(lambda: plain_mean(cases, design), repeats=1)
    if abs(estimate.value - mean) > 1e-9 or abs(estimate.standard_error - error) > 1e-9:
        raise SystemExit("the plain estimate is another")
    return {**found, "plain signals": plain["signals"] * MANY / PLAIN}


def _timed(work: Callable[[], Any], *, repeats: int = _REPEATS) -> tuple[float, Any]:
    waits = []
    for _ in range(repeats):
        begun = time.perf_counter()
        result = work()
        waits.append(time.perf_counter() - begun)
    return median(waits), result


def tables(found: dict[str, float]) -> list[str]:
    """Returns the rows as Markdown."""
    rows = (
        (f"**{MANY:,} series of {MONTHS} months: limits, rules, labels**", "signals"),
        (f"the same rules in pandas and loops (of {PLAIN:,} series, times {MANY // PLAIN})", "plain signals"),
        (f"**{MANY:,} finished XmR charts: points in words, icons, notes**", "charts"),
        (f"**{MANY:,} practitioners: the mean for the frame, with its interval**", "estimates"),
        ("the mean and its standard error alone, in pandas and a loop over strata", "plain estimates"),
    )
    lines = ["", "| statistics | s |", "|---|---|", *(f"| {words} | {found[name]:.2f} |" for words, name in rows)]
    for name in ("signals", "estimates"):
        lines.append(f"| {name}: plain over ours | {found[f'plain {name}'] / found[name]:.1f} × |")
    return lines
