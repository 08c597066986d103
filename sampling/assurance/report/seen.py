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
from sampling.page.words import capital, counted, day_of
from sampling.reporting.tables import Table

TITLE = "Patterns, and what leaders did"
QUIET = ("easing", "ended")  # states that are told in the sentences alone
ALL_QUIET = "The newest draw, or month with contacts, shows none of them: all are easing, or have ended."
SILENCE = "Where nothing stands, nothing was seen by these rules: that all is well does not follow."


def seen(found: Assurance) -> Part:
    """Returns the whole section: what leaders did, then rule by rule what stands, with every pattern's own sentence folded."""
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
    """Returns the patterns of a rule: a table of those that stand, and folded a sentence each. The rule itself stands under Methods."""
    log = {one.pattern: one for one in found.answered}
    mine = [one for one in found.patterns.found if one.rule.id == rule]
    if not mine:
        return Block()
    title, shows_not = mine[0].rule.title, mine[0].rule.shows_not
    table = standing_table(found, rule)
    quiet = sum(one.state in QUIET for one in mine)
    more = f", with {quiet} that {'is' if quiet == 1 else 'are'} easing or ended" if quiet else ""
    fold = Fold(f"Each place in a sentence{more}", items=tuple(_words(found, one, log[one.id]) for one in mine))
    none = () if table.rows else (ALL_QUIET,)
    return Block(title, (shows_not, *none), (table,), folds=(fold,))


def standing_table(found: Assurance, rule: str) -> Table:
    """Returns the new and standing patterns of a rule: those of the service first, each in one row with its teams' about the same; then those
    of teams alone.
    """
    stands = [one for one in found.patterns.found if one.rule.id == rule and one.state not in QUIET]
    wide = {one.scope.about: [one] for one in stands if not one.scope.team}
    for one in (one for one in stands if one.scope.team and one.scope.about in wide):
        wide[one.scope.about].append(one)
    alone = [[one] for one in stands if one.scope.team and one.scope.about not in wide]
    groups = sorted((*wide.values(), *alone), key=lambda group: (bool(group[0].scope.team), about_words(group[0].scope, found.titles), group[0].scope.team))  # fmt: skip
    columns = ("About", "Where", "State", "Seen, of looked at", "What leaders did")
    title = f"New and standing at the end of {found.patterns.month}"
    return Table(f"patterns-{rule.replace('_', '-')}", title, columns, tuple(_row(found, *group) for group in groups))


def _row(found: Assurance, first: Pattern, *teams: Pattern) -> tuple[str, ...]:
    """Returns the row of a pattern, with those of teams about the same; state and numbers are its own."""
    places = ", ".join(one.scope.team for one in teams)
    where = f"{first.scope.team or 'the service'}{f'; also by itself in {places}' if places else ''}"
    about = about_words(first.scope, found.titles) or capital(scope_words(first.scope))
    figures = f"{first.evidence.seen} of {first.evidence.of}"
    return (about, where, state_words(first), figures, _leaders(found, (first, *teams)))


def _leaders(found: Assurance, group: Sequence[Pattern]) -> str:
    """Returns what leaders did about a group of patterns: the newest response, or how many have none and since when one is due."""
    ids = {one.id for one in group}
    log = [one for one in found.answered if one.pattern in ids]
    responses = sorted((row for one in log for row in one.responses), key=lambda row: row.decided_on)
    said = [f"answered {day_of(responses[-1].decided_on)}: {_outcome(responses[-1])}"] if responses else []
    for late in (True, False):
        due = [one.due for one in log if one.due is not None and one.late is late]
        of = f" to {len(due)} of {len(log)}" if len(log) > 1 else ""
        when = "due since" if late else "yet, due by"
        said += [f"no response{of}{',' if late else ''} {when} {day_of(min(due))}"] if due else []
    return capital("; ".join(said)) or "None is due"


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
    return Table("patterns", f"Patterns at the end of {found.patterns.month}", columns, tuple(rows))


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
