"""The engine's digests, tickets and ranks are those of plain Python, on whatever frame."""

from __future__ import annotations

import random
import string
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sampling import tickets
from sampling.draw import allocate, draw_manifest
from sampling.engine import Hasher, open_hasher
from sampling.keys import Keyring

QUICK = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
KEYS = st.text(string.ascii_letters + string.digits + "._:/-", min_size=1, max_size=64) | st.sampled_from(
    ["-", ".", "/", ":", "_", "0", "00", "aa", "AA", "ff", "Z" * 64, "0" * 64, "none"]
)
STRATA = ("volatile", "other")
WEIGHTS = (1, 1, 1, 2, 999, 1000)
QUOTA = st.fixed_dictionaries({stratum: st.integers(0, 4) for stratum in STRATA})
SEEDS = st.integers(0, 2**64).map(lambda number: tickets.digest(str(number)))


@dataclass(frozen=True)
class Frame:
    """(practitioner, stratum, case, weight) rows, each case once, and the team of each practitioner."""

    rows: tuple[tuple[str, str, str, int], ...]
    teams: dict[str, str]


@st.composite
def frames(draw: st.DrawFn) -> Frame:
    practitioners = draw(st.lists(KEYS, min_size=1, max_size=12, unique=True))
    cases = draw(st.lists(KEYS, max_size=40, unique=True))
    pick = random.Random(draw(st.integers(0, 2**32)))  # one draw instead of three a row: much faster
    rows = tuple((pick.choice(practitioners), pick.choice(STRATA), case, pick.choice(WEIGHTS)) for case in cases)
    return Frame(rows, {practitioner: pick.choice(["T1", "T2", "T3"]) for practitioner in practitioners})


@pytest.fixture(scope="module")
def hasher() -> Iterator[Hasher]:
    with open_hasher() as opened:
        yield opened


def blinded_of(rows: tuple[tuple[str, str, str, int], ...]) -> pa.Table:
    """Returns the rows as a pack has them, hashed and sorted by plain Python."""
    hashed = sorted((tickets.digest(p), stratum, tickets.digest(case), weight) for p, stratum, case, weight in rows)
    names = ("practitioner", "stratum", "case", "weight")
    kinds = (pa.string(), pa.string(), pa.string(), pa.int64())
    columns = list(zip(*hashed, strict=True)) or [()] * 4
    return pa.table({name: pa.array(values, kind) for name, values, kind in zip(names, columns, kinds, strict=True)})


def shuffled_places(size: int, order: random.Random) -> pa.Array:
    places = list(range(size))
    order.shuffle(places)
    return pa.array(places, pa.int64())


def naive_digest(rows: tuple[tuple[str, str, str, int], ...]) -> str:
    leaves = defaultdict(list)
    for practitioner, stratum, case, weight in rows:
        leaves[practitioner, stratum].append(tickets.leaf(practitioner, stratum, case, weight))
    return tickets.frame_digest([tickets.group_digest(*group, found) for group, found in leaves.items()], len(rows))


def naive_manifest(
    frame: Frame, seed: str, quota: dict[str, int], stream: tuple[str, int] | None, reserve: int
) -> list[dict[str, object]]:
    """Returns the manifest by docs/pack.md, with nothing but sorting and the primitives."""
    taken: dict[tuple[str, str], int] = {}
    for practitioner in {row[0] for row in frame.rows}:
        deficit = 0
        for stratum in STRATA:
            size = sum(row[:2] == (practitioner, stratum) for row in frame.rows)
            taken[practitioner, stratum] = min(quota[stratum] + deficit, size)
            deficit += quota[stratum] - taken[practitioner, stratum]
    units: dict[tuple[str, ...], list[tuple[str, tuple[str, str, str, int]]]] = defaultdict(list)
    for row in frame.rows:
        pooled = stream is not None and row[1] == stream[0] and not taken[row[:2]]
        unit = ("team", frame.teams[row[0]]) if pooled else ("own", *row[:2])
        units[unit].append((tickets.ticket(seed, row[2]), row))
    manifest = []
    for unit, members in units.items():
        n = stream[1] if unit[0] == "team" and stream else taken[unit[1], unit[2]]
        for rank, (ticket, (practitioner, stratum, case, weight)) in enumerate(sorted(members), 1):
            status = "selected" if rank <= n else "reserve" if n and rank <= n + reserve else "not_selected"
            manifest.append(
                {
                    "practitioner": tickets.digest(practitioner),
                    "stratum": stratum,
                    "case": tickets.digest(case),
                    "weight": weight,
                    "ticket": ticket,
                    "rank": rank,
                    "probability": f"{min(n, len(members))}/{len(members)}",
                    "status": status,
                    "stream": tickets.digest(unit[1]) if unit[0] == "team" else None,
                }
            )
    return sorted(manifest, key=lambda row: (row["practitioner"], row["stratum"], row["case"]))


@QUICK
@given(frame=frames(), order=st.randoms())
def test_digests_are_those_of_plain_python_in_any_order(frame: Frame, order: random.Random, hasher: Hasher) -> None:
    expected = naive_digest(frame.rows)
    blinded = blinded_of(frame.rows)
    assert hasher.digest(blinded) == expected
    rows = shuffled_places(len(blinded), order)
    assert hasher.digest(blinded.take(rows)) == expected


@QUICK
@given(
    frame=frames(),
    seed=SEEDS,
    quota=QUOTA,
    stream=st.none() | st.tuples(st.sampled_from(STRATA), st.integers(1, 3)),
    reserve=st.integers(0, 4),
    order=st.randoms(),
)
def test_the_manifest_is_that_of_plain_python_in_any_order(
    frame: Frame,
    seed: str,
    quota: dict[str, int],
    stream: tuple[str, int] | None,
    reserve: int,
    order: random.Random,
    hasher: Hasher,
) -> None:
    teams = {tickets.digest(key): tickets.digest(team) for key, team in frame.teams.items()}
    blinded = blinded_of(frame.rows)
    shares = allocate(hasher.groups(blinded), quota=quota, order=STRATA, stream=stream, teams=teams)
    manifest = draw_manifest(blinded, seed, shares, reserve, hasher)
    expected = naive_manifest(frame, seed, quota, stream, reserve)
    assert manifest.to_pylist() == expected
    order.shuffle(shares)
    rows = shuffled_places(len(blinded), order)
    mixed = draw_manifest(blinded.take(rows), seed, shares, reserve, hasher).to_pylist()
    assert sorted(mixed, key=lambda row: (row["practitioner"], row["stratum"], row["case"])) == expected


@QUICK
@given(
    ids=st.lists(
        st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20) | st.none(), max_size=20
    ),
    secret=st.binary(min_size=32, max_size=100),
)
def test_keys_are_those_of_the_keyring(ids: list[str | None], secret: bytes, hasher: Hasher) -> None:
    keyring = Keyring(secret)
    found = hasher.keys("case", "système", pa.chunked_array([pa.array(ids, pa.string())]), keyring).to_pylist()
    expected = {name: keyring.key("case", "système", name) for name in ids if name is not None}
    assert {row["local_id"]: row["key"] for row in found} == expected
    assert len(found) == len(expected)


def test_nothing_is_kept_once_a_question_is_answered(hasher: Hasher) -> None:
    """A table that stays registered keeps its memory: at national size that alone was 300 MiB."""
    before = pa.total_allocated_bytes()
    rows = tuple(("P", "other", f"C{number}", 1) for number in range(20_000))
    blinded = blinded_of(rows)
    hasher.digest(blinded)
    hasher.groups(blinded)
    del blinded
    assert pa.total_allocated_bytes() - before < 1_000_000
    known = hasher.query("SELECT view_name FROM duckdb_views() WHERE NOT internal").to_pylist()
    assert known == []
