"""Twenty raters who write at once, fifty events each: through the server as pages do, and into the journal itself on each engine."""

from __future__ import annotations

from collections import Counter
from contextlib import closing, suppress
from pathlib import Path
from secrets import token_hex

from sampling.journal.events import Rated
from sampling.journal.store import BusyError, Draft, Journal, Receipt
from tests.journals import NOW, opened, place, server  # noqa: F401
from tests.scoring_crowd import EVENTS, WRITERS, at_once, make_crowd, writer
from tests.scoring_server import scoring_server


def test_twenty_raters_through_the_server_store_a_thousand_events(tmp_path: Path, private_store: Path) -> None:
    home = make_crowd(tmp_path)
    with scoring_server(home) as running:
        writers = [writer(running, name) for name in running.addresses]
        at_once([one.write for one in writers])
    assert Counter(status for one in writers for status in one.statuses) == {"stored": WRITERS * EVENTS}
    sent = {event["id"]: event for one in writers for event in one.events}
    with closing(Journal.open(home / "journal" / "journal.sqlite")) as journal:
        assert journal.verify().ok
        stored = [entry for entry in journal.entries() if entry.id in sent]
        assert len(stored) == len(sent) == WRITERS * EVENTS
        assert not any(entry.conflict for entry in stored)
        sequences = [entry.sequence for entry in journal.entries()]
        assert sequences == list(range(1, len(sequences) + 1))


def until_stored(journal: Journal, draft: Draft) -> Receipt:
    """Returns the receipt of a draft, handed in again whenever the journal was busy: SQLite lets nobody queue, so one may wait long."""
    while True:
        with suppress(BusyError):
            return journal.append([draft], now=NOW)[0]


def test_twenty_writers_into_one_journal_on_each_engine(place: str) -> None:  # noqa: F811
    def write(number: int) -> None:
        payload = {"criterion": "crisis_plan/signs", "rubric_version": "1.0", "rubric_digest": "d" * 64}
        with opened(place) as journal:  # its own connections, as a program of its own would have
            for step in range(EVENTS):
                said = Rated(**payload, level=step % 4)
                subject, review = "rating:crisis_plan/signs", f"{number:032x}"
                draft = Draft(token_hex(16), f"{number:064x}", said, review=review, subject=subject, base=step)
                assert until_stored(journal, draft).status == "stored"

    with opened(place) as journal:
        at_once([lambda number=number: write(number) for number in range(1, WRITERS + 1)])
        verified = journal.verify()
        assert verified.ok and verified.entries == WRITERS * EVENTS + 1
        assert len({entry.id for entry in journal.entries()}) == WRITERS * EVENTS + 1
