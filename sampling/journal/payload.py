"""What all payloads share: strict and frozen, with texts that every engine stores alike and days that are days."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError

QUOTE_CHARACTERS = 200  # a pointer into the record, not a copy of it (docs/decisions/0011-no-word-is-lost.md)
TEXT_CHARACTERS = 20_000  # more than ten pages: a note, not a document
LEVELS = (0, 1, 2, 3)
MOST_ITEMS = 200  # of a list that one person hands in
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _storable(text: str) -> str:
    """Returns the text. Raises ValueError for characters that one engine keeps and another does not, or that hide in a text."""
    for place, character in enumerate(text, 1):
        kind = unicodedata.category(character)
        if kind == "Cs" or (kind == "Cc" and character not in "\n\t"):
            raise ValueError(f"character {place} (U+{ord(character):04X}) cannot be stored; delete it")
    return text


def _day(value: object) -> object:
    """Returns a date, or a text that is written as one. A number, a moment or another text is no day."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and _DAY.fullmatch(value) and value.isascii():
        return value
    raise ValueError("a day is written like 2026-11-30")


_Storable = AfterValidator(_storable)
Identity = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
Key = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
CriterionRef = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}/[a-z][a-z0-9_]{0,63}$")]
Text = Annotated[str, StringConstraints(max_length=TEXT_CHARACTERS), _Storable]
ShortText = Annotated[str, StringConstraints(max_length=QUOTE_CHARACTERS), _Storable]
NeededText = Annotated[str, StringConstraints(min_length=1, max_length=TEXT_CHARACTERS), _Storable]
NeededShortText = Annotated[str, StringConstraints(min_length=1, max_length=QUOTE_CHARACTERS), _Storable]
Day = Annotated[date, Field(strict=False), BeforeValidator(_day)]
Level = Annotated[int, Field(ge=LEVELS[0], le=LEVELS[-1])]


class Payload(BaseModel):
    """What one event says. `kind` names it; a payload is frozen, strict, and knows no other field."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, revalidate_instances="always")
    kind: ClassVar[str]
    subject: ClassVar[str]  # the subject that it revises: its own fields in braces; `*` is any, a leading `?` also none


_SENTENCES = {
    "extra_forbidden": "this field is not known",
    "missing": "this is missing",
    "string_too_short": "this may not be empty",
    "string_pattern_mismatch": "this is not written as it must be",
    "string_type": "this must be text",
    "int_type": "this must be a whole number",
    "bool_type": "this must be yes or no",
    "float_type": "this must be a number",
    "model_type": "this must be an object",
    "model_attributes_type": "this must be an object",
    "dict_type": "this must be an object",
    "tuple_type": "this must be a list",
    "date_from_datetime_parsing": "there is no such day",
    "date_parsing": "there is no such day",
}


def plain_faults(error: ValidationError) -> list[tuple[str, str]]:
    """Returns (field, sentence) for each fault of a payload; the value that was seen is never told."""
    faults = error.errors(include_url=False, include_input=False)
    return [
        (".".join(str(part) for part in fault["loc"]), _sentence(fault["type"], fault.get("ctx", {})))
        for fault in faults
    ]


def _sentence(kind: str, values: dict[str, Any]) -> str:
    if kind == "value_error":
        return str(values.get("error", "this cannot be stored"))
    if kind == "string_too_long":
        return f"this may have at most {values.get('max_length')} characters"
    if kind == "too_long":
        return f"this may have at most {values.get('max_length')} items"
    if kind == "literal_error":
        return f"this must be one of: {values.get('expected')}"
    if kind in ("greater_than_equal", "less_than_equal"):
        return "this number is too " + ("small" if kind == "greater_than_equal" else "large")
    return _SENTENCES.get(kind, "this cannot be stored as it is")
