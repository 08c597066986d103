"""What the lists of Annex A say happened, as canonical events.

Annex A gives many things only as a state on the day of the extract ("in the last 12 months", the last
visit): those events are dated on that day, or on the draw date where the extract was made a few days after
it. A cell that is empty says nothing: no event, and never "overdue".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sampling.sources.annex_a_cases import is_cin_plan
from sampling.sources.annex_a_rules import due_after
from sampling.sources.tables import EVENT_KINDS, PLAN_KINDS

_LONG_TERM = (
    "U1",
    "U4",
)  # foster placements meant to last until the child is 18 (Annex A codes, August 2019)
_MANY_PLACEMENTS = 3  # in twelve months: the DfE's measure of placement stability
Events = list[pd.DataFrame]
Rows = pd.DataFrame

# What each list can show, and the columns without which it cannot.
SHOWN: Mapping[int, Mapping[str, tuple[str, ...]]] = {
    1: {"contact_received": ("happened",)},
    2: {"early_help_assessment": ("started",)},
    3: {"referral_received": ("happened",), "re_referral": ("happened", "earlier")},
    4: {"assessment_started": ("started",), "assessment_authorised": ("ended",), "assessment_late": ("started",)},
    5: {
        "strategy_discussion": ("started",),
        "repeat_section_47": ("started", "earlier"),
        "conference_held": ("conference",),
        "conference_late": ("started", "conference"),
    },
    6: {"plan_started": ("started",), "plan_ended": ("ended",)},
    7: {
        "plan_started": ("started",),
        "plan_ended": ("ended",),
        "statutory_visit": ("visited",),
        "visit_overdue": ("visited",),
        "child_not_seen_alone": ("alone",),
        "review_held": ("reviewed",),
        "emergency_protection": ("emergency",),
        "repeat_protection_plan": ("earlier",),
    },
    8: {
        "plan_started": ("started",),
        "plan_ended": ("ended",),
        "step_down_reversed": ("second",),
        "legal_status_change": ("status_started",),
        "review_held": ("reviewed",),
        "statutory_visit": ("visited",),
        "visit_overdue": ("visited",),
        "placement_move": ("placed",),
        "many_placements": ("placements",),
        "missing_episode": ("missing",),
        "return_interview_not_done": ("missing", "offered"),
    },
}
_REVIEWED = {7: "cp", 8: "looked_after"}  # the lists that tell the last review, from which the next follows


def untold(has: Callable[[int, str], bool]) -> frozenset[str]:
    """Returns what the workbook could never show (sampling.model.Extract.cannot).

    `has` says whether the workbook has a list with that column of ours: a column that is not there is not
    recorded, so that the event it would tell is never read as none. A plan is never said to be stale, since the
    lists tell the start and the last review of a plan and not when it was written.
    """
    told = {
        kind
        for number, kinds in SHOWN.items()
        for kind, columns in kinds.items()
        if all(has(number, column) for column in columns)
    }
    reviewed = {kind for number, kind in _REVIEWED.items() if has(number, "reviewed")}
    return frozenset(
        {"practitioner_change"}
        | (set(EVENT_KINDS) - told)
        | {f"plan_stale:{kind}" for kind in PLAN_KINDS}
        | {f"review_overdue:{kind}" for kind in set(PLAN_KINDS) - reviewed}
    )


@dataclass(frozen=True)
class Days:
    """The day of the extract, at which it is told what is overdue, and the day on which states are dated."""

    extract: pd.Timestamp
    state: pd.Timestamp


def build_events(lists: Mapping[int, Rows], days: Days) -> pd.DataFrame:
    """Returns every event that the lists tell, with child, worker, happened_on, kind, source and event_id."""
    makers: dict[int, Callable[[Mapping[int, Rows], Days], Events]] = {
        1: _contacts,
        2: _early_help,
        3: _referrals,
        4: _assessments,
        5: _enquiries,
        6: _in_need,
        7: _protection,
        8: _care,
    }
    parts: Events = []
    for number, make in makers.items():
        if number in lists and len(lists[number]):
            made = [part for part in make(lists, days) if len(part)]
            parts += [part.assign(source_table=f"List {number}", list=number) for part in made]
    if not parts:
        columns = ["child", "worker", "row", "happened_on", "kind", "source_code", "source_table", "event_id"]
        return pd.DataFrame(columns=columns)
    events = pd.concat(parts, ignore_index=True)
    events["event_id"] = [
        f"L{number}-{row}-{kind}"
        for number, row, kind in zip(events["list"], events["row"], events["kind"], strict=True)
    ]
    return events.drop(columns="list")


def _at(rows: Rows, kind: str, when: pd.Series | pd.Timestamp, where: pd.Series | None = None, code: str = "") -> Rows:
    """Returns an event for each row where the condition holds and the day is known; `code` names the code's
    column.
    """
    days = when if isinstance(when, pd.Series) else pd.Series(when, index=rows.index)
    keep = days.notna() if where is None else days.notna() & where.fillna(False).astype(bool)
    part = pd.DataFrame(
        {
            "child": rows["child"],
            "worker": rows["worker"] if "worker" in rows else None,
            "row": rows["row"],
            "happened_on": days.astype("datetime64[s]"),
            "kind": kind,
            "source_code": rows[code].map(lambda value: None if pd.isna(value) else str(value)) if code else None,
        }
    )
    part[["worker", "source_code"]] = part[["worker", "source_code"]].astype(object)
    return part[keep]


def _at_least(counts: pd.Series, number: int) -> pd.Series:
    return pd.to_numeric(counts, errors="coerce") >= number


def _says(values: pd.Series, answer: bool) -> pd.Series:
    """Returns where a yes/no column says that; an empty cell says neither."""
    return pd.Series([value is answer for value in values], index=values.index, dtype=bool)


def _latest(rows: Rows, by: str) -> Rows:
    """Returns the last row of each child: Annex A repeats the child's latest count on every row."""
    return rows.sort_values([by, "row"]).drop_duplicates("child", keep="last")


def _contacts(lists: Mapping[int, Rows], days: Days) -> Events:
    rows = lists[1]
    return [_at(rows, "contact_received", rows["happened"], code="source")]


def _early_help(lists: Mapping[int, Rows], days: Days) -> Events:
    rows = lists[2]
    return [_at(rows, "early_help_assessment", rows["started"])]


def _referrals(lists: Mapping[int, Rows], days: Days) -> Events:
    """The number counts referrals in the twelve months before the latest one, so that 1 is already a
    re-referral.
    """
    rows = lists[3]
    latest = _latest(rows, "happened")
    again = _at(latest, "re_referral", latest["happened"], _at_least(latest["earlier"], 1), "earlier")
    return [_at(rows, "referral_received", rows["happened"], code="source"), again]


def _assessments(lists: Mapping[int, Rows], days: Days) -> Events:
    rows = lists[4]
    due = due_after(rows["started"], "assessment")
    late = rows["ended"].fillna(days.extract) > due
    return [
        _at(rows, "assessment_started", rows["started"]),
        _at(rows, "assessment_authorised", rows["ended"]),
        _at(rows, "assessment_late", rows["ended"].fillna(days.state), late & rows["started"].notna()),
    ]


def _enquiries(lists: Mapping[int, Rows], days: Days) -> Events:
    """The number counts enquiries before the latest one (Ofsted's questions and answers), so that 1 makes
    two.
    """
    rows = lists[5]
    latest = _latest(rows, "started")
    due = due_after(rows["started"], "initial_conference")
    # "No" (not unnecessary) is also written for a child who has a plan already and needs no initial
    # conference
    awaited = rows["conference"].isna() & _says(rows["unnecessary"], False) & ~_planned_then(lists, rows)
    late = (rows["conference"] > due) | (awaited & (due < days.extract))
    return [
        _at(rows, "strategy_discussion", rows["started"]),
        _at(latest, "repeat_section_47", days.state, _at_least(latest["earlier"], 1), "earlier"),
        _at(rows, "conference_held", rows["conference"]),
        _at(rows, "conference_late", rows["conference"].fillna(days.state), late),
    ]


def _planned_then(lists: Mapping[int, Rows], rows: Rows) -> pd.Series:
    """Returns which enquiries began while the child had a child protection plan (list 7)."""
    plans = lists.get(7)
    if plans is None or not len(plans):
        return pd.Series(False, index=rows.index)
    enquiries = pd.DataFrame({"child": rows["child"], "day": rows["started"], "place": rows.index})
    pairs = enquiries.merge(plans[["child", "started", "ended"]], on="child")
    running = (pairs["started"] <= pairs["day"]) & (pairs["ended"].isna() | (pairs["ended"] >= pairs["day"]))
    return pd.Series(rows.index.isin(pairs.loc[running, "place"]), index=rows.index)


def _in_need(lists: Mapping[int, Rows], days: Days) -> Events:
    rows = lists[6][is_cin_plan(lists[6])]
    return [_at(rows, "plan_started", rows["started"]), _at(rows, "plan_ended", rows["ended"], code="reason")]


def _is_open(rows: Rows, as_of: pd.Timestamp) -> pd.Series:
    return rows["ended"].isna() | (rows["ended"] > as_of)


def _protection(lists: Mapping[int, Rows], days: Days) -> Events:
    rows = lists[7]
    running = _is_open(rows, days.extract)
    overdue = running & (due_after(rows["visited"], "child_protection_visit") < days.extract)
    return [
        _at(rows, "plan_started", rows["started"]),
        _at(rows, "plan_ended", rows["ended"]),
        _at(rows, "statutory_visit", rows["visited"]),
        _at(rows, "visit_overdue", days.state, overdue),
        _at(rows, "child_not_seen_alone", rows["visited"].fillna(days.state), running & _says(rows["alone"], False)),
        _at(rows, "review_held", rows["reviewed"]),
        _at(rows, "emergency_protection", days.state, _says(rows["emergency"], True)),
        _at(rows, "repeat_protection_plan", days.state, running & _at_least(rows["earlier"], 1), "earlier"),
    ]


def _care(lists: Mapping[int, Rows], days: Days) -> Events:
    rows = lists[8]
    running = _is_open(rows, days.extract)
    missing = _at_least(rows["missing"], 1)
    absent = _at_least(rows["absent"], 1)
    not_done = _says(rows["offered"], False) | _says(rows["accepted"], False)
    moved = rows["placed"] != rows["started"]  # the first placement of a period of care is no move
    many = running & _at_least(rows["placements"], _MANY_PLACEMENTS)
    return [
        _at(rows, "plan_started", rows["started"]),
        _at(rows, "plan_ended", rows["ended"], code="reason"),
        _at(rows, "step_down_reversed", rows["started"], _says(rows["second"], True)),
        _at(rows, "legal_status_change", rows["status_started"], code="legal_status"),
        _at(rows, "review_held", rows["reviewed"]),
        _at(rows, "statutory_visit", rows["visited"]),
        _at(rows, "visit_overdue", days.state, running & _care_visit_overdue(rows, days.extract)),
        _at(rows, "placement_move", rows["placed"], moved, "placement"),
        _at(rows, "many_placements", days.state, many, "placements"),
        _at(rows, "missing_episode", days.state, running & (missing | absent), "missing"),
        _at(rows, "return_interview_not_done", days.state, running & missing & not_done),
    ]


def _care_visit_overdue(rows: Rows, as_of: pd.Timestamp) -> pd.Series:
    """Returns whose visit is overdue (regulation 28): a week after a new placement, then six weeks, or three
    months.

    Three months holds after the first year of a placement meant to last until 18. No date of a visit: not
    recorded.
    """
    settled = (rows["placed"] + pd.DateOffset(years=1)) <= as_of
    long_term = settled & rows["placement"].isin(_LONG_TERM)
    due = due_after(rows["visited"], "care_visit")
    due = due_after(rows["visited"], "care_visit_long_term").where(long_term, due)
    unseen_there = rows["visited"] < rows["placed"]
    due = due_after(rows["placed"], "care_first_visit").where(unseen_there, due)
    return pd.Series(np.asarray(due < as_of) & rows["visited"].notna().to_numpy(), index=rows.index)
