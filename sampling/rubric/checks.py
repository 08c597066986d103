"""What is wrong with a rubric file: everything at once, each with its line and what to do about it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

from sampling.errors import Finding, Severity, describe_value
from sampling.policy import load_signals
from sampling.rubric.lines import Place, line_of, read_toml
from sampling.rubric.model import LEVELS, Fate

PROFILES = ("adult", "children")
STATUSES = ("draft", "published")
MOST_CHARACTERS = 100_000  # of a file: a rubric of twenty criteria has a fifth of it
MOST_IN_A_LINE = 2_000
MOST_CRITERIA = 20
MOST_FINDINGS = 200  # nobody reads on
TITLE, QUESTION, ANCHOR, SENTENCES = 80, 200, 400, 800  # characters that fit the form and the printed page
_ID = re.compile(r"[a-z][a-z0-9_]{0,63}")
_VERSION = re.compile(r"(0|[1-9]\d{0,3})\.(0|[1-9]\d{0,3})")
_PLAIN_NAME = re.compile(r"[A-Za-z][A-Za-z_]{0,39}")  # may be shown: no number, no name with a space
_SNEAKY = ("Cc", "Cf", "Cn", "Co", "Cs")  # control, invisible and unassigned characters


@dataclass(frozen=True)
class Field:
    """What a key may hold: its kind, its longest text or largest number, and its closed values."""

    kind: str
    most: int = 0
    needed: bool = True
    choices: tuple[str, ...] = ()


FIELDS: dict[str, dict[str, Field]] = {
    "rubric": {
        "id": Field("id"),
        "version": Field("version"),
        "status": Field("text", 20, choices=STATUSES),
        "published": Field("day", needed=False),
        "order": Field("whole", 999, needed=False),
        "title": Field("text", TITLE),
        "purpose": Field("text", SENTENCES),
        "applies_when": Field("text", SENTENCES),
        "profiles": Field("texts", 20, choices=PROFILES),
        "signals": Field("texts", 64, needed=False),
        "pass_level": Field("whole", LEVELS[-1]),
        "sources": Field("texts", ANCHOR),
    },
    "criterion": {
        "id": Field("id"),
        "title": Field("text", TITLE),
        "question": Field("text", QUESTION),
        "critical": Field("flag"),
        "note": Field("text", SENTENCES, needed=False),
        "sources": Field("texts", ANCHOR),
        "levels": Field("levels", ANCHOR),
    },
    "map": {"from": Field("version"), "criteria": Field("fates")},
}
_EXPECTED = {
    "id": "expected lower-case letters, digits and underscores, beginning with a letter",
    "version": 'expected a version of two numbers in quotation marks, as "1.0"',
    "text": "expected a text in quotation marks",
    "texts": 'expected a list of texts, as ["one", "two"]',
    "flag": "expected true or false, without quotation marks",
    "whole": "expected a whole number from 1 to {most}, without quotation marks",
    "day": "expected a day as 2026-11-22, without quotation marks",
    "levels": "expected a table with the anchors of levels 0, 1, 2 and 3",
    "fates": "expected a table with an entry for each criterion",
}
_EXAMPLE = "rubrics/README.md has each key with an example."


@dataclass
class Faults:
    """The findings of one file. `partial` is set where lines had to be left out: what is missing may stand in them."""

    file: str
    lines: Mapping[Place, int] = field(default_factory=dict)
    partial: bool = False
    findings: list[Finding] = field(default_factory=list)

    def add(
        self, code: str, message: str, next_step: str = "", *, place: Place = (), line: int | None = None,
        seen: str = "", severity: Severity = "error",
    ) -> None:  # fmt: skip
        """Adds a finding at the line of the key, or of the table that should have it."""
        while line is None and place:
            line, place = self.lines.get(place), place[:-1]
        self.findings.append(
            Finding(code, message, next_step, severity, file=self.file, text_line=line, seen=seen)
        )


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
            _unknown(name, tuple(FIELDS), (name,), faults)
    if not isinstance(data.get("rubric", {}), Mapping):
        faults.add("RUBRIC_TYPE", "expected a table [rubric]", _EXAMPLE, place=("rubric",))
    elif "rubric" in data:
        _table(data["rubric"], "rubric", ("rubric",), faults)
        _signals(data["rubric"], faults)
    elif not faults.partial:
        faults.add("RUBRIC_KEY_MISSING", "the table [rubric] is missing", _EXAMPLE)
    criteria = _tables(data, "criterion", faults)
    if not 1 <= len(criteria) <= MOST_CRITERIA and not faults.partial:
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
        faults.add("RUBRIC_TYPE", message, _EXAMPLE, place=(name,))
        return []
    for position, entry in enumerate(found[: MOST_CRITERIA * 2]):
        _table(entry, name, (name, position), faults)
    return found


def _table(entry: Mapping[str, Any], kind: str, place: Place, faults: Faults) -> None:
    fields = FIELDS[kind]
    for name in entry:
        if name not in fields:
            _unknown(name, tuple(fields), (*place, name), faults)
    for name, expected in fields.items():
        if name in entry:
            _CHECKS[expected.kind](entry[name], expected, (*place, name), faults)
        elif expected.needed and not faults.partial:
            faults.add("RUBRIC_KEY_MISSING", f"{_table_name(kind)} has no {name}", _EXAMPLE, place=place)


def _table_name(kind: str) -> str:
    return "[rubric]" if kind == "rubric" else f"this [[{kind}]]"


def _unknown(name: str, known: Sequence[str], place: Place, faults: Faults) -> None:
    near = get_close_matches(name[:64], known, 1)
    step = f'Did you mean "{near[0]}"?' if near else f"Known are: {', '.join(known)}."
    seen = f'"{name}"' if _PLAIN_NAME.fullmatch(name) else describe_value(name)
    faults.add("RUBRIC_KEY_UNKNOWN", "the name is unknown here", step, place=place, seen=seen)


def _wrong_type(expected: Field, place: Place, faults: Faults, value: object) -> None:
    words = _EXPECTED[expected.kind].format(most=expected.most)
    faults.add("RUBRIC_TYPE", f"{place[-1]}: {words}", _EXAMPLE, place=place, seen=describe_value(value))


def _id(value: object, expected: Field, place: Place, faults: Faults) -> None:
    if not isinstance(value, str) or not _ID.fullmatch(value):
        _wrong_type(expected, place, faults, value)


def _version(value: object, expected: Field, place: Place, faults: Faults) -> None:
    if not isinstance(value, str) or not _VERSION.fullmatch(value):
        _wrong_type(expected, place, faults, value)


def _flag(value: object, expected: Field, place: Place, faults: Faults) -> None:
    if not isinstance(value, bool):
        _wrong_type(expected, place, faults, value)


def _whole(value: object, expected: Field, place: Place, faults: Faults) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= expected.most:
        _wrong_type(expected, place, faults, value)


def _day(value: object, expected: Field, place: Place, faults: Faults) -> None:
    if not isinstance(value, date) or isinstance(value, datetime):
        _wrong_type(expected, place, faults, value)


def _text(value: object, expected: Field, place: Place, faults: Faults) -> None:
    name = f"level {place[-1]}" if len(place) > 1 and place[-2] == "levels" else str(place[-1])
    if not isinstance(value, str):
        _wrong_type(Field("text"), (*place[:-1], place[-1]), faults, value)
    elif not value.strip():
        faults.add("RUBRIC_TEXT_BLANK", f"{name} is empty", "Write it.", place=place)
    elif len(value) > expected.most:
        message = f"{name} has {len(value):,} characters, {expected.most} are the most"
        faults.add("RUBRIC_TEXT_LONG", message, "Shorten it: it must be read at the moment of scoring.", place=place)
    elif expected.choices and value not in expected.choices:
        message = f"{name} must be one of {', '.join(expected.choices)}"
        faults.add("RUBRIC_VALUE", message, "Choose one.", place=place, seen=describe_value(value))
    if isinstance(value, str) and any(unicodedata.category(c) in _SNEAKY for c in value if c != "\n"):
        message = f"{name} holds an invisible or control character"
        faults.add(
            "RUBRIC_CHARACTERS", message, "Type the text again; such characters come in by copying.", place=place
        )


def _texts(value: object, expected: Field, place: Place, faults: Faults) -> None:
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value) or not value:
        _wrong_type(expected, place, faults, value)
        return
    for entry in value[:MOST_FINDINGS]:
        _text(entry, expected, place, faults)
    if len(set(value)) < len(value):
        faults.add("RUBRIC_VALUE", f"{place[-1]} names something twice", "Take one away.", place=place)


def _levels(value: object, expected: Field, place: Place, faults: Faults) -> None:
    if not isinstance(value, Mapping):
        _wrong_type(expected, place, faults, value)
        return
    wanted = [str(level) for level in LEVELS]
    missing = [name for name in wanted if name not in value]
    surplus = [name for name in value if name not in wanted]
    if (missing and not faults.partial) or surplus:
        words = [f"level {', '.join(missing)} is missing"] if missing else []
        words += ["another level stands there"] if surplus else []
        step = "A criterion has the four levels 0, 1, 2 and 3."
        seen = describe_value(surplus[0]) if surplus else ""
        faults.add("RUBRIC_LEVELS", " and ".join(words), step, place=place, seen=seen)
    seen_before: dict[str, str] = {}
    for name in (name for name in wanted if name in value):
        _text(value[name], expected, (*place, name), faults)
        anchor = " ".join(str(value[name]).casefold().split())
        if anchor in seen_before and anchor:
            message = f"level {name} has the same anchor as level {seen_before[anchor]}"
            faults.add("RUBRIC_ANCHOR_TWICE", message, "Say what sets them apart.", place=(*place, name))
        seen_before.setdefault(anchor, name)


def _fates(value: object, expected: Field, place: Place, faults: Faults) -> None:
    if not isinstance(value, Mapping):
        _wrong_type(expected, place, faults, value)
        return
    for name, fate in value.items():
        if fate not in get_args(Fate):
            message = f"a criterion is one of {', '.join(get_args(Fate))}"
            faults.add("RUBRIC_VALUE", message, "Choose one.", place=(*place, name), seen=describe_value(fate))


_CHECKS: dict[str, Callable[[object, Field, Place, Faults], None]] = {
    "id": _id, "version": _version, "text": _text, "texts": _texts, "flag": _flag, "whole": _whole, "day": _day,
    "levels": _levels, "fates": _fates,
}  # fmt: skip


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
        message = f"the map says nothing of: {', '.join(missing)}"
        step = 'Write "same", "rescore" or "new" for each criterion.'
        faults.add("RUBRIC_MAP", message, step, place=(*place, "criteria"))
    for name, fate in fates.items():
        if (fate == "dropped") == (name in known) and fate in get_args(Fate):
            message = (
                "a dropped criterion is still in this version"
                if name in known
                else "this version has no such criterion"
            )
            step = 'Only criteria of the older version that are gone are "dropped".'
            faults.add("RUBRIC_MAP", message, step, place=(*place, "criteria", name))


def _signals(header: Mapping[str, Any], faults: Faults) -> None:
    """Notes each signal that no signal file of ours has: it would never suggest the rubric."""
    named = header.get("signals", [])
    if not isinstance(named, list):
        return
    known = {signal.id for profile in PROFILES for signal in load_signals(profile).signals}
    for name in named:
        if isinstance(name, str) and name not in known:
            near = get_close_matches(name[:64], sorted(known), 1)
            step = f'Did you mean "{near[0]}"?' if near else "The signals stand in policies/signals_*.toml."
            message = "no signal file has such a signal, so it suggests nothing"
            place: Place = ("rubric", "signals")
            seen = f'"{name}"' if _PLAIN_NAME.fullmatch(name) else describe_value(name)
            faults.add("RUBRIC_SIGNAL_UNKNOWN", message, step, place=place, seen=seen, severity="note")


def text_of(entry: Mapping[str, Any], name: str) -> str:
    """Returns a text of a table, or nothing where there is no text."""
    value = entry.get(name)
    return value if isinstance(value, str) else ""
