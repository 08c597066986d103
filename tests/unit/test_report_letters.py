"""For training teams have letters: those of one team are never the name of another, and cases of no team stay of none."""

from __future__ import annotations

from dataclasses import replace

from sampling.reporting.account import Account
from sampling.reporting.gathering import Gathered
from sampling.reporting.opening import lettered, unnamed
from tests.evidence_months import TEAMS, gathered


def renamed(*names: str) -> Gathered:
    found, to = gathered(count=2), dict(zip(TEAMS, names, strict=True))
    tables = ("scores", "design", "cases", "actions")
    return replace(found, **{name: getattr(found, name).replace({"team": to}) for name in tables})


def test_letters_are_not_the_name_of_another_team() -> None:
    before = renamed("Alpha", "TEAM a", "Team B")
    found, names = lettered(before)
    assert sorted(names) == ["Alpha", "TEAM a", "Team B"] and not set(names) & set(names.values())
    assert found.teams == ("Team under letter A", "Team under letter B", "Team under letter C")
    for team, letters in names.items():
        assert len(found.of_team(letters).cases) == len(before.of_team(team).cases)


def test_cases_of_no_team_have_no_letters_and_the_whole_service_stays_whole() -> None:
    found, names = lettered(renamed("", "EIP", "OPMH"))
    assert names == {"EIP": "Team A", "OPMH": "Team B"} and found.teams == ("", "Team A", "Team B")
    assert names.get("", "") == ""


def test_what_people_wrote_names_no_team() -> None:
    written = Account.model_validate({
        "title": "CMHT North (2) and cmht north", "limits": "Northern EIP, EIPs", "target": 0.8,
        "change": [{"from": "2025-11", "what": "Coaching in EIP", "reason": "EIP asked"}],
    })  # fmt: skip
    found = unnamed(written, {"CMHT North": "Team A", "CMHT North (2)": "Team B", "EIP": "Team C"})
    assert (found.title, found.limits, found.target) == ("Team B and Team A", "Northern Team C, EIPs", 0.8)
    assert (found.changes[0].what, found.changes[0].reason) == ("Coaching in Team C", "Team C asked")
    assert unnamed(written, {}) is written
