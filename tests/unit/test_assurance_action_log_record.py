"""Risk actions beside the record: the spec table of the two ways, what cannot be told, and the table of what counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.assurance.action_log import ActionLog, LoggedAction
from sampling.assurance.action_matching import RISK_KINDS, load_matches
from sampling.assurance.action_record import (
    MEANING,
    NO_EXTRACT,
    NO_TABLE,
    WRITTEN_OVER,
    Reconciled,
    RecordShown,
    reconcile,
)
from sampling.assurance.action_snapshots import record_of
from sampling.errors import PolicyError
from sampling.policy import shared_folder
from sampling.scoring.settings.snapshot import Snapshot
from sampling.tickets import digest

D = date.fromisoformat
CASE, PERSON = "0b7e44aa" * 8, "f3a9c1d2" * 8
TODAY = D("2026-12-20")
MATCHES = load_matches()
COLUMNS = {
    "plans": ["case", "key", "kind", "created", "updated", "agreed"],
    "events": ["case", "key", "kind", "day"],
    "documents": ["case", "key", "kind", "day"],
}
PLAN = "update_crisis_plan"
BASE = LoggedAction(
    draw_id="d" * 64, period="2026-10", team="North", practitioner=PERSON, case=CASE, kind=PLAN, criterion="a/b", state="open",
    raised=D("2026-11-02"), due=D("2026-11-09"), review_date=D("2026-11-09"), seen_on=None, outcome="", closed_on=None, moved=0,
)  # fmt: skip


def shown(
    taken: str = "2026-12-01", tables: Mapping[str, list[tuple[Any, ...]]] | None = None, **changed: Any
) -> RecordShown:
    """Returns a snapshot of the case; `tables` has rows without the case, all three tables are there unless it names others."""
    rows = {"plans": [], "events": [], "documents": []} if tables is None else tables
    frames = {
        name: pd.DataFrame([(CASE, *row) for row in found], columns=COLUMNS[name], dtype=object)
        for name, found in rows.items()
    }
    return replace(RecordShown(D(taken), None, "adult", frozenset({CASE}), frames), **changed)


def one(*records: RecordShown, today: date = TODAY, **changed: Any) -> Reconciled:
    """Returns the finding on a single action."""
    return reconcile(ActionLog(today, (replace(BASE, **changed),)), records, MATCHES).actions[0]


def plan(created: str | None, updated: str | None = None, kind: str = "crisis", key: str = "p1") -> RecordShown:
    """Returns a snapshot with one plan."""
    return shown(tables={"plans": [(key, kind, created, updated, None)], "events": [], "documents": []})


# action raised on 2 November, review on the 9th. plan created, updated; seen on -> standing
WAYS = """
2026-01-05 2026-11-05 2026-11-06 -> agree           both within the week
2026-01-05 2026-11-05 -          -> only_found      nobody said so
2026-01-05 2026-10-30 2026-11-06 -> only_said       the last change is older than the action
2026-01-05 2026-10-30 -          -> neither         the same, and nobody said so
2026-01-05 2026-11-02 -          -> only_found      the day it was raised counts: an extract has no hours
2026-01-05 2026-11-09 -          -> only_found      the review date counts
2026-01-05 2026-11-01 2026-11-09 -> only_said       the day before does not; seen on the review date counts
2026-11-07 -          2026-11-10 -> only_found      a new plan; seen too late to be said in time
2026-11-10 2026-11-10 -          -> neither         a new plan made too late
2026-11-10 -          2026-11-12 -> neither         said late and found late
2026-01-05 2026-10-30 2026-11-01 -> neither         seen on a day before the action was raised is no sign of it
2026-01-05 2026-11-20 2026-11-06 -> cannot_tell     changed again later: an earlier change would be written over
"""


@pytest.mark.parametrize("line", [line for line in WAYS.splitlines() if line], ids=lambda line: f"A9 {line[52:]}")
def test_a9_two_ways_of_telling(line: str) -> None:
    created, updated, seen = (None if word == "-" else word for word in line.split("->")[0].split())
    found = one(plan(created, updated), seen_on=D(seen) if seen else None)
    assert found.standing == line.split("->")[1].split()[0]
    assert found.reason == (WRITTEN_OVER if found.standing == "cannot_tell" else "")


# kind of action, table, kind of row -> counts
KINDS = """
update_crisis_plan    plans     crisis            yes
update_crisis_plan    plans     care              no
safeguarding_referral events    safeguarding_concern yes
safeguarding_referral events    incident          no
safeguarding_referral events    referral_received no
gp_liaison            events    indirect_activity yes
gp_liaison            events    ed_liaison        no
gp_liaison            documents GP_summary        yes
gp_liaison            documents Letter(out)       yes
gp_liaison            documents newsletter        no
gp_liaison            documents care_plan         no
"""


@pytest.mark.parametrize("line", [line for line in KINDS.splitlines() if line])
def test_a9_which_change_counts_for_which_action(line: str) -> None:
    kind, table, of, counts = line.split()
    row = ("k", of, "2026-11-05", None, None) if table == "plans" else ("k", of, "2026-11-05")
    tables: dict[str, list[tuple[Any, ...]]] = {"plans": [], "events": [], "documents": []}
    tables[table] = [row]
    found = one(shown(tables=tables), kind=kind)
    assert found.standing == ("only_found" if counts == "yes" else "neither")
    assert found.shown == (((table, of, D("2026-11-05")),) if counts == "yes" else ())


def test_a_referral_of_a_child_counts_in_a_childrens_record_alone() -> None:
    tables = {"events": [("k", "strategy_discussion", "2026-11-05")]}
    assert one(shown(tables=tables, profile="children"), kind="safeguarding_referral").found == "in_time"
    assert one(shown(tables=tables), kind="safeguarding_referral").found == "no"


LACKING = {
    "no extract at all": ([], NO_EXTRACT),
    "the extract ends before the review date": ([shown("2026-11-08")], NO_EXTRACT),
    "it was taken later and reaches no further": ([shown(covers_to=D("2026-11-05"))], NO_EXTRACT),
    "the case is not in it": ([shown(cases=frozenset({"other"}))], NO_EXTRACT),
    "it was taken after the day of the log": ([shown("2026-12-21")], NO_EXTRACT),
    "it has no plans": ([shown(tables={"events": []})], NO_TABLE),
    "it cannot show crisis plans": ([shown(cannot=frozenset({"plan_stale:crisis"}))], NO_TABLE),
}


@pytest.mark.parametrize("name", LACKING)
@pytest.mark.parametrize("seen", [None, D("2026-11-06")])
def test_what_the_extract_cannot_show_is_never_no(name: str, seen: date | None) -> None:
    records, reason = LACKING[name]
    found = one(*records, seen_on=seen)
    assert (found.standing, found.reason) == ("cannot_tell", reason)


def test_one_of_two_tables_is_enough_to_find_and_not_to_deny() -> None:
    events = [("k", "indirect_activity", "2026-11-05")]
    assert one(shown(tables={"events": events}), kind="gp_liaison").standing == "only_found"
    assert one(shown(tables={"events": []}), kind="gp_liaison").standing == "cannot_tell"


def test_a_second_extract_can_say_what_the_first_could_not() -> None:
    assert one(shown("2026-11-08"), shown()).standing == "neither"
    kept = shown("2026-11-08", {"plans": [("p1", "crisis", "2026-01-05", "2026-11-06", None)]})
    assert (
        one(kept, plan("2026-01-05", "2026-11-20", key="p2")).standing == "only_found"
    )  # the first saw it before it was written over


def test_a_row_that_stood_there_before_the_action_is_no_change() -> None:
    booked = shown("2026-11-01", {"plans": [("p1", "crisis", None, None, "2026-11-05")]})
    assert one(plan(None, "2026-11-05", key="p2"), booked).standing == "only_found"
    assert one(plan(None, "2026-11-05", key="p1"), booked).standing == "neither"


def test_a15_before_the_review_date_has_passed_nothing_is_said() -> None:
    assert one(plan("2026-11-05"), today=D("2026-11-09"), seen_on=D("2026-11-06")).standing == "to_come"
    early = plan("2026-11-05")
    assert one(replace(early, taken=D("2026-11-10")), today=D("2026-11-10")).standing == "only_found"


def test_dropped_by_the_review_date_asks_for_nothing_dropped_later_does() -> None:
    gone: dict[str, Any] = {"state": "dropped", "outcome": "not_needed"}
    assert one(shown(), closed_on=D("2026-11-09"), **gone).standing == "dropped"
    assert one(shown(), closed_on=D("2026-11-10"), **gone).standing == "neither"


def test_the_sentences_keep_what_cannot_be_told_out_of_the_denominator() -> None:
    good: dict[str, Any] = {"kind": "safeguarding_referral", "seen_on": D("2026-11-06")}
    log = ActionLog(TODAY, (
        replace(BASE, **good), replace(BASE, kind="safeguarding_referral"), replace(BASE, case="gone", seen_on=D("2026-11-06")),
        replace(BASE, seen_on=D("2026-11-12")), replace(BASE, review_date=TODAY), replace(BASE, kind="training"),
        replace(BASE, kind="gp_liaison", state="dropped", outcome="not_needed", closed_on=D("2026-11-03")),
    ))  # fmt: skip
    events = [("k", "safeguarding_concern", "2026-11-05")]
    found = reconcile(log, [shown(tables={"plans": [], "events": events, "documents": []})], MATCHES)
    assert found.sentences == (
        "Of 3 actions about risk that can be told, 1 was said to be in the record by the review date and found there, 0 only said, "
        "1 only found, 1 neither.",
        "1 of the 1 with neither came to the record after the review date.",
        "Crisis plan update: 0 of 1 found in the record in time, 0 said to be.",
        "Safeguarding referral: 2 of 2 found in the record in time, 1 said to be.",
        "GP liaison: none of 1 can be told.",
        f"1 action cannot be told, 1 of which a person said to be in the record in time: {NO_EXTRACT} (1).",
        "Left out: 1 whose review date has not passed, 1 dropped by their review date.",
        MEANING,
    )  # fmt: skip
    assert reconcile(ActionLog(TODAY, ()), [], MATCHES).sentences == ("No action about risk was raised.",)
    nothing = reconcile(ActionLog(TODAY, (BASE,)), [], MATCHES)
    assert (
        nothing.sentences[0]
        == "Of no action about risk can it be told whether it reached the record by its review date."
    )
    assert not any(word in " ".join(found.sentences) for word in (CASE, PERSON, CASE[:8], "North"))


DAYS = st.dates(D("2026-10-20"), D("2026-11-25"))
ROWS = st.lists(st.tuples(st.sampled_from(["safeguarding_concern", "indirect_activity", "incident"]), DAYS), max_size=6)
ASKED = st.lists(st.tuples(st.sampled_from(RISK_KINDS), st.none() | DAYS, DAYS), max_size=6)


@settings(deadline=None, max_examples=12)
@given(rows=ROWS, asked=ASKED, lacks=st.sampled_from(["", "plans", "events", "documents"]), mix=st.randoms())
def test_the_parts_add_up_and_no_order_matters(rows: Any, asked: Any, lacks: str, mix: Any) -> None:
    events = [(f"k{number}", kind, str(day)) for number, (kind, day) in enumerate(rows)]
    tables: dict[str, list[tuple[Any, ...]]] = {"plans": [], "events": events, "documents": []}
    tables.pop(lacks, None)
    log = ActionLog(
        TODAY, tuple(replace(BASE, kind=kind, seen_on=seen, review_date=review) for kind, seen, review in asked)
    )
    records = [shown(tables=tables), shown("2026-11-08", {"events": events})]
    found = reconcile(log, records, MATCHES)
    mix.shuffle(events)
    again = reconcile(log, [shown("2026-11-08", {"events": events}), shown(tables=tables)], MATCHES)
    assert again == found
    every = found.all
    assert every.raised == len(asked) == every.told + every.cannot_tell + every.to_come + every.dropped
    assert every.told == sum(part.told for part in found.by_kind) and every.late <= every.neither
    for each in found.actions:
        assert all(BASE.raised <= day <= each.action.review_date for _, _, day in each.shown)


def test_a_snapshot_beside_a_draw_is_read_by_the_digest_of_its_case(tmp_path: Path) -> None:
    rows = {"key": ["e1"], "case_key": ["K-1"], "day": ["2026-11-05"], "kind": ["safeguarding_concern"], "code": ["3"]}
    pq.write_table(pa.table(rows), tmp_path / "events.parquet")
    pq.write_table(pa.table({"key": ["c1"], "case_key": ["K-1"]}), tmp_path / "cases.parquet")
    about = {"cannot": ["incident"], "covers_to": "2026-11-30", "tables": ["cases", "events"]}
    found = record_of(Snapshot(tmp_path, D("2026-12-01"), about), "adult")
    assert (set(found.cases), found.reaches, set(found.tables)) == ({digest("K-1")}, D("2026-11-30"), {"events"})
    assert "K-1" not in found.tables["events"].to_csv() and "K-1" not in repr(found)
    assert one(found, kind="safeguarding_referral", case=digest("K-1")).standing == "only_found"
    assert one(found, case=digest("K-1")).reason == NO_TABLE


# The table of what counts


def test_the_shipped_table_names_a_source_and_a_row_for_each_line() -> None:
    assert {match.action for match in MATCHES} == set(RISK_KINDS)
    assert all(match.row == "A9" and match.source and match.standing for match in MATCHES)


SHIPPED = (shared_folder("policies") / "reconciliation.toml").read_text(encoding="utf-8")
FAULTS = {
    'action = "gp_liaison"': ('action = "training"', "match 4: action must be one of: update_crisis_plan"),
    'table = "plans"': ('table = "notes"', "match 1: table must be one of: plans, events, documents"),
    'kinds = ["crisis"]': ('kinds = ["crises"]', "match 1: kinds must be among: crisis, care"),
    'days = ["created", "updated", "agreed"]': ('days = ["ended"]', "match 1: days must be among: created, updated, agreed"),
    'profiles = ["children"]': ("profiles = []", "match 3: profiles must be a list of texts with at least one"),
    'words = ["gp", "general practitioner", "letter", "liaison"]': ('words = ["-"]', "match 5: words must be a list of texts"),
    'row = "A9"': ('row = "Z9"', 'match 1: row must be a row of the requirements such as "A9"'),
    'standing = "our judgement"': ('standing = "sure"', "match 1: standing must be one of: stated, our judgement"),
    'kinds = ["indirect_activity"]': ('words = ["gp"]', "match 4: words has no place in a line about events"),
    "version = 1": ("version = 2", "the file needs version = 1"),
    'source = "Article, action tracking and escalation: \\"safeguarding referral\\""': ('sauce = ""', "match 2: unknown key sauce"),
}  # fmt: skip


@pytest.mark.parametrize("line", FAULTS, ids=lambda line: line[:24])
def test_each_fault_of_the_table_is_named(line: str, tmp_path: Path) -> None:
    wrong, words = FAULTS[line]
    assert line in SHIPPED
    path = tmp_path / "reconciliation.toml"
    path.write_text(SHIPPED.replace(line, wrong), encoding="utf-8")
    with pytest.raises(PolicyError, match="The reconciliation table reconciliation.toml has [0-9]+ fault") as refused:
        load_matches(path)
    assert any(finding.message.startswith(words) for finding in refused.value.findings), refused.value.findings


def test_a_table_without_a_kind_or_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(SHIPPED[: SHIPPED.rindex('[[match]]\naction = "gp_liaison"\ntable = "events"')], encoding="utf-8")
    with pytest.raises(PolicyError) as refused:
        load_matches(path)
    assert [finding.message for finding in refused.value.findings] == ['no match says what counts for "gp_liaison"']
    path.write_text("match = [", encoding="utf-8")
    with pytest.raises(PolicyError, match="The reconciliation table mine.toml is not valid TOML"):
        load_matches(path)
    with pytest.raises(PolicyError, match="The reconciliation table none.toml cannot be read"):
        load_matches(tmp_path / "none.toml")
