"""Seeded vignettes: about one in ten of a rater's second ratings is an invented case with known levels, to watch whether thresholds drift.

Planted are second ratings alone: they are read under an alias, from the panel's own notes. Which rater meets which vignette follows from the
service's secret, so that nobody who knows the draw's seed can tell, and every start of the program says the same. Such a case is in no
frame, no draw and no estimate (docs/seeded.md, docs/decisions/0017).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sampling.policy import Signal
from sampling.rubric.vignettes import Vignette
from sampling.scoring.settings.assignments import FIRST, MODERATION, SECOND, Begun, Review, review_id
from sampling.scoring.settings.draws import Draw, DrawnCase
from sampling.scoring.settings.policy import ScoringPolicy
from sampling.tickets import digest

Chance = Callable[[str], str]  # a text -> 64 hexadecimal digits that only the holder of the service's secret can tell
HEX = 16


@dataclass(frozen=True)
class Pool:
    """The vignettes that can be planted, retired ones among them, what decides by the service's secret, and the signals that a draw's
    extract could show.
    """

    vignettes: tuple[Vignette, ...]
    chance: Chance
    signals: Callable[[Draw], tuple[Signal, ...]]


@dataclass(frozen=True)
class Planted:
    """One seeded case: the reviews that it is made of (nobody is its first rater), what stands for its case, and the vignette. `beside` is
    the first rating of a real case of the same rater: where lists say how far the first rater is, a seeded case says what that one says.
    """

    reviews: tuple[Review, ...]
    case: DrawnCase
    vignette: Vignette
    beside: str


def may_plant(draw: Draw, policy: ScoringPolicy, has_notes: bool) -> bool:
    """Returns whether an invented case can stand among those of a draw: it would be looked up in vain where a rater sees ids, or has to
    read the notes elsewhere.
    """
    return policy.text_kept and not policy.second_sees_case_id and has_notes


def plant(
    draws: Sequence[Draw],
    reviews: Iterable[Review],
    pool: Pool,
    *,
    one_in: int,
    in_use: Callable[[str], Mapping[str, str]],
    begun: Mapping[str, Begun],
) -> tuple[Planted, ...]:
    """Returns the seeded cases of these draws (those in which one may stand, oldest first) among the second ratings of `reviews`.

    What was begun (review id -> by whom) stays, also where its rater has no seat or no real case any more. Nobody meets the same vignette twice. `in_use` is profile -> rubric id -> version: a vignette
    with other versions is not planted.
    """
    seconds: dict[tuple[str, str], list[Review]] = defaultdict(list)
    for review in reviews:
        if review.stage == SECOND and review.rater and review.sealed:
            seconds[review.commit, review.rater].append(review)
    found: list[Planted] = []
    met = _begun_with(draws, {rater for _, rater in seconds} | {one.rater for one in begun.values()}, pool, begun)
    for draw in draws:
        here = {rater for commit, rater in seconds if commit == draw.commit}
        for rater in sorted(here | {rater for rater, commit, _ in met if commit == draw.commit}):
            real = seconds.get((draw.commit, rater), [])
            chosen = [one for one in pool.vignettes if (rater, draw.commit, one.id) in met]
            fit = [one for one in pool.vignettes if fits(one, draw, in_use(draw.profile))]
            fit = [one for one in fit if not any((rater, other.commit, one.id) in met for other in draws)]
            fit.sort(key=lambda one: pool.chance(f"vignette|{rater}|{one.id}"))
            chosen += fit[: max(0, _how_many(draw, rater, len(real), one_in, pool) - len(chosen))]
            met |= {(rater, draw.commit, one.id) for one in chosen}
            beside = draw.case(min(one.case for one in real)) if real else None
            found += [_planted(draw, rater, one, beside, pool) for one in chosen]
    return tuple(found)


def _how_many(draw: Draw, rater: str, real: int, one_in: int, pool: Pool) -> int:
    """Returns how many a rater is given beside so many real ones: one in `one_in` in the long run, whole numbers by chance; none at 0."""
    if not one_in:
        return 0
    return (real + int(pool.chance(f"chance|{draw.commit}|{rater}")[:HEX], 16) % one_in) // one_in


def _begun_with(
    draws: Sequence[Draw], raters: Collection[str], pool: Pool, begun: Collection[str]
) -> set[tuple[str, str, str]]:
    """Returns (rater, commitment, vignette) of the seeded cases that somebody has begun to rate."""
    return {
        (rater, draw.commit, one.id)
        for draw in draws
        for rater in raters
        for one in pool.vignettes
        if review_id(draw.commit, _case(draw, rater, one, pool)[1], SECOND) in begun
    }


def fits(vignette: Vignette, draw: Draw, rubrics: Mapping[str, str]) -> bool:
    """Returns whether a vignette can be planted in a draw: of its profile, offered still, and with the rubric versions in use."""
    return vignette.setting == draw.profile and not vignette.retired and dict(vignette.rubrics) == dict(rubrics)


def _case(draw: Draw, rater: str, vignette: Vignette, pool: Pool) -> tuple[str, str]:
    """Returns the key of a seeded case and its digest, which are like those of any case."""
    key = pool.chance(f"case|{draw.commit}|{rater}|{vignette.id}")
    return key, digest(key)


def _planted(draw: Draw, rater: str, vignette: Vignette, beside: DrawnCase | None, pool: Pool) -> Planted:
    key, case = _case(draw, rater, vignette, pool)
    practitioner = pool.chance(f"practitioner|{draw.commit}|{rater}|{vignette.id}")
    signals = [one for one in pool.signals(draw) if one.id in vignette.signals]
    kinds = [event.kind for event in vignette.events]
    drawn = DrawnCase(
        case=case,
        case_key=key,
        practitioner=digest(practitioner),
        practitioner_key=practitioner,
        team=beside.team if beside else "",
        stratum=beside.stratum if beside else "",
        reasons="; ".join(one.reason(max(1, sum(kind in one.kinds for kind in kinds))) for one in signals),
        signals=tuple(one.id for one in signals),
        state="selected",
        follows=case,
    )

    def review(stage: str, key: str) -> Review:
        name = review_id(draw.commit, case, stage)
        sealed = stage != MODERATION
        return Review(name, draw.commit, case, drawn.case_key, practitioner, stage, key, sealed, planted=vignette.id)

    named = review_id(draw.commit, beside.case, FIRST) if beside else ""
    return Planted((review(FIRST, ""), review(SECOND, rater), review(MODERATION, "")), drawn, vignette, named)
