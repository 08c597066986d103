"""The recomputation behind `verify`: each check of a pack, from its files, with the standard library alone."""

from __future__ import annotations

import csv
import json
from bisect import bisect_left
from collections.abc import Iterator
from functools import cached_property
from hashlib import sha256
from itertools import groupby, zip_longest
from pathlib import Path
from typing import Any

from sampling.chain import FIRST_PREVIOUS, read_chain, utc_moment
from sampling.pack import PRIVATE, REGISTER, SHARE
from sampling.randomness import check_stored, evidence_level, parse_ref
from sampling.tickets import blinded_group_digest, blinded_leaf, blinded_ticket, commit, digest, frame_digest, seed

_BLINDED = ("practitioner", "stratum", "case", "weight")
_MANIFEST = (*_BLINDED, "ticket", "rank", "probability", "status", "stream")


class CheckFailed(Exception):
    """A check failed; the text says how, in words."""


def file_digest(path: Path) -> str:
    """Returns the SHA-256 of a file's bytes, or an empty text where there is no file."""
    return sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[list[str]]:
    with path.open(encoding="ascii", newline="") as file:
        reader = csv.reader(file)
        if tuple(next(reader, ())) != columns:
            raise CheckFailed(f"{path.name} does not have the columns {', '.join(columns)}")
        yield from reader


def _recomputed(path: Path) -> tuple[str, int, str]:
    """Returns the digest of a frame or ledger, its number of rows, and a fault of its order, if any."""
    groups, size, last, fault = [], 0, ("", "", ""), ""
    for (practitioner, stratum), rows in groupby(_rows(path, _BLINDED), key=lambda row: (row[0], row[1])):
        leaves = []
        for row in rows:
            place = (practitioner, stratum, row[2])
            if place <= last:
                fault = f"row {size + 2} is a repeat, or out of order"
            last = place
            size += 1
            leaves.append(blinded_leaf(practitioner, digest(stratum), row[2], int(row[3])))
        groups.append(blinded_group_digest(practitioner, digest(stratum), leaves))
    return frame_digest(groups, size), size, fault


def _keyed(path: Path) -> Iterator[tuple[Any, ...]]:
    """Gives the rows of the private frame, a batch at a time: what is shared of it, then its keys."""
    import pyarrow.parquet as pq

    columns = [*_BLINDED, "practitioner_key", "case_key"]
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=50_000, columns=columns):
                yield from zip(*(batch.column(name).to_pylist() for name in columns), strict=True)
    except (OSError, ValueError, KeyError):  # pyarrow's own errors are of these kinds
        raise CheckFailed("private/frame.parquet cannot be read") from None


class Evidence:
    """The files of a pack, each read when a check needs it."""

    def __init__(self, share: Path, published_commit: str | None) -> None:
        self.share = share
        self.published_commit = published_commit

    @cached_property
    def commitment(self) -> dict[str, Any]:
        """Returns the content of commitment.json."""
        return dict(json.loads((self.share / "commitment.json").read_text(encoding="ascii")))

    @cached_property
    def plan(self) -> dict[str, Any]:
        """Returns the committed plan."""
        return dict(json.loads((self.share / "plan.json").read_text(encoding="ascii")))

    @cached_property
    def log(self) -> list[dict[str, Any]]:
        """Returns the log, or nothing where its chain does not hold (check_log says so)."""
        try:
            return read_chain((self.share / "log.jsonl").read_text(encoding="ascii"))
        except (OSError, ValueError):
            return []

    @cached_property
    def logged_files(self) -> dict[str, str]:
        """Returns file name -> SHA-256 of every file that the log names."""
        return {name: value for entry in self.log for name, value in dict(entry["data"].get("files", {})).items()}

    @cached_property
    def drawn(self) -> bool:
        """Returns whether the pack tells of a draw."""
        return (self.share / "manifest.csv").is_file() or any(entry["event"] == "drawn" for entry in self.log)

    @cached_property
    def stored(self) -> dict[str, Any]:
        """Returns the content of randomness.json."""
        return dict(json.loads((self.share / "randomness.json").read_text(encoding="ascii")))

    @cached_property
    def seed(self) -> str:
        """Returns the seed that commitment and randomness give."""
        return seed(self.commitment["commit"], self.stored["text"])

    def manifest(self) -> Iterator[tuple[int, list[str]]]:
        """Gives the rows of manifest.csv with their numbers; read anew each time, since a country's do not fit in memory."""
        return enumerate(_rows(self.share / "manifest.csv", _MANIFEST), 2)

    @cached_property
    def takes(self) -> dict[tuple[str, str], tuple[str, int]]:
        """(practitioner, stratum) -> (unit, n): the rows that are ranked together, and how many of them are taken."""
        sizes: dict[str, dict[str, int]] = {}
        for row in _rows(self.share / "frame.csv", _BLINDED):
            of_practitioner = sizes.setdefault(row[0], {})
            of_practitioner[row[1]] = of_practitioner.get(row[1], 0) + 1
        teams = {row[0]: row[1] for row in _rows(self.share / "teams.csv", ("practitioner", "team"))}
        stream = self.plan["stream"] or {"stratum": None, "n": 0}
        takes = {}
        for practitioner, strata in sizes.items():
            carried = 0
            for stratum in self.plan["order"]:
                wanted = self.plan["quota"].get(stratum, 0) + carried
                n = min(wanted, strata.get(stratum, 0))
                carried = wanted - n
                takes[practitioner, stratum] = (f"{practitioner}|{stratum}", n)
                if stratum == stream["stratum"] and n == 0 and stratum in strata:
                    takes[practitioner, stratum] = (teams[practitioner], stream["n"])
        return takes

    @cached_property
    def ranked(self) -> dict[str, list[str]]:
        """unit -> its tickets in order: a ticket stands for its case."""
        units: dict[str, list[str]] = {}
        for practitioner, stratum, case, *_ in _rows(self.share / "frame.csv", _BLINDED):
            units.setdefault(self.takes[practitioner, stratum][0], []).append(blinded_ticket(self.seed, case))
        for tickets in units.values():
            tickets.sort()
        return units

    def check_frame(self) -> str:
        """Checks that frame.csv gives the committed digest, in order, without repeats."""
        found, size, fault = _recomputed(self.share / "frame.csv")
        if found != self.commitment["frame"] or size != self.commitment["size"]:
            raise CheckFailed("frame.csv does not give the frame digest of the commitment")
        if fault:
            raise CheckFailed(f"frame.csv: {fault}")
        self._check_private_frame()
        return f"{size:,} cases give the committed digest"

    def _check_private_frame(self) -> None:
        """The service's own keyed frame, where it is at hand, must be the one that was blinded."""
        path = self.share.parent / PRIVATE / "frame.parquet"
        if self.share.name != SHARE or not path.is_file():
            return
        for row, public in zip_longest(_keyed(path), _rows(self.share / "frame.csv", _BLINDED)):
            if row is None or [*map(str, row[:4])] != public or (digest(row[4]), digest(row[5])) != (row[0], row[2]):
                raise CheckFailed("private/frame.parquet is not the frame that was committed")

    def check_exclusions(self) -> str:
        """Checks that exclusions.csv gives the committed digest."""
        found, size, fault = _recomputed(self.share / "exclusions.csv")
        if found != self.commitment["exclusions"] or size != self.commitment["exclusions_size"]:
            raise CheckFailed("exclusions.csv does not give the exclusions digest of the commitment")
        if fault:
            raise CheckFailed(f"exclusions.csv: {fault}")
        excluded = {row[2] for row in _rows(self.share / "exclusions.csv", _BLINDED)}
        if len(excluded) != size or any(row[2] in excluded for row in _rows(self.share / "frame.csv", _BLINDED)):
            raise CheckFailed("exclusions.csv has a case twice, or one that stands in frame.csv as well")
        return f"{size:,} exclusions give the committed digest"

    def check_commit(self) -> str:
        """Checks that all that was committed gives the commitment, and that it is the published one."""
        about = self.commitment
        plan_text = (self.share / "plan.json").read_text(encoding="ascii")
        found = commit(about["draw_id"], about["frame"], about["exclusions"], plan_text, about["randomness_ref"])
        if found != about["commit"]:
            raise CheckFailed("draw_id, frame, exclusions, plan and randomness_ref do not give the commitment")
        if self.published_commit and self.published_commit.strip().lower() != found:
            raise CheckFailed("the commitment is not the one that was published")
        teams = digest((self.share / "teams.csv").read_text(encoding="ascii"))
        if teams != self.plan["teams"]:
            raise CheckFailed("teams.csv is not the one that the plan names")
        for name in ("period", "as_of", "randomness_ref"):
            if self.plan[name] != about[name]:
                raise CheckFailed(f"plan and commitment name different values of {name}")
        return f"commitment {found[:16]}…" + ("" if self.published_commit else " (compare it with the published one)")

    def check_randomness(self) -> str | None:
        """Checks that the randomness is what was promised, and the evidence level what it gives."""
        if not self.drawn:
            return None
        ref = parse_ref(self.commitment["randomness_ref"])
        faults = check_stored(ref, self.stored)
        if faults:
            raise CheckFailed(faults[0])
        drawn = next((entry["data"] for entry in self.log if entry["event"] == "drawn"), None)
        if drawn:
            frozen_at = utc_moment(drawn.get("stamped_at", self.log[0]["at"]))
            stamped = "timestamp.tsr" in drawn["files"]
            level, _ = evidence_level(
                ref, frozen_at=frozen_at, third_party_timestamp=stamped, witnesses=drawn["witnesses"]
            )
            if level != drawn["evidence_level"]:
                raise CheckFailed(
                    f"the log claims evidence level {drawn['evidence_level']}, but what it tells gives {level}"
                )
        return f"{self.stored['kind']} randomness fits what was committed"

    def check_seed(self) -> str | None:
        """Checks that the logged seed follows from commitment and randomness."""
        if not self.drawn:
            return None
        drawn = next((entry["data"]["seed"] for entry in self.log if entry["event"] == "drawn"), self.seed)
        if drawn != self.seed:
            raise CheckFailed("commitment and randomness do not give the logged seed")
        return f"seed {self.seed[:16]}…"

    def check_tickets(self) -> str | None:
        """Checks that the manifest has the frame's rows, each with its ticket."""
        if not self.drawn:
            return None
        frame = _rows(self.share / "frame.csv", _BLINDED)
        count = 0
        for number, row in self.manifest():
            if row[:4] != next(frame, None):
                raise CheckFailed(f"manifest.csv row {number} is not the frame's row")
            if row[4] != blinded_ticket(self.seed, row[2]):
                raise CheckFailed(f"manifest.csv row {number} has a wrong ticket")
            count += 1
        if next(frame, None) is not None:
            raise CheckFailed("manifest.csv lacks rows of the frame")
        return f"{count:,} tickets recomputed"

    def check_ranks(self) -> str | None:
        """Checks that ranks and pools follow from tickets and plan."""
        if not self.drawn:
            return None
        for number, row in self.manifest():
            unit = self.takes[row[0], row[1]][0]
            rank = bisect_left(self.ranked[unit], row[4]) + 1
            if row[5] != str(rank) or row[8] != (unit if "|" not in unit else ""):
                raise CheckFailed(f"manifest.csv row {number} has a wrong rank or stream")
        return f"{self.commitment['size']:,} ranks recomputed"

    def check_probabilities(self) -> str | None:
        """Checks each inclusion probability."""
        if not self.drawn:
            return None
        for number, row in self.manifest():
            unit, n = self.takes[row[0], row[1]]
            total = len(self.ranked[unit])
            if row[6] != f"{min(n, total)}/{total}":
                raise CheckFailed(f"manifest.csv row {number} has a wrong probability")
        return f"{self.commitment['size']:,} probabilities recomputed"

    def check_selection(self) -> str | None:
        """Checks that the selection is by rank, and replacements by the next rank."""
        if not self.drawn:
            return None
        selected = 0
        for number, row in self.manifest():
            n, rank = self.takes[row[0], row[1]][1], int(row[5])
            status = (
                "selected" if rank <= n else "reserve" if n and rank <= n + self.plan["reserve"] else "not_selected"
            )
            if row[7] != status:
                raise CheckFailed(f"manifest.csv row {number} has a wrong status")
            selected += status == "selected"
        replaced = self._check_replacements()
        return f"{selected:,} cases selected by rank, {replaced} replaced in order"

    def _check_replacements(self) -> int:
        entries = [entry["data"] for entry in self.log if entry["event"] == "replaced"]
        named = {entry["case"] for entry in entries}
        takes = {row[2]: self.takes[row[0], row[1]] for _, row in self.manifest() if row[2] in named} if named else {}
        current = {ticket for unit, n in takes.values() for ticket in self.ranked[unit][:n]}
        used = set(current)
        for entry in entries:
            ticket = blinded_ticket(self.seed, entry["case"])
            if ticket not in current:
                raise CheckFailed("a case was replaced that was not under review")
            if entry["requested_by"] == entry["approved_by"]:
                raise CheckFailed("a replacement was requested and approved by the same person")
            following = next((one for one in self.ranked[takes[entry["case"]][0]] if one not in used), "")
            given = blinded_ticket(self.seed, entry["replacement"]) if entry["replacement"] else ""
            if given != following and not (entry["kind"] == "UNAVAILABLE" and not given):
                raise CheckFailed("a replacement is not the next rank")
            current.remove(ticket)
            current |= {given} - {""}
            used |= {given} - {""}
        return len(entries)

    def check_log(self) -> str:
        """Checks the chain of the log, its length and what it begins with."""
        entries = read_chain((self.share / "log.jsonl").read_text(encoding="ascii"))
        head = (self.share / "log.head").read_text(encoding="ascii")
        if head != f"{len(entries)} {entries[-1]['hash'] if entries else FIRST_PREVIOUS}\n":
            raise CheckFailed("the log is not as long as its head says: entries were removed or added")
        events = [entry["event"] for entry in entries]
        if (
            events[:1] != ["frozen"]
            or events.count("frozen") != 1
            or events.count("drawn") != int(self.drawn)
            or entries[0]["data"]["commit"] != self.commitment["commit"]
        ):
            raise CheckFailed("the log does not begin with this commitment, or does not tell of one draw")
        return f"{len(entries)} entries, unbroken"

    def check_sequence(self) -> str:
        """Checks that the register has no gap and holds this draw in its place."""
        entries = read_chain((self.share / REGISTER).read_text(encoding="ascii"))
        if [entry["data"]["sequence"] for entry in entries] != list(range(1, len(entries) + 1)):
            raise CheckFailed("the register of draws has a gap")
        names = [entry["data"]["draw_id"] for entry in entries]
        last = entries[-1]["data"] if entries else {}
        if (
            len(set(names)) != len(names)
            or last.get("draw_id") != self.commitment["draw_id"]
            or last.get("commit") != self.commitment["commit"]
        ):
            raise CheckFailed("the register of draws does not end with this draw, or names a draw twice")
        service = self.share.parent.parent / REGISTER
        if self.share.name == SHARE and service.is_file():
            hashes = [entry["hash"] for entry in read_chain(service.read_text(encoding="ascii"))]
            if hashes[: len(entries)] != [entry["hash"] for entry in entries]:
                raise CheckFailed("the service's register does not hold this draw in its place")
        return f"draw {len(entries)} of the register"
