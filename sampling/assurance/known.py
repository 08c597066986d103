"""What the files of a service tell of its people and cases for retention: who left when, which cases were closed when, and whose an id is."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sampling.assurance.holdings import Known, keys_of
from sampling.errors import Finding, SourceError, StateError, UsageError
from sampling.keys import Keyring
from sampling.scoring.settings.draws import SYSTEMS, load_draws, staff_keys
from sampling.scoring.settings.home import default_people
from sampling.scoring.settings.people import People, load_people, read_entries

CLOSURES = "closures.csv"
_COLUMNS = ["case_id", "closed_on"]
NEEDS_PEOPLE = (
    "A deletion needs two people, one who plans it and another who approves it, and the day on which each worker left. "
    "Give your service a people file (people.toml, docs/people.md)."
)


@dataclass(frozen=True)
class Names:
    """Everyone of the people file, and what turns the service's own ids into the keys that the journal has."""

    people: People
    staff_key: Callable[[str], str]
    cases: frozenset[str]
    practitioners: frozenset[str]
    keyring: Keyring

    def person(self, text: str) -> str:
        """Returns the key of a person by name or staff id. Raises UsageError when nobody here has it."""
        named = [key for key, name in self.people.names.items() if name == text.strip()]
        key = named[0] if len(named) == 1 else self.staff_key(text.strip())
        if key not in self.people.names and key not in self.practitioners:
            raise UsageError(
                "Nobody of that name or staff id is known here. Write it as it stands in the people file or the extract."
            )
        return key

    def case(self, text: str) -> str:
        """Returns the key of a drawn or tabled case by the service's own id. Raises UsageError when there is none."""
        key = _case_key(text.strip(), self.cases, self.keyring)
        if not key:
            raise UsageError("No drawn case has that id. Write it as it stands in the extract.")
        return key


def read_known(home: Path, keyring: Keyring, people: Path | None = None) -> tuple[Known, Names]:
    """Returns what the files of a home of draws say. Raises StateError without draws or people file, SourceError for faulty closures."""
    draws = load_draws(home) if home.is_dir() else ()
    if not draws:
        raise StateError(
            "There is no drawn month in this folder. Name the folder in which your draws lie side by side."
        )
    path = people or default_people(home)
    if path is None:
        raise StateError(NEEDS_PEOPLE)
    key = staff_keys(draws, keyring)
    everyone = load_people(path, key)
    left = {key(str(one["id"]).strip()): one["left"] for one in read_entries(path) if "left" in one}
    cases, practitioners = keys_of(draws)
    known = Known(home, draws, left, _closures(home / CLOSURES, cases, keyring))
    return known, Names(everyone, key, cases, practitioners, keyring)


def _case_key(local: str, cases: frozenset[str], keyring: Keyring) -> str:
    """Returns the key of a case's id under any of the readers' names, or nothing where no case has it."""
    return next((key for system in SYSTEMS if (key := keyring.key("case", system, local)) in cases), "")


def _closures(path: Path, cases: frozenset[str], keyring: Keyring) -> Mapping[str, date]:
    """Returns case key -> the day on which it was closed, the last one named. Cases that were never drawn are passed over."""
    if not path.is_file():
        return {}
    found: dict[str, date] = {}
    faults = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            if rows.fieldnames != _COLUMNS:
                faults.append(
                    Finding("COLUMN_MISSING", f"the columns must be {', '.join(_COLUMNS)}", file=path.name, row=1)
                )
            for number, row in enumerate(rows if not faults else (), 2):
                try:
                    day = date.fromisoformat((row["closed_on"] or "").strip())
                except ValueError:
                    words = "closed_on must be a day like 2026-10-31"
                    faults.append(Finding("DATE_UNREADABLE", words, file=path.name, row=number, column="closed_on"))
                    continue
                if key := _case_key((row["case_id"] or "").strip(), cases, keyring):
                    found[key] = max(day, found.get(key, day))
    except (OSError, UnicodeDecodeError):
        raise SourceError(f"{path.name} cannot be read. Check that it is a CSV file in UTF-8.") from None
    if faults:
        count = f"{len(faults)} fault{'s' if len(faults) > 1 else ''}"
        raise SourceError(f"{path.name} has {count}. Nothing was planned.", faults)
    return found
