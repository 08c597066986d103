"""The Annex A reader on real workbooks: Ofsted's empty template and a sample that others filled."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import pytest

from sampling.keys import Keyring
from sampling.sources import annex_a
from sampling.sources.annex_a_codes import list_number
from sampling.sources.annex_a_lists import LISTS


@pytest.fixture
def template(shared_data: Path) -> Path:
    return shared_data / "annex_a" / "ofsted_template_2016-01-sample.xlsx"


@pytest.fixture
def sample(shared_data: Path) -> Path:
    return shared_data / "annex_a" / "liia_Annex_A.xlsx"


def test_both_are_recognised(template: Path, sample: Path) -> None:
    assert annex_a.recognises(template) and annex_a.recognises(sample)


def test_our_headers_are_those_of_the_template(template: Path) -> None:
    book = openpyxl.load_workbook(template)
    for sheet in book.worksheets:
        number = list_number(sheet.title)
        if number is not None:
            assert tuple(cell.value for cell in sheet[2]) == LISTS[number].headers


def test_the_empty_template_says_that_it_has_no_rows(template: Path, keyring: Keyring) -> None:
    extract = annex_a.read(template, keyring)
    (finding,) = extract.findings
    assert finding.code == "ANNEX_A_NO_ROWS" and "the workbook has no rows" in finding.line()
    assert not extract.tables and extract.covers_to is None


def test_the_sample_reads_with_its_faults_named(sample: Path, keyring: Keyring) -> None:
    extract = annex_a.read(sample, keyring)
    assert not extract.errors and extract.covers_to == date(2021, 3, 15)
    counts = {count.name: count.found for count in extract.counts}
    assert (counts["cases"], counts["open_cases"], counts["open cases with no worker recorded"]) == (
        23,
        17,
        5,
    )
    note = next(finding for finding in extract.findings if finding.code == "ANNEX_A_NO_WORKER")
    assert (note.sheet, note.column, note.row, note.count) == ("List 6", "Allocated Worker", 2, 5)


def test_no_name_postcode_or_birth_date_of_the_sample_passes(sample: Path, keyring: Keyring) -> None:
    extract = annex_a.read(sample, keyring)
    told = "".join(part.to_pandas().to_csv() for parts in extract.tables.values() for part in parts)
    told += "\n".join(finding.line() for finding in extract.findings)
    book = openpyxl.load_workbook(sample, data_only=True)
    secrets: set[str] = set()
    for sheet in book.worksheets:
        heads = [cell.value for cell in sheet[1]]
        for row in sheet.iter_rows(min_row=2, values_only=True):
            cells = dict(zip(heads, row, strict=True))
            secrets |= {str(cells.get(name)) for name in ("Allocated Worker", "Placement postcode") if cells.get(name)}
            secrets |= {str(cells["Child Unique ID"])} if cells.get("Child Unique ID") else set()
    secrets -= {"#N/A", "nope"}
    assert len(secrets) > 50
    assert not [secret for secret in secrets if secret in told or secret.replace("\u00a0", " ") in told]
