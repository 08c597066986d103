"""The action log: states, evidence, time to close and slips, by spec tables and by hand."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.duration.survfunc import SurvfuncRight

from sampling.assurance.action_log import KINDS, ActionLog, action_log
from sampling.assurance.action_times import time_to_close
from sampling.errors import ProgramError
from sampling.journal.frames import frame
from sampling.reporting.gathering import ACTIONS
from tests.evidence_months import gathered

TODAY = date(2026, 11, 20)
D = date.fromisoformat
KEY, CASE, DRAW = "f3a9c1d2" * 8, "0b7e44aa" * 8, "77d0e1f2" * 8


def row(**changed: Any) -> dict[str, Any]:
    """Returns one action of the frame: a crisis plan update of 2 November, due on the 9th, open."""
    return {
        "draw_id": DRAW, "period": "2026-10", "case": CASE, "practitioner": KEY, "team": "North", "stratum": "volatile",
        "kind": "volatile", "criterion": "escalation_rationale/rationale", "action_kind": "update_crisis_plan", "state": "open",
        "raised_at": "2026-11-02T09:00:00Z", "due": D("2026-11-09"), "review_date": D("2026-11-09"), "seen_on": None, "outcome": None,
        "changed_at": "2026-11-02T09:00:00Z", "moved": 0, "moved_late": changed.get("moved", 0), **changed,
    }  # fmt: skip


def log_of(*rows: dict[str, Any], today: date = TODAY) -> ActionLog:
    """Returns the log of these rows, through the frame that is really gathered."""
    return action_log(frame(ACTIONS, rows), today)


# due, review, seen, outcome, today -> state, evidence
STATES = """
11-09 11-09 -     -          11-09 -> open    |
11-09 11-09 -     -          11-10 -> overdue |
11-09 11-16 11-08 -          11-16 -> open    | seen in the record on 8 Nov 2026
11-09 11-16 11-08 -          11-17 -> overdue | seen in the record on 8 Nov 2026
11-09 11-09 11-08 done       11-20 -> done    | seen in the record on 8 Nov 2026
11-09 11-09 -     done       11-20 -> done    | closed; no day on which the record showed it
11-09 11-09 -     not_needed 11-20 -> dropped | no longer needed
11-09 11-09 11-08 replaced   11-20 -> dropped | replaced by another action; seen in the record on 8 Nov 2026
"""


@pytest.mark.parametrize("line", [line for line in STATES.splitlines() if line])
def test_a15_the_state_and_the_evidence_on_a_day(line: str) -> None:
    given_, expected = line.split("->")
    due, review, seen, outcome, today = given_.split()
    one = row(due=D(f"2026-{due}"), review_date=D(f"2026-{review}"), changed_at="2026-11-10T10:00:00Z")
    one |= {"seen_on": None if seen == "-" else D(f"2026-{seen}"), "outcome": None if outcome == "-" else outcome}
    (action,) = log_of(one, today=D(f"2026-{today}")).actions
    state, evidence = (part.strip() for part in expected.split("|"))
    assert (action.state, action.evidence) == (state, evidence)


def test_days_to_close_are_days_in_england() -> None:
    summer = row(raised_at="2026-06-30T23:30:00Z", changed_at="2026-07-02T22:59:00Z", outcome="done")
    (action,) = log_of(summer).actions
    assert (action.raised, action.closed_on, action.days_to_close) == (D("2026-07-01"), D("2026-07-02"), 1)
    assert log_of(row()).actions[0].days_to_close is None


def test_a9_the_three_risk_kinds_stand_first_also_where_none_was_raised() -> None:
    log = log_of(row(action_kind="training"), row(action_kind="gp_liaison"), row(action_kind="training", moved=2))
    assert [(one.kind, one.raised) for one in log.by_kind] == [
        ("update_crisis_plan", 0), ("safeguarding_referral", 0), ("gp_liaison", 1), ("training", 2),
    ]  # fmt: skip
    assert [one.label for one in log.by_kind][:3] == [
        "Update the crisis plan", "Make the safeguarding referral", "Liaise with the GP",
    ]  # fmt: skip
    assert log.all.label == "All actions"


def test_the_sentences_of_a_period() -> None:
    log = log_of(
        row(), row(due=D("2026-12-01"), review_date=D("2026-12-01"), action_kind="gp_liaison"),
        row(outcome="done", seen_on=D("2026-11-05")), row(outcome="done", action_kind="training"),
        row(outcome="not_needed"), row(state="purged", raised_at=None, due=None, review_date=None, action_kind=None, moved=0),
        row(moved=2, due=D("2026-12-01"), review_date=D("2026-12-01"), criterion=None, action_kind="safeguarding_referral"),
    )  # fmt: skip
    assert log.sentences == (
        "Of 6 actions raised, 2 are open, 1 overdue, 2 done and 1 dropped.",
        "5 of these are about risk: crisis plan update 3, safeguarding referral 1, GP liaison 1.",
        "Of the 2 done, 1 has a day on which somebody saw it in the record.",
        "The dates of 1 action were moved at least once, of 1 after they had passed.",
        "1 pattern of repeated slips: the same thing late twice or more.",
        "1 further action can no longer be told: deleted under a retention rule.",
    )
    assert log_of().sentences == ("No action was raised.",)


def test_repeated_slips_are_of_one_practitioner_and_one_thing() -> None:
    later = {"due": D("2026-12-01"), "review_date": D("2026-12-01")}
    log = log_of(
        row(moved=1, **later), row(),  # moved once, and another of the same criterion missed: two
        row(practitioner="b" * 64),  # missed once: no pattern
        row(criterion=None, action_kind="training", moved=3, **later),
    )  # fmt: skip
    assert [(slip.practitioner, slip.what, slip.times, slip.actions) for slip in log.repeated_slips] == [
        (KEY, "training", 3, 1), (KEY, "escalation_rationale/rationale", 2, 2),
    ]  # fmt: skip
    assert log.of_practitioner("b" * 64).repeated_slips == ()
    assert log.of_practitioner("b" * 64).all.raised == 1
    assert log.of_team("North").all.raised == 4 and log.of_team("South").all.raised == 0


def test_no_sentence_has_a_key_or_a_team() -> None:
    log = log_of(row(moved=3), row(outcome="done", seen_on=D("2026-11-05")))
    text = " ".join((*log.sentences, time_to_close(log.actions, TODAY).sentence))
    assert not any(word in text for word in (KEY, CASE, DRAW, KEY[:8], "North", "escalation_rationale"))


def test_a_frame_that_lacks_a_column_or_a_day_is_refused() -> None:
    with pytest.raises(ProgramError, match="The frame of actions lacks due, moved"):
        action_log(frame(ACTIONS, [row()]).drop(columns=["due", "moved"]), TODAY)
    with pytest.raises(ProgramError, match="lacks the day on which it was raised, its due day or its review date"):
        log_of(row(due=None))


# Time to close


def ended(days: int, outcome: str | None, team: str = "North") -> dict[str, Any]:
    """Returns an action that was closed after so many days, or has run for so many."""
    start = TODAY - timedelta(days=days)
    late = {"due": start, "review_date": start, "raised_at": f"{start}T12:00:00Z", "team": team}
    return row(outcome=outcome, changed_at=f"{TODAY}T12:00:00Z", **late)


def test_by_hand_open_actions_make_the_median_longer_than_the_closed_ones_alone() -> None:
    times = [ended(2, "done"), ended(4, "done"), ended(6, None), ended(10, "done"), ended(12, None)]
    found = time_to_close(log_of(*times).actions, TODAY)
    # 1/5 by day 2; 1/5 + 4/5 * 1/4 = 2/5 by day 4; one leaves on day 6; 2/5 + 3/5 * 1/2 = 7/10 by day 10
    assert [(step.day, step.followed, step.done, step.share) for step in found.steps] == [
        (2, 5, 1, Fraction(1, 5)), (4, 4, 1, Fraction(2, 5)), (10, 2, 1, Fraction(7, 10)),
    ]  # fmt: skip
    assert (found.median, found.share_by(7), found.share_by(12), found.share_by(13)) == (
        10, Fraction(2, 5), Fraction(7, 10), None,
    )  # fmt: skip
    assert found.sentence == (
        "Half of the actions were done within 10 days (5 actions, 2 of them still running and 0 dropped; what runs is counted for as long "
        "as it has run, what was dropped as never done)."
    )


def test_what_was_dropped_counts_as_never_done() -> None:
    found = time_to_close(log_of(ended(1, "not_needed"), ended(2, "replaced"), ended(3, "done")).actions, TODAY)
    assert (found.median, found.share_by(99)) == (None, Fraction(1, 3))
    assert found.sentence == (
        "How long half of the actions take cannot be said (3 actions, 0 of them still running and 2 dropped): the share that was done "
        "stays below half over the 3 days for which they can be followed."
    )


def test_exactly_half_is_half_and_none_is_none() -> None:
    assert time_to_close(log_of(ended(3, "done"), ended(9, None)).actions, TODAY).median == 3
    empty = time_to_close((), TODAY)
    assert (empty.median, empty.share_by(7)) == (None, None)
    assert empty.sentence == "There is no action whose time could be told."


ENDS = st.lists(st.tuples(st.integers(0, 40), st.sampled_from(["done", "not_needed", None])), max_size=12)


@settings(deadline=None, max_examples=10)
@given(ends=ENDS.filter(lambda ends: any(outcome == "done" for _, outcome in ends)))
def test_without_dropped_ones_it_is_kaplan_meier(ends: list[tuple[int, str | None]]) -> None:
    kept = [(days, outcome) for days, outcome in ends if outcome != "not_needed"]
    found = time_to_close(log_of(*(ended(*one) for one in kept)).actions, TODAY)
    other = SurvfuncRight([days for days, _ in kept], [int(outcome == "done") for _, outcome in kept])
    assert [step.day for step in found.steps] == list(other.surv_times)
    assert np.allclose([float(1 - step.share) for step in found.steps], other.surv_prob)


@settings(deadline=None, max_examples=10)
@given(
    ends=ENDS, seed=st.randoms(use_true_random=False), kinds=st.lists(st.sampled_from(KINDS), min_size=12, max_size=12)
)
def test_counts_add_up_and_the_order_of_rows_changes_nothing(
    ends: list[tuple[int, str | None]], seed: Any, kinds: list[str]
) -> None:
    rows = [ended(*one) | {"action_kind": kind} for one, kind in zip(ends, kinds, strict=False)]
    log = log_of(*rows)
    seed.shuffle(rows)
    assert log_of(*rows) == log
    every = log.all
    assert every.raised == len(rows) == every.open + every.overdue + every.done + every.dropped
    assert sum(one.raised for one in log.by_kind) == every.raised and every.seen <= every.done
    found = time_to_close(log.actions, TODAY)
    assert found.actions == found.done + found.dropped + found.running
    assert [step.share for step in found.steps] == sorted(step.share for step in found.steps)
    assert all(0 <= step.share <= 1 for step in found.steps)


def test_the_log_reads_a_frame_of_no_row_and_changes_none() -> None:
    rows = frame(ACTIONS, [row()])
    before = rows.copy()
    action_log(rows, TODAY)
    pd.testing.assert_frame_equal(rows, before)


def test_gathered_months_are_read_as_they_come() -> None:
    months = gathered(count=3)
    log = action_log(months.actions, date(2025, 3, 1))
    every = log.all
    assert every.raised == len(months.actions) == every.done + every.overdue > 0
    assert every.seen == every.done == int((months.actions["outcome"] == "done").sum())
    one = log.actions[0].practitioner
    assert log.of_practitioner(one).all.raised == int((months.actions["practitioner"] == one).sum())
