"""papermill's engine, the side that stays: forks a child for the cells, hears what they put out, and ends it when it must.

Each message of the child goes through nbclient's own client, so that outputs are what they would be with a kernel. Unlike
papermill's own engine this one never leaves a cell `completed` that was not: a killed, stopped or interrupted cell is `failed`.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection, Pipe, wait
from pathlib import Path
from typing import Any, NoReturn

from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, NBClientEngine

from sampling.batch.limits import GRACE_SECONDS, End, Limits

_TICK = 0.2  # seconds between two looks at the limits while a cell says nothing
# What a Python kernel answers when it is asked for its language; nbconvert highlights by it.
_LANGUAGE = {
    "codemirror_mode": {"name": "ipython", "version": 3},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
    "version": ".".join(map(str, sys.version_info[:3])),
}


class EndedError(DeadKernelError):  # so that papermill's command says 138, as for any dead kernel
    """A run ended in the midst of a cell, or by the cell's own will. `number` is the cell's, counted as In [number]."""

    def __init__(self, number: int, end: End, limits: Limits) -> None:
        super().__init__(f"Cell {number} {limits.words(end)}.")
        self.number, self.end = number, end


def can_fork() -> bool:
    """Returns whether a child can be forked safely here: the system can, and no thread could hold a lock for ever in the child."""
    _end_progress_thread()
    return hasattr(os, "fork") and threading.active_count() == 1


def _end_progress_thread() -> None:
    """Ends the thread by which papermill's own progress bar (tqdm) watches itself; the bar goes on without."""
    for thread in threading.enumerate():
        if type(thread).__name__ == "TMonitor":
            thread.exit()  # type: ignore[attr-defined]  # tqdm's way to end it


class Forked(Engine):  # type: ignore[misc]
    """The engine behind engine.ForkedEngine."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        *,
        limits: Limits | None = None,
        fork: bool | None = None,
        told: Callable[[int], None] | None = None,
        **options: Any,
    ) -> None:
        """Executes the notebook of `nb_man`, in place.

        `fork` forces the choice between a forked child and nbclient; `told` hears the index of each cell as it begins; of
        papermill's own options `execution_timeout` takes the place of the limit for a cell. A cell's error ends the run and stays in
        its outputs, where papermill finds it. Raises EndedError when a cell did not come to its end, or ended the run itself.
        """
        if options.get("execution_timeout"):
            limits = Limits(cell_seconds=float(options["execution_timeout"]), run_seconds=None)
        limits = limits or Limits()
        if can_fork() if fork is None else fork:
            _Run(nb_man, limits, told or _nobody, options).all_cells()
        else:
            _by_nbclient(nb_man, kernel_name, limits, options)
        _refuse_own_end(nb_man.nb, limits)


def _nobody(index: int) -> None:
    """Hears nothing."""


def _refuse_own_end(nb: Any, limits: Limits) -> None:
    """papermill takes sys.exit(0) for success, with half a report."""
    for cell in nb.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error" and output.ename == "SystemExit":
                raise EndedError(cell.execution_count or 0, "exit", limits)


def _by_nbclient(nb_man: Any, kernel_name: str, limits: Limits, options: dict[str, Any]) -> None:
    started = time.monotonic()
    due: list[tuple[float, End]] = []

    def seconds(cell: Any) -> int:
        due.append(_due(limits, started))
        return max(1, round(due[-1][0] - time.monotonic())) if due[-1][0] < float("inf") else 0

    options = {**options, "execution_timeout": None, "timeout_func": seconds}
    try:
        NBClientEngine.execute_managed_notebook(nb_man, kernel_name, **options)
    except BaseException as error:
        begun = [(i, cell) for i, cell in enumerate(nb_man.nb.cells) if cell.metadata.papermill["start_time"]]
        if not begun:
            raise
        index, cell = begun[-1]
        nb_man.cell_exception(cell, cell_index=index)  # papermill has marked it completed by now
        number = cell.execution_count or sum(one.cell_type == "code" for _, one in begun)
        if isinstance(error, CellTimeoutError):
            raise EndedError(number, due[-1][1], limits) from None
        if isinstance(error, DeadKernelError):
            raise EndedError(number, "killed", limits) from None
        raise


def _due(limits: Limits, started: float) -> tuple[float, End]:
    """Returns when a cell that begins now must have ended, on the monotonic clock, and which limit that is."""
    whole = started + limits.run_seconds if limits.run_seconds else float("inf")
    one = time.monotonic() + limits.cell_seconds if limits.cell_seconds else float("inf")
    return (one, "cell_time") if one <= whole else (whole, "run_time")


class _Run:
    """One notebook in one child."""

    def __init__(self, nb_man: Any, limits: Limits, told: Callable[[int], None], options: dict[str, Any]) -> None:
        known = ("log_output", "stdout_file", "stderr_file")
        self._manager = nb_man
        self._limits = limits
        self._told = told
        self._client = PapermillNotebookClient(nb_man, **{name: options[name] for name in known if options.get(name)})
        self._number = 0
        self._bytes = 0

    def all_cells(self) -> None:
        """Executes the cells in order until one fails."""
        nb = self._manager.nb
        started = time.monotonic()
        with _Child(self._limits.memory) as child:
            for index, cell in enumerate(nb.cells):
                try:
                    self._manager.cell_start(cell, index)
                    self._told(index)
                    if _is_code(cell):
                        self._cell(child, cell, index, started)
                except CellExecutionError as error:
                    self._manager.cell_exception(cell, cell_index=index, exception=error)
                    break
                except BaseException:  # a limit, a death, an interrupt: never "completed"
                    self._manager.cell_exception(cell, cell_index=index)
                    raise
                finally:
                    self._manager.cell_complete(cell, cell_index=index)
        nb.metadata["language_info"] = dict(_LANGUAGE)

    def _cell(self, child: _Child, cell: Any, index: int, started: float) -> None:
        cell.outputs = []
        self._number += 1
        self._client.clear_before_next_output = False
        end: End | None = None
        due, which = _due(self._limits, started)
        child.pipe.send({"source": cell.source, "cell_id": cell.get("id", "")})
        while True:
            message = child.hear()
            if message is not None and message["msg_type"] == "reply":
                break
            if message is not None and end != "output":
                self._client.process_message(message, cell, index)
            if not child.alive:
                raise EndedError(self._number, end or "killed", self._limits)
            if end is None and (end := self._excess(child, due, which)):
                due = time.monotonic() + GRACE_SECONDS
                child.kill() if end == "output" else child.interrupt()  # a flood must not be waited for
            elif end is not None and time.monotonic() > due:
                child.kill()
        cell.execution_count = message["content"]["execution_count"]
        if end:
            raise EndedError(self._number, end, self._limits)
        tags = cell.metadata.get("tags", [])
        if message["content"]["status"] == "error" and "raises-exception" not in tags:
            raise CellExecutionError.from_cell_and_msg(cell, message["content"])

    def _excess(self, child: _Child, due: float, which: End) -> End | None:
        if child.orphaned:
            return "orphan"
        if child.heard + child.written > self._limits.output:
            return "output"
        return which if time.monotonic() > due else None


def _is_code(cell: Any) -> bool:
    return (
        cell.cell_type == "code" and bool(cell.source.strip()) and "skip-execution" not in cell.metadata.get("tags", [])
    )


class _Child:
    """The forked child, its pipe, and the files that stand where its standard output and error stood."""

    def __init__(self, memory: int | None) -> None:
        self._memory = memory
        self.alive = True
        self.heard = 0

    def __enter__(self) -> _Child:
        from sampling.batch import kernel

        self._home = Path(tempfile.mkdtemp(prefix="sampling-run-"))
        self._captured = [os.open(self._home / name, os.O_RDWR | os.O_CREAT | os.O_APPEND) for name in ("out", "err")]
        self.pipe, theirs = Pipe()
        self._pid = os.fork()
        if self._pid == 0:
            self._become(kernel.serve, theirs)
        theirs.close()
        return self

    def _become(self, serve: Callable[..., NoReturn], theirs: Connection) -> NoReturn:
        try:
            self.pipe.close()
            serve(theirs, (self._captured[0], self._captured[1]), self._home / "ipython", self._memory)
        finally:
            os._exit(1)

    def __exit__(self, *error: object) -> None:
        self.kill()  # whatever the notebook has left running goes with it
        self.pipe.close()
        if self.alive:
            os.waitpid(self._pid, 0)
        for descriptor in self._captured:
            os.close(descriptor)
        shutil.rmtree(self._home, ignore_errors=True)

    @property
    def orphaned(self) -> bool:
        """Whether the command that started this run has ended: nobody waits for it."""
        parent = multiprocessing.parent_process()
        return parent is not None and not parent.is_alive()

    @property
    def written(self) -> int:
        """The bytes that subprocesses wrote where the terminal would be."""
        return sum(os.fstat(descriptor).st_size for descriptor in self._captured)

    def hear(self) -> dict[str, Any] | None:
        """Returns the child's next message, or None when it says nothing for a while or has died (then `alive` is false)."""
        if not wait([self.pipe], timeout=_TICK):
            return None
        try:
            data = self.pipe.recv_bytes()
        except (EOFError, OSError):
            os.waitpid(self._pid, 0)
            self.alive = False
            return None
        self.heard += len(data)
        return _parsed(data)

    def interrupt(self) -> None:
        """Interrupts the cell, as Ctrl-C does: it leaves a traceback."""
        self._signal(signal.SIGINT)

    def kill(self) -> None:
        """Kills the child and all that it has started."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        try:
            os.killpg(self._pid, number)
        except ProcessLookupError:  # it has not come to have a group of its own yet, or has gone
            if self.alive:
                os.kill(self._pid, number)


def _parsed(data: bytes) -> dict[str, Any]:
    from jupyter_client.session import json_unpacker

    message: dict[str, Any] = json_unpacker(data)
    return message
