"""The calibration session that scripted raters hold for practice: what it says is known, and it is held once."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from sampling.batch.practice_calibration import AFTER, BEFORE, VIGNETTE, hold_practice
from sampling.calibration.report.opening import open_report
from sampling.cli import main

NOW = datetime(2026, 11, 20, 11, tzinfo=UTC)


@pytest.fixture
def held(tmp_path: Path, private_store: Path) -> Path:
    assert hold_practice(tmp_path, NOW)
    return tmp_path


def test_two_rounds_of_six_raters_and_what_they_wrote(held: Path) -> None:
    found = open_report(str(held))
    assert found.session is not None and found.session.opened.vignette == VIGNETTE
    assert len(found.session.raters) == 6
    assert not hold_practice(held, NOW)
    assert open_report(str(held)).gathered.head == found.gathered.head


def test_the_second_round_is_closer_by_what_was_scripted() -> None:
    def apart(levels: tuple[tuple[int, ...], ...]) -> int:
        return sum(max(row) - min(row) for row in levels)

    assert apart(AFTER) < apart(BEFORE)


def test_the_command_holds_it_and_makes_its_page(tmp_path: Path, private_store: Path, capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    assert main(["calibration-report", str(tmp_path / "sessions"), "--practice", "--no-pdf"]) == 0
    page = Path(capsys.readouterr().out.strip().rpartition(": ")[2])
    assert page.parent.parent == (tmp_path / "sessions" / "reports").absolute()
    assert "Ms A" in page.read_text(encoding="utf-8")
