"""The quarterly review of effect: what was brought, what is found, and what was not brought, said as such."""

from __future__ import annotations

from dataclasses import replace

from sampling.assurance.effect.results import Part as Found
from sampling.assurance.effect.results import Wellbeing
from sampling.assurance.report.found import Assurance
from sampling.assurance.report.parts import MOST, Block, Fold, Part, headed, shortened
from sampling.reporting.tables import Table

TITLE = "Effectiveness: staff, incidents, indicators, partners, training, side effects"
NOTHING = "Nothing was brought or found."
SHOWS_NOT = "What this does not show"
OPEN, ROWS = 4, 10  # sentences of a part that stand open, and rows of a table: a longer one is folded whole
STAY = ("survey-service",)  # open at any length: each item is an answer of staff
RANKED, TOP = ("training-needs",), 5  # largest first, so that its first rows stand open
_TEAMS = "survey-"  # how the ids of the survey's tables begin; the service's is the first


def effects(found: Assurance) -> Part:
    """Returns the whole section."""
    return Part(TITLE, (Block(sentences=found.effect.said), *(_block(*one) for one in found.effect.parts.items())))


def _block(title: str, part: Found) -> Block:
    """Returns one part: what it says first, its tables, and folded what is longer and what it does not show."""
    tables = tuple(headed(one) for one in part.tables if one.rows)
    said = part.sentences or (NOTHING,)
    if isinstance(part, Wellbeing) and tables:  # each quarter's sentence is a row of its table
        said = (said[-1], *said[:-1])
    block = shortened(title, said, 1 if isinstance(part, Wellbeing) else OPEN, "More in words")
    teams = tuple(one for one in tables[1:] if one.id.startswith(_TEAMS))
    long = tuple(one for one in tables if len(one.rows) > ROWS and one.id not in (*STAY, *RANKED) and one not in teams)
    folds = (
        *(Fold(f"{one.caption}, in {len(one.rows)} rows", tables=(one,)) for one in long),
        *block.folds,
        *_folded("The same by team", teams),
        *((Fold(SHOWS_NOT, items=part.shows_not),) if part.shows_not else ()),
    )
    open_ = tuple(one for one in tables if one not in (*teams, *long))
    most = TOP if any(one.id in RANKED for one in open_) else MOST
    return replace(block, tables=open_, folds=folds, most=most)


def _folded(summary: str, tables: tuple[Table, ...]) -> tuple[Fold, ...]:
    return (Fold(summary, tables=tables),) if tables else ()
