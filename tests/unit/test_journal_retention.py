"""A purge with its deletion log is one transaction in either engine; what it took is in none of the database's files, and verify says under which rule."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import psycopg
import pytest
from pydantic import ValidationError

from sampling.journal.events import HoldLifted, HoldSet, PurgeApproved, PurgeFinished, PurgePlanned, PurgeRun, Taken
from sampling.journal.export import export
from sampling.journal.faults import DraftError
from sampling.journal.purging import IN_COPIES, IN_SPACE, Purging
from sampling.journal.store import Draft, Journal
from sampling.journal.verifying import UNFINISHED
from sampling.journal.views import all_views
from tests.journals import (  # noqa: F401
    ANN,
    BOB,
    NOW,
    REVIEW,
    by_hand,
    commented,
    journal,
    later,
    new_id,
    opened,
    place,
    rated,
    server,
    stored_bytes,
)

PLAN, POLICY, CONTENT = "1" * 64, "2" * 64, "3" * 64
RULE, OTHER_RULE = "three years after leaving", "five years"
WORDS = "the neighbour heard shouting on Tuesday"


def log(payload: object, actor: str = ANN) -> Draft:
    """Returns an entry of the deletion log."""
    return Draft(id=new_id(), actor=actor, payload=payload)  # type: ignore[arg-type]


def run_log(*rules: str) -> Draft:
    """Returns the entry of a purge that took one entry under each rule."""
    taken = tuple(Taken(part="ratings", rule=rule, entries=1, files=0) for rule in rules)
    return log(PurgeRun(plan=PLAN, planned_by=ANN, approved_by=BOB, taken=taken, files=()))


def carried_out(journal: Journal, by_rule: dict[str, list[str]]) -> str:  # noqa: F811
    """Purges with its log, an hour later."""
    return journal.purge_decided(lambda _: Purging(by_rule, [run_log(*by_rule)]), now=later(3600))


def test_content_and_log_go_together_and_the_entry_knows_its_day(journal: Journal) -> None:  # noqa: F811
    made, other = commented(WORDS), rated(1)
    journal.append([made, other], now=NOW)
    carried_out(journal, {RULE: [made.id], OTHER_RULE: [other.id]})
    gone = journal.entries(review=REVIEW)
    assert [(one.state, one.purged_at) for one in gone] == [("purged", "2026-11-03T10:00:00Z")] * 2
    outcome = journal.verify()
    assert outcome.ok and outcome.purged == ((OTHER_RULE, 1), (RULE, 1))
    assert outcome.notes == (UNFINISHED.format(journal.head()[0]),)
    journal.append([log(PurgeFinished(plan=PLAN, files=0, swept=True))], now=later(3601))
    assert journal.verify().notes == ()


def test_a_decision_that_refuses_changes_nothing(journal: Journal) -> None:  # noqa: F811
    made = commented(WORDS)
    journal.append([made], now=NOW)

    def refuse(_: Journal) -> Purging:
        raise DraftError("A hold was set.")

    for decide in (refuse, lambda _: Purging({RULE: [made.id, new_id()]}, [run_log(RULE)])):
        with pytest.raises(DraftError):
            journal.purge_decided(decide, now=NOW)
    assert journal.head()[0] == 2 and journal.entries(review=REVIEW)[0].payload == made.payload


def test_the_log_itself_is_never_purged(journal: Journal) -> None:  # noqa: F811
    hold = HoldSet(hold="4" * 32, reason="inquest", scope="everything", statement="s", content=CONTENT)
    lift = HoldLifted(hold="4" * 32, reason="matter_closed", statement="s", content=CONTENT)
    planned = PurgePlanned(plan=PLAN, as_of=date(2026, 11, 3), policy=POLICY, taken=(), held=0)
    drafts = [log(one) for one in (hold, lift, planned, PurgeApproved(plan=PLAN))]
    drafts += [run_log(RULE), log(PurgeFinished(plan=PLAN, files=0, swept=True))]
    journal.append(drafts, now=NOW)
    for one in drafts:
        with pytest.raises(DraftError, match=f"Entries of the kind {one.payload.kind} are never purged"):
            journal.purge([one.id], "rule", ANN, NOW)


def test_a_hold_names_what_it_covers() -> None:
    for scope, target in (("everything", CONTENT), ("person", None), ("case", None)):
        with pytest.raises(ValidationError, match="a hold names its person or case"):
            HoldSet(hold="4" * 32, reason="claim", scope=scope, target=target, statement="s", content=CONTENT)  # type: ignore[arg-type]


def test_the_views_are_exported_with_the_log(tmp_path: Path) -> None:
    with opened(tmp_path / "journal.sqlite") as fresh:
        made = commented(WORDS)
        hold = HoldSet(hold="4" * 32, reason="claim", scope="person", target=ANN, statement="s", content=CONTENT)
        lift = HoldLifted(hold="4" * 32, reason="set_by_mistake", statement="s", content=CONTENT)
        planned = PurgePlanned(plan=PLAN, as_of=date(2026, 11, 3), policy=POLICY, taken=(), held=1)
        fresh.append([made, log(hold), log(planned), log(PurgeApproved(plan=PLAN), BOB)], now=NOW)
        carried_out(fresh, {RULE: [made.id]})
        fresh.append([log(lift, BOB)], now=later(7200))
        views = all_views(fresh.entries(), date(2026, 11, 4))
        rows, outcome = export(fresh, tmp_path / "out", today=date(2026, 11, 4))
    [row] = views["deletions"].to_dict("records")
    assert (row["planned_by"], row["approved_by"], row["rule"], row["entries"]) == (ANN, BOB, RULE, 1)
    assert str(row["deleted_at"]) == "2026-11-03 10:00:00+00:00" and views["deletions"]["finished_at"].isna().all()
    [held] = views["holds"].to_dict("records")
    assert (held["stands"], held["lifted_by"], held["lifted_because"]) == (False, BOB, "set_by_mistake")
    assert rows["deletions"] == rows["holds"] == 1 and outcome.ok and outcome.purged == ((RULE, 1),)
    assert b"shouting" not in b"".join(path.read_bytes() for path in (tmp_path / "out").iterdir())


def test_pages_that_were_split_and_freed_hold_nothing_either(tmp_path: Path) -> None:
    where = str(tmp_path / "journal.sqlite")
    with opened(where) as fresh:
        drafts = [commented(f"{WORDS} {number} " + "x" * (37 * number % 9_000), number) for number in range(300)]
        for start in range(0, 300, 50):
            fresh.append(drafts[start : start + 50], now=NOW)
        left = carried_out(fresh, {RULE: [one.id for one in drafts[::2]]})
        assert left == "" and stored_bytes(where).count(b"shouting") == 150
        before = Path(where).stat().st_size
        left = carried_out(fresh, {RULE: [one.id for one in drafts[1::2]]})
        assert Path(where).stat().st_size < before / 2, "the file is written anew, and not full of holes"
        assert left == "" and b"shouting" not in stored_bytes(where)


def test_postgres_writes_the_table_anew_and_says_what_it_cannot_reach(server: object) -> None:  # noqa: F811
    where = str(server.new())  # type: ignore[attr-defined]
    with opened(where) as fresh:
        made = commented(WORDS)
        fresh.append([made], now=NOW)
        assert "shouting" in table_bytes(where)
        assert carried_out(fresh, {RULE: [made.id]}) == IN_COPIES
        assert "shouting" not in table_bytes(where) and fresh.verify().ok


def test_postgres_with_a_reader_says_so(server: object, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    where = str(server.new())  # type: ignore[attr-defined]
    monkeypatch.setattr("sampling.journal.purging._LOCK_SECONDS", 0.2)
    with opened(where) as fresh, psycopg.connect(where) as reader:
        made = commented(WORDS)
        fresh.append([made], now=NOW)
        reader.execute("SELECT count(*) FROM journal_entry")  # its transaction stays open
        assert carried_out(fresh, {RULE: [made.id]}) == IN_SPACE
        reader.rollback()
        assert fresh.sweep() == IN_COPIES


def table_bytes(where: str) -> str:
    """Returns the bytes of the server's file of the journal's entries, as they are after a checkpoint."""
    with psycopg.connect(where, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        row = connection.execute(
            "SELECT encode(pg_read_binary_file(pg_relation_filepath('journal_entry')), 'escape')"
        ).fetchone()
    return str(row[0]) if row else ""
