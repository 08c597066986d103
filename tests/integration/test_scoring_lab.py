"""The form in a real JupyterLab: the extension serves it, a seat says whose it is, and digits are levels and not commands."""

from __future__ import annotations

import http.client
import json
import os
import re
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from chromium import ARGUMENTS, chromium_path
from playwright.sync_api import Page, sync_playwright
from ports import free_port
from scoring_service import LEAD, SUPERVISOR, Scene, make_service

from sampling.keys import HOME_VARIABLE
from sampling.policy import shared_folder
from sampling.scoring.server.seats import SEAT_HOURS

WAIT_SECONDS = 120
BASE = "/user/ann/"  # as JupyterHub gives each user a path of their own
NEWS_OFF = {"fetchNews": "false", "checkForUpdates": False}


# Posts an empty list of events as the form does, with or without the XSRF header; the status.
POSTING = """async ([address, seat, guarded]) => {
  const xsrf = document.cookie.split("; ").find(one => one.startsWith("_xsrf=")).slice(6);
  const headers = { "X-Sampling-Seat": seat, ...(guarded ? { "X-XSRFToken": decodeURIComponent(xsrf) } : {}) };
  return (await fetch(address, { method: "POST", headers, body: JSON.stringify({ events: [] }) })).status;
}"""


@dataclass
class Lab:
    """A running JupyterLab over a folder with our notebooks."""

    scene: Scene
    private: Path
    folder: Path
    port: int
    token: str
    log_file: Path

    def ask(self, path: str, base: str = BASE, **headers: str) -> tuple[int, Any]:
        """Asks the server with its token; the status and the JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("GET", base + path, headers={"Authorization": f"token {self.token}", **headers})
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()

    def seats(self) -> list[str]:
        """The names of the seats that there are."""
        return [path.stem for path in (self.private / "seats").glob("*.json")]


def with_parameters(name: str, folder: Path, **given: str) -> Path:
    """Writes one of our notebooks with other parameters, as a person would set them."""
    notebook = json.loads((shared_folder("notebooks") / name).read_text(encoding="utf-8"))
    cell = next(cell for cell in notebook["cells"] if "parameters" in cell["metadata"].get("tags", []))
    cell["source"] = "".join(cell["source"]) + "".join(f"\n{key} = {value!r}" for key, value in given.items())
    (folder / name).write_text(json.dumps(notebook), encoding="utf-8")
    return folder / name


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """One JupyterLab for the tests of this module, with settings of its own."""
    folder = tmp_path_factory.mktemp("lab")
    private, work, own = folder / "private", folder / "work", folder / "jupyter"
    settings = own / "settings" / "@jupyterlab" / "apputils-extension"
    for made in (work, settings):
        made.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text(json.dumps(NEWS_OFF), encoding="utf-8")
    port, token = free_port(), secrets.token_hex(16)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_VARIABLE, str(private))
        scene = make_service(folder, private)
        environment = {
            **os.environ,
            "JUPYTER_DATA_DIR": str(own / "data"),
            "JUPYTER_CONFIG_DIR": str(own / "config"),
            "JUPYTER_RUNTIME_DIR": str(own / "runtime"),
            "JUPYTERLAB_SETTINGS_DIR": str(own / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(own / "workspaces"),
        }
        words = [
            f"--port={port}",
            "--ServerApp.port_retries=0",
            "--ip=127.0.0.1",
            f"--IdentityProvider.token={token}",
            f"--ServerApp.base_url={BASE}",
        ]
        command = [
            sys.executable,
            "-m",
            "jupyterlab",
            "--no-browser",
            "--allow-root",
            f"--ServerApp.root_dir={work}",
            *words,
        ]
        with (
            open(folder / "lab.log", "w") as log,
            subprocess.Popen(command, stdout=log, stderr=log, env=environment) as process,
        ):
            found = Lab(scene, private, work, port, token, folder / "lab.log")
            _wait_until_it_serves(found, process)
            yield found
            process.send_signal(signal.SIGTERM)
            process.wait(WAIT_SECONDS)
        scene.service.close()


def _wait_until_it_serves(lab: Lab, process: subprocess.Popen[bytes]) -> None:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        while probe.connect_ex(("127.0.0.1", lab.port)):
            assert process.poll() is None, lab.log_file.read_text(encoding="utf-8")
            try:
                process.wait(0.2)
            except subprocess.TimeoutExpired:
                continue


@pytest.fixture
def page(lab: Lab) -> Iterator[Page]:
    """A browser's page."""
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        context = playwright.chromium.launch_persistent_context(
            folder,
            executable_path=chromium_path(),
            headless=True,
            args=list(ARGUMENTS),
            viewport={"width": 1280, "height": 900},
        )
        yield context.new_page()
        context.close()


def run_all(lab: Lab, page: Page, notebook: Path) -> None:
    """Opens a notebook and runs its cells. Before the kernel is there, Lab drops the command without a word."""
    page.goto(
        f"http://127.0.0.1:{lab.port}{BASE}lab/tree/{notebook.name}?token={lab.token}&reset",
        timeout=WAIT_SECONDS * 1000,
    )
    page.get_by_text(re.compile(r"^Python 3 .*\| Idle")).wait_for(timeout=WAIT_SECONDS * 1000)
    page.wait_for_function(
        f"async () => (await (await fetch('{BASE}api/kernels')).json()).some(k => k.execution_state === 'idle' && k.connections > 0)",
        timeout=WAIT_SECONDS * 1000,
    )
    page.get_by_text("Run", exact=True).first.click()
    page.get_by_text("Run All Cells", exact=True).click()


def test_the_form_is_served_for_the_rater_of_the_cell(lab: Lab, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    notebook = with_parameters("02_score.ipynb", lab.folder, draws=str(lab.scene.home), rater=SUPERVISOR)
    run_all(lab, page, notebook)
    root = page.locator(".sf-root")
    root.get_by_text(SUPERVISOR).first.wait_for(timeout=WAIT_SECONDS * 1000)
    (seat,) = lab.seats()
    assert lab.ask("sampling/api/me", **{"X-Sampling-Seat": seat})[1]["person"]["name"] == SUPERVISOR
    assert lab.ask(f"sampling/api/queue?seat={seat}")[1]["reviews"]
    assert [url for url in asked if not url.startswith((f"http://127.0.0.1:{lab.port}/", "blob:", "data:"))] == []
    path = lab.private / "seats" / f"{seat}.json"
    assert page.get_by_role("button", name="Sign out").count() == 0
    assert page.evaluate(POSTING, [f"{BASE}sampling/api/events", seat, False]) == 403
    assert page.evaluate(POSTING, [f"{BASE}sampling/api/events", seat, True]) == 200
    assert (stat.S_IMODE(path.stat().st_mode), stat.S_IMODE(path.parent.stat().st_mode)) == (0o600, 0o700)


def test_without_a_seat_the_extension_says_what_to_do(lab: Lab) -> None:
    for headers in ({}, {"X-Sampling-Seat": "0" * 64}, {"X-Sampling-Seat": "../../secret"}):
        status, answer = lab.ask("sampling/api/queue", **headers)
        assert (status, answer["error"]["message"]) == (
            403, "This form has no seat. Run the notebook's cell again; nothing that was saved is lost."
        )  # fmt: skip
    assert lab.ask("sampling/api/heartbeat")[0] == 200


def test_a_stranger_is_refused_even_with_a_seat(lab: Lab) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", lab.port, timeout=60)
    seats = [*lab.seats(), "0" * 64]
    for path in ("api/me", "api/heartbeat", "static/loader.js"):
        connection.request("GET", f"{BASE}sampling/{path}", headers={"X-Sampling-Seat": seats[0]})
        response = connection.getresponse()
        answer = json.loads(response.read())
        assert response.status == 403 and "not signed in" in answer["error"]["message"]
    connection.close()


def test_a_name_that_is_not_in_the_people_file_is_refused(lab: Lab) -> None:
    from datetime import UTC, datetime

    from sampling.scoring.server.seats import Seat, take_seat

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_VARIABLE, str(lab.private))
        seat = take_seat(Seat(str(lab.scene.home), "", "", "", "Nobody"), now=datetime.now(UTC))
        lead = take_seat(Seat(str(lab.scene.home), "", "", "", LEAD), now=datetime.now(UTC))
    status, answer = lab.ask("sampling/api/me", **{"X-Sampling-Seat": seat})
    assert status == 400 and "Nobody of that name" in answer["error"]["message"]
    assert lab.ask("sampling/api/me", **{"X-Sampling-Seat": lead})[1]["person"]["name"] == LEAD
    assert SEAT_HOURS == 12


def test_keys_in_the_form_do_nothing_to_the_notebook(lab: Lab, page: Page) -> None:
    notebook = with_parameters("02_score.ipynb", lab.folder, draws=str(lab.scene.home), rater=SUPERVISOR)
    run_all(lab, page, notebook)
    root = page.locator(".sf-root")
    root.wait_for(timeout=WAIT_SECONDS * 1000)
    root.locator("h1:focus").wait_for(timeout=WAIT_SECONDS * 1000)  # the screen is drawn, and has the focus
    cells = page.locator(".jp-Notebook .jp-Cell").count()
    root.locator("button").first.wait_for(timeout=WAIT_SECONDS * 1000)
    root.locator("button").first.focus()
    for key in ("x", "d", "d", "m", "a", "b", "0", "0", "z"):
        page.keyboard.press(key)
    assert page.locator(".jp-Notebook .jp-Cell").count() == cells
    assert page.get_by_text("Restart Kernel?").count() == 0


def test_the_lab_log_holds_nobodys_words(lab: Lab) -> None:
    lab.ask("sampling/api/queue?note=9434765919")
    lab.ask("sampling/api/9434765919?note=9434765919")
    log = lab.log_file.read_text(encoding="utf-8")
    assert "9434765919" not in log and SUPERVISOR not in log
    assert shutil.which("chromium") is None or lab.token not in log.partition("/lab?token=")[0]


def test_score_lab_opens_the_notebooks_filled_in(lab: Lab) -> None:
    port = free_port()
    words = [
        sys.executable,
        "-m",
        "sampling",
        "score",
        str(lab.scene.home),
        "--lab",
        "--as",
        SUPERVISOR,
        "--no-browser",
    ]
    own = lab.folder.parent / "other"
    own.mkdir()
    (own / "jupyter_server_config.json").write_text('{"ServerApp": {"allow_root": true}}', encoding="utf-8")
    environment = {
        **os.environ,
        HOME_VARIABLE: str(lab.private),
        "JUPYTER_CONFIG_DIR": str(own),
        "JUPYTER_RUNTIME_DIR": str(own),
    }
    with (
        open(lab.folder.parent / "score-lab.log", "w") as log,
        subprocess.Popen(
            [*words, "--port", str(port)], stdout=subprocess.PIPE, stderr=log, text=True, env=environment
        ) as process,
    ):
        other = Lab(lab.scene, lab.private, lab.folder, port, "", lab.folder.parent / "score-lab.log")
        _wait_until_it_serves(other, process)
        status, answer = other.ask("sampling/api/heartbeat", base="/")
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=WAIT_SECONDS)
    assert (status, "not signed in" in answer["error"]["message"]) == (403, True)
    assert (process.returncode, said) == (0, "JupyterLab is stopped.\n")
    notebook = (lab.scene.home / "notebooks" / "02_score.ipynb").read_text(encoding="utf-8")
    assert f"rater = '{SUPERVISOR}'" in notebook and f"draws = '{lab.scene.home}'" in notebook
