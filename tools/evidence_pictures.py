"""The pictures of evidence over months, for make_screenshots.py: the twins' page, a report's first screen, a chart of it, the packs' index."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from playwright.sync_api import Browser

from sampling.batch.progress import Lines
from sampling.batch.twins import CHANGED, TwinsOrder, play_twins
from sampling.batch.twins_page import write_page
from sampling.model import Period

WIDTH, HEIGHT = 1100, 1000
UNTIL = Period("2026-10")


def play(out: Path, *, now: datetime) -> None:
    """Plays what `make demo` plays, below `out`; what stands there already is only looked at."""
    order = TwinsOrder(out, UNTIL)
    write_page(play_twins(order, now=now, tell=lambda line: None, watch=_Nobody))


class _Nobody(Lines):
    """Watches over a batch and tells nothing."""

    def __init__(self) -> None:
        super().__init__(lambda line: None)

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *ended: object) -> None:
        return None


def photograph_evidence(browser: Browser, out: Path, pictures: Path) -> None:
    """Writes the pictures of the twins in `out`."""
    page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=1)
    packs = out / CHANGED / "reports" / UNTIL.text / "audit"
    report = packs / "the-whole-service" / "pack.html"
    for name, path in {"twins": out / "index.html", "evidence": report, "packs": packs / "index.html"}.items():
        page.goto(path.as_uri())
        page.screenshot(path=pictures / f"{name}.png")
    page.goto(report.as_uri())
    page.locator("figure").first.screenshot(path=pictures / "chart.png")
    page.close()
