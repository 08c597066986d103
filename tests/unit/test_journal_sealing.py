"""Sealed entries: unreadable without a key, from the store's own bytes too; published by the lead; bound to what was said."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from sampling.errors import SecretError, StateError
from sampling.journal.chaining import body_text, read_body
from sampling.journal.events import Accessed, Commented, Rated, SafetyAnswered
from sampling.journal.faults import DraftError
from sampling.journal.sealing import (
    PADDED_TO,
    content_key,
    lead_key_path,
    load_lead_key,
    new_lead_key,
    seal,
    unseal,
)
from sampling.journal.store import Journal, Opener
from tests.journals import (  # noqa: F401
    ANN,
    BOB,
    LEAD,
    NOW,
    OTHER,
    REF,
    REVIEW,
    SECRET,
    by_hand,
    commented,
    draft,
    journal,
    later,
    new_id,
    opened,
    opener,
    place,
    rated,
    resolved,
    server,
    signed,
    stored_bytes,
)

WORDS = "the neighbour heard shouting on Tuesday"


def lead(journal: Journal) -> Journal:  # noqa: F811
    """Returns the journal as its lead sees it."""
    return journal.as_(opener(LEAD, load_lead_key(journal.id)))


def test_only_the_author_and_the_lead_see_a_sealed_entry(journal: Journal) -> None:  # noqa: F811
    made = commented(WORDS, sealed=True)
    journal.append([made], now=NOW)
    for view in (journal, lead(journal)):
        [entry] = view.entries(review=REVIEW)
        assert (entry.payload, entry.kind, entry.subject) == (made.payload, "commented", made.subject)
        assert (entry.state, entry.sealed) == ("open", True)
    for stranger in (journal.as_(opener(BOB)), journal.as_(None), journal.as_(Opener(b"x" * 32, ANN))):
        [entry] = stranger.entries(review=REVIEW)
        assert (entry.payload, entry.kind, entry.state) == (None, "sealed", "sealed")
        assert re.fullmatch("[0-9a-f]{32}", entry.subject)


def test_kind_and_subject_are_sealed_too(journal: Journal) -> None:  # noqa: F811
    """An answer to "Does anyone need to act today?" is asked at level 0 alone: its kind would say the level."""
    made = draft(SafetyAnswered(criterion=REF, answer="nobody"), f"safety:{REF}", sealed=True)
    journal.append([made], now=NOW)
    other = journal.as_(opener(BOB))
    assert other.entries(kinds=["safety_answered"]) == []
    assert [entry.kind for entry in other.entries(kinds=["sealed"])] == ["sealed"]
    assert [entry.id for entry in journal.entries(kinds=["safety_answered"])] == [made.id]


def test_the_bytes_on_the_disk_say_nothing(tmp_path: Path) -> None:
    where = str(tmp_path / "journal.sqlite")
    with opened(where) as fresh:
        fresh.append([commented(WORDS, sealed=True), rated(0, sealed=True)], now=NOW)
        fresh.append([draft(SafetyAnswered(criterion=REF, answer="acting_now"), f"safety:{REF}", sealed=True)], now=NOW)
        on_disk = stored_bytes(where)
    on_disk += stored_bytes(where)
    for word in (WORDS, "shouting", REF, "commented", "rated", "acting_now", "safety", '"level"'):
        assert word.encode() not in on_disk, word
    assert ANN.encode() in on_disk, "that the bytes are the right ones: who wrote, and when, is not sealed"


def test_nothing_tells_two_sealed_ratings_apart_but_their_place(journal: Journal, place: str) -> None:  # noqa: F811
    reviews = [f"{number:032x}" for number in range(8)]
    journal.append([rated(number % 4, review=review, sealed=True) for number, review in enumerate(reviews)], now=NOW)
    journal.append(
        [draft(Commented(criterion=REF, text="short"), f"comment:{REF}", review=OTHER, sealed=True)], now=NOW
    )
    rows = by_hand(
        place, "SELECT kind, length(body), length(subject) FROM journal_entry WHERE sealed = 1", triggers=True
    )
    assert len(rows) == 9 and len(set(rows)) == 1
    tokens = by_hand(place, "SELECT DISTINCT subject FROM journal_entry WHERE sealed = 1", triggers=True)
    assert len(tokens) == 9, "the same criterion of two reviews has two tokens"


def test_the_lead_unseals_for_everyone(journal: Journal) -> None:  # noqa: F811
    mine, theirs = rated(2, sealed=True), rated(1, review=OTHER, actor=BOB, sealed=True)
    journal.append([mine], now=NOW)
    journal.as_(opener(BOB)).append([theirs], now=NOW)
    name = new_id()
    receipt = lead(journal).unseal([REVIEW, OTHER], now=later(5), id=name)
    assert (receipt.status, receipt.sequence) == ("stored", 4)
    for view in (journal, journal.as_(opener(BOB)), journal.as_(None)):
        assert [entry.payload for entry in view.entries(kinds=["rated"])] == [mine.payload, theirs.payload]
        assert view.verify().ok
    again = lead(journal).unseal([REVIEW, OTHER], now=later(9), id=name)
    assert again == dataclasses.replace(receipt, status="known")


def test_what_was_sealed_after_an_unsealing_is_unsealed_by_asking_again(journal: Journal) -> None:  # noqa: F811
    """Another tab may write a moment after the second signature: its entry must not stay sealed for ever."""
    first, late = rated(2, sealed=True), rated(3, 1, sealed=True)
    name = new_id()
    journal.append([first], now=NOW)
    assert lead(journal).unseal([REVIEW], now=NOW, id=name).id == name
    journal.append([late], now=later(1))
    again = lead(journal).unseal([REVIEW], now=later(2), id=name)
    assert again.status == "stored" and again.id != name
    assert lead(journal).unseal([REVIEW], now=later(3), id=name).status == "known"
    payloads = [entry.payload for entry in journal.as_(None).entries(review=REVIEW, kinds=["rated"])]
    assert payloads == [first.payload, late.payload]


def test_only_the_named_reviews_are_unsealed(journal: Journal, place: str) -> None:  # noqa: F811
    journal.append([rated(2, sealed=True), rated(1, review=OTHER, sealed=True)], now=NOW)
    lead(journal).unseal([REVIEW], now=NOW, id=new_id())
    with opened(place, BOB) as again:
        assert [entry.kind for entry in again.entries(review=REVIEW)] == ["rated", "unsealed"]
        assert [entry.kind for entry in again.entries(review=OTHER)] == ["sealed"]


def test_unsealing_needs_the_lead_key(journal: Journal) -> None:  # noqa: F811
    journal.append([rated(2, sealed=True)], now=NOW)
    with pytest.raises(StateError, match="the private lead key is not here"):
        journal.unseal([REVIEW], now=NOW, id=new_id())
    with pytest.raises(StateError, match="does not open this journal's sealed entries"):
        journal.as_(opener(LEAD, new_lead_key()[0])).unseal([REVIEW], now=NOW, id=new_id())
    assert journal.as_(opener(BOB)).entries(review=REVIEW)[0].state == "sealed"


def test_a_lead_key_that_others_can_read_is_refused(journal: Journal) -> None:  # noqa: F811
    path = lead_key_path(journal.id)
    path.chmod(0o644)
    with pytest.raises(SecretError, match="Other users of this machine can read the lead key .* Run: chmod 600"):
        load_lead_key(journal.id)
    path.chmod(0o600)
    path.write_text("abc\n")
    with pytest.raises(SecretError, match="is no key. Restore it from your backup"):
        load_lead_key(journal.id)
    path.unlink()
    assert load_lead_key(journal.id) is None


# Writing while sealed, and after


def test_revisions_go_on_under_the_seal_and_after_it(journal: Journal) -> None:  # noqa: F811
    first, second = rated(2, sealed=True), rated(3, 1, sealed=True)
    assert [each.revision for each in journal.append([first, second], now=NOW)] == [1, 2]
    stale = rated(0, 1, sealed=True)
    [receipt] = journal.append([stale], now=NOW)
    assert receipt.status == "conflict" and receipt.other is not None and receipt.other.payload == second.payload
    [receipt] = journal.append([resolved(stale, second, 3, sealed=True)], now=NOW)
    assert receipt.status == "stored"
    lead(journal).unseal([REVIEW], now=NOW, id=new_id())
    [receipt] = journal.append([rated(1, 4)], now=NOW)
    assert (receipt.status, receipt.revision) == ("stored", 5)


def test_writing_beside_sealed_entries_needs_the_secret(journal: Journal) -> None:  # noqa: F811
    journal.append([rated(2, sealed=True)], now=NOW)
    nobody = journal.as_(None)
    with pytest.raises(StateError, match="Open the journal with the service's secret to write to it"):
        nobody.append([rated(1)], now=NOW)
    with pytest.raises(StateError, match="To seal an entry, open the journal with the service's secret"):
        nobody.append([rated(1, review=OTHER, sealed=True)], now=NOW)
    nobody.append([draft(Accessed(purpose="audit", what="case"), "access"), rated(1, review=OTHER)], now=NOW)


def test_nobody_seals_for_someone_else(journal: Journal) -> None:  # noqa: F811
    with pytest.raises(DraftError, match="only its own author can seal it"):
        journal.append([rated(1, actor=BOB, sealed=True)], now=NOW)


def test_the_same_sealed_id_twice_is_the_same_event(journal: Journal) -> None:  # noqa: F811
    made = rated(2, sealed=True)
    journal.append([made], now=NOW)
    assert journal.append([made], now=NOW)[0].status == "known"
    with pytest.raises(DraftError, match="another event was stored with the same id before"):
        journal.append([dataclasses.replace(rated(3, sealed=True), id=made.id)], now=NOW)
    with pytest.raises(DraftError, match="another event was stored with the same id before"):
        journal.as_(opener(BOB)).append([dataclasses.replace(rated(3, actor=BOB), id=made.id)], now=NOW)
    lead(journal).unseal([REVIEW], now=NOW, id=new_id())
    assert journal.append([dataclasses.replace(made, sealed=False)], now=NOW)[0].status == "known"


# The cryptography


def test_a_sealed_body_opens_for_its_author_and_the_lead_alone() -> None:
    private, public = new_lead_key()
    plain = body_text({"data": {"text": WORDS}, "salt": "0" * 32})
    sealed = seal(plain, entry="e" * 32, opener=opener(), lead_public=public)
    for who in (opener(), opener(LEAD, private)):
        key = content_key(sealed, entry="e" * 32, author=ANN, opener=who)
        assert key is not None and unseal(sealed, key, entry="e" * 32) == plain
    for who in (None, opener(BOB), opener(BOB, new_lead_key()[0]), Opener(b"x" * 32, ANN)):
        assert content_key(sealed, entry="e" * 32, author=ANN, opener=who) is None


def test_no_two_sealed_bodies_share_a_key_or_a_nonce() -> None:
    public = new_lead_key()[1]
    bodies = [read_body(seal("{}", entry="e" * 32, opener=opener(), lead_public=public)) for _ in range(50)]
    assert len({body["nonce"] for body in bodies}) == len({body["cipher"] for body in bodies}) == 50
    assert len({body["lead"]["public"] for body in bodies}) == 50
    assert {len(body["cipher"]) for body in bodies} == {2 * (PADDED_TO + 16)}


@pytest.mark.parametrize("part", ["cipher", "nonce", "author"])
def test_a_sealed_body_that_was_changed_opens_for_nobody(part: str) -> None:
    private, public = new_lead_key()
    body = read_body(seal("{}", entry="e" * 32, opener=opener(), lead_public=public))
    changed = body_text({**body, part: ("0" if body[part][0] != "0" else "1") + body[part][1:]})
    key = content_key(changed, entry="e" * 32, author=ANN, opener=opener())
    assert key is None or unseal(changed, key, entry="e" * 32) is None
    assert content_key(body_text(body), entry="f" * 32, author=ANN, opener=opener()) is None, "bound to its entry"
    for nonsense in ("{}", "[]", body_text({**body, "lead": 1, "author": 2}), body_text({**body, "author": "zz"})):
        assert content_key(nonsense, entry="e" * 32, author=ANN, opener=opener(ANN, private)) is None


def test_a_key_that_opens_to_another_text_is_refused(journal: Journal, place: str) -> None:  # noqa: F811
    """AES-GCM is not key-committing. The chain holds the digest of what was said, so another text is never shown."""
    made = rated(2, sealed=True)
    journal.append([made], now=NOW)
    public = journal.entries()[0].payload.seal_key  # type: ignore[union-attr]
    other = body_text(
        {
            "data": Rated(criterion=REF, rubric_version="1.0", rubric_digest="d" * 64, level=0).model_dump(mode="json"),
            "kind": "rated",
            "salt": "0" * 32,
            "subject": made.subject,
        }
    )
    swapped = seal(other, entry=made.id, opener=opener(), lead_public=public)
    by_hand(place, f"UPDATE journal_entry SET body = '{swapped}' WHERE sequence = 2")
    for view in (journal, lead(journal)):
        assert view.entries(review=REVIEW)[0].payload is None
        found = view.verify()
        assert found.bad == 2


def test_verification_opens_what_it_may(journal: Journal, place: str) -> None:  # noqa: F811
    """A forger who rewrites the whole chain around another sealed text is found by whoever can open it."""
    from sampling.journal.chaining import body_digest, chained
    from tests.journals import COLUMNS

    made = rated(2, sealed=True)
    journal.append([made], now=NOW)
    [values] = by_hand(place, f"SELECT {', '.join(COLUMNS)} FROM journal_entry WHERE sequence = 2", triggers=True)
    row = dict(zip(COLUMNS, values, strict=True))
    public = journal.entries()[0].payload.seal_key  # type: ignore[union-attr]
    swapped = seal("{}", entry=made.id, opener=opener(), lead_public=public)
    forged = {name: value for name, value in row.items() if name != "hash"} | {
        "body": swapped,
        "digest": body_digest(swapped),
    }
    sealed_again = chained(forged)
    sets = ", ".join(f"{name} = '{getattr(sealed_again, name)}'" for name in ("body", "digest", "hash"))
    by_hand(
        place,
        f"UPDATE journal_entry SET {sets} WHERE sequence = 2",
        f"UPDATE journal_head SET hash = '{sealed_again.hash}'",
    )
    assert journal.as_(opener(BOB)).verify().ok, "sealed to Bob: nothing can be said of what it holds"
    assert journal.verify().why == "Entry 2: no key opens it to what was written."
    assert lead(journal).verify().bad == 2


def test_secrets_are_not_shown() -> None:
    assert SECRET.hex() not in repr(opener(ANN, SECRET)) and str(SECRET) not in repr(opener(ANN, SECRET))


def test_a_signature_may_stay_open_beside_sealed_ratings(journal: Journal) -> None:  # noqa: F811
    journal.append([rated(2, sealed=True), signed()], now=NOW)
    assert [entry.kind for entry in journal.as_(opener(BOB)).entries(review=REVIEW)] == ["sealed", "signed"]


def test_what_others_must_see_is_never_sealed(journal: Journal) -> None:  # noqa: F811
    with pytest.raises(DraftError, match="an entry of the kind signed is never sealed"):
        journal.append([signed(sealed=True)], now=NOW)


def test_a_question_by_kind_finds_what_may_be_opened_wherever_it_lies(journal: Journal) -> None:  # noqa: F811
    """One's own sealed entries, those that were published since, and open ones: in order, each once, whoever asks."""
    bobs = journal.as_(opener(BOB))
    journal.append([rated(1, review="3" * 32), rated(2, sealed=True), commented("x", sealed=True)], now=NOW)
    bobs.append([rated(3, review=OTHER, actor=BOB, sealed=True), rated(0, review="4" * 32, actor=BOB)], now=NOW)

    def seen(view: Journal, *kinds: str) -> list[int]:  # noqa: F811
        return [entry.sequence for entry in view.entries(kinds=kinds)]

    assert (seen(journal, "rated"), seen(bobs, "rated"), seen(journal.as_(None), "rated")) == (
        [2, 3, 6],
        [2, 5, 6],
        [2, 6],
    )
    assert (seen(bobs, "rated", "sealed"), seen(lead(journal), "rated")) == ([2, 3, 4, 5, 6], [2, 3, 5, 6])
    lead(journal).unseal([REVIEW], now=NOW, id=new_id())
    assert (seen(journal, "rated"), seen(bobs, "rated"), seen(journal.as_(None), "rated")) == (
        [2, 3, 6],
        [2, 3, 5, 6],
        [2, 3, 6],
    )
    assert seen(bobs, "commented") == [4] and seen(bobs, "commented", "rated") == [2, 3, 4, 5, 6]
    lead(journal).unseal([OTHER], now=NOW, id=new_id())
    assert seen(journal.as_(None), "rated") == [2, 3, 5, 6]
    assert [entry.sequence for entry in bobs.entries(kinds=["rated"], actor=ANN, after=2)] == [3]
