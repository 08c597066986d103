"""The real scoring server for tests: `sampling score` as a process of its own, and a client that asks it as a browser would."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil

STOP_SECONDS = 60


@dataclass
class Answer:
    """What the server answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def message(self) -> str:
        """The words of an error."""
        return str(self.json["error"]["message"])


@dataclass
class Client:
    """One person's connection, with the cookies that a browser would keep for that person's place."""

    host: str
    base: str  # "/1/"
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Sends one request to a path below this person's place, or to a path of the whole server when it starts with a slash."""
        connection = http.client.HTTPConnection(self.host, timeout=60)
        sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())} if self.cookies else {}
        try:
            connection.request(
                method, path if path.startswith("/") else self.base + path, body, {**sent, **(headers or {})}
            )
            response = connection.getresponse()
            answer = Answer(response.status, dict(response.getheaders()), response.read())
            for line in response.headers.get_all("Set-Cookie") or ():
                self.cookies.update({name: morsel.value for name, morsel in SimpleCookie(line).items()})
            return answer
        finally:
            connection.close()

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Asks for an address."""
        return self.ask("GET", path, headers=headers)

    def post(self, path: str, value: object, headers: Mapping[str, str] | None = None) -> Answer:
        """Posts JSON as our page does, with the XSRF header."""
        xsrf = {"X-XSRFToken": self.cookies.get("_xsrf", ""), "Content-Type": "application/json"}
        return self.ask("POST", path, json.dumps(value).encode(), {**xsrf, **(headers or {})})


@dataclass
class Server:
    """A running server."""

    process: subprocess.Popen[str]
    addresses: dict[str, str]  # a person's name -> the whole address
    log_file: Path

    @property
    def host(self) -> str:
        """Host and port."""
        return urlsplit(next(iter(self.addresses.values()))).netloc

    def address(self, name: str = "") -> str:
        """The whole address of a person; of the first one when nobody is named."""
        return self.addresses[name] if name else next(iter(self.addresses.values()))

    def client(self, name: str = "", *, signed_in: bool = True) -> Client:
        """A client at a person's place, signed in by the whole address."""
        address = urlsplit(self.address(name))
        client = Client(address.netloc, address.path)
        if signed_in:
            assert client.get(f"{address.path}?{address.query}").status == 200
            assert client.get("sampling/api/heartbeat").status == 200  # brings the XSRF cookie
        return client

    def kernels(self) -> list[int]:
        """The process ids of the kernels that run now."""
        found = []
        for child in psutil.Process(self.process.pid).children():
            try:
                found += [child.pid] if any("ipykernel" in word for word in child.cmdline()) else []
            except (psutil.NoSuchProcess, psutil.ZombieProcess):
                continue  # it has just ended
        return found

    def kill_kernels(self) -> int:
        """Kills the kernels as the system would when memory ends; returns how many there were."""
        kernels = self.kernels()
        for kernel in kernels:
            os.kill(kernel, signal.SIGKILL)
        return len(kernels)

    def kill(self) -> None:
        """Kills the server itself, without a chance to tidy up."""
        self.process.kill()
        self.process.wait(STOP_SECONDS)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Asks the server to stop; returns its exit status and what it said last."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        said, _ = self.process.communicate(timeout=STOP_SECONDS)
        return self.process.returncode, said

    def log(self) -> str:
        """What the server wrote to its error stream."""
        return self.log_file.read_text(encoding="utf-8", errors="replace")


def start(
    folder: Path,
    *words: str,
    environment: Mapping[str, str] | None = None,
    port: int = 0,
    program: Sequence[str] = ("-m", "sampling"),
) -> Server:
    """Starts `sampling score` and returns it as soon as it serves. Fails with what the server said when it does not.

    `program` is what Python runs: the command itself, or a script that sets something for it first (tests/served.py).
    """
    descriptor, name = tempfile.mkstemp(prefix="scoring-server-", suffix=".log")
    command = [
        sys.executable,
        *program,
        "score",
        str(folder),
        "--json",
        "--no-browser",
        "--port",
        str(port),
        *words,
    ]
    with os.fdopen(descriptor, "w") as log:
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env={**os.environ, "SAMPLING_DEBUG": "1", **(environment or {})},
        )
    assert process.stdout is not None
    line = process.stdout.readline()  # empty when the process has ended
    said = json.loads(line) if line else {}
    if "addresses" not in said:
        process.communicate(timeout=STOP_SECONDS)
        raise AssertionError(f"the scoring server did not start: {line} {Path(name).read_text(encoding='utf-8')}")
    return Server(process, {row["name"]: row["address"] for row in said["addresses"]}, Path(name))


@contextmanager
def scoring_server(
    folder: Path,
    *words: str,
    people: Path | None = None,
    journal: str | Path = "",
    name: str = "",
    environment: Mapping[str, str] | None = None,
    port: int = 0,
    program: Sequence[str] = ("-m", "sampling"),
) -> Iterator[Server]:
    """Gives a running server over the draws in `folder`; it is stopped, and its kernels with it, when the block ends."""
    options = [*(("--people", str(people)) if people else ()), *(("--journal", str(journal)) if journal else ())]
    named = ("--as", name) if name else ()
    server = start(folder, *options, *named, *words, environment=environment, port=port, program=program)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.stop()
        if server.process.stdout is not None:
            server.process.stdout.close()
        server.log_file.unlink(missing_ok=True)
