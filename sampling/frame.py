"""The frame on the draw date: who may be drawn, who may not and why, and in which stratum, before any randomness is known."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd
import pyarrow as pa

from sampling.engine import Hasher
from sampling.errors import SourceError
from sampling.keys import Keyring
from sampling.model import Extract, ParquetFiles
from sampling.policy import Plan, SignalPolicy
from sampling.signals import reasons
from sampling.sources.tables import arrow_schema

NOBODY = "none"  # the practitioner key of a case that no single practitioner in post holds
WEIGHT = 1  # every case has the same weight: a weighted draw would let the signals rank (docs/methods.md)
FRAME_COLUMNS = ("practitioner_key", "stratum", "case_key", "weight")
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
    """A frozen frame. `cases` and `exclusions` have FRAME_COLUMNS and more for the service's own eyes; they add up to the caseload.

    `practitioners` has practitioner_key, team_key, team of everyone in post, those without a case included. `notes` are sentences
    for the report. `local_ids` has kind, key, local_id and goes to the private store alone.
    """

    cases: pd.DataFrame
    exclusions: pd.DataFrame
    practitioners: pd.DataFrame
    tabled: pd.DataFrame
    notes: tuple[str, ...]
    local_ids: pd.DataFrame


def months_before(day: date, months: int) -> date:
    """Returns the same day so many months earlier, or that month's last day.

    >>> months_before(date(2026, 5, 31), 3)
    datetime.date(2026, 2, 28)
    """
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def build_frame(
    rows: pa.Table,
    practitioners: pa.Table,
    extract: Extract,
    *,
    policy: SignalPolicy,
    plan: Plan,
    drawn_before: Mapping[str, date],
    as_of: date,
    keyring: Keyring,
    hasher: Hasher,
) -> Frame:
    """Returns the frame from the engine's rows (one an open case) and the practitioners in post.

    `drawn_before` leads from the key of a case drawn earlier to the last draw date. Raises SourceError when a case comes twice.
    """
    caseload, local_ids = _keyed(rows, extract, keyring, hasher, {"case_id": "case", "practitioner_id": "practitioner"})
    staff, staff_ids = _keyed(practitioners, extract, keyring, hasher, {"practitioner_id": "practitioner"})
    caseload = caseload.rename(columns={"case_id": "case_key", "practitioner_id": "practitioner_key"})
    if caseload["case_key"].duplicated().any():
        raise SourceError("A case stands more than once among the open cases. Remove the repeated rows of the table cases.")
    volatile = (caseload["majors"] >= policy.major) | (caseload["signals"] >= policy.distinct)
    caseload = caseload.assign(
        stratum=volatile.map({True: "volatile", False: "other"}), weight=WEIGHT, reasons=_reasons(policy, caseload), team=caseload["team_id"].fillna("")
    )
    caseload["exclusion"] = _exclusions(caseload, _listed(extract, "exclusions", keyring, hasher))
    caseload["practitioner_key"] = caseload["practitioner_key"].fillna(NOBODY)
    recent, notes = _recent(caseload[caseload["exclusion"].isna()], plan, drawn_before, as_of)
    caseload.loc[recent, "exclusion"] = "RECENT"
    teams = _teams(staff, caseload, extract.system, keyring)
    kept = caseload["exclusion"].isna()
    columns = [*FRAME_COLUMNS, "team", "reasons", "word0", "word1", "sex", "age_band", "ethnicity"]
    excluded = caseload[~kept].assign(stratum=caseload.loc[~kept, "exclusion"])
    ordered = ["practitioner_key", "stratum", "case_key"]
    return Frame(
        caseload.loc[kept, columns].sort_values(ordered).reset_index(drop=True),
        excluded[columns].sort_values(ordered).reset_index(drop=True),
        teams,
        _tabled(extract, keyring, hasher),
        tuple(notes),
        pd.concat([local_ids, staff_ids]).drop_duplicates("key").sort_values(["kind", "key"]).reset_index(drop=True),
    )


def _keyed(rows: pa.Table, extract: Extract, keyring: Keyring, hasher: Hasher, kinds: Mapping[str, str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Returns the rows with keys in place of local ids, and the table that leads back."""
    frame = rows.to_pandas()
    back = []
    for column, kind in kinds.items():
        if extract.ids == "local":
            pairs = hasher.keys(kind, extract.system, rows.column(column), keyring).to_pandas()
            frame[column] = frame[column].map(pd.Series(pairs["key"].to_numpy(), index=pairs["local_id"]))
        else:
            known = keyring.local_ids.get(kind, {})
            present = [key for key in frame[column].dropna().unique() if key in known]
            pairs = pd.DataFrame({"local_id": [known[key] for key in present], "key": present})
        back.append(pairs.assign(kind=kind)[["kind", "key", "local_id"]])
    return frame, pd.concat(back) if back else pd.DataFrame(columns=["kind", "key", "local_id"])


def _reasons(policy: SignalPolicy, caseload: pd.DataFrame) -> pd.Series:
    """Returns the reasons in words of each case, made once for each distinct pair of words."""
    pairs = caseload[["word0", "word1"]].drop_duplicates()
    text = ["; ".join(reasons(policy, int(word0), int(word1))) for word0, word1 in pairs.itertuples(index=False)]
    return caseload[["word0", "word1"]].merge(pairs.assign(reasons=text), on=["word0", "word1"], how="left")["reasons"].set_axis(caseload.index)


def _exclusions(caseload: pd.DataFrame, given: pd.DataFrame) -> pd.Series:
    """Returns each case's reason code, or null: the service's own list first, then what the record says."""
    by_case = given.drop_duplicates("case_key").set_index("case_key")["reason"] if len(given) else pd.Series(dtype=object)
    listed = caseload["case_key"].map(by_case).astype(object)
    listed = listed.where(listed.notna(), None)
    for code, holds in (
        ("DIED", caseload["died"] == 1),
        ("NO_PRACTITIONER", caseload["holders"] == 0),
        ("TWO_PRACTITIONERS", caseload["holders"] > 1),
        ("PRACTITIONER_LEFT", caseload["practitioner_left"] == 1),
    ):
        listed = listed.mask(listed.isna() & holds, code)
    return listed


def _recent(caseload: pd.DataFrame, plan: Plan, drawn_before: Mapping[str, date], as_of: date) -> tuple[pd.Index, list[str]]:
    """Returns the index of cases left out by the cool-off.

    It is shortened where it would leave a practitioner's stratum less than keep_multiple times its quota: then the cases drawn
    longest ago come back (draw protocol, rules: cool-off).
    """
    if not drawn_before or not plan.cool_off_months:
        return caseload.index[:0], []
    cutoff = months_before(as_of, plan.cool_off_months)
    last = caseload["case_key"].map(drawn_before)
    recent = caseload.assign(last=last)[last.notna() & (last > cutoff)]
    sizes = caseload.groupby(["practitioner_key", "stratum"]).size()
    out: list[object] = []
    shortened = 0
    for (practitioner, stratum), group in recent.groupby(["practitioner_key", "stratum"]):
        removable = max(0, int(sizes[(practitioner, stratum)]) - plan.keep_multiple * plan.quota[str(stratum)])
        ordered = group.sort_values(["last", "case_key"], ascending=[False, True])
        out += list(ordered.index[:removable])
        shortened += removable < len(ordered)
    notes = [f"The cool-off left out {len(out)} case{'' if len(out) == 1 else 's'} drawn since {cutoff.isoformat()}."]
    if shortened:
        notes.append(f"The cool-off was shortened for {shortened} caseload{'' if shortened == 1 else 's'} too small to wait it out.")
    return pd.Index(out, dtype=caseload.index.dtype), notes


def _teams(staff: pd.DataFrame, caseload: pd.DataFrame, system: str, keyring: Keyring) -> pd.DataFrame:
    """Returns practitioner_key, team, team_key: the practitioner's own team, else the one most of their cases are in, else none."""
    held = caseload.loc[caseload["practitioner_key"] != NOBODY, ["practitioner_key", "team"]]
    common = held.groupby(["practitioner_key", "team"]).size().reset_index(name="n").sort_values(["practitioner_key", "n", "team"], ascending=[True, False, True])
    by_cases = common.drop_duplicates("practitioner_key").set_index("practitioner_key")["team"]
    own = staff.dropna(subset=["practitioner_id"]).drop_duplicates("practitioner_id").set_index("practitioner_id")["team_id"]
    everyone = pd.Index(sorted({*own.index, *by_cases.index}), name="practitioner_key")
    team = own.reindex(everyone).replace("", None).fillna(by_cases.reindex(everyone)).fillna("")
    keys = keyring.keys("team", system, [str(name) for name in team])
    return pd.DataFrame({"practitioner_key": everyone, "team": team.to_numpy(), "team_key": [keys[str(name)] for name in team]})


def _tabled(extract: Extract, keyring: Keyring, hasher: Hasher) -> pd.DataFrame:
    """Returns case_key, tabled_by of the cases that a person put forward.

    They stay in the frame as well: were they left out, tabling a case would be a way to keep it from the draw.
    """
    frame = _listed(extract, "tabled", keyring, hasher)
    return frame[["case_key", "tabled_by"]].drop_duplicates().sort_values(["case_key", "tabled_by"]).reset_index(drop=True)


def _listed(extract: Extract, name: str, keyring: Keyring, hasher: Hasher) -> pd.DataFrame:
    """Returns one of the service's own lists (exclusions, tabled) with case_key in place of case_id."""
    parts = [part for part in extract.tables.get(name, ()) if not isinstance(part, ParquetFiles)]
    table = pa.concat_tables(parts) if parts else arrow_schema(name).empty_table()
    frame, _ = _keyed(table, extract, keyring, hasher, {"case_id": "case"})
    return frame.rename(columns={"case_id": "case_key"})
