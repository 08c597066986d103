"""Who signs what: a signature is stored under exactly what its signer saw, or not at all; two of a case that is rated twice unseal it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cached_property
from typing import Any

from pydantic import ValidationError

from sampling.journal.events import Signed, plain_faults
from sampling.journal.store import CURRENT, Draft, Journal
from sampling.scoring.errors import AccessRefused, NotFound, OutOfDate, refused
from sampling.scoring.parts import queueing, seeded, writing
from sampling.scoring.parts.caseview import CaseView
from sampling.scoring.parts.ground import Ground
from sampling.scoring.parts.service_follow import FollowParts
from sampling.scoring.parts.showing import sign_as
from sampling.scoring.parts.unsealing import Unsealing
from sampling.scoring.rules.own_ids import TAKEN, is_reserved
from sampling.scoring.rules.signing import ROLES_OF_RATER, statement
from sampling.scoring.settings.access import refusal_to_read
from sampling.scoring.settings.assignments import Review
from sampling.scoring.settings.people import Person


class Signatures(Ground):
    """What stands on the reviews of a service, and the signatures under it."""

    def parts(self, actor: str, today: date) -> FollowParts:
        """Returns what answers the person about follow-up, moderation and sessions."""
        person = self.person(actor)
        return FollowParts(self.world_of(person, self.told()), self.seen_by(person).entries, person, today)

    def committed(self, actor: str, reviews: Iterable[str]) -> dict[str, Any]:
        """Returns what stands after a change: for each review its content hash, what is missing, and which signatures are void."""
        person = self.person(actor)
        views = self.views_of(person, set(reviews))
        found: dict[str, Any] = {"content": {}, "missing": {}, "voided": {}, "seeded": []}
        for identity, view in views.items():
            review = view.world.reviews[identity]
            found["content"][identity] = view.content(review)
            found["missing"][identity] = view.missing(review)
            if lost := _lost_signatures(view, review):
                found["voided"][identity] = lost
            if view.told:
                found["seeded"].append(identity)
        return found

    def sign(self, actor: str, request: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
        """Stores a signature under exactly what the person saw. Returns its receipt and the next review.

        Raises OutOfDate when what is stored is no longer what was shown, EventsRefused with all that is missing, AccessRefused.
        When both raters of a double rating have signed, both are unsealed.
        """
        person = self.person(actor)
        world = self.world_of(person)
        identity, role = str(request.get("review", "")), str(request.get("role", ""))
        if not writing.is_identity(identity):
            raise NotFound("There is no such review or session here.")
        if is_reserved(request.get("id")):
            raise refused([("signature", TAKEN)])
        if identity not in world.reviews:
            return self._sign_session(person, request, now)
        with self.lock:
            review = world.found(identity)
            view = self.view(person, review)
            self._refuse_signature(view, review, person, request)
            said = _said(role, request)
            draft = Draft(str(request.get("id", "")), person.key, said, identity, f"signature:{role}", CURRENT)

            def expect(journal: Journal) -> None:
                # once more, with every other writer shut out: another process may have been quicker
                self._refuse_signature(self.view(person, review, journal), review, person, request)

            drafts = [draft, *seeded.shown_when_signed(view, review, role)]
            receipt = self.seen_by(person).append(drafts, now=now, expect=expect)[0]
            self.unseal(now)
        mine = queueing.own_reviews(world, person)
        following = queueing.next_after(mine, review, self.views(person, mine))
        return {"receipt": self.receipt(receipt), "next": following, **self.committed(actor, [identity])}

    def _sign_session(self, person: Person, request: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        """Stores the signature of a session's record. Raises NotFound where there is no such session for the person."""
        given = {name: str(request.get(name, "")) for name in ("id", "review", "role", "statement", "content")}

        def signed(journal: Journal) -> Signed:
            entries = journal.entries(review=given["review"])
            there = next((entry for entry in entries if entry.id == given["id"]), None)
            if there is not None and there.actor == person.key and isinstance(there.payload, Signed):
                return there.payload
            parts = FollowParts(self.world(), journal.entries, person, now.date())
            return parts.sign_session(
                given["review"], role=given["role"], statement=given["statement"], content=given["content"]
            )

        def expect(journal: Journal) -> None:
            signed(journal)  # once more, with every other writer shut out

        with self.lock:
            journal = self.seen_by(person)
            said = signed(journal)
            draft = Draft(given["id"], person.key, said, given["review"], f"signature:{said.role}", CURRENT)
            receipt = journal.append([draft], now=now, expect=expect)[0]
        return {
            "receipt": self.receipt(receipt),
            "next": None,
            "content": {},
            "missing": {},
            "voided": {},
            "seeded": [],
        }

    def _refuse_signature(self, view: CaseView, review: Review, person: Person, request: Mapping[str, Any]) -> None:
        """Raises the refusal of a signature that may not be given; one that is stored already was not refused then."""
        if any(entry.id == request.get("id") and entry.actor == person.key for entry in view.of(review)):
            return
        if why := refusal_to_read(person, review, view.standing(review)):
            raise AccessRefused(why)
        role = "rater" if request.get("role") in ROLES_OF_RATER else request.get("role")
        if role not in ("rater", "supervisee") or sign_as(view, person, review) != role:
            raise AccessRefused(view.closed(review) or "This is signed already, or is not yours to sign.")
        if role == "rater" and (missing := view.missing(review)):
            raise refused((one["ref"] or "case", one["sentence"]) for one in missing)
        if request.get("content") != view.content(review):
            raise OutOfDate("Something was changed after this page was shown. Read it again, and sign what stands now.")
        if request.get("statement") not in (None, "", statement(role)):
            raise OutOfDate(
                "This is not the sentence that was shown. Read the page again, and sign under what it says."
            )

    @cached_property
    def unsealing(self) -> Unsealing:
        """Returns what of the journal waits to be unsealed."""
        return Unsealing(self.journal)

    def unseal(self, now: datetime | None) -> None:
        """Publishes both ratings of each case once both raters have signed, where the lead's key is on this machine.

        Without `now` nothing is looked for: an entry is never stored without its time.
        """
        if now is not None:
            with self.lock:
                self.unsealing.unseal(self.world(), self.secret(), now)


def _said(role: str, request: Mapping[str, Any]) -> Signed:
    """Returns the signature that is asked for. Raises EventsRefused for one that is not written as a signature is."""
    try:
        return Signed.model_validate({"role": role, "statement": statement(role), "content": request.get("content")})
    except ValidationError as error:
        raise refused((field, sentence) for field, sentence in plain_faults(error)) from None


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
