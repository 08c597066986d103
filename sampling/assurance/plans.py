"""The plan of a purge: a file of counts and digests without any id, and what the journal tells of who planned, approved and ran it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sampling.assurance.holdings import Due
from sampling.chain import canonical_json, parse_json
from sampling.errors import StateError, UsageError
from sampling.journal.events import PurgeApproved, PurgeFinished, PurgePlanned, PurgeRun, Taken
from sampling.journal.store import Entry
from sampling.tickets import digest

FORMAT = "case-sampling purge plan 1"
NO_PLAN = "is no plan of `sampling purge`, or was changed since it was made. Plan again."
NOT_HERE = (
    "This plan was not made on this journal. Name the journal and the folder that it was made for, or plan again."
)


@dataclass(frozen=True)
class Plan:
    """A plan as its file has it. `digest` covers all of it and stands for it in the journal."""

    content: Mapping[str, Any]

    @property
    def digest(self) -> str:
        """Returns the digest of the plan's content."""
        return digest("csp1/plan|" + canonical_json(dict(self.content)))

    @property
    def as_of(self) -> date:
        """Returns the day on which clocks are read."""
        return date.fromisoformat(self.content["as_of"])


@dataclass(frozen=True)
class Told:
    """What the journal tells of one plan."""

    planned: Entry
    approved: Entry | None
    run: Entry | None
    finished: bool


def read_plan(path: Path) -> Plan:
    """Returns the plan of a file. Raises UsageError for a file that is none, or was changed."""
    try:
        content = parse_json(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        raise UsageError(f"{path.name} {NO_PLAN}") from None
    stated = content.pop("plan", None) if isinstance(content, dict) else None
    if stated is None or content.get("format") != FORMAT or Plan(content).digest != stated:
        raise UsageError(f"{path.name} {NO_PLAN}")
    return Plan(content)


def digest_of(names: Iterable[str]) -> str:
    """Returns the digest of a set of ids, whatever their order."""
    return digest("csp1/set|" + "\n".join(sorted(names)))


def taken_of(found: Due) -> tuple[Taken, ...]:
    """Returns what goes of each class, as the deletion log has it."""
    entries: Counter[tuple[str, str]] = Counter()
    files: Counter[tuple[str, str]] = Counter()
    for kept, _, of_entries, of_files in found.counts():
        entries[kept.id, kept.rule] += of_entries
        files[kept.id, kept.rule] += of_files
    return tuple(Taken(part=id, rule=rule, entries=entries[id, rule], files=files[id, rule]) for id, rule in entries)


def told_of(entries: Iterable[Entry], plan: Plan) -> Told:
    """Returns what the journal tells of a plan. Raises StateError where it was not made on this journal."""
    number, _, head = str(plan.content["head"]).partition(" ")
    planned = approved = run = None
    finished = began_here = False
    for entry in entries:
        began_here = began_here or (str(entry.sequence) == number and entry.hash == head)
        said = entry.payload
        if isinstance(said, PurgePlanned | PurgeApproved | PurgeRun | PurgeFinished) and said.plan == plan.digest:
            planned = entry if isinstance(said, PurgePlanned) else planned
            approved = entry if isinstance(said, PurgeApproved) else approved
            run = entry if isinstance(said, PurgeRun) else run
            finished = finished or (isinstance(said, PurgeFinished) and said.swept)
    if planned is None or not began_here:
        raise StateError(NOT_HERE)
    if approved is not None and approved.actor == planned.actor:
        approved = None
    return Told(planned, approved, run, finished)
