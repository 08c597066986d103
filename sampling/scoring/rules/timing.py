"""Active time per review: each rater sees their own; a lead sees medians of ten or more, and which were very fast.

It is data about staff, so it stays out of reports on people, and the clock is hidden while someone scores (design: time per item).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median

from sampling.journal.events import TimeSpent
from sampling.page.words import counted
from sampling.scoring.rules.standing import Fact

FEWEST_FOR_A_MEDIAN = 10  # "show leads only medians for n >= 10" (design: time per item)
VERY_FAST_SHARE = 3  # a third of the median or less: our judgement, a reason for a second look and no more


def seconds_spent(entries: Iterable[Fact]) -> Counter[tuple[str, str]]:
    """Returns (review, rater) -> active seconds. Each entry adds to the sum, whatever it was based on."""
    spent: Counter[tuple[str, str]] = Counter()
    for entry in entries:
        if isinstance(entry.payload, TimeSpent):
            spent[entry.review, entry.actor] += entry.payload.seconds
    return spent


def duration(seconds: int) -> str:
    """Returns a duration in words, to the minute.

    >>> duration(40), duration(840), duration(4500)
    ('less than a minute', '14 minutes', '1 hour 15 minutes')
    """
    minutes = (seconds + 30) // 60
    if seconds < 60:
        return "less than a minute"
    hours, rest = divmod(minutes, 60)
    parts = [counted(hours, "hour") if hours else "", counted(rest, "minute") if rest or not hours else ""]
    return " ".join(part for part in parts if part)


def own_words(seconds: int) -> str:
    """Returns what a rater reads about their own time on a signed review; nothing when none was stored."""
    return f"You spent {duration(seconds)} on it." if seconds else ""


@dataclass(frozen=True)
class Speed:
    """What a lead may see of time: how many reviews, their median when there are enough, and which were very fast."""

    reviews: int
    median_seconds: int | None
    very_fast: tuple[str, ...]

    @property
    def words(self) -> str:
        """Returns the same in a sentence or two."""
        if self.median_seconds is None:
            return f"{counted(self.reviews, 'review')} so far: times are shown from {FEWEST_FOR_A_MEDIAN} on."
        fast = counted(len(self.very_fast), "review was", "reviews were")
        second_look = f" {fast} very fast and may deserve a second look." if self.very_fast else ""
        return f"Half of {counted(self.reviews, 'review')} took {duration(self.median_seconds)} or less.{second_look}"


def speed(spent: Mapping[str, int]) -> Speed:
    """Returns what a lead may see. `spent` is signed review -> active seconds; one without any stored time is not counted."""
    timed = {review: seconds for review, seconds in spent.items() if seconds}
    if len(timed) < FEWEST_FOR_A_MEDIAN:
        return Speed(len(timed), None, ())
    middle = int(median(timed.values()))
    fast = sorted(review for review, seconds in timed.items() if seconds * VERY_FAST_SHARE <= middle)
    return Speed(len(timed), middle, tuple(fast))
