"""From recorded change to reasons: the one SQL text that finds signals, and what its rows mean.

The text is plain SQL with whole numbers only, and runs unchanged on DuckDB and PostgreSQL (docs/decisions/0004). It has no date
arithmetic, no division, no float and no order that depends on a collation. Windows are made here and stand in the table
`signal`. Counts come back packed: each signal's count, capped at 15, takes four bits of one of two 64-bit words, so that one row a
case is enough however many signals a file has.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sampling.policy import COUNT_CAP, SignalPolicy
from sampling.sources.tables import ACCOUNTABLE_ROLES

SIGNALS_A_WORD = 15
# (column, type) of the table `signal`, which every adapter makes. A signal has one row for each of its kinds.
SIGNAL_COLUMNS = (
    ("position", "INTEGER"),
    ("basis", "VARCHAR(32)"),
    ("kind", "VARCHAR(64)"),
    ("from_date", "DATE"),
    ("to_date", "DATE"),
    ("opened_by", "DATE"),
    ("minimum", "INTEGER"),
    ("major", "INTEGER"),
    ("place0", "BIGINT"),
    ("place1", "BIGINT"),
)
_NEEDS = {"event": "events", "practitioner_change": "allocations", "plan_stale": "plans", "review_overdue": "plans"}


@dataclass(frozen=True)
class SignalTable:
    """The rows of the table `signal` for one draw date, and the ids of signals that the extract cannot tell."""

    rows: tuple[tuple[int, str, str, date, date, date, int, int, int, int], ...]
    cannot_tell: tuple[str, ...]


def signal_table(
    policy: SignalPolicy, as_of: date, tables: frozenset[str], cannot: frozenset[str] = frozenset()
) -> SignalTable:
    """Returns the table `signal`: a window is open at from_date and closed at to_date, the draw date.

    `cannot` names what the source could never show (sampling.model.Extract.cannot): a signal of such kinds alone is untold.
    """
    rows, cannot_tell = [], []
    for position, signal in enumerate(policy.signals):
        kinds = [kind for kind in signal.kinds or ("",) if told_as(signal.basis, kind) not in cannot]
        if _NEEDS[signal.basis] not in tables or not kinds:
            cannot_tell.append(signal.id)
            continue
        word, slot = divmod(position, SIGNALS_A_WORD)
        places = (16**slot, 0) if word == 0 else (0, 16**slot)
        start, settled = (as_of - timedelta(days=days) for days in (signal.window_days, signal.grace_days))
        for kind in kinds:
            rows.append(
                (position, signal.basis, kind, start, as_of, settled, signal.minimum, int(signal.major), *places)
            )
    return SignalTable(tuple(rows), tuple(cannot_tell))


def told_as(basis: str, kind: str) -> str:
    """Returns the name by which a source says that it cannot tell this."""
    if basis == "event":
        return kind
    return basis if basis == "practitioner_change" else f"{basis}:{kind}"


def reasons(policy: SignalPolicy, word0: int, word1: int) -> tuple[str, ...]:
    """Returns the reasons in words, in the file's order: ("2 unattended contacts", "1 change of practitioner")."""
    found = []
    for position, signal in enumerate(policy.signals):
        word, slot = divmod(position, SIGNALS_A_WORD)
        count = ((word1 if word else word0) >> (4 * slot)) & COUNT_CAP
        if count:
            found.append(signal.reason(count))
    return tuple(found)


def cases_sql(table: SignalTable, as_of: date) -> str:
    """Returns the SELECT that gives one row an open case: who holds it, its signals, and what decides exclusion.

    Columns: case_id, practitioner_id (null when nobody or more than one held it), holders, practitioner_left, died, team_id,
    sex, age_band, ethnicity, signals, majors, word0, word1.
    """
    day = f"CAST('{as_of.isoformat()}' AS DATE)"
    first = min((row[3] for row in table.rows if row[1] == "event"), default=as_of)
    roles = ", ".join(f"'{role}'" for role in ACCOUNTABLE_ROLES)
    return _CASES.format(day=day, first=f"CAST('{first.isoformat()}' AS DATE)", roles=roles, cap=COUNT_CAP)


def practitioners_sql(as_of: date) -> str:
    """Returns the SELECT of every practitioner in post on the draw date: practitioner_id, team_id."""
    return _PRACTITIONERS.format(day=f"CAST('{as_of.isoformat()}' AS DATE)")


_PRACTITIONERS = """\
SELECT p.practitioner_id AS practitioner_id, p.team_id AS team_id
FROM practitioners AS p
WHERE (p.started IS NULL OR p.started <= {day}) AND (p.left_on IS NULL OR p.left_on >= {day})"""

# One accountable practitioner a case: of those who held it on the day in an accountable role, the latest to take it over. Two
# who took it over on the same day are both holders: the case is excluded, with that reason, until someone mends the record.
_CASES = """\
WITH open_case AS (
  SELECT c.case_id AS case_id, c.opened AS opened, c.team_id AS team_id, c.sex AS sex, c.age_band AS age_band, c.ethnicity AS ethnicity,
         CASE WHEN c.died_on <= {day} THEN 1 ELSE 0 END AS died
  FROM cases AS c
  WHERE c.opened <= {day} AND (c.closed IS NULL OR c.closed > {day})
),
holding AS (
  SELECT a.case_id AS case_id, a.practitioner_id AS practitioner_id, a.started AS started
  FROM allocations AS a
  WHERE a.started <= {day} AND (a.ended IS NULL OR a.ended >= {day}) AND a.role IN ({roles})
),
latest AS (
  SELECT h.case_id AS case_id, MAX(h.started) AS started FROM holding AS h GROUP BY h.case_id
),
held AS (
  SELECT h.case_id AS case_id, MIN(h.practitioner_id) AS practitioner_id,
         CASE WHEN MIN(h.practitioner_id) = MAX(h.practitioner_id) THEN 1 ELSE 2 END AS holders  -- 2: two or more
  FROM holding AS h JOIN latest AS l ON l.case_id = h.case_id AND l.started = h.started
  GROUP BY h.case_id
),
leaver AS (
  SELECT DISTINCT p.practitioner_id AS practitioner_id FROM practitioners AS p WHERE p.left_on < {day}
),
fresh AS (
  SELECT p.case_id AS case_id, s.position AS position
  FROM plans AS p JOIN signal AS s ON s.kind = p.kind
  WHERE s.basis = 'plan_stale' AND (p.ended IS NULL OR p.ended > s.to_date)
    AND ((p.created > s.from_date AND p.created <= s.to_date)
      OR (p.updated > s.from_date AND p.updated <= s.to_date))
),
hit AS (
  SELECT e.case_id AS case_id, s.position AS position, s.minimum AS minimum, s.major AS major,
         s.place0 AS place0, s.place1 AS place1, COUNT(*) AS n
  FROM events AS e
  JOIN signal AS s ON s.kind = e.kind AND e.happened_on > s.from_date AND e.happened_on <= s.to_date
  WHERE s.basis = 'event' AND e.happened_on > {first} AND e.happened_on <= {day}
  GROUP BY e.case_id, s.position, s.minimum, s.major, s.place0, s.place1
  UNION ALL
  SELECT a.case_id, s.position, s.minimum, s.major, s.place0, s.place1, COUNT(DISTINCT a.practitioner_id)
  FROM allocations AS a
  JOIN signal AS s ON a.started > s.from_date AND a.started <= s.to_date
  WHERE s.basis = 'practitioner_change' AND a.role IN ({roles})
    AND EXISTS (SELECT 1 FROM allocations AS b
                WHERE b.case_id = a.case_id AND b.started < a.started
                  AND b.practitioner_id <> a.practitioner_id AND b.role IN ({roles}))
  GROUP BY a.case_id, s.position, s.minimum, s.major, s.place0, s.place1
  UNION ALL
  SELECT o.case_id, s.position, s.minimum, s.major, s.place0, s.place1, 1
  FROM open_case AS o CROSS JOIN signal AS s
  WHERE s.basis = 'plan_stale'
    AND o.opened <= s.opened_by
    AND NOT EXISTS (SELECT 1 FROM fresh AS f WHERE f.case_id = o.case_id AND f.position = s.position)
  UNION ALL
  SELECT p.case_id, s.position, s.minimum, s.major, s.place0, s.place1, COUNT(*)
  FROM plans AS p JOIN signal AS s ON s.kind = p.kind
  WHERE s.basis = 'review_overdue' AND p.review_due < s.to_date AND (p.ended IS NULL OR p.ended > s.to_date)
  GROUP BY p.case_id, s.position, s.minimum, s.major, s.place0, s.place1
),
counted AS (
  SELECT h.case_id AS case_id, h.major AS major, h.place0 AS place0, h.place1 AS place1,
         CASE WHEN h.n > {cap} THEN {cap} ELSE h.n END AS n
  FROM hit AS h WHERE h.n >= h.minimum
),
signalled AS (
  SELECT c.case_id AS case_id, COUNT(*) AS signals, CAST(SUM(c.major) AS BIGINT) AS majors,
         CAST(SUM(c.n * c.place0) AS BIGINT) AS word0, CAST(SUM(c.n * c.place1) AS BIGINT) AS word1
  FROM counted AS c GROUP BY c.case_id
)
SELECT o.case_id AS case_id,
       CASE WHEN d.holders = 1 THEN d.practitioner_id END AS practitioner_id,
       CAST(COALESCE(d.holders, 0) AS INTEGER) AS holders,
       CASE WHEN v.practitioner_id IS NULL THEN 0 ELSE 1 END AS practitioner_left,
       o.died AS died, o.team_id AS team_id, o.sex AS sex, o.age_band AS age_band, o.ethnicity AS ethnicity,
       CAST(COALESCE(g.signals, 0) AS INTEGER) AS signals, CAST(COALESCE(g.majors, 0) AS INTEGER) AS majors,
       CAST(COALESCE(g.word0, 0) AS BIGINT) AS word0, CAST(COALESCE(g.word1, 0) AS BIGINT) AS word1
FROM open_case AS o
LEFT JOIN held AS d ON d.case_id = o.case_id
LEFT JOIN leaver AS v ON v.practitioner_id = d.practitioner_id
LEFT JOIN signalled AS g ON g.case_id = o.case_id"""
