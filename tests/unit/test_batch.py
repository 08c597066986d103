"""Running a notebook: unknown words are refused, a failed or half-run notebook leaves nothing, a whole one
holds no path.
"""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sampling.batch import month
from sampling.batch.notebooks import NOT_KEPT, CellError, page_of, run_notebook
from sampling.errors import NotebookError, StateError, UsageError

PARAMETERS = 'source = ""\nperiod = "2026-10"'
SHOW = (
    "class Shown:\n    def _repr_html_(self):\n        return f'<p>{period} &amp; no more</p>'\n"
    "    def __repr__(self):\n        return 'shown'\nShown()"
)


def _write(folder: Path, *sources: str, parameters: str = PARAMETERS) -> Path:
    """Writes a small notebook: a parameters cell, then these cells, the last of which stands on the page."""
    texts = [(parameters, ["parameters"]), *((text, []) for text in sources[:-1]), (sources[-1], ["page"])]
    cells: list[dict[str, Any]] = [
        {
            "cell_type": "code",
            "id": f"c{number}",
            "metadata": {"tags": tags},
            "source": text,
            "outputs": [],
            "execution_count": None,
        }
        for number, (text, tags) in enumerate(texts)
    ]
    kernel = {"name": "no-such-kernel", "display_name": "None", "language": "python"}
    about = {"kernelspec": kernel, "language_info": {"name": "python"}}
    path = folder / "small.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": about, "nbformat": 4, "nbformat_minor": 5}))
    return path


def test_a_notebook_runs_in_this_python_whatever_kernel_it_names(tmp_path: Path) -> None:
    executable = "import sys\nassert sys.executable == " + repr(sys.executable)
    notebook = _write(tmp_path, executable, SHOW)
    out = run_notebook(notebook, {"period": "2026-11"}, tmp_path / "report" / "run.ipynb")
    assert "<p>2026-11 &amp; no more</p>" in json.dumps(json.loads(out.read_text())["cells"][-1]["outputs"])
    assert sorted(path.name for path in out.parent.iterdir()) == ["run.ipynb"]


def test_the_same_run_gives_the_same_bytes_and_keeps_no_private_parameter(tmp_path: Path) -> None:
    notebook = _write(tmp_path, SHOW)
    given = {"source": str(tmp_path / "Jane Example 9434765919.csv"), "period": "2026-10"}
    first, second = (run_notebook(notebook, given, tmp_path / name, private=("source",)).read_text() for name in "ab")
    assert first == second
    assert NOT_KEPT in first
    for trace in ("Jane", "9434765919", str(tmp_path), "start_time", "execution"):
        assert trace not in first.replace("execution_count", "")


def test_an_unknown_parameter_is_an_error_that_names_the_known_ones(tmp_path: Path) -> None:
    notebook = _write(tmp_path, SHOW)
    with pytest.raises(NotebookError, match=r"no parameter perod\. It has: source, period\."):
        run_notebook(notebook, {"perod": "2026-11"}, tmp_path / "run.ipynb")
    assert not (tmp_path / "run.ipynb").exists()


def test_a_missing_required_parameter_is_an_error(tmp_path: Path) -> None:
    notebook = _write(tmp_path, SHOW, parameters='team = None  # required: whose\nperiod = "2026-10"')
    with pytest.raises(NotebookError, match="needs the parameter team"):
        run_notebook(notebook, {}, tmp_path / "run.ipynb")


def test_a_notebook_without_parameters_is_refused(tmp_path: Path) -> None:
    notebook = _write(tmp_path, SHOW, parameters="")
    with pytest.raises(NotebookError, match="has no parameters"):
        run_notebook(notebook, {}, tmp_path / "run.ipynb")


def test_our_own_error_passes_with_its_message_alone(tmp_path: Path) -> None:
    failing = "from sampling.errors import StateError\nraise StateError('Drawn already. Verify it.')"
    with pytest.raises(CellError) as caught:
        run_notebook(_write(tmp_path, failing, SHOW), {}, tmp_path / "run.ipynb")
    assert caught.value.message == "Drawn already. Verify it."
    assert caught.value.cause is StateError
    assert caught.value.__suppress_context__
    assert not (tmp_path / "run.ipynb").exists()


def test_any_other_error_is_told_by_its_kind_alone(tmp_path: Path) -> None:
    with pytest.raises(CellError, match=r"small\.ipynb failed \(KeyError\)") as caught:
        run_notebook(_write(tmp_path, "{}['Jane Example']", SHOW), {}, tmp_path / "run.ipynb")
    assert "Jane" not in caught.value.message


def test_how_to_read_the_extract_is_checked_word_by_word() -> None:
    given = {"format": "annex-a", "extension": "more", "extract_day": "2026-10-05"}
    assert month.read_as(given) == {"format": "annex-a", "extension": Path("more"), "as_of": date(2026, 10, 5)}
    assert set(month.read_as({}).values()) == {None}
    with pytest.raises(UsageError, match="no part formt"):
        month.read_as({"formt": "annex-a"})
    with pytest.raises(UsageError, match="A day must be written as"):
        month.read_as({"extract_day": "5 October"})
    with pytest.raises(UsageError, match="A day must be written as"):
        month.asked("2026-10", "operator", "", "31/10/2026", {})


@pytest.mark.parametrize(
    "ending",
    ["import os\nos._exit(0)", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "raise SystemExit(0)"],
    ids=["exits", "killed", "stops"],
)
def test_a_notebook_that_stops_half_way_is_an_error_and_leaves_nothing(tmp_path: Path, ending: str) -> None:
    out = tmp_path / "run.ipynb"
    out.write_text("an earlier run")
    with pytest.raises(CellError):
        run_notebook(_write(tmp_path, ending, SHOW), {}, out)
    assert out.read_text() == "an earlier run"


def test_a_last_cell_that_shows_nothing_is_no_end(tmp_path: Path) -> None:
    with pytest.raises(CellError, match="did not run to its end"):
        run_notebook(_write(tmp_path, SHOW, "x = 1"), {}, tmp_path / "run.ipynb")


def test_the_page_has_the_output_of_the_tagged_cells_alone(tmp_path: Path) -> None:
    notebook = _write(tmp_path, SHOW.replace("no more", "not shown"), SHOW)
    out = run_notebook(notebook, {}, tmp_path / "run.ipynb")
    about = {"title": "A & B", "lead": "", "facts": [], "draw_id": "D", "software": "s"}
    page = page_of(out, "draw.html.j2", **about)
    assert "<p>2026-10 &amp; no more</p>" in page
    assert "not shown" not in page
    assert "<title>A &amp; B</title>" in page
    assert "<script" not in page and "http://" not in page and "https://" not in page
