"""Ends a writer of a journal at every moment, in forked children, and looks at what is left. Started by test_journal_kill.py.

  steps    SIGKILL before the n-th instruction of SQLite's virtual machine, for n over a whole append, and over the making of a journal
  torn     the kernel kills the writer at the n-th byte that it adds to a file (RLIMIT_FSIZE with SIGXFSZ at its default), for n over an append
  random   SIGKILL at random moments of a writer that appends without end and says what was acknowledged
  full     no kill: at the n-th byte the disk is full, and the writer goes on

Prints one JSON line. The parent has the libraries imported and no connection open, so that a fork is sound.
"""

from __future__ import annotations

import json
import os
import random
import resource
import select
import shutil
import signal
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import alembic.command  # noqa: E402, F401  imported before the forks, so that each child starts at once
from sqlalchemy import Engine, event  # noqa: E402

from sampling.errors import StorageError  # noqa: E402
from sampling.journal.store import Draft, Journal  # noqa: E402
from tests.forked import child  # noqa: E402
from tests.journals import NOW, commented, opener, rated  # noqa: E402

STEP = 5  # every 5th instruction: an append has some 750
MAKING_STEP = 29  # the making of a journal has some 1,700
BYTES = 509  # a frame of the write-ahead log has 4,120: each is torn at eight places, never the same
KILLS = 40


def batch(base: int) -> list[Draft]:
    """Returns three drafts that are stored together or not at all."""
    return [rated(base % 4, base), rated((base + 1) % 4, base + 1), commented(f"words {base}", base // 2)]


def killed_at(moment: int) -> Callable[[sqlite3.Connection, object], None]:
    """Returns what makes each new connection count its instructions and end this process before the moment-th."""
    count = 0

    def tick() -> int:
        nonlocal count
        count += 1
        if count == moment:
            os.kill(os.getpid(), signal.SIGKILL)
        return 0

    return lambda connection, _: connection.set_progress_handler(tick, 1)


def append(where: Path, drafts: list[Draft]) -> None:
    """Appends the drafts, in a journal that is made where there is none."""
    with closing(Journal.open(where, opener(), create_at=NOW)) as journal:
        journal.append(drafts, now=NOW)
        journal.head()  # so that some are killed after the commit, too


def left(where: Path, drafts: list[Draft], before: set[str]) -> tuple[str, str]:
    """Returns what a killed append left behind ("before" or "after"), and what is wrong with it, if anything is."""
    with closing(Journal.open(where, opener(), create_at=NOW)) as journal:
        verified = journal.verify()
        ids = {entry.id for entry in journal.entries(after=1)}
        if not verified.ok:
            return "", f"does not verify: {verified.why}"
        if ids not in (before, before | {draft.id for draft in drafts}):
            return "", f"{len(ids - before)} of {len(drafts)} entries were stored"
        again = journal.append(drafts, now=NOW)
        if {receipt.status for receipt in again} != {"stored" if ids == before else "known"} or not journal.verify().ok:
            return "", "could not be done again"
    return ("before" if ids == before else "after"), ""


def try_moments(
    name: str, base: Path | None, scratch: Path, arrange: Callable[[int], None], step: int
) -> dict[str, object]:
    """Returns how many moments were tried, on which sides of the commit, and the faults. Ends when a child got to its end."""
    faults, seen, moment, tries = [], set(), 1, 0
    before: set[str] = set()
    if base is not None:
        with closing(Journal.open(base / "journal.sqlite", opener())) as journal:
            before = {entry.id for entry in journal.entries(after=1)}
    while True:
        folder = scratch / f"{name}-{moment}"
        shutil.copytree(base, folder) if base else folder.mkdir(mode=0o700)
        drafts = batch(2 if base else 0)

        def work(moment: int = moment, folder: Path = folder, drafts: list[Draft] = drafts) -> None:
            arrange(moment)
            append(folder / "journal.sqlite", drafts)

        status = child(work)
        if status == 0:
            break
        tries += 1
        if not os.WIFSIGNALED(status):
            faults.append(f"moment {moment}: the append failed by itself")
            break
        side, fault = left(folder / "journal.sqlite", drafts, before)
        seen.add(side)
        faults += [f"moment {moment}: {fault}"] if fault else []
        shutil.rmtree(folder)
        moment += step
    return {"name": name, "tries": tries, "seen": sorted(seen), "faults": faults}


def by_instruction(moment: int) -> None:
    """Arranges that this process is killed before the moment-th instruction."""
    event.listen(Engine, "connect", killed_at(moment))


def by_byte(moment: int) -> None:
    """Arranges that the kernel kills this process at the moment-th byte of any file."""
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (moment, moment))


def started(scratch: Path) -> Path:
    """Returns a folder with a journal that has a few entries."""
    base = scratch / "base"
    append(base / "journal.sqlite", batch(0))
    return base


def endless(where: Path, pipe: int) -> None:
    """Appends batches without end, and writes the ids of each to the pipe once it is acknowledged."""
    with closing(Journal.open(where, opener(), create_at=NOW)) as journal:
        base = len(journal.entries(after=1))
        while True:
            drafts = [rated(number % 4, -1) for number in range(base, base + 3)]
            journal.append(drafts, now=NOW)
            os.write(pipe, "".join(f"{draft.id}\n" for draft in drafts).encode())


def at_random(scratch: Path) -> dict[str, object]:
    """Returns what was lost of a journal whose writer was killed again and again."""
    where = scratch / "random" / "journal.sqlite"
    pick = random.Random(20261103)
    acknowledged: set[str] = set()
    faults: list[str] = []
    for kill in range(KILLS):
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reading)
            import tests.journals as journals

            journals._ids = iter(range(10**12 * (kill + 1), 10**13 * (kill + 1)))  # type: ignore[assignment]
            try:
                endless(where, writing)
            finally:
                os._exit(1)
        os.close(writing)
        select.select([reading], [], [], 30)  # the first batch is acknowledged: now it may end at any moment
        moment = time.monotonic() + pick.uniform(0, 0.03)
        while time.monotonic() < moment:
            pass
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        with os.fdopen(reading, "rb") as pipe:
            acknowledged |= {line.decode() for line in pipe.read().split()}
        with closing(Journal.open(where, opener())) as journal:
            verified, entries = journal.verify(), journal.entries(after=1)
        stored = {entry.id for entry in entries}
        faults += [] if verified.ok else [f"kill {kill}: {verified.why}"]
        faults += (
            []
            if acknowledged <= stored
            else [f"kill {kill}: {len(acknowledged - stored)} acknowledged entries are lost"]
        )
        faults += [] if len(entries) % 3 == 0 else [f"kill {kill}: a batch is half-stored"]
    return {"name": "random", "tries": KILLS, "acknowledged": len(acknowledged), "faults": faults}


def full(scratch: Path) -> dict[str, object]:
    """Returns what a writer was told, and what was stored, on a disk that is full at ever later bytes."""
    base = started(scratch)
    faults: list[str] = []
    words: set[str] = set()
    refused = stored = 0
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    with closing(Journal.open(base / "journal.sqlite", opener())) as journal:
        for limit in range(BYTES, 200_000, 7 * BYTES):
            count = journal.head()[0]
            drafts = [rated(number % 4, -1) for number in range(3)]
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limits[1]))
            try:
                journal.append(drafts, now=NOW)
                stored += 1
                expected = count + 3
            except StorageError as error:
                refused += 1
                words.add(str(error))
                expected = count
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, limits)
            outcome = journal.verify()
            if not outcome.ok or outcome.entries != expected:
                faults.append(f"limit {limit}: {outcome.entries} entries instead of {expected}; {outcome.why}")
    return {"faults": faults, "refused": refused, "stored": stored, "words": sorted(words)}


def main() -> None:
    """Runs the part that is asked for."""
    part, scratch = sys.argv[1], Path(sys.argv[2])
    os.environ["SAMPLING_HOME"] = str(scratch / "private")
    parts: dict[str, Callable[[], dict[str, object]]] = {
        "steps": lambda: try_moments("steps", started(scratch), scratch, by_instruction, STEP),
        "making": lambda: try_moments("making", None, scratch, by_instruction, MAKING_STEP),
        "torn": lambda: try_moments("torn", started(scratch), scratch, by_byte, BYTES),
        "random": lambda: at_random(scratch),
        "full": lambda: full(scratch),
    }
    print(json.dumps(parts[part]()))


if __name__ == "__main__":
    main()
