"""The action log as it leaves the service: small numbers hidden, no row of one practitioner, no key."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sampling.assurance.action_log import ActionLog, LoggedAction
from sampling.assurance.action_matching import load_matches
from sampling.assurance.action_record import NO_CASE, reconcile
from sampling.assurance.action_release import (
    KINDS_TABLE,
    NOTHING,
    ONE_PRACTITIONER,
    OTHER_TEAMS,
    RECORD_TABLE,
    TEAMS_TABLE,
    Released,
    release,
    span_actions,
)
from sampling.assurance.action_times import time_to_close
from sampling.suppression import load_profile

D = date.fromisoformat
TODAY = D("2026-12-20")
BASE = LoggedAction(
    draw_id="d" * 64, period="2026-10", team="North", practitioner="a" * 64, case="0b7e44aa" * 8, kind="update_crisis_plan",
    criterion="a/b", state="done", raised=D("2026-11-02"), due=D("2026-11-09"), review_date=D("2026-11-09"),
    seen_on=D("2026-11-06"), outcome="done", closed_on=D("2026-11-08"), moved=0,
)  # fmt: skip


def actions(number: int, team: str, people: int, **changed: object) -> list[LoggedAction]:
    """Returns so many actions of a team, dealt out to so many practitioners."""
    return [
        replace(BASE, team=team, practitioner=f"{team}{place % people}".ljust(64, "f"), **changed)  # type: ignore[arg-type]
        for place in range(number)
    ]


def released(*found: list[LoggedAction], profile: str = "mhsds") -> Released:
    """Returns what may leave of these actions."""
    log = ActionLog(TODAY, tuple(one for group in found for one in group))
    time = time_to_close(log.actions, TODAY)
    return release(log, reconcile(log, [], load_matches()), time, load_profile(profile))


def test_inside_the_numbers_are_those_of_the_log() -> None:
    open_ones = actions(3, "South", 2, state="overdue", outcome="", closed_on=None, kind="training")
    shown = released(actions(4, "North", 2), open_ones, profile="none")
    assert shown.tables[KINDS_TABLE].to_dict("index") == {
        "Crisis plan update": {"Raised": "4", "Open": "0", "Overdue": "0", "Done": "4", "Dropped": "0"},
        "Safeguarding referral": dict.fromkeys(("Raised", "Open", "Overdue", "Done", "Dropped"), "0"),
        "GP liaison": dict.fromkeys(("Raised", "Open", "Overdue", "Done", "Dropped"), "0"),
        "All risk actions": {"Raised": "4", "Open": "0", "Overdue": "0", "Done": "4", "Dropped": "0"},
        "Other actions": {"Raised": "3", "Open": "0", "Overdue": "3", "Done": "0", "Dropped": "0"},
        "Service": {"Raised": "7", "Open": "0", "Overdue": "3", "Done": "4", "Dropped": "0"},
    }
    assert list(shown.tables[TEAMS_TABLE].index) == ["North", "South", "Service"]
    risk = shown.tables[RECORD_TABLE].loc["All risk actions"]
    assert (risk["Raised"], risk["Can be told"], risk["Cannot be told, to come, or dropped"]) == ("4", "0", "4")
    assert shown.time == "Half of the actions were done within 6 days, those still open taken into account."


def test_outside_a_small_number_cannot_be_had_by_subtraction() -> None:
    south = actions(3, "South", 2, state="dropped", outcome="not_needed")
    teams = released(actions(40, "North", 4), south).tables[TEAMS_TABLE]
    assert list(teams["Raised"]) == ["40", "*", "45"]  # rounded: 38 to 42 and 43 to 47 leave South anything from 0 to 4
    shown = released(actions(40, "North", 4), south, profile="dfe")
    assert list(shown.tables[TEAMS_TABLE]["Raised"]).count("c") >= 2  # exact: one of the others is hidden, too
    assert any("hidden" in sentence for sentence in shown.sentences)
    assert set(shown.under) == {KINDS_TABLE, TEAMS_TABLE, RECORD_TABLE}


def test_a_team_of_one_practitioner_stands_with_others() -> None:
    shown = released(actions(20, "North", 4), actions(12, "East", 1), actions(30, "West", 3), profile="none")
    teams = shown.tables[TEAMS_TABLE]
    assert list(teams.index) == ["West", "Other teams", "Service"]  # North, the smaller of the two, goes in with East
    assert list(teams["Raised"]) == ["30", "32", "62"]
    both = released(actions(20, "North", 4), actions(12, "East", 1), actions(9, "South", 1), profile="none")
    assert list(both.tables[TEAMS_TABLE].index) == ["North", "Other teams", "Service"]


def test_a_team_called_as_the_total_keeps_its_own_row() -> None:
    shown = released(actions(4, "Service", 2), actions(6, "North", 2), profile="none")
    assert list(shown.tables[TEAMS_TABLE]["Raised"].items()) == [
        ("North", "6"),
        ("Service (team)", "4"),
        ("Service", "10"),
    ]


def test_one_practitioners_actions_and_none_at_all_are_refused_in_words() -> None:
    assert released(actions(30, "North", 1)) == Released({}, (), "", ONE_PRACTITIONER)
    assert released() == Released({}, (), "", NOTHING)


def test_the_time_is_withheld_where_few_actions_stand_behind_it() -> None:
    shown = released(actions(3, "North", 2), actions(30, "South", 3, state="open", outcome="", closed_on=None))
    assert shown.time == (
        "How long half of the actions take is withheld: the profile mhsds hides numbers as small as those behind it."
    )


def test_the_time_is_said_to_be_unknown_where_too_few_are_done() -> None:
    many = released(
        actions(6, "North", 2), actions(30, "South", 3, state="open", outcome="", closed_on=None), profile="none"
    )
    assert many.time == (
        "How long half of the actions take cannot be said: too few were done in the days over which they can be followed."
    )


def test_no_key_leaves() -> None:
    shown = released(actions(40, "North", 4), actions(12, "East", 1))
    text = " ".join(
        [
            *(table.to_csv() for table in shown.tables.values()),
            *shown.sentences,
            *sum(shown.under.values(), ()),
            shown.time,
        ]
    )
    assert not any(one in text for one in (BASE.case[:8], BASE.draw_id[:8], "North0f", "East", "fff"))


def test_what_one_table_hides_another_does_not_show() -> None:
    shown = released(actions(40, "North", 4), actions(3, "North", 2, kind="training"), profile="dfe")
    kinds, record, teams = (shown.tables[name].to_dict("index") for name in (KINDS_TABLE, RECORD_TABLE, TEAMS_TABLE))
    assert kinds["Other actions"]["Raised"] == "c"
    assert "c" in {kinds["All risk actions"]["Raised"], kinds["Service"]["Raised"]}
    assert kinds["All risk actions"]["Raised"] == record["All risk actions"]["Raised"]
    assert kinds["Service"] == teams["Service"]


def test_an_action_of_a_group_is_nobodys_and_makes_no_second_person() -> None:
    group = actions(3, "", 1, case="", criterion="", draw_id="")
    nobody = [replace(one, practitioner="") for one in group]
    assert released(actions(9, "North", 1), nobody).refusal == ONE_PRACTITIONER
    shown = released(actions(9, "North", 2), actions(9, "South", 1), nobody, profile="none")
    assert list(shown.tables[TEAMS_TABLE].index) == [OTHER_TEAMS, "Service"]


def test_an_action_of_a_session_belongs_to_no_case_and_no_extract_can_tell_of_it() -> None:
    log = ActionLog(TODAY, tuple(actions(2, "North", 2, case="", draw_id="")))
    assert {one.reason for one in reconcile(log, [], load_matches()).actions} == {NO_CASE}
    assert log.repeated_slips == ()
    late = actions(2, "", 1, state="overdue", outcome="", closed_on=None)
    assert len(ActionLog(TODAY, tuple(late)).repeated_slips) == 1
    assert ActionLog(TODAY, tuple(replace(one, practitioner="") for one in late)).repeated_slips == ()


def test_a_span_of_one_practitioners_actions_or_of_nobodys_is_joined_without_a_fault() -> None:
    """It is refused, and what evidence reports must know of it is asked for all the same."""
    mine = actions(9, "North", 1)
    for found in (mine, [replace(one, practitioner="", team="") for one in mine]):
        log = ActionLog(TODAY, tuple(found))
        span = span_actions(log, reconcile(log, [], load_matches()), ("2026-10", "2026-10"), "2026-10")
        assert span.value(span.cell(("service", "All actions"), "Raised")) == 9
