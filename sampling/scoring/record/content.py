"""The record of one case, as it is printed: what was scored, with the words of each chosen level, what follows from it, and who signed.

Everything comes from the journal and the frozen rubrics; the hash is that of the signature. For audit and training people and cases
have aliases, and their copies carry no words of the record but for whoever scores or moderates the case (docs/intended-use.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sampling.chain import utc_moment
from sampling.journal.events import Accessed, RubricsFrozen, TimeSpent
from sampling.pack import open_pack
from sampling.page.words import capital, counted, day_of
from sampling.scoring.parts.caseview import CaseView
from sampling.scoring.parts.showing import SEED_TAIL
from sampling.scoring.rules.actions import actions
from sampling.scoring.rules.labels import stage_label
from sampling.scoring.rules.moderation import decisions_of
from sampling.scoring.rules.rated import CODE_LABELS, NOT_SCORED
from sampling.scoring.rules.record_actions import ActionPart, action_parts, short_day
from sampling.scoring.rules.reply import OUTCOMES, REASONS, reply_part
from sampling.scoring.rules.reviewing import CriterionState, Numbered
from sampling.scoring.rules.signing import ROLES_OF_RATER
from sampling.scoring.rules.standing import day_in_england, moment_in_england
from sampling.scoring.settings.access import may_identify
from sampling.scoring.settings.assignments import MODERATION, Review

NOT_CARE = "This says how one case was recorded and what follows for supervision. It is not itself a record of care."
SHORT_HASH = 16
EVIDENCE = {
    "L0": "L0, not evidence: a rehearsal",
    "L1": "L1, logged on the service's own word",
    "L2": "L2, no one person could steer it",
    "L3": "L3, anyone outside can check it",
}
_ROLES = {"rater": "Scored by", "supervisor": "Scored by", "supervisee": "Seen by the practitioner"}
_SAFETY = {
    "nobody": "Does anyone need to act today? No.",
    "acting_now": "Does anyone need to act today? Yes, and they are.",
    "handed_over": "Does anyone need to act today? Yes, handed over.",
}
_SILENT = (Accessed, TimeSpent, RubricsFrozen)  # what changes nothing of what the record says


@dataclass(frozen=True)
class PointerPart:
    """Where in the record the evidence stands, and its words where they were quoted and may be shown."""

    where: str
    quote: str


@dataclass(frozen=True)
class CriterionPart:
    """One line of the record. `mark` is what stands in the box: the level, "n/a", "n/r" or "–"; `words` the anchor or the reason."""

    number: int
    title: str
    critical: bool
    mark: str
    level: int | None
    below: bool
    words: str
    comment: str
    pointers: tuple[PointerPart, ...]
    safety: str
    moderated: str


@dataclass(frozen=True)
class RubricPart:
    """One rubric of the record, with its version and digest, and its criteria."""

    title: str
    version: str
    digest: str
    pass_level: int
    criteria: tuple[CriterionPart, ...]


@dataclass(frozen=True)
class SignaturePart:
    """One signature: who, in which role, when, under which statement, and whether it still stands."""

    role: str
    name: str
    at: str
    statement: str
    content: str
    void: str


@dataclass(frozen=True)
class SaidPart:
    """A deviation, a reply or an answer: its heading and its words."""

    heading: str
    text: str


@dataclass(frozen=True)
class RecordData:
    """All that the page of one case says, in the words that it says it in."""

    review: str
    case_label: str
    practitioner_label: str
    headline: str
    summary: str
    facts: tuple[tuple[str, str], ...]
    rubrics: tuple[RubricPart, ...]
    actions: tuple[ActionPart, ...]
    deviations: tuple[SaidPart, ...]
    replies: tuple[SaidPart, ...]
    signatures: tuple[SignaturePart, ...]
    content: str
    signed: bool
    stood: str
    paste: str
    left_out: tuple[str, ...]

    @property
    def short_hash(self) -> str:
        """Returns the first letters of the hash, as they stand at the foot of each page."""
        return self.content[:SHORT_HASH]


@dataclass(frozen=True)
class _Shown:
    """For whom the record is made: which names and words it may carry."""

    view: CaseView
    review: Review
    purpose: str
    words_kept: bool  # whether words of the record and comments on it may be shown

    @property
    def identified(self) -> bool:
        return may_identify(self.purpose)

    def person(self, signature: Mapping[str, Any]) -> str:
        if self.identified or (signature["role"] in ROLES_OF_RATER and self.words_kept):
            return str(signature["name"] or "someone without a seat")
        return "the rater" if signature["role"] in ROLES_OF_RATER else "the practitioner"

    def owner(self, owner: str) -> str:
        """Returns who owns an action: in a copy without names, the alias or the role."""
        return self.view.world.owner_label(self.review, owner, identified=self.identified)


def record_of(view: CaseView, review: Review, purpose: str, *, words: bool = True) -> RecordData:
    """Returns the record of a review, for a person who may read it and for that purpose; the same journal gives the same record.

    Without `words` it has levels, codes and days alone (sampling.scoring.settings.access says for whom that is).
    An unsigned review has a record, too, which says that it is not signed and sums nothing up.
    """
    shown = _Shown(view, review, purpose, words)
    state, world = view.state(review), view.world
    case_label, practitioner_label = world.labels(review, identified=shown.identified)
    signed = view.is_signed(review)
    rubrics = _rubrics(shown)
    gone = view.deleted(review)
    headline, summary = _summary(rubrics, signed) if signed or not gone else ("Deleted", gone)
    entries = view.of(review)
    return RecordData(
        review=review.id,
        case_label=case_label,
        practitioner_label=practitioner_label,
        headline=headline,
        summary=summary,
        facts=_facts(shown),
        rubrics=rubrics,
        actions=action_parts(actions(entries), _numbers(view), shown.owner, words_kept=shown.words_kept),
        deviations=_deviations(shown),
        replies=_replies(shown) if shown.words_kept else (),
        signatures=tuple(_signature(one, shown) for one in state.signatures),
        content=view.content(review),
        signed=signed,
        stood=_stood(entries),
        paste=_paste(state.paste, shown),
        left_out=_left_out(shown),
    )


def _facts(shown: _Shown) -> tuple[tuple[str, str], ...]:
    view, review = shown.view, shown.review
    draw = view.world.draw(review)
    drawn = open_pack(draw.folder).entry("drawn")
    level = str(drawn["data"]["evidence_level"]) if drawn else ""
    rater = {"role": "rater", "name": view.world.names.get(review.rater, "")}
    return (
        ("Practitioner", view.world.labels(review, identified=shown.identified)[1]),
        ("Scored by", f"{capital(shown.person(rater))}, {stage_label(review.stage).lower()}"),
        ("Draw", f"{draw.draw_id}, drawn {day_of(utc_moment(draw.drawn_at).date())}"),
        ("Seed ends in", draw.seed[-SEED_TAIL:]),
        ("Level of evidence", EVIDENCE.get(level, level)),
        ("This copy is for", view.world.policy.purposes.get(shown.purpose, shown.purpose)),
    )


def _numbers(view: CaseView) -> dict[str, int]:
    return {one.ref: one.number for one in view.criteria}


def _rubrics(shown: _Shown) -> tuple[RubricPart, ...]:
    view = shown.view
    state = view.state(shown.review)
    moderation = view.stages.get(MODERATION)
    decided = decisions_of(view.of(moderation)) if moderation else {}
    parts = []
    for rubric in view.rubrics:
        own = [one for one in view.criteria if one.rubric is rubric]
        lines = [_criterion(one, state.criteria[one.ref], shown, _decided(decided.get(one.ref), one)) for one in own]
        parts.append(RubricPart(rubric.title, rubric.version, rubric.digest, rubric.pass_level, tuple(lines)))
    return tuple(parts)


def _decided(decision: Any, one: Numbered) -> str:
    if decision is None:
        return ""
    said = decision.said
    value = f"level {said.level}" if said.level is not None else CODE_LABELS[said.code].lower()
    anchor = f": {one.criterion.levels[said.level]}" if said.level is not None else ""
    return f"The moderator decided on {value}, {said.reason.replace('_', ' ')}{anchor}"


def _criterion(one: Numbered, state: CriterionState, shown: _Shown, moderated: str) -> CriterionPart:
    policy = shown.view.world.policy
    if state.level is not None:
        mark, words = str(state.level), one.criterion.levels[state.level]
    elif state.code:
        mark = "n/a" if state.code == "not_applicable" else "n/r"
        reason = policy.reasons(state.code).get(state.reason or "", state.reason or "")
        words = f"{CODE_LABELS[state.code]}. {reason}."
    else:
        mark, words = "–", f"{NOT_SCORED}."
    return CriterionPart(
        number=one.number,
        title=one.criterion.title,
        critical=one.criterion.critical,
        mark=mark,
        level=state.level,
        below=state.level is not None and state.level < one.rubric.pass_level,
        words=words,
        comment=state.comment.strip() if shown.words_kept else "",
        pointers=tuple(_pointer(pointer, shown) for pointer in state.evidence),
        safety=_SAFETY[state.safety["answer"]] if state.safety else "",
        moderated=moderated,
    )


def _pointer(pointer: Mapping[str, Any], shown: _Shown) -> PointerPart:
    day = short_day(date.fromisoformat(pointer["note_date"]))
    return PointerPart(f"{day}, {pointer['note_kind']}", " ".join(pointer["quote"].split()) if shown.words_kept else "")


def _summary(rubrics: Iterable[RubricPart], signed: bool) -> tuple[str, str]:
    """Returns the finding with its denominator, and what else there is to count; an unsigned record counts nothing."""
    if not signed:
        return "Not signed", "What stands here can still change. Nothing is counted before the signature."
    lines = [(line, rubric.pass_level) for rubric in rubrics for line in rubric.criteria]
    levels = [(line, least) for line, least in lines if line.level is not None]
    passed = sum((line.level or 0) >= least for line, least in levels)
    critical = [line for line, _ in levels if line.critical and line.below]
    counts = [
        f"not applicable {sum(line.mark == 'n/a' for line, _ in lines)}",
        f"record not accessible {sum(line.mark == 'n/r' for line, _ in lines)}",
    ]
    below = f"Below: {len(levels) - passed}, of these critical: {len(critical)}"
    return (
        f"{passed} of {counted(len(levels), 'scored criterion', 'scored criteria')} at the pass level or above",
        f"{below}. Not counted: {', '.join(counts)}.",
    )


def _signature(one: Mapping[str, Any], shown: _Shown) -> SignaturePart:
    return SignaturePart(
        role=_ROLES[one["role"]],
        name=shown.person(one),
        at=_moment(one["at"]),
        statement=one["statement"],
        content=one["content"],
        void=one["void_reason"] if one["void"] else "",
    )


def _moment(at: str) -> str:
    moment = moment_in_england(at)
    return f"{day_of(moment.date())}, {moment:%H:%M:%S}"


def _deviations(shown: _Shown) -> tuple[SaidPart, ...]:
    state = shown.view.state(shown.review)
    found = []
    for by in ("practitioner", "manager"):
        said = state.deviations[by]
        if said:
            guideline, text = (f": {said['guideline']}", said["text"].strip()) if shown.words_kept else ("", "")
            found.append(SaidPart(f"Deviation recorded by the {by}{guideline}", text))
    return tuple(found)


def _replies(shown: _Shown) -> tuple[SaidPart, ...]:
    part = reply_part(shown.view.of(shown.review), {}, may_reply=False, may_answer=False)
    found = []
    for said in part["rounds"]:
        on = day_of(day_in_england(said["at"]))
        found.append(SaidPart(f"Reply of the practitioner, {on}: {REASONS[said['reason']]}", said["text"].strip()))
        if answer := said["answer"]:
            on = day_of(day_in_england(answer["at"]))
            found.append(SaidPart(f"Answer, {on}: {OUTCOMES[answer['outcome']]}", answer["text"].strip()))
    return tuple(found)


def _stood(entries: Iterable[Any]) -> str:
    """Returns when the journal last changed what the record says."""
    told = [entry.at for entry in entries if not isinstance(entry.payload, _SILENT)]
    if not told:
        return ""
    moment = moment_in_england(max(told))
    return f"{short_day(moment.date())}, {moment:%H:%M}"


def _paste(paste: Mapping[str, Any] | None, shown: _Shown) -> str:
    if paste is None:
        return ""
    where = f": {paste['reference']}" if shown.words_kept else ""
    return f"The text was put into the case system on {day_of(date.fromisoformat(paste['pasted_on']))}{where}"


def _left_out(shown: _Shown) -> tuple[str, ...]:
    found = [gone] if (gone := shown.view.deleted(shown.review)) else []
    if not shown.identified:
        found.append("Case and practitioner have aliases, since this copy is not for their own supervision.")
    if not shown.words_kept:
        found.append(
            "Quotations, comments, replies and the wording of actions are left out of a copy for audit or training."
        )
    if not shown.view.world.policy.text_kept:
        found.append("This service keeps no words of a case here; they stand in the case system.")
    return tuple(found)
