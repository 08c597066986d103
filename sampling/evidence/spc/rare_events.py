"""G charts (cases between rare events) and T charts (time between them), as qicharts2 0.8.1 computes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from sampling.errors import SourceError
from sampling.evidence.spc.attributes import clipped, i_limits
from sampling.evidence.spc.control import ControlChart, Limits, cannot_chart, constant, control_chart, mean_or_nan
from sampling.evidence.spc.series import BoolArray, FloatArray, Series

NELSON_POWER = 3.6  # Nelson 1994: exponential times to this root are nearly normal (Weibull shape 3.6)


def cases_between(events: Sequence[bool]) -> list[int]:
    """Returns the number of cases without the event between each two with it, in the order in which the cases came.

    Cases before the first event and after the last are no gap between events, and are left out.

    >>> cases_between([False, True, False, False, True, True, False])
    [2, 0]
    """
    at = [position for position, event in enumerate(events) if event]
    return [later - earlier - 1 for earlier, later in zip(at, at[1:], strict=False)]


def days_between(days: Sequence[str]) -> list[int]:
    """Returns the days from each event to the next; `days` as YYYY-MM-DD in any order.

    >>> days_between(["2026-03-01", "2026-01-30", "2026-02-02"])
    [3, 27]
    """
    ordered = sorted(date.fromisoformat(day) for day in days)
    return [(later - earlier).days for earlier, later in zip(ordered, ordered[1:], strict=False)]


def _gaps(gaps: Sequence[float], labels: Sequence[str] | None) -> Series:
    """Returns the gaps as a series, numbered from 1 unless labelled. Raises SourceError for labels or gaps that cannot be."""
    values: FloatArray = np.asarray(gaps, dtype=np.float64)
    if not np.isfinite(values).all() or (values < 0).any():
        raise SourceError("The gaps between events hold a negative or missing number. Gaps are 0 or more.")
    names = [str(number) for number in range(1, len(values) + 1)] if labels is None else list(labels)
    if len(names) != len(values):
        raise SourceError(f"There are {len(values)} gaps between events but {len(names)} labels for them.")
    return Series(tuple(names), values, values, np.ones(len(values)))


def g_limits(series: Series, base: BoolArray) -> Limits:
    """Returns the limits of a G chart: mean plus and minus 3 root(mean (mean + 1)), not below 0; the centre line is the median."""
    values = series.values[base]
    mean = mean_or_nan(values)
    limits = clipped(mean, constant(float(np.sqrt(mean * (mean + 1))), series.values), np.inf)
    note = (
        ()
        if limits.lower[0] > 0
        else ("The lower limit is 0, so events that come closer together show in runs alone.",)
    )
    return Limits(constant(float(np.median(values)), series.values), limits.lower, limits.upper, note)


def t_limits(series: Series, base: BoolArray, *, screened: bool = True) -> Limits:
    """Returns the limits of a T chart: those of an I chart of the gaps to the power 1 / 3.6, taken back; not below 0."""
    rooted = series.values ** (1 / NELSON_POWER)
    limits = i_limits(Series(series.periods, rooted, rooted, series.n), base, screened=screened)
    centre, lower, upper = (
        np.maximum(edge, 0.0) ** NELSON_POWER for edge in (limits.centre, limits.lower, limits.upper)
    )
    return Limits(centre, lower, upper, limits.notes)


def g_chart(gaps: Sequence[int], *, labels: Sequence[str] | None = None, baseline: int | None = None) -> ControlChart:
    """Returns the G chart of the numbers of cases between events, oldest first. A point above the upper limit is a rarer event.

    Raises SourceError when a gap is negative or missing, PolicyError for a baseline below 12 gaps.
    """
    return control_chart("G", _gaps(gaps, labels), g_limits, baseline=baseline)


def t_chart(
    gaps: Sequence[float], *, labels: Sequence[str] | None = None, baseline: int | None = None, screened: bool = True
) -> ControlChart:
    """Returns the T chart of the times between events, oldest first, or why there is none. Raises as `g_chart`."""
    series = _gaps(gaps, labels)
    if (series.values == 0).any():
        return cannot_chart(
            "T",
            "Two events have the same time, and time between events must be greater than zero. Use the number of cases between "
            "them (G chart), or times of day.",
        )

    def limit_rule(part: Series, base: BoolArray) -> Limits:
        return t_limits(part, base, screened=screened)

    return control_chart("T", series, limit_rule, baseline=baseline)
