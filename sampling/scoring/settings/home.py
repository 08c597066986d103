"""Where a service's scoring lives: beside its draws, unless other places are named."""

from __future__ import annotations

from pathlib import Path

JOURNAL = Path("journal") / "journal.sqlite"
PEOPLE = "people.toml"
POLICY = "scoring.toml"
VIGNETTES = "vignettes"


def default_journal(home: Path) -> Path:
    """Returns where the journal of a home of draws lies unless another place is named: `home`/journal/journal.sqlite."""
    return home / JOURNAL


def default_people(home: Path) -> Path | None:
    """Returns the people file beside the draws, or None where there is none."""
    path = home / PEOPLE
    return path if path.is_file() else None


def own_vignettes(home: Path) -> Path:
    """Returns where a service keeps seeded vignettes of its own, which nobody else has read: `home`/vignettes."""
    return home / VIGNETTES


def default_policy(home: Path) -> Path | None:
    """Returns the service's own scoring policy beside the draws, or None where there is none and the shipped one holds."""
    path = home / POLICY
    return path if path.is_file() else None
