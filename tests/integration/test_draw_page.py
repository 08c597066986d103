"""The page of a draw in a real browser: nothing for axe to find, nothing cut off, nothing fetched, everything
within reach.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright

from sampling.batch import month
from sampling.keys import HOME_VARIABLE
from sampling.model import Period
from sampling.sources import canonical_writer
from sampling.sources.synthetic import simulate
from tests.chromium import ARGUMENTS, chromium_path

NOW = datetime(2026, 11, 1, 9, tzinfo=UTC)
STAGES = {"drawn": {"operator": "training"}, "committed": {}, "late": {"operator": "training"}}
EARLY = date(2026, 10, 20)  # the extract ends before the draw date


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The page of a draw, of a month that waits for its randomness, and of a draw from an extract that is too old."""
    folder = tmp_path_factory.mktemp("draw-page")
    service = simulate(profile="adult", cases=150, months=8, seed=7, last_month=Period("2026-10"))
    canonical_writer.write([service], folder / "source", kind="csv")
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_VARIABLE, str(folder / "private"))
        for stage, randomness in STAGES.items():
            out = folder / stage / "2026-10"
            day = EARLY if stage == "late" else None
            order = month.MonthOrder(
                Period("2026-10"), out, source=str(folder / "source"), extract_day=day, randomness=randomness
            )
            month.run(order, now=NOW)
            found[stage] = out / "report" / "draw.html"
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for all tests of this file."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path(), args=list(ARGUMENTS))
        yield chromium
        chromium.close()


@pytest.mark.parametrize("stage", list(STAGES))
@pytest.mark.parametrize("width", [1280, 320])
@pytest.mark.parametrize("opened", [False, True], ids=["closed", "opened"])
def test_axe_finds_nothing_and_nothing_is_fetched(
    browser: Browser, pages: dict[str, Path], stage: str, width: int, opened: bool
) -> None:
    # axe is put into the page as a script, which the page's own policy forbids to anyone else
    context = browser.new_context(bypass_csp=True, viewport={"width": width, "height": 800})
    asked: list[str] = []
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(pages[stage].as_uri())
    page.wait_for_load_state("networkidle")
    if opened:
        page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert asked == [pages[stage].as_uri()]
    result = Axe().run(page)
    assert result.violations_count == 0, result.generate_report()
    context.close()


def test_what_must_be_kept_in_mind_stands_before_the_first_chart(browser: Browser, pages: dict[str, Path]) -> None:
    page = browser.new_page()
    page.goto(pages["late"].as_uri())
    text = page.inner_text("main")
    assert (
        text.index("Keep in mind")
        < text.index("The extract ends 11 days before the draw date")
        < text.index("What was drawn")
    )
    page.goto(pages["drawn"].as_uri())
    assert "Keep in mind" not in page.inner_text("main")
    page.close()


def test_the_keyboard_reaches_and_opens_every_collapsed_part(browser: Browser, pages: dict[str, Path]) -> None:
    page = browser.new_page()
    page.goto(pages["drawn"].as_uri())
    parts = page.locator("summary").count()
    assert parts >= 4
    reached = 0
    for _ in range(4 * parts + 20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.tagName") == "SUMMARY":
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
            page.keyboard.press("Enter")
            assert page.evaluate("document.activeElement.parentElement.open")
            reached += 1
            if reached == parts:
                break  # the next round would close them again
    assert reached == parts
    page.close()


@pytest.mark.parametrize("stage", list(STAGES))
def test_the_outline_is_one_title_one_main_and_headings_in_order(
    browser: Browser, pages: dict[str, Path], stage: str
) -> None:
    page = browser.new_page()
    page.goto(pages[stage].as_uri())
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(h => Number(h.tagName[1]))")
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))
    assert page.locator("main").count() == 1
    assert page.evaluate("document.documentElement.lang") == "en-GB"
    assert "October 2026" in page.title()
    page.close()


def test_a_screen_reader_hears_each_chart_and_finds_its_numbers(browser: Browser, pages: dict[str, Path]) -> None:
    page = browser.new_page()
    page.goto(pages["drawn"].as_uri())
    charts = page.locator("figure.chart")
    assert charts.count() == 3
    for number in range(charts.count()):
        chart = charts.nth(number)
        label = chart.get_by_role("img").get_attribute("aria-label") or ""
        assert label.startswith("Bar chart. ") and label.count(";") >= 2
        assert chart.locator("figcaption").inner_text() in label
        assert chart.locator("details table").count() == 1
    page.close()


def test_the_page_prints_on_paper(browser: Browser, pages: dict[str, Path], tmp_path: Path) -> None:
    page = browser.new_page()
    page.goto(pages["drawn"].as_uri())
    page.pdf(path=tmp_path / "draw.pdf", format="A4")
    assert (tmp_path / "draw.pdf").read_bytes().startswith(b"%PDF")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 680, "height": 900})  # A4 less its margins, at 96 dots an inch
    assert page.evaluate("document.documentElement.scrollWidth") <= 680
    page.close()
