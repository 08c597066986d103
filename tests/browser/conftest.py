"""Fixtures for the tests in a browser."""

from __future__ import annotations

from pathlib import Path

import pytest

from sampling.keys import HOME_VARIABLE


@pytest.fixture(autouse=True)
def store_of_the_stage(request: pytest.FixtureRequest, private_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Gives a test the private store of its module's stage, where that has one, in place of a store of the test's own."""
    stage = request.getfixturevalue("stage") if "stage" in request.fixturenames else None
    private = getattr(stage, "private", None)
    if private is not None:
        monkeypatch.setenv(HOME_VARIABLE, str(private))
