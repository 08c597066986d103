"""One drawn case with everything that was written on it: its reviews by stage, each folded, and where each stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from sampling.journal.events import SeedShown
from sampling.journal.store import Entry
from sampling.rubric import Rubric
from sampling.scoring.parts.world import World
from sampling.scoring.rules.deleted import deleted_words
from sampling.scoring.rules.moderation import difference
from sampling.scoring.rules.rated import NOTHING, answers_of
from sampling.scoring.rules.reviewing import Numbered, ReviewState, fold, missing, numbered
from sampling.scoring.rules.signing import ROLES_OF_RATER, content_hash, signed_by, with_changed_void
from sampling.scoring.rules.standing import current
from sampling.scoring.settings.access import Standing
from sampling.scoring.settings.assignments import FIRST, SECOND, Review


@dataclass(frozen=True)
class CaseView:
    """A case as one view of the journal has it: as a person sees it, or as the service does.

    `entries` are those of all its stages; `still_sealed` names the reviews that hold entries nobody published yet.
    """

    world: World
    stages: Mapping[str, Review]
    entries: tuple[Entry, ...]
    still_sealed: frozenset[str]

    @cached_property
    def rubrics(self) -> tuple[Rubric, ...]:
        """Returns the rubric versions of the case."""
        return self.world.rubrics_of(self.stages[FIRST], self.entries)

    @cached_property
    def criteria(self) -> tuple[Numbered, ...]:
        """Returns the criteria of the case, numbered."""
        return numbered(self.rubrics)

    @cached_property
    def _states(self) -> dict[str, ReviewState]:
        return {}

    def of(self, review: Review) -> tuple[Entry, ...]:
        """Returns the entries of one of its reviews."""
        return tuple(entry for entry in self.entries if entry.review == review.id)

    def state(self, review: Review) -> ReviewState:
        """Returns one of its reviews as it stands."""
        if review.id not in self._states:
            refs = [one.ref for one in self.criteria]
            state = fold(self.entries, review.id, refs, self.world.names)
            hidden = any(entry.payload is None for entry in self.of(review))
            content = "" if hidden else content_hash(review.id, self.rubrics, state)
            self._states[review.id] = with_changed_void(state, content) if content else state
        return self._states[review.id]

    def content(self, review: Review) -> str:
        """Returns the hash of what a signature on a review signs now."""
        return content_hash(review.id, self.rubrics, self.state(review))

    def deleted(self, review: Review) -> str:
        """Returns when a retention rule took what was written in a review, in a sentence, or "" where it is there."""
        return deleted_words(self.of(review))

    def closed(self, review: Review) -> str:
        """Returns why nobody writes to a review any more, or ""."""
        return self.world.is_closed(review) or self.deleted(review)

    def missing(self, review: Review) -> list[dict[str, str]]:
        """Returns what blocks sign-off of a review."""
        return missing(self.state(review), self.criteria, self.world.policy)

    def is_signed(self, review: Review) -> bool:
        """Returns whether its rater's signature stands.

        Where this view may read the review, a signature over another content counts for nothing, whatever was said of it. Where it may
        not, the signatures themselves are all that there is to go by: they are never sealed.
        """
        return signed_by(self.state(review), *ROLES_OF_RATER) is not None

    @cached_property
    def is_double(self) -> bool:
        """Returns whether the case is rated twice."""
        return SECOND in self.stages

    @cached_property
    def both_signed(self) -> bool:
        """Returns whether both raters of a double rating have signed."""
        return self.is_double and all(self.is_signed(self.stages[stage]) for stage in (FIRST, SECOND))

    @cached_property
    def unsealed(self) -> bool:
        """Returns whether both ratings are open to everyone whom they concern: signed once by both, and published."""
        pair = [self.stages[stage] for stage in (FIRST, SECOND) if stage in self.stages]
        if len(pair) < 2 or any(review.id in self.still_sealed for review in pair):
            return False
        return all(self.state(review).signatures for review in pair)

    @cached_property
    def told(self) -> bool:
        """Returns whether the case is a seeded vignette and its rater was told so."""
        return any(entry.kind == SeedShown.kind for entry in self.entries)

    def standing(self, review: Review) -> Standing:
        """Returns what access needs to know of a review."""
        rescoring = [
            other
            for stage, other in self.stages.items()
            if stage.startswith("follow_up") and other.id != review.id and self.state(other).begun
        ]
        return Standing(
            signed=self.is_signed(review),
            unsealed=self.unsealed,
            referred=self.state(review).is_referred,
            rescoring=any(not self.is_signed(other) for other in rescoring) and self.is_signed(review),
            told=self.told,
        )

    def code(self, review: Review) -> str:
        """Returns the state of a review for the queue: not_started, in_progress, parked, referred, ready_to_sign, signed,
        waiting_second, differs, moderated, seeded or deleted.
        """
        if self.told:
            return "seeded"
        if self.deleted(review):
            return "deleted"
        state = self.state(review)
        if self.is_signed(review):
            return self._after_signing(review)
        if state.is_parked:
            return "parked"
        if state.is_referred:
            return "referred"
        if not state.begun:
            return "in_progress" if any(entry.state == "sealed" for entry in self.of(review)) else "not_started"
        hidden = any(entry.payload is None for entry in self.of(review))
        return "in_progress" if hidden or self.missing(review) else "ready_to_sign"

    def _after_signing(self, review: Review) -> str:
        if review.stage not in (FIRST, SECOND) or not self.is_double:
            return "signed"
        if not self.unsealed:
            return "waiting_second"
        apart = self.apart()
        if not apart:
            return "signed"
        moderation = self.stages.get("moderation")
        decided = {entry.subject for entry in current(self.of(moderation)).values()} if moderation else set()
        return "moderated" if all(f"moderation:{ref}" in decided for ref in apart) else "differs"

    def apart(self) -> tuple[str, ...]:
        """Returns the criteria on which the two raters differ so far that a moderator has to decide."""
        first, second = (answers_of(self.of(self.stages[stage])) for stage in (FIRST, SECOND))
        found = []
        for one in self.criteria:
            if one.ref in first or one.ref in second:
                a, b = first.get(one.ref, NOTHING), second.get(one.ref, NOTHING)
                if difference(a, b, one.rubric.pass_level).needs_decision:
                    found.append(one.ref)
        return tuple(found)


def case_views(
    world: World, reviews: Iterable[Review], entries: Sequence[Entry], still_sealed: frozenset[str]
) -> dict[tuple[str, str], CaseView]:
    """Returns (commitment, case) -> view, for the cases of these reviews; `entries` may hold those of other cases too."""
    cases = {(review.commit, review.case) for review in reviews}
    of_case = {stage.id: case for case in cases for stage in world.by_case[case].values()}
    sorted_out: dict[tuple[str, str], list[Entry]] = {case: [] for case in cases}
    for entry in entries:
        if entry.review in of_case:
            sorted_out[of_case[entry.review]].append(entry)
    return {case: CaseView(world, world.by_case[case], tuple(sorted_out[case]), still_sealed) for case in cases}
