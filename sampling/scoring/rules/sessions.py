"""Supervision sessions as they stand: what kind, agenda, earlier actions looked at, cases discussed, prompts, actions, signatures.

Only a planned formal one-to-one counts to coverage; the other kinds add to it and never replace it (City of York, supervision
standards). The notes of a reflective session are for the two people whose session it is, and for no page that anyone else opens.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from sampling.chain import canonical_json
from sampling.journal.events import (
    AgendaCovered,
    CaseDiscussed,
    JudgementEndorsed,
    PriorActionReviewed,
    PromptAnswered,
    Replied,
    SessionClosed,
    SessionDescribed,
    SessionOpened,
    Signed,
)
from sampling.scoring.rules.actions import Action
from sampling.scoring.rules.rated import Signature, signature_of
from sampling.scoring.rules.standing import Fact, current, revisions, standing
from sampling.tickets import digest

RecordState = Literal["draft", "agreed", "disputed"]
SigningRole = Literal["supervisor", "supervisee"]
ROLES: tuple[SigningRole, ...] = ("supervisor", "supervisee")
FORMAL, REFLECTIVE, GROUP = "formal_one_to_one", "reflective", "group"


@dataclass(frozen=True)
class Session:
    """One session as it stands. `last` is the number of its last entry; `opened` that of its first."""

    id: str
    kind: str
    held_on: date
    supervisor: str
    supervisees: tuple[str, ...]
    anonymised: bool
    opened: int
    closed: SessionClosed | None = None
    closed_at: str = ""
    closing: str = ""  # the id of the entry that closed it: what taking the closing back undoes
    closer: str = ""  # the key of the person who closed it, who takes that back, as its supervisor may
    agenda: Mapping[str, AgendaCovered] = field(default_factory=dict)
    prompts: Mapping[str, PromptAnswered] = field(default_factory=dict)
    prior: Mapping[str, tuple[PriorActionReviewed, str]] = field(default_factory=dict)  # action -> (what was found, at)
    discussed: Mapping[str, CaseDiscussed] = field(default_factory=dict)
    described: SessionDescribed | None = None
    endorsed: Mapping[str, JudgementEndorsed] = field(default_factory=dict)
    revisions: Mapping[str, int] = field(default_factory=dict)  # subject -> base of its next event
    signed: Mapping[SigningRole, Signature] = field(default_factory=dict)  # role -> signature
    past: tuple[tuple[SigningRole, Signature], ...] = ()  # the signatures that a change has voided, oldest first
    reply: Replied | None = None
    replied: int = 0  # the number of the reply's entry

    @property
    def signatures(self) -> tuple[tuple[SigningRole, Signature, bool], ...]:
        """Returns (role, signature, whether a change has voided it) of all that were ever given, the void ones first."""
        return (*((*one, True) for one in self.past), *((role, one, False) for role, one in self.signed.items()))

    @property
    def pair(self) -> frozenset[str]:
        """Returns the keys of the people whose session it is."""
        return frozenset((self.supervisor, *self.supervisees))

    @property
    def counts(self) -> bool:
        """Tells whether the session counts to coverage: a formal one-to-one that has been held and closed."""
        return self.kind == FORMAL and self.closed is not None

    @property
    def private(self) -> bool:
        """Tells whether its notes are for its own people alone."""
        return self.kind == REFLECTIVE

    def notes_for(self, actor: str) -> bool:
        """Tells whether a person may read the notes: those whose session it is. Whoever else looks does so as audit, and sees what was
        covered and agreed in its codes and days alone.
        """
        return actor in self.pair


def sessions(entries: Iterable[Fact]) -> tuple[Session, ...]:
    """Returns the sessions as they stand, newest day first."""
    by_session: dict[str, list[Fact]] = {}
    for entry in entries:
        if entry.review:
            by_session.setdefault(entry.review, []).append(entry)
    found = [session for one in by_session.values() if (session := _session(one)) is not None]
    return tuple(sorted(found, key=lambda session: (session.held_on, session.opened), reverse=True))


def _session(entries: list[Fact]) -> Session | None:
    """Returns the session that these entries of one id are about, or nothing when they are about a review."""
    counting = standing(entries)
    opened = [entry for entry in counting if isinstance(entry.payload, SessionOpened)]
    if not opened or not isinstance(said := opened[-1].payload, SessionOpened):
        return None
    latest = {subject: entry for (_, subject), entry in current(entries).items()}
    last = latest["session"]
    reply = latest.get("reply")
    signed: dict[SigningRole, Signature] = {
        role: signature for role in ROLES if (signature := signature_of(entries, role)) is not None
    }
    return Session(
        id=opened[0].review,
        kind=said.session_kind,
        held_on=said.held_on,
        supervisor=said.supervisor,
        supervisees=said.supervisees,
        anonymised=said.anonymised,
        opened=opened[0].sequence,
        closed=last.payload if isinstance(last.payload, SessionClosed) else None,
        closed_at=last.at if isinstance(last.payload, SessionClosed) else "",
        closing=last.id if isinstance(last.payload, SessionClosed) else "",
        closer=last.actor if isinstance(last.payload, SessionClosed) else "",
        agenda={one.item: one for entry in latest.values() if isinstance(one := entry.payload, AgendaCovered)},
        prompts={one.prompt: one for entry in latest.values() if isinstance(one := entry.payload, PromptAnswered)},
        prior={
            one.action: (one, entry.at)
            for entry in latest.values()
            if isinstance(one := entry.payload, PriorActionReviewed)
        },
        discussed={one.case: one for entry in latest.values() if isinstance(one := entry.payload, CaseDiscussed)},
        described=next((one for entry in latest.values() if isinstance(one := entry.payload, SessionDescribed)), None),
        endorsed={
            one.endorsement: one for entry in latest.values() if isinstance(one := entry.payload, JudgementEndorsed)
        },
        revisions={subject: number for (_, subject), number in revisions(entries).items()},
        signed=signed,
        past=_past(counting, signed),
        reply=reply.payload if reply is not None and isinstance(reply.payload, Replied) else None,
        replied=reply.sequence if reply is not None else 0,
    )


def _past(
    counting: Iterable[Fact], signed: Mapping[SigningRole, Signature]
) -> tuple[tuple[SigningRole, Signature], ...]:
    """Returns the signatures that no longer stand: a record says so, and does not look as if nobody had ever signed it."""
    stand = {one.sequence for one in signed.values()}
    given = [(entry, said) for entry in counting if isinstance(said := entry.payload, Signed)]
    return tuple(
        (role, Signature(entry.actor, entry.at, said.content, entry.sequence))
        for entry, said in given
        for role in ROLES
        if role == said.role and entry.sequence not in stand
    )


def prior_actions(
    session: Session, actions: Iterable[Action], *, practitioner_of: Mapping[str, str], sessions: Iterable[Session]
) -> tuple[Action, ...]:
    """Returns the earlier actions to be looked at in a session, those that were open when it was opened, the longest due first.

    In a one-to-one they are the supervisee's, whoever supervised when they were raised. In a group they are those of its earlier
    meetings alone: nobody's own actions are laid before others. `practitioner_of` is review id -> practitioner key.
    """
    groups = {one.id for one in sessions if one.kind == GROUP and one.supervisor == session.supervisor}
    found = []
    for action in actions:
        ours = (
            action.review in groups
            if session.kind == GROUP
            else action.review not in groups
            and (action.practitioner or practitioner_of.get(action.review, "")) in session.supervisees
        )
        earlier = action.raised < session.opened and action.review != session.id
        open_then = action.closed is None or action.closed.sequence > session.opened
        if ours and earlier and open_then:
            found.append(action)
    return tuple(sorted(found, key=lambda action: (action.due, action.raised)))


def prior_left(session: Session, prior: Iterable[Action]) -> tuple[Action, ...]:
    """Returns the earlier actions that are still to be looked at: neither reviewed in this session nor closed since it was opened."""
    return tuple(action for action in prior if action.action not in session.prior and action.closed is None)


def session_content(session: Session, raised: Iterable[Action]) -> str:
    """Returns the hash of what is agreed on: exactly what a signature of the session's record signs."""
    content: dict[str, Any] = {
        "session": session.id,
        "kind": session.kind,
        "held_on": str(session.held_on),
        "supervisor": session.supervisor,
        "supervisees": sorted(session.supervisees),
        "anonymised": session.anonymised,
        "closed": session.closed.model_dump(mode="json") if session.closed else None,
        "agenda": [one.model_dump(mode="json") for _, one in sorted(session.agenda.items())],
        "prompts": [one.model_dump(mode="json") for _, one in sorted(session.prompts.items())],
        "prior": [one.model_dump(mode="json") for _, (one, _) in sorted(session.prior.items())],
        "discussed": [one.model_dump(mode="json") for _, one in sorted(session.discussed.items())],
        "actions": [
            [action.action, action.kind, action.text, action.owner, str(action.first_due), action.criterion]
            for action in raised
        ],
    }
    # What nobody said is no part of it, so that a signature from before there were these events still stands.
    if session.described:
        content["described"] = session.described.model_dump(mode="json")
    if session.endorsed:
        content["endorsed"] = [one.model_dump(mode="json") for _, one in sorted(session.endorsed.items())]
    return digest("csr1/session|" + canonical_json(content))


def signers(session: Session) -> tuple[SigningRole, ...]:
    """Returns who signs the record: both, or the supervisor alone for a group, whose members are not named in it."""
    return ROLES[:1] if session.kind == GROUP else ROLES


def record_state(session: Session, content: str) -> RecordState:
    """Returns draft, agreed (all who sign have signed what stands) or disputed (the supervisee replied otherwise, and has not signed
    since): written by the supervisor, agreed by both, amendments kept (City of York, supervision standard 5).
    """
    signed = [session.signed.get(role) for role in signers(session)]
    standing_ones = [one for one in signed if one is not None and one.content == content]
    if session.reply and session.reply.reason != "agree":
        by_supervisee = session.signed.get("supervisee")
        if by_supervisee is None or by_supervisee.content != content or by_supervisee.sequence < session.replied:
            return "disputed"
    return "agreed" if session.closed and len(standing_ones) == len(signed) else "draft"


def drawn_and_tabled(found: Iterable[Session]) -> tuple[int, int]:
    """Returns how many of the discussed cases were drawn, and how many a person put forward; a case counts once a session."""
    came = [one.came_by for session in found for one in session.discussed.values()]
    drawn = sum(by == "drawn" for by in came)
    return drawn, len(came) - drawn
