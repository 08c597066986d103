"""What blocks a signature, as a table: a rating on the left, the sentence that the rater reads on the right."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sampling.rubric import Criterion, Rubric
from sampling.scoring.rules.gaps import reminders
from sampling.scoring.rules.reviewing import CriterionState, ReviewState, missing, numbered
from sampling.scoring.settings.policy import ScoringPolicy, load_scoring_policy

title = "What must be there before a review is signed"

CRITERION = Criterion("signs_and_routes", "Signs and routes", "Does it say?", True, ("none", "list", "who", "when"), ())
RUBRIC = Rubric(
    "crisis_plan", "1.0", "Crisis plan", "", "", ("adult",), (), 2, (), (CRITERION,), (), "published", "0" * 64, ""
)
CRITERIA = numbered([RUBRIC])

# level, code, pointer, comment, copies      -> the sentence after "Criterion 1, Signs and routes: ", or ok
TABLE = """
-  -               no   no   kept             -> not scored yet.
-  -               yes  yes  kept             -> not scored yet.
0  -               no   no   kept             -> a level of 0 or 1 needs a comment.
0  -               no   yes  kept             -> ok
1  -               yes  no   kept             -> a level of 0 or 1 needs a comment.
1  -               no   yes  kept             -> ok
2  -               no   yes  kept             -> a level of 2 or 3 needs an evidence pointer.
2  -               yes  no   kept             -> ok
3  -               no   no   kept             -> a level of 2 or 3 needs an evidence pointer.
3  -               yes  no   kept             -> ok
-  not_applicable  no   no   kept             -> ok
-  not_accessible  no   no   kept             -> ok
0  -               no   no   references_only  -> ok
2  -               no   no   references_only  -> a level of 2 or 3 needs an evidence pointer.
"""


def policy_of(copies: str) -> ScoringPolicy:
    return replace(load_scoring_policy(), copies=copies)  # type: ignore[arg-type]


def state_of(one: CriterionState, **more: object) -> ReviewState:
    nothing = {"practitioner": None, "manager": None, "state": "none", "words": ""}
    usual = {"parked": None, "referred": None, "paste": {"reference": "x"}, "signatures": (), "conflicts": ()}
    about = {"actions": (), "raised": (), "deviations": nothing, **usual, **more}
    return ReviewState(criteria={CRITERIA[0].ref: one}, begun=True, revisions={}, **about)  # type: ignore[arg-type]


@pytest.mark.parametrize("row", [line for line in TABLE.splitlines() if line.strip()])
def test_a_rating_and_what_it_lacks(row: str) -> None:
    given, expected = (part.strip() for part in row.split("->"))
    level, code, pointer, comment, copies = given.split()
    one = CriterionState(
        level=None if level == "-" else int(level),
        code=None if code == "-" else code,
        comment="As it stands." if comment == "yes" else " ",
        evidence=[{"pointer": "p"}] if pointer == "yes" else [],
    )
    found = missing(state_of(one), CRITERIA, policy_of(copies))
    words = [] if expected == "ok" else [f"Criterion 1, Signs and routes: {expected}"]
    assert [row["sentence"] for row in found] == words
    assert all(row["ref"] == "crisis_plan/signs_and_routes" for row in found)


def test_a_parked_case_a_conflict_and_a_missing_paste_block() -> None:
    done = CriterionState(level=2, evidence=[{"pointer": "p"}])
    conflict = {"subject": "comment:crisis_plan/signs_and_routes"}
    state = state_of(done, parked={"parked": True}, conflicts=(conflict,), paste=None)
    assert [row["sentence"] for row in missing(state, CRITERIA, policy_of("references_only"))] == [
        "Criterion 1, Signs and routes: two values were written. Say which one stands.",
        "The case is parked. Take it up again before you sign.",
        "Put the text into the case system, and say here when, and where it is to be found.",
    ]
    assert missing(state_of(done, parked={"parked": False}, paste=None), CRITERIA, policy_of("kept")) == []


def test_level_0_on_a_critical_criterion_reminds_and_never_blocks() -> None:
    low = CriterionState(level=0, comment="Nothing found.")
    state = state_of(low)
    policy = policy_of("kept")
    assert missing(state, CRITERIA, policy) == []
    assert [row["sentence"] for row in reminders(state, CRITERIA, policy)] == [
        "Criterion 1, Signs and routes: level 0 on a critical criterion. Does anyone need to act today?",
        "Criterion 1, Signs and routes: a gap without an action.",
    ]
    answered = state_of(
        replace(low, safety={"answer": "nobody"}),
        actions=({"criterion": CRITERIA[0].ref, "state": "open", "action_kind": "other"},),
    )
    assert reminders(answered, CRITERIA, policy) == []


def test_a_deviation_of_which_one_entry_is_missing_is_reminded_of() -> None:
    one = {
        "practitioner": None,
        "manager": {"text": "x"},
        "state": "one_missing",
        "words": "One entry is missing: the practitioner's.",
    }
    state = state_of(CriterionState(code="not_applicable"), deviations=one)
    assert [row["sentence"] for row in reminders(state, CRITERIA, policy_of("kept"))] == [
        "Deviation from guidelines: One entry is missing: the practitioner's."
    ]
