"""Views of retention: the deletion log, and the legal holds. Both stay for ever, since what they are made of is never purged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from sampling.journal.events import HoldLifted, HoldSet, PurgeApproved, PurgeFinished, PurgePlanned, PurgeRun
from sampling.journal.frames import MOMENT, NUMBER, TEXT, YES_NO, frame
from sampling.journal.records import Entry

_DELETIONS = {
    "plan": TEXT,
    "class": TEXT,
    "rule": TEXT,
    "entries": NUMBER,
    "files": NUMBER,
    "planned_by": TEXT,
    "planned_at": MOMENT,
    "approved_by": TEXT,
    "approved_at": MOMENT,
    "deleted_at": MOMENT,
    "finished_at": MOMENT,
}
_HOLDS = {
    "hold": TEXT,
    "scope": TEXT,
    "target": TEXT,
    "reason": TEXT,
    "set_by": TEXT,
    "set_at": MOMENT,
    "stands": YES_NO,
    "lifted_by": TEXT,
    "lifted_at": MOMENT,
    "lifted_because": TEXT,
}


def deletions(entries: Sequence[Entry]) -> pd.DataFrame:
    """Returns the deletion log: a row a purge and class, with who planned and approved it, when, and how many went under which rule."""
    plans: dict[str, Entry] = {}
    approvals: dict[str, Entry] = {}
    finished: dict[str, Entry] = {}
    for entry in entries:
        if isinstance(entry.payload, PurgePlanned):
            plans[entry.payload.plan] = entry
        elif isinstance(entry.payload, PurgeApproved):
            approvals.setdefault(entry.payload.plan, entry)
        elif isinstance(entry.payload, PurgeFinished):
            finished[entry.payload.plan] = entry
    rows = []
    for entry in entries:
        if not isinstance(run := entry.payload, PurgeRun):
            continue
        moments = {"planned_at": plans, "approved_at": approvals, "finished_at": finished}
        about = {name: found[run.plan].at for name, found in moments.items() if run.plan in found}
        who = {"plan": run.plan, "planned_by": run.planned_by, "approved_by": run.approved_by, "deleted_at": entry.at}
        for one in run.taken:
            taken = {"class": one.part, "rule": one.rule, "entries": one.entries, "files": one.files}
            rows.append({**about, **who, **taken})
    return frame(_DELETIONS, rows)


def holds(entries: Sequence[Entry]) -> pd.DataFrame:
    """Returns every legal hold in the order in which they were set; `stands` is false once it was lifted."""
    lifted = {one.payload.hold: one for one in entries if isinstance(one.payload, HoldLifted)}
    rows = []
    for entry in entries:
        if not isinstance(said := entry.payload, HoldSet):
            continue
        end = lifted.get(said.hold)
        row: dict[str, Any] = {"hold": said.hold, "scope": said.scope, "target": said.target, "reason": said.reason}
        row |= {"set_by": entry.actor, "set_at": entry.at, "stands": end is None}
        if end is not None and isinstance(end.payload, HoldLifted):
            row |= {"lifted_by": end.actor, "lifted_at": end.at, "lifted_because": end.payload.reason}
        rows.append(row)
    return frame(_HOLDS, rows)
