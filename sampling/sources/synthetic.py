"""A synthetic service of any size, seeded: invented people, caseloads, crises and plans, for the demo,
the tests and the benchmarks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from sampling.errors import UsageError
from sampling.model import Period, Profile
from sampling.sources.synthetic_caseloads import allocation_frame, invent_caseload
from sampling.sources.synthetic_children import child_events
from sampling.sources.synthetic_core import Setting, Settled, frame
from sampling.sources.synthetic_events import adult_events
from sampling.sources.synthetic_hostile import made_hostile
from sampling.sources.synthetic_people import case_frame, invent_people, people_frame, worker_frame
from sampling.sources.synthetic_plans import document_frames, extension_frames, plan_frame
from sampling.sources.synthetic_staff import invent_staff, practitioner_frame

BLOCK_CASES = 20_000
_PEOPLE_PER_CASE = 1.2  # room for closed cases in the range of NHS numbers of each block


@dataclass(frozen=True)
class Simulated:
    """One invented service. `frames` has canonical tables with local ids (sampling/sources/tables.py);
    nobody in it is real.

    `people` has person_id, nhs_number (valid check digit, in the range 999 000 0000 to 999 999 9999 that is
    never issued),
    given_name, family_name, born, postcode, sex, ethnicity, family_id. `workers` has practitioner_id, name,
    team_id, agency. Every
    date column is datetime64, NaT where empty; every text column is pandas' str, NaN where empty.
    """

    profile: Profile
    first_day: date
    last_day: date
    hostile: bool
    frames: Mapping[str, pd.DataFrame]
    people: pd.DataFrame
    workers: pd.DataFrame


def simulate(
    *,
    profile: Profile,
    cases: int,
    months: int,
    seed: int,
    last_month: Period,
    hostile: bool = False,
    events_per_case: float | None = None,
    cases_per_practitioner: float | None = None,
    settled: Settled | None = None,
) -> Simulated:
    """Returns an invented service with that many open cases on the last day of `last_month`; the same
    inputs give the same service.
    """
    blocks = simulate_blocks(
        profile=profile,
        cases=cases,
        months=months,
        seed=seed,
        last_month=last_month,
        hostile=hostile,
        events_per_case=events_per_case,
        cases_per_practitioner=cases_per_practitioner,
        settled=settled,
    )
    return union(list(blocks))


def simulate_blocks(
    *,
    profile: Profile,
    cases: int,
    months: int,
    seed: int,
    last_month: Period,
    hostile: bool = False,
    block_cases: int = BLOCK_CASES,
    events_per_case: float | None = None,
    cases_per_practitioner: float | None = None,
    settled: Settled | None = None,
) -> Iterator[Simulated]:
    """Yields the service in blocks of `block_cases`, each with ids and random streams of its own, so
    that any size fits in memory.
    """
    if cases < 1 or months < 1 or block_cases < 1 or seed < 0:
        raise UsageError(
            "A synthetic service needs at least 1 case, 1 month and a seed of 0 or more, "
            f"got {cases} cases, {months} months, seed {seed}."
        )
    if months > 240:
        raise UsageError(f"A synthetic service covers at most 240 months (20 years), got {months}. Ask for fewer.")
    for block, start in enumerate(range(0, cases, block_cases)):
        setting = Setting(
            profile=profile,
            cases=min(block_cases, cases - start),
            months=months,
            seed=seed,
            block=block,
            first_day=_months_before(last_month.first_day, months - 1),
            last_day=last_month.last_day,
            people_before=round(start * _PEOPLE_PER_CASE),
            events_per_case=events_per_case,
            cases_per_practitioner=cases_per_practitioner,
            settled=settled,
        )
        # Hostile ids would collide if every block had them, so that the first block has all the hard cases.
        yield _block(setting, hostile=hostile and block == 0)


def _months_before(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)


def _block(setting: Setting, *, hostile: bool) -> Simulated:
    staff = invent_staff(setting)
    load = invent_caseload(setting, staff)
    people = invent_people(setting, load)
    plans = plan_frame(setting, load)
    frames = {
        "cases": case_frame(setting, staff, load, people),
        "allocations": allocation_frame(setting, staff, load),
        "practitioners": practitioner_frame(setting, staff),
        "events": (adult_events if setting.adult else child_events)(setting, staff, load),
        "plans": plans,
        **document_frames(setting, staff, load),
        **extension_frames(setting, staff, load, plans),
    }
    named, workers = people_frame(setting, people), worker_frame(setting, staff)
    if hostile:
        frames, named, workers = made_hostile(frames, named, workers, setting.first_day, setting.last_day)
    return Simulated(
        profile=setting.profile,
        first_day=setting.first_day,
        last_day=setting.last_day,
        hostile=hostile,
        frames=frames | {"control_totals": control_totals([frames])},
        people=named,
        workers=workers,
    )


def control_totals(services: Sequence[Mapping[str, pd.DataFrame]]) -> pd.DataFrame:
    """Returns the canonical control totals of these blocks' tables taken together."""
    counts = {
        "open_cases": sum(int(frames["cases"]["closed"].isna().sum()) for frames in services),
        **{name: sum(len(frames[name]) for frames in services) for name in ("practitioners", "events", "plans")},
    }
    return frame("control_totals", name=list(counts), expected=np.array(list(counts.values()), dtype=np.float64))


def union(blocks: Sequence[Simulated]) -> Simulated:
    """Returns the blocks as one service."""
    first = blocks[0]
    if len(blocks) == 1:
        return first
    frames = {name: pd.concat([block.frames[name] for block in blocks], ignore_index=True) for name in first.frames}
    frames["control_totals"] = control_totals([block.frames for block in blocks])
    return Simulated(
        profile=first.profile,
        first_day=first.first_day,
        last_day=first.last_day,
        hostile=first.hostile,
        frames=frames,
        people=pd.concat([block.people for block in blocks], ignore_index=True),
        workers=pd.concat([block.workers for block in blocks], ignore_index=True),
    )
