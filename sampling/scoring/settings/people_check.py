"""What in people.toml leads nowhere: an id or a team that no draw and no record of the service has. A warning, since both may still come."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from sampling.frame import NOBODY
from sampling.pack import open_pack
from sampling.scoring.settings.draws import Draw
from sampling.scoring.settings.people import TEAM, StaffKey, read_entries
from sampling.scoring.settings.snapshot import snapshots

_ENTRY = re.compile(r"\s*\[\[\s*person\s*\]\]")
_SUPERVISES = re.compile(r"\s*[\"']?supervises[\"']?\s*=")


@dataclass(frozen=True)
class Known:
    """Whom the draws and records of a service name: keys of practitioners, keys of their supervisors, and teams."""

    practitioners: frozenset[str]
    supervisors: frozenset[str]
    teams: frozenset[str]


def known_in(draws: Iterable[Draw]) -> Known:
    """Returns whom these draws name: in their whole frame, not in what was drawn alone, and in every copy of the record."""
    practitioners: set[str] = set()
    supervisors: set[str] = set()
    teams: set[str] = set()
    for draw in draws:
        pack = open_pack(draw.folder)
        with pq.ParquetFile(pack.private / "frame.parquet") as frame:
            columns = [name for name in ("practitioner_key", "team") if name in frame.schema_arrow.names]
            for batch in frame.iter_batches(columns=columns):  # a country's frame is read through, never held
                practitioners.update(batch.column("practitioner_key").unique().to_pylist())
                teams.update(batch.column("team").unique().to_pylist() if "team" in columns else ())
        for snapshot in snapshots(pack):
            rows = snapshot.rows("practitioners")
            practitioners.update(row["practitioner_key"] for row in rows)
            supervisors.update(row["supervisor_key"] for row in rows)
    nothing = {None, "", NOBODY}
    return Known(frozenset(practitioners - nothing), frozenset(supervisors - nothing), frozenset(teams - nothing))


def unmatched(path: Path, staff_key: StaffKey, known: Known) -> list[str]:
    """Returns a warning for each line of a sound people file whose id or team nobody here has. The id itself is never told.

    Second raters, moderators and leads need to stand in no record, so that their own ids are not looked for.
    """
    text = path.read_text(encoding="utf-8")
    found: list[tuple[int, str]] = []
    for entry, (line, supervises) in zip(read_entries(path), _lines(text), strict=False):
        found += [(line, sentence) for sentence in _of_person(entry, staff_key, known)]
        found += [(supervises or line, sentence) for sentence in _of_supervised(entry, staff_key, known)]
    return [f"{path.name}, line {line}: {sentence}" for line, sentence in found]


def _lines(text: str) -> list[tuple[int, int]]:
    """Returns (line of the entry, line of its `supervises` or 0) of each person, in the order of the file."""
    found: list[tuple[int, int]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if _ENTRY.match(line):
            found.append((number, 0))
        elif found and _SUPERVISES.match(line):
            found[-1] = (found[-1][0], number)
    return found


def _of_person(entry: Mapping[str, Any], staff_key: StaffKey, known: Known) -> list[str]:
    roles = _texts(entry.get("role"))
    key = staff_key(str(entry["id"]).strip())
    found = []
    if "supervisee" in roles and key not in known.practitioners:
        found.append(
            "no draw and no record here has a practitioner with this id, so that this supervisee sees no case."
        )
    if "supervisor" in roles and not entry.get("supervises") and key not in known.supervisors:
        found.append(
            "no record here names this id as a supervisor, so that no case comes to this person. Check the id, or add supervises."
        )
    return found


def _of_supervised(entry: Mapping[str, Any], staff_key: StaffKey, known: Known) -> list[str]:
    named = [text.strip() for text in _texts(entry.get("supervises"))]
    teams = [text.removeprefix(TEAM).strip() for text in named if text.startswith(TEAM)]
    people = [text for text in named if not text.startswith(TEAM)]
    strangers = sum(staff_key(text) not in known.practitioners for text in people)
    unknown = sum(team not in known.teams for team in teams)
    found = []
    if strangers:
        found.append(
            f"of {len(people)} practitioner ids in supervises, {strangers} match nobody in any draw or record here."
        )
    if unknown:
        found.append(
            f"of {len(teams)} team names in supervises, {unknown} match no team in any draw here. Check the spelling."
        )
    return found


def _texts(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or ())
