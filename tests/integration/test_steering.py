"""Ways in which a service could steer or spoil a draw, each refused in words."""

from __future__ import annotations

import json
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., tuple[int, dict[str, Any], str]]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "draws"


def test_the_same_commitment_is_not_drawn_twice_with_other_randomness(
    adult_service: Path, home: Path, run_sampling: Run
) -> None:
    for name in "ab":
        assert run_sampling("freeze", adult_service, "--period", "2026-10", "--out", home / name)[0] == 0
    first = run_sampling("draw", home / "a", "--operator", "x")[1]
    status, about, _ = run_sampling("draw", home / "b", "--operator", "y")
    assert status == 12 and "is drawn already, in a folder beside this one" in about["message"]
    assert run_sampling("draw", home / "b", "--operator", "x")[1] == first, "the same draw again is the same draw"


def test_a_withdrawn_draw_is_spent_everywhere(adult_service: Path, home: Path, run_sampling: Run) -> None:
    assert run_sampling("freeze", adult_service, "--period", "2026-10", "--out", home / "a")[0] == 0
    key = run_sampling("draw", home / "a", "--operator", "x")[1]["selected"][0]["case_key"]
    assert run_sampling("withdraw", home / "a", "--reason", "WRONG_PLAN")[0] == 0
    for folder in ("a", "b"):
        status, about, _ = run_sampling("freeze", adult_service, "--period", "2026-10", "--out", home / folder)
        assert status == 12 and "withdrawn" in about["message"]
    words = ("--reason", "DUPLICATE", "--requested-by", "A", "--approved-by", "B")
    status, about, _ = run_sampling("replace", home / "a", key, *words)
    assert status == 12 and "Nothing in it is replaced" in about["message"]


def test_a_training_draw_cannot_steer_an_evidence_draw(adult_service: Path, home: Path, run_sampling: Run) -> None:
    assert run_sampling("freeze", adult_service, "--period", "2026-09", "--out", home / "training")[0] == 0
    assert run_sampling("draw", home / "training", "--operator", "chosen until it suits")[0] == 0
    assert (
        run_sampling(
            "freeze", adult_service, "--period", "2026-10", "--randomness-ref", "dice", "--out", home / "real"
        )[0]
        == 0
    )
    assert "RECENT" not in (home / "real" / "share" / "exclusions.csv").read_text()
    assert json.loads((home / "real" / "share" / "plan.json").read_text())["cool_off"]["from"] == []
    notes = json.loads((home / "real" / "private" / "notes.json").read_text())
    assert any("passes over draw 2026-09/adult: it was at evidence level L0" in note for note in notes)


def test_the_cool_off_is_committed_and_leaves_replaced_cases_alone(
    adult_service: Path, home: Path, run_sampling: Run
) -> None:
    first = run_sampling("freeze", adult_service, "--period", "2026-09", "--out", home / "09")[1]
    drawn = run_sampling("draw", home / "09", "--operator", "x")[1]["selected"]
    replaced = next(row for row in drawn if row["probability"].startswith("2/") and row["probability"] != "2/2")
    words = ("--reason", "WRONG_PRACTITIONER", "--requested-by", "A", "--approved-by", "B")
    assert run_sampling("replace", home / "09", replaced["case_key"], *words)[0] == 0
    assert run_sampling("freeze", adult_service, "--period", "2026-10", "--out", home / "10")[0] == 0
    plan = json.loads((home / "10" / "share" / "plan.json").read_text())
    assert plan["cool_off"]["from"] == [first["commit"]]
    log = json.loads((home / "10" / "share" / "log.jsonl").read_text().splitlines()[0])
    assert (
        log["data"]["cool_off"]["left_out"]
        == (home / "10" / "share" / "exclusions.csv").read_text().count("RECENT")
        > 0
    )
    from sampling.tickets import digest

    assert f",RECENT,{digest(replaced['case_key'])}," not in (home / "10" / "share" / "exclusions.csv").read_text()


def test_a_caseload_of_four_is_never_emptied_by_the_cool_off(tmp_path: Path, home: Path, run_sampling: Run) -> None:
    source = tmp_path / "service"
    source.mkdir()
    cases = "".join(f"C-{number},2025-01-02\n" for number in range(4))
    held = "".join(f"C-{number},P-1,care_coordinator,2025-01-02\n" for number in range(4))
    (source / "cases.csv").write_text("case_id,opened\n" + cases)
    (source / "allocations.csv").write_text("case_id,practitioner_id,role,started\n" + held)
    (source / "events.csv").write_text("case_id,happened_on,kind\nC-0,2026-10-31,contact_attended\n")
    for month in ("2026-07", "2026-08", "2026-09", "2026-10"):
        assert run_sampling("freeze", source, "--period", month, "--out", home / month)[0] == 0
        assert len(run_sampling("draw", home / month, "--operator", month)[1]["selected"]) >= 2


@pytest.mark.parametrize(
    ("words", "status", "part"),
    [
        (["--as-of", "2026-12-31"], 2, "does not lie in 2026-10"),
        (["--draw-id", "Jane Smith 9434765919"], 2, "no name, and no number of nine figures"),
        (["--draw-id", "x\ny"], 2, "A draw_id is made of"),
        (["--draw-id", "x\udcff"], 2, "A draw_id is made of"),
        (["--period", "２０２６-10"], 2, "The period must be a month"),
        (["--period", "2026-10\n"], 2, "The period must be a month"),
        (["--period", "0000-10"], 2, "The period must be a month"),
        (["--signals", "policies/signals_children.toml"], 11, "for a service of the kind children"),
    ],
)
def test_odd_words_are_refused(
    adult_service: Path, home: Path, run_sampling: Run, words: list[str], status: int, part: str
) -> None:
    root = Path(__file__).resolve().parents[2]
    given = [str(root / word) if word.startswith("policies/") else word for word in words]
    before = [] if "--period" in words else ["--period", "2026-10"]
    code, about, _ = run_sampling("freeze", adult_service, *before, *given, "--out", home / "a")
    assert (code, part in about["message"]) == (status, True), about
    assert not (home / "a").exists()


@pytest.mark.parametrize(
    "plan",
    [
        '{"order": null}',
        '{"order": [1, "other"]}',
        "[" * 100_000,
        '{"quota": [1]}',
        '{"reserve": true}',
        '{"stream": 3}',
    ],
)
def test_a_broken_plan_is_a_policy_error(
    adult_service: Path, home: Path, run_sampling: Run, tmp_path: Path, plan: str
) -> None:
    path = tmp_path / "plan.json"
    path.write_text("{" + f'"quota": {plan}' + "}" if plan.startswith("[[") else plan)
    assert run_sampling("freeze", adult_service, "--period", "2026-10", "--plan", path, "--out", home / "a")[0] == 11


def test_an_export_without_open_cases_is_no_clean_month(tmp_path: Path, home: Path, run_sampling: Run) -> None:
    source = tmp_path / "service"
    source.mkdir()
    (source / "cases.csv").write_text("case_id,opened,closed\nC-1,2025-01-02,2025-02-02\n")
    (source / "allocations.csv").write_text(
        "case_id,practitioner_id,role,started\nC-1,P-1,care_coordinator,2025-01-02\n"
    )
    status, about, _ = run_sampling("freeze", source, "--period", "2026-10", "--out", home / "a")
    assert status == 10 and "no open case on 2026-10-31" in about["message"]


def test_private_files_stay_private_in_a_copy(
    adult_service: Path, home: Path, run_sampling: Run, private_store: Path
) -> None:
    assert run_sampling("freeze", adult_service, "--period", "2026-10", "--out", home / "a")[0] == 0
    files = [
        *(home / "a" / "private").iterdir(),
        *(private_store / "local_ids").iterdir(),
        private_store / "secret.key",
    ]
    assert len(files) > 5
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in files)


def test_nothing_is_drawn_or_replaced_from_a_shared_pack_alone(
    adult_service: Path, home: Path, run_sampling: Run
) -> None:
    assert run_sampling("freeze", adult_service, "--period", "2026-10", "--out", home / "a")[0] == 0
    shutil.rmtree(home / "a" / "private")
    status, about, _ = run_sampling("draw", home / "a", "--operator", "x")
    assert status == 12 and "private folder of this draw is not here" in about["message"]
    assert not (home / "a" / "share" / "manifest.csv").exists()


def test_a_folder_name_with_wild_cards_is_a_name(adult_service: Path, home: Path, run_sampling: Run) -> None:
    for name, draw_id in (("xzy", "one"), ("x*y", "two"), ("x[z]y", "three")):
        assert (
            run_sampling("freeze", adult_service, "--period", "2026-10", "--draw-id", draw_id, "--out", home / name)[0]
            == 0
        )
        assert run_sampling("draw", home / name, "--operator", "x")[0] == 0
        assert run_sampling("verify", home / name)[1]["ok"]


@pytest.mark.parametrize("people", [("J Smith", "J. Smith"), ("Jane\u200bSmith", "jane smith")])
def test_one_person_spelt_twice_is_one_person(
    adult_service: Path, home: Path, run_sampling: Run, people: tuple[str, str]
) -> None:
    assert run_sampling("freeze", adult_service, "--period", "2026-10", "--out", home / "a")[0] == 0
    key = run_sampling("draw", home / "a", "--operator", "x")[1]["selected"][0]["case_key"]
    words = ("--reason", "DUPLICATE", "--requested-by", people[0], "--approved-by", people[1])
    assert run_sampling("replace", home / "a", key, *words)[0] == 15
    assert (
        run_sampling(
            "replace", home / "a", "x\udcff", "--reason", "DUPLICATE", "--requested-by", "A", "--approved-by", "B"
        )[0]
        == 15
    )


def test_an_unchecked_pulse_is_no_evidence(
    adult_service: Path, home: Path, run_sampling: Run, shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the library that checks the beacon's signature is missing, a pulse is worth nothing, and the draw says so."""
    chain = "8990e7a9aaed2ffed73dbd7092123d6f289930540d7651336225dc172e51b2ce"
    words = ("--period", "2026-10", "--randomness-ref", f"drand:{chain}:2", "--now", "2020-07-22T00:00:00Z")
    assert run_sampling("freeze", adult_service, *words, "--out", home / "a")[0] == 0
    monkeypatch.setattr("sampling.drand.signature_can_be_checked", lambda: False)
    monkeypatch.setattr("sampling.randomness.signature_can_be_checked", lambda: False)
    about = run_sampling("draw", home / "a", "--pulse", shared_data / "drand" / "default-round-2.json")[1]
    assert about["evidence_level"] == "L0"
    log = (home / "a" / "share" / "log.jsonl").read_text()
    assert "signature was not checked, so that anyone could have made it" in log
