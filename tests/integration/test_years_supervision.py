"""What is true of supervision in the invented years, and what coverage finds of it: one team is late without a reason, and no other."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from sampling.assurance.coverage import all_dues, coverage
from sampling.assurance.coverage_counts import window_of
from sampling.assurance.coverage_facts import Facts
from sampling.assurance.effect import load_brought
from sampling.assurance.effect.columns import brought_folder
from sampling.assurance.gathering.assurance import GatheredAssurance, gather_assurance
from sampling.assurance.patterns import find_patterns
from sampling.assurance.patterns_policy import load_patterns
from sampling.assurance.reading import profile_named
from sampling.batch.years import SOURCE, Years, YearsOrder, play_years
from sampling.batch.years_supervision import ANSWERED_RULE, EXEMPTED, NEWLY_QUALIFIED
from sampling.journal.responses import response_log
from sampling.keys import HOME_VARIABLE, SECRET_VARIABLE, Keyring
from sampling.model import Period

SECRET = "00" * 32
NOW, TODAY = datetime(2026, 11, 22, 9, tzinfo=UTC), date(2026, 11, 22)
PROFILE = "bournemouth"
FIRST, LAST = date(2026, 6, 1), date(2026, 10, 31)


@pytest.fixture(scope="module")
def years(tmp_path_factory: pytest.TempPathFactory) -> Years:
    private, home = tmp_path_factory.mktemp("private"), tmp_path_factory.mktemp("years") / "home"
    patch = pytest.MonkeyPatch()
    patch.setenv(HOME_VARIABLE, str(private))
    patch.setenv(SECRET_VARIABLE, SECRET)
    order = YearsOrder(home, 20261031, Period("2026-10"), months=6, changed_in=4)
    return play_years(order, Keyring(bytes.fromhex(SECRET)), now=NOW)


@pytest.fixture(scope="module")
def gathered(years: Years) -> GatheredAssurance:
    return gather_assurance(
        years.home, "", str(years.home / SOURCE), today=TODAY, profile=profile_named(PROFILE)
    )  # fmt: skip


def found(facts: Facts) -> dict[str, Counter[str]]:
    """Returns team -> how many formal one-to-ones were in time, explained, or neither."""
    counts: dict[str, Counter[str]] = {}
    for due in all_dues(facts, profile_named(PROFILE), TODAY):
        if due.rule == "everyone" and FIRST <= due.due <= LAST:
            state = "in time" if due.state == "in time" else "explained" if due.reason else "neither"
            counts.setdefault(facts.teams.get(due.subject, ""), Counter())[state] += 1
    return counts


def test_coverage_finds_the_planted_team_and_no_other(years: Years, gathered: GatheredAssurance) -> None:
    late = years.truth["supervision"]["late_team"]
    counts = found(gathered.facts)
    assert {"", late} < set(counts) and len(counts) == 4  # "": supervisors with a seat of whom no extract tells
    for team, count in counts.items():
        if team == late:
            assert count["neither"] > 2 * (count["in time"] + count["explained"])
        elif team:
            assert count["in time"] > 5 * count["neither"]


def test_what_people_noted_is_counted_as_it_was_noted(years: Years, gathered: GatheredAssurance) -> None:
    noted = years.truth["supervision"]["noted"]
    facts = gathered.facts
    assert sum(one.newly_qualified for one in facts.persons) == noted["newly_qualified_noted"] == NEWLY_QUALIFIED
    assert sum(len(one.appraisals or ()) for one in facts.persons) == noted["appraisal_held"]
    agreements = [one for person in facts.persons for one in person.agreements]
    assert len(agreements) == noted["agreement_drafted"]
    assert 0 < sum(not one.by_both for one in agreements) == 2 * noted["agreement_drafted"] - noted["agreement_signed"]
    result = coverage(facts, profile_named(PROFILE), window_of("2026-Q3"), TODAY)
    assert [one.registered for one in result.exemptions] == [True] * EXEMPTED


def test_agreements_stand_with_both_signatures_but_in_the_late_team(gathered: GatheredAssurance) -> None:
    result = coverage(gathered.facts, profile_named(PROFILE), window_of("2026-10"), TODAY)
    words = Counter(one.agreement for one in result.pairs)
    assert words["Agreement: signed by one only."] == 2
    assert sum("was signed by both" in said for said in words.elements()) == 4


def test_repeated_missed_escalation_stands_and_leaders_answered_it_in_the_service_alone(
    gathered: GatheredAssurance,
) -> None:
    found = find_patterns(gathered.observed, load_patterns(), "2026-10").found
    missed = {one.scope.team: one.id for one in found if one.rule.id == ANSWERED_RULE and one.state != "ended"}
    assert "" in missed and len(missed) > 1
    answers = {one.pattern for one in response_log(gathered.entries, TODAY)}
    assert {team for team, name in missed.items() if name in answers} == {""}


def test_what_the_service_brings_is_read_without_a_fault(years: Years) -> None:
    brought = load_brought(brought_folder(years.home))
    assert len(brought.files) == 7


def test_the_journal_is_whole(years: Years, gathered: GatheredAssurance) -> None:
    kinds = Counter(entry.kind for entry in gathered.entries)
    assert {name: kinds[name] for name in years.truth["supervision"]["noted"]} == years.truth["supervision"]["noted"]
    assert Path(years.home / SOURCE).is_dir()
