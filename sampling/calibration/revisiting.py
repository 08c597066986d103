"""Actions that earlier sessions agreed and that were still open when a session began: the group looks at them again (group supervision, next month)."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import takewhile
from typing import Any

from sampling.calibration.state import Session

CLOSED = ("done", "not_needed")


def open_actions(sessions: Iterable[Session], session: str) -> list[dict[str, Any]]:
    """Returns the actions of the sessions before the one named that none of those closed, in their order: what, who, by when, agreed when."""
    earlier = list(takewhile(lambda one: one.id != session, sessions))
    records = [(one.opened_at, one.record) for one in earlier if one.record]
    closed = {each.action for _, record in records for each in record.reviewed if each.finding in CLOSED}
    return [
        {"action": one.action, "text": one.text, "owner": one.owner, "due": one.due.isoformat(), "at": at}
        for at, record in records
        for one in record.actions
        if one.action not in closed
    ]
