"""What moderation answers: the cases with two ratings, the moderator's page of one, and each rater's own differences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from sampling.journal.events import Referred
from sampling.journal.records import Entry
from sampling.scoring.errors import AccessRefused, NotFound
from sampling.scoring.parts.asking import Asking, by_review
from sampling.scoring.parts.moderation_pages import (
    NOT_SETTLED,
    Shown,
    filters_part,
    learning_page,
    list_headline,
    list_row,
    moderating_page,
    pass_levels,
)
from sampling.scoring.rules.moderation import (
    NOT_OPEN,
    Double,
    Side,
    aliased,
    decisions_of,
    flags_of,
    from_journal,
    waiting_words,
    why_not,
)
from sampling.scoring.rules.rated import answers_of
from sampling.scoring.rules.reviewing import fold
from sampling.scoring.rules.standing import current
from sampling.scoring.rules.timing import seconds_spent, speed
from sampling.scoring.settings.access import RESCORING
from sampling.scoring.settings.assignments import FIRST, MODERATION, SECOND, Review
from sampling.tickets import digest


def double_key(review: Review) -> str:
    """Returns what names a case of a draw in an address: 64 hexadecimal digits that say nothing of who rated it."""
    return digest(f"csr1/double|{review.commit}|{review.case}")


def moderations(asking: Asking) -> list[Review]:
    """Returns the moderations that there may be: of each case with two raters, newest draw first."""
    order = {draw.commit: number for number, draw in enumerate(asking.world.draws)}
    found = [
        review
        for review in asking.world.reviews.values()
        if review.stage == MODERATION and SECOND in asking.world.stages(review) and not asking.world.is_closed(review)
    ]
    return sorted(found, key=lambda review: (-order[review.commit], review.case))


def referrals(asking: Asking) -> list[tuple[Review, Entry]]:
    """Returns the reviews that their raters asked a moderator to look at, each with the entry that says so."""
    found = []
    for review in asking.world.reviews.values():
        entry = current(asking.ledger.get(review.id, [])).get((review.id, "referred"))
        if entry is not None and isinstance(entry.payload, Referred) and entry.payload.reason.strip():
            found.append((review, entry))
    return found


def double_of(asking: Asking, moderation: Review, entries: Sequence[Entry]) -> Double:
    """Returns a case as it stands, of its entries. With one rater only, or a sealed second one that is missing, B is missing."""
    stages = asking.world.stages(moderation)
    first = _side(asking, stages[FIRST], entries)
    second = _side(asking, stages[SECOND], entries) if SECOND in stages else None
    a, b = aliased(f"{moderation.commit}|{moderation.case}", first, second) if second else (first, None)
    own = [entry for entry in entries if entry.review == moderation.id]
    rubrics = asking.world.rubrics_of(moderation, entries)
    double = Double(moderation.case, a, b, pass_levels(rubrics), decisions_of(own), flags_of(own))
    rated = {side.review for side in double.sides.values()}
    sealed = any(entry.state == "sealed" for entry in entries if entry.review in rated)
    return replace(double, practitioner=moderation.practitioner_key, sealed=sealed)


def _side(asking: Asking, review: Review, entries: Sequence[Entry]) -> Side:
    own = [entry for entry in entries if entry.review == review.id]
    stage: Literal["first", "second"] = "first" if review.stage == FIRST else "second"
    signed = asking.has_signed(asking.world.stands_for(review).id)
    return Side(review.id, review.rater, stage, signed, answers_of(own))


def case_entries(asking: Asking, *moderations: Review) -> list[Entry]:
    """Returns the entries of the two ratings of these cases and of their moderation, as the person may read them."""
    wanted = [
        review.id
        for moderation in moderations
        for stage, review in asking.world.stages(moderation).items()
        if stage in (FIRST, SECOND, MODERATION)
    ]
    return asking.of(*wanted) if wanted else []


def _raters(asking: Asking, moderation: Review) -> tuple[str, str]:
    stages = asking.world.stages(moderation)
    return stages[FIRST].rater, stages[SECOND].rater


def _shown(asking: Asking, moderation: Review, entries: Iterable[Entry]) -> Shown:
    first = asking.world.stages(moderation)[FIRST]
    case, practitioner = asking.world.labels(first, identified=asking.identified(first))
    rubrics = asking.world.rubrics_of(moderation, entries)
    return Shown(rubrics, case, practitioner, asking.reasons, asking.world.names)


def moderation_list(asking: Asking) -> dict[str, Any]:
    """Returns the moderation screen's list: for a moderator all cases with two ratings, for a rater their own."""
    moderates = asking.person.has("moderator")
    everything = moderates or asking.person.has("lead")
    seen = [one for one in moderations(asking) if everything or asking.person.key in _raters(asking, one)]
    by_case = by_review(case_entries(asking, *seen))
    rows = []
    for moderation in seen:
        entries = [entry for one in asking.world.stages(moderation).values() for entry in by_case.get(one.id, [])]
        double = double_of(asking, moderation, entries)
        row = list_row(double, _shown(asking, moderation, entries), actor=asking.person.key, moderates=moderates)
        rows.append({**row, "case": double_key(moderation)})
    referred = _referred_rows(asking) if moderates else []
    return {
        "cases": rows,
        "referred": referred,
        "headline": list_headline(rows, len(referred)),
        "speed": _speed(asking) if asking.person.has("lead") else None,
        **filters_part(),
    }


def _referred_rows(asking: Asking) -> list[dict[str, Any]]:
    rows = []
    for review, entry in referrals(asking):
        if review.rater == asking.person.key or not isinstance(entry.payload, Referred):
            continue
        case, practitioner = asking.world.labels(review, identified=False)
        moderation = asking.world.stages(review)[MODERATION]
        double = double_of(asking, moderation, case_entries(asking, moderation))
        sealed = review.sealed and not double.open
        rows.append(
            {
                "case": double_key(moderation),
                "case_label": case,
                "practitioner_label": practitioner,
                "reason": entry.payload.reason,
                "since": entry.at,
                "open": not sealed,
                "waiting_words": (NOT_OPEN if double.waiting_for() else waiting_words(double)) if sealed else "",
            }
        )
    return rows


def _speed(asking: Asking) -> dict[str, Any]:
    spent = seconds_spent(entry for entries in asking.ledger.values() for entry in entries)
    raters = {review.id: review.rater for review in asking.world.reviews.values()}
    signed = {
        review: seconds
        for (review, actor), seconds in spent.items()
        if raters.get(review) == actor and asking.has_signed(review)
    }
    found = speed(signed)
    return {
        "n": found.reviews,
        "words": found.words,
        "very_fast": [
            {"case_label": asking.world.labels(asking.world.reviews[review], identified=False)[0]}
            for review in found.very_fast
        ],
    }


def moderation_of(asking: Asking, case: str) -> Review:
    """Returns the moderation that an address names: by its own name, or by the case's digest, the newest draw's. Raises NotFound."""
    asked_for = {one.id for one, _ in referrals(asking)}
    order = {draw.commit: number for number, draw in enumerate(asking.world.draws)}
    found = [
        review
        for review in asking.world.reviews.values()
        if review.stage == MODERATION
        and case in (double_key(review), review.case)
        and (SECOND in (stages := asking.world.stages(review)) or any(one.id in asked_for for one in stages.values()))
    ]
    if not found:
        raise NotFound("There is no such case to moderate here.")
    return max(found, key=lambda review: order[review.commit])


def moderation_page(asking: Asking, case: str) -> dict[str, Any]:
    """Returns the moderator's page of a case, or a rater's own differences. Raises NotFound, or AccessRefused with the reason."""
    moderation = moderation_of(asking, case)
    entries = case_entries(asking, moderation)
    double = double_of(asking, moderation, entries)
    shown = _shown(asking, moderation, entries)
    actor = asking.person.key
    if any(side.rater == actor for side in double.sides.values()):
        if asking.is_rescoring(moderation):
            raise AccessRefused(RESCORING)
        return {**_learning(double, shown, actor), "case": double_key(moderation)}
    if refusal := why_not(double, actor=actor, moderates=asking.person.has("moderator")):
        raise AccessRefused(refusal)
    own = [entry for entry in entries if entry.review == moderation.id]
    page = moderating_page(double, shown, own, review=moderation.id)
    return {
        **page,
        "case": double_key(moderation),
        "conflicts": _conflicts(double, moderation, own, asking.world.names),
    }


def _conflicts(
    double: Double, moderation: Review, own: Sequence[Entry], names: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Returns the decisions that two moderators wrote at once, a and b in place of who was first."""
    found = []
    for conflict in fold(own, moderation.id, (), names).conflicts:
        sides = {
            side: {**conflict[side], "data": from_journal(conflict[side]["data"], double)}
            for side in ("standing", "other")
        }
        found.append({**conflict, **sides})
    return found


def _learning(double: Double, shown: Shown, actor: str) -> dict[str, Any]:
    if double.b is None:
        raise AccessRefused("You referred this case; a moderator looks at it.")
    if not double.open:
        raise AccessRefused(f"{NOT_OPEN} {waiting_words(double)}" if double.waiting_for() else waiting_words(double))
    if not double.complete:
        raise AccessRefused(NOT_SETTLED)
    return learning_page(double, shown, actor=actor)
