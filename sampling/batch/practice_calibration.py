"""A calibration session that scripted raters hold for practice: six of them, a published vignette, two rounds with a talk between.

Levels are known, so what the report says can be checked: in the first round they are apart where the plan is old but written down, in the
second most come to the reference, and one stays apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from sampling.calibration.live import Live
from sampling.calibration.opening import JOURNAL, open_live
from sampling.policy import shared_folder
from sampling.rubric import rubrics_published

VIGNETTE, RUBRIC = "ms-a-and-the-allotment-1.0", "crisis_plan_currency"
# By criterion, a level for each of the six raters.
BEFORE = (
    (0, 1, 1, 2, 2, 3),
    (2, 2, 2, 2, 2, 2),
    (3, 3, 2, 3, 3, 3),
    (1, 1, 1, 2, 1, 0),
    (1, 2, 1, 2, 1, 2),
    (0, 0, 1, 3, 3, 2),
)
AFTER = (
    (1, 1, 1, 1, 1, 2),
    (2, 2, 2, 2, 2, 2),
    (3, 3, 3, 3, 3, 3),
    (1, 1, 1, 1, 1, 0),
    (1, 1, 1, 2, 1, 1),
    (0, 0, 1, 1, 1, 2),
)
_ROUND, _TALK = timedelta(minutes=12), timedelta(minutes=15)
_WRITTEN = {
    "decisions": "A plan whose numbers nobody tried is not current, however new its date.",
    "concern": "Named in the words of the record.",
    "evidence": "With date and source.",
    "immediate_actions": "Who does what today.",
    "rationale": "Why this, and not the next step up.",
    "follow_up": "By whom and when.",
}


def hold_practice(folder: Path, now: datetime) -> bool:
    """Holds the session in a folder without sessions, so that it ends at `now`; returns whether it was held, and not there already.

    Raises what open_live raises.
    """
    if (folder / JOURNAL).exists():
        return False
    moment = now - 2 * (_ROUND + _TALK)
    rubric = next(one for one in rubrics_published(shared_folder("rubrics")) if one.id == RUBRIC)
    refs = tuple(rubric.ref(one) for one in rubric.criteria)
    with closing(open_live(folder, now=moment)) as live:
        session = live.open(VIGNETTE, refs, auto_reveal=False, now=moment)
        raters = [live.join(session, live.aliases(session)[0], "", agreed=True, now=moment) for _ in BEFORE[0]]
        for number, levels in enumerate((BEFORE, AFTER), 1):
            _round(live, session, raters, (number, refs, levels), moment)
            moment += _ROUND + _TALK
        for step in ("reference", "finished"):
            live.step(session, step, len((BEFORE, AFTER)), moment)
        live.write(session, "group_recorded", dict(_WRITTEN), 0, moment)
    return True


def _round(
    live: Live, session: str, raters: Sequence[str], what: tuple[int, Sequence[str], Sequence[Sequence[int]]], begins: datetime
) -> None:  # fmt: skip
    """Plays one round: each rater answers everything and locks it, then all is shown."""
    number, refs, levels = what
    live.step(session, "scoring", number, begins)
    for place, token in enumerate(raters):
        given = [{"criterion": ref, "level": row[place]} for ref, row in zip(refs, levels, strict=True)]
        live.answer(session, token, number, given, locked=True, now=begins + _ROUND / len(raters) * (place + 1))
    live.step(session, "revealed", number, begins + _ROUND)
