"""The figures of an evidence report: results in, charts that state their finding out. The same words serve good and bad news."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import cast

import numpy as np
import pandas as pd

from sampling.evidence.estimates import ONE_PRACTITIONER
from sampling.evidence.funnel import Funnel, limits_along
from sampling.evidence.measures import RATIONALE, REVIEW, STANDARD, CriterionMeasure
from sampling.evidence.paired import PairedChange
from sampling.evidence.results import counted
from sampling.plots.figure import Figure
from sampling.plots.funnel import Limit, Unit, funnel_chart
from sampling.plots.heat import FEWEST, heat_chart
from sampling.plots.icons import Assurance, Icon, Variation, assurance_icon, variation_icon
from sampling.plots.intervals import Interval, Rows, interval_chart, level, percent
from sampling.plots.paired import paired_chart
from sampling.plots.series import Point, Series, time_chart
from sampling.reporting import monthly
from sampling.reporting.analysis import Analysis
from sampling.reporting.tracking import Tracked
from sampling.rubric import Rubric
from sampling.scoring.settings.assignments import FIRST

_FOLLOWED = "The chart follows the drawn cases with recent recorded change; a month in which all are of one practitioner has no point."


def titles(rubrics: Iterable[Rubric]) -> dict[str, str]:
    """Returns "<rubric>/<criterion>" -> the criterion's title, in the rubrics' order."""
    return {rubric.ref(criterion): criterion.title for rubric in rubrics for criterion in rubric.criteria}


def over_time(found: Analysis) -> tuple[Figure, ...]:
    """Returns the three headline measures over time: rationale clarity, missing review dates, variation between practitioners."""
    return (_rationale(found), _review(found), _spread(found))


def _rationale(found: Analysis) -> Figure:
    tracked = found.rationale
    target = found.account.target
    series = Series(tracked.points, "Mean level", level, tracked.centre_name, None, tracked.events, floor=0.0)
    aim = (
        (f"The service aims for {percent(target)} at the standard; a mean level has no such target.",) if target else ()
    )
    return time_chart(
        series,
        name="rationale-over-time",
        finding=_finding(found, tracked, "Clearness of the escalation rationale"),
        basis=_basis(tracked, "scored cases"),
        method=f"{tracked.choice.caption} {tracked.method} {_FOLLOWED}",
        notes=(*_said(tracked), *aim),
    )


def _review(found: Analysis) -> Figure:
    tracked = found.review
    series = Series(tracked.points, "Below the standard", percent, tracked.centre_name, None, tracked.events, floor=0.0)
    return time_chart(
        series,
        name="review-dates-over-time",
        finding=_finding(found, tracked, "Escalations below the standard for a dated, owned review"),
        basis=_basis(tracked, "scored cases"),
        method=f"{tracked.choice.caption} {tracked.method} {_FOLLOWED} Drawn cases, not weighted.",
        notes=_said(tracked),
    )


def _spread(found: Analysis) -> Figure:
    rows = found.spreads.to_dict("records")
    points = tuple(
        Point(str(row["period"]), None if pd.isna(row["value"]) else float(row["value"]), int(row["n"])) for row in rows
    )
    told = [point.value for point in points if point.value is not None]
    finding = (
        f"Beyond chance, practitioners' means had a standard deviation of {level(told[0])} levels at first and {level(told[-1])} at last"
        if len(told) > 1
        else "How far practitioners differ cannot be followed over time yet"
    )
    return time_chart(
        Series(points, "Spread between practitioners", level, floor=0.0),
        name="variation-over-time",
        finding=finding,
        basis=f"n = {sum(point.n for point in points):,} cases, in windows of six months that do not overlap.",
        method="Standard deviation of practitioners' true means beyond chance (one-way random effect), in levels. No limits: each window is one number.",
        notes=("Too few windows for a rule of change: look at the intervals in the text.",) if told else (),
    )


def _finding(found: Analysis, tracked: Tracked, what: str) -> str:
    """Returns the finding of a chart over time in one sentence without its full stop."""
    told = [point for point in tracked.points if point.value is not None]
    since = "the change" if found.account.changes else "the first months"
    if len(told) < 2:
        return f"{what}: too few months to show a change"
    if tracked.signalled:
        return f"{what}: a signal of improvement since {since}"
    if tracked.signalled is False:
        return f"{what}: no signal of improvement since {since}"
    marked = [point for point in told if point.mark != "common"]
    if not marked:
        return f"{what}: no signal of change in {len(told)} months"
    direction = "better" if any(point.mark == "improvement" for point in marked) else "worse"
    both = {point.mark for point in marked} >= {"improvement", "concern"}
    return f"{what}: {'signals both ways' if both else f'a signal for the {direction}'} in {len(told)} months"


def _basis(tracked: Tracked, what: str) -> str:
    sizes = [point.n for point in tracked.points if point.value is not None]
    if not sizes:
        return "n = 0."
    return f"n = {sum(sizes):,} {what} in {len(sizes)} months, {min(sizes)} to {max(sizes)} a month."


def _said(tracked: Tracked) -> tuple[str, ...]:
    """Returns the sentences below a chart over time."""
    since = (tracked.since.words, *tracked.since.notes) if tracked.since else ()
    steps = (tracked.steps.words, *tracked.steps.notes) if tracked.steps and not tracked.steps.cannot else ()
    second = (f"Second opinion, Anhøj's run rules: {tracked.runs}",) if tracked.runs else ()
    return tuple(one for one in (*since, *second, *steps, *tracked.notes) if one)


def icons(tracked: Tracked) -> tuple[Icon, ...]:
    """Returns the icons of a chart over time, those that are not withheld."""
    found = []
    if tracked.variation:
        found.append(variation_icon(cast(Variation, tracked.variation.code), tracked.variation.words))
    if tracked.assurance:
        found.append(assurance_icon(cast(Assurance, tracked.assurance.code), tracked.assurance.words))
    return tuple(found)


def by_criterion(found: Analysis) -> tuple[Figure, ...]:
    """Returns, for each rubric, the share at the standard of each criterion, after beside before."""
    named = titles(found.gathered.rubrics)
    earlier = {one.ref: one for one in found.before.criteria}
    comparable = found.windows.comparability.comparable
    figures = []
    for rubric in found.gathered.rubrics:
        rows = []
        for one in in_order(found, rubric):
            before = earlier[one.ref].meets.value if comparable and one.ref in earlier else None
            span = one.meets.interval
            rows.append(
                Interval(
                    named.get(one.ref, one.ref), one.meets.value, span.low if span else None, span.high if span else None,
                    met_words(one), before, one.meets.reason,
                )
            )  # fmt: skip
        if rows:
            figures.append(_shares(found, rubric, tuple(rows)))
    return tuple(figures)


def met_words(one: CriterionMeasure) -> str:
    """Returns how many cases are at the standard, of how many, as "3 of 7"; not where they are all of one practitioner."""
    return "not told" if one.meets.reason == ONE_PRACTITIONER else f"{one.counts.at_standard} of {one.counts.scored}"


def in_order(found: Analysis, rubric: Rubric) -> tuple[CriterionMeasure, ...]:
    """Returns the measures of a rubric's criteria in the rubric's own order, of the months after the change, or before where there are none after."""
    side = found.after if found.after.window.periods else found.before
    measured = {one.ref: one for one in side.criteria}
    refs = (rubric.ref(criterion) for criterion in rubric.criteria)
    return tuple(measured[ref] for ref in refs if ref in measured)


def _shares(found: Analysis, rubric: Rubric, rows: tuple[Interval, ...]) -> Figure:
    told = [row for row in rows if row.estimate is not None]
    lowest = min(told, key=lambda row: (row.estimate or 0.0, row.name), default=None)
    side = found.after if found.after.window.periods else found.before
    finding = (
        f"{rubric.title}: {lowest.name} is met least often, in {percent(lowest.estimate or 0.0)} of cases"
        if lowest
        else f"{rubric.title}: no case is scored yet"
    )
    return interval_chart(
        Rows(rows, "At the standard", percent, reference=found.account.target, reference_name="aim"),
        name=f"criteria-{rubric.id.replace('_', '-')}",
        finding=finding,
        basis=f"Cases {side.window.words}; each criterion's denominator leaves out what was not applicable and not accessible. Hollow: before.",
        method=f"Share at level {rubric.pass_level} or above, weighted by the design; rubric version {rubric.version}. Dots with 95% intervals.",
    )


def repaired(found: Analysis) -> tuple[Figure, ...]:
    """Returns the slope of the two headline criteria: the same cases, first scoring and re-score."""
    named = titles(found.gathered.rubrics)
    return tuple(
        _slope(named.get(ref, ref), ref, found.repair[ref]) for ref in (RATIONALE, REVIEW) if ref in found.repair
    )


def _slope(title: str, ref: str, change: PairedChange) -> Figure:
    return paired_chart(
        change.table or [[0] * 4] * 4,
        name=f"repair-{ref.partition('/')[2].replace('_', '-')}",
        finding=f"Repair, same cases: {title} improved in {change.improved} of {change.n} re-scored cases",
        basis=f"n = {counted(change.n, 'case')} of {counted(change.practitioners, 'practitioner')} with a level both times.",
        method="Lines are as thick as they have cases. Repair is never put together with new draws.",
    )


def between(found: Funnel, *, what: str, names: Mapping[str, str], name: str) -> Figure:
    """Returns a funnel of teams or of practitioners under aliases. `names` is unit -> what it may be called here."""
    units = tuple(
        Unit(
            names[one.unit], one.n, one.share, "" if one.position == "inside" else one.position.removeprefix("outside ")
        )
        for one in found.units
    )
    outside = [unit for unit in units if unit.outside]
    if found.cannot:
        finding = f"{what}: no comparison yet"
    elif outside:
        finding = f"{what}: {len(outside)} of {len(units)} outside the limits"
    else:
        finding = f"{what}: none of {len(units)} outside the limits"
    figure = funnel_chart(
        units, _limits(found), found.share or 0.0, name=name, finding=finding,
        basis=f"n = {found.n:,} cases; share at the standard on the rationale of decisions.", method=found.method, notes=found.notes,
    )  # fmt: skip
    return Figure(**{**vars(figure), "svg": "", "refusal": found.cannot, "words": ""}) if found.cannot else figure


def _limits(found: Funnel) -> tuple[Limit, ...]:
    """Returns the limits along the funnel, those that decide a unit's position, up to the largest unit."""
    if not found.units:
        return ()
    most = max(unit.n for unit in found.units)
    sizes = np.arange(2, most + max(2, most // 10), dtype=np.float64)
    edges = limits_along(found, sizes)
    names = ("lower_95", "upper_95", "lower_998", "upper_998")
    return tuple(Limit(int(n), *(float(edges[name][place]) for name in names)) for place, n in enumerate(sizes))


def by_team(found: Analysis) -> Figure:
    """Returns criteria against teams: the median level and the number of cases in each cell, of the months after the change."""
    side = found.after if found.after.window.periods else found.before
    scores = monthly.followed(found.gathered).scores
    rows = scores[(scores["stage"] == FIRST) & scores["period"].isin(side.window.periods) & scores["level"].notna()]
    cells = {
        (str(ref), str(team)): (float(group["level"].median()), len(group))
        for (ref, team), group in rows.groupby(["ref", "team"])
    }
    named = titles(found.gathered.rubrics)
    teams = list(found.gathered.teams)
    shown = {(named.get(ref, ref), team): cell for (ref, team), cell in cells.items()}
    low = [key for key, (median, count) in shown.items() if median < STANDARD and count >= FEWEST]
    return heat_chart(
        list(named.values()),
        teams,
        shown,
        name="criteria-by-team",
        finding=f"In {len(low)} of {len(shown)} cells the median case lies below the standard",
        basis=f"n = {len(rows):,} levels {side.window.words}. Cells with fewer than {FEWEST} are not shown.",
        method="Median level; criteria in the rubrics' order, teams in that of their names.",
    )
