"""Fixtures for the tests of what fails."""

from __future__ import annotations

from tests.stage_store import store_of_the_stage as store_of_the_stage
