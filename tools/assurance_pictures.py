"""The pictures of supervision itself, for make_screenshots.py: a pair's page and the patterns, over what an assurance run leaves beside the draws.

The service is the invented one with a change, whose two years `play` of evidence_pictures.py has made. What its people note here is typed
or clicked, as everything is.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser, Page, expect
from scoring_pictures import PATIENCE, SUPERVISOR, Studio, go, studio

from sampling import workflow
from sampling.batch.assured import AssuranceOrder, assurance_report
from sampling.batch.twins import CHANGED, PRIVATE
from sampling.keys import HOME_VARIABLE
from sampling.scoring.settings.preparing import prepare

LEAD = "Jo Petrov"
QUARTER, NEWEST = "2026-07:2026-09", "2026-10"  # the demo's quarter, and the draw that is scored from
SIZE = (1280, 1150)
WIDTH, HEIGHT = 1100, 1500


def photograph_assurance(browser: Browser, out: Path, pictures: Path, *, now: datetime) -> None:
    """Makes the assurance report of the last quarter of the service with a change in `out`, and takes the pictures of its screens."""
    home, before = out / CHANGED, os.environ[HOME_VARIABLE]
    os.environ[HOME_VARIABLE] = str(out / PRIVATE / CHANGED)
    try:
        source = str(home / "invented")
        assurance_report(AssuranceOrder(home, QUARTER, now.date(), source=source, pdf=False))
        report_pictures(browser, home, pictures)
        prepare(home / NEWEST, source, workflow.local_keyring(), now)
        with studio(browser, home, now + timedelta(hours=5), pictures) as room:
            pair_picture(room)
            patterns_picture(room)
    finally:
        os.environ[HOME_VARIABLE] = before


def report_pictures(browser: Browser, home: Path, pictures: Path) -> None:
    """assurance.png: the first words for a governance meeting. coverage.png: week by week, a letter in each cell."""
    page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=1)
    page.goto((home / "reports" / "2026-09" / "assurance-quarter" / "governance" / "pack.html").as_uri())
    page.screenshot(path=pictures / "assurance.png")
    page.locator("figure").first.screenshot(path=pictures / "coverage.png")
    page.close()


def stored(page: Page, words: str) -> None:
    """Waits until the page shows what was noted, as saved."""
    expect(page.locator(".sf-root")).to_contain_text(words, timeout=PATIENCE)
    expect(page.locator(".sf-state")).to_have_attribute("data-state", "saved", timeout=PATIENCE)


def pair_picture(room: Studio) -> None:
    """supervision.png: a supervisee's own page, with an agreement to sign."""
    page = room.page(SUPERVISOR)
    go(page, "Supervision")
    named = [str(one.get_attribute("aria-label")) for one in page.get_by_role("button", name="Open: ").all()]
    supervisee = next(name for name in (one.removeprefix("Open: ") for one in named) if name in room.addresses)
    page.get_by_role("button", name=f"Open: {supervisee}").click()
    page.get_by_role("button", name="Draw up an agreement").click()
    page.get_by_label("Where is its text kept?").fill("Personal file, agreement of November 2026")
    page.get_by_role("button", name="Save, so that both can sign").click()
    page.get_by_role("button", name="Sign as supervisor").click()
    stored(page, f"Still to sign: {supervisee}.")
    own = room.page(supervisee, SIZE)
    go(own, "Supervision")
    mine = own.get_by_role(
        "button", name="Open your own page"
    )  # whoever supervises others, too, comes to their list first
    if mine.count():
        mine.click()
        expect(own.get_by_role("heading", name=f"With {SUPERVISOR}").first).to_be_visible(timeout=PATIENCE)
    room.take(own, "supervision")


def patterns_picture(room: Studio) -> None:
    """patterns.png: the patterns of the quarter, the first of them seen and answered."""
    page = room.page(LEAD, SIZE)
    go(page, "Patterns")
    first = page.get_by_role("article").first.get_attribute("data-pattern")
    answered = page.locator(f'[data-pattern="{first}"]')  # wherever it stands once it is answered
    answered.get_by_role("button", name="Note it as seen today").click()
    stored(page, "Leaders saw it on")
    answered.get_by_role("button", name="Decide what is done").click()
    answered.get_by_label("What is done?").fill(
        "Half a day of group supervision on this criterion, with two anonymised records."
    )
    answered.get_by_label("Who does it? (name or post)").fill("Head of practice")
    answered.get_by_role("button", name="Save the response").click()
    stored(page, "Head of practice")
    answered.scroll_into_view_if_needed()
    room.take(page, "patterns")
