"""Many writers, each a process of its own: each appends its own events to a journal and says what was acknowledged.

Started by test_journal_writers.py. One program that has read its libraries makes all the others (fork), which then open the journal
themselves: twenty that read pandas and SQLAlchemy at once would be a test of that.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
from multiprocessing.synchronize import Barrier
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from sampling.journal.faults import BusyError  # noqa: E402
from sampling.journal.store import Draft, Journal, Receipt  # noqa: E402
from tests.journals import later, opener, rated  # noqa: E402

_FORK = multiprocessing.get_context("fork")


def main() -> None:
    """Starts the writers together, and prints what was acknowledged to each: (id, sequence, status)."""
    where, folder, writers, count = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    together = _FORK.Barrier(writers)
    running = [_FORK.Process(target=write, args=(where, folder, number, count, together)) for number in range(writers)]
    for one in running:
        one.start()
    for one in running:
        one.join()
    faults = [one.exitcode for one in running if one.exitcode]
    acknowledged = [json.loads((folder / f"{number}.json").read_text()) for number in range(writers) if not faults]
    print(json.dumps({"faults": faults, "acknowledged": acknowledged}))


def write(where: str, folder: Path, number: int, count: int, together: Barrier) -> None:
    """Appends `count` ratings, each by itself: half to a review of the writer's own, half to one that all share."""
    journal = Journal.open(where, opener(f"{number:064x}"))
    acknowledged = []
    together.wait(120)
    for step in range(count):
        own = step % 2 == 0
        draft = Draft(
            **{
                **vars(rated(step % 4, step // 2)),
                "id": f"{number:016x}{step:016x}",
                "actor": f"{number:064x}",
                "review": f"{number:032x}" if own else "f" * 32,
            }
        )
        receipt = until_stored(journal, draft, step)
        acknowledged.append([receipt.id, receipt.sequence, receipt.status])
    journal.close()
    (folder / f"{number}.json").write_text(json.dumps(acknowledged))


def until_stored(journal: Journal, draft: Draft, step: int) -> Receipt:
    """Returns the receipt of a draft, handed in again whenever the journal was busy."""
    while True:
        try:
            return journal.append([draft], now=later(step))[0]
        except BusyError:
            continue


if __name__ == "__main__":
    main()
