"""What a report compares: the months before a dated change with those from it on, and whether they may be compared at all."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from sampling.errors import UsageError
from sampling.evidence.comparability import BreakPoint, Comparability, Description, break_points, compare
from sampling.reporting.account import Account
from sampling.reporting.gathering import NOT_SCORED, Gathered

BASELINE_MONTHS = (
    12  # where nothing says when the change was: Making Data Count asks for 12 points or more before a claim
)
_SPAN = re.compile(r"^(\d{4}-(?:0[1-9]|1[0-2])):(\d{4}-(?:0[1-9]|1[0-2]))$")


@dataclass(frozen=True)
class Window:
    """Months that are put together, in order; empty where there are none."""

    periods: tuple[str, ...]

    @property
    def span(self) -> str:
        """Returns the span in words.

        >>> Window(("2025-01", "2025-02")).span, Window(("2026-03",)).span
        ('January 2025 to February 2025', 'March 2026')
        """
        if not self.periods:
            return "no month"
        first, last = (f"{date.fromisoformat(period + '-01'):%B %Y}" for period in (self.periods[0], self.periods[-1]))
        return first if first == last else f"{first} to {last}"

    @property
    def words(self) -> str:
        """Returns the span with its preposition, as a sentence needs it."""
        return f"in {self.span}"

    def __contains__(self, period: str) -> bool:
        return period in self.periods


@dataclass(frozen=True)
class Windows:
    """Before and after, the month from which "after" counts ("" where there is no month after), and why the two may not be compared."""

    before: Window
    after: Window
    change: str
    why: str
    comparability: Comparability
    breaks: tuple[BreakPoint, ...]


def windows(gathered: Gathered, account: Account, *, last: str, baseline: str = "") -> Windows:
    """Returns what to compare, up to the month `last`. `baseline` is "2025-01:2025-12", or "" for the months before the first change that
    people wrote down, or else the first twelve.

    Raises UsageError for a baseline that is no span or has no drawn month, and for a month that was not drawn.
    """
    periods = [period for period in gathered.periods if period <= last]
    if last not in periods:
        drawn = f"{gathered.periods[0]} to {gathered.periods[-1]}" if gathered.periods else "nothing"
        raise UsageError(f"No draw of {last} is here; there is {drawn}. Name a month that was drawn.")
    before, why = _before(periods, account, baseline)
    after = Window(tuple(period for period in periods if not before.periods or period > before.periods[-1]))
    described = {period: describe(gathered, period) for period in periods}
    return Windows(
        before=before,
        after=after,
        change=after.periods[0] if after.periods else "",
        why=why,
        comparability=_comparable(before, after, described),
        breaks=break_points([described[period] for period in periods]),
    )


def _before(periods: Sequence[str], account: Account, baseline: str) -> tuple[Window, str]:
    if baseline:
        span = _SPAN.match(baseline)
        if span is None or span.group(1) > span.group(2):
            raise UsageError('The baseline must be written as "2025-01:2025-12", the earlier month first.')
        chosen = tuple(period for period in periods if span.group(1) <= period <= span.group(2))
        if not chosen:
            raise UsageError(f"No month of the baseline {baseline} was drawn. The draws begin in {periods[0]}.")
        return Window(chosen), "the baseline that was asked for"
    starts = [change.start for change in account.changes if change.start > periods[0]]
    if starts:
        first = min(starts)
        return Window(
            tuple(period for period in periods if period < first)
        ), f"the months before the first change, {first}"
    return Window(
        tuple(periods[:BASELINE_MONTHS])
    ), f"the first {BASELINE_MONTHS} months, since no dated change is written down"


def describe(gathered: Gathered, period: str) -> Description:
    """Returns how a period's figures came about, for the question whether two may be compared."""
    draws = gathered.draws[gathered.draws["period"] == period]
    rows = gathered.scores[(gathered.scores["period"] == period) & (gathered.scores["code"] != NOT_SCORED)]
    rubrics = {
        str(rubric): (_joined(one["rubric_version"]), _joined(one["rubric_digest"]))
        for rubric, one in rows.groupby("rubric")
    }
    return Description(
        period=period,
        rubrics=rubrics,
        eligibility=" ".join(sorted(set(draws["eligibility_rule"]))),
        sampling=" ".join(sorted(set(draws["sampling_rule"]))),
        levels=tuple(sorted(set(draws["evidence_level"].dropna()))),
    )


def _joined(texts: pd.Series[str]) -> str:
    return " and ".join(sorted(set(texts)))


def _comparable(before: Window, after: Window, described: Mapping[str, Description]) -> Comparability:
    """Returns whether the two windows may be compared: each month with the one before it, where both have scores."""
    if not before.periods or not after.periods:
        return Comparability(("There are no months on both sides of the change yet.",))
    scored = [described[period] for period in (*before.periods, *after.periods) if described[period].rubrics]
    reasons: list[str] = []
    cautions: list[str] = []
    for earlier, later in zip(scored, scored[1:], strict=False):
        found = compare(earlier, later)
        reasons += found.reasons
        cautions += found.cautions
    return Comparability(tuple(dict.fromkeys(reasons)), tuple(dict.fromkeys(cautions))[:1])
