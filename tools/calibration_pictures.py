"""The pictures of live calibration: an invented case, scripted raters, and the three pages as the trainer, the room and one rater see them.

Raters' levels are fixed; the join code, the aliases and the times of day are new each time.
"""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from tests.calibration_server import Live, calibration_server  # noqa: E402
from tests.scoring_server import Client  # noqa: E402

VIGNETTE = "mr-b-and-the-night-bus-1.0"
QUOTE = "Sleep goes first. Then I ride the night bus to the end of the line"
LEVELS = (0, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3, 3, 3)  # fourteen raters, five of them below the standard
WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 780}
PATIENCE = 60_000  # milliseconds


def photograph_calibration(browser: Browser, folder: Path, pictures: Path) -> None:
    """Writes wall.png, rate.png and trainer.png."""
    with calibration_server(folder) as server:
        choices = server.trainer().get("api/lobby").json["vignettes"]
        rubric = next(one for one in choices if one["id"] == VIGNETTE)["rubrics"][0]
        live = server.open(VIGNETTE, [one["ref"] for one in rubric["criteria"]])
        live.join(len(LEVELS))
        live.step("scoring", 1)
        rater = _page(browser, live, f"rate/{live.session}", live.raters[-1], PHONE)
        rater.get_by_role("radio").nth(2).check()
        rater.screenshot(path=pictures / "rate.png")
        for place, one in enumerate(live.raters):
            level = LEVELS[place]
            live.answer(one, 1, level, quote=QUOTE if level == 2 and place == 5 else "")
        live.step("revealed", 1)
        for name, key, client in (("wall", live.wall, server.client()), ("trainer", live.session, live.trainer)):
            page = _page(browser, live, f"{name}/{key}", client, WIDE)
            page.screenshot(path=pictures / f"{name}.png")


def _page(browser: Browser, live: Live, path: str, client: Client, size: dict[str, int]) -> Page:
    context = browser.new_context(viewport=size, reduced_motion="reduce", locale="en-GB", timezone_id="Europe/London")  # type: ignore[arg-type]
    context.add_cookies(
        [{"name": name, "value": value, "url": live.server.site} for name, value in client.cookies.items()]
    )
    page = context.new_page()
    page.goto(live.server.address(path))
    expect(page.locator("h1")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("radio").first if "rate/" in path else page.locator("svg").first).to_be_visible(
        timeout=PATIENCE
    )
    return page
