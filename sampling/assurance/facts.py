"""The facts that the rules look at: of a person, a pair, a case, a record. Keys, never names; days, never reasons of health."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sampling.assurance.spans import Span

FORMAL = "formal_one_to_one"  # the one kind of session that counts to coverage (D2)


@dataclass(frozen=True)
class Absence:
    """Days away, the first and the last; `last` is None for somebody who is still away. Why is nobody's business here."""

    first: date
    last: date | None = None

    def covers(self, day: date) -> bool:
        """Tells whether the person was away on a day."""
        return self.first <= day and (self.last is None or day <= self.last)

    def days(self, today: date) -> int:
        """Returns how many days the absence has, or has had so far where its end is not known."""
        return ((self.last or max(today, self.first)) - self.first).days + 1


@dataclass(frozen=True)
class Delay:
    """A reason that was noted for a delay (C4), for a day or up to `last`: a day between the last session and the late one."""

    first: date
    words: str
    last: date | None = None


@dataclass(frozen=True)
class Agreed:
    """How often the supervisor decided to see a person or to discuss a case, from when to when, and why (D5, D8, C11)."""

    every: Span
    first: date
    reason: str
    last: date | None = None


@dataclass(frozen=True)
class Held:
    """A session that was held, of whatever kind; the rules look at formal one-to-ones alone. None: not recorded."""

    on: date
    kind: str = FORMAL
    professional: bool = True
    personal: bool | None = None
    minutes: int | None = None
    uninterrupted: bool | None = None


@dataclass(frozen=True)
class Pair:
    """A supervisor and from when to when; `last` is the last day."""

    supervisor: str
    first: date
    last: date | None = None


@dataclass(frozen=True)
class Agreement:
    """A supervision agreement and the days on which it was reviewed. It counts once both have signed."""

    supervisor: str
    signed: date
    by_both: bool = True
    reviewed: tuple[date, ...] = ()


@dataclass(frozen=True)
class Person:
    """A supervisee. `started` is the first day in the department (date.min where it is not known), `left` the last; contract and hours
    change nothing (D8).
    """

    key: str
    started: date
    left: date | None = None
    newly_qualified: bool = False
    role: str = ""
    sessions: tuple[Held, ...] = ()
    absences: tuple[Absence, ...] = ()
    delays: tuple[Delay, ...] = ()
    pairs: tuple[Pair, ...] = ()
    agreements: tuple[Agreement, ...] = ()
    appraisals: tuple[date, ...] | None = None
    agreed: tuple[Agreed, ...] = ()

    def formal(self) -> tuple[Held, ...]:
        """Returns the formal one-to-ones, by day."""
        return tuple(sorted((one for one in self.sessions if one.kind == FORMAL), key=lambda one: one.on))


@dataclass(frozen=True)
class Discussion:
    """A session in which a case was discussed."""

    on: date
    kind: str = FORMAL


@dataclass(frozen=True)
class Holder:
    """Who holds a case, from when; the next holder ends it, as does `last`."""

    person: str
    first: date
    last: date | None = None


@dataclass(frozen=True)
class Exemption:
    """A case that need not be discussed monthly (C1). It counts only with its reason and both references: child's record, supervision record."""

    first: date
    reason: str
    case_reference: str
    session_reference: str
    last: date | None = None

    @property
    def registered(self) -> bool:
        """Tells whether reason and both references are there."""
        return all(text.strip() for text in (self.reason, self.case_reference, self.session_reference))

    def covers(self, day: date) -> bool:
        """Tells whether the exemption runs on a day."""
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True)
class Case:
    """A case from its opening to its closing, with who held it and when it was discussed."""

    key: str
    opened: date
    closed: date | None = None
    discussed: tuple[Discussion, ...] = ()
    holders: tuple[Holder, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    delays: tuple[Delay, ...] = ()
    agreed: tuple[Agreed, ...] = ()

    def holder_on(self, day: date) -> Holder | None:
        """Returns who held the case on a day: of several the latest to begin, None where nobody did."""
        there = [one for one in self.holders if one.first <= day and (one.last is None or day <= one.last)]
        return max(there, key=lambda one: (one.first, one.person), default=None)


@dataclass(frozen=True)
class Record:
    """Something that had to be written down: which rule it falls under, the day it happened, the day it was recorded."""

    key: str
    rule: str
    happened: date
    recorded: date | None = None
    delay: str = ""


def long_absences(absences: Iterable[Absence], longest: int | None, today: date) -> tuple[Absence, ...]:
    """Returns the absences of more than so many days, by day; those that touch or overlap count as one. Without a number, none."""
    joined: list[Absence] = []
    for one in sorted(absences, key=lambda one: (one.first, one.last or date.max)):
        before = joined[-1] if joined else None
        if before is not None and (before.last is None or (one.first - before.last).days <= 1):
            last = None if before.last is None or one.last is None else max(before.last, one.last)
            joined[-1] = Absence(before.first, last)
        else:
            joined.append(one)
    begun = (one for one in joined if one.first <= today)
    return tuple(one for one in begun if longest is not None and one.days(today) > longest)
