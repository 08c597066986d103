"""The leaders' responses to patterns as they stand, a row each: what was decided, who, by when, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from sampling.journal.events_assurance import PatternOutcome, PatternResponse, PatternSeen
from sampling.journal.fold import by_subject, effective, standing
from sampling.journal.records import Entry

Said = TypeVar("Said", PatternSeen, PatternResponse, PatternOutcome)


@dataclass(frozen=True)
class Response:
    """One response of leaders as it stands. `overdue` is one without an outcome whose day has passed; `revised` how often it was changed."""

    pattern: str
    response: str
    decided_on: date
    what: str
    owner: str
    due: date
    outcome: str
    outcome_on: date | None
    outcome_text: str
    overdue: bool
    revised: int


def response_log(entries: Iterable[Entry], today: date) -> tuple[Response, ...]:
    """Returns the responses as they stand on a day, by pattern, day decided and id. What was purged, or is in conflict, is not there."""
    groups = by_subject(entries)
    outcomes = {(said.pattern, said.response): said for said in standing_said(groups, PatternOutcome)}
    revised = {
        (said.pattern, said.response): len(counting) - 1
        for group in groups.values()
        if (counting := effective(group)) and isinstance(said := counting[-1].payload, PatternResponse)
    }
    rows = []
    for said in standing_said(groups, PatternResponse):
        key = (said.pattern, said.response)
        end = outcomes.get(key)
        rows.append(
            Response(
                *key, said.decided_on, said.what, said.owner, said.due,
                end.outcome if end else "", end.on if end else None, end.text if end else "",
                end is None and said.due < today, revised[key],
            )
        )  # fmt: skip
    return tuple(sorted(rows, key=lambda row: (row.pattern, row.decided_on, row.response)))


def standing_said(groups: Mapping[tuple[str, str], list[Entry]], kind: type[Said]) -> list[Said]:
    """Returns what stands of one kind; `groups` are those of by_subject."""
    last = (standing(group) for group in groups.values())
    return [entry.payload for entry in last if entry is not None and isinstance(entry.payload, kind)]
