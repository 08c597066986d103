"""Takes the record of a draw's cases along, from the extract of the draw or from a newer one, so that it can be scored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sampling.errors import SourceError, StateError
from sampling.keys import Keyring
from sampling.model import Extract
from sampling.pack import Pack, open_pack
from sampling.scoring.settings.home import default_policy
from sampling.scoring.settings.policy import load_scoring_policy
from sampling.scoring.settings.snapshot import Snapshot, cases_of, take_snapshot
from sampling.sources.notes import with_notes
from sampling.sources.opening import extension_beside, open_extract


@dataclass(frozen=True)
class Prepared:
    """A draw whose record was taken: how many of its cases the extract has, and of how many it has none."""

    pack: Pack
    snapshot: Snapshot
    cases: int
    absent: int


def prepare(
    folder: Path,
    source: str,
    keyring: Keyring,
    now: datetime,
    *,
    format: str | None = None,
    extension: Path | None = None,
    extract_day: date | None = None,
) -> Prepared:
    """Returns the draw with its record taken from the extract at `source`.

    Raises StateError when nothing is drawn there, SourceError when the extract cannot be read, or has none of the draw's cases.
    """
    pack = _drawn(folder)
    keys = cases_of(pack) if _keeps_text(pack) else set()
    extract = open_extract(source, keyring, format=format, extension=extension, as_of=extract_day, notes=keys)
    return _taken(pack, extract, keyring, now)


def prepare_from(
    folder: Path, source: str, extract: Extract, keyring: Keyring, now: datetime, *, extension: Path | None = None
) -> Prepared:
    """Returns the draw with its record taken from an extract that is open already; its notes are read now, of these cases alone."""
    pack = _drawn(folder)
    if _keeps_text(pack) and not extract.connection:
        beside = extension or extension_beside(source, extract.format)
        extract = with_notes(extract, beside, keyring, cases_of(pack))
    return _taken(pack, extract, keyring, now)


def _drawn(folder: Path) -> Pack:
    pack = open_pack(folder)
    if pack.entry("drawn") is None:
        raise StateError(f"This draw is frozen but not drawn yet. Run: sampling draw {folder}")
    return pack


def _keeps_text(pack: Pack) -> bool:
    return load_scoring_policy(default_policy(pack.folder.absolute().parent)).text_kept


def _taken(pack: Pack, extract: Extract, keyring: Keyring, now: datetime) -> Prepared:
    snapshot = take_snapshot(pack, extract, keyring, now, text_kept=_keeps_text(pack), check=_some_of(cases_of(pack)))
    there = {row["case_key"] for row in snapshot.rows("cases")}
    wanted = cases_of(pack)
    return Prepared(pack, snapshot, len(there), len(wanted - there))


def _some_of(wanted: set[str]) -> Callable[[set[str]], None]:
    def check(there: set[str]) -> None:
        if wanted and not there:
            raise SourceError(
                "None of the draw's cases is in that extract. Name an extract of the same service, read with the same secret "
                "(SAMPLING_HOME, SAMPLING_SECRET) as at the draw."
            )

    return check
