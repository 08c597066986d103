"""notebooks/04_evidence.ipynb runs by papermill on invented months, and stops in words where it cannot say anything."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sampling.batch.notebooks import CellError, page_of, run_notebook
from sampling.batch.years import YearsOrder, play_years
from sampling.keys import SECRET_VARIABLE, Keyring, load_secret
from sampling.model import Period
from sampling.policy import shared_folder

NOTEBOOK = shared_folder("notebooks") / "04_evidence.ipynb"
ASKED = {"period": "2026-10", "purpose": "audit", "today": "2026-11-20"}


def run(home: Path, out: Path, **parameters: object) -> Path:
    return run_notebook(NOTEBOOK, {"draws": str(home), **ASKED, **parameters}, out, private=("draws", "journal"))


def test_it_makes_the_report_of_invented_months(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SECRET_VARIABLE, "11" * 32)  # keys decide the order of the draw, and so the figures
    home = tmp_path / "years"
    order = YearsOrder(home, 5, Period("2026-10"), months=3, changed_in=2, cases=80)
    play_years(order, Keyring(load_secret()), now=datetime(2026, 11, 22, 9, tzinfo=UTC))
    executed = run(home, tmp_path / "out.ipynb")
    text = page_of(executed, "evidence.html.j2", title="Evidence", lead="", facts=(), digest="", software="", keep="")
    assert "No improvement is shown in these training draws (level L0, not evidence)" in text
    assert "chance alone could give (+1.11 levels, 95% interval -0.53 to +2.13)" in text
    assert text.count("<figure") >= 6 and "What speaks against it" in text and "To make this report again" in text
    kept = executed.read_text(encoding="utf-8")
    assert str(tmp_path) not in kept and "(not kept)" in kept
    again = run(home, tmp_path / "again.ipynb")
    assert again.read_bytes() == executed.read_bytes()
    with pytest.raises(CellError, match="No draw here knows the team"):
        run(home, tmp_path / "no.ipynb", team="Nowhere")
    with pytest.raises(CellError, match="Say for which purpose the report is made: supervision, audit, training"):
        run(home, tmp_path / "no.ipynb", purpose="")
    with pytest.raises(CellError, match="No draw of 2026-11 is here; there is 2026-08 to 2026-10"):
        run(home, tmp_path / "no.ipynb", period="2026-11")
    assert not (tmp_path / "no.ipynb").exists() and json.loads(kept)["cells"]


def test_draws_that_nobody_scored_are_said(tmp_path: Path) -> None:
    with pytest.raises(
        CellError, match="Nothing was scored there yet: the draws have no journal beside them. Run: sampling score DIR"
    ):
        run(tmp_path, tmp_path / "out.ipynb")
