"""The server of live calibration under a hostile client, a crowd and a kill: nobody reads another's levels, scores twice or forges the trainer."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sampling.calibration.policy import load_calibration_policy
from sampling.calibration.server.streams import MOST_EACH
from tests.calibration_server import CalibrationServer, Listener, Live, calibration_server
from tests.scoring_server import Client

VIGNETTE = "ms-a-and-the-allotment-1.0"
RUBRIC = "crisis_plan_currency"
CROWD = 20


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CalibrationServer]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAMPLING_HOME", str(tmp_path_factory.mktemp("private")))
        with calibration_server(tmp_path_factory.mktemp("calibration")) as running:
            yield running


def session(server: CalibrationServer, *, auto_reveal: bool = False) -> Live:
    choice = next(one for one in server.trainer().get("api/lobby").json["vignettes"] if one["id"] == VIGNETTE)
    refs = [one["ref"] for one in choice["rubrics"][0]["criteria"]]
    return server.open(VIGNETTE, refs, auto_reveal=auto_reveal)


# Who may do what


def test_only_the_trainer_s_cookie_opens_the_trainer_s_addresses(server: CalibrationServer) -> None:
    live = session(server)
    (rater,) = live.join()
    only = "Only the trainer of this session can do that."
    for client in (server.client(), rater):
        for path in (
            "api/lobby",
            f"api/trainer/{live.session}",
            f"api/trainer/{live.session}/stream",
            "",
            f"trainer/{live.session}",
        ):
            answer = client.get(path)
            assert (answer.status, only.encode() in answer.body) == (403, True), path
        for path, body in (
            ("api/lobby", {"vignette": VIGNETTE, "criteria": live.criteria}),
            (f"api/trainer/{live.session}/step", {"step": "scoring", "round": 1}),
            (f"api/trainer/{live.session}/remove", {"handle": "0" * 12}),
            (f"api/trainer/{live.session}/write", {"kind": "group_recorded", "data": {}, "base": 0}),
        ):
            assert (client.post(path, body).status, client.post(path, body).message) == (403, only), path
    assert live.view()["step"] == "lobby"


def test_a_forged_or_stolen_token_opens_nothing(server: CalibrationServer) -> None:
    client = server.client()
    assert client.get("/trainer?token=guess").status == 403 and client.get("/trainer").status == 403
    client.cookies["calibration-trainer"] = "2|1:0|10:1700000000|19:calibration-trainer|12:dHJhaW5lcg==|" + "0" * 64
    assert client.get("api/lobby").status == 403
    live, other = session(server), session(server)
    (rater,) = other.join()
    name, token = next((name, value) for name, value in rater.cookies.items() if name.startswith("calibration-"))
    thief = server.client()
    thief.cookies[f"calibration-{live.session[:16]}"] = token  # of another session
    assert (thief.get(f"api/rate/{live.session}").status, name) == (403, f"calibration-{other.session[:16]}")
    thief.cookies[f"calibration-{live.session[:16]}"] = live.view()["session"]
    assert (
        thief.get(f"api/rate/{live.session}").message
        == "This page is not in the session. Join with the code on the wall."
    )


def test_writing_needs_our_own_page(server: CalibrationServer) -> None:
    live = session(server)
    (rater,) = live.join()
    live.step("scoring", 1)
    body = json.dumps({"round": 1, "locked": False, "answers": []}).encode()
    path = f"api/rate/{live.session}/answers"
    assert rater.ask("POST", path, body, {"Content-Type": "application/json"}).status == 403
    xsrf = {"X-XSRFToken": rater.cookies["_xsrf"]}
    assert rater.ask("POST", path, body, {**xsrf, "Origin": "http://elsewhere.example"}).status == 404
    assert rater.ask("POST", path, body, {**xsrf, "Host": "elsewhere.example"}).status == 403
    assert rater.ask("POST", path, b"[", xsrf).message == "The request is not JSON text."
    assert rater.ask("POST", path, b"[]", xsrf).message == "The request is not a JSON object."
    assert rater.ask("POST", path, b'{"a":"' + b"x" * 70_000 + b'"}', xsrf).status == 413
    assert rater.ask("POST", path, body, xsrf).status == 200
    for wrong in ({"answers": "all"}, {"answers": [1]}, {"round": True, "answers": []}, {"round": "1", "answers": []}):
        assert rater.post(path, {"locked": False, **wrong}).status in (400, 409), wrong


def test_one_address_or_browser_may_ask_for_so_much_and_no_more(tmp_path: Path, private_store: Path) -> None:
    with calibration_server(tmp_path) as server:
        live, policy = session(server), load_calibration_policy()
        client = server.client()
        for _ in range(policy.wrong_codes_a_second + 5):  # as a room behind one router that types an old code
            assert client.get("api/join?code=ZZZZZZ").message.startswith("No session is open under that code.")
        (rater,) = live.join()
        again = {"code": live.code, "alias": "Wren", "agreed": True}
        for _ in range(policy.joins_a_minute - 1):
            assert rater.post("api/join", again).status == 200
        full = client.post("api/join", again)
        said = "Very many are joining from this network. Wait a minute, then press Join again."
        assert (full.status, full.message, live.view()["joined"]) == (429, said, 1)
        live.step("scoring", 1)
        path, body = f"api/rate/{live.session}/answers", {"round": 1, "locked": False, "answers": []}
        assert rater.post(path, {**body, "turn": 9}).json == {"saved": True, "locked": False, "turn": 9}
        for _ in range(policy.answers_a_minute - 1):
            assert rater.post(path, {**body, "turn": 8}).json["saved"] is False
        assert rater.post(path, body).message == "Very many answers came from here in a short time."
        streams = [Listener(rater, f"api/rate/{live.session}/stream") for _ in range(MOST_EACH)]
        refused = rater.get(f"api/rate/{live.session}/stream")
        assert (refused.status, refused.message) == (429, "This session is open in too many tabs here. Close some.")
        assert rater.get(f"api/rate/{live.session}").status == 200, "such a page asks again and again"
        for one in streams:
            one.close()
        assert client.get(f"api/wall/{live.wall}/squares?at=http://192.168.1.20/").json["size"] >= 29
        assert client.get(f"api/wall/{live.wall}/squares?at=javascript:x").status == 400
        live.do("joining", allowed=False)
        assert client.get(f"api/wall/{live.wall}/squares?at=http://192.168.1.20/").status == 409


# Sealed until the reveal


@pytest.mark.parametrize("role", ["wall", "trainer", "rater"])
def test_no_stream_tells_a_level_before_the_reveal(server: CalibrationServer, role: str) -> None:
    live = session(server)
    live.join(6)
    live.step("scoring", 1)
    watcher, path = {
        "wall": (server.client(), f"api/wall/{live.wall}/stream"),
        "trainer": (live.trainer, f"api/trainer/{live.session}/stream"),
        "rater": (live.raters[0], f"api/rate/{live.session}/stream"),
    }[role]
    listener = Listener(watcher, path)
    listener.until(lambda view: view["step"] == "scoring")
    for place, rater in enumerate(live.raters[1:]):
        for level in (place % 4, 3 - place % 4):
            live.answer(rater, 1, level, quote="Crisis and safety plan: 0")
    if role != "rater":
        listener.until(lambda view: view["locked"] == 5)
    before = tuple(listener.frames)
    live.answer(live.raters[0], 1, 2)
    live.step("revealed", 1)
    listener.until(lambda view: view["step"] == "revealed" and view["results"])
    listener.close()
    for frame in before:
        view = json.loads(frame)
        assert view["results"] == [] and view["changes"] == [] and view["reference"] == []
        assert '"quote":"Crisis' not in frame and '"counts"' not in frame
        assert '"level":' not in frame.replace('"levels":', ""), frame[:200]


def test_the_bare_address_leads_to_joining_and_nothing_else_is_there(server: CalibrationServer) -> None:
    client = server.client()
    front = client.get("/")
    assert (front.status, front.headers["Location"]) == (302, "/calibrate/join")
    for path in (
        "/api/kernels",
        "/lab",
        "/calibrate/static/../server/app.py",
        "/calibrate/static/x.py",
        "/calibrate/nothing",
        "/tree",
        "/terminals/1",
    ):
        assert client.get(path).status in (403, 404), path
    page = client.get("join")
    assert (
        "script-src 'self'" in page.headers["Content-Security-Policy"] and page.headers["Cache-Control"] == "no-store"
    )
    assert "Server" not in page.headers


# Many at once


def test_twenty_join_in_ten_seconds_score_within_fifteen_and_see_the_reveal_within_two(
    server: CalibrationServer,
) -> None:
    live = session(server)
    clients = [server.client() for _ in range(CROWD)]

    def join(client: Client) -> None:
        for _ in range(CROWD):  # two may choose the same bird at once: the second is told, and chooses again
            offered = client.get(f"api/join?code={live.code}").json["aliases"]
            answer = client.post("api/join", {"code": live.code, "alias": offered[0], "agreed": True})
            if answer.status == 200:
                return
            assert answer.message == "That alias is taken. Choose another one."
        raise AssertionError("nobody gets in")

    def score(place: int) -> None:
        live.answer(clients[place], 1, place % 4)

    with ThreadPoolExecutor(CROWD) as pool:
        began = time.monotonic()
        list(pool.map(join, clients))
        joined = time.monotonic() - began
        live.raters = clients
        listeners = [Listener(client, f"api/rate/{live.session}/stream") for client in clients]
        live.step("scoring", 1)
        for listener in listeners:
            listener.until(lambda view: view["step"] == "scoring" and view["case"])
        list(pool.map(score, range(CROWD)))
        scored = time.monotonic() - began
    assert live.view()["locked"] == CROWD
    began = time.monotonic()
    live.step("revealed", 1)
    for listener in listeners:
        listener.until(lambda view: view["step"] == "revealed" and view["results"])
        listener.close()
    revealed = time.monotonic() - began
    assert (joined < 10, scored < 25, revealed < 2) == (True, True, True), (joined, scored, revealed)
    assert live.view()["results"][0]["counts"] == [5, 5, 5, 5]
    assert len({one["alias"] for one in live.view()["raters"]}) == CROWD


def test_one_browser_is_one_rater(server: CalibrationServer) -> None:
    live = session(server)
    (rater,) = live.join()
    alias = live.view()["raters"][0]["alias"]
    again = rater.post("api/join", {"code": live.code, "alias": "Wren" if alias != "Wren" else "Rook", "agreed": True})
    assert again.status == 200 and [one["alias"] for one in live.view()["raters"]] == [alias]
    live.step("scoring", 1)
    live.answer(rater, 1, 1)
    live.answer(rater, 1, 3)
    assert (live.view()["locked"], live.view()["active"]) == (1, 1)


# A server that is killed


def test_what_was_answered_saved_outlives_the_server(tmp_path: Path, private_store: Path) -> None:
    with calibration_server(tmp_path) as server:
        live = session(server)
        live.join(6)
        live.step("scoring", 1)
        for place, rater in enumerate(live.raters):
            live.answer(rater, 1, place % 4, locked=place < 5)
        held = [live.seen_by(rater)["me"] for rater in live.raters]
        server.kill()
        server.restart()
        assert [live.seen_by(rater)["me"] for rater in live.raters] == held, "the cookies still hold"
        live.trainer = server.trainer()
        assert (live.view()["step"], live.view()["locked"], live.view()["joined"]) == ("scoring", 5, 6)
        live.step("revealed", 1)
        assert live.view()["results"][0]["counts"] == [2, 1, 1, 1]
        said = server.log_file.read_text(encoding="utf-8")
        assert live.code not in said and all(one["alias"] not in said for one in live.view()["raters"])
