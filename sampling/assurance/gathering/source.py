"""Opens the extract that assurance is asked to read, and refuses one that is faulty or of another service."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from pathlib import Path

from sampling.assurance.gathering.extract import Extracted
from sampling.errors import SourceError
from sampling.keys import Keyring
from sampling.model import Extract
from sampling.page.words import counted, day_of
from sampling.scoring.settings.draws import Draw
from sampling.sources.opening import open_extract

STRANGER = (
    "Nobody and no case of the draws is in that extract: its keys and theirs do not meet. Name an extract of the same service in the same "
    "format, read with the same secret (SAMPLING_HOME, SAMPLING_SECRET) as at the draws."
)
FAULTY = "The extract has {errors} that would make these figures wrong ({codes}). Run: sampling check, mend them, and try again."
OLDER = "The extract ends on {ends}, before the newest draw of {drawn}: what came later is not in it."
ENDS = "The extract ends on {ends}: what the record holds of the days since is not known here."
NO_EXTENSION = "Extension tables are not read beside a database: give them as tables or views of it."
UNDATED = "Until when the extract goes is not known: nothing in it that is absent is read as not done."


def open_whole(source: str, keyring: Keyring, *, extension: str, format: str, day: date | None) -> Extract:
    """Returns the extract without its notes. `day` is that of the extract, where it does not say.

    Raises SourceError where there is none, or it has an error that would stop a draw: its codes are named, no cell of it is.
    """
    beside = Path(extension) if extension else None
    extract = open_extract(source, keyring, format=format or None, extension=beside, as_of=day)
    if extract.errors:
        codes = ", ".join(sorted({one.code for one in extract.errors}))
        raise SourceError(FAULTY.format(errors=counted(len(extract.errors), "error"), codes=codes))
    return extract


def check_meets(found: Extracted, drawn: Sequence[Draw], present: Collection[str]) -> None:
    """Raises SourceError where the extract has none of the draws' cases and people. `present` are the keys of those in post at a draw."""
    ours = {key for draw in drawn for case in draw.cases for key in (case.case_key, case.practitioner_key)} | set(
        present
    )
    theirs = {one.person for one in found.staff} | {one.case for one in found.cases}
    theirs |= {one.person for one in found.allocations or ()}
    if ours and not ours & theirs:
        raise SourceError(STRANGER)


def days_untold(extract: Extract, drawn: Sequence[Draw], today: date) -> tuple[str, ...]:
    """Returns what must be said of the day on which the extract ends; a database is read as it is today."""
    if extract.connection:
        return ()
    ends, newest = extract.covers_to, max(draw.as_of for draw in drawn)
    if ends is None:
        return (UNDATED,)
    if ends < newest:
        return (OLDER.format(ends=day_of(ends), drawn=day_of(newest)),)
    return (ENDS.format(ends=day_of(ends)),) if ends < today else ()
