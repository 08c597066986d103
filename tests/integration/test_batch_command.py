"""`sampling batch`: the packs of a small service, made from its journal by the real notebook; what it refuses, and what it says."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sampling.errors import NotebookError

ROOT = Path(__file__).resolve().parents[2]
Ran = Callable[..., tuple[int, dict[str, Any], str]]


def test_a_month_of_packs_and_a_second_time_that_does_nothing(home: Path, run_sampling: Ran) -> None:
    asked = ("batch", home, "--period", "2026-10", "--by", "team", "--purpose", "audit", "--jobs", "2")
    status, about, _ = run_sampling(*asked)
    assert status == 0, about
    packs = home / "reports" / "2026-10" / "audit"
    assert about["index"] == str(packs / "index.html")
    assert set(about["packs"].values()) == {"done"} and "The whole service" in about["packs"]
    assert about["failed"] == {}
    index = (packs / "index.html").read_text(encoding="utf-8")
    assert "Evidence packs, October 2026" in index
    page = (packs / "the-whole-service" / "pack.html").read_text(encoding="utf-8")
    assert "<title>" in page and str(home) not in page
    before = {path: path.stat().st_mtime_ns for path in packs.glob("*/*")}
    status, again, _ = run_sampling(*asked, "--resume")
    assert (status, again) == (0, about)
    assert {path: path.stat().st_mtime_ns for path in packs.glob("*/*")} == before


def test_for_training_no_team_has_its_name(home: Path, run_sampling: Ran) -> None:
    _, named, _ = run_sampling("batch", home, "--period", "2026-10", "--purpose", "audit")
    teams = set(named["packs"]) - {"The whole service", "For the commissioner"}
    assert teams
    status, about, _ = run_sampling("batch", home, "--period", "2026-10", "--purpose", "training")
    assert status == 0, about
    assert set(about["packs"]) == {"The whole service", *(f"Team {letter}" for letter in "ABCDEFG"[: len(teams)])}
    held = b"".join(path.read_bytes() for path in (home / "reports/2026-10/training").rglob("*") if path.is_file())
    assert [team for team in teams if team.encode() in held] == []


def test_in_a_log_there_is_a_line_for_each_pack_and_a_failure_is_told(home: Path, private_store: Path) -> None:
    (home / "evidence.toml").write_text("no_such_key = 1\n", encoding="utf-8")
    command = [sys.executable, "-m", "sampling", "batch", home, "--period", "2026-10", "--purpose", "audit"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == NotebookError.exit_code
    lines = done.stdout.splitlines()
    assert lines[0].endswith("packs to do")
    assert "FAILED" in lines[1] and "evidence.toml" in lines[1]
    assert "Traceback" not in done.stdout + done.stderr
    manifest = json.loads((home / "reports/2026-10/audit/manifest.json").read_text())
    assert {row["state"] for row in manifest["rows"]} == {"failed"}


def test_what_cannot_be_is_refused(home: Path, tmp_path: Path, run_sampling: Ran) -> None:
    assert (
        "No case is drawn for 2026-09"
        in run_sampling("batch", home, "--period", "2026-09", "--purpose", "audit")[1]["message"]
    )
    assert "--purpose" in run_sampling("batch", home, "--period", "2026-10")[1]["message"]
    assert (
        "--jobs must be 1 or more"
        in run_sampling("batch", home, "--period", "2026-10", "--purpose", "audit", "--jobs", "-1")[1]["message"]
    )
    (tmp_path / "empty").mkdir()
    assert (
        "Nothing was scored there yet"
        in run_sampling("batch", tmp_path / "empty", "--period", "2026-10", "--purpose", "audit")[1]["message"]
    )
