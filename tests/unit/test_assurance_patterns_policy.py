"""The policy of patterns: what ships, what a service may say in its place, and every fault in words."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from sampling.assurance.patterns_policy import FILE, load_patterns
from sampling.errors import PolicyError
from sampling.policy import shared_folder

SHIPPED = (shared_folder("policies") / FILE).read_text(encoding="utf-8")
MISSED = SHIPPED[SHIPPED.index('[[rule]]\nid = "missed_escalation"') : SHIPPED.index('[[rule]]\nid = "threshold_dis')]


def faults(path: Path, text: str) -> list[str]:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError) as caught:
        load_patterns(path)
    return [finding.message for finding in caught.value.findings] or [caught.value.message]


def test_each_rule_that_ships_has_its_source_its_row_and_what_it_does_not_show() -> None:
    policy = load_patterns()
    assert [rule.id for rule in policy.rules] == [
        "same_criterion", "missed_escalation", "threshold_disagreement", "drift", "out_of_hours",
    ]  # fmt: skip
    assert {rule.row for rule in policy.rules} == {"A10", "A10, A22", "B3", "A17, A20"}
    assert all(rule.source and rule.shows_not.endswith(".") and rule.fewest_people >= 2 for rule in policy.rules)
    assert policy.rule("threshold_disagreement").over == Decimal("0.2")  # exact: a fifth is not more than a fifth
    assert (policy.respond_within_days, policy.within_hours) == (28, 24)


def test_a_file_of_ones_own_replaces_a_rule_whole_and_leaves_the_rest(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text("respond_within_days = 14\n" + MISSED.replace("threshold = 2", "threshold = 4"), encoding="utf-8")
    policy, shipped = load_patterns(own), load_patterns()
    assert (policy.respond_within_days, policy.rule("missed_escalation").threshold) == (14, 4)
    assert policy.rule("drift") == shipped.rule("drift")
    assert [rule.id for rule in policy.rules] == [rule.id for rule in shipped.rules]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("threshold = 2", "threshold = 0", "threshold of the rule missed_escalation must be a whole number from 1 to 1000"),
        ("threshold = 2", "threshold = true", "threshold of the rule missed_escalation must be a whole number from 1 to 1000"),
        ("fewest_people = 2", "fewest_people = 1", "fewest_people of the rule missed_escalation must be a whole number from 2 to 100"),
        ("over = 0.0", "over = 1.5", "over of the rule missed_escalation must be a share from 0.0 to 1.0"),
        ("over = 0.0", "over = nan", "over of the rule missed_escalation must be a share from 0.0 to 1.0"),
        ('"draws"', '"weeks"', "counted of the rule missed_escalation must be one of: draws, cases"),
        ('row = "A10"', 'row = " "', "row of the rule missed_escalation must be a text that is not empty"),
        ("months = 3\n", "", "the rule missed_escalation must have id, title, threshold, counted, per_draw, over, months, fewest, fewest_people, source, row, shows_not, and nothing else"),
        ('id = "missed_escalation"', 'id = "lateness"', "each rule needs an id, one of: same_criterion, missed_escalation, threshold_disagreement, drift, out_of_hours"),
    ],
)  # fmt: skip
def test_a_fault_of_a_rule_is_told(tmp_path: Path, old: str, new: str, fault: str) -> None:
    assert old in MISSED
    assert faults(tmp_path / "own.toml", MISSED.replace(old, new)) == [fault]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("surprise = 1", 'unknown key "surprise"; known are escalation, pathway, respond_within_days, rule, version'),
        ("version = 2", "version must be 1"),
        ("rule = 3", "rules are written as [[rule]]"),
        (MISSED + MISSED, "the rule missed_escalation is there twice"),
        ("respond_within_days = 0", "respond_within_days must be a whole number from 1 to 366"),
        ("[escalation]\nrubric = 3", "escalation must have rubric, a text, and nothing else"),
        ("[pathway]\nkinds = []", "pathway must have kinds and within_hours, and nothing else"),
        ("[pathway]\nkinds = 'x'\nwithin_hours = 1", "kinds of the pathway must be a list of kinds of events"),
        (
            "[pathway]\nkinds = []\nwithin_hours = -1",
            "within_hours of the pathway must be a whole number from 0 to 336",
        ),
    ],
)
def test_a_fault_of_the_file_is_told(tmp_path: Path, text: str, fault: str) -> None:
    assert faults(tmp_path / "own.toml", text) == [fault]


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"The policy of patterns none.toml cannot be read"):
        load_patterns(tmp_path / "none.toml")
    assert faults(tmp_path / "own.toml", "version =")[0].startswith("The policy of patterns own.toml is not valid TOML")
