"""Sessions of calibration for tests of the report: levels that are known, in a journal that a live server wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sampling.batch.practice_calibration import BEFORE
from sampling.calibration.opening import JOURNAL
from sampling.calibration.policy import load_calibration_policy
from sampling.journal.store import Journal, Opener
from sampling.keys import load_secret
from tests.calibration_room import RUBRIC, TRAINER, VIGNETTE, Room, open_live, shipped

FIRST = datetime(2026, 8, 20, 9, 30, tzinfo=UTC)
THEN = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
SIX = BEFORE  # by criterion, a level for each of six raters: what the report says of them is worked out by hand in its tests
RECORD = {
    "decisions": "When a plan without a phone number is current.", "concern": "Named in the words of the record.", "evidence": "With date and source.",
    "immediate_actions": "Who does what today.", "rationale": "Why this and not the next step up.", "follow_up": "By whom and when.",
}  # fmt: skip


class Sessions:
    """A folder of sessions. Each is opened, scored, and led as far as a test asks."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._path = folder / JOURNAL

    def open(self, now: datetime = THEN, *, vignette: str = VIGNETTE, rubric: str = RUBRIC, criteria: int = 6) -> Room:
        """Opens a session. The caller closes the journal of the room."""
        journal = Journal.open(self._path, Opener(load_secret(), TRAINER), create_at=FIRST)
        live = open_live(journal, load_calibration_policy())
        found = next(one for one in shipped()[0] if one.id == rubric)
        refs = tuple(found.ref(one) for one in found.criteria)[:criteria]
        return Room(live, journal, live.open(vignette, refs, auto_reveal=False, now=now), refs, now=now)

    def hold(self, levels: Sequence[Sequence[int]] = SIX, second: Sequence[Sequence[int]] = (), *, to: str = "finished", record: Mapping[str, Any] | None = None,
             now: datetime = THEN, **opened: Any) -> str:  # fmt: skip
        """Holds a session and returns its id: levels by criterion and rater, of round 1 and of round 2 where there is one."""
        room = self.open(now, criteria=len(levels), **opened)
        with closing(room.journal):
            room.join(len(levels[0]))
            for number, given in enumerate((levels, second), 1):
                if not given:
                    continue
                room.step("scoring", number)
                for place, token in enumerate(room.tokens):
                    room.answer(token, number, {ref: given[row][place] for row, ref in enumerate(room.refs)})
                room.step("revealed", number)
            last = 2 if second else 1
            for step in ("reference", "finished")[: {"revealed": 0, "reference": 1, "finished": 2}[to]]:
                room.step(step, last)
            if record is not None:
                room.live.write(room.session, "group_recorded", dict(record), 0, now)
            return room.session
