"""Reading profiles: policies/assurance/*.toml, checked whole, with every fault at once, each with its line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic_core import ErrorDetails

from sampling.assurance.profile import (
    EACH_SESSION,
    ONCE,
    STRICTEST,
    BankHoliday,
    Figure,
    FolderItem,
    Interval,
    Origin,
    Profile,
    Reading,
    Scope,
    in_order,
    strictest,
)
from sampling.assurance.rules import AGREED_RULES, RULES, STARTER_RULES, Threshold
from sampling.assurance.spans import parse_span
from sampling.errors import Finding, PolicyError
from sampling.policy import shared_folder
from sampling.rubric.fields import nearest
from sampling.rubric.lines import Place, line_of, read_toml

FOLDER = "assurance"
BLANK = "blank"  # the profile to copy: it is listed, and never counts
LONGEST_FILE = 100_000  # characters
EXAMPLE = "docs/policies.md has each key with an example."
Standing = Literal["stated", "common practice", "our judgement"]


def _a_span(text: str) -> str:
    parse_span(text)
    return text


def _a_span_or_word(text: str) -> str:
    return text if text in (EACH_SESSION, ONCE) else _a_span(text)


def _a_rule(text: str) -> str:
    known = [rule for rule in RULES if rule not in AGREED_RULES]
    if text not in known:
        raise ValueError(f"must be one of {', '.join(known)}. {nearest(text, known)}".strip())
    return text


Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=800)]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Row = Annotated[str, StringConstraints(pattern=r"^([A-E][1-9]\d?|outside)$")]
SpanText = Annotated[str, AfterValidator(_a_span)]
OftenText = Annotated[str, AfterValidator(_a_span_or_word)]
RuleText = Annotated[str, AfterValidator(_a_rule)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Sourced(_Table):
    source: Words
    row: Row
    standing: Standing = "stated"
    note: Words | None = None

    def origin(self, profile: str) -> Origin:
        return Origin(profile, self.source, self.row, self.standing, self.note or "")


class _Header(_Table):
    id: Id
    title: Words
    document: Words
    note: Words | None = None


class _Interval(_Sourced):
    rule: RuleText
    every: SpanText
    threshold: Threshold
    until: SpanText | None = None
    owner: Literal["supervisor", "supervisee"] | None = None
    destination: Words | None = None


class _Figure(_Sourced):
    value: Annotated[int, Field(ge=1, le=1000)]


class _Scope(_Sourced):
    left_out: list[Id]
    named_in: list[Words]


class _FolderItem(_Sourced):
    item: Id
    words: Words
    every: OftenText


class _Reading(_Sourced):
    purpose: Id
    words: Words


class _BankHoliday(_Sourced):
    on: date
    words: Words


class _File(_Table):
    profile: _Header
    long_absence_days: _Figure | None = None
    session_minutes: _Figure | None = None
    scope: _Scope | None = None
    interval: list[_Interval] = []
    folder: list[_FolderItem] = []
    reading: list[_Reading] = []
    bank_holiday: list[_BankHoliday] = []


def profiles_folder() -> Path:
    """Returns the folder of the profiles that come with the program."""
    return shared_folder("policies") / FOLDER


def load_profile(path: Path) -> Profile:
    """Returns the profile of a file. Raises PolicyError with every fault at once, each with its line."""
    profile, findings = check_profile(path)
    if profile is None:
        count = f"{len(findings)} fault{'' if len(findings) == 1 else 's'}"
        raise PolicyError(f"The policy profile {path.name} has {count}.", findings)
    return profile


def load_profiles(folder: Path | None = None) -> tuple[Profile, ...]:
    """Returns the profiles of a folder by id, the blank one left out. Raises PolicyError with the faults of all files at once."""
    files = sorted((folder or profiles_folder()).glob("*.toml"))
    checked = [check_profile(path) for path in files]
    findings = [finding for _, found in checked for finding in found]
    if findings or not files:
        raise PolicyError("The policy profiles cannot be used." if files else "There is no policy profile.", findings)
    found = [profile for profile, _ in checked if profile is not None and profile.id != BLANK]
    return tuple(sorted(found, key=lambda profile: profile.id))


def profile_named(name: str = STRICTEST, folder: Path | None = None) -> Profile:
    """Returns the profile of that id, or the strictest of all. Raises PolicyError where there is none, or one has a fault."""
    profiles = load_profiles(folder)
    if name == STRICTEST:
        return strictest(profiles)
    if name == BLANK:
        return load_profile((folder or profiles_folder()) / f"{BLANK}.toml")
    known = {profile.id: profile for profile in profiles}
    if name not in known:
        raise PolicyError(f"There is no such policy profile. There are: {', '.join([STRICTEST, *known])}.")
    return known[name]


def check_profile(path: Path) -> tuple[Profile | None, tuple[Finding, ...]]:
    """Returns the profile of a file, and its faults by line; None instead of the profile where there is a fault."""
    try:
        text = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError):
        message = "the file is not there, may not be read, or is not UTF-8 text"
        return None, (Finding("PROFILE_UNREADABLE", message, "Check its path, and save it as UTF-8.", file=path.name),)
    if len(text) > LONGEST_FILE:
        message = f"the file has more than {LONGEST_FILE:,} characters"
        return None, (Finding("PROFILE_UNREADABLE", message, "It is hardly a policy profile.", file=path.name),)
    data, broken = read_toml(text)
    findings = [
        Finding("PROFILE_SYNTAX", one.words, "Mend the line.", file=path.name, text_line=one.line) for one in broken
    ]
    lines, profile = line_of(text), None
    try:
        file = _File.model_validate(data)
        findings += [] if broken else _conflicts(file, path, lines)
        profile = None if findings else _profile(file)
    except ValidationError as error:
        shown = [one for one in error.errors() if not (broken and one["type"] == "missing")]
        findings += [_finding(one, path, lines) for one in shown]
    return profile, tuple(sorted(findings, key=lambda finding: (finding.text_line or 0, finding.message)))


def _profile(file: _File) -> Profile:
    header = file.profile
    name = header.id
    intervals = [
        Interval(
            one.rule,
            parse_span(one.every),
            one.threshold,
            one.origin(name),
            parse_span(one.until) if one.until else None,
            one.owner or "",
            one.destination or "",
        )
        for one in file.interval
    ]
    folder = [
        FolderItem(
            one.item,
            one.words,
            one.every,
            None if one.every in (EACH_SESSION, ONCE) else parse_span(one.every),
            one.origin(name),
        )
        for one in file.folder
    ]
    scope = file.scope
    return Profile(
        name,
        header.title,
        header.document,
        header.note or "",
        in_order(intervals),
        _figure(file.long_absence_days, name),
        _figure(file.session_minutes, name),
        Scope(tuple(scope.left_out), tuple(scope.named_in), scope.origin(name)) if scope else None,
        tuple(folder),
        tuple(Reading(one.purpose, one.words, one.origin(name)) for one in file.reading),
        tuple(BankHoliday(one.on, one.words, one.origin(name)) for one in file.bank_holiday),
    )


def _figure(figure: _Figure | None, profile: str) -> Figure | None:
    return Figure(figure.value, figure.origin(profile)) if figure else None


def _conflicts(file: _File, path: Path, lines: Mapping[Place, int]) -> list[Finding]:
    """Returns what is right line by line and wrong together."""

    def fault(message: str, step: str, place: Place) -> Finding:
        return Finding("PROFILE_CONFLICT", message, step, file=path.name, text_line=_line(place, lines))

    found = []
    if file.profile.id != path.stem or file.profile.id == STRICTEST:
        message = f'a profile is called as its file, and "{STRICTEST}" is the name of the one that is computed'
        found.append(fault(message, "Make id and file name the same.", ("profile", "id")))
    seen: set[tuple[str, ...]] = set()
    for number, one in enumerate(file.interval):
        place: Place = ("interval", number)
        key = (one.rule, one.threshold, one.until or "", one.owner or "", one.destination or "")
        if key in seen:
            step = "Take one away, or make one the norm and the other the floor."
            found.append(fault("this rule and threshold stand there already", step, place))
        seen.add(key)
        found += [fault(message, EXAMPLE, place) for message in _interval_faults(one)]
    for name, ids in (
        ("folder", [one.item for one in file.folder]),
        ("reading", [one.purpose for one in file.reading]),
    ):
        found += [
            fault("this name stands there already", "Take one away.", (name, number))
            for number, word in enumerate(ids)
            if word in ids[:number]
        ]
    return found


def _interval_faults(one: _Interval) -> Iterable[str]:
    about_record = RULES[one.rule].subject == "record"
    if about_record != parse_span(one.every).working:
        yield "records are due in working days, everything else in days, weeks, months or years"
    if about_record != (one.owner is not None and one.destination is not None):
        yield "owner and destination are for the rules on records, which need both"
    if (one.rule in STARTER_RULES) != (one.until is not None):
        yield f"until is for {' and '.join(STARTER_RULES)}, which need it: it says how long after the start they hold"
    if one.until is not None and parse_span(one.until).working:
        yield "until is in days, weeks, months or years"


def _line(place: Place, lines: Mapping[Place, int]) -> int | None:
    while place:
        if place in lines:
            return lines[place]
        place = place[:-1]
    return None


def _finding(error: ErrorDetails, path: Path, lines: Mapping[Place, int]) -> Finding:
    place = error["loc"]
    name = str(place[-1]) if place else "the file"
    limits = error.get("ctx", {})
    said = {
        "string_pattern_mismatch": 'must be a row of the requirements such as "C3" or "outside"'
        if name == "row"
        else "must be lower-case letters, digits and underscores",
        "string_too_long": f"is longer than {limits.get('max_length')} characters",
        "string_too_short": "is empty",
        "string_type": "must be a text in quotation marks",
        "int_type": "must be a whole number without quotation marks",
        "greater_than_equal": "must be at least 1",
        "less_than_equal": f"must be at most {limits.get('le')}",
        "list_type": "must be a list",
        "date_type": "must be a day as 2028-05-08, without quotation marks",
        "model_type": "must be a table",
    }
    kind = error["type"]
    line = _line(place, lines)
    if kind == "missing":
        return Finding("PROFILE_KEY_MISSING", f"{name} is missing", EXAMPLE, file=path.name, text_line=line)
    if kind == "extra_forbidden":
        step = nearest(name, _known(place)) or f"Known are: {', '.join(_known(place))}."
        shown = name if re.fullmatch(r"[a-z_]{1,40}", name) else "a name"
        return Finding("PROFILE_KEY_UNKNOWN", f"{shown} is unknown here", step, file=path.name, text_line=line)
    if kind == "literal_error":
        words = f"must be one of: {str(limits.get('expected')).replace(chr(39), '')}"
    else:
        words = said.get(kind) or re.sub(r"^Value error, ", "", error["msg"]).rstrip(".")
    return Finding("PROFILE_VALUE", f"{name} {words}", EXAMPLE, file=path.name, text_line=line)


_MODELS: Mapping[str, type[_Table]] = {
    "profile": _Header,
    "long_absence_days": _Figure,
    "session_minutes": _Figure,
    "scope": _Scope,
    "interval": _Interval,
    "folder": _FolderItem,
    "reading": _Reading,
    "bank_holiday": _BankHoliday,
}


def _known(place: tuple[Any, ...]) -> list[str]:
    model = _MODELS.get(str(place[0]), _File) if len(place) > 1 else _File
    return list(model.model_fields)
