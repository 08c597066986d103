"""`sampling score` with what it has no option for, since only tests and measurements need it: other rubrics, kernels that end sooner,
a clock that stands still, and a disk that is full.

python tests/served.py [--rubrics FOLDER] [--cull SECONDS] [--at TIME] [--full FILE] score DIR …
"""

from __future__ import annotations

import argparse
import sys
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, event

from sampling import cli
from sampling.scoring.parts import ground
from sampling.scoring.server import clock, launch


def main() -> int:
    """Sets what is asked for, then runs the command as it is."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rubrics", type=Path)
    parser.add_argument("--cull", type=int)
    parser.add_argument("--at", type=datetime.fromisoformat)
    parser.add_argument("--full", type=Path, help="while this file is there, SQLite gets no more room")
    options, words = parser.parse_known_args()
    if options.cull:
        launch.CULL_SECONDS, launch.CULL_EVERY_SECONDS = options.cull, 1
    if options.at:
        clock.now = lambda: options.at
    if options.full:
        event.listen(Engine, "begin", lambda connection: connection.exec_driver_sql(_room(options.full)))
    if options.rubrics:
        folder = options.rubrics.absolute()
        ground.shared_folder = lambda _: folder
    return cli.main(words)


def _room(full: Path) -> str:
    """Returns what gives SQLite no page more than it has (sqlite.org/pragma.html#pragma_max_page_count), or as many as it likes."""
    return f"PRAGMA max_page_count={1 if full.exists() else 2**31 - 2}"


if __name__ == "__main__":
    sys.exit(main())
