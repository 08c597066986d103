"""A second rater learns nothing of the first before both have signed: not on the page, not in its traffic, not in any file of the service.

Two worlds, alike but for what the first rater said: in one every level is 0, in the other 1, each with words of its own. Whatever reaches
the second rater has to be the same in both, to the letter.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.manager import start_new_kernel
from playwright.sync_api import Page, Route, WebSocket, expect, sync_playwright

from sampling.keys import HOME_VARIABLE
from tests.chromium import ARGUMENTS, chromium_path
from tests.fault_scenes import Wire
from tests.scoring_server import scoring_server
from tests.scoring_service import Scene, commented, full_rating, make_service

SERVED = str(Path(__file__).resolve().parents[1] / "served.py")
PATIENCE = 60_000
CANARY = {0: "Nobody rang the mother back.", 1: "Someone rang, much too late."}  # of one length, as the levels are
ONE_CHANCE = re.compile(
    r"0x[0-9a-f]+|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{16,}|sf-[a-z-]+-\d+|127\.0\.0\.1:\d+|2\|1:0[^;\"]*|\d{10}"
)
TIMES = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*Z?|\d\d:\d\d:\d\d")

# What a curious rater could run in a notebook: every byte of every file, and the journal through our own library.
CURIOUS = """
import json, os, sys
from pathlib import Path
from sampling.journal import views
from sampling.journal.store import Journal, Opener
from sampling.keys import load_secret

home, actor, out = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
places = [home, Path(os.environ["SAMPLING_HOME"])]
files = {str(path): path.read_bytes().hex() for place in places for path in sorted(place.rglob("*")) if path.is_file()}
journal = Journal.open(home / "journal" / "journal.sqlite", Opener(load_secret(), actor))
entries = journal.entries()
tables = {name: getattr(views, name)(entries).to_csv() for name in ("ratings", "rating_history", "signatures")}
seen = [[one.review, one.kind, one.state, str(one.payload)] for one in entries]
out.write_text(json.dumps({"files": files, "tables": tables, "seen": seen}))
"""


@dataclass
class World:
    """What reached the second rater in one world."""

    first: str
    second: str
    traffic: dict[str, set[str]] = field(default_factory=dict)  # address -> everything that it answered
    heard: bytes = b""  # every byte that the server sent to the browser, scripts, pages and sockets alike
    frames: list[str] = field(default_factory=list)
    source: str = ""
    page: str = ""
    outline: str = ""
    curious: dict[str, Any] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)

    def everything(self) -> str:
        """Returns all of it as one text."""
        answers = [answer for each in self.traffic.values() for answer in each]
        return "\n".join(
            [*answers, *self.frames, self.source, self.page, self.outline, json.dumps(self.curious["seen"])]
        )


def live(folder: Path, level: int) -> World:
    """Returns what the second rater saw in the world in which the first gave that level throughout, and signed."""
    private = folder / "private"
    private.mkdir(parents=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_VARIABLE, str(private))
        scene = make_service(folder, private)
        (name, first), (other, second) = scene.double()
        first_rater(scene, name, first, level)
        world = World(first, second)
        with scoring_server(scene.home, program=(SERVED, "--at", scene.now.isoformat())) as server:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(ARGUMENTS))
                page = browser.new_page(
                    locale="en-GB", timezone_id="Europe/London", viewport={"width": 1280, "height": 900}
                )
                page.set_default_timeout(PATIENCE)
                wire = Wire(server.host, plain=True)
                second_rater(page, world, server.address(other).replace(server.host, wire.host))
                browser.close()
                wire.close()
                world.heard = bytes(wire.heard)
            world.source = server.client(other).get("score").body.decode()
        world.curious = curious(scene, folder, scene.key(other))
        scene.service.close()
    world.files = {name: bytes.fromhex(text) for name, text in world.curious.pop("files").items()}
    return world


def first_rater(scene: Scene, name: str, review: str, level: int) -> None:
    """Scores every criterion, answers what level 0 asks, says the canary, and signs."""
    shown = scene.review(name, review)
    scene.append(name, *full_rating(shown, level))
    shown = scene.review(name, review)
    scene.append(name, *(commented(shown, ref, CANARY[level]) for ref in shown["state"]["criteria"]))
    scene.sign(name, review)


def second_rater(page: Page, world: World, address: str) -> None:
    """Looks at every screen, opens the case, scores a criterion, and tries to open the first rating, with everything that arrives kept."""

    def keep(route: Route) -> None:
        answer = route.fetch(max_redirects=0)
        if "time_spent" in (route.request.post_data or ""):
            return route.fulfill(response=answer)  # when it comes depends on how quick the machine is
        place = ONE_CHANCE.sub("#", route.request.url.partition("?")[0])
        world.traffic.setdefault(place, set()).add(f"{answer.status} {answer.body().decode('utf-8', 'replace')}")
        route.fulfill(response=answer)

    def listen(socket: WebSocket) -> None:
        socket.on(
            "framereceived",
            lambda frame: world.frames.append(frame if isinstance(frame, str) else frame.decode("latin-1")),
        )

    page.route("**/sampling/api/**", keep)
    page.on("websocket", listen)
    page.goto(address)
    expect(page.locator(".sf-root h1")).to_be_visible(timeout=PATIENCE)
    page.evaluate("place => { location.hash = place }", f"score/review={world.second}/purpose=audit")
    expect(page.locator(".sf-criterion.active")).to_be_visible(timeout=PATIENCE)
    page.keyboard.press("1")
    for line in (".sf-state", ".sf-spoken"):  # what is shown, and a little later what is said aloud
        expect(page.locator(line)).to_have_text(re.compile("^Saved"), timeout=PATIENCE)
    world.page, world.outline = page.content(), page.locator("body").aria_snapshot()
    for screen in ("queue", "follow_up", "moderation", "sessions"):
        # not every second rater has a link to each screen; an address is all it takes
        page.evaluate("document.querySelector('.sf-root h1').dataset.earlier = 'yes'")
        page.evaluate("place => { location.hash = place }", screen)
        expect(page.locator(".sf-root h1:not([data-earlier])")).to_be_focused(timeout=PATIENCE)
        world.page += page.content()
        world.outline += page.locator("body").aria_snapshot()
    # a heartbeat comes when its time is up: asked for here, so that it is there on a quick machine, too
    for place in (
        "heartbeat",
        "review/{}?purpose=audit",
        "compare/{}",
        "record/{}.html",
        "record/{}.txt",
        "record/{}.pdf",
    ):
        page.evaluate(
            "place => fetch(place).then(answer => answer.text())", "sampling/api/" + place.format(world.first)
        )
    page.unroute_all(behavior="wait")


def curious(scene: Scene, folder: Path, actor: str) -> dict[str, Any]:
    """Returns what a kernel of the second rater's can read: a real one, with a private store of its own."""
    own = folder / "own"
    own.mkdir(mode=0o700)
    script, out = folder / "curious.py", folder / "curious.json"
    script.write_text(CURIOUS, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_VARIABLE, str(own))
        manager, client = start_new_kernel(kernel_name="python3")
    try:
        code = f"import sys; sys.argv = ['', {str(scene.home)!r}, {actor!r}, {str(out)!r}]\n{script.read_text(encoding='utf-8')}"
        reply = client.execute_interactive(code, timeout=120, output_hook=lambda _: None)
        assert reply["content"]["status"] == "ok", reply["content"]
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    return dict(json.loads(out.read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, World]]:
    """Both worlds."""
    folder = tmp_path_factory.mktemp("blind")
    yield live(folder / "low", 0), live(folder / "high", 1)


def plain(text: str) -> str:
    """Returns a text without what differs at every start: random ids, ports, times."""
    return TIMES.sub("@", ONE_CHANCE.sub("#", text))


def test_no_answer_of_the_server_differs(worlds: tuple[World, World]) -> None:
    low, high = ({place: {plain(one) for one in each} for place, each in world.traffic.items()} for world in worlds)
    assert low.keys() == high.keys()
    assert {place: low[place] ^ high[place] for place in low if low[place] != high[place]} == {}
    assert any("api/review" in place for place in low)
    tried = [one for place, each in low.items() for one in each if "api/record" in place or "api/compare" in place]
    assert tried and all(one.startswith(("403 ", "404 ")) for one in tried)


def test_no_frame_of_the_kernels_socket_differs(worlds: tuple[World, World]) -> None:
    low, high = (
        sorted({plain(found) for frame in world.frames for found in re.findall(r'\{"data": .*"state": .*', frame)})
        for world in worlds
    )
    assert low == high and any("screen" in one for one in low)


def test_the_page_and_its_outline_do_not_differ(worlds: tuple[World, World]) -> None:
    low, high = worlds
    assert plain(low.source) == plain(high.source) and plain(low.page) == plain(high.page)
    assert plain(low.outline) == plain(high.outline) and "Criterion" in low.outline


def test_no_word_and_no_level_is_in_anything_that_arrived(worlds: tuple[World, World]) -> None:
    for level, world in enumerate(worlds):
        assert CANARY[level] not in world.everything() and CANARY[level].encode() not in world.heard
        assert b"sampling/api/heartbeat" in world.heard and b"Situation and change" in world.heard, "nothing was heard"
        open_kinds = ("signed", "accessed", "rubrics_frozen")  # who signed, and when, is no secret
        said = [one for one in world.curious["seen"] if one[0] == world.first and one[1] not in open_kinds]
        assert {(kind, state, payload) for _, kind, state, payload in said} == {("sealed", "sealed", "None")}
        ratings = world.curious["tables"]["rating_history"]
        assert world.first not in ratings


def test_no_file_of_the_service_holds_a_word_or_a_level(worlds: tuple[World, World]) -> None:
    for level, world in enumerate(worlds):
        assert any(name.endswith("journal.sqlite") for name in world.files)
        assert any("/record/" in name for name in world.files), "the snapshot of the record was not looked into"
        for name, content in world.files.items():
            assert CANARY[level].encode() not in content, name
            assert b'"level": ' + str(level).encode() not in content and f'"level":{level}'.encode() not in content, (
                name
            )


def test_the_sealed_rows_tell_nothing_by_their_size(worlds: tuple[World, World]) -> None:
    low, high = (
        [(kind, state) for review, kind, state, _ in world.curious["seen"] if review == world.first] for world in worlds
    )
    assert low == high and len(low) > 18
