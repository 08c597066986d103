"""The entries of a journal as JSON lines: one row a line, with all that the chain needs, so that a stranger can check it (docs/journal.md)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields
from pathlib import Path

from sampling.chain import canonical_json, parse_json
from sampling.errors import SamplingError, VerificationError
from sampling.journal.chaining import Row
from sampling.journal.events import Unsealed
from sampling.journal.reading import published

_COLUMNS = {column.name for column in fields(Row)}


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    """Writes the rows as JSON lines, in their order."""
    with path.open("w", encoding="ascii", newline="\n") as file:
        for row in rows:
            file.write(canonical_json(asdict(row)) + "\n")


def read_rows(path: Path) -> Iterator[Row]:
    """Yields the rows of a file of JSON lines. Raises VerificationError at a line that is no row."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                values = parse_json(line.decode("ascii"))
            except ValueError:
                values = None
            if not isinstance(values, dict) or set(values) != _COLUMNS or not line.endswith(b"\n"):
                raise VerificationError(f"{path.name}, line {number}: this is no whole entry of a journal.")
            yield Row(**values)


def published_keys(rows: Iterable[Row]) -> dict[str, bytes]:
    """Returns the content keys that the rows publish; a damaged row publishes none, and is found when the chain is verified."""
    keys: dict[str, bytes] = {}
    for row in rows:
        try:
            keys |= published(row) if row.kind == Unsealed.kind else {}
        except (SamplingError, ValueError, TypeError):
            continue
    return keys
