"""What the invented service brings to its quarterly review: read without a fault, and what was planted stands in it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from sampling.assurance.effect import load_brought
from sampling.assurance.effect.brought import Brought
from sampling.batch.practice_raters import chances
from sampling.batch.years_brought import AGREED, ANSWERED, EVERY_DAYS, HELPS, REVIEWED, THEME, WORKLOAD, write_brought

DAYS = (date(2024, 11, 1), date(2026, 10, 31))
CHANGED = date(2025, 11, 1)


def brought(folder: Path, changed_from: date | None) -> Brought:
    return load_brought(write_brought(folder, DAYS, changed_from, chances("a test")))


@pytest.fixture
def changed(tmp_path: Path) -> Brought:
    return brought(tmp_path, CHANGED)


@pytest.fixture
def twin(tmp_path: Path) -> Brought:
    return brought(tmp_path, None)


def agreeing(found: Brought, item: str) -> list[int]:
    """Returns how many of each wave agree."""
    waves = sorted({one.wave for one in found.responses})
    return [sum((one.answers.get(item) or 0) >= 4 for one in found.responses if one.wave == wave) for wave in waves]


def test_the_change_is_in_the_survey_for_better_and_for_worse(changed: Brought) -> None:
    assert agreeing(changed, HELPS) == list(AGREED[HELPS])
    assert agreeing(changed, WORKLOAD) == list(AGREED[WORKLOAD])
    assert len(changed.responses) == sum(ANSWERED)


def test_without_a_change_neither_moves(twin: Brought) -> None:
    assert agreeing(twin, HELPS) == [AGREED[HELPS][0]] * 2
    assert {(one.numerator, one.denominator) for one in twin.kpis} == {REVIEWED[0]}


def test_incidents_about_escalation_become_rarer(changed: Brought) -> None:
    days = sorted(one.on for one in changed.incidents if one.theme == THEME)
    for since, until, every in ((DAYS[0], CHANGED, EVERY_DAYS[0]), (CHANGED, DAYS[1], EVERY_DAYS[1])):
        inside = [day for day in days if since <= day < until]
        apart = [(later - day).days for day, later in zip(inside, inside[1:], strict=False)]
        assert all(abs(gap - every) <= 5 for gap in apart)


def test_indicators_and_partners_stand_after_the_change(changed: Brought) -> None:
    assert [(one.numerator, one.denominator) for one in changed.kpis][-1] == REVIEWED[1]
    assert {one.direction for one in changed.feedback} == {"mixed", "positive"}
    assert all(one.minute and one.on >= CHANGED for one in changed.feedback)
