"""A small service that is ready to be scored: synthetic people, a drawn month, its record, and a Service on a journal of its own.

The draw is made once a test session and copied; opening takes well under a second.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

from sampling import workflow
from sampling.keys import HOME_VARIABLE, Keyring, load_secret
from sampling.model import Period
from sampling.pack import Pack, open_pack
from sampling.randomness import from_operator, parse_ref
from sampling.scoring.service import Service, open_service
from sampling.scoring.settings.people import Person
from sampling.scoring.settings.snapshot import cases_of, take_snapshot
from sampling.sources.synthesis import synthesise

NOW = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
SUPERVISOR, OTHER_SUPERVISOR = "Ruth Adeyemi", "Tom Brook"
SECOND_RATER, MODERATOR, LEAD, SUPERVISEE = "Ines Duarte", "Maya Lind", "Jo Petrov", "Sam Okafor"
PEOPLE = f"""
[[person]]
id = "P000-0000"
name = "{SUPERVISOR}"
role = "supervisor"

[[person]]
id = "S-2"
name = "{OTHER_SUPERVISOR}"
role = ["supervisor"]
supervises = ["P000-0003", "P000-0004"]

[[person]]
id = "S-3"
name = "{SECOND_RATER}"
role = "second_rater"

[[person]]
id = "S-4"
name = "{MODERATOR}"
role = "moderator"

[[person]]
id = "S-5"
name = "{LEAD}"
role = "lead"

[[person]]
id = "P000-0005"
name = "{SUPERVISEE}"
role = "supervisee"
"""

# A second supervisee, of Tom Brook's, where a test needs somebody who is not of the pair.
COLLEAGUE = "Ada Quill"
COLLEAGUE_LINES = f'\n[[person]]\nid = "P000-0003"\nname = "{COLLEAGUE}"\nrole = "supervisee"\n'


@dataclass
class Scene:
    """A service on stage: `people` is name -> person; `now` is the morning of the first working day after the draw."""

    service: Service
    home: Path
    pack: Pack
    people: Mapping[str, Person]
    source: Path
    now: datetime = NOW

    @property
    def today(self) -> date:
        """Returns the day of `now`."""
        return self.now.date()

    def key(self, name: str) -> str:
        """Returns a person's key."""
        return self.people[name].key

    def queue(self, name: str) -> dict[str, Any]:
        """Returns a person's queue."""
        return self.service.queue(self.key(name), today=self.today)

    def review(self, name: str, review: str, purpose: str = "supervision") -> dict[str, Any]:
        """Returns a review as a person sees it."""
        return self.service.review(self.key(name), review, purpose=purpose, now=self.now)

    def append(self, name: str, *events: dict[str, Any]) -> dict[str, Any]:
        """Hands in events as a person, and returns what the page is answered."""
        receipts = self.service.append(self.key(name), list(events), now=self.now)
        reviews = {one["review"] for one in events if one["review"]}
        return {"receipts": receipts, **self.service.committed(self.key(name), reviews)}

    def sign(self, name: str, review: str, role: str = "rater") -> dict[str, Any]:
        """Signs a review as it stands, as a person."""
        shown = self.review(name, review)
        request = {"id": new_id(), "review": review, "role": role, "statement": shown["statement"]}
        return self.service.sign(self.key(name), {**request, "content": shown["content"]}, now=self.now)

    def rate_all(self, name: str, review: str, level: int = 2) -> dict[str, Any]:
        """Scores every criterion of a review at one level, with the pointer or comment that it needs."""
        return self.append(name, *full_rating(self.review(name, review), level))

    def single(self, name: str) -> str:
        """Returns the first review of a person's queue that is not rated twice."""
        return str(next(row["review"] for row in self.queue(name)["reviews"] if not row["sealed"]))

    def double(self) -> tuple[tuple[str, str], tuple[str, str]]:
        """Returns (name, first review) and (name, second review) of a case that is rated twice."""
        world = self.service.world()
        second = min(
            (
                one
                for one in world.reviews.values()
                if one.stage == "second" and not one.planted and not world.is_closed(one)
            ),
            key=lambda one: one.case,
        )
        first = world.stages(second)["first"]
        names = world.names
        return (names[first.rater], first.id), (names[second.rater], second.id)

    def later(self, **by: int) -> Scene:
        """Returns the same stage at a later time."""
        return Scene(self.service, self.home, self.pack, self.people, self.source, self.now + timedelta(**by))


def new_id() -> str:
    """Returns a new event id, as the browser makes them."""
    return secrets.token_hex(16)


def event(kind: str, review: str, subject: str, data: dict[str, Any], base: int = 0, **more: Any) -> dict[str, Any]:
    """Returns one event as the form hands it in."""
    return {"id": new_id(), "kind": kind, "review": review, "subject": subject, "base": base, "data": data, **more}


def rated(shown: dict[str, Any], ref: str, level: int | None = None, **more: Any) -> dict[str, Any]:
    """Returns the event that scores one criterion of a review, based on what `shown` shows."""
    rubric = next(one for one in shown["rubrics"] if one["id"] == ref.partition("/")[0])
    data = {"criterion": ref, "rubric_version": rubric["version"], "rubric_digest": rubric["digest"], "level": level}
    base = more.pop("base", shown["state"]["criteria"][ref]["revision"])
    return event("rated", shown["review"], f"rating:{ref}", {**data, **more}, base)


def commented(shown: dict[str, Any], ref: str, text: str) -> dict[str, Any]:
    """Returns the event that comments on one criterion."""
    base = shown["state"]["criteria"][ref]["comment_revision"]
    return event("commented", shown["review"], f"comment:{ref}", {"criterion": ref, "text": text}, base)


def pointed(shown: dict[str, Any], ref: str, quote: str = "") -> dict[str, Any]:
    """Returns the event that points to the evidence for one criterion."""
    pointer = new_id()
    data = {
        "pointer": pointer,
        "criterion": ref,
        "note_date": "2026-10-14",
        "note_kind": "progress note",
        "quote": quote,
    }
    return event("evidence_pointed", shown["review"], f"evidence:{pointer}", data)


def full_rating(shown: dict[str, Any], level: int = 2) -> list[dict[str, Any]]:
    """Returns the events that score every criterion at one level, with what the policy requires."""
    events = []
    for ref in shown["state"]["criteria"]:
        events.append(rated(shown, ref, level))
        if level >= shown["policy"]["evidence_from_level"]:
            events.append(pointed(shown, ref))
        if level <= shown["policy"]["comment_to_level"]:
            events.append(commented(shown, ref, "Seen in the notes of October."))
    return events


@cache
def _drawn() -> Path:
    """Returns a folder with the source, the home of one drawn pack, and the private store, made once."""
    folder = Path(mkdtemp(prefix="scoring-"))
    synthesise(format="canonical", cases=120, months=6, seed=7, out=folder / "source", until="2026-10")
    patch = pytest.MonkeyPatch()
    patch.setenv(HOME_VARIABLE, str(folder / "private"))
    (folder / "private").mkdir(mode=0o700)
    (folder / "private" / "secret.key").write_text(
        "5e" * 32, encoding="ascii"
    )  # so that every run draws the same cases
    (folder / "private" / "secret.key").chmod(0o600)
    try:
        keyring = Keyring(load_secret())
        extract = workflow.open_source(str(folder / "source"), keyring)
        out = folder / "draws" / "2026-10"
        workflow.freeze(
            extract, workflow.FreezeOrder(Period("2026-10")), out, keyring=keyring, now=NOW - timedelta(days=2)
        )
        pack = workflow.draw(out, from_operator(parse_ref("operator"), "rehearsal"), now=NOW - timedelta(days=2))
        notes = workflow.open_source(str(folder / "source"), keyring, notes=cases_of(pack))
        take_snapshot(pack, notes, keyring, NOW - timedelta(days=2))
    finally:
        patch.undo()
    return folder


def make_service(
    tmp_path: Path,
    private: Path,
    *,
    people: str | None = PEOPLE,
    policy: str | None = None,
    journal: str | Path | None = None,
    name: str = "",
    rubrics: Path | None = None,
    now: datetime = NOW,
) -> Scene:
    """Returns a drawn adult service below `tmp_path`, open to be scored. `private` is the test's own private store (conftest).

    `people` and `policy` are the text of people.toml and scoring.toml; with `people` None it is the service of one person, `name`.
    """
    made = _drawn()
    shutil.copytree(made / "draws", tmp_path / "draws", dirs_exist_ok=True)
    shutil.copytree(made / "private", private, dirs_exist_ok=True)
    home = tmp_path / "draws"
    if people is not None:
        (home / "people.toml").write_text(people, encoding="utf-8")
    if policy is not None:
        (home / "scoring.toml").write_text(policy, encoding="utf-8")
    service = open_service(
        home,
        keyring=Keyring(load_secret()),
        now=now,
        journal=journal,
        name=name if people is None else "",
        rubrics=rubrics,
    )
    crowd = {person.name: person for person in service.people.everyone}
    return Scene(service, home, open_pack(home / "2026-10"), crowd, made / "source", now)
