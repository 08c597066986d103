"""The evidence packs of a month: one for the whole service and one for each team, from the draws and the journal of a home."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from sampling import __version__
from sampling.batch.limits import Limits
from sampling.batch.preloading import evidence_notebook
from sampling.batch.runner import BatchOrder, Run
from sampling.errors import StateError
from sampling.model import Period
from sampling.reporting.account import FILE
from sampling.reporting.gathering import Gathered
from sampling.reporting.held import evidence_of, hold, pack_up
from sampling.reporting.opening import IDENTIFYING, check_purpose, lettered
from sampling.scoring.settings.home import default_policy

REPORTS = "reports"
WHOLE = "The whole service"
TEMPLATE = "evidence.html.j2"
_KEEP = {
    "supervision": "It is for supervision and stays in the service.",
    "audit": "It is for audit: no practitioner and no case has a name here.",
    "training": "It is for training: no team, practitioner or case has a name here.",
}
_PRIVATE = ("draws", "journal")  # paths can carry a name or number


@dataclass(frozen=True)
class PacksOrder:
    """What a month's packs are asked for. `home` is the folder in which the draws lie side by side; `today` decides which actions are
    overdue, by default the first day after the month, so that the same month gives the same packs on any later day.
    """

    home: Path
    period: Period
    purpose: str
    journal: str = ""
    baseline: str = ""
    today: date | None = None
    out: Path | None = None
    jobs: int = field(default_factory=lambda: os.cpu_count() or 1)
    resume: bool = False
    pdf: bool = True
    limits: Limits = field(default_factory=Limits)

    @property
    def folder(self) -> Path:
        """Returns where the packs go: `home`/reports/2026-10/audit, unless another place is named."""
        return self.out or self.home / REPORTS / self.period.text / self.purpose

    @property
    def day(self) -> date:
        """Returns the day of the reports."""
        return self.today or date.fromordinal(self.period.last_day.toordinal() + 1)


def batch_of(order: PacksOrder) -> BatchOrder:
    """Returns the batch that makes the packs. For training the teams have letters in place of names, in every file.

    Raises UsageError for a purpose that is none, StateError where draws, journal or the month are missing.
    """
    check_purpose(order.purpose)
    gathered = evidence_of(order.home, order.journal, order.day)
    if order.period.text not in gathered.periods:
        drawn = f"{gathered.periods[0]} to {gathered.periods[-1]}"
        raise StateError(f"No case is drawn for {order.period.text} in that folder. Its draws are of {drawn}.")
    month = f"{order.period.last_day:%B %Y}"
    return BatchOrder(
        title=f"Evidence packs, {month}",
        notebook=evidence_notebook(),
        runs=tuple(_runs(order, gathered, month)),
        out=order.folder,
        private=_PRIVATE,
        template=TEMPLATE,
        pdf=order.pdf,
        jobs=order.jobs,
        resume=order.resume,
        limits=order.limits,
        before=partial(hold, pack_up(order.home, order.journal, order.day, gathered)),
    )


def _runs(order: PacksOrder, gathered: Gathered, month: str) -> Iterator[Run]:
    data = _data(order, gathered)
    if order.purpose not in IDENTIFYING:
        gathered, _ = lettered(gathered)
    for team in ("", *gathered.teams):
        parameters: dict[str, Any] = {
            "draws": str(order.home.absolute()),
            "journal": order.journal,
            "team": team,
            "baseline": order.baseline,
            "period": order.period.text,
            "purpose": order.purpose,
            "today": order.day.isoformat(),
        }
        facts = (("Purpose", order.purpose.capitalize()), ("Month", month), ("Made with", f"sampling {__version__}"))
        label = team or WHOLE
        yield Run(
            label=label,
            parameters=parameters,
            data=data,
            title=f"Evidence from sampled supervision: {label}, {month}",
            facts=facts,
            more={"digest": data[:16], "keep": _KEEP[order.purpose]},
        )


def _data(order: PacksOrder, gathered: Gathered) -> str:
    """Returns one digest over all that the packs are made from. Each pack compares its team with the others, so it is one for all."""
    beside = (order.home / FILE, default_policy(order.home))
    files = [path.read_bytes() if path is not None and path.is_file() else b"" for path in beside]
    return sha256("|".join([gathered.digest, *(sha256(one).hexdigest() for one in files)]).encode()).hexdigest()
