"""Scoring, measured: our form beside plain ipywidgets in Voilà and a static page, our journal beside the same and bare SQLite."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from tests.scoring_crowd import EVENTS, WRITERS

ROOT = Path(__file__).resolve().parents[1]
REPEATS = 3
HEAVY = ("writers_plain_20", "long_review")  # once: twenty kernels take minutes to start
HANDS = {
    "hands_ours": "**ours**",
    "hands_ToggleButtons": "plain `ToggleButtons`",
    "hands_RadioButtons": "plain `RadioButtons`",
    "hands_floor": "floor: static page",
}
STORES = {"ours": "**ours**", "plain": "plain ipywidgets", "floor": "floor: bare SQLite, `synchronous=FULL`"}
JOBS = (*HANDS, *(f"writers_{name}_{count}" for count in (1, WRITERS) for name in STORES), "long_review")
Measured = dict[str, Any]


def run(job: str) -> Measured:
    """Returns what one job measured, in a process and a folder of its own."""
    scratch = Path(tempfile.mkdtemp(prefix="sampling-bench-"))
    command = [sys.executable, "-m", "bench.scoring_jobs", job, str(scratch / "work")]
    environment = {**os.environ, "SAMPLING_HOME": str(scratch / "home")}
    try:
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    if done.returncode:
        raise SystemExit(f"the job {job} failed:\n{done.stderr}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def measure(jobs: Sequence[str] = JOBS) -> dict[str, Measured]:
    """Returns job -> what its runs came to: times of single keys and events gathered, others as medians, memory and faults as the most."""
    runs: dict[str, list[Measured]] = {job: [] for job in jobs}
    for turn in range(REPEATS):  # in turn, so that a busy minute of the machine falls on all of them
        for job in jobs:
            if turn == 0 or job not in HEAVY:
                runs[job].append(run(job))
    return {job: {name: _together(name, [one[name] for one in each]) for name in each[0]} for job, each in runs.items()}


def _together(name: str, values: list[Any]) -> Any:
    if isinstance(values[0], list):
        return [one for each in values for one in each]
    if isinstance(values[0], str):
        return values[0]
    return max(values) if name in ("errors", "server_peak", "whole", "held", "own_peak") else median(values)


def within(values: Sequence[float], share: float) -> float:
    """Returns the value within which that share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def tables(found: Mapping[str, Measured]) -> list[str]:
    """Returns the rows of both tables."""
    return [*_hands(found), *_writers(found)]


def _pair(values: Sequence[float] | None, scale: float = 1) -> str:
    return f"{within(values, 0.5) * scale:.0f} / {within(values, 0.95) * scale:.0f}" if values else "–"


def _number(one: Measured, name: str, form: str = ",.0f") -> str:
    return format(one[name], form) if name in one else "–"


def _hands(found: Mapping[str, Measured]) -> list[str]:
    cells: dict[str, Callable[[Measured], str]] = {
        "keys for ten criteria, sign-off and next": lambda one: _number(one, "keys"),
        "clicks for the same": lambda one: _number(one, "clicks"),
        "key to visible level, ms p50 / p95": lambda one: _pair(one["visible"]),
        "key to “Saved” on the screen, ms p50 / p95": lambda one: _pair(one.get("stored")),
        "last key to the next case, ready to score, ms": lambda one: _number(one, "next_case"),
        "empty browser to a case that can be scored, s": lambda one: _number(one, "start", ".1f"),
        "server, peak MiB": lambda one: _number(one, "server_peak"),
        "server with its kernels, MiB": lambda one: _number(one, "held"),
    }
    lines = ["", "| a case of ten criteria | " + " | ".join(HANDS.values()) + " |", "|---" * (len(HANDS) + 1) + "|"]
    lines += [f"| {title} | " + " | ".join(cell(found[job]) for job in HANDS) + " |" for title, cell in cells.items()]
    ours = found["hands_ours"]
    for title, name in (("visible", "visible"), ("“Saved”", "stored")):
        ratios = [_ratio(ours[name], found[job].get(name)) for job in HANDS]
        lines.append(f"| ours over each, {title} p50 | " + " | ".join(ratios) + " |")
    return lines


def _ratio(ours: Sequence[float], other: Sequence[float] | None) -> str:
    return f"{within(ours, 0.5) / within(other, 0.5):.1f} ×" if other else "–"


def _writers(found: Mapping[str, Measured]) -> list[str]:
    lines = [
        "",
        f"| saves, {EVENTS} each | p50 ms | p95 ms | slowest ms | saves a second | not stored at once | server peak MiB | with kernels MiB |",
        "|---|---|---|---|---|---|---|---|",
    ]
    named = {f"writers_{name}_{count}": (count, title) for count in (1, WRITERS) for name, title in STORES.items()}
    for job, (count, title) in named.items():
        who = "one writer" if count == 1 else f"{count} writers at once"
        lines.append(_store(found[job], f"{who}, {title}", count * EVENTS))
    lines.append(_store(found["long_review"], "one writer on a case with 600 entries, **ours**", EVENTS))
    for count in (1, WRITERS):
        who = "one writer" if count == 1 else f"{count} writers"
        totals = {name: found[f"writers_{name}_{count}"]["total"] for name in STORES}
        over = {name: f"{totals['ours'] / totals[name]:.1f} ×" for name in ("plain", "floor")}
        lines.append(f"| {who}: the time of all saves, ours over plain | {over['plain']} | | | | | | |")
        lines.append(f"| {who}: the same, ours over the floor | {over['floor']} | | | | | | |")
    return lines


def _store(one: Measured, title: str, events: int) -> str:
    times = [
        f"{1000 * each:.1f}"
        for each in (*(within(one["seconds"], share) for share in (0.5, 0.95)), max(one["seconds"]))
    ]
    memory = [f"{one[name]:,.0f}" if one[name] else "–" for name in ("server_peak", "whole")]
    return f"| {title} | " + " | ".join([*times, f"{events / one['total']:,.0f}", str(one["errors"]), *memory]) + " |"
