"""Cases, allocations, practitioners and plans out of lists 4 and 6 to 9 of Annex A.

A case is a child with a plan: on list 6 (in need), 7 (protection), 8 (care) or 9 (care leaver), or with an
assessment
that is not yet authorised (list 4). A contact or a referral alone is no case: nobody holds it yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sampling.sources.annex_a_cells import age_from_birth
from sampling.sources.annex_a_codes import age_band, plain_header, sex_of
from sampling.sources.annex_a_columns import ASSESSMENTS
from sampling.sources.annex_a_rules import due_after

# The worker of the most intensive plan is accountable for the child; list 4 only where there is no plan.
PRECEDENCE = (8, 7, 6, 9, ASSESSMENTS)
_SERVICES = {
    8: "Children in care",
    7: "Child protection",
    6: "Children in need",
    9: "Care leavers",
    4: "Assessment",
}
_PLAN_KINDS = {6: "cin", 7: "cp", 8: "looked_after", 9: "pathway"}
_DIED = ("RC2", "E2")  # reason for closure in list 6, reason ceased to be looked after in list 8
_NOT_CIN_PLAN = ("looked after child", "child protection plan", "open assessment")  # Case status of list 6
_WINDOW = pd.DateOffset(months=6)  # every list reaches back six months from the inspection (Ofsted's guidance)
_WHO = ("child", "row", "worker", "team", "sex", "ethnicity", "born", "age")


@dataclass(frozen=True)
class Caseload:
    """The cases, still with local ids and folded names, and what was decided on the way (numbers of
    cases).
    """

    cases: pd.DataFrame
    spans: pd.DataFrame
    notes: Mapping[str, int]


def spans_of(lists: Mapping[int, pd.DataFrame], as_of: pd.Timestamp) -> pd.DataFrame:
    """Returns one row for each plan, period of care or open assessment: list, child, start, end, whether
    open.
    """
    parts = []
    for number in PRECEDENCE:
        rows = lists.get(number)
        if rows is None:
            continue
        if number == ASSESSMENTS:
            rows = rows[rows["ended"].isna() & rows["started"].notna()]
        part = rows.reindex(columns=[*_WHO, "started", "ended", "reason", "status", "legal_status", "in_touch"])
        for name in ("started", "ended"):
            part[name] = part[name].astype("datetime64[s]")
        parts.append(part.assign(list=number))
    spans = pd.concat(parts, ignore_index=True)
    closed = spans["status"].map(_plain).eq("closed episode") | spans["in_touch"].map(_plain).eq("died")
    spans["undated"] = closed & spans["ended"].isna()
    spans["ended"] = spans["ended"].mask(spans["undated"], as_of)
    spans["open"] = (spans["ended"].isna() | (spans["ended"] > as_of)) & ~spans["undated"]
    spans["rank"] = spans["list"].map({number: rank for rank, number in enumerate(PRECEDENCE)})
    return spans


def _plain(text: object) -> str:
    return plain_header(text) if isinstance(text, str) else ""


def build_cases(lists: Mapping[int, pd.DataFrame], as_of: pd.Timestamp) -> Caseload:
    """Returns one case a child: opened at the earliest open start, closed only when everything has ended."""
    spans = spans_of(lists, as_of)
    child_open = spans.groupby("child")["open"].transform("any")
    current = spans[spans["open"] | ~child_open]
    current = current.sort_values(["child", "rank", "started", "row"], ascending=[True, True, False, True])
    by_child = current.groupby("child")
    cases = pd.DataFrame({"opened": by_child["started"].min(), "open": by_child["open"].any()})
    last_end = spans.groupby("child")["ended"].max()
    cases["closed"] = last_end.where(~cases["open"]).astype("datetime64[s]")
    unknown = cases["opened"].isna()
    # List 9 has no dates: the care leaver's case began no later than care ended, else than the window of the
    # lists
    cases["opened"] = cases["opened"].fillna(last_end).fillna((as_of - _WINDOW).as_unit("s"))
    cases["opened"] = cases["opened"].mask(unknown & (cases["opened"] > as_of), as_of)
    cases["service"] = by_child["list"].first().map(_SERVICES)
    held = current[current["worker"].notna()].drop_duplicates("child").set_index("child")
    cases["worker"] = held["worker"]
    cases["team_id"] = held["team"].reindex(cases.index).fillna(by_child["team"].first())
    died = spans[spans["reason"].isin(_DIED)].groupby("child")["ended"].max()
    cases["died_on"] = died.reindex(cases.index).astype("datetime64[s]")
    in_care = current[current["open"] & current["list"].eq(8)]
    cases["legal_status"] = in_care.groupby("child")["legal_status"].first()
    cases = cases.join(_described(spans, as_of))
    planned = current[current["open"] & current["list"].ne(ASSESSMENTS)]
    differing = int((planned.groupby("child")["worker"].nunique() > 1).sum())
    notes = {
        "ANNEX_A_WORKERS_DIFFER": differing,
        "ANNEX_A_OPENED_UNKNOWN": int(unknown.sum()),
        "ANNEX_A_CLOSED_UNDATED": int(spans["undated"].sum()),
    }
    return Caseload(cases.reset_index(), spans, notes)


def _described(spans: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Returns sex, ethnicity and age band by child, for the bias table. No date of birth passes."""
    first = spans.sort_values("rank").groupby("child")[["sex", "ethnicity", "age", "born"]].first()
    age = pd.to_numeric(first["age"], errors="coerce")
    day = as_of.date()
    from_birth = pd.Series([age_from_birth(text, day) for text in first["born"]], index=first.index, dtype="float64")
    bands = [None if np.isnan(years) else age_band(years) for years in age.fillna(from_birth)]
    return pd.DataFrame(
        {
            "sex": first["sex"].map(lambda text: sex_of(text) if isinstance(text, str) else None),
            "ethnicity": first["ethnicity"],
            "age_band": pd.Series(bands, index=first.index, dtype=object),
        }
    )


def build_plans(lists: Mapping[int, pd.DataFrame]) -> pd.DataFrame:
    """Returns the plans of lists 6 to 9 with the day their review is due, as far as the lists tell."""
    parts = []
    for number, kind in _PLAN_KINDS.items():
        rows = lists.get(number)
        if rows is None:
            continue
        if number == 6:
            rows = rows[is_cin_plan(rows)]
        part = rows.reindex(columns=["child", "row", "started", "ended", "reviewed"])
        for name in ("started", "ended", "reviewed"):
            part[name] = part[name].astype("datetime64[s]")
        # a review before the start belongs to an earlier plan or period of care
        part["reviewed"] = part["reviewed"].where(part["reviewed"] >= part["started"])
        part["review_due"] = _review_due(kind, part["started"], part["reviewed"]).where(part["ended"].isna())
        plan_id = f"L{number}-" + part["row"].astype(str)
        parts.append(part.assign(plan_id=plan_id, kind=kind))
    plans = pd.concat(parts, ignore_index=True)
    return plans.rename(columns={"started": "created", "reviewed": "updated"})


def is_cin_plan(rows: pd.DataFrame) -> pd.Series:
    """Returns which rows of list 6 are child in need plans: the list also has every child of lists 7, 8 and
    4.
    """
    return ~rows["status"].map(_plain).isin(_NOT_CIN_PLAN)


def _review_due(kind: str, started: pd.Series, reviewed: pd.Series) -> pd.Series:
    """Returns when the next review is due: see policies/timescales_children.toml.

    No figure for cin and pathway.
    """
    if kind == "cp":
        first = due_after(started, "child_protection_first_review")
        later = due_after(reviewed, "child_protection_later_review")
        return later.where(reviewed > started, first)
    if kind == "looked_after":
        first = due_after(started, "care_first_review")
        second = due_after(reviewed, "care_second_review")
        later = due_after(reviewed, "care_later_review")
        # a review within the time of the first is the first; the lists do not number them
        return first.where(reviewed.isna(), second.where(reviewed <= first, later))
    return pd.Series(np.full(len(started), np.datetime64("NaT", "s")), index=started.index)
