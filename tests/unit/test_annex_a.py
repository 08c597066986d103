"""The Annex A reader on small workbooks made here: lists, headers, cells, cases, events and findings."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.errors import PolicyError, SourceError
from sampling.keys import Keyring
from sampling.model import Extract
from sampling.policy import load_signals
from sampling.sources import annex_a, annex_a_events, annex_a_sheets
from sampling.sources.annex_a_codes import age_band, plain_header, short_code, yes_or_no
from sampling.sources.annex_a_lists import LISTS
from sampling.sources.annex_a_rules import due_after, load_timescales
from sampling.sources.annex_a_workers import fold_name, possible_twins, twin_key
from sampling.sources.tables import EVENT_KINDS, PLAN_KINDS

DAY = datetime(2026, 10, 31)
Row = Mapping[str, Any]


def own_name(number: int, name: str) -> str:
    return LISTS[number].header_of(name) if name in {column.name for column in LISTS[number].columns} else name


def workbook(
    path: Path,
    rows: Mapping[int, Sequence[Row]],
    *,
    title: bool = True,
    names: Mapping[int, str] | None = None,
    headers: Mapping[str, str] | None = None,
    drop: Sequence[int] = (),
) -> Path:
    """Writes a workbook of all lists; a row is given by our column names or by Ofsted's headers."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, entry in LISTS.items():
        if number in drop:
            continue
        sheet = book.create_sheet((names or {}).get(number, f"List_{number}"))
        if title:
            sheet.append([f"List {number}: {entry.title}"])
        plain = [header.strip() for header in entry.headers]
        sheet.append([(headers or {}).get(header, header) for header in plain])
        for row in rows.get(number, ()):
            cells = {plain_header(own_name(number, name)): value for name, value in row.items()}
            sheet.append([cells.get(plain_header(header)) for header in plain])
    book.save(path)
    return path


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """One child in need, one with a protection plan, one in care, one care leaver."""
    return workbook(
        tmp_path / "small.xlsx",
        {
            6: [
                {
                    "child": 9212044,
                    "started": datetime(2026, 3, 2),
                    "last_seen": DAY,
                    "status": "c) Child in need plan",
                    "team": "North",
                    "worker": "Jane\u00a0Example",
                    "sex": "b) Female",
                    "age": 6.138,
                    "ethnicity": "a) WBRI",
                },
                {
                    "child": 2,
                    "started": datetime(2026, 1, 5),
                    "status": "b) Child Protection plan",
                    "worker": "A Other",
                },
            ],
            7: [
                {
                    "child": 2,
                    "started": datetime(2026, 2, 2),
                    "visited": datetime(2026, 10, 1),
                    "alone": "b) No",
                    "reviewed": datetime(2026, 4, 20),
                    "emergency": "Y",
                    "earlier": 1,
                    "worker": "Bo Care",
                }
            ],
            8: [
                {
                    "child": 3,
                    "started": datetime(2025, 2, 2),
                    "visited": datetime(2026, 9, 1),
                    "legal_status": "C2: FCO",
                    "placements": 3,
                    "missing": 2,
                    "absent": 0,
                    "offered": "a) Yes",
                    "accepted": "b) No",
                    "placed": datetime(2026, 9, 20),
                    "worker": "EXAMPLE, jane",
                }
            ],
            9: [{"child": 4, "worker": "Kim Leaver", "age": 19.2}],
        },
    )


def table(extract: Extract, name: str) -> pd.DataFrame:
    (part,) = extract.tables[name]
    return part.to_pandas()


def codes(extract: Extract) -> set[str]:
    return {finding.code for finding in extract.findings}


def kinds(extract: Extract, keyring: Keyring, child: str) -> set[str]:
    events = table(extract, "events")
    return set(events.loc[events["case_id"] == keyring.key("case", "annex-a", child), "kind"])


def test_one_case_a_child_with_the_worker_of_the_highest_list(small: Path, keyring: Keyring) -> None:
    extract = annex_a.read(small, keyring)
    assert not extract.errors
    assert (extract.format, extract.profile, extract.ids, extract.covers_to) == (
        "annex-a",
        "children",
        "key",
        DAY.date(),
    )
    cases = table(extract, "cases").set_index("case_id")
    assert len(cases) == 4
    protected = cases.loc[keyring.key("case", "annex-a", "2")]
    assert protected["opened"] == date(2026, 1, 5) and protected["service"] == "Child protection"
    held = table(extract, "allocations").set_index("case_id")["practitioner_id"]
    assert held[keyring.key("case", "annex-a", "2")] == keyring.key("practitioner", "annex-a", "bo care")
    finding = next(finding for finding in extract.findings if finding.code == "ANNEX_A_WORKERS_DIFFER")
    assert finding.count == 1 and finding.severity == "note"


def test_a_number_cell_gives_the_childs_id_as_text(small: Path, keyring: Keyring) -> None:
    cases = table(annex_a.read(small, keyring), "cases").set_index("case_id")
    child = cases.loc[keyring.key("case", "annex-a", "9212044")]
    assert (child["sex"], child["age_band"], child["ethnicity"]) == ("female", "5-9", "WBRI")


def test_spellings_of_one_worker_are_one_worker(small: Path, keyring: Keyring) -> None:
    held = table(annex_a.read(small, keyring), "allocations").set_index("case_id")["practitioner_id"]
    assert held[keyring.key("case", "annex-a", "9212044")] == held[keyring.key("case", "annex-a", "3")]


def test_events_of_a_protection_plan(small: Path, keyring: Keyring) -> None:
    assert kinds(annex_a.read(small, keyring), keyring, "2") == {
        "plan_started",
        "statutory_visit",
        "visit_overdue",
        "child_not_seen_alone",
        "review_held",
        "emergency_protection",
        "repeat_protection_plan",
    }


def test_events_of_a_child_in_care(small: Path, keyring: Keyring) -> None:
    """The last visit was before the placement, so that the first visit within a week is overdue."""
    assert kinds(annex_a.read(small, keyring), keyring, "3") == {
        "plan_started",
        "statutory_visit",
        "visit_overdue",
        "placement_move",
        "many_placements",
        "missing_episode",
        "return_interview_not_done",
    }


def test_reviews_fall_due_by_the_timescales(small: Path, keyring: Keyring) -> None:
    plans = table(annex_a.read(small, keyring), "plans").set_index("kind")["review_due"]
    assert plans["cp"] == date(2026, 10, 20)  # six months after the latest conference
    # no review recorded: twenty working days after Sunday 2 February, the first of them Monday the 3rd
    assert plans["looked_after"] == date(2025, 2, 28)
    assert pd.isna(plans["cin"]) and pd.isna(plans["pathway"])


def test_a_care_leaver_opens_six_months_before_and_it_is_noted(small: Path, keyring: Keyring) -> None:
    extract = annex_a.read(small, keyring)
    leaver = table(extract, "cases").set_index("case_id").loc[keyring.key("case", "annex-a", "4")]
    assert leaver["opened"] == date(2026, 4, 30)
    assert "ANNEX_A_OPENED_UNKNOWN" in codes(extract)


def test_the_day_of_the_extract_can_be_given(small: Path, keyring: Keyring) -> None:
    extract = annex_a.read(small, keyring, as_of=date(2026, 10, 10))
    assert extract.covers_to == date(2026, 10, 10) and extract.details["as_of_from"] == "given"
    note = next(finding for finding in extract.findings if finding.code == "ANNEX_A_AFTER_EXTRACT")
    assert (note.sheet, note.column, note.row, note.severity) == (
        "List_6",
        "Date Child Was Last Seen",
        3,
        "note",
    )


STATES = {
    "missing_episode", "many_placements", "visit_overdue", "return_interview_not_done", "emergency_protection",
    "repeat_protection_plan",
}  # fmt: skip


@pytest.mark.parametrize(
    ("extract_day", "draw_date", "dated"),
    [
        (date(2026, 10, 31), None, date(2026, 10, 31)),
        (date(2026, 11, 3), None, date(2026, 11, 3)),
        (date(2026, 11, 3), date(2026, 10, 31), date(2026, 10, 31)),
        (date(2026, 12, 1), date(2026, 10, 31), date(2026, 10, 31)),
        (date(2026, 11, 3), date(2026, 11, 30), date(2026, 11, 3)),
    ],
)
def test_an_extract_made_after_the_months_end_keeps_its_states(
    small: Path, keyring: Keyring, extract_day: date, draw_date: date | None, dated: date
) -> None:
    extract = annex_a.read(small, keyring, as_of=extract_day, draw_date=draw_date)
    events = table(extract, "events")
    states = events[events["kind"].isin(STATES)]
    assert set(states["kind"]) == STATES
    assert set(states["happened_on"]) == {dated}
    assert extract.covers_to == extract_day
    assert "ANNEX_A_TOO_NEW" not in codes(extract)


def test_an_extract_of_another_month_is_too_new(small: Path, keyring: Keyring) -> None:
    extract = annex_a.read(small, keyring, as_of=date(2026, 12, 2), draw_date=date(2026, 10, 31))
    assert [finding.line() for finding in extract.errors] == [
        "small.xlsx: the extract was made on 2026-12-02, 32 days after the draw date 2026-10-31: it no longer tells who was "
        "overdue or missing then. Use an extract made at most 31 days after the draw date, or draw a later month. "
        "[ANNEX_A_TOO_NEW]"
    ]


def test_what_annex_a_can_never_show_is_said(small: Path, tmp_path: Path, keyring: Keyring) -> None:
    extract = annex_a.read(small, keyring)
    assert not set(table(extract, "events")["kind"]) & extract.cannot
    assert {"practitioner_change", "safeguarding_concern", "duty_consultation", "contact_attended"} <= extract.cannot
    assert {f"plan_stale:{kind}" for kind in PLAN_KINDS} <= extract.cannot
    assert {"review_overdue:cin", "review_overdue:crisis"} <= extract.cannot
    assert not {"review_overdue:cp", "missing_episode", "strategy_discussion"} & extract.cannot
    rows = {7: [{"child": 2, "started": datetime(2026, 2, 2), "visited": DAY, "worker": "Bo Care"}]}
    header = LISTS[7].header_of("reviewed")
    less = annex_a.read(workbook(tmp_path / "less.xlsx", rows, drop=(5,), headers={header: "Other"}), keyring)
    assert less.cannot - extract.cannot == {
        "strategy_discussion", "repeat_section_47", "conference_held", "conference_late", "review_overdue:cp",
    }  # fmt: skip


def test_what_annex_a_shows_is_what_its_events_are_made_of() -> None:
    text = Path(annex_a_events.__file__).read_text(encoding="utf-8")
    made = set(re.findall(r'_at\(\s*\w+, "(\w+)"', text))
    assert made == {kind for kinds in annex_a_events.SHOWN.values() for kind in kinds}
    for number, kinds in annex_a_events.SHOWN.items():
        for columns in kinds.values():
            assert set(columns) <= {column.name for column in LISTS[number].columns}


def test_a_state_is_said_without_a_number() -> None:
    policy = load_signals("children")
    reasons = {kind: signal.reason(7) for signal in policy.signals for kind in signal.kinds}
    for kind in (*STATES, "repeat_section_47", "child_not_seen_alone", "assessment_late", "conference_late"):
        assert not any(letter.isdigit() for letter in reasons[kind])
    assert reasons["missing_episode"] == "missing or absent in the last twelve months"
    assert reasons["many_placements"] == "three or more placements in twelve months"
    assert reasons["placement_move"] == "7 placement moves"


def test_only_a_sheet_with_a_formula_is_read_again(
    small: Path, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = openpyxl.load_workbook(small)
    book["List_10"]["A3"] = "=1+1"
    book["List_7"]["F3"] = "=1+1"
    book.save(small)
    asked = []
    monkeypatch.setattr(annex_a_sheets, "uncomputed_formulas", lambda path, sheet: asked.append(sheet) or [])
    annex_a.read(small, keyring)
    assert asked == ["List_7", "List_10"]


def test_a_slip_into_the_future_does_not_move_the_day(tmp_path: Path, keyring: Keyring) -> None:
    contacts = [{"child": 1, "happened": datetime(2026, month, 3)} for month in (6, 7, 8, 9)]
    contacts += [{"child": 1, "happened": datetime(2062, 9, 3)}]
    rows: dict[int, list[Row]] = {
        1: contacts,
        6: [{"child": 1, "started": datetime(2026, 1, 1), "worker": "A B"}],
    }
    extract = annex_a.read(workbook(tmp_path / "a.xlsx", rows), keyring)
    assert extract.covers_to == date(2026, 9, 3)
    assert "ANNEX_A_AFTER_EXTRACT" in codes(extract)
    assert table(extract, "events")["happened_on"].max() == date(2026, 9, 3)


@pytest.mark.parametrize("name", ["List 3", "List_3", "list3", "LIST-3", "List\u00a03 Referrals", " List 03"])
@pytest.mark.parametrize("title", [True, False])
def test_sheet_names_and_header_rows(tmp_path: Path, keyring: Keyring, name: str, title: bool) -> None:
    rows: dict[int, list[Row]] = {
        3: [{"child": 1, "happened": DAY, "earlier": 1}],
        6: [{"child": 1, "started": datetime(2026, 1, 1), "worker": "A B"}],
    }
    extract = annex_a.read(workbook(tmp_path / "a.xlsx", rows, title=title, names={3: name}), keyring)
    assert not extract.errors
    assert {"referral_received", "re_referral"} <= kinds(extract, keyring, "1")


VARIANTS = [
    (number, column.header, variant)
    for number, entry in LISTS.items()
    for column in entry.columns
    for variant in (
        *column.variants,
        column.header.upper(),
        f" {column.header}\u00a0",
        column.header.replace("'", "’"),
    )
]


def test_every_variant_of_a_header_is_known(tmp_path: Path, keyring: Keyring) -> None:
    """Each way of writing a header, a workbook at a time for the n-th way of every column."""
    ways: dict[int, dict[str, str]] = {}
    seen: dict[tuple[int, str], int] = {}
    for number, header, variant in VARIANTS:
        place = seen[number, header] = seen.get((number, header), -1) + 1
        ways.setdefault(place, {})[header.strip()] = variant
    for place, headers in ways.items():
        rows: dict[int, list[Row]] = {6: [{"child": 1, "started": DAY, "last_seen": DAY, "worker": "A B"}]}
        extract = annex_a.read(workbook(tmp_path / f"{place}.xlsx", rows, headers=headers), keyring)
        assert "ANNEX_A_COLUMN_MISSING" not in codes(extract), headers


def test_curly_quotes_and_doubled_brackets_are_set_aside() -> None:
    assert plain_header("Child’s Legal\u00a0Status ") == plain_header("Child's Legal Status")
    assert plain_header("Twelve Months (Y/N))") == plain_header("twelve months (Y/N)")


def test_a_missing_list_of_cases_is_an_error_and_another_a_note(tmp_path: Path, keyring: Keyring) -> None:
    rows: dict[int, list[Row]] = {6: [{"child": 1, "started": DAY, "last_seen": DAY, "worker": "A B"}]}
    extract = annex_a.read(workbook(tmp_path / "a.xlsx", rows, drop=(1, 8)), keyring)
    missing = {
        finding.severity: finding.message for finding in extract.findings if finding.code == "ANNEX_A_LIST_MISSING"
    }
    assert "list 8 (Children in care)" in missing["error"] and "list 1 (Contacts)" in missing["note"]


def test_all_errors_come_at_once_with_sheet_column_and_row(tmp_path: Path, keyring: Keyring) -> None:
    rows: dict[int, list[Row]] = {
        6: [
            {"child": 1, "started": "31/3/26", "last_seen": DAY, "worker": "A B"},
            {"started": DAY, "worker": "A B"},
        ],
        7: [{"child": 2, "started": "Jane Example", "worker": "A B"}, {"child": 3, "worker": "A B"}],
    }
    extract = annex_a.read(workbook(tmp_path / "a.xlsx", rows), keyring)
    lines = sorted(finding.line() for finding in extract.errors)
    assert lines == [
        'a.xlsx, sheet "List_6", row 3, column CIN Start Date: expected a date like 2026-03-31 or '
        '31/03/2026, got "31/3/26". Correct the cell at its source. [ANNEX_A_DATE]',
        'a.xlsx, sheet "List_6", row 4, column Child Unique ID: the row has no child\'s id, so that it '
        "belongs to no case. Fill the cell at its source. [ANNEX_A_NO_CHILD]",
        'a.xlsx, sheet "List_7", row 3, column Child Protection Plan Start Date: expected a date like '
        '2026-03-31 or 31/03/2026, got text shaped "Aaaa Aaaaaaa" (12 characters). '
        "Correct the cell at its source. [ANNEX_A_DATE]",
        'a.xlsx, sheet "List_7", row 4, column Child Protection Plan Start Date: the plan or period of care '
        "has no start. Fill the cell at its source. [ANNEX_A_NO_START]",
    ]


def test_a_needed_column_that_is_missing_is_an_error(tmp_path: Path, keyring: Keyring) -> None:
    rows: dict[int, list[Row]] = {6: [{"child": 1, "started": DAY, "last_seen": DAY, "worker": "A B"}]}
    headers = {"CIN Start Date": "Begun", "Case status": "State"}
    extract = annex_a.read(workbook(tmp_path / "a.xlsx", rows, headers=headers), keyring)
    found = {
        finding.column: finding.severity for finding in extract.findings if finding.code == "ANNEX_A_COLUMN_MISSING"
    }
    assert found == {"CIN Start Date": "error", "Case status": "note"}


def test_formulas_without_a_value_are_told_by_column(tmp_path: Path, keyring: Keyring) -> None:
    rows: dict[int, list[Row]] = {
        6: [{"child": 1, "started": "=A3+5", "last_seen": DAY, "worker": "A B"}] * 2,
        10: [{"Date of Placement Order": "=H3+5"}] * 3,
    }
    extract = annex_a.read(workbook(tmp_path / "a.xlsx", rows), keyring)
    found = [finding for finding in extract.findings if finding.code == "ANNEX_A_FORMULA"]
    assert [(f.sheet, f.column, f.row, f.count, f.severity) for f in found] == [
        ("List_6", "CIN Start Date", 3, 2, "error"),
        ("List_10", "Date of Placement Order", 3, 3, "note"),
    ]


@pytest.mark.parametrize("nobody", ["#N/A", "", None, "Unallocated", "Duty", "N/A", "TBC", "\u00a0"])
def test_nobody_is_not_a_worker(tmp_path: Path, keyring: Keyring, nobody: str | None) -> None:
    rows: dict[int, list[Row]] = {6: [{"child": 1, "started": DAY, "last_seen": DAY, "worker": nobody}]}
    extract = annex_a.read(workbook(tmp_path / "a.xlsx", rows), keyring)
    assert len(table(extract, "cases")) == 1 and table(extract, "allocations").empty
    assert table(extract, "practitioners").empty and "ANNEX_A_NO_WORKER" in codes(extract)
    assert "practitioner" not in keyring.local_ids


def test_a_suppressed_count_is_not_recorded_and_never_nought(tmp_path: Path, keyring: Keyring) -> None:
    rows: dict[int, list[Row]] = {
        7: [{"child": 1, "started": DAY, "visited": DAY, "earlier": "*", "alone": "maybe", "worker": "A B"}]
    }
    extract = annex_a.read(workbook(tmp_path / "a.xlsx", rows), keyring)
    assert {"ANNEX_A_SUPPRESSED", "ANNEX_A_CODE"} <= codes(extract) and not extract.errors
    assert kinds(extract, keyring, "1") == {"plan_started", "statutory_visit"}


def test_an_open_assessment_is_a_case_and_a_referral_is_not(tmp_path: Path, keyring: Keyring) -> None:
    started = datetime(2026, 7, 1)
    rows: dict[int, list[Row]] = {
        3: [{"child": 1, "happened": DAY, "worker": "A B"}],
        4: [
            {"child": 2, "started": started, "worker": "A B"},
            {"child": 3, "started": started, "ended": DAY, "worker": "A B"},
        ],
    }
    extract = annex_a.read(workbook(tmp_path / "a.xlsx", rows), keyring)
    assert set(table(extract, "cases")["case_id"]) == {keyring.key("case", "annex-a", "2")}
    assert kinds(extract, keyring, "2") == {"assessment_started", "assessment_late"}


def test_two_enquiries_and_a_late_conference(tmp_path: Path, keyring: Keyring) -> None:
    """One enquiry before the latest makes two; a child with a plan already needs no initial conference."""
    old = datetime(2026, 9, 1)
    plan = {"started": datetime(2026, 1, 1), "visited": DAY, "worker": "A B"}
    rows: dict[int, list[Row]] = {
        5: [{"child": 1, "started": old, "unnecessary": "b) No", "earlier": 1}]
        + [{"child": 2, "started": old, "unnecessary": "b) No", "earlier": 0}],
        6: [{"child": 1, "started": old, "last_seen": DAY, "worker": "A B"}],
        7: [{"child": 2, **plan}],
    }
    extract = annex_a.read(workbook(tmp_path / "a.xlsx", rows), keyring)
    assert {"strategy_discussion", "repeat_section_47", "conference_late"} <= kinds(extract, keyring, "1")
    assert not {"repeat_section_47", "conference_late"} & kinds(extract, keyring, "2")


def test_a_case_closes_when_everything_has_ended(tmp_path: Path, keyring: Keyring) -> None:
    start, end, later = datetime(2026, 2, 1), datetime(2026, 8, 1), datetime(2026, 9, 1)
    rows: dict[int, list[Row]] = {
        6: [
            {
                "child": 1,
                "started": start,
                "ended": later,
                "last_seen": DAY,
                "reason": "RC2 - Died",
                "worker": "A B",
            },
            {"child": 2, "started": start, "last_seen": DAY, "worker": "A B"},
            {"child": 3, "started": start, "status": "e) Closed episode", "worker": "A B"},
        ],
        7: [{"child": 1, "started": start, "ended": end, "worker": "A B"}]
        + [{"child": 2, "started": start, "ended": end, "worker": "A B"}],
    }
    extract = annex_a.read(workbook(tmp_path / "a.xlsx", rows), keyring)
    cases = table(extract, "cases").set_index("case_id")
    closed, still_open, undated = (cases.loc[keyring.key("case", "annex-a", child)] for child in "123")
    assert closed["closed"] == closed["died_on"] == later.date()
    assert still_open["closed"] is None
    assert undated["closed"] == DAY.date() and "ANNEX_A_CLOSED_UNDATED" in codes(extract)


def test_possible_twins_are_noted_by_row_and_not_by_name(tmp_path: Path, keyring: Keyring) -> None:
    names = ["Ann-Marie O'Canary", "Ann Marie OCanary", "Bo Else"]
    cells = [{"child": i, "started": DAY, "last_seen": DAY, "worker": name} for i, name in enumerate(names, 1)]
    extract = annex_a.read(workbook(tmp_path / "a.xlsx", {6: cells}), keyring)
    (note,) = [finding for finding in extract.findings if finding.code == "ANNEX_A_WORKER_TWIN"]
    assert "anary" not in note.line() and (note.sheet, note.row) == ("List_6", 3)
    assert len(table(extract, "practitioners")) == 3


def test_no_identifier_passes_the_reader(tmp_path: Path, keyring: Keyring) -> None:
    """Names, a date of birth and a postcode in their own columns and in wrong ones."""
    canary = {"born": datetime(2011, 7, 13), "Placement postcode": "ZZ99 9QX", "worker": "Canary Wharfside"}
    wrong = {
        "started": "Canary Wharfside",
        "placements": "Canary Wharfside",
        "offered": "ZZ99 9QX",
        "ended": "ZZ99 9QX",
    }
    rows: dict[int, list[Row]] = {
        8: [
            {"child": "CANARYCHILD", "started": DAY, "visited": DAY, **canary},
            {"child": "CANARYCHILD", **canary, **wrong},
        ]
    }
    extract = annex_a.read(workbook(tmp_path / "a.xlsx", rows), keyring)
    told = "".join(part.to_pandas().to_csv() for parts in extract.tables.values() for part in parts)
    told += repr(extract.findings) + repr(extract.counts) + repr(extract.details)
    for secret in ("canary", "wharfside", "2011-07-13", "13/07/2011", "zz99", "9qx"):
        assert secret not in told.lower()


def test_a_file_that_is_no_workbook(tmp_path: Path, keyring: Keyring) -> None:
    path = tmp_path / "a.xlsx"
    path.write_text("Canary Wharfside")
    assert not annex_a.recognises(path)
    with pytest.raises(SourceError, match="not a workbook that can be read"):
        annex_a.read(path, keyring)


def test_other_workbooks_are_not_recognised(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "cases"
    book.save(tmp_path / "cases.xlsx")
    assert not annex_a.recognises(tmp_path / "cases.xlsx")
    assert not annex_a.recognises(tmp_path / "cases.csv")


def test_every_kind_is_a_canonical_kind(small: Path, keyring: Keyring) -> None:
    extract = annex_a.read(small, keyring)
    assert set(table(extract, "events")["kind"]) <= set(EVENT_KINDS)
    assert set(table(extract, "plans")["kind"]) <= set(PLAN_KINDS)
    assert table(extract, "events")["event_id"].is_unique


def test_every_finding_code_has_an_entry() -> None:
    root = Path(__file__).resolve().parents[2]
    entries = (root / "docs" / "errors-annex-a.md").read_text(encoding="utf-8")
    source = "".join(path.read_text(encoding="utf-8") for path in (root / "sampling" / "sources").glob("annex_a*.py"))
    used = {
        word.strip('"')
        for word in source.replace("(", " ").replace(",", " ").replace(":", " ").split()
        if word.startswith('"ANNEX_A_')
    }
    assert used and all(f"### {code}\n" in entries for code in used)


def test_timescales_have_a_source_and_bad_ones_are_refused(tmp_path: Path) -> None:
    assert {scale.standing for scale in load_timescales().values()} == {"statutory", "common practice"}
    path = tmp_path / "t.toml"
    path.write_text('[timescale.visit]\nvalue = 0\nunit = "days"\n')
    with pytest.raises(PolicyError, match='timescale "visit" needs a whole value above 0'):
        load_timescales(path)
    with pytest.raises(PolicyError, match="cannot be read"):
        load_timescales(tmp_path / "none.toml")


def test_working_days_leave_out_bank_holidays() -> None:
    days = pd.Series([pd.Timestamp("2026-12-24"), pd.NaT, pd.Timestamp("2026-12-26")]).astype("datetime64[s]")
    due = due_after(days, "child_protection_visit")
    # 29 to 31 December, then 4 to 12 January: 25 and 28 December and 1 January are holidays
    assert due[0] == pd.Timestamp("2027-01-12") and due[1] is pd.NaT and due[2] == due[0]


@given(st.text(max_size=40))
def test_folding_a_name_twice_changes_nothing(name: str) -> None:
    folded = fold_name(name)
    if "," not in folded:
        assert fold_name(folded) == folded
    assert fold_name(name.replace(" ", "\u00a0")) == fold_name(name)


@given(st.lists(st.text(alphabet="ab é-'", min_size=1, max_size=8), max_size=8))
def test_twins_are_the_groups_of_one_key(names: list[str]) -> None:
    for group in possible_twins(names):
        assert len(group) > 1 and len({twin_key(name) for name in group}) == 1


@given(st.floats(min_value=-1, max_value=119.9))
def test_every_age_has_a_band(age: float) -> None:
    assert age_band(age) is not None


@pytest.mark.parametrize(
    ("cell", "answer"),
    [("a) Yes", True), ("Yes", True), ("Y", True), ("b) No", False), ("N", False), ("*", None)],
)
def test_yes_and_no(cell: str, answer: bool | None) -> None:
    assert yes_or_no(cell) is answer


@pytest.mark.parametrize(
    ("cell", "code"),
    [("E1: Placement order", "E1"), ("b) WIRI", "WIRI"), ("Own words here", "Own words here")],
)
def test_codes_in_front_of_a_description(cell: str, code: str) -> None:
    assert short_code(cell) == code
