"""Patterns outside the service: which stand, since when and over which months. Their counts stay inside.

A pattern counts all drawn cases of a window that moves month by month, the evidence report those that it follows, by half-years. So counts of both,
or of two windows, could be subtracted from each other: a team's few other cases, or one month's. Counts of criteria leave through the evidence
report alone, those of actions with the action log, and here none does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sampling.assurance.patterns import Pattern, Patterns
from sampling.assurance.patterns_words import about_words, scope_words
from sampling.suppression import Profile

STAY = "How many cases a pattern rests on stays inside the service: beside the numbers of the evidence report it could be subtracted."
SMALL = "Patterns that rest on small numbers are not told here; they stand in the service's own report."


@dataclass(frozen=True)
class PublishedPatterns:
    """The ids of the patterns that may be told, in order, and sentences for a reader: those about all of them, then one for each id."""

    ids: tuple[str, ...]
    sentences: tuple[str, ...]


def publish_patterns(found: Patterns, profile: Profile, titles: Mapping[str, str]) -> PublishedPatterns:
    """Returns the patterns that may be told under a profile, without a count.

    A pattern whose count, or what is left of its whole, is small is left out whole: that it stands already tells that its count reached
    the threshold. Draws and months beside the window are never told.
    """
    told = [one for one in found.found if _may_be_told(one, profile)]
    said = [STAY] if told else []
    said += [SMALL] if len(told) < len(found.found) else []
    said += [_sentence(one, titles) for one in told]
    return PublishedPatterns(tuple(one.id for one in told), tuple(said))


def _may_be_told(one: Pattern, profile: Profile) -> bool:
    rule = profile.rules["local"]
    left = one.evidence.of - one.evidence.seen
    return not (rule.is_small(one.evidence.seen) or (left and rule.is_small(left)))


def _sentence(one: Pattern, titles: Mapping[str, str]) -> str:
    about = about_words(one.scope, titles)
    name = f"{one.rule.title}{f' (“{about}”)' if about else ''}, {scope_words(one.scope)}"
    # Easing would tell that the newest draw has none: where zero is hidden, that is a small number given away.
    state = (
        f"Ended after {one.until}"
        if one.state == "ended"
        else f"{'New in' if one.state == 'new' else 'Standing since'} {one.since}"
    )
    return f"{name}: {state}; looked at from {one.evidence.first} to {one.evidence.last}. {one.rule.shows_not}"
