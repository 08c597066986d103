"""The folders of vignettes: read whole, held to their rubrics and, once published, to their digests."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sampling.errors import Finding, PolicyError
from sampling.policy import shared_folder
from sampling.rubric.fields import Faults, text_of
from sampling.rubric.files import PUBLISHED_LIST
from sampling.rubric.folder import plain, rubrics_published
from sampling.rubric.lines import line_of, read_toml
from sampling.rubric.model import Rubric, version_number
from sampling.rubric.vignettes.checks import (
    FILE_NAME,
    check_days,
    check_fields,
    check_planted,
    check_quotations,
    check_references,
    tables,
)
from sampling.rubric.vignettes.model import (
    PLAN_DAYS,
    Document,
    RecordedEvent,
    RecordedPlan,
    Reference,
    Vignette,
    content_digest,
)
from sampling.rubric.vignettes.published import Listed, listed
from sampling.rubric.vignettes.texts import MOST_CHARACTERS, MOST_OF_A_DOCUMENT, check_lines, read

HEADER = "vignette.toml"
MOST_FINDINGS = 200  # nobody reads on
_PLAIN_FOLDER = re.compile(r"[a-z](?:[a-z-]|\d(?!\d{3})){0,60}-\d{1,4}\.\d{1,4}")  # may be shown: no long number
_Known = Mapping[str, Rubric]


def vignettes_home() -> Path:
    """Returns the folder of the vignettes that come with the program."""
    return shared_folder("rubrics") / "vignettes"


def load_all(
    folder: Path | None = None, *, drafts: bool = False, retired: bool = False, planted: bool = False
) -> tuple[Vignette, ...]:
    """Returns the published vignettes of a folder (default: ours) that are not retired, by setting, slug and version: those for live
    sessions, or with `planted` those that are seeded among real cases.

    `drafts` adds those that are not published, `retired` those that are no longer offered. Raises PolicyError with every fault of any.
    """
    home = folder or vignettes_home()
    entries = {f"{entry.slug}-{entry.version}": entry for entry in listed(home)}
    names = [name for name, entry in entries.items() if retired or not entry.retired]
    if drafts:
        names += [path.parent.name for path in sorted(home.glob(f"*/{HEADER}")) if path.parent.name not in entries]
    found = [entry for entry in _all_of([home / name for name in names], home) if entry.planted == planted]
    return tuple(sorted(found, key=lambda entry: (entry.setting, entry.slug, version_number(entry.version))))


def _all_of(folders: Sequence[Path], home: Path) -> list[Vignette]:
    """Returns the vignettes of these folders. Raises PolicyError with every fault of any."""
    known = _rubrics_for(home)
    found = [_read(folder, known) for folder in folders]
    faults = [finding for _, findings in found for finding in findings if finding.severity == "error"]
    if faults:
        raise PolicyError(f"The vignettes have {_counted(len(faults))}.", faults)
    return [vignette for vignette, _ in found if vignette]


def find_vignette(name: str, folder: Path | None = None) -> Vignette:
    """Returns a vignette by `SLUG-VERSION`, or by slug alone the newest version that is not retired. Raises PolicyError when there is none."""
    home = folder or vignettes_home()
    folders = [path.parent for path in sorted(home.glob(f"*/{HEADER}"))]
    found = _all_of([path for path in folders if name in (path.name, path.name.rpartition("-")[0])], home)
    exact = [entry for entry in found if entry.id == name]
    versions = [entry for entry in found if entry.slug == name and not entry.retired]
    if not exact and not versions:
        raise PolicyError("There is no such vignette. See: sampling vignette list")
    return (
        exact[0] if exact else max(versions, key=lambda entry: (bool(entry.published), version_number(entry.version)))
    )


def load_vignette(path: Path) -> Vignette:
    """Returns the vignette of a folder. Raises PolicyError with every fault found."""
    vignette, findings = _read(path, _rubrics_for(path.parent))
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors or vignette is None:
        raise PolicyError(f"The vignette has {_counted(len(errors))}.", errors)
    return vignette


def check_vignette(path: Path) -> list[Finding]:
    """Returns every fault of a vignette's folder by file and line, never with its text."""
    return _read(path, _rubrics_for(path.parent))[1]


def _rubrics_for(home: Path) -> dict[str, Rubric]:
    """Returns the published rubrics by ID-VERSION: those above the folder of vignettes where there are any, else ours."""
    above = home.resolve().parent
    found = rubrics_published(above if (above / PUBLISHED_LIST).is_file() else None)
    return {f"{rubric.id}-{rubric.version}": rubric for rubric in found}


def _read(folder: Path, known: _Known) -> tuple[Vignette | None, list[Finding]]:
    """Returns the vignette of a folder, or None where it has an error, with all findings."""
    within = f"{folder.name}/" if _PLAIN_FOLDER.fullmatch(folder.name) else ""
    faults = Faults(f"{within}{HEADER}")
    text = read(folder / HEADER, MOST_CHARACTERS, faults)
    if text is None:
        return None, faults.findings
    data, syntax = read_toml(text)
    faults.lines, faults.partial = line_of(text), bool(syntax)
    for fault in syntax:
        faults.add("VIGNETTE_SYNTAX", f"this is not valid TOML: {fault.words}", "Mend the line.", line=fault.line)
    check_fields(data, faults)
    check_days(data, faults)
    rubrics = check_references(data, known, faults)
    texts, found = _documents(folder, data, faults)
    step = "Write the day in double square brackets, as [[3 February 2026]], or in words that stay true."
    for name, line, message in check_planted(data, texts, faults):
        where = faults.file.replace(HEADER, name)
        found.append(Finding("VIGNETTE_DAY", message, step, file=where, text_line=line))
    if not found:
        check_quotations(data, texts, faults)
    entry = _since_publication(folder, data, texts, faults)
    findings = [*sorted(faults.findings, key=lambda finding: finding.text_line or 0), *found]
    if len(findings) > MOST_FINDINGS:
        more = f"{len(findings) - MOST_FINDINGS} more faults are not listed"
        findings = [*findings[:MOST_FINDINGS], Finding("VIGNETTE_TOO_LARGE", more, file=faults.file)]
    sound = not any(finding.severity == "error" for finding in findings)
    return (_built(data, texts, rubrics, entry) if sound else None), findings


def _documents(folder: Path, data: Mapping[str, Any], faults: Faults) -> tuple[dict[str, str], list[Finding]]:
    """Returns the texts of the documents by file name, with the findings inside them."""
    texts: dict[str, str] = {}
    findings: list[Finding] = []
    for position, entry in enumerate(tables(data, "document")):
        name, place = text_of(entry, "file"), ("document", position, "file")
        if not FILE_NAME.fullmatch(name):
            continue  # told with the fields
        path = folder / name
        if name in texts:
            faults.add("VIGNETTE_DOCUMENT", "the file stands twice", "Take one away.", place=place)
        elif path.resolve().parent != folder.resolve():
            faults.add("VIGNETTE_DOCUMENT", "the file leads out of the folder", "Put a copy here.", place=place)
        elif not path.is_file():
            faults.add("VIGNETTE_DOCUMENT", "the file is not in the folder", "Write it, or mend its name.", place=place)
        else:
            within = Faults(faults.file.replace(HEADER, name))
            text = read(path, MOST_OF_A_DOCUMENT, within)
            texts[name] = text or ""
            if text is not None:
                check_lines(text, within)
            findings += within.findings
    _unused(folder, texts, faults)
    return texts, findings


def _unused(folder: Path, texts: Mapping[str, str], faults: Faults) -> None:
    surplus = sum(path.name not in (HEADER, *texts) and path.name[:1] != "." for path in folder.iterdir())
    if surplus:
        one = surplus == 1
        message = f"{surplus} file{'' if one else 's'} of the folder stand{'s' if one else ''} in no [[document]], so nobody reads {'it' if one else 'them'}"
        step = f"Name {'it' if one else 'them'}, or take {'it' if one else 'them'} away."
        faults.add("VIGNETTE_FILE_UNUSED", message, step, severity="note")


def _since_publication(
    folder: Path, data: Mapping[str, Any], texts: Mapping[str, str], faults: Faults
) -> Listed | None:
    """Holds a folder to its name and, where it is published, to its digest; returns its line in the list."""
    header = data.get("vignette")
    header = header if isinstance(header, Mapping) else {}
    slug, version = text_of(header, "slug"), text_of(header, "version")
    if slug and version and folder.resolve().name != f"{slug}-{version}":
        message = "the folder's name is not that of its vignette"
        faults.add("VIGNETTE_FOLDER_NAME", message, "Call it SLUG-VERSION.", place=("vignette", "slug"))
    name = folder.resolve().name
    entry = next((entry for entry in listed(folder.parent) if f"{entry.slug}-{entry.version}" == name), None)
    if entry and content_digest(data, texts) != entry.digest:
        message = f"version {entry.version} was published on {entry.published} and has been changed since"
        step = "Put the published text back, and make a new version: ratings name the text they were made with."
        faults.add("VIGNETTE_EDITED", message, step, place=("vignette", "version"))
    return entry


def _built(
    data: Mapping[str, Any], texts: Mapping[str, str], rubrics: Mapping[str, Rubric], entry: Listed | None
) -> Vignette:
    header = data["vignette"]
    documents = tuple(
        Document(part["file"], plain(part["kind"]), part["date"], plain(part["author"]), texts[part["file"]].strip())
        for part in data["document"]
    )
    references = tuple(
        Reference(
            part["rubric"], part["criterion"], part.get("level"), part.get("code"), plain(part["why"]), plain(part.get("hard", "")),
        )
        for part in data["reference"]
    )  # fmt: skip
    return Vignette(
        header["slug"], header["version"], plain(header["title"]), header["setting"], plain(header["reader"]),
        plain(header["anonymity"]), header["record_to"], tuple(plain(rule) for rule in header.get("local_rules", ())),
        {id: rubric.version for id, rubric in rubrics.items()}, documents, references, content_digest(data, texts),
        entry.published if entry else "", entry.retired if entry else "", header.get("planted", False),
        tuple(RecordedEvent(part["kind"], part["date"], part.get("time", "")) for part in data.get("event", ())),
        tuple(RecordedPlan(part["kind"], {name: part[name] for name in PLAN_DAYS if name in part}) for part in data.get("plan", ())),
        tuple(header.get("signals", ())),
    )  # fmt: skip


def _counted(faults: int) -> str:
    return f"{faults} fault{'' if faults == 1 else 's'}"
