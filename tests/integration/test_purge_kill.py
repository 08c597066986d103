"""A purge that is killed at any moment leaves a journal that verifies, and running it again completes it with the same result."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

RUNNER = Path(__file__).with_name("purge_kill_runner.py")


def test_a_kill_at_any_moment_is_completed_by_running_again(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, str(RUNNER), str(tmp_path)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["faults"] == []
    assert result["tries"] >= 30 and result["files"] >= 8
    assert result["seen"] == ["after", "before"], "kills must fall on both sides of the commit"
