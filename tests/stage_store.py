"""The private store of a stage: one service with its server, on which all the tests of a module work."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sampling.keys import HOME_VARIABLE

FORMS, SCREENS = "stage", "st"  # the fixtures that hold a module's stage


@pytest.fixture(autouse=True)
def store_of_the_stage(
    request: pytest.FixtureRequest, private_store: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Gives a test the private store of its module's stage, where that has one, in place of a store of the test's own.

    The pages of a stage of screens are closed after each test; those of a form may go on into the next.
    """
    name = next((name for name in (FORMS, SCREENS) if name in request.fixturenames), "")
    stage = request.getfixturevalue(name) if name else None
    private = getattr(stage, "private", None)
    if private is not None:
        monkeypatch.setenv(HOME_VARIABLE, str(private))
    yield
    if stage is not None and name == SCREENS:
        stage.close_pages()
