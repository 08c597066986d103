"""The scoring service on a journal in PostgreSQL: the same rules, the same answers, the same blindness."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import scoring_service as stage
from postgres import DanishServer, danish_server
from scoring_service import SUPERVISOR, Scene, make_service, rated

from sampling.scoring.errors import AccessRefused


@pytest.fixture(scope="module")
def server() -> Iterator[DanishServer]:
    with danish_server() as running:
        yield running


@pytest.fixture
def scene(server: DanishServer, tmp_path: Path, private_store: Path) -> Iterator[Scene]:
    made = make_service(tmp_path, private_store, journal=server.new_database())
    yield made
    made.service.close()


def test_rate_sign_change_and_void(scene: Scene) -> None:
    review = scene.single(SUPERVISOR)
    scene.rate_all(SUPERVISOR, review)
    scene.sign(SUPERVISOR, review)
    shown = scene.review(SUPERVISOR, review)
    ref = next(iter(shown["state"]["criteria"]))
    done = scene.append(SUPERVISOR, rated(shown, ref, 3))
    assert [one["role"] for one in done["voided"][review]] == ["rater"]
    first, second = rated(scene.review(SUPERVISOR, review), ref, 2), rated(shown, ref, 0)
    receipts = scene.append(SUPERVISOR, first, second)["receipts"]
    assert [one["status"] for one in receipts] == ["stored", "conflict"]


def test_two_raters_stay_blind_until_both_have_signed(scene: Scene) -> None:
    (first, one), (second, other) = scene.double()
    shown = scene.review(first, one)
    scene.append(first, *stage.full_rating(shown, 0))
    scene.sign(first, one)
    assert "Seen in the notes of October" not in json.dumps(scene.review(second, other))
    with pytest.raises(AccessRefused):
        scene.review(second, one)
    scene.rate_all(second, other, 3)
    scene.sign(second, other)
    states = {row["review"]: row["state"] for row in scene.queue(first)["reviews"]}
    assert states[one] == "differs"
