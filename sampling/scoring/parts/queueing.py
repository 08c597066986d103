"""The queue: what waits for a person, in the seed's order, with the state of each review in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sampling.chain import utc_moment
from sampling.scoring.parts.caseview import CaseView
from sampling.scoring.parts.world import World
from sampling.scoring.rules.labels import STATE_LABELS, TABLED_LABELS, stage_label
from sampling.scoring.rules.reply import reply_part
from sampling.scoring.rules.session_rules import ratio_words
from sampling.scoring.rules.signing import signed_by
from sampling.scoring.rules.timing import own_words, seconds_spent
from sampling.scoring.settings.access import is_own, is_supervisee
from sampling.scoring.settings.assignments import FIRST, SECOND, Review, in_order
from sampling.scoring.settings.draws import Draw
from sampling.scoring.settings.people import Person

DONE = ("signed", "waiting_second", "differs", "moderated", "seeded", "deleted")
NEEDS_NOTHING = ("signed", "moderated", "seeded", "deleted")
Views = Mapping[tuple[str, str], CaseView]
DUE_DAYS = 28  # a month's draw is scored before the next one (supervision models article: monthly audits)
NO_DRAW = "There is no draw yet. Run: sampling month"


@dataclass(frozen=True)
class Queued:
    """What the queue is made from: the world, who asks, today, and each case as that person sees it."""

    world: World
    person: Person
    today: date
    views: Views

    def view(self, review: Review) -> CaseView:
        """Returns the case of a review."""
        return self.views[review.commit, review.case]


def own_reviews(world: World, person: Person) -> list[Review]:
    """Returns the first and second ratings that a person is to give, newest draw first, each draw in the seed's order."""
    seeds = {draw.commit: draw.seed for draw in world.draws}
    mine = [
        review
        for review in world.reviews.values()
        if is_own(person, review) and review.stage in (FIRST, SECOND) and not world.is_closed(review)
    ]
    newest = {draw.commit: place for place, draw in enumerate(reversed(world.draws))}
    return sorted(in_order(mine, seeds), key=lambda review: newest[review.commit])


def visible_reviews(world: World, person: Person) -> list[Review]:
    """Returns every review whose state the person's queue shows: their own, those of their own cases, and all for a lead."""
    everything = person.has("lead", "moderator")
    return [
        review
        for review in world.reviews.values()
        if everything or is_own(person, review) or is_supervisee(person, review)
    ]


def queue_payload(queued: Queued) -> dict[str, Any]:
    """Returns the JSON of GET api/queue, but for the counts of follow-up, moderation and sessions."""
    world, person = queued.world, queued.person
    live = [draw for draw in world.draws if not draw.withdrawn]
    newest = live[-1] if live else None
    reviews = [
        review
        for review in own_reviews(world, person)
        if newest is None or review.commit == newest.commit or queued.view(review).code(review) not in NEEDS_NOTHING
    ]
    rows = [_row(queued, review, number, len(reviews)) for number, review in enumerate(reviews, 1)]
    states = Counter(row["state"] for row in rows)
    tabled = _tabled(queued, newest) if newest else []
    told = {row["case"] for row in rows if row["state"] == "seeded"}  # once told, an invented case is no drawn one
    drawn = len({review.case for review in reviews if newest and review.commit == newest.commit} - told)
    return {
        "period": newest.period if newest else "",
        "draw_id": newest.draw_id if newest else "",
        "reviews": rows,
        "tabled": tabled,
        "ratio": {"drawn": drawn, "tabled": len(tabled), "words": ratio_words(drawn, len(tabled))},
        "counts": {state: states[state] for state in STATE_LABELS if states[state]},
        "mine": _mine(queued),
        "progress": _progress(queued) if person.has("lead") else [],
        "unassigned": _unassigned(queued) if person.has("lead", "moderator") else [],
        "notes": _notes(world, live, person),
    }


def _row(queued: Queued, review: Review, number: int, of: int) -> dict[str, Any]:
    world, view = queued.world, queued.view(review)
    draw, code = world.draw(review), view.code(review)
    identified = review.stage != SECOND
    case_label, practitioner_label = world.labels(review, identified=identified, on_form=True)
    drawn_on = utc_moment(draw.drawn_at).date()
    signed = code in DONE
    spent = seconds_spent(view.of(review))[review.id, queued.person.key] if signed else 0
    return {
        "review": review.id,
        "number": number,
        "of": of,
        "case": review.case,
        "case_label": case_label,
        "practitioner_label": practitioner_label,
        "stage": review.stage,
        "stage_label": stage_label(review.stage),
        "state": code,
        "state_label": view.deleted(review) if code == "deleted" else STATE_LABELS[code],
        "reasons": world.case(review).reasons,
        "due": (drawn_on + timedelta(days=DUE_DAYS)).isoformat(),
        "draw_id": draw.draw_id,
        "period": draw.period,
        "as": "rater",
        "sealed": review.sealed and not view.unsealed,
        "time_words": own_words(spent) if signed else "",
        "purpose": "supervision" if identified else "audit",
    }


def _tabled(queued: Queued, draw: Draw) -> list[dict[str, Any]]:
    """Returns the cases that were put forward: of the practitioners whom the person supervises, and all of them for a lead."""
    world, person = queued.world, queued.person
    found = []
    for one in draw.tabled:
        mine = world.tabled_with.get((draw.commit, one.case)) == person.key
        identified = person.everyone or mine or one.practitioner_key == person.key
        if identified or person.has("lead"):
            found.append(
                {
                    "case_label": world.case_label(draw, one.case, one.case_key, identified=identified),
                    "practitioner_label": world.practitioner_label(draw, one.practitioner_key, identified=identified),
                    "tabled_by": TABLED_LABELS.get(one.tabled_by, one.tabled_by),
                }
            )
    return found


def _mine(queued: Queued) -> list[dict[str, Any]]:
    """Returns the reviews of the person's own cases that are signed and theirs to read, reply to and sign."""
    world, person = queued.world, queued.person
    found = []
    for review in visible_reviews(world, person):
        if not is_supervisee(person, review) or review.stage == "moderation" or is_own(person, review):
            continue
        view = queued.view(review)
        signature = signed_by(view.state(review), "rater", "supervisor")
        if signature is None or not view.is_signed(review) or (review.sealed and not view.unsealed):
            continue
        reply = reply_part(view.of(review), world.names, may_reply=True, may_answer=False)
        found.append(
            {
                "review": review.id,
                "case_label": world.labels(review, identified=True)[0],
                "stage_label": stage_label(review.stage),
                "signed_on": utc_moment(signature["at"]).date().isoformat(),
                "reply_state": reply["state"],
                "reply_label": reply["state_label"],
                "seen": signed_by(view.state(review), "supervisee") is not None,
            }
        )
    return sorted(found, key=lambda row: (row["signed_on"], row["review"]))


def _progress(queued: Queued) -> list[dict[str, Any]]:
    """Returns where every review of the service stands, under aliases, for a lead: states and nothing else."""
    world = queued.world
    found = []
    for review in world.reviews.values():
        if review.stage not in (FIRST, SECOND) or world.is_closed(review):
            continue
        shown = world.stands_for(review)
        code = queued.view(shown).code(shown)
        found.append(
            {
                "review": review.id,
                "draw_id": world.draw(review).draw_id,
                "case_label": world.labels(review, identified=False)[0],
                "stage_label": stage_label(review.stage),
                "rater_label": world.people.name_of(shown.rater),
                "state": code,
                "state_label": STATE_LABELS[code],
            }
        )
    return sorted(found, key=lambda row: (row["draw_id"], row["case_label"], row["stage_label"]))


def _unassigned(queued: Queued) -> list[dict[str, Any]]:
    world = queued.world
    return [
        {
            "draw_id": world.by_commit[one.commit].draw_id,
            "case_label": world.case_label(world.by_commit[one.commit], one.case, "", identified=False),
            "practitioner_label": world.practitioner_label(
                world.by_commit[one.commit], one.practitioner_key, identified=queued.person.everyone
            ),
            "sentence": one.sentence,
        }
        for one in world.unassigned
        if not world.by_commit[one.commit].withdrawn
    ]


def _notes(world: World, live: Sequence[Draw], person: Person) -> list[str]:
    if not live:
        return [NO_DRAW]
    return list(world.notes.get(live[-1].commit, ())) if person.has("lead", "moderator") else []


def next_after(queue: Iterable[Review], review: Review, views: Views) -> str | None:
    """Returns the next review of a rater that is still to be signed and does not wait, after this one and round to the first."""
    ordered = list(queue)
    place = next((number for number, one in enumerate(ordered) if one.id == review.id), -1)
    for one in [*ordered[place + 1 :], *ordered[: max(place, 0)]]:
        code = views[one.commit, one.case].code(one)
        if one.id != review.id and code in ("not_started", "in_progress", "ready_to_sign"):
            return one.id
    return None
