"""Teams and their practitioners for the synthetic service: managers, leavers, new starters, agency
workers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from sampling.sources.synthetic_core import NEVER, Bools, Ints, Setting, chosen, dates, frame, weighted

# Kind of team: (share of teams, MHSDS ServTeamTypeMH, service). The codes are those of the MHSDS v6 data set.
ADULT_TEAMS = {
    "CMHT": (0.62, "A06", "Adult community"),
    "OPMH": (0.14, "A07", "Older adults community"),
    "EIP": (0.12, "A14", "Early intervention in psychosis"),
    "AOT": (0.06, "A08", "Assertive outreach"),
    "REHAB": (0.06, "A09", "Community rehabilitation"),
}
# Kind of team: (share of teams, Annex A list that most of its children are on, shares of case kinds as in
# CHILD_KINDS).
CHILD_TEAMS = {
    "Assessment": (0.25, "List 6", (0.95, 0.05, 0.0, 0.0)),
    "Safeguarding": (0.45, "List 6", (0.58, 0.30, 0.12, 0.0)),
    "Children in care": (0.20, "List 8", (0.0, 0.0, 1.0, 0.0)),
    "Leaving care": (0.10, "List 9", (0.0, 0.0, 0.12, 0.88)),
}
ADULT_ROLES = (
    "Community psychiatric nurse",
    "Social worker",
    "Occupational therapist",
    "Support time and recovery worker",
    "Psychologist",
)
CHILD_ROLES = (
    "Social worker",
    "Senior social worker",
    "Newly qualified social worker",
    "Personal adviser",
    "Family practitioner",
)
MANAGER_ROLES = {"adult": "Team manager", "children": "Practice manager"}
MEAN_CASELOAD = {"adult": 22.0, "children": 15.0}
# DfE, children's social work workforce: about one social worker in six is an agency worker.
_AGENCY_SHARE = {"adult": 0.07, "children": 0.17}
_LEAVER_SHARE = 0.10
_STARTER_SHARE = 0.10


@dataclass(frozen=True)
class Staff:
    """Practitioners by position: their team's position, first and last day, agency or not; `manager`
    gives each team's manager.
    """

    team: Ints
    started: Ints
    left: Ints
    agency: Bools
    is_manager: Bools
    manager: Ints
    team_kind: Ints
    ids: pa.Array
    team_ids: pa.Array

    def __len__(self) -> int:
        return len(self.team)


def invent_staff(setting: Setting) -> Staff:
    """Returns the teams of 6 to 14 with their managers, leavers, new starters and agency workers."""
    rng = setting.rng("staff")
    settled = setting.settled
    count = max(8, round(setting.cases / (setting.cases_per_practitioner or MEAN_CASELOAD[setting.profile])))
    count = settled.staff if settled else count
    sizes = _team_sizes(rng, count, settled.teams if settled else max(1, round(count / 10)))
    team = np.repeat(np.arange(len(sizes)), sizes)
    manager = np.cumsum(sizes) - sizes
    is_manager = np.zeros(count, dtype=bool)
    is_manager[manager] = True
    agency = (rng.random(count) < _AGENCY_SHARE[setting.profile]) & ~is_manager
    agency[1] = True
    started, left = _service_days(rng, setting, is_manager, agency)
    kinds = ADULT_TEAMS if setting.adult else CHILD_TEAMS
    shares = [value[0] for value in kinds.values()]
    # Small services have one team of each kind, so that a demo shows them all.
    kind = weighted(rng, shares, len(sizes)) if len(sizes) > len(shares) else np.arange(len(sizes))
    names = [f"{list(kinds)[k]} {setting.block:03d}-{index:02d}" for index, k in enumerate(kind)]
    ids = setting.ids("P", count, 4)
    return Staff(team, started, left, agency, is_manager, manager, kind, ids, pa.array(names, type=pa.string()))


def _team_sizes(rng: np.random.Generator, count: int, teams: int) -> Ints:
    """Returns that many sizes, of 6 to 14 where there are enough people, that add up to `count`, which is at least 8."""
    sizes = np.full(teams, count // teams)
    sizes[: count % teams] += 1
    half = teams // 2
    moved = rng.integers(0, max(1, min(count // teams - 6, 13 - count // teams) + 1), half)
    sizes[:half] -= moved
    sizes[teams - half :] += moved
    return sizes


def _service_days(rng: np.random.Generator, setting: Setting, is_manager: Bools, agency: Bools) -> tuple[Ints, Ints]:
    """Returns each practitioner's first and last day. Person 1 is always an agency worker who left in the
    middle of the last month and person 2 a new starter, so that even the smallest service has both.
    """
    count = len(agency)
    started = setting.end - 200 - rng.exponential(1100, count).astype(np.int64)
    if setting.settled:
        started -= setting.end - setting.start  # in post when the first month began
    started[is_manager] = setting.start - 4000
    fate = rng.random(count) - 0.12 * agency  # agency workers come and go more often
    leaves = (fate < _LEAVER_SHARE) & ~is_manager
    starts = (fate >= _LEAVER_SHARE) & (fate < _LEAVER_SHARE + _STARTER_SHARE) & ~is_manager
    leaves[1:3], starts[1:3] = (True, False), (False, True)
    span = setting.end - setting.start
    left = np.where(leaves, setting.start + rng.integers(10, max(span, 11), count), NEVER)
    left[1] = setting.end - rng.integers(10, 20)
    stay = rng.integers(40, 260, count)  # agency workers stay six weeks to nine months
    started = np.where(leaves & agency, left - stay, started)
    started = np.where(starts, setting.end - rng.integers(14, 200, count), started)
    return np.minimum(started, left - 20), left


def practitioner_frame(setting: Setting, staff: Staff) -> pd.DataFrame:
    """Returns the canonical practitioners table."""
    rng = setting.rng("practitioners")
    roles = (*(ADULT_ROLES if setting.adult else CHILD_ROLES), MANAGER_ROLES[setting.profile])
    role = np.where(staff.is_manager, len(roles) - 1, weighted(rng, (0.45, 0.22, 0.14, 0.12, 0.07), len(staff)))
    supervisor = np.where(staff.is_manager, np.roll(staff.manager, 1)[staff.team], staff.manager[staff.team])
    supervisor = np.where(supervisor == np.arange(len(staff)), -1, supervisor)  # a single team's manager has none here
    return frame(
        "practitioners",
        practitioner_id=staff.ids,
        role=chosen(roles, role),
        team_id=chosen(staff.team_ids, staff.team),
        fte=np.array([1.0, 0.8, 0.6, 0.5])[weighted(rng, (0.68, 0.18, 0.10, 0.04), len(staff))],
        started=dates(staff.started),
        left_on=dates(staff.left),
        supervisor_id=chosen(staff.ids, supervisor),
        agency=staff.agency,
    )
