"""Files that appear whole or not at all, and steps that a killed process leaves either undone or to be finished.

A new folder is filled beside its place and renamed into it. A step on an existing folder is filled into `.next` under another
name, made durable, renamed to `.next` (from then on the step is done) and its files are moved into place; whoever opens the folder
after a kill moves the rest first. Whatever kind of file system: one rename decides.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from sampling.errors import StateError

LOCK_SECONDS = 60
_NEXT = ".next"
_PARTIAL = ".partial"


def make_durable(path: Path) -> None:
    """Makes a file's or folder's content durable. Windows cannot open folders, and needs no such call for renames."""
    if path.is_dir() and os.name != "posix":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_tree(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        make_durable(path)
    make_durable(folder)


def write_whole(path: Path, data: bytes) -> None:
    """Writes a file so that a reader, or a killed process, finds the old content or the new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}{_PARTIAL}")
    try:
        temporary.write_bytes(data)
        make_durable(temporary)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    make_durable(path.parent)


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """Gives a folder to fill; it becomes `target`, whole, when the block ends without an error. The target must be absent or empty."""
    for stale in target.parent.glob(f".{target.name}.*{_PARTIAL}"):
        shutil.rmtree(stale, ignore_errors=True)  # left by a process that was killed; the caller holds the lock
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(6)}{_PARTIAL}")
    temporary.mkdir(parents=True)
    try:
        yield temporary
        _sync_tree(temporary)
        if target.is_dir():
            target.rmdir()  # empty, or the error is the right one
        os.rename(temporary, target)
        make_durable(target.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


@contextmanager
def step(folder: Path) -> Iterator[Path]:
    """Gives a folder to fill with files, at their paths below `folder`; they all take their places when the block ends without an error."""
    finish_step(folder)
    for stale in folder.glob(f".step.*{_PARTIAL}"):
        shutil.rmtree(stale, ignore_errors=True)
    temporary = folder / f".step.{secrets.token_hex(6)}{_PARTIAL}"
    temporary.mkdir()
    try:
        yield temporary
        _sync_tree(temporary)
        os.rename(temporary, folder / _NEXT)
        make_durable(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    finish_step(folder)


def finish_step(folder: Path) -> None:
    """Moves the files of a step that was decided but not finished. Does nothing where there is none.

    Several processes may do so at once: each moves the same files to the same places, and what is gone, another has moved.
    """
    staged = folder / _NEXT
    if not staged.is_dir():
        return
    for path in sorted(path for path in staged.rglob("*") if path.is_file()):
        target = folder / path.relative_to(staged)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.replace(path, target)
        except FileNotFoundError:
            continue
        make_durable(target.parent)
    shutil.rmtree(staged, ignore_errors=True)
    make_durable(folder)


@contextmanager
def locked(folder: Path, name: str = ".lock") -> Iterator[None]:
    """Holds the folder for one writer. Raises StateError when another process has held it for a minute."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / name, timeout=LOCK_SECONDS):
            yield
    except Timeout:
        raise StateError(
            "Another process is working on this draw. Wait until it has ended, then run the command again."
        ) from None
