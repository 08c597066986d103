"""The report's first words: whether practice improved, how sure that is, and what speaks against it. Good and bad news alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sampling.evidence.measures import RATIONALE, REVIEW, REVIEW_NOTE
from sampling.evidence.results import Estimate, counted, not_zero
from sampling.evidence.sentences import (
    bounds_sentence,
    comparability_sentence,
    level_bounds_sentence,
    mean_sentence,
    percent,
    share_sentence,
)
from sampling.reporting import withheld
from sampling.reporting.analysis import Analysis, signed_share, training_share
from sampling.reporting.figures import titles

Kind = Literal["improved", "not_confirmed", "not_shown", "worse", "cannot_say"]
_FEW_SIGNED = 0.9  # below that the report says first how many drawn cases are still without a signature
_LITTLE_AGREEMENT = (
    0.7  # share of exactly equal levels below which rater disagreement is named among the doubts (our judgement)
)


@dataclass(frozen=True)
class Verdict:
    """`answer` is the finding in one sentence, `how_sure` the figures behind it, `against` what a reader should hold against it.

    `training`: draws of level L0 are among those that it rests on, and the answer says so.
    """

    kind: Kind
    answer: str
    how_sure: tuple[str, ...]
    against: tuple[str, ...]
    training: bool = False


def verdict(found: Analysis) -> Verdict:
    """Returns the verdict on the first headline measure, rationale clarity; the other measures have their own sentences."""
    kind, answer = _answer(found)
    return Verdict(kind, answer, tuple(_how_sure(found)), tuple(_against(found)), training_share(found.gathered)[0] > 0)


def _answer(found: Analysis) -> tuple[Kind, str]:
    change = found.rationale_change
    if found.publication.hides and change.interval is None:
        why = " ".join(found.windows.comparability.reasons) or "There are too few cases to tell."
        return "cannot_say", f"Whether practice improved cannot be said. {why}"
    if change.value is None:
        return "cannot_say", f"Whether practice improved cannot be said. {change.reason}"
    if change.interval is None:
        return (
            "cannot_say",
            f"Levels changed by {change.value:+.2f}, and how sure that is cannot be said. {change.reason}",
        )
    span, where = _span(found, change), _where(found)
    if change.interval.high < 0:
        return (
            "worse",
            f"Practice got worse{where}: the rationale of escalation decisions is less clear than before{span}.",
        )
    if change.interval.low <= 0:
        return (
            "not_shown",
            f"No improvement is shown{where}: the change in the rationale of escalation decisions is one that chance alone could give{span}.",
        )
    if found.rationale.signalled:
        return (
            "improved",
            f"Practice improved{where}: the rationale of escalation decisions is clearer than before{span}, and the chart over time shows it too.",
        )
    chart = "cannot yet say whether it is one of chance" if found.rationale.signalled is None else "does not confirm it"
    return (
        "not_confirmed",
        f"Levels rose{where}{span}, and the chart over time {chart}: read this as a hint, not as improvement.",
    )


def _where(found: Analysis) -> str:
    """Returns that draws of level L0 stand behind the answer, "" where none does: a reader of one sentence has to know."""
    training, draws = training_share(found.gathered)
    if not training:
        return ""
    return (
        " in these training draws (level L0, not evidence)"
        if training == draws
        else " in draws of which some are training (level L0, not evidence)"
    )


def _span(found: Analysis, change: Estimate) -> str:
    """Returns the size of the change in brackets, "" where it is withheld."""
    if found.publication.hides:
        words = withheld.change_words(found)
        return f" ({words})" if words else ""
    if change.value is None or change.interval is None:
        return ""
    low, high = (not_zero(end, 2, "+") for end in (change.interval.low, change.interval.high))
    return f" ({change.value:+.2f} levels, 95% interval {low} to {high})"


def _how_sure(found: Analysis) -> Iterator[str]:
    if found.publication.hides:
        yield _criterion_judged(found)
        yield from (*withheld.standard(found, RATIONALE), *withheld.standard(found, REVIEW))
        return
    yield _what_is_judged(found)
    sides = [side for side in (found.before, found.after) if side.window.periods]
    for side in sides:
        yield mean_sentence(side.headlines.rationale.mean, "the rationale of decisions", side.window.words)
    if found.rationale.since:
        yield found.rationale.since.words
    for side in sides:
        yield share_sentence(
            side.headlines.review_missing, "did not meet the standard for a dated, owned review", side.window.words
        )
    yield REVIEW_NOTE
    yield from _worst_cases(found)
    if found.review_change.value is not None:
        yield _change_of_share(found.review_change)
    if found.everyone_change.value is not None and found.everyone_change.interval is not None:
        change, span = found.everyone_change.value, found.everyone_change.interval
        yield (
            f"Among all open cases, drawn through the random stream as well, the mean level changed by {change:+.2f} "
            f"(95% interval {span.low:+.2f} to {span.high:+.2f})."
        )


def _criterion_judged(found: Analysis) -> str:
    named = titles(found.gathered.rubrics)
    rubric = next((one for one in found.gathered.rubrics if one.id == RATIONALE.partition("/")[0]), None)
    of = "" if rubric is None else f", one of {len(rubric.criteria)} of the rubric {rubric.title}"
    return f"The answer is about one criterion, “{named.get(RATIONALE, RATIONALE)}”{of}."


def _what_is_judged(found: Analysis) -> str:
    """Returns which criterion the answer is about, and how the others changed."""
    head = _criterion_judged(found)
    spans = [one.interval for one in found.changes.values() if one.interval is not None]
    if not spans:
        return head
    rose, fell = sum(span.low > 0 for span in spans), sum(span.high < 0 for span in spans)
    return (
        f"{head} Of the {counted(len(spans), 'criterion', 'criteria')} of all rubrics {rose} rose by more than chance alone would give, {fell} fell so, and "
        f"{len(spans) - rose - fell} did neither; of twenty that did not change, one is expected to look as if it had."
    )


def _worst_cases(found: Analysis) -> Iterator[str]:
    """Yields what the cases that could not be scored could make of the headline figures, where there are such cases."""
    sentences = (
        level_bounds_sentence(found.rationale_change, "the change of the mean level"),
        bounds_sentence(found.after.headlines.review_missing, f"the share below the standard for reviews {found.after.window.words}"),
    )  # fmt: skip
    yield from (one for one in sentences if one)


def _change_of_share(change: Estimate) -> str:
    assert change.value is not None
    points = f"{round(100 * change.value):+d} percentage points"
    if change.interval is None:
        return f"Reviews below the standard changed by {points}."
    low, high = (f"{round(100 * end):+d}" for end in (change.interval.low, change.interval.high))
    verdict_ = (
        "chance alone could give this"
        if change.interval.low <= 0 <= change.interval.high
        else "more than chance alone would give"
    )
    return f"Reviews below the standard changed by {points} (95% interval {low} to {high}): {verdict_}."


def _against(found: Analysis) -> Iterator[str]:
    """Yields what speaks against the finding, the gravest first."""
    if training_share(found.gathered)[0]:
        yield "Draws of level L0 are among these: whoever ran them could have steered which cases came up. They are training, not evidence."
    if not found.windows.comparability.comparable and found.after.window.periods:
        yield comparability_sentence(found.windows.comparability)
    signed, drawn = signed_share(found.gathered)
    if drawn and signed < _FEW_SIGNED * drawn and found.publication.hides:
        yield "Not all drawn cases are scored and signed, and those that are not could be the poorer ones."
    elif drawn and signed < _FEW_SIGNED * drawn:
        yield f"Only {signed:,} of {counted(drawn, 'drawn case')} are scored and signed, and those that are not could be the poorer ones."
    yield "The cases were drawn for recorded change, and such cases settle by themselves: this follows how they are documented, not how people fare."
    if not found.account.said("rival_explanations"):
        yield "Nobody has written what else may explain it (case mix, staffing, an inspection, a new template)."
    agreement = found.agreement
    if found.publication.hides:
        yield withheld.agreed(found)
    elif agreement.pairs == 0:
        yield "No case was scored by two people, so how far the levels hang on who scored is not known."
    elif agreement.exact < _LITTLE_AGREEMENT * agreement.pairs:
        yield f"Two raters gave the same level in only {percent(agreement.exact / agreement.pairs)} of {agreement.pairs:,} double-scored criteria."
    yield "Scoring was not blind to the month: whoever scores knows whether the change has been made."
