"""How a report was made: the policy with the source of each interval, the rules of patterns, and all that makes the same report again."""

from __future__ import annotations

from sampling import __version__
from sampling.assurance.profile import Interval
from sampling.assurance.report.found import Assurance
from sampling.assurance.report.parts import Block, Fold, Part
from sampling.assurance.report.period import words_of
from sampling.assurance.rules import RULES
from sampling.page.words import day_of
from sampling.reporting.tables import Table
from sampling.suppression.words import INSIDE_ONLY

TITLE = "Methods, and how to make this again"
SAME = "The same draws, journal, extract, files that were brought, policy, day and software give the same bytes."
CHOSEN = "Rules for patterns: every number is this service's own choice, or the program's: no source gives one."
TRACE = (
    ("Coverage: sessions, kinds, agenda, exemptions, agreements", "journal; the extract's supervisions, practitioners, cases and allocations; people file"),
    ("Sampling audit", "draws and their frozen frames; scores in the journal, after moderation"),
    ("Actions, as people said", "journal"),
    ("Risk actions, as found in the record", "snapshots beside the draws, and the extract"),
    ("Patterns", "scores and actions in the journal; plans and contacts of the extract"),
    ("Leaders' responses", "journal"),
    ("Staff survey, incidents, indicators, partners", "files that the service brings"),
)  # fmt: skip


def methods(found: Assurance) -> Part:
    """Returns the whole section."""
    asked = found.asked
    hides = not asked.suppression.inside_only
    shown = f"Small numbers: {asked.suppression.title}." if hides else INSIDE_ONLY
    policy = f"Policy of supervision: {asked.policy.title} ({asked.policy.id}). {asked.policy.note}".strip()
    folds = (
        Fold("What each kind of number is from", tables=(trace(),)),
        Fold("Intervals of the policy, each with its source", tables=(intervals(found),)),
        Fold("What each rule for patterns is met by", tables=(rules(found),)),
        Fold("Edition, period, policy, software and digests", tables=(reproduce(found),)),
    )
    return Part(TITLE, (Block(sentences=(shown, policy, CHOSEN, SAME), folds=folds),))


def tables(found: Assurance) -> tuple[Table, ...]:
    """Returns the tables of this section."""
    return (trace(), intervals(found), rules(found), reproduce(found))


def trace() -> Table:
    """Returns where each kind of number is from."""
    return Table("sources", "Where each number is from", ("What", "From"), TRACE)


def intervals(found: Assurance) -> Table:
    """Returns each interval of the policy with its source."""
    columns = ("Rule", "Threshold", "Interval", "Row", "Source", "Standing", "Profile", "Note")
    return Table("intervals", "Intervals of the policy, each with its source", columns, tuple(map(_interval, found.asked.policy.intervals)))  # fmt: skip


def _interval(one: Interval) -> tuple[str, ...]:
    origin = one.origin
    return (RULES[one.rule].words, one.threshold, one.words, origin.row, origin.source, origin.standing, origin.profile, origin.note or "none")  # fmt: skip


def rules(found: Assurance) -> Table:
    """Returns the rules by which patterns are looked for."""
    rows = tuple(
        (one.title, one.row, f"{one.threshold} {one.counted} in {one.months} months", str(one.fewest), str(one.fewest_people), one.shows_not)
        for one in found.pattern_policy.rules
    )  # fmt: skip
    columns = ("Rule", "Row", "Met by", "Fewest cases", "Fewest people", "Does not show")
    return Table("rules", "Rules for patterns", columns, rows)


def reproduce(found: Assurance) -> Table:
    """Returns what the report was made from and with."""
    asked, gathered = found.asked, found.material.gathered
    number, head = gathered.journal_head
    rows = [
        ("Edition", asked.edition), ("Period", f"{words_of(asked.window)} ({asked.window.text})"), ("As of", day_of(asked.today)),
        ("Policy", asked.policy.id), ("Profile for small numbers", asked.suppression.name), ("Software", f"sampling {__version__}"),
    ]  # fmt: skip
    if asked.suppression.inside_only:
        rows += [
            ("Journal", f"{number} entries, the last {head[:16]}"),
            ("Draws and scores, digest", gathered.digest[:16]),
        ]
    return Table("reproduce", "To make this again", ("What", "Value"), tuple(rows))
