"""Everything that a home released, run after run, attacked together: by months, quarters and half-years, reports of both kinds, and files brought anew."""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sampling.assurance.coverage_counts import window_of
from sampling.assurance.effect import effectiveness, released
from sampling.assurance.effect.brought import Brought, Kpi
from sampling.journal.frames import frame
from sampling.reporting.gathering import ACTIONS, CASES, DESIGN, DRAWS, SCORES, Gathered
from sampling.reporting.tables import Table
from sampling.suppression import load_profile

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.evidence_months import gathered  # noqa: E402
from tests.home_attacker import REF, Home, actions_broken, pattern_words, scores_broken  # noqa: E402
from tests.suppression_attacker import CONVENTIONS, Key, Puzzle, shown_span  # noqa: E402

# Scores and actions: a year of one service, whose reports of both kinds take turns

RUNS = ("2024-11:2025-01", "2025-02:2025-04", "evidence 2025-04", "2025-05")


def test_no_small_number_follows_from_all_that_a_home_released(tmp_path: Path) -> None:
    """Exact numbers give the most away. With the counts of patterns, which do not leave, the same attacker finds some."""
    held = gathered(people=6, seed=7, count=7)
    home = Home(tmp_path, replace(held, scores=held.scores[held.scores["ref"] == REF]), "dfe")
    words: list[str] = []
    counts: list[str] = []
    for run in RUNS:
        if run.startswith("evidence"):
            home.evidence(run.removeprefix("evidence "))
            continue
        found = home.assurance(run)
        words += pattern_words(found)
        counts += [
            f"draw after draw (a), the {f'team {one.scope.team}' if one.scope.team else 'service'}: ; {one.evidence.seen} of "
            f"{one.evidence.of} cases, {one.evidence.first} to {one.evidence.last}"
            for one in found.patterns.found
            if one.rule.id == "same_criterion"
        ]
    assert any("draw after draw" in one for one in words), "patterns are still told"
    assert scores_broken(home, words) == []
    assert scores_broken(home, counts) != []
    assert actions_broken(home) == []


# Indicators: files that change from run to run

MONTHS = [f"2026-{month:02}" for month in range(1, 13)]
WINDOWS = (*MONTHS, "2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4")
NAMES = ("Plans", " plans", "PLANS (monthly)", "Plan", "Plans, Q3")
EMPTY = {"scores": SCORES, "design": DESIGN, "cases": CASES, "actions": ACTIONS, "draws": DRAWS}
WHOLE = 40  # of every month: a commissioner knows it


def months_in(period: str) -> list[str]:
    window = window_of(period)
    return [month for month in MONTHS if window.has(window_of(month).first)]


def file_of(parts: Mapping[str, int], periods: Sequence[str], name: str) -> Brought:
    """Returns a file with one indicator by these periods, as its months add up."""
    rows = []
    for period in periods:
        months = months_in(period)
        part = sum(parts[month] for month in months)
        rows.append(Kpi(name, period, part, WHOLE * len(months), None, "", None, "higher", "Contract", False))
    return Brought(kpis=tuple(rows))


def left_of(parts: Mapping[str, int], chance: random.Random, profile: str) -> dict[str, Table]:
    """Returns all that left in a year: reports by months and quarters that do not overlap, each with a file by months, quarters or the year."""
    left: dict[str, Table] = {}
    reported: set[str] = set()
    windows = chance.choice((MONTHS, WINDOWS))
    for window in chance.sample(windows, len(windows)):
        if reported & set(months_in(window)):
            continue
        reported |= set(months_in(window))
        periods = chance.choice((MONTHS, MONTHS, WINDOWS[12:], ["2026"]))
        files = file_of(parts, periods, chance.choice(NAMES))
        left |= run(files, window, list(left), profile)
    return left


def run(files: Brought, window: str, left: Sequence[str], profile: str) -> Mapping[str, Table]:
    """Returns what leaves with a report on a window, beside what left."""
    tables = {name: frame(columns, []) for name, columns in EMPTY.items()}
    nothing = Gathered(**tables, rubrics=(), journal_head=(0, ""))
    found = effectiveness(files, nothing, window_of(window), date(2027, 1, 10), left=left)
    return released(found, load_profile(profile)).tables


def broken(parts: Mapping[str, int], left: Mapping[str, Table], profile: str) -> list[tuple[Key, tuple[float, float]]]:
    """Returns each small number, of a month or of what was shown, that everything that left narrows too far."""
    first, last, _, safe = CONVENTIONS[profile]
    puzzle = Puzzle()
    for month in MONTHS:
        for side, value in (("part", parts[month]), ("rest", WHOLE - parts[month])):
            puzzle.narrow((side, month, ""), 0, WHOLE)
            if first <= value <= last:
                puzzle.secret[side, month, ""] = value
        puzzle.rows.append(({("part", month, ""): 1.0, ("rest", month, ""): 1.0}, WHOLE, WHOLE))
    for caption, table in left.items():
        months = months_in(caption.rpartition(", ")[2])
        (_, _, *texts, share), whole = table.rows[0], WHOLE * len(months)
        for side, text in zip(("part", "rest"), texts, strict=True):
            key = (side, caption, "shown")
            value = sum(parts[month] for month in months)
            value = value if side == "part" else whole - value
            puzzle.narrow(
                key, *((max(0, low), min(whole, high)) for low, high in [shown_span(text, profile)]).__next__()
            )
            puzzle.rows.append(({key: 1.0} | {(side, month, ""): -1.0 for month in months}, 0, 0))
            if first <= value <= last:
                puzzle.secret[key] = value
        if share.isdigit():
            puzzle.narrow(
                ("part", caption, "shown"), (int(share) - 0.5) * whole / 100, (int(share) + 0.5) * whole / 100
            )
    span, found = puzzle.solver(), []
    for key, value in puzzle.secret.items():
        least, most = span(key)
        assert least - 1e-6 <= value <= most + 1e-6, f"the attacker is wrong about {key}"
        if math.floor(most + 1e-6) - math.ceil(least - 1e-6) + 1 < safe:
            found.append((key, (least, most)))
    return found


@pytest.mark.parametrize("profile", ["mhsds", "hes", "dfe"])
@settings(deadline=None, max_examples=6, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10_000))
def test_no_small_number_follows_from_files_that_change(profile: str, seed: int) -> None:
    chance = random.Random(seed)
    parts = {month: chance.choice((chance.randint(0, 6), chance.randint(0, WHOLE))) for month in MONTHS}
    assert broken(parts, left_of(parts, chance, profile), profile) == []


def test_without_memory_of_what_left_the_attacker_finds_some() -> None:
    """September never left: the quarter less July and August, which did, is September."""
    parts = {month: 2 if month == "2026-09" else 20 for month in MONTHS}
    left: dict[bool, dict[str, Table]] = {True: {}, False: {}}
    for window, periods in (("2026-07", MONTHS), ("2026-08", MONTHS), ("2026-09", ["2026-Q3"])):
        for remembers, shown in left.items():
            shown |= run(file_of(parts, periods, "Plans"), window, list(shown) if remembers else [], "dfe")
    assert broken(parts, left[False], "dfe") == [(("part", "2026-09", ""), (2.0, 2.0))]
    assert broken(parts, left[True], "dfe") == []
