"""Two ratings are made known once both raters have signed: at once, or as soon as the lead's key is back or the service starts again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sampling.journal.events import Signed
from sampling.journal.store import CURRENT, Draft, Opener
from sampling.keys import Keyring, load_secret
from sampling.scoring.errors import AccessRefused, EventsRefused
from sampling.scoring.rules.signing import statement
from sampling.scoring.service import open_service
from tests.scoring_server import scoring_server
from tests.scoring_service import LEAD, MODERATOR, Scene, event, make_service, new_id

AWAY = "The lead's private key is not on this machine"
SEALED_STILL = "Both raters have signed, but their ratings are still sealed: they open with the lead's private key."
Rated = tuple[tuple[str, str], tuple[str, str]]


@pytest.fixture
def scene(tmp_path: Path, private_store: Path) -> Iterator[Scene]:
    made = make_service(tmp_path, private_store)
    yield made
    made.service.close()


def queue(scene: Scene, name: str) -> dict[str, Any]:
    return scene.service.queue(scene.key(name), today=scene.today, now=scene.now)


def listed(scene: Scene, review: str) -> dict[str, Any]:
    """Returns the moderator's list row of the case of a review, after the service has looked for what is to be unsealed."""
    rows = scene.service.moderation_list(scene.key(MODERATOR), today=scene.today, now=scene.now)["cases"]
    labels = scene.service.world().labels(scene.service.world().reviews[review], identified=False)
    return next(row for row in rows if row["case_label"] == labels[0])


def take_key(private_store: Path) -> dict[Path, bytes]:
    """Takes the lead's keys away, and returns them."""
    keys = {path: path.read_bytes() for path in (private_store / "seals").iterdir()}
    for path in keys:
        path.unlink()
    return keys


def bring(keys: dict[Path, bytes]) -> None:
    for path, content in keys.items():
        path.write_bytes(content)
        path.chmod(0o600)


def both_sign(scene: Scene) -> Rated:
    first, second = scene.double()
    for (name, review), level in ((first, 1), (second, 3)):
        scene.rate_all(name, review, level)
        scene.sign(name, review)
    return first, second


def states(scene: Scene, pair: Rated) -> list[bool]:
    """Returns of each of the two whether a rater sees it as sealed."""
    return [row["sealed"] for name, review in pair for row in queue(scene, name)["reviews"] if row["review"] == review]


def unsealings(scene: Scene) -> int:
    return len(scene.service.journal.entries(kinds=["unsealed"]))


def again(scene: Scene, **by: int) -> Scene:
    """Returns the scene with the service opened anew, as a new process would."""
    later = scene.later(**by)
    service = open_service(scene.home, keyring=Keyring(load_secret()), now=later.now)
    return replace(later, service=service)


def notes(scene: Scene) -> str:
    return json.dumps(queue(scene, LEAD)["notes"])


@pytest.mark.parametrize("reading", ["queue", "moderation list", "moderation", "review", "start"])
def test_what_both_signed_while_the_key_was_away_opens_when_it_is_back(
    scene: Scene, private_store: Path, reading: str
) -> None:
    keys = take_key(private_store)
    pair = both_sign(scene)
    assert states(scene, pair) == [True, True] and AWAY in notes(scene)
    row = listed(scene, pair[0][1])
    bring(keys)
    back = again(scene, hours=1) if reading == "start" else scene.later(hours=1)
    if reading == "queue":
        queue(back, pair[0][0])
    elif reading == "moderation list":
        assert listed(back, pair[0][1])["to_decide"]
    elif reading == "moderation":
        page = back.service.moderation(back.key(MODERATOR), row["case"], now=back.now)
        assert {one["a"]["level"] for one in page["criteria"]} | {one["b"]["level"] for one in page["criteria"]} == {
            1,
            3,
        }
    elif reading == "review":
        assert not back.review(*pair[0])["sealed"]
    assert unsealings(back) == 1
    assert states(back, pair) == [False, False] and AWAY not in notes(back)
    for name in (MODERATOR, LEAD, pair[0][0]):
        queue(again(back, hours=1), name)
    assert unsealings(back) == 1  # once is enough
    if reading == "start":
        back.service.close()


def test_a_process_that_ended_between_the_signature_and_the_unsealing_is_made_up_for(scene: Scene) -> None:
    (first, one), (second, other) = scene.double()
    for name, review, level in ((first, one, 1), (second, other, 3)):
        scene.rate_all(name, review, level)
    scene.sign(first, one)
    said = Signed(role="rater", statement=statement("rater"), content=scene.review(second, other)["content"])
    draft = Draft(new_id(), scene.key(second), said, other, "signature:rater", CURRENT)
    scene.service.journal.as_(Opener(scene.service.secret(), scene.key(second))).append([draft], now=scene.now)
    assert unsealings(scene) == 0
    started = again(scene, hours=1)
    assert unsealings(started) == 1
    assert states(started, ((first, one), (second, other))) == [False, False]
    started.service.close()


def test_a_signature_over_something_else_opens_nothing(scene: Scene) -> None:
    (first, one), (second, other) = scene.double()
    for name, review, level in ((first, one, 1), (second, other, 3)):
        scene.rate_all(name, review, level)
    scene.sign(first, one)
    said = Signed(role="rater", statement=statement("rater"), content="0" * 64)
    draft = Draft(new_id(), scene.key(second), said, other, "signature:rater", CURRENT)
    scene.service.journal.as_(Opener(scene.service.secret(), scene.key(second))).append([draft], now=scene.now)
    queue(scene, first)
    assert unsealings(scene) == 0


def test_nothing_is_decided_on_ratings_that_were_never_shown(scene: Scene, private_store: Path) -> None:
    keys = take_key(private_store)
    (_, review), _ = both_sign(scene)
    row = listed(scene, review)
    assert (row["state"], row["open"], row["to_decide"], row["may_moderate"]) == ("waiting", False, 0, False)
    assert (row["state_label"], row["waiting_words"]) == ("Waiting to be unsealed", SEALED_STILL)
    moderator = scene.key(MODERATOR)
    with pytest.raises(AccessRefused, match="are still sealed") as caught:
        scene.service.moderation(moderator, row["case"], now=scene.now)
    assert "has not scored it" not in caught.value.message
    world = scene.service.world()
    moderation = world.stages(world.reviews[review])["moderation"].id
    ref = next(iter(scene.review(*scene.double()[0])["state"]["criteria"]))
    for more in ({"choice": "other", "level": 1}, {"choice": "a"}, {"choice": "first", "level": 1}):
        said = event("moderated", moderation, f"moderation:{ref}", {"criterion": ref, "reason": "judgement", **more})
        with pytest.raises(EventsRefused) as refused:
            scene.append(MODERATOR, said)
        assert [one.message for one in refused.value.findings] == [SEALED_STILL.rstrip(".")]
    assert scene.service.journal.entries(review=moderation, kinds=["moderated"]) == []
    bring(keys)
    page = scene.service.moderation(moderator, row["case"], now=scene.now)
    events = [
        event("moderated", moderation, f"moderation:{one['ref']}", {"criterion": one["ref"], "choice": "a", "reason": "judgement"})
        for one in page["criteria"]
        if one["needs_decision"]
    ]  # fmt: skip
    assert events
    scene.append(MODERATOR, *events)


@pytest.mark.parametrize("spoilt", ["readable", "no key"])
def test_a_key_that_cannot_be_used_stops_nobody_and_the_lead_is_told(
    scene: Scene, private_store: Path, spoilt: str
) -> None:
    keys = take_key(private_store)
    bring(keys)
    for path in keys:
        path.chmod(0o644) if spoilt == "readable" else path.write_text("spoilt")
    pair = both_sign(scene)
    assert states(scene, pair) == [True, True]
    assert "lead key" in notes(scene)
    started = again(scene, hours=1)
    assert states(started, pair) == [True, True]
    bring(keys)
    assert states(started, pair) == [False, False]
    assert "lead key" not in notes(started)
    started.service.close()


def test_the_server_unseals_what_waits(scene: Scene, private_store: Path) -> None:
    keys = take_key(private_store)
    (name, review), _ = both_sign(scene)
    with scoring_server(scene.home) as server:
        client = server.client(name)
        rows = client.get("sampling/api/queue").json["reviews"]
        assert next(row["sealed"] for row in rows if row["review"] == review)
        bring(keys)
        rows = client.get("sampling/api/queue").json["reviews"]
        assert not next(row["sealed"] for row in rows if row["review"] == review)
        cases = server.client(MODERATOR).get("sampling/api/moderation").json["cases"]
        assert [row["open"] for row in cases].count(True) == 1
