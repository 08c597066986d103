"""Who is supervised, and by whom: what each draw saw on its day, the people file, and the extract where there is one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import pyarrow.parquet as pq

from sampling.assurance.coverage_facts import Seen, Staff, seen_in_people
from sampling.assurance.facts import Agreement
from sampling.assurance.gathering.people import Seats
from sampling.frame import NOBODY
from sampling.pack import open_pack
from sampling.scoring.settings.draws import Draw
from sampling.scoring.settings.snapshot import Snapshot, snapshots

SUPERVISED = (
    "supervisor",
    "supervisee",
)  # seats whose people are supervised themselves (E3); a second rater or lead may be from outside
LATER = (
    "People without a start date who are not yet in the first draw: {n}. They are taken to have started on the day of the first draw that "
    "has them."
)
GONE = (
    "People without a leaving date who are no longer in the newest draw: {n}. They are taken to have left on the day of the last draw that "
    "has them."
)
SEAT_ALONE = (
    "People with a seat as supervisor or supervisee who are in no draw and no extract: {n}. They are counted as supervisees like everyone, "
    "and what is not recorded of them here shows as not done."
)


@dataclass(frozen=True)
class StaffFound:
    """The people who are supervised, whom they were seen with and when, and what cannot be told of them."""

    staff: tuple[Staff, ...] = field(repr=False)
    seen: tuple[Seen, ...] = field(repr=False)
    untold: tuple[str, ...] = ()


@dataclass(frozen=True)
class Present:
    """On which draw dates a person was in post: the first, the last, and their team on the last."""

    first: date
    last: date
    team: str


def staff_of(draws: Sequence[Draw], seats: Seats, today: date, extract: Iterable[Staff] = ()) -> StaffFound:
    """Returns everyone who is supervised, in the order of keys: who stands in the extract, in a draw, or has a seat of their own.

    The extract's word on role, team and days comes first. Where it has no start or leaving date, the draws tell between which two of
    them a person came or went.
    """
    present = presence(draws)
    roles = _roles(draws)
    rows = {one.person: one for one in extract}
    alone = {one.key for one in seats.people.having(*SUPERVISED)} - {*rows, *present}
    first, newest = min(one.as_of for one in draws), max(one.as_of for one in draws)
    found, later, gone = [], 0, 0
    for key in sorted({*rows, *present, *alone}):
        one, there = rows.get(key, Staff(key)), present.get(key)
        started, left = one.started, one.left or seats.left.get(key)
        if there is not None:
            if started is None and there.first > first and not _seat_started(seats, key):
                started, later = there.first, later + 1
            if left is None and key not in rows and there.last < newest:
                left, gone = there.last, gone + 1
        role = one.role or roles.get(key, "")
        found.append(
            replace(one, role=role, team=one.team or (there.team if there else ""), started=started, left=left)
        )
    said = ((later, LATER), (gone, GONE), (len(alone), SEAT_ALONE))
    untold = tuple(words.format(n=number) for number, words in said if number)
    staff = tuple(found)
    return StaffFound(staff, (*_in_snapshots(draws), *seen_in_people(seats.people, staff, today)), untold)


def seen_in_agreements(agreements: Mapping[str, Iterable[Agreement]], seen: Iterable[Seen]) -> tuple[Seen, ...]:
    """Returns who supervised whom before anything else shows it: an agreement names its two people, and was signed on a day.

    `agreements` is key of the supervisee -> theirs. One that was signed once a draw, an extract or the people file tells of the person says
    nothing of the pair: these come first.
    """
    first: dict[str, date] = {}
    for one in seen:
        first[one.person] = min(one.on, first.get(one.person, one.on))
    return tuple(
        Seen(person, one.supervisor, one.signed)
        for person, some in sorted(agreements.items())
        for one in some
        if one.signed < first.get(person, date.max)
    )


def presence(draws: Iterable[Draw]) -> Mapping[str, Present]:
    """Returns key -> when the draws saw the person in post."""
    found: dict[str, Present] = {}
    for draw in sorted(draws, key=lambda one: one.as_of):
        table = pq.read_table(open_pack(draw.folder).private / "teams.parquet", columns=["practitioner_key", "team"])
        for key, team in zip(*(column.to_pylist() for column in table.columns), strict=True):
            if key and key != NOBODY:
                first = found[key].first if key in found else draw.as_of
                found[key] = Present(first, draw.as_of, team or "")
    return found


def _seat_started(seats: Seats, key: str) -> bool:
    seat = seats.people.by_key(key)
    return seat is not None and seat.started is not None


def _roles(draws: Iterable[Draw]) -> Mapping[str, str]:
    """Returns the job roles that the snapshots name, the newest one's last."""
    rows = (row for one in _all_snapshots(draws) for row in one.rows("practitioners"))
    return {str(row["practitioner_key"]): str(row["role"]) for row in rows if row["role"]}


def _in_snapshots(draws: Iterable[Draw]) -> Iterable[Seen]:
    for snapshot in _all_snapshots(draws):
        on = reaches(snapshot)
        for row in snapshot.rows("practitioners"):
            if row["supervisor_key"]:
                yield Seen(str(row["practitioner_key"]), str(row["supervisor_key"]), on)


def _all_snapshots(draws: Iterable[Draw]) -> list[Snapshot]:
    found = [one for draw in draws for one in snapshots(open_pack(draw.folder))]
    return sorted(found, key=lambda one: (one.day, one.folder.name))


def reaches(snapshot: Snapshot) -> date:
    """Returns the last day of which a snapshot can tell: that which its extract names, never later than the day it was taken."""
    covers_to = snapshot.about["covers_to"]
    return min(date.fromisoformat(covers_to), snapshot.day) if covers_to else snapshot.day
