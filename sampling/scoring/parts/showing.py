"""What the service answers about one review, filtered for who asks: the form's state, the case panel and what may be chosen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from sampling.chain import utc_moment
from sampling.journal.store import Entry
from sampling.pack import open_pack
from sampling.scoring.parts.caseview import CaseView
from sampling.scoring.rules.deviations import deviations_part
from sampling.scoring.rules.gaps import choices, proposals, reminders
from sampling.scoring.rules.labels import stage_label
from sampling.scoring.rules.phrases import phrases
from sampling.scoring.rules.reviewing import CriterionState, ReviewState
from sampling.scoring.rules.signing import signed_by, statement
from sampling.scoring.rules.wordless import (
    deviations_without_words,
    panel_without_words,
    reply_without_words,
    state_without_words,
)
from sampling.scoring.settings.access import TOLD, is_own, is_supervisee, may_identify, may_read_words
from sampling.scoring.settings.assignments import SECOND, Review
from sampling.scoring.settings.draws import DrawnCase
from sampling.scoring.settings.panel import load_panel, planted_panel, without_references
from sampling.scoring.settings.people import Person
from sampling.scoring.settings.policy import ScoringPolicy

NOTE_KINDS = ("progress note", "phone contact", "care plan", "risk assessment", "meeting note", "letter")
SEED_TAIL = 4


@dataclass(frozen=True)
class Asked:
    """Who asks about which review, for which purpose and on which day; `kept` are the phrases that were ever kept."""

    person: Person
    review: Review
    purpose: str
    today: date
    kept: tuple[Entry, ...] = ()
    next_review: str | None = None

    @property
    def words(self) -> bool:
        """Returns whether any text of the case may be shown."""
        return may_read_words(self.person, self.review, self.purpose)


def review_payload(view: CaseView, asked: Asked, reply: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the JSON of GET api/review, for a person who may read it. `reply` is the right-of-reply part."""
    world, review, state = view.world, asked.review, view.state(asked.review)
    draw, identified = world.draw(review), may_identify(asked.purpose)
    on_form = is_own(asked.person, review) and asked.words
    case_label, practitioner_label = world.labels(review, identified=identified, on_form=on_form)
    read_only = why_read_only(view, asked)
    role = sign_as(view, asked.person, review) if asked.words else ""
    payload = {
        "review": review.id,
        "case": review.case,
        "case_label": case_label,
        "practitioner_label": practitioner_label,
        "draw_id": draw.draw_id,
        "drawn_on": utc_moment(draw.drawn_at).date().isoformat(),
        "seed_tail": draw.seed[-SEED_TAIL:],
        "stage": review.stage,
        "stage_label": stage_label(review.stage),
        "sealed": review.sealed and not view.unsealed,
        "purpose": asked.purpose,
        "as": "supervisee" if is_supervisee(asked.person, review) and not is_own(asked.person, review) else "rater",
        "read_only": bool(read_only),
        "read_only_why": read_only,
        "rubrics": rubrics_payload(view, world.case(review)),
        "state": {**_state(view, asked, identified or on_form), "replies": list(reply["rounds"])},
        "content": view.content(review),
        "missing": view.missing(review),
        "reminders": reminders(state, view.criteria, world.policy),
        "gaps": proposals(state, view.criteria, world.policy, asked.today),
        "panel": _panel(view, asked, identified),
        "choices": _choices(view, asked, practitioner_label),
        "phrases": _phrases(view, asked),
        "reply": dict(reply),
        "deviations_part": deviations_part(view.of(review), world.names),
        "sign_as": role,
        "statement": statement(role or "rater"),
        "next": asked.next_review,
        "today": asked.today.isoformat(),
        "policy": policy_payload(world.policy),
    }
    return payload if asked.words else _without_words(payload)


def _without_words(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the payload with levels, codes and days, and without any text of the case."""
    reply = reply_without_words(payload["reply"])
    return {
        **payload,
        "state": {**state_without_words(payload["state"]), "replies": reply["rounds"]},
        "panel": panel_without_words(payload["panel"]),
        "phrases": {},
        "reply": reply,
        "deviations_part": deviations_without_words(payload["deviations_part"]),
    }


def _state(view: CaseView, asked: Asked, named: bool) -> dict[str, Any]:
    """Returns the state of a review; without the names of the owners of actions for whoever neither raised them nor may read ids."""
    shown = state_payload(view.state(asked.review))
    owner = partial(view.world.owner_label, asked.review, identified=named)
    return {**shown, "actions": [{**action, "owner": owner(action["owner"])} for action in shown["actions"]]}


def why_read_only(view: CaseView, asked: Asked) -> str:
    """Returns why the person may not write to the ratings of a review, or ""."""
    review = asked.review
    if why := view.closed(review):
        return why
    if not is_own(asked.person, review):
        if is_supervisee(asked.person, review):
            return "You may read this, reply to it and sign that you have seen it."
        return "You may read this review. Its rater alone writes to it."
    if not asked.words:
        return "You opened this case for training, without its words. Open it for supervision to go on scoring."
    if view.told:
        return TOLD
    if review.sealed and view.unsealed:
        return "Both ratings of this case are open now, so what was rated blind stays. Actions and replies go on."
    return ""


def sign_as(view: CaseView, person: Person, review: Review) -> str:
    """Returns the role in which a person may sign a review now: rater, supervisee, or "" for not at all."""
    state = view.state(review)
    if view.closed(review) or view.told:
        return ""
    if is_own(person, review):
        return "" if view.is_signed(review) else "rater"
    if is_supervisee(person, review) and view.is_signed(review):
        signature = signed_by(state, "supervisee")
        return "" if signature else "supervisee"
    return ""


def rubrics_payload(view: CaseView, case: DrawnCase) -> list[dict[str, Any]]:
    """Returns the rubrics of a review with every anchor; `suggested`: what changed in the record speaks for this rubric."""
    number = {one.ref: one.number for one in view.criteria}
    return [
        {
            "id": rubric.id,
            "version": rubric.version,
            "digest": rubric.digest,
            "title": rubric.title,
            "applies_when": rubric.applies_when,
            "pass_level": rubric.pass_level,
            "suggested": bool(set(rubric.signals) & set(case.signals)),
            "criteria": [
                {
                    "ref": rubric.ref(criterion),
                    "number": number[rubric.ref(criterion)],
                    "title": criterion.title,
                    "question": criterion.question,
                    "critical": criterion.critical,
                    "levels": list(criterion.levels),
                    "note": criterion.note,
                }
                for criterion in rubric.criteria
            ],
        }
        for rubric in view.rubrics
    ]


def state_payload(state: ReviewState) -> dict[str, Any]:
    """Returns the state of a review as the form fills itself from it. Keys of people stay on the server."""
    return {
        "criteria": {ref: _criterion(one) for ref, one in state.criteria.items()},
        "actions": [dict(action) for action in state.actions],
        "deviations": {by: state.deviations[by] for by in ("practitioner", "manager")},
        "deviation_revisions": state.deviations["revisions"],
        "parked": state.parked,
        "referred": state.referred,
        "paste": state.paste,
        "signatures": [
            {name: value for name, value in one.items() if name not in ("actor", "statement")}
            for one in state.signatures
        ],
        "conflicts": [dict(conflict) for conflict in state.conflicts],
        "revisions": dict(state.revisions),
    }


def _criterion(one: CriterionState) -> dict[str, Any]:
    return {
        "level": one.level,
        "code": one.code,
        "reason": one.reason,
        "revision": one.revision,
        "comment": one.comment,
        "comment_revision": one.comment_revision,
        "evidence": list(one.evidence),
        "safety": one.safety,
        "safety_revision": one.safety_revision,
    }


def _panel(view: CaseView, asked: Asked, identified: bool) -> dict[str, Any]:
    world, review = view.world, asked.review
    draw = world.draw(review)

    def author(key: str | None) -> str:
        return world.practitioner_label(draw, key, identified=identified) if key else ""

    if review.planted:
        return planted_panel(
            open_pack(draw.folder),
            world.vignette(review),
            world.policy,
            case=world.case(review),
            author=author,
            profile=draw.profile,
        )
    signature = signed_by(view.state(review), "rater", "supervisor")
    day = utc_moment(signature["at"]).date() if signature else None
    found = load_panel(open_pack(draw.folder), review.case_key, world.policy, day, author=author, profile=draw.profile)
    blind = review.stage == SECOND and is_own(asked.person, review) and not world.policy.second_sees_case_id
    return without_references(found) if blind else found


def _choices(view: CaseView, asked: Asked, practitioner_label: str) -> dict[str, Any]:
    owners = [practitioner_label, asked.person.name]
    return {
        **choices(view.world.policy),
        "owners": [{"label": label} for label in dict.fromkeys(owners) if label],
        "note_kinds": [{"code": kind, "label": kind} for kind in NOTE_KINDS],
    }


def _phrases(view: CaseView, asked: Asked) -> Mapping[str, Any]:
    refs = {one.ref for one in view.criteria}
    found = phrases(asked.kept, asked.person.key)
    return {ref: rows for ref, rows in found.items() if ref in refs}


def policy_payload(policy: ScoringPolicy) -> dict[str, Any]:
    """Returns what of the policy the form works by."""
    names = (
        "evidence_from_level",
        "comment_to_level",
        "gap_to_level",
        "review_after_days",
        "safety_due_days",
        "quick_seconds",
    )
    return {
        **{name: getattr(policy, name) for name in names},
        "gap_actions": {target: list(kinds) for target, kinds in policy.gap_actions.items()},
        "copies": policy.copies,
        "text_kept": policy.text_kept,
    }


def labelled(codes: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    """Returns codes with their words, as the screens list them."""
    return [{"code": code, "label": label} for code, label in codes]
