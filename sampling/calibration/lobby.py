"""What a trainer sees before a session: the vignettes with those that are due as anchors, and the sessions so far."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sampling.calibration.held import Held
from sampling.calibration.policy import CalibrationPolicy
from sampling.calibration.report.due import anchors_due
from sampling.calibration.state import Session
from sampling.evidence.agreement.words import STANDING_SENTENCE
from sampling.rubric.vignettes import Vignette


def lobby_of(held: Held, policy: CalibrationPolicy, consent: str, now: datetime) -> dict[str, Any]:
    """Returns what a trainer chooses from, and the sessions there are, the newest first. A vignette that is due as an anchor says when it was used last."""
    revealed = [one for one in held.sessions.values() if one.revealed]
    cycle = anchors_due(revealed, list(held.vignettes.values()), policy, now.date())
    due = {one.vignette.id: one.last.isoformat() for one in cycle.due}
    return {
        "vignettes": [_choice(held, one, due.get(one.id, "")) for one in held.vignettes.values() if not one.retired],
        "anchors": {
            "until": cycle.last.isoformat(), "needed": cycle.needed, "due": [one.vignette.title for one in cycle.due],
            "back": [one.vignette.title for one in cycle.back],
        },
        "sessions": [_line(held, one, now) for one in reversed(held.sessions.values())],
        "consent": consent,
        "least": policy.least,
        "talk_seconds": policy.talk_seconds,
        "sentence": STANDING_SENTENCE,
    }  # fmt: skip


def _choice(held: Held, case: Vignette, due: str) -> dict[str, Any]:
    rubrics = [held.rubrics[one] for one in case.rubrics.items() if one in held.rubrics]
    return {
        "id": case.id, "title": case.title, "setting": case.setting, "minutes": case.minutes, "due": due,
        "rubrics": [
            {"id": one.id, "title": one.title, "version": one.version,
             "criteria": [{"ref": one.ref(each), "title": each.title} for each in one.criteria]}
            for one in rubrics
        ],
    }  # fmt: skip


def _line(held: Held, found: Session, now: datetime) -> dict[str, Any]:
    case = held.vignettes.get(found.opened.vignette)
    return {
        "session": found.id, "at": found.opened_at, "title": case.title if case else found.opened.vignette, "rubric": found.opened.rubric.rubric,
        "criteria": len(found.opened.criteria), "raters": len(found.present), "step": found.step, "open": not found.is_over(now),
    }  # fmt: skip
