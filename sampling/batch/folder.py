"""The folder in which the packs of a batch lie: whose it is, who works in it, how its parts are named, and what a killed batch left there.

Parts whose name begins with a dot are not for people: locks, what is half written (`.partial`, sampling.storage), and a pack that has left
its place for its successor (`.earlier`, worker).
"""

from __future__ import annotations

import os
import re
import shutil
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from filelock import FileLock, Timeout

from sampling.batch import manifest
from sampling.batch.index import Other
from sampling.batch.rendering import PAGE
from sampling.errors import StateError, UsageError
from sampling.pack import is_pack, sibling_packs
from sampling.storage import make_durable

LOCK, LOCKS = ".batch.lock", ".locks"
LOCK_SECONDS = 10.0  # a run whose command was killed notices within a second
EARLIER = ".earlier"
_LEFT = re.compile(r"\.(?P<name>.+)\.[0-9a-f]{12}(?P<kind>\.earlier|\.partial)")
_LONGEST_NAME = 60
_PLAIN = re.compile(r"[^a-z0-9]+")
# Names that Windows keeps for devices (Microsoft, Naming Files, Paths, and Namespaces).
_DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(10))}


def folder_name(label: str) -> str:
    """Returns the name of a run's folder: plain small letters, and where that loses something, six figures that keep labels apart.

    >>> folder_name("North East"), folder_name("Équipe n° 1"), folder_name("CON")
    ('north-east', 'equipe-n-1-586008', 'con-a3dbc4')
    """
    ascii_text = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    plain = _PLAIN.sub("-", ascii_text).strip("-")[:_LONGEST_NAME].strip("-")
    if plain.replace("-", " ") == label.lower() and plain and plain not in _DEVICES:
        return plain
    return f"{plain or 'run'}-{_figures(label)[:6]}"


def folder_names(asked: Mapping[str, str]) -> dict[str, str]:
    """Returns label -> the name of its folder, each its own whether a file system tells capitals apart or not.

    `asked` is label -> the folder that it must have, "" where the label decides. Labels that would share a folder each get figures.

    >>> folder_names({"North": "", "NORTH": "", "South": "", "Out": "PASS-ON"})
    {'North': 'north-43f853bbb592', 'NORTH': 'north-34a489fb589a', 'South': 'south', 'Out': 'PASS-ON'}
    """
    names = {label: folder or folder_name(label) for label, folder in asked.items()}
    often = Counter(name.lower() for name in names.values())
    return {
        label: name if asked[label] or often[name.lower()] == 1 else f"{name}-{_figures(label)[:12]}"
        for label, name in names.items()
    }


def _figures(label: str) -> str:
    return sha256(label.encode()).hexdigest()


def check_folder(out: Path, of: str) -> None:
    """Raises UsageError, with what to do, where the packs of a batch may not go: a file, a draw, a home of draws, other people's files, or the
    folder of other packs than those `of` which this batch is. StateError where its manifest is none that this version wrote.
    """
    whole = (out.absolute(), *out.absolute().parents)
    if any(place.exists() and not place.is_dir() for place in whole):
        raise UsageError("The packs cannot go there: --out names a file, or a place below one. Name a new folder.")
    if any(is_pack(place) for place in whole):
        raise UsageError(
            "The packs cannot go there: --out names a place in the folder of a draw, which stays as it was drawn. Name a new folder, or "
            "leave --out away."
        )
    if sibling_packs(out):
        raise UsageError(
            "The packs cannot go there: --out names the folder in which draws lie. Name a new folder, or leave --out away: they then go to "
            "reports/ beside the draws."
        )
    held = manifest.whose(out)
    if held is None and out.is_dir() and any(not path.name.startswith(".") for path in out.iterdir()):
        raise UsageError("The packs cannot go there: that folder holds other files. Name a new or an empty folder.")
    if held and held != of:
        raise UsageError(f"The packs cannot go there: that folder holds {held}. Name a folder of their own with --out.")


@contextmanager
def one_batch(out: Path, *, wait: float = 0) -> Iterator[None]:
    """Holds the folder for one batch, from its start to its end. Raises StateError where another one has it for longer than `wait` seconds."""
    out.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(out / LOCK, timeout=wait):
            yield
    except Timeout:
        raise StateError(
            "Another batch is at work in that folder. Nothing was changed by this one. Wait until it has ended, then run the command "
            f"again{'' if wait else ' with --resume'}."
        ) from None


def refuse_second(out: Path) -> None:
    """Raises StateError where a batch is at work in the folder."""
    if (out / LOCK).exists():
        with one_batch(out):
            pass


def pack_lock(folder: Path) -> FileLock:
    """Returns the lock of one pack, not yet taken. Whoever takes it may get filelock.Timeout."""
    place = folder.parent / LOCKS
    place.mkdir(parents=True, exist_ok=True)
    return FileLock(place / f"{folder.name}.lock", timeout=LOCK_SECONDS)


def settle(out: Path) -> None:
    """Clears what a killed batch left: an earlier pack whose successor never came goes back to its place, all else goes away.

    The caller holds the folder. What a run of the killed batch still holds is left to that run.
    """
    for path in sorted(out.glob(".*")):
        left = _LEFT.fullmatch(path.name)
        if left is None:
            continue
        if not path.is_dir():
            path.unlink(missing_ok=True)
            continue
        target = out / left["name"]
        with suppress(Timeout), pack_lock(target):
            if left["kind"] == EARLIER and not target.exists():
                os.rename(path, target)
                make_durable(out)
            shutil.rmtree(path, ignore_errors=True)


def others(out: Path, folders: Collection[str], rows: Mapping[str, manifest.Row]) -> tuple[Other, ...]:
    """Returns the packs in the folder that are not of this batch, such as that of a team that is no more, with the day (UTC) of each page."""
    found = []
    for path in sorted(out.iterdir()):
        page = path / PAGE
        if not path.name.startswith(".") and path.name not in folders and page.is_file():
            label = rows[path.name].label if path.name in rows else path.name
            found.append(Other(label, path.name, datetime.fromtimestamp(page.stat().st_mtime, UTC).date()))
    return tuple(found)
