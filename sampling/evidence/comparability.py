"""Whether two periods may be compared at all: only when rubric, eligibility, sampling and the kind of draw were the same.

Rule from the scoring mechanics of the design (docs/evidence.md, "May two periods be compared?"): refuse to compare if the rubric or the
eligibility rule changed. A chart over such a change is broken there, with the date and the reason.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

NO_EVIDENCE = "L0"  # docs/methods.md, "Evidence levels": whoever ran such a draw could have steered it


@dataclass(frozen=True)
class Description:
    """How the figures of one period came about. `period` is in words or "YYYY-MM"; `rubrics` is rubric id -> (version, digest) of the
    ratings in use; `eligibility` and `sampling` are the versions of those rules; `levels` the evidence levels of the period's draws.
    """

    period: str
    rubrics: Mapping[str, tuple[str, str]]
    eligibility: str
    sampling: str
    levels: tuple[str, ...]


@dataclass(frozen=True)
class Comparability:
    """`reasons` say why two periods may not be compared: none, and they may. `cautions` are to be printed beside the comparison."""

    reasons: tuple[str, ...]
    cautions: tuple[str, ...] = ()

    @property
    def comparable(self) -> bool:
        """Returns whether the two periods may be compared."""
        return not self.reasons


@dataclass(frozen=True)
class BreakPoint:
    """The first period after a change that no line of a chart may cross, and why."""

    period: str
    reasons: tuple[str, ...]


def compare(
    before: Description, after: Description, *, carried: Collection[tuple[str, str, str]] = ()
) -> Comparability:
    """Returns whether two periods may be compared, with the reasons in words if not.

    `carried` has (rubric id, digest, digest) of the versions between which every rating is carried over, by the rubric's own map.
    """
    reasons = _rubric_reasons(before, after, carried)
    for name, old, new in (
        ("rule of eligibility", before.eligibility, after.eligibility),
        ("sampling rule", before.sampling, after.sampling),
    ):
        if old != new:
            reasons.append(f"The {name} changed: {_shown(old)} in {before.period}, {_shown(new)} in {after.period}.")
    for one, other in ((before, after), (after, before)):
        if NO_EVIDENCE in one.levels and NO_EVIDENCE not in other.levels:
            reasons.append(
                f"A draw of {one.period} was at level L0: whoever ran it could have steered which cases came up. Those of {other.period} could not be steered so."
            )
    return Comparability(tuple(reasons), _cautions(before, after))


def break_points(
    periods: Sequence[Description], *, carried: Collection[tuple[str, str, str]] = ()
) -> tuple[BreakPoint, ...]:
    """Returns where a chart of these periods, given in order of time, must be broken: before each period that differs from the last."""
    found = []
    for before, after in zip(periods, periods[1:], strict=False):
        reasons = compare(before, after, carried=carried).reasons
        if reasons:
            found.append(BreakPoint(after.period, reasons))
    return tuple(found)


def _rubric_reasons(before: Description, after: Description, carried: Collection[tuple[str, str, str]]) -> list[str]:
    reasons = []
    for rubric in sorted({*before.rubrics, *after.rubrics}):
        old, new = before.rubrics.get(rubric), after.rubrics.get(rubric)
        if old is None or new is None:
            only = before.period if new is None else after.period
            reasons.append(f"The rubric {rubric} was used in {only} only.")
        elif old[1] != new[1] and not {(rubric, old[1], new[1]), (rubric, new[1], old[1])} & set(carried):
            what = f"version {old[0]} in {before.period}, version {new[0]} in {after.period}"
            same = f"both call themselves version {old[0]}, and their texts differ"
            reasons.append(f"The rubric {rubric} changed: {same if old[0] == new[0] else what}.")
    return reasons


def _cautions(before: Description, after: Description) -> tuple[str, ...]:
    """Returns what is worth saying although it does not forbid the comparison."""
    levels = sorted({*before.levels, *after.levels})
    if levels == [NO_EVIDENCE]:
        return (
            "Every draw was at level L0, so neither period is evidence to someone who does not trust the operator.",
        )
    if set(before.levels) != set(after.levels) and NO_EVIDENCE not in levels:
        return (
            f"The draws were at levels {', '.join(sorted({*before.levels}))} in {before.period} and {', '.join(sorted({*after.levels}))} in "
            f"{after.period}: what they are worth as evidence differs.",
        )
    return ()


def _shown(text: str) -> str:
    return text or "none named"
