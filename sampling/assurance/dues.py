"""What a profile asks of a person, a case, a record and a service, and what was done: each rule with its facts on its clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sampling.assurance.calendar import working_days_between
from sampling.assurance.facts import FORMAL, Agreed, Case, Person, Record, long_absences
from sampling.assurance.intervals import Clock, Due, State, due_by, earliest, walk
from sampling.assurance.profile import Interval, Origin, Profile
from sampling.assurance.rules import RULES, SESSION_RULES, THRESHOLDS

RECENTLY = timedelta(days=31)  # a case that came to its holder within a month before it was due is said to have
RECORDS_BEGIN = "The clock runs from the day on which records here begin."
SERVICE_RULES = tuple(rule.id for rule in RULES.values() if rule.subject == "service")

UNRECORDED = "not recorded here, so nothing can be said."
UNRECORDED_FOR = "not recorded for {n} of {of} supervisees, of whom nothing can be said."


def person_dues(person: Person, profile: Profile, today: date, *, known_from: date | None = None) -> tuple[Due, ...]:
    """Returns what fell due for a supervisee: formal one-to-ones, professional supervision, personal issues, appraisal.

    `known_from` is the day on which the records at hand begin: nothing before it is held against anybody. Nobody of a role that the
    policy leaves out owes anything. What is not recorded at all is not computed: `untold` names it.
    """
    if not profile.is_for(person.role):
        return ()
    formal = person.formal()
    personal = [one.on for one in formal if one.personal] if any(one.personal is not None for one in formal) else None
    done: list[tuple[tuple[str, ...], Iterable[date] | None]] = [
        (SESSION_RULES if person.newly_qualified else SESSION_RULES[1:], [one.on for one in formal]),
        (("professional",), [one.on for one in formal if one.professional]),
        (("personal",), personal),
        (("appraisal",), person.appraisals),
    ]
    clock = person_clock(person, profile, today, known_from)
    found = [
        due
        for rules, days in done
        for threshold in THRESHOLDS
        if days is not None
        for due in walk(clock, days, earliest(profile.of(*rules, threshold=threshold), person.started), today)
    ]
    found += _agreed_dues(clock, person.agreed, [one.on for one in formal], ("agreed_session", "D8", today))
    return tuple(sorted(found))


def _agreed_dues(
    clock: Clock, agreed: Iterable[Agreed], days: Sequence[date], rule: tuple[str, str, date]
) -> Iterator[Due]:
    """Yields what fell due by what was agreed beside the policy: it never lifts the policy's own interval, which stands in its own line."""
    name, row, today = rule
    for one in agreed:
        origin = Origin("agreed", f"agreed from {one.first.isoformat()} on: {one.reason}", row, "stated")
        interval = Interval(name, one.every, "norm", origin)
        begins = max(clock.begins, one.first)
        ends = min((day for day in (clock.ends, one.last) if day), default=None)
        yield from walk(replace(clock, begins=begins, ends=ends, note=""), days, earliest((interval,), begins), today)


def person_clock(person: Person, profile: Profile, today: date, known_from: date | None = None) -> Clock:
    """Returns the clock of a person: from the start, or from when records begin, to the last day, stopped by long absences."""
    longest = profile.long_absence_days.value if profile.long_absence_days else None
    begins = max(person.started, known_from or person.started)
    return Clock(
        person.key,
        begins,
        person.left,
        long_absences(person.absences, longest, today),
        person.absences,
        person.delays,
        answers=_supervisor(person),
        note=RECORDS_BEGIN if begins > person.started else "",
    )


def _supervisor(person: Person) -> Callable[[date], tuple[str, str]]:
    def answers(day: date) -> tuple[str, str]:
        there = [one for one in person.pairs if one.first <= day and (one.last is None or day <= one.last)]
        if not there:
            return "", "Nobody is named as supervisor on that day." if person.pairs else ""
        return max(there, key=lambda one: (one.first, one.supervisor)).supervisor, ""

    return answers


def untold(person: Person, profile: Profile) -> tuple[str, ...]:
    """Returns the rules of which nothing can be said of a person, in words: what is not recorded is neither done nor late."""
    recorded = {
        "personal": any(one.personal is not None for one in person.formal()),
        "appraisal": person.appraisals is not None,
        "agreement_new": bool(person.pairs),
        "agreement_review": bool(person.pairs),
    }
    asked = {one.rule for one in profile.intervals}
    return tuple(
        f"{RULES[rule].words}: {UNRECORDED}" for rule, known in recorded.items() if rule in asked and not known
    )


def case_dues(case: Case, profile: Profile, today: date, *, known_from: date | None = None) -> tuple[Due, ...]:
    """Returns when a case had to be discussed in a formal one-to-one, by the norm and by the floor beneath it.

    The clocks are the case's own: they go on when it changes hands, when its holder is away and when its holder leaves. A registered exemption
    lifts the norm and never the floor.
    """
    days = [one.on for one in case.discussed if one.kind == FORMAL]
    begins = max(case.opened, known_from or case.opened)
    note = RECORDS_BEGIN if begins > case.opened else ""
    floor = Clock(case.key, begins, case.closed, delays=case.delays, answers=_holder(case, norm=False), note=note)
    norm = replace(floor, exemptions=case.exemptions, answers=_holder(case, norm=True))
    found = [
        due
        for threshold in THRESHOLDS
        for due in walk(
            norm if threshold == "norm" else floor,
            days,
            earliest(profile.of("case", threshold=threshold), case.opened),
            today,
        )
    ]
    found += _agreed_dues(floor, case.agreed, days, ("agreed_case", "C11", today))
    return tuple(sorted(found))


def _holder(case: Case, *, norm: bool) -> Callable[[date], tuple[str, str]]:
    def answers(day: date) -> tuple[str, str]:
        holder = case.holder_on(day)
        notes = []
        if holder is None and case.holders:
            notes.append("Nobody is named as holding the case on that day.")
        if holder is not None and holder.first > case.opened and day - holder.first <= RECENTLY:
            notes.append(f"It came to its holder {(day - holder.first).days} days before it was due.")
        if norm and any(one.covers(day) and not one.registered for one in case.exemptions):
            notes.append("An exemption without its reason or one of its two references does not count (C1).")
        return holder.person if holder else "", " ".join(notes)

    return answers


def held_by_leavers(cases: Iterable[Case], left: Mapping[str, date], today: date) -> tuple[tuple[str, str, date], ...]:
    """Returns (case, holder, the holder's last day) of the open cases whose holder has left, the longest ago first."""
    found = []
    for case in cases:
        holder = (
            case.holder_on(today) if case.opened <= today and (case.closed is None or case.closed > today) else None
        )
        if holder is not None and left.get(holder.person, today) < today:
            found.append((case.key, holder.person, left[holder.person]))
    return tuple(sorted(found, key=lambda one: (one[2], one[0])))


def record_dues(records: Iterable[Record], profile: Profile, today: date) -> tuple[Due, ...]:
    """Returns for each record by when it had to be written, in working days of England. The day it happened is day 0.

    Late begins on the next working day: what is due on a Friday and written on the Saturday is in time.
    Raises ValueError for a rule that is none on records.
    """
    found = []
    for one in records:
        if one.rule not in RULES or RULES[one.rule].subject != "record":
            raise ValueError("expected one of the rules on records")
        for interval in profile.of(one.rule):
            due = interval.every.after(one.happened, profile.added_days)
            recorded = one.recorded if one.recorded and one.recorded <= today else None
            late = working_days_between(due, recorded or today, profile.added_days)
            state: State = ("late" if late else "in time") if recorded else ("overdue" if late else "not yet due")
            found.append(
                due_by(
                    interval,
                    due=due,
                    subject=one.key,
                    runs_from=one.happened,
                    state=state,
                    done=recorded,
                    days_late=late,
                    days_away=0,
                    reason=one.delay if late else "",
                    answers=interval.owner,
                    note=f"It goes to {interval.destination}.",
                )
            )
    return tuple(sorted(found))


def service_dues(held: Mapping[str, Sequence[date]], profile: Profile, today: date, *, begins: date) -> tuple[Due, ...]:
    """Returns what fell due for a whole service since a day: audits, group supervision, reviews, the questionnaire. `held` is rule -> days.

    A rule of which `held` has no entry is not recorded, and not computed.
    """
    found = [
        due
        for rule in SERVICE_RULES
        if rule in held
        for threshold in THRESHOLDS
        for due in walk(Clock("", begins), held[rule], earliest(profile.of(rule, threshold=threshold), begins), today)
    ]
    return tuple(sorted(found))


@dataclass(frozen=True)
class Length:
    """A formal one-to-one that was shorter than the policy asks, or interrupted; None where that was not recorded."""

    person: str
    on: date
    minutes: int | None
    uninterrupted: bool | None
    asked: int
    row: str
    source: str
    profile: str


def short_sessions(person: Person, profile: Profile) -> tuple[Length, ...]:
    """Returns the formal one-to-ones that were too short or interrupted, by day; what was not recorded is not held against anybody."""
    asked = profile.session_minutes
    if asked is None:
        return ()
    origin = asked.origin
    return tuple(
        Length(
            person.key, one.on, one.minutes, one.uninterrupted, asked.value, origin.row, origin.source, origin.profile
        )
        for one in person.formal()
        if (one.minutes is not None and one.minutes < asked.value) or one.uninterrupted is False
    )
