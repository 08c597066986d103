"""Notes with their text: of the cases asked for and no other, cleaned of what cannot be seen, and shown in no finding."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sampling import quality
from sampling.keys import Keyring
from sampling.model import Extract, ParquetFiles
from sampling.sources.notes import MAXIMUM_CHARACTERS, with_notes
from sampling.sources.opening import open_extract
from sampling.sources.tables import arrow_schema

HEADER = "case_id,written_on,kind,author_id,ref,text\n"
SECRET = "Zephyrine wept at the harbour"


def extract_of(keyring: Keyring, *ids: str) -> Extract:
    keys = [keyring.key("case", "mhsds", f"RXX|{local}") for local in ids]
    schema = arrow_schema("cases")
    columns = {"case_id": keys, "opened": [date(2026, 1, 1)] * len(keys)}
    cases = pa.Table.from_arrays(
        [pa.array(columns.get(field.name, [None] * len(keys)), field.type) for field in schema], schema=schema
    )
    return Extract("mhsds", "adult", "mhsds", None, {"cases": (cases,)}, local_prefix="RXX|")


def key(keyring: Keyring, local: str) -> str:
    return keyring.key("case", "mhsds", f"RXX|{local}")


def notes_of(extract: Extract) -> list[dict[str, object]]:
    (table,) = extract.tables["notes"]
    assert isinstance(table, pa.Table)
    return table.to_pylist()


def write_csv(folder: Path, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "notes.csv").write_text(HEADER + text, encoding="utf-8")
    return folder


def write_book(folder: Path, rows: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "notes"
    sheet.append(HEADER.strip().split(","))
    for row in rows:
        sheet.append(row)
    folder.mkdir(exist_ok=True)
    book.save(folder / "notes.xlsx")
    return folder


def write_parquet(folder: Path, **columns: list[object]) -> Path:
    schema = arrow_schema("notes")
    arrays = [pa.array(values, schema.field(name).type) for name, values in columns.items()]
    folder.mkdir(exist_ok=True)
    pq.write_table(pa.table(arrays, names=list(columns)), folder / "notes.parquet")
    return folder


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet"])
def test_the_notes_of_the_cases_asked_for_are_read_from_each_kind_of_file(
    tmp_path: Path, keyring: Keyring, kind: str
) -> None:
    texts = ["Rang as agreed.", SECRET]
    if kind == "csv":
        folder = write_csv(
            tmp_path / "x", f"C1,2026-10-02,phone contact,W1,N/1,{texts[0]}\nC2,03/10/2026,visit,W1,N/2,{SECRET}\n"
        )
    elif kind == "xlsx":
        rows: list[list[object]] = [
            ["C1", date(2026, 10, 2), "phone contact", "W1", "N/1", texts[0]],
            ["C2", date(2026, 10, 3), "visit", "W1", "N/2", SECRET],
        ]
        folder = write_book(tmp_path / "x", rows)
    else:
        folder = write_parquet(
            tmp_path / "x",
            case_id=["C1", "C2"],
            written_on=[date(2026, 10, 2), date(2026, 10, 3)],
            kind=["phone contact", "visit"],
            author_id=["W1", "W1"],
            ref=["N/1", "N/2"],
            text=texts,
        )
    extract = with_notes(extract_of(keyring, "C1", "C2"), folder, keyring, [key(keyring, "C1")])
    assert extract.findings == ()
    assert notes_of(extract) == [
        {
            "case_id": key(keyring, "C1"),
            "written_on": date(2026, 10, 2),
            "kind": "phone contact",
            "author_id": keyring.key("practitioner", "mhsds", "RXX|W1"),
            "ref": "N/1",
            "text": "Rang as agreed.",
        }
    ]


def test_without_cases_the_table_is_counted_and_nothing_of_it_kept(tmp_path: Path, keyring: Keyring) -> None:
    folder = write_csv(tmp_path / "x", f"C1,2026-10-02,visit,W1,N/1,{SECRET}\n")
    extract = with_notes(extract_of(keyring, "C1"), folder, keyring, ())
    assert "notes" not in extract.tables
    assert [(count.name, count.found) for count in extract.counts] == [("notes", 1)]


def test_without_a_table_of_notes_nothing_changes(tmp_path: Path, keyring: Keyring) -> None:
    before = extract_of(keyring, "C1")
    assert with_notes(before, tmp_path, keyring, ["a"]) is before
    assert with_notes(before, None, keyring, ["a"]) is before


def test_a_text_is_kept_as_text_without_what_cannot_be_seen(tmp_path: Path, keyring: Keyring) -> None:
    texts = [
        "<script>alert(1)</script> & <b>bold</b>",
        '=HYPERLINK("http://example.invalid","open")',
        "one\r\ntwo\rthree\u2028four\tfive",
        "bell\x07 escape\x1b[31m turned \u202eover\u202c \ufeffmark \x85",
        "x" * (MAXIMUM_CHARACTERS + 10),
    ]
    count = len(texts)
    folder = write_parquet(
        tmp_path / "x", case_id=["C1"] * count, written_on=[date(2026, 10, 2)] * count, text=list(texts)
    )
    extract = with_notes(extract_of(keyring, "C1"), folder, keyring, [key(keyring, "C1")])
    assert [row["text"] for row in notes_of(extract)] == [
        "<script>alert(1)</script> & <b>bold</b>",
        '=HYPERLINK("http://example.invalid","open")',
        "one\ntwo\nthree\nfour\tfive",
        "bell escape[31m turned over mark ",
        "x" * MAXIMUM_CHARACTERS,
    ]
    assert [(finding.severity, finding.line()) for finding in extract.findings] == [
        (
            "note",
            "notes.parquet, column text: a note is longer than 32,767 characters. It is cut there; the whole of it stands in the "
            "record system. [NOTE_TOO_LONG]",
        )
    ]


def test_a_note_far_longer_than_a_cell_does_not_hide_the_others(tmp_path: Path, keyring: Keyring) -> None:
    folder = write_csv(
        tmp_path / "x", f"C1,2026-10-02,visit,W1,N/1,{'y' * 500_000}\nC1,2026-10-03,visit,W1,N/2,short\n"
    )
    extract = with_notes(extract_of(keyring, "C1"), folder, keyring, [key(keyring, "C1")])
    assert [len(str(row["text"])) for row in notes_of(extract)] == [MAXIMUM_CHARACTERS, 5]
    assert [finding.code for finding in extract.findings] == ["NOTE_TOO_LONG"]


def test_no_finding_shows_a_cell_not_even_its_shape(tmp_path: Path, keyring: Keyring) -> None:
    """An unquoted comma moves the text into other columns, and so in front of every other check."""
    folder = write_csv(
        tmp_path / "x",
        f"C1,{SECRET},visit,W1,N/1,x\nC9,2026-10-02,visit,W1,N/2,{SECRET}\nC1,2026-10-02,visit,W1,N/3,\n"
        f"C1,2026-10-02,visit,{SECRET * 9},N/4,x\n{SECRET},2026-10-02,visit,W1,N/5,{SECRET},and,more\n",
    )
    extract = with_notes(extract_of(keyring, "C1"), folder, keyring, ())
    assert {finding.severity for finding in extract.findings} == {"note"}
    assert not any(finding.seen for finding in extract.findings)
    said = " ".join(finding.line() for finding in extract.findings)
    assert {finding.code for finding in extract.findings} == {
        "ROW_TOO_LONG", "DATE_UNREADABLE", "VALUE_MISSING", "ID_MALFORMED", "EXTENSION_CASE_UNKNOWN",
    }  # fmt: skip
    assert "2 rows of notes name a case that the extract does not have. These rows are not used." in said
    assert "Zephyrine" not in said and "Aaaaaaa" not in said
    report = quality.report(extract) + quality.page(extract, made_at="2026-11-01 09:00 UTC")
    assert "Zephyrine" not in report and "Aaaaaaa" not in report


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("case_id,text\nC1,x\n", "COLUMN_MISSING"),
        (f'{HEADER}C1,2026-10-02,visit,W1,N/1,"{"z" * 4_000_001}', "FILE_UNREADABLE"),
    ],
)
def test_a_table_that_cannot_be_used_is_told_and_stops_nothing(
    tmp_path: Path, keyring: Keyring, text: str, code: str
) -> None:
    (tmp_path / "notes.csv").write_text(text, encoding="utf-8")
    extract = with_notes(extract_of(keyring, "C1"), tmp_path, keyring, [key(keyring, "C1")])
    assert {finding.code for finding in extract.findings} == {code}
    assert extract.errors == ()
    assert notes_of(extract) == []


def test_local_ids_stay_local(tmp_path: Path, keyring: Keyring) -> None:
    pq.write_table(pa.table({"case_id": ["C1"]}), tmp_path / "cases.parquet")
    tables = {"cases": (ParquetFiles((tmp_path / "cases.parquet",)),)}
    extract = replace(extract_of(keyring), system="canonical", ids="local", local_prefix="", tables=tables)
    folder = write_csv(tmp_path / "x", "C1,2026-10-02,visit,W1,N/1,seen\nC2,2026-10-02,visit,W1,N/1,not\n")
    found = with_notes(extract, folder, keyring, [keyring.key("case", "canonical", "C1")])
    assert [(row["case_id"], row["author_id"]) for row in notes_of(found)] == [("C1", "W1")]


def test_the_draw_reads_no_note(adult_service: Path, tmp_path: Path, keyring: Keyring) -> None:
    """A table of notes that cannot even be opened is nothing to the draw."""
    source = tmp_path / "service"
    shutil.copytree(adult_service, source)
    (source / "extension" / "notes.csv").write_bytes(b'\x00\x01"')
    assert open_extract(str(source), keyring).findings == ()
    codes = [finding.code for finding in open_extract(str(source), keyring, notes=()).findings]
    assert codes == ["FILE_UNREADABLE"]


def test_notes_beside_our_own_tables_are_found(tmp_path: Path, keyring: Keyring) -> None:
    (tmp_path / "cases.csv").write_text("case_id,opened\nC1,2026-01-01\n", encoding="utf-8")
    (tmp_path / "allocations.csv").write_text(
        "case_id,practitioner_id,role,started\nC1,W1,key_worker,2026-01-02\n", encoding="utf-8"
    )
    write_csv(tmp_path, "C1,2026-10-02,visit,W1,N/1,seen\n")
    wanted = [keyring.key("case", "canonical", "C1")]
    assert [row["text"] for row in notes_of(open_extract(str(tmp_path), keyring, notes=wanted))] == ["seen"]
