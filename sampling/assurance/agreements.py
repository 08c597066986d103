"""The supervision agreement: a new one for each new pair and after a long absence (D7), reviewed while the pair lasts (C7)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sampling.assurance.dues import person_clock
from sampling.assurance.facts import Agreement, Person
from sampling.assurance.intervals import Choose, Due, Term, earliest, walk
from sampling.assurance.profile import Profile
from sampling.assurance.rules import THRESHOLDS

DAY = timedelta(days=1)
NEW_PAIR = "The pair is new."
RETURNED = "The person returned from a long absence."
ONE_SIGNED = "An agreement stands there that only one has signed."


@dataclass(frozen=True)
class Spell:
    """A time in which one agreement can hold: of one pair, without a long absence. An agreement signed after `after` is for it."""

    supervisor: str
    begins: date
    last: date | None
    after: date
    why: str


def spells(person: Person, profile: Profile, today: date) -> tuple[Spell, ...]:
    """Returns the spells of a person's pairs, by day. One that would begin in a long absence begins on the return, or not yet."""
    pauses = person_clock(person, profile, today).pauses
    found: list[Spell] = []
    for pair in sorted(person.pairs, key=lambda one: (one.first, one.supervisor)):
        before = [one.last for one in found if one.supervisor == pair.supervisor and one.last]
        begins, why, after = pair.first, NEW_PAIR, max(before, default=date.min)
        ends = min((day for day in (pair.last, person.left) if day), default=None)
        for pause in pauses:
            if (ends is not None and pause.first > ends) or (pause.last is not None and pause.last < begins):
                continue
            if pause.first > begins:
                found.append(Spell(pair.supervisor, begins, pause.first - DAY, after, why))
            if pause.last is None or (ends is not None and pause.last >= ends):
                break
            begins, after, why = pause.last + DAY, pause.first - DAY, RETURNED
        else:
            found.append(Spell(pair.supervisor, begins, ends, after, why))
    return tuple(found)


def agreement_dues(person: Person, profile: Profile, today: date, *, known_from: date | None = None) -> tuple[Due, ...]:
    """Returns by when each agreement had to be signed by both, and each review held. Nothing is told of a person without pairs."""
    if not profile.is_for(person.role):
        return ()
    found = [
        due
        for spell in spells(person, profile, today)
        if spell.begins <= today
        for due in (*_signings(person, profile, spell, today), *_reviews(person, profile, spell, today))
    ]
    return tuple(sorted(due for due in found if known_from is None or due.due >= known_from))


def _for(person: Person, spell: Spell) -> list[Agreement]:
    """Returns the agreements that are for a spell, by the day of signing; one signed before the pair began is for it, too."""
    return sorted(
        (
            one
            for one in person.agreements
            if one.supervisor == spell.supervisor
            and one.signed > spell.after
            and (spell.last is None or one.signed <= spell.last)
        ),
        key=lambda one: one.signed,
    )


def _signings(person: Person, profile: Profile, spell: Spell, today: date) -> Iterator[Due]:
    given = _for(person, spell)
    signed = [one.signed for one in given if one.by_both and one.signed <= today][:1]
    half = f" {ONE_SIGNED}" if not signed and any(not one.by_both for one in given) else ""
    clock = replace(
        person_clock(person, profile, today),
        begins=spell.begins,
        ends=spell.last,
        answers=lambda day: (spell.supervisor, spell.why + half),
        note="",
    )
    for threshold in THRESHOLDS:
        first = earliest(profile.of("agreement_new", threshold=threshold), person.started)(spell.begins)
        days = [max(day, spell.begins) for day in signed]
        yield from (
            replace(due, done=signed[0] if due.done else None)
            for due in walk(clock, days, _once(first, spell.begins), today)[:1]
        )


def _once(term: Term | None, begins: date) -> Choose:
    """Returns what sets the clock once: an agreement that is signed late is late, however late, since no second one falls due."""
    return lambda day: term if day == begins else None


def _reviews(person: Person, profile: Profile, spell: Spell, today: date) -> Iterator[Due]:
    given = [one for one in _for(person, spell) if one.by_both and one.signed <= today]
    if not given:
        return
    first = max(given[0].signed, spell.begins)
    days = {day for one in given for day in (one.signed, *one.reviewed) if day > first}
    clock = replace(
        person_clock(person, profile, today),
        begins=first,
        ends=spell.last,
        pauses=(),
        answers=lambda day: (spell.supervisor, ""),
        note="",
    )
    for threshold in THRESHOLDS:
        choose = earliest(profile.of("agreement_review", threshold=threshold), person.started)
        yield from walk(clock, days, choose, today)
