"""Writers without a browser's own time: one and twenty, through our server, through plain ipywidgets, and bare SQLite as the floor."""

from __future__ import annotations

import json
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil

from bench.plain_pages import open_page, plain_server
from bench.plain_widgets import write_notebook
from tests.scoring_crowd import EVENTS, at_once, events_for, make_crowd, writer
from tests.scoring_server import Server, scoring_server

ROOT = Path(__file__).resolve().parents[1]
RUBRICS = ROOT / "tests" / "data"  # one rubric with ten criteria, for measurements alone
TEN = RUBRICS / "ten_criteria-1.0.toml"
SERVED = (str(ROOT / "tests" / "served.py"), "--rubrics", str(RUBRICS))
LONG = 600  # entries of a review whose rater typed all afternoon


@dataclass
class Found:
    """What one run of writers came to. Memory in MiB."""

    seconds: list[float]
    total: float
    errors: int = 0
    server_peak: float = 0.0
    whole: float = 0.0


@contextmanager
def our_server(folder: Path, writers: int) -> Iterator[tuple[Server, Path]]:
    """Gives our server over a fresh service of so many raters, and its home."""
    home = make_crowd(folder, writers)
    (home / "scoring.toml").write_text("evidence_from_level = 4\ncomment_to_level = -1\n", encoding="utf-8")
    with scoring_server(home, program=SERVED) as server:
        yield server, home


def ours(folder: Path, writers: int) -> Found:
    """Writers through our server, each with their own page's kernel running beside it, as in life."""
    with our_server(folder, writers) as (server, _):
        people = [writer(server, name) for name in server.addresses]
        for one in people:
            assert one.client.get("score").status == 200
        total = at_once([one.write for one in people])
        statuses = Counter(status for one in people for status in one.statuses)
        found = Found([second for one in people for second in one.seconds], total, total_errors(statuses))
        found.server_peak, found.whole = memory(server.process.pid)
        return found


def total_errors(statuses: Counter[str]) -> int:
    """Returns how many events were not stored at their first try."""
    return statuses.total() - statuses["stored"]


def long_review(folder: Path) -> Found:
    """One writer on a review that has LONG entries already."""
    with our_server(folder, 1) as (server, _):
        one = writer(server, next(iter(server.addresses)), LONG + EVENTS)
        later = one.events[LONG:]
        for start in range(0, LONG, 300):
            answer = one.client.post("sampling/api/events", {"events": one.events[start : start + 300]})
            assert answer.status == 200
        one.events = later
        began = time.perf_counter()
        one.write()
        return Found(one.seconds, time.perf_counter() - began, total_errors(Counter(one.statuses)))


def plain(folder: Path, writers: int) -> Found:
    """The same events through plain ipywidgets in Voilà: a message to the kernel, its SQLite, and the label's answer."""
    folder.mkdir(parents=True, exist_ok=True)
    notebook = write_notebook(folder, TEN, "ToggleButtons")
    with plain_server(notebook, folder / "plain.sqlite") as server:
        pages = [open_page(server) for _ in range(writers)]

        def write(number: int) -> None:
            for event in range(EVENTS):
                pages[number].change(event)

        total = at_once([partial(write, number) for number in range(writers)])
        with sqlite3.connect(folder / "plain.sqlite") as connection:
            stored = connection.execute("SELECT count(*) FROM entry").fetchone()[0]
        found = Found([second for page in pages for second in page.seconds], total, writers * EVENTS - stored)
        found.server_peak, found.whole = memory(server.process.pid)
        return found


def floor(folder: Path, writers: int) -> Found:
    """The same number of rows into bare SQLite, a thread and a connection each, with the same promise: WAL, synchronous=FULL."""
    path = folder / "floor.sqlite"
    seconds: list[list[float]] = [[] for _ in range(writers)]
    with closing(sqlite3.connect(path)) as first:
        first.execute("PRAGMA journal_mode=WAL")
        first.execute("CREATE TABLE entry (id TEXT PRIMARY KEY, body TEXT)")
    rubric = {"id": "ten", "version": "1", "digest": "d" * 64, "criteria": [{"ref": f"ten/{n}"} for n in range(10)]}

    def write(number: int) -> None:
        connection = sqlite3.connect(path, timeout=60, isolation_level=None)
        connection.execute("PRAGMA synchronous=FULL")
        for event in events_for({"rubrics": [rubric], "review": f"{number:032x}"}, EVENTS):
            began = time.perf_counter()
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO entry VALUES (?, ?)", (event["id"], json.dumps(event)))
            connection.execute("COMMIT")
            seconds[number].append(time.perf_counter() - began)
        connection.close()

    total = at_once([partial(write, number) for number in range(writers)])
    return Found([one for each in seconds for one in each], total)


def memory(process: int) -> tuple[float, float]:
    """Returns, in MiB, the peak of a server's own memory, and what it and its kernels hold now (shared pages counted once)."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    peak = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    family = [psutil.Process(process), *psutil.Process(process).children(recursive=True)]
    held = sum(one.memory_full_info().pss for one in family)
    return peak / 1024, held / 1024**2
