"""What a round shows of one criterion: a dot for each rater where there are enough of them, else their number and range; and in words."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sampling.calibration.state import Session
from sampling.evidence.agreement.words import split_sentence
from sampling.evidence.results import counted
from sampling.journal.events import LEVELS

FEWEST_FOR_A_RANGE = 3  # of one or two raters a range is their very levels


@dataclass(frozen=True)
class Spread:
    """One criterion in one round. `counts` is by level, None with fewer than the session's least; `low` and `high` are the range then.

    `codes` counts the answers that are no level, None with fewer than the least; `quotes` are (level, words) that raters offered, by level and then by words, so that no order tells who.
    """

    ref: str
    round: int
    raters: int
    rated: int
    counts: tuple[int, ...] | None
    codes: dict[str, int] | None
    low: int | None
    high: int | None
    finding: str
    quotes: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class Change:
    """One criterion in both rounds: `table` is round 1 by round 2 of those who gave a level in both, None with fewer than the least."""

    ref: str
    raters: int
    table: tuple[tuple[int, ...], ...] | None


def spread_of(session: Session, number: int, ref: str, pass_level: int) -> Spread:
    """Returns what a revealed round shows of a criterion. The caller asks for revealed rounds alone."""
    given = [
        answers.given[ref]
        for rater in session.locked(number)
        if ref in (answers := session.answers[number, rater.key]).given
    ]
    levels = sorted(one.level for one in given if one.level is not None)
    least = session.opened.least
    quotes = tuple(sorted((one.level, one.quote) for one in given if one.level is not None and one.quote))
    if len(levels) < least:
        ranged = len(levels) >= FEWEST_FOR_A_RANGE
        low, high = (levels[0], levels[-1]) if ranged else (None, None)
        finding = _few(len(levels), low, high)
        return Spread(ref, number, len(given), len(levels), None, None, low, high, finding)
    counts = tuple(levels.count(level) for level in LEVELS)
    codes = Counter(one.code for one in given if one.code is not None)
    return Spread(
        ref, number, len(given), len(levels), counts, dict(sorted(codes.items())), levels[0], levels[-1],
        split_sentence(levels, cut=pass_level), quotes,
    )  # fmt: skip


def change_of(session: Session, ref: str) -> Change:
    """Returns how levels moved between the two rounds. The caller asks once both are revealed."""
    pairs = []
    for rater in session.locked(2):
        if not session.is_locked(1, rater.key):
            continue
        first, second = (session.answers[number, rater.key].given.get(ref) for number in (1, 2))
        if first is not None and second is not None and first.level is not None and second.level is not None:
            pairs.append((first.level, second.level))
    if len(pairs) < session.opened.least:
        return Change(ref, len(pairs), None)
    return Change(ref, len(pairs), tuple(tuple(pairs.count((one, other)) for other in LEVELS) for one in LEVELS))


def _few(raters: int, low: int | None, high: int | None) -> str:
    head = f"{counted(raters, 'rater')} gave a level"
    if low is None or high is None:
        return f"{head}: too few to show more."
    return (
        f"{head}, all at level {low}: too few to show more."
        if low == high
        else f"{head}, from level {low} to {high}: too few to show more."
    )
