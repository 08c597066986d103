"""Patterns outside the service: a table under a suppression profile, and nothing that it does not show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from sampling.assurance.patterns import Pattern, Patterns
from sampling.assurance.patterns_words import about_words, scope_words
from sampling.suppression import Cell, Profile, Relation, Suppressed, Table, percent, suppress

SEEN, OF = "seen", "looked at"
_SMALL = "Patterns that rest on small numbers are not told here; they stand in the service's own report."


@dataclass(frozen=True)
class PublishedPatterns:
    """The ids of the patterns that may be told, in order, the release of their numbers (a row each id), and sentences for a reader.

    `release` also holds the true counts, as every release: it stays inside, and is what the next month's needs. Its tables' `shown` leave.
    """

    ids: tuple[str, ...]
    release: Suppressed
    sentences: tuple[str, ...]


def publish_patterns(
    found: Patterns, profile: Profile, titles: Mapping[str, str], *, earlier: Sequence[Suppressed] = ()
) -> PublishedPatterns:
    """Returns the patterns under a profile. `earlier`: the releases of months whose windows reach into this one.

    A pattern whose count, or what is left of its whole, is small is left out whole: that it stands already tells that its count reached
    the threshold. Draws and months beside the window are never told. Where the profile refuses, no pattern is told.
    """
    told = [one for one in found.found if _may_be_told(one, profile)]
    release = suppress([_table(found.month, told)], profile, relations=_relations(found.month, told), earlier=earlier)
    told = [] if release.refusal else told
    said = [release.refusal] if release.refusal else list(release.sentences)
    said += [_SMALL] if len(told) < len(found.found) else []
    said += [_sentence(one, release, titles) for one in told]
    return PublishedPatterns(tuple(one.id for one in told), release, tuple(said))


def _may_be_told(one: Pattern, profile: Profile) -> bool:
    rule = profile.rules["local"]
    left = one.evidence.of - one.evidence.seen
    return not (rule.is_small(one.evidence.seen) or (left and rule.is_small(left)))


def _name(month: str) -> str:
    return f"patterns {month}"


def _table(month: str, told: Sequence[Pattern]) -> Table:
    rows = {one.id: {SEEN: one.evidence.seen, OF: one.evidence.of} for one in told}
    counts = pd.DataFrame.from_dict(rows, orient="index", columns=[SEEN, OF]).astype("Int64")
    return Table(_name(month), counts, ratios=(percent(SEEN, OF),))


def _relations(month: str, told: Sequence[Pattern]) -> list[Relation]:
    """Returns that the service's counts are those of its teams and of the teams that are not told, where there are such: these are protected like a count."""
    by_scope = {(one.rule.id, one.scope): one for one in told}
    found = []
    for (rule, scope), whole in by_scope.items():
        if scope.team:
            continue
        parts = [
            one for (name, other), one in by_scope.items() if name == rule and other.team and other.about == scope.about
        ]
        rest = whole.evidence.of - sum(part.evidence.of for part in parts)
        if parts:
            for column in (SEEN, OF):
                cells = tuple(Cell(_name(month), part.id, column) for part in parts)
                found.append(Relation(Cell(_name(month), whole.id, column), cells, rest=rest > 0))
    return found


def _sentence(one: Pattern, release: Suppressed, titles: Mapping[str, str]) -> str:
    about = about_words(one.scope, titles)
    name = f"{one.rule.title}{f' (“{about}”)' if about else ''}, {scope_words(one.scope)}"
    # Easing would tell that the newest draw has none: where zero is hidden, that is a small number given away.
    state = (
        f"Ended after {one.until}"
        if one.state == "ended"
        else f"{'New in' if one.state == 'new' else 'Standing since'} {one.since}"
    )
    seen, of, share = (str(release.tables[0].shown.at[one.id, column]) for column in (SEEN, OF, f"{SEEN}, %"))
    figures = f"{seen} of {of} cases ({share}%)" if share.isdigit() else f"{seen} of {of} cases"
    span = f"{one.evidence.first} to {one.evidence.last}"
    return f"{name}: {state}; {figures}, {span}, as the profile {release.profile} shows them. {one.rule.shows_not}"
