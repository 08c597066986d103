"""Opens a service for those who serve it: a server of its own, or a notebook's seat. What is wrong is said before anything starts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sampling.errors import StateError, UsageError
from sampling.keys import Keyring, load_secret
from sampling.pack import SHARE, open_pack, sibling_packs
from sampling.scoring.server.seats import Seat
from sampling.scoring.service import Service, open_service
from sampling.scoring.settings.home import default_people
from sampling.scoring.settings.people import Person


@dataclass(frozen=True)
class Asked:
    """Which service is wanted. An empty path means the usual place beside the draws."""

    draws: Path
    journal: str = ""
    people: Path | None = None
    policy: Path | None = None
    name: str = ""


def home_of(folder: Path) -> Path:
    """Returns the folder in which a service's draws lie side by side, from itself or from one of its draws.

    Raises StateError when there is no draw, or none that was drawn and prepared for scoring.
    """
    if (folder / SHARE / "commitment.json").is_file():
        _check_ready([folder])
        return folder.resolve().parent
    packs = sibling_packs(folder) if folder.is_dir() else []
    if not packs:
        raise StateError(
            f"There is no draw in {folder}. Name the folder of a draw, or the one in which your draws lie side by side; "
            "sampling month makes a draw."
        )
    _check_ready(packs)
    return folder.resolve()


def _check_ready(packs: list[Path]) -> None:
    drawn = [folder for folder in packs if open_pack(folder).entry("drawn") is not None]
    if not drawn:
        raise StateError(f"The month is frozen, but its cases are not drawn yet. Run: sampling draw {packs[-1]}")
    if not any((folder / "private" / "record").is_dir() for folder in drawn):
        raise StateError(
            "The drawn cases have no copy of the record to score from yet. "
            f"Run: sampling prepare {drawn[-1]} SOURCE, with the extract of the draw or a newer one"
        )


def open_asked(asked: Asked, *, now: datetime) -> Service:
    """Returns the service that is asked for; its journal is created when it is not there yet.

    Raises SamplingError in words: no draw, a faulty people file or policy, a journal on a network drive.
    """
    home = home_of(asked.draws)
    people = asked.people or default_people(home)
    if people is None and not asked.name.strip():
        raise UsageError("Say who scores: give a name, or a people file (people.toml) for several people.")
    return open_service(
        home,
        keyring=Keyring(load_secret()),
        now=now,
        journal=asked.journal or None,
        people=people,
        name="" if people else asked.name,
        policy=asked.policy,
    )


def person_of(service: Service, name: str) -> Person:
    """Returns the person of that name. Raises UsageError when the people file has nobody of that name."""
    person = service.people.named(name)
    if person is None:
        raise UsageError("Nobody of that name stands in the people file. Write the name as it stands there.")
    return person


def open_for(seat: Seat, *, now: datetime) -> tuple[Service, str]:
    """Returns a seat's service and the key of whoever sits there."""
    people, policy = (Path(text) if text else None for text in (seat.people, seat.policy))
    service = open_asked(Asked(Path(seat.draws), seat.journal, people, policy, seat.rater), now=now)
    return service, person_of(service, seat.rater).key
