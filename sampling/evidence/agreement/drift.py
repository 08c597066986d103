"""Do thresholds hold? The same case and criteria, scored by a group then and by a group now.

Who was there both times is not known, so the two groups are taken as independent: where the same people come, the interval is rather too wide. The change is the mean over
criteria of the mean level now less that then. Raters are what is independent within a group: with u_r the sum over criteria of (level - mean of the criterion) / (criteria x
ratings of it), the variance of a group is R/(R - 1) sum u_r^2, and degrees of freedom are Welch's (1947). Where everybody gave every criterion a level, this is Welch's t of raters' means.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sampling.evidence.agreement.data import AT_THE_STANDARD, SCALE
from sampling.evidence.intervals import beta_interval, effective_size, t_interval
from sampling.evidence.results import Interval, counted
from sampling.evidence.sentences import percent

HOLDS_WITHIN = 0.5  # of a level; ours: nearer to the level then than to the next one
Verdict = Literal["hold", "stricter", "more lenient", "open", "none"]
WORDS: dict[Verdict, str] = {
    "hold": "the thresholds hold",
    "stricter": "the thresholds have become stricter",
    "more lenient": "the thresholds have become more lenient",
    "open": "whether the thresholds hold is open",
    "none": "nothing can be compared",
}


@dataclass(frozen=True)
class GroupLevels:
    """What a group gave a case on some criteria: how often each level of the scale, by how many raters, and the share at the standard with its interval over raters."""

    raters: int
    criteria: int
    levels: tuple[int, ...]
    at_standard: float
    interval: Interval

    @property
    def n(self) -> int:
        """Returns the number of levels."""
        return sum(self.levels)


@dataclass(frozen=True)
class Drift:
    """A group now beside a group then on the `criteria` that both scored: `change` is the mean level now less then (above 0: more lenient), `share_change` that of the share at
    the standard, each with its interval. Verdict and sentence are on `change`; "none" and "open" come with their reason in the sentence.
    """

    verdict: Verdict
    sentence: str
    criteria: int = 0
    then: int = 0
    now: int = 0
    change: float | None = None
    interval: Interval | None = None
    share_change: float | None = None
    share_interval: Interval | None = None


@dataclass(frozen=True)
class _Mean:
    value: float
    variance: float
    raters: int


def group_levels(
    frame: pd.DataFrame, *, cut: int = AT_THE_STANDARD, scale: Sequence[int] = SCALE
) -> GroupLevels | None:
    """Returns what a group gave, from a tidy frame of one case (rater, criterion, level); None where it has no level."""
    wide = _wide(frame)
    if wide.empty:
        return None
    given = wide.to_numpy()
    known = given[~np.isnan(given)]
    yes = np.where(np.isnan(given), np.nan, given >= cut)
    mean, share = _mean(yes), float(np.mean(known >= cut))
    size = float(len(wide))
    if mean.variance > 0 and 0 < share < 1:
        size = min(effective_size(share, mean.variance, len(known), len(wide) - 1), float(len(known)))
    counts = tuple(int(np.sum(known == level)) for level in scale)
    return GroupLevels(len(wide), wide.shape[1], counts, share, beta_interval(share, size))


def drift(then: pd.DataFrame, now: pd.DataFrame, *, least: int, cut: int = AT_THE_STANDARD, since: str = "the first session") -> Drift:  # fmt: skip
    """Returns a group now beside a group then, from tidy frames of one case (rater, criterion, level), on criteria with `least` levels both times."""
    both = sorted(_enough(then, least) & _enough(now, least))
    if not both:
        return Drift("none", f"No criterion had {least} levels both times, so nothing can be compared.")
    sides = [_wide(one)[both].dropna(how="all").to_numpy() for one in (then, now)]
    before, after = (_mean(side) for side in sides)
    met = [_mean(np.where(np.isnan(side), np.nan, side >= cut)) for side in sides]
    interval, change = _interval(before, after, 3.0), after.value - before.value
    verdict = _verdict(interval)
    share = _interval(met[0], met[1], 1.0)
    numbers = (
        f"{counted(before.raters, 'rater')} then, {after.raters} now, {counted(len(both), 'criterion', 'criteria')}"
    )
    sentence = (
        f"Since {since} {WORDS[verdict]}: {_moved(change, interval)} ({numbers}).{_why(verdict, interval)} "
        f"At the standard were {percent(met[0].value)} of levels then and {percent(met[1].value)} now{_points(share)}."
    )
    return Drift(verdict, sentence, len(both), before.raters, after.raters, change, interval, met[1].value - met[0].value, share)  # fmt: skip


def _wide(frame: pd.DataFrame) -> pd.DataFrame:
    known = frame.dropna(subset=["level"])
    return known.assign(level=known["level"].astype("float64")).pivot(
        index="rater", columns="criterion", values="level"
    )


def _enough(frame: pd.DataFrame, least: int) -> set[str]:
    given = frame.groupby("criterion")["level"].count()
    return set(given.index[given >= max(least, 1)])


def _mean(levels: NDArray[np.float64]) -> _Mean:
    """Returns the mean over columns (criteria) of their means, with its variance over rows (raters)."""
    raters, criteria = levels.shape
    means = np.nanmean(levels, axis=0)
    given = np.sum(~np.isnan(levels), axis=0)
    leaning = np.nansum((levels - means) / (criteria * given), axis=1)
    variance = float(np.sum(leaning**2)) * raters / (raters - 1) if raters > 1 else 0.0
    return _Mean(float(means.mean()), variance if variance > 1e-20 else 0.0, raters)


def _interval(before: _Mean, after: _Mean, most: float) -> Interval | None:
    variance = before.variance + after.variance
    if not variance or min(before.raters, after.raters) < 2:
        return None
    degrees = variance**2 / sum(one.variance**2 / (one.raters - 1) for one in (before, after))
    return t_interval(after.value - before.value, variance**0.5, degrees, low=-most, high=most)


def _verdict(interval: Interval | None) -> Verdict:
    if interval is None or interval.low <= 0 <= interval.high:
        inside = interval is not None and max(-interval.low, interval.high) <= HOLDS_WITHIN
        return "hold" if inside else "open"
    return "stricter" if interval.high < 0 else "more lenient"


def _moved(change: float, interval: Interval | None) -> str:
    """Returns the change in words, with its interval as levels lower or higher."""
    if not round(change, 2):
        told = "levels are the same on average"
    else:
        told = f"levels are {abs(change):.2f} {'lower' if change < 0 else 'higher'} on average"
    if interval is None:
        return told
    return f"{told}, 95% CI {interval.low:+.2f} to {interval.high:+.2f}"


def _why(verdict: Verdict, interval: Interval | None) -> str:
    if interval is None:
        return " Each time all raters leaned alike, so there is no interval."
    if verdict == "open":
        return " No change is shown, and one of half a level or more is not ruled out."
    if verdict != "hold" and max(abs(interval.low), abs(interval.high)) <= HOLDS_WITHIN:
        return " That is less than half a level."
    return ""


def _points(interval: Interval | None) -> str:
    if interval is None:
        return ""
    return f" (change 95% CI {100 * interval.low:+.0f} to {100 * interval.high:+.0f} percentage points)"
