"""Which vignettes are due as anchors this cycle: vignettes that come back, so that drift shows. Light, so that a live page can ask too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sampling.calibration.policy import CalibrationPolicy
from sampling.calibration.state import Session
from sampling.page.words import day_of
from sampling.rubric.vignettes import Vignette


@dataclass(frozen=True)
class Anchored:
    """A vignette that can come back, and the day of the last session on it before the cycle."""

    vignette: Vignette
    last: date


@dataclass(frozen=True)
class Due:
    """The cycle `first` to `last` (days), how many anchors it needs, the anchors that came back in it already, and those that are due: longest unused first."""

    first: date
    last: date
    needed: int
    back: tuple[Anchored, ...]
    due: tuple[Anchored, ...]


def anchors_due(sessions: Iterable[Session], vignettes: Sequence[Vignette], policy: CalibrationPolicy, today: date) -> Due:  # fmt: skip
    """Returns the anchors of the cycle that holds `today`, from the sessions of which a round was revealed.

    A cycle is `cycle_months` months from January on. An anchor is a vignette, as it is now, that was used before the cycle; a retired one is not due.
    """
    first, last = _cycle(today, policy.cycle_months)
    held = [(one.opened.vignette_digest, date.fromisoformat(one.opened_at[:10])) for one in sessions]
    known = {one.digest: one for one in vignettes}
    used: dict[str, date] = {}
    for digest, day in held:
        if digest in known and day < first:
            used[digest] = max(day, used.get(digest, day))
    now = {digest for digest, day in held if first <= day <= last}
    every = sorted((Anchored(known[digest], day) for digest, day in used.items()), key=lambda one: (one.last, one.vignette.id))  # fmt: skip
    back = tuple(one for one in every if one.vignette.digest in now)
    waiting = [one for one in every if one.vignette.digest not in now and not one.vignette.retired]
    return Due(first, last, policy.anchors_each_cycle, back, tuple(waiting[: max(0, policy.anchors_each_cycle - len(back))]))  # fmt: skip


def due_sentence(found: Due) -> str:
    """Returns which anchors came back in the cycle and which are due, in words."""
    back = "; ".join(one.vignette.title for one in found.back) or "none yet"
    head = f"Anchors from {day_of(found.first)} to {day_of(found.last)}: {len(found.back)} of {found.needed} came back ({back})."
    if len(found.back) >= found.needed:
        return f"{head} No other is due."
    due = "; ".join(f"{one.vignette.title} (last used {day_of(one.last)})" for one in found.due)
    if not due:
        return f"{head} No other vignette was used before: use a new one now, and it can come back."
    short = found.needed - len(found.back) - len(found.due)
    return f"{head} Due: {due}." + (
        f" For {short} more there is none that was used before: use a new one now." if short else ""
    )


def _cycle(today: date, months: int) -> tuple[date, date]:
    """Returns the first and last day of the cycle.

    >>> _cycle(date(2026, 11, 22), 3)
    (datetime.date(2026, 10, 1), datetime.date(2026, 12, 31))
    """
    start = (today.month - 1) // months * months
    end = min(start + months, 12)
    following = date(today.year + end // 12, end % 12 + 1, 1)
    return date(today.year, start + 1, 1), date.fromordinal(following.toordinal() - 1)
