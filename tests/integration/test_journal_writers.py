"""Twenty programs write fifty events each at once: a thousand entries in one order, none lost, none twice, no conflict unseen."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

from tests.journals import opened, place, server  # noqa: F401

WRITER = Path(__file__).with_name("journal_writer.py")
WRITERS, EVENTS = 20, 50


def test_twenty_writers_of_fifty_events(place: str, tmp_path: Path) -> None:  # noqa: F811
    with opened(place):
        pass
    command = [sys.executable, str(WRITER), place, str(tmp_path), str(WRITERS), str(EVENTS)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stderr) == (0, "")
    said = json.loads(done.stdout)
    assert said["faults"] == [] and len(said["acknowledged"]) == WRITERS
    acknowledged = [tuple(one) for each in said["acknowledged"] for one in each]
    assert len(acknowledged) == WRITERS * EVENTS
    with opened(place) as journal:
        assert journal.verify().ok
        entries = journal.entries(after=1)
    assert [entry.sequence for entry in entries] == list(range(2, WRITERS * EVENTS + 2))
    assert {(entry.id, entry.sequence) for entry in entries} == {(name, at) for name, at, _ in acknowledged}
    shared = [entry for entry in entries if entry.review == "f" * 32]
    assert [entry.revision for entry in shared] == list(range(1, len(shared) + 1))
    own = [entry for entry in entries if entry.review != "f" * 32]
    assert not any(entry.conflict for entry in own), "nobody else wrote to those reviews"
    told = Counter(status for _, _, status in acknowledged)
    assert told["conflict"] == sum(entry.conflict for entry in shared) > 0, "each conflict was told to its writer"
    assert told["known"] == 0


def test_many_programs_make_one_journal(place: str) -> None:  # noqa: F811
    """Whoever comes first makes it; the others find it."""
    program = (
        "import sys; sys.stdin.readline(); from sampling.journal.store import Journal; from datetime import datetime, UTC;"
        f" print(Journal.open({place!r}, create_at=datetime(2026, 11, 3, tzinfo=UTC)).id)"
    )
    makers = [
        subprocess.Popen(
            [sys.executable, "-c", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(6)
    ]
    outcomes = [maker.communicate("begin\n", timeout=120) for maker in makers]
    assert [error for _, error in outcomes if error] == []
    names = {out.strip() for out, _ in outcomes}
    with opened(place) as journal:
        assert names == {journal.id} and journal.verify().entries == 1
