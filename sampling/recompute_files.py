"""The files of a pack as `verify` reads them: bytes, so that nothing that was changed is translated away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from itertools import groupby, zip_longest
from pathlib import Path
from typing import Any

from sampling.chain import canonical_json, parse_json
from sampling.pack import PRIVATE, SHARE
from sampling.tickets import blinded_group_digest, blinded_leaf, digest, frame_digest

BLINDED = ("practitioner", "stratum", "case", "weight")
MANIFEST = (*BLINDED, "ticket", "rank", "probability", "status", "stream")
TEAMS = ("practitioner", "team")
HEX = r"[0-9a-f]{64}"
STRATUM = r"[A-Za-z0-9._:/-]{1,64}"
_PENDING = ".next"  # a step that is decided, and of which not every file is in its place yet (sampling.storage)
_ROW = re.compile(rf"{HEX},{STRATUM},{HEX},([1-9][0-9]{{0,2}}|1000)")
_TEAM = re.compile(rf"{HEX},{HEX}")


class CheckFailed(Exception):
    """A check failed; the text says how, in words."""


class Files:
    """The share folder of a draw; a step that is decided but not finished is read where it stands, and nothing is moved."""

    def __init__(self, share: Path) -> None:
        self.share = share
        self._pending = share.parent / _PENDING / SHARE if share.name == SHARE else None

    def path(self, name: str) -> Path:
        """Returns where a file of the share folder stands."""
        pending = self._pending / name if self._pending else None
        return pending if pending and pending.is_file() else self.share / name

    def digest(self, name: str) -> str:
        """Returns the SHA-256 of a file's bytes, or an empty text where there is no file."""
        path = self.path(name)
        return sha256(path.read_bytes()).hexdigest() if path.is_file() else ""

    def text(self, name: str) -> str:
        """Returns a file's ASCII text as it stands, line ends and all."""
        return self.path(name).read_bytes().decode("ascii")

    def json(self, name: str) -> dict[str, Any]:
        """Returns the object that a JSON file holds."""
        return dict(parse_json(self.text(name)))

    def require_canonical(self, name: str, value: object, end: str) -> None:
        """Fails unless the file is the one text that its value has: no repeated key, no space, nothing behind it."""
        if self.text(name) != canonical_json(value) + end:
            raise CheckFailed(f"{name} is not written in the one way that its content has (docs/pack.md)")

    def rows(self, name: str, columns: tuple[str, ...]) -> Iterator[list[str]]:
        """Gives the rows of a CSV file, a line at a time; our files quote nothing and end each line with LF."""
        with self.path(name).open(encoding="ascii", newline="\n") as lines:
            if lines.readline() != ",".join(columns) + "\n":
                raise CheckFailed(f"{name} does not have the columns {', '.join(columns)}")
            for number, line in enumerate(lines, 2):
                cells = line[:-1].split(",")
                if len(cells) != len(columns) or not line.endswith("\n"):
                    raise CheckFailed(f"{name} line {number} is malformed")
                yield cells

    def teams(self) -> dict[str, str]:
        """Returns practitioner -> team."""
        teams: dict[str, str] = {}
        for practitioner, team in self.rows("teams.csv", TEAMS):
            if not _TEAM.fullmatch(f"{practitioner},{team}") or practitioner in teams:
                raise CheckFailed("teams.csv has a malformed row, or a practitioner twice")
            teams[practitioner] = team
        return teams

    def recomputed(self, name: str) -> tuple[str, dict[str, int]]:
        """Returns the digest of a frame or ledger and its rows by stratum. Fails on a malformed row, its order, or a case twice."""
        groups, size, last, cases = [], 0, ("", "", ""), set()
        strata: dict[str, int] = {}
        for (practitioner, stratum), rows in groupby(self.rows(name, BLINDED), key=lambda row: (row[0], row[1])):
            leaves = []
            for row in rows:
                size += 1
                if not _ROW.fullmatch(",".join(row)):
                    raise CheckFailed(f"{name} line {size + 1} is malformed")
                place = (practitioner, stratum, row[2])
                if place <= last:
                    raise CheckFailed(f"{name} line {size + 1} is a repeat, or out of order")
                last = place
                cases.add(bytes.fromhex(row[2]))
                leaves.append(blinded_leaf(practitioner, digest(stratum), row[2], int(row[3])))
            strata[stratum] = strata.get(stratum, 0) + len(leaves)
            groups.append(blinded_group_digest(practitioner, digest(stratum), leaves))
        if len(cases) != size:
            raise CheckFailed(f"{name} has a case under two practitioners, or in two strata")
        return frame_digest(groups, size), strata

    def check_private(self, part: str) -> None:
        """The service's own keyed frame or exclusions, where at hand, must be what was blinded."""
        path = self.share.parent / PRIVATE / f"{part}.parquet"
        if self.share.name != SHARE or not path.is_file():
            return
        for row, public in zip_longest(_keyed(path), self.rows(f"{part}.csv", BLINDED)):
            if row != public:
                raise CheckFailed(f"private/{part}.parquet is not what was committed")


def _keyed(path: Path) -> Iterator[list[str]]:
    """Gives the rows of a private file as its keys give them; an older one has the keys alone, in an order of its own."""
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            said = [name for name in ("practitioner", "case") if name in file.schema_arrow.names]
            rows = _blinded(file, said)
            yield from rows if len(said) == 2 else sorted(rows)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, NotImplementedError):  # pyarrow's are of these
        raise CheckFailed(f"private/{path.name} cannot be read") from None


def _blinded(file: Any, said: list[str]) -> Iterator[list[str]]:
    columns = ["stratum", "weight", "practitioner_key", "case_key", *said]
    for batch in file.iter_batches(batch_size=50_000, columns=columns):
        for row in zip(*(batch.column(name).to_pylist() for name in columns), strict=True):
            blinded = {"practitioner": digest(row[2]), "case": digest(row[3])}
            if any(blinded[name] != value for name, value in zip(said, row[4:], strict=True)):
                raise CheckFailed("a private file has a digest that is not its key's")
            yield [blinded["practitioner"], str(row[0]), blinded["case"], str(row[1])]
