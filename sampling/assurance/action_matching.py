"""Which change of the record counts for which kind of action: policies/reconciliation.toml, read and checked whole."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sampling.errors import Finding, PolicyError
from sampling.policy import shared_folder
from sampling.scoring.rules.actions import KIND_LABELS
from sampling.sources.tables import EVENT_KINDS, PLAN_KINDS

FILE = "reconciliation.toml"
# "Where actions relate to risk (e.g., crisis plan update, safeguarding referral, GP liaison)": supervision models article, A9
RISK_KINDS = ("update_crisis_plan", "safeguarding_referral", "gp_liaison")
PROFILES = ("adult", "children")
DAYS: Mapping[str, tuple[str, ...]] = {
    "plans": ("created", "updated", "agreed"),
    "events": ("day",),
    "documents": ("day",),
}
_KINDS: Mapping[str, Iterable[str]] = {"plans": PLAN_KINDS, "events": EVENT_KINDS}
_KEYS = {"action", "table", "profiles", "kinds", "words", "days", "row", "source", "standing"}
_STANDINGS = ("stated", "our judgement")
_ROW = re.compile(r"[A-E][1-9]\d?|outside")
_NEITHER_LETTER_NOR_DIGIT = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Match:
    """One line of the table: a row of `table` of one of these kinds, or with one of these words in its kind, dated by one of `days`."""

    action: str
    table: str
    profiles: tuple[str, ...]
    kinds: tuple[str, ...]
    words: tuple[str, ...]
    days: tuple[str, ...]
    row: str
    source: str
    standing: str

    def counts(self, kind: str) -> bool:
        """Tells whether a row of the record with that kind counts; of documents the kind is free text."""
        if self.table != "documents":
            return kind in self.kinds
        plain = f" {_plain(kind)} "
        return any(f" {_plain(word)} " in plain for word in self.words)

    def untold(self, cannot: frozenset[str]) -> bool:
        """Tells whether an extract that could not show these things could miss one of the kinds."""
        name = "plan_stale:{}" if self.table == "plans" else "{}"
        return any(name.format(kind) in cannot for kind in self.kinds)


def _plain(text: str) -> str:
    return _NEITHER_LETTER_NOR_DIGIT.sub(" ", text.casefold()).strip()


def load_matches(path: Path | None = None) -> tuple[Match, ...]:
    """Returns the table of a file, or the shipped one, in its order. Raises PolicyError with every fault found."""
    path = path or shared_folder("policies") / FILE
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        raise PolicyError(
            f"The reconciliation table {path.name} cannot be read. Check its path, and that it is UTF-8 text."
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"The reconciliation table {path.name} is not valid TOML: {error}.") from None
    faults = list(_faults(data))
    if faults:
        findings = [Finding("POLICY_FAULT", fault, "Mend the file.", file=path.name) for fault in faults]
        raise PolicyError(
            f"The reconciliation table {path.name} has {len(faults)} fault{'s' if len(faults) > 1 else ''}.", findings
        )
    return tuple(_match(one) for one in data["match"])


def _match(one: Mapping[str, Any]) -> Match:
    return Match(
        action=one["action"],
        table=one["table"],
        profiles=tuple(one["profiles"]),
        kinds=tuple(one.get("kinds", ())),
        words=tuple(one.get("words", ())),
        days=tuple(one["days"]),
        row=one["row"],
        source=one["source"],
        standing=one.get("standing", "stated"),
    )


def _faults(data: Mapping[str, Any]) -> Iterable[str]:
    lines = data.get("match")
    if set(data) != {"version", "match"} or data["version"] != 1 or not isinstance(lines, list):
        yield "the file needs version = 1 and a [[match]] each line of the table, and nothing else"
        return
    for number, one in enumerate(lines, 1):
        if not isinstance(one, dict):
            yield f"match {number}: must be a table"
            continue
        yield from (f"match {number}: {words}" for words in _line_faults(one))
    told = {one.get("action") for one in lines if isinstance(one, dict)}
    yield from (f'no match says what counts for "{kind}"' for kind in RISK_KINDS if kind not in told)


def _line_faults(one: Mapping[str, Any]) -> Iterable[str]:
    unknown = sorted(name[:40] for name in set(one) - _KEYS)
    if unknown:
        yield f"unknown key {', '.join(unknown)}; known are {', '.join(sorted(_KEYS))}"
    if one.get("action") not in RISK_KINDS:
        yield f"action must be one of: {', '.join(RISK_KINDS)} ({KIND_LABELS[RISK_KINDS[0]]} and so on)"
    table = str(one.get("table"))
    if table not in DAYS:
        yield f"table must be one of: {', '.join(DAYS)}"
        return
    yield from _list_faults("profiles", one.get("profiles"), PROFILES)
    yield from _list_faults("days", one.get("days"), DAYS[table])
    if table == "documents":
        yield from _list_faults("words", one.get("words"), None)
    else:
        yield from _list_faults("kinds", one.get("kinds"), _KINDS[table])
    surplus = "kinds" if table == "documents" else "words"
    if surplus in one:
        yield f"{surplus} has no place in a line about {table}"
    if not _ROW.fullmatch(str(one.get("row", ""))):
        yield 'row must be a row of the requirements such as "A9", or "outside"'
    if not str(one.get("source", "")).strip():
        yield "source is missing: where does it stand?"
    if one.get("standing", "stated") not in _STANDINGS:
        yield f"standing must be one of: {', '.join(_STANDINGS)}"


def _list_faults(name: str, value: Any, known: Iterable[str] | None) -> Iterable[str]:
    """Yields what is wrong with a list of texts, each of which must be among `known` where that is given."""
    if not isinstance(value, list) or not value or not all(isinstance(one, str) and _plain(one) for one in value):
        yield f"{name} must be a list of texts with at least one"
    elif known is not None and any(one not in known for one in value):
        yield f"{name} must be among: {', '.join(known)}"
