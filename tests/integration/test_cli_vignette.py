"""vignette check, show, list and publish as a person runs them; the page in a real browser."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from sampling.cli import main
from tests.calibration_report import FIRST, SIX, Sessions
from tests.chromium import ARGUMENTS, chromium_path

Run = Callable[..., tuple[int, dict[str, Any], str]]
HOME = Path(__file__).parents[2] / "rubrics" / "vignettes"
PIANO = "ms-c-and-the-piano-1.0"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of one vignette in a folder of its own, not yet published there."""
    return shutil.copytree(HOME / PIANO, tmp_path / "vignettes" / PIANO)


def test_check_of_a_sound_one_is_silent(run_sampling: Run, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, about, _ = run_sampling("vignette", "check", folder)
    assert (status, about) == (0, {"errors": 0, "exit": 0, "findings": [], "notes": 0, "ok": True})
    assert main(["vignette", "check", str(folder)]) == 0
    assert capsys.readouterr().out == "The vignette has no fault.\n"


def test_check_lists_faults_and_notes_and_fails(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "05-contact-note.txt").unlink()
    (folder / "spare.txt").write_text("x", encoding="utf-8")
    assert main(["vignette", "check", str(folder)]) == 11
    assert capsys.readouterr().out.splitlines() == [
        "The vignette has 1 fault and 1 note.",
        f"  {PIANO}/vignette.toml: 1 file of the folder stands in no [[document]], so nobody reads it. Name it, or take it away. "
        "[VIGNETTE_FILE_UNUSED]",
        f"  {PIANO}/vignette.toml, line 42: the file is not in the folder. Write it, or mend its name. [VIGNETTE_DOCUMENT]",
    ]


def test_show_leaves_reference_levels_out_unless_asked(run_sampling: Run, capsys: pytest.CaptureFixture[str]) -> None:
    status, about, _ = run_sampling("vignette", "show", "ms-c-and-the-piano")
    assert status == 0 and about["id"] == PIANO and "references" not in about
    status, about, _ = run_sampling("vignette", "show", HOME / PIANO, "--references")
    assert [entry["level"] for entry in about["references"]] == [1, 3, 3, 2, 0, 2]
    assert main(["vignette", "show", PIANO]) == 0
    shown = capsys.readouterr().out
    assert "--- ward discharge summary, 29 April 2026, ward doctor ---" in shown and "level 3" not in shown


def test_list_names_all_with_their_rubrics(run_sampling: Run, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, about, _ = run_sampling("vignette", "list")
    assert status == 0 and len(about["vignettes"]) == 16
    assert main(["vignette", "list", "--folder", str(folder.parent)]) == 0
    assert capsys.readouterr().out == (
        f"{PIANO}  Ms C. and the piano: adult mental health, 591 words, for crisis_plan_currency, a draft, not offered\n"
    )


def test_a_folder_of_sessions_tells_which_anchors_are_due_and_what_only_people_can_say(
    run_sampling: Run, tmp_path: Path, private_store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "calibration"
    status, about, _ = run_sampling("vignette", "list", "--sessions", home)
    assert status != 0 and about["message"].startswith("There are no sessions in that folder.")
    held = Sessions(home)
    held.hold(
        SIX[:1],
        now=datetime(2026, 9, 29, 9, tzinfo=UTC),
        vignette="k-and-the-blue-bicycle-1.0",
        rubric="escalation_rationale",
    )
    held.hold(SIX[:1], now=FIRST)
    held.hold(SIX[:1], now=datetime(2026, 10, 1, 9, tzinfo=UTC), vignette=PIANO)
    status, about, _ = run_sampling("vignette", "list", "--sessions", home)
    assert (status, about["anchors_due"]) == (0, ["ms-a-and-the-allotment-1.0", "k-and-the-blue-bicycle-1.0"])
    held.hold(SIX[:1], now=datetime(2026, 10, 2, 9, tzinfo=UTC))
    assert run_sampling("vignette", "list", "--sessions", home)[1]["anchors_due"] == ["k-and-the-blue-bicycle-1.0"]
    status, about, _ = run_sampling("account", home)
    assert (status, about["written"], len(about["missing"])) == (0, True, 5)
    file = home / "agreement.toml"
    file.write_text(
        file.read_text(encoding="utf-8").replace('known = ""', 'known = "Alpha .6 last year."'), encoding="utf-8"
    )
    capsys.readouterr()
    assert main(["account", str(home)]) == 0
    said = capsys.readouterr().out
    assert (
        "was not changed. 1 of 5 questions have an answer." in said
        and "missing: raters (Raters and their training)." in said
    )


def test_publish_fixes_the_text(run_sampling: Run, folder: Path) -> None:
    status, about, _ = run_sampling("vignette", "publish", folder)
    assert (status, about["new"], about["published"]) == (0, True, "2026-11-01")
    assert run_sampling("vignette", "publish", folder)[1]["new"] is False
    note = folder / "02-contact-note.txt"
    note.write_text(note.read_text(encoding="utf-8").replace("Christmas", "Easter"), encoding="utf-8")
    status, about, _ = run_sampling("vignette", "publish", folder)
    assert status == 11 and about["message"] == "The vignette has 1 fault."
    assert "was published on 2026-11-01 and has been changed since" in about["findings"][0]["text"]


def test_an_unknown_one_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["vignette", "show", "mr-x"]) == 11
    assert capsys.readouterr().err == "There is no such vignette. See: sampling vignette list\n"


def test_the_page_is_accessible_and_prints(tmp_path: Path) -> None:
    out = tmp_path / "vignette.html"
    assert main(["vignette", "show", "miss-e-and-the-two-sofas", "--references", "--out", str(out)]) == 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(ARGUMENTS))
        shown = browser.new_context(bypass_csp=True, viewport={"width": 320, "height": 800}).new_page()
        asked: list[str] = []
        shown.on("request", lambda request: asked.append(request.url))
        shown.goto(out.as_uri())
        assert shown.evaluate("document.documentElement.scrollWidth") <= 320
        assert asked == [out.as_uri()] and shown.title() == "Miss E. and the two sofas"
        assert shown.get_by_role("region", name="2. Crisis and safety plan").count() == 1
        assert shown.get_by_role("region", name="Escalation rationale").get_by_role("term").all_inner_texts()[3:5] == [
            "Decision and reason ‡: level 0",
            "Who was told, and their response: level 2",
        ]
        result = Axe().run(shown)
        assert result.violations_count == 0, result.generate_report()
        assert shown.pdf(prefer_css_page_size=True).startswith(b"%PDF")
        browser.close()
