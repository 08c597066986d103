"""The files of a folder of rubrics: which they are, how they are read, and the list of what is published."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from sampling.errors import Finding, PolicyError
from sampling.policy import shared_folder
from sampling.rubric.checks import MOST_CHARACTERS
from sampling.rubric.fields import Faults

PUBLISHED_LIST = "published.toml"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class PublishedVersion:
    """A line of published.toml: what this version said on the day of its publication, as a digest."""

    id: str
    version: str
    published: str
    digest: str


def home_of(path: Path) -> Path:
    """Returns the folder whose other rubrics a file belongs to: its own where that has a published.toml, else ours."""
    return path.parent if (path.parent / PUBLISHED_LIST).is_file() else shared_folder("rubrics")


def rubric_files(folder: Path) -> list[Path]:
    """Returns the rubric files of a folder by name."""
    return sorted(path for path in folder.glob("*-*.toml") if path.name != PUBLISHED_LIST)


def published_versions(folder: Path) -> tuple[PublishedVersion, ...]:
    """Returns what published.toml of a folder lists. Raises PolicyError when it cannot be understood, or lists a version twice."""
    path = folder / PUBLISHED_LIST
    if not path.is_file():
        return ()
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("published", [])
        found = tuple(
            PublishedVersion(str(entry["id"]), str(entry["version"]), entry["published"].isoformat(), entry["digest"])
            for entry in entries
        )
    except (ValueError, LookupError, TypeError, AttributeError, OSError):
        found = None
    if found is None or len({(entry.id, entry.version) for entry in found}) < len(found):
        raise PolicyError(
            f"{PUBLISHED_LIST} cannot be understood. Only `sampling rubric publish` writes it: put the last good copy back."
        )
    return found


def read_text(path: Path) -> tuple[str, list[Finding]]:
    """Returns a file's text, or nothing and the finding that says why it cannot be read."""
    faults = Faults(path.name)
    try:
        with path.open("rb") as file:
            content = file.read(4 * MOST_CHARACTERS + 1)
    except OSError:
        faults.add("RUBRIC_UNREADABLE", "the file cannot be read", "Check its path and who may read it.")
        return "", faults.findings
    step = "Save it as UTF-8; editors offer that in the dialogue Save as."
    if content.startswith(_UTF_16):
        faults.add("RUBRIC_ENCODING", "the file is saved as UTF-16", step)
        return "", faults.findings
    try:
        return content.decode("utf-8", errors="strict" if len(content) <= 4 * MOST_CHARACTERS else "ignore"), []
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        faults.add("RUBRIC_ENCODING", "the line is not UTF-8 text", step, line=line)
        return "", faults.findings
