"""The people file as assurance reads it: who has a seat, and the day on which each left. Names stay in it and go nowhere from here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from sampling.errors import StateError
from sampling.keys import Keyring, load_secret
from sampling.scoring.settings.draws import Draw, staff_keys
from sampling.scoring.settings.home import default_people
from sampling.scoring.settings.people import People, load_people, read_entries

NO_PEOPLE = "There is no people file beside the draws: who supervises whom is known from the record alone."
NOT_MATCHED = (
    "The people file was not used: the private store that leads back to the service's ids is not on this machine, so that nobody in it can "
    "be told from anybody in the draws."
)


@dataclass(frozen=True)
class Seats:
    """The people file: `people` with their keys, and key -> last day of those whose leaving it names."""

    people: People = field(repr=False)
    left: Mapping[str, date] = field(repr=False)
    untold: tuple[str, ...] = ()


def read_people(home: Path, draws: Sequence[Draw]) -> Seats:
    """Returns the people of a home; nobody, and why, where there is no people file or its ids lead nowhere on this machine.

    Raises PolicyError with every fault of the file.
    """
    path = default_people(home)
    if path is None:
        return Seats(People(()), {}, (NO_PEOPLE,))
    try:
        staff_key = staff_keys(tuple(draws), Keyring(load_secret()))
    except StateError:
        return Seats(People(()), {}, (NOT_MATCHED,))
    people = load_people(path, staff_key)
    left = {
        staff_key(str(one["id"]).strip()): one["left"] for one in read_entries(path) if type(one.get("left")) is date
    }
    return Seats(people, left)
