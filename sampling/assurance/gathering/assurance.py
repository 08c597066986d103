"""Everything that assurance looks at, gathered from one home of draws: read once, keyed at load, and what nothing here can tell named."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import pandas as pd

from sampling.assurance.action_record import RecordShown
from sampling.assurance.coverage_facts import Facts, Sources, Supervision, facts_of
from sampling.assurance.gathering.extract import HOLDER_CHANGES, Extracted, read_extract
from sampling.assurance.gathering.frames import contacts_frame, escalations_frame, plans_frame
from sampling.assurance.gathering.history import FROM_DRAWS, holders_by_draw
from sampling.assurance.gathering.journal import begins, plain
from sampling.assurance.gathering.ledger import all_actions
from sampling.assurance.gathering.people import read_people
from sampling.assurance.gathering.records import NOT_FOUND, OF_EXTRACT, record_of_extract, records_of_draws
from sampling.assurance.gathering.roles import in_scope
from sampling.assurance.gathering.source import NO_EXTENSION, UNDATED, check_meets, days_untold, open_whole
from sampling.assurance.gathering.staff import presence, seen_in_agreements, staff_of
from sampling.assurance.noted import noted_of
from sampling.assurance.patterns_policy import PatternPolicy, load_patterns
from sampling.assurance.patterns_signs import Observed, observed
from sampling.assurance.profile import Profile
from sampling.errors import StateError
from sampling.journal.records import Entry
from sampling.journal.store import Journal
from sampling.keys import Keyring, load_secret
from sampling.model import Extract
from sampling.reporting.gathering import Gathered
from sampling.reporting.held import evidence_of
from sampling.scoring.rules.sessions import Session, sessions
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

    `gathered` has every month; `actions` the same columns for every action of the journal, those of sessions too, which belong to no
    case. `records` is what reconcile() takes, None where there is none: `no_records` then says why. `left_out` is how many people are
    in roles that the policy leaves out (D18). `untold` are sentences of what nothing here can tell.
    """

    gathered: Gathered = field(repr=False)
    actions: pd.DataFrame = field(repr=False)
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
    extract_day: date | None = None,
    today: date,
    profile: Profile,
    patterns: PatternPolicy | None = None,
) -> GatheredAssurance:
    """Returns what a home of draws, its journal and people file, and an extract tell up to `today`.

    `journal` "" is the one beside the draws. `source` is a folder, workbook or connection; "" is no extract: then what only an extract
    tells is in `untold`. `extension` and `format` "" are found as the draws find them; `extract_day` is the day of an extract that does
    not say it. `profile` says which roles it leaves out, `patterns` what the escalation pathway is (the shipped ones). Raises StateError
    without journal or draws by that day, SourceError for an extract that cannot be read, has errors or is of another service,
    PolicyError for a faulty people file.
    """
    home = draws.absolute()
    gathered = evidence_of(home, journal, today)
    drawn = _draws(home, today)
    with closing(Journal.open(journal or default_journal(home))) as opened:
        entries = tuple(opened.as_(None).entries())
    here = _Here(home, drawn, entries, tuple(plain(one) for one in sessions(entries)), today)
    records = records_of_draws(drawn, today)
    extracted: Extracted | None = None
    said: tuple[str, ...] = (NO_EXTRACT,)
    if source:
        keyring = Keyring(load_secret())
        extract = open_whole(source, keyring, extension=extension, format=format, day=extract_day)
        extracted, said = _extracted(extract, keyring, here, (patterns or load_patterns()).pathway_kinds)
        newest = record_of_extract(extract, keyring, drawn, today)
        records += [(OF_EXTRACT, newest)] if newest is not None else []
        said += () if newest is not None or UNDATED in said else (NOT_FOUND,)
        said += (NO_EXTENSION,) if extension and extract.connection else ()
    facts, left_out, of_people = _facts(here, extracted, profile)
    return GatheredAssurance(
        gathered,
        all_actions(gathered.actions, entries, here.held, teams=facts.teams, today=today),
        facts,
        _observed(gathered, records, extracted, facts),
        tuple(one for _, one in records) or None,
        "" if records else NO_RECORDS,
        entries,
        left_out,
        (*said, *of_people, *facts.untold),
    )


@dataclass(frozen=True)
class _Here:
    """What is here without an extract."""

    home: Path
    drawn: tuple[Draw, ...]
    entries: tuple[Entry, ...]
    held: tuple[Session, ...]
    today: date

    def begins(self, rows: Sequence[Supervision]) -> date:
        """Returns when records of supervision begin, those of an extract among them."""
        return begins(
            [one for one in self.held if one.held_on <= self.today],
            [one for one in rows if one.on <= self.today],
            self.entries,
            self.drawn,
        )


def _extracted(
    extract: Extract, keyring: Keyring, here: _Here, pathway: Collection[str]
) -> tuple[Extracted, tuple[str, ...]]:
    found = read_extract(extract, keyring, here.today, here.begins, pathway=pathway)
    check_meets(found, here.drawn, presence(here.drawn))
    said = list(days_untold(extract, here.drawn, here.today))
    if found.allocations is not None and HOLDER_CHANGES in extract.cannot:
        on = min(extract.covers_to or here.today, here.today)
        found = replace(found, allocations=holders_by_draw(here.drawn, found.allocations, on))
        said.append(FROM_DRAWS)
    return found, (*said, *found.untold)


def _facts(here: _Here, found: Extracted | None, profile: Profile) -> tuple[Facts, int, tuple[str, ...]]:
    seats = read_people(here.home, here.drawn)
    staff = staff_of(here.drawn, seats, here.today, found.staff if found else ())
    noted, seen = noted_of(here.entries), (*staff.seen, *(found.seen if found else ()))
    sources = Sources(
        here.held,
        seats.people,
        found.begins if found else here.begins(()),
        staff.staff,
        found.cases if found else (),
        found.allocations if found else None,
        found.supervisions if found else None,
        (*seen, *seen_in_agreements(noted.agreements, seen)),
        noted,
    )
    scope = in_scope(sources, profile)
    return facts_of(scope.sources, here.today), scope.left_out, (*seats.untold, *staff.untold, *scope.untold)


def _observed(
    gathered: Gathered, records: Sequence[tuple[str, RecordShown]], found: Extracted | None, facts: Facts
) -> Observed:
    contacts = found.contacts if found else None
    escalations = found.escalations if found else None
    return observed(
        gathered,
        plans=plans_frame(records, gathered.actions),
        contacts=None if contacts is None else contacts_frame(contacts, facts),
        escalations=None if escalations is None else escalations_frame(escalations),
    )


def _draws(home: Path, today: date) -> tuple[Draw, ...]:
    found = tuple(one for one in load_draws(home) if not one.withdrawn and one.as_of <= today)
    if not found:
        raise StateError("No draw here is of that day or earlier. Name a later day.")
    return found
