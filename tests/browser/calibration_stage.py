"""A running server of live calibration and a browser, for tests that use its pages as a trainer, the wall and raters do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Page, ViewportSize, expect, sync_playwright

from sampling.keys import HOME_VARIABLE, SECRET_VARIABLE
from tests.browser.form_stage import PATIENCE
from tests.calibration_server import CalibrationServer, Live, calibration_server
from tests.chromium import ARGUMENTS, chromium_path
from tests.scoring_server import Client

VIGNETTE = "mr-b-and-the-night-bus-1.0"
TITLE = "Mr B. and the night bus"
ONE, OTHER = "crisis_plan_currency/exists_and_current", "crisis_plan_currency/made_with_the_person"
QUOTE = "Sleep goes first. Then I ride the night bus to the end of the line"
WIDE: ViewportSize = {"width": 1280, "height": 720}
NARROW: ViewportSize = {"width": 320, "height": 640}


@dataclass
class Stage:
    """A server over an empty folder, and a browser. `heard` is what the pages of a test were given by the server, stream frames too."""

    server: CalibrationServer
    browser: Browser
    private: Path
    heard: list[tuple[str, str]] = field(default_factory=list)  # a page's name, what it was given
    failures: list[str] = field(default_factory=list)  # whatever a page reported as an error

    def page(
        self, path: str, *, name: str = "", size: ViewportSize | None = None, client: Client | None = None
    ) -> Page:
        """Opens a page in a browser of its own, with the cookies of a client where one is given."""
        # axe is put into the page as a script, which the page's own policy forbids to anyone else
        context = self.browser.new_context(
            bypass_csp=True, viewport=size or WIDE, reduced_motion="reduce", locale="en-GB", timezone_id="Europe/London"
        )  # fmt: skip
        context.set_default_timeout(PATIENCE)
        for cookie, value in (client.cookies if client else {}).items():
            context.add_cookies([{"name": cookie, "value": value, "url": self.server.site}])
        page = context.new_page()
        self._listen(page, name)
        page.goto(self.server.address(path))
        expect(page.locator("h1")).to_be_visible(timeout=PATIENCE)
        return page

    def _listen(self, page: Page, name: str) -> None:
        page.on("pageerror", lambda error: self.failures.append(f"{name}: {error}"))
        cdp = page.context.new_cdp_session(page)
        cdp.on("Network.eventSourceMessageReceived", lambda event: self.heard.append((name, event["data"])))
        cdp.send("Network.enable")

        def keep(response: Any) -> None:
            if "/api/" in response.url and "/stream" not in response.url:
                with suppress(Error):  # one that led to another page is gone with this one
                    self.heard.append((name, response.text()))

        page.on("requestfinished", lambda request: keep(request.response()) if request.response() else None)

    def open(self, *criteria: str, auto_reveal: bool = False) -> Live:
        """Opens a session on the vignette of these tests."""
        return self.server.open(VIGNETTE, list(criteria or (ONE,)), auto_reveal=auto_reveal)

    def rater(self, live: Live, *, name: str = "rater", size: ViewportSize | None = None) -> Page:
        """Lets a rater in and opens their page."""
        (client,) = live.join()
        return self.page(f"rate/{live.session}", name=name, size=size, client=client)

    def trainer(self, live: Live, *, name: str = "trainer") -> Page:
        """Opens the trainer's page of a session."""
        return self.page(f"trainer/{live.session}", name=name, client=live.trainer)

    def wall(self, live: Live, *, name: str = "wall", size: ViewportSize | None = None) -> Page:
        """Opens the wall of a session."""
        return self.page(f"wall/{live.wall}", name=name, size=size)

    def views(self, name: str) -> list[dict[str, Any]]:
        """Returns every view of a session that a page was given."""
        found = [json.loads(text) for who, text in self.heard if who == name]
        return [one for one in found if "step" in one]

    def close_pages(self) -> None:
        """Closes the pages of this test. None of them may have failed."""
        for context in self.browser.contexts:
            context.close()
        self.heard.clear()
        failures, self.failures = self.failures, []
        assert failures == []


@contextmanager
def calibration_stage(folder: Path) -> Iterator[Stage]:
    """Gives a stage below `folder`."""
    private = folder / "private"
    private.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_VARIABLE, str(private))
        patch.delenv(SECRET_VARIABLE, raising=False)
        with calibration_server(folder / "sessions") as server, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(ARGUMENTS))
            yield Stage(server, browser, private)
            browser.close()


def heading(page: Page, words: str | re.Pattern[str]) -> None:
    """Waits until a page's main heading says these words."""
    expect(page.locator("h1")).to_have_text(words, timeout=PATIENCE)


def saved(page: Page) -> None:
    """Waits until the page itself says that its answers are saved."""
    expect(page.locator(".cal-answers .cal-state")).to_have_text("Saved", timeout=PATIENCE)


def choose(page: Page, number: int, level: int) -> None:
    """Chooses a level of the criterion with that place (0 is the first) with the pointer."""
    page.locator(".cal-criterion").nth(number).locator(f"input[value='{level}']").check()


def score(page: Page, *levels: int) -> None:
    """Scores every criterion with the keys, and locks."""
    expect(page.get_by_role("button", name="Lock my answers")).to_be_visible(timeout=PATIENCE)
    page.locator(".cal-criterion h3").first.focus()
    for level in levels:
        page.keyboard.press(str(level))
    page.get_by_role("button", name="Lock my answers").click()
    expect(page.get_by_role("button", name="Unlock my answers")).to_be_visible(timeout=PATIENCE)
    saved(page)
