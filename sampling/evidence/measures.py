"""The measures of a report: each criterion of each rubric, and the three headlines that the supervision article asks for.

The article's evidence of change is "clearer rationale, fewer missing review dates, less variation between practitioners" (operational
example 1, monthly audits). Which criteria carry them is a decision, made here once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from sampling.evidence.estimates import ONE_PRACTITIONER, Level, mean_of, profile_of, refused, share_of
from sampling.evidence.results import Estimate, counted
from sampling.evidence.spread import Spread, between_practitioners
from sampling.evidence.strata import Flags, Sampled, homes, match, need_columns

SCORE_COLUMNS = (
    "draw_id",
    "case",
    "practitioner",
    "team",
    "stratum",
    "stage",
    "rubric",
    "criterion",
    "ref",
    "level",
    "code",
    "rubric_digest",
)
STANDARD = 2  # the pass level where a rubric names none
LEVELS = (0, 1, 2, 3)
CODES = ("not_applicable", "not_accessible", "not_scored")
FIRST = "first"  # the stage that draws are judged by: the first scoring, before any rewriting
RATIONALE = "escalation_rationale/decision_and_reason"  # "is the rationale documented clearly": what was decided, why, by whom and when
REVIEW = "escalation_rationale/deviation_and_review"  # level 2 asks for a review with a date and an owner
SPREAD_RUBRIC = "escalation_rationale"  # variation is between practitioners' cases on the whole rubric, the most cases and the least noise
REVIEW_NOTE = (
    "Below the standard means that the review has no date or no owner, or that a step off the pathway is not explained: the levels do not part "
    "the three, so this is the most that can be missing a review date."
)


@dataclass(frozen=True)
class Counts:
    """Drawn cases by what is known of them. `by_level` has levels 0 to 3; the codes stand beside the denominator `scored`, not in it."""

    scored: int
    by_level: tuple[int, int, int, int]
    at_standard: int
    not_applicable: int
    not_accessible: int
    not_scored: int


@dataclass(frozen=True)
class CriterionMeasure:
    """One criterion: how many were scored at what, the share at or above the standard, the mean level, and the profile of the frame.

    `profile` is the weighted share of levels 0 to 3, None where nothing was scored.
    """

    ref: str
    pass_level: int
    counts: Counts
    meets: Estimate
    mean: Estimate
    profile: tuple[float, ...] | None


@dataclass(frozen=True)
class Headlines:
    """The three headline measures. `review_missing` is the share below the standard on the review criterion: fewer is better."""

    rationale: CriterionMeasure
    review_missing: Estimate
    review_counts: Counts
    variation: Spread


def criterion_measures(
    scores: pd.DataFrame,
    design: pd.DataFrame,
    *,
    pass_levels: Mapping[str, int] | None = None,
    stage: str = FIRST,
    level: Level = "service",
) -> tuple[CriterionMeasure, ...]:
    """Returns the measures of every criterion in `scores`, in order of first appearance. `pass_levels` is rubric id -> pass level."""
    at_stage = _at_stage(scores, stage)
    return tuple(
        _measure(rows, ref, design, (pass_levels or {}).get(str(rows["rubric"].iloc[0]), STANDARD), level)
        for ref, rows in _by_ref(at_stage)
    )


def headline_measures(
    scores: pd.DataFrame,
    design: pd.DataFrame,
    *,
    pass_levels: Mapping[str, int] | None = None,
    stage: str = FIRST,
    level: Level = "service",
) -> Headlines:
    """Returns rationale clarity, missing review dates and variation between practitioners; each says so where it cannot be had."""
    at_stage = _at_stage(scores, stage)
    standard = (pass_levels or {}).get(SPREAD_RUBRIC, STANDARD)
    rationale = _measure(at_stage[at_stage["ref"] == RATIONALE], RATIONALE, design, standard, level)
    review = _measure(at_stage[at_stage["ref"] == REVIEW], REVIEW, design, standard, level)
    return Headlines(rationale, _complement(review.meets), review.counts, _variation(_drawn(at_stage, design)))


def _at_stage(scores: pd.DataFrame, stage: str) -> pd.DataFrame:
    need_columns(scores, SCORE_COLUMNS, "scores")
    return scores[scores["stage"] == stage]


def _by_ref(scores: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    for ref, rows in scores.groupby("ref", sort=False):
        yield str(ref), rows


def _measure(rows: pd.DataFrame, ref: str, design: pd.DataFrame, pass_level: int, level: Level) -> CriterionMeasure:
    """Returns one criterion's measure from its rows, one a case."""
    counts = _counts(rows, design, pass_level)
    digests = rows["rubric_digest"].dropna().nunique()
    none = refused(design, level, "not estimated") or _alone(rows)
    if digests > 1:
        none = Estimate(None, None, 0, 0, "not estimated", reason=_mixed(digests))
    if none is not None:
        return CriterionMeasure(ref, pass_level, counts, none, none, None)
    sampled = match(rows.assign(value=rows["level"]), design)
    mean = mean_of(sampled)
    meets = share_of(_where(sampled, sampled.value >= pass_level))
    profile = profile_of(sampled, LEVELS)
    return CriterionMeasure(ref, pass_level, counts, meets, mean, profile)


def _alone(rows: pd.DataFrame) -> Estimate | None:
    """Returns the refusal where all cases that were scored on this are one practitioner's, however many were drawn from; else None."""
    holders = rows.loc[rows["level"].notna(), "practitioner"]
    if holders.nunique() != 1:
        return None
    return Estimate(None, None, 0, 0, "not estimated", reason=ONE_PRACTITIONER)


def _where(sampled: Sampled, met: Flags) -> Sampled:
    """Returns the same cases with 1 where something is met and 0 elsewhere."""
    return replace(sampled, value=np.where(sampled.counts & met, 1.0, 0.0))


def _counts(rows: pd.DataFrame, design: pd.DataFrame, pass_level: int) -> Counts:
    """Returns the plain counts of drawn cases; one without a row is not scored yet. Tabled cases are none of them (strata.match says so)."""
    rows = _drawn(rows, design)
    levels = rows["level"].dropna().to_numpy(np.int64)
    by_level = np.bincount(levels, minlength=len(LEVELS))
    codes = rows.loc[rows["level"].isna(), "code"].fillna("")
    known = {code: int((codes == code).sum()) for code in CODES}
    rowless = max(0, int(design["drawn"].sum()) - len(rows))
    blank = int((~codes.isin(CODES)).sum())
    return Counts(
        len(levels),
        (int(by_level[0]), int(by_level[1]), int(by_level[2]), int(by_level[3])),
        int(np.sum(levels >= pass_level)),
        known["not_applicable"],
        known["not_accessible"],
        known["not_scored"] + blank + rowless,
    )


def _drawn(rows: pd.DataFrame, design: pd.DataFrame) -> pd.DataFrame:
    """Returns the rows of drawn cases, without those that were tabled or read for learning."""
    return rows[homes(rows, design.reset_index(drop=True)) >= 0]


def _mixed(digests: int) -> str:
    return f"The scores were made with {counted(digests, 'version')} of the rubric, so they are not put together. Look at each version by itself, or re-score."


def _complement(meets: Estimate) -> Estimate:
    """Returns the share that does not meet the standard, with both intervals and the bounds turned round."""
    if meets.value is None:
        return meets

    interval, second = (
        None if one is None else replace(one, low=1 - one.high, high=1 - one.low)
        for one in (meets.interval, meets.second)
    )
    return replace(
        meets,
        value=1 - meets.value,
        interval=interval,
        second=second,
        unweighted=None if meets.unweighted is None else 1 - meets.unweighted,
        bounds=None if meets.bounds is None else (1 - meets.bounds[1], 1 - meets.bounds[0]),
        notes=(REVIEW_NOTE, *meets.notes),
    )


def _variation(scores: pd.DataFrame) -> Spread:
    """Returns the spread between practitioners of the cases' mean level on the rubric."""
    rubric = scores[(scores["rubric"] == SPREAD_RUBRIC) & scores["level"].notna()]
    digests = rubric["rubric_digest"].nunique()
    if digests > 1:
        return Spread(None, None, None, None, None, None, None, (), 0, 0, reason=_mixed(digests))
    by_case = rubric.assign(value=rubric["level"].astype("float64")).groupby(
        ["draw_id", "practitioner", "case"], sort=False
    )
    return between_practitioners(by_case["value"].mean().reset_index())
