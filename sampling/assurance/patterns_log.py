"""The leaders' response log: what was seen, decided and came of it, a row each response; and which patterns nobody has answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from sampling.assurance.patterns import Pattern
from sampling.assurance.patterns_policy import PatternPolicy
from sampling.journal.events_assurance import PatternOutcome, PatternResponse, PatternSeen
from sampling.journal.fold import by_subject, effective, standing
from sampling.journal.records import Entry
from sampling.model import Period

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


@dataclass(frozen=True)
class Answered:
    """A pattern in the log. `first_seen` is None where nobody has noted that it was seen. `late`: no response, and the day for it passed."""

    pattern: str
    first_seen: date | None
    responses: tuple[Response, ...]
    due: date | None
    late: bool


def response_log(entries: Iterable[Entry], today: date) -> tuple[Response, ...]:
    """Returns the responses as they stand on a day, by pattern, day decided and id. What was purged, or is in conflict, is not there."""
    groups = by_subject(entries)
    outcomes = {(said.pattern, said.response): said for said in _standing(groups, PatternOutcome)}
    revised = {
        (said.pattern, said.response): len(counting) - 1
        for group in groups.values()
        if (counting := effective(group)) and isinstance(said := counting[-1].payload, PatternResponse)
    }
    rows = []
    for said in _standing(groups, PatternResponse):
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


def answered(
    patterns: Iterable[Pattern], entries: Sequence[Entry], policy: PatternPolicy, today: date
) -> tuple[Answered, ...]:
    """Returns each pattern with its responses, in the order given, and whether the days of the policy passed without one.

    The days count from the day on which leaders first saw it, or else from the end of the month in which its rule was first met. A
    response that was decided before the pattern's present run began does not answer it. An ended pattern asks for none.
    """
    log = response_log(entries, today)
    seen = _standing(by_subject(entries), PatternSeen)
    found = []
    for pattern in patterns:
        days = [said.seen_on for said in seen if said.pattern == pattern.id and said.month >= pattern.since]
        first = min(days, default=None)
        mine = tuple(row for row in log if row.pattern == pattern.id)
        due = (first or Period(pattern.since).last_day) + timedelta(days=policy.respond_within_days)
        begun = Period(pattern.since).first_day
        open_ = pattern.state != "ended" and not any(row.decided_on >= begun for row in mine)
        found.append(Answered(pattern.id, first, mine, due if open_ else None, open_ and due < today))
    return tuple(found)


def _standing(groups: Mapping[tuple[str, str], list[Entry]], kind: type[Said]) -> list[Said]:
    last = (standing(group) for group in groups.values())
    return [entry.payload for entry in last if entry is not None and isinstance(entry.payload, kind)]
