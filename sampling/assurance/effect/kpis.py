"""Commissioner indicators: each value against its target, which way is better, and no verdict on one point."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from sampling.assurance.coverage_counts import Window, window_of
from sampling.assurance.effect.brought import Brought, Kpi
from sampling.assurance.effect.results import Kpis, KpiValue
from sampling.evidence.intervals import wilson_interval
from sampling.evidence.results import Interval
from sampling.evidence.spc.run_chart import MINIMUM_USEFUL, run_chart
from sampling.page.words import counted
from sampling.reporting.tables import Table

NONE = "No commissioner indicators were brought (seed row A25)."
NONE_HERE = "No indicator that was brought has a period that ends in this window."
SHOWS_NOT = (
    "One value beside a target is no trend, and no verdict: values go up and down by chance.",
    "The interval of a share says what chance alone could do; it takes the cases that were counted to be independent.",
    "An indicator is as good as what it counts: the source says who counted, and how.",
)


def kpis(brought: Brought, window: Window) -> Kpis:
    """Returns the values whose periods end in the window, and what the whole series of each indicator says up to its end."""
    if not brought.kpis:
        return Kpis(sentences=(NONE,))
    known = sorted(
        (one for one in brought.kpis if window_of(one.period).last <= window.last),
        key=lambda one: (one.name, one.period),
    )
    inside = tuple(_valued(one) for one in known if window.has(window_of(one.period).last))
    if not inside:
        return Kpis(sentences=(NONE_HERE,))
    names = list(dict.fromkeys(one.kpi.name for one in inside))
    series = tuple(_series([_valued(one) for one in known if one.name == name]) for name in names)
    return Kpis((*(one.sentence for one in inside), *series), (_table(inside),), SHOWS_NOT, inside)


def _valued(kpi: Kpi) -> KpiValue:
    value, interval = _value(kpi)
    meets = None
    if kpi.target is not None:
        meets = value >= kpi.target if kpi.better == "higher" else value <= kpi.target
    return KpiValue(kpi, value, interval, meets, _sentence(kpi, value, interval, meets))


def _value(kpi: Kpi) -> tuple[float, Interval | None]:
    if kpi.numerator is None or kpi.denominator is None:
        return float(kpi.value or 0.0), None
    share = wilson_interval(kpi.numerator, kpi.denominator)
    per_cent = Interval(100 * share.low, 100 * share.high, share.method)
    return 100 * kpi.numerator / kpi.denominator, per_cent


def _number(kpi: Kpi, value: float) -> str:
    return f"{value:.1f}%" if kpi.denominator is not None else f"{value:g} {kpi.unit}".strip()


def _sentence(kpi: Kpi, value: float, interval: Interval | None, meets: bool | None) -> str:
    counts = f" ({kpi.numerator:,} of {kpi.denominator:,})" if kpi.denominator is not None else ""
    told = f"{kpi.name}, {kpi.period}: {_number(kpi, value)}{counts}"
    if meets is None or kpi.target is None:
        return f"{told}; no target was brought, {kpi.better} is better."
    bound = "at least" if kpi.better == "higher" else "at most"
    side = "on the side that is asked for" if meets else "not there"
    sentence = f"{told}; the target is {bound} {_number(kpi, kpi.target)}: {side}."
    if interval is not None and interval.low <= kpi.target <= interval.high:
        return f"{sentence} The target lies inside the interval ({interval.low:.1f}% to {interval.high:.1f}%), so this period cannot tell."
    return sentence


def _series(values: Sequence[KpiValue]) -> str:
    """Returns what all periods of an indicator say together: the run chart's words from ten on, else how often the target was met."""
    name = values[0].kpi.name
    if len(values) >= MINIMUM_USEFUL:
        frame = pd.DataFrame({"period": [one.kpi.period for one in values], "value": [one.value for one in values]})
        return f"{name}: {' '.join(segment.words for segment in run_chart(frame).segments)}"
    judged = [one.meets for one in values if one.meets is not None]
    met = f" The target was met in {sum(judged)} of {len(judged)}." if judged else ""
    return f"{name}: {counted(len(values), 'period')} so far; from {MINIMUM_USEFUL} on a run chart can tell a change from chance.{met}"


def _table(values: Sequence[KpiValue]) -> Table:
    rows = tuple(
        (
            one.kpi.name,
            one.kpi.period,
            "" if one.kpi.denominator is None else f"{one.kpi.numerator:,} of {one.kpi.denominator:,}",
            _number(one.kpi, one.value),
            "none" if one.interval is None else f"{one.interval.low:.1f}% to {one.interval.high:.1f}%",
            "none" if one.kpi.target is None else _number(one.kpi, one.kpi.target),
            one.kpi.better,
            {True: "yes", False: "no", None: "no target"}[one.meets],
            one.kpi.source,
        )
        for one in values
    )
    columns = ("Indicator", "Period", "Counts", "Value", "95% interval", "Target", "Better is", "Target met", "Source")
    return Table("kpis", "Commissioner indicators", columns, rows)
