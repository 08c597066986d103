"""The clock of the scoring server: the one place beside cli.py that reads it. Everything else is handed the time."""

from __future__ import annotations

from datetime import UTC, date, datetime


def now() -> datetime:
    """Returns this moment, in UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


def day_of(moment: datetime) -> date:
    """Returns the day of a moment where this computer stands: what people call today."""
    return moment.astimezone().date()
