"""What may not be stored of actions, moderation, sessions, replies, deviations and phrases: each event of a batch in its turn.

An event is judged against what is stored and the earlier events of its own batch: an outbox that was cut off for a while hands in an
action and its evidence at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sampling.chain import utc_text
from sampling.journal.events import (
    ActionClosed,
    ActionMoved,
    ActionRaised,
    ActionSeen,
    AgendaCovered,
    AnchorFlagged,
    CaseDiscussed,
    ConflictResolved,
    Deviation,
    JudgementEndorsed,
    Moderated,
    Payload,
    PhraseKept,
    PriorActionReviewed,
    PromptAnswered,
    Replied,
    ReplyAnswered,
    SessionClosed,
    SessionDescribed,
    SessionOpened,
)
from sampling.journal.fold import ADDING
from sampling.journal.records import CURRENT, Draft
from sampling.scoring.parts.asking import Asking
from sampling.scoring.parts.moderation_part import case_entries, double_of
from sampling.scoring.parts.noted_part import noted_facts, noting_around
from sampling.scoring.parts.reply_part import may_answer_review
from sampling.scoring.parts.session_part import known_of
from sampling.scoring.parts.writing import Pending
from sampling.scoring.rules import action_rules, deviations, moderation, noting, phrases, reply, session_rules
from sampling.scoring.rules.actions import actions
from sampling.scoring.rules.reply import reply_part
from sampling.scoring.rules.session_rules import NOT_IN_SESSION, NOT_YOURS, SESSION_CLOSED, Change, Known
from sampling.scoring.rules.sessions import Session, sessions
from sampling.scoring.rules.standing import Fact, choice_faults, revisions
from sampling.scoring.settings.access import NOT_YOUR_CHOICE, is_own, is_supervisee
from sampling.scoring.settings.assignments import MODERATION

OF_ACTIONS = (ActionRaised, ActionMoved, ActionSeen, ActionClosed)
OF_SESSIONS = (
    SessionOpened, AgendaCovered, PromptAnswered, PriorActionReviewed, CaseDiscussed, SessionClosed, SessionDescribed, JudgementEndorsed,
)  # fmt: skip
UNKNOWN = "There is no such review or session here."
NOT_YOUR_REPLY = "A reply and its answer are taken back by whoever wrote them."
MISSED_STAYS = "This date was missed, so that it stays on record. Move it with a reason, or close the action."
OF_THE_CASE = "An action of a review is about the work of the person whose case it is."
SIGNED_RAISING = (
    "This review is signed, so that its actions stay on record. Close the action and say why it is not needed."
)


@dataclass
class Checking:
    """One batch on its way in. `check` takes the drafts in their order; each is counted before the next is judged."""

    asking: Asking
    now: datetime
    _facts: dict[str, list[Fact]] = field(default_factory=dict)

    def check(self, drafts: Iterable[Draft]) -> list[tuple[int, str]]:
        """Returns (place of the draft, sentence) for whatever may not be stored; an event that is stored already is none of it."""
        found: list[tuple[int, str]] = []
        for number, draft in enumerate(drafts):
            facts = self.facts(draft.review)
            if any(fact.id == draft.id for fact in facts):
                continue
            found += [(number, sentence) for sentence in self._judged(draft, facts)]
            facts.append(self.pending(draft, facts))
        return found

    def facts(self, review: str) -> list[Fact]:
        """Returns what is stored of a review or session, and what of this batch would be."""
        if review not in self._facts:
            self._facts[review] = list(self.asking.of(review) if review else noted_facts(self.asking))
        return self._facts[review]

    def pending(self, draft: Draft, facts: Sequence[Fact]) -> Pending:
        """Returns a draft as the entry that it is about to become."""
        written = revisions(facts)[draft.review, draft.subject]
        at_once = draft.base not in (CURRENT, written) and draft.payload.kind not in ADDING  # as the journal will say
        return Pending(
            id=draft.id,
            actor=draft.actor,
            payload=draft.payload,
            review=draft.review,
            subject=draft.subject,
            undoes=draft.undoes,
            sequence=2**31 + len(facts),
            revision=written + 1,
            at=utc_text(self.now),
            conflict=bool(draft.subject) and at_once,
        )

    def _judged(self, draft: Draft, facts: list[Fact]) -> list[str]:
        said, actor = draft.payload, self.asking.person.key
        if isinstance(said, Replied) and draft.subject.startswith("reply_answer"):
            return [NOT_YOUR_CHOICE]
        if isinstance(said, PhraseKept):
            kept = [one for one in self.asking.read(kinds=[PhraseKept.kind]) if one.subject == draft.subject]
            return phrases.refusals(said, subject=draft.subject, others={one.actor for one in kept} - {actor})
        if isinstance(said, noting.OF_NOTED) or (isinstance(said, ConflictResolved) and not draft.review):
            return self._noted(draft, facts)
        if draft.review in self.asking.world.reviews:
            return self._of_review(draft, facts)
        if not isinstance(said, (*OF_SESSIONS, *OF_ACTIONS, Replied, ReplyAnswered, ConflictResolved)):
            return [UNKNOWN]
        return self._of_session(draft, facts)

    def _noted(self, draft: Draft, facts: list[Fact]) -> list[str]:
        """Judges what is noted of a person or a case by itself: it is superseded or withdrawn, and never undone."""
        said = draft.payload
        if draft.review:
            return [noting.BY_ITSELF]
        if draft.undoes:
            return [noting.AGAIN]
        around = noting_around(self.asking, facts)
        if not isinstance(said, ConflictResolved):
            return noting.refusals(said, draft.subject, around)
        chosen = next((fact.payload for fact in facts if fact.id == said.chosen), None)
        if chosen is None or noting.authority(chosen, around):
            return [NOT_YOUR_CHOICE]
        return choice_faults(facts, said, draft.subject, draft.undoes) or noting.refusals(chosen, draft.subject, around)

    def _of_session(self, draft: Draft, facts: list[Fact]) -> list[str]:
        """Judges what would stand after the event: what it takes back is as much of it as what it says."""
        said, actor = draft.payload, self.asking.person.key
        session = next(iter(sessions(facts)), None)
        if draft.undoes and not _own(draft, facts) and not _reopens(draft, session):
            return [NOT_YOUR_REPLY if isinstance(said, (Replied, ReplyAnswered)) else NOT_YOURS]
        if isinstance(said, OF_SESSIONS):
            change, known = self._change(session, draft, facts)
            return session_rules.refusals(said, change, actor=actor, known=known)
        if session is None:
            return [UNKNOWN]
        if actor not in session.pair:
            return [NOT_IN_SESSION]
        if isinstance(said, ConflictResolved):
            return self._of_choice(said, draft, facts, session)
        if isinstance(said, OF_ACTIONS):
            if session.closed and (isinstance(said, ActionRaised) or _takes_back(draft, facts, ActionRaised)):
                return [SESSION_CLOSED]
            before = [fact for fact in facts if fact.id != draft.undoes]
            wrong = session_rules.whose_work(said, session)
            return [*wrong, *self._of_action(draft, facts, before, signed=False)]
        return self._of_session_reply(said, facts, session)

    def _change(self, session: Session | None, draft: Draft, facts: list[Fact]) -> tuple[Change, Known]:
        """Returns what a draft would make of a session, and what the rules need to know of what it would be."""
        after = next(iter(sessions([*facts, self.pending(draft, facts)])), None)
        return Change(session, after, draft.undoes), known_of(self.asking, after or session)

    def _of_choice(self, said: ConflictResolved, draft: Draft, facts: list[Fact], session: Session) -> list[str]:
        """A reply and its answer are their writers' own; a closed record is opened again before it is changed."""
        actor = self.asking.person.key
        answers = draft.subject.startswith("reply_answer")
        theirs = answers or draft.subject == SessionOpened.subject  # what the session is, and that it is closed
        if draft.subject.startswith("signature:") or (theirs and actor != session.supervisor):
            return [NOT_YOUR_CHOICE]
        if draft.subject.startswith("reply"):
            if not answers and actor not in session.supervisees:
                return [NOT_YOUR_CHOICE]
        elif session.closed and not draft.subject.startswith("action:"):
            return [SESSION_CLOSED]
        change, known = self._change(session, draft, facts)
        wrong = choice_faults(facts, said, draft.subject, draft.undoes)
        return wrong or session_rules.transition(change, actor=actor, known=known)

    def _of_review(self, draft: Draft, facts: list[Fact]) -> list[str]:
        review = self.asking.world.reviews[draft.review]
        said, person = draft.payload, self.asking.person
        if isinstance(said, OF_ACTIONS):
            before = [fact for fact in facts if fact.id != draft.undoes]
            other = isinstance(said, ActionRaised) and said.practitioner not in (None, review.practitioner_key)
            wrong = self._of_action(draft, facts, before, signed=self.asking.has_signed(review.id))
            return [OF_THE_CASE, *wrong] if other else wrong
        if isinstance(said, Moderated | AnchorFlagged):
            if review.stage != MODERATION:
                return ["A decision belongs to the moderation of a case, not to a rating."]
            double = double_of(self.asking, review, case_entries(self.asking, review))
            return moderation.refusals(said, double, actor=person.key, moderates=person.has("moderator"))
        if isinstance(said, Deviation):
            return deviations.refusals(
                said,
                is_practitioner=person.key == review.practitioner_key,
                is_manager=is_own(person, review),
            )
        if isinstance(said, Replied | ReplyAnswered):
            part = reply_part(facts, {}, may_reply=False, may_answer=False)
            return reply.refusals(
                said,
                part["state"],
                is_supervisee=is_supervisee(person, review),
                may_answer=may_answer_review(self.asking, review),
                signed=self.asking.has_signed(review.id),
            )
        return []

    def _of_action(self, draft: Draft, facts: list[Fact], before: list[Fact], *, signed: bool) -> list[str]:
        if _hides_a_missed_date(draft, facts, self.asking.today):
            return [MISSED_STAYS]
        if isinstance(draft.payload, ActionClosed) and _takes_back(draft, facts, ActionRaised):
            return [SIGNED_RAISING] if signed else []
        known = {action.action: action for action in actions(before)}
        action = known.get(getattr(draft.payload, "action", ""))
        return action_rules.refusals(draft.payload, action, today=self.asking.today, signed=signed)

    def _of_session_reply(self, said: Payload, facts: list[Fact], session: Session) -> list[str]:
        part = reply_part(facts, {}, may_reply=False, may_answer=False)
        actor = self.asking.person.key
        return reply.refusals(
            said,
            part["state"],
            is_supervisee=actor in session.supervisees,
            may_answer=actor == session.supervisor,
            signed=session.closed is not None and "supervisor" in session.signed,
        )


def _own(draft: Draft, facts: Iterable[Fact]) -> bool:
    """Tells whether what a draft takes back is there, and was written by the same person."""
    return any(fact.id == draft.undoes and fact.actor == draft.actor for fact in facts)


def _reopens(draft: Draft, session: Session | None) -> bool:
    """Tells whether a supervisor opens a session again that its supervisee has closed: nobody else's entry is theirs to take back."""
    opens = isinstance(draft.payload, SessionOpened) and session is not None and session.closed is not None
    return opens and session is not None and (draft.undoes, draft.actor) == (session.closing, session.supervisor)


def _hides_a_missed_date(draft: Draft, facts: Iterable[Fact], today: date) -> bool:
    """Tells whether a draft takes back an entry whose due date was missed, so that the date would no longer be told."""
    undone = next((fact.payload for fact in facts if draft.undoes and fact.id == draft.undoes), None)
    if not isinstance(undone, ActionRaised | ActionMoved) or undone.due >= today:
        return False
    return not (isinstance(draft.payload, ActionRaised) and draft.payload.due == undone.due)


def _takes_back(draft: Draft, facts: Iterable[Fact], kind: type[Payload]) -> bool:
    """Tells whether a draft undoes an entry of that kind."""
    return bool(draft.undoes) and any(fact.id == draft.undoes and isinstance(fact.payload, kind) for fact in facts)
