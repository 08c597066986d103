"""Which versions of vignettes are published: from then on their text is fixed, since ratings and sessions name it by its digest."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sampling.errors import PolicyError
from sampling.rubric.files import PUBLISHED_LIST
from sampling.rubric.vignettes.model import Vignette
from sampling.storage import write_whole

_LIST_HEAD = (
    "# The digest of each published vignette, one entry each. Written by `sampling vignette publish`; an entry is never changed or\n"
    "# taken away. To retire one, add a line `retired = DAY` below its digest: its folder stays, and it is offered no more.\n"
)


@dataclass(frozen=True)
class Listed:
    """A line of published.toml: what this version said on the day of its publication, and since when it is no longer offered."""

    slug: str
    version: str
    published: str
    digest: str
    retired: str = ""


def listed(home: Path) -> tuple[Listed, ...]:
    """Returns what published.toml of a folder of vignettes lists. Raises PolicyError when it cannot be understood, or lists one twice."""
    path = home / PUBLISHED_LIST
    if not path.is_file():
        return ()
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("published", [])
        found = tuple(
            Listed(
                str(entry["slug"]), str(entry["version"]), entry["published"].isoformat(), str(entry["digest"]),
                entry["retired"].isoformat() if "retired" in entry else "",
            )
            for entry in entries
        )  # fmt: skip
    except (ValueError, LookupError, TypeError, AttributeError, OSError):
        found = None
    if found is None or len({(entry.slug, entry.version) for entry in found}) < len(found):
        raise PolicyError(
            f"{PUBLISHED_LIST} of the vignettes cannot be understood. Put the last good copy back; by hand only a line `retired = DAY` is added."
        )
    return found


def publish(vignette: Vignette, home: Path, today: date) -> bool:
    """Adds a sound vignette to the list of its folder `home`; tells whether it was new there. Nothing in its own folder changes."""
    if any((entry.slug, entry.version) == (vignette.slug, vignette.version) for entry in listed(home)):
        return False
    file = home / PUBLISHED_LIST
    before = file.read_text(encoding="utf-8") if file.is_file() else _LIST_HEAD
    new = (
        f'\n[[published]]\nslug = "{vignette.slug}"\nversion = "{vignette.version}"\npublished = {today.isoformat()}\n'
        f'digest = "{vignette.digest}"\n'
    )
    write_whole(file, (before + new).encode("utf-8"))
    return True
