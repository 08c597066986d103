"""Moderation of a double-rated case: where A and B differ, and the moderator's decision, a third row that changes neither.

It opens when both have signed and both ratings are unsealed, never before. The raters are A and B, in an order that says nothing of who was first; names follow when
every needed decision is made. What both agree on needs none (design: moderation). A comment alone is no difference.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sampling.journal.events import AnchorFlagged, Moderated, Payload
from sampling.rubric import Rubric
from sampling.scoring.rules.rated import CODE_LABELS, NOTHING, Answer, answer_words
from sampling.scoring.rules.standing import Fact, current
from sampling.tickets import digest

Difference = Literal["agree", "differ_1", "differ_2", "differ_kind", "incomplete"]
CaseState = Literal["waiting", "incomplete", "differs", "decided", "agrees"]
Alias = Literal["a", "b"]
DIFFERENCES: tuple[Difference, ...] = ("agree", "differ_1", "differ_2", "differ_kind", "incomplete")
DIFFERENCE_LABELS: dict[Difference, str] = {
    "agree": "Agree",
    "differ_1": "Differ by 1",
    "differ_2": "Differ by 2 or more",
    "differ_kind": "Differ: not both a level",
    "incomplete": "Incomplete",
}
SHAPES: dict[str, str] = {  # a drawn form beside the word, so that nothing hangs on colour
    "agree": "equal", "differ_1": "one_step", "differ_2": "two_steps", "differ_kind": "unlike", "incomplete": "hollow",
    "waiting": "clock", "differs": "two_steps", "decided": "tick", "agrees": "equal",
}  # fmt: skip
CASE_LABELS: dict[CaseState, str] = {
    "waiting": "Waiting for signatures",
    "incomplete": "Incomplete",
    "differs": "To be decided",
    "decided": "Decided",
    "agrees": "Agree where it matters",
}
NOT_OPEN = "Moderation begins when both raters have signed."
SEALED_LABEL = "Waiting to be unsealed"
SEALED_STILL = "Both raters have signed, but their ratings are still sealed: they open with the lead's private key."
REASONS: dict[str, str] = {
    "anchor_unclear": "The anchor is unclear",
    "evidence_missed": "Evidence was missed",
    "scoring_slip": "A slip in scoring",
    "judgement": "Judgement",
}
FILTERS: dict[str, str] = {
    "wide": "Differ by 2 or more, or across the pass line",
    "differ": "All that differ",
    "all": "All criteria",
    "incomplete": "Incomplete",
}
DEFAULT_FILTER = "wide"


@dataclass(frozen=True)
class Apart:
    """How two answers to one criterion stand to each other. `across`: one is at the pass level or above and the other below it."""

    state: Difference
    across: bool
    words: str

    @property
    def needs_decision(self) -> bool:
        """Tells whether a moderator has to decide: apart by two, across the pass line, not both a level, or incomplete."""
        return self.across or self.state in ("differ_2", "differ_kind", "incomplete")


def difference(a: Answer, b: Answer, pass_level: int) -> Apart:
    """Returns how A's and B's answers stand to each other, in words that name no one."""
    if not a.given or not b.given:
        return Apart("incomplete", False, f"{_said('A', a)} and {_said('B', b)}: there is nothing to compare yet.")
    if a.level is None or b.level is None:
        if a.code and a.code == b.code:
            return Apart("agree", False, f"Both chose {_value(a)}.")
        return Apart("differ_kind", False, f"{_said('A', a)} and {_said('B', b)}.")
    steps = abs(a.level - b.level)
    if steps == 0:
        return Apart("agree", False, f"Both chose {a.level}.")
    across = (a.level >= pass_level) != (b.level >= pass_level)
    line = (
        f"on either side of the pass line, which is level {pass_level}"
        if across
        else "on the same side of the pass line"
    )
    return Apart("differ_1" if steps == 1 else "differ_2", across, f"{_said('A', a)} and {_said('B', b)}: {line}.")


def _value(answer: Answer) -> str:
    return str(answer.level) if answer.level is not None else f'"{CODE_LABELS[answer.code].lower()}"'


def _said(who: str, answer: Answer) -> str:
    return f"{who} chose {_value(answer)}" if answer.given else f"{who} has not scored it"


@dataclass(frozen=True)
class Side:
    """One rater's signed answers. `review` and `rater` never leave the server while the case is being decided."""

    review: str
    rater: str
    stage: Literal["first", "second"]
    signed: bool
    answers: Mapping[str, Answer]


@dataclass(frozen=True)
class Decision:
    """What the moderator decided on one criterion."""

    said: Moderated
    actor: str
    at: str


@dataclass(frozen=True)
class Flag:
    """An anchor that raters read in two ways, filed for the rubric's author."""

    note: str
    at: str


@dataclass(frozen=True)
class Double:
    """One case with its raters, A and B, and what was decided so far. `b` is missing where one rater referred the case."""

    case: str
    a: Side
    b: Side | None
    pass_levels: Mapping[str, int]  # criterion ref -> level, in the order of the rubrics
    decisions: Mapping[str, Decision]
    flags: Mapping[str, Flag]
    practitioner: str = ""  # the key of the person whose case it is, who does not moderate it
    sealed: bool = (
        False  # something of the two ratings is not open to whoever asks, so that nothing can be told of them
    )

    @property
    def sides(self) -> dict[Alias, Side]:
        """Returns the raters by alias."""
        return {"a": self.a} if self.b is None else {"a": self.a, "b": self.b}

    @property
    def open(self) -> bool:
        """Tells whether moderation may begin: both raters have signed and can be read, or the one who referred the case asked for it."""
        return self.b is None or (self.a.signed and self.b.signed and not self.sealed)

    def differences(self) -> dict[str, Apart]:
        """Returns criterion ref -> how the two stand to each other. With one rater only, whatever is not scored is incomplete."""
        found = {}
        for ref, pass_level in self.pass_levels.items():
            a = self.a.answers.get(ref, NOTHING)
            if self.b is None:
                state: Difference = "agree" if a.given else "incomplete"
                found[ref] = Apart(state, False, f"{_said('A', a)}.")
            else:
                found[ref] = difference(a, self.b.answers.get(ref, NOTHING), pass_level)
        return found

    def to_decide(self) -> tuple[str, ...]:
        """Returns the criteria that still need a decision."""
        needed = self.differences().items()
        return tuple(ref for ref, found in needed if found.needs_decision and ref not in self.decisions)

    @property
    def complete(self) -> bool:
        """Tells whether nothing needs a decision any more."""
        return self.open and not self.to_decide()

    def state(self) -> CaseState:
        """Returns where the case stands."""
        if not self.open:
            return "waiting"
        left, found = self.to_decide(), self.differences()
        if left:
            return "incomplete" if all(found[ref].state == "incomplete" for ref in left) else "differs"
        return "decided" if self.decisions else "agrees"

    def waiting_for(self) -> tuple[str, ...]:
        """Returns whose signature is missing, in words, the first rater first."""
        missing = sorted((side for side in self.sides.values() if not side.signed), key=lambda side: side.stage)
        return tuple(f"the {side.stage} rater" for side in missing) if not self.open else ()

    def counts(self) -> dict[str, int]:
        """Returns how many criteria there are of each state, and how many across the pass line."""
        found = list(self.differences().values())
        counts = Counter(one.state for one in found)
        return {**{state: counts[state] for state in DIFFERENCES}, "across": sum(one.across for one in found)}


def waiting_words(double: Double) -> str:
    """Returns in words for whom or for what a case waits; nothing when it is open."""
    waiting = double.waiting_for()
    if not waiting:
        return "" if double.open else SEALED_STILL
    return f"Waiting for the signature of {' and '.join(waiting)}."


def state_label(double: Double) -> str:
    """Returns where a case stands, in words: one that both have signed waits for no signature."""
    state = double.state()
    return SEALED_LABEL if state == "waiting" and not double.waiting_for() else CASE_LABELS[state]


def aliased(case: str, first: Side, second: Side) -> tuple[Side, Side]:
    """Returns the two raters as A and B, in an order that follows from the case alone and says nothing of who was first."""
    turned = int(digest(f"csr1/alias|{case}"), 16) % 2
    return (second, first) if turned else (first, second)


def decisions_of(entries: Iterable[Fact]) -> dict[str, Decision]:
    """Returns criterion ref -> decision, of the entries of a moderation."""
    return {
        entry.payload.criterion: Decision(entry.payload, entry.actor, entry.at)
        for entry in current(entries).values()
        if isinstance(entry.payload, Moderated)
    }


def flags_of(entries: Iterable[Fact]) -> dict[str, Flag]:
    """Returns criterion ref -> flag for the rubric's author; one whose note was emptied is none."""
    return {
        entry.payload.criterion: Flag(entry.payload.note, entry.at)
        for entry in current(entries).values()
        if isinstance(entry.payload, AnchorFlagged) and entry.payload.note.strip()
    }


def to_journal(data: Mapping[str, Any], double: Double) -> dict[str, Any]:
    """Returns a decision as it is stored: `a` or `b` becomes first or second, with that rater's level or code.

    Whatever else is wrong with it is left for the check of its fields.
    """
    side = double.sides.get(data.get("choice"))  # type: ignore[arg-type]
    if side is None:
        return dict(data)
    answer = side.answers.get(str(data.get("criterion")), NOTHING)
    said = {**data, "choice": side.stage, "level": answer.level, "code": answer.code or None}
    return said


def alias_of(choice: str, double: Double) -> str:
    """Returns a stored choice as the moderator made it: a, b or other."""
    return next((alias for alias, side in double.sides.items() if side.stage == choice), "other")


def from_journal(data: Mapping[str, Any] | None, double: Double) -> dict[str, Any] | None:
    """Returns a stored decision as it is shown: first or second becomes the rater's alias."""
    if data is None or "choice" not in data:
        return dict(data) if data is not None else None
    return {**data, "choice": alias_of(str(data["choice"]), double)}


def refusals(said: Payload, double: Double, *, actor: str, moderates: bool) -> list[str]:
    """Returns why a decision or a flag may not be stored. `moderates`: the person has the role of moderator."""
    if not isinstance(said, Moderated | AnchorFlagged):
        return []
    if why := why_not(double, actor=actor, moderates=moderates):
        return [why]
    if said.criterion not in double.pass_levels:
        return ["This case was not scored on that criterion."]
    if isinstance(said, AnchorFlagged):
        return [] if said.note.strip() else ["Say in which two ways the anchor can be read."]
    given = (said.level is not None) + (said.code is not None)
    if said.choice == "other":
        return [] if given == 1 else ["Another level needs the level, or one of the two codes."]
    side = next((side for side in double.sides.values() if side.stage == said.choice), None)
    answer = side.answers.get(said.criterion, NOTHING) if side else NOTHING
    if not answer.given:
        return ["That rater did not score this criterion. Choose another level, or a code."]
    return (
        []
        if (said.level, said.code or "") == (answer.level, answer.code)
        else ["A rater's level is taken as it stands."]
    )


def why_not(double: Double, *, actor: str, moderates: bool) -> str:
    """Returns why a person may not moderate a case, or nothing."""
    if not moderates:
        return "Only a moderator decides where two raters differ."
    if any(side.rater == actor for side in double.sides.values()):
        return "You rated this case, so that somebody else has to moderate it."
    if double.practitioner == actor:
        return "This is a case of your own, so that somebody else has to moderate it."
    if not double.open:
        return f"{NOT_OPEN} {waiting_words(double)}" if double.waiting_for() else waiting_words(double)
    return ""


def decision_words(said: Moderated, rubric: Rubric) -> str:
    """Returns what a decision settled on, in words."""
    answer = Answer(level=said.level, code=said.code or "")
    return answer_words(answer, rubric.criterion(said.criterion.split("/")[1]).levels, {})
