"""The parts of a batch that need no process: rendering, manifest, names, words, progress, the net for identifiers."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from nbformat.notebooknode import from_dict
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from rich.console import Console

from sampling.batch import index, manifest, rendering, worker
from sampling.batch.limits import Limits
from sampling.batch.manifest import Digests, Row
from sampling.batch.progress import Bars, Lines
from sampling.errors import NotebookError, StateError
from tests.pdf import read_pdf

ABOUT = {"title": "Evidence of North & South", "software": "sampling 9", "notebook": "n.ipynb", "data": "d1"}
ALT = {"image/svg+xml": {"alt": 'A "wide" <chart>'}}
WIDE = (
    '<?xml version="1.0"?>\n<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x">\n<!-- made --><svg xmlns="http://www.w3.org/2000/svg" '
    'width="{width}" height="{height}" viewBox="0 0 {width} {height}"><linearGradient id="g"/><text x="9" y="9">End</text></svg>'
)


def notebook(*outputs: Any, tags: tuple[str, ...] = ("page",), source: str = "secret_source()") -> Any:
    """A notebook with one cell that put these out."""
    cell = new_code_cell(source, metadata={"tags": list(tags)}, execution_count=3, outputs=list(outputs))
    return new_notebook(cells=[cell])


def shown(kind: str, data: str, **about: Any) -> Any:
    return new_output("display_data", data={kind: data}, metadata=about)


def page(*outputs: Any) -> str:
    return rendering.page_of_pack(notebook(*outputs), **ABOUT)


# Pages


def test_a_page_has_its_head_and_foot_escaped_and_no_code() -> None:
    text = page(shown("text/html", "<h2>Result</h2>"))
    assert '<html lang="en-GB">' in text and '<main id="main">' in text and "<footer>" in text
    assert "<title>Evidence of North &amp; South</title>" in text
    assert "<h1>Evidence of North &amp; South</h1>" in text
    assert "secret_source" not in text
    assert "<code>n.ipynb</code>, from data with the digest <code>d1</code>" in text


def test_only_cells_with_the_tag_stand_on_a_page_text_among_them() -> None:
    cells = [
        new_markdown_cell("## Said & shown\n\n*Words*", metadata={"tags": ["page"]}),
        new_markdown_cell("## For the author"),
        new_code_cell("x", execution_count=1, outputs=[shown("text/plain", "not shown")]),
        new_code_cell(
            "x",
            execution_count=2,
            metadata={"tags": ["page"]},
            outputs=[new_output("stream", name="stdout", text="a < b")],
        ),
    ]
    text = rendering.page_of_pack(new_notebook(cells=cells), **ABOUT)
    assert "<h2>Said &amp; shown</h2>" in text and "<em>Words</em>" in text
    assert "For the author" not in text and "not shown" not in text and "¶" not in text
    assert '<pre class="said">a &lt; b</pre>' in text


def test_what_a_program_says_on_its_error_stream_is_not_for_the_page() -> None:
    assert "warned" not in page(new_output("stream", name="stderr", text="warned"))


def test_drawings_keep_their_names_and_their_alternative_text() -> None:
    text = page(shown("image/svg+xml", WIDE.format(width=9, height=9), **ALT))
    assert 'role="img" aria-label="A &#34;wide&#34; &lt;chart&gt;"' in text
    assert 'viewBox="0 0 9 9"' in text and "<linearGradient" in text
    assert "<?xml" not in text and text.count("<!") == 1


def test_pictures_have_their_alternative_text() -> None:
    text = page(shown("image/png", "iVBORw0KGgo=", alt="Said once for all kinds"))
    assert '<img src="data:image/png;base64,iVBORw0KGgo=" alt="Said once for all kinds">' in text


@pytest.mark.parametrize("kind", ["image/svg+xml", "image/png", "image/jpeg"])
def test_a_chart_without_alternative_text_is_refused(kind: str) -> None:
    with pytest.raises(NotebookError, match=r"A chart of cell 3 has no alternative text\. Show it with metadata="):
        page(shown(kind, "<svg/>"))
    with pytest.raises(NotebookError, match="no alternative text"):
        page(shown(kind, "<svg/>", **{kind: {"alt": "  "}}))


def test_the_notebooks_own_heading_goes_before_what_was_asked_for() -> None:
    heading = {"title": "What it found", "facts": [["Drawn cases", "12"]]}
    executed = notebook(new_output("display_data", data={rendering.HEADING: heading}), tags=())
    text = rendering.page_of_pack(executed, **ABOUT)
    assert "<title>What it found</title>" in text and "<dt>Drawn cases</dt><dd>12</dd>" in text
    assert "North &amp; South" not in text


def test_tables_become_files_by_their_names() -> None:
    executed = notebook(shown("text/csv", "a\n1\n", **{"text/csv": {"name": "measures_by_month"}}))
    assert rendering.tables_of(executed) == {"measures_by_month.csv": b"a\n1\n"}
    assert "<code>tables/measures_by_month.csv</code>." in rendering.page_of_pack(executed, **ABOUT)


@pytest.mark.parametrize("name", ["", "../up", "A", "a.csv", "a b"])
def test_a_table_without_a_plain_name_is_refused(name: str) -> None:
    with pytest.raises(NotebookError, match="A table of cell 3 has no name of its own"):
        rendering.tables_of(notebook(shown("text/csv", "a", **{"text/csv": {"name": name}})))


def test_two_tables_of_one_name_are_refused() -> None:
    table = shown("text/csv", "a", **{"text/csv": {"name": "one"}})
    with pytest.raises(NotebookError, match="has no name of its own"):
        rendering.tables_of(notebook(table, table))


# PDF


def test_a_pdf_is_tagged_titled_and_the_same_each_time() -> None:
    text = page(
        shown("text/html", "<h2>Result</h2><p>Words.</p>"),
        shown("image/svg+xml", WIDE.format(width=9, height=9), **ALT),
    )
    data = rendering.pdf_of(text)
    assert rendering.pdf_of(text) == data
    pdf = read_pdf(data)
    for word in ("/MarkInfo", "/StructTreeRoot", "/Lang", "/H1", "/H2", "/Figure", "pdfuaid"):
        assert pdf.has(word), word
    assert pdf.has('/Alt (A "wide" <chart>)'), "the chart's alternative text"
    assert "Result" in pdf.text(0) and "Page 1 of 1" in pdf.text(0)


@pytest.mark.parametrize(("width", "height"), [(2000, 300), (300, 3000), (680, 250)])
def test_a_chart_is_never_clipped(width: int, height: int) -> None:
    for markup in (
        shown("image/svg+xml", WIDE.format(width=width, height=height), **ALT),
        shown("text/html", f"<figure>{WIDE.format(width=width, height=height).split('-->')[1]}</figure>"),
    ):
        document = rendering._laid_out(page(shown("text/html", "<h2>Run chart</h2>"), markup))
        boxes = [
            (box, one)
            for one in document.pages
            for box in one._page_box.descendants()
            if type(box).__name__.endswith("ReplacedBox")
        ]
        assert len(boxes) == 1
        box, one = boxes[0]
        margin = one._page_box.margin_right
        assert 0 < box.width and box.position_x + box.width <= one.width - margin + 0.01
        assert box.position_y + box.height <= one.height - one._page_box.margin_bottom + 0.01
        assert abs(box.width / box.height - width / height) < 0.01 * width / height, "it is bent"


def table(columns: int, rows: int = 1) -> str:
    """A table with a heading of two long words over each column."""
    head = "".join(f"<th scope='col'>Safeguarding documentation {number}</th>" for number in range(columns))
    row = f"<tr>{'<td>17 of 20</td>' * columns}</tr>"
    return f"<div class='scroll'><table><thead><tr>{head}</tr></thead><tbody>{row * rows}</tbody></table></div>"


def boxes_of(page: Any, kind: str) -> list[Any]:
    return [box for box in page._page_box.descendants() if type(box).__name__ == kind]


@pytest.mark.parametrize(("columns", "on_its_side"), [(3, False), (10, True), (14, True), (40, True)])
def test_a_wide_table_stays_on_the_page_and_lies_on_its_side_where_it_must(columns: int, on_its_side: bool) -> None:
    document = rendering._laid_out(page(shown("text/html", table(columns))))
    (found,) = [one for one in document.pages if boxes_of(one, "TableCellBox")]
    assert (found.width > found.height) is on_its_side
    edge = found.width - found._page_box.margin_right
    assert len(boxes_of(found, "TableCellBox")) == 2 * columns
    for box in boxes_of(found, "TableCellBox") + boxes_of(found, "TextBox"):
        assert box.position_x + box.width <= edge + 0.01


@pytest.mark.parametrize("columns", [3, 10, 12])
def test_no_word_of_a_table_is_broken_while_there_is_room_on_a_page_on_its_side(columns: int) -> None:
    document = rendering._laid_out(page(shown("text/html", table(columns))))
    words = {
        word
        for one in document.pages
        for cell in boxes_of(one, "TableCellBox")
        for box in cell.descendants()
        if type(box).__name__ == "TextBox"
        for word in box.text.split()
    }
    assert words == {"Safeguarding", "documentation", "17", "of", "20", *map(str, range(columns))}


def test_what_must_be_broken_is_hyphenated() -> None:
    document = rendering._laid_out(page(shown("text/html", table(22))))
    texts = {box.text for one in document.pages for box in boxes_of(one, "TextBox")}
    assert "docu\u2010" in texts and "Safeguarding" not in texts


def test_a_long_tables_headings_stand_on_each_of_its_pages() -> None:
    document = rendering._laid_out(page(shown("text/html", f"<h2>Before</h2>{table(9, 40)}<h2>After</h2>")))
    pages = [one for one in document.pages if boxes_of(one, "TableCellBox")]
    assert len(pages) > 1 and all(one.width > one.height for one in pages)
    for one in pages:
        assert "Safeguarding" in {word for box in boxes_of(one, "TextBox") for word in box.text.split()}


def test_a_pdf_with_a_table_on_its_side_is_tagged_and_the_same_each_time() -> None:
    text = page(shown("text/html", table(12)))
    data = rendering.pdf_of(text)
    assert data == rendering.pdf_of(text)
    assert all(read_pdf(data).has(word) for word in ("/StructTreeRoot", "/TH", "/MediaBox [0 0 841"))


def test_a_heading_is_not_left_behind_by_its_chart() -> None:
    filler = "<p>word</p>" * 27
    chart = WIDE.format(width=600, height=500).split("-->")[1]
    document = rendering._laid_out(page(shown("text/html", f"{filler}<h2>Run chart</h2><figure>{chart}</figure>")))
    where = {}
    for number, one in enumerate(document.pages):
        for box in one._page_box.descendants():
            tag = str(box.element_tag).rpartition("}")[2]
            if tag in ("h2", "svg"):
                where.setdefault(tag, number)
    assert where["h2"] == where["svg"]


def test_every_drawing_in_a_pdf_has_the_words_of_the_picture_around_it() -> None:
    drawing = WIDE.format(width=9, height=9).split("-->")[1]
    fragment = f'<div role="img" aria-label="Spread by month">{drawing}{drawing}</div><p>{drawing}</p>'
    pdf = read_pdf(rendering.pdf_of(page(shown("text/html", fragment))))
    figures = [body for body in pdf.objects.values() if b"/Figure" in body and b"/S " in body]
    assert len(figures) == 3 and all(b"/Alt" in body for body in figures)
    assert sum(b"/Alt (Spread by month)" in body for body in figures) == 1


def test_a_pdf_asks_for_no_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret.svg"
    secret.write_text(WIDE.format(width=9, height=9).split("-->")[1])
    pages = [
        f'<html lang="en"><title>t</title><img alt="a" src="{address}"><p>x'
        for address in (secret.as_uri(), "file:///nowhere.svg")
    ]
    assert rendering.pdf_of(pages[0]) == rendering.pdf_of(pages[1])


# Manifest

SAME = Digests("n", "p", "d", "c")


def row(out: Path, **changed: Any) -> Row:
    folder = out / "north"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "a.txt").write_text("a")
    files = {"a.txt": manifest.sha256(b"a").hexdigest()}
    return Row(**{"label": "North", "folder": "north", "digests": SAME, "state": "done", "files": files, **changed})


def test_a_row_comes_back_as_it_was_put_and_rows_are_in_order(tmp_path: Path) -> None:
    manifest.put(tmp_path, row(tmp_path, label="Süd", folder="sued", state="failed", message="Why.", files={}))
    manifest.put(tmp_path, row(tmp_path))
    manifest.put(tmp_path, row(tmp_path, label="Süd", folder="sued"))
    rows = manifest.read(tmp_path)
    assert list(rows) == ["north", "sued"]
    assert rows["north"] == row(tmp_path) and rows["sued"].state == "done"


def test_a_pack_stands_only_while_all_is_as_it_was(tmp_path: Path) -> None:
    held = row(tmp_path)
    assert manifest.stands(tmp_path, held, SAME)
    for changed in (
        Digests("x", "p", "d", "c"),
        Digests("n", "x", "d", "c"),
        Digests("n", "p", "x", "c"),
        Digests("n", "p", "d", "x"),
    ):
        assert not manifest.stands(tmp_path, held, changed)
    assert not manifest.stands(tmp_path, None, SAME)
    assert not manifest.stands(tmp_path, row(tmp_path, state="failed"), SAME)
    assert not manifest.stands(tmp_path, row(tmp_path, files={}), SAME)
    (tmp_path / "north" / "more.txt").write_text("")
    assert not manifest.stands(tmp_path, held, SAME)
    (tmp_path / "north" / "more.txt").unlink()
    (tmp_path / "north" / "a.txt").write_text("b")
    assert not manifest.stands(tmp_path, held, SAME)
    (tmp_path / "north" / "a.txt").unlink()
    assert not manifest.stands(tmp_path, held, SAME)


@pytest.mark.parametrize("text", ["{", "[]", '{"version": 2, "rows": []}', '{"version": 1, "rows": [{}]}'])
def test_a_manifest_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / manifest.MANIFEST).write_text(text)
    with pytest.raises(
        StateError, match=r"manifest\.json in that folder is not one that this version wrote\. Move the whole"
    ):
        manifest.read(tmp_path)


def test_a_digest_of_files_follows_their_places_and_bytes_alone(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_text(name)
    both = [tmp_path / "a", tmp_path / "b"]
    first = manifest.digest_of_files(both, tmp_path)
    assert manifest.digest_of_files(reversed(both), tmp_path) == first
    (tmp_path / "a").write_text("c")
    assert manifest.digest_of_files(both, tmp_path) != first


# Names, words, progress


def test_limits_are_told_in_words() -> None:
    limits = Limits(cell_seconds=0.5, run_seconds=900, output=2**20)
    assert limits.words("cell_time") == "ran longer than the 0.5 seconds that a cell may take, and was stopped"
    assert "longer than the 900 seconds" in limits.words("run_time")
    assert "more than the 1 MB of output" in limits.words("output")


def test_a_log_gets_plain_lines() -> None:
    said: list[str] = []
    lines = Lines(said.append)
    lines.begun(2, 1)
    lines.started("North")
    lines.cell("North", 1, 9)
    lines.ended("North", "")
    lines.ended("South", "Cell 3 failed.")
    assert said == ["2 packs to do, 1 done before", "1 of 2  North: done", "2 of 2  South: FAILED. Cell 3 failed."]


def test_a_terminal_gets_bars_and_keeps_the_failures() -> None:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=100, color_system=None)
    with Bars(console) as bars:
        bars.begun(2, 1)
        bars.started("North [red]")
        bars.cell("North [red]", 3, 9)
        bars.ended("North [red]", "")
        bars.ended("South", "Cell [3] failed.")
    text = screen.getvalue()
    assert "Packs (1 done before)" in text and "2/2" in text
    assert "South: FAILED. Cell [3] failed." in text


def test_the_index_tells_what_is_made_what_failed_and_what_waits() -> None:
    outcomes = (
        index.Outcome("North & co", "north-co", "done"),
        index.Outcome("South", "south", "failed", "Cell 3 failed <here>."),
        index.Outcome("East", "east", "waiting"),
    )
    text = index.page("Packs", outcomes)
    assert '<a href="north-co/pack.html">Page of North &amp; co</a>' in text
    assert "Cell 3 failed &lt;here&gt;." in text and "Not made yet" in text
    assert "1 of 3 packs could not be made." in text and "<code>--resume</code>" in text
    assert "pack.pdf" in text and "PDF" not in index.page("Packs", outcomes, pdf=False)
    assert "All 2 packs are made." in index.page("Packs", (outcomes[0], outcomes[0]))
    assert "1 of 2 packs made so far." in index.page("Packs", (outcomes[0], outcomes[2]))


# The net for identifiers


def task(tmp_path: Path, **parameters: object) -> worker.Task:
    given = {"journal": "", **parameters}
    return worker.Task(
        notebook=tmp_path / "n.ipynb", folder=tmp_path, parameters=given, about=ABOUT, private=("journal",)
    )


@pytest.mark.parametrize("text", ["943 476 5919", "number 943-476-5919.", "<td>9434765919</td>", "(943 476 5919)"])
def test_an_nhs_number_in_an_output_is_refused(tmp_path: Path, text: str) -> None:
    for output in (shown("text/html", text), new_output("stream", name="stdout", text=text), shown("text/csv", text)):
        with pytest.raises(NotebookError, match=r"Cell 3 of n\.ipynb shows a number that is a valid NHS number"):
            worker._check_anonymous(task(tmp_path), notebook(output))


@pytest.mark.parametrize("text", ["case,n\r\n9434765919,3\r\n", "n,case\r\n3,9434765919\r\n", "3,943 476 5919,4\r\n"])
def test_an_nhs_number_between_commas_of_a_table_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(NotebookError, match=r"Cell 3 of n\.ipynb shows a number that is a valid NHS number"):
        worker._check_anonymous(task(tmp_path), notebook(shown("text/csv", text)))


@pytest.mark.parametrize("text", ["1,943,476,5919\r\n", "0.9434765919,9434765919.5\r\n", "943 476 5918,1\r\n"])
def test_figures_between_commas_of_a_table_are_not(tmp_path: Path, text: str) -> None:
    worker._check_anonymous(task(tmp_path), notebook(shown("text/csv", text)))


def test_an_nhs_number_above_a_page_is_refused(tmp_path: Path) -> None:
    above = new_output("display_data", data={rendering.HEADING: {"title": "Case 943 476 5919"}})
    with pytest.raises(NotebookError, match=r"Cell 3 of n\.ipynb shows a number that is a valid NHS number"):
        worker._check_anonymous(task(tmp_path), notebook(above))


@pytest.mark.parametrize(
    "text",
    [
        "943 476 5918",
        "19434765919",
        "94347659190",
        "9434765919.5",
        "0.9434765919",
        "a9434765919",
        '<path d="M 943 476 5919"/>',
        '<g data-alt="9434765919" transform="matrix(9434765919)" id="title-9434765919"/>',
        "1,943,476,5919",
    ],
)
def test_other_numbers_are_not(tmp_path: Path, text: str) -> None:
    worker._check_anonymous(task(tmp_path), notebook(shown("text/html", text)))


@pytest.mark.parametrize(
    "text",
    [
        '<img alt="Case 943 476 5919">',
        "<svg aria-label='Case 943 476 5919'></svg>",
        '<abbr title="943-476-5919">x</abbr>',
        "<img alt=9434765919>",
        "<svg><desc>943 476 5919</desc></svg>",
        '<g aria-label="943&nbsp;476&nbsp;5919"/>',
        "943&#32;476&#32;5919",
    ],
)
def test_an_nhs_number_that_is_only_heard_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(NotebookError, match=r"Cell 3 of n\.ipynb shows a number that is a valid NHS number"):
        worker._check_anonymous(task(tmp_path), notebook(shown("text/html", text)))


@pytest.mark.parametrize("about", [{"alt": "Case 943 476 5919"}, {"image/png": {"alt": "Case 943 476 5919"}}])
def test_an_nhs_number_in_a_pictures_alternative_text_is_refused(tmp_path: Path, about: Any) -> None:
    with pytest.raises(NotebookError, match=r"Cell 3 of n\.ipynb shows a number that is a valid NHS number"):
        worker._check_anonymous(task(tmp_path), notebook(shown("image/png", "iVBORw0KGgo=", **about)))


def test_a_private_parameter_in_an_output_is_refused(tmp_path: Path) -> None:
    asked = task(tmp_path, journal="/x/J&J.db")
    for text in ("read /x/J&J.db", '<img alt="/x/J&amp;J.db">'):
        with pytest.raises(NotebookError, match="shows a parameter that must stay private"):
            worker._check_anonymous(asked, notebook(shown("text/html", text)))
    with pytest.raises(NotebookError, match="shows a parameter that must stay private"):
        worker._check_anonymous(asked, notebook(shown("image/png", "iVBORw0KGgo=", alt="/x/J&J.db")))


def test_a_disk_that_refuses_at_the_last_moment_leaves_the_earlier_pack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some file systems tell of a full disk only when a file is made durable: the earlier pack has left its place by then."""
    folder = tmp_path / "out" / "north"
    folder.mkdir(parents=True)
    (folder / "pack.html").write_text("earlier")
    about = {name: value for name, value in ABOUT.items() if name != "notebook"}
    asked = worker.Task(tmp_path / "n.ipynb", folder, {}, about, pdf=False)
    executed = notebook(shown("text/html", "<h2>Result</h2>"))
    executed.metadata.update(from_dict({"papermill": {"parameters": {}}}))

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left on device"):
        worker._kept(asked, executed)
    assert [path.name for path in folder.parent.iterdir()] == ["north"]
    assert (folder / "pack.html").read_text() == "earlier"
