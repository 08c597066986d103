"""What follow-up answers: the landing list of actions, the cases to be scored again, and then and now once that is signed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from sampling.journal.events import Moderated, Rated, Signed
from sampling.journal.records import Entry
from sampling.page.words import day_of
from sampling.rubric import Criterion, Rubric
from sampling.scoring.errors import AccessRefused
from sampling.scoring.parts.asking import Asking, ever
from sampling.scoring.rules.action_rows import (
    Labels,
    action_choices,
    action_lists,
    action_row,
    due_headline,
    long_day,
    recently_closed,
    slip_rows,
)
from sampling.scoring.rules.actions import Action, actions, due_list
from sampling.scoring.rules.follow_up import (
    NOT_YET,
    RESCORE_LABELS,
    STANDING_NOTE,
    Compared,
    RescoreState,
    comparison,
    counts_of,
    due_of,
    headline,
    rescore_state,
)
from sampling.scoring.rules.moderation import decisions_of
from sampling.scoring.rules.rated import (
    Answer,
    Signature,
    answer_row,
    answers_of,
    gaps_of,
    settled_levels,
    signature_of,
)
from sampling.scoring.rules.sessions import sessions
from sampling.scoring.rules.standing import day_in_england
from sampling.scoring.rules.wordless import answer_without_words
from sampling.scoring.settings.access import NOT_YOURS, RESCORING
from sampling.scoring.settings.assignments import FIRST, FOLLOW_UPS, MODERATION, Review

CLOSED_DAYS = 31  # closed actions stay on the page for a month
STAGES = (FIRST, *FOLLOW_UPS)


@dataclass(frozen=True)
class Rescore:
    """A follow-up review that exists, when it is due and where it stands. `before` is the review that it follows."""

    review: Review
    before: Review
    first: Review
    due: date
    state: RescoreState


def gap_levels(asking: Asking, review: Review) -> dict[str, Answer]:
    """Returns what stands for each criterion of a review: the moderator's decision counts where there is one on its first rating."""
    answers = answers_of(asking.ledger.get(review.id, []))
    return settled_levels(answers, decided(asking, review)) if review.stage == FIRST else answers


def decided(asking: Asking, review: Review) -> dict[str, Moderated]:
    """Returns criterion ref -> what a moderator settled on in the review's case."""
    moderation = asking.world.stages(review).get(MODERATION)
    found = decisions_of(asking.ledger.get(moderation.id, [])) if moderation else {}
    return {ref: decision.said for ref, decision in found.items()}


def rescores(asking: Asking, first: Review) -> tuple[Rescore, ...]:
    """Returns the follow-up reviews that there are of a first review: each follows a signed review that has gaps, or was begun already."""
    stages = asking.world.stages(first)
    found: list[Rescore] = []
    for before_stage, stage in pairwise(STAGES):
        before, review = stages.get(before_stage), stages.get(stage)
        if before is None or review is None:
            break
        signed_on = _signed_on(asking, before)
        gaps = gaps_of(gap_levels(asking, before), asking.world.policy.gap_to_level)
        begun = ever(asking.ledger.get(review.id, []), Rated)
        if signed_on is None or not (begun or (gaps and _signature(asking, before))):
            break
        found.append(_rescore(asking, review, before=before, first=first, signed_on=signed_on, gaps=gaps))
    return tuple(found)


def _signed_on(asking: Asking, review: Review) -> date | None:
    """Returns the day on which a review was last signed, whether that signature still stands or not."""
    signed = [entry.at for entry in asking.ledger.get(review.id, []) if isinstance(entry.payload, Signed)]
    return day_in_england(max(signed)) if signed else None


def _signature(asking: Asking, review: Review) -> Signature | None:
    return signature_of(asking.ledger.get(review.id, []), "rater", "supervisor")


def _rescore(
    asking: Asking, review: Review, *, before: Review, first: Review, signed_on: date, gaps: Sequence[str]
) -> Rescore:
    own = asking.ledger.get(review.id, [])
    due = due_of(
        actions(asking.ledger.get(before.id, [])),
        gaps,
        signed_on=signed_on,
        after_days=asking.world.policy.review_after_days,
    )
    signed = _signature(asking, review) is not None
    state = rescore_state(due, asking.today, begun=ever(own, Rated), signed=signed)
    return Rescore(review, before, first, due, state)


def follow_up_page(asking: Asking) -> dict[str, Any]:
    """Returns the follow-up screen: overdue, due, later and lately closed actions, cases to be scored again, repeated slips."""
    reviews = [review for review in asking.world.reviews.values() if asking.may_follow(review)]
    mine = _sessions_of(asking)
    found = actions(
        entry for one in (*(review.id for review in reviews), *mine) for entry in asking.ledger.get(one, [])
    )
    labels = asking.labels(reviews, mine)
    firsts = [review for review in reviews if review.stage == FIRST and asking.supervises(review)]
    again = [one for first in firsts if not asking.world.is_closed(first) for one in rescores(asking, first)]
    within = asking.world.policy.review_after_days
    lists = action_lists(found, labels=labels, today=asking.today, within_days=within)
    shown = {action.action for action in found if recently_closed(action, asking.today, CLOSED_DAYS)}
    ready = sum(one.state in ("due", "overdue") for one in again)
    return {
        "today": str(asking.today),
        "today_label": long_day(asking.today),
        "headline": due_headline(due_list(found, asking.today, within), ready),
        **lists,
        "closed": [row for row in lists["closed"] if row["action"] in shown],
        "rescore": [_rescore_row(one, labels, asking.today) for one in sorted(again, key=lambda one: one.due)],
        "slips": slip_rows(found, labels=labels, today=asking.today),
        "choices": action_choices(),
        "note": STANDING_NOTE,
    }


def _sessions_of(asking: Asking) -> list[str]:
    """Returns the sessions whose actions the person sees: those of which they are a part."""
    all_sessions = sessions(entry for entries in asking.ledger.values() for entry in entries)
    return [session.id for session in all_sessions if asking.person.key in session.pair]


def _rescore_row(one: Rescore, labels: Labels, today: date) -> dict[str, Any]:
    return {
        "review": one.review.id,
        "first": one.first.id,
        "stage": one.review.stage,
        "case_label": labels.cases.get(one.first.id, ""),
        "practitioner_label": labels.practitioners.get(one.first.id, ""),
        "due": str(one.due),
        "due_label": long_day(one.due),
        "days_late": max((today - one.due).days, 0) if one.state != "signed" else 0,
        "state": one.state,
        "state_label": RESCORE_LABELS[one.state],
        "compare": one.state == "signed",
    }


def due_counts(asking: Asking) -> dict[str, int]:
    """Returns how many actions and cases to be scored again are due, and how many are overdue, for the queue."""
    page = follow_up_page(asking)
    waiting = [one["state"] for one in page["rescore"]]
    return {
        "due": len(page["due"]) + waiting.count("due"),
        "overdue": len(page["overdue"]) + waiting.count("overdue"),
    }


def compare_page(asking: Asking, review_id: str) -> dict[str, Any]:
    """Returns then and now of a signed follow-up review. Raises NotFound for another id, AccessRefused before it is signed."""
    review = asking.world.found(review_id)
    first = asking.world.stages(review).get(FIRST)
    if first is None or review.stage not in FOLLOW_UPS or not asking.may_follow(first):
        raise AccessRefused(NOT_YOURS)
    if asking.is_rescoring(first):
        raise AccessRefused(RESCORING)
    now = _signature(asking, review)
    then = _signature(asking, first)
    if now is None or then is None:
        raise AccessRefused(NOT_YET)
    entries = asking.of(first.id, review.id)
    rubrics = asking.world.rubrics_of(first, entries)
    rows = comparison(
        [rubric.ref(one) for rubric in rubrics for one in rubric.criteria],
        settled_levels(answers_of(entry for entry in entries if entry.review == first.id), decided(asking, first)),
        answers_of(entry for entry in entries if entry.review == review.id),
    )
    then_on, now_on = day_in_england(then.at), day_in_england(now.at)
    case, practitioner = asking.world.labels(first, identified=asking.identified(first))
    return {
        "review": review.id,
        "first": first.id,
        "stage": review.stage,
        "case_label": case,
        "practitioner_label": practitioner,
        **_day("then_on", then_on),
        **_day("now_on", now_on),
        "headline": headline(counts_of(rows)),
        "counts": counts_of(rows),
        "criteria": compared_rows(rows, rubrics, asking.reasons, words=asking.reads_words(first)),
        "actions": _produced(asking, first, entries),
        **_changes(asking, first, then_on, now_on),
        "note": STANDING_NOTE,
    }


def _day(name: str, day: date) -> dict[str, str]:
    return {name: str(day), f"{name}_label": long_day(day)}


def compared_rows(
    rows: Sequence[Compared], rubrics: Sequence[Rubric], reasons: dict[str, str], *, words: bool = True
) -> list[dict[str, Any]]:
    """Returns the criteria of a comparison as the screens show them. `reasons` is reason code -> words; without `words` no comment and
    no quote is in them.
    """

    def shown(answer: Answer, criterion: Criterion) -> dict[str, Any]:
        row = answer_row(answer, criterion.levels, reasons)
        return row if words else answer_without_words(row)

    places = [(rubric, one) for rubric in rubrics for one in rubric.criteria]
    return [
        {
            "ref": row.ref,
            "number": number,
            "rubric_title": rubric.title,
            "title": criterion.title,
            "critical": criterion.critical,
            "pass_level": rubric.pass_level,
            "then": shown(row.then, criterion),
            "now": shown(row.now, criterion),
            "change": row.change,
            "change_label": row.words,
            "why": row.why,
        }
        for number, (row, (rubric, criterion)) in enumerate(zip(rows, places, strict=True), 1)
    ]


def _produced(asking: Asking, first: Review, entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Returns the actions of the first review, each with whether its evidence was produced."""
    found = actions(entry for entry in entries if entry.review == first.id)
    labels = asking.labels([first])
    return [
        {
            **action_row(action, found, labels=labels, today=asking.today),
            **produced_part(action, words=asking.reads_words(first)),
        }
        for action in found
    ]


def produced_part(action: Action, *, words: bool = True) -> dict[str, Any]:
    """Returns whether the evidence of an action was produced, in words; where it stands is a text of the case, as `words` says."""
    if action.seen:
        where = f": {action.seen.reference}" if words else ""
        return {"produced": True, "produced_label": f"Seen in the record on {day_of(action.seen.seen_on)}{where}"}
    return {"produced": False, "produced_label": "Not seen in the record"}


def _changes(asking: Asking, first: Review, then_on: date, now_on: date) -> dict[str, Any]:
    found = asking.world.record_changes(first, then_on, now_on)
    note = ""
    if found is None:
        note = "No newer copy of the record was taken between the two dates, so what changed in it cannot be told."
    elif not found:
        note = "Nothing was added to the record between the two dates."
    rows = [
        {
            **row,
            "source": row["source"] if asking.reads_words(first) else "",
            "day_label": long_day(date.fromisoformat(row["day"])) if row["day"] else "",
        }
        for row in found or []
    ]
    return {"record_changes": rows, "record_changes_note": note}
