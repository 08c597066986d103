"""Which entries count: the same as the journal's own fold where nothing is undone, and undo ten, redo ten where something is."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from sampling.journal import fold
from sampling.journal.events import Commented, ConflictResolved
from sampling.scoring.rules.standing import current, revisions, standing
from tests.book import Book, identity

REVIEW, REF = identity("review"), "a/b"
SUBJECT = f"comment:{REF}"


def comment(book: Book, text: str, **more: object) -> str:
    entry = book.say(Commented(criterion=REF, text=text), review=REVIEW, **more)  # type: ignore[arg-type]
    return entry.id


def text_of(book: Book) -> str:
    entry = current(book.entries)[REVIEW, SUBJECT]
    assert isinstance(entry.payload, Commented)
    return entry.payload.text


# Each step: an entry based on what stands, on something older, or a choice between an entry that stood and another.
STEPS = st.lists(st.tuples(st.sampled_from(["write", "clash", "resolve"]), st.integers(0, 9)), max_size=20)


@given(steps=STEPS)
def test_without_undo_it_agrees_with_the_journals_own_fold(steps: list[tuple[str, int]]) -> None:
    book = Book(date(2025, 11, 3))
    comment(book, "first")
    for number, (what, place) in enumerate(steps):
        if what == "write":
            comment(book, f"{number}")
        elif what == "clash":
            comment(book, f"{number}", base=0)
        else:
            others = [entry for entry in book.entries if not isinstance(entry.payload, ConflictResolved)]
            here = fold.standing(book.entries)
            chosen = others[place % len(others)]
            if here is None or chosen.id == here.id:
                continue
            book.say(ConflictResolved(chosen=chosen.id, instead_of=here.id), review=REVIEW, subject=SUBJECT)
    expected = fold.standing(book.entries)
    assert expected is not None
    assert current(book.entries)[REVIEW, SUBJECT].id == expected.id
    assert {entry.id for entry in standing(book.entries)} == {entry.id for entry in fold.effective(book.entries)}
    assert revisions(book.entries)[REVIEW, SUBJECT] == len(book.entries)


@given(texts=st.lists(st.text(alphabet="abc", max_size=3), min_size=1, max_size=11), back=st.integers(0, 10))
def test_undo_ten_and_redo_ten_end_where_they_began(texts: list[str], back: int) -> None:
    """An undo is an entry that restores what stood before and names what it takes back; a redo undoes the undo."""
    book = Book(date(2025, 11, 3))
    written = [comment(book, text) for text in texts]
    undos = []
    for step in range(min(back, len(texts) - 1)):
        undos.append(comment(book, texts[-2 - step], undoes=written[-1 - step]))
        assert text_of(book) == texts[-2 - step]
    for step, undo in enumerate(reversed(undos)):
        comment(book, texts[len(texts) - len(undos) + step], undoes=undo)
        assert text_of(book) == texts[len(texts) - len(undos) + step]
    assert text_of(book) == texts[-1]
    assert len(book.entries) == len(texts) + 2 * len(undos)  # nothing was ever taken out
