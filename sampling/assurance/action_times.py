"""How long actions take until they are done, with those that still run counted for as long as they have run.

The mean of the closed ones alone would be too short: the slow ones are still open. The share done by a day is estimated as Aalen and
Johansen (1978) do: what runs leaves the count on the day up to which it is known, what was dropped stays in it as never done. Without
dropped ones this is 1 less the Kaplan-Meier estimate. Computed in whole fractions, so that "half" is exactly half.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from sampling.assurance.action_log import LoggedAction
from sampling.page.words import counted

HALF = Fraction(1, 2)
METHOD = "cumulative share done (Aalen-Johansen; open actions censored, dropped ones a competing end)"


@dataclass(frozen=True)
class Step:
    """One day of the curve: how many were followed up to it, how many were then done and dropped, and the share done by its end."""

    day: int
    followed: int
    done: int
    dropped: int
    share: Fraction


@dataclass(frozen=True)
class TimeToClose:
    """How long the actions of a group took. `steps` has the days on which one was closed; `longest` is the most days one was followed."""

    actions: int
    done: int
    dropped: int
    running: int
    steps: tuple[Step, ...]
    longest: int
    method: str = METHOD

    @property
    def median(self) -> int | None:
        """Returns the first day by which half or more of the actions were done, or None where the curve never gets there."""
        return next((step.day for step in self.steps if step.share >= HALF), None)

    def share_by(self, days: int) -> Fraction | None:
        """Returns the share done within so many days, in [0, 1]; None where no action was followed for so long and some still run."""
        if not self.actions or (days > self.longest and self.running):
            return None
        return max((step.share for step in self.steps if step.day <= days), default=Fraction(0))

    @property
    def sentence(self) -> str:
        """Returns the time in words, for use inside the service."""
        if not self.actions:
            return "There is no action whose time could be told."
        counts = f"{counted(self.actions, 'action')}, {self.running} of them still running and {self.dropped} dropped"
        if self.median is None:
            return (
                f"How long half of the actions take cannot be said ({counts}): the share that was done stays below half over the "
                f"{counted(self.longest, 'day')} for which they can be followed."
            )
        return (
            f"Half of the actions were done within {counted(self.median, 'day')} ({counts}; what runs is counted for as long as it has "
            f"run, what was dropped as never done)."
        )


def time_to_close(actions: Iterable[LoggedAction], today: date) -> TimeToClose:
    """Returns how long the actions took from the day they were raised, those that run followed up to `today`."""
    ends = [_end(one, today) for one in actions]
    states = Counter(state for _, state in ends)
    steps: list[Step] = []
    share, left = Fraction(0), Fraction(1)
    for day in sorted({days for days, state in ends if state}):
        followed = sum(days >= day for days, _ in ends)
        done, dropped = (ends.count((day, state)) for state in ("done", "dropped"))
        share += left * Fraction(done, followed)
        left *= 1 - Fraction(done + dropped, followed)
        steps.append(Step(day, followed, done, dropped, share))
    longest = max((days for days, _ in ends), default=0)
    return TimeToClose(len(ends), states["done"], states["dropped"], states[""], tuple(steps), longest)


def _end(action: LoggedAction, today: date) -> tuple[int, str]:
    """Returns the days and how the action ended: "done", "dropped", or "" while it runs."""
    if action.closed_on is None:
        return max((today - action.raised).days, 0), ""
    return max((action.closed_on - action.raised).days, 0), action.state
