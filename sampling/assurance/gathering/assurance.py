"""Everything that assurance looks at, gathered from one home of draws: read once, keyed at load, and what nothing here can tell named."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from sampling.assurance.action_record import RecordShown
from sampling.assurance.action_snapshots import records_of
from sampling.assurance.coverage_facts import Facts, Noted, Sources, facts_of
from sampling.assurance.gathering.journal import begins, plain
from sampling.assurance.gathering.people import read_people
from sampling.assurance.gathering.staff import staff_of
from sampling.assurance.patterns_signs import Observed, observed
from sampling.assurance.profile import Profile
from sampling.errors import StateError
from sampling.journal.records import Entry
from sampling.journal.store import Journal
from sampling.pack import open_pack
from sampling.reporting.gathering import Gathered
from sampling.reporting.held import evidence_of
from sampling.scoring.rules.sessions import sessions
from sampling.scoring.settings.draws import Draw, load_draws
from sampling.scoring.settings.home import default_journal

NO_EXTRACT = (
    "No extract was given: sessions that the journal lacks, cases that were not drawn, who held them, and contacts out of hours "
    "are not known here."
)
NO_RECORDS = "The record of no draw was taken, and no extract was given: no action can be compared with the record."


@dataclass(frozen=True)
class GatheredAssurance:
    """What the assurance pages are made of, up to one day. Keys and digests of keys, no name and no local id; only `entries` hold words
    that people wrote.

    `gathered` has every month. `records` is what reconcile() takes, None where there is none: `no_records` then says why. `left_out` is
    how many people are in roles that the policy leaves out (D18). `untold` are sentences of what nothing here can tell.
    """

    gathered: Gathered = field(repr=False)
    facts: Facts = field(repr=False)
    observed: Observed = field(repr=False)
    records: tuple[RecordShown, ...] | None = field(repr=False)
    no_records: str
    entries: tuple[Entry, ...] = field(repr=False)
    left_out: int
    untold: tuple[str, ...]


def gather_assurance(
    draws: Path,
    journal: str,
    source: str,
    *,
    extension: str = "",
    format: str = "",
    today: date,
    profile: Profile,
) -> GatheredAssurance:
    """Returns what a home of draws, its journal and people file, and an extract tell up to `today`.

    `journal` "" is the one beside the draws. `source` is a folder, workbook or connection; "" is no extract: then what only an extract
    tells is in `untold`. `extension` and `format` "" are found as the draws find them. `profile` says which roles it leaves out.
    Raises StateError without journal or draws by that day, SourceError for an extract that cannot be read, PolicyError for a faulty people file.
    """
    home = draws.absolute()
    gathered = evidence_of(home, journal, today)
    drawn = _draws(home, today)
    with closing(Journal.open(journal or default_journal(home))) as opened:
        entries = tuple(opened.as_(None).entries())
    people = read_people(home, drawn, today)
    held = tuple(plain(one) for one in sessions(entries))
    staff = staff_of(drawn, people, today)
    sources = Sources(
        held, people.people, begins(held, (), entries, drawn), staff.staff, seen=staff.seen, noted=Noted()
    )
    facts = facts_of(sources, today)
    records = _records(drawn)
    return GatheredAssurance(
        gathered,
        facts,
        observed(gathered),
        records,
        "" if records else NO_RECORDS,
        entries,
        0,
        (NO_EXTRACT, *people.untold, *staff.untold, *facts.untold),
    )


def _draws(home: Path, today: date) -> tuple[Draw, ...]:
    found = tuple(one for one in load_draws(home) if not one.withdrawn and one.as_of <= today)
    if not found:
        raise StateError("No draw here is of that day or earlier. Name a later day.")
    return found


def _records(drawn: tuple[Draw, ...]) -> tuple[RecordShown, ...] | None:
    found = tuple(record for draw in drawn for record in records_of(open_pack(draw.folder), draw.profile))
    return found or None
