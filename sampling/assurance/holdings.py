"""What a service holds, and what of it is due to be deleted: entries of the journal and files, less what a legal hold covers. Changes nothing.

An entry goes with all others on its subject or not at all: were a newer value purged alone, an older one would seem to stand.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

from sampling.assurance.files import ASSURANCE, LOCAL_IDS, RECORD, REPORTS, file_digest
from sampling.assurance.retention import KeptClass, RetentionPolicy, month_end
from sampling.chain import utc_moment
from sampling.journal.events import (
    ActionRaised,
    CaseDiscussed,
    HoldLifted,
    HoldSet,
    JudgementEndorsed,
    ObjectionRaised,
    Payload,
    SessionOpened,
)
from sampling.journal.events_coverage import NOTED_KINDS, case_of, person_of
from sampling.journal.fold import ADDING
from sampling.journal.purging import KEPT
from sampling.journal.records import SEALED
from sampling.journal.store import Entry
from sampling.keys import private_home
from sampling.model import Period
from sampling.pack import PRIVATE
from sampling.scoring.rules.own_ids import file_of
from sampling.scoring.settings.assignments import FIRST, FOLLOW_UPS, MODERATION, SECOND, review_id
from sampling.scoring.settings.draws import Draw

Group = tuple[str, str]
# A month, or the first and the last; or what a killed command left of one.
_SPAN = re.compile(r"\.?(\d{4}-(0[1-9]|1[0-2])_)?(?P<last>\d{4}-(0[1-9]|1[0-2]))(\.[0-9a-f]{12}\.(earlier|partial))?")
_THREADS = ("agreement", "flag", "objection")  # what several entries on one thing are held together by


@dataclass(frozen=True)
class Reviewed:
    """What a review is about: its draw's commitment, the keys of case and practitioner, and the last day of the draw's month."""

    commit: str
    case: str
    practitioner: str
    period_end: date


@dataclass(frozen=True)
class Known:
    """What the files say: the draws, when workers left (person key -> last day) and cases were closed (case key -> day)."""

    home: Path
    draws: tuple[Draw, ...]
    left: Mapping[str, date]
    closed: Mapping[str, date]

    @cached_property
    def reviews(self) -> Mapping[str, Reviewed]:
        """Returns review id -> what it is about, for every review that there can be of these draws."""
        return {
            review_id(draw.commit, case.case, stage): Reviewed(
                draw.commit, case.case_key, case.practitioner_key, Period(draw.period).last_day
            )
            for draw in self.draws
            for case in draw.cases
            for stage in (FIRST, SECOND, *FOLLOW_UPS, MODERATION)
        }


@dataclass(frozen=True)
class FileItem:
    """A folder or file that goes as a whole. `name` is its path below the home or the private store; it is shown to nobody."""

    kept: KeptClass
    name: str
    path: Path
    month: str
    commit: str = ""

    @property
    def digest(self) -> str:
        """Returns what stands for it in a plan and in the deletion log."""
        return file_digest(self.name)


@dataclass(frozen=True)
class Due:
    """What may go on a day. `waiting` counts, by class, the entries whose clock cannot be read; `held` those under a hold, files included."""

    entries: Mapping[str, tuple[KeptClass, str]]  # id -> its class, and the month in which it was written
    files: tuple[FileItem, ...]
    held: int
    waiting: Mapping[str, int]

    def by_rule(self) -> dict[str, list[str]]:
        """Returns rule -> ids of the entries that go under it."""
        found: dict[str, list[str]] = {}
        for name, (kept, _) in self.entries.items():
            found.setdefault(kept.rule, []).append(name)
        return found

    def counts(self) -> list[tuple[KeptClass, str, int, int]]:
        """Returns (class, month, entries, files), in order."""
        entries = Counter((kept.id, month) for kept, month in self.entries.values())
        files = Counter((item.kept.id, item.month) for item in self.files)
        classes = {kept.id: kept for kept, _ in self.entries.values()} | {one.kept.id: one.kept for one in self.files}
        return [(classes[id], month, entries[id, month], files[id, month]) for id, month in sorted({*entries, *files})]


@dataclass(frozen=True)
class _Session:
    """Whose a session is, when it was held, and which cases were discussed in it."""

    people: frozenset[str]
    supervisees: frozenset[str]
    held_on: date
    cases: frozenset[str]


def keys_of(draws: Sequence[Draw]) -> tuple[frozenset[str], frozenset[str]]:
    """Returns the keys of all cases of these draws, drawn and tabled, and those of their practitioners."""
    cases = {case.case_key for draw in draws for case in draw.cases}
    practitioners = {case.practitioner_key for draw in draws for case in draw.cases}
    cases |= {tabled.case_key for draw in draws for tabled in draw.tabled}
    return frozenset(cases), frozenset(practitioners | {one.practitioner_key for draw in draws for one in draw.tabled})


@dataclass
class _Journal:
    """What the entries say of each review and session."""

    sessions: dict[str, _Session | None] = field(default_factory=dict)  # None: its opening was purged, or is sealed
    people: dict[str, set[str]] = field(default_factory=dict)  # review -> whoever wrote in it, or owns what is in it
    noted: dict[str, set[str]] = field(default_factory=dict)  # agreement, flag or objection -> whom it is about
    raised: dict[str, str] = field(default_factory=dict)  # objection -> the session or review that it is about


def standing_holds(entries: Iterable[Entry]) -> list[tuple[Entry, HoldSet]]:
    """Returns the legal holds that nobody has lifted, oldest first, each with its entry."""
    found: dict[str, tuple[Entry, HoldSet]] = {}
    for entry in entries:
        if isinstance(entry.payload, HoldSet):
            found[entry.payload.hold] = (entry, entry.payload)
        elif isinstance(entry.payload, HoldLifted):
            found.pop(entry.payload.hold, None)
    return list(found.values())


def due(policy: RetentionPolicy, known: Known, entries: Sequence[Entry], today: date) -> Due:
    """Returns what may be deleted on that day. `entries` are all of the journal's."""
    journal = _read(entries)
    holds = [hold for _, hold in standing_holds(entries)]
    groups: dict[Group, list[Entry]] = {}
    for entry in entries:
        if entry.state != "purged" and entry.kind not in KEPT:
            own = entry.id if entry.kind in ADDING else entry.subject
            groups.setdefault((entry.review, own), []).append(entry)
    goes: dict[str, tuple[KeptClass, str]] = {}
    left: set[str] = set()  # the reviews of which an entry still has content
    held, waiting = 0, Counter[str]()
    for group in groups.values():
        days = [
            (_goes_on(kept, known, journal, entry), entry, kept)
            for entry in group
            for kept in _classes(policy, journal, entry)
        ]
        covered = any(_covers(hold, known, journal, entry) for hold in holds for entry in group)
        if any(day is None for day, _, _ in days):
            waiting[days[0][2].id] += len(group)
        elif days and all(day is not None and day <= today for day, _, _ in days):
            held += len(group) * covered
            if not covered:
                longest = sorted(days, key=lambda one: one[0] or today)
                goes |= {entry.id: (kept, entry.at[:7]) for _, entry, kept in longest}
                continue
        left |= {group[0].review} if days else set()
    held_draws = {
        known.reviews[entry.review].commit
        for entry in entries
        if entry.review in known.reviews and any(_covers(hold, known, journal, entry) for hold in holds)
    }
    needed = {known.reviews[review].commit for review in left if review in known.reviews}
    files, files_held = _files(policy, known, today, needed=needed, holds=_HeldFiles(tuple(holds), held_draws))
    return Due(goes, files, held + files_held, dict(waiting))


@dataclass(frozen=True)
class _HeldFiles:
    """The holds, and the draws in which somebody or some case under a hold is, by what was written on them."""

    holds: tuple[HoldSet, ...]
    draws: set[str]

    def cover(self, known: Known, item: FileItem) -> bool:
        """Tells whether a hold covers a file. A report is about many people, and no line can be taken out of it: any hold keeps it."""
        if not self.holds:
            return False
        if not item.commit or item.commit in self.draws or any(hold.target is None for hold in self.holds):
            return True
        cases, practitioners = keys_of([draw for draw in known.draws if draw.commit == item.commit])
        return any(hold.target in cases | practitioners for hold in self.holds)


def _read(entries: Sequence[Entry]) -> _Journal:
    found = _Journal()
    opened: dict[str, list[SessionOpened]] = {}
    cases: dict[str, set[str]] = {}
    for entry in entries:
        people = found.people.setdefault(entry.review, set())
        people.add(entry.actor)
        said = entry.payload
        if entry.kind == SessionOpened.kind:
            found.sessions.setdefault(entry.review, None)
        if isinstance(said, SessionOpened):
            opened.setdefault(entry.review, []).append(said)
        elif isinstance(said, CaseDiscussed | JudgementEndorsed):
            cases.setdefault(entry.review, set()).add(said.case)
        elif isinstance(said, ActionRaised) and said.practitioner:
            people.add(said.practitioner)
        elif entry.kind in NOTED_KINDS:
            found.noted.setdefault(_thread(said), set()).update(person_of(said))
            if isinstance(said, ObjectionRaised) and said.of:
                found.raised[said.objection] = said.of
    for review, said_of in opened.items():
        supervisees = frozenset(key for one in said_of for key in one.supervisees)
        pair = supervisees | {one.supervisor for one in said_of}
        day = max(one.held_on for one in said_of)
        found.sessions[review] = _Session(pair, supervisees, day, frozenset(cases.get(review, ())))
    return found


def _thread(said: Payload | None) -> str:
    """Returns the id that an agreement's draft, signatures and reviews share, or a flag or objection and its answer; "" for any other."""
    return next((str(found) for name in _THREADS if (found := getattr(said, name, None))), "")


def _classes(policy: RetentionPolicy, journal: _Journal, entry: Entry) -> list[KeptClass]:
    """Returns the class of an entry; of one that is sealed to us every class that it might have, so that the longest holds."""
    session = entry.review in journal.sessions
    if entry.kind == SEALED:
        return [
            one for one in policy.classes if one.takes == "entries" and one.where in ("review", "any") and one.kinds
        ]
    kept = policy.of_entry(entry.kind, session=session)
    return [kept] if kept is not None and kept.takes == "entries" else []


def _goes_on(kept: KeptClass, known: Known, journal: _Journal, entry: Entry) -> date | None:
    """Returns the first day on which an entry may go, or None where its clock cannot be read."""
    reviewed, session = known.reviews.get(entry.review), journal.sessions.get(entry.review)
    start: date | None = None
    if kept.clock == "left":
        whose = session.supervisees if session else person_of(entry.payload)[:1]
        days = [known.left.get(key) for key in whose]
        start = max((day for day in days if day), default=None) if days and all(days) else None
    elif kept.clock == "case_closed":
        said = entry.payload
        named = said.case if isinstance(said, CaseDiscussed) else case_of(said)
        case = named or (reviewed.case if reviewed else "")
        start = known.closed.get(case)
    elif kept.clock == "period_end" and reviewed:
        start = reviewed.period_end
    elif kept.clock == "period_end" and session:
        start = month_end(session.held_on)
    else:
        start = month_end(utc_moment(entry.at).date())
    return kept.goes_on(start) if start else None


def _covers(hold: HoldSet, known: Known, journal: _Journal, entry: Entry) -> bool:
    """Tells whether a hold covers an entry: a hold on a person or case covers every review and session that they are in, whole, and
    what is noted of them by itself, with what answers it.
    """
    if hold.target is None or entry.actor == hold.target:
        return True
    if entry.kind in NOTED_KINDS:
        thread = _thread(entry.payload)
        named = {*person_of(entry.payload), case_of(entry.payload), *(journal.noted.get(thread, ()) if thread else ())}
        return hold.target in named or _covers_review(hold, known, journal, journal.raised.get(thread, ""))
    if not entry.review or entry.review == file_of(hold.target):
        return bool(entry.review)  # that the person's own page was opened
    return _covers_review(hold, known, journal, entry.review)


def _covers_review(hold: HoldSet, known: Known, journal: _Journal, review: str) -> bool:
    reviewed, session = known.reviews.get(review), journal.sessions.get(review)
    if hold.scope == "case":
        return bool(reviewed and reviewed.case == hold.target) or bool(session and hold.target in session.cases)
    named = journal.people.get(review, set()) | (session.people if session else set()) if review else set()
    return hold.target in named or bool(reviewed and reviewed.practitioner == hold.target)


def _files(
    policy: RetentionPolicy, known: Known, today: date, *, needed: set[str], holds: _HeldFiles
) -> tuple[tuple[FileItem, ...], int]:
    """Returns the files that may go, and how many a hold keeps. `needed` are the draws that entries with content are about."""
    goes, held = [], 0
    for item in _items(policy, known):
        waits = item.kept.where == "draws" and item.commit in needed
        if waits or item.kept.goes_on(Period(item.month).last_day) > today:
            continue
        covered = holds.cover(known, item)
        held += covered
        goes += [] if covered else [item]
    whole = {item.name for item in goes if item.kept.where == "draws"}
    return tuple(item for item in goes if item.name.partition("/")[0] not in whole or item.name in whole), held


def _items(policy: RetentionPolicy, known: Known) -> list[FileItem]:
    """Returns every folder and file that has a class. The newest draw and its list of ids are none: the people file is read by them."""
    classes = {kept.where: kept for kept in policy.of_files()}
    found = []
    for draw in known.draws:
        name = draw.folder.name
        newest = draw is known.draws[-1]
        if not newest:
            found.append(FileItem(classes["draws"], name, draw.folder, draw.period, draw.commit))
        for path in sorted((draw.folder / PRIVATE / RECORD).glob("[0-9]*")):
            about = f"{name}/{PRIVATE}/{RECORD}/{path.name}"
            found.append(FileItem(classes["record"], about, path, draw.period, draw.commit))
        path = private_home() / LOCAL_IDS / f"{draw.commit}.parquet"
        if path.is_file() and not newest:
            found.append(FileItem(classes["local_ids"], f"{LOCAL_IDS}/{path.name}", path, draw.period, draw.commit))
    for path in sorted((known.home / REPORTS).glob("[0-9][0-9][0-9][0-9]-[0-9][0-9]")):
        found.append(FileItem(classes["reports"], f"{REPORTS}/{path.name}", path, path.name))
    for path in sorted((known.home / ASSURANCE).glob("*")):
        span = _SPAN.fullmatch(path.name)
        if span:  # its last month counts
            found.append(FileItem(classes["reports"], f"{ASSURANCE}/{path.name}", path, span["last"]))
    return found
