"""One service as its pages see it: every question and every change goes through here, filtered by who asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sampling.errors import StateError
from sampling.journal.events import Accessed, Signed
from sampling.journal.sealing import load_lead_key
from sampling.journal.store import CURRENT, SYSTEM, Draft, Journal, Opener
from sampling.keys import Keyring
from sampling.scoring import queueing, writing
from sampling.scoring.access import purpose_for, refusal_to_read
from sampling.scoring.assignments import Review
from sampling.scoring.caseview import CaseView
from sampling.scoring.draws import fingerprint
from sampling.scoring.errors import AccessRefused, NotFound, OutOfDate, refused
from sampling.scoring.ground import Ground
from sampling.scoring.home import default_journal, default_people, default_policy
from sampling.scoring.people import People, Person, single_person
from sampling.scoring.policy import SUPERVISION
from sampling.scoring.showing import Asked, labelled, review_payload, sign_as
from sampling.scoring.signing import ROLES_OF_RATER, statement
from sampling.tickets import digest

HEARTBEAT_SECONDS = 5
SECOND_STAGES = ("first", "second")
LEAD_KEY_AWAY = (
    "The lead's private key is not on this machine, so that ratings of cases that are rated twice stay sealed."
)


class Service(Ground):
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
                "lease_minutes": policy.lease_minutes,
            },
        }

    def queue(self, actor: str, *, today: date) -> dict[str, Any]:
        """Returns the reviews that wait for the person, in the seed's order, with counts of all else that waits."""
        person, world = self.person(actor), self.world()
        shown = queueing.visible_reviews(world, person)
        queued = queueing.Queued(world, person, today, self.views(person, shown))
        payload = queueing.queue_payload(queued)
        if person.has("lead") and load_lead_key(self.journal.id) is None:
            payload["notes"].append(LEAD_KEY_AWAY)
        return {**payload, "follow_up": {"due": 0, "overdue": 0}, "moderation": 0, "sessions": 0}

    def review(self, actor: str, review: str, *, purpose: str, now: datetime) -> dict[str, Any]:
        """Returns one review with its case, for a person who may read it, and records that it was opened and why.

        Raises NotFound, or AccessRefused with the reason; a purpose that is not on the list is refused, too.
        """
        person, world = self.person(actor), self.world()
        found = world.found(review)
        view = self.view(person, found)
        if why := refusal_to_read(person, found, view.standing(found)):
            raise AccessRefused(why)
        if purpose not in self.policy.purposes:
            raise AccessRefused("Say for which purpose you open this case: choose one of the list.")
        effective = purpose_for(person, found, purpose)
        self._log_access(person, view, found, purpose=effective, now=now)
        mine = queueing.own_reviews(world, person)
        following = queueing.next_after(mine, found, self.views(person, mine))
        kept = tuple(self.seen_by(person).entries(kinds=["phrase_kept"]))
        asked = Asked(person, found, effective, now.date(), kept, following)
        return review_payload(view, asked)

    def _log_access(self, person: Person, view: CaseView, review: Review, *, purpose: str, now: datetime) -> None:
        """Writes at most one entry a person, review, purpose and day."""
        day = now.date().isoformat()
        identity = digest(f"csr1/access|{person.key}|{review.id}|{purpose}|{day}")[:32]
        if any(entry.id == identity for entry in view.entries):
            return
        said = Accessed(purpose=purpose, what="review")
        self.seen_by(person).append([Draft(identity, person.key, said, review.id, "access", CURRENT)], now=now)

    def follow_up(self, actor: str, *, today: date) -> dict[str, Any]:
        """Returns the actions and re-scores that are due."""
        raise NotFound("There is nothing to follow up yet.")

    def compare(self, actor: str, review: str) -> dict[str, Any]:
        """Returns a signed follow-up review beside the first one."""
        raise NotFound("There is no such review here.")

    def moderation_list(self, actor: str) -> dict[str, Any]:
        """Returns the cases with two ratings."""
        raise NotFound("There is nothing to moderate yet.")

    def moderation(self, actor: str, case: str) -> dict[str, Any]:
        """Returns the two ratings of one case."""
        raise NotFound("There is no such case here.")

    def sessions(self, actor: str, *, today: date) -> dict[str, Any]:
        """Returns the person's sessions."""
        raise NotFound("There is no session yet.")

    def session(self, actor: str, session_id: str) -> dict[str, Any]:
        """Returns one session."""
        raise NotFound("There is no such session here.")

    def record(self, actor: str, review: str) -> Any:
        """Returns what the printed record of a review says."""
        raise NotFound("There is no such review here.")

    # What is changed

    def append(self, actor: str, events: Sequence[Mapping[str, Any]], *, now: datetime) -> dict[str, Any]:
        """Stores all of the events in one transaction, or none, and returns their receipts with what the reviews came to.

        The actor is who asks, whatever the events say. Raises EventsRefused with every fault of every event.
        """
        person = self.person(actor)
        with self.lock:
            faults: list[tuple[str, str]] = []
            read = [writing.read_event(given, number, faults) for number, given in enumerate(events, 1)]
            sound = [event for event in read if event is not None]
            views = self.views_of(person, {event.review for event in sound})
            drafts = [draft for event in sound for draft in self._judged(event, views, person, now.date(), faults)]
            if faults:
                raise refused(faults)
            extra = self._consequences(views, drafts, person)
            receipts = self.seen_by(person).append([*extra["before"], *drafts, *extra["after"]], now=now)
            given = receipts[len(extra["before"]) : len(extra["before"]) + len(drafts)]
            return {"receipts": [self.receipt(one) for one in given], **self.committed(actor, views)}

    def _judged(
        self,
        event: writing.Event,
        views: Mapping[str, CaseView],
        person: Person,
        today: date,
        faults: list[tuple[str, str]],
    ) -> list[Draft]:
        view = views.get(event.review)
        if view is None:
            wrong, sealed = self._judge_elsewhere(event, person, today), False
        else:
            review = view.world.reviews[event.review]
            known = any(entry.id == event.given.get("id") and entry.actor == person.key for entry in view.entries)
            wrong = [] if known else writing.judge(event, view, review, person, today=today)
            sealed = review.sealed and not view.unsealed
        faults += [(event.place, sentence) for sentence in wrong]
        return [] if wrong else [writing.draft_of(event, person, sealed=sealed)]

    def _judge_elsewhere(self, event: writing.Event, person: Person, today: date) -> list[str]:
        """Returns why an event that belongs to no review may not be stored."""
        if event.payload.kind == "phrase_kept" and not event.review:
            return [] if person.can_rate else ["Phrases are kept by those who score"]
        return ["There is no such review here"]

    def _consequences(
        self, views: Mapping[str, CaseView], drafts: Sequence[Draft], person: Person
    ) -> dict[str, list[Draft]]:
        """Returns what the service itself writes in the same transaction: rubric versions before, voided signatures after."""
        found: dict[str, list[Draft]] = {"before": [], "after": []}
        for identity, view in views.items():
            own = [draft for draft in writing.without_known(drafts, view) if draft.review == identity]
            frozen = writing.frozen_rubrics(view, own)
            found["before"] += [draft for draft in frozen if draft.id not in {one.id for one in found["before"]}]
            found["after"] += writing.voided(view, view.world.reviews[identity], own, person.key)
        return found

    def committed(self, actor: str, reviews: Iterable[str]) -> dict[str, Any]:
        """Returns what stands after a change: for each review its content hash, what is missing, and which signatures are void."""
        person = self.person(actor)
        views = self.views_of(person, set(reviews))
        found: dict[str, Any] = {"content": {}, "missing": {}, "voided": {}}
        for identity, view in views.items():
            review = view.world.reviews[identity]
            found["content"][identity] = view.content(review)
            found["missing"][identity] = view.missing(review)
            if lost := _lost_signatures(view, review):
                found["voided"][identity] = lost
        return found

    def sign(self, actor: str, request: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
        """Stores a signature under exactly what the person saw. Returns its receipt and the next review.

        Raises OutOfDate when what is stored is no longer what was shown, EventsRefused with all that is missing, AccessRefused.
        When both raters of a double rating have signed, both are unsealed.
        """
        person, world = self.person(actor), self.world()
        identity, role = str(request.get("review", "")), str(request.get("role", ""))
        with self.lock:
            review = world.found(identity)
            view = self.view(person, review)
            there = next((entry for entry in view.of(review) if entry.id == request.get("id")), None)
            if there is None or there.actor != person.key:
                self._refuse_signature(view, review, person, request)
            shown = str(request.get("statement", "")) or statement(role)
            said = Signed.model_validate({"role": role, "statement": shown, "content": request.get("content")})
            draft = Draft(str(request.get("id", "")), person.key, said, identity, f"signature:{role}", CURRENT)
            receipt = self.seen_by(person).append([draft], now=now)[0]
            self._unseal(person, review, now)
        mine = queueing.own_reviews(world, person)
        following = queueing.next_after(mine, review, self.views(person, mine))
        return {"receipt": self.receipt(receipt), "next": following, **self.committed(actor, [identity])}

    def _refuse_signature(self, view: CaseView, review: Review, person: Person, request: Mapping[str, Any]) -> None:
        """Raises the refusal of a signature that may not be given."""
        if why := refusal_to_read(person, review, view.standing(review)):
            raise AccessRefused(why)
        role = "rater" if request.get("role") in ROLES_OF_RATER else request.get("role")
        if role not in ("rater", "supervisee") or sign_as(view, person, review) != role:
            raise AccessRefused(view.world.is_closed(review) or "This is signed already, or is not yours to sign.")
        if role == "rater" and (missing := view.missing(review)):
            raise refused((one["ref"] or "case", one["sentence"]) for one in missing)
        if request.get("content") != view.content(review):
            raise OutOfDate("Something was changed after this page was shown. Read it again, and sign what stands now.")

    def _unseal(self, person: Person, review: Review, now: datetime) -> None:
        """Publishes both ratings of a case once both raters have signed, where the lead's key is on this machine."""
        view = self.view(person, review)
        if not review.sealed or view.unsealed or not view.both_signed:
            return
        key = load_lead_key(self.journal.id)
        if key is None:
            return
        pair = [view.stages[stage].id for stage in SECOND_STAGES]
        opener = Opener(self.secret(), SYSTEM, key)
        self.journal.as_(opener).unseal(pair, now=now, id=digest(f"csr1/unsealed|{'|'.join(pair)}")[:32])


def _lost_signatures(view: CaseView, review: Review) -> list[dict[str, str]]:
    """Returns the roles whose last signature is void, each with a sentence."""
    last = {one["role"]: one for one in view.state(review).signatures}
    return [
        {
            "role": role,
            "sentence": f"The signature of {one['name'] or 'the ' + role} no longer stands: {one['void_reason']}.",
        }
        for role, one in last.items()
        if one["void"]
    ]


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
        service.world()
    except BaseException:
        opened.close()
        raise
    return service
