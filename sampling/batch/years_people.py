"""Who works in the invented years: the posts that the extract has, and the people file made of them, so that both name the same people.

Each team is led by its manager, who supervises its people and one other manager, as the extract's column says. Nobody in it exists.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq

from sampling.batch.practice_people import LEAD, MODERATOR, SECOND_RATER, SUPERVISEES, SUPERVISORS, entry
from sampling.storage import write_whole

STAFF = "practitioners.parquet"
HEADING = (
    "# Written by `sampling years`: invented people for an invented service, the ids and leaving dates those of its extract. For a service of\n"
    "# your own write a file of your own (docs/people.md).\n"
)


@dataclass(frozen=True)
class Post:
    """A practitioner of the extract: own id, team, first and last day, and the id of whom they are supervised by ("" for nobody)."""

    local: str
    team: str
    started: date
    left: date | None
    supervisor: str

    def on(self, day: date) -> bool:
        """Returns whether the person is in post on a day."""
        return self.started <= day and (self.left is None or day <= self.left)


def posts_of(source: Path) -> tuple[Post, ...]:
    """Returns the posts of an invented extract, in order of id."""
    columns = ["practitioner_id", "team_id", "started", "left_on", "supervisor_id"]
    rows = pq.read_table(source / STAFF, columns=columns).to_pylist()
    found = (
        Post(row["practitioner_id"], row["team_id"], row["started"], row["left_on"], row["supervisor_id"] or "")
        for row in rows
    )
    return tuple(sorted(found, key=lambda one: one.local))


def write_years_people(path: Path, posts: Sequence[Post]) -> None:
    """Writes people.toml: the managers as supervisors, in order of their teams; everybody else as supervisee, the longest in post first; and
    three more seats. Whoever has left has the last day of the extract, and no seat any more.
    """
    managers = {one.supervisor for one in posts if one.supervisor}
    leading = sorted((one for one in posts if one.local in managers), key=lambda one: (one.team, one.local))
    entries = []
    for name, one in zip(SUPERVISORS, leading, strict=False):
        named = [other.local for other in posts if other.supervisor == one.local]
        entries.append(entry(one.local, name, ["supervisor"], [f"team:{one.team}", *named]))
    others = sorted(
        (one for one in posts if one.local not in managers),
        key=lambda one: (one.left is not None, one.started, one.local),
    )
    for name, one in zip(SUPERVISEES, others, strict=False):
        entries.append(entry(one.local, name, ["supervisee"], left=one.left))
    seats = {"second_rater": SECOND_RATER, "moderator": MODERATOR, "lead": LEAD}
    entries += [entry(f"practice-{role}", name, [role]) for role, name in seats.items()]
    write_whole(path, (HEADING + "\n".join(entries)).encode("utf-8"))


def keyed(posts: Sequence[Post], key_of: Callable[[str], str]) -> dict[str, Post]:
    """Returns key -> post; `key_of` turns the service's own id into the draws' key."""
    return {key_of(one.local): one for one in posts}
