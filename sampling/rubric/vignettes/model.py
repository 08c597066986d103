"""A vignette as the program knows it: what raters read, and, kept apart from it, the reference levels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Literal

from sampling.chain import canonical_json
from sampling.rubric.vignettes.moving import moved
from sampling.tickets import digest

Setting = Literal["adult", "children"]
Code = Literal["not_applicable", "not_accessible"]
CODES: Mapping[str, str] = {"not_applicable": "not applicable", "not_accessible": "record not accessible"}
PLAN_DAYS = ("created", "updated", "agreed", "review_due", "ended")  # of the canonical table of plans
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
class RecordedEvent:
    """One event of a seeded vignette's record, as an extract has it: its kind and day, and the time as 14:30 or empty."""

    kind: str
    day: date
    time: str = ""


@dataclass(frozen=True)
class RecordedPlan:
    """One plan of a seeded vignette's record, as an extract has it: its kind and its days by name (created, review_due …)."""

    kind: str
    days: Mapping[str, date]


@dataclass(frozen=True)
class Vignette:
    """One version of a vignette. `rubrics` maps the id of each rubric it is for to that rubric's version.

    `record_to` is the day as of which the record is read: nothing in it is later. `local_rules` are what the invented service
    has agreed (where plans are kept, time limits), without which some anchors cannot be applied. `published` and `retired` are
    days as 2026-11-22, or empty. A `planted` one is seeded among real cases and never read in a live session: `events`, `plans` and
    `signals` are what the rest of its record would show, and each day in its texts is marked so that it can move.
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
    planted: bool = False
    events: tuple[RecordedEvent, ...] = ()
    plans: tuple[RecordedPlan, ...] = ()
    signals: tuple[str, ...] = ()

    def as_of(self, day: date) -> Vignette:
        """Returns a planted vignette as it is read on a day: everything moves by whole weeks, so that weekdays stay right and its
        record ends on that day or up to six days before.
        """
        by = timedelta(days=(day - self.record_to).days // 7 * 7)
        return replace(
            self,
            record_to=self.record_to + by,
            documents=tuple(
                replace(entry, day=entry.day + by, text=moved(entry.text, by.days, entry.day))
                for entry in self.documents
            ),
            references=tuple(
                replace(
                    entry,
                    why=moved(entry.why, by.days, self.record_to),
                    hard=moved(entry.hard, by.days, self.record_to),
                )
                for entry in self.references
            ),
            events=tuple(replace(entry, day=entry.day + by) for entry in self.events),
            plans=tuple(
                replace(entry, days={name: each + by for name, each in entry.days.items()}) for entry in self.plans
            ),
        )

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
