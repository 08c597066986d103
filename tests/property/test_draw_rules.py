"""The invariants of the draw protocol, section 5, each as a property over many generated frames."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sampling.draw import allocate, draw_manifest, shortfalls
from sampling.engine import Hasher, open_hasher
from sampling.tickets import digest, seed, ticket

Row = tuple[str, str, str]
ORDER = ("volatile", "other")
SEED = seed("0" * 64, "a test")


@pytest.fixture(scope="module")
def hasher() -> Iterator[Hasher]:
    with open_hasher() as opened:
        yield opened


def draw(
    hasher: Hasher,
    rows: list[Row],
    *,
    quota: dict[str, int],
    stream: tuple[str, int] | None = None,
    the_seed: str = SEED,
) -> list[dict[str, str]]:
    """Returns the manifest of keyed rows (practitioner, stratum, case), by the production path."""
    hashed = sorted((digest(p), stratum, digest(case), 1) for p, stratum, case in rows)
    kinds = {"practitioner": pa.string(), "stratum": pa.string(), "case": pa.string(), "weight": pa.int64()}
    columns = list(zip(*hashed, strict=True)) if rows else [[], [], [], []]
    blinded = pa.table({name: pa.array(values, kinds[name]) for name, values in zip(kinds, columns, strict=True)})
    teams = {digest(p): digest("team " + p[-1]) for p, _, _ in rows}
    shares = allocate(hasher.groups(blinded), quota=quota, order=ORDER, stream=stream, teams=teams)
    return draw_manifest(blinded, the_seed, shares, 4, hasher).to_pylist()


keys = st.text("ABab01._:/-", min_size=1, max_size=6)
frames = st.dictionaries(
    keys, st.tuples(st.sampled_from(["P1", "P2", "P3", "Q1"]), st.sampled_from(ORDER)), max_size=40
).map(lambda cases: [(p, s, c) for c, (p, s) in cases.items()])
quotas = st.fixed_dictionaries({"volatile": st.integers(0, 4), "other": st.integers(0, 2)})
streams = st.one_of(st.none(), st.tuples(st.just("other"), st.integers(1, 3)))
fast = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@fast
@given(rows=frames, quota=quotas, stream=streams, data=st.data())
def test_row_order_is_irrelevant(
    hasher: Hasher, rows: list[Row], quota: dict[str, int], stream: tuple[str, int] | None, data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(rows))
    assert draw(hasher, rows, quota=quota, stream=stream) == draw(hasher, shuffled, quota=quota, stream=stream)


@fast
@given(rows=frames, quota=quotas)
def test_a_naive_sampler_agrees(hasher: Hasher, rows: list[Row], quota: dict[str, int]) -> None:
    """Sort by hash, take the first: nothing more is in the draw than that."""
    expected = set()
    for practitioner in {p for p, _, _ in rows}:
        carried = 0
        for stratum in ORDER:
            group = sorted((ticket(SEED, c), c) for p, s, c in rows if (p, s) == (practitioner, stratum))
            wanted = quota[stratum] + carried
            expected |= {digest(c) for _, c in group[:wanted]}
            carried = max(0, wanted - len(group))
    assert {row["case"] for row in draw(hasher, rows, quota=quota) if row["status"] == "selected"} == expected


@fast
@given(rows=frames, n=st.integers(0, 4))
def test_a_larger_draw_begins_with_the_smaller(hasher: Hasher, rows: list[Row], n: int) -> None:
    def selected(quota: int) -> set[str]:
        return {
            row["case"]
            for row in draw(hasher, rows, quota={"volatile": quota, "other": 0})
            if row["status"] == "selected" and row["stratum"] == "volatile"
        }

    assert selected(n) <= selected(n + 1)


@fast
@given(rows=frames, quota=quotas, stream=streams)
def test_probabilities_sum_to_n_and_weights_to_the_size(
    hasher: Hasher, rows: list[Row], quota: dict[str, int], stream: tuple[str, int] | None
) -> None:
    manifest = draw(hasher, rows, quota=quota, stream=stream)
    units: dict[tuple[str, ...], list[dict[str, str]]] = {}
    for row in manifest:
        units.setdefault((row["stream"],) if row["stream"] else (row["practitioner"], row["stratum"]), []).append(row)
    for unit in units.values():
        probabilities = [Fraction(row["probability"]) for row in unit]
        taken = [row for row in unit if row["status"] == "selected"]
        assert sum(probabilities) == len(taken)
        assert not taken or sum(1 / Fraction(row["probability"]) for row in taken) == len(unit)


@fast
@given(rows=frames, quota=quotas, extra=keys)
def test_one_practitioners_case_leaves_the_others_alone(
    hasher: Hasher, rows: list[Row], quota: dict[str, int], extra: str
) -> None:
    without = [row for row in rows if row[2] != extra]
    more = [*without, ("P1", "volatile", extra)]
    others = [
        [row for row in draw(hasher, frame, quota=quota) if row["practitioner"] != digest("P1")]
        for frame in (without, more)
    ]
    assert others[0] == others[1]


@fast
@given(rows=frames, quota=quotas)
def test_with_a_stream_every_open_case_has_a_chance(hasher: Hasher, rows: list[Row], quota: dict[str, int]) -> None:
    quota = {**quota, "volatile": max(1, quota["volatile"])}
    manifest = draw(hasher, rows, quota=quota, stream=("other", 1))
    assert all(Fraction(row["probability"]) > 0 for row in manifest)
    for row in manifest:
        assert bool(row["stream"]) == (
            row["stratum"] == "other"
            and not any(
                r["practitioner"] == row["practitioner"] and r["stratum"] == "other" and not r["stream"]
                for r in manifest
            )
        )


@fast
@given(rows=frames, quota=quotas)
def test_shortfalls_are_never_dropped(hasher: Hasher, rows: list[Row], quota: dict[str, int]) -> None:
    """Whoever has fewer cases than the quota is named, those without a case included; nobody gives more than asked."""
    sizes: dict[tuple[str, str], int] = {}
    for practitioner, stratum, _ in rows:
        sizes[practitioner, stratum] = sizes.get((practitioner, stratum), 0) + 1
    shares = allocate([(p, s, n) for (p, s), n in sizes.items()], quota=quota, order=ORDER, stream=None, teams={})
    wanted = sum(quota.values())
    short = shortfalls(shares, [*{p for p, _, _ in rows}, "nobody's"], wanted)
    held = {p: sum(n for (q, _), n in sizes.items() if q == p) for p, _, _ in rows} | {"nobody's": 0}
    taken = {p: sum(share.n for share in shares if share.practitioner == p) for p in held}
    assert all(taken[p] <= wanted for p in held)
    assert short == {p: wanted - taken[p] for p in sorted(held) if taken[p] < wanted}
    assert all(share.n <= share.size for share in shares)
