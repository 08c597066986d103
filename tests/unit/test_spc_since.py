"""What a chart says since a dated change: a signal in the hoped-for direction, its size, and how often chance does it."""

from __future__ import annotations

import pandas as pd
import pytest

from sampling.evidence.spc.rules import Direction, RuleSet
from sampling.evidence.spc.series import Rebase, months_between
from sampling.evidence.spc.since import SinceChange, false_claim_rate, improvement_since
from sampling.evidence.spc.xmr import xmr_chart

MONTHS = months_between("2024-01", "2027-12")
BASELINE = [11.0, 9.0] * 6
CHANGE = MONTHS[12]


def since(after: list[float], direction: Direction = "increase", baseline: int | None = 12) -> SinceChange:
    values = [*BASELINE, *after]
    frame = pd.DataFrame({"period": MONTHS[: len(values)], "value": values})
    return improvement_since(xmr_chart(frame, direction=direction, baseline=baseline), CHANGE)


def test_an_improvement_is_said_with_its_rule_its_month_and_what_chance_does() -> None:
    result = since([10.0, 11, 16, 11, 12, 11, 10, 12])
    assert (result.signal, result.rule, result.first) == (True, "outside limits", "2025-03")
    assert result.shift == pytest.approx(93 / 8 - 10)
    assert (result.n_before, result.n_after) == (12, 8)
    assert result.words == (
        "Since 2025-01 the chart shows a point above the upper limit, first in 2025-03; 1 of 8 points since is flagged as improvement; "
        "under no change such a flag would appear in about 1 of 6 charts like this within 12 months."
    )


def test_a_run_is_said_as_one() -> None:
    result = since([11.0] * 7)
    assert result.rule == "shift"
    assert result.words.startswith(
        "Since 2025-01 the chart shows 7 or more points above the centre line, first in 2025-01; "
    )


def test_no_improvement_is_said_the_same_way() -> None:
    result = since([10.0, 11, 9, 11])
    assert (result.signal, result.rule) == (False, "")
    assert result.words == "Since 2025-01 none of the 4 points shows a special cause in the direction of improvement."


def test_a_worsening_is_no_improvement_and_is_noted() -> None:
    result = since([16.0], direction="decrease")
    assert result.signal is False
    assert result.notes == ("1 point since the change in the other direction, the first in 2025-01.",)


@pytest.mark.parametrize(
    ("baseline", "after", "rate"),
    [(12, 6, 0.10), (12, 7, 0.16), (19, 12, 0.16), (20, 6, 0.07), (20, 12, 0.13), (12, 13, None), (11, 6, None)],
)
def test_the_simulated_rates(baseline: int, after: int, rate: float | None) -> None:
    assert false_claim_rate(baseline, after) == rate


def test_a_chart_unlike_those_simulated_has_no_rate() -> None:
    frame = pd.DataFrame({"period": MONTHS[:13], "value": [*BASELINE, 16.0]})
    chart = xmr_chart(frame, direction="increase", baseline=12, rules=RuleSet(run_length=6))
    assert improvement_since(chart, CHANGE).words.endswith(
        "; how often chance alone does that was not simulated for a chart like this."
    )


def test_what_cannot_be_said_is_said() -> None:
    assert since([]).words == "Cannot say: there is no point since the change."
    assert since([16.0], direction="neutral").words == "Cannot say: neither direction is improvement in this chart."
    assert since([16.0], baseline=None).words == (
        "Cannot say: the limits come in part from points after the change. Fix them on the points before it."
    )
    frame = pd.DataFrame({"period": MONTHS[:24], "value": BASELINE * 2})
    chart = xmr_chart(frame, direction="increase", baseline=12)
    early = improvement_since(chart, MONTHS[11])
    assert early.words == "Cannot say: 11 points before the change, and a baseline needs 12."
    assert (early.signal, early.n_before, early.n_after) == (None, 11, 13)
    rebased = xmr_chart(frame, direction="increase", rebases=[Rebase(MONTHS[12], "new form")])
    assert (
        improvement_since(rebased, MONTHS[12]).words
        == "Cannot say: 0 points before the change, and a baseline needs 12."
    )
    empty = xmr_chart(frame.iloc[:0], direction="increase")
    assert improvement_since(empty, CHANGE).words == "Cannot say: there is no value to chart."
