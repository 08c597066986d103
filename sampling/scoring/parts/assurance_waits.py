"""What of supervision waits for the person whose queue it is: agreements to sign, and objections to decide. Of nobody else's a word."""

from __future__ import annotations

from typing import Any

from sampling.scoring.parts.asking import Asking
from sampling.scoring.parts.noted_part import noted_facts, noting_around
from sampling.scoring.parts.noted_rows import Board, agreement_rows, objections_for
from sampling.scoring.parts.session_part import pairs


def supervision_waits(asking: Asking) -> dict[str, Any]:
    """Returns what the queue says of supervision: `own` counts agreements to sign as a supervisee, `supervisees` names by key those with
    whom the person is to sign one as supervisor, `objections` counts what the person, as a lead, may decide and nobody has decided.
    """
    me, everyone = asking.person.key, pairs(asking)
    is_lead = asking.person.has("lead")
    if not is_lead and not any(me in pair for pair in everyone):
        return {"own": 0, "supervisees": [], "objections": 0}
    facts = noted_facts(asking)
    board = Board.of(facts, asking.names(), everyone)
    mine = [person for supervisor, person in everyone if supervisor == me]
    return {
        "own": sum(bool(row["sign_as"]) for row in agreement_rows(board, me, me)),
        "supervisees": [one for one in mine if any(row["sign_as"] for row in agreement_rows(board, one, me, me))],
        "objections": _undecided(asking, board) if is_lead else 0,
    }


def _undecided(asking: Asking, board: Board) -> int:
    """Returns how many objections wait that this lead may decide: nobody decides on a record that they wrote themself."""
    waiting = [row for row in objections_for(board, asking.person.key) if row["decision"] is None]
    held = noting_around(asking, ()).held if any(row["of"] for row in waiting) else frozenset()
    return sum(row["of"] not in held for row in waiting)
