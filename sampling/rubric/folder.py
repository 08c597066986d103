"""The folder of rubrics: one file a version, and published.toml with the digests that no published version may leave."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sampling.errors import Finding, PolicyError
from sampling.policy import shared_folder
from sampling.rubric.checks import MOST_CHARACTERS, Faults, examined, text_of
from sampling.rubric.lines import line_of
from sampling.rubric.model import Criterion, Rubric, VersionMap, content_digest, version_number

PUBLISHED_LIST = "published.toml"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class PublishedVersion:
    """A line of published.toml: what this version said on the day of its publication, as a digest."""

    id: str
    version: str
    published: str
    digest: str


def rubrics_in(folder: Path | None = None) -> tuple[Rubric, ...]:
    """Returns all versions in the folder (default: ours), drafts too, by order, id and version. Raises PolicyError with every fault of any."""
    place = folder or shared_folder("rubrics")
    faults: list[Finding] = []
    rubrics: list[Rubric] = []
    for path in rubric_files(place):
        rubric, findings = _read(path, place)
        faults += [finding for finding in findings if finding.severity == "error"]
        rubrics += [rubric] if rubric else []
    if faults:
        raise PolicyError(f"The rubrics have {_counted(len(faults))}.", faults)
    return tuple(sorted(rubrics, key=lambda rubric: (rubric.order, rubric.id, rubric.number)))


def rubrics_in_use(profile: str, folder: Path | None = None) -> tuple[Rubric, ...]:
    """Returns the newest published version of each rubric for a profile (adult or children), in fixed order. Raises PolicyError."""
    newest = {
        rubric.id: rubric
        for rubric in rubrics_in(folder)  # a newer version comes later, and takes the place of the older
        if rubric.status == "published"
    }
    return tuple(rubric for rubric in newest.values() if profile in rubric.profiles)


def find_rubric(id: str, version: str, folder: Path | None = None) -> Rubric:
    """Returns one version of a rubric. Raises PolicyError when there is none."""
    for rubric in rubrics_in(folder):
        if (rubric.id, rubric.version) == (id, version):
            return rubric
    raise PolicyError(f'There is no rubric "{id}" of version {version}. `sampling rubric show` lists those there are.')


def load_rubric(path: Path) -> Rubric:
    """Returns the rubric of a file. Raises PolicyError with every fault found."""
    rubric, findings = _read(path, home_of(path))
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors or rubric is None:
        raise PolicyError(f"The rubric {path.name} has {_counted(len(errors))}.", errors)
    return rubric


def check_file(path: Path, folder: Path | None = None) -> list[Finding]:
    """Returns every fault of a rubric file, by line; also what the other files of the folder have to say (default: see home_of)."""
    return _read(path, folder or home_of(path))[1]


def home_of(path: Path) -> Path:
    """Returns the folder whose other rubrics a file belongs to: its own where that has a published.toml, else ours."""
    return path.parent if (path.parent / PUBLISHED_LIST).is_file() else shared_folder("rubrics")


def rubric_files(folder: Path) -> list[Path]:
    """Returns the rubric files of a folder by name."""
    return sorted(path for path in folder.glob("*-*.toml") if path.name != PUBLISHED_LIST)


def published_versions(folder: Path) -> tuple[PublishedVersion, ...]:
    """Returns what published.toml of a folder lists. Raises PolicyError when it cannot be understood."""
    path = folder / PUBLISHED_LIST
    if not path.is_file():
        return ()
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))["published"]
        return tuple(
            PublishedVersion(entry["id"], entry["version"], entry["published"].isoformat(), entry["digest"])
            for entry in entries
        )
    except (ValueError, LookupError, TypeError, AttributeError, OSError):
        raise PolicyError(
            f"{PUBLISHED_LIST} cannot be understood. It is written by `sampling rubric publish`: put the last good copy back."
        ) from None


def _read(path: Path, folder: Path) -> tuple[Rubric | None, list[Finding]]:
    """Returns the rubric of a file, or None where it has an error, with all findings."""
    text, unreadable = read_text(path)
    if unreadable:
        return None, unreadable
    data, findings = examined(text, path)
    faults = Faults(path.name, line_of(text))
    if isinstance(data.get("rubric"), Mapping):
        _beside(data, path, folder, faults)
    findings = sorted([*findings, *faults.findings], key=lambda finding: finding.text_line or 0)
    sound = not any(finding.severity == "error" for finding in findings)
    return (_built(data, text) if sound else None), findings


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


def _beside(data: Mapping[str, Any], path: Path, folder: Path, faults: Faults) -> None:
    """Adds what only shows beside the other files: a name or version that is taken, an edit after publication, a map with gaps."""
    header = data["rubric"]
    id, version = text_of(header, "id"), text_of(header, "version")
    if not id or not version:
        return
    if path.name != f"{id}-{version}.toml":
        message = "the file's name is not that of its rubric"
        faults.add("RUBRIC_FILE_NAME", message, "Call it ID-VERSION.toml.", place=("rubric", "id"))
    others = [_raw(other) for other in rubric_files(folder) if other.resolve() != path.resolve()]
    others = [other for other in others if text_of(other["rubric"], "id") == id]
    if any(text_of(other["rubric"], "version") == version for other in others):
        message = "another file has this id and version already"
        faults.add("RUBRIC_VERSION_TWICE", message, "Give this one a new version.", place=("rubric", "version"))
    _since_publication(data, folder, faults)
    _against_older(data, others, faults)


def _raw(path: Path) -> Mapping[str, Any]:
    """Returns another file's content where it is sound, else that of no rubric: its faults are told where it is checked itself."""
    text, unreadable = read_text(path)
    data, findings = ({}, unreadable) if unreadable else examined(text, path)
    return {"rubric": {}} if any(finding.severity == "error" for finding in findings) else data


def _since_publication(data: Mapping[str, Any], folder: Path, faults: Faults) -> None:
    header = data["rubric"]
    listed = {(entry.id, entry.version): entry for entry in published_versions(folder)}
    entry = listed.get((text_of(header, "id"), text_of(header, "version")))
    if entry is None and header.get("status") == "published":
        message = f"the rubric says that it is published, but {PUBLISHED_LIST} does not list it"
        step = 'Publish it with `sampling rubric publish FILE`, or write status = "draft".'
        faults.add("RUBRIC_NOT_LISTED", message, step, place=("rubric", "status"))
    if entry and (header.get("status") != "published" or entry.digest != _digest(data)):
        message = f"version {entry.version} was published on {entry.published} and has been changed since"
        step = (
            "Put the published text back, and make a new version with a map: ratings name the text they were made with."
        )
        faults.add("RUBRIC_EDITED", message, step, place=("rubric", "version"))


def _digest(data: Mapping[str, Any]) -> str:
    try:
        return content_digest(data)
    except TypeError:  # a date where none belongs: told already
        return ""


def _against_older(data: Mapping[str, Any], others: Sequence[Mapping[str, Any]], faults: Faults) -> None:
    """Holds the maps to the older versions: one from the version before, and every criterion of it named."""
    try:
        number = version_number(data["rubric"]["version"])
        older = {text_of(o["rubric"], "version"): o for o in others if version_number(o["rubric"]["version"]) < number}
    except ValueError:  # a faulty version: told already
        return
    maps = [entry for entry in data.get("map", []) if isinstance(entry, Mapping)]
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
            _map_to_older(data, older[source], position, faults)


def _map_to_older(data: Mapping[str, Any], older: Mapping[str, Any], position: int, faults: Faults) -> None:
    fates = data["map"][position]["criteria"]
    before = {criterion["id"]: criterion for criterion in older["criterion"]}
    now = {text_of(entry, "id"): entry for entry in data.get("criterion", []) if isinstance(entry, Mapping)}
    place = ("map", position, "criteria")
    gone = [name for name in before if name not in now and name not in fates]
    if gone:
        step = 'Write "dropped" for each criterion that this version no longer has.'
        faults.add("RUBRIC_MAP", f"the map says nothing of: {', '.join(gone)}", step, place=place)
    for name, fate in fates.items():
        if (fate in ("same", "rescore", "dropped")) and name not in before:
            message = "the older version has no such criterion"
            faults.add("RUBRIC_MAP", message, 'Write "new".', place=(*place, name))
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


def _built(data: Mapping[str, Any], text: str) -> Rubric:
    header = data["rubric"]
    day = header.get("published")
    return Rubric(
        header["id"], header["version"], plain(header["title"]), plain(header["purpose"]), plain(header["applies_when"]),
        tuple(header["profiles"]), tuple(header.get("signals", ())), header["pass_level"], tuple(header["sources"]),
        tuple(_criterion(entry) for entry in data["criterion"]),
        tuple(VersionMap(entry["from"], dict(entry["criteria"])) for entry in data.get("map", ())),
        header["status"], content_digest(data), text, day.isoformat() if day else "", header.get("order", 999),
    )  # fmt: skip


def _criterion(entry: Mapping[str, Any]) -> Criterion:
    levels = entry["levels"]
    return Criterion(
        entry["id"],
        plain(entry["title"]),
        plain(entry["question"]),
        entry["critical"],
        (plain(levels["0"]), plain(levels["1"]), plain(levels["2"]), plain(levels["3"])),
        tuple(entry["sources"]),
        plain(entry.get("note", "")),
    )


def plain(text: str) -> str:
    """Returns a text on one line: authors break lines where they like.

    >>> plain("one\\n  two")
    'one two'
    """
    return " ".join(text.split())


def _counted(faults: int) -> str:
    return f"{faults} fault{'' if faults == 1 else 's'}"
