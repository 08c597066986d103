"""The strata of draws beside the scores of their cases: who stands for how many, and which strata lend each other their spread."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sampling.errors import ProgramError
from sampling.evidence.results import counted

DESIGN_COLUMNS = ("draw_id", "period", "team", "practitioner", "stratum", "kind", "population", "drawn")
CASE_COLUMNS = ("draw_id", "practitioner", "team", "stratum", "case", "value", "code")
NOT_APPLICABLE = "not_applicable"
VOLATILE = "volatile"
VOLATILE_ONLY = "Only cases with recent recorded change are counted here: this is no figure for the service as a whole, and no baseline for it."
# Where a stratum with one case looks for others like it: the same team and kind in the same draw, then the service's draw, then all draws.
COLLAPSE_LADDER: tuple[tuple[str, ...], ...] = (("draw_id", "team", "kind"), ("draw_id", "kind"), ("kind",))

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Sampled:
    """Cases and strata, matched. Arrays of cases: `value` (0 where it does not count), `counts` (has a level), `known` (has a level or
    is not applicable) and `home` (the place of its stratum). Arrays of strata: `population`, `drawn`, `known_here`, `group` (strata of one
    number share one variance) and `alone` (one case, and no stratum to share with).
    """

    value: Floats
    counts: Flags
    known: Flags
    home: Whole
    population: Floats
    drawn: Floats
    known_here: Floats
    group: Whole
    alone: Flags
    notes: tuple[str, ...]


def need_columns(frame: pd.DataFrame, columns: Iterable[str], name: str) -> None:
    """Raises ProgramError when a frame lacks a column: that is a fault of the caller, never of the data."""
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise ProgramError(f"The table of {name} has no column {', '.join(missing)}.")


def match(cases: pd.DataFrame, design: pd.DataFrame) -> Sampled:
    """Returns the cases with their strata.

    `cases` has one row a case with CASE_COLUMNS: `value` is a number or missing, `code` says why it is missing. `design` has one row a
    stratum with DESIGN_COLUMNS. A row of `design` with practitioner "" is a team's pool (the stream): a case belongs to its own
    practitioner's stratum of that name if it was drawn from, else to its team's pool (whose cases stand in no other row). A case of neither (a tabled one) is left out and
    counted in a note. Raises ProgramError when the two tables contradict each other.
    """
    need_columns(cases, CASE_COLUMNS, "cases")
    need_columns(design, DESIGN_COLUMNS, "strata")
    strata = design.reset_index(drop=True)
    places = homes(cases, strata)
    inside = places >= 0
    value = cases["value"].astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)[inside]
    counts = ~np.isnan(value)
    known = counts | (cases["code"].fillna("").to_numpy() == NOT_APPLICABLE)[inside]
    home = places[inside]
    known_here = np.bincount(home[known], minlength=len(strata)).astype(np.float64)
    population, drawn = strata["population"].to_numpy(np.float64), strata["drawn"].to_numpy(np.float64)
    if bool(np.any(known_here > drawn)) or bool(np.any(drawn > population)):
        raise ProgramError("A stratum has more scored cases than were drawn from it, or more drawn than it holds.")
    group, alone, shared = _shared(strata, known_here, population)
    notes = _notes(shared, int(alone.sum()), int((~inside).sum()), months=strata["period"].nunique())
    if set(strata.loc[known_here > 0, "kind"]) == {VOLATILE}:
        notes = (VOLATILE_ONLY, *notes)
    return Sampled(
        np.where(counts, value, 0.0), counts, known, home, population, drawn, known_here, group, alone, notes
    )


def homes(cases: pd.DataFrame, strata: pd.DataFrame) -> Whole:
    """Returns the place of each case's stratum (see match), -1 where it has none. Shape (cases,)."""
    places: dict[tuple[bool, str, str, str], int] = {}
    holders = strata["practitioner"].fillna("").astype(str)
    rows = zip(
        _texts(strata, "draw_id"),
        holders,
        _texts(strata, "team"),
        _texts(strata, "stratum"),
        strata["drawn"] > 0,
        strict=True,
    )
    for place, (draw, holder, team, stratum, drawn) in enumerate(rows):
        if holder and not drawn:
            continue
        key = (bool(holder), draw, holder or team, stratum)
        if key in places:
            raise ProgramError("The table of strata names a stratum twice.")
        places[key] = place
    each = zip(*(_texts(cases, name) for name in ("draw_id", "practitioner", "team", "stratum")), strict=True)
    found = [
        places.get((True, draw, own, stratum), places.get((False, draw, team, stratum), -1))
        for draw, own, team, stratum in each
    ]
    return np.array(found, dtype=np.int64)


def _texts(frame: pd.DataFrame, column: str) -> list[str]:
    return [str(value) for value in frame[column].tolist()]


def _shared(strata: pd.DataFrame, known_here: Floats, population: Floats) -> tuple[Whole, Flags, int]:
    """Returns for each stratum its group, whether it stays alone with one case, and how many strata were collapsed.

    A census (one case of one) needs no partner. Groups follow from the design alone, never from scores (Cochran 1977, 5A.12).
    """
    group = np.arange(len(strata), dtype=np.int64)
    single = (known_here == 1) & (population > 1)
    shared = 0
    for keys in COLLAPSE_LADDER:
        places = np.flatnonzero(single)
        if not len(places):
            break
        family = strata.iloc[places].groupby(list(keys), sort=False, dropna=False).ngroup().to_numpy(np.int64)
        together = np.bincount(family)[family] > 1
        group[places[together]] = group.max() + 1 + family[together]
        single[places[together]] = False
        shared += int(together.sum())
    return np.unique(group, return_inverse=True)[1].astype(np.int64), single, shared


def _notes(shared: int, alone: int, outside: int, *, months: int) -> tuple[str, ...]:
    """Returns what the reader must know of collapsed strata and of cases outside the design."""
    notes = []
    if months > 1:
        notes.append(f"{months} months are pooled: a case counts once in the frame of each month in which it was open.")
    if shared:
        notes.append(
            f"{counted(shared, 'stratum', 'strata')} with one scored case each had no spread of their own and were collapsed with others of "
            "the same kind for the standard error; the estimate keeps their own weights."
        )
    if alone:
        notes.append(
            f"{counted(alone, 'stratum', 'strata')} with one scored case had no other to be collapsed with: its distance from the overall "
            "estimate stands in for its spread."
        )
    if outside:
        notes.append(
            f"{counted(outside, 'scored case')} of no stratum of the draw (tabled, or read for learning) left out: only drawn cases speak for the frame."
        )
    return tuple(notes)
