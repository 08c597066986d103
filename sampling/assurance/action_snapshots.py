"""From the snapshots that lie beside a draw to what the reconciliation looks at: no text, no name, cases as the gathered frames have them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from sampling.assurance.action_matching import DAYS
from sampling.assurance.action_record import RecordShown
from sampling.pack import Pack
from sampling.scoring.settings.snapshot import Snapshot, snapshots
from sampling.tickets import digest


def records_of(pack: Pack, profile: str) -> tuple[RecordShown, ...]:
    """Returns every snapshot of a draw, oldest first. `profile` is the draw's: adult or children."""
    return tuple(record_of(one, profile) for one in snapshots(pack))


def record_of(snapshot: Snapshot, profile: str) -> RecordShown:
    """Returns one snapshot. A table that the extract lacked is not among its tables, so that nothing there is not read as no."""
    covers_to = snapshot.about["covers_to"]
    return RecordShown(
        taken=snapshot.day,
        covers_to=date.fromisoformat(covers_to) if covers_to else None,
        profile=profile,
        cases=frozenset(digest(str(row["case_key"])) for row in snapshot.rows("cases")),
        tables={name: _frame(snapshot.rows(name), columns) for name, columns in DAYS.items() if snapshot.has(name)},
        cannot=frozenset(snapshot.about["cannot"]),
    )


def _frame(rows: list[dict[str, Any]], days: tuple[str, ...]) -> pd.DataFrame:
    columns = ("key", "kind", *days)
    kept = [{"case": digest(str(row["case_key"])), **{name: row[name] for name in columns}} for row in rows]
    return pd.DataFrame(kept, columns=["case", *columns], dtype=object)
