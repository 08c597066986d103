"""What the effectiveness review says: frozen results with their sentences and tables. All of it is for inside the service; release.py has what may leave.

Every part has `sentences` (what it says), `tables` (text, ready for a page) and `shows_not` (what speaks against reading more into it).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from sampling.assurance.coverage_counts import Window
from sampling.assurance.effect.brought import Baseline, Brought, Feedback, Kpi
from sampling.assurance.effect.policy import EffectPolicy
from sampling.errors import Finding
from sampling.evidence.results import Estimate, Interval
from sampling.evidence.spc.control import ControlChart
from sampling.reporting.tables import Table


@dataclass(frozen=True)
class Part:
    """What every part of the review has. No sentences: nothing was brought or found."""

    sentences: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    shows_not: tuple[str, ...] = ()


@dataclass(frozen=True)
class Agreeing:
    """One item of one group in one wave: how many answered it, how many agree, the share with Wilson's interval.

    `bounds`: the share had everybody who was asked and did not answer disagreed, then agreed; None where nobody knows how many were asked.
    `change` is against the wave before; its `reason` says why there is none.
    """

    item: str
    group: str
    answered: int
    agree: int
    share: float
    interval: Interval
    bounds: tuple[float, float] | None
    change: Estimate
    sentence: str


@dataclass(frozen=True)
class Group:
    """A team, all teams that are too small to be shown by themselves, or the service (`name` "Service") in one wave."""

    name: str
    responded: int
    asked: int | None
    items: tuple[Agreeing, ...]


@dataclass(frozen=True)
class Survey(Part):
    """The newest wave up to the end of the window. `groups` is the service, then its teams where they can be shown; `cannot` why there is nothing."""

    wave: date | None = None
    before: date | None = None
    groups: tuple[Group, ...] = ()
    cannot: str = ""


@dataclass(frozen=True)
class Incidents(Part):
    """Incidents by theme (outer key) and quarter; `rates` by quarter, in what they are counted against; `charts` by theme."""

    quarters: tuple[str, ...] = ()
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    rates: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    charts: Mapping[str, ControlChart] = field(default_factory=dict)


@dataclass(frozen=True)
class KpiValue:
    """One value against its target. `value` in per cent where it is a share; `meets` None without a target; `interval` in per cent."""

    kpi: Kpi
    value: float
    interval: Interval | None
    meets: bool | None
    sentence: str


@dataclass(frozen=True)
class Kpis(Part):
    """The indicators with their values in the window, by name and period."""

    values: tuple[KpiValue, ...] = ()


@dataclass(frozen=True)
class Partners(Part):
    """What partners said in the window, by day; `counts` by quarter, then direction. `unminuted`: how many have no minute reference."""

    said: tuple[Feedback, ...] = ()
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    unminuted: int = 0


@dataclass(frozen=True)
class Need:
    """A criterion that a group's drawn cases are often below the standard on. `group` "Service" is all teams; never a person."""

    group: str
    ref: str
    scored: int
    below: int
    people: int
    sentence: str


@dataclass(frozen=True)
class Needs(Part):
    """Training needs of groups, most often below first; `raised` and `done`: actions of the kind training that were raised in the window."""

    needs: tuple[Need, ...] = ()
    raised: int = 0
    done: int = 0
    thin: int = 0


@dataclass(frozen=True)
class Balancing(Part):
    """What could have got worse while levels rose: each measure in this window and in as many months before."""


@dataclass(frozen=True)
class Wellbeing(Part):
    """Wellbeing item and out-of-hours contacts, side by side by quarter (A20). `shares`: wave -> share agreeing; `outside`: quarter -> (outside, all)."""

    shares: Mapping[date, float] = field(default_factory=dict)
    outside: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Before(Part):
    """Counts from before this way of sampling began (A11)."""

    baselines: tuple[Baseline, ...] = ()


@dataclass(frozen=True)
class Effectiveness:
    """The review of a window. `brought` and `policy` are what it was made from, for `released`.

    `absent`: which files were not brought, in words; `sentences`: what else to know of them; `notes`: findings that stop nothing. `left`: the
    captions of the tables that left the service before, with any window's release.
    """

    window: Window
    today: date
    survey: Survey
    incidents: Incidents
    kpis: Kpis
    partners: Partners
    needs: Needs
    balancing: Balancing
    wellbeing: Wellbeing
    before: Before
    absent: tuple[str, ...]
    sentences: tuple[str, ...]
    notes: tuple[Finding, ...]
    brought: Brought = field(repr=False)
    policy: EffectPolicy = field(repr=False)
    left: tuple[str, ...] = field(default=(), repr=False)

    @property
    def said(self) -> tuple[str, ...]:
        """Returns what is to be known of the files in sentences: what was not brought, then the rest, then the findings of reading."""
        return (*self.absent, *self.sentences, *(one.line() for one in self.notes))

    @property
    def parts(self) -> Mapping[str, Part]:
        """Returns the parts by their titles, in the order of a page."""
        return {
            "Staff survey": self.survey,
            "Wellbeing beside contacts out of hours": self.wellbeing,
            "Incident themes": self.incidents,
            "Commissioner indicators": self.kpis,
            "Partner feedback": self.partners,
            "Training needs of groups": self.needs,
            "Balancing measures: what could have got worse": self.balancing,
            "Counts from before": self.before,
        }


@dataclass(frozen=True)
class Released:
    """What may leave. `tables` hold shown text alone, with what stands under each; `refused` why a table is not there, `sentences` the rest."""

    tables: Mapping[str, Table]
    refused: Mapping[str, str]
    sentences: tuple[str, ...]
