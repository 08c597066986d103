"""A batch killed with -9 at random moments and begun again with --resume ends with the bytes of one that nobody killed."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from sampling.batch import manifest
from tests import batch_notebooks as small
from tests.integration.batch_kill_runner import TEAMS

ROOT = Path(__file__).resolve().parents[2]
KILLS = 10
CSV = (
    "from IPython.display import HTML, display\nimport os\n"
    "display({'text/csv': table.to_csv(index=False), 'text/plain': ''}, raw=True, metadata={'text/csv': {'name': 'measures'}})\n"
    "HTML(table.to_html(index=False))"
)


@contextmanager
def batch(notebook: Path, out: Path) -> Iterator[subprocess.Popen[str]]:
    """Starts the batch as a command of its own, in a group of its own."""
    environment = {**os.environ, "SAMPLING_RUN": str(out)}
    running = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.batch_kill_runner", str(notebook), str(out)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield running
    finally:
        running.kill()
        running.communicate()


def family(out: Path) -> list[psutil.Process]:
    """Returns every process of the batch, by a word in the environment that it alone has."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("SAMPLING_RUN") == str(out) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


@dataclass(frozen=True)
class Pace:
    """How long an uninterrupted batch took from its first word to its first pack, and from each pack to the next, in seconds."""

    first: float
    each: float


def timed(running: subprocess.Popen[str]) -> Pace:
    """Waits for the end of a batch and returns its pace."""
    assert running.stdout is not None
    at = [time.monotonic() for line in running.stdout if line.strip()]
    assert running.wait(timeout=300) == 0
    return Pace(at[1] - at[0], (at[-1] - at[1]) / (len(at) - 2))


def kill_in_the_midst(running: subprocess.Popen[str], out: Path, chance: random.Random, pace: Pace) -> None:
    """Kills at a random moment: before the first pack of this start, or after it and within the time of the next two.

    The moment is counted from what the batch says, not from its start, so that a slow machine is killed in its work, too. Killed is the
    command alone, or each of its processes.
    """
    assert running.stdout is not None
    assert running.stdout.readline().strip().split(" ", 1)[1].startswith("pack")
    longest = pace.first
    if chance.random() < 0.6 and running.stdout.readline():
        longest = 2 * pace.each
    with suppress(subprocess.TimeoutExpired):
        running.wait(timeout=chance.uniform(0, longest))
    if chance.random() < 0.5:
        for process in family(out):
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
    running.kill()
    running.wait(timeout=30)


def packs(out: Path) -> set[str]:
    """Returns the names of the packs that a reader sees: what begins with a dot is not for people."""
    return {path.parent.name for path in out.glob("*/pack.html") if not path.parent.name.startswith(".")}


def test_kills_and_a_resume_give_the_bytes_of_an_uninterrupted_batch(tmp_path: Path) -> None:
    notebook = small.write(tmp_path / "evidence.ipynb", small.TABLE, small.CHART, CSV, tags={1: ["page"], 2: ["page"]})
    whole, out = tmp_path / "whole", tmp_path / "killed"
    with batch(notebook, whole) as running:
        pace = timed(running)
    expected = small.whole(whole)
    assert len([name for name in expected if name.endswith("pack.pdf")]) == len(TEAMS)
    chance = random.Random(20261122)
    done_before: set[str] = set()
    killed, started = 0, 0
    while killed < KILLS:
        started += 1
        assert started <= 3 * KILLS, "most batches had ended before they were killed"
        with batch(notebook, out) as running:
            kill_in_the_midst(running, out, chance, pace)
        done = {name for name, row in manifest.read(out).items() if row.state == "done"}
        assert done_before <= done, "a pack that was done is not any more"
        done_before = done
        for name in done:
            assert small.whole(out / name) == small.whole(whole / name)
        assert done <= packs(out) <= packs(whole)
        if running.returncode == -signal.SIGKILL:
            killed += 1
            continue
        assert running.returncode == 0 and small.whole(out) == expected
        shutil.rmtree(out)  # it was quicker than its killer: once more from nothing
        done_before = set()
    with batch(notebook, out) as running:
        said, _ = running.communicate(timeout=300)
    assert running.returncode == 0, said
    assert small.whole(out) == expected
    psutil.wait_procs(family(out), timeout=30)
    assert family(out) == []


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=["KILL", "TERM", "INT"])
def test_nothing_runs_on_when_the_command_is_ended(tmp_path: Path, how: signal.Signals) -> None:
    mark = tmp_path / "begun"
    mark.mkdir()
    endless = f"import os, subprocess\nopen(os.path.join({str(mark)!r}, team), 'w').close()\nwhile True:\n    pass"
    notebook = small.write(tmp_path / "evidence.ipynb", endless)
    out = tmp_path / "out"
    with batch(notebook, out) as running:
        deadline = time.monotonic() + 120
        while len(list(mark.iterdir())) < 2:
            assert time.monotonic() < deadline and running.poll() is None
            os.sched_yield()
        running.send_signal(how)
        running.wait(timeout=60)
        psutil.wait_procs(family(out), timeout=30)
        assert family(out) == []
    assert list(out.glob("*/pack.*")) == []
