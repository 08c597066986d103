"""notebooks/03_follow_up.ipynb runs by papermill, where no server is, and then lists the actions that wait and quotes nobody."""

from __future__ import annotations

import json
from pathlib import Path

from scoring_service import SUPERVISOR, Scene, event, make_service, new_id

from sampling.batch.notebooks import run_notebook
from sampling.policy import shared_folder

NOTEBOOK = shared_folder("notebooks") / "03_follow_up.ipynb"
CANARY = "Ring Mrs Canary about the plan"


def raise_an_action(scene: Scene) -> None:
    """Has the supervisor raise an action whose words must not reach a notebook."""
    review, action = scene.single(SUPERVISOR), new_id()
    said = {"action": action, "action_kind": "gp_liaison", "text": CANARY, "owner": "Mrs Canary", "due": "2026-11-10"}
    scene.append(SUPERVISOR, event("action_raised", review, f"action:{action}", {**said, "review_date": "2026-11-17"}))


def test_it_lists_what_is_due_where_no_server_is(tmp_path: Path, private_store: Path) -> None:
    scene = make_service(tmp_path, private_store)
    raise_an_action(scene)
    scene.service.close()
    asked = {"draws": str(scene.home), "rater": SUPERVISOR}
    out = run_notebook(NOTEBOOK, asked, tmp_path / "out.ipynb", private=tuple(asked))
    shown = "".join(json.loads(out.read_text(encoding="utf-8"))["cells"][-1]["outputs"][-1]["data"]["text/html"])
    assert "<caption>Actions that wait (1)</caption>" in shown
    assert "10 November 2026" in shown
    assert "Canary" not in out.read_text(encoding="utf-8")


def test_with_nothing_due_the_table_is_empty(tmp_path: Path, private_store: Path) -> None:
    scene = make_service(tmp_path, private_store)
    scene.service.close()
    asked = {"draws": str(scene.home), "rater": SUPERVISOR}
    out = run_notebook(NOTEBOOK, asked, tmp_path / "out.ipynb")
    assert "Actions that wait (0)" in out.read_text(encoding="utf-8")
