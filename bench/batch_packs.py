"""Packs for many teams: our batch, papermill's and nbconvert's commands in a loop, papermill in one and in two processes, and the floor.

Each way runs the same notebook for each team, in a process of its own: `python -m bench.batch_packs WAY PACKS FOLDER` prints one JSON
object with seconds, packs a minute, seconds to the first pack, and peak memory in MiB (PSS over the family: shared pages count once).
The ways end with the executed notebook and an HTML page of each team; ours has the checks and the manifest besides, and with `pdf` the PDF. The floor
runs the same cells as plain Python in a fork of a process that has read pandas, and keeps nothing.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pandas as pd
import psutil

ROWS = 19_200  # two years of a service of some size, as in the measurement that this one repeats
_SAMPLE = 0.2  # seconds between two looks at the memory

PARAMETERS = 'data = ""\nteam = ""\nperiod = "2026-10"\npurpose = "audit"'
READ = (
    "import pandas as pd\nfrom IPython.display import HTML, SVG, display\n"
    "rows = pd.read_parquet(data)\nours = rows[rows['team'] == team]"
)
TABLE = (
    "by_month = ours.groupby(['month'])['level'].agg(['mean', 'count', 'std']).reset_index()\n"
    "HTML(by_month.to_html(index=False))"
)
CHART = (
    "series = ours[ours['criterion'] == {0}].groupby('month')['level'].mean()\n"
    "points = ' '.join(f'{{20 + 25 * place}},{{200 - 60 * value:.1f}}' for place, value in enumerate(series))\n"
    'marks = \'\'.join(f\'<circle cx="{{20 + 25 * place}}" cy="{{200 - 60 * value:.1f}}" r="4"/>\' for place, value in enumerate(series))\n'
    'drawing = f\'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 220"><polyline points="{{points}}" fill="none" stroke="#0b4a6f"/>\''
    "\ndrawing += marks + '</svg>'\n"
    "display(SVG(drawing), metadata={{'image/svg+xml': {{'alt': 'Level by month'}}}})"
)
SPREAD = (
    "wide = ours.pivot_table(index='practitioner', columns='criterion', values='level')\nHTML(wide.round(2).to_html())"
)
BOOTSTRAP = (
    "import numpy as np\nchance = np.random.default_rng(1)\nvalues = ours['level'].to_numpy()\n"
    "means = chance.choice(values, (2000, len(values))).mean(axis=1)\nlow, high = np.quantile(means, [0.025, 0.975])"
)
END = "HTML(f'<p>{team}: {values.mean():.2f} ({low:.2f} to {high:.2f})</p>')"
CELLS = (READ, TABLE, CHART.format(0), CHART.format(1), CHART.format(2), SPREAD, BOOTSTRAP, END)
_SHOWN = (1, 2, 3, 4, 5, 7)


def prepare(folder: Path, packs: int) -> tuple[Path, Path, list[str]]:
    """Writes the data and the notebook, and returns both with the names of the teams."""
    folder.mkdir(parents=True, exist_ok=True)
    teams = [f"Team {number:03d}" for number in range(packs)]
    chance = np.random.default_rng(20261031)
    frame = pd.DataFrame(
        {
            "team": chance.choice(teams, ROWS * max(1, packs // 20)),
            "month": chance.integers(0, 24, ROWS * max(1, packs // 20)),
            "criterion": chance.integers(0, 8, ROWS * max(1, packs // 20)),
            "practitioner": chance.integers(0, 9, ROWS * max(1, packs // 20)),
            "level": chance.integers(0, 4, ROWS * max(1, packs // 20)),
        }
    )
    data, notebook = folder / "data.parquet", folder / "pack.ipynb"
    frame.to_parquet(data)
    cells = [nbformat.v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]})]
    cells += [
        nbformat.v4.new_code_cell(text, metadata={"tags": ["page"]} if place in _SHOWN else {})
        for place, text in enumerate(CELLS)
    ]
    made = nbformat.v4.new_notebook(cells=cells)
    made.metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(made, notebook)
    return data, notebook, teams


def ours(folder: Path, data: Path, notebook: Path, teams: list[str], *, jobs: int, pdf: bool = False) -> None:
    """Our batch: pages as the other ways make them, or with the PDF as well."""
    from sampling.batch.progress import Lines
    from sampling.batch.runner import BatchOrder, Run, run_batch

    runs = [Run(team, {"data": str(data), "team": team}, data="bench", title=team) for team in teams]
    order = BatchOrder("Packs", notebook, runs, folder / "out", private=("data",), jobs=jobs, pdf=pdf)
    result = run_batch(order, Lines(lambda line: None))
    if result.failed:
        raise SystemExit(f"ours failed: {result.failed[0].message}")


def commands(folder: Path, data: Path, notebook: Path, teams: list[str]) -> None:
    """papermill's command, then nbconvert's, team by team."""
    (folder / "out").mkdir()
    for place, team in enumerate(teams):
        made = folder / "out" / f"{place}.ipynb"
        given = ["-p", "data", str(data), "-p", "team", team, "--no-progress-bar"]
        _quiet(sys.executable, "-m", "papermill", str(notebook), str(made), *given)
        _quiet(sys.executable, "-m", "nbconvert", "--to", "html", "--no-input", str(made))


def _quiet(*words: str) -> None:
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def papermill_in(folder: Path, data: Path, notebook: Path, teams: list[str], *, processes: int) -> None:
    """papermill and one exporter in so many processes, each with a share of the teams."""
    (folder / "out").mkdir()
    shares = [teams[place::processes] for place in range(processes)]
    tasks = [(str(folder / "out"), str(data), str(notebook), share) for share in shares]
    if processes == 1:
        _papermill(tasks[0])
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        list(pool.map(_papermill, tasks))


def _papermill(task: tuple[str, str, str, list[str]]) -> None:
    from nbconvert import HTMLExporter
    from papermill.execute import execute_notebook

    out, data, notebook, teams = task
    exporter = HTMLExporter(exclude_input=True)
    for team in teams:
        made = Path(out, f"{team}.ipynb")
        executed = execute_notebook(notebook, made, parameters={"data": data, "team": team}, progress_bar=False)
        made.with_suffix(".html").write_text(exporter.from_notebook_node(executed)[0], encoding="utf-8")


def floor(folder: Path, data: Path, notebook: Path, teams: list[str], *, jobs: int) -> None:
    """The same cells as plain Python, so many forks at a time, from this process, which has read pandas."""
    (folder / "out").mkdir()
    import IPython.display  # noqa: F401  # read before the forks, as everything is

    program = compile("\n".join([PARAMETERS, "data, team = given", *CELLS]), "cells", "exec")
    going = 0
    for place, team in enumerate(teams):
        if going == jobs:
            _reap()
            going -= 1
        if os.fork() == 0:
            status = 1
            try:
                os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
                exec(program, {"given": (str(data), team)})
                (folder / "out" / f"{place}.html").write_text("done")
                status = 0
            finally:
                os._exit(status)
        going += 1
    while going:
        _reap()
        going -= 1


def _reap() -> None:
    if os.wait()[1]:
        raise SystemExit("a run of the floor failed")


WAYS: dict[str, Callable[..., None]] = {
    "ours-1": lambda *about: ours(*about, jobs=1),
    "ours-2": lambda *about: ours(*about, jobs=2),
    "ours-pdf-1": lambda *about: ours(*about, jobs=1, pdf=True),
    "ours-pdf-2": lambda *about: ours(*about, jobs=2, pdf=True),
    "commands": commands,
    "papermill-1": lambda *about: papermill_in(*about, processes=1),
    "papermill-2": lambda *about: papermill_in(*about, processes=2),
    "floor-1": lambda *about: floor(*about, jobs=1),
    "floor-2": lambda *about: floor(*about, jobs=2),
}


class Watch:
    """Looks at a family of processes from outside until the way ends: its peak memory, and when the first page was there."""

    def __init__(self, process: subprocess.Popen[bytes], out: Path) -> None:
        self._process, self._out = process, out
        self._started = time.perf_counter()
        self.peak, self.first = 0.0, 0.0
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._thread.join()

    def _look(self) -> None:
        while self._process.poll() is None:
            self.peak = max(self.peak, _family_memory(self._process.pid))
            if not self.first and next((one for one in self._out.rglob("*.html") if one.name != "index.html"), None):
                self.first = time.perf_counter() - self._started
            time.sleep(_SAMPLE)


def _family_memory(pid: int) -> float:
    try:
        family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    except psutil.Error:
        return 0.0
    found = 0.0
    for process in family:
        try:
            found += process.memory_full_info().pss / 2**20
        except psutil.Error:
            continue
    return found


def measure(way: str, packs: int, folder: Path) -> dict[str, Any]:
    """Returns what one way took for so many packs, from the start of its process to its end."""
    data, notebook, _ = prepare(folder, packs)
    started = time.perf_counter()
    command = [sys.executable, "-m", "bench.batch_packs", "--inside", way, str(packs), str(folder)]
    running = subprocess.Popen(command)
    with Watch(running, folder / "out") as watch:
        status = running.wait()
    seconds = time.perf_counter() - started
    if status:
        raise SystemExit(f"the way {way} failed")
    return {
        "way": way, "packs": packs, "seconds": round(seconds, 2), "packs_a_minute": round(60 * packs / seconds, 1),
        "first_pack_seconds": round(watch.first, 2), "peak_mib": round(watch.peak),
    }  # fmt: skip


def main(words: list[str]) -> None:
    """Measures one way, or, in its own process, does it."""
    if words[0] == "--inside":
        way, packs, folder = words[1], int(words[2]), Path(words[3])
        teams = [f"Team {number:03d}" for number in range(packs)]
        WAYS[way](folder, folder / "data.parquet", folder / "pack.ipynb", teams)
        return
    way, packs, folder = words[0], int(words[1]), Path(words[2])
    sys.stdout.write(json.dumps(measure(way, packs, folder)) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
