"""A review as it stands: a pure fold of its journal entries, and the sentences that say what is missing before it can be signed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sampling.journal.events import (
    Accessed,
    ActionRaised,
    Commented,
    ConflictResolved,
    EvidencePointed,
    Parked,
    PastedIntoRecord,
    Payload,
    Rated,
    Referred,
    RubricsFrozen,
    SafetyAnswered,
    SignatureVoided,
    Signed,
    TimeSpent,
)
from sampling.rubric import Criterion, Rubric
from sampling.scoring.rules.actions import actions
from sampling.scoring.rules.deviations import deviations_part
from sampling.scoring.rules.standing import Fact, revisions, standing
from sampling.scoring.settings.policy import ScoringPolicy

_NO_WORK = (Accessed, RubricsFrozen, TimeSpent)  # entries by which nobody has begun to score
SUBJECTS_OF_A_CRITERION = ("rating", "comment", "safety")


@dataclass(frozen=True)
class Numbered:
    """One criterion of a review, with the number that it has on the screen: counted through all its rubrics."""

    number: int
    rubric: Rubric
    criterion: Criterion

    @property
    def ref(self) -> str:
        """Returns `rubric id/criterion id`."""
        return self.rubric.ref(self.criterion)

    @property
    def name(self) -> str:
        """Returns the words that a sentence begins with, as "Criterion 3, Signs and routes"."""
        return f"Criterion {self.number}, {self.criterion.title}"


def numbered(rubrics: Iterable[Rubric]) -> tuple[Numbered, ...]:
    """Returns the criteria of all rubrics in order, numbered from 1."""
    pairs = [(rubric, criterion) for rubric in rubrics for criterion in rubric.criteria]
    return tuple(Numbered(number, rubric, criterion) for number, (rubric, criterion) in enumerate(pairs, 1))


@dataclass
class CriterionState:
    """What stands for one criterion. `level` and `code` both None is "not scored", which is neither 0 nor a code."""

    level: int | None = None
    code: str | None = None
    reason: str | None = None
    revision: int = 0
    comment: str = ""
    comment_revision: int = 0
    evidence: list[dict[str, Any]] = field(default_factory=list)
    safety: dict[str, Any] | None = None
    safety_revision: int = 0

    @property
    def scored(self) -> bool:
        """Returns whether there is a level or a code."""
        return self.level is not None or self.code is not None


@dataclass(frozen=True)
class ReviewState:
    """A review as it stands. `signatures` has every signature ever given, each with whether it is void; `raised` the actions as they
    were raised, whatever became of them since.
    """

    criteria: Mapping[str, CriterionState]
    actions: tuple[dict[str, Any], ...]
    raised: tuple[dict[str, Any], ...]
    deviations: Mapping[str, Any]
    parked: dict[str, Any] | None
    referred: dict[str, Any] | None
    paste: dict[str, Any] | None
    signatures: tuple[dict[str, Any], ...]
    conflicts: tuple[dict[str, Any], ...]
    begun: bool
    revisions: Mapping[str, int]  # subject -> what the next event on it is based on

    @property
    def is_parked(self) -> bool:
        """Returns whether the case waits."""
        return bool(self.parked and self.parked["parked"])

    @property
    def is_referred(self) -> bool:
        """Returns whether the moderator was asked to look."""
        return self.referred is not None


def fold(
    entries: Sequence[Fact], review: str, criteria: Iterable[str], names: Mapping[str, str] | None = None
) -> ReviewState:
    """Returns the state that the entries of one review come to. `criteria` are the refs that it has; `names` person key -> name."""
    names = names or {}
    own = [entry for entry in entries if entry.review == review]
    counts = revisions(own)
    stand = standing(own)
    latest = {entry.subject: entry for entry in stand}
    state = {ref: CriterionState() for ref in criteria}
    for ref, one in state.items():
        one.revision, one.comment_revision, one.safety_revision = (
            counts[review, f"{subject}:{ref}"] for subject in SUBJECTS_OF_A_CRITERION
        )
    for subject, entry in latest.items():
        _apply(state, entry, counts[review, subject])
    deviations = deviations_part(own, names)
    return ReviewState(
        criteria=state,
        actions=_actions(own),
        raised=_raised(stand),
        deviations=deviations,
        parked=_plain(latest, counts, review, "parked", Parked),
        referred=_referral(latest, counts, review),
        paste=_plain(latest, counts, review, "paste", PastedIntoRecord),
        signatures=_signatures(stand, names),
        conflicts=conflicts_of(own, names),
        begun=any(not isinstance(entry.payload, _NO_WORK) for entry in stand),
        revisions={subject: count for (_, subject), count in sorted(counts.items()) if subject},
    )


def _apply(state: Mapping[str, CriterionState], entry: Fact, revision: int) -> None:
    said = entry.payload
    ref = getattr(said, "criterion", None)
    if ref is None or ref not in state:
        return
    one = state[ref]
    if isinstance(said, Rated):
        one.level, one.code, one.reason = said.level, said.code, said.reason
    elif isinstance(said, Commented):
        one.comment = said.text
    elif isinstance(said, SafetyAnswered):
        one.safety = {"answer": said.answer, "note": said.note, "revision": revision}
    elif isinstance(said, EvidencePointed):
        pointer = said.model_dump(mode="json", exclude={"criterion"})
        one.evidence.append({**pointer, "revision": revision})
        one.evidence.sort(key=lambda row: (row["note_date"], row["start"] or 0, row["pointer"]))


def _plain(
    latest: Mapping[str, Fact], counts: Mapping[tuple[str, str], int], review: str, subject: str, kind: type[Payload]
) -> dict[str, Any] | None:
    entry = latest.get(subject)
    if entry is None or not isinstance(entry.payload, kind):
        return None
    return {**entry.payload.model_dump(mode="json"), "at": entry.at, "revision": counts.get((review, subject), 0)}


def _referral(latest: Mapping[str, Fact], counts: Mapping[tuple[str, str], int], review: str) -> dict[str, Any] | None:
    """Returns the referral, or None: an empty reason takes it back."""
    found = _plain(latest, counts, review, "referred", Referred)
    return found if found and found["reason"].strip() else None


def _actions(own: Sequence[Fact]) -> tuple[dict[str, Any], ...]:
    return tuple(
        {
            "action": one.action,
            "action_kind": one.kind,
            "text": one.text,
            "owner": one.owner,
            "due": one.due.isoformat(),
            "review_date": one.review_date.isoformat(),
            "criterion": one.criterion or None,
            "linked": one.linked or None,
            "state": "closed" if one.closed else "seen" if one.seen else "open",
            "revision": one.revision,
        }
        for one in actions(own)
    )


def _raised(stand: Iterable[Fact]) -> tuple[dict[str, Any], ...]:
    """Returns each action as it was last raised or reworded. What an undo restores is no rewording: it says what stood before."""
    found = {
        entry.payload.action: entry.payload.model_dump(mode="json")
        for entry in stand
        if isinstance(entry.payload, ActionRaised) and not entry.undoes
    }
    return tuple(found[action] for action in sorted(found))


def _signatures(stand: Iterable[Fact], names: Mapping[str, str]) -> tuple[dict[str, Any], ...]:
    found: list[dict[str, Any]] = []
    for entry in stand:
        said = entry.payload
        if isinstance(said, Signed):
            for earlier in found:
                if earlier["role"] == said.role and not earlier["void"]:
                    earlier.update(void=True, void_reason="signed again")
            found.append(
                {
                    "role": said.role,
                    "name": names.get(entry.actor, ""),
                    "actor": entry.actor,
                    "at": entry.at,
                    "content": said.content,
                    "statement": said.statement,
                    "void": False,
                    "void_reason": "",
                }
            )
        elif isinstance(said, SignatureVoided):
            for earlier in found:
                if earlier["role"] == said.role and not earlier["void"]:
                    earlier.update(void=True, void_reason=VOID_REASONS.get(said.reason, said.reason))
    return tuple(found)


VOID_REASONS = {"changed": "What was signed was changed afterwards"}


def conflicts_of(own: Sequence[Fact], names: Mapping[str, str]) -> tuple[dict[str, Any], ...]:
    """Returns each entry that was written from an outdated starting point and that nobody has decided about yet."""
    settled: set[str] = set()
    for entry in own:
        if isinstance(entry.payload, ConflictResolved):
            settled |= {entry.payload.chosen, entry.payload.instead_of}
        if entry.undoes:
            settled.add(entry.undoes)
    latest = {entry.subject: entry for entry in standing(own)}
    counts = revisions(own)
    return tuple(
        {
            "subject": entry.subject,
            "revision": counts[entry.review, entry.subject],
            "standing": shown(latest.get(entry.subject), names),
            "other": shown(entry, names),
        }
        for entry in sorted(own, key=lambda entry: entry.sequence)
        if entry.conflict and entry.id not in settled and entry.payload is not None and not _adds_up(entry)
    )


def _adds_up(entry: Fact) -> bool:
    """Returns whether two such entries never stand against each other: times are summed, whatever each was based on, and of two who
    said at once which value stands, the first has said it.
    """
    return entry.subject in ("time", "access") or isinstance(entry.payload, SignatureVoided | ConflictResolved)


def shown(entry: Fact | None, names: Mapping[str, str]) -> dict[str, Any]:
    """Returns an entry as a conflict shows it: its id, what it says, who and when."""
    if entry is None or entry.payload is None:
        return {"id": "", "data": None, "actor_label": "", "at": ""}
    return {
        "id": entry.id,
        "data": entry.payload.model_dump(mode="json"),
        "actor_label": names.get(entry.actor, ""),
        "at": entry.at,
    }


def missing(state: ReviewState, criteria: Sequence[Numbered], policy: ScoringPolicy) -> list[dict[str, str]]:
    """Returns what blocks sign-off, in the order of the criteria: rows of `ref` ("" for the whole case) and `sentence`."""
    found = []
    for one in criteria:
        of_criterion = state.criteria.get(one.ref, CriterionState())
        found += [{"ref": one.ref, "sentence": f"{one.name}: {words}"} for words in _missing_of(of_criterion, policy)]
    by_ref = {one.ref: one for one in criteria}
    for conflict in state.conflicts:
        ref = conflict["subject"].partition(":")[2]
        name = by_ref[ref].name if ref in by_ref else "This case"
        found.append(
            {"ref": ref if ref in by_ref else "", "sentence": f"{name}: two values were written. Say which one stands."}
        )
    if state.is_parked:
        found.append({"ref": "", "sentence": "The case is parked. Take it up again before you sign."})
    if not policy.text_kept and state.paste is None:
        found.append(
            {
                "ref": "",
                "sentence": "Put the text into the case system, and say here when, and where it is to be found.",
            }
        )
    return found


def _missing_of(one: CriterionState, policy: ScoringPolicy) -> list[str]:
    if not one.scored:
        return ["not scored yet."]
    if one.level is None:
        return []
    found = []
    if one.level >= policy.evidence_from_level and not one.evidence:
        found.append(f"a level of {levels_words(policy.evidence_from_level, 3)} needs an evidence pointer.")
    if one.level <= policy.comment_to_level and policy.text_kept and not one.comment.strip():
        found.append(f"a level of {levels_words(0, policy.comment_to_level)} needs a comment.")
    return found


def levels_words(low: int, high: int) -> str:
    """Returns a range of levels in words.

    >>> levels_words(2, 3), levels_words(0, 0), levels_words(1, 3)
    ('2 or 3', '0', '1, 2 or 3')
    """
    levels = [str(level) for level in range(low, high + 1)]
    return " or ".join([", ".join(levels[:-1]), levels[-1]]) if len(levels) > 1 else levels[0]
