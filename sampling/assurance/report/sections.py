"""The sections of the notebook: what each edition has under each heading, as one HTML fragment; empty where an edition has none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from sampling.assurance.report import acted, audited, commissioned, effects, seen, tested, tracker
from sampling.assurance.report import methods as making
from sampling.assurance.report.first import first_words as words_of_first
from sampling.assurance.report.first import untold as what_is_untold
from sampling.assurance.report.found import Assurance, Edition
from sampling.assurance.report.parts import Block, Part, anchor, render
from sampling.assurance.report.period import length_of, words_of
from sampling.assurance.report.releasing import ACTIONS, COVERAGE, PATTERNS
from sampling.page.sections import Fragment
from sampling.page.words import capital, day_of
from sampling.plots.figure import Figure
from sampling.reporting import sections as reporting
from sampling.reporting.tables import Table

NOTHING = Fragment("", "Not in this edition.")
TITLES: Mapping[Edition, str] = {
    "governance": "Assurance of supervision",
    "commissioner": "Supervision: report for the commissioner",
    "inspector": "Supervision: report for an inspector",
}
STATEMENTS: Mapping[Edition, str] = {
    "governance": "For the service's governance meeting. Numbers are as they are: it stays inside the service.",
    "commissioner": "For the commissioner. Every number went through the release that hides small ones; nothing here is of one person, or of a team of one.",
    "inspector": (
        "Made inside the service, to prepare for an inspector's questions and to be shown on site. Numbers are as they are: a copy that leaves "
        "is the commissioner's edition. Nothing here is a rating, and none is inferred."
    ),
}
NOBODY = "What stands here was asked and could not be answered from what the service has. It is neither well nor not: it is what to find out next."


WELL, NEARLY, NOT_WELL, UNTOLD = (
    "What is as it should be",
    "What is so but for a few",
    "What is not",
    "What nobody can tell",
)
READING = "On this page. Lines with a small triangle open; on paper they say where to look. The name in a table's corner is its file in the folder tables."


@dataclass(frozen=True)
class Heading:
    """The head of a report: title, lead and key facts."""

    title: str
    lead: str
    facts: tuple[tuple[str, str], ...]


def heading(found: Assurance) -> Heading:
    """Returns what stands above a report."""
    asked = found.asked
    span = words_of(asked.window)
    return Heading(
        f"{TITLES[asked.edition]}, {span}",
        STATEMENTS[asked.edition],
        (
            ("Period", f"{span} (a {length_of(asked.window)})"), ("Purpose", "Audit"), ("Policy", asked.policy.title),
            ("Small numbers", capital(asked.suppression.title)), ("As of", day_of(asked.today)),
        ),
    )  # fmt: skip


def look() -> Fragment:
    """Returns the style of the fragments, for a notebook that is open in JupyterLab."""
    return reporting.look()


def first_words(found: Assurance) -> Fragment:
    """Returns what is well, what is not and what nobody can tell; for a commissioner what left, and the verdict."""
    if found.asked.edition == "commissioner":
        answer, said = commissioned.first(found)
        lists = [(commissioned.FOUR, commissioned.answers(found), "")]
        return render("first", answer, answer=answer, sentences=said, lists=lists, anchor=anchor)
    said_first = words_of_first(found)
    lists = [
        (WELL, said_first.well, "Nothing can be said to be as it should be."),
        (NEARLY, said_first.nearly, ""),
        (NOT_WELL, said_first.not_well, "Nothing was found that is not as it should be."),
        (UNTOLD, said_first.untold, "Nothing was asked that cannot be told."),
    ]
    return render(
        "first",
        said_first.answer,
        answer=said_first.answer,
        sentences=(),
        lists=[one for one in lists if one[1] or one[2]],
        anchor=anchor,
    )


def tests(found: Assurance) -> Fragment:
    """Returns the tests, one by one; in the commissioner's edition each has a section of its own."""
    return _shown(found, "tests")


def coverage(found: Assurance) -> Fragment:
    """Returns the coverage tracker."""
    return _shown(found, "coverage")


def audit(found: Assurance) -> Fragment:
    """Returns the sampling audit beside the focus of supervision."""
    return _shown(found, "audit")


def actions(found: Assurance) -> Fragment:
    """Returns the action log."""
    return _shown(found, "actions")


def patterns(found: Assurance) -> Fragment:
    """Returns patterns and what leaders did."""
    return _shown(found, "patterns")


def effectiveness(found: Assurance) -> Fragment:
    """Returns the review of effect."""
    return _shown(found, "effectiveness")


def untold(found: Assurance) -> Fragment:
    """Returns what cannot be told."""
    return _shown(found, "untold")


def methods(found: Assurance) -> Fragment:
    """Returns methods and what makes the same report again."""
    return _shown(found, "methods")


def _untold(found: Assurance) -> Part:
    said = what_is_untold(found)
    if found.asked.edition == "commissioner":  # how many places were thin is a count of its own
        said = tuple(dict.fromkeys((*found.material.untold, *found.coverage.untold)))
    return Part("What cannot be told", (Block(sentences=(NOBODY,), items=said),))


def _access(found: Assurance) -> Part:
    return Part(
        tracker.TITLE,
        (Block(sentences=(tracker.NOT_ALONE,)), tracker.due(found), tracker.kinds(found), tracker.cases(found)),
    )


_Make = Callable[[Assurance], Part]
_GOVERNANCE: Mapping[str, _Make] = {
    "tests": tested.governance,
    "coverage": tracker.tracker,
    "audit": audited.audited,
    "actions": acted.acted,
    "patterns": seen.seen,
    "effectiveness": effects.effects,
    "untold": _untold,
    "methods": making.methods,
}
_PARTS: Mapping[Edition, Mapping[str, _Make]] = {
    "governance": _GOVERNANCE,
    "inspector": {**_GOVERNANCE, "tests": tested.inspector, "coverage": _access},
    "commissioner": {
        "coverage": lambda found: commissioned.section(found, COVERAGE),
        "audit": commissioned.focus,
        "actions": lambda found: commissioned.section(found, ACTIONS),
        "patterns": lambda found: commissioned.section(found, PATTERNS),
        "effectiveness": commissioned.effect,
        "untold": _untold,
        "methods": making.methods,
    },
}


def _shown(found: Assurance, name: str) -> Fragment:
    part = _made(found).get(name)
    return part.fragment if part else NOTHING


@lru_cache(maxsize=1)
def _made(found: Assurance) -> Mapping[str, Part]:
    """Returns name -> part: page, files and contents are made from the same, once."""
    return {name: make(found) for name, make in _PARTS[found.asked.edition].items()}


def parts(found: Assurance) -> tuple[Part, ...]:
    """Returns every part of the edition, in order."""
    return tuple(_made(found).values())


def all_tables(found: Assurance) -> tuple[Table, ...]:
    """Returns every table of the edition in order, less those behind a figure and those without a row."""
    return tuple(table for part in parts(found) for block in part.blocks for table in block.all_tables if table.rows)


def contents(found: Assurance) -> tuple[tuple[str, str], ...]:
    """Returns (anchor, title) of each section, in order: the list at the top of the page."""
    return tuple((part.id, part.title) for part in parts(found))


def all_figures(found: Assurance) -> tuple[Figure, ...]:
    """Returns every figure of the edition in order."""
    return tuple(figure for part in parts(found) for block in part.blocks for figure in block.figures)
