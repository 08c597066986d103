"""One service as its pages see it: every question and every change goes through here, filtered by who asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sampling.errors import StateError
from sampling.journal.events import Accessed, PhraseKept
from sampling.journal.store import CURRENT, Draft, Entry, Journal
from sampling.keys import Keyring
from sampling.scoring.errors import AccessRefused, refused
from sampling.scoring.parts import queueing, seeded, writing
from sampling.scoring.parts.assurance_service import Assurance
from sampling.scoring.parts.caseview import CaseView
from sampling.scoring.parts.service_follow import FollowParts
from sampling.scoring.parts.showing import Asked, labelled, review_payload
from sampling.scoring.record.content import RecordData, record_of
from sampling.scoring.rules.own_ids import own_id
from sampling.scoring.rules.texts import text_choices, text_refusals
from sampling.scoring.settings.access import TOLD, UNSIGNED, may_read_words, purpose_for, refusal_to_read
from sampling.scoring.settings.assignments import FIRST, FOLLOW_UPS, Review
from sampling.scoring.settings.draws import fingerprint
from sampling.scoring.settings.home import default_journal, default_people, default_policy
from sampling.scoring.settings.people import People, Person, single_person
from sampling.scoring.settings.policy import AUDIT, SUPERVISION

HEARTBEAT_SECONDS = 5
NO_FOLLOW_UP = "There is nothing to score again on this case: a follow-up comes after a signed review that found a gap."


@dataclass
class _Handed:
    """The events of one request that could be read, and those of them that say what was said before."""

    events: list[writing.Event] = field(default_factory=list)
    twins: Mapping[str, Entry | str] = field(default_factory=dict)


class Service(Assurance):
    """A home of draws, a journal, people, rubrics and a policy. Safe to call from several threads."""

    # What is asked

    def me(self, actor: str) -> dict[str, Any]:
        """Returns who the person is here, the purposes that they may state, and the settings of their pages."""
        person, policy = self.person(actor), self.policy
        supervises = person.has("supervisor", "supervisee")
        purposes = [(code, label) for code, label in policy.purposes.items() if code != SUPERVISION or supervises]
        return {
            "person": {"key": person.key, "name": person.name, "roles": sorted(person.roles)},
            "purposes": labelled(purposes),
            "settings": {
                "copies": policy.copies,
                "outbox": policy.outbox,
                "heartbeat_seconds": HEARTBEAT_SECONDS,
                "quick_seconds": policy.quick_seconds,
                "texts": {} if policy.text_kept else text_choices(),
            },
        }

    def queue(self, actor: str, *, today: date, now: datetime | None = None) -> dict[str, Any]:
        """Returns the reviews that wait for the person, in the seed's order, with counts of all else that waits.

        With `now`, what both raters have signed and what is sealed still is made known first.
        """
        self.unseal(now)
        person = self.person(actor)
        world = self.world_of(person)
        shown = queueing.visible_reviews(world, person)
        queued = queueing.Queued(world, person, today, self.views(person, shown))
        payload = queueing.queue_payload(queued)
        if person.has("lead"):
            payload["notes"] += [note for note in (self.unsealing.note(), self.trouble, self.left_out) if note]
        payload["notes"] += seeded.notes(world, person)
        return {**payload, "seeded": seeded.results(self, person), **self.parts(actor, today).counts()}

    def review(self, actor: str, review: str, *, purpose: str, now: datetime) -> dict[str, Any]:
        """Returns one review with its case, for a person who may read it, and records that it was opened and why.

        Raises NotFound, or AccessRefused with the reason; a purpose that is not on the list is refused, too.
        """
        person = self.person(actor)
        view, found, effective = self._opened(person, review, purpose=purpose, what="review", now=now)
        mine = queueing.own_reviews(view.world, person)
        following = queueing.next_after(mine, found, self.views(person, mine))
        kept = tuple(self.seen_by(person).entries(kinds=["phrase_kept"]))
        asked = Asked(person, found, effective, now.date(), kept, following)
        reply = self.parts(actor, now.date()).reply(found)
        payload = review_payload(view, asked, reply)
        return {**payload, "seeded": seeded.outcome(view, found) if view.told else None}

    def record(self, actor: str, review: str, *, purpose: str, now: datetime) -> RecordData:
        """Returns what the printed record of a review says, for a person who may read it, and records that it was opened and why."""
        person = self.person(actor)
        if self.view(person, self.world().found(review)).told:
            raise AccessRefused(TOLD)  # of an invented case there is nothing to put into a record
        view, found, effective = self._opened(person, review, purpose=purpose, what="record", now=now)
        return record_of(view, found, effective, words=may_read_words(person, found, effective))

    def _opened(
        self, person: Person, review: str, *, purpose: str, what: str, now: datetime
    ) -> tuple[CaseView, Review, str]:
        """Returns the case, the review and the purpose that was logged. Raises NotFound or AccessRefused, and then logs nothing."""
        found = self.world().found(review)
        self.unseal(now)
        view = self.view(person, found)
        if why := refusal_to_read(person, found, view.standing(found)) or self._not_yet(
            found, self.parts(person.key, now.date())
        ):
            raise AccessRefused((why == UNSIGNED and view.deleted(found)) or why)
        if purpose not in self.policy.purposes:
            raise AccessRefused("Say for which purpose you open this case: choose one of the list.")
        effective = purpose_for(person, found, purpose)
        self._log_access(person, view, found, said=Accessed(purpose=effective, what=what), now=now)
        return view, found, effective

    def _not_yet(self, review: Review, parts: FollowParts) -> str:
        """Returns why a follow-up cannot be opened yet, or "": it exists once what it follows is signed and has gaps."""
        if review.stage not in FOLLOW_UPS:
            return ""
        first = self.world().stages(review)[FIRST]
        there = {one.review.id for one in parts.rescores(first)}
        return "" if review.id in there else NO_FOLLOW_UP

    def _log_access(self, person: Person, view: CaseView, review: Review, *, said: Accessed, now: datetime) -> None:
        """Writes at most one entry a person, review, purpose and day, for each of review and record."""
        day = now.date().isoformat()
        identity = own_id(f"csr1/access|{person.key}|{review.id}|{said.purpose}|{said.what}|{day}")
        if any(entry.id == identity for entry in view.entries):
            return
        self.seen_by(person).append([Draft(identity, person.key, said, review.id, "access", CURRENT)], now=now)

    def follow_up(self, actor: str, *, today: date) -> dict[str, Any]:
        """Returns the actions and re-scores that are due."""
        return self.parts(actor, today).follow_up()

    def compare(self, actor: str, review: str, *, today: date) -> dict[str, Any]:
        """Returns a signed follow-up review beside the first one. Raises AccessRefused before it is signed."""
        return self.parts(actor, today).compare(review)

    def moderation_list(self, actor: str, *, today: date, now: datetime | None = None) -> dict[str, Any]:
        """Returns the cases with two ratings, and those that were referred. `now` as for the queue."""
        self.unseal(now)
        return self.parts(actor, today).moderation_list()

    def moderation(self, actor: str, case: str, *, now: datetime) -> dict[str, Any]:
        """Returns the two ratings of one case, for its moderator or for its raters once it is decided; that it was opened is logged."""
        self.unseal(now)
        parts = self.parts(actor, now.date())
        page = parts.moderation(case)
        self._log_reading(actor, parts.moderation_id(case), Accessed(purpose=AUDIT, what="moderation"), now)
        return page

    def sessions(self, actor: str, *, today: date) -> dict[str, Any]:
        """Returns the person's sessions."""
        return self.parts(actor, today).sessions()

    def session(self, actor: str, session_id: str, *, now: datetime) -> dict[str, Any]:
        """Returns one session. Raises NotFound for one that is not the person's. A third person's reading is logged (City of York)."""
        page = self.parts(actor, now.date()).session(session_id)
        if actor not in {page["supervisor"]["key"], *(one["key"] for one in page["supervisees"])}:
            self._log_reading(actor, session_id, Accessed(purpose=AUDIT, what="session"), now)
        return page

    def _log_reading(self, actor: str, opened: str, said: Accessed, now: datetime) -> None:
        """Writes at most one entry a person, what was opened and day."""
        identity = own_id(f"csr1/access|{actor}|{opened}|{said.purpose}|{said.what}|{now.date()}")
        draft = Draft(identity, actor, said, opened, "access", CURRENT)
        self.seen_by(self.person(actor)).append([draft], now=now)

    # What is changed

    def append(self, actor: str, events: Sequence[Mapping[str, Any]], *, now: datetime) -> list[dict[str, Any]]:
        """Stores all of the events in one transaction, or none, and returns their receipts; see `committed` for what they came to.

        The actor is who asks, whatever the events say. Raises EventsRefused with every fault of every event.
        """
        person, handed = self.person(actor), _Handed()

        def decide(journal: Journal) -> list[Draft]:
            return self._decided(events, person, journal, handed, now=now)

        with self.lock:
            stored = self.seen_by(person).append_decided(decide, now=now)
            receipts = {one.id: one for one in stored}
            known = {name: writing.known_as(name, twin, receipts) for name, twin in handed.twins.items()}
            said = self.parts(actor, now.date()).said
            return [self.receipt({**receipts, **known}[event.identity], said) for event in handed.events]

    def _decided(
        self,
        events: Sequence[Mapping[str, Any]],
        person: Person,
        journal: Journal,
        handed: _Handed,
        *,
        now: datetime,
    ) -> list[Draft]:
        """Returns all that the events come to, judged by what stands while nobody else can write; `handed` is told what they were.

        Raises EventsRefused with every fault of every event.
        """
        parts = FollowParts(self.world_of(person), journal.entries, person, now.date())
        faults: list[tuple[str, str]] = []
        read = [writing.read_event(given, number, parts.prepare, faults) for number, given in enumerate(events, 1)]
        handed.events = [event for event in read if event is not None]
        handed.twins = writing.chosen_twice(handed.events, parts.asking.of)
        fresh = [event for event in handed.events if event.identity not in handed.twins]
        views = self.views_of(person, {event.review for event in fresh}, journal)
        drafts = [self._judged(event, views.get(event.review), person, parts, faults) for event in fresh]
        faults += [(fresh[place].place, sentence) for place, sentence in parts.check(drafts, now)]
        if faults:
            raise refused(faults)
        before, after = self._consequences(views, drafts, person)
        return [*before, *drafts, *after, *parts.session_voids(drafts, now)]

    def _judged(
        self,
        event: writing.Event,
        view: CaseView | None,
        person: Person,
        parts: FollowParts,
        faults: list[tuple[str, str]],
    ) -> Draft:
        """Returns the draft of an event, after adding what is wrong with it. One that is stored already is not judged again."""
        sealed = False
        if view is not None:
            known: Sequence[Entry] = view.entries
        else:
            known = () if self.policy.text_kept or not event.review else parts.asking.of(event.review)
        is_known = any(entry.id == event.identity and entry.actor == person.key for entry in known)
        wrong = [] if self.policy.text_kept or is_known else text_refusals(event.payload)
        if view is not None:
            review = view.world.reviews[event.review]
            if not is_known:
                wrong = [*writing.judge(event, view, review, person, today=parts.asking.today), *wrong]
                wrong = wrong or [why for why in (self._not_yet(review, parts),) if why]
            sealed = review.sealed and not view.unsealed
        elif event.payload.kind == PhraseKept.kind:
            wrong = [writing.PHRASE_OF_NO_REVIEW]
        faults += [(event.place, sentence) for sentence in wrong]
        return writing.draft_of(event, person, sealed=sealed)

    def _consequences(
        self, views: Mapping[str, CaseView], drafts: Sequence[Draft], person: Person
    ) -> tuple[list[Draft], list[Draft]]:
        """Returns what the service itself writes in the same transaction: rubric versions before, voided signatures after."""
        before: dict[str, Draft] = {}
        after: list[Draft] = []
        for identity, view in views.items():
            own = [draft for draft in writing.without_known(drafts, view) if draft.review == identity]
            before |= {draft.id: draft for draft in writing.frozen_rubrics(view, own)}
            after += seeded.shown_before_anyone_acts(view, view.world.reviews[identity], own)
            after += writing.voided(view, view.world.reviews[identity], own, person.key)
        return list(before.values()), after


def open_service(
    home: Path,
    *,
    keyring: Keyring,
    now: datetime,
    journal: str | Path | None = None,
    people: Path | None = None,
    name: str = "",
    policy: Path | None = None,
    rubrics: Path | None = None,
) -> Service:
    """Returns the service of a home of draws, its journal opened or made.

    Without a people file (here or beside the draws) it is that of one person, `name`. Raises StateError when there is no draw in the
    folder, PolicyError with every fault of the people file or the policy, and what the journal raises.
    """
    home = home.absolute()
    if not fingerprint(home):
        raise StateError(
            "There is no draw in that folder. Name the folder in which the draws of the service lie side by side."
        )
    file = people or (None if name else default_people(home))
    crowd: People | Path = file if file else single_person(name, keyring)
    where = journal if journal is not None else default_journal(home)
    opened = Journal.open(where, create_at=now)
    try:
        service = Service(home, opened, keyring, people=crowd, policy=policy or default_policy(home), rubrics=rubrics)
        service.unseal(now)
    except BaseException:
        opened.close()
        raise
    return service
