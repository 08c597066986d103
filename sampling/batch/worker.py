"""One run in a process of its own: the notebook through papermill, our own checks, the pages, and the folder that appears whole.

Whatever ends this process ends this run alone. The process that started it hears over a pipe how far the run is and how it ended.
"""

from __future__ import annotations

import gc
import json
import multiprocessing
import os
import re
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from hashlib import sha256
from html import unescape
from multiprocessing.connection import Connection
from pathlib import Path
from secrets import token_hex
from types import FrameType
from typing import Any, Literal

from filelock import Timeout

from sampling.batch import rendering
from sampling.batch.engine import NAME, ForkedEngine
from sampling.batch.folder import EARLIER, pack_lock
from sampling.batch.limits import Limits
from sampling.batch.notebooks import KERNEL, CellError, cell_error, check_whole, own_kernel, stored_text
from sampling.errors import NotebookError, SamplingError
from sampling.storage import whole_folder

RUN = "pack.ipynb"
# How long a pack is kept is for the service's retention schedule to say; this is the class that it says it for.
RETENTION = "evidence-pack"
_NHS_NUMBER = re.compile(r"(?<![\w.,])(\d{3})([ \u00a0\u202f-]?)(\d{3})\2(\d{4})(?![\w.,]*\d)")
_TAG = re.compile(r"<[^>]*>")  # other attributes hold coordinates
# The attributes whose text people see or hear (HTML and WAI-ARIA).
_SAID = re.compile(
    r"""(?<![\w-])(?:alt|title|placeholder|summary|label|content|aria-(?:label|description|roledescription|valuetext|placeholder))"""
    r"""\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+))""",
    re.IGNORECASE,
)
_TEXTS = ("text/html", "text/plain", "text/markdown", "text/csv", "image/svg+xml", rendering.HEADING)


@dataclass(frozen=True)
class Task:
    """What one run is asked for. `folder` is where the pack goes; `private` names the parameters that no file may hold; `about`
    goes to the page (title, lead, facts, software, data), made by `template`; `environment` is that of the command; `fork` as in forked.Forked; `before`
    as in runner.BatchOrder.
    """

    notebook: Path
    folder: Path
    parameters: Mapping[str, object]
    about: Mapping[str, Any]
    private: Sequence[str] = ()
    template: str = rendering.TEMPLATE
    pdf: bool = True
    limits: Limits = field(default_factory=Limits)
    environment: Mapping[str, str] = field(default_factory=dict)
    fork: bool | None = None
    before: Callable[[], None] | None = None


@dataclass(frozen=True)
class Heard:
    """What a run tells: `cell` (number of cells begun, of all), `done` (with the files), `failed` or `busy` (with a message)."""

    kind: Literal["cell", "done", "failed", "busy"]
    message: str = ""
    number: int = 0
    of: int = 0
    files: Mapping[str, str] = field(default_factory=dict)


def work(task: Task, line: Connection) -> None:
    """Does the run and tells over the line how it ended. The body of a process: nothing is returned and nothing raised."""
    _alone(task)
    try:
        if task.before is not None:
            task.before()
        heard = _locked(task, line)
    except SamplingError as error:
        heard = Heard("failed", error.message)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        heard = Heard("failed", f"The computer refused to read or write a file: {reason}. Nothing was kept.")
    except Exception as error:  # its text could hold a value of the record
        heard = Heard(
            "failed", f"The program failed ({type(error).__name__}). Nothing was kept. Please report this line."
        )
    line.send(heard)
    line.close()


def _alone(task: Task) -> None:
    """Makes the process independent of the terminal and of the process that it was forked from."""
    gc.disable()  # the process does one run and ends: looking for circles costs a third of a PDF's time
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the command, which ends its runs
    signal.signal(signal.SIGTERM, _stopped)
    os.environ.clear()
    os.environ.update(task.environment)
    nothing = os.open(os.devnull, os.O_RDWR)
    for place in (1, 2):  # errors come as messages; what libraries print could name a path
        os.dup2(nothing, place)
    os.close(nothing)


def _stopped(number: int, frame: FrameType | None) -> None:
    raise SystemExit(1)  # so that the engine ends its child on the way out


def _locked(task: Task, line: Connection) -> Heard:
    try:
        with pack_lock(task.folder):
            executed = _executed(task, line)
            return Heard("done", files=_kept(task, executed))
    except Timeout:
        return Heard("busy", "Another process is writing this pack. Nothing was changed by this one.")


def _executed(task: Task, line: Connection) -> Any:
    """Returns the executed notebook, held in memory: papermill writes its file cell by cell, and a reader would see halves."""
    from papermill.engines import papermill_engines
    from papermill.exceptions import PapermillException, PapermillExecutionError
    from papermill.execute import execute_notebook

    from sampling.batch.forked import EndedError

    papermill_engines.register(NAME, ForkedEngine)  # also where the package is not installed but only on the path
    name = task.notebook.name
    of = sum(cell["cell_type"] == "code" for cell in json.loads(task.notebook.read_text(encoding="utf-8"))["cells"])
    with _scratch() as folder, own_kernel() if task.fork is False or os.name != "posix" else nullcontext():
        try:
            return execute_notebook(
                task.notebook.absolute(),
                None,
                parameters=dict(task.parameters),
                engine_name=NAME,
                kernel_name=KERNEL,
                progress_bar=False,
                cwd=folder,
                limits=task.limits,
                fork=task.fork,
                told=lambda index: line.send(Heard("cell", number=index, of=of)),
            )
        except PapermillExecutionError as error:
            failure = _plain(task, error)
        except EndedError as error:
            failure = CellError(f"Cell {error.number} of {name} {task.limits.words(error.end)}. Nothing was kept.")
        except PapermillException:
            failure = CellError(f"{name} could not be run. Nothing was kept.")
    raise failure


def _plain(task: Task, error: Any) -> CellError:
    where = f"Cell {error.exec_count} of {task.notebook.name}"
    if error.ename == "MemoryError":
        limit = (
            "" if task.limits.memory is None else f" than the {task.limits.memory / 2**20:,.0f} MB that a run may hold"
        )
        return CellError(f"{where} needed more memory{limit}. Nothing was kept.")
    if error.ename == "StdinNotImplementedError":
        return CellError(f"{where} asks a question (input), and nobody is there to answer. Nothing was kept.")
    return cell_error(task.notebook, error)


@contextmanager
def _scratch() -> Iterator[str]:
    """Gives a folder to run in: what a notebook leaves beside itself goes with it."""
    folder = tempfile.mkdtemp(prefix="sampling-scratch-")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _kept(task: Task, executed: Any) -> dict[str, str]:
    """Writes the pack, which takes the place of an earlier one as a whole, and returns its files with their digests.

    The earlier one leaves its place for a moment. Where this process is killed in it, folder.settle puts it back.
    """
    check_whole(task.notebook, executed)
    _check_anonymous(task, executed)
    files = _files(task, executed)
    parent = multiprocessing.parent_process()
    if parent is not None and not parent.is_alive():
        raise SystemExit(1)  # nobody would note it down
    earlier = task.folder.with_name(f".{task.folder.name}.{token_hex(6)}{EARLIER}")
    try:
        with whole_folder(task.folder) as folder:
            for name, data in files.items():
                (folder / name).parent.mkdir(exist_ok=True)
                (folder / name).write_bytes(data)
            if task.folder.exists():
                os.rename(task.folder, earlier)
    except (
        BaseException
    ):  # the disk can refuse, and an interrupt come, when the earlier pack has left its place already
        if earlier.exists() and not task.folder.exists():
            os.rename(earlier, task.folder)
        raise
    shutil.rmtree(earlier, ignore_errors=True)
    return {name: sha256(data).hexdigest() for name, data in files.items()}


def _files(task: Task, executed: Any) -> dict[str, bytes]:
    tables = rendering.tables_of(executed)
    page = rendering.page_of_pack(executed, template=task.template, notebook=task.notebook.name, **task.about)
    text = stored_text(executed, task.notebook, task.private, retention=RETENTION, data=task.about["data"])
    return {
        RUN: text.encode("utf-8"),
        rendering.PAGE: page.encode("utf-8"),
        **({rendering.PDF: rendering.pdf_of(page)} if task.pdf else {}),
        **{f"{rendering.TABLES}/{name}": data for name, data in tables.items()},
    }


def _check_anonymous(task: Task, executed: Any) -> None:
    """Raises NotebookError when an output holds a private parameter, such as a path, or a number that is an NHS number.

    What the notebook may show of people is for the notebook to keep to; this is the net below it.
    """
    given = [task.parameters.get(name) or "" for name in task.private]
    hidden = [str(word) for one in given for word in (one.values() if isinstance(one, Mapping) else (one,)) if word]
    for cell in executed.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            text = "\n".join(
                [
                    str(output.get("text", "")),
                    *(str(data[kind]) for kind in _TEXTS if kind in data),
                    *_alternatives(output),
                ]
            )
            if any(word in plain for word in hidden for plain in (text, unescape(text))):
                raise NotebookError(
                    f"Cell {cell.get('execution_count')} of {task.notebook.name} shows a parameter that must stay private, such as a "
                    "path. Nothing was kept."
                )
            values = "\n".join(
                str(data.get("text/csv", "")).split(",")
            )  # a comma parts figures there, and joins them elsewhere
            said = "\n".join("".join(found) for found in _SAID.findall(text))
            numbers = _NHS_NUMBER.findall(unescape(_TAG.sub(" ", f"{text}\n{values}") + f"\n{said}"))
            if any(_is_nhs_number(first + second + third) for first, _, second, third in numbers):
                raise NotebookError(
                    f"Cell {cell.get('execution_count')} of {task.notebook.name} shows a number that is a valid NHS number. "
                    "Nothing was kept."
                )


def _alternatives(output: Any) -> list[str]:
    """Returns the alternative texts that go with an output's pictures, for one kind of data or for all."""
    about = output.get("metadata", {})
    return [str(one["alt"]) for one in (about, *about.values()) if isinstance(one, Mapping) and "alt" in one]


def _is_nhs_number(digits: str) -> bool:
    """Tells whether ten digits carry the check digit of an NHS number (NHS Data Dictionary: weights 10 to 2, modulus 11)."""
    check = (11 - sum(int(one) * weight for one, weight in zip(digits[:9], range(10, 1, -1), strict=True)) % 11) % 11
    return check == int(digits[9])
