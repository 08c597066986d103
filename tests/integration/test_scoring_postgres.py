"""The scoring service on a journal in PostgreSQL: the same rules, the same answers, the same blindness."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import scoring_service as stage
from postgres import DanishServer, danish_server
from scoring_race import outrun
from scoring_service import SUPERVISOR, Scene, event, make_service, new_id, rated

from sampling.journal.events import AgendaCovered, Rated
from sampling.journal.store import Draft
from sampling.scoring.errors import AccessRefused, OutOfDate
from sampling.scoring.settings.home import default_journal


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


# What was checked before another program's turn is checked again in one's own (on both engines).


@pytest.fixture(params=["sqlite", "postgresql"])
def contested(request: pytest.FixtureRequest, tmp_path: Path, private_store: Path) -> Iterator[tuple[Scene, str]]:
    """A service, and where its journal is."""
    where = ""
    if request.param == "postgresql":
        where = str(request.getfixturevalue("server").new_database())
    made = make_service(tmp_path, private_store, journal=where or None)
    yield made, where or str(default_journal(made.home))
    made.service.close()


def test_no_signature_is_stored_under_what_another_program_changed_meanwhile(contested: tuple[Scene, str]) -> None:
    scene, where = contested
    review = scene.single(SUPERVISOR)
    scene.rate_all(SUPERVISOR, review)
    shown = scene.review(SUPERVISOR, review)
    ref = next(iter(shown["state"]["criteria"]))
    change = rated(shown, ref, 3)
    said = Rated.model_validate(change["data"])
    draft = Draft(change["id"], scene.key(SUPERVISOR), said, review, change["subject"], change["base"])
    request = {"id": new_id(), "review": review, "role": "rater", "statement": shown["statement"]}

    def sign() -> None:
        scene.service.sign(scene.key(SUPERVISOR), {**request, "content": shown["content"]}, now=scene.now)

    refused = outrun(scene.service.journal, where, sign, draft, now=scene.now)
    assert isinstance(refused, OutOfDate)
    assert refused.message.startswith("Something was changed after this page was shown. Read it again")
    assert scene.service.journal.entries(review=review, kinds=["signed"]) == []
    assert scene.review(SUPERVISOR, review)["state"]["criteria"][ref]["level"] == 3
    request["id"] = new_id()
    shown = scene.review(SUPERVISOR, review)
    sign()
    sign()  # the acknowledgement was lost: the same signature again is the same signature
    assert len(scene.service.journal.entries(review=review, kinds=["signed"])) == 1


def test_no_signature_of_a_session_is_stored_under_what_was_changed_meanwhile(contested: tuple[Scene, str]) -> None:
    scene, where = contested
    key, session = scene.key(SUPERVISOR), new_id()
    pairs = scene.service.sessions(key, today=scene.today)["pairs"]
    supervisee = next(one["supervisee"]["key"] for one in pairs if one["supervisor"]["key"] == key)
    data = {"session_kind": "ad_hoc", "held_on": scene.today.isoformat(), "supervisor": key, "anonymised": False}
    closing = {"minutes": 20, "note": ""}
    scene.append(
        SUPERVISOR,
        event("session_opened", session, "session", {**data, "supervisees": [supervisee]}),
        event("session_closed", session, "session", closing, 1),
    )
    shown = scene.service.session(key, session, now=scene.now)
    request = {"id": new_id(), "review": session, "role": "supervisor", "statement": shown["statement"]}
    said = AgendaCovered(item="contact_frequency", covered=True, note="Weekly.")
    draft = Draft(new_id(), key, said, session, "agenda:contact_frequency")

    def sign() -> None:
        scene.service.sign(key, {**request, "content": shown["content"]}, now=scene.now)

    refused = outrun(scene.service.journal, where, sign, draft, now=scene.now)
    assert isinstance(refused, OutOfDate)
    assert refused.message == "The record was changed since you opened it. Read it again, then sign."
    assert scene.service.journal.entries(review=session, kinds=["signed"]) == []
