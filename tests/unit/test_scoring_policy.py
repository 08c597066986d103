"""The constants of scoring: the shipped file, a service's own over it, and every fault at once."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from sampling.errors import PolicyError
from sampling.scoring.settings.policy import load_scoring_policy


def own(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "scoring.toml"
    path.write_text(text, encoding="utf-8")
    return path


def faults(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(PolicyError) as caught:
        load_scoring_policy(own(tmp_path, text))
    assert all(finding.file == "scoring.toml" for finding in caught.value.findings)
    return [finding.message for finding in caught.value.findings]


def test_the_shipped_policy_is_the_designs() -> None:
    policy = load_scoring_policy()
    assert (policy.evidence_from_level, policy.comment_to_level, policy.gap_to_level) == (2, 1, 1)
    assert (policy.review_after_days, policy.safety_due_days, policy.first_days) == (7, 0, 31)
    assert policy.second_share == Fraction(15, 100), (
        "read as a decimal: a binary fraction would round up one case too many"
    )
    assert policy.gap_actions["escalation_rationale"] == ("rewrite_escalation_note", "update_crisis_plan")
    assert policy.text_kept and policy.outbox
    assert policy.reasons("not_applicable") is policy.not_applicable
    assert policy.reasons("not_accessible") is policy.not_accessible


def test_what_a_service_leaves_out_is_taken_from_the_shipped_file(tmp_path: Path) -> None:
    policy = load_scoring_policy(own(tmp_path, 'copies = "references_only"\n[second_rating]\nshare = 0.2\n'))
    assert (policy.copies, policy.text_kept) == ("references_only", False)
    assert (policy.second_share, policy.first_days) == (Fraction(1, 5), 31)
    assert policy.review_after_days == 7


def test_a_list_of_reasons_is_replaced_whole_so_that_one_can_be_left_out(tmp_path: Path) -> None:
    policy = load_scoring_policy(own(tmp_path, '[not_applicable]\nno_contact = "Nobody saw the person"\n'))
    assert policy.not_applicable == {"no_contact": "Nobody saw the person"}
    assert set(policy.not_accessible) == {"restricted", "held_elsewhere", "missing"}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("colour = 1", 'unknown key "colour"'),
        ('copies = "some"', 'copies must be "kept" or "references_only"'),
        ('outbox = "no"', "outbox must be true or false"),
        ("evidence_from_level = 5", "evidence_from_level must be a whole number from 0 to 4"),
        ("comment_to_level = true", "comment_to_level must be a whole number from -1 to 3"),
        ("review_after_days = 1.5", "review_after_days must be a whole number from 0 to 365"),
        ("[second_rating]\nsees_case_id = 1", "second_rating.sees_case_id must be true or false"),
        (
            "[second_rating]\nseeded_one_in = 3",
            "second_rating.seeded_one_in must be 0 for none, or a whole number from 5 to 1000",
        ),
        ("second_rating = 3", "second_rating must be a table with share, first_days, sees_case_id, seeded_one_in"),
        ("[second_rating]\nshare = 1.5", "second_rating.share must be a number from 0 to 1"),
        ("[second_rating]\nfirst_days = -1", "second_rating.first_days must be a whole number from 0 to 366"),
        ("[second_rating]\npart = 1", 'second_rating has an unknown key "part"'),
        ('[gap_actions]\n"A b" = ["other"]', 'gap_actions: "A b" is neither a rubric nor rubric/criterion'),
        ('[gap_actions]\nr = ["scold"]', "gap_actions.r must list actions out of: rewrite_escalation_note"),
        ("[gap_actions]\nr = []", "gap_actions.r must list actions out of"),
        ('[not_applicable]\n"No Way" = "x"', 'not_applicable: "No Way" is no code'),
        ('[not_accessible]\nmissing = " "', "not_accessible.missing must be a text of 1 to 200 characters"),
        (
            "[not_applicable]\n" + "\n".join(f'r{n} = "x"' for n in range(10)),
            "each needs a number key of its own, so 9",
        ),
        ('[purposes]\naudit = "Audit"', 'purposes must name "supervision"'),
    ],
)
def test_each_value_is_checked(tmp_path: Path, text: str, fault: str) -> None:
    assert any(fault in found for found in faults(tmp_path, text)), faults(tmp_path, text)


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    text = 'colour = 1\ncopies = "some"\ngap_to_level = 9\n[second_rating]\nshare = 2\nfirst_days = "x"\n'
    found = faults(tmp_path, text)
    assert len(found) == 5
    with pytest.raises(PolicyError, match=r"The scoring policy scoring.toml has 5 faults\."):
        load_scoring_policy(own(tmp_path, text))


def test_a_file_that_cannot_be_read_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="gone.toml cannot be read. Check its path"):
        load_scoring_policy(tmp_path / "gone.toml")
    with pytest.raises(PolicyError, match="scoring.toml is not valid TOML"):
        load_scoring_policy(own(tmp_path, "copies = "))
