"""What the service delegates: follow-up, moderation, sessions and replies, and what may not be stored of them.

One object answers one question of one person; it reads the journal as that person may see it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sampling.journal.events import Moderated, SignatureVoided, Signed
from sampling.journal.records import CURRENT, Draft, Entry
from sampling.scoring.parts.asking import Asking
from sampling.scoring.parts.assurance_waits import supervision_waits
from sampling.scoring.parts.checking import Checking
from sampling.scoring.parts.follow_part import Rescore, compare_page, due_counts, follow_up_page, rescores
from sampling.scoring.parts.ground import plainly_said
from sampling.scoring.parts.moderation_part import (
    case_entries,
    double_of,
    moderation_list,
    moderation_of,
    moderation_page,
)
from sampling.scoring.parts.reply_part import review_reply
from sampling.scoring.parts.session_part import all_sessions, session_answer, sessions_page, signature
from sampling.scoring.parts.world import World
from sampling.scoring.rules.actions import actions
from sampling.scoring.rules.moderation import from_journal, to_journal
from sampling.scoring.rules.sessions import session_content, sessions
from sampling.scoring.rules.signing import void_id
from sampling.scoring.settings.assignments import MODERATION, Review
from sampling.scoring.settings.people import Person


class FollowParts:
    """The answers to one person on one day. `read` is Journal.entries opened as that person, without the lead's key."""

    def __init__(self, world: World, read: Callable[..., Sequence[Entry]], person: Person, today: date) -> None:
        self.asking = Asking(world, read, person, today)

    def follow_up(self) -> dict[str, Any]:
        """Returns the follow-up screen."""
        return follow_up_page(self.asking)

    def compare(self, review: str) -> dict[str, Any]:
        """Returns then and now of a signed follow-up. Raises NotFound, or AccessRefused with the reason."""
        return compare_page(self.asking, review)

    def moderation_list(self) -> dict[str, Any]:
        """Returns the list of cases with two ratings, and of those referred by their raters."""
        return moderation_list(self.asking)

    def moderation(self, case: str) -> dict[str, Any]:
        """Returns a case for its moderator, or a rater's own differences. Raises NotFound, or AccessRefused with the reason."""
        return moderation_page(self.asking, case)

    def moderation_id(self, case: str) -> str:
        """Returns the id of a case's moderation. Raises NotFound."""
        return moderation_of(self.asking, case).id

    def sessions(self) -> dict[str, Any]:
        """Returns the list of sessions."""
        return sessions_page(self.asking)

    def session(self, session: str) -> dict[str, Any]:
        """Returns one session. Raises NotFound for one that is not the person's."""
        return session_answer(self.asking, session)

    def reply(self, review: Review) -> dict[str, Any]:
        """Returns the right-of-reply part of a review's page."""
        return review_reply(self.asking, review)

    def rescores(self, first: Review) -> tuple[Rescore, ...]:
        """Returns the follow-up reviews that there are of a first review, with their due days and states."""
        return rescores(self.asking, first)

    def counts(self) -> dict[str, Any]:
        """Returns what the queue says of the other screens: follow-up due and overdue, cases to moderate, open sessions,
        and what of supervision waits for the person.
        """
        listed = moderation_list(self.asking)
        to_moderate = [row for row in listed["cases"] if row["may_moderate"] and row["to_decide"]]
        key = self.asking.person.key
        running = [one for one in all_sessions(self.asking) if one.closed is None and key in one.pair]
        return {
            "follow_up": due_counts(self.asking),
            "moderation": len(to_moderate) + sum(row["open"] for row in listed["referred"]),
            "sessions": len(running),
            "supervision": supervision_waits(self.asking),
        }

    def prepare(self, kind: str, data: Mapping[str, Any], review: str) -> dict[str, Any]:
        """Returns an event's data as the journal has it: a moderator's a or b becomes first or second, with that rater's answer."""
        found = self.asking.world.reviews.get(review)
        if kind != "moderated" or found is None or found.stage != MODERATION or data.get("choice") not in ("a", "b"):
            return dict(data)
        return to_journal(data, double_of(self.asking, found, case_entries(self.asking, found)))

    def said(self, entry: Entry) -> dict[str, Any] | None:
        """Returns what an entry says, for the person who asks: of a moderator's decision a or b, never who was first."""
        found = self.asking.world.reviews.get(entry.review)
        data = plainly_said(entry)
        if found is None or found.stage != MODERATION or not isinstance(entry.payload, Moderated):
            return data
        return from_journal(data, double_of(self.asking, found, case_entries(self.asking, found)))

    def check(self, drafts: Iterable[Draft], now: datetime) -> list[tuple[int, str]]:
        """Returns (place of the draft, sentence) for what may not be stored; kinds of other owners are left alone."""
        return Checking(self.asking, now).check(drafts)

    def sign_session(self, session: str, *, role: str, statement: str, content: str) -> Signed:
        """Returns the signature of a session's record. Raises NotFound, AccessRefused or OutOfDate."""
        return signature(self.asking, session, role=role, statement=statement, content=content)

    def session_voids(self, drafts: Sequence[Draft], now: datetime) -> list[Draft]:
        """Returns the drafts that void the signatures of sessions whose record these drafts change: for the same transaction."""
        checking = Checking(self.asking, now)
        found: list[Draft] = []
        for session_id in sorted({draft.review for draft in drafts} - {"", *self.asking.world.reviews}):
            facts = list(checking.facts(session_id))
            known = {fact.id for fact in facts}
            new = [draft for draft in drafts if draft.review == session_id and draft.id not in known]
            for draft in new:
                facts.append(checking.pending(draft, facts))
            session = next(iter(sessions(facts)), None)
            if session is None or not new:
                continue
            content = session_content(session, actions(facts))
            for role, signed in session.signed.items():
                if signed.content != content:
                    said = SignatureVoided(role=role, content=signed.content, reason="changed")
                    found.append(
                        Draft(
                            void_id(new[0].id, role),
                            self.asking.person.key,
                            said,
                            session_id,
                            f"signature:{role}",
                            CURRENT,
                        )
                    )
        return found
