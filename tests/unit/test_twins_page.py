"""What the page of the twins says when a report is wrong: as plainly as when it is right."""

from __future__ import annotations

from pathlib import Path

import pytest

from sampling.batch.index import Outcome
from sampling.batch.runner import BatchResult
from sampling.batch.twins import CHANGED, TWIN, Beside, Told, Twins, TwinsOrder
from sampling.batch.twins_page import html, said, title
from sampling.model import Period


def told(name: str, kind: str, low: float | None, high: float | None, true: float) -> Told:
    found = None if low is None or high is None else (low + high) / 2
    criteria = (
        Beside("Options weighed", 0.404, 0.271, 0.522, 0.343),
        Beside("Signs and routes", None, None, None, -0.001),
    )
    return Told(
        name, kind, "What the report says", Beside("Decision and reason", found, low, high, true), criteria, 672
    )


RIGHT = (told(CHANGED, "improved", 0.5, 1.1, 0.8), told(TWIN, "not_shown", -0.2, 0.3, 0.0))


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        (told(CHANGED, "not_confirmed", 0.5, 1.1, 0.8), 0),
        (told(CHANGED, "improved", 0.9, 1.1, 0.8), 0),
        (told(TWIN, "improved", 0.1, 0.3, 0.2), 1),
        (told(TWIN, "cannot_say", None, None, 0.0), 1),
    ],
)
def test_one_report_that_is_wrong_is_in_the_title(wrong: Told, place: int) -> None:
    assert title(RIGHT) == "The reports find the change, and none in the twin"
    both = tuple(wrong if number == place else one for number, one in enumerate(RIGHT))
    assert title((both[0], both[1])) == "Not every report is right here: what each found, beside what is true"


def test_where_the_truth_lies_is_said_in_words() -> None:
    assert said(RIGHT[0]) == "In truth the level changed by +0.80: within the report's interval."
    outside = said(told(CHANGED, "improved", 0.9, 1.1, 0.8))
    assert outside == (
        "In truth the level changed by +0.80: outside the report's interval, as one in twenty is expected to be."
    )
    assert said(told(TWIN, "cannot_say", None, None, 0.0)) == (
        "In truth the level changed by +0.00; the report gives no interval."
    )


def test_the_table_has_points_with_their_intervals_and_says_where_a_report_cannot(tmp_path: Path) -> None:
    order = TwinsOrder(tmp_path, Period("2026-10"))
    packs = tuple(
        BatchResult((Outcome("The whole service", "the-whole-service", "done"),), tmp_path / name / "index.html")
        for name in (CHANGED, TWIN)
    )
    page = html(Twins(order, RIGHT, packs))
    assert "<td>yes</td><td>+40 (+27 to +52)</td><td>+34</td>" in page
    assert "<td>no</td><td>cannot say</td><td>0</td>" in page
    assert 'href="with-change/the-whole-service/pack.html"' in page and 'href="twin/index.html"' in page
    assert "change of practice from November 2025 on" in page
