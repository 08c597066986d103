"""What an XmR chart says since a dated change: a signal in the direction that was hoped for, its size, and how often chance does that.

One flag is not evidence: among stable services with a frozen baseline of 12 months about one in six shows one within a year.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sampling.evidence.spc.rules import OUTSIDE, RULE_NAMES, RuleSet
from sampling.evidence.spc.series import MINIMUM_BASELINE, plural
from sampling.evidence.spc.xmr import XmrChart, XmrPoint, XmrSegment

# Share of 3,000 simulated stable services (20 cases a month) that show an improvement flag within so many months after a
# baseline of at least so many, with the default rules: docs/evidence-charts.md.
FALSE_CLAIMS: dict[int, dict[int, float]] = {20: {6: 0.07, 12: 0.13}, 12: {6: 0.10, 12: 0.16}}


@dataclass(frozen=True)
class SinceChange:
    """Whether the chart improved since the change. `signal` is None where it cannot be said. `shift`: mean after less the centre."""

    change: str
    signal: bool | None
    rule: str
    first: str
    shift: float | None
    n_before: int
    n_after: int
    words: str
    notes: tuple[str, ...] = ()


def false_claim_rate(baseline: int, after: int) -> float | None:
    """Returns the simulated share of stable services with an improvement flag, None beyond what was simulated.

    >>> false_claim_rate(12, 12), false_claim_rate(24, 5), false_claim_rate(12, 13)
    (0.16, 0.07, None)
    """
    for length, rates in FALSE_CLAIMS.items():
        if baseline >= length:
            return next((rate for months, rate in rates.items() if after <= months), None)
    return None


def _chance(chart: XmrChart, used: int, after: int) -> str:
    """Returns how often chance alone does it, in words."""
    rate = false_claim_rate(used, after)
    if rate is None or chart.rule_set != RuleSet().name:
        return "; how often chance alone does that was not simulated for a chart like this"
    months = next(months for months in FALSE_CLAIMS[MINIMUM_BASELINE] if after <= months)
    return f"; under no change such a flag would appear in about 1 of {round(1 / rate)} charts like this within {months} months"


def _cannot(change: str, counts: tuple[int, int], words: str) -> SinceChange:
    """Returns the result that says why nothing can be said."""
    return SinceChange(change, None, "", "", None, *counts, words)


def _why_not(chart: XmrChart, segment: XmrSegment, points: Sequence[XmrPoint], change: str) -> str:
    """Returns why the chart cannot say anything of the change, or nothing when it can."""
    before = [point for point in points if point.period < change]
    if chart.direction == "neutral":
        return "Cannot say: neither direction is improvement in this chart."
    if len(before) < MINIMUM_BASELINE:
        return f"Cannot say: {plural(len(before), 'point')} before the change, and a baseline needs {MINIMUM_BASELINE}."
    if segment.used > len(before):
        return "Cannot say: the limits come in part from points after the change. Fix them on the points before it."
    if len(points) == len(before):
        return "Cannot say: there is no point since the change."
    return ""


def improvement_since(chart: XmrChart, change: str) -> SinceChange:
    """Returns what the chart shows from the period `change` on, against a baseline that ends before it.

    Looks at the segment with the latest point; the change must lie inside it, and its limits must come from before. A point
    counts when it is flagged, lies in or after the period of the change, and points the way that is improvement.
    """
    if not chart.segments:
        return _cannot(change, (0, 0), "Cannot say: there is no value to chart.")
    segment = chart.segments[-1]
    points = [p for p in chart.points if p.segment == len(chart.segments) and p.value is not None]
    after = [point for point in points if point.period >= change]
    counts = (len(points) - len(after), len(after))
    reason = _why_not(chart, segment, points, change)
    if reason:
        return _cannot(change, counts, reason)
    mean = sum(point.value for point in after if point.value is not None) / len(after)
    shift = mean - segment.centre if segment.centre is not None else None
    flagged = [point for point in after if point.kind == "improvement"]
    worse = [point.period for point in after if point.kind == "concern"]
    notes = (
        (f"{plural(len(worse), 'point')} since the change in the other direction, the first in {worse[0]}.",)
        if worse
        else ()
    )
    if not flagged:
        words = f"Since {change} none of the {plural(len(after), 'point')} shows a special cause in the direction of improvement."
        return SinceChange(change, False, "", "", shift, *counts, words, notes)
    first = flagged[0]
    chance = _chance(chart, segment.used, len(after))
    pattern = f"a point {first.words}" if first.rule == RULE_NAMES[OUTSIDE] else first.words
    flags = f"{len(flagged)} of {plural(len(after), 'point')} since {'is' if len(flagged) == 1 else 'are'} flagged as improvement"
    words = f"Since {change} the chart shows {pattern}, first in {first.period}; {flags}{chance}."
    return SinceChange(change, True, first.rule, first.period, shift, *counts, words, notes)
