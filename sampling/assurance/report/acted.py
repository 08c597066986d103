"""The action log: open, overdue, closed with evidence; whether risk actions reached the record; what keeps slipping."""

from __future__ import annotations

from dataclasses import replace

from sampling.assurance import action_release
from sampling.assurance.action_log import RISK_WORDS, ActionLog
from sampling.assurance.action_record import MEANING, STANDING_LABELS, STANDINGS, StandingCount
from sampling.assurance.action_times import METHOD
from sampling.assurance.report.found import Assurance
from sampling.assurance.report.parts import Block, Fold, Part, share, shortened, table_of
from sampling.page.words import capital, counted
from sampling.reporting.tables import Table
from sampling.suppression import load_profile

TITLE = "Action log: did what was agreed reach the record"
NONE_TOLD = "Of no risk action can it be told whether it reached the record"
_KIND = ("Kind", "Raised", "Open", "Overdue", "Done", "Dropped", "Done, seen in the record", "Dates moved")


def acted(found: Assurance) -> Part:
    """Returns the whole section."""
    return Part(TITLE, (states(found), record(found), time(found), slips(found)))


def states(found: Assurance) -> Block:
    """Returns where the actions of these months stand, by kind and team, and what still runs from before."""
    every = found.log.all
    running = [one for one in found.earlier.actions if one.state in ("open", "overdue")]
    late = sum(one.state == "overdue" for one in running)
    before = f"From draws before these months {counted(len(running), 'action')} still run, {late} of them overdue."
    return Block(
        f"{every.overdue} of {counted(every.raised, 'action')} {'is' if every.overdue == 1 else 'are'} overdue",
        (*found.log.sentences[1:], before),
        (kinds_table(found.log),),
        folds=tuple(Fold("The same by team", tables=(one,)) for one in _teams(found)),
    )


def kinds_table(log: ActionLog) -> Table:
    """Returns a row each kind, risk kinds first, and all together."""
    rows = tuple(
        (one.label, *map(str, (one.raised, one.open, one.overdue, one.done, one.dropped, one.seen, one.moved)))
        for one in (*log.by_kind, log.all)
    )
    return Table("actions", "Actions from the draws of these months (rows A8, A9, A15, A25)", _KIND, rows)


def _teams(found: Assurance) -> tuple[Table, ...]:
    one = action_release.release(found.log, found.record, found.time, load_profile("none"))
    name = action_release.TEAMS_TABLE
    return (table_of("actions-teams", name, one.tables[name]),) if name in one.tables else ()


def record(found: Assurance) -> Block:
    """Returns the risk actions, as said by a person and as found in the record."""
    every = found.record.all
    why = found.material.no_records
    reached = share(every.agree + every.only_found, every.told)
    heading = f"{reached} risk actions that can be told were found in the record in time" if every.told else NONE_TOLD
    said = (*((why,) if why else ()), *found.record.sentences)
    return replace(
        shortened(heading, said, 2, "Each kind in words, and what could not be told"), tables=(record_table(found),)
    )


def record_table(found: Assurance) -> Table:
    """Returns the three kinds of risk action and all of them, with where each stands."""
    columns = ("Kind", "Raised", *(STANDING_LABELS[one] for one in STANDINGS))
    rows = tuple(_standing(one) for one in (*found.record.by_kind, found.record.all))
    return Table("record", "Risk actions: what a person said, and what the record shows", columns, rows, (MEANING,))


def _standing(one: StandingCount) -> tuple[str, ...]:
    name = capital(RISK_WORDS[one.kind]) if one.kind else "All risk actions"
    return (name, str(one.raised), *(str(getattr(one, standing)) for standing in STANDINGS))


def time(found: Assurance) -> Block:
    """Returns how long actions take."""
    steps = tuple(
        (str(one.day), str(one.followed), str(one.done), str(one.dropped), f"{float(one.share):.3f}")
        for one in found.time.steps
    )
    table = Table(
        "time", f"Share done by day: {METHOD}", ("Day", "Followed", "Done", "Dropped", "Share done by then"), steps
    )
    median = found.time.median
    heading = "How long half of the actions take cannot be said" if median is None else f"Half of the actions were done within {counted(median, 'day')}"  # fmt: skip
    return Block(heading, (found.time.sentence,), folds=(Fold("Share done by day", tables=(table,)),) if steps else ())


def slips(found: Assurance) -> Block:
    """Returns how many things slipped twice or more with the same person; whose, stands with that pair."""
    several = found.log.repeated_slips
    people = len({one.practitioner for one in several})
    said = f"The same thing was late twice or more {counted(len(several), 'time')}, with {counted(people, 'supervisee')}: what and whose stands with that pair alone."
    return Block("Repeated slips", (said if several else "Nothing was late twice or more with the same supervisee.",))
