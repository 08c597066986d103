"""An attacker on suppressed tables, written without our own machinery: the published text, the declared sums, and a linear program.

The attacker reads each number as what its text could stand for, knows every declared sum and, where readers may be told, which hidden
number is small. For each hidden number, and for each that subtraction gives, the least and the most it can be is asked of scipy's linprog.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.optimize import linprog

from sampling.suppression import Suppressed, Table

# By hand from the sources, not from policies/suppression.toml: (smallest hidden, largest hidden, multiple shown, values that stay possible).
CONVENTIONS = {"mhsds": (0, 4, 5, 3), "hes": (1, 7, 5, 4), "dfe": (1, 5, 1, 3), "dfe national": (1, 4, 10, 3)}
Key = tuple[str, str, str]


@dataclass
class Puzzle:
    """Unknown numbers with bounds, and rows `least <= sum of factor x number <= most`."""

    bounds: dict[Key, tuple[float, float]] = field(default_factory=dict)
    rows: list[tuple[dict[Key, float], float, float]] = field(default_factory=list)
    secret: dict[Key, int] = field(default_factory=dict)  # true small numbers that must not be narrowed

    def narrow(self, key: Key, least: float, most: float) -> None:
        """Adds what one cell tells."""
        low, high = self.bounds.get(key, (0, math.inf))
        self.bounds[key] = (max(low, least), min(high, most))

    def solver(self) -> Callable[[Key], tuple[float, float]]:
        """Returns a function that tells the least and the most that a number can be."""
        place = {name: column for column, name in enumerate(self.bounds)}
        upper: list[np.ndarray] = []
        limits: list[float] = []
        for factors, least, most in self.rows:
            row = np.zeros(len(place))
            for name, factor in factors.items():
                row[place[name]] += factor
            for sign, limit in ((1, most), (-1, -least)):
                if limit < math.inf:
                    upper.append(sign * row)
                    limits.append(limit)

        def span(key: Key) -> tuple[float, float]:
            found = []
            for sign in (1, -1):
                aim = np.zeros(len(place))
                aim[place[key]] = sign
                answer = linprog(
                    aim, A_ub=np.array(upper) if upper else None, b_ub=limits or None, bounds=list(self.bounds.values())
                )
                assert answer.status in (0, 3), f"the published tables contradict themselves: {answer.message}"
                found.append(sign * answer.fun if answer.status == 0 else -sign * math.inf)
            return found[0], found[1]

        return span


def shown_span(text: str, profile: str) -> tuple[float, float]:
    """Returns what a count with that text could be, for the profile's figures below England."""
    first, last, multiple, _ = CONVENTIONS[profile]
    if text == "k":
        return first, last
    if not text.isdigit():
        return first, math.inf
    if first > 0 and text == "0":
        return 0, 0
    return max(last + 1, int(text) - multiple // 2), int(text) + multiple - 1 - multiple // 2


def read(releases: Sequence[tuple[Suppressed, Sequence[Table]]], profile: str) -> Puzzle:
    """Returns the puzzle of some releases: every cell, every declared sum, every percentage with what it leaves over."""
    first, last, _, _ = CONVENTIONS[profile]
    puzzle = Puzzle()
    for release, tables in releases:
        for table in tables:
            shown = release.table(table.name)
            for row, column in ((row, column) for row in table.counts.index for column in table.counts.columns):
                read_cell(puzzle, table, shown.shown, (row, column), profile)
                small = first <= int(table.counts.at[row, column]) <= last
                if shown.told_apart and column not in table.inside and not shown.shown.at[row, column].isdigit():
                    puzzle.narrow((table.name, row, column), *((first, last) if small else (last + 1, math.inf)))
                if small and column not in table.inside and (row, column) not in table.known:
                    puzzle.secret[table.name, row, column] = int(table.counts.at[row, column])
            read_sums(puzzle, table, shown.shown, profile)
        for relation in release.relations:
            add_sum(
                puzzle,
                tuple(relation.total),
                [tuple(part) for part in relation.parts],
                relation.rest,
                profile,
                releases,
            )
    return puzzle


def read_cell(puzzle: Puzzle, table: Table, shown: pd.DataFrame, place: tuple[str, str], profile: str) -> None:
    """Adds what one cell tells, exactly where it is known from elsewhere."""
    key, count = (table.name, *place), int(table.counts.at[place])
    puzzle.narrow(key, 0, math.inf)
    if place[1] not in table.inside:
        puzzle.narrow(key, *shown_span(shown.at[place], profile))
    if place in table.known:
        puzzle.narrow(key, count, count)


def read_sums(puzzle: Puzzle, table: Table, shown: pd.DataFrame, profile: str) -> None:
    """Adds the sums inside a table and its figures."""
    for total, parts in table.rows_add.items():
        for column in table.counts.columns:
            equal(puzzle, (table.name, total, column), [(table.name, part, column) for part in parts])
    for total, parts in table.columns_add.items():
        for row in table.counts.index:
            equal(puzzle, (table.name, row, total), [(table.name, row, part) for part in parts])
    for ratio in table.ratios:
        for row in table.counts.index:
            whole, text = (table.name, row, ratio.whole), shown.at[row, ratio.name]
            parts = {(table.name, row, column): float(factor) for column, factor in ratio.part.items()}
            if ratio.kind == "percent":
                (part,) = parts
                left = int(table.counts.at[row, ratio.whole] - table.counts.at[row, part[2]])
                rest = leave(puzzle, whole, [part], left, profile)
                first, last, _, _ = CONVENTIONS[profile]
                if text.isdigit():  # else it would be hidden
                    puzzle.narrow(rest, last + 1 if first == 0 or left else 0, math.inf if first == 0 or left else 0)
                elif (
                    all(shown.at[row, name].isdigit() for name in (part[2], ratio.whole))
                    and shown.at[row, ratio.whole] != "0"
                ):
                    puzzle.narrow(rest, first, last)  # for no other reason is it hidden
            if text.replace(".", "").isdigit():
                per, half = (100, 0.5) if ratio.kind == "percent" else (ratio.per, 0.05)
                for bound, sign in ((float(text) - half, 1.0), (float(text) + half, -1.0)):
                    factors = {key: sign * per * factor for key, factor in parts.items()}
                    factors[whole] = factors.get(whole, 0.0) - sign * bound
                    puzzle.rows.append((factors, 0, math.inf))


def equal(puzzle: Puzzle, total: Key, parts: Sequence[Key]) -> None:
    """Adds a sum."""
    factors: dict[Key, float] = {total: 1.0}
    for part in parts:
        factors[part] = factors.get(part, 0.0) - 1
    puzzle.rows.append((factors, 0, 0))


def leave(puzzle: Puzzle, total: Key, parts: Sequence[Key], left: int, profile: str) -> Key:
    """Adds a sum with one more part that is not published, and is a secret where it is small; returns its name."""
    first, last, _, _ = CONVENTIONS[profile]
    rest = (f"{total[0]} less {'+'.join('/'.join(part) for part in parts)}", total[1], total[2])
    puzzle.narrow(rest, 0, math.inf)
    equal(puzzle, total, [*parts, rest])
    if first <= left <= last:
        puzzle.secret[rest] = left
    return rest


def add_sum(
    puzzle: Puzzle,
    total: Key,
    parts: Sequence[Key],
    rest: bool,
    profile: str,
    releases: Sequence[tuple[Suppressed, Sequence[Table]]],
) -> None:
    """Adds a relation between tables."""
    if not rest:
        equal(puzzle, total, parts)
        return
    counts = {table.name: table.counts for _, tables in releases for table in tables}
    value = {key: int(counts[key[0]].at[key[1], key[2]]) for key in (total, *parts)}
    leave(puzzle, total, parts, value[total] - sum(value[part] for part in parts), profile)


def given_away(
    releases: Sequence[tuple[Suppressed, Sequence[Table]]], profile: str
) -> list[tuple[Key, int, tuple[float, float]]]:
    """Returns each small number that the reader narrows to fewer values than the convention keeps, with its truth and its range."""
    puzzle = read(releases, profile)
    found, span = [], puzzle.solver()
    for key, truth in puzzle.secret.items():
        if puzzle.bounds[key][0] == puzzle.bounds[key][1] and key[0] in {t.name for _, ts in releases for t in ts}:
            found.append((key, truth, puzzle.bounds[key]))  # it stands there
            continue
        least, most = span(key)
        if not least - 1e-6 <= truth <= most + 1e-6:
            raise AssertionError(f"the attacker is wrong about {key}")
        if most < math.inf and math.floor(most + 1e-6) - math.ceil(least - 1e-6) + 1 < CONVENTIONS[profile][3]:
            found.append((key, truth, (least, most)))
    return found
