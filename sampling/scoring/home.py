"""Where a service's scoring lives: beside its draws, unless other places are named."""

from __future__ import annotations

from pathlib import Path

JOURNAL = Path("journal") / "journal.sqlite"
PEOPLE = "people.toml"


def default_journal(home: Path) -> Path:
    """Returns where the journal of a home of draws lies unless another place is named: `home`/journal/journal.sqlite."""
    return home / JOURNAL


def default_people(home: Path) -> Path | None:
    """Returns the people file beside the draws, or None where there is none."""
    path = home / PEOPLE
    return path if path.is_file() else None
