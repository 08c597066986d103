"""The supervisee's right of reply: a reason, what they say, what came of it, and when. Nothing in it changes a rating.

Markers checked again after a request do find real slips (design: ordering and fairness), so a reply waits visibly until it is answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from sampling.journal.events import Payload, Replied, ReplyAnswered
from sampling.page.words import day_of
from sampling.scoring.rules.standing import Fact, day_in_england, revisions, standing

State = Literal["none", "waiting", "answered"]
STATE_LABELS: dict[State, str] = {
    "none": "No reply",
    "waiting": "Reply waits for an answer",
    "answered": "Reply answered",
}
REASONS: dict[str, str] = {
    "agree": "I agree",
    "evidence_missed": "There is evidence that was missed",
    "anchor_unclear": "The wording of a level is unclear",
    "context_missing": "Something about the case was not known",
    "disagree": "I disagree",
}
OUTCOMES: dict[str, str] = {
    "rating_changed": "The rating was changed",
    "rating_stands": "The rating stands",
    "rubric_flagged": "The wording was passed to the rubric's author",
}


def reply_part(
    entries: Iterable[Fact], names: Mapping[str, str], *, may_reply: bool, may_answer: bool
) -> dict[str, Any]:
    """Returns every round of reply and answer, the state in words, and what each side may do now. `names` is person key -> name."""
    entries = list(entries)
    counts = revisions(entries)
    review = next((entry.review for entry in entries), "")
    rounds = _rounds(entries, names)
    state: State = (
        "none" if not rounds else "answered" if rounds[-1]["answer"] or rounds[-1]["reason"] == "agree" else "waiting"
    )
    return {
        "state": state,
        "state_label": "Agreed" if rounds and rounds[-1]["reason"] == "agree" else STATE_LABELS[state],
        "words": _words(rounds),
        "may_reply": may_reply,
        "may_answer": may_answer and state == "waiting",
        "revision": counts[review, "reply"],
        "answer_revision": counts[review, "reply_answer"],
        "rounds": rounds,
        "reasons": [{"code": code, "label": label} for code, label in REASONS.items()],
        "outcomes": [{"code": code, "label": label} for code, label in OUTCOMES.items()],
    }


def _rounds(entries: Iterable[Fact], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Returns reply after reply, each with its answer. A reply written again before it was answered takes the place of the earlier."""
    rounds: list[dict[str, Any]] = []
    for entry in standing(entries):
        said = entry.payload
        by = {"at": entry.at, "by_label": names.get(entry.actor, "")}
        if isinstance(said, Replied):
            if rounds and rounds[-1]["answer"] is None:
                rounds.pop()
            rounds.append(
                {
                    "reason": said.reason,
                    "reason_label": REASONS[said.reason],
                    "text": said.text,
                    "criterion": said.criterion or "",
                    **by,
                    "answer": None,
                }
            )
        elif isinstance(said, ReplyAnswered) and rounds:
            rounds[-1]["answer"] = {
                "outcome": said.outcome,
                "outcome_label": OUTCOMES[said.outcome],
                "text": said.text,
                **by,
            }
    return rounds


def _words(rounds: list[dict[str, Any]]) -> str:
    if not rounds:
        return "The supervisee may reply to what was scored. There is no reply yet."
    last = rounds[-1]
    replied = f"Replied on {day_of(day_in_england(last['at']))}: {last['reason_label']}."
    if last["answer"]:
        answered = day_of(day_in_england(last["answer"]["at"]))
        return f"{replied} Answered on {answered}: {last['answer']['outcome_label']}."
    return replied if last["reason"] == "agree" else f"{replied} It waits for an answer."


def refusals(said: Payload, state: State, *, is_supervisee: bool, may_answer: bool, signed: bool) -> list[str]:
    """Returns why a reply or its answer may not be stored. `signed`: what is replied to was signed by who wrote it."""
    if isinstance(said, Replied):
        return _replying(said, is_supervisee, signed)
    if isinstance(said, ReplyAnswered):
        return _answering(said, state, may_answer)
    return []


def _replying(said: Replied, is_supervisee: bool, signed: bool) -> list[str]:
    found = [] if is_supervisee else ["The right of reply is the supervisee's own."]
    if not signed:
        found.append("A reply is possible once what it replies to is signed.")
    if said.reason != "agree" and not said.text.strip():
        found.append("Say what you want to be looked at again.")
    return found


def _answering(said: ReplyAnswered, state: State, may_answer: bool) -> list[str]:
    found = (
        [] if may_answer else ["A reply is answered by the supervisor or a moderator, not by the person who replied."]
    )
    if state == "none":
        found.append("There is no reply to answer.")
    if not said.text.strip():
        found.append("Say what came of the reply, and why.")
    return found
