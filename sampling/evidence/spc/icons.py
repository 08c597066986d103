"""The variation and the assurance icon of Making Data Count, decided as NHSRplotthedots 0.2.2 decides them, with words for readers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sampling.evidence.spc.rules import NO_RULE, SIGNS, Direction

VariationCode = Literal[
    "improvement_high",
    "improvement_low",
    "concern_high",
    "concern_low",
    "neutral_high",
    "neutral_low",
    "common_cause",
    "none",
]
AssuranceCode = Literal["pass", "fail", "inconsistent", "none"]
PointKind = Literal["improvement", "concern", "neutral high", "neutral low", "common cause"]

_VARIATION_WORDS: dict[VariationCode, str] = {
    "improvement_high": "Special cause of improving nature: the latest point belongs to a pattern of higher values.",
    "improvement_low": "Special cause of improving nature: the latest point belongs to a pattern of lower values.",
    "concern_high": "Special cause of concerning nature: the latest point belongs to a pattern of higher values.",
    "concern_low": "Special cause of concerning nature: the latest point belongs to a pattern of lower values.",
    "neutral_high": "Special cause, neither good nor bad: the latest point belongs to a pattern of higher values.",
    "neutral_low": "Special cause, neither good nor bad: the latest point belongs to a pattern of lower values.",
    "common_cause": "Common cause: the latest point shows no significant change.",
}
_ASSURANCE_WORDS: dict[AssuranceCode, str] = {
    "pass": "If nothing changes, the target will be met every time: it lies outside the limits, on the good side.",
    "fail": "If nothing changes, the target will be missed every time: it lies outside the limits, on the bad side.",
    "inconsistent": "If nothing changes, the target will be met in some periods and missed in others.",
}


@dataclass(frozen=True)
class VariationIcon:
    """Which variation icon is shown (`none`: withheld) and its meaning, or why it is withheld, in words."""

    code: VariationCode
    words: str


@dataclass(frozen=True)
class AssuranceIcon:
    """Which assurance icon is shown (`none`: no target, or withheld) and its meaning, or why there is none, in words."""

    code: AssuranceCode
    words: str


def point_kind(rule: int, side: int, direction: Direction) -> PointKind:
    """Returns what a point's label means, given which direction is improvement.

    The side of a trend is its direction: a rise below the centre line is an improvement when higher is better.

    >>> point_kind(2, 1, "increase"), point_kind(4, 1, "decrease"), point_kind(0, 0, "increase")
    ('improvement', 'concern', 'common cause')
    """
    if rule == NO_RULE:
        return "common cause"
    if direction == "neutral":
        return "neutral high" if side > 0 else "neutral low"
    return "improvement" if side == SIGNS[direction] else "concern"


def too_few_for_icons(points: int, needed: int) -> str:
    """Returns the sentence that withholds an icon, or nothing when there are points enough."""
    if points >= needed:
        return ""
    return f"No icon: the latest segment has {points} points with a value, and icons are shown from {needed}."


def variation_icon(rule: int, side: int, direction: Direction) -> VariationIcon:
    """Returns the icon for the label of the latest point, which alone decides it (NHSRplotthedots 0.2.2)."""
    kind = point_kind(rule, side, direction)
    if kind == "common cause":
        code: VariationCode = "common_cause"
    elif kind.startswith("neutral"):
        code = "neutral_high" if side > 0 else "neutral_low"
    elif kind == "improvement":
        code = "improvement_high" if side > 0 else "improvement_low"
    else:
        code = "concern_high" if side > 0 else "concern_low"
    return VariationIcon(code, _VARIATION_WORDS[code])


def assurance_icon(
    target: float | None, lower: float | None, upper: float | None, direction: Direction
) -> AssuranceIcon:
    """Returns the icon for a target against the latest limits; a target equal to a limit is inconsistent (strict, as the source)."""
    if target is None or direction == "neutral":
        return AssuranceIcon(
            "none", "No target." if target is None else "Neither direction is improvement: no assurance."
        )
    if lower is None or upper is None:
        return AssuranceIcon("none", "No icon: there are too few points for limits.")
    beyond = 1 if target > upper else -1 if target < lower else 0
    code: AssuranceCode = "inconsistent" if not beyond else "fail" if beyond == SIGNS[direction] else "pass"
    words = _ASSURANCE_WORDS[code]
    if lower == upper == target:
        words = (
            "Every value equals the target; a target that equals a limit counts as neither met nor missed every time."
        )
    return AssuranceIcon(code, words)
