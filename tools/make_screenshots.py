"""Draws docs/pictures/*.png: the pages and screens of an invented service, as a browser shows them.

    .venv/bin/python tools/make_screenshots.py

The service is seeded and the times are given, so the pages are the same each time; only the browser's fonts
may differ.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from assurance_pictures import photograph_assurance
from calibration_pictures import photograph_calibration
from evidence_pictures import photograph_evidence, play
from playwright.sync_api import Browser, sync_playwright
from scoring_pictures import take_pictures

from sampling import workflow
from sampling.batch import month
from sampling.keys import HOME_VARIABLE, SECRET_VARIABLE
from sampling.model import Period

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
WIDTH, HEIGHT, SCALE = 1100, 1480, 1
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
YEARS_NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)  # the last follow-up of October is three weeks later
DICE = "41592653589793238462"
WITNESSES = ["first witness", "second witness"]


def make_month(folder: Path) -> month.MonthOrder:
    """Returns the order of a month that was drawn in `folder`. Dice before two witnesses: a draw with evidence."""
    os.environ[HOME_VARIABLE] = str(folder / "private")
    # a secret of everyone's, so that the keys on the picture are always the same
    os.environ[SECRET_VARIABLE] = "00" * 32
    order = month.MonthOrder(
        Period("2026-10"),
        folder / "draws" / "2026-10",
        randomness_ref="dice",
        randomness={"dice": DICE, "witnesses": WITNESSES},
    )
    month.run(order, now=NOW)
    return order


def photograph_pages(browser: Browser, order: month.MonthOrder) -> None:
    """Writes one picture a page, its upper part."""
    page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=SCALE)
    for name, file in {"draw": month.PAGE, "check": month.CHECK_PAGE}.items():
        page.goto((order.report / file).as_uri())
        page.screenshot(path=PICTURES / f"{name}.png")
    page.close()


def main() -> None:
    """Makes the pages and screens, and their pictures."""
    browser_path = shutil.which("chromium") or shutil.which("google-chrome")
    if browser_path is None:
        sys.exit("There is no Chromium here. On Debian: apt-get install chromium")
    PICTURES.mkdir(parents=True, exist_ok=True)
    os.environ["LANGUAGE"] = "en_GB"  # how the browser writes a day in a date field
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        order = make_month(Path(folder))
        arguments = ["--no-sandbox", "--disable-gpu", "--lang=en-GB"]
        browser = playwright.chromium.launch(executable_path=browser_path, args=arguments)
        photograph_pages(browser, order)
        play(Path(folder) / "years", now=YEARS_NOW)
        photograph_evidence(browser, Path(folder) / "years", PICTURES)
        photograph_assurance(browser, Path(folder) / "years", PICTURES, now=YEARS_NOW)
        source = month.service("", order.out, order.period)
        photograph_calibration(browser, Path(folder) / "calibration", PICTURES)
        take_pictures(browser, order.out, source, workflow.local_keyring(), now=NOW, pictures=PICTURES)
        browser.close()


if __name__ == "__main__":
    main()
