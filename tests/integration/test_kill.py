"""kill -9 at any moment of freeze, draw or replace leaves the old state or the new; two at once make one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sampling.errors import StateError

RUNNER = Path(__file__).with_name("kill_runner.py")


def test_a_kill_at_any_moment_leaves_the_old_state_or_the_new(adult_service: Path, tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, str(RUNNER), str(adult_service), str(tmp_path)], capture_output=True, text=True, timeout=540
    )
    assert run.returncode == 0, run.stderr
    results = {result["name"]: result for result in json.loads(run.stdout)}
    for name, least in (("freeze", 20), ("draw", 6), ("replace", 4)):
        assert results[name]["faults"] == []
        assert results[name]["moments"] >= least
        assert results[name]["seen"] == ["after", "before"], "kills must fall on both sides of the deciding rename"


def sampling(*words: object, home: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "SAMPLING_HOME": str(home)}
    return subprocess.Popen(
        [sys.executable, "-m", "sampling", *map(str, words), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )


def test_two_draws_at_once_for_one_draw_id_give_one(adult_service: Path, tmp_path: Path, private_store: Path) -> None:
    folder = tmp_path / "draws" / "october"
    frozen = sampling("freeze", adult_service, "--period", "2026-10", "--out", folder, home=private_store)
    printed = frozen.communicate(timeout=120)
    assert frozen.returncode == 0, printed
    both = [sampling("draw", folder, "--operator", f"text {number}", home=private_store) for number in range(2)]
    outcomes = [(process.communicate(timeout=120)[0], process.returncode) for process in both]
    assert sorted(code for _, code in outcomes) == [0, StateError.exit_code]
    won = next(json.loads(out) for out, code in outcomes if code == 0)
    lost = next(json.loads(out) for out, code in outcomes if code)
    assert lost["message"] == "The draw 2026-10/adult is drawn already. A draw is made once."
    manifest = (folder / "share" / "manifest.csv").read_text()
    assert all(row["ticket"] in manifest for row in won["selected"])
    verified = sampling("verify", folder, home=private_store)
    assert json.loads(verified.communicate(timeout=120)[0])["ok"]


def test_two_freezes_at_once_of_one_draw_id_give_one_commitment(
    adult_service: Path, tmp_path: Path, private_store: Path
) -> None:
    home = tmp_path / "draws"
    both = [
        sampling(
            "freeze",
            adult_service,
            "--period",
            period,
            "--draw-id",
            "autumn",
            "--out",
            home / period,
            home=private_store,
        )
        for period in ("2026-09", "2026-10")
    ]
    outcomes = [(process.communicate(timeout=120)[0], process.returncode) for process in both]
    assert sorted(code for _, code in outcomes) == [0, StateError.exit_code]
    lost = next(json.loads(out) for out, code in outcomes if code)
    assert lost["message"].startswith('The draw_id "autumn" was committed already, to other inputs.')
    assert len((home / "register.jsonl").read_text().splitlines()) == 1
    assert len([folder for folder in home.iterdir() if folder.is_dir()]) == 1


@pytest.mark.parametrize("out", ["october", "again"])
def test_the_same_freeze_twice_is_the_same_commitment(
    adult_service: Path, tmp_path: Path, run_sampling, out: str
) -> None:  # type: ignore[no-untyped-def]
    first = run_sampling("freeze", adult_service, "--period", "2026-10", "--out", tmp_path / "draws" / "october")
    second = run_sampling("freeze", adult_service, "--period", "2026-10", "--out", tmp_path / "draws" / out)
    assert first[0] == second[0] == 0
    assert first[1] == second[1]
