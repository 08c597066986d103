"""Who asks, on which day, and what of the journal they may read: what the parts of the service beyond scoring start from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial

from sampling.journal.events import Accessed, SessionOpened, TimeSpent, Unsealed
from sampling.journal.records import Entry
from sampling.scoring.parts.world import World
from sampling.scoring.rules.action_rows import Labels
from sampling.scoring.rules.rated import signature_of
from sampling.scoring.rules.standing import Fact
from sampling.scoring.settings.access import is_own, is_supervisee, keeps
from sampling.scoring.settings.assignments import FIRST, FOLLOW_UPS, Review
from sampling.scoring.settings.people import Person

# What actions, follow-ups, moderation and sessions are made of. A review's comments and evidence are read where they are shown.
LEDGER_KINDS = (
    "action_raised", "action_moved", "action_seen_in_record", "action_closed", "conflict_resolved", "signed", "signature_voided",
    "rated", "moderated", "rubrics_frozen", "session_opened", "session_closed", "agenda_covered", "prompt_answered",
    "prior_action_reviewed", "case_discussed", "session_described", "judgement_endorsed", "replied", "reply_answered", "referred", "time_spent",
)  # fmt: skip


@dataclass(frozen=True)
class Asking:
    """One person's question. `read` is Journal.entries as that person may see it: what is sealed for them has no payload."""

    world: World
    read: Callable[..., Sequence[Entry]]
    person: Person
    today: date

    @cached_property
    def ledger(self) -> dict[str, list[Entry]]:
        """Returns review or session id -> its entries that actions, follow-ups and sessions are made of.

        Only of the cases that concern the person: years of other people's ratings are not read for a supervisor's page.
        """
        if self.person.has("lead", "moderator"):
            return by_review(self.read(kinds=LEDGER_KINDS))
        key = self.person.key
        cases = {
            (review.commit, review.case)
            for review in self.world.reviews.values()
            if key in (review.rater, review.keeper, review.practitioner_key)
        }
        wanted = [review.id for case in cases for review in self.world.by_case[case].values()]
        held = [entry.review for entry in self.read(kinds=[SessionOpened.kind])]
        return by_review(self.read(reviews=sorted({*wanted, *held}), kinds=LEDGER_KINDS))

    @cached_property
    def unsealed(self) -> frozenset[str]:
        """Returns the ids of the entries whose content was made known to all."""
        keys: set[str] = set()
        for entry in self.read(kinds=[Unsealed.kind]):
            if isinstance(entry.payload, Unsealed):
                keys |= set(entry.payload.keys)
        return frozenset(keys)

    def of(self, *reviews: str) -> list[Entry]:
        """Returns all entries of these reviews or sessions, in order."""
        return list(self.read(reviews=sorted(set(reviews))))

    def has_signed(self, review: str) -> bool:
        """Tells whether a rater's signature stands on a review, or what they rated was made known when it did."""
        entries = self.ledger.get(review, [])
        return signature_of(entries, "rater", "supervisor") is not None or any(
            entry.id in self.unsealed for entry in entries
        )

    def may_follow(self, review: Review) -> bool:
        """Tells whether the person sees the actions of a review: its rater, and once it is signed the supervisor, the supervisee
        and a lead. What is still sealed for them has no payload, so that it is not among them.
        """
        if is_own(self.person, review):
            return True
        concerned = self.supervises(review) or is_supervisee(self.person, review) or self.person.has("lead")
        return concerned and self.has_signed(review.id)

    def supervises(self, review: Review) -> bool:
        """Tells whether the person is the supervisor of the review's case: its first rater, or whoever took over from them."""
        first = self.world.stages(review).get(FIRST)
        return first is not None and (is_own(self.person, first) or keeps(self.person, first))

    def writes_actions(self, review: Review) -> bool:
        """Tells whether the person says what became of a review's actions."""
        mine = is_own(self.person, review) or (keeps(self.person, review) and self.has_signed(review.id))
        return mine and not self.world.is_closed(review)

    def is_rescoring(self, review: Review) -> bool:
        """Tells whether the person is scoring the review's case again: until that is signed, nothing tells what was scored before."""
        key = self.person.key
        stages = self.world.stages(review).items()
        again = [one.id for stage, one in stages if stage in FOLLOW_UPS and one.rater == key]
        said = (
            [entry for entry in self.of(*again) if not isinstance(entry.payload, Accessed | TimeSpent)] if again else []
        )
        return any(not self.has_signed(one) for one in {entry.review for entry in said})

    def identified(self, review: Review) -> bool:
        """Tells whether the service's own ids may be shown: to the supervisor and the supervisee of the case."""
        return self.supervises(review) or is_supervisee(self.person, review)

    def reads_words(self, review: Review) -> bool:
        """Tells whether texts of a review may be shown where no purpose is asked for: to those whose own case or rating it is. Whoever
        else looks does so as audit (City of York, supervision standard 7).
        """
        return self.identified(review) or is_own(self.person, review)

    def names(self) -> dict[str, str]:
        """Returns person key -> name, those included who have no seat and are known by the service's own id alone."""
        found = {
            review.practitioner_key: self.world.practitioner_label(
                self.world.draw(review), review.practitioner_key, identified=self.identified(review)
            )
            for review in self.world.reviews.values()
            if review.stage == FIRST
        }
        return {**found, **self.world.names}

    def labels(self, reviews: Iterable[Review], sessions: Iterable[str] = ()) -> Labels:
        """Returns the labels of these reviews' actions, and of those of sessions in which the person may write."""
        reviews = list(reviews)
        named = {review.id: self.world.labels(review, identified=self.identified(review)) for review in reviews}
        return Labels(
            cases={review: case for review, (case, _) in named.items()},
            practitioners={review: practitioner for review, (_, practitioner) in named.items()},
            criteria=self.titles,
            people=self.names(),
            unnamed={
                one.id: partial(self.world.owner_label, one, identified=False)
                for one in reviews
                if not self.identified(one)
            },
            wordless=frozenset(one.id for one in reviews if not self.reads_words(one)),
            writable=frozenset([*(one.id for one in reviews if self.writes_actions(one)), *sessions]),
        )

    @cached_property
    def titles(self) -> dict[str, str]:
        """Returns criterion ref -> title, the newest version's where they differ."""
        return {rubric.ref(one): one.title for rubric in self.world.rubrics.versions for one in rubric.criteria}

    @cached_property
    def reasons(self) -> dict[str, str]:
        """Returns the closed reasons of both codes: code -> words."""
        return {**self.world.policy.not_applicable, **self.world.policy.not_accessible}


def by_review(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    """Returns review or session id -> entries, in order."""
    found: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        found[entry.review].append(entry)
    return dict(found)


def ever(entries: Iterable[Fact], kind: type) -> bool:
    """Tells whether anything of that kind was ever said, whatever came of it."""
    return any(isinstance(entry.payload, kind) for entry in entries)
