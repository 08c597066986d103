"""Patterns, and what leaders did about each: with dates, and what has no answer."""

from __future__ import annotations

from collections.abc import Sequence

from sampling.assurance.patterns import Pattern
from sampling.assurance.patterns_log import Answered, Response
from sampling.assurance.patterns_words import (
    about_words,
    looked_sentence,
    pattern_sentences,
    response_sentences,
    scope_words,
    state_words,
)
from sampling.assurance.report.found import Assurance
from sampling.assurance.report.parts import Block, Fold, Part
from sampling.model import Period
from sampling.page.words import counted, day_of
from sampling.reporting.tables import Table

TITLE = "Patterns, and what leaders did"
MARKED = ("new", "easing")  # states that stand beside the place's numbers
PLACES = 4  # places of a row that are named: of the others it says how many
ROWS = 8  # groups of a rule that stand open
EVERY = "patterns"  # the table of all patterns, a row each, which is a file alone
SILENCE = "Where nothing stands, nothing was seen by these rules: that all is well does not follow."


def seen(found: Assurance) -> Part:
    """Returns the whole section: what leaders did, then rule by rule what stands; a line each pattern is folded, and in the table of all."""
    rules = tuple(_rule(found, one.id) for one in found.pattern_policy.rules)
    looked = Fold("How each rule was looked at", items=tuple(looked_sentence(one) for one in found.patterns.looked))
    responses, every = responses_table(found), patterns_table(found)
    head = Block(heading(found), (SILENCE,), (responses,), folds=(looked,), files=(every,))
    return Part(TITLE, (head, *rules))


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
    """Returns the patterns of a rule: how many stand, a table of them in groups, and folded a sentence each. The rule itself stands under
    Methods.
    """
    log = {one.pattern: one for one in found.answered}
    mine = [one for one in found.patterns.found if one.rule.id == rule]
    if not mine:
        return Block()
    fold = Fold(f"Each of {counted(len(mine), 'pattern')} in a sentence, with those that ended", items=tuple(_words(found, one, log[one.id]) for one in mine), files=(EVERY,))  # fmt: skip
    return Block(
        mine[0].rule.title,
        (finding(found, rule), mine[0].rule.shows_not),
        (grouped_table(found, rule),),
        folds=(fold,),
        most=ROWS,
    )


def finding(found: Assurance, rule: str) -> str:
    """Returns how many patterns of a rule stand, since when the oldest does, and how many have no response."""
    stands = [one for one in running(found) if one.rule.id == rule]
    if not stands:
        return "All of them have ended."
    silent, late = _unanswered(found, stands)
    easing = sum(one.state == "easing" for one in stands)
    how = f", {easing} of them easing" if easing else ""
    oldest = f"the oldest since {_month(min(one.since for one in stands))}"
    past = "all" if late == silent > 1 else str(late)
    answer = f"{silent} without a response, {past} of them past the day for it" if silent else "each has a response"
    return f"{counted(len(stands), 'pattern')} {'stands' if len(stands) == 1 else 'stand'}{how}, {oldest}: {answer}."


def grouped_table(found: Assurance, rule: str) -> Table:
    """Returns the patterns of a rule that stand, a row each criterion or kind of action: those without a response come first, most late ones
    on top.
    """
    groups: dict[str, list[Pattern]] = {}
    for one in (one for one in running(found) if one.rule.id == rule):
        groups.setdefault(one.scope.about, []).append(one)
    order = sorted(groups.values(), key=lambda group: (*(-number for number in reversed(_unanswered(found, group))), about_words(group[0].scope, found.titles)))  # fmt: skip
    columns = (
        "About",
        "Where (seen, of looked at)",
        "Patterns",
        "Oldest since",
        "Without a response",
        "Newest answer",
    )
    title = f"Standing at the end of {_month(found.patterns.month)}, those without a response first"
    return Table(f"patterns-{rule.replace('_', '-')}", title, columns, tuple(_row(found, group) for group in order))


def _row(found: Assurance, group: Sequence[Pattern]) -> tuple[str, ...]:
    """Returns the row of the patterns about the same."""
    about = about_words(group[0].scope, found.titles) or "All cases"
    silent, late = _unanswered(found, group)
    none = f"{silent}, {late} late" if late else str(silent) if silent else "none"
    return (
        about,
        _places(group),
        str(len(group)),
        _month(min(one.since for one in group)),
        none,
        _newest(found, group),
    )


def _places(group: Sequence[Pattern]) -> str:
    """Returns where the patterns are: the service before its teams, each with its own numbers."""
    order = sorted(group, key=lambda one: one.scope.team)
    named = [_place(one) for one in order[:PLACES]]
    return "; ".join((*named, *([f"{counted(len(order) - PLACES, 'more team')}"] if order[PLACES:] else [])))


def _place(one: Pattern) -> str:
    state = f", {one.state}" if one.state in MARKED else ""
    return f"{one.scope.team or 'the service'} ({one.evidence.seen} of {one.evidence.of}{state})"


def _unanswered(found: Assurance, group: Sequence[Pattern]) -> tuple[int, int]:
    """Returns (patterns without a response, those of them whose day for it is past)."""
    ids = {one.id for one in group}
    silent = [one for one in found.answered if one.pattern in ids and one.due is not None]
    return len(silent), sum(one.late for one in silent)


def _month(text: str) -> str:
    return f"{Period(text).first_day:%B %Y}"


def _newest(found: Assurance, group: Sequence[Pattern]) -> str:
    """Returns the day and the outcome of the newest response to one of the patterns."""
    ids = {one.id for one in group}
    rows = [row for one in found.answered if one.pattern in ids for row in one.responses]
    if not rows:
        return "none"
    last = max(rows, key=lambda row: row.decided_on)
    return f"{day_of(last.decided_on)}: {_outcome(last)}"


def _outcome(row: Response) -> str:
    if row.outcome_on:
        return f"{row.outcome.replace('_', ' ')}, {day_of(row.outcome_on)}"
    return "overdue" if row.overdue else "to come"


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
    return Table(EVERY, f"Patterns at the end of {found.patterns.month}", columns, tuple(rows))


def responses_table(found: Assurance) -> Table:
    """Returns a row each response, with the day it was decided, its owner, its day and what came of it."""
    names = {one.id: name_of(found, one) for one in found.patterns.found}
    rows = tuple(
        (
            names[one.pattern], day_of(row.decided_on), row.what, row.owner, day_of(row.due),
            _outcome(row),
        )
        for one in found.answered for row in one.responses
    )  # fmt: skip
    columns = ("Pattern", "Decided", "What", "Owner", "By", "Outcome")
    return Table("responses", "Leaders' responses", columns, rows)
