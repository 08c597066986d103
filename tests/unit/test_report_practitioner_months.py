"""No page and no file gives the figure of one practitioner's month, not even where a team's month has cases of one person alone."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date

import pytest

from sampling.reporting import files
from sampling.reporting.account import Account
from sampling.reporting.analysis import Analysis, Order, analyse
from sampling.reporting.gathering import Gathered
from tests.evidence_months import TEAMS, gathered

ALONE = "2025-03"
CHANGED = Account.model_validate({"change": [{"from": "2025-11", "what": "Coaching on rationale"}]})


def cut(found: Gathered, months: tuple[str, ...]) -> Gathered:
    """Returns the same with one practitioner of the first team alone scored in these months."""
    scores, mine = found.scores, found.scores["team"] == TEAMS[0]
    others = mine & scores["period"].isin(months) & (scores["practitioner"] != scores.loc[mine, "practitioner"].iloc[0])
    return replace(found, scores=scores.assign(level=scores["level"].mask(others), own_level=scores["own_level"].mask(others)))  # fmt: skip


def reported(*months: str) -> Analysis:
    return analyse(cut(gathered(), months), CHANGED, Order("2026-10", date(2026, 11, 1), TEAMS[0]))


def rows(found: Analysis, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files.tables(found)[name])))


@pytest.mark.parametrize("name", ["rationale-over-time", "review-dates-over-time"])
def test_a_month_of_one_practitioner_has_no_point(name: str) -> None:
    months = rows(reported(ALONE), name)
    assert [list(row.values())[1] == "none" for row in months] == [row["Period"] == "Mar 25" for row in months]


def test_the_strata_behind_a_headline_are_put_together_over_its_months_then() -> None:
    found = reported(ALONE)
    streams = rows(found, "streams")
    before = [row for row in streams if row["Side"] == "before"]
    assert {row["Month"] for row in before} == {"2024-11 to 2025-10"} and len(streams) == 2 + 2 * 12
    total, weight = (sum(float(row[name]) for row in before[:1]) for name in ("Weighted sum of levels", "Weight"))
    assert found.before.headlines.rationale.mean.value == pytest.approx(total / weight)


def test_where_one_practitioner_is_all_there_is_no_sum_and_no_count_gives_the_figure_away() -> None:
    whole = gathered(people=3)  # one in each team
    found = analyse(whole, CHANGED, Order("2026-10", date(2026, 11, 1), TEAMS[0]))
    assert rows(found, "streams") == []
    assert {(row["Weighted sum"], row["Weight"]) for row in rows(found, "estimates")} == {("", "")}
    assert {row["At the standard"] for row in rows(found, "levels")} == {"not told"}
    assert {row["Cases"] for row in rows(found, "criteria-escalation-rationale")} == {"not told"}
    assert {row["Below the standard"] for row in rows(found, "review-dates-over-time")} == {"none"}
