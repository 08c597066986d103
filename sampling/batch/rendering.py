"""From an executed notebook to a pack: a page that opens offline, a PDF, and each table as CSV. The same notebook gives the same bytes.

What stands in a pack is the output of the cells tagged `page`, and the text cells with that tag; code is never shown.
nbconvert's exporter is built once in a process and reused: building it costs more than a page.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

from sampling.batch.notebooks import PAGE_TAG, quiet
from sampling.errors import NotebookError, StateError
from sampling.quality import page_environment

TEMPLATE = "pack.html.j2"
_OF_PACKS = ("pack", "evidence", "page")  # how the names of their templates begin
# Title, lead, facts (pairs of name and value) and whatever else a template shows above a page, put out by a cell of the notebook.
HEADING = "application/vnd.sampling.heading+json"
PAGE, PDF, TABLES = "pack.html", "pack.pdf", "tables"
VARIANT = "pdf/ua-1"  # ISO 14289-1: tagged, with title and language
_CSV = "text/csv"
_SVG = "{http://www.w3.org/2000/svg}"
_FOR_WIDE_TABLES = ("broad", "dense")  # classes of pack_print.css, given one after the other
_ROUNDING = 1  # CSS pixel
_PICTURES = ("image/svg+xml", "image/png", "image/jpeg")
_PROLOGUE = re.compile(r"^\s*(?:<\?xml[^>]*\?>\s*|<!DOCTYPE[^>\[]*(?:\[[^\]]*\])?[^>]*>\s*|<!--.*?-->\s*)*", re.S)
_TABLE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}")
_NO_PANGO = (
    "A PDF needs the text library Pango, which is not on this computer. Install it (Debian: apt-get install libpango-1.0-0 "
    "libpangoft2-1.0-0 libharfbuzz-subset0 fonts-liberation)."
)


@cache
def _exporter() -> Any:
    with quiet():
        from nbconvert import HTMLExporter, TemplateExporter

        class WholeExporter(HTMLExporter):
            """nbconvert's own, less its last pass through a parser, which writes the names of SVG in small letters."""

            def from_notebook_node(self, nb: Any, resources: Any = None, **options: Any) -> Any:
                given = self._init_resources(resources)  # type: ignore[no-untyped-call]
                return TemplateExporter.from_notebook_node(self, nb, given, **options)

        template = resources.files("sampling").joinpath("templates", "pack_body.html.j2").read_text(encoding="utf-8")
        exporter: Any = WholeExporter(raw_template=template, exclude_anchor_links=True)  # type: ignore[no-untyped-call]
        exporter.register_filter("drawing", lambda svg: _PROLOGUE.sub("", svg))
        return exporter


@cache
def _fonts() -> Any:
    try:
        from weasyprint.text.fonts import FontConfiguration
    except OSError:
        raise StateError(_NO_PANGO) from None
    # its warnings are about style sheets, which nobody who reads a pack can act on
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
    return FontConfiguration()


@cache
def _print_style() -> str:
    return resources.files("sampling").joinpath("templates", "pack_print.css").read_text(encoding="utf-8")


def warm_up() -> None:
    """Builds what every rendering needs, so that the processes forked from this one have it."""
    from nbformat import from_dict

    for name in page_environment().list_templates(filter_func=lambda name: name.startswith(_OF_PACKS)):
        page_environment().get_template(name)
    cell = {"cell_type": "markdown", "id": "warm", "source": "## Warm", "metadata": {"tags": [PAGE_TAG]}}
    nodes: Any = from_dict({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})  # type: ignore[no-untyped-call]
    pdf_of(page_of_pack(nodes, title="Warm", software="", notebook="", data=""))


def page_of_pack(executed: Any, *, template: str = TEMPLATE, **about: object) -> str:
    """Returns the page of an executed notebook (a NotebookNode), in one of our templates. `about` has title, software, notebook and
    data, and may have lead and facts; what the notebook itself puts out as HEADING goes before it.

    Raises NotebookError when a chart has no alternative text: who cannot see it would not know that something is missing.
    """
    cells = [_with_alternatives(cell) for cell in executed.cells if PAGE_TAG in cell.metadata.get("tags", [])]
    with quiet():
        body, _ = _exporter().from_notebook_node(type(executed)({**executed, "cells": cells}))
    defaults: Mapping[str, object] = {"lead": "", "facts": ()}
    names = sorted(f"{TABLES}/{name}" for name in tables_of(executed))
    # The body was escaped where it was made: by our own pages, or by the filters of the template.
    context = {**defaults, **about, **_heading(executed), "body": body, "tables": names}
    return page_environment().get_template(template).render(context)


def _heading(executed: Any) -> dict[str, object]:
    """Returns what the notebook says above its page: it alone knows its results."""
    outputs = [output for cell in executed.cells for output in cell.get("outputs", [])]
    found = [dict(output.data[HEADING]) for output in outputs if HEADING in output.get("data", {})]
    return found[-1] if found else {}


def _with_alternatives(cell: Any) -> Any:
    """Returns the cell with each picture's alternative text where the template looks for it."""
    outputs = []
    for output in cell.get("outputs", []):
        kinds = [kind for kind in _PICTURES if kind in output.get("data", {})]
        about = output.get("metadata", {})
        alt = next((about[kind]["alt"] for kind in kinds if about.get(kind, {}).get("alt")), about.get("alt", ""))
        if kinds and "text/html" not in output["data"] and not str(alt).strip():
            raise NotebookError(
                f"A chart of cell {cell.get('execution_count')} has no alternative text. Show it with "
                'metadata={"image/svg+xml": {"alt": "what it shows"}}.'
            )
        outputs.append(type(output)({**output, "alt": alt}))
    return type(cell)({**cell, "outputs": outputs}) if cell.cell_type == "code" else cell


def pdf_of(page: str) -> bytes:
    """Returns the page as a tagged PDF (PDF/UA-1, A4). Raises StateError when the computer has no Pango."""
    data: bytes = _laid_out(page).write_pdf(pdf_variant=VARIANT, pdf_tags=True)
    return data


def _laid_out(page: str) -> Any:
    """Returns the page laid out on A4. A table that would run over the edge gets a page on its side; one too wide for that, smaller type."""
    fonts = _fonts()
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher

    fetcher = URLFetcher(allowed_protocols=("data",))
    # last in the head: a style sheet that is handed over beside the page would give way to the page's own
    text = page.replace("</head>", f"<style>{_print_style()}</style></head>", 1)
    html = HTML(string=text, media_type="print", url_fetcher=fetcher)
    _name_drawings(html.etree_element)
    for name in (*_FOR_WIDE_TABLES, ""):
        document = html.render(font_config=fonts, pdf_variant=VARIANT, pdf_tags=True)
        wide = {id(table): table for one in document.pages for table in _running_over(one)}
        if not wide or not name:
            break
        for table in wide.values():
            table.set("class", f"{table.get('class', '')} {name}".strip())
    return document


def _running_over(page: Any) -> Iterator[Any]:
    """Yields the element of each table of which a cell, or a word in one, lies over the right edge of the page."""
    edge = page.width - page._page_box.margin_right + _ROUNDING
    for box in page._page_box.descendants():
        if type(box).__name__ == "TableBox" and any(_over(cell, edge) for cell in box.descendants()):
            yield box.element


def _over(box: Any, edge: float) -> bool:
    kind = type(box).__name__
    return kind in ("TableCellBox", "TextBox") and bool(box.position_x + box.width > edge)


def _name_drawings(root: Any) -> None:
    """Gives each drawing the title from which a PDF takes its alternative text: that of the picture around it, or none to read out."""
    for picture in [one for one in root.iter() if one.get("role") == "img" and one.get("aria-label")]:
        for drawing in list(picture.iter(f"{_SVG}svg"))[:1]:
            _entitle(drawing, picture.get("aria-label"))
    for drawing in list(root.iter(f"{_SVG}svg")):
        _entitle(drawing, drawing.get("aria-label") or " ")


def _entitle(drawing: Any, words: str) -> None:
    if drawing.find(f"{_SVG}title") is None:
        title = drawing.makeelement(f"{_SVG}title", {})
        title.text = words
        drawing.insert(0, title)


def tables_of(executed: Any) -> dict[str, bytes]:
    """Returns file name -> CSV of each table that a cell put out as `text/csv`, with its name in the metadata of that output.

    Raises NotebookError when a name is missing, is no plain word, or is given twice.
    """
    found: dict[str, bytes] = {}
    for cell in executed.cells:
        for output in cell.get("outputs", []):
            if _CSV not in output.get("data", {}):
                continue
            name = str(output.get("metadata", {}).get(_CSV, {}).get("name", ""))
            if not _TABLE_NAME.fullmatch(name) or f"{name}.csv" in found:
                raise NotebookError(
                    f"A table of cell {cell.get('execution_count')} has no name of its own. Put text/csv out with "
                    'metadata={"text/csv": {"name": "a_plain_word"}}.'
                )
            found[f"{name}.csv"] = output["data"][_CSV].encode("utf-8")
    return found
