"""`sampling score` with what it has no option for, since only tests and measurements need it: other rubrics, and kernels that end sooner.

python tests/served.py [--rubrics FOLDER] [--cull SECONDS] score DIR …
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from sampling import cli
from sampling.scoring import ground, launch


def main() -> int:
    """Sets what is asked for, then runs the command as it is."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rubrics", type=Path)
    parser.add_argument("--cull", type=int)
    options, words = parser.parse_known_args()
    if options.cull:
        launch.CULL_SECONDS, launch.CULL_EVERY_SECONDS = options.cull, 1
    if options.rubrics:
        folder = options.rubrics.absolute()
        ground.shared_folder = lambda _: folder
    return cli.main(words)


if __name__ == "__main__":
    sys.exit(main())
