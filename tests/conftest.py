"""Fixtures for all tests: a private store of the test's own, and the real files of other organisations where they are at hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sampling.keys import HOME_VARIABLE, SECRET_VARIABLE, Keyring

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(autouse=True)
def private_store(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Gives each test a private store of its own, so that none touches the user's."""
    home = tmp_path_factory.mktemp("private")
    monkeypatch.setenv(HOME_VARIABLE, str(home))
    monkeypatch.delenv(SECRET_VARIABLE, raising=False)
    return home


@pytest.fixture
def keyring() -> Keyring:
    """A keyring with a fixed secret, so that keys in tests are always the same."""
    return Keyring(bytes(range(32)))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real files by other organisations, kept beside the project because they are not ours to copy."""
    if not SHARED_DATA.is_dir():
        pytest.skip(
            "the real files (Ofsted's workbooks, NHS England's rules, drand's pulses) stand in ../shared/data, which is not here"
        )
    return SHARED_DATA


@pytest.fixture(scope="session")
def adult_service(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small synthetic adult service as canonical CSV tables: 120 open cases, 6 months."""
    from sampling.sources.synthesis import synthesise

    folder = tmp_path_factory.mktemp("service") / "adult"
    synthesise(format="canonical", cases=120, months=6, seed=7, out=folder, until="2026-10")
    return folder


@pytest.fixture
def run_sampling(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, dict[str, Any], str]]:
    """Runs a command in this process with --json: (exit status, the JSON object, what stood on standard error)."""
    from sampling.cli import main

    def run(*words: object) -> tuple[int, dict[str, Any], str]:
        status = main([str(word) for word in words] + ["--json", "--now", "2026-11-01T09:00:00Z"])
        captured = capsys.readouterr()
        return status, json.loads(captured.out), captured.err

    return run
