"""A batch: many runs of one notebook, some at a time, each alone in its process; what is done is known by digest.

The packs of a batch lie in one folder: `<run>/pack.html`, `pack.pdf`, `pack.ipynb` and `tables/` for each run, `manifest.json`, and
`index.html`. A run that fails leaves an earlier pack of its own as it was, and says why in the index.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from sampling import __version__
from sampling.batch import index, manifest, processes
from sampling.batch.folder import check_folder, folder_names, one_batch, others, settle
from sampling.batch.limits import Limits, check_jobs
from sampling.batch.manifest import Digests, Row
from sampling.batch.notebooks import check_parameters
from sampling.batch.progress import Watcher
from sampling.batch.rendering import TEMPLATE
from sampling.batch.worker import Heard, Task
from sampling.errors import NotebookError, StorageError, UsageError

FREE_MB = 200  # that must be free on the disk before a run begins: a pack takes under one


@dataclass(frozen=True)
class Run:
    """One run: its label for people, such as a team's name, its parameters, the digest of the data that it reads, and what its page
    says above the results (title, lead, facts as pairs of name and value); `more` is for a template that shows more than that. `folder` is
    the name of its folder where the label does not decide it; `outside`: the pack may leave the service.
    """

    label: str
    parameters: Mapping[str, object]
    data: str
    title: str
    lead: str = ""
    facts: Sequence[tuple[str, str]] = ()
    more: Mapping[str, str] = field(default_factory=dict)
    folder: str = ""
    outside: bool = False


@dataclass(frozen=True)
class BatchOrder:
    """What a batch is asked for. `of` says what its packs are, as "audit packs of 2026-10": a folder holds one kind. `private` names the parameters that no file may hold and no digest follows from (where the journal
    lies, say: `data` stands for what is in it). `template` is the page's; `pdf=False` leaves the PDF out, which takes longer than all else.
    `fork=False` does without a warm process, as on Windows. `before` is called in the process of each run before its notebook, whose cells run in
    a fork of it: what all runs share (without a fork the notebook finds it for itself). It must not change what a run makes.
    """

    title: str
    notebook: Path
    runs: Sequence[Run]
    out: Path
    of: str = ""
    private: Sequence[str] = ()
    template: str = TEMPLATE
    pdf: bool = True
    jobs: int = 1
    resume: bool = False
    limits: Limits = field(default_factory=Limits)
    free: int = FREE_MB * 2**20
    fork: bool | None = None
    before: Callable[[], None] | None = None


@dataclass(frozen=True)
class BatchResult:
    """How each run of a batch ended, in the order of the runs, where the index is, and what lies there that is not of this batch."""

    outcomes: tuple[index.Outcome, ...]
    page: Path
    others: tuple[index.Other, ...] = ()

    @property
    def failed(self) -> tuple[index.Outcome, ...]:
        """The runs without a pack of this batch."""
        return tuple(one for one in self.outcomes if one.state == "failed")

    @property
    def exit_code(self) -> int:
        """0, or the code of NotebookError when any run failed: a scheduled job can tell."""
        return NotebookError.exit_code if self.failed else 0


def run_batch(order: BatchOrder, watcher: Watcher) -> BatchResult:
    """Does the runs of a batch and returns how they ended; a run that fails fails alone.

    With `resume` a run whose pack stands, made from the same notebook, parameters, data and code, is not done again. Raises UsageError
    for an order or a folder that cannot be, NotebookError for a parameter that the notebook does not have (before any run), StateError where another
    batch is at work in the folder, StorageError when the disk has too little room. An interrupt ends all runs, keeps what is done, and is raised.
    """
    _refuse(order)
    check_folder(order.out, order.of)
    processes.warm(order.notebook) if order.fork is not False else None
    for run in order.runs:
        check_parameters(order.notebook, run.parameters)
    with one_batch(order.out):
        settle(order.out)
        _refuse_full_disk(order)
        manifest.begin(order.out, order.of)
        return _Batch(order, watcher).run()


def _refuse(order: BatchOrder) -> None:
    check_jobs(order.jobs)
    if not order.runs:
        raise UsageError("There is nothing to run: the month has no team with a case that is scored.")
    if len(set(_folders(order).values())) < len(order.runs):
        raise UsageError("Two runs have the same name. Give each a name of its own.")


def _folders(order: BatchOrder) -> dict[str, str]:
    return folder_names({run.label: run.folder for run in order.runs})


def _refuse_full_disk(order: BatchOrder) -> None:
    free = shutil.disk_usage(order.out).free
    if free < order.free:
        raise StorageError(
            f"The disk has {free / 2**20:,.0f} MB free, and a batch needs {order.free / 2**20:,.0f} MB. Make room, then run it again "
            "with --resume: what is done stays."
        )


class _Batch:
    """One batch that goes on."""

    def __init__(self, order: BatchOrder, watcher: Watcher) -> None:
        self._order = order
        self._watcher = watcher
        self._code = manifest.digest_of_code()
        self._notebook = sha256(order.notebook.read_bytes()).hexdigest()
        self._folders = _folders(order)
        self._rows = manifest.read(order.out)
        self._others = others(order.out, set(self._folders.values()), self._rows)
        self._outcomes: dict[str, index.Outcome] = {}
        for run in order.runs:
            self._note(run, "waiting")

    def run(self) -> BatchResult:
        order, waiting = self._order, []
        for run in order.runs:
            if order.resume and manifest.stands(
                order.out, self._rows.get(self._folders[run.label]), self._digests(run)
            ):
                self._note(run, "done")
            else:
                waiting.append(run)
        self._watcher.begun(len(waiting), len(order.runs) - len(waiting))
        self._write_index()
        self._all(waiting)
        return BatchResult(tuple(self._outcomes.values()), order.out / index.INDEX, self._others)

    def _all(self, waiting: list[Run]) -> None:
        going: dict[int, tuple[Run, processes.Running]] = {}
        try:
            while waiting or going:
                while waiting and len(going) < self._order.jobs:
                    run = waiting.pop(0)
                    self._watcher.started(run.label)
                    running = processes.start(self._task(run))
                    going[id(running)] = (run, running)
                for running in processes.ready([one for _, one in going.values()]):
                    run, _ = going[id(running)]
                    if self._hear(run, running.next()):
                        running.end()
                        del going[id(running)]
        finally:
            for _, running in going.values():
                running.end(now=True)

    def _hear(self, run: Run, heard: Heard) -> bool:
        """Takes in what a run tells, and returns whether it has ended."""
        if heard.kind == "cell":
            self._watcher.cell(run.label, heard.number, heard.of)
            return False
        message = "" if heard.kind == "done" else heard.message
        if heard.kind != "busy":  # another batch's run will say how it ended
            row = Row(
                label=run.label,
                folder=self._folders[run.label],
                digests=self._digests(run),
                state="failed" if message else "done",
                message=message,
                files=dict(heard.files),
            )
            manifest.put(self._order.out, row)
        self._note(run, "failed" if message else "done", message)
        self._write_index()
        self._watcher.ended(run.label, message)
        return True

    def _note(self, run: Run, state: index.State, message: str = "") -> None:
        self._outcomes[run.label] = index.Outcome(run.label, self._folders[run.label], state, message, run.outside)

    def _write_index(self) -> None:
        order, outcomes = self._order, tuple(self._outcomes.values())
        index.write(order.out, index.page(order.title, outcomes, self._others, pdf=order.pdf))

    def _task(self, run: Run) -> Task:
        about: dict[str, Any] = {"title": run.title, "lead": run.lead, "facts": tuple(run.facts), "data": run.data}
        return Task(
            notebook=self._order.notebook,
            folder=self._order.out.absolute() / self._folders[run.label],
            parameters=run.parameters,
            about={**run.more, **about, "software": f"sampling {__version__}"},
            template=self._order.template,
            pdf=self._order.pdf,
            private=tuple(self._order.private),
            limits=self._order.limits,
            environment=dict(os.environ),
            fork=self._order.fork,
            before=self._order.before,
        )

    def _digests(self, run: Run) -> Digests:
        public = {name: value for name, value in run.parameters.items() if name not in self._order.private}
        page = {
            "template": self._order.template,
            "pdf": self._order.pdf,
            "more": dict(run.more),
            "title": run.title,
            "lead": run.lead,
            "facts": [list(pair) for pair in run.facts],
        }
        return Digests(
            notebook=self._notebook,
            parameters=manifest.digest_of({"parameters": public, "page": page}),
            data=run.data,
            code=self._code,
        )
