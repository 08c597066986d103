"""What a page says of words that a retention rule has taken: that they were deleted, and when (docs/retention.md)."""

from __future__ import annotations

from collections.abc import Iterable

from sampling.journal.fold import ADDING
from sampling.journal.store import Entry
from sampling.page.words import day_of
from sampling.scoring.rules.standing import day_in_england


def deleted_words(entries: Iterable[Entry]) -> str:
    """Returns when the content of these entries was deleted, in a sentence, or "" where all of it is there.

    Who opened a case when is deleted by a rule of its own, and says nothing of the case.
    """
    days = [one.purged_at for one in entries if one.state == "purged" and one.kind not in ADDING and one.purged_at]
    return f"Deleted under the retention rule on {day_of(day_in_england(max(days)))}." if days else ""
