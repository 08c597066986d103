"""The index and a pack in a real browser: no finding of axe, no sideways scrolling at 400% zoom, no call to anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from nbformat.v4 import new_code_cell, new_notebook, new_output
from playwright.sync_api import Browser, sync_playwright

from sampling.batch import index, rendering
from tests.chromium import ARGUMENTS, chromium_path

CHART = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="200" viewBox="0 0 1200 200"><rect width="1200" height="200" fill="#ccd"/>'
    '<text x="1100" y="100">End</text></svg>'
)
TABLE = (
    "<h2>Measures</h2><div class='scroll' role='region' aria-labelledby='t' tabindex='0'><table><caption id='t'>Measures by month</caption>"
    "<thead><tr><th scope='col'>Month</th><th scope='col'>Share</th></tr></thead><tbody><tr><th scope='row'>2026-10</th><td>50%</td></tr>"
    "</tbody></table></div>"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path(), args=list(ARGUMENTS))
        yield chromium
        chromium.close()


@pytest.fixture(params=["index", "pack"])
def page_file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / f"{request.param}.html"
    if request.param == "index":
        outcomes = (
            index.Outcome("North", "north", "done", outside=True),
            index.Outcome(
                "South", "south", "failed", "Cell 3 of 04_evidence.ipynb failed (KeyError). Nothing was kept."
            ),
            index.Outcome("East", "east", "waiting"),
        )
        others = (index.Other("Moor", "moor", date(2026, 11, 1)),)
        path.write_text(index.page("Evidence packs, October 2026", outcomes, others), encoding="utf-8")
        return path
    outputs = [
        new_output("display_data", data={"text/html": TABLE}),
        new_output("display_data", data={"image/svg+xml": CHART}, metadata={"image/svg+xml": {"alt": "A grey band"}}),
        new_output(
            "display_data", data={"text/csv": "a\n1\n", "text/plain": ""}, metadata={"text/csv": {"name": "measures"}}
        ),
        new_output("stream", name="stdout", text="one long line " * 40),
    ]
    cell = new_code_cell("x", metadata={"tags": ["page"]}, execution_count=1, outputs=outputs)
    about = {
        "title": "Evidence of North",
        "lead": "October 2026",
        "facts": (("Team", "North"),),
        "software": "s",
        "data": "d" * 64,
    }
    text = rendering.page_of_pack(new_notebook(cells=[cell]), notebook="n.ipynb", **about)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("width", [1280, 320])
def test_the_pages_are_accessible_at_every_zoom_and_call_nobody(browser: Browser, page_file: Path, width: int) -> None:
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


def test_what_assistive_software_reads(browser: Browser, page_file: Path) -> None:
    page = browser.new_page()
    page.goto(page_file.as_uri())
    tree = page.locator("body").aria_snapshot()
    for landmark in ("- banner", "- main", "- contentinfo"):
        assert landmark in tree
    if page_file.stem == "pack":
        assert '- img "A grey band"' in tree and '- heading "Measures" [level=2]' in tree
    else:
        assert '- row "South Failed Cell 3 of 04_evidence.ipynb failed (KeyError). Nothing was kept. No"' in tree
        assert '- link "Page of North"' in tree
    page.close()


@pytest.mark.parametrize("page_file", ["pack"], indirect=True)
def test_a_chart_is_whole_on_a_narrow_screen(browser: Browser, page_file: Path) -> None:
    page = browser.new_page(viewport={"width": 320, "height": 800})
    page.goto(page_file.as_uri())
    box = page.locator("svg").bounding_box()
    assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 320
    page.close()
