"""One command at a time decides what leaves a home: two at once would each know nothing of the other's release, and both would leave."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from sampling.errors import StateError
from sampling.reporting.kept import FOLDER

LOCK = ".lock"
WAIT_SECONDS = 1200.0  # a batch of forty teams decides for two minutes on a small machine


@contextmanager
def deciding(home: Path) -> Iterator[None]:
    """Holds the releases of a home while one is decided and kept; waits for another command that has them. May be held within itself.

    Raises StateError where another command does not end.
    """
    folder = home.absolute() / FOLDER  # a lock held within itself is known by its whole path
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / LOCK, timeout=WAIT_SECONDS, is_singleton=True):
            yield
    except Timeout:
        raise StateError(
            "Another command is deciding what may leave this service, and has not ended for twenty minutes. Nothing was changed by this "
            "one. End the other, then run the command again."
        ) from None


def standing(home: Path) -> tuple[tuple[str, int, int], ...]:
    """Returns what the releases of a home are now: (place, size, time of change) of each file, in order. Equal means that none was added."""
    files = sorted(path for path in (home / FOLDER).rglob("*.json"))
    return tuple(
        (path.relative_to(home).as_posix(), one.st_size, one.st_mtime_ns) for path in files for one in (path.stat(),)
    )
