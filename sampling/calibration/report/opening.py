"""What a calibration report opens: the journal of a folder, the session that is asked for, and the sessions of a span of months."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from sampling.calibration.policy import CalibrationPolicy, load_calibration_policy
from sampling.calibration.report.gathering import Gathered, gather
from sampling.calibration.report.told import load_told
from sampling.calibration.state import Session
from sampling.errors import UsageError
from sampling.policy import shared_folder
from sampling.rubric import Rubric, rubrics_published
from sampling.rubric.vignettes import Vignette, load_all

PURPOSES = ("training", "supervision", "audit")
T = TypeVar("T")
MONTHS = 12  # a span that nobody names: so many months up to the session
_SPAN = re.compile(r"(\d{4}-(?:0[1-9]|1[0-2]))(?::(\d{4}-(?:0[1-9]|1[0-2])))?")


@dataclass(frozen=True, eq=False)
class Shelf:
    """What a report is read against: the policy, the published rubrics and every vignette, retired ones too."""

    policy: CalibrationPolicy
    rubrics: tuple[Rubric, ...]
    vignettes: tuple[Vignette, ...]


@dataclass(frozen=True, eq=False)
class Report:
    """What a report is made from. `session` is None where no session was revealed yet.

    `rubric` and `vignette` are those of the session, None where they are not here any more as they were. `before` are earlier sessions on the
    same vignette, and `span` those of the months `first` to `last`, this one among them; each in the order of opening. `told` is what people wrote for GRRAS, by key.
    """

    gathered: Gathered
    shelf: Shelf
    purpose: str
    today: date | None = None
    session: Session | None = None
    rubric: Rubric | None = None
    vignette: Vignette | None = None
    before: tuple[Session, ...] = ()
    span: tuple[Session, ...] = ()
    first: str = ""
    last: str = ""
    told: Mapping[str, str] = field(default_factory=dict)
    _worked_out: dict[tuple[object, ...], Any] = field(default_factory=dict, repr=False)

    @property
    def rounds(self) -> tuple[int, ...]:
        """Returns the rounds of the session that were revealed."""
        return self.gathered.rounds[self.session.id] if self.session else ()

    def once(self, key: tuple[object, ...], work_out: Callable[[], T]) -> T:
        """Returns what was worked out under a key, worked out now if it was not yet: several sections and files show the same figures."""
        if key not in self._worked_out:
            self._worked_out[key] = work_out()
        found: T = self._worked_out[key]
        return found


def load_shelf() -> Shelf:
    """Returns what this copy of the program brings."""
    rubrics = tuple(rubrics_published(shared_folder("rubrics")))
    return Shelf(load_calibration_policy(), rubrics, load_all(retired=True))


def open_report(
    folder: str, *, session: str = "", period: str = "", purpose: str = "training", today: str = ""
) -> Report:
    """Returns what the report of a folder is made from, as report_of."""
    found = report_of(gather(Path(folder)), load_shelf(), session=session, period=period, purpose=purpose, today=today)
    return replace(found, told=load_told(Path(folder)))


def report_of(
    gathered: Gathered, shelf: Shelf, *, session: str = "", period: str = "", purpose: str = "training", today: str = ""
) -> Report:
    """Returns the report of the session named, or of the newest that was revealed (of the period, where one is named).

    `period` is a month or a span, as "2026-10:2026-12"; "" is the MONTHS up to the session. `today`, a day, decides which actions are overdue; ""
    is the day of the session. Raises UsageError for a purpose, day, span or session that is none.
    """
    if purpose not in PURPOSES:
        raise UsageError(f"Say for which purpose the report is made: {', '.join(PURPOSES)}. It decides what may be shown.")  # fmt: skip
    day, span = _day(today), _span(period)
    chosen = _chosen(gathered, session, span)
    if chosen is None:
        return Report(gathered, shelf, purpose, day)
    first, last = span or _months_up_to(chosen.opened_at[:7])
    digest = chosen.opened.vignette_digest
    earlier = gathered.told[: gathered.told.index(chosen)]
    return Report(
        gathered, shelf, purpose, day or date.fromisoformat(chosen.opened_at[:10]), chosen, rubric_of(shelf, chosen),
        next((one for one in shelf.vignettes if (one.id, one.digest) == (chosen.opened.vignette, digest)), None),
        tuple(one for one in earlier if one.opened.vignette_digest == digest),
        tuple(one for one in gathered.told if first <= one.opened_at[:7] <= last), first, last,
    )  # fmt: skip


def rubric_of(shelf: Shelf, session: Session) -> Rubric | None:
    """Returns the rubric that a session was held with, None where it is not here as it was."""
    used = session.opened.rubric
    wanted = (used.rubric, used.version, used.digest)
    return next((one for one in shelf.rubrics if (one.id, one.version, one.digest) == wanted), None)


def _chosen(gathered: Gathered, asked: str, span: tuple[str, str] | None) -> Session | None:
    if asked:
        found = gathered.sessions.get(asked)
        if found is None:
            raise UsageError("There is no session with that id here. Leave it empty for the newest that was revealed.")
        if not gathered.rounds[asked]:
            raise UsageError("Nothing of that session was revealed, so there is nothing to report of it.")
        return found
    if span is None:
        return gathered.told[-1] if gathered.told else None
    inside = [one for one in gathered.told if span[0] <= one.opened_at[:7] <= span[1]]
    if not inside:
        raise UsageError(f"No session of {span[0]} to {span[1]} was revealed here.")
    return inside[-1]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError('The day of the report must be written as "2026-11-22".') from None


def _span(text: str) -> tuple[str, str] | None:
    found = _SPAN.fullmatch(text)
    if text and (found is None or (found[2] or found[1]) < found[1]):
        raise UsageError('The period must be a month or a span of months, as "2026-10" or "2026-10:2026-12".')
    return (found[1], found[2] or found[1]) if found else None


def _months_up_to(last: str) -> tuple[str, str]:
    """Returns the first and last of MONTHS months.

    >>> _months_up_to("2026-11")
    ('2025-12', '2026-11')
    """
    place = int(last[:4]) * 12 + int(last[5:]) - MONTHS
    return f"{place // 12:04}-{place % 12 + 1:02}", last
