"""Who held a case before, where an extract names its present holder alone (Annex A): what each draw saw on its day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import pyarrow.parquet as pq

from sampling.assurance.coverage_facts import Allocation
from sampling.frame import NOBODY
from sampling.pack import open_pack
from sampling.scoring.settings.draws import Draw

FROM_DRAWS = "The extract names only who holds a case now: who held it before is known from the draws' days, and the day of a change is not."


def holders_by_draw(draws: Iterable[Draw], present: Sequence[Allocation], on: date) -> tuple[Allocation, ...]:
    """Returns who held each case: from its opening whom the first draw saw, from each later draw day another whom it saw, and from `on`
    the present holder. A case that no draw saw has its present holder from the beginning.
    """
    seen = _seen(draws, {one.case for one in present})
    found = []
    for now in present:
        before = seen.get(now.case, [])
        steps = [one for place, one in enumerate(before) if not place or one[1] != before[place - 1][1]]
        if not steps or steps[-1][1] != now.person:
            steps.append((on, now.person))
        days = [now.first, *(max(day, now.first) for day, _ in steps[1:])]
        found += [
            Allocation(now.case, person, day, now.last, now.role) for day, (_, person) in zip(days, steps, strict=True)
        ]
    return tuple(found)


def _seen(draws: Iterable[Draw], cases: set[str]) -> dict[str, list[tuple[date, str]]]:
    """Returns case -> (draw date, who held it) in order of time. A frame is read through, never held."""
    found: dict[str, list[tuple[date, str]]] = {}
    for draw in sorted(draws, key=lambda one: one.as_of):
        for name in ("frame", "exclusions"):
            with pq.ParquetFile(open_pack(draw.folder).private / f"{name}.parquet") as file:
                for batch in file.iter_batches(columns=["case_key", "practitioner_key"]):
                    for case, person in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                        if case in cases and person and person != NOBODY:
                            found.setdefault(case, []).append((draw.as_of, person))
    return found
