"""Who may note what for coverage, and answer a pattern: sentences for the person who can put it right; none means allowed.

A supervisor writes for their own supervisees and their cases, a supervisee for themself, a lead what is nobody's pair alone: who is newly
qualified, decisions on objections, responses to patterns. A lead has no part in a pair (docs/people.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sampling.journal.events import (
    AgreementDrafted,
    AgreementReviewed,
    AgreementSigned,
    AppraisalHeld,
    CaseDelayNoted,
    CaseExempted,
    CaseIntervalAgreed,
    FolderChecked,
    NeedsAnswered,
    NeedsFlagged,
    NewlyQualifiedNoted,
    ObjectionDecided,
    ObjectionRaised,
    PatternOutcome,
    PatternResponse,
    PatternSeen,
    Payload,
    SupervisorTrained,
)
from sampling.journal.events_coverage import NOTED, NOTED_KINDS
from sampling.journal.views_coverage import AgreementState, Stands, agreements_of
from sampling.scoring.rules.coverage_words import FOLDER_ITEMS
from sampling.scoring.rules.standing import agreement_days

OF_PATTERNS = (PatternSeen, PatternResponse, PatternOutcome)
OF_NOTED = (*NOTED, *OF_PATTERNS)
NOTING_KINDS = (*NOTED_KINDS, *(one.kind for one in OF_PATTERNS), "conflict_resolved")
BY_ITSELF = "This belongs to no review and no session. Reload the page."
AGAIN = "This is taken back by noting it again as withdrawn, so that it stays readable."
NOBODY_HERE = "Nobody with that key is supervised here."
NO_ITEM = "The worker's folder has no such item. Choose one of the list."
NOT_YOUR_PAIR = "Only the supervisor of this person writes this, for their own supervisees."
NOT_YOUR_CASE = (
    "Only the supervisor of the person whose case this is writes this, and the case was drawn or put forward here."
)
FOR_THEMSELF = "This is written by the person whom it is about, and by nobody else."
OWN_SUPERVISOR = "Name the supervisor with whom you have supervision here."
LEAD_ONLY = "This is written by a lead."
NOT_OWN = "A lead does not decide about themself or about somebody whom they supervise. Ask another lead."
STAYS = "Whom or what an entry is about does not change. Withdraw it, and write another."
NO_AGREEMENT = "There is no such agreement to sign or review. Reload the page."
CHANGED = "The agreement was changed since you opened it. Read it again, then sign."
TOO_EARLY = "An agreement is agreed on or after the day on which it was drawn up, and not before the day that the other one signed for."
SIGN_FOR_YOURSELF = "An agreement is signed by the supervisor and the supervisee, each for themself."
BOTH_SIGNED = "Both have signed this agreement, so that it stays as it is. Draw up another one."
PAIR_ENDED = "The two of this agreement are no longer supervisor and supervisee, so that nothing is added to it."
NOT_SIGNED_YET = "An agreement is reviewed once both have signed it, from that day on."
NO_FLAG = "There is no such flag here. Reload the page."
FLAG_TO_OTHERS = "This flag was given to somebody else to answer."
NO_OBJECTION = "There is no such objection or request here. Reload the page."
ANSWERED = "It has been answered, so that it stays as it is. Write another."
NOT_YOUR_RECORD = "An objection is about your own supervision record: one of your sessions, or the whole of it."
NO_RESPONSE = "There is no such response to this pattern. Reload the page."
NO_SUCH_TIME = "Check the year: a day lies between {} and {} here. Leave the last day empty where it is not known."
NEEDS_WORDS = "Write where it stands: a reference cannot be blank."
TO_COME = "A day on which something was done cannot be still to come."
DUE_FIRST = "A response is due on or after the day on which it was decided."
EARLIEST = date(1950, 1, 1)  # no working life that is still supervised began before: an earlier day is a slip
YEARS_AHEAD = 5  # nothing is planned beyond, and a last day for "for ever" is left empty instead
# Fields that say where something stands.
_REFERENCES = ("reference", "case_reference", "session_reference", "decided_by", "what", "owner")
# What may never change once it is written: whose it is.
_IDENTITY = ("person", "case", "supervisor", "about", "to", "pattern", "response", "agreement")
# The day on which something was done, by the name of its field.
_DONE = ("drafted_on", "agreed_on", "decided_on", "seen_on")
_DONE_ON = (AgreementReviewed, AppraisalHeld, FolderChecked, SupervisorTrained, PatternOutcome)


@dataclass(frozen=True)
class Around:
    """Who writes, and what stands: `pairs` (supervisor, supervisee), `cases` case -> whose it is, `records` the ids of own sessions and
    reviews as a supervisee, `held` of those that the writer held or rated, `standing` subject -> the entry that stands.
    """

    actor: str
    lead: bool
    supervisor: bool
    pairs: frozenset[tuple[str, str]]
    cases: Mapping[str, str]
    records: frozenset[str]
    standing: Mapping[str, Stands]
    today: date
    held: frozenset[str] = frozenset()

    def supervises(self, person: str) -> bool:
        """Tells whether the writer supervises a person."""
        return (self.actor, person) in self.pairs

    def said(self, subject: str) -> Payload | None:
        """Returns what stands on a subject, unless it was withdrawn."""
        entry = self.standing.get(subject)
        payload = entry.payload if entry else None
        return None if getattr(payload, "withdrawn", False) else payload

    def agreement(self, name: str) -> AgreementState | None:
        """Returns the agreement of that id as it stands."""
        return next((one for one in agreements_of(self.standing.values()) if one.drafted.agreement == name), None)


def refusals(said: Payload, subject: str, around: Around) -> list[str]:
    """Returns why an entry may not be stored: who writes it, about whom, and what it says."""
    before = around.standing.get(subject)
    if before is not None and _whose(before.payload) != _whose(said):
        return [STAYS]
    found = authority(said, around)
    if found:
        return found
    if getattr(said, "withdrawn", False):
        return _content(said, around)  # a slip is taken back as it was written
    return [*_content(said, around), *_days(said, around.today), *_blanks(said)]


def _whose(said: Payload | None) -> tuple[object, ...]:
    return tuple(getattr(said, name, None) for name in _IDENTITY)


def authority(said: Payload, around: Around) -> list[str]:
    """Returns why a person may not write such an entry at all."""
    by_kind = next((rule for kinds, rule in _AUTHORITY if isinstance(said, kinds)), _by_supervisor)
    sentence = by_kind(said, around)
    return [sentence] if sentence else []


def _by_supervisor(said: Payload, around: Around) -> str:
    return "" if around.supervises(getattr(said, "person", "")) else NOT_YOUR_PAIR


def _on_case(said: Payload, around: Around) -> str:
    whose = around.cases.get(getattr(said, "case", ""), "")
    return "" if whose and around.supervises(whose) else NOT_YOUR_CASE


def _by_lead(said: Payload, around: Around) -> str:
    return "" if around.lead else LEAD_ONLY


def _of_supervisees(said: Payload, around: Around) -> str:
    known = getattr(said, "person", "") in {person for _, person in around.pairs}
    return _by_lead(said, around) or ("" if known else NOBODY_HERE)


def _by_both(said: Payload, around: Around) -> str:
    return "" if getattr(said, "person", "") == around.actor else _by_supervisor(said, around)


def _trained(said: Payload, around: Around) -> str:
    own = getattr(said, "person", "") == around.actor and around.supervisor
    return "" if own else _by_lead(said, around)


def _drafted(said: Payload, around: Around) -> str:
    own = getattr(said, "supervisor", "") == around.actor
    return _by_supervisor(said, around) if own else NOT_YOUR_PAIR


def _for_themself(said: Payload, around: Around) -> str:
    return "" if getattr(said, "person", "") == around.actor else FOR_THEMSELF


def _anybody(said: Payload, around: Around) -> str:
    return ""


_Rule = Callable[[Payload, Around], str]
# Everything that is not here is written by the person's supervisor.
_AUTHORITY: tuple[tuple[tuple[type[Payload], ...], _Rule], ...] = (
    ((CaseExempted, CaseDelayNoted, CaseIntervalAgreed), _on_case),
    ((NewlyQualifiedNoted,), _of_supervisees),
    ((ObjectionDecided, *OF_PATTERNS), _by_lead),
    ((FolderChecked,), _by_both),
    ((SupervisorTrained,), _trained),
    ((AgreementDrafted,), _drafted),
    ((NeedsFlagged, ObjectionRaised), _for_themself),
    ((AgreementSigned, AgreementReviewed, NeedsAnswered), _anybody),  # whose these are, what they are about says
)


def _content(said: Payload, around: Around) -> list[str]:
    if isinstance(said, AgreementDrafted):
        there = around.agreement(said.agreement)
        return [BOTH_SIGNED] if there is not None and there.by_both else []
    if isinstance(said, AgreementSigned | AgreementReviewed):
        return _of_agreement(said, around)
    if isinstance(said, NeedsFlagged | NeedsAnswered):
        return _of_flag(said, around)
    if isinstance(said, ObjectionRaised | ObjectionDecided):
        return _of_objection(said, around)
    if isinstance(said, FolderChecked):
        return [] if said.item in FOLDER_ITEMS else [NO_ITEM]
    if isinstance(said, PatternResponse):
        return [DUE_FIRST] if said.due < said.decided_on else []
    if isinstance(said, PatternOutcome):
        there_is = around.said(f"pattern_response:{said.pattern}/{said.response}")
        return [] if there_is is not None else [NO_RESPONSE]
    return []


def _of_agreement(said: AgreementSigned | AgreementReviewed, around: Around) -> list[str]:
    there = around.agreement(said.agreement)
    if there is None or there.drafted.person != said.person:
        return [NO_AGREEMENT]
    pair = {"supervisor": there.drafted.supervisor, "supervisee": there.drafted.person}
    if around.actor not in pair.values():
        return [NO_AGREEMENT]
    if tuple(pair.values()) not in around.pairs:
        return [PAIR_ENDED]
    if isinstance(said, AgreementSigned):
        if pair[said.role] != around.actor:
            return [SIGN_FOR_YOURSELF]
        if there.by_both or said.content != there.content:
            return [BOTH_SIGNED if there.by_both else CHANGED]
        return [TOO_EARLY] if said.agreed_on and said.agreed_on < agreed_from(there, said.role) else []
    signed = max(agreement_days(there).values()) if there.by_both else None
    return [NOT_SIGNED_YET] if signed is None or said.on < signed else []


def agreed_from(agreement: AgreementState, role: str) -> date:
    """Returns the first day on which one of the two can have agreed: that of the draft, and not before the other's."""
    others = (day for other, day in agreement_days(agreement).items() if other != role)
    return max((agreement.drafted.drafted_on, *others))


def _of_flag(said: NeedsFlagged | NeedsAnswered, around: Around) -> list[str]:
    if isinstance(said, NeedsFlagged):
        if around.said(f"needs_answer:{said.flag}") is not None:
            return [ANSWERED]
        gone = (
            said.withdrawn and around.said(f"needs:{said.flag}") is not None
        )  # taken back, also once the supervisor has changed
        return [] if gone or (said.supervisor, said.person) in around.pairs else [OWN_SUPERVISOR]
    flag = around.said(f"needs:{said.flag}")
    if not isinstance(flag, NeedsFlagged) or flag.person != said.person:
        return [NO_FLAG]
    if flag.to == "supervisor":
        return [] if around.actor == flag.supervisor and around.supervises(flag.person) else [NO_FLAG]
    if not around.lead:
        return [FLAG_TO_OTHERS if around.actor == flag.person else NO_FLAG]
    own = around.actor in (flag.person, flag.supervisor) or around.supervises(flag.person)
    return [NOT_OWN] if own else []


def _of_objection(said: ObjectionRaised | ObjectionDecided, around: Around) -> list[str]:
    if isinstance(said, ObjectionRaised):
        if around.said(f"objection_decision:{said.objection}") is not None:
            return [ANSWERED]
        return [] if said.of is None or said.of in around.records else [NOT_YOUR_RECORD]
    raised = around.said(f"objection:{said.objection}")
    if not isinstance(raised, ObjectionRaised) or raised.person != said.person:
        return [NO_OBJECTION]
    wrote = raised.of is not None and raised.of in around.held  # a lead who supervised them then, and wrote the record
    return [NOT_OWN] if around.actor == said.person or around.supervises(said.person) or wrote else []


def _blanks(said: Payload) -> list[str]:
    return [NEEDS_WORDS] if any(not getattr(said, name, "-").strip() for name in _REFERENCES) else []


def _days(said: Payload, today: date) -> list[str]:
    latest = date(today.year + YEARS_AHEAD, 12, 31)
    if any(isinstance(value, date) and not EARLIEST <= value <= latest for _, value in said):
        return [NO_SUCH_TIME.format(EARLIEST.year, latest.year)]
    days: Iterable[date | None] = (getattr(said, name, None) for name in _DONE)
    on = getattr(said, "on", None) if isinstance(said, _DONE_ON) else None
    return [TO_COME] if any(day is not None and day > today for day in (*days, on)) else []
