"""Patterns for governance: from what was gathered to each pattern with its rule, its evidence and its state. Pure: no file, no clock.

A pattern is of the service or of a team, never of a person; its id is the same every month (docs/patterns.md).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sampling.assurance.patterns_policy import PatternPolicy, PatternRule
from sampling.assurance.patterns_signs import (
    CASELOAD_ADJUSTMENT,
    Observed,
    Sign,
    month_plus,
    months_between,
    signs_of,
)
from sampling.model import Period
from sampling.tickets import digest

State = Literal["new", "standing", "easing", "ended"]
STATES: tuple[State, ...] = ("new", "standing", "easing", "ended")
_Reached = Literal["met", "not met", "too few"]


@dataclass(frozen=True)
class Scope:
    """Of what a pattern is: a team, or the whole service (`team` ""); a criterion or kind of action, or neither (`about` "")."""

    team: str
    about: str


@dataclass(frozen=True)
class InDraw:
    """How often it was seen in one draw, of how many; `unknown` more could not be told. Contacts have no draw: `draw` is ""."""

    period: str
    draw: str
    seen: int
    of: int
    unknown: int
    counts: bool


@dataclass(frozen=True)
class Evidence:
    """What the window from `first` to `last` (both "YYYY-MM") shows. `number` is what the rule's threshold is compared with.

    `seen` of `of` cases, `unknown` more that the record cannot tell; the draws in order; `empty` are the months with no draw or contact.
    """

    first: str
    last: str
    number: int
    seen: int
    of: int
    unknown: int
    draws: tuple[InDraw, ...]
    empty: tuple[str, ...]


@dataclass(frozen=True)
class Pattern:
    """One pattern. `since` is the month in which its rule was first met without a break, `until` the last such month of an ended one.

    `unsure`: the window holds too few cases to say whether it still stands. `adjusted`: whether a caseload adjustment was recorded in the
    window for that team or service; None for rules that do not ask.
    """

    id: str
    rule: PatternRule
    scope: Scope
    state: State
    since: str
    until: str
    evidence: Evidence
    unsure: bool
    adjusted: bool | None


@dataclass(frozen=True)
class Looked:
    """How a rule was looked at: over how many scopes, and how many of these had too few cases to say anything. `cannot`: why it was not."""

    rule: PatternRule
    scopes: int
    thin: int
    cannot: str


@dataclass(frozen=True)
class Patterns:
    """What was found for a month: patterns by rule, service before teams; and how each rule was looked at, also where nothing was found."""

    month: str
    found: tuple[Pattern, ...]
    looked: tuple[Looked, ...]


def pattern_id(rule: str, scope: Scope) -> str:
    """Returns the id of a pattern, 32 hexadecimal digits: a digest of its rule and scope alone, so that it is the same every month."""
    return digest(f"csr1/pattern|{rule}|{scope.team}|{scope.about}")[:32]


def find_patterns(found: Observed, policy: PatternPolicy, month: str) -> Patterns:
    """Returns the patterns as they stand at the end of a month "YYYY-MM"; what is later is not looked at.

    Patterns that ended are listed for as many months as their rule's window has. Raises UsageError for what is no month.
    """
    Period(month)
    patterns: list[Pattern] = []
    looked: list[Looked] = []
    for rule in policy.rules:
        signs = signs_of(rule, found, policy)
        if isinstance(signs, str):
            looked.append(Looked(rule, 0, 0, signs))
            continue
        series = _series(rule, (sign for sign in signs if sign.period <= month))
        windows = {scope: _window(rule, draws, month) for scope, draws in series.items()}
        thin = sum(_reached(rule, window) == "too few" for window in windows.values())
        looked.append(Looked(rule, len(windows), thin, ""))
        patterns += filter(None, (_pattern(rule, scope, draws, month, found) for scope, draws in series.items()))
    order = {rule.id: place for place, rule in enumerate(policy.rules)}
    patterns.sort(key=lambda one: (order[one.rule.id], one.scope.team, one.scope.about))
    return Patterns(month, tuple(patterns), tuple(looked))


@dataclass(frozen=True)
class _Tally:
    """One draw of one scope, counted once for all windows that it lies in. The people of what was seen stay in this module."""

    row: InDraw
    people: frozenset[str]


_Draws = Mapping[tuple[str, str], _Tally]


def _series(rule: PatternRule, signs: Iterable[Sign]) -> dict[Scope, _Draws]:
    """Returns scope -> (period, draw) -> its tally. Each sign is of the service; where its team is known, of the team, too."""
    series: dict[Scope, dict[tuple[str, str], list[Sign]]] = defaultdict(lambda: defaultdict(list))
    for sign in signs:
        for team in {"", sign.team}:
            series[Scope(team, sign.about)][sign.period, sign.draw].append(sign)
    return {
        scope: {place: _tally(rule, place, draws[place]) for place in sorted(draws)} for scope, draws in series.items()
    }


def _tally(rule: PatternRule, place: tuple[str, str], signs: Sequence[Sign]) -> _Tally:
    seen = [sign for sign in signs if sign.seen]
    of = sum(sign.seen is not None for sign in signs)
    counts = len(seen) > 0 and len(seen) >= rule.per_draw * of
    people = frozenset().union(*(sign.people for sign in seen))
    return _Tally(InDraw(*place, len(seen), of, len(signs) - of, counts), people)


def _window(rule: PatternRule, draws: _Draws, last: str) -> list[_Tally]:
    return [tally for (period, _), tally in draws.items() if _inside(rule, period, last)]


def _inside(rule: PatternRule, period: str, last: str) -> bool:
    return 0 <= months_between(period, last) < rule.months


def _number(rule: PatternRule, rows: Iterable[InDraw]) -> int:
    return sum(row.counts if rule.counted == "draws" else row.seen for row in rows)


def _reached(rule: PatternRule, window: Sequence[_Tally]) -> _Reached:
    """Returns whether the rule is met in a window, or whether it holds too few cases for it to say anything."""
    rows = [tally.row for tally in window]
    seen, of = sum(row.seen for row in rows), sum(row.of for row in rows)
    if of < rule.fewest:
        return "too few"
    people = frozenset().union(*(tally.people for tally in window))
    enough = _number(rule, rows) >= rule.threshold and len(people) >= rule.fewest_people
    return "met" if enough and (not rule.over or seen > rule.over * of) else "not met"


def _pattern(rule: PatternRule, scope: Scope, draws: _Draws, month: str, found: Observed) -> Pattern | None:
    """Returns the pattern of a scope as it stands, or None where there is none, or none that ended within the window's months."""
    since = until = ""
    ended, status = False, "not met"
    for period in _months(min(period for period, _ in draws), month):
        status = _reached(rule, _window(rule, draws, period))
        if status == "met":
            since = period if ended or not since else since
            until, ended = period, False
        elif status == "not met" and since:
            ended = True
    if not since or (ended and not _inside(rule, until, month)):
        return None
    evidence = _evidence(rule, draws, month)
    return Pattern(
        pattern_id(rule.id, scope),
        rule,
        scope,
        _state(ended, since, month, evidence),
        since,
        until if ended else "",
        evidence,
        status == "too few" and not ended,
        _adjusted(found, scope, evidence) if rule.id == "out_of_hours" else None,
    )


def _months(first: str, last: str) -> Iterator[str]:
    for ahead in range(months_between(first, last) + 1):
        yield month_plus(first, ahead)


def _state(ended: bool, since: str, month: str, evidence: Evidence) -> State:
    if ended:
        return "ended"
    if since == month:
        return "new"
    newest = [draw for draw in evidence.draws if draw.of and draw.period == evidence.draws[-1].period]
    return "easing" if newest and not any(draw.counts for draw in newest) else "standing"


def _evidence(rule: PatternRule, draws: _Draws, month: str) -> Evidence:
    first = month_plus(month, 1 - rule.months)
    rows = tuple(tally.row for tally in _window(rule, draws, month))
    seen, of, unknown = (sum(getattr(row, name) for row in rows) for name in ("seen", "of", "unknown"))
    empty = tuple(period for period in _months(first, month) if period not in {row.period for row in rows})
    return Evidence(first, month, _number(rule, rows), seen, of, unknown, rows, empty)


def _adjusted(found: Observed, scope: Scope, evidence: Evidence) -> bool:
    """Tells whether a caseload adjustment was recorded for the team or service in the window (supervision models article, example 2)."""
    actions = found.actions
    rows = actions[
        (actions["action_kind"] == CASELOAD_ADJUSTMENT) & actions["period"].between(evidence.first, evidence.last)
    ]
    return bool(len(rows if not scope.team else rows[rows["team"] == scope.team]))
