"""Hash chains of JSON lines: what happened to a draw (log), and which draws there are (register)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sampling.tickets import digest

FIRST_PREVIOUS = "0" * 64
DEEPEST_JSON = 50
_BRACKETS = re.compile(r'"(?:[^"\\]++|\\.?+)*+"?|[\[\]{}]', re.DOTALL)  # a text is one match: its brackets are words
_FIELDS = {"at", "data", "event", "hash", "previous"}


def canonical_json(value: object) -> str:
    """Returns JSON text that is always the same for the same value: ASCII, sorted keys, no spaces, no floats.

    >>> canonical_json({"b": 1, "a": "é"})
    '{"a":"\\\\u00e9","b":1}'
    """
    return json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":"), allow_nan=False)


def utc_text(moment: datetime) -> str:
    """Returns a moment as 2026-11-01T09:00:00Z. Raises ValueError when it has no time zone."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def utc_moment(text: str) -> datetime:
    """Returns the moment of a text that utc_text made. Raises ValueError when it is another text."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def entry_hash(entry: Mapping[str, Any]) -> str:
    """Returns H('cst1/log|' || previous || H(entry JSON)) of an entry, its own hash left aside."""
    body = {name: value for name, value in entry.items() if name != "hash"}
    return digest("cst1/log|" + str(entry["previous"]) + digest(canonical_json(body)))


def extended(
    entries: Sequence[Mapping[str, Any]], event: str, at: datetime, data: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Returns the chain with one entry more."""
    previous = entries[-1]["hash"] if entries else FIRST_PREVIOUS
    entry: dict[str, Any] = {"at": utc_text(at), "data": dict(data), "event": event, "previous": previous}
    entry["hash"] = entry_hash(entry)
    return [*(dict(old) for old in entries), entry]


def chain_text(entries: Sequence[Mapping[str, Any]]) -> str:
    """Returns the chain as JSON lines."""
    return "".join(canonical_json(entry) + "\n" for entry in entries)


def head_text(entries: Sequence[Mapping[str, Any]]) -> str:
    """Returns the text of log.head, which gives a chain that was cut short away."""
    return f"{len(entries)} {entries[-1]['hash'] if entries else FIRST_PREVIOUS}\n"


def parse_json(text: str) -> Any:
    """Returns the value of a JSON text. Raises ValueError when it is none, or nested more deeply than anything of ours.

    The depth is looked at first: where a library has raised Python's recursion limit, as py_ecc does, a hostile text of a hundred
    thousand brackets would end the whole process instead of raising an error.
    """
    depth = 0
    for match in _BRACKETS.finditer(text):
        bracket = match.group()
        depth += 1 if bracket in "[{" else -1 if bracket in "]}" else 0
        if depth > DEEPEST_JSON:
            raise ValueError("the JSON text is nested too deeply")
    return json.loads(text)


def read_chain(text: str | bytes) -> list[dict[str, Any]]:
    """Returns the entries of a chain. Raises ValueError when a line is no entry, or the chain does not hold.

    Only bytes tell every change: whoever reads a file as text is not shown its line ends.
    """
    lines = (text.decode("ascii") if isinstance(text, bytes) else text).split("\n")
    if lines.pop():
        raise ValueError("the last line is cut off")
    entries: list[dict[str, Any]] = []
    previous = FIRST_PREVIOUS
    for number, line in enumerate(lines, 1):
        try:
            entry = parse_json(line)
            sound = (
                _is_entry(entry)
                and line == canonical_json(entry)
                and entry["previous"] == previous
                and entry["hash"] == entry_hash(entry)
            )
        except ValueError:
            sound = False
        if not sound:
            raise ValueError(f"line {number} is not the entry that followed line {number - 1}")
        previous = entry["hash"]
        entries.append(entry)
    return entries


def _is_entry(entry: object) -> bool:
    """Returns whether a value has the fields of an entry, each of its type, and a moment as utc_text writes it."""
    if not isinstance(entry, dict) or set(entry) != _FIELDS or not isinstance(entry["data"], dict):
        return False
    if not all(isinstance(entry[name], str) for name in _FIELDS - {"data"}):
        return False
    return bool(utc_text(utc_moment(entry["at"])) == entry["at"])
