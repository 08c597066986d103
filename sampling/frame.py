"""The frame on the draw date: who may be drawn, who may not and why, and in which stratum, before any randomness is known."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sampling.engine import Hasher
from sampling.errors import SourceError
from sampling.keys import Keyring
from sampling.model import Extract, ParquetFiles
from sampling.policy import Plan, SignalPolicy
from sampling.signals import reasons
from sampling.sources.tables import arrow_schema

NOBODY = "none"  # the practitioner key of a case that no single practitioner in post holds
WEIGHT = 1  # every case has the same weight: a weighted draw would let the signals rank (docs/methods.md)
BLINDED = ("practitioner", "stratum", "case", "weight")  # all that a shareable pack has of a case
# Closed reason codes of the exclusions ledger. The first group comes from the record, the second from the service's own list.
EXCLUSIONS = {
    "DIED": "The person's death is recorded",
    "NO_PRACTITIONER": "No accountable practitioner on the draw date",
    "TWO_PRACTITIONERS": "Two accountable practitioners took over on the same day",
    "PRACTITIONER_LEFT": "The accountable practitioner had left by the draw date",
    "RECENT": "Drawn within the cool-off",
    "LEGAL_HOLD": "Legal hold",
    "SEALED": "Sealed or restricted record",
    "CONFLICT": "Conflict of interest of the supervisor",
    "OBJECTION": "The person objected to this use of their record",
    "DUPLICATE": "Second record of a case that is in the frame",
}


@dataclass(frozen=True)
class Frame:
    """A frozen frame. `cases` and `exclusions` add up to the caseload: each has BLINDED, the digests of the keys, sorted by bytes, then
    practitioner_key, case_key and more for the service's own eyes.

    `practitioners` has practitioner_key, team_key, team of everyone in post, those without a case included; leavers are not. `notes` are sentences
    for the report, `untold` the ids of signals that the extract cannot tell. `local_ids` has kind, key, local_id and goes to the private store alone.
    """

    cases: pa.Table
    exclusions: pa.Table
    practitioners: pd.DataFrame
    tabled: pd.DataFrame
    notes: tuple[str, ...]
    untold: tuple[str, ...]
    local_ids: pa.Table
    cool_off: Mapping[str, int]
    follows: tuple[str, ...] = ()


def months_before(day: date, months: int) -> date:
    """Returns the same day so many months earlier, or that month's last day.

    >>> months_before(date(2026, 5, 31), 3)
    datetime.date(2026, 2, 28)
    """
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def cool_off_cutoff(as_of: date, months: int) -> date:
    """Returns the last draw date that is long enough ago: the same day so many months earlier, month end for month end.

    >>> cool_off_cutoff(date(2026, 11, 30), 3)
    datetime.date(2026, 8, 31)
    """
    day = months_before(as_of, months)
    month_end = calendar.monthrange(as_of.year, as_of.month)[1] == as_of.day
    return day.replace(day=calendar.monthrange(day.year, day.month)[1]) if month_end else day


def build_frame(
    rows: pa.Table,
    practitioners: pa.Table,
    extract: Extract,
    *,
    policy: SignalPolicy,
    plan: Plan,
    drawn_before: Mapping[str, date],
    as_of: date,
    untold: tuple[str, ...] = (),
    keyring: Keyring,
    hasher: Hasher,
) -> Frame:
    """Returns the frame from the engine's rows (one an open case) and the practitioners in post.

    `drawn_before` leads from the key of a case drawn earlier to the last draw date. Raises SourceError when a case comes twice.
    """
    if pc.count_distinct(rows.column("case_id")).as_py() != len(rows):
        raise SourceError(
            "A case stands more than once among the open cases. Remove the repeated rows of the table cases."
        )
    holders = _practitioner_keys(rows, practitioners, extract, keyring, hasher)
    teams = _teams(rows, practitioners, holders, extract.system, keyring, hasher)
    judge = _judge(rows, holders, extract, policy, keyring, hasher)
    recent, shortened = _recent(judge, plan, drawn_before, as_of)
    judged = judge(_JUDGED, recent=recent)
    kept = judged.column("excluded").to_numpy().searchsorted(True)  # those that may be drawn come first
    local_ids = [
        _local_ids("practitioner", holders.select(["local_id", "key"]), extract, keyring),
        _local_ids("case", judged.select(["local_id", "case_key"]), extract, keyring),
    ]
    judged = judged.drop_columns(["local_id", "excluded"])
    return Frame(
        judged.slice(0, kept),
        judged.slice(kept),
        teams,
        _tabled(extract, keyring, hasher),
        (*_extract_notes(extract, as_of), *_cool_off_notes(len(recent), shortened)),
        untold,
        pa.concat_tables(local_ids),
        {"left_out": len(recent), "shortened": shortened},
    )


def _extract_notes(extract: Extract, as_of: date) -> list[str]:
    """Returns what must be said of an extract that ends on another day than the draw date."""
    if extract.covers_to is None or extract.covers_to == as_of:
        return []
    days = (as_of - extract.covers_to).days
    if days > 0:
        return [
            f"The extract ends {days} day{'' if days == 1 else 's'} before the draw date: what came later is not in it."
        ]
    totals = any(count.expected is not None for count in extract.counts)
    return ["The control totals were not compared, since the extract goes on beyond the draw date."] if totals else []


def _practitioner_keys(
    rows: pa.Table, practitioners: pa.Table, extract: Extract, keyring: Keyring, hasher: Hasher
) -> pa.Table:
    """Returns local_id, key and practitioner (the key's digest) of everyone who holds an open case or is in post."""
    ids = pa.chunked_array(
        [*rows.column("practitioner_id").chunks, *practitioners.column("practitioner_id").chunks], pa.string()
    )
    if extract.ids == "local":
        keys = hasher.keys("practitioner", extract.system, ids, keyring)
    else:
        distinct = pc.unique(ids.drop_null())
        keys = pa.table({"local_id": distinct, "key": distinct})
    return hasher.query("SELECT local_id, key, sha256(key) AS practitioner FROM keys", keys=keys)


def _judge(
    rows: pa.Table, holders: pa.Table, extract: Extract, policy: SignalPolicy, keyring: Keyring, hasher: Hasher
) -> Callable[..., pa.Table]:
    """Returns what runs a SELECT over `caseload`: each open case with its keys, stratum, reasons and the exclusion that it has.

    The caseload is worked out as it is read and never stands in memory, which at national size is most of the memory.
    """
    outer, inner = keyring.pads()
    parameters = {
        "local": extract.ids == "local",
        "outer": outer,
        "inner": inner,
        "prefix": keyring.prefix("case", extract.system),
        "major": policy.major,
        "distinct": policy.distinct,
    }
    given = _extension(extract, "exclusions").group_by("case_id", use_threads=False).aggregate([("reason", "first")])
    tables = {
        "opened": rows,
        "holders": holders,
        "worded": _worded(rows, policy, hasher),
        "given": given.rename_columns(["case_id", "reason"]),
    }

    def judge(sql: str, **others: pa.Table) -> pa.Table:
        return hasher.query(f"WITH caseload AS ({_CASELOAD}), {sql}", parameters, **tables, **others)

    return judge


def _worded(rows: pa.Table, policy: SignalPolicy, hasher: Hasher) -> pa.Table:
    """Returns the reasons in words of each distinct pair of counts: there are far fewer of them than cases."""
    pairs = hasher.query("SELECT DISTINCT word0, word1 FROM opened", opened=rows).to_pydict()
    text = [
        "; ".join(reasons(policy, word0, word1)) for word0, word1 in zip(pairs["word0"], pairs["word1"], strict=True)
    ]
    return pa.table(
        {
            "word0": pa.array(pairs["word0"], pa.int64()),
            "word1": pa.array(pairs["word1"], pa.int64()),
            "reasons": pa.array(text, pa.string()),
        }
    )


def _recent(
    judge: Callable[..., pa.Table], plan: Plan, drawn_before: Mapping[str, date], as_of: date
) -> tuple[pa.Table, int]:
    """Returns the keys of the cases left out by the cool-off, and for how many practitioners it was shortened.

    It is shortened where it would leave a practitioner fewer cases than keep_multiple times what is drawn of them: then the cases
    drawn longest ago come back (draw protocol, rules: cool-off).
    """
    if not drawn_before or not plan.cool_off_months:
        return pa.table({"case_key": pa.array([], pa.string())}), 0
    cutoff = cool_off_cutoff(as_of, plan.cool_off_months)
    drawn = {key: day for key, day in drawn_before.items() if day > cutoff}
    tables = pa.table({"case_key": pa.array(drawn, pa.string()), "last": pa.array(drawn.values(), pa.date32())})
    keep = plan.keep_multiple * sum(plan.quota.values())
    found = judge(_RECENT, drawn=tables, kept=pa.table({"n": pa.array([keep], pa.int64())}))
    out = found.filter(found.column("leaves"))
    stays = found.filter(pc.invert(found.column("leaves")))
    return out.select(["case_key"]), len(stays.group_by(["practitioner_key"]).aggregate([]))


def _cool_off_notes(count: int, shortened: int) -> list[str]:
    notes = []
    if count:
        notes.append(f"The cool-off left out {count} case{'' if count == 1 else 's'} drawn in the months before.")
    if shortened:
        caseloads = f"{shortened} caseload{'' if shortened == 1 else 's'}"
        notes.append(f"The cool-off was shortened for {caseloads} too small to wait it out.")
    return notes


def _teams(
    rows: pa.Table, staff: pa.Table, holders: pa.Table, system: str, keyring: Keyring, hasher: Hasher
) -> pd.DataFrame:
    """Returns practitioner_key, team, team_key: the practitioner's own team, else the one most of their cases are in, else none."""
    everyone: pd.DataFrame = hasher.query(_TEAMS, opened=rows, staff=staff, holders=holders).to_pandas()
    keys = keyring.keys("team", system, everyone["team"])
    return everyone.assign(team_key=everyone["team"].map(keys))


def _local_ids(kind: str, pairs: pa.Table, extract: Extract, keyring: Keyring) -> pa.Table:
    """Returns kind, key, local_id: the way back from the keys, for the private store alone."""
    local, keys = pairs.columns
    if extract.ids == "key":
        known = keyring.local_ids.get(kind, {})
        present = [key for key in keys.to_pylist() if key in known]
        local, keys = pa.array([known[key] for key in present], pa.string()), pa.array(present, pa.string())
    return pa.table({"kind": pa.array([kind] * len(keys), pa.string()), "key": keys, "local_id": local})


def _tabled(extract: Extract, keyring: Keyring, hasher: Hasher) -> pd.DataFrame:
    """Returns case_key, tabled_by of the cases that a person put forward.

    They stay in the frame as well: were they left out, tabling a case would be a way to keep it from the draw.
    """
    if not extract.tables.get("tabled"):
        return pd.DataFrame({"case_key": pd.Series(dtype="str"), "tabled_by": pd.Series(dtype="str")})
    frame = _extension(extract, "tabled").to_pandas()
    keys = frame["case_id"]
    if extract.ids == "local":
        pairs = hasher.keys(
            "case", extract.system, pa.chunked_array([pa.array(keys, pa.string())]), keyring
        ).to_pydict()
        keys = keys.map(dict(zip(pairs["local_id"], pairs["key"], strict=True)))
    listed = pd.DataFrame({"case_key": keys, "tabled_by": frame["tabled_by"]})
    return listed.drop_duplicates().sort_values(["case_key", "tabled_by"]).reset_index(drop=True)


def _extension(extract: Extract, name: str) -> pa.Table:
    """Returns one of the service's own lists (exclusions, tabled), with the ids that the extract has."""
    parts = [part for part in extract.tables.get(name, ()) if not isinstance(part, ParquetFiles)]
    return pa.concat_tables(parts) if parts else arrow_schema(name).empty_table()


# `given` is the service's own list, which comes before what the record says.
_CASELOAD = f"""
SELECT o.case_id AS local_id,
       CASE WHEN $local THEN keyed($outer, $inner, $prefix || o.case_id) ELSE o.case_id END AS case_key,
       coalesce(h.key, '{NOBODY}') AS practitioner_key, coalesce(h.practitioner, sha256('{NOBODY}')) AS practitioner,
       CASE WHEN o.majors >= $major OR o.signals >= $distinct THEN 'volatile' ELSE 'other' END AS stratum,
       CASE WHEN g.reason IS NOT NULL THEN g.reason
            WHEN o.died = 1 THEN 'DIED'
            WHEN o.holders = 0 THEN 'NO_PRACTITIONER'
            WHEN o.holders > 1 THEN 'TWO_PRACTITIONERS'
            WHEN o.practitioner_left = 1 THEN 'PRACTITIONER_LEFT' END AS exclusion,
       coalesce(o.team_id, '') AS team, w.reasons, o.word0, o.word1, o.sex, o.age_band, o.ethnicity
FROM opened AS o
JOIN worded AS w ON w.word0 = o.word0 AND w.word1 = o.word1
LEFT JOIN holders AS h ON h.local_id = o.practitioner_id
LEFT JOIN given AS g ON g.case_id = o.case_id
"""
# The cases that may be drawn, then the ledger, whose stratum is the reason code; each sorted by the bytes of its digests.
_JUDGED = f"""
judged AS (
  SELECT c.*, CASE WHEN c.exclusion IS NULL AND r.case_key IS NOT NULL THEN 'RECENT' ELSE c.exclusion END AS reason
  FROM caseload AS c LEFT JOIN recent AS r ON r.case_key = c.case_key
)
SELECT reason IS NOT NULL AS excluded, local_id, practitioner, coalesce(reason, stratum) AS stratum, sha256(case_key) AS "case",
       CAST({WEIGHT} AS BIGINT) AS weight, practitioner_key, case_key, team, reasons, word0, word1, sex, age_band, ethnicity
FROM judged ORDER BY excluded, practitioner, 4, "case"
"""
_RECENT = """
candidate AS (
  SELECT c.practitioner_key, c.case_key, d.last
  FROM caseload AS c JOIN drawn AS d ON d.case_key = c.case_key WHERE c.exclusion IS NULL
),
size AS (
  SELECT practitioner_key, COUNT(*) AS n FROM caseload
  WHERE exclusion IS NULL AND practitioner_key IN (SELECT practitioner_key FROM candidate) GROUP BY ALL
)
SELECT c.practitioner_key, c.case_key,
       row_number() OVER (PARTITION BY c.practitioner_key ORDER BY c.last DESC, c.case_key) <= s.n - k.n AS leaves
FROM candidate AS c JOIN size AS s ON s.practitioner_key = c.practitioner_key CROSS JOIN kept AS k
"""
_TEAMS = """
WITH counted AS (
  SELECT practitioner_id, coalesce(team_id, '') AS team, COUNT(*) AS n
  FROM opened WHERE practitioner_id IS NOT NULL AND practitioner_left = 0 GROUP BY ALL
),
held AS (
  SELECT practitioner_id, team, row_number() OVER (PARTITION BY practitioner_id ORDER BY n DESC, team) AS place FROM counted
),
own AS (
  SELECT practitioner_id, MIN(nullif(team_id, '')) AS team FROM staff GROUP BY ALL
)
SELECT h.key AS practitioner_key, coalesce(own.team, held.team, '') AS team
FROM holders AS h
LEFT JOIN own ON own.practitioner_id = h.local_id
LEFT JOIN held ON held.practitioner_id = h.local_id AND held.place = 1
WHERE own.practitioner_id IS NOT NULL OR held.practitioner_id IS NOT NULL
ORDER BY 1
"""
