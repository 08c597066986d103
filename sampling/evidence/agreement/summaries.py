"""Criteria in order of how far they split the group, two rounds beside each other, and two raters level by level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sampling.errors import ProgramError
from sampling.evidence.agreement.data import AT_THE_STANDARD, SCALE, Ratings, counts_by_level, rating_table
from sampling.evidence.agreement.words import CONFORMITY as CONFORMITY
from sampling.evidence.agreement.words import SPLIT_FROM as SPLIT_FROM

Whole = NDArray[np.int64]


@dataclass(frozen=True)
class CriterionSpread:
    """One criterion: how often each level was given, how many levels lie at or above the cut and below, and how far apart pairs of raters are.

    `split_cases` counts the cases on which the smaller side of the cut has SPLIT_FROM of the raters or more.
    `apart` is the mean distance of two raters' levels on the same case, `exact` and `within_one` the shares of pairs that are so near; None
    where no case was rated by two.
    """

    criterion: str
    levels: tuple[int, ...]
    raters: int
    cases: int
    at_standard: int
    below: int
    apart: float | None
    exact: float | None
    within_one: float | None
    split_cases: int
    scale: tuple[int, ...]


@dataclass(frozen=True)
class RoundsChange:
    """One criterion in two rounds, by the raters who gave a level in both.

    `up`, `down` and `same` count these levels; `crossed` those that changed sides of the cut. `apart_change` is second less first: below 0, nearer.
    """

    criterion: str
    both: int
    up: int
    down: int
    same: int
    crossed: int
    first: CriterionSpread
    second: CriterionSpread
    apart_change: float | None
    label: str = CONFORMITY


@dataclass(frozen=True)
class DifferenceTable:
    """How often one rater (rows) gave each level where the other (columns) gave each level. `exact` and `within_one` are None without ratings."""

    raters: tuple[str, str]
    scale: tuple[int, ...]
    counts: tuple[tuple[int, ...], ...]
    n: int
    exact: float | None
    within_one: float | None
    higher: int  # the first rater gave the higher level
    lower: int


def criteria_by_spread(
    frame: pd.DataFrame, *, cut: int = AT_THE_STANDARD, scale: Sequence[int] = SCALE
) -> tuple[CriterionSpread, ...]:
    """Returns the criteria of a tidy frame, those that part the raters furthest first; those that no two raters share come last."""
    names = sorted(frame["criterion"].astype(str).unique())
    rows = [
        criterion_spread(rating_table(frame[frame["criterion"].astype(str) == name], scale=scale), name, cut=cut)
        for name in names
    ]
    return tuple(sorted(rows, key=lambda row: (row.apart is None, -(row.apart or 0.0), row.criterion)))


def criterion_spread(ratings: Ratings, criterion: str, *, cut: int = AT_THE_STANDARD) -> CriterionSpread:
    """Returns the spread of one criterion's ratings."""
    counts = counts_by_level(ratings)
    use = tuple(int(count) for count in counts.sum(axis=0))
    above = sum(count for count, level in zip(use, ratings.scale, strict=True) if level >= cut)
    total = sum(use)
    levels = np.asarray(ratings.scale, dtype=np.float64)
    distance = np.abs(levels[:, None] - levels[None, :])
    coincident = counts.T @ counts - np.diag(counts.sum(axis=0))
    pairs = float(coincident.sum())
    return CriterionSpread(
        criterion,
        use,
        len(ratings.raters),
        len(set(ratings.cases)),
        above,
        total - above,
        float((coincident * distance).sum()) / pairs if pairs else None,
        float(np.trace(coincident)) / pairs if pairs else None,
        float(coincident[distance <= 1].sum()) / pairs if pairs else None,
        _split_rows(ratings, cut),
        ratings.scale,
    )


def _split_rows(ratings: Ratings, cut: int) -> int:
    """Returns on how many rows with two raters or more the threshold splits the raters."""
    above = np.sum(ratings.levels >= cut, axis=1)
    fewer = np.minimum(above, ratings.given - above)
    return int(np.sum((ratings.given >= 2) & (fewer >= SPLIT_FROM * ratings.given)))


def between_rounds(
    first: pd.DataFrame, second: pd.DataFrame, *, cut: int = AT_THE_STANDARD, scale: Sequence[int] = SCALE
) -> tuple[RoundsChange, ...]:
    """Returns each criterion's change between two rounds of the same cases, over the ratings that have a level in both: who left or came is no change."""
    keys = ["case", "rater", "criterion"]
    columns = [*keys, "level", "code"]
    both = (
        first[columns]
        .dropna(subset=["level"])
        .merge(second[columns].dropna(subset=["level"]), on=keys, suffixes=("_first", "_second"), validate="one_to_one")
    )
    changes = []
    for name, part in both.groupby("criterion", sort=True):
        ratings = [
            rating_table(part.rename(columns={f"level_{when}": "level", f"code_{when}": "code"}), scale=scale)
            for when in ("first", "second")
        ]
        before, after = (criterion_spread(table, str(name), cut=cut) for table in ratings)
        moved = (part["level_second"].astype("int64") - part["level_first"].astype("int64")).to_numpy()
        sides = (part["level_second"] >= cut).to_numpy(dtype=np.bool_) != (part["level_first"] >= cut).to_numpy(
            dtype=np.bool_
        )
        changes.append(
            RoundsChange(
                str(name),
                len(part),
                int((moved > 0).sum()),
                int((moved < 0).sum()),
                int((moved == 0).sum()),
                int(sides.sum()),
                before,
                after,
                None if before.apart is None or after.apart is None else after.apart - before.apart,
            )
        )
    return tuple(changes)


def difference_table(ratings: Ratings, first: str, second: str) -> DifferenceTable:
    """Returns the table of two raters' levels on the cases that both rated. Raises ProgramError for a name that is no rater of the table."""
    missing = [name for name in (first, second) if name not in (*ratings.raters, *ratings.silent)]
    if missing:
        raise ProgramError(f"There is no rater {', '.join(missing)} in this table.")
    size = len(ratings.scale)
    counts = np.zeros((size, size), dtype=np.int64)
    if first in ratings.raters and second in ratings.raters:
        one, other = (ratings.levels[:, ratings.raters.index(name)] for name in (first, second))
        both = ~np.isnan(one) & ~np.isnan(other)
        places = [np.searchsorted(ratings.scale, levels[both]) for levels in (one, other)]
        np.add.at(counts, (places[0], places[1]), 1)
    n = int(counts.sum())
    levels = np.asarray(ratings.scale)
    near = np.abs(levels[:, None] - levels[None, :]) <= 1
    return DifferenceTable(
        (first, second),
        ratings.scale,
        tuple(tuple(int(count) for count in row) for row in counts),
        n,
        float(np.trace(counts)) / n if n else None,
        float(counts[near].sum()) / n if n else None,
        int(np.tril(counts, -1).sum()),
        int(np.triu(counts, 1).sum()),
    )
