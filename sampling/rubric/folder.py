"""The rubrics of a folder: one file a version, published ones held to the digests of published.toml."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sampling.errors import Finding, PolicyError
from sampling.policy import shared_folder
from sampling.rubric.beside import check_beside
from sampling.rubric.checks import examined
from sampling.rubric.fields import Faults, shown
from sampling.rubric.files import home_of, published_versions, read_text, rubric_files
from sampling.rubric.lines import line_of
from sampling.rubric.model import Criterion, Rubric, VersionMap, content_digest


def rubrics_in(folder: Path | None = None) -> tuple[Rubric, ...]:
    """Returns all versions in the folder (default: ours), drafts too, by order, id and version. Raises PolicyError with every fault of any."""
    place = folder or shared_folder("rubrics")
    return _in_order(_all_of(rubric_files(place), place))


def rubrics_published(folder: Path | None = None) -> tuple[Rubric, ...]:
    """Returns all published versions, by order, id and version. Raises PolicyError with every fault of any.

    Only the files that published.toml lists are read, so that a half-written draft stops nobody.
    """
    place = folder or shared_folder("rubrics")
    listed = [place / f"{entry.id}-{entry.version}.toml" for entry in published_versions(place)]
    return _in_order(_all_of(listed, place))


def rubrics_in_use(profile: str, folder: Path | None = None) -> tuple[Rubric, ...]:
    """Returns the newest published version of each rubric for a profile (adult or children), in fixed order. Raises PolicyError."""
    newest = {
        rubric.id: rubric for rubric in rubrics_published(folder)
    }  # a later version takes the place of the earlier
    return tuple(rubric for rubric in newest.values() if profile in rubric.profiles)


def find_rubric(id: str, version: str, folder: Path | None = None) -> Rubric:
    """Returns one version of a rubric. Raises PolicyError when there is none, or when it has a fault."""
    place = folder or shared_folder("rubrics")
    for path in rubric_files(place):
        if path.name == f"{id}-{version}.toml":
            return _all_of([path], place)[0]
    raise PolicyError(f"There is no rubric {shown(id)} of version {shown(version)}. See: sampling rubric show")


def _all_of(paths: Iterable[Path], folder: Path) -> list[Rubric]:
    """Returns the rubrics of these files. Raises PolicyError with every fault of any."""
    read = [_read(path, folder) for path in paths]
    faults = [finding for _, findings in read for finding in findings if finding.severity == "error"]
    if faults:
        raise PolicyError(f"The rubrics have {_counted(len(faults))}.", faults)
    return [rubric for rubric, _ in read if rubric]


def _in_order(rubrics: Iterable[Rubric]) -> tuple[Rubric, ...]:
    """Returns all versions of a rubric together, oldest first, where the newest of them stands."""
    by_age = sorted(rubrics, key=lambda rubric: rubric.number)
    place = {rubric.id: rubric.order for rubric in by_age}
    return tuple(sorted(by_age, key=lambda rubric: (place[rubric.id], rubric.id)))


def load_rubric(path: Path, folder: Path | None = None) -> Rubric:
    """Returns the rubric of a file; `folder` has its other versions (default: see home_of). Raises PolicyError with every fault found."""
    rubric, findings = _read(path, folder or home_of(path))
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors or rubric is None:
        raise PolicyError(f"The rubric {path.name} has {_counted(len(errors))}.", errors)
    return rubric


def check_file(path: Path, folder: Path | None = None) -> list[Finding]:
    """Returns every fault of a rubric file, by line; also what the other files of the folder have to say (default: see home_of)."""
    return _read(path, folder or home_of(path))[1]


def _read(path: Path, folder: Path) -> tuple[Rubric | None, list[Finding]]:
    """Returns the rubric of a file, or None where it has an error, with all findings."""
    text, unreadable = read_text(path)
    if unreadable:
        return None, unreadable
    data, findings = examined(text, path)
    faults = Faults(path.name, line_of(text))
    if isinstance(data.get("rubric"), Mapping):
        check_beside(data, path, folder, faults)
    findings = sorted([*findings, *faults.findings], key=lambda finding: finding.text_line or 0)
    sound = not any(finding.severity == "error" for finding in findings)
    return (_built(data, text) if sound else None), findings


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
