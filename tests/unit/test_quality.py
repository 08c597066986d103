"""The data-quality report: the verdict first, "not supplied" apart from "none", and nothing that a cell can
break.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sampling import quality
from sampling.errors import Finding
from sampling.model import Count, Extract, ParquetFiles
from sampling.sources.tables import arrow_schema

CASES = pa.Table.from_pylist(
    [
        {"case_id": "k1", "opened": date(2026, 1, 1), "sex": "female"},
        {"case_id": "k2", "opened": date(2026, 1, 2)},
    ],
    schema=arrow_schema("cases"),
)
EXTRACT = Extract(
    "canonical",
    "adult",
    "canonical",
    date(2026, 10, 31),
    {"cases": (CASES,), "events": (arrow_schema("events").empty_table(),)},
    findings=(
        Finding(
            "DATE_UNREADABLE",
            "expected a date",
            "Correct it.",
            "error",
            "cases.csv",
            "",
            "opened",
            14,
            '"31/3/26"',
            3,
        ),
        Finding("TOTAL_ROW", "the last row is a total", severity="note", file="cases.csv", row=99),
    ),
    counts=(Count("open_cases", 1200, 1234), Count("events", 5)),
    cannot_tell=("Review dates of plans.",),
    details={"not_supplied": "cases.service,cases.team_id"},
)


def test_the_text_report_says_all() -> None:
    text = quality.report(EXTRACT)
    assert text.startswith("1 error stops a draw; 1 note.\nMend the errors where the data comes from")
    for line in (
        "Covers up to: 31 October 2026",
        '  cases.csv, row 14, column opened: expected a date, got "31/3/26". (3 rows in all) Correct it. [DATE_UNREADABLE]',
        "  cases.csv, row 99: the last row is a total. [TOTAL_ROW]",
        "  Open cases: 1,200 (34 fewer than your own total)",
        "  Events: 5",
        "Counts: Your own totals are compared where you gave one.",
        "Signals that the extract cannot tell (neither found nor ruled out in any case):",
        "  cases: 2 rows.",
        "    sex             50%",
        "    service         not supplied",
        "    closed          nothing recorded",
        "  events: None: the table was supplied and has no rows.",
        "  plans: Not supplied: what it would hold is not known.",
        "  Review dates of plans.",
    ):
        assert line in text.splitlines()
    assert text.endswith("in order to draw a sample of cases for supervision.\n")


@pytest.mark.parametrize(
    ("errors", "notes", "sentence"),
    [
        (0, 0, "Nothing stops a draw; 0 notes."),
        (1, 1, "1 error stops a draw; 1 note."),
        (3, 5, "3 errors stop a draw; 5 notes."),
    ],
)
def test_the_verdict_is_one_sentence(errors: int, notes: int, sentence: str) -> None:
    findings = (Finding("A", "a"),) * errors + (Finding("B", "b", severity="note"),) * notes
    assert quality.verdict(replace(EXTRACT, findings=findings)) == sentence


@pytest.mark.parametrize(
    ("rows", "empty", "share"),
    [
        (10, None, "not supplied"),
        (10, 10, "nothing recorded"),
        (10, 0, "100%"),
        (100_000, 1, "over 99%"),
        (100_000, 99_999, "under 1%"),
        (3, 1, "67%"),
    ],
)
def test_a_share_is_whole_only_where_it_is_exact(rows: int, empty: int | None, share: str) -> None:
    assert quality.FilledColumn("x", "x", rows, empty).share == share


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (Count("events", 3, 3), "the same as your own total"),
        (Count("events", 3, 1), "2 more than your own total"),
        (Count("events", 0, 1200), "1,200 fewer than your own total"),
    ],
)
def test_a_difference_is_said_in_words(count: Count, words: str) -> None:
    assert quality.describe_count(count) == words


def test_parquet_is_counted_from_its_metadata_and_without_it(tmp_path: Path) -> None:
    table = pa.table({"case_id": ["1", "2", None, "4"], "sex": ["f", None, None, None]})
    for statistics in (True, False):
        path = tmp_path / f"{statistics}.parquet"
        pq.write_table(table, path, write_statistics=statistics)
        extract = replace(EXTRACT, tables={"cases": (ParquetFiles((path,)),)}, details={})
        shares = {column.name: column.share for column in quality.filled(extract)[0].columns}
        assert (shares["case_id"], shares["sex"], shares["closed"]) == ("75%", "25%", "nothing recorded")


def test_signals_that_cannot_be_told_are_named_in_words() -> None:
    cannot = frozenset(("admission", "crisis_referral", "crisis_contact"))
    extract = replace(EXTRACT, cannot=cannot)
    untold = quality.untold_signals(extract)
    assert "changes of practitioner" in untold  # there is no table of allocations
    assert any("crisis" in words for words in untold)
    assert not any("unattended" in words for words in untold)
    report, html = quality.report(extract), quality.page(extract, made_at="now")
    assert "  changes of practitioner\n" in report.split("Signals that the extract cannot tell")[1]
    assert "<li>Changes of practitioner.</li>" in html
    assert quality.untold_signals(replace(extract, format="database", tables={})) == ()


def test_totals_that_were_not_given_are_said_once() -> None:
    extract = replace(EXTRACT, counts=(Count("open_cases", 1), Count("events", 5)))
    report, html = quality.report(extract), quality.page(extract, made_at="now")
    sentence = "You gave no totals of your own to compare with"
    assert (report.count(sentence), html.count(sentence)) == (1, 1)
    assert "  Open cases: 1\n  Events: 5\n" in report
    assert "Your total" not in html and "Your total" in quality.page(EXTRACT, made_at="now")


class Elements(HTMLParser):
    """Collects the elements of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_the_page_is_one_file_without_script_or_network() -> None:
    html = quality.page(EXTRACT, made_at="2026-11-01 09:00 UTC")
    tags = Elements(html).tags
    names = [tag for tag, _ in tags]
    assert not {"script", "link", "img", "iframe", "form"} & set(names)
    assert "http" not in html.replace("http-equiv", "")
    assert (names.count("main"), names.count("h1"), names.count("title")) == (1, 1, 1)
    assert names.count("table") == names.count("caption")
    assert all("scope" in attributes for tag, attributes in tags if tag == "th")
    assert "This is not a risk assessment." in html
    assert "1 error stops a draw; 1 note." in html


def test_what_a_source_says_cannot_break_the_page() -> None:
    hostile = '<script>alert("x")</script>'
    finding = Finding("A", hostile, hostile, "error", hostile, hostile, hostile, 2, hostile)
    html = quality.page(
        replace(EXTRACT, findings=(finding,), cannot_tell=(hostile,), counts=(Count(hostile, 1),)),
        made_at=hostile,
    )
    assert "<script" not in html
    assert html.count("&lt;script&gt;") >= 7


def test_an_extract_of_nothing_has_a_page_too() -> None:
    html = quality.page(Extract("database", "children", "database", None, {}), made_at="now")
    assert "Nothing stops a draw; 0 notes." in html and "Children&#39;s social care" in html
    assert "Not supplied: what it would hold is not known." in html
