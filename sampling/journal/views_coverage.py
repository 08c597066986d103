"""What stands of the events of coverage: nothing that was withdrawn, replaced, purged, or written at the same time as something else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from sampling.chain import canonical_json
from sampling.journal.events import AgreementDrafted, AgreementReviewed, AgreementSigned, Payload
from sampling.journal.events_coverage import NOTED_KINDS
from sampling.journal.fold import by_subject, standing
from sampling.journal.records import Entry
from sampling.tickets import digest


class Stands(Protocol):
    """An entry that stands."""

    @property
    def actor(self) -> str:
        """Returns the key of the person who wrote it."""

    @property
    def at(self) -> str:
        """Returns when it was stored, as UTC text."""

    @property
    def payload(self) -> Payload | None:
        """Returns what it says."""


@dataclass(frozen=True)
class AgreementState:
    """An agreement of a pair: who signed exactly what is drafted (role -> when, as UTC text), on which day they agreed where they said one
    (role -> day), and the days on which it was reviewed.
    """

    drafted: AgreementDrafted
    content: str
    signed: Mapping[str, str] = field(default_factory=dict)
    reviewed: tuple[date, ...] = ()
    agreed: Mapping[str, date] = field(default_factory=dict)

    @property
    def by_both(self) -> bool:
        """Tells whether it counts: both have signed."""
        return len(self.signed) == len(("supervisor", "supervisee"))


def noted_entries(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Returns the entries on coverage that stand and were not withdrawn, in the order of the journal."""
    ours = [entry for entry in entries if entry.kind in NOTED_KINDS or entry.kind == "conflict_resolved"]
    found = [one for group in by_subject(ours).values() if (one := standing(group)) is not None]
    kept = [one for one in found if one.payload is not None and not getattr(one.payload, "withdrawn", False)]
    return tuple(sorted((one for one in kept if one.kind in NOTED_KINDS), key=lambda one: one.sequence))


def agreement_content(drafted: AgreementDrafted) -> str:
    """Returns the hash of an agreement as it is drafted: what each of the two signs."""
    return digest("csr1/agreement|" + canonical_json(drafted.model_dump(mode="json")))


def agreements_of(entries: Iterable[Stands]) -> tuple[AgreementState, ...]:
    """Returns the agreements of entries that stand, in their order. A signature of anybody but the two, or under another draft, is none."""
    entries = tuple(entries)
    drafts = [one.payload for one in entries if isinstance(one.payload, AgreementDrafted) and not one.payload.withdrawn]
    return tuple(_agreement(drafted, entries) for drafted in drafts)


def _agreement(drafted: AgreementDrafted, entries: tuple[Stands, ...]) -> AgreementState:
    content = agreement_content(drafted)
    whose = {"supervisor": drafted.supervisor, "supervisee": drafted.person}
    signatures = {
        said.role: (entry.at, said.agreed_on)
        for entry in entries
        if isinstance(said := entry.payload, AgreementSigned)
        and (said.agreement, said.content) == (drafted.agreement, content)
        and entry.actor == whose[said.role]
    }
    reviewed = {
        said.on
        for entry in entries
        if isinstance(said := entry.payload, AgreementReviewed)
        and said.agreement == drafted.agreement
        and not said.withdrawn
    }
    signed: dict[str, str] = {role: at for role, (at, _) in signatures.items()}
    agreed: dict[str, date] = {role: day for role, (_, day) in signatures.items() if day}
    return AgreementState(drafted, content, signed, tuple(sorted(reviewed)), agreed)
