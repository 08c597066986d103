"""The release: tables published together, as they may be shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from sampling.errors import ProgramError
from sampling.suppression.gather import Comparison, Gathering, Source
from sampling.suppression.profiles import Profile
from sampling.suppression.secondary import Decision, decide
from sampling.suppression.system import Share, System, decimals_scale
from sampling.suppression.table import Cell, Ratio, Relation, Table, check_table
from sampling.suppression.words import Tally, refusal_sentence, release_sentences, table_sentences


@dataclass(frozen=True)
class ShownTable:
    """A table as it may be shown: `shown` has the rows of the counts, its published columns and then its figures, all text.

    primary: the cells that are hidden because they are small; secondary: those hidden so that none of these can be worked out.
    told_apart: whether a reader may know which is which; where not, the sentences do not say. `source` holds the true counts: it stays inside, and is what a later release needs of this one.
    """

    name: str
    shown: pd.DataFrame
    primary: frozenset[Cell]
    secondary: frozenset[Cell]
    told_apart: bool
    sentences: tuple[str, ...]
    source: Source = field(repr=False)


@dataclass(frozen=True)
class Suppressed:
    """A release. Either `tables`, one for each table handed in, or `refusal`: why none of them may be shown, in words."""

    profile: str
    tables: tuple[ShownTable, ...]
    sentences: tuple[str, ...]
    refusal: str
    relations: tuple[Relation, ...] = field(repr=False)
    compared: tuple[Comparison, ...] = field(repr=False)

    def table(self, name: str) -> ShownTable:
        """Returns the table of that name. Raises ProgramError where the release has none."""
        for table in self.tables:
            if table.name == name:
                return table
        raise ProgramError(f"The release has no table {name}.")


def suppress(
    tables: Sequence[Table],
    profile: Profile,
    *,
    relations: Sequence[Relation] = (),
    earlier: Sequence[Suppressed] = (),
) -> Suppressed:
    """Returns the tables as they may be shown together, or a refusal where no hiding makes them safe.

    relations: the sums that hold between tables, those of `earlier` releases too (their tables are public already, and nothing of them
    can be hidden any more). No small number can be narrowed to fewer values than the profile's `safe_values` by a reader who knows all
    that is and was shown, every declared sum, the rules, and which number is small. Raises ProgramError for sums that do not hold.
    """
    for table in tables:
        check_table(table)
    sources = [Source(table, profile) for table in tables]
    before = [table.source for release in earlier for table in release.tables]
    names = [source.table.name for source in sources + before]
    if len(set(names)) < len(names):
        raise ProgramError("Two tables of a release, or of this and an earlier one, have the same name.")
    past = [relation for release in earlier for relation in release.relations if not release.refusal]
    compared = [item for release in earlier for item in release.compared]
    gathering = Gathering(before + sources, [*past, *relations])
    system = gathering.system(compared)
    decision = decide(system)
    if decision.exposed:
        return Suppressed(profile.name, (), (), refusal_sentence(_exposed_tables(system, decision)), (), ())
    shown = tuple(_Display(source, gathering, system, decision).table() for source in sources)
    hidden = [cells for table in shown for cells in (table.primary, table.secondary)]
    words = release_sentences(profile, len(shown), len(earlier), hidden=sum(len(cells) for cells in hidden))
    return Suppressed(profile.name, shown, words, "", tuple(relations), _compared(system, decision))


class _Display:
    """Writes one table of a decided release."""

    def __init__(self, source: Source, gathering: Gathering, system: System, decision: Decision) -> None:
        self.source, self.gathering, self.system, self.decision = source, gathering, system, decision
        self.table_, self.rule = source.table, source.rule

    def table(self) -> ShownTable:
        """Returns the table as text, with its hidden cells and its sentences."""
        rows = [str(row) for row in self.table_.counts.index]
        cells = {
            (row, column): Cell(self.table_.name, row, column) for row in rows for column in self.table_.published()
        }
        small = frozenset(cell for cell in cells.values() if self._is_small(cell))
        hidden = frozenset(cell for cell in cells.values() if self._is_hidden(cell))
        texts = {name: [self._count(cells[row, name], hidden) for row in rows] for name in self.table_.published()}
        shares = {share.cell: share for share in self.system.shares if share.cell.table == self.table_.name}
        figures = {
            ratio.name: [self._figure(ratio, shares.get(Cell(self.table_.name, row, ratio.name))) for row in rows]
            for ratio in self.table_.ratios
        }
        shown = pd.DataFrame({**texts, **figures}, index=pd.Index(rows), dtype="str")
        visible = frozenset(c for c, share in shares.items() if self.system.share_is_shown(share, self.decision.hidden))
        unsure = frozenset(c for c in small | hidden if self.gathering.places[c] in self.decision.unsure)
        figures_hidden = sum(text == self.rule.mark for column in figures.values() for text in column)
        tally = Tally(shown.shape[0] * len(texts), len(small), len(hidden), figures_hidden, told_apart=not unsure)
        return ShownTable(
            self.table_.name,
            shown,
            small,
            hidden,
            not unsure,
            table_sentences(self.source.profile, self.rule, tally, figures=bool(figures)),
            Source(self.table_, self.source.profile, True, small | hidden, visible, unsure),
        )

    def _is_small(self, cell: Cell) -> bool:
        place = self.gathering.places.get(cell)
        return place is not None and self.rule.is_small(self.system.numbers[place].value)

    def _is_hidden(self, cell: Cell) -> bool:
        """Tells whether the cell is hidden to protect another: chosen, or the same number as one that is small elsewhere."""
        place = self.gathering.places.get(cell)
        if place is None or self._is_small(cell):
            return False
        number = self.system.numbers[place]
        chosen = place in self.decision.hidden.numbers or number.small()
        return chosen and not (number.value == 0 and self.rule.shows_zero())

    def _count(self, cell: Cell, hidden: frozenset[Cell]) -> str:
        place = self.gathering.places.get(cell)
        if place is None:
            return self.rule.not_applicable
        value = self.system.numbers[place].value
        unsure = (
            self.rule.is_small(value) and place in self.decision.unsure
        )  # then no mark of its own may tell that it is small
        return self.rule.mark if cell in hidden or unsure else self.rule.show(value)

    def _figure(self, ratio: Ratio, share: Share | None) -> str:
        """Returns the figure of the unrounded counts, the mark where it is hidden, and not applicable where it is of none."""
        if share is None or (self.system.numbers[share.whole].value == 0 and not self._whole_is_hidden(share)):
            return self.rule.not_applicable
        if not self.system.share_is_shown(share, self.decision.hidden):
            return self.rule.mark
        profile = self.source.profile
        _, decimals = decimals_scale(ratio.kind, ratio.per, profile.percent_decimals, profile.mean_decimals)
        return f"{self.system.share_value(share) / 10**decimals:.{decimals}f}"

    def _whole_is_hidden(self, share: Share) -> bool:
        return not self.system.is_shown(share.whole, self.decision.hidden) or self.rule.is_small(0)


def _compared(system: System, decision: Decision) -> tuple[Comparison, ...]:
    """Returns what the choices gave away, by cells, for later releases."""
    return tuple(
        Comparison(
            system.numbers[line.terms[0][0]].cells[0],
            system.numbers[line.terms[1][0]].cells[0],
            line.least or 0,
            line.most is not None,
        )
        for line in decision.order
    )


def _exposed_tables(system: System, decision: Decision) -> list[str]:
    """Returns the names of the tables that cannot be made safe."""
    return sorted({cell.table for place in decision.exposed for cell in system.numbers[place].cells})
