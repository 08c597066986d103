"""Agreement of raters as one number with its interval: plain shares first, then the coefficients that take chance away.

Which to use when, and what each hides: docs/agreement.md. Raters are these raters unless `other_raters` is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from sampling.evidence.agreement import forms
from sampling.evidence.agreement.data import Floats, Ratings, counts_by_level, select
from sampling.evidence.agreement.forms import Form
from sampling.evidence.agreement.intervals import FEW_CASES, SAME, Uncertainty, linearised_error, spread
from sampling.evidence.agreement.weights import METRIC_IN_WORDS, WEIGHTS_IN_WORDS, Metric, Weights
from sampling.evidence.intervals import beta_interval, effective_size
from sampling.evidence.results import Interval, counted

ONE_LEVEL = 0.8  # share of one level above which kappa and alpha say little (scoring-ui design, section 5.7)
PLAIN = Uncertainty()
_NOTHING_SHARED = "No case was rated by two raters, so there is nothing to compare."


@dataclass(frozen=True)
class Agreement:
    """A share or a coefficient, or the reason why there is none.

    `interval` is for other cases rated by these raters; `bootstrap` the same by resampling; `other_raters` for other raters like these.
    `observed` and `expected` are the agreement seen and that taken away as chance (None for a plain share). `cases` counts the rows with
    two levels or more, which alone tell of agreement (`basis` says so in words); `ratings` the levels in use, `raters` those who gave them.
    """

    name: str
    value: float | None
    interval: Interval | None
    cases: int
    raters: int
    ratings: int
    basis: str
    standard_error: float | None = None
    bootstrap: Interval | None = None
    other_raters: Interval | None = None
    observed: float | None = None
    expected: float | None = None
    reason: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Distribution:
    """How often each level was given. `warning` says when one level has more than ONE_LEVEL of them: chance-corrected figures then mislead."""

    counts: tuple[int, ...]
    scale: tuple[int, ...]
    ratings: int
    warning: str = ""


def distribution(ratings: Ratings) -> Distribution:
    """Returns how often each level of the scale was given, with the warning about prevalence."""
    counts = tuple(int(count) for count in counts_by_level(ratings).sum(axis=0))
    total = sum(counts)
    most = max(counts, default=0)
    warning = ""
    if total and most > ONE_LEVEL * total:
        level = ratings.scale[counts.index(most)]
        warning = (
            f"{100 * most / total:.0f}% of the levels are {level}: with so little variation kappa and alpha are low and unsteady even where raters agree. "
            "Read the exact agreement first, and AC1 or AC2 beside."
        )
    return Distribution(counts, ratings.scale, total, warning)


def exact_agreement(ratings: Ratings, uncertainty: Uncertainty = PLAIN) -> Agreement:
    """Returns the share of pairs of ratings of the same case and criterion with the same level, each pair counting once."""
    return _share(ratings, "Exact agreement", np.eye(len(ratings.scale)), uncertainty)


def within_one(ratings: Ratings, uncertainty: Uncertainty = PLAIN) -> Agreement:
    """Returns the share of pairs of ratings of the same case and criterion that lie at most one level apart."""
    levels = np.asarray(ratings.scale)
    near = (np.abs(levels[:, None] - levels[None, :]) <= 1).astype(np.float64)
    return _share(ratings, "Agreement within one level", near, uncertainty)


def krippendorff_alpha(ratings: Ratings, metric: Metric, uncertainty: Uncertainty = PLAIN) -> Agreement:
    """Returns Krippendorff's alpha (2011). Cases with one rating do not count; a level that nobody used changes nothing.

    The standard error is irrCAC's (the linearised alpha without the term for small samples); for Krippendorff's ordinal metric the same
    derivative also follows the ranks, which move with the ratings.
    """
    shared = select(ratings, rows=ratings.given >= 2)
    name = f"Krippendorff's alpha, {METRIC_IN_WORDS[metric]}"
    return _coefficient(
        shared,
        name,
        lambda part: forms.alpha(part, metric),
        uncertainty,
        smooth=lambda part: forms.alpha(part, metric, small_sample=False),
    )


def gwet_ac(ratings: Ratings, weights: Weights = "identity", uncertainty: Uncertainty = PLAIN) -> Agreement:
    """Returns Gwet's AC1 (identity) or AC2 (2008, 2014). The levels are those of the scale: each unused one raises AC2, so the scale is the rubric's."""
    name = "Gwet's AC1" if weights == "identity" else f"Gwet's AC2, {WEIGHTS_IN_WORDS[weights]}"
    return _coefficient(ratings, name, lambda part: forms.gwet(part, weights), uncertainty)


def fleiss_kappa(ratings: Ratings, weights: Weights = "identity", uncertainty: Uncertainty = PLAIN) -> Agreement:
    """Returns Fleiss' kappa (1971) for any number of raters, with weights as in Gwet 2014."""
    name = f"Fleiss' kappa, {WEIGHTS_IN_WORDS[weights]}"
    return _coefficient(ratings, name, lambda part: forms.fleiss(part, weights), uncertainty)


def conger_kappa(ratings: Ratings, weights: Weights = "identity", uncertainty: Uncertainty = PLAIN) -> Agreement:
    """Returns Conger's kappa (1980): Cohen's idea for several raters, each with their own habits."""
    name = f"Conger's kappa, {WEIGHTS_IN_WORDS[weights]}"
    return _coefficient(ratings, name, lambda part: forms.conger(part, weights), uncertainty)


def cohen_kappa(ratings: Ratings, weights: Weights = "quadratic", uncertainty: Uncertainty = PLAIN) -> Agreement:
    """Returns Cohen's kappa (1960, weighted 1968) of two raters on the cases that both rated; for more raters the reason why not.

    The standard error divides by n - 1; statsmodels and R's vcd divide by n.
    """
    name = f"Cohen's kappa, {WEIGHTS_IN_WORDS[weights]}"
    if len(ratings.raters) > 2:
        reason = (
            f"Cohen's kappa is for two raters; there are {len(ratings.raters)}. Conger's kappa is the one for several."
        )
        return _none(name, ratings, reason)
    both = select(ratings, rows=ratings.given == 2)
    return _coefficient(both, name, lambda part: forms.conger(part, weights), uncertainty)


def brennan_prediger(ratings: Ratings, weights: Weights = "identity", uncertainty: Uncertainty = PLAIN) -> Agreement:
    """Returns Brennan and Prediger's coefficient (1981): chance as if every level of the scale were as likely."""
    name = f"Brennan and Prediger's coefficient, {WEIGHTS_IN_WORDS[weights]}"
    return _coefficient(ratings, name, lambda part: forms.brennan_prediger(part, weights), uncertainty)


def usual_coefficients(ratings: Ratings, uncertainty: Uncertainty = PLAIN) -> tuple[Agreement, ...]:
    """Returns the figures of a calibration report, in the order to be read: shares, alpha, AC2, and what others may ask to compare with."""
    return (
        exact_agreement(ratings, uncertainty),
        within_one(ratings, uncertainty),
        krippendorff_alpha(ratings, "krippendorff_ordinal", uncertainty),
        gwet_ac(ratings, "quadratic", uncertainty),
        gwet_ac(ratings, "gwet_ordinal", uncertainty),
        conger_kappa(ratings, "quadratic", uncertainty),
        fleiss_kappa(ratings, "quadratic", uncertainty),
        brennan_prediger(ratings, "quadratic", uncertainty),
    )


def _coefficient(
    ratings: Ratings,
    name: str,
    build: Callable[[Ratings], Form],
    uncertainty: Uncertainty,
    *,
    smooth: Callable[[Ratings], Form] | None = None,
) -> Agreement:
    """Returns the coefficient, or why there is none. `smooth` is the form whose derivative gives the standard error, if it is another."""
    reason = _why_none(ratings)
    if reason:
        return _none(name, ratings, reason)
    form = build(ratings)
    parts = form(np.ones((1, len(ratings.cases))))
    value = float(parts.value[0].real)
    shared = select(ratings, rows=ratings.given >= 2)
    found = replace(
        _none(name, ratings, ""),
        value=value,
        observed=float(parts.observed[0].real),
        expected=float(parts.expected[0].real),
    )
    if shared.clusters < 2:
        return replace(found, notes=(f"All rows are of one {ratings.together}, so no interval can be had.",))
    error = linearised_error((smooth or build)(ratings), ratings, uncertainty.population)
    sure = spread(build, ratings, uncertainty, value=value, error=error, groups=shared.clusters)
    return replace(
        found,
        interval=sure.interval,
        standard_error=sure.standard_error,
        bootstrap=sure.bootstrap,
        other_raters=sure.other_raters,
        notes=(*_cautions(shared), *sure.notes),
    )


def _share(ratings: Ratings, name: str, agreeing: Floats, uncertainty: Uncertainty) -> Agreement:
    """Returns a share of pairs with the beta interval on the effective number of pairs; at 0 and at 1 on the number of cases."""
    shared = select(ratings, rows=ratings.given >= 2)
    if not len(shared.cases):
        return _none(name, ratings, _NOTHING_SHARED)
    form = forms.share_of_pairs(shared, agreeing)
    value = float(form(np.ones((1, len(shared.cases)))).observed[0].real)
    found = replace(_none(name, shared, ""), value=value, observed=value)
    if shared.clusters < 2:
        return replace(found, notes=(f"One {ratings.together}: how others would go cannot be said.",))
    error = linearised_error(form, shared, uncertainty.population)
    if value in (0, 1) or error < SAME:
        return replace(found, interval=beta_interval(value, float(shared.clusters)), standard_error=error)
    pairs = int((shared.given * (shared.given - 1) // 2).sum())
    size = effective_size(value, error**2, pairs, shared.clusters - 1) if pairs > 1 else 1.0
    sure = spread(
        lambda part: forms.share_of_pairs(part, agreeing),
        shared,
        uncertainty,
        value=value,
        error=error,
        groups=shared.clusters,
    )
    return replace(
        found,
        interval=beta_interval(value, size),
        standard_error=error,
        bootstrap=sure.bootstrap,
        other_raters=_as_share(sure.other_raters),
        notes=sure.notes,
    )


def _as_share(interval: Interval | None) -> Interval | None:
    return None if interval is None else replace(interval, low=max(0.0, interval.low))


def _why_none(ratings: Ratings) -> str:
    """Returns why a coefficient has no meaning for such ratings, or ""."""
    shared = ratings.levels[ratings.given >= 2]
    if not len(shared):
        return _NOTHING_SHARED
    used = np.unique(ratings.levels[~np.isnan(ratings.levels)])
    if len(used) == 1:
        return f"No variation: every level is {int(used[0])}, so there is no disagreement that chance could be held against. The exact agreement is 100%."
    if len(shared) == 1:
        return "One case was rated by two or more raters: a coefficient compares disagreement within cases with that between them, and needs two at least."
    return ""


def _cautions(shared: Ratings) -> tuple[str, ...]:
    notes = []
    if shared.clusters < FEW_CASES:
        notes.append(
            f"{counted(shared.clusters, shared.together)}: the interval is wide, and the lower end is what counts."
        )
    warning = distribution(shared).warning
    return (*notes, warning) if warning else tuple(notes)


def _basis(ratings: Ratings) -> str:
    """Returns in words what the comparison rests on."""
    shared = select(ratings, rows=ratings.given >= 2)
    rows = len(shared.cases)
    if len(set(shared.criteria)) > 1:
        of_cases = counted(len(set(shared.cases)), "case")
        said = f"{counted(rows, 'shared rating', 'shared ratings')} of criteria in {of_cases}"
    else:
        said = counted(rows, "shared case")
    return said if shared.together == "case" else f"{said}, {counted(shared.clusters, shared.together)}"


def _none(name: str, ratings: Ratings, reason: str) -> Agreement:
    given = ratings.given
    shared, levels = int((given >= 2).sum()), int(given.sum())
    return Agreement(name, None, None, shared, len(ratings.raters), levels, _basis(ratings), reason=reason)
