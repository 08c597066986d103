"""From tables and relations to the numbers a reader could know (system.py): cells that are one number become one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sampling.errors import ProgramError
from sampling.suppression.profiles import Profile, Rule
from sampling.suppression.system import ANY, Line, Number, Share, System, decimals_scale, joined, meet, told
from sampling.suppression.table import Cell, Ratio, Relation, Table, inner_relations


@dataclass(frozen=True)
class Comparison:
    """What the choice of a hidden number gave away: `more` less `less` is at least `gap`, or just that where `exact`."""

    more: Cell
    less: Cell
    gap: int
    exact: bool


@dataclass(frozen=True)
class Source:
    """A table with its profile, and for one of an earlier release which cells were hidden and which figures shown.

    unsure: the hidden cells of which readers were not told whether they are small.
    """

    table: Table
    profile: Profile
    earlier: bool = False
    hidden: frozenset[Cell] = frozenset()
    figures: frozenset[Cell] = frozenset()
    unsure: frozenset[Cell] = frozenset()

    @property
    def rule(self) -> Rule:
        """Returns the rule of the table's area."""
        return self.profile.rules[self.table.area]


class Gathering:
    """Builds the system of some sources: `places` has the place of each cell's number."""

    def __init__(self, sources: Sequence[Source], relations: Sequence[Relation]) -> None:
        self.sources = {source.table.name: source for source in sources}
        self.values = {
            cell: value
            for source in sources
            for cell in _cells(source.table)
            if (value := _value(source, cell)) is not None
        }
        every = [relation for source in sources for relation in inner_relations(source.table)] + list(relations)
        self.relations = [present for relation in every if (present := self._present(relation))]
        self.numbers: list[Number] = []
        self.places: dict[Cell, int] = {}
        self.sums: list[Line] = []
        for group in self._groups():
            for cell in group:
                self.places[cell] = len(self.numbers)
            self.numbers.append(self._number(group))
        for relation in self.relations:
            self._add_sum(relation)
        self.shares = [self._share(source, row, ratio) for source, row, ratio in self._ratios()]

    def system(self, compared: Sequence[Comparison] = ()) -> System:
        """Returns the system; `compared`: what the choices of earlier releases gave away."""
        lines = tuple(
            Line(
                ((self.places[item.more], 1), (self.places[item.less], -1)), item.gap, item.gap if item.exact else None
            )
            for item in compared
        )
        return System(tuple(self.numbers), tuple(self.sums), tuple(self.shares), lines).with_heights()

    def _present(self, relation: Relation) -> Relation | None:
        """Returns the relation without parts that cannot exist, None where its total cannot. Raises ProgramError for one that is wrong."""
        for cell in (relation.total, *relation.parts):
            source = self.sources.get(cell.table)
            if source is None or cell.row not in source.table.counts.index or cell.column not in source.table.counts:
                raise ProgramError(
                    f"A declared sum names a cell of table {cell.table}, column {cell.column}, that is not there."
                )
        if relation.total not in self.values:
            return None
        parts = tuple(part for part in relation.parts if part in self.values)
        left = self.values[relation.total] - sum(self.values[part] for part in parts)
        if left < 0 or (left and not relation.rest):
            raise ProgramError(
                f"Table {relation.total.table}, column {relation.total.column}: a declared total is not the sum of its parts."
            )
        return Relation(relation.total, parts, relation.rest)

    def _groups(self) -> list[list[Cell]]:
        """Returns the cells in groups that are one and the same number."""
        group_of = {cell: [cell] for cell in self.values}
        for relation in self.relations:
            if len(relation.parts) == 1 and not relation.rest:
                one, other = group_of[relation.total], group_of[relation.parts[0]]
                if one is not other:
                    one += other
                    group_of.update((cell, one) for cell in other)
        return list({id(group): group for group in group_of.values()}.values())

    def _number(self, group: Sequence[Cell]) -> Number:
        value, span, rules, guard, visible = self.values[group[0]], ANY, [], None, False
        for cell in group:
            source = self.sources[cell.table]
            known = (cell.row, cell.column) in source.table.known
            if known:
                span = meet(span, (value, value))
            if cell.column in source.table.inside:
                continue
            if source.earlier:
                span = meet(
                    span, told(source.rule, value, hidden=cell in source.hidden, informed=cell not in source.unsure)
                )
                visible = visible or cell not in source.hidden
            else:
                rules.append(source.rule)
            guard = guard or (source.rule if source.rule.is_small(value) and not known else None)
        visible = visible or all(cell.column in self.sources[cell.table].table.inside for cell in group)
        return Number(value, tuple(group), tuple(rules), span, guard, visible)

    def _add_number(self, value: int, rule: Rule, beside: Cell) -> int:
        """Adds a number that is not published and can be had by subtraction; returns its place."""
        self.numbers.append(Number(value, (beside,), (), ANY, rule if rule.is_small(value) else None, False))
        return len(self.numbers) - 1

    def _add_sum(self, relation: Relation) -> None:
        total, parts = self.places[relation.total], [self.places[part] for part in relation.parts]
        if relation.rest:
            left = self.values[relation.total] - sum(self.values[part] for part in relation.parts)
            nearest = relation.parts[0] if relation.parts else relation.total
            parts.append(self._add_number(left, self.sources[nearest.table].rule, relation.total))
        terms = joined([(total, 1), *((part, -1) for part in parts)])
        if terms:  # none: the two cells are one number
            self.sums.append(Line(terms, 0, 0))

    def _ratios(self) -> list[tuple[Source, str, Ratio]]:
        return [
            (source, str(row), ratio)
            for source in self.sources.values()
            for ratio in source.table.ratios
            for row in source.table.counts.index
            if all(Cell(source.table.name, str(row), name) in self.values for name in (*ratio.part, ratio.whole))
        ]

    def _share(self, source: Source, row: str, ratio: Ratio) -> Share:
        def place(column: str) -> int:
            return self.places[Cell(source.table.name, row, column)]

        rest = None
        if ratio.kind == "percent":
            rest = self._rest(
                source, Cell(source.table.name, row, ratio.whole), Cell(source.table.name, row, *ratio.part)
            )
        profile, cell = source.profile, Cell(source.table.name, row, ratio.name)
        scale, _ = decimals_scale(ratio.kind, ratio.per, profile.percent_decimals, profile.mean_decimals)
        return Share(
            cell,
            tuple((place(name), factor) for name, factor in ratio.part.items()),
            place(ratio.whole),
            rest,
            scale,
            source.rule,
            ratio.kind == "mean",
            profile.rate_least_whole if ratio.large_only else None,
            cell in source.figures if source.earlier else None,
        )

    def _rest(self, source: Source, whole: Cell, part: Cell) -> int:
        """Returns the place of what a part leaves of its whole."""
        left = self.values[whole] - self.values[part]
        if left < 0:
            raise ProgramError(f"Table {part.table}: {part.column} is more than {whole.column} in a row.")
        rest = self._add_number(left, source.rule, part)
        self.sums.append(Line(((self.places[whole], 1), (self.places[part], -1), (rest, -1)), 0, 0))
        return rest


def _cells(table: Table) -> list[Cell]:
    return [Cell(table.name, str(row), str(column)) for row in table.counts.index for column in table.counts.columns]


def _value(source: Source, cell: Cell) -> int | None:
    return source.table.value(cell.row, cell.column)
