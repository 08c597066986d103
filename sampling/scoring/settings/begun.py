"""Whether anyone has begun to rate a case: from then on it is not replaced any more."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from sampling.scoring.settings.home import default_journal


def journal_beside(folder: Path) -> Path | None:
    """Returns the journal beside a draw's folder, or None where nothing was scored yet."""
    path = default_journal(folder.absolute().parent)
    return path if path.is_file() else None


def is_rated(where: str | Path, commit: str, case: str) -> bool:
    """Returns whether the journal holds a rating of a case (its digest) in that draw, sealed ones and ones taken back included.

    Raises StateError when there is no journal at that place.
    """
    # the journal's libraries are slow to load, and most replacements are made before anything is scored
    from sampling.journal.records import SEALED
    from sampling.journal.store import Journal
    from sampling.scoring.settings.assignments import FIRST, FOLLOW_UPS, SECOND, review_id

    stages = [review_id(commit, case, stage) for stage in (FIRST, SECOND, *FOLLOW_UPS)]
    with closing(Journal.open(where)) as journal:
        return bool(journal.entries(reviews=stages, kinds=["rated", SEALED]))
