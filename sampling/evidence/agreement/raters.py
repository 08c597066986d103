"""What each rater did, in figures that need no model: beside the severity, and in its place where the model cannot be fitted."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sampling.evidence.agreement.data import AT_THE_STANDARD, Flags, Floats, Ratings, at_or_above, select
from sampling.evidence.agreement.means import mean_over
from sampling.evidence.clustered import ClusteredMean
from sampling.evidence.sentences import percent

FEWEST_FOR_A_HABIT = 8  # ours: with fewer ratings, middle levels only may be what the cases asked for
ENDS_OF_OTHERS = 0.2  # ours: where others hardly used the ends either, there was no call to


@dataclass(frozen=True)
class RaterFacts:
    """One rater; all but `ratings` and `levels` on the `shared` rows, which others rated too. None where there is nothing to count.

    `difference` is the mean of own level less the mean of the others' on the same row, with its interval over cases: above 0 is more lenient.
    `within_one` is the share of the others' levels within one of the rater's. `levels` counts the use of each level of the scale;
    `middle` is the rater's share of levels that are neither end, `others_middle` the others': far above theirs, central tendency.
    `at_standard` and `consensus_at_standard` are the shares at or above the cut, by the rater and by the majority of the others, on the
    `decided` rows where there is a majority; `with_consensus` the share of these on which the two are the same.
    """

    rater: str
    ratings: int
    levels: tuple[int, ...]
    difference: ClusteredMean
    shared: int = 0
    within_one: float | None = None
    middle: float | None = None
    others_middle: float | None = None
    at_standard: float | None = None
    consensus_at_standard: float | None = None
    with_consensus: float | None = None
    decided: int = 0
    notes: tuple[str, ...] = ()


def rater_facts(ratings: Ratings, *, cut: int = AT_THE_STANDARD) -> tuple[RaterFacts, ...]:
    """Returns what each rater did, in the order of the table."""
    shared = select(ratings, rows=ratings.given >= 2)
    return tuple(_one(ratings, shared, name, cut) for name in ratings.raters)


def _one(ratings: Ratings, shared: Ratings, name: str, cut: int) -> RaterFacts:
    levels = ratings.levels[:, ratings.raters.index(name)]
    use = tuple(int(np.sum(levels == level)) for level in ratings.scale)
    nothing = ClusteredMean(None, None, None, None, 0, 0, reason="No other rater rated the same cases.")
    facts = RaterFacts(name, sum(use), use, nothing)
    if name not in shared.raters:
        return facts
    place = shared.raters.index(name)
    rows: Flags = ~np.isnan(shared.levels[:, place])
    own, others = shared.levels[rows, place], np.delete(shared.levels[rows], place, axis=1)
    near = np.abs(others - own[:, None])
    facts = replace(
        facts,
        difference=mean_over(own - np.nanmean(others, axis=1), shared, rows),
        shared=len(own),
        within_one=float(np.mean(near[~np.isnan(near)] <= 1)),
        middle=_middle(own, ratings.scale),
        others_middle=_middle(others, ratings.scale),
    )
    facts = _beside_the_majority(facts, at_or_above(shared, cut).levels[rows], place)
    return replace(facts, notes=_habits(facts, ratings.scale))


def _middle(levels: Floats, scale: tuple[int, ...]) -> float:
    known = levels[~np.isnan(levels)]
    return float(np.mean((known > scale[0]) & (known < scale[-1])))


def _beside_the_majority(facts: RaterFacts, yes: Floats, place: int) -> RaterFacts:
    """Returns the facts with the rater beside the majority of the others, on the rows where more than half of these go one way."""
    share = np.nanmean(np.delete(yes, place, axis=1), axis=1)
    clear = share != 0.5
    if not clear.any():
        return facts
    own, consensus = yes[clear, place], (share[clear] > 0.5).astype(np.float64)
    return replace(
        facts,
        at_standard=float(own.mean()),
        consensus_at_standard=float(consensus.mean()),
        with_consensus=float((own == consensus).mean()),
        decided=int(clear.sum()),
    )


def _habits(facts: RaterFacts, scale: tuple[int, ...]) -> tuple[str, ...]:
    """Returns the sentence on central tendency: the ends never used where others used them."""
    if facts.shared < FEWEST_FOR_A_HABIT or facts.middle != 1 or facts.others_middle is None:
        return ()
    ends = 1 - facts.others_middle
    if ends < ENDS_OF_OTHERS:
        return ()
    said = f"Never gave {scale[0]} or {scale[-1]} in {facts.shared} ratings; the others gave them in {percent(ends)} of theirs of the same cases."
    return (said,)
