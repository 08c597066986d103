"""A person at the plain form: a case of ten criteria by keyboard and by mouse, and what each takes."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import BrowserContext, Page

from bench.plain_pages import PlainServer
from bench.plain_widgets import Control
from bench.scoring_hands import LEVELS, Hands, chromium

_OPTION = {"ToggleButtons": ".widget-toggle-buttons button", "RadioButtons": ".widget-radio input"}
_CLICKED = {"ToggleButtons": ".widget-toggle-buttons button", "RadioButtons": ".widget-radio-box label"}
_CHOSEN = {
    "ToggleButtons": "document.querySelectorAll('.widget-toggle-buttons button')[argument].classList.contains('mod-active')",
    "RadioButtons": "document.querySelectorAll('.widget-radio input')[argument].checked",
}


@dataclass
class Worked:
    """What one case took: keys, clicks, ms from a key to the level on the screen, to "Stored", and from the last key to the next case."""

    keys: int
    clicks: int
    visible: list[float]
    stored: list[float]
    next_case: float
    focus: str


def open_plain(context: BrowserContext, server: PlainServer) -> tuple[Page, float]:
    """Returns the page, and the seconds until its button can be pressed."""
    page = context.new_page()
    began = time.perf_counter()
    page.goto(server.address)
    page.get_by_role("button", name="Submit and next").wait_for()
    return page, time.perf_counter() - began


def by_keys(server: PlainServer, control: Control) -> Worked:
    """Scores a case by keyboard alone, level by level, then submits it."""
    with chromium() as context:
        page, _ = open_plain(context, server)
        hands, stored = Hands(page), Hands(page)
        for criterion, level in enumerate(LEVELS):
            place = 4 * criterion + level
            hands.tab_to(f"document.activeElement === document.querySelectorAll('{_OPTION[control]}')[argument]", place)
            hands.watch(_CHOSEN[control], place)
            hands.press("Space")
            hands.seen()
            _wait_stored(page, criterion + 1)
        hands.tab_to("document.activeElement.textContent.includes('Submit and next')")
        stored.watch("document.querySelector('h1').textContent === 'Case 2'")
        hands.press("Enter")
        next_case = stored.seen()
        _wait_stored(page, len(LEVELS) + 1)
        focus = str(page.evaluate("document.activeElement.tagName.toLowerCase()"))
        return Worked(hands.keys, 0, hands.milliseconds, _to_stored(page, control), next_case, focus)


def by_clicks(server: PlainServer, control: Control) -> int:
    """Returns the clicks of a case by mouse alone."""
    with chromium() as context:
        page, _ = open_plain(context, server)
        hands = Hands(page)
        for criterion, level in enumerate(LEVELS):
            hands.click(page.locator(_CLICKED[control]).nth(4 * criterion + level))
            _wait_stored(page, criterion + 1)
        hands.click(page.get_by_role("button", name="Submit and next"))
        _wait_stored(page, len(LEVELS) + 1)
        return hands.clicks


def _wait_stored(page: Page, count: int) -> None:
    page.get_by_text(f"Stored {count}", exact=True).wait_for()


def _to_stored(page: Page, control: Control) -> list[float]:
    """Returns the milliseconds from a key to "Stored", on the second case."""
    hands = Hands(page)
    for criterion, level in enumerate(LEVELS):
        page.locator(_OPTION[control]).nth(4 * criterion + level).focus()
        hands.watch(
            "[...document.querySelectorAll('.widget-label')].some((one) => one.textContent === argument)",
            f"Stored {len(LEVELS) + 2 + criterion}",
        )
        hands.press("Space")
        hands.seen()
    return hands.milliseconds


def page_start(server: PlainServer) -> float:
    """Returns the seconds from an empty browser to a page that can be used."""
    with chromium() as context:
        return open_plain(context, server)[1]


def notebook_of(folder: Path, control: Control) -> Path:
    """Returns where the notebook of a control stands."""
    return folder / f"plain_{control}.ipynb"
