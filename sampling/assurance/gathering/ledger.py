"""Every action of the journal as one frame: those of drawn cases, as reports gather them, and those of sessions, which belong to no case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from sampling.journal.frames import frame
from sampling.journal.records import Entry
from sampling.journal.views_follow import actions
from sampling.reporting.gathering import ACTIONS, PLAIN_OF_ACTION
from sampling.scoring.rules.sessions import Session
from sampling.tickets import digest


def all_actions(
    gathered: pd.DataFrame, entries: Sequence[Entry], held: Iterable[Session], *, teams: Mapping[str, str], today: date
) -> pd.DataFrame:
    """Returns the gathered actions, and after them a row each action of a session, with the same columns, in order of day.

    An action of a session has no draw, case, stratum or criterion; its month is that of the day on which the session was held, its
    practitioner whoever was supervised in a one-to-one, or nobody for a group, and its team that person's (`teams`: key -> team).
    """
    of = {one.id: one for one in held}
    rows = [
        _row(row, of[row["review"]], teams) for row in actions(entries, today).to_dict("records") if row["review"] in of
    ]
    rows.sort(key=lambda row: tuple(str(row.get(name) or "") for name in ACTIONS))
    return pd.concat([gathered, frame(ACTIONS, rows)], ignore_index=True) if rows else gathered


def _row(row: Mapping[Any, Any], session: Session, teams: Mapping[str, str]) -> dict[str, Any]:
    said = None if pd.isna(row["practitioner"]) else str(row["practitioner"])
    person = said or (session.supervisees[0] if len(session.supervisees) == 1 else "")
    return {
        "period": f"{session.held_on:%Y-%m}",
        "practitioner": digest(person) if person else "",
        "team": teams.get(person, ""),
        **{name: None if pd.isna(row[name]) else row[name] for name in PLAIN_OF_ACTION},
    }
