"""One door for every format: recognises what a path holds, reads it, and puts the extension tables beside
it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from pathlib import Path

from sampling.errors import SourceError, UsageError
from sampling.keys import Keyring
from sampling.model import Extract
from sampling.sources.files import shown_name

FORMATS = ("canonical", "mhsds", "annex-a", "database")
_CONNECTIONS = ("postgresql://", "postgres://")


def open_extract(
    path_text: str,
    keyring: Keyring,
    *,
    format: str | None = None,
    extension: Path | None = None,
    as_of: date | None = None,
    draw_date: date | None = None,
    notes: Collection[str] | None = None,
) -> Extract:
    """Returns the extract at that path or connection, with its extension tables merged.

    `notes` are the keys of the cases whose notes are wanted: none of them is read unless asked for, and with no keys the table is
    checked and nothing of it kept. A database's notes are read in the database.

    `as_of` is the day of the extract, `draw_date` the day on which caseloads are counted, where it is known: a
    state that Annex A tells is dated on it, and the control total of open cases is compared on it.

    The format is recognised unless it is given. The extension is the one given, else a folder `extension`
    inside the source, else (canonical only) extension tables beside the others. Raises SourceError when
    nothing is recognised or the source cannot be read at all, and UsageError for an unknown format. Other
    faults are the extract's findings.
    """
    if format is not None and format not in FORMATS:
        raise UsageError(f'There is no format "{format[:20]}". The formats are: {", ".join(FORMATS)}.')
    if path_text.startswith(_CONNECTIONS) or format == "database":
        return _database(path_text)
    path = Path(path_text)
    if not path.exists():
        raise SourceError(f"{shown_name(path)}: there is no such file or folder. Check the path.")
    inner = _sole_workbook(path)
    name = format or _recognise(inner)
    extract = _read(name, inner, keyring, as_of, draw_date)
    from sampling.sources.extension import apply

    beside = extension or extension_beside(path_text, name)
    merged = apply(extract, beside, keyring, draw_date=draw_date)
    if notes is None:
        return merged
    from sampling.sources.notes import with_notes

    return with_notes(merged, beside, keyring, notes)


def extension_beside(path_text: str, format: str) -> Path | None:
    """Returns where a source's own extension tables stand, or None; a database has none beside it."""
    from sampling.sources.extension import locate

    if format == "database":
        return None
    path = Path(path_text)
    return locate(path, format) or locate(_sole_workbook(path), format)


def _database(path_text: str) -> Extract:
    if not path_text.startswith(_CONNECTIONS):
        raise UsageError("A database is given by its connection string, as postgresql://host/database.")
    return Extract(
        format="database",
        profile="adult",
        system="database",
        covers_to=None,
        tables={},
        ids="local",
        connection=path_text,
    )


def _sole_workbook(path: Path) -> Path:
    """Returns the workbook when a folder holds that one file and no other, else the path as it is."""
    from sampling.sources.tables import (
        TABLES,
    )  # this module is imported by the command line, which must start fast

    if not path.is_dir():
        return path
    files = [item for item in path.iterdir() if item.is_file() and not item.name.startswith((".", "~$"))]
    sole = len(files) == 1 and files[0].suffix.lower() in (".xlsx", ".xlsm")
    return files[0] if sole and files[0].stem.casefold() not in TABLES else path


def _recognise(path: Path) -> str:
    from sampling.sources import annex_a, canonical, mhsds

    for name, recognises in (
        ("canonical", canonical.recognises),
        ("mhsds", mhsds.recognises),
        ("annex-a", annex_a.recognises),
    ):
        if recognises(path):
            return name
    raise SourceError(
        f"{shown_name(path)}: the format is not recognised. Looked for: our own tables "
        "(cases and allocations as .csv, .xlsx or .parquet, or sheets of those names), "
        "a folder of MHSDS tables (MHS101Referral and others), "
        "and an Ofsted Annex A workbook (sheets List 1 to List 9). "
        "Give the format with --format, or check the path."
    )


def _read(name: str, path: Path, keyring: Keyring, as_of: date | None, draw_date: date | None) -> Extract:
    if name == "canonical":
        from sampling.sources import canonical

        return canonical.read(path, keyring, as_of=as_of)
    if name == "mhsds":
        from sampling.sources import mhsds

        return mhsds.read(path, keyring)
    from sampling.sources import annex_a

    return annex_a.read(path, keyring, as_of=as_of, draw_date=draw_date)
