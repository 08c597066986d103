"""The calendar of coverage: a row each supervisee or team, a column each week, in each cell a letter that says what the week held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from datetime import date, timedelta
from typing import Literal

import pandas as pd

from sampling.assurance.coverage import FOR_PAIR, FOR_SERVICE, all_dues
from sampling.assurance.coverage_counts import Window, week_of
from sampling.assurance.coverage_facts import Facts
from sampling.assurance.facts import FORMAL
from sampling.assurance.intervals import Due
from sampling.assurance.profile import Profile
from sampling.assurance.rules import AGREED_RULES, SESSION_RULES
from sampling.journal.frames import DAY, NUMBER, TEXT, frame
from sampling.tickets import digest

By = Literal["supervisee", "team"]
MEANING: Mapping[str, str] = {"L": "late or not done", "U": "due, not yet done", "D": "done", "N": "none due"}
COLUMNS = {
    "for_whom": TEXT, "row": TEXT, "week": DAY, "letter": TEXT, "meaning": TEXT, "done": NUMBER, "late": NUMBER, "due": NUMBER,
}  # fmt: skip
WEEK = timedelta(days=7)
FEWEST_PEOPLE = 2  # a team of one is a person: its row would be that pair's (docs/coverage.md)


def calendar_frame(
    facts: Facts, profile: Profile, window: Window, today: date, *, by: By = "supervisee"
) -> pd.DataFrame:
    """Returns a row for each supervisee or team and week (its Monday) that touches the window.

    `letter` is the gravest of what the week held: L before U before D before N. `done` counts formal one-to-ones, `late` what fell due in
    that week and was late or not done, `due` what is still to come. Days outside the window are left out. Teams in which one
    person alone had anything due have no row, and a team's row has letters without counts.
    """
    rules = (*SESSION_RULES, AGREED_RULES[0])
    dues = [due for due in all_dues(facts, profile, today) if due.rule in rules and window.has(due.due)]
    weeks = _weeks(window)
    held = _held(facts, window)
    groups = _people(facts) if by == "supervisee" else _teams(facts, {due.subject for due in dues})
    rows = [
        _row(name, week, _of(dues, members, week), sum(held.get((one, week), 0) for one in members))
        for name, members in sorted(groups.items())
        for week in weeks
    ]
    whose = FOR_PAIR if by == "supervisee" else FOR_SERVICE
    hidden = {} if by == "supervisee" else {"done": None, "late": None, "due": None}
    return frame(COLUMNS, [{**row, **hidden, "for_whom": whose} for row in rows])


def _people(facts: Facts) -> dict[str, frozenset[str]]:
    return {digest(one.key): frozenset((one.key,)) for one in facts.persons}


def _teams(facts: Facts, present: Set[str]) -> dict[str, frozenset[str]]:
    """Returns the teams in which two people or more had something due: where others have left, the row would be that of who stayed."""
    found: dict[str, set[str]] = {}
    for one in facts.persons:
        if team := facts.teams.get(one.key):
            found.setdefault(team, set()).add(one.key)
    return {team: frozenset(members) for team, members in found.items() if len(members & present) >= FEWEST_PEOPLE}


def _weeks(window: Window) -> list[date]:
    first = week_of(window.first)
    return [first + number * WEEK for number in range((week_of(window.last) - first).days // 7 + 1)]


def _held(facts: Facts, window: Window) -> dict[tuple[str, date], int]:
    found: dict[tuple[str, date], int] = {}
    for person in facts.persons:
        for day in {one.on for one in person.sessions if one.kind == FORMAL and window.has(one.on)}:
            found[person.key, week_of(day)] = found.get((person.key, week_of(day)), 0) + 1
    return found


def _of(dues: Sequence[Due], members: frozenset[str], week: date) -> list[Due]:
    """Returns the dues of a week, once for each person and day: norm and floor on one day are one thing to do."""
    mine = [due for due in dues if due.subject in members and week_of(due.due) == week]
    return list({(due.subject, due.due): due for due in sorted(mine, key=lambda due: due.is_late)}.values())


def _row(name: str, week: date, dues: Sequence[Due], done: int) -> dict[str, object]:
    late = sum(due.is_late for due in dues)
    coming = sum(due.state == "not yet due" for due in dues)
    letter = "L" if late else "U" if coming else "D" if done else "N"
    return {
        "row": name, "week": week, "letter": letter, "meaning": MEANING[letter], "done": done, "late": late, "due": coming,
    }  # fmt: skip
