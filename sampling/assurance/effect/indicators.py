"""Indicators as they may leave: each figure protected by itself, together with those whose names say that they may be parts of it, and never beside
an overlapping one of the same indicator (left.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

import pandas as pd

from sampling.assurance.coverage_counts import window_of
from sampling.assurance.effect.brought import Kpi
from sampling.assurance.effect.left import Figure, beside, caption_of, figures_in, held_back, may_be_part
from sampling.assurance.effect.results import Effectiveness
from sampling.reporting.tables import Table as Shown
from sampling.suppression import Cell, Profile, Relation, ShownTable, Table, percent, suppress
from sampling.tickets import digest

PART, REST, WHOLE = "Met", "Not met", "Counted"
UNPROTECTED = "{name}, {period}: a value without a numerator and a denominator cannot be protected here, and the file does not say that it may leave."
STATED = "As the service states it; nothing here was hidden or rounded."


def indicators(effect: Effectiveness, profile: Profile) -> tuple[Mapping[str, Shown], Mapping[str, str]]:
    """Returns each indicator's table by its caption, and why one is not shown. Of two that overlap, the one that left, or else the first, is the
    only one that is shown.
    """
    tables: dict[str, Shown] = {}
    refused: dict[str, str] = {}
    counted: list[Kpi] = []
    left = list(figures_in(effect.left))
    every = [one.kpi for one in effect.kpis.values]
    for kpi in every:
        mine = Figure(kpi.name, window_of(kpi.period))
        if others := beside(mine, left):
            refused[mine.caption] = held_back(mine, others)
        elif kpi.denominator is not None:
            counted.append(kpi)
        elif kpi.may_leave:
            tables[mine.caption] = _stated(kpi)
        else:
            refused[mine.caption] = UNPROTECTED.format(name=kpi.name, period=kpi.period)
        left += [mine] if mine.caption not in refused else []
    for family in families(counted):
        release = suppress(list(kpi_tables(family).values()), profile, relations=list(kpi_sums(family)))
        refused |= {_caption(kpi): release.refusal for kpi in family if release.refusal}
        tables |= {_caption(kpi): _protected(kpi, one) for kpi, one in zip(family, release.tables, strict=False)}
    order = [_caption(kpi) for kpi in every]
    return {name: tables[name] for name in order if name in tables}, refused


def families(kpis: Iterable[Kpi]) -> list[list[Kpi]]:
    """Returns the indicators of a period in groups that their names join: "Plans" and "Plans, North"."""
    found: list[list[Kpi]] = []
    for kpi in kpis:
        near = [some for some in found if any(_joined(kpi, one) for one in some)]
        found = [*(some for some in found if some not in near), [*chain.from_iterable(near), kpi]]
    return found


def kpi_tables(family: Sequence[Kpi]) -> dict[str, Table]:
    """Returns the table of each indicator with a numerator and a denominator, by its name. A commissioner is taken to know the denominator."""
    return {kpi.name: _table(kpi) for kpi in family}


def kpi_sums(family: Sequence[Kpi]) -> Iterator[Relation]:
    """Yields that an indicator is the sum of those whose names say so, and of a rest where their denominators leave one. Parts that are together
    more than the whole are each taken to be a part by itself.
    """
    for whole in family:
        parts = [one for one in _parts(whole, family) if _fit([one], whole)]
        for some in [parts] if _fit(parts, whole) else [[one] for one in parts]:
            rest = sum(_counts(one)[WHOLE] for one in some) < _counts(whole)[WHOLE]
            for column in (PART, REST) if some else ():
                yield Relation(_cell(whole, column), tuple(_cell(one, column) for one in some), rest=rest)


def _joined(one: Kpi, other: Kpi) -> bool:
    return one.period == other.period and (may_be_part(one.name, other.name) or may_be_part(other.name, one.name))


def _parts(whole: Kpi, family: Sequence[Kpi]) -> list[Kpi]:
    """Returns the parts of a whole that are not parts of another part."""
    below = [one for one in family if may_be_part(one.name, whole.name)]
    return [one for one in below if not any(may_be_part(one.name, other.name) for other in below)]


def _fit(parts: Sequence[Kpi], whole: Kpi) -> bool:
    return all(sum(_counts(one)[name] for one in parts) <= number for name, number in _counts(whole).items())


def _counts(kpi: Kpi) -> dict[str, int]:
    part, whole = kpi.numerator or 0, kpi.denominator or 0
    return {WHOLE: whole, PART: part, REST: whole - part}


def _cell(kpi: Kpi, column: str) -> Cell:
    return Cell(_name(kpi), kpi.name, column)


def _name(kpi: Kpi) -> str:
    return f"indicator {_caption(kpi)}"


def _caption(kpi: Kpi) -> str:
    return caption_of(kpi.name, kpi.period)


def _table(kpi: Kpi) -> Table:
    return Table(
        _name(kpi),
        pd.DataFrame.from_dict({kpi.name: _counts(kpi)}, orient="index"),
        columns_add={WHOLE: (PART, REST)},
        ratios=[percent(PART, WHOLE)],
        known=frozenset({(kpi.name, WHOLE)}),
    )


def _protected(kpi: Kpi, one: ShownTable) -> Shown:
    row = (kpi.name, *(str(cell) for cell in one.shown.loc[kpi.name]))
    columns = ("", *(str(name) for name in one.shown.columns))
    return Shown(_slug(kpi), _caption(kpi), columns, (row,), (f"{_target(kpi)}%.", *one.sentences))


def _stated(kpi: Kpi) -> Shown:
    row = (kpi.name, f"{kpi.value:g} {kpi.unit}".strip())
    return Shown(
        _slug(kpi), _caption(kpi), ("Indicator", "Value"), (row,), (f"{_target(kpi)} {kpi.unit}".strip() + ".", STATED)
    )


def _slug(kpi: Kpi) -> str:
    return f"released-kpi-{digest(f'{kpi.name}|{kpi.period}')[:12]}"


def _target(kpi: Kpi) -> str:
    return (
        "no target"
        if kpi.target is None
        else f"Target: {'at least' if kpi.better == 'higher' else 'at most'} {kpi.target:g}"
    )
