"""An evidence report made after assurance reports left: their tables of actions and its own are attacked together, by subtraction."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from sampling.assurance import action_release
from sampling.assurance.action_log import action_log
from sampling.assurance.action_matching import load_matches
from sampling.assurance.action_record import reconcile
from sampling.assurance.action_times import time_to_close
from sampling.reporting.beside import ACTIONS, ASSURANCE, action_tables, joined, kept_actions
from sampling.reporting.gathering import Gathered
from sampling.reporting.kept import FOLDER, keep, load_kept
from sampling.suppression import Suppressed, Table, load_profile
from tests.evidence_months import gathered
from tests.evidence_packs import found, page, published
from tests.suppression_attacker import given_away

_TODAY = date(2026, 11, 1)
_HALF_YEAR = ("2024-11:2025-01", "2025-02:2025-04")


def months(seed: int = 8) -> Gathered:
    """Returns two years of one criterion, with actions of two kinds, some of them open: little beside the actions is left to attack."""
    held = gathered(people=6, seed=seed)
    ours = held.actions.copy()
    ours.loc[ours.index % 3 == 0, "action_kind"] = "update_crisis_plan"
    ref = "escalation_rationale/decision_and_reason"
    return replace(held, actions=ours, scores=held.scores[held.scores["ref"] == ref])


def assured(home: Path, held: Gathered, span: str, profile: str, *, left: bool = True) -> Suppressed:
    """Keeps the actions of an assurance report on a span, the first that told of them, and returns what was shown."""
    first, last = span.split(":")
    log = action_log(held.actions[held.actions["period"].between(first, last)], _TODAY)
    record = reconcile(log, [], load_matches())
    shown = action_release.release(
        log, record, time_to_close(log.actions, _TODAY), load_profile(profile), span=span
    ).release
    assert shown is not None
    name = span.replace(":", "_")
    mine = action_release.span_actions(log, record, (first, last), span)
    keep(home / FOLDER / ACTIONS, name, mine.about, shown)
    if left:
        (home / FOLDER / ASSURANCE).mkdir(exist_ok=True)
        (home / FOLDER / ASSURANCE / f"{name}.json").write_text("{}")
    return shown


def evidence(home: Path, held: Gathered, period: str, profile: str) -> Suppressed:
    """Returns what the evidence packs of a month show, kept as a batch does."""
    published(home, held, period, profile)
    (kept,) = [one for name, (_, one) in load_kept(home / FOLDER).items() if name.startswith(period)]
    return kept


def attack(home: Path, held: Gathered, period: str, shown: list[Suppressed], profile: str) -> list[object]:
    """Returns what an attacker finds who knows which counts are parts of which; `shown` ends with the evidence report."""
    *spans, last = shown
    told = [one for one, _ in kept_actions(home) or []]
    sums = joined(action_tables(last), (held.periods[0], period), told)
    knowing = replace(last, relations=(*last.relations, *(one for one in sums or [] if one not in last.relations)))
    return list(given_away([*((one, tables(one)) for one in spans), (knowing, tables(last))], profile))


def tables(release: Suppressed) -> list[Table]:
    """Returns the true tables of a release."""
    return [table.source.table for table in release.tables]


@pytest.mark.parametrize(("profile", "at_stake"), [("dfe", True), ("mhsds", False)])  # exact numbers give the most away
def test_evidence_after_assurance_gives_no_small_number_away(tmp_path: Path, profile: str, at_stake: bool) -> None:
    held = months()
    home, unaware = tmp_path / "home", tmp_path / "unaware"
    spans = [assured(home, held, span, profile) for span in _HALF_YEAR]
    for span in _HALF_YEAR:
        assured(unaware, held, span, profile, left=False)  # as if none had left
    shown = evidence(home, held, "2025-04", profile)
    assert action_tables(shown), "the actions are still told"
    assert attack(home, held, "2025-04", [*spans, shown], profile) == []
    blind = evidence(unaware, held, "2025-04", profile)
    assert bool(attack(home, held, "2025-04", [*spans, blind], profile)) is at_stake


def test_where_no_hiding_helps_the_actions_are_not_told_and_the_rest_is(tmp_path: Path) -> None:
    held = months(seed=11)
    for span in _HALF_YEAR:
        assured(tmp_path, held, span, "dfe")
    shown = evidence(tmp_path, held, "2025-04", "dfe")
    assert not shown.refusal and not action_tables(shown) and len(shown.tables) > 4
    assert "No number of actions is told." in page(found(tmp_path, held, "2025-04", suppression="dfe"))


def test_a_span_that_ends_after_the_half_year_keeps_its_actions_back(tmp_path: Path) -> None:
    held = months()
    assured(tmp_path, held, "2025-03:2025-05", "dfe")
    assert action_tables(evidence(tmp_path, held, "2025-04", "dfe")) == {}


def test_a_span_around_the_half_year_is_protected_against(tmp_path: Path) -> None:
    held = months()
    whole = assured(tmp_path, held, "2024-11:2025-10", "dfe")
    shown = evidence(tmp_path, held, "2025-04", "dfe")
    assert attack(tmp_path, held, "2025-04", [whole, shown], "dfe") == []


def test_where_the_counts_of_a_release_are_lost_no_action_is_told(tmp_path: Path) -> None:
    held = months()
    assured(tmp_path, held, _HALF_YEAR[0], "dfe")
    (path,) = (tmp_path / FOLDER / ACTIONS).glob("*.json")
    path.unlink()
    assert action_tables(evidence(tmp_path, held, "2025-04", "dfe")) == {}
