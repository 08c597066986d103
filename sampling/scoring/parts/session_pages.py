"""Supervision sessions as the screens show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sampling.page.words import day_of
from sampling.scoring.parts.session_copy import RECORD_LABELS, VOID, copy_text
from sampling.scoring.parts.session_described import described_part
from sampling.scoring.rules.action_rows import Labels, action_choices, action_row, long_day
from sampling.scoring.rules.actions import Action
from sampling.scoring.rules.session_rules import (
    AGENDA,
    CAME_BY,
    FINDINGS,
    KIND_LABELS,
    PROMPTS,
    STAGES,
    SUPERVISOR_CLOSES,
    WRITTEN_BY_EITHER,
    agenda_words,
    left_words,
    ratio_words,
    skipped_words,
)
from sampling.scoring.rules.sessions import (
    FORMAL,
    RecordState,
    Session,
    SigningRole,
    drawn_and_tabled,
    prior_left,
    record_state,
    session_content,
    signers,
)

COVERAGE_NOTE = "Only a planned formal one-to-one counts to coverage. The other kinds add to it and never replace it."
PRIVATE_WORDS = (
    "The notes of a reflective session are given to the two people whose session it is, and to nobody else: not to a lead, and into no "
    "report or printed page. They are kept in this service's journal; whoever may open that file itself could read them there."
)
CLOSING_HINT = "Before you close: was this session useful to both of you, and what should be different next time?"
HIDDEN_WORDS = "The notes of this reflective session are for the people whose session it is."
AUDIT_WORDS = (
    "You look at this session for audit: what was covered, found and agreed is shown, and its notes are left out."
)


@dataclass(frozen=True)
class CaseLabel:
    """A case that may be discussed. `came_by` says how it came to the table."""

    key: str
    label: str
    practitioner: str
    came_by: str


@dataclass(frozen=True)
class Around:
    """What a session's page needs beyond the session: labels, its cases, its earlier actions, those raised in it, who looks at it."""

    labels: Labels
    actor: str
    today: date
    cases: Sequence[CaseLabel] = ()
    prior: Sequence[Action] = ()
    raised: Sequence[Action] = ()
    review_after_days: int = 7
    reply: Mapping[str, Any] = field(default_factory=dict)


def statement_of(session: Session) -> str:
    """Returns the sentence that signing a session's record shows (City of York, supervision standard 5)."""
    return (
        f"I have read this record of our session on {day_of(session.held_on)}. It is accurate, "
        "and nothing significant has been left out."
    )


def list_row(session: Session, *, raised: Iterable[Action], labels: Labels, actor: str) -> dict[str, Any]:
    """Returns one session of the list. `raised` are the actions raised in it."""
    state = record_state(session, session_content(session, raised))
    label, _ = KIND_LABELS[session.kind]
    return {
        "session": session.id,
        **_day("held_on", session.held_on),
        "session_kind": session.kind,
        "kind_label": label,
        "counts": session.counts,
        "with": [labels.people.get(key, "") for key in (session.supervisor, *session.supervisees) if key != actor],
        "state": "closed" if session.closed else "open",
        "record_state": state,
        "state_label": RECORD_LABELS[state] if session.closed else "Open",
        "minutes": session.closed.minutes if session.closed else None,
        "ratio_words": ratio_words(*drawn_and_tabled([session])),
    }


def kinds_part() -> list[dict[str, Any]]:
    """Returns the kinds of session, and which one counts to coverage."""
    return [
        {"code": code, "label": label, "note": note, "counts": code == FORMAL}
        for code, (label, note) in KIND_LABELS.items()
    ]


def _day(name: str, day: date) -> dict[str, str]:
    return {name: str(day), f"{name}_label": long_day(day)}


def session_page(session: Session, around: Around) -> dict[str, Any]:
    """Returns one session for one person. Notes are null for who may not read them."""
    content = session_content(session, around.raised)
    state = record_state(session, content)
    label, note = KIND_LABELS[session.kind]
    may_read = session.notes_for(around.actor)
    return {
        "session": session.id,
        "session_kind": session.kind,
        "kind_label": label,
        **_day("held_on", session.held_on),
        "supervisor": _person(session.supervisor, around),
        "supervisees": [_person(key, around) for key in session.supervisees],
        "anonymised": session.anonymised,
        "counts": session.counts,
        "coverage_words": _coverage_words(session, note),
        "state": "closed" if session.closed else "open",
        "record_state": state,
        "record_label": RECORD_LABELS[state],
        "record_words": _record_words(session, state, content, around),
        "revision": session.revisions.get("session", 0),
        "read_only": session.closed is not None or around.actor not in session.pair,
        "private": session.private,
        "private_words": _private_words(session, may_read),
        "notes_hidden": not may_read,
        "stages": [{"code": code, "title": title, "parts": list(parts)} for code, title, parts in STAGES],
        **_prior_part(session, around, may_read),
        **_agenda_part(session, may_read),
        **_prompts_part(session, may_read),
        **_cases_part(session, around, may_read),
        **described_part(session, {case.key: case.label for case in around.cases}, may_read=may_read),
        **_closing_part(session, around, may_read),
        **_signing_part(session, around, content),
        "reply": dict(around.reply) if may_read else {},
        "copy": _copy(session, around) if around.actor in session.pair else "",
    }


def _private_words(session: Session, may_read: bool) -> str:
    if not may_read:
        return HIDDEN_WORDS if session.private else AUDIT_WORDS
    return PRIVATE_WORDS if session.private else ""


def _person(key: str, around: Around) -> dict[str, str]:
    return {"key": key, "name": around.labels.people.get(key, "")}


def _coverage_words(session: Session, note: str) -> str:
    if session.kind != FORMAL:
        return f"Does not count to coverage. {note}"
    return "Counts to coverage." if session.closed else "Counts to coverage when it is closed."


def _record_words(session: Session, state: RecordState, content: str, around: Around) -> str:
    if state == "disputed":
        return "The supervisee has replied that the record is not right. Amend it together, then both sign; every version is kept."
    if state == "agreed":
        return "Signed by both." if len(signers(session)) > 1 else "Signed by the supervisor."
    if not session.closed:
        return "A draft until it is closed and signed."
    missing = [
        around.labels.people.get(session.supervisor if role == "supervisor" else session.supervisees[0], "")
        for role in signers(session)
        if (signed := session.signed.get(role)) is None or signed.content != content
    ]
    return f"Closed. Still to sign: {', '.join(missing)}."


def _note(text: str, may_read: bool) -> str | None:
    return text if may_read else None


def _prior_part(session: Session, around: Around, may_read: bool) -> dict[str, Any]:
    left = len(prior_left(session, around.prior))
    rows = []
    for action in around.prior:
        found = session.prior.get(action.action)
        reviewed = None
        if found is not None:
            said, at = found
            label, note = FINDINGS[said.finding], _note(said.note, may_read)
            reviewed = {"finding": said.finding, "finding_label": label, "note": note, "at": at}
        row = action_row(action, around.prior, labels=around.labels, today=around.today)
        rows.append({**row, "reviewed": reviewed, "prior_revision": session.revisions.get(f"prior:{action.action}", 0)})
    return {
        "prior": rows,
        "prior_left": left,
        "prior_words": left_words(left, len(rows)),
        "findings": [{"code": code, "label": label} for code, label in FINDINGS.items()],
    }


def _agenda_part(session: Session, may_read: bool) -> dict[str, Any]:
    rows = []
    for item, (label, hint) in AGENDA.items():
        said = session.agenda.get(item)
        rows.append(
            {
                "item": item,
                "label": label,
                "hint": hint,
                "covered": said.covered if said else None,
                "state_label": "Not yet covered" if said is None else "Covered" if said.covered else "Left out",
                "note": _note(said.note if said else "", may_read),
                "revision": session.revisions.get(f"agenda:{item}", 0),
            }
        )
    return {"agenda": rows, "agenda_words": agenda_words(session.agenda)}


def _prompts_part(session: Session, may_read: bool) -> dict[str, Any]:
    labels = {"open": "Open", "answered": "Answered", "skipped": "Skipped"}
    rows = []
    for prompt, (label, question) in PROMPTS.items():
        said = session.prompts.get(prompt)
        state = "open" if said is None else "skipped" if said.skipped else "answered"
        rows.append(
            {
                "prompt": prompt,
                "label": label,
                "question": question,
                "state": state,
                "state_label": labels[state],
                "note": _note(said.note if said else "", may_read),
                "revision": session.revisions.get(f"prompt:{prompt}", 0),
            }
        )
    return {"prompts": rows, "skipped_words": skipped_words(session.prompts)}


def _cases_part(session: Session, around: Around, may_read: bool) -> dict[str, Any]:
    known = {case.key: case for case in around.cases}
    drawn, tabled = drawn_and_tabled([session])
    return {
        "discussed": [
            {
                "case": key,
                "case_label": known[key].label if key in known else "",
                "practitioner_label": known[key].practitioner if key in known else "",
                "came_by": said.came_by,
                "came_by_label": CAME_BY[said.came_by],
                "note": _note(said.note, may_read),
                "revision": session.revisions.get(f"discussed:{key}", 0),
            }
            for key, said in session.discussed.items()
        ],
        "available": [
            {
                "case": case.key,
                "case_label": case.label,
                "practitioner_label": case.practitioner,
                "came_by": case.came_by,
            }
            for case in around.cases
            if case.key not in session.discussed
        ],
        "ratio": {"drawn": drawn, "tabled": tabled, "words": ratio_words(drawn, tabled)},
    }


def _closing_part(session: Session, around: Around, may_read: bool) -> dict[str, Any]:
    left = len(prior_left(session, around.prior))
    needs_all = session.kind == FORMAL and left > 0
    closes = session.supervisor == around.actor or (session.kind in WRITTEN_BY_EITHER and around.actor in session.pair)
    message = "" if closes else SUPERVISOR_CLOSES
    if needs_all:
        message = left_words(left, len(around.prior)) + " Look at each before you close the session."
    closed = session.closed
    return {
        "actions": [
            action_row(action, around.raised, labels=around.labels, today=around.today) for action in around.raised
        ],
        "choices": {
            **action_choices(),
            "owners": [{"label": around.labels.people.get(key, "")} for key in _ordered(session)],
        },
        "review_after_days": around.review_after_days,
        "close": {
            "may": not needs_all and closes and closed is None,
            "left": left,
            "message": "" if closed else message,
            "hint": "" if closed else CLOSING_HINT,
            "closed": None
            if closed is None
            else {
                "minutes": closed.minutes,
                "note": _note(closed.note, may_read),
                "at": session.closed_at,
                "id": session.closing,
                "may_take_back": around.actor in (session.closer, session.supervisor),
            },
        },
    }


def _ordered(session: Session) -> tuple[str, ...]:
    return (session.supervisor, *session.supervisees)


def _signing_part(session: Session, around: Around, content: str) -> dict[str, Any]:
    mine: SigningRole = "supervisor" if around.actor == session.supervisor else "supervisee"
    may_sign = around.actor in session.pair and mine in signers(session) and session.closed is not None
    signed = session.signed.get(mine)
    already = signed is not None and signed.content == content
    return {
        "signatures": [
            {
                "role": role,
                "name": around.labels.people.get(one.actor, ""),
                "at": one.at,
                "content": one.content,
                "void": void or one.content != content,
                "void_reason": VOID if void or one.content != content else "",
            }
            for role, one, void in session.signatures
        ],
        "content": content,
        "statement": statement_of(session),
        "sign_as": mine if may_sign and not already else "",
    }


def _copy(session: Session, around: Around) -> str:
    cases = {case.key: case.label for case in around.cases}
    return copy_text(session, names=around.labels.people, cases=cases, prior=around.prior, raised=around.raised)
