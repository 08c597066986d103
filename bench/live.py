"""Live calibration, measured: scripted raters join, score and hear the reveal over their streams; beside it a kernel for each rater."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from bench.scoring import within

ROOT = Path(__file__).resolve().parents[1]
CROWDS = (20, 100)
KERNELS = 20
VIGNETTE = "ms-a-and-the-allotment-1.0"
_MIB = 2**20
Measured = dict[str, Any]


def measure() -> dict[str, Measured]:
    """Returns job -> what it measured, each in a process of its own."""
    return {job: run(job) for job in (*(f"live_{count}" for count in CROWDS), f"kernels_{KERNELS}")}


def run(job: str) -> Measured:
    """Returns what one job measured."""
    scratch = Path(tempfile.mkdtemp(prefix="sampling-bench-"))
    environment = {**os.environ, "SAMPLING_HOME": str(scratch / "home")}
    try:
        command = [sys.executable, "-m", "bench.live", job, str(scratch / "work")]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    if done.returncode:
        raise SystemExit(f"the job {job} failed:\n{done.stderr}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def tables(found: Mapping[str, Measured]) -> list[str]:
    """Returns the rows."""
    lines = [
        "",
        "| raters at once | all joined, s | join, ms p50 / p95 | score and lock, ms p50 / p95 | reveal to every page, ms p50 / p95 | server MiB | MiB a rater |",
        "|---|---|---|---|---|---|---|",
    ]
    for count in CROWDS:
        one = found[f"live_{count}"]
        lines.append(
            f"| {count}, **ours** | {one['joined']:.1f} | {_pair(one['join'])} | {_pair(one['score'])} | {_pair(one['reveal'])} "
            f"| {one['peak']:.0f} | {one['each']:.2f} |"
        )
    other = found[f"kernels_{KERNELS}"]
    lines.append(
        f"| {KERNELS}, a kernel each with ipywidgets | {other['joined']:.1f} | {_pair(other['join'])} | – | – | {other['peak']:.0f} | {other['each']:.0f} |"
    )
    ratio = other["each"] / max(found[f"live_{KERNELS}"]["each"], 0.01)
    lines += [
        "",
        f"Memory a rater: a kernel each takes {ratio:,.0f} times ours; until {KERNELS} are in {other['joined'] / found[f'live_{KERNELS}']['joined']:,.0f} times as long.",
    ]
    return lines


def _pair(values: list[float]) -> str:
    return f"{within(values, 0.5) * 1000:.0f} / {within(values, 0.95) * 1000:.0f}"


def crowd(folder: Path, count: int) -> Measured:
    """Returns the times of so many raters on a real server, and its memory. The clients run on the same cores."""
    import psutil

    from tests.calibration_server import Listener, calibration_server

    with calibration_server(folder) as server, ThreadPoolExecutor(count) as pool:
        choices = server.trainer().get("api/lobby").json["vignettes"]
        refs = [one["ref"] for one in next(one for one in choices if one["id"] == VIGNETTE)["rubrics"][0]["criteria"]]
        live = server.open(VIGNETTE, refs)
        process = psutil.Process(server.process.pid)
        before = process.memory_info().rss
        clients = [server.client() for _ in range(count)]

        def join(client: Any) -> float:
            began = time.perf_counter()
            while True:
                alias = client.get(f"api/join?code={live.code}").json["aliases"][0]
                if client.post("api/join", {"code": live.code, "alias": alias, "agreed": True}).status == 200:
                    return time.perf_counter() - began

        began = time.perf_counter()
        joins = list(pool.map(join, clients))
        joined = time.perf_counter() - began
        listeners = [Listener(client, f"api/rate/{live.session}/stream") for client in clients]
        live.step("scoring", 1)
        for listener in listeners:
            listener.until(lambda view: view["step"] == "scoring")
        scores = list(pool.map(lambda place: _timed(lambda: live.answer(clients[place], 1, place % 4)), range(count)))
        began = time.perf_counter()
        waiting = [pool.submit(_heard, listener, began) for listener in listeners]
        live.step("revealed", 1)
        reveals = [one.result() for one in waiting]
        peak = process.memory_info().rss
        for listener in listeners:
            listener.close()
    each = (peak - before) / count / _MIB
    return {"joined": joined, "join": joins, "score": scores, "reveal": reveals, "peak": peak / _MIB, "each": each}


def _timed(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _heard(listener: Any, began: float) -> float:
    listener.until(lambda view: view["step"] == "revealed")
    return time.perf_counter() - began


def kernels(count: int) -> Measured:
    """Returns how long it takes to give each rater a kernel with widgets, and what they hold together."""
    import psutil
    from jupyter_client.manager import KernelManager

    def begin(_: int) -> tuple[float, Any]:
        began = time.perf_counter()
        manager = KernelManager()
        manager.start_kernel(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        client = manager.client()
        client.start_channels()
        client.wait_for_ready(timeout=600)
        client.execute_interactive("import ipywidgets", timeout=600, output_hook=lambda message: None)
        client.stop_channels()
        return time.perf_counter() - began, manager

    began = time.perf_counter()
    with ThreadPoolExecutor(count) as pool:
        started = list(pool.map(begin, range(count)))
    joined = time.perf_counter() - began
    held = [psutil.Process(manager.provisioner.pid).memory_full_info().uss for _, manager in started]
    for _, manager in started:
        manager.shutdown_kernel(now=True)
    return {
        "joined": joined,
        "join": [one for one, _ in started],
        "peak": sum(held) / _MIB,
        "each": sum(held) / count / _MIB,
    }


if __name__ == "__main__":
    name, _, number = sys.argv[1].partition("_")
    result = crowd(Path(sys.argv[2]), int(number)) if name == "live" else kernels(int(number))
    print(json.dumps(result))
