"""Cases of the synthetic service, and who held them from when to when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from sampling.sources.synthetic_core import NEVER, Bools, Ints, Setting, chosen, dates, frame, weighted
from sampling.sources.synthetic_staff import CHILD_TEAMS, Staff

CHILD_KINDS = ("Child in need", "Child protection", "Looked after", "Care leaver")
MEAN_DAYS_OPEN = {"adult": 560.0, "children": 330.0}
_LONGEST_DAYS_OPEN = 3600  # no longer than each team's manager has been there
CLOSED_SHARE = 0.15
_TRANSFER_SHARE = {"adult": 0.10, "children": 0.16}
# The accountable role, and the other one that some cases have beside it.
_ADULT_CASE_ROLES = ("care_coordinator", "responsible_clinician")
_CHILD_CASE_ROLES = ("allocated_worker", "second_worker")
_REASONS = (
    "left the team",
    "transfer to another worker",
    "team restructure",
    "maternity leave cover",
    "step down of caseload",
)


@dataclass(frozen=True)
class Caseload:
    """Cases by position. A holder of -1 is nobody; `changed` is the first day of the present holder
    where there was one before.
    """

    opened: Ints
    closed: Ints
    team: Ints
    kind: Ints
    holder: Ints
    second: Ints
    previous: Ints
    changed: Ints
    family: Ints
    ids: pa.Array

    def __len__(self) -> int:
        return len(self.opened)

    @property
    def open(self) -> Bools:
        """Returns which cases are open on the last day."""
        result: Bools = self.closed >= NEVER
        return result

    def holder_on(self, case: Ints, day: Ints, staff: Staff) -> Ints:
        """Returns who would see the person on that day: the holder, or the team's manager where nobody
        is there.
        """
        who = np.where((day < self.changed[case]) & (self.previous[case] >= 0), self.previous[case], self.holder[case])
        absent = (who < 0) | (staff.started[who] > day) | (staff.left[who] < day)
        result: Ints = np.where(absent, staff.manager[self.team[case]], who)
        return result


def _caseload_sizes(rng: np.random.Generator, setting: Setting, staff: Staff) -> Ints:
    """Returns how many open cases each practitioner holds: heavy-tailed, some with 0, 1 and 2, leavers
    with the odd one left.
    """
    count = len(staff)
    weight = rng.lognormal(0.0, 0.38, count) * np.where(staff.started > setting.end - 60, 0.5, 1.0)
    fixed = np.full(count, -1)
    fixed[staff.is_manager] = 0
    gone = staff.left < NEVER
    fixed[gone] = np.where(rng.random(int(gone.sum())) < 0.2, rng.integers(1, 4, int(gone.sum())), 0)
    workers = np.flatnonzero(fixed < 0)
    few = max(3, len(workers) * 5 // 100)
    fixed[workers[rng.permutation(len(workers))[: min(few, len(workers) - 1)]]] = (
        np.arange(min(few, len(workers) - 1)) % 3
    )
    if gone.any() and setting.cases >= 100:  # at least one case still stands in the name of someone who left
        fixed[np.flatnonzero(gone)[0]] = max(1, fixed[np.flatnonzero(gone)[0]])
    fixed = np.where((fixed > 0) & (np.cumsum(np.maximum(fixed, 0)) > setting.cases), 0, fixed)
    sizes: Ints = np.maximum(fixed, 0)
    rest = setting.cases - int(sizes.sum())
    share = np.where(fixed < 0, weight, 0.0)
    exact = rest * share / share.sum()
    sizes = sizes + np.floor(exact).astype(np.int64)
    short = setting.cases - int(sizes.sum())
    sizes[np.argsort(-(exact - np.floor(exact)), kind="stable")[:short]] += 1
    return sizes


def invent_caseload(setting: Setting, staff: Staff) -> Caseload:
    """Returns the cases, open and closed, with their holders; open cases come first by position but not
    by id.
    """
    rng = setting.rng("caseload")
    sizes = _caseload_sizes(rng, setting, staff)
    holder = np.concatenate([np.repeat(np.arange(len(staff)), sizes), _closed_holders(rng, setting, sizes)])
    count = len(holder)
    new_family = (rng.random(count) < (0.985 if setting.adult else 0.70)) | (np.diff(holder, prepend=-1) != 0)
    order = rng.permutation(count)
    holder, family, is_closed = holder[order], np.cumsum(new_family)[order] - 1, order >= setting.cases
    team = staff.team[holder]
    closed = np.where(is_closed, setting.end - 1 - _closing_lag(rng, setting, count), NEVER)
    holder = np.where(staff.started[holder] > closed - 25, staff.manager[team], holder)
    shape = 1.15  # a little more even than exponential: few cases close within days
    age = rng.gamma(shape, MEAN_DAYS_OPEN[setting.profile] / shape, count).astype(np.int64)
    age = np.minimum(age, _LONGEST_DAYS_OPEN)
    opened = np.where(is_closed, closed - 21, setting.end - 2) - age
    opened = np.minimum(opened, staff.left[holder] - 20)  # nobody is given a case after leaving
    kind = np.zeros(count, dtype=np.int64)
    if not setting.adult:
        for index, (_, _, shares) in enumerate(CHILD_TEAMS.values()):
            here = staff.team_kind[team] == index
            kind[here] = weighted(rng, shares, int(here.sum()))
    previous, changed = _handovers(rng, setting, staff, holder, team, opened, closed)
    second = np.full(count, -1)
    whole = np.flatnonzero(~is_closed)
    whole = whole[sizes[holder[whole]] > 5]  # so that the caseloads of 1 and 2 stay as they are
    odd = rng.permutation(whole)[: 3 * max(1, setting.cases // 100)] if setting.cases >= 50 else whole[:0]
    nobody, two, others = odd[::3], odd[1::3], odd[2::3]
    two = two[: len(others)]
    second[two] = np.where(holder[others] == holder[two], staff.manager[team[two]], holder[others])
    holder[nobody], previous[nobody], changed[nobody] = -1, -1, NEVER
    ids = setting.ids("SR" if setting.adult else "CH", count)
    return Caseload(opened, closed, team, kind, holder, second, previous, changed, family, ids)


def _closed_holders(rng: np.random.Generator, setting: Setting, sizes: Ints) -> Ints:
    """Returns who held each case that has closed.

    A settled service closed as many cases as keep its caseload even (cases / mean stay, each day), spread as the open ones are.
    """
    if setting.settled is None:
        return np.sort(rng.integers(0, len(sizes), round(setting.cases * CLOSED_SHARE)))
    count = round(setting.cases * (setting.end - setting.start) / MEAN_DAYS_OPEN[setting.profile])
    return np.sort(rng.choice(len(sizes), size=count, p=sizes / sizes.sum()))


def _closing_lag(rng: np.random.Generator, setting: Setting, count: int) -> Ints:
    """Returns how long before the last day a closed case closed: one in ten in the last three weeks, unless the service is settled."""
    lag = rng.integers(0, max(setting.end - setting.start, 2), count)
    if setting.settled:
        return lag
    return np.where(rng.random(count) < 0.1, rng.integers(0, 21, count), lag).astype(np.int64)


def _colleague(rng: np.random.Generator, staff: Staff, of: Ints) -> Ints:
    """Returns somebody else of the same team, by position."""
    first = staff.manager[staff.team[of]]
    size = np.bincount(staff.team)[staff.team[of]]
    place = of - first
    result: Ints = first + (place + 1 + (rng.random(len(of)) * (size - 1)).astype(np.int64)) % size
    return result


def _handovers(
    rng: np.random.Generator,
    setting: Setting,
    staff: Staff,
    holder: Ints,
    team: Ints,
    opened: Ints,
    closed: Ints,
) -> tuple[Ints, Ints]:
    """Returns (previous holder or -1, first day of the present one): leavers' cases passed on,
    starters' taken over, transfers.
    """
    count = len(holder)
    end = np.minimum(closed, setting.end)
    previous, changed = np.full(count, -1), np.full(count, NEVER)
    moves = rng.random(count) < _TRANSFER_SHARE[setting.profile]
    earliest = np.maximum(opened + 8, setting.start + 5)
    when = earliest + (rng.random(count) * (end - earliest)).astype(np.int64)
    recent = rng.random(count) < 0.08  # in the middle of the last month
    when = np.where(recent, setting.end - rng.integers(6, 24, count), when)
    changed[moves], previous[moves] = when[moves], _colleague(rng, staff, holder)[moves]
    leaver, taken = _left_behind(rng, staff, holder, team, opened)
    changed[taken] = (staff.left[leaver] + 1 + rng.integers(0, 15, count))[taken]
    previous[taken] = leaver[taken]
    new = (staff.started[holder] > opened) & ~taken
    changed[new] = (staff.started[holder] + rng.integers(0, 10, count))[new]
    earlier = np.where(rng.random(count) < 0.5, _colleague(rng, staff, holder), staff.manager[team])
    previous[new] = earlier[new]
    changed = np.where(changed < NEVER, np.maximum(changed, staff.started[holder]), NEVER)
    elsewhere = (staff.started[previous] > np.maximum(changed - 7, opened)) | (staff.left[previous] < opened + 7)
    previous = np.where((previous >= 0) & elsewhere, staff.manager[team], previous)
    impossible = (changed > end) | (changed <= opened + 5) | (changed > staff.left[holder]) | (previous == holder)
    return np.where(impossible, -1, previous), np.where(impossible, NEVER, changed)


def _left_behind(rng: np.random.Generator, staff: Staff, holder: Ints, team: Ints, opened: Ints) -> tuple[Ints, Bools]:
    """Returns (somebody who left the case's team, whether they held the case until then)."""
    leavers = np.flatnonzero(staff.left < NEVER)
    first = np.searchsorted(staff.team[leavers], team)
    last = np.searchsorted(staff.team[leavers], team, side="right")
    pick = first + (rng.random(len(holder)) * (last - first)).astype(np.int64)
    leaver = leavers[np.minimum(pick, len(leavers) - 1)]
    taken = (last > first) & (rng.random(len(holder)) < 0.16) & (opened + 14 < staff.left[leaver])
    return leaver, taken & (leaver != holder)


def allocation_frame(setting: Setting, staff: Staff, load: Caseload) -> pd.DataFrame:
    """Returns the canonical allocations table: present, previous and second holders, and other workers
    on some cases.
    """
    rng = setting.rng("allocations")
    case = np.arange(len(load))
    held, had, two = case[load.holder >= 0], case[load.previous >= 0], case[load.second >= 0]
    begin = np.minimum(load.opened + rng.integers(0, 12, len(load)), np.minimum(load.closed, setting.end))
    start = np.where(load.changed < NEVER, load.changed, np.maximum(begin, staff.started[load.holder]))
    start = np.minimum(start, np.minimum(load.closed, setting.end))
    before = np.maximum(begin, staff.started[load.previous])[had]
    ended_before = np.minimum(load.changed - 1, staff.left[load.previous])[had]
    other = case[rng.random(len(load)) < 0.12]
    other_who = _colleague(rng, staff, staff.manager[load.team[other]])
    there = (staff.started[other_who] <= begin[other]) & (staff.left[other_who] >= begin[other])
    other_who = np.where(there, other_who, staff.manager[load.team[other]])
    roles = _ADULT_CASE_ROLES if setting.adult else _CHILD_CASE_ROLES
    left = staff.left[load.previous[had]] <= ended_before
    both_start = np.maximum(start[two], setting.end - rng.integers(1, 60, len(two)))
    both_start = np.maximum(both_start, staff.started[load.second[two]])
    rows = len(held) + len(had) + len(two)
    reason = np.full(rows + len(other), -1)
    reason[len(held) : len(held) + len(had)] = np.where(left, 0, 1 + weighted(rng, (0.7, 0.1, 0.1, 0.1), len(had)))
    return frame(
        "allocations",
        case_id=chosen(load.ids, np.concatenate([held, had, two, other])),
        practitioner_id=chosen(
            staff.ids, np.concatenate([load.holder[held], load.previous[had], load.second[two], other_who])
        ),
        role=chosen(roles, (np.arange(rows + len(other)) >= rows).astype(np.int64)),
        started=dates(np.concatenate([start[held], np.minimum(before, ended_before), both_start, begin[other]])),
        ended=dates(np.concatenate([load.closed[held], ended_before, load.closed[two], load.closed[other]])),
        reason=chosen(_REASONS, reason),
    )
