"""What a journal remembers of the entries that it opened: the same for each reader as if it remembered nothing, and no purged word."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Callable

import pytest

from sampling.errors import StateError
from sampling.journal import sealing
from sampling.journal.chaining import Row
from sampling.journal.events import Commented
from sampling.journal.reading import Remembered, choose, rows_of
from sampling.journal.reading import opened as opened_anew
from sampling.journal.records import Entry
from sampling.journal.sealing import load_lead_key
from sampling.journal.store import Journal
from tests.journals import (  # noqa: F401
    ANN,
    BOB,
    LEAD,
    NOW,
    REVIEW,
    by_hand,
    commented,
    journal,
    new_id,
    opened,
    opener,
    place,
    rated,
    server,
)

WORDS = "the neighbour heard shouting on Tuesday"
# another program, which opens the journal that is named and purges these entries
PURGE = (
    "import sys; from contextlib import closing; from datetime import UTC, datetime; from sampling.journal.store import Journal\n"
    "with closing(Journal.open(sys.argv[1])) as journal:\n"
    "    journal.purge(sys.argv[2:], 'two years', 'system', datetime(2026, 11, 4, tzinfo=UTC))\n"
)


def held(words: str) -> list[str]:
    """Returns the types of every row, entry and comment in this process's memory that holds the words."""
    gc.collect()
    kinds = (Row, Entry, Commented)
    return [type(each).__name__ for each in gc.get_objects() if isinstance(each, kinds) and words in str(vars(each))]


def write(store: Journal, words: str) -> str:
    """Returns the id of a stored comment; the draft with its words is gone when this returns."""
    made = commented(words)
    store.append([made], now=NOW)
    return made.id


def texts(store: Journal) -> list[str | None]:
    """Returns what each comment on the review says, as far as it may be read."""
    found = [each for each in store.entries(review=REVIEW) if each.kind != "unsealed"]
    return [each.payload.text if isinstance(each.payload, Commented) else None for each in found]


def purge_here(store: Journal, where: str, entry: str) -> None:
    store.purge([entry], "two years", ANN, NOW)


def purge_by_another_program(store: Journal, where: str, entry: str) -> None:
    subprocess.run([sys.executable, "-c", PURGE, where, entry], check=True)
    store.entries(kinds=["accessed"])  # any question at all, by any person


@pytest.mark.parametrize("purge", [purge_here, purge_by_another_program])
def test_no_word_comes_back_after_a_purge_nor_stays_in_memory(
    journal: Journal,  # noqa: F811
    place: str,  # noqa: F811
    purge: Callable[[Journal, str, str], None],
) -> None:
    gone, kept = write(journal, WORDS), write(journal, "what stays")
    bob = journal.as_(opener(BOB))
    assert texts(journal) == texts(bob) == [WORDS, "what stays"]
    assert held(WORDS), "what is opened once is remembered"
    purge(journal, place, gone)
    assert held(WORDS) == []
    assert texts(journal) == texts(bob) == [None, "what stays"]
    assert [each.state for each in journal.entries(review=REVIEW)] == ["purged", "open"] and kept != gone


def test_a_reader_who_had_the_rows_before_the_purge_does_not_bring_them_back(journal: Journal) -> None:  # noqa: F811
    entry = write(journal, WORDS)
    remembered = Remembered()
    [row] = (row for row in stored(journal) if row.id == entry)
    remembered.forget([entry])
    assert remembered.opened(row, None, {}).payload is not None, "this reader's state of the journal has it still"
    del row
    assert held(WORDS) == []


def stored(store: Journal) -> list[Row]:
    """Returns the rows as the journal's own connection reads them."""
    with store._core.database.reading() as connection:
        return rows_of(connection, choose())


def test_what_one_person_opened_is_sealed_for_every_other(journal: Journal) -> None:  # noqa: F811
    made = commented(WORDS, sealed=True)
    journal.append([made], now=NOW)
    ann, bob, nobody = journal, journal.as_(opener(BOB)), journal.as_(None)
    lead = journal.as_(opener(LEAD, load_lead_key(journal.id)))
    stranger = journal.as_(sealing.Opener(b"s" * 32, ANN))  # the name alone opens nothing
    for _ in range(2):  # the second time from memory
        assert texts(ann) == texts(lead) == [WORDS]
        for other in (bob, nobody, stranger):
            [entry] = other.entries(review=REVIEW)
            assert (entry.state, entry.kind, entry.payload) == ("sealed", "sealed", None)
            assert other.entries(review=REVIEW, kinds=["commented"]) == []
    lead.unseal([REVIEW], now=NOW, id=new_id())
    assert texts(ann) == texts(bob) == texts(nobody) == texts(stranger) == [WORDS]
    journal.purge([made.id], "two years", ANN, NOW)
    del made
    assert held(WORDS) == [] and texts(lead) == texts(ann) == texts(bob) == [None]


def test_a_row_that_is_not_what_it_was_is_opened_anew(journal: Journal, place: str) -> None:  # noqa: F811
    entry = write(journal, WORDS)
    assert texts(journal) == [WORDS]
    by_hand(place, f"UPDATE journal_entry SET actor = '{BOB}' WHERE id = '{entry}'")
    assert journal.entries(review=REVIEW)[0].actor == BOB
    by_hand(place, f"UPDATE journal_entry SET body = 'no body' WHERE id = '{entry}'")
    with pytest.raises(StateError, match="Entry 2 of the journal is damaged. Run: sampling journal verify WHERE"):
        journal.entries(review=REVIEW)


def test_a_damaged_purge_is_found_by_verification_and_stops_no_reader(journal: Journal, place: str) -> None:  # noqa: F811
    entry = write(journal, WORDS)
    journal.purge([entry], "two years", ANN, NOW)
    by_hand(place, "UPDATE journal_entry SET body = '{}' WHERE kind = 'purged'")
    with opened(place) as fresh:
        assert texts(fresh) == [None]
        assert (fresh.verify().ok, fresh.verify().bad) == (False, 3)


def test_no_more_is_remembered_than_the_bound(journal: Journal) -> None:  # noqa: F811
    journal.append([rated(level, level) for level in range(4)], now=NOW)
    rows = [row for row in stored(journal) if row.kind == "rated"]
    remembered = Remembered(most=2)
    first = [remembered.opened(row, None, {}) for row in rows]
    again = [remembered.opened(row, None, {}) for row in reversed(rows)]
    assert first == again[::-1] == [opened_anew(row, None, {}) for row in rows]
    assert [one is other for one, other in zip(first, again[::-1], strict=True)] == [False, False, True, True]
