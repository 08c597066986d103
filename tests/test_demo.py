"""What `make demo` ends with: a page of each notebook, at the places where the program writes them. The pages are made in tests of their own."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest

from sampling.assurance.effect.columns import brought_folder
from sampling.batch.assured import AssuranceOrder
from sampling.batch.rendering import PAGE
from sampling.batch.twins import CHANGED, PRIVATE, SECRET, TWIN
from sampling.batch.years import SOURCE
from sampling.keys import HOME_VARIABLE, SECRET_VARIABLE

ROOT = Path(__file__).parents[1]
YEARS = Path("outputs") / "years"


@pytest.fixture(scope="module")
def planned() -> str:
    """Returns what make would run, with nothing run."""
    make = shutil.which("make")
    assert make is not None
    done = subprocess.run(
        [make, "--dry-run", "demo", "SOURCE="], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout


@pytest.fixture(scope="module")
def listed(planned: str) -> list[tuple[str, str]]:
    """Returns (notebook, page) of each line that the demo ends with."""
    return re.findall(r"(?m)^  (\d\d_\w+) '[^']*' \"?(\$\([^)]*\)|\S+?)\"? ?\\?$", planned)


def test_the_demo_ends_with_a_page_of_each_notebook(listed: list[tuple[str, str]]) -> None:
    notebooks = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
    assert len(notebooks) == 6
    assert sorted({notebook for notebook, _ in listed}) == notebooks
    assert [notebook for notebook, _ in listed] == sorted(notebook for notebook, _ in listed)


def test_the_pages_lie_where_the_program_writes_them(planned: str, listed: list[tuple[str, str]]) -> None:
    pages = dict(listed)
    order = AssuranceOrder(ROOT / YEARS / CHANGED, "2026-07:2026-09", date(2026, 11, 22))
    assert ROOT / pages["06_assurance"] == order.folder / "governance" / PAGE
    assert "--period 2026-07:2026-09" in planned
    assert pages["05_calibrate"].startswith("$(ls outputs/practice/calibration/reports/*/" + PAGE)
    assert pages["04_evidence"].startswith(str(YEARS / TWIN))


def test_the_assurance_report_has_the_keys_and_files_of_the_invented_years(planned: str) -> None:
    assert f'{HOME_VARIABLE}="{ROOT / YEARS / PRIVATE / CHANGED}" {SECRET_VARIABLE}={SECRET} ' in planned
    assert f"--source {YEARS / CHANGED / SOURCE} " in planned
    assert f"--brought {brought_folder(YEARS / CHANGED)}\n" in planned
