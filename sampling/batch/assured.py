"""The assurance report of a span of months: three editions, which appear together or not at all, and what stays with pairs and leaders."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from secrets import token_hex

from sampling import __version__
from sampling.assurance.report.files import pair_files, patterns_file
from sampling.assurance.report.found import EDITIONS, Assurance
from sampling.assurance.report.opening import PURPOSE, open_assurance
from sampling.assurance.report.period import folder_of, length_of, span_of
from sampling.assurance.report.releasing import keep_release
from sampling.batch import processes
from sampling.batch.folder import EARLIER, LOCKS, one_batch, settle
from sampling.batch.rendering import PAGE
from sampling.batch.worker import RUN, Task
from sampling.chain import parse_json
from sampling.errors import NotebookError, UsageError
from sampling.policy import shared_folder
from sampling.reporting.deciding import WAIT_SECONDS, deciding, standing
from sampling.reporting.held import hold, pack_up
from sampling.storage import whole_folder

NOTEBOOK = "06_assurance.ipynb"
TEMPLATE = "assurance.html.j2"
REPORTS, ASSURANCE = "reports", "assurance"
PAIRS, PATTERNS = "pairs", "patterns.json"
_PRIVATE = ("draws", "journal", "extract", "brought")  # a path can carry a name or number


@dataclass(frozen=True)
class AssuranceOrder:
    """What a report is asked for: the folder of draws, and what the notebook's parameters of the same names mean. `suppression` is for the
    commissioner's edition alone.
    """

    home: Path
    period: str
    today: date
    journal: str = ""
    source: str = ""
    extension: str = ""
    extract_day: str = ""
    policy: str = "strictest"
    suppression: str = ""
    brought: str = ""
    pdf: bool = True

    @property
    def folder(self) -> Path:
        """Returns where the editions go: with the other reports of the span's last month, whose retention is theirs."""
        window = span_of(self.period)
        return self.home.absolute() / REPORTS / f"{window.last:%Y-%m}" / f"{ASSURANCE}-{length_of(window)}"

    @property
    def private(self) -> Path:
        """Returns where lies what the scoring service shows to a pair, or to leaders, alone."""
        return self.home.absolute() / ASSURANCE / folder_of(span_of(self.period))


def assurance_report(order: AssuranceOrder) -> Mapping[str, str]:
    """Makes the editions and returns edition -> its page. An earlier report of the span gives way as a whole, once the new one is there.

    What the commissioner sees is decided, and kept, before a page is made. Raises what open_assurance raises, and NotebookError with the
    cell's plain message when a cell fails: then an earlier report stays as it was.
    """
    out = order.folder
    _check(out)
    known = standing(order.home)
    found = _opened(order)
    with one_batch(out.parent, wait=WAIT_SECONDS):  # a scheduler may begin the month's and the quarter's together
        settle(out.parent)
        found = _released(order, found, known)
        with _swapped(out) as folder:
            _made([_task(order, edition, folder / edition, found) for edition in EDITIONS])
            shutil.rmtree(folder / LOCKS, ignore_errors=True)
    with deciding(order.home):
        _write_private(order.private, found)
    return {edition: str(out / edition / PAGE) for edition in EDITIONS}


def _released(order: AssuranceOrder, found: Assurance, known: object) -> Assurance:
    """Returns what the report shows, which is kept from now on. What was opened is opened anew where another release came meanwhile."""
    with deciding(order.home):
        if standing(order.home) != known:
            found = _opened(order)
        keep_release(found)
    return found


def _opened(order: AssuranceOrder) -> Assurance:
    """Returns what the commissioner's edition is made from: it is the one that can be refused."""
    return open_assurance(
        str(order.home), purpose=PURPOSE, edition="commissioner", suppression=order.suppression, source=order.source,
        extension=order.extension, extract_day=order.extract_day, **_asked(order),
    )  # fmt: skip


def _asked(order: AssuranceOrder) -> dict[str, str]:
    return {
        "period": order.period, "today": order.today.isoformat(), "policy": order.policy, "journal": order.journal, "brought": order.brought,
    }  # fmt: skip


def _task(order: AssuranceOrder, edition: str, folder: Path, found: Assurance) -> Task:
    extract = {"source": order.source, "extension": order.extension, "day": order.extract_day}
    parameters = {
        "draws": str(order.home.absolute()), "purpose": PURPOSE, "edition": edition, "extract": extract,
        "suppression": order.suppression if edition == "commissioner" else "", **_asked(order),
    }  # fmt: skip
    about = {"title": "", "software": f"sampling {__version__}", "data": found.material.gathered.digest, "keep": ""}
    notebook = shared_folder("notebooks") / NOTEBOOK
    held = partial(hold, pack_up(order.home.absolute(), order.journal, order.today, found.material.gathered))
    return Task(
        notebook, folder, parameters, about, _PRIVATE, TEMPLATE, order.pdf, environment=dict(os.environ), before=held
    )


def _made(tasks: Sequence[Task]) -> None:
    """Makes the editions side by side. Raises NotebookError with the message of the first that fails, and ends the others."""
    processes.warm(tasks[0].notebook)
    running = [processes.start(task) for task in tasks]
    try:
        for one in running:
            heard = one.next()
            while heard.kind == "cell":
                heard = one.next()
            if heard.kind != "done":
                raise NotebookError(heard.message)
    except BaseException:
        for one in running:
            one.end(now=True)
        raise
    for one in running:
        one.end()


@contextmanager
def _swapped(out: Path) -> Iterator[Path]:
    """Gives a folder that takes the place of `out` as a whole at the end, as that of a pack does (worker)."""
    earlier = out.with_name(f".{out.name}.{token_hex(6)}{EARLIER}")
    try:
        with whole_folder(out) as folder:
            yield folder
            if out.exists():
                os.rename(out, earlier)
    except BaseException:
        if earlier.exists() and not out.exists():
            os.rename(earlier, out)
        raise
    shutil.rmtree(earlier, ignore_errors=True)


def _write_private(out: Path, found: Assurance) -> None:
    """Writes what only a pair, or leaders, may read, for this computer's own account alone: 0600, in folders of 0700. What a killed command left
    goes away: an earlier folder is not to outlive its term beside the new one. The caller holds the home.
    """
    if out.parent.is_dir():
        settle(out.parent)
        shutil.rmtree(out.parent / LOCKS, ignore_errors=True)
    with _swapped(out) as folder:
        (folder / PAIRS).mkdir(mode=0o700)
        folder.chmod(0o700)
        for person, text in pair_files(found).items():
            _write(folder / PAIRS / f"{person}.json", text)
        _write(folder / PATTERNS, patterns_file(found))


def _write(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)


def _check(out: Path) -> None:
    """Raises UsageError where something other than an earlier report lies."""
    if out.exists() and not all(_is_edition(out / edition) for edition in EDITIONS):
        raise UsageError(
            f"The report cannot go there: {REPORTS}/{out.parent.name}/{out.name} holds other files. Move them away."
        )


def _is_edition(folder: Path) -> bool:
    try:
        about = parse_json((folder / RUN).read_text(encoding="utf-8"))["metadata"]["sampling"]["notebook"]
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return bool(about == NOTEBOOK)
