"""The figures of a calibration report: levels by criterion as dots, coefficients as a forest, raters under aliases. Each with the standing sentence."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from sampling.calibration.report import agreeing
from sampling.calibration.report.agreeing import Coefficients
from sampling.calibration.report.anchors import Anchor, Held
from sampling.calibration.report.by_alias import ByAlias
from sampling.calibration.report.opening import Report
from sampling.calibration.report.words import day_in_words, moment_in_words, titles
from sampling.calibration.results import spread_of
from sampling.calibration.state import Session
from sampling.evidence.agreement.coefficients import Agreement
from sampling.evidence.agreement.drift import WORDS
from sampling.evidence.agreement.sentences import STANDING_SENTENCE
from sampling.evidence.agreement.summaries import CONFORMITY
from sampling.evidence.results import Interval as Ends
from sampling.evidence.results import counted
from sampling.evidence.sentences import percent
from sampling.journal.events import LEVELS
from sampling.plots.dots import Round, dot_chart
from sampling.plots.figure import Figure
from sampling.plots.intervals import Interval, Rows, interval_chart, level
from sampling.plots.intervals import percent as share
from sampling.plots.lollipop import Difference, lollipop_chart
from sampling.rubric.vignettes.model import CODES

_LOCKED = "Only answers that were locked when their round was revealed count."
_DOTS = f"One dot a rater. {_LOCKED}"
_FOREST = (
    "Exact agreement and agreement within one level: shares of pairs of ratings of the same criterion. Alpha: Krippendorff's ordinal metric. AC2: Gwet's "
    "quadratic weights, with the levels 0 to 3 of the rubric. Intervals: 95%, linearised, for other cases rated by these raters; over sessions, for other vignettes."
)
_RATERS = "Mean of own level less the mean of the others' on the same criterion, round 1. Aliases in the order of their names, which is no rank."
_BOUNDARY = (
    "Cumulative logit of yes (the standard is met) or no, for raters and criteria; intervals 95%, delta method on the logit. Aliases in the order of their names, "
    "which is no rank."
)
_ANCHOR = (
    "Round 1 alone, the same case and rubric each time. Shares: Korn and Graubard's beta interval over raters. Change: mean over criteria of the mean level less that of the first "
    "session, Welch's t over raters. Who was there both times is not known, so groups are taken as independent."
)
_DIGITS = 10


def dots(report: Report, session: Session) -> tuple[Figure, ...]:
    """Returns a dot plot for each criterion, in the session's order."""
    beside = {one.ref: one.reference for one in agreeing.beside_reference(report, session, report.rounds[0])}
    return tuple(_dots(report, session, ref, beside.get(ref, "")) for ref in session.opened.criteria)


def _dots(report: Report, session: Session, ref: str, reference: str) -> Figure:
    cut = agreeing.cut_of(report, session)
    found = [spread_of(session, number, ref, cut) for number in report.rounds]
    rounds = [
        Round(
            f"Round {one.round}", one.rated, one.counts, one.finding, one.low, one.high,
            None if one.codes is None else [(CODES[code], count) for code, count in one.codes.items()],
        )
        for one in found
    ]  # fmt: skip
    said = [f"Round {one.round}: {one.finding}" if place else one.finding for place, one in enumerate(found)]
    both = len(found) > 1
    return dot_chart(
        rounds,
        cut,
        name=f"levels-{ref.partition('/')[2]}",
        finding=f"{titles(report)[ref]}. {' '.join(said)}".rstrip("."),
        method=_LOCKED if all(one.counts is None for one in found) else _DOTS,
        reference=f"The reference is {CODES.get(reference, 'level ' + reference)}." if reference else "",
        reference_level=int(reference) if reference.isdigit() else None,
        notes=(f"{CONFORMITY} {STANDING_SENTENCE}" if both else STANDING_SENTENCE,),
    )


def forests(report: Report, session: Session) -> tuple[Figure, ...]:
    """Returns the coefficients of each round that has any, over all its criteria."""
    found = [(number, agreeing.of_round(report, session, number)) for number in report.rounds]
    return tuple(
        forest(
            one, name=f"agreement-round-{number}", when=f"in round {number}", more=(CONFORMITY,) if number > 1 else ()
        )
        for number, one in found
        if one is not None
    )


def forest(found: Coefficients, *, name: str, when: str, more: tuple[str, ...] = ()) -> Figure:
    """Returns the figures of agreement as a forest: value, interval, what it rests on, and in words why one is missing."""
    rows = tuple(_interval(short, one) for short, one in found.named)
    ends = [end for row in rows for end in (row.estimate, row.low) if end is not None]
    low = -1.0 if min(ends, default=0.0) < 0 else 0.0
    exact = found.named[0][1]
    same = "cannot be said" if exact.value is None else f"{percent(exact.value)} of pairs of raters gave the same level"
    remarks = dict.fromkeys(note for _, one in found.named for note in one.notes if note not in found.warnings)
    figure = interval_chart(
        Rows(rows, "Value", level, low=low),
        name=name,
        finding=f"Agreement {when}: {same}",
        basis=f"n = {counted(exact.ratings, 'level')} by {counted(exact.raters, 'rater')}; {exact.basis}.",
        method=_FOREST,
        notes=(*found.warnings, *remarks, *more, STANDING_SENTENCE),
    )
    columns = ("Figure", "Value", "Lower end", "Upper end", "Raters", "Levels", "Rests on", "Why there is none")
    return replace(
        figure,
        columns=columns,
        rows=tuple(_row(short, one, level) for short, one in found.named),
        exact=tuple(
            _row(short, one, lambda value: f"{round(value, _DIGITS):z.{_DIGITS}g}") for short, one in found.named
        ),
    )


def _interval(short: str, one: Agreement) -> Interval:
    low, high = (one.interval.low, one.interval.high) if one.interval else (None, None)
    return Interval(short, one.value, low, high, one.basis, why=one.reason)


def _row(short: str, one: Agreement, shown: Callable[[float], str]) -> tuple[str, ...]:
    ends = (shown(one.interval.low), shown(one.interval.high)) if one.interval else ("none", "none")
    value = "none" if one.value is None else shown(one.value)
    return (short, value, *ends, str(one.raters), str(one.ratings), one.basis, one.reason or "")


def raters(found: ByAlias) -> Figure:
    """Returns how far each alias lay from the others."""
    rows = [Difference(one.rater, one.difference.value, one.shared) for one in found.facts if one.difference.value is not None]  # fmt: skip
    far = max((abs(row.value) for row in rows), default=0.0)
    return lollipop_chart(
        rows,
        ("gives lower levels", "gives higher levels"),
        name="raters",
        finding=f"On average raters lay up to {math.ceil(far * 10) / 10:.1f} of a level from the others",
        basis=f"n = {counted(len(rows), 'rater')}, each beside the others on the same criteria of one case.",
        method=_RATERS,
        notes=(
            "All ratings are of one case, so no interval can be had: the same rater may lie elsewhere with another case.",
            STANDING_SENTENCE,
        ),
    )


def boundary(found: ByAlias) -> Figure | None:
    """Returns how readily each alias says that the standard is met, None where the model has no estimate."""
    every = sorted(found.boundary.raters, key=lambda one: one.rater)
    if not every:
        return None
    rows = [
        Interval(one.rater, one.expected, one.expected_interval.low, one.expected_interval.high, f"{counted(one.ratings, 'level')}")
        for one in every
    ]  # fmt: skip
    least, most = (pick(one.expected for one in every) for pick in (min, max))
    edge = f"{found.cut - 1}|{found.cut}"
    figure = interval_chart(
        Rows(tuple(rows), "Chance of the standard", share),
        name="raters-at-the-standard",
        finding=f"At the boundary {edge} the chance that a rater puts the average criterion of this case at {found.cut} or above goes from {percent(least)} to {percent(most)}",
        basis=f"n = {counted(len(rows), 'rater')}, {counted(found.boundary.ratings, 'level')} on {counted(found.boundary.rows, 'criterion', 'criteria')} of one case.",
        method=_BOUNDARY,
        notes=(*found.boundary.notes, STANDING_SENTENCE),
    )
    columns = ("Alias", "Chance of the standard", "95% interval", "Severity, logits (above 0 stricter)", "Levels")
    told = tuple(
        (one.rater, share(one.expected), f"{share(one.expected_interval.low)} to {share(one.expected_interval.high)}", f"{one.logits:+.2f}", str(one.ratings))
        for one in every
    )  # fmt: skip
    return replace(figure, columns=columns, rows=told)


def anchor(found: Anchor, place: int, tolerance: int) -> Figure:
    """Returns one anchor, the `place`th of the report, session by session: the share at the standard as a chart, and in the table the levels, the reference and the change."""
    every, moments = found.held, day_in_words
    if len({day_in_words(one.session.opened_at) for one in every}) < len(every):
        moments = moment_in_words
    rows = tuple(
        Interval(moments(one.session.opened_at), one.given.at_standard, one.given.interval.low, one.given.interval.high, f"{counted(one.given.n, 'level')} by {counted(one.given.raters, 'rater')}")
        for one in every
    )  # fmt: skip
    figure = interval_chart(
        Rows(rows, "At the standard", share),
        name=f"anchor-{place}",
        finding=f"{found.title}: {WORDS[found.newest.verdict]}",
        basis=f"Share of levels at {found.cut} or above, by session: n = {'; '.join(f'{row.n} ({row.name})' for row in rows)}.",
        method=_ANCHOR,
        notes=(found.newest.sentence, *_beside_words(found), *_left_out(found), STANDING_SENTENCE),
    )
    columns = (
        "Session", "Raters", "Criteria", *(f"Level {one}" for one in LEVELS), "At the standard (95% CI)", f"Within {tolerance} of the reference",
        "Mean distance from it (95% CI)", "Mean change since the first (95% CI)",
    )  # fmt: skip
    return replace(
        figure, columns=columns, rows=tuple(_anchor_row(row.name, one) for row, one in zip(rows, every, strict=True))
    )


def _anchor_row(name: str, one: Held) -> tuple[str, ...]:
    given, beside, since = one.given, one.beside, one.since_first
    near, distance, change = "not shown", "not shown", "first session"
    if beside is not None and beside.within is not None:
        near, distance = f"{percent(beside.within)} of {beside.n}", _with_ends(beside.bias.value, beside.bias.interval)
    if since is not None:
        change = _with_ends(since.change, since.interval)
    met = f"{share(given.at_standard)} ({share(given.interval.low)} to {share(given.interval.high)})"
    return (name, str(given.raters), str(given.criteria), *map(str, given.levels), met, near, distance, change)


def _with_ends(value: float | None, ends: Ends | None) -> str:
    """Returns a difference of levels in words with its interval: it begins with no sign, so that no spreadsheet takes it for a formula."""
    if value is None:
        return "none"
    side = "" if not round(value, 2) else " higher" if value > 0 else " lower"
    return (
        f"{abs(value):.2f}{side} ({_levels(ends.low)} to {_levels(ends.high)})"
        if ends
        else f"{abs(value):.2f}{side} (no interval)"
    )


def _levels(value: float) -> str:
    return f"{value:+.2f}" if round(value, 2) else "0.00"


def _beside_words(found: Anchor) -> tuple[str, ...]:
    """Returns the distance from the reference of the first and the newest session, in words."""
    told = [
        (day_in_words(one.session.opened_at), one.beside.sentence)
        for one in (found.held[0], found.held[-1])
        if one.beside
    ]
    return (f"Beside the reference: {' '.join(f'{day}: {said}' for day, said in told)}",) if told else ()


def _left_out(found: Anchor) -> tuple[str, ...]:
    if not found.left_out:
        return ()
    return (
        f"{counted(found.left_out, 'session')} on it not compared: another version of it, another rubric or version of one, or too few raters.",
    )
