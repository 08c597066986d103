"""What the one SQL text says of small, hard cases: the same on DuckDB and on a real PostgreSQL.

Each example is a few tables in words. A dot is an empty cell. The draw date is always 2026-10-31.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import pyarrow as pa
import pytest

from sampling.engine import open_adapter
from sampling.model import Extract
from sampling.policy import Basis, Signal, SignalPolicy
from sampling.signals import COUNT_CAP, SIGNALS_A_WORD, cases_sql, practitioners_sql, reasons, signal_table
from sampling.sources.tables import TABLES, arrow_schema
from tests.postgres import danish_server, load_tables

DAY = date(2026, 10, 31)
Tables = dict[str, pa.Table]
MakeExtract = Callable[[Tables], Extract]


@pytest.fixture(scope="module", params=["duckdb", "postgres"])
def make_extract(request: pytest.FixtureRequest) -> Iterator[MakeExtract]:
    """Gives what puts tables where the engine reads them."""
    if request.param == "duckdb":
        yield lambda tables: Extract(
            "canonical", "adult", "s", None, {name: (table,) for name, table in tables.items()}, ids="local"
        )
        return
    with danish_server() as server:

        def in_database(tables: Tables) -> Extract:
            uri = server.new_database()
            load_tables(uri, tables)
            return Extract("database", "adult", "s", None, {}, ids="local", connection=uri)

        yield in_database


def tables_of(text: str) -> Tables:
    """Returns the tables written as `name: columns`, then a row a line."""
    found: Tables = {}
    for block in text.strip().split("\n\n"):
        head, *lines = [line.split() for line in block.splitlines()]
        name, columns = head[0].rstrip(":"), head[1:]
        rows = []
        for values in lines:
            row: dict[str, object] = dict(zip(columns, values, strict=True))
            for column, value in row.items():
                is_day = TABLES[name].column(column).type == "date"
                row[column] = None if value == "." else date.fromisoformat(str(value)) if is_day else value
            rows.append(row)
        found[name] = pa.Table.from_pylist(rows, arrow_schema(name)).select(columns)
    return found


def signal(
    name: str, basis: Basis, kinds: str = "", *, days: int = 30, minimum: int = 1, major: bool = False
) -> Signal:
    return Signal(name, name, f"{name}s", basis, tuple(kinds.split()), days, major, "test", minimum)


ADMISSION = signal("admission", "event", "admission discharge", major=True)
MISSED = signal("missed", "event", "contact_not_attended", minimum=2)
CHANGE = signal("change", "practitioner_change", days=60)
STALE = signal("stale", "plan_stale", "crisis", days=365)
OVERDUE = signal("overdue", "review_overdue", "crisis care", days=0)

EXAMPLES = {
    "a window is open at its first day and closed at the draw date": (
        [ADMISSION],
        """
        cases: case_id opened
        first-day 2026-01-01
        day-after 2026-01-01
        last-day 2026-01-01
        to-come 2026-01-01

        events: case_id happened_on kind
        first-day 2026-10-01 admission
        day-after 2026-10-02 admission
        last-day 2026-10-31 discharge
        to-come 2026-11-01 admission
        """,
        {"first-day": "", "day-after": "admission=1", "last-day": "admission=1", "to-come": ""},
    ),
    "a case closed on the day is not open, one opened on the day is": (
        [ADMISSION],
        """
        cases: case_id opened closed
        closed-today 2026-01-01 2026-10-31
        closes-tomorrow 2026-01-01 2026-11-01
        opened-today 2026-10-31 .
        opens-tomorrow 2026-11-01 .
        """,
        {"closes-tomorrow": "", "opened-today": ""},
    ),
    "a signal with a minimum is not there below it, and kinds of one signal count together": (
        [ADMISSION, MISSED],
        """
        cases: case_id opened
        once 2026-01-01
        twice 2026-01-01
        both 2026-01-01

        events: case_id happened_on kind
        once 2026-10-20 contact_not_attended
        twice 2026-10-20 contact_not_attended
        twice 2026-10-20 contact_not_attended
        both 2026-10-20 admission
        both 2026-10-21 discharge
        both 2026-10-21 contact_attended
        """,
        {"once": "", "twice": "missed=2", "both": "admission=2"},
    ),
    "a change of practitioner needs another practitioner, in an accountable role": (
        [CHANGE],
        """
        cases: case_id opened
        changed 2026-01-01
        same-again 2026-01-01
        first-ever 2026-01-01
        second-worker 2026-01-01
        long-ago 2026-01-01
        twice 2026-01-01

        allocations: case_id practitioner_id role started ended
        changed P1 key_worker 2026-01-01 2026-09-30
        changed P2 care_coordinator 2026-10-01 .
        same-again P1 key_worker 2026-01-01 2026-09-30
        same-again P1 key_worker 2026-10-01 .
        first-ever P1 key_worker 2026-10-01 .
        second-worker P1 key_worker 2026-01-01 .
        second-worker P2 second_worker 2026-10-01 .
        long-ago P1 key_worker 2026-01-01 2026-02-01
        long-ago P2 key_worker 2026-02-01 .
        twice P1 key_worker 2026-01-01 2026-09-30
        twice P2 key_worker 2026-10-01 2026-10-10
        twice P3 key_worker 2026-10-10 .
        """,
        {
            "changed": "change=1",
            "same-again": "",
            "first-ever": "",
            "second-worker": "",
            "long-ago": "",
            "twice": "change=2",
        },
    ),
    "a plan is stale unless one that runs was made or updated in the window": (
        [STALE],
        """
        cases: case_id opened
        none 2026-01-01
        edge-out 2026-01-01
        edge-in 2026-01-01
        updated 2026-01-01
        ended 2026-01-01
        ends-today 2026-01-01
        other-kind 2026-01-01
        to-come 2026-01-01

        plans: case_id kind created updated ended
        edge-out crisis 2025-10-31 . .
        edge-in crisis 2025-11-01 . .
        updated crisis 2020-01-01 2026-10-31 .
        ended crisis 2026-05-01 . 2026-09-01
        ends-today crisis 2026-05-01 . 2026-10-31
        other-kind care 2026-05-01 . .
        to-come crisis 2026-11-01 . .
        """,
        {
            "none": "stale=1",
            "edge-out": "stale=1",
            "edge-in": "",
            "updated": "",
            "ended": "stale=1",
            "ends-today": "stale=1",
            "other-kind": "stale=1",
            "to-come": "stale=1",
        },
    ),
    "a review is overdue from the day after it was due, on a plan that runs": (
        [OVERDUE],
        """
        cases: case_id opened
        due-today 2026-01-01
        due-yesterday 2026-01-01
        two-plans 2026-01-01
        ended 2026-01-01
        undated 2026-01-01

        plans: case_id kind review_due ended
        due-today crisis 2026-10-31 .
        due-yesterday crisis 2026-10-30 .
        two-plans crisis 2026-10-30 .
        two-plans care 2026-01-30 .
        ended care 2026-10-01 2026-10-20
        undated care . .
        """,
        {"due-today": "", "due-yesterday": "overdue=1", "two-plans": "overdue=2", "ended": "", "undated": ""},
    ),
}


def rows_of(extract: Extract, policy: SignalPolicy) -> dict[str, dict[str, object]]:
    with open_adapter(extract) as adapter:
        table = signal_table(policy, DAY, adapter.tables())
        adapter.create_signal_table(table.rows)
        rows = adapter.select(cases_sql(table, DAY)).to_pylist()
    assert len({row["case_id"] for row in rows}) == len(rows)
    return {row["case_id"]: row for row in rows}


def policy_of(signals: list[Signal]) -> SignalPolicy:
    return SignalPolicy("test", 1, "adult", 1, 2, tuple(signals), "")


def counts(row: dict[str, object], signals: list[Signal]) -> str:
    found = []
    for position, one in enumerate(signals):
        word, slot = divmod(position, SIGNALS_A_WORD)
        count = (int(str(row[f"word{word}"])) >> 4 * slot) & COUNT_CAP
        found += [f"{one.id}={count}"] if count else []
    return " ".join(found)


@pytest.mark.parametrize("title", EXAMPLES)
def test_signals(title: str, make_extract: MakeExtract) -> None:
    signals, text, expected = EXAMPLES[title]
    tables = tables_of("\n".join(line.strip() for line in text.splitlines()))
    if "allocations" not in tables:
        tables["allocations"] = arrow_schema("allocations").empty_table()
    rows = rows_of(make_extract(tables), policy_of(signals))
    assert {case: counts(row, signals) for case, row in rows.items()} == expected
    for case, row in rows.items():
        named = expected[case].split()
        majors = {one.id for one in signals if one.major}
        assert row["signals"] == len(named)
        assert row["majors"] == sum(name.split("=")[0] in majors for name in named)


HOLDERS = """
cases: case_id opened died_on
nobody 2026-01-01 .
one 2026-01-01 .
two-same-day 2026-01-01 .
same-twice 2026-01-01 .
latest-wins 2026-01-01 .
ended-yesterday 2026-01-01 .
ends-today 2026-01-01 .
starts-tomorrow 2026-01-01 .
second-worker 2026-01-01 .
leaver 2026-01-01 .
leaves-today 2026-01-01 .
died 2026-01-01 2026-10-31

allocations: case_id practitioner_id role started ended
one P1 key_worker 2026-01-01 .
two-same-day P1 key_worker 2026-03-01 .
two-same-day P2 care_coordinator 2026-03-01 .
same-twice P1 key_worker 2026-03-01 .
same-twice P1 care_coordinator 2026-03-01 .
latest-wins P2 key_worker 2026-01-01 .
latest-wins P1 key_worker 2026-10-31 .
ended-yesterday P1 key_worker 2026-01-01 2026-10-30
ends-today P1 key_worker 2026-01-01 2026-10-31
starts-tomorrow P1 key_worker 2026-11-01 .
second-worker P1 second_worker 2026-01-01 .
leaver P8 key_worker 2026-01-01 .
leaves-today P9 key_worker 2026-01-01 .
died P1 key_worker 2026-01-01 .

practitioners: practitioner_id team_id started left_on
P1 T1 . .
P2 T1 2026-11-01 .
P8 T1 2020-01-01 2026-10-30
P9 . 2026-10-31 2026-10-31
"""


def test_who_holds_the_case(make_extract: MakeExtract) -> None:
    extract = make_extract(tables_of(HOLDERS))
    rows = rows_of(extract, policy_of([ADMISSION]))
    found = {
        case: (row["practitioner_id"], row["holders"], row["practitioner_left"], row["died"])
        for case, row in rows.items()
    }
    assert found == {
        "nobody": (None, 0, 0, 0),
        "one": ("P1", 1, 0, 0),
        "two-same-day": (None, 2, 0, 0),
        "same-twice": ("P1", 1, 0, 0),
        "latest-wins": ("P1", 1, 0, 0),
        "ended-yesterday": (None, 0, 0, 0),
        "ends-today": ("P1", 1, 0, 0),
        "starts-tomorrow": (None, 0, 0, 0),
        "second-worker": (None, 0, 0, 0),
        "leaver": ("P8", 1, 1, 0),
        "leaves-today": ("P9", 1, 0, 0),
        "died": ("P1", 1, 0, 1),
    }
    with open_adapter(extract) as adapter:
        in_post = adapter.select(practitioners_sql(DAY)).to_pylist()
    assert sorted((row["practitioner_id"], row["team_id"]) for row in in_post) == [("P1", "T1"), ("P9", None)]


@pytest.mark.parametrize("happened", [14, 15, 16, 40])
def test_counts_stop_at_fifteen(happened: int, make_extract: MakeExtract) -> None:
    events = "\n".join(f"C1 2026-10-{1 + number % 28 + 2:02} admission" for number in range(happened))
    text = f"cases: case_id opened\nC1 2026-01-01\n\nevents: case_id happened_on kind\n{events}"
    tables = {**tables_of(text), "allocations": arrow_schema("allocations").empty_table()}
    row = rows_of(make_extract(tables), policy_of([ADMISSION, MISSED]))["C1"]
    assert counts(row, [ADMISSION, MISSED]) == f"admission={min(happened, COUNT_CAP)}"


def test_thirty_signals_stand_in_two_words(make_extract: MakeExtract) -> None:
    kinds = TABLES["events"].column("kind").values[:30]
    signals = [signal(f"s{number}", "event", kind, major=number % 7 == 0) for number, kind in enumerate(kinds)]
    wanted = {one.id: 1 + number % 16 for number, one in enumerate(signals)}
    events = [f"C1 2026-10-20 {one.kinds[0]}" for one in signals for _ in range(wanted[one.id])]
    text = "cases: case_id opened\nC1 2026-01-01\n\nevents: case_id happened_on kind\n" + "\n".join(events)
    tables = {**tables_of(text), "allocations": arrow_schema("allocations").empty_table()}
    row = rows_of(make_extract(tables), policy_of(signals))["C1"]
    assert counts(row, signals) == " ".join(f"{name}={min(n, COUNT_CAP)}" for name, n in wanted.items())
    assert (row["signals"], row["majors"]) == (30, 5)
    words = reasons(policy_of(signals), int(str(row["word0"])), int(str(row["word1"])))
    assert words[0] == "1 s0"
    assert words[29] == "14 s29s"


def test_a_missing_table_is_not_recorded_rather_than_none(make_extract: MakeExtract) -> None:
    text = "cases: case_id opened\nC1 2026-01-01"
    tables = {**tables_of(text), "allocations": arrow_schema("allocations").empty_table()}
    policy = policy_of([ADMISSION, STALE, CHANGE])
    extract = make_extract(tables)
    with open_adapter(extract) as adapter:
        table = signal_table(policy, DAY, adapter.tables())
    assert table.cannot_tell == ("admission", "stale")
    assert rows_of(extract, policy)["C1"]["signals"] == 0
