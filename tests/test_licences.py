"""Each installed distribution has a licence that ours allows (docs/decisions/0003-licence.md)."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
OPTIONAL_AND_UNCHANGED = {
    "psycopg",
    "psycopg-binary",
}  # LGPL-3.0: used through its public interface, replaceable by the user
# Offered under a choice, which its classifiers list without the word "or": Pyphen's licence is GPL 2.0+/LGPL 2.1+/MPL 1.1, taken under the last.
CHOICE_TAKEN = {"pyphen": "MPL 1.1"}
_COPYLEFT = re.compile(r"(?<![A-Za-z])(A?GPL|LGPL|Affero|General Public License|SSPL|EUPL)", re.IGNORECASE)


def stated_licence(data: metadata.PackageMetadata) -> str:
    """Returns the licence that a distribution states: its expression, else its classifiers, else the first line of its licence field."""
    expression = data.get("License-Expression")
    if expression:
        return str(expression)
    classifiers = [text for text in data.get_all("Classifier", []) if text.startswith("License ::")]
    lines = str(data.get("License") or "").strip().splitlines()
    return "; ".join(classifiers) or (lines[0] if lines else "")


def copyleft(licence: str) -> bool:
    """Tells whether a licence would bind our own code; a choice with a permissive one does not."""
    return bool(_COPYLEFT.search(licence)) and " OR " not in licence


def test_no_dependency_has_a_licence_that_ours_does_not_allow() -> None:
    found = {
        distribution.metadata["Name"]: stated_licence(distribution.metadata)
        for distribution in metadata.distributions()
    }
    bound = {name for name, licence in found.items() if copyleft(licence)}
    assert bound - OPTIONAL_AND_UNCHANGED - set(CHOICE_TAKEN) == set()
    assert {name: taken in found[name] for name, taken in CHOICE_TAKEN.items()} == dict.fromkeys(CHOICE_TAKEN, True)


def test_the_exceptions_are_optional_dependencies() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert [text for text in project["dependencies"] if re.match("(?i)psycopg", text)] == []


@pytest.mark.parametrize(
    ("licence", "binds"),
    [
        ("MIT", False),
        ("GPL-3.0-only", True),
        ("AGPL-3.0-or-later", True),
        ("License :: OSI Approved :: GNU General Public License v3 (GPLv3)", True),
        ("Apache-2.0 OR GPL-2.0-only", False),
        ("MPL-2.0", False),
    ],
)
def test_the_check_tells_copyleft_from_permissive(licence: str, binds: bool) -> None:
    assert copyleft(licence) is binds


def test_our_licence_is_the_full_text() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text and "END OF TERMS AND CONDITIONS" in text and len(text) > 11_000
