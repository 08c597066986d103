"""`sampling batch`: the packs of a small service, made from its journal by the real notebook; what it refuses, and what it says."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sampling.batch.folder import LOCKS, one_batch
from sampling.errors import NotebookError
from sampling.reporting.kept import FOLDER

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
    assert "only <em>For the commissioner</em>, the folder <code>MAY-BE-PASSED-ON-commissioner</code>." in index
    outside = (packs / "MAY-BE-PASSED-ON-commissioner" / "pack.html").read_text(encoding="utf-8")
    assert "it may leave the service" in outside and "Nothing is hidden here" not in outside
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


def test_in_a_log_there_is_a_line_for_each_pack_and_a_failure_is_told_once(home: Path, private_store: Path) -> None:
    packs = home / "reports/2026-10/audit"
    packs.mkdir(parents=True)
    (packs / LOCKS).write_text("where a folder of locks should be")
    command = [sys.executable, "-m", "sampling", "batch", home, "--period", "2026-10", "--purpose", "audit"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (NotebookError.exit_code, "")
    lines = done.stdout.splitlines()
    assert lines[0].endswith("packs to do")
    failed = [line for line in lines if "The computer refused to read or write a file: File exists." in line]
    assert len(failed) == len(lines) - 3 and all(": FAILED. " in line for line in failed)
    assert lines[-2:] == [f"0 of {len(failed)} packs stand.", f"Begin here: {packs / 'index.html'}"]
    manifest = json.loads((packs / "manifest.json").read_text())
    assert {row["state"] for row in manifest["rows"]} == {"failed"}


def test_a_fault_in_what_people_wrote_is_told_with_its_lines_before_any_run(home: Path, run_sampling: Ran) -> None:
    (home / "evidence.toml").write_text('title = "Year"\nno_such_key = 1\ntarget = 80\n', encoding="utf-8")
    for purpose in ("supervision", "audit", "training"):
        status, said, _ = run_sampling("batch", home, "--period", "2026-10", "--purpose", purpose)
        assert (status, said["error"], said["message"]) == (11, "policy", "evidence.toml has 2 faults.")
        assert sorted(one["where"] for one in said["findings"]) == ["evidence.toml, line 2", "evidence.toml, line 3"]
        assert any("`target` must be a share above 0 and up to 1, as 0.8" in one["text"] for one in said["findings"])
    assert not (home / "reports").exists() and not (home / FOLDER).exists()


def test_what_cannot_be_is_refused_before_anything_is_kept(home: Path, tmp_path: Path, run_sampling: Ran) -> None:
    def refused(*words: object, code: int = 2, home: Path = home) -> str:
        given = ("batch", home, "--period", "2026-10", "--purpose", "audit", *words)
        status, said, _ = run_sampling(*given)
        assert status == code, said
        return str(said["message"])

    for jobs in ("-1", "0", "1000000000"):
        assert "--jobs must be from 1 to" in refused("--jobs", jobs)
    assert "No case is drawn for 2026-09" in refused("--period", "2026-09", code=12)
    assert "--purpose" in run_sampling("batch", home, "--period", "2026-10")[1]["message"]
    assert refused("--perod", "2026-10").startswith("There is no option --perod, but there is --period.")
    assert "must be written as" in refused("--baseline", "2026")
    assert "--out names the folder in which draws lie" in refused("--out", home)
    with one_batch(tmp_path / "packs"):
        assert "Another batch is at work in that folder" in refused("--out", tmp_path / "packs", code=12)
    (tmp_path / "empty").mkdir()
    assert "Nothing was scored there yet" in refused(code=12, home=tmp_path / "empty")
    assert "There is no such folder. Name the one in which" in refused(code=12, home=tmp_path / "none")
    draw = next(home.glob("*/share")).parent
    assert "That is the folder of one draw. Name the one above it" in refused(code=12, home=draw)
    assert not (home / "reports").exists() and not (home / FOLDER).exists()
