"""Results in sentences for a reader who is no statistician. Good and bad news go through the same patterns, and so does no news.

The patterns are those of docs/evidence.md, "Sentences"; what a chart shows is put into words beside it, in `spc.since`. Numbers are rounded here and nowhere before: shares to whole per cent, levels to
one decimal (two where an interval is given), p to two digits.
"""

from __future__ import annotations

from sampling.evidence.comparability import BreakPoint, Comparability
from sampling.evidence.mcnemar import PairedShares
from sampling.evidence.measures import Counts
from sampling.evidence.paired import MEANING, PairedChange, significant
from sampling.evidence.regression_to_mean import HOW_CHOSEN, Regression
from sampling.evidence.results import SIGNIFICANCE, Estimate, Interval, PValue, counted, not_zero
from sampling.evidence.spread import Spread
from sampling.evidence.waiting_group import WaitingComparison


def p_words(p: float) -> str:
    """Returns a p value as it is printed.

    >>> p_words(0.0923), p_words(0.0046), p_words(0.00001), p_words(0.0496), p_words(1)
    ('p = .09', 'p = .005', 'p < .001', 'p = .0496', 'p = 1')
    """
    if p < 0.001:
        return "p < .001"
    if p > 0.995:
        return "p = 1"
    digits = 3 if p < 0.01 else 2
    while (round(p, digits) < SIGNIFICANCE) != (p < SIGNIFICANCE):
        digits += 1  # rounding never decides on which side of .05 a p value is
    return f"p = {p:.{digits}f}".replace("0.", ".", 1)


def percent(share: float) -> str:
    """Returns a share in whole per cent; what is neither nothing nor everything is never printed as if it were.

    >>> percent(0.653), percent(0.0), percent(0.002), percent(0.998)
    ('65%', '0%', 'under 1%', 'over 99%')
    """
    whole = int(100 * share + 0.5)
    if whole == 0 and share > 0:
        return "under 1%"
    if whole == 100 and share < 1:
        return "over 99%"
    return f"{whole}%"


def share_sentence(estimate: Estimate, what: str, when: str) -> str:
    """Returns "X% (weighted; 95% CI a to b; n of N cases; unweighted Y%) met the standard in months 1 to 12.", or that and why it cannot be said.

    `what` is the predicate ("met the standard"), `when` the period with its preposition ("in months 1 to 12").
    """
    if estimate.value is None:
        return f"What share {what} {when} cannot be said. {estimate.reason}"
    cases = f"{estimate.n:,} of {counted(estimate.population, 'case')}"
    plain = "" if estimate.unweighted is None else f"; unweighted {percent(estimate.unweighted)}"
    inside = f"weighted; {_share_interval(estimate.interval)}; {cases}{plain}"
    return f"{percent(estimate.value)} ({inside}) {what} {when}.{_because(estimate)}"


def shares_sentence(first: Estimate, second: Estimate, change: Estimate, *, what: str, when: tuple[str, str]) -> str:
    """Returns both periods' shares and whether they differ by more than chance gives; refused comparisons say why."""
    both = f"{share_sentence(first, what, when[0])} {share_sentence(second, what, when[1])}"
    if change.value is None:
        return f"{both} The two are not compared. {change.reason}"
    size = f"{_points(change.value)} percentage {'point' if _points(abs(change.value)) == '1' else 'points'}"
    if change.interval is None:
        return f"{both} The difference is {size}; how sure that is cannot be said. {change.reason}"
    span = f"95% CI {_points(change.interval.low)} to {_points(change.interval.high)}"
    if change.interval.low > 0 or change.interval.high < 0:
        verdict = (
            "a rise that chance alone would rarely give"
            if change.value > 0
            else "a fall that chance alone would rarely give"
        )
    else:
        verdict = "chance alone could give this: no change is shown"
    return f"{both} The difference is {size} ({span}): {verdict}."


def mean_sentence(estimate: Estimate, what: str, when: str) -> str:
    """Returns "The mean level of X in … was 1.8 (weighted; 95% CI 1.48 to 2.12; n of N cases; unweighted 1.5)."."""
    if estimate.value is None:
        return f"The mean level of {what} {when} cannot be said. {estimate.reason}"
    cases = f"{estimate.n:,} of {counted(estimate.population, 'case')}"
    span = (
        "no interval"
        if estimate.interval is None
        else f"95% CI {estimate.interval.low:.2f} to {estimate.interval.high:.2f}"
    )
    plain = "" if estimate.unweighted is None else f"; unweighted {estimate.unweighted:.1f}"
    return f"The mean level of {what} {when} was {estimate.value:.1f} (weighted; {span}; {cases}{plain}).{_because(estimate)}"


def bounds_sentence(estimate: Estimate, what: str = "the share that met the standard") -> str:
    """Returns what the cases that could not be scored could make of a share, or "" where every drawn case was scored.

    It names no side: of a share that failed, the cases would have to fail to give the upper end.
    """
    if estimate.bounds is None:
        return ""
    low, high = estimate.bounds
    return f"Whatever the cases that could not be scored would have come to, {what} lies between {percent(low)} and {percent(high)}."


def level_bounds_sentence(estimate: Estimate, what: str) -> str:
    """Returns the same of a mean level or of a change of levels, or "" where every drawn case was scored."""
    if estimate.bounds is None:
        return ""
    sign = "+" if estimate.claim else ""
    low, high = (not_zero(end, 2, sign) for end in estimate.bounds)
    return f"Whatever the cases that could not be scored would have come to, {what} lies between {low} and {high}."


def counts_sentence(counts: Counts) -> str:
    """Returns the denominator with the codes beside it."""
    drawn = counts.scored + counts.not_applicable + counts.not_accessible + counts.not_scored
    return (
        f"Of {counted(drawn, 'drawn case')}, {counts.scored} {'was' if counts.scored == 1 else 'were'} scored, {counts.not_applicable} not applicable, "
        f"{counts.not_accessible} record not accessible, {counts.not_scored} not scored."
    )


def paired_sentence(change: PairedChange, *, what: str = "re-scored cases") -> str:
    """Returns "Of 36 re-scored cases 18 improved, 12 were unchanged and 6 worsened; allowing for 10 practitioners p = .09: not conclusive."

    What the pairing can and cannot show follows.
    """
    if change.n == 0:
        return f"There are no {what} with a level both times. {MEANING[change.claim]}"
    verbs = [
        f"{change.improved} improved",
        f"{change.unchanged} {'was' if change.unchanged == 1 else 'were'} unchanged",
    ]
    head = f"Of {change.n} {what} {', '.join(verbs)} and {change.worsened} worsened"
    return f"{head}{_flip_words(change)} {MEANING[change.claim]}"


def paired_mean_sentence(change: PairedChange) -> str:
    """Returns the mean change with its interval over practitioners."""
    mean = change.mean
    if mean.value is None:
        return f"The mean change cannot be said. {mean.reason}"
    if mean.interval is None:
        return f"The mean change is {mean.value:+.1f} levels. {mean.reason}"
    return (
        f"The mean change is {mean.value:+.1f} levels (95% CI {_signed(mean.interval)}, allowing for "
        f"{counted(mean.practitioners, 'practitioner')})."
    )


def standard_sentence(shares: PairedShares, over_practitioners: PValue) -> str:
    """Returns how many of the same cases met the standard before and after, with the difference and the test over practitioners."""
    if shares.before is None or shares.after is None or shares.difference is None or shares.newcombe is None:
        return f"How many met the standard before and after cannot be said. {shares.reason}"
    n = shares.both + shares.before_only + shares.after_only + shares.neither
    span = f"{_points(shares.newcombe.low)} to {_points(shares.newcombe.high)}"
    tested = (
        f"Allowing for practitioners {p_words(over_practitioners.p)}."
        if over_practitioners.p is not None
        else over_practitioners.reason
    )
    return (
        f"{shares.both + shares.before_only} of {n} met the standard before and {shares.both + shares.after_only} after, a difference of "
        f"{_points(shares.difference)} percentage points (95% CI {span}). {tested}"
    )


def regression_sentence(regression: Regression) -> str:
    """Returns how the cases were chosen, and how much of their gain is expected without any change, on one line."""
    how = HOW_CHOSEN[regression.chosen]
    if regression.gain is None or regression.expected is None or regression.expected_range is None:
        return f"{how} {regression.reason}"
    if regression.chosen == "random":
        return f"{how} No part of the change of {regression.gain:+.1f} levels is expected from how they were chosen."
    if regression.expected <= 0:
        return f"{how} They did not score below the mean of all cases, so no part of a gain is expected from how they were chosen."
    span = regression.expected_range
    why = f"({span.low:.1f} to {span.high:.1f}; {span.method})"
    how = how.rstrip(".")
    hardly = f"{regression.expected:.1f}" == "0.0"
    if regression.gain <= 0 or regression.adjusted is None or regression.adjusted_range is None:
        size = "less than 0.05" if hardly else f"about {regression.expected:.1f}"
        return f"{how}; a gain of {size} levels {why} was expected anyway, and they changed by {regression.gain:+.1f}."
    left = regression.adjusted_range
    size = "less than 0.05" if hardly else f"about {regression.expected:.1f}"
    return (
        f"{how}; {size} {why} of the {regression.gain:.1f} level gain is expected anyway, which leaves {regression.adjusted:+.1f} "
        f"({left.low:+.1f} to {left.high:+.1f})."
    )


def waiting_sentence(found: WaitingComparison) -> str:
    """Returns how coached cases did against waiting ones with the same first score."""
    if found.value is None:
        return f"Coached and waiting cases cannot be compared. {found.reason}"
    sizes = f"{counted(found.coached, 'coached case')}, {found.waiting} waiting, {counted(found.practitioners, 'practitioner')}"
    level = "level" if f"{abs(found.value):.1f}" == "1.0" else "levels"
    head = f"Held against waiting cases with the same first score, coached cases scored {found.value:+.1f} {level}"
    if found.interval is None:
        return f"{head} ({sizes}). {found.reason}"
    span = f"95% CI {_signed(found.interval)}"
    if found.interval.low > 0 or found.interval.high < 0:
        verdict = "more than chance would give"
    else:
        verdict = "chance alone could give this"
    return f"{head} ({span}; {sizes}): {verdict}."


def spread_sentence(spread: Spread, when: str) -> str:
    """Returns how far practitioners differ beyond chance. Never who."""
    if spread.value is None or spread.interval is None or spread.four_in_five is None:
        return f"How far practitioners differ {when} cannot be said. {spread.reason}"
    low, high = spread.four_in_five
    head = (
        f"Beyond chance, practitioners' mean levels {when} differ with a standard deviation of {spread.value:.2f} (95% CI {spread.interval.low:.2f} to "
        f"{spread.interval.high:.2f}; {counted(spread.n, 'case')} of {counted(spread.practitioners, 'practitioner')})"
    )
    if spread.value == 0:
        return f"{head}: what difference there is between their means, chance alone could give."
    return f"{head}: four in five are estimated to lie between {low:.1f} and {high:.1f}."


def comparability_sentence(found: Comparability) -> str:
    """Returns whether two periods may be compared, with every reason."""
    if found.comparable:
        return " ".join(["The two periods were measured in the same way.", *found.cautions])
    return " ".join(["The two periods may not be compared.", *found.reasons, *found.cautions])


def break_sentence(point: BreakPoint) -> str:
    """Returns why a chart is broken before a period."""
    return f"The chart is broken before {point.period}. {' '.join(point.reasons)}"


def _flip_words(change: PairedChange) -> str:
    """Returns the verdict of the main test, or why there is none."""
    flip = change.flip
    if flip.p is None:
        return f". {flip.reason}"
    p = flip.p if change.adjusted_p is None else change.adjusted_p
    many = "" if change.adjusted_p is None else " (adjusted for several items)"
    verdict = f"more than chance would give, and {_way(change)}" if significant(p) else "not conclusive"
    return f"; allowing for {counted(change.practitioners, 'practitioner')} {p_words(p)}{many}: {verdict}."


def _way(change: PairedChange) -> str:
    """Returns which way practitioners went. The test counts each of them once; the mean of all cases need not go the same way."""
    way = "on the whole improved" if change.flip.side > 0 else "on the whole worsened"
    if (change.mean.value or 0.0) * change.flip.side < 0:
        return f"{way} (each practitioner counting once; the mean of all cases goes the other way)"
    return way


def _share_interval(interval: Interval | None) -> str:
    return "no interval" if interval is None else f"95% CI {percent(interval.low)} to {percent(interval.high)}"


def _points(difference: float) -> str:
    """Returns a difference of shares in whole percentage points, with decimals where it would else be printed as none though it is not."""
    return not_zero(100 * difference, 0)


def _signed(interval: Interval) -> str:
    """Returns the ends of an interval of a change of levels, each with its sign."""
    return f"{not_zero(interval.low, 2, '+')} to {not_zero(interval.high, 2, '+')}"


def _because(estimate: Estimate) -> str:
    return f" {estimate.reason}" if estimate.reason else ""
