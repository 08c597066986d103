"""The scoring service on a journal in PostgreSQL: the same rules, the same answers, the same blindness."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import scoring_service as stage
from postgres import DanishServer, danish_server
from scoring_race import outrun, outrun_by
from scoring_service import SUPERVISOR, Scene, event, make_service, new_id, rated

from sampling.journal.events import AgendaCovered, Rated, SessionClosed, Signed
from sampling.journal.sealing import load_lead_key
from sampling.journal.store import CURRENT, SYSTEM, Draft, Expect, Journal, Opener, Receipt
from sampling.keys import load_secret, private_home
from sampling.scoring.errors import AccessRefused, EventsRefused, OutOfDate
from sampling.scoring.settings.access import OPEN_NOW
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


def test_no_change_of_a_session_is_stored_that_another_process_has_closed(contested: tuple[Scene, str]) -> None:
    """What people hand in is judged once nobody else can write: by what stands then, not by what was read before."""
    scene, where = contested
    key, session = scene.key(SUPERVISOR), new_id()
    pairs = scene.service.sessions(key, today=scene.today)["pairs"]
    supervisee = next(one["supervisee"]["key"] for one in pairs if one["supervisor"]["key"] == key)
    data = {"session_kind": "ad_hoc", "held_on": scene.today.isoformat(), "supervisor": key, "anonymised": False}
    scene.append(SUPERVISOR, event("session_opened", session, "session", {**data, "supervisees": [supervisee]}))
    covered = {"item": "contact_frequency", "covered": True, "note": "Weekly."}

    def cover() -> None:
        scene.append(SUPERVISOR, event("agenda_covered", session, "agenda:contact_frequency", covered))

    closing = Draft(new_id(), key, SessionClosed(minutes=20, note=""), session, "session", 1)
    refused = outrun(scene.service.journal, where, cover, closing, now=scene.now)
    assert isinstance(refused, EventsRefused)
    assert [one.message for one in refused.findings] == [
        "This session is closed. Take the closing back to change its record; signatures then no longer stand"
    ]
    assert scene.service.journal.entries(review=session, kinds=["agenda_covered"]) == []


def test_a_change_voids_a_signature_that_another_process_has_stored_meanwhile(contested: tuple[Scene, str]) -> None:
    scene, where = contested
    review = scene.single(SUPERVISOR)
    scene.rate_all(SUPERVISOR, review)
    shown = scene.review(SUPERVISOR, review)
    ref = next(iter(shown["state"]["criteria"]))
    said = Signed.model_validate({"role": "rater", "statement": shown["statement"], "content": shown["content"]})
    signature = Draft(new_id(), scene.key(SUPERVISOR), said, review, "signature:rater", CURRENT)
    change = rated(shown, ref, 3)
    assert (
        outrun(scene.service.journal, where, lambda: scene.append(SUPERVISOR, change), signature, now=scene.now) is None
    )
    (void,) = scene.service.journal.entries(review=review, kinds=["signature_voided"])
    assert (void.actor, void.subject) == (scene.key(SUPERVISOR), "signature:rater")


def test_nothing_is_rated_on_a_pair_that_another_process_has_unsealed(contested: tuple[Scene, str]) -> None:
    """Else it would be stored sealed, and close the moderation that has begun."""
    scene, where = contested
    path = next((private_home() / "seals").iterdir())
    key = path.read_bytes()
    path.unlink()
    (name, first), (other, second) = scene.double()
    for rater, review in ((name, first), (other, second)):
        scene.rate_all(rater, review)
        scene.sign(rater, review)
    change = rated(shown := scene.review(name, first), next(iter(shown["state"]["criteria"])), 3)
    path.write_bytes(key)
    path.chmod(0o600)

    def unseals(while_it_waits: Expect) -> Receipt:
        with closing(Journal.open(where)) as another:
            lead = another.as_(Opener(load_secret(), SYSTEM, load_lead_key(another.id)))
            return lead.unseal([first, second], now=scene.now, id=new_id(), expect=while_it_waits)

    refused = outrun_by(scene.service.journal, lambda: scene.append(name, change), unseals)
    assert isinstance(refused, EventsRefused)
    assert [one.message for one in refused.findings] == [OPEN_NOW.rstrip(".")]
    assert [one for one in scene.service.journal.entries(review=first) if one.state == "sealed"] == []
