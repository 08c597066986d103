"""Two programs on one journal: one signs what it has read, while the other writes. The order is forced, and nothing waits for a clock."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event

from sampling.journal.store import Draft, Expect, Journal, Opener, Receipt
from sampling.keys import load_secret

TURN_SECONDS = 30  # until a test gives up
TAKING_TURNS = (
    "BEGIN IMMEDIATE",
    "SELECT pg_advisory_xact_lock",
)  # how each engine asks (sampling/journal/database.py)


def asks_for_its_turn(journal: Journal) -> threading.Event:
    """Returns what is set when a program has read what it wanted, and asks for the writer's lock."""
    asked = threading.Event()

    def runs(connection: Connection, cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith(TAKING_TURNS):
            asked.set()

    event.listen(journal._core.database.engine, "before_cursor_execute", runs)
    return asked


def outrun(
    journal: Journal, where: str | Path, sign: Callable[[], Any], change: Draft, *, now: datetime
) -> Exception | None:
    """Returns what becomes of a signature that was checked before, and takes its turn after, another program's change.

    `journal` is the one that `sign` goes to. The other program has connections and locks of its own, as a process has.
    """

    def changes(while_it_waits: Expect) -> Receipt:
        with closing(Journal.open(where, Opener(load_secret(), change.actor))) as other:
            return other.append([change], now=now, expect=while_it_waits)[0]

    return outrun_by(journal, sign, changes)


def outrun_by(journal: Journal, late: Callable[[], Any], first: Callable[[Expect], Receipt]) -> Exception | None:
    """Returns what becomes of what a program hands in `late`: it takes its turn after what another program does `first`, which asks what
    it is handed once it holds the writer's lock.
    """
    found: list[Exception] = []

    def handing_in() -> None:
        try:
            late()
        except Exception as error:
            found.append(error)

    thread = threading.Thread(target=handing_in)
    asked = asks_for_its_turn(journal)

    def while_it_waits(_: Journal) -> None:
        thread.start()
        assert asked.wait(TURN_SECONDS), "nothing asked for its turn"

    receipt = first(while_it_waits)
    thread.join(TURN_SECONDS)
    assert receipt.status == "stored"
    return found[0] if found else None
