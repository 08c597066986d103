"""`python -m sampling` is the command `sampling`."""

import sys

from sampling.cli import main

sys.exit(main())
