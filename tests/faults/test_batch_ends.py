"""Runs that end badly: none is called complete, each says what happened, and nothing of it is left running."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from sampling.batch.engine import NAME
from sampling.batch.limits import Limits
from tests import batch_notebooks as small

MEGABYTE = 2**20
ENDS = {
    "exits": ("import os\nos._exit(0)", Limits(), "was killed with its process"),
    "is killed": ("import os\nos.kill(os.getpid(), 9)", Limits(), "was killed with its process"),
    "stops with success": ("import sys\nsys.exit(0)", Limits(), "ended the run by itself"),
    "quits": ("quit", Limits(), "ended the run by itself"),
    "never ends": ("while True:\n    pass", Limits(cell_seconds=1), "longer than the 1 seconds that a cell may take"),
    "waits in a subprocess": ("!sleep 600", Limits(cell_seconds=1), "longer than the 1 seconds that a cell may take"),
    "takes all time": (
        "import time\ntime.sleep(600)",
        Limits(run_seconds=1),
        "the whole run took longer than the 1 seconds",
    ),
    "floods": ("while True:\n    print('x' * 999)", Limits(output=MEGABYTE), "more than the 1 MB of output"),
    "floods the descriptor": ("import os\nos.system('yes')", Limits(output=MEGABYTE), "more than the 1 MB of output"),
}


def children() -> set[int]:
    """Returns the processes below this one."""
    return {child.pid for child in psutil.Process().children(recursive=True)}


@pytest.mark.parametrize("end", ENDS)
def test_a_cell_that_did_not_end_is_failed_and_the_rest_pending(tmp_path: Path, end: str) -> None:
    there = children()
    source, limits, words = ENDS[end]
    notebook = small.write(tmp_path / "end.ipynb", "'before'", source, "'after'")
    left, failure = small.execute(notebook, NAME, fork=True, limits=limits)
    assert failure is not None and words in str(failure)
    assert str(failure).startswith("Cell 3 ")
    assert small.states(left) == ["completed", "completed", "failed", "pending", "pending"]
    assert left.metadata.papermill.exception is True
    assert children() <= there  # what other tests left warm is none of this run's


@pytest.mark.parametrize("end", ["exits", "stops with success", "never ends", "takes all time"])
def test_the_same_by_nbclient_where_there_is_no_fork(tmp_path: Path, end: str) -> None:
    source, limits, words = ENDS[end]
    notebook = small.write(tmp_path / "end.ipynb", "'before'", source, "'after'")
    left, failure = small.execute(notebook, NAME, fork=False, limits=limits)
    assert failure is not None and words in str(failure)
    assert small.states(left) == ["completed", "completed", "failed", "pending", "pending"]
    assert left.metadata.papermill.exception is True


def test_a_cell_that_hears_no_interrupt_is_killed(tmp_path: Path) -> None:
    deaf = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True:\n    pass"
    there, started = children(), time.monotonic()
    left, failure = small.execute(
        small.write(tmp_path / "d.ipynb", deaf), NAME, fork=True, limits=Limits(cell_seconds=1)
    )
    assert "longer than the 1 seconds" in str(failure)
    assert time.monotonic() - started < 30
    assert small.states(left) == ["completed", "failed", "pending"]
    assert children() <= there  # what other tests left warm is none of this run's


def test_an_interrupted_cell_keeps_what_it_had_put_out_and_where_it_stood(tmp_path: Path) -> None:
    source = "print('so far')\nwhile True:\n    pass"
    left, _ = small.execute(small.write(tmp_path / "i.ipynb", source), NAME, fork=True, limits=Limits(cell_seconds=1))
    said, error = left.cells[1].outputs
    assert said.text == "so far\n"
    assert error.ename == "KeyboardInterrupt"


def test_too_much_memory_is_an_error_of_that_run(tmp_path: Path) -> None:
    notebook = small.write(tmp_path / "m.ipynb", "held = bytearray(4 * 2**30)")
    left, failure = small.execute(notebook, NAME, fork=True, limits=Limits(memory=2 * 2**30))
    assert "MemoryError" in str(failure)
    assert small.states(left)[2:] == ["failed", "pending"] or small.states(left)[1:] == ["failed", "pending"]


@pytest.mark.parametrize("ask", ["input('Your name? ')", "from getpass import getpass\ngetpass()"])
def test_a_question_is_refused_in_a_kernels_words(tmp_path: Path, ask: str) -> None:
    notebook = small.write(tmp_path / "ask.ipynb", ask)
    _, ours = small.execute(notebook, NAME, fork=True)
    _, theirs = small.execute(notebook, None)
    assert "StdinNotImplementedError" in str(ours) and "StdinNotImplementedError" in str(theirs)


def test_a_failed_display_fails_the_cell(tmp_path: Path) -> None:
    source = "class Broken:\n    def _repr_html_(self):\n        raise ValueError('cannot be shown')\nBroken()"
    _, ours = small.execute(small.write(tmp_path / "b.ipynb", source), NAME, fork=True)
    _, theirs = small.execute(small.write(tmp_path / "b.ipynb", source), None)
    assert "cannot be shown" in str(ours) and str(ours).splitlines()[-1] == str(theirs).splitlines()[-1]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=["KILL", "TERM", "INT"])
def test_the_child_and_its_children_go_with_papermill(tmp_path: Path, how: signal.Signals) -> None:
    mark = tmp_path / "begun"
    source = f"import os, time\nopen({str(mark)!r}, 'w').write(str(os.getpid()))\nwhile True:\n    time.sleep(0.01)"
    notebook = small.write(tmp_path / "long.ipynb", source)
    command = [
        sys.executable,
        "-m",
        "papermill",
        notebook,
        tmp_path / "out.ipynb",
        "--engine",
        NAME,
        "--no-progress-bar",
    ]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not (mark.exists() and mark.read_text()):
        assert time.monotonic() < deadline and running.poll() is None
        os.sched_yield()
    child = psutil.Process(int(mark.read_text()))
    running.send_signal(how)
    assert running.wait(timeout=30) != 0
    psutil.wait_procs([child], timeout=10)
    assert not child.is_running()
