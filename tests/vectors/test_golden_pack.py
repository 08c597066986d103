"""A pack made by version 0.1.0 verifies for ever, by the package, by its own verifier and by its own SQL."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

import sampling
from sampling.verify import verify_draw

GOLDEN = Path(__file__).with_name("golden_pack")
COMMIT = "3d7a79622c2e8261d671e430932578add8673571a612e7f1361eded96ecb4cb4"


def test_the_package_verifies_it() -> None:
    result = verify_draw(GOLDEN, COMMIT)
    assert result.ok, result.checks


@pytest.mark.parametrize(
    "verifier", [GOLDEN / "share", Path(sampling.__file__).parent / "share"], ids=["its own", "today's"]
)
def test_a_verifier_without_the_package_verifies_it(verifier: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-I", "-S", str(verifier / "cst1_verify.py"), str(GOLDEN / "share"), "--commit", COMMIT],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_its_sql_verifies_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(GOLDEN / "share")
    with duckdb.connect() as connection:
        rows = connection.sql((GOLDEN / "share" / "verify.sql").read_text()).fetchall()
    assert len(rows) >= 6
    assert all(row[1] is True for row in rows), rows
