"""A service of many raters: a drawn month in which each of twenty supervisors has one practitioner, and cases of their own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from json import dumps, loads
from pathlib import Path
from secrets import token_hex
from typing import Any

from sampling import workflow
from sampling.keys import Keyring, load_secret
from sampling.model import Period
from sampling.randomness import from_operator, parse_ref
from sampling.scoring.settings.draws import load_draws, local_ids
from sampling.scoring.settings.snapshot import cases_of, take_snapshot
from sampling.sources.synthesis import synthesise
from tests.scoring_server import Client, Server

WRITERS, EVENTS = 20, 50
CASES = 700  # enough that twenty practitioners are drawn from
DRAWN_AT = datetime(2026, 11, 1, 9, tzinfo=UTC)


def make_crowd(folder: Path, writers: int = WRITERS) -> Path:
    """Returns the home of a drawn month with `writers` supervisors in people.toml; the private store is that of the environment."""
    synthesise(format="canonical", cases=CASES, months=6, seed=7, out=folder / "source", until="2026-10")
    keyring = Keyring(load_secret())
    home = folder / "draws"
    out = home / "2026-10"
    extract = workflow.open_source(str(folder / "source"), keyring)
    workflow.freeze(extract, workflow.FreezeOrder(Period("2026-10")), out, keyring=keyring, now=DRAWN_AT)
    pack = workflow.draw(out, from_operator(parse_ref("operator"), "crowd"), now=DRAWN_AT + timedelta(hours=1))
    notes = workflow.open_source(str(folder / "source"), keyring, notes=cases_of(pack))
    take_snapshot(pack, notes, keyring, DRAWN_AT + timedelta(hours=2))
    draw = load_draws(home)[0]
    held = {case.practitioner_key for case in draw.cases}
    practitioners = sorted(local_ids(draw.commit, held).values())[:writers]
    assert len(practitioners) == writers
    people = [
        f'[[person]]\nid = "S-{number:02}"\nname = "{_name(number)}"\nrole = "supervisor"\nsupervises = ["{practitioner}"]\n'
        for number, practitioner in enumerate(practitioners)
    ]
    (home / "people.toml").write_text("\n".join(people), encoding="utf-8")
    return home


def _name(number: int) -> str:
    return f"Rater {number:02}"


@dataclass
class Writer:
    """One rater at work: a connection that is kept open, the way a browser keeps it, and what each answer took."""

    client: Client
    review: str
    events: list[dict[str, Any]]
    seconds: list[float] = field(default_factory=list)
    statuses: list[str] = field(default_factory=list)

    def write(self) -> None:
        """Hands in the events one by one, each after the last was acknowledged."""
        connection = HTTPConnection(self.client.host, timeout=120)
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.client.cookies.items()),
            "X-XSRFToken": self.client.cookies["_xsrf"],
            "Content-Type": "application/json",
        }
        try:
            for event in self.events:
                began = time.perf_counter()
                connection.request(
                    "POST", f"{self.client.base}sampling/api/events", dumps({"events": [event]}), headers
                )
                answer = connection.getresponse()
                said = loads(answer.read())
                self.seconds.append(time.perf_counter() - began)
                self.statuses.append(said["receipts"][0]["status"] if answer.status == 200 else str(answer.status))
        finally:
            connection.close()


def writer(server: Server, name: str, events: int = EVENTS) -> Writer:
    """Returns a person with so many events to hand in on their own first review: levels chosen and changed, and comments typed."""
    client = server.client(name)
    review = client.get("sampling/api/queue").json["reviews"][0]["review"]
    shown = client.get(f"sampling/api/review/{review}?purpose=supervision").json
    return Writer(client, review, events_for(shown, events))


def events_for(shown: dict[str, Any], count: int) -> list[dict[str, Any]]:
    """Returns so many events on one review, each based on the one before it: in turn a level and a comment, criterion by criterion."""
    criteria = [
        (one["ref"], rubric["version"], rubric["digest"]) for rubric in shown["rubrics"] for one in rubric["criteria"]
    ]
    found = []
    for number in range(count):
        round_, place = divmod(number // 2, len(criteria))
        ref, version, content = criteria[place]
        if number % 2:
            kind, subject = "commented", f"comment:{ref}"
            data = {"criterion": ref, "text": f"Seen in the notes of October, {number}."}
        else:
            kind, subject = "rated", f"rating:{ref}"
            data = {
                "criterion": ref,
                "rubric_version": version,
                "rubric_digest": content,
                "level": (place + round_) % 4,
            }
        given = {"id": token_hex(16), "kind": kind, "review": shown["review"], "subject": subject}
        found.append({**given, "base": round_, "data": data})
    return found


def at_once(calls: Sequence[Callable[[], None]]) -> float:
    """Runs every call in a thread of its own, all begun together; returns the seconds until the last has ended."""
    barrier = threading.Barrier(len(calls) + 1)
    faults: list[BaseException] = []

    def run(call: Callable[[], None]) -> None:
        barrier.wait()
        try:
            call()
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    barrier.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return time.perf_counter() - began
