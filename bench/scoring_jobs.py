"""One measured job of scoring in a process of its own: `python -m bench.scoring_jobs NAME FOLDER` prints one line of JSON."""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, get_args

from bench import floor_form, our_form, plain_form, scoring_writers
from bench.plain_pages import plain_server
from bench.plain_widgets import Control, write_notebook
from bench.scoring_writers import TEN, memory, our_server
from tests.scoring_crowd import WRITERS

Measured = dict[str, Any]


def hands_ours(folder: Path) -> Measured:
    """A case by keys, one by clicks, and a page's start, in our form. Each in a browser that was never there before."""
    with our_server(folder, 1) as (server, _):
        start = our_form.page_start(server)
        worked = our_form.by_keys(server)
        peak, held = memory(server.process.pid)
    with our_server(folder / "again", 1) as (server, _):
        clicks = our_form.by_clicks(server)
    more = {"start": start.listed + start.opened, "listed": start.listed, "server_peak": peak, "held": held}
    return asdict(worked) | {"clicks": clicks} | more


def hands_plain(folder: Path, control: Control) -> Measured:
    """The same in plain ipywidgets."""
    notebook = write_notebook(folder, TEN, control)
    with plain_server(notebook, folder / "plain.sqlite") as server:
        start = plain_form.page_start(server)
        worked = plain_form.by_keys(server, control)
        clicks = plain_form.by_clicks(server, control)
        peak, held = memory(server.process.pid)
    return asdict(worked) | {"clicks": clicks, "start": start, "server_peak": peak, "held": held}


def hands_floor(folder: Path) -> Measured:
    """A static page that stores nothing: what the browser alone takes."""
    floor_form.write_page(folder, TEN)
    with floor_form.floor_server(folder) as address:
        start, visible = floor_form.by_keys(address)
    return {"start": start, "visible": visible}


def writers(folder: Path, work: Callable[[Path, int], scoring_writers.Found], count: int) -> Measured:
    """So many writers at once, fifty events each."""
    return asdict(work(folder, count))


JOBS: dict[str, Callable[[Path], Measured]] = {
    "hands_ours": hands_ours,
    "hands_floor": hands_floor,
    **{f"hands_{control}": partial(hands_plain, control=control) for control in get_args(Control)},
    **{
        f"writers_{work.__name__}_{count}": partial(writers, work=work, count=count)
        for work in (scoring_writers.ours, scoring_writers.plain, scoring_writers.floor)
        for count in (1, WRITERS)
    },
    "long_review": lambda folder: asdict(scoring_writers.long_review(folder)),
}


def main(arguments: Sequence[str]) -> None:
    """Runs one job and prints what it measured, and the peak memory of its own process in MiB."""
    name, folder = arguments
    Path(folder).mkdir(parents=True)
    found = JOBS[name](Path(folder))
    found["own_peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1:])
