"""A report's results and words from frames whose truth is known: improvement, none, worse, and what may not be compared."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from functools import cache

import pandas as pd
import pytest

from sampling.errors import StateError, UsageError
from sampling.reporting import agreeing, sections
from sampling.reporting.account import Account
from sampling.reporting.analysis import Analysis, Order, analyse
from sampling.reporting.opening import lettered
from sampling.reporting.publishing import check_purpose
from sampling.reporting.tracking import Plan, track_shares
from sampling.reporting.verdict import verdict
from sampling.reporting.windows import windows
from tests.evidence_months import TEAMS, gathered
from tests.evidence_months import months as months_from

SEED = 8  # of 60 seeds without an effect four show one, as 95 per cent intervals do; this is none of them
TODAY = date(2026, 11, 1)
COACHED = Account.model_validate(
    {"change": [{"from": "2025-11", "what": "Coaching on rationale", "criteria": ["escalation_rationale"]}]}
)


@cache
def analysed(effect: float = 0.8, team: str = "", level: str = "L2") -> Analysis:
    return analyse(gathered(effect=effect, level=level, seed=SEED), COACHED, Order("2026-10", TODAY, team))


def page(found: Analysis) -> str:
    parts = (sections.summary, sections.why, sections.methods, sections.over_time, sections.by_criterion, sections.repair, sections.between, sections.agreement,
             sections.actions, sections.discussion, sections.reproduce)  # fmt: skip
    return "".join(part(found).html for part in parts)


def test_an_effect_is_found_and_its_size_lies_near_the_truth() -> None:
    said = verdict(analysed(0.8))
    assert said.kind == "improved" and said.answer.startswith(
        "Practice improved: the rationale of escalation decisions is clearer than before (+0."
    )
    change = analysed(0.8).rationale_change
    assert (
        change.interval is not None and change.interval.low < 0.75 < change.interval.high
    )  # 0.8, less what the top of the scale cuts off


def test_a_service_without_a_change_shows_none() -> None:
    said = verdict(analysed(0.0))
    assert said.kind == "not_shown" and said.answer.startswith(
        "No improvement is shown: the change in the rationale of escalation decisions is one that chance"
    )


def test_bad_news_is_printed_the_same_way() -> None:
    said = verdict(analysed(-0.8))
    assert said.kind == "worse" and said.answer.startswith(
        "Practice got worse: the rationale of escalation decisions is less clear than before (-0."
    )


@pytest.mark.parametrize(
    ("effect", "lead"),
    [(0.8, "Practice improved"), (0.0, "No improvement is shown"), (-0.8, "Practice got worse")],
)
def test_that_draws_were_training_stands_in_the_first_sentence(effect: float, lead: str) -> None:
    said = verdict(analysed(effect, "", "L0"))
    assert said.training and said.answer.startswith(f"{lead} in these training draws (level L0, not evidence): the ")
    assert 'class="verdict note"' in sections.summary(analysed(effect, "", "L0")).html
    assert not verdict(analysed(effect)).training and 'class="verdict note"' not in sections.summary(analysed(0.8)).html


def test_the_answer_names_its_one_criterion_and_how_the_others_changed() -> None:
    first = verdict(analysed(0.8)).how_sure[0]
    assert re.fullmatch(
        r"The answer is about one criterion, “Decision and reason”, one of 6 of the rubric Escalation rationale\. Of the 18 criteria of all rubrics "
        r"(\d+) rose by more than chance alone would give, (\d+) fell so, and (\d+) did neither; of twenty that did not change, one is expected to look "
        r"as if it had\.",
        first,
    ), first


def test_what_the_cases_that_were_not_scored_could_make_of_it_is_said_however_few_they_are() -> None:
    found = analysed(0.8)
    assert not any("Whatever" in one for one in verdict(found).how_sure)
    few = replace(found, rationale_change=replace(found.rationale_change, bounds=(0.1, 0.9)))
    assert (
        "Whatever the cases that could not be scored would have come to, the change of the mean level lies between +0.10 and +0.90."
        in verdict(few).how_sure
    )


def test_what_speaks_against_it_is_always_said() -> None:
    against = verdict(analysed(0.8)).against
    assert any(one.startswith("The cases were drawn for recorded change") for one in against)
    assert "Nobody has written what else may explain it (case mix, staffing, an inspection, a new template)." in against
    assert (
        verdict(analysed(0.8, "", "L0"))
        .against[0]
        .startswith("Draws of level L0 are among these: whoever ran them could have steered")
    )


def test_before_is_what_lies_before_the_first_dated_change() -> None:
    months = gathered()
    span = windows(months, COACHED, last="2026-10")
    assert (span.before.periods[0], span.before.periods[-1], span.change) == ("2024-11", "2025-10", "2025-11")
    assert span.why == "the months before the first change, 2025-11"
    bare = windows(months, Account(), last="2026-10")
    assert bare.why == "the first 12 months, since no dated change is written down" and len(bare.before.periods) == 12
    asked = windows(months, COACHED, last="2026-10", baseline="2024-11:2025-04")
    assert len(asked.before.periods) == 6 and asked.change == "2025-05"


@pytest.mark.parametrize(
    ("period", "baseline", "said"),
    [
        ("2026-11", "", "No draw of 2026-11 is here; there is 2024-11 to 2026-10. Name a month that was drawn."),
        ("2026-10", "2025", 'The baseline must be written as "2025-01:2025-12", the earlier month first.'),
        ("2026-10", "2025-12:2025-01", 'The baseline must be written as "2025-01:2025-12", the earlier month first.'),
        (
            "2026-10",
            "2020-01:2020-12",
            "No month of the baseline 2020-01:2020-12 was drawn. The draws begin in 2024-11.",
        ),
    ],
)
def test_months_that_were_not_drawn_are_refused_in_words(period: str, baseline: str, said: str) -> None:
    with pytest.raises(UsageError, match=re.escape(said)):
        analyse(gathered(), COACHED, Order(period, TODAY, baseline=baseline))


def test_another_rubric_in_between_breaks_the_chart_and_refuses_the_comparison() -> None:
    found = analyse(gathered(rubric_digest={12: "f" * 64}), COACHED, Order("2026-10", TODAY))
    said = verdict(found)
    assert said.kind == "cannot_say" and "both call themselves version 1.0, and their texts differ" in said.answer
    assert any(event.rebase for event in found.rationale.events)
    assert all(change.value is None for change in found.changes.values())


def test_a_team_is_analysed_by_itself() -> None:
    found = analysed(0.8, TEAMS[0])
    assert set(found.gathered.cases["team"]) == {TEAMS[0]} and found.before.headlines.rationale.counts.scored > 30
    assert TEAMS[1] not in page(found)
    with pytest.raises(StateError, match="No draw here knows the team"):
        analyse(gathered(), COACHED, Order("2026-10", TODAY, "Nowhere"))


def test_one_month_alone_is_a_report_that_says_what_cannot_be_said() -> None:
    found = analyse(gathered(count=1, changed_in=99), Account(), Order("2024-11", TODAY))
    assert verdict(found).answer.startswith(
        "Whether practice improved cannot be said. There are no months on both sides of the change yet."
    )
    text = page(found)
    assert "No chart: 1 point; see the table." in text and not re.search(r"\bnan\b", text.lower())
    assert "in no month" not in sections.summary(found).html
    assert verdict(found).answer.count("No drawn case has a level here") <= 1


def test_a_chart_that_cannot_say_is_not_said_to_contradict() -> None:
    rebased = Account.model_validate(
        {"change": [{"from": "2025-11", "what": "Coaching", "rebase": True, "reason": "new template"}]}
    )
    found = analyse(gathered(effect=0.8, seed=SEED), rebased, Order("2026-10", TODAY))
    said = verdict(found)
    assert found.rationale.signalled is None and said.kind == "not_confirmed"
    assert "the chart over time cannot yet say whether it is one of chance: read this as a hint" in said.answer


def test_for_training_the_teams_have_letters() -> None:
    found, names = lettered(gathered(count=2))
    assert names == {"CMHT North": "Team A", "EIP": "Team B", "OPMH": "Team C"}
    assert found.teams == ("Team A", "Team B", "Team C") and set(found.actions["team"]) <= set(found.teams)


def test_a_purpose_has_no_default() -> None:
    with pytest.raises(
        UsageError,
        match="Say for which purpose the report is made: supervision, audit, training. It decides what may be shown.",
    ):
        check_purpose("")


def test_repair_is_held_against_regression_to_the_mean_and_has_no_p_value() -> None:
    found = analysed()
    change = found.repair["escalation_rationale/decision_and_reason"]
    assert change.claim == "repair" and change.n > 30 and change.improved > change.worsened
    assert change.flip.p is None and change.regression.expected is not None
    shown = sections.repair(found).html
    assert "level gain is expected anyway" in shown or "was expected anyway" in shown
    assert "Repair is never put together with new draws." in shown


def test_double_scored_cases_give_agreement_and_r() -> None:
    found = analysed()
    assert (
        found.agreement.cases > 20 and 0 < found.agreement.exact <= found.agreement.within_one <= found.agreement.pairs
    )
    assert found.retest.source.startswith("from ")


def test_raters_who_drift_apart_are_found_and_too_few_months_are_said() -> None:
    held = analysed().gathered
    scores, periods = held.scores.copy(), sorted(held.scores["period"].unique())
    late = scores["period"].isin(periods[-agreeing.WINDOW :]) & (scores["stage"] == "second")
    scores.loc[late, "own_level"] = (scores.loc[late, "own_level"] + 2) % 4
    found = agreeing.agreed(replace(held, scores=scores))
    assert found is not None
    assert agreeing.drift_sentence(found).endswith("Raters agree less than before.")
    assert agreeing.over_months(found).finding == "Two raters, month by month: raters agree less than before"
    few = agreeing.agreed(replace(held, scores=scores[scores["period"].isin(periods[:3])]))
    assert few is not None
    assert agreeing.drift_sentence(few) == (
        "Whether raters drift apart cannot be said: it takes more than 6 months with double-scored cases of several practitioners."
    )


def test_the_page_names_no_practitioner_and_ranks_none() -> None:
    text = page(analysed())
    found = analysed()
    assert not any(
        name in text for name in set(found.gathered.cases["practitioner"]) | set(found.gathered.cases["case"])
    )
    assert re.findall(r"\w+ \w+ rank\w*", text.lower()) == ["does not rank"]


def test_every_figure_has_a_name_of_its_own_and_a_table() -> None:
    drawn = sections.all_figures(analysed())
    names = [figure.name for figure in drawn]
    assert len(set(names)) == len(names) >= 10
    for figure in drawn:
        assert figure.finding and figure.basis and figure.method, figure.name
        assert bool(figure.svg) != bool(figure.refusal) and (figure.rows or figure.refusal), figure.name


def test_the_same_frames_give_the_same_page() -> None:
    again = analyse(gathered(effect=0.8, seed=SEED), COACHED, Order("2026-10", TODAY))
    assert page(again) == page(analysed(0.8))


def test_what_people_wrote_stands_under_its_heading_and_is_escaped() -> None:
    account = Account.model_validate(
        {"local_problem": "Late notes.\n\n<b>Seen</b> in audit.", "rival_explanations": "A new template."}
    )
    found = analyse(gathered(count=2, changed_in=99), account, Order("2024-12", TODAY))
    text = page(found)
    assert "<p>Late notes.</p>" in text and "&lt;b&gt;Seen&lt;/b&gt; in audit." in text
    assert not any(one.startswith("Nobody has written") for one in verdict(found).against)


def test_the_methods_say_how_many_cases_were_drawn_for_whom() -> None:
    said = "Each month up to 2 of the cases with recent recorded change for each practitioner, up to 1 of all other open cases for each team."
    assert said in sections.methods(analysed(0.8)).html
    months = gathered(seed=SEED)
    pools = months.design["kind"] == "random"
    three = replace(months, design=months.design.assign(drawn=months.design["drawn"].mask(pools, 3)))
    found = replace(analysed(0.8), gathered=three)
    assert "up to 3 of all other open cases for each team." in sections.methods(found).html


def test_the_caption_of_missing_reviews_counts_those_that_meet_the_standard() -> None:
    frame = pd.DataFrame({"period": months_from("2024-11", 24), "count": [14] * 24, "n": [20] * 24})
    tracked = track_shares(frame, Plan(True, (), (), "2025-11"))
    assert tracked.choice.caption == "P chart: 24 points of 20 cases, 30% meeting the standard."
    assert "The upper limit is 100%, so no single period can signal a rise: only a run can." in tracked.notes
    assert not any("meeting the standard" in note for note in tracked.notes)


def test_aliases_of_practitioners_do_not_follow_from_their_published_digests() -> None:
    found = analysed(0.8)
    later = replace(found, gathered=found.gathered.between("2024-11", "2026-09"))
    digests = [one.unit for one in found.between_practitioners.units]
    assert len(set(digests)) == 9

    def order(one: Analysis) -> list[tuple[str, ...]]:
        rows = next(figure for figure in sections.between_figures(one) if figure.name == "practitioners").rows
        return sorted(rows)

    assert order(found) == order(found) and order(found) != order(later)


def test_rescored_cases_are_held_against_the_drawn_cases_of_their_own_months() -> None:
    # Later months score higher: against the months before the change alone, poor cases of later months would not look poor.
    found = analyse(gathered(effect=1.5, seed=SEED), COACHED, Order("2026-10", TODAY))
    regression = found.repair["escalation_rationale/decision_and_reason"].regression
    assert regression.expected is not None and regression.expected > 0
    assert "no part of a gain is expected" not in sections.repair(found).html
