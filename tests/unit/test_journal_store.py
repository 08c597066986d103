"""The store, on both engines: what is appended stands for ever, once, in one order, under one revision each."""

from __future__ import annotations

import dataclasses
import stat
import threading
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from sampling.errors import StateError, StorageError
from sampling.journal.events import (
    Accessed,
    ConflictResolved,
    JournalOpened,
    Parked,
    Purged,
    RubricsFrozen,
    RubricUsed,
    SignatureVoided,
    TimeSpent,
    Unsealed,
)
from sampling.journal.faults import BusyError, DraftError
from sampling.journal.sealing import lead_key_path
from sampling.journal.store import CURRENT, Draft, Journal
from sampling.journal.views import all_views
from tests.journals import (  # noqa: F401
    ANN,
    BOB,
    NOW,
    OTHER,
    REF,
    REVIEW,
    by_hand,
    closed,
    commented,
    draft,
    journal,
    later,
    moved,
    new_id,
    opened,
    opener,
    place,
    pointed,
    raised,
    rated,
    resolved,
    server,
    signed,
    withdrawn,
)

# Opening


def test_a_new_journal_begins_with_its_opening(journal: Journal) -> None:  # noqa: F811
    [first] = journal.entries()
    assert (first.sequence, first.kind, first.actor, first.at) == (
        1,
        "journal_opened",
        "system",
        "2026-11-03T09:00:00Z",
    )
    assert isinstance(first.payload, JournalOpened) and first.payload.journal == journal.id
    assert journal.head() == (1, first.hash)


def test_the_lead_key_lies_in_the_private_store_for_its_owner_alone(journal: Journal, private_store: Path) -> None:  # noqa: F811
    path = lead_key_path(journal.id)
    assert path == private_store / "seals" / f"{journal.id}.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_journal_is_found_again(place: str) -> None:  # noqa: F811
    with opened(place) as first:
        first.append([rated(2)], now=NOW)
        name, head = first.id, first.head()
    with opened(place) as again:
        assert (again.id, again.head()) == (name, head)


def test_without_leave_to_make_one_an_absent_journal_is_an_error(place: str) -> None:  # noqa: F811
    with pytest.raises(StateError, match="There is no journal at"):
        Journal.open(place)
    assert place.startswith("postgresql") or not Path(place).exists()


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "journal.sqlite"
    with opened(path) as fresh:
        fresh.append([rated(1)], now=NOW)
        modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()}
    assert set(modes.values()) == {0o600} and len(modes) == 3
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_file_that_everybody_can_open_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    with opened(path):
        pass
    path.chmod(0o644)
    with pytest.raises(StateError, match="Everybody on this machine can open the journal .* Run: chmod 600"):
        Journal.open(path)


def test_a_folder_is_no_journal(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="Name a file in it, such as journal.sqlite"):
        Journal.open(tmp_path, create_at=NOW)


def test_a_path_below_a_file_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError, match="cannot be made or read"):
        Journal.open(tmp_path / "file" / "journal.sqlite", create_at=NOW)


def test_what_is_no_journal_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.sqlite"
    path.write_text("This is a letter, and long enough to be no empty file. " * 40)
    path.chmod(0o600)
    with pytest.raises(StateError, match="damaged or is no journal"):
        Journal.open(path, create_at=NOW)
    assert path.read_text().startswith("This is a letter")


def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    by_hand(str(path), "CREATE TABLE patients (name TEXT)")
    path.chmod(0o600)
    with pytest.raises(StateError, match="holds other tables and no journal"):
        Journal.open(path, create_at=NOW)
    assert by_hand(str(path), "SELECT name FROM sqlite_master") == [("patients",)]


def test_a_path_with_odd_characters_is_a_path(tmp_path: Path) -> None:
    path = tmp_path / "a folder? with #100% 'odd' names" / "jour;nal.sqlite"
    with opened(path) as fresh:
        fresh.append([rated(3)], now=NOW)
    with opened(path) as again:
        assert again.verify().entries == 2


# Appending


def test_an_event_is_stored_and_read_back(journal: Journal) -> None:  # noqa: F811
    made = commented('Zoë said: =1+1\nsecond line\t[[[ {{{ " \\ 👩‍⚕️')
    [receipt] = journal.append([made], now=later(5))
    assert (receipt.id, receipt.sequence, receipt.revision, receipt.status) == (made.id, 2, 1, "stored")
    [entry] = journal.entries(review=REVIEW)
    assert entry.payload == made.payload and entry.at == receipt.at == "2026-11-03T09:00:05Z"
    assert (entry.actor, entry.subject, entry.kind, entry.state) == (ANN, f"comment:{REF}", "commented", "open")


def test_a_text_full_of_brackets_is_read_back(journal: Journal) -> None:  # noqa: F811
    made = commented("[{" * 5_000)
    journal.append([made], now=NOW)
    assert journal.entries(review=REVIEW)[0].payload == made.payload


def test_the_longest_text_of_the_widest_characters_fits(journal: Journal) -> None:  # noqa: F811
    made = commented("👩" * 20_000)
    journal.append([made], now=NOW)
    assert journal.entries(review=REVIEW)[0].payload == made.payload


def test_the_same_id_twice_is_the_same_event(journal: Journal) -> None:  # noqa: F811
    made = rated(2)
    [first] = journal.append([made], now=NOW)
    [again] = journal.append([dataclasses.replace(made, base=7, sealed=True)], now=later(60))
    assert again == dataclasses.replace(first, status="known")
    assert journal.head()[0] == 2


def test_the_same_id_twice_in_one_call_is_one_event(journal: Journal) -> None:  # noqa: F811
    made = rated(2)
    first, again = journal.append([made, made], now=NOW)
    assert (first.status, again.status, again.sequence) == ("stored", "known", first.sequence)


@pytest.mark.parametrize("change", [{"actor": BOB}, {"review": OTHER}, {"undoes": "f" * 32}], ids=str)
def test_the_same_id_with_another_envelope_is_refused(journal: Journal, change: dict[str, str]) -> None:  # noqa: F811
    made = rated(2)
    journal.append([made], now=NOW)
    with pytest.raises(DraftError, match="Event 2 of 2 cannot be stored: another event was stored with the same id"):
        journal.append([rated(1, criterion="crisis_plan/other"), dataclasses.replace(made, **change)], now=NOW)
    assert journal.head()[0] == 2, "nothing of the call may be stored"


def test_the_same_id_with_another_content_is_refused(journal: Journal) -> None:  # noqa: F811
    made = rated(2)
    journal.append([made], now=NOW)
    with pytest.raises(DraftError, match="Give it a new id"):
        journal.append([dataclasses.replace(rated(3), id=made.id)], now=NOW)


def test_all_drafts_of_a_call_are_stored_or_none(journal: Journal) -> None:  # noqa: F811
    with pytest.raises(
        DraftError, match="Event 2 of 2 cannot be stored: it chooses between entries that are not there"
    ):
        journal.append([rated(2), resolved(rated(1), rated(3), 1)], now=NOW)
    assert journal.head()[0] == 1 and journal.verify().ok


def test_no_draft_is_no_entry(journal: Journal) -> None:  # noqa: F811
    assert journal.append([], now=NOW) == [] and journal.head()[0] == 1


MALFORMED = (
    ({"id": "A" * 32}, "its id must be 32 hexadecimal digits"),
    ({"id": "a" * 32 + "\n"}, "its id must be 32 hexadecimal digits"),
    ({"id": ""}, "its id must be 32 hexadecimal digits"),
    ({"actor": "Ann Example"}, "its actor must be a person's key"),
    ({"review": "../../etc"}, "its review must be 32 hexadecimal digits"),
    ({"subject": "rating:=1+1"}, "its subject is malformed"),
    ({"subject": "rating:é"}, "its subject is malformed"),
    ({"subject": f"comment:{REF}"}, r"its subject does not belong to what it says \(rated\)"),
    ({"subject": ""}, r"its subject does not belong to what it says \(rated\)"),
    ({"base": -2}, "its base must be a revision"),
    ({"base": True}, "its base must be a revision"),
    ({"base": 2**31}, "its base must be a revision"),
    ({"undoes": "x"}, "what it undoes must be 32 hexadecimal digits"),
    ({"payload": {"level": 1}}, "it has no payload"),
    ({"sealed": 1}, "whether it is sealed must be true or false"),
)


@pytest.mark.parametrize(("change", "sentence"), MALFORMED, ids=str)
def test_a_malformed_draft_is_refused_in_words(tmp_path: Path, change: dict[str, object], sentence: str) -> None:
    with opened(tmp_path / "journal.sqlite") as fresh:
        with pytest.raises(DraftError, match=f"Event 1 of 1 cannot be stored: {sentence}"):
            fresh.append([dataclasses.replace(rated(1), **change)], now=NOW)


@pytest.mark.parametrize(
    "payload",
    [JournalOpened(journal="0" * 32, seal_key="0" * 64), Unsealed(keys={}), Purged(rule="r", entries=())],
    ids=lambda payload: payload.kind,
)
def test_some_entries_only_the_journal_itself_writes(tmp_path: Path, payload: JournalOpened) -> None:
    with (
        opened(tmp_path / "journal.sqlite") as fresh,
        pytest.raises(DraftError, match="only the journal itself writes"),
    ):
        fresh.append([draft(payload, "")], now=NOW)


def test_nested_payloads_come_back(journal: Journal) -> None:  # noqa: F811
    used = RubricUsed(rubric="crisis_plan", version="1.0", digest="a" * 64)
    made = draft(RubricsFrozen(rubrics=(used, used)), "rubrics", actor="system")
    journal.append([made], now=NOW)
    assert journal.entries(kinds=["rubrics_frozen"])[0].payload == made.payload


# Time


def test_a_moment_needs_a_zone(journal: Journal) -> None:  # noqa: F811
    with pytest.raises(ValueError, match="a moment needs a time zone"):
        journal.append([rated(1)], now=NOW.replace(tzinfo=None))


def test_a_small_step_back_of_a_clock_is_evened_out(journal: Journal) -> None:  # noqa: F811
    journal.append([rated(1)], now=later(600))
    [receipt] = journal.append([rated(2, 1)], now=later(0))
    assert receipt.at == "2026-11-03T09:10:00Z" and journal.verify().notes == ()


def test_a_large_step_back_is_stored_as_it_came_and_told(journal: Journal) -> None:  # noqa: F811
    journal.append([rated(1)], now=NOW + timedelta(days=30_000))
    [receipt] = journal.append([rated(2, 1)], now=later(60))
    assert receipt.at == "2026-11-03T09:01:00Z"
    verified = journal.verify()
    assert verified.ok and verified.notes == ("the time steps back at entry 3: a clock was set",)


# Revisions and conflicts


def test_revisions_count_up_for_each_subject_of_each_review(journal: Journal) -> None:  # noqa: F811
    drafts = [rated(1), rated(2, 1), commented("x"), rated(3, review=OTHER), rated(0, 2)]
    assert [receipt.revision for receipt in journal.append(drafts, now=NOW)] == [1, 2, 1, 1, 3]
    assert not any(entry.conflict for entry in journal.entries())


def test_a_value_from_an_old_starting_point_does_not_supersede(journal: Journal) -> None:  # noqa: F811
    first, mine, theirs = rated(1), rated(2, 1), rated(3, 1, actor=BOB)
    journal.append([first, mine], now=NOW)
    [receipt] = journal.append([theirs], now=later(1))
    assert receipt.status == "conflict" and receipt.revision == 3
    assert receipt.other is not None and receipt.other.id == mine.id
    view = all_views(journal.entries(), date(2026, 11, 3))
    assert view["ratings"]["level"].tolist() == [2]
    assert view["rating_history"]["stands"].tolist() == [False, True, False]
    assert view["conflicts"][["other", "standing", "settled"]].values.tolist() == [[theirs.id, mine.id, False]]


def test_the_receipt_of_a_conflict_is_the_same_when_asked_again(journal: Journal) -> None:  # noqa: F811
    theirs = rated(3, 0, actor=BOB)
    journal.append([rated(1)], now=NOW)
    assert journal.append([theirs], now=NOW) == journal.append([theirs], now=later(9))


@pytest.mark.parametrize("chosen", ["mine", "theirs"])
def test_a_person_says_which_value_stands(journal: Journal, chosen: str) -> None:  # noqa: F811
    mine, theirs = rated(2), rated(3, 0, actor=BOB)
    journal.append([mine, theirs], now=NOW)
    pair = (mine, theirs) if chosen == "mine" else (theirs, mine)
    [receipt] = journal.append([resolved(*pair, base=2)], now=later(1))
    assert receipt.status == "stored" and receipt.revision == 3
    view = all_views(journal.entries(), date(2026, 11, 3))
    assert view["ratings"]["level"].tolist() == [2 if chosen == "mine" else 3]
    assert view["conflicts"]["settled"].tolist() == [True]
    assert view["conflicts"]["settled_by"].tolist() == [ANN]
    assert len(view["rating_history"]) == 2
    [asked_again] = journal.append([theirs], now=later(2))
    assert asked_again.status == ("conflict" if chosen == "mine" else "known")


def test_what_is_written_after_the_choice_stands(journal: Journal) -> None:  # noqa: F811
    mine, theirs = rated(2), rated(3, 0)
    journal.append([mine, theirs, resolved(theirs, mine, 2), rated(0, 3)], now=NOW)
    assert all_views(journal.entries(), date(2026, 11, 3))["ratings"]["level"].tolist() == [0]


def test_a_choice_from_an_old_starting_point_changes_nothing(journal: Journal) -> None:  # noqa: F811
    mine, theirs = rated(2), rated(3, 0)
    journal.append([mine, theirs, resolved(mine, theirs, 2)], now=NOW)
    [receipt] = journal.append([resolved(theirs, mine, 2, actor=BOB)], now=NOW)
    assert receipt.status == "conflict" and receipt.other is not None and receipt.other.id == mine.id
    view = all_views(journal.entries(), date(2026, 11, 3))
    assert view["ratings"]["level"].tolist() == [2] and len(view["conflicts"]) == 1


def test_a_choice_between_entries_on_other_things_is_refused(journal: Journal) -> None:  # noqa: F811
    mine, theirs, comment = rated(2), rated(3, 0), commented("x")
    journal.append([mine, theirs, comment], now=NOW)
    with pytest.raises(DraftError, match="it points to an entry on something else"):
        journal.append([resolved(mine, comment, 2)], now=NOW)
    with pytest.raises(DraftError, match="it points to an entry on something else"):
        journal.append([dataclasses.replace(resolved(mine, theirs, 0), review=OTHER)], now=NOW)
    with pytest.raises(DraftError, match="it chooses an entry instead of itself"):
        journal.append([resolved(mine, mine, 2)], now=NOW)
    with pytest.raises(DraftError, match="its subject does not belong"):
        journal.append([draft(ConflictResolved(chosen=mine.id, instead_of=theirs.id), "")], now=NOW)


def test_what_adds_never_conflicts(journal: Journal) -> None:  # noqa: F811
    seen = [draft(Accessed(purpose="audit", what="case"), "access", base=0) for _ in range(3)]
    time = [draft(TimeSpent(seconds=5), "time", base=9) for _ in range(2)]
    receipts = journal.append([*seen, *time], now=NOW)
    assert [receipt.status for receipt in receipts] == ["stored"] * 5
    assert [receipt.revision for receipt in receipts] == [1, 2, 3, 1, 2]


def test_what_the_program_writes_follows_whatever_stands(journal: Journal) -> None:  # noqa: F811
    void = SignatureVoided(role="rater", content="e" * 64, reason="changed")
    journal.append([signed()], now=NOW)
    [receipt] = journal.append([draft(void, "signature:rater", base=CURRENT, actor="system")], now=NOW)
    assert receipt.status == "stored" and journal.entries(kinds=["signature_voided"])[0].base == 1
    view = all_views(journal.entries(), date(2026, 11, 3))["signatures"]
    assert view[["stands", "void", "void_reason"]].values.tolist() == [[False, True, "changed"]]


# Undo


def test_ten_undone_and_ten_redone(journal: Journal) -> None:  # noqa: F811
    levels = [None, *[number % 4 for number in range(10)]]
    steps = levels[1:] + levels[-2::-1] + levels[1:]  # ten on, ten back to nothing, ten on again
    drafts: list[Draft] = []
    for base, level in enumerate(steps):
        drafts.append(rated(level, base, undoes=drafts[-1].id if 10 <= base < 20 else ""))
    journal.append(drafts, now=NOW)
    for count in (10, 20, 30):
        view = all_views(journal.entries()[: count + 1], date(2026, 11, 3))["ratings"]
        expected = steps[count - 1]
        assert view["level"].tolist() == [pd.NA if expected is None else expected]
    assert len(all_views(journal.entries(), date(2026, 11, 3))["rating_history"]) == 30


def test_an_undo_of_something_else_is_refused(journal: Journal) -> None:  # noqa: F811
    comment = commented("x")
    journal.append([comment], now=NOW)
    with pytest.raises(DraftError, match="it points to an entry on something else"):
        journal.append([rated(1, undoes=comment.id)], now=NOW)
    [receipt] = journal.append([rated(1, undoes=new_id())], now=NOW)
    assert receipt.status == "stored", (
        "what it takes back may never have left the browser: the word counts all the same"
    )


# Reading


def test_entries_are_found_by_review_kind_actor_and_place(journal: Journal) -> None:  # noqa: F811
    drafts = [rated(1), commented("x"), rated(2, review=OTHER, actor=BOB), draft(Parked(parked=True), "parked")]
    journal.append(drafts, now=NOW)

    def found(**chosen: object) -> list[int]:
        return [entry.sequence for entry in journal.entries(**chosen)]  # type: ignore[arg-type]

    assert found() == [1, 2, 3, 4, 5]
    assert found(review=REVIEW) == [2, 3, 5]
    assert found(reviews=[OTHER, "3" * 32]) == [4]
    assert found(reviews=[]) == []
    assert found(reviews=[f"{number:032x}" for number in range(40_000)] + [OTHER]) == [4]
    assert found(review=REVIEW, reviews=[OTHER]) == [2, 3, 4, 5]
    assert found(kinds=["rated"]) == [2, 4]
    assert found(kinds=["rated"], actor=BOB) == [4]
    assert found(after=3) == [4, 5]


# The store defends itself


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM journal_entry WHERE sequence = 2",
        "DELETE FROM journal_entry",
        "UPDATE journal_entry SET actor = 'x' WHERE sequence = 2",
        "UPDATE journal_entry SET body = NULL WHERE sequence = 2",
        "UPDATE journal_entry SET body = '{}' WHERE sequence = 2",
        "UPDATE journal_entry SET sequence = 9 WHERE sequence = 2",
        "INSERT INTO journal_entry SELECT 9, 'x', at, actor, kind, review, subject, base, revision, conflict, undoes, sealed,"
        " content, digest, previous, hash, body FROM journal_entry WHERE sequence = 2",
        "DELETE FROM journal_head",
        "UPDATE journal_head SET sequence = 1",
        "TRUNCATE journal_entry",
        "TRUNCATE journal_head",
    ],
)
def test_the_database_refuses_every_change(place: str, statement: str) -> None:  # noqa: F811
    if statement.startswith("TRUNCATE") and not place.startswith("postgresql"):
        statement = statement.replace("TRUNCATE", "DELETE FROM")  # SQLite knows no other way
    with opened(place) as fresh:
        fresh.append([rated(2)], now=NOW)
        before = by_hand(place, "SELECT * FROM journal_entry ORDER BY sequence", triggers=True)
        with pytest.raises(Exception, match="journal entries are never changed or deleted"):
            by_hand(place, statement, triggers=True)
        assert by_hand(place, "SELECT * FROM journal_entry ORDER BY sequence", triggers=True) == before
        assert fresh.verify().ok


def test_many_threads_write_at_once(journal: Journal) -> None:  # noqa: F811
    faults: list[Exception] = []

    def write(number: int) -> None:
        try:
            for step in range(10):
                journal.append([rated(step % 4, step, review=f"{number:032x}")], now=NOW)
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    verified = journal.verify()
    assert verified.ok and verified.entries == 81
    assert not any(entry.conflict for entry in journal.entries())


def test_a_busy_error_is_one_that_may_be_tried_again() -> None:
    assert issubclass(BusyError, StateError) and issubclass(DraftError, StateError)


# Both engines say the same


def test_both_engines_give_the_same_views(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    action, pointer = "7" * 32, "8" * 32
    mine, theirs = rated(2), rated(3, 0, actor=BOB)
    drafts = [
        mine,
        theirs,
        resolved(theirs, mine, 2),
        rated(1, review="ff" * 16),
        rated(None, 1, review="ff" * 16, criterion=REF),
        rated(2, review="aa" * 16, criterion="aa/ff"),
        rated(2, review="aa" * 16, criterion="ff/aa"),
        commented("Å aa ff =1"),
        pointed(pointer),
        pointed("9" * 32),
        withdrawn("9" * 32, 1),
        raised(action),
        moved(action, 1),
        closed(action, 2),
        signed(),
        draft(Accessed(purpose="audit", what="case"), "access"),
        rated(1, review="5" * 32, sealed=True),
    ]
    frames = []
    for where in (tmp_path / "journal.sqlite", request.getfixturevalue("server").new()):
        with opened(where) as fresh:
            for number, each in enumerate(drafts):
                fresh.append([each], now=later(number))
            frames.append(all_views(fresh.as_(opener(BOB)).entries(), date(2026, 11, 20)))
    for name, frame in frames[0].items():
        pd.testing.assert_frame_equal(frame, frames[1][name])
    assert {name: len(frame) for name, frame in frames[0].items() if len(frame)} == {
        "ratings": 4, "rating_history": 6, "signatures": 1, "accesses": 1, "conflicts": 1, "sealed": 1, "actions": 1,
    }  # fmt: skip


# What must still be so


def test_an_expectation_sees_what_stands_once_nobody_else_can_write(journal: Journal, place: str) -> None:  # noqa: F811
    seen: list[int] = []
    journal.append([rated(1)], now=NOW, expect=lambda within: seen.append(len(within.entries(review=REVIEW))))
    with opened(place, BOB) as other:
        other.append([rated(2, 1, actor=BOB)], now=NOW)

    def refuse(within: Journal) -> None:
        seen.append(len(within.as_(opener(BOB)).entries(review=REVIEW)))
        raise StateError("It is no longer so.")

    with pytest.raises(StateError, match="It is no longer so."):
        journal.append([rated(3, 2)], now=NOW, expect=refuse)
    assert seen == [0, 2]
    assert len(journal.entries(review=REVIEW)) == 2 and journal.verify().ok
    journal.append([rated(3, 2)], now=NOW)  # the lock was given back
