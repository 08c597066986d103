"""Which chart fits the data, and why, as a caption sentence for the reader.

The limits come from simulations of what a team has: two cases of ten practitioners a month (docs/evidence-charts.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from sampling.evidence.spc.attributes import pooled, read_shares
from sampling.evidence.spc.run_chart import MINIMUM_USEFUL
from sampling.evidence.spc.series import ROUNDING, Series, plural, read_counts, read_values

Kind = Literal["none", "run", "xmr", "i_prime", "p", "p_prime", "u", "u_prime", "g", "t", "funnel"]
Gap = Literal["cases", "days"]

LIMITS_FROM = 12  # points, below which a run chart is shown without limits
EXPECTED_AT_LEAST = 5  # P chart: cases expected to meet the standard, and cases expected not to, in each period
PRIMES_FROM = 100  # cases a period: Laney's charts are for numbers in the hundreds
EQUAL_WITHIN = 0.25  # sizes within a quarter of their mean count as equal (the common rule for fixed P chart limits)
RARE_EVENTS_MORE_THAN = 10  # events, for a G or T chart
SIGMAS_SQUARED = (
    9  # from centre + 3 sigma >= 1: the upper limit of a P chart is 1 once the share is n / (n + 9) or more
)


@dataclass(frozen=True)
class Choice:
    """The kind of chart that fits (`none`: the table alone), the caption sentence with the reason, and what else to know."""

    kind: Kind
    caption: str
    notes: tuple[str, ...] = ()


def _too_short(points: int) -> Choice | None:
    """Returns the choice for a short series, or None when it is long enough for limits."""
    if points < 2:
        return Choice("none", f"No chart: {plural(points, 'point')}; see the table.")
    if points < MINIMUM_USEFUL:
        return Choice(
            "run", f"Run chart without limits or rules: {points} points, and the run rules need {MINIMUM_USEFUL}."
        )
    if points < LIMITS_FROM:
        return Choice("run", f"Run chart without limits: {points} points, and limits need {LIMITS_FROM}.")
    return None


def _sizes(series: Series) -> tuple[int, int]:
    """Returns the smallest and the largest number of cases in a period with a value."""
    n = series.n[series.measured]
    return int(n.min()), int(n.max())


def _range(low: int, high: int) -> str:
    """Returns a range in words: `20`, or `17 to 24`."""
    return f"{low}" if low == high else f"{low} to {high}"


def choose_for_means(frame: pd.DataFrame) -> Choice:
    """Returns the chart for mean scores: columns `period`, `value`, and `n` (cases a period) where it is known.

    XmR; I' when the numbers of cases differ by more than a quarter from their mean. Raises SourceError as `read_values`.
    """
    series = read_values(frame)
    points = int(series.measured.sum())
    short = _too_short(points)
    if short:
        return short
    low, high = _sizes(series)
    mean = float(series.n[series.measured].mean())
    if max(high - mean, mean - low) > EQUAL_WITHIN * mean:
        return Choice(
            "i_prime", f"I' chart of mean scores: {points} points of {_range(low, high)} cases, which differ widely."
        )
    cases = f" of {_range(low, high)} cases each" if "n" in frame.columns else ""
    return Choice("xmr", f"XmR chart of mean scores: {points} points{cases}.")


def reach_notes(share: float, low: int, high: int) -> tuple[str, ...]:
    """Returns sentences on three-sigma limits of a share that no period of `low` to `high` cases can pass.

    >>> reach_notes(0.75, 20, 20)
    ('With 20 cases a period and 75% meeting the standard the upper limit is 100%: no single period can signal a rise.',)
    """
    start = f"With {_range(low, high)} cases a period and {share:.0%} meeting the standard"
    notes = []
    if share * (high + SIGMAS_SQUARED) >= high:
        notes.append(f"{start} the upper limit is 100%: no single period can signal a rise.")
    if share * (high + SIGMAS_SQUARED) <= SIGMAS_SQUARED:
        notes.append(f"{start} the lower limit is 0: no single period can signal a fall.")
    return tuple(notes)


def choose_for_shares(frame: pd.DataFrame) -> Choice:
    """Returns the chart for the share that meets a standard: columns `period`, `count`, `n`.

    P while each period expects at least five cases on either side of the standard, P' when each has a hundred or more, else
    a run chart. Raises SourceError as `read_shares`.
    """
    series = read_shares(frame)
    points = int(series.measured.sum())
    short = _too_short(points)
    if short:
        return short
    low, high = _sizes(series)
    share = pooled(series, series.measured)
    fewest = low * min(share, 1 - share)
    notes = reach_notes(share, low, high)
    if fewest < EXPECTED_AT_LEAST * (1 - ROUNDING):
        side = "meeting" if share < 0.5 else "missing"
        return Choice(
            "run",
            f"Run chart: with {low} cases in the smallest period, {fewest:.1f} are expected on the side {side} the standard, "
            f"and a P chart needs {EXPECTED_AT_LEAST} on either.",
            ("Misses this rare show better as cases between them (G chart).",) if share > 0.5 else (),
        )
    if low >= PRIMES_FROM:
        return Choice(
            "p_prime",
            f"P' chart (Laney): {points} points of {_range(low, high)} cases, numbers in the hundreds.",
            notes,
        )
    return Choice(
        "p", f"P chart: {points} points of {_range(low, high)} cases, {share:.0%} meeting the standard.", notes
    )


def choose_for_rates(frame: pd.DataFrame) -> Choice:
    """Returns the chart for events per case, such as omissions: columns `period`, `count`, `n`. Raises as `read_counts`."""
    series = read_counts(frame)
    points = int(series.measured.sum())
    short = _too_short(points)
    if short:
        return short
    low, high = _sizes(series)
    rate = pooled(series, series.measured)
    if low >= PRIMES_FROM:
        return Choice(
            "u_prime", f"U' chart (Laney): {points} points of {_range(low, high)} cases, numbers in the hundreds."
        )
    words = f"U chart of events per case: {points} points of {_range(low, high)} cases, {rate:.2f} events a case."
    # centre - 3 root(centre / n) <= 0 means n x centre <= 9
    notes = ("The lower limit is 0: no single period can signal a fall.",) if rate * high <= SIGMAS_SQUARED else ()
    return Choice("u", words, notes)


def choose_for_rare_events(gaps: Sequence[float], unit: Gap) -> Choice:
    """Returns the chart for gaps between rare events, counted in cases (G) or in days (T)."""
    events = len(gaps) + 1 if len(gaps) else 0
    if events <= RARE_EVENTS_MORE_THAN:
        return Choice(
            "run" if len(gaps) > 1 else "none",
            f"No limits: {plural(events, 'event')}, and cases or days between events need more than {RARE_EVENTS_MORE_THAN}.",
        )
    if unit == "cases":
        return Choice("g", f"G chart of cases between events: {events} events.")
    if min(gaps) <= 0:
        return Choice("g", f"G chart: {events} events, some on the same day, so that no time lies between them.")
    return Choice("t", f"T chart of days between events: {events} events.")


def choose_for_practitioners() -> Choice:
    """Returns the choice for comparing practitioners: never a chart over time of each."""
    return Choice(
        "funnel",
        "Funnel plot of 6 to 12 months: with two cases a month the limits of a practitioner's own monthly chart are 0 and 100%, "
        "so it could not signal.",
    )
