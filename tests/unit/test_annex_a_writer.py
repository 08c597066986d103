"""The Annex A writer: what it writes is Ofsted's form, the same bytes each time, and reads back as it was."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from sampling.keys import Keyring
from sampling.model import Period
from sampling.sources import annex_a, annex_a_writer
from sampling.sources.annex_a_lists import LISTS
from sampling.sources.annex_a_workers import fold_name
from sampling.sources.synthetic import Simulated, simulate

PLAIN = pytest.mark.parametrize("service", [False], indirect=True, ids=["plain"], scope="module")
HOSTILE = pytest.mark.parametrize("service", [True], indirect=True, ids=["hostile"], scope="module")


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "hostile"])
def service(request: pytest.FixtureRequest) -> Simulated:
    return simulate(
        profile="children", cases=150, months=8, seed=3, last_month=Period("2026-10"), hostile=request.param
    )


@pytest.fixture(scope="module")
def written(service: Simulated, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return annex_a_writer.write(service, tmp_path_factory.mktemp("annex") / "annex_a.xlsx")


def test_the_same_service_gives_the_same_bytes(service: Simulated, written: Path, tmp_path: Path) -> None:
    assert annex_a_writer.write(service, tmp_path / "again.xlsx").read_bytes() == written.read_bytes()


def test_sheets_and_headers_are_ofsteds(service: Simulated, written: Path) -> None:
    book = openpyxl.load_workbook(written)
    assert book.sheetnames == [f"List {n}" if n == 3 else f"List_{n}" for n in range(1, 12)]
    if not service.hostile:
        for number, sheet in zip(LISTS, book.worksheets, strict=True):
            assert sheet["A1"].value == f"List {number}: {LISTS[number].title}"
            assert tuple(cell.value for cell in sheet[2]) == LISTS[number].headers


@PLAIN
def test_dates_are_dates_and_codes_have_their_letters(service: Simulated, written: Path) -> None:
    sheet = openpyxl.load_workbook(written)["List_7"]
    heads = {cell.value: place for place, cell in enumerate(sheet[2])}
    for row in sheet.iter_rows(min_row=3):
        assert row[heads["Child Protection Plan Start Date"]].is_date
        assert row[heads["Was the Child Seen Alone?"]].value in ("a) Yes", "b) No")


def test_the_open_cases_read_back(service: Simulated, written: Path, keyring: Keyring) -> None:
    extract = annex_a.read(written, keyring)
    if not service.hostile:
        assert not extract.errors
    cases = service.frames["cases"]
    wanted = cases.loc[cases["closed"].isna() | (cases["closed"] > str(service.last_day)), "case_id"]
    read = extract.tables["cases"][0].to_pandas()
    still_open = read.loc[read["closed"].isna(), "case_id"]
    assert set(still_open) == {keyring.key("case", "annex-a", case) for case in wanted}


@PLAIN
def test_the_workers_read_back(service: Simulated, written: Path, keyring: Keyring) -> None:
    held = service.frames["allocations"]
    held = held[held["ended"].isna() & held["role"].eq("allocated_worker")].drop_duplicates("case_id", keep="last")
    names = service.workers.set_index("practitioner_id")["name"]
    wanted = {
        keyring.key("case", "annex-a", case): keyring.key("practitioner", "annex-a", fold_name(names[who]))
        for case, who in zip(held["case_id"], held["practitioner_id"], strict=True)
    }
    read = annex_a.read(written, keyring).tables["allocations"][0].to_pandas()
    read = read[read["ended"].isna()].set_index("case_id")["practitioner_id"]
    assert read.to_dict() == {case: worker for case, worker in wanted.items() if case in read.index}
    assert len(read) > 100


def test_no_invented_person_passes_the_reader(service: Simulated, written: Path, keyring: Keyring) -> None:
    extract = annex_a.read(written, keyring)
    told = "".join(part.to_pandas().to_csv() for parts in extract.tables.values() for part in parts)
    told += "\n".join(finding.line() for finding in extract.findings)
    for secret in (*service.people["postcode"].dropna(), *service.workers["name"].dropna()):
        if len(str(secret)) > 5:
            assert str(secret) not in told


@HOSTILE
def test_a_hostile_workbook_has_its_faults_named(service: Simulated, written: Path, keyring: Keyring) -> None:
    found = {finding.code for finding in annex_a.read(written, keyring).findings}
    assert {"ANNEX_A_FORMULA", "ANNEX_A_SUPPRESSED", "ANNEX_A_NO_WORKER", "ANNEX_A_WORKER_TWIN"} <= found
