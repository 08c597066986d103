"""The evidence packs of a month: one for the whole service and one for each team, from the draws and the journal of a home."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from sampling import __version__
from sampling.batch.folder import check_folder, refuse_second
from sampling.batch.limits import Limits, check_jobs, usual_jobs
from sampling.batch.preloading import evidence_notebook
from sampling.batch.runner import BatchOrder, Run
from sampling.errors import StateError
from sampling.model import Period
from sampling.pack import is_pack
from sampling.reporting.account import FILE, load_account
from sampling.reporting.gathering import Gathered
from sampling.reporting.held import evidence_of, hold, pack_up
from sampling.reporting.opening import IDENTIFYING, lettered, up_to
from sampling.reporting.publishing import OUTSIDE, Edition, profile_of, publish
from sampling.reporting.windows import Windows
from sampling.scoring.settings.home import default_policy
from sampling.suppression import Profile, load_profile

REPORTS = "reports"
WHOLE, COMMISSIONER = "The whole service", "For the commissioner"
# Folders of their own, whatever the teams are called: what may be handed on cannot be mistaken for what may not.
FOLDERS = {WHOLE: "the-whole-service", COMMISSIONER: "MAY-BE-PASSED-ON-commissioner"}
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
    jobs: int = field(default_factory=usual_jobs)
    resume: bool = False
    pdf: bool = True
    limits: Limits = field(default_factory=Limits)

    @property
    def folder(self) -> Path:
        """Returns where the packs go: `home`/reports/2026-10/audit, unless another place is named."""
        return self.out or self.home / REPORTS / self.period.text / self.purpose

    @property
    def of(self) -> str:
        """Returns what the packs are: a folder holds those of one purpose and month."""
        return f"{self.purpose} packs of {self.period.text}"

    @property
    def day(self) -> date:
        """Returns the day of the reports."""
        return self.today or date.fromordinal(self.period.last_day.toordinal() + 1)


def batch_of(order: PacksOrder) -> BatchOrder:
    """Returns the batch that makes the packs. For training the teams have letters in place of names, in every file.

    For audit a report for the commissioner is among them. What may be shown is decided, and kept, for all of them at once.
    Nothing is kept before the order is known to be sound. Raises UsageError for a purpose, profile, baseline, number of jobs or folder that
    cannot be, PolicyError with every fault of evidence.toml, StateError where home, draws, journal or the month are missing, or another
    batch is at work in the folder.
    """
    check_jobs(order.jobs)
    profile = profile_of(order.purpose, order.suppression, "team")
    _check_home(order.home)
    check_folder(order.folder, order.of)
    refuse_second(order.folder)
    account = load_account(order.home / FILE)
    gathered = evidence_of(order.home, order.journal, order.day)
    if order.period.text not in gathered.periods:
        drawn = f"{gathered.periods[0]} to {gathered.periods[-1]}"
        raise StateError(f"No case is drawn for {order.period.text} in that folder. Its draws are of {drawn}.")
    _publish(order, profile, *up_to(gathered, account, order.period.text, order.baseline))
    month = f"{order.period.last_day:%B %Y}"
    return BatchOrder(
        title=f"Evidence packs, {month}",
        notebook=evidence_notebook(),
        runs=tuple(_runs(order, gathered, profile, month)),
        out=order.folder,
        of=order.of,
        private=_PRIVATE,
        template=TEMPLATE,
        pdf=order.pdf,
        jobs=order.jobs,
        resume=order.resume,
        limits=order.limits,
        before=partial(hold, pack_up(order.home, order.journal, order.day, gathered)),
    )


def _check_home(home: Path) -> None:
    if not home.is_dir():
        raise StateError("There is no such folder. Name the one in which your draws lie side by side.")
    if is_pack(home):
        raise StateError("That is the folder of one draw. Name the one above it, in which your draws lie side by side.")


def _publish(order: PacksOrder, profile: Profile, whole: Gathered, span: Windows) -> None:
    """Keeps what the packs will show: with the teams where their packs hide, of the service alone where only the commissioner's does."""
    if profile.inside_only and order.purpose != "audit":
        return
    hiding = load_profile(OUTSIDE) if profile.inside_only else profile
    publish(order.home, whole, span, hiding, teams=not profile.inside_only)


def _runs(order: PacksOrder, gathered: Gathered, profile: Profile, month: str) -> Iterator[Run]:
    data = _data(order, gathered)
    if order.purpose not in IDENTIFYING:
        gathered, _ = lettered(gathered)
    labels = team_labels([team for team in gathered.teams if team])
    for team, label in {"": WHOLE, **labels}.items():
        yield _run(order, label, month, data, _Asked(profile.name, team=team))
    if order.purpose == "audit":
        outside = OUTSIDE if profile.inside_only else profile.name
        yield _run(order, COMMISSIONER, month, data, _Asked(outside, "commissioner"))


def team_labels(teams: Sequence[str]) -> dict[str, str]:
    """Returns team -> the label of its pack: its name, marked where the pack of the service or of the commissioner is called so.

    >>> team_labels(["North", "The Whole Service"])
    {'North': 'North', 'The Whole Service': 'The Whole Service (team)'}
    """
    taken = {WHOLE.casefold(), COMMISSIONER.casefold()}
    labels = {}
    for team in teams:
        label = team
        while label.casefold() in taken or (label != team and label in teams):
            label += " (team)"
        labels[team] = label
    return labels


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
    outside = not load_profile(asked.suppression).inside_only
    keep = _OUTSIDE if outside else _INSIDE
    return Run(
        label=label,
        parameters=parameters,
        data=data,
        title=f"Evidence from sampled supervision: {label}, {month}",
        facts=facts,
        more={"digest": data[:16], "keep": f"{_KEEP[order.purpose]} {keep}"},
        folder="" if asked.team else FOLDERS[label],
        outside=outside,
    )


def _data(order: PacksOrder, gathered: Gathered) -> str:
    """Returns one digest over all that the packs are made from. Each pack compares its team with the others, so it is one for all."""
    beside = (order.home / FILE, default_policy(order.home))
    files = [path.read_bytes() if path is not None and path.is_file() else b"" for path in beside]
    return sha256("|".join([gathered.digest, *(sha256(one).hexdigest() for one in files)]).encode()).hexdigest()
