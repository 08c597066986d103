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
from sampling.errors import PolicyError, StateError
from sampling.model import Period
from sampling.reporting.account import FILE, load_account
from sampling.reporting.gathering import Gathered
from sampling.reporting.held import evidence_of, hold, pack_up
from sampling.reporting.opening import IDENTIFYING, lettered, up_to
from sampling.reporting.publishing import OUTSIDE, Edition, profile_of, publish
from sampling.scoring.settings.home import default_policy
from sampling.suppression import Profile, load_profile

REPORTS = "reports"
WHOLE, COMMISSIONER = "The whole service", "For the commissioner"
TEMPLATE = "evidence.html.j2"
_KEEP = {
    "supervision": "It is for supervision.",
    "audit": "It is for audit: no practitioner and no case has a name here.",
    "training": "It is for training: no team, practitioner or case has a name here.",
}
_INSIDE = "Nothing is hidden here: it stays in the service."
_OUTSIDE = "Small numbers are hidden, together with whatever would give them away: it may leave the service."
_PRIVATE = ("draws", "journal")  # paths can carry a name or number


@dataclass(frozen=True)
class PacksOrder:
    """What a month's packs are asked for. `home` is the folder in which the draws lie side by side; `today` decides which actions are
    overdue, by default the first day after the month, so that the same month gives the same packs on any later day. `suppression` ""
    is what the purpose asks for (reporting.publishing).
    """

    home: Path
    period: Period
    purpose: str
    suppression: str = ""
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

    For audit a report for the commissioner is among them. What may be shown is decided, and kept, for all of them at once.
    Raises UsageError for a purpose or profile that is none, StateError where draws, journal or the month are missing.
    """
    profile = profile_of(order.purpose, order.suppression, "team")
    gathered = evidence_of(order.home, order.journal, order.day)
    if order.period.text not in gathered.periods:
        drawn = f"{gathered.periods[0]} to {gathered.periods[-1]}"
        raise StateError(f"No case is drawn for {order.period.text} in that folder. Its draws are of {drawn}.")
    _publish(order, gathered, profile)
    month = f"{order.period.last_day:%B %Y}"
    return BatchOrder(
        title=f"Evidence packs, {month}",
        notebook=evidence_notebook(),
        runs=tuple(_runs(order, gathered, profile, month)),
        out=order.folder,
        private=_PRIVATE,
        template=TEMPLATE,
        pdf=order.pdf,
        jobs=order.jobs,
        resume=order.resume,
        limits=order.limits,
        before=partial(hold, pack_up(order.home, order.journal, order.day, gathered)),
    )


def _publish(order: PacksOrder, gathered: Gathered, profile: Profile) -> None:
    """Keeps what the packs will show: with the teams where their packs hide, of the service alone where only the commissioner's does."""
    if profile.inside_only and order.purpose != "audit":
        return
    try:
        account = load_account(order.home / FILE)
    except PolicyError:
        return  # each run says what is wrong with the file, and shows nothing
    whole, span = up_to(gathered, account, order.period.text, order.baseline)
    hiding = load_profile(OUTSIDE) if profile.inside_only else profile
    publish(order.home, whole, span, hiding, teams=not profile.inside_only)


def _runs(order: PacksOrder, gathered: Gathered, profile: Profile, month: str) -> Iterator[Run]:
    data = _data(order, gathered)
    if order.purpose not in IDENTIFYING:
        gathered, _ = lettered(gathered)
    for team in ("", *(team for team in gathered.teams if team)):
        yield _run(order, team or WHOLE, month, data, _Asked(profile.name, team=team))
    if order.purpose == "audit":
        outside = OUTSIDE if profile.inside_only else profile.name
        yield _run(order, COMMISSIONER, month, data, _Asked(outside, "commissioner"))


@dataclass(frozen=True)
class _Asked:
    """What one pack is asked for beside its month."""

    suppression: str
    edition: Edition = "team"
    team: str = ""


def _run(order: PacksOrder, label: str, month: str, data: str, asked: _Asked) -> Run:
    parameters: dict[str, Any] = {
        "draws": str(order.home.absolute()),
        "journal": order.journal,
        "team": asked.team,
        "baseline": order.baseline,
        "period": order.period.text,
        "purpose": order.purpose,
        "suppression": asked.suppression,
        "edition": asked.edition,
        "today": order.day.isoformat(),
    }
    facts = (("Purpose", order.purpose.capitalize()), ("Month", month), ("Made with", f"sampling {__version__}"))
    keep = _INSIDE if load_profile(asked.suppression).inside_only else _OUTSIDE
    return Run(
        label=label,
        parameters=parameters,
        data=data,
        title=f"Evidence from sampled supervision: {label}, {month}",
        facts=facts,
        more={"digest": data[:16], "keep": f"{_KEEP[order.purpose]} {keep}"},
    )


def _data(order: PacksOrder, gathered: Gathered) -> str:
    """Returns one digest over all that the packs are made from. Each pack compares its team with the others, so it is one for all."""
    beside = (order.home / FILE, default_policy(order.home))
    files = [path.read_bytes() if path is not None and path.is_file() else b"" for path in beside]
    return sha256("|".join([gathered.digest, *(sha256(one).hexdigest() for one in files)]).encode()).hexdigest()
