"""What a commissioner sees of a span of months: released once, protected as one, and never beside a span that overlaps it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from sampling.assurance import action_release, coverage_release
from sampling.assurance.coverage_counts import Window
from sampling.assurance.effect import released as effect_released
from sampling.assurance.patterns_policy import PatternRule
from sampling.assurance.patterns_published import publish_patterns
from sampling.assurance.report import kept
from sampling.assurance.report.answers import ANSWERED, ENDED, LATE, WAITING
from sampling.assurance.report.found import Assurance
from sampling.assurance.report.kept import Kept, Part, Release, ShownTable, load_kept
from sampling.assurance.report.period import words_of
from sampling.errors import StateError
from sampling.page.words import day_of
from sampling.reporting.beside import ACTIONS as ACTIONS_PLACE
from sampling.reporting.beside import NOT_KEPT, SpanActions, action_tables, joined, kept_actions, only_known
from sampling.reporting.kept import FOLDER
from sampling.reporting.kept import keep as keep_suppressed
from sampling.reporting.kept import load_kept as load_suppressed
from sampling.reporting.publishing import publish
from sampling.suppression import Relation, Suppressed

COVERAGE, FOCUS, ACTIONS, PATTERNS, EFFECT = "coverage", "focus", "actions", "patterns", "effect"
UNKEPT = (
    "This page is for looking at and may not leave the service: its numbers are not kept yet, so another page could be subtracted from it. The "
    "command sampling assurance keeps them, and makes the page that may leave."
)
_PARTLY = (
    "No table of actions is shown: an evidence report that left the service tells of some of these months and not of others, and the two could "
    "be subtracted from each other."
)


def release_of(found: Assurance) -> Release:
    """Returns what leaves: as it left before, or as it would. Raises StateError where it left under another profile or policy."""
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
        if same.policy and same.policy != found.asked.policy.id:
            raise StateError(
                f"The numbers of {words_of(window)} left the service by the policy {same.policy}, and leave once. On a page about another "
                f"policy they would be untrue. Make the report with --profile {same.policy}."
            )
        return Release((same,))
    met = [one for one in earlier if one.overlaps(window)]
    if met:
        shown = tuple(one for one in met if one.inside(window))
        return Release(shown, " ".join((_held_back(window, met), *_by_other_policies(found, shown))))
    fresh, actions = _fresh(found)
    return Release((fresh,), UNKEPT, fresh=fresh, actions=actions)


def left_of(home: Path) -> tuple[str, ...]:
    """Returns the captions of every table on effect that left the service. Raises StateError as load_kept."""
    return tuple(table.caption for one in load_kept(home) if EFFECT in one.parts for table in one.parts[EFFECT].tables)


def keep_release(found: Assurance) -> None:
    """Keeps what the report will show, before it is made, so that every later one knows it. Does nothing where it is kept already."""
    release, audit = found.release, found.audit
    if release is None:
        return
    if not isinstance(audit, str) and audit.publication.release is not None:
        publish(found.asked.home, audit.gathered, audit.windows, found.asked.suppression, teams=False)
    if release.fresh is None:
        return
    home = found.asked.home
    # also where none is shown: a release that left without it would keep every later table of actions back
    actions = release.actions or Suppressed(found.asked.suppression.name, (), (), "", (), ())
    keep_suppressed(home / FOLDER / ACTIONS_PLACE, kept.name_of(release.fresh), _mine(found).about, actions)
    kept.keep(home, release.fresh)


def _held_back(window: Window, met: Sequence[Kept]) -> str:
    spans = ", ".join(map(told_months, met))
    return (
        f"No new number of {words_of(window)} is shown, since numbers of {spans} have left the service: the one less the other would be "
        "numbers that nobody released. What left before stands here as it left."
    )


def _by_other_policies(found: Assurance, shown: Sequence[Kept]) -> Iterator[str]:
    """Yields which of the releases follow another policy of supervision than the page."""
    for policy in dict.fromkeys(one.policy for one in shown if one.policy != found.asked.policy.id):
        months = "; ".join(told_months(one) for one in shown if one.policy == policy)
        by = f"by the policy {policy}" if policy else "by a policy that was not noted"
        yield f"The numbers of {months} left {by}: their coverage is measured by it, and not by {found.asked.policy.id}, which stands under Methods."


def told_months(one: Kept) -> str:
    """Returns the months of a release in words."""
    return words_of(Window(one.text, one.first, one.last))


def _fresh(found: Assurance) -> tuple[Kept, Suppressed | None]:
    asked = found.asked
    actions, counts = _actions(found)
    parts = {
        COVERAGE: _coverage(found),
        FOCUS: _focus(found),
        ACTIONS: actions,
        PATTERNS: _patterns(found),
        EFFECT: _effect(found),
    }
    window = asked.window
    made = Kept(window.text, window.first, window.last, asked.suppression.name, asked.today, parts, asked.policy.id)
    return made, counts


def _coverage(found: Assurance) -> Part:
    asked = found.asked
    one = coverage_release.release(
        found.material.facts, asked.policy, asked.window, asked.today, suppression=asked.suppression
    )
    return Part(tuple(_shown(name, table) for name, table in one.tables.items()), one.sentences, one.refusal)


def _focus(found: Assurance) -> Part:
    asked = found.asked
    one = coverage_release.release_focus(found.material.facts, asked.window, suppression=asked.suppression)
    return Part(tuple(_shown(name, table) for name, table in one.tables.items()), one.sentences, one.refusal)


def _actions(found: Assurance) -> tuple[Part, Suppressed | None]:
    """Returns the action log as it may leave, protected against what the evidence reports tell of the same actions, and its true counts."""
    home, mine = found.asked.home, _mine(found)
    others = kept_actions(home)
    if others is None:
        return Part(refusal=NOT_KEPT), None
    evidence, spans = _evidence(found), [one for one, _ in others]
    relations = _joins(found, evidence, [*spans, mine])
    if relations is None:
        return Part(refusal=_PARTLY), None
    earlier = only_known([*(one for _, one in evidence), *(one for _, one in others)])
    one = action_release.release(
        found.log, found.record, found.time, found.asked.suppression, earlier=earlier, relations=relations, span=_span(found)
    )  # fmt: skip
    tables = tuple(_shown(name, table, one.under.get(name, ())) for name, table in one.tables.items())
    return Part(tables, tuple(filter(None, (*one.sentences, one.time))), one.refusal), one.release


def _mine(found: Assurance) -> SpanActions:
    months = found.months
    return action_release.span_actions(found.log, found.record, (months[0], months[-1]), _span(found))


def _span(found: Assurance) -> str:
    return found.asked.window.text


def _joins(
    found: Assurance, evidence: Sequence[tuple[str, Suppressed]], spans: Sequence[SpanActions]
) -> list[Relation] | None:
    """Returns what joins the actions of every evidence report to those of the spans, None where no sum says it."""
    begun, relations = min(found.material.gathered.periods, default=""), []
    for last, release in evidence:
        more = joined(action_tables(release), (begun, last), spans)
        if more is None:
            return None
        relations += more
    return relations


def _evidence(found: Assurance) -> list[tuple[str, Suppressed]]:
    """Returns (its last month, release) of each release of evidence reports: those that left, and the one that this report shows."""
    kept_ones = load_suppressed(found.asked.home / FOLDER)
    told = [((*about["before"], *about["after"])[-1], one) for about, one in kept_ones.values() if not one.refusal]
    audit = found.audit
    if isinstance(audit, str) or audit.publication.release is None or audit.publication.name in kept_ones:
        return told
    if audit.publication.release.refusal:
        return told
    return [*told, ((*audit.windows.before.periods, *audit.windows.after.periods)[-1], audit.publication.release)]


def _patterns(found: Assurance) -> Part:
    """Returns which patterns stand, without a count, and what leaders did about each."""
    one = publish_patterns(found.patterns, found.asked.suppression, found.titles)
    rules = found.pattern_policy.rules
    head, each = one.sentences[: -len(one.ids) or None], one.sentences[len(one.sentences) - len(one.ids) :]
    said = [f"{_without_tail(words, rules)} {_answer(found, id_)}" for id_, words in zip(one.ids, each, strict=True)]
    tails = [
        f"{rule.title}: {rule.shows_not}" for rule in rules if any(words.endswith(rule.shows_not) for words in each)
    ]
    return Part(sentences=(*head, *said, *tails))


def _without_tail(words: str, rules: Sequence[PatternRule]) -> str:
    """Returns a pattern's sentence less what its rule does not show, which stands once for all."""
    tail = next((rule.shows_not for rule in rules if words.endswith(rule.shows_not)), "")
    return words.removesuffix(tail).strip()


def _answer(found: Assurance, pattern: str) -> str:
    """Returns when leaders answered a pattern and what came of it: days and outcomes, none of what people wrote and nobody's name."""
    one = next(one for one in found.answered if one.pattern == pattern)
    said = [
        f"{day_of(row.decided_on)}, "
        + (f"{row.outcome.replace('_', ' ')} on {day_of(row.outcome_on)}" if row.outcome_on else "outcome to come")
        for row in one.responses
    ]
    if said:
        return f"{ANSWERED}{'; '.join(said)}."
    return LATE if one.late else ENDED if one.due is None else WAITING


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
    return ShownTable(caption, ("What", *map(str, table.columns)), rows, tuple(sentences))


def of_subject(release: Release, subject: str) -> tuple[tuple[Kept, Part], ...]:
    """Returns each release that is shown, with what it has of a subject."""
    return tuple((one, one.parts[subject]) for one in release.shown if subject in one.parts)


def span_words(one: Kept) -> str:
    """Returns a release in words: its months, when it left, and by which policy."""
    by = f" by the policy {one.policy}" if one.policy else ""
    return f"{told_months(one)}, as released on {day_of(one.made)}{by}"
