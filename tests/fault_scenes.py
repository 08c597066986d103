"""What the tests of faults share: a browser that can be killed, a network that can be cut, and what the journal holds while a page speaks."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import BrowserContext, BrowserType, Error

from tests.browser.form_stage import PATIENCE, Form
from tests.chromium import ARGUMENTS, chromium_path

SAID = """() => ({
  words: document.querySelector('.sf-state').textContent,
  typed: document.querySelector('.sf-criterion.active textarea').value,
})"""


@dataclass
class Computer:
    """A person's own computer: a browser with a profile that stays, and can be killed as a flat battery kills it."""

    kind: BrowserType
    profile: Path
    context: BrowserContext = field(init=False)

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Starts the browser with what the profile holds."""
        self.context = self.kind.launch_persistent_context(
            self.profile,
            executable_path=chromium_path(),
            headless=True,
            args=list(ARGUMENTS),
            viewport={"width": 1280, "height": 720},
            locale="en-GB",
            timezone_id="Europe/London",
        )
        self.context.set_default_timeout(PATIENCE)

    def kill(self) -> None:
        """Kills every process of the browser at once, without a chance to tidy up, and starts it again."""
        named = f"--user-data-dir={self.profile}"
        browsers = [one for one in psutil.Process().children(recursive=True) if named in _words(one)]
        assert browsers
        family = [process for one in browsers for process in (one, *one.children(recursive=True))]
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(family, timeout=30)
        with suppress(Error):
            self.context.close()
        (self.profile / "SingletonLock").unlink(missing_ok=True)
        self.start()


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def comments(form: Form, ref: str) -> list[Any]:
    """Returns every entry of a criterion's comment that the journal holds, in order."""
    return [one for one in form.entries("commented") if one.subject == f"comment:{ref}"]


def stored_words(form: Form, ref: str) -> str:
    """Returns the comment that stands in the journal."""
    standing = [one for one in comments(form, ref) if not one.conflict]
    return str(standing[-1].payload.text) if standing else ""


def saved_truthfully(form: Form, ref: str) -> bool:
    """Asserts that the page does not say "Saved" unless the journal holds what stands in its field; returns whether it says so.

    Nobody types meanwhile: the page is driven from here.
    """
    said = form.page.evaluate(SAID)
    if not said["words"].startswith("Saved"):
        return False
    assert stored_words(form, ref) == said["typed"], "the page said Saved and the journal did not have it"
    return True


KEPT = """words => new Promise((resolve, reject) => {
  if (document.querySelector('.sf-state').dataset.state === 'saved') return resolve(true);
  const asked = indexedDB.open('sampling.outbox');
  asked.onerror = () => reject(asked.error);
  asked.onsuccess = () => {
    const all = asked.result.transaction('items').objectStore('items').getAll();
    all.onerror = () => reject(all.error);
    all.onsuccess = () => {
      asked.result.close();
      resolve(all.result.some(item => String(item).includes(JSON.stringify(words))));
    };
  };
})"""


def on_a_disk(form: Form, words: str) -> None:
    """Waits until these words are on a disk: in the journal, or in what the browser itself keeps. It takes some milliseconds."""
    form.page.wait_for_function(KEPT, arg=words)


class Wire:
    """A network cable between a browser and a server, which a test can cut: connections end, and no new one is taken.

    With `plain` it keeps every byte that the server sent, and lets the browser ask for nothing compressed.
    """

    def __init__(self, host: str, *, plain: bool = False) -> None:
        self.heard = bytearray()
        self._plain = plain
        name, _, port = host.partition(":")
        self._target = (name, int(port))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.host = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._whole = threading.Event()
        self._whole.set()
        self._open: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Cuts the cable."""
        self._whole.clear()
        for one in list(self._open):
            _close(one)

    def mend(self) -> None:
        """Joins it again."""
        self._whole.set()

    def close(self) -> None:
        """Takes it away."""
        self.cut()
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                if not self._whole.is_set():
                    near.close()
                    continue
                far = socket.create_connection(self._target)
                self._open |= {near, far}
                for source, sink, change in ((near, far, self._asked), (far, near, self._answered)):
                    threading.Thread(target=self._carry, args=(source, sink, change), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket, change: Callable[[bytes], bytes]) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(change(data))
        for one in (source, sink):
            _close(one)
            self._open.discard(one)

    def _asked(self, data: bytes) -> bytes:
        return _COMPRESSED.sub(lambda found: b"X" + found[0][1:], data) if self._plain else data

    def _answered(self, data: bytes) -> bytes:
        if self._plain:
            self.heard += data
        return data


_COMPRESSED = re.compile(rb"Accept-Encoding|Sec-WebSocket-Extensions", re.IGNORECASE)


def _close(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
