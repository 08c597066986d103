"""The real scoring server: who gets in, what can be reached, what is refused, and that its log holds nobody's words."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest
from chromium import ARGUMENTS, chromium_path
from playwright.sync_api import BrowserContext, sync_playwright
from scoring_server import Answer, Client, Server, scoring_server, start
from scoring_service import (
    LEAD,
    OTHER_SUPERVISOR,
    SECOND_RATER,
    SUPERVISEE,
    SUPERVISOR,
    Scene,
    commented,
    event,
    make_service,
    new_id,
    rated,
)
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from sampling.keys import HOME_VARIABLE, SECRET_VARIABLE
from sampling.scoring.server.handlers import MAXIMUM_BODY, MAXIMUM_EVENTS

CANARY = "Mrs Canary of 9434765919"
WAIT_SECONDS = 60


@dataclass
class Stage:
    """A service and the server over it."""

    scene: Scene
    server: Server
    private: Path

    def review(self, name: str = SUPERVISOR) -> dict[str, Any]:
        """A person's first review, as their page gets it."""
        client = self.server.client(name)
        first = client.get("sampling/api/queue").json["reviews"][0]["review"]
        shown: dict[str, Any] = client.get(f"sampling/api/review/{first}?purpose=supervision").json
        return shown


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One service and one server for the tests of this module."""
    folder = tmp_path_factory.mktemp("scoring")
    private = folder / "private"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_VARIABLE, str(private))
        scene = make_service(folder, private)
        with scoring_server(scene.home) as server:
            yield Stage(scene, server, private)
        scene.service.close()


@pytest.fixture
def browser() -> Iterator[BrowserContext]:
    """A browser with nothing in it."""
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        context = playwright.chromium.launch_persistent_context(
            folder, executable_path=chromium_path(), headless=True, args=list(ARGUMENTS)
        )
        yield context
        context.close()


def a_comment(shown: dict[str, Any], text: str) -> dict[str, Any]:
    """An event that comments on the first criterion."""
    return commented(shown, next(iter(shown["state"]["criteria"])), text)


# Who gets in


def test_without_the_token_a_page_and_the_interface_say_what_to_do(stage: Stage) -> None:
    stranger = stage.server.client(SUPERVISOR, signed_in=False)
    for path in (
        "",
        "score",
        "follow_up",
        "/",
        "?token=wrong",
        "?token=%C3%A9",
        f"sampling/api/record/{'0' * 32}.html",
    ):
        answer = stranger.get(path)
        assert answer.status == 403
        assert "Open the whole address again that you were given." in answer.body.decode()
    for path in ("api/me", "api/queue", "api/heartbeat", "static/app.js"):
        answer = stranger.get("sampling/" + path)
        assert (answer.status, answer.message.partition(".")[0]) == (403, "This page is not signed in")


def test_the_cookie_is_of_one_place_and_no_script_can_read_it(stage: Stage) -> None:
    address = urlsplit(stage.server.address(SUPERVISOR))
    client = Client(address.netloc, address.path)
    answer = client.get(f"{address.path}?{address.query}")
    cookie = answer.headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=Strict", f"Path={address.path}"} <= {part.strip() for part in cookie.split(";")}
    assert address.query.partition("=")[2] not in answer.body.decode() + cookie
    other = urlsplit(stage.server.address(SECOND_RATER))
    moved = Client(other.netloc, other.path, dict(client.cookies))
    assert (client.get("sampling/api/me").status, moved.get("sampling/api/me").status) == (200, 403)


def test_a_token_opens_the_place_of_one_person_alone(stage: Stage) -> None:
    mine, theirs = (urlsplit(stage.server.address(name)) for name in (SUPERVISOR, LEAD))
    assert Client(mine.netloc, theirs.path).get(f"?{mine.query}").status == 403
    tokens = {urlsplit(address).query for address in stage.server.addresses.values()}
    assert len(tokens) == len(stage.server.addresses) and min(map(len, tokens)) > 40


def test_each_person_is_who_their_address_says(stage: Stage) -> None:
    names = {
        name: stage.server.client(name).get("sampling/api/me").json["person"]["name"] for name in stage.server.addresses
    }
    assert names == {name: name for name in stage.server.addresses}


def test_signing_out_ends_the_cookie_in_the_browser(stage: Stage) -> None:
    client = stage.server.client(LEAD)
    assert client.post("sampling/sign_out", {}).json == {"signed_out": True}
    assert client.get("sampling/api/me").status == 403


def test_a_change_needs_the_xsrf_token_which_a_beacon_sends_in_its_address(stage: Stage) -> None:
    client, shown = stage.server.client(SUPERVISOR), stage.review()
    body = json.dumps({"events": [a_comment(shown, "sent while leaving")]}).encode()
    bare = client.ask("POST", "sampling/api/events", body)
    assert (bare.status, "error" in bare.json) == (403, True)
    assert client.ask("POST", "sampling/api/events", body, {"X-XSRFToken": "0" * 32}).status == 403
    beacon = client.ask(
        "POST",
        f"sampling/api/events?_xsrf={client.cookies['_xsrf']}",
        body,
        {"Content-Type": "text/plain;charset=UTF-8"},
    )
    assert [receipt["status"] for receipt in beacon.json["receipts"]] == ["stored"]


def test_another_site_gets_nothing(stage: Stage) -> None:
    client = stage.server.client(SUPERVISOR)
    origin = {"Origin": "http://example.org"}
    assert client.get("sampling/api/me", origin).status == 404
    assert client.post("sampling/api/events", {"events": []}, origin).status == 404
    assert client.get("sampling/api/me", {"Host": "example.org"}).status == 403


def test_a_seat_is_refused_here(stage: Stage) -> None:
    answer = stage.server.client(SUPERVISOR).get("sampling/api/me", {"X-Sampling-Seat": "a" * 64})
    assert (answer.status, answer.message) == (
        403,
        "This server takes no seats: it knows you by the address that you opened.",
    )


def test_a_change_is_stored_under_the_person_who_asks_whatever_it_says(stage: Stage) -> None:
    shown = stage.review()
    said = {**a_comment(shown, "by whom"), "actor": stage.scene.key(LEAD)}
    client = stage.server.client(SUPERVISOR)
    answer = client.post("sampling/api/events", {"events": [said]})
    stored = [entry for entry in stage.scene.service.journal.entries(review=shown["review"]) if entry.id == said["id"]]
    assert answer.status == 400 or [entry.actor for entry in stored] == [stage.scene.key(SUPERVISOR)]


@pytest.mark.parametrize("name", [SECOND_RATER, SUPERVISEE, OTHER_SUPERVISOR])
def test_a_role_reaches_no_further_than_it_may(stage: Stage, name: str) -> None:
    shown = stage.review()
    client = stage.server.client(name)
    answer = client.get(f"sampling/api/review/{shown['review']}?purpose=supervision")
    assert answer.status in (403, 404) and answer.message
    refused = client.post("sampling/api/events", {"events": [a_comment(shown, "not mine to say")]})
    assert refused.status in (400, 403, 404)
    assert "not mine to say" not in str(stage.scene.service.journal.entries(review=shown["review"]))


# What can be reached


@pytest.mark.parametrize(
    "path",
    [
        "/api/contents", "/api/contents/02_score.ipynb", "/api/terminals", "/api/sessions", "/api/kernels", "/api/kernelspecs",
        "/api/config/x", "/api/me", "/api/status", "/tree", "/lab", "/login", "/logout", "/files/02_score.ipynb", "/metrics",
        "/voila/tree", "/voila/render/02_score.ipynb", "/voila/files/02_score.ipynb", "/voila/api/contents", "/static/x.js",
        "/notebooks/02_score.ipynb", "/view/02_score.ipynb", "/voila/static/../../app.py", "/voila/static/%2e%2e/%2e%2e/app.py",
        "/voila/labextensions/..%2f..%2f..%2fpyvenv.cfg", "/voila/api/themes/..%2f..%2fx.css", "/02_score.ipynb",
    ],
)  # fmt: skip
def test_nothing_else_of_jupyter_can_be_reached(stage: Stage, path: str) -> None:
    client = stage.server.client(SUPERVISOR)
    for address in (path, client.base.rstrip("/") + path):
        for method in ("GET", "POST", "PUT", "DELETE", "PATCH"):
            answer = client.ask(
                method, address, b"{}" if method != "GET" else None, {"X-XSRFToken": client.cookies["_xsrf"]}
            )
            assert answer.status in (403, 404, 405), (method, address)


@dataclass
class Page:
    """A page that was opened without a browser: its kernel runs."""

    client: Client
    kernel: str

    @classmethod
    def open(cls, stage: Stage, name: str) -> Page:
        """Opens the form as a person."""
        client = stage.server.client(name)
        html = client.get("score").body.decode()
        config = re.search(r'<script id="jupyter-config-data" type="application/json">(.*?)</script>', html, re.DOTALL)
        assert config is not None, html
        return cls(client, json.loads(config.group(1))["kernelId"])

    def channels(self, base: str = "") -> Any:
        """Connects to the kernel's channels."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.client.cookies.items())
        address = f"ws://{self.client.host}{base or self.client.base}api/kernels/{self.kernel}/channels?session_id=test"
        return connect(address, additional_headers={"Cookie": cookies}, origin=f"http://{self.client.host}")  # type: ignore[arg-type]

    def leave(self) -> Answer:
        """Says that the page is closed, as Voilà's script does: without the XSRF token."""
        return self.client.ask("POST", f"voila/api/shutdown/{self.kernel}", b"")


def message(kind: str, content: dict[str, Any], channel: str = "shell") -> str:
    """A message of Jupyter's protocol."""
    header = {"msg_id": kind, "username": "", "session": "test", "msg_type": kind, "version": "5.3", "date": ""}
    return json.dumps(
        {"channel": channel, "header": header, "parent_header": {}, "metadata": {}, "content": content, "buffers": []}
    )


@pytest.mark.parametrize("channel", ["shell", "control"])
def test_a_kernel_runs_no_code_that_a_page_sends(stage: Stage, tmp_path: Path, channel: str) -> None:
    page = Page.open(stage, SUPERVISOR)
    trace = tmp_path / "ran"
    code = f"open({str(trace)!r}, 'w').write('x')"
    with page.channels() as channels:
        channels.send(message("execute_request", {"code": code, "silent": False}, channel))
        channels.send(message("comm_info_request", {}))
        seen = []
        while "comm_info_reply" not in seen:  # the kernel answers in order: by now it would have run the code
            seen.append(json.loads(channels.recv(WAIT_SECONDS))["header"]["msg_type"])
    assert not {"execute_reply", "execute_input", "error"} & set(seen)
    assert not trace.exists()
    assert page.leave().status == 204


def test_a_kernel_is_its_own_persons_alone(stage: Stage) -> None:
    page = Page.open(stage, SUPERVISOR)
    other = stage.server.client(LEAD)
    assert page.client.get(f"api/kernels/{page.kernel}").status == 200
    assert other.get(f"api/kernels/{page.kernel}").status == 404
    assert Page(other, page.kernel).leave().status == 404
    stranger = stage.server.client(SUPERVISOR, signed_in=False)
    for client in (other, stranger):
        with pytest.raises(InvalidStatus, match="40[34]"), Page(client, page.kernel).channels():
            pass
    xsrf = {"X-XSRFToken": page.client.cookies["_xsrf"]}
    assert page.client.ask("DELETE", f"api/kernels/{page.kernel}", headers=xsrf).status == 405
    assert page.client.ask("POST", f"api/kernels/{page.kernel}/restart", b"", xsrf).status == 404
    assert page.leave().status == 204


def test_a_kernel_does_not_know_the_secret(stage: Stage) -> None:
    secret = (stage.private / "secret.key").read_text(encoding="ascii").strip()
    environment = {SECRET_VARIABLE: secret, HOME_VARIABLE: str(stage.private)}
    with scoring_server(stage.scene.home, environment=environment) as server:
        page = Page.open(Stage(stage.scene, server, stage.private), LEAD)
        (kernel,) = server.kernels()
        known = psutil.Process(kernel).environ()
        assert psutil.Process(server.process.pid).environ()[SECRET_VARIABLE] == secret
        assert SECRET_VARIABLE not in known and known["SAMPLING_SERVED"] == "1"
        assert page.leave().status == 204


@pytest.mark.parametrize(
    "name",
    ["..%2fhandlers.py", "../handlers.py", "%2e%2e/handlers.py", "loader.js%00", "LOADER.JS", "loader.py", ".js", "a/b.js",
     "..", "loader.js/", "%5c..%5chandlers.py", "x" * 5000 + ".js"],
)  # fmt: skip
def test_the_pages_own_files_are_served_by_name_alone(stage: Stage, name: str) -> None:
    assert stage.server.client(SUPERVISOR).get(f"sampling/static/{name}").status in (400, 404, 414)


def test_the_pages_own_files_have_the_right_types(stage: Stage) -> None:
    client = stage.server.client(SUPERVISOR)
    script = client.get("sampling/static/loader.js")
    assert (script.status, script.headers["Content-Type"]) == (200, "text/javascript; charset=utf-8")
    assert script.headers["X-Content-Type-Options"] == "nosniff"
    assert client.get("sampling/static/loader.js", {"If-None-Match": script.headers["Etag"]}).status == 304


def test_what_the_interface_says_is_kept_nowhere(stage: Stage) -> None:
    answer = stage.server.client(SUPERVISOR).get("sampling/api/me")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert answer.headers["Referrer-Policy"] == "no-referrer" and "Server" not in answer.headers
    assert {"now", "today", "person", "purposes", "settings"} <= answer.json.keys()


# What is refused

HOSTILE = {
    "nothing": b"",
    "half": b'{"events": [',
    "a list": b"[]",
    "no events": b"{}",
    "a number": b'{"events": 1}',
    "numbers": b'{"events": [1, null]}',
    "deep": b"[" * 200_000,
    "deep in an event": b'{"events": [{"data": ' + b'{"a":' * 5000 + b"1" + b"}" * 5000 + b"}]}",
    "no text": b"\xff\xfe\x00",
    "not a number": b'{"events": [{"id": NaN}]}',
    "empty events": b'{"events": [{}]}',
    "lists for texts": b'{"events": [{"id": [], "kind": {}, "review": 1, "subject": null, "base": "x", "data": []}]}',
    "a lone surrogate": b'{"events": [{"id": "\\ud800", "kind": "\\ud800", "review": "\\ud800", "subject": "x", "base": 0, "data": {}}]}',
    "a lone surrogate for a field": b'{"events": [{"\\ud800": 1, "id": "x"}]}',
    "a huge number": b'{"events": [{"base": ' + b"9" * 4000 + b"}]}",
    "an unknown kind": b'{"events": [{"id": "x", "kind": "hacked", "review": "", "subject": "", "base": 0, "data": {}}]}',
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("address", ["events", "sign"])
def test_a_hostile_body_is_refused_in_words(stage: Stage, address: str, body: bytes) -> None:
    client = stage.server.client(SUPERVISOR)
    before = stage.scene.service.journal.head()
    answer = client.ask("POST", f"sampling/api/{address}", body, {"X-XSRFToken": client.cookies["_xsrf"]})
    assert answer.status in (400, 403, 404) and answer.message, answer.body
    assert stage.scene.service.journal.head() == before
    assert "Traceback" not in answer.body.decode()


def test_too_much_at_once_is_refused_in_words(stage: Stage) -> None:
    client = stage.server.client(SUPERVISOR)
    xsrf = {"X-XSRFToken": client.cookies["_xsrf"]}
    many = json.dumps({"events": [{}] * (MAXIMUM_EVENTS + 1)}).encode()
    for body in (b"x" * (MAXIMUM_BODY + 1), many):
        answer = client.ask("POST", "sampling/api/events", body, xsrf)
        assert (answer.status, answer.message) == (413, "That was too much at once. Nothing of it was kept.")
    assert client.get("sampling/api/heartbeat").status == 200


@pytest.mark.parametrize(
    "kind", ["signed", "signature_voided", "unsealed", "journal_opened", "purged", "rubrics_frozen", "accessed"]
)
def test_what_only_the_service_writes_cannot_be_posted(stage: Stage, kind: str) -> None:
    shown, client = stage.review(), stage.server.client(SUPERVISOR)
    before = len(stage.scene.service.journal.entries(kinds=[kind]))
    answer = client.post("sampling/api/events", {"events": [event(kind, shown["review"], "", {})]})
    assert answer.status == 400 and answer.json["error"]["findings"]
    assert len(stage.scene.service.journal.entries(kinds=[kind])) == before


def test_one_bad_event_refuses_all_of_them(stage: Stage) -> None:
    shown, client = stage.review(), stage.server.client(SUPERVISOR)
    good = a_comment(shown, "would be fine alone")
    answer = client.post("sampling/api/events", {"events": [good, event("rated", shown["review"], "rating:x/y", {})]})
    assert answer.status == 400
    assert [finding["where"] for finding in answer.json["error"]["findings"]]
    assert all(entry.id != good["id"] for entry in stage.scene.service.journal.entries(review=shown["review"]))


def test_a_signature_of_what_has_changed_since_is_refused(stage: Stage) -> None:
    shown, client = stage.review(), stage.server.client(SUPERVISOR)
    request = {
        "id": new_id(),
        "review": shown["review"],
        "role": "rater",
        "statement": shown["statement"],
        "content": "0" * 64,
    }
    answer = client.post("sampling/api/sign", request)
    assert answer.status in (400, 409) and answer.message
    assert stage.scene.service.journal.entries(review=shown["review"], kinds=["signed"]) == []


@pytest.mark.parametrize(
    "path",
    ["api/review/" + "0" * 32, "api/compare/" + "0" * 32, "api/moderation/" + "0" * 64, "api/session/" + "0" * 32],
)
def test_what_is_not_there_is_said_in_words(stage: Stage, path: str) -> None:
    answer = stage.server.client(SUPERVISOR).get(f"sampling/{path}?purpose=supervision")
    assert answer.status in (403, 404) and answer.message.endswith(".")


# What is stored, and when


def test_saved_means_stored_and_the_same_event_twice_is_one(stage: Stage) -> None:
    shown, client = stage.review(), stage.server.client(SUPERVISOR)
    said = rated(shown, next(iter(shown["state"]["criteria"])), 1)
    first = client.post("sampling/api/events", {"events": [said]}).json
    again = client.post("sampling/api/events", {"events": [said]}).json
    assert (first["receipts"][0]["status"], again["receipts"][0]["status"]) == ("stored", "known")
    assert set(first["content"]) == set(first["missing"]) == {shown["review"]}
    assert [entry.id for entry in stage.scene.service.journal.entries(review=shown["review"])].count(said["id"]) == 1


def test_what_many_write_at_once_is_all_stored(stage: Stage) -> None:
    shown = stage.review()
    clients = [stage.server.client(SUPERVISOR) for _ in range(8)]
    said = [[event("time_spent", shown["review"], "time", {"seconds": 1}) for _ in range(5)] for _ in clients]

    def write(client: Client, events: list[dict[str, Any]]) -> list[str]:
        answers = [client.post("sampling/api/events", {"events": [one]}) for one in events]
        return [receipt["status"] for answer in answers for receipt in answer.json["receipts"]]

    with ThreadPoolExecutor(len(clients)) as pool:
        assert {status for found in pool.map(write, clients, said) for status in found} == {"stored"}
    stored = {entry.id for entry in stage.scene.service.journal.entries(review=shown["review"])}
    assert {one["id"] for events in said for one in events} <= stored
    assert stage.scene.service.journal.verify().ok


def test_a_dead_kernel_takes_nothing_with_it(stage: Stage) -> None:
    page, shown = Page.open(stage, SUPERVISOR), stage.review()
    assert stage.server.kill_kernels() >= 1
    said = a_comment(shown, "written after the kernel was killed")
    answer = page.client.post("sampling/api/events", {"events": [said]})
    assert [receipt["status"] for receipt in answer.json["receipts"]] in (["stored"], ["conflict"])
    assert said["id"] in [entry.id for entry in stage.scene.service.journal.entries(review=shown["review"])]


def test_a_journal_that_another_writer_holds_is_busy_and_holds_up_nobody_else(stage: Stage) -> None:
    shown, client = stage.review(), stage.server.client(SUPERVISOR)
    said = a_comment(shown, "written while another writer held the journal")
    holder = sqlite3.connect(stage.scene.home / "journal" / "journal.sqlite", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        began = time.monotonic()
        busy = client.post("sampling/api/events", {"events": [said]})
        waited = time.monotonic() - began
        began = time.monotonic()
        assert stage.server.client(LEAD).get("sampling/api/heartbeat").status == 200
        assert time.monotonic() - began < waited
    finally:
        holder.execute("ROLLBACK")
        holder.close()
    assert (busy.status, busy.headers["Retry-After"]) == (503, "2") and "Try again" in busy.message
    assert client.post("sampling/api/events", {"events": [said]}).json["receipts"][0]["status"] in (
        "stored",
        "conflict",
    )


def test_the_log_holds_nobodys_words(stage: Stage) -> None:
    shown, client = stage.review(), stage.server.client(SUPERVISOR)
    xsrf = {"X-XSRFToken": client.cookies["_xsrf"]}
    good = a_comment(shown, CANARY)
    client.post("sampling/api/events", {"events": [good]})
    client.post("sampling/api/events", {"events": [{**good, "data": {"criterion": CANARY, "text": 7}}]})
    client.post("sampling/api/sign", {"id": CANARY, "statement": CANARY})
    client.ask("POST", "sampling/api/events", f'{{"events": ["{CANARY}'.encode(), xsrf)
    client.get("sampling/api/queue?note=9434765919")
    client.get("sampling/api/9434765919")
    client.get("9434765919?token=9434765919")
    client.get(f"sampling/api/review/{shown['review']}?purpose=9434765919")
    log = stage.server.log()
    assert "events" in log and "review" in log
    assert [
        trace for trace in ("Canary", "9434765919", SUPERVISOR, shown["case_label"], "Traceback") if trace in log
    ] == []
    assert not any(urlsplit(address).query.partition("=")[2] in log for address in stage.server.addresses.values())


# In a browser


def test_the_page_asks_nobody_else_and_its_address_holds_no_token(stage: Stage, browser: BrowserContext) -> None:
    asked: list[str] = []
    browser.on("request", lambda request: asked.append(request.url))
    page = browser.new_page()
    page.goto(stage.server.address(SUPERVISOR))
    page.locator(".sf-root").wait_for(timeout=WAIT_SECONDS * 1000)
    base = urlsplit(stage.server.address(SUPERVISOR)).path
    page.wait_for_url(f"**{base}score")
    foreign = [
        url for url in asked if urlsplit(url).netloc not in (stage.server.host, "") and not url.startswith("blob:")
    ]
    assert foreign == []
    assert page.evaluate("document.documentElement.lang") == "en-GB"
    page.wait_for_function("document.title.includes('Cases')")
    assert page.get_by_role("main").count() == 1 and page.get_by_role("main").locator(".sf-root").count() == 1
    assert "token" not in page.url + page.evaluate("JSON.stringify(performance.getEntriesByType('navigation'))")
    assert page.evaluate("document.cookie").split("=")[0] == "_xsrf"
    page.go_back()
    assert "token" not in page.url


def test_the_follow_up_has_a_page_of_its_own(stage: Stage, browser: BrowserContext) -> None:
    page = browser.new_page()
    page.goto(stage.server.address(SUPERVISOR))
    page.wait_for_url("**/score")
    page.goto(page.url.replace("score", "follow_up"))
    page.locator(".sf-root h1", has_text="Follow-up").wait_for(timeout=WAIT_SECONDS * 1000)
    assert page.title() == "Follow-up · Case sampling"


def test_a_closed_page_ends_its_kernel(stage: Stage, browser: BrowserContext) -> None:
    for kernel in stage.server.kernels():
        psutil.Process(kernel).kill()
    page = browser.new_page()
    page.goto(stage.server.address(LEAD))
    page.locator(".sf-root").wait_for(timeout=WAIT_SECONDS * 1000)
    kernels = [psutil.Process(kernel) for kernel in stage.server.kernels()]
    assert kernels
    page.close(run_before_unload=True)
    gone, left = psutil.wait_procs(kernels, timeout=WAIT_SECONDS)
    assert (len(gone), left) == (len(kernels), [])


def test_two_people_in_one_browser_stay_two(stage: Stage, browser: BrowserContext) -> None:
    pages = {}
    for name in (SUPERVISOR, LEAD):
        pages[name] = browser.new_page()
        pages[name].goto(stage.server.address(name))
        pages[name].wait_for_url("**/score")
    asking = "async () => (await (await fetch('sampling/api/me')).json()).person.name"
    assert {name: page.evaluate(asking) for name, page in pages.items()} == {name: name for name in pages}


def test_an_address_opened_from_a_file_signs_in(stage: Stage, browser: BrowserContext, tmp_path: Path) -> None:
    file = tmp_path / "open.html"
    file.write_text(f'<!DOCTYPE html><meta http-equiv="refresh" content="0; url={stage.server.address(LEAD)}">')
    page = browser.new_page()
    page.goto(file.as_uri())
    page.wait_for_url("**/score")
    page.locator(".sf-root").wait_for(timeout=WAIT_SECONDS * 1000)


# Starting and stopping


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_in_words_and_takes_its_kernels_along(stage: Stage, how: signal.Signals) -> None:
    words = [sys.executable, "-m", "sampling", "score", str(stage.scene.home), "--port", "0", "--no-browser"]
    process = subprocess.Popen(
        [*words, "--as", SUPERVISOR], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=_environment(stage)
    )
    assert process.stdout is not None
    said = [process.stdout.readline() for _ in range(3)]
    assert said[0] == "Open this address in a browser on this computer. It signs you in, so keep it to yourself:\n"
    assert said[1].startswith(f"  {SUPERVISOR}  http://127.0.0.1:")
    process.send_signal(how)
    out, error = process.communicate(timeout=WAIT_SECONDS)
    assert (process.returncode, out) == (0, "Stopped. Everything that a page showed as saved is in the journal.\n")
    assert error == ""


def _environment(stage: Stage) -> dict[str, str]:
    return {**os.environ, HOME_VARIABLE: str(stage.private)}


def test_a_taken_port_is_said_in_words(stage: Stage) -> None:
    port = urlsplit(stage.server.address()).port
    with pytest.raises(
        AssertionError, match=f"Port {port} of this computer cannot be used.*--port {port + 1 if port else 0}"
    ):
        start(stage.scene.home, port=port or 0, environment={HOME_VARIABLE: str(stage.private)})


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--as", "Nobody"], "Nobody of that name stands in the people file"),
        (["--people", "nowhere.toml"], "The people file nowhere.toml cannot be read"),
        (["--policy", "nowhere.toml"], "nowhere.toml"),
        (["--journal", "postgresql://nobody@127.0.0.1:1/none"], "The database"),
    ],
)
def test_what_is_wrong_is_said_before_it_starts(stage: Stage, words: list[str], sentence: str) -> None:
    with pytest.raises(AssertionError, match=sentence):
        start(stage.scene.home, *words, environment={HOME_VARIABLE: str(stage.private)})


@pytest.mark.parametrize("port", ["70000", "-1", "http", "٣"])
def test_a_port_that_is_none_is_refused(run_sampling: Any, tmp_path: Path, port: str) -> None:
    status, answer, _ = run_sampling("score", tmp_path, f"--port={port}")
    assert status == 2 and "expected a number from 0 to 65535" in answer["message"]


def test_a_folder_without_a_draw_is_said_in_words(run_sampling: Any, tmp_path: Path) -> None:
    status, answer, _ = run_sampling("score", tmp_path / "nowhere", "--as", "Ann")
    assert (status, answer["message"].partition(" in ")[0]) == (12, "There is no draw")


def test_a_draw_without_its_record_says_prepare(stage: Stage, run_sampling: Any, tmp_path: Path) -> None:
    shutil.copytree(stage.scene.home, tmp_path / "draws")
    shutil.rmtree(tmp_path / "draws" / "2026-10" / "private" / "record")
    status, answer, _ = run_sampling("score", tmp_path / "draws" / "2026-10", "--as", SUPERVISOR)
    assert status == 12 and "sampling prepare" in answer["message"]


def test_a_service_without_a_people_file_asks_who_scores(stage: Stage, run_sampling: Any, tmp_path: Path) -> None:
    shutil.copytree(stage.scene.home, tmp_path / "draws")
    (tmp_path / "draws" / "people.toml").unlink()
    status, answer, _ = run_sampling("score", tmp_path / "draws")
    assert (status, answer["message"].partition(":")[0]) == (2, "Say who scores")


# The record of a case


def test_a_record_is_a_page_a_pdf_or_a_text(stage: Stage) -> None:
    shown, client = stage.review(), stage.server.client(SUPERVISOR)
    address = f"sampling/api/record/{shown['review']}"
    page, pdf, text = (client.get(f"{address}.{kind}?purpose=supervision") for kind in ("html", "pdf", "txt"))
    assert (page.status, page.headers["Content-Type"], page.body[:15].lower()) == (
        200,
        "text/html; charset=utf-8",
        b"<!doctype html>",
    )
    assert (pdf.status, pdf.headers["Content-Type"], pdf.body[:5]) == (200, "application/pdf", b"%PDF-")
    assert (text.status, text.headers["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert page.headers["Cache-Control"] == pdf.headers["Cache-Control"] == "no-store"
    assert f'filename="record-{shown["review"][:8]}.pdf"' in pdf.headers["Content-Disposition"]


@pytest.mark.parametrize(
    "name", ["0" * 32 + ".html", "0" * 32 + ".exe", "../me", "..%2fme", "0" * 31 + "/.html", "0" * 32 + ".html.js"]
)
def test_a_record_that_is_not_there_is_said_in_words(stage: Stage, name: str) -> None:
    answer = stage.server.client(SUPERVISOR).get(f"sampling/api/record/{name}?purpose=supervision")
    assert answer.status in (403, 404)
    assert "no such review" in answer.body.decode() or "nothing at this address" in answer.body.decode()


def test_the_record_of_another_persons_case_stays_shut(stage: Stage) -> None:
    answer = stage.server.client(SUPERVISEE).get(
        f"sampling/api/record/{stage.review()['review']}.html?purpose=supervision"
    )
    assert answer.status in (403, 404) and b"%PDF" not in answer.body
