"""What a new version would mean for the ratings there are. It only counts: nothing is carried over, re-scored or dropped by it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sampling.rubric.model import Fate, Rubric, fate_of

WORDS: dict[Fate, str] = {
    "same": "carried over",
    "rescore": "to be re-scored",
    "new": "not rated yet",
    "dropped": "dropped",
}
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


@dataclass(frozen=True)
class CurrentRating:
    """A rating that stands in the journal: which review, which criterion of the rubric, by which version."""

    review: str
    criterion: str
    version: str


@dataclass(frozen=True)
class Affected:
    """A rating, and what the new version makes of it."""

    rating: CurrentRating
    fate: Fate


@dataclass(frozen=True)
class Preview:
    """What a version would mean for all ratings by older versions of its rubric."""

    rubric: Rubric
    affected: tuple[Affected, ...]

    def count(self, fate: Fate, criterion: str | None = None) -> int:
        """Returns how many ratings have that fate, of one criterion or of all."""
        return sum(entry.fate == fate and criterion in (None, entry.rating.criterion) for entry in self.affected)

    @property
    def criteria(self) -> tuple[str, ...]:
        """Returns the criteria of this version in its order, then those that only ratings have."""
        own = [criterion.id for criterion in self.rubric.criteria]
        return (*own, *sorted({entry.rating.criterion for entry in self.affected} - set(own)))

    @property
    def cost(self) -> str:
        """Returns what the new version would cost, in one sentence: by review too, since a rater opens each review once."""
        each = Counter(entry.rating.review for entry in self.affected if entry.fate == "rescore")
        if not each:
            return "No rating needs to be re-scored."
        groups = sorted(Counter(each.values()).items())
        words = [f"{reviews:,} need{'s' if reviews == 1 else ''} {_criteria(size)}" for size, reviews in groups]
        return f"{_plural(sum(each.values()), 'rating')} to be re-scored in {_plural(len(each), 'review')}: {', '.join(words)}."


def preview(rubric: Rubric, versions: Sequence[Rubric], ratings: Iterable[CurrentRating]) -> Preview:
    """Returns what `rubric` would make of the current ratings by other versions of it; `versions` holds the older ones."""
    affected = tuple(
        Affected(rating, fate_of(versions, rubric, rating.criterion, rating.version))
        for rating in ratings
        if rating.version != rubric.version
    )
    return Preview(rubric, affected)


def _criteria(number: int) -> str:
    word = _NUMBERS[number] if number < len(_NUMBERS) else str(number)
    return f"{word} criteri{'on' if number == 1 else 'a'}"


def _plural(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
