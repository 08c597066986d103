"""Three questions and three answers: what the trainer, the wall and one rater may see of a session. Each is built from nothing, and holds
only what its reader may see: no sealed level, and nobody's alias but one's own beyond the trainer's page.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from sampling.calibration.results import change_of, spread_of
from sampling.calibration.state import Session
from sampling.evidence.agreement.words import CONFORMITY, STANDING_SENTENCE
from sampling.rubric import Rubric
from sampling.rubric.vignettes import Vignette


@dataclass(frozen=True)
class Stage:
    """What stands around a session and is not in its journal: the case and its rubric."""

    vignette: Vignette
    rubric: Rubric


def wall(session: Session, stage: Stage) -> dict[str, Any]:
    """Returns what everyone in the room may see: how many joined and locked, and what was revealed; while a round is scored nothing of an
    earlier one, which who joined late must not see.
    """
    return {
        **_about(session, stage),
        "code": session.opened.code if session.may_join else "",
        "focus": session.focus,
        "timer_until": session.talk_until,
        "joined": len(session.present),
        "locked": len(session.locked(session.round)) if session.round else 0,
        "active": len(session.active(session.round)) if session.round else len(session.present),
        **_shown(session, stage, [] if session.step == "scoring" else session.revealed),
    }


def trainer(session: Session, stage: Stage) -> dict[str, Any]:
    """Returns what the trainer's page shows: the wall's, the aliases with who has locked, and what is being written down."""
    return {
        **wall(session, stage),
        **_shown(session, stage, session.revealed),
        "case": stage.vignette.for_raters(),
        "may_join": session.may_join,
        "auto_reveal": session.opened.auto_reveal,
        "until": session.opened.until,
        "raters": [
            {"alias": one.alias, "handle": one.handle, "from_round": one.from_round, "locked": session.is_locked(session.round, one.key)}
            for one in session.present
        ],
        "proposals": [one.model_dump(mode="json") for one in session.proposals.values()],
        "record": None if session.record is None else session.record.model_dump(mode="json"),
        "record_revision": session.record_revision,
    }  # fmt: skip


def rater(session: Session, stage: Stage, key: str) -> dict[str, Any]:
    """Returns what one rater's page shows: the case once scoring began, their own answers, and the revealed rounds that they could answer."""
    me = session.raters[key]
    own = {
        str(number): {
            "locked": found.locked,
            "turn": found.turn,
            "answers": {ref: _answer(one) for ref, one in found.given.items()},
        }
        for (number, holder), found in sorted(session.answers.items())
        if holder == key
    }
    begun = session.step != "lobby" and not me.removed
    seen = [] if me.removed else [number for number in session.revealed if number >= me.from_round]
    shown = _shown(session, stage, seen)
    return {
        **_about(session, stage),
        "case": stage.vignette.for_raters() if begun else None,
        "me": {"alias": me.alias, "from_round": me.from_round, "removed": me.removed, "rounds": own},
        **({**shown, "reference": []} if me.removed else shown),
    }


def _about(session: Session, stage: Stage) -> dict[str, Any]:
    rubric = stage.rubric
    named = {rubric.ref(one): one for one in rubric.criteria}
    return {
        "session": session.id,
        "step": session.step,
        "round": session.round,
        "title": stage.vignette.title,
        "rubric": {"id": rubric.id, "title": rubric.title, "version": rubric.version, "pass_level": rubric.pass_level},
        "criteria": [
            {"ref": ref, "title": one.title, "question": one.question, "critical": one.critical, "levels": list(one.levels), "note": one.note}
            for ref, one in named.items()
            if ref in session.opened.criteria
        ],
        "consent": session.opened.consent,
        "least": session.opened.least,
        "sentence": STANDING_SENTENCE,
    }  # fmt: skip


def _shown(session: Session, stage: Stage, rounds: list[int]) -> dict[str, Any]:
    """Returns the results of the rounds named, the change between them, and the reference levels once they are shown: computed once for
    all pages that are told the same.
    """
    key = tuple(rounds)
    if key not in session.told:
        session.told[key] = _computed(session, stage, rounds)
    found: dict[str, Any] = session.told[key]
    return found


def _computed(session: Session, stage: Stage, rounds: list[int]) -> dict[str, Any]:
    refs = session.opened.criteria
    both = {1, 2} <= set(rounds)
    return {
        "results": [
            asdict(spread_of(session, number, ref, stage.rubric.pass_level)) for number in rounds for ref in refs
        ],
        "changes": [asdict(change_of(session, ref)) for ref in refs] if both else [],
        "change_note": CONFORMITY if both else "",
        "reference": _reference(stage, refs) if session.step in ("reference", "finished") and session.revealed else [],
    }


def _reference(stage: Stage, refs: tuple[str, ...]) -> list[dict[str, Any]]:
    found = {one.ref: one for one in stage.vignette.references}
    return [
        {"ref": ref, "level": found[ref].level, "code": found[ref].code, "why": found[ref].why, "hard": found[ref].hard}
        for ref in refs
    ]


def _answer(one: Any) -> dict[str, Any]:
    return {"level": one.level, "code": one.code, "quote": one.quote}
