"""Run as a program by the test of killed batches: does the batch, and says so for each pack on standard output."""

from __future__ import annotations

import sys
from pathlib import Path

from sampling.batch.progress import Lines
from sampling.batch.runner import run_batch
from tests import batch_notebooks as small

TEAMS = ("North", "East", "South", "West", "Hill", "Dale", "Coast")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    order = small.order(Path(sys.argv[1]), Path(sys.argv[2]), *TEAMS, jobs=2, resume=True)
    sys.exit(run_batch(order, Lines(_say)).exit_code)
