"""From draws and journal to the frames of the reports: what counts, what is counted and not read, and that no key comes along."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from sampling.errors import StateError
from sampling.policy import shared_folder
from sampling.reporting.gathering import Gathered, gather
from sampling.scoring.settings.policy import load_scoring_policy
from tests.scoring_service import SUPERVISOR, Scene, commented, event, full_rating, make_service, rated

RUBRICS = shared_folder("rubrics")


@pytest.fixture
def scene(tmp_path: Path, private_store: Path) -> Scene:
    return make_service(tmp_path, private_store)


def gathered(scene: Scene) -> Gathered:
    return gather(scene.home, scene.service.journal, load_scoring_policy(), RUBRICS, today=scene.today)


def of_review(found: pd.DataFrame, scene: Scene, review: str) -> pd.DataFrame:
    case = scene.service.world().found(review).case
    return found[found["case"] == case]


def test_a_service_that_scored_nothing_has_its_design_and_no_level(scene: Scene) -> None:
    found = gathered(scene)
    assert set(found.cases["state"]) == {"unsigned"} and set(found.cases["stage"]) == {"first"}
    assert found.scores["level"].isna().all() and set(found.scores["code"]) == {"not_scored"}
    assert len(found.cases) == found.design["drawn"].sum() == found.draws["drawn"].sum() == 10
    assert found.design["population"].sum() == found.draws["size"].sum()
    assert found.design["available"].sum() == 0


def test_the_design_counts_each_group_as_the_published_manifest_has_it(scene: Scene) -> None:
    rows = pd.DataFrame(scene.pack.manifest())
    design = gathered(scene).design
    groups = rows.assign(group=rows["stream"].where(rows["stream"] != "", rows["practitioner"]))
    sizes = groups.groupby(["group", "stratum"]).agg(
        population=("case", "size"), drawn=("status", lambda status: int((status == "selected").sum()))
    )
    assert sorted(zip(design["population"], design["drawn"], strict=True)) == sorted(
        zip(sizes["population"], sizes["drawn"], strict=True)
    )
    shares = rows[rows["status"] == "selected"]["probability"].value_counts()
    taken = design[design["drawn"] > 0]
    ours = taken.loc[taken.index.repeat(taken["drawn"])]
    assert sorted((ours["drawn"].astype(str) + "/" + ours["population"].astype(str)).tolist()) == sorted(
        shares.index.repeat(shares).tolist()
    )


def test_a_level_counts_from_the_signature_on(scene: Scene) -> None:
    review = scene.single(SUPERVISOR)
    scene.rate_all(SUPERVISOR, review, 2)
    assert of_review(gathered(scene).scores, scene, review)["level"].isna().all()
    scene.sign(SUPERVISOR, review)
    found = gathered(scene)
    scores = of_review(found.scores, scene, review)
    assert set(scores["level"]) == {2} and set(scores["code"]) == {""} and len(scores) == 18
    assert of_review(found.cases, scene, review)["state"].tolist() == ["signed"]
    assert found.design["available"].sum() == 1
    assert {rubric.id for rubric in found.rubrics} == set(scores["rubric"])


def test_a_change_after_the_signature_counts_only_when_it_is_signed_again(scene: Scene) -> None:
    review = scene.single(SUPERVISOR)
    scene.rate_all(SUPERVISOR, review, 2)
    scene.sign(SUPERVISOR, review)
    shown = scene.review(SUPERVISOR, review)
    ref = next(iter(shown["state"]["criteria"]))
    scene.append(SUPERVISOR, rated(shown, ref, 1), commented(shown, ref, "Read again."))
    assert of_review(gathered(scene).scores, scene, review)["level"].isna().all()
    scene.sign(SUPERVISOR, review)
    levels = of_review(gathered(scene).scores, scene, review).set_index("ref")["level"]
    assert levels[ref] == 1 and set(levels.drop(ref)) == {2}


def test_both_codes_and_a_blank_are_told_apart(scene: Scene) -> None:
    review = scene.single(SUPERVISOR)
    shown = scene.review(SUPERVISOR, review)
    refs = list(shown["state"]["criteria"])
    coded = [
        rated(shown, refs[0], None, code="not_applicable", reason=shown["choices"]["not_applicable"][0]["code"]),
        rated(shown, refs[1], None, code="not_accessible", reason=shown["choices"]["not_accessible"][0]["code"]),
    ]
    rest = [one for one in full_rating(shown) if one["data"]["criterion"] not in refs[:2]]
    scene.append(SUPERVISOR, *coded, *rest)
    scene.sign(SUPERVISOR, review)
    codes = of_review(gathered(scene).scores, scene, review).set_index("ref")["code"]
    assert codes[refs[0]] == "not_applicable" and codes[refs[1]] == "not_accessible" and set(codes[refs[2:]]) == {""}


def test_a_sealed_rating_is_counted_and_not_read(scene: Scene) -> None:
    (name, first), (other, second) = scene.double()
    scene.rate_all(name, first, 3)
    scene.sign(name, first)
    waiting = gathered(scene)
    assert set(of_review(waiting.cases, scene, first)["state"]) == {"sealed"}
    assert of_review(waiting.scores, scene, first)["level"].isna().all()
    scene.rate_all(other, second, 3)
    scene.sign(other, second)
    found = gathered(scene)
    scores = of_review(found.scores, scene, first)
    assert set(scores["stage"]) == {"first", "second"} and set(scores["level"]) == {3}
    assert scores["rater"].nunique() == 2
    assert of_review(found.cases, scene, first)["double"].all()


def test_a_withdrawn_draw_is_left_out(scene: Scene) -> None:
    from sampling import workflow

    workflow.withdraw(scene.home / "2026-10", reason="WRONG_EXTRACT", now=scene.now)
    with pytest.raises(
        StateError, match=r"There is no drawn month in that folder\. Name the folder in which the draws lie"
    ):
        gathered(scene)


def test_no_key_and_no_local_id_comes_out(scene: Scene) -> None:
    review = scene.single(SUPERVISOR)
    scene.rate_all(SUPERVISOR, review, 2)
    scene.sign(SUPERVISOR, review)
    found = gathered(scene)
    text = "".join(table.to_csv() for table in (found.scores, found.design, found.cases, found.draws))
    frame = scene.pack.keyed_cases()
    for secret in (*frame["case_key"], *frame["practitioner_key"], scene.key(SUPERVISOR), SUPERVISOR, "P000-"):
        assert secret not in text


def test_the_same_home_gives_the_same_digest_and_a_new_level_another(scene: Scene) -> None:
    before = gathered(scene)
    assert gathered(scene).digest == before.digest
    review = scene.single(SUPERVISOR)
    scene.rate_all(SUPERVISOR, review, 2)
    scene.sign(SUPERVISOR, review)
    assert gathered(scene).digest != before.digest


def test_a_team_and_a_span_of_periods_are_cut_out_whole(scene: Scene) -> None:
    found = gathered(scene)
    team = found.teams[0]
    part = found.of_team(team)
    assert set(part.cases["team"]) == set(part.design["team"]) == {team} and len(part.draws) == len(found.draws)
    assert sum(len(found.of_team(one).cases) for one in found.teams) == len(found.cases)
    assert found.between("2026-10", "2026-10").digest == found.digest
    assert found.between("2026-11", "2027-01").scores.empty
    with pytest.raises(StateError, match=r'No draw here knows the team "Nowhere"\. Its draws have: '):
        found.of_team("Nowhere")


def test_a_parked_case_is_not_yet_a_score(scene: Scene) -> None:
    review = scene.single(SUPERVISOR)
    scene.append(SUPERVISOR, event("parked", review, "parked", {"parked": True, "reason": "The letter has not come."}))
    assert of_review(gathered(scene).cases, scene, review)["state"].tolist() == ["unsigned"]


def test_people_that_score_alone_need_no_people_file(tmp_path: Path, private_store: Path) -> None:
    alone = make_service(tmp_path, private_store, people=None, name="Ruth Adeyemi")
    assert gathered(alone).draws["drawn"].sum() == 10
