"""notebooks/05_calibrate.ipynb runs by papermill with and without a session, and the command keeps what it makes whole or not at all."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from sampling.batch.calibrated import CalibrationOrder, calibration_report
from sampling.batch.notebooks import page_of, run_notebook
from sampling.cli import main
from sampling.errors import StateError, UsageError
from sampling.evidence.agreement.sentences import STANDING_SENTENCE
from sampling.policy import shared_folder
from tests.calibration_report import RECORD, SIX, Sessions
from tests.pdf import read_pdf

NOTEBOOK = shared_folder("notebooks") / "05_calibrate.ipynb"


def test_without_a_session_it_shows_what_can_be_scored_and_what_to_do(tmp_path: Path) -> None:
    executed = run_notebook(NOTEBOOK, {"folder": str(tmp_path)}, tmp_path / "out.ipynb", private=("folder",))
    about = {"title": "Calibration", "lead": "", "facts": (), "standing": STANDING_SENTENCE, "software": "", "keep": ""}
    text = page_of(executed, "calibration.html.j2", **about)
    assert "No session was held yet." in text and "Hold a session with: sampling calibrate." in text
    assert text.count('<th scope="row">') >= 12 and STANDING_SENTENCE in text
    kept = executed.read_text(encoding="utf-8")
    assert str(tmp_path) not in kept and "(not kept)" in kept and "No session was held yet." in kept


def test_the_command_keeps_page_pdf_tables_and_notebook_and_replaces_its_own(
    tmp_path: Path, private_store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "calibration"
    session = Sessions(home).hold(SIX[:3], record=RECORD)
    status = main(["calibration-report", str(home), "--as-of", "2026-11-22", "--json"])
    told = json.loads(capsys.readouterr().out)
    folder = home / "reports" / f"2026-11-20-ms-a-and-the-allotment-1.0-{session[:8]}"
    assert (status, told["page"]) == (0, str(folder / "pack.html"))
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()) == told["files"]
    page = (folder / "pack.html").read_text(encoding="utf-8")
    assert "<title>Calibration: agreement of a group on “Ms A. and the allotment”</title>" in page
    assert page.count(STANDING_SENTENCE) >= 6 and "The case is invented: no record of care was used." in page
    assert "This is not a risk assessment" not in page and "<script" not in page
    first_page = read_pdf((folder / "pack.pdf").read_bytes()).text(0)
    assert STANDING_SENTENCE in re.sub(r"\s+", " ", first_page)
    held = b"".join(path.read_bytes() for path in folder.rglob("*.*") if path.suffix in (".html", ".ipynb", ".csv"))
    assert str(tmp_path).encode() not in held and session.encode() in held
    (folder / "pack.html").write_text("an older page", encoding="utf-8")
    calibration_report(CalibrationOrder(home, today="2026-11-22", pdf=False))
    assert (folder / "pack.html").read_text(encoding="utf-8") == page and not (folder / "pack.pdf").exists()


def test_where_a_report_cannot_be_made_or_may_not_go_nothing_is_written(tmp_path: Path, private_store: Path) -> None:
    home = tmp_path / "calibration"
    with pytest.raises(StateError, match="There are no sessions in that folder. Name the one that sampling calibrate"):
        calibration_report(CalibrationOrder(home))
    session = Sessions(home).hold(SIX[:1])
    (tmp_path / "file").write_text("mine")
    with pytest.raises(UsageError, match="--out names a file, or a place below one"):
        calibration_report(CalibrationOrder(home, out=tmp_path / "file"))
    taken = tmp_path / "out" / f"2026-11-20-ms-a-and-the-allotment-1.0-{session[:8]}"
    taken.mkdir(parents=True)
    (taken / "letter.txt").write_text("mine")
    with pytest.raises(UsageError, match="holds other files. Name another folder with --out"):
        calibration_report(CalibrationOrder(home, out=tmp_path / "out"))
    assert [path.name for path in taken.iterdir()] == ["letter.txt"] and not (home / "reports").exists()
