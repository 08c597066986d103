"""Seeded vignettes on the screens: when a rater is told that a case was one, what it was meant to be scored as, and what all of them say.

What was rated stays sealed: only its rater's own page opens it, and the list that the rater and a lead see. No estimate can meet it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from sampling.evidence.agreement.words import TOLERANCE
from sampling.journal.events import Referred, SafetyAnswered, SeedShown
from sampling.journal.store import CURRENT, SYSTEM, Draft, Journal, Opener
from sampling.pack import open_pack
from sampling.rubric.vignettes import Reference
from sampling.rubric.vignettes.model import CODES
from sampling.scoring.parts.caseview import CaseView, case_views
from sampling.scoring.parts.world import World
from sampling.scoring.rules.own_ids import own_id
from sampling.scoring.rules.rated import NOTHING, Answer, answers_of
from sampling.scoring.rules.signing import ROLES_OF_RATER
from sampling.scoring.settings.access import is_own
from sampling.scoring.settings.assignments import SECOND, Review
from sampling.scoring.settings.panel import placed
from sampling.scoring.settings.people import Person

Because = Literal["signed", "someone_would_act", "referred"]
BECAUSE: Mapping[Because, str] = {
    "signed": "You have signed it, so that you are told now: this person does not exist, and nothing is to be done.",
    "someone_would_act": (
        "You said that somebody needs to act today. Nobody does: this person does not exist. If anyone was told, tell them now. What you "
        "had scored until then stands below."
    ),
    "referred": (
        "You asked the moderator to look at it, so that you are told now: this person does not exist, and nothing is to be decided. What "
        "you had scored until then stands below."
    ),
}
NOT_A_TEST = (
    "This shows whether the thresholds hold, and nothing else. It is in no estimate and no report on a team, and nobody is taken off "
    "scoring because of it."
)


class Home(Protocol):
    """What the list of results is read from."""

    journal: Journal

    def secret(self) -> bytes:
        """Returns the service's own secret."""

    def told(self) -> frozenset[str]:
        """Returns the ids of the reviews of which the rater was told."""

    def world(self) -> World:
        """Returns what the files say now."""


def notes(world: World, person: Person) -> list[str]:
    """Returns what everyone who rates second is told beforehand: nobody is watched unawares (ICO, Monitoring workers)."""
    rates_second = any(is_own(person, review) and review.stage == SECOND for review in world.reviews.values())
    if not world.seeds or not rates_second:
        return []
    return [
        f"Of second ratings about one in {world.policy.seeded_one_in} is of a seeded vignette: an invented case among the real ones, to see "
        "whether thresholds drift. You are told as soon as you have signed it."
    ]


def shown_when_signed(view: CaseView, review: Review, role: str) -> list[Draft]:
    """Returns the entry that goes with a rater's signature under a seeded vignette: from then on they know."""
    if not review.planted or role not in ROLES_OF_RATER or view.told:
        return []
    return [_shown(view, review, "signed")]


def shown_before_anyone_acts(view: CaseView, review: Review, drafts: Sequence[Draft]) -> list[Draft]:
    """Returns the entry that goes with the answer that somebody needs to act today, or with a referral: nobody is to act for a person who
    does not exist, and no moderator is to decide on one.
    """
    if not review.planted or view.told:
        return []
    said = [one.payload for one in drafts]
    if any(isinstance(one, SafetyAnswered) and one.answer != "nobody" for one in said):
        return [_shown(view, review, "someone_would_act")]
    return (
        [_shown(view, review, "referred")]
        if any(isinstance(one, Referred) and one.reason.strip() for one in said)
        else []
    )


def _shown(view: CaseView, review: Review, because: Because) -> Draft:
    vignette = view.world.vignette(review)
    said = SeedShown(vignette=vignette.id, vignette_digest=vignette.digest, because=because)
    return Draft(own_id(f"csr1/seed|{review.id}"), SYSTEM, said, review.id, "seed", CURRENT)


@dataclass(frozen=True)
class Compared:
    """One criterion of a seeded vignette: what the rater said and what the authors say. `apart` is own level less theirs, or None where
    one of the two is no level.
    """

    ref: str
    title: str
    own: Answer
    reference: Reference

    @property
    def apart(self) -> int | None:
        """Returns by how many levels the rater is above the reference."""
        if self.own.level is None or self.reference.level is None:
            return None
        return self.own.level - self.reference.level

    @property
    def verdict(self) -> str:
        """Returns how the two stand to each other, in words."""
        if (self.own.level is None) != (self.reference.level is None):
            return "a level against none"
        if self.apart is None:
            return (
                "the same" if (self.own.code or "") == (self.reference.code or "") else "no level, for another reason"
            )
        if abs(self.apart) <= TOLERANCE:
            return "the same" if not self.apart else "within one level"
        return f"{abs(self.apart)} levels {'higher' if self.apart > 0 else 'lower'}"


def _compared(view: CaseView, review: Review) -> list[Compared]:
    """Returns each criterion that has a reference in the rubric version that was scored."""
    vignette, own = view.world.vignette(review), answers_of(view.of(review))
    return [
        Compared(one.ref, one.criterion.title, own.get(one.ref, NOTHING), reference)
        for one in view.criteria
        for reference in vignette.references
        if reference.ref == one.ref and vignette.rubrics[reference.rubric] == one.rubric.version
    ]


def outcome(view: CaseView, review: Review) -> dict[str, Any]:
    """Returns the page of a seeded vignette for the rater who was told of it: each criterion, their own answer, the reference and why."""
    vignette = view.world.vignette(review)
    shown = placed(open_pack(view.world.draw(review).folder), vignette)
    why = {one.ref: one.why for one in shown.references}
    rows = _compared(view, review)
    return {
        "title": vignette.title,
        "anonymity": vignette.anonymity,
        "because": _because(view),
        "words": _words(rows),
        "note": NOT_A_TEST,
        "criteria": [
            {
                "title": one.title,
                "own": _said(one.own.level, one.own.code),
                "reference": _said(one.reference.level, one.reference.code),
                "verdict": one.verdict,
                "why": why[one.ref],
            }
            for one in rows
        ],
    }


def _because(view: CaseView) -> str:
    said = next(one.payload for one in view.entries if one.kind == SeedShown.kind)
    return BECAUSE[said.because if isinstance(said, SeedShown) else "signed"]


def _said(level: int | None, code: str | None) -> str:
    return f"Level\N{NO-BREAK SPACE}{level}" if level is not None else CODES.get(code or "", "not scored").capitalize()


def _words(rows: Sequence[Compared]) -> str:
    counts = _counts(rows)
    alone = sum(one.apart is None and (one.own.level, one.reference.level) != (None, None) for one in rows)
    beside = (
        f" On {alone} {'criterion' if alone == 1 else 'criteria'} one side has a level and the other has none."
        if alone
        else ""
    )
    if not counts["levels"]:
        return f"No level can be compared.{beside}"
    lean = [f"{counts[side]} {words}" for side, words in (("above", "higher"), ("below", "lower")) if counts[side]]
    rest = f"; further off, {' and '.join(lean)}" if lean else ""
    verb = "level is" if counts["levels"] == 1 else "levels are"
    return f"{counts['within']} of {counts['levels']} {verb} within one of the reference{rest}.{beside}"


def _counts(rows: Iterable[Compared]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for one in rows:
        if one.apart is not None:
            side = "within" if abs(one.apart) <= TOLERANCE else "above" if one.apart > 0 else "below"
            counts.update(("levels", side))
    return counts


def results(home: Home, person: Person) -> dict[str, Any] | None:
    """Returns what the seeded vignettes of which raters were told say: a rater's own, for a lead everybody's with the drift by month; None
    where there is none.
    """
    world, told, lead = home.world(), home.told(), person.has("lead")
    reviews = [one for one in world.reviews.values() if one.id in told and (lead or is_own(person, one))]
    if not reviews:
        return None
    rows = sorted((_result(home, world, one) for one in reviews), key=lambda row: (row["on"], row["review"]))
    shown = [{**row, "open": row["review"] if row["rater"] == person.key else ""} for row in rows]
    return {
        "rows": [
            {name: value for name, value in row.items() if name not in ("rater", "review", "counts")} for row in shown
        ],
        "months": _months(rows) if lead else [],
        "note": NOT_A_TEST,
    }


def _result(home: Home, world: World, review: Review) -> dict[str, Any]:
    stages = world.stages(review)
    entries = home.journal.as_(Opener(home.secret(), review.rater)).entries(reviews=[one.id for one in stages.values()])
    (view,) = case_views(world, [review], entries, frozenset([review.id])).values()
    compared = _compared(view, review)
    return {
        "on": next(one.at for one in entries if one.kind == SeedShown.kind)[:10],
        "rater": review.rater,
        "rater_label": world.people.name_of(review.rater),
        "title": world.vignette(review).title,
        "words": _words(compared),
        "off": [
            f"{one.title}: {one.verdict}" for one in compared if one.apart is not None and abs(one.apart) > TOLERANCE
        ],
        "review": review.id,
        "counts": _counts(compared),
    }


def _months(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Returns the counts of all raters by the month in which they signed: what drift would show in."""
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row["on"][:7]].append(row)
    return [
        {
            "period": month,
            "vignettes": len(of_month),
            **{name: sum(row["counts"][name] for row in of_month) for name in ("levels", "within", "above", "below")},
        }
        for month, of_month in sorted(found.items())
    ]
