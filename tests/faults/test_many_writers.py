"""Twenty raters who write at once through the server, fifty events each. Into the journal itself: tests/integration/test_journal_writers.py."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from pathlib import Path

from sampling.journal.store import Journal
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
