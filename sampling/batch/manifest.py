"""What a batch has done: one row a run, by digest, written only when the run has passed every check of ours.

papermill's own record of a run is not believed (it calls killed cells completed). A row counts only while the files that it names
still have the digests that it names.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

from sampling.chain import canonical_json, parse_json
from sampling.errors import StateError
from sampling.policy import shared_folder
from sampling.storage import locked, write_whole

MANIFEST, LOCK = "manifest.json", ".manifest.lock"
_VERSION = 1
# What shapes the words, numbers and pages of a pack, beside our own code.
_LIBRARIES = (
    "ipykernel", "ipython", "nbclient", "nbconvert", "nbformat", "numpy", "pandas", "papermill", "pyarrow", "scipy",
    "statsmodels", "weasyprint",
)  # fmt: skip
_SHARED = ("policies", "rubrics")
_SUFFIXES = (".py", ".j2", ".css", ".toml", ".json", ".md")

State = Literal["done", "failed"]


@dataclass(frozen=True)
class Digests:
    """What a run follows from, each as SHA-256 in hex: the same four give the same pack."""

    notebook: str
    parameters: str
    data: str
    code: str


@dataclass(frozen=True)
class Row:
    """One run: its label and folder, what it follows from, how it ended. `files` is path below the folder -> SHA-256; `message` is
    for a person, empty when the run is done.
    """

    label: str
    folder: str
    digests: Digests
    state: State
    message: str = ""
    files: Mapping[str, str] = field(default_factory=dict)


def digest_of(value: object) -> str:
    """Returns the SHA-256 of a value that JSON can hold, or of what str() makes of it."""
    plain = json.loads(json.dumps(value, default=str))
    return sha256(canonical_json(plain).encode("utf-8")).hexdigest()


def digest_of_files(paths: Iterable[Path], below: Path) -> str:
    """Returns one digest over the files' places below a folder and their bytes, in whatever order they come."""
    rows = sorted((path.relative_to(below).as_posix(), sha256(path.read_bytes()).hexdigest()) for path in paths)
    return digest_of(rows)


@cache
def digest_of_code() -> str:
    """Returns one digest over our code, policies and rubrics, over Python's version and those of the libraries that shape a pack.

    Taken once in a process: it runs with the code that it has read.
    """
    ours = Path(__file__).parents[1]
    folders = {"sampling": ours, **{name: shared_folder(name) for name in _SHARED}}
    parts = {
        name: digest_of_files(
            (path for path in folder.rglob("*") if path.suffix in _SUFFIXES and path.is_file()), below=folder
        )
        for name, folder in folders.items()
    }
    versions = {name: metadata.version(name) for name in _LIBRARIES}
    return digest_of({"parts": parts, "python": sys.version.split()[0], "versions": versions})


def whose(out: Path) -> str | None:
    """Returns what the packs of a folder are, in words as "audit packs of 2026-10", None where it has no manifest. Raises StateError as `read` does."""
    held = _held(out)
    return None if held is None else held[0]


def read(out: Path) -> dict[str, Row]:
    """Returns folder -> row of the manifest, none where there is no manifest yet. Raises StateError when it is none of ours."""
    return dict((_held(out) or ("", {}))[1])


def _held(out: Path) -> tuple[str, dict[str, Row]] | None:
    """Returns (whose it is, folder -> row), None where there is no manifest."""
    try:
        text = (out / MANIFEST).read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    try:
        held = parse_json(text)
        if held["version"] != _VERSION:
            raise ValueError
        rows = [Row(**{**row, "digests": Digests(**row["digests"])}) for row in held["rows"]]
        return str(held.get("of", "")), {row.folder: row for row in rows}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise StateError(
            f"The file {MANIFEST} in that folder is not one that this version wrote. Move the whole folder away, or name another one with "
            "--out; every pack is then made anew."
        ) from None


def begin(out: Path, of: str) -> None:
    """Writes down whose packs the folder holds, before the first of them. The rows of an earlier batch stay."""
    with locked(out, LOCK):
        _write(out, of, read(out))


def put(out: Path, row: Row) -> None:
    """Writes a row in place of an earlier one of the same folder."""
    with locked(out, LOCK):
        of, rows = _held(out) or ("", {})
        _write(out, of, {**rows, row.folder: row})


def _write(out: Path, of: str, rows: Mapping[str, Row]) -> None:
    about: dict[str, Any] = {"version": _VERSION, "of": of, "rows": [asdict(rows[name]) for name in sorted(rows)]}
    text = json.dumps(about, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    write_whole(out / MANIFEST, text.encode("utf-8"))


def stands(out: Path, row: Row | None, digests: Digests) -> bool:
    """Returns whether a run need not be done again: it was done from the same, and its files are still what they were."""
    if row is None or row.state != "done" or row.digests != digests or not row.files:
        return False
    folder = out / row.folder
    held = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    return held == set(row.files) and all(
        sha256((folder / name).read_bytes()).hexdigest() == digest for name, digest in row.files.items()
    )
