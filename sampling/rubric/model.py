"""A rubric as the program knows it: criteria with four anchored levels, and what became of each criterion of an older version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sampling.chain import canonical_json
from sampling.tickets import digest

LEVELS = (0, 1, 2, 3)
Fate = Literal["same", "rescore", "new", "dropped"]  # what a new version makes of a criterion
_WORST_LAST: tuple[Fate, ...] = ("same", "rescore", "dropped")


@dataclass(frozen=True)
class Criterion:
    """One question of a rubric. `levels` holds the anchors of levels 0 to 3; a critical criterion at level 0 asks for safety today."""

    id: str
    title: str
    question: str
    critical: bool
    levels: tuple[str, str, str, str]
    sources: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True)
class VersionMap:
    """What this version makes of ratings by an older one: the fate of every criterion of either."""

    before: str
    fates: Mapping[str, Fate]


@dataclass(frozen=True)
class Rubric:
    """One version of a rubric. `digest` is that of its content, whatever the comments and line ends of its file; `text` is the file."""

    id: str
    version: str
    title: str
    purpose: str
    applies_when: str
    profiles: tuple[str, ...]
    signals: tuple[str, ...]
    pass_level: int
    sources: tuple[str, ...]
    criteria: tuple[Criterion, ...]
    maps: tuple[VersionMap, ...]
    status: str
    digest: str
    text: str
    published: str = ""  # the day, as 2026-11-22; empty for a draft
    order: int = 999

    def criterion(self, id: str) -> Criterion:
        """Returns the criterion of that id. Raises KeyError when there is none."""
        for criterion in self.criteria:
            if criterion.id == id:
                return criterion
        raise KeyError(id)

    def ref(self, criterion: Criterion | str) -> str:
        """Returns what a rating names a criterion by: `rubric id/criterion id`."""
        return f"{self.id}/{criterion if isinstance(criterion, str) else criterion.id}"

    @property
    def number(self) -> tuple[int, int]:
        """Returns the version as two numbers: 1.10 is newer than 1.9."""
        return version_number(self.version)


def version_number(version: str) -> tuple[int, int]:
    """Returns a version as two numbers, for comparing.

    >>> version_number("1.10") > version_number("1.9")
    True
    """
    major, minor = version.split(".")
    return int(major), int(minor)


def fate_of(versions: Sequence[Rubric], rubric: Rubric, criterion: str, rated_with: str) -> Fate:
    """Returns what `rubric` makes of a rating of a criterion by version `rated_with`: same, rescore or dropped.

    Where the rubric has no map from that very version, the maps of the versions between are followed one after the other. What no
    map tells is to be scored again: never guessed.
    """
    known = any(entry.id == criterion for entry in rubric.criteria)
    if rated_with == rubric.version:
        return "same" if known else "dropped"
    later = [entry for entry in rubric.maps if _not_before(entry.before, rated_with)]
    for entry in sorted(later, key=lambda entry: version_number(entry.before)):
        fate = entry.fates.get(criterion, "dropped")
        between = [old for old in versions if (old.id, old.version) == (rubric.id, entry.before)]
        if entry.before != rated_with and not between:
            continue
        first = "same" if entry.before == rated_with else fate_of(versions, between[0], criterion, rated_with)
        return worse(first, "rescore" if fate == "new" else fate)
    return "rescore" if known else "dropped"


def _not_before(version: str, rated_with: str) -> bool:
    """Tells whether a version is that of the rating, or a later one; never of a rating whose version is none of ours."""
    try:
        return version_number(version) >= version_number(rated_with)
    except ValueError:
        return False


def worse(one: Fate, other: Fate) -> Fate:
    """Returns the fate that asks for more, of two steps in a row.

    >>> worse("same", "rescore")
    'rescore'
    """
    return max(one, other, key=_WORST_LAST.index)


def content_digest(data: Mapping[str, Any]) -> str:
    """Returns SHA-256 of the canonical JSON of a parsed rubric: the same for the same content, whatever the comments in the file.

    Status and day of publication are left aside, so that a draft keeps its digest when it is published.
    """
    header = {name: value for name, value in data["rubric"].items() if name not in ("status", "published")}
    return digest(canonical_json({**data, "rubric": header}))
