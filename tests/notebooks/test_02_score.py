"""notebooks/02_score.ipynb runs by papermill, where no server is, and then shows what waits and names no case."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from scoring_service import SUPERVISOR, make_service

from sampling.batch.notebooks import CellError, run_notebook
from sampling.errors import NotebookError
from sampling.policy import shared_folder

NOTEBOOK = shared_folder("notebooks") / "02_score.ipynb"


def run(notebook: Path, out: Path, **parameters: object) -> str:
    """Runs a notebook and returns what its last cell shows."""
    executed = json.loads(
        run_notebook(notebook, parameters, out, private=("draws", "rater")).read_text(encoding="utf-8")
    )
    shown = executed["cells"][-1]["outputs"][-1]["data"]["text/html"]
    return shown if isinstance(shown, str) else "".join(shown)


def test_it_shows_what_waits_where_no_server_is(tmp_path: Path, private_store: Path) -> None:
    scene = make_service(tmp_path, private_store)
    waiting = scene.queue(SUPERVISOR)["reviews"]
    scene.service.close()
    shown = run(NOTEBOOK, tmp_path / "out.ipynb", draws=str(scene.home), rater=SUPERVISOR)
    assert f"<caption>Cases to be scored ({len(waiting)})</caption>" in shown
    assert shown.count("<td>Not started</td>") == len(waiting) > 0
    assert "To score, run: sampling score DIR." in shown
    kept = (tmp_path / "out.ipynb").read_text(encoding="utf-8")
    names = {row[name] for row in waiting for name in ("case_label", "practitioner_label")}
    assert {name for name in names | {SUPERVISOR, str(tmp_path)} if name in kept} == set()


def test_a_name_that_is_not_known_stops_it_in_words(tmp_path: Path, private_store: Path) -> None:
    scene = make_service(tmp_path, private_store)
    scene.service.close()
    with pytest.raises(CellError, match="Nobody of that name stands in the people file"):
        run(NOTEBOOK, tmp_path / "out.ipynb", draws=str(scene.home), rater="Nobody")
    assert not (tmp_path / "out.ipynb").exists()


def test_a_folder_without_a_draw_stops_it_in_words(tmp_path: Path) -> None:
    with pytest.raises(CellError, match="There is no draw in .*sampling month makes a draw"):
        run(NOTEBOOK, tmp_path / "out.ipynb", draws=str(tmp_path), rater=SUPERVISOR)


def test_a_misspelt_parameter_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotebookError, match="no parameter ratter"):
        run(NOTEBOOK, tmp_path / "out.ipynb", ratter=SUPERVISOR)
