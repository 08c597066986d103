"""An attacker on everything that one home has released, run after run: evidence reports, assurance reports, and the words on patterns.

What suppression protects release by release is read here from the shown text alone, as sums over months that nobody released, and asked of scipy's
linprog for the least and the most that each small number can be.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from sampling.assurance.coverage_facts import Facts
from sampling.assurance.gathering import GatheredAssurance
from sampling.assurance.patterns_signs import observed
from sampling.assurance.report.found import Assurance
from sampling.assurance.report.opening import asked_for, assure
from sampling.assurance.report.releasing import PATTERNS, keep_release
from sampling.evidence.measures import STANDARD
from sampling.reporting.beside import action_tables, joined, kept_actions
from sampling.reporting.counting import BELOW, MET, SCORED, SERVICE, scope_of
from sampling.reporting.gathering import Gathered
from sampling.reporting.kept import FOLDER, load_kept
from sampling.suppression import Suppressed, Table
from tests.evidence_packs import published
from tests.suppression_attacker import CONVENTIONS, Key, Puzzle, given_away, shown_span

REF = "escalation_rationale/decision_and_reason"
NOWHERE = date(2024, 1, 1)
_PATTERN = re.compile(
    r"draw after draw .*?, the (?:service|team (?P<team>[^:]+)): .*?; (?P<seen>\S+) of (?P<of>\S+) cases(?: \((?P<share>\d+)%\))?, "
    r"(?P<first>\d{4}-\d\d) to (?P<last>\d{4}-\d\d)"
)
LEVELS, KINDS = ("below", "met"), ("followed", "other")
_COLUMNS = {SCORED: LEVELS, BELOW: ("below",), MET: ("met",)}


@dataclass(frozen=True)
class Home:
    """A home of one criterion's scores, and who asked for what of it."""

    place: Path
    held: Gathered
    profile: str

    def assurance(self, span: str, *, day: int = 5) -> Assurance:
        """Makes the commissioner's edition of a span on a day of the month after it, and keeps what left."""
        last = span.split(":")[-1]
        months = int(last[:4]) * 12 + int(last[5:])
        today = date(months // 12, months % 12 + 1, day).isoformat()
        asked = asked_for(str(self.place), period=span, purpose="audit", edition="commissioner", today=today, suppression=self.profile)  # fmt: skip
        known = self.held.between(self.held.periods[0], last)
        facts = Facts((), (), (), {}, (), NOWHERE, ())
        material = GatheredAssurance(known, known.actions, facts, observed(known), None, "", (), 0, ())
        found = assure(asked, material)
        keep_release(found)
        return found

    def evidence(self, period: str) -> None:
        """Keeps what the packs of a month show, of the service and its teams."""
        published(self.place, self.held.between(self.held.periods[0], period), period, self.profile)


def pattern_words(found: Assurance) -> tuple[str, ...]:
    """Returns what left on patterns with a report."""
    assert found.release is not None and found.release.fresh is not None
    return found.release.fresh.parts[PATTERNS].sentences


def scores_broken(home: Home, words: Iterable[str]) -> list[tuple[Key, int, tuple[float, float]]]:
    """Returns each small count of scores that the reader of all evidence releases and of these words on patterns narrows too far."""
    truth, puzzle = _cells(home.held), Puzzle()
    for key in truth:
        puzzle.narrow(key, 0, math.inf)
    for _, (about, release) in load_kept(home.place / FOLDER).items():
        _read_evidence(home, truth, puzzle, about, release)
    for one in filter(None, map(_PATTERN.search, words)):
        teams = [one["team"]] if one["team"] else home.held.teams
        months = [month for month in home.held.periods if one["first"] <= month <= one["last"]]
        seen, of = (_sum(truth, teams, months, levels, KINDS) for levels in (("below",), LEVELS))
        _tell(puzzle, (f"pattern {one[0]}", "seen", ""), seen, shown_span(one["seen"], home.profile))
        _tell(puzzle, (f"pattern {one[0]}", "of", ""), of, shown_span(one["of"], home.profile))
        _share(puzzle, seen, of, one["share"] or "")
    return _narrowed(home, truth, puzzle)


def actions_broken(home: Home) -> list[tuple[Key, int, tuple[float, float]]]:
    """Returns each small count of actions that the reader of all releases narrows too far who knows which counts are parts of which."""
    spans = kept_actions(home.place) or []
    told: list[tuple[Suppressed, list[Table]]] = [(release, _true(release)) for _, release in spans]
    for about, release in load_kept(home.place / FOLDER).values():
        acted = action_tables(release)
        if acted:
            last = (*about["before"], *about["after"])[-1]
            sums = joined(acted, (home.held.periods[0], last), [one for one, _ in spans]) or []
            extra = [one for one in sums if one not in release.relations]
            told.append((replace(release, relations=(*release.relations, *extra)), _true(release)))
    names = {table.name for _, tables in told for table in tables}
    known = [(replace(one, relations=tuple(sum_ for sum_ in one.relations if {sum_.total.table, *(part.table for part in sum_.parts)} <= names)), tables) for one, tables in told]  # fmt: skip
    return given_away(known, home.profile) if known else []


def _true(release: Suppressed) -> list[Table]:
    return [table.source.table for table in release.tables]


def _cells(held: Gathered) -> Mapping[Key, int]:
    """Returns the true counts by (kind/level, team, month): those that evidence follows, and the others."""
    scores = held.scores[(held.scores["stage"] == "first") & (held.scores["ref"] == REF) & held.scores["level"].notna()]
    found: dict[Key, int] = {
        (f"{kind}/{level}", team, month): 0
        for kind in KINDS for level in LEVELS for team in held.teams for month in held.periods
    }  # fmt: skip
    for kind, team, month, level in zip(*(scores[name] for name in ("kind", "team", "period", "level")), strict=True):
        found[f"{KINDS[kind != 'volatile']}/{LEVELS[int(level >= STANDARD)]}", team, month] += 1
    return found


def _sum(
    truth: Mapping[Key, int], teams: Iterable[str], months: Iterable[str], levels: Iterable[str], kinds: Iterable[str]
) -> list[Key]:
    here, wanted = set(teams), set(months)
    names = {f"{kind}/{level}" for kind in kinds for level in levels}
    return [key for key in truth if key[0] in names and key[1] in here and key[2] in wanted]


def _tell(puzzle: Puzzle, name: Key, parts: list[Key], span: tuple[float, float]) -> None:
    """Adds that the sum of parts lies in a span; the sum is a number by that name."""
    puzzle.narrow(name, 0, math.inf)
    puzzle.narrow(name, *span)
    puzzle.rows.append(({name: 1.0} | {part: -1.0 for part in parts}, 0, 0))


def _share(puzzle: Puzzle, part: list[Key], whole: list[Key], text: str) -> None:
    if text.isdigit():
        for bound, sign in ((int(text) - 0.5, 1.0), (int(text) + 0.5, -1.0)):
            factors = {key: -sign * bound for key in whole}
            for key in part:
                factors[key] += sign * 100
            puzzle.rows.append((factors, 0, math.inf))


def _read_evidence(
    home: Home, truth: Mapping[Key, int], puzzle: Puzzle, about: Mapping[str, list[str]], release: Suppressed
) -> None:
    first, last, _, _ = CONVENTIONS[home.profile]
    of_scope = {scope_of(team): [team] for team in home.held.teams} | {SERVICE: list(home.held.teams)}
    for table in release.tables:
        *_, scope, kind = table.name.split()
        if kind not in about:
            continue
        sums = {column: _sum(truth, of_scope[scope], about[kind], levels, ("followed",)) for column, levels in _COLUMNS.items()}  # fmt: skip
        for column, parts in sums.items():
            text = str(table.shown.at[REF, column])
            value = sum(truth[part] for part in parts)
            _tell(puzzle, (table.name, REF, column), parts, shown_span(text, home.profile))
            if not text.isdigit():
                small = first <= value <= last
                if table.told_apart:
                    puzzle.narrow((table.name, REF, column), *((first, last) if small else (last + 1, math.inf)))
                if small:
                    puzzle.secret[table.name, REF, column] = value
        _share(puzzle, sums[MET], sums[SCORED], str(table.shown.at[REF, f"{MET}, %"]))


def _unreleased(home: Home, truth: Mapping[Key, int]) -> Iterator[tuple[Key, list[Key]]]:
    """Yields sums that nobody released: what a team has below in a month, and what evidence leaves out, by team and half-year."""
    months = home.held.periods
    for team in home.held.teams:
        for month in months:
            yield ("month", team, month), _sum(truth, [team], [month], ["below"], KINDS)
        for begins in range(0, len(months), 6):
            half = months[begins : begins + 6]
            yield ("half", team, half[0]), _sum(truth, [team], half, ["below"], ["followed"])
            yield ("others", team, half[0]), _sum(truth, [team], half, ["below"], ["other"])


def _narrowed(home: Home, truth: Mapping[Key, int], puzzle: Puzzle) -> list[tuple[Key, int, tuple[float, float]]]:
    first, last, _, safe = CONVENTIONS[home.profile]
    for name, parts in _unreleased(home, truth):
        value = sum(truth[part] for part in parts)
        if first <= value <= last:
            _tell(puzzle, name, parts, (0, math.inf))
            puzzle.secret[name] = value
    span, found = puzzle.solver(), []
    for key, value in puzzle.secret.items():
        least, most = span(key)
        assert least - 1e-6 <= value <= most + 1e-6, f"the attacker is wrong about {key}"
        if most < math.inf and math.floor(most + 1e-6) - math.ceil(least - 1e-6) + 1 < safe:
            found.append((key, value, (least, most)))
    return found
