"""What people of the invented years note about supervision, where an extract cannot tell: reasons for delay, absences, agreements, exemptions.

The extract tells when sessions were held (sampling/sources/synthetic_supervision.py). Here every late session of the last year has its reason,
but for one team: of that team nobody notes anything, and its newest agreements have one signature. A page on coverage must find it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from sampling.assurance.patterns import Scope, pattern_id
from sampling.batch.practice_raters import identities
from sampling.journal.events import (
    AbsenceNoted,
    AgreementDrafted,
    AgreementSigned,
    AppraisalHeld,
    CaseExempted,
    DelayNoted,
    NewlyQualifiedNoted,
    PatternResponse,
    PatternSeen,
    Payload,
    subject_of,
)
from sampling.journal.store import Draft
from sampling.journal.views_coverage import agreement_content
from sampling.keys import Keyring
from sampling.scoring.service import Service
from sampling.scoring.settings.draws import Draw, local_ids, staff_keys
from sampling.scoring.settings.people import Person
from sampling.sources.synthetic_supervision import FORMAL, LATE_FOR

TABLE, STAFF = Path("extension") / "supervisions.parquet", "practitioners.parquet"
EVERY = timedelta(weeks=4)
ANSWERED_RULE, ANSWERED_ABOUT = "missed_escalation", "escalation_rationale"
NEWLY_QUALIFIED, EXEMPTED = 1, 3  # people, cases
_AWAY_SHARE, _AWAY_DAYS = 0.3, timedelta(days=6)  # of late sessions that were late because somebody was away
_REASONS = ("urgent_work", "supervisor_away", "asked_by_supervisee")
_DAY = timedelta(days=1)
_APPRAISED = (timedelta(days=40), timedelta(days=170))  # ago: within each policy's interval, and once before


@dataclass(frozen=True)
class Seat:
    """A practitioner of the newest draw, with who supervises them by the people file, and the days of their formal one-to-ones."""

    key: str
    local: str
    team: str
    supervisor: Person
    has_seat: bool
    days: tuple[date, ...]


def note_supervision(
    service: Service, draw: Draw, source: Path, seed: int, now: datetime
) -> dict[str, Any]:  # fmt: skip
    """Stores what is noted, in one transaction, and returns what is true of it: the late team, and how often each thing was noted."""
    new_id = identities("years", str(seed), "supervision")
    seats = _seats(service, draw, source)
    late = late_team(seats, draw.as_of)
    drafts: list[Draft] = []
    for seat in seats:
        said = [*_delays(seat, draw.as_of, new_id)] if seat.team != late else []
        drafts += [_draft(new_id, seat.supervisor.key, one) for one in said]
        appraised = [
            AppraisalHeld(appraisal=new_id(f"appraisal {seat.local} {ago.days}"), person=seat.key, on=draw.as_of - ago)
            for ago in _APPRAISED
        ]
        drafts += [_draft(new_id, seat.supervisor.key, one) for one in appraised]
    drafts += _of_few(seats, draw, late, new_id)
    drafts += [
        _draft(new_id, lead.key, one) for lead in service.people.having("lead")[:1] for one in _answered(draw, new_id)
    ]
    service.journal.append(drafts, now=now)
    kinds = [one.payload.kind for one in drafts]
    return {"late_team": late, "noted": {kind: kinds.count(kind) for kind in sorted(set(kinds))}}


def note_agreements(
    service: Service, draw: Draw, source: Path, seed: int, *, keyring: Keyring, now: datetime
) -> dict[str, int]:
    """Stores, in one transaction, the agreement of each practitioner with a seat and the manager whom the extract names as supervisor, and
    returns how often each thing was noted. In the late team only the manager has signed.
    """
    new_id = identities("years", str(seed), "agreements")
    table = pd.read_parquet(source / STAFF, columns=["practitioner_id", "supervisor_id"])
    key_of = staff_keys((draw,), keyring)
    managers = {
        str(one): key_of(str(boss))
        for one, boss in zip(table["practitioner_id"], table["supervisor_id"], strict=True)
        if not pd.isna(boss)
    }
    seats = _seats(service, draw, source)
    late = late_team(seats, draw.as_of)
    drafts = [
        one
        for seat in seats
        if seat.has_seat and seat.local in managers
        for one in _agreement(seat, managers[seat.local], new_id, drafted_on=now.date(), both=seat.team != late)
    ]
    service.journal.append(drafts, now=now)
    kinds = [one.payload.kind for one in drafts]
    return {kind: kinds.count(kind) for kind in sorted(set(kinds))}


def late_team(seats: Iterable[Seat], until: date) -> str:
    """Returns the team whose people were seen most seldom in the last year: the one that was invented so."""
    longest: dict[str, list[int]] = {}
    for seat in seats:
        recent = [day for day in seat.days if day > until - timedelta(days=LATE_FOR)]
        gaps = [(later - day).days for day, later in zip(recent, recent[1:], strict=False)]
        longest.setdefault(seat.team, []).extend(gaps)
    means = {team: sum(gaps) / len(gaps) for team, gaps in longest.items() if gaps}
    return max(means, key=lambda team: means[team], default="")


def _seats(service: Service, draw: Draw, source: Path) -> list[Seat]:
    table = pd.read_parquet(source / TABLE, columns=["practitioner_id", "held_on", "kind"])
    formal = table[table["kind"] == FORMAL].drop_duplicates()
    days: dict[str, list[date]] = {}
    for local, day in zip(formal["practitioner_id"], formal["held_on"], strict=True):
        days.setdefault(str(local), []).append(day)
    team = {case.practitioner_key: case.team for case in draw.cases if case.practitioner_key}
    ids = local_ids(draw.commit, set(team))
    supervisors = {name: one for one in service.people.having("supervisor") for name in one.teams}
    return [
        Seat(
            key, ids[key], team[key], supervisors[team[key]], service.people.by_key(key) is not None, tuple(sorted(days.get(ids[key], ())))
        )
        for key in sorted(ids)
        if team[key] in supervisors
    ]  # fmt: skip


def _delays(seat: Seat, until: date, new_id: Callable[[str], str]) -> Iterator[Payload]:
    """Yields a reason, or an absence over the due day, for each session of the last year that came later than four weeks after the one before."""
    recent = [day for day in seat.days if day > until - timedelta(days=LATE_FOR)]
    for number, (day, later) in enumerate(zip(recent, recent[1:], strict=False)):
        due = day + EVERY
        if later <= due:
            continue
        name = new_id(f"delay {seat.local} {due}")
        if number % 10 < _AWAY_SHARE * 10:
            yield AbsenceNoted(
                absence=name, person=seat.key, first=due - _DAY, last=min(due + _AWAY_DAYS, later - _DAY)
            )
        else:
            yield DelayNoted(delay=name, person=seat.key, first=due + _DAY, reason=_REASONS[number % len(_REASONS)])  # type: ignore[arg-type]


def _agreement(
    seat: Seat, manager: str, new_id: Callable[[str], str], *, drafted_on: date, both: bool
) -> Iterator[Draft]:
    drafted = AgreementDrafted(
        agreement=new_id(f"agreement {seat.local}"), person=seat.key, supervisor=manager, drafted_on=drafted_on,
        reference="Supervision folder, agreement",
    )  # fmt: skip
    yield _draft(new_id, manager, drafted)
    content = agreement_content(drafted)
    for role, actor in (("supervisor", manager), ("supervisee", seat.key)):
        if both or role == "supervisor":
            said = AgreementSigned(agreement=drafted.agreement, person=seat.key, role=role, content=content)  # type: ignore[arg-type]
            yield _draft(new_id, actor, said)


def _of_few(seats: Sequence[Seat], draw: Draw, late: str, new_id: Callable[[str], str]) -> Iterator[Draft]:
    """Yields what stands of few: who is newly qualified, and cases that are exempt from the monthly norm, with both references."""
    newest = sorted((seat for seat in seats if seat.team != late and seat.days), key=lambda seat: min(seat.days))
    for seat in newest[-NEWLY_QUALIFIED:]:
        yield _draft(new_id, seat.supervisor.key, NewlyQualifiedNoted(person=seat.key, newly_qualified=True))
    whose = {seat.key: seat for seat in seats if seat.team != late}
    cases = sorted(
        (case for case in draw.under_review if case.practitioner_key in whose), key=lambda case: case.case_key
    )
    for case in cases[:EXEMPTED]:
        said = CaseExempted(
            exemption=new_id(f"exemption {case.case_key}"), case=case.case_key, first=draw.as_of - timedelta(days=100), reason="plan_on_course",
            case_reference="Case note, management oversight", session_reference="Supervision record, same day",
        )  # fmt: skip
        yield _draft(new_id, whose[case.practitioner_key].supervisor.key, said)


def _answered(draw: Draw, new_id: Callable[[str], str]) -> Iterator[Payload]:
    """Yields what leaders did about one pattern, missed escalation in the service. To the others nobody answered, and a page must say so."""
    pattern, seen = pattern_id(ANSWERED_RULE, Scope("", ANSWERED_ABOUT)), draw.as_of + timedelta(days=10)
    yield PatternSeen(pattern=pattern, rule=ANSWERED_RULE, month=draw.period, seen_on=seen)
    yield PatternResponse(
        pattern=pattern, response=new_id("response"), decided_on=seen, what="Duty seniors go through the escalation template with each team",
        owner="Service manager", due=seen + timedelta(days=60),
    )  # fmt: skip


def _draft(new_id: Callable[[str], str], actor: str, said: Payload) -> Draft:
    subject = subject_of(said) or ""
    return Draft(new_id(f"{said.kind} {subject} {actor}"), actor, said, "", subject)
