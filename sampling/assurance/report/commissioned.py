"""The commissioner's edition: its four tests one by one, every number from a release, nothing of a person or of a team of one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sampling.assurance.report import audited
from sampling.assurance.report.answers import NOTHING, of_patterns, of_rows, of_tables
from sampling.assurance.report.found import Assurance
from sampling.assurance.report.kept import Kept, ShownTable
from sampling.assurance.report.kept import Part as Shown
from sampling.assurance.report.parts import Block, Part, headed
from sampling.assurance.report.releasing import (
    ACTIONS,
    COVERAGE,
    EFFECT,
    FOCUS,
    PATTERNS,
    of_subject,
    span_words,
    told_months,
)
from sampling.reporting import withheld
from sampling.reporting.tables import Table
from sampling.scoring.rules.session_rules import AGENDA as AGENDA_WORDS
from sampling.suppression import load_profile

TITLES = {
    COVERAGE: "Test 1 of 4: supervision coverage",
    FOCUS: "Test 2 of 4: structured focus on risk and safeguarding",
    ACTIONS: "Test 3 of 4: action tracking",
    PATTERNS: "Test 4 of 4: governance linkage that shows impact",
}
FROM = {
    COVERAGE: "From the journal of supervision and the extract of the record, by the policy named under Methods.",
    ACTIONS: "Actions and what people saw from the journal; what the record shows from the next extract.",
    PATTERNS: "From drawn cases and their scores by fixed rules (policies/patterns.toml); responses from the journal.",
}
SHOWS_NOT = {
    COVERAGE: "It does not show: what the sessions were like, or what came of them. The other three tests are about that.",
    ACTIONS: "It does not show: that what reached the record is what was agreed, or is good.",
    PATTERNS: "It does not show: patterns on small numbers, which stay inside the service, or that a response was the right one.",
}
FOCUS_FROM = (
    "What sessions covered is from the journal of supervision. What records show is from cases that were drawn at random by a committed rule and scored against published rubrics on escalation, safeguarding and crisis "
    "plans; the actions about risk stand under test 3."
)
FOCUS_NOT = "It does not show: how well an item was covered, or cases that were not drawn."
ON_RISK = tuple(
    AGENDA_WORDS[item][0] for item in ("safeguarding_indicators", "escalation_use")
)  # what this test asks for
ITEMS = 8  # patterns that stand open: the rest is folded
NO_RELEASE = "Nothing is shown here."
ROUNDED = "Numbers are rounded, each for itself: parts need not add up to their whole."
FOUR = "The four answers"
ANSWERS = "Four tests, each with what the numbers that may leave the service answer."


def section(found: Assurance, subject: str) -> Part:
    """Returns one test: each release that is shown, where it is from, and what it does not show."""
    blocks = [Block(sentences=(*_answer(found, subject), FROM[subject], SHOWS_NOT[subject]))]
    blocks += [_block(one, shown, subject) for one, shown in _shown(found, subject)] or [
        Block(sentences=(_none(found),))
    ]
    return Part(TITLES[subject], tuple(blocks))


def focus(found: Assurance) -> Part:
    """Returns the second test: what sessions covered, and what the sampled records show, by the evidence report's own release."""
    sessions = tuple(_block(one, shown, FOCUS) for one, shown in _shown(found, FOCUS))
    return Part(
        TITLES[FOCUS], (Block(sentences=(*_covered(found), FOCUS_FROM, FOCUS_NOT)), *sessions, audited.outside(found))
    )


def _covered(found: Assurance) -> tuple[str, ...]:
    """Returns what the shown numbers say of the agenda items on risk and safeguarding, or why none is shown."""
    said = tuple(
        f"{_when(found, one)}{words}"
        for one, part in _shown(found, FOCUS)
        for words in of_rows(part.tables, ON_RISK) or (part.refusal or NOTHING,)
    )
    return said or (_none(found),)


def effect(found: Assurance) -> Part:
    """Returns what the review of effect releases."""
    blocks = [_block(one, shown, EFFECT) for one, shown in _shown(found, EFFECT)]
    return Part("Staff, incidents, indicators and partners", tuple(blocks) or (Block(sentences=(_none(found),)),))


def _answer(found: Assurance, subject: str) -> tuple[str, ...]:
    """Returns what the shown numbers answer: of the span itself, or of each span inside it that left before."""
    return tuple(
        f"{_when(found, one)}{words}"
        for one, part in _shown(found, subject)
        for words in (
            (of_patterns(part),) if subject == PATTERNS else of_tables(part.tables) or (part.refusal or NOTHING,)
        )
    )


def _when(found: Assurance, one: Kept) -> str:
    """Returns the months of a release before its words, "" where they are the page's own."""
    window = found.asked.window
    return "" if (one.first, one.last) == (window.first, window.last) else f"{told_months(one)}: "


def answers(found: Assurance) -> tuple[str, ...]:
    """Returns the answer to each of the four tests in its sentences, each with the test's number."""
    said = audited.the_verdict(found)
    # without the month in which the verdict ends it reads as one of this span
    until = "" if isinstance(found.audit, str) else withheld.until(found.audit)
    focused = (*_covered(found), f"{said.answer} {until}" if said else str(found.audit))
    four = (_answer(found, COVERAGE), focused, _answer(found, ACTIONS), _answer(found, PATTERNS))
    none = (_none(found),)
    return tuple(f"Test {number}: {words}" for number, each in enumerate(four, 1) for words in each or none)


def first(found: Assurance) -> tuple[str, tuple[str, ...]]:
    """Returns the first sentence, and what speaks of the numbers: which left, and under which profile."""
    release = found.release
    assert release is not None
    answer = ANSWERS if release.shown else (release.why or NO_RELEASE)
    told = [f"Numbers of {span_words(one)}, under the profile {one.profile}." for one in release.shown]
    refused = [shown.refusal for one in release.shown for shown in one.parts.values() if shown.refusal]
    profiles = [load_profile(name) for name in dict.fromkeys(one.profile for one in release.shown)]
    rounded = ROUNDED if any(rule.round_to > 1 for one in profiles for rule in one.rules.values()) else ""
    why = release.why if release.shown else ""
    return answer, tuple(filter(None, (why, *told, rounded, *dict.fromkeys(refused))))


def _shown(found: Assurance, subject: str) -> Sequence[tuple[Kept, Shown]]:
    assert found.release is not None
    return of_subject(found.release, subject)


def _none(found: Assurance) -> str:
    return (found.release.why if found.release else "") or NO_RELEASE


def _block(one: Kept, shown: Shown, subject: str) -> Block:
    """Returns one release of a subject; what stands under several of its tables is said once."""
    often = Counter(words for table in shown.tables for words in table.sentences)
    once = [words for words, number in often.items() if number > 1]
    each = tuple(
        _table(table, subject, one, place)._replace(
            sentences=tuple(words for words in table.sentences if words not in once)
        )
        for place, table in enumerate(shown.tables, 1)
    )
    refused = (shown.refusal,) if shown.refusal else ()
    if subject == PATTERNS:
        rows = tuple((str(place), words) for place, words in enumerate(shown.sentences, 1))
        every = Table(f"{subject}-{one.text.replace(':', '_')}", "Patterns that may be told", ("Line", "Words"), rows)
        return Block(span_words(one), refused, each, items=shown.sentences, most=ITEMS, files=(every,))
    said = (*shown.sentences, *once)
    if not each:
        return Block(span_words(one), (*refused, *said))
    last = each[-1]._replace(sentences=(*each[-1].sentences, *said))
    return Block(span_words(one), refused, (*each[:-1], last))


def _table(table: ShownTable, subject: str, one: Kept, place: int) -> Table:
    name = f"{subject}-{one.text.replace(':', '_')}-{place}"
    return headed(Table(name, table.caption, table.columns, table.rows, table.sentences))
