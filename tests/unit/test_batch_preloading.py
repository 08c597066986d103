"""What the warm process reads for a notebook: what its cells import, where that is known to bear a fork."""

from __future__ import annotations

from pathlib import Path

from sampling.batch.preloading import evidence_notebook, modules_of
from tests import batch_notebooks as small


def test_the_evidence_notebook_brings_its_report() -> None:
    found = modules_of(evidence_notebook())
    assert {"sampling.reporting.sections", "sampling.reporting.opening"} <= set(found)


def test_known_libraries_alone_and_each_once(tmp_path: Path) -> None:
    cells = (
        "import numpy as np, matplotlib.pyplot as plt\nfrom scipy import stats",
        "def later():\n    import pyarrow.parquet\nfrom . import here\nimport numpy",
        "%load_ext autoreload\nimport statsmodels.api",
    )
    found = modules_of(small.write(tmp_path / "n.ipynb", *cells))
    assert found == ("numpy", "scipy", "scipy.stats", "pyarrow.parquet")
    assert modules_of(small.write(tmp_path / "p.ipynb", "import pandas"))[:2] == ("pandas", "pandas.io.formats.csvs")


def test_a_notebook_that_cannot_be_read_brings_nothing(tmp_path: Path) -> None:
    (tmp_path / "torn.ipynb").write_text('{"cells": [')
    assert modules_of(tmp_path / "torn.ipynb") == modules_of(tmp_path / "none.ipynb") == ()
    (tmp_path / "nested.ipynb").write_text("[" * 200_000)
    assert modules_of(tmp_path / "nested.ipynb") == ()
