"""What of the journal's sessions the facts need, without a word that anybody wrote; and the day on which records begin."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from sampling.assurance.coverage_facts import Supervision
from sampling.journal.records import Entry
from sampling.scoring.rules.sessions import Session
from sampling.scoring.rules.standing import day_in_england
from sampling.scoring.settings.draws import Draw
from sampling.sources.orders import last_believed


def plain(session: Session) -> Session:
    """Returns a session without its notes, prompts and reply: kinds, days, keys and signatures stay."""
    return replace(
        session,
        closed=session.closed.model_copy(update={"note": ""}) if session.closed else None,
        agenda={item: one.model_copy(update={"note": ""}) for item, one in session.agenda.items()},
        prompts={},
        prior={action: (one.model_copy(update={"note": ""}), at) for action, (one, at) in session.prior.items()},
        discussed={case: one.model_copy(update={"note": ""}) for case, one in session.discussed.items()},
        reply=None,
    )


def begins(
    sessions: Iterable[Session], rows: Iterable[Supervision], entries: Sequence[Entry], draws: Sequence[Draw]
) -> date:
    """Returns the day on which records of supervision begin: that of the first session that the journal or the extract has, slips of the
    year left out (sampling.sources.orders, looked at from the other end).

    Where neither has one it is the day of the journal's first entry, or else the first draw date: before it nobody could record any.
    """
    held = Counter([*(one.held_on for one in sessions), *(one.on for one in rows)])
    mirrored = last_believed({_mirrored(day): number for day, number in held.items()})
    if mirrored is not None:
        return _mirrored(mirrored)
    first = min((entry.at for entry in entries), default="")
    return day_in_england(first) if first else min(draw.as_of for draw in draws)


def _mirrored(day: date) -> date:
    return date.fromordinal(date.max.toordinal() + date.min.toordinal() - day.toordinal())
