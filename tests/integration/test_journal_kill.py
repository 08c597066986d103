"""kill -9 at any moment, a torn write at any byte, a full disk: the chain verifies, a call is stored whole or not at all, and what was acknowledged is there."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

RUNNER = Path(__file__).with_name("journal_kill_runner.py")


def run(part: str, scratch: Path) -> dict[str, Any]:
    """Returns what the runner saw."""
    done = subprocess.run(
        [sys.executable, str(RUNNER), part, str(scratch)], capture_output=True, text=True, timeout=540
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@pytest.mark.parametrize(("part", "least"), [("steps", 100), ("making", 40), ("torn", 60)])
def test_a_kill_at_any_moment_leaves_the_old_state_or_the_new(part: str, least: int, tmp_path: Path) -> None:
    result = run(part, tmp_path)
    assert result["faults"] == []
    assert result["tries"] >= least
    assert result["seen"] == ["after", "before"], "kills must fall on both sides of the commit"


def test_what_was_acknowledged_is_there_after_forty_kills_at_random_moments(tmp_path: Path) -> None:
    result = run("random", tmp_path)
    assert result["faults"] == [] and result["acknowledged"] >= 3 * result["tries"]


def test_a_disk_that_is_full_at_any_byte_is_told_in_words_and_nothing_is_half_stored(tmp_path: Path) -> None:
    result = run("full", tmp_path)
    assert result["faults"] == [] and result["refused"] > 20 and result["stored"] > 3
    assert all("Nothing of this change was stored." in sentence for sentence in result["words"])
