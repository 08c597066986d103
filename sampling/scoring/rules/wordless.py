"""What stays of an answer when no word of a case may be in it: levels, codes, days and who signed. Texts are empty, none is shortened.

The labels of cases and people are another matter (sampling.scoring.rules.labels).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sampling.scoring.rules.actions import KIND_LABELS

NO_WORDS = "The words of the record, comments and references are left out of what is opened for audit or training."


def state_without_words(state: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the state of a review (sampling.scoring.parts.showing) without comments, quotes, references and reasons."""
    return {
        **state,
        "criteria": {ref: _criterion(one) for ref, one in state["criteria"].items()},
        "actions": [{**action, "text": KIND_LABELS[action["action_kind"]]} for action in state["actions"]],
        "deviations": {by: _emptied(said, "guideline", "text") for by, said in state["deviations"].items()},
        "parked": _emptied(state["parked"], "reason"),
        "referred": _emptied(state["referred"], "reason"),
        "paste": _emptied(state["paste"], "reference"),
        "conflicts": [],  # two values of one text: their writer settles them, with the words in sight
    }


def _criterion(one: Mapping[str, Any]) -> dict[str, Any]:
    pointers = [{**_emptied(pointer, "note", "quote"), "start": None, "end": None} for pointer in one["evidence"]]
    return {**one, "comment": "", "evidence": pointers, "safety": _emptied(one["safety"], "note")}


def _emptied(row: Mapping[str, Any] | None, *texts: str) -> Any:
    return None if row is None else {**row, **dict.fromkeys(texts, "")}


def reply_without_words(reply: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a right-of-reply part with its reasons and outcomes, and without what was said."""
    rounds = [{**_emptied(one, "text"), "answer": _emptied(one["answer"], "text")} for one in reply["rounds"]]
    return {**reply, "rounds": rounds}


def deviations_without_words(part: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the part of deviations with who recorded one and when, and without the guideline and the words."""
    return {**part, **{by: _emptied(part[by], "guideline", "text") for by in ("practitioner", "manager")}}


def panel_without_words(panel: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a case panel with what happened on which day, and without notes and the references of documents."""
    timeline = [_emptied(row, "source") if row["kind"] == "document" else row for row in panel["timeline"]]
    return {**panel, "timeline": timeline, "notes": [], "note": NO_WORDS}


def answer_without_words(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Returns an answer row (sampling.scoring.rules.rated) without comment and quotes."""
    return {**answer, "comment": "", "evidence": [_emptied(pointer, "quote") for pointer in answer["evidence"]]}


def action_without_words(row: Mapping[str, Any]) -> dict[str, Any]:
    """Returns an action row (sampling.scoring.rules.action_rows) with its kind and dates, and without what was written."""
    return {
        **row,
        "text": KIND_LABELS[row["action_kind"]],
        "evidence": _emptied(row["evidence"], "reference"),
        "closed": _emptied(row["closed"], "text"),
        "missed": [_emptied(one, "reason") for one in row["missed"]],
    }
