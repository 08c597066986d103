"""Which events may be stored: every event of a request is read and judged before any is stored, with all faults at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from pydantic import ValidationError

from sampling.journal.events import (
    ConflictResolved,
    EvidencePointed,
    Payload,
    Rated,
    RubricsFrozen,
    RubricUsed,
    SignatureVoided,
    plain_faults,
    read_payload,
    subject_fits,
)
from sampling.journal.store import CURRENT, SYSTEM, Draft, Entry, Receipt
from sampling.scoring.parts.caseview import CaseView
from sampling.scoring.rules.action_rules import missing_parts
from sampling.scoring.rules.own_ids import TAKEN, is_reserved, own_id
from sampling.scoring.rules.reviewing import fold
from sampling.scoring.rules.signing import content_hash, signed_by, void_id
from sampling.scoring.rules.standing import choice_faults, standing_choices
from sampling.scoring.settings.access import NEVER, refusal_to_choose, refusal_to_write
from sampling.scoring.settings.assignments import FIRST, Review
from sampling.scoring.settings.people import Person

FIELDS = {"id", "kind", "review", "subject", "base", "data", "undoes"}
PHRASE_OF_NO_REVIEW = "A phrase is kept on the review that it is taken from. Reload the page"
PLAIN = frozenset(("signed", "signature_voided", "accessed", "rubrics_frozen", "time_spent"))  # others must see these
_IDENTITY = re.compile(r"[0-9a-f]{32}")
NO_TIME = "1970-01-01T00:00:00Z"
SIGNING_ROLES: tuple[Literal["rater", "supervisor", "supervisee"], ...] = ("rater", "supervisor", "supervisee")


Prepare = Callable[[str, Mapping[str, Any], str], Mapping[str, Any]]


@dataclass(frozen=True)
class Event:
    """One event as it was handed in, its place in words, and what it says."""

    place: str
    given: Mapping[str, Any]
    payload: Payload

    @property
    def review(self) -> str:
        """Returns the review, session or nothing that it belongs to."""
        return str(self.given.get("review", ""))

    @property
    def identity(self) -> str:
        """Returns the id that its writer gave it."""
        return str(self.given.get("id", ""))


def read_event(given: Mapping[str, Any], number: int, prepare: Prepare, faults: list[tuple[str, str]]) -> Event | None:
    """Returns the event, or None after adding what is wrong with its form. No value that was handed in is repeated.

    `prepare` (kind, data, review) turns what the form says into what the journal holds.
    """
    kind = given.get("kind")
    place = f"event {number}" + (
        f" ({kind})" if isinstance(kind, str) and kind.isidentifier() and len(kind) < 40 else ""
    )
    data = given.get("data")
    unknown = sorted(str(name)[:40] for name in set(given) - FIELDS)
    wrong = [f"the field {name} is not known" for name in unknown]
    wrong += [
        f"{name} must be text" for name in ("id", "kind", "review", "subject", "undoes") if not _text(given, name)
    ]
    if not isinstance(given.get("base", 0), int) or isinstance(given.get("base", 0), bool) or given.get("base", 0) < 0:
        wrong.append("base must be a whole number from 0")
    if not isinstance(data, dict):
        wrong.append("data must be an object")
    if given.get("review") and not is_identity(given.get("review")):
        wrong.append("review must be 32 hexadecimal digits")
    if is_reserved(given.get("id")):
        wrong.append(TAKEN)
    if wrong or not isinstance(data, dict) or not isinstance(kind, str):
        faults += [(place, sentence) for sentence in wrong]
        return None
    if kind in NEVER:
        faults.append((place, "This is written by the service alone"))
        return None
    if lacking := missing_parts(kind, data):
        faults += [(place, sentence) for sentence in lacking]
        return None
    try:
        payload = read_payload(kind, prepare(kind, data, str(given.get("review", ""))))
    except ValidationError as error:
        faults += [(place, f"{field}: {sentence}" if field else sentence) for field, sentence in plain_faults(error)]
        return None
    except ValueError:
        faults.append((place, "There is no such kind of event"))
        return None
    if not subject_fits(payload, str(given.get("subject", ""))):
        faults.append((place, "Its subject does not belong to what it says"))
        return None
    return Event(place, given, payload)


def is_identity(value: object) -> bool:
    """Tells whether a value is written as the id of a review, a session or an event. Nothing else is looked for in the journal."""
    return isinstance(value, str) and bool(_IDENTITY.fullmatch(value))


def _text(given: Mapping[str, Any], name: str) -> bool:
    return isinstance(given.get(name, ""), str)


def judge(event: Event, view: CaseView, review: Review, person: Person, *, today: date) -> list[str]:
    """Returns why an event on a review may not be stored: who writes it, at which stage, and what it says."""
    if why := refusal_to_write(person, review, event.payload.kind, view.standing(review)):
        return [why]
    if event.payload.kind in _STOPPED and (why := view.closed(review)):
        return [why]
    undone = str(event.given.get("undoes", ""))
    if undone and not any(entry.id == undone and entry.actor == person.key for entry in view.of(review)):
        return ["An undo takes back an entry of one's own, on the same review"]
    if isinstance(event.payload, ConflictResolved):
        subject = str(event.given.get("subject", ""))
        if why := refusal_to_choose(person, review, subject, view.standing(review)):
            return [why]
        return choice_faults(view.of(review), event.payload, subject, undone)
    return [*_criterion_faults(event.payload, view), *_content_faults(event.payload, today)]


# A replaced case or a withdrawn draw takes no new ratings; what became of an action, and what someone replies, goes on.
_STOPPED = frozenset(
    (
        "rated", "commented", "evidence_pointed", "evidence_withdrawn", "safety_answered", "deviation_recorded", "action_raised",
        "parked", "referred", "pasted_into_record", "moderated", "conflict_resolved",
    )
)  # fmt: skip


def _criterion_faults(said: Payload, view: CaseView) -> list[str]:
    ref = getattr(said, "criterion", None)
    by_ref = {one.ref: one for one in view.criteria}
    if ref is not None and ref not in by_ref:
        return ["This case is not scored on that criterion"]
    if not isinstance(said, Rated):
        return []
    rubric = by_ref[said.criterion].rubric
    if (said.rubric_version, said.rubric_digest) != (rubric.version, rubric.digest):
        return [
            f'This case is scored with version {rubric.version} of the rubric "{rubric.title}". Reload the page and rate against that'
        ]
    if said.code and said.reason not in view.world.policy.reasons(said.code):
        return ["The reason is not one of the listed reasons"]
    return []


def _content_faults(said: Payload, today: date) -> list[str]:
    if not isinstance(said, EvidencePointed):
        return []
    found = [] if said.note_date <= today else ["The day of a note cannot be still to come"]
    if (said.start is None) != (said.end is None) or (said.start or 0) > (said.end or 0):
        found.append("A quote begins before it ends")
    return found


def chosen_twice(events: Iterable[Event], stored: Callable[..., Sequence[Entry]]) -> dict[str, Entry | str]:
    """Returns event id -> what said the same before, of each choice between two values that was made already.

    Whoever clicks twice, or in two windows, is told that it is stored. What said it is a stored entry, or the id of an earlier event of
    the same request. A choice that was taken back since, or the other value, is none of it: that is judged.
    """
    found: dict[str, Entry | str] = {}
    made: dict[tuple[str, str, str, str], str] = {}
    for event in events:
        said = event.payload
        if not isinstance(said, ConflictResolved) or event.given.get("undoes"):
            continue
        subject = str(event.given.get("subject", ""))
        entries = standing_choices(stored(event.review)) if event.review else ()
        earlier = next((one for one in entries if (one.subject, one.payload) == (subject, said)), None)
        place = (event.review, subject, said.chosen, said.instead_of)
        if earlier is not None and earlier.id != event.identity:
            found[event.identity] = earlier
        elif earlier is None and made.setdefault(place, event.identity) != event.identity:
            found[event.identity] = made[place]
    return found


def known_as(name: str, twin: Entry | str, receipts: Mapping[str, Receipt]) -> Receipt:
    """Returns the receipt of an event that says what another one said before it: known, under its own id."""
    if isinstance(twin, str):
        return replace(receipts[twin], id=name, status="known")
    return Receipt(name, twin.sequence, twin.revision, twin.at, "known")


def draft_of(event: Event, person: Person, *, sealed: bool) -> Draft:
    """Returns the draft of an event: the actor is who is signed in, never what was handed in."""
    given = event.given
    return Draft(
        id=event.identity,
        actor=person.key,
        payload=event.payload,
        review=event.review,
        subject=str(given.get("subject", "")),
        base=int(given.get("base", 0)),
        undoes=str(given.get("undoes", "")),
        sealed=sealed and event.payload.kind not in PLAIN,
    )


def frozen_rubrics(view: CaseView, drafts: Sequence[Draft]) -> list[Draft]:
    """Returns the draft that freezes the rubric versions of a case, with its first rating; none when they are frozen already."""
    if any(isinstance(entry.payload, RubricsFrozen) for entry in view.entries):
        return []
    if not any(isinstance(draft.payload, Rated) for draft in drafts):
        return []
    first = view.stages[FIRST]
    versions = tuple(
        RubricUsed(rubric=rubric.id, version=rubric.version, digest=rubric.digest) for rubric in view.rubrics
    )
    identity = own_id(f"csr1/rubrics|{first.commit}|{first.case}")
    return [Draft(identity, SYSTEM, RubricsFrozen(rubrics=versions), first.id, "rubrics", CURRENT)]


@dataclass(frozen=True)
class Pending:
    """A draft as the entry that it is about to become: what a review would be after it."""

    id: str
    actor: str
    payload: Payload | None
    review: str
    subject: str
    undoes: str
    sequence: int
    revision: int
    at: str
    conflict: bool


def after(view: CaseView, review: Review, drafts: Sequence[Draft]) -> str:
    """Returns the content of a review as it would be once the drafts are stored."""
    own: list[Entry | Pending] = list(view.of(review))
    known = {entry.id for entry in own}
    at = own[-1].at if own else NO_TIME  # times are no part of the content
    counts: dict[str, int] = {}
    for entry in own:
        counts[entry.subject] = counts.get(entry.subject, 0) + 1
    for draft in drafts:
        if draft.review != review.id or draft.id in known:
            continue
        count = counts.get(draft.subject, 0)
        counts[draft.subject] = count + 1
        conflict = draft.base not in (CURRENT, count)
        own.append(
            Pending(
                draft.id, draft.actor, draft.payload, draft.review, draft.subject, draft.undoes,
                2**31 + len(own), count + 1, at, conflict,
            )
        )  # fmt: skip
    state = fold(own, review.id, [one.ref for one in view.criteria], view.world.names)
    return content_hash(review.id, view.rubrics, state)


def voided(view: CaseView, review: Review, drafts: Sequence[Draft], actor: str) -> list[Draft]:
    """Returns the drafts that void what was signed on a review, when the drafts change it: in the same transaction."""
    state = fold(
        view.of(review), review.id, [one.ref for one in view.criteria]
    )  # as the journal says, not as it should
    standing = {role: signed_by(state, role) for role in SIGNING_ROLES}
    signed = {role: signature for role, signature in standing.items() if signature}
    if not signed or not drafts:
        return []
    content = after(view, review, drafts)
    return [
        Draft(
            id=void_id(drafts[0].id, role),
            actor=actor,
            payload=SignatureVoided(role=role, content=signature["content"], reason="changed"),
            review=review.id,
            subject=f"signature:{role}",
            base=CURRENT,
        )
        for role, signature in signed.items()
        if signature["content"] != content
    ]


def without_known(drafts: Sequence[Draft], view: CaseView) -> list[Draft]:
    """Returns the drafts that are not stored yet: an event sent twice changes nothing the second time."""
    known = {entry.id for entry in view.entries}
    return [draft for draft in drafts if draft.id not in known]
