"""Who is drawn: how many from each stratum, topped up and streamed, decided by whole numbers alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pyarrow as pa

from sampling.engine import Hasher

NO_POOL = ""


@dataclass(frozen=True)
class Share:
    """What is taken of one practitioner's stratum: n of it, or, where `pool` names a team, pool_n of the whole pool."""

    practitioner: str
    stratum: str
    size: int
    n: int
    pool: str = NO_POOL
    pool_n: int = 0


def allocate(
    groups: Iterable[tuple[str, str, int]],
    *,
    quota: Mapping[str, int],
    order: Iterable[str],
    stream: tuple[str, int] | None,
    teams: Mapping[str, str],
) -> list[Share]:
    """Returns what to take of each group (practitioner, stratum, size), known before any randomness is.

    A stratum gives its quota and what the one before it fell short, as far as it has rows. The stream's pool of a team is every row
    of its stratum whose practitioner takes none of that stratum, so that each row has one chance, by quota or by stream.

    >>> allocate([("P1", "other", 9), ("P1", "volatile", 1)], quota={"volatile": 2, "other": 0}, order=["volatile", "other"],
    ...          stream=None, teams={})
    [Share(practitioner='P1', stratum='volatile', size=1, n=1, pool='', pool_n=0), Share(practitioner='P1', stratum='other', size=9, n=1, pool='', pool_n=0)]
    """
    sizes: dict[str, dict[str, int]] = {}
    for practitioner, stratum, size in groups:
        sizes.setdefault(practitioner, {})[stratum] = size
    shares = []
    ordered = tuple(order)
    for practitioner in sorted(sizes):
        deficit = 0
        for stratum in ordered:
            wanted = quota.get(stratum, 0) + deficit
            size = sizes[practitioner].get(stratum, 0)
            taken = min(wanted, size)
            deficit = wanted - taken
            if size:
                streamed = stream is not None and stratum == stream[0] and taken == 0
                pool = teams[practitioner] if streamed else NO_POOL
                shares.append(Share(practitioner, stratum, size, taken, pool, stream[1] if stream and streamed else 0))
    return shares


def shortfalls(shares: Iterable[Share], practitioners: Iterable[str], wanted: int) -> dict[str, int]:
    """Returns practitioner -> how many cases fewer than `wanted` they have, those without a case included."""
    taken = {practitioner: 0 for practitioner in practitioners}
    for share in shares:
        taken[share.practitioner] = taken.get(share.practitioner, 0) + share.n
    return {practitioner: wanted - n for practitioner, n in sorted(taken.items()) if n < wanted}


def draw_manifest(blinded: pa.Table, seed: str, shares: list[Share], reserve: int, hasher: Hasher) -> pa.Table:
    """Returns the manifest (docs/pack.md): every row of the frame with its ticket, rank, probability and status."""
    allocated = pa.table(
        {
            "practitioner": pa.array([share.practitioner for share in shares], pa.string()),
            "stratum": pa.array([share.stratum for share in shares], pa.string()),
            "size": pa.array([share.size for share in shares], pa.int64()),
            "n": pa.array([share.n for share in shares], pa.int64()),
            "pool": pa.array([share.pool for share in shares], pa.string()),
            "pool_n": pa.array([share.pool_n for share in shares], pa.int64()),
        }
    )
    return hasher.manifest(blinded, seed, allocated, reserve)
