"""The chain of a journal, `csj1` (docs/journal.md): what each hash covers, so that a stranger can check it with SHA-256 alone.

The envelope of an entry names its body by two digests: `digest` of the text that is stored, and `content` of the text that was said,
which differ when it is sealed. Both texts hold 16 random bytes of their own, so that neither digest gives a short content away
once a purge has taken the body.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sampling.chain import FIRST_PREVIOUS, canonical_json, parse_json, utc_moment, utc_text
from sampling.tickets import digest

MAXIMUM_BODY = 400_000  # characters; a note has at most 20,000, and each may be written as \\uXXXX


@dataclass(frozen=True)
class Row:
    """One stored row, as both engines keep it and the export writes it."""

    sequence: int
    id: str
    at: str
    actor: str
    kind: str
    review: str
    subject: str
    base: int
    revision: int
    conflict: int
    undoes: str
    sealed: int
    content: str
    digest: str
    previous: str
    hash: str
    body: str | None


NUMBERS = ("sequence", "base", "revision", "conflict", "sealed")
_NOT_IN_ENVELOPE = ("body", "hash", "previous")


def body_text(body: Mapping[str, Any]) -> str:
    """Returns the text of a body as it is stored and hashed."""
    return canonical_json(body)


def body_digest(text: str) -> str:
    """Returns H('csj1/body|' || H(text)) of a body's text."""
    return digest("csj1/body|" + digest(text))


def row_hash(row: Mapping[str, Any]) -> str:
    """Returns H('csj1/entry|' || previous || H(envelope)) of a row; the envelope is every column but body, hash and previous."""
    envelope = {name: value for name, value in row.items() if name not in _NOT_IN_ENVELOPE}
    return digest("csj1/entry|" + str(row["previous"]) + digest(canonical_json(envelope)))


def chained(values: Mapping[str, Any]) -> Row:
    """Returns the row of these values with its hash."""
    return Row(**values, hash=row_hash(values))


def fault_of(row: Row, previous: Row | None) -> str:
    """Returns what is wrong with a row that follows `previous`, in words, or nothing."""
    values = asdict(row)
    for name, value in values.items():
        right = isinstance(value, int) if name in NUMBERS else isinstance(value, str) and value.isascii()
        if not (right or (name == "body" and value is None)):
            return f"its {name} is no {'number' if name in NUMBERS else 'plain text'}"
    expected = previous.sequence + 1 if previous else 1
    if row.sequence != expected:
        return "it is missing, or in another place"
    if row.previous != (previous.hash if previous else FIRST_PREVIOUS):
        return "it does not follow the entry before it"
    if row.hash != row_hash(values):
        return "its hash is not that of what it says"
    if row.body is not None and row.digest != body_digest(row.body):
        return "its content is not what was written"
    if (row.kind == "journal_opened") != (previous is None):
        return "a journal is opened once, by its first entry"
    return "" if _is_moment(row.at) else "its time is malformed"


def _is_moment(text: str) -> bool:
    try:
        return utc_text(utc_moment(text)) == text
    except ValueError:
        return False


def first_fault(rows: Iterable[Row]) -> Iterator[tuple[Row, str]]:
    """Yields each row with what is wrong with it, up to and with the first that is wrong."""
    previous: Row | None = None
    for row in rows:
        fault = fault_of(row, previous)
        yield row, fault
        if fault:
            return
        previous = row


def read_body(text: str) -> dict[str, Any]:
    """Returns the body of a stored text. Raises ValueError when it is none."""
    body = parse_json(text)
    if not isinstance(body, dict):
        raise ValueError("the body is no JSON object")
    return body
