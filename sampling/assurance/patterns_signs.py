"""What the rules of patterns look at: from the gathered frames to signs, one a case, rating, action or contact that was seen or not.

A sign still knows its people, so that no rule is met by one person's work; nothing beyond this room's counting does.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd

from sampling.assurance.patterns_policy import PatternPolicy, PatternRule, RuleId
from sampling.reporting.gathering import Gathered
from sampling.scoring.settings.assignments import FIRST, SECOND

CASELOAD_ADJUSTMENT = "caseload_adjustment"
_OF_SCORES = [
    "draw_id", "period", "case", "practitioner", "team", "stage", "rubric", "criterion", "ref", "level", "own_level", "rubric_digest",
    "rater",
]  # fmt: skip


@dataclass(frozen=True)
class Observed:
    """What patterns are looked for in. `scores` and `actions` are Gathered's.

    `pass_levels`: rubric digest -> the level from which the standard is met. `critical`: (rubric digest, criterion) of the critical ones.
    `plans`, a row each recorded change of a plan: case, changed_on (a day; missing where the case is known to have no change), and
    unseen_from (a day, may be left out: from then to `changed_on`, or for good where that is missing, changes may have gone unseen). A
    case without a row is one of which nothing is known. `contacts`, a row each contact out of hours: case, practitioner, team, on (a day),
    at ("23:10" or missing), in_pathway (yes, no or missing). `escalations`: case, kind, on, at. None: the extract does not tell.
    """

    scores: pd.DataFrame
    actions: pd.DataFrame
    pass_levels: Mapping[str, int]
    critical: frozenset[tuple[str, str]]
    plans: pd.DataFrame | None = None
    contacts: pd.DataFrame | None = None
    escalations: pd.DataFrame | None = None


def observed(
    gathered: Gathered,
    *,
    plans: pd.DataFrame | None = None,
    contacts: pd.DataFrame | None = None,
    escalations: pd.DataFrame | None = None,
) -> Observed:
    """Returns what a gathered journal and, where there are some, tables of the record give to the rules (columns: see Observed)."""
    critical = {
        (one.digest, criterion.id) for one in gathered.rubrics for criterion in one.criteria if criterion.critical
    }
    levels = {rubric.digest: rubric.pass_level for rubric in gathered.rubrics}
    return Observed(gathered.scores, gathered.actions, levels, frozenset(critical), plans, contacts, escalations)


@dataclass(frozen=True)
class Sign:
    """One thing that was looked at: `seen` is yes, no, or None where the record cannot tell. `about` is a criterion or a kind of action."""

    about: str
    team: str
    period: str
    draw: str
    people: frozenset[str]
    seen: bool | None


def signs_of(rule: PatternRule, found: Observed, policy: PatternPolicy) -> list[Sign] | str:
    """Returns the signs of one rule, in no order, or in words why it cannot be told."""
    missing = _missing(rule.id, found)
    if missing:
        return missing
    makers: Mapping[RuleId, Iterator[Sign]] = {
        "same_criterion": _below(found),
        "missed_escalation": _missed(found, policy.escalation_rubric),
        "threshold_disagreement": _apart(found),
        "drift": _repeated(found, rule.months),
        "out_of_hours": _late(found, policy),
    }
    signs = list(makers[rule.id])
    return signs or _NOTHING[rule.id]


_NOTHING: Mapping[RuleId, str] = {
    "same_criterion": "Nothing has been scored yet.",
    "missed_escalation": "No case has been scored on the critical criteria of the escalation rubric.",
    "threshold_disagreement": "No case has been scored by two people yet.",
    "drift": "No action has been raised yet.",
    "out_of_hours": "The record holds no contact out of hours.",
}


def _missing(rule: RuleId, found: Observed) -> str:
    if rule == "drift" and found.plans is None:
        return "The extract does not tell when a plan was changed."
    if rule == "out_of_hours" and found.contacts is None:
        return "The extract does not tell of contacts out of hours."
    return ""


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Returns the rows with None for what is missing."""
    columns = [
        [None if gone else value for value, gone in zip(table[name], table[name].isna(), strict=True)]
        for name in table.columns
    ]
    return [dict(zip(map(str, table.columns), row, strict=True)) for row in zip(*columns, strict=True)]


def _people(*names: str | None) -> frozenset[str]:
    return frozenset(name for name in names if name)


def _sign(row: Mapping[str, Any], about: str, people: frozenset[str], seen: bool | None) -> Sign:
    told = None if seen is None else bool(seen)  # a comparison of the frame's own numbers is no plain yes or no
    return Sign(about, row["team"] or "", row["period"], row.get("draw_id") or "", people, told)


def _first(found: Observed) -> list[dict[str, Any]]:
    scores = found.scores
    return _rows(scores.loc[(scores["stage"] == FIRST) & scores["level"].notna(), _OF_SCORES])


def _below(found: Observed) -> Iterator[Sign]:
    for row in _first(found):
        seen = row["level"] < found.pass_levels[row["rubric_digest"]]
        yield _sign(row, row["ref"], _people(row["practitioner"]), seen)


def _missed(found: Observed, rubric: str) -> Iterator[Sign]:
    cases: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in _first(found):
        if row["rubric"] == rubric and (row["rubric_digest"], row["criterion"]) in found.critical:
            cases[row["draw_id"], row["case"]].append(row)
    for rows in cases.values():
        yield _sign(rows[0], rubric, _people(rows[0]["practitioner"]), any(row["level"] == 0 for row in rows))


def _apart(found: Observed) -> Iterator[Sign]:
    scores = found.scores.loc[found.scores["own_level"].notna(), _OF_SCORES]
    first, second = (_rows(scores[scores["stage"] == stage]) for stage in (FIRST, SECOND))
    again = {(row["draw_id"], row["case"], row["ref"]): row for row in second}
    for row in first:
        other = again.get((row["draw_id"], row["case"], row["ref"]))
        if other is not None:
            standard = found.pass_levels[row["rubric_digest"]]
            seen = (row["own_level"] >= standard) != (other["own_level"] >= standard)
            yield _sign(row, row["ref"], _people(row["rater"], other["rater"]), seen)


def _repeated(found: Observed, months: int) -> Iterator[Sign]:
    """Yields a sign each action that was raised on a case: seen where the same was raised in an earlier draw, and no plan changed since."""
    changed = _changes(found.plans)
    raised: dict[tuple[str, str], dict[str, dict[str, Any]]] = defaultdict(dict)
    for row in sorted(_rows(found.actions), key=lambda row: (row["raised_at"] is None, str(row["raised_at"]))):
        if row["raised_at"] is not None and row["action_kind"]:
            raised[row["case"], row["action_kind"]].setdefault(row["draw_id"], row)
    for (case, kind), draws in raised.items():
        earlier: dict[str, Any] | None = None
        for row in sorted(draws.values(), key=lambda row: (row["period"], row["draw_id"])):
            near = earlier is not None and months_between(earlier["period"], row["period"]) < months
            since = _england(earlier["raised_at"]) if earlier is not None and near else None
            yield _sign(row, kind, _people(row["practitioner"]), _unchanged(changed.get(case), since, row))
            earlier = row


@dataclass(frozen=True)
class _Changes:
    """The days on which a case's plans were changed, and the spans (first, last) in which changes may have gone unseen."""

    days: tuple[date, ...]
    unseen: tuple[tuple[date, date], ...]


def _changes(plans: pd.DataFrame | None) -> dict[str, _Changes]:
    known: dict[str, tuple[set[date], set[tuple[date, date]]]] = {}
    for row in _rows(plans) if plans is not None else ():
        days, unseen = known.setdefault(row["case"], (set(), set()))
        changed = _day(row["changed_on"]) if row["changed_on"] is not None else None
        days |= {changed} if changed else set()
        if row.get("unseen_from") is not None:
            unseen.add((_day(row["unseen_from"]), changed - timedelta(days=1) if changed else date.max))
    return {case: _Changes(tuple(sorted(days)), tuple(sorted(unseen))) for case, (days, unseen) in known.items()}


def _unchanged(changes: _Changes | None, since: date | None, row: Mapping[str, Any]) -> bool | None:
    if since is None:
        return False  # raised for the first time: no repeat, whatever the plan says
    if changes is None:
        return None
    raised = _england(row["raised_at"])
    place = bisect_left(changes.days, since)  # a change on the day of the first action is its answer
    if place < len(changes.days) and changes.days[place] <= raised:
        return False
    hidden = any(first <= raised and since <= last for first, last in changes.unseen)
    return None if hidden else True


def _late(found: Observed, policy: PatternPolicy) -> Iterator[Sign]:
    near: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in _rows(found.escalations) if found.escalations is not None else ():
        if row["kind"] in policy.pathway_kinds:
            near[row["case"]].append(row)
    for row in _rows(found.contacts) if found.contacts is not None else ():
        inside = bool(row["in_pathway"]) or any(_close(row, one, policy.within_hours) for one in near[row["case"]])
        told = inside or row["in_pathway"] is not None or found.escalations is not None
        period = f"{_day(row['on']):%Y-%m}"
        yield _sign({**row, "period": period}, "", _people(row["practitioner"]), not inside if told else None)


def _close(one: Mapping[str, Any], other: Mapping[str, Any], hours: int) -> bool:
    """Tells whether two moments are at most so many hours apart; by whole days, begun ones too, where a time is missing."""
    days = abs((_day(one["on"]) - _day(other["on"])).days)
    if not one.get("at") or not other.get("at"):
        return days * 24 <= hours
    return abs(_moment(one) - _moment(other)) <= timedelta(hours=hours)


def _moment(row: Mapping[str, Any]) -> datetime:
    hour, minute = str(row["at"]).split(":")[:2]
    return datetime.combine(_day(row["on"]), datetime.min.time()) + timedelta(hours=int(hour), minutes=int(minute))


def _england(moment: Any) -> date:
    return pd.Timestamp(moment).tz_convert("Europe/London").date()


def _day(value: Any) -> date:
    return value.date() if isinstance(value, datetime) else value


def months_between(first: str, last: str) -> int:
    """Returns how many months lie from one to the other, both "YYYY-MM".

    >>> months_between("2025-11", "2026-02")
    3
    """
    return (int(last[:4]) - int(first[:4])) * 12 + int(last[5:]) - int(first[5:])


def month_plus(period: str, months: int) -> str:
    """Returns the month so many later, or earlier.

    >>> month_plus("2026-01", -2)
    '2025-11'
    """
    year, month = divmod(int(period[:4]) * 12 + int(period[5:]) - 1 + months, 12)
    return f"{year:04d}-{month + 1:02d}"
