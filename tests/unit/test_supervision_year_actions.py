"""A year's actions and patterns, counted anew in plain loops from docs/action-log.md and docs/patterns.md, and compared with the program's.

The months of scores and actions are invented by a seed; numbers of the pattern rules are read from policies/patterns.toml.
"""

from __future__ import annotations

import random
import tomllib
from collections import Counter
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sampling.assurance.action_log import action_log
from sampling.assurance.action_matching import load_matches
from sampling.assurance.action_record import RecordShown, reconcile
from sampling.assurance.patterns import find_patterns
from sampling.assurance.patterns_policy import load_patterns
from sampling.assurance.patterns_signs import Observed
from sampling.journal.frames import frame
from sampling.reporting.gathering import ACTIONS, SCORES
from tests.supervision_year import key

POLICY = tomllib.loads((Path(__file__).parents[2] / "policies" / "patterns.toml").read_text())
MONTHS = [f"2026-{number:02}" for number in range(1, 13)]
KINDS = ("update_crisis_plan", "safeguarding_referral", "gp_liaison", "training", "caseload_adjustment")
CRITERIA = ("decision_and_reason", "options_weighed")
RUBRIC, STANDARD = "escalation_rationale", 2
PEOPLE = {key(f"Worker {number}"): ("North", "South", "")[number % 3] for number in range(9)}
CASES = [key(f"Case {number}") for number in range(24)]
TODAY = date(2026, 12, 20)
DAY = timedelta(days=1)
Row = dict[str, Any]


@cache
def scores(seed: int) -> tuple[Row, ...]:
    """Returns a year of first scores: one criterion is poor for some months in one team; one month has no draw, a few cases no level."""
    chance = random.Random(seed)
    poor, from_month = chance.choice(("North", "South")), chance.randint(1, 9)
    empty = chance.choice(MONTHS)
    found = []
    for place, period in enumerate(MONTHS):
        for number in range(0 if period == empty else chance.randint(4, 14)):
            person = chance.choice(list(PEOPLE))
            for criterion in CRITERIA:
                weak = PEOPLE[person] == poor and criterion == CRITERIA[0] and from_month <= place < from_month + 4
                level = chance.choice((0, 1, 1, 2)) if weak else chance.choice((1, 2, 2, 3, 3))
                found.append({
                    "draw_id": f"draw {period}", "period": period, "case": key(f"{period} {number}"), "practitioner": person,
                    "team": PEOPLE[person], "stage": chance.choice(("first",) * 6 + ("second",)), "rubric": RUBRIC, "criterion": criterion,
                    "ref": f"{RUBRIC}/{criterion}", "level": None if chance.random() < 0.05 else level, "own_level": level,
                    "rubric_digest": "d" * 64, "rater": person,
                })  # fmt: skip
    return tuple(found)


@cache
def actions(seed: int) -> tuple[Row, ...]:
    """Returns a year of actions in every state, some on the same case again."""
    chance = random.Random(seed + 1000)
    found = []
    for period in MONTHS:
        for case in chance.sample(CASES, 9):
            raised = date.fromisoformat(f"{period}-{chance.randint(1, 28):02}")
            review = raised + timedelta(days=chance.choice((7, 7, 14, 28, 60)))
            seen = raised + timedelta(days=chance.randint(-1, 30)) if chance.random() < 0.5 else None
            outcome = chance.choice((None, None, "done", "done", "done", "not_needed", "replaced"))
            person = sorted(PEOPLE)[CASES.index(case) % len(PEOPLE)]
            moved = chance.choice((0, 0, 0, 1, 3))
            found.append({
                "draw_id": f"draw {period}", "period": period, "case": case, "practitioner": person, "team": PEOPLE[person], "stratum": "volatile",
                "kind": "volatile", "criterion": chance.choice((f"{RUBRIC}/{CRITERIA[0]}", "")), "action_kind": chance.choice(KINDS),
                "state": "open", "raised_at": f"{raised}T09:00:00Z", "due": min(review, raised + timedelta(days=7)), "review_date": review,
                "seen_on": seen, "outcome": outcome, "changed_at": f"{raised + timedelta(days=chance.randint(0, 40))}T10:00:00Z",
                "moved": moved, "moved_late": min(moved, 1), "first_review": review,
            })  # fmt: skip
    return tuple(found)


@cache
def changes(seed: int) -> dict[str, tuple[date, ...]]:
    """Returns for most cases the days on which the crisis plan was changed: one at the most, since an extract keeps the last alone."""
    chance = random.Random(seed + 2000)
    some = [case for case in CASES if chance.random() < 0.8]
    return {
        case: (date(2026, 1, 1) + timedelta(days=chance.randint(0, 350)),) * chance.choice((0, 1, 1)) for case in some
    }


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("months", [MONTHS, MONTHS[6:9], MONTHS[2:3]], ids=["year", "quarter", "month"])
def test_the_action_log_of_a_window(seed: int, months: list[str]) -> None:
    rows = [row for row in actions(seed) if row["period"] in months]
    log = action_log(frame(ACTIONS, rows), TODAY)
    for kind in KINDS:
        mine, count = [row for row in rows if row["action_kind"] == kind], Counter[str]()
        for row in mine:
            waits_for = row["review_date"] if row["seen_on"] else row["due"]
            running = "open" if waits_for >= TODAY else "overdue"
            state = running if row["outcome"] is None else "done" if row["outcome"] == "done" else "dropped"
            count[state] += 1
            count["seen"] += state == "done" and row["seen_on"] is not None
            count["moved"] += row["moved"] > 0
        found = next((one for one in log.by_kind if one.kind == kind), None)
        if found is None:
            assert not mine
            continue
        assert {name: getattr(found, name) for name in ("open", "overdue", "done", "dropped", "seen", "moved")} == {
            name: count[name] for name in ("open", "overdue", "done", "dropped", "seen", "moved")
        }
        assert found.raised == len(mine)


@pytest.mark.parametrize("seed", range(5))
def test_slips_that_repeat(seed: int) -> None:
    slips: Counter[tuple[str, str]] = Counter()
    for row in actions(seed):
        waits_for = row["review_date"] if row["seen_on"] else row["due"]
        missed = row["outcome"] is None and waits_for < TODAY
        slips[row["practitioner"], row["criterion"] or row["action_kind"]] += row["moved_late"] + missed
    found = action_log(frame(ACTIONS, actions(seed)), TODAY).repeated_slips
    assert {(one.practitioner, one.what): one.times for one in found} == {k: n for k, n in slips.items() if n >= 2}


def shown(seed: int) -> RecordShown:
    """Returns an extract of 1 December with crisis plans and safeguarding concerns, and without a table of documents."""
    chance = random.Random(seed + 3000)
    plans = [
        (case, case[:8], "crisis", "2025-11-05", day, None)
        for case, days in changes(seed).items()
        for day in days or (None,)
    ]
    concerns = [
        (case, f"{case[:8]} {number}", "safeguarding_concern", date(2026, 1, 1) + timedelta(days=chance.randint(0, 330)))
        for case in CASES
        for number in range(4)
    ]  # fmt: skip
    tables = {
        "plans": pd.DataFrame(plans, columns=["case", "key", "kind", "created", "updated", "agreed"], dtype=object),
        "events": pd.DataFrame(concerns, columns=["case", "key", "kind", "day"], dtype=object),
    }
    return RecordShown(date(2026, 12, 1), None, "adult", frozenset(CASES[:20]), tables)


@pytest.mark.parametrize("seed", range(5))
def test_risk_actions_said_and_found(seed: int) -> None:
    record = shown(seed)
    found = reconcile(action_log(frame(ACTIONS, actions(seed)), TODAY), [record], load_matches())
    expected: Counter[tuple[str, str]] = Counter()
    for row in actions(seed):
        if row["action_kind"] not in KINDS[:3]:
            continue
        raised, review = date.fromisoformat(row["raised_at"][:10]), row["review_date"]
        closed = date.fromisoformat(row["changed_at"][:10])
        dropped = row["outcome"] in ("not_needed", "replaced") and closed <= review
        said = row["seen_on"] is not None and raised <= row["seen_on"] <= review
        match = _match(row, record, (raised, review))
        if dropped:
            standing = "dropped"
        elif review >= TODAY:
            standing = "to_come"
        elif match is None:
            standing = "cannot_tell"
        else:
            standing = {(1, 1): "agree", (1, 0): "only_said", (0, 1): "only_found", (0, 0): "neither"}[said, match]
        expected[row["action_kind"], standing] += 1
    assert Counter((one.action.kind, one.standing) for one in found.actions) == expected


def _match(row: Row, record: RecordShown, span: tuple[date, date]) -> bool | None:
    """Returns whether the one extract shows the change by the review date; None where it cannot tell. The day of raising counts."""
    raised, review = span
    kind, table = (
        row["action_kind"],
        {"update_crisis_plan": "plans", "safeguarding_referral": "events"}.get(row["action_kind"]),
    )
    if raised > record.taken or row["case"] not in record.cases or kind == "gp_liaison":
        return None  # GP liaison: indirect activity or letters; this extract has no table of documents
    rows = record.rows(table or "", row["case"])
    days = [one["day"] for one in rows] if table == "events" else [one["updated"] for one in rows if one["updated"]]
    if any(raised <= day <= review for day in days):
        return True
    if record.taken < review or (table == "plans" and any(day > review for day in days)):
        return None  # not reached; or changed again later, so that an earlier change would be written over
    return False


def rule(name: str) -> Row:
    """Returns the numbers of a rule, as the file has them."""
    return next(one for one in POLICY["rule"] if one["id"] == name)


def counted(signs: list[tuple[str, str, str, bool | None]], numbers: Row, month: str) -> str:
    """Returns whether a rule is met in the window up to a month. A sign: month, draw, person, seen (None: cannot tell)."""
    last = MONTHS.index(month)
    window = [one for one in signs if 0 <= last - MONTHS.index(one[0]) < numbers["months"]]
    told = [one for one in window if one[3] is not None]
    if len(told) < numbers["fewest"]:
        return "too few"
    seen = [one for one in told if one[3]]
    if numbers["counted"] == "draws":
        number = 0
        for draw in sorted({one[1] for one in told}):
            here = [one for one in told if one[1] == draw]
            yes = sum(bool(one[3]) for one in here)
            number += yes > 0 and yes >= numbers["per_draw"] * len(here)
    else:
        number = len(seen)
    enough = number >= numbers["threshold"] and len({one[2] for one in seen}) >= numbers["fewest_people"]
    return "met" if enough and (not numbers["over"] or len(seen) > numbers["over"] * len(told)) else "not met"


def standing(signs: list[tuple[str, str, str, bool | None]], numbers: Row, month: str) -> tuple[bool, str] | None:
    """Returns (whether it still stands, since which month), or None where there is no such pattern."""
    first = min(one[0] for one in signs)
    since, last_met, stands = "", "", False
    for period in MONTHS[MONTHS.index(first) : MONTHS.index(month) + 1]:
        state = counted(signs, numbers, period)
        if state == "met":
            since, last_met, stands = (since if stands else period), period, True
        elif state == "not met":
            stands = False
    if not since or (not stands and MONTHS.index(month) - MONTHS.index(last_met) >= numbers["months"]):
        return None
    return stands, since


def below(seed: int, month: str) -> dict[tuple[str, str], list[tuple[str, str, str, bool | None]]]:
    """Returns (team or "", criterion) -> first scores, each below the standard or not."""
    found: dict[tuple[str, str], list[tuple[str, str, str, bool | None]]] = {}
    for row in scores(seed):
        if row["stage"] == "first" and row["level"] is not None and row["period"] <= month:
            sign = (row["period"], row["draw_id"], row["practitioner"], row["level"] < STANDARD)
            for team in {"", row["team"]}:
                found.setdefault((team, row["ref"]), []).append(sign)
    return found


def repeated(seed: int, month: str) -> dict[tuple[str, str], list[tuple[str, str, str, bool | None]]]:
    """Returns (team or "", kind) -> actions, each raised again within the window's months with no change of the plan between, or not."""
    months, found = rule("drift")["months"], dict[tuple[str, str], list[tuple[str, str, str, bool | None]]]()
    earlier: dict[tuple[str, str], Row] = {}
    for row in sorted(actions(seed), key=lambda row: row["period"]):  # one action a case and draw
        before = earlier.get((row["case"], row["action_kind"]))
        earlier[row["case"], row["action_kind"]] = row
        if row["period"] > month:
            continue
        seen: bool | None = False
        if before and MONTHS.index(row["period"]) - MONTHS.index(before["period"]) < months:
            days = changes(seed).get(row["case"])
            between = (date.fromisoformat(before["raised_at"][:10]), date.fromisoformat(row["raised_at"][:10]))
            seen = None if days is None else not any(between[0] <= day <= between[1] for day in days)
        for team in {"", row["team"]}:
            sign = (row["period"], row["draw_id"], row["practitioner"], seen)
            found.setdefault((team, row["action_kind"]), []).append(sign)
    return found


@pytest.mark.parametrize("seed", range(5))
def test_the_patterns_of_each_month(seed: int) -> None:
    plans = pd.DataFrame(
        [(case, day) for case, days in changes(seed).items() for day in days or (None,)], columns=["case", "changed_on"], dtype=object
    )  # fmt: skip
    seen = Observed(
        frame(SCORES, scores(seed)), frame(ACTIONS, actions(seed)), {"d" * 64: STANDARD}, frozenset(), plans=plans
    )
    for month in MONTHS:
        found = {
            (one.rule.id, one.scope.team, one.scope.about): (one.state != "ended", one.since)
            for one in find_patterns(seen, load_patterns(), month).found
        }
        expected = {
            (name, *scope): state
            for name, looked in (("same_criterion", below(seed, month)), ("drift", repeated(seed, month)))
            for scope, signs in looked.items()
            if (state := standing(signs, rule(name), month)) is not None
        }
        assert found == expected


def test_the_seeds_hold_patterns_of_both_rules() -> None:
    for name, make in (("same_criterion", below), ("drift", repeated)):
        met = [
            scope
            for seed in range(5)
            for scope, signs in make(seed, "2026-12").items()
            if any(counted(signs, rule(name), month) == "met" for month in MONTHS)
        ]
        assert len(met) > 3
