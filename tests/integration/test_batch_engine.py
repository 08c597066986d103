"""papermill with our engine and with its own: the same outputs for the same notebook, in a child that leaves nothing behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from sampling.batch.engine import NAME
from tests import batch_notebooks as small

ROOT = Path(__file__).resolve().parents[2]
# What a kernel can put out, a cell each: results, streams in their order, descriptors, displays that change, magics, coroutines.
EVERYTHING = (
    "x = 41\nx + 1",
    small.TABLE,
    small.CHART,
    small.PNG,
    "import os\nprint('first')\nos.system('echo from the shell')\nprint('last')",
    "import sys\nprint('to error', file=sys.stderr)\nprint('at once', flush=True)\nprint('later')",
    "from IPython.display import HTML, clear_output, display, update_display\n"
    "shown = display(HTML('<b>old</b>'), display_id='one')\nprint('between')\nupdate_display(HTML('<i>new</i>'), display_id='one')",
    "print('gone')\nclear_output()\nprint('stays')",
    "%%bash\necho out\necho err >&2",
    "!echo by the exclamation mark",
    "import asyncio\nawait asyncio.sleep(0)\n'awaited'",
    "{'tuple': (1, 2), 'nothing': None, 'number': float('nan')}",
    "import warnings\nwarnings.warn('said once', stacklevel=1)\nprint('é 漢 \\U0001f600')",
    "len(undefined_name)",
    "print('never reached')",
)


def told(outputs: list[Any] | None) -> list[Any] | None:
    """Returns outputs with the lines of a stream in order of the alphabet: when a subprocess's words arrive is a race in papermill's own engine."""
    if outputs is None:
        return None
    # what a child of a cell wrote comes when the kernel finds it: within the cell's stream, or as one of its own
    streams: dict[str, list[str]] = {}
    for one in outputs:
        if one["output_type"] == "stream":
            streams.setdefault(one["name"], []).extend(one["text"].splitlines())
    others = [one for one in outputs if one["output_type"] != "stream"]
    return [*({"name": name, "text": sorted(lines)} for name, lines in sorted(streams.items())), *others]


def test_each_output_is_what_papermills_own_engine_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTEST_CURRENT_TEST")  # where ipykernel sees it, it leaves descriptors alone
    cells = [text for text in EVERYTHING if "warnings.warn" not in text]
    notebook = small.write(tmp_path / "all.ipynb", *cells)
    given = {"team": "North", "period": "2026-10", "purpose": "audit"}
    theirs, their_error = small.execute(notebook, None, parameters=given)
    ours, our_error = small.execute(notebook, NAME, parameters=given, fork=True)
    assert str(our_error) == str(their_error)
    assert "name 'undefined_name' is not defined" in str(our_error)
    assert small.states(ours) == small.states(theirs) == ["completed"] * 14 + ["failed", "pending", "pending"]
    assert ours.metadata.language_info == theirs.metadata.language_info
    assert [cell.source for cell in ours.cells] == [cell.source for cell in theirs.cells]
    for our_cell, their_cell in zip(ours.cells, theirs.cells, strict=True):
        assert told(our_cell.get("outputs")) == told(their_cell.get("outputs"))
        assert our_cell.get("execution_count") == their_cell.get("execution_count")
    pictures = [
        output.data["image/png"]
        for cell in ours.cells
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    ]
    assert len(pictures) == 1 and len(pictures[0]) > 1000


def command(notebook: Path, out: Path, *options: str) -> Any:
    """Runs papermill's own command with our engine and returns what it wrote."""
    done = subprocess.run(
        [sys.executable, "-m", "papermill", notebook, out, "--engine", NAME, *options],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    return nbformat.read(out, as_version=4)


def test_a_warning_names_no_process(tmp_path: Path) -> None:
    notebook = small.write(tmp_path / "warn.ipynb", EVERYTHING[12])
    first, second = (command(notebook, tmp_path / name).cells[1].outputs for name in ("1.ipynb", "2.ipynb"))
    assert first == second
    assert [output.name for output in first] == ["stdout", "stderr"]
    assert "UserWarning: said once" in first[1].text
    assert str(tmp_path) not in first[1].text and "ipykernel_" not in first[1].text


def test_nothing_that_a_run_does_to_its_process_reaches_the_next(tmp_path: Path) -> None:
    spoil = (
        "import os, sys, threading, warnings\nimport pandas as pd\nimport json\n"
        "pd.set_option('display.max_rows', 7)\nos.environ['SPOILT'] = 'yes'\njson.spoilt = True\nos.chdir('/')\n"
        "threading.Thread(target=threading.Event().wait, daemon=True).start()\nopen_file = open(os.devnull)\nsys.path.insert(0, '/spoilt')"
    )
    look = (
        "import os, sys, threading\nimport json\nimport pandas as pd\n"
        "[pd.get_option('display.max_rows'), os.environ.get('SPOILT'), hasattr(json, 'spoilt'), os.getcwd() == '/',"
        " threading.active_count(), '/spoilt' in sys.path, os.getpid()]"
    )
    _, failure = small.execute(small.write(tmp_path / "spoil.ipynb", spoil), NAME, fork=True)
    assert failure is None
    seen, failure = small.execute(small.write(tmp_path / "look.ipynb", look), NAME, fork=True)
    assert failure is None
    assert seen.cells[1].outputs[0].data["text/plain"].startswith("[60, None, False, False, 1, False, ")


def test_a_cell_that_may_fail_does_not_end_the_run_and_a_skipped_one_does_not_run(tmp_path: Path) -> None:
    notebook = small.write(
        tmp_path / "tags.ipynb",
        "1 / 0",
        "raise ValueError('skipped')",
        tags={0: ["raises-exception"], 1: ["skip-execution"]},
    )
    ours, _ = small.execute(notebook, NAME, fork=True)
    theirs, _ = small.execute(notebook, None)
    _, failed, skipped, last = (cell for cell in ours.cells if cell.cell_type == "code")
    assert failed.outputs[0].ename == "ZeroDivisionError"
    assert skipped.outputs == [] and skipped.execution_count is None
    assert last.execution_count == 3
    assert [cell.get("outputs") for cell in ours.cells] == [cell.get("outputs") for cell in theirs.cells]


def test_without_fork_nbclient_gives_the_same(tmp_path: Path) -> None:
    notebook = small.write(tmp_path / "plain.ipynb", small.TABLE, small.CHART, small.PNG)
    forked, first = small.execute(notebook, NAME, fork=True)
    by_kernel, second = small.execute(notebook, NAME, fork=False)
    assert (first, second) == (None, None)
    assert [cell.get("outputs") for cell in forked.cells] == [cell.get("outputs") for cell in by_kernel.cells]


def test_papermills_command_finds_the_engine_by_its_name(tmp_path: Path) -> None:
    notebook = small.write(tmp_path / "one.ipynb", "import os\nos.environ['IPYTHONDIR']")
    executed = command(notebook, tmp_path / "out.ipynb", "-p", "team", "East", "--execution-timeout", "60")
    assert "sampling-run-" in executed.cells[2].outputs[0].data["text/plain"], "another engine ran it"
    assert "<p>East in None" in executed.cells[-1].outputs[0].data["text/html"]


def test_what_papermill_imports_of_us_is_one_small_module() -> None:
    code = (
        "import sys, papermill; print(sorted(name for name in sys.modules if name.split('.')[0] == 'sampling')); "
        "print('pandas' in sys.modules, 'matplotlib' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["['sampling', 'sampling.batch', 'sampling.batch.engine']", "False False"]


@pytest.mark.parametrize("module", ["sampling.batch.engine", "sampling.batch.forked", "sampling.batch.kernel"])
def test_each_module_can_be_imported_first(module: str) -> None:
    subprocess.run([sys.executable, "-c", f"import {module}"], capture_output=True, check=True)
