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
from sampling.batch.years_people import Post, keyed, posts_of
from sampling.journal.events import (
    AbsenceNoted,
    AgreementDrafted,
    AgreementReviewed,
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
from sampling.scoring.settings.draws import Draw, staff_keys
from sampling.scoring.settings.people import Person
from sampling.sources.synthetic_supervision import FORMAL, LATE_FOR

TABLE = Path("extension") / "supervisions.parquet"
EVERY, REVIEWED_EVERY = timedelta(weeks=4), timedelta(days=175)
ANSWERED_RULE = "missed_escalation"
# What leaders saw of the service: rule, and what it is about. Those in ANSWERED have a response, with its owner and the days that it has.
ANSWERED = {
    (ANSWERED_RULE, "escalation_rationale"): ("Duty seniors go through the escalation template with each team", "Service manager", 90),
    ("out_of_hours", ""): ("The pathway for evenings goes to every team with the numbers to ring", "Service manager", 75),
    ("drift", "update_crisis_plan"): ("Team managers set aside an afternoon a month for crisis plans", "Head of nursing", 100),
}  # fmt: skip
SEEN = (
    *ANSWERED,
    ("drift", "safeguarding_referral"),
    ("same_criterion", "safeguarding_documentation/immediate_actions"),
)
NEWLY_QUALIFIED, EXEMPTED = 1, 3  # people, cases
_AWAY_SHARE, _AWAY_DAYS = 0.3, timedelta(days=6)  # of late sessions that were late because somebody was away
_REASONS = ("urgent_work", "supervisor_away", "asked_by_supervisee")
_DAY, _YEAR = timedelta(days=1), timedelta(days=365)
_APPRAISED = (timedelta(days=40), timedelta(days=170))  # ago: within each policy's interval, and once before


@dataclass(frozen=True)
class Seat:
    """A practitioner of the extract, with who supervises them, and the days of their formal one-to-ones."""

    key: str
    post: Post
    supervisor: Person
    days: tuple[date, ...]

    @property
    def team(self) -> str:
        """Returns the team."""
        return self.post.team

    @property
    def local(self) -> str:
        """Returns the service's own id."""
        return self.post.local


def seats_of(service: Service, draw: Draw, source: Path, keyring: Keyring) -> list[Seat]:
    """Returns everybody whom the extract says to be supervised, in order of keys."""
    table = pd.read_parquet(source / TABLE, columns=["practitioner_id", "held_on", "kind"])
    formal = table[table["kind"] == FORMAL].drop_duplicates()
    days: dict[str, list[date]] = {}
    for local, day in zip(formal["practitioner_id"], formal["held_on"], strict=True):
        days.setdefault(str(local), []).append(day)
    key_of = staff_keys((draw,), keyring)
    found = []
    for key, post in sorted(keyed(posts_of(source), key_of).items()):
        supervisor = service.people.by_key(key_of(post.supervisor)) if post.supervisor else None
        if supervisor is not None:
            found.append(Seat(key, post, supervisor, tuple(sorted(days.get(post.local, ())))))
    return found


def note_supervision(
    service: Service, draw: Draw, seats: Sequence[Seat], seed: int, now: datetime
) -> dict[str, Any]:  # fmt: skip
    """Stores what is noted, in one transaction, and returns what is true of it: the late team, and how often each thing was noted."""
    new_id = identities("years", str(seed), "supervision")
    late = late_team(seats, draw.as_of)
    drafts: list[Draft] = []
    for seat in seats:
        said = [*_delays(seat, draw.as_of, new_id)] if seat.team != late else []
        drafts += [_draft(new_id, seat.supervisor.key, one) for one in said]
        appraised = [
            AppraisalHeld(appraisal=new_id(f"appraisal {seat.local} {ago.days}"), person=seat.key, on=draw.as_of - ago)
            for ago in _APPRAISED
            if seat.post.on(draw.as_of - ago)
        ]
        drafts += [_draft(new_id, seat.supervisor.key, one) for one in appraised]
    drafts += _of_few(seats, draw, late, new_id)
    service.journal.append(drafts, now=now)
    return {"late_team": late, "noted": noted(drafts)}


def noted(drafts: Iterable[Draft]) -> dict[str, int]:
    """Returns how often each thing was noted."""
    kinds = [one.payload.kind for one in drafts]
    return {kind: kinds.count(kind) for kind in sorted(set(kinds))}


def agreement_of(seat: Seat, seed: int, *, drafted_on: date, both: bool) -> list[Draft]:
    """Returns the agreement of a practitioner with the manager whom the extract names as supervisor, signed by both or by the manager."""
    return [*_agreement(seat, identities("years", str(seed), "agreements"), drafted_on=drafted_on, both=both)]


def reviews_of(seat: Seat, seed: int, drafted_on: date, until: date) -> Iterator[tuple[date, list[Draft]]]:
    """Yields the days on which the pair reviewed its agreement, within the half-year that a policy asks for, and what was noted of each."""
    agreement = identities("years", str(seed), "agreements")(f"agreement {seat.local}")
    new_id = identities("years", str(seed), "reviews")
    ends = min(until, seat.post.left or until)
    for number in range(1, (ends - drafted_on) // REVIEWED_EVERY + 1):
        day = drafted_on + number * REVIEWED_EVERY
        said = AgreementReviewed(agreement=agreement, review=new_id(f"{seat.local} {day}"), person=seat.key, on=day)
        yield day, [_draft(new_id, seat.supervisor.key, said)]


def late_team(seats: Iterable[Seat], until: date) -> str:
    """Returns the team whose people were seen most seldom in the last year: the one that was invented so."""
    longest: dict[str, list[int]] = {}
    for seat in seats:
        recent = [day for day in seat.days if day > until - timedelta(days=LATE_FOR)]
        gaps = [(later - day).days for day, later in zip(recent, recent[1:], strict=False)]
        longest.setdefault(seat.team, []).extend(gaps)
    means = {team: sum(gaps) / len(gaps) for team, gaps in longest.items() if gaps}
    return max(means, key=lambda team: means[team], default="")


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


def _agreement(seat: Seat, new_id: Callable[[str], str], *, drafted_on: date, both: bool) -> Iterator[Draft]:
    manager = seat.supervisor.key
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
    there = (
        seat
        for seat in seats
        if seat.team != late and seat.days and seat.post.started < draw.as_of - _YEAR and seat.post.left is None
    )
    newest = sorted(there, key=lambda seat: min(seat.days))
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


def answers_of(draw: Draw, seed: int, lead: str, on: date) -> list[Draft]:
    """Returns what leaders noted on a day about patterns of the month before: some seen, some answered. To the others nobody answered, and a
    page must say so.
    """
    new_id = identities("years", str(seed), "supervision")
    said: list[Payload] = []
    for rule, about in SEEN:
        pattern = pattern_id(rule, Scope("", about))
        said.append(PatternSeen(pattern=pattern, rule=rule, month=draw.period, seen_on=on))
        if (rule, about) in ANSWERED:
            what, owner, days = ANSWERED[rule, about]
            name, due = new_id(f"response {rule} {about}"), on + timedelta(days=days)
            said.append(PatternResponse(pattern=pattern, response=name, decided_on=on, what=what, owner=owner, due=due))
    return [_draft(new_id, lead, one) for one in said]


def _draft(new_id: Callable[[str], str], actor: str, said: Payload) -> Draft:
    subject = subject_of(said) or ""
    return Draft(new_id(f"{said.kind} {subject} {actor}"), actor, said, "", subject)
