"""The data-quality page in a real browser: no finding of axe, and no sideways scrolling at 400% zoom."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright

from sampling import quality
from sampling.keys import Keyring
from sampling.sources.opening import open_extract
from tests.chromium import ARGUMENTS, chromium_path


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path(), args=list(ARGUMENTS))
        yield chromium
        chromium.close()


@pytest.fixture(params=["faulty", "good"])
def page_file(request: pytest.FixtureRequest, tmp_path: Path, keyring: Keyring) -> Path:
    source = tmp_path / "source"
    source.mkdir()
    bad = "13,P2,31/3/26,2026-02-01\n13,P3,2026-05-01,2026-02-01\n" if request.param == "faulty" else ""
    (source / "cases.csv").write_text("case_id,person_id,opened,closed\n0012,P1,2026-01-05,\n" + bad, encoding="utf-8")
    (source / "allocations.csv").write_text(
        "case_id,practitioner_id,role,started\n0012,W1,care_coordinator,2026-01-06\n"
        + ("99,W2,boss,x\n" if bad else ""),
        encoding="utf-8",
    )
    (source / "control_totals.csv").write_text("name,expected\nopen_cases,7\n", encoding="utf-8")
    path = tmp_path / "check.html"
    html = quality.page(open_extract(str(source), keyring), made_at="2026-11-01 09:00 UTC")
    path.write_text(html, encoding="utf-8")
    return path


@pytest.mark.parametrize("width", [1280, 320])
def test_the_page_is_accessible_at_every_zoom(browser: Browser, page_file: Path, width: int) -> None:
    # axe is put into the page as a script, which the page's own policy forbids to anyone else
    context = browser.new_context(bypass_csp=True, viewport={"width": width, "height": 800})
    asked: list[str] = []
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(page_file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert asked == [page_file.as_uri()]
    result = Axe().run(page)
    assert result.violations_count == 0, result.generate_report()
    context.close()


def test_every_wide_table_can_be_reached_with_the_keyboard(browser: Browser, page_file: Path) -> None:
    page = browser.new_page()
    page.goto(page_file.as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    regions = page.locator(".scroll").count()
    for _ in range(regions):
        page.keyboard.press("Tab")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        assert page.evaluate("document.activeElement.className") == "scroll"
    page.close()
