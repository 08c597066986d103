"""A case that anyone has begun to rate is not replaced: a poor rating could else be replaced away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import scoring_service as stage
from scoring_service import SUPERVISOR, Scene, event, make_service, rated

from sampling import workflow
from sampling.errors import ReplacementError, StateError
from sampling.keys import Keyring, load_secret
from sampling.scoring.settings.begun import is_rated, journal_beside

ELSEWHERE = "elsewhere.sqlite"


@pytest.fixture
def scene(tmp_path: Path, private_store: Path) -> Iterator[Scene]:
    made = make_service(tmp_path, private_store)
    yield made
    made.service.close()


def replace(scene: Scene, review: str, **more: Any) -> dict[str, Any]:
    case = scene.service.world().reviews[review]
    return workflow.replace(
        scene.pack.folder,
        case.case_key,
        reason="SEALED",
        requested_by="Ruth",
        approved_by="Jo",
        keyring=Keyring(load_secret()),
        now=scene.now,
        **more,
    )


def test_a_rated_case_stays_even_when_the_rating_was_taken_back(scene: Scene) -> None:
    review = scene.single(SUPERVISOR)
    shown = scene.review(SUPERVISOR, review)
    done = rated(shown, next(iter(shown["state"]["criteria"])), 0)
    scene.append(SUPERVISOR, done)
    undo = rated(shown, next(iter(shown["state"]["criteria"])), None, base=1)
    scene.append(SUPERVISOR, {**undo, "undoes": done["id"]})
    with pytest.raises(
        ReplacementError, match="Somebody has begun to rate this case, so that it is not replaced any more"
    ):
        replace(scene, review)
    assert len(scene.pack.log) == 2, "nothing was logged"


def test_a_case_that_was_opened_and_parked_may_still_be_replaced(scene: Scene) -> None:
    review = scene.single(SUPERVISOR)
    scene.review(SUPERVISOR, review)
    scene.append(SUPERVISOR, event("parked", review, "parked", {"parked": True}))
    assert replace(scene, review)["reason"] == "SEALED"


def test_a_sealed_rating_counts_although_nobody_can_read_it(scene: Scene) -> None:
    (name, review), _ = scene.double()
    shown = scene.review(name, review)
    scene.append(name, stage.commented(shown, next(iter(shown["state"]["criteria"])), "Begun."))
    with pytest.raises(ReplacementError, match="begun to rate"):
        replace(scene, review)


def test_the_other_cases_of_the_draw_may_be_replaced(scene: Scene) -> None:
    first = scene.single(SUPERVISOR)
    shown = scene.review(SUPERVISOR, first)
    scene.append(SUPERVISOR, rated(shown, next(iter(shown["state"]["criteria"])), 2))
    rows = scene.queue(SUPERVISOR)["reviews"]
    other = next(row["review"] for row in rows if row["review"] != first and not row["sealed"])
    assert replace(scene, other)["kind"] == "UNAVAILABLE"


def test_a_journal_kept_elsewhere_is_named_and_one_that_is_not_there_is_said(
    tmp_path: Path, private_store: Path, run_sampling: Callable[..., tuple[int, dict[str, Any], str]]
) -> None:
    place = tmp_path / "journals" / ELSEWHERE
    scene = make_service(tmp_path, private_store, journal=place)
    review = scene.single(SUPERVISOR)
    shown = scene.review(SUPERVISOR, review)
    scene.append(SUPERVISOR, rated(shown, next(iter(shown["state"]["criteria"])), 2))
    case = scene.service.world().reviews[review]
    assert journal_beside(scene.pack.folder) is None
    assert is_rated(place, case.commit, case.case) and not is_rated(place, case.commit, "0" * 64)
    words = [
        "replace",
        scene.pack.folder,
        case.case_key,
        "--reason",
        "SEALED",
        "--requested-by",
        "A",
        "--approved-by",
        "B",
    ]
    status, about, _ = run_sampling(*words, "--journal", place)
    assert (status, about["error"]) == (15, "replacement") and "begun to rate" in about["message"]
    status, about, _ = run_sampling(*words, "--journal", tmp_path / "nowhere.sqlite")
    assert (status, about["error"]) == (12, "state") and "There is no journal at" in about["message"]
    with pytest.raises(StateError, match="There is no journal"):
        is_rated(tmp_path / "nowhere.sqlite", case.commit, case.case)
    scene.service.close()


def test_a_draw_without_any_journal_is_replaced_as_before(
    tmp_path: Path, private_store: Path, run_sampling: Callable[..., tuple[int, dict[str, Any], str]]
) -> None:
    scene = make_service(tmp_path, private_store, journal=tmp_path / "journals" / ELSEWHERE)
    case = scene.service.world().reviews[scene.single(SUPERVISOR)]
    words = [
        "replace",
        scene.pack.folder,
        case.case_key,
        "--reason",
        "SEALED",
        "--requested-by",
        "A",
        "--approved-by",
        "B",
    ]
    assert run_sampling(*words)[0] == 0
    scene.service.close()
