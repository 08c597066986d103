"""The floor of the form: one static page with ten groups of radio buttons and a few lines of script, which stores nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from html import escape
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from bench.plain_widgets import criteria_of
from bench.scoring_hands import LEVELS, Hands, chromium

_SCRIPT = """
let at = 0;
const groups = document.querySelectorAll("fieldset");
document.addEventListener("keydown", (event) => {
  if (!/^[0-3]$/.test(event.key) || at >= groups.length) return;
  groups[at].querySelectorAll("input")[Number(event.key)].checked = true;
  groups[++at]?.querySelector("input").focus();
});
groups[0].querySelector("input").focus();
"""


def write_page(folder: Path, rubric: Path) -> Path:
    """Writes the page and returns its path."""
    groups = []
    for number, (title, anchors) in enumerate(criteria_of(rubric)):
        radios = "".join(
            f'<label><input type="radio" name="c{number}" value="{level}">{level} {escape(anchor)}</label><br>'
            for level, anchor in enumerate(anchors)
        )
        groups.append(f"<fieldset><legend>{escape(title)}</legend>{radios}</fieldset>")
    path = folder / "index.html"
    page = f'<!doctype html><html lang="en"><title>Floor</title>{"".join(groups)}<script>{_SCRIPT}</script></html>'
    path.write_text(page, encoding="utf-8")
    return path


class _Silent(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def floor_server(folder: Path) -> Iterator[str]:
    """Gives the address of a server of the folder's files."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Silent, directory=str(folder)))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def by_keys(address: str) -> tuple[float, list[float]]:
    """Returns the seconds until the page can be used, and the milliseconds from each key to the level on the screen."""
    with chromium() as context:
        page = context.new_page()
        began = time.perf_counter()
        page.goto(address)
        page.wait_for_function("document.activeElement.type === 'radio'")
        start = time.perf_counter() - began
        hands = Hands(page)
        for criterion, level in enumerate(LEVELS):
            hands.watch(
                "document.querySelectorAll('fieldset')[argument[0]].querySelectorAll('input')[argument[1]].checked",
                [criterion, level],
            )
            hands.press(str(level))
            hands.seen()
        return start, hands.milliseconds
