"""A vignette as the program knows it: what raters read, and, kept apart from it, the reference levels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sampling.chain import canonical_json
from sampling.tickets import digest

Setting = Literal["adult", "children"]
Code = Literal["not_applicable", "not_accessible"]
WORDS_A_MINUTE = 100  # a record is read more slowly than a story, and looked at again while scoring: our judgement


@dataclass(frozen=True)
class Document:
    """One entry of the invented record, as plain text. `author` is a role, never a name."""

    file: str
    kind: str
    day: date
    author: str
    text: str


@dataclass(frozen=True)
class Reference:
    """The authors' level for one criterion, or a code in its place, with the words of the record that it rests on.

    `hard` says why the line between levels 1 and 2 is hard to see here, on whichever side of it the level lies; else it is empty.
    """

    rubric: str
    criterion: str
    level: int | None
    code: Code | None
    why: str
    hard: str = ""

    @property
    def ref(self) -> str:
        """Returns what a rating names the criterion by: `rubric id/criterion id`."""
        return f"{self.rubric}/{self.criterion}"


@dataclass(frozen=True)
class Vignette:
    """One version of a vignette. `rubrics` maps the id of each rubric it is for to that rubric's version.

    `record_to` is the day as of which the record is read: nothing in it is later. `local_rules` are what the invented service
    has agreed (where plans are kept, time limits), without which some anchors cannot be applied. `published` and `retired` are
    days as 2026-11-22, or empty.
    """

    slug: str
    version: str
    title: str
    setting: Setting
    reader: str
    anonymity: str
    record_to: date
    local_rules: tuple[str, ...]
    rubrics: Mapping[str, str]
    documents: tuple[Document, ...]
    references: tuple[Reference, ...]
    digest: str
    published: str = ""
    retired: str = ""

    @property
    def id(self) -> str:
        """Returns slug and version, the name of its folder: `ms-a-and-the-allotment-1.0`."""
        return f"{self.slug}-{self.version}"

    @property
    def words(self) -> int:
        """Returns the number of words in its documents."""
        return sum(len(document.text.split()) for document in self.documents)

    @property
    def minutes(self) -> int:
        """Returns how many minutes it takes to read, rounded up, at WORDS_A_MINUTE."""
        return -(-self.words // WORDS_A_MINUTE)

    def reference(self, rubric: str, criterion: str) -> Reference:
        """Returns the reference for a criterion. Raises KeyError where the vignette is not for that rubric."""
        for reference in self.references:
            if (reference.rubric, reference.criterion) == (rubric, criterion):
                return reference
        raise KeyError(f"{rubric}/{criterion}")

    def for_raters(self) -> dict[str, Any]:
        """Returns what a rater may be sent, ready for JSON: the documents and what they need to read them, and no reference level."""
        return {
            "anonymity": self.anonymity,
            "documents": [
                {"author": entry.author, "day": entry.day.isoformat(), "kind": entry.kind, "text": entry.text}
                for entry in self.documents
            ],
            "id": self.id,
            "local_rules": list(self.local_rules),
            "minutes": self.minutes,
            "reader": self.reader,
            "record_to": self.record_to.isoformat(),
            "rubrics": dict(self.rubrics),
            "setting": self.setting,
            "title": self.title,
        }


def content_digest(data: Mapping[str, Any], texts: Mapping[str, str]) -> str:
    """Returns SHA-256 of the canonical JSON of a parsed vignette.toml and the texts of its documents by file name.

    Comments and the layout of the TOML may change; a word of a document or of a reference may not.
    """
    return digest(canonical_json({"documents": dict(texts), "vignette": _without_dates(data)}))


def _without_dates(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _without_dates(entry) for name, entry in value.items()}
    if isinstance(value, list):
        return [_without_dates(entry) for entry in value]
    return value.isoformat() if isinstance(value, date) else value
