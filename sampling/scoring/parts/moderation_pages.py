"""Moderation as the screens show it: the list, the moderator's page of one case, and what each rater then learns from it.

Until every needed decision is made, nothing here says who A and B are: no name, no review id, no word on who was first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sampling.page.words import counted
from sampling.rubric import Criterion, Rubric
from sampling.scoring.rules.moderation import (
    DEFAULT_FILTER,
    DIFFERENCE_LABELS,
    FILTERS,
    REASONS,
    SHAPES,
    Alias,
    Apart,
    Double,
    alias_of,
    state_label,
    waiting_words,
    why_not,
)
from sampling.scoring.rules.rated import NOTHING, Answer, answer_row, answer_words
from sampling.scoring.rules.standing import Fact, revisions

AGREED_NOTE = "Criteria on which A and B agree need no decision: they stand."
RESULT_NOTE = "Your decision is a third row. What A and B chose never changes."
LEARNING_NOTE = "For learning. What you scored stays as you signed it."
NOT_SETTLED = "Your differences are shown when the moderator has decided those that matter."


@dataclass(frozen=True)
class Shown:
    """What the pages of one case need: its rubrics in their frozen versions and order, its labels, and the codes' reasons in words."""

    rubrics: Sequence[Rubric]
    case_label: str
    practitioner_label: str
    reasons: Mapping[str, str]
    names: Mapping[str, str]  # person key -> name

    def criteria(self) -> Iterable[tuple[str, int, Rubric, Criterion]]:
        """Yields (ref, number, rubric, criterion) in the order of the form."""
        number = 0
        for rubric in self.rubrics:
            for criterion in rubric.criteria:
                number += 1
                yield rubric.ref(criterion), number, rubric, criterion


def pass_levels(rubrics: Iterable[Rubric]) -> dict[str, int]:
    """Returns criterion ref -> the level from which the criterion is passed, in the order of the form."""
    return {rubric.ref(criterion): rubric.pass_level for rubric in rubrics for criterion in rubric.criteria}


def list_row(double: Double, shown: Shown, *, actor: str, moderates: bool) -> dict[str, Any]:
    """Returns one case of the moderation list for one person."""
    state = double.state()
    is_rater = any(side.rater == actor for side in double.sides.values())
    refusal = why_not(double, actor=actor, moderates=moderates)
    learns = is_rater and double.b is not None and double.complete
    return {
        "case": double.case,
        "case_label": shown.case_label,
        "practitioner_label": shown.practitioner_label,
        "state": state,
        "state_label": state_label(double),
        "shape": SHAPES[state],
        "waiting_for": list(double.waiting_for()),
        "waiting_words": waiting_words(double),
        "open": double.open,
        "counts": double.counts() if double.open and not (is_rater and not learns) else {},
        "to_decide": len(double.to_decide()) if double.open else 0,
        "decided": len(double.decisions),
        "may_moderate": not refusal,
        "why_not": refusal,
        "view": "learning" if learns else "moderate" if not refusal else "none",
    }


def list_headline(rows: Iterable[Mapping[str, Any]], referred: int) -> str:
    """Returns the list's finding in words."""
    rows = list(rows)
    needed = sum(1 for row in rows if row["may_moderate"] and row["to_decide"])
    waiting = sum(1 for row in rows if row["state"] == "waiting")
    sentences = [f"{counted(needed, 'case needs', 'cases need')} a decision from you."] if needed else []
    if referred:
        sentences.append(f"{counted(referred, 'case was', 'cases were')} referred by the rater.")
    if waiting:
        sentences.append(f"{counted(waiting, 'case waits', 'cases wait')} for signatures.")
    return " ".join(sentences) or "Nothing needs you."


def filters_part() -> dict[str, Any]:
    """Returns the filters of the criteria, the one that is set at first, and the reasons for a decision with their keys."""
    return {
        "filter": DEFAULT_FILTER,
        "filters": [{"code": code, "label": label} for code, label in FILTERS.items()],
        "reasons": [
            {"key": str(key), "code": code, "label": label} for key, (code, label) in enumerate(REASONS.items(), 1)
        ],
    }


def moderating_page(double: Double, shown: Shown, entries: Iterable[Fact], *, review: str) -> dict[str, Any]:
    """Returns the moderator's page of one case. `entries` are those of the moderation, `review` its own id."""
    counts = revisions(entries)
    complete = double.complete
    differences = double.differences()
    state = double.state()
    return {
        "view": "moderate",
        "case": double.case,
        "review": review,
        "case_label": shown.case_label,
        "practitioner_label": shown.practitioner_label,
        "state": state,
        "state_label": state_label(double),
        "open": double.open,
        "read_only": False,
        "raters": [
            {"alias": alias.upper(), "name": _name(double, alias, shown) if complete else None}
            for alias in double.sides
        ],
        "to_decide": len(double.to_decide()),
        "decided": len(double.decisions),
        "complete": complete,
        "counts": double.counts(),
        "criteria": [
            {
                **_criterion(ref, number, rubric, criterion),
                **_apart(differences[ref]),
                **{alias: _side(double, alias, ref, criterion, shown) for alias in ("a", "b")},
                "needs_decision": differences[ref].needs_decision,
                "decision": _decision(double, ref, criterion),
                "revision": counts[review, f"moderation:{ref}"],
                "flag": _flag(double, ref),
                "flag_revision": counts[review, f"anchor:{ref}"],
            }
            for ref, number, rubric, criterion in shown.criteria()
        ],
        **filters_part(),
        "agreed_note": AGREED_NOTE,
        "result_note": RESULT_NOTE,
    }


def _name(double: Double, alias: Alias, shown: Shown) -> str:
    return shown.names.get(double.sides[alias].rater, "")


def _criterion(ref: str, number: int, rubric: Rubric, criterion: Criterion) -> dict[str, Any]:
    return {
        "ref": ref,
        "number": number,
        "rubric_title": rubric.title,
        "rubric_version": rubric.version,
        "title": criterion.title,
        "question": criterion.question,
        "critical": criterion.critical,
        "levels": list(criterion.levels),
        "pass_level": rubric.pass_level,
    }


def _apart(apart: Apart) -> dict[str, Any]:
    return {
        "state": apart.state,
        "state_label": DIFFERENCE_LABELS[apart.state],
        "shape": SHAPES[apart.state],
        "across": apart.across,
        "across_label": "across the pass line" if apart.across else "",
        "words": apart.words,
    }


def _side(double: Double, alias: str, ref: str, criterion: Criterion, shown: Shown) -> dict[str, Any] | None:
    side = double.sides.get(alias)  # type: ignore[call-overload]
    return None if side is None else answer_row(side.answers.get(ref, NOTHING), criterion.levels, shown.reasons)


def _decision(double: Double, ref: str, criterion: Criterion) -> dict[str, Any] | None:
    decision = double.decisions.get(ref)
    if decision is None:
        return None
    said = decision.said
    return {
        "choice": alias_of(said.choice, double),
        "level": said.level,
        "code": said.code or "",
        "label": answer_words(Answer(level=said.level, code=said.code or ""), criterion.levels, {}),
        "reason": said.reason,
        "reason_label": REASONS[said.reason],
        "note": said.note,
        "at": decision.at,
    }


def _flag(double: Double, ref: str) -> dict[str, str] | None:
    flag = double.flags.get(ref)
    return {"note": flag.note, "at": flag.at} if flag else None


def learning_page(double: Double, shown: Shown, *, actor: str) -> dict[str, Any]:
    """Returns one rater's own differences: theirs, the other's and what was settled, differences first. Names no one else."""
    mine = next(alias for alias, side in double.sides.items() if side.rater == actor)
    other: Alias = "b" if mine == "a" else "a"
    differences = double.differences()
    rows = [
        {
            **_criterion(ref, number, rubric, criterion),
            **_apart(differences[ref]),
            "mine": _side(double, mine, ref, criterion, shown),
            "other": _side(double, other, ref, criterion, shown),
            "settled": _decision(double, ref, criterion),
            "words": _learned(double, ref, mine=mine, other=other),
        }
        for ref, number, rubric, criterion in shown.criteria()
    ]
    agreed = sum(1 for row in rows if row["state"] == "agree")
    return {
        "view": "learning",
        "case": double.case,
        "case_label": shown.case_label,
        "practitioner_label": shown.practitioner_label,
        "summary": _summary(agreed, len(rows), double),
        "counts": double.counts(),
        "rows": sorted(rows, key=lambda row: (row["state"] == "agree", row["number"])),
        "note": LEARNING_NOTE,
    }


def _learned(double: Double, ref: str, *, mine: Alias, other: Alias) -> str:
    """Returns what a rater reads of one criterion: both answers, and what the moderator settled on and why."""
    yours, theirs = (double.sides[alias].answers.get(ref, NOTHING) for alias in (mine, other))
    both = f"You chose {_short(yours)}, the other rater {_short(theirs)}."
    decision = double.decisions.get(ref)
    if decision is None:
        return both if (yours.level, yours.code) != (theirs.level, theirs.code) else f"You both chose {_short(yours)}."
    settled = _short(Answer(level=decision.said.level, code=decision.said.code or ""))
    reason = REASONS[decision.said.reason]
    note = f" {decision.said.note}" if decision.said.note else ""
    return f"{both} The moderator settled on {settled}: {reason[0].lower()}{reason[1:]}.{note}"


def _short(answer: Answer) -> str:
    return answer_words(answer, (), {}).lower()


def _summary(agreed: int, of: int, double: Double) -> str:
    changed = len(double.decisions)
    settled = f" The moderator decided {counted(changed, 'criterion', 'criteria')}." if changed else ""
    return f"You and the other rater agreed on {agreed} of {counted(of, 'criterion', 'criteria')}.{settled}"
