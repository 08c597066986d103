"""One measure over time: the chart that fits the data, the signal since the dated change, and a stricter second opinion."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

import pandas as pd

from sampling.evidence.interrupted import InterruptedSeries, interrupted_series
from sampling.evidence.spc import attributes, primes, run_chart, xmr
from sampling.evidence.spc.choosing import Choice, choose_for_means, choose_for_shares
from sampling.evidence.spc.control import ControlChart
from sampling.evidence.spc.icons import AssuranceIcon, PointKind, VariationIcon
from sampling.evidence.spc.run_chart import RunChart
from sampling.evidence.spc.series import MINIMUM_BASELINE, Rebase, plural
from sampling.evidence.spc.since import SinceChange, improvement_since
from sampling.plots.marks import Mark
from sampling.plots.series import Event, Point
from sampling.reporting.account import Account
from sampling.reporting.windows import Windows

Better = Literal["increase", "decrease"]
_MARKS: dict[PointKind, Mark] = {
    "improvement": "improvement",
    "concern": "concern",
    "neutral high": "high",
    "neutral low": "low",
    "common cause": "common",
}


@dataclass(frozen=True)
class Tracked:
    """A measure over time, ready to be drawn. `since` is None where no control chart with a rule of change fits; `runs` is Anhøj's
    second opinion in words; `steps` the interrupted time series, or why there is none.
    """

    points: tuple[Point, ...]
    events: tuple[Event, ...]
    centre_name: str
    choice: Choice
    method: str
    notes: tuple[str, ...]
    variation: VariationIcon | None
    assurance: AssuranceIcon | None
    since: SinceChange | None
    runs: str
    steps: InterruptedSeries | None

    @property
    def signalled(self) -> bool | None:
        """Returns whether the chart shows improvement since the change; None where it cannot say."""
        return self.since.signal if self.since else None


@dataclass(frozen=True)
class Plan:
    """What decides a chart beside its numbers: whether the limits come from the months before the change alone, where they begin anew, and
    what is marked.
    """

    frozen: bool
    rebases: tuple[Rebase, ...]
    events: tuple[tuple[str, str, bool], ...]  # month, words, begins new limits
    change: str


def plan_for(windows: Windows, account: Account, ref: str) -> Plan:
    """Returns the plan of a criterion's charts: limits frozen on the months before the change where these are twelve or more."""
    concerned = [change for change in account.changes if change.concerns(ref)]
    broken = {point.period: " ".join(point.reasons) for point in windows.breaks}
    written = {change.start: change.reason for change in concerned if change.rebase}
    rebases = tuple(Rebase(period, reason) for period, reason in sorted({**written, **broken}.items()))
    marked = [(change.start, change.what, change.rebase) for change in concerned]
    marked += [(period, "measured differently from here", True) for period in broken]
    return Plan(not rebases, rebases, tuple(sorted(marked)), windows.change)


def _baseline(plan: Plan, series: pd.DataFrame) -> int | None:
    """Returns how many points the limits are fixed on: those with a value before the change, where these are twelve or more."""
    if not plan.frozen or not plan.change:
        return None
    points = int((series["value"].notna() & (series["period"] < plan.change)).sum())
    return points if points >= MINIMUM_BASELINE else None


def month(period: str) -> str:
    """Returns a month as a chart writes it; other words stay.

    >>> month("2026-03"), month("2026-01 to 2026-06")
    ('Mar 26', '2026-01 to 2026-06')
    """
    try:
        return f"{date.fromisoformat(period + '-01'):%b %y}"
    except ValueError:
        return period


def track_means(frame: pd.DataFrame, plan: Plan, *, better: Better, target: float | None = None) -> Tracked:
    """Returns a monthly mean over time. `frame` has period, value and n."""
    choice = choose_for_means(frame.assign(value=frame["value"].astype("Float64")))
    values = frame.assign(value=frame["value"].astype("Float64"))[["period", "value"]]
    rebases, baseline = _inside(plan.rebases, frame["period"]), _baseline(plan, values)
    if choice.kind in ("run", "none"):
        return _run(values, frame, choice, plan, rebases)
    if choice.kind == "i_prime":
        drawn = attributes.i_prime_chart(frame, baseline=baseline, rebases=rebases)
        return _controlled(drawn, choice, plan, better, fixed=baseline is not None)
    chart = xmr.xmr_chart(values, direction=better, baseline=baseline, rebases=rebases, target=target)
    n = dict(zip(frame["period"], frame["n"], strict=True))
    points = tuple(
        Point(
            month(one.period),
            one.value,
            int(n.get(one.period, 0)),
            one.centre,
            one.lower,
            one.upper,
            _MARKS[one.kind],
            one.words if one.rule else "",
        )
        for one in chart.points
    )
    second = run_chart.run_chart(values, rebases=rebases)  # a median fixed on twelve months is no strict second opinion
    return Tracked(
        points,
        _events(plan, [one.period for one in chart.points]),
        "mean",
        choice,
        chart.method,
        chart.notes,
        chart.variation if chart.variation.code != "none" else None,
        chart.assurance if chart.assurance.code != "none" else None,
        improvement_since(chart, plan.change) if plan.change else None,
        _runs(second),
        interrupted_series(values, plan.change) if plan.change else None,
    )


def track_shares(frame: pd.DataFrame, plan: Plan) -> Tracked:
    """Returns a monthly share over time, of which less is better. `frame` has period, count (below the standard) and n."""
    choice = choose_for_shares(frame.assign(count=frame["n"] - frame["count"]))  # it speaks of who meets the standard
    if choice.kind in ("p", "p_prime"):
        choice = replace(choice, notes=())  # on what no period can signal: the chart says it of the side that is drawn
    rebases = _inside(plan.rebases, frame["period"])
    share = (frame["count"] / frame["n"].where(frame["n"] > 0)).astype("Float64")
    values = pd.DataFrame({"period": frame["period"], "value": share})
    if choice.kind in ("run", "none"):
        return _run(values, frame, choice, plan, rebases)
    baseline = _baseline(plan, values)
    draw = primes.p_prime_chart if choice.kind == "p_prime" else attributes.p_chart
    return _controlled(
        draw(frame, baseline=baseline, rebases=rebases), choice, plan, "decrease", fixed=baseline is not None
    )


def _controlled(chart: ControlChart, choice: Choice, plan: Plan, better: Better, *, fixed: bool) -> Tracked:
    """Returns a Shewhart chart: its one rule is a point beyond three sigma, and Anhøj's runs stand beside it."""
    marks: list[Mark] = [_side(one.value, one.centre, better) if one.outside else "common" for one in chart.points]
    points = tuple(
        Point(
            month(one.period),
            one.value,
            int(one.n or 0),
            one.centre,
            one.lower,
            one.upper,
            mark,
            "beyond three sigma" if one.outside else "",
        )
        for one, mark in zip(chart.points, marks, strict=True)
    )
    events = _events(plan, [one.period for one in chart.points])
    runs = " ".join(segment.words for segment in chart.runs)
    since = _since(chart, marks, plan.change, fixed=fixed) if plan.change else None
    return Tracked(
        points, events, "mean", choice, chart.method, (*choice.notes, *chart.notes), None, None, since, runs, None
    )


def _since(chart: ControlChart, marks: Sequence[Mark], change: str, *, fixed: bool) -> SinceChange:
    """Returns what a Shewhart chart says since the change, where its limits come from the months before it."""
    measured = [(one, mark) for one, mark in zip(chart.points, marks, strict=True) if one.value is not None]
    before = sum(one.period < change for one, _ in measured)
    after = [(one, mark) for one, mark in measured if one.period >= change]
    if not fixed or not after:
        words = (
            "Cannot say: the limits are not fixed on twelve or more months before the change."
            if after
            else "Cannot say: there is no point since the change."
        )
        return SinceChange(change, None, "", "", None, before, len(after), words)
    centre = after[-1][0].centre or 0.0
    shift = sum(one.value for one, _ in after if one.value is not None) / len(after) - centre
    better = [one.period for one, mark in after if mark == "improvement"]
    worse = [one.period for one, mark in after if mark == "concern"]
    if better:
        words = f"Since {change} the chart shows {plural(len(better), 'point')} beyond three sigma on the side of improvement, first in {better[0]}."
    else:
        words = f"Since {change} none of the {plural(len(after), 'point')} lies beyond three sigma on the side of improvement."
    notes = (
        (f"{plural(len(worse), 'point')} beyond three sigma on the other side, first in {worse[0]}.",) if worse else ()
    )
    return SinceChange(
        change,
        bool(better),
        "beyond three sigma" if better else "",
        better[0] if better else "",
        shift,
        before,
        len(after),
        words,
        notes,
    )


def _side(value: float | None, centre: float | None, better: Better) -> Mark:
    higher = value is not None and centre is not None and value > centre
    return "improvement" if higher == (better == "increase") else "concern"


def _run(values: pd.DataFrame, frame: pd.DataFrame, choice: Choice, plan: Plan, rebases: Sequence[Rebase]) -> Tracked:
    """Returns the series as a run chart: points and their median, no limits."""
    chart = run_chart.run_chart(values, rebases=rebases)
    n = dict(zip(frame["period"], frame["n"], strict=True))
    points = tuple(Point(month(one.period), one.value, int(n.get(one.period, 0)), one.centre) for one in chart.points)
    events = _events(plan, [one.period for one in chart.points])
    return Tracked(
        points,
        events,
        "median",
        choice,
        chart.method,
        (*choice.notes, *chart.notes),
        None,
        None,
        None,
        _runs(chart),
        None,
    )


def _runs(chart: RunChart) -> str:
    return " ".join(segment.words for segment in chart.segments)


def _inside(rebases: Iterable[Rebase], periods: pd.Series[str]) -> tuple[Rebase, ...]:
    """Returns the rebases that lie inside the series: one before its first point starts nothing."""
    return tuple(one for one in rebases if periods.min() < one.period <= periods.max())


def _events(plan: Plan, periods: Sequence[str]) -> tuple[Event, ...]:
    places = {period: place for place, period in enumerate(periods)}
    return tuple(Event(places[period], words, rebase) for period, words, rebase in plan.events if period in places)
