"""Everything that an assurance report says, and what it was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, get_args

from sampling.assurance.action_log import ActionLog
from sampling.assurance.action_record import Reconciliation
from sampling.assurance.action_times import TimeToClose
from sampling.assurance.coverage import Coverage
from sampling.assurance.coverage_counts import Window
from sampling.assurance.effect.results import Effectiveness
from sampling.assurance.gathering import GatheredAssurance
from sampling.assurance.intervals import Due
from sampling.assurance.patterns import Patterns
from sampling.assurance.patterns_log import Answered
from sampling.assurance.patterns_policy import PatternPolicy
from sampling.assurance.profile import Profile
from sampling.assurance.report.kept import Release
from sampling.assurance.report.period import months_of
from sampling.reporting.analysis import Analysis
from sampling.reporting.figures import titles
from sampling.suppression import Profile as Suppression

Edition = Literal["governance", "commissioner", "inspector"]
EDITIONS: tuple[Edition, ...] = get_args(Edition)


@dataclass(frozen=True)
class Asked:
    """What a report is asked for. `suppression` is what a commissioner's numbers go through; `policy` is that of supervision."""

    home: Path
    window: Window
    edition: Edition
    today: date
    suppression: Suppression
    policy: Profile


@dataclass(frozen=True, eq=False)
class Assurance:
    """Everything that a report says, worked out once.

    `dues` fell due in the window; `log` are the actions from the window's draws and `earlier` those from the draws before it; `audit` is what
    the draws show, or in words why nothing; `release` is what leaves, None in an edition that stays.
    """

    asked: Asked
    material: GatheredAssurance
    dues: tuple[Due, ...]
    coverage: Coverage
    log: ActionLog
    earlier: ActionLog
    record: Reconciliation
    time: TimeToClose
    patterns: Patterns
    answered: tuple[Answered, ...]
    pattern_policy: PatternPolicy
    audit: Analysis | str
    effect: Effectiveness
    release: Release | None = None

    @property
    def titles(self) -> Mapping[str, str]:
        """Returns "<rubric>/<criterion>" -> the criterion's title, and rubric -> the rubric's."""
        rubrics = self.material.gathered.rubrics
        return {**{one.id: one.title for one in rubrics}, **titles(rubrics)}

    @property
    def months(self) -> tuple[str, ...]:
        """Returns the months of the window, "YYYY-MM"."""
        return months_of(self.asked.window)
