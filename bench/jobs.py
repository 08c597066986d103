"""One measured job in a process of its own: `python -m bench.jobs NAME SIZE FOLDER` prints one line of JSON."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import Any

from bench.data import SIZES, TABLES, folder_of

DAY = date(2026, 10, 31)
SECRET = bytes(range(32))
SEED = "0" * 64
NOW = datetime(2026, 11, 1, 9, tzinfo=UTC)
Drawn = Sequence[tuple[str, str, int]]


def _digest(drawn: Drawn) -> str:
    return sha256("\n".join(",".join(map(str, row)) for row in sorted(drawn)).encode()).hexdigest()


def _timed(work: Callable[[], Any]) -> dict[str, Any]:
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    return {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "result": result}


def _in_memory(extract: Any) -> Drawn:
    """Returns the drawn cases by the functions that freeze and draw run, without files: the seed is given, not committed to."""
    import pyarrow.compute as pc

    from sampling.commitment import FreezeOrder
    from sampling.draw import allocate, draw_manifest
    from sampling.engine import open_hasher
    from sampling.frame import BLINDED
    from sampling.freezing import build
    from sampling.keys import Keyring
    from sampling.model import Period
    from sampling.policy import load_plan, load_signals
    from sampling.tickets import digest

    policy, plan = load_signals(extract.profile), load_plan()
    with open_hasher() as hasher:
        order = FreezeOrder(Period("2026-10"))
        frame, _ = build(extract, order, policy, plan, {}, keyring=Keyring(SECRET), hasher=hasher)
        pairs = zip(frame.practitioners["practitioner_key"], frame.practitioners["team_key"], strict=True)
        teams = {digest(practitioner): digest(team) for practitioner, team in pairs}
        blinded = frame.cases.select(BLINDED).combine_chunks()  # a copy: the engine's batches are let go as a whole
        del frame
        shares = allocate(hasher.groups(blinded), quota=plan.quota, order=plan.order, stream=plan.stream, teams=teams)
        manifest = draw_manifest(blinded, SEED, shares, plan.reserve, hasher)
        chosen = manifest.filter(pc.equal(manifest["status"], "selected")).select(["practitioner", "case", "rank"])
        return [tuple(row.values()) for row in chosen.to_pylist()]


def _extract(folder: Path) -> Any:
    from sampling.model import Extract, ParquetFiles

    tables = {name: (ParquetFiles((folder / f"{name}.parquet",)),) for name in TABLES}
    return Extract("canonical", "adult", "canonical", None, tables, ids="local")


def ours(folder: Path, _: Path) -> dict[str, Any]:
    """Signals to drawn sample, the functions that freeze and draw run."""
    import sampling.freezing  # noqa: F401  imports are not part of the work, here or in the other jobs

    return _timed(lambda: _in_memory(_extract(folder)))


def pandas(folder: Path, _: Path) -> dict[str, Any]:
    """Signals to drawn sample in plain pandas."""
    from bench.plain_pandas import draw
    from sampling.policy import load_plan, load_signals

    return _timed(lambda: draw(folder, load_signals("adult"), load_plan(), DAY, SECRET, SEED))


_HASHES = {
    "floor1": "sha256(case_id)",
    "floor": "sha256('cst1/ticket|' || $seed || sha256(sha256($pad || unhex(sha256($pad || encode(case_id))))))",
}
_READS = (
    "SELECT max(case_id), max(happened_on), max(kind) FROM '{0}/events.parquet'"
    " WHERE happened_on > DATE '2026-05-04' AND happened_on <= DATE '2026-10-31'",
    "SELECT max(case_id), max(team_id), max(opened), max(died_on), max(sex), max(age_band), max(ethnicity)"
    " FROM '{0}/cases.parquet' WHERE closed IS NULL",
    "SELECT max(case_id), max(practitioner_id), max(role), max(started), max(ended) FROM '{0}/allocations.parquet'",
    "SELECT max(case_id), max(kind), max(created), max(updated), max(review_due), max(ended) FROM '{0}/plans.parquet'",
)


def _floor(folder: Path, kind: str) -> dict[str, Any]:
    import duckdb

    def work() -> None:
        with duckdb.connect(config={"preserve_insertion_order": False}) as connection:
            for sql in _READS:
                connection.sql(sql.format(folder)).fetchall()
            given = {"seed": SEED, "pad": bytes(64)}
            used = {name: value for name, value in given.items() if f"${name}" in _HASHES[kind]}
            hashed = f"SELECT max({_HASHES[kind]}) FROM '{folder}/cases.parquet' WHERE closed IS NULL"
            connection.sql(hashed, params=used).fetchall()

    return _timed(work)


def floor(folder: Path, _: Path) -> dict[str, Any]:
    """Each needed column read once, and the four SHA-256 of each open case: key (two), digest, ticket."""
    return _floor(folder, "floor")


def floor1(folder: Path, _: Path) -> dict[str, Any]:
    """Each needed column read once, and one SHA-256 of each open case."""
    return _floor(folder, "floor1")


def freeze(folder: Path, out: Path) -> dict[str, Any]:
    """`sampling freeze`: the extract opened and checked, the frame committed to and written."""
    from sampling import workflow
    from sampling.commitment import FreezeOrder
    from sampling.keys import Keyring
    from sampling.model import Period

    def work() -> None:
        keyring = Keyring(SECRET)
        extract = workflow.open_source(str(folder), keyring)
        workflow.freeze(extract, FreezeOrder(Period("2026-10")), out, keyring=keyring, now=NOW)

    return _timed(work)


def draw(_: Path, out: Path) -> dict[str, Any]:
    """`sampling draw`: the frozen pack verified, drawn and written."""
    from sampling import workflow
    from sampling.randomness import from_operator, parse_ref

    randomness = from_operator(parse_ref("operator"), "bench")
    return _timed(lambda: workflow.draw(out, randomness, now=NOW) and None)


def verify(_: Path, out: Path) -> dict[str, Any]:
    """`sampling verify`: everything recomputed with the standard library."""
    from sampling.verify import verify_draw

    def work() -> None:
        verification = verify_draw(out)
        if not verification.ok:
            raise SystemExit(f"the check {verification.failed} fails")

    return _timed(work)


def thirty(_: Path, __: Path) -> dict[str, Any]:
    """One caseload of 30 cases, loaded already: the median of nine draws after the first."""
    from sampling.model import Extract, Period
    from sampling.sources.synthetic import simulate
    from sampling.sources.tables import to_arrow

    service = simulate(profile="adult", cases=30, months=12, seed=7, last_month=Period("2026-10"))
    tables = {name: (to_arrow(name, service.frames[name]),) for name in TABLES}
    extract = Extract("canonical", "adult", "canonical", None, tables, ids="local")
    first = _timed(lambda: _in_memory(extract))
    later = [_timed(lambda: _in_memory(extract)) for _ in range(9)]
    found = {name: median(run[name] for run in later) for name in ("wall", "cpu")}
    return {**found, "first": first["wall"], "result": None}


JOBS = {job.__name__: job for job in (ours, pandas, floor, floor1, freeze, draw, verify, thirty)}


def main(arguments: Sequence[str]) -> None:
    """Runs one job and prints its wall time, processor time, peak memory and what it drew."""
    name, size, out = arguments
    found = JOBS[name](folder_of(SIZES[size]), Path(out))
    drawn = found.pop("result")
    if drawn is not None:
        found |= {"digest": _digest(drawn), "drawn": len(drawn)}
    found["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1:])
