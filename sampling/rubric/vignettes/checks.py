"""What is wrong with a vignette.toml: every fault at once, each with its line and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError

from sampling.policy import load_signals
from sampling.rubric.fields import Faults, nearest, shown, text_of
from sampling.rubric.lines import Place
from sampling.rubric.model import LEVELS, Rubric
from sampling.rubric.vignettes.model import PLAN_DAYS, Code, Setting
from sampling.rubric.vignettes.moving import faults_of_days, is_marked, unmarked
from sampling.rubric.vignettes.texts import kept_out, quotations, unfound
from sampling.sources.tables import EVENT_KINDS, PLAN_KINDS

MOST_DOCUMENTS = 12
MOST_REFERENCES = 60
MOST_EVENTS = 60
FILE_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,60}\.(?:txt|md)")
_HARD_LEVELS = (1, 2)  # the two sides of the pass line
_EXAMPLE = "docs/vignettes.md has each key with an example."

Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
Long = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=800)]


def _one_of(codes: Collection[str]) -> Callable[[str], str]:
    def checked(value: str) -> str:
        if value not in codes:
            raise ValueError
        return value

    return checked


def _whole_day(value: object) -> object:
    return None if isinstance(value, datetime) else value  # a day with a time is no day


Day = Annotated[date, BeforeValidator(_whole_day)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class _Header(_Strict):
    slug: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,46}[a-z0-9]$")]
    version: Annotated[str, StringConstraints(pattern=r"^(0|[1-9]\d{0,3})\.(0|[1-9]\d{0,3})$")]
    title: Short
    setting: Setting
    reader: Long
    anonymity: Long
    record_to: Day
    rubrics: Annotated[
        list[Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}-\d{1,4}\.\d{1,4}$")]],
        Field(min_length=1, max_length=10),
    ]
    local_rules: Annotated[list[Long], Field(max_length=10)] = []
    planted: bool = False
    signals: Annotated[list[Short], Field(max_length=20)] = []


class _Document(_Strict):
    file: Annotated[str, StringConstraints(pattern=rf"^{FILE_NAME.pattern}$")]
    kind: Short
    date: Day
    author: Short


class _Reference(_Strict):
    rubric: Short
    criterion: Short
    level: Annotated[int, Field(ge=LEVELS[0], le=LEVELS[-1])] | None = None
    code: Code | None = None
    why: Long
    hard: Long = "-"


class _Event(_Strict):
    kind: Annotated[str, AfterValidator(_one_of(EVENT_KINDS))]
    date: Day
    time: Annotated[str, StringConstraints(pattern=r"^(?:[01]\d|2[0-3]):[0-5]\d$")] = ""


class _Plan(_Strict):
    kind: Annotated[str, AfterValidator(_one_of(PLAN_KINDS))]
    created: Day | None = None
    updated: Day | None = None
    agreed: Day | None = None
    review_due: Day | None = None
    ended: Day | None = None


class _File(_Strict):
    vignette: _Header
    document: Annotated[list[_Document], Field(min_length=1, max_length=MOST_DOCUMENTS)]
    event: Annotated[list[_Event], Field(max_length=MOST_EVENTS)] = []
    plan: Annotated[list[_Plan], Field(max_length=MOST_DOCUMENTS)] = []
    reference: Annotated[list[_Reference], Field(min_length=1, max_length=MOST_REFERENCES)]


_TABLES: dict[str, type[BaseModel]] = {
    "vignette": _Header,
    "document": _Document,
    "event": _Event,
    "plan": _Plan,
    "reference": _Reference,
}
_EXPECTED = {
    "vignette": "expected one table [vignette]",
    "document": f"expected 1 to {MOST_DOCUMENTS} tables [[document]], in two square brackets",
    "reference": f"expected 1 to {MOST_REFERENCES} tables [[reference]], in two square brackets",
    "slug": "expected lower-case letters, digits and hyphens, beginning with a letter, 48 at most",
    "version": 'expected a version of two numbers in quotation marks, as "1.0"',
    "setting": "expected adult or children",
    "record_to": "expected a day as 2026-04-30, without quotation marks",
    "date": "expected a day as 2026-04-30, without quotation marks",
    "rubrics": 'expected a list of rubrics with their versions, as ["escalation_rationale-1.0"]',
    "local_rules": "expected a list of up to 10 texts of up to 800 characters",
    "file": "expected the plain name of a .txt or .md file in this folder, as 01-contact-note.txt",
    "level": "expected 0, 1, 2 or 3, without quotation marks",
    "code": "expected not_applicable or not_accessible",
    "planted": "expected true or false, without quotation marks",
    "signals": "expected a list of signals by their ids, as in the profile's signals file",
    "event": f"expected up to {MOST_EVENTS} tables [[event]], in two square brackets",
    "plan": f"expected up to {MOST_DOCUMENTS} tables [[plan]], in two square brackets",
    "time": 'expected a time in quotation marks, as "14:30"',
    **dict.fromkeys(PLAN_DAYS, "expected a day as 2026-04-30, without quotation marks"),
}
_SHORT_FIELDS = ("title", "kind", "author", "rubric", "criterion")
_Tables = Sequence[Mapping[str, Any]]


def check_fields(data: Mapping[str, Any], faults: Faults) -> None:
    """Adds the faults of the fields one by one: unknown, missing, or of another kind than expected."""
    try:
        _File.model_validate(data)
    except ValidationError as error:
        for entry in error.errors(include_url=False, include_context=False, include_input=False):
            _add(entry["type"], _place(entry["loc"]), faults)
    for place, text in _strings(data):
        for code, message, step in kept_out(text):
            faults.add(code, message, step, place=place)


def _place(location: tuple[int | str, ...]) -> Place:
    """Returns the place of a fault in the file: entries of a list of texts stand where the list does."""
    return location[:2] if location[:1] == ("vignette",) else location[:3]


def _add(kind: str, place: Place, faults: Faults) -> None:
    name = str(next(part for part in reversed(place) if isinstance(part, str)))
    if kind == "extra_forbidden":
        table = _TABLES[str(place[0])].model_fields if len(place) > 1 else _TABLES
        step = nearest(name, table) or f"Known are: {', '.join(table)}."
        faults.add("VIGNETTE_KEY_UNKNOWN", "the name is unknown here", step, place=place, seen=shown(name))
    elif kind == "missing":
        if not faults.partial:
            faults.add("VIGNETTE_KEY_MISSING", f"{name} is missing", _EXAMPLE, place=place)
    else:
        length = 80 if name in _SHORT_FIELDS else 800
        coded = place[:1] in (("event",), ("plan",)) and name == "kind"
        listed = f"expected a kind of {place[0]} by its code, as in docs/schema.md" if coded else ""
        words = listed or _EXPECTED.get(name, f"expected a text in quotation marks, of 1 to {length} characters")
        faults.add("VIGNETTE_VALUE", f"{name}: {words}", _EXAMPLE, place=place)


def _strings(value: Any, place: Place = ()) -> Iterator[tuple[Place, str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, Mapping):
        for name, entry in value.items():
            yield from _strings(entry, (*place, name))
    elif isinstance(value, list):
        for position, entry in enumerate(value):
            yield from _strings(entry, (*place, position))


def tables(data: Mapping[str, Any], name: str) -> _Tables:
    """Returns the tables of that name, or none where something else stands there."""
    found = data.get(name)
    return found if isinstance(found, list) and all(isinstance(entry, Mapping) for entry in found) else []


def check_days(data: Mapping[str, Any], faults: Faults) -> None:
    """Adds each document that is later than the day as of which the record is read."""
    header = data.get("vignette")
    last = header.get("record_to") if isinstance(header, Mapping) else None
    for name in ("document", "event"):
        for position, entry in enumerate(tables(data, name)):
            day = entry.get("date")
            if isinstance(day, date) and isinstance(last, date) and not isinstance(day, datetime) and day > last:
                message = f"the {name} is later than record_to, the day as of which the record is read"
                faults.add("VIGNETTE_DATE", message, "Change one of the two.", place=(name, position, "date"))


def check_planted(data: Mapping[str, Any], texts: Mapping[str, str], faults: Faults) -> Iterator[tuple[str, int, str]]:
    """Adds what is wrong with a vignette that is to be seeded among real cases, or marks days and is not; yields (file, line, message)
    for each such fault in a document.
    """
    header = data.get("vignette")
    header = header if isinstance(header, Mapping) else {}
    last, is_planted = header.get("record_to"), header.get("planted") is True
    if is_planted and header.get("local_rules"):
        step = "Take local_rules out, and let each level follow from the anchors alone."
        message = "a planted vignette is scored under the service's own rules"
        faults.add("VIGNETTE_PLANTED", message, step, place=("vignette", "local_rules"))
    setting, signals = header.get("setting"), header.get("signals")
    if isinstance(signals, list) and setting in ("adult", "children"):
        known = [one.id for one in load_signals(setting).signals]
        for name in [one for one in signals if isinstance(one, str) and one not in known]:
            message = f"there is no such signal for {setting} services"
            faults.add("VIGNETTE_SIGNAL_UNKNOWN", message, nearest(name, known), place=("vignette", "signals"))
    for entry in tables(data, "document"):
        day, name = entry.get("date"), text_of(entry, "file")
        near = day if isinstance(day, date) else last
        for number, line in enumerate(texts.get(name, "").split("\n"), 1):
            if is_planted and isinstance(near, date):
                yield from ((name, number, message) for message in faults_of_days(line, near))
            elif not is_planted and is_marked(line):
                yield name, number, "the day in double square brackets moves in planted vignettes alone"
    for position, entry in enumerate(tables(data, "reference")):
        for part in ("why", "hard"):
            words = text_of(entry, part)
            if not is_planted and is_marked(words):
                message = "the day in double square brackets moves in planted vignettes alone"
                faults.add("VIGNETTE_DAY", message, "Take the brackets out.", place=("reference", position, part))
            elif is_planted and isinstance(last, date) and is_marked(words):
                for message in faults_of_days(words, last):
                    faults.add("VIGNETTE_DAY", message, "Mend the day.", place=("reference", position, part))


def check_references(data: Mapping[str, Any], rubrics: Mapping[str, Rubric], faults: Faults) -> dict[str, Rubric]:
    """Holds the references to the rubrics that the vignette is for; `rubrics` has all published ones by `ID-VERSION`.

    Returns those it is for, by id.
    """
    header = data.get("vignette")
    named = header.get("rubrics") if isinstance(header, Mapping) else None
    setting = header.get("setting") if isinstance(header, Mapping) else None
    place: Place = ("vignette", "rubrics")
    found: dict[str, Rubric] = {}
    for name in [name for name in named if isinstance(name, str)] if isinstance(named, list) else []:
        rubric = rubrics.get(name)
        if rubric is None:
            step = nearest(name, rubrics) or "See: sampling rubric show"
            faults.add("VIGNETTE_RUBRIC_UNKNOWN", "there is no such published rubric", step, place=place)
        elif rubric.id in found:
            faults.add("VIGNETTE_RUBRIC_UNKNOWN", f"{rubric.id} is named twice", "Take one away.", place=place)
        else:
            found[rubric.id] = rubric
        if rubric and setting in ("adult", "children") and setting not in rubric.profiles:
            step = "Take the rubric away, or change the setting."
            faults.add("VIGNETTE_SETTING", f"{rubric.id} is not for {setting} services", step, place=place)
    _each_reference(tables(data, "reference"), found, faults)
    return found


def _each_reference(entries: _Tables, rubrics: Mapping[str, Rubric], faults: Faults) -> None:
    seen: set[tuple[str, str]] = set()
    for position, entry in enumerate(entries):
        place = ("reference", position)
        rubric, criterion = text_of(entry, "rubric"), text_of(entry, "criterion")
        known = {part.id for part in rubrics[rubric].criteria} if rubric in rubrics else set()
        if rubric and rubric not in rubrics:
            step = nearest(rubric, rubrics) or "Name it under rubrics, with its version."
            message = "the vignette is not for this rubric"
            faults.add("VIGNETTE_RUBRIC_UNKNOWN", message, step, place=(*place, "rubric"))
        elif criterion and criterion not in known and rubric:
            message = "the rubric has no such criterion"
            faults.add("VIGNETTE_CRITERION_UNKNOWN", message, nearest(criterion, known), place=(*place, "criterion"))
        if (rubric, criterion) in seen and rubric and criterion:
            message = "this criterion has a reference already"
            faults.add("VIGNETTE_REFERENCE_TWICE", message, "Take one away.", place=(*place, "criterion"))
        seen.add((rubric, criterion))
        _level(entry, place, faults)
    for rubric_id, found in rubrics.items():
        missing = [part.id for part in found.criteria if (rubric_id, part.id) not in seen]
        if missing and not faults.partial:
            message = f"{rubric_id} has no reference for {', '.join(missing)}"
            step = "Write one [[reference]] for each criterion, with a level or a code."
            faults.add("VIGNETTE_REFERENCE_MISSING", message, step, place=("vignette", "rubrics"))


def _level(entry: Mapping[str, Any], place: Place, faults: Faults) -> None:
    if ("level" in entry) == ("code" in entry):
        message = "a reference has either a level or a code"
        faults.add("VIGNETTE_LEVEL", message, "Write one of the two.", place=place)
    if "hard" in entry and entry.get("level") not in _HARD_LEVELS:
        message = "hard says why the line between levels 1 and 2 is hard to see; this level is neither"
        faults.add("VIGNETTE_LEVEL", message, "Take hard out, or mend the level.", place=(*place, "hard"))


def check_quotations(data: Mapping[str, Any], texts: Mapping[str, str], faults: Faults) -> None:
    """Adds each `why` that quotes what no document says, or that gives a level above 0 and quotes nothing."""
    texts = {name: unmarked(text) for name, text in texts.items()}
    for position, entry in enumerate(tables(data, "reference")):
        why, place = unmarked(text_of(entry, "why")), ("reference", position, "why")
        if entry.get("level") in LEVELS[1:] and why and not quotations(why):
            message = "why quotes nothing"
            step = 'Quote the words that the level rests on, in "double quotation marks".'
            faults.add("VIGNETTE_QUOTE", message, step, place=place)
        lost = unfound(why, texts)
        if lost:
            message = f"{lost} of the passages that why quotes stand{'s' if lost == 1 else ''} in no document"
            faults.add("VIGNETTE_QUOTE", message, "Copy the words as they stand there; … leaves some out.", place=place)
