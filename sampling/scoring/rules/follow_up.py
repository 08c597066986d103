"""The follow-up of a case: when it is scored again, blind, and what then and now say beside each other once that is signed.

The same case scored again shows repair; improvement is shown by new draws (design: follow-up and re-score). The form shows neither the
first levels nor the actions that they raised, and asks all criteria of the first review's rubrics, in the same frozen versions, so that
the set of questions gives nothing away.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from sampling.page.words import counted
from sampling.scoring.rules.action_rows import listed_words
from sampling.scoring.rules.actions import Action
from sampling.scoring.rules.rated import CODE_LABELS, NOTHING, Answer

STANDING_NOTE = "The same case re-scored shows repair; improvement is shown by new draws."
NOT_YET = (
    "The comparison opens when the follow-up review is signed: the first levels stay hidden until then, "
    "so that the second look is a fresh one."
)
Change = Literal["improved", "unchanged", "worsened", "not_comparable"]
CHANGES: tuple[Change, ...] = ("improved", "unchanged", "worsened", "not_comparable")
RescoreState = Literal["not_due", "due", "overdue", "in_progress", "signed"]
RESCORE_LABELS: dict[RescoreState, str] = {
    "not_due": "Not due yet",
    "due": "Ready to be scored again",
    "overdue": "Overdue",
    "in_progress": "Begun, not signed",
    "signed": "Signed",
}


def due_of(actions: Iterable[Action], gaps: Iterable[str], *, signed_on: date, after_days: int) -> date:
    """Returns the day on which a case is to be scored again: the latest review date of the actions that its gaps raised.

    Of the two linked actions the later one counts, since scoring again before both are due would show nothing. An action given up
    does not count; without any, it is `after_days` from the signature ("the following week", supervision models article).
    """
    wanted = set(gaps)
    days = [
        action.review_date
        for action in actions
        if action.criterion in wanted and not (action.closed and action.closed.outcome != "done")
    ]
    return max(days, default=signed_on + timedelta(days=after_days))


def rescore_state(due: date, today: date, *, begun: bool, signed: bool) -> RescoreState:
    """Returns where a follow-up review stands. It can be begun on its day; from the day after, it is overdue."""
    if signed:
        return "signed"
    if due < today:
        return "overdue"
    if begun:
        return "in_progress"
    return "due" if due == today else "not_due"


@dataclass(frozen=True)
class Compared:
    """One criterion, then and now. `steps` is the difference in levels, 0 when the two cannot be compared; `why` says why not."""

    ref: str
    then: Answer
    now: Answer
    change: Change
    steps: int = 0
    why: str = ""

    @property
    def words(self) -> str:
        """Returns the change in words.

        >>> Compared("r/c", Answer(level=1), Answer(level=3), "improved", 2).words
        'Improved by 2 levels'
        """
        if self.change == "not_comparable":
            return "Cannot be compared"
        if self.change == "unchanged":
            return "Unchanged"
        return f"{self.change.capitalize()} by {counted(abs(self.steps), 'level')}"


def compared(ref: str, then: Answer, now: Answer) -> Compared:
    """Returns one criterion, then and now. Levels of different rubric versions are not compared, nor is a code with a level."""
    why = _why_not(then, now)
    if why or then.level is None or now.level is None:
        return Compared(ref, then, now, "not_comparable", why=why)
    steps = now.level - then.level
    change: Change = "improved" if steps > 0 else "worsened" if steps < 0 else "unchanged"
    return Compared(ref, then, now, change, steps)


def _why_not(then: Answer, now: Answer) -> str:
    if not then.given or not now.given:
        return "Not scored " + (
            "either time" if not (then.given or now.given) else "the first time" if not then.given else "this time"
        )
    if then.code and now.code:
        same = then.code == now.code
        return f"{CODE_LABELS[then.code]} both times" if same else f"{CODE_LABELS[then.code]}, then {_small(now.code)}"
    if then.code:
        return f"{CODE_LABELS[then.code]} the first time"
    if now.code:
        return f"{CODE_LABELS[now.code]} this time"
    if then.rubric_digest != now.rubric_digest:
        return "The rubric changed in between"
    return ""


def _small(code: str) -> str:
    label = CODE_LABELS[code]
    return label[0].lower() + label[1:]


def comparison(refs: Sequence[str], then: Mapping[str, Answer], now: Mapping[str, Answer]) -> tuple[Compared, ...]:
    """Returns each criterion of the first review, then and now, in the order given."""
    return tuple(compared(ref, then.get(ref, NOTHING), now.get(ref, NOTHING)) for ref in refs)


def counts_of(rows: Iterable[Compared]) -> dict[Change, int]:
    """Returns how many criteria changed in which way, all four ways named."""
    counts = Counter(row.change for row in rows)
    return {change: counts[change] for change in CHANGES}


def headline(counts: Mapping[Change, int]) -> str:
    """Returns the finding of a comparison in one sentence, with its denominator.

    >>> headline({"improved": 2, "unchanged": 3, "worsened": 0, "not_comparable": 1})
    'Of 6 criteria, 2 improved, 3 are unchanged and 1 cannot be compared.'
    """
    said = {
        "improved": "improved",
        "unchanged": "is unchanged" if counts["unchanged"] == 1 else "are unchanged",
        "worsened": "worsened",
        "not_comparable": "cannot be compared",
    }
    parts = [f"{counts[change]} {said[change]}" for change in CHANGES if counts[change]]
    if not parts:
        return "There is nothing to compare."
    return f"Of {counted(sum(counts.values()), 'criterion', 'criteria')}, {listed_words(parts)}."
