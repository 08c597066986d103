"""What `sampling assurance` left beside the draws for the people of a service: a pair's own coverage, and the patterns for leads.

The server reads these files and no extract. They hold digests of keys and sentences, no name (docs/coverage.md, "Who may see which").
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sampling.chain import parse_json
from sampling.tickets import digest

FOLDER, PAIRS, PATTERNS = "assurance", "pairs", "patterns.json"
MOST_BYTES = 4 * 1024 * 1024  # of one file; what a year of one pair takes stays far below
NOT_READ = "What was computed for {} cannot be read. Ask whoever runs `sampling assurance` to run it again."
_PERIOD = re.compile(
    r"[12][0-9]{3}-(0[1-9]|1[0-2])(_[12][0-9]{3}-(0[1-9]|1[0-2]))?"
)  # a month, or the first and the last


def periods_with(home: Path, place: str) -> tuple[str, ...]:
    """Returns the months and spans of months for which a file is there, the newest first; of two that end together the shorter first."""
    folder = home / FOLDER
    found = [one.parent.relative_to(folder) for one in folder.glob(f"*/{place}")] if folder.is_dir() else []
    names = {path.parts[0] for path in found}
    return tuple(sorted((name for name in names if _PERIOD.fullmatch(name)), key=_ends, reverse=True))


def _ends(period: str) -> tuple[str, str]:
    """Returns the last month of a period, and the first: of two that end together the shorter is the greater."""
    first, _, last = period.partition("_")
    return last or first, first


def coverage_of(home: Path, person: str, period: str = "") -> dict[str, Any]:
    """Returns what was computed for a person's pair in a period, or the newest: `lines`, `sentences`, `undiscussed` (digests of cases), and
    `as_of`, the day on which it was counted.

    Without a file there are empty lists and a sentence that says so; so too with one that cannot be read.
    """
    place = f"{PAIRS}/{digest(person)}.json"
    there = periods_with(home, place)
    chosen = period if period in there else next(iter(there), "")
    empty: dict[str, Any] = {"as_of": "", "lines": [], "sentences": [], "undiscussed": []}
    found = {"period": chosen, "periods": list(there), **empty}
    if not chosen:
        return {**found, "note": "Nothing has been computed for this pair yet."}
    data = _read(home / FOLDER / chosen / place)
    if data is None:
        return {**found, "note": NOT_READ.format(chosen)}
    lists = {name: data[name] for name in ("lines", "sentences", "undiscussed") if isinstance(data.get(name), list)}
    as_of = data.get("as_of")
    return {**found, **lists, "as_of": as_of if isinstance(as_of, str) else "", "note": ""}


def patterns_of(home: Path) -> dict[str, Any]:
    """Returns the patterns of the newest period: `period`, `patterns` as found, `respond_within_days` where the file has it, `note`."""
    there = periods_with(home, PATTERNS)
    found: dict[str, Any] = {"period": next(iter(there), ""), "patterns": [], "respond_within_days": None}
    if not there:
        return {**found, "note": "No patterns have been looked for yet."}
    data = _read(home / FOLDER / there[0] / PATTERNS)
    rows = data.get("patterns") if data is not None else None
    if data is None or not isinstance(rows, list) or not all(isinstance(row, Mapping) and "id" in row for row in rows):
        return {**found, "note": NOT_READ.format(there[0])}
    return {**found, "patterns": rows, "respond_within_days": data.get("respond_within_days"), "note": ""}


def _read(path: Path) -> dict[str, Any] | None:
    try:
        if path.stat().st_size > MOST_BYTES:
            return None
        value = parse_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None
