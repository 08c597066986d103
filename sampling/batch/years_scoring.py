"""Scripted raters for one month of the invented years: their events judged by the service's own rules, and stored many at a time.

What would be wrong on the form is wrong here: each event is read and judged as the service reads and judges it, and what blocks a
signature there stops the years here. Only the transactions are larger: one for all that a rater hands in on a day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, cast

from sampling.batch.practice_raters import COMMENTS, identities
from sampling.batch.years_actions import looked_after, raised
from sampling.batch.years_model import NOT_ACCESSIBLE, REPAIR, SETTLED_SHARE, SLIPS, Model, Population
from sampling.journal.events import ActionClosed, ActionMoved, ActionRaised, ActionSeen, Signed
from sampling.journal.sealing import load_lead_key
from sampling.journal.store import CURRENT, SYSTEM, Draft, Entry, Opener
from sampling.scoring.errors import refused
from sampling.scoring.parts import writing
from sampling.scoring.parts.caseview import CaseView
from sampling.scoring.parts.world import World
from sampling.scoring.rules import action_rules
from sampling.scoring.rules.actions import actions
from sampling.scoring.rules.reviewing import Numbered
from sampling.scoring.rules.signing import statement
from sampling.scoring.service import Service
from sampling.scoring.settings.assignments import FIRST, FOLLOW_UPS, SECOND, Review
from sampling.scoring.settings.draws import Draw
from sampling.scoring.settings.people import Person
from sampling.tickets import digest

SCORED_AFTER, FOLLOWED_UP_AFTER = timedelta(days=2), timedelta(days=8)  # after the draw date; after the rater's own day
LONGEST = timedelta(days=20)  # what the scoring of a month takes at most, follow-ups included
FOLLOW_UP = FOLLOW_UPS[0]
AGAIN_FOR = "escalation_rationale"  # a gap here is what a case is scored again for
_AGAIN = 0.35  # share of those cases that are
_NEVER_BEGUN, _NOT_SIGNED = 0.02, 0.02  # shares of reviews that nobody gets to, and that are scored and never signed
_NOTE_KINDS = ("progress note", "visit", "duty action", "management oversight")
_MORNING = time(9, 30, tzinfo=UTC)
_OF_ACTIONS = (ActionRaised, ActionMoved, ActionSeen, ActionClosed)


@dataclass
class Scored:
    """What a month's scoring came to, as counts."""

    signed: int = 0
    unsigned: int = 0
    second: int = 0
    again: int = 0
    events: int = 0


@dataclass(frozen=True)
class _Rated:
    """One review as its rater hands it in: the drafts, its gaps, and whether it is signed."""

    review: Review
    drafts: tuple[Draft, ...]
    gaps: tuple[str, ...]
    signed: bool


@dataclass
class Scoring:
    """The scoring of one drawn month. `reviews` are those of the draw, `population` the month's cases with what is true of them.

    `meanwhile` is called before anything is stored, with the time that it will bear: for what others wrote until then.
    """

    service: Service
    world: World
    model: Model
    draw: Draw
    population: Population
    reviews: Sequence[Review]
    meanwhile: Callable[[datetime], None]
    _place: dict[str, int] = field(init=False)
    _gaps: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _signed: set[str] = field(default_factory=set)
    _raised: dict[str, tuple[Draft, ...]] = field(default_factory=dict)
    _moved: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._place = {one.case: place for place, one in enumerate(self.population.members)}
        self._column = {ref: place for place, ref in enumerate(self.model.refs)}
        self._chance = self.model.chance("scoring", self.population.period)
        self._new_id = identities("years", str(self.model.seed), self.draw.commit)
        self._now = self.model.logits(self.population)
        self._later = self.model.logits(self.population, crisis=1 - SETTLED_SHARE)

    def score(self) -> Scored:
        """Stores all ratings of the month and returns what they came to. Raises EventsRefused where a rule of the service is broken."""
        done = Scored()
        raters = sorted({one.rater for one in self.reviews if one.rater})
        morning = datetime.combine(self.draw.as_of, _MORNING) + SCORED_AFTER
        days = {rater: morning + timedelta(days=place) for place, rater in enumerate(raters)}
        for rater, now in days.items():
            self.meanwhile(now)
            self._store(self._person(rater), self._of(rater, (FIRST, SECOND)), now, done)
        self._unseal(max(days.values()) + timedelta(hours=2))
        for rater, now in days.items():
            person, later = self._person(rater), now + FOLLOWED_UP_AFTER
            self.meanwhile(later)
            self._look_after_actions(person, later, done)
            again = [one for one in self._of(rater, (FOLLOW_UP,)) if self._is_scored_again(one)]
            self._store(person, again, later, done)
        return done

    def _person(self, key: str) -> Person:
        return next(one for one in self.world.people.everyone if one.key == key)

    def _of(self, rater: str, stages: Iterable[str]) -> list[Review]:
        own = [one for one in self.reviews if one.rater == rater and one.stage in stages]
        return sorted(own, key=lambda one: (one.stage, one.id))

    def _is_scored_again(self, review: Review) -> bool:
        first = next(one for one in self._stages(review).values() if one.stage == FIRST)
        gaps = self._gaps.get(first.id, ())
        due = first.id in self._signed - self._moved and any(ref.startswith(AGAIN_FOR + "/") for ref in gaps)
        return due and self._is_open(first) and self._chance(f"again {self._case_id(review)}") < _AGAIN

    def _is_open(self, first: Review) -> bool:
        second = self._stages(first).get(SECOND)
        return second is None or second.id in self._signed

    def _stages(self, review: Review) -> Mapping[str, Review]:
        return self.world.by_case[review.commit, review.case]

    def _unwritten(self, review: Review) -> CaseView:
        """Returns the case of a review before anything is written on it, with the stages alone that the rules ask about here."""
        stages = self._stages(review)
        return CaseView(
            self.world,
            {name: stages[name] for name in (FIRST, SECOND, review.stage) if name in stages},
            (),
            frozenset(),
        )

    def _case_id(self, review: Review) -> str:
        return self.population.members[self._place[review.case]].case_id

    def _store(self, person: Person, reviews: Sequence[Review], now: datetime, done: Scored) -> None:
        """Stores what a rater hands in on one day, in one transaction, and counts it."""
        rated = [self._rate(person, review, now.date()) for review in reviews]
        drafts = [draft for one in rated for draft in one.drafts]
        self.service.seen_by(person).append(drafts, now=now)
        for one in rated:
            self._gaps[one.review.id] = one.gaps
            self._signed |= {one.review.id} if one.signed else set()
            self._raised[one.review.id] = tuple(one for one in one.drafts if isinstance(one.payload, ActionRaised))
            done.signed += one.signed and one.review.stage == FIRST
            done.unsigned += not one.signed and one.review.stage == FIRST
            done.second += one.signed and one.review.stage == SECOND
            done.again += one.signed and one.review.stage == FOLLOW_UP
        done.events += len(drafts)

    def _rate(self, person: Person, review: Review, today: date) -> _Rated:
        chance = self._chance(f"signs {review.stage} {self._case_id(review)}")
        if review.stage != FOLLOW_UP and chance < _NEVER_BEGUN:
            return _Rated(review, (), (), False)
        empty = self._unwritten(review)
        events = list(self._events(review, empty, today))
        gap_to = self.service.policy.gap_to_level
        rated = [one["data"] for one in events if one["kind"] == "rated"]
        gaps = tuple(one["criterion"] for one in rated if one.get("level") is not None and one["level"] <= gap_to)
        if review.stage == FIRST:
            owner = self.world.labels(review, identified=True)[1]
            said = raised(
                gaps,
                self.service.policy,
                lambda name: self._new_id(f"{review.id} action {name}"),
                owner=owner,
                today=today,
            )
            events += [self._event(review, *one) for one in said]
        drafts = _judged(events, empty, review, person, today)
        drafts = [*writing.frozen_rubrics(empty, drafts), *drafts] if review.stage == FIRST else drafts
        if review.stage != FOLLOW_UP and chance < _NEVER_BEGUN + _NOT_SIGNED:
            return _Rated(review, tuple(drafts), gaps, False)
        return _Rated(review, (*drafts, self._signature(person, review, empty, drafts)), gaps, True)

    def _look_after_actions(self, person: Person, now: datetime, done: Scored) -> None:
        """Stores what became of the actions of a rater's signed reviews, a week after they were raised."""
        drafts: list[Draft] = []
        for review in self._of(person.key, (FIRST,)):
            before = self._raised.get(review.id, ())
            if review.id not in self._signed or not self._is_open(review) or not before:
                continue
            said = [draft.payload for draft in before if isinstance(draft.payload, ActionRaised)]
            events = [self._event(review, *one) for one in looked_after(said, self._chance, now.date())]
            empty = self._unwritten(review)
            drafts += _judged(events, empty, review, person, now.date(), before=before)
            self._moved |= {review.id} if any(one["kind"] == ActionMoved.kind for one in events) else set()
        self.service.seen_by(person).append(drafts, now=now)
        done.events += len(drafts)

    def _signature(self, person: Person, review: Review, empty: CaseView, drafts: Sequence[Draft]) -> Draft:
        """Returns the signature over what the drafts come to. Raises EventsRefused for a review that is not ready to be signed."""
        own = tuple(cast(Entry, one) for one in pending(drafts) if one.review == review.id)
        view = CaseView(empty.world, empty.stages, own, frozenset())
        if missing := view.missing(review):
            raise refused((one["ref"] or "case", one["sentence"]) for one in missing)
        said = Signed(role="rater", statement=statement("rater"), content=view.content(review))
        return Draft(self._new_id(f"{review.id} sign"), person.key, said, review.id, "signature:rater", CURRENT)

    def _unseal(self, now: datetime) -> None:
        """Makes both ratings of each case known whose two raters have signed, as the service does after the second signature."""
        key = load_lead_key(self.service.journal.id)
        opener = Opener(self.service.secret(), SYSTEM, key)
        for second in (one for one in self.reviews if one.stage == SECOND and one.id in self._signed):
            pair = [self._stages(second)[stage].id for stage in (FIRST, SECOND)]
            if set(pair) <= self._signed:
                name = digest(f"csr1/unsealed|{'|'.join(pair)}")[:32]
                self.service.journal.as_(opener).unseal(pair, now=now, id=name)

    # What is handed in

    def _events(self, review: Review, view: CaseView, today: date) -> Iterator[dict[str, Any]]:
        """Yields the events of one review, as the form would hand them in."""
        locked = self._chance(f"locked {self._case_id(review)}") < NOT_ACCESSIBLE
        for one in view.criteria:
            place, column = self._place[review.case], self._column[one.ref]
            if locked:
                yield self._rating(review, one, code="not_accessible", reason="held_elsewhere")
            elif not self.population.applies[place, column]:
                reason = "no_such_event" if one.ref.partition("/")[0] == AGAIN_FOR else "not_this_person"
                yield self._rating(review, one, code="not_applicable", reason=reason)
            else:
                yield from self._level(review, one, self._level_of(review, one.ref), today)
        seconds = 420 + int(self._chance(f"time {review.id}") * 900)
        yield self._event(review, "time_spent", "time", {"seconds": seconds})

    def _level_of(self, review: Review, ref: str) -> int:
        place, column, case_id = self._place[review.case], self._column[ref], self._case_id(review)
        later = review.stage == FOLLOW_UP
        logit = float((self._later if later else self._now)[place, column])
        if later and ref in self._gaps.get(self._stages(review)[FIRST].id, ()):
            logit += REPAIR
        if review.stage == SECOND:  # another rater, with a severity of their own
            first = self.population.severity[place]
            logit += float(first) - self.model.severity(self.world.names[review.rater])
        logit += self.model.noise(self.population.period, case_id, ref, later=later)
        slips = SLIPS[SECOND if review.stage == SECOND else FIRST]
        chance = self.model.chance("rated", self.population.period, case_id, ref, review.stage)
        return self.model.rated(logit, slips=slips, chance=chance)

    def _level(self, review: Review, one: Numbered, level: int, today: date) -> Iterator[dict[str, Any]]:
        """Yields a level with what the form asks for beside it: a pointer, a comment, an answer where someone may have to act today."""
        yield self._rating(review, one, level=level)
        ref, policy = one.ref, self.service.policy
        if level >= policy.evidence_from_level:
            pointer = self._new_id(f"{review.id} pointer {ref}")
            chance = self._chance(f"pointer {self._case_id(review)} {ref}")
            day = self.draw.as_of - timedelta(days=int(28 * chance))
            said = {"pointer": pointer, "criterion": ref, "note_date": min(day, today).isoformat(),
                    "note_kind": _NOTE_KINDS[int(chance * 997) % len(_NOTE_KINDS)]}  # fmt: skip
            yield self._event(review, "evidence_pointed", f"evidence:{pointer}", said)
        if level <= policy.comment_to_level and policy.text_kept:
            words = COMMENTS[min(level, max(COMMENTS))]
            text = words[int(self._chance(f"comment {self._case_id(review)} {ref}") * len(words))]
            yield self._event(review, "commented", f"comment:{ref}", {"criterion": ref, "text": text})
        if level == 0 and one.criterion.critical:
            yield self._event(review, "safety_answered", f"safety:{ref}", {"criterion": ref, "answer": "nobody"})

    def _rating(self, review: Review, one: Numbered, **answer: Any) -> dict[str, Any]:
        said = {
            "criterion": one.ref,
            "rubric_version": one.rubric.version,
            "rubric_digest": one.rubric.digest,
            **answer,
        }
        return self._event(review, "rated", f"rating:{one.ref}", said)

    def _event(self, review: Review, kind: str, subject: str, data: dict[str, Any], base: int = 0) -> dict[str, Any]:
        name = self._new_id(f"{review.id} {subject} {base}")
        return {"id": name, "kind": kind, "review": review.id, "subject": subject, "base": base, "data": data}


def _judged(
    events: Sequence[Mapping[str, Any]],
    view: CaseView,
    review: Review,
    person: Person,
    today: date,
    *,
    before: Sequence[Draft] = (),
) -> list[Draft]:
    """Returns the drafts of events, after the service's own rules. `before` are the actions that were raised already, where the events
    say what became of them. Raises EventsRefused with every fault.
    """
    faults: list[tuple[str, str]] = []
    read = [writing.read_event(given, number, _as_given, faults) for number, given in enumerate(events, 1)]
    sound = [event for event in read if event is not None]
    drafts = [writing.draft_of(event, person, sealed=review.sealed and not before) for event in sound]
    for place, event in enumerate(sound):
        faults += [(event.place, why) for why in writing.judge(event, view, review, person, today=today)]
        if isinstance(event.payload, _OF_ACTIONS):
            own = [one for one in (*before, *drafts[:place]) if one.subject == drafts[place].subject]
            known = next(iter(actions(pending(own))), None)
            signed = bool(before)
            faults += [
                (event.place, why) for why in action_rules.refusals(event.payload, known, today=today, signed=signed)
            ]
    if faults:
        raise refused(faults)
    return drafts


def _as_given(kind: str, data: Mapping[str, Any], review: str) -> Mapping[str, Any]:
    return data


def pending(drafts: Sequence[Draft]) -> Iterator[writing.Pending]:
    """Yields drafts on untouched subjects as the entries that they are about to become."""
    for number, draft in enumerate(drafts, 1):
        yield writing.Pending(
            id=draft.id, actor=draft.actor, payload=draft.payload, review=draft.review, subject=draft.subject, undoes="",
            sequence=number, revision=1, at=writing.NO_TIME, conflict=False,
        )  # fmt: skip
