"""The real server of live calibration for tests: `sampling calibrate` as a process of its own, with clients for a trainer and for raters."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from tests.scoring_server import STOP_SECONDS, Client

BASE = "/calibrate/"


@dataclass
class CalibrationServer:
    """A running server. `restart` starts it again over the same folder, at the same port."""

    home: Path
    process: subprocess.Popen[str]
    site: str  # "http://127.0.0.1:4711"
    door: str  # the trainer's whole address
    log_file: Path

    @property
    def host(self) -> str:
        """Host and port."""
        return urlsplit(self.site).netloc

    def address(self, path: str = "") -> str:
        """The whole address of a page."""
        return f"{self.site}{BASE}{path}"

    def client(self) -> Client:
        """A client that nobody knows yet."""
        client = Client(self.host, BASE)
        assert client.get("api/heartbeat").status == 200  # brings the XSRF cookie
        return client

    def trainer(self) -> Client:
        """The trainer's client, signed in by the whole address."""
        client, door = self.client(), urlsplit(self.door)
        assert client.get(f"{door.path}?{door.query}").status == 200
        return client

    def open(self, vignette: str, criteria: list[str], *, auto_reveal: bool = False) -> Live:
        """Opens a session and returns it, with its trainer."""
        trainer = self.trainer()
        answer = trainer.post("api/lobby", {"vignette": vignette, "criteria": criteria, "auto_reveal": auto_reveal})
        assert answer.status == 200, answer.body
        session = answer.json["session"]
        code = trainer.get(f"api/trainer/{session}").json["code"]
        return Live(self, session, code, criteria, trainer)

    def kill(self) -> None:
        """Kills the server itself, without a chance to tidy up."""
        self.process.kill()
        self.process.wait(STOP_SECONDS)

    def restart(self) -> None:
        """Starts it again, at the same port."""
        again = start(self.home, port=int(urlsplit(self.site).port or 0), log_file=self.log_file)
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.process, self.door, self.log_file = again.process, again.door, again.log_file

    def stop(self) -> None:
        """Ends it."""
        if self.process.poll() is None:
            self.process.terminate()
            self.process.communicate(timeout=STOP_SECONDS)


@dataclass
class Live:
    """A session with its trainer, and raters that use the interface as their pages do."""

    server: CalibrationServer
    session: str
    code: str
    criteria: list[str]
    trainer: Client
    raters: list[Client] = field(default_factory=list)

    def view(self) -> dict[str, Any]:
        """What the trainer's page is given now."""
        found: dict[str, Any] = self.trainer.get(f"api/trainer/{self.session}").json
        return found

    @property
    def wall(self) -> str:
        """What the wall's address names the session by."""
        return str(self.view()["wall"])

    def do(self, what: str, **body: Any) -> dict[str, Any]:
        """Does something as the trainer; it must succeed."""
        answer = self.trainer.post(f"api/trainer/{self.session}/{what}", body)
        assert answer.status == 200, answer.body
        done: dict[str, Any] = answer.json
        return done

    def step(self, step: str, number: int) -> None:
        """Goes on to a step of a round."""
        self.do("step", step=step, round=number)

    def join(self, count: int = 1) -> list[Client]:
        """Lets some raters in."""
        fresh = [self.server.client() for _ in range(count)]
        for client in fresh:
            alias = client.get(f"api/join?code={self.code}").json["aliases"][0]
            answer = client.post("api/join", {"code": self.code, "alias": alias, "agreed": True})
            assert answer.status == 200, answer.body
        self.raters += fresh
        return fresh

    def answer(self, rater: Client, number: int, level: int, *, quote: str = "", locked: bool = True) -> None:
        """One rater gives every criterion the same level."""
        given = [{"criterion": ref, "level": level, "code": None, "quote": quote} for ref in self.criteria]
        body = {"round": number, "locked": locked, "answers": given}
        answer = rater.post(f"api/rate/{self.session}/answers", body)
        assert answer.status == 200, answer.body

    def seen_by(self, rater: Client) -> dict[str, Any]:
        """What a rater's page is given now."""
        found: dict[str, Any] = rater.get(f"api/rate/{self.session}").json
        return found


class Listener:
    """One open stream of a page, and every frame that came over it."""

    def __init__(self, client: Client, path: str) -> None:
        self.frames: list[str] = []
        self._connection = http.client.HTTPConnection(client.host, timeout=60)
        cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        self._connection.request("GET", BASE + path, headers={"Cookie": cookies})
        self._socket = self._connection.sock
        self._answer = self._connection.getresponse()
        assert self._answer.status == 200 and self._answer.headers["Content-Type"].startswith("text/event-stream")
        self._reading = Thread(target=self._read, daemon=True)
        self._reading.start()

    def _read(self) -> None:
        held = b""
        try:
            while part := self._answer.read1(65_536):  # what has come, and not a whole line of it
                *lines, held = (held + part).split(b"\n")
                self.frames += [line[6:].decode() for line in lines if line.startswith(b"data: ")]
        except (OSError, http.client.HTTPException):  # the test or the server has ended it
            return

    def until(self, wanted: Any, seconds: float = 30) -> float:
        """Waits for a frame that `wanted` accepts and returns how long that took."""
        began = time.monotonic()
        while not any(wanted(json.loads(frame)) for frame in tuple(self.frames)):
            assert time.monotonic() < began + seconds, self.frames[-1:]
            time.sleep(0.005)
        return time.monotonic() - began

    def close(self) -> None:
        """Leaves: the reading thread hears of it and ends."""
        assert self._socket is not None
        self._socket.shutdown(socket.SHUT_RDWR)
        self._reading.join()
        self._answer.close()
        self._connection.close()


def start(home: Path, *, port: int = 0, log_file: Path | None = None) -> CalibrationServer:
    """Starts `sampling calibrate` and returns it as soon as it serves. Fails with what the server said when it does not."""
    descriptor, name = tempfile.mkstemp(prefix="calibration-server-", suffix=".log")
    words = ("-m", "sampling", "calibrate", str(home), "--json", "--no-browser", "--port", str(port))
    with os.fdopen(descriptor, "w") as log:
        process = subprocess.Popen(
            [sys.executable, *words],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env={**os.environ, "SAMPLING_DEBUG": "1"},
        )
    assert process.stdout is not None
    line = process.stdout.readline()  # empty when the process has ended
    said = json.loads(line) if line else {}
    if "trainer" not in said:
        process.communicate(timeout=STOP_SECONDS)
        raise AssertionError(f"the calibration server did not start: {line} {Path(name).read_text(encoding='utf-8')}")
    if log_file is not None:
        log_file.unlink(missing_ok=True)
    return CalibrationServer(home, process, said["join"], said["trainer"], Path(name))


@contextmanager
def calibration_server(home: Path) -> Iterator[CalibrationServer]:
    """Gives a running server over a folder; it is stopped when the block ends."""
    server = start(home)
    try:
        yield server
    finally:
        server.stop()
        if server.process.stdout is not None:
            server.process.stdout.close()
        server.log_file.unlink(missing_ok=True)
