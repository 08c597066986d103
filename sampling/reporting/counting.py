"""The counts of a report as tables for suppression, each with the sums that a reader knows: of the service and of every team, together.

Only counts stand here: cases scored and at the standard, repairs, actions, double-scored criteria. Levels one by one and the codes for
"not applicable" and "not accessible" are left out, since their small counts would take most other numbers with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from sampling.evidence.measures import RATIONALE, REVIEW, STANDARD
from sampling.reporting import monthly
from sampling.reporting.gathering import Gathered
from sampling.reporting.pairs import double_scored, repair_pairs
from sampling.reporting.windows import Window, Windows
from sampling.rubric import Rubric
from sampling.scoring.settings.assignments import FIRST
from sampling.suppression import Cell, Relation, Table, adds_up, percent
from sampling.tickets import digest

Kind = Literal["before", "after", "repair", "actions", "agreement"]
SERVICE = "service"
SCORED, MET, BELOW, DRAWN = "Scored", "At the standard", "Below", "Drawn"
PAIRS, IMPROVED, UNCHANGED, WORSENED = "Scored twice", "Improved", "Unchanged", "Worsened"
RAISED, OPEN, OVERDUE, CLOSED, SEEN, ALL = "Raised", "Open", "Overdue", "Closed", "Seen in the record", "All actions"
SAME, ONE_APART, FURTHER = "Same level", "One apart", "Further apart"
HEADLINES = (RATIONALE, REVIEW)  # the criteria whose repair is told
_STATES = {"open": OPEN, "overdue": OVERDUE, "closed": CLOSED}


@dataclass(frozen=True)
class Counts:
    """All tables that one month's packs publish together, and what adds up between them. Keys are (scope, kind)."""

    tables: Mapping[tuple[str, Kind], Table]
    relations: tuple[Relation, ...]


def scope_of(team: str) -> str:
    """Returns the scope of a team, a key that says nothing of its name; "" is the service."""
    return digest(f"team|{team}")[:12] if team else SERVICE


def count(gathered: Gathered, span: Windows, name: str, *, teams: bool) -> Counts:
    """Returns the tables of the service, and of each team where `teams`; their names begin with `name`. `gathered` ends with the last month
    that is counted.
    """
    named = [team for team in gathered.teams if team] if teams else []
    scopes = {SERVICE: gathered} | {scope_of(team): gathered.of_team(team) for team in named}
    refs = [rubric.ref(criterion) for rubric in gathered.rubrics for criterion in rubric.criteria]
    met = set(gathered.scores["ref"])
    rows = [ref for ref in dict.fromkeys(refs) if ref in met]
    kinds = sorted(set(gathered.actions["action_kind"].dropna()))
    tables = {
        (scope, table_kind): table
        for scope, one in scopes.items()
        for table_kind, table in _tables(one, span, rows, kinds, f"{name} {scope}").items()
    }
    return Counts(tables, tuple(_between(tables, list(scopes))))


def _tables(
    gathered: Gathered, span: Windows, refs: Sequence[str], kinds: Sequence[str], name: str
) -> dict[Kind, Table]:
    levels = pass_levels(gathered.rubrics)
    found: dict[Kind, Table] = {}
    for kind, window in _sides(span):
        found[kind] = Table(
            f"{name} {kind}", _standard(gathered, window, refs, levels), columns_add={SCORED: (MET, BELOW)}, ratios=[percent(MET, SCORED)],
            inside=frozenset({DRAWN}), known=_known(name, refs),
        )  # fmt: skip
    found["repair"] = Table(
        f"{name} repair",
        _repair(gathered, [ref for ref in HEADLINES if ref in refs]),
        columns_add={PAIRS: (IMPROVED, UNCHANGED, WORSENED)},
        ratios=[percent(IMPROVED, PAIRS)],
    )
    if kinds:
        found["actions"] = Table(
            f"{name} actions", _actions(gathered, kinds), rows_add={ALL: tuple(kinds)}, columns_add={RAISED: (OPEN, OVERDUE, CLOSED)},
            ratios=[percent(SEEN, RAISED)],
        )  # fmt: skip
    found["agreement"] = Table(
        f"{name} agreement",
        _agreement(gathered),
        columns_add={PAIRS: (SAME, ONE_APART, FURTHER)},
        ratios=[percent(SAME, PAIRS)],
    )
    return found


def _sides(span: Windows) -> list[tuple[Kind, Window]]:
    both: list[tuple[Kind, Window]] = [("before", span.before), ("after", span.after)]
    return [(kind, window) for kind, window in both if window.periods]


def pass_levels(rubrics: Iterable[Rubric]) -> dict[str, int]:
    """Returns rubric id -> pass level."""
    return {rubric.id: rubric.pass_level for rubric in rubrics}


def _standard(gathered: Gathered, window: Window, refs: Sequence[str], levels: Mapping[str, int]) -> pd.DataFrame:
    scores = monthly.followed(gathered).scores
    inside = scores[(scores["stage"] == FIRST) & scores["period"].isin(window.periods)]
    rows = []
    for ref in refs:
        mine = inside[inside["ref"] == ref]
        scored = mine["level"].dropna()
        met = int((scored >= levels.get(ref.partition("/")[0], STANDARD)).sum())
        rows.append((len(scored), met, len(scored) - met, len(mine)))
    return pd.DataFrame(rows, index=list(refs), columns=[SCORED, MET, BELOW, DRAWN], dtype="int64")


def _known(name: str, refs: Sequence[str]) -> frozenset[tuple[str, str]]:
    """Returns the counts that anyone can read elsewhere: how many cases the service drew stands in the packs of its draws."""
    return frozenset((ref, DRAWN) for ref in refs) if name.endswith(SERVICE) else frozenset()


def _repair(gathered: Gathered, refs: Sequence[str]) -> pd.DataFrame:
    pairs = repair_pairs(gathered).dropna(subset=["before", "after"])
    change = pairs["after"] - pairs["before"]
    rows = []
    for ref in refs:
        mine = change[pairs["ref"] == ref]
        rows.append((len(mine), int((mine > 0).sum()), int((mine == 0).sum()), int((mine < 0).sum())))
    return pd.DataFrame(rows, index=list(refs), columns=[PAIRS, IMPROVED, UNCHANGED, WORSENED], dtype="int64")


def _actions(gathered: Gathered, kinds: Sequence[str]) -> pd.DataFrame:
    acted = gathered.actions[gathered.actions["state"].isin(_STATES)]
    rows = {}
    for kind in (*kinds, ALL):
        mine = acted if kind == ALL else acted[acted["action_kind"] == kind]
        states = {words: int((mine["state"] == state).sum()) for state, words in _STATES.items()}
        rows[kind] = {RAISED: len(mine), **states, SEEN: int(mine["seen_on"].notna().sum())}
    return pd.DataFrame.from_dict(rows, orient="index", dtype="int64")


def _agreement(gathered: Gathered) -> pd.DataFrame:
    pairs = double_scored(gathered)
    apart = (pairs["own_level_first"] - pairs["own_level_second"]).abs()
    row = (len(pairs), int((apart == 0).sum()), int((apart == 1).sum()), int((apart > 1).sum()))
    return pd.DataFrame(
        [row], index=["Double-scored criteria"], columns=[PAIRS, SAME, ONE_APART, FURTHER], dtype="int64"
    )


def _between(tables: Mapping[tuple[str, Kind], Table], scopes: Sequence[str]) -> list[Relation]:
    """Returns what adds up: each row of the service from its teams, and what the service drew from what it scored and left out."""
    relations = []
    for (scope, kind), whole in tables.items():
        if scope != SERVICE:
            continue
        teams = [tables[team, kind] for team in scopes if team != SERVICE]
        for row in whole.counts.index:
            relations += [
                _part(one, whole, teams)
                for one in adds_up(whole, str(row), [(team, str(row)) for team in teams])
                if teams
            ]
            if DRAWN in whole.counts:
                drawn, scored = (Cell(whole.name, str(row), column) for column in (DRAWN, SCORED))
                relations.append(Relation(drawn, (scored,), rest=True))
    return relations


def _part(relation: Relation, whole: Table, teams: Sequence[Table]) -> Relation:
    """Returns the relation, complete only where the teams have every case: one of no team is protected as a count of its own."""
    held = {one.name: one for one in teams}
    parts = sum(held[cell.table].value(cell.row, cell.column) or 0 for cell in relation.parts)
    return Relation(
        relation.total, relation.parts, rest=parts != whole.value(relation.total.row, relation.total.column)
    )
