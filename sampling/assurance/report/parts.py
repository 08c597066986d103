"""What a page of the assurance report is made of: parts under a heading, each of blocks with sentences, tables, charts and lists."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from sampling.page.sections import Fragment
from sampling.plots.figure import Figure
from sampling.quality import page_environment
from sampling.reporting.tables import Table

MOST = 12  # rows of a table that stand open: what is longer is looked up, not read
FEW = 3  # so many more rows are not worth folding


@dataclass(frozen=True)
class Fold:
    """What is closed, under a line that says what is in it; on paper the line says where to look.

    `files` are the ids of tables that stand elsewhere, or beside the page alone, and have all of it.
    """

    summary: str
    sentences: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    files: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Returns the tables, by their ids, that a reader on paper is sent to."""
        return (*(one.id for one in self.tables), *self.files)


@dataclass(frozen=True)
class Block:
    """One finding, as its heading, with what stands behind it; `heading` "" stands right under the part's. `items` are a list.

    `most`: so many rows of a table, and items of the list, stand open, and FEW more where that is all; the rest is folded. `files` are tables that are no part of the page
    and stand beside it as CSV.
    """

    heading: str = ""
    sentences: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    figures: tuple[Figure, ...] = ()
    items: tuple[str, ...] = ()
    folds: tuple[Fold, ...] = ()
    most: int = MOST
    files: tuple[Table, ...] = ()

    @property
    def all_tables(self) -> tuple[Table, ...]:
        """Returns its tables, those that are folded, and those that are files alone."""
        return (*self.tables, *(table for one in self.folds for table in one.tables), *self.files)


@dataclass(frozen=True)
class Part:
    """A section of the page."""

    title: str
    blocks: tuple[Block, ...]

    @property
    def id(self) -> str:
        """Returns the anchor of its heading."""
        return anchor(self.title)

    @property
    def fragment(self) -> Fragment:
        """Returns it as HTML."""
        blocks = [one for one in self.blocks if one != Block()]
        return render("part", f"{self.title}.", title=self.title, id=self.id, blocks=blocks, few=FEW)


def anchor(title: str) -> str:
    """Returns a heading's anchor.

    >>> anchor("Test 1 of 4: supervision coverage")
    'at-test-1-of-4-supervision-coverage'
    """
    return "-".join(["at", *re.findall(r"[a-z0-9]+", title.lower())])


def shortened(heading: str, sentences: Sequence[str], kept: int, summary: str) -> Block:
    """Returns a block of which so many sentences stand open; the others are under `summary`."""
    rest = tuple(sentences[kept:])
    return Block(heading, tuple(sentences[:kept]), folds=(Fold(summary, rest),) if rest else ())


def render(name: str, words: str, **context: Any) -> Fragment:
    """Returns one of the report's templates filled in; `words` is what a screen without HTML shows."""
    text = page_environment().get_template(f"assurance_{name}.html.j2").render(**context)
    return Fragment(text.strip() + "\n", words)


def table_of(id_: str, caption: str, frame: pd.DataFrame, sentences: Sequence[str] = ()) -> Table:
    """Returns a frame as a table of the page, its index as the heading of each row."""
    pairs = zip(frame.index, frame.astype(object).to_numpy(), strict=True)
    rows = tuple((str(name), *(str(cell) for cell in row)) for name, row in pairs)
    return Table(id_, caption, (_WHAT, *map(str, frame.columns)), rows, tuple(sentences))


_WHAT = "What"


def headed(table: Table) -> Table:
    """Returns the table with a word above each column: an empty heading cannot be read aloud."""
    return table._replace(columns=tuple(name or _WHAT for name in table.columns))


def share(part: int, whole: int) -> str:
    """Returns a part of a whole in words: with its per cent from 20 on, since a per cent of a few says more than there is.

    >>> share(3, 4), share(30, 40), share(0, 0)
    ('3 of 4', '30 of 40 (75%)', 'none to count')
    """
    if not whole:
        return "none to count"
    return f"{part:,} of {whole:,}" + (
        f" ({(200 * part + whole) // (2 * whole)}%)" if whole >= FEWEST_FOR_PER_CENT else ""
    )


FEWEST_FOR_PER_CENT = 20  # our choice: below it one case moves a share by more than five points
