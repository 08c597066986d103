"""Findings on agreement in plain words. Levels are named, people never; fewer than FEWEST_SHOWN raters give a count and a range alone."""

from __future__ import annotations

from sampling.evidence.agreement.coefficients import Agreement
from sampling.evidence.agreement.data import AT_THE_STANDARD
from sampling.evidence.agreement.deciding import decide
from sampling.evidence.agreement.severity import Severity
from sampling.evidence.agreement.summaries import CriterionSpread, RoundsChange
from sampling.evidence.agreement.words import FEWEST_SHOWN as FEWEST_SHOWN
from sampling.evidence.agreement.words import STANDING_SENTENCE as STANDING_SENTENCE
from sampling.evidence.agreement.words import split_sentence as split_sentence
from sampling.evidence.results import SIGNIFICANCE, Interval, PValue, counted
from sampling.evidence.sentences import p_words, percent


def agreement_sentence(found: Agreement, *, places: int = 2) -> str:
    """Returns a coefficient or share with its interval and numbers, or why there is none."""
    if found.value is None:
        return f"{found.name} cannot be given. {found.reason}"
    inside = f"{found.basis}, {counted(found.raters, 'rater')}"
    if found.expected is None:
        return f"{found.name}: {percent(found.value)} of pairs of ratings ({_ends(found, share=True)}; {inside})."
    return f"{found.name}: {found.value:.{places}f} ({_ends(found)}; {inside}). {decide(found).sentence}"


def _ends(found: Agreement, *, share: bool = False) -> str:
    """Returns the intervals in words: for these raters, and for others like them where asked for."""
    if found.interval is None:
        return "no interval can be had"
    ends = f"95% CI {_span(found.interval, share)}"
    if found.other_raters is None:
        return ends
    return f"{ends} for these raters, {_span(found.other_raters, share)} for others like them"


def _span(interval: Interval, share: bool) -> str:
    if share:
        return f"{percent(interval.low)} to {percent(interval.high)}"
    return f"{interval.low:.2f} to {interval.high:.2f}"


def severity_sentence(found: Severity, exchanged: PValue | None = None) -> str:
    """Returns whether the raters differ in strictness by more than chance gives, and how far, without naming any.

    The p is that of `exchanged` (exchange.exchange_test), where it has one, else the model's likelihood-ratio test.
    """
    if found.test.p is None or not found.raters:
        return f"Whether some raters are stricter than others cannot be said. {found.reason}"
    exact = exchanged is not None and exchanged.p is not None
    p = exchanged.p if exchanged is not None and exchanged.p is not None else found.test.p
    shares = "at the boundary" in found.method
    scores = [rater.expected for rater in found.raters]
    span = f"{percent(min(scores))} to {percent(max(scores))}" if shares else f"{min(scores):.1f} to {max(scores):.1f}"
    what = (
        "the chance that the average case is put at the standard"
        if shares
        else "the expected score of the average case"
    )
    by = " by permutation within cases" if exact else ""
    figures = f"({p_words(p)}{by}, {counted(len(found.raters), 'rater')}, {counted(found.ratings, 'rating')})"
    if p < SIGNIFICANCE:
        return f"Some raters are stricter than others {figures}: from rater to rater {what} goes from {span}."
    return f"No difference in strictness between the raters is shown {figures}."


def criterion_sentence(found: CriterionSpread, *, cut: int = AT_THE_STANDARD) -> str:
    """Returns one criterion's spread: sides of the threshold, pairs of raters, and on how many cases the group splits."""
    total = found.at_standard + found.below
    if found.raters < FEWEST_SHOWN:
        used = [level for level, count in zip(found.scale, found.levels, strict=True) if count]
        if not used:
            return f"{found.criterion}: no level."
        span = f"level {used[0]}" if len(used) == 1 else f"levels {used[0]} to {used[-1]}"
        return f"{found.criterion}: {counted(found.raters, 'rater')}, {span}."
    sides = f"{found.criterion}: {found.at_standard} of {counted(total, 'level')} at {cut} or above"
    pairs = "" if found.exact is None else f"; {percent(found.exact)} of pairs of raters gave the same level"
    if not found.split_cases:
        return f"{sides}{pairs}."
    where = "" if found.cases == 1 else f" on {found.split_cases} of {counted(found.cases, 'case')}"
    return f"{sides}{pairs}. The group splits at the threshold{where}."


def rounds_sentence(found: RoundsChange) -> str:
    """Returns what changed between two rounds, with the label on conformity."""
    if found.both < FEWEST_SHOWN:
        return f"{found.criterion}: {counted(found.both, 'rating')} in both rounds, too few to show. {found.label}"
    moved = f"{found.criterion}: of {counted(found.both, 'rating')} {found.up} went up, {found.down} down, {found.same} stayed"
    if found.first.exact is None or found.second.exact is None:
        return f"{moved}. {found.label}"
    return f"{moved}; pairs with the same level went from {percent(found.first.exact)} to {percent(found.second.exact)}. {found.label}"
