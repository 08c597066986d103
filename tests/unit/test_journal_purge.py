"""A purge takes content away for good, leaves the chain whole, and hides neither itself nor what it may not take."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from sampling.journal.faults import DraftError
from sampling.journal.sealing import load_lead_key
from sampling.journal.store import Journal
from sampling.journal.views import all_views
from tests.journals import (  # noqa: F401
    ANN,
    BOB,
    LEAD,
    NOW,
    REVIEW,
    by_hand,
    commented,
    journal,
    later,
    new_id,
    opened,
    opener,
    place,
    pointed,
    raised,
    rated,
    resolved,
    server,
    stored_bytes,
)

TODAY = date(2026, 11, 3)
WORDS = "the neighbour heard shouting on Tuesday"


def test_a_dry_run_says_what_would_go_and_changes_nothing(journal: Journal) -> None:  # noqa: F811
    made = commented(WORDS)
    journal.append([made], now=NOW)
    found = journal.purge([made.id], "two years", ANN, NOW, dry_run=True)
    assert (found.entries, found.already, found.dry_run, found.left) == ((made.id,), (), True, "")
    assert journal.head()[0] == 2 and journal.entries(review=REVIEW)[0].payload == made.payload


def test_content_goes_and_the_chain_still_holds(journal: Journal, place: str) -> None:  # noqa: F811
    made, kept = commented(WORDS), rated(2)
    journal.append([made, kept], now=NOW)
    before = journal.entries(review=REVIEW)
    found = journal.purge([made.id, made.id], "two years", BOB, later(60))
    assert found.entries == (made.id,) and not found.dry_run
    gone, rating, purge = journal.entries(after=1)
    assert (gone.state, gone.payload, gone.hash) == ("purged", None, before[0].hash)
    assert rating == before[1]
    assert (purge.kind, purge.actor, purge.at) == ("purged", BOB, "2026-11-03T09:01:00Z")
    assert purge.payload is not None and purge.payload.model_dump() == {"rule": "two years", "entries": (made.id,)}
    assert journal.verify().ok
    assert by_hand(place, "SELECT count(*) FROM journal_entry WHERE body LIKE '%shouting%'", triggers=True) == [(0,)]


def test_no_byte_of_it_is_left_on_the_disk(tmp_path: Path) -> None:
    where = str(tmp_path / "journal.sqlite")
    with opened(where) as fresh:
        texts = [commented(f"{WORDS} {number}", number) for number in range(200)]
        fresh.append(texts, now=NOW)
        fresh.append([commented("what stays", 200)], now=NOW)
        assert b"shouting" in stored_bytes(where)
        found = fresh.purge([each.id for each in texts], "rule", ANN, NOW)
        assert found.left == "" and b"shouting" not in stored_bytes(where)
    assert b"shouting" not in stored_bytes(where) and b"what stays" in stored_bytes(where)


def test_while_another_program_reads_the_leftover_is_told(tmp_path: Path) -> None:
    import sqlite3
    from contextlib import closing

    where = str(tmp_path / "journal.sqlite")
    with opened(where) as fresh, closing(sqlite3.connect(where, isolation_level=None)) as reader:
        made = commented(WORDS)
        fresh.append([made], now=NOW)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM journal_entry").fetchone()
        found = fresh.purge([made.id], "rule", ANN, NOW)
    assert found.left == "The old content may still lie in the -wal file until the other programs close the journal."
    assert b"shouting" not in stored_bytes(where), "the last to close cleans up"


def test_what_is_gone_already_is_left_alone(journal: Journal) -> None:  # noqa: F811
    first, second = commented("a"), commented("b", 1)
    journal.append([first, second], now=NOW)
    journal.purge([first.id], "rule", ANN, NOW)
    found = journal.purge([first.id, second.id], "rule", ANN, NOW)
    assert (found.entries, found.already) == ((second.id,), (first.id,))
    head = journal.head()
    assert journal.purge([first.id, second.id], "rule", ANN, NOW).entries == () and journal.head() == head
    assert journal.verify().ok


def test_many_are_purged_in_entries_of_a_few_hundred(journal: Journal) -> None:  # noqa: F811
    texts = [commented("x", number) for number in range(1_101)]
    journal.append(texts, now=NOW)
    journal.purge([each.id for each in texts], "rule", ANN, NOW)
    assert [len(each.payload.entries) for each in journal.entries(kinds=["purged"])] == [500, 500, 101]  # type: ignore[union-attr]
    assert {entry.state for entry in journal.entries(review=REVIEW)} == {"purged"} and journal.verify().ok


def test_an_unknown_entry_stops_the_whole_purge(journal: Journal) -> None:  # noqa: F811
    made = commented("x")
    journal.append([made], now=NOW)
    with pytest.raises(DraftError, match="1 of the entries to purge are not in this journal. Nothing was purged."):
        journal.purge([made.id, new_id()], "rule", ANN, NOW)
    assert journal.entries(review=REVIEW)[0].payload == made.payload and journal.head()[0] == 2


def test_what_holds_the_journal_together_is_never_purged(journal: Journal) -> None:  # noqa: F811
    mine, theirs, sealed = rated(1), rated(2, 0), rated(1, criterion="a/b", sealed=True)
    choice = resolved(theirs, mine, 2)
    hidden = [rated(1, review="3" * 32, sealed=True), rated(2, 0, review="3" * 32, sealed=True)]
    hidden_choice = resolved(hidden[1], hidden[0], 2, review="3" * 32, sealed=True)
    journal.append([mine, theirs, choice, sealed, *hidden, hidden_choice], now=NOW)
    journal.as_(opener(LEAD, load_lead_key(journal.id))).unseal([REVIEW], now=NOW, id=new_id())
    journal.purge([mine.id], "rule", ANN, NOW)
    kinds = {"journal_opened", "purged", "unsealed", "conflict_resolved"}
    kept = [entry for entry in journal.entries() if entry.kind in kinds]
    assert {entry.kind for entry in kept} == kinds and len(kept) == 5
    for entry in kept:
        with pytest.raises(DraftError, match=f"Entries of the kind {entry.kind} are never purged"):
            journal.purge([entry.id], "rule", ANN, NOW)


def test_sealed_content_is_purged_too(journal: Journal) -> None:  # noqa: F811
    made = rated(1, sealed=True)
    journal.append([made], now=NOW)
    lead = journal.as_(opener(LEAD, load_lead_key(journal.id)))
    lead.unseal([REVIEW], now=NOW, id=new_id())
    journal.purge([made.id], "rule", ANN, NOW)
    assert journal.entries(review=REVIEW)[0].state == "purged" and lead.verify().ok
    lead.unseal([REVIEW], now=NOW, id=new_id())


def test_views_say_purged(journal: Journal) -> None:  # noqa: F811
    action, pointer = "7" * 32, "8" * 32
    drafts = [rated(1), commented("x"), pointed(pointer), raised(action)]
    journal.append(drafts, now=NOW)
    journal.purge([each.id for each in drafts], "rule", ANN, NOW)
    views = all_views(journal.entries(), TODAY)
    [rating] = views["ratings"].to_dict("records")
    assert (rating["state"], rating["criterion"], rating["pointers"]) == ("purged", "crisis_plan/signs", 0)
    assert views["ratings"]["level"].isna().all() and views["ratings"]["comment"].isna().all()
    assert views["rating_history"]["state"].tolist() == ["purged"]
    assert views["actions"][["action", "state"]].values.tolist() == [[action, "purged"]]


def test_sealed_entries_on_one_subject_go_together(journal: Journal) -> None:  # noqa: F811
    """The subject of a sealed entry goes with it: were the second alone purged, the first would seem to stand."""
    first, second, other = rated(1, sealed=True), rated(2, 1, sealed=True), rated(0, criterion="a/b", sealed=True)
    journal.append([first, second, other], now=NOW)
    with pytest.raises(
        DraftError, match="Sealed entries on one subject are purged together, and 1 more belong to these"
    ):
        journal.purge([second.id], "rule", ANN, NOW)
    journal.purge([second.id, first.id], "rule", ANN, NOW)
    views = all_views(journal.entries(), TODAY)
    assert views["ratings"]["criterion"].tolist() == ["a/b"] and journal.verify().ok


@pytest.mark.parametrize("sealed", [False, True])
def test_the_id_of_a_purged_entry_is_not_used_again(journal: Journal, sealed: bool) -> None:  # noqa: F811
    """Neither for other words, nor for the same: the salt is gone, so that nobody can tell the two from each other."""
    made = commented(WORDS, sealed=sealed)
    journal.append([made], now=NOW)
    assert journal.append([made], now=NOW)[0].status == "known"
    journal.purge([made.id], "rule", ANN, NOW)
    head = journal.head()
    for again in (commented("other words", sealed=sealed, id=made.id), rated(2, id=made.id), made):
        with pytest.raises(
            DraftError,
            match="Event 1 of 1 cannot be stored: .* a retention rule has taken its content away. Give it a new",
        ):
            journal.append([again], now=NOW)
    assert journal.head() == head and journal.verify().ok
