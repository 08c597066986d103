"""What a service brings to the effectiveness review, as it was read: rows without a name, checked (docs/effectiveness.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sampling.errors import Finding

Level = Literal["none", "low", "moderate", "severe", "fatal"]
Direction = Literal["positive", "mixed", "critical"]
Better = Literal["higher", "lower"]


@dataclass(frozen=True)
class Response:
    """One filled-in survey. `answers` is item -> 1 to 5, without the items that were left out; `team` "" where none is named."""

    wave: date
    team: str
    answers: Mapping[str, int]


@dataclass(frozen=True)
class Asked:
    """How many people of a team, or of the whole service (`team` ""), were asked to answer a wave."""

    wave: date
    team: str
    number: int


@dataclass(frozen=True)
class Incident:
    """One incident: its day, theme, team ("" where none), level of harm, whether supervision had a part in it (None: not judged)."""

    on: date
    theme: str
    team: str
    level: Level | None
    supervision: bool | None


@dataclass(frozen=True)
class Against:
    """What the incidents of a quarter ("2026-Q3") may be counted against: so many contacts, open cases, bed days."""

    quarter: str
    what: str
    number: int


@dataclass(frozen=True)
class Kpi:
    """One value of one indicator. Either numerator and denominator, or `value` as the service states it, in `unit`.

    `target` is in per cent where there is a denominator, else in `unit`. `may_leave`: whether a value without a denominator, which nothing
    here can protect, may leave the service as it stands.
    """

    name: str
    period: str
    numerator: int | None
    denominator: int | None
    value: float | None
    unit: str
    target: float | None
    better: Better
    source: str
    may_leave: bool


@dataclass(frozen=True)
class Feedback:
    """What a partner said, dated, with the reference of the minutes in which governance recorded it ("" where none)."""

    on: date
    partner: str
    direction: Direction
    minute: str
    summary: str


@dataclass(frozen=True)
class Baseline:
    """A count from before this way of sampling began: `number` of `of`, over the days from first to last."""

    measure: str
    first: date
    last: date
    number: int
    of: int | None
    source: str


@dataclass(frozen=True)
class Brought:
    """Everything that was brought. `files` names the kinds that were there; `notes` are findings that stop nothing."""

    responses: tuple[Response, ...] = ()
    asked: tuple[Asked, ...] = ()
    incidents: tuple[Incident, ...] = ()
    against: tuple[Against, ...] = ()
    kpis: tuple[Kpi, ...] = ()
    feedback: tuple[Feedback, ...] = ()
    baselines: tuple[Baseline, ...] = ()
    files: tuple[str, ...] = ()
    notes: tuple[Finding, ...] = ()
