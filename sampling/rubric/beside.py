"""What is wrong with a rubric beside the other files of its folder: a version that is taken, an edit after publication, a map with gaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sampling.rubric.checks import examined
from sampling.rubric.fields import Faults, shown, text_of
from sampling.rubric.files import PUBLISHED_LIST, published_versions, read_text, rubric_files
from sampling.rubric.lines import Place
from sampling.rubric.model import content_digest, version_number

_Tables = Sequence[Mapping[str, Any]]


def check_beside(data: Mapping[str, Any], path: Path, folder: Path, faults: Faults) -> None:
    """Adds what only shows beside the other files: a name or version that is taken, an edit after publication, a map with gaps."""
    header = data["rubric"]
    id, version = text_of(header, "id"), text_of(header, "version")
    if not id or not version:
        return
    if path.name != f"{id}-{version}.toml":
        message = "the file's name is not that of its rubric"
        faults.add("RUBRIC_FILE_NAME", message, "Call it ID-VERSION.toml.", place=("rubric", "id"))
    others = {other.name: _raw(other, id) for other in rubric_files(folder) if other.resolve() != path.resolve()}
    for name, other in others.items():
        if text_of(other["rubric"], "version") == version:
            message = f"{name} has this id and version already"
            faults.add("RUBRIC_VERSION_TWICE", message, "Give this one a new version.", place=("rubric", "version"))
    _since_publication(data, folder, faults)
    _against_older(data, [other for other in others.values() if other["rubric"].get("status") == "published"], faults)


def _raw(path: Path, id: str) -> Mapping[str, Any]:
    """Returns another file's content where it is a version of this rubric and sound by itself, else an empty one."""
    text, unreadable = read_text(path)
    if unreadable or f'"{id}"' not in text:
        return {"rubric": {}}
    data, findings = examined(text, path)
    sound = not any(finding.severity == "error" for finding in findings)
    return data if sound and data["rubric"]["id"] == id else {"rubric": {}}


def _since_publication(data: Mapping[str, Any], folder: Path, faults: Faults) -> None:
    header = data["rubric"]
    listed = {(entry.id, entry.version): entry for entry in published_versions(folder)}
    entry = listed.get((text_of(header, "id"), text_of(header, "version")))
    if entry is None and header.get("status") == "published":
        message = f"the rubric says that it is published, but {PUBLISHED_LIST} does not list it"
        step = 'Publish it with `sampling rubric publish FILE`, or write status = "draft".'
        faults.add("RUBRIC_NOT_LISTED", message, step, place=("rubric", "status"))
    now = (header.get("status"), str(header.get("published")), _digest(data))
    if entry and now != ("published", entry.published, entry.digest):
        message = f"version {entry.version} was published on {entry.published} and has been changed since"
        step = (
            "Put the published text back, and make a new version with a map: ratings name the text they were made with."
        )
        faults.add("RUBRIC_EDITED", message, step, place=("rubric", "version"))


def _digest(data: Mapping[str, Any]) -> str:
    try:
        return content_digest(data)
    except (TypeError, ValueError, RecursionError):  # a date or a fraction where none belongs: told already
        return ""


def _against_older(data: Mapping[str, Any], others: Sequence[Mapping[str, Any]], faults: Faults) -> None:
    """Holds the maps to the older versions: one from the version before, and every criterion of it named."""
    try:
        number = version_number(data["rubric"]["version"])
        older = {text_of(o["rubric"], "version"): o for o in others if version_number(o["rubric"]["version"]) < number}
    except ValueError:  # a faulty version: told already
        return
    maps, criteria = _tables(data, "map"), _tables(data, "criterion")
    sources = [text_of(entry, "from") for entry in maps]
    newest = max(older, key=version_number, default="")
    if newest and newest not in sources:
        message = f"the rubric has no map from version {newest}"
        step = f'Add [[map]] with from = "{newest}" and an entry for each criterion; rubrics/README.md shows one.'
        faults.add("RUBRIC_MAP", message, step, place=("rubric", "version"))
    for position, (source, entry) in enumerate(zip(sources, maps, strict=True)):
        place = ("map", position, "from")
        if source in sources[:position]:
            faults.add("RUBRIC_MAP", "another map is from this version", "Take one away.", place=place)
        elif source not in older:
            step = f"Older versions here: {', '.join(older) or 'none'}."
            faults.add("RUBRIC_MAP", "there is no older version to map from", step, place=place)
        elif isinstance(entry.get("criteria"), Mapping):
            _map_to_older(entry["criteria"], (criteria, older[source]["criterion"]), (*place[:-1], "criteria"), faults)


def _tables(data: Mapping[str, Any], name: str) -> _Tables:
    found = data.get(name)
    return [entry for entry in found if isinstance(entry, Mapping)] if isinstance(found, list) else []


def _map_to_older(fates: Mapping[str, Any], criteria: tuple[_Tables, _Tables], place: Place, faults: Faults) -> None:
    """Holds one map to the criteria of both versions, given as (this one's, the older one's)."""
    now, before = ({text_of(entry, "id"): entry for entry in entries} for entries in criteria)
    gone = [name for name in before if name not in now and name not in fates]
    if gone:
        step = 'Write "dropped" for each criterion that this version no longer has.'
        faults.add(
            "RUBRIC_MAP", f"the map says nothing of {', '.join(shown(name) for name in gone)}", step, place=place
        )
    for name, fate in fates.items():
        if (fate in ("same", "rescore", "dropped")) and name not in before:
            message, step = "the older version has no such criterion", 'Write "new".' if name in now else "Take it out."
            faults.add("RUBRIC_MAP", message, step, place=(*place, name))
        elif fate == "new" and name in before:
            message = "the older version has this criterion already"
            faults.add("RUBRIC_MAP", message, 'Write "same" or "rescore".', place=(*place, name))
        elif fate == "same" and _asked(now.get(name, {})) != _asked(before[name]):
            message = "its question or an anchor reads differently, and its ratings are carried over"
            step = 'Write "rescore" unless every rating would stay what it is.'
            faults.add("RUBRIC_MAP_CHANGED", message, step, place=(*place, name), severity="note")


def _asked(criterion: Mapping[str, Any]) -> tuple[Any, ...]:
    """Returns what a rater answers: the question, the anchors and the note."""
    return criterion.get("question"), criterion.get("levels"), criterion.get("note", "")
