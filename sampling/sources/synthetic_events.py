"""What the record of the synthetic adult service says happened: routine contacts, crisis episodes, and what
comes with them.

Rows carry the MHSDS v6 table and code that they would have come from, so that the MHSDS writer can turn
them back.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from sampling.sources.synthetic_caseloads import Caseload
from sampling.sources.synthetic_core import (
    NEVER,
    Bools,
    Floats,
    Ints,
    Setting,
    chosen,
    dates,
    frame,
    spread,
    weighted,
    working_days,
)
from sampling.sources.synthetic_staff import Staff

ROUTINE_GAP_DAYS = 17.0  # a routine contact every two to three weeks
# Care contacts by MHSDS AttendStatus: (code, kind, share). About 8% are not attended (codes 3 and 7).
ATTENDANCE = (
    ("5", "contact_attended", 0.835),
    ("6", "contact_attended", 0.030),
    ("3", "contact_not_attended", 0.068),
    ("7", "contact_not_attended", 0.010),
    ("2", "contact_cancelled_by_patient", 0.035),
    ("4", "contact_cancelled_by_provider", 0.022),
)
# Share of open cases that have at least the start of one in 90 days, roughly; each goes with one kind of row.
CRISES_PER_YEAR = 0.70
_SINGLE_EVENTS = (  # kind, table, code, a year and case
    ("team_change", "MHS102OtherServiceType", "A06", 0.035),
    ("onward_referral", "MHS105OnwardReferral", "1", 0.05),
    ("review_held", "MHS702CPAReview", "", 0.25),
    ("measure_recorded", "MHS606CodedScoreAssessmentRefer", "720433000", 0.8),  # SNOMED CT: PHQ-9 total score
    ("indirect_activity", "MHS204IndirectActivity", "", 1.0),
    ("child_protection_parent", "MHS005PatInd", "3", 0.012),
    ("ed_liaison", "MHS101Referral", "H1", 0.07),
    ("place_of_safety", "MHS201CareContact", "Y", 0.008),
)
_WARD_EVENTS = (  # kind, table, code, chance that an admission has one
    ("self_harm", "MHS507SelfHarm", "", 0.12),
    ("assault", "MHS506Assault", "", 0.06),
    ("absence_without_leave", "MHS511AbsenceWithoutLeave", "", 0.06),
    ("restrictive_intervention", "MHS505RestrictiveInterventInc", "14", 0.08),
    ("police_assistance", "MHS516PoliceAssistanceRequest", "", 0.03),
)
_EXTRA = (
    ("indirect_activity", "MHS204IndirectActivity", ""),
    ("measure_recorded", "MHS606CodedScoreAssessmentRefer", "979641000000103"),
)
_QUARTERS = [f"{hour:02d}:{minute:02d}" for hour in range(24) for minute in (0, 15, 30, 45)]
_OFFICE_FIRST, _OFFICE_LAST = 36, 67  # 09:00 to 16:45
_NO_TIME_SHARE = 0.01


class EventRows:
    """Events gathered kind by kind as numbers, then turned into one canonical table, in the order in
    which they happened.
    """

    def __init__(self, setting: Setting, staff: Staff, load: Caseload) -> None:
        self.setting, self.staff, self.load = setting, staff, load
        self.low: Ints = np.maximum(load.opened, setting.start)
        self.high: Ints = np.minimum(load.closed, setting.end)
        self.live: Bools = self.high > self.low
        self.days: Ints = np.maximum(self.high - self.low, 0)
        self.codes: list[tuple[str, str, str]] = []
        self.parts: list[tuple[Any, ...]] = []

    def __len__(self) -> int:
        return sum(len(part[0]) for part in self.parts)

    def add(
        self,
        what: tuple[str, str, str],
        case: Ints,
        day: Ints,
        *,
        who: Ints | None = None,
        quarter: Ints | None = None,
    ) -> None:
        """Adds rows of one kind; days outside the case's time in the service are left out."""
        self.codes.append(what)
        within = (day >= self.low[case]) & (day <= self.high[case])
        self._keep(within, np.full(len(case), len(self.codes) - 1), case, day, who, quarter)

    def add_mixed(
        self,
        kinds: list[tuple[str, str, str]],
        kind: Ints,
        case: Ints,
        day: Ints,
        *,
        who: Ints | None,
        quarter: Ints | None,
    ) -> None:
        """Adds rows of several kinds at once; `kind` gives each row's position in `kinds`."""
        base = len(self.codes)
        self.codes.extend(kinds)
        within = (day >= self.low[case]) & (day <= self.high[case])
        self._keep(within, kind + base, case, day, who, quarter)

    def _keep(self, within: Bools, kind: Ints, case: Ints, day: Ints, who: Ints | None, quarter: Ints | None) -> None:
        nothing = np.full(len(case), -1)
        who = nothing if who is None else who
        quarter = nothing if quarter is None else quarter
        columns = (
            kind.astype(np.int16),
            case.astype(np.int32),
            day.astype(np.int32),
            who.astype(np.int32),
            quarter.astype(np.int16),
        )
        self.parts.append(columns if within.all() else tuple(column[within] for column in columns))

    def happened(self, rng: np.random.Generator, per_year: float | Floats) -> tuple[Ints, Ints]:
        """Returns (case, day) of things that happen at random times at this yearly rate."""
        counts = rng.poisson(per_year * self.days / 365.25).astype(np.int64)
        case = np.repeat(np.arange(len(counts)), counts)
        return case, self.low[case] + (rng.random(len(case)) * (self.days[case] + 1)).astype(np.int64)

    def of_kind(self, *kinds: str) -> tuple[Ints, Ints]:
        """Returns (case, day) of the rows gathered so far of these kinds."""
        wanted = np.array([code[0] in kinds for code in self.codes] or [False])
        cases, days = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
        for kind, case, day, _, _ in self.parts:
            rows = wanted[kind]
            cases.append(case[rows].astype(np.int64))
            days.append(day[rows].astype(np.int64))
        return np.concatenate(cases), np.concatenate(days)

    def frame(self) -> pd.DataFrame:
        """Returns the canonical events table."""
        kind, case, day, who, quarter = (np.concatenate([part[i] for part in self.parts]) for i in range(5))
        # A 16-bit key is sorted by radix, several times as fast; no service covers 89 years.
        order = np.argsort((day - self.setting.start).astype(np.int16), kind="stable")
        kind, case = kind[order], case[order]
        names, tables, codes = zip(*self.codes, strict=True)
        return frame(
            "events",
            event_id=self.setting.ids("E", len(order), 8),
            case_id=chosen(self.load.ids, case),
            practitioner_id=chosen(self.staff.ids, who[order]),
            happened_on=dates(day[order]),
            happened_at=chosen(_QUARTERS, quarter[order]),
            kind=chosen(names, kind),
            source_table=chosen([table or None for table in tables], kind),
            source_code=chosen([code or None for code in codes], kind),
        )


def office_time(rng: np.random.Generator, count: int) -> Ints:
    """Returns times of the working day as quarters of an hour; one in a hundred is not recorded."""
    quarter = rng.integers(_OFFICE_FIRST, _OFFICE_LAST + 1, count)
    return np.where(rng.random(count) < _NO_TIME_SHARE, -1, quarter)


def add_extra(rows: EventRows, rng: np.random.Generator, kinds: tuple[tuple[str, str, str], ...]) -> None:
    """Adds work that is not a signal until there are as many events a case as were asked for."""
    setting = rows.setting
    if setting.events_per_case is None:
        return
    missing = round(setting.cases * setting.events_per_case) - len(rows)
    if missing <= 0 or rows.days.sum() == 0:
        return
    edges = np.cumsum(rows.days)
    case = np.searchsorted(edges, (rng.random(missing) * edges[-1]).astype(np.int64), side="right")
    day = rows.low[case] + (rng.random(missing) * (rows.days[case] + 1)).astype(np.int64)
    kind = weighted(rng, (0.9, 0.1) if len(kinds) == 2 else (1.0,), missing)
    rows.add_mixed(list(kinds), kind, case, day, who=rows.load.holder_on(case, day, rows.staff), quarter=None)


def adult_events(setting: Setting, staff: Staff, load: Caseload) -> pd.DataFrame:
    """Returns the canonical events table of an adult service."""
    rows = EventRows(setting, staff, load)
    rng = setting.rng("events")
    _add_contacts(rows, rng)
    _add_crises(rows, rng)
    for kind, table, code, rate in _SINGLE_EVENTS:
        case, day = rows.happened(rng, rate)
        rows.add((kind, table, code), case, day, who=load.holder_on(case, day, staff))
    case, day = rows.happened(rng, 0.11)
    night = rng.integers(80, 124, len(case)) % 96  # 20:00 to 06:45
    rows.add(
        ("out_of_hours_contact", "MHS201CareContact", "5"),
        case,
        day,
        who=load.holder_on(case, day, staff),
        quarter=night,
    )
    case, day = rows.happened(rng, 0.02)
    rows.add(("mha_change", "MHS404CommTreatOrder", ""), case, day)
    _add_missed_follow_up(rows)
    add_extra(rows, rng, _EXTRA)
    return rows.frame()


def _add_contacts(rows: EventRows, rng: np.random.Generator) -> None:
    """Adds routine contacts. Some people come nearly always and some miss many: the chance differs from
    case to case.
    """
    count = len(rows.load)
    expected = rows.days / ROUTINE_GAP_DAYS * rng.gamma(6.0, 1 / 6.0, count)
    budget = rows.setting.events_per_case
    if budget is not None:  # a small budget thins the contacts; a large one is filled with other work
        expected *= min(1.0, max(budget - 5.0, 0.5) * rows.setting.cases / max(float(expected.sum()), 1.0))
    counts = np.floor(expected + rng.random(count)).astype(np.int64) * rows.live
    case, day = spread(rng, rows.low, rows.high, counts)
    table = working_days(rows.setting.start, rows.setting.end)
    day = np.maximum(table[day - rows.setting.start], rows.low[case])
    misses = rng.beta(0.9, 10.0, count)[case] / (0.9 / 10.9)
    edges = np.cumsum([share for _, _, share in ATTENDANCE])
    missed = rng.random(len(case)) < np.minimum((edges[3] - edges[1]) * misses, 0.6)
    other = weighted(
        rng,
        [share if index not in (2, 3) else 0.0 for index, (_, _, share) in enumerate(ATTENDANCE)],
        len(case),
    )
    status = np.where(missed, 2 + (rng.random(len(case)) < 0.13), other)
    kinds = [(kind, "MHS201CareContact", code) for code, kind, _ in ATTENDANCE]
    who = rows.load.holder_on(case, day, rows.staff)
    rows.add_mixed(kinds, status, case, day, who=who, quarter=office_time(rng, len(case)))


def _add_crises(rows: EventRows, rng: np.random.Generator) -> None:
    """Adds crisis episodes: within a few weeks a crisis referral, contacts, missed ones, perhaps ED and
    a stay in hospital.
    """
    setting = rows.setting
    prone = rng.gamma(0.8, 1.25, len(rows.load))
    case, day = rows.happened(rng, CRISES_PER_YEAR * prone)
    priority = weighted(
        rng, (0.15, 0.35, 0.50), len(case)
    )  # ClinRespPriorityType: 1, then 4, then 2 in order of severity
    kinds = [("crisis_referral", "MHS101Referral", code) for code in ("1", "4", "2")]
    rows.add_mixed(kinds, priority, case, day, who=None, quarter=rng.integers(0, 96, len(case)))
    contact, lag = spread(rng, np.zeros_like(case), np.full(len(case), 13), rng.integers(1, 5, len(case)))
    hour = rng.integers(32, 88, len(contact))
    team = rng.integers(0, len(rows.staff), len(contact))  # crisis workers are drawn from the whole service
    when = day[contact] + lag
    here = (rows.staff.started[team] <= when) & (rows.staff.left[team] >= when)
    team = np.where(here, team, rows.staff.manager[rows.staff.team[team]])
    rows.add(("crisis_contact", "MHS201CareContact", "5"), case[contact], when, who=team, quarter=hour)
    for chance, what, latest in (
        (0.35, ("ed_liaison", "MHS101Referral", "H1"), 3),
        (0.45, ("contact_not_attended", "MHS201CareContact", "3"), 21),
        (0.25, ("contact_not_attended", "MHS201CareContact", "3"), 28),
        (0.10, ("team_change", "MHS102OtherServiceType", "A02"), 10),
    ):
        some = rng.random(len(case)) < chance
        on = day[some] + rng.integers(0, latest + 1, int(some.sum()))
        missed = what[0] == "contact_not_attended"
        if missed:
            on = working_days(setting.start, setting.end + 30)[on - setting.start]
        rows.add(
            what,
            case[some],
            on,
            who=rows.load.holder_on(case[some], on, rows.staff),
            quarter=office_time(rng, len(on)) if missed else None,
        )
    _add_admissions(rows, rng, case, day)


def _add_admissions(rows: EventRows, rng: np.random.Generator, case: Ints, day: Ints) -> None:
    """Adds stays in hospital after one crisis in five, with what is recorded on the ward, and follow-up
    after most discharges.
    """
    stay = rng.random(len(case)) < 0.20
    case, day = case[stay], day[stay] + rng.integers(0, 6, int(stay.sum()))
    length = np.minimum(rng.gamma(1.6, 14.0, len(case)), 200).astype(np.int64) + 2
    rows.add(("admission", "MHS501HospProvSpell", ""), case, day)
    rows.add(("discharge", "MHS501HospProvSpell", ""), case, day + length)
    held = rng.random(len(case)) < 0.35
    section = weighted(rng, (0.75, 0.25), int(held.sum()))
    kinds = [("mha_change", "MHS401MHActPeriod", code) for code in ("02", "03")]
    rows.add_mixed(kinds, section, case[held], day[held], who=None, quarter=None)
    for kind, table, code, chance in _WARD_EVENTS:
        some = rng.random(len(case)) < chance
        rows.add(
            (kind, table, code),
            case[some],
            day[some] + (rng.random(int(some.sum())) * length[some]).astype(np.int64),
        )
    seen = rng.random(len(case)) < 0.82
    after = day[seen] + length[seen] + rng.integers(1, 4, int(seen.sum()))
    who = rows.load.holder_on(case[seen], after, rows.staff)
    rows.add(
        ("contact_attended", "MHS201CareContact", "5"),
        case[seen],
        after,
        who=who,
        quarter=office_time(rng, len(after)),
    )


def _add_missed_follow_up(rows: EventRows) -> None:
    """Adds a row for each discharge without an attended contact in the three days after it, as the
    MHSDS reader would.
    """
    left_case, left_day = rows.of_kind("discharge")
    seen_case, seen_day = rows.of_kind("contact_attended", "crisis_contact", "out_of_hours_contact")
    key = np.sort(seen_case * NEVER + seen_day)
    nearest = np.searchsorted(key, left_case * NEVER + left_day + 1)
    found = np.append(key, np.iinfo(np.int64).max)[nearest] <= left_case * NEVER + left_day + 3
    late = ~found & (left_day + 3 <= rows.high[left_case])
    rows.add(("discharge_not_followed_up", "MHS501HospProvSpell", ""), left_case[late], left_day[late] + 3)
