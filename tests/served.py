"""`sampling score` with what it has no option for, since only tests and measurements need it: other rubrics, kernels that end sooner,
and a clock that stands still.

python tests/served.py [--rubrics FOLDER] [--cull SECONDS] [--at TIME] score DIR …
"""

from __future__ import annotations

import argparse
import sys
from datetime import datetime
from pathlib import Path

from sampling import cli
from sampling.scoring import clock, ground, launch


def main() -> int:
    """Sets what is asked for, then runs the command as it is."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rubrics", type=Path)
    parser.add_argument("--cull", type=int)
    parser.add_argument("--at", type=datetime.fromisoformat)
    options, words = parser.parse_known_args()
    if options.cull:
        launch.CULL_SECONDS, launch.CULL_EVERY_SECONDS = options.cull, 1
    if options.at:
        clock.now = lambda: options.at
    if options.rubrics:
        folder = options.rubrics.absolute()
        ground.shared_folder = lambda _: folder
    return cli.main(words)


if __name__ == "__main__":
    sys.exit(main())
