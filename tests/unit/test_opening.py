"""One door for every format."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import pytest

from sampling.errors import SourceError, UsageError
from sampling.keys import Keyring
from sampling.sources.opening import open_extract


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "cases.csv").write_text("case_id,opened\nC1,2026-01-01\n", encoding="utf-8")
    (tmp_path / "allocations.csv").write_text(
        "case_id,practitioner_id,role,started\nC1,W1,key_worker,2026-01-02\n", encoding="utf-8"
    )
    return tmp_path


def test_a_canonical_folder_is_recognised_with_its_extension(source: Path, keyring: Keyring) -> None:
    (source / "extension").mkdir()
    (source / "extension" / "control_totals.csv").write_text("name,expected\nopen_cases,1\n", encoding="utf-8")
    extract = open_extract(str(source), keyring, as_of=date(2026, 11, 1))
    assert (extract.format, extract.covers_to, extract.findings) == ("canonical", date(2026, 11, 1), ())
    assert [(count.name, count.found, count.expected) for count in extract.counts] == [("open_cases", 1, 1)]


def test_open_cases_are_counted_on_the_draw_date(source: Path, keyring: Keyring) -> None:
    extract = open_extract(str(source), keyring, draw_date=date(2025, 12, 31))
    assert [(count.name, count.found) for count in extract.counts] == [("open_cases", 0)]


def test_a_given_extension_is_used(source: Path, keyring: Keyring, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    (other / "exclusions.csv").write_text("case_id,reason,approved_by\nC1,SEALED,W9\n", encoding="utf-8")
    assert "exclusions" in open_extract(str(source), keyring, format="canonical", extension=other).tables


def test_a_database_is_opened_without_looking(keyring: Keyring) -> None:
    extract = open_extract("postgresql://reader@db/epr", keyring)
    assert (extract.format, extract.ids, extract.connection) == (
        "database",
        "local",
        "postgresql://reader@db/epr",
    )
    assert extract.tables == {}


def test_what_is_not_recognised_is_refused(tmp_path: Path, keyring: Keyring) -> None:
    (tmp_path / "letters.csv").write_text("a\n1\n", encoding="utf-8")
    with pytest.raises(
        SourceError,
        match=r"the format is not recognised\. Looked for: our own tables \(cases and allocations .*"
        r"a folder of MHSDS tables .* an Ofsted Annex A workbook .*\. Give the format with --format, or check the path\.$",
    ):
        open_extract(str(tmp_path), keyring)


def test_wrong_words_are_refused(tmp_path: Path, keyring: Keyring) -> None:
    with pytest.raises(
        UsageError,
        match=r'^There is no format "spss"\. The formats are: canonical, mhsds, annex-a, database\.$',
    ):
        open_extract(str(tmp_path), keyring, format="spss")
    with pytest.raises(
        UsageError, match=r"^A database is given by its connection string, as postgresql://host/database\.$"
    ):
        open_extract(str(tmp_path), keyring, format="database")
    with pytest.raises(SourceError, match=r"^none: there is no such file or folder\. Check the path\.$"):
        open_extract(str(tmp_path / "none"), keyring)


def test_a_folder_with_one_workbook_stands_for_it(tmp_path: Path, keyring: Keyring) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.title = "cases"
    for row in (["case_id", "opened"], ["C1", "2026-01-01"]):
        book.active.append(row)
    sheet = book.create_sheet("allocations")
    for row in (["case_id", "practitioner_id", "role", "started"], ["C1", "W1", "key_worker", "2026-01-02"]):
        sheet.append(row)
    sheet = book.create_sheet("exclusions")
    for row in (["case_id", "reason", "approved_by"], ["C1", "SEALED", "W9"]):
        sheet.append(row)
    book.save(tmp_path / "service.xlsx")
    extract = open_extract(str(tmp_path), keyring)
    assert (extract.findings, sorted(extract.tables)) == ((), ["allocations", "cases", "exclusions"])
