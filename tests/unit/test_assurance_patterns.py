"""Patterns for governance: each rule against tables worked out by hand, its edges, and that no person is in any result."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import Any

import pandas as pd
import pytest

from sampling.assurance.patterns import Pattern, Patterns, Scope, find_patterns, pattern_id
from sampling.assurance.patterns_policy import load_patterns
from sampling.assurance.patterns_published import STAY, publish_patterns
from sampling.assurance.patterns_signs import Observed, observed
from sampling.assurance.patterns_words import looked_sentence, pattern_sentences
from sampling.errors import UsageError
from sampling.journal.frames import frame
from sampling.reporting.gathering import ACTIONS, SCORES
from sampling.suppression import load_profile
from tests.evidence_months import gathered

POLICY = load_patterns()
RUBRIC, CRITERION, DIGEST = "escalation_rationale", "decision_and_reason", "d" * 64
REF = f"{RUBRIC}/{CRITERION}"
TITLES = {REF: "Decision and reason"}
PEOPLE = ("person-one-" + "1" * 40, "person-two-" + "2" * 40, "person-three-" + "3" * 40)
SERVICE, NORTH = Scope("", REF), Scope("North", REF)


def score(period: str, case: int, level: int, **more: Any) -> dict[str, Any]:
    """A first score of one case; people take turns."""
    return {
        "draw_id": f"draw-{period}", "period": period, "case": f"{period}/{case}", "practitioner": PEOPLE[case % 2], "team": "North",
        "stage": "first", "rubric": RUBRIC, "criterion": CRITERION, "ref": REF, "level": level, "own_level": level,
        "rubric_digest": DIGEST, "rater": PEOPLE[case % 3], **more,
    }  # fmt: skip


def seen(scores: Sequence[Mapping[str, Any]], actions: Sequence[Mapping[str, Any]] = (), **more: Any) -> Observed:
    """What was observed, with the standard at level 2 and one critical criterion."""
    return Observed(
        frame(SCORES, scores), frame(ACTIONS, actions), {DIGEST: 2}, frozenset({(DIGEST, CRITERION)}), **more
    )


def drawn(months: Mapping[str, str], **more: Any) -> Observed:
    """First scores from a word of levels a month: {"2026-01": "0122"}."""
    return seen([score(m, i, int(c), **more) for m, levels in months.items() for i, c in enumerate(levels)])


def of_rule(found: Patterns, rule: str, scope: Scope) -> Pattern | None:
    return next((one for one in found.found if (one.rule.id, one.scope) == (rule, scope)), None)


def at(found: Observed, rule: str, month: str, scope: Scope = SERVICE) -> Pattern | None:
    return of_rule(find_patterns(found, POLICY, month), rule, scope)


BAD, HALF, GOOD = "1111", "0122", "1222"  # below the standard of 2: four, two and one of four
JAN_TO_JUN = [f"2026-0{n}" for n in range(1, 7)]


def months(*levels: str) -> dict[str, str]:
    """Levels from January 2026 on, "" for a month without a draw."""
    return {f"2026-{n:02d}": word for n, word in enumerate(levels, 1) if word}


# Levels by month, the month asked for -> state, since, number (draws with at least half below), seen, of; None for no pattern.
# The rule: 3 draws with at least half below, in 6 months, 10 cases or more.
SAME_CRITERION = {
    "exactly three draws, exactly half": (
        months(HALF, GOOD, HALF, GOOD, HALF, GOOD), "2026-06", ("easing", "2026-05", 3, 9, 24)),
    "two draws are too few": (months(HALF, GOOD, HALF, GOOD, GOOD, GOOD), "2026-06", None),
    "one draw, however bad": (months("0" * 40), "2026-01", None),
    "constant below, 10 cases from May on": (months("11", "11", "11", "11", "11", "11"), "2026-06", ("standing", "2026-05", 6, 12, 12)),
    "the same, in May": (months("11", "11", "11", "11", "11", "11"), "2026-05", ("new", "2026-05", 5, 10, 10)),
    "the same, in April": (months("11", "11", "11", "11", "11", "11"), "2026-04", None),
    "constant at the standard": (months("2222", "2222", "2222", "2222"), "2026-04", None),
    "a month without a draw counts for nothing": (months(BAD, BAD, "", BAD), "2026-04", ("new", "2026-04", 3, 12, 12)),
    "nine cases are too few to say": (months("111", "111", "111"), "2026-03", None),
    "still there while three of six": (months(BAD, BAD, BAD, GOOD, GOOD, GOOD), "2026-06", ("easing", "2026-03", 3, 15, 24)),
    "ended": (months(BAD, BAD, BAD, GOOD, GOOD, GOOD, GOOD), "2026-07", ("ended", "2026-03", 2, 12, 24)),
    "ended and still told": (months(BAD, BAD, BAD, *[GOOD] * 8), "2026-11", ("ended", "2026-03", 0, 6, 24)),
    "ended long ago": (months(BAD, BAD, BAD, *[GOOD] * 9), "2026-12", None),
    "back again": (
        months(BAD, BAD, BAD, *[GOOD] * 4, BAD, BAD, BAD), "2026-10", ("new", "2026-10", 3, 15, 24)),
    "nothing drawn since is no ending": (months(BAD, BAD, BAD), "2026-08", ("standing", "2026-03", 1, 4, 4)),
}  # fmt: skip


@pytest.mark.parametrize("name", SAME_CRITERION)
def test_the_same_criterion_below_the_standard(name: str) -> None:
    levels, month, expected = SAME_CRITERION[name]
    for scope in (SERVICE, NORTH):
        found = at(drawn(levels), "same_criterion", month, scope)
        told = found and (found.state, found.since, found.evidence.number, found.evidence.seen, found.evidence.of)
        assert told == expected


def test_the_evidence_names_its_draws_its_empty_months_and_what_it_does_not_show() -> None:
    found = at(drawn(months(BAD, BAD, "", BAD)), "same_criterion", "2026-04")
    assert found is not None
    assert [(one.draw, one.seen, one.of, one.counts) for one in found.evidence.draws] == [
        ("draw-2026-01", 4, 4, True), ("draw-2026-02", 4, 4, True), ("draw-2026-04", 4, 4, True),
    ]  # fmt: skip
    assert found.evidence.empty == ("2025-11", "2025-12", "2026-03")
    assert pattern_sentences(found, TITLES) == (
        "New in 2026-04. In the service, “Decision and reason” was below the standard in 3 of 3 draws: 12 of 12 scored cases (100%), "
        "2025-11 to 2026-04.",
        "The rule (A10) asks for 3 draws within 6 months, a draw counting from 50% of its cases on; here it is 3.",
        "Without a draw in these months: 2025-11, 2025-12, 2026-03.",
        POLICY.rule("same_criterion").shows_not,
    )


def test_what_is_too_thin_to_end_says_so() -> None:
    found = at(drawn(months(BAD, BAD, BAD)), "same_criterion", "2026-08")
    assert found is not None and found.unsure
    assert (
        "There are too few cases in this window to say whether it still stands; it is not taken as ended."
        in pattern_sentences(found, TITLES)
    )


def test_one_persons_cases_are_no_pattern_and_two_persons_are() -> None:
    levels = months("1111", "1111", "1111")
    assert at(drawn(levels, practitioner=PEOPLE[0]), "same_criterion", "2026-03") is None
    assert at(drawn(levels), "same_criterion", "2026-03") is not None


def test_what_is_seen_of_one_person_alone_is_no_pattern_though_others_were_looked_at() -> None:
    assert at(drawn(months("1212", "1212", "1212")), "same_criterion", "2026-03") is None  # all below are of the first


def test_a_team_that_is_not_known_counts_for_the_service_alone() -> None:
    found = find_patterns(drawn(months(BAD, BAD, BAD), team=""), POLICY, "2026-03")
    assert {one.scope for one in found.found} == {SERVICE}


def test_what_is_later_than_the_month_is_not_looked_at() -> None:
    early, late = drawn(months(BAD, BAD, BAD)), drawn(months(BAD, BAD, BAD, GOOD, BAD))
    assert find_patterns(early, POLICY, "2026-03") == find_patterns(late, POLICY, "2026-03")


# Levels of the critical criterion -> the rule asks for 2 draws with a 0 in 3 months, 6 cases or more.
MISSED = {
    "two draws": (months("0222", "2022"), "2026-02", ("new", 2, 2, 8)),
    "one draw with two cases": (months("0022", "2222"), "2026-02", None),
    "too far apart": (months("0222", "2222", "2222", "2022"), "2026-04", None),
    "five cases": (months("022", "20"), "2026-02", None),
    "level 1 is not missed": (months("1111", "1111"), "2026-02", None),
}


@pytest.mark.parametrize("name", MISSED)
def test_repeated_missed_escalation(name: str) -> None:
    levels, month, expected = MISSED[name]
    found = at(drawn(levels), "missed_escalation", month, Scope("", RUBRIC))
    assert (found and (found.state, found.evidence.number, found.evidence.seen, found.evidence.of)) == expected


def test_a_case_with_two_missed_criteria_counts_once_and_a_criterion_that_is_not_critical_not() -> None:
    more = [
        {**score("2026-01", 0, 0), "criterion": "trigger_recognised", "ref": f"{RUBRIC}/trigger_recognised"},
        {**score("2026-01", 1, 0), "criterion": "options_weighed", "ref": f"{RUBRIC}/options_weighed"},
    ]
    rows = [score(m, i, int(c)) for m, word in months("0222", "2022").items() for i, c in enumerate(word)]
    found = replace(seen(rows + more), critical=frozenset({(DIGEST, CRITERION), (DIGEST, "trigger_recognised")}))
    told = at(found, "missed_escalation", "2026-02", Scope("", RUBRIC))
    assert told is not None and (told.evidence.seen, told.evidence.of) == (2, 8)


def twice(pairs: Sequence[str], **more: Any) -> Observed:
    """Cases scored by two people in one month: "12" is 1 and 2."""
    rows = []
    for i, pair in enumerate(pairs):
        own = {"rater": PEOPLE[i % 3], **more}
        other = {"rater": PEOPLE[(i + 1) % 3], **more}
        rows.append(score("2026-01", i, 2, own_level=int(pair[0]), **own))
        rows.append(score("2026-01", i, 2, own_level=int(pair[1]), **{**other, "stage": "second"}))
    return seen(rows)


# The rule: 3 or more, and more than a fifth, apart across the standard of 2; 10 or more.
APART = {
    "three of fourteen is more than a fifth": (["12"] * 3 + ["22"] * 11, (3, 14)),
    "three of fifteen is exactly a fifth": (["12"] * 3 + ["22"] * 12, None),
    "two of ten": (["12"] * 2 + ["22"] * 8, None),
    "apart on one side of the line": (["23"] * 5 + ["01"] * 5 + ["22"] * 4, None),
    "either way round": (["12", "30", "21"] + ["33"] * 7, (3, 10)),
    "nine are too few": (["12"] * 9, None),
}


@pytest.mark.parametrize("name", APART)
def test_two_raters_apart_across_the_line(name: str) -> None:
    pairs, expected = APART[name]
    found = at(twice(pairs), "threshold_disagreement", "2026-01")
    assert (found and (found.evidence.seen, found.evidence.of)) == expected


def test_two_raters_alone_are_no_pattern() -> None:
    rows = [
        score("2026-01", i, 2, own_level=level, stage=stage, rater=rater)
        for i in range(10)
        for stage, level, rater in (("first", 1, PEOPLE[0]), ("second", 2, PEOPLE[1]))
    ]
    assert at(seen(rows), "threshold_disagreement", "2026-01") is None


def test_nobody_scored_twice_cannot_be_told() -> None:
    found = find_patterns(drawn(months(GOOD)), POLICY, "2026-01")
    said = {one.rule.id: looked_sentence(one) for one in found.looked}
    assert said["threshold_disagreement"] == (
        "Two raters apart on whether the standard is met: cannot tell. No case has been scored by two people yet."
    )
    assert said["drift"].endswith("cannot tell. The extract does not tell when a plan was changed.")
    assert said["out_of_hours"].endswith("cannot tell. The extract does not tell of contacts out of hours.")
    assert said["same_criterion"] == (
        "The same criterion below the standard, draw after draw: looked at in 2 places, "
        "of which 2 had fewer than 10 cases, so that nothing is said of them."
    )


def raised(period: str, case: str, person: int = 0, kind: str = "update_crisis_plan") -> dict[str, Any]:
    at = pd.Timestamp(f"{period}-15", tz="UTC")
    return {
        "draw_id": f"draw-{period}", "period": period, "case": case, "practitioner": PEOPLE[person], "team": "North",
        "action_kind": kind, "raised_at": at,
    }  # fmt: skip


def plans(changes: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    rows = [(case, day or None) for case, days in changes.items() for day in (days or [""])]
    return pd.DataFrame({"case": [r[0] for r in rows], "changed_on": pd.to_datetime([r[1] for r in rows])})


# Two cases, a and b, have the action in January and in May; c and d once. What the plans say -> seen, of, unknown.
DRIFT = {
    "unchanged since long ago": ({"a": ["2025-06-01"], "b": []}, (2, 6, 0)),
    "changed after the second": ({"a": ["2026-05-16"], "b": []}, (2, 6, 0)),
    "changed between": ({"a": ["2026-03-01"], "b": []}, None),
    "changed on the day of the first": ({"a": ["2026-01-15"], "b": []}, None),
    "changed on the day of the second": ({"a": ["2026-05-15"], "b": []}, None),
    "nothing known of one plan": ({"b": []}, None),
}


@pytest.mark.parametrize("name", DRIFT)
def test_the_same_action_again_while_the_plan_is_unchanged(name: str) -> None:
    changes, expected = DRIFT[name]
    rows = [raised(month, case, n) for month in ("2026-01", "2026-05") for n, case in enumerate("ab")]
    rows += [raised("2026-02", "c"), raised("2026-02", "d", 1)]
    found = at(seen([], rows, plans=plans(changes)), "drift", "2026-05", Scope("", "update_crisis_plan"))
    assert (found and (found.evidence.seen, found.evidence.of, found.evidence.unknown)) == expected


def test_a_repeat_whose_plan_is_not_known_is_counted_apart() -> None:
    rows = [raised(month, case, n % 2) for month in ("2026-01", "2026-05") for n, case in enumerate("abe")]
    found = at(seen([], rows, plans=plans({"a": [], "b": []})), "drift", "2026-05", Scope("", "update_crisis_plan"))
    assert found is None  # five known, six are asked for
    rows += [raised("2026-02", "c")]
    found = at(seen([], rows, plans=plans({"a": [], "b": []})), "drift", "2026-05", Scope("", "update_crisis_plan"))
    assert found is not None and (found.evidence.seen, found.evidence.of, found.evidence.unknown) == (2, 6, 1)
    assert "Of 1 more the record cannot tell." in pattern_sentences(found, TITLES)


def test_the_same_action_twice_in_one_draw_is_raised_once_and_another_kind_is_another() -> None:
    rows = [raised("2026-01", case, n % 2) for n, case in enumerate("abcdef") for _ in range(2)]
    rows += [raised("2026-05", case, n % 2, "training") for n, case in enumerate("abcdef")]
    found = seen([], rows, plans=plans({case: [] for case in "abcdef"}))
    assert [one for one in find_patterns(found, POLICY, "2026-05").found if one.rule.id == "drift"] == []


def contact(
    day: str, inside: bool | None, *, at: str | None = "23:10", case: str = "a", person: int = 0
) -> dict[str, Any]:
    return {
        "case": case,
        "practitioner": PEOPLE[person],
        "team": "North",
        "on": date.fromisoformat(day),
        "at": at,
        "in_pathway": inside,
    }


def late(outside: int, inside: int, **more: Any) -> Observed:
    rows = [contact("2026-01-10", n >= outside, case=f"c{n}", person=n % 2) for n in range(outside + inside)]
    return seen([], more.pop("actions", ()), contacts=pd.DataFrame(rows), **more)


@pytest.mark.parametrize(
    ("outside", "inside", "expected"),
    [(5, 14, (5, 19)), (5, 15, None), (4, 8, None), (5, 5, (5, 10)), (5, 4, None), (10, 0, (10, 10)), (0, 12, None)],
)
def test_contacts_outside_the_pathway(outside: int, inside: int, expected: tuple[int, int] | None) -> None:
    found = at(late(outside, inside), "out_of_hours", "2026-01", Scope("North", ""))
    assert (found and (found.evidence.seen, found.evidence.of)) == expected


@pytest.mark.parametrize(
    ("recorded", "kind", "day", "time", "expected"),
    [
        (True, "", "", "", False),
        (False, "", "", "", True),
        (None, "", "", "", True),
        (False, "crisis_contact", "2026-01-11", "23:10", False),  # exactly 24 hours after
        (False, "crisis_contact", "2026-01-11", "23:11", True),
        (False, "duty_consultation", "2026-01-09", "23:10", False),  # exactly 24 hours before
        (False, "duty_consultation", "2026-01-11", None, False),  # no time: by days
        (False, "duty_consultation", "2026-01-12", None, True),
        (False, "contact_attended", "2026-01-10", "23:10", True),  # no escalation
    ],
)
def test_which_contacts_are_inside(
    recorded: bool | None, kind: str, day: str, time: str | None, expected: bool
) -> None:
    near = [{"case": "a", "kind": kind, "on": date.fromisoformat(day), "at": time}] if kind else []
    escalations = pd.DataFrame(near, columns=["case", "kind", "on", "at"])
    rows = [contact("2026-01-10", recorded)] + [contact("2026-01-20", False, case=f"c{n}", person=1) for n in range(12)]
    found = at(seen([], contacts=pd.DataFrame(rows), escalations=escalations), "out_of_hours", "2026-01", Scope("", ""))
    # the first contact is the only one of its person: where it is inside, one person's contacts are left, and no pattern
    assert (found is not None) == expected


def test_a_contact_of_which_nothing_is_known_is_counted_apart() -> None:
    rows = [contact("2026-01-10", False, case=f"c{n}", person=n % 2) for n in range(10)] + [contact("2026-01-10", None)]
    found = at(seen([], contacts=pd.DataFrame(rows)), "out_of_hours", "2026-01", Scope("", ""))
    assert found is not None and (found.evidence.of, found.evidence.unknown) == (10, 1)


@pytest.mark.parametrize(("month", "words"), [("2026-01", "recorded"), ("2025-10", "not recorded")])
def test_a_caseload_adjustment_is_told(month: str, words: str) -> None:
    found = at(
        late(6, 6, actions=[raised(month, "a", kind="caseload_adjustment")]),
        "out_of_hours",
        "2026-01",
        Scope("North", ""),
    )
    assert found is not None
    assert f"A temporary caseload adjustment was {words} in the window." in pattern_sentences(found, TITLES)


def everything() -> Observed:
    rows = [score(m, i, int(c)) for m, word in months(BAD, "0022", "0022", HALF).items() for i, c in enumerate(word)]
    rows += [{**row, "stage": "second", "own_level": 2, "rater": PEOPLE[n % 3]} for n, row in enumerate(rows)]
    actions = [raised(month, case, n) for month in ("2026-01", "2026-04") for n, case in enumerate("ab")]
    actions += [raised("2026-02", "c"), raised("2026-02", "d", 1)]
    contacts = [contact("2026-03-10", n > 7, case=f"c{n}", person=n % 2) for n in range(12)]
    return seen(rows, actions, plans=plans({"a": [], "b": []}), contacts=pd.DataFrame(contacts))


def test_the_order_of_rows_changes_nothing() -> None:
    given = everything()
    expected = find_patterns(given, POLICY, "2026-04")
    assert {one.rule.id for one in expected.found} == {rule.id for rule in POLICY.rules}
    for seed in range(5):
        places = random.Random(seed)
        tables = {
            name: table.iloc[places.sample(range(len(table)), len(table))]
            for name, table in vars(given).items()
            if isinstance(table, pd.DataFrame)
        }
        assert find_patterns(replace(given, **tables), POLICY, "2026-04") == expected


def test_no_person_and_no_case_is_in_any_result() -> None:
    found = find_patterns(everything(), POLICY, "2026-04")
    text = repr(asdict(found)) + repr([pattern_sentences(one, TITLES) for one in found.found])
    text += repr(publish_patterns(found, load_profile("mhsds"), TITLES))
    assert not any(person in text for person in PEOPLE)
    assert not any(f"2026-0{m}/{n}" in text for m in range(1, 5) for n in range(4))


def test_an_id_is_of_rule_and_scope_alone_and_the_same_every_month() -> None:
    april, may = (find_patterns(everything(), POLICY, month) for month in ("2026-04", "2026-05"))
    ids = {(one.rule.id, one.scope): one.id for one in april.found}
    assert len(set(ids.values())) == len(ids)
    assert all(ids[one.rule.id, one.scope] == one.id for one in may.found if (one.rule.id, one.scope) in ids)
    assert pattern_id("drift", Scope("North", "training")) == pattern_id("drift", Scope("North", "training"))
    assert pattern_id("drift", Scope("North", "training")) != pattern_id("drift", Scope("", "training"))


def test_what_is_no_month_is_refused() -> None:
    with pytest.raises(UsageError, match="The period must be a month like 2026-10"):
        find_patterns(drawn({}), POLICY, "2026-13")


def test_nothing_at_all_is_told_in_words() -> None:
    found = find_patterns(drawn({}), POLICY, "2026-01")
    assert found.found == () and all(one.cannot for one in found.looked)


def test_small_numbers_do_not_leave() -> None:
    found = find_patterns(drawn(months("1111", "1111", "1111", "1222")), POLICY, "2026-04")
    inside = publish_patterns(found, load_profile("none"), TITLES)
    assert len(inside.ids) == len(found.found) == 2
    outside = publish_patterns(found, load_profile("mhsds"), TITLES)  # what is left, 3 of 16, is small
    assert outside.ids == ()
    assert outside.sentences[-1] == (
        "Patterns that rest on small numbers are not told here; they stand in the service's own report."
    )


def test_what_rests_on_large_numbers_leaves_without_them_and_easing_is_not_told() -> None:
    levels = months("1" * 16 + "2" * 7, "1" * 16 + "2" * 7, "1" * 16 + "2" * 7, "2" * 23)
    found = find_patterns(drawn(levels), POLICY, "2026-04")
    assert {one.state for one in found.found} == {"easing"}
    told = publish_patterns(found, load_profile("mhsds"), TITLES)
    assert told.ids == tuple(one.id for one in found.found)  # 48 of 92
    assert told.sentences[0] == STAY
    assert told.sentences[-2] == (
        "The same criterion below the standard, draw after draw (“Decision and reason”), the service: Standing since 2026-03; "
        "looked at from 2025-11 to 2026-04. " + POLICY.rule("same_criterion").shows_not
    )


def two_teams(month_of: Sequence[str]) -> Observed:
    """Two teams: North below in 16 of 23, South in 12 of 23 cases of each month."""
    rows = []
    for period in month_of:
        for team, below in (("North", 16), ("South", 12)):
            for case in range(23):
                rows.append(
                    {**score(period, case, 1 if case < below else 2, team=team), "case": f"{team}/{period}/{case}"}
                )
    return seen(rows)


def test_a_service_and_its_teams_leave_without_a_count_month_after_month() -> None:
    """48, 84, 36 and 64, 112, 48 cases: one month's are 16, 28 and 12, which nobody released."""
    found = [find_patterns(two_teams(JAN_TO_JUN[:n]), POLICY, JAN_TO_JUN[n - 1]) for n in (3, 4)]
    assert [one.scope.team for one in found[0].found] == ["", "North", "South"]
    for one in found:
        told = publish_patterns(one, load_profile("dfe"), TITLES)
        assert len(told.ids) == 3
        assert not any(re.search(r"\d", re.sub(r"\d{4}-\d\d", "", words)) for words in told.sentences)


def test_gathered_months_are_read_as_they_come() -> None:
    """Counted again from the frame by another way: one month, one criterion, one team."""
    given = gathered(first="2026-01", count=4, people=6).of_team("EIP")
    found = find_patterns(observed(given, plans=plans({})), POLICY, "2026-04")
    assert next(one for one in found.looked if one.rule.id == "out_of_hours").cannot
    below = next(one for one in found.found if one.rule.id == "same_criterion" and one.scope.team == "EIP")
    scores = given.scores.query("stage == 'first' and team == 'EIP' and period == '2026-02'")
    levels = scores[scores["ref"] == below.scope.about]["level"].dropna()
    draw = next(one for one in below.evidence.draws if one.period == "2026-02")
    assert (draw.draw, draw.seen, draw.of) == ("2026-02/adult", int((levels < 2).sum()), len(levels))
    text = repr(asdict(found))
    assert not any(
        key in text for key in {*given.scores["practitioner"], *given.scores["case"], *given.scores["rater"]}
    )
