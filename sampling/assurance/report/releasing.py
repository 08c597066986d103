"""What a commissioner sees of a span of months: released once, protected as one, and never beside a span that overlaps it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from sampling.assurance import action_release, coverage_release
from sampling.assurance.coverage_counts import Window
from sampling.assurance.effect import released as effect_released
from sampling.assurance.patterns_published import publish_patterns
from sampling.assurance.report import kept
from sampling.assurance.report.found import Assurance
from sampling.assurance.report.kept import Kept, Part, Release, ShownTable, load_kept
from sampling.assurance.report.period import months_of, words_of
from sampling.errors import StateError
from sampling.page.words import day_of
from sampling.reporting.figures import titles
from sampling.reporting.kept import FOLDER
from sampling.reporting.kept import keep as keep_suppressed
from sampling.reporting.kept import load_kept as load_suppressed
from sampling.suppression import Suppressed

COVERAGE, ACTIONS, PATTERNS, EFFECT = "coverage", "actions", "patterns", "effect"
PATTERNS_PLACE = "assurance_patterns"


def release_of(found: Assurance) -> Release:
    """Returns what leaves: as it left before, or as it would. Raises StateError where it left under another profile."""
    window, profile = found.asked.window, found.asked.suppression
    if found.asked.today <= window.last:
        return Release((), f"No number is shown: those of {words_of(window)} leave the service once, when it is over.")
    earlier = load_kept(found.asked.home)
    same = next((one for one in earlier if (one.first, one.last) == (window.first, window.last)), None)
    if same is not None:
        if same.profile != profile.name:
            raise StateError(
                f"The numbers of {words_of(window)} left the service under the profile {same.profile}. Under another one the two could be "
                f"compared, and small numbers worked out. Make the report with --suppression {same.profile}."
            )
        return Release((same,))
    met = [one for one in earlier if one.overlaps(window)]
    if met:
        return Release(tuple(one for one in met if one.inside(window)), _held_back(window, met))
    fresh, patterns = _fresh(found)
    return Release((fresh,), fresh=fresh, patterns=patterns)


def keep_release(found: Assurance) -> None:
    """Keeps what the report will show, before it is made, so that every later one knows it. Does nothing where it is kept already."""
    release = found.release
    if release is None or release.fresh is None:
        return
    home, month = found.asked.home, months_of(found.asked.window)[-1]
    if release.patterns is not None:
        keep_suppressed(home / FOLDER / PATTERNS_PLACE, month, {}, release.patterns)
    kept.keep(home, release.fresh)


def _held_back(window: Window, met: Sequence[Kept]) -> str:
    spans = ", ".join(words_of(Window(one.text, one.first, one.last)) for one in met)
    return (
        f"No new number of {words_of(window)} is shown, since numbers of {spans} have left the service: the one less the other would be "
        "numbers that nobody released. What left before stands here as it left."
    )


def _fresh(found: Assurance) -> tuple[Kept, Suppressed | None]:
    asked = found.asked
    patterns, suppressed = _patterns(found)
    parts = {COVERAGE: _coverage(found), ACTIONS: _actions(found), PATTERNS: patterns, EFFECT: _effect(found)}
    window = asked.window
    return Kept(window.text, window.first, window.last, asked.suppression.name, asked.today, parts), suppressed


def _coverage(found: Assurance) -> Part:
    asked = found.asked
    one = coverage_release.release(
        found.material.facts, asked.policy, asked.window, asked.today, suppression=asked.suppression
    )
    return Part(tuple(_shown(name, table) for name, table in one.tables.items()), one.sentences, one.refusal)


def _actions(found: Assurance) -> Part:
    one = action_release.release(found.log, found.record, found.time, found.asked.suppression)
    tables = tuple(_shown(name, table, one.under.get(name, ())) for name, table in one.tables.items())
    return Part(tables, tuple(filter(None, (*one.sentences, one.time))), one.refusal)


def _patterns(found: Assurance) -> tuple[Part, Suppressed | None]:
    """Returns the patterns as they may leave. Of the same month they stay as they left; windows of other months are protected against."""
    month = months_of(found.asked.window)[-1]
    before = load_suppressed(found.asked.home / FOLDER / PATTERNS_PLACE)
    if month in before:
        said = f"Patterns at the end of {month} left the service with another report, and stand there."
        return Part(sentences=(said,)), None
    earlier = [release for name, (_, release) in before.items() if not release.refusal]
    named = titles(found.material.gathered.rubrics)
    one = publish_patterns(found.patterns, found.asked.suppression, named, earlier=earlier)
    return Part(sentences=one.sentences), one.release


def _effect(found: Assurance) -> Part:
    one = effect_released(found.effect, found.asked.suppression)
    tables = tuple(
        ShownTable(table.caption, table.columns, table.rows, table.sentences) for table in one.tables.values()
    )
    return Part(tables, (*one.refused.values(), *one.sentences))


def _shown(caption: str, table: pd.DataFrame, sentences: Sequence[str] = ()) -> ShownTable:
    rows = tuple(
        (str(name), *(str(cell) for cell in row)) for name, row in zip(table.index, table.to_numpy(), strict=True)
    )
    return ShownTable(caption, ("Row", *map(str, table.columns)), rows, tuple(sentences))


def of_subject(release: Release, subject: str) -> tuple[tuple[Kept, Part], ...]:
    """Returns each release that is shown, with what it has of a subject."""
    return tuple((one, one.parts[subject]) for one in release.shown if subject in one.parts)


def span_words(one: Kept) -> str:
    """Returns a release in words: its months, and when it left."""
    return f"{words_of(Window(one.text, one.first, one.last))}, as released on {day_of(one.made)}"


def by_subject(release: Release) -> Mapping[str, tuple[tuple[Kept, Part], ...]]:
    """Returns subject -> what is shown of it."""
    return {name: of_subject(release, name) for name in (COVERAGE, ACTIONS, PATTERNS, EFFECT)}
