"""`python -m bench`: every job in a process of its own, medians, Markdown tables, and the same in the README on request."""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

from bench import batch_packs, live, scoring, statistics
from bench.data import SIZES, Size

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
ONCE = ("freeze", "draw", "verify")  # on disk: once each, in this order
TITLES = {
    "ours": "**signals to drawn sample**",
    "pandas": "the same rule in plain pandas",
    "floor": "floor: columns read once, the four SHA-256 of each case",
    "floor1": "floor with one SHA-256 of each case",
    "freeze": "`sampling freeze`: check, frame, commitment, files",
    "draw": "`sampling draw`: verify, draw, files",
    "verify": "`sampling verify`: all recomputed, standard library",
}
Measured = dict[str, Any]


def run(job: str, size: Size, out: Path) -> Measured:
    """Returns what one job measured, in a process of its own."""
    command = [sys.executable, "-m", "bench.jobs", job, size.name, str(out)]
    environment = {**os.environ, "SAMPLING_HOME": str(out.parent / "home")}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"the job {job} at size {size.name} failed:\n{done.stderr}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def measure(size: Size, skip: frozenset[str]) -> dict[str, Measured]:
    """Returns job -> medians over its runs, and checks that ours and pandas drew the same cases."""
    found = {}
    jobs = [job for job in ("ours", "pandas", "floor", "floor1") if job not in skip]
    runs: dict[str, list[Measured]] = {job: [] for job in jobs}
    scratch = Path(tempfile.mkdtemp(prefix="sampling-bench-"))
    try:
        for _ in range(size.repeats):  # in turn, so that a busy minute of the machine falls on all of them
            for job in jobs:
                runs[job].append(run(job, size, scratch / "draw"))
        for job in (job for job in ONCE if job not in skip):
            runs[job] = [run(job, size, scratch / "draw")]
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    digests = {one["digest"] for each in runs.values() for one in each if "digest" in one}
    if len(digests) > 1:
        raise SystemExit(f"the jobs at size {size.name} did not draw the same cases")
    for job, each in runs.items():
        found[job] = {name: median(one[name] for one in each) for name in ("wall", "cpu")}
        found[job]["peak_mib"] = max(one["peak_mib"] for one in each)
        found[job]["drawn"] = each[0].get("drawn")
    return found


def table(size: Size, found: Mapping[str, Measured]) -> list[str]:
    """Returns the rows of one size."""
    drawn = found.get("ours", {}).get("drawn") or 0
    lines = [
        "",
        f"**{size.title}** ({drawn:,} drawn)",
        "",
        "| | wall s | processor s | peak MiB |",
        "|---|---|---|---|",
    ]
    for job, one in found.items():
        lines.append(f"| {TITLES[job]} | {one['wall']:.2f} | {one['cpu']:.2f} | {one['peak_mib']:,.0f} |")
    ours = found.get("ours")
    for name, words in (
        ("pandas", "plain pandas over ours"),
        ("floor", "ours over the floor"),
        ("floor1", "ours over the floor with one hash"),
    ):
        if ours and name in found:
            above, below = (found[name], ours) if name == "pandas" else (ours, found[name])
            wall, cpu = (f"{above[kind] / below[kind]:.1f}" for kind in ("wall", "cpu"))
            lines.append(f"| {words} | {wall} × | {cpu} × | |")
    return lines


def small_things() -> list[str]:
    """Returns what a person waits for: thirty cases once loaded, and the help."""
    thirty = run("thirty", SIZES["small"], Path(tempfile.gettempdir()) / "unused")
    waits = []
    for _ in range(5):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-m", "sampling", "--help"], check=True, capture_output=True, cwd=ROOT)
        waits.append(time.perf_counter() - start)
    return [
        "",
        "| | wall ms | processor ms |",
        "|---|---|---|",
        f"| 30 cases, once loaded: signals to drawn sample | {thirty['wall'] * 1000:.0f} | {thirty['cpu'] * 1000:.0f} |",
        f"| `sampling --help` | {median(waits) * 1000:.0f} | |",
    ]


def preamble() -> list[str]:
    """Returns where this was measured, and how busy the machine was."""
    import duckdb
    import pandas

    return [
        f"Python {platform.python_version()}, DuckDB {duckdb.__version__}, pandas {pandas.__version__}, {_machine()}."
        " Processor seconds suffer less from other work on the machine than wall seconds do."
    ]


def scoring_preamble() -> list[str]:
    """Returns the same for scoring, with its day."""
    names = ("ipywidgets", "voila", "playwright")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    return [f"{date.today():%d/%m/%Y}, Python {platform.python_version()}, {versions}, Chromium, {_machine()}."]


def _machine() -> str:
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg()) if hasattr(os, "getloadavg") else "unknown"
    return f"{os.cpu_count()} cores, load average {load} when it ended"


def draws(sizes: Sequence[Size], skip: frozenset[str]) -> str:
    """Returns the tables of drawing, and prints each as soon as it is there."""
    lines: list[str] = []
    for size in sizes:
        make_in_own_process(size)
        lines += _printed(table(size, measure(size, skip)))
    lines += _printed(small_things())
    return "\n".join([*preamble(), *lines])


def scores() -> str:
    """Returns the tables of scoring, and prints them."""
    lines = _printed(scoring.tables(scoring.measure()))
    return "\n".join([*scoring_preamble(), *lines])


def packs(number: int) -> str:
    """Returns the tables of the evidence packs, and prints them."""
    lines = _printed(batch_packs.tables(batch_packs.measure(number), batch_packs.starts()))
    return "\n".join(
        [f"{date.today():%d/%m/%Y}, Python {platform.python_version()}, {batch_packs.machine_words()}", *lines]
    )


def many_statistics() -> str:
    """Returns the tables of the statistics, and prints them."""
    import scipy

    lines = _printed(statistics.tables(statistics.measure()))
    return "\n".join(
        [
            f"{date.today():%d/%m/%Y}, Python {platform.python_version()}, SciPy {scipy.__version__}, {_machine()}.",
            *lines,
        ]
    )


def live_sessions() -> str:
    """Returns the tables of live calibration, and prints them."""
    lines = _printed(live.tables(live.measure()))
    return "\n".join([f"{date.today():%d/%m/%Y}, Python {platform.python_version()}, {_machine()}.", *lines])


def _printed(lines: list[str]) -> list[str]:
    print("\n".join(lines), flush=True)
    return lines


def _put(mark: str, text: str) -> None:
    page = README.read_text(encoding="utf-8")
    pattern = rf"(<!-- {mark} -->\n).*?(<!-- /{mark} -->)"
    found = re.subn(pattern, lambda marks: f"{marks[1]}{text}\n{marks[2]}", page, flags=re.S)
    if found[1] != 1:
        raise SystemExit(f"README.md has not one pair of marks {mark}.")
    README.write_text(found[0], encoding="utf-8")


def main() -> None:
    """Measures, prints the tables, and writes them into the README with --write-readme."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--part",
        choices=("draw", "scoring", "batch", "statistics", "live", "all"),
        default="all",
        help="what to measure (default: all)",
    )
    parser.add_argument("--packs", type=int, default=100, help="evidence packs of the fast ways (default: 100)")
    parser.add_argument("--size", choices=(*SIZES, "all"), default="all", help="which service (default: all)")
    parser.add_argument("--skip", action="append", default=[], choices=tuple(TITLES), help="leave a job out")
    parser.add_argument("--write-readme", action="store_true", help="put the tables between the marks in README.md")
    options = parser.parse_args()
    sizes = list(SIZES.values()) if options.size == "all" else [SIZES[options.size]]
    parts = {
        "bench": lambda: draws(sizes, frozenset(options.skip)),
        "bench-scoring": scores,
        "bench-batch": lambda: packs(options.packs),
        "bench-statistics": many_statistics,
        "bench-live": live_sessions,
    }
    mark = {"draw": "bench", "all": ""}.get(options.part, f"bench-{options.part}")
    chosen = [mark] if mark else list(parts)
    for mark in chosen:
        text = parts[mark]()
        print(f"\n{text.splitlines()[0]}", flush=True)
        if options.write_readme:
            _put(mark, text)


def make_in_own_process(size: Size) -> None:
    """Makes the service in another process: a child's peak memory begins at its parent's (getrusage)."""
    code = f"from bench.data import SIZES, make; make(SIZES[{size.name!r}])"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


if __name__ == "__main__":
    main()
