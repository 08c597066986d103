"""The tables of the record that patterns are looked for in: changes of plans, contacts out of hours, and what may explain one (A17, B3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import pandas as pd

from sampling.assurance.action_matching import DAYS
from sampling.assurance.action_record import RecordShown
from sampling.assurance.coverage_facts import Facts
from sampling.assurance.gathering.extract import Contact
from sampling.sources.tables import PLAN_KINDS
from sampling.tickets import digest

PLANS = ("case", "changed_on", "unseen_from")
CONTACTS = ("case", "practitioner", "team", "on", "at", "in_pathway")
ESCALATIONS = ("case", "kind", "on", "at")
_DAY = timedelta(days=1)


def contacts_frame(contacts: Iterable[Contact], facts: Facts) -> pd.DataFrame:
    """Returns a row each contact out of hours (columns: CONTACTS), in order. Who is not named with it is whoever held the case that day."""
    cases = {one.key: one for one in facts.cases}
    rows = []
    for one in contacts:
        held = cases[one.case].holder_on(one.on) if not one.person and one.case in cases else None
        person = one.person or (held.person if held else "")
        who = digest(person) if person else None
        rows.append((digest(one.case), who, facts.teams.get(person, ""), one.on, one.at or None, one.inside))
    return _frame(rows, CONTACTS)


def escalations_frame(found: Iterable[Contact]) -> pd.DataFrame:
    """Returns a row each event that may make a contact one inside the pathway (columns: ESCALATIONS), in order."""
    return _frame([(digest(one.case), one.kind, one.on, one.at or None) for one in found], ESCALATIONS)


def plans_frame(records: Sequence[tuple[str, RecordShown]], actions: pd.DataFrame) -> pd.DataFrame | None:
    """Returns a row each change of a plan that any record of a case shows (columns: PLANS); None where no record can tell of plans.

    `records` are (draw id, record), "" for one that was not taken along for a draw. A record has the last change of a plan alone: where
    one was changed since the record before, `unseen_from` is the first day of which an earlier change may be written over by this one.
    A row without `changed_on` says from which day on nothing is known. A record of a draw counts as known up to the day of the draw's
    last action on the case: whoever raised that had looked.
    """
    able = [(draw, one) for draw, one in records if _tells_of_plans(one)]
    if not able:
        return None
    raised = _last_raised(actions)
    known: dict[str, list[tuple[date, RecordShown]]] = {}
    for draw, one in able:
        for case in one.cases:
            known.setdefault(case, []).append((max(one.reaches, raised.get((draw, case), one.reaches)), one))
    rows = [
        (case, *row) for case, some in known.items() for row in _changes(case, sorted(some, key=lambda pair: pair[0]))
    ]
    return _frame(rows, PLANS)


def _tells_of_plans(record: RecordShown) -> bool:
    return "plans" in record.tables and any(f"plan_stale:{kind}" not in record.cannot for kind in PLAN_KINDS)


def _last_raised(actions: pd.DataFrame) -> dict[tuple[str, str], date]:
    found: dict[tuple[str, str], date] = {}
    for draw, case, at in zip(actions["draw_id"], actions["case"], actions["raised_at"], strict=True):
        if not pd.isna(at):
            day = pd.Timestamp(at).tz_convert("Europe/London").date()
            found[draw, case] = max(day, found.get((draw, case), day))
    return found


def _changes(case: str, known: Sequence[tuple[date, RecordShown]]) -> set[tuple[date | None, date | None]]:
    """Returns (day of a change or None, first day of which one may be hidden or None) of a case, from its records in order of reach."""
    found: set[tuple[date | None, date | None]] = {(None, known[-1][0] + _DAY)}
    before = date.min
    for day, record in known:
        for row in record.rows("plans", case):
            said = {name: pd.Timestamp(row[name]).date() for name in DAYS["plans"] if not pd.isna(row[name])}
            days = {name: on for name, on in said.items() if on <= record.taken}
            found |= {(on, None) for on in days.values()}
            last = max(days.values(), default=before)
            hidden = max(days.get("created", date.min), before) + _DAY
            found |= {(last, hidden)} if hidden < last else set()
        before = day
    return found


def _frame(rows: Iterable[tuple[object, ...]], columns: Sequence[str]) -> pd.DataFrame:
    """Returns rows as plain objects in an order that the rows' own order does not change."""
    ordered = sorted(rows, key=lambda row: tuple((value is not None, str(value)) for value in row))
    return pd.DataFrame([list(row) for row in ordered], columns=list(columns), dtype=object)
