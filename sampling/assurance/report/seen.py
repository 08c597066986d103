"""Patterns, and what leaders did about each: with dates, and what has no answer."""

from __future__ import annotations

from sampling.assurance.patterns import Pattern
from sampling.assurance.patterns_log import Answered
from sampling.assurance.patterns_words import (
    about_words,
    looked_sentence,
    pattern_sentences,
    response_sentences,
    scope_words,
    state_words,
)
from sampling.assurance.report.found import Assurance
from sampling.assurance.report.parts import Block, Part
from sampling.page.words import counted, day_of
from sampling.reporting.tables import Table

TITLE = "Patterns, and what leaders did"
SILENCE = "Where nothing stands, nothing was seen by these rules: that all is well does not follow."


def seen(found: Assurance) -> Part:
    """Returns the whole section: the table of all, then rule by rule what each shows and what leaders did."""
    rules = tuple(_rule(found, one.id) for one in found.pattern_policy.rules)
    looked = tuple(looked_sentence(one) for one in found.patterns.looked)
    return Part(
        TITLE,
        (Block(heading(found), (SILENCE,), tables(found)), *rules, Block("How each rule was looked at", items=looked)),
    )


def tables(found: Assurance) -> tuple[Table, ...]:
    """Returns the patterns with what was answered, and every response; a table without rows is left out."""
    return tuple(one for one in (patterns_table(found), responses_table(found)) if one.rows)


def heading(found: Assurance) -> str:
    """Returns how many patterns stand, and how many are without an answer past its day."""
    standing = running(found)
    late = sum(one.late for one in found.answered)
    if not standing:
        return f"No pattern met its rule at the end of {found.patterns.month}"
    return f"{counted(len(standing), 'pattern')} {'stands' if len(standing) == 1 else 'stand'}, {late} without a response by its day"


def running(found: Assurance) -> tuple[Pattern, ...]:
    """Returns the patterns that have not ended."""
    return tuple(one for one in found.patterns.found if one.state != "ended")


def name_of(found: Assurance, one: Pattern) -> str:
    """Returns a pattern's name: its rule, what it is about, and where."""
    about = about_words(one.scope, found.titles)
    return f"{one.rule.title}{f' (“{about}”)' if about else ''}, {scope_words(one.scope)}"


def _rule(found: Assurance, rule: str) -> Block:
    """Returns the patterns of a rule, an item each: what it shows, and what leaders did. The rule itself stands under Methods."""
    log = {one.pattern: one for one in found.answered}
    mine = [one for one in found.patterns.found if one.rule.id == rule]
    if not mine:
        return Block()
    title, shows_not = mine[0].rule.title, mine[0].rule.shows_not
    return Block(title, (shows_not,), items=tuple(_words(found, one, log[one.id]) for one in mine))


def _words(found: Assurance, pattern: Pattern, log: Answered) -> str:
    state, _, *more = pattern_sentences(pattern, found.titles)
    return " ".join((state, *more[:-1], *response_sentences(log)))


def patterns_table(found: Assurance) -> Table:
    """Returns a row each pattern, with the days of seeing and answering it."""
    log = {one.pattern: one for one in found.answered}
    rows = []
    for one in found.patterns.found:
        mine = log[one.id]
        due = "late, due " + day_of(mine.due) if mine.late and mine.due else f"due {day_of(mine.due)}" if mine.due else "none due"  # fmt: skip
        first = day_of(mine.first_seen) if mine.first_seen else "not noted"
        figures = f"{one.evidence.seen} of {one.evidence.of}"
        rows.append(
            (name_of(found, one), one.rule.row, state_words(one), figures, first, str(len(mine.responses)), due)
        )
    columns = ("Pattern", "Row", "State", "Seen, of looked at", "First seen by leaders", "Responses", "Response")
    return Table("patterns", f"Patterns at the end of {found.patterns.month}", columns, tuple(rows))


def responses_table(found: Assurance) -> Table:
    """Returns a row each response, with the day it was decided, its owner, its day and what came of it."""
    names = {one.id: name_of(found, one) for one in found.patterns.found}
    rows = tuple(
        (
            names[one.pattern], day_of(row.decided_on), row.what, row.owner, day_of(row.due),
            f"{row.outcome.replace('_', ' ')}, {day_of(row.outcome_on)}" if row.outcome_on else "overdue" if row.overdue else "to come",
        )
        for one in found.answered for row in one.responses
    )  # fmt: skip
    columns = ("Pattern", "Decided", "What", "Owner", "By", "Outcome")
    return Table("responses", "Leaders' responses", columns, rows)
