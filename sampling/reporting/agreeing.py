"""How far two raters agree on the real cases that both scored blind: the figures of a calibration, month after month, on the evidence report.

Nobody is named and no rater has a figure. Intervals resample practitioners, whose cases are alike. The model of strictness
(evidence.agreement.severity) is left to calibration: on two years of cases it takes longer than the rest of the report.
"""

from __future__ import annotations

from dataclasses import dataclass

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
from sampling.evidence.agreement.data import Overlap, overlap, rating_table
from sampling.evidence.agreement.exchange import exchange_test
from sampling.evidence.agreement.raters import rater_facts
from sampling.evidence.agreement.sentences import FEWEST_SHOWN
from sampling.evidence.agreement.standard import AtTheStandard, at_the_standard
from sampling.evidence.results import SIGNIFICANCE, PValue, counted
from sampling.evidence.sentences import p_words
from sampling.plots.figure import Figure
from sampling.plots.intervals import Interval, Rows, interval_chart
from sampling.reporting.gathering import Gathered
from sampling.reporting.pairs import double_scored
from sampling.scoring.settings.assignments import FIRST, SECOND

WINDOW = 6  # months that are put together to watch agreement over time: a month has a handful of double-scored cases


@dataclass(frozen=True)
class Agreed:
    """Agreement of raters on double-scored cases. `by_criterion` and `over_time` are (criterion, or months in words; exact agreement; within one); `square` is the first
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
    square: tuple[tuple[int, ...], ...]


def agreed(gathered: Gathered) -> Agreed | None:
    """Returns how far raters agree, None where no case was scored by two."""
    frame = double_frame(gathered)
    if frame["level"].notna().sum() < 2 or frame["rater"].nunique() < 2:
        return None
    table = rating_table(frame, by_practitioner=True)
    facts = [one.difference.value for one in rater_facts(table) if one.difference.value is not None]
    return Agreed(
        held=overlap(table),
        levels=distribution(table),
        exact=exact_agreement(table),
        near=within_one(table),
        alpha=krippendorff_alpha(table, "krippendorff_ordinal"),
        ac2=gwet_ac(table, "quadratic"),
        standard=at_the_standard(table),
        strictness=exchange_test(table, int(gathered.digest[:8], 16)),
        range=(min(facts), max(facts)) if facts else None,
        by_criterion=tuple((ref, *_shares(frame, ref)) for ref in sorted(frame["criterion"].unique())),
        over_time=tuple(_windows(frame)),
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
            found.append((months[0] if len(months) == 1 else f"{months[0]} to {months[-1]}", *_shares(part)))
    return found


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
