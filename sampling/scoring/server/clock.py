"""The clock of the scoring server: the one place beside cli.py that reads it. Everything else is handed the time."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """Returns this moment, to the second, in the time zone of this computer: its day is what people here call today."""
    return datetime.now(UTC).replace(microsecond=0).astimezone()
