"""Ways to make the packs of many teams, each run as `python -m bench.pack_ways WAY FOLDER` in a process of its own.

FOLDER holds pack.ipynb and tasks.json: [[label, parameters]]. The ways leave the executed notebook and an HTML page of each team below FOLDER/out; ours has
the checks, the manifest and the index besides, and in two ways the PDF. The floor runs the same cells as plain Python in a fork of a process
that has read their libraries, and keeps nothing. Libraries are imported inside: each way pays for its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

Task = tuple[str, dict[str, str]]


def ours(folder: Path, tasks: list[Task], *, jobs: int, pdf: bool = False) -> None:
    """Our batch: pages as the other ways make them, or with the PDF as well."""
    from sampling.batch import processes

    processes.warm(folder / "pack.ipynb")  # as the command `batch` does, before it reads its own libraries
    from sampling.batch.progress import Lines
    from sampling.batch.runner import BatchOrder, Run, run_batch

    more = {"digest": "", "keep": ""}
    runs = [Run(label, given, data="bench", title=label, more=more) for label, given in tasks]
    order = BatchOrder(
        "Packs",
        folder / "pack.ipynb",
        runs,
        folder / "out",
        private=("draws", "evidence"),
        template="evidence.html.j2",
        jobs=jobs,
        pdf=pdf,
    )
    result = run_batch(order, Lines(lambda line: None))
    if result.failed:
        raise SystemExit(f"ours failed: {result.failed[0].message}")


def commands(folder: Path, tasks: list[Task]) -> None:
    """papermill's command, then nbconvert's, team by team."""
    (folder / "out").mkdir()
    for label, given in tasks:
        made = str(folder / "out" / f"{label}.ipynb")
        words = [word for name, value in given.items() for word in ("-p", name, value)]
        _quiet("-m", "papermill", str(folder / "pack.ipynb"), made, *words, "--no-progress-bar")
        _quiet("-m", "nbconvert", "--to", "html", "--no-input", made)


def _quiet(*words: str) -> None:
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{words[1]} failed: {done.stderr[-500:]}")


def papermill_in(folder: Path, tasks: list[Task], *, processes: int) -> None:
    """papermill and one exporter in so many processes, each with a share of the teams."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    (folder / "out").mkdir()
    shares = [(str(folder), tasks[place::processes]) for place in range(processes)]
    if processes == 1:
        _papermill(shares[0])
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        list(pool.map(_papermill, shares))


def _papermill(share: tuple[str, list[Task]]) -> None:
    from nbconvert import HTMLExporter
    from papermill.execute import execute_notebook

    folder, tasks = Path(share[0]), share[1]
    exporter = HTMLExporter(exclude_input=True)
    for label, given in tasks:
        made = folder / "out" / f"{label}.ipynb"
        executed = execute_notebook(folder / "pack.ipynb", made, parameters=given, progress_bar=False)
        made.with_suffix(".html").write_text(exporter.from_notebook_node(executed)[0], encoding="utf-8")


def floor(folder: Path, tasks: list[Task], *, jobs: int) -> None:
    """The same cells as plain Python, so many forks at a time, from this process, which has read their libraries."""
    from sampling.batch.preloading import modules_of

    (folder / "out").mkdir()
    cells = json.loads((folder / "pack.ipynb").read_text(encoding="utf-8"))["cells"]
    texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    defaults, rest = compile(texts[0], "parameters", "exec"), compile("\n".join(texts[1:]), "cells", "exec")
    import IPython.display  # noqa: F401  # read before the forks, as everything is

    for name in modules_of(folder / "pack.ipynb"):
        try:
            __import__(name)
        except ImportError:
            continue
    going = 0
    for label, given in tasks:
        if going == jobs:
            _reap()
            going -= 1
        if os.fork() == 0:
            status = 1
            try:
                os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
                names: dict[str, object] = {}
                exec(defaults, names)
                names.update(given)
                exec(rest, names)
                (folder / "out" / f"{label}.html").touch()
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


WAYS: dict[str, Callable[[Path, list[Task]], None]] = {
    "ours-1": lambda folder, tasks: ours(folder, tasks, jobs=1),
    "ours-2": lambda folder, tasks: ours(folder, tasks, jobs=2),
    "ours-pdf-2": lambda folder, tasks: ours(folder, tasks, jobs=2, pdf=True),
    "commands": commands,
    "papermill-1": lambda folder, tasks: papermill_in(folder, tasks, processes=1),
    "papermill-2": lambda folder, tasks: papermill_in(folder, tasks, processes=2),
    "floor-1": lambda folder, tasks: floor(folder, tasks, jobs=1),
    "floor-2": lambda folder, tasks: floor(folder, tasks, jobs=2),
}


if __name__ == "__main__":
    place = Path(sys.argv[2])
    WAYS[sys.argv[1]](place, [(label, given) for label, given in json.loads((place / "tasks.json").read_text())])
