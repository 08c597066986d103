"""What is true of supervision in the invented years, and what coverage finds of it: one team is late without a reason, and no other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from sampling.assurance.action_log import action_log
from sampling.assurance.action_matching import load_matches
from sampling.assurance.action_record import STANDINGS, reconcile
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
from sampling.batch.years_meetings import ESCALATION
from sampling.batch.years_supervision import ANSWERED, ANSWERED_RULE, EXEMPTED, NEWLY_QUALIFIED, SEEN
from sampling.journal.events import PatternSeen
from sampling.journal.responses import response_log
from sampling.keys import HOME_VARIABLE, SECRET_VARIABLE, Keyring
from sampling.model import Period
from sampling.scoring.rules.sessions import drawn_and_tabled
from sampling.scoring.rules.standing import day_in_england
from sampling.tickets import digest

SECRET = "00" * 32
NOW, TODAY = datetime(2026, 11, 22, 9, tzinfo=UTC), date(2026, 11, 22)
PROFILE = "bournemouth"
QUARTER = ("2026-07", "2026-08", "2026-09")
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
    assert late in counts and len(counts) == 3  # managers are in their teams, and supervised like everyone
    for team, count in counts.items():
        if team == late:
            assert count["neither"] > 2 * (count["in time"] + count["explained"])
        else:
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


def test_agreements_stand_with_both_signatures_but_in_the_late_team(years: Years, gathered: GatheredAssurance) -> None:
    late = years.truth["supervision"]["late_team"]
    result = coverage(gathered.facts, profile_named(PROFILE), window_of("2026-10"), TODAY)
    of_late = {digest(key) for key, team in gathered.facts.teams.items() if team == late}
    gone = {digest(one.key) for one in gathered.facts.persons if one.left is not None}
    words = {one.person: one.agreement for one in result.pairs if one.person not in gone}
    assert len(words) > 10 and of_late & set(words)
    for person, said in words.items():
        assert said == "Agreement: signed by one only." if person in of_late else "was signed by both" in said


def test_leaders_saw_patterns_answered_some_and_the_others_wait(gathered: GatheredAssurance) -> None:
    found = find_patterns(gathered.observed, load_patterns(), "2026-10").found
    missed = {one.scope.team: one.id for one in found if one.rule.id == ANSWERED_RULE and one.state != "ended"}
    assert "" in missed and len(missed) > 1
    answers = {one.pattern for one in response_log(gathered.entries, TODAY)}
    assert {team for team, name in missed.items() if name in answers} == {""}
    seen = {one.payload.pattern for one in gathered.entries if isinstance(one.payload, PatternSeen)}
    assert answers < seen and (len(answers), len(seen)) == (len(ANSWERED), len(SEEN))


def of_quarter(told: Mapping[str, Mapping[str, int]]) -> Counter[str]:
    """Returns the counts of the truth of the quarter's months, added up."""
    return sum((Counter(told.get(month, {})) for month in QUARTER), Counter())


def test_coverage_counts_what_was_said_in_the_sessions(years: Years, gathered: GatheredAssurance) -> None:
    told = years.truth["supervision"]["sessions"]
    result = coverage(gathered.facts, profile_named(PROFILE), window_of("2026-Q3"), TODAY)
    balance, agenda = result.balance, of_quarter(told["agenda"])
    assert {kind: n for kind, n in balance.kinds.items() if n} == of_quarter(told["kinds"])
    assert balance.kinds["group"] and balance.kinds["reflective"]
    assert balance.formal == agenda.pop("sessions") > 30 and balance.agenda == agenda
    functions = of_quarter(told["functions"])
    assert balance.described == functions.pop("said") and balance.functions == functions
    held = [one for one in gathered.facts.sessions if window_of("2026-Q3").has(one.held_on)]
    discussed = of_quarter(told["discussed"])
    assert drawn_and_tabled(held) == (discussed["drawn"], discussed["tabled"]) and discussed["tabled"] > 0
    before, after = told["agenda"]["2026-07"], told["agenda"]["2026-09"]
    assert before[ESCALATION] / before["sessions"] < 0.7 < after[ESCALATION] / after["sessions"]


def test_records_are_written_in_time_but_for_the_late_team(years: Years, gathered: GatheredAssurance) -> None:
    late = years.truth["supervision"]["late_team"]
    days: dict[bool, list[int]] = {True: [], False: []}
    for one in gathered.facts.sessions:
        written = (day_in_england(one.closed_at) - one.held_on).days
        days[gathered.facts.teams[one.supervisees[0]] == late].append(written)
    assert max(days[False]) <= 6 and sum(n <= 4 for n in days[False]) > 0.9 * len(days[False])
    assert max(days[True]) > 7


def test_whether_risk_actions_reached_the_record_is_told_as_it_is_known(
    years: Years, gathered: GatheredAssurance
) -> None:
    truth = years.truth["supervision"]["record"]
    log = action_log(gathered.actions[gathered.actions["period"].isin(QUARTER)], TODAY)
    found = reconcile(log, gathered.records or (), load_matches())
    for one in found.by_kind:
        known: Counter[str] = sum((Counter(truth[month].get(one.kind, {})) for month in QUARTER), Counter())
        assert {name: getattr(one, name) for name in STANDINGS} == {name: known[name] for name in STANDINGS}, one.kind
    every = found.all
    assert every.told > 0.8 * every.raised and every.agree > every.only_said > 0 and every.only_found > 0


def test_everybody_has_one_supervisor_from_the_first_day_to_the_last(gathered: GatheredAssurance) -> None:
    for person in gathered.facts.persons:
        assert len(person.pairs) <= 1 and (person.pairs or person.left is not None)
        assert not person.pairs or person.pairs[0].first <= max(FIRST, person.started + timedelta(days=7))
    assert not any("seat as supervisor" in said for said in gathered.untold)


def test_what_the_service_brings_is_read_without_a_fault(years: Years) -> None:
    brought = load_brought(brought_folder(years.home))
    assert len(brought.files) == 7


def test_the_journal_is_whole(years: Years, gathered: GatheredAssurance) -> None:
    kinds = Counter(entry.kind for entry in gathered.entries)
    assert {name: kinds[name] for name in years.truth["supervision"]["noted"]} == years.truth["supervision"]["noted"]
    assert Path(years.home / SOURCE).is_dir()
