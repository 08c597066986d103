"""Supervision sessions of the invented years, written into the journal as people write them: each on the day on which it was closed.

The days are those of the extract (sampling/sources/synthetic_supervision.py). What a session may and may not say is the service's own rules
(sampling/scoring/rules/session_rules.py): a test lays every event before them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from sampling.batch.practice_meetings import ACTION, ANSWERS, NOTES
from sampling.batch.years_ledger import Ledger
from sampling.batch.years_scoring import pending
from sampling.chain import utc_moment
from sampling.journal.events import (
    ActionClosed,
    ActionRaised,
    ActionSeen,
    AgendaCovered,
    CaseDiscussed,
    Payload,
    PriorActionReviewed,
    PromptAnswered,
    SessionClosed,
    SessionDescribed,
    SessionOpened,
    Signed,
    subject_of,
)
from sampling.journal.store import CURRENT, Draft
from sampling.scoring.parts.session_pages import statement_of
from sampling.scoring.parts.session_part import RECENT_DRAWS
from sampling.scoring.rules.actions import SEEN_IN_RECORD, Action, actions
from sampling.scoring.rules.session_rules import AGENDA, PROMPTS
from sampling.scoring.rules.sessions import FORMAL, GROUP, session_content, sessions
from sampling.scoring.settings.draws import Draw

ESCALATION = "escalation_use"
COVERED: Mapping[str, float] = {  # share of formal one-to-ones that cover an item of the agenda
    "formulation_updates": 0.85,
    "safeguarding_indicators": 0.7,
    "contact_frequency": 0.6,
    "documentation_sampling": 0.8,
}
ESCALATION_COVERED = (0.4, 0.9)  # before the change, and from its month on
_DISCUSSED, _TABLED, _SKIPPED, _RAISED, _DONE, _DESCRIBED = 0.9, 0.8, 0.2, 0.6, 0.7, 0.9  # shares
_FUNCTIONS: Mapping[str, float] = {"management": 0.95, "mediation": 0.35, "development": 0.6, "support": 0.75}
_PERSONAL, _UNINTERRUPTED = 0.95, 0.85
# Working days from a session to the closing of its record, and the share of sessions up to which each goes.
_WRITTEN, _WRITTEN_LATE = ((0.45, 0), (0.8, 1), (0.95, 2), (1.0, 4)), ((0.3, 1), (0.55, 2), (0.8, 6), (1.0, 9))
_LONG_AGO = timedelta(
    days=60
)  # an action overdue for so long is no longer needed: the case was closed, or is drawn again
_UNTIL_NEXT, _EVENING = timedelta(days=28), time(16, 0)
_FRIDAY, _DAY = 4, timedelta(days=1)


@dataclass(frozen=True)
class Meeting:
    """A session that was held: people by key. `late_team`: its record may be written late, and the supervisee has not signed it."""

    kind: str
    held_on: date
    supervisor: str
    supervisees: tuple[str, ...]
    late_team: bool

    @property
    def name(self) -> str:
        """Returns what tells it from every other."""
        return f"{self.kind} {self.held_on} {min(self.supervisees)}"


@dataclass
class Meetings:
    """Writes sessions. `changed_from` is the first day of practice as changed, or None; `told` counts what was said, for the truth."""

    ledger: Ledger
    draws: Sequence[Draw]
    names: Mapping[str, str]
    chance: Callable[[str], float]
    new_id: Callable[[str], str]
    changed_from: date | None
    told: Counter[str] = field(default_factory=Counter)

    def closed_at(self, meeting: Meeting) -> datetime:
        """Returns when the record of a session is closed: mostly within two working days, in the late team sometimes later."""
        chance = self.chance(f"written {meeting.name}")
        days = next(days for share, days in (_WRITTEN_LATE if meeting.late_team else _WRITTEN) if chance <= share)
        day = meeting.held_on
        while days or day.weekday() > _FRIDAY:
            day += _DAY
            days -= day.weekday() <= _FRIDAY and days > 0
        return utc_moment(f"{datetime.combine(day, _EVENING).isoformat()}Z") + timedelta(minutes=int(chance * 90))

    def write(self, meeting: Meeting, at: datetime) -> list[Draft]:
        """Returns the entries of a session as they stand once it is closed and signed."""
        session = self.new_id(f"session {meeting.name}")
        opened = SessionOpened(
            session_kind=meeting.kind,  # type: ignore[arg-type]
            held_on=meeting.held_on,
            supervisor=meeting.supervisor,
            supervisees=meeting.supervisees,
            anonymised=meeting.kind == GROUP,
        )
        drafts = [self._draft(opened, session, meeting.supervisor)]
        if meeting.kind == FORMAL:
            drafts += self._earlier(meeting, session, at.date())
        drafts += [self._draft(one, session, meeting.supervisor) for one in self._spoken(meeting, session)]
        minutes = 90 if self.chance(f"minutes {session}") < _UNINTERRUPTED else 75
        drafts.append(self._draft(SessionClosed(minutes=minutes), session, meeting.supervisor))
        self.told[f"kinds/{meeting.held_on:%Y-%m}/{meeting.kind}"] += 1
        return [*drafts, *self._signed(meeting, session, drafts)]

    def _spoken(self, meeting: Meeting, session: str) -> Iterator[Payload]:
        if meeting.kind == FORMAL:
            yield from self._agenda(meeting, session)
            yield from self._discussed(meeting, session)
        for prompt in PROMPTS:
            skipped = meeting.kind == FORMAL and self.chance(f"{prompt} {session}") < _SKIPPED
            yield PromptAnswered(prompt=prompt, skipped=skipped, note="" if skipped else ANSWERS[prompt])  # type: ignore[arg-type]
        if self.chance(f"described {session}") < _DESCRIBED:
            yield self._described(meeting, session)
        if meeting.kind == FORMAL and self.chance(f"raises {session}") < _RAISED:
            due = meeting.held_on + _UNTIL_NEXT
            owner, who = self.names[meeting.supervisees[0]], meeting.supervisees[0]
            yield ActionRaised(action=self.new_id(f"action {session}"), action_kind="other", text=ACTION, owner=owner, due=due,
                               review_date=due, practitioner=who)  # fmt: skip

    def _agenda(self, meeting: Meeting, session: str) -> Iterator[Payload]:
        after = self.changed_from is not None and meeting.held_on >= self.changed_from
        for item in AGENDA:
            share = ESCALATION_COVERED[after] if item == ESCALATION else COVERED[item]
            covered = self.chance(f"{item} {session}") < share
            self.told[f"agenda/{meeting.held_on:%Y-%m}/{item}"] += covered
            yield AgendaCovered(item=item, covered=covered, note=NOTES[item] if covered else "")  # type: ignore[arg-type]
        self.told[f"agenda/{meeting.held_on:%Y-%m}/sessions"] += 1

    def _discussed(self, meeting: Meeting, session: str) -> Iterator[Payload]:
        """Yields the drawn cases of the supervisee, of the two newest draws on that day, and sometimes one that was put forward."""
        drawn = [draw for draw in self.draws if utc_moment(draw.drawn_at).date() <= meeting.held_on][-RECENT_DRAWS:]
        came: dict[str, str] = {}
        for draw in reversed(drawn):
            for case in draw.under_review:
                if case.practitioner_key in meeting.supervisees:
                    came.setdefault(case.case_key, "drawn")
            for one in draw.tabled:
                if one.practitioner_key in meeting.supervisees:
                    came.setdefault(one.case_key, f"tabled_by_{'supervisee' if one.tabled_by == 'supervisee' else 'supervisor'}")  # fmt: skip
        for key, by in came.items():
            if self.chance(f"{key} {session}") < (_DISCUSSED if by == "drawn" else _TABLED):
                self.told[f"discussed/{meeting.held_on:%Y-%m}/{'drawn' if by == 'drawn' else 'tabled'}"] += 1
                yield CaseDiscussed(case=key, came_by=by)  # type: ignore[arg-type]

    def _described(self, meeting: Meeting, session: str) -> SessionDescribed:
        functions = tuple(one for one, share in _FUNCTIONS.items() if self.chance(f"{one} {session}") < share)
        for one in functions:
            self.told[f"functions/{meeting.held_on:%Y-%m}/{one}"] += 1
        self.told[f"functions/{meeting.held_on:%Y-%m}/said"] += bool(functions)
        return SessionDescribed(
            functions=functions,  # type: ignore[arg-type]
            development="development" in functions,
            personal=self.chance(f"personal {session}") < _PERSONAL,
            uninterrupted=self.chance(f"minutes {session}") < _UNINTERRUPTED,
        )

    def _earlier(self, meeting: Meeting, session: str, today: date) -> Iterator[Draft]:
        """Yields what was found of each earlier action that is open, before anything else is spoken of, and what it leads to."""
        for action in self.ledger.open_of(meeting.supervisees[0], meeting.supervisor):
            finding, ends = self._found(action, today)
            said = PriorActionReviewed(action=action.action, finding=finding)  # type: ignore[arg-type]
            yield self._draft(said, session, meeting.supervisor)
            for one in ends:
                self.ledger.check(one, action, today)
                yield self._draft(one, action.review, meeting.supervisor)

    def _found(self, action: Action, today: date) -> tuple[str, list[Payload]]:
        late = action.due < today
        if late and self.chance(f"done {action.action} {today}") < _DONE and (action.missed or action.practitioner):
            seen = ActionSeen(
                action=action.action, seen_on=action.due, reference=f"Note of {action.due:%d/%m/%Y}, rewritten entry"
            )
            closed = ActionClosed(action=action.action, outcome="done")
            return "done", [seen, closed] if action.kind in SEEN_IN_RECORD else [closed]
        if action.due < today - _LONG_AGO:
            why = "Looked at together: the case has been closed or drawn again since."
            return "not_needed", [ActionClosed(action=action.action, outcome="not_needed", text=why)]
        return ("slipped" if late else "in_hand"), []

    def _signed(self, meeting: Meeting, session: str, drafts: Sequence[Draft]) -> Iterator[Draft]:
        own = list(pending([one for one in drafts if one.review == session]))
        [held] = sessions(own)
        content = session_content(held, actions(own))
        both = meeting.kind != GROUP and not meeting.late_team
        for role, actor in (("supervisor", meeting.supervisor), ("supervisee", meeting.supervisees[0])):
            if both or role == "supervisor":
                said = Signed(role=role, statement=statement_of(held), content=content)  # type: ignore[arg-type]
                yield Draft(self.new_id(f"{session} signs {role}"), actor, said, session, f"signature:{role}", CURRENT)

    def _draft(self, said: Payload, review: str, actor: str) -> Draft:
        subject = subject_of(said) or ""
        return Draft(self.new_id(f"{review} {said.kind} {subject} {actor}"), actor, said, review, subject, CURRENT)
