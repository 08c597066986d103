"""What of indicators and surveys left the service before, and what may not leave beside it: the one less the other is a number that nobody released.

The service brings other files each time, so two rows of one indicator may never stand in one file, and still both leave. What left is known by the
captions of the tables that were shown, which are written here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import SequenceMatcher

from sampling.assurance.coverage_counts import Window, window_of
from sampling.assurance.effect.brought import Brought
from sampling.errors import Finding, UsageError
from sampling.page.words import day_of

WAVES_APART = 28  # days: two surveys of the same people are not nearer than a month
NEAR = (
    0.85  # from this share of equal letters on, two names may be one that was typed anew: "plans" and "plan" have 0.89
)
HELD_BACK = "{caption}: not shown, since {others} left the service. The one less the other would be a number that nobody released."
MOVED = (
    "{title}: not shown, since the survey of {day} left the service. Less than {apart} days apart they are one survey: the one less the other "
    "would be the answers of a few."
)
_STEP = "Bring it by the spans that left, or leave it out of what leaves."
_STEP_WAVE = "Give the survey the day with which it left."
_SIGNS = frozenset("PZCM")  # Unicode's categories of punctuation, spaces, control characters and accents; > or + stay
# What a name may end with to say whose months it counts: no part of what it counts.
_TIME = re.compile(
    r"(?:monthly|quarterly|yearly|annual|annually|q[1-4]|(?:19|20)\d\d|jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|"
    r"aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)


@dataclass(frozen=True)
class Figure:
    """An indicator's figure of a period."""

    name: str
    window: Window

    @property
    def caption(self) -> str:
        """Returns the caption of its table."""
        return caption_of(self.name, self.window.text)


def caption_of(name: str, period: str) -> str:
    """Returns the caption of an indicator's table."""
    return f"{name}, {period}"


def wave_title(wave: date) -> str:
    """Returns how the captions of a survey's tables begin."""
    return f"Staff survey of {day_of(wave)}"


def figures_in(captions: Iterable[str]) -> Iterator[Figure]:
    """Yields what these captions say that it was shown by months, quarters and years. Two that are no indicator's look the same, and are quarters."""
    for caption in captions:
        name, _, period = caption.rpartition(", ")
        try:
            yield Figure(name, window_of(period))
        except UsageError:
            continue


def beside(mine: Figure, left: Iterable[Figure]) -> list[Figure]:
    """Returns what left of the same indicator for days of the same span, and of others: the one may be subtracted from the other."""
    window = mine.window
    return [
        one
        for one in left
        if one.window.first <= window.last
        and window.first <= one.window.last
        and (one.window.first, one.window.last) != (window.first, window.last)
        and same_indicator(mine.name, one.name)
    ]


def held_back(mine: Figure, others: Sequence[Figure]) -> str:
    """Returns why a figure is not shown."""
    return HELD_BACK.format(caption=mine.caption, others="; ".join(one.caption for one in others))


def moved_from(wave: date, captions: Collection[str]) -> date | None:
    """Returns the day with which the same survey left before; None where none that is so near did, or with this very day."""
    ahead = sorted((days for days in range(1 - WAVES_APART, WAVES_APART) if days), key=abs)
    near = (wave + timedelta(days=days) for days in ahead)
    return next((day for day in near if any(one.startswith(f"{wave_title(day)}: ") for one in captions)), None)


def moved(wave: date, day: date) -> str:
    """Returns why a survey is not shown that left with another day."""
    return MOVED.format(title=wave_title(wave), day=day_of(day), apart=WAVES_APART)


def notes_of(brought: Brought, window: Window, left: Sequence[str]) -> Iterator[Finding]:
    """Yields a finding for each indicator and survey of the window that was brought, and may not leave beside what left."""
    before = list(figures_in(left))
    for kpi in brought.kpis:
        mine = Figure(kpi.name, window_of(kpi.period))
        others = beside(mine, before) if window.has(mine.window.last) else []
        if others:
            yield Finding("BROUGHT_LEFT", held_back(mine, others).rstrip("."), _STEP, "note", "kpis", column="period")
    for wave in sorted({one.wave for one in brought.responses if window.has(one.wave)}):
        day = moved_from(wave, left)
        if day is not None:
            yield Finding(
                "BROUGHT_LEFT", moved(wave, day).rstrip("."), _STEP_WAVE, "note", "staff_survey", column="wave"
            )


def spelling(name: str) -> str:
    """Returns a name without what people type in more than one way: capitals, spaces, accents and signs of punctuation.

    >>> spelling("Crisis  Plans (Adults)") == spelling("crisis-plans, adults")
    True
    """
    return "".join(_words(name))


def same_indicator(one: str, other: str) -> bool:
    """Tells whether two names may be of one indicator, or of a part of it: alike but for spelling, a letter or two, the order of words or the time
    that they end with, or one with all words of the other. Where just a number or a single letter differs they are two ("Team A", "Team B").

    >>> same_indicator("Plans (monthly)", "plan, Q3 2026"), same_indicator("Seen in 7 days", "Seen in 28 days")
    (True, False)
    """
    mine, theirs = _timeless(one), _timeless(other)
    if set(mine) <= set(theirs) or set(theirs) <= set(mine):
        return True
    if len(mine) == len(theirs):
        unlike = [pair for pair in zip(mine, theirs, strict=True) if pair[0] != pair[1]]
        if unlike and all(len(word) == 1 or word.isdigit() for pair in unlike for word in pair):
            return False
    return SequenceMatcher(None, "".join(mine), "".join(theirs), autojunk=False).ratio() >= NEAR


def may_be_part(part: str, whole: str) -> bool:
    """Tells whether a name says that its indicator may count some of those that another counts: it has all its words, and more.

    >>> may_be_part("Plans, North", "Plans"), may_be_part("Plans", "Plans, North"), may_be_part("Plans", "Waits")
    (True, False, False)
    """
    words = set(_timeless(whole))
    return bool(words) and words < set(_timeless(part))


def _words(name: str) -> list[str]:
    """Returns the words of a name without accents, in small letters; every sign of punctuation parts two words."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    marks = "".join(one for one in plain if not unicodedata.category(one).startswith("M"))
    return "".join(" " if unicodedata.category(one)[0] in _SIGNS else one for one in marks).split()


def _timeless(name: str) -> list[str]:
    words = _words(name)
    while len(words) > 1 and _TIME.fullmatch(words[-1]):
        words.pop()
    return words
