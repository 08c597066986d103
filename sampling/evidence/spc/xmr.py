"""XmR charts: each point with its limits, label and meaning, the icons, and the rule set in words.

The rules are those of NHSRplotthedots 0.2.2 for Making Data Count; docs/evidence-charts.md has each formula and each departure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from sampling.errors import SourceError
from sampling.evidence.spc.icons import (
    AssuranceIcon,
    PointKind,
    VariationIcon,
    assurance_icon,
    point_kind,
    too_few_for_icons,
    variation_icon,
)
from sampling.evidence.spc.limits import SegmentFigures, XmrArrays, analyse_many
from sampling.evidence.spc.rules import (
    ICONS_FROM,
    OUTSIDE,
    RULE_NAMES,
    SHIFT,
    TREND,
    TWO_IN_THREE,
    Direction,
    RuleSet,
)
from sampling.evidence.spc.series import (
    Rebase,
    Series,
    check_baseline,
    gap_note,
    none_if_nan,
    plural,
    read_values,
    rebase_marks,
    segment_reasons,
    segment_starts,
    without_gaps,
)

MAKING_DATA_COUNT = RuleSet()


@dataclass(frozen=True)
class XmrPoint:
    """One period. `value` is None where there is none; `rule` is the rule that labels it, "" for common cause; `words` says it."""

    period: str
    value: float | None
    segment: int
    centre: float | None
    lower: float | None
    upper: float | None
    rule: str
    side: int
    kind: PointKind
    words: str


@dataclass(frozen=True)
class XmrSegment:
    """One stretch between rebases: its first period, points with a value, how many of them the limits come from, and the limits."""

    start: str
    reason: str
    points: int
    used: int
    centre: float | None
    lower: float | None
    upper: float | None
    average_range: float | None
    screened_out: int


@dataclass(frozen=True)
class XmrChart:
    """A chart's numbers. `n` counts the points with a value; `method` is the rule set, baseline and rebases in words."""

    points: tuple[XmrPoint, ...]
    segments: tuple[XmrSegment, ...]
    direction: Direction
    target: float | None
    variation: VariationIcon
    assurance: AssuranceIcon
    n: int
    rule_set: str
    method: str
    notes: tuple[str, ...]

    def table(self) -> pd.DataFrame:
        """Returns the points as a table, one row a period, in order: what a report prints beside the chart."""
        return pd.DataFrame([vars(point) for point in self.points], columns=list(XmrPoint.__dataclass_fields__))


def label_words(rule: int, side: int, length: int) -> str:
    """Returns a point's label in words.

    >>> label_words(2, -1, 7)
    '7 or more points falling'
    """
    high = side > 0
    if rule == OUTSIDE:
        return "above the upper limit" if high else "below the lower limit"
    if rule == TREND:
        return f"{length} or more points {'rising' if high else 'falling'}"
    if rule == TWO_IN_THREE:
        return f"two of three points close to the {'upper' if high else 'lower'} limit"
    if rule == SHIFT:
        return f"{length} or more points {'above' if high else 'below'} the centre line"
    return "common cause"


def _points(series: Series, arrays: XmrArrays, direction: Direction, rules: RuleSet) -> tuple[XmrPoint, ...]:
    """Returns the points of the one series in the arrays."""
    starts = [segment.start for segment in arrays.segments]
    points = []
    for k, period in enumerate(series.periods):
        rule, side = int(arrays.rule[0, k]), int(arrays.side[0, k])
        point = XmrPoint(
            period=period,
            value=none_if_nan(series.values[k]),
            segment=sum(start <= k for start in starts),
            centre=none_if_nan(arrays.centre[0, k]),
            lower=none_if_nan(arrays.lower[0, k]),
            upper=none_if_nan(arrays.upper[0, k]),
            rule=RULE_NAMES[rule],
            side=side,
            kind=point_kind(rule, side, direction),
            words=label_words(rule, side, rules.run_length),
        )
        points.append(point)
    return tuple(points)


def _segment(series: Series, figures: SegmentFigures, reason: str) -> XmrSegment:
    """Returns a segment of the one series."""
    return XmrSegment(
        start=series.periods[figures.start],
        reason=reason,
        points=int(figures.points[0]),
        used=int(figures.used[0]),
        centre=none_if_nan(figures.centre[0]),
        lower=none_if_nan(figures.lower[0]),
        upper=none_if_nan(figures.upper[0]),
        average_range=none_if_nan(figures.average_range[0]),
        screened_out=int(figures.screened_out[0]),
    )


def _segment_notes(segment: XmrSegment, held_back: bool, baseline: int | None) -> list[str]:
    """Returns what a reader must know of one segment's limits."""
    where = f"From {segment.start}"
    if segment.average_range is None:
        return [f"{where}: too few points next to each other for limits; the points are shown without."]
    notes = []
    if segment.points < ICONS_FROM:
        notes.append(
            f"{where}: {plural(segment.points, 'point')}, so the limits are trial limits until there are {ICONS_FROM}."
        )
    if baseline is not None and segment.used < baseline:
        notes.append(f"{where}: the baseline of {baseline} points is not complete ({segment.used} so far).")
    if segment.average_range == 0:
        notes.append(
            f"{where}: the {plural(segment.used, 'value')} behind the limits are all the same, so the limits equal the mean "
            "and any other value lies outside them. Read such a point as a change, not as an improbable one."
        )
    if segment.screened_out:
        ranges = plural(segment.screened_out, "extreme moving range")
        notes.append(f"{where}: {ranges} left out of the limits by screening; the points stay in the mean.")
    if held_back:
        notes.append(
            f"{where}: screening is not applied, since it would leave no variation and put every point outside."
        )
    return notes


def _icons(
    chart: tuple[tuple[XmrPoint, ...], XmrSegment], direction: Direction, target: float | None, rules: RuleSet
) -> tuple[VariationIcon, AssuranceIcon]:
    """Returns both icons: from the latest point with a value, and from the limits of the last segment."""
    points, last = chart
    withheld = too_few_for_icons(last.points, rules.icons_from)
    if withheld:
        return VariationIcon("none", withheld), AssuranceIcon("none", withheld)
    latest = next(point for point in reversed(points) if point.value is not None)
    variation = variation_icon(RULE_NAMES.index(latest.rule), latest.side, direction)
    return variation, assurance_icon(target, last.lower, last.upper, direction)


def _method(rules: RuleSet, baseline: int | None, rebases: Sequence[Rebase]) -> str:
    """Returns the method line: rule set, where the limits come from, each rebase with its reason."""
    fixed = f"limits fixed on the first {baseline} points" if baseline is not None else "limits from all points"
    where = f"{fixed} of each segment" if rebases else fixed
    return f"XmR chart, {rules.name}; {where}{rebase_marks(rebases)}."


def _empty(direction: Direction, target: float | None, method: tuple[str, str]) -> XmrChart:
    """Returns the chart of a series without a single value."""
    words = "There is no value to chart."
    icons = VariationIcon("none", words), AssuranceIcon("none", words)
    return XmrChart((), (), direction, target, *icons, 0, *method, (words,))


def xmr_chart(
    frame: pd.DataFrame,
    *,
    direction: Direction,
    rules: RuleSet = MAKING_DATA_COUNT,
    baseline: int | None = None,
    rebases: Sequence[Rebase] = (),
    target: float | None = None,
) -> XmrChart:
    """Returns the XmR chart of a series: columns `period` and `value`, one row a period, in any order.

    `direction` says which way is improvement. `baseline`: limits from the first so many points of each segment (12 or more).
    Raises SourceError for a series that is none (see `read_values`), PolicyError for a baseline or a rebase that cannot be.
    """
    check_baseline(baseline)
    full = read_values(frame)
    series = without_gaps(full) if rules.missing == "closed up" else full
    method = _method(rules, baseline, rebases)
    if not series.measured.any():
        return _empty(direction, target, (rules.name, method))
    starts = segment_starts(series.periods, rebases)
    arrays = analyse_many(series.values[None, :], rules, starts=starts, baseline=baseline)
    reasons = segment_reasons(rebases)
    segments = tuple(_segment(series, f, reason) for f, reason in zip(arrays.segments, reasons, strict=True))
    points = _points(series, arrays, direction, rules)
    icons = _icons((points, segments[-1]), direction, target, rules)
    handling = (
        "closed up, as if they had not been" if rules.missing == "closed up" else "each breaks runs and moving ranges"
    )
    notes = [*gap_note(full.missing, handling)]
    for segment, figures in zip(segments, arrays.segments, strict=True):
        notes += _segment_notes(segment, bool(figures.held_back[0]), baseline)
    n = int(series.measured.sum())
    return XmrChart(points, segments, direction, target, *icons, n, rules.name, method, tuple(notes))


def xmr_charts(
    frame: pd.DataFrame,
    facet: str,
    *,
    direction: Direction,
    rules: RuleSet = MAKING_DATA_COUNT,
    baseline: int | None = None,
    rebases: Mapping[str, Sequence[Rebase]] | None = None,
    targets: Mapping[str, float] | None = None,
) -> dict[str, XmrChart]:
    """Returns a chart for each value of the column `facet`, in alphabetical order, each with its own rebases and target.

    Raises SourceError when the column is missing, or when a rebase or a target is given for a facet that is not there.
    """
    if facet not in frame.columns:
        raise SourceError(f"The series has no column {facet} to make one chart each of.")
    each = dict(iter(frame.groupby(frame[facet].astype(str), sort=True)))
    strangers = {*(rebases or {}), *(targets or {})} - set(each)
    if strangers:
        raise SourceError(f"Rebases or targets are given for {len(strangers)} of what column {facet} does not have.")
    return {
        str(name): xmr_chart(
            rows,
            direction=direction,
            rules=rules,
            baseline=baseline,
            rebases=(rebases or {}).get(str(name), ()),
            target=(targets or {}).get(str(name)),
        )
        for name, rows in each.items()
    }
