"""From a home of draws and its journal to tidy frames: the one place where evidence is read, for every report alike.

Cases and practitioners are the digests of their keys, as in a published pack: no name, no local id, no key comes out of here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from sampling.errors import StateError
from sampling.journal.events import Moderated
from sampling.journal.frames import DAY, MOMENT, NUMBER, TEXT, YES_NO, frame
from sampling.journal.store import Entry, Journal
from sampling.journal.views_follow import actions
from sampling.pack import Pack, open_pack
from sampling.reporting.grouping import Groups
from sampling.rubric import Rubric, rubrics_published
from sampling.scoring.parts.caseview import CaseView, case_views
from sampling.scoring.parts.world import RubricLibrary, World
from sampling.scoring.rules.rated import NOTHING, Answer, answers_of, settled_levels
from sampling.scoring.rules.standing import current
from sampling.scoring.rules.timing import seconds_spent
from sampling.scoring.settings.assignments import FIRST, FOLLOW_UPS, MODERATION, SECOND, Review, review_id
from sampling.scoring.settings.draws import Draw, DrawnCase, load_draws
from sampling.scoring.settings.people import People
from sampling.scoring.settings.policy import ScoringPolicy
from sampling.tickets import digest

NOT_SCORED = "not_scored"
PLAIN_OF_ACTION = (
    "criterion", "action_kind", "state", "raised_at", "due", "review_date", "seen_on", "outcome", "changed_at", "moved", "moved_late",
    "first_due", "first_review",
)  # fmt: skip
STAGES = (FIRST, SECOND, *FOLLOW_UPS)
# How a drawn case stands: signed by its rater; drawn and not (yet) signed; rated by two people of whom one still owes a signature.
SIGNED, UNSIGNED, SEALED = "signed", "unsigned", "sealed"
_JUDGED = (
    "rated",
    "signed",
    "sealed",
)  # kinds of entries; what was unsealed is still of the kind sealed once it was deleted

SCORES = {
    "draw_id": TEXT, "period": TEXT, "case": TEXT, "practitioner": TEXT, "team": TEXT, "stratum": TEXT, "kind": TEXT, "stage": TEXT,
    "rubric": TEXT, "criterion": TEXT, "ref": TEXT, "level": NUMBER, "code": "str", "own_level": NUMBER, "moderated": YES_NO,
    "rubric_version": TEXT, "rubric_digest": TEXT, "rater": TEXT, "at": MOMENT,
}  # fmt: skip
DESIGN = {
    "draw_id": TEXT, "period": TEXT, "team": TEXT, "practitioner": TEXT, "stratum": TEXT, "kind": TEXT, "population": NUMBER,
    "drawn": NUMBER, "available": NUMBER, "eligibility_rule": TEXT, "sampling_rule": TEXT,
}  # fmt: skip
CASES = {
    "draw_id": TEXT, "period": TEXT, "case": TEXT, "practitioner": TEXT, "team": TEXT, "stratum": TEXT, "kind": TEXT, "stage": TEXT,
    "state": TEXT, "double": YES_NO, "signed_at": MOMENT, "rubrics": TEXT, "seconds": NUMBER,
}  # fmt: skip
ACTIONS = {
    "draw_id": TEXT, "period": TEXT, "case": TEXT, "practitioner": TEXT, "team": TEXT, "stratum": TEXT, "kind": TEXT,
    "criterion": TEXT, "action_kind": TEXT, "state": TEXT, "raised_at": MOMENT, "due": DAY, "review_date": DAY, "seen_on": DAY,
    "outcome": TEXT, "changed_at": MOMENT, "moved": NUMBER, "moved_late": NUMBER, "first_due": DAY, "first_review": DAY,
}  # fmt: skip
DRAWS = {
    "draw_id": TEXT, "period": TEXT, "as_of": TEXT, "drawn_at": MOMENT, "profile": TEXT, "evidence_level": TEXT, "randomness": TEXT,
    "seed": TEXT, "commit": TEXT, "size": NUMBER, "excluded": NUMBER, "drawn": NUMBER, "replaced": NUMBER, "tabled": NUMBER,
    "eligibility_rule": TEXT, "sampling_rule": TEXT,
}  # fmt: skip


@dataclass(frozen=True)
class Gathered:
    """Everything that a report is made from.

    `scores`: a row each drawn case x criterion x stage; `level` is what stands after moderation, `own_level` what the rater chose,
    `code` one of "", not_applicable, not_accessible, not_scored. `design`: a row each draw x stratum, with population and number
    drawn. `cases`: a row each drawn case x stage that has begun or is due; `seconds` is the active
    time that was spent on scoring it, missing where none was stored. `actions`: a row each action, as it stood on the day that was
    asked for. `draws`: a row each draw. `rubrics`: the versions met.
    `journal_head` is (entries, hash of the last).
    """

    scores: pd.DataFrame
    design: pd.DataFrame
    cases: pd.DataFrame
    actions: pd.DataFrame
    draws: pd.DataFrame
    rubrics: tuple[Rubric, ...]
    journal_head: tuple[int, str]

    @cached_property
    def digest(self) -> str:
        """Returns one hash over the tables' content, the same on every machine."""
        tables = self._tables()
        texts = (digest(tables[name].to_csv(index=False)) for name in sorted(tables))
        return digest("csr1/evidence|" + "|".join(texts))

    def between(self, first: str, last: str) -> Gathered:
        """Returns what lies in the periods from `first` to `last`, both "YYYY-MM" and both included."""
        return self._where(lambda table: table["period"].between(first, last))

    def of_team(self, team: str) -> Gathered:
        """Returns what concerns one team. Raises StateError when no draw knows it."""
        if team not in set(self.design["team"]):
            raise StateError(f'No draw here knows the team "{team}". Its draws have: {", ".join(self.teams)}.')
        return self._where(lambda table: table["team"] == team if "team" in table else pd.Series(True, table.index))

    def of_kind(self, kind: str) -> Gathered:
        """Returns what concerns one kind of stratum: "volatile", or "random" for the stream of all other cases."""
        return self._where(lambda table: table["kind"] == kind if "kind" in table else pd.Series(True, table.index))

    @property
    def teams(self) -> tuple[str, ...]:
        """Returns the teams of all draws, in order of name."""
        return tuple(sorted(self.design["team"].dropna().unique()))

    @property
    def periods(self) -> tuple[str, ...]:
        """Returns the periods that were drawn, in order."""
        return tuple(sorted(self.draws["period"].unique()))

    def _where(self, keep: Any) -> Gathered:
        kept = {name: table[keep(table)].reset_index(drop=True) for name, table in self._tables().items()}
        return Gathered(**kept, rubrics=self.rubrics, journal_head=self.journal_head)

    def _tables(self) -> dict[str, pd.DataFrame]:
        return {
            "scores": self.scores,
            "design": self.design,
            "cases": self.cases,
            "actions": self.actions,
            "draws": self.draws,
        }


def gather(home: Path, journal: Journal, policy: ScoringPolicy, rubrics: Path, *, today: date) -> Gathered:
    """Returns what draws and journal hold, withdrawn draws left out. What is sealed to everyone is counted and not read.
    `today` decides which actions are overdue. A draw whose ratings a retention rule has deleted is left out: its cases would look unscored.

    Raises StateError when there is no draw left, a private folder is missing, or a case was scored with a rubric version that is not here.
    """
    draws = tuple(draw for draw in load_draws(home) if not draw.withdrawn)
    if not draws:
        raise StateError("There is no drawn month in that folder. Name the folder in which the draws lie side by side.")
    plain = journal.as_(None)
    entries = plain.entries()
    draws = _not_deleted(draws, entries)
    world = _world(draws, entries, policy, RubricLibrary(rubrics_published(rubrics)))
    views = _views(world, entries)
    packs = {draw.commit: open_pack(draw.folder) for draw in draws}
    groups = {draw.commit: Groups(packs[draw.commit]) for draw in draws}
    scores = [row for draw in draws for row in _scores(draw, groups[draw.commit], views)]
    cases = [row for draw in draws for row in _cases(draw, groups[draw.commit], views)]
    signed = {(row["draw_id"], row["case"]) for row in cases if row["stage"] == FIRST and row["state"] == SIGNED}
    design = [row for draw in draws for row in groups[draw.commit].rows(draw, signed)]
    tables = {
        "scores": frame(SCORES, sorted(scores, key=_place)).fillna({"code": "", "practitioner": "", "team": ""}),
        "design": frame(DESIGN, sorted(design, key=_place)).fillna({"practitioner": "", "team": ""}),
        "cases": frame(CASES, sorted(cases, key=_place)),
        "actions": frame(ACTIONS, sorted(_actions(draws, groups, world, entries, today), key=_place)),
        "draws": frame(DRAWS, [_draw_row(draw, packs[draw.commit], groups[draw.commit]) for draw in draws]),
    }
    met = {rubric.digest: rubric for view in views.values() for rubric in view.rubrics}
    return Gathered(
        **tables,
        rubrics=tuple(sorted(met.values(), key=lambda rubric: (rubric.id, rubric.version))),
        journal_head=plain.head(),
    )


def _world(draws: tuple[Draw, ...], entries: Sequence[Entry], policy: ScoringPolicy, library: RubricLibrary) -> World:
    """Returns the world of these draws without its people: which reviews there are follows from draws and journal alone."""
    begun = {entry.review for entry in entries}
    reviews = {}
    for draw in draws:
        for case in draw.cases:
            for stage in (*STAGES, MODERATION):
                name = review_id(draw.commit, case.case, stage)
                if stage in (FIRST, MODERATION) or name in begun:
                    reviews[name] = Review(name, draw.commit, case.case, "", "", stage, "")
    return World(People(()), policy, draws, library, reviews, ())


def _not_deleted(draws: tuple[Draw, ...], entries: Sequence[Entry]) -> tuple[Draw, ...]:
    """Returns the draws of which no rating or signature was deleted. Raises StateError where there is none left."""
    gone = {entry.review for entry in entries if entry.state == "purged" and entry.kind in _JUDGED}
    stages = (FIRST, SECOND, *FOLLOW_UPS)
    left = [
        draw
        for draw in draws
        if not any(review_id(draw.commit, one.case, stage) in gone for one in draw.cases for stage in stages)
    ]
    if not left:
        raise StateError(
            "What was scored in every draw here was deleted under the retention rule, so that nothing can be reported."
        )
    return tuple(left)


def _views(world: World, entries: Sequence[Entry]) -> dict[tuple[str, str], CaseView]:
    sealed = frozenset(entry.review for entry in entries if entry.state == "sealed")
    return case_views(world, world.reviews.values(), entries, sealed)


def _about(draw: Draw, case: DrawnCase, groups: Groups) -> dict[str, Any]:
    # The team that the case was drawn for, its practitioner's: the record may name another one for a case that somebody holds elsewhere.
    team, _, stratum, kind = groups.of_case[case.case]
    return {
        "draw_id": draw.draw_id, "period": draw.period, "case": case.case, "practitioner": case.practitioner, "team": team,
        "stratum": stratum, "kind": kind,
    }  # fmt: skip


def _scores(draw: Draw, groups: Groups, views: Mapping[tuple[str, str], CaseView]) -> Iterator[dict[str, Any]]:
    for case in draw.under_review:
        view = views[draw.commit, case.case]
        about = _about(draw, case, groups)
        for stage, review in view.stages.items():
            if stage == MODERATION or (stage != FIRST and _state(view, review) != SIGNED):
                continue
            own = answers_of(view.of(review)) if _state(view, review) == SIGNED else {}
            settled = settled_levels(own, _moderated(view)) if stage == FIRST else own
            signature = next(iter(_signatures(view, review)), {})
            for one in view.criteria:
                answer, said = settled.get(one.ref, NOTHING), own.get(one.ref, NOTHING)
                yield {
                    **about, "stage": stage, "rubric": one.rubric.id, "criterion": one.criterion.id, "ref": one.ref,
                    "level": answer.level, "code": _code(answer), "own_level": said.level, "moderated": answer is not said,
                    "rubric_version": one.rubric.version, "rubric_digest": one.rubric.digest,
                    "rater": _rater(view.of(review)), "at": signature.get("at"),
                }  # fmt: skip


def _code(answer: Answer) -> str:
    return answer.code if answer.given else NOT_SCORED


def _rater(entries: Sequence[Entry]) -> str:
    """Returns the digest of who signed as the rater, or of nobody: a key leaves this room as little as a name does."""
    signed = [
        entry
        for entry in entries
        if entry.kind == "signed" and entry.subject in ("signature:rater", "signature:supervisor")
    ]
    return digest(signed[-1].actor) if signed else ""


def _moderated(view: CaseView) -> dict[str, Moderated]:
    if MODERATION not in view.stages:
        return {}
    decided = current(view.of(view.stages[MODERATION])).values()
    return {entry.payload.criterion: entry.payload for entry in decided if isinstance(entry.payload, Moderated)}


def _state(view: CaseView, review: Review) -> str:
    if review.id in view.still_sealed:
        return SEALED
    return SIGNED if view.is_signed(review) else UNSIGNED


def _signatures(view: CaseView, review: Review) -> Iterable[Mapping[str, Any]]:
    return [one for one in view.state(review).signatures if not one["void"]]


def _cases(draw: Draw, groups: Groups, views: Mapping[tuple[str, str], CaseView]) -> Iterator[dict[str, Any]]:
    for case in draw.under_review:
        view = views[draw.commit, case.case]
        for stage, review in view.stages.items():
            if stage != MODERATION:
                signature = next(iter(_signatures(view, review)), {})
                yield {
                    **_about(draw, case, groups), "stage": stage, "state": _state(view, review), "double": view.is_double,
                    "signed_at": signature.get("at"), "rubrics": " ".join(f"{one.id}-{one.version}" for one in view.rubrics),
                    "seconds": sum(seconds_spent(view.of(review)).values()) or None,
                }  # fmt: skip


def _actions(
    draws: Iterable[Draw], groups: Mapping[str, Groups], world: World, entries: Sequence[Entry], today: date
) -> Iterator[dict[str, Any]]:
    """Yields a row each action of the drawn cases, without its words and its owner."""
    by_commit = {draw.commit: draw for draw in draws}
    for row in actions(entries, today).to_dict("records"):
        review = world.reviews.get(row["review"])
        if review is not None and world.case(review).state != "replaced":
            draw = by_commit[review.commit]
            plain = {name: None if pd.isna(row[name]) else row[name] for name in PLAIN_OF_ACTION}
            yield {**_about(draw, world.case(review), groups[draw.commit]), **plain}


def _draw_row(draw: Draw, pack: Pack, groups: Groups) -> dict[str, Any]:
    drawn = pack.entry("drawn") or {"data": {}}
    states = [case.state for case in draw.cases]
    return {
        "draw_id": draw.draw_id, "period": draw.period, "as_of": draw.as_of.isoformat(), "drawn_at": draw.drawn_at,
        "profile": draw.profile, "evidence_level": drawn["data"].get("evidence_level"), "randomness": pack.commitment["randomness_ref"],
        "seed": draw.seed, "commit": draw.commit, "size": pack.commitment["size"], "excluded": pack.commitment["exclusions_size"],
        "drawn": len(draw.under_review), "replaced": states.count("replaced"), "tabled": len(draw.tabled),
        "eligibility_rule": groups.eligibility, "sampling_rule": groups.sampling,
    }  # fmt: skip


def _place(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(
        str(row.get(name) or "")
        for name in ("period", "draw_id", "team", "practitioner", "stratum", "case", "stage", "ref")
    )
