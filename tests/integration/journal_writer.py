"""One of many writers: appends its own events to a journal, and prints what was acknowledged. Started by test_journal_writers.py."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from sampling.journal.faults import BusyError  # noqa: E402
from sampling.journal.store import Draft, Journal  # noqa: E402
from tests.journals import later, opener, rated  # noqa: E402


def main() -> None:
    """Appends `count` ratings, each by itself: half to a review of the writer's own, half to one that all share."""
    where, number, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    journal = Journal.open(where, opener(f"{number:064x}"))
    acknowledged, busy, times = [], 0, []
    sys.stdin.readline()  # all begin at once
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
        while True:
            began = time.perf_counter()
            try:
                [receipt] = journal.append([draft], now=later(step))
                break
            except BusyError:
                busy += 1
        times.append(time.perf_counter() - began)
        acknowledged.append([receipt.id, receipt.sequence, receipt.status])
    journal.close()
    print(json.dumps({"acknowledged": acknowledged, "busy": busy, "slowest": max(times)}))


if __name__ == "__main__":
    main()
