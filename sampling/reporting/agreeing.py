"""How far two raters agree on the real cases that both scored blind: the figures of a calibration, month after month, on the evidence report.

Nobody is named and no rater has a figure. Intervals resample practitioners, whose cases are alike. The model of strictness
(evidence.agreement.severity) is left to calibration: on two years of cases it takes longer than the rest of the report.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import pandas as pd

from sampling.evidence.agreement.coefficients import (
    Agreement,
    Distribution,
    distribution,
    exact_agreement,
    gwet_ac,
    krippendorff_alpha,
    within_one,
)
from sampling.evidence.agreement.data import Overlap, Ratings, overlap, rating_table
from sampling.evidence.agreement.exchange import exchange_test
from sampling.evidence.agreement.raters import rater_facts
from sampling.evidence.agreement.sentences import FEWEST_SHOWN
from sampling.evidence.agreement.standard import AtTheStandard, at_each_standard, met
from sampling.evidence.agreement.words import CUT
from sampling.evidence.intervals import difference_interval
from sampling.evidence.results import SIGNIFICANCE, Estimate, PValue, counted
from sampling.evidence.results import Interval as Ends
from sampling.evidence.sentences import p_words, percent
from sampling.plots.figure import Figure
from sampling.plots.intervals import Interval, Rows, interval_chart
from sampling.reporting.gathering import Gathered
from sampling.reporting.pairs import double_scored
from sampling.scoring.settings.assignments import FIRST, SECOND

_SAME_WAY = "Raters who drift the same way still agree: only cases with known levels show that, anchors in a calibration and vignettes planted among the cases."
WINDOW = 6  # months that are put together to watch agreement over time: a month has a handful of double-scored cases


class Month(NamedTuple):
    """One month's double-scored cases: exact agreement, within one level, and on the same side of the standard."""

    period: str
    exact: Agreement
    near: Agreement
    side: Agreement


class Months(NamedTuple):
    """Several months in words, and their exact agreement."""

    words: str
    exact: Agreement


@dataclass(frozen=True)
class Agreed:
    """Agreement of raters on double-scored cases. `months` are all months with such cases, `lately` the last WINDOW of them and those before, None where there are none
    before. `by_criterion` and `over_time` are (criterion, or months in words; exact agreement; within one); `square` is the first
    rater's levels by the second's. None of it says who.
    """

    held: Overlap
    levels: Distribution
    exact: Agreement
    near: Agreement
    alpha: Agreement
    ac2: Agreement
    standard: AtTheStandard
    strictness: PValue
    range: tuple[float, float] | None
    by_criterion: tuple[tuple[str, Agreement, Agreement], ...]
    over_time: tuple[tuple[str, Agreement, Agreement], ...]
    months: tuple[Month, ...]
    lately: tuple[Months, Months] | None
    square: tuple[tuple[int, ...], ...]


def agreed(gathered: Gathered) -> Agreed | None:
    """Returns how far raters agree, None where no case was scored by two."""
    frame = double_frame(gathered)
    if frame["level"].notna().sum() < 2 or frame["rater"].nunique() < 2:
        return None
    standards = {rubric.ref(one): rubric.pass_level for rubric in gathered.rubrics for one in rubric.criteria}
    table = rating_table(frame, by_practitioner=True)
    facts = [one.difference.value for one in rater_facts(table) if one.difference.value is not None]
    return Agreed(
        held=overlap(table),
        levels=distribution(table),
        exact=exact_agreement(table),
        near=within_one(table),
        alpha=krippendorff_alpha(table, "krippendorff_ordinal"),
        ac2=gwet_ac(table, "quadratic"),
        standard=at_each_standard(table, _cuts(table, standards)),
        strictness=exchange_test(table, int(gathered.digest[:8], 16)),
        range=(min(facts), max(facts)) if facts else None,
        by_criterion=tuple((ref, *_shares(frame, ref)) for ref in sorted(frame["criterion"].unique())),
        over_time=tuple(_windows(frame)),
        months=tuple(_months(frame, standards)),
        lately=_lately(frame),
        square=_square(gathered),
    )


def double_frame(gathered: Gathered) -> pd.DataFrame:
    """Returns case, rater, criterion, level, code, practitioner and period of the cases that two people scored, each level its rater's own."""
    scores = gathered.scores[gathered.scores["stage"].isin((FIRST, SECOND))]
    twice = scores.loc[scores["stage"] == SECOND, ["draw_id", "case"]].drop_duplicates()
    rows = scores.merge(twice).reset_index(drop=True)
    rows = rows[(rows["rater"].fillna("") != "") & (rows["own_level"].notna() | (rows["code"] != ""))]
    return pd.DataFrame(
        {
            "case": rows["draw_id"] + "|" + rows["case"], "rater": rows["rater"], "criterion": rows["ref"], "level": rows["own_level"],
            "code": rows["code"], "practitioner": rows["practitioner"], "period": rows["period"],
        }
    )  # fmt: skip


def _windows(frame: pd.DataFrame) -> list[tuple[str, Agreement, Agreement]]:
    periods = sorted(frame["period"].unique())
    found = []
    for start in range(0, len(periods), WINDOW):
        months = periods[start : start + WINDOW]
        part = frame[frame["period"].isin(months)]
        if part["level"].notna().any():
            found.append((_span(months), *_shares(part)))
    return found


def _cuts(table: Ratings, standards: Mapping[str, int]) -> list[int]:
    return [standards.get(ref, CUT) for ref in table.criteria]


def _months(frame: pd.DataFrame, standards: Mapping[str, int]) -> Iterator[Month]:
    for period, part in frame.groupby("period", sort=True):
        if part["level"].notna().any():
            table = rating_table(part, by_practitioner=True)
            side = exact_agreement(met(table, _cuts(table, standards)))
            yield Month(str(period), exact_agreement(table), within_one(table), side)


def _lately(frame: pd.DataFrame) -> tuple[Months, Months] | None:
    """Returns the months before the last WINDOW, and these."""
    periods = sorted(frame.loc[frame["level"].notna(), "period"].unique())
    sides = periods[:-WINDOW], periods[-WINDOW:]
    if not sides[0]:
        return None
    before, last = (Months(_span(side), _shares(frame[frame["period"].isin(side)])[0]) for side in sides)
    return before, last


def _span(periods: Sequence[str]) -> str:
    return periods[0] if len(periods) == 1 else f"{periods[0]} to {periods[-1]}"


def _shares(frame: pd.DataFrame, criterion: str | None = None) -> tuple[Agreement, Agreement]:
    table = rating_table(frame, criterion, by_practitioner=True)
    return exact_agreement(table), within_one(table)


def _square(gathered: Gathered) -> tuple[tuple[int, ...], ...]:
    pairs = double_scored(gathered).dropna(subset=["own_level_first", "own_level_second"])
    counts = pairs.groupby(["own_level_first", "own_level_second"]).size()
    return tuple(tuple(int(counts.get((one, other), 0)) for other in range(4)) for one in range(4))


def figure(found: Agreed) -> Figure:
    """Returns the coefficients as a forest, the plain shares first."""
    rows = tuple(
        Interval(name, one.value, one.interval.low if one.interval else None, one.interval.high if one.interval else None, f"{one.cases:,}", why=one.reason)
        for name, one in (
            ("Exactly alike", found.exact), ("Within one level", found.near), ("Krippendorff's alpha, his ordinal metric", found.alpha),
            ("Gwet's AC2, quadratic", found.ac2), ("Same side of the standard", found.standard.exact), ("Of that: AC1", found.standard.ac1),
            ("Of that: Cohen's or Conger's kappa", found.standard.kappa),
        )
    )  # fmt: skip
    least = min((row.low if row.low is not None else row.estimate or 0.0 for row in rows), default=0.0)
    told = found.exact.value
    finding = (
        "Two raters: agreement cannot be given yet"
        if told is None
        else f"Two raters give exactly the same level in {told:.0%} of shared ratings"
    )
    return interval_chart(
        Rows(rows, "Value", lambda value: f"{value:.2f}", low=0.0 if least >= 0 else -1.0),
        name="agreement-of-raters", finding=finding, basis=f"n = {found.exact.basis}. The column of cases counts shared ratings.",
        method="Cases scored twice, blind, before any moderation. Intervals are for other cases rated by these raters, and allow for practitioners' cases being alike.",
        notes=tuple(one for one in (found.levels.warning, found.standard.warning, *found.held.notes) if one),
    )  # fmt: skip


def all_figures(found: Agreed) -> tuple[Figure, ...]:
    """Returns the figures of raters in order."""
    return (figure(found), over_months(found))


def over_months(found: Agreed) -> Figure:
    """Returns exact agreement month by month, beside that of all months; a month with fewer than FEWEST_SHOWN shared ratings has no figure."""
    rows = tuple(_month(one) for one in found.months)
    figure = interval_chart(
        Rows(rows, "Exactly alike", percent, reference=found.exact.value, reference_name="all months"),
        name="agreement-by-month", finding=f"Two raters, month by month: {_verdict(found)}",
        basis=f"n = {found.exact.basis}.",
        method="Share of pairs of blind ratings of the same criterion that are exactly alike, by the month of the draw; 95% intervals over practitioners. Months are few cases each: read the "
        "intervals, and the last half year beside the time before.",
        notes=(drift_sentence(found), _SAME_WAY),
    )  # fmt: skip
    columns = (
        "Month",
        "Shared ratings",
        "Exactly alike",
        "95% interval",
        "Within one level",
        "Same side of the standard",
    )
    told = tuple(_row(month, row) for month, row in zip(found.months, rows, strict=True))
    return replace(figure, columns=columns, rows=told)


def _month(one: Month) -> Interval:
    basis = counted(one.exact.cases, "shared rating")
    if one.exact.cases < FEWEST_SHOWN or one.exact.value is None:
        return Interval(one.period, None, None, None, basis, why="too few")
    ends = one.exact.interval
    return Interval(one.period, one.exact.value, ends.low if ends else None, ends.high if ends else None, basis)


def _row(one: Month, row: Interval) -> tuple[str, ...]:
    if row.estimate is None:
        return (one.period, str(one.exact.cases), *["too few"] * 4)
    ends = "none" if row.low is None or row.high is None else f"{percent(row.low)} to {percent(row.high)}"
    shares = ("none" if share.value is None else percent(share.value) for share in (one.near, one.side))
    return (one.period, str(one.exact.cases), percent(row.estimate), ends, *shares)


def _change(found: Agreed) -> tuple[float, Ends] | None:
    """Returns how far exact agreement of the last months lies from that before, with its interval; None where either cannot be said."""
    if found.lately is None or any(one.exact.cases < FEWEST_SHOWN for one in found.lately):
        return None
    before, last = (Estimate(one.exact.value, one.exact.interval, one.exact.cases, one.exact.cases, one.exact.name) for one in found.lately)  # fmt: skip
    ends = difference_interval(before, last)
    if ends is None or before.value is None or last.value is None:
        return None
    return last.value - before.value, ends


def _verdict(found: Agreed) -> str:
    change = _change(found)
    if change is None:
        return "whether agreement drifts cannot be said yet"
    if change[1].low <= 0 <= change[1].high:
        return "no drift of agreement is shown"
    return "raters agree more than before" if change[0] > 0 else "raters agree less than before"


def drift_sentence(found: Agreed) -> str:
    """Returns exact agreement of the last WINDOW months beside that before, and whether it moved by more than chance gives."""
    change = _change(found)
    if found.lately is None or change is None:
        return f"Whether raters drift apart cannot be said: it takes more than {WINDOW} months with double-scored cases of several practitioners."
    before, last = (f"{percent(one.exact.value or 0)} of {counted(one.exact.cases, 'shared rating')} ({one.words})" for one in found.lately)  # fmt: skip
    size, ends = change
    figures = f"{100 * size:+.0f} percentage points, 95% CI {100 * ends.low:+.0f} to {100 * ends.high:+.0f}"
    verdict = _verdict(found)
    return f"Exactly alike are {last}, and were {before}: {figures}. {verdict[0].upper()}{verdict[1:]}."


def strictness_sentence(found: Agreed) -> str:
    """Returns whether raters differ in strictness by more than chance gives, and by how much, naming nobody."""
    p = found.strictness.p
    if p is None or found.range is None:
        return f"Whether some raters are stricter than others cannot be said. {found.strictness.reason}".strip()
    figures = f"({p_words(p)} by permutation within cases; {counted(found.held.raters, 'rater')})"
    if p >= SIGNIFICANCE:
        return f"No difference in strictness between the raters is shown {figures}."
    low, high = found.range
    if found.held.raters < FEWEST_SHOWN:  # of so few each knows who the others are
        return f"Some raters are stricter than others {figures}."
    return f"Some raters are stricter than others {figures}: beside the others' levels of the same cases theirs lie from {low:+.2f} to {high:+.2f} levels."
