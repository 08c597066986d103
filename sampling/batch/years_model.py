"""What is true of an invented service, month by month: how good each record is, what a change of practice does, what settles by itself.

A record's level on a criterion is that of an ordered logistic model: a case scores level k or better when

    base(criterion) + skill(practitioner) * spread + own(case) + crisis(case, month) + effect(criterion) - severity(rater) + noise

exceeds the threshold of k. All parts but the noise are known, so the share at the standard can be worked out and not only drawn.
Everything follows from the seed and the service's own ids. Nobody in it exists.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from sampling.batch.practice_raters import chances

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

# What the change of month 13 is: a template for escalation notes, and a review date that must be filled in. Effects in logits.
RATIONALE = (
    "escalation_rationale/options_weighed",
    "escalation_rationale/decision_and_reason",
    "escalation_rationale/told_and_response",
)
REVIEW_DATES = ("escalation_rationale/deviation_and_review", "crisis_plan_currency/findable_and_consistent")
UNTOUCHED = "crisis_plan_currency/signs_and_routes"  # the control: asked of every case, and left alone by the change
EFFECTS: Mapping[str, float] = {**dict.fromkeys(RATIONALE, 1.8), **dict.fromkeys(REVIEW_DATES, 1.6)}
NARROWER = 0.5  # what the template leaves of the differences between practitioners on these criteria
_BASES: Mapping[str, float] = {**dict.fromkeys(EFFECTS, -0.4), UNTOUCHED: 0.25}
_BASE_RANGE = (-0.3, 1.1)  # of all other criteria
THRESHOLDS = (-1.8, 0.0, 1.9)  # of levels 1, 2 and 3
SKILL_SD, CASE_SD, SEVERITY_SD = 0.6, 0.6, 0.15
CRISIS_MEAN, CRISIS_SD = -0.6, 0.7  # of a volatile case, in its month
SETTLED_SHARE = 0.7  # of a crisis is over a week later: without any change of practice
REPAIR = 1.3  # what rewriting a gap after supervision adds
PERSISTS = 0.6  # share of criteria whose entries are still the same a week later
SLIPS = {"first": 0.08, "second": 0.12}  # shares of criteria on which a rater is one level off
NOT_ACCESSIBLE = 0.015  # share of cases whose record cannot be opened
# Share of cases to which a rubric, or a criterion, does not apply: (volatile, all others).
_NOT_APPLICABLE: Mapping[str, tuple[float, float]] = {
    "escalation_rationale": (0.06, 0.30),
    "safeguarding_documentation": (0.45, 0.65),
    "crisis_plan_currency/carers_and_dependants": (0.25, 0.25),
}
_TINY = 1e-9
VOLATILE = "volatile"  # the stratum of cases with recent recorded change


@dataclass(frozen=True)
class Member:
    """One case that could be drawn in a month. Ids are the service's own; `case` and `practitioner` the digests that a pack has."""

    case: str
    case_id: str
    practitioner: str
    practitioner_id: str
    team: str
    rater: str
    stratum: str


@dataclass(frozen=True)
class Population:
    """The cases that could be drawn in one month, by position. `applies` is cases x criteria."""

    period: str
    members: tuple[Member, ...]
    skill: Floats
    own: Floats
    crisis: Floats
    severity: Floats
    applies: Bools


@dataclass(frozen=True)
class Model:
    """The truth of one service. `changed_from` is the first month with the change, or "" for a service without one."""

    seed: int
    refs: tuple[str, ...]
    changed_from: str = ""

    def chance(self, *parts: str) -> Callable[[str], float]:
        """Returns a number from 0 to 1 for each name, the same for the same parts."""
        return chances("years", str(self.seed), *parts)

    def normal(self, name: str) -> float:
        """Returns a standard normal number for a name."""
        return NormalDist().inv_cdf(min(max(self.chance()(name), _TINY), 1 - _TINY))

    def severity(self, rater: str) -> float:
        """Returns how much stricter than the others a rater is, in logits."""
        return SEVERITY_SD * self.normal(f"severity {rater}")

    def skill(self, practitioner: str) -> float:
        """Returns how much better than the others a practitioner's records are, in logits."""
        return SKILL_SD * self.normal(f"skill {practitioner}")

    def base(self, ref: str) -> float:
        """Returns a criterion's base, in logits: the average practitioner's case without a crisis."""
        low, high = _BASE_RANGE
        return _BASES.get(ref, low + (high - low) * self.chance()(f"base {ref}"))

    def is_changed(self, period: str) -> bool:
        """Returns whether the change of practice is in force in a month."""
        return bool(self.changed_from) and period >= self.changed_from

    def population(self, period: str, members: Sequence[Member]) -> Population:
        """Returns the cases of a month with all that is true of each."""
        severity = {rater: self.severity(rater) for rater in {one.rater for one in members}}
        skill = {name: self.skill(name) for name in {one.practitioner_id for one in members}}
        return Population(
            period,
            tuple(members),
            np.array([skill[one.practitioner_id] for one in members]),
            np.array([CASE_SD * self.normal(f"own {one.case_id}") for one in members]),
            np.array([self._crisis(period, one) for one in members]),
            np.array([severity[one.rater] for one in members]),
            np.array([self._applies(period, one) for one in members]).reshape(len(members), len(self.refs)),
        )

    def _crisis(self, period: str, member: Member) -> float:
        if member.stratum != VOLATILE:
            return 0.0
        return CRISIS_MEAN + CRISIS_SD * self.normal(f"crisis {period} {member.case_id}")

    def _applies(self, period: str, member: Member) -> list[bool]:
        chance, other = self.chance("applies", period, member.case_id), member.stratum != VOLATILE
        left_out = {name for name, shares in _NOT_APPLICABLE.items() if chance(name) < shares[other]}
        return [ref not in left_out and ref.partition("/")[0] not in left_out for ref in self.refs]

    def logits(self, population: Population, *, crisis: float = 1.0, skill: float | None = None) -> Floats:
        """Returns cases x criteria in logits, noise left out. `crisis` is the share of each crisis that is not over yet; with `skill`
        all cases are as if one practitioner held them.
        """
        changed = self.is_changed(population.period)
        base = np.array([self.base(ref) + (EFFECTS.get(ref, 0.0) if changed else 0.0) for ref in self.refs])
        spread = np.array([NARROWER if changed and ref in EFFECTS else 1.0 for ref in self.refs])
        of_case = population.own + crisis * population.crisis - population.severity
        held = population.skill if skill is None else np.full(len(population.members), skill)
        logits: Floats = base + held[:, None] * spread + of_case[:, None]
        return logits

    def noise(self, period: str, case_id: str, ref: str, *, later: bool = False) -> float:
        """Returns the noise of one criterion of one record, logistic: both raters of a record read the same entries.

        A week later most entries are the same, and the noise with them; the others are new.
        """
        chance = self.chance("noise", period, case_id, ref)
        fresh = later and chance("persists") >= PERSISTS
        share = min(max(chance("later" if fresh else "first"), _TINY), 1 - _TINY)
        return math.log(share / (1 - share))

    def rated(self, logit: float, *, slips: float, chance: Callable[[str], float]) -> int:
        """Returns the level that a rater gives a record, noise included in the logit: its own, or by a slip the one beside it."""
        level = sum(logit > threshold for threshold in THRESHOLDS)
        if chance("slip") >= slips:
            return level
        return min(3, level + 1) if chance("which") < 0.5 else max(0, level - 1)


def at_least(logits: Floats) -> Floats:
    """Returns the chance of level 1, 2 and 3 or better, as a last dimension of three, before any slip."""
    return 1 / (1 + np.exp(np.array(THRESHOLDS) - logits[..., None]))


def _weights(slips: float) -> Floats:
    """Returns w with: chance that a rater's level is 2 or better = sum over k of w_k * chance that the record's is k or better."""
    return np.array([slips / 2, 1 - slips, slips / 2])


def at_standard(logits: Floats, slips: float) -> Floats:
    """Returns the chance that a rater gives level 2 or better."""
    shares: Floats = at_least(logits) @ _weights(slips)
    return shares


def mean_level(logits: Floats, slips: float) -> Floats:
    """Returns the mean level that a rater gives. A slip up from 3 or down from 0 changes nothing."""
    chance = at_least(logits)
    means: Floats = chance.sum(axis=-1) + slips / 2 * (1 - chance[..., 2] - chance[..., 0])
    return means


def both_at_standard(before: Floats, after: Floats, slips: float) -> Floats:
    """Returns the chance that a record is rated 2 or better now and a week later: the same entries in PERSISTS of the criteria."""
    first, second, weights = at_least(before), at_least(after), _weights(slips)
    same = np.minimum(first[..., :, None], second[..., None, :])
    apart = first[..., :, None] * second[..., None, :]
    together: Floats = np.einsum("...jk,j,k->...", PERSISTS * same + (1 - PERSISTS) * apart, weights, weights)
    return together
