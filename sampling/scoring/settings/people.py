"""Who scores: people.toml, checked as a whole, each staff id turned into the key that the draws have for that person."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal, get_args

from sampling.errors import Finding, PolicyError
from sampling.keys import Keyring

Role = Literal["supervisor", "supervisee", "second_rater", "moderator", "lead"]
ROLES: tuple[Role, ...] = get_args(Role)
RATING_ROLES = frozenset(("supervisor", "second_rater"))
TEAM = "team:"
_KEYS = {"id", "name", "role", "started", "left", "supervises"}
NAME_CHARACTERS = 100
StaffKey = Callable[[str], str]


@dataclass(frozen=True)
class Person:
    """One person with a seat. `key` stands for them in the journal; the service's own staff id is not kept.

    `teams` and `practitioners` (keys) are whom people.toml says they supervise; with both empty the record's own supervisor
    column decides. `everyone` is the only person of a service without a people file.
    """

    key: str
    name: str
    roles: frozenset[str]
    started: date | None = None
    teams: frozenset[str] = frozenset()
    practitioners: frozenset[str] = frozenset()
    everyone: bool = False

    def has(self, *roles: str) -> bool:
        """Returns whether the person has any of these roles."""
        return bool(self.roles & set(roles))

    @property
    def can_rate(self) -> bool:
        """Returns whether the person may score cases at all."""
        return self.has(*RATING_ROLES)

    @property
    def supervises_named(self) -> bool:
        """Returns whether people.toml says whom they supervise."""
        return bool(self.teams or self.practitioners)


@dataclass(frozen=True)
class People:
    """Everyone with a seat, in order of name; `former` have left and have none, and their names stay under what they signed."""

    everyone: tuple[Person, ...]
    former: tuple[Person, ...] = ()

    def by_key(self, key: str) -> Person | None:
        """Returns the person with that key, or None."""
        return next((person for person in self.everyone if person.key == key), None)

    def named(self, name: str) -> Person | None:
        """Returns the person of that name, or None."""
        return next((person for person in self.everyone if person.name == name.strip()), None)

    def having(self, *roles: str) -> tuple[Person, ...]:
        """Returns the people with any of these roles."""
        return tuple(person for person in self.everyone if person.has(*roles))

    def name_of(self, key: str) -> str:
        """Returns the name of a person, also of one who has left, or words for someone whom the file does not name."""
        return self.names.get(key, "Someone without a seat")

    @property
    def names(self) -> Mapping[str, str]:
        """Returns person key -> name, of those who have left, too."""
        return {person.key: person.name for person in (*self.former, *self.everyone)}


def single_person(name: str, keyring: Keyring) -> People:
    """Returns the one person of a service without a people file: supervisor, moderator and lead of all.

    Raises PolicyError when the name is empty. Nobody else can then rate a second time, which the queue says.
    """
    name = name.strip()
    if not name or len(name) > NAME_CHARACTERS:
        raise PolicyError(
            f"Say who scores: a name of 1 to {NAME_CHARACTERS} characters, or a people file (people.toml)."
        )
    key = keyring.key("staff", "names", name)
    return People((Person(key, name, frozenset(("supervisor", "moderator", "lead")), everyone=True),))


def load_people(path: Path, staff_key: StaffKey) -> People:
    """Returns the people of people.toml; `staff_key` turns the service's staff id into the draws' key for that person.

    Raises PolicyError with every fault found. A finding names the entry by its number, never by name or id.
    """
    entries = read_entries(path)
    faults: list[tuple[int, str]] = []
    people = [_person(entry, number, staff_key, faults) for number, entry in enumerate(entries, 1)]
    left = ["left" in entry for entry in entries]
    faults += _repeated(entries)
    if not entries:
        faults.append((0, "the file names nobody: add a [[person]]"))
    elif not any("supervisor" in person.roles and not gone for person, gone in zip(people, left, strict=True)):
        faults.append((0, "nobody has the role supervisor, so that no case could be scored"))
    if faults:
        findings = [
            Finding("PEOPLE_FAULT", f"person {number}: {fault}" if number else fault, "Mend the file.", file=path.name)
            for number, fault in sorted(faults, key=lambda fault: fault[0])
        ]
        count = f"{len(faults)} fault{'s' if len(faults) > 1 else ''}"
        raise PolicyError(f"The people file {path.name} has {count}.", findings)
    groups: dict[bool, list[Person]] = {False: [], True: []}
    for person, gone in sorted(zip(people, left, strict=True), key=lambda one: (one[0].name, one[0].key)):
        groups[gone].append(person)
    return People(tuple(groups[False]), tuple(groups[True]))


def read_entries(path: Path) -> list[Mapping[str, Any]]:
    """Returns the [[person]] tables of a people file, in its order. Raises PolicyError when it is no such file."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        raise PolicyError(
            f"The people file {path.name} cannot be read. Check its path, and that it is UTF-8 text."
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"The people file {path.name} is not valid TOML: {error}.") from None
    entries = data.get("person", [])
    if set(data) - {"person"} or not isinstance(entries, list) or not all(isinstance(one, Mapping) for one in entries):
        finding = Finding(
            "PEOPLE_FAULT", "the file may hold [[person]] entries alone", "Mend the file.", file=path.name
        )
        raise PolicyError(f"The people file {path.name} has 1 fault.", [finding])
    return entries


def _person(entry: Mapping[str, Any], number: int, staff_key: StaffKey, faults: list[tuple[int, str]]) -> Person:
    def fault(text: str) -> None:
        faults.append((number, text))

    unknown = sorted(set(entry) - _KEYS)
    if unknown:
        fault(f"unknown keys: {', '.join(name[:40] for name in unknown)}; known are {', '.join(sorted(_KEYS))}")
    local, name = entry.get("id"), entry.get("name")
    if not _is_text(local):
        fault("id must be the service's own staff id, as text in quotes")
    if not _is_text(name) or len(str(name)) > NAME_CHARACTERS:
        fault(f"name must be a text of 1 to {NAME_CHARACTERS} characters")
    roles = _listed(entry.get("role"))
    if not roles or any(role not in ROLES for role in roles):
        fault(f"role must be one or more of: {', '.join(ROLES)}")
    started = entry.get("started")
    for name_of_day in ("started", "left"):
        if entry.get(name_of_day) is not None and type(entry[name_of_day]) is not date:
            fault(f"{name_of_day} must be a day without quotes, as 2026-05-01")
    supervises = _listed(entry.get("supervises", []))
    if supervises is None:
        fault(f'supervises must list practitioner ids, or teams as "{TEAM}North"')
    elif supervises and "supervisor" not in (roles or ()):
        fault("supervises is given, but the role supervisor is not")
    named = [text.strip() for text in supervises or ()]
    return Person(
        key=staff_key(str(local).strip()),
        name=str(name).strip(),
        roles=frozenset(roles or ()),
        started=started if type(started) is date else None,
        teams=frozenset(text.removeprefix(TEAM).strip() for text in named if text.startswith(TEAM)),
        practitioners=frozenset(staff_key(text) for text in named if not text.startswith(TEAM)),
    )


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _listed(value: object) -> list[str] | None:
    """Returns a text or a list of texts as a list, or None when it is neither."""
    values = [value] if isinstance(value, str) else value
    return list(values) if isinstance(values, list) and all(_is_text(one) for one in values) else None


def _repeated(entries: Iterable[Mapping[str, Any]]) -> list[tuple[int, str]]:
    seen: dict[str, int] = {}
    faults = []
    for number, entry in enumerate(entries, 1):
        local = str(entry.get("id", "")).strip()
        if local and local in seen:
            faults.append((number, f"the same id as person {seen[local]}; one person has one entry, with all roles"))
        seen.setdefault(local, number)
    return faults
