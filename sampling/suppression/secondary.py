"""What must be hidden besides the small numbers, so that none of these can be worked out (secondary suppression).

A release is called safe only on proof: for each protected number, other whole tables are in hand that look exactly the same to a
reader and in which that number is another one. The tables are found by integer programming (HiGHS, in scipy) and checked here in whole
numbers, so that a fault of the solver could hide too much, never too little.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from sampling.suppression.system import Hidden, Line, Span, System

Whole = np.ndarray[Any, np.dtype[np.int64]]
Item = TypeVar("Item", bound=Hashable)
NODES = 2_000  # of the search for one table; past it the number counts as exposed, so more is hidden
_INWARD = 0.499  # rounds a bound of fractions to the whole number inside it, with room for the solver's tolerance
_ROOM = 4  # a table that a reader cannot tell apart may have numbers this many times as large as the largest


@dataclass(frozen=True)
class Decision:
    """hidden: what is hidden besides what is small. order: comparisons that the choice gives away. exposed: numbers that stay so."""

    hidden: Hidden
    order: tuple[Line, ...]
    exposed: frozenset[int]


def decide(system: System) -> Decision:
    """Returns what to hide so that each protected number keeps its safe range; where that cannot be, what stays exposed."""
    hidden = Hidden()
    order: list[Line] = []
    exposed: set[int] = set()
    for places in _components(system):
        found = _protect(system, places)
        hidden = Hidden(hidden.numbers | found.hidden.numbers, hidden.figures | found.hidden.figures)
        order += found.order
        exposed |= found.exposed
    return Decision(hidden, tuple(order), frozenset(exposed))


def _components(system: System) -> list[list[int]]:
    """Returns the numbers in groups that no sum or figure joins, those groups only that have something to protect."""
    pairs = [(line.terms[0][0], place) for line in system.sums for place, _ in line.terms]
    pairs += [(share.whole, place) for share in system.shares for place, _ in share.terms]
    size = len(system.numbers)
    if not size:
        return []
    rows, columns = ([pair[side] for pair in pairs] for side in (0, 1))
    graph = csr_array((np.ones(len(pairs)), (rows, columns)), shape=(size, size))
    count, labels = connected_components(graph, directed=False)
    groups: list[list[int]] = [[] for _ in range(count)]
    for place, label in enumerate(labels):
        groups[label].append(place)
    return [group for group in groups if any(system.numbers[place].guard for place in group)]


def _protect(system: System, places: Sequence[int]) -> Decision:
    """Hides more of these numbers until none is exposed, or nothing is left to hide."""
    tables = np.array([[system.numbers[place].value for place in places]], dtype=np.int64)  # the true one, then others
    guarded = frozenset(place for place in places if system.numbers[place].guard)
    now = Decision(Hidden(), (), frozenset())
    while True:
        view = View(system, places, now.hidden, now.order)
        tables = tables[[view.agrees(table) for table in tables]]
        for asked in (now.exposed, guarded):  # first those that were exposed before; once they are safe, all
            exposed, tables = view.exposed(asked, tables)
            if exposed:
                break
        else:
            return Decision(now.hidden, now.order, frozenset())
        step = _hide_one(system, places, Decision(now.hidden, now.order, exposed), tables)
        if step is None:
            return Decision(now.hidden, now.order, exposed)
        now = step


def _hide_one(system: System, places: Sequence[int], now: Decision, tables: Whole) -> Decision | None:
    """Returns the decision with the next number or figure hidden, or None where nothing is left to hide.

    A mean goes before a count, where means alone are what gives the number away.
    """
    near = _near(system, places, now)
    figures = {
        share.cell: share.whole
        for share in system.shares
        if share.may_be_hidden() and share.touches(near) and system.share_is_shown(share, now.hidden)
    }
    if figures:
        without = Hidden(now.hidden.numbers, now.hidden.figures | set(figures))
        if not View(system, places, without, now.order).exposed(now.exposed, tables)[0]:
            cells, order = _smallest(system, figures)
            return Decision(Hidden(now.hidden.numbers, now.hidden.figures | cells), now.order + order, now.exposed)
    shown = {place for place in places if system.is_shown(place, now.hidden) and system.numbers[place].may_be_hidden()}
    free = shown & near or shown
    if not free:
        return None
    lowest = min(system.numbers[place].height for place in free)
    numbers, order = _smallest(system, {place: place for place in free if system.numbers[place].height == lowest})
    return Decision(Hidden(now.hidden.numbers | numbers, now.hidden.figures), now.order + order, now.exposed)


def _smallest(system: System, sizes: Mapping[Item, int]) -> tuple[set[Item], tuple[Line, ...]]:
    """Returns the smallest items by the number that `sizes` names for each, and what that choice tells a reader.

    Every one that equals the smallest goes with it: neither names nor the order of rows may choose.
    """
    least = min(system.numbers[place].value for place in sizes.values())
    chosen = {item for item, place in sizes.items() if system.numbers[place].value == least}
    places = sorted({sizes[item] for item in chosen})
    first, *equal = places
    others = sorted(set(sizes.values()) - set(places))
    order = [Line(((place, 1), (first, -1)), 0, 0) for place in equal]
    return chosen, tuple(order + [Line(((place, 1), (first, -1)), 1, None) for place in others])


def _near(system: System, places: Sequence[int], now: Decision) -> set[int]:
    """Returns the numbers that stand in a sum with an exposed one, or with unknown ones that lead to it."""
    own = set(places)
    lines = [{place for place, _ in line.terms} for line in system.sums if line.terms[0][0] in own]
    reached = set(now.exposed)
    while True:
        near = {place for line in lines if line & reached for place in line}
        more = {place for place in near - reached if not system.is_shown(place, now.hidden)}
        if not more:
            return near | reached
        reached |= more


class View:
    """What a reader sees of some numbers: bounds and lines, ready for the solver."""

    def __init__(self, system: System, places: Sequence[int], hidden: Hidden, order: Sequence[Line]) -> None:
        self.system, self.places = system, places
        own = {place: column for column, place in enumerate(places)}
        spans = system.spans(hidden)
        values = [system.numbers[place].value for place in places]
        self.most = _ROOM * max(values) + 100
        self.spans: list[Span] = [spans[place] for place in places]
        lines = [line for line in (*system.lines(hidden), *order) if line.terms[0][0] in own]
        self.matrix = np.zeros((len(lines), len(places)), dtype=np.int64)
        for row, line in enumerate(lines):
            for place, factor in line.terms:
                self.matrix[row, own[place]] = factor
        self.line_least = np.array([-np.inf if line.least is None else line.least for line in lines])
        self.line_most = np.array([np.inf if line.most is None else line.most for line in lines])
        self.constraints = (
            [LinearConstraint(csr_array(self.matrix), self.line_least, self.line_most)] if len(self.matrix) else []
        )
        self.least = np.array([span[0] for span in self.spans], dtype=np.int64)
        self.top = np.array([self.most if span[1] is None else span[1] for span in self.spans], dtype=np.int64)

    def agrees(self, table: Whole) -> bool:
        """Tells whether a table looks like ours to the reader: checked in whole numbers."""
        if not (np.all(table >= self.least) and np.all(table <= self.top)):
            return False
        sums = self.matrix @ table
        return bool(np.all(sums >= self.line_least) and np.all(sums <= self.line_most))

    def other_table(self, column: int, value: int) -> Whole | None:
        """Returns a table that looks like ours and has that value there, or None where none is found."""
        least, top = self.least.astype(float), self.top.astype(float)
        least[column] = top[column] = value
        found = milp(
            np.zeros(len(self.places)),
            integrality=np.ones(len(self.places)),
            bounds=Bounds(least, top),
            constraints=self.constraints,
            options={"node_limit": NODES},
        )
        return None if found.x is None else self._checked(found.x)

    def end(self, column: int, aim: int) -> tuple[int, Whole | None]:
        """Returns a bound of the number there, its least (aim 1) or its most (-1), in fractions, and the table if that is a whole one."""
        goal = np.zeros(len(self.places))
        goal[column] = aim
        found = milp(goal, bounds=Bounds(self.least, self.top), constraints=self.constraints)
        if found.x is None:
            return int((self.least if aim > 0 else self.top)[column]), None
        return round(found.x[column] + aim * _INWARD), self._checked(found.x)

    def _checked(self, solution: np.ndarray[Any, np.dtype[np.float64]]) -> Whole | None:
        table: Whole = np.rint(solution).astype(np.int64)
        return table if self.agrees(table) else None

    def exposed(self, asked: Set[int], tables: Whole) -> tuple[frozenset[int], Whole]:
        """Returns which of the protected numbers asked about have fewer possible values than their safe range, and all tables found on the way."""
        exposed = set()
        for column, place in enumerate(self.places):
            guard = self.system.numbers[place].guard
            if place not in asked or guard is None or guard.hidden is None:
                continue
            # A published small number is known to be small; one had by subtraction may be any.
            top = min(guard.hidden[1] + guard.safe_values, int(self.top[column]))
            more = self._other_values(column, top, guard.safe_values, tables)
            tables = np.vstack([tables, *more])
            if len(set(tables[:, column].tolist())) < guard.safe_values:
                exposed.add(place)
        return frozenset(exposed), tables

    def _other_values(self, column: int, top: int, enough: int, tables: Whole) -> list[Whole]:
        """Returns more tables, until the number there has enough values or none is left to find."""
        values = set(tables[:, column].tolist())
        span, found = [int(self.least[column]), top], []
        for side, aim in enumerate((1, -1)):
            if len(values) < enough:
                span[side], table = self.end(column, aim)
                if table is not None:
                    found.append(table)
                    values.add(int(table[column]))
        if span[1] - span[0] + 1 < enough:
            return found
        for value in range(span[0], min(span[1], top) + 1):
            if len(values) >= enough:
                break
            table = None if value in values else self.other_table(column, value)
            if table is not None:
                found.append(table)
                values.add(value)
        return found
