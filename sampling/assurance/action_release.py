"""The action log as it may leave the service: tables of the service and its teams, small numbers hidden together by one profile.

No row is ever one practitioner's: a team of whose actions all are one person's goes in with others (docs/action-log.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from sampling.assurance.action_log import RISK_WORDS, ActionLog, LoggedAction, State
from sampling.assurance.action_matching import RISK_KINDS
from sampling.assurance.action_record import STANDING_LABELS, TOLD, Reconciliation, Standing
from sampling.assurance.action_times import TimeToClose
from sampling.reporting.beside import SpanActions
from sampling.reporting.counting import ALL, scope_of
from sampling.reporting.counting import SERVICE as EVIDENCE_SERVICE
from sampling.suppression import Cell, Profile, Relation, Suppressed, Table, same_cells, suppress

KINDS_TABLE, TEAMS_TABLE, RECORD_TABLE = "Actions by kind", "Actions by team", "Risk actions and the record"
RAISED, SERVICE, RISK, OTHERS, OTHER_TEAMS = "Raised", "Service", "All risk actions", "Other actions", "Other teams"
STATE_LABELS: dict[State, str] = {"open": "Open", "overdue": "Overdue", "done": "Done", "dropped": "Dropped"}
TOLD_LABEL, NOT_TOLD_LABEL = "Can be told", "Cannot be told, to come, or dropped"
FEWEST_PRACTITIONERS = 2
ONE_PRACTITIONER = (
    "No table of actions is shown: all of them are of one practitioner, whose figures are for that pair alone."
)
NOTHING = "No table of actions is shown: no action was raised."


@dataclass(frozen=True)
class Released:
    """What may leave. `tables` holds shown text alone, `under` the sentences that stand under each, `sentences` those about all of them.

    `time` is the time to close in words; `refusal` says why there is nothing to show. `release` has the true counts, for later releases: it stays inside.
    """

    tables: Mapping[str, pd.DataFrame]
    sentences: tuple[str, ...]
    time: str
    refusal: str = ""
    under: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    release: Suppressed | None = field(default=None, repr=False)


def release(
    log: ActionLog, record: Reconciliation, time: TimeToClose, profile: Profile, *, earlier: Sequence[Suppressed] = (),
    relations: Sequence[Relation] = (), span: str = "",
) -> Released:  # fmt: skip
    """Returns the log's tables under a suppression profile, protected as one release, or the refusal in words.

    `record` and `time` are of the same log. The tables tell of this period alone: another period's release that can be subtracted from
    this one is the caller's to hold back, or to hand in as `earlier` with the `relations` that join it to the cells of these tables, whose
    names begin with `span`.
    """
    if not log.actions:
        return Released({}, (), "", NOTHING)
    if _people(log.actions) < FEWEST_PRACTITIONERS:
        return Released({}, (), "", ONE_PRACTITIONER)
    kinds, teams, risk = tables_of(log, record, span)
    shown = suppress([kinds, teams, risk], profile, relations=[*relations, *_same(kinds, teams, risk)], earlier=earlier)
    if shown.refusal:
        return Released({}, (), "", shown.refusal)
    names = dict(zip((kinds.name, teams.name, risk.name), (KINDS_TABLE, TEAMS_TABLE, RECORD_TABLE), strict=True))
    tables = {names[table.name]: table.shown for table in shown.tables}
    under = {names[table.name]: table.sentences for table in shown.tables}
    return Released(tables, shown.sentences, _time(time, profile), under=under, release=shown)


def span_actions(log: ActionLog, record: Reconciliation, months: tuple[str, str], span: str) -> SpanActions:
    """Returns what an evidence report must know of these actions, raised from the draws of the first to the last of `months`."""
    kinds, teams, risk = tables_of(log, record, span)
    rows = {(EVIDENCE_SERVICE, ALL): (kinds.name, SERVICE)}
    rows |= {(EVIDENCE_SERVICE, kind): (kinds.name, _words(kind)) for kind in RISK_KINDS}
    rows |= {(scope_of(team), ALL): (teams.name, row) for row, team in _alone(log).items()}
    return SpanActions(*months, rows, {one.name: one for one in (kinds, teams, risk)})


def tables_of(log: ActionLog, record: Reconciliation, span: str = "") -> tuple[Table, Table, Table]:
    """Returns the tables with their true counts: by kind, by team, and the risk actions beside the record. Their names begin with `span`."""
    made = (_kinds_table(log), _teams_table(log), _record_table(record))
    kinds, teams, risk = (replace(one, name=f"{span} {one.name}".strip()) for one in made)
    return kinds, teams, risk


def _same(kinds: Table, teams: Table, risk: Table) -> list[Relation]:
    relations = same_cells(kinds, SERVICE, teams, SERVICE)
    for kind in (RISK, *(_words(kind) for kind in RISK_KINDS)):
        relations.append(Relation(Cell(kinds.name, kind, RAISED), (Cell(risk.name, kind, RAISED),)))
    return relations


def _kinds_table(log: ActionLog) -> Table:
    each = {_words(kind): [one for one in log.actions if one.kind == kind] for kind in RISK_KINDS}
    risk = [one for one in log.actions if one.kind in RISK_KINDS]
    others = [one for one in log.actions if one.kind not in RISK_KINDS]
    counts = _states({**each, RISK: risk, OTHERS: others, SERVICE: log.actions})
    return Table(
        KINDS_TABLE,
        counts,
        rows_add={RISK: list(each), SERVICE: [RISK, OTHERS]},
        columns_add={RAISED: list(STATE_LABELS.values())},
    )


def _teams_table(log: ActionLog) -> Table:
    groups = _groups(log)
    counts = _states({**groups, SERVICE: log.actions})
    return Table(
        TEAMS_TABLE, counts, rows_add={SERVICE: list(groups)}, columns_add={RAISED: list(STATE_LABELS.values())}
    )


def _groups(log: ActionLog) -> dict[str, list[LoggedAction]]:
    """Returns the teams' actions, those of one practitioner alone put together, and with the smallest teams until there are two people."""
    teams: dict[str, list[LoggedAction]] = {}
    for one in log.actions:
        teams.setdefault(one.team, []).append(one)
    alone = [name for name in teams if not name or _people(teams[name]) < FEWEST_PRACTITIONERS]
    together = [one for name in alone for one in teams.pop(name)]
    while together and teams and _people(together) < FEWEST_PRACTITIONERS:
        together += teams.pop(min(teams, key=lambda name: (len(teams[name]), name)))
    named = {_row(name): teams[name] for name in sorted(teams)}
    return {**named, OTHER_TEAMS: together} if together else named


def _row(team: str) -> str:
    return f"{team} (team)" if team in (SERVICE, OTHER_TEAMS) else team


def _alone(log: ActionLog) -> dict[str, str]:
    """Returns row -> team of each row that is one team's."""
    rows = set(_groups(log))
    return {_row(team): team for team in sorted({one.team for one in log.actions}) if team and _row(team) in rows}


def _people(actions: Sequence[LoggedAction]) -> int:
    return len(
        {one.practitioner for one in actions} - {""}
    )  # an action of a group is nobody's, and nobody is no second person


def _states(groups: Mapping[str, Sequence[LoggedAction]]) -> pd.DataFrame:
    rows = {
        name: {
            RAISED: len(group),
            **{label: sum(one.state == state for one in group) for state, label in STATE_LABELS.items()},
        }
        for name, group in groups.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index")


def _record_table(record: Reconciliation) -> Table:
    each = {**{_words(one.kind): one for one in record.by_kind}, RISK: record.all}
    told: Mapping[Standing, str] = {standing: STANDING_LABELS[standing] for standing in TOLD}
    rows = {
        name: {
            RAISED: one.raised,
            TOLD_LABEL: one.told,
            **{label: getattr(one, standing) for standing, label in told.items()},
            NOT_TOLD_LABEL: one.raised - one.told,
        }
        for name, one in each.items()
    }
    return Table(
        RECORD_TABLE,
        pd.DataFrame.from_dict(rows, orient="index"),
        rows_add={RISK: [_words(kind) for kind in RISK_KINDS]},
        columns_add={RAISED: [TOLD_LABEL, NOT_TOLD_LABEL], TOLD_LABEL: list(told.values())},
    )


def _words(kind: str) -> str:
    return f"{RISK_WORDS[kind][:1].upper()}{RISK_WORDS[kind][1:]}"


def _time(time: TimeToClose, profile: Profile) -> str:
    """Returns the time to close without a count, or that it is withheld because too few actions stand behind it."""
    rule = profile.rules["local"]
    few = [number for number in (time.actions, time.done) if rule.is_small(number)]
    if few:
        return f"How long half of the actions take is withheld: the profile {profile.name} hides numbers as small as those behind it."
    if time.median is None:
        return "How long half of the actions take cannot be said: too few were done in the days over which they can be followed."
    return f"Half of the actions were done within {time.median} day{'' if time.median == 1 else 's'}, those still open taken into account."
