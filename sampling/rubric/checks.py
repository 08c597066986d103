"""What is wrong with a rubric file: everything at once, each with its line and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, get_args

from sampling.errors import Finding
from sampling.policy import load_signals
from sampling.rubric.fields import EXAMPLE, FIELDS, PROFILES, Faults, check_table, name_unknown, nearest, shown, text_of
from sampling.rubric.lines import Place, line_of, read_toml
from sampling.rubric.model import Fate

MOST_CHARACTERS = 100_000  # of a file: a rubric of twenty criteria has a fifth of it
MOST_IN_A_LINE = 2_000
MOST_CRITERIA = 20
MOST_FINDINGS = 200  # nobody reads on


def check_rubric(text: str, file: str | Path) -> list[Finding]:
    """Returns every fault of a rubric's text, by line. What depends on other files is looked at by `check_file` alone."""
    return examined(text, file)[1]


def examined(text: str, file: str | Path) -> tuple[dict[str, Any], list[Finding]]:
    """Returns the parsed content of a rubric's text with its findings; the content is only to be used when none is an error."""
    faults = Faults(Path(file).name)
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")  # as Windows editors write
    if not _sizes(text, faults):
        return {}, faults.findings
    data, syntax = read_toml(text)
    faults.lines, faults.partial = line_of(text), bool(syntax)
    for fault in syntax:
        faults.add("RUBRIC_SYNTAX", f"this is not valid TOML: {fault.words}", "Mend the line.", line=fault.line)
    if data or not syntax:
        _content(data, faults)
    found = sorted(faults.findings, key=lambda finding: finding.text_line or 0)
    if len(found) > MOST_FINDINGS:
        more = Finding("RUBRIC_TOO_LARGE", f"{len(found) - MOST_FINDINGS} more faults are not listed", file=faults.file)
        found = [*found[:MOST_FINDINGS], more]
    return data, found


def _sizes(text: str, faults: Faults) -> bool:
    """Tells whether the text is small enough to be read at all: a reader of TOML can be kept busy for hours."""
    if len(text) > MOST_CHARACTERS:
        step = "Check that this is a rubric; split it if it is one."
        faults.add("RUBRIC_TOO_LARGE", f"the file has {len(text):,} characters, {MOST_CHARACTERS:,} are the most", step)
        return False
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > MOST_IN_A_LINE:
            message = f"the line has {len(line):,} characters, {MOST_IN_A_LINE:,} are the most"
            faults.add("RUBRIC_TOO_LARGE", message, "Shorten it.", line=number)
    return not faults.findings


def _content(data: Mapping[str, Any], faults: Faults) -> None:
    for name in data:
        if name not in FIELDS:
            name_unknown(name, tuple(FIELDS), (name,), faults)
    if not isinstance(data.get("rubric", {}), Mapping):
        faults.add("RUBRIC_TYPE", "expected a table [rubric]", EXAMPLE, place=("rubric",))
    elif "rubric" in data:
        check_table(data["rubric"], "rubric", ("rubric",), faults)
        _signals(data["rubric"], faults)
        _published(data["rubric"], faults)
    elif not faults.partial:
        faults.add("RUBRIC_KEY_MISSING", "the table [rubric] is missing", EXAMPLE)
    criteria = _tables(data, "criterion", faults)
    told = not isinstance(data.get("criterion", []), list)
    if not 1 <= len(criteria) <= MOST_CRITERIA and not faults.partial and not told:
        message = f"a rubric has 1 to {MOST_CRITERIA} criteria, this one has {len(criteria)}"
        faults.add("RUBRIC_CRITERIA", message, "Each begins with a line [[criterion]].")
    _twice(criteria, faults)
    maps = _tables(data, "map", faults)
    known = [text_of(criterion, "id") for criterion in criteria]
    for position, entry in enumerate(maps):
        _map(entry, ("map", position), known, faults)


def _tables(data: Mapping[str, Any], name: str, faults: Faults) -> list[Mapping[str, Any]]:
    """Returns the entries of a list of tables, each checked by itself."""
    found = data.get(name, [])
    if not isinstance(found, list) or not all(isinstance(entry, Mapping) for entry in found):
        message = f"each {name} begins with a line [[{name}]], in two square brackets"
        faults.add("RUBRIC_TYPE", message, EXAMPLE, place=(name,))
        return []
    for position, entry in enumerate(found[: MOST_CRITERIA * 2]):
        check_table(entry, name, (name, position), faults)
    return found


def _twice(criteria: Sequence[Mapping[str, Any]], faults: Faults) -> None:
    seen: set[str] = set()
    for position, criterion in enumerate(criteria):
        name = text_of(criterion, "id")
        if name and name in seen:
            message = "another criterion has this id already"
            faults.add("RUBRIC_ID_TWICE", message, "Give it one of its own.", place=("criterion", position, "id"))
        seen.add(name)


def _map(entry: Mapping[str, Any], place: Place, known: Sequence[str], faults: Faults) -> None:
    """Holds a map to this version's criteria; `check_file` holds it to the older version's."""
    fates = entry.get("criteria")
    if not isinstance(fates, Mapping) or faults.partial:
        return
    missing = [name for name in known if name not in fates]
    if missing:
        message = f"the map says nothing of {', '.join(shown(name) for name in missing)}"
        step = 'Write "same", "rescore" or "new" for each criterion.'
        faults.add("RUBRIC_MAP", message, step, place=(*place, "criteria"))
    for name, fate in fates.items():
        if (fate == "dropped") == (name in known) and fate in get_args(Fate):
            message = f"{shown(name)} is {'still in' if name in known else 'not in'} this version"
            step = 'Only criteria of the older version that are gone are "dropped".'
            faults.add("RUBRIC_MAP", message, step, place=(*place, "criteria", name))


@cache
def _known_signals() -> frozenset[str]:
    return frozenset(signal.id for profile in PROFILES for signal in load_signals(profile).signals)


def _signals(header: Mapping[str, Any], faults: Faults) -> None:
    """Notes each signal that no signal file of ours has: it would never suggest the rubric."""
    named = header.get("signals", [])
    if not isinstance(named, list):
        return
    known = _known_signals()
    for name in [name for name in named if isinstance(name, str) and name not in known][:MOST_CRITERIA]:
        step = nearest(name, known) or "The signals stand in policies/signals_*.toml."
        message = "no signal file has such a signal, so it suggests nothing"
        place: Place = ("rubric", "signals")
        faults.add("RUBRIC_SIGNAL_UNKNOWN", message, step, place=place, seen=shown(name), severity="note")


def _published(header: Mapping[str, Any], faults: Faults) -> None:
    """A published version says when, and a draft cannot."""
    published = header.get("status") == "published"
    if published and "published" not in header and not faults.partial:
        message = "a published rubric says on which day"
        faults.add(
            "RUBRIC_KEY_MISSING", message, "`sampling rubric publish FILE` writes it.", place=("rubric", "status")
        )
    if header.get("status") == "draft" and "published" in header:
        message = "a draft has no day of publication"
        faults.add("RUBRIC_VALUE", message, "Take it out.", place=("rubric", "published"))
