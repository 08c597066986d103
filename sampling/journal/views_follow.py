"""Views of what follows a rating: actions with their dates, and supervision sessions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from sampling.chain import utc_moment
from sampling.journal.events import (
    ActionClosed,
    ActionMoved,
    ActionRaised,
    ActionSeen,
    AgendaCovered,
    CaseDiscussed,
    PriorActionReviewed,
    PromptAnswered,
    SessionClosed,
    SessionOpened,
)
from sampling.journal.fold import by_subject, effective, standing
from sampling.journal.frames import DAY, MOMENT, NUMBER, TEXT, YES_NO, frame
from sampling.journal.records import Entry

_ACTION_COLUMNS = {
    "review": TEXT,
    "action": TEXT,
    "action_kind": TEXT,
    "text": TEXT,
    "owner": TEXT,
    "due": DAY,
    "review_date": DAY,
    "criterion": TEXT,
    "linked": TEXT,
    "practitioner": TEXT,
    "state": TEXT,
    "moved": NUMBER,
    "moved_late": NUMBER,
    "first_due": DAY,
    "first_review": DAY,
    "seen_on": DAY,
    "reference": TEXT,
    "outcome": TEXT,
    "outcome_text": TEXT,
    "raised_by": TEXT,
    "raised_at": MOMENT,
    "changed_by": TEXT,
    "changed_at": MOMENT,
    "revision": NUMBER,
}
_KEPT = ("first_due", "first_review")
_LOCAL = ZoneInfo("Europe/London")  # a date that a person reads is a day in England
_SESSION_COLUMNS = {
    "session": TEXT,
    "session_kind": TEXT,
    "held_on": DAY,
    "supervisor": TEXT,
    "supervisees": TEXT,
    "anonymised": YES_NO,
    "opened_by": TEXT,
    "opened_at": MOMENT,
    "agenda_covered": NUMBER,
    "prompts_answered": NUMBER,
    "prompts_skipped": NUMBER,
    "prior_reviewed": NUMBER,
    "cases_drawn": NUMBER,
    "cases_tabled": NUMBER,
    "closed": YES_NO,
    "minutes": NUMBER,
}


def actions(entries: Sequence[Entry], today: date) -> pd.DataFrame:
    """Returns each action as it stands: open, overdue (open with a due date before today), closed, or purged. `moved_late` of its moves
    came after the day on which it was due; `first_due` and `first_review` are the days that were first set.

    An action that was taken back as soon as it was raised is none.
    """
    rows = []
    for (review, subject), group in by_subject(entries).items():
        if subject.startswith("action:"):
            row = _action(effective(group), today)
            if row is not None:
                rows.append({"review": review, "action": subject.partition(":")[2], "revision": len(group), **row})
    return frame(_ACTION_COLUMNS, sorted(rows, key=lambda row: (row["review"], row["action"])))


def _action(counting: list[Entry], today: date) -> dict[str, Any] | None:
    """Returns what the counting entries of one action come to, or None where it was taken back."""
    if not counting:
        return None
    row: dict[str, Any] = {"moved": 0, "moved_late": 0, "state": "purged"}
    raised = {entry.id for entry in counting if isinstance(entry.payload, ActionRaised)}
    for entry in counting:
        said = entry.payload
        if isinstance(said, ActionRaised):
            first = {name: row.get(name) for name in _KEPT} if row["moved"] else {}
            row = {**dict(said), "first_due": said.due, "first_review": said.review_date, **first, **_moves(row)}
            row |= {"raised_by": entry.actor, "raised_at": entry.at}
        elif isinstance(said, ActionMoved):
            late = row.get("due") is not None and row["due"] < utc_moment(entry.at).astimezone(_LOCAL).date()
            row |= {"due": said.due, "review_date": said.review_date, "moved": row["moved"] + 1}
            row["moved_late"] += late
        elif isinstance(said, ActionSeen):
            row |= {"seen_on": said.seen_on, "reference": said.reference}
        elif isinstance(said, ActionClosed):
            row |= {"outcome": said.outcome, "outcome_text": said.text}
        row |= {"changed_by": entry.actor, "changed_at": entry.at}
    if isinstance(counting[-1].payload, ActionClosed) and counting[-1].undoes in raised:
        return None
    if row.get("due") is not None:
        row["state"] = "closed" if row.get("outcome") else "overdue" if row["due"] < today else "open"
    return row


def _moves(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("moved", "moved_late")}


def sessions(entries: Sequence[Entry]) -> pd.DataFrame:
    """Returns each supervision session: who, when, of which kind, and how much of its agenda was covered."""
    said: dict[str, list[Entry]] = {}
    opened: dict[str, Entry] = {}
    for (review, subject), group in by_subject(entries).items():
        for entry in effective(group) if subject == "session" else ():
            if isinstance(entry.payload, SessionOpened):
                opened[review] = entry
        if last := standing(group):
            said.setdefault(review, []).append(last)
    rows = [_session(review, entry, said[review]) for review, entry in opened.items()]
    return frame(_SESSION_COLUMNS, sorted(rows, key=lambda row: str(row["session"])))


def _session(review: str, opened: Entry, said: list[Entry]) -> dict[str, Any]:
    payload = opened.payload
    assert isinstance(payload, SessionOpened)
    payloads = [entry.payload for entry in said]
    agenda = [each for each in payloads if isinstance(each, AgendaCovered)]
    prompts = [each for each in payloads if isinstance(each, PromptAnswered)]
    cases = [each for each in payloads if isinstance(each, CaseDiscussed)]
    closed = next((each for each in payloads if isinstance(each, SessionClosed)), None)
    return {
        **dict(payload),
        "session": review,
        "supervisees": " ".join(payload.supervisees),
        "opened_by": opened.actor,
        "opened_at": opened.at,
        "agenda_covered": sum(each.covered for each in agenda),
        "prompts_answered": sum(not each.skipped for each in prompts),
        "prompts_skipped": sum(each.skipped for each in prompts),
        "prior_reviewed": sum(isinstance(each, PriorActionReviewed) for each in payloads),
        "cases_drawn": sum(each.came_by == "drawn" for each in cases),
        "cases_tabled": sum(each.came_by != "drawn" for each in cases),
        "closed": closed is not None,
        "minutes": closed.minutes if closed else None,
    }
