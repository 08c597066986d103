"""The report of one calibration session as a folder: page, PDF, tables and executed notebook, which appear whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from sampling import __version__
from sampling.batch import processes
from sampling.batch.folder import settle
from sampling.batch.worker import RUN, Task
from sampling.calibration.report.opening import Report, open_report
from sampling.chain import parse_json
from sampling.errors import NotebookError, StateError, UsageError
from sampling.policy import shared_folder

NOTEBOOK = "05_calibrate.ipynb"
TEMPLATE = "calibration.html.j2"
REPORTS = "reports"
_PRIVATE = ("folder",)  # a path can carry a name or number


@dataclass(frozen=True)
class CalibrationOrder:
    """What a report is asked for: the folder of the sessions, and what the notebook's parameters of the same names mean. `out` holds reports, each
    in a folder of its own; None is `reports` beside the sessions.
    """

    folder: Path
    session: str = ""
    period: str = ""
    purpose: str = "training"
    today: str = ""
    out: Path | None = None
    pdf: bool = True


def calibration_report(order: CalibrationOrder) -> Mapping[str, str]:
    """Makes the report and returns file -> its path. An earlier report in the same folder gives way as a whole, once the new one is there.

    Raises UsageError for a session, period, purpose or folder that cannot be, StateError where there is no session or no round was revealed, NotebookError with the
    cell's plain message when a cell fails: then an earlier report stays as it was.
    """
    found = open_report(str(order.folder.absolute()), session=order.session, period=order.period, purpose=order.purpose, today=order.today)  # fmt: skip
    if not found.gathered.head:
        raise StateError("There are no sessions in that folder. Name the one that sampling calibrate was started with.")
    if found.session is None:
        raise StateError("No round of a session was revealed there yet. Hold a session first: sampling calibrate")
    out = (order.out or order.folder / REPORTS).absolute() / _name(found)
    _check(out)
    notebook = shared_folder("notebooks") / NOTEBOOK
    parameters = {
        "folder": str(order.folder.absolute()), "session": found.session.id, "period": order.period, "purpose": order.purpose, "today": order.today,
    }  # fmt: skip
    about = {
        "title": "",
        "software": f"sampling {__version__}",
        "data": sha256(found.gathered.head.encode()).hexdigest(),
    }
    out.parent.mkdir(parents=True, exist_ok=True)
    settle(out.parent)
    files = _made(Task(notebook, out, parameters, about, _PRIVATE, TEMPLATE, order.pdf, environment=dict(os.environ)))
    return {name: str(out / name) for name in files}


def _made(task: Task) -> Mapping[str, str]:
    processes.warm(task.notebook)
    running = processes.start(task)
    try:
        heard = running.next()
        while heard.kind == "cell":
            heard = running.next()
    except BaseException:
        running.end(now=True)
        raise
    running.end()
    if heard.kind != "done":
        raise NotebookError(heard.message)
    return heard.files


def _name(found: Report) -> str:
    """Returns the name of a report's folder: day, vignette, and as much of the session's id as tells two of a day apart."""
    assert found.session is not None
    return f"{found.session.opened_at[:10]}-{found.session.opened.vignette}-{found.session.id[:8]}"


def _check(out: Path) -> None:
    """Raises UsageError where a report may not go: below a file, or where something other than an earlier one lies."""
    if any(place.exists() and not place.is_dir() for place in (out, *out.parents)):
        raise UsageError("The report cannot go there: --out names a file, or a place below one. Name a folder.")
    if out.is_dir() and any(out.iterdir()) and not _is_report(out):
        raise UsageError(f"The report cannot go there: {out.name} holds other files. Name another folder with --out.")


def _is_report(folder: Path) -> bool:
    try:
        about = parse_json((folder / RUN).read_text(encoding="utf-8"))["metadata"]["sampling"]["notebook"]
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return bool(about == NOTEBOOK)
