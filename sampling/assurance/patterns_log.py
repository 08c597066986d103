"""The leaders' response log: what was seen, decided and came of it, a row each response; and which patterns nobody has answered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sampling.assurance.patterns import Pattern
from sampling.assurance.patterns_policy import PatternPolicy
from sampling.journal.events_assurance import PatternSeen
from sampling.journal.fold import by_subject
from sampling.journal.records import Entry
from sampling.journal.responses import Response, response_log, standing_said
from sampling.model import Period

__all__ = ["Answered", "Response", "answered", "response_log"]


@dataclass(frozen=True)
class Answered:
    """A pattern in the log. `first_seen` is None where nobody has noted that it was seen. `late`: no response, and the day for it passed."""

    pattern: str
    first_seen: date | None
    responses: tuple[Response, ...]
    due: date | None
    late: bool


def answered(
    patterns: Iterable[Pattern], entries: Sequence[Entry], policy: PatternPolicy, today: date
) -> tuple[Answered, ...]:
    """Returns each pattern with its responses, in the order given, and whether the days of the policy passed without one.

    The days count from the day on which leaders first saw it, or else from the end of the month in which its rule was first met. A
    response that was decided before the pattern's present run began does not answer it. An ended pattern asks for none.
    """
    log = response_log(entries, today)
    seen = standing_said(by_subject(entries), PatternSeen)
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
