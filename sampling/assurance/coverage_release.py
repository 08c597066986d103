"""Coverage as it may leave the service: tables of teams and service, small numbers hidden together by one profile; never a row of a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from sampling.assurance.coverage import AGENDA, all_dues
from sampling.assurance.coverage_counts import THRESHOLD_WORDS, Tally, Window, tally
from sampling.assurance.coverage_facts import Facts
from sampling.assurance.intervals import Due
from sampling.assurance.profile import Profile
from sampling.assurance.rules import AGREED_RULES, SESSION_RULES, THRESHOLDS, Threshold
from sampling.scoring.rules.session_rules import AGENDA as AGENDA_WORDS
from sampling.suppression import Cell, Relation, Table, suppress
from sampling.suppression import Profile as Suppression

SERVICE, OTHER_TEAMS, DUE = "Service", "Other teams", "Due"
PARTS = ("In time", "Late, with a reason", "Late, no reason noted", "Not done")
FEWEST_PEOPLE = 2
ONE_PERSON = (
    "No table of coverage is shown: all that fell due is of one supervisee, whose figures are for that pair alone."
)
NOTHING = "No table of coverage is shown: nothing fell due."
FOCUS, ALL, COVERED, NOT_COVERED = "What formal one-to-ones covered", "Formal one-to-ones", "Covered", "Not covered"
NO_SESSION = "No formal one-to-one of these months is closed in the journal, so nothing is shown of what they covered."
ONE_PERSONS_SESSIONS = "Nothing is shown of what formal one-to-ones covered: all of them are of one supervisee."
_TABLES: Mapping[str, tuple[str, ...]] = {
    "Formal one-to-ones": (*SESSION_RULES, AGREED_RULES[0]),
    "Cases discussed": ("case",),
}


@dataclass(frozen=True)
class Released:
    """What may leave: `tables` hold shown text alone, `sentences` what is hidden and why; `refusal` says why there is no table."""

    tables: Mapping[str, pd.DataFrame]
    sentences: tuple[str, ...]
    refusal: str = ""


def release(facts: Facts, profile: Profile, window: Window, today: date, *, suppression: Suppression) -> Released:
    """Returns the window's tables of teams, one for sessions and one for cases at each threshold, or the refusal in words.

    They are protected as one release. A team in which only one supervisee had anything due goes in with others. A release of another window
    that can be subtracted from this one (a quarter and two of its months) is the caller's to hold back.
    """
    dues = [due for due in all_dues(facts, profile, today) if window.has(due.due) and due.counts]
    rules = [rule for some in _TABLES.values() for rule in some]
    dues = [due for due in dues if due.rule in rules]
    if not dues:
        return Released({}, (), NOTHING)
    if _people(dues) < FEWEST_PEOPLE:
        return Released({}, (), ONE_PERSON)
    tables = [
        table
        for name, some in _TABLES.items()
        for threshold in THRESHOLDS
        if (table := _table(name, threshold, [due for due in dues if due.rule in some], facts.teams)) is not None
    ]
    if not tables:
        return Released({}, (), ONE_PERSON)
    shown = suppress(tables, suppression)
    if shown.refusal:
        return Released({}, (), shown.refusal)
    sentences = [*shown.sentences, *(sentence for table in shown.tables for sentence in table.sentences)]
    return Released({table.name: table.shown for table in shown.tables}, tuple(dict.fromkeys(sentences)))


def release_focus(facts: Facts, window: Window, *, suppression: Suppression) -> Released:
    """Returns how many closed formal one-to-ones of the window covered each agenda item, as they may leave, or the refusal in words (row A23).

    Nothing leaves where all of them are one supervisee's.
    """
    held = [one for one in facts.sessions if one.counts and window.has(one.held_on)]
    if not held:
        return Released({}, (), NO_SESSION)
    if len({person for one in held for person in one.supervisees}) < FEWEST_PEOPLE:
        return Released({}, (), ONE_PERSONS_SESSIONS)
    covered = {item: sum(item in one.agenda and one.agenda[item].covered for one in held) for item in AGENDA}
    rows = {
        AGENDA_WORDS[item][0]: {ALL: len(held), COVERED: number, NOT_COVERED: len(held) - number}
        for item, number in covered.items()
    }
    table = Table(FOCUS, pd.DataFrame.from_dict(rows, orient="index"), columns_add={ALL: [COVERED, NOT_COVERED]})
    shown = suppress([table], suppression, relations=_same_in_each_row(table))
    if shown.refusal:
        return Released({}, (), shown.refusal)
    sentences = [*shown.sentences, *(sentence for one in shown.tables for sentence in one.sentences)]
    return Released({one.name: one.shown for one in shown.tables}, tuple(dict.fromkeys(sentences)))


def _same_in_each_row(table: Table) -> list[Relation]:
    """Returns that every row is of the same sessions: a whole that is hidden in one row stands in the next."""
    first, *others = (Cell(table.name, str(row), ALL) for row in table.counts.index)
    return [Relation(first, (one,)) for one in others]


def _person(due: Due) -> str:
    """Returns the supervisee whom a due is about: of a case whoever held it on the due day, "" where nobody did."""
    return due.answers if due.rule == "case" else due.subject


def _table(name: str, threshold: Threshold, dues: Sequence[Due], teams: Mapping[str, str]) -> Table | None:
    """Returns the table of one threshold, or None where fewer than two people had anything due."""
    mine = [due for due in dues if due.threshold == threshold]
    if _people(mine) < FEWEST_PEOPLE:
        return None
    groups = _groups(mine, teams)
    counts = {group: _row(tally(some)) for group, some in {**groups, SERVICE: mine}.items()}
    return Table(
        f"{name}, {THRESHOLD_WORDS[threshold]}",
        pd.DataFrame.from_dict(counts, orient="index"),
        rows_add={SERVICE: list(groups)},
        columns_add={DUE: list(PARTS)},
    )


def _row(counts: Tally) -> dict[str, int]:
    parts = (counts.in_time, counts.late_with_reason, counts.late_without_reason, counts.not_done)
    return {DUE: counts.due, **dict(zip(PARTS, parts, strict=True))}


def _groups(dues: Sequence[Due], teams: Mapping[str, str]) -> dict[str, list[Due]]:
    """Returns the dues by team; teams of one person are put together, and with the smallest team until there are two people."""
    found: dict[str, list[Due]] = {}
    for due in dues:
        found.setdefault(teams.get(_person(due), ""), []).append(due)
    alone = [team for team in found if not team or _people(found[team]) < FEWEST_PEOPLE]
    together = [due for team in alone for due in found.pop(team)]
    while together and _people(together) < FEWEST_PEOPLE and found:
        together += found.pop(min(found, key=lambda team: (len(found[team]), team)))
    named = {f"{team} (team)" if team in (SERVICE, OTHER_TEAMS) else team: found[team] for team in sorted(found)}
    return {**named, OTHER_TEAMS: together} if together else named


def _people(dues: Sequence[Due]) -> int:
    """Returns how many people these are of; a case that nobody held is nobody's."""
    return len({_person(due) for due in dues} - {""})
