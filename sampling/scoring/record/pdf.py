"""The record of one case as a PDF: tagged (PDF/UA-1), one A4 page where it fits, the same bytes for the same record."""

from __future__ import annotations

import logging
from typing import Any

from sampling.errors import StateError
from sampling.scoring.record.content import RecordData
from sampling.scoring.record.page import PRINT_SIZES, html_page

VARIANT = "pdf/ua-1"
NO_PANGO = (
    "A PDF needs the text library Pango, which is not on this computer. Install it (Debian: apt-get install libpango-1.0-0 "
    "libpangoft2-1.0-0 libharfbuzz-subset0 fonts-liberation), or print the page from the browser."
)
_TWO_PAGES = PRINT_SIZES[1]  # what does not fit on one page is not made small for the sake of it


def pdf_bytes(record: RecordData) -> bytes:
    """Returns the record as a PDF, at the largest of the sizes at which it fits on one page, else on as many as it needs.

    Raises StateError when the computer has no Pango.
    """
    documents = (_laid_out(record, size) for size in PRINT_SIZES)
    document = next((one for one in documents if len(one.pages) == 1), None) or _laid_out(record, _TWO_PAGES)
    data: bytes = document.write_pdf(pdf_variant=VARIANT, pdf_tags=True)
    return data


def _laid_out(record: RecordData, size: float) -> Any:
    try:
        from weasyprint import HTML
        from weasyprint.urls import URLFetcher
    except OSError:
        raise StateError(NO_PANGO) from None
    # its warnings are about style sheets, which nobody who prints can act on
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
    nothing = URLFetcher(allowed_protocols=())  # the page holds all that it needs
    return HTML(string=html_page(record, size), url_fetcher=nothing).render(pdf_variant=VARIANT, pdf_tags=True)
