"""The vectorised XmR path against a slow one in plain Python, written from the words of the rules alone (docs/evidence-charts.md)."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pytest

from sampling.evidence.spc.limits import analyse_many
from sampling.evidence.spc.rules import RuleSet

Cell = tuple[float | None, float | None, float | None, int, int]  # centre, lower, upper, rule, side


def mean(numbers: Sequence[float]) -> float | None:
    return sum(numbers) / len(numbers) if numbers else None


def sign(difference: float, rounding: float) -> int:
    return 0 if abs(difference) <= rounding else 1 if difference > 0 else -1


def slow_average_range(values: Sequence[float | None], chosen: Sequence[bool], screened: bool) -> float | None:
    ranges = [
        abs(b - a)
        for a, b, used_a, used_b in zip(values, values[1:], chosen, chosen[1:], strict=False)
        if a is not None and b is not None and used_a and used_b
    ]
    average = mean(ranges)
    if not screened or not average:
        return average
    kept = [r for r in ranges if r < 3.267 * average]
    return mean(kept) or average


def slow_segment(values: Sequence[float | None], rules: RuleSet, baseline: int | None) -> list[Cell]:
    there = [v for v in values if v is not None]
    rounding = 1e-9 * max((abs(v) for v in there), default=0.0)
    seen, chosen = 0, []
    for value in values:
        seen += value is not None
        chosen.append(value is not None and (baseline is None or seen <= baseline))
    centre = mean([v for v, used in zip(values, chosen, strict=True) if used and v is not None])
    average = slow_average_range(values, chosen, rules.screened)
    count, k = len(values), rules.run_length
    sides = [0 if v is None or centre is None else sign(v - centre, rounding) for v in values]
    outside, close = [0] * count, [False] * count
    lower = upper = None
    if centre is not None and average is not None:
        lower, upper = centre - 2.66 * average, centre + 2.66 * average
        for i, v in enumerate(values):
            if v is not None:
                outside[i] = 1 if v > upper + rounding else -1 if v < lower - rounding else 0
                beyond = abs(v - centre) > 2 * (2.66 / 3) * average + rounding
                close[i] = beyond and (rules.count_beyond_limits or not outside[i])
    trend = [0] * count
    for first in range(count - k + 1):  # later stretches overwrite: a turning point belongs to the later direction
        window = values[first : first + k]
        if None in window:
            continue
        steps = {sign(b - a, rounding) for a, b in zip(window, window[1:], strict=False)}  # type: ignore[operator]
        if steps in ({1}, {-1}):
            trend[first : first + k] = [steps.pop()] * k
    two, shift = [False] * count, [False] * count
    for first in range(count - 2):
        three = range(first, first + 3)
        if {sides[i] for i in three} in ({1}, {-1}) and sum(close[i] for i in three) >= 2:
            for i in three:
                two[i] |= close[i]
    for first in range(count - k + 1):
        if {*sides[first : first + k]} in ({1}, {-1}):
            shift[first : first + k] = [True] * k
    cells: list[Cell] = []
    for i in range(count):
        if outside[i]:
            label = (1, outside[i])
        elif trend[i]:
            label = (2, trend[i])
        elif two[i]:
            label = (3, sides[i])
        else:
            label = (4, sides[i]) if shift[i] else (0, 0)
        cells.append((centre, lower, upper, *label))
    return cells


def slow(values: Sequence[float | None], rules: RuleSet, starts: Sequence[int], baseline: int | None) -> list[Cell]:
    ends = [*starts[1:], len(values)]
    return [
        cell
        for start, end in zip(starts, ends, strict=True)
        for cell in slow_segment(values[start:end], rules, baseline)
    ]


def some_series(chance: random.Random, length: int) -> list[float | None]:
    """Returns a series of one of the kinds that occur: noise, tied percentages, drifts, steps, constant, with and without gaps."""
    kind = chance.choice(["noise", "tied", "drift", "step", "constant", "nearly constant", "waves"])
    values: list[float | None] = []
    for i in range(length):
        if kind == "noise":
            value = chance.gauss(2, 0.2)
        elif kind == "tied":
            value = chance.randint(10, 20) / 20
        elif kind == "drift":
            value = 0.1 * i + chance.choice([0.0, 0.02, -0.15])
        elif kind == "step":
            value = chance.gauss(2, 0.2) + (0.5 if i > length // 2 else 0)
        elif kind == "waves":
            value = float(abs((i % 16) - 8))
        else:
            value = 0.1 if kind == "constant" or chance.random() < 0.9 else 0.3
        values.append(value)
    if chance.random() < 0.4:
        for i in range(length):
            if chance.random() < 0.1:
                values[i] = None
    return values


@pytest.mark.parametrize("run_length", [6, 7])
@pytest.mark.parametrize("screened", [True, False])
@pytest.mark.parametrize("count_beyond", [False, True])
@pytest.mark.parametrize("baseline", [None, 12])
def test_the_vectorised_path_equals_the_slow_one(
    run_length: int, screened: bool, count_beyond: bool, baseline: int | None
) -> None:
    rules = RuleSet(run_length=run_length, screened=screened, count_beyond_limits=count_beyond)
    chance = random.Random(f"{run_length}{screened}{count_beyond}{baseline}")
    rules_met: set[int] = set()
    for length, starts in [(1, (0,)), (2, (0,)), (6, (0,)), (13, (0,)), (24, (0,)), (24, (0, 9)), (40, (0, 14, 15))]:
        many = [some_series(chance, length) for _ in range(60)]
        array = np.array([[np.nan if v is None else v for v in series] for series in many])
        fast = analyse_many(array, rules, starts=starts, baseline=baseline)
        for row, series in enumerate(many):
            expected = slow(series, rules, starts, baseline)
            assert [(int(r), int(s)) for r, s in zip(fast.rule[row], fast.side[row], strict=True)] == [
                cell[3:] for cell in expected
            ]
            for edges, position in ((fast.centre, 0), (fast.lower, 1), (fast.upper, 2)):
                wanted = [np.nan if cell[position] is None else cell[position] for cell in expected]
                np.testing.assert_allclose(edges[row], np.array(wanted, dtype=float), rtol=1e-12, atol=1e-12)
            rules_met |= {cell[3] for cell in expected}
    assert rules_met == {0, 1, 2, 3, 4}


# Rates in 3,000 stable services of 20 cases a month, scores 0 to 3, standard deviation of a monthly mean .17, as simulated
# with NHSRplotthedots 0.2.2: any flag, any point outside the limits, latest point flagged.
PUBLISHED_RATES = {12: (0.08, 0.06, 0.02), 24: (0.19, 0.11, 0.02), 36: (0.30, 0.13, 0.02)}
SERIES = 3000


def tolerance(rate: float) -> float:
    """Returns four standard errors of the difference between two simulations of 3,000, and half a point for the rounding."""
    return float(4 * (rate * (1 - rate) * 2 / SERIES) ** 0.5 + 0.005)


def stable_services(months: int, seed: int) -> np.ndarray:
    chance = np.random.default_rng(seed)
    return chance.choice(4, size=(SERIES, months, 20), p=[0.03, 0.17, 0.5, 0.3]).mean(axis=-1)


@pytest.mark.parametrize("months", PUBLISHED_RATES)
def test_stable_services_raise_flags_at_the_published_rates(months: int) -> None:
    signals = analyse_many(stable_services(months, 20261122), RuleSet())
    flagged = signals.rule > 0
    rates = (flagged.any(axis=1), (signals.rule == 1).any(axis=1), flagged[:, -1])
    for seen, published in zip(rates, PUBLISHED_RATES[months], strict=True):
        assert abs(seen.mean() - published) < tolerance(published)


def test_without_screening_fewer_stable_services_raise_a_flag() -> None:
    signals = analyse_many(stable_services(24, 20261122), RuleSet(screened=False))
    assert abs((signals.rule > 0).any(axis=1).mean() - 0.15) < tolerance(0.15)


@pytest.mark.parametrize(
    ("shift", "baseline", "within_6", "within_12"),
    [
        (0.0, 12, 0.10, 0.16),
        (0.0, 20, 0.07, 0.13),
        (0.15, 12, 0.39, 0.64),
        (0.30, 12, 0.75, 0.95),
        (0.45, 12, 0.94, 1.0),
    ],
)
def test_a_shift_after_a_frozen_baseline_is_found_at_the_published_rates(
    shift: float, baseline: int, within_6: float, within_12: float
) -> None:
    values = stable_services(baseline + 12, 7)
    values[:, baseline:] += shift
    for months, published in ((6, within_6), (12, within_12)):
        signals = analyse_many(values[:, : baseline + months], RuleSet(), baseline=baseline)
        improved = ((signals.rule > 0) & (signals.side > 0))[:, baseline:].any(axis=1).mean()
        # The share found depends on the shape of the scores, which the source leaves open: three points more.
        assert abs(improved - published) < tolerance(published) + (0.03 if shift else 0)


@pytest.mark.timeout(30)
def test_ten_thousand_series_of_two_years_take_seconds_at_most() -> None:
    values = np.random.default_rng(1).normal(2, 0.17, size=(10_000, 24))
    signals = analyse_many(values, RuleSet(), starts=(0, 12))
    assert signals.rule.shape == (10_000, 24)
