"""Each tampered byte of each stored column is found, and the first bad entry is named. What cannot be found is said, too."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from sampling.chain import FIRST_PREVIOUS
from sampling.errors import StateError, UsageError
from sampling.journal.chaining import NUMBERS, Row, chained
from sampling.journal.records import Verification
from sampling.journal.store import Journal
from tests.journals import (  # noqa: F401
    COLUMNS,
    NOW,
    OTHER,
    by_hand,
    commented,
    journal,
    later,
    new_id,
    opened,
    opener,
    place,
    rated,
    server,
)

TEXTS = [name for name in COLUMNS if name not in NUMBERS]


def fill(fresh: Journal) -> None:
    """Writes a small journal with an entry of each sort: open, superseding, sealed, unsealed, purged."""
    purged = commented("to be purged")
    fresh.append([rated(2), rated(3, 1), purged, rated(1, review=OTHER, sealed=True)], now=NOW)
    fresh.purge([purged.id], "rule", "a" * 64, later(60))
    fresh.append([commented("last", 1)], now=later(61))


def verified(where: str, head: str | None = None) -> Verification:
    """Returns the verification of a journal as whoever opens it anew sees it."""
    with opened(where) as again:
        return again.verify(head)


def test_an_untouched_journal_verifies(place: str) -> None:  # noqa: F811
    with opened(place) as fresh:
        fill(fresh)
        head = fresh.head()
    found = verified(place, f"{head[0]} {head[1]}")
    assert (found.ok, found.entries, found.head, found.bad, found.why) == (True, 7, head[1], None, "")
    assert verified(place, head[1]).ok and verified(place, f"7 {head[1]}\n").ok


def all_rows(where: str) -> list[dict[str, Any]]:
    """Returns the stored entries of a journal."""
    found = by_hand(where, f"SELECT {', '.join(COLUMNS)} FROM journal_entry ORDER BY sequence", triggers=True)
    return [dict(zip(COLUMNS, values, strict=True)) for values in found]


def changes(where: str) -> list[tuple[int, str, object]]:
    """Returns (sequence, column, new value) for each byte of each text of the journal, and for each number."""
    found: list[tuple[int, str, object]] = []
    rows = all_rows(where)
    digits, ids = "01289abcdef", {row["id"] for row in rows}  # the database itself refuses an id twice
    for row in rows:
        for name, value in row.items():
            if name in NUMBERS:
                step = 100 if name == "sequence" else 1  # no two entries share a place
                found += [(row["sequence"], name, value + step), (row["sequence"], name, -value - step)]
            elif value is not None:
                for place_in, character in enumerate(value):
                    others = (
                        value[:place_in] + other + value[place_in + 1 :] for other in digits if other != character
                    )
                    found.append((row["sequence"], name, next(one for one in others if one not in ids)))
                found += [(row["sequence"], name, value[:-1]), (row["sequence"], name, value + " ")]
            else:
                found.append((row["sequence"], name, "{}"))
    return found


def test_each_tampered_byte_of_each_column_is_found(tmp_path: Path) -> None:
    where = str(tmp_path / "journal.sqlite")
    with opened(where) as fresh:
        fill(fresh)
    tried = changes(where)
    assert {name for _, name, _ in tried} == set(COLUMNS) and len(tried) > 4_000
    silent = []
    stored = {row["sequence"]: row for row in all_rows(where)}
    by_hand(where, "SELECT 1")  # takes the triggers away
    # one connection that waits for no disk: four thousand changes of a journal that is thrown away
    with opened(where) as again, closing(sqlite3.connect(where, isolation_level=None)) as hand:
        hand.execute("PRAGMA synchronous = OFF")
        for sequence, name, value in tried:
            old = stored[sequence][name]
            if value == old:
                continue
            change = f"UPDATE journal_entry SET {name} = ? WHERE sequence = ?"
            hand.execute(change, (value, sequence))
            found = again.verify()
            if found.ok or found.bad not in ((sequence, 1) if name == "sequence" else (sequence,)):
                silent.append((sequence, name, value, found.bad))
            hand.execute(change, (old, value if name == "sequence" else sequence))
        assert again.verify().ok
    assert silent == []


@pytest.mark.parametrize("name", COLUMNS)
def test_a_tampered_value_of_each_column_is_found_on_each_engine(place: str, name: str) -> None:  # noqa: F811
    with opened(place) as fresh:
        fill(fresh)
    value = "7 + 40" if name == "sequence" else f"{name} + 1" if name in NUMBERS else f"{name} || '0'"
    by_hand(place, f"UPDATE journal_entry SET {name} = {value} WHERE sequence = 3")
    found = verified(place)
    assert not found.ok and found.bad == 3 and found.why.startswith("Entry 3: ")


@pytest.mark.parametrize("value", ["X'ff00fe'", "X'00'", "'\u00e9'", "3.5", "'x'", "''"])
@pytest.mark.parametrize("name", COLUMNS[1:])
def test_a_value_of_another_kind_is_found(tmp_path: Path, name: str, value: str) -> None:
    where = str(tmp_path / "journal.sqlite")
    with opened(where) as fresh:
        fill(fresh)
    [(before,)] = by_hand(where, f"SELECT {name} FROM journal_entry WHERE sequence = 3")
    [(after,)] = by_hand(
        where,
        f"UPDATE journal_entry SET {name} = {value} WHERE sequence = 3",
        f"SELECT {name} FROM journal_entry WHERE sequence = 3",
    )
    found = verified(where)
    assert found.ok == (before == after) and (found.ok or found.bad == 3)


def test_a_removed_entry_is_found(place: str) -> None:  # noqa: F811
    with opened(place) as fresh:
        fill(fresh)
    by_hand(place, "DELETE FROM journal_entry WHERE sequence = 3")
    assert verified(place).why == "Entry 3: it is missing, or in another place."


def test_two_entries_in_each_others_place_are_found(place: str) -> None:  # noqa: F811
    with opened(place) as fresh:
        fill(fresh)
    swap = "UPDATE journal_entry SET sequence = {} WHERE sequence = {}"
    by_hand(place, swap.format(99, 2), swap.format(2, 3), swap.format(3, 99))
    assert verified(place).bad == 2


def test_the_last_entry_cut_off_is_found_by_the_head_that_the_store_keeps(place: str) -> None:  # noqa: F811
    with opened(place) as fresh:
        fill(fresh)
    by_hand(place, "DELETE FROM journal_entry WHERE sequence = 7")
    why = "Entry 7: the journal ended with entry 7 when it was last written to; its end was cut off."
    assert verified(place).why == why


def cut(where: str, last: int) -> None:
    """Cuts a journal off after an entry, as a forger would who knows of the head that the store keeps."""
    head = f"(SELECT hash FROM journal_entry WHERE sequence = {last})"
    by_hand(
        where,
        f"DELETE FROM journal_entry WHERE sequence > {last}",
        f"UPDATE journal_head SET sequence = {last}, hash = {head}",
    )


def test_an_end_that_a_forger_cut_off_is_found_by_a_head_that_was_noted(place: str) -> None:  # noqa: F811
    with opened(place) as fresh:
        fill(fresh)
        noted = fresh.verify().head_text
    cut(place, 3)
    assert verified(place).ok, "without a noted head nobody can know; docs/journal.md says so"
    found = verified(place, noted)
    assert (
        not found.ok
        and found.why == "Entry 7: the head that was noted is not in it: its end was cut off, or it was written anew."
    )


def test_a_journal_that_went_on_still_holds_the_head_that_was_noted(place: str) -> None:  # noqa: F811
    with opened(place) as fresh:
        fill(fresh)
        noted = fresh.verify().head_text
        fresh.append([rated(0, 2)], now=later(99))
        assert fresh.verify(noted).ok
        assert not fresh.verify("6 " + noted.split(" ")[1]).ok, "the number is part of the head"


def test_a_chain_that_was_written_anew_is_found_by_a_head_that_was_noted(place: str) -> None:  # noqa: F811
    with opened(place) as fresh:
        fill(fresh)
        noted = fresh.verify().head_text
    cut(place, 2)
    with opened(place) as forged:
        forged.append([rated(0, 1)], now=later(1))
        for number in range(4):
            forged.append([commented("x", number)], now=later(2))
    assert verified(place).ok and verified(place).entries == 7
    assert not verified(place, noted).ok


def test_what_is_no_head_is_refused(journal: Journal) -> None:  # noqa: F811
    for text in ("", "7", "7 abc", "x" * 64):
        with pytest.raises(UsageError, match='A head is written as "N HASH"'):
            journal.verify(text)


def test_content_emptied_without_a_purge_is_found(place: str) -> None:  # noqa: F811
    with opened(place) as fresh:
        fill(fresh)
    by_hand(place, "UPDATE journal_entry SET body = NULL WHERE sequence = 2")
    assert verified(place).why == "Entry 2: its content is gone, and no purge says so."


def test_purged_content_that_came_back_is_found(place: str) -> None:  # noqa: F811
    with opened(place) as fresh:
        made = commented("to be purged")
        fresh.append([made], now=NOW)
        [(body,)] = by_hand(place, "SELECT body FROM journal_entry WHERE sequence = 2", triggers=True)
        fresh.purge([made.id], "rule", "a" * 64, NOW)
    by_hand(place, f"UPDATE journal_entry SET body = '{body}' WHERE sequence = 2")
    assert verified(place).why == "Entry 2: a purge names it, but its content is still there."


def test_a_chain_whose_hashes_hold_but_whose_content_is_no_event_is_found(place: str) -> None:  # noqa: F811
    """A forger who recomputes every hash still has to write events."""
    with opened(place) as fresh:
        fresh.append([rated(2)], now=NOW)
    [values] = by_hand(place, f"SELECT {', '.join(COLUMNS)} FROM journal_entry WHERE sequence = 2", triggers=True)
    row = dict(zip(COLUMNS, values, strict=True))
    from sampling.journal.chaining import body_digest

    for body in ("{}", "[]", "not JSON", '{"data":{"level":9},"salt":""}', "[" * 900):
        digests = {"body": body, "digest": body_digest(body), "content": body_digest(body)}
        forged = chained({name: value for name, value in (row | digests).items() if name != "hash"})
        sets = ", ".join(f"{name} = '{getattr(forged, name)}'" for name in ("body", "digest", "content", "hash"))
        by_hand(place, f"UPDATE journal_entry SET {sets} WHERE sequence = 2")
        found = verified(place)
        assert found.bad == 2 and found.why == "Entry 2: what it says is no event."


def test_a_damaged_file_is_told_in_words(tmp_path: Path) -> None:
    where = tmp_path / "journal.sqlite"
    with opened(where) as fresh:
        for number in range(200):
            fresh.append([commented("x" * 500, number)], now=NOW)
    data = bytearray(where.read_bytes())
    for start in range(2 * 4096, len(data) - 4096, 4096):
        data[start : start + 200] = b"\xff" * 200
    where.write_bytes(data)
    with pytest.raises(StateError, match="The journal's file is damaged or is no journal. Restore it from your backup"):
        verified(str(where))


def test_each_flipped_byte_of_the_file_is_found_or_changes_nothing(tmp_path: Path) -> None:
    """Whatever byte of the file is flipped, nobody is shown an entry that was not written."""
    where = tmp_path / "journal.sqlite"
    with opened(where) as fresh:
        fill(fresh)
        said = fresh.entries()
    whole = where.read_bytes()
    # 101 shares no factor with the size of a page, so that every sort of place is reached
    for number, at in enumerate(range(0, len(whole), 101)):
        where.write_bytes(whole[:at] + bytes([whole[at] ^ (1 << number % 8)]) + whole[at + 1 :])
        try:
            with opened(where) as again:
                outcome, seen = again.verify(), None
                if outcome.ok:
                    seen = again.entries()
        except Exception as error:
            assert type(error).__module__.startswith("sampling."), f"byte {at}: {error!r}"
            continue
        assert not outcome.ok or seen == said, f"byte {at} went unnoticed"


def test_the_formula_of_the_chain_is_frozen() -> None:
    """A changed formula would make every journal there is fail: these digests were written down once (docs/journal.md)."""
    row = chained(
        {
            "sequence": 1,
            "id": "0" * 32,
            "at": "2026-11-03T09:00:00Z",
            "actor": "system",
            "kind": "parked",
            "review": "",
            "subject": "parked",
            "base": 0,
            "revision": 1,
            "conflict": 0,
            "undoes": "",
            "sealed": 0,
            "content": "c" * 64,
            "digest": "d" * 64,
            "previous": FIRST_PREVIOUS,
            "body": '{"data":{},"salt":""}',
        }
    )
    assert isinstance(row, Row)
    assert row.hash == "8f1bd55f7f81b5fadc8ce34ca5eb2e05bca15f8f440518f296f0a5caefeb755a"
