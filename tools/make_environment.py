"""Writes environment.yml, the conda environment, from pyproject.toml, which is the truth. tests/test_environment.py holds the two together."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_HEAD = """\
# Made from pyproject.toml by tools/make_environment.py; do not edit. For an environment with exact versions use `make install`,
# which installs requirements.lock.
name: sampling
channels:
  - conda-forge
  - nodefaults
dependencies:
  - python=3.11
  - pip
  - pip:
"""


def environment_text(project: dict[str, object]) -> str:
    """Returns the text of environment.yml for the `project` table of pyproject.toml: every dependency and extra, then ourselves."""
    dependencies = list(project["dependencies"])  # type: ignore[call-overload]
    extras: dict[str, list[str]] = project["optional-dependencies"]  # type: ignore[assignment]
    own = f"{project['name']}["
    for names in extras.values():
        dependencies += [name for name in names if not name.startswith(own) and name not in dependencies]
    lines = [f'      - "{name}"\n' for name in dependencies]
    return _HEAD + "".join(lines) + "      - --editable .\n"


def main() -> None:
    """Writes the file."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (ROOT / "environment.yml").write_text(environment_text(project), encoding="utf-8")


if __name__ == "__main__":
    main()
