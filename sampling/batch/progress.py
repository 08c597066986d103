"""How far a batch is: a bar for each run on a terminal, a plain line for each run in a log."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn


class Watcher(Protocol):
    """Who is told how a batch goes on. `label` names a run."""

    def begun(self, runs: int, skipped: int) -> None:
        """So many runs are to be done; so many more need not be."""

    def started(self, label: str) -> None:
        """A run begins."""

    def cell(self, label: str, number: int, of: int) -> None:
        """A run is at its cell `number` of `of`."""

    def ended(self, label: str, message: str) -> None:
        """A run is done, or has failed with a message."""


class Lines:
    """Plain lines: for a log, where a bar would fill pages. A cell is not worth a line."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._runs = self._ended = 0

    def begun(self, runs: int, skipped: int) -> None:
        """Tells what is to be done."""
        self._runs = runs
        self._tell(f"{_packs(runs)} to do" + (f", {skipped:,} done before" if skipped else ""))

    def started(self, label: str) -> None:
        """Tells nothing."""

    def cell(self, label: str, number: int, of: int) -> None:
        """Tells nothing."""

    def ended(self, label: str, message: str) -> None:
        """Tells how the run ended."""
        self._ended += 1
        self._tell(f"{self._ended} of {self._runs}  {label}: {f'FAILED. {message}' if message else 'done'}")


class Bars:
    """Bars on a terminal: one for the batch, one for each run that goes on. Used in a `with` block."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console
        )
        self._all: TaskID | None = None
        self._runs: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def begun(self, runs: int, skipped: int) -> None:
        """Shows the bar of the batch."""
        self._all = self._progress.add_task("Packs" + (f" ({skipped:,} done before)" if skipped else ""), total=runs)

    def started(self, label: str) -> None:
        """Shows a bar for the run."""
        self._runs[label] = self._progress.add_task(f"  {label}", total=None)

    def cell(self, label: str, number: int, of: int) -> None:
        """Moves the run's bar."""
        self._progress.update(self._runs[label], completed=number, total=max(of, number))

    def ended(self, label: str, message: str) -> None:
        """Takes the run's bar away; a failure stays on the screen as a line."""
        if label in self._runs:
            self._progress.remove_task(self._runs.pop(label))
        if message:
            self._progress.console.print(f"{label}: FAILED. {message}", style="bold red", markup=False, highlight=False)
        if self._all is not None:
            self._progress.advance(self._all)


def _packs(number: int) -> str:
    return f"{number:,} pack" + ("" if number == 1 else "s")
