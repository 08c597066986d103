"""How sure a coefficient is: over other cases, over other raters too, and by the bootstrap."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sampling.evidence.agreement.data import Floats, Ratings, select
from sampling.evidence.agreement.forms import Form
from sampling.evidence.intervals import t_interval
from sampling.evidence.results import CONFIDENCE, Interval

BOOTSTRAP_TIMES = 2000
FEW_CASES = (
    30  # below so many an interval of a coefficient is wide whatever its name; said in a note, nothing is withheld
)
_STEP = 1e-30  # of the complex step: the derivative is then exact to rounding
_AT_ONCE = 2_000_000  # numbers held in one array
SAME = 1e-9  # below this a standard error is rounding, not spread


@dataclass(frozen=True)
class Uncertainty:
    """Which intervals to give beside the linearised one over cases.

    `seed` asks for the percentile bootstrap, repeatable. `population` is the number of cases that were drawn from, for the finite
    population correction; None takes the cases to be a few of very many. `other_raters` asks for an interval for other raters like these.
    """

    seed: int | None = None
    times: int = BOOTSTRAP_TIMES
    population: int | None = None
    other_raters: bool = False


@dataclass(frozen=True)
class Spread:
    """Standard error over cases and the three intervals; None where not asked for or not to be had, which `notes` say."""

    standard_error: float | None
    interval: Interval | None
    bootstrap: Interval | None
    other_raters: Interval | None
    notes: tuple[str, ...] = ()


def components(form: Form, rows: int) -> Floats:
    """Returns the derivative of the value with respect to how much each row counts: its linear component over n, summing to 0.

    For rows that all have two levels or more these are irrCAC's components. Where some have one, irrCAC takes the number with two for
    fixed and so counts each single row as one of no agreement: an error that grows with their share (tests show both).
    """
    found = np.empty(rows)
    block = max(1, _AT_ONCE // rows)
    for start in range(0, rows, block):
        size = min(block, rows - start)
        count = np.ones((size, rows), dtype=np.complex128)
        count[range(size), range(start, start + size)] += 1j * _STEP
        found[start : start + size] = form(count).value.imag / _STEP
    return found


def linearised_error(form: Form, ratings: Ratings, population: int | None = None) -> float:
    """Returns the linearised standard error over clusters of rows: sqrt((1 - f) G/(G - 1) * sum of squared cluster totals)."""
    totals = np.bincount(ratings.cluster, components(form, len(ratings.cases)))
    groups = len(totals)
    sampled = 1 - groups / population if population else 1.0
    return float(np.sqrt(max(0.0, sampled) * groups / (groups - 1) * np.sum((totals - totals.mean()) ** 2)))


def bootstrap_values(form: Form, ratings: Ratings, uncertainty: Uncertainty) -> Floats:
    """Returns the value in each bootstrap sample of clusters (whole rows), NaN where a sample has none."""
    generator = np.random.default_rng(uncertainty.seed)
    groups = ratings.clusters
    block = max(1, _AT_ONCE // len(ratings.cases))
    values = []
    for start in range(0, uncertainty.times, block):
        size = min(block, uncertainty.times - start)
        drawn = generator.multinomial(groups, np.full(groups, 1 / groups), size=size)
        values.append(form(drawn[:, ratings.cluster].astype(np.float64)).value.real)
    return np.concatenate(values)


def jackknife_error(build: Callable[[Ratings], Form], ratings: Ratings) -> float | None:
    """Returns the standard error over raters by leaving out one at a time (Gwet 2014, chapter 5); None where a value is lacking."""
    raters = len(ratings.raters)
    values = []
    for place in range(raters):
        rest = select(ratings, raters=np.arange(raters) != place)
        if len(rest.raters) < 2:
            return None
        values.append(float(build(rest)(np.ones((1, len(rest.cases)))).value[0].real))
    array = np.array(values)
    if not np.isfinite(array).all():
        return None
    return float(np.sqrt((raters - 1) / raters * np.sum((array - array.mean()) ** 2)))


def spread(
    build: Callable[[Ratings], Form],
    ratings: Ratings,
    uncertainty: Uncertainty,
    *,
    value: float,
    error: float,
    groups: int,
) -> Spread:
    """Returns the intervals of a value whose linearised standard error is `error`; `groups` are the clusters with rows that can be compared."""
    if uncertainty.population is not None and groups >= uncertainty.population:
        return Spread(
            0.0,
            None,
            None,
            None,
            (f"Every {ratings.together} of those drawn from is here: nothing is left to estimate.",),
        )
    if error < SAME:
        return Spread(
            0.0,
            None,
            None,
            None,
            (f"All {groups:,} {ratings.together}s tell the same, so no interval can be estimated.",),
        )
    interval = _capped(value, error, groups - 1, f"linearised over {ratings.together}s, these raters")
    notes: list[str] = []
    boot = _bootstrap(build(ratings), ratings, uncertainty, notes) if uncertainty.seed is not None else None
    if boot is not None and groups < FEW_CASES:
        notes.append("With so few, the percentile bootstrap is too narrow: the linearised interval is the one to use.")
    others = _over_raters(build, ratings, uncertainty=uncertainty, value=value, error=error, groups=groups, notes=notes)
    if uncertainty.population is not None:
        notes.append(f"Finite population correction: {groups:,} of {uncertainty.population:,} {ratings.together}s.")
    return Spread(error, interval, boot, others, tuple(notes))


def _capped(value: float, error: float, degrees: int, over: str) -> Interval:
    """Returns the t interval, cut at 1, named."""
    plain = t_interval(value, error, degrees, high=1.0)
    return Interval(plain.low, plain.high, f"{plain.method}, {over}")


def _bootstrap(form: Form, ratings: Ratings, uncertainty: Uncertainty, notes: list[str]) -> Interval | None:
    values = bootstrap_values(form, ratings, uncertainty)
    known = values[np.isfinite(values)]
    if len(known) < uncertainty.times / 2:
        notes.append("More than half of the bootstrap samples have no value, so the bootstrap says nothing.")
        return None
    if len(known) < uncertainty.times:
        notes.append(
            f"{uncertainty.times - len(known):,} of {uncertainty.times:,} bootstrap samples have no value (no variation, or a rater without a case) and are left out."
        )
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(known, [tail, 1 - tail])
    name = f"percentile bootstrap of {ratings.together}s, {uncertainty.times:,} samples, seed {uncertainty.seed}"
    return Interval(float(low), float(high), name)


def _over_raters(
    build: Callable[[Ratings], Form],
    ratings: Ratings,
    *,
    uncertainty: Uncertainty,
    value: float,
    error: float,
    groups: int,
    notes: list[str],
) -> Interval | None:
    """Returns the interval for other raters: the variances over cases and over raters added (Gwet 2014, chapter 5)."""
    if not uncertainty.other_raters:
        return None
    raters = len(ratings.raters)
    between = jackknife_error(build, ratings) if raters >= 3 else None
    if between is None:
        notes.append("For other raters nothing can be said: that needs three raters, and a value without each of them.")
        return None
    over = f"other {ratings.together}s and other raters (jackknife)"
    return _capped(value, float(np.hypot(error, between)), min(raters, groups) - 1, over)
