"""Severity against R's `ordinal`, by its gradient, by simulation with known severities, and where it cannot be had."""

from __future__ import annotations

import math
import time
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from sampling.evidence.agreement import ordinal_model
from sampling.evidence.agreement.data import Ratings, from_levels
from sampling.evidence.agreement.exchange import exchange_test
from sampling.evidence.agreement.ordinal_model import Data, fit, unpack
from sampling.evidence.agreement.raters import rater_facts
from sampling.evidence.agreement.sentences import severity_sentence
from sampling.evidence.agreement.severity import Severity, rater_severity, severity_at

X = math.nan
# Bitterness of eight bottles by nine judges, 1 to 5 (Randall 1989), the example of R's `ordinal`; here rows are bottles.
WINE = [
    [2, 1, 2, 3, 2, 3, 1, 2, 1], [3, 2, 3, 2, 3, 2, 1, 2, 2], [3, 1, 3, 3, 4, 3, 2, 2, 3], [4, 3, 2, 2, 3, 2, 2, 3, 2],
    [4, 2, 5, 3, 3, 2, 2, 3, 3], [4, 3, 5, 2, 3, 4, 3, 3, 2], [5, 5, 4, 5, 3, 5, 2, 3, 4], [5, 4, 4, 3, 3, 4, 3, 4, 4],
]  # fmt: skip
# Gwet 2014, 15 units and 5 observers, levels 0 to 3, with gaps.
FIFTEEN = [
    [1, 1, 2, X, 2], [1, 1, 0, 1, X], [2, 3, 3, 3, X], [X, 0, 0, X, 0], [0, 0, 0, X, 0], [0, 0, 0, X, 0], [1, 0, 2, X, 1],
    [1, X, 2, 0, X], [2, 2, 2, X, 2], [2, 1, 1, 1, X], [X, 1, 0, 0, X], [0, 0, 0, 0, X], [1, 2, 2, 2, X], [3, 3, 2, 2, 3],
    [1, 1, 1, X, 1],
]  # fmt: skip
# Made once with R 4.2.2 and ordinal 2022.11-16: clmm2(level ~ rater, random = row, nAGQ = 51, Hess = TRUE), contr.sum; our sign is the other one.
R_WINE = (
    [-2.2924591, 0.8208112, -1.3674753, 0.0819600, -0.3648867, -0.6447304, 2.6822671, 0.3415795, 0.7429336],
    [0.6826058, 0.7136878, 0.6876553, 0.6875220, 0.6621571, 0.6660539, 0.7467710, 0.6217688, 0.6447482],
)
R_FIFTEEN = (
    [0.23840478, -0.08630369, -0.28619969, 0.92898055, -0.79488196],
    [0.61378151, 0.61120799, 0.61105201, 0.79945647, 0.83976594],
)
R_FIFTEEN_AT_2 = (
    [0.97012197, 0.8128141, -1.6665196, 0.5022896, -0.61870609],
    [1.0130976, 1.0300758, 1.0249941, 1.2476398, 1.3004118],
)


def figures(found: Severity) -> tuple[list[float], list[float]]:
    assert found.reason == ""
    return [rater.logits for rater in found.raters], [rater.standard_error for rater in found.raters]


def drawn(
    generator: np.random.Generator,
    severity: NDArray[np.float64],
    cases: int,
    *,
    criteria: int = 1,
    missing: float = 0.0,
) -> NDArray[np.float64]:
    """Returns levels 0 to 3 of raters of known severity, rows by raters."""
    place = generator.normal(0, 1.5, size=(cases * criteria, 1)) - severity[None, :]
    levels = np.digitize(place + generator.logistic(size=place.shape), [-2.0, 0.0, 2.0]).astype(float)
    levels[generator.random(levels.shape) < missing] = X
    return levels


# Against R


def test_wine_as_in_rs_ordinal() -> None:
    found = rater_severity(from_levels(WINE, scale=(1, 2, 3, 4, 5)))
    logits, errors = figures(found)
    assert logits == pytest.approx(R_WINE[0], abs=2e-5)
    assert errors == pytest.approx(R_WINE[1], abs=2e-5)
    assert found.between_cases == pytest.approx(1.7839254, abs=1e-5)
    assert found.chi_square == pytest.approx(2 * (96.26987088 - 82.28567745), abs=1e-5)
    assert (found.degrees, found.rows, found.ratings) == (8, 8, 72)
    assert found.test.p is not None and found.test.p < 0.001


@pytest.mark.parametrize(("cut", "reference"), [(None, R_FIFTEEN), (2, R_FIFTEEN_AT_2)])
def test_missing_ratings_and_the_cut_as_in_rs_ordinal(
    cut: int | None, reference: tuple[list[float], list[float]]
) -> None:
    ratings = from_levels(FIFTEEN)
    found = rater_severity(ratings) if cut is None else severity_at(ratings, cut)
    logits, errors = figures(found)
    assert logits == pytest.approx(
        reference[0], abs=2e-3
    )  # an effect of 4.6 logits between cases: the quadrature's last digits
    assert errors == pytest.approx(reference[1], abs=2e-3)


def test_the_gradient_is_that_of_the_likelihood() -> None:
    generator = np.random.default_rng(2)
    levels = drawn(generator, np.array([0.8, -0.3, -0.5]), 12, criteria=2, missing=0.2)
    row, rater = np.nonzero(~np.isnan(levels))
    data = Data(
        levels[row, rater].astype(int),
        np.unique(row, return_inverse=True)[1],
        rater,
        row % 2,
        4,
        len(np.unique(row)),
        3,
        2,
    )
    at = np.array([-1.5, 0.4, 0.7, 0.3, -0.2, 0.1, 0.2])
    nodes = ordinal_model._nodes(*ordinal_model._modes(data, unpack(at, data), np.zeros(data.rows)))
    gradient = ordinal_model._objective(at, data, nodes, True, 2.0)[1]
    steps = np.eye(len(at)) * 1e-6
    by_difference = [
        (
            ordinal_model._objective(at + step, data, nodes, True, 2.0)[0]
            - ordinal_model._objective(at - step, data, nodes, True, 2.0)[0]
        )
        / 2e-6
        for step in steps
    ]
    assert gradient == pytest.approx(np.array(by_difference), abs=1e-6)


def test_the_likelihood_is_that_of_plain_integration() -> None:
    """One row by Simpson's rule on a fine grid: three raters, levels 1, 2 and 3."""
    levels = np.array([[1.0, 2, 3], [0, 1, 1], [2, 2, 3], [3, 2, 3], [0, 0, 1]])
    row, rater = np.nonzero(~np.isnan(levels))
    data = Data(levels[row, rater].astype(int), row, rater, np.zeros(15, dtype=int), 4, 5, 3, 1)
    found = fit(data)
    pieces = unpack(found.parameters, data)
    grid = np.linspace(-12 * pieces.sigma, 12 * pieces.sigma, 20_001)
    density = np.exp(-0.5 * (grid / pieces.sigma) ** 2) / (pieces.sigma * math.sqrt(2 * math.pi))
    total = 0.0
    for case in levels:
        chance = density.copy()
        for place, level in enumerate(case):
            chance *= ordinal_model.chances(pieces.thresholds, grid - pieces.severity[place])[:, int(level)]
        total += math.log(float(chance.sum()) * (grid[1] - grid[0]))
    assert found.log_likelihood == pytest.approx(total, abs=1e-4)


# Known severities


def test_known_severities_lie_in_their_intervals_as_often_as_said() -> None:
    """120 exercises of 12 cases by 4 raters: 480 intervals of severity, and the expected scores of the average case."""
    generator = np.random.default_rng(7)
    held, scored, total = 0, 0, 0
    for _ in range(120):
        severity = generator.normal(0, 0.7, size=4)
        severity -= severity.mean()
        found = rater_severity(from_levels(drawn(generator, severity, 12)))
        assert found.reason == ""
        score = ordinal_model.chances(np.array([-2.0, 0.0, 2.0]), -severity) @ np.arange(4.0)
        for rater, true, expected in zip(found.raters, severity, score, strict=True):
            held += rater.interval.low <= true <= rater.interval.high
            scored += rater.expected_interval.low <= expected <= rater.expected_interval.high
            total += 1
    assert total == 480
    assert 0.92 <= held / total <= 0.98
    assert 0.90 <= scored / total <= 0.98


def test_raw_means_follow_the_cases_and_severity_does_not() -> None:
    """A neutral rater given the weak cases has the lowest mean; the model puts the strict one lowest, and the robust difference agrees."""
    generator = np.random.default_rng(3)
    quality = np.sort(generator.normal(0, 2, size=80))
    severity = np.array([1.2, 0.0, -0.6, -0.6])
    place = quality[:, None] - severity[None, :]
    levels = np.digitize(place + generator.logistic(size=place.shape), [-2.0, 0.0, 2.0]).astype(float)
    levels[40:, 1] = X  # the neutral rater has the weaker half alone
    ratings = from_levels(levels)
    means = np.nanmean(levels, axis=0)
    assert means.argmin() == 1
    found = rater_severity(ratings)
    assert max(found.raters, key=lambda rater: rater.logits).rater == "rater 1"
    differences = [facts.difference.value for facts in rater_facts(ratings)]
    assert min(range(4), key=lambda place: differences[place] or 0.0) == 0


def test_a_rater_strict_at_one_boundary_alone_is_found_there() -> None:
    """All raters alike at 0|1 and 2|3; one reaches 2 later by two logits."""
    generator = np.random.default_rng(9)
    place = generator.normal(0, 2, size=(150, 1)) + generator.logistic(size=(150, 4))
    levels = np.digitize(place, [-3.0, 0.0, 3.0]).astype(float)
    levels[:, 0] = np.digitize(place[:, 0], [-3.0, 1.8, 3.0])
    ratings = from_levels(levels)
    at_2 = severity_at(ratings).raters[0]
    assert at_2.interval.low > 0.8
    assert all(severity_at(ratings, cut).raters[0].interval.low < 0.3 for cut in (1, 3))
    assert severity_at(ratings).method.endswith("at the boundary 1|2 alone")


def test_infit_shows_who_is_unsteady() -> None:
    generator = np.random.default_rng(12)
    levels = drawn(generator, np.zeros(5), 80)
    levels[:, 0] = generator.integers(0, 4, size=80)
    infit = [rater.infit or 0.0 for rater in rater_severity(from_levels(levels)).raters]
    assert infit[0] > 1.2 > 1.0 > max(infit[1:])


def test_twenty_raters_twelve_cases_six_criteria_within_two_seconds() -> None:
    generator = np.random.default_rng(1)
    ratings = from_levels(drawn(generator, generator.normal(0, 0.7, size=20), 12, criteria=6))
    ratings = in_cases(ratings, 6)
    before = time.process_time()
    found = rater_severity(ratings)
    assert time.process_time() - before < 2
    assert len(found.raters) == 20 and found.test.p is not None and found.test.p < 0.001
    assert any(note.startswith("A rater's levels on several criteria of one case") for note in found.notes)
    assert severity_sentence(found).startswith(
        "Some raters are stricter than others (p < .001, 20 raters, 1,440 ratings)"
    )


# What cannot be said, and what is penalised


def test_a_rater_with_all_3s_is_penalised_and_said() -> None:
    generator = np.random.default_rng(5)
    levels = drawn(generator, np.zeros(4), 14)
    levels[:, 0] = 3
    found = rater_severity(from_levels(levels))
    assert found.method.endswith("severities sum to 0, normal penalty of 2 logits")
    assert found.notes[0].startswith("A rater's levels leave no finite severity")
    assert found.raters[0].interval.high < 0 and math.isfinite(found.raters[0].standard_error)
    assert found.raters[0].expected_interval.high <= 3
    assert found.test.p is not None and found.test.p < 0.001


def apart() -> NDArray[np.float64]:
    """Returns two pairs of raters who share no case."""
    levels = np.full((12, 4), X)
    levels[:6, :2] = [[0, 1], [1, 1], [2, 1], [3, 2], [1, 2], [2, 2]]
    levels[6:, 2:] = levels[:6, :2]
    return levels


@pytest.mark.parametrize(
    ("levels", "reason"),
    [
        ([[1, 2, 2, 3]], "1 shared case: with fewer than 5 a rater's severity cannot be told from chance."),
        ([[2, 2]] * 9, "No variation: every level is the same, so the raters show no difference here."),
        (
            [[0, 0], [1, 1], [2, 2], [3, 3], [1, 1], [2, 2]],
            "The raters differ so little within cases that the model finds no error",
        ),
        ([[1, X], [X, 2]], "No two raters rated the same case, so nobody's severity can be told from their cases."),
        (apart(), "The raters fall into groups that share no case, so their severities cannot be put on one scale."),
    ],
)
def test_what_cannot_be_estimated_is_said(levels: NDArray[np.float64], reason: str) -> None:
    found = rater_severity(from_levels(levels))
    assert found.reason.startswith(reason)
    assert found.raters == () and found.test.p is None and found.chi_square is None
    assert severity_sentence(found).startswith("Whether some raters are stricter than others cannot be said.")


def test_all_on_one_side_of_the_cut_is_said() -> None:
    levels = np.random.default_rng(1).integers(2, 4, size=(10, 3)).astype(float)
    assert severity_at(from_levels(levels)).reason == (
        "Every level lies on the same side of the boundary 1|2, so the raters show no difference there."
    )


def test_unused_levels_and_even_criteria_are_said() -> None:
    generator = np.random.default_rng(8)
    levels = np.clip(drawn(generator, np.array([0.5, -0.5, 0.0]), 20), 1, 3)
    found = rater_severity(from_levels(levels))
    assert found.notes == ("Nobody gave level 0: the model is of the levels given.",)
    assert all(1 <= rater.expected <= 3 for rater in found.raters)


def test_two_raters_who_swap_are_alike() -> None:
    ratings: Ratings = from_levels([[1, 2], [2, 1], [0, 1], [1, 0], [2, 3], [3, 2], [1, 1], [2, 2]])
    found = rater_severity(ratings)
    assert [rater.logits for rater in found.raters] == pytest.approx([0, 0], abs=1e-4)
    assert found.test.p == pytest.approx(1, abs=1e-3)
    assert (
        severity_sentence(found)
        == "No difference in strictness between the raters is shown (p = 1, 2 raters, 16 ratings)."
    )


# The exact test


def test_equal_raters_are_told_apart_as_seldom_as_said() -> None:
    """20 equal raters by 12 cases, where the likelihood-ratio test rejects too often, and 6 raters who lean their own way in each case."""
    generator = np.random.default_rng(6)
    rejected = np.zeros(2)
    for run in range(200):
        many = from_levels(drawn(generator, np.zeros(20), 12))
        leaning = np.repeat(generator.normal(0, 1, size=(12, 6)), 4, axis=0)
        place = generator.normal(0, 1.5, size=(48, 1)) + leaning + generator.logistic(size=(48, 6))
        halo = in_cases(from_levels(np.digitize(place, [-2.0, 0.0, 2.0]).astype(float)), 4)
        for kind, ratings in enumerate((many, halo)):
            p = exchange_test(ratings, run, times=199).p
            rejected[kind] += p is not None and p <= 0.05
    assert (rejected <= 18).all() and (rejected >= 2).all()  # 10 of 200, and three standard errors


def in_cases(ratings: Ratings, criteria: int) -> Ratings:
    """Returns the ratings with each so many rows taken for the criteria of one case."""
    rows = range(len(ratings.cases))
    return replace(
        ratings,
        cases=tuple(f"case {row // criteria}" for row in rows),
        criteria=tuple(f"criterion {row % criteria}" for row in rows),
        cluster=np.arange(len(rows)) // criteria,
    )


def test_a_strict_rater_is_found_by_swapping() -> None:
    ratings = from_levels(drawn(np.random.default_rng(2), np.array([1.5, -0.5, -0.5, -0.5]), 25))
    found = exchange_test(ratings, 1)
    assert found.p is not None and found.p < 0.01
    assert found == exchange_test(ratings, 1)
    assert "by permutation within cases, 4 raters, 100 ratings): from rater" in severity_sentence(
        rater_severity(ratings), found
    )


def test_two_raters_by_every_swap() -> None:
    """Six cases, always one level apart the same way: all 64 swaps by hand give p = 2/64."""
    found = exchange_test(from_levels([[1, 2]] * 3 + [[0, 1]] * 2 + [[2, 3]]), 5, times=20_000)
    assert found.p == pytest.approx(2 / 64, abs=0.004)


@pytest.mark.parametrize(
    ("levels", "reason"),
    [
        ([[1, X], [X, 2]], "No two raters rated the same case, so there is nothing to compare."),
        ([[1, 2, 3]], "One case: strictness cannot be told from what each rater saw in it."),
        ([[1, 1], [2, 2]], "The raters agree in every case, so they show no difference."),
    ],
)
def test_when_nothing_can_be_swapped(levels: NDArray[np.float64], reason: str) -> None:
    found = exchange_test(from_levels(levels), 1)
    assert found.p is None and found.reason == reason
