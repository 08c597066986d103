"""A draw on disk (docs/pack.md): the shareable evidence pack, the private frame beside it, and its log."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from sampling.chain import chain_text, head_text, parse_json, read_chain
from sampling.errors import StateError
from sampling.storage import finish_step, step, write_whole

SHARE, PRIVATE = "share", "private"
REGISTER = "register.jsonl"
BLINDED_COLUMNS = {"practitioner": pa.string(), "stratum": pa.string(), "case": pa.string(), "weight": pa.int64()}
# Names of the share folder that say nothing by themselves and may change without a step: the log and what gives its cutting away.
_UNLISTED = ("log.jsonl", "log.head", REGISTER)


def file_digests(folder: Path) -> dict[str, str]:
    """Returns file name -> SHA-256 of its bytes, for every file of a folder that never changes again."""
    return {
        path.name: sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
        if path.is_file() and path.name not in _UNLISTED
    }


@dataclass(frozen=True)
class Pack:
    """An opened draw: its commitment, exact plan text and log."""

    folder: Path
    commitment: Mapping[str, Any]
    plan_text: str
    log: tuple[dict[str, Any], ...]

    @property
    def share(self) -> Path:
        """Returns the folder that may be handed to anyone."""
        return self.folder / SHARE

    @property
    def private(self) -> Path:
        """Returns the folder that stays with the service."""
        return self.folder / PRIVATE

    @property
    def plan(self) -> dict[str, Any]:
        """Returns the plan that was committed."""
        return dict(parse_json(self.plan_text))

    def entry(self, event: str) -> dict[str, Any] | None:
        """Returns the first log entry of that event, or None."""
        return next((entry for entry in self.log if entry["event"] == event), None)

    def manifest(self) -> Iterator[dict[str, str]]:
        """Returns the rows of the manifest, one at a time. Raises StateError when nothing is drawn yet."""
        if self.entry("drawn") is None:
            raise StateError("This draw is frozen but not drawn yet. Run: sampling draw DIR")
        return read_rows(self.share / "manifest.csv")

    def keyed_cases(self) -> pd.DataFrame:
        """Returns the private frame: what the pack has of each case, with its keys, team and reasons."""
        path = self.private / "frame.parquet"
        if not path.is_file():
            raise StateError(
                "This folder has no private frame: it is a shareable pack alone. Run the command where the draw was frozen."
            )
        return pd.read_parquet(path)


def read_rows(path: Path) -> Iterator[dict[str, str]]:
    """Gives the rows of one of the pack's CSV files, one at a time."""
    with path.open(encoding="ascii", newline="") as file:
        yield from csv.DictReader(file)


def is_pack(folder: Path) -> bool:
    """Returns whether a draw was frozen in that folder."""
    return (folder / SHARE / "commitment.json").is_file()


def open_pack(folder: Path) -> Pack:
    """Returns the draw in that folder, after finishing a step that a killed process had decided.

    Raises StateError when there is none, or its files cannot be read.
    """
    if not is_pack(folder):
        raise StateError("There is no frozen draw in that folder. Name the folder that `sampling freeze --out` made.")
    finish_step(folder)
    share = folder / SHARE
    try:
        commitment = parse_json((share / "commitment.json").read_text(encoding="ascii"))
        log = tuple(read_chain((share / "log.jsonl").read_text(encoding="ascii")))
        pack = Pack(folder, commitment, (share / "plan.json").read_text(encoding="ascii"), log)
        if (
            not all(isinstance(commitment[name], str) for name in ("draw_id", "commit", "as_of", "randomness_ref"))
            or not pack.plan
        ):
            raise ValueError("commitment.json has another shape")
        return pack
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise StateError(
            f"The files of this draw are damaged ({type(error).__name__}). Run `sampling verify DIR`, and restore the folder from a copy."
        ) from None


def append_step(pack: Pack, entries: Iterable[Mapping[str, Any]], files: Mapping[str, Path | bytes]) -> None:
    """Adds files to the share folder and puts the longer log in its place, all of it or nothing."""
    with step(pack.folder) as staged:
        share = staged / SHARE
        share.mkdir()
        for name, content in files.items():
            (share / name).write_bytes(content if isinstance(content, bytes) else content.read_bytes())
        write_log(share, list(entries))


def write_log(share: Path, entries: list[Mapping[str, Any]]) -> None:
    """Writes the log and its head."""
    (share / "log.jsonl").write_text(chain_text(entries), encoding="ascii", newline="\n")
    (share / "log.head").write_text(head_text(entries), encoding="ascii", newline="\n")


def reviewed(manifest: Iterable[Mapping[str, str]], log: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Returns case digest -> "selected", "replaced" or "replacement" of every case that the draw and its log name."""
    state = {row["case"]: "selected" for row in manifest if row["status"] == "selected"}
    for entry in log:
        if entry["event"] == "replaced":
            state[entry["data"]["case"]] = "replaced"
            if entry["data"]["replacement"]:
                state[entry["data"]["replacement"]] = "replacement"
    return state


def sibling_packs(home: Path) -> list[Path]:
    """Returns the folders of all draws beside one another in `home`, in order of name; half-made ones start with a dot."""
    folders = (path.parent.parent for path in home.glob(f"*/{SHARE}/commitment.json"))
    return sorted(folder for folder in folders if not folder.name.startswith("."))


def current_register(home: Path) -> list[dict[str, Any]]:
    """Returns the service's register of draws: the longest of those that `home` and its draws hold.

    Raises StateError when two of them disagree, which means that a draw was taken back without a word.
    """
    longest: list[dict[str, Any]] = []
    for path in [home / REGISTER, *(folder / SHARE / REGISTER for folder in sibling_packs(home))]:
        if not path.is_file():
            continue
        try:
            entries = read_chain(path.read_text(encoding="ascii"))
        except (OSError, ValueError) as error:
            raise StateError(f"The register of draws is damaged ({error}). Restore it from a copy.") from None
        short, long = sorted((entries, longest), key=len)
        if [entry["hash"] for entry in long[: len(short)]] != [entry["hash"] for entry in short]:
            raise StateError(
                "Two draws in this folder disagree about the draws before them. Find out which register is the published one before you freeze again."
            )
        longest = long
    return longest


def write_register(home: Path, entries: list[dict[str, Any]]) -> None:
    """Writes the service's register beside its draws."""
    write_whole(home / REGISTER, chain_text(entries).encode("ascii"))


@dataclass(frozen=True)
class EarlierDraws:
    """What earlier draws mean for this one: case key -> the last draw date on which it was reviewed, and the commitments it comes from."""

    last: Mapping[str, date]
    commits: tuple[str, ...]
    notes: tuple[str, ...]


def earlier_draws(home: Path, *, before: date, since: date, draw_id: str, evidence: bool) -> EarlierDraws:
    """Returns the cases of all older draws beside this one, no older than `since`.

    With `evidence`, draws at L0 are passed over: whoever can steer a training draw could else steer, by the cool-off, a draw that is
    to be evidence. A draw that the register names and whose folder or private part is not here is said in a note.
    """
    last: dict[str, date] = {}
    commits, notes, seen = [], [], set()
    for folder in sibling_packs(home):
        pack = open_pack(folder)
        seen.add(pack.commitment["commit"])
        as_of = date.fromisoformat(pack.commitment["as_of"])
        drawn = pack.entry("drawn")
        if (
            not since < as_of < before
            or pack.commitment["draw_id"] == draw_id
            or drawn is None
            or pack.entry("withdrawn")
        ):
            continue
        if evidence and drawn["data"]["evidence_level"] == "L0":
            notes.append(f"The cool-off passes over draw {pack.commitment['draw_id']}: it was at evidence level L0.")
            continue
        if not (pack.private / "frame.parquet").is_file():
            notes.append(f"The cool-off lacks draw {pack.commitment['draw_id']}: its private folder is not here.")
            continue
        state = reviewed(pack.manifest(), pack.log)
        keyed = pack.keyed_cases()
        for key, case in zip(keyed["case_key"], keyed["case"], strict=True):
            if state.get(case) in ("selected", "replacement"):
                last[key] = max(as_of, last.get(key, as_of))
        commits.append(str(pack.commitment["commit"]))
    missing = [entry["data"]["draw_id"] for entry in current_register(home) if entry["data"]["commit"] not in seen]
    notes += [
        f"The register names draw {name}, whose folder is not here: its cases could be drawn again." for name in missing
    ]
    return EarlierDraws(last, tuple(sorted(commits)), tuple(notes))
