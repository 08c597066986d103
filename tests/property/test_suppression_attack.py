"""Hundreds of random releases against the attacker of tests/suppression_attacker.py, and what must change nothing."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sampling.suppression import (
    Relation,
    Suppressed,
    Table,
    adds_up,
    load_profile,
    mean,
    month_after,
    percent,
    same_cells,
    suppress,
)

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from suppression_attacker import given_away  # noqa: E402

HIDING = ("mhsds", "hes", "dfe", "dfe national")
LEVELS = {"level 1": 1, "level 2": 2}
quick = settings(deadline=None, max_examples=40, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
few = settings(quick, max_examples=15)


def publish(
    tables: list[Table], profile: str, *, relations: Sequence[Relation] = (), earlier: Sequence[Suppressed] = ()
) -> Suppressed:
    """Returns the release under a profile, "dfe national" being the profile dfe for national tables."""
    name, _, area = profile.partition(" ")
    placed = [replace(table, area=area or "local") for table in tables]
    return suppress(placed, load_profile(name), relations=relations, earlier=earlier)


@dataclass(frozen=True)
class Service:
    """A service's table, its teams' packs, and the sums between them."""

    table: Table
    packs: list[Table]
    relations: list[Relation]

    @property
    def all(self) -> list[Table]:
        return [self.table, *self.packs]


def service(month: str, teams: dict[str, list[int]], *, known: bool = False, means: bool = False) -> Service:
    """Returns the release of a month from each team's counts (level 0, level 1, level 2); the standard is level 1."""
    frame = pd.DataFrame.from_dict(teams, orient="index", columns=["level 0", *LEVELS])
    frame.insert(0, "scored", frame.sum(axis=1))
    frame.insert(1, "met", frame[list(LEVELS)].sum(axis=1))
    frame.loc["Service"] = frame.sum()
    ratios = [percent("met", "scored")] + ([mean("mean level", LEVELS, "scored")] if means else [])
    sums = {"scored": ["level 0", *LEVELS], "met": list(LEVELS)}
    inside = frozenset({"level 0", *LEVELS})
    sure = frozenset({("Service", "scored")} if known else ())
    table = Table(month, frame, {"Service": list(teams)}, sums, ratios, inside, sure)
    packs = [
        Table(f"{month} {team}", frame.loc[[team]], columns_add=sums, ratios=ratios, inside=inside) for team in teams
    ]
    relations = [r for pack, team in zip(packs, teams, strict=True) for r in same_cells(table, team, pack, team)]
    return Service(table, packs, relations)


def counts(most: int) -> st.SearchStrategy[list[int]]:
    """Returns the counts of one team: often few, sometimes none."""
    return st.tuples(st.integers(0, 6), st.integers(0, most), st.integers(0, 9)).map(list)


def teams(most: int = 25) -> st.SearchStrategy[dict[str, list[int]]]:
    """Returns one to four teams."""
    return st.lists(counts(most), min_size=1, max_size=4).map(lambda rows: {f"T{n}": row for n, row in enumerate(rows)})


@pytest.mark.parametrize("profile", HIDING)
@given(data=teams(), known=st.booleans(), means=st.booleans())
@quick
def test_the_attacker_finds_nothing_in_a_service_and_its_packs(
    profile: str, data: dict[str, list[int]], known: bool, means: bool
) -> None:
    month = service("m1", data, known=known, means=means)
    release = publish(month.all, profile, relations=month.relations)
    if not release.refusal:
        assert given_away([(release, month.all)], profile) == []


@pytest.mark.parametrize("profile", HIDING)
@given(data=teams(15), more=st.lists(counts(6), min_size=4, max_size=4))
@few
def test_nor_by_subtracting_last_month_from_this(
    profile: str, data: dict[str, list[int]], more: list[list[int]]
) -> None:
    later = {
        team: [a + b for a, b in zip(row, new, strict=True)]
        for (team, row), new in zip(data.items(), more, strict=False)
    }
    first, second = service("m1", data), service("m2", later)
    one = publish(first.all, profile, relations=first.relations)
    relations = [*second.relations, *month_after(second.table, first.table)]
    if one.refusal:
        return
    two = publish(second.all, profile, relations=relations, earlier=[one])
    if not two.refusal:
        assert given_away([(one, first.all), (two, second.all)], profile) == []


@pytest.mark.parametrize("profile", HIDING)
@given(data=st.lists(st.lists(st.integers(0, 20), min_size=3, max_size=3), min_size=2, max_size=4))
@quick
def test_nor_in_a_table_with_totals_both_ways(profile: str, data: list[list[int]]) -> None:
    table = crossed(pd.DataFrame(data, index=[f"r{n}" for n in range(len(data))], columns=list("abc")))
    release = publish([table], profile)
    assert release.refusal == ""  # all may be hidden: there is always a way
    assert given_away([(release, [table])], profile) == []


def crossed(frame: pd.DataFrame) -> Table:
    """Returns the table with the totals of rows and columns."""
    rows, columns = list(frame.index), list(frame.columns)
    full = frame.assign(all=frame.sum(axis=1))
    full.loc["all"] = full.sum()
    return Table("t", full, {"all": rows}, {"all": columns})


@pytest.mark.parametrize("profile", HIDING)
@given(data=teams(40), left_out=st.integers(0, 3))
@few
def test_nor_of_a_team_without_a_pack(profile: str, data: dict[str, list[int]], left_out: int) -> None:
    month = service("m1", data)
    packs = [pack for place, pack in enumerate(month.packs) if place != left_out % len(data)]
    total = replace(month.table, counts=month.table.counts.loc[["Service"]], rows_add={})
    relations = (
        adds_up(total, "Service", [(pack, str(pack.counts.index[0])) for pack in packs], complete=False)
        if packs
        else []
    )
    release = publish([total, *packs], profile, relations=relations)
    if not release.refusal:
        assert given_away([(release, [total, *packs])], profile) == []


def naive(tables: list[Table], profile: str) -> Suppressed:
    """Returns each table suppressed by itself, with no thought of sums: what the attacker must be able to undo."""
    alone = [publish([replace(table, rows_add={}, columns_add={}, ratios=())], profile).tables[0] for table in tables]
    return Suppressed(profile, tuple(alone), (), "", (), ())


@pytest.mark.parametrize(("profile", "least"), [("mhsds", 10), ("hes", 20), ("dfe", 60)])
def test_the_attacker_undoes_tables_suppressed_cell_by_cell(profile: str, least: int) -> None:
    found = 0
    for a, b in [(a, b) for a in range(1, 8) for b in range(6, 18)]:
        frame = pd.DataFrame({"n": [a, b, a + b]}, index=["r", "s", "all"])
        table = Table("t", frame, {"all": ["r", "s"]}, known=frozenset({("all", "n")}))
        found += bool(given_away([(naive([table], profile), [table])], profile))
        release = publish([table], profile)
        assert release.refusal or given_away([(release, [table])], profile) == []
    assert found >= least


@pytest.mark.parametrize("profile", (*HIDING, "none"))
@given(data=st.lists(st.lists(st.integers(0, 20), min_size=2, max_size=2), min_size=2, max_size=4), chance=st.randoms())
@few
def test_row_order_and_names_change_nothing(profile: str, data: list[list[int]], chance: object) -> None:
    frame = pd.DataFrame(data, index=[f"r{n}" for n in range(len(data))], columns=["a", "b"])
    order = list(frame.index)
    chance.shuffle(order)  # type: ignore[attr-defined]
    new_names = {name: f"{9 - place} other" for place, name in enumerate(order)}
    plain = publish([crossed(frame)], profile).tables[0].shown
    moved = publish([crossed(frame.loc[order, ["b", "a"]].rename(index=new_names))], profile).tables[0].shown
    back = moved.rename(index={new: old for old, new in new_names.items()})
    pd.testing.assert_frame_equal(back.loc[plain.index, plain.columns], plain)


@given(data=teams())
@quick
def test_the_profile_none_changes_no_figure(data: dict[str, list[int]]) -> None:
    month = service("m1", data, means=True)
    release = suppress(month.all, load_profile("none"), relations=month.relations)
    for table, shown in zip(month.all, release.tables, strict=True):
        assert (shown.shown[["scored", "met"]] == table.counts[["scored", "met"]].astype(str)).all().all()
        assert not shown.primary and not shown.secondary
        assert "for use inside the service only" in shown.sentences[0]


@given(data=teams())
@few
def test_the_same_tables_give_the_same_release(data: dict[str, list[int]]) -> None:
    month = service("m1", data, means=True)
    one, two = (suppress(month.all, load_profile("mhsds"), relations=month.relations) for _ in range(2))
    assert one.refusal == two.refusal and one.sentences == two.sentences
    for first, second in zip(one.tables, two.tables, strict=True):
        pd.testing.assert_frame_equal(first.shown, second.shown)
        assert first.sentences == second.sentences
