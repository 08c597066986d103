"""What can go wrong with a journal, in words, whichever engine keeps it. The driver's own text is never shown: it may hold a value."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from sampling.errors import SamplingError, StateError, StorageError


class BusyError(StateError):
    """The journal could not be written to just now. Nothing was stored: the same call may be made again."""


class DraftError(StateError):
    """An event cannot be stored as it is; the message says which and why."""


BUSY = "The journal is busy: another writer has held it for several seconds. Nothing was stored. Try again."
UNREACHABLE = "The journal's database cannot be reached just now. Nothing was stored. Try again."
FULL = "There is no room left to write the journal. Nothing of this change was stored. Free some space, then try again."
UNWRITABLE = (
    "The computer refused to write the journal: the disk failed, or the file may not be written. Nothing of this change was"
    " stored. Check the disk and the file's permissions, then try again."
)
DAMAGED = "The journal's file is damaged or is no journal. Restore it from your backup: sampling journal restore FILE --to WHERE"
NO_RIGHTS = "The database user may not make or write the journal's tables. Ask its administrator for CREATE rights on the schema."
MOVED = "The journal's file was moved, deleted or replaced while it was open. Nothing was stored. Put it back, then start the program anew."
REFUSED = "The database refused to work on the journal (code {}). Nothing was stored. Ask its administrator."

# SQLite's primary result codes (sqlite.org/rescode.html), the low byte of the extended ones.
_SQLITE: dict[int, tuple[type[SamplingError], str]] = {
    5: (BusyError, BUSY),
    6: (BusyError, BUSY),
    13: (StorageError, FULL),
    3: (StorageError, UNWRITABLE),
    8: (StorageError, UNWRITABLE),
    10: (StorageError, UNWRITABLE),
    14: (StorageError, UNWRITABLE),
    11: (StateError, DAMAGED),
    26: (StateError, DAMAGED),
}
# Classes and codes of SQLSTATE (PostgreSQL documentation, appendix A).
_POSTGRES: dict[str, tuple[type[SamplingError], str]] = {
    "55P03": (BusyError, BUSY),
    "40001": (BusyError, BUSY),
    "40P01": (BusyError, BUSY),
    "57014": (BusyError, BUSY),
    "42501": (StateError, NO_RIGHTS),
    "3F000": (StateError, NO_RIGHTS),
    "53100": (StorageError, FULL),
    "08": (BusyError, UNREACHABLE),
    "53": (BusyError, UNREACHABLE),
    "57P": (BusyError, UNREACHABLE),
}


def in_words(error: DBAPIError) -> SamplingError:
    """Returns the error of ours for one of the driver's."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        kind, words = _SQLITE.get(int(code) & 0xFF, (StateError, REFUSED.format(f"SQLite {code}")))
        return kind(words)
    state = getattr(error.orig, "sqlstate", None)
    if state is None and isinstance(error, OperationalError | InterfaceError):
        return BusyError(UNREACHABLE)
    for length in (5, 3, 2):
        if found := _POSTGRES.get(str(state)[:length]):
            return found[0](found[1])
    return StateError(REFUSED.format(state or type(error.orig).__name__))


@contextmanager
def plainly() -> Iterator[None]:
    """Turns what the database raises inside the block into an error of ours."""
    try:
        yield
    except PoolTimeout:
        raise BusyError(BUSY) from None
    except DBAPIError as error:
        raise in_words(error) from None
    except UnicodeDecodeError:  # SQLite quotes a damaged schema in its error, and Python cannot read that
        raise StateError(DAMAGED) from None
