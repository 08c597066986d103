"""The canonical reader: every fault at once, each with its row; keys in memory, local ids where Parquet
stays put.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sampling.errors import SourceError
from sampling.keys import Keyring
from sampling.model import Extract, ParquetFiles
from sampling.sources import canonical, orders, parquet, parquet_checks

CASES = "case_id,person_id,opened,closed\n0012,P1,2026-01-05,\n13,P2,31/03/2026,2026-09-01\n"
ALLOCATIONS = (
    "case_id,practitioner_id,role,started,ended\n0012,W1,care_coordinator,2026-01-06,\n13,W2,key_worker,2026-04-01,\n"
)
EVENTS = "case_id,happened_on,kind,happened_at\n0012,2026-10-02,contact_not_attended,21:40\n"
GOOD = {"cases": CASES, "allocations": ALLOCATIONS, "events": EVENTS}
CANARY = "Zebedee Quartz"


def folder(tmp_path: Path, texts: Mapping[str, str] = GOOD, **more: str) -> Path:
    for name, text in {**texts, **more}.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    return tmp_path


def lines(extract: Extract, severity: str = "error") -> list[str]:
    return [finding.line() for finding in extract.findings if finding.severity == severity]


def days(*texts: str | None) -> pa.Array:
    return pa.array([None if text is None else date.fromisoformat(text) for text in texts], pa.date32())


def parquet_tables() -> dict[str, pa.Table]:
    return {
        "cases": pa.table(
            {
                "case_id": ["0012", "13"],
                "opened": days("2026-01-05", "2026-03-31"),
                "closed": days(None, None),
            }
        ),
        "allocations": pa.table(
            {
                "case_id": ["0012", "13"],
                "practitioner_id": ["W1", "W2"],
                "role": ["care_coordinator", "key_worker"],
                "started": days("2026-01-06", "2026-04-01"),
            }
        ),
        "events": pa.table(
            {
                "case_id": ["0012", "13"],
                "happened_on": days("2026-10-02", "2026-10-04"),
                "kind": ["admission", "discharge"],
            }
        ),
    }


def parquet_folder(tmp_path: Path, **changed: pa.Table) -> Path:
    for name, table in {**parquet_tables(), **changed}.items():
        pq.write_table(table, tmp_path / f"{name}.parquet")
    return tmp_path


def test_a_good_folder_is_keyed_and_has_no_findings(tmp_path: Path, keyring: Keyring) -> None:
    extract = canonical.read(folder(tmp_path), keyring)
    assert extract.findings == ()
    assert (extract.format, extract.system, extract.ids, extract.profile) == (
        "canonical",
        "canonical",
        "key",
        "adult",
    )
    cases = extract.tables["cases"][0]
    assert isinstance(cases, pa.Table)
    assert cases["case_id"].to_pylist() == [keyring.key("case", "canonical", local) for local in ("0012", "13")]
    assert cases["person_id"].to_pylist() == [keyring.key("person", "canonical", local) for local in ("P1", "P2")]
    assert cases["opened"].to_pylist() == [date(2026, 1, 5), date(2026, 3, 31)]
    assert extract.covers_to == date(2026, 10, 2)
    assert extract.details["covers_to"] == "the last day of an event or a new allocation"
    assert "cases.service" in extract.details["not_supplied"].split(",")
    assert any("no table of plans was supplied" in text for text in extract.cannot_tell)


def test_a_given_day_of_the_extract_counts(tmp_path: Path, keyring: Keyring) -> None:
    extract = canonical.read(folder(tmp_path), keyring, as_of=date(2026, 11, 3))
    assert (extract.covers_to, extract.details["covers_to"]) == (
        date(2026, 11, 3),
        "the day of the extract, as given",
    )


def test_every_fault_is_told_at_once_with_its_row(tmp_path: Path, keyring: Keyring) -> None:
    cases = (
        "Case ID,person_id,opened,closed,note\n0012,P1,2026-01-05,,x\n13,P2,31/3/26,2026-02-01,\n"
        "13,P3,2026-05-01,2026-02-01,\n,P3,2026-05-01,,\n14,P4,1026-01-01,,\n\nTotal,5,,,\n"
    )
    allocations = "case_id;practitioner_id;role;started;ended\n0012;W1;Care Coordinator;2026-01-06;2025-01-06\n"
    events = EVENTS + "13,2026-10-03,nonsense,25:40\n"
    extract = canonical.read(folder(tmp_path, cases=cases, allocations=allocations, events=events), keyring)
    assert lines(extract) == [
        "cases.csv, row 4, column case_id: the id stands in more than one row. "
        "Keep one row; a case or practitioner has one row each. [ID_TWICE]",
        "cases.csv, row 5, column case_id: a value is required. Fill the cell at its source. [VALUE_MISSING]",
        'cases.csv, row 6, column opened: the date is before 1900 or after 2100, got "1026-01-01". '
        "Correct the cell at its source. [DATE_IMPLAUSIBLE]",
        'cases.csv, row 3, column opened: expected a date like 2026-03-31 or 31/03/2026, got "31/3/26". '
        "Correct the cell at its source. [DATE_UNREADABLE]",
        'cases.csv, row 4, column closed: the case is closed before it is opened, got "2026-02-01". '
        "Correct one of the two dates at its source. [CLOSED_BEFORE_OPENED]",
        'allocations.csv, row 2, column role: the code is not in the list, got text shaped "Aaaa Aaaaaaaaaaa" (16 characters). '
        'Did you mean "care_coordinator"? [CODE_UNKNOWN]',
        'allocations.csv, row 2, column ended: the allocation ends before it starts, got "2025-01-06". '
        "Correct one of the two dates at its source. [ENDED_BEFORE_STARTED]",
        'events.csv, row 3, column happened_at: expected a time like 21:40, got "25:40". Correct the cell at its source. '
        "[TIME_UNREADABLE]",
        'events.csv, row 3, column kind: the code is not in the list, got text shaped "aaaaaaaa" (8 characters). '
        "The list of codes is in docs/schema.md. [CODE_UNKNOWN]",
    ]
    assert lines(extract, "note") == [
        "cases.csv, row 8: the last row is a total and was left out. [TOTAL_ROW]",
        "cases.csv: 1 column(s) not in the schema were dropped unread: E. The columns of cases are in docs/schema.md. "
        "[COLUMN_DROPPED]",
    ]


def test_missing_columns_and_tables_are_told(tmp_path: Path, keyring: Keyring) -> None:
    (tmp_path / "cases.csv").write_text("case_id\n1\n", encoding="utf-8")
    extract = canonical.read(tmp_path, keyring)
    assert lines(extract) == [
        "there is no table of allocations. Add allocations.csv: who held which case, from when to when. [TABLE_MISSING]",
        "cases.csv, column opened: the column is missing. See docs/schema.md. [COLUMN_MISSING]",
    ]
    assert (extract.covers_to, extract.details["covers_to"]) == (None, "no event or allocation is dated")


def test_a_file_that_cannot_be_read_is_one_fault_among_others(tmp_path: Path, keyring: Keyring) -> None:
    (folder(tmp_path) / "plans.csv").write_bytes(b"\x00" * 99)
    (tmp_path / "events.csv").write_text("", encoding="utf-8")
    extract = canonical.read(tmp_path, keyring)
    assert lines(extract)[-1] == (
        "plans.csv: this is not a text file. Export it as CSV, Parquet or .xlsx. [FILE_UNREADABLE]"
    )
    assert [finding.code for finding in extract.errors] == ["COLUMN_MISSING"] * 3 + ["FILE_UNREADABLE"]


@pytest.mark.parametrize(
    ("ids", "code", "severity", "count"),
    [
        (["7.0", "8.0"], "ID_DECIMAL", "error", 2),
        (["1.23457E+11", "2"], "ID_ROUNDED", "error", 1),
        (["SR1", "sr1"], "ID_NEAR_TWIN", "note", 1),
        (["Caf\u00e9", "Cafe\u0301"], "ID_NEAR_TWIN", "note", 1),
        (["x" * 65, "1"], "ID_MALFORMED", "error", 1),
        (["a\tb", "1"], "ID_MALFORMED", "error", 1),
    ],
)
def test_traps_in_ids_are_told_without_the_id(
    tmp_path: Path, keyring: Keyring, ids: list[str], code: str, severity: str, count: int
) -> None:
    cases = "case_id,opened\n" + "".join(f'"{one}",2026-01-01\n' for one in ids)
    extract = canonical.read(
        folder(tmp_path, cases=cases, allocations=ALLOCATIONS.splitlines()[0], events=EVENTS[:41]), keyring
    )
    found = [finding for finding in extract.findings if finding.code == code]
    assert [(finding.severity, finding.count, finding.seen) for finding in found] == [(severity, count, "")]
    assert not any(one in finding.line() for one in ids if len(one) > 2 for finding in extract.findings)


def nhs_number(number: int) -> str:
    text = f"{number:09}"
    check = (11 - sum(int(digit) * weight for digit, weight in zip(text, range(10, 1, -1), strict=True)) % 11) % 11
    return text + str(check) if check < 10 else nhs_number(number + 7)


@pytest.mark.parametrize(("valid", "refused"), [(20, True), (18, True), (17, False)])
def test_nhs_numbers_as_case_ids_are_refused(tmp_path: Path, keyring: Keyring, valid: int, refused: bool) -> None:
    ids = [nhs_number(999_000_000 + 11 * step) for step in range(valid)] + [
        f"{5000 + step}" for step in range(20 - valid)
    ]
    cases = "case_id,opened\n" + "".join(f"{one},2026-01-01\n" for one in ids)
    extract = canonical.read(folder(tmp_path, cases=cases), keyring)
    told = [finding.line() for finding in extract.errors if finding.code == "ID_IS_NHS_NUMBER"]
    assert (
        told
        == [
            "cases.csv, column case_id: the column plainly holds NHS numbers. "
            "Give each case the record system's own id; one person may have several cases. [ID_IS_NHS_NUMBER]"
        ]
        * refused
    )


def test_a_few_unknown_cases_are_a_note_and_most_are_an_error(tmp_path: Path, keyring: Keyring) -> None:
    extract = canonical.read(folder(tmp_path, events=EVENTS + "77,2026-10-02,admission,\n"), keyring)
    assert lines(extract, "note") == [
        "events.csv, column case_id: a case_id that is not in cases. These rows are not used. [ID_UNKNOWN]"
    ]
    extract = canonical.read(folder(tmp_path, events=EVENTS.replace("0012", "12")), keyring)
    assert lines(extract) == [
        "events.csv, column case_id: most rows name a case_id that is not in cases. "
        "Check that both tables were exported with the same ids. [IDS_DO_NOT_MATCH]"
    ]


def test_a_practitioner_that_is_not_listed_is_told(tmp_path: Path, keyring: Keyring) -> None:
    extract = canonical.read(folder(tmp_path, practitioners="practitioner_id,fte,agency\nW1,0.8,no\n"), keyring)
    assert [(finding.code, finding.column) for finding in extract.findings] == [("ID_UNKNOWN", "practitioner_id")]
    extract = canonical.read(
        folder(tmp_path, practitioners="practitioner_id,fte,agency\nW1,*,perhaps\nW2,1,\n"), keyring
    )
    assert [(finding.code, finding.row) for finding in extract.errors] == [
        ("NUMBER_UNREADABLE", 2),
        ("ANSWER_UNREADABLE", 2),
    ]


@pytest.mark.parametrize(
    ("table", "text"),
    [
        ("plans", "case_id,kind\n0012,cp\n"),
        ("events", "case_id,happened_on,kind\n0012,2026-10-02,statutory_visit\n"),
    ],
)
def test_a_kind_of_childrens_services_tells_the_profile(
    tmp_path: Path, keyring: Keyring, table: str, text: str
) -> None:
    assert canonical.read(folder(tmp_path, **{table: text}), keyring).profile == "children"


def test_a_workbook_of_sheets_is_read(tmp_path: Path, keyring: Keyring) -> None:
    book = openpyxl.Workbook()
    cases = book.active
    assert cases is not None
    cases.title = "Cases"
    for row in (["case_id", "opened"], ["0012", datetime(2026, 1, 5)], [13, "bad"]):
        cases.append(row)
    allocations = book.create_sheet("allocations")
    for row in (
        ["case_id", "practitioner_id", "role", "started"],
        ["0012", "W1", "key_worker", datetime(2026, 1, 6)],
    ):
        allocations.append(row)
    path = tmp_path / "service.xlsx"
    book.save(path)
    assert canonical.recognises(path)
    assert lines(canonical.read(path, keyring)) == [
        'service.xlsx, sheet "Cases", row 3, column opened: expected a date like 2026-03-31 or 31/03/2026, got "bad". '
        "Correct the cell at its source. [DATE_UNREADABLE]"
    ]


def test_parquet_stays_where_it_lies_with_local_ids(tmp_path: Path, keyring: Keyring) -> None:
    extract = canonical.read(parquet_folder(tmp_path), keyring)
    assert extract.findings == ()
    assert extract.ids == "local"
    assert extract.tables["events"] == (ParquetFiles((tmp_path / "events.parquet",)),)
    assert extract.covers_to == date(2026, 10, 4)
    assert keyring.local_ids == {}


def test_one_parquet_table_leaves_all_ids_local(tmp_path: Path, keyring: Keyring) -> None:
    folder(tmp_path)
    (tmp_path / "events.csv").unlink()
    pq.write_table(parquet_tables()["events"], tmp_path / "events-1.parquet")
    pq.write_table(parquet_tables()["events"], tmp_path / "events-2.parquet")
    extract = canonical.read(tmp_path, keyring)
    cases = extract.tables["cases"][0]
    assert isinstance(cases, pa.Table)
    assert cases["case_id"].to_pylist() == ["0012", "13"]
    assert extract.tables["events"] == (ParquetFiles((tmp_path / "events-1.parquet", tmp_path / "events-2.parquet")),)


def test_parts_in_a_folder_are_one_table(tmp_path: Path, keyring: Keyring) -> None:
    parquet_folder(tmp_path)
    (tmp_path / "events").mkdir()
    (tmp_path / "events.parquet").rename(tmp_path / "events" / "0.parquet")
    assert canonical.read(tmp_path, keyring).tables["events"] == (ParquetFiles((tmp_path / "events" / "0.parquet",)),)


@pytest.mark.parametrize(
    ("name", "column", "values", "line"),
    [
        (
            "cases", "case_id", pa.array([7.0, 8.0]),
            "cases.parquet, column case_id: the type is double, not text. Cast it to text where it is exported, "
            "so that 0012 stays 0012 and 7 does not become 7.0. [PARQUET_TYPE]",
        ),
        (
            "events", "happened_on", pa.array([datetime(2026, 1, 1)] * 2),
            "events.parquet, column happened_on: the type is timestamp[us], not date32. Cast it to a plain date (date32) "
            "where it is exported; local midnight decides the day. [PARQUET_TYPE]",
        ),
        (
            "events", "kind", pa.array(["admission", "nonsense"]),
            "events.parquet, column kind: the code is not in the list. The list of codes is in docs/schema.md. [CODE_UNKNOWN]",
        ),
        (
            "events", "kind", pa.array(["admission", None]),
            "events.parquet, column kind: a value is required. Fill the cells at their source. [VALUE_MISSING]",
        ),
        (
            "cases", "case_id", pa.array(["13", "13"]),
            "cases.parquet, column case_id: the id stands in more than one row. "
            "Keep one row; a case or practitioner has one row each. [ID_TWICE]",
        ),
        (
            "cases", "case_id", pa.array(["13", " "]),
            "cases.parquet, column case_id: the id is blank, holds a control character or is longer than 64 bytes. "
            "Correct it at its source. [ID_MALFORMED]",
        ),
        (
            "cases", "closed", days("2020-01-01", None),
            "cases.parquet, column closed: the case is closed before it is opened. "
            "Correct one of the two dates at its source. [CLOSED_BEFORE_OPENED]",
        ),
        (
            "cases", "opened", days("1800-01-01", "2026-01-01"),
            "cases.parquet, column opened: a date is before 1900 or after 2100. Correct it at its source. [DATE_IMPLAUSIBLE]",
        ),
    ],
)  # fmt: skip
def test_faults_of_parquet_are_told(
    tmp_path: Path, keyring: Keyring, name: str, column: str, values: pa.Array, line: str
) -> None:
    table = parquet_tables()[name]
    changed = table.set_column(table.schema.get_field_index(column), column, values)
    assert line in lines(canonical.read(parquet_folder(tmp_path, **{name: changed}), keyring))


def test_missing_and_foreign_columns_of_parquet_are_told(tmp_path: Path, keyring: Keyring) -> None:
    events = parquet_tables()["events"].drop_columns(["kind"]).append_column(CANARY, pa.array([CANARY] * 2))
    extract = canonical.read(parquet_folder(tmp_path, events=events), keyring)
    assert [(finding.code, finding.column) for finding in extract.findings] == [
        ("COLUMN_MISSING", "kind"),
        ("COLUMN_DROPPED", ""),
    ]
    assert CANARY not in str(extract.findings)
    assert "events" not in extract.tables


def test_damaged_parquet_is_told(tmp_path: Path, keyring: Keyring) -> None:
    (parquet_folder(tmp_path) / "events.parquet").write_bytes(b"rubbish")
    assert lines(canonical.read(tmp_path, keyring)) == [
        "events.parquet: this is not a Parquet file that can be read (ArrowInvalid). Export it again. [FILE_UNREADABLE]"
    ]


def test_dictionary_text_and_files_without_statistics_are_read(tmp_path: Path, keyring: Keyring) -> None:
    parquet_folder(tmp_path)
    events = parquet_tables()["events"]
    events = events.set_column(2, "kind", pa.array(["admission", None]).dictionary_encode())
    pq.write_table(events, tmp_path / "events.parquet", write_statistics=False)
    extract = canonical.read(tmp_path, keyring)
    assert [(finding.code, finding.count) for finding in extract.findings] == [("VALUE_MISSING", 1)]
    assert extract.covers_to == date(2026, 10, 4)


def test_unknown_cases_in_large_parquet_are_looked_for_in_part(
    tmp_path: Path, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "_ORPHAN_ROWS", 10)
    monkeypatch.setattr(parquet, "_CHUNK_ROWS", 1)
    pq.write_table(
        pa.table({"case_id": [f"{number}" for number in range(100)]}),
        tmp_path / "e.parquet",
        row_group_size=5,
    )
    assert parquet.count_orphans((tmp_path / "e.parquet",), "case_id", pa.array(["0"])) == (9, 10)


TWICE = "event_id,case_id,happened_on,kind\n" + "E1,0012,2026-10-05,contact_not_attended\n" * 3


def test_an_event_exported_twice_is_counted_once(tmp_path: Path, keyring: Keyring) -> None:
    more = "E1,0012,2026-10-06,contact_not_attended\n,13,2026-10-07,admission\n,13,2026-10-07,admission\nE1,0012,2062-10-05,discharge\n"
    extract = canonical.read(folder(tmp_path, events=TWICE + more), keyring)
    (events,) = extract.tables["events"]
    assert isinstance(events, pa.Table)
    assert [day.day for day in events["happened_on"].to_pylist()] == [5, 6, 7, 7, 5]
    step = "It is counted once. [EVENT_TWICE]"
    assert lines(extract, "note")[:2] == [
        f"events.csv, row {row}, column event_id: the event stands in the table already (same event_id, case, day and kind). {step}"
        for row in (3, 4)
    ]
    assert lines(extract, "note")[2].startswith(
        "events.csv, row 8, column happened_on: "
    )  # the rows keep their numbers


def test_repeated_events_in_parquet_are_an_error(
    tmp_path: Path, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = parquet_tables()["events"]
    once = events.append_column("event_id", pa.array(["E1", "E1"]))
    assert lines(canonical.read(parquet_folder(tmp_path, events=once), keyring)) == []
    twice = pa.concat_tables([once, once, events.append_column("event_id", pa.nulls(2, pa.string()))])
    assert lines(canonical.read(parquet_folder(tmp_path, events=twice), keyring)) == [
        "events.parquet, column event_id: the event stands in the table already (same event_id, case, day and kind). "
        "(2 rows in all) Remove the repeated rows where the table is exported. [EVENT_TWICE]"
    ]
    monkeypatch.setattr(parquet_checks, "REPEAT_ROWS", 5)
    extract = canonical.read(tmp_path, keyring)
    assert (lines(extract), [finding.code for finding in extract.findings]) == ([], ["EVENT_TWICE_UNKNOWN"])


def test_a_slip_of_the_year_does_not_say_how_far_the_extract_reaches(tmp_path: Path, keyring: Keyring) -> None:
    events = EVENTS + "13,2062-10-05,admission,\n"
    extract = canonical.read(folder(tmp_path, events=events), keyring)
    assert extract.covers_to == date(2026, 10, 2)
    message = "the day lies long after every other day of the extract, so that it does not say how far that reaches"
    step = "Correct the year at its source; or name the day of the extract. [FUTURE_EVENT]"
    assert lines(extract, "note") == [f'events.csv, row 3, column happened_on: {message}, got "2062-10-05". {step}']
    assert lines(canonical.read(tmp_path, keyring, as_of=date(2026, 10, 31)), "note") == lines(extract, "note")
    assert lines(canonical.read(tmp_path, keyring, as_of=date(2026, 9, 2)), "note") == lines(extract, "note")
    extract = canonical.read(folder(tmp_path, allocations=ALLOCATIONS + "13,W2,key_worker,2037-10-01,\n"), keyring)
    assert extract.covers_to == date(2026, 10, 2)
    assert [finding.where for finding in extract.findings] == ["allocations.csv, row 4, column started"]


def test_a_slip_of_the_year_in_parquet_is_noted_with_its_number(tmp_path: Path, keyring: Keyring) -> None:
    events = parquet_tables()["events"]
    late = events.slice(0, 1).set_column(1, "happened_on", days("2062-10-05"))
    extract = canonical.read(parquet_folder(tmp_path, events=pa.concat_tables([events, late])), keyring)
    assert extract.covers_to == date(2026, 10, 4)
    assert [(finding.code, finding.count, finding.severity) for finding in extract.findings] == [
        ("FUTURE_EVENT", 1, "note")
    ]


@pytest.mark.parametrize(
    ("rows", "last"),
    [
        ({}, None),
        ({"2026-01-01": 1, "2062-01-01": 1}, "2062-01-01"),  # of two rows nobody knows which is wrong
        ({"2026-01-01": 2, "2062-01-01": 1}, "2026-01-01"),
        ({"2026-01-01": 19, "2027-10-05": 1}, "2026-01-01"),
        ({"2026-01-01": 19, "2026-10-05": 1}, "2026-10-05"),
        ({"2026-01-01": 2, "2026-12-02": 1}, "2026-12-02"),
        ({"2026-01-01": 2, "2062-01-01": 2}, "2062-01-01"),
        ({"2026-10-01": 900, "2026-11-01": 100}, "2026-11-01"),
        ({"2026-10-01": 990, "2026-11-01": 10}, "2026-11-01"),
        ({"2026-10-01": 990, "2026-11-02": 10}, "2026-10-01"),
        ({"2026-10-01": 999, "2027-10-01": 9, "2062-10-01": 1}, "2026-10-01"),
    ],
)
def test_the_last_day_that_is_believed(rows: Mapping[str, int], last: str | None) -> None:
    days_of_rows = {date.fromisoformat(day): number for day, number in rows.items()}
    assert orders.last_believed(days_of_rows) == (date.fromisoformat(last) if last else None)


def test_a_suppressed_id_is_nobody(tmp_path: Path, keyring: Keyring) -> None:
    cases = CASES.replace(",P1,", ",*,").replace(",P2,", ",*,")
    allocations = ALLOCATIONS.replace("W1", "*").replace("W2", "*")
    practitioners = "practitioner_id,supervisor_id\n*,\n*,\nW1,*\n"
    extract = canonical.read(
        folder(tmp_path, cases=cases, allocations=allocations, practitioners=practitioners), keyring
    )
    step = "Ask for the extract without suppression: it is read here, not published. [ID_SUPPRESSED]"
    message = "a suppressed id (*) names nobody"
    assert lines(extract) == [
        f"{place}, column practitioner_id: {message}. {step}"
        for place in (
            "allocations.csv, row 2",
            "allocations.csv, row 3",
            "practitioners.csv, row 2",
            "practitioners.csv, row 3",
        )
    ]
    assert lines(extract, "note") == [
        f"{place}: {message}; it is not recorded. {step}"
        for place in (
            "cases.csv, row 2, column person_id",
            "cases.csv, row 3, column person_id",
            "practitioners.csv, row 4, column supervisor_id",
        )
    ]
    (table,) = extract.tables["cases"]
    assert isinstance(table, pa.Table)
    assert table["person_id"].to_pylist() == [None, None]
    assert "*" not in str(keyring.local_ids)


def test_a_suppressed_id_in_parquet_is_an_error(tmp_path: Path, keyring: Keyring) -> None:
    cases = parquet_tables()["cases"].append_column("person_id", pa.array(["*", "*"]))
    assert lines(canonical.read(parquet_folder(tmp_path, cases=cases), keyring)) == [
        "cases.parquet, column person_id: a suppressed id (*) names nobody. (2 rows in all) "
        "Ask for the extract without suppression: it is read here, not published. [ID_SUPPRESSED]"
    ]


def test_what_is_not_there_is_refused(tmp_path: Path, keyring: Keyring) -> None:
    with pytest.raises(SourceError, match=r"^none: there is no such folder or workbook\. Check the path\.$"):
        canonical.read(tmp_path / "none", keyring)
    with pytest.raises(SourceError, match=r"there is no table of cases\. Add cases\.csv, \.xlsx or \.parquet\.$"):
        canonical.read(tmp_path, keyring)
    assert not canonical.recognises(tmp_path)
    parquet_folder(folder(tmp_path))
    with pytest.raises(
        SourceError,
        match=r"^The table cases stands in the folder in 2 forms\. Keep one of: cases\.csv, cases\.parquet\.$",
    ):
        canonical.read(tmp_path, keyring)


def test_no_identifier_stands_in_any_finding(tmp_path: Path, keyring: Keyring) -> None:
    row = ",".join([CANARY] * 4)
    texts = {name: text.splitlines()[0] + "," + CANARY + "\n" + f"{row}\n{row}\n" for name, text in GOOD.items()}
    extract = canonical.read(folder(tmp_path, texts), keyring)
    assert len(extract.errors) > 5
    assert "Zebedee" not in str(extract.findings) and "Quartz" not in str(extract.findings)
