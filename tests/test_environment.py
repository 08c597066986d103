"""What a fresh install gets is what pyproject.toml says: the lock file, the conda environment, and no hidden address."""

from __future__ import annotations

import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCK_TEXT = (ROOT / "requirements.lock").read_text(encoding="utf-8")


def requirements() -> list[Requirement]:
    """Returns every requirement of pyproject.toml, extras included, except the project's own extras."""
    texts = [
        *PROJECT["dependencies"],
        *(text for extra in PROJECT["optional-dependencies"].values() for text in extra),
    ]
    return [requirement for requirement in map(Requirement, texts) if requirement.name != PROJECT["name"]]


def pins(text: str) -> list[Requirement]:
    """Returns the pinned requirements of a lock file, with their markers."""
    return [Requirement(line.rstrip("\\ ")) for line in text.splitlines() if re.match(r"[A-Za-z]", line)]


def unmet(wanted: list[Requirement], locked: list[Requirement]) -> list[str]:
    """Returns what the lock file does not give: a name it lacks, or a version below the bound."""
    versions: dict[str, list[Version]] = {}
    for pin in locked:
        versions.setdefault(canonicalize_name(pin.name), []).append(Version(next(iter(pin.specifier)).version))
    return [
        str(requirement)
        for requirement in wanted
        if not versions.get(canonicalize_name(requirement.name))
        or not all(version in requirement.specifier for version in versions[canonicalize_name(requirement.name)])
    ]


def test_the_lock_gives_each_requirement() -> None:
    assert unmet(requirements(), pins(LOCK_TEXT)) == [], "requirements.lock is behind pyproject.toml. Run: make lock"


@pytest.mark.parametrize("bad", ["pandas==2.3.3", "numpy==2.4.6"])
def test_the_check_of_the_lock_finds_an_old_or_missing_pin(bad: str) -> None:
    assert unmet([Requirement("pandas>=3.0")], pins(bad)) == ["pandas>=3.0"]


def test_each_pin_has_a_hash_and_none_has_an_address() -> None:
    blocks = re.split(r"\n(?=[A-Za-z])", LOCK_TEXT.strip())
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []
    assert re.findall(r"(?i)\S*://\S*|--(?:extra-)?index-url|--find-links| @ ", LOCK_TEXT) == []


def test_the_installed_versions_are_the_locked_ones() -> None:
    wrong = []
    for pin in pins(LOCK_TEXT):
        if pin.marker is None or pin.marker.evaluate():
            try:
                if metadata.version(pin.name) not in pin.specifier:
                    wrong.append(f"{pin} is wanted, {metadata.version(pin.name)} is installed")
            except metadata.PackageNotFoundError:
                wrong.append(f"{pin} is wanted, none is installed")
    assert wrong == [], "The environment is not in step with requirements.lock. Run: make install"


def test_the_conda_environment_is_in_step() -> None:
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        from make_environment import environment_text
    finally:
        sys.path.pop(0)
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    assert text == environment_text(PROJECT), (
        "environment.yml is behind pyproject.toml. Run: python tools/make_environment.py"
    )
    listed = [Requirement(name) for name in re.findall(r'^      - "(.*)"$', text, re.MULTILINE)]
    assert {str(requirement) for requirement in requirements()} == {str(requirement) for requirement in listed}


def test_one_python_version_everywhere() -> None:
    assert PROJECT["requires-python"] == ">=3.11"
    assert "python=3.11" in (ROOT / "environment.yml").read_text(encoding="utf-8")
    assert "(3, 11)" in (ROOT / "Makefile").read_text(encoding="utf-8")
    assert sys.version_info >= (3, 11)
