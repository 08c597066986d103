"""Voilà over the plain notebook, and its pages at the level of their messages: what a browser would send, without a browser's own time."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from typing import Any

from websocket import WebSocket, create_connection

START_SECONDS = 120
_KERNEL = re.compile(r'"kernelId": "([0-9a-f-]+)"')


@dataclass(frozen=True)
class PlainServer:
    """A running Voilà with the plain notebook as its only page."""

    process: subprocess.Popen[bytes]
    port: int

    @property
    def address(self) -> str:
        """The page's address."""
        return f"http://127.0.0.1:{self.port}/"


@contextmanager
def plain_server(notebook: Path, journal: Path) -> Iterator[PlainServer]:
    """Gives a running server; it is stopped, and its kernels with it, when the block ends."""
    port = _free_port()
    command = [sys.executable, "-m", "voila", str(notebook), "--no-browser", f"--port={port}", "--Voila.ip=127.0.0.1"]
    own = {"JUPYTER_CONFIG_DIR": str(notebook.parent / "config"), "IPYTHONDIR": str(notebook.parent / "ipython")}
    environment = {**os.environ, **own, "JUPYTER_NO_CONFIG": "1", "BENCH_JOURNAL": str(journal)}
    with (notebook.parent / "voila.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=notebook.parent)
    try:
        _wait_for(port, process)
        yield PlainServer(process, port)
    finally:
        process.terminate()
        process.wait(60)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("Voilà did not start")


@dataclass
class PlainPage:
    """One open page: its kernel's channel, and the widgets on it."""

    channel: WebSocket
    levels: list[str]
    comment: str
    label: str
    seconds: list[float] = field(default_factory=list)
    stored: int = 0

    def change(self, number: int) -> None:
        """Makes the event of that number, as the writers of ours make it (tests/scoring_crowd.py), and waits until the label says "Stored"."""
        round_, place = divmod(number // 2, len(self.levels))
        state: dict[str, str | int]
        if number % 2:
            widget, state = self.comment, {"value": f"Seen in the notes of October, {number}."}
        else:
            widget, state = self.levels[place], {"index": (place + round_) % 4}
        began = time.perf_counter()
        _send(self.channel, "comm_msg", {"comm_id": widget, "data": {"method": "update", "state": state}})
        self.stored += 1
        while True:
            message = json.loads(self.channel.recv())
            content = message.get("content", {})
            if message["msg_type"] != "comm_msg" or content["comm_id"] != self.label:
                continue
            if content["data"].get("state", {}).get("value") == f"Stored {self.stored}":
                break
        self.seconds.append(time.perf_counter() - began)


def open_page(server: PlainServer) -> PlainPage:
    """Opens a page, which starts a kernel and runs the notebook, and finds its widgets."""
    with urllib.request.urlopen(server.address, timeout=300) as answer:
        kernel = _KERNEL.search(answer.read().decode())
    if kernel is None:
        raise SystemExit("Voilà's page has no kernel")
    channel = create_connection(
        f"ws://127.0.0.1:{server.port}/api/kernels/{kernel[1]}/channels?session_id={token_hex(16)}", timeout=120
    )
    states = _states(channel)
    named = {name: [key for key, state in states.items() if state["_model_name"] == name] for name in _MODELS}
    boxes = [state["children"] for state in states.values() if state["_model_name"] == "VBoxModel"]
    order = [child.removeprefix("IPY_MODEL_") for box in boxes for child in box]

    levels = sorted((*named["ToggleButtonsModel"], *named["RadioButtonsModel"]), key=order.index)
    return PlainPage(channel, levels, named["TextareaModel"][0], named["LabelModel"][0])


_MODELS = ("ToggleButtonsModel", "RadioButtonsModel", "TextareaModel", "LabelModel")


def _states(channel: WebSocket) -> dict[str, Any]:
    """Returns the state of every widget, asked for as Voilà's page asks for it."""
    control = token_hex(16)
    _send(channel, "comm_open", {"comm_id": control, "target_name": "jupyter.widget.control", "data": {}})
    _send(channel, "comm_msg", {"comm_id": control, "data": {"method": "request_states"}})
    while True:
        message = json.loads(channel.recv())
        data = message.get("content", {}).get("data", {})
        if message["msg_type"] == "comm_msg" and data.get("method") == "update_states":
            return {key: value["state"] for key, value in data["states"].items()}


def _send(channel: WebSocket, kind: str, content: dict[str, Any]) -> None:
    # the control channel asks for the version of its protocol
    header = {
        "msg_id": token_hex(16),
        "msg_type": kind,
        "username": "",
        "session": "bench",
        "date": "",
        "version": "5.3",
    }
    message = {
        "header": header,
        "parent_header": {},
        "metadata": {"version": "1.0.0"},
        "content": content,
        "channel": "shell",
        "buffers": [],
    }
    channel.send(json.dumps(message))
