"""Everything that a report says, computed once: from gathered frames to estimates, charts, repair, transfer and what speaks against them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from sampling.evidence.estimates import difference
from sampling.evidence.funnel import Funnel, funnel
from sampling.evidence.measures import (
    RATIONALE,
    REVIEW,
    SPREAD_RUBRIC,
    STANDARD,
    CriterionMeasure,
    Headlines,
    criterion_measures,
    headline_measures,
)
from sampling.evidence.paired import PairedChange, Reference, paired_change
from sampling.evidence.regression_to_mean import Retest, retest_correlation
from sampling.evidence.results import Estimate
from sampling.reporting import monthly
from sampling.reporting.account import Account
from sampling.reporting.agreeing import Agreed, agreed
from sampling.reporting.gathering import SIGNED, Gathered
from sampling.reporting.pairs import double_scored, repair_pairs, transfer_pairs
from sampling.reporting.publishing import INSIDE, Publication
from sampling.reporting.tracking import Tracked, plan_for, track_means, track_shares
from sampling.reporting.windows import Window, Windows, windows
from sampling.scoring.settings.assignments import FIRST
from sampling.suppression import load_profile

SPREAD_MONTHS = 6  # a window of the spread between practitioners: about twelve cases each
FUNNEL_MONTHS = 12


@dataclass(frozen=True)
class Order:
    """What a report is asked for. `team` "" is the whole service; `baseline` as in windows.windows; `today` decides what is overdue."""

    period: str
    today: date
    team: str = ""
    baseline: str = ""


@dataclass(frozen=True)
class Side:
    """One side of the comparison: the cases with recent recorded change (`headlines`, `criteria`), and all open cases (`everyone`)."""

    window: Window
    headlines: Headlines
    criteria: tuple[CriterionMeasure, ...]
    everyone: Headlines


@dataclass(frozen=True)
class Agreement:
    """Double-scored criteria: how many pairs of levels, how many exactly alike and within one level."""

    cases: int
    pairs: int
    exact: int
    within_one: int


@dataclass(frozen=True)
class Analysis:
    """A report's results. Dictionaries are keyed by "<rubric>/<criterion>"; estimates say themselves why they cannot be had."""

    order: Order
    account: Account
    gathered: Gathered
    windows: Windows
    before: Side
    after: Side
    rationale_change: Estimate
    review_change: Estimate
    everyone_change: Estimate
    changes: Mapping[str, Estimate]
    rationale: Tracked
    review: Tracked
    spreads: pd.DataFrame
    repair: Mapping[str, PairedChange]
    transfer: PairedChange
    retest: Retest
    agreement: Agreement
    agreed: Agreed | None
    between_teams: Funnel
    between_practitioners: Funnel
    publication: Publication = field(default_factory=lambda: Publication(load_profile(INSIDE)))

    @property
    def pass_levels(self) -> Mapping[str, int]:
        """Returns rubric id -> pass level, of the versions met."""
        return {rubric.id: rubric.pass_level for rubric in self.gathered.rubrics}


def analyse(gathered: Gathered, account: Account, order: Order) -> Analysis:
    """Returns the results for a team or the service, up to the month asked for.

    Raises UsageError for a month or baseline that was not drawn, and StateError for a team that no draw knows.
    """
    mine = gathered.of_team(order.team) if order.team else gathered
    mine = mine.between(mine.periods[0] if mine.periods else order.period, order.period)
    span = windows(mine, account, last=order.period, baseline=order.baseline)
    levels = {rubric.id: rubric.pass_level for rubric in mine.rubrics}
    before, after = (_side(mine, window, levels) for window in (span.before, span.after))
    followed = monthly.followed(mine)
    rationale_plan, review_plan = (plan_for(span, account, ref) for ref in (RATIONALE, REVIEW))
    retest = _retest(mine)
    return Analysis(
        order=order,
        account=account,
        gathered=mine,
        windows=span,
        before=before,
        after=after,
        rationale_change=difference(
            before.headlines.rationale.mean, after.headlines.rationale.mean, span.comparability
        ),
        review_change=difference(before.headlines.review_missing, after.headlines.review_missing, span.comparability),
        everyone_change=difference(before.everyone.rationale.mean, after.everyone.rationale.mean, span.comparability),
        changes=_changes(before, after, span),
        rationale=track_means(monthly.mean_levels(followed, RATIONALE), rationale_plan, better="increase"),
        review=track_shares(monthly.below_standard(followed, REVIEW, levels.get(SPREAD_RUBRIC, STANDARD)), review_plan),
        spreads=monthly.spreads(followed, SPREAD_RUBRIC, SPREAD_MONTHS),
        repair=_repair(mine, levels, retest),
        # both cases of a pair are drawn in the same way, so nothing of their change comes from how they were chosen
        transfer=paired_change(transfer_pairs(mine, span, RATIONALE), "transfer", Reference("random")),
        retest=retest,
        agreement=_agreement(mine),
        agreed=agreed(mine),
        between_teams=funnel(_units(mine, "team", levels)),
        between_practitioners=funnel(_units(mine, "practitioner", levels)),
    )


def _side(gathered: Gathered, window: Window, levels: Mapping[str, int]) -> Side:
    inside = (
        gathered.between(*(window.periods[0], window.periods[-1]))
        if window.periods
        else gathered.between("9999", "0000")
    )
    followed = monthly.followed(inside)
    return Side(
        window,
        headline_measures(followed.scores, followed.design, pass_levels=levels),
        criterion_measures(followed.scores, followed.design, pass_levels=levels),
        headline_measures(inside.scores, inside.design, pass_levels=levels),
    )


def _changes(before: Side, after: Side, span: Windows) -> dict[str, Estimate]:
    earlier = {one.ref: one.meets for one in before.criteria}
    return {
        one.ref: difference(earlier[one.ref], one.meets, span.comparability)
        for one in after.criteria
        if one.ref in earlier
    }


def _repair(gathered: Gathered, levels: Mapping[str, int], retest: Retest) -> dict[str, PairedChange]:
    """Returns criterion -> change of the same cases, first scoring against the latest follow-up.

    A case is scored again because its first scoring found a gap: it was chosen on its level, and no p value is given. It is held against
    all drawn cases of its own draw: against those before the change alone, cases from after it would not look poor.
    """
    pairs = repair_pairs(gathered)
    first = gathered.scores[gathered.scores["stage"] == FIRST]
    whole = first.groupby(["ref", "draw_id"])["level"].mean().astype("float64").rename("mean").reset_index()
    means = pairs.dropna(subset=["before", "after"]).merge(whole).groupby("ref")["mean"].mean().to_dict()
    return {
        ref: paired_change(
            pairs[pairs["ref"] == ref][["case", "practitioner", "before", "after"]],
            "repair",
            Reference("level", means.get(ref), retest),
            pass_level=levels.get(ref.partition("/")[0], STANDARD),
        )
        for ref in dict.fromkeys(gathered.scores["ref"])
    }


def _retest(gathered: Gathered) -> Retest:
    pairs = double_scored(gathered)
    cases = pairs.groupby(["draw_id", "case"])[["own_level_first", "own_level_second"]].mean().astype("float64")
    return retest_correlation(cases["own_level_first"].tolist(), cases["own_level_second"].tolist())


def _agreement(gathered: Gathered) -> Agreement:
    pairs = double_scored(gathered)
    apart = (pairs["own_level_first"] - pairs["own_level_second"]).abs()
    cases = len(pairs.drop_duplicates(["draw_id", "case"]))
    return Agreement(cases, len(pairs), int((apart == 0).sum()), int((apart <= 1).sum()))


def _units(gathered: Gathered, unit: str, levels: Mapping[str, int]) -> pd.DataFrame:
    """Returns unit, period, count at the standard and n, of the last twelve months: what a funnel is made from."""
    recent = gathered.periods[-FUNNEL_MONTHS:]
    scores = monthly.followed(gathered).scores
    rows = scores[
        (scores["stage"] == FIRST)
        & (scores["ref"] == RATIONALE)
        & scores["level"].notna()
        & scores["period"].isin(recent)
    ]
    met = rows.assign(met=rows["level"] >= levels.get(RATIONALE.partition("/")[0], STANDARD))
    table = met.groupby([unit, "period"])["met"].agg(["sum", "size"]).reset_index()
    return table.rename(columns={unit: "unit", "sum": "count", "size": "n"}).astype({"count": "int64", "n": "int64"})


def training_share(gathered: Gathered) -> tuple[int, int]:
    """Returns how many of the draws are of level L0, and how many draws there are."""
    levels = gathered.draws["evidence_level"].dropna()
    return int((levels == "L0").sum()), len(levels)


def signed_share(gathered: Gathered) -> tuple[int, int]:
    """Returns how many drawn cases are scored and signed, and how many were drawn."""
    first = gathered.cases[gathered.cases["stage"] == FIRST]
    return int((first["state"] == SIGNED).sum()), len(first)
