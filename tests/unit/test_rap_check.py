"""The self-check of reproducible analytical pipelines says what is true of a repository, and loses a box when that is taken away."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
from rap_check import _BOXES, boxes, main  # noqa: E402

UNSHOWN = ["Peer reviewed", "Published in the open"]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what the boxes look at."""
    root = tmp_path_factory.mktemp("copy")
    kept = shutil.ignore_patterns(
        ".git", ".venv", "outputs", "data", "vectors", "pictures", "__pycache__", ".*_cache", "static"
    )
    for name in ("sampling", "notebooks", "docs", "tests", ".ci"):
        shutil.copytree(ROOT / name, root / name, ignore=kept)
    for name in ("README.md", "Makefile", "CHANGELOG.md", "LICENSE", "pyproject.toml"):
        shutil.copy(ROOT / name, root)
    return root


def unticked(root: Path) -> list[str]:
    return [box.words for box in boxes(root) if not box.ticked]


def test_there_are_eighteen_and_two_cannot_be_shown_here(capsys: pytest.CaptureFixture[str]) -> None:
    found = boxes()
    assert [sum(box.level == level for box in found) for level in ("baseline", "silver", "gold")] == [5, 9, 4]
    assert set(unticked(ROOT)) <= {
        *UNSHOWN,
        "Version controlled",
    }  # a copy without its history cannot show that, either
    assert main() == 0
    assert "silver: 9 of 9\ngold: 4 of 4\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "path", "before", "after"),
    [
        ("A README that says how to reproduce it", "README.md", "make demo", "make it"),
        ("Outputs with minimal manual steps", "notebooks/01_draw.ipynb", '"parameters"', '"other"'),
        ("Documented, with docstrings", "sampling/tickets.py", '"""Returns', '_ = """Returns'),
        ("A coding standard", "pyproject.toml", "strict = true", "strict = false"),
        ("Continuous integration", ".ci/run", "make test", "true"),
        ("Runs by an event or on a schedule", "docs/batch.md", "OnCalendar=", "When="),
        ("Changes clearly signposted", "pyproject.toml", 'version = "0.1.0"', 'version = "1"'),
    ],
)
def test_a_box_is_lost_with_what_it_rests_on(copy: Path, words: str, path: str, before: str, after: str) -> None:
    check = next(check for _, name, check in _BOXES if name == words)
    assert check(copy)[0]
    text = (copy / path).read_text(encoding="utf-8")
    assert before in text
    (copy / path).write_text(text.replace(before, after), encoding="utf-8")
    assert not check(copy)[0]
    (copy / path).write_text(text, encoding="utf-8")
