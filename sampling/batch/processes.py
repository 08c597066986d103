"""The processes of a batch: each forked from one warm process, or started anew where a system cannot fork."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import forkserver
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sampling.batch.preloading import evidence_notebook, modules_of
from sampling.surroundings import environment

if TYPE_CHECKING:  # what runs need is read by the warm process while this one does other things
    from sampling.batch.worker import Heard, Task

_WARM = "sampling.batch.warm"
# The warm process is started with these, and every run inherits them: the same order of sets in each run, so that the same inputs
# give the same bytes, and one thread for linear algebra, since the runs themselves are what runs in parallel.
_SETTINGS = {"PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
_TICK = 1.0  # seconds; whoever waits longer than this looks whether the process is still there
_END_SECONDS = 10.0
KILLED = "The process of this run was killed, perhaps for want of memory. Nothing was kept; the other runs went on."


@dataclass(frozen=True)
class Running:
    """A run that goes on, and the line on which it is heard."""

    process: BaseProcess
    line: Connection

    def next(self) -> Heard:
        """Returns what the run tells next; when it has ended without a last word, that it was killed."""
        from sampling.batch.worker import Heard

        try:
            heard: Heard = self.line.recv()
        except (EOFError, OSError):
            return Heard("failed", KILLED)
        return heard

    def end(self, *, now: bool = False) -> None:
        """Waits for the process that has said its last word, or ends it `now`, with what it has started."""
        if now:
            self.process.terminate()
        self.process.join(_END_SECONDS)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self.line.close()


def can_fork() -> bool:
    """Returns whether this system has a warm process to fork from."""
    return "forkserver" in multiprocessing.get_all_start_methods()


def warm(notebook: Path | None = None) -> None:
    """Starts the warm process, where there can be one, ready for the runs of a notebook (that of the evidence packs), and does not wait for it.

    A command has one: when it is there already, it stays as it is, and the runs of another notebook import for themselves.
    """
    if can_fork():
        multiprocessing.get_context("forkserver").set_forkserver_preload(
            [*modules_of(notebook or evidence_notebook()), _WARM]
        )
        with environment(_SETTINGS), _no_main(), _silent():
            forkserver.ensure_running()


def start(task: Task) -> Running:
    """Starts one run."""
    from sampling.batch.worker import work

    forked = can_fork() and task.fork is not False
    context: Any = multiprocessing.get_context("forkserver" if forked else "spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=work, args=(task, theirs), daemon=False)
    with environment(_SETTINGS), _no_main():
        process.start()
    theirs.close()
    return Running(process, ours)


def ready(running: Sequence[Running]) -> list[Running]:
    """Returns the runs that have something to tell, or have ended; none after a second without either."""
    lines = {id(one.line): one for one in running}
    return [lines[id(line)] for line in wait([one.line for one in running], timeout=_TICK)]


@contextmanager
def _silent() -> Iterator[None]:
    """Gives what is started here no error stream: libraries report leaks there at their end, which nobody can act on."""
    held, nothing = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 2)
    os.close(nothing)
    try:
        yield
    finally:
        os.dup2(held, 2)
        os.close(held)


@contextmanager
def _no_main() -> Iterator[None]:
    """Keeps multiprocessing from reading the command's own script anew in each process: nothing of it is needed there."""
    main = sys.modules["__main__"]
    names: tuple[str, ...] = ("__file__", "__spec__")
    held: dict[str, Any] = {name: vars(main).pop(name) for name in names if name in vars(main)}
    main.__spec__ = None
    try:
        yield
    finally:
        vars(main).update(held)
