"""Live calibration in a real Jupyter server: its user is the trainer by a notebook's seat, and raters come in by the code alone."""

from __future__ import annotations

import html
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from sampling import calibration
from sampling.keys import HOME_VARIABLE, SECRET_VARIABLE
from sampling.scoring.server import clock
from sampling.scoring.server.seats import Seat, take_seat
from tests.ports import free_port
from tests.scoring_server import Answer, Client

BASE = "/user/ann/"
VIGNETTE = "ms-a-and-the-allotment-1.0"


@dataclass
class Jupyter:
    """A running Jupyter server, without JupyterLab's pages."""

    host: str
    token: str
    private: Path

    def client(self, *, trainer: bool = False) -> Client:
        client = Client(self.host, f"{BASE}calibrate/")
        if trainer:
            assert self.as_user(client, "api/heartbeat").status == 200
        else:
            assert client.get("api/heartbeat").status == 200
        return client

    def as_user(self, client: Client, path: str, body: object = None) -> Answer:
        """Asks with the server's token, as a page of its signed-in user would by its cookie."""
        headers = {"Authorization": f"token {self.token}"}
        if body is None:
            return client.get(path, headers)
        return client.post(path, body, headers)


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jupyter]:
    private, work, token = tmp_path_factory.mktemp("private"), tmp_path_factory.mktemp("work"), secrets.token_hex(16)
    port = free_port()
    words = [
        "--no-browser", f"--ServerApp.port={port}", "--ServerApp.port_retries=0", f"--ServerApp.base_url={BASE}", f"--IdentityProvider.token={token}",
        "--ServerApp.allow_root=True", f"--ServerApp.root_dir={work}", "--ServerApp.jpserver_extensions={'sampling.calibration': True}",
    ]  # fmt: skip
    own = {
        HOME_VARIABLE: str(private),
        "JUPYTER_CONFIG_DIR": str(work / "config"),
        "JUPYTER_RUNTIME_DIR": str(work / "run"),
    }
    environment = {name: value for name, value in os.environ.items() if name != SECRET_VARIABLE} | own
    with open(work / "log", "w", encoding="utf-8") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyter_server", *words], env=environment, stdout=log, stderr=log
        )
        found = Jupyter(f"127.0.0.1:{port}", token, private)
        try:
            deadline = time.monotonic() + 120
            while True:
                assert process.poll() is None and time.monotonic() < deadline, (work / "log").read_text(
                    encoding="utf-8"
                )
                try:
                    if Client(found.host, BASE).get("api").status == 200:
                        break
                except OSError:
                    with suppress(subprocess.TimeoutExpired):
                        process.wait(0.2)
            yield found
        finally:
            process.terminate()
            process.wait(60)


def last_activity(jupyter: Jupyter) -> str:
    """What whoever ends idle servers is told. To ask counts as nothing."""
    return str(jupyter.as_user(Client(jupyter.host, BASE), "api/status").json["last_activity"])


def test_the_server_s_user_is_the_trainer_and_raters_need_the_code_alone(
    jupyter: Jupyter, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(jupyter.private))
    stranger, trainer = jupyter.client(), jupyter.client(trainer=True)
    none = "No calibration is open on this server. Run the notebook's cell again."
    assert (jupyter.as_user(trainer, "api/lobby").status, jupyter.as_user(trainer, "api/lobby").message) == (409, none)
    assert stranger.get("api/join?code=ZZZZZZ").status == 409
    folder = tmp_path_factory.mktemp("sessions")
    seat = take_seat(Seat(str(folder), "", "", "", ""), now=clock.now())
    assert stranger.get(f"?seat={seat}").status == 403, "a seat is of no use to whoever is not signed in"
    assert jupyter.as_user(trainer, "?seat=" + "0" * 64).status == 403
    page = jupyter.as_user(trainer, f"?seat={seat}")
    assert page.status == 200 and "frame-ancestors 'self'" in page.headers["Content-Security-Policy"]
    choice = next(one for one in jupyter.as_user(trainer, "api/lobby").json["vignettes"] if one["id"] == VIGNETTE)
    refs = [one["ref"] for one in choice["rubrics"][0]["criteria"]]
    opened = jupyter.as_user(trainer, "api/lobby", {"vignette": VIGNETTE, "criteria": refs, "auto_reveal": False})
    session = opened.json["session"]
    view = jupyter.as_user(trainer, f"api/trainer/{session}").json
    code, wall = view["code"], view["wall"]
    joined = stranger.post("api/join", {"code": code, "alias": "Wren", "agreed": True})
    assert joined.status == 200 and joined.headers["Set-Cookie"].count(f"Path={BASE}calibrate/") == 1
    assert stranger.get(f"api/rate/{session}").json["me"]["alias"] == "Wren"
    assert stranger.get(f"api/trainer/{session}").status == 403 and stranger.get(f"api/wall/{wall}").status == 200
    assert stranger.get(f"{BASE}api/kernels").status == 403, "a rater gets nothing of Jupyter"
    seen = last_activity(jupyter)
    first = other = jupyter.client().get("join").headers["Date"]
    while other == first:  # until another second has come
        assert jupyter.client().get(f"api/wall/{wall}").status == 200
        other = jupyter.client().get("join").headers["Date"]
    assert last_activity(jupyter) == seen, "a stranger keeps no server running"
    assert stranger.get(f"api/rate/{session}").status == 200 and last_activity(jupyter) > seen
    elsewhere = take_seat(Seat(str(tmp_path_factory.mktemp("other")), "", "", "", ""), now=clock.now())
    refused = jupyter.as_user(trainer, f"?seat={elsewhere}")
    said = (
        "A session of another folder is open on this server. Finish it on its trainer's page, then run the cell again."
    )
    assert refused.status == 409 and said in html.unescape(refused.body.decode())
    assert stranger.get(f"api/rate/{session}").json["me"]["alias"] == "Wren", "the room's session goes on"
    finish = {"step": "finished", "round": 1}
    assert jupyter.as_user(trainer, f"api/trainer/{session}/step", finish).status == 200
    assert jupyter.as_user(trainer, f"?seat={elsewhere}").status == 200
    assert jupyter.as_user(trainer, "api/lobby").json["sessions"] == []
    assert (folder / "calibration.sqlite").is_file()


def test_without_a_server_a_notebook_says_how_to_hold_a_session(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("JPY_SESSION_NAME", "VOILA_REQUEST_URL"):
        monkeypatch.delenv(name, raising=False)
    assert repr(calibration.open_room("anywhere")).startswith(
        "To hold a session, run in a terminal: sampling calibrate."
    )


def test_beside_a_server_a_notebook_shows_the_trainer_s_page_by_a_seat(
    monkeypatch: pytest.MonkeyPatch, private_store: Path, tmp_path: Path
) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", "notebook.ipynb")
    page = calibration.open_room(str(tmp_path))
    stored = json.loads((private_store / "seats" / f"{page.seat}.json").read_text(encoding="utf-8"))
    assert stored["draws"] == str(tmp_path)
    assert str(tmp_path) not in page._esm and "calibrate/" in page._esm
