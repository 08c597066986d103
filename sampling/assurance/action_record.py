"""Whether risk actions reached the record within the review date, told in two ways that know nothing of each other.

One is what a person said (action_seen_in_record), the other what the next extract shows. "Action completion log testing whether
supervision actions translate into case record changes" (supervision models article; A9, A25). What a match does not prove stands in
docs/action-log.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, Literal

import pandas as pd

from sampling.assurance.action_log import RISK_WORDS, ActionLog, LoggedAction
from sampling.assurance.action_matching import RISK_KINDS, Match
from sampling.page.words import counted

Said = Literal["in_time", "late", "before", "no"]
Found = Literal["in_time", "late", "no", "cannot_tell"]
Standing = Literal["agree", "only_said", "only_found", "neither", "cannot_tell", "to_come", "dropped"]
TOLD: tuple[Standing, ...] = ("agree", "only_said", "only_found", "neither")
STANDINGS: tuple[Standing, ...] = (*TOLD, "cannot_tell", "to_come", "dropped")
STANDING_LABELS: dict[Standing, str] = {
    "agree": "Said and found",
    "only_said": "Said, not found",
    "only_found": "Found, not said",
    "neither": "Neither",
    "cannot_tell": "Cannot tell",
    "to_come": "Review date to come",
    "dropped": "Dropped by then",
}
NO_EXTRACT = "no extract with this case reaches the review date"
NO_CASE = "it was agreed in a session and belongs to no case"
NO_TABLE = "the extract does not have what would show it"
WRITTEN_OVER = "the plan was changed after the review date, and the extract keeps the last change alone"
MEANING = "A match shows that something of that kind was recorded in time. It does not show that it is what was agreed, or that it is good."


@dataclass(frozen=True)
class RecordShown:
    """What one snapshot of the record holds, as plain frames. `tables` has the ones that the extract has, and no others.

    Each has `case` (as in the gathered frames), `key`, `kind`; events and documents have `day`; plans have created, updated and agreed.
    Days are ISO text, dates or timestamps. `cases` are those whose record was looked for and is there; `cannot` what it cannot show.
    """

    taken: date
    covers_to: date | None
    profile: str
    cases: frozenset[str] = field(repr=False)
    tables: Mapping[str, pd.DataFrame] = field(repr=False)
    cannot: frozenset[str] = frozenset()

    @property
    def reaches(self) -> date:
        """Returns the last day of which it can tell: that which the extract names, never later than the day it was taken."""
        return min(self.covers_to or self.taken, self.taken)

    def rows(self, table: str, case: str) -> list[dict[str, Any]]:
        """Returns the rows of a case, each column -> value; none where the extract has no such table."""
        return self._by_case.get(table, {}).get(case, [])

    @cached_property
    def _by_case(self) -> dict[str, dict[str, list[dict[str, Any]]]]:
        found: dict[str, dict[str, list[dict[str, Any]]]] = {}
        for name, frame in self.tables.items():
            cases = found.setdefault(name, {})
            for row in frame.to_dict("records"):
                cases.setdefault(str(row["case"]), []).append({str(column): value for column, value in row.items()})
        return found


@dataclass(frozen=True)
class Reconciled:
    """One risk action with both ways. `reason` says why it cannot be told; `shown` which rows made the match: (table, kind, day)."""

    action: LoggedAction
    said: Said
    found: Found
    standing: Standing
    reason: str = ""
    shown: tuple[tuple[str, str, date], ...] = ()


@dataclass(frozen=True)
class StandingCount:
    """How many actions of a kind ("" for all three) stand in each way; `late` of those in "neither" were said or found later on."""

    kind: str
    raised: int
    agree: int
    only_said: int
    only_found: int
    neither: int
    cannot_tell: int
    to_come: int
    dropped: int
    late: int
    untold_but_said: int

    @property
    def told(self) -> int:
        """Returns the denominator: the actions whose review date has passed and of which the extract can tell."""
        return self.agree + self.only_said + self.only_found + self.neither


@dataclass(frozen=True)
class Reconciliation:
    """Every risk action of a log, in the log's order, beside what the record shows of it."""

    actions: tuple[Reconciled, ...]

    @property
    def by_kind(self) -> tuple[StandingCount, ...]:
        """Returns the counts of the three risk kinds, in their order."""
        return tuple(_count(kind, [one for one in self.actions if one.action.kind == kind]) for kind in RISK_KINDS)

    @property
    def all(self) -> StandingCount:
        """Returns the counts over the three kinds."""
        return _count("", self.actions)

    @property
    def sentences(self) -> tuple[str, ...]:
        """Returns the finding in words, for use inside the service; what cannot be told is in no denominator."""
        every = self.all
        if not every.raised:
            return ("No action about risk was raised.",)
        found = [_head(every)]
        if every.late:
            found.append(f"{every.late} of the {every.neither} with neither came to the record after the review date.")
        found += [_kind_words(one) for one in self.by_kind if one.raised]
        if every.cannot_tell:
            found.append(_untold_words(every, self.actions))
        if every.to_come or every.dropped:
            found.append(
                f"Left out: {every.to_come} whose review date has not passed, {every.dropped} dropped by their review date."
            )
        return (*found, MEANING)


def _head(every: StandingCount) -> str:
    if not every.told:
        return "Of no action about risk can it be told whether it reached the record by its review date."
    return (
        f"Of {counted(every.told, 'action')} about risk that can be told, {every.agree} "
        f"{'was' if every.agree == 1 else 'were'} said to be in the record by the review date and found there, "
        f"{every.only_said} only said, {every.only_found} only found, {every.neither} neither."
    )


def _kind_words(one: StandingCount) -> str:
    name = RISK_WORDS[one.kind]
    head = f"{name[:1].upper()}{name[1:]}:"
    if not one.told:
        return f"{head} none of {one.raised} can be told."
    return f"{head} {one.agree + one.only_found} of {one.told} found in the record in time, {one.agree + one.only_said} said to be."


def _untold_words(every: StandingCount, actions: Iterable[Reconciled]) -> str:
    reasons = Counter(one.reason for one in actions if one.standing == "cannot_tell")
    each = "; ".join(f"{reason} ({number})" for reason, number in sorted(reasons.items()))
    return (
        f"{counted(every.cannot_tell, 'action')} cannot be told, {every.untold_but_said} of which a person said to be in the record in time: "
        f"{each}."
    )


def _count(kind: str, actions: Sequence[Reconciled]) -> StandingCount:
    standings = Counter(one.standing for one in actions)
    return StandingCount(
        kind,
        len(actions),
        agree=standings["agree"],
        only_said=standings["only_said"],
        only_found=standings["only_found"],
        neither=standings["neither"],
        cannot_tell=standings["cannot_tell"],
        to_come=standings["to_come"],
        dropped=standings["dropped"],
        late=sum(one.standing == "neither" and "late" in (one.said, one.found) for one in actions),
        untold_but_said=sum(one.standing == "cannot_tell" and one.said == "in_time" for one in actions),
    )


def reconcile(log: ActionLog, records: Iterable[RecordShown], matches: Sequence[Match]) -> Reconciliation:
    """Returns the risk actions of a log beside what the extracts taken so far show of them (load_matches: which change counts).

    An action whose review date is today or later is still to come, and one dropped by its review date asks for nothing. All extracts
    taken since it was raised are looked at; that nothing is there can be said only by one that reaches the review date.
    """
    records = sorted((one for one in records if one.taken <= log.today), key=lambda one: (one.taken, one.reaches))
    risk = [one for one in log.actions if one.kind in RISK_KINDS]
    return Reconciliation(tuple(_reconciled(one, log.today, records, matches) for one in risk))


def _reconciled(
    action: LoggedAction, today: date, records: Sequence[RecordShown], matches: Sequence[Match]
) -> Reconciled:
    said = _said(action)
    found, reason, shown = _found(action, records, [one for one in matches if one.action == action.kind])
    return Reconciled(action, said, found, _standing(action, today, said, found), reason, shown)


def _standing(action: LoggedAction, today: date, said: Said, found: Found) -> Standing:
    if action.state == "dropped" and action.closed_on is not None and action.closed_on <= action.review_date:
        return "dropped"
    if action.review_date >= today:
        return "to_come"
    if found == "cannot_tell":
        return "cannot_tell"
    if said == "in_time":
        return "agree" if found == "in_time" else "only_said"
    return "only_found" if found == "in_time" else "neither"


def _said(action: LoggedAction) -> Said:
    if action.seen_on is None:
        return "no"
    if action.seen_on < action.raised:
        return "before"  # what stood there before the action was raised is no sign of it
    return "in_time" if action.seen_on <= action.review_date else "late"


def _found(
    action: LoggedAction, records: Sequence[RecordShown], matches: Sequence[Match]
) -> tuple[Found, str, tuple[tuple[str, str, date], ...]]:
    """Returns what the extracts show, why they cannot tell, and the rows that were found in time."""
    known = {
        (match.table, str(row["key"]))
        for one in records
        if one.taken < action.raised
        for match in matches
        for row in one.rows(match.table, action.case)
    }
    later = [one for one in records if action.case in one.cases and one.taken >= action.raised]
    days = {
        (match.table, kind, day)
        for one in later
        for match in matches
        if one.profile in match.profiles
        for key, kind, dated in _rows(one, match, action.case)
        if (match.table, key) not in known
        for day in dated
        if action.raised <= day <= one.taken
    }
    in_time = tuple(sorted(one for one in days if one[2] <= action.review_date))
    if in_time:
        return "in_time", "", in_time
    reason = _cannot_tell(action, [one for one in later if one.reaches >= action.review_date], matches)
    if reason:
        return "cannot_tell", reason, ()
    return ("late" if days else "no"), "", ()


def _rows(record: RecordShown, match: Match, case: str) -> list[tuple[str, str, list[date]]]:
    """Returns (key, kind, its days) of each row of a case that the match is about."""
    found = []
    for row in record.rows(match.table, case):
        kind = "" if pd.isna(row["kind"]) else str(row["kind"])
        if match.counts(kind):
            days = [pd.Timestamp(row[name]).date() for name in match.days if not pd.isna(row[name])]
            found.append((str(row["key"]), kind, days))
    return found


def _cannot_tell(action: LoggedAction, enough: Sequence[RecordShown], matches: Sequence[Match]) -> str:
    """Returns why none of the extracts that reach the review date can say that nothing is there, "" where one can."""
    if not action.case:
        return NO_CASE
    if not enough:
        return NO_EXTRACT
    reasons = []
    for one in enough:
        asked = [match for match in matches if one.profile in match.profiles]
        if not asked or any(match.table not in one.tables or match.untold(one.cannot) for match in asked):
            reasons.append(NO_TABLE)
        elif any(_written_over(action, one, match) for match in asked if match.table == "plans"):
            reasons.append(WRITTEN_OVER)
        else:
            return ""
    return WRITTEN_OVER if WRITTEN_OVER in reasons else NO_TABLE


def _written_over(action: LoggedAction, record: RecordShown, match: Match) -> bool:
    """Tells whether a plan that was there by the review date was changed later: an extract has the last change of a plan alone."""
    for row in record.rows(match.table, action.case):
        days = {name: pd.Timestamp(row[name]).date() for name in match.days if not pd.isna(row[name])}
        if match.counts(str(row["kind"])) and days and max(days.values()) > action.review_date:
            if days.get("created", action.review_date) <= action.review_date:
                return True
    return False
