"""Who rates which case, and in what order: decided by the draw's seed, the people file and the record's own supervisors alone.

Whoever knows the seed can repeat every choice here (docs/methods.md). Nobody picks a case, and nobody picks a second rater. What was begun
stays with whoever began it, and stays single or double, whatever becomes of the people file or the record (docs/people.md).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from types import MappingProxyType

from sampling.chain import utc_moment
from sampling.frame import NOBODY
from sampling.scoring.settings.draws import Draw, DrawnCase, Tabled
from sampling.scoring.settings.people import People, Person
from sampling.scoring.settings.policy import ScoringPolicy
from sampling.tickets import digest

FIRST, SECOND, MODERATION = "first", "second", "moderation"
FOLLOW_UPS = tuple(f"follow_up-{number}" for number in range(1, 7))  # a case that is still open after six is drawn anew
NO_PRACTITIONER = "No single practitioner holds this case, so that no supervisor is known."
NO_SUPERVISOR = "Nobody in the people file supervises this practitioner."


@dataclass(frozen=True)
class Review:
    """One rating of one case by one rater at one stage. `sealed`: the case is rated twice, and neither rater sees the other.

    `rater` is a person's key, or "" for a moderation, which belongs to whoever moderates. `keeper` follows up what a first or follow-up
    rating found: its rater, or whoever is assigned now when the rater has no seat any more. `planted` is the id of the vignette where
    the case is a seeded one (sampling.scoring.settings.planting), else "".
    """

    id: str
    commit: str
    case: str
    case_key: str
    practitioner_key: str
    stage: str
    rater: str
    sealed: bool = False
    keeper: str = ""
    planted: str = ""


@dataclass(frozen=True)
class Begun:
    """A review in which somebody has begun to rate: who, whether sealed from the other rater, and whether they ever signed it."""

    rater: str
    sealed: bool
    signed: bool


@dataclass(frozen=True)
class Unassigned:
    """A case that nobody can score, and why in a sentence: said, never lost."""

    commit: str
    case: str
    practitioner_key: str
    sentence: str


@dataclass(frozen=True)
class Assignments:
    """The reviews of one draw, follow-ups and moderation included, the cases without a rater, and notes for the lead."""

    reviews: tuple[Review, ...]
    unassigned: tuple[Unassigned, ...]
    notes: tuple[str, ...]


def review_id(commit: str, case: str, stage: str) -> str:
    """Returns the id of a review: 32 hex digits, the same on every machine."""
    return digest(f"csr1/review|{commit}|{case}|{stage}")[:32]


def assign(
    draw: Draw,
    people: People,
    policy: ScoringPolicy,
    supervisors: Mapping[str, str],
    begun: Mapping[str, Begun] = MappingProxyType({}),
) -> Assignments:
    """Returns who rates what in a draw. `supervisors` is practitioner key -> supervisor key, as the record has it; `begun` is review id ->
    who began it.

    Replaced cases keep their reviews, which are read and no longer written. The order of people and cases changes nothing.
    """
    held = _Held(draw, people, begun)
    reviews: list[Review] = []
    unassigned: list[Unassigned] = []
    now = {case.case: _key(first_rater(draw, case, people, supervisors)) for case in draw.cases}
    raters = {case.case: held.by(case, FIRST) or now[case.case] for case in draw.cases}
    twice = _rated_twice(draw, policy, {case: people.by_key(rater) for case, rater in raters.items() if rater})
    lonely = 0
    for case in sorted(draw.cases, key=lambda case: case.case):
        rater = raters[case.case]
        if not rater:
            if case.state != "replaced":
                why = NO_PRACTITIONER if case.practitioner_key == NOBODY else NO_SUPERVISOR
                unassigned.append(Unassigned(draw.commit, case.case, case.practitioner_key, why))
            continue
        double = held.is_double(case)
        second = None
        if double or (double is None and case.case in twice):
            second = held.by(case, SECOND) or _key(second_rater(draw, case, people, rater))
            lonely += not second and case.state != "replaced"
            second = second if second or double else None
        reviews += _reviews(held, case, held.keeper(rater, now[case.case]), rater=rater, second=second)
    return Assignments(tuple(reviews), tuple(unassigned), (*_lonely(lonely), *held.away()))


class _Held:
    """What was begun in a draw, and by whom it goes on."""

    def __init__(self, draw: Draw, people: People, begun: Mapping[str, Begun]) -> None:
        self.commit = draw.commit
        self._people = people
        self._begun = {
            (case.case, stage): found
            for case in draw.cases
            for stage in (FIRST, SECOND, *FOLLOW_UPS)
            if (found := begun.get(review_id(draw.commit, case.case, stage))) is not None
        }

    def by(self, case: DrawnCase, stage: str) -> str:
        """Returns the key of whoever goes on with a review that was begun, or "" where whoever is assigned now does.

        What is neither signed nor sealed goes over to them when its rater has no seat any more: they see what was written and sign for it.
        """
        found = self._begun.get((case.case, stage))
        if found is None:
            return ""
        gone = self._people.by_key(found.rater) is None
        return "" if gone and not found.signed and not found.sealed else found.rater

    def keeper(self, rater: str, now: str) -> str:
        """Returns the key of whoever follows up what a rater found: the rater, or who is assigned `now` where they have no seat any more."""
        return now if now and self._people.by_key(rater) is None else rater

    def is_double(self, case: DrawnCase) -> bool | None:
        """Returns whether a case that was begun is rated twice, or None where nobody has begun: sealing cannot be added or taken back."""
        found = [self._begun[case.case, stage] for stage in (FIRST, SECOND) if (case.case, stage) in self._begun]
        return any(one.sealed for one in found) if found else None

    def away(self) -> tuple[str, ...]:
        """Returns a note on the sealed reviews that nobody with a seat can finish."""
        lost = sum(
            one.sealed and not one.signed and self._people.by_key(one.rater) is None for one in self._begun.values()
        )
        if not lost:
            return ()
        were = "review was" if lost == 1 else "reviews were"
        return (
            f"{lost} sealed {were} begun by someone who has no seat any more, and nobody else can read what they wrote. Give them their seat "
            "back in the people file until it is signed, or replace the case.",
        )


def _key(person: Person | None) -> str:
    return person.key if person else ""


def _lonely(cases: int) -> tuple[str, ...]:
    """Returns a note on cases that should be rated twice and have one rater."""
    if not cases:
        return ()
    many = f"{cases} case{'' if cases == 1 else 's'}"
    return (f"{many} should be rated a second time, and nobody else may rate. Give someone the role second_rater.",)


def _reviews(held: _Held, case: DrawnCase, keeper: str, *, rater: str, second: str | None) -> list[Review]:
    """Returns the reviews of a case. `second` is None where it is rated once, "" where nobody can rate it a second time yet."""

    def review(stage: str, key: str, sealed: bool = False, kept: str = "") -> Review:
        name = review_id(held.commit, case.case, stage)
        return Review(name, held.commit, case.case, case.case_key, case.practitioner_key, stage, key, sealed, kept)

    found = [review(FIRST, rater, second is not None, keeper)]
    if second is not None:
        found.append(review(SECOND, second, True))
    for stage in FOLLOW_UPS:
        again = held.by(case, stage) or keeper
        found.append(review(stage, again, kept=held.keeper(again, keeper)))
    return [*found, review(MODERATION, "")]


def first_rater(draw: Draw, case: DrawnCase, people: People, supervisors: Mapping[str, str]) -> Person | None:
    """Returns the supervisor of the case's practitioner, or None. Nobody rates their own case.

    Whoever names the practitioner in people.toml comes first, then whoever names the team, then the record's own supervisor. Of
    several the seed takes one.
    """
    able = [person for person in people.having("supervisor") if person.key != case.practitioner_key]
    if case.practitioner_key == NOBODY:
        able = [person for person in able if person.everyone]
    for group in (
        [person for person in able if case.practitioner_key in person.practitioners],
        [person for person in able if case.team and case.team in person.teams],
        [
            person
            for person in able
            if not person.supervises_named and supervisors.get(case.practitioner_key) == person.key
        ],
        [person for person in able if person.everyone],
    ):
        if group:
            return min(group, key=lambda person: _chance(draw, case, person))
    return None


def tabled_with(draw: Draw, people: People, supervisors: Mapping[str, str]) -> dict[str, str]:
    """Returns case -> the key of the supervisor whom a tabled case concerns: the one who would rate it, had it been drawn."""
    found = {}
    for one in draw.tabled:
        rater = first_rater(draw, _as_drawn(one), people, supervisors)
        if rater is not None:
            found[one.case] = rater.key
    return found


def _as_drawn(one: Tabled) -> DrawnCase:
    """Returns a tabled case as if it had been drawn."""
    return DrawnCase(
        case=one.case,
        case_key=one.case_key,
        practitioner=digest(one.practitioner_key),
        practitioner_key=one.practitioner_key or NOBODY,
        team=one.team,
        stratum="",
        reasons="",
        signals=(),
        state="selected",
    )


def pairs_now(
    draws: Iterable[Draw], people: People, supervisors: Mapping[str, Mapping[str, str]]
) -> frozenset[tuple[str, str]]:
    """Returns (supervisor, supervisee) as it stands now: whom the people file names, and of others whoever would rate their cases in the
    newest draw that has any. `draws` come oldest first, `supervisors` is commitment -> practitioner -> supervisor, as the record has it.

    Whoever supervised somebody before is no longer of their pair, also where they rated or still rate a case of theirs (docs/people.md).
    """
    found: dict[str, set[str]] = {}
    for draw in draws:
        if not draw.withdrawn:
            there: dict[str, set[str]] = {}
            for case in (*draw.cases, *(_as_drawn(one) for one in draw.tabled)):
                rater = first_rater(draw, case, people, supervisors.get(draw.commit, {}))
                there.setdefault(case.practitioner_key, set()).update({rater.key} if rater else ())
            found |= there
    for person in people.everyone:
        for practitioner in person.practitioners:
            found.setdefault(practitioner, set()).add(person.key)
    found.pop(NOBODY, None)
    return frozenset((supervisor, supervisee) for supervisee, of in found.items() for supervisor in of)


def second_rater(draw: Draw, case: DrawnCase, people: People, first: str) -> Person | None:
    """Returns who rates the case a second time: the seed's choice among all who can rate, bar the first rater and the practitioner."""
    eligible = [
        person for person in people.everyone if person.can_rate and person.key not in (first, case.practitioner_key)
    ]
    return min(eligible, key=lambda person: _chance(draw, case, person), default=None)


def _chance(draw: Draw, case: DrawnCase, person: Person) -> str:
    return digest(f"csr1/rater|{draw.seed}|{case.case}|{person.key}")


def _rated_twice(draw: Draw, policy: ScoringPolicy, raters: Mapping[str, Person | None]) -> set[str]:
    """Returns the cases to be rated twice: the policy's share of the draw, and all of a rater's first days.

    The share is taken of the cases first selected; a replacement is rated twice when the case that it stands for was to be.
    Otherwise a replacement could make another review, begun already, a double one.
    """
    chosen = chosen_for_second(
        (case.case for case in draw.cases if case.follows == case.case), draw.seed, policy.second_share
    )
    drawn_on = utc_moment(draw.drawn_at).date()
    return {
        case.case
        for case in draw.cases
        if case.case in raters and (case.follows in chosen or _is_new(raters[case.case], drawn_on, policy.first_days))
    }


def chosen_for_second(cases: Iterable[str], seed: str, share: Fraction) -> frozenset[str]:
    """Returns that share of the cases, rounded up, smallest hash first."""
    ordered = sorted(cases, key=lambda case: digest(f"csr1/second|{seed}|{case}"))
    return frozenset(ordered[: math.ceil(share * len(ordered))])


def _is_new(person: Person | None, drawn_on: date, first_days: int) -> bool:
    return person is not None and person.started is not None and drawn_on < person.started + timedelta(days=first_days)


def in_order(reviews: Sequence[Review], seeds: Mapping[str, str]) -> list[Review]:
    """Returns reviews in the order in which a rater is given them; `seeds` is commitment -> seed.

    Order and surname effects are known from millions of grades (design: fairness), so the order is the seed's, never the alphabet's.
    """
    return sorted(
        reviews, key=lambda one: (digest(f"csr1/order|{seeds[one.commit]}|{one.rater}|{one.case}"), one.stage)
    )
