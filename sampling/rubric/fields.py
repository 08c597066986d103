"""What each key of a rubric file may hold, and the findings where it does not."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any, get_args

from sampling.errors import Finding, Severity, describe_value
from sampling.rubric.lines import Place
from sampling.rubric.model import LEVELS, Fate

PROFILES = ("adult", "children")
STATUSES = ("draft", "published")
MOST_ENTRIES = 100  # of a list: more are not looked at one by one
TITLE, QUESTION, ANCHOR, SENTENCES = 80, 200, 400, 800  # characters that fit the form and the printed page
_ID = re.compile(r"[a-z][a-z0-9_]{0,63}")
_VERSION = re.compile(r"(0|[1-9]\d{0,3})\.(0|[1-9]\d{0,3})")
_PLAIN_NAME = re.compile(r"[A-Za-z][A-Za-z_]{0,39}\d{0,3}")  # may be shown: no long number, no name with a space
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
EXAMPLE = "rubrics/README.md has each key with an example."


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
        self.findings.append(Finding(code, message, next_step, severity, file=self.file, text_line=line, seen=seen))


def check_table(entry: Mapping[str, Any], kind: str, place: Place, faults: Faults) -> None:
    """Adds the faults of one table: `kind` is rubric, criterion or map."""
    fields = FIELDS[kind]
    for name in entry:
        if name not in fields:
            name_unknown(name, tuple(fields), (*place, name), faults)
    for name, expected in fields.items():
        if name in entry:
            _CHECKS[expected.kind](entry[name], expected, (*place, name), faults)
        elif expected.needed and not faults.partial:
            faults.add("RUBRIC_KEY_MISSING", f"{_table_name(kind)} has no {name}", EXAMPLE, place=place)


def _table_name(kind: str) -> str:
    return "[rubric]" if kind == "rubric" else f"this [[{kind}]]"


def name_unknown(name: str, known: Sequence[str], place: Place, faults: Faults) -> None:
    """Adds that a key or table has a name that nobody knows, with the one that may be meant."""
    step = nearest(name, known) or f"Known are: {', '.join(known)}."
    faults.add("RUBRIC_KEY_UNKNOWN", "the name is unknown here", step, place=place, seen=shown(name))


def nearest(name: str, known: Iterable[str]) -> str:
    """Returns a question with the known name that is most like this one, or nothing.

    >>> nearest("titel", ["id", "title"])
    'Did you mean "title"?'
    """
    near = get_close_matches(name[:64], sorted(known), 1)
    return f'Did you mean "{near[0]}"?' if near else ""


def shown(name: str) -> str:
    """Returns a name as it may be shown: itself where it is plainly the name of a key, a criterion or a version, else its shape.

    >>> shown("follow_up"), shown("1.0"), shown("9434765919")
    ('"follow_up"', '"1.0"', 'text shaped "9999999999" (10 characters)')
    """
    return f'"{name}"' if _PLAIN_NAME.fullmatch(name) or _VERSION.fullmatch(name) else describe_value(name)


def _wrong_type(expected: Field, place: Place, faults: Faults, value: object) -> None:
    words = _EXPECTED[expected.kind].format(most=expected.most)
    faults.add("RUBRIC_TYPE", f"{place[-1]}: {words}", EXAMPLE, place=place, seen=describe_value(value))


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
    for entry in value[:MOST_ENTRIES]:
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


def text_of(entry: Mapping[str, Any], name: str) -> str:
    """Returns a text of a table, or nothing where there is no text."""
    value = entry.get(name)
    return value if isinstance(value, str) else ""
