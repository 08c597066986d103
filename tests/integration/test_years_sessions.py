"""Every entry of the invented sessions is one that the service takes: each is laid before its rules, as it stood when it was written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import pytest

from sampling.batch.years import YearsOrder, play_years
from sampling.batch.years_ledger import KINDS
from sampling.chain import utc_moment
from sampling.journal.events import ActionClosed, ActionRaised, PriorActionReviewed, SessionClosed, Signed
from sampling.journal.store import Entry
from sampling.keys import HOME_VARIABLE, SECRET_VARIABLE, Keyring
from sampling.model import Period
from sampling.scoring.parts.session_part import RECENT_DRAWS
from sampling.scoring.parts.world import World
from sampling.scoring.rules import action_rules
from sampling.scoring.rules.actions import actions
from sampling.scoring.rules.session_rules import Change, Known, refusals, whose_work
from sampling.scoring.rules.sessions import (
    FORMAL,
    Session,
    prior_actions,
    prior_left,
    record_state,
    session_content,
    sessions,
)
from sampling.scoring.rules.standing import day_in_england
from sampling.scoring.service import Service, open_service
from sampling.scoring.settings.people import Person

SECRET = "00" * 32
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    private, home = tmp_path_factory.mktemp("private"), tmp_path_factory.mktemp("years") / "home"
    patch = pytest.MonkeyPatch()
    patch.setenv(HOME_VARIABLE, str(private))
    patch.setenv(SECRET_VARIABLE, SECRET)
    keyring = Keyring(bytes.fromhex(SECRET))
    play_years(YearsOrder(home, 11, Period("2026-10"), months=2, changed_in=None), keyring, now=NOW)
    opened = open_service(home, keyring=keyring, now=NOW)
    yield opened
    opened.close()
    patch.undo()


@dataclass(frozen=True)
class Replay:
    """What one supervisor could read, entry by entry."""

    world: World
    person: Person
    entries: Sequence[Entry]

    def sessions(self) -> list[list[Entry]]:
        """Returns the entries of each session that the person supervised."""
        found: dict[str, list[Entry]] = {}
        for entry in self.entries:
            if entry.review and entry.review not in self.world.reviews:
                found.setdefault(entry.review, []).append(entry)
        return [one for one in found.values() if one[0].actor == self.person.key and one[0].kind == "session_opened"]

    @cached_property
    def groups(self) -> tuple[Session, ...]:
        """Returns every session as it stands now: of an action of a group the rules ask where it was raised."""
        return sessions(one for one in self.entries if one.review and one.review not in self.world.reviews)

    def known(self, session: Session, until: int, at: str) -> Known:
        """Returns what the rules of the session knew before the entry of that number."""
        reviews = self.world.reviews
        whose = {
            name: reviews[name].practitioner_key for name in {one.review for one in self.entries} if name in reviews
        }
        there = [one for one in self.entries if one.kind in KINDS and one.sequence < until]
        ledger = [one for one in there if whose.get(one.review) in (None, *session.supervisees)]
        prior = prior_actions(session, actions(ledger), practitioner_of=whose, sessions=self.groups)
        left = len(prior_left(session, prior)) if session.kind == FORMAL else 0
        pairs = frozenset((self.person.key, one) for one in self.person.practitioners)
        return Known(pairs, self.cases(session), frozenset(one.action for one in prior), left, day_in_england(at))

    def cases(self, session: Session) -> dict[str, str]:
        """Returns the cases of the two newest draws on the day of the session."""
        drawn = [one for one in self.world.draws if utc_moment(one.drawn_at).date() <= session.held_on]
        found: dict[str, str] = {}
        for draw in reversed(drawn[-RECENT_DRAWS:]):
            for case in draw.under_review:
                found.setdefault(case.case_key, "drawn")
            for one in draw.tabled:
                found.setdefault(one.case_key, f"tabled_by_{one.tabled_by}")
        return found


@pytest.fixture(scope="module")
def replays(service: Service) -> list[Replay]:
    return [Replay(service.world(), one, service.seen_by(one).entries()) for one in service.people.having("supervisor")]


def test_no_entry_of_a_session_is_one_that_the_rules_refuse(replays: list[Replay]) -> None:
    counts: Counter[str] = Counter()
    for replay in replays:
        for own in replay.sessions():
            known = None
            for number, entry in enumerate(own):
                said = entry.payload
                if said is None or isinstance(said, Signed) or entry.kind in KINDS[1:]:
                    continue
                before, after = next(iter(sessions(own[:number])), None), sessions(own[: number + 1])[0]
                if known is None or isinstance(said, SessionClosed):
                    known = replay.known(after, entry.sequence + isinstance(said, SessionClosed), entry.at)
                if isinstance(said, ActionRaised):
                    assert whose_work(said, after) == []
                else:
                    assert refusals(said, Change(before, after), actor=entry.actor, known=known) == []
                counts[entry.kind] += 1
    assert counts["session_opened"] == counts["session_closed"] > 12
    assert min(counts[kind] for kind in (PriorActionReviewed.kind, ActionRaised.kind, "case_discussed")) > 4


def test_all_earlier_actions_are_looked_at_before_anything_else(replays: list[Replay]) -> None:
    looked_at = 0
    for replay in replays:
        for own in replay.sessions():
            kinds = [one.kind for one in own]
            session = sessions(own)[0]
            if session.kind != FORMAL:
                continue
            prior = replay.known(session, own[1].sequence, own[0].at).prior
            assert set(session.prior) == prior
            assert kinds[1 : 1 + len(prior)] == [PriorActionReviewed.kind] * len(prior)
            looked_at += len(prior)
    assert looked_at > 30


def test_what_becomes_of_an_action_is_what_the_ledger_takes(replays: list[Replay]) -> None:
    closed = 0
    for replay in replays:
        held = {own[0].at for own in replay.sessions()}
        ledger: dict[str, list[Entry]] = {}
        for entry in (one for one in replay.entries if one.kind in KINDS and one.payload is not None):
            there = ledger.setdefault(entry.subject, [])
            if entry.at in held and entry.actor == replay.person.key:
                before = next(iter(actions(there)), None)
                why = action_rules.refusals(entry.payload, before, today=day_in_england(entry.at), signed=True)  # type: ignore[arg-type]
                assert why == []
                closed += isinstance(entry.payload, ActionClosed)
            there.append(entry)
    assert closed > 2


def test_records_are_signed_by_both_but_in_the_late_team(replays: list[Replay]) -> None:
    states: Counter[str] = Counter()
    for replay in replays:
        for own in replay.sessions():
            session = sessions(own)[0]
            states[record_state(session, session_content(session, actions(own)))] += 1
    assert states["agreed"] > states["draft"] > 0 and set(states) == {"agreed", "draft"}


def test_nobody_without_a_seat_writes(service: Service, replays: list[Replay]) -> None:
    seats = {one.key for one in (*service.people.everyone, *service.people.former)}
    assert {entry.actor for replay in replays for own in replay.sessions() for entry in own} <= seats
    assert Path(service.home / "people.toml").read_text(encoding="utf-8").startswith("# Written by `sampling years`")
