"""Fixtures for the tests of several parts together."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scoring_service import make_service


@pytest.fixture
def home(tmp_path: Path, private_store: Path) -> Path:
    """A home of draws with one month and a journal."""
    scene = make_service(tmp_path, private_store)
    scene.service.close()
    return scene.home
