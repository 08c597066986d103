"""One service at one moment: its people, policy, draws, rubrics and every review that there can be. What every answer starts from."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Any

from sampling.errors import StateError
from sampling.frame import NOBODY
from sampling.journal.events import RubricsFrozen
from sampling.pack import open_pack
from sampling.rubric import Rubric
from sampling.rubric.vignettes import Vignette
from sampling.scoring.errors import NotFound
from sampling.scoring.rules.labels import aliases, case_label, practitioner_label, written_name
from sampling.scoring.rules.standing import Fact
from sampling.scoring.settings.assignments import (
    FIRST,
    SECOND,
    Assignments,
    Begun,
    Review,
    Unassigned,
    assign,
    pairs_now,
    tabled_with,
)
from sampling.scoring.settings.draws import Draw, DrawnCase, local_ids
from sampling.scoring.settings.panel import changes_between
from sampling.scoring.settings.people import People
from sampling.scoring.settings.planting import Planted, Pool, fits, may_plant, plant
from sampling.scoring.settings.policy import ScoringPolicy
from sampling.scoring.settings.snapshot import snapshot_of
from sampling.tickets import digest


@dataclass(frozen=True)
class RubricLibrary:
    """Every version of every rubric. `in_use` gives the newest published ones of a profile, in fixed order."""

    versions: tuple[Rubric, ...]

    def in_use(self, profile: str) -> tuple[Rubric, ...]:
        """Returns the newest published version of each rubric for a profile (adult or children)."""
        newest = {rubric.id: rubric for rubric in self.versions if rubric.status == "published"}
        return tuple(rubric for rubric in newest.values() if profile in rubric.profiles)

    def find(self, id: str, version: str, content: str) -> Rubric:
        """Returns one version. Raises StateError when it is not here, or no longer what was scored with."""
        for rubric in self.versions:
            if (rubric.id, rubric.version, rubric.digest) == (id, version, content):
                return rubric
        raise StateError(
            f'This case is scored with the rubric "{id}" of version {version}, and that version is not here as it was then. '
            "Restore its file."
        )


@dataclass(frozen=True)
class World:
    """What the parts of the service share. All of it follows from files: the journal is asked anew for each answer."""

    people: People
    policy: ScoringPolicy
    draws: tuple[Draw, ...]
    rubrics: RubricLibrary
    reviews: Mapping[str, Review]
    unassigned: tuple[Unassigned, ...]
    notes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tabled_with: Mapping[tuple[str, str], str] = field(default_factory=dict)  # (commitment, tabled case) -> supervisor
    planted: tuple[Planted, ...] = ()
    pairs: frozenset[tuple[str, str]] = frozenset()  # (supervisor, supervisee), as it stands now
    seeds: bool = False  # whether seeded vignettes can be planted in any of these draws

    def as_seen_by(self, person: str, told: Collection[str] = ()) -> World:
        """Returns the world as a person's screens may show it: of the seeded cases only their own, less those of which they were told
        (`told` holds ids of reviews).
        """
        gone = {
            review.id
            for one in self.planted
            if all(review.rater != person for review in one.reviews) or any(review.id in told for review in one.reviews)
            for review in one.reviews
        }
        if not gone:
            return self
        return replace(self, reviews={id: review for id, review in self.reviews.items() if id not in gone})

    def stands_for(self, review: Review) -> Review:
        """Returns the review whose rater and progress a list shows: itself, or the real one beside a seeded first rating, which nobody gives."""
        if not review.planted or review.stage != FIRST:
            return review
        return self.reviews.get(self._seeded(review).beside, review)

    def vignette(self, review: Review) -> Vignette:
        """Returns the vignette of a seeded review."""
        return self._seeded(review).vignette

    def _seeded(self, review: Review) -> Planted:
        return next(one for one in self.planted if one.case.case == review.case)

    @cached_property
    def by_commit(self) -> Mapping[str, Draw]:
        """Returns commitment -> draw."""
        return {draw.commit: draw for draw in self.draws}

    @cached_property
    def by_case(self) -> Mapping[tuple[str, str], Mapping[str, Review]]:
        """Returns (commitment, case) -> stage -> review."""
        found: dict[tuple[str, str], dict[str, Review]] = {}
        for review in self.reviews.values():
            found.setdefault((review.commit, review.case), {})[review.stage] = review
        return found

    def found(self, review: str) -> Review:
        """Returns the review of that id. Raises NotFound when there is none."""
        if review not in self.reviews:
            raise NotFound("There is no such review here.")
        return self.reviews[review]

    def draw(self, review: Review) -> Draw:
        """Returns the draw of a review."""
        return self.by_commit[review.commit]

    def case(self, review: Review) -> DrawnCase:
        """Returns the case of a review."""
        if review.planted:
            return self._seeded(review).case
        case = self.draw(review).case(review.case)
        if case is None:
            raise NotFound("There is no such case here.")
        return case

    def stages(self, review: Review) -> Mapping[str, Review]:
        """Returns stage -> review of the review's case."""
        return self.by_case[review.commit, review.case]

    def is_closed(self, review: Review) -> str:
        """Returns why nobody writes to a review any more, or ""."""
        if self.draw(review).withdrawn:
            return "This draw was withdrawn, so that its reviews are read and no longer written."
        if self.case(review).state == "replaced":
            return "This case was replaced by the next one of the draw. What was written stays and can be read."
        return ""

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Returns person key -> name, of everyone in the people file: a record names its signers after they have left."""
        return self.people.names

    def rubrics_of(self, review: Review, entries: Iterable[Fact]) -> tuple[Rubric, ...]:
        """Returns the rubric versions of a review: those frozen at the case's first rating, else the ones in use now.

        `entries` are those of any stage of the case. A version that is published later changes nothing that was begun.
        """
        first = min(
            (entry for entry in entries if isinstance(entry.payload, RubricsFrozen)),
            key=lambda entry: entry.sequence,
            default=None,
        )
        frozen = first.payload if first else None
        if not isinstance(frozen, RubricsFrozen):
            return self.rubrics.in_use(self.draw(review).profile)
        return tuple(self.rubrics.find(one.rubric, one.version, one.digest) for one in frozen.rubrics)

    @cached_property
    def _aliases(self) -> Mapping[str, Mapping[str, str]]:
        return {
            draw.commit: aliases(
                [
                    *(case.case for case in draw.cases),
                    *(tabled.case for tabled in draw.tabled),
                    *(case.practitioner for case in draw.cases),
                    *(name for one in self._planted_in(draw) for name in (one.case.case, one.case.practitioner)),
                ]
            )
            for draw in self.draws
        }

    def _planted_in(self, draw: Draw) -> list[Planted]:
        return [one for one in self.planted if one.reviews[0].commit == draw.commit]

    @cached_property
    def _local(self) -> Mapping[str, Mapping[str, str]]:
        """Returns commitment -> key -> the service's own id, as far as the private store is on this machine."""
        return {
            draw.commit: local_ids(
                draw.commit,
                {
                    *(case.case_key for case in draw.cases),
                    *(case.practitioner_key for case in draw.cases),
                    *(tabled.case_key for tabled in draw.tabled),
                    *(tabled.practitioner_key for tabled in draw.tabled),
                },
            )
            for draw in self.draws
        }

    def case_label(self, draw: Draw, case: str, case_key: str, *, identified: bool) -> str:
        """Returns what a case is called: the local id where that may be shown, else "Case 4F2A"."""
        local = self._local[draw.commit].get(case_key, "") if identified else ""
        return case_label(self._aliases[draw.commit], case, local)

    def practitioner_label(self, draw: Draw, practitioner_key: str, *, identified: bool) -> str:
        """Returns what a practitioner is called: their name where they have a seat, else the local id, else an alias."""
        if practitioner_key in ("", NOBODY):
            return practitioner_label({}, "")
        shown = self.names.get(practitioner_key) or written_name(self._local[draw.commit].get(practitioner_key, ""))
        return practitioner_label(self._aliases[draw.commit], digest(practitioner_key), shown if identified else "")

    def labels(self, review: Review, *, identified: bool, on_form: bool = False) -> tuple[str, str]:
        """Returns the labels of a review's case and practitioner. On the form, policy may give a second rater the case's own id."""
        draw = self.draw(review)
        to_find = on_form and review.stage == SECOND and self.policy.second_sees_case_id
        return (
            self.case_label(draw, review.case, review.case_key, identified=identified or to_find),
            self.practitioner_label(draw, review.practitioner_key, identified=identified),
        )

    def owner_label(self, review: Review, owner: str, *, identified: bool) -> str:
        """Returns who owns an action of a review: where no name may be shown, the alias or the role."""
        if identified:
            return owner
        if owner in (self.labels(review, identified=True)[1], self.labels(review, identified=False)[1]):
            return self.labels(review, identified=False)[1]
        return "the rater" if owner == self.names.get(review.rater) else "as named in the service's own copy"

    def record_changes(self, review: Review, earlier: date, later: date) -> list[dict[str, str]] | None:
        """Returns what the record of a case gained between two days, or None when no snapshot was taken in between."""
        return changes_between(open_pack(self.draw(review).folder), review.case_key, earlier, later)


def build_world(
    draws: tuple[Draw, ...],
    people: People,
    policy: ScoringPolicy,
    rubrics: RubricLibrary,
    begun: Mapping[str, Begun] = MappingProxyType({}),
    pool: Pool | None = None,
) -> World:
    """Returns the world of these draws, each assigned to its raters; what was begun (review id -> by whom) stays where it is. Seeded
    vignettes of the `pool` are planted where that may be.
    """
    supervisors = {draw.commit: supervisors_of(draw) for draw in draws}
    assigned = {draw.commit: assign(draw, people, policy, supervisors[draw.commit], begun) for draw in draws}
    reviews = {review.id: review for one in assigned.values() for review in one.reviews}
    planted, seeds = _planted(draws, reviews, policy, rubrics, pool, begun) if pool else ((), False)
    return World(
        people=people,
        policy=policy,
        draws=draws,
        rubrics=rubrics,
        reviews=reviews | {review.id: review for one in planted for review in one.reviews},
        unassigned=tuple(case for one in assigned.values() for case in one.unassigned),
        notes={commit: _notes(one) for commit, one in assigned.items()},
        tabled_with={
            (draw.commit, case): rater
            for draw in draws
            for case, rater in tabled_with(draw, people, supervisors[draw.commit]).items()
        },
        planted=planted,
        pairs=pairs_now(draws, people, supervisors),
        seeds=seeds,
    )


def _planted(
    draws: Iterable[Draw],
    reviews: Mapping[str, Review],
    policy: ScoringPolicy,
    rubrics: RubricLibrary,
    pool: Pool,
    begun: Mapping[str, Begun],
) -> tuple[tuple[Planted, ...], bool]:
    """Returns the seeded cases, and whether there may be some: that is what raters are told beforehand."""

    def in_use(profile: str) -> dict[str, str]:
        return {rubric.id: rubric.version for rubric in rubrics.in_use(profile)}

    able = [draw for draw in draws if may_plant(draw, policy, _has_notes(draw))]
    planted = plant(able, reviews.values(), pool, one_in=policy.seeded_one_in, in_use=in_use, begun=begun)
    fitting = any(fits(one, draw, in_use(draw.profile)) for draw in able for one in pool.vignettes)
    return planted, fitting and policy.seeded_one_in > 0


def _has_notes(draw: Draw) -> bool:
    snapshot = snapshot_of(open_pack(draw.folder))
    return snapshot is not None and snapshot.has("notes")


def _notes(assigned: Assignments) -> tuple[str, ...]:
    count = len(assigned.unassigned)
    if not count:
        return assigned.notes
    return (
        *assigned.notes,
        f"{count} case{' has' if count == 1 else 's have'} no supervisor here, and cannot be scored.",
    )


def supervisors_of(draw: Draw) -> dict[str, str]:
    """Returns practitioner key -> supervisor key, as the newest snapshot of the record has it; empty without one."""
    snapshot = snapshot_of(open_pack(draw.folder))
    rows: list[dict[str, Any]] = snapshot.rows("practitioners") if snapshot else []
    return {row["practitioner_key"]: row["supervisor_key"] for row in rows if row["supervisor_key"]}
