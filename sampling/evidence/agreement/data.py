"""Ratings as a table: one row a case (or a case and a criterion), one column a rater, and what the table can carry.

A tidy frame has one row a rating with COLUMNS: `level` a whole number of the scale or missing, `code` why it is missing. Only levels count
here: *not applicable* and the like are no disagreement about a level (they are counted beside).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from sampling.errors import ProgramError
from sampling.evidence.agreement.words import CUT
from sampling.evidence.results import counted
from sampling.evidence.strata import need_columns

COLUMNS = ("case", "rater", "criterion", "level", "code")
SCALE = (
    0,
    1,
    2,
    3,
)  # the levels of every rubric, used or not: a coefficient never depends on which of them happened to be used
AT_THE_STANDARD = CUT

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Ratings:
    """Levels given, rows by raters; NaN where a rater gave none. Each row and each rater has at least one level.

    A row is a case and a criterion. `cluster` says which rows stand or fall together in an interval: those of one case, or of one
    practitioner (`together`). `unrated` counts rows without any level, `silent` names raters without any, `coded` counts ratings by a code.
    """

    levels: Floats
    cases: tuple[str, ...]
    criteria: tuple[str, ...]
    raters: tuple[str, ...]
    cluster: Whole
    together: str = "case"
    scale: tuple[int, ...] = SCALE
    unrated: int = 0
    silent: tuple[str, ...] = ()
    coded: int = 0

    @property
    def given(self) -> Whole:
        """Returns the number of levels of each row."""
        return np.asarray((~np.isnan(self.levels)).sum(axis=1), dtype=np.int64)

    @property
    def clusters(self) -> int:
        """Returns the number of cases (or practitioners) that intervals rest on."""
        return int(self.cluster.max()) + 1 if len(self.cluster) else 0


@dataclass(frozen=True)
class Overlap:
    """What a table can carry. `rows` are cases by criteria, `shared` those with two or more levels.

    `groups` are the raters linked through rows that they share, directly or through others: more than one group cannot be compared.
    `pairs` is the number of pairs of raters, `pairs_together` of those that share a row.
    """

    cases: int
    rows: int
    raters: int
    ratings: int
    shared: int
    unrated: int
    coded: int
    pairs: int
    pairs_together: int
    groups: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


def rating_table(
    frame: pd.DataFrame,
    criterion: str | None = None,
    *,
    scale: Sequence[int] = SCALE,
    by_practitioner: bool = False,
) -> Ratings:
    """Returns the ratings of one criterion, or of all (a row is then a case and a criterion, and a case's rows stay together).

    `by_practitioner` is for real cases: those of one practitioner are alike, so intervals resample practitioners (the frame then has a
    column `practitioner`). Raises ProgramError when a column is missing, a level is not of the scale, or a rater rated a case's criterion twice.
    """
    need_columns(frame, (*COLUMNS, *(("practitioner",) if by_practitioner else ())), "ratings")
    chosen = frame if criterion is None else frame[frame["criterion"] == criterion]
    if chosen.duplicated(["case", "criterion", "rater"]).any():
        raise ProgramError("A rater has two ratings of one criterion of one case: hand in one round at a time.")
    level = chosen["level"].astype("Float64")
    if not level.dropna().isin(list(scale)).all():
        raise ProgramError(f"A level is none of {', '.join(map(str, scale))}.")
    tidy = chosen.assign(level=level.to_numpy(dtype=np.float64, na_value=np.nan))
    for column in ("case", "criterion", "rater"):
        tidy[column] = tidy[column].astype(str)
    wide = tidy.pivot(index=["case", "criterion"], columns="rater", values="level").sort_index().sort_index(axis=1)
    keys = wide.index.get_level_values("case")
    home = pd.Series(keys, index=wide.index)
    if by_practitioner:
        home = pd.Series(
            keys.map(dict(zip(tidy["case"], tidy["practitioner"].astype(str), strict=True))), index=wide.index
        )
    table = Ratings(
        wide.to_numpy(dtype=np.float64),
        tuple(map(str, keys)),
        tuple(map(str, wide.index.get_level_values("criterion"))),
        tuple(map(str, wide.columns)),
        np.asarray(pd.factorize(home)[0], dtype=np.int64),
        together="practitioner" if by_practitioner else "case",
        scale=tuple(scale),
        coded=int((chosen["level"].isna() & chosen["code"].fillna("").astype(str).ne("")).sum()),
    )
    return _without_empty(table)


def from_levels(levels: Sequence[Sequence[float | None]] | Floats, *, scale: Sequence[int] = SCALE) -> Ratings:
    """Returns ratings from an array of one row a case and one column a rater; None or NaN where there is no level."""
    array = np.array(levels, dtype=np.float64)
    if array.ndim != 2 or not np.isin(array[~np.isnan(array)], list(scale)).all():
        raise ProgramError(f"Ratings are a table of cases by raters with the levels {', '.join(map(str, scale))}.")
    rows, raters = array.shape
    names = tuple(f"case {place + 1}" for place in range(rows))
    table = Ratings(
        array,
        names,
        ("",) * rows,
        tuple(f"rater {place + 1}" for place in range(raters)),
        np.arange(rows, dtype=np.int64),
        scale=tuple(scale),
    )
    return _without_empty(table)


def select(ratings: Ratings, *, rows: Flags | None = None, raters: Flags | None = None) -> Ratings:
    """Returns part of the ratings; what is left without a level is dropped (and not counted again as unrated)."""
    keep = np.ones(len(ratings.cases), dtype=bool) if rows is None else rows
    columns = np.ones(len(ratings.raters), dtype=bool) if raters is None else raters
    part = replace(
        ratings,
        levels=ratings.levels[np.ix_(keep, columns)],
        cases=_kept(ratings.cases, keep),
        criteria=_kept(ratings.criteria, keep),
        raters=_kept(ratings.raters, columns),
        cluster=ratings.cluster[keep],
    )
    return replace(_without_empty(part), unrated=ratings.unrated, silent=ratings.silent)


def at_or_above(ratings: Ratings, cut: int = AT_THE_STANDARD) -> Ratings:
    """Returns the ratings as yes (1, at or above the cut) or no (0)."""
    yes = np.where(np.isnan(ratings.levels), np.nan, ratings.levels >= cut)
    return replace(ratings, levels=yes, scale=(0, 1))


def counts_by_level(ratings: Ratings) -> Floats:
    """Returns how many raters gave each level, rows by levels of the scale."""
    return np.stack([(ratings.levels == level).sum(axis=1) for level in ratings.scale], axis=1).astype(np.float64)


def overlap(ratings: Ratings) -> Overlap:
    """Returns what the table can carry, with sentences on what it cannot."""
    given = (~np.isnan(ratings.levels)).astype(np.int64)
    together = given.T @ given
    raters = len(ratings.raters)
    number, label = csgraph.connected_components(sparse.csr_matrix(together > 0), directed=False)
    groups = tuple(
        tuple(rater for rater, home in zip(ratings.raters, label, strict=True) if home == group)
        for group in range(number)
    )
    found = Overlap(
        cases=len(set(ratings.cases)),
        rows=len(ratings.cases),
        raters=raters,
        ratings=int(given.sum()),
        shared=int((ratings.given >= 2).sum()),
        unrated=ratings.unrated,
        coded=ratings.coded,
        pairs=raters * (raters - 1) // 2,
        pairs_together=int((np.triu(together, 1) > 0).sum()),
        groups=groups,
    )
    return replace(found, notes=_overlap_notes(found, ratings.silent))


def _overlap_notes(found: Overlap, silent: tuple[str, ...]) -> tuple[str, ...]:
    """Returns the sentences on links between raters and on what was left out."""
    notes = []
    if len(found.groups) > 1:
        notes.append(
            f"The raters fall into {counted(len(found.groups), 'group')} that share no case, so raters of different groups cannot be compared. "
            "Let two or three anchor cases be rated by all."
        )
    elif found.pairs_together < found.pairs:
        notes.append(
            f"{counted(found.pairs_together, 'pair')} of {found.pairs:,} share a case; the others are linked through further raters."
        )
    if found.rows > found.shared:
        notes.append(
            f"{counted(found.rows - found.shared, 'row')} with one rating: no other rater rated the same, so agreement does not rest on them."
        )
    if found.unrated:
        notes.append(f"{counted(found.unrated, 'row')} without any level left out.")
    if found.coded:
        notes.append(
            f"{counted(found.coded, 'rating')} by a code in place of a level: no agreement is counted on these."
        )
    if silent:
        notes.append(f"{counted(len(silent), 'rater')} without any level left out.")
    return tuple(notes)


def _kept(names: tuple[str, ...], keep: Flags) -> tuple[str, ...]:
    return tuple(name for name, stays in zip(names, keep, strict=True) if stays)


def _without_empty(table: Ratings) -> Ratings:
    """Returns the table without rows and raters that have no level, counted; the clusters are numbered anew."""
    given = ~np.isnan(table.levels)
    rows: Flags = np.asarray(given.any(axis=1))
    columns: Flags = np.asarray(given.any(axis=0))
    return replace(
        table,
        levels=table.levels[np.ix_(rows, columns)],
        cases=_kept(table.cases, rows),
        criteria=_kept(table.criteria, rows),
        raters=_kept(table.raters, columns),
        cluster=np.unique(table.cluster[rows], return_inverse=True)[1].astype(np.int64),
        unrated=int((~rows).sum()),
        silent=_kept(table.raters, ~columns),
    )
