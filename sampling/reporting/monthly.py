"""The measures month by month: what the charts over time are drawn from.

A chart over time follows the cases with recent recorded change, which are drawn for each practitioner each month. The one case of a team's
random stream stands for so many others that a single month's weighted mean would follow it alone; it enters the estimates of many
months instead (docs/evidence-report.md, "What the charts follow").
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pandas as pd

from sampling.evidence.estimates import weighted_mean
from sampling.evidence.spread import between_practitioners
from sampling.reporting.gathering import Gathered
from sampling.scoring.settings.assignments import FIRST

FOLLOWED = "volatile"


def followed(gathered: Gathered) -> Gathered:
    """Returns the part of it that the charts follow: the cases with recent recorded change, drawn for each practitioner."""
    return gathered.of_kind(FOLLOWED)


def mean_levels(gathered: Gathered, ref: str) -> pd.DataFrame:
    """Returns period, value (mean level weighted by the design, 0 to 3) and n (scored cases), a row a drawn month.

    A month whose scored cases are all of one practitioner has no value: it would be that person's figure of a month.
    """

    def one(scores: pd.DataFrame, design: pd.DataFrame) -> tuple[float | None, int]:
        rows = scores[scores["ref"] == ref]
        found = weighted_mean(rows.assign(value=rows["level"].astype("Float64")), design)
        scored = rows[rows["level"].notna()]
        return found.value if scored["practitioner"].nunique() > 1 else None, len(scored)

    return _by_month(gathered, one)


def below_standard(gathered: Gathered, ref: str, pass_level: int) -> pd.DataFrame:
    """Returns period, count (cases below the standard) and n (scored cases), a row a drawn month: drawn cases, not weighted.

    Of a month whose scored cases are all of one practitioner none is counted.
    """
    scores = _first(gathered.scores)
    rows = scores[(scores["ref"] == ref) & scores["level"].notna()]
    rows = rows[rows.groupby("period")["practitioner"].transform("nunique") > 1]
    grouped = rows.assign(below=rows["level"] < pass_level).groupby("period")["below"].agg(["sum", "size"])
    return pd.DataFrame(
        {
            "period": list(gathered.periods),
            "count": [int(grouped["sum"].get(period, 0)) for period in gathered.periods],
            "n": [int(grouped["size"].get(period, 0)) for period in gathered.periods],
        }
    )


def spreads(gathered: Gathered, rubric: str, months: int) -> pd.DataFrame:
    """Returns period (the last of so many months put together), value (spread between practitioners beyond chance, levels) and n.

    A single month has two cases a practitioner, from which no spread can be told; windows do not overlap, so that points are independent.
    """
    scores = _first(gathered.scores)
    levels = scores[(scores["rubric"] == rubric) & scores["level"].notna()]
    cases = (
        levels.groupby(["period", "practitioner", "case"], sort=True)["level"]
        .mean()
        .astype("float64")
        .reset_index(name="value")
    )
    rows = []
    for start in range(0, len(gathered.periods) - months + 1, months):
        span = gathered.periods[start : start + months]
        inside = cases[cases["period"].isin(span)]
        rows.append(
            {"period": f"{span[0]} to {span[-1]}", "value": between_practitioners(inside).value, "n": len(inside)}
        )
    return pd.DataFrame(rows, columns=["period", "value", "n"])


def _first(scores: pd.DataFrame) -> pd.DataFrame:
    return scores[scores["stage"] == FIRST]


def _by_month(
    gathered: Gathered, one: Callable[[pd.DataFrame, pd.DataFrame], tuple[float | None, int]]
) -> pd.DataFrame:
    rows = [
        {"period": period, **dict(zip(("value", "n"), one(scores, design), strict=True))}
        for period, scores, design in _months(gathered)
    ]
    return pd.DataFrame(rows, columns=["period", "value", "n"])


def _months(gathered: Gathered) -> Iterator[tuple[str, pd.DataFrame, pd.DataFrame]]:
    scores = _first(gathered.scores)
    for period in gathered.periods:
        yield period, scores[scores["period"] == period], gathered.design[gathered.design["period"] == period]
