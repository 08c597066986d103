"""What left the service of each span of months, kept beside the draws as it was shown: a later span may not be subtracted from it.

Numbers of a span leave once. Shown again, they are the same; a span that overlaps one that left shows what left, and nothing new.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sampling.assurance.coverage_counts import Window
from sampling.chain import parse_json
from sampling.errors import StateError
from sampling.reporting.beside import ASSURANCE
from sampling.reporting.kept import FOLDER
from sampling.storage import write_whole
from sampling.suppression import Suppressed

PLACE = Path(FOLDER) / ASSURANCE
_VERSION = 1


@dataclass(frozen=True)
class ShownTable:
    """A table as it was shown: text alone."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    sentences: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """What was shown of one subject: its tables and sentences, or why there is none."""

    tables: tuple[ShownTable, ...] = ()
    sentences: tuple[str, ...] = ()
    refusal: str = ""


@dataclass(frozen=True)
class Kept:
    """One release: its days, the profile that hid small numbers, and what was shown under each subject's name."""

    text: str
    first: date
    last: date
    profile: str
    made: date
    parts: Mapping[str, Part]
    policy: str = ""  # that of supervision, which the numbers of coverage follow; "" in a release of before it was kept

    def overlaps(self, window: Window) -> bool:
        """Tells whether a day is in both."""
        return self.first <= window.last and window.first <= self.last

    def inside(self, window: Window) -> bool:
        """Tells whether all its days are in the window."""
        return window.first <= self.first and self.last <= window.last


@dataclass(frozen=True)
class Release:
    """What leaves: `shown` are the releases to show, one of the span itself, or those inside it that left before. `why` says why it is
    not of the span itself, or may not leave yet, "" where neither is so; `fresh` is what is still to be kept, with the release of its actions.
    """

    shown: tuple[Kept, ...]
    why: str = ""
    fresh: Kept | None = None
    actions: Suppressed | None = None


def keep(home: Path, one: Kept) -> None:
    """Writes a release into its file, named by its span."""
    days = {name: getattr(one, name).isoformat() for name in ("first", "last", "made")}
    data = {"version": _VERSION, **asdict(one), **days}
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, indent=1)
    write_whole(home / PLACE / f"{name_of(one)}.json", (text + "\n").encode("utf-8"))


def name_of(one: Kept) -> str:
    """Returns the name of a release's files, less their ending."""
    return one.text.replace(":", "_")


def load_kept(home: Path) -> tuple[Kept, ...]:
    """Returns every release of these draws in order of days. Raises StateError for a file that this version did not write."""
    found = []
    for path in sorted((home / PLACE).glob("*.json")):
        try:
            data = parse_json(path.read_text(encoding="utf-8"))
            if data["version"] != _VERSION:
                raise ValueError(data["version"])
            found.append(_kept(data))
        except (OSError, ValueError, KeyError, TypeError):
            raise StateError(
                f"{(PLACE / path.name).as_posix()} is not one that this version wrote. It says what readers have seen already: put back "
                "the copy from your backup, or nothing can be made for a commissioner."
            ) from None
    return tuple(sorted(found, key=lambda one: (one.first, one.last)))


def _kept(data: Mapping[str, Any]) -> Kept:
    first, last, made = (date.fromisoformat(data[name]) for name in ("first", "last", "made"))
    parts = {
        name: Part(tuple(map(_table, one["tables"])), tuple(one["sentences"]), one["refusal"])
        for name, one in data["parts"].items()
    }
    return Kept(data["text"], first, last, data["profile"], made, parts, data.get("policy", ""))


def _table(one: Mapping[str, Any]) -> ShownTable:
    rows: Sequence[Sequence[str]] = one["rows"]
    return ShownTable(
        one["caption"], tuple(one["columns"]), tuple(tuple(map(str, row)) for row in rows), tuple(one["sentences"])
    )
