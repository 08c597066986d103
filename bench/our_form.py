"""A person at our form: a case of ten criteria by keyboard and by mouse, and what each takes."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import BrowserContext, Page, expect

from bench.plain_form import Worked
from bench.scoring_hands import LEVELS, PATIENCE, Hands, chromium
from tests.scoring_server import Server

_LEVEL = (
    "document.querySelectorAll('.sf-criterion .sf-answer')[argument[0]].textContent.startsWith('Level ' + argument[1])"
)
_POSTED = "performance.getEntriesByType('resource').filter((one) => one.name.includes('/api/events')).length"
_SAVED = f"{_POSTED} > argument && document.querySelector('.sf-state')?.textContent.startsWith('Saved ')"
_NEXT = (  # between two cases there is no title for a moment
    "![null, undefined, argument].includes(document.querySelector('.sf-root h1')?.textContent)"
    " && document.querySelector('.sf-criterion.active')?.contains(document.activeElement)"
)


@dataclass
class Started:
    """Seconds from an empty browser to the list of cases, and from there to a case that can be scored."""

    listed: float
    opened: float


def reviews_of(server: Server) -> list[str]:
    """Returns the reviews of the first rater, in the order of their list."""
    rows: list[dict[str, Any]] = server.client().get("sampling/api/queue").json["reviews"]
    return [row["review"] for row in rows]


def open_ours(context: BrowserContext, server: Server, review: str) -> tuple[Page, Started]:
    """Returns the page with the review open and its first criterion in focus."""
    page = context.new_page()
    began = time.perf_counter()
    page.goto(server.address())
    page.locator(".sf-root h1").wait_for()
    listed = time.perf_counter()
    page.evaluate("place => { location.hash = place }", f"score/review={review}/purpose=supervision")
    page.wait_for_function(_NEXT.replace("argument", "'no title'"))
    return page, Started(listed - began, time.perf_counter() - listed)


def by_keys(server: Server) -> Worked:
    """Scores a case by keyboard alone, level by level, signs it, and goes on to the next."""
    with chromium() as context:
        page, _ = open_ours(context, server, reviews_of(server)[0])
        hands, later = Hands(page), Hands(page)
        for criterion, level in enumerate(LEVELS):
            hands.watch(_LEVEL, [criterion, level])
            hands.press(str(level))
            hands.seen()
            _wait_saved(page)
        hands.press("Control+Enter")
        page.get_by_role("dialog", name=re.compile("^Sign ")).wait_for()
        later.watch(_NEXT, page.locator(".sf-root h1").inner_text())
        later.press("Enter")
        next_case = later.seen()
        focus = str(page.evaluate("document.activeElement.tagName.toLowerCase()"))
        return Worked(hands.keys + later.keys, 0, hands.milliseconds, _to_saved(page), next_case, focus)


def by_clicks(server: Server) -> int:
    """Returns the clicks of a case by mouse alone."""
    with chromium() as context:
        page, _ = open_ours(context, server, reviews_of(server)[0])
        hands = Hands(page)
        for criterion, level in enumerate(LEVELS):
            expect(page.locator(".sf-criterion.active .sf-number")).to_have_text(str(criterion + 1), timeout=PATIENCE)
            hands.click(page.locator(".sf-criterion.active .sf-level").nth(level))
        title = page.locator(".sf-root h1").inner_text()
        hands.click(page.get_by_role("button", name=re.compile("^Sign off")))
        hands.click(page.get_by_role("dialog").get_by_role("button", name=re.compile("^Sign")))
        expect(page.locator(".sf-root h1")).not_to_have_text(title, timeout=PATIENCE)
        return hands.clicks


def _wait_saved(page: Page) -> None:
    expect(page.locator(".sf-state")).to_have_text(re.compile("^Saved "), timeout=PATIENCE)


def _to_saved(page: Page) -> list[float]:
    """Returns the milliseconds from a key to "Saved", on the second case."""
    hands = Hands(page)
    for level in LEVELS:
        _wait_saved(page)
        hands.watch(_SAVED, page.evaluate(_POSTED))
        hands.press(str(level))
        hands.seen()
    return hands.milliseconds


def page_start(server: Server) -> Started:
    """Returns the seconds from an empty browser to a case that can be scored."""
    with chromium() as context:
        return open_ours(context, server, reviews_of(server)[0])[1]
