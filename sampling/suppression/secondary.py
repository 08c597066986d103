"""What must be hidden besides the small numbers, so that none of these can be worked out (secondary suppression).

A release is called safe only on proof: for each protected number, other whole tables are in hand that look exactly the same to a
reader and in which that number is another one. The tables are found by integer programming (HiGHS, in scipy) and checked here in whole
numbers, so that a fault of the solver could hide too much, never too little.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, vstack
from scipy.sparse.csgraph import connected_components

from sampling.suppression.system import Hidden, Line, System

Whole = np.ndarray[Any, np.dtype[np.int64]]
Item = TypeVar("Item", bound=Hashable)
NODES = 2_000  # of the search for one table; past it the number counts as exposed, so more is hidden
_INWARD = 0.499  # rounds a bound of fractions to the whole number inside it, with room for the solver's tolerance
_NO_LIMIT = 2**60
_ROUNDS = 20  # of narrowing bounds; fewer would be slower, not less safe
_ROOM = 4  # a table that a reader cannot tell apart may have numbers this many times as large as the largest


@dataclass(frozen=True)
class Decision:
    """hidden: what is hidden besides what is small. order: comparisons that the choice gives away. exposed: numbers that stay so.

    unsure: the numbers of which no reader may be told whether they are hidden as small or to protect another.
    """

    hidden: Hidden
    order: tuple[Line, ...]
    exposed: frozenset[int]
    unsure: frozenset[int] = frozenset()


def decide(system: System) -> Decision:
    """Returns what to hide so that each protected number keeps its safe range; where that cannot be, what stays exposed."""
    hidden = Hidden()
    order: list[Line] = []
    exposed: set[int] = set()
    unsure: set[int] = set()
    for places in _components(system):
        part = system.part(places)
        found = _protect(part)
        if found.exposed:  # where all is small, sums of small numbers tell: then not even that may be told
            found = _protect(replace(part, informed=False))
            unsure |= set(places)
        hidden = Hidden(
            hidden.numbers | {places[place] for place in found.hidden.numbers}, hidden.figures | found.hidden.figures
        )
        order += [
            Line(tuple((places[place], f) for place, f in line.terms), line.least, line.most) for line in found.order
        ]
        exposed |= {places[place] for place in found.exposed}
    return Decision(hidden, tuple(order), frozenset(exposed), frozenset(unsure))


def _components(system: System) -> list[list[int]]:
    """Returns the numbers in groups that no sum or figure joins, those groups only that have something to protect."""
    size = len(system.numbers)
    if not size:
        return []
    pairs = [(line.terms[0][0], place) for line in (*system.sums, *system.compared) for place, _ in line.terms]
    pairs += [(share.whole, place) for share in system.shares for place, _ in share.terms]
    rows, columns = ([pair[side] for pair in pairs] for side in (0, 1))
    graph = csr_array((np.ones(len(pairs)), (rows, columns)), shape=(size, size))
    count, labels = connected_components(graph, directed=False)
    groups: list[list[int]] = [[] for _ in range(count)]
    for place, label in enumerate(labels):
        groups[label].append(place)
    return [group for group in groups if any(system.numbers[place].guard for place in group)]


def _protect(system: System) -> Decision:
    """Hides more of these numbers until none is exposed, or nothing is left to hide."""
    tables = np.array([[number.value for number in system.numbers]], dtype=np.int64)  # the true one, then others
    guarded = frozenset(place for place, number in enumerate(system.numbers) if number.guard)
    now = Decision(Hidden(), (), frozenset())
    while True:
        view = View(system, now.hidden, now.order)
        tables = tables[[view.agrees(table) for table in tables]]
        for asked in (now.exposed, guarded):  # first those that were exposed before; once they are safe, all
            exposed, tables = view.exposed(asked, tables)
            if exposed:
                break
        else:
            return Decision(now.hidden, now.order, frozenset())
        step = _hide_more(system, Decision(now.hidden, now.order, exposed), tables)
        if step is None:
            return Decision(now.hidden, now.order, exposed)
        now = step


def _hide_more(system: System, now: Decision, tables: Whole) -> Decision | None:
    """Returns the decision with one more number or figure hidden for each cluster, or None where nothing is left to hide.

    A mean goes before a count, where means alone are what gives the number away.
    """
    clusters = _clusters(system, now)
    shares = [share for share in system.shares if share.may_be_hidden() and system.share_is_shown(share, now.hidden)]
    figures = [{share.cell: share.whole for share in shares if share.touches(near)} for _, near in clusters]
    every = frozenset(cell for cluster in figures for cell in cluster)
    left = now.exposed
    if every:
        without = Hidden(now.hidden.numbers, now.hidden.figures | every)
        left, _ = View(system, without, now.order).exposed(now.exposed, tables)
    hidden, order = now.hidden, now.order
    for (inner, near), touched in zip(clusters, figures, strict=True):
        if touched and not left & inner:
            cells, told = _smallest(system, touched)
            hidden = Hidden(hidden.numbers, hidden.figures | cells)
        else:
            numbers, told = _smallest(system, _hideable(system, now.hidden, near))
            hidden = Hidden(hidden.numbers | numbers, hidden.figures)
        order += told
    return None if hidden == now.hidden else Decision(hidden, order, now.exposed)


def _hideable(system: System, hidden: Hidden, near: Set[int]) -> dict[int, int]:
    """Returns the shown numbers of the lowest height that could be hidden: those near, else any."""
    shown = {
        place
        for place, number in enumerate(system.numbers)
        if number.may_be_hidden() and system.is_shown(place, hidden)
    }
    free = shown & near or shown
    lowest = min((system.numbers[place].height for place in free), default=0)
    return {place: place for place in free if system.numbers[place].height == lowest}


def _smallest(system: System, sizes: Mapping[Item, int]) -> tuple[set[Item], tuple[Line, ...]]:
    """Returns the smallest items by the number that `sizes` names for each, and what that choice tells a reader.

    A reader who does not know which hidden number is small does not know what was compared either. Every one that equals the smallest goes with it: neither names nor the order of rows may choose.
    """
    least = min((system.numbers[place].value for place in sizes.values()), default=0)
    chosen = {item for item, place in sizes.items() if system.numbers[place].value == least}
    if not (system.informed and chosen):
        return chosen, ()
    places = sorted({sizes[item] for item in chosen})
    first, *equal = places
    others = sorted(set(sizes.values()) - set(places))
    order = [Line(((place, 1), (first, -1)), 0, 0) for place in equal]
    return chosen, tuple(order + [Line(((place, 1), (first, -1)), 1, None) for place in others])


def _clusters(system: System, now: Decision) -> list[tuple[frozenset[int], frozenset[int]]]:
    """Returns the exposed numbers in clusters that sums of unknown numbers join, each with the numbers that stand in these sums."""
    lines = [{place for place, _ in line.terms} for line in system.sums]
    sums_of: dict[int, list[set[int]]] = defaultdict(list)
    for line in lines:
        for place in line:
            sums_of[place].append(line)
    clusters = []
    left = set(now.exposed)
    while left:
        reached, near, fresh = set[int](), set[int](), {min(left)}
        while fresh:
            reached |= fresh
            near |= fresh.union(*(line for place in fresh for line in sums_of[place]))
            fresh = {place for place in near - reached if not system.is_shown(place, now.hidden)}
        clusters.append((frozenset(left & reached), frozenset(near)))
        left -= reached
    return clusters


class View:
    """What a reader sees: bounds and lines, ready for the solver."""

    def __init__(self, system: System, hidden: Hidden, order: Sequence[Line]) -> None:
        self.numbers = system.numbers
        size = len(self.numbers)
        most = _ROOM * max(number.value for number in self.numbers) + 100
        spans = system.spans(hidden)
        lines = (*system.lines(hidden), *order)
        entries = [(row, place, factor) for row, line in enumerate(lines) for place, factor in line.terms]
        rows, places, factors = np.array(entries, dtype=np.int64).reshape(-1, 3).T
        self.matrix = csr_array((factors, (rows, places)), shape=(len(lines), size))
        self.line_least = np.array([-_NO_LIMIT if line.least is None else line.least for line in lines], dtype=np.int64)
        self.line_most = np.array([_NO_LIMIT if line.most is None else line.most for line in lines], dtype=np.int64)
        self.least = np.array([span[0] for span in spans], dtype=np.int64)
        self.top = np.array([most if span[1] is None else span[1] for span in spans], dtype=np.int64)
        self._tighten()
        least = np.where(self.line_least == -_NO_LIMIT, -np.inf, self.line_least)
        top = np.where(self.line_most == _NO_LIMIT, np.inf, self.line_most)
        self.constraints = [LinearConstraint(self.matrix, least, top)] if lines else []

    def _tighten(self) -> None:
        """Narrows the bounds by what each line by itself tells, as often as that tells more: quick, and settles what is plain."""
        limits = np.concatenate([self.line_most, -self.line_least])
        both = vstack([self.matrix, -self.matrix]).tocoo()  # both @ numbers <= limits
        (rows, columns), factors = both.coords, both.data
        rising, falling = (csr_array((part, (rows, columns)), shape=both.shape) for part in _signed(factors))
        up, down = factors > 0, factors < 0
        for _ in range(_ROUNDS):
            before = self.least.copy(), self.top.copy()
            slack = limits - (rising @ self.least + falling @ self.top)
            room = slack[rows] // np.abs(factors)
            least, top = before
            np.minimum.at(self.top, columns[up], (least[columns] + room)[up])
            np.maximum.at(self.least, columns[down], (top[columns] - room)[down])
            if np.array_equal(before[0], self.least) and np.array_equal(before[1], self.top):
                return

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
            np.zeros(len(self.numbers)),
            integrality=np.ones(len(self.numbers)),
            bounds=Bounds(least, top),
            constraints=self.constraints,
            options={"node_limit": NODES},
        )
        return None if found.x is None else self._checked(found.x)

    def end(self, column: int, aim: int) -> tuple[int, Whole | None]:
        """Returns a bound of the number there, its least (aim 1) or its most (-1), in fractions, and the table if that is a whole one."""
        goal = np.zeros(len(self.numbers))
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
        for column in sorted(asked):
            guard = self.numbers[column].guard
            if guard is None or guard.hidden is None:
                continue
            # A published small number is known to be small; one had by subtraction may be any.
            top = min(guard.hidden[1] + guard.safe_values, int(self.top[column]))
            more = self._other_values(column, top, guard.safe_values, tables)
            tables = np.vstack([tables, *more])
            if len(set(tables[:, column].tolist())) < guard.safe_values:
                exposed.add(column)
        return frozenset(exposed), tables

    def _other_values(self, column: int, top: int, enough: int, tables: Whole) -> list[Whole]:
        """Returns more tables, until the number there has enough values or none is left to find."""
        values = set(tables[:, column].tolist())
        span, found = [int(self.least[column]), top], list[Whole]()
        if span[1] - span[0] + 1 < enough:
            return found
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


def _signed(factors: Whole) -> tuple[Whole, Whole]:
    """Returns the factors above zero and those below, with zeros in place of the others."""
    return np.maximum(factors, 0), np.minimum(factors, 0)
