"""The recomputation behind `verify`: each check of a pack, from its files, with the standard library alone."""

from __future__ import annotations

import importlib.util
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from sampling.chain import canonical_json, head_text, read_chain, utc_moment
from sampling.drand import signature_can_be_checked
from sampling.pack import REGISTER, SHARE
from sampling.randomness import RandomnessRef, check_stored, evidence_level, parse_ref
from sampling.recompute_files import BLINDED, MANIFEST, CheckFailed, Files
from sampling.recompute_rules import (
    DRAWN_FILES,
    TIMESTAMP,
    check_commitment,
    check_entries,
    check_history,
    check_plan,
    check_register,
    check_replaced,
    check_stamp,
    check_stored_shape,
    named_files,
    since_head,
)
from sampling.replacement import UNAVAILABLE
from sampling.tickets import blinded_ticket, commit, seed

STAMP_UNCHECKED = "the time stamp is claimed, not checked: give --timestamp-roots"
SIGNATURE_UNCHECKED = "the pulse's BLS signature was not checked here"


class Evidence(Files):
    """The files of a pack, each read when a check needs it, and what the verifier was given beside it."""

    def __init__(
        self,
        share: Path,
        published_commit: str | None = None,
        timestamp_roots: bytes | None = None,
        log_head: str | None = None,
    ) -> None:
        super().__init__(share)
        self.published_commit = published_commit
        self.timestamp_roots = timestamp_roots
        self.log_head = log_head

    @cached_property
    def commitment(self) -> dict[str, Any]:
        """Returns the content of commitment.json."""
        return self.json("commitment.json")

    @cached_property
    def plan(self) -> dict[str, Any]:
        """Returns the committed plan."""
        return self.json("plan.json")

    @cached_property
    def log(self) -> list[dict[str, Any]]:
        """Returns the log, or nothing where its chain or an entry does not hold (check_log says so)."""
        try:
            entries = read_chain(self.path("log.jsonl").read_bytes())
            check_entries(entries)
        except (OSError, ValueError, CheckFailed):
            return []
        return entries

    def entry(self, event: str) -> dict[str, Any] | None:
        """Returns the data of the first entry of that event, or None."""
        return next((dict(entry["data"]) for entry in self.log if entry["event"] == event), None)

    @cached_property
    def logged_files(self) -> dict[str, str]:
        """Returns file name -> SHA-256 of every file that the log names."""
        return {name: value for entry in self.log for name, value in dict(entry["data"].get("files", {})).items()}

    @cached_property
    def drawn(self) -> bool:
        """Returns whether the pack tells of a draw."""
        return any(self.path(name).is_file() for name in DRAWN_FILES) or self.entry("drawn") is not None

    @property
    def withdrawn(self) -> str | None:
        """Returns why the draw was withdrawn, or None."""
        entry = self.entry("withdrawn")
        return entry["reason"] if entry else None

    @cached_property
    def stored(self) -> dict[str, Any]:
        """Returns the content of randomness.json."""
        return self.json("randomness.json")

    @cached_property
    def seed(self) -> str:
        """Returns the seed that commitment and randomness give."""
        return seed(self.commitment["commit"], self.stored["text"])

    @cached_property
    def unchecked(self) -> tuple[str, ...]:
        """Returns what this verification has to take on trust, as sentences."""
        sentences = []
        if "stamped_at" in (self.entry("drawn") or {}) and not self._can_check_stamps:
            sentences.append(STAMP_UNCHECKED)
        if self.drawn and self.commitment["randomness_ref"].startswith("drand:") and not signature_can_be_checked():
            sentences.append(SIGNATURE_UNCHECKED)
        return tuple(sentences)

    @property
    def _can_check_stamps(self) -> bool:
        return self.timestamp_roots is not None and importlib.util.find_spec("rfc3161_client") is not None

    def manifest(self) -> Iterator[tuple[int, list[str]]]:
        """Gives the rows of manifest.csv with their numbers; read anew each time, since a country's do not fit in memory."""
        return enumerate(self.rows("manifest.csv", MANIFEST), 2)

    @cached_property
    def takes(self) -> dict[tuple[str, str], tuple[str, int]]:
        """(practitioner, stratum) -> (unit, n): the rows that are ranked together, and how many are taken."""
        sizes: dict[str, dict[str, int]] = {}
        for row in self.rows("frame.csv", BLINDED):
            of_practitioner = sizes.setdefault(row[0], {})
            of_practitioner[row[1]] = of_practitioner.get(row[1], 0) + 1
        teams = self.teams()
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
        for practitioner, stratum, case, *_ in self.rows("frame.csv", BLINDED):
            units.setdefault(self.takes[practitioner, stratum][0], []).append(blinded_ticket(self.seed, case))
        for tickets in units.values():
            tickets.sort()
        return units

    def check_frame(self) -> str:
        """Checks that frame.csv gives the committed digest and sizes, in order, without repeats."""
        found, strata = self.recomputed("frame.csv")
        size = sum(strata.values())
        if found != self.commitment["frame"]:
            raise CheckFailed("frame.csv does not give the frame digest of the commitment")
        said = {"size": self.commitment["size"], "strata": self.commitment["strata"]}
        if canonical_json(said) != canonical_json({"size": size, "strata": strata}):
            raise CheckFailed("commitment.json does not give the sizes of frame.csv")
        self.check_private("frame")
        return f"{size:,} cases give the committed digest"

    def check_exclusions(self) -> str:
        """Checks that exclusions.csv gives the committed digest and size, and that no case stands in the frame as well."""
        found, strata = self.recomputed("exclusions.csv")
        size = sum(strata.values())
        if found != self.commitment["exclusions"]:
            raise CheckFailed("exclusions.csv does not give the exclusions digest of the commitment")
        if canonical_json(self.commitment["exclusions_size"]) != str(size):
            raise CheckFailed("commitment.json does not give the size of exclusions.csv")
        excluded = {row[2] for row in self.rows("exclusions.csv", BLINDED)}
        if any(row[2] in excluded for row in self.rows("frame.csv", BLINDED)):
            raise CheckFailed("exclusions.csv has a case that stands in frame.csv as well")
        self.check_private("exclusions")
        return f"{size:,} exclusions give the committed digest"

    def check_commit(self) -> str:
        """Checks that all that was committed gives the commitment, and that it is the published one."""
        about = self.commitment
        check_commitment(about)
        self.require_canonical("commitment.json", about, "\n")
        check_plan(self.plan)
        self.require_canonical("plan.json", self.plan, "")
        found = commit(
            about["draw_id"], about["frame"], about["exclusions"], self.text("plan.json"), about["randomness_ref"]
        )
        if found != about["commit"]:
            raise CheckFailed("draw_id, frame, exclusions, plan and randomness_ref do not give the commitment")
        if self.published_commit is not None and self.published_commit.strip().lower() != found:
            raise CheckFailed("the commitment is not the one that was published")
        for name, value in named_files(self.plan).items():
            if self.digest(name) != value:
                raise CheckFailed(f"{name} is not the one that the plan names")
        self.teams()
        for name in ("period", "as_of", "randomness_ref"):
            if self.plan[name] != about[name]:
                raise CheckFailed(f"plan and commitment name different values of {name}")
        parse_ref(about["randomness_ref"])
        compare = " (compare it with the published one)" if self.published_commit is None else ""
        return f"commitment {found[:16]}…{compare}"

    def check_randomness(self) -> str | None:
        """Checks that the randomness is what was promised, and the evidence level what it gives."""
        if not self.drawn:
            return None
        ref = parse_ref(self.commitment["randomness_ref"])
        check_stored_shape(self.stored)
        self.require_canonical("randomness.json", self.stored, "\n")
        faults = check_stored(ref, self.stored)
        if faults:
            raise CheckFailed(faults[0])
        drawn = self.entry("drawn")
        level = f", level {self._checked_level(ref, drawn)}" if drawn else ""
        return "; ".join((f"{ref.kind} randomness fits what was committed{level}", *self.unchecked))

    def _checked_level(self, ref: RandomnessRef, drawn: Mapping[str, Any]) -> str:
        if ref.kind == "dice" and self.stored["proof"]["witnesses"] != drawn["witnesses"]:
            raise CheckFailed("log and randomness.json name different numbers of witnesses")
        level, reason = evidence_level(
            ref,
            frozen_at=self._frozen_at(drawn),
            third_party_timestamp="stamped_at" in drawn,
            witnesses=drawn["witnesses"],
            signature_checked=drawn.get("signature_checked", True),
        )
        if level != drawn["evidence_level"] or reason != drawn["reason"]:
            raise CheckFailed(
                f"the log claims evidence level {drawn['evidence_level']}, but what it tells gives {level}: {reason}"
            )
        return level

    def _frozen_at(self, drawn: Mapping[str, Any]) -> datetime:
        """Returns since when the commitment was fixed: what a time stamp shows, what it is said to show, or the log's own word."""
        if "stamped_at" not in drawn:
            return utc_moment(self.log[0]["at"])
        if not self._can_check_stamps:
            return utc_moment(drawn["stamped_at"])
        token = self.path(TIMESTAMP).read_bytes()
        return check_stamp(token, self.commitment["commit"], self.timestamp_roots, drawn["stamped_at"])

    def check_seed(self) -> str | None:
        """Checks that the logged seed follows from commitment and randomness."""
        if not self.drawn:
            return None
        if (self.entry("drawn") or {}).get("seed", self.seed) != self.seed:
            raise CheckFailed("commitment and randomness do not give the logged seed")
        return f"seed {self.seed[:16]}…"

    def check_tickets(self) -> str | None:
        """Checks that the manifest has the frame's rows, each with its ticket."""
        if not self.drawn:
            return None
        frame = self.rows("frame.csv", BLINDED)
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
        rows = {row[2]: row for _, row in self.manifest() if row[2] in named} if named else {}
        takes = {case: self.takes[row[0], row[1]] for case, row in rows.items()}
        current = {ticket for unit, n in takes.values() for ticket in self.ranked[unit][:n]}
        used = set(current)
        for entry in entries:
            ticket = blinded_ticket(self.seed, entry["case"])
            if ticket not in current:
                raise CheckFailed("a case was replaced that was not under review")
            check_replaced(entry, rows[entry["case"]])
            following = next((one for one in self.ranked[takes[entry["case"]][0]] if one not in used), "")
            given = blinded_ticket(self.seed, entry["replacement"]) if entry["replacement"] else ""
            if given != following and not (entry["kind"] == UNAVAILABLE and not given):
                raise CheckFailed("a replacement is not the next rank")
            current.remove(ticket)
            current |= {given} - {""}
            used |= {given} - {""}
        return len(entries)

    def check_log(self) -> str:
        """Checks the chain of the log, its length, what it tells, and that it goes on from the head that was noted."""
        entries = read_chain(self.path("log.jsonl").read_bytes())
        check_entries(entries)
        if self.text("log.head") != head_text(entries):
            raise CheckFailed("the log is not as long as its head says: entries were removed or added")
        check_history(entries, drawn=self.drawn)
        if entries[0]["data"]["commit"] != self.commitment["commit"]:
            raise CheckFailed("the log does not begin with this commitment")
        noted = "" if self.log_head is None else f"; {since_head(entries, self.log_head)} since the head that was noted"
        return f"{len(entries)} entries, unbroken{noted}"

    def check_sequence(self) -> str:
        """Checks that the register has no gap and holds this draw in its place."""
        entries = read_chain(self.path(REGISTER).read_bytes())
        check_register(entries)
        about = self.commitment
        if (entries[-1]["data"]["draw_id"], entries[-1]["data"]["commit"]) != (about["draw_id"], about["commit"]):
            raise CheckFailed("the register of draws does not end with this draw")
        service = self.share.parent.parent / REGISTER
        if self.share.name == SHARE and service.is_file():
            hashes = [entry["hash"] for entry in read_chain(service.read_bytes())]
            if hashes[: len(entries)] != [entry["hash"] for entry in entries]:
                raise CheckFailed("the service's register does not hold this draw in its place")
        return f"draw {len(entries)} of the register"
