"""Draws docs/pictures/draw.png and check.png: the pages of an invented service, as a browser shows them.

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

from playwright.sync_api import sync_playwright

from sampling.batch import month
from sampling.keys import HOME_VARIABLE, SECRET_VARIABLE
from sampling.model import Period

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
WIDTH, HEIGHT, SCALE = 1100, 1480, 1
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
DICE = "41592653589793238462"
WITNESSES = ["first witness", "second witness"]


def make_pages(folder: Path) -> dict[str, Path]:
    """Returns the pages by the name of their picture, made in `folder`. Dice before two witnesses: a draw
    with evidence.
    """
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
    return {"draw": order.report / month.PAGE, "check": order.report / month.CHECK_PAGE}


def photograph(pages: dict[str, Path]) -> None:
    """Writes one picture a page, its upper part."""
    browser_path = shutil.which("chromium") or shutil.which("google-chrome")
    if browser_path is None:
        sys.exit("There is no Chromium here. On Debian: apt-get install chromium")
    PICTURES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=SCALE)
        for name, path in pages.items():
            page.goto(path.as_uri())
            page.screenshot(path=PICTURES / f"{name}.png")
        browser.close()


def main() -> None:
    """Makes the pages and their pictures."""
    with tempfile.TemporaryDirectory() as folder:
        photograph(make_pages(Path(folder)))


if __name__ == "__main__":
    main()
