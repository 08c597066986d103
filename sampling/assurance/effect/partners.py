"""What partner agencies said: dated, for the minutes of governance (seed row A22); and counts from before (A11)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import get_args

from sampling.assurance.effect.brought import Baseline, Brought, Direction, Feedback
from sampling.assurance.effect.quarters import quarter_of, quarters_of
from sampling.assurance.effect.results import Before, Partners
from sampling.evidence.intervals import wilson_interval
from sampling.evidence.sentences import percent
from sampling.page.words import counted, day_of
from sampling.reporting.tables import Table

DIRECTIONS: tuple[str, ...] = get_args(Direction)
NONE = "No partner feedback was brought; seed row A22 asks for partner feedback that is recorded in governance minutes."
SHOWS_NOT = (
    "Partners who are content seldom write, and one agency can write often: counts of feedback are no measure of satisfaction.",
)
NO_BASELINE = "No counts from before were brought, so there is nothing from before the first draw to hold the review against (seed row A11)."
BASELINE_SHOWS_NOT = ("A count from before was made by other people in another way: it is no point of any chart here.",)


def partners(brought: Brought, first: date, last: date) -> Partners:
    """Returns the feedback of the days from first to last, by day, with its counts by quarter and direction."""
    said = tuple(
        sorted(
            (one for one in brought.feedback if first <= one.on <= last),
            key=lambda one: (one.on, one.partner, one.summary),
        )
    )
    if not said:
        return Partners(sentences=(NONE if not brought.feedback else "No partner feedback is dated in this window.",))
    quarters = quarters_of(first, last)
    counts = {quarter: _directions([one for one in said if quarter_of(one.on) == quarter]) for quarter in quarters}
    unminuted = sum(not one.minute for one in said)
    whole = _directions(said)
    agencies = len({one.partner for one in said})
    sentences = [
        f"{counted(len(said), 'entry', 'entries')} of feedback from {counted(agencies, 'partner')}: "
        + ", ".join(f"{whole[way]} {way}" for way in DIRECTIONS)
        + "."
    ]
    if unminuted:
        sentences.append(
            f"{unminuted} of them {'has' if unminuted == 1 else 'have'} no reference to governance minutes yet: what is not minuted is no evidence "
            "in the sense of seed row A22."
        )
    return Partners(tuple(sentences), (_listed(said), _counted(counts)), SHOWS_NOT, said, counts, unminuted)


def _directions(some: Sequence[Feedback]) -> dict[str, int]:
    found = Counter(one.direction for one in some)
    return {way: found[way] for way in DIRECTIONS}  # type: ignore[index]


def _listed(said: Sequence[Feedback]) -> Table:
    rows = tuple(
        (day_of(one.on), one.partner, one.direction, one.minute or "not minuted yet", one.summary) for one in said
    )
    return Table("partner-feedback", "Partner feedback", ("Day", "Partner", "Direction", "Minutes", "About"), rows)


def _counted(counts: dict[str, dict[str, int]]) -> Table:
    rows = tuple((quarter, *(str(row[way]) for way in DIRECTIONS)) for quarter, row in counts.items())
    return Table("partner-counts", "Partner feedback by quarter", ("Quarter", *DIRECTIONS), rows)


def counted_before(brought: Brought, first_draw: str) -> Before:
    """Returns the counts from before. `first_draw` is the month of the first draw, "" where there is none: what reaches into it is said."""
    if not brought.baselines:
        return Before(sentences=(NO_BASELINE,))
    found = tuple(sorted(brought.baselines, key=lambda one: (one.measure, one.first)))
    sentences = tuple(_baseline(one, first_draw) for one in found)
    rows = tuple(
        (
            one.measure,
            f"{day_of(one.first)} to {day_of(one.last)}",
            str(one.number),
            "" if one.of is None else str(one.of),
            one.source,
        )
        for one in found
    )
    table = Table("baselines", "Counts from before", ("Measure", "Days", "Number", "Of", "Source"), rows)
    return Before(sentences, (table,), BASELINE_SHOWS_NOT, found)


def _baseline(one: Baseline, first_draw: str) -> str:
    days = f"{day_of(one.first)} to {day_of(one.last)}"
    told = f"{one.measure}, {days}: {one.number}"
    if one.of:
        interval = wilson_interval(one.number, one.of)
        share = f"{percent(one.number / one.of)}, 95% interval {percent(interval.low)} to {percent(interval.high)}"
        told = f"{told} of {one.of} ({share})"
    late = bool(first_draw) and f"{one.last:%Y-%m}" >= first_draw
    return f"{told}. It reaches into the months of the draws, so it is not from before." if late else f"{told}."
