"""Work in a child of this process, which may be killed in the midst of it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable


def child(work: Callable[[], None]) -> int:
    """Returns the wait status of a child that does the work."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            work()
            status = 0
        except BaseException as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
        finally:
            sys.stderr.flush()
            os._exit(status)
    return os.waitpid(pid, 0)[1]
