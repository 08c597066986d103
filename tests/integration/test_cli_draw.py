"""freeze, draw, replace, verify, withdraw and worklist as a person runs them: what they print, leave and refuse."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sampling.cli import main
from sampling.tickets import digest
from tests.scoring_service import make_service

Run = Callable[..., tuple[int, dict[str, Any], str]]
NONCES = (sha256(b"service").hexdigest(), sha256(b"commissioner").hexdigest())
CHAIN = "8990e7a9aaed2ffed73dbd7092123d6f289930540d7651336225dc172e51b2ce"


@pytest.fixture
def frozen(adult_service: Path, tmp_path: Path, run_sampling: Run) -> Callable[[str], Path]:
    def freeze(ref: str) -> Path:
        out = tmp_path / "draws" / "october"
        status, about, _ = run_sampling(
            "freeze", adult_service, "--period", "2026-10", "--randomness-ref", ref, "--out", out
        )
        assert status == 0, about
        return out

    return freeze


def test_freeze_prints_the_contract(adult_service: Path, tmp_path: Path, run_sampling: Run) -> None:
    status, about, _ = run_sampling("freeze", adult_service, "--period", "2026-10", "--out", tmp_path / "d")
    assert status == 0
    assert set(about) == {"draw_id", "frame", "exclusions", "commit", "size", "strata"}
    assert about["draw_id"] == "2026-10/adult"
    assert about["size"] == sum(about["strata"].values())


def test_draw_prints_the_contract(frozen: Callable[[str], Path], run_sampling: Run) -> None:
    status, about, _ = run_sampling("draw", frozen("operator"), "--operator", "a demonstration")
    assert status == 0
    assert about["evidence_level"] == "L0"
    assert set(about["selected"][0]) >= {"case_key", "practitioner_key", "stratum", "rank", "ticket", "probability"}
    volatile = [row for row in about["selected"] if row["stratum"] == "volatile"]
    assert volatile and all(row["rank"] <= 2 for row in volatile)


@pytest.mark.parametrize(
    ("ref", "words", "level"),
    [
        (f"two-party:{digest(NONCES[0])}:{digest(NONCES[1])}", ["--nonce", NONCES[0], "--nonce", NONCES[1]], "L2"),
        ("dice", ["--dice", "0123456789 0123456789", "--witness", "A", "--witness", "B"], "L2"),
        ("dice", ["--dice", "01234567890123456789", "--witness", "A", "--witness", " a "], "L1"),
        ("dice", ["--dice", "01234567890123456789"], "L1"),
        ("operator", ["--operator", "typed"], "L0"),
    ],
)
def test_each_kind_of_randomness_has_its_evidence_level(
    frozen: Callable[[str], Path], run_sampling: Run, ref: str, words: list[str], level: str
) -> None:
    folder = frozen(ref)
    status, about, _ = run_sampling("draw", folder, *words)
    assert (status, about.get("evidence_level")) == (0, level)
    assert run_sampling("verify", folder)[1]["ok"]


def test_a_real_pulse_draws_and_verifies(frozen: Callable[[str], Path], run_sampling: Run, shared_data: Path) -> None:
    folder = frozen(f"drand:{CHAIN}:2")
    status, about, _ = run_sampling("draw", folder, "--pulse", shared_data / "drand" / "default-round-2.json")
    assert status == 0, about
    assert about["evidence_level"] == "L0", "the pulse of 2020 was public when the frame was frozen"
    assert run_sampling("verify", folder)[1]["ok"]


def test_another_round_than_the_promised_one_is_refused(
    frozen: Callable[[str], Path], run_sampling: Run, shared_data: Path
) -> None:
    folder = frozen(f"drand:{CHAIN}:2")
    status, about, _ = run_sampling("draw", folder, "--pulse", shared_data / "drand" / "default-round-1.json")
    assert (status, about["error"]) == (13, "randomness")
    assert not (folder / "share" / "manifest.csv").exists()


@pytest.mark.parametrize(
    ("words", "status", "part"),
    [
        ([], 2, "exactly one way"),
        (["--operator", "x", "--dice", "1" * 20], 2, "exactly one way"),
        (["--dice", "1" * 20], 13, "committed to operator randomness"),
        (["--nonce", "ab"], 2, "Two nonces are needed"),
        (["--operator", "  "], 13, ""),
    ],
)
def test_wrong_randomness_is_refused(
    frozen: Callable[[str], Path], run_sampling: Run, words: list[str], status: int, part: str
) -> None:
    code, about, _ = run_sampling("draw", frozen("operator"), *words)
    assert code == status and part in about["message"]


def test_a_draw_is_made_once(frozen: Callable[[str], Path], run_sampling: Run) -> None:
    folder = frozen("operator")
    assert run_sampling("draw", folder, "--operator", "first")[0] == 0
    status, about, _ = run_sampling("draw", folder, "--operator", "second")
    assert (status, about["message"]) == (12, "The draw 2026-10/adult is drawn already. A draw is made once.")


def test_a_spoilt_frame_is_not_drawn(frozen: Callable[[str], Path], run_sampling: Run) -> None:
    folder = frozen("operator")
    path = folder / "share" / "frame.csv"
    path.write_text(path.read_text().replace("volatile", "other", 1))
    status, about, _ = run_sampling("draw", folder, "--operator", "x")
    assert status == 14
    assert about["message"].startswith("The frozen draw does not verify: the check frame fails.")


def test_replacement_takes_the_next_rank_and_verifies(frozen: Callable[[str], Path], run_sampling: Run) -> None:
    folder = frozen("operator")
    drawn = run_sampling("draw", folder, "--operator", "x")[1]["selected"]
    first = next(row for row in drawn if row["probability"].startswith("2/") and row["probability"] != "2/2")
    words = ("--requested-by", "Jo Smith", "--approved-by", "Ann Lee")
    status, about, _ = run_sampling("replace", folder, first["case_key"], "--reason", "closed before t0", *words)
    assert status == 0, about
    assert about["kind"] == "INELIGIBLE" and about["replacement"] not in {row["case_key"] for row in drawn}
    log = (folder / "share" / "log.jsonl").read_text()
    assert "Jo Smith" not in log and "Ann Lee" not in log
    assert run_sampling("verify", folder)[1]["ok"]
    again = run_sampling("replace", folder, first["case_key"], "--reason", "DUPLICATE", *words)
    assert again[0] == 15 and "not under review" in again[1]["message"]
    worklist = run_sampling("worklist", folder)[1]["cases"]
    assert sorted(row["state"] for row in worklist if row["case_key"] in (first["case_key"], about["replacement"])) == [
        "replaced",
        "replacement",
    ]


@pytest.mark.parametrize(
    ("reason", "by", "approver", "part"),
    [
        ("untidy file", "A", "B", "is not a reason"),
        ("worker on leave", "A", "B", "is not a reason"),
        ("DUPLICATE", "Jo  Smith", "jo smith", "may not approve it"),
        ("DUPLICATE", "", "B", "needs the name or role"),
    ],
)
def test_a_replacement_without_ground_is_refused(
    frozen: Callable[[str], Path], run_sampling: Run, reason: str, by: str, approver: str, part: str
) -> None:
    folder = frozen("operator")
    key = run_sampling("draw", folder, "--operator", "x")[1]["selected"][0]["case_key"]
    before = (folder / "share" / "log.jsonl").read_text()
    status, about, _ = run_sampling(
        "replace", folder, key, "--reason", reason, "--requested-by", by, "--approved-by", approver
    )
    assert status == 15 and part in about["message"]
    assert (folder / "share" / "log.jsonl").read_text() == before


def test_withdrawn_draws_stay_and_keep_their_name(
    adult_service: Path, frozen: Callable[[str], Path], run_sampling: Run
) -> None:
    folder = frozen("dice")
    assert run_sampling("withdraw", folder, "--reason", "because")[0] == 12
    assert run_sampling("withdraw", folder, "--reason", "wrong extract")[0] == 0
    assert run_sampling("verify", folder)[1]["ok"]
    assert run_sampling("draw", folder, "--dice", "1" * 20)[1]["message"].startswith(
        "The draw 2026-10/adult is withdrawn"
    )
    status, about, _ = run_sampling("freeze", adult_service, "--period", "2026-10", "--out", folder.parent / "b")
    assert status == 12 and "One draw_id has one commitment" in about["message"]


def test_the_stranger_needs_nothing_but_the_shared_folder(
    frozen: Callable[[str], Path], run_sampling: Run, tmp_path: Path
) -> None:
    """The exported verifier runs alone, without the package, and agrees; it fails on a spoilt pack."""
    import shutil

    folder = frozen("operator")
    about = run_sampling("draw", folder, "--operator", "x")[1]
    shared = tmp_path / "handed over"
    shutil.copytree(folder / "share", shared)
    run = subprocess.run(
        [sys.executable, "-I", "-S", "cst1_verify.py"], cwd=shared, capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert about["commit"][:16] in run.stdout
    text = (shared / "manifest.csv").read_text()
    (shared / "manifest.csv").write_text(text.replace(",selected,", ",reserve,", 1))
    run = subprocess.run(
        [sys.executable, "-I", "-S", "cst1_verify.py"], cwd=shared, capture_output=True, text=True, timeout=60
    )
    assert run.returncode != 0 and "selection" in run.stdout


def test_an_extract_with_errors_freezes_nothing(adult_service: Path, tmp_path: Path, run_sampling: Run) -> None:
    import shutil

    source = tmp_path / "service"
    shutil.copytree(adult_service, source)
    path = source / "cases.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    rows[1][rows[0].index("opened")] = "31/3/26"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    status, about, _ = run_sampling("freeze", source, "--period", "2026-10", "--out", tmp_path / "draws" / "d")
    assert status == 10
    assert any(
        "cases.csv, row 2, column opened: expected a date" in finding["text"] and '"31/3/26"' in finding["text"]
        for finding in about["findings"]
    )
    assert not (tmp_path / "draws" / "d").exists()


def test_an_old_extract_is_refused(tmp_path: Path, run_sampling: Run) -> None:
    from sampling.sources.synthesis import synthesise

    synthesise(format="mhsds", cases=30, months=2, seed=7, out=tmp_path / "extract", until="2026-10")
    words = ("freeze", tmp_path / "extract", "--period", "2027-01", "--out", tmp_path / "d")
    status, about, _ = run_sampling(*words)
    assert status == 10 and "ends on 2026-10-31, before 2027-01 begins" in about["message"]


def test_old_tables_of_our_own_are_noted(adult_service: Path, tmp_path: Path, run_sampling: Run) -> None:
    assert run_sampling("freeze", adult_service, "--period", "2026-12", "--out", tmp_path / "d")[0] == 0
    notes = json.loads((tmp_path / "d" / "private" / "notes.json").read_text())
    assert any(note.endswith("days before the draw date: what came later is not in it.") for note in notes)


def test_the_cool_off_leaves_last_months_cases_out(adult_service: Path, tmp_path: Path, run_sampling: Run) -> None:
    home = tmp_path / "draws"
    assert run_sampling("freeze", adult_service, "--period", "2026-09", "--out", home / "09")[0] == 0
    september = {row["case_key"] for row in run_sampling("draw", home / "09", "--operator", "x")[1]["selected"]}
    assert run_sampling("freeze", adult_service, "--period", "2026-10", "--out", home / "10")[0] == 0
    october = {row["case_key"] for row in run_sampling("draw", home / "10", "--operator", "x")[1]["selected"]}
    notes = json.loads((home / "10" / "private" / "notes.json").read_text())
    notes = [note for note in notes if "cool-off" in note]
    assert notes and notes[0].startswith("The cool-off left out ")
    assert not september & october or "shortened" in notes[1]
    assert "RECENT" in (home / "10" / "share" / "exclusions.csv").read_text()


def test_a_plan_of_ones_own(adult_service: Path, tmp_path: Path, run_sampling: Run) -> None:
    plan = tmp_path / "plan.json"
    plan.write_text('{"quota": {"volatile": 1, "other": 1}, "stream": null}')
    out = tmp_path / "draws" / "d"
    assert run_sampling("freeze", adult_service, "--period", "2026-10", "--plan", plan, "--out", out)[0] == 0
    drawn = run_sampling("draw", out, "--operator", "x")[1]["selected"]
    assert {row["drawn_by"] for row in drawn} == {"quota"}
    assert {row["stratum"] for row in drawn} == {"volatile", "other"}
    plan.write_text('{"quotas": {"volatile": 1}}')
    status, about, _ = run_sampling(
        "freeze", adult_service, "--period", "2026-10", "--plan", plan, "--out", tmp_path / "e"
    )
    assert status == 11 and 'unknown key "quotas"' in about["findings"][0]["text"]


def test_without_json_a_person_reads_sentences(
    adult_service: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["freeze", str(adult_service), "--period", "2026-10", "--out", str(tmp_path / "d")]) == 0
    out = capsys.readouterr().out
    assert "Frozen: draw 2026-10/adult" in out and "Next: publish the commitment" in out
    assert main(["verify", str(tmp_path / "nothing")]) == 12
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err.startswith("There is no draw in that folder.")
    assert "Traceback" not in captured.err


@pytest.mark.parametrize(
    "words",
    [
        ["freeze"],
        ["draw", "x", "--unknown"],
        ["nonsense"],
        ["freeze", "x", "--period", "2026-10", "--out", "y", "--as-of", "31/10/26"],
    ],
)
def test_wrong_words_are_one_json_object_too(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*words, "--json"]) == 2
    captured = capsys.readouterr()
    about = json.loads(captured.out)
    assert about["error"] == "usage" and about["message"].endswith("--help") and captured.err == ""


def test_a_fault_of_the_program_shows_no_value(
    adult_service: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run_sampling: Run
) -> None:
    """A damaged installation: the message names the place in the program, never the error's own text."""
    monkeypatch.setattr("sampling.freezing.EXPORTED", (object(),))
    status, about, _ = run_sampling("freeze", adult_service, "--period", "2026-10", "--out", tmp_path / "d")
    assert (status, about["error"]) == (70, "program")
    assert about["message"].startswith("The program failed (TypeError, ")
    assert not (tmp_path / "d").exists()


def test_a_full_or_closed_disk_is_said_in_words(adult_service: Path, tmp_path: Path, run_sampling: Run) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    status, about, _ = run_sampling("freeze", adult_service, "--period", "2026-10", "--out", blocked / "draws" / "d")
    assert (status, about["error"]) == (18, "storage")
    assert about["message"].startswith("The computer refused to read or write a file: ")


def test_a_worklist_is_read_with_names_as_people_write_them(
    tmp_path: Path, private_store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Annex A has names for ids, which its reader folds so that one worker is one; the JSON keeps what the key was made from."""
    scene = make_service(tmp_path, private_store)
    folder = str(scene.pack.folder)
    path = private_store / "local_ids" / f"{scene.pack.commitment['commit']}.parquet"
    ids = pd.read_parquet(path)
    ids["local_id"] = ids["local_id"].replace({"P000-0003": "anne-marie o'neill"})
    ids.to_parquet(path)
    assert main(["worklist", folder]) == 0
    printed = capsys.readouterr().out
    assert "Anne-Marie O'Neill" in printed and "anne-marie" not in printed and "P000-0004" in printed
    assert main(["worklist", folder, "--json"]) == 0
    assert "anne-marie o'neill" in {row["practitioner"] for row in json.loads(capsys.readouterr().out)["cases"]}
