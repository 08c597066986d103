"""Plans that go stale, documents, and the tables that no national extract carries, for the synthetic
service.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sampling.sources.synthetic_caseloads import Caseload
from sampling.sources.synthetic_children import PLAN_KIND
from sampling.sources.synthetic_core import NEVER, Ints, Setting, chosen, dates, frame, weighted
from sampling.sources.synthetic_staff import Staff
from sampling.sources.synthetic_supervision import regular

# Share of adult cases that have each kind of plan. A crisis plan is out of date after 365 days (NHS England
# measure MHS19).
_CRISIS_SHARE, _CARE_SHARE, _URGENT_SHARE = 0.93, 0.95, 0.04
_STALE_SHARE = 0.12
_REVIEW_DATE_SHARE, _OVERDUE_SHARE, _OVERDUE_SHARE_STALE = 0.85, 0.04, 0.5
_AGREED_BY = ("10", "11", "12")  # MHSDS CarePlanContentAgreedBy
# Kinds of document found in a real council's case system (domain notes, section 2).
_DOCUMENTS = (
    "progress note",
    "visit",
    "unsuccessful visit",
    "management oversight",
    "record of supervision discussion",
    "manager's decision",
    "duty action",
    "out of hours",
    "case audit",
    "escalation with service manager",
    "MARAC",
    "MAPPA",
)
_DOCUMENT_SHARES = (0.42, 0.22, 0.05, 0.08, 0.08, 0.05, 0.04, 0.02, 0.01, 0.01, 0.01, 0.01)
_OUTCOMES = {
    "adult": ("section 42 enquiry", "no further action", "information and advice"),
    "children": ("section 47 enquiry", "no further action", "assessment"),
}
_LOCAL_EVENTS = (
    "risk_entry_rewritten",
    "medication_change",
    "duty_consultation",
    "incident",
    "self_harm",
    "police_assistance",
)
_LOCAL_RATES = (0.12, 0.18, 0.08, 0.03, 0.04, 0.01)  # a case and year


def plan_frame(setting: Setting, load: Caseload) -> pd.DataFrame:
    """Returns the canonical plans table: a row a plan, with the day of its latest version."""
    rng = setting.rng("plans")
    count = len(load)
    if setting.adult:
        chances = {
            "crisis": _CRISIS_SHARE,
            "care": _CARE_SHARE,
            "urgent": _URGENT_SHARE,
            "behaviour_support": 0.01,
            "transition": 0.01,
        }
        parts = [np.flatnonzero(rng.random(count) < chance) for chance in chances.values()]
        kinds = list(chances)
        kind = np.repeat(np.arange(len(kinds)), [len(part) for part in parts])
        case = np.concatenate(parts)
    else:
        kinds, case, kind = list(PLAN_KIND), np.arange(count), load.kind
    last = np.minimum(load.closed, setting.end)[case]
    created = load.opened[case] + (rng.integers(0, 46, len(case)) if setting.adult else 0)
    made = created <= last
    case, kind, created, last = case[made], kind[made], created[made], last[made]
    stale = rng.random(len(case)) < _STALE_SHARE
    age = np.where(stale, 366 + rng.exponential(150, len(case)), np.minimum(rng.gamma(1.5, 75, len(case)), 360)).astype(
        np.int64
    )
    updated = np.maximum(last - age, created)
    agreed = np.where(rng.random(len(case)) < 0.85, np.minimum(created + rng.integers(0, 15, len(case)), last), NEVER)
    overdue = rng.random(len(case)) < np.where(stale, _OVERDUE_SHARE_STALE, _OVERDUE_SHARE)
    ahead = rng.integers(1, 180, len(case))
    due = np.where(overdue, np.maximum(updated, last - 1 - ahead // 3), last + ahead)
    due = np.where(rng.random(len(case)) < _REVIEW_DATE_SHARE, due, NEVER)
    return frame(
        "plans",
        plan_id=setting.ids("CP", len(case)),
        case_id=chosen(load.ids, case),
        kind=chosen(kinds, kind),
        created=dates(created),
        updated=dates(updated),
        agreed=dates(agreed),
        agreed_by=chosen(_AGREED_BY, np.where(agreed < NEVER, weighted(rng, (0.8, 0.1, 0.1), len(case)), -1)),
        review_due=dates(due),
        ended=dates(load.closed[case]),
    )


def _random_days(rng: np.random.Generator, setting: Setting, load: Caseload, per_year: float) -> tuple[Ints, Ints]:
    low, high = np.maximum(load.opened, setting.start), np.minimum(load.closed, setting.end)
    counts = rng.poisson(per_year * np.maximum(high - low, 0) / 365.25)
    case = np.repeat(np.arange(len(load)), counts)
    return case, low[case] + (rng.random(len(case)) * (high - low + 1)[case]).astype(np.int64)


def document_frames(setting: Setting, staff: Staff, load: Caseload) -> dict[str, pd.DataFrame]:
    """Returns the canonical documents table and the note index."""
    rng = setting.rng("documents")
    case, day = _random_days(rng, setting, load, 2.5)
    author = chosen(staff.ids, load.holder_on(case, day, staff))
    notes, noted = _random_days(rng, setting, load, 3.0)
    writer = chosen(staff.ids, load.holder_on(notes, noted, staff))
    return {
        "documents": frame(
            "documents",
            document_id=setting.ids("D", len(case), 7),
            case_id=chosen(load.ids, case),
            author_id=author,
            written_on=dates(day),
            kind=chosen(_DOCUMENTS, weighted(rng, _DOCUMENT_SHARES, len(case))),
            ref=setting.ids("DOC/", len(case), 7),
        ),
        "note_index": frame(
            "note_index",
            case_id=chosen(load.ids, notes),
            author_id=writer,
            written_on=dates(noted),
            kind=chosen(_DOCUMENTS, weighted(rng, _DOCUMENT_SHARES, len(notes))),
            ref=setting.ids("NOTE/", len(notes), 7),
        ),
    }


def extension_frames(setting: Setting, staff: Staff, load: Caseload, plans: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Returns the extension tables but for the note index and the control totals."""
    rng = setting.rng("extension")
    case, day = _random_days(rng, setting, load, 0.10)
    due = plans[plans["review_due"].notna() & plans["ended"].isna()]
    held = _supervisions(rng, setting, staff, load)
    frames = {
        "supervisions": regular(setting, staff, load, held) if setting.settled else held,
        "review_due": due[["case_id", "kind", "review_due"]].reset_index(drop=True),
        "safeguarding": frame(
            "safeguarding",
            case_id=chosen(load.ids, case),
            raised_on=dates(day),
            kind=chosen(("adult", "child"), weighted(rng, (0.8, 0.2) if setting.adult else (0.0, 1.0), len(case))),
            outcome=chosen(_OUTCOMES[setting.profile], weighted(rng, (0.4, 0.35, 0.25), len(case))),
        ),
        "local_events": _local_events(rng, setting, load),
    }
    case, day = _random_days(rng, setting, load, 0.12)
    night = [f"{hour:02d}:{minute:02d}" for hour in (18, 19, 20, 21, 22, 23, 0, 6, 7) for minute in range(0, 60, 5)]
    frames["out_of_hours"] = frame(
        "out_of_hours",
        case_id=chosen(load.ids, case),
        practitioner_id=chosen(staff.ids, load.holder_on(case, day, staff)),
        happened_on=dates(day),
        happened_at=chosen(night, rng.integers(0, len(night), len(case))),
        channel=chosen(("text message", "telephone", "e-mail"), weighted(rng, (0.6, 0.3, 0.1), len(case))),
        in_pathway=rng.random(len(case)) < 0.6,
    )
    return frames | _put_aside(rng, setting, staff, load)


def _supervisions(rng: np.random.Generator, setting: Setting, staff: Staff, load: Caseload) -> pd.DataFrame:
    """Returns one session a practitioner and month, five in six held, and some reflective or group
    sessions besides.
    """
    who = np.repeat(np.arange(len(staff)), setting.months)
    day = setting.start + (np.tile(np.arange(setting.months), len(staff)) * 30.4 + rng.random(len(who)) * 28).astype(
        np.int64
    )
    manager = staff.manager[staff.team[who]]
    held = (
        (rng.random(len(who)) < 5 / 6)
        & (staff.started[who] <= day)
        & (staff.left[who] >= day)
        & (manager != who)
        & (day <= setting.end)
    )
    who, day, manager = who[held], day[held], manager[held]
    kinds = ("formal_one_to_one", "reflective", "group", "duty_consultation", "ad_hoc", "specialist")
    kind = weighted(rng, (0.72, 0.08, 0.08, 0.04, 0.06, 0.02), len(who))
    return frame(
        "supervisions",
        practitioner_id=chosen(staff.ids, who),
        supervisor_id=chosen(staff.ids, manager),
        held_on=dates(day),
        kind=chosen(kinds, kind),
        case_id=chosen(load.ids, _a_case_of(rng, load, who)),
        minutes=np.array([30.0, 45.0, 60.0, 75.0, 90.0])[weighted(rng, (0.1, 0.2, 0.4, 0.15, 0.15), len(who))],
    )


def _a_case_of(rng: np.random.Generator, load: Caseload, who: Ints) -> Ints:
    """Returns for three in ten sessions a case of that practitioner, by position; -1 for none."""
    order = np.argsort(load.holder, kind="stable")
    low = np.searchsorted(load.holder[order], who)
    size = np.searchsorted(load.holder[order], who, side="right") - low
    place = np.minimum(low + (rng.random(len(who)) * size).astype(np.int64), len(load) - 1)
    return np.where((rng.random(len(who)) < 0.3) & (size > 0), order[place], -1)


def _local_events(rng: np.random.Generator, setting: Setting, load: Caseload) -> pd.DataFrame:
    parts = [_random_days(rng, setting, load, rate) for rate in _LOCAL_RATES]
    kind = np.repeat(np.arange(len(_LOCAL_EVENTS)), [len(case) for case, _ in parts])
    case, day = (np.concatenate([part[i] for part in parts]) for i in (0, 1))
    return frame(
        "local_events",
        case_id=chosen(load.ids, case),
        happened_on=dates(day),
        kind=chosen(_LOCAL_EVENTS, kind),
    )


def _put_aside(rng: np.random.Generator, setting: Setting, staff: Staff, load: Caseload) -> dict[str, pd.DataFrame]:
    """Returns cases that may not be drawn, and cases that a person put forward."""
    still = rng.permutation(np.flatnonzero(load.open))
    out, forward = (
        still[: len(still) // 150],
        still[len(still) // 150 : len(still) // 150 + len(still) // 100],
    )
    return {
        "exclusions": frame(
            "exclusions",
            case_id=chosen(load.ids, out),
            reason=chosen(
                ("LEGAL_HOLD", "SEALED", "CONFLICT", "OBJECTION", "DUPLICATE"),
                weighted(rng, (0.2, 0.15, 0.25, 0.3, 0.1), len(out)),
            ),
            approved_by=chosen(staff.ids, staff.manager[load.team[out]]),
        ),
        "tabled": frame(
            "tabled",
            case_id=chosen(load.ids, forward),
            tabled_by=chosen(
                ("supervisee", "supervisor", "complaint", "incident"),
                weighted(rng, (0.5, 0.3, 0.1, 0.1), len(forward)),
            ),
            tabled_on=dates(setting.end - rng.integers(0, 20, len(forward))),
        ),
    }
