"""notebooks/01_draw.ipynb runs from end to end by papermill, and what it leaves holds nobody's identifier."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from sampling.batch import month
from sampling.errors import NotebookError
from sampling.keys import HOME_VARIABLE
from sampling.model import Period
from sampling.policy import shared_folder
from sampling.sources import canonical_writer
from sampling.sources.synthetic import Simulated, simulate

NOW = datetime(2026, 11, 1, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def service() -> Simulated:
    """An invented service whose people are the canaries."""
    return simulate(profile="adult", cases=120, months=8, seed=11, last_month=Period("2026-10"))


@pytest.fixture(scope="module")
def drawn(service: Simulated, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a draw made by the notebook, from an extract whose very path names a person."""
    folder = tmp_path_factory.mktemp("notebook")
    source = folder / "9434765919 Jane Example"
    source.mkdir()
    canonical_writer.write([service], source, kind="csv")
    order = month.MonthOrder(
        Period("2026-10"), folder / "draws" / "2026-10", source=str(source), randomness={"operator": "training"}
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_VARIABLE, str(folder / "private"))
        month.run(order, now=NOW)
    return order.out


def canaries(service: Simulated) -> set[str]:
    """Returns what must not reach a page: NHS numbers, full names, postcodes, and the service's own ids."""
    people, workers = service.people, service.workers
    names = people["given_name"] + " " + people["family_name"]
    ids = [service.frames["cases"]["case_id"], service.frames["practitioners"]["practitioner_id"]]
    columns = [people["nhs_number"], names, people["postcode"], people["person_id"], workers["name"], *ids]
    return {str(value) for column in columns for value in pd.Series(column).dropna()}


def test_the_notebook_makes_the_page(drawn: Path) -> None:
    page = (drawn / "report" / "draw.html").read_text(encoding="utf-8")
    for words in (
        "Cases drawn for supervision, October 2026",
        "All 11 checks pass",
        "Not evidence (level L0)",
        "This is not a risk assessment. Signals decide who may be drawn; no score is shown by a name.",
        "as few as 5 sound cases out of 20",
        "python3 cst1_verify.py",
    ):
        assert words in page


def test_each_cell_ran_and_the_stored_notebook_is_valid(drawn: Path) -> None:
    stored = json.loads((drawn / "report" / "draw.ipynb").read_text(encoding="utf-8"))
    code = [cell for cell in stored["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    assert stored["metadata"]["sampling"]["parameters"]["period"] == "2026-10"


@pytest.mark.parametrize("name", ["draw.html", "draw.ipynb", "check.html"])
def test_no_identifier_reaches_the_report(drawn: Path, service: Simulated, name: str) -> None:
    text = (drawn / "report" / name).read_text(encoding="utf-8")
    assert {canary for canary in canaries(service) if canary in text} == set()
    for trace in ("9434765919", "Jane Example", str(drawn.parent)):
        assert trace not in text


def test_no_identifier_reaches_the_shareable_pack_by_the_notebook(drawn: Path) -> None:
    assert not list((drawn / "share").glob("*.ipynb")) and not list((drawn / "share").glob("*.html"))


def test_a_misspelt_parameter_is_an_error(tmp_path: Path) -> None:
    from sampling.batch.notebooks import run_notebook

    with pytest.raises(NotebookError, match="no parameter perid"):
        run_notebook(shared_folder("notebooks") / month.NOTEBOOK, {"perid": "2026-11"}, tmp_path / "run.ipynb")
