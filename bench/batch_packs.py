"""Evidence packs for many teams: our batch beside papermill and nbconvert, and beside a floor (pack_ways.py).

Every way runs notebooks/04_evidence.ipynb on 24 invented months, each for one team of a service of three. What draws and journal hold is
read from a file in the notebook's first cell, in every way alike: measured is the making of packs, not the reading of journals.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import nbformat
import psutil

from sampling.batch.preloading import evidence_notebook

ROOT = Path(__file__).resolve().parents[1]
PERIOD, DAY = "2026-10", date(2026, 11, 1)
SERVICES = 10  # as many different services; a team of one of them is a pack
PRACTITIONERS = 18
_SAMPLE = 0.5  # seconds between two looks at the memory
_STARTS = 7
# way -> (words, how many of the packs it makes: the slow ones fewer, since each pack of theirs takes as long as the last)
WAYS: Mapping[str, tuple[str, float]] = {
    "ours-2": ("**ours, 2 jobs**", 1.0),
    "ours-1": ("**ours, 1 job**", 1.0),
    "ours-pdf-2": ("**ours, 2 jobs, with the PDF**", 0.5),
    "commands": ("`papermill`, then `nbconvert`, in a loop", 0.1),
    "papermill-1": ("papermill and nbconvert, one process", 0.1),
    "papermill-2": ("papermill and nbconvert, two processes", 0.1),
    "floor-1": ("floor: the cells as plain Python, warm forks, 1 at a time", 1.0),
    "floor-2": ("the same floor, 2 at a time", 1.0),
}
Measured = dict[str, Any]


def prepare(folder: Path, packs: int) -> None:
    """Writes the notebook, the evidence of the services, and tasks.json with so many teams."""
    from sampling.reporting.held import pack_up
    from tests.evidence_months import TEAMS, gathered

    home = folder / "home"
    home.mkdir(parents=True)
    services = [folder / f"service-{number}.evidence" for number in range(SERVICES)]
    for number, place in enumerate(services):
        place.write_bytes(pack_up(home, "", DAY, gathered(seed=number, people=PRACTITIONERS)))
    tasks = []
    for number in range(packs):
        about = {"draws": str(home), "evidence": str(services[number % SERVICES]), "team": TEAMS[number % len(TEAMS)]}
        about |= {"period": PERIOD, "purpose": "audit", "today": DAY.isoformat()}
        tasks.append([f"Team {number:03d}", about])
    (folder / "tasks.json").write_text(json.dumps(tasks))
    nbformat.write(_notebook(), folder / "pack.ipynb")


def _notebook() -> Any:
    """Returns the evidence notebook with a cell that reads what was gathered."""
    notebook = nbformat.read(evidence_notebook(), as_version=4)  # type: ignore[no-untyped-call]
    place = next(n for n, cell in enumerate(notebook.cells) if "parameters" in cell.metadata.get("tags", []))
    notebook.cells[place].source += '\nevidence = ""'
    read = "from pathlib import Path\nfrom sampling.reporting.held import hold\nhold(Path(evidence).read_bytes())"
    notebook.cells.insert(place + 1, nbformat.v4.new_code_cell(read))  # type: ignore[no-untyped-call]
    return notebook


class Watch:
    """Looks at a family of processes from outside until the way ends: its peak memory, and when the first page was there."""

    def __init__(self, process: subprocess.Popen[bytes], out: Path) -> None:
        self._process, self._out = process, out
        self._started = time.perf_counter()
        self.peak, self.first, self.processor = 0.0, 0.0, 0.0
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._thread.join()

    def _look(self) -> None:
        looked = 0.0
        while self._process.poll() is None:
            now = time.perf_counter()
            if not self.first and next((one for one in self._out.rglob("*.html") if one.name != "index.html"), None):
                self.first = now - self._started
            if now - looked > _SAMPLE:
                memory, processor = _of_family(self._process.pid)
                self.peak, self.processor = max(self.peak, memory), max(self.processor, processor)
                looked = now
            time.sleep(_SAMPLE if self.first else _SAMPLE / 10)


def _of_family(pid: int) -> tuple[float, float]:
    """Returns MiB (PSS: shared pages count once) and processor seconds of a process and all below it, those that ended among them."""
    try:
        family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    except psutil.Error:
        return 0.0, 0.0
    memory = processor = 0.0
    for process in family:
        try:
            memory += process.memory_full_info().pss / 2**20
            processor += sum(process.cpu_times()[:4])
        except psutil.Error:
            continue
    return memory, processor


def measure_way(way: str, packs: int) -> Measured:
    """Returns what one way took for so many packs, from the start of its process to its end."""
    folder = Path(tempfile.mkdtemp(prefix="sampling-bench-"))
    try:
        code = (
            f"from bench.batch_packs import prepare; from pathlib import Path; prepare(Path({str(folder)!r}), {packs})"
        )
        subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
        started = time.perf_counter()
        with (folder / "errors").open("w+b") as errors:
            command = [sys.executable, "-m", "bench.pack_ways", way, str(folder)]
            running = subprocess.Popen(command, cwd=ROOT, stderr=errors)
            with Watch(running, folder / "out") as watch:
                status = running.wait()
            seconds = time.perf_counter() - started
            if status:
                errors.seek(0)
                raise SystemExit(f"the way {way} failed: {errors.read()[-1000:].decode(errors='replace')}")
        return {
            "packs": packs,
            "seconds": seconds,
            "first": watch.first,
            "peak": watch.peak,
            "processor": watch.processor,
        }
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def measure(packs: int) -> dict[str, Measured]:
    """Returns way -> what it took, each way once: every pack is a measurement."""
    return {way: measure_way(way, max(2, round(packs * share))) for way, (_, share) in WAYS.items()}


def starts() -> dict[str, float]:
    """Returns what -> the median seconds that it takes to start."""
    commands = {
        "python -c pass": ["-c", "pass"],
        "import sampling": ["-c", "import sampling"],
        "sampling --help": ["-m", "sampling", "--help"],
    }
    found = {}
    for words, command in commands.items():
        waits = []
        for _ in range(_STARTS):
            begun = time.perf_counter()
            subprocess.run([sys.executable, *command], check=True, capture_output=True, cwd=ROOT)
            waits.append(time.perf_counter() - begun)
        found[words] = median(waits)
    return found


def tables(found: Mapping[str, Measured], waits: Mapping[str, float]) -> list[str]:
    """Returns the rows as Markdown."""
    lines = [
        "",
        "| evidence packs | packs | s | packs a minute | processor s a pack | first pack after s | peak MiB |",
        "|---|---|---|---|---|---|---|",
    ]
    for way, one in found.items():
        rate = 60 * one["packs"] / one["seconds"]
        each = one["processor"] / one["packs"]
        lines.append(
            f"| {WAYS[way][0]} | {one['packs']} | {one['seconds']:.1f} | {rate:.1f} | {each:.2f} | {one['first']:.1f} | {one['peak']:,.0f} |"
        )
    for above, below, words in (
        ("ours-2", "commands", "packs a minute: ours at 2 jobs over the loop of commands (aim: 12)"),
        ("ours-2", "papermill-2", "ours at 2 jobs over papermill in two processes"),
        ("floor-1", "ours-1", "time a pack: ours at 1 job over the floor (aim: 1.3 or less)"),
        ("floor-2", "ours-2", "the same at 2 jobs"),
    ):
        if above in found and below in found:
            ratio = _rate(found[above]) / _rate(found[below])
            lines.append(f"| {words} | | | {ratio:.2f} × | | | |")
    lines += ["", "| start | ms |", "|---|---|"]
    return [*lines, *(f"| `{words}` | {1000 * seconds:.0f} |" for words, seconds in waits.items())]


def _rate(one: Measured) -> float:
    return float(one["packs"] / one["seconds"])


def machine_words() -> str:
    """Returns what beside our own code was measured, and the load of the machine."""
    from importlib.metadata import version

    names = ("papermill", "nbconvert", "ipykernel", "weasyprint")
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg()) if hasattr(os, "getloadavg") else "unknown"
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    return f"{versions}, {os.cpu_count()} cores, load average {load} when it ended."
