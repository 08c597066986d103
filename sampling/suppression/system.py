"""What a reader knows: every count that is published or can be had by subtraction, as whole numbers with bounds and sums.

The reader is taken to know more than a real one: every declared sum, the rounding rule and, unless
`informed` is False, which hidden number is small and which was hidden to protect one, and that of two such the smaller went first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace

from sampling.suppression.profiles import Rule
from sampling.suppression.table import PER_CENT, Cell

Span = tuple[int, int | None]  # least and most; None is no most
ANY: Span = (0, None)


@dataclass(frozen=True)
class Number:
    """One count, and the cells that show it, or that it can be had from by subtraction. `rules` are those under which it is to be shown now: none for one that is not published.

    span: what a reader knows of it apart from this release. guard: the rule under which it is small and must be protected, or None.
    visible: an earlier release shows it, or it is unpublished and figures may be made of it. height: 0 for a detail, more for totals.
    """

    value: int
    cells: tuple[Cell, ...]
    rules: tuple[Rule, ...]
    span: Span
    guard: Rule | None
    visible: bool
    height: int = 0

    def small(self) -> bool:
        """Tells whether a rule hides it whatever else is shown."""
        return any(rule.is_small(self.value) for rule in self.rules)

    def may_be_hidden(self) -> bool:
        """Tells whether hiding it would keep anything from a reader: it is published now, not zero where zero is shown, not known."""
        always_shown = self.value == 0 and any(rule.shows_zero() for rule in self.rules)
        return bool(self.rules) and not (always_shown or self.visible) and self.span[0] != self.span[1]


@dataclass(frozen=True)
class Hidden:
    """What is hidden besides what is small: numbers by place, figures by cell."""

    numbers: frozenset[int] = frozenset()
    figures: frozenset[Cell] = frozenset()


@dataclass(frozen=True)
class Line:
    """least <= sum of factor x number <= most. `terms` are (place of the number, factor)."""

    terms: tuple[tuple[int, int], ...]
    least: int | None
    most: int | None


@dataclass(frozen=True)
class Share:
    """A figure made of counts (table.Ratio) with the places of its numbers. `fixed`: whether it was shown in an earlier release."""

    cell: Cell
    terms: tuple[tuple[int, int], ...]
    whole: int
    rest: int | None
    scale: int
    rule: Rule
    mean: bool
    least_whole: int | None = None
    fixed: bool | None = None

    def may_be_hidden(self) -> bool:
        """Tells whether it is a mean or a rate of this release; a percentage goes with its counts."""
        return self.fixed is None and self.rest is None

    def touches(self, places: Set[int]) -> bool:
        """Tells whether it is made of one of these numbers."""
        return self.whole in places or any(place in places for place, _ in self.terms)


@dataclass(frozen=True)
class System:
    """All numbers, the sums among them (the total first), the figures made of them, and comparisons that earlier releases gave away."""

    numbers: tuple[Number, ...]
    sums: tuple[Line, ...]
    shares: tuple[Share, ...]
    compared: tuple[Line, ...] = ()
    informed: bool = True  # the reader knows which hidden number is small

    def is_shown(self, place: int, hidden: Hidden) -> bool:
        """Tells whether a reader sees the number, rounded or not, or may see a figure made of it."""
        number = self.numbers[place]
        return number.visible or (bool(number.rules) and place not in hidden.numbers and not number.small())

    def share_is_shown(self, share: Share, hidden: Hidden) -> bool:
        """Tells whether the figure is shown: what it is made of is shown, and nothing that it leaves over is small."""
        if share.fixed is not None:
            return share.fixed
        whole = self.numbers[share.whole].value
        if (
            share.cell in hidden.figures
            or not self.is_shown(share.whole, hidden)
            or whole == 0
            or share.rule.is_small(whole)
        ):
            return False
        if share.mean:
            return True
        parts_shown = all(
            self.is_shown(place, hidden) and not share.rule.is_small(self.numbers[place].value)
            for place, _ in share.terms
        )
        rest_is_small = share.rest is not None and share.rule.is_small(self.numbers[share.rest].value)
        return parts_shown and not rest_is_small and (share.least_whole is None or whole >= share.least_whole)

    def share_value(self, share: Share) -> int:
        """Returns the figure in its last decimal place, from the unrounded counts, half upwards."""
        part = sum(factor * self.numbers[place].value for place, factor in share.terms)
        whole = self.numbers[share.whole].value
        return (2 * share.scale * part + whole) // (2 * whole)

    def spans(self, hidden: Hidden) -> list[Span]:
        """Returns what a reader knows of each number by itself when these are hidden besides the small ones."""
        spans = [
            _span(number, hidden=place in hidden.numbers, informed=self.informed)
            for place, number in enumerate(self.numbers)
        ]
        for share in self.shares:
            if share.rest is not None:
                spans[share.rest] = meet(spans[share.rest], self._rest_span(share, hidden))
            if share.least_whole is not None:
                large = self.numbers[share.whole].value >= share.least_whole
                spans[share.whole] = meet(
                    spans[share.whole], (share.least_whole, None) if large else (0, share.least_whole - 1)
                )
        return spans

    def _rest_span(self, share: Share, hidden: Hidden) -> Span:
        """What a hidden percentage beside two shown numbers tells of what is left, and what a shown one tells."""
        assert share.rest is not None
        rest = self.numbers[share.rest].value
        if self.share_is_shown(share, hidden):
            return (0, 0) if rest == 0 and share.rule.shows_zero() else (share.rule.large_from(), None)
        parts_shown = all(self.is_shown(place, hidden) for place in (share.whole, share.terms[0][0]))
        if parts_shown and share.rule.hidden and share.rule.is_small(rest):
            return share.rule.hidden
        return ANY

    def lines(self, hidden: Hidden) -> list[Line]:
        """Returns every sum that holds, and what each shown figure tells of its numbers."""
        return [
            *self.sums,
            *self.compared,
            *(line for share in self.shares for line in self._share_lines(share, hidden)),
        ]

    def _share_lines(self, share: Share, hidden: Hidden) -> Iterator[Line]:
        if not self.share_is_shown(share, hidden):
            return
        shown = self.share_value(share)
        part = [(place, 2 * share.scale * factor) for place, factor in share.terms]
        # shown = floor((2 scale part + whole) / (2 whole)), in whole numbers:
        yield Line(joined([*part, (share.whole, 1 - 2 * shown)]), 0, None)
        yield Line(joined([*part, (share.whole, -1 - 2 * shown)]), None, -1)

    def part(self, places: Sequence[int]) -> System:
        """Returns the system of these numbers alone, numbered in this order, where no sum or figure joins them to others."""
        new = {place: number for number, place in enumerate(places)}

        def moved(terms: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
            return tuple((new[place], factor) for place, factor in terms)

        def own(lines: tuple[Line, ...]) -> tuple[Line, ...]:
            return tuple(replace(line, terms=moved(line.terms)) for line in lines if line.terms[0][0] in new)

        shares = tuple(
            replace(
                share,
                terms=moved(share.terms),
                whole=new[share.whole],
                rest=None if share.rest is None else new[share.rest],
            )
            for share in self.shares
            if share.whole in new
        )
        return System(
            tuple(self.numbers[place] for place in places), own(self.sums), shares, own(self.compared), self.informed
        )

    def with_heights(self) -> System:
        """Returns the same, each total with a height above its parts."""
        heights = [0] * len(self.numbers)
        for _ in self.numbers:  # a chain of totals is no longer than that
            before = list(heights)
            for line in self.sums:
                total, *parts = (place for place, _ in line.terms)
                heights[total] = max([heights[total], *(heights[part] + 1 for part in parts)])
            if heights == before:
                break
        numbers = (replace(number, height=height) for number, height in zip(self.numbers, heights, strict=True))
        return replace(self, numbers=tuple(numbers))


def joined(terms: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Returns the terms with each number once, less those that count for nothing, such as level 0 in a mean."""
    factors: dict[int, int] = {}
    for place, factor in terms:
        factors[place] = factors.get(place, 0) + factor
    return tuple((place, factor) for place, factor in factors.items() if factor)


def meet(one: Span, other: Span) -> Span:
    """Returns what a reader knows who knows both."""
    least = max(one[0], other[0])
    tops = [top for top in (one[1], other[1]) if top is not None]
    return least, min(tops) if tops else None


def _span(number: Number, *, hidden: bool, informed: bool) -> Span:
    span = number.span
    for rule in number.rules:
        span = meet(span, told(rule, number.value, hidden=hidden or number.small(), informed=informed))
    return span


def told(rule: Rule, value: int, *, hidden: bool, informed: bool) -> Span:
    """Returns what a reader knows of a count from one cell under the rule; `hidden`: it is hidden though not small."""
    if value == 0 and rule.shows_zero():
        return 0, 0
    small = rule.is_small(value)
    if rule.hidden is None or not (small or hidden):
        return ANY if hidden else rule.around(value)
    if not informed:
        return rule.hidden[0], None
    return rule.hidden if small else (rule.large_from(), None)


def decimals_scale(kind: str, per: int, percent_decimals: int, mean_decimals: int) -> tuple[int, int]:
    """Returns (scale, decimals) of a figure: its value in its last decimal place is scale x part / whole."""
    decimals = percent_decimals if kind == "percent" else mean_decimals
    return (PER_CENT if kind == "percent" else per) * 10**decimals, decimals
