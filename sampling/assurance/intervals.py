"""What falls due, what was done and how late: one clock for every rule with an interval.

The clock runs from its beginning, and anew from each day on which the thing was done. What is not done before the next of its kind
falls due counts as missed; the next is due an interval after it. docs/policies.md has each reading, and why.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from sampling.assurance.facts import Absence, Delay, Exemption
from sampling.assurance.profile import Interval
from sampling.assurance.rules import RULES, Threshold

State = Literal["in time", "late", "missed", "overdue", "not yet due", "excused", "exempt"]
OPEN_LATE: tuple[State, ...] = ("late", "missed", "overdue")
DAY = timedelta(days=1)


@dataclass(frozen=True, order=True)
class Due:
    """One thing that fell or falls due. Ordered by due date, subject, rule and threshold.

    `days_late` are calendar days, working days for a record, up to the day it was done or, while it is not, to today or the end. `reason` is
    one that was given, or that the person was away on the due date. `answers` is the owner of the record, or who held the case that day.
    """

    due: date
    subject: str
    rule: str
    threshold: Threshold
    runs_from: date
    state: State
    done: date | None
    days_late: int
    days_away: int
    reason: str
    answers: str
    note: str
    words: str
    interval: str
    row: str
    source: str
    standing: str
    profile: str

    @property
    def is_late(self) -> bool:
        """Tells whether it was done late or not at all, for whatever reason."""
        return self.state in OPEN_LATE

    @property
    def counts(self) -> bool:
        """Tells whether it belongs in a share of what was due: not what is still to come, excused or exempt."""
        return self.state not in ("not yet due", "excused", "exempt")

    def sentence(self) -> str:
        """Returns it in words for a reader: what, when due, what became of it, why, by which rule."""
        unit = "working day" if RULES[self.rule].subject == "record" else "day"
        late = f"{self.days_late} {unit}{'' if self.days_late == 1 else 's'} late"
        became = {
            "in time": f"done {_day(self.done)}, in time",
            "late": f"done {_day(self.done)}, {late}",
            "missed": f"not done before the next was due, {late}",
            "overdue": f"not done yet, {late}",
            "not yet due": "not yet due",
            "excused": "excused",
            "exempt": "exempt",
        }[self.state]
        reason = f" Reason: {self.reason}." if self.reason else ""
        reason = reason or (" No reason is noted." if self.is_late else "")
        note = f" {self.note}" if self.note else ""
        rule = f"{self.interval}, {self.threshold}; {self.row}; {self.profile}: {self.source}"
        return f"{self.words}: due {_day(self.due)}, {became}.{reason}{note} ({rule})"


def _day(day: date | None) -> str:
    return f"{day.day} {day:%B %Y}" if day else ""


@dataclass(frozen=True)
class Term:
    """What the clock is set to: the interval that counts, and its last day in time."""

    due: date
    interval: Interval


Choose = Callable[[date], Term | None]
ENDED = "It ended before this was done."


def no_answer(day: date) -> tuple[str, str]:
    """Returns nobody, and no note."""
    return "", ""


@dataclass(frozen=True)
class Clock:
    """One clock: whose, from when to when (`ends` is the last day), what stops it, and what may explain a delay.

    `pauses` are the long absences, which stop it; `absences` are all, of which a short one is only a reason. `answers` says who answers for
    what falls due on a day, with a note. `note` is one on the first that falls due.
    """

    subject: str
    begins: date
    ends: date | None = None
    pauses: tuple[Absence, ...] = ()
    absences: tuple[Absence, ...] = ()
    delays: tuple[Delay, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    answers: Callable[[date], tuple[str, str]] = no_answer
    note: str = ""


def earliest(intervals: Sequence[Interval], started: date) -> Choose:
    """Returns what sets a clock: of the intervals that hold on the day it runs from, the one that falls due first.

    An interval that holds for the first months after `started` counts for each clock that begins within them, whenever that falls due.
    """

    def choose(runs_from: date) -> Term | None:
        hold = [one for one in intervals if one.until is None or runs_from < one.until.after(started)]
        terms = [Term(one.every.after(runs_from), one) for one in hold]
        return min(terms, key=lambda term: term.due, default=None)  # of equal ones the first, in the order of the rules

    return choose


@dataclass(frozen=True)
class _Step:
    """What became of one due date, the day that settled it, and where the clock runs from next; None where it stops.

    What is done after `since` counts to the next; reasons after `explained` explain the next.
    """

    state: State
    settled: date
    runs_from: date | None
    since: date
    explained: date
    note: str = ""


def walk(clock: Clock, done: Iterable[date], choose: Choose, today: date) -> tuple[Due, ...]:
    """Returns everything that fell due on this clock up to today, and the next that is to come, by due date.

    `done` are the days on which the thing was done, in any order; those after today are plans and do not count.
    """
    return tuple(_walk(clock, done, choose, today))


def _walk(clock: Clock, done: Iterable[date], choose: Choose, today: date) -> Iterator[Due]:
    horizon = min(today, clock.ends) if clock.ends else today
    days = sorted({day for day in done if clock.begins <= day <= horizon})
    before = clock.begins - DAY
    at = _Step("in time", before, clock.begins, before, before)
    while at.runs_from is not None and (term := choose(at.runs_from)) is not None:
        position = bisect_right(days, at.since)
        after = choose(term.due)
        step = _step(
            clock,
            term.due,
            after.due if after else date.max,
            done=days[position] if position < len(days) else None,
            today=today,
        )
        if step is None:
            return
        yield _due(clock, term, at, step)
        at = step


def _step(clock: Clock, due: date, following: date, *, done: date | None, today: date) -> _Step | None:
    """Returns what became of a due date; `done` is the next day on which the thing was done. None where it was never owed."""
    if clock.ends is not None and due >= clock.ends:
        return (
            None  # nothing is owed from the last day on: what was done early for a day after it is not counted either
        )
    if done is not None and done <= due:
        return _Step("in time", done, done, done, done)
    pause = next((one for one in clock.pauses if one.covers(due)), None)
    if pause is not None:
        back = pause.last + DAY if pause.last else None
        last = pause.last or today
        return _Step("excused", due, back, last, last)
    if due >= today:
        return _Step("not yet due", due, None, due, due)
    if any(one.registered and one.covers(due) for one in clock.exemptions):
        return _Step("exempt", due, due, due, due)
    if done is not None and done < following:
        return _Step("late", done, done, done, done)
    over = clock.ends is not None and clock.ends < today
    horizon = clock.ends if clock.ends is not None and over else today
    if done is None and horizon < following:
        return _Step("missed" if over else "overdue", horizon, None, horizon, horizon, ENDED if over else "")
    return _Step("missed", done or horizon, due, due, following)


def _due(clock: Clock, term: Term, before: _Step, step: _Step) -> Due:
    late = step.state in OPEN_LATE
    answers, note = clock.answers(term.due)
    first = clock.note if before.since < clock.begins else ""
    return due_by(
        term.interval,
        due=term.due,
        subject=clock.subject,
        runs_from=before.runs_from or term.due,
        state=step.state,
        done=step.settled if step.state in ("in time", "late") else None,
        days_late=(step.settled - term.due).days if late else 0,
        days_away=_days_away(clock.absences, term.due, step.settled) if late else 0,
        reason=_reason(clock, term.due, step, (before.explained, step.explained)),
        answers=answers,
        note=" ".join(part for part in (first, step.note, note) if part),
    )


def due_by(interval: Interval, **found: Any) -> Due:
    """Returns what fell due by an interval, with the interval's rule, words, row, source, standing and profile."""
    origin = interval.origin
    return Due(
        rule=interval.rule,
        threshold=interval.threshold,
        words=RULES[interval.rule].words,
        interval=interval.words,
        row=origin.row,
        source=origin.source,
        standing=origin.standing,
        profile=origin.profile,
        **found,
    )


def _reason(clock: Clock, due: date, step: _Step, between: tuple[date, date]) -> str:
    """Returns the reason of a delay: those noted after the last one was settled and up to this one, else that the person was away."""
    if step.state == "exempt":
        return next(one.reason for one in clock.exemptions if one.registered and one.covers(due))
    if step.state == "excused":
        return _away(next(one for one in clock.pauses if one.covers(due)))
    if step.state not in OPEN_LATE:
        return ""
    noted = sorted(
        (one.first, one.words)
        for one in clock.delays
        if one.first <= between[1] and (one.last or one.first) > between[0]
    )
    absence = next((one for one in clock.absences if one.covers(due)), None)
    return "; ".join(dict.fromkeys(words for _, words in noted)) or (_away(absence) if absence else "")


def _away(absence: Absence) -> str:
    return f"away from {_day(absence.first)}" + (f" to {_day(absence.last)}" if absence.last else ", and still away")


def _days_away(absences: Sequence[Absence], due: date, settled: date) -> int:
    """Returns on how many of the days after the due date, up to the settling, the person was away."""
    return len(
        {
            day
            for one in absences
            for number in range(1, (settled - due).days + 1)
            if one.covers(day := due + number * DAY)
        }
    )
