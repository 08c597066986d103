"""Prints which boxes of the NHS levels of reproducible analytical pipelines this repository can tick, from what is true of it.

    .venv/bin/python tools/rap_check.py

The boxes are those of the NHS RAP Community of Practice, "Levels of RAP" (baseline 5, silver 9, gold 4). A box that nothing here can
show stays empty, with the reason: a review by a second person, and publication.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SEMANTIC = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
FOLDERS = ("sampling", "tests", "notebooks", "docs", "rubrics", "policies", "outputs")
Found = tuple[bool, str]


@dataclass(frozen=True)
class Box:
    """One box: its level, its words, and whether it is ticked, with what shows it or what is missing."""

    level: str
    words: str
    ticked: bool
    shown_by: str


def boxes(root: Path = ROOT) -> list[Box]:
    """Returns the 18 boxes in their order, each checked against the files below `root`."""
    return [Box(level, words, *check(root)) for level, words, check in _BOXES]


def _open_language(root: Path) -> Found:
    code = list(root.glob("sampling/**/*.py"))
    return bool(code), f"{len(code)} Python files; no other language is needed to run it" if code else "no Python code"


def _versioned(root: Path) -> Found:
    commits = _git(root, "rev-list", "--count", "HEAD")
    return commits.isdigit() and int(commits) > 1, f"{commits} commits" if commits else "this copy has no git history"


def _readme(root: Path) -> Found:
    readme, makefile = _text(root / "README.md"), _text(root / "Makefile")
    missing = [name for name in ("make demo", "make test") if name not in readme or f"\n{name[5:]}:" not in makefile]
    return not missing, f"README.md lacks {', '.join(missing)}" if missing else "README.md: make demo, make test"


def _reviewed(root: Path) -> Found:
    reviews = _git(root, "log", "--format=%(trailers:key=Reviewed-by,valueonly)").split()
    missing = "no commit names a second person as its reviewer (Reviewed-by)"
    return bool(reviews), f"{len(reviews)} reviewers named in commits" if reviews else missing


def _published(root: Path) -> Found:
    address = _project(root).get("urls", {}).get("Repository", "")
    missing = "an open licence; no public address is named in pyproject.toml"
    return bool(address) and (root / "LICENSE").is_file(), "LICENSE and a public address" if address else missing


def _little_by_hand(root: Path) -> Found:
    without = [name for name, cells in _notebooks(root) if sum("parameters" in _tags(cell) for cell in cells) != 1]
    return not without and bool(list(_notebooks(root))), (
        f"{', '.join(without)} cannot be run by parameters"
        if without
        else "every notebook runs by its parameters; sampling batch runs all"
    )


def _documented(root: Path) -> Found:
    bare = [where for where, node in _public(root) if ast.get_docstring(node) is None]
    return not bare and (root / "docs" / "methods.md").is_file(), (
        f"{len(bare)} public functions without a docstring, first {bare[0]}"
        if bare
        else "every public function has a docstring; docs/methods.md"
    )


def _layout(root: Path) -> Found:
    missing = [name for name in FOLDERS if not (root / name).is_dir()]
    return not missing, f"no folder {', '.join(missing)}" if missing else ", ".join(f"{name}/" for name in FOLDERS)


def _reusable(root: Path) -> Found:
    source = [
        (name, "".join(cell["source"]))
        for name, cells in _notebooks(root)
        for cell in cells
        if cell["cell_type"] == "code"
    ]
    defining = sorted({name for name, text in source if re.search(r"^\s*(def|class) ", text, re.M)})
    return not defining and bool(
        source
    ), f"{', '.join(defining)} define functions" if defining else "notebooks define nothing; the package does"


def _standard(root: Path) -> Found:
    tools = tomllib.loads(_text(root / "pyproject.toml") or "").get("tool", {})
    held = "ruff" in tools and tools.get("mypy", {}).get("strict") is True and "ruff check" in _text(root / "Makefile")
    return held, "ruff and strict mypy, before every run of the tests" if held else "style or types are not checked"


def _tested(root: Path) -> Found:
    counts = {
        name: len(list(root.glob(f"tests/{name}/test_*.py"))) for name in ("unit", "integration", "property", "vectors")
    }
    return all(counts.values()), ", ".join(f"{number} files of {name} tests" for name, number in counts.items())


def _dependencies(root: Path) -> Found:
    missing = [name for name in ("requirements.lock", "environment.yml") if not (root / name).is_file()]
    return not missing, f"no {', '.join(missing)}" if missing else "requirements.lock with digests, environment.yml"


def _logs(root: Path) -> Found:
    kept = all((root / "sampling" / name).is_file() for name in ("pack.py", "batch/manifest.py", "journal/store.py"))
    return kept, "each draw, batch and decision keeps a log of its own" if kept else "a log is missing"


def _tidy(root: Path) -> Found:
    frames = re.findall(r"^([A-Z]+) = \{$", _text(root / "sampling" / "reporting" / "gathering.py"), re.M)
    return len(
        frames
    ) >= 4, f"one table each for {', '.join(name.lower() for name in frames)}" if frames else "no tidy tables"


def _packaged(root: Path) -> Found:
    project = _project(root)
    return bool(project.get("scripts")), f"pyproject.toml, command {', '.join(project.get('scripts', {})) or 'none'}"


def _integration(root: Path) -> Found:
    run = root / ".ci" / "run"
    calls = "make test" in _text(run)
    return calls, ".ci/run installs everything and calls make test" if calls else "nothing runs the tests by itself"


def _scheduled(root: Path) -> Found:
    said = "OnCalendar=" in _text(root / "docs" / "batch.md") and bool(
        list(root.glob("tests/**/test_batch_schedule.py"))
    )
    return said, "docs/batch.md: a timer for each month, tested" if said else "no tested schedule"


def _signposted(root: Path) -> Found:
    version, log = str(_project(root).get("version", "")), _text(root / "CHANGELOG.md")
    held = bool(SEMANTIC.fullmatch(version)) and (version in log or "Unreleased" in log)
    return (
        held,
        f"CHANGELOG.md, semantic version {version}" if held else f"CHANGELOG.md does not speak of version {version}",
    )


_BOXES: tuple[tuple[str, str, Callable[[Path], Found]], ...] = (
    ("baseline", "Produced by code in an open-source language", _open_language),
    ("baseline", "Version controlled", _versioned),
    ("baseline", "A README that says how to reproduce it", _readme),
    ("baseline", "Peer reviewed", _reviewed),
    ("baseline", "Published in the open", _published),
    ("silver", "Outputs with minimal manual steps", _little_by_hand),
    ("silver", "Documented, with docstrings", _documented),
    ("silver", "A standard layout of folders", _layout),
    ("silver", "Reusable functions", _reusable),
    ("silver", "A coding standard", _standard),
    ("silver", "A testing framework", _tested),
    ("silver", "Dependencies listed", _dependencies),
    ("silver", "Logs recorded by themselves", _logs),
    ("silver", "Tidy data", _tidy),
    ("gold", "Fully packaged", _packaged),
    ("gold", "Continuous integration", _integration),
    ("gold", "Runs by an event or on a schedule", _scheduled),
    ("gold", "Changes clearly signposted", _signposted),
)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _git(root: Path, *words: str) -> str:
    try:
        ran = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return ran.stdout.strip() if ran.returncode == 0 else ""


def _project(root: Path) -> dict[str, Any]:
    return dict(tomllib.loads(_text(root / "pyproject.toml")).get("project", {}))


def _notebooks(root: Path) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for path in sorted(root.glob("notebooks/*.ipynb")):
        yield path.name, json.loads(path.read_text(encoding="utf-8"))["cells"]


def _tags(cell: dict[str, Any]) -> list[str]:
    return list(cell["metadata"].get("tags", []))


def _public(root: Path) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Yields the public functions at the top of each module, by place. What is handed out as a script (share/) is no module: it is held to
    the length that an outsider reads in one sitting.
    """
    for path in sorted(set(root.glob("sampling/**/*.py")) - set(root.glob("sampling/share/*.py"))):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                yield f"{path.relative_to(root)}:{node.lineno}", node


def main() -> int:
    """Prints the boxes and how many are ticked at each level. Returns 0: a box that stays empty is said, not failed."""
    found = boxes()
    for box in found:
        print(f"[{'x' if box.ticked else ' '}] {box.level:<8}  {box.words}: {box.shown_by}")
    for level in ("baseline", "silver", "gold"):
        of = [box for box in found if box.level == level]
        print(f"{level}: {sum(box.ticked for box in of)} of {len(of)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
