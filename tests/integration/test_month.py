"""`sampling month`: one command from extract to page, which can be repeated, resumed and stopped for the
randomness.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from sampling.cli import main
from sampling.keys import SECRET_VARIABLE
from sampling.model import Period
from sampling.sources import canonical_writer
from sampling.sources.synthetic import simulate
from sampling.verify import verify_draw

NOW = ("--now", "2026-11-01T09:00:00Z")
DICE = "0123456789" * 2


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small invented service in plain tables."""
    folder = tmp_path_factory.mktemp("source")
    canonical_writer.write(
        [simulate(profile="adult", cases=60, months=6, seed=5, last_month=Period("2026-10"))], folder, kind="csv"
    )
    return folder


def _run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, dict[str, object]]:
    status = main(["month", *(str(argument) for argument in arguments), "--json", *NOW])
    captured = capsys.readouterr()
    assert captured.err == ""
    return status, json.loads(captured.out)


def _bytes(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


def test_the_same_month_again_shows_the_same_draw(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "draws" / "2026-10"
    arguments = (source, "--period", "2026-10", "--out", out, "--operator", "x")
    status, about = _run(capsys, *arguments)
    assert status == 0
    assert (about["drawn"], about["evidence_level"], about["synthetic"]) == (True, "L0", False)
    assert Path(str(about["page"])).is_file() and Path(str(about["check"])).is_file()
    before = _bytes(out)
    assert _run(capsys, *arguments) == (status, about)
    assert _bytes(out) == before
    shutil.rmtree(out / "report")
    assert _run(capsys, *arguments)[0] == 0
    assert _bytes(out) == before


def test_a_month_that_was_stopped_after_the_freeze_goes_on(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "2026-10"
    arguments = (str(source), "--period", "2026-10", "--out", str(out))
    assert main(["freeze", *arguments, "--json", *NOW]) == 0
    frozen = json.loads(capsys.readouterr().out)
    status, about = _run(capsys, *arguments, "--operator", "x")
    assert (status, about["drawn"], about["commit"]) == (0, True, frozen["commit"])


def test_without_the_randomness_it_stops_after_the_commitment_and_says_what_next(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "2026-10"
    arguments = (source, "--period", "2026-10", "--out", out, "--randomness-ref", "dice")
    status, about = _run(capsys, *arguments)
    assert (status, about["drawn"]) == (0, False)
    page = (out / "report" / "draw.html").read_text(encoding="utf-8")
    assert "committed, not drawn yet" in page and "Roll 20 ten-sided dice" in page
    status, after = _run(capsys, *arguments, "--dice", DICE, "--witness", "A One", "--witness", "B Two")
    assert (status, after["drawn"], after["evidence_level"]) == (0, True, "L2")
    assert after["commit"] == about["commit"]


def test_errors_of_the_extract_are_all_told_and_nothing_is_frozen(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken, out = tmp_path / "broken", tmp_path / "2026-10"
    shutil.copytree(source, broken)
    cases = broken / "cases.csv"
    lines = cases.read_text(encoding="utf-8").splitlines()
    cases.write_text("\n".join([*lines, *lines[1:4]]) + "\n", encoding="utf-8")
    arguments = (broken, "--period", "2026-10", "--out", out, "--operator", "x")
    status, about = _run(capsys, *arguments)
    assert status == 10 and about["findings"]
    assert [path.name for path in out.rglob("*") if path.is_file()] == ["check.html"]
    shutil.copy(source / "cases.csv", cases)
    assert _run(capsys, *arguments)[0] == 0


def test_a_stage_that_fails_keeps_its_own_exit_code(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text("quotas = 3\n")
    status, about = _run(
        capsys, source, "--period", "2026-10", "--out", tmp_path / "d" / "m", "--operator", "x", "--plan", plan
    )
    assert (status, about["error"]) == (11, "policy")
    assert not (tmp_path / "d" / "m").exists()


def test_an_extract_needs_its_month(source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["month", str(source), "--out", str(tmp_path / "m"), "--operator", "x"]) == 2
    assert "--period" in capsys.readouterr().err


def test_without_a_source_a_service_is_invented_beside_the_draw(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from sampling.batch import month

    monkeypatch.setattr(month, "DEMO_CASES", 60)
    monkeypatch.setattr(month, "DEMO_MONTHS", 4)
    assert main(["month", "--out", str(tmp_path / "2026-10"), "--operator", "make demo", *NOW]) == 0
    told = capsys.readouterr().out
    assert "none of its people exists" in told and "report/draw.html" in told
    assert (tmp_path / "synthetic-2026-10").is_dir()


def _month(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "sampling", "month", *(str(argument) for argument in arguments), "--json", *NOW]


def test_a_month_that_was_killed_at_any_moment_is_completed_by_the_next_run(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "2026-10"
    arguments = _month(source, "--period", "2026-10", "--out", out, "--operator", "x")
    killed = 0
    for seconds in (2.0, 4.0):
        with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            try:
                process.communicate(timeout=seconds)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                killed += 1
    assert killed
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=300, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    about = json.loads(done.stdout)
    assert (about["drawn"], about["failed"]) == (True, None) and Path(about["page"]).is_file()
    assert verify_draw(out).ok
    left = [path.name for path in [*out.rglob("*"), *out.parent.glob(".*")] if ".partial" in path.name]
    assert left == []


def test_a_pack_whose_private_frame_is_older_gives_its_page_again(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "2026-10"
    arguments = (source, "--period", "2026-10", "--out", out, "--operator", "x")
    status, about = _run(capsys, *arguments)
    page = (out / "report" / "draw.html").read_text(encoding="utf-8")
    stored = out / "private" / "frame.parquet"
    pd.read_parquet(stored).drop(columns=["practitioner", "case"]).to_parquet(stored)
    assert _run(capsys, *arguments) == (status, about)
    assert (out / "report" / "draw.html").read_text(encoding="utf-8") == page


@pytest.mark.parametrize(
    ("kind", "code", "more"),
    [
        ("usage", 2, ("--format", "canonical", "--dice", DICE, "--operator", "x")),
        ("randomness", 13, ("--randomness-ref", "drand/no-such-chain/7")),
        ("randomness", 13, ("--randomness-ref", "dice", "--dice", "12", "--witness", "A One", "--witness", "B Two")),
        ("state", 12, ("--draw-id", "other", "--operator", "x")),
        ("source", 10, ("--as-of", "2029-01-01", "--operator", "x", "--extension", "no-such-folder")),
    ],
)
def test_each_error_is_one_json_object_with_its_own_exit_code(
    source: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    kind: str,
    code: int,
    more: tuple[str, ...],
) -> None:
    out = tmp_path / "2026-10"
    arguments = ["month", str(source), "--period", "2026-10", "--out", str(out), "--json", *NOW]
    if kind == "state":
        out.mkdir()
        (out / "letter.txt").write_text("in the way")
    assert main([*arguments, *more]) == code
    captured = capfd.readouterr()
    about = json.loads(captured.out)
    assert (about["error"], captured.err, captured.out.count("\n")) == (kind, "", 1)
    assert about["message"].endswith(".") and "Traceback" not in about["message"]


def test_a_secret_that_others_can_read_is_a_json_object_too(
    source: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECRET_VARIABLE, "not a secret")
    assert main(["month", str(source), "--period", "2026-10", "--out", str(tmp_path / "m"), "--json", *NOW]) == 16
    captured = capfd.readouterr()
    assert (json.loads(captured.out)["error"], captured.err) == ("keys", "")
