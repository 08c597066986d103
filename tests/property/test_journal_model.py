"""Random people do random things to a journal; a model of a few plain lists says what the views must show after each.

The model knows no hash, no key and no SQL: an event counts, or not, by the rules of docs/journal.md.
"""

from __future__ import annotations

import dataclasses
import os
import shutil
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sampling.journal.events import ActionClosed, ActionMoved, ActionRaised, ConflictResolved, Rated
from sampling.journal.sealing import load_lead_key
from sampling.journal.store import Draft, DraftError, Journal
from sampling.journal.views import all_views
from sampling.keys import HOME_VARIABLE
from tests.journals import (
    ANN,
    BOB,
    LEAD,
    NOW,
    closed,
    commented,
    later,
    moved,
    new_id,
    opener,
    pointed,
    raised,
    rated,
    resolved,
    withdrawn,
)

TODAY = date(2026, 11, 15)
OPEN, SEALED = "1" * 32, "2" * 32  # two reviews: one open, one sealed until it is unsealed
CRITERIA = ("crisis_plan/signs", "escalation_rationale/reason")
POINTER, ACTION = "7" * 32, "8" * 32
AUTHORS = {OPEN: (ANN, BOB), SEALED: (ANN,)}


@dataclasses.dataclass
class Known:
    """One event as the model remembers it."""

    draft: Draft
    revision: int
    conflict: bool
    sealed: bool
    purged: bool = False


class JournalModel(RuleBasedStateMachine):
    """A journal and its model, side by side."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="journal-model-"))
        self.home = os.environ.get(HOME_VARIABLE)
        os.environ[HOME_VARIABLE] = str(self.folder / "private")
        self.journal = Journal.open(self.folder / "journal.sqlite", opener(), create_at=NOW)
        self.events: list[Known] = []
        self.extra = 1  # entries that the journal itself wrote
        self.unsealed = False
        self.clock = 0

    def teardown(self) -> None:
        """Ends the run and takes its folder away."""
        self.journal.close()
        os.environ.pop(HOME_VARIABLE, None)
        if self.home is not None:
            os.environ[HOME_VARIABLE] = self.home
        shutil.rmtree(self.folder)

    # The model

    def on(self, review: str, subject: str) -> list[Known]:
        """Returns the events on one subject, in order."""
        return [each for each in self.events if (each.draft.review, each.draft.subject) == (review, subject)]

    def counting(self, review: str, subject: str, *, hidden: bool = False) -> list[Known]:
        """Returns those that count, the one that stands last. A sealed one that was purged is on no subject any more, unless `hidden`."""
        found: list[Known] = []
        visible = [each for each in self.on(review, subject) if hidden or not (each.purged and each.sealed)]
        for each in visible:
            said = each.draft.payload
            if isinstance(said, ConflictResolved):
                if not each.conflict:
                    named = (said.chosen, said.instead_of)
                    found = [one for one in found if one.draft.id not in named]
                    found += [one for one in visible if one.draft.id == said.chosen]
            elif not each.conflict:
                found.append(each)
        return found

    def hand_in(self, draft: Draft) -> None:
        """Appends a draft to both, and compares what is answered."""
        self.clock += 1
        author = self.journal.as_(opener(draft.actor))
        [receipt] = author.append([draft], now=later(self.clock))
        so_far = self.on(draft.review, draft.subject)
        revision = len(so_far) + 1
        conflict = draft.base != len(so_far)
        before = self.counting(draft.review, draft.subject, hidden=True)
        self.events.append(Known(draft, revision, conflict, draft.sealed))
        assert receipt.revision == revision and receipt.sequence == len(self.events) + self.extra
        assert receipt.status == ("conflict" if conflict and before else "stored")
        if receipt.other is not None:
            assert receipt.other.id == before[-1].draft.id

    def more(self, review: str, actor: int) -> dict[str, Any]:
        authors = AUTHORS[review]
        return {
            "review": review,
            "actor": authors[actor % len(authors)],
            "sealed": review == SEALED and not self.unsealed,
        }

    def base(self, review: str, subject: str, stale: int) -> int:
        return max(0, len(self.on(review, subject)) - stale)

    # What people do

    reviews = st.sampled_from((OPEN, SEALED))
    stale = st.sampled_from((0, 0, 0, 1, 2))
    actors = st.integers(0, 1)

    @initialize(review=reviews)
    def first(self, review: str) -> None:
        """Both reviews begin with a rating."""
        self.hand_in(rated(1, criterion=CRITERIA[0], **self.more(review, 0)))

    @rule(
        review=reviews,
        criterion=st.sampled_from(CRITERIA),
        level=st.sampled_from((None, 0, 1, 2, 3)),
        stale=stale,
        actor=actors,
    )
    def rate(self, review: str, criterion: str, level: int | None, stale: int, actor: int) -> None:
        """Rates, clears, revises; sometimes from an old starting point."""
        base = self.base(review, f"rating:{criterion}", stale)
        self.hand_in(rated(level, base, criterion=criterion, **self.more(review, actor)))

    @rule(review=reviews, text=st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=12), stale=stale)
    def comment(self, review: str, text: str, stale: int) -> None:
        """Writes a comment, or takes it away by the empty text."""
        self.hand_in(commented(text, self.base(review, f"comment:{CRITERIA[0]}", stale), **self.more(review, 0)))

    @rule(review=reviews, away=st.booleans(), stale=stale)
    def point(self, review: str, away: bool, stale: int) -> None:
        """Points to evidence, or withdraws the pointer."""
        make = withdrawn if away else pointed
        self.hand_in(make(POINTER, self.base(review, f"evidence:{POINTER}", stale), **self.more(review, 0)))

    @rule(review=reviews, step=st.sampled_from((raised, raised, moved, closed)), stale=stale)
    def act(self, review: str, step: Any, stale: int) -> None:
        """Raises, moves or closes an action."""
        subject = f"action:{ACTION}"
        if self.on(review, subject) or step is raised:
            self.hand_in(step(ACTION, self.base(review, subject, stale), **self.more(review, 0)))

    @rule(review=reviews, criterion=st.sampled_from(CRITERIA))
    def undo(self, review: str, criterion: str) -> None:
        """Takes the rating that stands back: a new event with the value before it."""
        counting = self.counting(review, f"rating:{criterion}")
        if counting and isinstance(counting[-1].draft.payload, Rated):
            earlier = counting[-2].draft.payload if len(counting) > 1 else None
            level = earlier.level if isinstance(earlier, Rated) else None
            more = self.more(review, 0) | {"undoes": counting[-1].draft.id}
            self.hand_in(rated(level, self.base(review, f"rating:{criterion}", 0), criterion=criterion, **more))

    @rule(pick=st.integers(0, 10**6), swap=st.booleans(), stale=stale)
    def settle(self, pick: int, swap: bool, stale: int) -> None:
        """Says which of two values stands, also where there is no conflict left to settle."""
        sets = [each for each in self.events if each.conflict and not isinstance(each.draft.payload, ConflictResolved)]
        if not sets:
            return
        other = sets[pick % len(sets)].draft
        stands = [each for each in self.counting(other.review, other.subject) if each.draft.id != other.id]
        if stands:
            pair = (other, stands[-1].draft) if swap else (stands[-1].draft, other)
            base = self.base(other.review, other.subject, stale)
            self.hand_in(dataclasses.replace(resolved(*pair, base=base), **self.more(other.review, 0)))

    @rule(pick=st.integers(0, 10**6))
    def send_again(self, pick: int) -> None:
        """An acknowledgement was lost: the same event comes again."""
        known = self.events[pick % len(self.events)]
        before = self.journal.head()
        mine = self.journal.as_(opener(known.draft.actor))
        if known.purged:
            with pytest.raises(DraftError, match="a retention rule has taken its content away"):
                mine.append([known.draft], now=later(self.clock))
            assert self.journal.head() == before
            return
        [receipt] = mine.append([known.draft], now=later(self.clock))
        assert (receipt.revision, receipt.status in ("known", "conflict")) == (known.revision, True)
        assert self.journal.head() == before

    @precondition(lambda self: not self.unsealed)
    @rule()
    def unseal(self) -> None:
        """Both have signed: the lead unseals."""
        lead = self.journal.as_(opener(LEAD, load_lead_key(self.journal.id)))
        lead.unseal([SEALED], now=later(self.clock), id=new_id())
        self.extra += 1
        self.unsealed = True

    @rule(
        review=reviews,
        whole=st.sampled_from((f"rating:{CRITERIA[0]}", f"comment:{CRITERIA[0]}", f"evidence:{POINTER}")),
    )
    def purge(self, review: str, whole: str) -> None:
        """A retention rule takes the content of one subject away."""
        lead = self.journal.as_(opener(LEAD, load_lead_key(self.journal.id)))
        taken = [each for each in self.on(review, whole) if not isinstance(each.draft.payload, ConflictResolved)]
        left = [each for each in taken if not each.purged]
        result = lead.purge([each.draft.id for each in taken], "rule", LEAD, later(self.clock))
        assert set(result.entries) == {each.draft.id for each in left}
        self.extra += 1 if left else 0
        for each in taken:
            each.purged = True

    @rule()
    def open_again(self) -> None:
        """The program is restarted."""
        self.journal.close()
        self.journal = Journal.open(self.folder / "journal.sqlite", opener())

    # What must hold after each

    @invariant()
    def the_chain_holds(self) -> None:
        """The journal verifies, and has as many entries as were handed in."""
        lead = self.journal.as_(opener(LEAD, load_lead_key(self.journal.id)))
        outcome = lead.verify()
        assert outcome.ok, outcome.why
        assert outcome.entries == len(self.events) + self.extra

    @invariant()
    def the_views_show_what_stands(self) -> None:
        """The lead, who may open everything, sees what the model says."""
        lead = self.journal.as_(opener(LEAD, load_lead_key(self.journal.id)))
        views = all_views(lead.entries(), TODAY)
        self._ratings(views["ratings"])
        self._actions(views["actions"])
        conflicts = {each.draft.id for each in self.events if self._is_conflict(each)}
        assert set(views["conflicts"]["other"]) == conflicts
        history = [each for each in self.events if isinstance(each.draft.payload, Rated) and not self._is_hidden(each)]
        assert len(views["rating_history"]) == len(history)
        assert set(views["rating_history"]["id"]) == {each.draft.id for each in history}

    @invariant()
    def a_stranger_sees_nothing_sealed(self) -> None:
        """Whoever is neither author nor lead sees the open review, and of the sealed one that it is there."""
        entries = self.journal.as_(opener("e" * 64)).entries(review=SEALED)
        sealed = {each.draft.id for each in self.events if each.sealed and not each.purged and not self.unsealed}
        assert {entry.id for entry in entries if entry.state == "sealed"} == sealed
        assert all(entry.payload is None and entry.kind == "sealed" for entry in entries if entry.id in sealed)

    def _is_hidden(self, each: Known) -> bool:
        return each.purged and each.sealed

    def _is_conflict(self, each: Known) -> bool:
        return each.conflict and not isinstance(each.draft.payload, ConflictResolved) and not self._is_hidden(each)

    def _ratings(self, view: pd.DataFrame) -> None:
        expected = {}
        for review in (OPEN, SEALED):
            for criterion in CRITERIA:
                counting = self.counting(review, f"rating:{criterion}")
                if counting:
                    last = counting[-1]
                    level = None if last.purged else getattr(last.draft.payload, "level", None)
                    expected[review, criterion] = (level, last.revision, last.purged, *self._beside(review, criterion))
        found = {
            (row["review"], row["criterion"]): (
                None if pd.isna(row["level"]) else int(row["level"]),
                int(row["revision"]),
                row["state"] == "purged",
                "" if pd.isna(row["comment"]) else row["comment"],
                int(row["pointers"]),
            )
            for row in view.to_dict("records")
        }
        assert found == expected

    def _beside(self, review: str, criterion: str) -> tuple[str, int]:
        comments = self.counting(review, f"comment:{criterion}")
        pointers = self.counting(review, f"evidence:{POINTER}") if criterion == CRITERIA[0] else []
        text = getattr(comments[-1].draft.payload, "text", "") if comments and not comments[-1].purged else ""
        points = bool(pointers) and not pointers[-1].purged and hasattr(pointers[-1].draft.payload, "note_kind")
        return text, int(points)

    def _actions(self, view: pd.DataFrame) -> None:
        expected = {}
        for review in (OPEN, SEALED):
            due, over = None, False
            for each in self.counting(review, f"action:{ACTION}"):
                said = each.draft.payload
                if isinstance(said, ActionRaised):
                    due, over = said.due, False
                elif isinstance(said, ActionMoved):
                    due = said.due
                elif isinstance(said, ActionClosed):
                    over = True
            if due is not None:
                expected[review] = ("closed" if over else "overdue" if due < TODAY else "open", due)
        rows = view.dropna(subset=["due"]).to_dict("records")
        assert {row["review"]: (row["state"], row["due"].date()) for row in rows} == expected


JournalModel.TestCase.settings = settings(
    max_examples=20,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestJournalModel = JournalModel.TestCase
