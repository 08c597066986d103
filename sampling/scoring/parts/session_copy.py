"""The supervisee's own copy of a session's record, as plain text (PG41: copies with both; City of York: supervisees have access)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sampling.page.words import counted, day_of
from sampling.scoring.parts.session_described import described_lines, endorsed_lines
from sampling.scoring.rules.action_rows import long_day
from sampling.scoring.rules.actions import Action
from sampling.scoring.rules.session_rules import AGENDA, CAME_BY, FINDINGS, KIND_LABELS, PROMPTS
from sampling.scoring.rules.sessions import Session, record_state, session_content

RECORD_LABELS = {"draft": "Draft", "agreed": "Agreed by both", "disputed": "Disputed"}
VOID = "The record was changed after it was signed."


def copy_text(
    session: Session,
    *,
    names: Mapping[str, str],
    cases: Mapping[str, str],
    prior: Sequence[Action] = (),
    raised: Sequence[Action] = (),
) -> str:
    """Returns the copy. `names` is person key -> name, `cases` case key -> label, `prior` the earlier actions, `raised` those of it."""
    content = session_content(session, raised)
    lines = [
        f"Record of supervision: {KIND_LABELS[session.kind][0].lower()}, {long_day(session.held_on)}",
        f"Supervisor: {names.get(session.supervisor, '')}",
        f"With: {', '.join(names.get(key, '') for key in session.supervisees)}",
        f"State: {RECORD_LABELS[record_state(session, content)]}",
        *_part("Earlier actions", _prior(session, prior)),
        *_part("Agenda", _agenda(session)),
        *_part("Cases discussed", _discussed(session, cases)),
        *_part("Judgements at key points", endorsed_lines(session, cases)),
        *_part("Reflection", _prompts(session)),
        *_part("What the session was", described_lines(session)),
        *_part("Actions", [_action(action) for action in raised]),
    ]
    if session.closed:
        lines += ["", f"Held for {counted(session.closed.minutes, 'minute')}. {session.closed.note}".strip()]
    for role, one, lost in session.signatures:
        void = f" No longer stands: {VOID[0].lower()}{VOID[1:]}" if lost or one.content != content else ""
        lines.append(f"Signed by {names.get(one.actor, '')} ({role}), {one.at}.{void}")
    return "\n".join([*lines, f"Content {content}"]) + "\n"


def _part(title: str, lines: Sequence[str]) -> list[str]:
    return ["", title, *(f"- {line}" for line in lines)] if lines else []


def _said(label: str, state: str, note: str) -> str:
    head = f"{label} ({state})" if state else label
    return f"{head}: {note}" if note else head


def _prior(session: Session, prior: Sequence[Action]) -> list[str]:
    texts = {action.action: action.text for action in prior}
    return [
        _said(texts.get(action, "An earlier action"), FINDINGS[said.finding].lower(), said.note)
        for action, (said, _) in session.prior.items()
    ]


def _agenda(session: Session) -> list[str]:
    return [
        _said(label, "covered" if (one := session.agenda[item]).covered else "left out", one.note)
        for item, (label, _) in AGENDA.items()
        if item in session.agenda
    ]


def _discussed(session: Session, cases: Mapping[str, str]) -> list[str]:
    return [
        _said(cases.get(key, "A case"), CAME_BY[said.came_by].lower(), said.note)
        for key, said in session.discussed.items()
    ]


def _prompts(session: Session) -> list[str]:
    return [
        _said(label, "skipped" if (one := session.prompts[prompt]).skipped else "", one.note)
        for prompt, (label, _) in PROMPTS.items()
        if prompt in session.prompts
    ]


def _action(action: Action) -> str:
    dates = f"due {day_of(action.due)}, reviewed on {day_of(action.review_date)}"
    return f"{action.text} (owner: {action.owner}; {dates})"
