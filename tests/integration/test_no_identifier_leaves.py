"""No identifier of anyone in any file, log, error or notebook output: every one of the source's is looked for everywhere."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from sampling.cli import main
from sampling.sources.synthesis import synthesise

IDENTIFYING = {
    "mhsds": {
        "NHSNumber",
        "LocalPatientID",
        "ServiceRequestID",
        "Postcode",
        "CareProfLocalID",
        "CareContactID",
        "CarePlanID",
        "PersonBirthDate",
    },
    "annex-a": {"Child Unique ID", "Allocated Worker", "Date of Birth", "Placement postcode"},
    "canonical": {
        "case_id",
        "person_id",
        "practitioner_id",
        "event_id",
        "plan_id",
        "supervisor_id",
        "approved_by",
        "document_id",
        "author_id",
    },
}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
CANARY = "Zebedee Quillfeather"


def identifiers(format: str, source: Path) -> set[str]:
    """Returns every identifying value of the source, dates of birth as they stand in it.

    A day on which a child was born is left out where something else happened on it as well: found again, it tells nothing.
    """
    found: set[str] = set()
    happened: set[str] = set()
    for header, rows in tables(source):
        for place, name in enumerate(header):
            values = {_text(row[place]) for row in rows if place < len(row) and row[place]}
            if name in IDENTIFYING[format]:
                found |= values
            else:
                happened |= {value for value in values if _DAY.fullmatch(value)}
    return {value for value in found - happened if len(value) > 5}


def _text(value: Any) -> str:
    return str(value).split(" ")[0] if hasattr(value, "year") else str(value)


def tables(source: Path) -> Iterator[tuple[list[Any], list[Any]]]:
    if source.suffix == ".xlsx":
        book = openpyxl.load_workbook(source, data_only=True)
        for sheet in book:
            rows = [list(row) for row in sheet.iter_rows(values_only=True)]
            start = next((place for place, row in enumerate(rows[:3]) if row and row[0] == "Child Unique ID"), None)
            if start is not None:
                yield rows[start], rows[start + 1 :]
        return
    for path in sorted(source.rglob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            content = list(csv.reader(file))
        yield content[0], content[1:]


def everything(folder: Path) -> Iterator[tuple[str, str]]:
    """Yields the path and the text of every file, Parquet decoded, names included."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        yield f"name of {path.name}", str(path.relative_to(folder))
        if path.suffix == ".parquet":
            yield path.name, pd.read_parquet(path).to_csv(index=False)
        else:
            yield path.name, path.read_bytes().decode("utf-8", errors="replace")


@pytest.mark.parametrize("format", ["canonical", "mhsds", "annex-a"])
def test_no_identifier_leaves(format: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "extract 9434765919"  # a patient's number in a path must not travel either
    synthesise(format=format, cases=120, months=4, seed=5, out=folder, until="2026-10")
    source = folder / "annex_a.xlsx" if format == "annex-a" else folder
    known = identifiers(format, source)
    assert len(known) > 150, "the search must look for something"
    out = tmp_path / "out" / "draws" / "october"
    assert main(["check", str(source), "--html", str(tmp_path / "out" / "check.html")]) in (0, 10)
    assert main(["month", str(source), "--period", "2026-10", "--operator", "demo", "--out", str(out)]) == 0
    assert main(["draw", str(out), "--operator", "again"]) == 12
    for row in pd.read_parquet(out / "private" / "frame.parquet").itertuples():
        words = [
            "replace",
            str(out),
            row.case_key,
            "--reason",
            "SEALED",
            "--requested-by",
            CANARY,
            "--approved-by",
            "Somebody Else",
        ]
        if main(words) == 0:
            break
    assert main(["verify", str(out)]) == 0
    printed = capfd.readouterr()
    texts = [("standard output", printed.out), ("standard error", printed.err), *everything(tmp_path / "out")]
    for name, text in texts:
        seen = sorted(value for value in known | {CANARY, "9434765919"} if value in text)
        assert not seen, f"{name} holds {len(seen)} identifiers"


def test_a_refused_extract_shows_no_identifier(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Errors describe a cell by its shape: a name in a date column, an NHS number in an id column, stay unseen."""
    source = tmp_path / "service"
    synthesise(format="canonical", cases=40, months=3, seed=5, out=source, until="2026-10")
    path = source / "cases.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    opened, died = rows[0].index("opened"), rows[0].index("died_on")
    for number, row in enumerate(rows[1:]):
        row[0] = f"999{number:06d}0"
        row[opened] = CANARY if number == 3 else row[opened]
        row[died] = "9434765919" if number == 4 else row[died]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    for words in (["check", str(source)], ["freeze", str(source), "--period", "2026-10", "--out", str(tmp_path / "d")]):
        for extra in ([], ["--json"]):
            assert main([*words, *extra]) == 10
            printed = capfd.readouterr()
            assert CANARY not in printed.out + printed.err and "Zebedee" not in printed.out + printed.err
            assert "9434765919" not in printed.out + printed.err and "9990000030" not in printed.out + printed.err
