"""A person at the keyboard and the mouse of a real Chromium: every key and every click is performed, counted and timed in the page itself."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, ViewportSize, sync_playwright

from tests.chromium import ARGUMENTS, chromium_path

PATIENCE = 240_000  # ms
CRITERIA = 10
LEVELS = random.Random(20261031).choices(range(4), k=CRITERIA)  # what both forms are filled in with
VIEW = ViewportSize(width=1280, height=720)

# A clock in the page: from the moment at which the browser took the key or the click, to the frame after the one in which the page looks as it should.
_CLOCK = """
window.bench = { started: null, ended: null };
for (const kind of ["keydown", "pointerdown"])
  window.addEventListener(kind, (event) => { if (bench.armed) { bench.started = event.timeStamp; bench.armed = false; } }, true);
window.bench.until = (condition, argument) => {
  const seen = new Function("argument", "return " + condition);
  Object.assign(bench, { armed: true, started: null, ended: null });
  const look = () => {
    if (bench.started !== null && seen(argument))
      requestAnimationFrame(() => { bench.ended = performance.now(); }); // this frame is on the screen when the next one begins
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
};
"""


@contextmanager
def chromium() -> Iterator[BrowserContext]:
    """Gives a browser with nothing in it: no cache, no cookie."""
    with sync_playwright() as playwright, TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=chromium_path(), headless=True, args=list(ARGUMENTS), viewport=VIEW
        )
        context.set_default_timeout(PATIENCE)
        context.add_init_script(_CLOCK)
        yield context
        context.close()


@dataclass
class Hands:
    """Counts what a person does on a page."""

    page: Page
    keys: int = 0
    clicks: int = 0
    milliseconds: list[float] = field(default_factory=list)

    def press(self, key: str) -> None:
        """Presses a key, or a chord, which is one."""
        self.page.keyboard.press(key)
        self.keys += 1

    def click(self, place: Locator) -> None:
        """Clicks in the middle of something, after scrolling to it."""
        place.scroll_into_view_if_needed()
        place.click()
        self.clicks += 1

    def watch(self, condition: str, argument: Any = None) -> None:
        """Begins to watch for a condition of the page, a JavaScript expression of `argument`; the clock starts with the next key or click."""
        self.page.evaluate("([condition, argument]) => bench.until(condition, argument)", [condition, argument])

    def seen(self) -> float:
        """Returns, and keeps, the milliseconds from the key to the frame in which the condition was on the screen."""
        self.page.wait_for_function("bench.ended !== null")
        taken = float(self.page.evaluate("bench.ended - bench.started"))
        self.milliseconds.append(taken)
        return taken

    def tab_to(self, condition: str, argument: Any = None) -> None:
        """Presses Tab until the focus is where it is wanted; every press counts."""
        for _ in range(400):
            if self.page.evaluate(f"(argument) => {condition}", argument):
                return
            self.press("Tab")
        raise SystemExit("the focus cannot be brought there by Tab")
