"""The words of a group's levels that a live session needs at once: no more is imported here than they need."""

from __future__ import annotations

from collections.abc import Sequence

from sampling.evidence.results import counted

CUT = 2  # the level from which a criterion meets the standard, where a rubric names no other
SPLIT_FROM = 0.25  # ours: the threshold splits a group when the smaller side has at least a quarter of the raters
CONFORMITY = "Convergence after talking is partly conformity: the second round was scored knowing the first."
# Printed on every output of a calibration (scoring-ui design, 5.4, point 7).
STANDING_SENTENCE = "Shows how this group applied the thresholds today; it does not measure any one person, and training may not change it."
TOLERANCE = (
    1  # levels either side of a reference (scoring-ui design, 5.3 and 5.4); beyond it a second look, never a suspension
)
FEWEST_SHOWN = 5  # fewer raters: no dots, no sides, only how many and from which level to which


def split_sentence(levels: Sequence[int], *, cut: int = CUT) -> str:
    """Returns how one case's levels on one criterion fall about the threshold.

    >>> split_sentence([2] * 7 + [3] * 2 + [1] * 5)
    '14 raters: 9 at 2 or above, 5 below. The group splits at the threshold.'
    >>> split_sentence([1, 3, 3])
    '3 raters: levels 1 to 3.'
    """
    if not len(levels):
        return "No rater has given a level."
    raters = counted(len(levels), "rater")
    low, high = min(levels), max(levels)
    if len(levels) < FEWEST_SHOWN:
        return f"{raters}: level {low}." if low == high else f"{raters}: levels {low} to {high}."
    above = sum(level >= cut for level in levels)
    below = len(levels) - above
    return f"{raters}: {above} at {cut} or above, {below} below. {_verdict(above, below, low == high)}"


def _verdict(above: int, below: int, same: bool) -> str:
    if same:
        return "All gave the same level."
    fewer = min(above, below)
    if fewer == 0:
        return "All are on one side of the threshold."
    if fewer >= SPLIT_FROM * (above + below):
        return "The group splits at the threshold."
    return f"All but {fewer} are on one side of the threshold."
