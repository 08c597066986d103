"""`sampling synth`: a synthetic service written in a real format."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from sampling.chain import canonical_json, parse_json
from sampling.errors import UsageError
from sampling.model import Period, Profile
from sampling.storage import whole_folder

if TYPE_CHECKING:
    from sampling.sources.synthetic import Simulated
    from sampling.sources.synthetic_core import Settled

MAXIMUM_MONTHS = 120
MARK = Path("extension") / "synthetic.json"  # where no reader of a format looks
NOBODY_EXISTS = "Written by `sampling synth`: nobody in these files exists."


def synthesise(
    *,
    format: str,
    cases: int,
    months: int,
    seed: int,
    out: Path,
    until: str,
    profile: str | None = None,
    hostile: bool = False,
    files: str = "csv",
    settled: Settled | None = None,
) -> list[Path]:
    """Returns the files written below `out`, which must be absent or empty. Raises UsageError for sizes that cannot be.

    `settled` keeps caseload and staff even through all months, for a service that is drawn from month after month.
    """
    last_month = Period(until)
    if cases < 1 or not 1 <= months <= MAXIMUM_MONTHS or seed < 0:
        raise UsageError(f"A synthetic service needs at least 1 case, 1 to {MAXIMUM_MONTHS} months, and a seed from 0.")
    kind = cast(Profile, profile or ("children" if format == "annex-a" else "adult"))
    if (format, kind) in (("annex-a", "adult"), ("mhsds", "children")):
        raise UsageError("Annex A is a children's format and MHSDS an adult one here; leave --profile out.")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError("The folder of --out is not empty. Name a new folder; nothing is overwritten.")
    with whole_folder(out.absolute()) as folder:
        written = _write(format, kind, cases, months, seed, last_month, hostile, files, settled, folder)
        names = [path.relative_to(folder) for path in written]
        _mark(folder, names, seed)
    return [out / name for name in names]


def _mark(folder: Path, names: list[Path], seed: int) -> None:
    """Says in the folder itself that nobody in it exists, and which bytes are meant."""
    about = {"files": {name.as_posix(): _digest(folder / name) for name in sorted(names)}, "seed": seed}
    (folder / MARK).write_text(canonical_json({"about": NOBODY_EXISTS, **about}) + "\n", encoding="ascii")


def mark_again(folder: Path) -> None:
    """Says anew which bytes are meant, once an invented service was written on, as its people would: the same files and seed."""
    about = parse_json((folder / MARK).read_text(encoding="ascii"))
    _mark(folder, [Path(name) for name in about["files"]], int(about["seed"]))


def _digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def seed_of(source: str) -> int | None:
    """Returns the seed of a service that `sampling synth` wrote, or None for any other: one file changed or added makes it another."""
    folder = Path(source)
    mark = folder / MARK
    if "://" in source or not mark.is_file():
        return None
    try:
        about = parse_json(mark.read_text(encoding="ascii"))
        files, seed = dict(about["files"]), int(about["seed"])
    except (ValueError, KeyError, TypeError):  # not a mark that this program wrote
        return None
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file() and path != mark}
    same = there == set(files) and all(_digest(folder / name) == known for name, known in files.items())
    return seed if same else None


def _write(
    format: str,
    profile: Profile,
    cases: int,
    months: int,
    seed: int,
    last_month: Period,
    hostile: bool,
    files: str,
    settled: Settled | None,
    folder: Path,
) -> list[Path]:
    from sampling.sources import annex_a_writer, canonical_writer, mhsds_writer
    from sampling.sources.synthetic import simulate, simulate_blocks

    if format == "canonical":
        blocks = simulate_blocks(
            profile=profile,
            cases=cases,
            months=months,
            seed=seed,
            last_month=last_month,
            hostile=hostile,
            settled=settled,
        )
        whole = (_with_notes(block, seed) for block in blocks)
        return canonical_writer.write(whole, folder, kind=cast(Literal["csv", "parquet", "xlsx"], files))
    service = simulate(
        profile=profile,
        cases=cases,
        months=months,
        seed=seed,
        last_month=last_month,
        hostile=hostile,
        settled=settled,
    )
    written = (
        [annex_a_writer.write(service, folder / "annex_a.xlsx")]
        if format == "annex-a"
        else mhsds_writer.write(service, folder)
    )
    noted = _with_notes(service, seed, by_name=format == "annex-a")
    return [*written, *canonical_writer.write([noted], folder, kind="csv", tables=("notes",))]


def _with_notes(service: Simulated, seed: int, *, by_name: bool = False) -> Simulated:
    """Returns the service with its notes, which the files of `sampling synth` alone have: a simulation may be of millions of cases.

    `by_name` names the authors as Annex A names workers.
    """
    from sampling.sources.synthetic_notes import notes_frame

    notes = notes_frame(service, seed)
    if by_name:
        names = service.workers.drop_duplicates("practitioner_id").set_index("practitioner_id")["name"]
        notes = notes.assign(author_id=notes["author_id"].map(names))
    return replace(service, frames={**service.frames, "notes": notes})
