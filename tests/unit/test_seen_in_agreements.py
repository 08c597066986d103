"""An agreement tells who supervised whom, up to the day on which a draw, an extract or the people file first does."""

from __future__ import annotations

from datetime import date

from sampling.assurance.coverage_facts import Seen
from sampling.assurance.facts import Agreement
from sampling.assurance.gathering.staff import seen_in_agreements

AGREED = {
    "a": (Agreement("x", date(2026, 1, 5)), Agreement("y", date(2026, 9, 1))),
    "b": (Agreement("x", date(2026, 2, 1), by_both=False),),
    "c": (Agreement("z", date(2026, 3, 1)),),
}


def test_an_agreement_counts_before_the_first_other_sign_and_not_after_it() -> None:
    seen = [
        Seen("a", "x", date(2026, 10, 31)),
        Seen("a", "x", date(2026, 8, 31)),
        Seen("c", "y", date(2026, 3, 1)),
    ]
    assert seen_in_agreements(AGREED, seen) == (
        Seen("a", "x", date(2026, 1, 5)),
        Seen("b", "x", date(2026, 2, 1)),
    )


def test_without_agreements_nobody_is_seen() -> None:
    assert seen_in_agreements({}, [Seen("a", "x", date(2026, 8, 31))]) == ()
