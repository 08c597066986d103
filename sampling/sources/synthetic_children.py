"""What the record of the synthetic children's service says happened, with the Annex A list that each
row would have come from.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sampling.sources.synthetic_caseloads import Caseload
from sampling.sources.synthetic_core import Bools, Ints, Setting, spread, weighted, working_days
from sampling.sources.synthetic_events import EventRows, add_extra, office_time
from sampling.sources.synthetic_staff import Staff

IN_NEED, PROTECTION, CARE, LEAVER = range(4)
PLAN_KIND = ("cin", "cp", "looked_after", "pathway")
LIST_OF_KIND = ("List 6", "List 7", "List 8", "List 9")
VISIT_GAP_DAYS = (
    28.0,
    12.0,
    40.0,
    52.0,
)  # in need, protection (commonly 10 working days), care (six weeks), leavers (two months)
OVERDUE_AFTER_DAYS = (60, 20, 48, 70)
# DfE referral source codes of the children in need census (1A individual, 2A schools, 3A health, 5A local
# authority, 6 police).
_SOURCES = ("1A", "2A", "2B", "3A", "3D", "5A", "6")
_SOURCE_SHARES = (0.10, 0.20, 0.03, 0.15, 0.08, 0.14, 0.30)
_CATEGORIES = (
    "NEG",
    "EMO",
    "PHY",
    "SAB",
    "MUL",
)  # categories of abuse in child protection plans (DfE children in need census)
_CATEGORY_SHARES = (0.48, 0.38, 0.07, 0.05, 0.02)
_LEGAL = ("C1", "C2", "V2", "E1")
# Strategy discussions a year by kind of case.
_STRATEGIES = np.array([0.85, 1.20, 0.18, 0.02])


def child_events(setting: Setting, staff: Staff, load: Caseload) -> pd.DataFrame:
    """Returns the canonical events table of a children's service."""
    rows = EventRows(setting, staff, load)
    rng = setting.rng("events")
    _add_front_door(rows, rng)
    _add_enquiries(rows, rng)
    _add_visits(rows, rng)
    _add_care(rows, rng)
    _add_plans(rows, rng)
    add_extra(rows, rng, (("indirect_activity", "", ""),))
    if len(rows) == 0:
        rows.add(("plan_started", LIST_OF_KIND[0], ""), np.zeros(1, dtype=np.int64), rows.high[:1])
    return rows.frame()


def _some(rows: EventRows, mask: Bools) -> Ints:
    return np.flatnonzero(mask & rows.live)


def _add_front_door(rows: EventRows, rng: np.random.Generator) -> None:
    """Adds the contact, referral and assessment with which a case begins, and later referrals."""
    count = len(rows.load)
    source = weighted(rng, _SOURCE_SHARES, count)
    begun = np.arange(count)
    for kind, table in (("contact_received", "List 1"), ("referral_received", "List 3")):
        rows.add_mixed(
            [(kind, table, code) for code in _SOURCES],
            source,
            begun,
            rows.load.opened,
            who=None,
            quarter=None,
        )
    early = begun[rng.random(count) < 0.08]
    rows.add(("early_help_assessment", "List 2", ""), early, rows.load.opened[early])
    again, day = rows.happened(rng, 0.16)
    rows.add(("referral_received", "List 3", "6"), again, day)
    rows.add(("re_referral", "List 3", "6"), again, day)
    starts = np.concatenate([begun, again])
    first = np.concatenate([rows.load.opened, day]) + rng.integers(0, 3, len(starts))
    rows.add(
        ("assessment_started", "List 4", ""),
        starts,
        first,
        who=rows.load.holder_on(starts, first, rows.staff),
    )
    late = rng.random(len(starts)) < 0.13
    took = np.where(late, rng.integers(64, 90, len(starts)), rng.integers(15, 61, len(starts)))
    rows.add(("assessment_authorised", "List 4", ""), starts, first + took)
    rows.add(("assessment_late", "List 4", ""), starts[late], first[late] + 64)  # 45 working days are about 63 days


def _add_enquiries(rows: EventRows, rng: np.random.Generator) -> None:
    """Adds strategy discussions in bursts, conferences after four in ten, and what follows from their
    counts.
    """
    end = rows.setting.end
    prone = rng.gamma(0.8, 1.25, len(rows.load))
    case, day = rows.happened(rng, _STRATEGIES[rows.load.kind] * prone)
    rows.add(("strategy_discussion", "List 5", "S47"), case, day, who=rows.load.holder_on(case, day, rows.staff))
    held = rng.random(len(case)) < 0.4
    late = rng.random(len(case)) < 0.15
    table = working_days(rows.setting.start, end + 60)
    conference = table[
        np.where(late, day + rng.integers(23, 32, len(case)), day + rng.integers(12, 22, len(case)))
        - rows.setting.start
    ]
    rows.add(("conference_held", "List 5", "ICPC"), case[held], conference[held])
    rows.add(("conference_late", "List 5", "ICPC"), case[held & late], conference[held & late])
    recent = (day > end - 365) & (day <= rows.high[case])
    twice = np.bincount(case[recent], minlength=len(rows.load)) >= 2
    _on_last_day(rows, "repeat_section_47", "List 5", _some(rows, twice & rows.load.open))
    urgent, when = rows.happened(rng, 0.03 * (rows.load.kind == PROTECTION) + 0.004)
    recent_order = when > end - 182
    rows.add(("emergency_protection", "List 7", "EPO"), urgent[recent_order], when[recent_order])


def _on_last_day(rows: EventRows, kind: str, table: str, cases: Ints, code: str = "") -> None:
    """Adds what an Annex A list can only tell as it stands on the day of the extract."""
    rows.add((kind, table, code), cases, np.full(len(cases), rows.setting.end))


def _add_visits(rows: EventRows, rng: np.random.Generator) -> None:
    """Adds visits at the pace of each kind of case; lapsed ones are overdue on the last day; some
    children were not seen alone.
    """
    count, load, setting = len(rows.load), rows.load, rows.setting
    budget = setting.events_per_case
    pace = rows.days / np.array(VISIT_GAP_DAYS)[load.kind] * rng.gamma(12.0, 1 / 12.0, count)
    if budget is not None:
        pace *= min(1.0, max(budget - 5.0, 0.5) * setting.cases / max(float(pace.sum()), 1.0))
    counts = np.floor(pace + rng.random(count)).astype(np.int64) * rows.live
    lapsed = rng.random(count) < 0.05
    until = np.where(lapsed, np.maximum(rows.low, rows.high - 75), rows.high)
    case, day = spread(rng, rows.low, until, counts)
    day = np.maximum(working_days(setting.start, setting.end)[day - setting.start], rows.low[case])
    who = load.holder_on(case, day, rows.staff)
    missed = rng.random(len(case)) < 0.08
    alone = rng.random(len(case)) < 0.93
    kind = np.where(missed, 8, load.kind[case] * 2 + alone)
    names = [("statutory_visit", table, seen) for table in LIST_OF_KIND for seen in ("No", "Yes")]
    rows.add_mixed(
        [*names, ("contact_not_attended", "List 6", "")],
        kind,
        case,
        day,
        who=who,
        quarter=office_time(rng, len(case)),
    )
    last = np.full(count, -1)
    np.maximum.at(last, case[~missed], day[~missed])
    done = np.where(last < 0, rows.low, last)
    overdue = (setting.end - done > np.array(OVERDUE_AFTER_DAYS)[load.kind]) & load.open
    for index, table in enumerate(LIST_OF_KIND):
        _on_last_day(rows, "visit_overdue", table, _some(rows, overdue & (load.kind == index)))
    final = ~missed & ~alone & (day == last[case]) & (load.kind[case] == PROTECTION)
    rows.add(("child_not_seen_alone", "List 7", "No"), case[final], day[final])


def _add_care(rows: EventRows, rng: np.random.Generator) -> None:
    """Adds what happens to children in care: placements, legal status, missing episodes, reviews."""
    load, end = rows.load, rows.setting.end
    care = load.kind == CARE
    case, day = rows.happened(rng, 0.55 * care * rng.gamma(0.7, 1 / 0.7, len(load)))
    rows.add(("placement_move", "List 8", "U1"), case, day)
    moves = np.bincount(case[day > end - 365], minlength=len(load))
    _on_last_day(rows, "many_placements", "List 8", _some(rows, care & load.open & (moves >= 3)), "3")
    case, day = rows.happened(rng, 0.30 * care)
    status = weighted(rng, (0.3, 0.4, 0.2, 0.1), len(case))
    rows.add_mixed(
        [("legal_status_change", "List 8", code) for code in _LEGAL],
        status,
        case,
        day,
        who=None,
        quarter=None,
    )
    case, day = rows.happened(rng, (0.42 * care + 0.05 * (load.kind == IN_NEED)) * rng.gamma(0.3, 1 / 0.3, len(load)))
    rows.add(("missing_episode", "List 8", "M"), case, day)
    last = np.full(len(load), -1)
    np.maximum.at(last, case, day)
    no_talk = (day == last[case]) & (rng.random(len(case)) < 0.25)
    rows.add(("return_interview_not_done", "List 8", "No"), case[no_talk], day[no_talk] + 3)


def _add_plans(rows: EventRows, rng: np.random.Generator) -> None:
    """Adds the beginning, the end and the reviews of each child's plan, second plans and reversed steps."""
    load = rows.load
    for index, table in enumerate(LIST_OF_KIND):
        here = np.flatnonzero(load.kind == index)
        if index == PROTECTION:
            kinds = [("plan_started", table, code) for code in _CATEGORIES]
            rows.add_mixed(
                kinds,
                weighted(rng, _CATEGORY_SHARES, len(here)),
                here,
                load.opened[here],
                who=None,
                quarter=None,
            )
        else:
            rows.add(("plan_started", table, ""), here, load.opened[here])
        over = here[~load.open[here]]
        rows.add(("plan_ended", table, ""), over, load.closed[over])
    case, day = spread(rng, rows.low, rows.high, np.round(rows.days / 150).astype(np.int64) * rows.live)
    reviews = [("review_held", name, "") for name in LIST_OF_KIND]
    rows.add_mixed(reviews, load.kind[case], case, day, who=None, quarter=None)
    # DfE: about a quarter of plans that start are a child's second or later one.
    second = (load.kind == PROTECTION) & load.open & (rng.random(len(load)) < 0.2)
    _on_last_day(rows, "repeat_protection_plan", "List 7", _some(rows, second), "1")
    case, day = rows.happened(rng, 0.03 * (load.kind == PROTECTION))
    rows.add(("step_down_reversed", "List 7", ""), case, day)
