"""The supervision of an invented service that is settled: most of it in time, and one team of which it is known that it is not.

Every practitioner has a formal one-to-one about every four weeks, whoever is new about every two, with nearly all of their open cases on
the table. For the last twelve months those of the first team are seen every six to eight weeks instead: a page on coverage must find that
team, and no other.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from sampling.sources.synthetic_caseloads import Caseload
from sampling.sources.synthetic_core import NEVER, Ints, Setting, chosen, dates, frame
from sampling.sources.synthetic_staff import Staff

FORMAL = "formal_one_to_one"
LATE_TEAM = 0  # the position of the team that is seen too seldom
LATE_FOR = 365  # days up to the last one
_IN_TIME, _LATE = (21, 29), (42, 57)  # days from one formal one-to-one to the next, the last one left out
_NEW, _NEW_FOR = (
    (9, 14),
    91,
)  # for whoever is new, in the first three months: inside the two weeks that a policy asks for
_SAT_OUT = 0.06  # share of sessions of the other teams that come a week later, for a reason that is noted
_A_WEEK = 7
_DISCUSSED = 0.95  # share of the open cases that a session takes up
_MONDAY, _DAYS = 3, 7  # 1 January 1970 was a Thursday


def regular(setting: Setting, staff: Staff, load: Caseload, others: pd.DataFrame) -> pd.DataFrame:
    """Returns the table of supervisions: formal one-to-ones, a row for each case that was discussed, and `others`, the rows of other kinds.

    Managers are supervised by the manager of the team before, the first by that of the last.
    """
    rng = setting.rng("formal supervision")
    rows: list[tuple[int, int, int, int]] = []  # practitioner, supervisor, day, case
    for who in range(len(staff)):
        team = int(staff.team[who])
        boss = int(staff.manager[team])
        boss = int(staff.manager[team - 1]) if boss == who else boss  # as the table of practitioners has it
        if boss == who:
            continue
        for day in _days(rng, setting, staff, who):
            cases = _held(load, staff, who, day)
            talked = [int(case) for case in cases if rng.random() < _DISCUSSED] or [-1]
            rows += [(who, boss, day, case) for case in talked]
    columns = np.array(rows, dtype=np.int64).reshape(-1, 4).T
    formal = frame(
        "supervisions",
        practitioner_id=chosen(staff.ids, columns[0]),
        supervisor_id=chosen(staff.ids, columns[1]),
        held_on=dates(columns[2]),
        kind=chosen((FORMAL,), np.zeros(len(columns[0]), dtype=np.int64)),
        case_id=chosen(load.ids, columns[3]),
        minutes=np.full(len(columns[0]), 90.0),
    )
    return pd.concat([formal, others[others["kind"] != FORMAL]], ignore_index=True)


def _days(rng: np.random.Generator, setting: Setting, staff: Staff, who: int) -> Iterator[int]:
    """Yields the days of one practitioner's formal one-to-ones, working days all, while the person is in post."""
    first, last = max(setting.start, int(staff.started[who])), min(setting.end, int(staff.left[who]))
    starts = int(staff.started[who]) > setting.start
    day = first + int(rng.integers(1, (_NEW if starts else _IN_TIME)[0]))
    while day <= last:
        yield max(first, day - max(0, (day + _MONDAY) % _DAYS - 4))  # on the Friday before a weekend
        late = staff.team[who] == LATE_TEAM and day > setting.end - LATE_FOR
        is_new = starts and day < first + _NEW_FOR
        low, high = _LATE if late else _NEW if is_new else _IN_TIME
        day += int(rng.integers(low, high)) + (_A_WEEK if not (late or is_new) and rng.random() < _SAT_OUT else 0)


def _held(load: Caseload, staff: Staff, who: int, day: int) -> Ints:
    """Returns the open cases that somebody holds on a day, by position."""
    there = np.flatnonzero((load.opened <= day) & ((load.closed > day) | (load.closed >= NEVER)))
    held: Ints = there[load.holder_on(there, np.full(len(there), day, dtype=np.int64), staff) == who]
    return held
