"""Coverage of supervision in a month, quarter or year: what was due, done, late and why; per pair, as leads and never as a verdict.

Results hold digests of keys: no name, no local id, no key. Rows about a supervisee are for that pair alone; what may leave the service
is in coverage_release.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar, get_args

from sampling.assurance.agreements import agreement_dues
from sampling.assurance.coverage_counts import THRESHOLD_WORDS, Tally, Window, tally
from sampling.assurance.coverage_facts import Facts
from sampling.assurance.dues import UNRECORDED, UNRECORDED_FOR, case_dues, person_dues, record_dues, untold
from sampling.assurance.facts import FORMAL, Case, Person
from sampling.assurance.intervals import Due
from sampling.assurance.profile import Profile
from sampling.assurance.rules import RULES, THRESHOLDS, Threshold
from sampling.journal.events import AgendaItem, SessionKind
from sampling.journal.events_coverage import SessionFunction
from sampling.scoring.rules.session_rules import ratio_words
from sampling.scoring.rules.sessions import Session
from sampling.tickets import digest

One = TypeVar("One")

FOR_PAIR, FOR_SERVICE = (
    "for that pair alone: a lead to talk about, no verdict",
    "inside the service alone, before small numbers are hidden",
)
NO_VERDICT = "No source names how many are right, so this is no verdict."
KINDS: tuple[str, ...] = get_args(SessionKind)
AGENDA: tuple[str, ...] = get_args(AgendaItem)
FUNCTIONS: tuple[str, ...] = get_args(SessionFunction)


@dataclass(frozen=True)
class Line:
    """One rule at one threshold for one supervisee, case or the service: `subject` is a digest, "" for the service."""

    for_whom: str
    subject: str
    rule: str
    threshold: Threshold
    words: str
    tally: Tally
    sentence: str


@dataclass(frozen=True)
class PairCoverage:
    """What stands for one supervisee. `supervisors` are the digests in order of time; `undiscussed` those of open cases."""

    for_whom: str
    person: str
    supervisors: tuple[str, ...]
    changes: int
    drawn: int
    tabled: int
    ratio: str
    undiscussed: tuple[str, ...]
    never_discussed: tuple[str, ...]
    agreement: str
    lines: tuple[Line, ...]
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class SpanOfSupervision:
    """How many supervisees a supervisor has on the last day of the window. No source names a number (B4): no verdict."""

    for_whom: str
    supervisor: str
    supervisees: int
    sentence: str


@dataclass(frozen=True)
class Exempted:
    """An exemption that runs in the window, and whether its reason and both references are there (C1)."""

    for_whom: str
    case: str
    first: date
    last: date | None
    registered: bool
    sentence: str


@dataclass(frozen=True)
class Balance:
    """How many sessions of each kind there were, and how many of the closed formal ones covered each agenda item.

    `functions` counts the closed sessions that served each of the four functions of supervision (B1), of the `described` ones that say
    which (E4); `development` the formal one-to-ones that covered professional development (D3), of the `development_said` that say so.
    """

    kinds: Mapping[str, int]
    formal: int
    agenda: Mapping[str, int]
    functions: Mapping[str, int]
    described: int
    development: int
    development_said: int
    sentence: str


@dataclass(frozen=True)
class Coverage:
    """Coverage of a window as it is known today. `lines` are of the service before suppression."""

    window: Window
    today: date
    profile: str
    lines: tuple[Line, ...]
    case_lines: tuple[Line, ...]
    pairs: tuple[PairCoverage, ...]
    spans: tuple[SpanOfSupervision, ...]
    exemptions: tuple[Exempted, ...]
    balance: Balance
    untold: tuple[str, ...]
    sentences: tuple[str, ...]


def all_dues(facts: Facts, profile: Profile, today: date) -> tuple[Due, ...]:
    """Returns everything that fell due for persons, their agreements, cases and records, since records begin. With keys: for no page."""
    known = facts.known_from
    found = [
        due
        for person in facts.persons
        for due in (
            *person_dues(person, profile, today, known_from=known),
            *agreement_dues(person, profile, today, known_from=known),
        )
    ]
    found += [due for case in facts.cases for due in case_dues(case, profile, today, known_from=known)]
    found += record_dues((one for one in facts.records if one.happened >= known), profile, today)
    return tuple(sorted(found))


def coverage(facts: Facts, profile: Profile, window: Window, today: date) -> Coverage:
    """Returns the coverage of a window by a profile, with what became of each due by `today`.

    What fell due in the window and was done after it is late in it.
    """
    dues = [due for due in all_dues(facts, profile, today) if window.has(due.due)]
    lines = _lines(dues, FOR_SERVICE, "")
    ends = min(window.last, today)
    of = _by(dues, lambda due: (due.subject,))
    cases = [line for case in facts.cases for line in _lines(of.get(case.key, ()), FOR_PAIR, digest(case.key))]
    counting = [one for one in facts.sessions if window.has(one.held_on) and one.counts]
    sessions = _by(counting, lambda one: set(one.supervisees))
    held = _by((one for one in facts.cases if open_on(one, ends)), lambda case: _holder(case, ends))
    pairs = tuple(
        _pair(one, (sessions.get(one.key, ()), held.get(one.key, ()), of.get(one.key, ())), window, ends)
        for one in facts.persons
    )
    balance = _balance([one for one in facts.sessions if window.has(one.held_on)])
    exempt = _exempted(facts.cases, window)
    told = dict.fromkeys([*facts.untold, *_unrecorded(facts.persons, profile)])
    return Coverage(
        window,
        today,
        profile.id,
        lines,
        tuple(cases),
        pairs,
        _spans(facts.persons, ends),
        exempt,
        balance,
        tuple(told),
        (*(line.sentence for line in lines), balance.sentence, _exempt_words(exempt)),
    )


def _by(found: Iterable[One], keys: Callable[[One], Iterable[str]]) -> Mapping[str, Sequence[One]]:
    """Returns key -> what has it, in its order: each is looked at once, however many people and cases there are."""
    groups: dict[str, list[One]] = {}
    for one in found:
        for key in keys(one):
            groups.setdefault(key, []).append(one)
    return groups


def _unrecorded(persons: Sequence[Person], profile: Profile) -> list[str]:
    """Returns the rules of which nothing can be said, of anybody or of so many."""
    counts = Counter(said for person in persons for said in untold(person, profile))
    number = len(persons)
    return [
        said if n == number else said.replace(UNRECORDED, UNRECORDED_FOR.format(n=n, of=number))
        for said, n in counts.items()
    ]


def _lines(dues: Sequence[Due], for_whom: str, subject: str) -> tuple[Line, ...]:
    groups: dict[tuple[str, Threshold], list[Due]] = {}
    for due in dues:
        groups.setdefault((due.rule, due.threshold), []).append(due)
    order = list(RULES)
    found = []
    for (rule, threshold), some in sorted(
        groups.items(), key=lambda item: (order.index(item[0][0]), THRESHOLDS.index(item[0][1]))
    ):
        counts = tally(some)
        words = RULES[rule].words
        sentence = f"{words}, {THRESHOLD_WORDS[threshold]}: {counts.words}."
        found.append(Line(for_whom, subject, rule, threshold, words, counts, sentence))
    return tuple(found)


def open_on(case: Case, day: date) -> bool:
    """Tells whether a case is open at the end of a day."""
    return case.opened <= day and (case.closed is None or case.closed > day)


def _pair(
    person: Person, theirs: tuple[Sequence[Session], Sequence[Case], Sequence[Due]], window: Window, ends: date
) -> PairCoverage:
    mine, held, dues = theirs
    came = Counter(said.came_by for one in mine for said in one.discussed.values())
    drawn, tabled = came["drawn"], came["tabled_by_supervisee"] + came["tabled_by_supervisor"]
    not_in = [one for one in held if not any(said.kind == FORMAL and window.has(said.on) for said in one.discussed)]
    never = [one for one in not_in if not any(said.kind == FORMAL and said.on <= ends for said in one.discussed)]
    with_whom = [
        one for one in person.pairs if one.first <= window.last and (one.last is None or one.last >= window.first)
    ]
    changes = sum(window.has(one.first) for one in person.pairs[1:])
    lines = _lines(dues, FOR_PAIR, digest(person.key))
    agreement = _agreement(person, ends)
    ratio = ratio_words(drawn, tabled)
    return PairCoverage(
        FOR_PAIR,
        digest(person.key),
        tuple(digest(one.supervisor) for one in with_whom),
        changes,
        drawn,
        tabled,
        ratio,
        tuple(sorted(digest(one.key) for one in not_in)),
        tuple(sorted(digest(one.key) for one in never)),
        agreement,
        lines,
        (
            *(line.sentence for line in lines),
            f"Cases: {ratio}",
            _undiscussed(len(not_in), len(held), len(never)),
            agreement,
            _changed(changes),
        ),
    )


def _holder(case: Case, day: date) -> tuple[str, ...]:
    holder = case.holder_on(day)
    return (holder.person,) if holder is not None else ()


def _undiscussed(number: int, held: int, never: int) -> str:
    if not held:
        return "No open case is known to be held."
    if not number:
        return f"Open cases: {held} of {held} discussed in a formal one-to-one."
    return f"Open cases: {number} of {held} not discussed in a formal one-to-one, {never} of them never since records begin."


def _changed(changes: int) -> str:
    return "The supervisor did not change." if not changes else f"Changes of supervisor: {changes}."


def _agreement(person: Person, day: date) -> str:
    pair = next(
        (one for one in reversed(person.pairs) if one.first <= day and (one.last is None or day <= one.last)), None
    )
    if pair is None:
        return "Agreement: nothing can be said, since no supervisor is recorded."
    signed = [one for one in person.agreements if one.supervisor == pair.supervisor and one.signed <= day]
    if any(one.by_both for one in signed):
        return "Agreement: one of this pair was signed by both; the lines on agreements say whether a new one or a review was due."
    return "Agreement: signed by one only." if signed else "Agreement: none is recorded."


def _spans(persons: Iterable[Person], day: date) -> tuple[SpanOfSupervision, ...]:
    counts = Counter(
        pair.supervisor
        for person in persons
        if person.left is None or person.left >= day
        for pair in person.pairs
        if pair.first <= day and (pair.last is None or day <= pair.last)
    )
    return tuple(
        SpanOfSupervision(FOR_PAIR, digest(key), number, f"Supervisees of this supervisor: {number}. {NO_VERDICT}")
        for key, number in sorted(counts.items(), key=lambda item: digest(item[0]))
    )


def _exempted(cases: Iterable[Case], window: Window) -> tuple[Exempted, ...]:
    found = []
    for case in cases:
        for one in case.exemptions:
            if one.first > window.last or (one.last is not None and one.last < window.first):
                continue
            said = (
                "reason and both references are there"
                if one.registered
                else "it does not count: the reason or a reference is missing"
            )
            found.append(
                Exempted(FOR_PAIR, digest(case.key), one.first, one.last, one.registered, f"Exemption: {said}.")
            )
    return tuple(sorted(found, key=lambda one: (one.first, one.case)))


def _exempt_words(exempt: Sequence[Exempted]) -> str:
    good = sum(one.registered for one in exempt)
    return f"Exemptions: {good} with their reason and both references, {len(exempt) - good} without."


def _balance(sessions: Sequence[Session]) -> Balance:
    kinds = Counter(one.kind for one in sessions)
    formal = [one for one in sessions if one.counts]
    agenda = {item: sum(item in one.agenda and one.agenda[item].covered for one in formal) for item in AGENDA}
    parts = [f"{kinds[kind]} {kind.replace('_', ' ')}" for kind in KINDS if kinds[kind]]
    covered = ", ".join(f"{item.replace('_', ' ')} {number}" for item, number in agenda.items())
    sentence = f"Sessions in the journal: {', '.join(parts) or 'none'}."
    if formal:
        sentence += f" Agenda items covered, of {len(formal)} formal one-to-ones: {covered}."
    closed = [one for one in sessions if one.closed is not None]
    told = [one.described for one in closed if one.described is not None and one.described.functions]
    functions = {code: sum(code in one.functions for one in told) for code in FUNCTIONS}
    developed = [one.described.development for one in formal if one.described and one.described.development is not None]
    served = ", ".join(f"{code} {number}" for code, number in functions.items())
    if told:
        sentence += f" Functions served, of {len(told)} of {len(closed)} closed sessions that say which: {served}."
    if developed:
        sentence += f" Professional development was covered in {sum(developed)} of {len(developed)} formal one-to-ones that say."
    return Balance(
        {kind: kinds[kind] for kind in KINDS},
        len(formal),
        agenda,
        functions,
        len(told),
        sum(developed),
        len(developed),
        sentence,
    )
