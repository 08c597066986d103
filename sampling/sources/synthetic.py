"""A synthetic service of any size, seeded: invented people, caseloads, crises and plans, for the demo, the tests and the benchmarks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd

from sampling.model import Profile


@dataclass(frozen=True)
class Simulated:
    """One invented service. `frames` has canonical tables with local ids (sampling/sources/tables.py); nobody in it is real.

    `people` has person_id, nhs_number (valid check digit, in the range 999 000 0000 to 999 999 9999 that is never issued),
    given_name, family_name, born (date or None), postcode, sex, ethnicity, family_id. `workers` has practitioner_id, name, team_id, agency.
    """

    profile: Profile
    first_day: date
    last_day: date
    hostile: bool
    frames: Mapping[str, pd.DataFrame]
    people: pd.DataFrame
    workers: pd.DataFrame
