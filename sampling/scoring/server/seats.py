"""Seats: what a notebook tells the Jupyter server beside it about the draws, the journal and the rater it was opened for.

A kernel and its server share nothing but the disk. A seat is a file in the private store that only this user can read; the page
sends its name, 64 random hex digits, with each request. A seat ends by itself after a working day.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import stat
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from pathlib import Path

from sampling.chain import parse_json, utc_moment, utc_text
from sampling.errors import SecretError
from sampling.keys import private_home
from sampling.scoring.errors import AccessRefused

SEAT_HOURS = 12
_NAME = re.compile(r"^[0-9a-f]{64}$")
_NO_SEAT = "This form has no seat. Run the notebook's cell again; nothing that was saved is lost."
_OVER = f"This form was opened more than {SEAT_HOURS} hours ago. Run the notebook's cell again; nothing that was saved is lost."


@dataclass(frozen=True)
class Seat:
    """Which service a form belongs to, and who sits at it. Paths are absolute; an empty one means the usual place."""

    draws: str
    journal: str
    people: str
    policy: str
    rater: str


def take_seat(seat: Seat, *, now: datetime) -> str:
    """Writes a seat and returns its name; seats that are over are cleared away. Raises SecretError when the store is not ours."""
    folder = _folder()
    _clear(folder, now)
    name = secrets.token_hex(32)
    content = {**asdict(seat), "until": utc_text(now + timedelta(hours=SEAT_HOURS))}
    path = folder / f"{name}.json"
    path.touch(mode=0o600, exist_ok=False)
    path.write_text(json.dumps(content), encoding="utf-8")
    return name


def open_seat(name: str, *, now: datetime) -> Seat:
    """Returns the seat of that name. Raises AccessRefused when there is none, or it is over."""
    content = _read(_folder() / f"{name}.json") if _NAME.match(name) else None
    if content is None:
        raise AccessRefused(_NO_SEAT)
    if utc_moment(content["until"]) <= now:
        raise AccessRefused(_OVER)
    return Seat(**{field.name: content[field.name] for field in fields(Seat)})


def _folder() -> Path:
    folder = private_home() / "seats"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.name == "posix" and stat.S_IMODE(folder.stat().st_mode) & 0o077:
        raise SecretError(f"Other users of this machine can read {folder}. Run: chmod 700 '{folder}'")
    return folder


def _read(path: Path) -> dict[str, str] | None:
    """Returns the content of a seat's file, or None when it is no file of ours, or not what take_seat writes."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        with os.fdopen(descriptor, encoding="utf-8") as file:
            if os.name == "posix" and os.fstat(file.fileno()).st_uid != os.getuid():
                return None
            content = parse_json(file.read(100_000))
            utc_moment(content["until"])
    except (OSError, ValueError, TypeError, KeyError):
        return None
    known = {field.name for field in fields(Seat)} | {"until"}
    whole = isinstance(content, dict) and set(content) == known
    return content if whole and all(isinstance(value, str) for value in content.values()) else None


def _clear(folder: Path, now: datetime) -> None:
    for path in folder.glob("*.json"):
        content = _read(path)
        if content is None or utc_moment(content["until"]) <= now:
            path.unlink(missing_ok=True)
