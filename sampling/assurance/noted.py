"""From what people wrote down in the journal to what coverage counts with. Pure: entries in, facts out; no file, no clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from sampling.assurance.coverage_facts import Noted
from sampling.assurance.facts import Absence, Agreed, Agreement, Delay, Exemption
from sampling.assurance.spans import Span
from sampling.journal.events import (
    AbsenceNoted,
    AppraisalHeld,
    CaseDelayNoted,
    CaseExempted,
    CaseIntervalAgreed,
    DelayNoted,
    FolderChecked,
    IntervalAgreed,
    NeedsAnswered,
    NeedsFlagged,
    NewlyQualifiedNoted,
    ObjectionDecided,
    ObjectionRaised,
    Payload,
    SupervisorTrained,
)
from sampling.journal.records import Entry
from sampling.journal.views_coverage import AgreementState, agreements_of, noted_entries
from sampling.scoring.rules.coverage_words import AGREED, DELAYS, EXEMPTIONS
from sampling.scoring.rules.standing import agreement_days, day_in_england

Said = TypeVar("Said", bound=Payload)
Fact = TypeVar("Fact")


@dataclass(frozen=True)
class Requests:
    """How many flags that supervision does not meet somebody's needs (B14), objections and redaction requests (D13), and how many have an answer."""

    flags: int
    flags_answered: int
    objections: int
    objections_decided: int
    redactions: int
    redactions_decided: int


def noted_of(entries: Iterable[Entry]) -> Noted:
    """Returns what stands of everything that was noted for coverage. `entries` are any of the journal's; others are passed over.

    Whoever has no appraisal noted is left out: that is not recorded, and not none held. An agreement is that of the day on which the
    second of the two signed it; one that nobody signed is none yet.
    """
    stands = noted_entries(entries)
    return Noted(
        frozenset(one.person for one in _said(stands, NewlyQualifiedNoted) if one.newly_qualified),
        _grouped(_said(stands, AbsenceNoted), lambda one: (one.person, Absence(one.first, one.last))),
        _agreements(agreements_of(stands)),
        _grouped(_said(stands, CaseExempted), lambda one: (one.case, _exemption(one))),
        {
            **_grouped(_said(stands, DelayNoted), lambda one: (one.person, _delay(one))),
            **_grouped(_said(stands, CaseDelayNoted), lambda one: (one.case, _delay(one))),
        },
        {
            **_grouped(_said(stands, IntervalAgreed), lambda one: (one.person, _agreed(one))),
            **_grouped(_said(stands, CaseIntervalAgreed), lambda one: (one.case, _agreed(one))),
        },
        _grouped(_said(stands, AppraisalHeld), lambda one: (one.person, one.on)),
    )


def folder_of(entries: Iterable[Entry]) -> Mapping[str, Mapping[str, date | None]]:
    """Returns person -> item of the worker's folder -> the day on which it was brought up to date (C12), None where it was found missing, as
    `folder_lines` takes it.
    """
    found: dict[str, dict[str, date | None]] = {}
    for one in _said(noted_entries(entries), FolderChecked):
        found.setdefault(one.person, {})[one.item] = one.on
    return found


def trained_of(entries: Iterable[Entry]) -> Mapping[str, date]:
    """Returns supervisor -> the last day of training in supervision that is noted (B4, E3)."""
    found: dict[str, date] = {}
    for one in _said(noted_entries(entries), SupervisorTrained):
        found[one.person] = max(one.on, found.get(one.person, one.on))
    return found


def requests_of(entries: Iterable[Entry], first: date = date.min, last: date = date.max) -> Requests:
    """Returns how many flags, objections and redaction requests of these days stand, and how many of them have an answer by now. Small
    numbers: not to publish.
    """
    stands = noted_entries(entries)
    made = [one for one in stands if first <= day_in_england(one.at) <= last]
    flags = {one.flag for one in _said(made, NeedsFlagged)}
    answered = {one.flag for one in _said(stands, NeedsAnswered)}
    decided = {one.objection for one in _said(stands, ObjectionDecided)}
    raised = {
        about: {one.objection for one in _said(made, ObjectionRaised) if one.about == about}
        for about in ("third_party_access", "redaction")
    }
    return Requests(
        len(flags),
        len(flags & answered),
        len(raised["third_party_access"]),
        len(raised["third_party_access"] & decided),
        len(raised["redaction"]),
        len(raised["redaction"] & decided),
    )


def _said(stands: Iterable[Entry], kind: type[Said]) -> list[Said]:
    return [one.payload for one in stands if isinstance(one.payload, kind)]


def _grouped(said: Iterable[Said], of: Callable[[Said], tuple[str, Fact]]) -> dict[str, tuple[Fact, ...]]:
    """Returns key -> its facts, by their days."""
    found: dict[str, list[Fact]] = {}
    for one in said:
        key, fact = of(one)
        found.setdefault(key, []).append(fact)
    return {
        key: tuple(sorted(facts, key=lambda fact: str(getattr(fact, "first", fact)))) for key, facts in found.items()
    }


def _agreements(states: Iterable[AgreementState]) -> dict[str, tuple[Agreement, ...]]:
    found: dict[str, list[Agreement]] = {}
    for one in states:
        if one.signed:
            day = max(agreement_days(one).values())
            agreement = Agreement(one.drafted.supervisor, day, one.by_both, one.reviewed)
            found.setdefault(one.drafted.person, []).append(agreement)
    return {key: tuple(sorted(some, key=lambda one: one.signed)) for key, some in found.items()}


def _exemption(said: CaseExempted) -> Exemption:
    return Exemption(said.first, EXEMPTIONS[said.reason], said.case_reference, said.session_reference, said.last)


def _delay(said: DelayNoted | CaseDelayNoted) -> Delay:
    return Delay(said.first, DELAYS[said.reason], said.last)


def _agreed(said: IntervalAgreed | CaseIntervalAgreed) -> Agreed:
    return Agreed(Span(said.every, said.unit), said.first, AGREED[said.reason], said.last)
