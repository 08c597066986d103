"""The pages of assurance: a supervisee's own file, a supervisor's supervisees, the patterns for leads, and what waits for a lead.

What is computed comes from the files that `sampling assurance` left beside the draws, all else from the journal. A pair's page is for the
two of that pair: nobody else opens it, a lead neither (docs/people.md, "Who sees what").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from sampling.errors import UsageError
from sampling.journal.events import (
    Accessed,
    NeedsFlagged,
    NewlyQualifiedNoted,
    PatternSeen,
    SupervisorTrained,
)
from sampling.journal.records import Entry
from sampling.journal.responses import Response, response_log
from sampling.model import Period
from sampling.scoring.errors import AccessRefused
from sampling.scoring.parts.asking import Asking
from sampling.scoring.parts.assured_files import coverage_of, patterns_of
from sampling.scoring.parts.noted_part import cases_of, noted_facts, said_of
from sampling.scoring.parts.noted_rows import (
    Board,
    Row,
    agreement_rows,
    case_rows,
    choices,
    flag_rows,
    objection_rows,
    objections_for,
    person_rows,
)
from sampling.scoring.parts.session_pages import list_row
from sampling.scoring.parts.session_part import all_sessions, pairs
from sampling.scoring.rules.action_rows import action_row, long_day
from sampling.scoring.rules.actions import actions
from sampling.scoring.rules.own_ids import file_of
from sampling.scoring.rules.sessions import Session
from sampling.scoring.rules.standing import day_in_england
from sampling.tickets import digest

PAIR_ALONE = "This page is for a supervisee and their own supervisor alone. What concerns the whole service stands in the assurance report."
NO_SUPERVISION = (
    "You have no supervision here: nobody is named as your supervisor, and no session of yours is recorded."
)
NO_SUPERVISEES = "You have no supervisees here."
LEADS_ALONE = "This page is for leads."
NOT_NEEDED = "ended"
OUTCOMES = {
    "": "No outcome yet",
    "done": "Done",
    "partly": "Done in part",
    "not_done": "Not done",
    "not_needed": "No longer needed",
}


@dataclass(frozen=True)
class Assured:
    """One person's question about assurance. `home` is the folder of draws, beside which the computed files lie."""

    asking: Asking
    home: Path

    @cached_property
    def facts(self) -> list[Entry]:
        """Returns the entries on coverage and patterns."""
        return noted_facts(self.asking)

    @cached_property
    def board(self) -> Board:
        """Returns what stands of them, with the names of people."""
        return Board.of(self.facts, self.asking.names(), self.pairs)

    @cached_property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Returns (supervisor, supervisee) of everyone who is supervised here."""
        return pairs(self.asking)

    @property
    def me(self) -> str:
        """Returns the key of the person who asks."""
        return self.asking.person.key

    def mine(self, period: str = "") -> Row:
        """Returns the person's own file as a supervisee. Raises AccessRefused for whoever has no supervision here."""
        sessions = [one for one in all_sessions(self.asking) if self.me in one.supervisees]
        if not sessions and not any(self.me == supervisee for _, supervisee in self.pairs):
            raise AccessRefused(NO_SUPERVISION)
        return self._file(self.me, sessions, period)

    def person(self, key: str, period: str = "") -> Row:
        """Returns the file of one of the person's supervisees. Raises AccessRefused for everybody else's, whoever asks."""
        if key == self.me:
            return self.mine(period)
        if (self.me, key) not in self.pairs:
            raise AccessRefused(PAIR_ALONE)
        found = [one for one in all_sessions(self.asking) if key in one.supervisees and one.supervisor == self.me]
        return self._file(key, found, period)

    def _file(self, key: str, sessions: Sequence[Session], period: str) -> Row:
        own, asking = key == self.me, self.asking
        supervisors = [supervisor for supervisor, supervisee in self.pairs if supervisee == key]
        labels = self._case_labels(key)
        return {
            "today": str(asking.today),
            "today_label": long_day(asking.today),
            "person": self.board.named(key),
            "yours": own,
            "supervisors": [self.board.named(one) for one in supervisors],
            "coverage": self._coverage(key, period, labels),
            "agreements": agreement_rows(self.board, key, self.me, "" if own else self.me),
            **person_rows(self.board, key),
            "cases": [
                {"case": case, "case_label": label, **case_rows(self.board, case)} for case, label in labels.items()
            ],
            "needs": flag_rows(
                self.board,
                lambda one: one.person == key and (own or (one.to, one.supervisor) == ("supervisor", self.me)),
            ),
            "objections": objection_rows(self.board, lambda one: own and one.person == key),
            "sessions": self._sessions(sessions),
            "actions": self._actions(key),
            "accesses": self._accesses(sessions) if own else [],
            "may": {
                "note": not own,
                "folder": True,
                "draft_agreement": not own,
                "flag": own and bool(supervisors),
                "object": own,
                "answer_flags": not own,
            },
            "choices": choices(),
        }

    def _coverage(self, key: str, period: str, labels: Mapping[str, str]) -> Row:
        found = coverage_of(self.home, key, period)
        named = {digest(case): label for case, label in labels.items()}
        undiscussed = [named.get(str(one), "") for one in found["undiscussed"]]
        return {
            **found,
            "undiscussed": sorted(label for label in undiscussed if label),
            "undiscussed_elsewhere": sum(not label for label in undiscussed),
        }

    def _case_labels(self, person: str) -> dict[str, str]:
        """Returns case key -> label of a person's cases that were drawn or put forward here, by label."""
        world, found = self.asking.world, {}
        whose = cases_of(self.asking)
        for draw in world.draws:
            there = [(one.case, one.case_key) for one in draw.cases] + [(one.case, one.case_key) for one in draw.tabled]
            for case, case_key in there:
                if whose.get(case_key) == person:
                    found[case_key] = world.case_label(draw, case, case_key, identified=True)
        return dict(sorted(found.items(), key=lambda item: (item[1], item[0])))

    def _sessions(self, sessions: Iterable[Session]) -> list[Row]:
        ledger, labels = self.asking.ledger, self.asking.labels(())
        return [list_row(one, raised=actions(ledger.get(one.id, ())), labels=labels, actor=self.me) for one in sessions]

    def _accesses(self, sessions: Iterable[Session]) -> list[Row]:
        """Returns who else opened the person's own file, or one of their sessions: when, and for which purpose (seed D13); newest first.

        Who opened the ratings of their cases is not among them: it could name a second rater before both have signed.
        """
        days = {one.id: one.held_on for one in sessions}
        opened = [
            (entry, entry.payload)
            for entry in self.asking.read(reviews=[*days, file_of(self.me)], kinds=[Accessed.kind])
            if isinstance(entry.payload, Accessed) and entry.actor != self.me
        ]
        return [
            {
                "name": self.asking.world.people.name_of(entry.actor),
                "on": str(day_in_england(entry.at)),
                "purpose": said.purpose,
                "purpose_label": self.asking.world.policy.purposes.get(said.purpose, said.purpose),
                "of": f"Session on {long_day(days[entry.review])}" if entry.review in days else "This file",
            }
            for entry, said in reversed(opened)
        ]

    def _actions(self, person: str) -> list[Row]:
        """Returns the actions on a person's work, as far as who asks may follow them; the first due first."""
        asking = self.asking
        reviews = [one for one in asking.world.reviews.values() if asking.may_follow(one)]
        ours = [one.id for one in all_sessions(asking) if self.me in one.pair]
        about = {one.id: one.practitioner_key for one in reviews}
        found = actions(entry for one in (*about, *ours) for entry in asking.ledger.get(one, ()))
        labels = asking.labels(reviews, ours)
        mine = [one for one in found if (one.practitioner or about.get(one.review, "")) == person]
        return [
            action_row(one, mine, labels=labels, today=asking.today) for one in sorted(mine, key=lambda one: one.due)
        ]

    def supervisees(self) -> Row:
        """Returns the person's supervisees, a row each. Raises AccessRefused for whoever has none."""
        found = [supervisee for supervisor, supervisee in self.pairs if supervisor == self.me]
        if not found:
            raise AccessRefused(NO_SUPERVISEES)
        rows = sorted((self._supervisee(one) for one in found), key=lambda row: (row["name"], row["key"]))
        trained = [one for one in said_of(self.board.standing, SupervisorTrained) if one.person == self.me]
        return {
            "today": str(self.asking.today),
            "supervisees": rows,
            "trained": [self.board.row(one) for one in trained],
        }

    def _supervisee(self, key: str) -> Row:
        agreements = agreement_rows(self.board, key, self.me, self.me)
        noted = person_rows(self.board, key)
        today = str(self.asking.today)
        away = [one for one in noted["absences"] if one["first"] <= today and (one["last"] or today) >= today]
        flags = flag_rows(self.board, lambda one: (one.person, one.to, one.supervisor) == (key, "supervisor", self.me))
        coverage = coverage_of(self.home, key)
        return {
            **self.board.named(key),
            "away": bool(away),
            "newly_qualified": noted["newly_qualified"],
            "agreement_words": agreements[0]["words"] if agreements else "No agreement is recorded.",
            "to_sign": any(one["sign_as"] for one in agreements),
            "flags_open": sum(one["answer"] is None for one in flags),
            "period": coverage["period"],
            "sentences": coverage["sentences"],
        }

    def _lead(self) -> None:
        if not self.asking.person.has("lead"):
            raise AccessRefused(LEADS_ALONE)

    def patterns(self) -> Row:
        """Returns the patterns of the newest report, each with the leaders' responses, and what is overdue. Raises AccessRefused."""
        self._lead()
        found, today = patterns_of(self.home), self.asking.today
        log = response_log(self.facts, today)
        seen = said_of(self.board.standing, PatternSeen)
        within = found["respond_within_days"]
        rows = [self._pattern(one, log, seen, within if isinstance(within, int) else None) for one in found["patterns"]]
        listed = {row["id"] for row in rows}
        return {
            **{name: found[name] for name in ("period", "note", "respond_within_days")},
            "today": str(today),
            "patterns": rows,
            "earlier": [self._response(one) for one in log if one.pattern not in listed],
            "overdue": sum(row["late"] for row in rows) + sum(one.overdue for one in log),
            "outcomes": [{"code": code, "label": label} for code, label in OUTCOMES.items() if code],
        }

    def _pattern(
        self, pattern: Mapping[str, Any], log: Sequence[Response], seen: Sequence[PatternSeen], within: int | None
    ) -> Row:
        name, since = str(pattern["id"]), str(pattern.get("since", ""))
        mine = [one for one in log if one.pattern == name]
        days = [one.seen_on for one in seen if one.pattern == name and one.month >= since]
        due, late = self._due(pattern, mine, min(days, default=None), within)
        return {
            **pattern,
            "first_seen": str(min(days)) if days else "",
            "responses": [self._response(one) for one in mine],
            "due": str(due) if due else "",
            "late": late,
        }

    def _due(
        self, pattern: Mapping[str, Any], mine: Sequence[Response], first: date | None, within: int | None
    ) -> tuple[date | None, bool]:
        """Returns by when leaders answer a pattern, and whether that day has passed: none where it has ended, was answered since it began,
        or the report does not say within how many days (the same reading as sampling.assurance.patterns_log).
        """
        try:
            since = Period(str(pattern.get("since", "")))
        except UsageError:  # no month
            return None, False
        answered = any(one.decided_on >= since.first_day for one in mine)
        if within is None or answered or pattern.get("state") == NOT_NEEDED:
            return None, False
        due = (first or since.last_day) + timedelta(days=within)
        return due, due < self.asking.today

    def _response(self, one: Response) -> Row:
        subject = f"pattern_response:{one.pattern}/{one.response}"
        ended = f"pattern_outcome:{one.pattern}/{one.response}"
        return {
            "pattern": one.pattern,
            "response": one.response,
            "decided_on": str(one.decided_on),
            "what": one.what,
            "owner": one.owner,
            "due": str(one.due),
            "outcome": one.outcome,
            "outcome_label": OUTCOMES[one.outcome],
            "outcome_on": str(one.outcome_on) if one.outcome_on else "",
            "outcome_text": one.outcome_text,
            "overdue": one.overdue,
            "subject": subject,
            "revision": self.board.revisions.get(("", subject), 0),
            "outcome_subject": ended,
            "outcome_revision": self.board.revisions.get(("", ended), 0),
        }

    def leading(self) -> Row:
        """Returns what waits for a lead: objections and requests, flags that were given to leads, who is newly qualified, and when
        supervisors were trained. Raises AccessRefused.
        """
        self._lead()
        people = self.asking.world.people.everyone
        supervisees = sorted({supervisee for _, supervisee in self.pairs})
        board = self.board

        def ours(person: str) -> bool:
            """A pair's supervisor does not read what their supervisee gave past them, as a lead neither (docs/people.md)."""
            return (self.me, person) in self.pairs

        def to_lead(one: NeedsFlagged) -> bool:
            return one.to == "lead" and self.me not in (one.person, one.supervisor) and not ours(one.person)

        qualified = {one.person: one.newly_qualified for one in said_of(board.standing, NewlyQualifiedNoted)}
        return {
            "today": str(self.asking.today),
            "objections": objections_for(board, self.me),
            "needs": flag_rows(board, to_lead),
            "newly_qualified": [
                {
                    **board.named(key),
                    "newly_qualified": qualified.get(key, False),
                    "subject": f"newly_qualified:{key}",
                    "revision": board.revisions.get(("", f"newly_qualified:{key}"), 0),
                }
                for key in supervisees
            ],
            "supervisors": [
                {**board.named(one.key), "trained": person_rows(board, one.key)["trained"]}
                for one in people
                if one.has("supervisor")
            ],
            "choices": choices(),
        }
