"""Folders and files that a purge takes: each leaves its place in one step, and what a killed purge left half-deleted is found again."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from sampling.keys import private_home
from sampling.pack import PRIVATE
from sampling.storage import make_durable
from sampling.tickets import digest

RECORD, REPORTS, LOCAL_IDS = "record", "reports", "local_ids"
ASSURANCE = (
    "assurance"  # what a report leaves for pairs and leaders, by span of months; a report's retention is its own
)
_GOING = ".purging"  # after a dot and the name: no draw, no record and no report is called so


def file_digest(name: str) -> str:
    """Returns what stands for a path in a plan and in the deletion log."""
    return digest(f"csp1/file|{name}")


def remaining(home: Path, digests: set[str]) -> list[Path]:
    """Returns the paths that are still there of those that a purge took, also under the names that they had on their way out."""
    return [path for name, path in _everything(home) if file_digest(name) in digests]


def remove(home: Path, digests: set[str]) -> int:
    """Deletes what is there of these; returns how many there were. May be called again after a kill at any moment."""
    found = remaining(home, digests)
    for path in found:
        going = path
        if not path.name.startswith("."):
            going = path.with_name(f".{path.name}{_GOING}")
            _delete(going)  # what an earlier purge left under that name
            os.rename(path, going)
            make_durable(path.parent)
        _delete(going)
        make_durable(path.parent)
    return len(found)


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _everything(home: Path) -> Iterator[tuple[str, Path]]:
    """Yields (name as in a plan, path) of all that could be one of a purge's items, found by places alone: half a draw cannot be read."""
    for draw, folder in _plain(home):
        for record, path in _plain(folder / PRIVATE / RECORD):
            yield f"{draw}/{PRIVATE}/{RECORD}/{record}", path
    for month, path in _plain(home / REPORTS):
        yield f"{REPORTS}/{month}", path
    for span, path in _plain(home / ASSURANCE):
        yield f"{ASSURANCE}/{span}", path
    for name, path in _plain(private_home() / LOCAL_IDS):
        yield f"{LOCAL_IDS}/{name}", path
    yield from _plain(home)


def _plain(folder: Path) -> list[tuple[str, Path]]:
    """Returns (name, path) of what lies in a folder; what is on its way out has its first name."""
    paths = sorted(folder.iterdir()) if folder.is_dir() else []
    return [
        (path.name.removeprefix(".").removesuffix(_GOING) if path.name.endswith(_GOING) else path.name, path)
        for path in paths
    ]
