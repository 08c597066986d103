"""What the governance edition tells of requests: steps of five, so that no two reports differ by one person's request."""

from __future__ import annotations

import pytest

from sampling.assurance.report.tracker import told_in_fives


@pytest.mark.parametrize(
    ("number", "answered", "told"),
    [
        (0, 0, "fewer than 5"),
        (4, 4, "fewer than 5"),
        (5, 4, "5 to 9; with an answer: fewer than 5"),
        (6, 5, "5 to 9; with an answer: 5 to 9"),
        (14, 14, "10 to 14; with an answer: 10 to 14"),
    ],
)
def test_b14_d13_requests_are_told_in_steps_of_five(number: int, answered: int, told: str) -> None:
    assert told_in_fives(number, answered) == told


def test_b14_d13_two_spans_never_differ_by_an_exact_number_of_requests() -> None:
    for told in {told_in_fives(number, 0) for number in range(30)}:
        assert len([number for number in range(30) if told_in_fives(number, 0) == told]) == 5
