"""The extension tables beside an extract: merged, keyed alike, and refused where they name a case nobody
knows.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sampling.errors import SourceError
from sampling.keys import Keyring
from sampling.model import Count, Extract, ParquetFiles
from sampling.sources import extension
from sampling.sources.tables import EVENT_KINDS, PLAN_KINDS, arrow_schema


def table(name: str, **columns: list[object]) -> pa.Table:
    rows = len(next(iter(columns.values())))
    arrays = [pa.array(columns.get(field.name, [None] * rows), field.type) for field in arrow_schema(name)]
    return pa.Table.from_arrays(arrays, schema=arrow_schema(name))


def extract_with(keyring: Keyring, *, system: str = "mhsds", prefix: str = "RXX|", **tables: pa.Table) -> Extract:
    keys = [keyring.key("case", system, prefix + local) for local in ("C1", "C2")]
    cases = table("cases", case_id=keys, opened=[date(2026, 1, 1)] * 2, closed=[None, date(2026, 9, 1)])
    return Extract(
        "mhsds", "adult", system, None, {"cases": (cases,), **{name: (one,) for name, one in tables.items()}},
        local_prefix=prefix, cannot_tell=("Review dates of plans: MHSDS has none.", "Anything else."),
    )  # fmt: skip


def given(folder: Path, **texts: str) -> Path:
    for name, text in texts.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def rows(extract: Extract, name: str) -> list[dict[str, object]]:
    return [
        {column: value for column, value in row.items() if value is not None}
        for part in extract.tables[name]
        if isinstance(part, pa.Table)
        for row in part.to_pylist()
    ]


def test_nothing_given_leaves_the_tables_alone(keyring: Keyring) -> None:
    before = extract_with(keyring)
    after = extension.apply(before, None, keyring)
    assert after.tables == before.tables
    assert after.counts == (Count("open_cases", 1),)
    assert "Supervision sessions held." in after.cannot_tell
    assert "Review dates of plans: MHSDS has none." in after.cannot_tell
    assert "Review dates of plans." not in after.cannot_tell


def test_events_of_three_tables_join_the_events(tmp_path: Path, keyring: Keyring) -> None:
    folder = given(
        tmp_path,
        safeguarding="case_id,raised_on,kind,outcome\nC1,2026-10-02,adult,section 42 enquiry\n",
        out_of_hours="case_id,practitioner_id,happened_on,happened_at,in_pathway\nC1,W1,2026-10-03,23:10,no\n",
        local_events="case_id,happened_on,kind\nC2,2026-10-20,incident\n",
    )
    extract = extension.apply(extract_with(keyring), folder, keyring)
    first, second = (keyring.key("case", "mhsds", f"RXX|{local}") for local in ("C1", "C2"))
    assert extract.findings == ()
    assert rows(extract, "events") == [
        {"case_id": first, "happened_on": date(2026, 10, 2), "kind": "safeguarding_concern", "source_table": "safeguarding"},
        {
            "case_id": first, "practitioner_id": keyring.key("practitioner", "mhsds", "RXX|W1"),
            "happened_on": date(2026, 10, 3), "happened_at": "23:10", "kind": "out_of_hours_contact",
            "source_table": "out_of_hours", "source_code": "outside pathway",
        },
        {"case_id": second, "happened_on": date(2026, 10, 20), "kind": "incident", "source_table": "local_events"},
    ]  # fmt: skip


def test_review_dates_go_to_running_plans_or_make_one(tmp_path: Path, keyring: Keyring) -> None:
    first, second = (keyring.key("case", "mhsds", f"RXX|{local}") for local in ("C1", "C2"))
    plans = table(
        "plans",
        plan_id=["old", "new", "care"],
        case_id=[first, first, first],
        kind=["crisis", "crisis", "care"],
        ended=[date(2025, 1, 1), None, None],
        review_due=[None, date(2026, 1, 1), date(2026, 2, 2)],
    )
    text = "case_id,kind,review_due\nC1,crisis,2026-12-01\nC1,crisis,2026-11-01\nC2,crisis,2027-01-01\n"
    extract = extension.apply(extract_with(keyring, plans=plans), given(tmp_path, review_due=text), keyring)
    assert [(row.get("plan_id"), row["case_id"], row.get("review_due")) for row in rows(extract, "plans")] == [
        ("old", first, None),
        ("new", first, date(2026, 12, 1)),
        ("care", first, date(2026, 2, 2)),
        (None, second, date(2027, 1, 1)),
    ]
    assert [finding.line() for finding in extract.findings] == [
        "column review_due: a case has more than one review date for one kind of plan. The latest is used. [REVIEW_DATE_TWICE]"
    ]
    assert extract.cannot_tell[0] == "Anything else."


def test_tables_of_their_own_are_kept_and_keyed(tmp_path: Path, keyring: Keyring) -> None:
    folder = given(
        tmp_path,
        exclusions="case_id,reason,approved_by\nC1,SEALED,W9\n",
        tabled="case_id,tabled_by,tabled_on\nC2,supervisor,2026-10-20\n",
        supervisions="practitioner_id,supervisor_id,held_on,kind\nW1,W9,2026-10-09,group\n",
        note_index="case_id,written_on,kind,ref\nC1,2026-10-15,management oversight,NOTE/81\n",
    )
    extract = extension.apply(extract_with(keyring), folder, keyring)
    boss = keyring.key("practitioner", "mhsds", "RXX|W9")
    assert rows(extract, "exclusions")[0]["approved_by"] == boss
    assert rows(extract, "supervisions")[0]["supervisor_id"] == boss
    assert rows(extract, "tabled")[0]["case_id"] == keyring.key("case", "mhsds", "RXX|C2")
    assert rows(extract, "documents")[0]["ref"] == "NOTE/81"
    assert "Supervision sessions held." not in extract.cannot_tell


@pytest.mark.parametrize(
    ("name", "text", "severity", "advice"),
    [
        (
            "exclusions",
            "case_id,reason,approved_by\nC9,SEALED,W9\n",
            "error",
            "Correct the case id, or remove the row.",
        ),
        (
            "tabled",
            "case_id,tabled_by,tabled_on\nC9,supervisor,2026-10-20\n",
            "error",
            "Correct the case id, or remove the row.",
        ),
        ("safeguarding", "case_id,raised_on\nC9,2026-10-02\n", "note", "These rows are not used."),
    ],
)
def test_an_unknown_case_is_told(
    tmp_path: Path, keyring: Keyring, name: str, text: str, severity: str, advice: str
) -> None:
    extract = extension.apply(extract_with(keyring), given(tmp_path, **{name: text}), keyring)
    assert [(finding.severity, finding.line()) for finding in extract.findings] == [
        (
            severity,
            f"column case_id: 1 row of {name} names a case that the extract does not have. {advice} [EXTENSION_CASE_UNKNOWN]",
        )
    ]


def test_control_totals_are_compared_in_words(tmp_path: Path, keyring: Keyring) -> None:
    folder = given(tmp_path, control_totals="name,expected\nopen_cases,1234\nplans,0\n")
    extract = extension.apply(extract_with(keyring, plans=table("plans", case_id=[])), folder, keyring)
    assert extract.counts == (Count("plans", 0, 0), Count("open_cases", 1, 1234))
    assert [finding.line() for finding in extract.findings] == [
        "the extract has 1 open case, your own total is 1,234. "
        "Find out which cases are missing or too many before you draw. [CONTROL_TOTAL_DIFFERS]"
    ]


PLANS = {f"plan_stale:{kind}" for kind in PLAN_KINDS}


def test_a_table_made_of_the_extension_alone_tells_no_more_than_it_was_given(tmp_path: Path, keyring: Keyring) -> None:
    folder = given(tmp_path, review_due="case_id,kind,review_due\nC1,care,2026-12-01\n")
    extract = extension.apply(extract_with(keyring), folder, keyring)
    assert extract.cannot == PLANS | {f"review_overdue:{kind}" for kind in PLAN_KINDS if kind != "care"}
    plans = table("plans", case_id=[], kind=[])
    assert extension.apply(extract_with(keyring, plans=plans), folder, keyring).cannot == frozenset()


def test_events_of_the_extension_alone_rule_no_other_kind_out(tmp_path: Path, keyring: Keyring) -> None:
    folder = given(
        tmp_path,
        safeguarding="case_id,raised_on\n",
        local_events="case_id,happened_on,kind\nC2,2026-10-20,incident\n",
    )
    extract = extension.apply(extract_with(keyring), folder, keyring)
    assert extract.cannot == set(EVENT_KINDS) - {"safeguarding_concern", "incident"}


def test_what_the_extension_tells_can_be_told(tmp_path: Path, keyring: Keyring) -> None:
    said = ("practitioner_change", "safeguarding_concern", "out_of_hours_contact", "self_harm", "incident")
    cannot = frozenset((*said, "review_overdue:cin", "plan_stale:cin"))
    before = extract_with(keyring, events=table("events", case_id=[]), plans=table("plans", case_id=[]))
    folder = given(
        tmp_path,
        safeguarding="case_id,raised_on\n",
        out_of_hours="case_id,happened_on\n",
        local_events="case_id,happened_on,kind\nC2,2026-10-20,incident\n",
        review_due="case_id,kind,review_due\nC1,cin,2026-12-01\n",
    )
    after = extension.apply(replace(before, cannot=cannot), folder, keyring)
    assert after.cannot == {"practitioner_change", "self_harm", "plan_stale:cin"}
    assert extension.apply(replace(before, cannot=cannot), None, keyring).cannot == cannot


@pytest.mark.parametrize(
    ("covers_to", "draw_date", "right"),
    [
        (date(2026, 8, 31), None, (2,)),
        (date(2026, 10, 31), None, (1,)),
        (date(2026, 10, 31), date(2026, 8, 31), (1, 2)),  # the total was made on either day
        (date(2026, 8, 31), date(2026, 9, 1), (1,)),  # closed on the day is not open on it
        (date(2026, 8, 31), date(2025, 12, 31), (0, 2)),
        (None, None, (1,)),
    ],
)
def test_open_cases_that_differ_from_the_total_are_an_error(
    tmp_path: Path, keyring: Keyring, covers_to: date | None, draw_date: date | None, right: tuple[int, ...]
) -> None:
    for total in range(4):
        folder = given(tmp_path, control_totals=f"name,expected\nopen_cases,{total}\n")
        before = replace(extract_with(keyring), covers_to=covers_to)
        after = extension.apply(before, folder, keyring, draw_date=draw_date)
        assert [finding.code for finding in after.errors] == ["CONTROL_TOTAL_DIFFERS"] * (total not in right)


def test_a_total_that_nothing_answers_to_is_told(tmp_path: Path, keyring: Keyring) -> None:
    folder = given(tmp_path, control_totals="name,expected\nplans,9\n")
    assert [finding.line() for finding in extension.apply(extract_with(keyring), folder, keyring).findings] == [
        "your own total of plans was compared with nothing. "
        "The extract has no table plans: export it, or remove the total. [CONTROL_TOTAL_UNUSED]"
    ]


def test_open_cases_of_parquet_are_counted_on_the_day(tmp_path: Path, keyring: Keyring) -> None:
    opened = pa.array([date(2026, 1, 1), date(2026, 11, 1), date(2026, 1, 1)], pa.date32())
    closed = pa.array([None, None, date(2026, 10, 31)], pa.date32())
    pq.write_table(
        pa.table({"case_id": ["1", "2", "3"], "opened": opened, "closed": closed}), tmp_path / "cases.parquet"
    )
    tables = {"cases": (ParquetFiles((tmp_path / "cases.parquet",)),)}
    extract = Extract("canonical", "adult", "canonical", date(2026, 12, 1), tables, ids="local")
    assert extension.apply(extract, None, keyring, draw_date=date(2026, 10, 31)).counts == (Count("open_cases", 1),)
    assert extension.apply(extract, None, keyring).counts == (Count("open_cases", 2),)


def test_local_ids_stay_local_and_parquet_plans_take_review_dates(tmp_path: Path, keyring: Keyring) -> None:
    day = pa.array([date(2026, 1, 1)], pa.date32())
    pq.write_table(pa.table({"case_id": ["C1"], "opened": day}), tmp_path / "cases.parquet")
    pq.write_table(pa.table({"case_id": ["C1"], "kind": ["crisis"]}), tmp_path / "plans.parquet")
    place = given(tmp_path, review_due="case_id,kind,review_due\nC1,crisis,2026-12-01\n")
    pq.write_table(
        pa.table({"case_id": ["C1"], "happened_on": day, "kind": ["incident"]}),
        place / "local_events.parquet",
    )
    tables = {name: (ParquetFiles((tmp_path / f"{name}.parquet",)),) for name in ("cases", "plans")}
    extract = extension.apply(Extract("canonical", "adult", "canonical", None, tables, ids="local"), place, keyring)
    assert rows(extract, "plans") == [{"case_id": "C1", "kind": "crisis", "review_due": date(2026, 12, 1)}]
    assert rows(extract, "events") == [
        {"case_id": "C1", "happened_on": date(2026, 1, 1), "kind": "incident", "source_table": "local_events"}
    ]
    assert extract.counts == (Count("plans", 1), Count("open_cases", 1))
    assert keyring.local_ids == {}


def test_worker_names_are_spelt_as_the_annex_a_reader_spells_them(tmp_path: Path, keyring: Keyring) -> None:
    from sampling.sources.annex_a_workers import fold_name

    before = replace(extract_with(keyring, system="annex-a", prefix=""), format="annex-a")
    text = "practitioner_id,supervisor_id,held_on,kind\nJane\u00a0 EXAMPLE,Ann Other,2026-10-09,group\n"
    extract = extension.apply(before, given(tmp_path, supervisions=text), keyring)
    assert rows(extract, "supervisions")[0]["practitioner_id"] == keyring.key(
        "practitioner", "annex-a", fold_name("Jane Example")
    )


def test_faults_of_an_extension_table_are_told(tmp_path: Path, keyring: Keyring) -> None:
    folder = given(tmp_path, exclusions="case_id,reason,approved_by\nC1,BECAUSE,W9\n", tabled="case_id\nC1\n")
    extract = extension.apply(extract_with(keyring), folder, keyring)
    assert [finding.line() for finding in extract.findings] == [
        'exclusions.csv, row 2, column reason: the code is not in the list, got text shaped "AAAAAAA" (7 characters). '
        "Use one of: LEGAL_HOLD, SEALED, CONFLICT, OBJECTION, DUPLICATE. [CODE_UNKNOWN]",
        "tabled.csv, column tabled_by: the column is missing. See docs/schema.md. [COLUMN_MISSING]",
        "tabled.csv, column tabled_on: the column is missing. See docs/schema.md. [COLUMN_MISSING]",
    ]


def test_an_extension_that_is_not_there_is_refused(tmp_path: Path, keyring: Keyring) -> None:
    with pytest.raises(SourceError, match=r"^none: there is no such folder or workbook\. Check the path\.$"):
        extension.apply(extract_with(keyring), tmp_path / "none", keyring)


def test_the_extension_is_found_inside_the_source(tmp_path: Path) -> None:
    assert extension.locate(tmp_path, "canonical") is None
    given(tmp_path, tabled="x")
    assert extension.locate(tmp_path, "canonical") == tmp_path
    assert extension.locate(tmp_path, "mhsds") is None
    (tmp_path / "extension").mkdir()
    assert extension.locate(tmp_path, "mhsds") == tmp_path / "extension"
