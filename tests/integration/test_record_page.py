"""The printed record: one A4 page where it fits, honest numbering where it does not, tagged, repeatable, readable at 400%."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright

from sampling.errors import StateError
from sampling.scoring.record import pdf as record_pdf
from sampling.scoring.record.content import NOT_CARE, RecordData
from sampling.scoring.record.page import PRINT_SIZES, html_page
from sampling.scoring.record.pdf import pdf_bytes
from tests.chromium import ARGUMENTS, chromium_path
from tests.pdf import read_pdf
from tests.records import HASH, full_record, long_record

ROOT = Path(__file__).resolve().parents[2]
MADE_ELSEWHERE = "import sys; from tests.records import full_record; from sampling.scoring.record.pdf import pdf_bytes; sys.stdout.buffer.write(pdf_bytes(full_record()))"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path(), args=list(ARGUMENTS))
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def full_pdf() -> bytes:
    return pdf_bytes(full_record())


def words(text: str) -> str:
    return " ".join(text.split())


def test_eighteen_criteria_with_comments_fit_on_one_page(full_pdf: bytes) -> None:
    pdf = read_pdf(full_pdf)
    assert len(pdf.pages) == 1
    text = words(pdf.text(0))
    record = full_record()
    for line in (line for rubric in record.rubrics for line in rubric.criteria):
        assert words(line.words) in text, line.title
        assert words(line.comment) in text
    for said in (
        "SR000-000417",
        record.headline,
        "Page 1 of 1",
        HASH,
        NOT_CARE,
        "Seen by the practitioner: Sam Okafor",
    ):
        assert said in text
    assert min(PRINT_SIZES) == 7.5


def test_the_page_is_tagged_and_names_its_language_and_title(full_pdf: bytes) -> None:
    pdf = read_pdf(full_pdf)
    for mark in ("/StructTreeRoot", "/MarkInfo", "/Lang", "/DisplayDocTitle", "pdfuaid", "/TH", "/H1"):
        assert pdf.has(mark), mark
    assert not pdf.has("CreationDate")


def test_the_same_record_gives_the_same_bytes_in_another_process(full_pdf: bytes) -> None:
    made = subprocess.run([sys.executable, "-c", MADE_ELSEWHERE], cwd=ROOT, capture_output=True, check=True)
    assert made.stdout == full_pdf
    assert made.stderr == b""


def test_what_does_not_fit_goes_on_to_a_second_page_and_says_so() -> None:
    pdf = read_pdf(pdf_bytes(long_record()))
    count = len(pdf.pages)
    assert count > 1
    for page in range(count):
        text = words(pdf.text(page))
        assert f"Page {page + 1} of {count}" in text
        assert '<b>"C-1\\</b> · content 9f3a9f3a9f3a9f3a…' in text
    assert "<script>alert(1)</script> & =1+1" in words(pdf.text(0))


def test_without_pango_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    class Missing:
        def find_spec(self, name: str, *arguments: object) -> None:
            if name == "weasyprint":
                raise OSError("cannot load library 'libpango-1.0-0'")

    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Missing(), *sys.meta_path])
    with pytest.raises(StateError, match=r"^A PDF needs the text library Pango.*apt-get install libpango-1\.0-0"):
        record_pdf.pdf_bytes(full_record())


@pytest.mark.parametrize("address", ["https://localhost/x.png", "file:///etc/hostname", "data:image/png;base64,AAAA"])
def test_a_page_that_asked_for_a_file_would_be_refused_it_and_still_be_a_pdf(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:

    def asking(record: RecordData, size: float) -> str:
        return html_page(record, size).replace("</body>", f'<img src="{address}" alt="x"></body>')

    monkeypatch.setattr(record_pdf, "html_page", asking)
    assert pdf_bytes(full_record()).startswith(b"%PDF-")


@pytest.mark.parametrize("width", [1280, 320])
@pytest.mark.parametrize("kind", ["full", "long"])
def test_the_page_is_accessible_at_every_zoom(browser: Browser, tmp_path: Path, width: int, kind: str) -> None:
    path = tmp_path / "record.html"
    path.write_text(html_page(full_record() if kind == "full" else long_record()), encoding="utf-8")
    # axe is put into the page as a script, which the page's own policy forbids to anyone else
    context = browser.new_context(bypass_csp=True, viewport={"width": width, "height": 800})
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert asked == [path.as_uri()]
    assert page.get_by_role("row").count() == 18 + 3 + 1 + 3 + 1  # still a table when it is stacked
    result = Axe().run(page)
    assert result.violations_count == 0, result.generate_report()
    context.close()


def test_a_browser_prints_it_on_one_page_and_keeps_the_filled_boxes(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "record.html"
    path.write_text(html_page(full_record()), encoding="utf-8")
    page = browser.new_page()
    page.goto(path.as_uri())
    page.emulate_media(media="print")
    assert page.locator(".met .box").first.evaluate("box => getComputedStyle(box).printColorAdjust") == "exact"
    printed = read_pdf(page.pdf(prefer_css_page_size=True))
    assert len(printed.pages) == 1
    assert printed.has("/MediaBox [0 0 595") or printed.has("/MediaBox [0 0 594")
    page.close()


def test_level_and_gap_are_told_without_colour(browser: Browser, tmp_path: Path) -> None:
    """The word stands beside the shape, and what is not scored by a level has letters of its own."""
    path = tmp_path / "record.html"
    path.write_text(html_page(full_record()), encoding="utf-8")
    page = browser.new_page()
    page.goto(path.as_uri())
    row = page.get_by_role("row", name="Decision and reason")
    assert words(row.locator(".level").inner_text()) == "0 below"
    assert row.get_by_role("rowheader").inner_text().startswith("Decision and reason")
    assert page.get_by_role("row", name="Carers").locator(".box").inner_text() == "n/a"
    page.close()
