"""What a reader knows, in whole numbers: exactly the counts that a shown figure or a rounded count could stand for."""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pytest

from sampling.suppression import Cell, load_profile
from sampling.suppression.secondary import View
from sampling.suppression.system import ANY, Hidden, Line, Number, Share, System, told

EXACT = load_profile("none").rules["local"]


def figure(part: int, whole: int, scale: int) -> System:
    """Returns a system of two shown counts and the figure made of them."""
    numbers = tuple(Number(value, (), (EXACT,), ANY, None, False) for value in (part, whole))
    share = Share(Cell("t", "a", "figure"), ((0, 1),), 1, None, scale, EXACT, mean=True)
    return System(numbers, (), (share,))


@pytest.mark.parametrize("scale", [1, 10, 100, 300])
def test_a_shown_figure_tells_which_counts_give_it_and_no_more(scale: int) -> None:
    counts = [(part, whole) for whole in range(1, 16) for part in range(whole + 1)]
    texts = {
        (part, whole): int((Decimal(scale * part) / whole).quantize(Decimal(1), ROUND_HALF_UP))
        for part, whole in counts
    }
    for true in counts:
        system = figure(*true, scale)
        assert system.share_value(system.shares[0]) == texts[true]
        lines = system.lines(Hidden())
        for other in counts:
            sums = [(sum(factor * other[place] for place, factor in line.terms), line) for line in lines]
            agrees = all(
                (line.least is None or line.least <= total) and (line.most is None or total <= line.most)
                for total, line in sums
            )
            assert agrees == (texts[other] == texts[true]), (true, other)


def test_a_hidden_figure_tells_nothing_and_one_of_an_earlier_release_is_as_it_was() -> None:
    system = figure(3, 7, 100)
    share = system.shares[0]
    assert system.lines(Hidden(figures=frozenset({share.cell}))) == []
    for shown in (True, False):
        fixed = replace(system, shares=(replace(share, fixed=shown),))
        assert bool(fixed.lines(Hidden(figures=frozenset({share.cell})))) == shown
        assert not fixed.shares[0].may_be_hidden()


@pytest.mark.parametrize(
    ("part", "span"), [(10, (6, None)), (14, (6, None)), (15, (1, 5)), (19, (1, 5)), (20, (0, 0)), (3, (0, None))]
)
def test_a_percentage_tells_whether_what_it_leaves_over_is_small(part: int, span: tuple[int, int | None]) -> None:
    """Of 20: shown, the rest is none or at least 6; hidden beside two shown counts, the rest is 1 to 5; beside a hidden count nothing."""
    rule = load_profile("dfe").rules["local"]
    numbers = (Number(part, (), (rule,), ANY, None, False), Number(20, (), (rule,), ANY, None, False))
    rest = Number(20 - part, (), (), ANY, None, False)
    share = Share(Cell("t", "a", "share"), ((0, 1),), 1, 2, 100, rule, mean=False)
    assert System((*numbers, rest), (Line(((1, 1), (0, -1), (2, -1)), 0, 0),), (share,)).spans(Hidden())[2] == span


def test_a_solution_of_the_solver_is_checked_in_whole_numbers() -> None:
    view = View(figure(3, 7, 100), Hidden(), ())
    found = view._checked(np.array([3.0000001, 6.9999999]))
    assert found is not None and found.tolist() == [3, 7]
    assert view._checked(np.array([4.0, 7.0])) is None


@pytest.mark.parametrize("profile", ["mhsds", "hes", "dfe"])
def test_a_hidden_count_tells_an_informed_reader_whether_it_is_small_and_another_that_it_may_be(profile: str) -> None:
    rule = load_profile(profile).rules["local"]
    assert rule.hidden is not None
    first, last = rule.hidden
    assert told(rule, last, hidden=True, informed=True) == (first, last)
    assert told(rule, last + 1, hidden=True, informed=True) == (last + 1, None)
    for value in (last, last + 1):
        assert told(rule, value, hidden=True, informed=False) == (first, None)
    assert told(rule, last + 20, hidden=False, informed=False) == rule.around(last + 20)
    if rule.shows_zero():
        assert told(rule, 0, hidden=True, informed=True) == (0, 0)
